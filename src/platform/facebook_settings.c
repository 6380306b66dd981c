/* Facebook: the settings of a live video that may go wrong without costing it. It is made first;
 * each of these is then sent alone, so that one that Facebook refuses (a topic that it does not
 * know, a Page that does not allow crossposting) takes no other with it and becomes a note. What
 * was sent is remembered, because a live video does not show most of them. */
#include "platform/facebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 20 };

/* ---- lists as typed: "1, 2;3" ---- */

static bool next_word(const char **list, char *word, size_t size)
{
    size_t length;

    *list += strspn(*list, ";, \t\r\n");
    length = strcspn(*list, ";, \t\r\n");
    snprintf(word, size, "%.*s", (int)length, *list);
    *list += length;
    return length > 0;
}

static bool has_word(const char *list, const char *wanted)
{
    char word[40];

    while (next_word(&list, word, sizeof(word)))
        if (strcmp(word, wanted) == 0)
            return true;
    return false;
}

/* ---- checked before anything is sent ---- */

static bool is_number(const char *word)
{
    return strlen(word) <= 25 && word[strspn(word, "0123456789")] == '\0';
}

static bool is_country(const char *word)
{
    return strlen(word) == 2 && strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
}

static const struct {
    const char *key;
    bool (*good)(const char *word);
    const char *allowed, *remedy;
} lists[] = {
    { "content_tags", is_number, "numbers of Facebook interests, with commas between",
      "Facebook's search for interests (type=adinterest) gives them, as 6003139266461." },
    { "crosspost", is_number, "numbers of Pages, with commas between",
      "It is the number on that Page's About, Page transparency." },
    { "countries", is_country, "two-letter codes of countries in capitals, with commas between",
      "GB, IE shows it in the United Kingdom and in Ireland alone." },
};

static bool list_fits(const cJSON *settings, size_t i, struct error *err)
{
    const char *value = setting_text(&platform_facebook, settings, lists[i].key), *at = value;
    char word[40];
    int count = 0;

    while (next_word(&at, word, sizeof(word))) {
        if (!lists[i].good(word))
            return error_platform(err, ERROR_INPUT, "facebook", lists[i].remedy,
                                  "Facebook: \"%s\" must be %s, not \"%s\".", lists[i].key,
                                  lists[i].allowed, word);
        if (++count > WORDS_MAX)
            return error_platform(err, ERROR_INPUT, "facebook", "Leave some out.",
                                  "Facebook: \"%s\" may have at most %d parts.", lists[i].key,
                                  WORDS_MAX);
    }
    return true;
}

bool facebook_fits(const struct livestream *l, const struct target *t, struct error *err)
{
    cJSON *settings = kit_settings(t);
    int64_t age = setting_number(&platform_facebook, settings, "age");
    bool good = true;

    (void)l;
    for (size_t i = 0; good && i < sizeof(lists) / sizeof(lists[0]); i++)
        good = list_fits(settings, i, err);
    if (good && age != 0 && age < 13)
        good = error_platform(err, ERROR_INPUT, "facebook", "0 shows it to everybody.",
                              "Facebook: \"age\" must be 0 or a number from 13 to 65, not %lld.",
                              (long long)age);
    cJSON_Delete(settings);
    return good;
}

/* ---- as Facebook wants them ---- */

static void print_list(struct text *t, const char *list)
{
    char word[40];

    text_add(t, "[");
    while (next_word(&list, word, sizeof(word)))
        text_addf(t, "%s\"%s\"", t->length > 1 ? "," : "", word);
    text_add(t, "]");
}

static void print_tags(const struct facebook *f, const cJSON *settings, const char *before,
                       struct text *t)
{
    (void)f;
    (void)before;
    print_list(t, setting_text(&platform_facebook, settings, "content_tags"));
}

static void add_action(struct text *t, const char *page, const char *action)
{
    text_addf(t, "%s{\"page_id\":\"%s\",\"action\":\"%s\"}", t->length > 1 ? "," : "", page,
              action);
}

/* Pages that were named before and are not any more are switched off. */
static void print_crosspost(const struct facebook *f, const cJSON *settings, const char *before,
                            struct text *t)
{
    const char *list = setting_text(&platform_facebook, settings, "crosspost"), *at = list;
    char word[40];

    (void)f;
    text_add(t, "[");
    while (next_word(&at, word, sizeof(word)))
        add_action(t, word, "enable_crossposting_and_create_post");
    for (at = before; next_word(&at, word, sizeof(word));)
        if (!has_word(list, word))
            add_action(t, word, "disable_crossposting");
    text_add(t, "]");
}

static void print_targeting(const struct facebook *f, const cJSON *settings, const char *before,
                            struct text *t)
{
    const char *countries = setting_text(&platform_facebook, settings, "countries");
    int64_t age = setting_number(&platform_facebook, settings, "age");
    struct text list;

    (void)f;
    (void)before;
    text_init(&list, 400);
    print_list(&list, countries);
    text_add(t, "{");
    if (age)
        text_addf(t, "\"age_min\":%lld", (long long)age);
    if (countries[strspn(countries, ";, ")])
        text_addf(t, "%s\"geo_locations\":{\"countries\":%s}", age ? "," : "", text_str(&list));
    text_add(t, "}");
    text_release(&list);
}

static void print_embed(const struct facebook *f, const cJSON *settings, const char *before,
                        struct text *t)
{
    (void)f;
    (void)before;
    text_add(t, setting_bool(&platform_facebook, settings, "embed") ? "true" : "false");
}

static void print_comments(const struct facebook *f, const cJSON *settings, const char *before,
                           struct text *t)
{
    (void)f;
    (void)before;
    print_list(t, setting_text(&platform_facebook, settings, "comments"));
}

/* ---- sending ---- */

/* The value as set, in one word that can be compared: what is remembered. */
static void print_value(const cJSON *settings, const char *const *keys, struct text *t)
{
    for (const char *const *first = keys; *keys; keys++) {
        const cJSON *given = cJSON_GetObjectItemCaseSensitive(settings, *keys);
        const char *text = setting_text(&platform_facebook, settings, *keys);

        if (keys != first)
            text_add(t, "/");

        if (cJSON_IsBool(given))
            text = cJSON_IsTrue(given) ? "true" : "false";
        if (cJSON_IsNumber(given))
            text_addf(t, "%lld", (long long)setting_number(&platform_facebook, settings, *keys));
        else
            text_add(t, text);
    }
}

static const struct extra {
    const char *keys[3];
    const char *param;
    const char *otherwise; /* as it is when nothing was sent */
    void (*print)(const struct facebook *, const cJSON *settings, const char *before,
                  struct text *);
} extras[] = {
    { { "content_tags" }, "content_tags", "", print_tags },
    { { "crosspost" }, "crossposting_actions", "", print_crosspost },
    { { "countries", "age" }, "targeting", "/0", print_targeting },
    { { "embed" }, "embeddable", "true", print_embed },
    { { "comments" }, "live_comment_moderation_setting", "DEFAULT", print_comments },
};
enum { EXTRA_COUNT = sizeof(extras) / sizeof(extras[0]) };

static bool is_lasting(const struct error *why)
{
    return why->kind == ERROR_INVALID || why->kind == ERROR_FORBIDDEN || why->kind == ERROR_REFUSED;
}

static bool send_extra(struct facebook *f, const struct extra *x, const cJSON *settings,
                       struct error *err)
{
    const char *known = kit_remembered(f->out, x->param), *before = *known ? known : x->otherwise;
    struct error why = { 0 };
    struct text now, value;
    bool done = true;

    text_init(&now, 1100);
    text_init(&value, 4000);
    print_value(settings, x->keys, &now);
    if (!text_equal(text_str(&now), before)) {
        x->print(f, settings, before, &value);
        const char *args[] = { x->param, text_str(&value), NULL };
        done = facebook_ask(f, "POST", f->out->remote_id, "", args, false, NULL, &why);
        if (!done && is_lasting(&why)) {
            facebook_advise(f, "Facebook does not take \"%s\": %s", x->keys[0], why.message);
            done = true;
        } else if (!done && err) {
            *err = why;
        } else if (done) {
            kit_remember(f->out, x->param, text_str(&now));
        }
    }
    text_release(&now);
    text_release(&value);
    return done;
}

bool facebook_dress(struct facebook *f, struct error *err)
{
    cJSON *settings = kit_settings(f->t);
    bool done = true;

    kit_remember(f->out, "advice", NULL);
    for (size_t i = 0; done && i < EXTRA_COUNT; i++)
        done = send_extra(f, &extras[i], settings, err);
    cJSON_Delete(settings);
    return done;
}

void facebook_undress(struct facebook *f)
{
    for (size_t i = 0; i < EXTRA_COUNT; i++)
        kit_remember(f->out, extras[i].param, NULL);
    kit_remember(f->out, "advice", NULL);
}

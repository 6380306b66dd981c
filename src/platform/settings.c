/* A target's settings held against its platform's table. */
#include <ecclesia/platform/platform.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>

static const struct setting *setting_find(const struct platform *p, unsigned fits, const char *key)
{
    if (!key)
        return NULL;
    for (const struct setting *s = p->settings; s && s->key; s++)
        if ((s->fits & fits) && strcmp(s->key, key) == 0)
            return s;
    return NULL;
}

/* A look-up by an adapter: whatever the setting fits. */
static const struct setting *setting_row(const struct platform *p, const char *key)
{
    return setting_find(p, ~0u, key);
}

/* Names the setting, what is allowed, and what was given, cut to what fits a line. */
static bool said_no(struct error *err, const struct platform *p, const struct setting *s,
                    const char *allowed, const cJSON *value)
{
    struct text given;
    char shown[60];

    text_init(&given, 4096);
    json_print(&given, value);
    bool whole = text_copy_to(shown, sizeof(shown), text_str(&given));
    text_release(&given);
    return error_platform(err, ERROR_INPUT, platform_slug(p->id), s->help,
                          "%s: \"%s\" must be %s, not %s%s.", platform_name(p->id), s->key, allowed,
                          shown, whole ? "" : "…");
}

static bool unknown_key(const struct platform *p, unsigned fits, const char *key, struct error *err)
{
    char remedy[sizeof(err->remedy)];
    struct text list;

    text_init(&list, sizeof(remedy) - 1);
    for (const struct setting *s = p->settings; s && s->key; s++)
        if (s->fits & fits)
            text_addf(&list, "%s%s", list.length ? ", " : "Known settings: ", s->key);
    if (list.length == 0)
        text_addf(&list, "%s has no settings here.", platform_name(p->id));
    text_copy_to(remedy, sizeof(remedy), text_str(&list));
    text_release(&list);
    return error_platform(err, ERROR_INPUT, platform_slug(p->id), remedy,
                          "%s has no setting \"%.60s\".", platform_name(p->id), key ? key : "");
}

/* 1 true, 0 false, -1 neither. */
static int truth_of(const char *s)
{
    static const char *const yes[] = { "true", "yes", "on", "1" };
    static const char *const no[] = { "false", "no", "off", "0" };

    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (strcasecmp(s, yes[i]) == 0)
            return 1;
        if (strcasecmp(s, no[i]) == 0)
            return 0;
    }
    return -1;
}

static bool made_or_memory(const cJSON *made, struct error *err)
{
    return made ||
           error_set(err, ERROR_MEMORY, NULL, "There is no memory left to check the settings.");
}

/* Each of these says whether the value will do, and in *made what to put in its place, if anything.
 */
static bool right_bool(const struct platform *p, const struct setting *s, const cJSON *value,
                       cJSON **made, struct error *err)
{
    int truth = cJSON_IsString(value) ? truth_of(value->valuestring) : -1;

    if (cJSON_IsBool(value))
        return true;
    if (truth < 0)
        return said_no(err, p, s, "true or false", value);
    return made_or_memory(*made = cJSON_CreateBool(truth), err);
}

static bool right_number(const struct platform *p, const struct setting *s, const cJSON *value,
                         cJSON **made, struct error *err)
{
    int64_t number;
    struct text t;

    if (!json_int(value, NULL, &number) || number < s->least || number > s->limit) {
        text_init(&t, 120);
        text_addf(&t, "a whole number from %lld to %lld", (long long)s->least, (long long)s->limit);
        said_no(err, p, s, text_str(&t), value);
        text_release(&t);
        return false;
    }
    if (cJSON_IsNumber(value))
        return true;
    return made_or_memory(*made = cJSON_CreateNumber((double)number), err);
}

static bool right_choice(const struct platform *p, const struct setting *s, const cJSON *value,
                         cJSON **made, struct error *err)
{
    const char *given = cJSON_GetStringValue(value);
    struct text t;

    for (size_t i = 0; given && s->choices[i]; i++) {
        if (strcmp(given, s->choices[i]) == 0)
            return true;
        if (strcasecmp(given, s->choices[i]) == 0)
            return made_or_memory(*made = cJSON_CreateString(s->choices[i]), err);
    }
    text_init(&t, 400);
    text_add(&t, "one of ");
    for (size_t i = 0; s->choices[i]; i++)
        text_addf(&t, "%s%s", i ? ", " : "", *s->choices[i] ? s->choices[i] : "\"\"");
    said_no(err, p, s, text_str(&t), value);
    text_release(&t);
    return false;
}

static bool right_text(const struct platform *p, const struct setting *s, const cJSON *value,
                       struct error *err)
{
    const char *given = cJSON_GetStringValue(value);
    struct text t;

    if (given && (s->limit <= 0 || utf8_count(given) <= (size_t)s->limit))
        return true;
    text_init(&t, 80);
    text_add(&t, "text");
    if (s->limit > 0)
        text_addf(&t, " of at most %lld characters", (long long)s->limit);
    said_no(err, p, s, text_str(&t), value);
    text_release(&t);
    return false;
}

static bool check_one(const struct platform *p, const struct setting *s, cJSON *settings,
                      cJSON *value, struct error *err)
{
    cJSON *made = NULL;
    bool right = false;

    /* What stands for no value takes one back: "key=" on a command line has no other way to. */
    if (s->type != SETTING_TEXT && cJSON_IsString(value) && !*value->valuestring)
        return true;
    switch (s->type) {
    case SETTING_BOOL:
        right = right_bool(p, s, value, &made, err);
        break;
    case SETTING_NUMBER:
        right = right_number(p, s, value, &made, err);
        break;
    case SETTING_CHOICE:
        right = right_choice(p, s, value, &made, err);
        break;
    case SETTING_TEXT:
        right = right_text(p, s, value, err);
        break;
    }
    /* Not cJSON_ReplaceItemViaPointer(): in 1.7.15 it leaves the new item without a key. */
    if (right && made) {
        made->string = value->string;
        value->string = NULL;
        if (!cJSON_ReplaceItemViaPointer(settings, value, made)) {
            cJSON_Delete(made);
            return made_or_memory(NULL, err);
        }
    }
    return right;
}

bool platform_settings_check(const struct platform *p, unsigned fits, cJSON *settings,
                             struct error *err)
{
    cJSON *value, *next;

    if (!settings || cJSON_IsNull(settings))
        return true;
    if (!cJSON_IsObject(settings))
        return error_platform(err, ERROR_INPUT, platform_slug(p->id), NULL,
                              "The settings of %s must be a JSON object.", platform_name(p->id));
    for (value = settings->child; value; value = next) {
        const struct setting *s = setting_find(p, fits, value->string);

        next = value->next;
        if (!s)
            return unknown_key(p, fits, value->string, err);
        /* null takes a setting back: the default counts again. */
        if (cJSON_IsNull(value))
            cJSON_Delete(cJSON_DetachItemViaPointer(settings, value));
        else if (!check_one(p, s, settings, value, err))
            return false;
    }
    return true;
}

const char *setting_text(const struct platform *p, const cJSON *settings, const char *key)
{
    const struct setting *s = setting_row(p, key);
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(settings, key));

    if (value && (*value || !s || s->type == SETTING_TEXT))
        return value;
    return s && s->otherwise ? s->otherwise : "";
}

bool setting_bool(const struct platform *p, const cJSON *settings, const char *key)
{
    const struct setting *s = setting_row(p, key);
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(settings, key);

    if (cJSON_IsBool(value))
        return cJSON_IsTrue(value);
    if (cJSON_IsString(value) && truth_of(value->valuestring) >= 0)
        return truth_of(value->valuestring) > 0;
    return s && s->otherwise && truth_of(s->otherwise) > 0;
}

int64_t setting_number(const struct platform *p, const cJSON *settings, const char *key)
{
    const struct setting *s = setting_row(p, key);
    int64_t value;

    if (json_int(cJSON_GetObjectItemCaseSensitive(settings, key), NULL, &value))
        return value;
    return s && s->otherwise ? strtoll(s->otherwise, NULL, 10) : 0;
}

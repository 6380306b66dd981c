/* What was filled in becomes a command's words; what comes back goes to the field that it is about.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "tui/private.h"
#include "tui/record_form.h"

/* Words that the form makes: each is owned. */
struct words {
    char *word[WORDS_MOST];
    int count;
    bool failed;
};

static void add_word(struct words *w, char *word)
{
    if (word == NULL || w->count == WORDS_MOST) {
        w->failed = true;
        free(word);
        return;
    }
    w->word[w->count++] = word;
}

static void add_pair(struct words *w, const char *option, const char *value)
{
    add_word(w, text_copy(option));
    add_word(w, text_copy(value));
}

/* "+90m" and a bare "11:30" of an end count from the start, as they do for the command. */
static bool counts_from_start(const char *s)
{
    return *s == '+' || strspn(s, "0123456789:") == strlen(s);
}

/* The instant of a time as typed; empty is none. False with the error at its field. */
static bool read_when(struct console *c, const char *key, int64_t start_ms, int64_t *ms)
{
    struct form_field *field = form_find(&c->form, key);
    const char *typed = field != NULL ? form_value(field) : "";
    int64_t from = start_ms > 0 && counts_from_start(typed) ? start_ms : clock_now();
    struct error err;
    char text[800];

    *ms = 0;
    if (*typed == '\0' || zone_parse_when(typed, console_zone(c), from, ms, &err))
        return true;
    console_words_of(&err, text, sizeof text);
    form_fail(&c->form, field, text);
    return false;
}

static void check_times(struct console *c)
{
    int64_t start_ms, end_ms;

    if (read_when(c, "start", 0, &start_ms) && read_when(c, "end", start_ms, &end_ms) &&
        start_ms > 0 && end_ms > 0 && end_ms <= start_ms)
        form_fail(&c->form, form_find(&c->form, "end"), "The end must be after the start.");
}

static bool is_number(const char *s)
{
    s += *s == '-';
    return *s != '\0' && strspn(s, "0123456789") == strlen(s) && strlen(s) < 16;
}

/* Numbers within their range; the rest of a setting the platform's own check judges. */
static void check_settings(struct console *c)
{
    for (size_t i = 0; i < c->form.count; i++) {
        struct form_field *field = &c->form.fields[i];
        const char *dot = strchr(field->key, '.');
        const struct platform *platform = NULL;
        enum platform_id p;
        char slug[40], text[200];

        if (dot == NULL || !form_counts(&c->form, i))
            continue;
        snprintf(slug, sizeof slug, "%.*s", (int)(dot - field->key), field->key);
        if (platform_from_slug(slug, &p))
            platform = c->source->platform(c->source->self, p);
        for (const struct setting *s = platform != NULL ? platform->settings : NULL;
             s != NULL && s->key != NULL; s++) {
            const char *value = form_value(field);

            if (strcmp(s->key, dot + 1) != 0 || s->type != SETTING_NUMBER || *value == '\0')
                continue;
            if (!is_number(value) || strtoll(value, NULL, 10) < s->least ||
                strtoll(value, NULL, 10) > s->limit) {
                snprintf(text, sizeof text, "This must be a whole number from %lld to %lld.",
                         (long long)s->least, (long long)s->limit);
                form_fail(&c->form, field, text);
            }
        }
    }
}

/* A new record needs a platform, and a meeting's primary one must be among them. */
static void check_platforms(struct console *c)
{
    struct form_field *primary = form_find(&c->form, "primary"), *first = NULL;
    bool any = false, has_primary = false;

    if (!id_is_none(c->form_id))
        return;
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        struct form_field *field = form_find(&c->form, platform_slug((enum platform_id)p));

        if (field == NULL)
            continue;
        first = first != NULL ? first : field;
        any = any || field->on;
        has_primary = has_primary || (primary != NULL && field->on &&
                                      strcmp(form_value(primary), field->label) == 0);
    }
    if (!any && first != NULL)
        form_fail(&c->form, first, "Tick at least one platform.");
    else if (!any)
        form_fail(&c->form, NULL, "There is no platform to choose.");
    else if (primary != NULL && !has_primary)
        form_fail(&c->form, primary, "Tick this platform below, or choose another one here.");
}

/* --platform youtube:privacy=unlisted, one setting an option: a value may then hold a comma.
 * Settings as they were are left out. */
static void add_platform_words(struct console *c, struct words *w, enum platform_id p)
{
    const char *slug = platform_slug(p);
    const struct form_field *box = form_find(&c->form, slug);
    size_t length = strlen(slug);
    bool adding = id_is_none(c->form_id);
    struct text t;

    if (adding && (box == NULL || !box->on))
        return;
    text_init(&t, 16000);
    text_add(&t, slug);
    for (size_t i = 0, n = 0; i < c->form.count; i++) {
        const struct form_field *field = &c->form.fields[i];

        if (strncmp(field->key, slug, length) != 0 || field->key[length] != '.' ||
            !form_changed(field))
            continue;
        text_addf(&t, "%c%s=", n++ == 0 ? ':' : ',', field->key + length + 1);
        for (const char *v = form_value(field); *v != '\0'; v++) {
            if (*v == ',' || *v == '\\')
                text_add(&t, "\\");
            text_append(&t, v, 1);
        }
    }
    if (adding || strchr(text_str(&t), ':') != NULL)
        add_pair(w, "--platform", text_str(&t));
    text_release(&t);
}

/* Of a new record what has a value, of an old one what was changed. */
static void add_changed(struct console *c, struct words *w, const char *key, const char *option,
                        const char *value)
{
    const struct form_field *field = form_find(&c->form, key);

    if (field != NULL && (id_is_none(c->form_id) ? *value != '\0' : form_changed(field)))
        add_pair(w, option, value);
}

static const char *primary_slug(struct console *c)
{
    const struct form_field *field = form_find(&c->form, "primary");

    for (int p = 0; field != NULL && p < PLATFORM_COUNT; p++) {
        if (strcmp(form_value(field), platform_name((enum platform_id)p)) == 0)
            return platform_slug((enum platform_id)p);
    }
    return "";
}

static void form_record_submit(struct console *c)
{
    bool meeting = c->form_about == FORM_MEETING, adding = id_is_none(c->form_id);
    struct words w = { .count = 0 };
    static const char *const options[][2] = { { "title", "--title" },
                                              { "description", "--description" },
                                              { "start", "--start" },
                                              { "end", "--end" },
                                              { "thumbnail", "--thumbnail" } };
    char doing[160];

    check_times(c);
    check_settings(c);
    check_platforms(c);
    if (!form_check(&c->form))
        return;
    add_pair(&w, meeting ? "meeting" : "livestream", adding ? "create" : "edit");
    if (!adding)
        add_word(&w, text_copy(c->form_id.hex));
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        const struct form_field *field = form_find(&c->form, options[i][0]);

        add_changed(c, &w, options[i][0], options[i][1], field != NULL ? form_value(field) : "");
    }
    add_changed(c, &w, "primary", "--primary", primary_slug(c));
    for (int p = 0; p < PLATFORM_COUNT; p++)
        add_platform_words(c, &w, (enum platform_id)p);
    snprintf(doing, sizeof doing, "Saving %s", paint_glyph(&c->paint, GLYPH_CUT));
    if (w.failed)
        form_fail(&c->form, NULL, "That is more than one command can take. Make it shorter.");
    else
        run_for_form(c, (const char *const *)w.word, w.count, doing);
    for (int i = 0; i < w.count; i++)
        free(w.word[i]);
}

void form_submit(struct console *c)
{
    form_clear_errors(&c->form);
    if (c->form_about == FORM_CONNECT || c->form_about == FORM_APP) {
        if (!form_check(&c->form))
            return;
        if (c->form_about == FORM_APP)
            form_app_submit(c);
        else
            form_connect_submit(c);
    } else {
        form_record_submit(c);
    }
}

static void close_form(struct console *c)
{
    form_close(&c->form);
}

void form_leave(struct console *c)
{
    if (c->form.busy) {
        cancel_ask(c->form_cancel);
    } else if (form_touched(&c->form)) {
        c->dialog_yes = close_form;
        dialog_ask(&c->dialog, "Leave the form? What you typed is lost.", "Stay", "Leave", c->key);
    } else {
        form_close(&c->form);
    }
}

/* Whether the word stands by itself in s. */
static bool mentions(const char *s, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = s; length > 0 && (at = strcasestr(at, word)) != NULL; at++) {
        bool begins = at == s || !isalnum((unsigned char)at[-1]);

        if (begins && !isalnum((unsigned char)at[length]) && at[length] != '_')
            return true;
    }
    return false;
}

/* The field that an error is about: its key stands in the message, and its platform is the error's.
 */
static struct form_field *field_of(struct form *f, const struct error *err)
{
    for (size_t i = 0; i < f->count; i++) {
        struct form_field *field = &f->fields[i];
        const char *dot = strchr(field->key, '.'), *key = dot != NULL ? dot + 1 : field->key;
        bool ours = dot == NULL || err->platform[0] == '\0' ||
                    (strlen(err->platform) == (size_t)(dot - field->key) &&
                     text_starts(field->key, err->platform));

        if (ours && form_counts(f, i) && field->kind != FORM_HEADING && field->kind != FORM_CHECK &&
            (mentions(err->message, key) || mentions(err->message, field->label)))
            return field;
    }
    return NULL;
}

void form_answer(struct console *c, bool fine, const char *said, const struct error *err)
{
    struct form_field *field;
    char text[sizeof c->form.message];

    c->form.busy = false;
    form_clear_errors(&c->form);
    if (fine) {
        form_close(&c->form);
        console_say(c, false, "%s", said != NULL && *said != '\0' ? said : "Done.");
        return;
    }
    console_words_of(err, text, sizeof text);
    field = err->kind == ERROR_INPUT ? field_of(&c->form, err) : NULL;
    form_fail(&c->form, field, text);
    if (field == NULL)
        c->form.focus = c->form.count;
}

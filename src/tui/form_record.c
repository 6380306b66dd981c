/* Making and changing a livestream or a meeting: its own fields, then each platform with the fields
 * of its settings table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/json.h>
#include <ecclesia/base/zone.h>

#include "tui/private.h"

enum { TITLE_MOST = 800, TEXT_MOST = 20000, WHEN_MOST = 60, PATH_MOST = 1000, SETTING_MOST = 4000 };

/* What a form starts from: nothing, or a record's values. */
struct start_values {
    const char *title, *description, *thumbnail;
    int64_t start_ms, end_ms;
    const struct target *targets; /* NULL: a new record */
    size_t target_count;
    enum platform_id primary;
};

static bool add_text(struct form *f, const char *key, const char *label, const char *help,
                     size_t most, bool required, const char *value)
{
    struct form_field *field = form_add(f, FORM_TEXT, key, label, most);

    if (field == NULL)
        return false;
    text_copy_to(field->help, sizeof field->help, help);
    field->required = required;
    form_set(field, value != NULL ? value : "");
    return true;
}

/* "2026-11-29 10:00", which WHEN takes back. */
static void absolute(const struct console *c, int64_t ms, char *out, size_t size)
{
    struct zone_time t;

    out[0] = '\0';
    if (ms <= 0)
        return;
    zone_local(console_zone(c), ms, &t);
    snprintf(out, size, "%04d-%02d-%02d %02d:%02d", t.year, t.month, t.day, t.hour, t.minute);
}

static bool add_times(struct console *c, enum subject_kind kind, const struct start_values *v)
{
    bool meeting = kind == SUBJECT_MEETING;
    char start[40], end[40];

    absolute(c, v->start_ms, start, sizeof start);
    absolute(c, v->end_ms, end, sizeof end);
    return add_text(
               &c->form, "start", "Starts",
               meeting
                   ? "today 10:00, sun 9:30, 2026-11-29 10:00, +90m."
                   : "today 10:00, sun 9:30, 2026-11-29 10:00, now. Empty: you start it by hand.",
               WHEN_MOST, meeting, start) &&
           add_text(&c->form, "end", "Ends",
                    meeting ? "11:30, or +90m after the start. Empty: one hour after the start."
                            : "11:30, or +90m after the start. Empty: open end; you stop it with x "
                              "in any case.",
                    WHEN_MOST, false, end);
}

static const char *setting_start(const struct setting *s, const cJSON *settings, char *number,
                                 size_t size)
{
    const cJSON *value =
        settings != NULL ? cJSON_GetObjectItemCaseSensitive(settings, s->key) : NULL;

    if (cJSON_IsString(value))
        return value->valuestring;
    if (cJSON_IsBool(value))
        return cJSON_IsTrue(value) ? "true" : "false";
    if (cJSON_IsNumber(value)) {
        snprintf(number, size, "%.0f", value->valuedouble);
        return number;
    }
    return s->otherwise != NULL ? s->otherwise : "";
}

static bool add_setting(struct console *c, const char *slug, const struct setting *s,
                        const cJSON *settings, int parent)
{
    static const enum form_kind kinds[] = { [SETTING_TEXT] = FORM_TEXT,
                                            [SETTING_BOOL] = FORM_CHECK,
                                            [SETTING_NUMBER] = FORM_TEXT,
                                            [SETTING_CHOICE] = FORM_CHOICE };
    char key[80], number[40];
    size_t most = s->type == SETTING_TEXT && s->limit > 0 && s->limit * 4 < SETTING_MOST
                      ? (size_t)s->limit * 4
                      : SETTING_MOST;
    struct form_field *field;

    snprintf(key, sizeof key, "%s.%s", slug, s->key);
    field =
        form_add(&c->form, kinds[s->type], key, s->label, s->type == SETTING_NUMBER ? 20 : most);
    if (field == NULL)
        return false;
    field->parent = parent;
    field->choices = s->choices;
    if (s->type == SETTING_NUMBER)
        snprintf(field->help, sizeof field->help, "%s (%lld to %lld)", s->help, (long long)s->least,
                 (long long)s->limit);
    else
        text_copy_to(field->help, sizeof field->help, s->help);
    form_set(field, setting_start(s, settings, number, sizeof number));
    return true;
}

/* Folded away, so that a new record is a short form. *parent becomes the fold's index. */
static bool add_fold(struct console *c, const struct platform *platform, unsigned ability,
                     int *parent)
{
    struct form_field *fold;
    char label[80];
    int count = 0;

    for (const struct setting *s = platform->settings; s != NULL && s->key != NULL; s++)
        count += (s->fits & ability) != 0;
    if (count == 0)
        return true;
    snprintf(label, sizeof label, "%d setting%s of %s", count, count == 1 ? "" : "s",
             platform_name(platform->id));
    fold = form_add(&c->form, FORM_FOLD, "", label, 0);
    if (fold == NULL)
        return false;
    text_copy_to(fold->help, sizeof fold->help,
                 "They have good values already. Space shows and hides them.");
    fold->parent = *parent;
    *parent = (int)c->form.count - 1;
    return true;
}

static bool add_settings(struct console *c, enum platform_id p, unsigned ability,
                         const struct target *t, int parent)
{
    const struct platform *platform = c->source->platform(c->source->self, p);
    cJSON *settings = t != NULL && t->settings != NULL
                          ? json_parse(t->settings, strlen(t->settings), NULL)
                          : NULL;
    bool fine = add_fold(c, platform, ability, &parent);

    for (const struct setting *s = platform->settings; fine && s != NULL && s->key != NULL; s++) {
        if ((s->fits & ability) != 0)
            fine = add_setting(c, platform_slug(p), s, settings, parent);
    }
    cJSON_Delete(settings);
    return fine;
}

/* A box to tick, with what the sign-in says. Connected platforms are ticked at the start. */
static bool add_choosable(struct console *c, enum platform_id p, unsigned ability)
{
    const struct connection *k = console_connection(c, p);
    bool connected = k != NULL && k->status == CONNECTION_CONNECTED;
    struct form_field *field =
        form_add(&c->form, FORM_CHECK, platform_slug(p), platform_name(p), 0);

    if (field == NULL)
        return false;
    if (connected)
        text_copy_to(field->note, sizeof field->note,
                     k->account_name != NULL ? k->account_name : "");
    else
        snprintf(field->note, sizeof field->note, "%s",
                 k == NULL || k->status == CONNECTION_DISCONNECTED
                     ? "not connected"
                     : connection_status_name(k->status));
    snprintf(field->help, sizeof field->help,
             connected ? "Space ticks the box."
                       : "It would fail until %s is connected: Connections, then c.",
             platform_name(p));
    form_set(field, connected ? "true" : "false");
    return add_settings(c, p, ability, NULL, (int)c->form.count - 1);
}

static bool add_platforms(struct console *c, unsigned ability, const struct start_values *v)
{
    bool fine = true;

    if (v->targets == NULL)
        fine = form_add(&c->form, FORM_HEADING, "", "Platforms", 0) != NULL;
    for (int p = 0; fine && v->targets == NULL && p < PLATFORM_COUNT; p++) {
        const struct platform *platform = c->source->platform(c->source->self, (enum platform_id)p);

        if (platform != NULL && (platform->abilities & ability) != 0)
            fine = add_choosable(c, (enum platform_id)p, ability);
    }
    for (size_t i = 0; fine && i < v->target_count; i++) {
        enum platform_id p = v->targets[i].platform;

        fine = c->source->platform(c->source->self, p) == NULL ||
               add_settings(c, p, ability, &v->targets[i], -1);
    }
    return fine;
}

/* Which meeting platform members see first. */
static bool add_primary(struct console *c, const struct start_values *v)
{
    struct form_field *field;
    int count = 0, first = -1;

    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const struct platform *platform = c->source->platform(c->source->self, (enum platform_id)p);
        const struct connection *k = console_connection(c, (enum platform_id)p);
        bool there = v->targets == NULL && platform != NULL &&
                     (platform->abilities & PLATFORM_MEETINGS) != 0;

        for (size_t i = 0; i < v->target_count; i++)
            there = there || v->targets[i].platform == (enum platform_id)p;
        if (!there)
            continue;
        if (first < 0 && k != NULL && k->status == CONNECTION_CONNECTED)
            first = count;
        c->form_primary[count++] = platform_name((enum platform_id)p);
    }
    c->form_primary[count] = NULL;
    field = form_add(&c->form, FORM_CHOICE, "primary", "Primary platform", 0);
    if (field == NULL || count == 0)
        return field != NULL;
    field->choices = c->form_primary;
    text_copy_to(field->help, sizeof field->help,
                 "The one that members are sent to first. Left and Right change it.");
    form_set(field, v->targets != NULL ? platform_name(v->primary)
                                       : c->form_primary[first >= 0 ? first : 0]);
    return true;
}

static void open_form(struct console *c, enum subject_kind kind, const char *title,
                      const struct start_values *v)
{
    struct form *f = &c->form;
    bool meeting = kind == SUBJECT_MEETING, fine;
    struct form_field *field;

    form_open(f, title, v->targets == NULL ? (meeting ? "Schedule" : "Create") : "Save");
    c->form_about = meeting ? FORM_MEETING : FORM_LIVESTREAM;
    c->form_serial++;
    fine = add_text(f, "title", "Title",
                    meeting ? "What members read in the invitation."
                            : "What viewers read on every platform; at most 100 characters.",
                    TITLE_MOST, true, v->title) &&
           add_text(f, "description", "Description", "May be empty. ^J begins a new line.",
                    TEXT_MOST, false, v->description) &&
           add_times(c, kind, v);
    field = fine ? form_find(f, "description") : NULL;
    if (field != NULL)
        field->edit.breaks = true;
    if (fine && !meeting)
        fine = add_text(f, "thumbnail", "Thumbnail",
                        "Path of a PNG or JPEG file on this machine; may be empty.", PATH_MOST,
                        false, v->thumbnail);
    if (fine && meeting)
        fine = add_primary(c, v);
    fine = fine && add_platforms(c, meeting ? PLATFORM_MEETINGS : PLATFORM_LIVESTREAMS, v);
    if (!fine) {
        form_close(f);
        console_say(c, true, "No memory for the form.");
        return;
    }
    form_ready(f);
}

void form_record_new(struct console *c, enum subject_kind kind)
{
    struct start_values none = { 0 };

    c->form_id = (struct id){ "" };
    open_form(c, kind, kind == SUBJECT_MEETING ? "New meeting" : "New livestream", &none);
}

void form_livestream_edit(struct console *c, const struct livestream *l)
{
    struct start_values v = { .title = l->title,
                              .description = l->description,
                              .thumbnail = l->thumbnail,
                              .start_ms = l->start_ms,
                              .end_ms = l->end_ms,
                              .targets = l->targets,
                              .target_count = l->target_count };
    char title[160];

    snprintf(title, sizeof title, "Edit %s", l->title);
    c->form_id = l->id;
    open_form(c, SUBJECT_LIVESTREAM, title, &v);
}

void form_meeting_edit(struct console *c, const struct meeting *m)
{
    struct start_values v = { .title = m->title,
                              .description = m->description,
                              .start_ms = m->start_ms,
                              .end_ms = m->end_ms,
                              .targets = m->targets,
                              .target_count = m->target_count,
                              .primary = m->primary };
    char title[160];

    snprintf(title, sizeof title, "Edit %s", m->title);
    c->form_id = m->id;
    open_form(c, SUBJECT_MEETING, title, &v);
}

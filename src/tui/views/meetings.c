/* The Meetings tab: meetings, and under them what each platform says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "tui/private.h"

enum { COLUMN_TITLE, COLUMN_STARTS, COLUMN_ENDS, COLUMN_PLATFORMS, COLUMN_STATUS };

static const struct list_column columns[] = {
    { "Title", 14, 4, 9 },     { "Starts", 16, 0, 4 }, { "Ends", 5, 0, 1 },
    { "Platforms", 12, 1, 2 }, { "Status", 15, 0, 8 }, { NULL, 0, 0, 0 },
};

static const struct meeting *row(const struct view *v, size_t i)
{
    return i < v->list.count ? &((const struct meeting *)v->rows)[i] : NULL;
}

static const struct meeting *chosen(const struct view *v)
{
    return row(v, v->list.cursor);
}

static bool load(struct console *c, const struct record_filter *f, void **rows, size_t *count,
                 struct error *err)
{
    struct meeting *list = NULL;

    if (!c->source->meetings(c->source->self, f, &list, count, err))
        return false;
    *rows = list;
    return true;
}

static void release(void *rows, size_t count)
{
    struct meeting *list = rows;

    for (size_t i = 0; i < count; i++)
        meeting_release(&list[i]);
    free(list);
}

static struct id row_id(const struct view *v, size_t i)
{
    return row(v, i)->id;
}

static void status_text(const struct view *v, const struct meeting *m, struct list_cell *out)
{
    static const struct {
        enum glyph mark;
        enum look look;
    } of[] = { [MEETING_SCHEDULED] = { GLYPH_WAITING, LOOK_WAITING },
               [MEETING_ACTIVE] = { GLYPH_LIVE, LOOK_LIVE },
               [MEETING_ENDED] = { GLYPH_ENDED, LOOK_ENDED },
               [MEETING_CANCELLED] = { GLYPH_ENDED, LOOK_ENDED } };
    enum glyph mark = of[m->status].mark;
    char words[60];
    size_t failed = 0;

    out->look = of[m->status].look;
    snprintf(words, sizeof words, "%s", meeting_status_name(m->status));
    for (size_t i = 0; i < m->target_count; i++)
        failed += m->targets[i].status == TARGET_FAILED;
    if (failed > 0 && m->status == MEETING_SCHEDULED) {
        mark = GLYPH_FAILED;
        out->look = LOOK_FAILED;
        if (failed < m->target_count)
            snprintf(words, sizeof words, "%zu of %zu failed", failed, m->target_count);
        else
            snprintf(words, sizeof words, "failed");
    }
    snprintf(out->text, sizeof out->text, "%s %s", paint_glyph(&v->console->paint, mark), words);
}

/* Of a series the time that counts now, by the primary platform. */
static struct meeting due_of(struct console *c, const struct meeting *m)
{
    return meeting_due(m, meeting_target(m, m->primary), console_zone(c), clock_now());
}

static void cell(void *context, size_t i, int column, int width, struct list_cell *out)
{
    const struct view *v = context;
    const struct meeting *m = row(v, i);

    switch (column) {
    case COLUMN_TITLE:
        text_copy_to(out->text, sizeof out->text, m->title);
        break;
    case COLUMN_STARTS:
        when_text(console_zone(v->console), due_of(v->console, m).start_ms, out->text,
                  sizeof out->text);
        break;
    case COLUMN_ENDS:
        zone_clock(out->text, sizeof out->text, console_zone(v->console),
                   due_of(v->console, m).end_ms, false);
        break;
    case COLUMN_PLATFORMS:
        target_names(&v->console->paint, m->targets, m->target_count, width, out->text,
                     sizeof out->text);
        break;
    default:
        status_text(v, m, out);
        break;
    }
}

static void detail(struct console *c, const struct view *v, struct detail *d)
{
    const struct meeting *m = chosen(v);
    char text[80];

    text_copy_to(d->title, sizeof d->title, m->title);
    target_lines(c, m->targets, m->target_count, m->primary, true, d);
    if (!c->in_detail)
        return;
    const struct meeting due = due_of(c, m);
    when_text(console_zone(c), due.start_ms, text, sizeof text);
    detail_fact(d, "Starts", text);
    when_text(console_zone(c), due.end_ms, text, sizeof text);
    detail_fact(d, "Ends", text);
    detail_fact(d, "About", m->description);
}

static const struct target *target(const struct view *v, size_t i)
{
    const struct meeting *m = chosen(v);

    return m != NULL && i < m->target_count ? &m->targets[i] : NULL;
}

static bool any_link(const struct meeting *m)
{
    for (size_t i = 0; i < m->target_count; i++) {
        if (m->targets[i].url[0] != '\0')
            return true;
    }
    return false;
}

/* The target whose host's link is asked for: the one chosen in the detail, else the primary one. */
static const struct target *host_target(struct console *c, const struct view *v)
{
    const struct meeting *m = chosen(v);

    if (c->in_detail)
        return target(v, v->target);
    for (size_t i = 0; m != NULL && i < m->target_count; i++) {
        if (m->targets[i].platform == m->primary)
            return &m->targets[i];
    }
    return target(v, 0);
}

static bool no_host_link(struct console *c, const struct view *v, char *why, size_t size)
{
    const struct target *t = host_target(c, v);
    const struct platform *p = t != NULL ? c->source->platform(c->source->self, t->platform) : NULL;

    if (p == NULL || p->meeting_host_link == NULL)
        snprintf(why, size, "%s has no link for the host alone: sign in there as the host.",
                 t != NULL ? platform_name(t->platform) : "It");
    else if (t->remote_id[0] == '\0')
        snprintf(why, size, "%s has not made the meeting yet.", platform_name(t->platform));
    else
        return false;
    return true;
}

static bool refuses(struct console *c, const struct view *v, enum action a, char *why, size_t size)
{
    static const struct {
        enum action action;
        enum meeting_act act;
    } acts[] = { { ACTION_CANCEL, MEETING_CANCEL },
                 { ACTION_RETRY, MEETING_RETRY },
                 { ACTION_EDIT, MEETING_EDIT } };
    const struct meeting *m = chosen(v);
    const struct target *t;

    if (a == ACTION_NEW)
        return false;
    if (m == NULL) {
        snprintf(why, size, "No meeting is chosen. Press n to plan one.");
        return true;
    }
    if (a == ACTION_LINKS && !any_link(m)) {
        snprintf(why, size,
                 "%s has no links yet: each platform gives its own once it has made the meeting.",
                 m->title);
        return true;
    }
    if (a == ACTION_HOST_LINK)
        return no_host_link(c, v, why, size);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        struct error err;

        if (acts[i].action == a && !meeting_allows(m, acts[i].act, &err)) {
            console_words_of(&err, why, size);
            return true;
        }
    }
    t = a == ACTION_RETRY ? target_to_retry(v, c->in_detail) : NULL;
    if (a == ACTION_RETRY && (t == NULL || t->status != TARGET_FAILED)) {
        snprintf(why, size, "%s has not failed, so there is nothing to try again.",
                 t != NULL ? platform_name(t->platform) : m->title);
        return true;
    }
    return false;
}

static void act(struct console *c, struct view *v, enum action a)
{
    const struct meeting *m = chosen(v);
    const struct target *t;
    char doing[160];

    switch (a) {
    case ACTION_NEW:
        form_record_new(c, SUBJECT_MEETING);
        break;
    case ACTION_HOST_LINK:
        host_link_ask(c, m, host_target(c, v));
        break;
    case ACTION_EDIT:
        form_meeting_edit(c, m);
        break;
    case ACTION_CANCEL:
        snprintf(doing, sizeof doing, "Cancelling %s", m->title);
        run_words(c, (const char *[]){ "meeting", "cancel", m->id.hex }, 3, doing);
        break;
    case ACTION_RETRY:
        t = target_to_retry(v, c->in_detail);
        snprintf(doing, sizeof doing, "Trying %s again", platform_name(t->platform));
        run_words(c, (const char *[]){ "meeting", "retry", m->id.hex, platform_slug(t->platform) },
                  4, doing);
        break;
    default:
        break;
    }
}

const struct view_ops view_meetings = {
    .tab = "Meetings",
    .columns = columns,
    .has_steps = true,
    .empty = "No meeting yet. Press n to plan the first.",
    .load = load,
    .release = release,
    .row_id = row_id,
    .cell = cell,
    .detail = detail,
    .target = target,
    .refuses = refuses,
    .act = act,
};

/* The Streams tab: livestreams, and under them what each platform says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "tui/private.h"

enum { COLUMN_TITLE, COLUMN_STARTS, COLUMN_PLATFORMS, COLUMN_STATUS };

static const struct list_column columns[] = {
    { "Title", 14, 4, 9 },  { "Starts", 16, 0, 4 }, { "Platforms", 14, 1, 2 },
    { "Status", 15, 0, 8 }, { NULL, 0, 0, 0 },
};

static const struct livestream *row(const struct view *v, size_t i)
{
    return i < v->list.count ? &((const struct livestream *)v->rows)[i] : NULL;
}

static const struct livestream *chosen(const struct view *v)
{
    return row(v, v->list.cursor);
}

static bool load(struct console *c, const struct record_filter *f, void **rows, size_t *count,
                 struct error *err)
{
    struct livestream *list = NULL;

    if (!c->source->livestreams(c->source->self, f, &list, count, err))
        return false;
    *rows = list;
    return true;
}

static void release(void *rows, size_t count)
{
    struct livestream *list = rows;

    for (size_t i = 0; i < count; i++)
        livestream_release(&list[i]);
    free(list);
}

static struct id row_id(const struct view *v, size_t i)
{
    return row(v, i)->id;
}

static void status_text(const struct view *v, const struct livestream *l, struct list_cell *out)
{
    const struct paint *p = &v->console->paint;
    size_t live = livestream_count(l, TARGET_LIVE), failed = livestream_count(l, TARGET_FAILED);
    enum glyph mark = GLYPH_WAITING;
    char words[60] = "scheduled";

    out->look = LOOK_WAITING;
    if (l->status == LIVESTREAM_ENDED) {
        mark = GLYPH_ENDED;
        out->look = LOOK_ENDED;
        snprintf(words, sizeof words, "ended");
    } else if (l->status == LIVESTREAM_LIVE && l->stop_asked) {
        mark = GLYPH_BUSY;
        snprintf(words, sizeof words, "stopping");
    } else if (l->status == LIVESTREAM_LIVE) {
        mark = GLYPH_LIVE;
        out->look = LOOK_LIVE;
        if (live < l->target_count)
            snprintf(words, sizeof words, "live %zu of %zu", live, l->target_count);
        else
            snprintf(words, sizeof words, "live");
    } else if (failed > 0) {
        mark = GLYPH_FAILED;
        out->look = LOOK_FAILED;
        if (failed < l->target_count)
            snprintf(words, sizeof words, "%zu of %zu failed", failed, l->target_count);
        else
            snprintf(words, sizeof words, "failed");
    } else if (l->start_asked) {
        mark = GLYPH_BUSY;
        snprintf(words, sizeof words, "starting");
    } else if (l->start_ms == 0) {
        snprintf(words, sizeof words, "draft");
    }
    snprintf(out->text, sizeof out->text, "%s %s", paint_glyph(p, mark), words);
}

static void cell(void *context, size_t i, int column, int width, struct list_cell *out)
{
    const struct view *v = context;
    const struct livestream *l = row(v, i);

    switch (column) {
    case COLUMN_TITLE:
        text_copy_to(out->text, sizeof out->text, l->title);
        break;
    case COLUMN_STARTS:
        if (l->start_ms > 0)
            when_text(console_zone(v->console), l->start_ms, out->text, sizeof out->text);
        else
            text_copy_to(out->text, sizeof out->text, "by hand");
        break;
    case COLUMN_PLATFORMS:
        target_names(&v->console->paint, l->targets, l->target_count, width, out->text,
                     sizeof out->text);
        break;
    default:
        status_text(v, l, out);
        break;
    }
}

static void detail(struct console *c, const struct view *v, struct detail *d)
{
    const struct livestream *l = chosen(v);
    char text[80];

    text_copy_to(d->title, sizeof d->title, l->title);
    target_lines(c, l->targets, l->target_count, PLATFORM_RESTREAM, false, d);
    if (!c->in_detail)
        return;
    if (l->start_ms > 0) {
        when_text(console_zone(c), l->start_ms, text, sizeof text);
        detail_fact(d, "Starts", text);
    }
    if (l->end_ms > 0) {
        when_text(console_zone(c), l->end_ms, text, sizeof text);
        detail_fact(d, "Ends", text);
    }
    for (size_t i = 0; i < l->target_count; i++) {
        if (l->targets[i].ingest_url[0] != '\0') {
            snprintf(text, sizeof text, "%s (for %s)", l->targets[i].ingest_url,
                     platform_name(l->targets[i].platform));
            detail_fact(d, "Encoder", text);
        }
    }
    detail_fact(d, "Thumbnail", l->thumbnail);
    detail_fact(d, "About", l->description);
}

static const struct target *target(const struct view *v, size_t i)
{
    const struct livestream *l = chosen(v);

    return l != NULL && i < l->target_count ? &l->targets[i] : NULL;
}

static bool any_link(const struct livestream *l)
{
    for (size_t i = 0; i < l->target_count; i++) {
        if (l->targets[i].url[0] != '\0')
            return true;
    }
    return false;
}

static bool refuses(struct console *c, const struct view *v, enum action a, char *why, size_t size)
{
    static const struct {
        enum action action;
        enum livestream_act act;
    } acts[] = { { ACTION_START, LIVESTREAM_START },
                 { ACTION_STOP, LIVESTREAM_STOP },
                 { ACTION_RETRY, LIVESTREAM_RETRY },
                 { ACTION_EDIT, LIVESTREAM_EDIT },
                 { ACTION_DELETE, LIVESTREAM_DELETE } };
    const struct livestream *l = chosen(v);
    const struct target *t;

    if (a == ACTION_NEW)
        return false;
    if (l == NULL) {
        snprintf(why, size, "No livestream is chosen. Press n to plan one.");
        return true;
    }
    if (a == ACTION_LINKS && !any_link(l)) {
        snprintf(why, size,
                 "%s has no links yet: each platform gives its own once it has made the broadcast.",
                 l->title);
        return true;
    }
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        struct error err;

        if (acts[i].action == a && !livestream_allows(l, acts[i].act, &err)) {
            console_words_of(&err, why, size);
            return true;
        }
    }
    t = a == ACTION_RETRY ? target_to_retry(v, c->in_detail) : NULL;
    if (a == ACTION_RETRY && (t == NULL || t->status != TARGET_FAILED)) {
        snprintf(why, size, "%s has not failed, so there is nothing to try again.",
                 t != NULL ? platform_name(t->platform) : l->title);
        return true;
    }
    return false;
}

static void act(struct console *c, struct view *v, enum action a)
{
    const struct livestream *l = chosen(v);
    const struct target *t;
    char doing[160];

    switch (a) {
    case ACTION_NEW:
        form_record_new(c, SUBJECT_LIVESTREAM);
        break;
    case ACTION_EDIT:
        form_livestream_edit(c, l);
        break;
    case ACTION_START:
        snprintf(doing, sizeof doing, "Starting %s", l->title);
        run_words(c, (const char *[]){ "livestream", "start", l->id.hex }, 3, doing);
        break;
    case ACTION_STOP:
        snprintf(doing, sizeof doing, "Stopping %s", l->title);
        run_words(c, (const char *[]){ "livestream", "stop", l->id.hex }, 3, doing);
        break;
    case ACTION_DELETE:
        snprintf(doing, sizeof doing, "Deleting %s", l->title);
        run_words(c, (const char *[]){ "livestream", "delete", l->id.hex }, 3, doing);
        break;
    case ACTION_RETRY:
        t = target_to_retry(v, c->in_detail);
        snprintf(doing, sizeof doing, "Trying %s again", platform_name(t->platform));
        run_words(c,
                  (const char *[]){ "livestream", "retry", l->id.hex, platform_slug(t->platform) },
                  4, doing);
        break;
    default:
        break;
    }
}

const struct view_ops view_streams = {
    .tab = "Streams",
    .columns = columns,
    .has_steps = true,
    .empty = "No livestream yet. Press n to plan the first.",
    .load = load,
    .release = release,
    .row_id = row_id,
    .cell = cell,
    .detail = detail,
    .target = target,
    .refuses = refuses,
    .act = act,
};

/* The log pane: the newest events at the bottom, and back through all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "tui/private.h"

enum { SLUG_COLUMNS = 11, NARROW = 60 };

static void free_events(struct event *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        event_release(&list[i]);
    free(list);
}

static bool read_events(struct console *c, int64_t after, int64_t before, size_t limit, bool newest,
                        struct event **out, size_t *count, struct error *err)
{
    struct event_filter f = { .after = after,
                              .before = before,
                              .level = c->log.level,
                              .platform = c->log.platform,
                              .limit = limit,
                              .newest = newest };

    return c->source->events(c->source->self, &f, out, count, err);
}

bool log_load(struct console *c, struct error *err)
{
    struct log_pane *log = &c->log;
    struct event *list = NULL;
    size_t count = 0;

    if (!read_events(c, 0, log->before, (size_t)(log->rows > 0 ? log->rows : 40), true, &list,
                     &count, err))
        return false;
    free_events(log->events, log->count);
    log->events = list;
    log->count = count;
    return true;
}

static void reload(struct console *c)
{
    struct error err;

    if (!log_load(c, &err))
        console_say_error(c, &err);
}

/* Up: to before the newest that is shown, if there is an older one than the oldest. Down: to behind
 * it. */
void log_scroll(struct console *c, int by)
{
    struct log_pane *log = &c->log;
    struct event *list = NULL;
    size_t count = 0, want = (size_t)abs(by);
    struct error err;
    bool fine;

    if (log->count == 0)
        return;
    if (by < 0)
        fine = read_events(c, 0, log->events[0].id, want, true, &list, &count, &err);
    else
        fine = read_events(c, log->events[log->count - 1].id, 0, want, false, &list, &count, &err);
    if (!fine) {
        console_say_error(c, &err);
        return;
    }
    if (by < 0 && count > 0 && count < log->count)
        log->before = log->events[log->count - count].id;
    else if (by < 0 && count > 0)
        log->before = log->events[0].id;
    else if (by > 0)
        log->before = count < want || count == 0 ? 0 : list[count - 1].id + 1;
    free_events(list, count);
    reload(c);
}

void log_end(struct console *c, bool newest)
{
    struct event *list = NULL;
    size_t count = 0;
    struct error err;

    c->log.before = 0;
    if (!newest && read_events(c, 0, 0, (size_t)(c->log.rows > 0 ? c->log.rows : 1), false, &list,
                               &count, &err)) {
        c->log.before = count > 0 ? list[count - 1].id + 1 : 0;
        free_events(list, count);
    }
    reload(c);
}

void log_next_level(struct console *c)
{
    c->log.level = c->log.level < EVENT_WARNING    ? EVENT_WARNING
                   : c->log.level == EVENT_WARNING ? EVENT_ERROR
                                                   : -1;
    c->log.before = 0;
    reload(c);
}

void log_next_platform(struct console *c)
{
    int p = c->log.platform;

    do {
        p = p + 1 < PLATFORM_COUNT ? p + 1 : -1;
    } while (p >= 0 && c->source->platform(c->source->self, (enum platform_id)p) == NULL);
    c->log.platform = p;
    c->log.before = 0;
    reload(c);
}

static void draw_event(struct console *c, const struct event *e, struct rect r)
{
    static const struct {
        enum glyph mark;
        enum look look;
    } of[] = { [EVENT_INFO] = { GLYPH_COUNT, LOOK_TEXT },
               [EVENT_WARNING] = { GLYPH_WARNING, LOOK_WARNING },
               [EVENT_ERROR] = { GLYPH_FAILED, LOOK_FAILED } };
    struct paint *p = &c->paint;
    char at[40], text[1200];
    int x = r.x + 1;

    zone_when(at, sizeof at, console_zone(c), e->at_ms, clock_now());
    if (strcmp(at, "today") == 0)
        zone_clock(at, sizeof at, console_zone(c), e->at_ms, true);
    else if (strlen(at) > 4 && at[3] == ' ')
        memmove(at, at + 4, strlen(at + 4) + 1); /* without the weekday */
    paint_text(p, r.y, x, 8, LOOK_DIM, at);
    x += 9;
    if (e->level != EVENT_INFO)
        paint_text(p, r.y, x, 1, of[e->level].look, paint_glyph(p, of[e->level].mark));
    x += 2;
    if (r.columns >= NARROW) {
        if (e->platform >= 0)
            paint_text(p, r.y, x, SLUG_COLUMNS, LOOK_DIM,
                       platform_slug((enum platform_id)e->platform));
        x += SLUG_COLUMNS + 1;
    }
    snprintf(text, sizeof text, "%s%s%s", e->text, e->remedy[0] != '\0' ? "  " : "", e->remedy);
    paint_text(p, r.y, x, r.x + r.columns - x - 1, of[e->level].look, text);
}

static void draw_title(struct console *c, struct rect r)
{
    const struct log_pane *log = &c->log;
    const char *dot = paint_glyph(&c->paint, GLYPH_DOT);
    char title[160], right[120] = "";
    size_t used = (size_t)snprintf(title, sizeof title, "Log");

    if (log->level >= 0)
        used += (size_t)snprintf(title + used, sizeof title - used, " %s %s", dot,
                                 log->level == EVENT_ERROR ? "errors" : "warnings and errors");
    if (log->platform >= 0)
        used += (size_t)snprintf(title + used, sizeof title - used, " %s %s", dot,
                                 platform_name((enum platform_id)log->platform));
    if (log->before != 0)
        snprintf(title + used, sizeof title - used, " %s earlier", dot);
    if (c->news.warnings + c->news.errors > 0)
        snprintf(right, sizeof right, "%lld warning%s %s %lld error%s today",
                 (long long)c->news.warnings, c->news.warnings == 1 ? "" : "s", dot,
                 (long long)c->news.errors, c->news.errors == 1 ? "" : "s");
    paint_title(&c->paint, (struct rect){ r.y, r.x, 1, r.columns }, title, right,
                c->news.errors > 0 ? LOOK_FAILED : LOOK_WARNING);
}

void log_draw(struct console *c, struct rect r, bool title)
{
    struct log_pane *log = &c->log;
    struct rect row = { r.y, r.x, 1, r.columns };
    size_t first;

    if (r.rows <= 0)
        return;
    if (title) {
        draw_title(c, r);
        row.y++;
        r.rows--;
    }
    if (r.rows > log->rows) {
        log->rows = r.rows;
        reload(c);
    }
    log->rows = r.rows;
    first = log->count > (size_t)r.rows ? log->count - (size_t)r.rows : 0;
    for (size_t i = first; i < log->count; i++, row.y++)
        draw_event(c, &log->events[i], row);
    if (log->count == 0)
        paint_text(&c->paint, row.y, r.x + 1, r.columns - 2, LOOK_DIM,
                   log->level >= 0 || log->platform >= 0
                       ? "Nothing of this kind. l and p show other lines."
                       : "Nothing has happened yet.");
}

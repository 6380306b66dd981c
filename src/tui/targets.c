/* What streams and meetings show alike: one platform's part. */
#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/base/zone.h>

#include "tui/private.h"

/* A live target that was last asked about longer ago than this is no news any more. */
enum { STALE_MS = 3 * 60 * 1000 };

void when_text(const char *zone, int64_t ms, char *out, size_t size)
{
    char day[40], hour[40];

    zone_when(day, sizeof day, zone, ms, clock_now());
    zone_clock(hour, sizeof hour, zone, ms, false);
    snprintf(out, size, "%s %s", day, hour);
}

static struct detail_line *new_line(struct detail *d)
{
    struct detail_line *line;

    if (d->count == DETAIL_MOST)
        return NULL;
    line = &d->lines[d->count++];
    *line = (struct detail_line){ .target = -1, .look = LOOK_TEXT, .text_look = LOOK_TEXT };
    return line;
}

void detail_fact(struct detail *d, const char *name, const char *text)
{
    struct detail_line *line;

    if (text == NULL || *text == '\0' || (line = new_line(d)) == NULL)
        return;
    text_copy_to(line->name, sizeof line->name, name);
    text_copy_to(line->text, sizeof line->text, text);
    line->wraps = true;
}

static void status_look(const struct target *t, struct detail_line *line)
{
    static const struct {
        enum glyph mark;
        enum look look;
    } of[] = { [TARGET_PENDING] = { GLYPH_WAITING, LOOK_WAITING },
               [TARGET_LIVE] = { GLYPH_LIVE, LOOK_LIVE },
               [TARGET_ENDED] = { GLYPH_ENDED, LOOK_ENDED },
               [TARGET_FAILED] = { GLYPH_FAILED, LOOK_FAILED } };
    bool moving = (t->wish == WISH_LIVE && t->status == TARGET_PENDING) ||
                  (t->wish >= WISH_ENDED && t->status == TARGET_LIVE);
    const char *word = target_status_name(t->status, t->kind);

    line->mark = moving ? GLYPH_BUSY : of[t->status].mark;
    line->look = of[t->status].look;
    if (moving)
        word = t->wish == WISH_LIVE         ? "starting"
               : t->kind == SUBJECT_MEETING ? "ending"
                                            : "stopping";
    else if (t->status == TARGET_PENDING && t->remote_id[0] != '\0')
        word = "ready";
    text_copy_to(line->status, sizeof line->status, word);
}

/* "attempt 3, next 10:28:48"; where nothing has failed, "looked at again 10:28:48". */
static void attempt_text(struct console *c, const struct target *t, char *out, size_t size)
{
    char at[40];

    out[0] = '\0';
    if (t->next_attempt_ms <= 0)
        return;
    zone_clock(at, sizeof at, console_zone(c), t->next_attempt_ms, true);
    if (t->error_kind != ERROR_NONE)
        snprintf(out, size, "attempt %d, next %s", t->attempts + 1, at);
    else
        snprintf(out, size, "looked at again %s", at);
}

static void explain(struct console *c, const struct target *t, struct detail_line *line)
{
    char again[80];

    attempt_text(c, t, again, sizeof again);
    if (t->error[0] != '\0') {
        bool failed = t->status == TARGET_FAILED;

        snprintf(line->text, sizeof line->text, "%s%s%s%s%s%s", t->error,
                 t->remedy[0] != '\0' ? "  " : "", t->remedy, again[0] != '\0' ? "  (" : "", again,
                 again[0] != '\0' ? ")" : "");
        line->text_look = failed ? LOOK_TEXT : LOOK_WARNING;
        line->wraps = true;
        return;
    }
    if (t->note[0] != '\0' || again[0] != '\0') {
        snprintf(line->text, sizeof line->text, "%s%s%s", t->note,
                 t->note[0] != '\0' && again[0] != '\0' ? ", " : "", again);
        line->text_look = LOOK_WARNING;
        line->wraps = true;
        return;
    }
    text_copy_to(line->text, sizeof line->text, t->url);
    line->text_look = LOOK_LINK;
}

static void one_target(struct console *c, const struct target *t, int index, bool primary,
                       struct detail *d)
{
    struct detail_line *line = new_line(d);

    if (line == NULL)
        return;
    line->target = index;
    text_copy_to(line->name, sizeof line->name, platform_name(t->platform));
    status_look(t, line);
    if (primary)
        text_copy_to(line->figure, sizeof line->figure, "primary");
    else if (t->status == TARGET_LIVE && t->kind == SUBJECT_LIVESTREAM && t->viewers >= 0)
        snprintf(line->figure, sizeof line->figure, "%lld watching", (long long)t->viewers);
    explain(c, t, line);
    if (t->checked_ms > 0 && t->status != TARGET_ENDED) {
        char at[40];
        bool stale = t->status == TARGET_LIVE && clock_now() - t->checked_ms > STALE_MS;

        zone_clock(at, sizeof at, console_zone(c), t->checked_ms, true);
        snprintf(line->right, sizeof line->right, stale ? "not heard of since %s" : "checked %s",
                 at);
    }
}

void target_lines(struct console *c, const struct target *t, size_t count, enum platform_id primary,
                  bool has_primary, struct detail *d)
{
    for (size_t i = 0; i < count; i++)
        one_target(c, &t[i], (int)i, has_primary && t[i].platform == primary, d);
}

/* "YouTube Facebook +2": as many names as fit. */
void target_names(const struct paint *p, const struct target *t, size_t count, int width, char *out,
                  size_t size)
{
    size_t used = 0, shown = 0;

    out[0] = '\0';
    while (shown < count) {
        const char *name = platform_name(t[shown].platform);
        size_t left = count - shown - 1;
        int tail = left > 0 ? 3 : 0; /* room for " +2" */

        if (paint_width(p, out) + (shown > 0 ? 1 : 0) + (int)strlen(name) + tail > width &&
            shown > 0)
            break;
        used += (size_t)snprintf(out + used, size - used, "%s%s", shown > 0 ? " " : "", name);
        shown++;
    }
    if (shown < count)
        snprintf(out + used, size - used, " +%zu", count - shown);
}

const struct target *target_to_retry(const struct view *v, bool in_detail)
{
    const struct target *t;

    if (in_detail)
        return v->ops->target(v, v->target);
    for (size_t i = 0; (t = v->ops->target(v, i)) != NULL; i++) {
        if (t->status == TARGET_FAILED)
            return t;
    }
    return NULL;
}

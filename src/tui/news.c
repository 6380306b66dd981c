/* What has come since the last look: how many warnings and errors today, and the failure to be
 * noticed. Events are read once each, so that a long log costs nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "tui/private.h"

enum { NEWS_AT_ONCE = 500 };

static int64_t midnight(const struct console *c)
{
    struct zone_time local;

    zone_local(console_zone(c), clock_now(), &local);
    local.hour = local.minute = local.second = 0;
    return zone_instant(console_zone(c), &local);
}

/* The id of the first or last event that the filter finds; 0 when there is none. */
static bool one_id(struct console *c, struct event_filter f, int64_t *id, struct error *err)
{
    struct event *list = NULL;
    size_t count = 0;

    f.limit = 1;
    f.platform = -1;
    if (!c->source->events(c->source->self, &f, &list, &count, err))
        return false;
    *id = count > 0 ? list[0].id : 0;
    if (count > 0)
        event_release(&list[0]);
    free(list);
    return true;
}

static void take(struct console *c, const struct event *e, bool first)
{
    struct news *n = &c->news;

    if (e->at_ms >= n->day_ms) {
        n->warnings += e->level == EVENT_WARNING;
        n->errors += e->level == EVENT_ERROR;
    }
    /* What was before this console is told by the lists. */
    if (first || e->level != EVENT_ERROR)
        return;
    n->notice_id = e->id;
    snprintf(n->notice, sizeof n->notice, "%s%s%s", e->text, e->remedy[0] != '\0' ? "  " : "",
             e->remedy);
}

/* Those of (upto, newest] that are more than information. */
static bool read_between(struct console *c, int64_t newest, bool first, struct error *err)
{
    struct news *n = &c->news;

    while (n->upto < newest) {
        struct event_filter f = { .after = n->upto,
                                  .before = newest + 1,
                                  .level = EVENT_WARNING,
                                  .platform = -1,
                                  .limit = NEWS_AT_ONCE };
        struct event *list = NULL;
        size_t count = 0;

        if (!c->source->events(c->source->self, &f, &list, &count, err))
            return false;
        for (size_t i = 0; i < count; i++)
            take(c, &list[i], first);
        n->upto = count == NEWS_AT_ONCE ? list[count - 1].id : newest;
        for (size_t i = 0; i < count; i++)
            event_release(&list[i]);
        free(list);
    }
    return true;
}

bool news_load(struct console *c, struct error *err)
{
    struct news *n = &c->news;
    int64_t today = midnight(c), newest, begin;
    bool first = !n->begun;

    if (!one_id(c, (struct event_filter){ .level = -1, .newest = true }, &newest, err))
        return false;
    if (first) {
        if (!one_id(c, (struct event_filter){ .level = -1, .since_ms = today }, &begin, err))
            return false;
        n->upto = begin > 0 ? begin - 1 : newest;
        n->begun = true;
    }
    if (today != n->day_ms)
        n->warnings = n->errors = 0;
    n->day_ms = today;
    return read_between(c, newest, first, err);
}

void news_seen(struct console *c)
{
    c->news.notice_id = 0;
}

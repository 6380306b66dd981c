#include "platform/repeat.h"

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/zone.h>

bool repeat_read(struct repeat *r, const struct call *call, const struct meeting *m,
                 const struct target *t, int most, struct error *err)
{
    int64_t length = m->end_ms - m->start_ms;
    int last;

    memset(r, 0, sizeof(*r));
    r->due = *m;
    r->first_ms = m->start_ms;
    r->until_ms = m->end_ms;
    text_copy_to(r->zone, sizeof(r->zone), zone_known(call->zone) ? call->zone : "UTC");
    if (!series_read(&r->series, t->platform, t->settings, err) ||
        !series_check(&r->series, t->platform, r->zone, m->start_ms, most, err))
        return false;
    last = series_count(&r->series, r->zone, m->start_ms) - 1;
    r->index = series_due(&r->series, r->zone, m->start_ms, length, call->now_ms);
    r->due.start_ms = series_start(&r->series, r->zone, m->start_ms, r->index);
    r->due.end_ms = r->due.start_ms + length;
    r->until_ms = series_start(&r->series, r->zone, m->start_ms, last) + length;
    return true;
}

bool repeat_read_utc(struct repeat *r, const struct call *call, const struct meeting *m,
                     const struct target *t, int most, struct error *err)
{
    struct call elsewhere = *call;

    elsewhere.zone = "UTC";
    return repeat_read(r, &elsewhere, m, t, most, err);
}

bool repeat_zone_refused(const struct repeat *r, const struct error *why)
{
    return repeat_is_series(r) && !text_equal(r->zone, "UTC") && why->kind == ERROR_INVALID &&
           (strcasestr(why->message, "timezone") || strcasestr(why->message, "time zone") ||
            strcasestr(why->code, "timezone"));
}

bool repeat_check(const struct meeting *m, const struct target *t, int most, struct error *err)
{
    struct series s;

    return series_read(&s, t->platform, t->settings, err) &&
           series_check(&s, t->platform, NULL, m->start_ms, most, err);
}

bool repeat_is_series(const struct repeat *r)
{
    return r->series.unit != SERIES_NONE;
}

int64_t repeat_next(const struct repeat *r, int64_t now_ms)
{
    if (r->due.start_ms > now_ms)
        return r->due.start_ms;
    return repeat_comes_again(r) ? series_start(&r->series, r->zone, r->first_ms, r->index + 1) : 0;
}

bool repeat_comes_again(const struct repeat *r)
{
    return r->due.end_ms < r->until_ms;
}

void repeat_text(const struct repeat *r, struct text *out)
{
    const struct series *s = &r->series;

    if (repeat_is_series(r))
        text_addf(out, "%d %d %d %d-%d-%d %lld %lld %s", (int)s->unit, s->interval, s->count,
                  s->year, s->month, s->day, (long long)r->first_ms,
                  (long long)(r->due.end_ms - r->due.start_ms), r->zone);
}

void repeat_day(const char *zone, int64_t ms, char out[16])
{
    struct zone_time at;

    zone_local(zone, ms, &at);
    snprintf(out, 16, "%04u-%02u-%02u", (unsigned)at.year % 10000, (unsigned)at.month % 100,
             (unsigned)at.day % 100);
}

void repeat_wall(const char *zone, int64_t ms, char out[24])
{
    struct zone_time at;
    char day[16];

    zone_local(zone, ms, &at);
    repeat_day(zone, ms, day);
    snprintf(out, 24, "%.10sT%02u:%02u:%02u", day, (unsigned)at.hour % 100,
             (unsigned)at.minute % 100, (unsigned)at.second % 100);
}

void repeat_note(const struct repeat *r, const struct call *call, struct outcome *out)
{
    char day[40], hour[40];
    int count;

    if (!repeat_is_series(r) || *out->note || call->now_ms >= r->until_ms ||
        call->now_ms >= r->due.start_ms)
        return;
    count = series_count(&r->series, r->zone, r->due.start_ms);
    zone_when(day, sizeof(day), r->zone, r->due.start_ms, call->now_ms);
    zone_clock(hour, sizeof(hour), r->zone, r->due.start_ms, false);
    if (r->series.count)
        kit_note(out, "Repeats; number %d of %d is %s at %s.", r->index + 1, r->series.count, day,
                 hour);
    else
        kit_note(out, "Repeats; %d more, the next %s at %s.", count, day, hour);
}

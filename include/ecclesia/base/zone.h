/* Local time in a named zone (IANA id), by libical and the system's zone data. Any thread. */
#ifndef ECCLESIA_BASE_ZONE_H
#define ECCLESIA_BASE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ecclesia/base/error.h>

struct zone_time {
    int year, month, day; /* month 1–12, day 1–31 */
    int hour, minute, second;
    int weekday; /* 0 Sunday … 6 Saturday */
};

bool zone_known(const char *zone);
/* Zone NULL or unknown: UTC. */
void zone_local(const char *zone, int64_t ms, struct zone_time *out);
/* The instant of a wall time there. A time that a switch to summer time skips is moved on by the
 * gap; of a time that comes twice the first is meant. Fields out of range are normalised (day 32,
 * minute -5). */
int64_t zone_instant(const char *zone, const struct zone_time *local);

/* For people: "10:28", "10:28:37"; a day as "today", "tomorrow", "Wed 25 Nov", "25 Nov 2027" seen
 * from now. out needs 40 bytes. */
void zone_clock(char *out, size_t size, const char *zone, int64_t ms, bool seconds);
void zone_when(char *out, size_t size, const char *zone, int64_t ms, int64_t now_ms);

/* WHEN, as people and scripts write it: now · today 10:00 · tomorrow 19:30 · sun 9:30 (the next
 * such day; today counts when the time is still to come) · 10:00 (today, or tomorrow when past) ·
 * 2026-11-29 10:00 · RFC 3339 · +90m, +2h, +3d. ERROR_INPUT names what was not understood and shows
 * the forms. */
bool zone_parse_when(const char *s, const char *zone, int64_t now_ms, int64_t *ms,
                     struct error *err);

#endif

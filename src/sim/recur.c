/* Series in calendars: the days a rule falls on, by the clocks of its zone. Google says the rule in
 * RFC 5545's words, Graph in an object; both become a struct sim_recur. */
#include "sim/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

enum { DAYS_MAX = 3660 };

static const char day_names[] = "SUMOTUWETHFRSA";

static int day_number(const char *two)
{
    for (int i = 0; i < 7; i++)
        if (strncmp(day_names + 2 * i, two, 2) == 0)
            return i;
    return -1;
}

/* "WE", "SU,WE", "1SU", "-1SU". */
static bool read_days(struct sim_recur *r, const char *value)
{
    for (const char *at = value;; at++) {
        char *end = NULL;
        long nth = strtol(at, &end, 10);
        int day = day_number(end);
        if (day < 0 || nth < -1 || nth > 5 || (nth == 0 && end != at))
            return false;
        r->weekdays |= 1u << day;
        if (nth != 0)
            r->nth = (int)nth;
        at = end + 2;
        if (*at == '\0')
            return true;
        if (*at != ',')
            return false;
    }
}

/* "20270331T235959Z", or a day alone, which counts to its end. */
static bool read_until(struct sim_recur *r, const char *value)
{
    struct zone_time t;
    int got = 0;

    memset(&t, 0, sizeof t);
    t.hour = 23;
    t.minute = t.second = 59;
    if (sscanf(value, "%4d%2d%2d%n", &t.year, &t.month, &t.day, &got) != 3 || got != 8)
        return false;
    if (value[8] != '\0' &&
        (sscanf(value + 8, "T%2d%2d%2dZ%n", &t.hour, &t.minute, &t.second, &got) != 3 || got != 8 ||
         value[16] != '\0'))
        return false;
    r->until_ms = zone_instant(value[8] != '\0' ? NULL : r->zone, &t);
    return true;
}

static bool read_number(const char *value, long least, long most, int *out)
{
    char *end = NULL;
    long number = strtol(value, &end, 10);

    *out = (int)number;
    return end != value && *end == '\0' && number >= least && number <= most;
}

static bool read_part(struct sim_recur *r, const char *name, const char *value)
{
    if (strcmp(name, "FREQ") == 0) {
        static const char *const units[] = { "DAILY", "WEEKLY", "MONTHLY", "YEARLY" };
        for (int i = 0; i < 4; i++)
            if (strcmp(units[i], value) == 0)
                r->unit = "dwmy"[i];
        return r->unit != '\0';
    }
    if (strcmp(name, "INTERVAL") == 0)
        return read_number(value, 1, 1000, &r->interval);
    if (strcmp(name, "COUNT") == 0)
        return r->until_ms == 0 && read_number(value, 1, 10000, &r->count);
    if (strcmp(name, "UNTIL") == 0)
        return r->count == 0 && read_until(r, value);
    if (strcmp(name, "BYDAY") == 0)
        return read_days(r, value);
    if (strcmp(name, "BYMONTHDAY") == 0)
        return read_number(value, 1, 31, &r->month_day);
    if (strcmp(name, "BYSETPOS") == 0)
        return read_number(value, -1, 5, &r->nth) && r->nth != 0;
    if (strcmp(name, "BYMONTH") == 0)
        return read_number(value, 1, 12, &r->month);
    if (strcmp(name, "WKST") == 0)
        return (r->week_start = day_number(value)) >= 0;
    return false; /* what the simulator cannot follow it had better not take */
}

bool sim_recur_rrule(struct sim_recur *r, const char *rule)
{
    char part[80];

    r->interval = 1;
    r->week_start = 1;
    for (const char *at = rule;;) {
        size_t length = strcspn(at, ";");
        if (length == 0 || length >= sizeof part)
            return false;
        memcpy(part, at, length);
        part[length] = '\0';
        char *equals = strchr(part, '=');
        if (equals == NULL)
            return false;
        *equals = '\0';
        if (!read_part(r, part, equals + 1))
            return false;
        at += length;
        if (*at == '\0')
            return r->unit != '\0';
        at++;
    }
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool weekday_fits(const struct sim_recur *r, const struct zone_time *first,
                         const struct zone_time *day)
{
    unsigned wanted = r->weekdays != 0 ? r->weekdays : 1u << first->weekday;

    return (wanted >> day->weekday & 1u) != 0;
}

static bool month_fits(const struct sim_recur *r, const struct zone_time *first,
                       const struct zone_time *day)
{
    if (r->nth == 0)
        return r->weekdays != 0 ? weekday_fits(r, first, day)
                                : day->day == (r->month_day > 0 ? r->month_day : first->day);
    if (!weekday_fits(r, first, day))
        return false;
    return r->nth < 0 ? day->day + 7 > days_in_month(day->year, day->month)
                      : (day->day - 1) / 7 + 1 == r->nth;
}

/* Does the rule fall on this day, `offset` days after the first? */
static bool day_fits(const struct sim_recur *r, const struct zone_time *first,
                     const struct zone_time *day, int offset)
{
    int months = (day->year - first->year) * 12 + day->month - first->month;
    int into_week = (first->weekday - r->week_start + 7) % 7;

    switch (r->unit) {
    case 'd':
        return offset % r->interval == 0 && (r->weekdays == 0 || weekday_fits(r, first, day));
    case 'w':
        return (offset + into_week) / 7 % r->interval == 0 && weekday_fits(r, first, day);
    case 'm':
        return months % r->interval == 0 && month_fits(r, first, day);
    default:
        return (day->year - first->year) % r->interval == 0 &&
               day->month == (r->month > 0 ? r->month : first->month) && month_fits(r, first, day);
    }
}

size_t sim_recur_expand(const struct sim_recur *r, int64_t from, int64_t to, int64_t *out,
                        size_t room)
{
    struct zone_time first;
    size_t found = 0;
    int count = 0;

    zone_local(r->zone, r->start_ms, &first);
    for (int offset = 0; offset < DAYS_MAX && found < room; offset++) {
        struct zone_time day = first;
        day.day += offset;
        int64_t at = zone_instant(r->zone, &day);
        zone_local(r->zone, at, &day);
        if (at >= to || (r->until_ms != 0 && at > r->until_ms) ||
            (r->count != 0 && count == r->count))
            break;
        /* The first one counts also where the rule would not name its day (RFC 5545). */
        if (offset > 0 && !day_fits(r, &first, &day, offset))
            continue;
        count++;
        if (at >= from)
            out[found++] = at;
    }
    return found;
}

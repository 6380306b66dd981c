/* Series of meetings (type 8): the rule, and the days it falls on, by the clocks of the meeting's
 * zone. */
#include "sim/zoom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

enum { OCCURRENCES_MAX = 50, DAYS_MAX = 3660 };

static bool wrong(struct sim_call *c, const char *field)
{
    sim_zoom_invalid(c, field, "Invalid field.");
    return false;
}

/* "1,4": 1 is Sunday. */
static bool weekdays_ok(const char *days)
{
    if (days == NULL || days[0] == '\0')
        return false;
    for (const char *at = days;; at++) {
        if (*at < '1' || *at > '7')
            return false;
        if (*++at == '\0')
            return true;
        if (*at != ',')
            return false;
    }
}

static bool number_ok(const cJSON *rule, const char *name, int64_t least, int64_t most)
{
    int64_t value;

    return json_at(rule, name) == NULL ||
           (json_int(rule, name, &value) && value >= least && value <= most);
}

bool sim_zoom_recurrence_ok(struct sim_call *c, const cJSON *rule)
{
    static const int64_t longest[] = { 0, 99, 50, 10 }; /* days, weeks, months between two */
    int64_t type = 0, end;
    const char *until = json_string(rule, "end_date_time");

    if (!json_int(rule, "type", &type) || type < 1 || type > 3)
        return wrong(c, "recurrence.type");
    if (!number_ok(rule, "repeat_interval", 1, longest[type]))
        return wrong(c, "recurrence.repeat_interval");
    if (!number_ok(rule, "end_times", 1, 60))
        return wrong(c, "recurrence.end_times");
    if (until != NULL && (json_at(rule, "end_times") != NULL || !clock_parse_rfc3339(until, &end)))
        return wrong(c, "recurrence.end_date_time");
    if (type == 2 && json_at(rule, "weekly_days") != NULL &&
        !weekdays_ok(json_string(rule, "weekly_days")))
        return wrong(c, "recurrence.weekly_days");
    if (!number_ok(rule, "monthly_day", 1, 31) || !number_ok(rule, "monthly_week", -1, 4) ||
        !number_ok(rule, "monthly_week_day", 1, 7))
        return wrong(c, "recurrence.monthly_day");
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

static int64_t value_or(const cJSON *rule, const char *name, int64_t otherwise)
{
    int64_t value = otherwise;

    json_int(rule, name, &value);
    return value;
}

static bool month_fits(const cJSON *rule, const struct zone_time *first,
                       const struct zone_time *day)
{
    int64_t week = value_or(rule, "monthly_week", 0);

    if (week == 0)
        return day->day == value_or(rule, "monthly_day", first->day);
    if (day->weekday + 1 != value_or(rule, "monthly_week_day", first->weekday + 1))
        return false;
    return week == -1 ? day->day + 7 > days_in_month(day->year, day->month)
                      : (day->day - 1) / 7 + 1 == week;
}

/* Does the rule fall on this day, `offset` days after the first? */
static bool day_fits(const cJSON *rule, const struct zone_time *first, const struct zone_time *day,
                     int offset)
{
    int64_t interval = value_or(rule, "repeat_interval", 1);
    const char *weekdays = json_string(rule, "weekly_days");
    char digit[2] = { (char)('1' + day->weekday), '\0' };
    int months = (day->year - first->year) * 12 + day->month - first->month;

    switch (value_or(rule, "type", 1)) {
    case 1:
        return offset % interval == 0;
    case 2:
        if ((offset + first->weekday) / 7 % interval != 0)
            return false;
        return weekdays != NULL ? strstr(weekdays, digit) != NULL : day->weekday == first->weekday;
    default:
        return months % interval == 0 && month_fits(rule, first, day);
    }
}

static void add(cJSON *list, int64_t at, const cJSON *duration)
{
    cJSON *one = cJSON_CreateObject();
    char id[24];

    snprintf(id, sizeof id, "%lld", (long long)at);
    cJSON_AddStringToObject(one, "occurrence_id", id);
    sim_put_time(one, "start_time", at);
    cJSON_AddItemToObject(one, "duration", cJSON_Duplicate(duration, true));
    cJSON_AddStringToObject(one, "status", "available");
    cJSON_AddItemToArray(list, one);
}

void sim_zoom_occurrences(struct sim_object *o)
{
    const cJSON *rule = json_at(o->fields, "recurrence");
    const char *zone = json_string(o->fields, "timezone"),
               *until = json_string(rule, "end_date_time");
    int64_t count = value_or(rule, "end_times", OCCURRENCES_MAX), end = INT64_MAX;
    struct zone_time first;
    cJSON *list = cJSON_CreateArray();

    if (until != NULL)
        clock_parse_rfc3339(until, &end);
    zone_local(zone, o->start_ms, &first);
    for (int offset = 0; offset < DAYS_MAX && cJSON_GetArraySize(list) < count; offset++) {
        struct zone_time day = first;
        day.day += offset;
        int64_t at = zone_instant(zone, &day);
        zone_local(zone, at, &day);
        if (at > end || cJSON_GetArraySize(list) == OCCURRENCES_MAX)
            break;
        if (day_fits(rule, &first, &day, offset))
            add(list, at, json_at(o->fields, "duration"));
    }
    sim_put(o->fields, "occurrences", list);
}

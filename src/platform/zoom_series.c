/* A meeting that comes again, as Zoom says it: type 8 with a recurrence object, times on the clocks
 * of a zone, so that they stay over a switch to summer time. */
#include "platform/zoom.h"

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

static void add_rule(cJSON *rule, const struct repeat *r, const struct zone_time *first)
{
    char digit[2] = { (char)('1' + first->weekday), '\0' }; /* 1 is Sunday */

    switch (r->series.unit) {
    case SERIES_NONE:
        break;
    case SERIES_DAILY:
        cJSON_AddNumberToObject(rule, "type", 1);
        break;
    case SERIES_WEEKLY:
        cJSON_AddNumberToObject(rule, "type", 2);
        cJSON_AddStringToObject(rule, "weekly_days", digit);
        break;
    case SERIES_MONTHLY:
        cJSON_AddNumberToObject(rule, "type", 3);
        cJSON_AddNumberToObject(rule, "monthly_day", first->day);
        break;
    case SERIES_MONTHLY_WEEKDAY:
        cJSON_AddNumberToObject(rule, "type", 3);
        cJSON_AddNumberToObject(rule, "monthly_week", series_week(first->day));
        cJSON_AddNumberToObject(rule, "monthly_week_day", first->weekday + 1);
        break;
    }
    cJSON_AddNumberToObject(rule, "repeat_interval", r->series.interval);
}

/* Which of the series starts then; -1 none. */
static int index_of(const struct repeat *r, int64_t start_ms)
{
    int count = series_count(&r->series, r->zone, r->first_ms);

    for (int n = 0; repeat_is_series(r) && n < count; n++)
        if (series_start(&r->series, r->zone, r->first_ms, n) == start_ms)
            return n;
    return -1;
}

void zoom_series_onto(cJSON *body, const struct repeat *r, int64_t start_ms)
{
    int gone = index_of(r, start_ms);
    int64_t last = series_last_ms(&r->series, r->zone);
    char at[CLOCK_RFC3339_SIZE], wall[24];
    struct zone_time first;
    cJSON *rule;

    if (gone < 0)
        return;
    zone_local(r->zone, start_ms, &first);
    repeat_wall(r->zone, start_ms, wall);
    cJSON_ReplaceItemInObjectCaseSensitive(body, "type", cJSON_CreateNumber(8));
    cJSON_ReplaceItemInObjectCaseSensitive(body, "start_time", cJSON_CreateString(wall));
    json_add_string(body, "timezone", r->zone);
    rule = cJSON_AddObjectToObject(body, "recurrence");
    add_rule(rule, r, &first);
    if (last) {
        clock_rfc3339_s(at, last);
        json_add_string(rule, "end_date_time", at);
    } else {
        cJSON_AddNumberToObject(rule, "end_times", r->series.count - gone);
    }
}

static bool same_number(const cJSON *a, const cJSON *b, const char *key)
{
    int64_t x = 0, y = 0;
    bool has_x = json_int(a, key, &x), has_y = json_int(b, key, &y);

    return !has_x || (has_y && x == y);
}

bool zoom_series_same(const cJSON *wanted, const cJSON *has)
{
    static const char *const keys[] = { "type",        "repeat_interval", "weekly_days",
                                        "monthly_day", "monthly_week",    "monthly_week_day" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (!same_number(wanted, has, keys[i]))
            return false;
    return true;
}

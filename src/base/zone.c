#include <ecclesia/base/zone.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <libical/ical.h>

/* libical loads and expands a zone at its first use and keeps both in shared arrays, without a lock
 * of its own. Every call into it is made under this mutex. */
static pthread_mutex_t zone_mutex = PTHREAD_MUTEX_INITIALIZER;

enum { DAY = 86400 };

/* Mutex held. NULL stands for UTC. A name reaches a file name inside libical: only the letters of
 * real names pass. */
static icaltimezone *zone_find(const char *zone)
{
    static const char fine[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

    if (!zone || *zone == '\0' || *zone == '/' || strlen(zone) > 64 ||
        zone[strspn(zone, fine)] != '\0')
        return NULL;
    return icaltimezone_get_builtin_timezone(zone);
}

bool zone_known(const char *zone)
{
    bool known;

    if (zone && (strcmp(zone, "UTC") == 0 || strcmp(zone, "Etc/UTC") == 0))
        return true;
    pthread_mutex_lock(&zone_mutex);
    known = zone_find(zone) != NULL;
    pthread_mutex_unlock(&zone_mutex);
    return known;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of a date in the Gregorian calendar, and back. Howard Hinnant's algorithms.
 */
static int64_t days_of(int64_t year, int month, int64_t day)
{
    int64_t era, of_era, of_year;

    year -= month <= 2;
    era = floor_div(year, 400);
    of_era = year - era * 400;
    of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, struct zone_time *out)
{
    int64_t z = days + 719468, era = floor_div(z, 146097), of_era = z - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t shifted = (5 * of_year + 2) / 153;

    out->day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
    out->month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    out->year = (int)(year + era * 400 + (out->month <= 2));
    out->weekday = (int)(days + 4 - floor_div(days + 4, 7) * 7);
}

static void fields_of(int64_t seconds, struct zone_time *out)
{
    int64_t days = floor_div(seconds, DAY);
    int of_day = (int)(seconds - days * DAY);

    date_of(days, out);
    out->hour = of_day / 3600;
    out->minute = of_day / 60 % 60;
    out->second = of_day % 60;
}

/* Mutex held. Seconds east of UTC at that instant. */
static int offset_at(icaltimezone *zone, int64_t utc)
{
    struct icaltimetype t = icaltime_null_time();
    struct zone_time f;
    int summer;

    if (!zone)
        return 0;
    fields_of(utc, &f);
    t.year = f.year;
    t.month = f.month;
    t.day = f.day;
    t.hour = f.hour;
    t.minute = f.minute;
    t.second = f.second;
    t.zone = icaltimezone_get_utc_timezone();
    return icaltimezone_get_utc_offset_of_utc_time(zone, &t, &summer);
}

void zone_local(const char *zone, int64_t ms, struct zone_time *out)
{
    int64_t seconds = floor_div(ms, 1000);
    int offset;

    pthread_mutex_lock(&zone_mutex);
    offset = offset_at(zone_find(zone), seconds);
    pthread_mutex_unlock(&zone_mutex);
    fields_of(seconds + offset, out);
}

int64_t zone_instant(const char *zone, const struct zone_time *local)
{
    int64_t month = (int64_t)local->month - 1;
    int64_t year = local->year + floor_div(month, 12);
    int64_t wall, early, late, instant;
    icaltimezone *z;
    int before, after;

    month -= floor_div(month, 12) * 12;
    wall = days_of(year, (int)month + 1, local->day) * DAY + (int64_t)local->hour * 3600 +
           (int64_t)local->minute * 60 + local->second;
    pthread_mutex_lock(&zone_mutex);
    z = zone_find(zone);
    /* A day before and after, in whatever zone, lie on the two sides of a switch near the wall
     * time. */
    before = offset_at(z, wall - DAY);
    after = offset_at(z, wall + DAY);
    early = wall - before;
    late = wall - after;
    /* The offset before the switch is right up to the switch, gives the first of two, and moves on
     * what is skipped. */
    instant = early;
    if (before != after && offset_at(z, early) != before && offset_at(z, late) == after)
        instant = late;
    pthread_mutex_unlock(&zone_mutex);
    return instant * 1000;
}

void zone_clock(char *out, size_t size, const char *zone, int64_t ms, bool seconds)
{
    struct zone_time t;

    zone_local(zone, ms, &t);
    if (seconds)
        snprintf(out, size, "%02d:%02d:%02d", t.hour, t.minute, t.second);
    else
        snprintf(out, size, "%02d:%02d", t.hour, t.minute);
}

void zone_when(char *out, size_t size, const char *zone, int64_t ms, int64_t now_ms)
{
    static const char weekdays[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct zone_time t, now;
    int64_t days;

    zone_local(zone, ms, &t);
    zone_local(zone, now_ms, &now);
    days = days_of(t.year, t.month, t.day) - days_of(now.year, now.month, now.day);
    if (days == 0)
        snprintf(out, size, "today");
    else if (days == 1)
        snprintf(out, size, "tomorrow");
    else if (days > -180 && days < 180) /* the same day of another year is far away */
        snprintf(out, size, "%s %d %s", weekdays[t.weekday], t.day, months[t.month - 1]);
    else
        snprintf(out, size, "%d %s %d", t.day, months[t.month - 1], t.year);
}

#include <ecclesia/record/series.h>

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/json.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/zone.h>

#define DAY_MS      INT64_C(86400000)
#define DAY_OF_EACH 28 /* the last that every month has */

const char *const series_words[] = { "none",    "daily",           "weekly", "biweekly",
                                     "monthly", "monthly_weekday", NULL };

static const struct {
    enum series_unit unit;
    int interval;
} meanings[] = {
    { SERIES_NONE, 1 },   { SERIES_DAILY, 1 },   { SERIES_WEEKLY, 1 },
    { SERIES_WEEKLY, 2 }, { SERIES_MONTHLY, 1 }, { SERIES_MONTHLY_WEEKDAY, 1 },
};

/* ---- reading ---- */

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

/* "2027-03-31", and that day exists. */
static bool read_day(struct series *s, const char *text)
{
    static const char shape[] = "dddd-dd-dd";
    int got = 0;

    for (size_t i = 0; i < sizeof(shape); i++)
        if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
            return false;
    return sscanf(text, "%4d-%2d-%2d%n", &s->year, &s->month, &s->day, &got) == 3 && got == 10 &&
           s->year >= 1970 && s->month >= 1 && s->month <= 12 && s->day >= 1 &&
           s->day <= days_in(s->year, s->month);
}

static bool refused(struct error *err, enum platform_id p, const char *remedy, const char *what)
{
    return error_platform(err, ERROR_INPUT, platform_slug(p), remedy, "%s: %s", platform_name(p),
                          what);
}

static bool read_settings(struct series *s, enum platform_id p, const cJSON *settings,
                          struct error *err)
{
    const char *repeat = json_string(settings, "repeat");
    const char *until = json_string(settings, "repeat_until");
    int64_t count = 0;
    size_t i = 0;

    while (repeat && *repeat && series_words[i] && strcmp(series_words[i], repeat) != 0)
        i++;
    if (!series_words[i])
        return refused(err, p, "Use none, daily, weekly, biweekly, monthly or monthly_weekday.",
                       "\"repeat\" has a word that is not known.");
    s->unit = meanings[i].unit;
    s->interval = meanings[i].interval;
    /* What is left over from a series does no harm to a meeting that comes once. */
    if (s->unit == SERIES_NONE)
        return true;
    json_int(settings, "repeat_count", &count);
    if (until && *until && !read_day(s, until))
        return refused(err, p, "Write the last day as 2027-03-31.",
                       "\"repeat_until\" must be a day, as 2027-03-31.");
    if (s->year && count)
        return refused(err, p,
                       "Leave one of the two out (repeat_count=0, or an empty repeat_until).",
                       "\"repeat_until\" and \"repeat_count\" cannot both say when it ends.");
    if (!s->year && !count)
        return refused(err, p, "Give repeat_count=12, or repeat_until=2027-03-31.",
                       "a meeting that repeats needs an end: \"repeat_count\" or "
                       "\"repeat_until\".");
    s->count = (int)(count < 0 ? 0 : count > SERIES_MOST ? SERIES_MOST + 1 : count);
    return true;
}

bool series_read(struct series *s, enum platform_id p, const char *settings, struct error *err)
{
    cJSON *tree = settings && *settings ? json_parse(settings, strlen(settings), NULL) : NULL;
    bool done;

    memset(s, 0, sizeof(*s));
    done = read_settings(s, p, tree, err);
    cJSON_Delete(tree);
    if (!done)
        memset(s, 0, sizeof(*s));
    return done;
}

/* ---- counting ---- */

int series_week(int day)
{
    return day > DAY_OF_EACH ? -1 : (day - 1) / 7 + 1;
}

/* The day of that month which is the same weekday of the month as the first time's. */
static int weekday_in_month(const struct zone_time *first, int year, int month)
{
    struct zone_time noon = { .year = year, .month = month, .day = 1, .hour = 12 };
    int week = series_week(first->day), day;

    zone_local(NULL, zone_instant(NULL, &noon), &noon);
    day = 1 + (first->weekday - noon.weekday + 7) % 7;
    if (week > 0)
        return day + 7 * (week - 1);
    while (day + 7 <= days_in(year, month))
        day += 7;
    return day;
}

int64_t series_start(const struct series *s, const char *zone, int64_t start_ms, int n)
{
    struct zone_time first, at;
    int months = n * s->interval;

    if (s->unit == SERIES_NONE || n <= 0)
        return start_ms;
    zone_local(zone, start_ms, &first);
    at = first;
    if (s->unit == SERIES_DAILY) {
        at.day += n * s->interval;
    } else if (s->unit == SERIES_WEEKLY) {
        at.day += 7 * n * s->interval;
    } else {
        at.year += (first.month - 1 + months) / 12;
        at.month = (first.month - 1 + months) % 12 + 1;
        if (s->unit == SERIES_MONTHLY_WEEKDAY)
            at.day = weekday_in_month(&first, at.year, at.month);
    }
    /* Seconds and less are on no clock that people plan by, but the first time keeps them. */
    return zone_instant(zone, &at) + start_ms % 1000;
}

int64_t series_last_ms(const struct series *s, const char *zone)
{
    struct zone_time last = {
        .year = s->year, .month = s->month, .day = s->day, .hour = 23, .minute = 59, .second = 59
    };

    return s->year ? zone_instant(zone, &last) : 0;
}

int series_count(const struct series *s, const char *zone, int64_t start_ms)
{
    int64_t last = series_last_ms(s, zone);
    int n = 1;

    if (s->unit == SERIES_NONE)
        return 1;
    if (!last)
        return s->count < 1 ? 1 : s->count > SERIES_MOST ? SERIES_MOST : s->count;
    while (n <= SERIES_MOST && series_start(s, zone, start_ms, n) <= last)
        n++;
    return n;
}

int series_due(const struct series *s, const char *zone, int64_t start_ms, int64_t length_ms,
               int64_t now_ms)
{
    int last = series_count(s, zone, start_ms) - 1, n = 0;

    while (n < last && series_start(s, zone, start_ms, n) + length_ms <= now_ms)
        n++;
    return n;
}

/* ---- judging ---- */

bool series_check(const struct series *s, enum platform_id p, const char *zone, int64_t start_ms,
                  int most, struct error *err)
{
    int64_t slack = zone ? 0 : DAY_MS;
    struct zone_time first;
    char text[160];

    if (s->unit == SERIES_NONE)
        return true;
    zone_local(zone, start_ms, &first);
    /* On what a 31st becomes in a short month platforms do not agree. */
    if (s->unit == SERIES_MONTHLY && first.day > DAY_OF_EACH + (zone ? 0 : 1))
        return refused(err, p, "Begin on a day from 1 to 28, or use repeat=monthly_weekday.",
                       "not every month has the day that \"repeat\" would fall on.");
    if (s->year && series_last_ms(s, zone) + slack < start_ms)
        return refused(err, p, "Give a later day.", "\"repeat_until\" is before the first time.");
    if (s->count ? s->count <= most : series_count(s, zone, start_ms) <= most + (zone ? 0 : 1))
        return true;
    snprintf(text, sizeof(text), "\"%s\" makes more than %d times, which is the most of a series.",
             s->year ? "repeat_until" : "repeat_count", most);
    return refused(err, p, "End it sooner, and plan another series later.", text);
}

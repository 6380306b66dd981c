/* WHEN: the words for a time that people and scripts write. */
#include <ecclesia/base/zone.h>

#include <string.h>
#include <strings.h>

#include <ecclesia/base/clock.h>

struct when {
    const char *zone;
    int64_t now;
    struct zone_time today; /* now, as the clock on the wall there shows it */
};

static const char *skip_blanks(const char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    return s;
}

/* A number of one to `most` digits. NULL when there is none. */
static const char *take_number(const char *s, int most, int *out)
{
    int digits = 0;

    *out = 0;
    while (digits < most && s[digits] >= '0' && s[digits] <= '9') {
        *out = *out * 10 + (s[digits] - '0');
        digits++;
    }
    return digits > 0 ? s + digits : NULL;
}

/* "9:30" or "09:30:15", and nothing after it but blanks. */
static bool take_clock(const char *s, struct zone_time *out)
{
    const char *minutes;

    s = take_number(s, 2, &out->hour);
    if (!s || *s != ':')
        return false;
    minutes = s + 1;
    s = take_number(minutes, 2, &out->minute);
    if (!s || s != minutes + 2)
        return false;
    out->second = 0;
    if (*s == ':') {
        s = take_number(s + 1, 2, &out->second);
        if (!s)
            return false;
    }
    return out->hour < 24 && out->minute < 60 && out->second < 60 && *skip_blanks(s) == '\0';
}

/* "2026-11-29 10:00", with a blank or a T between. A day that its month does not have is refused:
 * whoever wrote 30 February did not mean 2 March. */
static bool when_date(const struct when *w, const char *s, int64_t *ms)
{
    struct zone_time t = { 0 }, back;
    int year, month, day;

    s = take_number(s, 4, &year);
    if (!s || *s != '-' || year < 1970)
        return false;
    s = take_number(s + 1, 2, &month);
    if (!s || *s != '-' || month < 1 || month > 12)
        return false;
    s = take_number(s + 1, 2, &day);
    if (!s || (*s != ' ' && *s != 'T' && *s != 't'))
        return false;
    t = (struct zone_time){ .year = year, .month = month, .day = day, .hour = 12 };
    zone_local(NULL, zone_instant(NULL, &t), &back);
    if (back.day != day || back.month != month || !take_clock(skip_blanks(s + 1), &t))
        return false;
    *ms = zone_instant(w->zone, &t);
    return true;
}

/* "+90m", "+2h", "+3d". Days keep the time on the wall over a switch to summer time. */
static bool when_later(const struct when *w, const char *s, int64_t *ms)
{
    struct zone_time t = w->today;
    const char *unit;
    int count;

    unit = take_number(s, 6, &count);
    if (!unit || *unit == '\0' || *skip_blanks(unit + 1) != '\0')
        return false;
    switch (*unit) {
    case 'm':
        *ms = w->now + (int64_t)count * 60000;
        return true;
    case 'h':
        *ms = w->now + (int64_t)count * 3600000;
        return true;
    case 'd':
        t.day += count;
        *ms = zone_instant(w->zone, &t) + w->now % 1000;
        return true;
    default:
        return false;
    }
}

/* Days from today to the day that a word names; -1 when it names none. *again says that a week
 * later is meant when the time is over. */
static int days_to(const struct when *w, const char *word, size_t length, bool *again)
{
    static const char *const names[] = { "sunday",   "monday", "tuesday", "wednesday",
                                         "thursday", "friday", "saturday" };

    *again = false;
    if (length == 5 && strncasecmp(word, "today", 5) == 0)
        return 0;
    if (length == 8 && strncasecmp(word, "tomorrow", 8) == 0)
        return 1;
    for (int day = 0; day < 7; day++) {
        if (length >= 3 && length <= strlen(names[day]) &&
            strncasecmp(word, names[day], length) == 0) {
            *again = true;
            return (day - w->today.weekday + 7) % 7;
        }
    }
    return -1;
}

static bool when_day(const struct when *w, const char *s, int64_t *ms)
{
    struct zone_time t = w->today;
    size_t length = strcspn(s, " \t");
    bool again;
    int days = days_to(w, s, length, &again);

    if (days < 0 || !take_clock(skip_blanks(s + length), &t))
        return false;
    t.day += days;
    *ms = zone_instant(w->zone, &t);
    if (again && *ms <= w->now) {
        t.day += 7;
        *ms = zone_instant(w->zone, &t);
    }
    return true;
}

static bool when_clock(const struct when *w, const char *s, int64_t *ms)
{
    struct zone_time t = w->today;

    if (!take_clock(s, &t))
        return false;
    *ms = zone_instant(w->zone, &t);
    if (*ms <= w->now) {
        t.day++;
        *ms = zone_instant(w->zone, &t);
    }
    return true;
}

bool zone_parse_when(const char *s, const char *zone, int64_t now_ms, int64_t *ms,
                     struct error *err)
{
    struct when w = { .zone = zone, .now = now_ms };
    const char *word = skip_blanks(s ? s : "");
    int64_t found;
    bool understood;

    zone_local(zone, now_ms, &w.today);
    if (strncasecmp(word, "now", 3) == 0 && *skip_blanks(word + 3) == '\0') {
        *ms = now_ms;
        return true;
    }
    if (*word == '+')
        understood = when_later(&w, word + 1, &found);
    else
        understood = clock_parse_rfc3339(word, &found) || when_date(&w, word, &found) ||
                     when_day(&w, word, &found) || when_clock(&w, word, &found);
    if (!understood)
        return error_set(err, ERROR_INPUT,
                         "Write now, today 10:00, tomorrow 19:30, sun 9:30, 10:00, "
                         "2026-11-29 10:00, 2026-11-29T10:00:00Z, +90m, +2h or +3d.",
                         "\"%.60s\" is not a time.", word);
    *ms = found;
    return true;
}

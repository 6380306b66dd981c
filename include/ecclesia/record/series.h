/* A meeting that comes again: how, and how often. A plain value, read from a target's settings
 * "repeat", "repeat_until" and "repeat_count".
 *
 * All is counted by the clocks of a zone (IANA id; NULL: UTC), so that 19:00 stays 19:00 over a
 * switch to summer time. Any thread. */
#ifndef ECCLESIA_RECORD_SERIES_H
#define ECCLESIA_RECORD_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include <ecclesia/base/error.h>
#include <ecclesia/record/slug.h>

enum series_unit {
    SERIES_NONE,
    SERIES_DAILY,
    SERIES_WEEKLY,         /* on the weekday of the first time */
    SERIES_MONTHLY,        /* on its day of the month, which is at most 28 */
    SERIES_MONTHLY_WEEKDAY /* on its weekday of the month: "the second Sunday", "the last Friday" */
};

enum { SERIES_MOST = 400 /* times of one series */ };

struct series {
    enum series_unit unit;
    int interval;         /* every how many days, weeks or months */
    int count;            /* times in all; 0: by the last day */
    int year, month, day; /* the last day that one may begin on; 0: by count */
};

/* The words of the setting "repeat", NULL-terminated; the first is "none". */
extern const char *const series_words[];

/* settings: a target's JSON object. ERROR_INPUT names platform and setting and says what is
 * allowed. */
bool series_read(struct series *s, enum platform_id p, const char *settings, struct error *err);
/* Against the first time: at most `most` times, a last day that is not before the first, a day that
 * every month has. zone NULL: unknown, so only what is wrong in every zone is refused. */
bool series_check(const struct series *s, enum platform_id p, const char *zone, int64_t start_ms,
                  int most, struct error *err);

/* The start of the n-th time, counted from 0. */
int64_t series_start(const struct series *s, const char *zone, int64_t start_ms, int n);
/* How many times in all; 1 when it does not come again, SERIES_MOST + 1 when too often. */
int series_count(const struct series *s, const char *zone, int64_t start_ms);
/* The time that counts now: what runs, else the next to come, else the last; counted from 0. */
int series_due(const struct series *s, const char *zone, int64_t start_ms, int64_t length_ms,
               int64_t now_ms);
/* The last moment of the last day; 0 when the series goes by its count. */
int64_t series_last_ms(const struct series *s, const char *zone);
/* Which of its weekday in the month a day is: 1 … 4, or -1: the fifth, so the last. */
int series_week(int day);

#endif

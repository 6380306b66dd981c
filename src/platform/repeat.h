/* What adapters of meetings share about series: the settings, and which of its times counts now. */
#ifndef PLATFORM_REPEAT_H
#define PLATFORM_REPEAT_H

#include <ecclesia/record/series.h>

#include "platform/kit.h"

/* Rows of a platform's settings; most: times that it takes. */
#define REPEAT_ROWS(most)                                                                          \
    { "repeat",                                                                                    \
      SETTING_CHOICE,                                                                              \
      PLATFORM_MEETINGS,                                                                           \
      "none",                                                                                      \
      series_words,                                                                                \
      0,                                                                                           \
      0,                                                                                           \
      "Repeat",                                                                                    \
      "One meeting that comes again; changed and cancelled as a whole. monthly_weekday: as the "   \
      "second Sunday." },                                                                          \
        { "repeat_count",                                                                          \
          SETTING_NUMBER,                                                                          \
          PLATFORM_MEETINGS,                                                                       \
          "0",                                                                                     \
          NULL,                                                                                    \
          0,                                                                                       \
          most,                                                                                    \
          "How many times",                                                                        \
          "In all, the first one counted; 0: up to the last day." },                               \
    {                                                                                              \
        "repeat_until", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 10, "Last day",              \
            "The last day it may fall on, as 2027-03-31; empty: by the count."                     \
    }

struct repeat {
    struct series series;
    char zone[64];      /* by whose clocks it is counted */
    struct meeting due; /* the meeting with the times that count now; a shallow copy */
    int index;          /* which of the series that is, from 0 */
    int64_t first_ms;   /* start of the first */
    int64_t until_ms;   /* when nothing more of it comes */
};

/* Of a target as its settings say, exactly: by the church's zone. ERROR_INPUT also when the series
 * does not fit the platform, so call it before anything is sent. */
bool repeat_read(struct repeat *r, const struct call *call, const struct meeting *m,
                 const struct target *t, int most, struct error *err);
/* The same by UTC, for a platform that does not know the church's zone. */
bool repeat_read_utc(struct repeat *r, const struct call *call, const struct meeting *m,
                     const struct target *t, int most, struct error *err);
/* Whether a refusal is about the time zone, by the words of it: the platforms' codes for that are
 * not written down. */
bool repeat_zone_refused(const struct repeat *r, const struct error *why);
/* For meeting_check, where the zone is not known: what is wrong in every zone. */
bool repeat_check(const struct meeting *m, const struct target *t, int most, struct error *err);
bool repeat_is_series(const struct repeat *r);
/* The start of the first one that has not begun; 0 none. */
int64_t repeat_next(const struct repeat *r, int64_t now_ms);
/* After the one that counts now there comes another. */
bool repeat_comes_again(const struct repeat *r);
/* The wish in words that can be compared; nothing when it comes once. */
void repeat_text(const struct repeat *r, struct text *out);
/* "2026-12-09" on the zone's clocks; out needs 16 bytes. "2026-12-09T19:00:00" needs 24. */
void repeat_day(const char *zone, int64_t ms, char out[16]);
void repeat_wall(const char *zone, int64_t ms, char out[24]);
/* When the next one is, into out->note if nothing else is said there. */
void repeat_note(const struct repeat *r, const struct call *call, struct outcome *out);

#endif

/* Meetings that come again: what the settings mean, on which days they fall, when they are over. */
#include "testlib.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/record/meeting.h>
#include <ecclesia/record/series.h>

#define LONDON "Europe/London"

static int64_t at(const char *time)
{
    int64_t ms;

    ck_assert(clock_parse_rfc3339(time, &ms));
    return ms;
}

static struct series series_of(const char *settings)
{
    struct series s;
    struct error err = { 0 };

    ck_assert_msg(series_read(&s, PLATFORM_ZOOM, settings, &err), "%s: %s", settings, err.message);
    return s;
}

static const struct {
    const char *settings, *zone, *first;
    int count;
    const char *second, *last;
} plans[] = {
    { "{}", LONDON, "2026-10-07T18:00:00Z", 1, NULL, "2026-10-07T18:00:00Z" },
    { "{\"repeat\":\"none\",\"repeat_count\":7}", LONDON, "2026-10-07T18:00:00Z", 1, NULL,
      "2026-10-07T18:00:00Z" },
    { "{\"repeat\":\"daily\",\"repeat_count\":3}", LONDON, "2026-10-24T18:00:00Z", 3,
      "2026-10-25T19:00:00Z", "2026-10-26T19:00:00Z" },
    /* 19:00 on the clocks stays 19:00: summer time ends on 25 October. */
    { "{\"repeat\":\"weekly\",\"repeat_count\":12}", LONDON, "2026-10-07T18:00:00Z", 12,
      "2026-10-14T18:00:00Z", "2026-12-23T19:00:00Z" },
    { "{\"repeat\":\"weekly\",\"repeat_until\":\"2026-10-28\"}", LONDON, "2026-10-07T18:00:00Z", 4,
      "2026-10-14T18:00:00Z", "2026-10-28T19:00:00Z" },
    { "{\"repeat\":\"weekly\",\"repeat_until\":\"2026-10-27\"}", LONDON, "2026-10-07T18:00:00Z", 3,
      "2026-10-14T18:00:00Z", "2026-10-21T18:00:00Z" },
    { "{\"repeat\":\"biweekly\",\"repeat_count\":3}", NULL, "2026-10-07T18:00:00Z", 3,
      "2026-10-21T18:00:00Z", "2026-11-04T18:00:00Z" },
    { "{\"repeat\":\"monthly\",\"repeat_count\":15}", NULL, "2026-11-28T18:00:00Z", 15,
      "2026-12-28T18:00:00Z", "2028-01-28T18:00:00Z" },
    /* The second Sunday; the last Friday, which was the fifth; the fourth is no last one. */
    { "{\"repeat\":\"monthly_weekday\",\"repeat_count\":3}", LONDON, "2026-11-08T10:00:00Z", 3,
      "2026-12-13T10:00:00Z", "2027-01-10T10:00:00Z" },
    { "{\"repeat\":\"monthly_weekday\",\"repeat_count\":3}", LONDON, "2027-01-29T10:00:00Z", 3,
      "2027-02-26T10:00:00Z", "2027-03-26T10:00:00Z" },
    { "{\"repeat\":\"monthly_weekday\",\"repeat_count\":3}", LONDON, "2027-01-22T10:00:00Z", 3,
      "2027-02-26T10:00:00Z", "2027-03-26T10:00:00Z" },
    /* The first Tuesday there is the first Wednesday in UTC, but not in every month. */
    { "{\"repeat\":\"monthly_weekday\",\"repeat_count\":2}", "America/Chicago",
      "2026-12-02T01:00:00Z", 2, "2027-01-06T01:00:00Z", "2027-01-06T01:00:00Z" },
    { "{\"repeat\":\"monthly_weekday\",\"repeat_count\":8}", "America/Chicago",
      "2026-12-02T01:00:00Z", 8, "2027-01-06T01:00:00Z", "2027-07-07T00:00:00Z" },
    /* Tuesday there, Wednesday in UTC: the church's clocks count. */
    { "{\"repeat\":\"weekly\",\"repeat_until\":\"2026-12-15\"}", "America/Chicago",
      "2026-12-09T01:00:00Z", 2, "2026-12-16T01:00:00Z", "2026-12-16T01:00:00Z" },
};

START_TEST(days_are_counted_by_the_clocks_there)
{
    struct series s = series_of(plans[_i].settings);
    int64_t first = at(plans[_i].first);
    int count = series_count(&s, plans[_i].zone, first);

    ck_assert_int_eq(count, plans[_i].count);
    ck_assert_int_eq(series_start(&s, plans[_i].zone, first, 0), first);
    if (plans[_i].second)
        ck_assert_int_eq(series_start(&s, plans[_i].zone, first, 1), at(plans[_i].second));
    ck_assert_int_eq(series_start(&s, plans[_i].zone, first, count - 1), at(plans[_i].last));
}
END_TEST

/* What runs, else what comes next, else the last. */
START_TEST(one_of_its_times_counts_now)
{
    static const struct {
        const char *now;
        int due;
    } moments[] = {
        { "2026-09-01T00:00:00Z", 0 }, { "2026-10-07T18:59:59Z", 0 }, { "2026-10-07T19:00:00Z", 1 },
        { "2026-10-14T18:30:00Z", 1 }, { "2026-10-21T18:59:59Z", 2 }, { "2026-10-21T19:00:00Z", 2 },
        { "2030-01-01T00:00:00Z", 2 },
    };
    struct series s = series_of("{\"repeat\":\"weekly\",\"repeat_count\":3}");

    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
        ck_assert_int_eq(
            series_due(&s, LONDON, at("2026-10-07T18:00:00Z"), 3600000, at(moments[i].now)),
            moments[i].due);
}
END_TEST

static const struct {
    const char *settings, *first, *named, *allowed;
} wrong[] = {
    { "{\"repeat\":\"yearly\",\"repeat_count\":3}", NULL, "\"repeat\"", "monthly_weekday" },
    { "{\"repeat\":\"weekly\"}", NULL, "\"repeat_count\"", "repeat_until=" },
    { "{\"repeat\":\"weekly\",\"repeat_count\":0}", NULL, "\"repeat_count\"", "repeat_until=" },
    { "{\"repeat\":\"weekly\",\"repeat_count\":61}", NULL, "\"repeat_count\"", "sooner" },
    { "{\"repeat\":\"daily\",\"repeat_until\":\"2027-12-31\"}", NULL, "\"repeat_until\"",
      "sooner" },
    { "{\"repeat\":\"weekly\",\"repeat_count\":3,\"repeat_until\":\"2026-12-31\"}", NULL, "both",
      "out" },
    { "{\"repeat\":\"weekly\",\"repeat_until\":\"31.12.2026\"}", NULL, "\"repeat_until\"",
      "2027-03-31" },
    { "{\"repeat\":\"weekly\",\"repeat_until\":\"2026-11-31\"}", NULL, "\"repeat_until\"",
      "2027-03-31" },
    { "{\"repeat\":\"weekly\",\"repeat_until\":\"2026-10-06\"}", NULL, "before", "later" },
    { "{\"repeat\":\"monthly\",\"repeat_count\":3}", "2026-10-29T18:00:00Z", "month",
      "monthly_weekday" },
};

START_TEST(what_cannot_be_is_refused)
{
    int64_t first = at(wrong[_i].first ? wrong[_i].first : "2026-10-07T18:00:00Z");
    struct error err = { 0 };
    struct series s;

    ck_assert(!series_read(&s, PLATFORM_ZOOM, wrong[_i].settings, &err) ||
              !series_check(&s, PLATFORM_ZOOM, LONDON, first, 60, &err));
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    ck_assert_str_eq(err.platform, "zoom");
    ck_assert_msg(strstr(err.message, wrong[_i].named) != NULL, "%s", err.message);
    ck_assert_msg(strstr(err.remedy, wrong[_i].allowed) != NULL, "%s", err.remedy);
}
END_TEST

/* Without the zone only what is wrong everywhere is refused. */
START_TEST(a_day_is_not_refused_for_another_zone)
{
    struct error err = { 0 };
    struct series s = series_of("{\"repeat\":\"weekly\",\"repeat_until\":\"2026-12-08\"}");

    ck_assert(series_check(&s, PLATFORM_ZOOM, NULL, at("2026-12-09T01:00:00Z"), 60, &err));
    ck_assert(
        series_check(&s, PLATFORM_ZOOM, "America/Chicago", at("2026-12-09T01:00:00Z"), 60, &err));
    ck_assert(!series_check(&s, PLATFORM_ZOOM, LONDON, at("2026-12-09T01:00:00Z"), 60, &err));
}
END_TEST

/* ---- the record ---- */

static struct meeting weekly(struct target targets[2])
{
    static char title[] = "Prayer",
                weekly_settings[] = "{\"repeat\":\"weekly\",\"repeat_count\":3}", none[] = "{}";
    struct meeting m = { .title = title,
                         .start_ms = at("2026-10-07T18:00:00Z"),
                         .end_ms = at("2026-10-07T19:00:00Z"),
                         .targets = targets,
                         .target_count = 2 };

    memset(targets, 0, 2 * sizeof *targets);
    targets[0].platform = PLATFORM_ZOOM;
    targets[0].settings = weekly_settings;
    targets[1].platform = PLATFORM_JITSI;
    targets[1].settings = none;
    return m;
}

START_TEST(a_meeting_is_over_with_its_last_time)
{
    struct target targets[2];
    struct meeting m = weekly(targets), due;

    ck_assert_int_eq(meeting_until_ms(&m, LONDON), at("2026-10-21T19:00:00Z"));
    ck_assert_int_eq(meeting_until_ms(&m, NULL), at("2026-10-21T19:00:00Z"));
    targets[1].status = TARGET_ENDED;
    ck_assert_int_eq(meeting_judge(&m, LONDON, at("2026-10-07T20:00:00Z")), MEETING_SCHEDULED);
    ck_assert_int_eq(meeting_judge(&m, LONDON, at("2026-10-20T20:00:00Z")), MEETING_SCHEDULED);
    targets[0].status = TARGET_LIVE;
    ck_assert_int_eq(meeting_judge(&m, LONDON, at("2026-10-14T18:30:00Z")), MEETING_ACTIVE);
    targets[0].status = TARGET_ENDED;
    ck_assert_int_eq(meeting_judge(&m, LONDON, at("2026-10-22T00:00:00Z")), MEETING_ENDED);
    /* One whose server is away this week is not over. */
    targets[0].status = TARGET_FAILED;
    ck_assert_int_eq(meeting_judge(&m, LONDON, at("2026-10-14T20:00:00Z")), MEETING_SCHEDULED);
    due = meeting_due(&m, &targets[0], LONDON, at("2026-10-08T00:00:00Z"));
    ck_assert_int_eq(due.start_ms, at("2026-10-14T18:00:00Z"));
    ck_assert_int_eq(due.end_ms, at("2026-10-14T19:00:00Z"));
    due = meeting_due(&m, &targets[1], LONDON, at("2026-10-08T00:00:00Z"));
    ck_assert_int_eq(due.start_ms, m.start_ms);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("record_series");
    TCase *c = tcase_create("series");

    tcase_add_loop_test(c, days_are_counted_by_the_clocks_there, 0, sizeof plans / sizeof plans[0]);
    tcase_add_test(c, one_of_its_times_counts_now);
    tcase_add_loop_test(c, what_cannot_be_is_refused, 0, sizeof wrong / sizeof wrong[0]);
    tcase_add_test(c, a_day_is_not_refused_for_another_zone);
    tcase_add_test(c, a_meeting_is_over_with_its_last_time);
    suite_add_tcase(s, c);
    return test_run(s);
}

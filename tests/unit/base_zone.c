#include "testlib.h"

#include <string.h>

#include <ecclesia/base/zone.h>

static int64_t at(const char *rfc3339)
{
    int64_t ms = -1;

    if (!clock_parse_rfc3339(rfc3339, &ms))
        ck_abort_msg("%s", rfc3339);
    return ms;
}

static void assert_instant(int64_t ms, const char *wanted)
{
    char got[CLOCK_RFC3339_SIZE];

    clock_rfc3339_s(got, ms);
    ck_assert_str_eq(got, wanted);
}

static void assert_wall(const char *zone, const char *instant, int month, int day, int hour,
                        int minute, int weekday)
{
    struct zone_time t;

    zone_local(zone, at(instant), &t);
    ck_assert_int_eq(t.month, month);
    ck_assert_int_eq(t.day, day);
    ck_assert_int_eq(t.hour, hour);
    ck_assert_int_eq(t.minute, minute);
    ck_assert_int_eq(t.weekday, weekday);
}

START_TEST(knows_the_names)
{
    ck_assert(zone_known("Europe/Berlin"));
    ck_assert(zone_known("America/Argentina/Buenos_Aires"));
    ck_assert(zone_known("UTC"));
    ck_assert(zone_known("Etc/UTC"));
    ck_assert(!zone_known("Europe/Nowhere"));
    ck_assert(!zone_known("Europe"));
    ck_assert(!zone_known(""));
    ck_assert(!zone_known(NULL));
    ck_assert(!zone_known("../../etc/passwd"));
    ck_assert(!zone_known("/etc/localtime"));
    ck_assert(!zone_known("Europe/Berlin\n"));
}
END_TEST

START_TEST(shows_the_time_on_the_wall)
{
    assert_wall("Europe/Berlin", "2026-11-22T09:28:00Z", 11, 22, 10, 28, 0);
    assert_wall("Europe/Berlin", "2026-07-22T22:30:00Z", 7, 23, 0, 30, 4);
    assert_wall("America/New_York", "2026-01-01T04:59:00Z", 12, 31, 23, 59, 3);
    assert_wall("Asia/Kolkata", "2026-02-28T18:30:00Z", 3, 1, 0, 0, 0);
    assert_wall("Pacific/Auckland", "2026-06-30T12:00:00Z", 7, 1, 0, 0, 3);
    assert_wall(NULL, "2026-11-22T09:28:00Z", 11, 22, 9, 28, 0);
    assert_wall("No/Where", "2026-11-22T09:28:00Z", 11, 22, 9, 28, 0);
    assert_wall("UTC", "1969-12-31T23:59:59Z", 12, 31, 23, 59, 3);
    /* The two sides of the switch, to the second. */
    assert_wall("Europe/Berlin", "2026-03-29T00:59:59Z", 3, 29, 1, 59, 0);
    assert_wall("Europe/Berlin", "2026-03-29T01:00:00Z", 3, 29, 3, 0, 0);
    assert_wall("Europe/Berlin", "2026-10-25T00:59:59Z", 10, 25, 2, 59, 0);
    assert_wall("Europe/Berlin", "2026-10-25T01:00:00Z", 10, 25, 2, 0, 0);
}
END_TEST

START_TEST(finds_the_instant)
{
    static const struct {
        const char *zone;
        struct zone_time wall;
        const char *instant;
    } cases[] = {
        { "Europe/Berlin",
          { .year = 2026, .month = 11, .day = 22, .hour = 10 },
          "2026-11-22T09:00:00Z" },
        { "Europe/Berlin",
          { .year = 2026, .month = 7, .day = 1, .hour = 10 },
          "2026-07-01T08:00:00Z" },
        { "Europe/Berlin",
          { .year = 2055, .month = 7, .day = 1, .hour = 10 },
          "2055-07-01T08:00:00Z" },
        /* Skipped: moved on by the gap. */
        { "Europe/Berlin",
          { .year = 2026, .month = 3, .day = 29, .hour = 2, .minute = 30 },
          "2026-03-29T01:30:00Z" },
        { "America/New_York",
          { .year = 2026, .month = 3, .day = 8, .hour = 2 },
          "2026-03-08T07:00:00Z" },
        /* Twice: the first. */
        { "Europe/Berlin",
          { .year = 2026, .month = 10, .day = 25, .hour = 2, .minute = 30 },
          "2026-10-25T00:30:00Z" },
        { "America/New_York",
          { .year = 2026, .month = 11, .day = 1, .hour = 1, .minute = 30 },
          "2026-11-01T05:30:00Z" },
        /* On the day of a switch, away from it. */
        { "Europe/Berlin",
          { .year = 2026, .month = 3, .day = 29, .hour = 10 },
          "2026-03-29T08:00:00Z" },
        { "Europe/Berlin",
          { .year = 2026, .month = 10, .day = 25, .hour = 10 },
          "2026-10-25T09:00:00Z" },
        { "Europe/Berlin", { .year = 2026, .month = 10, .day = 25 }, "2026-10-24T22:00:00Z" },
        /* Half an hour of summer time. */
        { "Australia/Lord_Howe",
          { .year = 2026, .month = 10, .day = 4, .hour = 2, .minute = 15 },
          "2026-10-03T15:45:00Z" },
        /* Out of range. */
        { "UTC", { .year = 2026, .month = 1, .day = 32 }, "2026-02-01T00:00:00Z" },
        { "UTC", { .year = 2026, .month = 3, .day = 0 }, "2026-02-28T00:00:00Z" },
        { "UTC", { .year = 2026, .month = 13, .day = 1, .minute = -5 }, "2026-12-31T23:55:00Z" },
        { "UTC", { .year = 2026, .month = 0, .day = 1, .hour = 25 }, "2025-12-02T01:00:00Z" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_instant(zone_instant(cases[i].zone, &cases[i].wall), cases[i].instant);
}
END_TEST

START_TEST(speaks_of_days_as_people_do)
{
    int64_t now = at("2026-11-22T09:28:41Z");
    char out[40];

    zone_clock(out, sizeof(out), "Europe/Berlin", now, false);
    ck_assert_str_eq(out, "10:28");
    zone_clock(out, sizeof(out), "Europe/Berlin", now, true);
    ck_assert_str_eq(out, "10:28:41");
    zone_when(out, sizeof(out), "Europe/Berlin", at("2026-11-22T22:59:00Z"), now);
    ck_assert_str_eq(out, "today");
    zone_when(out, sizeof(out), "Europe/Berlin", at("2026-11-22T23:00:00Z"), now);
    ck_assert_str_eq(out, "tomorrow");
    zone_when(out, sizeof(out), "Europe/Berlin", at("2026-11-25T12:00:00Z"), now);
    ck_assert_str_eq(out, "Wed 25 Nov");
    zone_when(out, sizeof(out), "Europe/Berlin", at("2026-11-21T12:00:00Z"), now);
    ck_assert_str_eq(out, "Sat 21 Nov");
    zone_when(out, sizeof(out), "Europe/Berlin", at("2027-01-03T12:00:00Z"), now);
    ck_assert_str_eq(out, "Sun 3 Jan");
    zone_when(out, sizeof(out), "Europe/Berlin", at("2027-11-25T12:00:00Z"), now);
    ck_assert_str_eq(out, "25 Nov 2027");
}
END_TEST

/* Sunday 2026-11-22, 10:28:41 in Berlin. */
START_TEST(understands_when)
{
    static const struct {
        const char *words, *instant;
    } cases[] = {
        { "now", "2026-11-22T09:28:41Z" },
        { " NOW ", "2026-11-22T09:28:41Z" },
        { "today 10:00", "2026-11-22T09:00:00Z" }, /* past, but said */
        { "tomorrow 19:30", "2026-11-23T18:30:00Z" },
        { "sun 9:30", "2026-11-29T08:30:00Z" }, /* today's is over */
        { "Sunday 11:00", "2026-11-22T10:00:00Z" },
        { "sun 10:28", "2026-11-29T09:28:00Z" },
        { "MON 09:00:30", "2026-11-23T08:00:30Z" },
        { "sat  9:00 ", "2026-11-28T08:00:00Z" },
        { "wednes 9:00", "2026-11-25T08:00:00Z" },
        { "10:00", "2026-11-23T09:00:00Z" },
        { "11:00", "2026-11-22T10:00:00Z" },
        { "2026-11-29 10:00", "2026-11-29T09:00:00Z" },
        { "2026-11-29T10:00", "2026-11-29T09:00:00Z" },
        { "2027-06-01 10:00:05", "2027-06-01T08:00:05Z" },
        { "2026-11-29T10:00:00Z", "2026-11-29T10:00:00Z" },
        { "2026-11-29T10:00:00-05:00", "2026-11-29T15:00:00Z" },
        { "+90m", "2026-11-22T10:58:41Z" },
        { "+2h", "2026-11-22T11:28:41Z" },
        { "+3d", "2026-11-25T09:28:41Z" },
        { "+0m", "2026-11-22T09:28:41Z" },
        /* 150 days on lie behind the switch to summer time: the clock on the wall stays. */
        { "+150d", "2027-04-21T08:28:41Z" },
    };
    int64_t ms;
    struct error err;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        TEST_OK(
            zone_parse_when(cases[i].words, "Europe/Berlin", at("2026-11-22T09:28:41Z"), &ms, &err),
            err);
        assert_instant(ms, cases[i].instant);
    }
}
END_TEST

START_TEST(says_what_it_does_not_understand)
{
    static const char *const bad[] = { "",
                                       "soon",
                                       "sun",
                                       "su 9:30",
                                       "today",
                                       "today 24:00",
                                       "today 10:60",
                                       "today 10:0",
                                       "10",
                                       "10:00pm",
                                       "10:00 today",
                                       "2026-11-29",
                                       "2026-02-30 10:00",
                                       "2026-13-01 10:00",
                                       "29.11.2026 10:00",
                                       "+90",
                                       "+m",
                                       "-5m",
                                       "+5w",
                                       "+5mm",
                                       "nowadays",
                                       "sundays 10:00",
                                       "+9999999m" };
    int64_t ms = 42;
    struct error err;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        error_clear(&err);
        if (zone_parse_when(bad[i], "Europe/Berlin", 0, &ms, &err))
            ck_abort_msg("%s was taken", bad[i]);
        ck_assert_int_eq(err.kind, ERROR_INPUT);
        ck_assert_ptr_nonnull(strstr(err.message, bad[i]));
        ck_assert_ptr_nonnull(strstr(err.remedy, "sun 9:30"));
    }
    ck_assert(!zone_parse_when(NULL, NULL, 0, &ms, &err));
    ck_assert_int_eq(ms, 42);
}
END_TEST

START_TEST(a_day_keeps_its_time_over_the_switch)
{
    int64_t ms;
    struct error err;

    /* Saturday before the switch to summer time. */
    TEST_OK(zone_parse_when("+1d", "Europe/Berlin", at("2026-03-28T09:00:00Z"), &ms, &err), err);
    assert_instant(ms, "2026-03-29T08:00:00Z");
    TEST_OK(zone_parse_when("+24h", "Europe/Berlin", at("2026-03-28T09:00:00Z"), &ms, &err), err);
    assert_instant(ms, "2026-03-29T09:00:00Z");
    TEST_OK(zone_parse_when("sun 10:00", "Europe/Berlin", at("2026-03-28T09:00:00Z"), &ms, &err),
            err);
    assert_instant(ms, "2026-03-29T08:00:00Z");
}
END_TEST

TEST_MAIN("base_zone", knows_the_names, shows_the_time_on_the_wall, finds_the_instant,
          speaks_of_days_as_people_do, understands_when, says_what_it_does_not_understand,
          a_day_keeps_its_time_over_the_switch)

#include "testlib.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t parsed(const char *s)
{
    int64_t ms = -1;

    if (!clock_parse_rfc3339(s, &ms))
        ck_abort_msg("%s was not understood", s);
    return ms;
}

START_TEST(parses_what_the_platforms_send)
{
    const int64_t wanted = INT64_C(1795343321000); /* date -u -d 2026-11-22T10:28:41Z +%s */

    ck_assert_int_eq(parsed("2026-11-22T10:28:41Z"), wanted);
    ck_assert_int_eq(parsed("2026-11-22t10:28:41z"), wanted);
    ck_assert_int_eq(parsed("2026-11-22 10:28:41Z"), wanted);
    ck_assert_int_eq(parsed("2026-11-22T11:28:41+01:00"), wanted);
    ck_assert_int_eq(parsed("2026-11-22T11:28:41+0100"), wanted);
    ck_assert_int_eq(parsed("2026-11-22T04:58:41-05:30"), wanted);
    ck_assert_int_eq(parsed("2026-11-22T10:28:41.5Z"), wanted + 500);
    ck_assert_int_eq(parsed("2026-11-22T10:28:41.1234567Z"), wanted + 123);
    ck_assert_int_eq(parsed("2026-11-22T10:28Z"), wanted - 41000);
    ck_assert_int_eq(parsed("1970-01-01T00:00:00Z"), 0);
    ck_assert_int_eq(parsed("2024-02-29T00:00:00Z"), INT64_C(1709164800000));
    ck_assert_int_eq(parsed("2016-12-31T23:59:60Z"), INT64_C(1483228800000));
}
END_TEST

START_TEST(refuses_the_rest)
{
    static const char *const bad[] = {
        "",
        "now",
        "2026-11-22",
        "2026-11-22T10:28:41",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T10:60:00Z",
        "2026-11-22T10:28:61Z",
        "2026-11-22T10:28:41.Z",
        "2026-11-22T10:28:41ZZ",
        "2026-11-22T10:28:41+1:00",
        "2026-11-22T10:28:41+24:00",
        "2026-11-22T10:28:41 ",
        " 2026-11-22T10:28:41Z",
        "26-11-22T10:28:41Z",
    };
    int64_t ms = 42;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (clock_parse_rfc3339(bad[i], &ms))
            ck_abort_msg("%s was taken", bad[i]);
    ck_assert(!clock_parse_rfc3339(NULL, &ms));
    ck_assert_int_eq(ms, 42);
}
END_TEST

START_TEST(prints_what_it_parses)
{
    char out[CLOCK_RFC3339_SIZE];

    clock_rfc3339(out, parsed("2026-11-22T10:28:41.007Z"));
    ck_assert_str_eq(out, "2026-11-22T10:28:41.007Z");
    clock_rfc3339_s(out, parsed("2026-11-22T10:28:41.999Z"));
    ck_assert_str_eq(out, "2026-11-22T10:28:41Z");
    clock_rfc3339(out, -1);
    ck_assert_str_eq(out, "1969-12-31T23:59:59.999Z");
    clock_rfc3339(out, INT64_MAX);
    ck_assert_str_eq(out, "9999-12-31T23:59:59.999Z");
    clock_rfc3339(out, INT64_MIN);
    ck_assert_str_eq(out, "0000-01-01T00:00:00.000Z");
}
END_TEST

START_TEST(can_be_fixed_and_let_go)
{
    int64_t real = (int64_t)time(NULL) * 1000;

    ck_assert_int_ge(clock_now(), real - 2000);
    ck_assert_int_le(clock_now(), real + 600000);
    clock_fix(1234567890123);
    ck_assert_int_eq(clock_now(), 1234567890123);
    ck_assert_int_eq(clock_now(), 1234567890123);
    clock_fix(-1);
    ck_assert_int_ge(clock_now(), real - 2000);
}
END_TEST

START_TEST(the_environment_fixes_it_at_first_use)
{
    setenv("ECCLESIA_TEST_CLOCK", "2026-11-22T10:28:41Z", 1);
    ck_assert_int_eq(clock_now(), INT64_C(1795343321000));
    setenv("ECCLESIA_TEST_CLOCK", "2027-11-22T10:28:41Z", 1);
    ck_assert_int_eq(clock_now(), INT64_C(1795343321000));
    clock_fix(-1);
    ck_assert_int_ne(clock_now(), INT64_C(1795343321000));
}
END_TEST

START_TEST(durations_do_not_follow_the_wall_clock)
{
    int64_t a = clock_mono(), b;
    struct timespec now, at;

    clock_fix(5);
    b = clock_mono();
    clock_fix(-1);
    ck_assert_int_ge(b, a);
    clock_gettime(CLOCK_MONOTONIC, &now);
    clock_deadline(&at, 61500);
    ck_assert_int_ge((at.tv_sec - now.tv_sec) * 1000 + (at.tv_nsec - now.tv_nsec) / 1000000, 61499);
    ck_assert_int_lt(at.tv_nsec, 1000000000);
    clock_deadline(&at, INT64_MAX); /* no overflow */
    ck_assert_int_gt(at.tv_sec, now.tv_sec + 86400);
    clock_deadline(&at, -5);
    ck_assert_int_ge(at.tv_sec, now.tv_sec);
}
END_TEST

/* The one that needs the first use of the clock comes first: with CK_FORK=no all share a process.
 */
TEST_MAIN("base_clock", the_environment_fixes_it_at_first_use, parses_what_the_platforms_send,
          refuses_the_rest, prints_what_it_parses, can_be_fixed_and_let_go,
          durations_do_not_follow_the_wall_clock)

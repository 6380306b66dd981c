/* The breaker, the ledger's arithmetic and the ends of sign-ins: pure, on times that are given. */
#include "testlib.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

#include "manager/breaker.h"
#include "manager/health.h"
#include "manager/quota.h"

enum { BASE = 30 * 1000, CAP = 600 * 1000 };
static const int64_t day = 86400 * INT64_C(1000), hour = 3600 * INT64_C(1000);

static struct breaker fresh(void)
{
    struct breaker b;

    breaker_init(&b, BASE, CAP);
    return b;
}

static bool goes(struct breaker *b, enum urgency u, int64_t now)
{
    bool tries;
    return breaker_wait(b, u, now, &tries) == 0;
}

static void breaks(struct breaker *b, int times, int64_t now)
{
    while (times-- > 0)
        breaker_note(b, true, now);
}

START_TEST(it_opens_after_five_in_a_row)
{
    struct breaker b = fresh();

    breaks(&b, 4, 1000);
    ck_assert_int_eq(b.state, BREAKER_CLOSED);
    breaker_note(&b, false, 1000);
    breaks(&b, 4, 1000);
    ck_assert_int_eq(b.state, BREAKER_CLOSED);
    ck_assert(breaker_note(&b, true, 1000));
    ck_assert_int_eq(b.state, BREAKER_OPEN);
    ck_assert_int_eq(b.until_ms, 1000 + BASE);
    for (int u = URGENCY_LOW; u <= URGENCY_STAGE; u++)
        ck_assert(!goes(&b, (enum urgency)u, 1000 + BASE - 1));
}
END_TEST

START_TEST(it_opens_when_half_of_a_minute_failed)
{
    struct breaker b = fresh();

    for (int i = 0; i < 4; i++) {
        breaker_note(&b, false, 1000 + i);
        breaker_note(&b, true, 1000 + i);
    }
    breaker_note(&b, false, 2000);
    ck_assert_int_eq(b.state, BREAKER_CLOSED);
    breaker_note(&b, true, 2000);
    ck_assert_int_eq(b.state, BREAKER_OPEN);
    /* The same over more than a minute is no storm. */
    b = fresh();
    for (int i = 0; i < 40; i++)
        breaker_note(&b, i % 2, 1000 + i * 10000);
    ck_assert_int_eq(b.state, BREAKER_CLOSED);
}
END_TEST

START_TEST(one_question_tries_it)
{
    struct breaker b = fresh();
    bool tries;
    int64_t now = 1000 + BASE;

    breaks(&b, 5, 1000);
    ck_assert_int_eq(breaker_wait(&b, URGENCY_LOW, now, &tries), 0);
    ck_assert(tries);
    ck_assert_int_eq(b.state, BREAKER_HALF);
    for (int u = URGENCY_LOW; u <= URGENCY_STAGE; u++)
        ck_assert(!goes(&b, (enum urgency)u, now + 1));
    ck_assert(breaker_note(&b, false, now + 2));
    ck_assert_int_eq(b.state, BREAKER_CLOSED);
    ck_assert(goes(&b, URGENCY_LOW, now + 2));
    /* Closed again, it takes five more. */
    breaks(&b, 4, now + 3);
    ck_assert_int_eq(b.state, BREAKER_CLOSED);
}
END_TEST

START_TEST(each_opening_is_twice_as_long)
{
    struct breaker b = fresh();
    int64_t now = 1000, wanted = BASE;

    breaks(&b, 5, now);
    for (int i = 0; i < 9; i++) {
        ck_assert_int_eq(b.until_ms - now, wanted);
        now = b.until_ms;
        ck_assert(goes(&b, URGENCY_LOW, now));
        breaker_note(&b, true, now);
        wanted = wanted * 2 < CAP ? wanted * 2 : CAP;
    }
    ck_assert_int_eq(b.until_ms - now, CAP);
}
END_TEST

/* What shall begin or end a service does not wait ten minutes; a person who asks does not wait at
 * all; neither makes the pause longer. */
START_TEST(a_stop_tries_sooner)
{
    struct breaker b = fresh();
    int64_t now = 1000;

    breaks(&b, 5, now);
    for (int i = 0; i < 6; i++) {
        now = b.until_ms;
        ck_assert(goes(&b, URGENCY_LOW, now));
        breaker_note(&b, true, now);
    }
    int64_t until = b.until_ms;
    ck_assert_int_eq(until - now, CAP);
    ck_assert(!goes(&b, URGENCY_STAGE, now + BASE - 1));
    ck_assert(!goes(&b, URGENCY_WORK, now + BASE));
    ck_assert(goes(&b, URGENCY_STAGE, now + BASE));
    breaker_note(&b, true, now + BASE + 5);
    ck_assert_int_eq(b.until_ms, until);
    ck_assert(!goes(&b, URGENCY_STAGE, now + BASE + 6));
    ck_assert(goes(&b, URGENCY_PERSON, now + BASE + 6));
    breaker_note(&b, false, now + BASE + 7);
    ck_assert(goes(&b, URGENCY_LOW, now + BASE + 8));
}
END_TEST

START_TEST(a_question_that_came_to_nothing_lets_another)
{
    struct breaker b = fresh();

    breaks(&b, 5, 1000);
    ck_assert(goes(&b, URGENCY_LOW, 1000 + BASE));
    breaker_drop(&b, 1000 + BASE + 10);
    ck_assert_int_eq(b.state, BREAKER_OPEN);
    ck_assert(goes(&b, URGENCY_LOW, 1000 + BASE + 10));
    /* And one whose end nobody told is taken for lost. */
    ck_assert(!goes(&b, URGENCY_LOW, 1000 + BASE + 20));
    ck_assert(goes(&b, URGENCY_LOW, 1000 + BASE + 200 * 1000));
}
END_TEST

/* ---- the ledger ---- */

START_TEST(a_day_ends_at_the_platforms_midnight)
{
    char name[16];
    int64_t end;

    /* 22 Nov 2026 07:59:59Z is still the 21st at YouTube's. */
    quota_day("America/Los_Angeles", INT64_C(1795334399000), name, &end);
    ck_assert_str_eq(name, "2026-11-21");
    ck_assert_int_eq(end, INT64_C(1795334400000));
    quota_day("America/Los_Angeles", end, name, &end);
    ck_assert_str_eq(name, "2026-11-22");
    quota_day("UTC", INT64_C(1795334399000), name, &end);
    ck_assert_str_eq(name, "2026-11-22");
    ck_assert_int_eq(end % day, 0);
    /* The day of 1 Nov 2026 has 25 hours there. */
    quota_day("America/Los_Angeles", INT64_C(1793516400000), name, &end);
    ck_assert_str_eq(name, "2026-11-01");
    ck_assert_int_eq(end - INT64_C(1793516400000), 25 * hour);
}
END_TEST

START_TEST(a_forecast_follows_the_rate)
{
    struct quota_row row = { .used = 6200, .a_ms = 1000, .a_used = 6000 };
    int64_t now = 1000 + hour, end = now + 6 * hour;
    struct forecast f = quota_forecast(&row, 10000, 2000, now, end);

    ck_assert_int_eq(f.percent, 62);
    ck_assert_int_eq(f.lasts_ms, 0); /* 200 an hour: nine hours, the day has six */
    ck_assert(!f.spent);
    row.a_used = 5300; /* 900 an hour: two hours */
    f = quota_forecast(&row, 10000, 2000, now, end);
    ck_assert_int_eq(f.lasts_ms, now + 2 * hour);
    row.used = 8000;
    f = quota_forecast(&row, 10000, 2000, now, end);
    ck_assert(f.spent);
    ck_assert_int_eq(f.lasts_ms, 0);
    /* Nothing used, nothing known: enough. */
    row = (struct quota_row){ .used = 0 };
    f = quota_forecast(&row, 100, 0, now, end);
    ck_assert(!f.spent && f.lasts_ms == 0 && f.percent == 0);
}
END_TEST

START_TEST(marks_follow_the_last_hour)
{
    struct quota_row row = { .used = 0 };

    for (int64_t t = 0; t < 10 * hour; t += 60 * 1000) {
        quota_mark(&row, 1000 + t);
        row.used += 3;
        ck_assert_int_le(1000 + t - row.a_ms, hour + 60 * 1000);
        ck_assert_int_le(row.a_used, row.used);
        /* 180 an hour. */
        struct forecast f = quota_forecast(&row, row.used + 180, 0, 1000 + t, 1000 + t + 5 * hour);
        if (t > hour)
            ck_assert_int_le(llabs(f.lasts_ms - (1000 + t + hour)), 5 * 60 * 1000);
    }
    /* After a silence, and after a clock that was put back, from anew. */
    quota_mark(&row, 1000 + 20 * hour);
    ck_assert_int_eq(row.a_ms, 1000 + 20 * hour);
    quota_mark(&row, 1000 + 3 * hour);
    ck_assert_int_eq(row.a_ms, 1000 + 3 * hour);
}
END_TEST

START_TEST(what_a_request_costs)
{
    const struct quota_kind *units = quota_kinds(PLATFORM_YOUTUBE),
                            *meetings = quota_kinds(PLATFORM_ZOOM);
    struct http_request r = { .method = "GET", .route = "GET /youtube/v3/liveBroadcasts" };

    ck_assert_int_eq(units->cost(&r), 1);
    r.method = "POST";
    ck_assert_int_eq(units->cost(&r), 50);
    r = (struct http_request){ .method = "GET", .route = "GET /v2/users/{user}/meetings" };
    ck_assert_int_eq(meetings->cost(&r), 0);
    r = (struct http_request){
        .method = "POST", .route = "POST /v2/users/{user}/meetings", .effect = true, .creates = true
    };
    ck_assert_int_eq(meetings->cost(&r), 1);
    r = (struct http_request){ .method = "PATCH",
                               .route = "PATCH /v2/meetings/{id}",
                               .effect = true };
    ck_assert_int_eq(meetings->cost(&r), 1);
    r = (struct http_request){ .method = "PUT",
                               .route = "PUT /v2/meetings/{id}/status",
                               .effect = true };
    ck_assert_int_eq(meetings->cost(&r), 0);
    ck_assert_ptr_null(quota_kinds(PLATFORM_JITSI));
}
END_TEST

/* ---- ends ---- */

START_TEST(warnings_come_at_their_days)
{
    const int64_t granted = 1000 * day;
    static const struct {
        int64_t life, left; /* days, hours */
        int days;
    } rows[] = {
        { 60, 8 * 24, 0 }, { 60, 7 * 24, 7 }, { 60, 4 * 24, 7 }, { 60, 72, 3 }, { 60, 25, 3 },
        { 60, 24, 1 },     { 60, 1, 1 },      { 60, 0, 0 },      { 60, -5, 0 }, { 7, 160, 0 },
        { 7, 49, 0 },      { 7, 48, 2 },      { 7, 25, 2 },      { 7, 24, 1 },  { 7, 0, 0 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t end = granted + rows[i].life * day;
        ck_assert_msg(health_days(granted, end, end - rows[i].left * hour) == rows[i].days,
                      "%d days of life, %d hours left", (int)rows[i].life, (int)rows[i].left);
    }
    ck_assert_int_eq(health_days(granted, 0, granted), 0);
}
END_TEST

START_TEST(a_time_left_is_said_in_words)
{
    char out[60];

    health_in(out, sizeof out, 3 * day - 5 * 60 * 1000);
    ck_assert_str_eq(out, "in 3 days");
    health_in(out, sizeof out, 26 * hour);
    ck_assert_str_eq(out, "in 26 hours");
    health_in(out, sizeof out, hour);
    ck_assert_str_eq(out, "in 1 hour");
    health_in(out, sizeof out, 1000);
    ck_assert_str_eq(out, "within the hour");
}
END_TEST

/* Whose end is known, and which a renewal moves. */
START_TEST(each_platform_ends_in_its_own_way)
{
    static const struct {
        enum platform_id p;
        const char *method;
        bool renewable;
        int64_t access, refresh, issued; /* in */
        int64_t grant;                   /* out */
        bool sliding;
    } rows[] = {
        /* Google says an end only when the app is in Testing. */
        { PLATFORM_YOUTUBE, "oauth", true, 1000, 0, 500, 0, false },
        { PLATFORM_YOUTUBE, "oauth", true, 1000, 7777, 500, 7777, false },
        { PLATFORM_GOOGLE_MEET, "device", true, 1000, 7777, 500, 7777, false },
        { PLATFORM_TEAMS, "oauth", true, 1000, 0, 500, 500 + 90 * 86400000LL, true },
        { PLATFORM_ZOOM, "oauth", true, 1000, 0, 500, 500 + 90 * 86400000LL, true },
        { PLATFORM_ZOOM, "credentials", true, 1000, 0, 500, 0, false },
        { PLATFORM_RESTREAM, "oauth", true, 1000, 9999, 500, 9999, true },
        { PLATFORM_FACEBOOK, "oauth", false, 6000, 0, 500, 6000, false },
        { PLATFORM_FACEBOOK, "credentials", false, 0, 0, 500, 0, false },
        { PLATFORM_INSTAGRAM, "oauth", true, 6000, 0, 500, 6000, true },
        { PLATFORM_JITSI, "credentials", false, 0, 0, 0, 0, false },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct connection c = { .platform = rows[i].p,
                                .method = text_copy(rows[i].method),
                                .renewable = rows[i].renewable,
                                .access_expires_ms = rows[i].access,
                                .refresh_expires_ms = rows[i].refresh };
        health_ends(&c, rows[i].issued);
        ck_assert_msg(c.health.grant_end_ms == rows[i].grant && c.health.sliding == rows[i].sliding,
                      "row %zu: %lld, %d", i, (long long)c.health.grant_end_ms, c.health.sliding);
        connection_release(&c);
    }
}
END_TEST

TEST_MAIN("manager_breaker", it_opens_after_five_in_a_row, it_opens_when_half_of_a_minute_failed,
          one_question_tries_it, each_opening_is_twice_as_long, a_stop_tries_sooner,
          a_question_that_came_to_nothing_lets_another, a_day_ends_at_the_platforms_midnight,
          a_forecast_follows_the_rate, marks_follow_the_last_hour, what_a_request_costs,
          warnings_come_at_their_days, a_time_left_is_said_in_words,
          each_platform_ends_in_its_own_way)

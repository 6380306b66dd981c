/* The ledger of allowances and the warnings of sign-ins that end, with the engine at work. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

static struct world w;
static const enum platform_id youtube[] = { PLATFORM_YOUTUBE }, facebook[] = { PLATFORM_FACEBOOK };
static const int64_t day = 86400 * INT64_C(1000);

static void close_world(void)
{
    world_close(&w);
}

/* What the platform has counted: reads 1, all else 50. */
static int64_t really_used(void)
{
    int64_t all = (int64_t)world_request_count(&w, PLATFORM_YOUTUBE, NULL, "/youtube/v3/");
    int64_t reads = (int64_t)world_request_count(&w, PLATFORM_YOUTUBE, "GET", "/youtube/v3/");

    return reads + (all - reads) * 50;
}

static int64_t ledger(void)
{
    return world_sql(&w, "SELECT coalesce(sum(used), 0) FROM quotas WHERE platform = 'youtube'");
}

static int64_t events(const char *kind)
{
    return world_sql_of(&w, "SELECT count(*) FROM events WHERE kind = $1", kind);
}

static struct allowance allowance(void)
{
    struct allowance a[4];
    struct connection c = { 0 };
    struct db *db = NULL;
    struct error err;

    world_connection(&w, PLATFORM_YOUTUBE, &c);
    TEST_OK(db_read(engine_store(w.engine), &db, &err), err);
    TEST_OK(connection_review(w.manager, db, &c, &err), err);
    ck_assert_uint_eq(connection_allowances(w.manager, db, &c, a, 4), 1);
    db_read_end(db);
    connection_release(&c);
    return a[0];
}

/* What is tried at connecting is not counted: a unit or two. */
enum { TRIED = 10 };

START_TEST(the_ledger_is_never_below_the_truth)
{
    world_open(&w, NULL);
    for (int i = 0; i < 4; i++) {
        struct id id = world_livestream(&w, "Sunday Service", youtube, 1, i == 0);
        ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
        int64_t used = really_used();
        ck_assert_int_ge(ledger() + TRIED, used);
    }
    /* In portions: many calls, few writes. At the end what was taken and not used is given back. */
    int64_t before = really_used();
    ck_assert_int_le(ledger(), before + 200);
    world_engine_close(&w);
    int64_t used = really_used();
    world_engine_open(&w, false);
    ck_assert_int_ge(ledger() + TRIED, used);
    ck_assert_int_le(ledger(), used);
    struct allowance a = allowance();
    ck_assert_int_eq(a.used, ledger());
    ck_assert_str_ne(a.words, "");
    ck_assert(!a.spent);
}
END_TEST

/* When only what is kept is left, creating waits, starting and stopping go on, and other platforms
 * know nothing of it. */
START_TEST(start_and_stop_keep_their_share)
{
    struct world_options o = { .settings = { { "youtube", "allowance", "20" } } }; /* × 40 */
    struct error err;
    struct id made[12];
    int n = 0;

    world_open(&w, &o);
    struct id first = world_livestream(&w, "Sunday Service", youtube, 1, false);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, first).fine, 1);
    while (n < 12 && events("quota.stop") == 0) {
        made[n] = world_livestream(&w, "Evensong", youtube, 1, false);
        WORLD_UNTIL(&w, world_live(&w, made[n]) == 0 || events("quota.stop") > 0);
        n++;
    }
    ck_assert_int_eq(events("quota.stop"), 1);
    ck_assert_int_eq(events("quota.most"), 1);
    WORLD_UNTIL(&w, allowance().spent);
    struct target t = world_target(&w, SUBJECT_LIVESTREAM, made[n - 1], PLATFORM_YOUTUBE);
    WORLD_UNTIL(&w, (target_release(&t),
                     t = world_target(&w, SUBJECT_LIVESTREAM, made[n - 1], PLATFORM_YOUTUBE),
                     t.error_kind == ERROR_QUOTA));
    ck_assert_int_eq(t.attempts, 0);
    ck_assert_int_eq(t.status, TARGET_PENDING);
    target_release(&t);
    int64_t asked = really_used();
    TEST_OK(livestream_start(w.manager, first, &world_operator, &err), err);
    WORLD_UNTIL(&w, (target_release(&t),
                     t = world_target(&w, SUBJECT_LIVESTREAM, first, PLATFORM_YOUTUBE),
                     t.status == TARGET_LIVE));
    TEST_OK(livestream_stop(w.manager, first, &world_operator, &err), err);
    WORLD_UNTIL(&w, (target_release(&t),
                     t = world_target(&w, SUBJECT_LIVESTREAM, first, PLATFORM_YOUTUBE),
                     t.status == TARGET_ENDED));
    target_release(&t);
    ck_assert_int_gt(really_used(), asked);
    ck_assert_int_ge(ledger() + TRIED, really_used());
    struct id other = world_livestream(&w, "Sunday Service", facebook, 1, false);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, other).fine, 1);
    ck_assert_int_eq(events("quota.stop"), 1);
}
END_TEST

/* ---- ends ---- */

static void set_end(int64_t granted_ms, int64_t end_ms)
{
    struct db *db = NULL;
    struct error err;

    TEST_OK(db_begin(engine_store(w.engine), &db, &err), err);
    TEST_OK(db_run(db, &err,
                   "UPDATE connections SET refresh_expires_ms = $1 WHERE platform = 'youtube'", "i",
                   end_ms),
            err);
    TEST_OK(db_run(db, &err,
                   "UPDATE connection_health SET granted_ms = $1 WHERE connection_id IN"
                   " (SELECT id FROM connections WHERE platform = 'youtube')",
                   "i", granted_ms),
            err);
    TEST_OK(db_commit(db, &err), err);
}

static void shows(const char *note)
{
    struct connection c = { 0 };
    struct db *db = NULL;
    struct error err;

    world_connection(&w, PLATFORM_YOUTUBE, &c);
    TEST_OK(db_read(engine_store(w.engine), &db, &err), err);
    TEST_OK(connection_review(w.manager, db, &c, &err), err);
    db_read_end(db);
    ck_assert_str_eq(c.note, note);
    ck_assert_int_eq(c.status, CONNECTION_CONNECTED);
    connection_release(&c);
}

static void again(void)
{
    world_engine_close(&w);
    world_engine_open(&w, true);
}

START_TEST(an_end_is_warned_of_once_a_day_that_counts)
{
    int64_t now = clock_now(), minute = 60 * 1000;

    world_open(&w, NULL);
    shows("");
    set_end(now - 50 * day, now + 9 * day);
    shows("expires in 9 days");
    again();
    static const struct {
        int days, before;
    } ends[] = { { 7, 7 }, { 6, 7 }, { 3, 3 }, { 2, 3 }, { 1, 1 } };
    int64_t told = 0, last = 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        /* The same end: it is the time that goes on, so the warning of that end is moved with it.
         */
        set_end(now - 50 * day, now + ends[i].days * day - minute);
        struct db *db = NULL;
        struct error err;
        TEST_OK(db_begin(engine_store(w.engine), &db, &err), err);
        TEST_OK(db_run(db, &err,
                       "UPDATE connection_health SET warned_for_ms = $1 WHERE warned_for_ms > 0",
                       "i", now + ends[i].days * day - minute),
                err);
        TEST_OK(db_commit(db, &err), err);
        told += ends[i].before != last;
        last = ends[i].before;
        again();
        WORLD_UNTIL(&w, events("connection.expires") == told);
        again();
        /* What the engine would say again it would say at its start. */
        struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
        ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
        ck_assert_int_eq(events("connection.expires"), told);
    }
    ck_assert_int_eq(told, 3);
    ck_assert_int_eq(world_sql(&w,
                               "SELECT count(*) FROM events WHERE kind = 'connection.expires' AND"
                               " level = 'warning' AND remedy LIKE 'Reconnect YouTube%'"),
                     3);
    /* Another end, of a grant of a week: at two days and at one. */
    set_end(now - 4 * day, now + 3 * day - minute);
    again();
    shows("expires in 3 days");
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    ck_assert_int_eq(events("connection.expires"), 3);
    set_end(now - 5 * day, now + 2 * day - minute);
    again();
    WORLD_UNTIL(&w, events("connection.expires") == 4);
}
END_TEST

/* ---- probes ---- */

static void age(const char *slug, int64_t ms)
{
    struct db *db = NULL;
    struct error err;

    TEST_OK(db_begin(engine_store(w.engine), &db, &err), err);
    TEST_OK(db_run(db, &err,
                   "UPDATE connections SET last_ok_ms = last_ok_ms - $1, last_probe_ms = "
                   "last_probe_ms - $1"
                   " WHERE platform = $2",
                   "it", ms, slug),
            err);
    TEST_OK(db_commit(db, &err), err);
}

static int64_t last_ok(enum platform_id p)
{
    struct connection c = { 0 };

    world_connection(&w, p, &c);
    int64_t at = c.last_ok_ms;
    connection_release(&c);
    return at;
}

/* One that nothing uses is asked after six hours, not after five; one that was not heard of for a
 * day at once. */
START_TEST(what_nothing_uses_is_probed)
{
    world_open(&w, NULL);
    int64_t begun = clock_now();
    age("youtube", day / 4 + 60 * 1000);
    age("zoom", 5 * 3600 * INT64_C(1000));
    age("facebook", 2 * day);
    again();
    WORLD_UNTIL(&w, last_ok(PLATFORM_YOUTUBE) >= begun && last_ok(PLATFORM_FACEBOOK) >= begun);
    ck_assert_int_lt(last_ok(PLATFORM_ZOOM), begun);
}
END_TEST

/* ---- the breaker ---- */

static enum breaker_state breaker_of(enum platform_id p)
{
    struct connection c = { 0 };
    struct db *db = NULL;
    struct error err;

    world_connection(&w, p, &c);
    TEST_OK(db_read(engine_store(w.engine), &db, &err), err);
    TEST_OK(connection_review(w.manager, db, &c, &err), err);
    db_read_end(db);
    enum breaker_state state = c.health.breaker;
    connection_release(&c);
    return state;
}

START_TEST(a_breaker_outlives_the_program_and_delays_nobody_else)
{
    struct world_options o = { .settings = { { "retry", "base", "0" }, { "retry", "cap", "0" } } };
    struct connection c = { 0 };
    struct error err;
    struct id ids[5];

    world_open(&w, &o);
    world_fault(&w, "{\"platform\":\"facebook\",\"kind\":\"status\",\"status\":503}");
    for (int i = 0; i < 5; i++)
        ids[i] = world_livestream(&w, "Sunday Service", facebook, 1, false);
    WORLD_UNTIL(&w, breaker_of(PLATFORM_FACEBOOK) == BREAKER_OPEN);
    WORLD_UNTIL(&w, world_sql(&w, "SELECT count(*) FROM jobs WHERE state = 'running'") == 0);
    ck_assert_int_eq(events("connection.paused"), 1);
    size_t asked = world_request_count(&w, PLATFORM_FACEBOOK, NULL, NULL);
    again();
    ck_assert_int_eq(breaker_of(PLATFORM_FACEBOOK), BREAKER_OPEN);
    TEST_OK(livestream_retry(w.manager, ids[0], PLATFORM_FACEBOOK, &world_operator, &err), err);
    WORLD_UNTIL(
        &w, world_sql(
                &w, "SELECT count(*) FROM jobs WHERE error_kind = 'breaker' AND snoozes > 0") > 0);
    ck_assert_uint_eq(world_request_count(&w, PLATFORM_FACEBOOK, NULL, NULL), asked);
    ck_assert_int_eq(
        world_sql(&w, "SELECT count(*) FROM jobs WHERE error_kind = 'breaker' AND attempt > 1"), 0);
    struct id other = world_livestream(&w, "Sunday Service", youtube, 1, false);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, other).fine, 1);
    sim_faults_clear(w.sim);
    TEST_OK(connection_check(w.manager, w.church.id, PLATFORM_FACEBOOK, &world_operator, NULL, &c,
                             &err),
            err);
    ck_assert_int_eq(c.status, CONNECTION_CONNECTED);
    connection_release(&c);
    ck_assert_int_eq(breaker_of(PLATFORM_FACEBOOK), BREAKER_CLOSED);
    ck_assert_int_eq(events("connection.resumed"), 1);
    for (int i = 0; i < 5; i++) {
        /* What waits for a try of its own goes now; the rest is under way by itself. */
        livestream_retry(w.manager, ids[i], PLATFORM_FACEBOOK, &world_operator, &err);
        ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, ids[i]).fine, 1);
    }
}
END_TEST

TEST_MAIN_FIXTURE("manager_health", NULL, close_world, the_ledger_is_never_below_the_truth,
                  start_and_stop_keep_their_share, an_end_is_warned_of_once_a_day_that_counts,
                  what_nothing_uses_is_probed,
                  a_breaker_outlives_the_program_and_delays_nobody_else)

/* Connections and what else happens at the same time; the work of another process. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

static struct world w;
static const enum platform_id youtube[] = { PLATFORM_YOUTUBE };
static const char broadcasts[] = "/youtube/v3/liveBroadcasts";

static void close_world(void)
{
    world_close(&w);
}

static enum connection_status status_of(enum platform_id p)
{
    struct connection c = { 0 };

    world_connection(&w, p, &c);
    enum connection_status status = c.status;
    connection_release(&c);
    return status;
}

static int64_t secret_count(enum platform_id p)
{
    return world_sql_of(&w,
                        "SELECT count(*) FROM secrets s JOIN connections c ON c.id = "
                        "s.connection_id WHERE c.platform = $1",
                        platform_slug(p));
}

/* What was wished for through one program is carried out by the one that has the engine lock. */
START_TEST(the_engine_carries_out_what_another_process_wishes)
{
    struct engine_options o = { 0 };
    struct engine *working, *other = NULL;
    struct error err;

    world_open(&w, NULL);
    world_drain(&w);
    o.db_path = w.db;
    o.key_file = w.key;
    TEST_OK(engine_open(&other, w.config, &o, &err), err);
    working = w.engine;
    w.engine = other;
    w.manager = engine_manager(other);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    w.engine = working;
    w.manager = engine_manager(working);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    engine_close(other);
}
END_TEST

/* A call is under way when somebody disconnects: its answer does not connect again, and nothing
 * sealed comes back. */
START_TEST(a_disconnect_is_not_undone_by_an_answer)
{
    int64_t left;
    struct error err;

    world_open(&w, NULL);
    world_livestream(&w, "Sunday Service", youtube, 1, false);
    world_drain(&w);
    cJSON_Delete(world_control(&w, "POST", "/_sim/grants",
                               "{\"platform\":\"youtube\",\"action\":\"expire_access\"}"));
    world_fault(&w, "{\"platform\":\"youtube\",\"path\":\"/"
                    "token\",\"kind\":\"delay\",\"delayMs\":400,\"times\":1}");
    size_t before = world_request_count(&w, PLATFORM_YOUTUBE, NULL, "/token");
    world_livestream(&w, "Evensong", youtube, 1, false);
    WORLD_UNTIL(&w, world_request_count(&w, PLATFORM_YOUTUBE, NULL, "/token") > before);
    TEST_OK(connection_disconnect(w.manager, w.church.id, PLATFORM_YOUTUBE, &world_operator, NULL,
                                  &left, &err),
            err);
    world_drain(&w);
    ck_assert_int_eq(status_of(PLATFORM_YOUTUBE), CONNECTION_DISCONNECTED);
    ck_assert_int_eq(secret_count(PLATFORM_YOUTUBE), 0);
}
END_TEST

START_TEST(a_disconnect_during_a_call_stays)
{
    int64_t left;
    struct error err;

    world_open(&w, NULL);
    world_drain(&w);
    world_fault(&w,
                "{\"platform\":\"youtube\",\"method\":\"POST\",\"path\":\"%s\",\"kind\":\"delay\","
                "\"delayMs\":300,\"times\":1}",
                broadcasts);
    world_livestream(&w, "Sunday Service", youtube, 1, false);
    WORLD_UNTIL(&w, world_request_count(&w, PLATFORM_YOUTUBE, "POST", broadcasts) == 1);
    TEST_OK(connection_disconnect(w.manager, w.church.id, PLATFORM_YOUTUBE, &world_operator, NULL,
                                  &left, &err),
            err);
    world_drain(&w);
    ck_assert_int_eq(status_of(PLATFORM_YOUTUBE), CONNECTION_DISCONNECTED);
    ck_assert_int_eq(secret_count(PLATFORM_YOUTUBE), 0);
}
END_TEST

static bool key_opens(struct id target)
{
    struct connection c = { 0 };
    struct secret *key = NULL;
    struct db *db;
    struct error err;
    char field[80];

    snprintf(field, sizeof field, "target/%s/stream_key", target.hex);
    world_connection(&w, PLATFORM_YOUTUBE, &c);
    TEST_OK(db_read(engine_store(w.engine), &db, &err), err);
    bool have = vault_get(manager_vault(w.manager), db, c.id, PLATFORM_YOUTUBE, field, &key, &err);
    db_read_end(db);
    have = have && secret_length(key) > 0;
    secret_free(key);
    connection_release(&c);
    return have;
}

START_TEST(connecting_again_keeps_the_stream_keys)
{
    int64_t left;
    struct error err;

    world_open(&w, NULL);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    world_settle(&w, SUBJECT_LIVESTREAM, id);
    struct target t = world_target(&w, SUBJECT_LIVESTREAM, id, PLATFORM_YOUTUBE);
    ck_assert(t.has_key && key_opens(t.id));
    TEST_OK(world_connect(&w, PLATFORM_YOUTUBE, NULL, &err), err);
    ck_assert(key_opens(t.id));
    /* A disconnect wipes all; then the key is asked for again. */
    TEST_OK(connection_disconnect(w.manager, w.church.id, PLATFORM_YOUTUBE, &world_operator, NULL,
                                  &left, &err),
            err);
    ck_assert_int_eq(secret_count(PLATFORM_YOUTUBE), 0);
    TEST_OK(world_connect(&w, PLATFORM_YOUTUBE, NULL, &err), err);
    TEST_OK(livestream_start(w.manager, id, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    ck_assert(key_opens(t.id));
    target_release(&t);
}
END_TEST

/* The platform is not connected: its target fails at once and says what to do, the others are not
 * told anything of it. */
START_TEST(a_platform_that_is_not_connected_fails_alone)
{
    enum platform_id all[PLATFORM_COUNT];
    struct world_options o = { .unconnected = true };
    struct error err;

    world_open(&w, &o);
    size_t n = world_platforms(&w, PLATFORM_LIVESTREAMS, all);
    ck_assert_uint_ge(n, 2);
    for (size_t i = 1; i < n; i++)
        TEST_OK(world_connect(&w, all[i], NULL, &err), err);
    struct id id = world_livestream(&w, "Sunday Service", all, n, true);
    struct target t = world_target(&w, SUBJECT_LIVESTREAM, id, all[0]);
    ck_assert_int_eq(t.status, TARGET_FAILED);
    ck_assert_int_eq(t.error_kind, ERROR_AUTH);
    ck_assert_str_ne(t.remedy, "");
    target_release(&t);
    struct settled s = world_settle(&w, SUBJECT_LIVESTREAM, id);
    ck_assert_int_eq(s.failed, 1);
    ck_assert_int_eq(s.fine, (int)n - 1);
    ck_assert_uint_eq(world_request_count(&w, all[0], NULL, NULL), 0);
    /* Connected now: a retry brings it to where the others are. */
    TEST_OK(world_connect(&w, all[0], NULL, &err), err);
    TEST_OK(livestream_retry(w.manager, id, all[0], &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, (int)n);
}
END_TEST

/* Three calls hang at the platform; the stop of a fourth livestream there is carried out all the
 * same. */
START_TEST(a_stop_does_not_queue_behind_what_hangs)
{
    struct world_options o = { .settings = { { "net", "total", "25s" } } };
    struct error err;

    world_open(&w, &o);
    struct id live = world_livestream(&w, "Sunday Service", youtube, 1, true);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, live).fine, 1);
    world_fault(&w,
                "{\"platform\":\"youtube\",\"method\":\"POST\",\"path\":\"/youtube/v3/"
                "liveBroadcasts\",\"kind\":\"stall\",\"times\":%d}",
                platform_get(PLATFORM_YOUTUBE)->parallel);
    for (int i = 0; i < platform_get(PLATFORM_YOUTUBE)->parallel; i++)
        world_livestream(&w, "Evensong", youtube, 1, false);
    WORLD_UNTIL(&w,
                world_sql(&w, "SELECT count(*) FROM jobs WHERE state = 'running' AND sent = 2") ==
                    platform_get(PLATFORM_YOUTUBE)->parallel);
    TEST_OK(livestream_stop(w.manager, live, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, live).fine, 1);
    /* Counted, not timed: the others still hang. */
    ck_assert_int_eq(
        world_sql(&w, "SELECT count(*) FROM jobs WHERE state = 'running' AND sent = 2"),
        platform_get(PLATFORM_YOUTUBE)->parallel);
}
END_TEST

/* The engine's end tells of no answer that did not come. */
START_TEST(a_start_too_late_says_so)
{
    struct error err;

    world_open(&w, NULL);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    world_settle(&w, SUBJECT_LIVESTREAM, id);
    world_engine_close(&w);
    world_engine_open(&w, false);
    TEST_OK(livestream_start(w.manager, id, &world_operator, &err), err);
    world_engine_close(&w);
    clock_fix(clock_now() + 3 * 3600 * 1000);
    world_engine_open(&w, true);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).failed, 1);
    clock_fix(-1);
    struct target t = world_target(&w, SUBJECT_LIVESTREAM, id, PLATFORM_YOUTUBE);
    ck_assert_int_eq(t.status, TARGET_FAILED);
    ck_assert_str_ne(t.error, "");
    target_release(&t);
}
END_TEST

TEST_MAIN_FIXTURE("manager_connections", NULL, close_world,
                  the_engine_carries_out_what_another_process_wishes,
                  a_disconnect_is_not_undone_by_an_answer, a_disconnect_during_a_call_stays,
                  connecting_again_keeps_the_stream_keys,
                  a_platform_that_is_not_connected_fails_alone,
                  a_stop_does_not_queue_behind_what_hangs, a_start_too_late_says_so)

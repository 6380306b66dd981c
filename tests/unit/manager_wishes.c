/* Wishes that come while an earlier one is still under way: none is lost, none is done twice. */
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
    if (getenv("WORLD_TELL"))
        world_tell(&w);
    world_close(&w);
}

/* Waits until the request is at the platform (the journal notes it when it has been read). */
static void until_asked(const char *method, const char *path, size_t count)
{
    WORLD_UNTIL(&w, world_request_count(&w, PLATFORM_YOUTUBE, method, path) >= count);
}

static struct id live_one(void)
{
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, true);
    struct settled s = world_settle(&w, SUBJECT_LIVESTREAM, id);

    ck_assert_int_eq(s.fine, 1);
    return id;
}

static void check_status(struct id id, enum livestream_status record, enum target_status target)
{
    struct livestream l = world_read_livestream(&w, id);

    ck_assert_str_eq(livestream_status_name(l.status), livestream_status_name(record));
    ck_assert_str_eq(target_status_name(l.targets[0].status, SUBJECT_LIVESTREAM),
                     target_status_name(target, SUBJECT_LIVESTREAM));
    livestream_release(&l);
}

START_TEST(a_livestream_is_created_started_and_stopped)
{
    struct error err;

    world_open(&w, NULL);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_YOUTUBE, "broadcast"), 1);
    check_status(id, LIVESTREAM_SCHEDULED, TARGET_PENDING);
    TEST_OK(livestream_start(w.manager, id, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    check_status(id, LIVESTREAM_LIVE, TARGET_LIVE);
    TEST_OK(livestream_stop(w.manager, id, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    check_status(id, LIVESTREAM_ENDED, TARGET_ENDED);
}
END_TEST

/* The platform accepts the request and never answers. The stop does not wait for the call's own
 * time-out. */
START_TEST(a_stop_ends_a_stalled_start_at_once)
{
    struct world_options o = { .settings = { { "net", "total", "25s" } } };
    struct error err;

    world_open(&w, &o);
    world_fault(&w,
                "{\"platform\":\"youtube\",\"method\":\"POST\",\"path\":\"%s\",\"kind\":\"stall\"}",
                broadcasts);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, true);
    until_asked("POST", broadcasts, 1);
    int64_t begun = clock_mono();
    TEST_OK(livestream_stop(w.manager, id, &world_operator, &err), err);
    struct settled s = world_settle(&w, SUBJECT_LIVESTREAM, id);
    ck_assert_int_lt(clock_mono() - begun, 15000);
    ck_assert_int_eq(s.fine, 1);
    check_status(id, LIVESTREAM_ENDED, TARGET_ENDED);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_YOUTUBE, "broadcast"), 0);
}
END_TEST

/* It did what was asked and only the answer was lost: what it made is found and taken away again.
 */
START_TEST(a_stop_takes_away_what_a_lost_create_made)
{
    struct world_options o = { .settings = { { "queue", "settle", "1s" } } };
    struct error err;

    world_open(&w, &o);
    world_fault(&w,
                "{\"platform\":\"youtube\",\"method\":\"POST\",\"path\":\"%s\",\"kind\":\"lost_"
                "answer\",\"times\":1}",
                broadcasts);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, true);
    WORLD_UNTIL(&w, world_sql(&w, "SELECT count(*) FROM jobs WHERE state = 'unknown'") == 1);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_YOUTUBE, "broadcast"), 1);
    TEST_OK(livestream_stop(w.manager, id, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    check_status(id, LIVESTREAM_ENDED, TARGET_ENDED);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_YOUTUBE, "broadcast"), 0);
}
END_TEST

START_TEST(a_stop_while_it_waits_for_the_encoder)
{
    struct world_options o = { .encoder_manual = true };
    struct error err;

    world_open(&w, &o);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, true);
    WORLD_UNTIL(
        &w,
        world_sql(&w, "SELECT count(*) FROM targets WHERE note LIKE 'Waiting for the encoder%'") ==
            1);
    TEST_OK(livestream_stop(w.manager, id, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    check_status(id, LIVESTREAM_ENDED, TARGET_ENDED);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_YOUTUBE, "broadcast"), 0);
}
END_TEST

START_TEST(a_second_stop_does_not_undo_the_first)
{
    struct error err;

    world_open(&w, NULL);
    struct id id = live_one();
    world_fault(&w, "{\"platform\":\"youtube\",\"kind\":\"delay\",\"delayMs\":200,\"times\":3}");
    TEST_OK(livestream_stop(w.manager, id, &world_operator, &err), err);
    WORLD_UNTIL(
        &w,
        world_sql(
            &w, "SELECT count(*) FROM jobs WHERE kind = 'livestream.stop' AND state = 'running'") ==
            1);
    TEST_OK(livestream_stop(w.manager, id, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    check_status(id, LIVESTREAM_ENDED, TARGET_ENDED);
}
END_TEST

START_TEST(a_second_delete_does_not_undo_the_first)
{
    struct error err;

    world_open(&w, NULL);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    world_settle(&w, SUBJECT_LIVESTREAM, id);
    world_fault(&w, "{\"platform\":\"youtube\",\"kind\":\"delay\",\"delayMs\":200,\"times\":3}");
    TEST_OK(livestream_delete(w.manager, id, &world_operator, &err), err);
    WORLD_UNTIL(
        &w,
        world_sql(
            &w,
            "SELECT count(*) FROM jobs WHERE kind = 'livestream.remove' AND state = 'running'") ==
            1);
    TEST_OK(livestream_delete(w.manager, id, &world_operator, &err), err);
    world_drain(&w);
    ck_assert_int_eq(world_sql(&w, "SELECT count(*) FROM livestreams"), 0);
    ck_assert_int_eq(world_sql(&w, "SELECT count(*) FROM targets"), 0);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_YOUTUBE, "broadcast"), 0);
}
END_TEST

START_TEST(a_delete_while_the_create_is_unknown)
{
    struct world_options o = { .settings = { { "queue", "settle", "1s" } } };
    struct error err;

    world_open(&w, &o);
    world_fault(&w,
                "{\"platform\":\"youtube\",\"method\":\"POST\",\"path\":\"%s\",\"kind\":\"lost_"
                "answer\",\"times\":1}",
                broadcasts);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    WORLD_UNTIL(&w, world_sql(&w, "SELECT count(*) FROM jobs WHERE state = 'unknown'") == 1);
    TEST_OK(livestream_delete(w.manager, id, &world_operator, &err), err);
    world_drain(&w);
    ck_assert_int_eq(world_sql(&w, "SELECT count(*) FROM livestreams"), 0);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_YOUTUBE, "broadcast"), 0);
}
END_TEST

/* The look-up itself fails once: what is unknown stays unknown until it is known. */
START_TEST(a_delete_survives_a_look_up_that_fails)
{
    struct world_options o = { .settings = { { "queue", "settle", "1s" } } };
    struct error err;

    world_open(&w, &o);
    world_fault(&w,
                "{\"platform\":\"youtube\",\"method\":\"POST\",\"path\":\"%s\",\"kind\":\"lost_"
                "answer\",\"times\":1}",
                broadcasts);
    world_fault(&w,
                "{\"platform\":\"youtube\",\"method\":\"GET\",\"path\":\"%s\",\"kind\":\"status\","
                "\"status\":503,\"times\":2}",
                broadcasts);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    WORLD_UNTIL(&w, world_sql(&w, "SELECT count(*) FROM jobs WHERE state = 'unknown'") == 1);
    TEST_OK(livestream_delete(w.manager, id, &world_operator, &err), err);
    world_drain(&w);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_YOUTUBE, "broadcast"), 0);
    ck_assert_int_eq(world_sql(&w, "SELECT count(*) FROM livestreams"), 0);
}
END_TEST

static void check_title(const char *wanted)
{
    cJSON *list = world_objects(&w, PLATFORM_YOUTUBE, "broadcast");

    ck_assert_int_eq(cJSON_GetArraySize(list), 1);
    ck_assert_str_eq(json_string(list->child, "title"), wanted);
    cJSON_Delete(list);
}

static void rename_to(struct id id, const char *title)
{
    struct record_input in = { .title = title, .primary = -1 };
    struct error err;

    TEST_OK(livestream_edit(w.manager, id, &in, &world_operator, &err), err);
}

START_TEST(an_edit_reaches_the_platform)
{
    world_open(&w, NULL);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    world_settle(&w, SUBJECT_LIVESTREAM, id);
    rename_to(id, "Evensong");
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    check_title("Evensong");
}
END_TEST

START_TEST(an_edit_while_live)
{
    world_open(&w, NULL);
    struct id id = live_one();
    rename_to(id, "Evensong");
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    check_title("Evensong");
    check_status(id, LIVESTREAM_LIVE, TARGET_LIVE);
}
END_TEST

/* The create has read the old title already. */
START_TEST(an_edit_while_the_create_is_under_way)
{
    world_open(&w, NULL);
    world_fault(&w,
                "{\"platform\":\"youtube\",\"method\":\"POST\",\"path\":\"%s\",\"kind\":\"delay\","
                "\"delayMs\":300,\"times\":1}",
                broadcasts);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    until_asked("POST", broadcasts, 1);
    rename_to(id, "Evensong");
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    check_title("Evensong");
}
END_TEST

START_TEST(an_edit_while_an_edit_is_under_way)
{
    world_open(&w, NULL);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    world_settle(&w, SUBJECT_LIVESTREAM, id);
    world_fault(&w, "{\"platform\":\"youtube\",\"method\":\"PUT\",\"kind\":\"delay\",\"delayMs\":"
                    "300,\"times\":1}");
    rename_to(id, "Evensong");
    until_asked("PUT", NULL, 1);
    rename_to(id, "Matins");
    rename_to(id, "Compline");
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    check_title("Compline");
}
END_TEST

START_TEST(a_retry_after_a_failure)
{
    struct error err;

    world_open(&w, NULL);
    world_fault(&w,
                "{\"platform\":\"youtube\",\"method\":\"POST\",\"path\":\"%s\",\"kind\":\"status\","
                "\"status\":403}",
                broadcasts);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).failed, 1);
    struct target t = world_target(&w, SUBJECT_LIVESTREAM, id, PLATFORM_YOUTUBE);
    ck_assert_int_eq(t.status, TARGET_FAILED);
    ck_assert_str_ne(t.error, "");
    target_release(&t);
    sim_faults_clear(w.sim);
    TEST_OK(livestream_retry(w.manager, id, PLATFORM_YOUTUBE, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_YOUTUBE, "broadcast"), 1);
    TEST_FAILS(livestream_retry(w.manager, id, PLATFORM_YOUTUBE, &world_operator, &err), err,
               ERROR_REFUSED);
    TEST_FAILS(livestream_retry(w.manager, id, PLATFORM_ZOOM, &world_operator, &err), err,
               ERROR_MISSING);
}
END_TEST

/* Deleted there by somebody while it was being waited for. */
START_TEST(a_retry_after_it_was_deleted_there)
{
    struct error err;
    char body[200];

    world_open(&w, NULL);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    world_settle(&w, SUBJECT_LIVESTREAM, id);
    struct target t = world_target(&w, SUBJECT_LIVESTREAM, id, PLATFORM_YOUTUBE);
    snprintf(body, sizeof body, "{\"platform\":\"youtube\",\"id\":\"%s\",\"event\":\"deleted\"}",
             t.remote_id);
    target_release(&t);
    cJSON_Delete(world_control(&w, "POST", "/_sim/remote", body));
    TEST_OK(livestream_start(w.manager, id, &world_operator, &err), err);
    WORLD_UNTIL(&w, world_sql(&w, "SELECT count(*) FROM targets WHERE status = 'failed'") == 1);
    world_drain(&w);
    TEST_OK(livestream_retry(w.manager, id, PLATFORM_YOUTUBE, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    check_status(id, LIVESTREAM_LIVE, TARGET_LIVE);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_YOUTUBE, "broadcast"), 1);
}
END_TEST

TEST_MAIN_FIXTURE("manager_wishes", NULL, close_world, a_livestream_is_created_started_and_stopped,
                  a_stop_ends_a_stalled_start_at_once, a_stop_takes_away_what_a_lost_create_made,
                  a_stop_while_it_waits_for_the_encoder, a_second_stop_does_not_undo_the_first,
                  a_second_delete_does_not_undo_the_first, a_delete_while_the_create_is_unknown,
                  a_delete_survives_a_look_up_that_fails, an_edit_reaches_the_platform,
                  an_edit_while_live, an_edit_while_the_create_is_under_way,
                  an_edit_while_an_edit_is_under_way, a_retry_after_a_failure,
                  a_retry_after_it_was_deleted_there)

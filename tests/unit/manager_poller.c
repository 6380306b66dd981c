/* The poller keeps what is shown true: what happens at the platforms without us, what their silence
 * means, and that one which is silent keeps no other from being asked. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

static struct world w;
static const enum platform_id youtube[] = { PLATFORM_YOUTUBE },
                              two[] = { PLATFORM_YOUTUBE, PLATFORM_FACEBOOK };

static void close_world(void)
{
    world_close(&w);
}

static void happens(struct id id, enum platform_id p, const char *event)
{
    struct target t = world_target(&w, SUBJECT_LIVESTREAM, id, p);
    char body[200];

    snprintf(body, sizeof body, "{\"platform\":\"%s\",\"id\":\"%s\",\"event\":\"%s\"}",
             platform_slug(p), t.remote_id, event);
    cJSON_Delete(world_control(&w, "POST", "/_sim/remote", body));
    target_release(&t);
}

static enum target_status status_of(struct id id, enum platform_id p)
{
    struct target t = world_target(&w, SUBJECT_LIVESTREAM, id, p);
    enum target_status status = t.status;

    target_release(&t);
    return status;
}

static enum livestream_status record_status(struct id id)
{
    struct livestream l = world_read_livestream(&w, id);
    enum livestream_status status = l.status;

    livestream_release(&l);
    return status;
}

static struct id live_on(const enum platform_id *platforms, size_t count)
{
    struct id id = world_livestream(&w, "Sunday Service", platforms, count, true);

    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, (int)count);
    return id;
}

START_TEST(ended_there_is_ended_here)
{
    world_open(&w, NULL);
    struct id id = live_on(two, 2);
    happens(id, PLATFORM_YOUTUBE, "ended");
    WORLD_UNTIL(&w, status_of(id, PLATFORM_YOUTUBE) == TARGET_ENDED);
    /* It is live while any target is. */
    ck_assert_int_eq(record_status(id), LIVESTREAM_LIVE);
    ck_assert_int_eq(status_of(id, PLATFORM_FACEBOOK), TARGET_LIVE);
    happens(id, PLATFORM_FACEBOOK, "ended");
    WORLD_UNTIL(&w, record_status(id) == LIVESTREAM_ENDED);
}
END_TEST

START_TEST(started_there_is_live_here)
{
    world_open(&w, NULL);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    world_settle(&w, SUBJECT_LIVESTREAM, id);
    happens(id, PLATFORM_YOUTUBE, "started");
    WORLD_UNTIL(&w, record_status(id) == LIVESTREAM_LIVE);
    struct error err;
    TEST_OK(livestream_stop(w.manager, id, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    ck_assert_int_eq(record_status(id), LIVESTREAM_ENDED);
}
END_TEST

START_TEST(deleted_there_fails_here_and_says_what_to_do)
{
    world_open(&w, NULL);
    struct id id = world_livestream(&w, "Sunday Service", youtube, 1, false);
    world_settle(&w, SUBJECT_LIVESTREAM, id);
    happens(id, PLATFORM_YOUTUBE, "deleted");
    WORLD_UNTIL(&w, status_of(id, PLATFORM_YOUTUBE) == TARGET_FAILED);
    struct target t = world_target(&w, SUBJECT_LIVESTREAM, id, PLATFORM_YOUTUBE);
    ck_assert_str_eq(t.url, "");
    ck_assert_str_ne(t.remedy, "");
    target_release(&t);
    ck_assert_int_eq(
        world_sql(&w,
                  "SELECT count(*) FROM events WHERE kind = 'target.failed' AND level = 'error'"),
        1);
}
END_TEST

START_TEST(a_lost_sign_in_is_noticed)
{
    world_open(&w, NULL);
    struct id id = live_on(two, 2);
    cJSON_Delete(world_control(&w, "POST", "/_sim/grants",
                               "{\"platform\":\"youtube\",\"action\":\"revoke\"}"));
    WORLD_UNTIL(
        &w,
        world_sql(
            &w,
            "SELECT count(*) FROM connections WHERE platform = 'youtube' AND status = 'expired'") ==
            1);
    ck_assert_int_eq(
        world_sql(&w,
                  "SELECT count(*) FROM events WHERE kind = 'connection.expired' AND remedy <> ''"),
        1);
    /* What it last said of the broadcast stays; nothing else is known. */
    ck_assert_int_eq(status_of(id, PLATFORM_YOUTUBE), TARGET_LIVE);
    ck_assert_int_eq(world_sql(&w, "SELECT count(*) FROM connections WHERE platform = 'facebook' "
                                   "AND status = 'connected'"),
                     1);
    /* What was given connects no more. */
    struct error err;
    TEST_FAILS(world_connect(&w, PLATFORM_YOUTUBE, NULL, &err), err, ERROR_AUTH);
}
END_TEST

/* While one says nothing the other is asked again and again. */
START_TEST(one_that_is_silent_keeps_no_other_from_being_asked)
{
    struct world_options o = { .settings = { { "net", "total", "25s" } } };

    world_open(&w, &o);
    struct id id = live_on(two, 2);
    world_fault(&w, "{\"platform\":\"youtube\",\"kind\":\"stall\"}");
    size_t silent = world_request_count(&w, PLATFORM_YOUTUBE, NULL, NULL);
    WORLD_UNTIL(&w, world_request_count(&w, PLATFORM_YOUTUBE, NULL, NULL) > silent);
    size_t before = world_request_count(&w, PLATFORM_FACEBOOK, NULL, NULL);
    WORLD_UNTIL(&w, world_request_count(&w, PLATFORM_FACEBOOK, NULL, NULL) >= before + 3);
    ck_assert_uint_eq(world_request_count(&w, PLATFORM_YOUTUBE, NULL, NULL), silent + 1);
    ck_assert_int_eq(status_of(id, PLATFORM_YOUTUBE), TARGET_LIVE);
}
END_TEST

/* An answer that cannot be read, or none, changes nothing that is known. */
START_TEST(no_answer_is_no_news)
{
    static const char *const faults[] = { "\"kind\":\"status\",\"status\":500",
                                          "\"kind\":\"garbage\"", "\"kind\":\"reset\"",
                                          "\"kind\":\"garbage\",\"body\":\"{}\"",
                                          "\"kind\":\"cut\",\"bytes\":50" };

    world_open(&w, NULL);
    struct id id = live_on(two, 2);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        for (size_t p = 0; p < 2; p++) {
            world_fault(&w, "{\"platform\":\"%s\",%s}", platform_slug(two[p]), faults[i]);
            size_t asked = world_request_count(&w, two[p], NULL, NULL);
            WORLD_UNTIL(&w, world_request_count(&w, two[p], NULL, NULL) >= asked + 2);
            struct target t = world_target(&w, SUBJECT_LIVESTREAM, id, two[p]);
            ck_assert_msg(t.status == TARGET_LIVE && t.error_kind == ERROR_NONE && t.remote_id[0],
                          "%s: %s: %s %s", platform_slug(two[p]), faults[i],
                          target_status_name(t.status, SUBJECT_LIVESTREAM), t.error);
            target_release(&t);
            sim_faults_clear(w.sim);
        }
    }
    ck_assert_int_eq(record_status(id), LIVESTREAM_LIVE);
}
END_TEST

TEST_MAIN_FIXTURE("manager_poller", NULL, close_world, ended_there_is_ended_here,
                  started_there_is_live_here, deleted_there_fails_here_and_says_what_to_do,
                  a_lost_sign_in_is_noticed, one_that_is_silent_keeps_no_other_from_being_asked,
                  no_answer_is_no_news)

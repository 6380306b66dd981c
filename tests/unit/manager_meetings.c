/* What becomes of a meeting: its links, its changes, its end, and what happens to it at the
 * platform without us. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

static struct world w;
static const enum platform_id zoom[] = { PLATFORM_ZOOM },
                              both[] = { PLATFORM_ZOOM, PLATFORM_JITSI };
static const char creating[] = "/v2/users/";

static void close_world(void)
{
    world_close(&w);
}

static void cancel(struct id id)
{
    struct error err;

    TEST_OK(meeting_cancel(w.manager, id, &world_operator, &err), err);
}

static enum meeting_status status_of(struct id id)
{
    struct meeting m = world_read_meeting(&w, id);
    enum meeting_status status = m.status;

    meeting_release(&m);
    return status;
}

static enum target_status target_status_of(struct id id, enum platform_id p)
{
    struct target t = world_target(&w, SUBJECT_MEETING, id, p);
    enum target_status status = t.status;

    target_release(&t);
    return status;
}

/* Something happens at Zoom without us. */
static void happens(struct id id, const char *event)
{
    struct target t = world_target(&w, SUBJECT_MEETING, id, PLATFORM_ZOOM);
    char body[200];

    snprintf(body, sizeof body, "{\"platform\":\"zoom\",\"id\":\"%s\",\"event\":\"%s\"}",
             t.remote_id, event);
    cJSON_Delete(world_control(&w, "POST", "/_sim/remote", body));
    target_release(&t);
}

START_TEST(a_meeting_is_scheduled_and_cancelled)
{
    world_open(&w, NULL);
    struct id id = world_meeting(&w, "Bible Study", both, 2);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, 2);
    struct meeting m = world_read_meeting(&w, id);
    ck_assert_int_eq(m.primary, PLATFORM_ZOOM);
    ck_assert_int_eq(m.status, MEETING_SCHEDULED);
    for (size_t i = 0; i < 2; i++)
        ck_assert_str_ne(m.targets[i].url, "");
    meeting_release(&m);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_ZOOM, "meeting"), 1);
    cancel(id);
    ck_assert_int_eq(status_of(id), MEETING_CANCELLED);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, 2);
    ck_assert_int_eq(target_status_of(id, PLATFORM_ZOOM), TARGET_ENDED);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_ZOOM, "meeting"), 0);
    struct error err;
    TEST_FAILS(meeting_cancel(w.manager, id, &world_operator, &err), err, ERROR_REFUSED);
}
END_TEST

START_TEST(a_changed_meeting_is_changed_there)
{
    struct record_input in = { .title = "Evening Prayer", .primary = PLATFORM_JITSI };
    struct error err;

    world_open(&w, NULL);
    struct id id = world_meeting(&w, "Prayer", both, 2);
    world_settle(&w, SUBJECT_MEETING, id);
    TEST_OK(meeting_edit(w.manager, id, &in, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, 2);
    cJSON *list = world_objects(&w, PLATFORM_ZOOM, "meeting");
    ck_assert_int_eq(cJSON_GetArraySize(list), 1);
    ck_assert_str_eq(json_string(list->child, "title"), "Evening Prayer");
    cJSON_Delete(list);
    struct meeting m = world_read_meeting(&w, id);
    ck_assert_int_eq(m.primary, PLATFORM_JITSI);
    meeting_release(&m);
    in = (struct record_input){ .primary = PLATFORM_TEAMS };
    TEST_FAILS(meeting_edit(w.manager, id, &in, &world_operator, &err), err, ERROR_INPUT);
}
END_TEST

/* The change comes while the meeting is being made there from the words as they were. */
START_TEST(a_change_while_it_is_being_made)
{
    struct record_input in = { .title = "Evening Prayer", .primary = -1 };
    struct error err;

    world_open(&w, NULL);
    world_fault(&w,
                "{\"platform\":\"zoom\",\"method\":\"POST\",\"path\":\"%s\",\"kind\":\"delay\","
                "\"delayMs\":300,\"times\":1}",
                creating);
    struct id id = world_meeting(&w, "Prayer", zoom, 1);
    WORLD_UNTIL(&w, world_request_count(&w, PLATFORM_ZOOM, "POST", creating) == 1);
    TEST_OK(meeting_edit(w.manager, id, &in, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, 1);
    cJSON *list = world_objects(&w, PLATFORM_ZOOM, "meeting");
    ck_assert_int_eq(cJSON_GetArraySize(list), 1);
    ck_assert_str_eq(json_string(list->child, "title"), "Evening Prayer");
    cJSON_Delete(list);
}
END_TEST

START_TEST(a_cancel_takes_away_what_a_lost_create_made)
{
    struct world_options o = { .settings = { { "queue", "settle", "1s" } } };

    world_open(&w, &o);
    world_fault(&w,
                "{\"platform\":\"zoom\",\"method\":\"POST\",\"path\":\"%s\",\"kind\":\"lost_"
                "answer\",\"times\":1}",
                creating);
    struct id id = world_meeting(&w, "Prayer", zoom, 1);
    WORLD_UNTIL(&w, world_sql(&w, "SELECT count(*) FROM jobs WHERE state = 'unknown'") == 1);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_ZOOM, "meeting"), 1);
    cancel(id);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, 1);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_ZOOM, "meeting"), 0);
}
END_TEST

START_TEST(a_cancel_does_not_wait_for_a_create_that_hangs)
{
    struct world_options o = { .settings = { { "net", "total", "25s" } } };

    world_open(&w, &o);
    world_fault(&w,
                "{\"platform\":\"zoom\",\"method\":\"POST\",\"path\":\"%s\",\"kind\":\"stall\"}",
                creating);
    struct id id = world_meeting(&w, "Prayer", zoom, 1);
    WORLD_UNTIL(&w, world_request_count(&w, PLATFORM_ZOOM, "POST", creating) == 1);
    int64_t begun = clock_mono();
    cancel(id);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, 1);
    ck_assert_int_lt(clock_mono() - begun, 15000);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_ZOOM, "meeting"), 0);
}
END_TEST

START_TEST(one_platform_fails_and_the_other_has_its_link)
{
    struct error err;

    world_open(&w, NULL);
    world_fault(&w,
                "{\"platform\":\"zoom\",\"method\":\"POST\",\"path\":\"%s\",\"kind\":\"status\","
                "\"status\":403}",
                creating);
    struct id id = world_meeting(&w, "Prayer", both, 2);
    struct settled s = world_settle(&w, SUBJECT_MEETING, id);
    ck_assert_int_eq(s.fine, 1);
    ck_assert_int_eq(s.failed, 1);
    struct target t = world_target(&w, SUBJECT_MEETING, id, PLATFORM_ZOOM);
    ck_assert_int_eq(t.status, TARGET_FAILED);
    ck_assert_str_eq(t.url, "");
    ck_assert_str_ne(t.error, "");
    target_release(&t);
    sim_faults_clear(w.sim);
    TEST_OK(meeting_retry(w.manager, id, PLATFORM_ZOOM, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, 2);
}
END_TEST

START_TEST(a_meeting_that_would_be_over_is_refused)
{
    struct target_input targets[] = { { .platform = PLATFORM_ZOOM } };
    struct record_input in = { .title = "Prayer",
                               .primary = -1,
                               .targets = targets,
                               .target_count = 1,
                               .start_set = true,
                               .end_set = true };
    struct error err;
    struct id id;

    world_open(&w, NULL);
    in.start_ms = clock_now() - 7200000;
    in.end_ms = clock_now() - 3600000;
    TEST_FAILS(meeting_create(w.manager, w.church.id, &in, &world_operator, &id, &err), err,
               ERROR_INPUT);
    ck_assert_int_eq(world_sql(&w, "SELECT count(*) FROM meetings"), 0);
    ck_assert_int_eq(world_sql(&w, "SELECT count(*) FROM jobs"), 0);
}
END_TEST

/* ---- what happens there ---- */

START_TEST(a_meeting_is_active_while_its_host_is_in_it)
{
    world_open(&w, NULL);
    struct id id = world_meeting(&w, "Prayer", zoom, 1);
    world_settle(&w, SUBJECT_MEETING, id);
    happens(id, "started");
    WORLD_UNTIL(&w, status_of(id) == MEETING_ACTIVE);
    ck_assert_int_eq(target_status_of(id, PLATFORM_ZOOM), TARGET_LIVE);
    ck_assert_int_ge(world_sql(&w, "SELECT count(*) FROM events WHERE kind = 'meeting.active'"), 1);
    happens(id, "ended");
    WORLD_UNTIL(&w, target_status_of(id, PLATFORM_ZOOM) == TARGET_ENDED);
}
END_TEST

START_TEST(cancelling_an_active_meeting_ends_it_there)
{
    world_open(&w, NULL);
    struct id id = world_meeting(&w, "Prayer", zoom, 1);
    world_settle(&w, SUBJECT_MEETING, id);
    happens(id, "started");
    WORLD_UNTIL(&w, status_of(id) == MEETING_ACTIVE);
    cancel(id);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, 1);
    ck_assert_int_eq(status_of(id), MEETING_CANCELLED);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_ZOOM, "meeting"), 0);
}
END_TEST

START_TEST(one_deleted_there_says_so_and_is_made_anew)
{
    struct error err;

    world_open(&w, NULL);
    struct id id = world_meeting(&w, "Prayer", zoom, 1);
    world_settle(&w, SUBJECT_MEETING, id);
    struct target before = world_target(&w, SUBJECT_MEETING, id, PLATFORM_ZOOM);
    happens(id, "deleted");
    WORLD_UNTIL(&w, target_status_of(id, PLATFORM_ZOOM) == TARGET_FAILED);
    struct target t = world_target(&w, SUBJECT_MEETING, id, PLATFORM_ZOOM);
    /* A link that leads nowhere is not shown. */
    ck_assert_str_eq(t.url, "");
    ck_assert_str_ne(t.remedy, "");
    target_release(&t);
    TEST_OK(meeting_retry(w.manager, id, PLATFORM_ZOOM, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, 1);
    t = world_target(&w, SUBJECT_MEETING, id, PLATFORM_ZOOM);
    ck_assert_str_ne(t.url, "");
    ck_assert_str_ne(t.remote_id, before.remote_id);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_ZOOM, "meeting"), 1);
    target_release(&t);
    target_release(&before);
}
END_TEST

/* Cancelled here while the platform cannot be asked: it says so, and a retry after connecting again
 * takes it away there. */
START_TEST(a_cancel_without_a_connection_is_made_up_for)
{
    int64_t left;
    struct error err;

    world_open(&w, NULL);
    struct id id = world_meeting(&w, "Prayer", zoom, 1);
    world_settle(&w, SUBJECT_MEETING, id);
    TEST_OK(connection_disconnect(w.manager, w.church.id, PLATFORM_ZOOM, &world_operator, NULL,
                                  &left, &err),
            err);
    ck_assert_int_eq(left, 1);
    cancel(id);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).failed, 1);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_ZOOM, "meeting"), 1);
    TEST_OK(world_connect(&w, PLATFORM_ZOOM, NULL, &err), err);
    TEST_OK(meeting_retry(w.manager, id, PLATFORM_ZOOM, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, 1);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_ZOOM, "meeting"), 0);
}
END_TEST

TEST_MAIN_FIXTURE(
    "manager_meetings", NULL, close_world, a_meeting_is_scheduled_and_cancelled,
    a_changed_meeting_is_changed_there, a_change_while_it_is_being_made,
    a_cancel_takes_away_what_a_lost_create_made, a_cancel_does_not_wait_for_a_create_that_hangs,
    one_platform_fails_and_the_other_has_its_link, a_meeting_that_would_be_over_is_refused,
    a_meeting_is_active_while_its_host_is_in_it, cancelling_an_active_meeting_ends_it_there,
    one_deleted_there_says_so_and_is_made_anew, a_cancel_without_a_connection_is_made_up_for)

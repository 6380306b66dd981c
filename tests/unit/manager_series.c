/* A meeting that comes again, on all four platforms: scheduled, looked at between its times,
 * changed and cancelled as one. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

static const int64_t hour_ms = 3600 * INT64_C(1000), day_ms = 24 * 3600 * INT64_C(1000);
static const enum platform_id four[] = { PLATFORM_ZOOM, PLATFORM_GOOGLE_MEET, PLATFORM_TEAMS,
                                         PLATFORM_JITSI };
enum { FOUR = sizeof four / sizeof four[0] };

static struct world w;

static void close_world(void)
{
    world_close(&w);
    clock_fix(-1);
}

static void inputs(struct target_input out[FOUR], const cJSON *settings)
{
    for (size_t i = 0; i < FOUR; i++)
        out[i] = (struct target_input){ .platform = four[i], .settings = settings };
}

static cJSON *weekly(int count)
{
    cJSON *settings = cJSON_CreateObject();

    cJSON_AddStringToObject(settings, "repeat", "weekly");
    cJSON_AddNumberToObject(settings, "repeat_count", count);
    return settings;
}

static struct id schedule(int count)
{
    struct target_input targets[FOUR];
    struct record_input in = { .title = "Midweek Prayer",
                               .primary = -1,
                               .targets = targets,
                               .target_count = FOUR,
                               .start_set = true,
                               .end_set = true,
                               .start_ms = clock_now() / 1000 * 1000 + hour_ms };
    cJSON *settings = weekly(count);
    struct error err;
    struct id id;

    in.end_ms = in.start_ms + hour_ms;
    inputs(targets, settings);
    TEST_OK(meeting_create(w.manager, w.church.id, &in, &world_operator, &id, &err), err);
    cJSON_Delete(settings);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, FOUR);
    return id;
}

static cJSON *only(enum platform_id p, const char *kind)
{
    cJSON *list = world_objects(&w, p, kind);

    ck_assert_int_eq(cJSON_GetArraySize(list), 1);
    return list;
}

static void zoom_has(int type, int times)
{
    cJSON *list = only(PLATFORM_ZOOM, "meeting");
    int64_t has = 0;

    ck_assert(json_int(list, "0.fields.type", &has));
    ck_assert_int_eq(has, type);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(list, "0.fields.occurrences")), times);
    cJSON_Delete(list);
}

/* part NULL: no series. */
static void google_has(const char *part)
{
    cJSON *list = only(PLATFORM_GOOGLE_MEET, "event");
    const char *rule = json_string(list, "0.fields.recurrence.0");

    ck_assert_msg(part ? rule && strstr(rule, part) : !rule, "%s", rule ? rule : "no rule");
    cJSON_Delete(list);
}

static void teams_has(int times)
{
    cJSON *list = only(PLATFORM_TEAMS, "event");
    int64_t has = 0;

    json_int(list, "0.fields.recurrence.range.numberOfOccurrences", &has);
    ck_assert_int_eq(has, times);
    ck_assert_str_eq(json_string(list, "0.fields.type"), times ? "seriesMaster" : "singleInstance");
    cJSON_Delete(list);
}

static void edit(struct id id, cJSON *settings)
{
    struct target_input targets[FOUR];
    struct record_input in = {
        .title = "Prayer", .primary = -1, .targets = targets, .target_count = FOUR
    };
    struct error err;

    inputs(targets, settings);
    TEST_OK(meeting_edit(w.manager, id, &in, &world_operator, &err), err);
    cJSON_Delete(settings);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, FOUR);
}

START_TEST(a_series_is_one_meeting_everywhere)
{
    struct error err;

    world_open(&w, NULL);
    struct id id = schedule(12);
    zoom_has(8, 12);
    google_has("COUNT=12");
    teams_has(12);
    edit(id, weekly(5));
    zoom_has(8, 5);
    google_has("COUNT=5");
    teams_has(5);
    cJSON *list = only(PLATFORM_ZOOM, "meeting");
    ck_assert_str_eq(json_string(list, "0.title"), "Prayer");
    cJSON_Delete(list);
    TEST_OK(meeting_cancel(w.manager, id, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, FOUR);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_ZOOM, "meeting"), 0);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_GOOGLE_MEET, "event"), 0);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_TEAMS, "event"), 0);
}
END_TEST

START_TEST(a_series_becomes_a_single_meeting_and_back)
{
    world_open(&w, NULL);
    struct id id = schedule(3);
    cJSON *once = cJSON_CreateObject();
    cJSON_AddStringToObject(once, "repeat", "none");
    edit(id, once);
    zoom_has(2, 0);
    google_has(NULL);
    teams_has(0);
    edit(id, weekly(4));
    zoom_has(8, 4);
    google_has("COUNT=4");
    teams_has(4);
}
END_TEST

static bool checked_since(struct id id, int64_t ms)
{
    struct meeting m = world_read_meeting(&w, id);
    bool all = true;

    for (size_t i = 0; i < m.target_count; i++)
        all = all && m.targets[i].checked_ms >= ms;
    meeting_release(&m);
    return all;
}

/* After its first time it is neither over nor gone, and can still be changed and cancelled; after
 * its last it is over. */
START_TEST(a_series_outlives_its_first_time)
{
    int64_t begin = clock_now() / 1000 * 1000;
    struct error err;

    world_open(&w, NULL);
    struct id id = schedule(3);
    for (int n = 0; n < 2; n++) {
        int64_t then = begin + 3 * hour_ms + 7 * day_ms * n;
        clock_fix(then);
        WORLD_UNTIL(&w, checked_since(id, then));
        struct meeting m = world_read_meeting(&w, id);
        ck_assert_int_eq(m.status, MEETING_SCHEDULED);
        for (size_t i = 0; i < m.target_count; i++)
            ck_assert_msg(m.targets[i].status == TARGET_PENDING, "%s: %d",
                          platform_slug(m.targets[i].platform), (int)m.targets[i].status);
        meeting_release(&m);
    }
    edit(id, weekly(3));
    zoom_has(8, 3);
    TEST_OK(meeting_cancel(w.manager, id, &world_operator, &err), err);
    ck_assert_int_eq(world_settle(&w, SUBJECT_MEETING, id).fine, FOUR);
    ck_assert_uint_eq(world_object_count(&w, PLATFORM_ZOOM, "meeting"), 0);
}
END_TEST

static bool over(struct id id)
{
    struct meeting m = world_read_meeting(&w, id);
    bool ended = m.status == MEETING_ENDED;

    meeting_release(&m);
    return ended;
}

START_TEST(a_series_is_over_with_its_last_time)
{
    int64_t begin = clock_now() / 1000 * 1000;

    world_open(&w, NULL);
    struct id id = schedule(2);
    clock_fix(begin + 7 * day_ms + 6 * hour_ms);
    WORLD_UNTIL(&w, over(id));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("manager_series");
    TCase *c = tcase_create("series");

    tcase_add_checked_fixture(c, NULL, close_world);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, a_series_is_one_meeting_everywhere);
    tcase_add_test(c, a_series_becomes_a_single_meeting_and_back);
    tcase_add_test(c, a_series_outlives_its_first_time);
    tcase_add_test(c, a_series_is_over_with_its_last_time);
    suite_add_tcase(s, c);
    return test_run(s);
}

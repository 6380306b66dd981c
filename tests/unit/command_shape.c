#include "testlib.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/utf8.h>

#include "command/private.h"

static struct error err;

static void is_json(cJSON *json, const char *wanted)
{
    struct text t;

    text_init(&t, 64 * 1024);
    ck_assert(json_print(&t, json));
    ck_assert_str_eq(text_str(&t), wanted);
    text_release(&t);
    cJSON_Delete(json);
}

static struct id id_of(const char *digit)
{
    struct id id;

    memset(id.hex, *digit, 32);
    id.hex[32] = '\0';
    return id;
}

static struct target target_of(enum subject_kind kind, enum platform_id p)
{
    return (struct target){
        .id = id_of("2"),
        .kind = kind,
        .platform = p,
        .settings = (char *)"{\"privacy\":\"public\"}",
        .viewers = -1,
    };
}

START_TEST(livestream_says_only_what_is_known)
{
    struct target t = target_of(SUBJECT_LIVESTREAM, PLATFORM_YOUTUBE);
    struct livestream l = { .id = id_of("1"),
                            .revision = 1,
                            .title = (char *)"Sunday \"Service\"",
                            .targets = &t,
                            .target_count = 1 };

    is_json(shape_livestream(&l),
            "{\"id\":\"11111111111111111111111111111111\",\"revision\":1,\"title\":\"Sunday "
            "\\\"Service\\\"\","
            "\"status\":\"scheduled\",\"targets\":[{\"id\":\"22222222222222222222222222222222\","
            "\"platform\":\"youtube\","
            "\"status\":\"pending\",\"note\":\"Being created there; the answer is awaited\","
            "\"settings\":{\"privacy\":\"public\"},\"hasStreamKey\":false}]}");
}
END_TEST

START_TEST(livestream_says_all_that_is_known)
{
    struct target t = target_of(SUBJECT_LIVESTREAM, PLATFORM_INSTAGRAM);
    struct livestream l = { .id = id_of("1"),
                            .revision = 3,
                            .title = (char *)"T",
                            .description = (char *)"D",
                            .thumbnail = (char *)"/t.png",
                            .start_ms = 1795343321000,
                            .end_ms = 1795343322000,
                            .status = LIVESTREAM_LIVE,
                            .started_ms = 1795343321001,
                            .targets = &t,
                            .target_count = 1 };

    t.status = TARGET_FAILED;
    t.url = (char *)"https://x/";
    t.ingest_url = (char *)"rtmps://y/";
    t.has_key = true;
    t.viewers = 0;
    t.note = (char *)"Waiting";
    t.error_kind = ERROR_QUOTA;
    t.error = (char *)"Full.";
    t.remedy = (char *)"Wait.";
    t.error_code = (char *)"190/463";
    t.attempts = 2;
    t.next_attempt_ms = 1795343323000;
    t.checked_ms = 1795343321500;
    is_json(
        shape_livestream(&l),
        "{\"id\":\"11111111111111111111111111111111\",\"revision\":3,\"title\":\"T\","
        "\"description\":\"D\","
        "\"thumbnail\":\"/"
        "t.png\",\"startAt\":\"2026-11-22T10:28:41.000Z\",\"endAt\":\"2026-11-22T10:28:42.000Z\","
        "\"status\":\"live\",\"startedAt\":\"2026-11-22T10:28:41.001Z\",\"targets\":[{"
        "\"id\":\"22222222222222222222222222222222\",\"platform\":\"instagram\",\"status\":"
        "\"failed\","
        "\"watchUrl\":\"https://x/"
        "\",\"viewers\":0,\"note\":\"Waiting\",\"settings\":{\"privacy\":\"public\"},"
        "\"ingestUrl\":\"rtmps://y/\",\"hasStreamKey\":true,\"error\":\"Full.\",\"code\":\"quota\","
        "\"platformCode\":\"190/463\",\"remedy\":\"Wait.\",\"attempts\":2,"
        "\"nextAttemptAt\":\"2026-11-22T10:28:43.000Z\",\"checkedAt\":\"2026-11-22T10:28:41.500Z\"}"
        "]}");
}
END_TEST

START_TEST(meeting_names_its_primary)
{
    struct target t[2] = { target_of(SUBJECT_MEETING, PLATFORM_ZOOM),
                           target_of(SUBJECT_MEETING, PLATFORM_JITSI) };
    struct meeting m = { .id = id_of("1"),
                         .revision = 1,
                         .title = (char *)"M",
                         .start_ms = 1795343321000,
                         .end_ms = 1795343322000,
                         .primary = PLATFORM_JITSI,
                         .targets = t,
                         .target_count = 2 };
    cJSON *json;

    t[0].status = TARGET_LIVE;
    t[0].url = (char *)"https://zoom.us/j/1";
    t[1].settings = (char *)"broken";
    json = shape_meeting(&m);
    ck_assert_str_eq(json_string(json, "primaryPlatform"), "jitsi");
    ck_assert_str_eq(json_string(json, "targets.0.status"), "active");
    ck_assert_str_eq(json_string(json, "targets.0.joinUrl"), "https://zoom.us/j/1");
    ck_assert_ptr_null(json_at(json, "targets.0.hasStreamKey"));
    ck_assert(!json_bool(json, "targets.0.primary", true));
    ck_assert(json_bool(json, "targets.1.primary", false));
    ck_assert(cJSON_IsObject(json_at(json, "targets.1.settings")));
    cJSON_Delete(json);
}
END_TEST

START_TEST(connection_lists_its_scopes)
{
    struct connection c = { .id = id_of("3"),
                            .platform = PLATFORM_ZOOM,
                            .status = CONNECTION_EXPIRED,
                            .reason = (char *)"revoked",
                            .reason_text = (char *)"Gone.",
                            .remedy = (char *)"Reconnect.",
                            .method = (char *)"credentials",
                            .account_ref = (char *)"",
                            .account_name = (char *)"St M",
                            .scopes = (char *)" a  b:c ",
                            .simulated = true };

    is_json(
        shape_connection(&c),
        "{\"id\":\"33333333333333333333333333333333\",\"platform\":\"zoom\",\"status\":\"expired\","
        "\"reason\":\"revoked\",\"detail\":\"Gone.\",\"remedy\":\"Reconnect.\",\"method\":"
        "\"credentials\","
        "\"accountName\":\"St M\",\"scopes\":[\"a\",\"b:c\"],\"breaker\":{\"state\":\"closed\"},"
        "\"simulated\":true}");
}
END_TEST

START_TEST(connection_says_how_the_way_there_is)
{
    struct connection c = { .id = id_of("3"),
                            .platform = PLATFORM_ZOOM,
                            .status = CONNECTION_CONNECTED,
                            .scopes = (char *)"",
                            .access_expires_ms = 1795343321000,
                            .note = (char *)"expires in 3 days",
                            .health = { .breaker = BREAKER_OPEN,
                                        .failures = 5,
                                        .breaker_until_ms = 1795343321000,
                                        .wait = "rate",
                                        .wait_until_ms = 1795343322000,
                                        .clock_off_ms = -7200000,
                                        .refresh_end_ms = 1795343323000,
                                        .grant_end_ms = 1795343324000 } };

    is_json(shape_connection(&c),
            "{\"id\":\"33333333333333333333333333333333\",\"platform\":\"zoom\",\"status\":"
            "\"connected\",\"scopes\":[],\"expiresAt\":\"2026-11-22T10:28:41.000Z\","
            "\"accessExpiresAt\":\"2026-11-22T10:28:41.000Z\","
            "\"refreshExpiresAt\":\"2026-11-22T10:28:43.000Z\","
            "\"grantExpiresAt\":\"2026-11-22T10:28:44.000Z\",\"note\":\"expires in 3 days\","
            "\"breaker\":{\"state\":\"open\",\"failures\":5,\"reopensAt\":"
            "\"2026-11-22T10:28:41.000Z\"},\"waitsFor\":\"rate\","
            "\"waitsUntil\":\"2026-11-22T10:28:42.000Z\",\"clockOffSeconds\":-7200,"
            "\"simulated\":false}");
}
END_TEST

START_TEST(event_job_church_and_error)
{
    struct event e = { .id = 7,
                       .at_ms = 1795343321000,
                       .level = EVENT_WARNING,
                       .platform = -1,
                       .kind = (char *)"job.retry",
                       .text = (char *)"x",
                       .remedy = (char *)"",
                       .actor = (char *)"anna" };
    struct job j = { .id = 9,
                     .kind = "livestream.start",
                     .platform = PLATFORM_YOUTUBE,
                     .subject = id_of("1"),
                     .target = id_of("2"),
                     .state = JOB_SCHEDULED,
                     .attempt = 2,
                     .run_at_ms = 1795343321000,
                     .error_kind = ERROR_RATE,
                     .error = "Slow down.",
                     .created_ms = 1795343321000 };
    struct church c = {
        .id = id_of("4"), .slug = (char *)"s", .name = (char *)"N", .zone = (char *)"UTC"
    };
    struct error wrong;

    is_json(shape_event(&e), "{\"id\":7,\"at\":\"2026-11-22T10:28:41.000Z\",\"level\":\"warning\","
                             "\"kind\":\"job.retry\",\"text\":\"x\",\"actor\":\"anna\"}");
    is_json(
        shape_job(&j),
        "{\"id\":9,\"kind\":\"livestream.start\",\"platform\":\"youtube\",\"state\":\"scheduled\","
        "\"subject\":\"11111111111111111111111111111111\","
        "\"target\":\"22222222222222222222222222222222\",\"attempts\":2,"
        "\"nextAttemptAt\":\"2026-11-22T10:28:41.000Z\",\"error\":\"Slow down.\",\"code\":\"rate\","
        "\"createdAt\":\"2026-11-22T10:28:41.000Z\"}");
    is_json(shape_church(&c),
            "{\"id\":\"44444444444444444444444444444444\",\"slug\":\"s\",\"name\":\"N\","
            "\"timeZone\":\"UTC\"}");
    error_platform(&wrong, ERROR_AUTH, "zoom", "Reconnect.", "Refused.");
    is_json(shape_error(&wrong),
            "{\"code\":\"auth\",\"detail\":\"Refused.\",\"remedy\":\"Reconnect.\","
            "\"platform\":\"zoom\"}");
}
END_TEST

START_TEST(simulated_platforms_are_marked)
{
    struct target t[2] = { target_of(SUBJECT_MEETING, PLATFORM_ZOOM),
                           target_of(SUBJECT_MEETING, PLATFORM_JITSI) };
    struct meeting m = { .id = id_of("1"), .title = (char *)"M", .targets = t, .target_count = 2 };
    struct config *config;
    cJSON *json, *items = cJSON_CreateArray();

    setenv("ECCLESIA_ZOOM_API_BASE", "http://127.0.0.3:80", 1);
    setenv("XDG_CONFIG_HOME", test_dir(), 1);
    TEST_OK(config_load(&config, NULL, &err), err);
    cJSON_AddItemToArray(items, shape_meeting(&m));
    json = list_shape(items, true, 200);
    shape_mark_simulated(json, config);
    ck_assert(json_bool(json, "items.0.targets.0.simulated", false));
    ck_assert_ptr_null(json_at(json, "items.0.targets.1.simulated"));
    ck_assert_str_eq(json_string(json, "nextCursor"), "200");
    cJSON_Delete(json);
    config_free(config);
}
END_TEST

/* ---- calendar ---- */

/* Undoes the folding and checks each line's length on the way. */
static char *unfold(const char *ics)
{
    struct text out;

    text_init(&out, 64 * 1024);
    while (*ics) {
        const char *end = strstr(ics, "\r\n");

        ck_assert_msg(end != NULL, "a line does not end in CR LF");
        ck_assert_msg(end - ics <= 75, "%.*s", (int)(end - ics), ics);
        ck_assert_msg(utf8_valid(ics, (size_t)(end - ics)), "cut within a character");
        text_append(&out, ics + (*ics == ' '), (size_t)(end - ics) - (*ics == ' '));
        ics = end + 2;
        if (*ics != ' ')
            text_add(&out, "\n");
    }
    return text_take(&out);
}

START_TEST(calendar_is_rfc_5545)
{
    struct target t[2] = { target_of(SUBJECT_MEETING, PLATFORM_ZOOM),
                           target_of(SUBJECT_MEETING, PLATFORM_JITSI) };
    struct meeting m = {
        .id = id_of("1"),
        .revision = 4,
        .start_ms = 1795343321000,
        .end_ms = 1795343322000,
        .primary = PLATFORM_JITSI,
        .targets = t,
        .target_count = 2,
        .title = (char *)"Bible, study; \\ Kreuzgäßchen äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü",
        .description = (char *)"Line one\nLine two"
    };
    struct text ics;
    char *plain;

    t[0].url = (char *)"https://zoom.us/j/1?pwd=a,b";
    t[1].url = (char *)"https://meet.example.org/x";
    text_init(&ics, 64 * 1024);
    ck_assert(ics_meeting(&ics, &m, "Europe/London", 1795343321000));
    plain = unfold(text_str(&ics));
    ck_assert_ptr_nonnull(strstr(plain, "UID:11111111111111111111111111111111@ecclesia\n"));
    ck_assert_ptr_nonnull(strstr(plain, "DTSTART:20261122T102841Z\n"));
    ck_assert_ptr_nonnull(strstr(plain, "DTEND:20261122T102842Z\n"));
    ck_assert_ptr_nonnull(strstr(plain, "SUMMARY:Bible\\, study\\; \\\\ Kreuzgäßchen"));
    ck_assert_ptr_nonnull(
        strstr(plain, "DESCRIPTION:Line one\\nLine two\\nJitsi Meet (primary): "
                      "https://meet.example.org/x\\nZoom: https://zoom.us/j/1?pwd=a\\,b\n"));
    ck_assert_ptr_nonnull(strstr(plain, "URL:https://meet.example.org/x\n"));
    ck_assert_ptr_nonnull(strstr(plain, "STATUS:CONFIRMED\n"));
    ck_assert_ptr_nonnull(strstr(plain, "END:VEVENT\nEND:VCALENDAR\n"));
    free(plain);
    text_clear(&ics);
    m.status = MEETING_CANCELLED;
    ck_assert(ics_meeting(&ics, &m, "Europe/London", 1795343321000));
    ck_assert_ptr_nonnull(strstr(text_str(&ics), "STATUS:CANCELLED\r\n"));
    ck_assert_ptr_null(strstr(text_str(&ics), "11111111-2@ecclesia"));
    text_release(&ics);
}
END_TEST

/* Each time of a series stands there, at its hour on the church's clocks. */
START_TEST(calendar_has_every_time_of_a_series)
{
    struct target t[1] = { { .platform = PLATFORM_ZOOM,
                             .settings = (char *)"{\"repeat\":\"weekly\",\"repeat_count\":3}" } };
    struct meeting m = { .id = id_of("1"),
                         .start_ms = 1792522800000, /* 2026-10-20T19:00Z, summer time */
                         .end_ms = 1792526400000,
                         .primary = PLATFORM_ZOOM,
                         .targets = t,
                         .target_count = 1,
                         .title = (char *)"Prayer" };
    struct text ics;

    text_init(&ics, 64 * 1024);
    ck_assert(ics_meeting(&ics, &m, "Europe/London", 1792522800000));
    ck_assert_ptr_nonnull(strstr(text_str(&ics), "UID:11111111111111111111111111111111@ecclesia"));
    ck_assert_ptr_nonnull(strstr(text_str(&ics), "DTSTART:20261020T190000Z\r\n"));
    ck_assert_ptr_nonnull(strstr(text_str(&ics), "11111111-2@ecclesia\r\n"));
    ck_assert_ptr_nonnull(strstr(text_str(&ics), "DTSTART:20261027T200000Z\r\n"));
    ck_assert_ptr_nonnull(strstr(text_str(&ics), "11111111-3@ecclesia\r\n"));
    ck_assert_ptr_nonnull(strstr(text_str(&ics), "DTEND:20261103T210000Z\r\n"));
    ck_assert_ptr_null(strstr(text_str(&ics), "11111111-4@ecclesia"));
    text_release(&ics);
}
END_TEST

TEST_MAIN("command_shape", livestream_says_only_what_is_known, livestream_says_all_that_is_known,
          meeting_names_its_primary, connection_lists_its_scopes,
          connection_says_how_the_way_there_is, calendar_has_every_time_of_a_series,
          event_job_church_and_error, simulated_platforms_are_marked, calendar_is_rfc_5545)

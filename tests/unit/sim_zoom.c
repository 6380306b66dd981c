/* The simulated Zoom: meetings, their running, limits, lists, notices. */
#include "sim_kit.h"
#include "sim_notice.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

static char meeting[60], user[200];

static void sign_in(void)
{
    char *account = kit_ready("platforms.zoom.credentials.account_id");
    char *id = kit_ready("platforms.zoom.credentials.client_id");
    char *secret = kit_ready("platforms.zoom.credentials.client_secret");
    char plain[300], form[200], url[200];
    struct text header;

    text_init(&header, 600);
    text_add(&header, "Authorization: Basic ");
    snprintf(plain, sizeof plain, "%s:%s", id, secret);
    text_add_base64(&header, plain, strlen(plain));
    snprintf(form, sizeof form, "grant_type=account_credentials&account_id=%s", account);
    snprintf(url, sizeof url, "%s/oauth/token", sim_address(sim, "zoom"));
    bearer[0] = '\0';
    kit_ask("POST", url, "application/x-www-form-urlencoded", form, strlen(form),
            text_str(&header));
    ck_assert_int_eq(last.status, 200);
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
    text_release(&header);
    free(account);
    free(id);
    free(secret);
}

static void setup(void)
{
    kit_start();
    sign_in();
    snprintf(user, sizeof user, "/v2/users/pastor@stmarks.example");
}

static const struct reply *create(const char *body)
{
    char path[300];
    int64_t id = 0;

    snprintf(path, sizeof path, "%s/meetings", user);
    kit_json("zoom", "POST", path, body);
    json_int(last.json, "id", &id);
    snprintf(meeting, sizeof meeting, "/v2/meetings/%lld", (long long)id);
    return &last;
}

static int64_t code(void)
{
    int64_t value = 0;

    json_int(last.json, "code", &value);
    return value;
}

static const struct reply *act(const char *method, const char *rest, const char *body)
{
    char path[200];

    snprintf(path, sizeof path, "%s%s", meeting, rest);
    return body != NULL ? kit_json("zoom", method, path, body)
                        : kit_call("zoom", method, path, NULL, NULL);
}

#define SUNDAY                                                                                     \
    "{\"topic\":\"Sunday\",\"type\":2,\"start_time\":\"2099-10-04T10:00:00\",\"timezone\":"        \
    "\"Europe/London\","                                                                           \
    "\"duration\":90,\"settings\":{\"waiting_room\":true,\"join_before_host\":true}}"

START_TEST(a_meeting_is_made_changed_and_deleted)
{
    ck_assert_int_eq(create(SUNDAY)->status, 201);
    ck_assert_str_eq(kit_text("start_time"), "2099-10-04T09:00:00Z"); /* summer time in London */
    ck_assert_str_eq(kit_text("status"), "waiting");
    ck_assert_str_ne(kit_text("password"), "");                          /* the account's policy */
    ck_assert(!json_bool(last.json, "settings.join_before_host", true)); /* the waiting room wins */
    ck_assert_int_eq(
        act("PATCH", "", "{\"topic\":\"Harvest\",\"start_time\":\"2020-01-01T10:00:00Z\"}")->status,
        204);
    ck_assert_uint_eq(last.body.length, 0);
    ck_assert_int_eq(act("GET", "", NULL)->status, 200);
    ck_assert_str_eq(kit_text("topic"), "Harvest");
    ck_assert_str_eq(kit_text("start_time"),
                     "2099-10-04T09:00:00Z"); /* a past start changes nothing */
    ck_assert_int_eq(act("DELETE", "", NULL)->status, 204);
    ck_assert_int_eq(act("DELETE", "", NULL)->status, 404);
    ck_assert_int_eq(code(), 3001);
}
END_TEST

START_TEST(a_past_start_becomes_now)
{
    ck_assert_int_eq(create("{\"topic\":\"x\",\"start_time\":\"2001-01-01T00:00:00Z\"}")->status,
                     201);
    ck_assert_int_ne(strncmp(kit_text("start_time"), "2001", 4), 0);
}
END_TEST

START_TEST(a_wrong_field_is_named)
{
    static const struct {
        const char *body, *field;
    } wrong[] = {
        { "{\"settings\":{\"jbh_time\":7}}", "settings.jbh_time" },
        { "{\"settings\":{\"auto_recording\":\"disk\"}}", "settings.auto_recording" },
        { "{\"settings\":{\"waiting_room\":\"yes\"}}", "settings.waiting_room" },
        { "{\"duration\":2000}", "duration" },
        { "{\"type\":5}", "type" },
        { "{\"start_time\":\"2099-10-04 10:00\"}", "start_time" },
        { "{\"start_time\":\"2099-10-04T10:00:00+01:00\"}", "start_time" },
        { "{\"start_time\":\"2099-10-04T10:00:00.000Z\"}", "start_time" },
        { "{\"timezone\":\"Europe/Nowhere\"}", "timezone" },
        { "{\"password\":\"much too long\"}", "password" },
        { "{\"type\":8}", "recurrence" },
        { "{\"type\":8,\"recurrence\":{\"type\":2,\"weekly_days\":\"0\"}}",
          "recurrence.weekly_days" },
        { "{\"type\":8,\"recurrence\":{\"type\":1,\"end_times\":3,\"end_date_time\":\"2099-01-"
          "01T00:00:00Z\"}}",
          "recurrence.end_date_time" },
        { "{\"type\":8,\"recurrence\":{\"type\":1,\"end_times\":61}}", "recurrence.end_times" },
        { "{\"type\":8,\"recurrence\":{\"type\":4}}", "recurrence.type" },
        { "{\"type\":8,\"recurrence\":{\"type\":2,\"repeat_interval\":51}}",
          "recurrence.repeat_interval" },
        { "{\"type\":8,\"recurrence\":{\"type\":3,\"repeat_interval\":11}}",
          "recurrence.repeat_interval" },
        { "{\"settings\":{\"waiting_room_options\":{\"mode\":\"custom\"}}}",
          "settings.waiting_room_options.who_goes_to_waiting_room" },
        { "{\"settings\":{\"waiting_room_options\":{\"mode\":\"closed\"}}}",
          "settings.waiting_room_options.mode" },
        { "{\"settings\":{\"registration_type\":4}}", "settings.registration_type" },
        { "{\"settings\":{\"audio\":\"loud\"}}", "settings.audio" },
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_msg(create(wrong[i].body)->status == 400, "%s: %ld", wrong[i].body, last.status);
        ck_assert_int_eq(code(), 300);
        ck_assert_str_eq(kit_text("errors.0.field"), wrong[i].field);
    }
    ck_assert_int_eq(create("not json")->status, 400);
    char path[300];
    snprintf(path, sizeof path, "%s/meetings", user);
    ck_assert_int_eq(kit_form("zoom", path, "topic=x")->status, 400);
    ck_assert_int_eq(cJSON_GetArraySize(kit_control("GET", "/_sim/objects?platform=zoom", NULL)),
                     0);
}
END_TEST

START_TEST(it_runs_when_its_host_opens_it_and_ends_by_rest)
{
    create("{\"topic\":\"Prayer\",\"settings\":{\"join_before_host\":false}}");
    char *start = text_copy(kit_text("start_url")), *join = text_copy(kit_text("join_url"));
    ck_assert_int_eq(act("PUT", "/status", "{\"action\":\"end\"}")->status, 400);
    ck_assert_int_eq(code(), 4927);
    ck_assert_int_eq(kit_ask("GET", join, NULL, NULL, 0, NULL)->status, 200);
    ck_assert_ptr_nonnull(strstr(text_str(&last.body), "Waiting for the host"));
    act("GET", "", NULL);
    ck_assert_str_eq(kit_text("status"), "waiting");
    ck_assert_int_eq(kit_ask("GET", start, NULL, NULL, 0, NULL)->status, 200);
    act("GET", "", NULL);
    ck_assert_str_eq(kit_text("status"), "started");
    ck_assert_int_eq(act("DELETE", "", NULL)->status, 400); /* in progress */
    ck_assert_int_eq(act("PUT", "/status", "{\"action\":\"End\"}")->status, 400);
    ck_assert_int_eq(act("PUT", "/status", "{\"action\":\"end\"}")->status, 204);
    act("GET", "", NULL);
    ck_assert_str_eq(kit_text("status"), "waiting");
    char past[100];
    snprintf(past, sizeof past, "/v2/past_meetings/%s", meeting + strlen("/v2/meetings/"));
    ck_assert_int_eq(kit_get("zoom", past)->status, 200);
    ck_assert_str_ne(kit_text("end_time"), "");
    free(start);
    free(join);
}
END_TEST

START_TEST(a_live_stream_needs_a_running_meeting)
{
    create("{\"topic\":\"Stream\"}");
    ck_assert_int_eq(
        act("PATCH", "/livestream", "{\"stream_url\":\"rtmp://x\",\"stream_key\":\"k\"}")->status,
        400);
    ck_assert_int_eq(act("PATCH", "/livestream",
                         "{\"stream_url\":\"rtmp://x/y\",\"stream_key\":\"k\",\"page_url\":"
                         "\"https://x\"}")
                         ->status,
                     204);
    ck_assert_int_eq(act("PATCH", "/livestream/status", "{\"action\":\"start\"}")->status, 400);
    ck_assert_int_eq(code(), 4927);
    char body[200];
    snprintf(body, sizeof body, "{\"platform\":\"zoom\",\"id\":\"%s\",\"event\":\"started\"}",
             meeting + strlen("/v2/meetings/"));
    kit_control("POST", "/_sim/remote", body);
    ck_assert_int_eq(act("PATCH", "/livestream/status", "{\"action\":\"start\"}")->status, 204);
}
END_TEST

START_TEST(a_series_keeps_its_hour_through_summer_time)
{
    create("{\"topic\":\"Midweek\",\"type\":8,\"start_time\":\"2099-10-21T19:00:00\",\"timezone\":"
           "\"Europe/London\","
           "\"duration\":60,\"recurrence\":{\"type\":2,\"repeat_interval\":1,\"weekly_days\":\"4\","
           "\"end_times\":3}}");
    ck_assert_int_eq(last.status, 201);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "occurrences")), 3);
    ck_assert_str_eq(kit_text("occurrences.0.start_time"), "2099-10-21T18:00:00Z");
    ck_assert_str_eq(kit_text("occurrences.1.start_time"), "2099-10-28T19:00:00Z");
    char rest[100];
    snprintf(rest, sizeof rest, "?occurrence_id=%s", kit_text("occurrences.1.occurrence_id"));
    ck_assert_int_eq(act("DELETE", rest, NULL)->status, 204);
    act("GET", "", NULL);
    ck_assert_str_eq(kit_text("occurrences.1.status"), "deleted");
    ck_assert_int_eq(act("DELETE", "?occurrence_id=1", NULL)->status, 400);
    ck_assert_int_eq(act("PATCH", "?occurrence_id=1", "{\"topic\":\"x\"}")->status, 400);
}
END_TEST

/* A change of the whole series needs its rule; it can become a meeting that comes once. */
START_TEST(a_series_is_changed_whole)
{
    create("{\"topic\":\"Midweek\",\"type\":8,\"start_time\":\"2099-10-21T19:00:00\",\"timezone\":"
           "\"Europe/London\",\"recurrence\":{\"type\":1,\"end_times\":60}}");
    /* One page says 60 times, another that no more than 50 are planned. */
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "occurrences")), 50);
    ck_assert_int_eq(act("PATCH", "", "{\"topic\":\"Prayer\"}")->status, 204);
    ck_assert_int_eq(act("PATCH", "", "{\"duration\":30}")->status, 400);
    ck_assert_str_eq(kit_text("errors.0.field"), "recurrence");
    ck_assert_int_eq(
        act("PATCH", "", "{\"duration\":30,\"recurrence\":{\"type\":1,\"end_times\":4}}")->status,
        204);
    act("GET", "", NULL);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "occurrences")), 4);
    ck_assert_int_eq(
        act("PATCH", "", "{\"type\":2,\"start_time\":\"2099-10-22T18:00:00Z\"}")->status, 204);
    act("GET", "", NULL);
    ck_assert_ptr_null(json_at(last.json, "recurrence"));
    ck_assert_ptr_null(json_at(last.json, "occurrences"));
    ck_assert_str_eq(kit_text("start_time"), "2099-10-22T18:00:00Z");
    ck_assert_int_eq(act("DELETE", "", NULL)->status, 204);
    ck_assert_int_eq(act("GET", "", NULL)->status, 404);
}
END_TEST

/* Only where people sign up there is a form. */
START_TEST(signing_up_has_a_form)
{
    create("{\"topic\":\"x\"}");
    ck_assert_ptr_null(json_at(last.json, "registration_url"));
    create("{\"topic\":\"x\",\"settings\":{\"approval_type\":1}}");
    ck_assert_ptr_nonnull(strstr(kit_text("registration_url"), "/meeting/register/"));
}
END_TEST

START_TEST(lists_are_typed_and_paged)
{
    char path[300];

    create("{\"topic\":\"Far\",\"start_time\":\"2099-01-01T00:00:00Z\"}");
    create("{\"topic\":\"Near\"}");
    create("{\"topic\":\"Instant\",\"type\":1}");
    snprintf(path, sizeof path, "%s/meetings?page_size=1", user);
    kit_get("zoom", path);
    ck_assert_str_eq(kit_text("meetings.0.topic"), "Far");
    int64_t total = 0;
    ck_assert(json_int(last.json, "total_records", &total) &&
              total == 2); /* instant ones are not listed */
    snprintf(path, sizeof path, "%s/meetings?page_size=1&next_page_token=%s", user,
             kit_text("next_page_token"));
    kit_get("zoom", path);
    ck_assert_str_eq(kit_text("meetings.0.topic"), "Near");
    ck_assert_str_eq(kit_text("next_page_token"), "");
    snprintf(path, sizeof path, "%s/meetings?next_page_token=stale", user);
    ck_assert_int_eq(kit_get("zoom", path)->status, 400);
    snprintf(path, sizeof path, "%s/upcoming_meetings", user);
    kit_get("zoom", path);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "meetings")), 1); /* within 24 hours */
    ck_assert_int_eq(kit_get("zoom", "/v2/users/nobody/meetings")->status, 404);
    ck_assert_int_eq(code(), 1001);
}
END_TEST

START_TEST(limits_are_kept_by_second_and_by_day)
{
    int made = 0, hurried = 0;

    while (made <= 100 && hurried < 100000) {
        create("{\"topic\":\"x\"}");
        if (last.status == 201)
            made++;
        else if (strstr(kit_text("message"), "per-second") != NULL)
            hurried++;
        else
            break;
    }
    ck_assert_int_eq(made, 100);
    ck_assert_int_eq(last.status, 429);
    ck_assert_ptr_nonnull(strstr(kit_text("message"), "100 meetings"));
    ck_assert_str_eq(kit_header("X-RateLimit-Category"), "Light");
}
END_TEST

START_TEST(a_missing_scope_is_named)
{
    kit_control("POST", "/_sim/grants",
                "{\"platform\":\"zoom\",\"action\":\"drop_scope\",\"scope\":"
                "\"meeting:write:meeting:admin\"}");
    ck_assert_int_eq(create("{\"topic\":\"x\"}")->status, 400);
    ck_assert_int_eq(code(), 4711);
    ck_assert_ptr_nonnull(strstr(kit_text("message"), "meeting:write:meeting:admin"));
    kit_control("POST", "/_sim/grants", "{\"platform\":\"zoom\",\"action\":\"expire_access\"}");
    ck_assert_int_eq(kit_get("zoom", user)->status, 401);
    ck_assert_int_eq(code(), 124);
}
END_TEST

/* ---- notices ---- */

static void check_signature(const char *notice)
{
    const char *body = strstr(notice, "\r\n\r\n") + 4,
               *at = strstr(notice, "x-zm-request-timestamp: ");
    const char *signature = strstr(notice, "x-zm-signature: v0=");
    unsigned char sum[32];
    unsigned int length;
    struct text message, hex;

    ck_assert(at != NULL && signature != NULL);
    text_init(&message, 1 << 20);
    text_init(&hex, 100);
    text_addf(&message, "v0:%lld:%s", strtoll(at + strlen("x-zm-request-timestamp: "), NULL, 10),
              body);
    HMAC(EVP_sha256(), "hush", 4, (const unsigned char *)text_str(&message), message.length, sum,
         &length);
    text_add_hex(&hex, sum, sizeof sum);
    ck_assert_int_eq(strncmp(signature + strlen("x-zm-signature: v0="), text_str(&hex), 64), 0);
    text_release(&message);
    text_release(&hex);
}

START_TEST(notices_are_signed_and_tried_again)
{
    notices_here("zoom", "/webhooks/zoom/1");
    char *notice = next_notice("HTTP/1.1 200 OK\r\n\r\n");
    ck_assert_ptr_nonnull(strstr(notice, "POST /webhooks/zoom/1 HTTP/1.1"));
    ck_assert_ptr_nonnull(strstr(notice, "endpoint.url_validation"));
    check_signature(notice);
    free(notice);
    create(SUNDAY);
    notice = next_notice("HTTP/1.1 503 No\r\n\r\n");
    ck_assert_ptr_nonnull(strstr(notice, "meeting.created"));
    free(notice);
    notice = next_notice("HTTP/1.1 204 No Content\r\n\r\n"); /* the same again */
    ck_assert_ptr_nonnull(strstr(notice, "meeting.created"));
    check_signature(notice);
    free(notice);
    close(listener);
}
END_TEST

TEST_MAIN_FIXTURE("sim_zoom", setup, kit_stop, a_meeting_is_made_changed_and_deleted,
                  a_past_start_becomes_now, a_wrong_field_is_named,
                  it_runs_when_its_host_opens_it_and_ends_by_rest,
                  a_live_stream_needs_a_running_meeting,
                  a_series_keeps_its_hour_through_summer_time, a_series_is_changed_whole,
                  signing_up_has_a_form, lists_are_typed_and_paged,
                  limits_are_kept_by_second_and_by_day, a_missing_scope_is_named,
                  notices_are_signed_and_tried_again)

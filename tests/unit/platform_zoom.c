/* The Zoom adapter against examples of Zoom's own pages. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#include "platform/kit.h"
#include "../lib/fakecall.h"

#define JOIN_URL  "https://us02web.zoom.us/j/97763643886?pwd=8pEkRweV"
#define START_URL "https://us02web.zoom.us/s/97763643886?zak=eyJhbGciOi"
#define MARK      "[ec:1a2b3c4d]"

/* A meeting as GET /meetings/{id} and a create's 201 show it. */
#define MEETING(status, agenda)                                                                    \
    "{\"uuid\":\"aDYlohsHRtCd4ii1uC2+hA==\",\"id\":97763643886,"                                   \
    "\"host_id\":\"30R7kT7bTIKSNUFEuH_Qlg\",\"host_email\":\"pastor@church.example\","             \
    "\"topic\":\"Sunday Service\",\"type\":2,\"status\":\"" status "\","                           \
    "\"start_time\":\"2026-12-06T10:00:00Z\",\"duration\":90,\"timezone\":\"Europe/London\","      \
    "\"agenda\":\"" agenda "\",\"created_at\":\"2026-09-21T08:12:44Z\","                           \
    "\"start_url\":\"" START_URL "\",\"join_url\":\"" JOIN_URL "\",\"password\":\"Grace26\","      \
    "\"settings\":{\"host_video\":false,\"join_before_host\":true,\"jbh_time\":10,"                \
    "\"mute_upon_entry\":true,\"approval_type\":2,\"audio\":\"both\",\"auto_recording\":"          \
    "\"cloud\","                                                                                   \
    "\"waiting_room\":false,\"alternative_hosts\":\"deacon@church.example;media@church.example\"}" \
    "}"

#define WAITING  MEETING("waiting", "Welcome.\\n\\n" MARK)
#define STARTED  MEETING("started", "Welcome.\\n\\n" MARK)
#define GONE     "{\"code\":3001,\"message\":\"Meeting does not exist: 97763643886.\"}"
#define GET_IT   "GET /v2/meetings/97763643886"
#define PATCH_IT "PATCH /v2/meetings/97763643886"

#define ON(asked, code, said, ...)                                                                 \
    {                                                                                              \
        .what = asked, .status = code, .answer = said, __VA_ARGS__                                 \
    }

static struct fake fake;
static struct meeting meeting;
static struct target target;
static struct outcome outcome;
static struct error err;

static int64_t at(const char *time)
{
    int64_t ms;

    ck_assert(clock_parse_rfc3339(time, &ms));
    return ms;
}

static void begin(const struct fake_step *steps, const char *settings)
{
    memset(&meeting, 0, sizeof(meeting));
    memset(&err, 0, sizeof(err));
    fake_init(&fake, PLATFORM_ZOOM, steps);
    fake.call.account_ref = "30R7kT7bTIKSNUFEuH_Qlg";
    text_replace(&meeting.title, "Sunday Service");
    text_replace(&meeting.description, "Welcome.");
    meeting.start_ms = at("2026-12-06T10:00:00Z");
    meeting.end_ms = at("2026-12-06T11:30:00Z");
    meeting.primary = PLATFORM_ZOOM;
    fake_target(&target, PLATFORM_ZOOM, settings);
    ck_assert(outcome_init(&outcome, &target));
}

/* The same, of a meeting that was created. */
static void begin_made(const struct fake_step *steps, const char *settings)
{
    begin(steps, settings);
    text_replace(&target.remote_id, "97763643886");
    text_replace(&target.url, JOIN_URL);
    outcome_release(&outcome);
    ck_assert(outcome_init(&outcome, &target));
}

/* Whatever happened, the host's sign-in was kept nowhere. */
static void finish(void)
{
    struct text kept;

    text_init(&kept, 20000);
    json_print(&kept, outcome.remote);
    text_addf(&kept, "%s%s%s%s", outcome.url, outcome.note, err.message, err.remedy);
    ck_assert_ptr_null(strstr(text_str(&kept), "zak="));
    for (size_t i = 0; i < fake.saved_count; i++)
        ck_assert_ptr_null(strstr(fake.saved[i].remote, "zak="));
    text_release(&kept);
    fake_done(&fake);
    outcome_release(&outcome);
    fake_target_release(&target);
    meeting_release(&meeting);
    fake_release(&fake);
}

static bool run(bool (*operation)(struct call *, const struct meeting *, const struct target *,
                                  struct outcome *, struct error *))
{
    return operation(&fake.call, &meeting, &target, &outcome, &err);
}

/* ---- connecting ---- */

static const struct fake_secret app_secret[] = { { "client_secret", "s3cret" }, { NULL, NULL } };

static void begin_connecting(const struct fake_step *steps, const char *user)
{
    begin(steps, NULL);
    fake.call.account_ref = "";
    fake.secrets = app_secret;
    cJSON_AddStringToObject(fake.options, "account_id", "AbCdEfGhIjKlMnOp");
    cJSON_AddStringToObject(fake.options, "client_id", "cLiEnT1d");
    if (user)
        cJSON_AddStringToObject(fake.options, "user", user);
}

START_TEST(renews_by_account_credentials)
{
    static const struct fake_step steps[] = {
        ON("POST /oauth/token", 200,
           "{\"access_token\":\"eyJzdiI6IjAwMDAwMSJ9.s2s\",\"token_type\":\"bearer\","
           "\"expires_in\":3600,\"scope\":\"meeting:write:meeting:admin "
           "meeting:read:meeting:admin\",\"api_url\":\"https://api.zoom.us\"}",
           .holds = { "https://auth.test/",
                      "grant_type=account_credentials&account_id="
                      "AbCdEfGhIjKlMnOp",
                      "Authorization: Basic Y0xpRW5UMWQ6czNjcmV0",
                      "application/x-www-form-urlencoded" },
           .lacks = { "s3cret" }),
        FAKE_END
    };
    struct token token;

    begin_connecting(steps, NULL);
    ck_assert(platform_zoom.check(&fake.call, &err));
    ck_assert_msg(platform_zoom.renew(&fake.call, &token, &err), "%s", err.message);
    ck_assert_str_eq(token.access, "eyJzdiI6IjAwMDAwMSJ9.s2s");
    ck_assert_str_eq(token.refresh, "");
    ck_assert_int_eq(token.expires_ms, fake.call.now_ms + 3600000);
    ck_assert_str_eq(token.scopes, "meeting:write:meeting:admin meeting:read:meeting:admin");
    finish();
}
END_TEST

static const struct {
    int status;
    const char *body;
    enum error_kind kind;
    const char *code;
} refused_tokens[] = {
    { 400, "{\"reason\":\"Invalid client_id or client_secret\",\"error\":\"invalid_client\"}",
      ERROR_AUTH, "invalid_client" },
    { 401, "{\"code\":4702,\"message\":\"Invalid client id.\"}", ERROR_AUTH, "invalid_client" },
    { 400, "{\"reason\":\"Invalid Token!\",\"error\":\"invalid_grant\"}", ERROR_AUTH,
      "invalid_grant" },
    { 400, "{\"reason\":\"Bad Request\",\"error\":\"invalid_request\"}", ERROR_AUTH,
      "invalid_request" },
    { 400, "{\"reason\":\"unsupported grant type\",\"error\":\"unsupported_grant_type\"}",
      ERROR_AUTH, "unsupported_grant_type" },
    { 400, "{\"code\":4738,\"message\":\"Token disabled by admin.\"}", ERROR_FORBIDDEN, "4738" },
    { 429, "{\"code\":429,\"message\":\"Too many.\"}", ERROR_RATE, "429" },
    { 500, "", ERROR_SERVER, "" },
    { 200, "{\"token_type\":\"bearer\"}", ERROR_GARBAGE, "" },
    { 200, "[]", ERROR_GARBAGE, "" },
};

START_TEST(judges_token_refusals)
{
    struct fake_step steps[] = { ON("POST /oauth/token", refused_tokens[_i].status,
                                    refused_tokens[_i].body, .html = true),
                                 FAKE_END };
    struct token token;

    begin_connecting(steps, NULL);
    ck_assert(!platform_zoom.renew(&fake.call, &token, &err));
    ck_assert_int_eq(err.kind, refused_tokens[_i].kind);
    ck_assert_str_eq(err.code, refused_tokens[_i].code);
    ck_assert_str_eq(err.platform, "zoom");
    ck_assert_str_eq(token.access, "");
    ck_assert_ptr_null(strstr(err.message, "s3cret"));
    finish();
}
END_TEST

START_TEST(wants_all_credentials)
{
    begin_connecting(NULL, NULL);
    fake.secrets = NULL;
    ck_assert(!platform_zoom.check(&fake.call, &err));
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "client_secret"));
    fake.call.client_secret = "configured";
    ck_assert(platform_zoom.check(&fake.call, &err));
    cJSON_AddStringToObject(fake.options, "user", "me");
    ck_assert(!platform_zoom.check(&fake.call, &err));
    fake.steps = (const struct fake_step[]){ FAKE_END };
    finish();
}
END_TEST

#define USER                                                                                       \
    "{\"id\":\"30R7kT7bTIKSNUFEuH_Qlg\",\"first_name\":\"Paul\",\"last_name\":\"Silas\","          \
    "\"display_name\":\"Paul Silas\",\"email\":\"pastor@church.example\",\"type\":2,"              \
    "\"pmi\":3542471135,\"timezone\":\"Europe/London\",\"account_id\":\"Cx3wERazSgup7ZWRHQM8-w\"," \
    "\"status\":\"active\"}"

START_TEST(identifies_named_user)
{
    static const struct fake_step steps[] = { ON("GET /v2/users/pastor%40church.example", 200, USER,
                                                 .holds = { "Authorization: Bearer token-1" }),
                                              FAKE_END };
    struct account account;

    begin_connecting(steps, "pastor@church.example");
    ck_assert_msg(platform_zoom.identify(&fake.call, &account, &err), "%s", err.message);
    ck_assert_str_eq(account.ref, "30R7kT7bTIKSNUFEuH_Qlg");
    ck_assert_str_eq(account.name, "Paul Silas (pastor@church.example)");
    finish();
}
END_TEST

START_TEST(identifies_only_user)
{
    static const struct fake_step steps[] = {
        ON("GET /v2/users?status=active", 200,
           "{\"page_count\":1,\"page_size\":30,\"total_records\":1,\"next_page_token\":\"\","
           "\"users\":[{\"id\":\"30R7kT7bTIKSNUFEuH_Qlg\",\"email\":\"pastor@church.example\","
           "\"type\":2}]}",
           .lacks = { "/users/me" }),
        ON("GET /v2/users/30R7kT7bTIKSNUFEuH_Qlg", 200, USER),
        ON("GET /v2/users/30R7kT7bTIKSNUFEuH_Qlg", 200, USER), FAKE_END
    };
    struct account account;

    begin_connecting(steps, NULL);
    fake.call.api_base = "https://api.test/v2"; /* as Zoom writes it */
    ck_assert_msg(platform_zoom.identify(&fake.call, &account, &err), "%s", err.message);
    ck_assert_str_eq(account.ref, "30R7kT7bTIKSNUFEuH_Qlg");
    /* From then on one read is enough. */
    fake.call.account_ref = "30R7kT7bTIKSNUFEuH_Qlg";
    ck_assert(platform_zoom.identify(&fake.call, &account, &err));
    finish();
}
END_TEST

static const struct {
    int status;
    const char *body, *message, *remedy;
    enum error_kind kind;
} undecided[] = {
    { 200,
      "{\"users\":[{\"id\":\"a\",\"email\":\"a@x.example\"},{\"id\":\"b\",\"email\":"
      "\"b@x.example\"}]}",
      "a@x.example, b@x.example", "user=", ERROR_INPUT },
    { 200, "{\"users\":[]}", "no active user", "user=", ERROR_INPUT },
    { 400,
      "{\"code\":4711,\"message\":\"Invalid access token, does not contain "
      "scopes:[user:read:list_users:admin].\"}",
      "user:read:list_users:admin", "user=", ERROR_FORBIDDEN },
};

START_TEST(asks_which_user)
{
    struct fake_step steps[] = { ON("GET /v2/users?", undecided[_i].status, undecided[_i].body),
                                 FAKE_END };
    struct account account;

    begin_connecting(steps, NULL);
    ck_assert(!platform_zoom.identify(&fake.call, &account, &err));
    ck_assert_int_eq(err.kind, undecided[_i].kind);
    ck_assert_msg(strstr(err.message, undecided[_i].message) != NULL, "%s", err.message);
    ck_assert_msg(strstr(err.remedy, undecided[_i].remedy) != NULL, "%s", err.remedy);
    finish();
}
END_TEST

/* ---- settings ---- */

static const struct {
    const char *settings, *named; /* NULL: fine */
} pairs[] = {
    { "{\"waiting_room\":true,\"join_before_host\":true}", "waiting room" },
    { "{\"waiting_room\":false,\"join_before_host\":true,\"jbh_time\":\"10\"}", NULL },
    { "{\"jbh_time\":\"5\"}", "jbh_time" },
    { "{\"join_before_host\":false,\"jbh_time\":\"5\"}", "jbh_time" },
    { "{\"encryption_type\":\"e2ee\",\"auto_recording\":\"cloud\"}", "cloud" },
    { "{\"encryption_type\":\"e2ee\",\"auto_recording\":\"local\"}", NULL },
    { "{\"encryption_type\":\"e2ee\",\"audio\":\"both\"}", "telephone" },
    { "{\"passcode\":\"Grace26\"}", NULL },
    { "{\"passcode\":\"Grace 26\"}", "passcode" },
    { "{\"passcode\":\"12345678901\"}", "at most 10" },
    { "{\"alternative_hosts\":\"deacon@church.example, media@church.example\"}", NULL },
    { "{\"alternative_hosts\":\"deacon\"}", "deacon" },
    { "{\"jbh_time\":\"7\"}", "0, 5, 10, 15" },
    { "{\"start_url\":\"x\"}", "start_url" },
    { "{\"auto_recording\":\"tape\"}", "none, local, cloud" },
    { "{}", NULL },
};

START_TEST(checks_settings_together)
{
    cJSON *settings = cJSON_Parse(pairs[_i].settings);
    bool fine;

    begin(NULL, pairs[_i].settings);
    fine = platform_settings_check(&platform_zoom, PLATFORM_MEETINGS, settings, &err) &&
           platform_zoom.meeting_check(&meeting, &target, &err);
    ck_assert_msg(fine == !pairs[_i].named, "%s: %s", pairs[_i].settings, err.message);
    if (!fine) {
        ck_assert_int_eq(err.kind, ERROR_INPUT);
        ck_assert_msg(strstr(err.message, pairs[_i].named) != NULL, "%s", err.message);
        ck_assert(*err.remedy);
    }
    cJSON_Delete(settings);
    fake.steps = (const struct fake_step[]){ FAKE_END };
    finish();
}
END_TEST

START_TEST(checks_times_and_title)
{
    char title[202];

    begin((const struct fake_step[]){ FAKE_END }, NULL);
    meeting.end_ms = meeting.start_ms + INT64_C(86400000);
    ck_assert(platform_zoom.meeting_check(&meeting, &target, &err));
    meeting.end_ms++;
    ck_assert(!platform_zoom.meeting_check(&meeting, &target, &err));
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    meeting.end_ms = meeting.start_ms + 1;
    memset(title, 'x', sizeof(title));
    title[201] = '\0';
    text_replace(&meeting.title, title);
    ck_assert(!platform_zoom.meeting_check(&meeting, &target, &err));
    finish();
}
END_TEST

/* ---- create ---- */

START_TEST(creates)
{
    static const struct fake_step steps[] = {
        ON("POST /v2/users/30R7kT7bTIKSNUFEuH_Qlg/meetings", 201, WAITING,
           .holds = { "\"topic\":\"Sunday Service\",\"type\":2,\"start_time\":"
                      "\"2026-12-06T10:00:00Z\",\"duration\":90,",
                      "\"agenda\":\"Welcome.\\n\\n" MARK "\"", "\"password\":\"Grace26\"",
                      "\"settings\":{\"waiting_room\":false,\"join_before_host\":true,"
                      "\"jbh_time\":10,\"auto_recording\":\"cloud\",\"alternative_hosts\":"
                      "\"deacon@church.example;media@church.example\",\"approval_type\":2}" },
           .lacks = { "host_video", "timezone", "passcode" }),
        FAKE_END
    };

    begin(steps, "{\"waiting_room\":false,\"join_before_host\":true,\"jbh_time\":\"10\","
                 "\"auto_recording\":\"cloud\",\"passcode\":\"Grace26\",\"registration\":\"none\","
                 "\"alternative_hosts\":\"deacon@church.example, media@church.example\"}");
    ck_assert_msg(run(platform_zoom.meeting_create), "%s", err.message);
    ck_assert(fake.requests[0].creates);
    ck_assert_str_eq(outcome.remote_id, "97763643886");
    ck_assert_str_eq(outcome.url, JOIN_URL);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_str_eq(outcome.note, "");
    ck_assert_uint_eq(fake.saved_count, 1);
    ck_assert_str_eq(fake.saved[0].remote_id, "97763643886");
    finish();
}
END_TEST

/* Each setting of the page, as Zoom says it. */
START_TEST(sends_every_setting)
{
    static const struct fake_step steps[] = {
        ON("POST /v2/users/", 201, WAITING,
           .holds = { "\"waiting_room\":true,\"waiting_room_options\":{\"mode\":\"custom\","
                      "\"who_goes_to_waiting_room\":\"users_not_in_account\"}",
                      "\"meeting_authentication\":true,\"authentication_option\":"
                      "\"signIn_D8cJuqWVQ\",\"authentication_domains\":\"church.example\"",
                      "\"approval_type\":1", "\"allow_multiple_devices\":false",
                      "\"private_meeting\":true", "\"focus_mode\":true",
                      "\"continuous_meeting_chat\":{\"enable\":false}", "\"audio\":\"thirdParty\"",
                      "\"mute_upon_entry\":true,\"host_video\":true,"
                      "\"participant_video\":false" },
           .lacks = { "registration_type", "recurrence" }),
        FAKE_END
    };

    begin(steps, "{\"waiting_room\":true,\"waiting_room_for\":\"users_not_in_account\","
                 "\"meeting_authentication\":true,\"authentication_option\":"
                 "\"signIn_D8cJuqWVQ\",\"authentication_domains\":\"church.example\","
                 "\"registration\":\"manual\",\"allow_multiple_devices\":false,"
                 "\"private_meeting\":true,\"focus_mode\":true,\"continuous_chat\":false,"
                 "\"audio\":\"thirdParty\",\"mute_upon_entry\":true,\"host_video\":true,"
                 "\"participant_video\":false}");
    ck_assert(platform_zoom.meeting_check(&meeting, &target, &err));
    ck_assert_msg(run(platform_zoom.meeting_create), "%s", err.message);
    /* What the account locks is read back and said; what Zoom does not show is not known. */
    ck_assert_msg(strstr(outcome.note, "waiting_room, host_video, registration, audio") != NULL,
                  "%s", outcome.note);
    finish();
}
END_TEST

START_TEST(knows_hosts_in_another_order)
{
    static const struct fake_step steps[] = { ON(GET_IT, 200, WAITING), FAKE_END };

    begin_made(steps, "{\"alternative_hosts\":\"Media@church.example, deacon@church.example\"}");
    ck_assert_msg(run(platform_zoom.meeting_update), "%s", err.message);
    ck_assert_str_eq(outcome.note, "");
    finish();
}
END_TEST

/* The one that it has just ended may still be ending. */
START_TEST(waits_until_it_has_ended)
{
    static const struct fake_step steps[] = {
        ON(GET_IT, 200, STARTED), ON("PUT /v2/meetings/97763643886/status", 204, NULL),
        ON("DELETE /v2/meetings/97763643886", 400,
           "{\"code\":3002,\"message\":\"Sorry, you cannot delete this meeting since it is in "
           "progress.\"}"),
        FAKE_END
    };

    begin_made(steps, NULL);
    ck_assert(!run(platform_zoom.meeting_cancel));
    ck_assert_int_eq(err.kind, ERROR_SERVER);
    finish();
}
END_TEST

/* 11-digit and longer ids and the ones that come as strings keep every digit. */
START_TEST(keeps_long_ids)
{
    static const struct fake_step steps[] = {
        ON("POST /v2/users/", 201,
           "{\"id\":\"9007199254740993\",\"join_url\":\"" JOIN_URL "\",\"start_url\":\"" START_URL
           "\"}"),
        ON("GET /v2/meetings/9007199254740993", 200,
           "{\"id\":\"9007199254740993\",\"status\":\"waiting\",\"join_url\":\"" JOIN_URL "\"}"),
        FAKE_END
    };

    begin(steps, NULL);
    ck_assert(run(platform_zoom.meeting_create));
    ck_assert_str_eq(outcome.remote_id, "9007199254740993");
    ck_assert(run(platform_zoom.meeting_poll));
    finish();
}
END_TEST

START_TEST(creates_what_has_begun)
{
    static const struct fake_step steps[] = {
        ON("POST /v2/users/30R7kT7bTIKSNUFEuH_Qlg/meetings", 201, WAITING,
           .holds = { "\"start_time\":\"2026-12-01T09:13:00Z\",\"duration\":48," }),
        FAKE_END
    };

    begin(steps, NULL);
    meeting.start_ms = at("2026-12-01T09:00:00Z");
    meeting.end_ms = at("2026-12-01T10:00:30Z");
    ck_assert(run(platform_zoom.meeting_create));
    ck_assert_msg(strstr(outcome.note, "9:13") != NULL, "%s", outcome.note);
    meeting.start_ms = at("2026-12-01T08:00:00Z");
    meeting.end_ms = at("2026-12-01T09:00:00Z");
    outcome.remote_id[0] = '\0';
    ck_assert(!run(platform_zoom.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_REFUSED);
    finish();
}
END_TEST

START_TEST(members_register_when_asked_to)
{
    static const struct fake_step steps[] = {
        ON("POST /v2/users/", 201,
           "{\"id\":97763643886,\"join_url\":\"" JOIN_URL
           "\",\"registration_url\":\"https://us02web.zoom.us/meeting/register/tZEqc\"}",
           .holds = { "\"approval_type\":0" }),
        FAKE_END
    };

    begin(steps, "{\"registration\":\"automatic\"}");
    ck_assert(run(platform_zoom.meeting_create));
    ck_assert_str_eq(outcome.url, "https://us02web.zoom.us/meeting/register/tZEqc");
    finish();
}
END_TEST

START_TEST(refuses_foreign_link)
{
    static const struct fake_step steps[] = {
        ON("POST /v2/users/", 201,
           "{\"id\":97763643886,\"join_url\":\"https://zoom.us.evil.example/j/97763643886\"}"),
        FAKE_END
    };

    begin(steps, NULL);
    ck_assert(!run(platform_zoom.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_GARBAGE);
    ck_assert_str_eq(outcome.url, "");
    /* It exists all the same, and the next try will read it and not make a second. */
    ck_assert_str_eq(fake.saved[0].remote_id, "97763643886");
    finish();
}
END_TEST

START_TEST(creates_only_once)
{
    static const struct fake_step steps[] = { ON(GET_IT, 200, WAITING), FAKE_END };

    begin_made(steps, NULL);
    ck_assert(run(platform_zoom.meeting_create));
    ck_assert_uint_eq(fake_count(&fake, "POST"), 0);
    finish();
}
END_TEST

START_TEST(creates_again_when_gone)
{
    static const struct fake_step steps[] = { ON(GET_IT, 404, GONE),
                                              ON("POST /v2/users/", 201, WAITING), FAKE_END };

    begin_made(steps, NULL);
    ck_assert(run(platform_zoom.meeting_create));
    finish();
}
END_TEST

/* ---- find ---- */

#define LISTED(id, start, agenda)                                                                  \
    "{\"uuid\":\"aDYlohsHRtCd4ii1uC2+hA==\",\"id\":" id ",\"host_id\":\"30R7kT7bTIKSNUFEuH_Qlg\"," \
    "\"topic\":\"Sunday Service\",\"type\":2,\"start_time\":\"" start "\",\"duration\":90,"        \
    "\"timezone\":\"Europe/London\",\"join_url\":\"" JOIN_URL "\",\"agenda\":\"" agenda "\"}"
#define LIST(token, meetings)                                                                      \
    "{\"page_size\":300,\"total_records\":1,\"next_page_token\":\"" token "\",\"meetings\":"       \
    "[" meetings "]}"
#define TEN "Welcome.. "
#define LONG                                                                                       \
    TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN    \
        TEN TEN
#define MINE "2026-12-06T10:00:00Z"

START_TEST(finds_by_marker_over_pages)
{
    static const struct fake_step steps[] = {
        ON("GET /v2/users/30R7kT7bTIKSNUFEuH_Qlg/meetings?type=upcoming", 200,
           LIST("IAfJX3js+w==", LISTED("1", MINE, "[ec:ffffffff]")), .holds = { "page_size=300" },
           .lacks = { "next_page_token" }),
        ON("GET /v2/users/", 200,
           LIST("", LISTED("95204914252", "2026-12-07T10:00:00Z",
                           MARK) "," LISTED("97763643886", MINE, "Welcome.\\n\\n" MARK)),
           .holds = { "next_page_token=IAfJX3js%2Bw%3D%3D" }),
        ON(GET_IT, 200, WAITING), FAKE_END
    };

    begin(steps, NULL);
    ck_assert_msg(run(platform_zoom.meeting_find), "%s", err.message);
    ck_assert(outcome.found);
    ck_assert_str_eq(outcome.remote_id, "97763643886");
    ck_assert_str_eq(outcome.url, JOIN_URL);
    finish();
}
END_TEST

/* The list cuts agendas at 250 characters: before the marker. */
START_TEST(finds_behind_cut_agenda)
{
    static const struct fake_step steps[] = {
        ON("GET /v2/users/", 200,
           LIST("",
                LISTED("1", "2026-12-13T10:00:00Z", LONG) "," LISTED("97763643886", MINE, LONG))),
        ON(GET_IT, 200, MEETING("waiting", LONG "\\n\\n" MARK)),
        ON(GET_IT, 200, MEETING("waiting", LONG "\\n\\n" MARK)), FAKE_END
    };

    begin(steps, NULL);
    ck_assert(run(platform_zoom.meeting_find));
    ck_assert(outcome.found);
    ck_assert_str_eq(outcome.remote_id, "97763643886");
    finish();
}
END_TEST

START_TEST(finds_nothing)
{
    static const struct fake_step steps[] = {
        ON("GET /v2/users/", 200, LIST("", LISTED("97763643886", MINE, LONG))),
        ON(GET_IT, 200, MEETING("waiting", LONG "\\n\\n[ec:ffffffff]")),
        ON("GET /v2/users/", 200, LIST("", ""), .holds = { "type=scheduled" }), FAKE_END
    };

    begin(steps, NULL);
    ck_assert(run(platform_zoom.meeting_find));
    ck_assert(!outcome.found);
    ck_assert_str_eq(outcome.remote_id, "");
    finish();
}
END_TEST

/* "Not found" would make a second meeting, so it is never said without having looked through all.
 */
START_TEST(finding_is_bounded)
{
    struct fake_step steps[11];

    memset(steps, 0, sizeof(steps));
    for (int i = 0; i < 10; i++) {
        steps[i].what = "GET /v2/users/";
        steps[i].status = 200;
        steps[i].answer = LIST("more", LISTED("1", MINE, "other"));
    }
    begin(steps, NULL);
    ck_assert(!run(platform_zoom.meeting_find));
    ck_assert_int_eq(err.kind, ERROR_REFUSED);
    finish();
}
END_TEST

/* ---- update ---- */

START_TEST(updates_only_what_changed)
{
    static const struct fake_step steps[] = {
        ON(GET_IT, 200, WAITING),
        ON(PATCH_IT, 204, NULL,
           .holds = { "{\"topic\":\"Sunday Service (Harvest)\",\"duration\":120,"
                      "\"settings\":{\"waiting_room\":true}}" }),
        ON(GET_IT, 200, WAITING), FAKE_END
    };

    begin_made(steps, "{\"waiting_room\":true,\"auto_recording\":\"cloud\",\"audio\":\"both\"}");
    text_replace(&meeting.title, "Sunday Service (Harvest)");
    meeting.end_ms = at("2026-12-06T12:00:00Z");
    /* An update is another wish than the create, and leaves the create's marker where it is. */
    fake.call.idem_key = "99999999999999999999999999999999";
    ck_assert_msg(run(platform_zoom.meeting_update), "%s", err.message);
    ck_assert(fake.requests[1].effect && !fake.requests[1].creates);
    finish();
}
END_TEST

START_TEST(updates_nothing_when_already_so)
{
    static const struct fake_step steps[] = {
        ON(GET_IT, 200, MEETING("waiting", "Line one.\\r\\nLine two.\\r\\n\\r\\n" MARK)), FAKE_END
    };

    begin_made(steps, "{\"passcode\":\"Grace26\",\"join_before_host\":true,\"jbh_time\":\"10\","
                      "\"alternative_hosts\":\"deacon@church.example media@church.example\"}");
    text_replace(&meeting.description, "Line one.\nLine two.");
    ck_assert(run(platform_zoom.meeting_update));
    finish();
}
END_TEST

/* Zoom ignores a start that is over; the end is reached by the duration. */
START_TEST(updates_running_meeting)
{
    static const struct fake_step steps[] = {
        ON(GET_IT, 200, STARTED), ON(PATCH_IT, 204, NULL, .holds = { "{\"duration\":120}" }),
        ON(GET_IT, 200, STARTED), FAKE_END
    };

    begin_made(steps, NULL);
    fake.call.now_ms = at("2026-12-06T10:30:00Z");
    meeting.start_ms = at("2026-12-06T10:15:00Z");
    meeting.end_ms = at("2026-12-06T12:00:00Z");
    ck_assert(run(platform_zoom.meeting_update));
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    finish();
}
END_TEST

START_TEST(updates_leave_series_times)
{
    static const struct fake_step steps[] = {
        ON(GET_IT, 200,
           "{\"id\":97763643886,\"topic\":\"Midweek Prayer\",\"type\":8,\"status\":\"waiting\","
           "\"duration\":60,\"join_url\":\"" JOIN_URL "\",\"agenda\":\"Welcome.\\n\\n" MARK "\","
           "\"occurrences\":[{\"occurrence_id\":\"1791396000000\",\"start_time\":"
           "\"2026-12-07T18:00:00Z\",\"duration\":60,\"status\":\"available\"}]}"),
        ON(PATCH_IT, 204, NULL, .holds = { "{\"topic\":\"Sunday Service\"}" }),
        ON(GET_IT, 200, WAITING), FAKE_END
    };

    begin_made(steps, NULL);
    ck_assert(run(platform_zoom.meeting_update));
    finish();
}
END_TEST

START_TEST(update_of_what_is_gone)
{
    static const struct fake_step steps[] = { ON(GET_IT, 404, GONE), FAKE_END };

    begin_made(steps, NULL);
    ck_assert(!run(platform_zoom.meeting_update));
    ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
    ck_assert(outcome.gone);
    finish();
}
END_TEST

/* ---- cancel ---- */

START_TEST(cancels_running_meeting)
{
    static const struct fake_step steps[] = {
        ON(GET_IT, 200, STARTED),
        ON("PUT /v2/meetings/97763643886/status", 204, NULL, .holds = { "{\"action\":\"end\"}" }),
        ON("DELETE /v2/meetings/97763643886", 204, NULL, .lacks = { "occurrence_id" }), FAKE_END
    };

    begin_made(steps, NULL);
    outcome.status = TARGET_LIVE;
    ck_assert_msg(run(platform_zoom.meeting_cancel), "%s", err.message);
    ck_assert(outcome.gone);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    ck_assert_int_eq(outcome.ended_ms, fake.call.now_ms);
    finish();
}
END_TEST

static const struct fake_step gone_at[][4] = {
    { ON(GET_IT, 404, GONE), FAKE_END },
    { ON(GET_IT, 200, WAITING), ON("DELETE /v2/meetings/", 404, GONE), FAKE_END },
    { ON(GET_IT, 200, STARTED), ON("PUT /v2/meetings/", 404, GONE),
      ON("DELETE /v2/meetings/", 404, GONE), FAKE_END },
    /* The host ended it before we did. */
    { ON(GET_IT, 200, STARTED),
      ON("PUT /v2/meetings/", 400, "{\"code\":300,\"message\":\"Meeting is not running.\"}"),
      ON("DELETE /v2/meetings/", 204, NULL), FAKE_END },
};

START_TEST(cancels_what_is_gone)
{
    begin_made(gone_at[_i], NULL);
    ck_assert_msg(run(platform_zoom.meeting_cancel), "%s", err.message);
    ck_assert(outcome.gone);
    finish();
}
END_TEST

static const struct {
    struct fake_step steps[3];
    enum error_kind kind;
} kept[] = {
    { { ON(GET_IT, 401, "{\"code\":124,\"message\":\"Access token is expired.\"}"), FAKE_END },
      ERROR_AUTH },
    /* A proxy's 404 does not mean that the meeting is gone. */
    { { ON(GET_IT, 404, "<html>not found</html>", .html = true), FAKE_END }, ERROR_GARBAGE },
    { { ON(GET_IT, 200, STARTED),
        ON("PUT /v2/meetings/", 400,
           "{\"code\":3063,\"message\":\"Can not end on-premise user's meeting: 97763643886.\"}"),
        FAKE_END },
      ERROR_INVALID },
    { { ON(GET_IT, 200, WAITING),
        ON("DELETE /v2/meetings/", 429, "{\"code\":429,\"message\":\"Lock conflict.\"}"),
        FAKE_END },
      ERROR_RATE },
    { { ON(GET_IT, 200, WAITING), ON("DELETE /v2/meetings/", 0, NULL, .fails = ERROR_NET_POST),
        FAKE_END },
      ERROR_NET_POST },
};

START_TEST(cancel_can_fail)
{
    begin_made(kept[_i].steps, NULL);
    ck_assert(!run(platform_zoom.meeting_cancel));
    ck_assert_int_eq(err.kind, kept[_i].kind);
    ck_assert(!outcome.gone);
    finish();
}
END_TEST

START_TEST(cancels_what_never_was)
{
    begin((const struct fake_step[]){ FAKE_END }, NULL);
    ck_assert(run(platform_zoom.meeting_cancel));
    finish();
}
END_TEST

/* ---- poll and host's link ---- */

static const struct {
    enum target_status before;
    const char *now, *body;
    int status;
    enum target_status after;
    bool gone;
} polls[] = {
    { TARGET_PENDING, "2026-12-01T09:12:00Z", WAITING, 200, TARGET_PENDING, false },
    { TARGET_PENDING, "2026-12-06T09:55:00Z", STARTED, 200, TARGET_LIVE, false },
    { TARGET_LIVE, "2026-12-06T12:00:00Z", STARTED, 200, TARGET_LIVE, false },
    { TARGET_LIVE, "2026-12-06T11:00:00Z", WAITING, 200, TARGET_ENDED, false },
    { TARGET_ENDED, "2026-12-06T11:01:00Z", WAITING, 200, TARGET_ENDED, false },
    { TARGET_ENDED, "2026-12-06T11:02:00Z", STARTED, 200, TARGET_LIVE, false },
    { TARGET_PENDING, "2026-12-06T11:30:00Z", WAITING, 200, TARGET_ENDED, false },
    { TARGET_PENDING, "2026-12-01T09:12:00Z", GONE, 404, TARGET_PENDING, true },
    { TARGET_PENDING, "2026-12-06T11:30:00Z", GONE, 404, TARGET_ENDED, false },
    { TARGET_LIVE, "2026-12-06T11:00:00Z", GONE, 404, TARGET_ENDED, false },
};

START_TEST(polls_status)
{
    struct fake_step steps[] = { ON(GET_IT, polls[_i].status, polls[_i].body), FAKE_END };

    begin_made(steps, NULL);
    outcome.status = polls[_i].before;
    fake.call.now_ms = at(polls[_i].now);
    ck_assert_msg(run(platform_zoom.meeting_poll), "%s", err.message);
    ck_assert_int_eq(outcome.status, polls[_i].after);
    ck_assert(outcome.gone == polls[_i].gone);
    ck_assert(outcome.status != TARGET_LIVE || outcome.started_ms > 0);
    if (outcome.gone && outcome.status == TARGET_PENDING)
        ck_assert_ptr_nonnull(strstr(outcome.note, "deleted in Zoom"));
    finish();
}
END_TEST

START_TEST(host_link_is_read_anew)
{
    static const struct fake_step steps[] = { ON(GET_IT, 200, WAITING), FAKE_END };
    struct text link;

    text_init(&link, 4000);
    begin_made(steps, NULL);
    ck_assert(platform_zoom.meeting_host_link(&fake.call, &meeting, &target, &link, &err));
    ck_assert_str_eq(text_str(&link), START_URL);
    text_replace(&target.remote_id, "");
    ck_assert(!platform_zoom.meeting_host_link(&fake.call, &meeting, &target, &link, &err));
    ck_assert_int_eq(err.kind, ERROR_REFUSED);
    text_release(&link);
    finish();
}
END_TEST

/* ---- refusals ---- */

static const struct {
    int status;
    const char *body, *headers[3];
    enum error_kind kind;
    const char *code, *message;
    int64_t wait_ms;
} refusals[] = {
    { 401,
      "{\"code\":124,\"message\":\"Access token is expired.\"}",
      { NULL },
      ERROR_AUTH,
      "124",
      "expired",
      0 },
    { 400,
      "{\"code\":124,\"message\":\"Invalid access token.\"}",
      { NULL },
      ERROR_AUTH,
      "124",
      "Invalid",
      0 },
    { 400,
      "{\"code\":4711,\"message\":\"Invalid access token, does not contain "
      "scopes:[meeting:read:meeting, meeting:read:meeting:admin].\"}",
      { NULL },
      ERROR_FORBIDDEN,
      "4711",
      "meeting:read:meeting, meeting:read:meeting:admin",
      0 },
    { 401,
      "{\"code\":4700,\"message\":\"Token cannot be empty\"}",
      { NULL },
      ERROR_AUTH,
      "4700",
      "empty",
      0 },
    { 401,
      "{\"code\":4700,\"message\":\"does not contain scopes:[user:read:user]\"}",
      { NULL },
      ERROR_FORBIDDEN,
      "4700",
      "user:read:user",
      0 },
    { 400,
      "{\"code\":200,\"message\":\"Only available for paid account: Cx3w\"}",
      { NULL },
      ERROR_FORBIDDEN,
      "200",
      "paid account",
      0 },
    { 400,
      "{\"code\":300,\"message\":\"Validation Failed.\",\"errors\":[{\"field\":"
      "\"settings.jbh_time\",\"message\":\"Invalid field.\"}]}",
      { NULL },
      ERROR_INVALID,
      "300",
      "settings.jbh_time: Invalid field.",
      0 },
    { 404,
      "{\"code\":1001,\"message\":\"User does not exist: 30R7.\"}",
      { NULL },
      ERROR_INVALID,
      "1001",
      "User does not exist",
      0 },
    { 400,
      "{\"code\":1010,\"message\":\"User not on this account.\"}",
      { NULL },
      ERROR_INVALID,
      "1010",
      "account",
      0 },
    { 400,
      "{\"code\":3000,\"message\":\"Cannot access webinar information.\"}",
      { NULL },
      ERROR_INVALID,
      "3000",
      "webinar",
      0 },
    { 400,
      "{\"code\":3161,\"message\":\"Meeting hosting and scheduling capabilities are not allowed "
      "for your user account.\"}",
      { NULL },
      ERROR_FORBIDDEN,
      "3161",
      "not allowed",
      0 },
    { 400,
      "{\"code\":4738,\"message\":\"Disabled.\"}",
      { NULL },
      ERROR_FORBIDDEN,
      "4738",
      "Disabled",
      0 },
    { 403, "", { NULL }, ERROR_FORBIDDEN, "", "", 0 },
    { 429,
      "{\"code\":429,\"message\":\"You have reached the maximum per-second rate limit for this "
      "API. Try again later.\"}",
      { "X-RateLimit-Type: QPS" },
      ERROR_RATE,
      "429",
      "",
      2000 },
    { 429,
      "{\"code\":429,\"message\":\"You have reached the maximum daily rate limit for this API. "
      "Refer to the response header for details on when you can make another request.\"}",
      { "X-RateLimit-Type: Daily-limit", "Retry-After: 2026-12-01T11:12:00Z" },
      ERROR_QUOTA,
      "429",
      "daily",
      7200000 },
    /* Without any header: until midnight UTC, 14 h 48 min. */
    { 429,
      "{\"code\":429,\"message\":\"You have reached the maximum daily rate limit.\"}",
      { NULL },
      ERROR_QUOTA,
      "429",
      "daily",
      53280000 },
    { 429,
      "{\"code\":429,\"message\":\"A maximum of 100 meetings can be created/updated for a single "
      "user in one day.\"}",
      { NULL },
      ERROR_QUOTA,
      "429",
      "100",
      53280000 },
    { 400,
      "{\"code\":300,\"message\":\"A maximum of 100 meetings can be created/updated for a single "
      "user in one day.\"}",
      { NULL },
      ERROR_QUOTA,
      "300",
      "100",
      53280000 },
    { 429, "<html>slow down</html>", { "Retry-After: 7" }, ERROR_RATE, "", "", 7000 },
    { 500, "", { NULL }, ERROR_SERVER, "", "", 0 },
    { 503, "", { "Retry-After: 9" }, ERROR_RATE, "", "", 9000 },
    { 400, "{\"code\":99999,\"message\":\"New.\"}", { NULL }, ERROR_INVALID, "99999", "", 0 },
};

START_TEST(judges_refusals)
{
    struct fake_step steps[] = { ON(GET_IT, refusals[_i].status, refusals[_i].body, .html = true),
                                 FAKE_END };

    for (int i = 0; i < 3; i++)
        steps[0].headers[i] = refusals[_i].headers[i];
    begin_made(steps, NULL);
    ck_assert(!run(platform_zoom.meeting_poll));
    ck_assert_msg(err.kind == refusals[_i].kind, "%s: %d", refusals[_i].body, (int)err.kind);
    ck_assert_int_eq(err.http_status, refusals[_i].status);
    ck_assert_str_eq(err.code, refusals[_i].code);
    ck_assert_str_eq(err.platform, "zoom");
    ck_assert_msg(strstr(err.message, refusals[_i].message) != NULL, "%s", err.message);
    ck_assert_int_eq(err.retry_after_ms, refusals[_i].wait_ms);
    ck_assert(err.kind == ERROR_SERVER || *err.remedy);
    finish();
}
END_TEST

START_TEST(reads_garbage)
{
    static const char *const bodies[] = { "<html>",
                                          "{}",
                                          "[]",
                                          "",
                                          "{\"id\":\"../x\",\"join_url\":\"" JOIN_URL "\"}",
                                          "{\"id\":97763643886}" };
    struct fake_step steps[] = { ON(GET_IT, 200, bodies[_i], .html = true), FAKE_END };

    begin_made(steps, NULL);
    ck_assert(!run(platform_zoom.meeting_poll));
    ck_assert_int_eq(err.kind, ERROR_GARBAGE);
    finish();
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static Suite *zoom_suite(void)
{
    Suite *suite = suite_create("platform_zoom");
    TCase *t = tcase_create("zoom");

    tcase_add_test(t, renews_by_account_credentials);
    tcase_add_loop_test(t, judges_token_refusals, 0, COUNT(refused_tokens));
    tcase_add_test(t, wants_all_credentials);
    tcase_add_test(t, identifies_named_user);
    tcase_add_test(t, identifies_only_user);
    tcase_add_loop_test(t, asks_which_user, 0, COUNT(undecided));
    tcase_add_loop_test(t, checks_settings_together, 0, COUNT(pairs));
    tcase_add_test(t, checks_times_and_title);
    tcase_add_test(t, creates);
    tcase_add_test(t, sends_every_setting);
    tcase_add_test(t, knows_hosts_in_another_order);
    tcase_add_test(t, waits_until_it_has_ended);
    tcase_add_test(t, keeps_long_ids);
    tcase_add_test(t, creates_what_has_begun);
    tcase_add_test(t, members_register_when_asked_to);
    tcase_add_test(t, refuses_foreign_link);
    tcase_add_test(t, creates_only_once);
    tcase_add_test(t, creates_again_when_gone);
    tcase_add_test(t, finds_by_marker_over_pages);
    tcase_add_test(t, finds_behind_cut_agenda);
    tcase_add_test(t, finds_nothing);
    tcase_add_test(t, finding_is_bounded);
    tcase_add_test(t, updates_only_what_changed);
    tcase_add_test(t, updates_nothing_when_already_so);
    tcase_add_test(t, updates_running_meeting);
    tcase_add_test(t, updates_leave_series_times);
    tcase_add_test(t, update_of_what_is_gone);
    tcase_add_test(t, cancels_running_meeting);
    tcase_add_loop_test(t, cancels_what_is_gone, 0, COUNT(gone_at));
    tcase_add_loop_test(t, cancel_can_fail, 0, COUNT(kept));
    tcase_add_test(t, cancels_what_never_was);
    tcase_add_loop_test(t, polls_status, 0, COUNT(polls));
    tcase_add_test(t, host_link_is_read_anew);
    tcase_add_loop_test(t, judges_refusals, 0, COUNT(refusals));
    tcase_add_loop_test(t, reads_garbage, 0, 6);
    suite_add_tcase(suite, t);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(zoom_suite());
    int failed;

    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Wire examples are copied from google-meet.md and google-oauth.md of the platform pages. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#include "platform/kit.h"
#include "../lib/fakecall.h"

#define EVENTS "/calendar/v3/calendars/primary/events"
#define ID     "1a2b3c4d5e6f708192a3b4c5d6e7f809" /* the key of fakecall */
#define URL    "https://meet.google.com/abc-mnop-xyz"
#define SPACE  "spaces/jQCFfuBOdN5z"
#define RECORD "conferenceRecords/1f2e3d4c-0000-4000-8000-00000000abcd"

#define GET_EVENT "GET " EVENTS "/" ID
#define PATCH_IT  "PATCH " EVENTS "/" ID
#define DELETE_IT "DELETE " EVENTS "/" ID
#define GET_ROOM  "GET /v2/" SPACE

#define EVENT_HEAD(status)                                                                         \
    "{\"kind\":\"calendar#event\",\"etag\":\"\\\"3470000000000000\\\"\",\"id\":\"" ID "\","        \
    "\"status\":\"" status "\",\"htmlLink\":\"https://www.google.com/calendar/event?eid=EXAMPLE\"" \
    ",\"created\":\"2026-12-01T09:20:00.000Z\",\"updated\":\"2026-12-01T09:20:00.512Z\","          \
    "\"creator\":{\"email\":\"media@gracechurch.example\",\"self\":true},"                         \
    "\"organizer\":{\"email\":\"media@gracechurch.example\",\"self\":true},"                       \
    "\"iCalUID\":\"" ID "@google.com\",\"sequence\":0,\"eventType\":\"default\","
#define PLAN                                                                                       \
    "\"summary\":\"Elders' meeting\",\"description\":\"Agenda: budget, Advent schedule\","         \
    "\"guestsCanSeeOtherGuests\":false,"                                                           \
    "\"start\":{\"dateTime\":\"2026-12-08T19:00:00-06:00\",\"timeZone\":\"America/Chicago\"},"     \
    "\"end\":{\"dateTime\":\"2026-12-08T20:30:00-06:00\",\"timeZone\":\"America/Chicago\"}"
#define ASKED(status)                                                                              \
    "\"createRequest\":{\"requestId\":\"" ID "\",\"conferenceSolutionKey\":{\"type\":"             \
    "\"hangoutsMeet\"},\"status\":{\"statusCode\":\"" status "\"}}"
#define LINK                                                                                       \
    ",\"hangoutLink\":\"" URL "\",\"conferenceData\":{" ASKED(                                     \
        "success") ","                                                                             \
                   "\"entryPoints\":[{\"entryPointType\":\"more\",\"uri\":\"https://tel.meet/"     \
                   "abc-mnop-xyz?pin="                                                             \
                   "1234567890123\",\"pin\":\"1234567890123\"},{\"entryPointType\":\"video\","     \
                   "\"uri\":\"" URL "\",\"label\":\"meet.google.com/"                              \
                   "abc-mnop-xyz\"},{\"entryPointType\":\"phone\",\"uri\":"                        \
                   "\"tel:+1-312-555-0100\",\"pin\":\"123456789\",\"regionCode\":\"US\"}],"        \
                   "\"conferenceSolution\":{\"key\":{\"type\":\"hangoutsMeet\"},\"name\":"         \
                   "\"Google Meet\"},"                                                             \
                   "\"conferenceId\":\"abc-mnop-xyz\",\"signature\":\"EXAMPLEsignature\"}"

#define READY     EVENT_HEAD("confirmed") PLAN LINK "}"
#define WAITING   EVENT_HEAD("confirmed") PLAN ",\"conferenceData\":{" ASKED("pending") "}}"
#define FAILED    EVENT_HEAD("confirmed") PLAN ",\"conferenceData\":{" ASKED("failure") "}}"
#define BARE      EVENT_HEAD("confirmed") PLAN "}"
#define CANCELLED EVENT_HEAD("cancelled") PLAN LINK "}"
#define PLACED                                                                                     \
    EVENT_HEAD("confirmed")                                                                        \
    PLAN ",\"location\":\"" URL "\",\"extendedProperties\":{\"private\":{\"ecclesia\":\"" ID       \
         "\",\"ecclesiaSpace\":\"" SPACE "\"}}}"

#define ROOM(config, active)                                                                       \
    "{\"name\":\"" SPACE "\",\"meetingUri\":\"" URL "\",\"meetingCode\":\"abc-mnop-xyz\","         \
    "\"config\":{" config "}" active "}"
#define DEFAULTS "\"accessType\":\"TRUSTED\",\"entryPointAccess\":\"ALL\",\"moderation\":\"OFF\""
#define EMPTY    ROOM(DEFAULTS, "")
#define RUNNING  ROOM(DEFAULTS, ",\"activeConference\":{\"conferenceRecord\":\"" RECORD "\"}")

#define OLD_ERROR(status, domain, reason, message)                                                 \
    "{\"error\":{\"errors\":[{\"domain\":\"" domain "\",\"reason\":\"" reason                      \
    "\",\"message\":\"" message "\"}],\"code\":" #status ",\"message\":\"" message "\"}}"
#define NOT_FOUND OLD_ERROR(404, "global", "notFound", "Not Found")
#define DELETED   OLD_ERROR(410, "global", "deleted", "Resource has been deleted")
#define DUPLICATE OLD_ERROR(409, "global", "duplicate", "The requested identifier already exists.")
#define NO_SCOPE                                                                                   \
    "{\"error\":{\"code\":403,\"message\":\"Request had insufficient authentication scopes.\","    \
    "\"status\":\"PERMISSION_DENIED\",\"details\":[{\"@type\":"                                    \
    "\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":"                                     \
    "\"ACCESS_TOKEN_SCOPE_INSUFFICIENT\",\"domain\":\"googleapis.com\"}]}}"
#define NO_ROOM                                                                                    \
    "{\"error\":{\"code\":403,\"message\":\"Permission denied on resource Space (or it might not " \
    "exist)\",\"status\":\"PERMISSION_DENIED\"}}"
#define NOBODY_IN_IT                                                                               \
    "{\"error\":{\"code\":400,\"message\":\"There is no active conference.\",\"status\":"          \
    "\"FAILED_PRECONDITION\"}}"

/* clang-format off */
#define ON(asked, code, said, ...) { .what = asked, .status = code, .answer = said, __VA_ARGS__ }
#define LOST(asked, kind)          { .what = asked, .status = 0, .fails = kind }
/* clang-format on */

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
    fake_init(&fake, PLATFORM_GOOGLE_MEET, steps);
    fake.call.zone = "America/Chicago";
    text_replace(&meeting.title, "Elders' meeting");
    text_replace(&meeting.description, "Agenda: budget, Advent schedule");
    meeting.start_ms = at("2026-12-09T01:00:00Z");
    meeting.end_ms = at("2026-12-09T02:30:00Z");
    meeting.primary = PLATFORM_GOOGLE_MEET;
    fake_target(&target, PLATFORM_GOOGLE_MEET, settings);
    ck_assert(outcome_init(&outcome, &target));
}

/* The same, of a meeting that was created. */
static void begin_made(const struct fake_step *steps, const char *settings, const char *id,
                       const char *remote)
{
    begin(steps, settings);
    text_replace(&target.remote_id, id);
    text_replace(&target.url, URL);
    text_replace(&target.remote, remote);
    outcome_release(&outcome);
    ck_assert(outcome_init(&outcome, &target));
}

#define IN_CALENDAR "{\"calendar\":\"primary\",\"code\":\"abc-mnop-xyz\"}"
#define OWN         "{\"calendar\":\"primary\",\"space\":\"" SPACE "\"}"

static void finish(void)
{
    fake_done(&fake);
    outcome_release(&outcome);
    fake_target_release(&target);
    meeting_release(&meeting);
    fake_release(&fake);
}

typedef bool operation(struct call *, const struct meeting *, const struct target *,
                       struct outcome *, struct error *);

static bool run(operation *o)
{
    memset(&err, 0, sizeof(err));
    return o(&fake.call, &meeting, &target, &outcome, &err);
}

static void works(operation *o)
{
    ck_assert_msg(run(o), "%s (%s)", err.message, err.code);
}

static const char *remembered(const char *key)
{
    const char *value = json_string(outcome.remote, key);

    return value ? value : "";
}

/* ---- connecting ---- */

static const struct fake_secret secrets[] = { { "client_secret", "GOCSPX-EXAMPLE" },
                                              { "refresh_token", "1//0EXAMPLE" },
                                              { NULL, NULL } };

static void begin_connecting(const struct fake_step *steps)
{
    begin(steps, NULL);
    fake.secrets = secrets;
    cJSON_AddStringToObject(fake.options, "client_id",
                            "1234567890-example.apps.googleusercontent.com");
}

START_TEST(renews)
{
    static const struct fake_step steps[] = {
        ON("POST /token", 200,
           "{\"access_token\":\"ya29.EXAMPLE2\",\"expires_in\":3599,\"scope\":"
           "\"https://www.googleapis.com/auth/calendar.events\",\"token_type\":\"Bearer\"}",
           .holds = { "https://auth.test/", "refresh_token=1%2F%2F0EXAMPLE",
                      "grant_type=refresh_token", "client_secret=GOCSPX-EXAMPLE" }),
        FAKE_END
    };
    struct token token;

    begin_connecting(steps);
    ck_assert(platform_google_meet.check(&fake.call, &err));
    ck_assert_msg(platform_google_meet.renew(&fake.call, &token, &err), "%s", err.message);
    ck_assert_str_eq(token.access, "ya29.EXAMPLE2");
    ck_assert_int_eq(token.expires_ms, fake.call.now_ms + 3599000);
    finish();
}
END_TEST

START_TEST(names_the_platform_of_a_dead_sign_in)
{
    static const struct fake_step steps[] = {
        ON("POST /token", 400,
           "{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired or "
           "revoked.\"}"),
        FAKE_END
    };
    struct token token;

    begin_connecting(steps);
    ck_assert(!platform_google_meet.renew(&fake.call, &token, &err));
    ck_assert_int_eq(err.kind, ERROR_AUTH);
    ck_assert_str_eq(err.code, "invalid_grant");
    ck_assert_ptr_nonnull(strstr(err.message, "Google Meet"));
    ck_assert_ptr_nonnull(strstr(err.remedy, "publish"));
    finish();
}
END_TEST

START_TEST(wants_client)
{
    static const struct fake_step steps[] = { FAKE_END };

    begin(steps, NULL);
    ck_assert(!platform_google_meet.check(&fake.call, &err));
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    fake.call.client_id = "configured";
    fake.call.client_secret = "configured";
    ck_assert(platform_google_meet.check(&fake.call, &err));
    finish();
}
END_TEST

#define CALENDAR_NAME                                                                              \
    ON("GET " EVENTS "?maxResults=1", 200,                                                         \
       "{\"summary\":\"media@gracechurch.example\",\"accessRole\":\"owner\"}",                     \
       .holds = { "Authorization: Bearer token-1" })

START_TEST(identifies_by_sign_in)
{
    static const struct fake_step steps[] = {
        CALENDAR_NAME,
        ON("GET /oauth2/v2/userinfo", 200,
           "{\"id\":\"110000000000000000000\",\"email\":\"media@gracechurch.example\","
           "\"verified_email\":true,\"name\":\"Grace Church Media\"}"),
        FAKE_END
    };
    struct account account;

    begin(steps, NULL);
    ck_assert_msg(platform_google_meet.identify(&fake.call, &account, &err), "%s", err.message);
    ck_assert_str_eq(account.ref, "110000000000000000000");
    ck_assert_str_eq(account.name, "media@gracechurch.example");
    finish();
}
END_TEST

START_TEST(identifies_by_calendar_alone)
{
    static const struct fake_step steps[] = {
        CALENDAR_NAME,
        ON("GET /oauth2/v2/userinfo", 401,
           "{\"error\":{\"code\":401,\"message\":\"Request is missing required authentication "
           "credential.\",\"status\":\"UNAUTHENTICATED\"}}"),
        FAKE_END
    };
    struct account account;

    begin(steps, NULL);
    ck_assert_msg(platform_google_meet.identify(&fake.call, &account, &err), "%s", err.message);
    ck_assert_str_eq(account.ref, "media@gracechurch.example");
    finish();
}
END_TEST

START_TEST(tells_what_sign_in_lacks)
{
    static const struct fake_step steps[] = {
        ON("GET " EVENTS, 403,
           "{\"error\":{\"code\":403,\"message\":\"Request had insufficient authentication "
           "scopes.\",\"errors\":[{\"message\":\"Insufficient Permission\",\"domain\":\"global\","
           "\"reason\":\"insufficientPermissions\"}],\"status\":\"PERMISSION_DENIED\"}}"),
        FAKE_END
    };
    struct account account;

    begin(steps, NULL);
    ck_assert(!platform_google_meet.identify(&fake.call, &account, &err));
    ck_assert_int_eq(err.kind, ERROR_FORBIDDEN);
    ck_assert_ptr_nonnull(strstr(err.remedy, "allow everything"));
    finish();
}
END_TEST

/* ---- settings ---- */

static const struct {
    const char *settings, *says; /* NULL: fine */
} together[] = {
    { "{}", NULL },
    { "{\"calendar\":\"none\",\"can_end\":true}", NULL },
    { "{\"calendar\":\"none\"}", "without a calendar" },
    { "{\"calendar\":\"none\",\"can_end\":true,\"invite\":\"a@b.example\"}", "invitations" },
    { "{\"invite\":\"a@b.example, c@d.example\"}", NULL },
    { "{\"invite\":\"James\"}", "no e-mail" },
    { "{\"chat\":\"hosts\"}", NULL },
    { "{\"chat\":\"hosts\",\"moderation\":false}", "without moderation" },
};

START_TEST(checks_settings_together)
{
    static const struct fake_step steps[] = { FAKE_END };
    cJSON *settings;

    begin(steps, together[_i].settings);
    settings = cJSON_Parse(together[_i].settings);
    ck_assert_msg(platform_settings_check(&platform_google_meet, PLATFORM_MEETINGS, settings, &err),
                  "%s", err.message);
    cJSON_Delete(settings);
    ck_assert_int_eq(platform_google_meet.meeting_check(&meeting, &target, &err),
                     !together[_i].says);
    if (together[_i].says)
        ck_assert_msg(strstr(err.message, together[_i].says), "%s", err.message);
    finish();
}
END_TEST

/* ---- create in the calendar ---- */

START_TEST(creates)
{
    static const struct fake_step steps[] = {
        ON("POST " EVENTS "?", 200, READY,
           .holds = { "conferenceDataVersion=1", "sendUpdates=all", "\"id\":\"" ID "\"",
                      "\"requestId\":\"" ID "\"", "\"type\":\"hangoutsMeet\"",
                      "\"summary\":\"Elders' meeting\"",
                      "\"dateTime\":\"2026-12-09T01:00:00Z\",\"timeZone\":\"America/Chicago\"",
                      "\"guestsCanSeeOtherGuests\":false",
                      "\"email\":\"elder.james@gracechurch.example\"}",
                      "\"email\":\"ruth@example.org\"}" }),
        FAKE_END
    };

    begin(steps, "{\"invite\":\"elder.james@gracechurch.example; ruth@example.org\","
                 "\"notify\":\"all\"}");
    works(platform_google_meet.meeting_create);
    ck_assert_str_eq(outcome.remote_id, ID);
    ck_assert_str_eq(outcome.url, URL);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_int_eq(outcome.again_ms, 0);
    ck_assert_str_eq(remembered("code"), "abc-mnop-xyz");
    ck_assert(fake.requests[0].effect);
    ck_assert_uint_eq(fake.saved_count, 1);
    ck_assert_str_eq(fake.saved[0].remote_id, ID);
    finish();
}
END_TEST

START_TEST(waits_for_pending_link)
{
    static const int64_t waits[] = { 1000, 2000, 4000, 8000, 15000 };
    static const struct fake_step made[] = { ON("POST " EVENTS, 200, WAITING), FAKE_END };
    static const struct fake_step asked[] = { ON(GET_EVENT, 200, WAITING), FAKE_END };
    static const struct fake_step ready[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin(made, NULL);
    for (size_t i = 0; i < 5; i++) {
        if (i)
            fake_expect(&fake, asked);
        works(platform_google_meet.meeting_create);
        ck_assert_int_eq(outcome.again_ms, waits[i]);
        ck_assert_str_eq(outcome.url, "");
        ck_assert_ptr_nonnull(strstr(outcome.note, "still making"));
    }
    fake_expect(&fake, ready);
    works(platform_google_meet.meeting_create);
    ck_assert_int_eq(outcome.again_ms, 0);
    ck_assert_str_eq(outcome.url, URL);
    ck_assert_str_eq(outcome.note, "");
    ck_assert_uint_eq(fake_count(&fake, "POST " EVENTS), 1);
    finish();
}
END_TEST

START_TEST(gives_up_a_link_after_the_meeting)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, WAITING), FAKE_END };

    begin_made(steps, NULL, ID, "{}");
    fake.call.now_ms = meeting.end_ms;
    ck_assert(!run(platform_google_meet.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_REFUSED);
    finish();
}
END_TEST

/* The answer to an insert was lost; the repeat is refused by the id. */
START_TEST(takes_its_own_for_its_own)
{
    static const struct fake_step steps[] = { ON("POST " EVENTS, 409, DUPLICATE),
                                              ON(GET_EVENT, 200, READY), FAKE_END };

    begin(steps, NULL);
    works(platform_google_meet.meeting_create);
    ck_assert_str_eq(outcome.remote_id, ID);
    ck_assert_str_eq(outcome.url, URL);
    finish();
}
END_TEST

START_TEST(brings_back_what_was_deleted_meanwhile)
{
    static const struct fake_step steps[] = {
        ON("POST " EVENTS, 409, DUPLICATE), ON(GET_EVENT, 200, CANCELLED),
        ON(PATCH_IT, 200, READY, .holds = { "\"status\":\"confirmed\"" }), FAKE_END
    };

    begin(steps, NULL);
    works(platform_google_meet.meeting_create);
    ck_assert_str_eq(outcome.url, URL);
    finish();
}
END_TEST

START_TEST(asks_for_another_key_when_its_own_is_spent)
{
    static const struct fake_step steps[] = { ON("POST " EVENTS, 409, DUPLICATE),
                                              ON(GET_EVENT, 404, NOT_FOUND), FAKE_END };

    begin(steps, NULL);
    ck_assert(!run(platform_google_meet.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
    finish();
}
END_TEST

START_TEST(asks_again_after_a_failed_link)
{
    static const struct fake_step steps[] = { ON("POST " EVENTS, 200, FAILED),
                                              ON(PATCH_IT, 200, READY,
                                                 .holds = { "conferenceDataVersion=1",
                                                            "\"requestId\":\"" ID "-2\"" },
                                                 .lacks = { "\"summary\"" }),
                                              FAKE_END };

    begin(steps, NULL);
    works(platform_google_meet.meeting_create);
    ck_assert_str_eq(outcome.url, URL);
    finish();
}
END_TEST

/* conferenceData that the calendar does not allow simply is not there. */
START_TEST(makes_a_room_when_the_calendar_makes_none)
{
    static const struct fake_step steps[] = {
        ON("POST " EVENTS, 200, BARE), ON(PATCH_IT, 200, FAILED), ON("POST /v2/spaces", 200, EMPTY),
        ON(PATCH_IT, 200, PLACED,
           .holds = { "\"location\":\"" URL "\"", "\"ecclesiaSpace\":\"" SPACE "\"" }),
        FAKE_END
    };

    begin(steps, NULL);
    works(platform_google_meet.meeting_create);
    ck_assert_str_eq(outcome.url, URL);
    ck_assert_str_eq(outcome.remote_id, ID);
    finish();
}
END_TEST

START_TEST(says_when_there_is_no_link_to_be_had)
{
    static const struct fake_step steps[] = { ON("POST " EVENTS, 200, BARE),
                                              ON(PATCH_IT, 200, BARE),
                                              ON("POST /v2/spaces", 403, NO_SCOPE), FAKE_END };

    begin(steps, NULL);
    ck_assert(!run(platform_google_meet.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_FORBIDDEN);
    ck_assert_ptr_nonnull(strstr(err.message, "without a Meet link"));
    ck_assert_str_eq(fake.saved[0].remote_id, ID);
    finish();
}
END_TEST

START_TEST(refuses_foreign_link)
{
    static const struct fake_step steps[] = {
        ON("POST " EVENTS, 200,
           EVENT_HEAD("confirmed") PLAN
           ",\"hangoutLink\":\"https://meet.google.com.evil.example/abc\"}"),
        FAKE_END
    };

    begin(steps, NULL);
    ck_assert(!run(platform_google_meet.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_GARBAGE);
    ck_assert_str_eq(outcome.url, "");
    finish();
}
END_TEST

START_TEST(goes_on_after_a_crash)
{
    static const struct fake_step made[] = { ON("POST " EVENTS, 200, READY), FAKE_END };
    static const struct fake_step again[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin(made, NULL);
    fake.progress_fails_at = 1;
    ck_assert(!run(platform_google_meet.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_STORE);
    fake_target_saved(&target, &fake.saved[0]);
    outcome_release(&outcome);
    ck_assert(outcome_init(&outcome, &target));
    fake_expect(&fake, again);
    works(platform_google_meet.meeting_create);
    ck_assert_uint_eq(fake_count(&fake, "POST"), 1);
    finish();
}
END_TEST

START_TEST(refuses_what_is_over)
{
    static const struct fake_step steps[] = { FAKE_END };

    begin(steps, NULL);
    fake.call.now_ms = meeting.end_ms + 1;
    ck_assert(!run(platform_google_meet.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_REFUSED);
    finish();
}
END_TEST

START_TEST(uses_another_calendar)
{
    static const struct fake_step steps[] = {
        ON("POST /calendar/v3/calendars/hall%40group.calendar.google.com/events", 200, READY),
        FAKE_END
    };
    static const struct fake_step moved[] = {
        ON("GET /calendar/v3/calendars/hall%40group.calendar.google.com/events/" ID, 200, READY),
        FAKE_END
    };

    begin(steps, "{\"calendar\":\"hall@group.calendar.google.com\",\"notify\":\"nobody\"}");
    works(platform_google_meet.meeting_create);
    ck_assert_ptr_nonnull(strstr(fake.requests[0].url, "sendUpdates=none"));
    /* Chosen anew: what was made stays where it was made. */
    text_replace(&target.settings, "{}");
    fake_expect(&fake, moved);
    works(platform_google_meet.meeting_update);
    finish();
}
END_TEST

/* ---- a room of our own ---- */

START_TEST(creates_a_room_that_can_be_ended)
{
    static const struct fake_step steps[] = {
        ON("POST /v2/spaces", 200, EMPTY, .holds = { "https://api.test/" }),
        ON("POST " EVENTS, 200, PLACED,
           .holds = { "\"location\":\"" URL "\"", "\"ecclesiaSpace\":\"" SPACE "\"" },
           .lacks = { "conferenceData\"" }),
        FAKE_END
    };

    begin(steps, "{\"can_end\":true}");
    works(platform_google_meet.meeting_create);
    ck_assert_str_eq(outcome.remote_id, ID);
    ck_assert_str_eq(outcome.url, URL);
    ck_assert_str_eq(remembered("space"), SPACE);
    finish();
}
END_TEST

START_TEST(asks_meet_on_its_own_host)
{
    static const struct fake_step steps[] = {
        ON("POST https://meet.googleapis.com/v2/spaces", 200, EMPTY), FAKE_END
    };

    begin(steps, "{\"can_end\":true,\"calendar\":\"none\"}");
    fake.call.api_base = "https://www.googleapis.com";
    works(platform_google_meet.meeting_create);
    ck_assert_str_eq(outcome.remote_id, SPACE);
    finish();
}
END_TEST

START_TEST(uses_the_room_of_an_earlier_try)
{
    static const struct fake_step lost[] = { ON("POST /v2/spaces", 200, EMPTY),
                                             LOST("POST " EVENTS, ERROR_NET_POST), FAKE_END };
    static const struct fake_step again[] = { ON(GET_ROOM, 200, EMPTY),
                                              ON("POST " EVENTS, 409, DUPLICATE),
                                              ON(GET_EVENT, 200, PLACED), FAKE_END };

    begin(lost, "{\"can_end\":true}");
    ck_assert(!run(platform_google_meet.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_NET_POST);
    fake_target_saved(&target, &fake.saved[0]);
    outcome_release(&outcome);
    ck_assert(outcome_init(&outcome, &target));
    fake_expect(&fake, again);
    works(platform_google_meet.meeting_create);
    ck_assert_uint_eq(fake_count(&fake, "POST /v2/spaces"), 1);
    ck_assert_str_eq(outcome.url, URL);
    finish();
}
END_TEST

START_TEST(sets_rules_that_differ)
{
    static const struct fake_step steps[] = {
        ON("POST " EVENTS, 200, READY), ON("GET /v2/spaces/abc-mnop-xyz", 200, EMPTY),
        ON("PATCH /v2/" SPACE "?updateMask=", 200,
           ROOM("\"accessType\":\"TRUSTED\",\"moderation\":\"ON\",\"moderationRestrictions\":"
                "{\"chatRestriction\":\"HOSTS_ONLY\"}",
                ""),
           .holds = { "config.moderation%2Cconfig.moderationRestrictions.chatRestriction%2C"
                      "config.artifactConfig.recordingConfig.autoRecordingGeneration",
                      "\"moderation\":\"ON\"",
                      "\"moderationRestrictions\":{\"chatRestriction\":\"HOSTS_ONLY\"}",
                      "{\"recordingConfig\":{\"autoRecordingGeneration\":\"ON\"}}" },
           .lacks = { "accessType" }),
        FAKE_END
    };

    begin(steps, "{\"access\":\"trusted\",\"chat\":\"hosts\",\"record\":true}");
    works(platform_google_meet.meeting_create);
    ck_assert_str_eq(outcome.note, "");
    finish();
}
END_TEST

/* An admin has locked it: the answer shows what counts, and polls say so too. */
START_TEST(says_which_rules_google_kept)
{
    static const struct fake_step steps[] = { ON("POST " EVENTS, 200, READY),
                                              ON("GET /v2/spaces/abc-mnop-xyz", 200, EMPTY),
                                              ON("PATCH /v2/" SPACE, 200, EMPTY), FAKE_END };
    static const struct fake_step poll[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin(steps, "{\"access\":\"open\",\"chat\":\"hosts\"}");
    works(platform_google_meet.meeting_create);
    ck_assert_msg(strstr(outcome.note, "access, moderation") != NULL, "%s", outcome.note);
    fake_expect(&fake, poll);
    works(platform_google_meet.meeting_poll);
    ck_assert_msg(strstr(outcome.note, "access, moderation") != NULL, "%s", outcome.note);
    finish();
}
END_TEST

/* The calendar reminds, and the invited may not invite others, when that is asked. */
START_TEST(sets_reminder_and_invitations)
{
    static const struct fake_step steps[] = {
        ON("POST " EVENTS, 200, READY,
           .holds = { "\"guestsCanInviteOthers\":false",
                      "\"reminders\":{\"useDefault\":false,\"overrides\":[{\"method\":\"popup\","
                      "\"minutes\":15}]}",
                      "sendUpdates=none" }),
        FAKE_END
    };
    static const struct fake_step changed[] = {
        ON(GET_EVENT, 200, READY),
        ON(PATCH_IT, 200, READY, .holds = { "\"guestsCanInviteOthers\":false", "\"minutes\":15" }),
        FAKE_END
    };
    static const struct fake_step same[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin(steps, "{\"guests_invite\":false,\"reminder\":15}");
    works(platform_google_meet.meeting_create);
    fake_expect(&fake, changed);
    works(platform_google_meet.meeting_update);
    text_replace(&target.settings, "{}");
    fake_expect(&fake, same);
    works(platform_google_meet.meeting_update);
    finish();
}
END_TEST

START_TEST(keeps_the_meeting_when_rules_are_refused)
{
    static const struct fake_step steps[] = { ON("POST " EVENTS, 200, READY),
                                              ON("GET /v2/spaces/abc-mnop-xyz", 403, NO_ROOM),
                                              FAKE_END };
    static const struct fake_step poll[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin(steps, "{\"access\":\"restricted\"}");
    works(platform_google_meet.meeting_create);
    ck_assert_str_eq(outcome.url, URL);
    ck_assert_ptr_nonnull(strstr(outcome.note, "did not take the room's rules"));
    fake_expect(&fake, poll);
    works(platform_google_meet.meeting_poll);
    ck_assert_ptr_nonnull(strstr(outcome.note, "did not take the room's rules"));
    finish();
}
END_TEST

START_TEST(comes_back_to_rules_later)
{
    static const struct fake_step steps[] = {
        ON("POST " EVENTS, 200, READY),
        ON("GET /v2/spaces/abc-mnop-xyz", 429,
           "{\"error\":{\"code\":429,\"message\":\"Quota exceeded for quota metric 'Reduced write "
           "requests'.\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":"
           "\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":\"RATE_LIMIT_EXCEEDED\","
           "\"domain\":\"googleapis.com\"}]}}",
           .headers = { "Retry-After: 20" }),
        FAKE_END
    };

    begin(steps, "{\"access\":\"restricted\"}");
    ck_assert(!run(platform_google_meet.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_RATE);
    ck_assert_int_eq(err.retry_after_ms, 20000);
    ck_assert_str_eq(fake.saved[0].remote_id, ID);
    finish();
}
END_TEST

/* ---- find ---- */

START_TEST(finds_by_key)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, WAITING), FAKE_END };

    begin(steps, NULL);
    works(platform_google_meet.meeting_find);
    ck_assert(outcome.found);
    ck_assert_str_eq(outcome.remote_id, ID);
    finish();
}
END_TEST

START_TEST(finds_the_room_in_the_event)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, PLACED), FAKE_END };

    begin(steps, "{\"can_end\":true}");
    works(platform_google_meet.meeting_find);
    ck_assert(outcome.found);
    ck_assert_str_eq(remembered("space"), SPACE);
    finish();
}
END_TEST

START_TEST(finds_nothing)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 404, NOT_FOUND),
                                              ON(GET_EVENT, 200, CANCELLED),
                                              ON(GET_EVENT, 500, "", .html = true), FAKE_END };

    begin(steps, NULL);
    works(platform_google_meet.meeting_find);
    ck_assert(!outcome.found);
    works(platform_google_meet.meeting_find);
    ck_assert(!outcome.found);
    ck_assert(!run(platform_google_meet.meeting_find));
    ck_assert_int_eq(err.kind, ERROR_SERVER);
    finish();
}
END_TEST

/* ---- update ---- */

START_TEST(updates_nothing_when_already_so)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    works(platform_google_meet.meeting_update);
    finish();
}
END_TEST

START_TEST(updates_only_what_changed)
{
    static const struct fake_step steps[] = {
        ON(GET_EVENT, 200, READY),
        ON(PATCH_IT "?conferenceDataVersion=1", 200, READY,
           .holds = { "\"summary\":\"Elders' meeting (moved)\"",
                      "\"start\":{\"dateTime\":\"2026-12-10T01:00:00Z\"",
                      "\"end\":{\"dateTime\":\"2026-12-10T02:30:00Z\"" },
           .lacks = { "description", "attendees", "conferenceData\"", "guestsCan" }),
        FAKE_END
    };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    text_replace(&meeting.title, "Elders' meeting (moved)");
    meeting.start_ms = at("2026-12-10T01:00:00Z");
    meeting.end_ms = at("2026-12-10T02:30:00Z");
    outcome.status = TARGET_ENDED;
    works(platform_google_meet.meeting_update);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    finish();
}
END_TEST

#define GUEST(mail, more) "{\"email\":\"" mail "\",\"responseStatus\":\"accepted\"" more "}"

START_TEST(updates_guests_without_losing_any)
{
    static const struct fake_step steps[] = {
        ON(GET_EVENT, 200,
           EVENT_HEAD("confirmed") PLAN LINK
           ",\"attendees\":[" GUEST("James@gracechurch.example", "") "," GUEST(
               "added.there@example.org", "") "," GUEST("ruth@example.org", "") "]}"),
        ON(PATCH_IT, 200, READY,
           .holds = { GUEST("James@gracechurch.example", ""), GUEST("added.there@example.org", ""),
                      "{\"email\":\"new@example.org\"}" },
           .lacks = { "ruth@example.org" }),
        FAKE_END
    };

    begin_made(steps, "{\"invite\":\"james@gracechurch.example new@example.org\"}", ID,
               "{\"calendar\":\"primary\",\"invited\":\"james@gracechurch.example; "
               "ruth@example.org\"}");
    works(platform_google_meet.meeting_update);
    ck_assert_str_eq(remembered("invited"), "james@gracechurch.example new@example.org");
    finish();
}
END_TEST

START_TEST(updates_leave_series_times)
{
    static const struct fake_step steps[] = {
        ON(GET_EVENT, 200,
           EVENT_HEAD("confirmed") PLAN LINK ",\"recurrence\":[\"RRULE:FREQ=WEEKLY;BYDAY=TU\"]}"),
        FAKE_END
    };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    meeting.start_ms += 3600000;
    works(platform_google_meet.meeting_update);
    finish();
}
END_TEST

static const struct {
    int status;
    const char *body;
} absences[] = { { 404, NOT_FOUND }, { 410, DELETED }, { 200, CANCELLED } };

START_TEST(update_of_what_is_gone)
{
    struct fake_step steps[] = { ON(GET_EVENT, absences[_i].status, absences[_i].body), FAKE_END };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    ck_assert(!run(platform_google_meet.meeting_update));
    ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
    ck_assert(outcome.gone);
    finish();
}
END_TEST

START_TEST(update_keeps_the_link_it_has)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin_made(steps, "{\"can_end\":true}", ID, IN_CALENDAR);
    works(platform_google_meet.meeting_update);
    ck_assert_str_eq(outcome.url, URL);
    finish();
}
END_TEST

/* ---- cancel ---- */

START_TEST(cancels_in_the_calendar)
{
    static const struct fake_step steps[] = { ON(DELETE_IT "?sendUpdates=none", 204, NULL),
                                              FAKE_END };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    works(platform_google_meet.meeting_cancel);
    ck_assert(outcome.gone);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    finish();
}
END_TEST

START_TEST(cancels_what_is_gone)
{
    struct fake_step steps[] = { ON(DELETE_IT, absences[_i].status, absences[_i].body), FAKE_END };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    works(platform_google_meet.meeting_cancel);
    ck_assert(outcome.gone);
    finish();
}
END_TEST

START_TEST(ends_its_own_running_room)
{
    static const struct fake_step steps[] = { ON(GET_ROOM, 200, RUNNING),
                                              ON("POST /v2/" SPACE ":endActiveConference", 200,
                                                 "{}", .holds = { "{}" }),
                                              ON(DELETE_IT, 204, NULL), FAKE_END };

    begin_made(steps, "{\"can_end\":true}", ID, OWN);
    outcome.status = TARGET_LIVE;
    works(platform_google_meet.meeting_cancel);
    ck_assert_int_eq(outcome.ended_ms, fake.call.now_ms);
    ck_assert_str_eq(outcome.note, "");
    finish();
}
END_TEST

START_TEST(nobody_left_is_no_failure)
{
    static const struct fake_step steps[] = { ON(GET_ROOM, 200, RUNNING),
                                              ON("POST /v2/" SPACE ":end", 400, NOBODY_IN_IT),
                                              ON(GET_ROOM, 200, EMPTY), ON(DELETE_IT, 410, DELETED),
                                              FAKE_END };

    begin_made(steps, "{\"can_end\":true}", ID, OWN);
    outcome.status = TARGET_LIVE;
    works(platform_google_meet.meeting_cancel);
    ck_assert_str_eq(outcome.note, "");
    finish();
}
END_TEST

START_TEST(says_who_stays)
{
    static const struct fake_step steps[] = { ON("GET /v2/spaces/abc-mnop-xyz", 200, RUNNING),
                                              ON("POST /v2/" SPACE ":end", 403, NO_ROOM),
                                              ON("GET /v2/spaces/abc-mnop-xyz", 200, RUNNING),
                                              ON(DELETE_IT, 204, NULL), FAKE_END };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    outcome.status = TARGET_LIVE;
    works(platform_google_meet.meeting_cancel);
    ck_assert_ptr_nonnull(strstr(outcome.note, "can_end"));
    finish();
}
END_TEST

START_TEST(cancels_a_room_alone)
{
    static const struct fake_step steps[] = { ON(GET_ROOM, 200, EMPTY), FAKE_END };

    begin_made(steps, "{\"can_end\":true,\"calendar\":\"none\"}", SPACE,
               "{\"space\":\"" SPACE "\"}");
    works(platform_google_meet.meeting_cancel);
    ck_assert_ptr_nonnull(strstr(outcome.note, "keeps the empty room"));
    finish();
}
END_TEST

START_TEST(cancel_can_fail)
{
    static const struct fake_step steps[] = { ON(DELETE_IT, 503, "", .html = true),
                                              LOST(DELETE_IT, ERROR_NET_POST), FAKE_END };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    ck_assert(!run(platform_google_meet.meeting_cancel));
    ck_assert_int_eq(err.kind, ERROR_SERVER);
    ck_assert(!run(platform_google_meet.meeting_cancel));
    ck_assert_int_eq(err.kind, ERROR_NET_POST);
    ck_assert(!outcome.gone);
    finish();
}
END_TEST

START_TEST(cancels_what_never_was)
{
    static const struct fake_step steps[] = { FAKE_END };

    begin(steps, NULL);
    works(platform_google_meet.meeting_cancel);
    ck_assert(outcome.gone);
    finish();
}
END_TEST

/* ---- poll ---- */

START_TEST(asks_no_room_before_its_time)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    works(platform_google_meet.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_str_eq(outcome.note, "");
    finish();
}
END_TEST

#define RECORDS(end)                                                                               \
    "{\"conferenceRecords\":[{\"name\":\"" RECORD                                                  \
    "\",\"startTime\":\"2026-12-09T00:58:12.331Z\"," end                                           \
    "\"expireTime\":\"2027-01-07T02:31:40.120Z\",\"space\":\"" SPACE                               \
    "\"}],\"nextPageToken\":\"AEXAMPLE\"}"

START_TEST(sees_who_is_in_it)
{
    static const struct fake_step steps[] = {
        ON(GET_EVENT, 200, READY), ON("GET /v2/spaces/abc-mnop-xyz", 200, RUNNING),
        ON("GET /v2/conferenceRecords?", 200, RECORDS(""),
           .holds = { "filter=space.name%20%3D%20%22spaces%2FjQCFfuBOdN5z%22" }),
        ON("GET /v2/" RECORD "/participants?", 200,
           "{\"participants\":[{\"name\":\"" RECORD "/participants/101\"}],\"totalSize\":12}",
           .holds = { "filter=latest_end_time%20IS%20NULL",
                      "fields=participants%28name%29%2CtotalSize" }),
        FAKE_END
    };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    fake.call.now_ms = meeting.start_ms + 60000;
    works(platform_google_meet.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_int_eq(outcome.started_ms, at("2026-12-09T00:58:12.331Z"));
    ck_assert_int_eq(outcome.viewers, 12);
    finish();
}
END_TEST

/* meetings.space.settings shows whether it runs, but not the records. */
START_TEST(sees_less_with_less_permission)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, READY),
                                              ON("GET /v2/spaces/abc-mnop-xyz", 200, RUNNING),
                                              ON("GET /v2/conferenceRecords?", 403, NO_SCOPE),
                                              ON("GET /v2/" RECORD, 403, NO_SCOPE), FAKE_END };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    fake.call.now_ms = meeting.start_ms - 60000;
    works(platform_google_meet.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_int_eq(outcome.started_ms, fake.call.now_ms);
    ck_assert_int_eq(outcome.viewers, -1);
    finish();
}
END_TEST

START_TEST(goes_by_the_clock_when_it_may_not_look)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, READY),
                                              ON("GET /v2/spaces/abc-mnop-xyz", 403, NO_SCOPE),
                                              ON(GET_EVENT, 200, READY), /* no second look */
                                              ON(GET_EVENT, 200, READY),
                                              ON("GET /v2/spaces/abc-mnop-xyz", 403, NO_SCOPE),
                                              FAKE_END };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    fake.call.now_ms = meeting.start_ms + 1000;
    works(platform_google_meet.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_int_eq(outcome.started_ms, meeting.start_ms);
    ck_assert_ptr_nonnull(strstr(outcome.note, "By the clock"));
    fake.call.now_ms += 60000;
    works(platform_google_meet.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    fake.call.now_ms = meeting.end_ms;
    works(platform_google_meet.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    ck_assert_int_eq(outcome.ended_ms, meeting.end_ms);
    finish();
}
END_TEST

#define LOOK(room, records)                                                                        \
    ON(GET_EVENT, 200, PLACED), ON(GET_ROOM, 200, room),                                           \
        ON("GET /v2/conferenceRecords?", 200, records)

/* A test call before the meeting, a line that drops in it, and the end. */
START_TEST(an_empty_room_is_over_after_a_while)
{
    static const struct fake_step steps[] = {
        LOOK(EMPTY, "{}"), LOOK(EMPTY, "{}"), LOOK(EMPTY, "{}"),
        LOOK(EMPTY, RECORDS("\"endTime\":\"2026-12-09T01:40:00.120Z\",")), FAKE_END
    };

    begin_made(steps, "{\"can_end\":true}", ID, OWN);
    outcome.status = TARGET_LIVE;
    outcome.started_ms = meeting.start_ms - 600000;
    fake.call.now_ms = meeting.start_ms - 300000;
    works(platform_google_meet.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_int_eq(outcome.started_ms, 0);
    outcome.status = TARGET_LIVE;
    fake.call.now_ms = meeting.start_ms + 2400000;
    works(platform_google_meet.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    fake.call.now_ms += 240000;
    works(platform_google_meet.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_ptr_nonnull(strstr(outcome.note, "Nobody"));
    fake.call.now_ms += 60000;
    works(platform_google_meet.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    ck_assert_int_eq(outcome.ended_ms, at("2026-12-09T01:40:00.120Z"));
    finish();
}
END_TEST

START_TEST(runs_over_its_time)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, PLACED),
                                              ON(GET_ROOM, 200, RUNNING),
                                              ON("GET /v2/conferenceRecords?", 200, RECORDS("")),
                                              ON("GET /v2/" RECORD, 200, "{}"), FAKE_END };

    begin_made(steps, NULL, ID, OWN);
    outcome.status = TARGET_LIVE;
    fake.call.now_ms = meeting.end_ms + 600000;
    works(platform_google_meet.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_int_eq(outcome.viewers, -1);
    finish();
}
END_TEST

START_TEST(sees_that_it_was_deleted)
{
    struct fake_step steps[] = { ON(GET_EVENT, absences[_i].status, absences[_i].body),
                                 ON(GET_EVENT, absences[_i].status, absences[_i].body), FAKE_END };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    works(platform_google_meet.meeting_poll);
    ck_assert(outcome.gone);
    fake.call.now_ms = meeting.end_ms;
    works(platform_google_meet.meeting_poll);
    ck_assert(!outcome.gone);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    finish();
}
END_TEST

START_TEST(says_that_it_was_moved_there)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    meeting.start_ms += 3600000;
    works(platform_google_meet.meeting_poll);
    ck_assert_msg(strstr(outcome.note, "19:00"), "%s", outcome.note);
    finish();
}
END_TEST

START_TEST(poll_can_fail)
{
    static const struct fake_step steps[] = {
        ON(GET_EVENT, 401, OLD_ERROR(401, "global", "authError", "Invalid Credentials")),
        ON(GET_EVENT, 200, READY), LOST("GET /v2/spaces/abc-mnop-xyz", ERROR_NET_PRE), FAKE_END
    };

    begin_made(steps, NULL, ID, IN_CALENDAR);
    fake.call.now_ms = meeting.start_ms;
    ck_assert(!run(platform_google_meet.meeting_poll));
    ck_assert_int_eq(err.kind, ERROR_AUTH);
    ck_assert(!run(platform_google_meet.meeting_poll));
    ck_assert_int_eq(err.kind, ERROR_NET_PRE);
    finish();
}
END_TEST

/* ---- refusals ---- */

static const struct {
    int status;
    const char *body;
    enum error_kind kind;
    const char *code, *remedy;
} refusals[] = {
    { 400, OLD_ERROR(400, "calendar", "timeRangeEmpty", "The specified time range is empty."),
      ERROR_INVALID, "timeRangeEmpty", "times" },
    { 400, OLD_ERROR(400, "global", "required", "Missing time zone definition for start time."),
      ERROR_INVALID, "required", "times" },
    { 401, OLD_ERROR(401, "global", "authError", "Invalid Credentials"), ERROR_AUTH, "authError",
      "Connect it again" },
    { 403, OLD_ERROR(403, "usageLimits", "userRateLimitExceeded", "User Rate Limit Exceeded"),
      ERROR_RATE, "userRateLimitExceeded", "by itself" },
    { 429, OLD_ERROR(429, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"), ERROR_RATE,
      "rateLimitExceeded", "by itself" },
    { 403, OLD_ERROR(403, "usageLimits", "quotaExceeded", "Calendar usage limits exceeded."),
      ERROR_QUOTA, "quotaExceeded", "Invite fewer" },
    { 403, OLD_ERROR(403, "usageLimits", "dailyLimitExceeded", "Daily Limit Exceeded"), ERROR_QUOTA,
      "dailyLimitExceeded", "by itself" },
    { 403,
      OLD_ERROR(403, "calendar", "forbiddenForNonOrganizer",
                "Shared properties can only be changed by the organizer of the event."),
      ERROR_FORBIDDEN, "forbiddenForNonOrganizer", "account that made" },
    { 403,
      OLD_ERROR(403, "usageLimits", "accessNotConfigured",
                "Google Calendar API has not been used in project 1 before or it is disabled."),
      ERROR_CONFIG, "accessNotConfigured", "Enable it" },
    { 404, NOT_FOUND, ERROR_NOT_FOUND, "notFound", "" },
    { 412, OLD_ERROR(412, "global", "conditionNotMet", "Precondition Failed"), ERROR_CONFLICT,
      "conditionNotMet", "by itself" },
    { 500, OLD_ERROR(500, "global", "backendError", "Backend Error"), ERROR_SERVER, "backendError",
      "by itself" },
    { 502, "<html>Bad Gateway</html>", ERROR_SERVER, "", "by itself" },
    { 302, "", ERROR_GARBAGE, "", "api_base" },
    { 200, "<html>Sign in to the hotel's network</html>", ERROR_GARBAGE, "", "by itself" },
    { 200, "{\"kind\":\"calendar#event\"}", ERROR_GARBAGE, "", "by itself" },
    { 200, "", ERROR_GARBAGE, "", "by itself" },
};

START_TEST(judges_refusals)
{
    struct fake_step steps[] = {
        ON("POST " EVENTS, refusals[_i].status, refusals[_i].body, .html = true), FAKE_END
    };

    begin(steps, NULL);
    ck_assert(!run(platform_google_meet.meeting_create));
    ck_assert_int_eq(err.kind, refusals[_i].kind);
    ck_assert_str_eq(err.code, refusals[_i].code);
    ck_assert_str_eq(err.platform, "google_meet");
    ck_assert_msg(strstr(err.remedy, refusals[_i].remedy), "%s", err.remedy);
    if (err.kind == ERROR_QUOTA)
        ck_assert_int_gt(err.retry_after_ms, 0);
    finish();
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static Suite *suite_make(void)
{
    Suite *suite = suite_create("platform_google_meet");
    TCase *t = tcase_create("google_meet");

    tcase_add_test(t, renews);
    tcase_add_test(t, names_the_platform_of_a_dead_sign_in);
    tcase_add_test(t, wants_client);
    tcase_add_test(t, identifies_by_sign_in);
    tcase_add_test(t, identifies_by_calendar_alone);
    tcase_add_test(t, tells_what_sign_in_lacks);
    tcase_add_loop_test(t, checks_settings_together, 0, COUNT(together));
    tcase_add_test(t, creates);
    tcase_add_test(t, waits_for_pending_link);
    tcase_add_test(t, gives_up_a_link_after_the_meeting);
    tcase_add_test(t, takes_its_own_for_its_own);
    tcase_add_test(t, brings_back_what_was_deleted_meanwhile);
    tcase_add_test(t, asks_for_another_key_when_its_own_is_spent);
    tcase_add_test(t, asks_again_after_a_failed_link);
    tcase_add_test(t, makes_a_room_when_the_calendar_makes_none);
    tcase_add_test(t, says_when_there_is_no_link_to_be_had);
    tcase_add_test(t, refuses_foreign_link);
    tcase_add_test(t, goes_on_after_a_crash);
    tcase_add_test(t, refuses_what_is_over);
    tcase_add_test(t, uses_another_calendar);
    tcase_add_test(t, creates_a_room_that_can_be_ended);
    tcase_add_test(t, asks_meet_on_its_own_host);
    tcase_add_test(t, uses_the_room_of_an_earlier_try);
    tcase_add_test(t, sets_rules_that_differ);
    tcase_add_test(t, says_which_rules_google_kept);
    tcase_add_test(t, sets_reminder_and_invitations);
    tcase_add_test(t, keeps_the_meeting_when_rules_are_refused);
    tcase_add_test(t, comes_back_to_rules_later);
    tcase_add_test(t, finds_by_key);
    tcase_add_test(t, finds_the_room_in_the_event);
    tcase_add_test(t, finds_nothing);
    tcase_add_test(t, updates_nothing_when_already_so);
    tcase_add_test(t, updates_only_what_changed);
    tcase_add_test(t, updates_guests_without_losing_any);
    tcase_add_test(t, updates_leave_series_times);
    tcase_add_loop_test(t, update_of_what_is_gone, 0, COUNT(absences));
    tcase_add_test(t, update_keeps_the_link_it_has);
    tcase_add_test(t, cancels_in_the_calendar);
    tcase_add_loop_test(t, cancels_what_is_gone, 0, 2);
    tcase_add_test(t, ends_its_own_running_room);
    tcase_add_test(t, nobody_left_is_no_failure);
    tcase_add_test(t, says_who_stays);
    tcase_add_test(t, cancels_a_room_alone);
    tcase_add_test(t, cancel_can_fail);
    tcase_add_test(t, cancels_what_never_was);
    tcase_add_test(t, asks_no_room_before_its_time);
    tcase_add_test(t, sees_who_is_in_it);
    tcase_add_test(t, sees_less_with_less_permission);
    tcase_add_test(t, goes_by_the_clock_when_it_may_not_look);
    tcase_add_test(t, an_empty_room_is_over_after_a_while);
    tcase_add_test(t, runs_over_its_time);
    tcase_add_loop_test(t, sees_that_it_was_deleted, 0, COUNT(absences));
    tcase_add_test(t, says_that_it_was_moved_there);
    tcase_add_test(t, poll_can_fail);
    tcase_add_loop_test(t, judges_refusals, 0, COUNT(refusals));
    suite_add_tcase(suite, t);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(suite_make());
    int failed;

    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

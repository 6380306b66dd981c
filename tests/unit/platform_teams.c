/* Wire examples are copied from teams.md of the platform pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#include "platform/kit.h"
#include "../lib/fakecall.h"

#define KEY     "1a2b3c4d5e6f708192a3b4c5d6e7f809" /* of fakecall */
#define MARK    "[ec:1a2b3c4d]"
#define ID      "AAMkADAAABIGYDZAAA="
#define ID_PATH "AAMkADAAABIGYDZAAA%3D"
#define MEET_ID "MSo1N2Y5ZGFjYy03MWJmLTQ3NDMtYjQxMy01M2EdFGkdRWHJlQ"
#define URL                                                                                        \
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_ODky%40thread.v2/0?context=%7b%22Tid"  \
    "%22%3a%2298a7%22%2c%22Oid%22%3a%226433%22%7d"
#define ME   "/v1.0/me"
#define USER "64339082-ed84-4b0b-b4ab-004ae54f3747"

#define GET_EVENT "GET " ME "/events/" ID_PATH
#define PATCH_IT  "PATCH " ME "/events/" ID_PATH
#define DELETE_IT "DELETE " ME "/events/" ID_PATH
#define LOOK_UP   "GET " ME "/onlineMeetings?$filter=JoinWebUrl%20eq%20%27https%3A%2F%2Fteams"
#define GET_MEET  "GET " ME "/onlineMeetings/" MEET_ID
#define SET_MEET  "PATCH " ME "/onlineMeetings/" MEET_ID

#define BLOB                                                                                       \
    "<div><br></div><div style=\\\"color:#5F5F5F\\\">________________</div><div><a href=\\\"" URL  \
    "\\\">Join the meeting now</a></div>"
#define EVENT(online, text)                                                                        \
    "{\"@odata.context\":\"https://graph.microsoft.com/v1.0/$metadata#users('64339082')/events/"   \
    "$entity\",\"id\":\"" ID "\",\"changeKey\":\"NEXywgsVrkeNsFsyVyRrtAAASBUEsA==\","              \
    "\"createdDateTime\":\"2026-09-21T08:12:44.802Z\",\"transactionId\":\"" KEY "\","              \
    "\"iCalUId\":\"040000008200E00074C5B7101A82E008\",\"subject\":\"Sunday Service\","             \
    "\"isCancelled\":false,\"hideAttendees\":true,\"recurrence\":null,"                            \
    "\"body\":{\"contentType\":\"html\",\"content\":\"<html><head></head>\\r\\n<body>" text BLOB   \
    "</body></html>\"}," online ","                                                                \
    "\"start\":{\"dateTime\":\"2026-12-06T10:00:00.0000000\",\"timeZone\":\"UTC\"},"               \
    "\"end\":{\"dateTime\":\"2026-12-06T11:30:00.0000000\",\"timeZone\":\"UTC\"},"                 \
    "\"attendees\":[],\"type\":\"singleInstance\","                                                \
    "\"webLink\":\"https://outlook.office365.com/owa/?itemid=AAMk\"}"
#define ONLINE(meeting)                                                                            \
    "\"isOnlineMeeting\":true,\"onlineMeetingProvider\":\"teamsForBusiness\","                     \
    "\"onlineMeetingUrl\":null,\"onlineMeeting\":" meeting
#define JOIN                                                                                       \
    "{\"joinUrl\":\"" URL "\",\"conferenceId\":\"291633251\",\"tollNumber\":\"+44 20 3855 0166\"}"
#define TEXT    "Join us online.<br>\\r\\n<br>" MARK
#define READY   EVENT(ONLINE(JOIN), TEXT)
#define WAITING EVENT(ONLINE("null"), TEXT)
#define BARE                                                                                       \
    EVENT("\"isOnlineMeeting\":false,\"onlineMeetingProvider\":\"unknown\","                       \
          "\"onlineMeeting\":null",                                                                \
          TEXT)

#define MEETING                                                                                    \
    "{\"id\":\"" MEET_ID "\",\"externalId\":\"" KEY "\",\"subject\":\"Sunday Service\","           \
    "\"creationDateTime\":\"2026-09-21T08:12:46Z\",\"startDateTime\":\"2026-12-06T10:00:00Z\","    \
    "\"endDateTime\":\"2026-12-06T11:30:00Z\",\"joinWebUrl\":\"" URL "\","                         \
    "\"allowedPresenters\":\"everyone\",\"lobbyBypassSettings\":{\"scope\":\"organization\","      \
    "\"isDialInBypassEnabled\":false},\"recordAutomatically\":false}"

#define REFUSED(code, message)                                                                     \
    "{\"error\":{\"code\":\"" code "\",\"message\":\"" message "\",\"innerError\":{\"date\":"      \
    "\"2026-09-21T09:15:00\",\"request-id\":\"599d9cb0-56ac-4dc5-b6f8-1456a1414609\","             \
    "\"client-request-id\":\"0f6c1f6e-3f57-4f3b-9a3c-6d7f0f1b2a10\"}}}"
#define GONE       REFUSED("ErrorItemNotFound", "The specified object was not found in the store.")
#define NO_MEETING REFUSED("NotFound", "Meeting not found.")
#define FORBIDDEN  REFUSED("Forbidden", "An error has occurred.")

/* clang-format off */
#define ON(asked, code, said, ...) { .what = asked, .status = code, .answer = said, __VA_ARGS__ }
#define LOST(asked, kind)          { .what = asked, .status = 0, .fails = kind }
/* clang-format on */

static struct fake fake;
static struct meeting meeting;
static struct target target;
static struct outcome outcome;
static struct error err;

static const struct fake_secret person[] = { { "refresh_token", "0.AXoAvPM1KaPl" },
                                             { NULL, NULL } };
static const struct fake_secret app[] = { { "client_secret", "s3cr~t" }, { NULL, NULL } };

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
    fake_init(&fake, PLATFORM_TEAMS, steps);
    fake.secrets = person;
    fake.call.account_ref = USER;
    cJSON_AddStringToObject(fake.options, "client_id", "00001111-aaaa-2222-bbbb-3333cccc4444");
    text_replace(&meeting.title, "Sunday Service");
    text_replace(&meeting.description, "Join us online.");
    meeting.start_ms = at("2026-12-06T10:00:00Z");
    meeting.end_ms = at("2026-12-06T11:30:00Z");
    meeting.primary = PLATFORM_TEAMS;
    fake_target(&target, PLATFORM_TEAMS, settings);
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

#define AN_EVENT "{\"kind\":\"event\",\"id\":\"" ID "\"}"
#define A_LINK   "{\"kind\":\"link\",\"id\":\"" MEET_ID "\"}"

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

static void resume_from(const struct fake_saved *saved)
{
    fake_target_saved(&target, saved);
    outcome_release(&outcome);
    ck_assert(outcome_init(&outcome, &target));
}

/* ---- the sign-in ---- */

#define TOKEN                                                                                      \
    "{\"token_type\":\"Bearer\",\"scope\":\"openid profile User.Read Calendars.ReadWrite "         \
    "OnlineMeetings.ReadWrite\",\"expires_in\":3599,\"access_token\":\"eyJ0eXAiOiJKV1Qi\","        \
    "\"refresh_token\":\"0.AXoANew\"}"

START_TEST(renews_for_a_person)
{
    static const struct fake_step steps[] = {
        ON("POST /organizations/oauth2/v2.0/token", 200, TOKEN,
           .holds = { "https://auth.test/", "client_id=00001111-aaaa-2222-bbbb-3333cccc4444",
                      "grant_type=refresh_token", "refresh_token=0.AXoAvPM1KaPl",
                      "scope=offline_access%20User.Read%20Calendars.ReadWrite%20"
                      "OnlineMeetings.ReadWrite" },
           .lacks = { "client_secret" }),
        FAKE_END
    };
    struct token token;

    begin(steps, NULL);
    ck_assert_msg(platform_teams.check(&fake.call, &err), "%s", err.message);
    ck_assert_msg(platform_teams.renew(&fake.call, &token, &err), "%s", err.message);
    ck_assert_str_eq(token.access, "eyJ0eXAiOiJKV1Qi");
    ck_assert_str_eq(token.refresh, "0.AXoANew");
    ck_assert_int_eq(token.expires_ms, fake.call.now_ms + 3599000);
    finish();
}
END_TEST

START_TEST(renews_for_what_was_consented)
{
    static const struct fake_step steps[] = {
        ON("POST /organizations/oauth2/v2.0/token", 400,
           "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS65001: The user or "
           "administrator has not consented to use the application.\",\"error_codes\":[65001]}"),
        ON("POST /organizations/oauth2/v2.0/token", 200, TOKEN, .holds = { "Calendars.ReadWrite" },
           .lacks = { "OnlineMeetings" }),
        FAKE_END
    };
    struct token token;

    begin(steps, NULL);
    ck_assert_msg(platform_teams.renew(&fake.call, &token, &err), "%s", err.message);
    finish();
}
END_TEST

START_TEST(renews_for_an_app)
{
    static const struct fake_step steps[] = {
        ON("POST /church.example/oauth2/v2.0/token", 200,
           "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"eyJhcHA\"}",
           .holds = { "grant_type=client_credentials", "client_secret=s3cr~t",
                      "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default" },
           .lacks = { "refresh_token" }),
        FAKE_END
    };
    struct token token;

    begin(steps, NULL);
    fake.secrets = app;
    cJSON_AddStringToObject(fake.options, "tenant", "church.example");
    cJSON_AddStringToObject(fake.options, "user", USER);
    ck_assert_msg(platform_teams.check(&fake.call, &err), "%s", err.message);
    ck_assert_msg(platform_teams.renew(&fake.call, &token, &err), "%s", err.message);
    ck_assert_str_eq(token.access, "eyJhcHA");
    ck_assert_str_eq(token.refresh, "");
    finish();
}
END_TEST

static const struct {
    const char *key, *value, *user;
    bool app;
    const char *says; /* NULL: fine */
} sign_ins[] = {
    { "tenant", "church.example", NULL, false, NULL },
    { "tenant", "consumers", NULL, false, "Personal" },
    { "tenant", "a/../b", NULL, false, "no tenant" },
    { "tenant", "organizations", USER, true, "needs its organisation" },
    { "tenant", "church.example", NULL, true, "needs a sign-in" },
    { "tenant", "church.example", USER, true, NULL },
};

START_TEST(checks_sign_in)
{
    static const struct fake_step steps[] = { FAKE_END };
    const char *says = sign_ins[_i].says;

    begin(steps, NULL);
    fake.secrets = sign_ins[_i].app ? app : person;
    cJSON_AddStringToObject(fake.options, sign_ins[_i].key, sign_ins[_i].value);
    if (sign_ins[_i].user)
        cJSON_AddStringToObject(fake.options, "user", sign_ins[_i].user);
    ck_assert_int_eq(platform_teams.check(&fake.call, &err), !says);
    if (says) {
        ck_assert_int_eq(err.kind, ERROR_INPUT);
        ck_assert_msg(strstr(err.message, says), "%s", err.message);
    }
    cJSON_DeleteItemFromObject(fake.options, "client_id");
    ck_assert(!platform_teams.check(&fake.call, &err));
    finish();
}
END_TEST

#define NO_ACCESS(word, number, text)                                                              \
    "{\"error\":\"" word "\",\"error_description\":\"AADSTS" number ": " text                      \
    " Trace ID: 0000aaaa-11bb-cccc-dd22-eeeeee333333 Correlation ID: "                             \
    "aaaa0000-bb11-2222-33cc-444444dddddd Timestamp: 2026-09-21 08:12:44Z\",\"error_codes\":"      \
    "[" number "],\"timestamp\":\"2026-09-21 08:12:44Z\"}"

static const struct {
    int status;
    const char *body;
    enum error_kind kind;
    const char *code, *remedy;
} refused_tokens[] = {
    { 400, NO_ACCESS("invalid_grant", "70008", "The refresh token has expired due to inactivity."),
      ERROR_AUTH, "AADSTS70008", "90 days" },
    { 400, NO_ACCESS("invalid_grant", "700082", "The refresh token has expired."), ERROR_AUTH,
      "AADSTS700082", "90 days" },
    { 400, NO_ACCESS("invalid_grant", "50173", "The provided grant has expired."), ERROR_AUTH,
      "AADSTS50173", "password" },
    { 400, NO_ACCESS("interaction_required", "50076", "You must use multi-factor."), ERROR_AUTH,
      "AADSTS50076", "second factor" },
    { 400, NO_ACCESS("invalid_request", "500200", "User account is a personal Microsoft account."),
      ERROR_FORBIDDEN, "AADSTS500200", "work or school" },
    { 400, NO_ACCESS("invalid_grant", "53003", "Access has been blocked by Conditional Access."),
      ERROR_FORBIDDEN, "AADSTS53003", "rule of the organisation" },
    { 401, NO_ACCESS("invalid_client", "7000215", "Invalid client secret provided."), ERROR_CONFIG,
      "AADSTS7000215", "secret's value" },
    { 401, NO_ACCESS("invalid_client", "7000222", "The provided client secret keys are expired."),
      ERROR_CONFIG, "AADSTS7000222", "expired" },
    { 401, NO_ACCESS("invalid_client", "700025", "Client is public."), ERROR_CONFIG, "AADSTS700025",
      "without client_secret" },
    { 401, NO_ACCESS("invalid_client", "7000218", "The request body must contain client_secret."),
      ERROR_CONFIG, "AADSTS7000218", "Allow public client flows" },
    { 400, NO_ACCESS("unauthorized_client", "700016", "Application was not found."), ERROR_CONFIG,
      "AADSTS700016", "client_id" },
    { 400, NO_ACCESS("invalid_request", "90002", "Tenant 'x' not found."), ERROR_CONFIG,
      "AADSTS90002", "tenant=" },
    { 400, NO_ACCESS("invalid_grant", "99999999", "Something new."), ERROR_AUTH, "AADSTS99999999",
      "Connect teams again" },
    { 400, "{\"error\":\"invalid_grant\"}", ERROR_AUTH, "invalid_grant", "Connect teams again" },
    { 503, "{\"error\":\"temporarily_unavailable\"}", ERROR_SERVER, "temporarily_unavailable",
      "by itself" },
    { 429, "{\"error\":\"invalid_request\"}", ERROR_RATE, "", "by itself" },
    { 500, "", ERROR_SERVER, "", "by itself" },
    { 200, "{\"token_type\":\"Bearer\"}", ERROR_GARBAGE, "", "by itself" },
};

START_TEST(judges_token_refusals)
{
    struct fake_step steps[] = { ON("POST /organizations/oauth2/v2.0/token",
                                    refused_tokens[_i].status, refused_tokens[_i].body,
                                    .html = true),
                                 FAKE_END };
    struct token token;

    begin(steps, NULL);
    ck_assert(!platform_teams.renew(&fake.call, &token, &err));
    ck_assert_msg(err.kind == refused_tokens[_i].kind, "%d: %s", (int)err.kind, err.message);
    ck_assert_str_eq(err.code, refused_tokens[_i].code);
    ck_assert_msg(strstr(err.remedy, refused_tokens[_i].remedy), "%s", err.remedy);
    ck_assert_ptr_null(strstr(err.message, "Trace ID"));
    ck_assert_str_eq(token.access, "");
    finish();
}
END_TEST

/* ---- who we are ---- */

#define WHO                                                                                        \
    "{\"id\":\"" USER "\",\"displayName\":\"Paul Silas\",\"userPrincipalName\":"                   \
    "\"pastor@church.example\",\"mail\":\"pastor@church.example\"}"
#define CALENDAR(providers)                                                                        \
    "{\"id\":\"AQMkADAwAGVAAAJfygAAAA==\",\"name\":\"Calendar\",\"canEdit\":true,"                 \
    "\"allowedOnlineMeetingProviders\":[" providers "],\"owner\":{\"name\":\"Paul Silas\","        \
    "\"address\":\"pastor@church.example\"}}"

START_TEST(identifies)
{
    static const struct fake_step steps[] = {
        ON("GET " ME "?$select=id", 200, WHO, .holds = { "Authorization: Bearer token-1" }),
        ON("GET " ME "/calendar", 200, CALENDAR("\"teamsForBusiness\"")), FAKE_END
    };
    struct account account;

    begin(steps, NULL);
    ck_assert_msg(platform_teams.identify(&fake.call, &account, &err), "%s", err.message);
    ck_assert_str_eq(account.ref, USER);
    ck_assert_str_eq(account.name, "Paul Silas (pastor@church.example)");
    finish();
}
END_TEST

START_TEST(identifies_for_an_app)
{
    static const struct fake_step steps[] = {
        ON("GET /v1.0/users/pastor%40church.example?$select=id", 200, WHO),
        ON("GET /v1.0/users/pastor%40church.example/calendar", 200,
           CALENDAR("\"teamsForBusiness\"")),
        ON("GET /v1.0/users/pastor%40church.example?$select=id", 403,
           REFUSED("Authorization_RequestDenied",
                   "Insufficient privileges to complete the operation.")),
        ON("GET /v1.0/users/pastor%40church.example/calendar", 200, CALENDAR("")), FAKE_END
    };
    struct account account;

    begin(steps, NULL);
    fake.secrets = app;
    fake.call.account_ref = "";
    cJSON_AddStringToObject(fake.options, "user", "pastor@church.example");
    ck_assert_msg(platform_teams.identify(&fake.call, &account, &err), "%s", err.message);
    ck_assert_str_eq(account.ref, USER);
    ck_assert(!platform_teams.identify(&fake.call, &account, &err));
    ck_assert_str_eq(err.code, "noTeams");
    finish();
}
END_TEST

START_TEST(a_mailbox_is_not_needed)
{
    static const struct fake_step steps[] = {
        ON("GET " ME "?", 200, WHO),
        ON("GET " ME "/calendar", 404,
           REFUSED("MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, "
                                                  "or is hosted on-premise.")),
        FAKE_END
    };
    struct account account;

    begin(steps, NULL);
    ck_assert_msg(platform_teams.identify(&fake.call, &account, &err), "%s", err.message);
    finish();
}
END_TEST

static const struct {
    const char *who, *calendar;
} personals[] = {
    { "{\"id\":\"48d318875fad4d73\",\"displayName\":\"Paul\"}", NULL },
    { WHO, CALENDAR("\"skypeForConsumer\"") },
};

START_TEST(tells_personal_accounts_apart)
{
    struct fake_step steps[] = { ON("GET " ME "?", 200, personals[_i].who),
                                 ON("GET " ME "/calendar", 200, personals[_i].calendar), FAKE_END };
    struct account account;

    if (!personals[_i].calendar)
        steps[1].what = NULL;
    begin(steps, NULL);
    ck_assert(!platform_teams.identify(&fake.call, &account, &err));
    ck_assert_int_eq(err.kind, ERROR_FORBIDDEN);
    ck_assert_ptr_nonnull(strstr(err.message, "personal"));
    ck_assert_ptr_nonnull(strstr(err.remedy, "work or school"));
    finish();
}
END_TEST

START_TEST(checks_settings_together)
{
    static const struct fake_step steps[] = { FAKE_END };
    cJSON *settings = cJSON_Parse("{\"lobby\":\"Everyone\",\"record\":\"yes\",\"chat\":"
                                  "\"limited\",\"admitters\":\"organizers\"}");

    begin(steps, "{\"calendar\":false,\"invite\":\"a@b.example\"}");
    ck_assert_msg(platform_settings_check(&platform_teams, PLATFORM_MEETINGS, settings, &err), "%s",
                  err.message);
    cJSON_Delete(settings);
    ck_assert(!platform_teams.meeting_check(&meeting, &target, &err));
    text_replace(&target.settings, "{\"invite\":\"deacon\"}");
    ck_assert(!platform_teams.meeting_check(&meeting, &target, &err));
    text_replace(&target.settings, "{\"invite\":\"a@b.example\"}");
    ck_assert(platform_teams.meeting_check(&meeting, &target, &err));
    finish();
}
END_TEST

/* ---- an event ---- */

START_TEST(creates)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/events", 201, READY,
           .holds = { "\"subject\":\"Sunday Service\"", "\"transactionId\":\"" KEY "\"",
                      "\"contentType\":\"html\",\"content\":\"Join us online.<br><br>" MARK "\"",
                      "\"start\":{\"dateTime\":\"2026-12-06T10:00:00\",\"timeZone\":\"UTC\"}",
                      "\"isOnlineMeeting\":true", "\"onlineMeetingProvider\":\"teamsForBusiness\"",
                      "\"hideAttendees\":true",
                      "\"emailAddress\":{\"address\":\"deacon@church.example\"}" }),
        FAKE_END
    };

    begin(steps, "{\"invite\":\"deacon@church.example\"}");
    works(platform_teams.meeting_create);
    ck_assert_str_eq(outcome.remote_id, ID);
    ck_assert_str_eq(outcome.url, URL);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_uint_eq(fake.saved_count, 1);
    finish();
}
END_TEST

START_TEST(creates_for_an_app)
{
    static const struct fake_step steps[] = { ON("POST /v1.0/users/" USER "/events", 201, READY),
                                              FAKE_END };

    begin(steps, NULL);
    fake.secrets = app;
    cJSON_AddStringToObject(fake.options, "user", USER);
    works(platform_teams.meeting_create);
    finish();
}
END_TEST

START_TEST(takes_a_base_with_version)
{
    static const struct fake_step steps[] = { ON("POST /v1.0/me/events", 201, READY), FAKE_END };

    begin(steps, NULL);
    fake.call.api_base = "https://api.test/v1.0";
    works(platform_teams.meeting_create);
    finish();
}
END_TEST

START_TEST(writes_text_that_is_safe)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/events", 201, READY,
           .holds = { "Fathers &amp; sons &lt;3<br>two lines<br><br>" MARK }),
        FAKE_END
    };

    begin(steps, NULL);
    text_replace(&meeting.description, "Fathers & sons <3\r\ntwo lines");
    works(platform_teams.meeting_create);
    finish();
}
END_TEST

START_TEST(keeps_long_ids)
{
    char id[400], answer[2000], path[500];
    struct fake_step made[] = { ON("POST " ME "/events", 201, answer), FAKE_END };
    struct fake_step read[] = { ON(path, 200, READY), FAKE_END };

    memset(id, 'A', sizeof(id));
    id[300] = '\0';
    snprintf(path, sizeof(path), "GET " ME "/events/%s", id);
    snprintf(answer, sizeof(answer), "{\"id\":\"%s\",\"subject\":\"Sunday Service\",%s}", id,
             ONLINE(JOIN));
    begin(made, NULL);
    works(platform_teams.meeting_create);
    ck_assert_uint_eq(strlen(outcome.remote_id), sizeof(outcome.remote_id) - 1);
    resume_from(&fake.saved[0]);
    fake_expect(&fake, read);
    works(platform_teams.meeting_poll);
    finish();
}
END_TEST

START_TEST(waits_for_the_link)
{
    static const struct fake_step made[] = { ON("POST " ME "/events", 201, WAITING), FAKE_END };
    static const struct fake_step asked[] = { ON(GET_EVENT, 200, WAITING), FAKE_END };
    static const struct fake_step ready[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin(made, NULL);
    works(platform_teams.meeting_create);
    ck_assert_int_eq(outcome.again_ms, 1000);
    fake_expect(&fake, asked);
    works(platform_teams.meeting_create);
    ck_assert_int_eq(outcome.again_ms, 2000);
    ck_assert_ptr_nonnull(strstr(outcome.note, "still making"));
    fake_expect(&fake, ready);
    works(platform_teams.meeting_create);
    ck_assert_int_eq(outcome.again_ms, 0);
    ck_assert_str_eq(outcome.url, URL);
    finish();
}
END_TEST

/* 201 does not prove a link: personal accounts, and those without a licence. */
START_TEST(takes_away_what_has_no_meeting)
{
    static const struct fake_step made[] = { ON("POST " ME "/events", 201, BARE), FAKE_END };
    static const struct fake_step asked[] = { ON(GET_EVENT, 200, BARE), FAKE_END };
    static const struct fake_step last[] = { ON(GET_EVENT, 200, BARE), ON(DELETE_IT, 204, NULL),
                                             FAKE_END };
    static const struct fake_step again[] = { ON("POST " ME "/events", 201, READY,
                                                 .holds = { "\"transactionId\":\"" KEY "-1\"" }),
                                              FAKE_END };

    begin(made, NULL);
    works(platform_teams.meeting_create);
    ck_assert_int_gt(outcome.again_ms, 0);
    fake_expect(&fake, asked);
    works(platform_teams.meeting_create);
    fake_expect(&fake, last);
    ck_assert(!run(platform_teams.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_FORBIDDEN);
    ck_assert_str_eq(err.code, "unknown");
    ck_assert_ptr_nonnull(strstr(err.remedy, "personal accounts"));
    ck_assert_str_eq(fake.saved[fake.saved_count - 1].remote_id, "");
    resume_from(&fake.saved[fake.saved_count - 1]);
    fake_expect(&fake, again);
    works(platform_teams.meeting_create);
    finish();
}
END_TEST

START_TEST(refuses_foreign_link)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/events", 201,
           EVENT(ONLINE("{\"joinUrl\":\"https://teams.microsoft.com@evil.example/l\"}"), TEXT)),
        FAKE_END
    };

    begin(steps, NULL);
    ck_assert(!run(platform_teams.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_GARBAGE);
    ck_assert_str_eq(outcome.url, "");
    finish();
}
END_TEST

START_TEST(goes_on_after_a_crash)
{
    static const struct fake_step made[] = { ON("POST " ME "/events", 201, READY), FAKE_END };
    static const struct fake_step again[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin(made, NULL);
    fake.progress_fails_at = 1;
    ck_assert(!run(platform_teams.meeting_create));
    resume_from(&fake.saved[0]);
    fake_expect(&fake, again);
    works(platform_teams.meeting_create);
    ck_assert_str_eq(outcome.url, URL);
    finish();
}
END_TEST

#define LISTED(id, key) "{\"id\":\"" id "\",\"transactionId\":\"" key "\",\"subject\":\"S\"}"
#define VIEW                                                                                       \
    "GET " ME "/calendarView?startDateTime=2026-12-05T10:00:00Z&endDateTime=2026-12-07T11:30:00Z"
#define YEAR                                                                                       \
    "GET " ME "/calendarView?startDateTime=2026-11-24T09:12:00Z&endDateTime=2028-01-05T09:12:00Z"

/* What a repeat is answered with is not documented: the same event (201), or a conflict. */
START_TEST(takes_its_own_for_its_own)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/events", 409, REFUSED("ErrorDuplicateTransactionId", "It exists.")),
        ON(VIEW, 200, "{\"value\":[" LISTED(ID, KEY) "]}"), ON(GET_EVENT, 200, READY), FAKE_END
    };

    begin(steps, NULL);
    works(platform_teams.meeting_create);
    ck_assert_str_eq(outcome.remote_id, ID);
    finish();
}
END_TEST

START_TEST(takes_another_key_when_its_own_is_spent)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/events", 409, REFUSED("ErrorDuplicateTransactionId", "It exists.")),
        ON(VIEW, 200, "{\"value\":[]}"), ON(YEAR, 200, "{\"value\":[]}"),
        ON("POST " ME "/events", 201, READY, .holds = { "\"transactionId\":\"" KEY "-1\"" }),
        FAKE_END
    };

    begin(steps, NULL);
    works(platform_teams.meeting_create);
    finish();
}
END_TEST

START_TEST(makes_anew_what_was_deleted_meanwhile)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 404, GONE),
                                              ON("POST " ME "/events", 201, READY,
                                                 .holds = { "\"transactionId\":\"" KEY "-1\"" }),
                                              FAKE_END };

    begin_made(steps, NULL, ID, AN_EVENT);
    works(platform_teams.meeting_create);
    finish();
}
END_TEST

START_TEST(refuses_what_is_over)
{
    static const struct fake_step steps[] = { FAKE_END };

    begin(steps, NULL);
    fake.call.now_ms = meeting.end_ms;
    ck_assert(!run(platform_teams.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_REFUSED);
    finish();
}
END_TEST

/* ---- options ---- */

START_TEST(sets_options_that_differ)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/events", 201, READY),
        ON(LOOK_UP, 200, "{\"value\":[" MEETING "]}",
           .holds = { "meetup-join%2F19%253ameeting_ODky%2540thread.v2" }),
        ON(SET_MEET, 200,
           "{\"id\":\"" MEET_ID "\",\"allowedPresenters\":\"everyone\",\"lobbyBypassSettings\":"
           "{\"scope\":\"everyone\",\"isDialInBypassEnabled\":false},\"recordAutomatically\":"
           "false,\"allowAttendeeToEnableMic\":false}",
           .holds = { "\"lobbyBypassSettings\":{\"isDialInBypassEnabled\":false,\"scope\":"
                      "\"everyone\"}",
                      "\"allowAttendeeToEnableMic\":false",
                      "\"allowedLobbyAdmitters\":\"organizerAndCoOrganizers\"" },
           .lacks = { "allowedPresenters", "recordAutomatically" }),
        FAKE_END
    };

    begin(steps, "{\"lobby\":\"everyone\",\"presenters\":\"everyone\",\"record\":false,"
                 "\"mic\":false,\"admitters\":\"organizers\"}");
    works(platform_teams.meeting_create);
    ck_assert_str_eq(outcome.note, "");
    finish();
}
END_TEST

/* Who else leads it; who was asked in by somebody else stays, and who is not named any more goes.
 */
START_TEST(names_co_organisers)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/events", 201, READY),
        ON(LOOK_UP, 200,
           "{\"value\":[{\"id\":\"" MEET_ID "\",\"participants\":{\"attendees\":[{\"upn\":"
           "\"guest@church.example\",\"role\":\"attendee\"},{\"upn\":\"Ruth@church.example\","
           "\"role\":\"attendee\"}]}}]}"),
        ON(SET_MEET, 200, MEETING,
           .holds = { "{\"participants\":{\"attendees\":[{\"upn\":\"guest@church.example\","
                      "\"role\":\"attendee\"},{\"upn\":\"Ruth@church.example\",\"role\":"
                      "\"coorganizer\"},{\"upn\":\"deacon@church.example\",\"role\":"
                      "\"coorganizer\"}]}}" }),
        FAKE_END
    };
    static const struct fake_step fewer[] = {
        ON(GET_EVENT, 200, READY),
        ON(LOOK_UP, 200,
           "{\"value\":[{\"id\":\"" MEET_ID "\",\"participants\":{\"attendees\":[{\"upn\":"
           "\"ruth@church.example\",\"role\":\"coorganizer\"},{\"upn\":"
           "\"deacon@church.example\",\"role\":\"coorganizer\"}]}}]}"),
        ON(SET_MEET, 200, MEETING, .holds = { "\"attendees\":[{\"upn\":\"ruth@church.example\"" },
           .lacks = { "deacon" }),
        FAKE_END
    };

    begin(steps, "{\"coorganizers\":\"ruth@church.example; deacon@church.example\"}");
    works(platform_teams.meeting_create);
    fake_target_take(&target, &outcome);
    text_replace(&target.settings, "{\"coorganizers\":\"ruth@church.example\"}");
    fake_expect(&fake, fewer);
    works(platform_teams.meeting_update);
    finish();
}
END_TEST

/* A policy of the organisation: the answer shows what counts. An enumeration that is newer than
 * this program comes as unknownFutureValue. */
START_TEST(says_which_options_teams_kept)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/events", 201, READY), ON(LOOK_UP, 200, "{\"value\":[" MEETING "]}"),
        ON(SET_MEET, 200,
           "{\"id\":\"" MEET_ID "\",\"allowedPresenters\":\"unknownFutureValue\","
           "\"lobbyBypassSettings\":{\"scope\":\"organization\"},\"recordAutomatically\":true}"),
        FAKE_END
    };

    begin(steps, "{\"lobby\":\"everyone\",\"presenters\":\"organizer\",\"record\":true}");
    works(platform_teams.meeting_create);
    ck_assert_msg(strstr(outcome.note, "for lobby, presenters:") != NULL, "%s", outcome.note);
    finish();
}
END_TEST

START_TEST(keeps_the_meeting_when_options_are_refused)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/events", 201, READY),
        ON(LOOK_UP, 403, REFUSED("Forbidden", "No application access policy found for this app.")),
        FAKE_END
    };
    static const struct fake_step poll[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin(steps, "{\"lobby\":\"everyone\"}");
    works(platform_teams.meeting_create);
    ck_assert_str_eq(outcome.url, URL);
    ck_assert_ptr_nonnull(strstr(outcome.note, "did not take the options"));
    fake_expect(&fake, poll);
    works(platform_teams.meeting_poll);
    ck_assert_ptr_nonnull(strstr(outcome.note, "did not take the options"));
    finish();
}
END_TEST

START_TEST(waits_for_the_meeting_to_show)
{
    static const struct fake_step made[] = { ON("POST " ME "/events", 201, READY),
                                             ON(LOOK_UP, 200, "{\"value\":[]}"), FAKE_END };
    static const struct fake_step again[] = { ON(GET_EVENT, 200, READY),
                                              ON(LOOK_UP, 404, NO_MEETING), FAKE_END };
    static const struct fake_step shown[] = { ON(GET_EVENT, 200, READY),
                                              ON(LOOK_UP, 200, "{\"value\":[" MEETING "]}"),
                                              ON(SET_MEET, 200, MEETING), FAKE_END };

    begin(made, "{\"lobby\":\"everyone\"}");
    works(platform_teams.meeting_create);
    ck_assert_int_eq(outcome.again_ms, 4000);
    ck_assert_str_eq(outcome.url, URL);
    fake_expect(&fake, again);
    works(platform_teams.meeting_create);
    ck_assert_int_eq(outcome.again_ms, 8000);
    fake_expect(&fake, shown);
    works(platform_teams.meeting_create);
    ck_assert_int_eq(outcome.again_ms, 0);
    finish();
}
END_TEST

START_TEST(waits_for_the_meeting_only_so_long)
{
    static const struct fake_step made[] = { ON("POST " ME "/events", 201, READY),
                                             ON(LOOK_UP, 200, "{\"value\":[]}"), FAKE_END };
    static const struct fake_step again[] = { ON(GET_EVENT, 200, READY),
                                              ON(LOOK_UP, 200, "{\"value\":[]}"), FAKE_END };
    int tries = 0;

    begin(made, "{\"lobby\":\"everyone\"}");
    works(platform_teams.meeting_create);
    while (outcome.again_ms && tries++ < 20) {
        fake_expect(&fake, again);
        works(platform_teams.meeting_create);
    }
    ck_assert_int_eq(tries, 5);
    ck_assert_ptr_nonnull(strstr(outcome.note, "set its options"));
    finish();
}
END_TEST

/* What says nothing does not mean that nothing is there. */
START_TEST(believes_no_answer_without_a_list)
{
    static const struct fake_step steps[] = { ON(VIEW, 200, "{}"), ON(GET_EVENT, 200, "{}"),
                                              FAKE_END };

    begin(steps, NULL);
    ck_assert(!run(platform_teams.meeting_find));
    ck_assert_int_eq(err.kind, ERROR_GARBAGE);
    text_copy_to(outcome.remote_id, sizeof(outcome.remote_id), ID);
    ck_assert(!run(platform_teams.meeting_poll));
    ck_assert_int_eq(err.kind, ERROR_GARBAGE);
    finish();
}
END_TEST

START_TEST(comes_back_to_options_later)
{
    static const struct fake_step steps[] = { ON("POST " ME "/events", 201, READY),
                                              ON(LOOK_UP, 429,
                                                 REFUSED("TooManyRequests", "Too many requests."),
                                                 .headers = { "Retry-After: 10" }),
                                              FAKE_END };

    begin(steps, "{\"lobby\":\"everyone\"}");
    ck_assert(!run(platform_teams.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_RATE);
    ck_assert_int_eq(err.retry_after_ms, 10000);
    ck_assert_str_eq(fake.saved[0].remote_id, ID);
    finish();
}
END_TEST

/* ---- a link alone ---- */

START_TEST(creates_a_link)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/onlineMeetings/createOrGet", 201, MEETING,
           .holds = { "\"externalId\":\"" KEY "\"", "\"subject\":\"Sunday Service\"",
                      "\"startDateTime\":\"2026-12-06T10:00:00Z\"",
                      "\"endDateTime\":\"2026-12-06T11:30:00Z\"" },
           .lacks = { "lobby" }),
        ON(SET_MEET, 200, MEETING, .holds = { "\"recordAutomatically\":true" },
           .lacks = { "DateTime" }),
        FAKE_END
    };

    begin(steps, "{\"calendar\":false,\"record\":true}");
    works(platform_teams.meeting_create);
    ck_assert_str_eq(outcome.remote_id, MEET_ID);
    ck_assert_str_eq(outcome.url, URL);
    finish();
}
END_TEST

/* An earlier try has made it, with other times. */
START_TEST(brings_an_existing_link)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/onlineMeetings/createOrGet", 200, MEETING),
        ON(SET_MEET, 200, MEETING,
           .holds = { "\"startDateTime\":\"2026-12-06T10:30:00Z\"",
                      "\"endDateTime\":\"2026-12-06T11:30:00Z\"" },
           .lacks = { "subject" }),
        FAKE_END
    };

    begin(steps, "{\"calendar\":false}");
    meeting.start_ms = at("2026-12-06T10:30:00Z");
    works(platform_teams.meeting_create);
    finish();
}
END_TEST

START_TEST(updates_a_link)
{
    static const struct fake_step steps[] = {
        ON(GET_MEET, 200, MEETING),
        ON(SET_MEET, 200, MEETING, .holds = { "\"subject\":\"Harvest\"" }),
        ON(SET_MEET, 403, FORBIDDEN, .holds = { "recordAutomatically" }), FAKE_END
    };

    begin_made(steps, "{\"record\":true}", MEET_ID, A_LINK);
    text_replace(&meeting.title, "Harvest");
    works(platform_teams.meeting_update);
    ck_assert_ptr_nonnull(strstr(outcome.note, "did not take the options"));
    finish();
}
END_TEST

START_TEST(cancels_a_link)
{
    static const struct fake_step steps[] = {
        ON("DELETE " ME "/onlineMeetings/" MEET_ID, 204, NULL),
        ON("DELETE " ME "/onlineMeetings/" MEET_ID, 404, NO_MEETING), FAKE_END
    };

    begin_made(steps, NULL, MEET_ID, A_LINK);
    works(platform_teams.meeting_cancel);
    ck_assert(outcome.gone);
    works(platform_teams.meeting_cancel);
    finish();
}
END_TEST

/* ---- find ---- */

START_TEST(finds_over_pages)
{
    static const struct fake_step steps[] = {
        ON(VIEW, 200,
           "{\"value\":[" LISTED("X1", "other") ",{\"id\":\"X2\"}],\"@odata.nextLink\":"
                                                "\"https://api.test/v1.0/me/calendarView?"
                                                "$skip=100\"}"),
        ON("GET " ME "/calendarView?$skip=100", 200, "{\"value\":[" LISTED(ID, KEY) "]}"),
        ON(GET_EVENT, 200, WAITING), FAKE_END
    };

    begin(steps, NULL);
    works(platform_teams.meeting_find);
    ck_assert(outcome.found);
    ck_assert_str_eq(outcome.remote_id, ID);
    ck_assert_str_eq(outcome.url, "");
    finish();
}
END_TEST

START_TEST(finds_what_was_moved)
{
    static const struct fake_step steps[] = { ON(VIEW, 200, "{\"value\":[]}"),
                                              ON(YEAR, 200, "{\"value\":[" LISTED(ID, KEY) "]}"),
                                              ON(GET_EVENT, 200, READY), FAKE_END };

    begin(steps, NULL);
    works(platform_teams.meeting_find);
    ck_assert(outcome.found);
    ck_assert_str_eq(outcome.url, URL);
    finish();
}
END_TEST

START_TEST(finds_nothing)
{
    static const struct fake_step steps[] = { ON(VIEW, 200, "{\"value\":[]}"),
                                              ON(YEAR, 200, "{\"value\":[]}"), FAKE_END };

    begin(steps, NULL);
    works(platform_teams.meeting_find);
    ck_assert(!outcome.found);
    finish();
}
END_TEST

/* The token goes nowhere but to Graph. */
START_TEST(follows_no_foreign_page)
{
    static const struct fake_step steps[] = {
        ON(VIEW, 200,
           "{\"value\":[],\"@odata.nextLink\":\"https://api.test.evil.example/v1.0/me\"}"),
        FAKE_END
    };

    begin(steps, NULL);
    ck_assert(!run(platform_teams.meeting_find));
    ck_assert_int_eq(err.kind, ERROR_GARBAGE);
    finish();
}
END_TEST

START_TEST(finds_a_link_by_its_key)
{
    static const struct fake_step steps[] = {
        ON("POST " ME "/onlineMeetings/createOrGet", 200, MEETING), FAKE_END
    };

    begin(steps, "{\"calendar\":false}");
    works(platform_teams.meeting_find);
    ck_assert(outcome.found);
    ck_assert_str_eq(outcome.remote_id, MEET_ID);
    finish();
}
END_TEST

/* ---- update ---- */

START_TEST(updates_nothing_when_already_so)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin_made(steps, NULL, ID, AN_EVENT);
    works(platform_teams.meeting_update);
    finish();
}
END_TEST

START_TEST(updates_only_what_changed)
{
    static const struct fake_step steps[] = {
        ON(GET_EVENT, 200, READY),
        ON(PATCH_IT, 200, READY,
           .holds = { "\"subject\":\"Sunday Service (Harvest)\"",
                      "\"start\":{\"dateTime\":\"2026-12-06T10:00:00\",\"timeZone\":\"UTC\"}",
                      "\"end\":{\"dateTime\":\"2026-12-06T12:00:00\",\"timeZone\":\"UTC\"}" },
           .lacks = { "body", "isOnlineMeeting", "transactionId", "attendees" }),
        FAKE_END
    };

    begin_made(steps, NULL, ID, AN_EVENT);
    text_replace(&meeting.title, "Sunday Service (Harvest)");
    meeting.end_ms = at("2026-12-06T12:00:00Z");
    works(platform_teams.meeting_update);
    finish();
}
END_TEST

/* Without its own part in the body Teams would switch the meeting off. */
START_TEST(updates_text_beside_the_link)
{
    static const struct fake_step steps[] = {
        ON(GET_EVENT, 200, READY),
        ON(PATCH_IT, 200, READY,
           .holds = { "<body>New &amp; better.<br><br>" MARK BLOB "</body></html>" },
           .lacks = { "Join us online" }),
        FAKE_END
    };

    begin_made(steps, NULL, ID, AN_EVENT);
    text_replace(&meeting.description, "New & better.");
    works(platform_teams.meeting_update);
    finish();
}
END_TEST

START_TEST(leaves_text_that_somebody_wrote_there)
{
    static const struct fake_step steps[] = {
        ON(GET_EVENT, 200, EVENT(ONLINE(JOIN), "Written in Outlook.")), FAKE_END
    };

    begin_made(steps, NULL, ID, AN_EVENT);
    text_replace(&meeting.description, "New & better.");
    works(platform_teams.meeting_update);
    finish();
}
END_TEST

START_TEST(reads_times_of_other_zones)
{
    static const struct fake_step steps[] = {
        ON(GET_EVENT, 200,
           "{\"id\":\"" ID "\",\"subject\":\"Sunday Service\"," ONLINE(
               JOIN) ","
                     "\"start\":{\"dateTime\":\"2026-12-06T05:00:00\",\"timeZone\":\"America/"
                     "New_York\"},"
                     "\"end\":{\"dateTime\":\"2026-12-06T06:30:00\",\"timeZone\":\"America/"
                     "New_York\"}}"),
        ON(GET_EVENT, 200,
           "{\"id\":\"" ID "\",\"subject\":\"Sunday Service\"," ONLINE(
               JOIN) ","
                     "\"start\":{\"dateTime\":\"2026-12-06T10:00:00\",\"timeZone\":\"GMT Standard "
                     "Time\"},"
                     "\"end\":{\"dateTime\":\"2026-12-06T11:30:00\",\"timeZone\":\"GMT Standard "
                     "Time\"}}"),
        ON(PATCH_IT, 200, READY, .holds = { "2026-12-06T10:00:00\",\"timeZone\":\"UTC" }), FAKE_END
    };

    begin_made(steps, NULL, ID, AN_EVENT);
    works(platform_teams.meeting_update);
    works(platform_teams.meeting_update);
    finish();
}
END_TEST

#define GUEST(mail)                                                                                \
    "{\"type\":\"required\",\"status\":{\"response\":\"accepted\"},\"emailAddress\":{\"name\":"    \
    "\"Somebody\",\"address\":\"" mail "\"}}"

START_TEST(updates_guests_without_losing_any)
{
    static const struct fake_step steps[] = {
        ON(GET_EVENT, 200,
           "{\"id\":\"" ID "\",\"subject\":\"Sunday Service\"," ONLINE(
               JOIN) ","
                     "\"start\":{\"dateTime\":\"2026-12-06T10:00:00\",\"timeZone\":\"UTC\"},"
                     "\"end\":{\"dateTime\":\"2026-12-06T11:30:00\",\"timeZone\":\"UTC\"},"
                     "\"attendees\":[" GUEST("ours@church.example") "," GUEST(
                         "theirs@church.example") "]}"),
        ON(PATCH_IT, 200, READY,
           .holds = { GUEST("theirs@church.example"),
                      "\"emailAddress\":{\"address\":\"new@church.example\"}" },
           .lacks = { "ours@church.example" }),
        FAKE_END
    };

    begin_made(steps, "{\"invite\":\"new@church.example\"}", ID,
               "{\"kind\":\"event\",\"id\":\"" ID "\",\"invited\":\"ours@church.example\"}");
    works(platform_teams.meeting_update);
    finish();
}
END_TEST

static const struct {
    int status;
    const char *body;
} absences[] = {
    { 404, GONE },
    { 200, "{\"id\":\"" ID "\",\"isCancelled\":true}" },
};

START_TEST(update_of_what_is_gone)
{
    struct fake_step steps[] = { ON(GET_EVENT, absences[_i].status, absences[_i].body), FAKE_END };

    begin_made(steps, NULL, ID, AN_EVENT);
    ck_assert(!run(platform_teams.meeting_update));
    ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
    ck_assert(outcome.gone);
    finish();
}
END_TEST

/* ---- cancel ---- */

START_TEST(cancels_event_and_meeting)
{
    static const struct fake_step steps[] = {
        ON(LOOK_UP, 200, "{\"value\":[" MEETING "]}"), ON(DELETE_IT, 204, NULL),
        ON("DELETE " ME "/onlineMeetings/" MEET_ID, 204, NULL), FAKE_END
    };

    begin_made(steps, NULL, ID, AN_EVENT);
    works(platform_teams.meeting_cancel);
    ck_assert(outcome.gone);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    ck_assert_str_eq(outcome.note, "");
    finish();
}
END_TEST

START_TEST(cancels_without_rights_to_the_meeting)
{
    static const struct fake_step steps[] = { ON(LOOK_UP, 403, FORBIDDEN), ON(DELETE_IT, 404, GONE),
                                              FAKE_END };

    begin_made(steps, NULL, ID, AN_EVENT);
    outcome.status = TARGET_LIVE;
    works(platform_teams.meeting_cancel);
    ck_assert_int_eq(outcome.ended_ms, fake.call.now_ms);
    ck_assert_ptr_nonnull(strstr(outcome.note, "stays until they leave"));
    finish();
}
END_TEST

START_TEST(cancel_can_fail)
{
    static const struct fake_step steps[] = { ON(LOOK_UP, 503,
                                                 REFUSED("ServiceUnavailable", "Try later."),
                                                 .headers = { "Retry-After: 30" }),
                                              ON(LOOK_UP, 200, "{\"value\":[]}"),
                                              LOST(DELETE_IT, ERROR_NET_POST), FAKE_END };

    begin_made(steps, NULL, ID, AN_EVENT);
    ck_assert(!run(platform_teams.meeting_cancel));
    ck_assert_int_eq(err.kind, ERROR_RATE);
    ck_assert(!run(platform_teams.meeting_cancel));
    ck_assert_int_eq(err.kind, ERROR_NET_POST);
    ck_assert(!outcome.gone);
    finish();
}
END_TEST

START_TEST(cancels_what_never_was)
{
    static const struct fake_step steps[] = { FAKE_END };

    begin(steps, NULL);
    works(platform_teams.meeting_cancel);
    ck_assert(outcome.gone);
    finish();
}
END_TEST

/* ---- poll ---- */

START_TEST(goes_by_the_clock)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, READY), ON(GET_EVENT, 200, READY),
                                              ON(GET_EVENT, 200, READY), FAKE_END };

    begin_made(steps, NULL, ID, AN_EVENT);
    works(platform_teams.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_str_eq(outcome.note, "");
    fake.call.now_ms = meeting.start_ms;
    works(platform_teams.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_int_eq(outcome.started_ms, meeting.start_ms);
    ck_assert_ptr_nonnull(strstr(outcome.note, "By the clock"));
    fake.call.now_ms = meeting.end_ms;
    works(platform_teams.meeting_poll);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    ck_assert_int_eq(outcome.ended_ms, meeting.end_ms);
    finish();
}
END_TEST

START_TEST(sees_that_it_was_deleted)
{
    struct fake_step steps[] = { ON(GET_EVENT, absences[_i].status, absences[_i].body),
                                 ON(GET_EVENT, absences[_i].status, absences[_i].body), FAKE_END };

    begin_made(steps, NULL, ID, AN_EVENT);
    works(platform_teams.meeting_poll);
    ck_assert(outcome.gone);
    fake.call.now_ms = meeting.end_ms;
    works(platform_teams.meeting_poll);
    ck_assert(!outcome.gone);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    finish();
}
END_TEST

START_TEST(says_that_it_was_moved_there)
{
    static const struct fake_step steps[] = { ON(GET_EVENT, 200, READY), FAKE_END };

    begin_made(steps, NULL, ID, AN_EVENT);
    meeting.start_ms -= 3600000;
    works(platform_teams.meeting_poll);
    ck_assert_msg(strstr(outcome.note, "10:00"), "%s", outcome.note);
    finish();
}
END_TEST

START_TEST(polls_a_link)
{
    static const struct fake_step steps[] = { ON(GET_MEET, 200, MEETING),
                                              ON(GET_MEET, 404, NO_MEETING), FAKE_END };

    begin_made(steps, NULL, MEET_ID, A_LINK);
    works(platform_teams.meeting_poll);
    ck_assert(!outcome.gone);
    works(platform_teams.meeting_poll);
    ck_assert(outcome.gone);
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
    { 400, REFUSED("BadRequest", "EndDateTime must not be earlier than StartDateTime."),
      ERROR_INVALID, "BadRequest", "times" },
    { 401, REFUSED("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
      ERROR_AUTH, "InvalidAuthenticationToken", "Connect" },
    { 401, "", ERROR_AUTH, "", "Connect" },
    { 403, REFUSED("Forbidden", "No application access policy found for this app."),
      ERROR_FORBIDDEN, "Forbidden", "CsApplicationAccessPolicy" },
    { 403, REFUSED("General", "Failed to get license information for the user."), ERROR_FORBIDDEN,
      "General", "licence" },
    { 403, REFUSED("ErrorAccessDenied", "Access is denied."), ERROR_FORBIDDEN, "ErrorAccessDenied",
      "Consent" },
    { 403, REFUSED("Forbidden", "Insufficient privileges to complete the operation."),
      ERROR_FORBIDDEN, "Forbidden", "Consent" },
    { 403, FORBIDDEN, ERROR_FORBIDDEN, "Forbidden", "rights" },
    { 404, REFUSED("NotFound", "Organizer Id mismatch User Id 1."), ERROR_FORBIDDEN, "NotFound",
      "organises" },
    { 404, REFUSED("MailboxNotEnabledForRESTAPI", "The mailbox is inactive."), ERROR_FORBIDDEN,
      "MailboxNotEnabledForRESTAPI", "calendar=false" },
    { 404, REFUSED("Request_ResourceNotFound", "Resource 'x' does not exist."), ERROR_INVALID,
      "Request_ResourceNotFound", "user=" },
    { 404, "<html>nginx</html>", ERROR_GARBAGE, "", "api_base" },
    { 412, REFUSED("ErrorIrresolvableConflict", "The send or update could not be performed."),
      ERROR_CONFLICT, "ErrorIrresolvableConflict", "by itself" },
    { 429, REFUSED("TooManyRequests", "Too many requests."), ERROR_RATE, "TooManyRequests",
      "by itself" },
    { 503, REFUSED("ErrorServerBusy", "The server is busy."), ERROR_RATE, "ErrorServerBusy",
      "by itself" },
    { 500, REFUSED("InternalServerError", "An internal error."), ERROR_SERVER,
      "InternalServerError", "by itself" },
    { 504, "", ERROR_SERVER, "", "by itself" },
    { 201, "<html>Sign in to the hotel's network</html>", ERROR_GARBAGE, "", "by itself" },
    { 201, "{\"subject\":\"Sunday Service\"}", ERROR_GARBAGE, "", "by itself" },
    { 201, "", ERROR_GARBAGE, "", "by itself" },
};

START_TEST(judges_refusals)
{
    struct fake_step steps[] = {
        ON("POST " ME "/events", refusals[_i].status, refusals[_i].body, .html = true), FAKE_END
    };

    begin(steps, NULL);
    ck_assert(!run(platform_teams.meeting_create));
    ck_assert_msg(err.kind == refusals[_i].kind, "%d: %s", (int)err.kind, err.message);
    ck_assert_str_eq(err.code, refusals[_i].code);
    ck_assert_str_eq(err.platform, "teams");
    ck_assert_msg(strstr(err.remedy, refusals[_i].remedy) ||
                      strstr(err.remedy, "looked up by itself"),
                  "%s", err.remedy);
    finish();
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static TCase *sign_in_case(void)
{
    TCase *t = tcase_create("sign_in");

    tcase_add_test(t, renews_for_a_person);
    tcase_add_test(t, renews_for_what_was_consented);
    tcase_add_test(t, renews_for_an_app);
    tcase_add_loop_test(t, checks_sign_in, 0, COUNT(sign_ins));
    tcase_add_loop_test(t, judges_token_refusals, 0, COUNT(refused_tokens));
    tcase_add_test(t, identifies);
    tcase_add_test(t, identifies_for_an_app);
    tcase_add_test(t, a_mailbox_is_not_needed);
    tcase_add_loop_test(t, tells_personal_accounts_apart, 0, COUNT(personals));
    tcase_add_test(t, checks_settings_together);
    return t;
}

static TCase *create_case(void)
{
    TCase *t = tcase_create("create");

    tcase_add_test(t, creates);
    tcase_add_test(t, creates_for_an_app);
    tcase_add_test(t, takes_a_base_with_version);
    tcase_add_test(t, writes_text_that_is_safe);
    tcase_add_test(t, keeps_long_ids);
    tcase_add_test(t, waits_for_the_link);
    tcase_add_test(t, takes_away_what_has_no_meeting);
    tcase_add_test(t, refuses_foreign_link);
    tcase_add_test(t, goes_on_after_a_crash);
    tcase_add_test(t, takes_its_own_for_its_own);
    tcase_add_test(t, takes_another_key_when_its_own_is_spent);
    tcase_add_test(t, makes_anew_what_was_deleted_meanwhile);
    tcase_add_test(t, refuses_what_is_over);
    tcase_add_test(t, sets_options_that_differ);
    tcase_add_test(t, says_which_options_teams_kept);
    tcase_add_test(t, names_co_organisers);
    tcase_add_test(t, keeps_the_meeting_when_options_are_refused);
    tcase_add_test(t, waits_for_the_meeting_to_show);
    tcase_add_test(t, comes_back_to_options_later);
    tcase_add_test(t, waits_for_the_meeting_only_so_long);
    tcase_add_test(t, creates_a_link);
    tcase_add_test(t, brings_an_existing_link);
    tcase_add_loop_test(t, judges_refusals, 0, COUNT(refusals));
    return t;
}

static TCase *later_case(void)
{
    TCase *t = tcase_create("later");

    tcase_add_test(t, finds_over_pages);
    tcase_add_test(t, finds_what_was_moved);
    tcase_add_test(t, finds_nothing);
    tcase_add_test(t, believes_no_answer_without_a_list);
    tcase_add_test(t, follows_no_foreign_page);
    tcase_add_test(t, finds_a_link_by_its_key);
    tcase_add_test(t, updates_nothing_when_already_so);
    tcase_add_test(t, updates_only_what_changed);
    tcase_add_test(t, updates_text_beside_the_link);
    tcase_add_test(t, leaves_text_that_somebody_wrote_there);
    tcase_add_test(t, reads_times_of_other_zones);
    tcase_add_test(t, updates_guests_without_losing_any);
    tcase_add_loop_test(t, update_of_what_is_gone, 0, COUNT(absences));
    tcase_add_test(t, updates_a_link);
    tcase_add_test(t, cancels_event_and_meeting);
    tcase_add_test(t, cancels_without_rights_to_the_meeting);
    tcase_add_test(t, cancel_can_fail);
    tcase_add_test(t, cancels_what_never_was);
    tcase_add_test(t, cancels_a_link);
    tcase_add_test(t, goes_by_the_clock);
    tcase_add_loop_test(t, sees_that_it_was_deleted, 0, COUNT(absences));
    tcase_add_test(t, says_that_it_was_moved_there);
    tcase_add_test(t, polls_a_link);
    return t;
}

int main(void)
{
    Suite *suite = suite_create("platform_teams");
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, sign_in_case());
    suite_add_tcase(suite, create_case());
    suite_add_tcase(suite, later_case());
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

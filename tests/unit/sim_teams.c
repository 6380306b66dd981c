/* The simulated Teams: sign-in by every way of Entra's, events and their links, online meetings. */
#include "sim_kit.h"

#include <time.h>

/* RFC 7636, appendix B. */
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define CALLBACK  "http://localhost:52936/"
#define SCOPE                                                                                      \
    "openid+profile+offline_access+User.Read+https://graph.microsoft.com/Calendars.ReadWrite+"     \
    "OnlineMeetings.ReadWrite"
#define TOKEN(tenant) "/" tenant "/oauth2/v2.0/token"

static char *native, *web, *web_secret;

static void setup(void)
{
    kit_start();
    native = kit_ready("platforms.teams.client_id");
    web = kit_ready("platforms.teams.app_credentials.client_id");
    web_secret = kit_ready("platforms.teams.app_credentials.client_secret");
}

static void teardown(void)
{
    free(native);
    free(web);
    free(web_secret);
    kit_stop();
}

static const struct reply *form(const char *path, const char *body)
{
    return kit_form("teams", path, body);
}

static const struct reply *get(const char *path)
{
    return kit_get("teams", path);
}

static const struct reply *json(const char *method, const char *path, const char *body)
{
    return kit_json("teams", method, path, body);
}

static const char *code(void)
{
    return kit_text("error.code");
}

static int64_t number(const char *path)
{
    int64_t value = -1;

    json_int(last.json, path, &value);
    return value;
}

static const struct reply *refresh(const char *token)
{
    char body[900];

    snprintf(body, sizeof body, "grant_type=refresh_token&client_id=%s&refresh_token=%s", native,
             token);
    bearer[0] = '\0';
    return form(TOKEN("organizations"), body);
}

static void sign_in(void)
{
    char *token = kit_ready("platforms.teams.credentials.refresh_token");

    ck_assert_int_eq(refresh(token)->status, 200);
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
    free(token);
}

static const struct reply *as_app(const char *tenant, const char *scope)
{
    char body[900], path[200];

    snprintf(body, sizeof body,
             "grant_type=client_credentials&client_id=%s&client_secret=%s&scope=%s", web,
             web_secret, scope);
    snprintf(path, sizeof path, "/%s/oauth2/v2.0/token", tenant);
    bearer[0] = '\0';
    return form(path, body);
}

static void sign_in_as_app(void)
{
    ck_assert_int_eq(
        as_app("stmarks.example", "https%3A%2F%2Fgraph.microsoft.com%2F.default")->status, 200);
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
}

static const struct reply *authorize(const char *tenant, const char *client_id,
                                     const char *redirect, const char *more)
{
    char path[2000];

    snprintf(
        path, sizeof path,
        "/%s/oauth2/v2.0/authorize?client_id=%s&response_type=code&redirect_uri=%s&scope=" SCOPE
        "&state=s1&code_challenge=" CHALLENGE "&code_challenge_method=S256%s",
        tenant, client_id, redirect, more);
    return get(path);
}

static const struct reply *exchange(const char *client_id, const char *redirect, const char *more)
{
    char body[2000], escaped[600];
    char *plain = curl_easy_escape(client, kit_location("code"), 0);

    snprintf(escaped, sizeof escaped, "%s", plain);
    curl_free(plain);
    snprintf(body, sizeof body,
             "grant_type=authorization_code&client_id=%s&code=%s&redirect_uri=%s&code_verifier="
             "%s%s",
             client_id, escaped, redirect, strstr(more, "verifier=") ? "" : VERIFIER, more);
    return form(TOKEN("organizations"), body);
}

/* ---- sign-in ---- */

START_TEST(a_person_signs_in_by_code_and_pkce)
{
    ck_assert_int_eq(authorize("organizations", native, CALLBACK, "&sim_answer=allow")->status,
                     302);
    ck_assert_str_eq(kit_location("state"), "s1");
    ck_assert_int_eq(exchange(native, CALLBACK, "")->status, 200);
    ck_assert_str_eq(kit_text("scope"),
                     "openid profile User.Read Calendars.ReadWrite OnlineMeetings.ReadWrite");
    ck_assert_str_ne(kit_text("refresh_token"), "");
    ck_assert_str_ne(kit_text("id_token"), "");
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
    ck_assert_int_eq(get("/v1.0/me")->status, 200);
    ck_assert_str_eq(kit_text("userPrincipalName"), "pastor@stmarks.example");
    bearer[0] = '\0';
    authorize("organizations", native, CALLBACK, "&sim_answer=allow&sim_scope=User.Read");
    ck_assert_int_eq(exchange(native, CALLBACK, "")->status, 200);
    ck_assert_ptr_null(json_at(last.json, "refresh_token")); /* without offline_access none */
    ck_assert_ptr_null(json_at(last.json, "id_token"));
    authorize("organizations", native, CALLBACK, "&sim_answer=refuse");
    ck_assert_str_eq(kit_location("error"), "access_denied");
    ck_assert_str_eq(kit_location("error_subcode"), "cancel");
}
END_TEST

START_TEST(clients_keep_to_their_nature)
{
    char body[600];

    authorize("organizations", native, CALLBACK, "&sim_answer=allow");
    ck_assert_int_eq(exchange(native, CALLBACK, "&client_secret=x")->status, 401);
    ck_assert_int_eq(number("error_codes.0"), 700025);
    authorize("organizations", web, CALLBACK, "&sim_answer=allow");
    ck_assert_int_eq(exchange(web, CALLBACK, "")->status, 401);
    ck_assert_int_eq(number("error_codes.0"), 7000218);
    authorize("organizations", native, "https://church.example/cb", "&sim_answer=allow");
    ck_assert_int_eq(exchange(native, "https://church.example/cb", "")->status, 401);
    ck_assert_int_eq(number("error_codes.0"), 7000218);
    snprintf(body, sizeof body, "&client_secret=%s", web_secret);
    authorize("organizations", web, "https://church.example/cb", "&sim_answer=allow");
    ck_assert_int_eq(exchange(web, "https://church.example/cb", body)->status, 200);
    authorize("organizations", web, CALLBACK, "&sim_answer=allow");
    ck_assert_int_eq(exchange(web, CALLBACK, "&client_secret=wrong")->status, 401);
    ck_assert_int_eq(number("error_codes.0"), 7000215);
    ck_assert_int_eq(authorize("organizations", native, "http://[::1]:5/", "")->status, 400);
    ck_assert_int_eq(authorize("organizations", native, "http://church.example/", "")->status, 400);
    ck_assert_int_eq(form(TOKEN("organizations"), "grant_type=refresh_token")->status, 400);
    ck_assert_int_eq(form(TOKEN("organizations"), "grant_type=x&client_id=nobody")->status, 400);
    ck_assert_str_eq(kit_text("error"), "unauthorized_client");
    ck_assert_int_eq(form(TOKEN("nowhere.example"), "grant_type=x&client_id=nobody")->status, 400);
    ck_assert_int_eq(number("error_codes.0"), 90002);
}
END_TEST

START_TEST(a_code_is_good_once_and_for_its_verifier)
{
    char location[900];

    authorize("common", native, CALLBACK, "&sim_answer=allow");
    snprintf(location, sizeof location, "%s", kit_location("code"));
    ck_assert_int_eq(exchange(native, CALLBACK, "&code_verifier=" VERIFIER "x")->status, 400);
    ck_assert_int_eq(number("error_codes.0"), 501481);
    char body[1500];
    snprintf(body, sizeof body,
             "grant_type=authorization_code&client_id=%s&code=%s&redirect_uri=" CALLBACK
             "&code_verifier=" VERIFIER,
             native, location);
    ck_assert_int_eq(form(TOKEN("common"), body)->status, 400);
    ck_assert_str_eq(kit_text("error"), "invalid_grant");
    ck_assert_ptr_nonnull(strstr(kit_text("error_description"), "AADSTS"));
    ck_assert_ptr_nonnull(strstr(kit_text("error_description"), "Trace ID: "));
}
END_TEST

START_TEST(tenants_tell_who_may_come)
{
    static const char allow[] = "&sim_answer=allow&sim_account=%d";
    static const struct {
        const char *tenant;
        int account;
        long status;
    } cases[] = {
        { "organizations", 0, 302 },
        { "organizations", 3, 400 },
        { "consumers", 3, 302 },
        { "consumers", 0, 400 },
        { "common", 3, 302 },
        { "stmarks.example", 0, 302 },
        { "stmarks.example", 1, 400 },
        { "stannes.example", 1, 302 },
        { "84bd8158-6d4d-4958-8b9f-9d6445542f95", 2, 302 },
        { "nowhere.example", 0, 400 },
    };
    char more[60];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(more, sizeof more, allow, cases[i].account);
        authorize(cases[i].tenant, native, CALLBACK, more);
        ck_assert_msg(last.status == cases[i].status, "%s %d: %ld", cases[i].tenant,
                      cases[i].account, last.status);
    }
}
END_TEST

START_TEST(each_refresh_brings_a_new_token_and_leaves_the_old_ones_good)
{
    char *first = kit_ready("platforms.teams.credentials.refresh_token"), second[300];

    ck_assert_int_eq(refresh(first)->status, 200);
    snprintf(second, sizeof second, "%s", kit_text("refresh_token"));
    ck_assert_str_ne(second, first);
    ck_assert_int_eq(refresh(second)->status, 200);
    ck_assert_int_eq(refresh(first)->status, 200);
    ck_assert_int_eq(refresh(second)->status, 200);
    kit_control("POST", "/_sim/grants", "{\"platform\":\"teams\",\"action\":\"revoke\"}");
    ck_assert_int_eq(refresh(first)->status, 400);
    ck_assert_str_eq(kit_text("error"), "invalid_grant");
    ck_assert_int_eq(number("error_codes.0"), 50173);
    free(first);
}
END_TEST

START_TEST(a_refresh_cannot_ask_for_more_than_was_consented_to)
{
    char *token = kit_ready("platforms.teams.credentials.refresh_token"), body[900];

    snprintf(body, sizeof body,
             "grant_type=refresh_token&client_id=%s&refresh_token=%s&scope="
             "OnlineMeetingRecording.Read.All",
             native, token);
    ck_assert_int_eq(form(TOKEN("organizations"), body)->status, 400);
    ck_assert_int_eq(number("error_codes.0"), 65001);
    free(token);
}
END_TEST

START_TEST(a_device_signs_in)
{
    char body[600], poll[600], typed[300];

    snprintf(body, sizeof body, "client_id=%s&scope=" SCOPE, native);
    ck_assert_int_eq(form("/organizations/oauth2/v2.0/devicecode", body)->status, 200);
    ck_assert_str_ne(kit_text("message"), "");
    ck_assert_ptr_null(json_at(last.json, "verification_uri_complete"));
    ck_assert_uint_eq(strlen(kit_text("user_code")), 9);
    snprintf(poll, sizeof poll,
             "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=%s&device_code=%s",
             native, kit_text("device_code"));
    snprintf(typed, sizeof typed, "user_code=%s&sim_answer=allow", kit_text("user_code"));
    ck_assert_int_eq(form(TOKEN("organizations"), poll)->status, 400);
    ck_assert_str_eq(kit_text("error"), "authorization_pending");
    ck_assert_int_eq(number("error_codes.0"), 70016);
    ck_assert_int_eq(form(TOKEN("organizations"), poll)->status, 400);
    ck_assert_str_eq(kit_text("error"), "slow_down");
    ck_assert_int_eq(form("/devicelogin", typed)->status, 200);
    ck_assert_int_eq(form(TOKEN("organizations"),
                          "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id="
                          "00001111-aaaa-2222-bbbb-3333cccc4444&device_code=nonsense")
                         ->status,
                     400);
    ck_assert_str_eq(kit_text("error"), "bad_verification_code");
    snprintf(body, sizeof body, "client_id=%s&scope=Mail.Read", native);
    ck_assert_int_eq(form("/organizations/oauth2/v2.0/devicecode", body)->status, 400);
    ck_assert_str_eq(kit_text("error"), "invalid_scope");
}
END_TEST

START_TEST(a_device_that_was_allowed_gets_its_tokens_in_the_right_tenant)
{
    static const char *const tenants[] = { "stannes.example", "stmarks.example" };
    char body[600], path[200];

    for (int i = 0; i < 2; i++) {
        snprintf(body, sizeof body, "client_id=%s&scope=" SCOPE, native);
        form("/common/oauth2/v2.0/devicecode", body);
        snprintf(path, sizeof path, "/%s/oauth2/v2.0/token", tenants[i]);
        char poll[600];
        snprintf(poll, sizeof poll,
                 "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=%s&device_code="
                 "%s",
                 native, kit_text("device_code"));
        snprintf(body, sizeof body, "user_code=%s&sim_answer=allow", kit_text("user_code"));
        ck_assert_int_eq(form("/devicelogin", body)->status, 200);
        ck_assert_int_eq(form(path, poll)->status, i == 0 ? 400 : 200);
    }
    ck_assert_str_ne(kit_text("refresh_token"), "");
}
END_TEST

START_TEST(the_app_in_its_own_name_needs_tenant_policy_and_object_id)
{
    static const char all[] = "https%3A%2F%2Fgraph.microsoft.com%2F.default";
    static const char body[] = "{\"subject\":\"Elders\"}";

    ck_assert_int_eq(as_app("organizations", all)->status, 400);
    ck_assert_int_eq(as_app("stannes.example", all)->status, 400);
    ck_assert_str_eq(kit_text("error"), "unauthorized_client");
    ck_assert_int_eq(as_app("stmarks.example", "User.Read.All")->status, 400);
    ck_assert_str_eq(kit_text("error"), "invalid_scope");
    sign_in_as_app();
    ck_assert_ptr_null(json_at(last.json, "refresh_token"));
    ck_assert_int_eq(get("/v1.0/me")->status, 400);
    ck_assert_int_eq(get("/v1.0/users/pastor@stmarks.example")->status, 200);
    ck_assert_int_eq(get("/v1.0/users/office@stannes.example")->status, 404);
    ck_assert_int_eq(
        json("POST", "/v1.0/users/64339082-ed84-4b0b-b4ab-004ae54f3747/onlineMeetings", body)
            ->status,
        201);
    ck_assert_int_eq(
        json("POST", "/v1.0/users/pastor@stmarks.example/onlineMeetings", body)->status, 400);
    ck_assert_int_eq(
        json("POST", "/v1.0/users/7b7e1acd-a3e0-4533-8c1d-c1a4ca0b2e2b/onlineMeetings", body)
            ->status,
        403);
    ck_assert_str_eq(kit_text("error.message"), "No application access policy found for this app.");
    kit_control("POST", "/_sim/grants", "{\"platform\":\"teams\",\"action\":\"revoke\"}");
    ck_assert_int_eq(as_app("stmarks.example", all)->status, 401);
    ck_assert_str_eq(kit_text("error"), "invalid_client");
}
END_TEST

/* ---- events ---- */

#define TIMES                                                                                      \
    "\"start\":{\"dateTime\":\"2099-10-04T10:00:00\",\"timeZone\":\"GMT Standard Time\"},"         \
    "\"end\":{\"dateTime\":\"2099-10-04T11:30:00\",\"timeZone\":\"GMT Standard Time\"}"
#define SUNDAY                                                                                     \
    "{\"subject\":\"Sunday Service\",\"transactionId\":\"t-1\",\"body\":{\"contentType\":"         \
    "\"HTML\",\"content\":\"Join us.\"}," TIMES ",\"isOnlineMeeting\":true,"                       \
    "\"onlineMeetingProvider\":\"teamsForBusiness\"}"

static char event[200];

static void make_event(void)
{
    sign_in();
    ck_assert_int_eq(json("POST", "/v1.0/me/events", SUNDAY)->status, 201);
    snprintf(event, sizeof event, "/v1.0/me/events/%s", kit_text("id"));
}

static bool has(const char *path, const char *member)
{
    ck_assert_int_eq(get(path)->status, 200);
    return json_at(last.json, member) != NULL && !cJSON_IsNull(json_at(last.json, member));
}

static void await(const char *path, const char *member)
{
    TEST_UNTIL(has(path, member));
}

START_TEST(an_event_gets_its_link_a_while_later_and_once)
{
    make_event();
    ck_assert_str_eq(kit_text("start.dateTime"), "2099-10-04T09:00:00.0000000");
    ck_assert_str_eq(kit_text("start.timeZone"), "UTC");
    ck_assert(cJSON_IsNull(json_at(last.json, "onlineMeeting")));
    ck_assert(json_bool(last.json, "isOnlineMeeting", false));
    char *id = text_copy(kit_text("id"));
    ck_assert_int_eq(json("POST", "/v1.0/me/events", SUNDAY)->status, 201);
    ck_assert_str_eq(kit_text("id"), id); /* the same transactionId: the same event */
    await(event, "onlineMeeting.joinUrl");
    ck_assert(cJSON_IsNull(json_at(last.json, "onlineMeetingUrl")));
    ck_assert_str_eq(kit_state("teams", id), "scheduled");
    char url[400];
    snprintf(url, sizeof url, "%s%s?$select=subject,start", sim_address(sim, "teams"), event);
    kit_ask("GET", url, NULL, NULL, 0, "Prefer: outlook.timezone=\"Tokyo Standard Time\"");
    ck_assert_str_eq(kit_text("start.dateTime"), "2099-10-04T18:00:00.0000000");
    ck_assert_ptr_null(json_at(last.json, "onlineMeeting"));
    ck_assert_str_eq(kit_text("id"), id);
    snprintf(url, sizeof url, "%s?$select=colour", event);
    ck_assert_int_eq(get(url)->status, 400);
    free(id);
}
END_TEST

START_TEST(wrong_events_are_refused)
{
    static const char *const wrong[] = {
        "{\"subject\":\"x\"}",
        "{\"subject\":\"x\",\"start\":{\"dateTime\":\"2099-10-04T10:00:00Z\",\"timeZone\":\"UTC\"},"
        "\"end\":{\"dateTime\":\"2099-10-04T11:00:00\",\"timeZone\":\"UTC\"}}",
        "{\"start\":{\"dateTime\":\"2099-10-04T10:00:00\",\"timeZone\":\"Europe/London\"},\"end\":{"
        "\"dateTime\":\"2099-10-04T11:00:00\",\"timeZone\":\"UTC\"}}",
        "{\"start\":{\"dateTime\":\"2099-10-04T10:00:00\",\"timeZone\":\"UTC\"},\"end\":{"
        "\"dateTime\":\"2099-10-04T09:00:00\",\"timeZone\":\"UTC\"}}",
        "{" TIMES ",\"title\":\"x\"}",
        "{" TIMES ",\"onlineMeeting\":{\"joinUrl\":\"x\"}}",
        "{" TIMES ",\"subject\":7}",
        "{" TIMES ",\"isOnlineMeeting\":\"yes\"}",
        "{" TIMES ",\"onlineMeetingProvider\":\"zoom\"}",
        "{" TIMES ",\"onlineMeetingProvider\":\"skypeForBusiness\"}",
        "{" TIMES ",\"attendees\":[{\"emailAddress\":{\"address\":\"nobody\"}}]}",
        "{" TIMES ",\"body\":{\"contentType\":\"markdown\",\"content\":\"x\"}}",
        "{" TIMES ",\"recurrence\":{\"pattern\":{\"type\":\"weekly\",\"interval\":1},\"range\":{"
        "\"type\":\"noEnd\",\"startDate\":\"2099-10-04\"}}}",
        "{" TIMES ",\"recurrence\":{\"pattern\":{\"type\":\"daily\",\"interval\":1},\"range\":{"
        "\"type\":\"noEnd\",\"startDate\":\"2099-10-05\"}}}",
        "nonsense",
    };

    sign_in();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json("POST", "/v1.0/me/events", wrong[i]);
        ck_assert_msg(last.status == 400, "%s: %ld", wrong[i], last.status);
        ck_assert_str_ne(code(), "");
        ck_assert_str_ne(kit_text("error.innerError.request-id"), "");
        ck_assert_str_eq(kit_header("request-id"), kit_text("error.innerError.request-id"));
    }
    ck_assert_int_eq(get("/v1.0/me/events/nothing")->status, 404);
    ck_assert_str_eq(code(), "ErrorItemNotFound");
    ck_assert_int_eq(get("/v1.0/me/nothing")->status, 400);
    ck_assert_int_eq(cJSON_GetArraySize(kit_control("GET", "/_sim/objects?platform=teams", NULL)),
                     0);
}
END_TEST

START_TEST(an_event_is_changed_cancelled_and_gone)
{
    char path[300];

    make_event();
    ck_assert_int_eq(json("PATCH", event,
                          "{\"subject\":\"Harvest\",\"end\":{\"dateTime\":\"2099-10-04T12:00:00\","
                          "\"timeZone\":\"GMT Standard Time\"},\"isOnlineMeeting\":false}")
                         ->status,
                     200);
    ck_assert_str_eq(kit_text("end.dateTime"), "2099-10-04T11:00:00.0000000");
    ck_assert(json_bool(last.json, "isOnlineMeeting", false)); /* once online, always online */
    ck_assert_int_eq(json("PATCH", event, "{\"transactionId\":\"t-2\"}")->status, 400);
    snprintf(path, sizeof path, "%s/cancel", event);
    ck_assert_int_eq(json("POST", path, "{\"Reason\":\"x\"}")->status, 400);
    ck_assert_int_eq(json("POST", path, "{\"Comment\":\"Moved.\"}")->status, 202);
    ck_assert_int_eq(get(event)->status, 404);
    make_event();
    ck_assert_int_eq(kit_call("teams", "DELETE", event, NULL, NULL)->status, 204);
    ck_assert_int_eq(kit_call("teams", "DELETE", event, NULL, NULL)->status, 404);
}
END_TEST

START_TEST(a_personal_account_gets_an_event_but_no_link)
{
    authorize("consumers", native, CALLBACK, "&sim_answer=allow&sim_account=3");
    ck_assert_int_eq(exchange(native, CALLBACK, "")->status, 200);
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
    get("/v1.0/me/calendar");
    ck_assert_str_eq(kit_text("allowedOnlineMeetingProviders.0"), "skypeForConsumer");
    ck_assert_int_eq(json("POST", "/v1.0/me/events", SUNDAY)->status, 201);
    ck_assert(!json_bool(last.json, "isOnlineMeeting", true));
    ck_assert_str_eq(kit_text("onlineMeetingProvider"), "unknown");
    ck_assert_int_eq(json("POST", "/v1.0/me/onlineMeetings", "{\"subject\":\"x\"}")->status, 403);
}
END_TEST

START_TEST(a_series_is_spread_over_the_days)
{
    char path[400], occurrence[300];

    sign_in();
    json("POST", "/v1.0/me/events",
         "{\"subject\":\"Service\"," TIMES ",\"recurrence\":{\"pattern\":{\"type\":\"weekly\","
         "\"interval\":1,\"daysOfWeek\":[\"sunday\"]},\"range\":{\"type\":\"numbered\","
         "\"startDate\":\"2099-10-04\",\"numberOfOccurrences\":6}}}");
    ck_assert_int_eq(last.status, 201);
    ck_assert_str_eq(kit_text("type"), "seriesMaster");
    snprintf(path, sizeof path,
             "/v1.0/me/calendarView?startDateTime=2099-10-01T00:00:00Z&endDateTime=2099-11-01T00:"
             "00:00Z");
    get(path);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "value")), 4);
    ck_assert_str_eq(kit_text("value.0.type"), "occurrence");
    ck_assert_str_eq(kit_text("value.3.start.dateTime"),
                     "2099-10-25T10:00:00.0000000"); /* winter */
    snprintf(occurrence, sizeof occurrence, "/v1.0/me/events/%s", kit_text("value.1.id"));
    ck_assert_int_eq(get(occurrence)->status, 200);
    ck_assert_int_eq(json("PATCH", occurrence, "{\"subject\":\"Baptism\"}")->status, 200);
    ck_assert_str_eq(kit_text("type"), "exception");
    get(path);
    ck_assert_str_eq(kit_text("value.1.subject"), "Baptism");
    kit_call("teams", "DELETE", occurrence, NULL, NULL);
    get(path);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "value")), 3);
    ck_assert_int_eq(get(occurrence)->status, 404);
    get("/v1.0/me/events");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "value")), 1);
    ck_assert_int_eq(get("/v1.0/me/calendarView")->status, 400);
    snprintf(path + strlen(path), sizeof path - strlen(path), "&$top=2&$orderby=start/dateTime");
    get(path);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "value")), 2);
    char next[600];
    snprintf(next, sizeof next, "%s", json_string(last.json, "@odata.nextLink"));
    ck_assert_int_eq(kit_ask("GET", next, NULL, NULL, 0, NULL)->status, 200);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "value")), 1);
    ck_assert_ptr_null(json_string(last.json, "@odata.nextLink"));
}
END_TEST

START_TEST(a_delta_tells_what_has_changed)
{
    char link[400];

    make_event();
    get("/v1.0/me/calendarView/"
        "delta()?startDateTime=2099-10-01T00:00:00Z&endDateTime=2099-11-01T00:"
        "00:00Z");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "value")), 1);
    snprintf(link, sizeof link, "%s", json_string(last.json, "@odata.deltaLink"));
    kit_ask("GET", link, NULL, NULL, 0, NULL);
    int64_t before = cJSON_GetArraySize(json_at(last.json, "value"));
    ck_assert(before == 0 || before == 1); /* the link may have come in between */
    kit_call("teams", "DELETE", event, NULL, NULL);
    kit_ask("GET", link, NULL, NULL, 0, NULL);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "value")), 1);
    ck_assert_ptr_nonnull(json_at(json_at(last.json, "value.0"), "@removed"));
    ck_assert_int_eq(get("/v1.0/me/calendarView/delta()?$deltatoken=old")->status, 410);
}
END_TEST

/* ---- online meetings ---- */

#define MEETINGS "/v1.0/me/onlineMeetings"
#define YOUTH                                                                                      \
    "{\"externalId\":\"ecc-1\",\"subject\":\"Youth\",\"startDateTime\":\"2099-10-09T18:00:00Z\","  \
    "\"endDateTime\":\"2099-10-09T19:30:00Z\"}"

START_TEST(create_or_get_makes_one_meeting_for_one_key)
{
    sign_in();
    ck_assert_int_eq(json("POST", MEETINGS "/createOrGet", YOUTH)->status, 201);
    char *id = text_copy(kit_text("id"));
    ck_assert_int_eq(json("POST", MEETINGS "/createOrGet", YOUTH)->status, 200);
    ck_assert_str_eq(kit_text("id"), id);
    ck_assert_int_eq(json("POST", MEETINGS "/createOrGet", "{\"subject\":\"x\"}")->status, 400);
    ck_assert_int_eq(json("POST", MEETINGS "/createOrGet",
                          "{\"externalId\":\"b\",\"endDateTime\":\"2099-10-09T19:30:00Z\"}")
                         ->status,
                     400);
    ck_assert_int_eq(json("POST", MEETINGS "/createOrGet",
                          "{\"externalId\":\"b\",\"allowedPresenters\":\"everyone\"}")
                         ->status,
                     400);
    ck_assert_int_eq(json("POST", MEETINGS "/createOrGet", "{\"externalId\":\"b\"}")->status, 201);
    ck_assert_str_ne(kit_text("endDateTime"), "");
    free(id);
}
END_TEST

START_TEST(a_meeting_is_set_up_and_found_by_its_link)
{
    char path[1500], meeting[200];

    sign_in();
    ck_assert_int_eq(json("POST", MEETINGS,
                          "{\"subject\":\"Elders\",\"startDateTime\":\"2099-10-06T18:30:00Z\","
                          "\"endDateTime\":\"2099-10-06T20:00:00Z\",\"lobbyBypassSettings\":{"
                          "\"scope\":\"everyone\",\"isDialInBypassEnabled\":true},"
                          "\"allowedPresenters\":\"organizer\"}")
                         ->status,
                     201);
    ck_assert_str_eq(kit_text("lobbyBypassSettings.scope"), "everyone");
    snprintf(meeting, sizeof meeting, MEETINGS "/%s", kit_text("id"));
    char *link = text_copy(kit_text("joinWebUrl"));
    char *twice = curl_easy_escape(client, link, 0);
    snprintf(path, sizeof path, MEETINGS "?$filter=JoinWebUrl%%20eq%%20'%s'", twice);
    ck_assert_int_eq(get(path)->status, 200);
    ck_assert_str_eq(kit_text("value.0.subject"), "Elders");
    snprintf(path, sizeof path, MEETINGS "?$filter=JoinWebUrl%%20eq%%20'%s'", link);
    ck_assert_int_eq(get(path)->status, 400); /* escaped once too few */
    snprintf(path, sizeof path, MEETINGS "?$filter=JoinWebUrl%%20eq%%20'%s", twice);
    ck_assert_int_eq(get(path)->status, 400);
    ck_assert_int_eq(get(MEETINGS "?$filter=JoinWebUrl%20eq%20'http://x'")->status, 404);
    ck_assert_int_eq(get(MEETINGS)->status, 400); /* no list of all */
    ck_assert_int_eq(json("PATCH", meeting, "{\"startDateTime\":\"2099-10-06T18:00:00Z\"}")->status,
                     400);
    ck_assert_int_eq(
        json("PATCH", meeting, "{\"joinMeetingIdSettings\":{\"isPasscodeRequired\":false}}")
            ->status,
        400);
    ck_assert_int_eq(json("PATCH", meeting,
                          "{\"lobbyBypassSettings\":{\"scope\":\"invited\"},"
                          "\"allowAttendeeToEnableMic\":false}")
                         ->status,
                     200);
    ck_assert_str_eq(kit_text("lobbyBypassSettings.scope"), "invited");
    ck_assert(json_bool(last.json, "lobbyBypassSettings.isDialInBypassEnabled", false));
    ck_assert_int_eq(kit_call("teams", "DELETE", meeting, NULL, NULL)->status, 204);
    ck_assert_int_eq(get(meeting)->status, 404);
    ck_assert_str_eq(code(), "NotFound");
    curl_free(twice);
    free(link);
}
END_TEST

START_TEST(wrong_meetings_are_refused)
{
    static const char *const wrong[] = {
        "{\"subject\":\"x\",\"externalId\":\"a\"}",
        "{\"subject\":\"x\",\"isBroadcast\":true}",
        "{\"subject\":\"x\",\"allowedPresenters\":\"unknownFutureValue\"}",
        "{\"subject\":\"x\",\"allowedPresenters\":\"roleIsPresenter\"}",
        "{\"subject\":\"x\",\"lobbyBypassSettings\":{\"scope\":\"nobody\"}}",
        "{\"subject\":\"x\",\"joinMeetingIdSettings\":{\"passcode\":\"1234\"}}",
        "{\"subject\":\"x\",\"startDateTime\":\"2099-10-06T18:30:00\",\"endDateTime\":\"2099-10-"
        "06T19:30:00\"}",
        "{\"subject\":\"x\",\"startDateTime\":\"2099-10-06T18:30:00Z\",\"endDateTime\":\"2099-10-"
        "06T17:30:00Z\"}",
        "{\"participants\":{\"attendees\":[{\"upn\":\"who@else.example\",\"role\":"
        "\"presenter\"}]}}",
        "{\"recurrence\":{}}",
    };

    sign_in();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json("POST", MEETINGS, wrong[i]);
        ck_assert_msg(last.status == 400, "%s: %ld", wrong[i], last.status);
    }
    ck_assert_int_eq(get(MEETINGS "/short")->status, 400);
}
END_TEST

START_TEST(a_meeting_runs_when_people_come_and_leaves_a_report)
{
    char path[500], meeting[200], url[300];

    make_event();
    await(event, "onlineMeeting.joinUrl");
    snprintf(url, sizeof url, "%s", kit_text("onlineMeeting.joinUrl"));
    char *twice = curl_easy_escape(client, url, 0);
    snprintf(path, sizeof path, MEETINGS "?$filter=JoinWebUrl%%20eq%%20'%s'", twice);
    curl_free(twice);
    ck_assert_int_eq(get(path)->status, 200);
    snprintf(meeting, sizeof meeting, "%s", kit_text("value.0.id"));
    bearer[0] = '\0';
    ck_assert_int_eq(kit_ask("GET", url, NULL, NULL, 0, NULL)->status, 200); /* somebody joins */
    ck_assert_str_eq(kit_state("teams", meeting), "running");
    sign_in();
    snprintf(path, sizeof path, MEETINGS "/%s", meeting);
    ck_assert_int_eq(json("PATCH", path, "{\"recordAutomatically\":true}")->status, 400);
    ck_assert_int_eq(json("PATCH", path, "{\"allowAttendeeToEnableMic\":false}")->status, 200);
    char id[300];
    snprintf(id, sizeof id, "{\"platform\":\"teams\",\"id\":\"%s\",\"event\":\"ended\"}",
             event + strlen("/v1.0/me/events/"));
    kit_control("POST", "/_sim/remote", id);
    ck_assert_str_eq(kit_state("teams", meeting), "ended");
    snprintf(path, sizeof path, MEETINGS "/%s/attendanceReports", meeting);
    await(path, "value.0.id");
    ck_assert_int_eq(number("value.0.totalParticipantCount"), 1);
    snprintf(path + strlen(path), sizeof path - strlen(path), "/%s/attendanceRecords",
             kit_text("value.0.id"));
    get(path);
    ck_assert_str_eq(kit_text("value.0.identity.displayName"), "A member");
}
END_TEST

START_TEST(grants_faults_and_the_preset_speak_graph_s_way)
{
    sign_in();
    kit_control("POST", "/_sim/grants", "{\"platform\":\"teams\",\"action\":\"expire_access\"}");
    ck_assert_int_eq(get("/v1.0/me")->status, 401);
    ck_assert_str_eq(code(), "InvalidAuthenticationToken");
    bearer[0] = '\0';
    ck_assert_int_eq(get("/v1.0/me")->status, 401);
    sign_in();
    kit_control("POST", "/_sim/grants",
                "{\"platform\":\"teams\",\"action\":\"drop_scope\",\"scope\":\"OnlineMeetings."
                "ReadWrite\"}");
    ck_assert_int_eq(json("POST", MEETINGS, "{}")->status, 403);
    ck_assert_str_eq(code(), "Forbidden");
    ck_assert_int_eq(get("/v1.0/me/calendar")->status, 200);
    kit_fault("{\"platform\":\"teams\",\"kind\":\"rate_limit\",\"retryAfter\":9,\"times\":1}");
    ck_assert_int_eq(get("/v1.0/me")->status, 429);
    ck_assert_str_eq(code(), "TooManyRequests");
    ck_assert_str_eq(kit_header("Retry-After"), "9");
    kit_fault("{\"platform\":\"teams\",\"kind\":\"status\",\"status\":503,\"times\":1}");
    ck_assert_int_eq(form(TOKEN("common"), "grant_type=x")->status, 503);
    ck_assert_str_eq(kit_text("error"), "temporarily_unavailable");
    kit_control("POST", "/_sim/preset", "{\"name\":\"teams\"}");
    ck_assert_int_eq(get("/v1.0/me")->status, 403);
    ck_assert_ptr_nonnull(strstr(kit_text("error.message"), "license"));
    sign_in(); /* signing in still works */
}
END_TEST

START_TEST(the_journal_shows_no_secret)
{
    sign_in();
    sign_in_as_app();
    get("/v1.0/users/pastor@stmarks.example");
    const cJSON *all = kit_control("GET", "/_sim/requests?platform=teams", NULL);
    ck_assert_str_eq(json_string(all, "0.body.refresh_token"), "***");
    ck_assert_str_eq(json_string(all, "1.body.client_secret"), "***");
    ck_assert_str_eq(json_string(all, "0.grant"), "teams:1 Paul Silas");
    ck_assert_str_eq(json_string(all, "2.grant"), "teams:2 Paul Silas");
    ck_assert_ptr_null(strstr(text_str(&last.body), web_secret));
    ck_assert_ptr_null(strstr(text_str(&last.body), "AXoA"));
    ck_assert_ptr_null(strstr(text_str(&last.body), "eyJ"));
}
END_TEST

TEST_MAIN_FIXTURE("sim_teams", setup, teardown, a_person_signs_in_by_code_and_pkce,
                  clients_keep_to_their_nature, a_code_is_good_once_and_for_its_verifier,
                  tenants_tell_who_may_come,
                  each_refresh_brings_a_new_token_and_leaves_the_old_ones_good,
                  a_refresh_cannot_ask_for_more_than_was_consented_to, a_device_signs_in,
                  a_device_that_was_allowed_gets_its_tokens_in_the_right_tenant,
                  the_app_in_its_own_name_needs_tenant_policy_and_object_id,
                  an_event_gets_its_link_a_while_later_and_once, wrong_events_are_refused,
                  an_event_is_changed_cancelled_and_gone,
                  a_personal_account_gets_an_event_but_no_link, a_series_is_spread_over_the_days,
                  a_delta_tells_what_has_changed, create_or_get_makes_one_meeting_for_one_key,
                  a_meeting_is_set_up_and_found_by_its_link, wrong_meetings_are_refused,
                  a_meeting_runs_when_people_come_and_leaves_a_report,
                  grants_faults_and_the_preset_speak_graph_s_way, the_journal_shows_no_secret)

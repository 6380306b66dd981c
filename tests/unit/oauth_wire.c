/* Answers of the platforms' sign-in servers as their pages show them (google-oauth, zoom, teams,
 * restream, facebook, instagram), and what is made of them. Tokens are cut as they are there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/oauth/signin.h>

#include "fakecall.h"
#include "platform/profiles.h"
#include "testlib.h"

#define G   "https://www.googleapis.com/auth/"
#define DAY (INT64_C(24) * 3600)

/* clang-format off */

/* ---- tokens ---- */

static const struct {
    enum platform_id platform;
    const char *asked;
    const char *body;
    const char *access, *refresh, *scopes;
    int64_t life_s, refresh_life_s; /* -1: the moment 1822039067 */
} tokens[] = {
    { PLATFORM_YOUTUBE, "POST /token",
      "{\"access_token\":\"ya29.EXAMPLE\",\"expires_in\":3599,\"refresh_token\":\"1//0EXAMPLE\",\"scope\":\"openid " G "userinfo.email " G
      "youtube\",\"token_type\":\"Bearer\",\"id_token\":\"eyJhbGciOiJSUzI1NiJ9.e30.sig\"}",
      "ya29.EXAMPLE", "1//0EXAMPLE", "openid " G "userinfo.email " G "youtube", 3599, 0 },
    /* Seen with an app in state Testing: the sign-in ends after seven days. */
    { PLATFORM_GOOGLE_MEET, "POST /token",
      "{\"access_token\":\"ya29.EXAMPLE\",\"expires_in\":3599,\"refresh_token\":\"1//0EXAMPLE\",\"refresh_token_expires_in\":604799,\"scope\":\""
      G "calendar.events\",\"token_type\":\"Bearer\"}",
      "ya29.EXAMPLE", "1//0EXAMPLE", G "calendar.events", 3599, 604799 },
    { PLATFORM_ZOOM, "POST /oauth/token",
      "{\"access_token\":\"eyJzdiI6IjAwMDAwMiJ9.at\",\"token_type\":\"bearer\",\"refresh_token\":\"eyJzdiI6IjAwMDAwMiJ9.rt1\",\"expires_in\":3600,"
      "\"scope\":\"meeting:write:meeting meeting:read:meeting user:read:user\",\"api_url\":\"https://api.zoom.us\"}",
      "eyJzdiI6IjAwMDAwMiJ9.at", "eyJzdiI6IjAwMDAwMiJ9.rt1", "meeting:write:meeting meeting:read:meeting user:read:user", 3600, 0 },
    { PLATFORM_TEAMS, "POST /organizations/oauth2/v2.0/token",
      "{\"token_type\":\"Bearer\",\"scope\":\"openid profile User.Read Calendars.ReadWrite OnlineMeetings.ReadWrite\",\"expires_in\":3599,"
      "\"access_token\":\"eyJ0eXAiOiJKV1Qi\",\"refresh_token\":\"0.AXoAvPM1KaPl\",\"id_token\":\"eyJ0eXAiOiJKV1Qi\"}",
      "eyJ0eXAiOiJKV1Qi", "0.AXoAvPM1KaPl", "openid profile User.Read Calendars.ReadWrite OnlineMeetings.ReadWrite", 3599, 0 },
    { PLATFORM_RESTREAM, "POST /oauth/token",
      "{\"access_token\":\"2a407cfcfdf8920242fd6dc7e5f83c86374ef925\",\"token_type\":\"Bearer\",\"expires\":1790506667,\"expires_in\":3600,"
      "\"refresh_token\":\"7b1e0c52d1a34b6d9a1be6fd3f0a7c1e5d2f9b80\",\"accessTokenExpiresEpoch\":1790506667,"
      "\"refreshTokenExpiresEpoch\":1822039067,\"scopeJson\":[\"profile.read\",\"channels.default.read\",\"channels.write\","
      "\"stream.default.read\",\"stream.write\",\"chat.read\"]}",
      "2a407cfcfdf8920242fd6dc7e5f83c86374ef925", "7b1e0c52d1a34b6d9a1be6fd3f0a7c1e5d2f9b80",
      "profile.read channels.default.read channels.write stream.default.read stream.write chat.read", 3600, -1 },
    { PLATFORM_FACEBOOK, "GET /v26.0/oauth/access_token?",
      "{\"access_token\":\"EAAEXshort\",\"token_type\":\"bearer\",\"expires_in\":5400}", "EAAEXshort", "", "", 5400, 0 },
    /* Flat, or within data. */
    { PLATFORM_INSTAGRAM, "POST /oauth/access_token",
      "{\"access_token\":\"IGAAExshort\",\"user_id\":17841400000000011,\"permissions\":\"instagram_business_basic,"
      "instagram_business_manage_comments\"}",
      "IGAAExshort", "", "instagram_business_basic instagram_business_manage_comments", 0, 0 },
    { PLATFORM_INSTAGRAM, "POST /oauth/access_token",
      "{\"data\":[{\"access_token\":\"IGAAExshort\",\"user_id\":\"17841400000000011\",\"permissions\":\"instagram_business_basic\"}]}",
      "IGAAExshort", "", "instagram_business_basic", 0, 0 },
};

/* ---- renewals ---- */

static const struct {
    enum platform_id platform;
    const char *asked, *holds;
    const char *body;
    const char *access, *refresh;
    int64_t life_s;
} renewed[] = {
    /* Google gives no new refresh token: the old one stays. */
    { PLATFORM_YOUTUBE, "POST /token", "refresh_token=rt0",
      "{\"access_token\":\"ya29.EXAMPLE2\",\"expires_in\":3599,\"scope\":\"" G "youtube\",\"token_type\":\"Bearer\"}", "ya29.EXAMPLE2", "", 3599 },
    { PLATFORM_ZOOM, "POST /oauth/token", "grant_type=refresh_token",
      "{\"access_token\":\"eyJ.at2\",\"token_type\":\"bearer\",\"refresh_token\":\"eyJ.rt2\",\"expires_in\":3600,\"scope\":\"user:read:user\"}",
      "eyJ.at2", "eyJ.rt2", 3600 },
    { PLATFORM_INSTAGRAM, "GET /refresh_access_token?", "grant_type=ig_refresh_token&access_token=at0",
      "{\"access_token\":\"IGAAExlong2\",\"token_type\":\"bearer\",\"expires_in\":5183944,\"permissions\":\"instagram_business_basic,"
      "instagram_business_manage_comments\"}",
      "IGAAExlong2", "", 5183944 },
};

/* ---- refusals at the token end point ---- */

#define ENTRA(word, number, sentence)                                                                                                     \
    "{\"error\":\"" word "\",\"error_description\":\"AADSTS" #number ": " sentence " Trace ID: 0000aaaa-11bb-cccc-dd22-eeeeee333333 "      \
    "Correlation ID: aaaa0000-bb11-2222-33cc-444444dddddd Timestamp: 2026-09-21 08:12:44Z\",\"error_codes\":[" #number "],\"timestamp\":"  \
    "\"2026-09-21 08:12:44Z\",\"trace_id\":\"0000aaaa-11bb-cccc-dd22-eeeeee333333\",\"correlation_id\":\"aaaa0000-bb11-2222-33cc-"         \
    "444444dddddd\"}"

static const struct {
    enum platform_id platform;
    int status;
    const char *body;
    enum error_kind kind;
    const char *code;
    const char *says; /* somewhere in the message or the remedy */
} refused[] = {
    { PLATFORM_YOUTUBE, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired or revoked.\"}", ERROR_AUTH,
      "invalid_grant", "7 days" },
    { PLATFORM_GOOGLE_MEET, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"Bad Request\"}", ERROR_AUTH, "invalid_grant", "Testing" },
    { PLATFORM_YOUTUBE, 400, "{\"error\":\"invalid_request\",\"error_description\":\"client_secret is missing.\"}", ERROR_CONFIG,
      "invalid_request", "client_secret is missing" },
    { PLATFORM_YOUTUBE, 400, "{\"error\":\"admin_policy_enforced\"}", ERROR_FORBIDDEN, "admin_policy_enforced", "administrator" },
    { PLATFORM_YOUTUBE, 401, "{\"error\":\"invalid_client\",\"error_description\":\"The OAuth client was not found.\"}", ERROR_CONFIG,
      "invalid_client", "client_id" },
    { PLATFORM_YOUTUBE, 401, "{\"error\":\"deleted_client\"}", ERROR_CONFIG, "deleted_client", "Restore" },
    { PLATFORM_YOUTUBE, 403, "{\"error\":\"org_internal\"}", ERROR_FORBIDDEN, "org_internal", "organisation" },
    { PLATFORM_ZOOM, 400, "{\"reason\":\"Invalid Token!\",\"error\":\"invalid_grant\"}", ERROR_AUTH, "invalid_grant", "Invalid Token!" },
    { PLATFORM_ZOOM, 401, "{\"reason\":\"Invalid client_id or client_secret\",\"error\":\"invalid_client\"}", ERROR_CONFIG, "invalid_client",
      "client_id" },
    { PLATFORM_ZOOM, 400, "{\"reason\":\"Redirect URI mismatch.\",\"error\":\"invalid_request\"}", ERROR_CONFIG, "redirect_uri_mismatch",
      "redirect_uri" },
    { PLATFORM_RESTREAM, 400,
      "{\"error\":{\"statusCode\":400,\"status\":400,\"code\":400,\"message\":\"Invalid grant: refresh token is invalid\",\"name\":"
      "\"invalid_grant\"}}",
      ERROR_AUTH, "invalid_grant", "refresh token is invalid" },
    { PLATFORM_FACEBOOK, 400,
      "{\"error\":{\"message\":\"This authorization code has been used.\",\"type\":\"OAuthException\",\"code\":100,\"error_subcode\":36009,"
      "\"fbtrace_id\":\"AcFb0exmpl1\"}}",
      ERROR_AUTH, "invalid_grant", "has been used" },
    { PLATFORM_FACEBOOK, 400,
      "{\"error\":{\"message\":\"Error validating access token: Session has expired.\",\"type\":\"OAuthException\",\"code\":190,"
      "\"error_subcode\":463,\"fbtrace_id\":\"AcFb0exmpl2\"}}",
      ERROR_AUTH, "invalid_grant", "Session has expired" },
    { PLATFORM_INSTAGRAM, 400,
      "{\"error_type\":\"OAuthException\",\"code\":400,\"error_message\":\"This authorization code has been used\"}", ERROR_AUTH,
      "invalid_grant", "has been used" },
    { PLATFORM_INSTAGRAM, 400,
      "{\"error\":{\"message\":\"Error validating access token: Session has expired on Sunday, 01-Nov-26 00:00:00 PST.\",\"type\":"
      "\"OAuthException\",\"code\":190,\"fbtrace_id\":\"AigExample1\"}}",
      ERROR_AUTH, "invalid_grant", "Session has expired" },
    /* Microsoft's word, and what its number says beyond that. */
    { PLATFORM_TEAMS, 400, ENTRA("invalid_grant", 70008, "The refresh token has expired due to inactivity."), ERROR_AUTH, "invalid_grant",
      "90 days" },
    { PLATFORM_TEAMS, 400, ENTRA("invalid_grant", 700082, "The refresh token has expired due to inactivity."), ERROR_AUTH, "invalid_grant",
      "90 days" },
    { PLATFORM_TEAMS, 400, ENTRA("invalid_grant", 50173, "The provided grant has expired due to it being revoked."), ERROR_AUTH,
      "invalid_grant", "password" },
    { PLATFORM_TEAMS, 400, ENTRA("interaction_required", 50076, "You must use multi-factor authentication."), ERROR_AUTH,
      "interaction_required", "second factor" },
    { PLATFORM_TEAMS, 400, ENTRA("invalid_grant", 65001, "The user or administrator has not consented to use the application."),
      ERROR_FORBIDDEN, "AADSTS65001", "accept what is asked" },
    { PLATFORM_TEAMS, 400, ENTRA("invalid_grant", 53003, "Access has been blocked by Conditional Access policies."), ERROR_FORBIDDEN,
      "AADSTS53003", "rule of the organisation" },
    { PLATFORM_TEAMS, 400, ENTRA("invalid_grant", 50020, "User account from identity provider does not exist in tenant."), ERROR_FORBIDDEN,
      "AADSTS50020", "work or school" },
    { PLATFORM_TEAMS, 400, ENTRA("unauthorized_client", 700016, "Application was not found in the directory."), ERROR_CONFIG, "AADSTS700016",
      "client_id" },
    { PLATFORM_TEAMS, 401, ENTRA("invalid_client", 700025, "Client is public so neither should be presented."), ERROR_CONFIG, "AADSTS700025",
      "without client_secret" },
    { PLATFORM_TEAMS, 401, ENTRA("invalid_client", 7000218, "The request body must contain client_assertion or client_secret."), ERROR_CONFIG,
      "AADSTS7000218", "Allow public client flows" },
    { PLATFORM_TEAMS, 401, ENTRA("invalid_client", 7000215, "Invalid client secret provided."), ERROR_CONFIG, "AADSTS7000215",
      "not its id" },
    { PLATFORM_TEAMS, 401, ENTRA("invalid_client", 7000222, "The provided client secret keys are expired."), ERROR_CONFIG, "AADSTS7000222",
      "make a new one" },
    { PLATFORM_TEAMS, 400, ENTRA("invalid_request", 90002, "Tenant not found."), ERROR_CONFIG, "AADSTS90002", "tenant=" },
    { PLATFORM_TEAMS, 400, ENTRA("invalid_grant", 500112, "The reply address does not match."), ERROR_CONFIG, "AADSTS500112",
      "http://localhost" },
    { PLATFORM_TEAMS, 503, ENTRA("temporarily_unavailable", 90033, "A transient error has occurred."), ERROR_SERVER,
      "temporarily_unavailable", "" },
};

/* ---- codes for a device ---- */

static const struct {
    enum platform_id platform;
    const char *asked, *body;
    const char *user_code, *url, *complete;
    int64_t interval_ms;
} devices[] = {
    { PLATFORM_YOUTUBE, "POST /device/code",
      "{\"device_code\":\"4/4-EXAMPLEdevicecode\",\"user_code\":\"GQVQ-JKEC\",\"verification_url\":\"https://www.google.com/device\","
      "\"expires_in\":1800,\"interval\":5}",
      "GQVQ-JKEC", "https://www.google.com/device", "", 5000 },
    { PLATFORM_ZOOM, "POST /oauth/devicecode",
      "{\"device_code\":\"GmRhmhcxhwAzkoEq\",\"user_code\":\"abcd1234\",\"verification_uri\":\"https://zoom.us/oauth_device\","
      "\"verification_uri_complete\":\"https://zoom.us/oauth/device/complete/abcd1234\",\"expires_in\":900,\"interval\":5}",
      "abcd1234", "https://zoom.us/oauth_device", "https://zoom.us/oauth/device/complete/abcd1234", 5000 },
    { PLATFORM_TEAMS, "POST /organizations/oauth2/v2.0/devicecode",
      "{\"user_code\":\"FJC3KLTQ9\",\"device_code\":\"GAQABAAEAAAAm-06blBE1TpVMil8KPQ41\",\"verification_uri\":"
      "\"https://microsoft.com/devicelogin\",\"expires_in\":900,\"interval\":5,\"message\":\"To sign in, use a web browser to open the page "
      "https://microsoft.com/devicelogin and enter the code FJC3KLTQ9 to authenticate.\"}",
      "FJC3KLTQ9", "https://microsoft.com/devicelogin", "", 5000 },
    { PLATFORM_FACEBOOK, "POST /v26.0/device/login",
      "{\"code\":\"92a2b2e351f2b0b3503b2de251132f47\",\"user_code\":\"A1NWZ9XQ\",\"verification_uri\":\"https://www.facebook.com/device\","
      "\"expires_in\":420,\"interval\":5}",
      "A1NWZ9XQ", "https://www.facebook.com/device", "", 5000 },
    /* Without an interval it is five seconds. */
    { PLATFORM_ZOOM, "POST /oauth/devicecode",
      "{\"device_code\":\"G\",\"user_code\":\"abcd1234\",\"verification_uri\":\"https://zoom.us/oauth_device\",\"expires_in\":900}", "abcd1234",
      "https://zoom.us/oauth_device", "", 5000 },
};

static const struct {
    enum platform_id platform;
    int status;
    const char *body;
    int64_t more_ms;      /* -1: it is over */
    enum error_kind kind; /* then */
} polls[] = {
    { PLATFORM_YOUTUBE, 428, "{\"error\":\"authorization_pending\",\"error_description\":\"Precondition Required\"}", 0, ERROR_NONE },
    { PLATFORM_YOUTUBE, 403, "{\"error\":\"slow_down\",\"error_description\":\"Forbidden\"}", 5000, ERROR_NONE },
    { PLATFORM_YOUTUBE, 403, "{\"error\":\"access_denied\",\"error_description\":\"Forbidden\"}", -1, ERROR_FORBIDDEN },
    { PLATFORM_YOUTUBE, 403, "{\"error_code\":\"rate_limit_exceeded\"}", 5000, ERROR_NONE },
    { PLATFORM_YOUTUBE, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"Bad Request\"}", -1, ERROR_AUTH },
    { PLATFORM_ZOOM, 400, "{\"error\":\"authorization_pending\"}", 0, ERROR_NONE },
    { PLATFORM_ZOOM, 400, "{\"error\":\"slow_down\"}", 5000, ERROR_NONE },
    { PLATFORM_ZOOM, 400, "{\"error\":\"expired_token\"}", -1, ERROR_TIMEOUT },
    { PLATFORM_TEAMS, 400,
      "{\"error\":\"authorization_pending\",\"error_description\":\"AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue "
      "polling.\",\"error_codes\":[70016]}",
      0, ERROR_NONE },
    { PLATFORM_TEAMS, 400, "{\"error\":\"slow_down\",\"error_codes\":[70016]}", 5000, ERROR_NONE },
    { PLATFORM_TEAMS, 400, "{\"error\":\"authorization_declined\",\"error_codes\":[70018]}", -1, ERROR_FORBIDDEN },
    { PLATFORM_TEAMS, 400, "{\"error\":\"bad_verification_code\",\"error_codes\":[70020]}", -1, ERROR_TIMEOUT },
    { PLATFORM_TEAMS, 400, "{\"error\":\"expired_token\",\"error_codes\":[70019]}", -1, ERROR_TIMEOUT },
    { PLATFORM_TEAMS, 401, ENTRA("invalid_client", 7000218, "The request body must contain client_secret."), -1, ERROR_CONFIG },
    { PLATFORM_FACEBOOK, 400,
      "{\"error\":{\"message\":\"The user has not yet completed the login\",\"type\":\"OAuthException\",\"code\":31,\"error_subcode\":1349174,"
      "\"fbtrace_id\":\"AcFb0exmpl3\"}}",
      0, ERROR_NONE },
    { PLATFORM_FACEBOOK, 400, "{\"error\":{\"message\":\"User request limit reached\",\"code\":17,\"error_subcode\":1349172}}", 5000, ERROR_NONE },
    { PLATFORM_FACEBOOK, 400, "{\"error\":{\"message\":\"declined\",\"code\":31,\"error_subcode\":1349173}}", -1, ERROR_FORBIDDEN },
    { PLATFORM_FACEBOOK, 400, "{\"error\":{\"message\":\"The code has expired.\",\"code\":463,\"error_subcode\":1349152}}", -1, ERROR_TIMEOUT },
};

/* clang-format on */

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

/* ---- the way there ---- */

static const struct fake_secret kept[] = { { "refresh_token", "rt0" },
                                           { "access_token", "at0" },
                                           { NULL, NULL } };

/* The platform itself, by its own table; its servers at the fake's addresses. */
static const struct platform *begin(struct fake *f, enum platform_id id,
                                    const struct fake_step *steps)
{
    fake_init(f, id, steps);
    f->call.client_id = "my-app";
    f->call.client_secret = "s3cret";
    f->call.client_token = "tok";
    f->secrets = kept;
    return platform_get(id);
}

START_TEST(tokens_are_read)
{
    const struct fake_step steps[] = {
        { .what = tokens[_i].asked, .status = 200, .answer = tokens[_i].body }, FAKE_END
    };
    struct token t;
    struct fake f;
    struct error err;
    const struct platform *p = begin(&f, tokens[_i].platform, steps);
    int64_t life = tokens[_i].life_s, refresh_life = tokens[_i].refresh_life_s;

    TEST_OK(grant_by_code(&f.call, p, "c", "http://127.0.0.1:1", "v", &t, &err), err);
    ck_assert_str_eq(t.access, tokens[_i].access);
    ck_assert_str_eq(t.refresh, tokens[_i].refresh);
    ck_assert_str_eq(t.scopes, tokens[_i].scopes);
    ck_assert_int_eq(t.expires_ms, life ? f.call.now_ms + life * 1000 : 0);
    ck_assert_int_eq(t.refresh_expires_ms, refresh_life < 0 ? INT64_C(1822039067000)
                                           : refresh_life   ? f.call.now_ms + refresh_life * 1000
                                                            : 0);
    fake_done(&f);
    fake_release(&f);
}
END_TEST

START_TEST(renewals_are_read)
{
    const struct fake_step steps[] = { { .what = renewed[_i].asked,
                                         .status = 200,
                                         .answer = renewed[_i].body,
                                         .holds = { renewed[_i].holds } },
                                       FAKE_END };
    struct token t;
    struct fake f;
    struct error err;
    const struct platform *p = begin(&f, renewed[_i].platform, steps);

    TEST_OK(grant_renew(&f.call, p, &t, &err), err);
    ck_assert_str_eq(t.access, renewed[_i].access);
    ck_assert_str_eq(t.refresh, renewed[_i].refresh);
    ck_assert_int_eq(t.expires_ms, f.call.now_ms + renewed[_i].life_s * 1000);
    fake_done(&f);
    fake_release(&f);
}
END_TEST

START_TEST(refusals_are_told)
{
    static const char *const asked[PLATFORM_COUNT] = {
        [PLATFORM_YOUTUBE] = "POST /token",
        [PLATFORM_GOOGLE_MEET] = "POST /token",
        [PLATFORM_ZOOM] = "POST /oauth/token",
        [PLATFORM_RESTREAM] = "POST /oauth/token",
        [PLATFORM_TEAMS] = "POST /organizations/oauth2/v2.0/token",
        [PLATFORM_FACEBOOK] = "GET /v26.0/oauth/access_token?",
        [PLATFORM_INSTAGRAM] = "POST /oauth/access_token",
    };
    const struct fake_step steps[] = { { .what = asked[refused[_i].platform],
                                         .status = refused[_i].status,
                                         .answer = refused[_i].body },
                                       FAKE_END };
    struct token t;
    struct fake f;
    struct error err = { 0 };
    const struct platform *p = begin(&f, refused[_i].platform, steps);

    TEST_FAILS(grant_by_code(&f.call, p, "c", "http://127.0.0.1:1", "v", &t, &err), err,
               refused[_i].kind);
    ck_assert_str_eq(err.code, refused[_i].code);
    ck_assert_msg(strstr(err.message, refused[_i].says) || strstr(err.remedy, refused[_i].says),
                  "%s %s", err.message, err.remedy);
    /* What is for Microsoft's own support is not for a person. */
    ck_assert_ptr_null(strstr(err.message, "Trace ID"));
    ck_assert_ptr_null(strstr(err.message, ".."));
    ck_assert_str_eq(t.access, "");
    fake_done(&f);
    fake_release(&f);
}
END_TEST

START_TEST(codes_for_a_device_are_shown)
{
    const struct fake_step steps[] = {
        { .what = devices[_i].asked, .status = 200, .answer = devices[_i].body }, FAKE_END
    };
    struct device d;
    struct fake f;
    struct error err;
    const struct platform *p = begin(&f, devices[_i].platform, steps);

    TEST_OK(device_start(&f.call, p, &d, &err), err);
    ck_assert_str_eq(d.user_code, devices[_i].user_code);
    ck_assert_str_eq(d.url, devices[_i].url);
    ck_assert_str_eq(d.complete, devices[_i].complete);
    ck_assert_int_eq(d.interval_ms, devices[_i].interval_ms);
    device_wipe(&d);
    fake_release(&f);
}
END_TEST

START_TEST(a_device_waits_as_it_is_told)
{
    static const char *const asked[PLATFORM_COUNT] = {
        [PLATFORM_YOUTUBE] = "POST /token",
        [PLATFORM_ZOOM] = "POST /oauth/token",
        [PLATFORM_TEAMS] = "POST /organizations/oauth2/v2.0/token",
        [PLATFORM_FACEBOOK] = "POST /v26.0/device/login_status",
    };
    const struct fake_step steps[] = {
        { .what = asked[polls[_i].platform], .status = polls[_i].status, .answer = polls[_i].body },
        FAKE_END
    };
    struct device d = { .code = "c", .interval_ms = 5000, .expires_mono = clock_mono() + 60000 };
    struct token t;
    struct fake f;
    struct error err = { 0 };
    const struct platform *p = begin(&f, polls[_i].platform, steps);
    enum device_state state = device_poll(&f.call, p, &d, &t, &err);

    ck_assert_int_eq(state, polls[_i].more_ms < 0 ? DEVICE_OVER : DEVICE_PENDING);
    ck_assert_int_eq(d.interval_ms, 5000 + (polls[_i].more_ms > 0 ? polls[_i].more_ms : 0));
    ck_assert_msg(err.kind == polls[_i].kind, "%s: %s", error_policy(err.kind)->name, err.message);
    fake_release(&f);
}
END_TEST

/* ---- long tokens ---- */

/* A code for a person's short token, that for one of sixty days, that for the Page's, which has no
 * end: only this one and the person's long one are kept. */
START_TEST(facebooks_four_steps)
{
    static const struct fake_step steps[] = {
        FAKE("GET /v26.0/oauth/access_token?", 200,
             "{\"access_token\":\"EAAEXshort\",\"token_type\":\"bearer\",\"expires_in\":5400}",
             .holds = { "client_id=my-app", "client_secret=s3cret", "code=AQB", "redirect_uri=" }),
        FAKE("GET /v26.0/oauth/access_token?", 200,
             "{\"access_token\":\"EAAEXlong\",\"token_type\":\"bearer\",\"expires_in\":5183944}",
             .holds = { "grant_type=fb_exchange_token", "fb_exchange_token=EAAEXshort" }),
        FAKE("GET /v26.0/me/accounts?", 200,
             "{\"data\":[{\"id\":\"104882011223344\",\"name\":\"Grace Chapel\",\"tasks\":["
             "\"MODERATE\",\"CREATE_CONTENT\",\"MANAGE\"],\"access_token\":\"EAAEXpage\","
             "\"followers_count\":812}],\"paging\":{\"cursors\":{\"before\":\"MTA0\",\"after\":"
             "\"MTA0\"}}}",
             .holds = { "access_token=EAAEXlong", "appsecret_proof=" }),
        FAKE_END
    };
    struct oauth_found found = { .count = 0 };
    struct fake_secret now[2] = { { "user_token", "EAAEXlong" }, { NULL, NULL } };
    struct token t;
    struct fake f;
    struct error err;
    const struct platform *p = begin(&f, PLATFORM_FACEBOOK, steps);

    TEST_OK(grant_by_code(&f.call, p, "AQB", "http://localhost:1/", "v", &t, &err), err);
    TEST_OK(grant_lengthen(&f.call, p, &t, &err), err);
    ck_assert_str_eq(t.access, "EAAEXlong");
    ck_assert_int_eq(t.expires_ms, f.call.now_ms + INT64_C(5183944000));
    f.secrets = now; /* as the caller gives what was found */
    TEST_OK(p->oauth->settle(&f.call, &t, &found, &err), err);
    ck_assert_str_eq(t.access, "");
    ck_assert_uint_eq(found.count, 3);
    for (size_t i = 0; i < found.count; i++) {
        const char *key = found.list[i].key, *value = found.list[i].value;

        ck_assert_str_eq(value, text_equal(key, "user_token")   ? "EAAEXlong"
                                : text_equal(key, "page_token") ? "EAAEXpage"
                                                                : "104882011223344");
    }
    fake_done(&f);
    oauth_found_wipe(&found);
    fake_release(&f);
}
END_TEST

START_TEST(instagrams_long_token)
{
    static const struct fake_step steps[] = {
        FAKE("POST /oauth/access_token", 200,
             "{\"access_token\":\"IGAAExshort\",\"user_id\":\"17841400000000011\",\"permissions\":"
             "\"instagram_business_basic,instagram_business_manage_comments\"}",
             .holds = { "client_id=my-app", "client_secret=s3cret", "grant_type=authorization_code",
                        "code=AQB" }),
        FAKE("GET /access_token?", 200,
             "{\"access_token\":\"IGAAExlong\",\"token_type\":\"bearer\",\"expires_in\":5183944}",
             .holds = { "grant_type=ig_exchange_token", "client_secret=s3cret",
                        "access_token=IGAAExshort" }),
        FAKE_END
    };
    struct token t;
    struct fake f;
    struct error err;
    const struct platform *p = begin(&f, PLATFORM_INSTAGRAM, steps);

    TEST_OK(grant_by_code(&f.call, p, "AQB", "https://live.example.org/cb", "v", &t, &err), err);
    TEST_OK(grant_lengthen(&f.call, p, &t, &err), err);
    ck_assert_str_eq(t.access, "IGAAExlong");
    ck_assert_int_gt(t.expires_ms, f.call.now_ms + 59 * DAY * 1000);
    /* The long one does not name them again. */
    ck_assert_str_eq(t.scopes, "instagram_business_basic instagram_business_manage_comments");
    fake_done(&f);
    fake_release(&f);
}
END_TEST

/* Less is consented to than was: Microsoft is asked once more, for what is left. */
START_TEST(a_consent_that_was_narrowed)
{
    static const struct fake_step steps[] = {
        FAKE("POST /organizations/oauth2/v2.0/token", 400,
             ENTRA("invalid_grant", 65001, "The user or administrator has not consented."),
             .holds = { "scope=openid" }),
        FAKE("POST /organizations/oauth2/v2.0/token", 200,
             "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"expires_in\":3599,\"scope\":"
             "\"User.Read\"}",
             .holds = { "grant_type=refresh_token", "refresh_token=rt0" }, .lacks = { "scope=" }),
        FAKE("POST /organizations/oauth2/v2.0/token", 400,
             ENTRA("invalid_grant", 70008, "The refresh token has expired due to inactivity.")),
        FAKE_END
    };
    struct token t;
    struct fake f;
    struct error err;
    const struct platform *p = begin(&f, PLATFORM_TEAMS, steps);

    TEST_OK(grant_renew(&f.call, p, &t, &err), err);
    ck_assert_str_eq(t.scopes, "User.Read");
    TEST_FAILS(grant_renew(&f.call, p, &t, &err), err, ERROR_AUTH);
    fake_done(&f);
    fake_release(&f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("oauth_wire");
    TCase *c = tcase_create("oauth_wire");

    tcase_add_loop_test(c, tokens_are_read, 0, COUNT(tokens));
    tcase_add_loop_test(c, renewals_are_read, 0, COUNT(renewed));
    tcase_add_loop_test(c, refusals_are_told, 0, COUNT(refused));
    tcase_add_loop_test(c, codes_for_a_device_are_shown, 0, COUNT(devices));
    tcase_add_loop_test(c, a_device_waits_as_it_is_told, 0, COUNT(polls));
    tcase_add_test(c, facebooks_four_steps);
    tcase_add_test(c, instagrams_long_token);
    tcase_add_test(c, a_consent_that_was_narrowed);
    suite_add_tcase(s, c);
    return test_run(s);
}

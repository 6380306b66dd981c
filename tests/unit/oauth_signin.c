/* The sign-ins as the platforms' tables describe them: addresses, codes and devices' codes for
 * tokens, refusals. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/oauth/signin.h>

#include "fakecall.h"
#include "platform/profiles.h"
#include "testlib.h"

/* Platforms as far as a sign-in looks at them. */
static const struct credential app[] = { { .key = "client_id" },
                                         { .key = "tenant", .otherwise = "organizations" },
                                         { .key = NULL } };

static struct platform platform(enum platform_id id, const struct oauth_profile *o)
{
    static const char *const bases[PLATFORM_COUNT] = {
        [PLATFORM_RESTREAM] = "https://api.restream.io",
        [PLATFORM_ZOOM] = "https://zoom.us",
        [PLATFORM_GOOGLE_MEET] = "https://oauth2.googleapis.com",
        [PLATFORM_TEAMS] = "https://login.microsoftonline.com",
        [PLATFORM_INSTAGRAM] = "https://graph.instagram.com",
        [PLATFORM_YOUTUBE] = "https://oauth2.googleapis.com",
        [PLATFORM_FACEBOOK] = "https://graph.facebook.com",
    };

    return (struct platform){ .id = id, .oauth = o, .auth_base = bases[id], .credentials = app };
}

static const struct {
    enum platform_id id;
    const struct oauth_profile *profile;
} all[] = { { PLATFORM_YOUTUBE, &oauth_youtube },   { PLATFORM_GOOGLE_MEET, &oauth_google_meet },
            { PLATFORM_FACEBOOK, &oauth_facebook }, { PLATFORM_INSTAGRAM, &oauth_instagram },
            { PLATFORM_ZOOM, &oauth_zoom },         { PLATFORM_TEAMS, &oauth_teams },
            { PLATFORM_RESTREAM, &oauth_restream } };
enum { ALL = sizeof all / sizeof *all };

/* A fake at the platform's own addresses, with an app. */
static void begin(struct fake *f, const struct platform *p, const struct fake_step *steps)
{
    fake_init(f, p->id, steps);
    f->call.auth_base = p->auth_base;
    f->call.client_id = "my-app";
    f->call.client_secret = "s3cret";
    f->call.client_token = "tok";
}

/* ---- PKCE, state ---- */

START_TEST(the_proof_is_rfc_7636s)
{
    char challenge[PKCE_SIZE], one[PKCE_SIZE], two[PKCE_SIZE], hash[65];

    pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", challenge);
    ck_assert_str_eq(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    pkce_verifier(one);
    pkce_verifier(two);
    ck_assert_uint_eq(strlen(one), 43);
    ck_assert_str_ne(one, two);
    ck_assert_uint_eq(
        strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
    state_hash("abc", hash);
    ck_assert_str_eq(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

/* ---- addresses ---- */

static const char *const addresses[ALL] = {
    "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=my-app&redirect_uri="
    "http%3A%2F%2F127.0.0.1%3A4711&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fyoutube&state=st"
    "&code_challenge=ch&code_challenge_method=S256&access_type=offline&prompt=consent",
    "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=my-app&redirect_uri="
    "http%3A%2F%2F127.0.0.1%3A4711&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcalendar.events"
    "%20https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fmeetings.space.created%20https%3A%2F%2F"
    "www.googleapis.com%2Fauth%2Fmeetings.space.settings%20openid%20email&state=st&code_challenge="
    "ch&code_challenge_method=S256&access_type=offline&prompt=consent",
    "https://www.facebook.com/v26.0/dialog/oauth?response_type=code&client_id=my-app&redirect_uri="
    "http%3A%2F%2F127.0.0.1%3A4711&scope=pages_show_list%2Cpages_read_engagement%2C"
    "pages_manage_posts&state=st&code_challenge=ch&code_challenge_method=S256",
    "https://www.instagram.com/oauth/authorize?response_type=code&client_id=my-app&redirect_uri="
    "http%3A%2F%2F127.0.0.1%3A4711&scope=instagram_business_basic%2Cinstagram_business_manage_"
    "comments&state=st&code_challenge=ch&code_challenge_method=S256",
    "https://zoom.us/oauth/authorize?response_type=code&client_id=my-app&redirect_uri="
    "http%3A%2F%2F127.0.0.1%3A4711&state=st&code_challenge=ch&code_challenge_method=S256",
    "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize?response_type=code&"
    "client_id=my-app&redirect_uri=http%3A%2F%2F127.0.0.1%3A4711&scope=openid%20profile%20"
    "offline_access%20User.Read%20Calendars.ReadWrite%20OnlineMeetings.ReadWrite&state=st&"
    "code_challenge=ch&code_challenge_method=S256&response_mode=query&prompt=select_account",
    "https://api.restream.io/login?response_type=code&client_id=my-app&redirect_uri="
    "http%3A%2F%2F127.0.0.1%3A4711&state=st&code_challenge=ch&code_challenge_method=S256",
};

START_TEST(addresses_are_the_platforms)
{
    const struct authorize how = { "http://127.0.0.1:4711", "st", "ch" };
    struct platform p = platform(all[_i].id, all[_i].profile);
    struct fake f;
    struct error err;
    struct text url;

    begin(&f, &p, (struct fake_step[]){ FAKE_END });
    text_init(&url, 4096);
    TEST_OK(authorize_url(&f.call, &p, &how, &url, &err), err);
    ck_assert_str_eq(text_str(&url), addresses[_i]);
    text_release(&url);
    fake_release(&f);
}
END_TEST

START_TEST(a_configured_base_goes_before)
{
    const struct authorize how = { "http://127.0.0.1:4711", "st", NULL };
    struct platform p = platform(PLATFORM_YOUTUBE, &oauth_youtube);
    char issuer[300];
    struct fake f;
    struct error err;
    struct text url;

    begin(&f, &p, (struct fake_step[]){ FAKE_END });
    authorize_issuer(&f.call, &p, issuer, sizeof issuer);
    ck_assert_str_eq(issuer, "https://accounts.google.com");
    f.call.auth_base = "https://auth.test";
    text_init(&url, 4096);
    TEST_OK(authorize_url(&f.call, &p, &how, &url, &err), err);
    ck_assert(text_starts(text_str(&url), "https://auth.test/o/oauth2/v2/auth?"));
    ck_assert_ptr_null(strstr(text_str(&url), "code_challenge"));
    authorize_issuer(&f.call, &p, issuer, sizeof issuer);
    ck_assert_str_eq(issuer, "https://auth.test");
    text_release(&url);
    fake_release(&f);
}
END_TEST

START_TEST(a_tenant_is_one)
{
    static const struct fake_secret evil[] = { { "tenant", "a/../b" }, { NULL, NULL } };
    const struct authorize how = { "http://localhost:4711", "st", "ch" };
    struct platform p = platform(PLATFORM_TEAMS, &oauth_teams);
    struct fake f;
    struct error err;
    struct text url;

    begin(&f, &p, (struct fake_step[]){ FAKE_END });
    f.secrets = evil;
    text_init(&url, 4096);
    TEST_FAILS(authorize_url(&f.call, &p, &how, &url, &err), err, ERROR_INPUT);
    text_release(&url);
    fake_release(&f);
}
END_TEST

START_TEST(what_is_wanting_is_named)
{
    struct platform p = platform(all[_i].id, all[_i].profile);
    struct fake f;
    struct error err;

    begin(&f, &p, (struct fake_step[]){ FAKE_END });
    TEST_OK(authorize_check(&f.call, &p, false, &err), err);
    f.call.client_id = "";
    TEST_FAILS(authorize_check(&f.call, &p, false, &err), err, ERROR_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "client_id"));
    f.call.client_id = "my-app";
    f.call.client_secret = "";
    error_clear(&err);
    ck_assert_int_eq(authorize_check(&f.call, &p, false, &err), !p.oauth->secret_needed);
    fake_release(&f);
}
END_TEST

START_TEST(the_tables_are_whole)
{
    const struct oauth_profile *o = all[_i].profile;

    ck_assert(text_starts(o->authorize_path, "/") && text_starts(o->token_path, "/"));
    ck_assert(o->scope_separator == ' ' || o->scope_separator == ',');
    ck_assert(o->scopes && o->scopes->scope);
    ck_assert(oauth_takes(o, "client_id") && oauth_takes(o, "client_secret"));
    ck_assert(!oauth_takes(o, "client") && !oauth_takes(o, "refresh_token"));
    ck_assert(o->refresh != OAUTH_REFRESH_EXTENDS || (o->extend_path && o->extend_parameter));
    ck_assert(!o->loopback_path || o->loopback_path[0] == '\0' || o->loopback_path[0] == '/');
    ck_assert(text_starts(o->issuer, "https://"));
}
END_TEST

/* ---- codes for tokens ---- */

START_TEST(google_takes_the_app_in_the_form)
{
    static const struct fake_step steps[] = {
        FAKE("POST /token", 200,
             "{\"access_token\":\"ya29.x\",\"expires_in\":3599,\"refresh_token\":\"1//0r\","
             "\"scope\":\"https://www.googleapis.com/auth/youtube "
             "openid\",\"token_type\":\"Bearer\"}",
             .holds = { "grant_type=authorization_code", "code=4%2F0A", "code_verifier=ver",
                        "client_id=my-app", "client_secret=s3cret",
                        "redirect_uri=http%3A%2F%2F127.0.0.1%3A4711",
                        "application/x-www-form-urlencoded" },
             .lacks = { "Authorization" }),
        FAKE_END
    };
    struct platform p = platform(PLATFORM_YOUTUBE, &oauth_youtube);
    struct token t;
    struct fake f;
    struct error err;

    begin(&f, &p, steps);
    f.call.auth_base = "https://auth.test";
    TEST_OK(grant_by_code(&f.call, &p, "4/0A", "http://127.0.0.1:4711", "ver", &t, &err), err);
    ck_assert_str_eq(t.access, "ya29.x");
    ck_assert_str_eq(t.refresh, "1//0r");
    ck_assert_str_eq(t.scopes, "https://www.googleapis.com/auth/youtube openid");
    ck_assert_int_eq(t.expires_ms, f.call.now_ms + 3599000);
    fake_done(&f);
    fake_release(&f);
}
END_TEST

START_TEST(zoom_takes_it_in_the_header)
{
    static const struct fake_step steps[] = {
        FAKE("POST /oauth/token", 200, "{\"access_token\":\"a\",\"refresh_token\":\"r\"}",
             .holds = { "Authorization: Basic bXktYXBwOnMzY3JldA==" },
             .lacks = { "client_id", "client_secret" }),
        /* A public client has no secret, and its id stands in the form. */
        FAKE("POST /oauth/token", 200, "{\"access_token\":\"a\",\"refresh_token\":\"r\"}",
             .holds = { "client_id=my-app" }, .lacks = { "client_secret", "Authorization" }),
        FAKE_END
    };
    struct platform p = platform(PLATFORM_ZOOM, &oauth_zoom);
    struct token t;
    struct fake f;
    struct error err;

    begin(&f, &p, steps);
    f.call.auth_base = "https://auth.test";
    TEST_OK(grant_by_code(&f.call, &p, "c", "http://127.0.0.1:4711", "v", &t, &err), err);
    f.call.client_secret = "";
    TEST_OK(grant_by_code(&f.call, &p, "c", "http://127.0.0.1:4711", "v", &t, &err), err);
    fake_done(&f);
    fake_release(&f);
}
END_TEST

START_TEST(facebook_lengthens)
{
    static const struct fake_step steps[] = {
        FAKE("GET /v26.0/oauth/access_token?", 200,
             "{\"access_token\":\"short\",\"token_type\":\"bearer\",\"expires_in\":5400}",
             .holds = { "code=AQB", "client_secret=s3cret" }, .lacks = { "grant_type" }),
        FAKE("GET /v26.0/oauth/access_token?", 200,
             "{\"access_token\":\"long\",\"expires_in\":5183944}",
             .holds = { "grant_type=fb_exchange_token", "fb_exchange_token=short",
                        "client_id=my-app", "client_secret=s3cret" }),
        FAKE_END
    };
    struct platform p = platform(PLATFORM_FACEBOOK, &oauth_facebook);
    struct token t;
    struct fake f;
    struct error err;

    begin(&f, &p, steps);
    f.call.auth_base = "https://auth.test";
    TEST_OK(grant_by_code(&f.call, &p, "AQB", "http://localhost:4711/", "v", &t, &err), err);
    TEST_OK(grant_lengthen(&f.call, &p, &t, &err), err);
    ck_assert_str_eq(t.access, "long");
    /* What is long already stays. */
    TEST_OK(grant_lengthen(&f.call, &p, &t, &err), err);
    fake_done(&f);
    fake_release(&f);
}
END_TEST

START_TEST(answers_of_other_shapes_are_read)
{
    static const struct fake_step steps[] = {
        FAKE("POST /oauth/access_token", 200,
             "{\"data\":[{\"access_token\":\"IG\",\"user_id\":\"1\",\"permissions\":"
             "\"instagram_business_basic,instagram_business_manage_comments\"}]}"),
        FAKE(
            "POST /oauth/token", 200,
            "{\"access_token\":\"2a\",\"expires\":1790506667,\"expires_in\":3600,\"refresh_token\":"
            "\"7b\",\"refreshTokenExpiresEpoch\":1822039067,\"scopeJson\":[\"profile.read\","
            "\"channels.default.read\"]}"),
        FAKE("POST /oauth/token", 200, "{\"token_type\":\"bearer\"}"),
        FAKE("POST /oauth/token", 200, "<html>", .html = true), FAKE_END
    };
    struct platform ig = platform(PLATFORM_INSTAGRAM, &oauth_instagram);
    struct platform rs = platform(PLATFORM_RESTREAM, &oauth_restream);
    struct token t;
    struct fake f;
    struct error err;

    begin(&f, &ig, steps);
    f.call.auth_base = "https://auth.test";
    TEST_OK(grant_by_code(&f.call, &ig, "c", "https://x.example/cb", "v", &t, &err), err);
    ck_assert_str_eq(t.access, "IG");
    ck_assert_str_eq(t.scopes, "instagram_business_basic instagram_business_manage_comments");
    TEST_OK(grant_by_code(&f.call, &rs, "c", "http://127.0.0.1:8482/restream", "v", &t, &err), err);
    ck_assert_str_eq(t.scopes, "profile.read channels.default.read");
    ck_assert_int_eq(t.refresh_expires_ms, INT64_C(1822039067000));
    TEST_FAILS(grant_by_code(&f.call, &rs, "c", "http://127.0.0.1:1", "v", &t, &err), err,
               ERROR_GARBAGE);
    TEST_FAILS(grant_by_code(&f.call, &rs, "c", "http://127.0.0.1:1", "v", &t, &err), err,
               ERROR_GARBAGE);
    fake_done(&f);
    fake_release(&f);
}
END_TEST

START_TEST(renewing_says_what_the_platform_wants)
{
    static const struct fake_secret kept[] = { { "refresh_token", "rt" },
                                               { "access_token", "at" },
                                               { NULL, NULL } };
    static const struct fake_step steps[] = {
        FAKE("POST /organizations/oauth2/v2.0/token", 200, "{\"access_token\":\"a\"}",
             .holds = { "grant_type=refresh_token", "refresh_token=rt", "scope=openid%20" }),
        FAKE("GET /refresh_access_token?", 200, "{\"access_token\":\"b\",\"expires_in\":5183944}",
             .holds = { "https://api.test/", "grant_type=ig_refresh_token", "access_token=at" },
             .lacks = { "client_secret" }),
        FAKE_END
    };
    struct platform teams = platform(PLATFORM_TEAMS, &oauth_teams);
    struct platform ig = platform(PLATFORM_INSTAGRAM, &oauth_instagram);
    struct platform fb = platform(PLATFORM_FACEBOOK, &oauth_facebook);
    struct token t;
    struct fake f;
    struct error err;

    begin(&f, &teams, steps);
    f.secrets = kept;
    f.call.auth_base = "https://auth.test";
    TEST_OK(grant_renew(&f.call, &teams, &t, &err), err);
    ck_assert_str_eq(t.refresh, "");
    TEST_OK(grant_renew(&f.call, &ig, &t, &err), err);
    ck_assert_str_eq(t.access, "b");
    TEST_FAILS(grant_renew(&f.call, &fb, &t, &err), err, ERROR_AUTH);
    fake_done(&f);
    fake_release(&f);
}
END_TEST

/* ---- refusals ---- */

static const struct {
    int status;
    const char *body;
    enum error_kind kind;
    const char *code;
} refusals[] = {
    { 400, "{\"error\":\"invalid_grant\",\"error_description\":\"Bad Request\"}", ERROR_AUTH,
      "invalid_grant" },
    { 400, "{\"reason\":\"Invalid Token!\",\"error\":\"invalid_grant\"}", ERROR_AUTH,
      "invalid_grant" },
    { 400,
      "{\"error\":{\"statusCode\":400,\"message\":\"Invalid grant\",\"name\":\"invalid_grant\"}}",
      ERROR_AUTH, "invalid_grant" },
    { 400, "{\"error_type\":\"OAuthException\",\"code\":400,\"error_message\":\"used\"}",
      ERROR_AUTH, "invalid_grant" },
    { 400, "{\"error\":{\"message\":\"used\",\"code\":100,\"error_subcode\":36009}}", ERROR_AUTH,
      "invalid_grant" },
    { 400, "{\"error\":{\"message\":\"expired\",\"code\":190,\"error_subcode\":463}}", ERROR_AUTH,
      "invalid_grant" },
    { 400, "{\"error\":\"interaction_required\",\"error_codes\":[50076]}", ERROR_AUTH,
      "interaction_required" },
    { 401, "{\"error\":\"invalid_client\"}", ERROR_CONFIG, "invalid_client" },
    { 401, "{}", ERROR_CONFIG, "invalid_client" },
    { 400, "{\"error\":{\"message\":\"Error validating client secret.\",\"code\":1}}", ERROR_CONFIG,
      "invalid_client" },
    { 400, "{\"error\":{\"message\":\"Unknown app\",\"code\":101}}", ERROR_CONFIG,
      "invalid_client" },
    { 400, "{\"error\":\"unauthorized_client\"}", ERROR_CONFIG, "unauthorized_client" },
    { 400, "{\"error\":\"redirect_uri_mismatch\"}", ERROR_CONFIG, "redirect_uri_mismatch" },
    { 400, "{\"error\":\"something_new\"}", ERROR_CONFIG, "something_new" },
    { 403, "{\"error\":\"org_internal\"}", ERROR_FORBIDDEN, "org_internal" },
    { 403, "{\"error_code\":\"rate_limit_exceeded\"}", ERROR_RATE, "rate_limit_exceeded" },
    { 429, "{}", ERROR_RATE, "" },
    { 400, "{\"error\":{\"message\":\"limit\",\"code\":4}}", ERROR_RATE, "rate_limit_exceeded" },
    { 503, "{\"error\":\"temporarily_unavailable\"}", ERROR_SERVER, "temporarily_unavailable" },
    { 500, "{\"error\":{\"message\":\"An unknown error\",\"code\":1}}", ERROR_SERVER, "" },
    { 500, "{\"error\":\"invalid_grant\"}", ERROR_SERVER, "invalid_grant" },
    { 502, "<html>Bad gateway</html>", ERROR_SERVER, "" },
    { 404, "<html>Not here</html>", ERROR_GARBAGE, "" },
};

START_TEST(refusals_are_judged)
{
    const struct fake_step steps[] = { { .what = "POST /oauth/token",
                                         .status = refusals[_i].status,
                                         .answer = refusals[_i].body,
                                         .html = true,
                                         .headers = { "Retry-After: 7" } },
                                       FAKE_END };
    struct platform p = platform(PLATFORM_RESTREAM, &oauth_restream);
    struct token t;
    struct fake f;
    struct error err;

    begin(&f, &p, steps);
    f.call.auth_base = "https://auth.test";
    TEST_FAILS(grant_by_code(&f.call, &p, "c", "http://127.0.0.1:1", "v", &t, &err), err,
               refusals[_i].kind);
    ck_assert_str_eq(err.code, refusals[_i].code);
    ck_assert_str_eq(err.platform, "restream");
    ck_assert_int_eq(err.retry_after_ms,
                     refusals[_i].kind == ERROR_RATE || refusals[_i].kind == ERROR_SERVER ? 7000
                                                                                          : 0);
    ck_assert_str_eq(t.access, "");
    fake_done(&f);
    fake_release(&f);
}
END_TEST

START_TEST(a_servers_words_are_cleaned_and_cut)
{
    char body[2000];
    struct fake_step steps[] = { { .what = "POST /oauth/token", .status = 400, .answer = body },
                                 FAKE_END };
    struct platform p = platform(PLATFORM_RESTREAM, &oauth_restream);
    struct token t;
    struct fake f;
    struct error err;
    size_t n = (size_t)snprintf(body, sizeof body,
                                "{\"error\":\"invalid_grant\",\"error_description\":\"\\u001b[31m");

    memset(body + n, 'x', 1000);
    snprintf(body + n + 1000, sizeof body - n - 1000, "\"}");
    begin(&f, &p, steps);
    f.call.auth_base = "https://auth.test";
    TEST_FAILS(grant_by_code(&f.call, &p, "c", "http://127.0.0.1:1", "v", &t, &err), err,
               ERROR_AUTH);
    ck_assert_ptr_null(strchr(err.message, '\033'));
    ck_assert_uint_lt(strlen(err.message), 300);
    fake_release(&f);
}
END_TEST

/* ---- devices ---- */

#define PENDING_GOOGLE                                                                             \
    "{\"error\":\"authorization_pending\",\"error_description\":\"Precondition Required\"}"

START_TEST(googles_device_goes_its_way)
{
    static const struct fake_step steps[] = {
        FAKE("POST /device/code", 200,
             "{\"device_code\":\"4/4-dev\",\"user_code\":\"GQVQ-JKEC\",\"verification_url\":"
             "\"https://www.google.com/device\",\"expires_in\":1800,\"interval\":5}",
             .holds = { "client_id=my-app",
                        "scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fyoutube" },
             .lacks = { "client_secret", "force-ssl" }),
        FAKE("POST /token", 428, PENDING_GOOGLE,
             .holds = { "device_code=4%2F4-dev", "client_secret=s3cret",
                        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code" }),
        FAKE("POST /token", 403, "{\"error\":\"slow_down\",\"error_description\":\"Forbidden\"}"),
        FAKE("POST /token", 0, NULL, .fails = ERROR_NET_PRE),
        FAKE("POST /token", 200,
             "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"expires_in\":3599}"),
        FAKE_END
    };
    struct platform p = platform(PLATFORM_YOUTUBE, &oauth_youtube);
    struct device d;
    struct token t;
    struct fake f;
    struct error err;

    begin(&f, &p, steps);
    f.call.auth_base = "https://auth.test";
    TEST_OK(device_start(&f.call, &p, &d, &err), err);
    ck_assert_str_eq(d.user_code, "GQVQ-JKEC");
    ck_assert_str_eq(d.url, "https://www.google.com/device");
    ck_assert_str_eq(d.complete, "");
    ck_assert_int_eq(d.interval_ms, 5000);
    ck_assert_int_eq(device_poll(&f.call, &p, &d, &t, &err), DEVICE_PENDING);
    ck_assert_int_eq(d.interval_ms, 5000);
    ck_assert_int_eq(device_poll(&f.call, &p, &d, &t, &err), DEVICE_PENDING);
    ck_assert_int_eq(d.interval_ms, 10000);
    ck_assert_int_eq(device_poll(&f.call, &p, &d, &t, &err), DEVICE_PENDING);
    ck_assert_int_eq(d.interval_ms, 20000);
    ck_assert_int_eq(device_poll(&f.call, &p, &d, &t, &err), DEVICE_DONE);
    ck_assert_str_eq(t.refresh, "r");
    fake_done(&f);
    fake_release(&f);
}
END_TEST

START_TEST(facebooks_device_goes_another)
{
    static const struct fake_step steps[] = {
        FAKE("POST /v26.0/device/login", 200,
             "{\"code\":\"92a2\",\"user_code\":\"A1NWZ9XQ\",\"verification_uri\":"
             "\"https://www.facebook.com/device\",\"expires_in\":420,\"interval\":5}",
             .holds = { "access_token=my-app%7Ctok", "scope=pages_show_list%2C" },
             .lacks = { "client_secret" }),
        FAKE("POST /v26.0/device/login_status", 400,
             "{\"error\":{\"message\":\"not yet\",\"code\":31,\"error_subcode\":1349174}}",
             .holds = { "access_token=my-app%7Ctok", "code=92a2" }),
        FAKE("POST /v26.0/device/login_status", 400,
             "{\"error\":{\"message\":\"too fast\",\"code\":17,\"error_subcode\":1349172}}"),
        FAKE("POST /v26.0/device/login_status", 200,
             "{\"access_token\":\"EAAE\",\"expires_in\":5183996}"),
        FAKE_END
    };
    struct platform p = platform(PLATFORM_FACEBOOK, &oauth_facebook);
    struct device d;
    struct token t;
    struct fake f;
    struct error err;

    begin(&f, &p, steps);
    f.call.auth_base = "https://auth.test";
    TEST_OK(device_start(&f.call, &p, &d, &err), err);
    ck_assert_int_eq(device_poll(&f.call, &p, &d, &t, &err), DEVICE_PENDING);
    ck_assert_int_eq(device_poll(&f.call, &p, &d, &t, &err), DEVICE_PENDING);
    ck_assert_int_eq(d.interval_ms, 10000);
    ck_assert_int_eq(device_poll(&f.call, &p, &d, &t, &err), DEVICE_DONE);
    ck_assert_str_eq(t.access, "EAAE");
    fake_done(&f);
    fake_release(&f);
}
END_TEST

static const struct {
    int status;
    const char *body;
    enum error_kind kind;
} ends[] = {
    { 400, "{\"error\":\"expired_token\"}", ERROR_TIMEOUT },
    { 403, "{\"error\":\"access_denied\",\"error_description\":\"Forbidden\"}", ERROR_FORBIDDEN },
    { 400, "{\"error\":\"authorization_declined\"}", ERROR_FORBIDDEN },
    { 400, "{\"error\":\"invalid_grant\"}", ERROR_AUTH },
    { 401, "{\"error\":\"invalid_client\"}", ERROR_CONFIG },
    { 400, "{\"error\":{\"message\":\"declined\",\"code\":31,\"error_subcode\":1349173}}",
      ERROR_FORBIDDEN },
    { 400, "{\"error\":{\"message\":\"expired\",\"code\":463,\"error_subcode\":1349152}}",
      ERROR_TIMEOUT },
};

START_TEST(a_device_ends)
{
    const struct fake_step steps[] = {
        { .what = "POST /token", .status = ends[_i].status, .answer = ends[_i].body }, FAKE_END
    };
    struct platform p = platform(PLATFORM_YOUTUBE, &oauth_youtube);
    struct device d = { .code = "c", .interval_ms = 5000, .expires_mono = clock_mono() + 60000 };
    struct token t;
    struct fake f;
    struct error err = { 0 };

    begin(&f, &p, steps);
    f.call.auth_base = "https://auth.test";
    ck_assert_int_eq(device_poll(&f.call, &p, &d, &t, &err), DEVICE_OVER);
    ck_assert_msg(err.kind == ends[_i].kind, "%s: %s", error_policy(err.kind)->name, err.message);
    fake_done(&f);
    fake_release(&f);
}
END_TEST

START_TEST(a_device_that_is_too_old_is_told)
{
    static const struct fake_step steps[] = { FAKE("POST /token", 428, PENDING_GOOGLE), FAKE_END };
    struct platform p = platform(PLATFORM_YOUTUBE, &oauth_youtube);
    struct device d = { .code = "c", .interval_ms = 5000, .expires_mono = clock_mono() - 1 };
    struct token t;
    struct fake f;
    struct error err = { 0 };

    begin(&f, &p, steps);
    f.call.auth_base = "https://auth.test";
    ck_assert_int_eq(device_poll(&f.call, &p, &d, &t, &err), DEVICE_OVER);
    ck_assert_int_eq(err.kind, ERROR_TIMEOUT);
    fake_release(&f);
}
END_TEST

static const char *const bad_devices[] = {
    "{\"device_code\":\"d\",\"user_code\":\"U\",\"verification_uri\":\"http://evil.example/\"}",
    "{\"device_code\":\"d\",\"user_code\":\"U\",\"verification_uri\":\"https://x/\\u001b[2J\"}",
    "{\"device_code\":\"d\",\"user_code\":\"U\\u001b[2J\",\"verification_uri\":\"https://x/\"}",
    "{\"device_code\":\"d\",\"verification_uri\":\"https://x/\"}",
    "{\"device_code\":\"d\",\"user_code\":\"\",\"verification_uri\":\"https://x/\"}",
    "{}",
};

START_TEST(what_cannot_be_shown_is_refused)
{
    const struct fake_step steps[] = {
        { .what = "POST /device/code", .status = 200, .answer = bad_devices[_i] }, FAKE_END
    };
    struct platform p = platform(PLATFORM_YOUTUBE, &oauth_youtube);
    struct device d;
    struct fake f;
    struct error err;

    begin(&f, &p, steps);
    f.call.auth_base = "https://auth.test";
    TEST_FAILS(device_start(&f.call, &p, &d, &err), err, ERROR_GARBAGE);
    fake_release(&f);
}
END_TEST

/* ---- permissions ---- */

START_TEST(missing_permissions_are_found)
{
    const struct oauth_scope *missing[16];

    ck_assert_uint_eq(scopes_missing(&oauth_zoom, "", missing, 16), 0); /* nothing is known */
    ck_assert_uint_eq(
        scopes_missing(&oauth_zoom,
                       "user:read:user meeting:read:meeting meeting:write:meeting "
                       "meeting:read:list_meetings meeting:update:meeting meeting:delete:meeting",
                       missing, 16),
        1);
    ck_assert_str_eq(missing[0]->scope, "meeting:update:status");
    ck_assert_uint_eq(missing[0]->needed, OAUTH_FOR_END);
    /* The older, wider names do as well. */
    ck_assert_uint_eq(
        scopes_missing(&oauth_zoom, "user:read meeting:read meeting:write", missing, 16), 0);
    ck_assert_uint_eq(scopes_missing(&oauth_youtube,
                                     "https://www.googleapis.com/auth/youtube.force-ssl", missing,
                                     16),
                      0);
    ck_assert_uint_eq(scopes_missing(&oauth_youtube, "openid", missing, 16), 1);
    /* Case and resource differ at Microsoft, and what it never lists is not missed. */
    ck_assert_uint_eq(scopes_missing(&oauth_teams,
                                     "https://graph.microsoft.com/user.read Calendars.ReadWrite "
                                     "onlinemeetings.readwrite",
                                     missing, 16),
                      0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("oauth_signin");
    TCase *c = tcase_create("oauth_signin");

    tcase_add_test(c, the_proof_is_rfc_7636s);
    tcase_add_loop_test(c, addresses_are_the_platforms, 0, ALL);
    tcase_add_test(c, a_configured_base_goes_before);
    tcase_add_test(c, a_tenant_is_one);
    tcase_add_loop_test(c, what_is_wanting_is_named, 0, ALL);
    tcase_add_loop_test(c, the_tables_are_whole, 0, ALL);
    tcase_add_test(c, google_takes_the_app_in_the_form);
    tcase_add_test(c, zoom_takes_it_in_the_header);
    tcase_add_test(c, facebook_lengthens);
    tcase_add_test(c, answers_of_other_shapes_are_read);
    tcase_add_test(c, renewing_says_what_the_platform_wants);
    tcase_add_loop_test(c, refusals_are_judged, 0, (int)(sizeof refusals / sizeof *refusals));
    tcase_add_test(c, a_servers_words_are_cleaned_and_cut);
    tcase_add_test(c, googles_device_goes_its_way);
    tcase_add_test(c, facebooks_device_goes_another);
    tcase_add_loop_test(c, a_device_ends, 0, (int)(sizeof ends / sizeof *ends));
    tcase_add_test(c, a_device_that_is_too_old_is_told);
    tcase_add_loop_test(c, what_cannot_be_shown_is_refused, 0,
                        (int)(sizeof bad_devices / sizeof *bad_devices));
    tcase_add_test(c, missing_permissions_are_found);
    suite_add_tcase(s, c);
    return test_run(s);
}

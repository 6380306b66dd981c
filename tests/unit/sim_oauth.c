/* The simulated sign-in: codes for one use, PKCE, redirects, rotation, devices, revocation. */
#include "sim_kit.h"

/* RFC 7636, appendix B. */
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define CALLBACK  "http://127.0.0.1:49731/cb"
#define SCOPE     "https://www.googleapis.com/auth/youtube+email"

static char *google_id, *google_secret;

static void setup(void)
{
    kit_start();
    google_id = kit_ready("platforms.youtube.client_id");
    google_secret = kit_ready("platforms.youtube.client_secret");
}

static void teardown(void)
{
    free(google_id);
    free(google_secret);
    kit_stop();
}

static const struct reply *authorize(const char *more)
{
    char path[2000];

    snprintf(path, sizeof path,
             "/o/oauth2/v2/auth?client_id=%s&redirect_uri=" CALLBACK
             "&response_type=code&scope=" SCOPE "&state=r4nd0m&code_challenge=" CHALLENGE
             "&code_challenge_method=S256%s",
             google_id, more);
    return kit_get("youtube", path);
}

static const struct reply *exchange(const char *code, const char *redirect, const char *verifier)
{
    char form[2000];

    snprintf(form, sizeof form,
             "grant_type=authorization_code&code=%s&client_id=%s&client_secret=%s&redirect_uri=%s&"
             "code_verifier=%s",
             code, google_id, google_secret, redirect, verifier);
    return kit_form("youtube", "/token", form);
}

/* A fresh code, percent-encoded as a form wants it. */
static const char *fresh_code(void)
{
    static char code[600];

    ck_assert_int_eq(authorize("&sim_answer=allow")->status, 302);
    char *escaped = curl_easy_escape(client, kit_location("code"), 0);
    snprintf(code, sizeof code, "%s", escaped);
    curl_free(escaped);
    return code;
}

START_TEST(a_code_is_good_once)
{
    char code[600];

    snprintf(code, sizeof code, "%s", fresh_code());
    ck_assert_str_eq(kit_location("state"), "r4nd0m");
    ck_assert_int_eq(exchange(code, CALLBACK, VERIFIER)->status, 200);
    ck_assert_str_ne(kit_text("refresh_token"), "");
    ck_assert_str_eq(
        kit_text("scope"),
        "https://www.googleapis.com/auth/youtube https://www.googleapis.com/auth/userinfo.email");
    ck_assert_str_ne(kit_text("id_token"), "");
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
    ck_assert_int_eq(kit_get("youtube", "/oauth2/v2/userinfo")->status, 200);
    ck_assert_str_eq(kit_text("email"), "media@stmarks.example");
    bearer[0] = '\0';
    ck_assert_int_eq(exchange(code, CALLBACK, VERIFIER)->status, 400);
    ck_assert_str_eq(kit_text("error"), "invalid_grant");
}
END_TEST

START_TEST(pkce_is_verified_and_a_wrong_try_spends_the_code)
{
    char code[600];

    snprintf(code, sizeof code, "%s", fresh_code());
    ck_assert_int_eq(exchange(code, CALLBACK, "x" VERIFIER)->status, 400);
    ck_assert_str_eq(kit_text("error"), "invalid_grant");
    ck_assert_int_eq(exchange(code, CALLBACK, VERIFIER)->status, 400);
    ck_assert_int_eq(exchange(fresh_code(), CALLBACK, "")->status, 400);
}
END_TEST

START_TEST(the_redirect_must_be_the_same_and_the_client_too)
{
    char form[2000];

    ck_assert_int_eq(exchange(fresh_code(), "http://127.0.0.1:49732/cb", VERIFIER)->status, 400);
    ck_assert_str_eq(kit_text("error"), "redirect_uri_mismatch");
    snprintf(form, sizeof form,
             "grant_type=authorization_code&code=%s&client_id=%s&redirect_uri=" CALLBACK,
             fresh_code(), google_id);
    ck_assert_int_eq(kit_form("youtube", "/token", form)->status, 400);
    ck_assert_str_eq(kit_text("error_description"), "client_secret is missing.");
    snprintf(
        form, sizeof form,
        "grant_type=authorization_code&code=x&client_id=%s&client_secret=no&redirect_uri=" CALLBACK,
        google_id);
    ck_assert_int_eq(kit_form("youtube", "/token", form)->status, 401);
    ck_assert_str_eq(kit_text("error"), "invalid_client");
    ck_assert_int_eq(kit_form("youtube", "/token", "grant_type=password&client_id=nobody")->status,
                     401);
}
END_TEST

START_TEST(wrong_requests_get_a_page_and_never_a_redirect)
{
    static const char *const wrong[] = {
        "redirect_uri=http://evil.example/&response_type=code&scope=email",
        "redirect_uri=" CALLBACK "&response_type=token&scope=email",
        "redirect_uri=" CALLBACK "&response_type=code&scope=everything",
        "redirect_uri=" CALLBACK "&response_type=code",
        "redirect_uri=" CALLBACK
        "&response_type=code&scope=email&code_challenge=short&code_challenge_method=S256",
        "redirect_uri=" CALLBACK "&response_type=code&scope=email&code_challenge=" CHALLENGE
        "&code_challenge_method=S1",
        "response_type=code&scope=email",
    };
    char path[1000];

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(path, sizeof path, "/o/oauth2/v2/auth?sim_answer=allow&client_id=%s&%s", google_id,
                 wrong[i]);
        ck_assert_msg(kit_get("youtube", path)->status == 400, "%s", wrong[i]);
        ck_assert_str_eq(kit_header("Location"), "");
    }
    snprintf(path, sizeof path,
             "/o/oauth2/v2/auth?sim_answer=allow&client_id=nobody&response_type=code&scope=email&"
             "redirect_uri=" CALLBACK);
    ck_assert_int_eq(kit_get("youtube", path)->status, 401);
}
END_TEST

START_TEST(a_person_may_refuse_or_grant_a_part)
{
    ck_assert_int_eq(authorize("&sim_answer=refuse")->status, 302);
    ck_assert_str_eq(kit_location("error"), "access_denied");
    ck_assert_str_eq(kit_location("state"), "r4nd0m");
    ck_assert_str_eq(kit_location("code"), "");
    ck_assert_int_eq(authorize("&sim_answer=allow&sim_scope=email")->status, 302);
    char *code = curl_easy_escape(client, kit_location("code"), 0);
    ck_assert_int_eq(exchange(code, CALLBACK, VERIFIER)->status, 200);
    ck_assert_str_eq(kit_text("scope"), "https://www.googleapis.com/auth/userinfo.email");
    curl_free(code);
}
END_TEST

START_TEST(the_page_is_a_plain_form)
{
    ck_assert_int_eq(authorize("")->status, 200);
    const char *page = text_str(&last.body);
    ck_assert_ptr_nonnull(strstr(page, "<form method=\"post\""));
    ck_assert_ptr_nonnull(strstr(page, ">Allow</button>"));
    ck_assert_ptr_nonnull(strstr(page, ">Refuse</button>"));
    ck_assert_ptr_nonnull(strstr(page, "SIMULATED"));
    ck_assert_ptr_null(strstr(page, "<script"));
    /* As a browser sends it. */
    char form[2000];
    snprintf(
        form, sizeof form,
        "client_id=%s&redirect_uri=" CALLBACK "&response_type=code&scope=" SCOPE
        "&state=s&code_challenge=" CHALLENGE
        "&code_challenge_method=S256&sim_choice=1&sim_account=1&sim_scope=email&sim_answer=allow",
        google_id);
    ck_assert_int_eq(kit_form("youtube", "/o/oauth2/v2/auth", form)->status, 302);
    char *code = curl_easy_escape(client, kit_location("code"), 0);
    ck_assert_int_eq(exchange(code, CALLBACK, VERIFIER)->status, 200);
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
    kit_get("youtube", "/oauth2/v2/userinfo");
    ck_assert_str_eq(kit_text("email"), "office@stannes.example");
    curl_free(code);
}
END_TEST

START_TEST(google_keeps_its_refresh_token_and_revokes_for_good)
{
    char refresh[300], form[1000];

    exchange(fresh_code(), CALLBACK, VERIFIER);
    snprintf(refresh, sizeof refresh, "%s", kit_text("refresh_token"));
    snprintf(form, sizeof form,
             "grant_type=refresh_token&client_id=%s&client_secret=%s&refresh_token=%s", google_id,
             google_secret, refresh);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(kit_form("youtube", "/token", form)->status, 200);
        ck_assert_str_eq(kit_text("refresh_token"), "");
    }
    char revoke[400];
    snprintf(revoke, sizeof revoke, "token=%s", kit_text("access_token"));
    ck_assert_int_eq(kit_form("youtube", "/revoke", revoke)->status, 200);
    ck_assert_int_eq(kit_form("youtube", "/revoke", revoke)->status, 400);
    ck_assert_int_eq(kit_form("youtube", "/token", form)->status, 400);
    ck_assert_str_eq(kit_text("error_description"), "Token has been expired or revoked.");
}
END_TEST

START_TEST(google_devices_wait_in_googles_own_words)
{
    char form[1000], path[300];

    snprintf(form, sizeof form,
             "client_id=%s&scope=https://www.googleapis.com/auth/youtube.force-ssl", google_id);
    ck_assert_int_eq(kit_form("youtube", "/device/code", form)->status, 400);
    ck_assert_str_eq(kit_text("error"), "invalid_scope");
    snprintf(form, sizeof form, "client_id=%s&scope=https://www.googleapis.com/auth/youtube",
             google_id);
    ck_assert_int_eq(kit_form("youtube", "/device/code", form)->status, 200);
    ck_assert_str_ne(kit_text("verification_url"), "");
    snprintf(path, sizeof path, "/device?sim_answer=allow&user_code=%s", kit_text("user_code"));
    snprintf(
        form, sizeof form,
        "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=%s&client_secret=%s&"
        "device_code=%s",
        google_id, google_secret, kit_text("device_code"));
    ck_assert_int_eq(kit_form("youtube", "/token", form)->status, 428);
    ck_assert_str_eq(kit_text("error"), "authorization_pending");
    ck_assert_int_eq(kit_form("youtube", "/token", form)->status, 403);
    ck_assert_str_eq(kit_text("error"), "slow_down");
    ck_assert_int_eq(kit_get("youtube", "/device?sim_answer=allow&user_code=WRNG-CODE")->status,
                     400);
    ck_assert_int_eq(kit_get("youtube", path)->status, 200);
    ck_assert_int_eq(kit_get("youtube", path)->status, 400); /* answered once */
}
END_TEST

static const struct reply *zoom_token(const char *form, const char *user, const char *password)
{
    struct text pair, header;
    char url[200], plain[200];

    text_init(&pair, 400);
    text_init(&header, 600);
    text_add(&header, "Authorization: Basic ");
    snprintf(plain, sizeof plain, "%s:%s", user, password);
    text_add_base64(&header, plain, strlen(plain));
    snprintf(url, sizeof url, "%s/oauth/token", sim_address(sim, "zoom"));
    kit_ask("POST", url, "application/x-www-form-urlencoded", form, strlen(form),
            user[0] != '\0' ? text_str(&header) : NULL);
    text_release(&pair);
    text_release(&header);
    return &last;
}

START_TEST(zoom_rotates_and_the_old_refresh_token_is_dead)
{
    char *id = kit_ready("platforms.zoom.public_client_id");
    char path[1000], form[1000], old[300];

    snprintf(path, sizeof path,
             "/oauth/authorize?response_type=code&client_id=%s&redirect_uri=" CALLBACK "&state=s",
             id);
    ck_assert_int_eq(kit_get("zoom", path)->status, 400); /* a public client without PKCE */
    strncat(path, "&code_challenge=" CHALLENGE "&code_challenge_method=S256&sim_answer=allow", 200);
    ck_assert_int_eq(kit_get("zoom", path)->status, 302);
    snprintf(form, sizeof form,
             "grant_type=authorization_code&code=%s&redirect_uri=" CALLBACK
             "&client_id=%s&code_verifier=" VERIFIER,
             kit_location("code"), id);
    ck_assert_int_eq(kit_form("zoom", "/oauth/token", form)->status, 200);
    snprintf(old, sizeof old, "%s", kit_text("refresh_token"));
    snprintf(form, sizeof form, "grant_type=refresh_token&refresh_token=%s&client_id=%s", old, id);
    ck_assert_int_eq(kit_form("zoom", "/oauth/token", form)->status, 200);
    ck_assert_str_ne(kit_text("refresh_token"), old);
    ck_assert_str_ne(kit_text("refresh_token"), "");
    ck_assert_int_eq(kit_form("zoom", "/oauth/token", form)->status, 400);
    ck_assert_str_eq(kit_text("error"), "invalid_grant");
    ck_assert_str_eq(kit_text("reason"), "Invalid Token!");
    free(id);
}
END_TEST

START_TEST(zoom_server_tokens_follow_one_another)
{
    char *account = kit_ready("platforms.zoom.credentials.account_id");
    char *id = kit_ready("platforms.zoom.credentials.client_id");
    char *secret = kit_ready("platforms.zoom.credentials.client_secret");
    char form[400], first[300], path[200];

    snprintf(form, sizeof form, "grant_type=account_credentials&account_id=%s", account);
    ck_assert_int_eq(zoom_token(form, id, secret)->status, 200);
    ck_assert_str_eq(kit_text("refresh_token"), "");
    snprintf(first, sizeof first, "%s", kit_text("access_token"));
    snprintf(path, sizeof path, "/v2/users/pastor@stmarks.example");
    snprintf(bearer, sizeof bearer, "%s", first);
    ck_assert_int_eq(kit_get("zoom", path)->status, 200);
    ck_assert_int_eq(kit_get("zoom", "/v2/users/me")->status,
                     404); /* an account's token never says me */
    bearer[0] = '\0';
    ck_assert_int_eq(zoom_token(form, id, secret)->status, 200);
    snprintf(bearer, sizeof bearer, "%s", first);
    ck_assert_int_eq(kit_get("zoom", path)->status, 401);
    bearer[0] = '\0';
    ck_assert_int_eq(zoom_token(form, id, "wrong")->status, 401);
    ck_assert_int_eq(
        zoom_token("grant_type=account_credentials&account_id=other", id, secret)->status, 400);
    ck_assert_int_eq(zoom_token(form, "", "")->status, 400);
    free(account);
    free(id);
    free(secret);
}
END_TEST

TEST_MAIN_FIXTURE("sim_oauth", setup, teardown, a_code_is_good_once,
                  pkce_is_verified_and_a_wrong_try_spends_the_code,
                  the_redirect_must_be_the_same_and_the_client_too,
                  wrong_requests_get_a_page_and_never_a_redirect,
                  a_person_may_refuse_or_grant_a_part, the_page_is_a_plain_form,
                  google_keeps_its_refresh_token_and_revokes_for_good,
                  google_devices_wait_in_googles_own_words,
                  zoom_rotates_and_the_old_refresh_token_is_dead,
                  zoom_server_tokens_follow_one_another)

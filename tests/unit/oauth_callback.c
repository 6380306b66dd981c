/* What a browser, or anybody else, brings back: all that is wrong is refused before it means
 * anything. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/oauth/signin.h>

#include "testlib.h"

static const struct oauth_profile plain = { .issuer = "https://sign.in" };
static const struct oauth_profile telling = { .issuer = "https://sign.in", .issuer_sent = true };
static const struct platform zoom = { .id = PLATFORM_ZOOM, .oauth = &plain };
static const struct platform strict = { .id = PLATFORM_ZOOM, .oauth = &telling };

static void reads(const char *query, struct callback *c)
{
    struct error err;

    TEST_OK(callback_read(c, query, strlen(query), &err), err);
}

static void refused(const char *query, const char *why)
{
    struct callback c;
    struct error err;

    TEST_FAILS(callback_read(&c, query, strlen(query), &err), err, ERROR_INVALID);
    ck_assert_msg(strstr(err.message, why) != NULL, "%s: %s", query, err.message);
    ck_assert_str_eq(c.code, "");
    ck_assert_str_eq(c.state, "");
    /* What was sent stands in no message. */
    ck_assert_ptr_null(strstr(err.message, "s3cret"));
}

START_TEST(a_code_is_read)
{
    struct callback c;

    reads("state=r4nd0m&code=4%2F0AEXAMPLEcode&scope=email%20openid", &c);
    ck_assert_str_eq(c.state, "r4nd0m");
    ck_assert_str_eq(c.code, "4/0AEXAMPLEcode");
    ck_assert_str_eq(c.error, "");
    ck_assert(!c.bare);
    reads("code=a&state=b&iss=https%3A%2F%2Fsign.in&session_state=x.y", &c);
    ck_assert_str_eq(c.issuer, "https://sign.in");
}
END_TEST

START_TEST(an_error_is_read_and_cleaned)
{
    struct callback c;

    reads("error=access_denied&state=b&error_description=No%1b%5b31m+thanks%0d%0a", &c);
    ck_assert_str_eq(c.error, "access_denied");
    ck_assert_ptr_null(strchr(c.description, '\033'));
    ck_assert_ptr_null(strchr(c.description, '\n'));
    ck_assert_ptr_nonnull(strstr(c.description, "thanks"));
}
END_TEST

START_TEST(nothing_at_all_is_told_apart)
{
    struct callback c;

    reads("", &c);
    ck_assert(c.bare);
}
END_TEST

START_TEST(absent_and_double_are_refused)
{
    refused("code=s3cret", "no state");
    refused("state=a", "neither");
    refused("state=a&code=", "neither");
    refused("state=&code=s3cret", "no state");
    refused("code=s3cret&code=s3cret2&state=b", "twice");
    refused("code=s3cret&state=b&state=b", "twice");
    refused("code=s3cret&state=b&scope=a&scope=b", "twice");
    refused("code=s3cret&state=b&%63ode=s3cret2", "twice");
    refused("code=s3cret&state=b&error=access_denied", "a yes and a no");
    refused("code=s3cret&state=b&iss=https%3A%2F%2Fa&iss=https%3A%2F%2Fb", "twice");
}
END_TEST

START_TEST(what_it_never_holds_is_refused)
{
    refused("code=s3cret%00&state=b", "encoded");
    refused("code=s3cret%zz&state=b", "encoded");
    refused("code=s3cret%4&state=b", "encoded");
    refused("code=s3cret%0d%0aX&state=b", "never holds");
    refused("code=s3cret+x&state=b", "never holds");
    refused("code=s3cret%c3%a9&state=b", "never holds");
    refused("code=s3cret&state=b%1b%5b", "never holds");
}
END_TEST

START_TEST(what_is_too_long_is_refused)
{
    size_t most = 64 * 1024;
    char *query = malloc(most + 100);
    struct callback c;
    struct error err;

    ck_assert_ptr_nonnull(query);
    for (size_t length = 4096; length <= most; length *= 2) {
        size_t n = (size_t)sprintf(query, "state=b&code=");
        memset(query + n, 'x', length);
        query[n + length] = '\0';
        TEST_FAILS(callback_read(&c, query, strlen(query), &err), err, ERROR_INVALID);
        ck_assert_str_eq(c.code, "");
    }
    /* One less than what there is room for goes through: the limit is where it is said to be. */
    size_t n = (size_t)sprintf(query, "state=b&code=");
    memset(query + n, 'x', 4095);
    query[n + 4095] = '\0';
    TEST_OK(callback_read(&c, query, strlen(query), &err), err);
    ck_assert_uint_eq(strlen(c.code), 4095);
    free(query);
}
END_TEST

START_TEST(many_parameters_are_refused)
{
    struct text t;
    struct callback c;
    struct error err;

    text_init(&t, 10000);
    text_add(&t, "state=b&code=c");
    for (int i = 0; i < 40; i++)
        text_addf(&t, "&p%d=1", i);
    TEST_FAILS(callback_read(&c, text_str(&t), t.length, &err), err, ERROR_INVALID);
    text_release(&t);
}
END_TEST

/* ---- pasted ---- */

static void pasted(const char *words, const char *code)
{
    struct callback c;
    struct error err;

    TEST_OK(callback_pasted(&c, words, "http://127.0.0.1:49731", &err), err);
    ck_assert_str_eq(c.code, code);
    ck_assert_str_eq(c.state, "s");
}

static void not_pasted(const char *words)
{
    struct callback c;
    struct error err;

    TEST_FAILS(callback_pasted(&c, words, "http://127.0.0.1:49731/back", &err), err, ERROR_INVALID);
    ck_assert_str_eq(c.code, "");
}

START_TEST(a_pasted_address_is_read)
{
    pasted("http://127.0.0.1:49731/?state=s&code=abc", "abc");
    pasted("http://127.0.0.1:49731?state=s&code=abc", "abc");
    pasted("  \"http://127.0.0.1:49731/?state=s&code=abc#_=_\" \r", "abc");
    pasted("HTTP://127.0.0.1:49731/?state=s&code=abc#_", "abc");
    pasted("?state=s&code=abc", "abc");
    pasted("state=s&code=a%2Fc", "a/c");
}
END_TEST

START_TEST(another_address_is_not)
{
    not_pasted("http://127.0.0.1:49732/back?state=s&code=abc");
    not_pasted("http://127.0.0.1:49731/other?state=s&code=abc");
    not_pasted("http://127.0.0.1:49731/BACK?state=s&code=abc");
    not_pasted("https://127.0.0.1:49731/back?state=s&code=abc");
    not_pasted("http://127.0.0.1:49731.evil.org/back?state=s&code=abc");
    not_pasted("https://live.example.org/api/platforms/connections/zoom/callback?state=s&code=abc");
    not_pasted("4/0AEXAMPLEcode");
    not_pasted("hello there");
}
END_TEST

/* ---- who answered, and what ---- */

static void judged(const struct platform *p, const char *query, const char *issuer,
                   enum error_kind kind, const char *words)
{
    struct callback c;
    struct error err;

    reads(query, &c);
    error_clear(&err);
    ck_assert_msg(!callback_judge(&c, p, issuer, &err), "%s was believed", query);
    ck_assert_msg(err.kind == kind, "%s: %s", query, err.message);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s: %s", query, err.message);
}

START_TEST(a_foreign_issuer_is_refused)
{
    struct callback c;
    struct error err;

    judged(&zoom, "code=a&state=b&iss=https%3A%2F%2Fevil.example", "https://sign.in", ERROR_INVALID,
           "comes from https://evil.example");
    judged(&zoom, "code=a&state=b&iss=https%3A%2F%2Fsign.in%2F", "https://sign.in", ERROR_INVALID,
           "comes from");
    judged(&zoom, "code=a&state=b&iss=https%3A%2F%2Fsign.in", "", ERROR_INVALID, "comes from");
    judged(&strict, "code=a&state=b", "https://sign.in", ERROR_INVALID, "does not say");
    reads("code=a&state=b&iss=https%3A%2F%2Fsign.in", &c);
    TEST_OK(callback_judge(&c, &strict, "https://sign.in", &err), err);
    reads("code=a&state=b", &c);
    TEST_OK(callback_judge(&c, &zoom, "https://sign.in", &err), err);
}
END_TEST

START_TEST(one_part_of_an_issuer_may_differ)
{
    static const char wanted[] = "https://login.microsoftonline.com/*/v2.0";
    struct callback c;
    struct error err;

    reads("code=a&state=b&iss=https%3A%2F%2Flogin.microsoftonline.com%2F9a-b%2Fv2.0", &c);
    TEST_OK(callback_judge(&c, &zoom, wanted, &err), err);
    judged(&zoom, "code=a&state=b&iss=https%3A%2F%2Flogin.microsoftonline.com%2Fa%2Fb%2Fv2.0",
           wanted, ERROR_INVALID, "comes from");
    judged(&zoom, "code=a&state=b&iss=https%3A%2F%2Flogin.microsoftonline.com%2F%2Fv2.0", wanted,
           ERROR_INVALID, "comes from");
    judged(&zoom, "code=a&state=b&iss=https%3A%2F%2Flogin.microsoftonline.com.evil.org%2Fa%2Fv2.0",
           wanted, ERROR_INVALID, "comes from");
}
END_TEST

START_TEST(errors_have_fixed_words)
{
    judged(&zoom, "error=access_denied&state=b", "", ERROR_FORBIDDEN, "refused there");
    judged(&zoom, "error=invalid_scope&state=b", "", ERROR_CONFIG, "permissions");
    judged(&zoom, "error=unauthorized_client&state=b", "", ERROR_CONFIG, "may not sign people in");
    judged(&zoom, "error=server_error&state=b", "", ERROR_SERVER, "out of order");
    judged(&zoom, "error=temporarily_unavailable&state=b", "", ERROR_SERVER, "out of order");
    judged(&zoom, "error=never_heard_of&state=b", "", ERROR_FORBIDDEN, "did not succeed");
    judged(&zoom, "error=access_denied&state=b&error_description=Not+you", "", ERROR_FORBIDDEN,
           "(Not you)");
}
END_TEST

TEST_MAIN("oauth_callback", a_code_is_read, an_error_is_read_and_cleaned,
          nothing_at_all_is_told_apart, absent_and_double_are_refused,
          what_it_never_holds_is_refused, what_is_too_long_is_refused, many_parameters_are_refused,
          a_pasted_address_is_read, another_address_is_not, a_foreign_issuer_is_refused,
          one_part_of_an_issuer_may_differ, errors_have_fixed_words)

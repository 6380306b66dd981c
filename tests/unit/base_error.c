#include "testlib.h"

#include <string.h>

#include <ecclesia/base/utf8.h>

START_TEST(set_fills_all_and_keeps_nothing)
{
    struct error err = { .kind = ERROR_RATE, .http_status = 429, .retry_after_ms = 5000 };

    memcpy(err.code, "old", 4);
    ck_assert(!error_set(&err, ERROR_MISSING, "Press n.", "No livestream is called %s.", "Easter"));
    ck_assert_int_eq(err.kind, ERROR_MISSING);
    ck_assert_str_eq(err.message, "No livestream is called Easter.");
    ck_assert_str_eq(err.remedy, "Press n.");
    ck_assert_str_eq(err.code, "");
    ck_assert_int_eq(err.http_status, 0);
    ck_assert_int_eq(err.retry_after_ms, 0);
    ck_assert(!error_platform(&err, ERROR_AUTH, "youtube", NULL, "Refused."));
    ck_assert_str_eq(err.platform, "youtube");
    ck_assert_str_eq(err.remedy, "");
    ck_assert(!error_set(NULL, ERROR_AUTH, NULL, "Nobody listens."));
    error_clear(&err);
    ck_assert_int_eq(err.kind, ERROR_NONE);
    ck_assert_str_eq(err.message, "");
    error_clear(NULL);
}
END_TEST

START_TEST(an_error_can_wrap_itself)
{
    struct error err;

    error_platform(&err, ERROR_SERVER, "zoom", "Wait.", "It answered 503.");
    error_platform(&err, err.kind, err.platform, err.remedy, "The meeting was not made: %s",
                   err.message);
    ck_assert_str_eq(err.message, "The meeting was not made: It answered 503.");
    ck_assert_str_eq(err.remedy, "Wait.");
    ck_assert_str_eq(err.platform, "zoom");
}
END_TEST

START_TEST(foreign_text_is_cleaned_and_cut)
{
    struct error err;
    char longer[3000];

    error_set(&err, ERROR_INVALID, NULL, "Title \"%s\"", "a\x1B]0;owned\x07\nb");
    ck_assert_str_eq(err.message, "Title \"a?]0;owned? b\"");
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    memcpy(longer + 509, "\xE2\x82\xAC", 3); /* lies across the cut */
    error_set(&err, ERROR_INVALID, longer, "%s", longer);
    ck_assert_uint_eq(strlen(err.message), 509);
    ck_assert(utf8_valid(err.message, strlen(err.message)));
    ck_assert_uint_eq(strlen(err.remedy), 255);
}
END_TEST

START_TEST(every_kind_has_a_row)
{
    for (int kind = 0; kind < ERROR_KIND_COUNT; kind++) {
        const struct error_policy *p = error_policy((enum error_kind)kind);

        ck_assert_ptr_nonnull(p->name);
        ck_assert_uint_gt(strlen(p->name), 0);
        for (int other = 0; other < kind; other++)
            ck_assert_str_ne(p->name, error_policy((enum error_kind)other)->name);
        /* What is tried again waits; what is not has no numbers. */
        ck_assert(p->retry == (p->base_ms > 0));
        ck_assert_int_ge(p->cap_ms, p->base_ms);
        ck_assert(p->uses_attempt || p->retry);
        ck_assert(p->uses_attempt || p->tries == 0);
        ck_assert(kind == ERROR_NONE ? p->exit_status == 0 : p->exit_status > 0);
    }
    ck_assert_str_eq(error_policy((enum error_kind)1000)->name, "internal");
    ck_assert_str_eq(error_policy((enum error_kind) - 1)->name, "internal");
}
END_TEST

START_TEST(the_table_says_what_the_design_says)
{
    ck_assert_int_eq(error_policy(ERROR_NET_PRE)->base_ms, 2000);
    ck_assert_int_eq(error_policy(ERROR_NET_PRE)->cap_ms, 300000);
    ck_assert_int_eq(error_policy(ERROR_NET_PRE)->tries, 10);
    ck_assert(!error_policy(ERROR_NET_PRE)->maybe_done);
    ck_assert(error_policy(ERROR_NET_POST)->maybe_done);
    ck_assert(error_policy(ERROR_SERVER)->maybe_done);
    ck_assert(error_policy(ERROR_GARBAGE)->maybe_done);
    ck_assert_int_eq(error_policy(ERROR_GARBAGE)->tries, 3);
    ck_assert_int_eq(error_policy(ERROR_TLS_CERT)->tries, 0);
    ck_assert(!error_policy(ERROR_RATE)->uses_attempt);
    ck_assert(!error_policy(ERROR_QUOTA)->uses_attempt);
    ck_assert(!error_policy(ERROR_BREAKER)->uses_attempt);
    ck_assert(!error_policy(ERROR_STORE_FULL)->uses_attempt);
    ck_assert(!error_policy(ERROR_KEY_WRONG)->uses_attempt);
    ck_assert(!error_policy(ERROR_FORBIDDEN)->retry);
    ck_assert(!error_policy(ERROR_INVALID)->retry);
    ck_assert(!error_policy(ERROR_NOT_FOUND)->retry);
    ck_assert(!error_policy(ERROR_SECRET_TAMPERED)->retry);
    ck_assert_int_eq(error_policy(ERROR_USAGE)->exit_status, 2);
    ck_assert_int_eq(error_policy(ERROR_MISSING)->exit_status, 3);
    ck_assert_int_eq(error_policy(ERROR_TIMEOUT)->exit_status, 5);
    ck_assert_int_eq(error_policy(ERROR_REFUSED)->exit_status, 1);
}
END_TEST

TEST_MAIN("base_error", set_fills_all_and_keeps_nothing, an_error_can_wrap_itself,
          foreign_text_is_cleaned_and_cut, every_kind_has_a_row,
          the_table_says_what_the_design_says)

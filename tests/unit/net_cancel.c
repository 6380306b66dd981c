/* Calls that are cut, and calls that wait for others. */
#include "net_kit.h"

static struct net *n;

static void setup(void)
{
    n = net_plain();
}

static void teardown(void)
{
    net_stop(n);
}

START_TEST(cancel_under_way)
{
    struct raw_server *s = raw_start(say_nothing, NULL);
    struct cancel *c = cancel_new();
    struct background b;
    int64_t asked;

    background_start(&b, n, request_of("POST", raw_url(s, "/")), c);
    TEST_UNTIL(raw_requests(s) == 1);
    asked = clock_mono();
    cancel_ask(c);
    background_join(&b);
    ck_assert(!b.answered);
    ck_assert_int_eq(b.err.kind, ERROR_CANCELLED);
    ck_assert_str_eq(b.err.message, "The call was stopped, after it had been sent to YouTube.");
    ck_assert_int_lt(clock_mono() - asked, 2000);
    /* Removed from curl: the platform sees us leave, and the net goes on. */
    TEST_UNTIL(raw_open(s) == 0);
    cancel_free(c);
    raw_stop(s);
}
END_TEST

START_TEST(cancel_before_the_call)
{
    struct raw_server *s = raw_start(say, NULL);
    struct http_request r = request_of("POST", raw_url(s, "/"));
    struct cancel *c = cancel_new();
    struct http_answer a;
    struct error err;

    cancel_ask(c);
    TEST_FAILS(net_call(n, &r, &a, c, &err), err, ERROR_CANCELLED);
    ck_assert_str_eq(err.message, "The call was stopped, before anything was sent to YouTube.");
    ck_assert_int_eq(raw_accepted(s), 0);
    cancel_free(c);
    raw_stop(s);
}
END_TEST

START_TEST(cancel_at_any_moment)
{
    struct raw_server *s = raw_start(say, SAY("HTTP/1.1 204 Fine\r\n\r\n"));

    for (int i = 0; i < 100; i++) {
        struct cancel *c = cancel_new();
        struct background b;

        background_start(&b, n, request_of("GET", raw_url(s, "/")), c);
        while (i % 3 == 1 && raw_requests(s) == 0)
            test_nap();
        cancel_ask(c);
        background_join(&b);
        ck_assert(b.answered || b.err.kind == ERROR_CANCELLED);
        cancel_free(c);
    }
    raw_stop(s);
}
END_TEST

START_TEST(stop_with_calls_under_way)
{
    enum { CALLS = 16 };
    struct raw_server *s = raw_start(say_nothing, NULL);
    struct net *doomed = net_plain();
    struct background calls[CALLS];
    struct net_counts counts = { 0 };
    int64_t asked;

    for (int i = 0; i < CALLS; i++)
        background_start(&calls[i], doomed, request_of("POST", raw_url(s, "/")), NULL);
    while (counts.calls < CALLS || raw_requests(s) < 6) {
        test_nap();
        net_count(doomed, &counts);
    }
    asked = clock_mono();
    net_stop(doomed);
    ck_assert_int_lt(clock_mono() - asked, 5000);
    for (int i = 0; i < CALLS; i++) {
        background_join(&calls[i]);
        ck_assert(!calls[i].answered);
        ck_assert_int_eq(calls[i].err.kind, ERROR_CANCELLED);
    }
    net_stop(NULL);
    raw_stop(s);
}
END_TEST

START_TEST(one_silent_platform_holds_up_no_other)
{
    struct raw_server *silent = raw_start(say_nothing, NULL);
    struct raw_server *s = raw_start(say, SAY("HTTP/1.1 204 Fine\r\n\r\n"));
    struct background calls[8];
    int64_t began;

    for (int i = 0; i < 8; i++)
        background_start(&calls[i], n, request_of("POST", raw_url(silent, "/")), NULL);
    TEST_UNTIL(raw_requests(silent) == 6);
    began = clock_mono();
    for (int i = 0; i < 20; i++)
        call_answers(n, request_of("GET", raw_url(s, "/")), 204, "");
    ck_assert_int_lt(clock_mono() - began, 10000);
    raw_stop(silent); /* hangs up on all */
    for (int i = 0; i < 8; i++) {
        background_join(&calls[i]);
        /* Those that waited for a connection were never sent. */
        ck_assert(calls[i].err.kind == ERROR_NET_POST || calls[i].err.kind == ERROR_NET_PRE);
    }
    raw_stop(s);
}
END_TEST

TEST_MAIN_FIXTURE("net_cancel", setup, teardown, cancel_under_way, cancel_before_the_call,
                  cancel_at_any_moment, stop_with_calls_under_way,
                  one_silent_platform_holds_up_no_other)

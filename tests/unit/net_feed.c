/* A WebSocket that is listened to for a moment: frames whole, in parts and broken, goodbyes,
 * silence, refusals, cancels. */
#include "net_kit.h"

#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#define SWITCH                                                                                     \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"            \
    "Sec-WebSocket-Accept: x\r\n\r\n"

static char heard[4096];
static int heard_count;

static void take(void *context, const char *text, size_t length)
{
    (void)context;
    ck_assert_uint_eq(strlen(text), length);
    snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard), "%s%.100s",
             heard_count ? "|" : "", text);
    heard_count++;
}

static struct http_feed feed_of(const char *url)
{
    heard[0] = '\0';
    heard_count = 0;
    return (struct http_feed){ .url = url,
                               .route = "GET /ws",
                               .platform = "restream",
                               .first_ms = 2000,
                               .quiet_ms = 300,
                               .most_ms = 4000,
                               .take = take };
}

/* ---- what the server says ---- */

struct speech {
    const char *bytes;
    size_t length;
    bool stays;
};
static char asked[8192], said_back[64];
static size_t back_length;

static void speak(struct raw_server *s, int fd, int number)
{
    const struct speech *say_it = raw_argument(s);

    (void)number;
    if (!raw_read(s, fd, asked, sizeof(asked)))
        return;
    raw_write(fd, say_it->bytes, say_it->length);
    if (say_it->stays) {
        ssize_t got = recv(fd, said_back, sizeof(said_back), 0);
        back_length = got > 0 ? (size_t)got : 0;
        raw_wait_closed(fd);
    }
}

#define SPEECH(text, stay)                                                                         \
    {                                                                                              \
        text, sizeof(text) - 1, stay                                                               \
    }

static int listen_to(struct speech *speech, bool *heard_it, struct error *err)
{
    struct raw_server *s = raw_start(speak, speech);
    struct net *n = net_plain();
    struct http_feed feed = feed_of(raw_url(s, "/ws?accessToken=a%2Fb"));
    int status = 0;

    error_clear(err);
    *heard_it = net_listen(n, &feed, &status, NULL, err);
    net_stop(n);
    raw_stop(s);
    return status;
}

static const struct {
    struct speech speech;
    const char *heard;
} speeches[] = {
    { SPEECH(SWITCH "\x81\x05Hello", true), "Hello" },
    { SPEECH(SWITCH "\x81\x03one\x81\x03two\x88\x02\x03\xe8", true), "one|two" },
    /* In parts, with a ping between them. */
    { SPEECH(SWITCH "\x01\x03Hel\x89\x02hi\x80\x02lo", true), "Hello" },
    /* The server hangs up: what was whole counts. */
    { SPEECH(SWITCH "\x81\x03one\x81\x7e\x01", false), "one" },
    { SPEECH(SWITCH "\x81\x7e\x00\x05Hello", false), "Hello" },
    { SPEECH(SWITCH "\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x05Hello", false), "Hello" },
    /* Masked, or with a bit that nobody agreed on, or as long as never: no WebSocket. */
    { SPEECH(SWITCH "\x81\x03one\x81\x85mask12345\x81\x03two", true), "one" },
    { SPEECH(SWITCH "\xc1\x05Hello", true), "" },
    { SPEECH(SWITCH "\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", true), "" },
    { SPEECH(SWITCH, false), "" },
};

START_TEST(hears)
{
    struct speech speech = speeches[_i].speech;
    struct error err;
    bool heard_it;

    ck_assert_int_eq(listen_to(&speech, &heard_it, &err), 101);
    ck_assert_msg(heard_it, "%s", err.message);
    ck_assert_str_eq(heard, speeches[_i].heard);
    ck_assert_ptr_nonnull(strstr(asked, "GET /ws?accessToken=a%2Fb HTTP/1.1\r\nHost: 127.0.0.1:"));
    ck_assert_ptr_nonnull(
        strstr(asked, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
                      "13\r\nSec-WebSocket-Key: "));
}
END_TEST

/* A ping is answered, masked, with its own bytes. */
START_TEST(answers_a_ping)
{
    struct speech speech = SPEECH(SWITCH "\x89\x02hi\x81\x02ok", true);
    struct error err;
    bool heard_it;

    ck_assert_int_eq(listen_to(&speech, &heard_it, &err), 101);
    ck_assert_str_eq(heard, "ok");
    ck_assert_uint_ge(back_length, 8);
    ck_assert_int_eq((unsigned char)said_back[0], 0x8a);
    ck_assert_int_eq((unsigned char)said_back[1], 0x82);
    ck_assert_int_eq(said_back[6] ^ said_back[2], 'h');
    ck_assert_int_eq(said_back[7] ^ said_back[3], 'i');
}
END_TEST

static const struct {
    struct speech speech;
    int status; /* 0: not answered */
} refusals[] = {
    { SPEECH("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}", false), 401 },
    { SPEECH("HTTP/1.1 503 Busy\r\n\r\n", false), 503 },
    { SPEECH("HTTP/1.1 101", false), 0 },
    { SPEECH("SSH-2.0-OpenSSH\r\n\r\n", false), 0 },
    { SPEECH("", false), 0 },
};

START_TEST(tells_refusals)
{
    struct speech speech = refusals[_i].speech;
    struct error err;
    bool heard_it;

    ck_assert_int_eq(listen_to(&speech, &heard_it, &err), refusals[_i].status);
    ck_assert_int_eq(heard_it, refusals[_i].status != 0);
    ck_assert_int_eq(heard_count, 0);
    if (!heard_it)
        ck_assert_msg(err.kind == ERROR_NET_POST || err.kind == ERROR_NET_PRE ||
                          err.kind == ERROR_GARBAGE,
                      "%d %s", err.kind, err.message);
    ck_assert_ptr_null(strstr(err.message, "accessToken"));
}
END_TEST

START_TEST(falls_silent_in_time)
{
    struct speech speech = SPEECH(SWITCH, true);
    struct raw_server *s = raw_start(speak, &speech);
    struct net *n = net_plain();
    struct http_feed feed = feed_of(raw_url(s, "/ws"));
    int64_t began = clock_mono();
    struct error err;
    int status = 0;

    feed.first_ms = 200;
    TEST_OK(net_listen(n, &feed, &status, NULL, &err), err);
    ck_assert_int_eq(status, 101);
    ck_assert_int_ge(clock_mono() - began, 190);
    ck_assert_int_lt(clock_mono() - began, 1900);
    net_stop(n);
    raw_stop(s);
}
END_TEST

struct asker {
    struct cancel *cancel;
    struct raw_server *server;
};

static void *ask_soon(void *argument)
{
    struct asker *a = argument;

    while (raw_requests(a->server) == 0)
        sched_yield();
    cancel_ask(a->cancel);
    return NULL;
}

START_TEST(is_cancelled)
{
    struct speech speech = SPEECH(SWITCH, true);
    struct asker a = { .cancel = cancel_new(), .server = raw_start(speak, &speech) };
    struct net *n = net_plain();
    struct http_feed feed = feed_of(raw_url(a.server, "/ws"));
    struct error err;
    pthread_t thread;
    int status = 0;

    feed.first_ms = feed.most_ms = 60000;
    ck_assert_int_eq(pthread_create(&thread, NULL, ask_soon, &a), 0);
    TEST_FAILS(net_listen(n, &feed, &status, a.cancel, &err), err, ERROR_CANCELLED);
    pthread_join(thread, NULL);
    net_stop(n);
    raw_stop(a.server);
    cancel_free(a.cancel);
}
END_TEST

/* The rules of every call: no plain http but to ourselves, nothing that does not answer. */
START_TEST(keeps_the_rules)
{
    struct net *n = net_plain();
    struct raw_server *s = raw_start(NULL, NULL);
    struct http_feed feed = feed_of("http://streaming.example/ws?accessToken=secret");
    struct error err;
    int status = 0;

    TEST_FAILS(net_listen(n, &feed, &status, NULL, &err), err, ERROR_CONFIG);
    ck_assert_ptr_null(strstr(err.message, "secret"));
    feed.url = raw_url(s, "/ws");
    raw_deafen(s);
    TEST_FAILS(net_listen(n, &feed, &status, NULL, &err), err, ERROR_NET_PRE);
    net_stop(n);
    raw_stop(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("net_feed");
    TCase *t = tcase_create("feed");
    SRunner *runner;
    int failed;

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, hears, 0, (int)(sizeof(speeches) / sizeof(speeches[0])));
    tcase_add_test(t, answers_a_ping);
    tcase_add_loop_test(t, tells_refusals, 0, (int)(sizeof(refusals) / sizeof(refusals[0])));
    tcase_add_test(t, falls_silent_in_time);
    tcase_add_test(t, is_cancelled);
    tcase_add_test(t, keeps_the_rules);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

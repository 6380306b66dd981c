/* What a platform, the way to it, or our own caller can get wrong, and the class that each must have. */
#include "net_kit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

static struct net *n;

static void setup(void)
{
    n = net_plain();
}

static void teardown(void)
{
    net_stop(n);
}

/* Reads the request, then says the server's argument and hangs up. */
static void say(struct raw_server *s, int fd, int number)
{
    char request[8192];

    (void)number;
    if (raw_read(s, fd, request, sizeof(request)))
        raw_say(fd, raw_argument(s));
}

static void say_nothing(struct raw_server *s, int fd, int number)
{
    char request[8192];

    (void)number;
    raw_read(s, fd, request, sizeof(request));
    raw_wait_closed(fd);
}

static struct error said(const char *answer, enum error_kind kind)
{
    struct raw_server *s = raw_start(say, (void *)(uintptr_t)answer);
    struct error err = call_fails(n, request_of("POST", raw_url(s, "/")), kind);

    ck_assert_str_eq(err.platform, "youtube");
    ck_assert_str_ne(err.remedy, "");
    ck_assert_int_eq(raw_requests(s), 1);
    raw_stop(s);
    return err;
}

/* -- Nothing sent -- */

START_TEST(refused)
{
    struct raw_server *s = raw_start(say, NULL);
    struct error err;

    raw_deafen(s);
    err = call_fails(n, request_of("POST", raw_url(s, "/")), ERROR_NET_PRE);
    ck_assert_str_eq(err.message, "YouTube (127.0.0.1) refused the connection.");
    ck_assert_str_eq(err.platform, "youtube");
    raw_stop(s);
}
END_TEST

START_TEST(unknown_name)
{
    struct error err = call_fails(n, request_of("POST", "https://nobody.invalid/x"), ERROR_NET_PRE);

    ck_assert_str_eq(err.message, "nobody.invalid could not be found (DNS).");
    ck_assert_str_eq(err.remedy, "Check the internet connection; it is tried again by itself.");
}
END_TEST

/* A listener whose queue is full lets no further connection be made: the kernel drops the SYN. */
START_TEST(nobody_opens_the_door)
{
    struct net *hasty = net_of((struct net_options){ .connect_ms = 300, .total_ms = 20000 });
    struct raw_server *s = raw_start(NULL, NULL);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)raw_port(s)),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fill[4];
    struct error err;

    for (int i = 0; i < 4; i++) {
        fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        ck_assert_int_ge(fill[i], 0);
        (void)!connect(fill[i], (struct sockaddr *)&to, sizeof(to));
    }
    err = call_fails(hasty, request_of("POST", raw_url(s, "/")), ERROR_NET_PRE);
    ck_assert_str_eq(err.message, "127.0.0.1 could not be reached within 0.3 s.");
    for (int i = 0; i < 4; i++)
        close(fill[i]);
    raw_stop(s);
    net_stop(hasty);
}
END_TEST

START_TEST(hosts_that_are_not_encrypted_are_not_called)
{
    struct raw_server *s = raw_start(say, NULL);
    char local[64], tricky[64], odd[64];
    const char *const urls[] = { local,
                                 tricky,
                                 odd,
                                 "http://youtube.googleapis.com/x",
                                 "http://192.168.1.1/",
                                 "http://8.8.8.8/",
                                 "http://127.0.0.1.evil.example/",
                                 "http://[::ffff:7f00:1]/",
                                 "http://[fe80::1]/",
                                 "http:/x",
                                 "ftp://127.0.0.1/",
                                 "file:///etc/passwd",
                                 "gopher://127.0.0.1/",
                                 "ldap://127.0.0.1/",
                                 "127.0.0.1/",
                                 "",
                                 "https://",
                                 "https://user:secret@youtube.com/",
                                 "https://you tube.com/",
                                 "https://youtube.com/\r\nX: y",
                                 "https://youtub\xc3\xa9.com/" };

    snprintf(local, sizeof(local), "http://localhost:%d/", raw_port(s));
    snprintf(tricky, sizeof(tricky), "http://127.0.0.1:%d@localhost/", raw_port(s));
    snprintf(odd, sizeof(odd), "HTTP://LOCALHOST:%d/?token=secret", raw_port(s));
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct error err = call_fails(n, request_of("GET", urls[i]), ERROR_CONFIG);

        ck_assert_ptr_null(strstr(err.message, "secret"));
    }
    ck_assert_int_eq(raw_accepted(s), 0);
    raw_stop(s);
}
END_TEST

START_TEST(headers_with_line_breaks_are_refused)
{
    static const char *const bad[] = { "X: a\r\nInjected: b", "X: a\nb", "X: a\rb", "X: \x01", "X: \x7f",
                                       "X y: a",              "X",       ": a",     "",        "X\r\n: a" };
    struct raw_server *s = raw_start(say, NULL);

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct http_request r = request_of("GET", raw_url(s, "/"));

        r.headers[0] = bad[i];
        call_fails(n, r, ERROR_CONFIG);
    }
    ck_assert_int_eq(raw_accepted(s), 0);
    raw_stop(s);
}
END_TEST

START_TEST(unknown_methods_are_refused)
{
    call_fails(n, request_of("GET / HTTP/1.1\r\nX: y\r\n\r\nGET", "https://127.0.0.1/"), ERROR_INTERNAL);
    call_fails(n, request_of("CONNECT", "https://127.0.0.1/"), ERROR_INTERNAL);
}
END_TEST

START_TEST(names_that_lead_inside_are_not_called)
{
    struct net *careful = net_of((struct net_options){ .refuse_private = true });
    struct raw_server *s = raw_start(say, (void *)(uintptr_t)"HTTP/1.1 204 Fine\r\n\r\n");
    char url[64];
    struct error err;

    snprintf(url, sizeof(url), "https://localhost:%d/", raw_port(s));
    err = call_fails(careful, request_of("GET", url), ERROR_NET_PRE);
    ck_assert_str_eq(err.message,
                     "localhost leads to an address inside the local network, so it was not called.");
    ck_assert_int_eq(raw_accepted(s), 0);
    /* Who says the address itself means it. */
    call_answers(careful, request_of("GET", raw_url(s, "/")), 204, "");
    raw_stop(s);
    net_stop(careful);
}
END_TEST

START_TEST(unreadable_authorities_are_told_at_the_start)
{
    struct net *none = NULL;
    struct net_options options = { .ca_file = "/nowhere/ca.pem" };
    struct error err;

    TEST_FAILS(net_start(&none, &options, &err), err, ERROR_CONFIG);
    ck_assert_ptr_null(none);
}
END_TEST

/* -- Sent -- */

START_TEST(black_hole)
{
    struct raw_server *s = raw_start(say_nothing, NULL);
    struct http_request r = request_of("POST", raw_url(s, "/"));
    int64_t began = clock_mono();
    struct error err;

    r.timeout_ms = 300;
    err = call_fails(n, r, ERROR_NET_POST);
    ck_assert_int_lt(clock_mono() - began, 5000);
    ck_assert_str_eq(err.message, "YouTube did not answer within 0.3 s.");
    ck_assert_str_eq(err.remedy, "Check the internet connection; it is tried again by itself.");
    ck_assert_int_eq(raw_requests(s), 1);
    raw_stop(s);
}
END_TEST

START_TEST(a_request_cannot_wait_longer_than_all_may)
{
    struct net *hasty = net_of((struct net_options){ .total_ms = 300 });
    struct raw_server *s = raw_start(say_nothing, NULL);
    struct http_request r = request_of("POST", raw_url(s, "/"));

    r.timeout_ms = 3600 * 1000;
    call_fails(hasty, r, ERROR_NET_POST);
    raw_stop(s);
    net_stop(hasty);
}
END_TEST

START_TEST(cut_answers)
{
    struct error err = said("", ERROR_NET_POST);

    ck_assert_str_eq(err.message, "YouTube closed the connection without an answer.");
    said("HTTP/1.1 200", ERROR_NET_POST);
    said("HTTP/1.1 200 OK\r\nContent-Le", ERROR_NET_POST);
    err = said("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":", ERROR_NET_POST);
    ck_assert_str_eq(err.message, "The answer of YouTube broke off.");
    said("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", ERROR_NET_POST);
}
END_TEST

static void reset_in_the_body(struct raw_server *s, int fd, int number)
{
    char request[8192];

    (void)number;
    if (raw_read(s, fd, request, sizeof(request)) &&
        raw_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":"))
        raw_reset(fd);
}

START_TEST(reset_answer)
{
    struct raw_server *s = raw_start(reset_in_the_body, NULL);

    call_fails(n, request_of("POST", raw_url(s, "/")), ERROR_NET_POST);
    ck_assert_int_eq(raw_requests(s), 1);
    raw_stop(s);
}
END_TEST

START_TEST(answers_that_are_none)
{
    said("hello\r\n\r\n", ERROR_GARBAGE);
    said("SSH-2.0-OpenSSH_9.2\r\n", ERROR_GARBAGE);
    said("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain", ERROR_GARBAGE);
}
END_TEST

/* -- Too much -- */

static void say_five_mebibytes(struct raw_server *s, int fd, int number)
{
    static char block[1 << 20];
    char request[8192];

    (void)number;
    if (!raw_read(s, fd, request, sizeof(request)) || !raw_say(fd, raw_argument(s)))
        return;
    for (int i = 0; i < 5; i++)
        if (!raw_write(fd, block, sizeof(block)))
            return;
    raw_wait_closed(fd);
}

START_TEST(five_mebibytes)
{
    static const char *const heads[] = { "HTTP/1.1 200 OK\r\nContent-Length: 5242880\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" };

    for (int i = 0; i < 2; i++) {
        struct raw_server *s = raw_start(say_five_mebibytes, (void *)(uintptr_t)heads[i]);
        struct error err = call_fails(n, request_of("GET", raw_url(s, "/")), ERROR_GARBAGE);

        ck_assert_str_eq(err.message, "YouTube answered with more than any answer should hold.");
        raw_stop(s);
    }
}
END_TEST

static void say_four_mebibytes(struct raw_server *s, int fd, int number)
{
    static char block[4 << 20];
    char request[8192];

    (void)number;
    if (raw_read(s, fd, request, sizeof(request)) &&
        raw_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n"))
        raw_write(fd, block, sizeof(block));
}

START_TEST(four_mebibytes_are_allowed)
{
    struct raw_server *s = raw_start(say_four_mebibytes, NULL);
    struct http_request r = request_of("GET", raw_url(s, "/"));
    struct http_answer a;
    struct error err;

    TEST_OK(net_call(n, &r, &a, NULL, &err), err);
    ck_assert_uint_eq(a.length, 4 << 20);
    http_answer_release(&a);
    raw_stop(s);
}
END_TEST

struct bits {
    unsigned char *bytes;
    size_t count; /* bits */
};

/* Lowest bit first, as deflate packs; Huffman codes are given reversed. */
static void put_bits(struct bits *b, unsigned value, int count)
{
    for (int i = 0; i < count; i++, b->count++)
        if (value >> i & 1)
            b->bytes[b->count / 8] |= (unsigned char)(1 << b->count % 8);
}

/* A gzip of `size` zeros in 1/160 of it: one literal, then "258 times the byte before" as often as it takes. Yours. */
static unsigned char *gzip_bomb(size_t size, size_t *length)
{
    static const unsigned char head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
    struct bits b = { calloc(1, size / 100 + 64), 80 };

    ck_assert_ptr_nonnull(b.bytes);
    memcpy(b.bytes, head, sizeof(head));
    put_bits(&b, 1 | 1 << 1, 3); /* the last block, fixed codes */
    put_bits(&b, 0x0c, 8);       /* literal 0 */
    for (size_t i = 0; i < size / 258; i++) {
        put_bits(&b, 0xa3, 8); /* length 258 (code 285) */
        put_bits(&b, 0, 5);    /* distance 1 */
    }
    put_bits(&b, 0, 7); /* the end; the sums are never reached */
    *length = b.count / 8 + 9;
    return b.bytes;
}

static void say_bomb(struct raw_server *s, int fd, int number)
{
    char request[8192], head[128];
    size_t length;
    unsigned char *bomb = gzip_bomb(64 << 20, &length);

    (void)number;
    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", length);
    if (raw_read(s, fd, request, sizeof(request)) && raw_say(fd, head))
        raw_write(fd, bomb, length);
    free(bomb);
}

START_TEST(gzip_bomb_is_not_unpacked)
{
    struct raw_server *s = raw_start(say_bomb, NULL);
    struct error err = call_fails(n, request_of("GET", raw_url(s, "/")), ERROR_GARBAGE);

    ck_assert_str_eq(err.message, "YouTube answered with more than any answer should hold.");
    raw_stop(s);
}
END_TEST

static void say_many_headers(struct raw_server *s, int fd, int number)
{
    char request[8192], line[1024];

    (void)number;
    if (!raw_read(s, fd, request, sizeof(request)) || !raw_say(fd, "HTTP/1.1 200 OK\r\n"))
        return;
    snprintf(line, sizeof(line), "X-%0900d: 1\r\n", 0);
    for (int i = 0; i < 80 && raw_say(fd, line); i++)
        ;
    raw_say(fd, "Content-Length: 0\r\n\r\n");
}

START_TEST(eighty_kibibytes_of_headers)
{
    struct raw_server *s = raw_start(say_many_headers, NULL);

    call_fails(n, request_of("GET", raw_url(s, "/")), ERROR_GARBAGE);
    raw_stop(s);
}
END_TEST

START_TEST(redirects_are_not_followed)
{
    struct raw_server *there = raw_start(say, (void *)(uintptr_t)"HTTP/1.1 204 Here\r\n\r\n");
    char answer[256];
    struct raw_server *s = raw_start(say, answer);

    snprintf(answer, sizeof(answer), "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
             raw_url(there, "/"));
    call_answers(n, request_of("GET", raw_url(s, "/")), 302, "");
    ck_assert_int_eq(raw_accepted(there), 0);
    raw_stop(s);
    raw_stop(there);
}
END_TEST

/* -- Stopped -- */

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
    struct raw_server *s = raw_start(say, (void *)(uintptr_t)"HTTP/1.1 204 Fine\r\n\r\n");

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
    struct raw_server *s = raw_start(say, (void *)(uintptr_t)"HTTP/1.1 204 Fine\r\n\r\n");
    struct cancel *c = cancel_new();
    struct background calls[8];
    int64_t began;

    for (int i = 0; i < 8; i++)
        background_start(&calls[i], n, request_of("POST", raw_url(silent, "/")), i ? NULL : c);
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
    cancel_free(c);
    raw_stop(s);
}
END_TEST

TEST_MAIN_FIXTURE("net_faults", setup, teardown, refused, unknown_name, nobody_opens_the_door,
                  hosts_that_are_not_encrypted_are_not_called, headers_with_line_breaks_are_refused,
                  unknown_methods_are_refused, names_that_lead_inside_are_not_called,
                  unreadable_authorities_are_told_at_the_start, black_hole,
                  a_request_cannot_wait_longer_than_all_may, cut_answers, reset_answer,
                  answers_that_are_none, five_mebibytes, four_mebibytes_are_allowed,
                  gzip_bomb_is_not_unpacked, eighty_kibibytes_of_headers,
                  redirects_are_not_followed, cancel_under_way, cancel_before_the_call,
                  cancel_at_any_moment, stop_with_calls_under_way,
                  one_silent_platform_holds_up_no_other)

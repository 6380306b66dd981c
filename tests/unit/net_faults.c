/* What a platform, or the way back from it, can get wrong, and the class that each must have. */
#include "net_kit.h"

#include <stdio.h>

static struct net *n;

static void setup(void)
{
    n = net_plain();
}

static void teardown(void)
{
    net_stop(n);
}

static struct error said(const char *answer, enum error_kind kind)
{
    struct raw_server *s = raw_start(say, SAY(answer));
    struct error err = call_fails(n, request_of("POST", raw_url(s, "/")), kind);

    ck_assert_str_eq(err.platform, "youtube");
    ck_assert_str_ne(err.remedy, "");
    ck_assert_int_eq(raw_requests(s), 1);
    raw_stop(s);
    return err;
}

START_TEST(black_hole)
{
    struct raw_server *s = raw_start(say_nothing, NULL);
    struct http_request r = request_of("POST", raw_url(s, "/"));
    int64_t began = clock_mono();
    struct error err;

    r.timeout_ms = 300;
    err = call_fails(n, r, ERROR_NET_POST);
    ck_assert_int_lt(clock_mono() - began, 5000);
    ck_assert_str_eq(err.message, "YouTube did not answer within 300 ms.");
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
    said("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
         ERROR_GARBAGE);
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
        struct raw_server *s = raw_start(say_five_mebibytes, SAY(heads[i]));
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

/* A gzip of `size` zeros in 1/160 of it: one literal, then "258 times the byte before" as often as
 * it takes. Yours. */
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
    snprintf(head, sizeof(head),
             "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", length);
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
    struct raw_server *there = raw_start(say, SAY("HTTP/1.1 204 Here\r\n\r\n"));
    char answer[256];
    struct raw_server *s = raw_start(say, answer);

    snprintf(answer, sizeof(answer),
             "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
             raw_url(there, "/"));
    call_answers(n, request_of("GET", raw_url(s, "/")), 302, "");
    ck_assert_int_eq(raw_accepted(there), 0);
    raw_stop(s);
    raw_stop(there);
}
END_TEST

TEST_MAIN_FIXTURE("net_faults", setup, teardown, black_hole,
                  a_request_cannot_wait_longer_than_all_may, cut_answers, reset_answer,
                  answers_that_are_none, five_mebibytes, four_mebibytes_are_allowed,
                  gzip_bomb_is_not_unpacked, eighty_kibibytes_of_headers,
                  redirects_are_not_followed)

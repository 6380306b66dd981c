/* The way back over loopback, by raw requests: what bears the state is let in once, whatever else
 * comes and however. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ecclesia/base/text.h>
#include <ecclesia/oauth/loopback.h>

#include "testlib.h"

static struct loopback *l;

static void start(const char *path)
{
    struct error err;

    TEST_OK(loopback_open(&l, 0, path, &err), err);
    TEST_OK(loopback_await(l, "the-state", &err), err);
}

static int dial(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)loopback_port(l)) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* The whole answer to raw bytes; borrowed until the next call. */
static const char *raw(const char *bytes, size_t length)
{
    static char answer[8192];
    size_t got = 0;
    int fd = dial();

    for (size_t sent = 0; sent < length;) {
        ssize_t n = send(fd, bytes + sent, length - sent, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        sent += (size_t)n;
    }
    for (ssize_t n = 1; n > 0 && got<sizeof answer - 1; got += n> 0 ? (size_t)n : 0) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        ck_assert_msg(poll(&p, 1, TEST_PATIENCE_MS) == 1, "no answer");
        n = recv(fd, answer + got, sizeof answer - 1 - got, 0);
    }
    answer[got] = '\0';
    close(fd);
    return answer;
}

static const char *ask(const char *target)
{
    char request[4096];
    int n = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n",
                     target, loopback_port(l));

    return raw(request, (size_t)n);
}

static void answers(const char *got, const char *status)
{
    ck_assert_msg(text_starts(got, status), "%s instead of %s", got, status);
    ck_assert_ptr_nonnull(strstr(got, "\r\nCache-Control: no-store\r\n"));
    ck_assert_ptr_nonnull(strstr(got, "\r\nReferrer-Policy: no-referrer\r\n"));
    ck_assert_ptr_nonnull(strstr(got, "default-src 'none'"));
    ck_assert_ptr_null(strstr(got, "http://"));
    ck_assert_ptr_null(strstr(got, "https://"));
    ck_assert_ptr_null(strstr(got, "s3cret"));
}

static bool arrived(char *query, size_t size)
{
    struct pollfd p = { .fd = loopback_fd(l), .events = POLLIN };

    return poll(&p, 1, 0) == 1 && loopback_take(l, query, size);
}

START_TEST(the_answer_is_let_in_once)
{
    char query[2000];

    start("");
    answers(ask("/?state=the-state&code=s3cret"), "HTTP/1.1 303 ");
    ck_assert(arrived(query, sizeof query));
    ck_assert_str_eq(query, "state=the-state&code=s3cret");
    ck_assert(!arrived(query, sizeof query));
    answers(ask("/?state=the-state&code=s3cret"), "HTTP/1.1 400 ");
    ck_assert(!arrived(query, sizeof query));
    answers(ask("/done"), "HTTP/1.1 200 ");
    loopback_close(l);
}
END_TEST

START_TEST(the_page_after_it_bears_nothing)
{
    start("/back");
    const char *got = ask("/back?state=the-state&code=s3cret");
    ck_assert_ptr_nonnull(strstr(got, "\r\nLocation: /done\r\n"));
    answers(ask("/done"), "HTTP/1.1 200 ");
    loopback_close(l);
}
END_TEST

static const char *const refused[] = {
    "/?state=wrong&code=s3cret",
    "/?code=s3cret",
    "/?state=the-state&code=s3cret&code=other",
    "/?state=the-state&state=the-state&code=s3cret",
    "/?state=the-state",
    "/?state=the-stat&code=s3cret",
    "/?state=the-state%00&code=s3cret",
    "/favicon.ico",
    "/other?state=the-state&code=s3cret",
    "//?state=the-state&code=s3cret",
    "/../?state=the-state&code=s3cret",
    "http://127.0.0.1/?state=the-state&code=s3cret",
};

START_TEST(the_rest_is_refused_and_changes_nothing)
{
    char query[2000];

    start("");
    const char *got = ask(refused[_i]);
    ck_assert_msg(text_starts(got, "HTTP/1.1 4"), "%s: %s", refused[_i], got);
    ck_assert(!arrived(query, sizeof query));
    answers(ask("/?state=the-state&code=s3cret"), "HTTP/1.1 303 ");
    ck_assert(arrived(query, sizeof query));
    answers(ask("/done"), "HTTP/1.1 200 ");
    loopback_close(l);
}
END_TEST

static const char *const heads[] = {
    "POST /?state=the-state&code=s3cret HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: "
    "0\r\n\r\n",
    "HEAD /?state=the-state&code=s3cret HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    "GET /?state=the-state&code=s3cret HTTP/1.1\r\n\r\n",
    "GET /?state=the-state&code=s3cret HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "GET /?state=the-state&code=s3cret HTTP/1.1\r\nHost: evil.example:PORT\r\n\r\n",
    "GET /?state=the-state&code=s3cret HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: "
    "127.0.0.1:PORT\r\n\r\n",
    "GET /?state=the-state&code=s3cret HTTP/1.1\r\nHost: 127.0.0.1:PORT.evil.example\r\n\r\n",
    "GET /?state=the-state&code=s3cret\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    "GET /?state=the-state&code=s3cret FTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
    "\r\n\r\n",
    "\x16\x03\x01\x02\r\n\r\n",
};

START_TEST(odd_requests_are_refused)
{
    char query[2000], request[600], port[8];
    const char *from = heads[_i];
    size_t n = 0;

    start("");
    snprintf(port, sizeof port, "%d", loopback_port(l));
    while (*from) {
        if (text_starts(from, "PORT")) {
            n += (size_t)snprintf(request + n, sizeof request - n, "%s", port);
            from += 4;
        } else {
            request[n++] = *from++;
        }
    }
    const char *got = raw(request, n);
    ck_assert_msg(text_starts(got, "HTTP/1.1 4"), "%s", got);
    ck_assert(!arrived(query, sizeof query));
    loopback_close(l);
}
END_TEST

START_TEST(what_is_too_long_is_refused)
{
    size_t length = 64 * 1024 + 200;
    char *request = malloc(length), query[2000];
    int n;

    start("");
    ck_assert_ptr_nonnull(request);
    n = snprintf(request, length, "GET /?state=the-state&code=");
    memset(request + n, 'x', length - (size_t)n);
    const char *got = raw(request, length);
    ck_assert_msg(text_starts(got, "HTTP/1.1 431 "), "%s", got);
    ck_assert(!arrived(query, sizeof query));
    answers(ask("/?state=the-state&code=s3cret"), "HTTP/1.1 303 ");
    ck_assert(arrived(query, sizeof query));
    answers(ask("/done"), "HTTP/1.1 200 ");
    free(request);
    loopback_close(l);
}
END_TEST

START_TEST(silent_peers_hold_nobody_up)
{
    char query[2000];
    int fds[20];

    start("");
    for (int i = 0; i < 20; i++) {
        fds[i] = dial();
        ck_assert_int_eq(send(fds[i], "GET /", 5, MSG_NOSIGNAL), 5);
    }
    answers(ask("/?state=the-state&code=s3cret"), "HTTP/1.1 303 ");
    ck_assert(arrived(query, sizeof query));
    answers(ask("/done"), "HTTP/1.1 200 ");
    for (int i = 0; i < 20; i++)
        close(fds[i]);
    loopback_close(l);
}
END_TEST

START_TEST(a_request_in_pieces_is_whole)
{
    char request[300], query[2000];
    int fd, n;

    start("/back");
    fd = dial();
    n = snprintf(request, sizeof request,
                 "GET /back?state=the-state&code=s3cret HTTP/1.1\r\nhost:\tlocalhost:%d \r\n\r\n",
                 loopback_port(l));
    for (int i = 0; i < n; i++)
        ck_assert_int_eq(send(fd, request + i, 1, MSG_NOSIGNAL), 1);
    TEST_UNTIL(arrived(query, sizeof query));
    ck_assert_str_eq(query, "state=the-state&code=s3cret");
    close(fd);
    answers(ask("/done"), "HTTP/1.1 200 ");
    loopback_close(l);
}
END_TEST

START_TEST(a_word_of_refusal_is_an_answer)
{
    char query[2000];

    start("");
    answers(ask("/?error=access_denied&state=the-state"), "HTTP/1.1 303 ");
    ck_assert(arrived(query, sizeof query));
    ck_assert_str_eq(query, "error=access_denied&state=the-state");
    answers(ask("/done"), "HTTP/1.1 200 ");
    loopback_close(l);
}
END_TEST

START_TEST(nobody_listens_afterwards)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    struct error err;
    struct loopback *again;
    int port, fd;

    start("");
    port = loopback_port(l);
    TEST_FAILS(loopback_open(&again, port, "", &err), err, ERROR_CONFLICT);
    loopback_close(l);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_port = htons((uint16_t)port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_ne(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    close(fd);
    TEST_OK(loopback_open(&again, port, "", &err), err);
    loopback_close(again);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("oauth_loopback");
    TCase *c = tcase_create("oauth_loopback");

    tcase_add_test(c, the_answer_is_let_in_once);
    tcase_add_test(c, the_page_after_it_bears_nothing);
    tcase_add_loop_test(c, the_rest_is_refused_and_changes_nothing, 0,
                        (int)(sizeof refused / sizeof *refused));
    tcase_add_loop_test(c, odd_requests_are_refused, 0, (int)(sizeof heads / sizeof *heads));
    tcase_add_test(c, what_is_too_long_is_refused);
    tcase_add_test(c, silent_peers_hold_nobody_up);
    tcase_add_test(c, a_request_in_pieces_is_whole);
    tcase_add_test(c, a_word_of_refusal_is_an_answer);
    tcase_add_test(c, nobody_listens_afterwards);
    suite_add_tcase(s, c);
    return test_run(s);
}

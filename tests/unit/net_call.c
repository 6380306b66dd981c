/* Calls that are answered: what crosses the wire, what comes back, how many connections it takes.
 */
#include "net_kit.h"

#include <dirent.h>
#include <stdio.h>

#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>

/* Answers each request with its own text, on a connection that stays open. */
static void echo(struct raw_server *s, int fd, int number)
{
    char request[8192];

    (void)number;
    while (raw_read(s, fd, request, sizeof(request)))
        if (!raw_answer(fd, "200 OK", request))
            return;
}

static struct net *n;
static struct raw_server *server;

static void setup(void)
{
    n = net_plain();
    server = raw_start(echo, NULL);
}

static void teardown(void)
{
    net_stop(n);
    raw_stop(server);
}

/* What the server got; yours: free(). */
static char *sent_by(struct http_request request)
{
    struct http_answer answer;
    struct error err;
    char *text;

    TEST_OK(net_call(n, &request, &answer, NULL, &err), err);
    ck_assert_int_eq(answer.status, 200);
    text = strdup(answer.body);
    http_answer_release(&answer);
    return text;
}

START_TEST(get_says_who_we_are)
{
    struct http_request r = request_of("GET", raw_url(server, "/a/b?q=1%202"));
    char *sent;

    r.headers[0] = "Authorization: Bearer abc";
    r.headers[1] = "X-Two: 2";
    sent = sent_by(r);
    ck_assert_ptr_eq(strstr(sent, "GET /a/b?q=1%202 HTTP/1.1\r\n"), sent);
    ck_assert_ptr_nonnull(strstr(sent, "\r\nAuthorization: Bearer abc\r\n"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nX-Two: 2\r\n"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nUser-Agent: ecclesia/"));
    ck_assert_ptr_nonnull(strstr(sent, "\r\nAccept-Encoding: gzip\r\n"));
    ck_assert_ptr_null(strstr(sent, "Content-"));
    ck_assert_ptr_null(strstr(sent, "Cookie"));
    free(sent);
}
END_TEST

START_TEST(no_body_is_said_so)
{
    static const char *const methods[] = { "POST", "PUT", "PATCH" };
    char *sent;

    for (int i = 0; i < 3; i++) {
        sent = sent_by(request_of(methods[i], raw_url(server, "/x")));
        ck_assert(text_starts(sent, methods[i]));
        ck_assert_ptr_nonnull(strstr(sent, "\r\nContent-Length: 0\r\n"));
        ck_assert_ptr_null(strstr(sent, "Content-Type"));
        ck_assert_ptr_null(strstr(sent, "Expect"));
        free(sent);
    }
    sent = sent_by(request_of("DELETE", raw_url(server, "/x")));
    ck_assert(text_starts(sent, "DELETE /x "));
    free(sent);
}
END_TEST

START_TEST(body_goes_out_as_it_is)
{
    static const char *const methods[] = { "POST", "PUT", "PATCH", "DELETE" };

    for (int i = 0; i < 4; i++) {
        struct http_request r = request_of(methods[i], raw_url(server, "/x"));
        char *sent;

        r.headers[0] = "Content-Type: application/json";
        r.body = "{\"a\":\"\xc3\xa4\"}--- not sent";
        r.body_length = 10;
        sent = sent_by(r);
        ck_assert(text_starts(sent, methods[i]));
        ck_assert_ptr_nonnull(strstr(sent, "\r\nContent-Length: 10\r\n"));
        ck_assert_ptr_nonnull(strstr(sent, "\r\nContent-Type: application/json\r\n"));
        ck_assert_str_eq(strstr(sent, "\r\n\r\n") + 4, "{\"a\":\"\xc3\xa4\"}");
        free(sent);
    }
}
END_TEST

/* Counts the body's bytes and its NULs. */
static void count_body(struct raw_server *s, int fd, int number)
{
    static char request[3 << 20];
    size_t length = raw_read(s, fd, request, sizeof(request)), nuls = 0;
    char said[64];

    (void)number;
    for (size_t i = 0; i < length; i++)
        nuls += request[i] == 0;
    snprintf(said, sizeof(said), "%zu %s", nuls, strstr(request, "Expect") ? "expect" : "straight");
    raw_answer(fd, "200 OK", said);
}

START_TEST(large_binary_body)
{
    struct raw_server *counter = raw_start(count_body, NULL);
    struct http_request r = request_of("POST", raw_url(counter, "/thumbnail"));

    r.body = calloc(1, 2 << 20);
    r.body_length = 2 << 20;
    call_answers(n, r, 200, "2097152 straight");
    free((void *)(uintptr_t)r.body);
    raw_stop(counter);
}
END_TEST

START_TEST(status_headers_and_body_come_back)
{
    struct raw_server *s =
        raw_start(say, SAY("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
                           "HTTP/1.1 429 Too Many\r\nRetry-After:  17 \r\nX-B: 1\r\nx-b: 2\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n"
                           "5\r\nhello\r\n1\r\n!\r\n0\r\nRetry-After: 9\r\n\r\n"));
    struct http_request r = request_of("GET", raw_url(s, "/"));
    struct http_answer a;
    struct error err;

    TEST_OK(net_call(n, &r, &a, NULL, &err), err);
    ck_assert_int_eq(a.status, 429);
    ck_assert_str_eq(a.body, "hello!");
    ck_assert_uint_eq(a.length, 6);
    ck_assert_str_eq(http_answer_header(&a, "retry-after"), "17");
    ck_assert_str_eq(http_answer_header(&a, "X-B"), "2");
    ck_assert_ptr_null(http_answer_header(&a, "X-Early"));
    ck_assert_int_ge(a.took_ms, 0);
    http_answer_release(&a);
    raw_stop(s);
}
END_TEST

START_TEST(empty_answer_has_a_body_of_nothing)
{
    struct raw_server *s = raw_start(say, SAY("HTTP/1.1 204 No Content\r\n\r\n"));

    call_answers(n, request_of("DELETE", raw_url(s, "/")), 204, "");
    raw_stop(s);
}
END_TEST

static void say_gzip(struct raw_server *s, int fd, int number)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 35\r\n\r\n";
    static const char packed[] =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x2a\x48\x4c\xce\x4e\x4d"
        "\x51\xb2\x2a\x29\x2a\x4d\xad\x05\x00\x89\xe0\xb5\xdc\x0f\x00\x00\x00";
    char request[8192];

    (void)number;
    if (raw_read(s, fd, request, sizeof(request)) && raw_say(fd, head))
        raw_write(fd, packed, 35);
}

START_TEST(gzip_is_unpacked)
{
    struct raw_server *s = raw_start(say_gzip, NULL);

    call_answers(n, request_of("GET", raw_url(s, "/")), 200, "{\"packed\":true}");
    raw_stop(s);
}
END_TEST

START_TEST(connections_are_kept)
{
    struct net_counts counts;

    for (int i = 0; i < 20; i++)
        call_answers(n, request_of(i % 2 ? "GET" : "POST", raw_url(server, "/")), 200, NULL);
    ck_assert_int_eq(raw_accepted(server), 1);
    net_count(n, &counts);
    ck_assert_uint_eq(counts.calls, 20);
    ck_assert_uint_eq(counts.connections, 1);
    ck_assert_uint_gt(counts.bytes_in, 20 * 100);
    ck_assert_uint_gt(counts.bytes_out, 20 * 80);
}
END_TEST

/* Does not answer before six connections have asked (or none more comes). */
static void crowd(struct raw_server *s, int fd, int number)
{
    char request[8192];

    (void)number;
    while (raw_read(s, fd, request, sizeof(request))) {
        while (raw_accepted(s) < 6 && !raw_stopping(s))
            test_nap();
        if (!raw_answer(fd, "200 OK", "x"))
            return;
    }
}

START_TEST(many_calls_share_six_connections)
{
    enum { MANY = 64 };
    struct raw_server *s = raw_start(crowd, NULL);
    struct background calls[MANY];

    for (int i = 0; i < MANY; i++)
        background_start(&calls[i], n, request_of("GET", raw_url(s, "/")), NULL);
    for (int i = 0; i < MANY; i++) {
        background_join(&calls[i]);
        ck_assert_msg(calls[i].answered, "%s", calls[i].err.message);
    }
    ck_assert_int_eq(raw_requests(s), MANY);
    ck_assert_int_eq(raw_open_most(s), 6);
    ck_assert_int_eq(raw_accepted(s), 6);
    raw_stop(s);
}
END_TEST

START_TEST(environment_names_no_proxy)
{
    struct raw_server *proxy = raw_start(echo, NULL);
    char url[64];

    snprintf(url, sizeof(url), "http://127.0.0.1:%d", raw_port(proxy));
    setenv("http_proxy", url, 1);
    setenv("ALL_PROXY", url, 1);
    call_answers(n, request_of("GET", raw_url(server, "/")), 200, NULL);
    ck_assert_int_eq(raw_accepted(proxy), 0);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    raw_stop(proxy);
}
END_TEST

START_TEST(trace_shows_the_route_and_no_more)
{
    struct http_request r = request_of("POST", raw_url(server, "/secret-id?token=secret-token"));
    char *line = NULL;

    r.route = "POST /youtube/v3/liveBroadcasts";
    r.headers[0] = "Authorization: Bearer secret-bearer";
    r.body = "secret-body";
    r.body_length = 11;
    call_answers(n, r, 200, NULL);
    ck_assert_uint_eq(log_recent(&line, 1), 1);
    ck_assert_ptr_nonnull(strstr(line, " net: youtube POST /youtube/v3/liveBroadcasts 200 "));
    ck_assert_ptr_nonnull(strstr(line, "ms out=11 in="));
    ck_assert_ptr_null(strstr(line, "secret"));
    free(line);
}
END_TEST

START_TEST(trace_has_the_platforms_own_name_for_the_call)
{
    struct raw_server *s = raw_start(say, SAY("HTTP/1.1 500 No\r\nrequest-id: 7f3a\r\n\r\n"));
    char *line = NULL;

    call_answers(n, request_of("GET", raw_url(s, "/")), 500, "");
    ck_assert_uint_eq(log_recent(&line, 1), 1);
    ck_assert_ptr_nonnull(strstr(line, " net: youtube TEST /route/template 500 "));
    ck_assert_ptr_nonnull(strstr(line, " id=7f3a"));
    free(line);
    raw_stop(s);
    call_fails(n, request_of("GET", "http://localhost/?secret"), ERROR_CONFIG);
    ck_assert_uint_eq(log_recent(&line, 1), 1);
    ck_assert_ptr_nonnull(strstr(line, "template config "));
    free(line);
}
END_TEST

/* How often the threads named "net" have gone to sleep; -1 when there is none. */
static long sleeps(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *e;
    long count = -1;

    while (tasks && (e = readdir(tasks))) {
        char path[300], line[128];
        bool ours = false;
        FILE *status;

        snprintf(path, sizeof(path), "/proc/self/task/%s/status", e->d_name);
        status = fopen(path, "re");
        while (status && fgets(line, sizeof(line), status)) {
            ours = ours || strcmp(line, "Name:\tnet\n") == 0;
            if (ours && text_starts(line, "voluntary_ctxt_switches:"))
                count = (count < 0 ? 0 : count) + strtol(line + 24, NULL, 10);
        }
        if (status)
            fclose(status);
    }
    if (tasks)
        closedir(tasks);
    return count;
}

START_TEST(sleeps_when_nothing_is_asked)
{
    int64_t quiet_since = clock_mono(), end = quiet_since + TEST_PATIENCE_MS;
    long last;

    call_answers(n, request_of("GET", raw_url(server, "/")), 200, NULL);
    last = sleeps();
    ck_assert_int_gt(last, 0);
    /* A whole second without one wake-up, the connection still open. */
    while (clock_mono() - quiet_since < 1000) {
        long now = sleeps();

        if (now != last)
            quiet_since = clock_mono();
        last = now;
        ck_assert_msg(clock_mono() < end, "the I/O thread never rests");
        test_nap();
    }
}
END_TEST

TEST_MAIN_FIXTURE("net_call", setup, teardown, get_says_who_we_are, no_body_is_said_so,
                  body_goes_out_as_it_is, large_binary_body, status_headers_and_body_come_back,
                  empty_answer_has_a_body_of_nothing, gzip_is_unpacked, connections_are_kept,
                  many_calls_share_six_connections, environment_names_no_proxy,
                  trace_shows_the_route_and_no_more, trace_has_the_platforms_own_name_for_the_call,
                  sleeps_when_nothing_is_asked)

/* Slow platforms, in real time: one that thinks is waited for, one that trickles is cut. */
#include "net_kit.h"

static void trickle(struct raw_server *s, int fd, int number)
{
    char request[8192];

    (void)number;
    if (!raw_read(s, fd, request, sizeof(request)) ||
        !raw_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"))
        return;
    for (int64_t next = clock_mono(); !raw_stopping(s); test_nap())
        if (clock_mono() >= next) {
            next += 500;
            if (!raw_say(fd, "x"))
                return;
        }
}

START_TEST(two_bytes_a_second)
{
    struct net *n = net_of((struct net_options){ .total_ms = 30000 });
    struct raw_server *s = raw_start(trickle, NULL);
    int64_t began = clock_mono();
    struct error err = call_fails(n, request_of("GET", raw_url(s, "/")), ERROR_NET_POST);

    ck_assert_int_lt(clock_mono() - began, 20000);
    ck_assert_str_eq(err.message, "YouTube began to answer, but far too slowly.");
    net_stop(n);
    raw_stop(s);
}
END_TEST

static void think(struct raw_server *s, int fd, int number)
{
    char request[8192];
    int64_t until;

    (void)number;
    if (!raw_read(s, fd, request, sizeof(request)))
        return;
    for (until = clock_mono() + 15000; clock_mono() < until && !raw_stopping(s);)
        test_nap();
    raw_answer(fd, "200 OK", "done");
}

START_TEST(fifteen_seconds_of_thought)
{
    struct net *n = net_of((struct net_options){ .total_ms = 30000 });
    struct raw_server *s = raw_start(think, NULL);

    call_answers(n, request_of("POST", raw_url(s, "/")), 200, "done");
    net_stop(n);
    raw_stop(s);
}
END_TEST

TEST_MAIN("net_slow_long", two_bytes_a_second, fifteen_seconds_of_thought)

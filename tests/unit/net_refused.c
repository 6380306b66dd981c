/* Calls of which no byte has left: nobody there, or we would not. */
#include "net_kit.h"

#include <arpa/inet.h>
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
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)raw_port(s)),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fill[4];
    struct error err;

    for (int i = 0; i < 4; i++) {
        fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        ck_assert_int_ge(fill[i], 0);
        (void)!connect(fill[i], (struct sockaddr *)&to, sizeof(to));
    }
    err = call_fails(hasty, request_of("POST", raw_url(s, "/")), ERROR_NET_PRE);
    ck_assert_str_eq(err.message, "127.0.0.1 could not be reached within 300 ms.");
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
    static const char *const bad[] = { "X: a\r\nInjected: b",
                                       "X: a\nb",
                                       "X: a\rb",
                                       "X: \x01",
                                       "X: \x7f",
                                       "X y: a",
                                       "X",
                                       ": a",
                                       "",
                                       "X\r\n: a" };
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
    call_fails(n, request_of("GET / HTTP/1.1\r\nX: y\r\n\r\nGET", "https://127.0.0.1/"),
               ERROR_INTERNAL);
    call_fails(n, request_of("CONNECT", "https://127.0.0.1/"), ERROR_INTERNAL);
}
END_TEST

START_TEST(names_that_lead_inside_are_not_called)
{
    struct net *careful = net_of((struct net_options){ .refuse_private = true });
    struct raw_server *s = raw_start(say, SAY("HTTP/1.1 204 Fine\r\n\r\n"));
    char url[64];
    struct error err;

    snprintf(url, sizeof(url), "https://localhost:%d/", raw_port(s));
    err = call_fails(careful, request_of("GET", url), ERROR_NET_PRE);
    ck_assert_str_eq(
        err.message,
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

TEST_MAIN_FIXTURE("net_refused", setup, teardown, refused, unknown_name, nobody_opens_the_door,
                  hosts_that_are_not_encrypted_are_not_called, headers_with_line_breaks_are_refused,
                  unknown_methods_are_refused, names_that_lead_inside_are_not_called,
                  unreadable_authorities_are_told_at_the_start)

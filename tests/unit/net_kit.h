/* What the tests of the network share: a net, calls in one line, a call in a thread of its own. */
#ifndef TESTS_UNIT_NET_KIT_H
#define TESTS_UNIT_NET_KIT_H

#include "testlib.h"
#include "rawserver.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/net/net.h>

#define UNUSED __attribute__((unused))

static UNUSED struct net *net_of(struct net_options options)
{
    struct net *n = NULL;
    struct error err;

    TEST_OK(net_start(&n, &options, &err), err);
    return n;
}

static UNUSED struct net *net_plain(void)
{
    return net_of((struct net_options){ .connect_ms = 2000, .total_ms = 20000 });
}

static UNUSED struct http_request request_of(const char *method, const char *url)
{
    return (struct http_request){
        .method = method, .url = url, .route = "TEST /route/template", .platform = "youtube"
    };
}

/* A call that must end with this kind; err is left for a look at its words. */
static UNUSED struct error call_fails(struct net *n, struct http_request request,
                                      enum error_kind kind)
{
    struct http_answer answer;
    struct error err;

    TEST_FAILS(net_call(n, &request, &answer, NULL, &err), err, kind);
    ck_assert_str_ne(err.message, "");
    return err;
}

/* A call that must be answered with this status; the body is looked at when it is given. */
static UNUSED void call_answers(struct net *n, struct http_request request, int status,
                                const char *body)
{
    struct http_answer answer;
    struct error err;

    TEST_OK(net_call(n, &request, &answer, NULL, &err), err);
    ck_assert_int_eq(answer.status, status);
    if (body)
        ck_assert_str_eq(answer.body, body);
    ck_assert_uint_eq(answer.body[answer.length], 0);
    http_answer_release(&answer);
}

/* Scripts: reads a request, then says the server's argument and hangs up ... */
static UNUSED void say(struct raw_server *s, int fd, int number)
{
    char request[8192];

    (void)number;
    if (raw_read(s, fd, request, sizeof(request)))
        raw_say(fd, raw_argument(s));
}

/* ... or never says a word. */
static UNUSED void say_nothing(struct raw_server *s, int fd, int number)
{
    char request[8192];

    (void)number;
    raw_read(s, fd, request, sizeof(request));
    raw_wait_closed(fd);
}

/* The argument of say(). */
#define SAY(text) ((void *)(uintptr_t)(text))

/* A call under way in a thread of its own. */
struct background {
    pthread_t thread;
    struct net *net;
    struct http_request request;
    struct cancel *cancel;
    bool answered;
    int status;
    struct error err;
};

static void *background_run(void *argument)
{
    struct background *b = argument;
    struct http_answer answer;

    b->answered = net_call(b->net, &b->request, &answer, b->cancel, &b->err);
    if (b->answered) {
        b->status = answer.status;
        http_answer_release(&answer);
    }
    return NULL;
}

static UNUSED void background_start(struct background *b, struct net *n,
                                    struct http_request request, struct cancel *cancel)
{
    *b = (struct background){ .net = n, .request = request, .cancel = cancel };
    ck_assert_int_eq(pthread_create(&b->thread, NULL, background_run, b), 0);
}

static UNUSED void background_join(struct background *b)
{
    ck_assert_int_eq(pthread_join(b->thread, NULL), 0);
}

#endif

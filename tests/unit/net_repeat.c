/* A lost answer must not become a second broadcast: curl repeats a request by itself when a pooled
 * connection dies before an answer, a POST too, and here it must not. */
#include "net_kit.h"

/* What the server does to the second request of a connection, once it has read it whole. */
struct plan {
    bool reset;
};

static void second_is_lost(struct raw_server *s, int fd, int number)
{
    const struct plan *plan = raw_argument(s);
    char request[4096];

    if (number > 0) {
        /* Only a repeat can come here. It is answered, so that nothing hides it. */
        while (raw_read(s, fd, request, sizeof(request)))
            raw_answer(fd, "200 OK", "repeated");
        return;
    }
    if (!raw_read(s, fd, request, sizeof(request)) || !raw_answer(fd, "200 OK", "first"))
        return;
    if (!raw_read(s, fd, request, sizeof(request)))
        return;
    if (plan->reset)
        raw_reset(fd);
}

static struct http_request effect_of(const char *method, const char *url, bool effect, bool creates)
{
    struct http_request r = request_of(method, url);

    r.effect = effect;
    r.creates = creates;
    r.body = "{\"title\":\"Sunday Service\"}";
    r.body_length = strlen(r.body);
    return r;
}

static void lost_answer(struct http_request (*of)(const char *url), bool reset)
{
    struct plan plan = { .reset = reset };
    struct raw_server *s = raw_start(second_is_lost, &plan);
    struct net *n = net_plain();
    struct error err;

    call_answers(n, request_of("GET", raw_url(s, "/")), 200, "first");
    err = call_fails(n, of(raw_url(s, "/liveBroadcasts")), ERROR_NET_POST);
    ck_assert_str_eq(err.message, "YouTube closed the connection without an answer.");
    ck_assert_int_eq(raw_requests(s), 2);
    /* And the net goes on. */
    call_answers(n, request_of("GET", raw_url(s, "/")), 200, "repeated");
    net_stop(n);
    raw_stop(s);
}

static struct http_request create_post(const char *url)
{
    return effect_of("POST", url, true, true);
}

static struct http_request create_alone(const char *url)
{
    return effect_of("POST", url, false, true);
}

static struct http_request bare_post(const char *url)
{
    struct http_request r = effect_of("POST", url, true, false);

    r.body = NULL;
    r.body_length = 0;
    return r;
}

/* A token refresh, say: no effect is declared, but a refresh token that is used twice ends the
 * connection. */
static struct http_request plain_post(const char *url)
{
    return effect_of("POST", url, false, false);
}

static struct http_request put(const char *url)
{
    return effect_of("PUT", url, true, false);
}

static struct http_request delete (const char *url)
{
    struct http_request r = request_of("DELETE", url);

    r.effect = true;
    return r;
}

/* A platform that changes something by GET. */
static struct http_request get_with_effect(const char *url)
{
    struct http_request r = request_of("GET", url);

    r.effect = true;
    return r;
}

START_TEST(lost_answers_are_not_asked_for_again)
{
    struct http_request (*const kinds[])(const char *) = { create_post,    create_alone, bare_post,
                                                           plain_post,     put,          delete,
                                                           get_with_effect };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        lost_answer(kinds[i], false);
        lost_answer(kinds[i], true);
    }
}
END_TEST

START_TEST(a_question_may_be_asked_again)
{
    struct plan plan = { .reset = false };
    struct raw_server *s = raw_start(second_is_lost, &plan);
    struct net *n = net_plain();

    call_answers(n, request_of("GET", raw_url(s, "/")), 200, "first");
    call_answers(n, request_of("GET", raw_url(s, "/")), 200, "repeated");
    ck_assert_int_eq(raw_requests(s), 3);
    net_stop(n);
    raw_stop(s);
}
END_TEST

static void second_is_lost_and_door_shut(struct raw_server *s, int fd, int number)
{
    char request[4096];

    (void)number;
    if (raw_read(s, fd, request, sizeof(request)) && raw_answer(fd, "200 OK", "first") &&
        raw_read(s, fd, request, sizeof(request)))
        raw_deafen(s);
}

START_TEST(platform_that_dies_with_our_request_leaves_the_outcome_open)
{
    /* curl's last word is "could not connect": of its repeat. The first one had arrived. */
    struct raw_server *s = raw_start(second_is_lost_and_door_shut, NULL);
    struct net *n = net_plain();

    call_answers(n, request_of("GET", raw_url(s, "/")), 200, "first");
    call_fails(n, create_post(raw_url(s, "/liveBroadcasts")), ERROR_NET_POST);
    call_fails(n, create_post(raw_url(s, "/liveBroadcasts")), ERROR_NET_PRE);
    ck_assert_int_eq(raw_requests(s), 2);
    net_stop(n);
    raw_stop(s);
}
END_TEST

/* One request a connection, though it promised to keep it. */
static void hangs_up(struct raw_server *s, int fd, int number)
{
    char request[4096];

    (void)number;
    if (raw_read(s, fd, request, sizeof(request)))
        raw_answer(fd, "200 OK", "once");
}

START_TEST(create_goes_through_when_the_pooled_connection_was_long_dead)
{
    struct raw_server *s = raw_start(hangs_up, NULL);
    struct net *n = net_plain();

    for (int i = 1; i <= 20; i++) {
        call_answers(n, request_of("GET", raw_url(s, "/")), 200, "once");
        /* The close has arrived: the server has counted the connection off. */
        TEST_UNTIL(raw_open(s) == 0);
        call_answers(n, create_post(raw_url(s, "/liveBroadcasts")), 200, "once");
        TEST_UNTIL(raw_open(s) == 0);
        ck_assert_int_eq(raw_requests(s), 2 * i);
    }
    net_stop(n);
    raw_stop(s);
}
END_TEST

TEST_MAIN("net_repeat", lost_answers_are_not_asked_for_again, a_question_may_be_asked_again,
          platform_that_dies_with_our_request_leaves_the_outcome_open,
          create_goes_through_when_the_pooled_connection_was_long_dead)

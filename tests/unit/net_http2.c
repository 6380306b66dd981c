/* HTTP/2: many calls on one connection, and no repeat of what may have been done. */
#include "net_peer.h"

/* Frames: length (3), type, flags, stream (4), payload. 0x88 is ":status: 200" in HPACK. */
static const unsigned char settings[] = { 0, 0, 0, 4, 0, 0, 0, 0, 0 };
static const unsigned char settings_ack[] = { 0, 0, 0, 4, 1, 0, 0, 0, 0 };
static const unsigned char ok_on_1[] = { 0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88 };
static const unsigned char refused_3[] = { 0, 0, 4, 3, 0, 0, 0, 0, 3, 0, 0, 0, 7 };

/* How many requests, that is HEADERS frames, have come on all connections so far. */
static int frames_of_headers(struct peer *p)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    size_t at = 0, end = peer_heard(p);
    int count = 0;

    while (at + 9 <= end) {
        const unsigned char *f = (const unsigned char *)p->heard + at;

        if (end - at >= 24 && memcmp(f, preface, 24) == 0) {
            at += 24;
            continue;
        }
        count += f[3] == 1;
        at += 9 + ((size_t)f[0] << 16 | (size_t)f[1] << 8 | f[2]);
    }
    return count;
}

/* A connection with one answered GET on it. */
static struct peer *h2_start(struct net **n)
{
    static const char *const h2[] = { "-alpn", "h2", NULL };
    struct certificate c = certificate_for("IP:127.0.0.1");
    struct peer *p = peer_start(c, h2);
    struct background b;

    *n = net_trusting(c);
    peer_url(p, "127.0.0.1");
    background_start(&b, *n, request_of("GET", p->url), NULL);
    TEST_UNTIL(frames_of_headers(p) == 1);
    peer_say(p, settings, sizeof(settings));
    peer_say(p, settings_ack, sizeof(settings_ack));
    peer_say(p, ok_on_1, sizeof(ok_on_1));
    background_join(&b);
    ck_assert_msg(b.answered, "%s", b.err.message);
    ck_assert_int_eq(b.status, 200);
    ck_assert_int_eq(raw_accepted(p->relay), 1);
    return p;
}

static void h2_lost_answer(struct http_request (*of)(const char *))
{
    struct net *n;
    struct peer *p = h2_start(&n);
    struct background b;

    background_start(&b, n, of(p->url), NULL);
    TEST_UNTIL(frames_of_headers(p) == 2);
    peer_cut(p);
    background_join(&b);
    ck_assert(!b.answered);
    ck_assert_int_eq(b.err.kind, ERROR_NET_POST);
    TEST_UNTIL(raw_open(p->relay) == 0);
    ck_assert_int_eq(frames_of_headers(p), 2);
    net_stop(n);
    peer_stop(p);
}

static struct http_request create_with_body(const char *url)
{
    struct http_request r = secret_call(url);

    r.body = "{\"title\":\"Sunday Service\"}";
    r.body_length = strlen(r.body);
    return r;
}

START_TEST(lost_answer_over_http2_is_not_asked_for_again)
{
    h2_lost_answer(secret_call);
    h2_lost_answer(create_with_body);
}
END_TEST

START_TEST(refused_stream_of_a_create_is_not_sent_again_by_itself)
{
    struct net *n;
    struct peer *p = h2_start(&n);
    struct background b;

    background_start(&b, n, create_with_body(p->url), NULL);
    TEST_UNTIL(frames_of_headers(p) == 2);
    peer_say(p, refused_3, sizeof(refused_3));
    background_join(&b);
    ck_assert(!b.answered);
    ck_assert_int_eq(b.err.kind, ERROR_NET_POST);
    ck_assert_int_eq(frames_of_headers(p), 2);
    net_stop(n);
    peer_stop(p);
}
END_TEST

START_TEST(http2_carries_many_calls_on_one_connection)
{
    enum { CALLS = 5 };
    struct net *n;
    struct peer *p = h2_start(&n);
    struct background calls[CALLS];

    for (int i = 0; i < CALLS; i++)
        background_start(&calls[i], n, request_of("GET", p->url), NULL);
    TEST_UNTIL(frames_of_headers(p) == 1 + CALLS);
    for (int i = 0; i < CALLS; i++) {
        unsigned char ok[sizeof(ok_on_1)];

        memcpy(ok, ok_on_1, sizeof(ok));
        ok[8] = (unsigned char)(3 + 2 * i);
        peer_say(p, ok, sizeof(ok));
    }
    for (int i = 0; i < CALLS; i++) {
        background_join(&calls[i]);
        ck_assert_msg(calls[i].answered, "%s", calls[i].err.message);
    }
    ck_assert_int_eq(raw_accepted(p->relay), 1);
    net_stop(n);
    peer_stop(p);
}
END_TEST

TEST_MAIN("net_http2", lost_answer_over_http2_is_not_asked_for_again,
          refused_stream_of_a_create_is_not_sent_again_by_itself,
          http2_carries_many_calls_on_one_connection)

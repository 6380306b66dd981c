/* Listening to a WebSocket (RFC 6455) for a moment: the handshake, then whatever the platform says
 * until it falls silent. It is opened, heard and closed in one go, on the caller's thread, so
 * nothing has to be kept alive: a platform that tells the last minute to whoever comes (Restream)
 * is heard whole all the same. */
#include "net/feed.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/id.h>

enum { FRAME_TEXT = 1, FRAME_CLOSE = 8, FRAME_PING = 9, FRAME_PONG = 10 };
enum { IN_MOST = 1 << 20, HEAD_MOST = 16 << 10, SLICE_MS = 100 };

struct listener {
    const struct http_feed *feed;
    struct transfer *t;
    CURL *easy;
    struct text in, message; /* bytes not looked at yet; parts of a message */
    bool over;               /* the other side has said goodbye, or is gone */
    bool broken;             /* what came is no WebSocket */
    int64_t began;           /* monotonic */
    int64_t first, heard;    /* when the first and the last message came, 0 none */
};

/* ---- bytes ---- */

static bool send_all(struct listener *l, const void *bytes, size_t length)
{
    const char *at = bytes;
    int64_t end = clock_mono() + 2000;

    while (length > 0) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(l->easy, at, length, &sent);

        if (code != CURLE_OK && code != CURLE_AGAIN)
            return false;
        at += sent;
        length -= sent;
        if (length > 0 && code == CURLE_AGAIN) {
            if (clock_mono() > end || cancel_asked(l->t->cancel))
                return false;
            poll(NULL, 0, 5);
        }
    }
    return true;
}

/* What has come so far; false when the connection is over. */
static bool take_bytes(struct listener *l)
{
    char some[8192];
    size_t got;

    for (;;) {
        CURLcode code = curl_easy_recv(l->easy, some, sizeof(some), &got);

        if (code == CURLE_AGAIN)
            return true;
        if (code != CURLE_OK || got == 0)
            return false;
        if (!text_append(&l->in, some, got))
            return false;
    }
}

static void wait_bytes(struct listener *l, int64_t ms)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    struct pollfd p = { .events = POLLIN };

    if (ms < 1)
        return;
    curl_easy_getinfo(l->easy, CURLINFO_ACTIVESOCKET, &fd);
    p.fd = (int)fd;
    /* In slices, so that a cancel is seen. */
    poll(&p, 1, (int)(ms < SLICE_MS ? ms : SLICE_MS));
}

static void drop_bytes(struct listener *l, size_t count)
{
    char *rest = l->in.data + count;
    struct text left;

    text_init(&left, IN_MOST);
    text_append(&left, rest, l->in.length - count);
    text_wipe(l->in.data, l->in.length);
    text_release(&l->in);
    l->in = left;
}

/* ---- frames ---- */

static void answer_frame(struct listener *l, int kind, const unsigned char *bytes, size_t length)
{
    unsigned char frame[6 + 125] = { (unsigned char)(0x80 | kind), (unsigned char)(0x80 | length) };

    if (length > 125)
        return;
    random_bytes(frame + 2, 4);
    for (size_t i = 0; i < length; i++)
        frame[6 + i] = bytes[i] ^ frame[2 + i % 4];
    send_all(l, frame, 6 + length);
}

static void take_frame(struct listener *l, int kind, bool last, const char *bytes, size_t length)
{
    if (kind == FRAME_PING) {
        answer_frame(l, FRAME_PONG, (const unsigned char *)bytes, length);
    } else if (kind == FRAME_CLOSE) {
        l->over = true;
    } else if (kind <= 2) {
        if (kind != 0)
            text_clear(&l->message);
        l->broken = l->broken || !text_append(&l->message, bytes, length);
        if (last && !l->broken) {
            l->heard = clock_mono();
            l->first = l->first ? l->first : l->heard;
            l->feed->take(l->feed->context, text_str(&l->message), l->message.length);
            text_clear(&l->message);
        }
    }
}

/* One whole frame off the front; false: not all of it is there, or it is none. A server's frames
 * are not masked. */
static bool next_frame(struct listener *l)
{
    const unsigned char *in = (const unsigned char *)l->in.data;
    size_t have = l->in.length, head = 2, length;

    if (have < 2 || l->over || l->broken)
        return false;
    length = in[1] & 0x7fu;
    head += length == 126 ? 2 : length == 127 ? 8 : 0;
    if (have < head)
        return false;
    if (head > 2) {
        length = 0;
        for (size_t i = 2; i < head; i++)
            length = length << 8 | in[i];
    }
    if ((in[1] & 0x80u) || (in[0] & 0x70u) || length > IN_MOST / 2) {
        l->broken = true;
        return false;
    }
    if (have < head + length)
        return false;
    take_frame(l, in[0] & 0x0f, (in[0] & 0x80u) != 0, l->in.data + head, length);
    drop_bytes(l, head + length);
    return true;
}

/* ---- the handshake ---- */

static bool part_of(CURLU *url, CURLUPart part, struct text *to, const char *before)
{
    char *value = NULL;

    if (curl_url_get(url, part, &value, 0) != CURLUE_OK)
        return false;
    text_addf(to, "%s%s", before, value);
    curl_free(value);
    return true;
}

static bool send_handshake(struct listener *l)
{
    unsigned char random[16];
    struct text head;
    bool sent;

    random_bytes(random, sizeof(random));
    text_init(&head, HEAD_MOST);
    part_of(l->t->url, CURLUPART_PATH, &head, "GET ");
    part_of(l->t->url, CURLUPART_QUERY, &head, "?");
    text_addf(&head, " HTTP/1.1\r\nHost: %s", l->t->host);
    part_of(l->t->url, CURLUPART_PORT, &head, ":");
    text_add(&head, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: ");
    text_add_base64(&head, random, sizeof(random));
    text_add(&head, "\r\n\r\n");
    sent = !head.overflow && send_all(l, text_str(&head), head.length);
    text_wipe(head.data, head.length); /* the query holds the token */
    text_release(&head);
    return sent;
}

/* The status of the answer; 0: none came in time. */
static int take_handshake(struct listener *l)
{
    int64_t end = l->began + l->t->timeout_ms;
    int status = 0;

    for (;;) {
        bool open = take_bytes(l);
        const char *stop = l->in.length ? strstr(text_str(&l->in), "\r\n\r\n") : NULL;

        if (stop) {
            if (sscanf(text_str(&l->in), "HTTP/1.%*1[01] %d", &status) != 1)
                status = 0;
            drop_bytes(l, (size_t)(stop + 4 - text_str(&l->in)));
            return status;
        }
        if (!open || l->in.length > HEAD_MOST || clock_mono() > end || cancel_asked(l->t->cancel))
            return 0;
        wait_bytes(l, end - clock_mono());
    }
}

/* ---- listening ---- */

static int64_t time_left(const struct listener *l)
{
    int64_t quiet = l->heard + l->feed->quiet_ms, most = l->first + l->feed->most_ms;

    if (!l->first)
        return l->began + l->feed->first_ms - clock_mono();
    return (quiet < most ? quiet : most) - clock_mono();
}

static void hear(struct listener *l)
{
    static const unsigned char normal[2] = { 1000 >> 8, 1000 & 0xff };

    l->began = clock_mono();
    for (;;) {
        bool open = take_bytes(l);

        while (next_frame(l))
            continue;
        if (!open)
            l->over = true;
        if (l->over || l->broken || time_left(l) <= 0 || cancel_asked(l->t->cancel))
            break;
        wait_bytes(l, time_left(l));
    }
    if (!l->over)
        answer_frame(l, FRAME_CLOSE, normal, sizeof(normal));
}

static int on_progress(void *argument, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct transfer *t = argument;

    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return cancel_asked(t->cancel);
}

static bool fit(struct transfer *t, CURL *easy)
{
    return transfer_fit(t, easy) && curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_XFERINFODATA, t) == CURLE_OK;
}

bool feed_run(struct transfer *t, const struct http_feed *feed, int *status)
{
    struct listener l = { .feed = feed, .t = t, .easy = curl_easy_init(), .began = clock_mono() };

    *status = 0;
    if (!l.easy || !fit(t, l.easy)) {
        t->result = CURLE_FAILED_INIT;
        curl_easy_cleanup(l.easy);
        return false;
    }
    text_init(&l.in, IN_MOST);
    text_init(&l.message, IN_MOST);
    t->result = curl_easy_perform(l.easy);
    transfer_measure(t);
    if (t->result == CURLE_OK) {
        l.began = clock_mono();
        t->sent = send_handshake(&l);
        *status = t->sent ? take_handshake(&l) : 0;
        t->result = *status ? CURLE_OK : CURLE_RECV_ERROR;
    }
    t->status = *status;
    if (*status == 101)
        hear(&l);
    if (cancel_asked(t->cancel))
        t->end = TRANSFER_CANCELLED;
    curl_easy_cleanup(l.easy);
    text_release(&l.in);
    text_release(&l.message);
    return *status != 0 && t->end != TRANSFER_CANCELLED;
}

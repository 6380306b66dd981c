/* WebSockets (RFC 6455), as far as a platform's feed needs them: the handshake, text out, and of
 * what comes in only pings and goodbyes. Nothing here blocks.
 *
 * A socket is made under sim->lock by the request that asks for it and belongs to sim->sockets. The
 * HTTP thread opens it (wire.c) and tells by `gone` that its connection is no more; those two flags
 * are all it touches later. The clockwork does the rest under sim->lock. */
#include "sim/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { TEXT = 1, GOODBYE = 8, PING = 9, PONG = 10 };
enum { OUT_MOST = 1 << 20 };

/* ---- the handshake ---- */

static bool holds(const char *list, const char *word)
{
    return list != NULL && strcasestr(list, word) != NULL;
}

struct sim_socket *sim_socket_accept(struct sim_call *c)
{
    static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const char *key = sim_header(c, "sec-websocket-key"),
               *version = sim_header(c, "sec-websocket-version");
    unsigned char sum[20];
    char joined[128];
    struct text t;

    if (!holds(sim_header(c, "upgrade"), "websocket") ||
        !holds(sim_header(c, "connection"), "upgrade") || version == NULL ||
        strcmp(version, "13") != 0 || key == NULL || strlen(key) != 24) {
        sim_reply_text(&c->reply, 426, "text/plain", "Upgrade Required\n");
        sim_reply_header(&c->reply, "Upgrade", "websocket");
        return NULL;
    }
    struct sim_socket *s = calloc(1, sizeof *s);
    if (s == NULL)
        abort();
    s->platform = c->index;
    s->fd = -1;
    atomic_init(&s->open, false);
    atomic_init(&s->gone, false);
    text_init(&s->out, OUT_MOST);
    s->next = c->sim->sockets;
    c->sim->sockets = s;
    snprintf(joined, sizeof joined, "%s%s", key, magic);
    sim_sha1(sum, joined, strlen(joined));
    text_init(&t, 100);
    text_add_base64(&t, sum, sizeof sum);
    sim_reply_empty(&c->reply, 101);
    sim_reply_header(&c->reply, "Upgrade", "websocket");
    sim_reply_header(&c->reply, "Sec-WebSocket-Accept", "%s", text_str(&t));
    text_release(&t);
    c->reply.socket = s;
    return s;
}

/* ---- frames ---- */

static void frame(struct sim_socket *s, int kind, const void *bytes, size_t length)
{
    unsigned char head[10] = { (unsigned char)(0x80 | kind) };
    size_t size = 2;

    if (length < 126) {
        head[1] = (unsigned char)length;
    } else {
        head[1] = length < 65536 ? 126 : 127;
        size = length < 65536 ? 4 : 10;
        for (size_t i = size; i > 2; i--)
            head[i - 1] = (unsigned char)(length >> (8 * (size - i)));
    }
    text_append(&s->out, head, size);
    text_append(&s->out, bytes, length);
}

void sim_socket_send(struct sim_socket *s, const char *text)
{
    if (!s->goodbye)
        frame(s, TEXT, text, strlen(text));
}

void sim_socket_close(struct sim_socket *s, int code)
{
    unsigned char two[2] = { (unsigned char)(code >> 8), (unsigned char)code };

    if (!s->goodbye)
        frame(s, GOODBYE, two, sizeof two);
    s->goodbye = true;
}

/* One whole frame at the front of what came in; false: not all of it is there yet. A client's
 * frames are masked, and those worth reading are short. */
static bool take_frame(struct sim_socket *s)
{
    size_t length = s->got >= 2 ? s->in[1] & 0x7fu : 0, head = 6;

    if (s->got < 2)
        return false;
    if (length == 126) {
        if (s->got < 4)
            return false;
        length = (size_t)s->in[2] << 8 | s->in[3];
        head = 8;
    }
    if (length >= 127 * 256 || (s->in[1] & 0x80u) == 0 || head + length > sizeof s->in) {
        sim_socket_close(s, (s->in[1] & 0x80u) == 0 ? 1002 : 1009);
        return false;
    }
    if (s->got < head + length)
        return false;
    int kind = s->in[0] & 0x0f;
    for (size_t i = 0; i < length; i++)
        s->in[head + i] ^= s->in[head - 4 + i % 4];
    if (kind == PING && !s->goodbye)
        frame(s, PONG, s->in + head, length);
    else if (kind == GOODBYE)
        sim_socket_close(s, 1000);
    s->got -= head + length;
    memmove(s->in, s->in + head + length, s->got);
    return true;
}

/* Reads and writes what goes at once. False: the other side is gone, or all is said. */
static bool move(struct sim_socket *s)
{
    ssize_t got = recv(s->fd, s->in + s->got, sizeof s->in - s->got, MSG_DONTWAIT);

    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
        return false;
    s->got += got > 0 ? (size_t)got : 0;
    while (take_frame(s))
        continue;
    while (s->sent < s->out.length) {
        got = send(s->fd, s->out.data + s->sent, s->out.length - s->sent,
                   MSG_DONTWAIT | MSG_NOSIGNAL);
        if (got <= 0)
            return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
        s->sent += (size_t)got;
    }
    text_clear(&s->out);
    s->sent = 0;
    return !s->goodbye;
}

/* ---- all of them ---- */

void sim_socket_free(struct sim_socket *s)
{
    text_release(&s->out);
    free(s);
}

void *sim_sockets_run(struct sim *sim)
{
    void *done = NULL;

    for (struct sim_socket **at = &sim->sockets; *at != NULL;) {
        struct sim_socket *s = *at;
        if (atomic_load(&s->gone)) {
            *at = s->next;
            sim_socket_free(s);
            continue;
        }
        at = &s->next;
        if (!atomic_load(&s->open) || s->released)
            continue;
        if (!s->goodbye)
            sim_platforms[s->platform]->feed(sim, s);
        if (done == NULL && (!move(s) || s->out.overflow)) {
            s->released = true;
            done = s->handle;
        }
    }
    return done;
}

#include "rawserver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

enum { RAW_CONNECTIONS = 256 };

/* `mutex` guards all that changes after the start. */
struct raw_server {
    raw_script *script;
    void *argument;
    int listener, port;
    pthread_t acceptor;
    pthread_mutex_t mutex;
    struct raw_connection {
        struct raw_server *server;
        pthread_t thread;
        int fd, number;
        bool open;
    } connections[RAW_CONNECTIONS];
    int accepted, open, open_most, requests;
    bool stopping;
};

static int raw_count(struct raw_server *s, const int *count)
{
    int value;

    pthread_mutex_lock(&s->mutex);
    value = *count;
    pthread_mutex_unlock(&s->mutex);
    return value;
}

static void *raw_play(void *argument)
{
    struct raw_connection *c = argument;
    struct raw_server *s = c->server;

    s->script(s, c->fd, c->number);
    pthread_mutex_lock(&s->mutex);
    close(c->fd);
    c->open = false;
    s->open--;
    pthread_mutex_unlock(&s->mutex);
    return NULL;
}

static void raw_welcome(struct raw_server *s, int fd)
{
    struct raw_connection *c;

    pthread_mutex_lock(&s->mutex);
    if (s->stopping || s->accepted == RAW_CONNECTIONS) {
        close(fd);
    } else {
        c = &s->connections[s->accepted];
        *c =
            (struct raw_connection){ .server = s, .fd = fd, .number = s->accepted++, .open = true };
        if (++s->open > s->open_most)
            s->open_most = s->open;
        pthread_create(&c->thread, NULL, raw_play, c);
    }
    pthread_mutex_unlock(&s->mutex);
}

static void *raw_accept(void *argument)
{
    struct raw_server *s = argument;
    int listener = raw_count(s, &s->listener), fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        raw_welcome(s, fd);
    return NULL;
}

struct raw_server *raw_start(raw_script *script, void *argument)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t length = sizeof(address);
    struct raw_server *s = calloc(1, sizeof(*s));

    ck_assert_ptr_nonnull(s);
    s->script = script;
    s->argument = argument;
    pthread_mutex_init(&s->mutex, NULL);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(s->listener, 0);
    ck_assert_int_eq(bind(s->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(s->listener, script ? RAW_CONNECTIONS : 0), 0);
    ck_assert_int_eq(getsockname(s->listener, (struct sockaddr *)&address, &length), 0);
    s->port = ntohs(address.sin_port);
    if (script)
        ck_assert_int_eq(pthread_create(&s->acceptor, NULL, raw_accept, s), 0);
    return s;
}

void raw_deafen(struct raw_server *s)
{
    int listener;

    pthread_mutex_lock(&s->mutex);
    listener = s->listener;
    s->listener = -1;
    pthread_mutex_unlock(&s->mutex);
    if (listener < 0)
        return;
    shutdown(listener, SHUT_RDWR);
    if (s->script)
        pthread_join(s->acceptor, NULL);
    close(listener);
}

void raw_stop(struct raw_server *s)
{
    pthread_mutex_lock(&s->mutex);
    s->stopping = true;
    pthread_mutex_unlock(&s->mutex);
    raw_deafen(s);
    pthread_mutex_lock(&s->mutex);
    for (int i = 0; i < s->accepted; i++)
        if (s->connections[i].open)
            shutdown(s->connections[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->mutex);
    for (int i = 0; i < s->accepted; i++)
        pthread_join(s->connections[i].thread, NULL);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

void *raw_argument(struct raw_server *s)
{
    return s->argument;
}

int raw_port(const struct raw_server *s)
{
    return s->port;
}

const char *raw_url(const struct raw_server *s, const char *path)
{
    static char urls[64][512];
    static unsigned next;
    char *url = urls[next++ % 64];

    snprintf(url, sizeof(urls[0]), "http://127.0.0.1:%d%s", s->port, path);
    return url;
}

int raw_accepted(struct raw_server *s)
{
    return raw_count(s, &s->accepted);
}

int raw_open(struct raw_server *s)
{
    return raw_count(s, &s->open);
}

int raw_open_most(struct raw_server *s)
{
    return raw_count(s, &s->open_most);
}

int raw_requests(struct raw_server *s)
{
    return raw_count(s, &s->requests);
}

bool raw_stopping(struct raw_server *s)
{
    bool value;

    pthread_mutex_lock(&s->mutex);
    value = s->stopping;
    pthread_mutex_unlock(&s->mutex);
    return value;
}

/* Bytes of a whole request in the head at `text`, 0 when the head is not complete yet. */
static size_t raw_whole(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\nContent-Length:");

    if (!end)
        return 0;
    return (size_t)(end + 4 - text) + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
}

size_t raw_read(struct raw_server *s, int fd, char *out, size_t size)
{
    size_t have = 0, whole = 0;

    out[0] = '\0';
    while (whole == 0 || have < whole) {
        ssize_t got = have + 1 < size ? recv(fd, out + have, size - 1 - have, 0) : -1;

        if (got <= 0)
            return 0;
        have += (size_t)got;
        out[have] = '\0';
        if (whole == 0)
            whole = raw_whole(out);
    }
    pthread_mutex_lock(&s->mutex);
    s->requests++;
    pthread_mutex_unlock(&s->mutex);
    return have;
}

bool raw_write(int fd, const void *bytes, size_t length)
{
    const char *from = bytes;

    while (length > 0) {
        ssize_t put = send(fd, from, length, MSG_NOSIGNAL);

        if (put <= 0)
            return false;
        from += put;
        length -= (size_t)put;
    }
    return true;
}

bool raw_say(int fd, const char *text)
{
    return raw_write(fd, text, strlen(text));
}

/* In one piece: two would wait 40 ms for each other (Nagle's algorithm and the peer's delayed ACK).
 */
bool raw_answer(int fd, const char *status, const char *body)
{
    char *whole = NULL;
    bool done;

    ck_assert_int_gt(asprintf(&whole, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status,
                              strlen(body), body),
                     0);
    done = raw_say(fd, whole);
    free(whole);
    return done;
}

void raw_reset(int fd)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

void raw_wait_closed(int fd)
{
    char drop[512];

    while (recv(fd, drop, sizeof(drop), 0) > 0)
        ;
}

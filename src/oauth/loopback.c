#include <ecclesia/oauth/loopback.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/oauth/signin.h>
#include <ecclesia/vault/hash.h>

enum {
    PEERS = 8,
    HEAD_MOST = 16 * 1024,
    PEER_MS = 10 * 1000, /* for a whole request */
    DRAIN_MS = 2000,     /* for reading what a refused peer still sends */
    PAGE_MS = 1000       /* for fetching the page at the end */
};

struct peer {
    int fd; /* -1 free */
    size_t length;
    int64_t end_mono;
    bool draining;
    char head[HEAD_MOST + 1];
};

struct loopback {
    int listener, port, wake, news;
    char path[200], hash[65];
    pthread_t thread;
    bool running;
    struct peer peers[PEERS]; /* of the thread */

    pthread_mutex_t lock; /* guards the rest */
    bool stopping, accepted, page_fetched;
    bool has_query;
    char query[HEAD_MOST + 1];
};

/* ---- answers ---- */

static const char headers[] =
    "Content-Type: text/html; charset=utf-8\r\n"
    "Cache-Control: no-store\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Connection: close\r\n";

static void say(struct peer *p, const char *status, const char *more, const char *heading,
                const char *words)
{
    char page[700], answer[1600];
    int length;

    snprintf(page, sizeof page,
             "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
             "content=\"width=device-width\"><title>Ecclesia</title><h1>%s</h1><p>%s</p></html>\n",
             heading, words);
    length = snprintf(answer, sizeof answer, "HTTP/1.1 %s\r\n%s%sContent-Length: %zu\r\n\r\n%s",
                      status, headers, more, strlen(page), page);
    /* A few hundred bytes go into the socket's buffer at once; a peer that takes none of them gets
     * none. */
    if (length > 0 && send(p->fd, answer, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        p->end_mono = 0;
    shutdown(p->fd, SHUT_WR);
    /* Closing with bytes unread would reset the connection before the peer has read the answer. */
    p->draining = true;
    p->end_mono = clock_mono() + DRAIN_MS;
    text_wipe(p->head, sizeof p->head);
}

static void refuse(struct peer *p, const char *status)
{
    say(p, status, "", "Not expected",
        "This is not the answer that a sign-in waits for. Nothing was done. Go back to Ecclesia "
        "and "
        "open the address that it shows.");
}

static void tell_done(struct loopback *l, struct peer *p)
{
    say(p, "200 OK", "", "Go back to Ecclesia",
        "The answer has arrived. You may close this window: Ecclesia goes on where you began.");
    pthread_mutex_lock(&l->lock);
    l->page_fetched = true;
    pthread_mutex_unlock(&l->lock);
}

static void notify(struct loopback *l)
{
    uint64_t one = 1;

    if (write(l->news, &one, sizeof one) < 0)
        (void)errno; /* full: it is readable already */
}

/* ---- requests ---- */

/* Hands the query on when it bears the state, once. */
static bool let_in(struct loopback *l, const char *query, size_t length)
{
    struct callback c;
    char hash[65];
    bool fits = callback_read(&c, query, length, NULL);

    if (!fits)
        return false;
    state_hash(c.state, hash);
    fits = c.bare || vault_same(hash, l->hash, sizeof hash);
    callback_wipe(&c);
    pthread_mutex_lock(&l->lock);
    fits = fits && !l->accepted && !l->has_query;
    if (fits) {
        l->accepted = length > 0;
        l->has_query = true;
        memcpy(l->query, query, length);
        l->query[length] = '\0';
        notify(l);
    }
    pthread_mutex_unlock(&l->lock);
    return fits;
}

/* Exactly one Host, and it is us: a page elsewhere whose name was made to point here gets nothing.
 */
static bool host_good(const struct loopback *l, const char *head)
{
    char wanted[2][40];
    int seen = 0;
    bool good = false;

    snprintf(wanted[0], sizeof wanted[0], "127.0.0.1:%d", l->port);
    snprintf(wanted[1], sizeof wanted[1], "localhost:%d", l->port);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
        size_t length;

        line += 2;
        length = strcspn(line, "\r\n");
        if (length < 5 || strncasecmp(line, "Host:", 5) != 0)
            continue;
        seen++;
        while (length > 5 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
            length--;
        const char *value = line + 5 + strspn(line + 5, " \t");
        length -= (size_t)(value - line) < length ? (size_t)(value - line) : length;
        for (int i = 0; i < 2; i++)
            good =
                good || (length == strlen(wanted[i]) && strncasecmp(value, wanted[i], length) == 0);
    }
    return seen == 1 && good;
}

static void answer(struct loopback *l, struct peer *p)
{
    char *target = p->head + 4, *end, *query;
    const char *path = l->path[0] ? l->path : "/";
    size_t path_length, length;

    if (strncmp(p->head, "GET ", 4) != 0) {
        refuse(p, "405 Method Not Allowed");
        return;
    }
    end = strpbrk(target, " \r\n");
    if (!end || strncmp(end, " HTTP/1.", 8) != 0 || target[0] != '/' || !host_good(l, p->head)) {
        refuse(p, "400 Bad Request");
        return;
    }
    length = (size_t)(end - target);
    query = memchr(target, '?', length);
    path_length = query ? (size_t)(query - target) : length;
    if (path_length == 5 && strncmp(target, "/done", 5) == 0 && !query) {
        tell_done(l, p);
        return;
    }
    if (path_length != strlen(path) || strncmp(target, path, path_length) != 0) {
        refuse(p, "404 Not Found");
        return;
    }
    if (!l->hash[0] || !let_in(l, query ? query + 1 : end, query ? length - path_length - 1 : 0))
        refuse(p, "400 Bad Request");
    else
        /* Another page, so that the code does not stay in the browser's address. */
        say(p, "303 See Other", "Location: /done\r\n", "Go back to Ecclesia", "Go on.");
}

/* ---- peers ---- */

static void peer_end(struct peer *p)
{
    close(p->fd);
    p->fd = -1;
    text_wipe(p->head, sizeof p->head);
}

static void peer_begin(struct loopback *l)
{
    int fd = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct peer *slot = NULL;

    if (fd < 0)
        return;
    for (size_t i = 0; i < PEERS; i++) {
        if (l->peers[i].fd < 0) {
            slot = &l->peers[i];
            break;
        }
        if (!slot || l->peers[i].end_mono < slot->end_mono)
            slot = &l->peers[i];
    }
    /* When all are taken the one that waits longest gives way: nobody keeps the way back shut. */
    if (slot->fd >= 0)
        peer_end(slot);
    slot->fd = fd;
    slot->length = 0;
    slot->draining = false;
    slot->end_mono = clock_mono() + PEER_MS;
}

static void peer_read(struct loopback *l, struct peer *p)
{
    char ignored[4096];
    ssize_t got;

    if (p->draining) {
        got = recv(p->fd, ignored, sizeof ignored, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            peer_end(p);
        return;
    }
    got = recv(p->fd, p->head + p->length, HEAD_MOST - p->length, MSG_DONTWAIT);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            peer_end(p);
        return;
    }
    p->length += (size_t)got;
    p->head[p->length] = '\0';
    if (memchr(p->head, '\0', p->length))
        refuse(p, "400 Bad Request");
    else if (strstr(p->head, "\r\n\r\n"))
        answer(l, p);
    else if (p->length == HEAD_MOST)
        refuse(p, "431 Request Header Fields Too Large");
}

static int64_t look_after(struct loopback *l, int64_t now)
{
    int64_t wait = 60 * 1000;

    for (size_t i = 0; i < PEERS; i++) {
        struct peer *p = &l->peers[i];

        if (p->fd >= 0 && p->end_mono <= now)
            peer_end(p);
        if (p->fd >= 0 && p->end_mono - now < wait)
            wait = p->end_mono - now;
    }
    return wait;
}

static bool stopped(struct loopback *l)
{
    pthread_mutex_lock(&l->lock);
    bool stop = l->stopping;
    pthread_mutex_unlock(&l->lock);
    return stop;
}

static void *serve(void *argument)
{
    struct loopback *l = argument;

    while (!stopped(l)) {
        struct pollfd fds[PEERS + 2] = { { .fd = l->listener, .events = POLLIN },
                                         { .fd = l->wake, .events = POLLIN } };
        int64_t wait = look_after(l, clock_mono());

        for (size_t i = 0; i < PEERS; i++)
            fds[i + 2] = (struct pollfd){ .fd = l->peers[i].fd, .events = POLLIN };
        if (poll(fds, PEERS + 2, (int)wait) < 0 && errno != EINTR)
            break;
        for (size_t i = 0; i < PEERS; i++)
            if (fds[i + 2].fd >= 0 && fds[i + 2].revents && l->peers[i].fd == fds[i + 2].fd)
                peer_read(l, &l->peers[i]);
        if (fds[0].revents)
            peer_begin(l);
    }
    return NULL;
}

/* ---- opening and closing ---- */

static bool listen_on(struct loopback *l, int port, struct error *err)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    socklen_t size = sizeof at;
    int on = 1;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->listener >= 0 && port)
        setsockopt(l->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (l->listener >= 0 && bind(l->listener, (struct sockaddr *)&at, sizeof at) == 0 &&
        listen(l->listener, PEERS) == 0 &&
        getsockname(l->listener, (struct sockaddr *)&at, &size) == 0) {
        l->port = ntohs(at.sin_port);
        return true;
    }
    return error_set(err, errno == EADDRINUSE ? ERROR_CONFLICT : ERROR_INTERNAL,
                     "End the program that has the port (another sign-in?), or choose another by "
                     "redirect_uri in the configuration.",
                     "The sign-in cannot listen on port %d of this machine: %s.", port,
                     strerror(errno));
}

bool loopback_open(struct loopback **out, int port, const char *path, struct error *err)
{
    struct loopback *l = calloc(1, sizeof *l);

    if (!l)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    pthread_mutex_init(&l->lock, NULL);
    l->listener = -1;
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    l->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    for (size_t i = 0; i < PEERS; i++)
        l->peers[i].fd = -1;
    text_copy_to(l->path, sizeof l->path, path);
    if (l->wake < 0 || l->news < 0) {
        error_set(err, ERROR_INTERNAL, "Close other programs.", "No descriptor is left.");
    } else if (listen_on(l, port, err)) {
        *out = l;
        return true;
    }
    loopback_close(l);
    return false;
}

int loopback_port(const struct loopback *l)
{
    return l->port;
}

bool loopback_await(struct loopback *l, const char *state, struct error *err)
{
    sigset_t all, before;

    state_hash(state, l->hash);
    /* Signals are the main thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    l->running = pthread_create(&l->thread, NULL, serve, l) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return l->running || error_set(err, ERROR_INTERNAL, "Raise the limit of processes (ulimit -u).",
                                   "A thread could not be started.");
}

int loopback_fd(const struct loopback *l)
{
    return l->news;
}

bool loopback_take(struct loopback *l, char *out, size_t size)
{
    uint64_t count;
    bool has;

    if (read(l->news, &count, sizeof count) < 0)
        (void)errno; /* nothing has come */
    pthread_mutex_lock(&l->lock);
    has = l->has_query;
    if (has)
        text_copy_to(out, size, l->query);
    l->has_query = false;
    text_wipe(l->query, sizeof l->query);
    pthread_mutex_unlock(&l->lock);
    return has;
}

/* The browser was sent to /done by the answer before; it comes at once or not at all. */
static void await_page(struct loopback *l)
{
    int64_t end = clock_mono() + PAGE_MS;
    bool waits = true;

    while (waits && clock_mono() < end) {
        pthread_mutex_lock(&l->lock);
        waits = l->accepted && !l->page_fetched;
        pthread_mutex_unlock(&l->lock);
        if (waits)
            poll(NULL, 0, 20);
    }
}

void loopback_close(struct loopback *l)
{
    uint64_t one = 1;

    if (!l)
        return;
    if (l->running) {
        await_page(l);
        pthread_mutex_lock(&l->lock);
        l->stopping = true;
        pthread_mutex_unlock(&l->lock);
        if (write(l->wake, &one, sizeof one) < 0)
            (void)errno;
        pthread_join(l->thread, NULL);
    }
    for (size_t i = 0; i < PEERS; i++)
        if (l->peers[i].fd >= 0)
            peer_end(&l->peers[i]);
    if (l->listener >= 0)
        close(l->listener);
    if (l->wake >= 0)
        close(l->wake);
    if (l->news >= 0)
        close(l->news);
    pthread_mutex_destroy(&l->lock);
    text_wipe(l, sizeof *l);
    free(l);
}

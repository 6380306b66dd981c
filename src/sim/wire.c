/* The wire: sockets, libmicrohttpd, and faults that truly happen there.
 *
 * Threads: one accepts on all listeners, one (libmicrohttpd's) speaks HTTP with everybody, one (the
 * clockwork) lets time pass: it moves the platforms' states on and wakes the answers that wait.
 * libmicrohttpd gets its connections from our accepting thread, so that one listener can be closed
 * and opened again while the rest go on. A listening socket that is shut down refuses at once,
 * keeps its port, and listens again when told to (Linux).
 *
 * An answer that waits or never comes is a suspended connection; the clockwork resumes it when it
 * is due, or when its client has gone. The libmicrohttpd thread never sleeps. */
#include "sim/wire.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/lock.h>

enum { TICK_MS = 20, IDLE_MS = 200 };

/* ---- one request ---- */

static enum MHD_Result collect(void *cls, enum MHD_ValueKind kind, const char *key,
                               const char *value)
{
    cJSON *out = cls;
    char name[128];
    size_t i = 0;

    for (; key[i] != '\0' && i < sizeof name - 1; i++)
        name[i] = kind == MHD_HEADER_KIND ? (char)tolower((unsigned char)key[i]) : key[i];
    name[i] = '\0';
    cJSON_AddStringToObject(out, name, value != NULL ? value : "");
    return MHD_YES;
}

static void reset_connection(int fd)
{
    /* Dissolving the association of a connected TCP socket sends RST at once, before any FIN. */
    struct sockaddr none = { .sa_family = AF_UNSPEC };

    connect(fd, &none, sizeof none);
}

/* Asks the faults and the platform; fills reply and plan. */
static void work(struct wire_call *w, const char *method, const char *path)
{
    struct sim *sim = w->sim;
    struct sim_call c = { .sim = sim,
                          .index = w->listener,
                          .body = (const unsigned char *)text_str(&w->body),
                          .length = w->body.length };

    text_copy_to(c.method, sizeof c.method, method);
    c.path = text_copy(path);
    c.query = cJSON_CreateObject();
    c.headers = cJSON_CreateObject();
    if (c.path == NULL || c.query == NULL || c.headers == NULL)
        abort();
    MHD_get_connection_values(w->connection, MHD_GET_ARGUMENT_KIND, collect, c.query);
    MHD_get_connection_values(w->connection, MHD_HEADER_KIND, collect, c.headers);
    c.has_length =
        sim_header(&c, "content-length") != NULL || sim_header(&c, "transfer-encoding") != NULL;
    sim_reply_init(&c.reply);
    sim_parse_body(&c);
    pthread_mutex_lock(&sim->lock);
    sim_tick(sim);
    bool control = w->listener == SIM_CONTROL || text_starts(path, "/_sim");
    if (!control) {
        c.platform = sim_platforms[c.index];
        w->plan.delay_ms = sim->options.latency_ms;
        if (c.platform != NULL)
            sim_faults_apply(&c, &w->plan);
    }
    if (!w->plan.answered)
        sim_dispatch(&c);
    if (!control)
        w->entry = sim_journal_add(&c, w->plan.fault);
    pthread_mutex_unlock(&sim->lock);
    w->reply = c.reply;
    w->socket = c.reply.socket;
    memset(&c.reply, 0, sizeof c.reply);
    sim_call_release(&c);
}

/* The body of an answer that is to break off. */
struct broken {
    size_t length, limit;
    char bytes[];
};

static ssize_t broken_read(void *cls, uint64_t at, char *out, size_t most)
{
    const struct broken *b = cls;

    if (at >= b->limit)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t count = b->limit - (size_t)at;
    count = count < most ? count : most;
    memcpy(out, b->bytes + at, count);
    return (ssize_t)count;
}

static struct MHD_Response *response_make(struct wire_call *w)
{
    struct text *body = &w->reply.body;

    if (w->plan.fate != SIM_CUT_AFTER)
        return MHD_create_response_from_buffer(body->length, (void *)(uintptr_t)text_str(body),
                                               MHD_RESPMEM_MUST_COPY);
    struct broken *b = malloc(sizeof *b + body->length + 1);
    if (b == NULL)
        return NULL;
    b->length = body->length;
    b->limit = (size_t)w->plan.bytes < body->length ? (size_t)w->plan.bytes : body->length;
    memcpy(b->bytes, text_str(body), body->length);
    /* One byte more is promised than there is, so that even a cut behind the last byte is one. */
    uint64_t promised = b->limit == b->length ? b->length + 1 : b->length;
    return MHD_create_response_from_callback(promised, 1024, broken_read, b, free);
}

/* The connection is a socket's now. */
static void upgraded(void *cls, struct MHD_Connection *connection, void *context, const char *extra,
                     size_t extra_size, MHD_socket fd, struct MHD_UpgradeResponseHandle *handle)
{
    struct sim_socket *s = cls;

    (void)connection;
    (void)context;
    s->got = extra_size < sizeof s->in ? extra_size : sizeof s->in;
    memcpy(s->in, extra != NULL ? extra : "", s->got);
    s->fd = fd;
    s->handle = handle;
    atomic_store(&s->open, true);
}

static enum MHD_Result respond(struct wire_call *w)
{
    bool bare = w->reply.status == 204 || w->reply.status == 304;

    if (w->plan.fate == SIM_RST)
        reset_connection(w->fd);
    if ((w->plan.fate != SIM_ANSWER && w->plan.fate != SIM_CUT_AFTER) ||
        (bare && w->plan.fate == SIM_CUT_AFTER))
        return MHD_NO; /* libmicrohttpd closes without a byte */
    struct MHD_Response *response = w->socket != NULL && w->reply.status == 101
                                        ? MHD_create_response_for_upgrade(upgraded, w->socket)
                                        : response_make(w);
    if (response == NULL)
        return MHD_NO;
    if (w->reply.type[0] != '\0')
        MHD_add_response_header(response, "Content-Type", w->reply.type);
    for (int i = 0; i < w->reply.header_count; i++)
        MHD_add_response_header(response, w->reply.headers[i].name, w->reply.headers[i].value);
    enum MHD_Result result = MHD_queue_response(w->connection, (unsigned)w->reply.status, response);
    MHD_destroy_response(response);
    return result;
}

/* The end of a request: says so in the journal and lets the wire have it. */
static enum MHD_Result finish(struct wire_call *w)
{
    bool sent = w->plan.fate == SIM_ANSWER || w->plan.fate == SIM_CUT_AFTER;

    if (w->entry != 0) {
        pthread_mutex_lock(&w->sim->lock);
        sim_journal_end(w->sim, w->entry, sent ? w->reply.status : 0, clock_mono() - w->began_mono);
        pthread_mutex_unlock(&w->sim->lock);
    }
    return respond(w);
}

/* Puts the request aside until the clockwork resumes it. False when the simulator is stopping. */
static bool put_aside(struct wire_call *w)
{
    struct sim_wire *wire = w->sim->wire;

    pthread_mutex_lock(&wire->lock);
    bool stop = wire->stop;
    if (!stop) {
        MHD_suspend_connection(w->connection);
        w->next = wire->waiting;
        wire->waiting = w;
        pthread_cond_signal(&wire->news);
    } else {
        w->plan.fate = SIM_DROP;
    }
    pthread_mutex_unlock(&wire->lock);
    return !stop;
}

static struct wire_call *call_new(struct sim *sim, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    const struct wire_conn *conn = info != NULL ? info->socket_context : NULL;
    struct wire_call *w = calloc(1, sizeof *w);

    if (w == NULL || conn == NULL) {
        free(w);
        return NULL;
    }
    w->sim = sim;
    w->connection = connection;
    w->fd = conn->fd;
    w->listener = conn->listener;
    w->began_mono = clock_mono();
    text_init(&w->body, SIM_BODY_MAX);
    return w;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **context)
{
    struct wire_call *w = *context;

    (void)version;
    if (w == NULL) {
        *context = w = call_new(cls, connection);
        return w != NULL ? MHD_YES : MHD_NO;
    }
    if (*size > 0) {
        w->too_large = w->too_large || !text_append(&w->body, data, *size);
        *size = 0;
        return MHD_YES;
    }
    if (!w->begun) {
        w->begun = true;
        if (w->too_large)
            text_clear(&w->body);
        work(w, method, url);
        if (w->too_large)
            sim_reply_text(&w->reply, 413, "text/plain", "Request Entity Too Large\n");
        w->due_mono = w->began_mono + w->plan.delay_ms;
        if ((w->plan.fate == SIM_HANG || w->plan.delay_ms > 0) && put_aside(w))
            return MHD_YES;
    }
    return finish(w);
}

static void completed(void *cls, struct MHD_Connection *connection, void **context,
                      enum MHD_RequestTerminationCode code)
{
    struct wire_call *w = *context;

    (void)cls;
    (void)connection;
    (void)code;
    if (w == NULL)
        return;
    if (w->socket != NULL)
        atomic_store(&w->socket->gone, true);
    text_release(&w->body);
    sim_reply_release(&w->reply);
    free(w);
    *context = NULL;
}

/* ---- threads ---- */

static bool peer_gone(int fd)
{
    char byte;
    ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/* Wakes the answers that are due and the stalled ones whose client has left. wire->lock is held. */
static void resume_due(struct sim_wire *wire, bool all)
{
    int64_t now = clock_mono();

    for (struct wire_call **at = &wire->waiting; *at != NULL;) {
        struct wire_call *w = *at;
        bool hangs = w->plan.fate == SIM_HANG;
        if (!all && (hangs ? !peer_gone(w->fd) : w->due_mono > now)) {
            at = &w->next;
            continue;
        }
        if (hangs || all)
            w->plan.fate = SIM_DROP;
        *at = w->next;
        MHD_resume_connection(w->connection);
    }
}

static void *clockwork_run(void *argument)
{
    struct sim *sim = argument;
    struct sim_wire *w = sim->wire;
    bool busy = true;

    for (;;) {
        pthread_mutex_lock(&w->lock);
        if (!w->stop)
            lock_wait(&w->news, &w->lock, busy || w->waiting != NULL ? TICK_MS : IDLE_MS);
        bool stop = w->stop;
        if (!stop)
            resume_due(w, false);
        pthread_mutex_unlock(&w->lock);
        if (stop)
            return NULL;
        pthread_mutex_lock(&sim->lock);
        busy = sim_tick(sim);
        void *done = sim_sockets_run(sim);
        busy = busy || sim->sockets != NULL;
        pthread_mutex_unlock(&sim->lock);
        /* libmicrohttpd tells of the end with a lock of its own held. */
        if (done != NULL)
            MHD_upgrade_action(done, MHD_UPGRADE_ACTION_CLOSE);
    }
}

/* ---- start and stop ---- */

static char *read_file(const char *path, struct error *err)
{
    struct text t;
    char piece[4096];
    size_t got;
    FILE *f = fopen(path, "re");

    text_init(&t, 256 * 1024);
    if (f == NULL) {
        error_set(err, ERROR_CONFIG, "Check the path after --tls.", "%s cannot be read: %s.", path,
                  strerror(errno));
        return NULL;
    }
    while ((got = fread(piece, 1, sizeof piece, f)) > 0)
        text_append(&t, piece, got);
    fclose(f);
    return text_take(&t);
}

static bool daemon_start(struct sim *sim, struct sim_wire *w, struct error *err)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE |
                     MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC;
    struct MHD_OptionItem tls[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, w->cert },
                                    { MHD_OPTION_HTTPS_MEM_KEY, 0, w->key },
                                    { MHD_OPTION_END, 0, NULL } };

    if (!sim->tls)
        tls[0] = tls[2];
    w->daemon = MHD_start_daemon(flags | (sim->tls ? MHD_USE_TLS : 0), 0, NULL, NULL, handle, sim,
                                 MHD_OPTION_NOTIFY_COMPLETED, completed, sim,
                                 MHD_OPTION_NOTIFY_CONNECTION, sim_listen_connected, sim,
                                 MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)65536,
                                 MHD_OPTION_CONNECTION_LIMIT, 2000u, MHD_OPTION_CONNECTION_TIMEOUT,
                                 300u, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (w->daemon == NULL)
        return error_set(err, ERROR_CONFIG,
                         sim->tls ? "Check that CERT and KEY are PEM and belong together." : NULL,
                         "The simulator's HTTP server did not start.");
    return true;
}

bool sim_wire_start(struct sim *sim, struct error *err)
{
    struct sim_wire *w = calloc(1, sizeof *w);

    if (w == NULL)
        return error_set(err, ERROR_MEMORY, NULL, "There is no memory for the simulator.");
    sim->wire = w;
    pthread_mutex_init(&w->lock, NULL);
    lock_cond_init(&w->news);
    for (int i = 0; i < SIM_LISTENERS; i++)
        w->fds[i] = -1;
    w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (sim->tls && ((w->cert = read_file(sim->options.tls_cert, err)) == NULL ||
                     (w->key = read_file(sim->options.tls_key, err)) == NULL))
        return false;
    if (!sim_listen_open(sim, w, err) || !daemon_start(sim, w, err))
        return false;
    w->acceptor_runs = pthread_create(&w->acceptor, NULL, sim_listen_run, sim) == 0;
    w->clockwork_runs = pthread_create(&w->clockwork, NULL, clockwork_run, sim) == 0;
    if (!w->acceptor_runs || !w->clockwork_runs)
        return error_set(err, ERROR_MEMORY, NULL, "The simulator's threads did not start.");
    return true;
}

void sim_wire_stop(struct sim *sim)
{
    struct sim_wire *w = sim->wire;

    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->news);
    sim_wire_wake(w);
    pthread_mutex_unlock(&w->lock);
    if (w->acceptor_runs)
        pthread_join(w->acceptor, NULL);
    if (w->clockwork_runs)
        pthread_join(w->clockwork, NULL);
    pthread_mutex_lock(&w->lock);
    resume_due(w, true); /* stopping the daemon with suspended connections is undefined */
    pthread_mutex_unlock(&w->lock);
    /* Sockets that still are would stay for ever; nobody else looks at them any more. */
    for (struct sim_socket *s = sim->sockets; s != NULL; s = s->next)
        if (atomic_load(&s->open) && !s->released && !atomic_load(&s->gone))
            MHD_upgrade_action(s->handle, MHD_UPGRADE_ACTION_CLOSE);
    if (w->daemon != NULL)
        MHD_stop_daemon(w->daemon);
    while (sim->sockets != NULL) {
        struct sim_socket *s = sim->sockets;
        sim->sockets = s->next;
        sim_socket_free(s);
    }
    sim_listen_close(w);
    if (w->wake >= 0)
        close(w->wake);
    free(w->cert);
    free(w->key);
    pthread_cond_destroy(&w->news);
    pthread_mutex_destroy(&w->lock);
    free(w);
    sim->wire = NULL;
}

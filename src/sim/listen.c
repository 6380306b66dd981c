/* Where the simulator listens, and who is connected: one address for each platform, all on one
 * port. A listening socket that is shut down refuses at once, keeps its port, and listens again
 * when told to (Linux): so a platform can be closed and opened while the rest go on. */
#include "sim/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT_TRIES = 200 };

void sim_wire_wake(struct sim_wire *w)
{
    uint64_t one = 1;

    if (write(w->wake, &one, sizeof one) < 0) {
        /* the counter is full: it is awake already */
    }
}

/* ---- connections ---- */

static int listener_of(const struct sim *sim, int fd)
{
    struct sockaddr_in here;
    socklen_t length = sizeof here;

    if (getsockname(fd, (struct sockaddr *)&here, &length) == 0)
        for (int i = 0; i < SIM_LISTENERS; i++)
            if (sim->ip[i].s_addr == here.sin_addr.s_addr)
                return i;
    return SIM_CONTROL;
}

void sim_listen_connected(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct sim *sim = cls;
    struct sim_wire *wire = sim->wire;
    struct wire_conn *conn = *context;

    pthread_mutex_lock(&wire->lock);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        conn = calloc(1, sizeof *conn);
        if (conn != NULL && info != NULL) {
            conn->fd = info->connect_fd;
            conn->listener = listener_of(sim, conn->fd);
            conn->next = wire->conns;
            if (conn->next != NULL)
                conn->next->prev = conn;
            wire->conns = conn;
            *context = conn;
        }
    } else if (conn != NULL) {
        if (conn->next != NULL)
            conn->next->prev = conn->prev;
        *(conn->prev != NULL ? &conn->prev->next : &wire->conns) = conn->next;
        free(conn);
        *context = NULL;
    }
    pthread_mutex_unlock(&wire->lock);
}

void sim_wire_refuse(struct sim *sim, int listener, bool refuse)
{
    struct sim_wire *w = sim->wire;

    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    if (w->refusing[listener] != refuse && w->fds[listener] >= 0) {
        w->refusing[listener] = refuse;
        if (refuse)
            shutdown(w->fds[listener], SHUT_RDWR);
        else
            listen(w->fds[listener], SOMAXCONN);
        /* What was open there ends too; but whoever asks for the fault through that address gets
         * his answer. */
        for (struct wire_conn *c = w->conns; refuse && c != NULL; c = c->next)
            if (c->listener == listener)
                shutdown(c->fd, SHUT_RD);
        for (struct wire_call *c = w->waiting; refuse && c != NULL; c = c->next) {
            if (c->listener == listener) {
                c->plan.fate = SIM_RST;
                c->due_mono = 0;
            }
        }
        sim_wire_wake(w);
    }
    pthread_mutex_unlock(&w->lock);
}

static void accept_one(struct sim *sim, int listener)
{
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    int on = 1;
    int fd = accept4(listener, (struct sockaddr *)&from, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    MHD_add_connection(sim->wire->daemon, fd, (struct sockaddr *)&from,
                       length); /* closes it when it cannot */
}

void *sim_listen_run(void *argument)
{
    struct sim *sim = argument;
    struct sim_wire *w = sim->wire;

    for (;;) {
        struct pollfd fds[SIM_LISTENERS + 1];
        uint64_t count;
        nfds_t n = 0;

        fds[n++] = (struct pollfd){ .fd = w->wake, .events = POLLIN };
        pthread_mutex_lock(&w->lock);
        bool stop = w->stop;
        for (int i = 0; i < SIM_LISTENERS; i++)
            if (w->fds[i] >= 0 && !w->refusing[i])
                fds[n++] = (struct pollfd){ .fd = w->fds[i], .events = POLLIN };
        pthread_mutex_unlock(&w->lock);
        if (stop)
            return NULL;
        if (poll(fds, n, -1) < 0)
            continue;
        if ((fds[0].revents & POLLIN) != 0 && read(w->wake, &count, sizeof count) < 0)
            continue;
        for (nfds_t i = 1; i < n; i++)
            if ((fds[i].revents & POLLIN) != 0)
                accept_one(sim, fds[i].fd);
    }
}

/* ---- opening ---- */

static int listen_at(struct in_addr ip, uint16_t port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = ip };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int trouble = errno;
    close(fd);
    errno = trouble;
    return -1;
}

void sim_listen_close(struct sim_wire *w)
{
    for (int i = 0; i < SIM_LISTENERS; i++) {
        if (w->fds[i] >= 0)
            close(w->fds[i]);
        w->fds[i] = -1;
    }
}

bool sim_listen_open(struct sim *sim, struct sim_wire *w, struct error *err)
{
    uint16_t wish = sim->port;

    for (int attempt = 0; attempt < PORT_TRIES; attempt++) {
        struct sockaddr_in at;
        socklen_t length = sizeof at;
        int failed = -1;

        w->fds[SIM_CONTROL] = listen_at(sim->ip[SIM_CONTROL], wish);
        if (w->fds[SIM_CONTROL] >= 0 &&
            getsockname(w->fds[SIM_CONTROL], (struct sockaddr *)&at, &length) == 0)
            sim->port = ntohs(at.sin_port);
        else
            failed = SIM_CONTROL;
        for (int i = 0; failed < 0 && i < SIM_PLATFORMS; i++)
            if (sim_platforms[i] != NULL && (w->fds[i] = listen_at(sim->ip[i], sim->port)) < 0)
                failed = i;
        if (failed < 0)
            return true;
        char ip[INET_ADDRSTRLEN] = "";
        inet_ntop(AF_INET, &sim->ip[failed], ip, sizeof ip);
        error_set(err, ERROR_CONFIG, "Choose another port, or port 0 for any that is free.",
                  "The simulator cannot listen on %s:%u: %s.", ip, (unsigned)sim->port,
                  strerror(errno));
        sim_listen_close(w);
        if (wish != 0)
            return false;
    }
    return false;
}

/* What wire.c and listen.c share: the sockets of one simulator and the requests on their way. */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include "sim/private.h"

#include <microhttpd.h>

/* An open connection; on the list as long as libmicrohttpd holds it. */
struct wire_conn {
    struct wire_conn *next, *prev;
    int fd, listener;
};

/* A request on its way. */
struct wire_call {
    struct sim *sim;
    struct wire_call *next; /* of those that wait */
    struct MHD_Connection *connection;
    int fd, listener;
    struct text body;
    bool too_large, begun;
    struct sim_reply reply;
    struct sim_socket *socket; /* what the connection has become */
    struct sim_plan plan;
    uint64_t entry;
    int64_t began_mono, due_mono;
};

struct sim_wire {
    struct MHD_Daemon *daemon;
    int wake; /* eventfd: the accepting thread looks anew */
    pthread_t acceptor, clockwork;
    bool acceptor_runs, clockwork_runs;
    char *cert, *key;

    pthread_mutex_t lock; /* guards all below; taken after sim->lock, never before it */
    pthread_cond_t news;
    bool stop;
    int fds[SIM_LISTENERS];
    bool refusing[SIM_LISTENERS];
    struct wire_conn *conns;
    struct wire_call *waiting;
};

void sim_wire_wake(struct sim_wire *w); /* the accepting thread looks anew */

/* listen.c */
/* Opens all listeners on one port: the wished one, or for 0 the first that is free everywhere. */
bool sim_listen_open(struct sim *sim, struct sim_wire *w, struct error *err);
void sim_listen_close(struct sim_wire *w);
void *sim_listen_run(void *sim); /* the accepting thread */
/* For MHD_OPTION_NOTIFY_CONNECTION: keeps the list of open connections. */
void sim_listen_connected(void *sim, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code);

#endif

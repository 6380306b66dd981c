/* doctor: whether DNS knows a name, in bounded time. */
#include "command/doctor.h"

#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { NAME_MS = 5000 };

/* Looking a name up cannot be broken off: who looks is left behind, and the last one tidies up. */
struct lookup {
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    char host[256];
    int holders;
    bool done, found;
};

static void lookup_leave(struct lookup *l)
{
    pthread_mutex_lock(&l->mutex);
    bool last = --l->holders == 0;
    pthread_cond_broadcast(&l->ended);
    pthread_mutex_unlock(&l->mutex);
    if (!last)
        return;
    pthread_mutex_destroy(&l->mutex);
    pthread_cond_destroy(&l->ended);
    free(l);
}

static void *lookup_main(void *argument)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;
    struct lookup *l = argument;
    bool found = getaddrinfo(l->host, "443", &hints, &list) == 0;

    if (found)
        freeaddrinfo(list);
    pthread_mutex_lock(&l->mutex);
    l->found = found;
    l->done = true;
    pthread_mutex_unlock(&l->mutex);
    lookup_leave(l);
    return NULL;
}

static struct lookup *lookup_begin(const char *host)
{
    struct lookup *l = calloc(1, sizeof(*l));
    pthread_condattr_t monotonic;
    pthread_t thread;

    if (!l)
        return NULL;
    text_copy_to(l->host, sizeof(l->host), host);
    l->holders = 2;
    pthread_mutex_init(&l->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&l->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&thread, NULL, lookup_main, l) != 0) {
        l->holders = 1;
        lookup_leave(l);
        return NULL;
    }
    pthread_detach(thread);
    return l;
}

bool doctor_find_name(const char *host, struct error *err)
{
    struct lookup *l = lookup_begin(host);
    struct timespec end;
    bool done, found;

    if (!l)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += NAME_MS / 1000;
    pthread_mutex_lock(&l->mutex);
    while (!l->done && pthread_cond_timedwait(&l->ended, &l->mutex, &end) == 0)
        continue;
    done = l->done;
    found = l->found;
    pthread_mutex_unlock(&l->mutex);
    lookup_leave(l);
    return found ||
           error_set(err, ERROR_NET_PRE,
                     "Check the network of this computer and its DNS server (/etc/resolv.conf).",
                     done ? "The name %s could not be found." : "No DNS server told %s in time.",
                     host);
}

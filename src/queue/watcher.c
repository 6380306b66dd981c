#include "queue/watcher.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct watcher {
    pthread_t thread;
    struct watch *watch;
    struct queue *queue;
    int end; /* eventfd */
};

static void *watcher_main(void *argument)
{
    struct watcher *w = argument;
    struct pollfd fds[2] = { { .fd = watch_fd(w->watch), .events = POLLIN },
                             { .fd = w->end, .events = POLLIN } };

    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return NULL;
        if (fds[1].revents)
            return NULL;
        if (watch_changed(w->watch))
            queue_wake(w->queue);
    }
}

static void release(struct watcher *w)
{
    if (w->end >= 0)
        close(w->end);
    if (w->watch)
        watch_close(w->watch);
    free(w);
}

bool watcher_start(struct watcher **out, struct store *store, struct queue *q, struct error *err)
{
    struct watcher *w = calloc(1, sizeof *w);

    if (!w)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    w->queue = q;
    w->end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->end >= 0 && !watch_open(&w->watch, store, err)) {
        release(w);
        return false;
    }
    if (w->end < 0 || pthread_create(&w->thread, NULL, watcher_main, w) != 0) {
        release(w);
        return error_set(err, ERROR_INTERNAL,
                         "Raise the limits of processes and open files (ulimit -u, -n).",
                         "The queue cannot watch the database.");
    }
    *out = w;
    return true;
}

void watcher_stop(struct watcher *w)
{
    if (!w)
        return;
    if (eventfd_write(w->end, 1) == 0)
        pthread_join(w->thread, NULL);
    release(w);
}

#include "tui/ask.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct asks {
    int fd;               /* eventfd */
    struct ask *running;  /* screen's thread alone: all whose done() was not called */
    pthread_mutex_t lock; /* guards finished */
    struct ask *finished;
};

bool asks_new(struct asks **out, struct error *err)
{
    struct asks *s = calloc(1, sizeof *s);

    if (s == NULL)
        return error_set(err, ERROR_MEMORY, NULL, "No memory for the console.");
    s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->fd < 0) {
        error_set(err, ERROR_INTERNAL, "Close other programs and try again.",
                  "The console cannot make an event descriptor: %s.", strerror(errno));
        free(s);
        return false;
    }
    pthread_mutex_init(&s->lock, NULL);
    *out = s;
    return true;
}

static void *run_thread(void *argument)
{
    struct ask *a = argument;
    struct asks *s = a->owner;
    uint64_t one = 1;

    a->run(a);
    pthread_mutex_lock(&s->lock);
    a->next_done = s->finished;
    s->finished = a;
    /* Inside the lock: once it is open the owner may be freed. */
    if (write(s->fd, &one, sizeof one) < 0)
        (void)errno; /* the counter is full: it is readable already */
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

bool asks_start(struct asks *s, struct ask *a, struct error *err)
{
    sigset_t all, before;
    int failed;

    a->owner = s;
    a->cancel = cancel_new();
    if (a->cancel == NULL)
        return error_set(err, ERROR_MEMORY, NULL, "No memory for the command.");
    /* Signals are the screen's thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    failed = pthread_create(&a->thread, NULL, run_thread, a);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        cancel_free(a->cancel);
        a->cancel = NULL;
        return error_set(err, ERROR_INTERNAL, "Close other programs and try again.",
                         "The command cannot be started: %s.", strerror(failed));
    }
    a->next = s->running;
    s->running = a;
    return true;
}

static void finish_one(struct asks *s, struct ask *a)
{
    struct ask **at = &s->running;

    pthread_join(a->thread, NULL);
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    cancel_free(a->cancel);
    a->cancel = NULL;
    a->done(a);
}

void asks_finish(struct asks *s)
{
    struct ask *list, *ordered = NULL;
    uint64_t count;

    if (read(s->fd, &count, sizeof count) < 0)
        (void)errno; /* nothing has come */
    pthread_mutex_lock(&s->lock);
    list = s->finished;
    s->finished = NULL;
    pthread_mutex_unlock(&s->lock);
    while (list != NULL) { /* the first that ended first */
        struct ask *a = list;

        list = a->next_done;
        a->next_done = ordered;
        ordered = a;
    }
    while (ordered != NULL) {
        struct ask *a = ordered;

        ordered = a->next_done;
        finish_one(s, a);
    }
}

int asks_fd(const struct asks *s)
{
    return s->fd;
}

bool asks_busy(const struct asks *s)
{
    return s->running != NULL;
}

void asks_free(struct asks *s)
{
    if (s == NULL)
        return;
    for (struct ask *a = s->running; a != NULL; a = a->next)
        cancel_ask(a->cancel);
    while (s->running != NULL)
        finish_one(s, s->running);
    pthread_mutex_destroy(&s->lock);
    close(s->fd);
    free(s);
}

void asks_poke(struct asks *s)
{
    uint64_t one = 1;

    if (write(s->fd, &one, sizeof one) < 0)
        (void)errno; /* the counter is full: it is readable already */
}

#include "manager/signin.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/lock.h>

struct signin_device {
    struct attempt *attempt; /* nobody writes to it before we are stopped */
    struct cancel *cancel;
    pthread_t thread;
    int fd;

    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t stopped;
    bool stopping;
    enum device_news news;
    struct device device; /* written before the first news, then only its interval by the thread */
    struct token token;
    struct error err;
};

static void announce(struct signin_device *d, enum device_news news)
{
    uint64_t one = 1;

    pthread_mutex_lock(&d->lock);
    d->news = news;
    pthread_mutex_unlock(&d->lock);
    if (write(d->fd, &one, sizeof one) < 0)
        (void)errno; /* full: it is readable already */
}

/* False when it shall stop. */
static bool pause_for(struct signin_device *d, int64_t ms)
{
    int64_t end = clock_mono() + ms, left;
    bool go_on;

    pthread_mutex_lock(&d->lock);
    while (!d->stopping && (left = end - clock_mono()) > 0)
        lock_wait(&d->stopped, &d->lock, left);
    go_on = !d->stopping;
    pthread_mutex_unlock(&d->lock);
    return go_on;
}

static void *device_main(void *argument)
{
    struct signin_device *d = argument;
    struct caller *caller = NULL;
    struct device mine = { .code = "" };
    enum device_state state = DEVICE_PENDING;

    if (!attempt_call(d->attempt, d->cancel, &caller, &d->err)) {
        announce(d, DEVICE_FAILED);
        return NULL;
    }
    if (!authorize_check(caller_call(caller), d->attempt->platform, true, &d->err) ||
        !device_start(caller_call(caller), d->attempt->platform, &mine, &d->err)) {
        caller_close(caller);
        announce(d, DEVICE_FAILED);
        return NULL;
    }
    d->device = mine;
    announce(d, DEVICE_SHOWN);
    while (state == DEVICE_PENDING && pause_for(d, mine.interval_ms)) {
        caller_call(caller)->now_ms = clock_now();
        state = device_poll(caller_call(caller), d->attempt->platform, &mine, &d->token, &d->err);
    }
    caller_close(caller);
    device_wipe(&mine);
    if (state != DEVICE_PENDING)
        announce(d, state == DEVICE_DONE ? DEVICE_SIGNED_IN : DEVICE_FAILED);
    return NULL;
}

bool signin_device_start(struct signin_device **out, struct attempt *a, struct error *err)
{
    struct signin_device *d = calloc(1, sizeof *d);
    sigset_t all, before;
    bool started = false;

    if (!d)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    d->attempt = a;
    d->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    d->cancel = cancel_new();
    pthread_mutex_init(&d->lock, NULL);
    lock_cond_init(&d->stopped);
    if (d->fd >= 0 && d->cancel) {
        /* Signals are the main thread's. */
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before);
        started = pthread_create(&d->thread, NULL, device_main, d) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    if (started) {
        *out = d;
        return true;
    }
    if (d->fd >= 0)
        close(d->fd);
    cancel_free(d->cancel);
    free(d);
    return error_set(err, ERROR_INTERNAL, "Close other programs.",
                     "A thread or descriptor could not be had.");
}

int signin_device_fd(const struct signin_device *d)
{
    return d->fd;
}

enum device_news signin_device_news(struct signin_device *d, const struct device **shown,
                                    struct token *token, struct error *err)
{
    enum device_news news;
    uint64_t count;

    if (read(d->fd, &count, sizeof count) < 0)
        return DEVICE_NOTHING;
    pthread_mutex_lock(&d->lock);
    news = d->news;
    pthread_mutex_unlock(&d->lock);
    *shown = &d->device;
    if (news == DEVICE_SIGNED_IN)
        *token = d->token;
    if (news == DEVICE_FAILED && err)
        *err = d->err;
    return news;
}

void signin_device_stop(struct signin_device *d)
{
    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    d->stopping = true;
    pthread_cond_broadcast(&d->stopped);
    pthread_mutex_unlock(&d->lock);
    cancel_ask(d->cancel);
    pthread_join(d->thread, NULL);
    close(d->fd);
    cancel_free(d->cancel);
    pthread_cond_destroy(&d->stopped);
    pthread_mutex_destroy(&d->lock);
    device_wipe(&d->device);
    token_wipe(&d->token);
    free(d);
}

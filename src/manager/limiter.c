#include "manager/private.h"

#include <pthread.h>
#include <stdlib.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/lock.h>

/* A token bucket a platform, on the monotonic clock. It smooths bursts below the platform's own
 * limit; what the platform says itself (429) blocks the queue. */
struct bucket {
    double tokens;
    int64_t filled_ms;
};

struct limiter {
    pthread_mutex_t mutex;
    pthread_cond_t news;
    struct bucket buckets[PLATFORM_COUNT];
};

bool limiter_new(struct limiter **out, struct error *err)
{
    struct limiter *l = calloc(1, sizeof *l);

    if (!l)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    pthread_mutex_init(&l->mutex, NULL);
    lock_cond_init(&l->news);
    for (int p = 0; p < PLATFORM_COUNT; p++)
        l->buckets[p].tokens = -1;
    *out = l;
    return true;
}

void limiter_free(struct limiter *l)
{
    if (!l)
        return;
    pthread_cond_destroy(&l->news);
    pthread_mutex_destroy(&l->mutex);
    free(l);
}

static int pace = 1;
static pthread_once_t pace_once = PTHREAD_ONCE_INIT;

static void pace_read(void)
{
    const char *value = getenv("ECCLESIA_TEST_PACE");
    long times = value ? strtol(value, NULL, 10) : 1;

    pace = times >= 1 && times <= 1000 ? (int)times : 1;
}

int manager_pace(void)
{
    pthread_once(&pace_once, pace_read);
    return pace;
}

/* With the mutex: 0 when a token was taken, else how long until there is one. */
static int64_t take(struct bucket *b, const struct platform *p)
{
    int64_t now = clock_mono();
    double burst = p->calls_burst > 0 ? p->calls_burst : 1,
           per_second = p->calls_per_second * manager_pace();

    if (b->tokens < 0)
        b->tokens = burst;
    else
        b->tokens += (double)(now - b->filled_ms) * per_second / 1000.0;
    b->filled_ms = now;
    if (b->tokens > burst)
        b->tokens = burst;
    if (b->tokens >= 1.0) {
        b->tokens -= 1.0;
        return 0;
    }
    return (int64_t)((1.0 - b->tokens) * 1000.0 / per_second) + 1;
}

static void wake(void *argument)
{
    struct limiter *l = argument;

    pthread_mutex_lock(&l->mutex);
    pthread_cond_broadcast(&l->news);
    pthread_mutex_unlock(&l->mutex);
}

bool limiter_take(struct limiter *l, const struct platform *p, struct cancel *cancel,
                  struct error *err)
{
    if (p->calls_per_second <= 0)
        return true;
    if (cancel)
        cancel_notify(cancel, wake, l);
    pthread_mutex_lock(&l->mutex);
    int64_t wait;
    while (!cancel_asked(cancel) && (wait = take(&l->buckets[p->id], p)) > 0)
        lock_wait(&l->news, &l->mutex, wait);
    pthread_mutex_unlock(&l->mutex);
    if (cancel)
        cancel_notify(cancel, NULL, NULL);
    return !cancel_asked(cancel) ||
           error_set(err, ERROR_CANCELLED, "", "Stopped while waiting for its turn.");
}

#include "manager/private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/lock.h>

/* Token buckets on the monotonic clock, each of what the platform itself counts: an account, or the
 * app's project; where requests have weights, one a weight. They smooth bursts below the platform's
 * own limit; what the platform says itself (429) holds the connection (gate.c). */
struct bucket {
    enum platform_id platform;
    struct id account; /* none: of the project */
    int weight;
    double tokens;
    int64_t filled_ms;
    struct bucket *next;
};

struct limiter {
    pthread_mutex_t mutex;
    pthread_cond_t news;
    struct bucket *buckets;
};

struct rate {
    double per_second;
    int burst, weight;
};

/* Zoom weighs requests: lists are "medium", two a second, the rest of ours is "light", four a
 * second (free plan). */
static struct rate rate_of(const struct platform *p, const struct http_request *r)
{
    struct rate rate = { p->calls_per_second, p->calls_burst > 0 ? p->calls_burst : 1, 0 };
    size_t length = r && r->route ? strlen(r->route) : 0;
    bool list = length && r->route[length - 1] != '}' && strcmp(r->method, "GET") == 0;

    if (p->id == PLATFORM_ZOOM && length && !list)
        rate = (struct rate){ 4, 4, 1 };
    rate.per_second *= manager_pace();
    return rate;
}

bool limiter_new(struct limiter **out, struct error *err)
{
    struct limiter *l = calloc(1, sizeof *l);

    if (!l)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    pthread_mutex_init(&l->mutex, NULL);
    lock_cond_init(&l->news);
    *out = l;
    return true;
}

void limiter_free(struct limiter *l)
{
    if (!l)
        return;
    while (l->buckets) {
        struct bucket *next = l->buckets->next;
        free(l->buckets);
        l->buckets = next;
    }
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

/* With the mutex. NULL without memory: then nothing is limited. */
static struct bucket *bucket_of(struct limiter *l, enum platform_id p, struct id account,
                                const struct rate *rate)
{
    struct bucket *b = l->buckets;

    while (b && !(b->platform == p && id_equal(b->account, account) && b->weight == rate->weight))
        b = b->next;
    if (b || !(b = calloc(1, sizeof *b)))
        return b;
    *b = (struct bucket){ p, account, rate->weight, rate->burst, clock_mono(), l->buckets };
    l->buckets = b;
    return b;
}

/* With the mutex: 0 when a token was taken, else how long until there is one. */
static int64_t take(struct bucket *b, const struct rate *rate)
{
    int64_t now = clock_mono();

    b->tokens += (double)(now - b->filled_ms) * rate->per_second / 1000.0;
    b->filled_ms = now;
    if (b->tokens > rate->burst)
        b->tokens = rate->burst;
    if (b->tokens >= 1.0) {
        b->tokens -= 1.0;
        return 0;
    }
    return (int64_t)((1.0 - b->tokens) * 1000.0 / rate->per_second) + 1;
}

static void wake(void *argument)
{
    struct limiter *l = argument;

    pthread_mutex_lock(&l->mutex);
    pthread_cond_broadcast(&l->news);
    pthread_mutex_unlock(&l->mutex);
}

bool limiter_take(struct limiter *l, const struct platform *p, struct id connection,
                  const struct http_request *request, struct cancel *cancel, struct error *err)
{
    struct rate rate = rate_of(p, request);
    /* YouTube counts by the app's project, the others by the account. */
    struct id account = p->id == PLATFORM_YOUTUBE ? (struct id){ "" } : connection;

    if (rate.per_second <= 0)
        return true;
    if (cancel)
        cancel_notify(cancel, wake, l);
    pthread_mutex_lock(&l->mutex);
    struct bucket *b = bucket_of(l, p->id, account, &rate);
    int64_t wait;
    while (b && !cancel_asked(cancel) && (wait = take(b, &rate)) > 0)
        lock_wait(&l->news, &l->mutex, wait);
    pthread_mutex_unlock(&l->mutex);
    if (cancel)
        cancel_notify(cancel, NULL, NULL);
    return !cancel_asked(cancel) ||
           error_set(err, ERROR_CANCELLED, "", "Stopped while waiting for its turn.");
}

#include "manager/private.h"

#include <pthread.h>
#include <stdlib.h>

#include <ecclesia/base/lock.h>
#include <ecclesia/base/text.h>

/* As many as there can be operations at once, workers and pollers together. */
enum { HOLDS_MAX = 64 };

struct holds {
    pthread_mutex_t mutex;
    pthread_cond_t news;
    struct {
        const void *owner; /* NULL: free */
        struct id connection;
        char what[32];
    } held[HOLDS_MAX];
};

bool holds_new(struct holds **out, struct error *err)
{
    struct holds *h = calloc(1, sizeof *h);

    if (!h)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    pthread_mutex_init(&h->mutex, NULL);
    lock_cond_init(&h->news);
    *out = h;
    return true;
}

void holds_free(struct holds *h)
{
    if (!h)
        return;
    pthread_cond_destroy(&h->news);
    pthread_mutex_destroy(&h->mutex);
    free(h);
}

static void wake(void *argument)
{
    struct holds *h = argument;

    pthread_mutex_lock(&h->mutex);
    pthread_cond_broadcast(&h->news);
    pthread_mutex_unlock(&h->mutex);
}

/* With the mutex. True when owner has it now. */
static bool take(struct holds *h, const void *owner, struct id connection, const char *what)
{
    int free_at = -1;

    for (int i = 0; i < HOLDS_MAX; i++) {
        if (!h->held[i].owner)
            free_at = i;
        else if (id_equal(h->held[i].connection, connection) && text_equal(h->held[i].what, what))
            return h->held[i].owner == owner;
    }
    if (free_at < 0)
        return false;
    h->held[free_at].owner = owner;
    h->held[free_at].connection = connection;
    text_copy_to(h->held[free_at].what, sizeof h->held[free_at].what, what);
    return true;
}

bool holds_take(struct holds *h, const void *owner, struct id connection, const char *what,
                struct cancel *cancel, struct error *err)
{
    bool held = false;

    if (cancel)
        cancel_notify(cancel, wake, h);
    pthread_mutex_lock(&h->mutex);
    while (!cancel_asked(cancel) && !(held = take(h, owner, connection, what)))
        lock_wait(&h->news, &h->mutex, -1);
    pthread_mutex_unlock(&h->mutex);
    if (cancel)
        cancel_notify(cancel, NULL, NULL);
    return held || error_set(err, ERROR_CANCELLED, "", "Stopped while waiting for its turn.");
}

void holds_drop(struct holds *h, const void *owner)
{
    pthread_mutex_lock(&h->mutex);
    for (int i = 0; i < HOLDS_MAX; i++) {
        if (h->held[i].owner == owner)
            h->held[i].owner = NULL;
    }
    pthread_cond_broadcast(&h->news);
    pthread_mutex_unlock(&h->mutex);
}

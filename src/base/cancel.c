#include <ecclesia/base/cancel.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <ecclesia/base/lock.h>

/* `mutex` guards all but `asked`, which is read without it. The callback runs without the mutex: it
 * may take locks of its own, and may even take itself away. `running` and `runner` let
 * cancel_notify() wait until it is over. */
struct cancel {
    pthread_mutex_t mutex;
    pthread_cond_t over;
    atomic_bool asked;
    bool running;
    pthread_t runner;
    void (*call)(void *);
    void *argument;
};

struct cancel *cancel_new(void)
{
    struct cancel *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    pthread_mutex_init(&c->mutex, NULL);
    lock_cond_init(&c->over);
    return c;
}

void cancel_free(struct cancel *c)
{
    if (!c)
        return;
    pthread_cond_destroy(&c->over);
    pthread_mutex_destroy(&c->mutex);
    free(c);
}

/* Runs the callback, if there is one, once. Mutex held; let go while it runs. */
static void cancel_run(struct cancel *c)
{
    void (*call)(void *) = c->call;
    void *argument = c->argument;

    if (!call)
        return;
    c->call = NULL;
    c->running = true;
    c->runner = pthread_self();
    pthread_mutex_unlock(&c->mutex);
    call(argument);
    pthread_mutex_lock(&c->mutex);
    c->running = false;
    pthread_cond_broadcast(&c->over);
}

void cancel_ask(struct cancel *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->mutex);
    if (!atomic_exchange(&c->asked, true))
        cancel_run(c);
    pthread_mutex_unlock(&c->mutex);
}

bool cancel_asked(const struct cancel *c)
{
    return c && atomic_load(&c->asked);
}

void cancel_notify(struct cancel *c, void (*call)(void *), void *argument)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->mutex);
    /* From inside the callback there is nothing to wait for: it would wait for itself. */
    while (c->running && !pthread_equal(c->runner, pthread_self()))
        lock_wait(&c->over, &c->mutex, -1);
    c->call = call;
    c->argument = argument;
    if (atomic_load(&c->asked) && !c->running)
        cancel_run(c);
    pthread_mutex_unlock(&c->mutex);
}

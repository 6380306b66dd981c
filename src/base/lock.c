#include <ecclesia/base/lock.h>

#include <errno.h>

#include <ecclesia/base/clock.h>

void lock_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool lock_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t ms)
{
    struct timespec at;

    if (ms < 0) {
        pthread_cond_wait(cond, mutex);
        return true;
    }
    clock_deadline(&at, ms);
    return pthread_cond_timedwait(cond, mutex, &at) != ETIMEDOUT;
}

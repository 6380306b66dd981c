/* Conditions on the monotonic clock, so that a jump of the wall clock neither hangs nor hurries a
 * wait. */
#ifndef ECCLESIA_BASE_LOCK_H
#define ECCLESIA_BASE_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

void lock_cond_init(pthread_cond_t *cond);
/* Waits at most `ms` (negative: for ever) with `mutex` held. False when the time was over. May wake
 * early. */
bool lock_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t ms);

#endif

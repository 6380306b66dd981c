/* Jumps of the wall clock: noticed at once, told, and what hangs on it is reckoned anew. The kernel
 * says when the clock is set (timerfd), so that nothing wakes up for it meanwhile. */
#include "manager/private.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/log.h>
#include <ecclesia/store/audit.h>
#include <ecclesia/store/limits.h>

#include "manager/gate.h"
#include "manager/health.h"

enum { LEAST_MS = 5000, TEST_LOOK_MS = 100 };

struct jump {
    struct manager *m;
    pthread_t thread;
    int end, timer;  /* eventfd, timerfd */
    int64_t between; /* wall minus time since the machine's start, as it was */
};

/* Against a clock that goes on while the machine sleeps: waking up is no jump. */
static int64_t between(void)
{
    struct timespec up = { 0 };

    clock_gettime(CLOCK_BOOTTIME, &up);
    return clock_now() - ((int64_t)up.tv_sec * 1000 + up.tv_nsec / 1000000);
}

/* Goes off only when the clock is set. */
static void arm(const struct jump *j)
{
    const struct itimerspec far = { .it_value = { .tv_sec = INT32_MAX } };

    timerfd_settime(j->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
}

static void in_words(char *out, size_t size, int64_t by_ms)
{
    const char *way = by_ms < 0 ? "back" : "forward";
    char much[40];

    if (by_ms > -120000 && by_ms < 120000) {
        snprintf(out, size, "%s by %lld seconds", way,
                 (long long)((by_ms < 0 ? -by_ms : by_ms) / 1000));
        return;
    }
    health_much(much, sizeof much, by_ms);
    snprintf(out, size, "%s by %s", way, much);
}

static bool write_jump(struct db *db, int64_t by_ms, struct error *err)
{
    struct event e = { .level = EVENT_WARNING,
                       .platform = -1,
                       .kind = (char *)"clock.jumped",
                       .remedy = (char *)"If it is wrong now, set it: timedatectl set-ntp true",
                       .actor = (char *)"engine" };
    char words[60], text[200];

    in_words(words, sizeof words, by_ms);
    snprintf(text, sizeof text, "This computer's clock was put %s.", words);
    e.text = text;
    return health_shift_jobs(db, by_ms, clock_now(), err) && event_add(db, &e, err) &&
           audit_add(db,
                     &(struct audit_row){ .actor = "engine",
                                          .action = "clock.jumped",
                                          .object = "",
                                          .platform = "",
                                          .detail = text },
                     err);
}

static void look(struct jump *j)
{
    int64_t now = between(), by = now - j->between;
    struct error err = { 0 };
    struct db *db = NULL;

    if (by > -LEAST_MS && by < LEAST_MS) {
        /* Slow drift, put right by and by, is none. */
        j->between = now;
        return;
    }
    j->between = now;
    if (!db_begin(j->m->store, &db, &err))
        return;
    bool ok = write_jump(db, by, &err);
    if (ok)
        ok = db_commit(db, &err);
    else
        db_rollback(db);
    if (!ok)
        log_line("clock", "a jump cannot be told: %s", err.message);
    gate_restore(j->m->gate);
    if (j->m->queue)
        queue_wake(j->m->queue);
    poller_wake(j->m);
}

static void *jump_main(void *argument)
{
    struct jump *j = argument;
    struct pollfd fds[2] = { { .fd = j->end, .events = POLLIN },
                             { .fd = j->timer, .events = POLLIN } };

    while (!(fds[0].revents & POLLIN)) {
        uint64_t count;

        /* A test's clock jumps without the kernel. */
        poll(fds, 2, clock_is_tested() ? TEST_LOOK_MS : -1);
        if ((fds[1].revents & (POLLIN | POLLERR)) && read(j->timer, &count, sizeof count) < 0)
            arm(j);
        if (!(fds[0].revents & POLLIN))
            look(j);
    }
    return NULL;
}

bool jump_start(struct manager *m, struct error *err)
{
    struct jump *j = calloc(1, sizeof *j);

    if (!j)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    j->m = m;
    j->between = between();
    j->end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    j->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (j->end >= 0 && j->timer >= 0)
        arm(j);
    if (j->end < 0 || j->timer < 0 || pthread_create(&j->thread, NULL, jump_main, j) != 0) {
        if (j->end >= 0)
            close(j->end);
        if (j->timer >= 0)
            close(j->timer);
        free(j);
        return error_set(err, ERROR_INTERNAL,
                         "Raise the limits of processes and open files (ulimit -u, -n).",
                         "The clock cannot be watched.");
    }
    m->jump = j;
    return true;
}

void jump_stop(struct manager *m)
{
    struct jump *j = m->jump;

    if (!j)
        return;
    if (eventfd_write(j->end, 1) == 0)
        pthread_join(j->thread, NULL);
    close(j->end);
    close(j->timer);
    free(j);
    m->jump = NULL;
}

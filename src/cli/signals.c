/* SIGINT, SIGTERM and SIGHUP while a command runs: a thread waits for them, so that what they do is
 * ordinary code. */
#include "cli/private.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct cli_signals {
    pthread_t thread;
    sigset_t set, before;
    struct cancel *cancel;
    void (*last)(void *);
    void *argument;
};

enum { SIGNAL_STOP = SIGUSR1 }; /* ends the thread */

static void *wait_for_signals(void *argument)
{
    struct cli_signals *s = argument;
    int number, seen = 0;

    for (;;) {
        if (sigwait(&s->set, &number) != 0)
            continue;
        if (number == SIGNAL_STOP)
            return NULL;
        if (seen++ == 0) {
            cancel_ask(s->cancel);
            continue;
        }
        /* Asked twice: the jobs are safe in the store, the next engine goes on with them. */
        if (s->last)
            s->last(s->argument);
        _exit(128 + number);
    }
}

struct cli_signals *cli_signals_start(struct cancel *cancel, void (*last)(void *), void *argument)
{
    struct cli_signals *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->cancel = cancel;
    s->last = last;
    s->argument = argument;
    sigemptyset(&s->set);
    sigaddset(&s->set, SIGINT);
    sigaddset(&s->set, SIGTERM);
    sigaddset(&s->set, SIGHUP);
    sigaddset(&s->set, SIGNAL_STOP);
    pthread_sigmask(SIG_BLOCK, &s->set, &s->before);
    if (pthread_create(&s->thread, NULL, wait_for_signals, s) != 0) {
        pthread_sigmask(SIG_SETMASK, &s->before, NULL);
        free(s);
        return NULL;
    }
    return s;
}

void cli_signals_stop(struct cli_signals *s)
{
    if (!s)
        return;
    pthread_kill(s->thread, SIGNAL_STOP);
    pthread_join(s->thread, NULL);
    pthread_sigmask(SIG_SETMASK, &s->before, NULL);
    free(s);
}

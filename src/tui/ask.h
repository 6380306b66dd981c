/* Work that the screen must not wait for: run() on a thread of its own, done() on the screen's
 * thread. */
#ifndef TUI_ASK_H
#define TUI_ASK_H

#include <pthread.h>
#include <stdbool.h>

#include <ecclesia/base/cancel.h>
#include <ecclesia/base/error.h>

struct asks;

struct ask {
    void (*run)(struct ask *a);  /* worker: no curses, no view; looks at cancel */
    void (*done)(struct ask *a); /* screen's thread, once, also after a cancel; frees a */
    struct cancel *cancel;       /* made and freed by asks */
    struct error err;            /* run writes, done reads: never both at once */
    /* Of asks alone. */
    struct asks *owner;
    struct ask *next, *next_done;
    pthread_t thread;
};

bool asks_new(struct asks **out, struct error *err);
/* Cancels all, waits for them, calls their done(). NULL is fine. */
void asks_free(struct asks *s);
/* On failure done() is not called and a stays the caller's. */
bool asks_start(struct asks *s, struct ask *a, struct error *err);
/* Readable when an ask has run. */
int asks_fd(const struct asks *s);
/* Calls done() of those that have run. */
void asks_finish(struct asks *s);
bool asks_busy(const struct asks *s);
/* Makes asks_fd() readable: what an ask that still runs has to tell. Any thread. */
void asks_poke(struct asks *s);

#endif

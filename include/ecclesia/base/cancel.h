/* A wish to stop that can be asked, and that calls back whoever waits. Thread-safe. */
#ifndef ECCLESIA_BASE_CANCEL_H
#define ECCLESIA_BASE_CANCEL_H

#include <stdbool.h>

struct cancel;

struct cancel *cancel_new(void); /* NULL without memory */
void cancel_free(struct cancel *c);
void cancel_ask(struct cancel *c);         /* idempotent */
bool cancel_asked(const struct cancel *c); /* NULL: false */
/* One callback at a time, run once by cancel_ask() on its thread, or at once when it was asked
 * already. NULL takes it away, and returns only when it is not running. */
void cancel_notify(struct cancel *c, void (*call)(void *), void *argument);

#endif

#ifndef QUEUE_WATCHER_H
#define QUEUE_WATCHER_H

#include <ecclesia/queue/queue.h>

/* A thread that wakes the queue when another process has committed: it may have added a job or
 * replaced a wish. */
struct watcher;
bool watcher_start(struct watcher **out, struct store *store, struct queue *q, struct error *err);
void watcher_stop(struct watcher *w); /* NULL is fine */

#endif

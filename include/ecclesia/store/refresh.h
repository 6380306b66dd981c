/* What is known of the renewals of a connection's token, and who is at one. */
#ifndef ECCLESIA_STORE_REFRESH_H
#define ECCLESIA_STORE_REFRESH_H

#include <ecclesia/store/db.h>

struct refresh_row {
    bool in_flight;     /* begun, and its end was never written */
    int64_t started_ms; /* when it was begun */
    int64_t issued_ms;  /* when the access token in use was got; 0 unknown */
    int64_t fails;      /* in a row */
    int64_t failing_ms; /* since when; 0 not */
    int64_t next_ms;    /* not again before */
};
bool refresh_row_get(struct db *db, struct id connection, struct refresh_row *out,
                     struct error *err); /* ERROR_MISSING */
bool refresh_row_put(struct db *db, struct id connection, const struct refresh_row *r,
                     struct error *err);

/* One renewal of a connection at a time on this machine, in whatever process: a lock on a file
 * beside the database that its holder's end releases. Waits at most wait_ms; ERROR_STORE_BUSY.
 * *lock is a descriptor for refresh_lock_drop(). */
bool refresh_lock_take(struct store *s, struct id connection, int64_t wait_ms, int *lock,
                       struct error *err);
void refresh_lock_drop(int lock);
/* Whether somebody holds it now. */
bool refresh_lock_held(struct store *s, struct id connection);

/* Bytes free for us on the store's file system; -1 when that cannot be told. */
int64_t store_room(struct store *s);
/* Gives back the room that is kept for the worst (PATH.ballast), if there is any. */
void store_drop_ballast(struct store *s);

/* A small file beside the database (PATH.spill.ID), for what the database could not take: whole or
 * not at all, and on the disk when this returns. */
bool spill_write(struct store *s, struct id connection, const void *bytes, size_t length,
                 struct error *err);
/* *bytes is yours: free(). False when there is none. */
bool spill_read(struct store *s, struct id connection, void **bytes, size_t *length);
void spill_remove(struct store *s, struct id connection);

#endif

/* What a job or a poll does with one target: shared by jobs.c and poller.c. */
#ifndef MANAGER_WORK_H
#define MANAGER_WORK_H

#include "manager/private.h"

enum work_verb {
    WORK_CREATE,
    WORK_UPDATE,
    WORK_START,
    WORK_STOP,
    WORK_REMOVE,
    WORK_CANCEL,
    WORK_POLL
};

/* One target with its record and connection, as read at the beginning. */
struct work {
    struct manager *m;
    enum work_verb verb;
    struct target target;
    struct livestream livestream; /* one of the two is filled */
    struct meeting meeting;
    struct connection connection;
    bool has_connection;
    char zone[64];
    struct outcome outcome;
    bool has_outcome; /* the adapter ran to its end */
    bool asked;       /* the platform was asked something with our credentials */
    bool idle;        /* there was nothing to change there */
    enum doubt doubt; /* of a target that is not known to be at the platform */
    struct error error;
};

/* Reads all of it. ERROR_MISSING when the target or its record is gone. */
bool work_load(struct work *w, struct manager *m, struct id target, struct error *err);
/* The same within a transaction. */
bool work_read(struct work *w, struct manager *m, struct db *db, struct id target,
               struct error *err);
void work_release(struct work *w);
/* The title, for events. */
const char *work_title(const struct work *w);
/* Runs the adapter's operation, after a look-up when reconcile and nothing is known; lookup_only
 * ends after that. Fills outcome or error. */
bool work_do(struct work *w, const struct job *job, bool reconcile, bool lookup_only,
             struct cancel *cancel);
/* In a write transaction: copies what the outcome learned onto the fresh target t (not saved).
 * Seals a stream key. */
bool work_take(struct work *w, struct db *db, struct target *t, const struct outcome *o,
               struct error *err);
/* In a write transaction: the connection's status follows from how the work went. */
bool work_note_connection(struct work *w, struct db *db, struct error *err);

#endif

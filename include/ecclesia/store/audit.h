/* The audit's rows: who did what, in the transaction that did it. The store neither makes nor
 * checks seals: vault/audit.h does. */
#ifndef ECCLESIA_STORE_AUDIT_H
#define ECCLESIA_STORE_AUDIT_H

#include <ecclesia/store/db.h>

enum { AUDIT_MAC = 32 };

/* All texts are borrowed; NULL is "". */
struct audit_row {
    int64_t seq, at_ms;   /* given by the store; at_ms 0: now */
    struct id church;     /* none: the whole database */
    const char *actor;    /* login name, or "engine" */
    const char *action;   /* "connection.connected", "livestream.created" … */
    const char *object;   /* id of what it was done to */
    const char *platform; /* slug */
    const char *detail;   /* one line for a person */
    bool failed, simulated;
    /* Read only. As they stand in the table, whatever that is: what is sealed. */
    const char *church_text, *actor_kind,
        *outcome; /* 32 hex digits or ""; "person", "engine"; "done", "failed" */
    int64_t simulated_number,
        late;    /* late 1: committed by a process without the key, sealed by another afterwards */
    bool sealed; /* there is a mac */
    bool torn;   /* prev or mac is not of its length, or a text has bytes behind its end */
    int64_t key_id;
    unsigned char prev[AUDIT_MAC], mac[AUDIT_MAC];
};

/* In a write transaction. */
bool audit_add(struct db *db, const struct audit_row *r, struct error *err);
/* Calls each row behind `after` in order, at most `most` (0 all); the row is borrowed for the call.
 * Stops when each returns false. */
bool audit_each(struct db *db, int64_t after, int64_t most,
                bool (*each)(void *, const struct audit_row *), void *argument, struct error *err);
/* The newest rows since that time, at most `most`, oldest first; of the church and of the whole
 * database. */
bool audit_recent(struct db *db, struct id church, int64_t since_ms, int64_t most,
                  bool (*each)(void *, const struct audit_row *), void *argument,
                  struct error *err);
/* Seals one that awaits it. */
bool audit_seal_put(struct db *db, int64_t seq, int64_t key_id, bool late,
                    const unsigned char prev[AUDIT_MAC], const unsigned char mac[AUDIT_MAC],
                    struct error *err);
/* The first row that awaits its seal and when it was written; *seq 0 when there is none. */
bool audit_waiting(struct db *db, int64_t *seq, int64_t *at_ms, int64_t *count, struct error *err);
/* The number given last, whether or not its row is still there. */
bool audit_last(struct db *db, int64_t *seq, struct error *err);
/* The last row of those at the beginning that are older; *seq 0 when there is none. */
bool audit_older(struct db *db, int64_t before_ms, int64_t *seq, struct error *err);

/* "head": the newest sealed row; it is there from the beginning, with seq 0 while nothing is
 * sealed. "anchor": the last one that was pruned; the rows behind it follow its mac. */
struct audit_mark {
    bool there;
    int64_t seq, at_ms, key_id;
    unsigned char mac[AUDIT_MAC], seal[AUDIT_MAC];
};
bool audit_mark_get(struct db *db, const char *kind, struct audit_mark *out, struct error *err);
bool audit_mark_put(struct db *db, const char *kind, const struct audit_mark *m, struct error *err);
/* Deletes up to and with the anchor. */
bool audit_drop(struct db *db, int64_t *count, struct error *err);

/* Called in each write transaction that has added audit rows (first is the first of them), right
 * before it commits, on its thread. False undoes the transaction. One for the process; NULL takes
 * it away, and returns only when it is not running. Not inside a transaction. */
void store_on_seal(struct store *s,
                   bool (*call)(void *argument, struct db *db, int64_t first, struct error *err),
                   void *argument);

#endif

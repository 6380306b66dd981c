/* The audit's seals: each row's mac is keyed BLAKE2b-256 over the mac before it and the whole row,
 * by a key of its own, so that who edits the file can neither change a row nor recompute the chain.
 * The head mark shows rows cut off at the end, the anchor stands for rows that were pruned. */
#ifndef ECCLESIA_VAULT_AUDIT_H
#define ECCLESIA_VAULT_AUDIT_H

#include <ecclesia/store/audit.h>
#include <ecclesia/vault/vault.h>

/* From now on each transaction that adds audit rows seals them, and those before that wait. A
 * locked vault leaves them waiting. */
void vault_audit_start(struct vault *v);
void vault_audit_stop(struct vault *v); /* before vault_close() */

/* In a write transaction: seals the rows that wait. */
bool vault_audit_seal(struct vault *v, struct db *db, struct error *err);
/* In a write transaction: drops the rows at the beginning that are older and sealed, leaves an
 * anchor, tells it in a row. *count gets how many. */
bool vault_audit_prune(struct vault *v, struct db *db, int64_t before_ms, const char *actor,
                       int64_t *count, struct error *err);

struct audit_report {
    int64_t rows;                      /* that are there */
    int64_t waiting, waiting_since_ms; /* not sealed yet, and since when the first of them is */
    int64_t late;                      /* sealed after they were committed */
    int64_t pruned;                    /* number of the last row that was pruned, 0 none */
    int64_t head;                      /* number of the newest sealed row, 0 none */
    char head_mac[2 * AUDIT_MAC + 1];
    int64_t broken; /* number of the first row that is not as it was sealed; 0 when all are */
    char why[160];  /* "Row 17 was changed" */
};
/* In a read transaction. known: a head that was noted before, "SEQ:MAC", must be in the chain; NULL
 * none. False only when the chain could not be read (a locked vault: ERROR_KEY_WRONG). */
bool vault_audit_verify(struct vault *v, struct db *db, const char *known, struct audit_report *out,
                        struct error *err);
/* The head as "SEQ:MAC"; "" when nothing is sealed yet. Works with a locked vault. */
bool vault_audit_head(struct db *db, char *out, size_t size, struct error *err);

#endif

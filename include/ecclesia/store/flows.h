/* Rows of sign-ins under way. The store sees neither state nor verifier: the first is hashed and
 * the rest sealed before. */
#ifndef ECCLESIA_STORE_FLOWS_H
#define ECCLESIA_STORE_FLOWS_H

#include <ecclesia/record/slug.h>
#include <ecclesia/store/db.h>

enum flow_outcome {
    FLOW_WAITING, /* nobody has come back yet, or the exchange is under way */
    FLOW_ARRIVED, /* result holds the tokens, sealed, until a person has said yes */
    FLOW_FAILED   /* note says why */
};

struct flow_row {
    char state_hash[65]; /* SHA-256 in hex */
    struct id church;
    enum platform_id platform;
    char redirect_uri[512];
    char issuer[300]; /* who must have answered, "" not known */
    char
        browser_hash[65]; /* SHA-256 of the cookie of the browser that began it; "" for a console */
    char started_by[64];
    void *sealed; /* owned */
    size_t sealed_length;
    enum flow_outcome outcome;
    void *result; /* owned; NULL none */
    size_t result_length;
    char note[600];
    int64_t created_ms, expires_ms, used_ms;
};
void flow_row_release(struct flow_row *r);

bool flow_row_add(struct db *db, const struct flow_row *r, struct error *err);
/* Uses the state up, once: only one caller ever gets the row of an unused state that is not over.
 * Else ERROR_MISSING. *out is yours. */
bool flow_row_use(struct db *db, const char *state_hash, int64_t now_ms, struct flow_row *out,
                  struct error *err);
bool flow_row_get(struct db *db, const char *state_hash, struct flow_row *out,
                  struct error *err); /* ERROR_MISSING */
/* What came of it; result may be NULL. The row then stays until end_ms. */
bool flow_row_settle(struct db *db, const char *state_hash, enum flow_outcome outcome,
                     const void *result, size_t length, const char *note, int64_t end_ms,
                     struct error *err);
/* Calls each; the row is borrowed for the call. Stops when each returns false. */
bool flow_row_each(struct db *db, bool (*each)(void *, const struct flow_row *), void *argument,
                   struct error *err);
bool flow_row_delete(struct db *db, const char *state_hash, struct error *err);
/* Those whose end is before the time: whether there is any; drops them. */
bool flow_row_old(struct db *db, int64_t before_ms);
bool flow_row_purge(struct db *db, int64_t before_ms, struct error *err);

#endif

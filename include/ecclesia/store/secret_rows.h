/* Rows of sealed fields and wrapped keys. The store never sees a plain secret: vault seals before
 * and opens after. */
#ifndef ECCLESIA_STORE_SECRET_ROWS_H
#define ECCLESIA_STORE_SECRET_ROWS_H

#include <ecclesia/store/db.h>

struct secret_row {
    struct id connection;
    char field[80]; /* "refresh_token", "target/<32 hex>/stream_key" */
    int64_t generation;
    int64_t key_id;
    void *blob; /* owned */
    size_t length;
    int64_t place; /* where it stands in the table; 0 for one that was not read */
};
void secret_row_release(struct secret_row *r);

/* In a write transaction. Replaces the field of that generation. */
bool secret_row_put(struct db *db, const struct secret_row *r, struct error *err);
/* The newest generation of the field. False with ERROR_MISSING when there is none. *out is yours.
 */
bool secret_row_get(struct db *db, struct id connection, const char *field, struct secret_row *out,
                    struct error *err);
/* Calls each row (all connections when connection is none) in a fixed order; the row is borrowed
 * for the call. Stops when each returns false. */
bool secret_row_each(struct db *db, struct id connection,
                     bool (*each)(void *, const struct secret_row *), void *argument,
                     struct error *err);
/* Deletes one field (all generations), or every field of the connection when field is NULL;
 * overwritten by secure_delete. */
bool secret_row_delete(struct db *db, struct id connection, const char *field, struct error *err);
/* Deletes rows older than the generation for whose field there is a newer one: the last of a field
 * always stays. */
bool secret_row_prune(struct db *db, struct id connection, int64_t before_generation,
                      struct error *err);

/* Rows, at most `most`, that are not sealed by key_id and stand behind that place (0: from the
 * first), in the order of places. Release each, then free the array. */
bool secret_row_list(struct db *db, int64_t not_key_id, int64_t after_place, size_t most,
                     struct secret_row **out, size_t *count, struct error *err);
/* That very generation of the field. ERROR_MISSING. *out is yours. */
bool secret_row_exact(struct db *db, struct id connection, const char *field, int64_t generation,
                      struct secret_row *out, struct error *err);
/* Rows that say that they are sealed by the key. */
bool secret_row_count(struct db *db, int64_t key_id, int64_t *count, struct error *err);

struct key_row {
    int64_t id;
    char purpose[16]; /* "secret", "audit", "token" */
    void *wrapped;    /* owned: data key sealed by the master key */
    size_t wrapped_length;
    unsigned char kcv[16];
    char source[16];        /* kind of master key: "file", "env", "credential", "passphrase" */
    unsigned char salt[16]; /* Argon2id, zero otherwise */
    int64_t ops, mem;       /* Argon2id limits */
    char state[16];         /* "active", "retiring", "destroyed" */
    int64_t created_ms;     /* set by the store */
};
void key_row_release(struct key_row *k);
/* id 0: a new row, whose id is set. */
bool key_row_put(struct db *db, struct key_row *k, struct error *err);
bool key_row_each(struct db *db, bool (*each)(void *, const struct key_row *), void *argument,
                  struct error *err);
/* The id of the newest active key of that purpose; 0 when there is none. */
bool key_row_active(struct db *db, const char *purpose, int64_t *id, struct error *err);

#endif

/* What the files of the vault share; nobody outside src/vault, but its tests, includes this. */
#ifndef VAULT_PRIVATE_H
#define VAULT_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ecclesia/store/secret_rows.h>
#include <ecclesia/vault/vault.h>

enum {
    KEY_BYTES = 32,
    STORE_ID_BYTES = 16,
    BLOB_HEADER = 8, /* "EC", version, algorithm, key id */
    PLAIN_MOST = 16 * 1024,
    PLAIN_BLOCK = 64 /* lengths are rounded up to this, so that a blob tells little of its secret */
};

/* A plain secret; lives in one guarded allocation with its text, which ends with a NUL. */
struct secret {
    size_t length;
    char text[];
};
struct secret *secret_room(size_t length); /* filled with NULs; NULL without memory */

/* ---- seal.c: blobs */

/* The associated data: what a blob is bound to, in the order of adding. */
struct binding {
    unsigned char bytes[512];
    size_t length;
    bool overflow; /* something did not fit: sealing and opening then refuse */
};
void binding_start(struct binding *b, const char *label, uint32_t key_id,
                   const unsigned char store_id[STORE_ID_BYTES]);
void binding_add(struct binding *b, const char *part); /* with its length before it */
void binding_add_u64(struct binding *b, uint64_t value);

/* *blob is yours: free(). False without memory or with a plain text of no or too great length. */
bool blob_seal(const unsigned char key[KEY_BYTES], uint32_t key_id, const struct binding *b,
               const void *plain, size_t length, unsigned char **blob, size_t *blob_length);

enum blob_verdict { BLOB_OPENED, BLOB_FORMAT, BLOB_TAMPERED, BLOB_MEMORY };
/* Whether the blob has our form, and by which key it says that it is sealed. */
enum blob_verdict blob_look(const unsigned char *blob, size_t length, uint32_t *key_id);
/* *out is yours: secret_free(). */
enum blob_verdict blob_open(const unsigned char key[KEY_BYTES], const struct binding *b,
                            const unsigned char *blob, size_t length, struct secret **out);

/* ---- master.c: the master key, from where it comes */

struct master {
    unsigned char *key; /* KEY_BYTES in guarded memory */
    const char *kind;   /* as in key_row.source */
    char described[320];
    unsigned char salt[16]; /* of a passphrase, as are ops and mem; zero otherwise */
    int64_t ops, mem;
};

/* The rows of keys that the store has now. */
struct key_rows {
    struct key_row *rows;
    size_t count;
    bool no_memory;
};
bool key_rows_read(struct key_rows *k, struct db *db, struct error *err);
void key_rows_release(struct key_rows *k);

bool master_load(struct master *m, const struct vault_source *source, struct store *store,
                 const struct key_rows *rows, struct error *err);
void master_release(struct master *m); /* wipes */

/* master_file.c: reads 32 bytes or 64 digits into key. */
enum master_file { MASTER_CREDENTIAL, MASTER_KEY_FILE };
bool master_file_read(unsigned char key[KEY_BYTES], const char *path, enum master_file what,
                      struct store *store, bool *missing, struct error *err);
/* Makes the file with a new random key. Does nothing when another process has made it meanwhile. */
bool master_file_make(const char *path, struct store *store, struct error *err);
bool master_from_text(unsigned char key[KEY_BYTES], const char *text, size_t length);

/* ---- keys.c: the data keys */

struct vault_key {
    int64_t id;
    char purpose[16];
    bool active;
    unsigned char *bytes; /* KEY_BYTES in guarded memory, read-only */
};

struct vault {
    struct store *store;
    unsigned char store_id[STORE_ID_BYTES];
    struct vault_key *keys; /* set by vault_open and never changed after: any thread reads */
    size_t key_count;
    bool locked;
    struct error why; /* of a locked vault */
    char described[512];
};

/* Opens the data keys of the rows with the master key; makes those that are wanting. */
bool keys_load(struct vault *v, const struct vault_source *source, struct error *err);
void keys_release(struct vault *v);
const struct vault_key *keys_by_id(const struct vault *v, int64_t id);           /* NULL */
const struct vault_key *keys_active(const struct vault *v, const char *purpose); /* NULL */

/* False, with the reason, for a locked vault. */
bool vault_usable(const struct vault *v, struct error *err);
bool vault_no_memory(struct error *err);

#endif

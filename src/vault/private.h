/* What the files of the vault share; nobody outside src/vault, but its tests, includes this. */
#ifndef VAULT_PRIVATE_H
#define VAULT_PRIVATE_H

#include <pthread.h>
#include <sodium.h>
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

/* In the order in which they are tried. */
enum master_source { SOURCE_CREDENTIAL, SOURCE_FILE, SOURCE_ENV, SOURCE_PASSPHRASE, SOURCE_COUNT };

struct master {
    unsigned char *key; /* KEY_BYTES in guarded memory */
    const char *kind;   /* as in key_row.source */
    char described[320];
    unsigned char salt[16]; /* of a passphrase, as are ops and mem; zero otherwise */
    int64_t ops, mem;
};

/* The rows of keys that the store has now, but for the destroyed ones. */
struct key_rows {
    struct key_row *rows;
    size_t count;
    bool no_memory;
};
bool key_rows_read(struct key_rows *k, struct db *db, struct error *err);
void key_rows_release(struct key_rows *k);

/* Which source sealed the rows; SOURCE_COUNT when there are none. */
enum master_source master_of_rows(const struct key_rows *rows);
bool master_given(const struct vault_source *source, enum master_source what,
                  const struct key_rows *rows);
/* tries: how often this source was asked before. */
bool master_load(struct master *m, enum master_source what, const struct vault_source *source,
                 struct store *store, const struct key_rows *rows, int tries, struct error *err);
/* From the file that a rotation has written and not yet put in the key file's place. */
bool master_load_new(struct master *m, const char *key_file, struct store *store,
                     struct error *err);
/* With a new salt and today's cost. */
bool master_from_passphrase(struct master *m, const char *passphrase, struct error *err);
void master_release(struct master *m); /* wipes */

/* master_file.c: reads 32 bytes or 64 digits into key. */
enum master_file { MASTER_CREDENTIAL, MASTER_KEY_FILE };
bool master_file_read(unsigned char key[KEY_BYTES], const char *path, enum master_file what,
                      struct store *store, bool *missing, struct error *err);
/* Makes the file with a new random key. Does nothing when another process has made it meanwhile. */
bool master_file_make(const char *path, struct store *store, struct error *err);
bool master_from_text(unsigned char key[KEY_BYTES], const char *text, size_t length);

/* master_swap.c: a new key file takes the old one's place. */
enum { PATH_ROOM = 2200 };
bool master_new_path(char out[PATH_ROOM], const char *path, struct error *err);
/* Keeps other rotations of that key file out; -1 with err. close() ends it. */
int master_lock(const char *path, struct error *err);
/* Puts the new file, which must hold that key, in the place of path. The old one is kept under
 * another name, which old gets ("" without one). Can be called again after a crash at any point.
 * With the lock held. */
bool master_swap(const char *path, const unsigned char key[KEY_BYTES], struct store *store,
                 char old[PATH_ROOM], struct error *err);
/* Moves a key file that is not used any more out of the way. */
bool master_set_aside(const char *path, char old[PATH_ROOM], struct error *err);

/* ---- keys.c: the data keys */

struct vault_key {
    int64_t id;
    char purpose[16];
    unsigned char *bytes; /* KEY_BYTES in guarded memory, read-only */
};

struct vault {
    struct store *store;
    unsigned char store_id[STORE_ID_BYTES];
    bool locked;                                 /* set by vault_open, as is why */
    struct error why;                            /* of a locked vault */
    char *credential_file, *key_file, *new_file; /* owned; NULL where there is none */
    pthread_mutex_t mutex;                       /* guards all below */
    struct vault_key **keys; /* a key that is there neither changes nor goes before vault_close() */
    size_t key_count;
    struct master master; /* kept: what another process makes later is wrapped by it */
    char described[512];
};

enum key_verdict { KEY_OPENS, KEY_REFUSES, KEY_STRANGE, KEY_MEMORY };
enum key_verdict key_unwrap(const struct vault *v, const unsigned char master[KEY_BYTES],
                            const struct key_row *row, struct secret **out);
/* Fills wrapped and kcv of a row that has its id. */
bool key_wrap(const struct vault *v, const struct master *m, struct key_row *row,
              const unsigned char bytes[KEY_BYTES], struct error *err);
/* A new random key as a row of the write transaction, in state active. It is not yet among v's. */
bool key_make(const struct vault *v, const struct master *m, const char *purpose, struct db *db,
              int64_t *id, struct error *err);

/* Adds the keys of the rows that are not there yet; none when one of them cannot be opened: *bad
 * and *how tell the first, *opened how many others could. With the mutex. */
bool keys_take(struct vault *v, const struct master *m, const struct key_rows *rows, size_t *opened,
               const struct key_row **bad, enum key_verdict *how);
void keys_release(struct vault *v);
const struct vault_key *keys_by_id(struct vault *v, int64_t id); /* NULL */
/* As it was loaded; for a purpose whose key stays the same. NULL. */
const struct vault_key *keys_newest(struct vault *v, const char *purpose);
/* By which to seal now, as the store says; a key that is not there yet is loaded. NULL with err. */
const struct vault_key *keys_active(struct vault *v, struct db *db, const char *purpose,
                                    struct error *err);
/* By its id; one that is not there yet is loaded. NULL without err: the store has no such key
 * either. */
const struct vault_key *keys_find(struct vault *v, struct db *db, int64_t id, bool *failed,
                                  struct error *err);

/* load.c: finds the master key that opens the rows; makes the keys that are wanting. */
bool vault_load(struct vault *v, const struct vault_source *source, struct error *err);
/* Another process has replaced the master key: takes it over from the key file or the credential as
 * they are now, when one of them opens the newest of the rows. With the mutex. */
bool vault_master_again(struct vault *v, const struct key_rows *rows);

/* ---- secret.c */

bool secret_open_row(struct vault *v, struct db *db, const struct secret_row *row,
                     enum platform_id platform, struct secret **out, struct error *err);
/* Seals anew by that key: row's key_id, blob and length are replaced. */
bool secret_seal_row(const struct vault *v, const struct vault_key *key, struct secret_row *row,
                     enum platform_id platform, const void *plain, size_t length,
                     struct error *err);

/* ---- vault.c */

/* Adds a text with its length before it; NULL is "". */
void vault_hash_part(crypto_generichash_state *state, const char *part);

/* False, with the reason, for a locked vault. */
bool vault_usable(const struct vault *v, struct error *err);
bool vault_no_memory(struct error *err);

#endif

/* The vault: seals and opens secrets, holds the keys, signs. The only room that knows libsodium
 * (and libcrypto, for RS256).
 *
 * Blob: "EC" | version 1 | alg 1 | key id u32be | nonce[24] | XChaCha20-Poly1305 ciphertext and
 * tag; plain text padded to 64 bytes, at most 16 KiB. The associated data binds a blob to its
 * store, connection, platform, field and generation, so that a row moved elsewhere does not open.
 * Data keys are random and wrapped by the master key; a key check value tells a wrong key from a
 * damaged row. Keys that another process makes while this one has the vault open are loaded when
 * they are met. Any thread. */
#ifndef ECCLESIA_VAULT_VAULT_H
#define ECCLESIA_VAULT_VAULT_H

#include <ecclesia/base/error.h>
#include <ecclesia/base/id.h>
#include <ecclesia/record/slug.h>
#include <ecclesia/store/db.h>

struct vault;
struct secret;

/* Where the master key can come from. The kind that sealed the store's keys is tried first, when it
 * is given here; then all in this order. */
struct vault_source {
    const char
        *credential_file; /* systemd credential ($CREDENTIALS_DIRECTORY/ecclesia.key), NULL */
    const char *key_file; /* 32 raw bytes or 64 hex digits, mode 0600, owned by us, not in the
                             store's directory nor below it */
    const char *
        environment; /* raw key in hex or base64 (ECCLESIA_MASTER_KEY); wiped by the caller after */
    const char *passphrase;      /* Argon2id */
    const char *passphrase_file; /* looked into only when the keys were sealed with a passphrase */
    bool may_create;      /* make key_file when it is missing and the store holds no keys yet */
    const char *new_file; /* where a rotation puts a new key file; NULL: key_file */
    /* Called when the keys were sealed with a passphrase and none was given; tries counts from 0.
     * *out is then the vault's. Its error is given back. NULL: nobody can be asked. */
    bool (*ask)(void *argument, int tries, struct secret **out, struct error *err);
    void *ask_argument;
};

/* Loads (or makes, in an empty store) the keys. ERROR_KEY_WRONG (missing, may not be read, does not
 * fit) names the key id and its source, ERROR_CONFIG and ERROR_INPUT say what is wrong with the
 * source itself; no row is touched. With locked_ok each of these gives a locked vault instead, in
 * which sealing and opening fail with ERROR_KEY_WRONG and the reason; so does, without it, a
 * passphrase that nobody can be asked for or that was not given (ask failed with ERROR_CANCELLED).
 * A passphrase takes about a second and 256 MiB: not on the screen's thread. *out is yours:
 * vault_close(). */
bool vault_open(struct vault **out, struct store *store, const struct vault_source *source,
                bool locked_ok, struct error *err);
void vault_close(struct vault *v); /* wipes */
bool vault_locked(const struct vault *v);
/* "file /home/…/master.key" … for `key status`; never key material. */
void vault_describe(struct vault *v, char *out, size_t size);

/* The first line of a file that others may not read; "-" is standard input. *out is yours:
 * secret_free(). */
bool vault_passphrase_read(const char *path, struct secret **out, struct error *err);

/* A plain secret in guarded memory. Only vault makes one. */
const char *secret_text(const struct secret *s); /* NUL-terminated; borrowed; "" for NULL */
size_t secret_length(const struct secret *s);
void secret_free(struct secret *s);                          /* wipes */
struct secret *secret_new(const void *bytes, size_t length); /* copies; NULL without memory */

/* Seals and stores the field in the write transaction db. An empty secret is refused (ERROR_INPUT).
 */
bool vault_put(struct vault *v, struct db *db, struct id connection, enum platform_id platform,
               const char *field, int64_t generation, const void *plain, size_t length,
               struct error *err);
/* Opens the newest generation. ERROR_MISSING without a row; ERROR_SECRET_TAMPERED, _FORMAT,
 * ERROR_KEY_WRONG as they say. *out is yours. */
bool vault_get(struct vault *v, struct db *db, struct id connection, enum platform_id platform,
               const char *field, struct secret **out, struct error *err);
/* Opens every field of the connection and forgets them: whether its secrets can be used. False with
 * the first trouble. *count gets the rows. */
bool vault_check(struct vault *v, struct db *db, struct id connection, enum platform_id platform,
                 int *count, struct error *err);

/* Keyed derivation from this store's key for `purpose` and `input`: the same each time, not
 * guessable. out: 32 bytes. Works when locked? No: ERROR_KEY_WRONG. */
bool vault_derive(struct vault *v, const char *purpose, const char *input, unsigned char out[32],
                  struct error *err);
/* First 16 bytes of BLAKE2b over the parts, in hex: for idempotency keys. Needs no key. */
void vault_digest(char out[33], const char *const *parts, size_t count);

enum sign_algorithm { SIGN_HS256, SIGN_HS384, SIGN_HS512, SIGN_RS256 };
/* HMAC, or RSA-PKCS1v15-SHA256 with a PEM private key of at least 2048 bits. out needs 1024 bytes;
 * *length is set. ERROR_INPUT when the key is not one. */
bool vault_sign(enum sign_algorithm algorithm, const char *key, size_t key_length,
                const void *message, size_t message_length, unsigned char *out, size_t *length,
                struct error *err);

#endif

#include <ecclesia/vault/envelope.h>

#include <sodium.h>
#include <string.h>

#include "vault/private.h"

/* Derived from the key that stays: what a sign-in remembers lives minutes, and what the store could
 * not take is written when the store cannot be asked, so neither may hang on a key that a rotation
 * has just destroyed. */
static void derive(const struct vault_key *from, unsigned char out[KEY_BYTES])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, from->bytes, KEY_BYTES, KEY_BYTES);
    vault_hash_part(&state, "ec-envelope-key-v1");
    crypto_generichash_final(&state, out, KEY_BYTES);
    sodium_memzero(&state, sizeof state);
}

static void bind(struct binding *b, const struct vault *v, uint32_t key_id, const char *label,
                 const char *subject)
{
    binding_start(b, label, key_id, v->store_id);
    binding_add(b, subject);
}

bool envelope_seal(struct vault *v, const char *label, const char *subject, const void *plain,
                   size_t length, unsigned char **blob, size_t *blob_length, struct error *err)
{
    const struct vault_key *from;
    unsigned char key[KEY_BYTES];
    struct binding b;
    bool sealed;

    if (!vault_usable(v, err))
        return false;
    if (length == 0 || length > PLAIN_MOST)
        return error_set(err, ERROR_INPUT, "Check that the right thing was pasted.",
                         "What is to be kept is empty or too long (%zu bytes, at most %d).", length,
                         PLAIN_MOST);
    from = keys_newest(v, "token");
    bind(&b, v, (uint32_t)from->id, label, subject);
    derive(from, key);
    sealed = blob_seal(key, (uint32_t)from->id, &b, plain, length, blob, blob_length);
    sodium_memzero(key, sizeof key);
    return sealed || vault_no_memory(err);
}

bool envelope_open(struct vault *v, const char *label, const char *subject, const void *blob,
                   size_t length, struct secret **out, struct error *err)
{
    const struct vault_key *from;
    unsigned char key[KEY_BYTES];
    enum blob_verdict verdict;
    struct binding b;
    uint32_t key_id;

    if (!vault_usable(v, err))
        return false;
    if (blob_look(blob, length, &key_id) != BLOB_OPENED)
        return error_set(
            err, ERROR_SECRET_FORMAT, "Use the newest ecclesia, or sign in again.",
            "What was kept of the sign-in has a form that this version does not know.");
    from = keys_by_id(v, key_id);
    if (!from || strcmp(from->purpose, "token") != 0)
        return error_set(err, ERROR_SECRET_FORMAT, "Sign in again.",
                         "What was kept of the sign-in needs key %u, which is gone.", key_id);
    bind(&b, v, key_id, label, subject);
    derive(from, key);
    verdict = blob_open(key, &b, blob, length, out);
    sodium_memzero(key, sizeof key);
    switch (verdict) {
    case BLOB_OPENED:
        return true;
    case BLOB_MEMORY:
        return vault_no_memory(err);
    default:
        return error_set(err, ERROR_SECRET_TAMPERED, "Sign in again.",
                         "What was kept of the sign-in was changed outside ecclesia.");
    }
}

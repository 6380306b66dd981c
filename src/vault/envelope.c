#include <ecclesia/vault/envelope.h>

#include <string.h>

#include "vault/private.h"

static void bind(struct binding *b, const struct vault *v, uint32_t key_id, const char *label,
                 const char *subject)
{
    binding_start(b, label, key_id, v->store_id);
    binding_add(b, subject);
}

bool envelope_seal(struct vault *v, const char *label, const char *subject, const void *plain,
                   size_t length, unsigned char **blob, size_t *blob_length, struct error *err)
{
    const struct vault_key *key;
    struct binding b;

    if (!vault_usable(v, err))
        return false;
    if (length == 0 || length > PLAIN_MOST)
        return error_set(err, ERROR_INPUT, "Check that the right thing was pasted.",
                         "What is to be kept is empty or too long (%zu bytes, at most %d).", length,
                         PLAIN_MOST);
    key = keys_active(v, "secret");
    bind(&b, v, (uint32_t)key->id, label, subject);
    return blob_seal(key->bytes, (uint32_t)key->id, &b, plain, length, blob, blob_length) ||
           vault_no_memory(err);
}

bool envelope_open(struct vault *v, const char *label, const char *subject, const void *blob,
                   size_t length, struct secret **out, struct error *err)
{
    const struct vault_key *key;
    struct binding b;
    uint32_t key_id;

    if (!vault_usable(v, err))
        return false;
    if (blob_look(blob, length, &key_id) != BLOB_OPENED)
        return error_set(
            err, ERROR_SECRET_FORMAT, "Use the newest ecclesia, or sign in again.",
            "What was kept of the sign-in has a form that this version does not know.");
    key = keys_by_id(v, key_id);
    if (!key || strcmp(key->purpose, "secret") != 0)
        return error_set(err, ERROR_SECRET_FORMAT, "Sign in again.",
                         "What was kept of the sign-in needs key %u, which is gone.", key_id);
    bind(&b, v, key_id, label, subject);
    switch (blob_open(key->bytes, &b, blob, length, out)) {
    case BLOB_OPENED:
        return true;
    case BLOB_MEMORY:
        return vault_no_memory(err);
    default:
        return error_set(err, ERROR_SECRET_TAMPERED, "Sign in again.",
                         "What was kept of the sign-in was changed outside ecclesia.");
    }
}

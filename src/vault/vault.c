#include "vault/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

bool vault_no_memory(struct error *err)
{
    return error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
}

/* Troubles of the key itself, which a person can mend later; others are the store's or the
 * machine's. */
static bool lockable(enum error_kind kind)
{
    return kind == ERROR_KEY_WRONG || kind == ERROR_CONFIG || kind == ERROR_INPUT ||
           kind == ERROR_SECRET_FORMAT;
}

static void lock(struct vault *v, const struct error *why)
{
    v->locked = true;
    v->why = *why;
    v->why.kind = ERROR_KEY_WRONG;
    snprintf(v->described, sizeof v->described, "locked: %.400s", why->message);
}

/* What a reload and a rotation need later. */
static bool keep_paths(struct vault *v, const struct vault_source *source)
{
    const char *fresh = source->new_file ? source->new_file : source->key_file;

    return (!source->credential_file ||
            (v->credential_file = text_copy(source->credential_file)) != NULL) &&
           (!source->key_file || (v->key_file = text_copy(source->key_file)) != NULL) &&
           (!fresh || (v->new_file = text_copy(fresh)) != NULL);
}

bool vault_open(struct vault **out, struct store *store, const struct vault_source *source,
                bool locked_ok, struct error *err)
{
    struct id id = store_id(store);
    struct error trouble;
    struct vault *v;

    if (sodium_init() < 0)
        return error_set(err, ERROR_INTERNAL, "Check that /dev/urandom can be read.",
                         "libsodium did not start.");
    v = calloc(1, sizeof *v);
    if (!v)
        return vault_no_memory(err);
    v->store = store;
    pthread_mutex_init(&v->mutex, NULL);
    if (!keep_paths(v, source)) {
        vault_close(v);
        return vault_no_memory(err);
    }
    if (!text_from_hex(v->store_id, sizeof v->store_id, id.hex)) {
        vault_close(v);
        return error_set(err, ERROR_INTERNAL, "Report this with the text above.",
                         "The store has no id.");
    }
    error_clear(&trouble);
    if (!vault_load(v, source, &trouble)) {
        if (trouble.kind != ERROR_CANCELLED && (!locked_ok || !lockable(trouble.kind))) {
            if (err)
                *err = trouble;
            vault_close(v);
            return false;
        }
        lock(v, &trouble);
    }
    *out = v;
    return true;
}

void vault_close(struct vault *v)
{
    if (!v)
        return;
    keys_release(v);
    master_release(&v->master);
    pthread_mutex_destroy(&v->mutex);
    free(v->credential_file);
    free(v->key_file);
    free(v->new_file);
    free(v);
}

bool vault_locked(const struct vault *v)
{
    return v->locked;
}

bool vault_usable(const struct vault *v, struct error *err)
{
    if (v->locked && err)
        *err = v->why;
    return !v->locked;
}

void vault_describe(struct vault *v, char *out, size_t size)
{
    pthread_mutex_lock(&v->mutex);
    text_copy_to(out, size, v->described);
    pthread_mutex_unlock(&v->mutex);
}

void vault_hash_part(crypto_generichash_state *state, const char *part)
{
    size_t length = part ? strlen(part) : 0;
    unsigned char prefix[8];

    for (int i = 0; i < 8; i++)
        prefix[i] = (unsigned char)((uint64_t)length >> (56 - 8 * i));
    crypto_generichash_update(state, prefix, sizeof prefix);
    crypto_generichash_update(state, (const unsigned char *)(part ? part : ""), length);
}

bool vault_derive(struct vault *v, const char *purpose, const char *input, unsigned char out[32],
                  struct error *err)
{
    crypto_generichash_state state;
    const struct vault_key *key;

    if (!vault_usable(v, err))
        return false;
    key = keys_newest(v, "token");
    crypto_generichash_init(&state, key->bytes, KEY_BYTES, 32);
    vault_hash_part(&state, "ec-derive-v1");
    vault_hash_part(&state, purpose);
    vault_hash_part(&state, input);
    crypto_generichash_final(&state, out, 32);
    sodium_memzero(&state, sizeof state);
    return true;
}

void vault_digest(char out[33], const char *const *parts, size_t count)
{
    crypto_generichash_state state;
    unsigned char hash[32];

    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < count; i++)
        vault_hash_part(&state, parts[i]);
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(out, 33, hash, 16);
}

/* The data keys: random, one row each, wrapped by the master key. */
#include "vault/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

/* ---- wrapping */

static void bind_wrapped(struct binding *b, const struct vault *v, int64_t id, const char *purpose)
{
    binding_start(b, "ec-wrap-v1", (uint32_t)id, v->store_id);
    binding_add(b, purpose);
}

/* XChaCha20-Poly1305 does not commit to its key: with this value a blob opens under one key alone.
 */
static void check_value(unsigned char out[16], const unsigned char key[KEY_BYTES], int64_t id)
{
    unsigned char text[7] = { 'k', 'c', 'v' };

    for (int i = 0; i < 4; i++)
        text[3 + i] = (unsigned char)((uint32_t)id >> (24 - 8 * i));
    crypto_generichash(out, 16, text, sizeof text, key, KEY_BYTES);
}

enum key_verdict key_unwrap(const struct vault *v, const unsigned char master[KEY_BYTES],
                            const struct key_row *row, struct secret **out)
{
    struct secret *plain = NULL;
    unsigned char kcv[16];
    struct binding b;
    uint32_t id;

    if (blob_look(row->wrapped, row->wrapped_length, &id) != BLOB_OPENED)
        return KEY_STRANGE;
    if ((int64_t)id != row->id)
        return KEY_REFUSES;
    bind_wrapped(&b, v, row->id, row->purpose);
    switch (blob_open(master, &b, row->wrapped, row->wrapped_length, &plain)) {
    case BLOB_OPENED:
        break;
    case BLOB_MEMORY:
        return KEY_MEMORY;
    default:
        return KEY_REFUSES;
    }
    if (plain->length == KEY_BYTES)
        check_value(kcv, (const unsigned char *)plain->text, row->id);
    if (plain->length != KEY_BYTES || sodium_memcmp(kcv, row->kcv, sizeof kcv) != 0) {
        secret_free(plain);
        return KEY_REFUSES;
    }
    *out = plain;
    return KEY_OPENS;
}

bool key_wrap(const struct vault *v, const struct master *m, struct key_row *row,
              const unsigned char bytes[KEY_BYTES], struct error *err)
{
    unsigned char *wrapped = NULL;
    struct binding b;
    size_t length;

    check_value(row->kcv, bytes, row->id);
    bind_wrapped(&b, v, row->id, row->purpose);
    if (!blob_seal(m->key, (uint32_t)row->id, &b, bytes, KEY_BYTES, &wrapped, &length))
        return vault_no_memory(err);
    free(row->wrapped);
    row->wrapped = wrapped;
    row->wrapped_length = length;
    text_copy_to(row->source, sizeof row->source, m->kind);
    memcpy(row->salt, m->salt, sizeof row->salt);
    row->ops = m->ops;
    row->mem = m->mem;
    return true;
}

/* ---- those that are open */

static struct vault_key *key_new(int64_t id, const char *purpose,
                                 const unsigned char bytes[KEY_BYTES])
{
    struct vault_key *key = calloc(1, sizeof *key);

    if (!key || !(key->bytes = sodium_malloc(KEY_BYTES))) {
        free(key);
        return NULL;
    }
    key->id = id;
    text_copy_to(key->purpose, sizeof key->purpose, purpose);
    memcpy(key->bytes, bytes, KEY_BYTES);
    sodium_mprotect_readonly(key->bytes);
    return key;
}

static void key_free(struct vault_key *key)
{
    sodium_free(key->bytes);
    free(key);
}

static bool add_key(struct vault *v, int64_t id, const char *purpose,
                    const unsigned char bytes[KEY_BYTES])
{
    struct vault_key **more = realloc(v->keys, (v->key_count + 1) * sizeof *more);

    if (!more)
        return false;
    v->keys = more;
    more[v->key_count] = key_new(id, purpose, bytes);
    if (!more[v->key_count])
        return false;
    v->key_count++;
    return true;
}

static void drop_keys(struct vault *v, size_t from)
{
    while (v->key_count > from)
        key_free(v->keys[--v->key_count]);
}

void keys_release(struct vault *v)
{
    drop_keys(v, 0);
    free(v->keys);
    v->keys = NULL;
}

/* With the mutex. */
static const struct vault_key *look_up(const struct vault *v, int64_t id)
{
    for (size_t i = 0; i < v->key_count; i++)
        if (v->keys[i]->id == id)
            return v->keys[i];
    return NULL;
}

const struct vault_key *keys_by_id(struct vault *v, int64_t id)
{
    const struct vault_key *key;

    pthread_mutex_lock(&v->mutex);
    key = look_up(v, id);
    pthread_mutex_unlock(&v->mutex);
    return key;
}

const struct vault_key *keys_newest(struct vault *v, const char *purpose)
{
    const struct vault_key *key = NULL;

    pthread_mutex_lock(&v->mutex);
    for (size_t i = 0; i < v->key_count; i++)
        if (strcmp(v->keys[i]->purpose, purpose) == 0 && (!key || v->keys[i]->id > key->id))
            key = v->keys[i];
    pthread_mutex_unlock(&v->mutex);
    return key;
}

bool keys_take(struct vault *v, const struct master *m, const struct key_rows *rows, size_t *opened,
               const struct key_row **bad, enum key_verdict *how)
{
    size_t before = v->key_count;

    *opened = 0;
    *bad = NULL;
    for (size_t i = 0; i < rows->count; i++) {
        const struct key_row *row = &rows->rows[i];
        struct secret *plain = NULL;
        enum key_verdict verdict;

        if (look_up(v, row->id))
            continue;
        verdict = key_unwrap(v, m->key, row, &plain);
        if (verdict == KEY_OPENS &&
            !add_key(v, row->id, row->purpose, (unsigned char *)plain->text))
            verdict = KEY_MEMORY;
        secret_free(plain);
        *opened += verdict == KEY_OPENS;
        if (verdict != KEY_OPENS && !*bad) {
            *bad = row;
            *how = verdict;
        }
    }
    if (*bad)
        drop_keys(v, before);
    return !*bad;
}

bool key_make(const struct vault *v, const struct master *m, const char *purpose, struct db *db,
              int64_t *id, struct error *err)
{
    struct key_row row = { .id = 0 };
    unsigned char *bytes = sodium_malloc(KEY_BYTES);
    bool ok;

    if (!bytes)
        return vault_no_memory(err);
    randombytes_buf(bytes, KEY_BYTES);
    text_copy_to(row.purpose, sizeof row.purpose, purpose);
    text_copy_to(row.source, sizeof row.source, m->kind);
    text_copy_to(row.state, sizeof row.state, "active");
    /* The blob is bound to the row's id, which the store gives: so the row comes first, empty. */
    ok = key_row_put(db, &row, err) && key_wrap(v, m, &row, bytes, err) &&
         key_row_put(db, &row, err);
    *id = row.id;
    key_row_release(&row);
    sodium_free(bytes);
    return ok;
}

/* ---- those that another process has made */

/* With the mutex. A master key that was replaced meanwhile is read again from where it comes. */
static bool take_new(struct vault *v, const struct key_rows *rows, struct error *err)
{
    const struct key_row *bad;
    enum key_verdict how;
    size_t opened;

    if (keys_take(v, &v->master, rows, &opened, &bad, &how))
        return true;
    if (how == KEY_REFUSES && vault_master_again(v, rows) &&
        keys_take(v, &v->master, rows, &opened, &bad, &how))
        return true;
    if (how == KEY_MEMORY)
        return vault_no_memory(err);
    return error_set(err, ERROR_KEY_WRONG, "Start this ecclesia again.",
                     "Another process has changed the master key (source: %s): key %lld of %s "
                     "cannot be opened here.",
                     bad->source, (long long)bad->id, store_path(v->store));
}

static bool load_new(struct vault *v, struct db *db, struct error *err)
{
    struct key_rows rows;
    bool ok;

    if (!key_rows_read(&rows, db, err))
        return false;
    pthread_mutex_lock(&v->mutex);
    ok = take_new(v, &rows, err);
    pthread_mutex_unlock(&v->mutex);
    key_rows_release(&rows);
    return ok;
}

const struct vault_key *keys_find(struct vault *v, struct db *db, int64_t id, bool *failed,
                                  struct error *err)
{
    const struct vault_key *key = keys_by_id(v, id);

    *failed = false;
    if (key)
        return key;
    *failed = !load_new(v, db, err);
    return *failed ? NULL : keys_by_id(v, id);
}

const struct vault_key *keys_active(struct vault *v, struct db *db, const char *purpose,
                                    struct error *err)
{
    const struct vault_key *key;
    bool failed;
    int64_t id;

    /* Asked anew each time: what is sealed by a key that a rotation has just taken out of use
     * would be lost with that key. */
    if (!key_row_active(db, purpose, &id, err))
        return NULL;
    key = keys_find(v, db, id, &failed, err);
    if (!key && !failed)
        error_set(err, ERROR_STORE, "Restore the newest backup: ecclesia restore FILE.",
                  "%s is damaged: it has no key to seal with.", store_path(v->store));
    return key;
}

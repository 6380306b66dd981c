/* The data keys: random, one row each, wrapped by the master key. */
#include "vault/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

/* What every store has a key for. "token" is for derivation: a key of its own, so that what is
 * derived outlives a rotation of the keys that seal. */
static const char *const purposes[] = { "secret", "token" };

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

static bool add_key(struct vault *v, int64_t id, const char *purpose, bool active,
                    const unsigned char bytes[KEY_BYTES], struct error *err)
{
    struct vault_key *more = realloc(v->keys, (v->key_count + 1) * sizeof *more);
    struct vault_key *key;

    if (!more)
        return vault_no_memory(err);
    v->keys = more;
    key = &more[v->key_count];
    *key = (struct vault_key){ .id = id, .active = active, .bytes = sodium_malloc(KEY_BYTES) };
    if (!key->bytes)
        return vault_no_memory(err);
    text_copy_to(key->purpose, sizeof key->purpose, purpose);
    memcpy(key->bytes, bytes, KEY_BYTES);
    sodium_mprotect_readonly(key->bytes);
    v->key_count++;
    return true;
}

void keys_release(struct vault *v)
{
    for (size_t i = 0; i < v->key_count; i++)
        sodium_free(v->keys[i].bytes);
    free(v->keys);
    v->keys = NULL;
    v->key_count = 0;
}

const struct vault_key *keys_by_id(const struct vault *v, int64_t id)
{
    for (size_t i = 0; i < v->key_count; i++)
        if (v->keys[i].id == id)
            return &v->keys[i];
    return NULL;
}

const struct vault_key *keys_active(const struct vault *v, const char *purpose)
{
    for (size_t i = v->key_count; i-- > 0;)
        if (v->keys[i].active && strcmp(v->keys[i].purpose, purpose) == 0)
            return &v->keys[i];
    return NULL;
}

/* ---- opening what is there */

static bool refuse_wrong(const struct vault *v, const struct master *m, const struct key_row *row,
                         struct error *err)
{
    /* Another row did open: then the master key is right. */
    if (v->key_count > 0)
        return error_set(err, ERROR_KEY_WRONG, "Restore the newest backup: ecclesia restore FILE.",
                         "Key %lld of %s is damaged: it does not open, though the master key "
                         "(%s) opens another.",
                         (long long)row->id, store_path(v->store), m->described);
    return error_set(err, ERROR_KEY_WRONG,
                     "Name the right one (--key-file, or the passphrase). Nothing was changed.",
                     "The master key (%s) is the wrong one: key %lld of %s was sealed with "
                     "another (source: %s).",
                     m->described, (long long)row->id, store_path(v->store), row->source);
}

static bool open_key(struct vault *v, const struct master *m, const struct key_row *row,
                     struct error *err)
{
    struct secret *plain = NULL;
    unsigned char kcv[16];
    struct binding b;
    uint32_t id;
    bool ok = false;

    if (blob_look(row->wrapped, row->wrapped_length, &id) != BLOB_OPENED)
        return error_set(err, ERROR_SECRET_FORMAT,
                         "Use the newest ecclesia, or restore the newest backup: ecclesia restore "
                         "FILE.",
                         "Key %lld of %s has a form that this version does not know.",
                         (long long)row->id, store_path(v->store));
    bind_wrapped(&b, v, row->id, row->purpose);
    switch (blob_open(m->key, &b, row->wrapped, row->wrapped_length, &plain)) {
    case BLOB_OPENED:
        break;
    case BLOB_MEMORY:
        return vault_no_memory(err);
    default:
        return refuse_wrong(v, m, row, err);
    }
    if (plain->length == KEY_BYTES)
        check_value(kcv, (const unsigned char *)plain->text, row->id);
    if (plain->length != KEY_BYTES || sodium_memcmp(kcv, row->kcv, sizeof kcv) != 0)
        refuse_wrong(v, m, row, err);
    else
        ok = add_key(v, row->id, row->purpose, strcmp(row->state, "active") == 0,
                     (const unsigned char *)plain->text, err);
    secret_free(plain);
    return ok;
}

/* ---- making what is wanting */

static bool make_key(struct vault *v, const struct master *m, const char *purpose, struct db *db,
                     struct error *err)
{
    struct key_row row = { .ops = m->ops, .mem = m->mem };
    unsigned char *bytes = sodium_malloc(KEY_BYTES);
    unsigned char *wrapped = NULL;
    struct binding b;
    bool ok;

    if (!bytes)
        return vault_no_memory(err);
    randombytes_buf(bytes, KEY_BYTES);
    text_copy_to(row.purpose, sizeof row.purpose, purpose);
    text_copy_to(row.source, sizeof row.source, m->kind);
    text_copy_to(row.state, sizeof row.state, "active");
    memcpy(row.salt, m->salt, sizeof row.salt);
    /* The blob is bound to the row's id, which the store gives: so the row comes first, empty. */
    ok = key_row_put(db, &row, err);
    if (ok) {
        check_value(row.kcv, bytes, row.id);
        bind_wrapped(&b, v, row.id, purpose);
        ok = blob_seal(m->key, (uint32_t)row.id, &b, bytes, KEY_BYTES, &wrapped,
                       &row.wrapped_length) ||
             vault_no_memory(err);
        row.wrapped = wrapped;
        ok = ok && key_row_put(db, &row, err) && add_key(v, row.id, purpose, true, bytes, err);
    }
    key_row_release(&row);
    sodium_free(bytes);
    return ok;
}

static bool same_rows(const struct key_rows *a, const struct key_rows *b)
{
    return a->count == b->count &&
           (a->count == 0 || a->rows[a->count - 1].id == b->rows[b->count - 1].id);
}

/* *again when another process was first: what we know of the store is old then. */
static bool make_wanting(struct vault *v, const struct master *m, const struct key_rows *known,
                         bool *again, struct error *err)
{
    struct key_rows now;
    struct db *db = NULL;
    bool ok;

    if (!db_begin(v->store, &db, err))
        return false;
    ok = key_rows_read(&now, db, err);
    *again = ok && !same_rows(known, &now);
    if (ok)
        key_rows_release(&now);
    for (size_t i = 0; ok && !*again && i < sizeof purposes / sizeof *purposes; i++)
        if (!keys_active(v, purposes[i]))
            ok = make_key(v, m, purposes[i], db, err);
    if (ok && !*again)
        return db_commit(db, err);
    db_rollback(db);
    return ok;
}

static bool wanting(const struct vault *v)
{
    for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++)
        if (!keys_active(v, purposes[i]))
            return true;
    return false;
}

static bool read_rows(struct store *store, struct key_rows *rows, struct error *err)
{
    struct db *db = NULL;
    bool ok;

    if (!db_read(store, &db, err))
        return false;
    ok = key_rows_read(rows, db, err);
    db_read_end(db);
    return ok;
}

static bool load_once(struct vault *v, const struct vault_source *source, bool *again,
                      struct error *err)
{
    struct key_rows rows;
    struct master m;
    bool ok;

    *again = false;
    if (!read_rows(v->store, &rows, err))
        return false;
    ok = master_load(&m, source, v->store, &rows, err);
    if (ok) {
        text_copy_to(v->described, sizeof v->described, m.described);
        for (size_t i = 0; ok && i < rows.count; i++)
            ok = open_key(v, &m, &rows.rows[i], err);
        if (ok && wanting(v))
            ok = make_wanting(v, &m, &rows, again, err);
        master_release(&m);
    }
    key_rows_release(&rows);
    if (!ok || *again)
        keys_release(v);
    return ok;
}

bool keys_load(struct vault *v, const struct vault_source *source, struct error *err)
{
    bool again = true;

    /* Keys are made once in the life of a store: a second round is already rare. */
    for (int round = 0; again && round < 5; round++)
        if (!load_once(v, source, &again, err))
            return false;
    return again ? error_set(err, ERROR_CONFLICT, "Try again.",
                             "Other processes kept changing the keys of %s.", store_path(v->store))
                 : true;
}

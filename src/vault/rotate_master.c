/* A new master key: written, all data keys wrapped by it in one transaction, then put in the old
 * one's place. */
#include "vault/rotate.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/crash.h>
#include <ecclesia/base/text.h>

static bool ask_passphrase(const struct rotate_options *o, struct master *fresh, struct error *err)
{
    struct secret *words = NULL;
    bool ok = o->ask(o->ask_argument, &words, err) &&
              master_from_passphrase(fresh, secret_text(words), err);

    secret_free(words);
    return ok;
}

/* A file that an earlier run has left is used: it was never anything but this. */
static bool write_new_file(struct vault *v, struct master *fresh, struct error *err)
{
    char path[PATH_ROOM];

    if (!master_new_path(path, v->new_file, err) || !master_file_make(path, v->store, err))
        return false;
    crash_point("vault.rotate.file");
    return master_load_new(fresh, v->new_file, v->store, err);
}

static bool changed(const struct vault *v, struct error *err)
{
    return error_set(err, ERROR_CONFLICT, "Run it again.",
                     "Another process is changing the master key of %s.", store_path(v->store));
}

/* Nothing of the old wrapping is taken on trust: each key is opened, wrapped, written. */
static bool wrap_rows(struct vault *v, struct db *db, const struct master *fresh,
                      struct key_rows *rows, struct error *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct secret *plain = NULL;
        bool ok;

        switch (key_unwrap(v, v->master.key, &rows->rows[i], &plain)) {
        case KEY_OPENS:
            break;
        case KEY_MEMORY:
            return vault_no_memory(err);
        default:
            return changed(v, err);
        }
        ok = key_wrap(v, fresh, &rows->rows[i], (const unsigned char *)plain->text, err) &&
             key_row_put(db, &rows->rows[i], err);
        secret_free(plain);
        if (!ok)
            return false;
    }
    return true;
}

/* What was written is read again and opened by the new key. */
static bool verify_rows(struct vault *v, struct db *db, const struct master *fresh,
                        struct error *err)
{
    struct key_rows rows;
    bool ok = true;

    if (!key_rows_read(&rows, db, err))
        return false;
    for (size_t i = 0; ok && i < rows.count; i++) {
        const struct vault_key *key = keys_by_id(v, rows.rows[i].id);
        struct secret *plain = NULL;

        ok = key_unwrap(v, fresh->key, &rows.rows[i], &plain) == KEY_OPENS &&
             (!key || sodium_memcmp(plain->text, key->bytes, KEY_BYTES) == 0);
        secret_free(plain);
        if (!ok)
            error_set(err, ERROR_INTERNAL, "Report this with the text above. Nothing was changed.",
                      "Key %lld of %s did not open after it was wrapped anew.",
                      (long long)rows.rows[i].id, store_path(v->store));
    }
    key_rows_release(&rows);
    return ok;
}

static bool rewrap(struct vault *v, const struct rotate_options *o, const struct rotate_plan *plan,
                   const struct master *fresh, struct error *err)
{
    struct key_rows rows = { .count = 0 };
    struct db *db = NULL;
    bool ok;

    if (!db_begin(v->store, &db, err))
        return false;
    ok = key_rows_read(&rows, db, err) && wrap_rows(v, db, fresh, &rows, err) &&
         verify_rows(v, db, fresh, err) && rotate_plan_put(db, plan, err) &&
         rotate_tell(db, o->actor, "key.master_rotated", err,
                     "The master key was replaced; it comes from the %s now.",
                     strcmp(fresh->kind, "file") == 0 ? "key file" : fresh->kind);
    key_rows_release(&rows);
    if (!ok) {
        db_rollback(db);
        return false;
    }
    crash_point("vault.rotate.wrap");
    if (!db_commit(db, err))
        return false;
    crash_point("vault.rotate.wrapped");
    return true;
}

/* The rows belong to the new key; the old one's file goes. */
static bool settle_files(struct vault *v, const struct master *fresh, bool was_file,
                         struct rotate_report *out, struct error *err)
{
    if (strcmp(fresh->kind, "file") == 0)
        return master_swap(v->new_file, fresh->key, v->store, out->old_file, err);
    return !was_file || !v->key_file || master_set_aside(v->key_file, out->old_file, err);
}

/* With the lock of the key file's directory. */
static bool replace(struct vault *v, const struct rotate_options *o, const struct rotate_plan *plan,
                    struct master *fresh, struct rotate_report *out, struct error *err)
{
    bool was_file = strcmp(v->master.kind, "file") == 0;

    if (!rewrap(v, o, plan, fresh, err))
        return false;
    out->master = true;
    pthread_mutex_lock(&v->mutex);
    master_release(&v->master);
    v->master = *fresh;
    text_copy_to(v->described, sizeof v->described, fresh->described);
    pthread_mutex_unlock(&v->mutex);
    return settle_files(v, &v->master, was_file, out, err);
}

/* A process that has been open for long may hold a master key that another has replaced since. */
static bool refresh(struct vault *v, struct error *err)
{
    struct key_rows rows;
    struct secret *plain = NULL;
    struct db *db = NULL;
    bool ok;

    if (!db_read(v->store, &db, err))
        return false;
    ok = key_rows_read(&rows, db, err);
    db_read_end(db);
    if (!ok)
        return false;
    pthread_mutex_lock(&v->mutex);
    if (rows.count > 0 && key_unwrap(v, v->master.key, &rows.rows[0], &plain) == KEY_REFUSES)
        vault_master_again(v, &rows);
    pthread_mutex_unlock(&v->mutex);
    secret_free(plain);
    key_rows_release(&rows);
    return true;
}

bool rotate_master(struct vault *v, const struct rotate_options *o, const struct rotate_plan *plan,
                   struct rotate_report *out, struct error *err)
{
    const char *to = o->to ? o->to : v->master.kind;
    const char *file = v->new_file ? v->new_file : v->key_file;
    struct master fresh = { .key = NULL };
    int lock = -1;
    bool ok;

    /* Asked before anything is locked: a person may take long. */
    if (strcmp(to, "passphrase") == 0 && !ask_passphrase(o, &fresh, err))
        return false;
    if (file && (lock = master_lock(file, err)) < 0) {
        master_release(&fresh);
        return false;
    }
    ok = refresh(v, err) && (fresh.key || write_new_file(v, &fresh, err));
    if (ok)
        ok = replace(v, o, plan, &fresh, out, err);
    if (!out->master)
        master_release(&fresh);
    if (lock >= 0)
        close(lock);
    return ok;
}

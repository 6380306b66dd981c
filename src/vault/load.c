/* Opening the data keys: the master key that fits is found among its sources, and keys that are
 * wanting are made. */
#include "vault/audit.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>

enum { TRIES = 3, ROUNDS = 5 };

/* What every store has a key for. "token" is for derivation and "audit" for the audit's chain: keys
 * of their own, so that what was made with them outlives a rotation of the keys that seal. */
static const char *const purposes[] = { "secret", "token", "audit" };

/* ---- a master key against the rows */

static bool refuse(const struct vault *v, const struct master *m, size_t opened,
                   const struct key_row *bad, enum key_verdict how, struct error *err)
{
    if (how == KEY_MEMORY)
        return vault_no_memory(err);
    if (how == KEY_STRANGE)
        return error_set(err, ERROR_SECRET_FORMAT,
                         "Use the newest ecclesia, or restore the newest backup: ecclesia restore "
                         "FILE.",
                         "Key %lld of %s has a form that this version does not know.",
                         (long long)bad->id, store_path(v->store));
    /* Another row did open: then the master key is right. */
    if (opened > 0)
        return error_set(err, ERROR_KEY_WRONG, "Restore the newest backup: ecclesia restore FILE.",
                         "Key %lld of %s is damaged: it does not open, though the master key "
                         "(%s) opens another.",
                         (long long)bad->id, store_path(v->store), m->described);
    return error_set(err, ERROR_KEY_WRONG,
                     "Name the right one (--key-file, or the passphrase). Nothing was changed.",
                     "The master key (%s) is the wrong one: key %lld of %s was sealed with "
                     "another (source: %s).",
                     m->described, (long long)bad->id, store_path(v->store), bad->source);
}

/* On success v takes m over; else m is released. */
static bool try_master(struct vault *v, struct master *m, const struct key_rows *rows,
                       struct error *err)
{
    const struct key_row *bad;
    enum key_verdict how;
    size_t opened;

    if (!keys_take(v, m, rows, &opened, &bad, &how)) {
        refuse(v, m, opened, bad, how, err);
        master_release(m);
        return false;
    }
    master_release(&v->master);
    v->master = *m;
    text_copy_to(v->described, sizeof v->described, m->described);
    return true;
}

/* ---- sources */

/* A rotation that was killed has sealed the rows with the new key and not put it in its place. */
static bool try_new_file(struct vault *v, const char *path, const struct key_rows *rows)
{
    char old[PATH_ROOM];
    struct error why;
    struct master m;
    int lock;

    if (!master_load_new(&m, path, v->store, NULL) || !try_master(v, &m, rows, NULL))
        return false;
    error_clear(&why);
    lock = master_lock(path, &why);
    if (lock < 0 || !master_swap(path, v->master.key, v->store, old, &why))
        log_line("vault", "the new master key opens, but could not be put in its place: %s",
                 why.message);
    if (lock >= 0)
        close(lock);
    return true;
}

static bool try_source(struct vault *v, const struct vault_source *source, enum master_source what,
                       const struct key_rows *rows, struct error *err)
{
    bool asks = what == SOURCE_PASSPHRASE && !source->passphrase && !source->passphrase_file;
    int tries = asks ? TRIES : 1;
    struct master m;

    for (int i = 0; i < tries; i++) {
        if (!master_load(&m, what, source, v->store, rows, i, err))
            break;
        if (try_master(v, &m, rows, err))
            return true;
        if (err->kind != ERROR_KEY_WRONG)
            return false;
    }
    return what == SOURCE_FILE && rows->count > 0 && err->kind == ERROR_KEY_WRONG &&
           try_new_file(v, source->key_file, rows);
}

/* Troubles of one source, where another may help. */
static bool other_may_help(enum error_kind kind)
{
    return kind == ERROR_KEY_WRONG || kind == ERROR_CONFIG || kind == ERROR_INPUT ||
           kind == ERROR_CANCELLED;
}

/* err gets what the first one that was tried said. */
static bool try_sources(struct vault *v, const struct vault_source *source,
                        const struct key_rows *rows, struct error *err)
{
    enum master_source first = master_of_rows(rows);
    struct error why;

    error_clear(err);
    if (first == SOURCE_PASSPHRASE && !master_given(source, first, rows))
        error_set(
            err, ERROR_CANCELLED,
            "Run it on a terminal, or put the passphrase in a file of mode 0600 and name that "
            "as [vault] passphrase_file.",
            "The keys of %s are sealed with a passphrase, and nobody could be asked for it.",
            store_path(v->store));
    for (int pass = 0; pass < 2; pass++) {
        for (int what = 0; what < SOURCE_COUNT; what++) {
            if ((what == (int)first) != (pass == 0) ||
                !master_given(source, (enum master_source)what, rows))
                continue;
            error_clear(&why);
            if (try_source(v, source, (enum master_source)what, rows, &why))
                return true;
            if (err->kind == ERROR_NONE || !other_may_help(why.kind))
                *err = why;
            if (!other_may_help(why.kind) || rows->count == 0)
                return false;
        }
    }
    return err->kind != ERROR_NONE
               ? false
               : error_set(err, ERROR_KEY_WRONG, "Name its file with --key-file.",
                           "No master key was named.");
}

static bool opens_rows(const struct vault *v, const struct master *m, const struct key_rows *rows)
{
    struct secret *plain = NULL;
    bool ok =
        rows->count > 0 && key_unwrap(v, m->key, &rows->rows[rows->count - 1], &plain) == KEY_OPENS;

    secret_free(plain);
    return ok;
}

bool vault_master_again(struct vault *v, const struct key_rows *rows)
{
    struct vault_source source = { .credential_file = v->credential_file, .key_file = v->key_file };
    static const enum master_source places[] = { SOURCE_FILE, SOURCE_CREDENTIAL };
    struct master m;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (!master_given(&source, places[i], rows) ||
            !master_load(&m, places[i], &source, v->store, rows, 0, NULL))
            continue;
        if (opens_rows(v, &m, rows)) {
            master_release(&v->master);
            v->master = m;
            text_copy_to(v->described, sizeof v->described, m.described);
            return true;
        }
        master_release(&m);
    }
    return false;
}

/* ---- making what is wanting */

/* The same keys, wrapped by the same master key. */
static bool same_rows(const struct key_rows *a, const struct key_rows *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->rows[i].id != b->rows[i].id ||
            a->rows[i].wrapped_length != b->rows[i].wrapped_length ||
            memcmp(a->rows[i].wrapped, b->rows[i].wrapped, a->rows[i].wrapped_length) != 0)
            return false;
    return true;
}

static bool has_active(const struct key_rows *rows, const char *purpose)
{
    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(rows->rows[i].purpose, purpose) == 0 &&
            strcmp(rows->rows[i].state, "active") == 0)
            return true;
    return false;
}

static bool wanting(const struct key_rows *rows)
{
    for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++)
        if (!has_active(rows, purposes[i]))
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

/* In the transaction that has made them. */
static bool take_made(struct vault *v, struct db *db, struct error *err)
{
    const struct key_row *bad = NULL;
    enum key_verdict how = KEY_OPENS;
    struct key_rows rows;
    size_t opened;
    bool ok;

    if (!key_rows_read(&rows, db, err))
        return false;
    ok = keys_take(v, &v->master, &rows, &opened, &bad, &how) ||
         refuse(v, &v->master, 1, bad, how, err);
    key_rows_release(&rows);
    return ok;
}

/* *again when another process was first: what we know of the store is old then. */
static bool make_wanting(struct vault *v, const struct key_rows *known, bool *again,
                         struct error *err)
{
    struct key_rows now;
    struct db *db = NULL;
    int64_t id;
    bool ok;

    if (!db_begin(v->store, &db, err))
        return false;
    ok = key_rows_read(&now, db, err);
    *again = ok && !same_rows(known, &now);
    if (ok)
        key_rows_release(&now);
    for (size_t i = 0; ok && !*again && i < sizeof purposes / sizeof *purposes; i++)
        if (!has_active(known, purposes[i]))
            ok = key_make(v, &v->master, purposes[i], db, &id, err);
    ok = ok && (*again ||
                (take_made(v, db, err) && (has_active(known, "audit") || audit_begin(v, db, err))));
    if (ok && !*again)
        return db_commit(db, err);
    db_rollback(db);
    return ok;
}

/* Rows and key file are read one after the other: a rotation may come in between. */
static bool rows_changed(struct vault *v, const struct key_rows *known)
{
    struct key_rows now;
    bool changed;

    if (!read_rows(v->store, &now, NULL))
        return false;
    changed = !same_rows(known, &now);
    key_rows_release(&now);
    return changed;
}

static bool load_once(struct vault *v, const struct vault_source *source, bool *again,
                      struct error *err)
{
    struct key_rows rows;
    bool ok;

    *again = false;
    if (!read_rows(v->store, &rows, err))
        return false;
    ok = try_sources(v, source, &rows, err);
    if (!ok && err->kind == ERROR_KEY_WRONG)
        ok = *again = rows_changed(v, &rows);
    else if (ok && wanting(&rows))
        ok = make_wanting(v, &rows, again, err);
    key_rows_release(&rows);
    if (!ok || *again)
        keys_release(v);
    return ok;
}

bool vault_load(struct vault *v, const struct vault_source *source, struct error *err)
{
    bool again = true;

    /* Keys are seldom made: a second round is already rare. */
    for (int round = 0; again && round < ROUNDS; round++)
        if (!load_once(v, source, &again, err))
            return false;
    return again ? error_set(err, ERROR_CONFLICT, "Try again.",
                             "Other processes kept changing the keys of %s.", store_path(v->store))
                 : true;
}

/* A new data key: made, every field sealed anew by it, the old one destroyed when nothing needs it
 * any more. */
#include "vault/rotate.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/crash.h>
#include <ecclesia/base/text.h>
#include <ecclesia/store/records.h>

enum { BATCH = 200, RETIRED_MOST = 64 };

/* ---- the key */

static bool retire_active(struct db *db, const struct key_rows *rows, struct error *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct key_row row = rows->rows[i];

        if (strcmp(row.purpose, "secret") != 0 || strcmp(row.state, "active") != 0)
            continue;
        text_copy_to(row.state, sizeof row.state, "retiring");
        if (!key_row_put(db, &row, err))
            return false;
    }
    return true;
}

/* The master key in hand must be the one that wraps the others. */
static bool master_fits(struct vault *v, const struct key_rows *rows, struct error *err)
{
    struct secret *plain = NULL;
    bool ok = rows->count > 0 && key_unwrap(v, v->master.key, &rows->rows[0], &plain) == KEY_OPENS;

    secret_free(plain);
    return ok ||
           error_set(err, ERROR_CONFLICT, "Run it again.",
                     "Another process has changed the master key of %s.", store_path(v->store));
}

bool rotate_new_key(struct vault *v, const struct rotate_options *o, struct rotate_report *out,
                    struct error *err)
{
    struct key_rows rows = { .count = 0 };
    struct rotate_plan plan;
    struct db *db = NULL;
    bool ok;

    if (!db_begin(v->store, &db, err))
        return false;
    ok = rotate_plan_get(db, &plan, err);
    /* Another process has just made one: its key will do. */
    if (ok && plan.rows) {
        db_rollback(db);
        return true;
    }
    ok = ok && key_rows_read(&rows, db, err) && master_fits(v, &rows, err) &&
         retire_active(db, &rows, err) &&
         key_make(v, &v->master, "secret", db, &out->key_id, err) &&
         rotate_plan_put(db, &(struct rotate_plan){ .rows = true }, err) &&
         rotate_tell(db, o->actor, "key.data_rotated", err,
                     "A new data key (%lld) was made; what is stored is sealed anew with it.",
                     (long long)out->key_id);
    key_rows_release(&rows);
    if (!ok) {
        db_rollback(db);
        return false;
    }
    crash_point("vault.rotate.key");
    if (!db_commit(db, err))
        return false;
    crash_point("vault.rotate.keyed");
    return true;
}

/* ---- the fields */

/* What was written must be what was read, before the old blob is given up. */
static bool verify(struct vault *v, struct db *db, const struct secret_row *row,
                   enum platform_id platform, const struct secret *plain, struct error *err)
{
    struct secret_row there;
    struct secret *again = NULL;
    bool ok;

    if (!secret_row_exact(db, row->connection, row->field, row->generation, &there, err))
        return false;
    ok = secret_open_row(v, db, &there, platform, &again, err);
    if (ok && (there.key_id != row->key_id || again->length != plain->length ||
               sodium_memcmp(again->text, plain->text, plain->length) != 0))
        ok = error_set(err, ERROR_INTERNAL, "Report this with the text above. Nothing was changed.",
                       "The stored %s of %s did not come out the same after it was sealed anew.",
                       row->field, platform_name(platform));
    secret_free(again);
    secret_row_release(&there);
    return ok;
}

static bool move(struct vault *v, struct db *db, const struct vault_key *key,
                 struct secret_row *row, enum platform_id platform, bool *moved, struct error *err)
{
    struct secret *plain = NULL;
    struct error why;
    bool ok;

    error_clear(&why);
    if (!secret_open_row(v, db, row, platform, &plain, &why)) {
        /* It stays as evidence; rotate_finish() lists it. */
        if (why.kind == ERROR_SECRET_TAMPERED || why.kind == ERROR_SECRET_FORMAT)
            return true;
        if (err)
            *err = why;
        return false;
    }
    ok = secret_seal_row(v, key, row, platform, plain->text, plain->length, err) &&
         secret_row_put(db, row, err) && verify(v, db, row, platform, plain, err);
    secret_free(plain);
    *moved = ok;
    return ok;
}

static bool move_one(struct vault *v, struct db *db, const struct vault_key *key,
                     struct secret_row *row, int64_t *moved, struct error *err)
{
    struct connection c = { 0 };
    struct error why;
    bool ok = true, done = false;

    error_clear(&why);
    if (!connection_get(db, row->connection, &c, &why)) {
        if (why.kind == ERROR_MISSING)
            return true;
        if (err)
            *err = why;
        return false;
    }
    if (c.platform < PLATFORM_COUNT)
        ok = move(v, db, key, row, c.platform, &done, err);
    connection_release(&c);
    *moved += done;
    return ok;
}

static bool move_batch(struct vault *v, struct db *db, int64_t *place, size_t *found,
                       int64_t *moved, struct error *err)
{
    const struct vault_key *key = keys_active(v, db, "secret", err);
    struct secret_row *rows = NULL;
    bool ok = true;

    if (!key || !secret_row_list(db, key->id, *place, BATCH, &rows, found, err))
        return false;
    for (size_t i = 0; i < *found; i++) {
        ok = ok && move_one(v, db, key, &rows[i], moved, err);
        *place = rows[i].place;
        secret_row_release(&rows[i]);
    }
    free(rows);
    return ok;
}

bool rotate_rows(struct vault *v, struct rotate_report *out, struct error *err)
{
    size_t found = BATCH;
    int64_t place = 0;

    while (found == BATCH) {
        struct db *db = NULL;
        int64_t moved = 0;

        if (!db_begin(v->store, &db, err))
            return false;
        if (!move_batch(v, db, &place, &found, &moved, err)) {
            db_rollback(db);
            return false;
        }
        crash_point("vault.rotate.batch");
        if (!db_commit(db, err))
            return false;
        crash_point("vault.rotate.batched");
        out->moved += moved;
    }
    return true;
}

/* ---- the end */

struct users {
    int64_t keys[RETIRED_MOST]; /* ids of keys that are retiring */
    bool used[RETIRED_MOST];
    size_t count;
};

static void mark(struct users *u, int64_t id)
{
    for (size_t i = 0; i < u->count; i++)
        u->used[i] = u->used[i] || u->keys[i] == id;
}

/* By its column and by its blob: of a damaged row either may be the true one. */
static bool mark_row(void *argument, const struct secret_row *row)
{
    uint32_t id;

    mark(argument, row->key_id);
    if (blob_look(row->blob, row->length, &id) == BLOB_OPENED)
        mark(argument, (int64_t)id);
    return true;
}

static bool destroy(struct db *db, struct key_row *row, struct error *err)
{
    text_copy_to(row->state, sizeof row->state, "destroyed");
    memset(row->wrapped, 0, row->wrapped_length);
    memset(row->kcv, 0, sizeof row->kcv);
    memset(row->salt, 0, sizeof row->salt);
    return key_row_put(db, row, err);
}

static bool destroy_unused(struct db *db, const char *actor, int64_t *destroyed, struct error *err)
{
    struct users u = { .count = 0 };
    struct key_rows rows;
    bool ok;

    if (!key_rows_read(&rows, db, err))
        return false;
    for (size_t i = 0; i < rows.count && u.count < RETIRED_MOST; i++)
        if (strcmp(rows.rows[i].state, "retiring") == 0)
            u.keys[u.count++] = rows.rows[i].id;
    ok = secret_row_each(db, (struct id){ "" }, mark_row, &u, err);
    for (size_t i = 0; ok && i < u.count; i++) {
        for (size_t j = 0; ok && !u.used[i] && j < rows.count; j++) {
            if (rows.rows[j].id != u.keys[i])
                continue;
            ok = destroy(db, &rows.rows[j], err) &&
                 rotate_tell(db, actor, "key.destroyed", err,
                             "Data key %lld was destroyed: nothing needs it any more.",
                             (long long)u.keys[i]);
            ++*destroyed;
        }
    }
    key_rows_release(&rows);
    return ok;
}

struct list {
    struct rotate_report *report;
    bool no_memory;
};

static bool list_one(void *argument, const struct rotate_left *finding)
{
    struct list *l = argument;
    struct rotate_left *more = realloc(l->report->left, (l->report->left_count + 1) * sizeof *more);

    l->no_memory = !more;
    if (!more)
        return false;
    l->report->left = more;
    more[l->report->left_count++] = *finding;
    return true;
}

static bool list_left(struct vault *v, struct db *db, struct rotate_report *out, struct error *err)
{
    struct list l = { .report = out };
    int64_t count;

    if (!vault_survey(v, db, list_one, &l, &count, err))
        return false;
    return l.no_memory ? vault_no_memory(err) : true;
}

bool rotate_finish(struct vault *v, const struct rotate_options *o, struct rotate_report *out,
                   struct error *err)
{
    struct db *db = NULL;

    if (!db_begin(v->store, &db, err))
        return false;
    if (!list_left(v, db, out, err) || !key_row_active(db, "secret", &out->key_id, err) ||
        !destroy_unused(db, o->actor, &out->destroyed, err) ||
        !rotate_plan_put(db, &(struct rotate_plan){ .rows = false }, err)) {
        db_rollback(db);
        return false;
    }
    crash_point("vault.rotate.finish");
    if (!db_commit(db, err))
        return false;
    crash_point("vault.rotate.finished");
    return true;
}

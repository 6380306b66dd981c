#include <ecclesia/store/secret_rows.h>

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#include "store/list.h"

#define SECRET_COLUMNS "connection_id, field, generation, key_id, blob"
#define SECRET_READ    SECRET_COLUMNS ", rowid"
#define KEY_COLUMNS    "id, purpose, wrapped, kcv, source, salt, ops, mem, state, created_ms"

/* A copy of a blob column, yours; never NULL but without memory, so that an empty blob is not
 * mistaken for that. */
static void *blob_copy(const struct rows *r, int column, size_t *length)
{
    const void *data = rows_blob(r, column, length);
    void *copy = malloc(*length + 1);

    if (copy && *length > 0)
        memcpy(copy, data, *length);
    return copy;
}

static bool no_memory(struct error *err)
{
    return error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
}

static bool damaged(struct db *db, const char *what, struct error *err)
{
    return error_set(err, ERROR_STORE, "Restore the newest backup: ecclesia restore FILE.",
                     "%s is damaged (%s).", db_path(db), what);
}

/* ---- sealed fields */

void secret_row_release(struct secret_row *r)
{
    free(r->blob);
    r->blob = NULL;
    r->length = 0;
}

static bool read_secret(const struct rows *from, struct secret_row *r, struct error *err)
{
    *r = (struct secret_row){
        .connection = rows_id(from, 0),
        .generation = rows_int(from, 2),
        .key_id = rows_int(from, 3),
        .place = rows_int(from, 5),
    };
    if (!text_copy_to(r->field, sizeof r->field, rows_text(from, 1)))
        return damaged(from->db, "the name of a secret", err);
    r->blob = blob_copy(from, 4, &r->length);
    return r->blob ? true : no_memory(err);
}

bool secret_row_put(struct db *db, const struct secret_row *r, struct error *err)
{
    return db_run(db, err,
                  "INSERT INTO secrets (" SECRET_COLUMNS ", created_ms) VALUES ($1,$2,$3,$4,$5,$6)"
                  " ON CONFLICT (connection_id, field, generation) DO UPDATE SET"
                  " key_id=excluded.key_id, blob=excluded.blob, created_ms=excluded.created_ms",
                  "Itiibi", r->connection, r->field, r->generation, r->key_id,
                  (const void *)r->blob, r->length, clock_now());
}

/* Reads the one row and closes. */
static bool read_one(struct rows *r, const char *field, struct secret_row *out, struct error *err)
{
    struct secret_row found = { .blob = NULL };
    bool any, ok = true;

    any = rows_next(r);
    if (any)
        ok = read_secret(r, &found, err);
    if (!rows_close(r, ok ? err : NULL))
        ok = false;
    if (ok && !any)
        ok =
            error_set(err, ERROR_MISSING, "Connect the platform again.", "No %s is stored.", field);
    if (ok)
        *out = found;
    else
        secret_row_release(&found);
    return ok;
}

bool secret_row_get(struct db *db, struct id connection, const char *field, struct secret_row *out,
                    struct error *err)
{
    struct rows r;

    return rows_open(&r, db, err,
                     "SELECT " SECRET_READ " FROM secrets WHERE connection_id=$1 AND field=$2"
                     " ORDER BY generation DESC LIMIT 1",
                     "It", connection, field) &&
           read_one(&r, field, out, err);
}

bool secret_row_exact(struct db *db, struct id connection, const char *field, int64_t generation,
                      struct secret_row *out, struct error *err)
{
    struct rows r;

    return rows_open(&r, db, err,
                     "SELECT " SECRET_READ " FROM secrets WHERE connection_id=$1 AND field=$2"
                     " AND generation=$3",
                     "Iti", connection, field, generation) &&
           read_one(&r, field, out, err);
}

bool secret_row_list(struct db *db, int64_t not_key_id, int64_t after_place, size_t most,
                     struct secret_row **out, size_t *count, struct error *err)
{
    struct rows r;
    void *list = NULL;
    size_t n = 0, room = 0;
    bool ok = true;

    if (!rows_open(&r, db, err,
                   "SELECT " SECRET_READ " FROM secrets WHERE key_id<>$1 AND rowid>$2"
                   " ORDER BY rowid LIMIT $3",
                   "iii", not_key_id, after_place, (int64_t)most))
        return false;
    while (ok && rows_next(&r)) {
        struct secret_row *row = list_grow(&list, n, &room, sizeof *row, err);

        ok = row && read_secret(&r, row, err);
        n += row != NULL;
    }
    ok = rows_close(&r, ok ? err : NULL) && ok;
    if (ok) {
        *out = list;
        *count = n;
        return true;
    }
    for (size_t i = 0; i < n; i++)
        secret_row_release((struct secret_row *)list + i);
    free(list);
    return false;
}

bool secret_row_count(struct db *db, int64_t key_id, int64_t *count, struct error *err)
{
    struct rows r;

    if (!rows_open(&r, db, err, "SELECT count(*) FROM secrets WHERE key_id=$1", "i", key_id))
        return false;
    *count = rows_next(&r) ? rows_int(&r, 0) : 0;
    return rows_close(&r, err);
}

bool secret_row_each(struct db *db, struct id connection,
                     bool (*each)(void *, const struct secret_row *), void *argument,
                     struct error *err)
{
    struct secret_row row;
    struct rows r;
    bool ok = true, more = true;

    if (!rows_open(&r, db, err,
                   "SELECT " SECRET_READ " FROM secrets WHERE $1 IS NULL OR connection_id=$1"
                   " ORDER BY connection_id, field, generation",
                   "I", connection))
        return false;
    while (ok && more && rows_next(&r)) {
        ok = read_secret(&r, &row, err);
        if (ok)
            more = each(argument, &row);
        secret_row_release(&row);
    }
    return rows_close(&r, ok ? err : NULL) && ok;
}

bool secret_row_delete(struct db *db, struct id connection, const char *field, struct error *err)
{
    return db_run(db, err,
                  "DELETE FROM secrets WHERE connection_id=$1 AND ($2 IS NULL OR field=$2)", "It",
                  connection, field);
}

bool secret_row_prune(struct db *db, struct id connection, int64_t before_generation,
                      struct error *err)
{
    return db_run(db, err,
                  "DELETE FROM secrets WHERE connection_id=$1 AND generation<$2 AND EXISTS"
                  " (SELECT 1 FROM secrets n WHERE n.connection_id=$1 AND n.field=secrets.field"
                  " AND n.generation>secrets.generation)",
                  "Ii", connection, before_generation);
}

/* ---- wrapped keys */

void key_row_release(struct key_row *k)
{
    free(k->wrapped);
    k->wrapped = NULL;
    k->wrapped_length = 0;
}

static bool insert_key(struct db *db, struct key_row *k, struct error *err)
{
    struct rows r;

    if (rows_open(&r, db, err,
                  "INSERT INTO keys (purpose, wrapped, kcv, source, salt, ops, mem, state,"
                  " created_ms) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) RETURNING id",
                  "tbbtbiiti", k->purpose, k->wrapped ? k->wrapped : (const void *)"",
                  k->wrapped_length, (const void *)k->kcv, sizeof k->kcv, k->source,
                  (const void *)k->salt, sizeof k->salt, k->ops, k->mem, k->state, clock_now()) &&
        rows_next(&r))
        k->id = rows_int(&r, 0);
    return rows_close(&r, err);
}

bool key_row_put(struct db *db, struct key_row *k, struct error *err)
{
    if (k->id == 0)
        return insert_key(db, k, err);
    if (!db_run(db, err,
                "UPDATE keys SET purpose=$1, wrapped=$2, kcv=$3, source=$4, salt=$5, ops=$6,"
                " mem=$7, state=$8 WHERE id=$9",
                "tbbtbiiti", k->purpose, k->wrapped ? k->wrapped : (const void *)"",
                k->wrapped_length, (const void *)k->kcv, sizeof k->kcv, k->source,
                (const void *)k->salt, sizeof k->salt, k->ops, k->mem, k->state, k->id))
        return false;
    if (db_changes(db) == 1)
        return true;
    return error_set(err, ERROR_MISSING, NULL, "The store has no key %lld.", (long long)k->id);
}

/* A blob column of a fixed size. */
static bool read_fixed(const struct rows *from, int column, unsigned char *to, size_t size)
{
    size_t length;
    const void *data = rows_blob(from, column, &length);

    if (length != size)
        return false;
    memcpy(to, data, size);
    return true;
}

static bool read_key(const struct rows *from, struct key_row *k, struct error *err)
{
    *k = (struct key_row){ .id = rows_int(from, 0),
                           .ops = rows_int(from, 6),
                           .mem = rows_int(from, 7),
                           .created_ms = rows_int(from, 9) };
    if (!text_copy_to(k->purpose, sizeof k->purpose, rows_text(from, 1)) ||
        !read_fixed(from, 3, k->kcv, sizeof k->kcv) ||
        !text_copy_to(k->source, sizeof k->source, rows_text(from, 4)) ||
        !read_fixed(from, 5, k->salt, sizeof k->salt) ||
        !text_copy_to(k->state, sizeof k->state, rows_text(from, 8)))
        return damaged(from->db, "the row of a key", err);
    k->wrapped = blob_copy(from, 2, &k->wrapped_length);
    return k->wrapped ? true : no_memory(err);
}

bool key_row_each(struct db *db, bool (*each)(void *, const struct key_row *), void *argument,
                  struct error *err)
{
    struct key_row row;
    struct rows r;
    bool ok = true, more = true;

    if (!rows_open(&r, db, err, "SELECT " KEY_COLUMNS " FROM keys ORDER BY id", ""))
        return false;
    while (ok && more && rows_next(&r)) {
        ok = read_key(&r, &row, err);
        if (ok)
            more = each(argument, &row);
        key_row_release(&row);
    }
    return rows_close(&r, ok ? err : NULL) && ok;
}

bool key_row_active(struct db *db, const char *purpose, int64_t *id, struct error *err)
{
    struct rows r;

    if (!rows_open(&r, db, err, "SELECT max(id) FROM keys WHERE purpose=$1 AND state='active'", "t",
                   purpose))
        return false;
    *id = rows_next(&r) ? rows_int(&r, 0) : 0;
    return rows_close(&r, err);
}

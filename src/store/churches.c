#include <ecclesia/store/records.h>

#include <stdlib.h>

#include <ecclesia/base/clock.h>
#include "store/list.h"

bool church_insert(struct db *db, const struct church *c, struct error *err)
{
    if (!db_run(db, err,
                "INSERT INTO churches (id, slug, name, zone, created_ms) VALUES ($1,$2,$3,$4,$5)"
                " ON CONFLICT (slug) DO NOTHING",
                "Ittti", c->id, c->slug, c->name, c->zone, clock_now()))
        return false;
    if (db_changes(db) == 0)
        return error_set(err, ERROR_CONFLICT, "Choose another short name.",
                         "There is a church \"%s\" already.", c->slug);
    return true;
}

static void read_row(const struct rows *r, struct church *out)
{
    out->id = rows_id(r, 0);
    out->slug = rows_copy(r, 1);
    out->name = rows_copy(r, 2);
    out->zone = rows_copy(r, 3);
}

static bool read_one(struct rows *r, struct church *out, const char *what, struct error *err)
{
    struct church c = { 0 };
    bool found = rows_next(r);

    if (found)
        read_row(r, &c);
    if (!rows_close(r, err)) {
        church_release(&c);
        return false;
    }
    if (!found)
        return error_set(err, ERROR_MISSING, "`ecclesia church list` shows those that there are.",
                         "There is no church%s%s.", what[0] ? " " : "", what);
    *out = c;
    return true;
}

bool church_by_slug(struct db *db, const char *slug, struct church *out, struct error *err)
{
    struct rows r;
    return rows_open(&r, db, err, "SELECT id, slug, name, zone FROM churches WHERE slug = $1", "t",
                     slug) &&
           read_one(&r, out, slug, err);
}

bool church_by_id(struct db *db, struct id id, struct church *out, struct error *err)
{
    struct rows r;
    return rows_open(&r, db, err, "SELECT id, slug, name, zone FROM churches WHERE id = $1", "I",
                     id) &&
           read_one(&r, out, id.hex, err);
}

bool church_only(struct db *db, struct church *out, struct error *err)
{
    struct rows r;
    return rows_open(&r, db, err,
                     "SELECT id, slug, name, zone FROM churches ORDER BY created_ms, rowid LIMIT 1",
                     "") &&
           read_one(&r, out, "", err);
}

bool church_list(struct db *db, struct church **out, size_t *count, struct error *err)
{
    struct rows r;
    void *array = NULL;
    size_t n = 0, room = 0;

    if (!rows_open(&r, db, err,
                   "SELECT id, slug, name, zone FROM churches ORDER BY created_ms, rowid", ""))
        return false;
    bool good = true;
    while (good && rows_next(&r)) {
        struct church *c = list_grow(&array, n, &room, sizeof *c, err);
        good = c != NULL;
        if (good) {
            read_row(&r, c);
            n++;
        }
    }
    if (rows_close(&r, good ? err : NULL) && good) {
        *out = array;
        *count = n;
        return true;
    }
    for (size_t i = 0; i < n; i++)
        church_release((struct church *)array + i);
    free(array);
    return false;
}

#include <ecclesia/store/health.h>

#include <sys/stat.h>

#include "store/private.h"

static int64_t size_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static bool count_orphans(struct db *db, int64_t *count, struct error *err)
{
    struct rows r;

    if (!rows_open(&r, db, err, "SELECT count(*) FROM pragma_foreign_key_check()", ""))
        return false;
    *count = rows_next(&r) ? rows_int(&r, 0) : 0;
    return rows_close(&r, err);
}

bool store_health(struct store *s, struct store_health *out, struct error *err)
{
    struct db *db = NULL;
    bool ok;

    *out = (struct store_health){ .bytes = size_of(s->file), .log_bytes = size_of(s->wal) };
    if (!db_read(s, &db, err))
        return false;
    ok = handle_int(db, "PRAGMA user_version", &out->schema, err) &&
         count_orphans(db, &out->orphans, err);
    db_read_end(db);
    return ok;
}

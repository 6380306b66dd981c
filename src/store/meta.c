#include <ecclesia/store/meta.h>

#include <ecclesia/base/text.h>

bool meta_get(struct db *db, const char *key, char *out, size_t size, struct error *err)
{
    struct rows r;
    bool whole;

    if (!rows_open(&r, db, err, "SELECT value FROM meta WHERE key=$1", "t", key))
        return false;
    whole = text_copy_to(out, size, rows_next(&r) ? rows_text(&r, 0) : "");
    if (!rows_close(&r, err))
        return false;
    return whole ? true
                 : error_set(err, ERROR_STORE, "Restore the newest backup: ecclesia restore FILE.",
                             "%s is damaged (%s is too long).", db_path(db), key);
}

bool meta_put(struct db *db, const char *key, const char *value, struct error *err)
{
    if (*value == '\0')
        return db_run(db, err, "DELETE FROM meta WHERE key=$1", "t", key);
    return db_run(db, err,
                  "INSERT INTO meta (key, value) VALUES ($1,$2)"
                  " ON CONFLICT (key) DO UPDATE SET value=excluded.value",
                  "tt", key, value);
}

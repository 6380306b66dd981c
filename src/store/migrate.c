#include "store/private.h"

#include <ecclesia/base/crash.h>

#include "store/schema.h"

/* Takes the file's identity. *version is -1 for a file in which nothing is yet. */
static bool identify(struct db *db, int64_t *version, struct error *err)
{
    const char *path = db->store->path;
    int64_t application, tables;

    if (!handle_int(db, "PRAGMA application_id", &application, err) ||
        !handle_int(db, "PRAGMA user_version", version, err) ||
        !handle_int(db, "SELECT count(*) FROM sqlite_schema", &tables, err))
        return false;
    if (application == 0 && *version == 0 && tables == 0) {
        *version = -1;
        return true;
    }
    if (application != SCHEMA_APPLICATION_ID)
        return error_set(err, ERROR_STORE_FOREIGN, "Choose another file with --db.",
                         "%s is a database of another program (application id %lld).", path,
                         (long long)application);
    if (*version > (int64_t)schema_step_count)
        return error_set(
            err, ERROR_STORE_FOREIGN,
            "Install the newer ecclesia again, or restore a backup made by this version.",
            "%s was made by a newer version (schema %lld, this program knows %zu).", path,
            (long long)*version, schema_step_count);
    if (*version < 1)
        return error_set(err, ERROR_STORE, "Restore the newest backup: ecclesia restore FILE.",
                         "%s is damaged (it says schema %lld).", path, (long long)*version);
    return true;
}

bool migrate_check(struct db *db, struct error *err)
{
    int64_t version;

    return identify(db, &version, err);
}

/* A step, its number and, with the first, the mark of our files: all or nothing. */
static bool apply(struct db *db, int64_t version, struct error *err)
{
    char mark[96];

    sqlite3_snprintf(sizeof mark, mark, "PRAGMA application_id=%d; PRAGMA user_version=%d;",
                     SCHEMA_APPLICATION_ID, (int)version + 1);
    if (!handle_exec(db, schema_steps[version], err) || !handle_exec(db, mark, err))
        return false;
    crash_point("store.migrate");
    return true;
}

/* *done when the schema is up to date. Looks again inside the transaction: another process may
 * migrate at the same time. */
static bool step(struct db *db, bool *done, struct error *err)
{
    int64_t version;

    if (!handle_exec(db, "BEGIN IMMEDIATE", err))
        return false;
    if (!identify(db, &version, err))
        goto fail;
    if (version < 0)
        version = 0;
    *done = version == (int64_t)schema_step_count;
    if (*done) {
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
        return true;
    }
    if (apply(db, version, err) && handle_exec(db, "COMMIT", err))
        return true;
fail:
    if (!sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

bool migrate_run(struct db *db, struct error *err)
{
    bool done = false;

    while (!done)
        if (!step(db, &done, err))
            return false;
    return true;
}

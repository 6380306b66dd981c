#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/crash.h>
#include <ecclesia/base/text.h>
#include <ecclesia/store/audit.h>

/* ---- opening */

bool store_make_directory(const char *directory, struct error *err)
{
    char part[PATH_MAX];
    size_t i = 0;

    if (*directory == '\0')
        return true;
    if (!text_copy_to(part, sizeof part, directory))
        return error_set(err, ERROR_STORE, "Choose a shorter path with --db.",
                         "The path %.100s… is too long.", directory);
    do {
        i += 1 + strcspn(part + i + 1, "/");
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) {
            int code = errno;

            /* Above a place of ours there may be one where nobody may make anything. */
            if (access(part, X_OK) != 0)
                return handle_fail_path(code, "Cannot make the directory", part, err);
        }
        part[i] = directory[i];
    } while (part[i] != '\0');
    return true;
}

/* A device, a pipe or a socket is left alone: as root, even opening one may do something. What is
 * not there yet is made; a directory is told by handle_open(). */
static bool check_kind(const struct store *s, struct error *err)
{
    struct stat st;

    if (stat(s->file, &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
        return true;
    return error_set(err, ERROR_STORE, "Name an ordinary file, or one that is not there yet.",
                     "%s is no file that can hold a database.", s->path);
}

/* SQLite follows links before it puts its other files beside the database; so must the lock and the
 * watch. */
static bool resolve(struct store *s, struct error *err)
{
    const char *slash = strrchr(s->path, '/');
    const char *name = slash ? slash + 1 : s->path;
    char *given =
        slash ? strndup(s->path, (size_t)(slash - s->path) + (slash == s->path)) : text_copy(".");
    char *directory = NULL;
    bool ok = false;

    if (!given)
        return error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
    if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        error_set(err, ERROR_STORE, "Name a file inside it with --db.",
                  "%s is a directory, not a database file.", s->path);
        goto out;
    }
    if (!store_make_directory(given, err))
        goto out;
    directory = realpath(given, NULL);
    if (!directory) {
        handle_fail_path(errno, "Cannot open the directory", given, err);
        goto out;
    }
    s->file = text_format("%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name);
    if (s->file) {
        char *target = realpath(s->file, NULL);

        if (target) {
            free(s->file);
            s->file = target;
        }
        slash = strrchr(s->file, '/');
        s->directory = strndup(s->file, (size_t)(slash - s->file) + (slash == s->file));
        s->wal = text_format("%s-wal", s->file);
        s->lock_path = text_format("%s.lock", s->file);
    }
    ok = s->file && s->directory && s->wal && s->lock_path;
    if (!ok)
        error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
    ok = ok && check_kind(s, err);
out:
    free(directory);
    free(given);
    return ok;
}

/* While another process turns the new file into WAL mode, SQLite answers "busy" at once: patience
 * here. */
static bool enter_wal(struct db *db, struct error *err)
{
    int64_t until = clock_mono() + db->store->busy_ms;
    sqlite3_stmt *statement = NULL;
    bool wal = false;
    int rc;

    do {
        rc = sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode=WAL", -1, &statement, NULL);
        if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
            wal = text_equal((const char *)sqlite3_column_text(statement, 0), "wal");
            rc = SQLITE_OK;
        }
        if (rc != SQLITE_OK && ((rc & 0xff) != SQLITE_BUSY || clock_mono() >= until)) {
            handle_fail(db, rc, NULL, err);
            sqlite3_finalize(statement);
            return false;
        }
        sqlite3_finalize(statement);
        if (rc != SQLITE_OK)
            usleep(1000);
    } while (rc != SQLITE_OK);
    if (!wal)
        return error_set(err, ERROR_STORE,
                         "Keep the database on a local disk (choose it with --db).",
                         "The file system of %s does not allow shared access.", db->store->path);
    return true;
}

static bool read_id(struct store *s, struct error *err)
{
    struct db *db = NULL;
    struct rows r;
    bool ok;

    if (!db_read(s, &db, err))
        return false;
    if (rows_open(&r, db, err, "SELECT value FROM meta WHERE key='store_id'", "") && rows_next(&r))
        s->id = rows_id(&r, 0);
    ok = rows_close(&r, err);
    db_read_end(db);
    if (ok && id_is_none(s->id))
        ok = error_set(err, ERROR_STORE, "Restore the newest backup: ecclesia restore FILE.",
                       "%s is damaged (its id is missing).", s->path);
    return ok;
}

static bool init_locks(struct store *s)
{
    pthread_mutexattr_t check;

    /* A second db_begin() on one thread must be an error, not a silent dead lock. */
    pthread_mutexattr_init(&check);
    pthread_mutexattr_settype(&check, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&s->writing, &check);
    pthread_mutexattr_destroy(&check);
    pthread_mutex_init(&s->pool_mutex, NULL);
    pthread_mutex_init(&s->call_mutex, NULL);
    pthread_cond_init(&s->call_done, NULL);
    return engine_lock_init(&s->engine);
}

bool store_place(struct store **out, const char *path, struct error *err)
{
    struct store *s = calloc(1, sizeof *s);

    if (!s)
        return error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
    if (!init_locks(s) || !(s->path = text_copy(path))) {
        error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
        store_close(s);
        return false;
    }
    s->busy_ms = 10000;
    s->look_most_ms = 1024;
    if (!resolve(s, err)) {
        store_close(s);
        return false;
    }
    *out = s;
    return true;
}

bool store_open(struct store **out, const char *path, struct error *err)
{
    struct store *s = NULL;

    if (!store_place(&s, path, err))
        return false;
    if (!(s->writer = handle_open(s, HANDLE_WRITER, err)) || !migrate_check(s->writer, err))
        goto fail;
    handle_narrow(s); /* only now is it known to be ours */
    if (!enter_wal(s->writer, err) || !migrate_run(s->writer, err) || !read_id(s, err))
        goto fail;
    *out = s;
    return true;
fail:
    store_close(s);
    return false;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    engine_lock_release(s);
    while (s->pool) {
        struct db *next = s->pool->next;

        handle_close(s->pool);
        s->pool = next;
    }
    handle_close(s->writer);
    engine_lock_destroy(&s->engine);
    pthread_mutex_destroy(&s->writing);
    pthread_mutex_destroy(&s->pool_mutex);
    pthread_mutex_destroy(&s->call_mutex);
    pthread_cond_destroy(&s->call_done);
    free(s->path);
    free(s->file);
    free(s->directory);
    free(s->wal);
    free(s->lock_path);
    free(s);
}

const char *store_path(const struct store *s)
{
    return s->path;
}

struct id store_id(const struct store *s)
{
    return s->id;
}

const char *db_path(const struct db *db)
{
    return db->store->path;
}

bool store_verify(struct store *s, bool whole, int64_t limit_ms, struct error *err)
{
    const char *sql = whole ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)";
    struct db *db = NULL;
    struct rows r;
    bool ok = true;

    if (!db_read(s, &db, err))
        return false;
    if (limit_ms > 0)
        db_limit(db, limit_ms);
    if (rows_open(&r, db, err, sql, "") && rows_next(&r) && strcmp(rows_text(&r, 0), "ok") != 0)
        ok = error_set(err, ERROR_STORE,
                       "Stop ecclesia, keep the file, and restore the newest backup: "
                       "ecclesia restore FILE.",
                       "%s is damaged: %s.", s->path, rows_text(&r, 0));
    ok = rows_close(&r, ok ? err : NULL) && ok;
    db_read_end(db);
    return ok;
}

/* ---- transactions */

/* Rows that somebody forgot to close would keep the snapshot, and with it the log, for ever. */
static void stop_rows(struct db *db)
{
    if (db->open_rows == 0)
        return;
    for (sqlite3_stmt *h = NULL; (h = sqlite3_next_stmt(db->handle, h)) != NULL;)
        if (sqlite3_stmt_busy(h))
            sqlite3_reset(h);
}

static int run_plain(struct db *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

bool db_begin(struct store *s, struct db **out, struct error *err)
{
    int locked = pthread_mutex_lock(&s->writing);
    int rc;

    if (locked != 0)
        return error_set(err, ERROR_INTERNAL, "Report this with the text above.",
                         "A write transaction is open on this thread already.");
    ballast_look(s);
    rc = run_plain(s->writer, "BEGIN IMMEDIATE");
    if (rc != SQLITE_OK) {
        handle_fail(s->writer, rc, "BEGIN IMMEDIATE", err);
        pthread_mutex_unlock(&s->writing);
        return false;
    }
    s->writer->changes = 0;
    s->writer->audit_first = 0;
    s->writer->changes_before = sqlite3_total_changes64(s->writer->handle);
    *out = s->writer;
    return true;
}

void db_rollback(struct db *db)
{
    if (!db)
        return;
    stop_rows(db);
    if (!sqlite3_get_autocommit(db->handle))
        run_plain(db, "ROLLBACK");
    pthread_mutex_unlock(&db->store->writing);
}

static _Thread_local int calls_here; /* of store_on_commit's call on this thread */

static void call_listener(struct store *s)
{
    void (*call)(void *);
    void *argument;

    pthread_mutex_lock(&s->call_mutex);
    call = s->call;
    argument = s->call_argument;
    s->calls_running++;
    pthread_mutex_unlock(&s->call_mutex);
    if (call) {
        calls_here++;
        call(argument);
        calls_here--;
    }
    pthread_mutex_lock(&s->call_mutex);
    s->calls_running--;
    pthread_cond_broadcast(&s->call_done);
    pthread_mutex_unlock(&s->call_mutex);
}

void store_on_commit(struct store *s, void (*call)(void *), void *argument)
{
    pthread_mutex_lock(&s->call_mutex);
    s->call = call;
    s->call_argument = argument;
    /* The old call's argument may be freed when we return: let running ones end (our own cannot).
     */
    while (s->calls_running > calls_here)
        pthread_cond_wait(&s->call_done, &s->call_mutex);
    pthread_mutex_unlock(&s->call_mutex);
}

void store_on_seal(struct store *s,
                   bool (*call)(void *argument, struct db *db, int64_t first, struct error *err),
                   void *argument)
{
    pthread_mutex_lock(&s->writing);
    s->seal = call;
    s->seal_argument = argument;
    pthread_mutex_unlock(&s->writing);
}

bool db_commit(struct db *db, struct error *err)
{
    struct store *s = db->store;
    bool changed;
    int rc;

    stop_rows(db);
    if (sqlite3_get_autocommit(db->handle)) {
        db_rollback(db);
        return error_set(err, ERROR_STORE, "Try again.",
                         "The change of %s was undone by an earlier failure.", s->path);
    }
    if (db->audit_first && s->seal && !s->seal(s->seal_argument, db, db->audit_first, err)) {
        db_rollback(db);
        return false;
    }
    changed = sqlite3_total_changes64(db->handle) != db->changes_before;
    crash_point("store.commit");
    rc = run_plain(db, "COMMIT");
    if (rc != SQLITE_OK) {
        handle_fail(db, rc, "COMMIT", err);
        db_rollback(db);
        return false;
    }
    crash_point("store.committed");
    pthread_mutex_unlock(&s->writing);
    if (changed) {
        watch_tell(s);
        call_listener(s);
    }
    return true;
}

/* ---- readers */

static struct db *pool_take(struct store *s)
{
    struct db *db;

    pthread_mutex_lock(&s->pool_mutex);
    db = s->pool;
    if (db)
        s->pool = db->next;
    pthread_mutex_unlock(&s->pool_mutex);
    return db;
}

static void pool_give(struct db *db)
{
    struct store *s = db->store;

    pthread_mutex_lock(&s->pool_mutex);
    db->next = s->pool;
    s->pool = db;
    pthread_mutex_unlock(&s->pool_mutex);
}

bool db_read(struct store *s, struct db **out, struct error *err)
{
    struct db *db = pool_take(s);
    int64_t ignored;

    if (!db && !(db = handle_open(s, HANDLE_READER, err)))
        return false;
    /* BEGIN alone takes no snapshot: the first statement does. */
    if (handle_exec(db, "BEGIN", err) &&
        handle_int(db, "SELECT count(*) FROM meta", &ignored, err)) {
        *out = db;
        return true;
    }
    db_read_end(db);
    return false;
}

static int is_over(void *argument)
{
    const struct db *db = argument;

    return clock_mono() >= db->limit_mono;
}

enum { STEPS_A_LOOK = 2000 };

void db_limit(struct db *db, int64_t ms)
{
    db->limit_mono = clock_mono() + ms;
    sqlite3_progress_handler(db->handle, STEPS_A_LOOK, is_over, db);
}

void db_read_end(struct db *db)
{
    if (!db)
        return;
    if (db->limit_mono)
        sqlite3_progress_handler(db->handle, 0, NULL, NULL);
    db->limit_mono = 0;
    stop_rows(db);
    if (!sqlite3_get_autocommit(db->handle))
        run_plain(db, "ROLLBACK");
    pool_give(db);
}

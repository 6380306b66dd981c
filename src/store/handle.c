#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

/* ---- why it failed, for a person */

bool handle_fail_path(int code, const char *what, const char *path, struct error *err)
{
    switch (code) {
    case ENOSPC:
    case EDQUOT:
        return error_set(err, ERROR_STORE_FULL, "Free some space on that disk, then try again.",
                         "%s %s: the disk is full.", what, path);
    case EACCES:
    case EPERM:
        return error_set(err, ERROR_STORE,
                         "Run as the account that owns it, or choose another place with --db.",
                         "%s %s: no permission.", what, path);
    case EROFS:
        return error_set(err, ERROR_STORE,
                         "Mount that disk for writing, or choose another place with --db.",
                         "%s %s: the disk is mounted read-only.", what, path);
    case EMFILE:
    case ENFILE:
        return error_set(err, ERROR_STORE, "Raise the limit of open files (ulimit -n).",
                         "%s %s: too many open files.", what, path);
    default:
        return error_set(err, ERROR_STORE, "Check the path and the disk, then try again.",
                         "%s %s: %s.", what, path, strerror(code));
    }
}

/* SQLite says only "unable to open" or "readonly": look at file and directory for the reason. */
static bool fail_access(struct db *db, struct error *err)
{
    const struct store *s = db->store;
    struct stat st;

    if (stat(s->file, &st) == 0 && S_ISDIR(st.st_mode))
        return error_set(err, ERROR_STORE, "Name a file inside it with --db.",
                         "%s is a directory, not a database file.", s->path);
    if (faccessat(AT_FDCWD, s->directory, W_OK | X_OK, AT_EACCESS) != 0)
        return handle_fail_path(errno, "Cannot write in the directory", s->directory, err);
    if (faccessat(AT_FDCWD, s->file, R_OK | W_OK, AT_EACCESS) != 0 && errno != ENOENT)
        return handle_fail_path(errno, "Cannot write the database", s->path, err);
    if (faccessat(AT_FDCWD, s->wal, R_OK | W_OK, AT_EACCESS) != 0 && errno != ENOENT)
        return handle_fail_path(errno, "Cannot write the database's log", s->wal, err);
    return error_set(err, ERROR_STORE, "Check the path and the disk, then try again.",
                     "Cannot open the database %s: %s.", s->path,
                     db->handle ? sqlite3_errmsg(db->handle) : "SQLite did not start");
}

static bool fail_io(struct db *db, int rc, struct error *err)
{
    int last =
        errno; /* of a failed write SQLite does not always keep it: a quota shows here alone */
    int code = db->handle ? sqlite3_system_errno(db->handle) : 0;

    if (code == 0 && rc == SQLITE_IOERR_WRITE)
        code = last;
    if (code == ENOSPC || code == EDQUOT || code == EFBIG) {
        ballast_drop(db->store);
        return error_set(err, ERROR_STORE_FULL, "Free some space on that disk, then try again.",
                         "The disk that holds %s is full (%s).", db->store->path, strerror(code));
    }
    return error_set(err, ERROR_STORE, "Check the disk (dmesg) and that the file is still there.",
                     "The disk failed while %s was in use: %s%s%s.", db->store->path,
                     db->handle ? sqlite3_errmsg(db->handle) : "I/O error", code ? ": " : "",
                     code ? strerror(code) : "");
}

static bool fail_constraint(struct db *db, int rc, const char *sql, struct error *err)
{
    const char *message = sqlite3_errmsg(db->handle);

    if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY)
        return error_set(err, ERROR_CONFLICT,
                         "Choose another value, or change the record that has it.",
                         "There is such a record already (%s).", message);
    return error_set(err, ERROR_INTERNAL, "Report this with the text above.",
                     "The database refused a change: %s (%.120s).", message, sql ? sql : "");
}

bool handle_fail(struct db *db, int rc, const char *sql, struct error *err)
{
    const char *path = db->store->path;

    switch (rc & 0xff) {
    case SQLITE_FULL:
        ballast_drop(db->store);
        return error_set(err, ERROR_STORE_FULL, "Free some space on that disk, then try again.",
                         "The disk that holds %s is full.", path);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return error_set(err, ERROR_STORE,
                         "Stop ecclesia, keep the file, and restore the newest backup: "
                         "ecclesia restore FILE.",
                         "%s %s (%s).", path,
                         (rc & 0xff) == SQLITE_NOTADB ? "is not a database, or is damaged"
                                                      : "is damaged",
                         db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc));
    case SQLITE_IOERR:
        return rc == SQLITE_IOERR_NOMEM ? error_set(err, ERROR_MEMORY, NULL, "Out of memory.")
                                        : fail_io(db, rc, err);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, ERROR_STORE_BUSY,
                         "Try again; if it stays, see which process holds it.",
                         "Another process kept %s locked for %lld seconds.", path,
                         (long long)(db->store->busy_ms / 1000));
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return fail_access(db, err);
    case SQLITE_INTERRUPT:
        return error_set(err, ERROR_TIMEOUT, "Try again when the machine is less busy.",
                         "Looking through %s took too long.", path);
    case SQLITE_NOMEM:
        return error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
    case SQLITE_CONSTRAINT:
        return fail_constraint(db, rc, sql, err);
    default:
        return error_set(err, ERROR_INTERNAL, "Report this with the text above.",
                         "Database: %s (%.160s).", sqlite3_errmsg(db->handle), sql ? sql : "");
    }
}

/* ---- the connection */

/* Short random naps: with SQLite's own growing ones a writer starves beside one that never pauses.
 */
static int busy(void *argument, int count)
{
    struct db *db = argument;
    struct timespec nap = { 0 };
    uint32_t jitter;

    /* Not random_below(): a wait must not shift a test's seeded sequence. */
    sqlite3_randomness(sizeof jitter, &jitter);
    nap.tv_nsec = 500000 + (long)(jitter % 1500000);
    if (count == 0)
        db->busy_since = clock_mono();
    else if (clock_mono() - db->busy_since >= db->store->busy_ms)
        return 0;
    nanosleep(&nap, NULL);
    return 1;
}

bool handle_exec(struct db *db, const char *sql, struct error *err)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? true : handle_fail(db, rc, sql, err);
}

bool handle_int(struct db *db, const char *sql, int64_t *out, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);

    if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        *out = sqlite3_column_int64(statement, 0);
        rc = SQLITE_OK;
    }
    if (rc != SQLITE_OK) /* before finalize, which may change the message */
        handle_fail(db, rc, sql, err);
    sqlite3_finalize(statement);
    return rc == SQLITE_OK;
}

static void narrow_mode(const char *file)
{
    struct stat st;

    if (stat(file, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
        (void)chmod(file, 0600);
}

void handle_narrow(const struct store *s)
{
    char *shared = text_format("%s-shm", s->file);

    narrow_mode(s->file);
    narrow_mode(s->wal);
    if (shared)
        narrow_mode(shared);
    free(shared);
}

static bool configure(struct db *db, struct error *err)
{
    static const char all[] = "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
                              "PRAGMA mmap_size=0; PRAGMA foreign_keys=ON;"
                              "PRAGMA synchronous=FULL;";
    sqlite3 *h = db->handle;

    sqlite3_extended_result_codes(h, 1);
    sqlite3_busy_handler(h, busy, db);
    if (sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK ||
        sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL) != SQLITE_OK ||
        sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL) != SQLITE_OK)
        return error_set(err, ERROR_INTERNAL, "Install SQLite 3.40 or newer.",
                         "This SQLite (%s) lacks the protections that ecclesia needs.",
                         sqlite3_libversion());
    return handle_exec(db, all, err) &&
           handle_exec(db, db->writer ? "PRAGMA secure_delete=ON;" : "PRAGMA query_only=ON;", err);
}

struct db *handle_open(struct store *s, enum handle_kind kind, struct error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (kind == HANDLE_WRITER ? SQLITE_OPEN_CREATE : 0);
    struct db *db = calloc(1, sizeof *db);
    int rc;

    if (!db) {
        error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
        return NULL;
    }
    db->store = s;
    db->writer = kind == HANDLE_WRITER;
    rc = sqlite3_open_v2(s->file, &db->handle, flags, NULL);
    if (rc != SQLITE_OK) {
        handle_fail(db, rc, NULL, err);
        goto fail;
    }
    /* Refused write access, SQLite quietly opens for reading alone. */
    if (sqlite3_db_readonly(db->handle, "main") == 1) {
        fail_access(db, err);
        goto fail;
    }
    if (!configure(db, err))
        goto fail;
    return db;
fail:
    handle_close(db);
    return NULL;
}

void handle_close(struct db *db)
{
    if (!db)
        return;
    statements_release(db);
    sqlite3_close_v2(db->handle);
    free(db);
}

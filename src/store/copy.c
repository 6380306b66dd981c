/* Copies of whole databases, and the place where they are made. */
#include <ecclesia/store/copy.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

#include "store/copy.h"

/* ---- the place */

/* Plain files alone: what else is there is not ours. */
static void empty_directory(const char *path)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;

    while (directory && (entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory)
        closedir(directory);
}

/* The directory may be taken away, by who was at it before, between its opening and its locking. */
static bool still_there(const char *path, int file)
{
    struct stat ours, there;

    return fstat(file, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

bool workplace_open(struct workplace *w, const char *db_path, const char *word, struct error *err)
{
    struct store *place = NULL;
    bool fits;

    w->lock = -1;
    if (!store_place(&place, db_path, err))
        return false;
    fits = (size_t)snprintf(w->path, sizeof w->path, "%s.%s", place->file, word) < sizeof w->path;
    store_close(place);
    if (!fits)
        return error_set(err, ERROR_STORE, "Choose a shorter path with --db.",
                         "The path %.100s… is too long.", db_path);
    for (;;) {
        if (mkdir(w->path, 0700) != 0 && errno != EEXIST)
            return handle_fail_path(errno, "Cannot make the directory", w->path, err);
        w->lock = open(w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (w->lock < 0 && errno != ENOENT)
            return handle_fail_path(errno, "Cannot open the directory", w->path, err);
        if (w->lock < 0)
            continue;
        if (flock(w->lock, LOCK_EX | LOCK_NB) != 0)
            break;
        if (still_there(w->path, w->lock)) {
            empty_directory(w->path);
            return true;
        }
        close(w->lock);
    }
    close(w->lock);
    w->lock = -1;
    return error_set(err, ERROR_CONFLICT, "Wait until it has ended, then try again.",
                     "Another process is at the same work (%s).", w->path);
}

void workplace_close(struct workplace *w)
{
    if (w->lock < 0)
        return;
    empty_directory(w->path);
    (void)rmdir(w->path);
    close(w->lock);
    w->lock = -1;
}

/* ---- copying */

bool copy_sync(const char *path, struct error *err)
{
    char directory[4200];
    char *slash;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = file >= 0 && fsync(file) == 0;

    if (file >= 0)
        close(file);
    text_copy_to(directory, sizeof directory, path);
    slash = strrchr(directory, '/');
    if (slash)
        slash[slash == directory] = '\0';
    file = ok ? open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    ok = file >= 0 && fsync(file) == 0;
    if (!ok)
        handle_fail_path(errno, "Cannot write", path, err);
    if (file >= 0)
        close(file);
    return ok;
}

/* All pages in one step: else each commit of another process would begin it anew. Readers hold up
 * no writer. */
static bool copy_pages(struct db *from, struct db *to, struct error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    int rc;

    if (!backup)
        return handle_fail(to, sqlite3_errcode(to->handle), NULL, err);
    rc = sqlite3_backup_step(backup, -1);
    /* A fault of either side is reported by the one that is written. */
    if (sqlite3_backup_finish(backup) == SQLITE_OK && rc == SQLITE_DONE)
        return true;
    return handle_fail(to, rc == SQLITE_DONE ? SQLITE_IOERR : rc, NULL, err);
}

/* Empty, for its owner alone from the beginning, and new. */
static bool create(const char *path, struct error *err)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (file < 0)
        return handle_fail_path(errno, "Cannot make the copy", path, err);
    close(file);
    return true;
}

bool store_copy(struct store *s, const char *to, struct error *err)
{
    struct db *from = NULL, *copy = NULL;
    struct store *place = NULL;
    bool ok;

    ok = create(to, err) && store_place(&place, to, err) &&
         (from = handle_open(s, HANDLE_READER, err)) != NULL &&
         (copy = handle_open(place, HANDLE_WRITER, err)) != NULL && copy_pages(from, copy, err) &&
         /* The pages say "write-ahead log": alone, the file must need none. */
         handle_exec(copy, "PRAGMA journal_mode=DELETE", err);
    handle_close(from);
    handle_close(copy);
    ok = ok && copy_sync(place->file, err);
    store_close(place);
    return ok;
}

bool store_fold(const char *path, struct error *err)
{
    struct store *place = NULL;
    struct db *db = NULL;
    bool ok = store_place(&place, path, err) &&
              (db = handle_open(place, HANDLE_WRITER, err)) != NULL &&
              handle_exec(db, "PRAGMA journal_mode=DELETE", err);

    handle_close(db);
    ok = ok && copy_sync(place->file, err);
    store_close(place);
    return ok;
}

/* ---- checking */

static bool look_whole(struct db *db, const char *path, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    bool ok = false;

    if (sqlite3_prepare_v2(db->handle, "PRAGMA integrity_check(1)", -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        const char *said = (const char *)sqlite3_column_text(statement, 0);

        ok = text_equal(said, "ok") ||
             error_set(err, ERROR_STORE, NULL, "%s is damaged: %s.", path, said ? said : "");
    } else {
        handle_fail(db, sqlite3_errcode(db->handle), NULL, err);
    }
    sqlite3_finalize(statement);
    return ok;
}

/* "" for no row, and for a table that an older schema has not. */
static void read_text(struct db *db, const char *sql, char *out, size_t size)
{
    sqlite3_stmt *statement = NULL;
    const char *said = NULL;

    if (sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        said = (const char *)sqlite3_column_text(statement, 0);
    text_copy_to(out, size, said ? said : "");
    sqlite3_finalize(statement);
}

static bool check_open(struct db *db, const char *path, struct copy_info *out, struct error *err)
{
    int64_t pages, size;
    char id[64];

    if (!migrate_check(db, err) || !handle_int(db, "PRAGMA user_version", &out->schema, err))
        return false;
    if (out->schema < 1)
        return error_set(err, ERROR_STORE_FOREIGN, NULL, "%s is not a database of ecclesia.", path);
    if (!look_whole(db, path, err) || !handle_int(db, "PRAGMA page_count", &pages, err) ||
        !handle_int(db, "PRAGMA page_size", &size, err))
        return false;
    out->bytes = pages * size;
    read_text(db, "SELECT seq || ':' || lower(hex(mac)) FROM audit_marks WHERE kind='head'",
              out->audit_head, sizeof out->audit_head);
    read_text(db, "SELECT source FROM keys WHERE state<>'destroyed' ORDER BY id DESC LIMIT 1",
              out->key_source, sizeof out->key_source);
    read_text(db, "SELECT value FROM meta WHERE key='store_id'", id, sizeof id);
    return id_parse(&out->store_id, id) ||
           error_set(err, ERROR_STORE, NULL, "%s is damaged (its id is missing).", path);
}

bool store_copy_check(const char *path, struct copy_info *out, struct error *err)
{
    struct store *place = NULL;
    struct db *db = NULL;
    bool ok;

    *out = (struct copy_info){ .schema = 0 };
    ok = store_place(&place, path, err) && (db = handle_open(place, HANDLE_READER, err)) != NULL &&
         check_open(db, path, out, err);
    handle_close(db);
    store_close(place);
    return ok;
}

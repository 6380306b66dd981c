/* One database in the place of another. At each moment the path leads to a whole database: the old
 * one or the new one. */
#include <ecclesia/store/copy.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/crash.h>
#include <ecclesia/base/text.h>

#include "store/copy.h"

/* Where SQLite's locks lie in the file (its documented format). In WAL mode each open connection
 * holds a read lock there. */
enum { SQLITE_LOCKS = 0x40000000, SQLITE_LOCKS_LENGTH = 512 };

struct replacing {
    struct store *place;
    const char *with;
    char kept[4400];
    bool there; /* there is an old database */
    bool wal;   /* with a log that could not be folded into it */
    int lock;   /* on the old file; -1 */
};

static bool refuse_open(const struct replacing *r, struct error *err)
{
    return error_set(err, ERROR_REFUSED, "End every ecclesia that uses it, then try again.",
                     "Another process has %s open.", r->place->path);
}

static bool take_engine(struct replacing *r, struct error *err)
{
    char holder[300];
    bool held = false;

    if (!engine_lock_try(r->place, &held, err))
        return false;
    if (held)
        return true;
    engine_lock_holder(r->place, holder, sizeof holder);
    return error_set(err, ERROR_REFUSED, "End it, then try again.", "%s is in use: %s works on it.",
                     r->place->path, *holder ? holder : "another ecclesia");
}

/* What the log holds goes into the file, and the log goes: only the sole user of a database may do
 * that. A damaged one stays as it is. */
static bool fold(struct replacing *r, struct error *err)
{
    struct db *db;
    int rc = SQLITE_OK;

    r->place->busy_ms = 0;
    db = handle_open(r->place, HANDLE_WRITER, NULL);
    if (db)
        rc = sqlite3_exec(db->handle, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
    handle_close(db);
    if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED)
        return refuse_open(r, err);
    r->wal = access(r->place->wal, F_OK) == 0;
    return true;
}

/* By an open file description's lock, which nothing that this process closes takes away. Only after
 * SQLite has let go of the file. */
static bool shut_out(struct replacing *r, struct error *err)
{
    struct flock all = { .l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = SQLITE_LOCKS,
                         .l_len = SQLITE_LOCKS_LENGTH };

    r->lock = open(r->place->file, O_RDWR | O_CLOEXEC);
    if (r->lock < 0)
        return handle_fail_path(errno, "Cannot open the database", r->place->path, err);
    if (fcntl(r->lock, F_OFD_SETLK, &all) == 0)
        return true;
    return errno == EAGAIN || errno == EACCES
               ? refuse_open(r, err)
               : handle_fail_path(errno, "Cannot lock", r->place->path, err);
}

static bool link_beside(const char *from, const char *to, struct error *err)
{
    return link(from, to) == 0 ? true : handle_fail_path(errno, "Cannot keep a copy as", to, err);
}

static bool keep_old(struct replacing *r, struct error *err)
{
    char stamp[CLOCK_RFC3339_SIZE], log[4400 + 8];

    clock_rfc3339_s(stamp, clock_now());
    for (int i = 1;; i++) {
        if ((size_t)snprintf(r->kept, sizeof r->kept, "%s.before-%.10s-%d", r->place->file, stamp,
                             i) >= sizeof r->kept)
            return error_set(err, ERROR_STORE, "Choose a shorter path with --db.",
                             "The path %.100s… is too long.", r->place->path);
        if (access(r->kept, F_OK) != 0)
            break;
    }
    snprintf(log, sizeof log, "%s-wal", r->kept);
    return link_beside(r->place->file, r->kept, err) &&
           (!r->wal || link_beside(r->place->wal, log, err)) && copy_sync(r->kept, err);
}

/* The old log must not meet the new database: it goes first. What it belongs to is kept, and was
 * damaged. */
static void drop_log(struct replacing *r)
{
    char shared[4400];

    (void)unlink(r->place->wal);
    snprintf(shared, sizeof shared, "%s-shm", r->place->file);
    (void)unlink(shared);
}

static bool replace(struct replacing *r, struct error *err)
{
    struct stat st;

    if (!take_engine(r, err))
        return false;
    r->there = stat(r->place->file, &st) == 0;
    if (r->there && (!fold(r, err) || !shut_out(r, err) || !keep_old(r, err)))
        return false;
    crash_point("restore.kept");
    drop_log(r);
    if (rename(r->with, r->place->file) != 0)
        return handle_fail_path(errno, "Cannot replace", r->place->path, err);
    crash_point("restore.replaced");
    return copy_sync(r->place->file, err);
}

bool store_replace(const char *db_path, const char *with, char *kept, size_t size,
                   struct error *err)
{
    struct replacing r = { .with = with, .lock = -1 };
    bool ok = store_place(&r.place, db_path, err) && replace(&r, err);

    text_copy_to(kept, size, ok && r.there ? r.kept : "");
    if (r.lock >= 0)
        close(r.lock);
    store_close(r.place);
    return ok;
}

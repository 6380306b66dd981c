#include <ecclesia/store/refresh.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>

#include "store/private.h"

enum { LOOK_MS = 25, SPILL_MOST = 64 * 1024 };

/* ---- rows */

bool refresh_row_get(struct db *db, struct id connection, struct refresh_row *out,
                     struct error *err)
{
    struct rows r;
    bool any;

    if (!rows_open(&r, db, err,
                   "SELECT refresh_state = 'in_flight', refresh_started_ms, access_issued_ms,"
                   " refresh_fails, refresh_failing_ms, refresh_next_ms FROM connections"
                   " WHERE id = $1",
                   "I", connection))
        return false;
    any = rows_next(&r);
    if (any)
        *out = (struct refresh_row){ .in_flight = rows_int(&r, 0) != 0,
                                     .started_ms = rows_int(&r, 1),
                                     .issued_ms = rows_int(&r, 2),
                                     .fails = rows_int(&r, 3),
                                     .failing_ms = rows_int(&r, 4),
                                     .next_ms = rows_int(&r, 5) };
    if (!rows_close(&r, err))
        return false;
    return any || error_set(err, ERROR_MISSING, "Connect it again.", "The connection is gone.");
}

bool refresh_row_put(struct db *db, struct id connection, const struct refresh_row *r,
                     struct error *err)
{
    return db_run(db, err,
                  "UPDATE connections SET refresh_state = $2, refresh_started_ms = $3,"
                  " access_issued_ms = $4, refresh_fails = $5, refresh_failing_ms = $6,"
                  " refresh_next_ms = $7 WHERE id = $1",
                  "Itiiiii", connection, r->in_flight ? "in_flight" : "idle", r->started_ms,
                  r->issued_ms, r->fails, r->failing_ms, r->next_ms);
}

/* ---- one at a time */

static bool beside(const struct store *s, const char *end, char *out, size_t size)
{
    return (size_t)snprintf(out, size, "%s.%s", s->file, end) < size;
}

/* A byte of its own for each connection: 60 of its 128 random bits. */
static struct flock part_of(struct id connection)
{
    char digits[16];

    snprintf(digits, sizeof digits, "%.15s", connection.hex);
    return (struct flock){ .l_type = F_WRLCK,
                           .l_whence = SEEK_SET,
                           .l_start = (off_t)strtoull(digits, NULL, 16),
                           .l_len = 1 };
}

static int open_lock(const struct store *s)
{
    char path[4200];

    return beside(s, "refresh", path, sizeof path)
               ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)
               : -1;
}

bool refresh_lock_take(struct store *s, struct id connection, int64_t wait_ms, int *lock,
                       struct error *err)
{
    int64_t end = clock_mono() + wait_ms;
    struct flock part = part_of(connection);
    int file = open_lock(s);

    if (file < 0)
        return error_set(err, ERROR_STORE, "Look at the directory's rights and the disk.",
                         "The lock beside %s cannot be opened: %s.", s->path, strerror(errno));
    /* Of the open file, not of the process: two threads of ours exclude each other too, and no
     * other descriptor of ours can drop it. */
    while (fcntl(file, F_OFD_SETLK, &part) != 0) {
        if ((errno != EAGAIN && errno != EACCES && errno != EINTR) || clock_mono() >= end) {
            close(file);
            return error_set(err, ERROR_STORE_BUSY, "It goes on by itself.",
                             "Another process has been renewing the same sign-in for long.");
        }
        poll(NULL, 0, LOOK_MS);
    }
    *lock = file;
    return true;
}

void refresh_lock_drop(int lock)
{
    if (lock >= 0)
        close(lock);
}

bool refresh_lock_held(struct store *s, struct id connection)
{
    struct flock part = part_of(connection);
    char path[4200];
    int file = beside(s, "refresh", path, sizeof path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    bool held;

    if (file < 0)
        return false; /* nobody ever took it */
    held = fcntl(file, F_OFD_GETLK, &part) == 0 && part.l_type != F_UNLCK;
    close(file);
    return held;
}

/* ---- room */

int64_t store_room(struct store *s)
{
    struct statvfs v;

    if (statvfs(s->directory, &v) != 0)
        return -1;
    return (int64_t)(v.f_bavail * v.f_frsize);
}

void store_drop_ballast(struct store *s)
{
    char path[4200];

    if (beside(s, "ballast", path, sizeof path))
        unlink(path);
}

/* ---- spilled */

static bool spill_path(const struct store *s, struct id connection, char *out, size_t size)
{
    char end[48];

    snprintf(end, sizeof end, "spill.%s", connection.hex);
    return beside(s, end, out, size);
}

static bool write_whole(int file, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(file, bytes, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        length -= (size_t)n;
    }
    return fsync(file) == 0;
}

static bool sync_directory(const struct store *s)
{
    int directory = open(s->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = directory >= 0 && fsync(directory) == 0;

    if (directory >= 0)
        close(directory);
    return done;
}

bool spill_write(struct store *s, struct id connection, const void *bytes, size_t length,
                 struct error *err)
{
    char path[4200], fresh[4210];
    bool done = false;
    int file = -1, code;

    if (spill_path(s, connection, path, sizeof path)) {
        snprintf(fresh, sizeof fresh, "%s.new", path);
        unlink(fresh);
        file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    if (file >= 0)
        done = write_whole(file, bytes, length);
    code = errno;
    if (file >= 0)
        close(file);
    done = done && rename(fresh, path) == 0 && sync_directory(s);
    return done || handle_fail_path(code, "Cannot write", path, err);
}

bool spill_read(struct store *s, struct id connection, void **bytes, size_t *length)
{
    char path[4200];
    struct stat about;
    ssize_t got = -1;
    char *data = NULL;
    int file;

    if (!spill_path(s, connection, path, sizeof path))
        return false;
    file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return false;
    if (fstat(file, &about) == 0 && about.st_size > 0 && about.st_size <= SPILL_MOST)
        data = malloc((size_t)about.st_size);
    if (data)
        got = read(file, data, (size_t)about.st_size);
    close(file);
    if (got <= 0) {
        free(data);
        return false;
    }
    *bytes = data;
    *length = (size_t)got;
    return true;
}

void spill_remove(struct store *s, struct id connection)
{
    char path[4200];

    if (spill_path(s, connection, path, sizeof path))
        unlink(path);
}

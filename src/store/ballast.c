#include <ecclesia/store/ballast.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <ecclesia/base/log.h>

#include "store/private.h"

/* With less than this a transaction may not find the room that it needs. Looking costs a
 * microsecond, a commit a thousand of them. */
enum { LEAST_FREE = 1024 * 1024, ROOM_FACTOR = 4 };

void store_ballast(struct store *s, int64_t bytes)
{
    atomic_store(&s->ballast_bytes, bytes);
}

bool store_degraded(struct store *s)
{
    return atomic_load(&s->degraded);
}

static bool path_of(const struct store *s, char *out, size_t size)
{
    return (size_t)snprintf(out, size, "%s.ballast", s->file) < size;
}

static int64_t free_bytes(const struct store *s)
{
    struct statvfs disk;

    return statvfs(s->directory, &disk) == 0 ? (int64_t)disk.f_bavail * (int64_t)disk.f_frsize
                                             : INT64_MAX;
}

void ballast_drop(struct store *s)
{
    char path[4400];

    bool gone;

    if (!path_of(s, path, sizeof path))
        return;
    gone = unlink(path) == 0;
    if (gone)
        log_line("store", "the disk is full: the reserve %s was given up", path);
    /* Another process may have given it up already. A disk that never had room for one is no worse
     * off than before. */
    if (gone || atomic_load(&s->ballast_seen))
        atomic_store(&s->degraded, true);
    atomic_store(&s->ballast_seen, false);
}

void ballast_look(struct store *s)
{
    if (atomic_load(&s->ballast_bytes) > 0 && !atomic_load(&s->degraded) &&
        free_bytes(s) < LEAST_FREE)
        ballast_drop(s);
}

/* Room that is really taken; a file system that cannot do that at once gets no ballast. */
static bool make(const char *path, int64_t bytes, bool *there, struct error *err)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int code = 0;

    if (file < 0)
        code = errno;
    else if (fallocate(file, 0, 0, bytes) != 0)
        code = errno;
    if (file >= 0)
        close(file);
    if (file >= 0 && code != 0)
        (void)unlink(path);
    *there = code == 0 || code == EEXIST;
    return *there || code == ENOSPC || code == EDQUOT || code == EFBIG || code == EOPNOTSUPP
               ? true
               : handle_fail_path(code, "Cannot make the reserve", path, err);
}

bool store_ballast_keep(struct store *s, bool *there, struct error *err)
{
    int64_t bytes = atomic_load(&s->ballast_bytes);
    char path[4400];
    struct stat st;

    *there = false;
    if (bytes <= 0 || !path_of(s, path, sizeof path))
        return true;
    *there = stat(path, &st) == 0;
    if (!*there && free_bytes(s) > bytes * ROOM_FACTOR && !make(path, bytes, there, err))
        return false;
    if (*there) {
        atomic_store(&s->ballast_seen, true);
        atomic_store(&s->degraded, false);
    }
    return true;
}

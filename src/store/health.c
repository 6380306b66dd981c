#include <ecclesia/store/health.h>

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

#include "store/private.h"

static void look_at(struct store_health *h, const char *path, unsigned forbidden)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return;
    if ((st.st_mode & forbidden) != 0 && !*h->exposed) {
        text_copy_to(h->exposed, sizeof h->exposed, path);
        h->exposed_mode = st.st_mode & 0777;
    }
    if (st.st_uid != geteuid() && !*h->foreign)
        text_copy_to(h->foreign, sizeof h->foreign, path);
}

/* A directory may be listed by others; what they can write there they can replace. */
static void look_at_files(const struct store *s, struct store_health *h)
{
    char shared[4400];
    struct stat st;

    snprintf(shared, sizeof shared, "%s-shm", s->file);
    look_at(h, s->file, 077);
    look_at(h, s->wal, 077);
    look_at(h, shared, 077);
    look_at(h, s->directory, 022);
    if (stat(s->file, &st) == 0)
        h->bytes = st.st_size;
    if (stat(s->wal, &st) == 0)
        h->log_bytes = st.st_size;
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
    struct statvfs disk;
    struct db *db = NULL;
    bool ok;

    *out = (struct store_health){ .schema = 0 };
    look_at_files(s, out);
    if (statvfs(s->directory, &disk) != 0)
        return handle_fail_path(errno, "Cannot look at the disk of", s->directory, err);
    out->disk_free = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    out->disk_size = (int64_t)disk.f_blocks * (int64_t)disk.f_frsize;
    if (!db_read(s, &db, err))
        return false;
    ok = handle_int(db, "PRAGMA user_version", &out->schema, err) &&
         count_orphans(db, &out->orphans, err);
    db_read_end(db);
    return ok;
}

/* doctor: the database and its disk. */
#include "command/doctor.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include <ecclesia/store/health.h>

static const int64_t mib = 1024 * 1024;
enum { LOG_MIB = 64, DISK_WARN_MIB = 256, DISK_FAIL_MIB = 32, FILES_LEAST = 100 };

void doctor_database(struct doctor *d)
{
    struct store_health h;
    struct error err;
    struct store *s;
    int before = doctor_findings(d);

    if (!d->context->engine) {
        if (d->net_told)
            doctor_add(d, "database", DOCTOR_SKIPPED, NULL, "Not opened.");
        else if (d->config)
            doctor_add_error(d, "database", DOCTOR_FAILED, d->context->trouble);
        else
            doctor_add(d, "database", DOCTOR_SKIPPED, NULL, "Not without the configuration.");
        return;
    }
    s = context_store(d->context);
    error_clear(&err);
    if (!store_verify(s, true, DOCTOR_CHECK_MS, &err) || !store_health(s, &h, &err)) {
        doctor_add_error(d, "database", DOCTOR_FAILED, &err);
        return;
    }
    if (h.orphans)
        doctor_add(d, "database", DOCTOR_FAILED,
                   "Restore the newest backup: ecclesia restore FILE.",
                   "%lld rows of %s refer to what is not there: it was changed from outside.",
                   (long long)h.orphans, store_path(s));
    if (h.log_bytes > LOG_MIB * mib)
        doctor_add(
            d, "database", DOCTOR_WARNING,
            "End programs that have had it open for long; it shrinks when the last one ends.",
            "The log beside %s has grown to %lld MiB.", store_path(s),
            (long long)(h.log_bytes / mib));
    if (doctor_findings(d) == before)
        doctor_add(d, "database", DOCTOR_OK, NULL, "%s is sound: schema %lld, %lld KiB.",
                   store_path(s), (long long)h.schema, (long long)(h.bytes + 1023) / 1024);
}

/* Of the database's directory, or of the first one above it that is there. */
static bool find_disk(const char *database, struct statvfs *disk)
{
    char path[4400];
    char *slash;

    if (!text_copy_to(path, sizeof(path), database))
        return false;
    while ((slash = strrchr(path, '/')) != NULL) {
        slash[slash == path] = '\0';
        if (statvfs(path, disk) == 0)
            return true;
        if (slash == path)
            return false;
    }
    return statvfs(".", disk) == 0;
}

void doctor_disk(struct doctor *d)
{
    static const char remedy[] = "Free some space on that disk. Below 32 MiB no sign-in is "
                                 "renewed, because its answer could "
                                 "not be kept.";
    const char *path = d->context->db_path;
    struct statvfs disk;
    long long free_mib;

    if (!path && d->context->engine)
        path = store_path(context_store(d->context));
    if (!path || !find_disk(path, &disk)) {
        doctor_add(d, "disk", DOCTOR_SKIPPED, NULL, "The place of the database is not known.");
        return;
    }
    free_mib = (long long)((int64_t)disk.f_bavail * (int64_t)disk.f_frsize / mib);
    if (free_mib < DISK_WARN_MIB)
        doctor_add(d, "disk", free_mib < DISK_FAIL_MIB ? DOCTOR_FAILED : DOCTOR_WARNING, remedy,
                   "The disk of %s has %lld MiB left.", path, free_mib);
    else if (disk.f_files > 0 && disk.f_favail < FILES_LEAST)
        doctor_add(d, "disk", DOCTOR_FAILED, "Delete files that nobody needs on that disk.",
                   "The disk of %s can hold only %llu more files.", path,
                   (unsigned long long)disk.f_favail);
    else
        doctor_add(d, "disk", DOCTOR_OK, NULL, "%lld MiB are free.", free_mib);
}

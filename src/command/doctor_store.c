/* doctor: the database and its disk. */
#include "command/doctor.h"

#include <ecclesia/store/health.h>

static const int64_t mib = 1024 * 1024;
enum { LOG_MIB = 64, DISK_WARN_MIB = 256, DISK_FAIL_MIB = 32 };

static void check_guard(struct doctor *d, const struct store_health *h)
{
    if (*h->exposed)
        doctor_add(d, "database", DOCTOR_FAILED,
                   "Run chmod go= on it. If others could have changed it, see what the audit says.",
                   "%s can be used by other accounts (mode %03o).", h->exposed, h->exposed_mode);
    if (*h->foreign)
        doctor_add(d, "database", DOCTOR_WARNING,
                   "Run ecclesia as the account that owns it: sudo -u ACCOUNT ecclesia …",
                   "%s belongs to another account.", h->foreign);
}

void doctor_database(struct doctor *d)
{
    struct store_health h;
    struct error err;
    struct store *s;
    int before = d->failed + d->warned;

    if (!d->context->engine) {
        if (d->config)
            doctor_add_error(d, "database", DOCTOR_FAILED, d->context->trouble);
        else
            doctor_add(d, "database", DOCTOR_SKIPPED, NULL, "Not without the configuration.");
        return;
    }
    s = context_store(d->context);
    error_clear(&err);
    if (!store_verify(s, true, &err) || !store_health(s, &h, &err)) {
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
    check_guard(d, &h);
    if (d->failed + d->warned == before)
        doctor_add(d, "database", DOCTOR_OK, NULL, "%s is sound: schema %lld, %lld KiB.",
                   store_path(s), (long long)h.schema, (long long)(h.bytes + 1023) / 1024);
}

void doctor_disk(struct doctor *d)
{
    static const char remedy[] = "Free some space on that disk. Below 32 MiB no sign-in is "
                                 "renewed, because its answer could "
                                 "not be kept.";
    struct store_health h;
    struct error err;
    long long free_mib;

    error_clear(&err);
    if (!store_health(context_store(d->context), &h, &err)) {
        doctor_add_error(d, "disk", DOCTOR_FAILED, &err);
        return;
    }
    free_mib = (long long)(h.disk_free / mib);
    if (free_mib < DISK_WARN_MIB)
        doctor_add(d, "disk", free_mib < DISK_FAIL_MIB ? DOCTOR_FAILED : DOCTOR_WARNING, remedy,
                   "The disk of %s has %lld MiB left.", store_path(context_store(d->context)),
                   free_mib);
    else
        doctor_add(d, "disk", DOCTOR_OK, NULL, "%lld MiB are free.", free_mib);
}

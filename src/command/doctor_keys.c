/* doctor: keys, what they sealed, and the audit. */
#include "command/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/oauth/survey.h>
#include <ecclesia/vault/audit.h>
#include <ecclesia/vault/keys.h>

/* Keys are to be replaced once a year. */
static const int64_t old_ms = 400 * 24 * 3600 * INT64_C(1000);
/* The engine seals within a second. */
static const int64_t waits_ms = 10 * 1000;

static struct vault *vault_of(const struct doctor *d)
{
    return manager_vault(context_manager(d->context));
}

static bool read_limited(const struct doctor *d, struct db **db, struct error *err)
{
    if (!db_read(context_store(d->context), db, err))
        return false;
    db_limit(*db, DOCTOR_CHECK_MS);
    return true;
}

/* Why it is locked, in the vault's own words. */
static void add_locked(struct doctor *d, struct db *db)
{
    struct audit_report unused;
    struct error why;

    error_clear(&why);
    if (!vault_audit_verify(vault_of(d), db, NULL, &unused, &why))
        doctor_add_error(d, "keys", DOCTOR_FAILED, &why);
}

static bool is_old(const struct key_info *k)
{
    return strcmp(k->purpose, "secret") == 0 && strcmp(k->state, "active") == 0 &&
           clock_now() - k->created_ms > old_ms;
}

static void check_rows(struct doctor *d, const struct key_info *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct key_info *k = &list[i];

        if (k->odd)
            doctor_add(d, "keys", DOCTOR_FAILED,
                       "Restore the newest backup (ecclesia restore FILE), and find out who could "
                       "write to the database.",
                       "Key %lld was changed outside ecclesia: where it comes from, its state or "
                       "its cost is none that was written.",
                       (long long)k->id);
        if (strcmp(k->state, "retiring") == 0 && k->rows == 0)
            doctor_add(d, "keys", DOCTOR_WARNING, "Run: ecclesia key rotate --only data",
                       "Key %lld is not needed any more and not destroyed yet.", (long long)k->id);
        if (is_old(k))
            doctor_add(d, "keys", DOCTOR_WARNING, "Run: ecclesia key rotate",
                       "Key %lld is more than a year old.", (long long)k->id);
    }
}

void doctor_keys(struct doctor *d)
{
    int before = doctor_findings(d);
    char source[512] = "", left[300] = "";
    struct key_info *list = NULL;
    struct db *db = NULL;
    struct error err;
    size_t count = 0;

    error_clear(&err);
    vault_describe(vault_of(d), source, sizeof(source));
    if (!db_read(context_store(d->context), &db, &err) || !vault_keys(db, &list, &count, &err) ||
        !vault_rotation_left(vault_of(d), db, left, sizeof(left), &err))
        doctor_add_error(d, "keys", DOCTOR_FAILED, &err);
    else if (count == 0)
        doctor_add(d, "keys", DOCTOR_SKIPPED, NULL, "None is made yet.");
    else if (vault_locked(vault_of(d)))
        add_locked(d, db);
    if (*left)
        doctor_add(d, "keys", DOCTOR_WARNING, "Run: ecclesia key rotate",
                   "A rotation was cut off: %s.", left);
    if (text_starts(source, "environment"))
        doctor_add(d, "keys", DOCTOR_WARNING,
                   "Put it into a file of mode 0600 (ecclesia key rotate --to file) or a systemd "
                   "credential.",
                   "The master key comes from the environment, which other programs of this "
                   "account can read.");
    check_rows(d, list, count);
    db_read_end(db);
    free(list);
    if (count > 0 && doctor_findings(d) == before)
        doctor_add(d, "keys", DOCTOR_OK, NULL, "The master key opens the others (%s).", source);
}

/* ---- sealed fields */

static bool add_damaged(void *argument, const struct rotate_left *finding)
{
    doctor_add(argument, "secrets", DOCTOR_FAILED, finding->why.remedy,
               "%s (connection %.8s, %s, generation %lld, key %lld)", finding->why.message,
               finding->connection.hex, finding->field, (long long)finding->generation,
               (long long)finding->key_id);
    return true;
}

static void add_envelope(void *argument, const struct error *why)
{
    doctor_add_error(argument, "secrets", DOCTOR_FAILED, why);
}

void doctor_secrets(struct doctor *d)
{
    int before = doctor_findings(d);
    struct db *db = NULL;
    struct error err;
    int64_t count = 0, envelopes = 0;

    error_clear(&err);
    if (vault_locked(vault_of(d))) {
        doctor_add(d, "secrets", DOCTOR_SKIPPED, NULL, "Not without the key.");
        return;
    }
    if (!read_limited(d, &db, &err) ||
        !vault_survey(vault_of(d), db, add_damaged, d, &count, &err) ||
        !oauth_survey(vault_of(d), context_store(d->context), db, add_envelope, d, &envelopes,
                      &err))
        doctor_add_error(d, "secrets", DOCTOR_FAILED, &err);
    db_read_end(db);
    count += envelopes;
    if (doctor_findings(d) == before && count == 0)
        doctor_add(d, "secrets", DOCTOR_OK, NULL, "Nothing is sealed yet.");
    else if (doctor_findings(d) == before)
        doctor_add(d, "secrets", DOCTOR_OK, NULL, "All %lld sealed fields open.", (long long)count);
}

/* ---- audit */

static void add_report(struct doctor *d, const struct audit_report *a)
{
    bool forgotten = a->waiting > 0 && clock_now() - a->waiting_since_ms > waits_ms;

    if (a->head)
        snprintf(d->head, sizeof(d->head), "%lld:%s", (long long)a->head, a->head_mac);
    if (a->broken)
        doctor_add(d, "audit", DOCTOR_FAILED, audit_remedy,
                   "%s. What it tells from there on proves nothing.", a->why);
    else if (forgotten)
        doctor_add(d, "audit", DOCTOR_WARNING,
                   "Start ecclesia once as the account that may read the key.",
                   "%lld rows wait for their seal: no engine with the key has run since they were "
                   "written.",
                   (long long)a->waiting);
    else
        doctor_add(d, "audit", DOCTOR_OK, NULL,
                   "%lld rows are as they were written%s; the newest is %lld:%.16s…",
                   (long long)a->rows, a->pruned ? " (older ones were dropped)" : "",
                   (long long)a->head, a->head_mac);
}

void doctor_audit(struct doctor *d)
{
    struct audit_report report;
    struct db *db = NULL;
    struct error err;

    error_clear(&err);
    if (vault_locked(vault_of(d)))
        doctor_add(d, "audit", DOCTOR_SKIPPED, NULL, "Not without the key.");
    else if (!read_limited(d, &db, &err) ||
             !vault_audit_verify(vault_of(d), db, d->audit_head, &report, &err))
        doctor_add_error(d, "audit", DOCTOR_FAILED, &err);
    else
        add_report(d, &report);
    db_read_end(db);
}

#include <ecclesia/store/jobs.h>

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include "store/list.h"

#define COLUMNS                                                                                    \
    "id, kind, platform, church_id, subject_id, target_id, connection_id, idem_key, state, "       \
    "priority, run_at_ms, deadline_ms,"                                                            \
    " attempt, snoozes, rescues, reconcile, superseded, lease, error_kind, error, created_ms, "    \
    "updated_ms, finished_ms"

static void read_row(const struct rows *r, struct job *j)
{
    memset(j, 0, sizeof *j);
    j->id = rows_int(r, 0);
    snprintf(j->kind, sizeof j->kind, "%s", rows_text(r, 1));
    if (!platform_from_slug(rows_text(r, 2), &j->platform))
        j->platform = PLATFORM_COUNT;
    j->church = rows_id(r, 3);
    j->subject = rows_id(r, 4);
    j->target = rows_id(r, 5);
    j->connection = rows_id(r, 6);
    snprintf(j->idem_key, sizeof j->idem_key, "%s", rows_text(r, 7));
    if (!job_state_parse(rows_text(r, 8), &j->state))
        j->state = JOB_DEAD;
    j->priority = (int)rows_int(r, 9);
    j->run_at_ms = rows_int(r, 10);
    j->deadline_ms = rows_int(r, 11);
    j->attempt = (int)rows_int(r, 12);
    j->snoozes = (int)rows_int(r, 13);
    j->rescues = (int)rows_int(r, 14);
    j->reconcile = rows_int(r, 15) != 0;
    j->superseded = rows_int(r, 16) != 0;
    snprintf(j->lease, sizeof j->lease, "%s", rows_text(r, 17));
    for (int k = 1; k < ERROR_KIND_COUNT; k++) {
        if (strcmp(error_policy((enum error_kind)k)->name, rows_text(r, 18)) == 0)
            j->error_kind = (enum error_kind)k;
    }
    snprintf(j->error, sizeof j->error, "%s", rows_text(r, 19));
    j->created_ms = rows_int(r, 20);
    j->updated_ms = rows_int(r, 21);
    j->finished_ms = rows_int(r, 22);
}

bool job_add(struct db *db, const struct job *j, const char *unique_key, int64_t *id, bool *added,
             struct error *err)
{
    int64_t now = clock_now();
    struct rows r;

    if (!rows_open(&r, db, err,
                   "INSERT INTO jobs (kind, platform, church_id, subject_id, target_id, "
                   "connection_id, idem_key, unique_key, state,"
                   " priority, run_at_ms, deadline_ms, created_ms, updated_ms)"
                   " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'scheduled',$9,$10,$11,$12,$12)"
                   " ON CONFLICT (unique_key) WHERE state IN ('scheduled','running','unknown') DO "
                   "NOTHING RETURNING id",
                   "ttIttIttiiii", j->kind, platform_slug(j->platform), j->church, j->subject.hex,
                   j->target.hex, j->connection, j->idem_key, unique_key, (int64_t)j->priority,
                   j->run_at_ms ? j->run_at_ms : now, j->deadline_ms, now))
        return false;
    *added = rows_next(&r);
    *id = *added ? rows_int(&r, 0) : 0;
    if (!rows_close(&r, err))
        return false;
    if (*added)
        return true;
    if (!rows_open(&r, db, err,
                   "SELECT id FROM jobs WHERE unique_key = $1 AND state IN "
                   "('scheduled','running','unknown')",
                   "t", unique_key))
        return false;
    if (rows_next(&r))
        *id = rows_int(&r, 0);
    return rows_close(&r, err);
}

bool job_get(struct db *db, int64_t id, struct job *out, struct error *err)
{
    struct rows r;
    bool found;

    if (!rows_open(&r, db, err, "SELECT " COLUMNS " FROM jobs WHERE id = $1", "i", id))
        return false;
    found = rows_next(&r);
    if (found)
        read_row(&r, out);
    if (!rows_close(&r, err))
        return false;
    return found || error_set(err, ERROR_MISSING, "`ecclesia job list` shows those that there are.",
                              "There is no job %lld.", (long long)id);
}

bool job_list(struct db *db, const struct job_filter *f, struct job **out, size_t *count,
              struct error *err)
{
    struct rows r;
    void *array = NULL;
    size_t n = 0, room = 0;
    bool good = true;

    if (!rows_open(&r, db, err,
                   "SELECT " COLUMNS " FROM jobs WHERE ($1 = '' OR state = $1)"
                   " AND ($2 = 0 OR state IN ('scheduled','running','unknown')) AND ($3 IS NULL OR "
                   "church_id = $3)"
                   " AND ($4 IS NULL OR subject_id = $4) AND ($5 IS NULL OR target_id = $5) ORDER "
                   "BY id DESC LIMIT $6",
                   "tiIIIi", f->state >= 0 ? job_state_name((enum job_state)f->state) : "",
                   (int64_t)f->live, f->church, f->subject, f->target,
                   (int64_t)(f->limit ? f->limit : 200)))
        return false;
    while (good && rows_next(&r)) {
        struct job *j = list_grow(&array, n, &room, sizeof *j, err);
        good = j != NULL;
        if (good) {
            read_row(&r, j);
            n++;
        }
    }
    if (rows_close(&r, good ? err : NULL) && good) {
        *out = array;
        *count = n;
        return true;
    }
    free(array);
    return false;
}

/* An earlier live job of the same target goes first: wishes for one target are carried out in their
 * order. */
#define DUE                                                                                        \
    " FROM jobs j WHERE j.state IN ('scheduled','unknown') AND ($1 >> CASE j.platform"             \
    " WHEN 'restream' THEN 0 WHEN 'zoom' THEN 1 WHEN 'google_meet' THEN 2 WHEN 'teams' THEN 3 "    \
    "WHEN 'jitsi' THEN 4"                                                                          \
    " WHEN 'instagram' THEN 5 WHEN 'youtube' THEN 6 ELSE 7 END) & 1 = 0 AND j.priority >= $2"      \
    " AND NOT EXISTS (SELECT 1 FROM jobs e WHERE e.target_id = j.target_id AND e.id < j.id"        \
    " AND e.state IN ('scheduled','running','unknown'))"

bool job_next_due(struct db *db, unsigned blocked, bool only_stop, int64_t *next_ms,
                  struct error *err)
{
    struct rows r;

    *next_ms = 0;
    if (!rows_open(&r, db, err, "SELECT min(j.run_at_ms)" DUE, "ii", (int64_t)blocked,
                   (int64_t)(only_stop ? JOB_PRIORITY_STOP : 0)))
        return false;
    if (rows_next(&r))
        *next_ms = rows_int(&r, 0);
    return rows_close(&r, err);
}

bool job_running_superseded(struct db *db, int64_t *ids, size_t most, size_t *count,
                            struct error *err)
{
    struct rows r;

    *count = 0;
    if (!rows_open(&r, db, err,
                   "SELECT id FROM jobs WHERE state = 'running' AND superseded = 1 LIMIT $1", "i",
                   (int64_t)most))
        return false;
    while (*count < most && rows_next(&r))
        ids[(*count)++] = rows_int(&r, 0);
    return rows_close(&r, err);
}

static bool note_attempt(struct db *db, const struct job *j, int64_t now_ms, struct error *err)
{
    return db_run(
        db, err,
        "INSERT INTO attempts (job_id, no, mode, phase, started_ms) VALUES ($1,$2,$3,'claimed',$4)",
        "iiti", j->id, (int64_t)(j->attempt + j->snoozes), j->reconcile ? "reconcile" : "do",
        now_ms);
}

bool job_claim(struct db *db, unsigned blocked, bool only_stop, const char *boot, int64_t now_ms,
               struct job *out, struct error *err)
{
    struct id lease = id_new();
    struct rows r;
    bool found;

    if (!rows_open(
            &r, db, err,
            "UPDATE jobs SET state = 'running', lease = $4, boot = $5, attempt = attempt + 1, sent "
            "= 0,"
            " reconcile = CASE state WHEN 'unknown' THEN 1 ELSE reconcile END, updated_ms = $3"
            " WHERE id = (SELECT j.id" DUE
            " AND j.run_at_ms <= $3 ORDER BY j.priority DESC, j.run_at_ms, j.id LIMIT 1)"
            " RETURNING " COLUMNS,
            "iiitt", (int64_t)blocked, (int64_t)(only_stop ? JOB_PRIORITY_STOP : 0), now_ms,
            lease.hex, boot))
        return false;
    found = rows_next(&r);
    if (found)
        read_row(&r, out);
    if (!rows_close(&r, err))
        return false;
    return found ? note_attempt(db, out, now_ms, err)
                 : error_set(err, ERROR_MISSING, "", "No job is due.");
}

static bool phase(struct db *db, const struct job *j, const char *name, int http_status,
                  struct error *err)
{
    return db_run(db, err,
                  "UPDATE attempts SET phase = $2, http_status = max(http_status, $3),"
                  " sent_ms = CASE $2 WHEN 'sent' THEN $4 ELSE sent_ms END,"
                  " ended_ms = CASE $2 WHEN 'sent' THEN ended_ms ELSE $4 END"
                  " WHERE id = (SELECT max(id) FROM attempts WHERE job_id = $1)",
                  "itii", j->id, name, (int64_t)http_status, clock_now());
}

bool job_mark_sent(struct db *db, const struct job *j, bool creates, bool *fenced,
                   struct error *err)
{
    if (!db_run(db, err,
                "UPDATE jobs SET sent = $3 WHERE id = $1 AND state = 'running' AND lease = $2",
                "iti", j->id, j->lease, (int64_t)(creates ? 2 : 1)))
        return false;
    *fenced = db_changes(db) == 0;
    return *fenced || phase(db, j, "sent", 0, err);
}

bool job_mark_answered(struct db *db, const struct job *j, int http_status, bool *fenced,
                       struct error *err)
{
    if (!db_run(db, err,
                "UPDATE jobs SET sent = 0 WHERE id = $1 AND state = 'running' AND lease = $2", "it",
                j->id, j->lease))
        return false;
    *fenced = db_changes(db) == 0;
    return *fenced || phase(db, j, "answered", http_status, err);
}

bool job_creating(struct db *db, const struct job *j, bool *creating, struct error *err)
{
    struct rows r;

    *creating = false;
    if (!rows_open(&r, db, err,
                   "SELECT sent FROM jobs WHERE id = $1 AND state = 'running' AND lease = $2", "it",
                   j->id, j->lease))
        return false;
    if (rows_next(&r))
        *creating = rows_int(&r, 0) == 2;
    return rows_close(&r, err);
}

bool job_end(struct db *db, const struct job *j, enum job_end how, int64_t run_at_ms,
             const struct error *why, bool *fenced, struct error *err)
{
    static const char *const states[] = {
        [JOB_END_DONE] = "succeeded",   [JOB_END_AGAIN] = "scheduled",
        [JOB_END_SNOOZE] = "scheduled", [JOB_END_UNKNOWN] = "unknown",
        [JOB_END_DEAD] = "dead",        [JOB_END_CANCELLED] = "cancelled",
    };
    bool over = how == JOB_END_DONE || how == JOB_END_DEAD || how == JOB_END_CANCELLED;
    bool failed = why && why->kind != ERROR_NONE;

    if (!db_run(db, err,
                "UPDATE jobs SET state = $3, run_at_ms = $4, attempt = attempt - $5, snoozes = "
                "snoozes + $5, sent = 0, lease = '',"
                " error_kind = $6, error = $7, updated_ms = $8, finished_ms = CASE WHEN $9 THEN $8 "
                "ELSE 0 END"
                " WHERE id = $1 AND state = 'running' AND lease = $2",
                "ittiittii", j->id, j->lease, states[how], run_at_ms,
                (int64_t)(how == JOB_END_SNOOZE), failed ? error_policy(why->kind)->name : "",
                failed ? why->message : "", clock_now(), (int64_t)over))
        return false;
    *fenced = db_changes(db) == 0;
    if (*fenced)
        return true;
    return phase(db, j, "applied", failed ? why->http_status : 0, err) &&
           (!failed ||
            db_run(db, err,
                   "UPDATE attempts SET class = $2, code = $3, text = $4, retry_after_ms = $5"
                   " WHERE id = (SELECT max(id) FROM attempts WHERE job_id = $1)",
                   "ittti", j->id, error_policy(why->kind)->name, why->code, why->message,
                   why->retry_after_ms));
}

bool job_recover(struct db *db, const char *boot, int64_t now_ms, int64_t settle_ms, int64_t *count,
                 struct error *err)
{
    if (!db_run(db, err,
                "UPDATE attempts SET phase = 'crashed', ended_ms = $2 WHERE phase IN "
                "('claimed','sent','answered') AND id IN"
                " (SELECT max(a.id) FROM attempts a JOIN jobs j ON j.id = a.job_id WHERE j.state = "
                "'running' AND j.boot <> $1"
                " GROUP BY j.id)",
                "ti", boot, now_ms))
        return false;
    if (!db_run(db, err,
                "UPDATE jobs SET rescues = rescues + 1, attempt = attempt - 1, lease = '', "
                "updated_ms = $2,"
                " state = CASE WHEN sent = 2 THEN 'unknown' WHEN rescues >= $4 THEN 'dead' ELSE "
                "'scheduled' END,"
                " finished_ms = CASE WHEN sent <> 2 AND rescues >= $4 THEN $2 ELSE 0 END,"
                " error = CASE WHEN sent <> 2 AND rescues >= $4 THEN 'The program died each time "
                "it tried this.' ELSE error END,"
                /* One that was running each time that the program died may be why: it lets others
                   go first. */
                " run_at_ms = $2 + CASE WHEN sent = 2 THEN $3 WHEN rescues < 4 THEN 0"
                " ELSE min(60000, 100 << min(rescues - 4, 10)) END, sent = 0"
                " WHERE state = 'running' AND boot <> $1",
                "tiii", boot, now_ms, settle_ms, (int64_t)JOB_RESCUES_MAX))
        return false;
    *count = db_changes(db);
    return true;
}

bool job_supersede(struct db *db, struct id target, struct error *err)
{
    int64_t now = clock_now();

    return db_run(db, err,
                  "UPDATE jobs SET state = 'cancelled', finished_ms = $2, updated_ms = $2"
                  " WHERE target_id = $1 AND state = 'scheduled' AND reconcile = 0",
                  "ti", target.hex, now) &&
           db_run(db, err,
                  "UPDATE jobs SET superseded = 1, updated_ms = $2 WHERE target_id = $1 AND state "
                  "IN ('scheduled','running','unknown')",
                  "ti", target.hex, now);
}

static bool refuse(struct db *db, int64_t id, const char *verb, struct error *err)
{
    struct job j;
    return job_get(db, id, &j, err) &&
           error_set(err, ERROR_REFUSED, "`ecclesia job list` shows what is under way.",
                     "Job %lld is %s and cannot be %s.", (long long)id, job_state_name(j.state),
                     verb);
}

bool job_retry(struct db *db, int64_t id, struct error *err)
{
    /* The lease may be taken meanwhile by a newer wish with the same key: then this one is over. */
    if (!db_run(db, err,
                "UPDATE jobs SET state = CASE state WHEN 'unknown' THEN 'unknown' ELSE 'scheduled' "
                "END, run_at_ms = $2, attempt = 0,"
                " rescues = 0, finished_ms = 0, updated_ms = $2 WHERE id = $1 AND state IN "
                "('scheduled','dead')"
                " AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.unique_key = jobs.unique_key AND "
                "o.id <> jobs.id"
                " AND o.state IN ('scheduled','running','unknown'))",
                "ii", id, clock_now()))
        return false;
    return db_changes(db) > 0 || refuse(db, id, "tried again", err);
}

bool job_cancel(struct db *db, int64_t id, struct error *err)
{
    if (!db_run(db, err,
                "UPDATE jobs SET state = 'cancelled', finished_ms = $2, updated_ms = $2 WHERE id = "
                "$1 AND state = 'scheduled'"
                " AND reconcile = 0",
                "ii", id, clock_now()))
        return false;
    return db_changes(db) > 0 || refuse(db, id, "cancelled", err);
}

bool job_prune(struct db *db, int64_t before_ms, int most, struct error *err)
{
    return db_run(db, err,
                  "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state IN "
                  "('succeeded','dead','cancelled')"
                  " AND finished_ms < $1 ORDER BY finished_ms LIMIT $2)",
                  "ii", before_ms, (int64_t)most);
}

bool job_count_live(struct db *db, struct id subject, int64_t *count, struct error *err)
{
    struct rows r;

    *count = 0;
    if (!rows_open(&r, db, err,
                   "SELECT count(*) FROM jobs WHERE state IN ('scheduled','running','unknown') AND "
                   "($1 IS NULL OR subject_id = $1"
                   " OR target_id = $1)",
                   "I", subject))
        return false;
    if (rows_next(&r))
        *count = rows_int(&r, 0);
    return rows_close(&r, err);
}

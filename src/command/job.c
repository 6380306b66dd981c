/* The queue as a person sees it. */
#include "command/private.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/store/audit.h>
#include <ecclesia/store/jobs.h>

bool job_list_run(struct command_context *c, const struct command_line *l, struct command_result *r,
                  struct error *err)
{
    struct job_filter f = { .state = -1, .church = c->church.id };
    const char *state = command_value(l, "--state");
    enum job_state s;
    struct job *jobs = NULL;
    size_t count = 0;
    int64_t limit;
    struct db *db;
    cJSON *items;
    bool done;

    if (state && strcmp(state, "live") == 0)
        f.live = true;
    else if (state && !job_state_parse(state, &s))
        return line_wrong(l->command, err,
                          "--state is scheduled, running, unknown, succeeded, dead, cancelled or "
                          "live, not \"%.40s\".",
                          state);
    else if (state)
        f.state = (int)s;
    if (!take_number(l, "--limit", 1, 10000, 200, &limit, err))
        return false;
    f.limit = (size_t)limit;
    if (!db_read(context_store(c), &db, err))
        return false;
    done = job_list(db, &f, &jobs, &count, err);
    db_read_end(db);
    if (!done)
        return false;
    items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(items, shape_job(&jobs[i]));
    free(jobs);
    shape_mark_simulated(items, manager_config(context_manager(c)));
    return result_json(r, "jobs", list_shape(items, false, 0), err);
}

/* The job of this church by its number; another church's is as good as none. */
static bool job_of(struct command_context *c, struct db *db, const struct command_line *l,
                   struct job *out, struct error *err)
{
    const char *s = command_argument(l, 0);
    char *end;
    long long id = strtoll(s, &end, 10);

    if (*end || id <= 0)
        return line_wrong(l->command, err, "ID is a job's number, not \"%.40s\".", s);
    if (job_get(db, id, out, err) && id_equal(out->church, c->church.id))
        return true;
    if (err && err->kind != ERROR_NONE && err->kind != ERROR_MISSING)
        return false;
    return error_set(err, ERROR_MISSING, "See: ecclesia job list", "There is no job %lld.", id);
}

static bool job_audit(struct command_context *c, struct db *db, const struct job *j,
                      const char *action, struct error *err)
{
    char detail[120];

    snprintf(detail, sizeof(detail), "Job %lld (%s)", (long long)j->id, j->kind);
    return audit_add(db,
                     &(struct audit_row){ .church = j->church,
                                          .actor = c->actor,
                                          .action = action,
                                          .object = j->subject.hex,
                                          .platform = platform_slug(j->platform),
                                          .detail = detail },
                     err);
}

static bool job_change(struct command_context *c, const struct command_line *l,
                       struct command_result *r,
                       bool (*change)(struct db *, int64_t, struct error *), const char *action,
                       const char *said, struct error *err)
{
    struct job j;
    struct db *db;

    error_clear(err);
    if (!db_begin(context_store(c), &db, err))
        return false;
    if (!job_of(c, db, l, &j, err) || !change(db, j.id, err) || !job_get(db, j.id, &j, err) ||
        !job_audit(c, db, &j, action, err)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, err))
        return false;
    if (!id_is_none(j.subject) &&
        (text_starts(j.kind, "livestream.") || text_starts(j.kind, "meeting."))) {
        r->kind = text_starts(j.kind, "meeting.") ? SUBJECT_MEETING : SUBJECT_LIVESTREAM;
        r->subject = j.subject;
    }
    result_say(r, "Job %lld (%s on %s) %s.", (long long)j.id, j.kind, platform_name(j.platform),
               said);
    return result_json(r, "job", shape_job(&j), err);
}

bool job_retry_run(struct command_context *c, const struct command_line *l,
                   struct command_result *r, struct error *err)
{
    return take_wait(c, l, r, err) &&
           job_change(c, l, r, job_retry, "job.retried", "is tried again", err);
}

bool job_cancel_run(struct command_context *c, const struct command_line *l,
                    struct command_result *r, struct error *err)
{
    return job_change(c, l, r, job_cancel, "job.cancelled", "is cancelled", err);
}

/* ---- drain ---- */

/* Jobs at work or due now, those that wait for later, and when the first of these is due (0 never).
 * All churches. */
static bool jobs_count(struct command_context *c, int *due, int *later, int64_t *next_ms,
                       struct error *err)
{
    struct job_filter f = { .state = -1, .live = true, .limit = 10000 };
    int64_t now = clock_now();
    struct job *jobs = NULL;
    size_t count = 0;
    struct db *db;
    bool done;

    *due = *later = 0;
    *next_ms = 0;
    if (!db_read(context_store(c), &db, err))
        return false;
    done = job_list(db, &f, &jobs, &count, err);
    db_read_end(db);
    if (!done)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool waits = jobs[i].state != JOB_RUNNING && jobs[i].run_at_ms > now;

        *due += !waits;
        *later += waits;
        if (waits && (*next_ms == 0 || jobs[i].run_at_ms < *next_ms))
            *next_ms = jobs[i].run_at_ms;
    }
    free(jobs);
    return true;
}

static bool drain_wait(struct command_context *c, struct watch *w, int64_t end_mono, int *later,
                       struct error *err)
{
    for (;;) {
        struct pollfd fd = { .fd = watch_fd(w), .events = POLLIN };
        int64_t next_ms;
        int due;

        if (!jobs_count(c, &due, later, &next_ms, err))
            return false;
        if (due == 0)
            return true;
        if (cancel_asked(c->cancel))
            return error_set(err, ERROR_CANCELLED, NULL, "Stopped; %d jobs are left in the queue.",
                             due + *later);
        if (end_mono && clock_mono() >= end_mono)
            return error_set(err, ERROR_TIMEOUT, "See: ecclesia job list",
                             "%d jobs are still under way.", due);
        /* A look now and then besides, because a job that becomes due and a cancel change nothing
         * in the store. */
        poll(&fd, 1, 200);
        watch_changed(w);
    }
}

bool job_drain_run(struct command_context *c, const struct command_line *l,
                   struct command_result *r, struct error *err)
{
    const char *timeout = command_value(l, "--timeout");
    int64_t ms = 0;
    struct watch *w;
    bool working, done;
    int later = 0;
    cJSON *json;

    if (timeout && !config_duration(timeout, &ms))
        return line_wrong(l->command, err,
                          "--timeout wants seconds, or a time such as 90s or 5m, not \"%.40s\".",
                          timeout);
    if (!engine_work(c->engine, true, &working, err) || !watch_open(&w, context_store(c), err))
        return false;
    done = drain_wait(c, w, timeout ? clock_mono() + ms : 0, &later, err);
    watch_close(w);
    if (!done)
        return false;
    if (later == 0)
        result_say(r, "The queue is empty.");
    else
        result_say(r, "Nothing is due now; %d job%s later.", later,
                   later == 1 ? " waits for" : "s wait for");
    json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "waiting", later);
    return result_json(r, "said", json, err);
}

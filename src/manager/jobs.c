#include "manager/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/zone.h>

/* What each job kind does: the adapter's operation on a worker, then the target's new state, in the
 * transaction that ends the job. */

static const struct {
    const char *kind;
    enum work_verb verb;
} kinds[] = {
    { "livestream.create", WORK_CREATE }, { "livestream.update", WORK_UPDATE },
    { "livestream.start", WORK_START },   { "livestream.stop", WORK_STOP },
    { "livestream.remove", WORK_REMOVE }, { "meeting.create", WORK_CREATE },
    { "meeting.update", WORK_UPDATE },    { "meeting.cancel", WORK_CANCEL },
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

static enum work_verb verb_of(const char *kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kinds[i].kind, kind) == 0)
            return kinds[i].verb;
    }
    return WORK_POLL;
}

static void run(const struct job *job, struct cancel *cancel, void *context, struct verdict *out,
                void **state)
{
    struct manager *m = context;
    struct work *w = calloc(1, sizeof *w);

    out->wish = VERDICT_FAILED;
    if (!w) {
        error_set(&out->error, ERROR_MEMORY, "Close other programs.", "Out of memory.");
        return;
    }
    if (!work_load(w, m, job->target, &out->error)) {
        free(w);
        /* Deleted meanwhile: there is nothing left to do. */
        if (out->error.kind == ERROR_MISSING)
            out->wish = VERDICT_DONE;
        return;
    }
    *state = w;
    w->verb = verb_of(job->kind);
    /* Too late to begin, but not to see whether it has begun. */
    bool late = job->deadline_ms && clock_now() > job->deadline_ms && !job->superseded;
    bool done = work_do(w, job, job->reconcile, job->superseded || late, cancel);
    if (!done) {
        out->error = w->error;
    } else if (late) {
        error_set(&out->error, ERROR_REFUSED, "Press s to start it now if it is still wanted.",
                  "It was too late to carry this out.");
        w->error = out->error;
    } else if (w->outcome.again_ms > 0 && !job->superseded) {
        out->wish = VERDICT_WAIT;
        out->wait_ms = w->outcome.again_ms / manager_pace();
    } else {
        out->wish = VERDICT_DONE;
    }
}

static void drop(void *state)
{
    struct work *w = state;

    work_release(w);
    free(w);
}

/* ---- telling ---- */

static bool tell_target(struct db *db, const struct work *w, enum event_level level,
                        const char *kind, const char *remedy, struct error *err, const char *what)
{
    return tell(db,
                &(struct tell){ .church = w->target.church,
                                .subject = w->target.subject,
                                .level = level,
                                .platform = (int)w->target.platform,
                                .kind = kind,
                                .remedy = remedy,
                                .simulated = w->connection.simulated },
                err, "%s: %s", work_title(w), what);
}

static const char *done_word(const struct work *w, const struct target *t)
{
    bool meeting = t->kind == SUBJECT_MEETING;

    switch (w->verb) {
    case WORK_CREATE:
        return t->status == TARGET_LIVE ? "live"
               : meeting                ? "the link is ready"
                                        : "created and waiting for its start";
    case WORK_UPDATE:
        return "changed there too";
    case WORK_START:
        return t->status == TARGET_LIVE ? "live" : "started";
    case WORK_STOP:
        return "ended";
    case WORK_REMOVE:
        return "deleted there";
    case WORK_CANCEL:
        return "cancelled there";
    case WORK_POLL:
        break;
    }
    return "";
}

static const char *verb_word(enum work_verb verb)
{
    static const char *const words[] = {
        [WORK_CREATE] = "create", [WORK_UPDATE] = "change", [WORK_START] = "start",
        [WORK_STOP] = "stop",     [WORK_REMOVE] = "delete", [WORK_CANCEL] = "cancel",
        [WORK_POLL] = "check",
    };
    return words[verb];
}

/* The same trouble again is not told again: the target shows the count. */
static bool tell_retry(struct db *db, const struct work *w, const struct target *before,
                       const struct fate *fate, struct error *err)
{
    char what[600], at[40];

    bool counted = error_policy(fate->error.kind)->uses_attempt;
    if (text_equal(before->error, fate->error.message) && (before->attempts > 1 || !counted))
        return true;
    zone_clock(at, sizeof at, w->zone, fate->next_ms, true);
    if (counted)
        snprintf(what, sizeof what, "%s (attempt %d, next %s)", fate->error.message, fate->attempt,
                 at);
    else
        snprintf(what, sizeof what, "%s (next %s)", fate->error.message, at);
    return tell_target(db, w, EVENT_WARNING, "target.retry", fate->error.remedy, err, what);
}

/* ---- the target's new state ---- */

/* A change of its words brings a target that has failed no nearer to where it shall be: why it
 * failed stays to be read. */
static bool stays_failed(const struct work *w, const struct target *t)
{
    return w->verb == WORK_UPDATE && t->status == TARGET_FAILED;
}

/* A change may take away there what cannot stay (a start that was moved too far ahead): it is made
 * again in its time, as another object. */
static bool make_again(struct work *w, struct db *db, struct target *t, bool had, struct error *err)
{
    if (w->verb != WORK_UPDATE || !had || t->remote_id[0] || t->status != TARGET_PENDING)
        return true;
    t->generation++;
    return subject_enqueue(w->m, db, t, "create", 0, err);
}

static bool apply_done(struct work *w, struct db *db, struct target *t, bool superseded,
                       struct error *err)
{
    struct error missed = { 0 };
    bool failed = stays_failed(w, t), had = t->remote_id[0] != '\0';
    bool ok = work_take(w, db, t, &w->outcome, err) && make_again(w, db, t, had, err);

    /* It is live, and under the words of before. */
    if (ok && w->verb == WORK_START)
        ok = subject_missed_change(db, t->id, &missed, err);
    if (failed)
        t->status = TARGET_FAILED;
    else
        ok = ok && target_set_error(t, missed.kind ? &missed : NULL);
    t->attempts = 0;
    t->next_attempt_ms = 0;
    if (w->asked)
        t->checked_ms = clock_now();
    /* Of a wish that a newer one replaced only the look-up was done: nothing to tell. */
    return ok &&
           (superseded || tell_target(db, w, EVENT_INFO, "target.done", "", err, done_word(w, t)));
}

static bool apply_waiting(struct work *w, struct db *db, struct target *t, const struct fate *fate,
                          struct error *err)
{
    if (stays_failed(w, t))
        return true;
    bool told = text_equal(t->note, w->has_outcome ? w->outcome.note : "");
    bool ok =
        !w->has_outcome || w->error.kind != ERROR_NONE || work_take(w, db, t, &w->outcome, err);

    ok = ok && target_set_error(t, NULL);
    t->next_attempt_ms = fate->next_ms;
    t->attempts = 0;
    if (w->error.kind == ERROR_NONE)
        t->checked_ms = clock_now();
    return ok && (told || !t->note[0] ||
                  tell_target(db, w, EVENT_INFO, "target.waiting", "", err, t->note));
}

static bool apply_again(struct work *w, struct db *db, struct target *t, const struct fate *fate,
                        struct error *err)
{
    bool ok = tell_retry(db, w, t, fate, err);

    if (stays_failed(w, t))
        return ok;
    ok = ok && target_set_error(t, &fate->error);
    /* A wait is no try. */
    t->attempts = fate->attempt - !error_policy(fate->error.kind)->uses_attempt;
    t->next_attempt_ms = fate->next_ms;
    return ok && text_replace(
                     &t->note,
                     fate->unknown ? "The answer was lost: looking there whether it was done" : "");
}

static bool apply_dead(struct work *w, struct db *db, struct target *t, const struct fate *fate,
                       struct error *err)
{
    char what[600];
    bool begins = w->verb == WORK_CREATE || w->verb == WORK_START;

    /* What is on air stays on air when a change of its title fails. */
    if (begins || t->status != TARGET_LIVE)
        t->status = w->verb == WORK_UPDATE ? t->status : TARGET_FAILED;
    t->attempts = fate->attempt;
    t->next_attempt_ms = 0;
    /* Deleted there by somebody: a retry makes it anew. */
    if (w->has_outcome && w->outcome.gone &&
        (!text_replace(&t->remote_id, "") || !text_replace(&t->url, "")))
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    snprintf(what, sizeof what, "could not %s: %s", verb_word(w->verb), fate->error.message);
    return target_set_error(t, &fate->error) && text_replace(&t->note, "") &&
           tell_target(db, w, EVENT_ERROR, "target.failed", fate->error.remedy, err, what);
}

static bool apply_fate(struct work *w, struct db *db, struct target *t, const struct fate *fate,
                       bool superseded, struct error *err)
{
    if (fate->done)
        return apply_done(w, db, t, superseded, err);
    if (fate->dead)
        return apply_dead(w, db, t, fate, err);
    if (fate->waiting)
        return apply_waiting(w, db, t, fate, err);
    if (fate->cancelled) {
        t->next_attempt_ms = 0;
        return target_set_error(t, NULL) && text_replace(&t->note, "");
    }
    return apply_again(w, db, t, fate, err);
}

/* The last target that is removed takes its livestream with it. */
static bool remove_target(struct work *w, struct db *db, bool *gone, struct error *err)
{
    struct livestream l = { 0 };

    if (!tell_target(db, w, EVENT_INFO, "target.removed", "", err, "deleted there") ||
        !target_delete(db, w->target.id, err) || !livestream_get(db, w->target.subject, &l, err))
        return false;
    *gone = l.target_count == 0;
    livestream_release(&l);
    return !*gone || livestream_remove(db, w->target.subject, err);
}

/* A job that died without having been run: it came too late, or the program died each time that it
 * was. */
static bool apply_unrun(struct db *db, const struct job *job, const struct fate *fate,
                        struct manager *m, struct error *err)
{
    struct error why = { 0 };
    struct work w;

    if (!fate->dead)
        return true;
    if (!work_read(&w, m, db, job->target, &why))
        return why.kind == ERROR_MISSING || error_set(err, why.kind, why.remedy, "%s", why.message);
    w.verb = verb_of(job->kind);
    bool ok = apply_dead(&w, db, &w.target, fate, err) && target_save(db, &w.target, err) &&
              subject_judge(m, db, w.target.kind, w.target.subject, err);
    work_release(&w);
    return ok;
}

static bool apply(struct db *db, const struct job *job, const struct fate *fate, void *context,
                  void *state, struct error *err)
{
    struct work *w = state;
    struct target t = { 0 };
    struct error why = { 0 };
    bool gone = false;

    if (!w)
        return apply_unrun(db, job, fate, context, err);
    if (!target_get(db, w->target.id, &t, &why))
        return why.kind == ERROR_MISSING || error_set(err, why.kind, why.remedy, "%s", why.message);
    bool ok = work_note_connection(w, db, err);
    if (ok && fate->done && w->verb == WORK_REMOVE) {
        ok = remove_target(w, db, &gone, err);
    } else if (ok && !(fate->done && w->idle)) {
        ok = apply_fate(w, db, &t, fate, job->superseded, err) && target_save(db, &t, err);
    }
    if (ok && !gone)
        ok = subject_judge(context, db, t.kind, t.subject, err);
    target_release(&t);
    return ok;
}

void manager_register_jobs(struct manager *m, struct queue *q)
{
    _Static_assert(sizeof kinds / sizeof *kinds <= sizeof m->kinds / sizeof *m->kinds,
                   "the manager keeps a row a kind");
    for (size_t i = 0; i < KIND_COUNT; i++) {
        m->kinds[i] = (struct job_kind){
            .name = kinds[i].kind, .run = run, .apply = apply, .drop = drop, .context = m
        };
        queue_register(q, &m->kinds[i]);
    }
}

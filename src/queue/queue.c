#include <ecclesia/queue/queue.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/crash.h>
#include <ecclesia/base/lock.h>
#include <ecclesia/base/log.h>
#include <ecclesia/store/ballast.h>
#include <ecclesia/store/jobs.h>

#include "queue/watcher.h"

/* One worker at a time, the claimer, looks for the next job and waits for it to be due; when it has
 * one it hands that part on and runs the job. So an idle queue waits on one condition, without a
 * time-out when nothing is scheduled. */

/* One is for all work, one for stops alone. */
enum { WORKERS_LEAST = 2, WORKERS_MAX = 32, KINDS_MAX = 32, FULL_MS = 2000 };

struct slot {
    bool used;
    int64_t job;
    enum platform_id platform;
    struct cancel *cancel;
    bool
        creating; /* a creating request went out; whether its result is saved stands in the store */
    bool look_up; /* was superseded before it was claimed: it only makes certain, and nobody cancels
                     that */
};

struct queue {
    struct store *store;
    struct queue_options options;
    const struct job_kind *kinds[KINDS_MAX];
    size_t kind_count;
    char boot[33];

    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t news;   /* claimer: a wake, a job's end, a stop */
    pthread_cond_t turn;   /* others: the claimer's part is free */
    pthread_t threads[WORKERS_MAX];
    int thread_count;
    struct slot slots[WORKERS_MAX];
    int running;
    int per_platform[PLATFORM_COUNT];
    bool claiming, stopping, started;
    uint64_t wakes;

    struct watcher *watcher; /* NULL when it does not run */
};

bool queue_new(struct queue **out, struct store *store, const struct queue_options *options,
               struct error *err)
{
    struct queue *q = calloc(1, sizeof *q);

    if (!q)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    q->store = store;
    q->options = *options;
    if (q->options.settle_ms <= 0)
        q->options.settle_ms = 30000;
    int all = 1;
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        if (q->options.parallel[p] <= 0)
            q->options.parallel[p] = 3;
        all += q->options.parallel[p];
    }
    if (q->options.workers <= 0)
        q->options.workers = all;
    if (q->options.workers < WORKERS_LEAST)
        q->options.workers = WORKERS_LEAST;
    if (q->options.workers > WORKERS_MAX)
        q->options.workers = WORKERS_MAX;
    struct id boot = id_new();
    memcpy(q->boot, boot.hex, sizeof q->boot);
    pthread_mutex_init(&q->mutex, NULL);
    lock_cond_init(&q->news);
    lock_cond_init(&q->turn);
    *out = q;
    return true;
}

void queue_register(struct queue *q, const struct job_kind *kind)
{
    if (q->kind_count < KINDS_MAX)
        q->kinds[q->kind_count++] = kind;
}

static const struct job_kind *find_kind(const struct queue *q, const char *name)
{
    for (size_t i = 0; i < q->kind_count; i++) {
        if (strcmp(q->kinds[i]->name, name) == 0)
            return q->kinds[i];
    }
    return NULL;
}

void queue_wake(struct queue *q)
{
    pthread_mutex_lock(&q->mutex);
    q->wakes++;
    pthread_cond_signal(&q->news);
    pthread_mutex_unlock(&q->mutex);
}

/* Platforms that may not be claimed now, as bits. A stop may go beyond a platform's share by one:
 * else what hangs there would keep the end of a service waiting. */
struct closed {
    unsigned stop, all;
};

/* With the mutex. */
static struct closed closed_platforms(const struct queue *q)
{
    struct closed closed = { 0 };

    for (int p = 0; p < PLATFORM_COUNT; p++) {
        if (q->per_platform[p] > q->options.parallel[p])
            closed.stop |= 1u << p;
        if (q->per_platform[p] >= q->options.parallel[p])
            closed.all |= 1u << p;
    }
    closed.all |= closed.stop;
    return closed;
}

/* Without the mutex. Ask those to end whose wish a newer one has replaced. */
static void cancel_superseded(struct queue *q, struct db *db)
{
    int64_t ids[WORKERS_MAX];
    size_t n = 0;

    if (!job_running_superseded(db, ids, WORKERS_MAX, &n, NULL) || n == 0)
        return;
    pthread_mutex_lock(&q->mutex);
    for (size_t i = 0; i < n; i++) {
        for (int s = 0; s < WORKERS_MAX; s++) {
            if (q->slots[s].used && q->slots[s].job == ids[i] && !q->slots[s].look_up)
                cancel_ask(q->slots[s].cancel);
        }
    }
    pthread_mutex_unlock(&q->mutex);
}

/* When the next job is due that may be claimed (0 never), and whether that one is a stop. */
static bool next_due(struct db *db, const struct closed *closed, bool only_stop, int64_t *next_ms,
                     bool *stop, struct error *err)
{
    int64_t other_ms = 0;

    if (!job_next_due(db, closed->stop, true, next_ms, err) ||
        (!only_stop && !job_next_due(db, closed->all, false, &other_ms, err)))
        return false;
    *stop = *next_ms && (!other_ms || *next_ms <= other_ms || *next_ms <= clock_now());
    if (!*stop)
        *next_ms = other_ms;
    return true;
}

/* Whether the disk is full: then looked at again every two seconds. */
static bool is_full(struct queue *q)
{
    bool there;

    if (store_degraded(q->store))
        store_ballast_keep(q->store, &there, NULL);
    return store_degraded(q->store);
}

/* Without the mutex. True when *job was claimed; else *next_ms says when one will be due (0 never;
 * now when the store was busy). */
static bool claim(struct queue *q, const struct closed *closed, bool only_stop, struct job *job,
                  int64_t *next_ms)
{
    struct error err = { 0 };
    struct db *db = NULL;
    int64_t now = clock_now();
    bool stop = false;

    *next_ms = now + 1000;
    /* What could perhaps not be saved is not begun; but a service can always be ended. */
    bool full = is_full(q);
    only_stop = only_stop || full;
    if (!db_read(q->store, &db, &err))
        goto trouble;
    cancel_superseded(q, db);
    bool known = next_due(db, closed, only_stop, next_ms, &stop, &err);
    db_read_end(db);
    if (!known)
        goto trouble;
    if (full && (*next_ms == 0 || *next_ms > now + FULL_MS))
        *next_ms = now + FULL_MS;
    if (*next_ms == 0 || *next_ms > now)
        return false;
    if (!db_begin(q->store, &db, &err))
        goto trouble;
    if (!job_claim(db, stop ? closed->stop : closed->all, stop, q->boot, now, job, &err)) {
        db_rollback(db);
        if (err.kind != ERROR_MISSING)
            goto trouble;
        return false;
    }
    if (!db_commit(db, &err))
        goto trouble;
    crash_point("queue.claimed");
    return true;
trouble:
    *next_ms = now + 1000;
    log_line("queue", "cannot claim: %s", err.message);
    return false;
}

/* A wish that a newer one has replaced is not tried again, unless it was looking whether something
 * is there: that goes on until it is known, for the newer wish relies on it. */
static void give_up_waiting(const struct job *job, struct fate *fate, struct db *db)
{
    struct job fresh;

    if (fate->done || fate->dead || fate->unknown || job->reconcile ||
        !job_get(db, job->id, &fresh, NULL) || !fresh.superseded)
        return;
    *fate = (struct fate){ .cancelled = true, .attempt = fate->attempt };
}

static enum job_end end_of(const struct fate *fate)
{
    if (fate->done)
        return JOB_END_DONE;
    if (fate->dead)
        return JOB_END_DEAD;
    if (fate->cancelled)
        return JOB_END_CANCELLED;
    if (fate->unknown)
        return JOB_END_UNKNOWN;
    return fate->waiting || !error_policy(fate->error.kind)->uses_attempt ? JOB_END_SNOOZE
                                                                          : JOB_END_AGAIN;
}

/* One transaction: the record's change, its event, the job's end. */
static bool write_end(struct queue *q, const struct job *job, const struct job_kind *kind,
                      struct fate fate, void *state, struct error *err)
{
    struct db *db = NULL;
    bool fenced = false;

    if (!db_begin(q->store, &db, err))
        return false;
    give_up_waiting(job, &fate, db);
    if (!job_end(db, job, end_of(&fate), fate.next_ms, &fate.error, &fenced, err) ||
        (!fenced && kind && !kind->apply(db, job, &fate, kind->context, state, err))) {
        db_rollback(db);
        return false;
    }
    if (fenced) {
        db_rollback(db);
        log_line("queue", "job %lld was fenced: its result is thrown away", (long long)job->id);
        return true;
    }
    crash_point("queue.applying");
    return db_commit(db, err);
}

static bool pause_while_running(struct queue *q, int64_t ms)
{
    pthread_mutex_lock(&q->mutex);
    if (!q->stopping)
        lock_wait(&q->turn, &q->mutex, ms);
    bool go_on = !q->stopping;
    pthread_mutex_unlock(&q->mutex);
    return go_on;
}

/* What a platform answered is not thrown away because the disk is full or another writer is slow:
 * it is tried until it can be saved, or until the engine stops; then the next engine looks at the
 * platform again. What cannot be saved for another reason ends the job, so that it does not hold a
 * worker for ever. */
static void finish(struct queue *q, const struct job *job, const struct job_kind *kind,
                   const struct fate *fate, void *state)
{
    struct error err = { 0 };

    for (int i = 0; !write_end(q, job, kind, *fate, state, &err); i++) {
        bool passing =
            err.kind == ERROR_STORE_FULL || err.kind == ERROR_STORE_BUSY || err.kind == ERROR_STORE;
        log_line("queue", "job %lld cannot be saved: %s", (long long)job->id, err.message);
        if (!passing && i >= 5) {
            struct fate dead = { .dead = true, .attempt = fate->attempt, .error = err };
            write_end(q, job, NULL, dead, NULL, NULL);
            return;
        }
        if (!pause_while_running(q, i < 5 ? 200 : 2000))
            return;
    }
}

static struct fate judge(struct queue *q, const struct job *job, const struct verdict *v,
                         bool creating)
{
    int64_t now = clock_now();

    if (v->wish == VERDICT_DONE)
        return (struct fate){ .done = true, .attempt = job->attempt };
    if (v->wish == VERDICT_WAIT)
        return (
            struct fate){ .waiting = true, .attempt = job->attempt, .next_ms = now + v->wait_ms };
    return queue_decide(job, &v->error, creating, &q->options, now);
}

/* Whether a creating request is out whose result is not saved. A transaction that was to save it
 * may have failed, on a full disk say: so the store is asked. Who cannot be asked has not saved it
 * either. */
static bool is_creating(struct queue *q, const struct slot *slot, const struct job *job)
{
    struct db *db = NULL;
    bool creating;

    pthread_mutex_lock(&q->mutex);
    creating = slot->creating;
    pthread_mutex_unlock(&q->mutex);
    if (!creating || !db_read(q->store, &db, NULL))
        return creating;
    if (!job_creating(db, job, &creating, NULL))
        creating = true;
    db_read_end(db);
    return creating;
}

static void run_job(struct queue *q, struct slot *slot, const struct job *job)
{
    const struct job_kind *kind = find_kind(q, job->kind);
    struct verdict v = { .wish = VERDICT_FAILED };
    void *state = NULL;

    if (!kind)
        error_set(&v.error, ERROR_INTERNAL, "Update ecclesia.",
                  "This program does not know the work \"%s\".", job->kind);
    else if (job->deadline_ms && clock_now() > job->deadline_ms && !job->reconcile)
        error_set(&v.error, ERROR_REFUSED, "Press s to start it now if it is still wanted.",
                  "It was too late to carry this out.");
    else
        kind->run(job, slot->cancel, kind->context, &v, &state);

    struct fate fate = judge(q, job, &v, v.wish == VERDICT_FAILED && is_creating(q, slot, job));
    finish(q, job, kind, &fate, state);
    if (kind && kind->drop && state)
        kind->drop(state);
}

/* With the mutex. NULL when all are taken, which cannot be: there is a slot a worker. */
static struct slot *slot_take(struct queue *q, const struct job *job)
{
    for (int i = 0; i < WORKERS_MAX; i++) {
        struct slot *s = &q->slots[i];
        if (!s->used) {
            *s = (struct slot){ .used = true,
                                .job = job->id,
                                .platform = job->platform,
                                .cancel = cancel_new(),
                                .look_up = job->superseded };
            q->running++;
            q->per_platform[job->platform]++;
            return s;
        }
    }
    return NULL;
}

static void slot_give(struct queue *q, struct slot *s)
{
    cancel_free(s->cancel);
    q->per_platform[s->platform]--;
    q->running--;
    *s = (struct slot){ 0 };
    q->wakes++;
    pthread_cond_signal(&q->news);
}

/* With the mutex, as the claimer: waits until there is a job, or the stop. */
static struct slot *next_job(struct queue *q, struct job *job)
{
    while (!q->stopping) {
        uint64_t seen = q->wakes;
        int64_t next_ms = 0;
        struct closed closed = closed_platforms(q);
        /* The last free worker waits for a stop: ending a service never queues behind other work.
         */
        bool only_stop = q->running >= q->thread_count - 1;

        pthread_mutex_unlock(&q->mutex);
        bool claimed = claim(q, &closed, only_stop, job, &next_ms);
        pthread_mutex_lock(&q->mutex);
        if (claimed) {
            struct slot *slot = slot_take(q, job);
            /* queue_stop() has asked those to end that it knew. */
            if (q->stopping)
                cancel_ask(slot->cancel);
            return slot;
        }
        if (q->stopping || q->wakes != seen)
            continue;
        int64_t wait = next_ms - clock_now();
        lock_wait(&q->news, &q->mutex, !next_ms ? -1 : wait < 1 ? 1 : wait);
    }
    return NULL;
}

static void *worker(void *argument)
{
    struct queue *q = argument;

    pthread_mutex_lock(&q->mutex);
    while (!q->stopping) {
        if (q->claiming) {
            lock_wait(&q->turn, &q->mutex, -1);
            continue;
        }
        struct job job;
        q->claiming = true;
        struct slot *slot = next_job(q, &job);
        q->claiming = false;
        pthread_cond_broadcast(&q->turn);
        if (!slot)
            break;
        pthread_mutex_unlock(&q->mutex);
        run_job(q, slot, &job);
        pthread_mutex_lock(&q->mutex);
        slot_give(q, slot);
    }
    pthread_mutex_unlock(&q->mutex);
    return NULL;
}

/* What the recovery gave up: its target has to say so. */
static bool tell_given_up(struct queue *q, struct db *db, int64_t now_ms, struct error *err)
{
    struct job *jobs = NULL;
    size_t n = 0;
    bool ok = job_list(db, &(struct job_filter){ .state = JOB_DEAD }, &jobs, &n, err);

    for (size_t i = 0; ok && i < n; i++) {
        const struct job_kind *kind = find_kind(q, jobs[i].kind);
        struct fate fate = { .dead = true, .attempt = jobs[i].attempt };
        if (!kind || jobs[i].finished_ms != now_ms)
            continue;
        error_set(&fate.error, ERROR_INTERNAL, "Try it again; if it happens once more, report it.",
                  "%s", jobs[i].error);
        ok = kind->apply(db, &jobs[i], &fate, kind->context, NULL, err);
    }
    free(jobs);
    return ok;
}

static bool recover(struct queue *q, struct error *err)
{
    struct db *db = NULL;
    int64_t count = 0;
    int64_t now = clock_now();

    if (!db_begin(q->store, &db, err))
        return false;
    if (!job_recover(db, q->boot, now, q->options.settle_ms, &count, err) ||
        (count && !tell_given_up(q, db, now, err)) ||
        !job_prune(db, now - 30 * 86400 * INT64_C(1000), 500, err)) {
        db_rollback(db);
        return false;
    }
    if (count)
        log_line("queue", "took over %lld jobs that another run left", (long long)count);
    return db_commit(db, err);
}

bool queue_start(struct queue *q, struct error *err)
{
    if (!recover(q, err) || !watcher_start(&q->watcher, q->store, q, err))
        return false;
    pthread_mutex_lock(&q->mutex);
    q->stopping = false;
    q->started = true;
    q->thread_count = q->options.workers;
    int made = 0;
    while (made < q->options.workers && pthread_create(&q->threads[made], NULL, worker, q) == 0)
        made++;
    q->thread_count = made;
    pthread_mutex_unlock(&q->mutex);
    if (made == q->options.workers)
        return true;
    queue_stop(q, 0);
    return error_set(err, ERROR_INTERNAL, "Raise the limit of processes (ulimit -u).",
                     "The worker threads could not be started.");
}

void queue_stop(struct queue *q, int64_t grace_ms)
{
    pthread_mutex_lock(&q->mutex);
    if (!q->started) {
        pthread_mutex_unlock(&q->mutex);
        return;
    }
    q->stopping = true;
    q->started = false;
    int64_t end = clock_mono() + grace_ms;
    pthread_cond_broadcast(&q->turn);
    pthread_cond_broadcast(&q->news);
    while (q->running > 0 && clock_mono() < end)
        lock_wait(&q->news, &q->mutex, end - clock_mono());
    for (int i = 0; i < WORKERS_MAX; i++) {
        if (q->slots[i].used)
            cancel_ask(q->slots[i].cancel);
    }
    int n = q->thread_count;
    pthread_mutex_unlock(&q->mutex);
    for (int i = 0; i < n; i++)
        pthread_join(q->threads[i], NULL);
    q->thread_count = 0;
    watcher_stop(q->watcher);
    q->watcher = NULL;
}

void queue_free(struct queue *q)
{
    if (!q)
        return;
    queue_stop(q, 0);
    pthread_cond_destroy(&q->news);
    pthread_cond_destroy(&q->turn);
    pthread_mutex_destroy(&q->mutex);
    free(q);
}

static void set_creating(struct queue *q, int64_t job)
{
    pthread_mutex_lock(&q->mutex);
    for (int i = 0; i < WORKERS_MAX; i++) {
        if (q->slots[i].used && q->slots[i].job == job)
            q->slots[i].creating = true;
    }
    pthread_mutex_unlock(&q->mutex);
}

bool queue_sent(struct queue *q, const struct job *job, bool creates, struct error *err)
{
    struct db *db = NULL;
    bool fenced = false;

    if (!db_begin(q->store, &db, err))
        return false;
    if (!job_mark_sent(db, job, creates, &fenced, err)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, err))
        return false;
    if (fenced)
        return error_set(err, ERROR_CANCELLED, "", "The job is not ours any more.");
    if (creates)
        set_creating(q, job->id);
    crash_point("queue.sent");
    return true;
}

bool queue_answered(struct queue *q, struct db *db, const struct job *job, int http_status,
                    struct error *err)
{
    bool fenced = false;

    (void)q;
    return job_mark_answered(db, job, http_status, &fenced, err) &&
           (!fenced || error_set(err, ERROR_CANCELLED, "", "The job is not ours any more."));
}

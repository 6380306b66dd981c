#include "manager/quota.h"
#include "manager/work.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/lock.h>
#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>

/* Asks each platform about its open targets, on a thread of its own so that one that never answers
 * holds up no other. When it asked last is kept in memory: a lost question is asked again. Writes
 * one short transaction an answer. */

enum { TRIED_MAX = 256, SETTLE_MS = 200 };

static const int64_t probe_ms = 6 * 3600 * INT64_C(1000); /* a connection that nothing else uses */
static const int64_t probe_jitter_ms = 20 * 60 * INT64_C(1000); /* not all at the same time */
static const int64_t probe_again_ms = 5 * 60 * INT64_C(1000);   /* one that has trouble */
static const int64_t probe_soon_ms = 60 * INT64_C(1000);        /* … that passes by itself */
static const int64_t slack_ms = 5000;
static const int64_t soon_ms = 20 * 60 * INT64_C(1000); /* "about to begin" */

struct asker {
    struct poller *poller;
    enum platform_id platform;
    pthread_t thread;
    struct cancel *cancel;
    struct {
        struct id id;
        int64_t at_ms; /* monotonic */
    } tried[TRIED_MAX];
    size_t tried_next;
};

struct poller {
    struct manager *m;
    pthread_mutex_t mutex;
    pthread_cond_t news;
    bool stopping;
    uint64_t wakes;
    struct asker askers[PLATFORM_COUNT];
    size_t count;
};

static int64_t last_tried(const struct asker *a, struct id id)
{
    for (size_t i = 0; i < TRIED_MAX; i++) {
        if (id_equal(a->tried[i].id, id))
            return a->tried[i].at_ms;
    }
    return -1;
}

static void note_tried(struct asker *a, struct id id)
{
    for (size_t i = 0; i < TRIED_MAX; i++) {
        if (id_equal(a->tried[i].id, id)) {
            a->tried[i].at_ms = clock_mono();
            return;
        }
    }
    a->tried[a->tried_next].id = id;
    a->tried[a->tried_next].at_ms = clock_mono();
    a->tried_next = (a->tried_next + 1) % TRIED_MAX;
}

/* How often it is worth asking: often while it matters, seldom otherwise. */
static int64_t interval(const struct manager *m, const struct target *t, int64_t start_ms,
                        int64_t end_ms)
{
    int64_t now = clock_now();

    if (t->status == TARGET_LIVE || t->wish == WISH_LIVE)
        return config_ms(m->config, "poll", "live");
    bool about =
        start_ms && now > start_ms - soon_ms && now < (end_ms ? end_ms : start_ms) + soon_ms;
    return config_ms(m->config, "poll", about ? "pending" : "idle");
}

/* In a write transaction. A job may have changed the target since it was read: then its word is the
 * newer one. */
static bool unchanged(const struct target *then, const struct target *now)
{
    return then->status == now->status && then->wish == now->wish &&
           then->checked_ms == now->checked_ms && then->error_kind == now->error_kind &&
           text_equal(then->remote_id, now->remote_id) && text_equal(then->note, now->note);
}

static bool tell_change(struct work *w, struct db *db, const struct target *t,
                        enum target_status before, struct error *err)
{
    const char *kind = t->status == TARGET_FAILED ? "target.failed"
                       : t->status == TARGET_LIVE ? "target.live"
                                                  : "target.changed";
    enum event_level level = t->status == TARGET_FAILED ? EVENT_ERROR : EVENT_INFO;

    if (before == t->status)
        return true;
    return tell(db,
                &(struct tell){ .church = t->church,
                                .subject = t->subject,
                                .level = level,
                                .platform = (int)t->platform,
                                .kind = kind,
                                .remedy = t->remedy,
                                .simulated = w->connection.simulated },
                err, "%s: %s %s %s%s%s", work_title(w), target_status_name(before, t->kind), "→",
                target_status_name(t->status, t->kind), t->error[0] ? ". " : "", t->error);
}

static bool take_answer(struct work *w, struct db *db, struct target *t, struct error *err)
{
    struct error why = { 0 };
    bool over = t->kind == SUBJECT_MEETING && w->meeting.end_ms &&
                clock_now() >= meeting_until_ms(&w->meeting, w->zone);

    if (!work_take(w, db, t, &w->outcome, err))
        return false;
    t->checked_ms = clock_now();
    if (over && t->status == TARGET_PENDING)
        t->status = TARGET_ENDED;
    if (w->outcome.gone && !over) {
        t->status = TARGET_FAILED;
        error_platform(&why, ERROR_NOT_FOUND, platform_slug(t->platform),
                       "Press r to create it again, or delete it.",
                       "It is not on %s any more: somebody deleted it there.",
                       platform_name(t->platform));
        return target_set_error(t, &why) && text_replace(&t->remote_id, "") &&
               text_replace(&t->url, "");
    }
    if (t->status == TARGET_FAILED) {
        error_platform(&why, ERROR_SERVER, platform_slug(t->platform),
                       "Put it right there, then press r to try again.", "%s",
                       w->outcome.note[0] ? w->outcome.note : "The platform says that it failed.");
        return target_set_error(t, &why) && text_replace(&t->note, "");
    }
    /* A change that failed is not made by asking how it is: its error stays until it is. */
    return true;
}

static bool write_answer(struct work *w, struct db *db, struct error *err)
{
    struct target t = { 0 };

    if (!work_note_connection(w, db, err) || !target_get(db, w->target.id, &t, err))
        return false;
    enum target_status before = t.status;
    bool ok = true;
    if (w->error.kind == ERROR_NONE && unchanged(&w->target, &t))
        ok = take_answer(w, db, &t, err) && target_save(db, &t, err) &&
             tell_change(w, db, &t, before, err) && subject_judge(w->m, db, t.kind, t.subject, err);
    target_release(&t);
    return ok;
}

static void ask(struct asker *a, struct id target)
{
    struct work w;
    struct error err = { 0 };
    struct db *db = NULL;

    if (!work_load(&w, a->poller->m, target, NULL))
        return;
    w.verb = WORK_POLL;
    bool answered = work_do(&w, NULL, false, false, a->cancel);
    bool told = answered || w.error.kind == ERROR_AUTH || w.error.kind == ERROR_TLS_CERT ||
                w.error.kind == ERROR_CLOCK;
    bool asked =
        w.error.kind != ERROR_BREAKER && w.error.kind != ERROR_RATE && w.error.kind != ERROR_QUOTA;
    if (!answered && asked && w.error.kind != ERROR_CANCELLED)
        log_line("poll", "%s: %s", platform_slug(a->platform), w.error.message);
    if (told && !cancel_asked(a->cancel) && db_begin(a->poller->m->store, &db, &err)) {
        bool ok = write_answer(&w, db, &err);
        if (ok)
            ok = db_commit(db, &err);
        else
            db_rollback(db);
        if (!ok && err.kind != ERROR_MISSING)
            log_line("poll", "%s: cannot save: %s", platform_slug(a->platform), err.message);
    }
    work_release(&w);
}

static bool times_of(struct db *db, const struct target *t, int64_t *start_ms, int64_t *end_ms)
{
    struct livestream l = { 0 };
    struct meeting m = { 0 };
    bool found;

    if (t->kind == SUBJECT_MEETING) {
        char zone[64];
        found = meeting_get(db, t->subject, &m, NULL);
        subject_zone(db, t->church, zone, sizeof zone);
        struct meeting due = meeting_due(&m, t, zone, clock_now());
        *start_ms = due.start_ms;
        *end_ms = due.end_ms;
        meeting_release(&m);
    } else {
        found = livestream_get(db, t->subject, &l, NULL);
        *start_ms = l.start_ms;
        *end_ms = l.end_ms;
        livestream_release(&l);
    }
    return found;
}

/* Seldom when the day's allowance runs low, and hardly at all when only what is kept for starting
 * and stopping is left. */
static int64_t stretched(struct asker *a, int64_t every_ms)
{
    int pressure = quotas_pressure(a->poller->m->quotas, a->platform);

    return pressure >= 100 ? every_ms * 20 : pressure >= 60 ? every_ms * 3 : every_ms;
}

/* The target that is due first; *wait_ms until it is (negative: none). */
static bool next_target(struct asker *a, struct db *db, struct id *out, int64_t *wait_ms)
{
    struct target *list = NULL;
    size_t n = 0;
    int64_t now = clock_mono(), start_ms, end_ms, live;

    *wait_ms = -1;
    if (!target_list_open(db, a->platform, &list, &n, NULL))
        return false;
    for (size_t i = 0; i < n; i++) {
        bool at_work = !job_count_live(db, list[i].id, &live, NULL) || live > 0;
        if (!at_work && times_of(db, &list[i], &start_ms, &end_ms)) {
            int64_t every = stretched(a, interval(a->poller->m, &list[i], start_ms, end_ms));
            int64_t tried = last_tried(a, list[i].id);
            /* What another process, or a job, has just learned is not asked again at once. */
            int64_t age = list[i].checked_ms ? clock_now() - list[i].checked_ms : every;
            int64_t wait = every - (age < 0 ? 0 : age);
            if (tried >= 0 && tried + every - now > wait)
                wait = tried + every - now;
            if (wait < 0)
                wait = 0;
            if (*wait_ms < 0 || wait < *wait_ms) {
                *wait_ms = wait;
                *out = list[i].id;
            }
        }
        target_release(&list[i]);
    }
    free(list);
    return *wait_ms == 0;
}

/* How long after its last answer, or question, a connection is asked whether it works. */
static int64_t probe_every(const struct manager *m, const struct connection *c)
{
    static const char *const passing[] = { "probe_failed", "refresh_unreachable",
                                           "clock",        "tls",
                                           "stale",        "store" };
    int64_t idle = config_ms(m->config, "poll", "idle"), again = probe_again_ms;

    if (c->status == CONNECTION_CONNECTED)
        return probe_ms -
               (int64_t)(strtoul((char[]){ c->id.hex[0], c->id.hex[1], c->id.hex[2], '\0' }, NULL,
                                 16) *
                         (unsigned long)probe_jitter_ms / 4096);
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        if (text_equal(c->reason, passing[i]))
            again = probe_soon_ms;
    }
    return idle < again ? idle : again;
}

/* The same for connections that nothing has used for long. */
static bool next_probe(struct asker *a, struct db *db, struct id *church, int64_t *wait_ms)
{
    struct connection *list = NULL;
    size_t n = 0;
    bool due = false;

    if (!connection_list(db, (struct id){ "" }, &list, &n, NULL))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct connection *c = &list[i];
        bool mine = c->platform == a->platform &&
                    (c->status == CONNECTION_CONNECTED || c->status == CONNECTION_ERROR);
        if (mine) {
            int64_t last = c->last_ok_ms > c->last_probe_ms ? c->last_ok_ms : c->last_probe_ms;
            int64_t tried = last_tried(a, c->id);
            int64_t every = probe_every(a->poller->m, c);
            /* A time to come was written by a clock that was wrong. */
            int64_t wait = last > clock_now() + slack_ms ? 0 : last + every - clock_now();
            int64_t pause = every < probe_again_ms ? every : probe_again_ms;
            /* Nobody knows whether its tokens are still good. */
            if (token_interrupted(a->poller->m->store, db, c->id))
                wait = 0;
            if (tried >= 0 && tried + pause - clock_mono() > wait)
                wait = tried + pause - clock_mono();
            if (wait <= 0 && !due) {
                due = true;
                *church = c->church;
                note_tried(a, c->id);
            } else if (wait > 0 && (*wait_ms < 0 || wait < *wait_ms)) {
                *wait_ms = wait;
            }
        }
        connection_release(c);
    }
    free(list);
    return due;
}

static void probe(struct asker *a, struct id church)
{
    struct connection c = { 0 };
    struct error err = { 0 };

    if (connection_check(a->poller->m, church, a->platform, &(struct actor){ "engine" }, a->cancel,
                         &c, &err))
        connection_release(&c);
}

/* A sign-in whose end is near and was not told of. */
static bool next_warning(struct asker *a, struct db *db, struct id *church)
{
    struct connection *list = NULL;
    size_t n = 0;
    bool due = false;

    if (!connection_list(db, (struct id){ "" }, &list, &n, NULL))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!due && list[i].platform == a->platform && health_review(db, &list[i], NULL) &&
            health_due(db, &list[i])) {
            due = true;
            *church = list[i].church;
        }
        connection_release(&list[i]);
    }
    free(list);
    return due;
}

static bool warn(struct asker *a, struct id church)
{
    struct connection c = { 0 };
    struct db *db = NULL;
    bool warned = false;

    if (!db_begin(a->poller->m->store, &db, NULL))
        return false;
    bool ok = connection_for(db, church, a->platform, &c, NULL) && health_review(db, &c, NULL) &&
              health_warn(db, &c, &warned, NULL);
    connection_release(&c);
    if (ok)
        return db_commit(db, NULL) && warned;
    db_rollback(db);
    return false;
}

/* One thing to do, or how long there is none. */
static bool step(struct asker *a, int64_t *wait_ms)
{
    struct id target, church;
    struct db *db = NULL;

    *wait_ms = 1000;
    if (!db_read(a->poller->m->store, &db, NULL))
        return false;
    bool target_due = next_target(a, db, &target, wait_ms);
    bool probe_due = !target_due && next_probe(a, db, &church, wait_ms);
    bool warning_due = !target_due && !probe_due && next_warning(a, db, &church);
    db_read_end(db);
    if (target_due) {
        note_tried(a, target);
        ask(a, target);
    } else if (probe_due) {
        probe(a, church);
    }
    return target_due || probe_due || (warning_due && warn(a, church));
}

static void *asker_main(void *argument)
{
    struct asker *a = argument;
    struct poller *p = a->poller;

    pthread_mutex_lock(&p->mutex);
    while (!p->stopping) {
        uint64_t seen = p->wakes;
        int64_t wait_ms;
        pthread_mutex_unlock(&p->mutex);
        bool did = step(a, &wait_ms);
        pthread_mutex_lock(&p->mutex);
        if (did || p->stopping)
            continue;
        bool in_time = true;
        while (!p->stopping && p->wakes == seen && in_time)
            in_time = lock_wait(&p->news, &p->mutex, wait_ms);
        /* News come in bursts: look once, after them. */
        int64_t quiet = clock_mono() + SETTLE_MS;
        while (!p->stopping && p->wakes != seen && clock_mono() < quiet)
            lock_wait(&p->news, &p->mutex, quiet - clock_mono());
    }
    pthread_mutex_unlock(&p->mutex);
    return NULL;
}

bool poller_start(struct manager *m, struct error *err)
{
    struct poller *p = calloc(1, sizeof *p);

    if (!p)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    p->m = m;
    if (!jump_start(m, err)) {
        free(p);
        return false;
    }
    pthread_mutex_init(&p->mutex, NULL);
    lock_cond_init(&p->news);
    m->poller = p;
    for (int i = 0; i < PLATFORM_COUNT; i++) {
        struct asker *a = &p->askers[p->count];
        if (!platform_get((enum platform_id)i))
            continue;
        a->poller = p;
        a->platform = (enum platform_id)i;
        a->cancel = cancel_new();
        if (!a->cancel || pthread_create(&a->thread, NULL, asker_main, a) != 0) {
            cancel_free(a->cancel);
            poller_stop(m);
            return error_set(err, ERROR_INTERNAL, "Raise the limit of processes (ulimit -u).",
                             "The poller's threads could not be started.");
        }
        p->count++;
    }
    return true;
}

void poller_stop(struct manager *m)
{
    struct poller *p = m->poller;

    if (!p)
        return;
    jump_stop(m);
    pthread_mutex_lock(&p->mutex);
    p->stopping = true;
    pthread_cond_broadcast(&p->news);
    pthread_mutex_unlock(&p->mutex);
    for (size_t i = 0; i < p->count; i++)
        cancel_ask(p->askers[i].cancel);
    for (size_t i = 0; i < p->count; i++) {
        pthread_join(p->askers[i].thread, NULL);
        cancel_free(p->askers[i].cancel);
    }
    pthread_cond_destroy(&p->news);
    pthread_mutex_destroy(&p->mutex);
    free(p);
    m->poller = NULL;
}

void poller_wake(struct manager *m)
{
    struct poller *p = m->poller;

    if (!p)
        return;
    pthread_mutex_lock(&p->mutex);
    p->wakes++;
    pthread_cond_broadcast(&p->news);
    pthread_mutex_unlock(&p->mutex);
}

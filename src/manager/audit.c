/* The audit: which events are kept for good; and the thread that seals what processes without the
 * key have written, and looks after the reserve on the disk. */
#include "manager/private.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>
#include <ecclesia/oauth/flow.h>
#include <ecclesia/store/ballast.h>
#include <ecclesia/vault/audit.h>

/* ---- which events ---- */

/* by_person: the same kind comes from the engine too, as a matter of course. failed: it tells of a
 * failure. */
static const struct {
    const char *kind;
    bool by_person, failed;
} audited[] = {
    { "church.created", false, false },          { "connection.connected", false, false },
    { "connection.disconnected", false, false }, { "connection.expired", false, true },
    { "connection.error", false, true },         { "livestream.created", true, false },
    { "livestream.edited", true, false },        { "livestream.starting", true, false },
    { "livestream.stopping", true, false },      { "livestream.deleted", true, false },
    { "meeting.created", true, false },          { "meeting.edited", true, false },
    { "meeting.cancelled", true, false },        { "target.retry", true, false },
    { "meeting.host_link", true, false },
};

bool audit_event(struct db *db, const struct event *e, struct error *err)
{
    bool person = e->actor && strcmp(e->actor, "engine") != 0;

    for (size_t i = 0; i < sizeof audited / sizeof *audited; i++) {
        if (strcmp(audited[i].kind, e->kind) != 0 || (audited[i].by_person && !person))
            continue;
        return audit_add(
            db,
            &(struct audit_row){
                .church = e->church,
                .actor = e->actor,
                .action = e->kind,
                .object = e->subject.hex,
                .platform = e->platform >= 0 ? platform_slug((enum platform_id)e->platform) : "",
                .detail = e->text,
                .failed = audited[i].failed,
                .simulated = e->simulated },
            err);
    }
    return true;
}

/* ---- the thread ---- */

/* Commits come in bursts; a row waits for its seal less than a second. */
enum { SETTLE_MS = 200, DEGRADED_MS = 3000, HOUR_MS = 3600 * 1000, HEAD_ROWS = 100 };
static const int64_t prune_every_ms = 24 * 3600 * INT64_C(1000);

struct auditor {
    struct manager *m;
    pthread_t thread;
    struct watch *watch;
    int end;               /* eventfd */
    int64_t head, head_at; /* the head that was logged last, and when (monotonic) */
    int64_t pruned_at;     /* monotonic; negative: not yet */
    bool degraded;         /* as it was told last */
};

static bool waits(struct auditor *a)
{
    int64_t seq = 0, at_ms, count;
    struct db *db = NULL;

    if (!db_read(a->m->store, &db, NULL))
        return false;
    audit_waiting(db, &seq, &at_ms, &count, NULL);
    db_read_end(db);
    return seq > 0;
}

static void seal_waiting(struct auditor *a)
{
    struct error err = { 0 };
    struct db *db = NULL;

    if (vault_locked(a->m->vault) || !waits(a) || !db_begin(a->m->store, &db, &err))
        return;
    bool ok = vault_audit_seal(a->m->vault, db, &err);
    if (ok)
        ok = db_commit(db, &err);
    else
        db_rollback(db);
    if (!ok)
        log_line("audit", "rows cannot be sealed: %s", err.message);
}

/* Outside the database, where a copy put in its place cannot reach: now and then the head goes to
 * the log. */
static void log_head(struct auditor *a)
{
    char head[100] = "";
    struct db *db = NULL;

    if (!db_read(a->m->store, &db, NULL))
        return;
    vault_audit_head(db, head, sizeof head, NULL);
    db_read_end(db);
    int64_t seq = strtoll(head, NULL, 10);
    if (seq == a->head ||
        (a->head >= 0 && seq - a->head < HEAD_ROWS && clock_mono() - a->head_at < HOUR_MS))
        return;
    log_line("audit", "head %s", head);
    a->head = seq;
    a->head_at = clock_mono();
}

/* No write transaction is begun for nothing. */
static bool has_old(struct auditor *a, int64_t before_ms)
{
    struct db *db = NULL;
    int64_t seq = 0;

    if (!db_read(a->m->store, &db, NULL))
        return false;
    audit_older(db, before_ms, &seq, NULL);
    db_read_end(db);
    return seq > 0;
}

static void prune(struct auditor *a)
{
    int64_t keep = config_ms(a->m->config, "audit", "keep"), count = 0;
    struct error err = { 0 };
    struct db *db = NULL;

    if (keep <= 0 || vault_locked(a->m->vault) ||
        (a->pruned_at >= 0 && clock_mono() - a->pruned_at < prune_every_ms))
        return;
    a->pruned_at = clock_mono();
    if (!has_old(a, clock_now() - keep) || !db_begin(a->m->store, &db, &err))
        return;
    if (!vault_audit_prune(a->m->vault, db, clock_now() - keep, "engine", &count, &err) ||
        count == 0)
        db_rollback(db);
    else
        db_commit(db, &err);
    if (err.kind != ERROR_NONE)
        log_line("audit", "old rows cannot be dropped: %s", err.message);
}

static void tell_degraded(struct auditor *a, bool degraded)
{
    struct event event = {
        .level = degraded ? EVENT_ERROR : EVENT_INFO,
        .platform = -1,
        .kind = (char *)(degraded ? "store.full" : "store.recovered"),
        .text = (char *)(degraded ? "The disk is full: what is under way is saved, and nothing but "
                                    "stopping is begun."
                                  : "The disk has room again; work goes on."),
        .remedy = (char *)(degraded ? "Free some space on the disk of the database." : ""),
    };
    struct db *db = NULL;

    if (!db_begin(a->m->store, &db, NULL))
        return;
    if (event_add(db, &event, NULL))
        db_commit(db, NULL);
    else
        db_rollback(db);
}

/* How long until another look is due. */
static int keep_ballast(struct auditor *a)
{
    struct error err = { 0 };
    bool there = false;

    if (!store_ballast_keep(a->m->store, &there, &err))
        log_line("store", "%s", err.message);
    if (store_degraded(a->m->store) != a->degraded) {
        a->degraded = !a->degraded;
        tell_degraded(a, a->degraded);
    }
    return a->degraded ? DEGRADED_MS : HOUR_MS;
}

static void *auditor_main(void *argument)
{
    struct auditor *a = argument;
    struct pollfd fds[2] = { { .fd = a->end, .events = POLLIN },
                             { .fd = watch_fd(a->watch), .events = POLLIN } };
    int wait_ms;

    for (;;) {
        seal_waiting(a);
        prune(a);
        flow_forget(a->m->store);
        log_head(a);
        wait_ms = keep_ballast(a);
        do {
            if (poll(fds, 2, wait_ms) < 0 && errno != EINTR)
                return NULL;
            if (fds[0].revents)
                return NULL;
        } while (fds[1].revents && !watch_changed(a->watch));
        if (poll(fds, 1, SETTLE_MS) > 0)
            return NULL;
        watch_changed(a->watch);
    }
}

static void release(struct auditor *a)
{
    if (a->end >= 0)
        close(a->end);
    watch_close(a->watch);
    free(a);
}

bool auditor_start(struct manager *m, struct error *err)
{
    struct auditor *a = calloc(1, sizeof *a);

    if (!a)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    a->m = m;
    a->head = a->pruned_at = -1;
    a->end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (a->end >= 0 && !watch_open(&a->watch, m->store, err)) {
        release(a);
        return false;
    }
    if (a->end < 0 || pthread_create(&a->thread, NULL, auditor_main, a) != 0) {
        release(a);
        return error_set(err, ERROR_INTERNAL,
                         "Raise the limits of processes and open files (ulimit -u, -n).",
                         "The audit cannot watch the database.");
    }
    m->auditor = a;
    return true;
}

void auditor_stop(struct manager *m)
{
    struct auditor *a = m->auditor;

    if (!a)
        return;
    if (eventfd_write(a->end, 1) == 0)
        pthread_join(a->thread, NULL);
    release(a);
    m->auditor = NULL;
}

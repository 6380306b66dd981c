#include "manager/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

/* A start that could not be carried out within this time is not wanted any more. */
static const int64_t start_deadline_ms = 2 * 3600 * INT64_C(1000);

static bool fill(struct livestream *l, const struct record_input *in, struct error *err)
{
    bool good = (!in->title || text_replace(&l->title, in->title)) &&
                (!in->description || text_replace(&l->description, in->description)) &&
                (!in->thumbnail || text_replace(&l->thumbnail, in->thumbnail));
    if (in->start_set)
        l->start_ms = in->start_ms;
    if (in->end_set)
        l->end_ms = in->end_ms;
    return good || error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
}

/* A slip of the year or the day, not a service that begins a little late, nor a start that was
 * there before and is written again, to the minute. */
static bool check_start(const struct record_input *in, int64_t before_ms, struct error *err)
{
    static const int64_t minute_ms = 60 * INT64_C(1000), late_ms = 12 * 60 * minute_ms;

    if (!in->start_set || !in->start_ms || in->start_ms > clock_now() - late_ms ||
        in->start_ms / minute_ms == before_ms / minute_ms)
        return true;
    return error_set(err, ERROR_INPUT, "Give a time that is still to come, or \"now\".",
                     "The start is in the past.");
}

static bool check_platforms(const struct livestream *l, struct error *err)
{
    for (size_t i = 0; i < l->target_count; i++) {
        const struct platform *p = platform_get(l->targets[i].platform);
        if (p && p->livestream_check && !p->livestream_check(l, &l->targets[i], err))
            return false;
    }
    return true;
}

static bool tell_of(struct db *db, const struct livestream *l, const char *kind,
                    const struct actor *by, const char *what, struct error *err)
{
    return tell(db,
                &(struct tell){ .church = l->church,
                                .subject = l->id,
                                .platform = -1,
                                .kind = kind,
                                .actor = by->name },
                err, "%s %s.", l->title, what);
}

/* A target that failed at its birth says so in the log, so that the volunteer sees it without
 * opening the record. */
static bool tell_failed(struct db *db, const struct livestream *l, const struct target *t,
                        struct error *err)
{
    return tell(db,
                &(struct tell){ .church = l->church,
                                .subject = l->id,
                                .level = EVENT_ERROR,
                                .platform = (int)t->platform,
                                .kind = "target.failed",
                                .remedy = t->remedy },
                err, "%s: %s", l->title, t->error);
}

static bool enqueue_new(struct manager *m, struct db *db, struct livestream *l, bool start,
                        struct error *err)
{
    for (size_t i = 0; i < l->target_count; i++) {
        struct target *t = &l->targets[i];
        bool fine = t->status == TARGET_FAILED
                        ? tell_failed(db, l, t, err)
                        : subject_enqueue(m, db, t, start ? "start" : "create",
                                          start ? clock_now() + start_deadline_ms : 0, err);
        if (!fine)
            return false;
    }
    return true;
}

static bool add_targets(struct manager *m, struct db *db, struct livestream *l,
                        const struct record_input *in, struct error *err)
{
    l->targets = calloc(in->target_count ? in->target_count : 1, sizeof *l->targets);
    if (!l->targets)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    for (size_t i = 0; i < in->target_count; i++) {
        l->target_count = i + 1;
        if (!subject_target(m, db, SUBJECT_LIVESTREAM, l->church, l->id, &in->targets[i],
                            &l->targets[i], err))
            return false;
        if (in->start_now)
            l->targets[i].wish = WISH_LIVE;
    }
    return true;
}

bool livestream_create(struct manager *m, struct id church, const struct record_input *in,
                       const struct actor *by, struct id *out, struct error *err)
{
    struct livestream l = {
        .id = id_new(), .church = church, .revision = 1, .created_ms = clock_now()
    };
    struct db *db = NULL;

    l.updated_ms = l.created_ms;
    l.title = text_copy("");
    l.description = text_copy("");
    l.thumbnail = text_copy("");
    l.start_asked = in->start_now;
    bool done = check_start(in, 0, err) && fill(&l, in, err) && db_begin(m->store, &db, err);
    if (in->start_now && !l.start_ms)
        l.start_ms = l.created_ms;
    done = done && add_targets(m, db, &l, in, err) && livestream_check(&l, err) &&
           check_platforms(&l, err) && livestream_insert(db, &l, err) &&
           tell_of(db, &l, "livestream.created", by,
                   in->start_now ? "was created and is starting" : "was created", err) &&
           enqueue_new(m, db, &l, in->start_now, err);
    if (done)
        done = db_commit(db, err);
    else
        db_rollback(db);
    if (done)
        *out = l.id;
    livestream_release(&l);
    return done;
}

/* What is being deleted is not wished back by the way: it would be on air under a record that is
 * gone. */
static bool not_being_deleted(const struct livestream *l, struct error *err)
{
    for (size_t i = 0; i < l->target_count; i++) {
        if (l->targets[i].wish == WISH_DELETED)
            return error_set(err, ERROR_REFUSED, "Create a new livestream instead.",
                             "%s is being deleted.", l->title);
    }
    return true;
}

/* Opens a write transaction with the record in it, if the act is allowed now. */
static bool open_for(struct manager *m, struct id id, enum livestream_act act, struct db **db,
                     struct livestream *l, struct error *err)
{
    if (!db_begin(m->store, db, err))
        return false;
    if (livestream_get(*db, id, l, err) &&
        (act == LIVESTREAM_DELETE || not_being_deleted(l, err)) && livestream_allows(l, act, err))
        return true;
    livestream_release(l);
    db_rollback(*db);
    return false;
}

static bool close_with(struct db *db, struct livestream *l, bool done, struct error *err)
{
    livestream_release(l);
    if (done)
        return db_commit(db, err);
    db_rollback(db);
    return false;
}

static bool edit_targets(struct manager *m, struct db *db, struct livestream *l,
                         const struct record_input *in, struct error *err)
{
    for (size_t i = 0; i < in->target_count; i++) {
        struct target *t = livestream_target(l, in->targets[i].platform);
        if (!t)
            return error_set(err, ERROR_INPUT, "Create a new livestream with it.",
                             "%s is not one of %s's platforms.",
                             platform_name(in->targets[i].platform), l->title);
        if (!subject_settings(t, in->targets[i].settings, err) || !target_save(db, t, err))
            return false;
    }
    for (size_t i = 0; i < l->target_count; i++) {
        struct target *t = &l->targets[i];
        bool open = t->status == TARGET_PENDING || t->status == TARGET_LIVE, making = false,
             hurried;
        /* What is not begun yet takes the new words when it is made. */
        if (!subject_making(db, t->id, &making, err) ||
            (open && (t->remote_id[0] || making) && !subject_enqueue(m, db, t, "update", 0, err)))
            return false;
        /* One that waits for its day (Facebook's seven days) may have another day now. */
        if (open && !t->remote_id[0] && !making && t->error_kind == ERROR_NONE &&
            t->next_attempt_ms) {
            t->next_attempt_ms = 0;
            if (!subject_hurry(db, t->id, &hurried, err) || !target_save(db, t, err))
                return false;
        }
    }
    return true;
}

bool livestream_edit(struct manager *m, struct id id, const struct record_input *in,
                     const struct actor *by, struct error *err)
{
    struct livestream l = { 0 };
    struct db *db = NULL;

    if (!open_for(m, id, LIVESTREAM_EDIT, &db, &l, err))
        return false;
    l.revision++;
    l.updated_ms = clock_now();
    bool done = check_start(in, l.start_ms, err) && fill(&l, in, err) &&
                edit_targets(m, db, &l, in, err) && livestream_check(&l, err) &&
                check_platforms(&l, err) && livestream_save(db, &l, err) &&
                tell_of(db, &l, "livestream.edited", by, "was changed", err);
    return close_with(db, &l, done, err);
}

/* Makes a failed target ready to try again; what is missing is a connection that may be there by
 * now. */
static bool revive(struct manager *m, struct db *db, struct target *t, bool *usable,
                   struct error *err)
{
    struct connection c = { 0 };
    struct error why = { 0 };

    *usable = platform_usable(m, db, t->church, t->platform, &c, &why);
    if (*usable) {
        t->connection = c.id;
        connection_release(&c);
    }
    if (t->status == TARGET_FAILED && *usable)
        t->status = TARGET_PENDING;
    t->attempts = 0;
    t->next_attempt_ms = 0;
    return target_set_error(t, *usable ? NULL : &why) && text_replace(&t->note, "")
               ? true
               : error_set(err, ERROR_MEMORY, "", "Out of memory.");
}

/* A change that failed, or that came while it was failed, is made up for before it goes on. */
static bool enqueue_missed(struct manager *m, struct db *db, const struct target *t, bool failed,
                           struct error *err)
{
    return !failed || !t->remote_id[0] || subject_enqueue(m, db, t, "update", 0, err);
}

static bool start_target(struct manager *m, struct db *db, struct livestream *l, struct target *t,
                         struct error *err)
{
    bool usable = false, hurried = false;
    bool failed = t->status == TARGET_FAILED || t->error_kind != ERROR_NONE;

    if (t->status == TARGET_LIVE || t->status == TARGET_ENDED)
        return true;
    t->wish = WISH_LIVE;
    if (!revive(m, db, t, &usable, err))
        return false;
    if (!usable) {
        t->status = TARGET_FAILED;
        return target_save(db, t, err) && tell_failed(db, l, t, err);
    }
    /* A create that waits for its next try goes now: the start comes after it. */
    return target_save(db, t, err) && subject_hurry(db, t->id, &hurried, err) &&
           enqueue_missed(m, db, t, failed, err) &&
           subject_enqueue(m, db, t, "start", clock_now() + start_deadline_ms, err);
}

bool livestream_start(struct manager *m, struct id id, const struct actor *by, struct error *err)
{
    struct livestream l = { 0 };
    struct db *db = NULL;

    if (!open_for(m, id, LIVESTREAM_START, &db, &l, err))
        return false;
    l.start_asked = true;
    l.updated_ms = clock_now();
    bool done = livestream_save(db, &l, err) &&
                tell_of(db, &l, "livestream.starting", by, "is starting", err);
    for (size_t i = 0; done && i < l.target_count; i++)
        done = start_target(m, db, &l, &l.targets[i], err);
    return close_with(db, &l, done, err);
}

static bool stop_target(struct manager *m, struct db *db, struct target *t, struct error *err)
{
    enum doubt doubt = DOUBT_NONE;
    bool hurried = false;

    if (!subject_doubt(m, db, t, &doubt, err))
        return false;
    if (t->status == TARGET_ENDED ||
        (t->status == TARGET_FAILED && !t->remote_id[0] && doubt == DOUBT_NONE))
        return subject_supersede(db, t->id, err);
    /* Asked again: the stop that is under way is not taken back, it hurries. */
    bool again = t->wish == WISH_ENDED;
    t->wish = WISH_ENDED;
    t->attempts = 0;
    t->next_attempt_ms = 0;
    return target_save(db, t, err) &&
           (again ? subject_hurry(db, t->id, &hurried, err) : subject_supersede(db, t->id, err)) &&
           subject_enqueue(m, db, t, "stop", 0, err);
}

bool livestream_stop(struct manager *m, struct id id, const struct actor *by, struct error *err)
{
    struct livestream l = { 0 };
    struct db *db = NULL;

    if (!open_for(m, id, LIVESTREAM_STOP, &db, &l, err))
        return false;
    l.stop_asked = true;
    l.updated_ms = clock_now();
    bool done = livestream_save(db, &l, err) &&
                tell_of(db, &l, "livestream.stopping", by, "is being stopped", err);
    for (size_t i = 0; done && i < l.target_count; i++)
        done = stop_target(m, db, &l.targets[i], err);
    done = done && subject_judge(m, db, SUBJECT_LIVESTREAM, l.id, err);
    return close_with(db, &l, done, err);
}

/* What has been started may be on air by the time that it is removed, and a platform deletes
 * nothing that is: it is ended first. */
static bool enqueue_removal(struct manager *m, struct db *db, const struct target *t, bool started,
                            struct error *err)
{
    return (!started || subject_enqueue(m, db, t, "stop", 0, err)) &&
           subject_enqueue(m, db, t, "remove", 0, err);
}

static const char *verb_for(const struct target *t)
{
    switch (t->wish) {
    case WISH_LIVE:
        return t->status == TARGET_LIVE ? "update" : "start";
    case WISH_ENDED:
        return "stop";
    case WISH_DELETED: /* enqueue_removal() */
    case WISH_READY:
        break;
    }
    return t->remote_id[0] ? "update" : "create";
}

bool livestream_retry(struct manager *m, struct id id, enum platform_id p, const struct actor *by,
                      struct error *err)
{
    struct livestream l = { 0 };
    struct db *db = NULL;
    bool usable = false, hurried = false;

    if (!db_begin(m->store, &db, err))
        return false;
    bool done = livestream_get(db, id, &l, err);
    struct target *t = done ? livestream_target(&l, p) : NULL;
    if (done && !t)
        done = error_set(err, ERROR_MISSING, "`ecclesia livestream show` lists its platforms.",
                         "%s is not on %s.", l.title, platform_name(p));
    /* A stop or a removal that failed may be tried again whatever the record's status. */
    if (done && t->wish != WISH_ENDED && t->wish != WISH_DELETED)
        done = livestream_allows(&l, LIVESTREAM_RETRY, err);
    if (done && t->error_kind == ERROR_NONE && t->status != TARGET_FAILED)
        done = error_set(err, ERROR_REFUSED, "Nothing to do.", "Nothing went wrong with %s on %s.",
                         l.title, platform_name(p));
    done = done && revive(m, db, t, &usable, err);
    if (done && !usable) {
        done = error_set(err, ERROR_REFUSED, t->remedy, "%s", t->error);
    }
    bool missed = done && t->wish == WISH_LIVE;
    done = done && target_save(db, t, err) && subject_hurry(db, t->id, &hurried, err) &&
           (hurried || enqueue_missed(m, db, t, missed, err)) &&
           (hurried || t->wish != WISH_DELETED || enqueue_removal(m, db, t, true, err)) &&
           (hurried || t->wish == WISH_DELETED ||
            subject_enqueue(m, db, t, verb_for(t),
                            t->wish == WISH_LIVE ? clock_now() + start_deadline_ms : 0, err)) &&
           tell(db,
                &(struct tell){ .church = l.church,
                                .subject = l.id,
                                .platform = (int)p,
                                .kind = "target.retry",
                                .actor = by->name },
                err, "%s: trying %s again.", l.title, platform_name(p));
    return close_with(db, &l, done, err);
}

bool livestream_delete(struct manager *m, struct id id, const struct actor *by, struct error *err)
{
    struct livestream l = { 0 };
    struct db *db = NULL;
    size_t kept = 0;

    if (!open_for(m, id, LIVESTREAM_DELETE, &db, &l, err))
        return false;
    bool done = tell_of(db, &l, "livestream.deleted", by, "was deleted", err);
    for (size_t i = 0; done && i < l.target_count; i++) {
        struct target *t = &l.targets[i];
        bool again = t->wish == WISH_DELETED, hurried = false;
        enum doubt doubt = DOUBT_NONE;
        bool started = t->wish == WISH_LIVE || (again && t->error_kind != ERROR_NONE);
        int64_t live = 0;
        done =
            (again ? subject_hurry(db, t->id, &hurried, err) : subject_supersede(db, t->id, err)) &&
            job_count_live(db, t->id, &live, err) && subject_doubt(m, db, t, &doubt, err);
        /* Nothing is at the platform and nothing can come there any more. */
        if (done && !t->remote_id[0] && doubt == DOUBT_NONE && live == 0) {
            done = target_delete(db, t->id, err);
            continue;
        }
        kept++;
        t->wish = WISH_DELETED;
        done = done && text_replace(&t->note, "Being deleted there") && target_save(db, t, err) &&
               enqueue_removal(m, db, t, started, err);
    }
    if (done && kept == 0)
        done = livestream_remove(db, l.id, err);
    return close_with(db, &l, done, err);
}

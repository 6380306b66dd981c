#include "manager/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

static bool fill(struct meeting *m, const struct record_input *in, struct error *err)
{
    bool good = (!in->title || text_replace(&m->title, in->title)) &&
                (!in->description || text_replace(&m->description, in->description));

    if (in->start_set)
        m->start_ms = in->start_ms;
    if (in->end_set)
        m->end_ms = in->end_ms;
    if (in->primary >= 0)
        m->primary = (enum platform_id)in->primary;
    return good || error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
}

static bool check_platforms(const struct meeting *m, struct error *err)
{
    for (size_t i = 0; i < m->target_count; i++) {
        const struct platform *p = platform_get(m->targets[i].platform);
        if (p && p->meeting_check && !p->meeting_check(m, &m->targets[i], err))
            return false;
    }
    return true;
}

static bool tell_of(struct db *db, const struct meeting *m, const char *kind,
                    const struct actor *by, const char *what, struct error *err)
{
    return tell(db,
                &(struct tell){ .church = m->church,
                                .subject = m->id,
                                .platform = -1,
                                .kind = kind,
                                .actor = by->name },
                err, "%s %s.", m->title, what);
}

static bool add_targets(struct manager *mgr, struct db *db, struct meeting *m,
                        const struct record_input *in, struct error *err)
{
    m->targets = calloc(in->target_count ? in->target_count : 1, sizeof *m->targets);
    if (!m->targets)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    for (size_t i = 0; i < in->target_count; i++) {
        m->target_count = i + 1;
        if (!subject_target(mgr, db, SUBJECT_MEETING, m->church, m->id, &in->targets[i],
                            &m->targets[i], err))
            return false;
    }
    if (in->primary < 0 && in->target_count)
        m->primary = in->targets[0].platform;
    return true;
}

static bool tell_failed(struct db *db, const struct meeting *m, const struct target *t,
                        struct error *err)
{
    return tell(db,
                &(struct tell){ .church = m->church,
                                .subject = m->id,
                                .level = EVENT_ERROR,
                                .platform = (int)t->platform,
                                .kind = "target.failed",
                                .remedy = t->remedy },
                err, "%s: %s", m->title, t->error);
}

static bool enqueue_new(struct manager *mgr, struct db *db, struct meeting *m, struct error *err)
{
    for (size_t i = 0; i < m->target_count; i++) {
        struct target *t = &m->targets[i];
        if (!(t->status == TARGET_FAILED ? tell_failed(db, m, t, err)
                                         : subject_enqueue(mgr, db, t, "create", 0, err)))
            return false;
    }
    return true;
}

bool meeting_create(struct manager *mgr, struct id church, const struct record_input *in,
                    const struct actor *by, struct id *out, struct error *err)
{
    struct meeting m = {
        .id = id_new(), .church = church, .revision = 1, .created_ms = clock_now()
    };
    struct db *db = NULL;

    m.updated_ms = m.created_ms;
    m.title = text_copy("");
    m.description = text_copy("");
    bool done = fill(&m, in, err) && db_begin(mgr->store, &db, err);
    done = done && add_targets(mgr, db, &m, in, err) && meeting_check(&m, err);
    if (done && m.end_ms <= m.created_ms)
        done = error_set(err, ERROR_INPUT, "Give a time that is still to come.",
                         "The meeting would be over already.");
    done = done && check_platforms(&m, err) && meeting_insert(db, &m, err) &&
           tell_of(db, &m, "meeting.created", by, "was scheduled", err) &&
           enqueue_new(mgr, db, &m, err);
    if (done)
        done = db_commit(db, err);
    else
        db_rollback(db);
    if (done)
        *out = m.id;
    meeting_release(&m);
    return done;
}

static bool open_for(struct manager *mgr, struct id id, enum meeting_act act, struct db **db,
                     struct meeting *m, struct error *err)
{
    if (!db_begin(mgr->store, db, err))
        return false;
    if (meeting_get(*db, id, m, err) && meeting_allows(m, act, err))
        return true;
    meeting_release(m);
    db_rollback(*db);
    return false;
}

static bool close_with(struct db *db, struct meeting *m, bool done, struct error *err)
{
    meeting_release(m);
    if (done)
        return db_commit(db, err);
    db_rollback(db);
    return false;
}

static bool edit_targets(struct manager *mgr, struct db *db, struct meeting *m,
                         const struct record_input *in, struct error *err)
{
    for (size_t i = 0; i < in->target_count; i++) {
        struct target *t = meeting_target(m, in->targets[i].platform);
        if (!t)
            return error_set(err, ERROR_INPUT, "Schedule a new meeting with it.",
                             "%s is not one of %s's platforms.",
                             platform_name(in->targets[i].platform), m->title);
        if (!subject_settings(t, in->targets[i].settings, err) || !target_save(db, t, err))
            return false;
    }
    for (size_t i = 0; i < m->target_count; i++) {
        struct target *t = &m->targets[i];
        bool open = t->status == TARGET_PENDING || t->status == TARGET_LIVE, making = false;
        if (!subject_making(db, t->id, &making, err) ||
            (open && (t->remote_id[0] || making) && !subject_enqueue(mgr, db, t, "update", 0, err)))
            return false;
    }
    return true;
}

bool meeting_edit(struct manager *mgr, struct id id, const struct record_input *in,
                  const struct actor *by, struct error *err)
{
    struct meeting m = { 0 };
    struct db *db = NULL;

    if (!open_for(mgr, id, MEETING_EDIT, &db, &m, err))
        return false;
    m.revision++;
    m.updated_ms = clock_now();
    bool done = fill(&m, in, err) && edit_targets(mgr, db, &m, in, err) && meeting_check(&m, err) &&
                check_platforms(&m, err) && meeting_save(db, &m, err) &&
                tell_of(db, &m, "meeting.edited", by, "was changed", err);
    return close_with(db, &m, done, err);
}

bool meeting_cancel(struct manager *mgr, struct id id, const struct actor *by, struct error *err)
{
    struct meeting m = { 0 };
    struct db *db = NULL;

    if (!open_for(mgr, id, MEETING_CANCEL, &db, &m, err))
        return false;
    m.cancelled = true;
    m.status = MEETING_CANCELLED;
    m.updated_ms = clock_now();
    bool done =
        meeting_save(db, &m, err) && tell_of(db, &m, "meeting.cancelled", by, "was cancelled", err);
    for (size_t i = 0; done && i < m.target_count; i++) {
        struct target *t = &m.targets[i];
        enum doubt doubt = DOUBT_NONE;
        done = subject_doubt(mgr, db, t, &doubt, err);
        if (done && (t->status == TARGET_ENDED ||
                     (t->status == TARGET_FAILED && !t->remote_id[0] && doubt == DOUBT_NONE))) {
            done = subject_supersede(db, t->id, err);
            continue;
        }
        t->wish = WISH_DELETED;
        done = done && target_save(db, t, err) && subject_supersede(db, t->id, err) &&
               subject_enqueue(mgr, db, t, "cancel", 0, err);
    }
    return close_with(db, &m, done, err);
}

bool meeting_retry(struct manager *mgr, struct id id, enum platform_id p, const struct actor *by,
                   struct error *err)
{
    struct meeting m = { 0 };
    struct connection c = { 0 };
    struct db *db = NULL;

    if (!db_begin(mgr->store, &db, err))
        return false;
    bool done = meeting_get(db, id, &m, err);
    struct target *t = done ? meeting_target(&m, p) : NULL;
    if (done && !t)
        done = error_set(err, ERROR_MISSING, "`ecclesia meeting show` lists its platforms.",
                         "%s is not on %s.", m.title, platform_name(p));
    if (done && t->wish != WISH_DELETED)
        done = meeting_allows(&m, MEETING_RETRY, err);
    if (done && t->error_kind == ERROR_NONE && t->status != TARGET_FAILED)
        done = error_set(err, ERROR_REFUSED, "Nothing to do.", "Nothing went wrong with %s on %s.",
                         m.title, platform_name(p));
    done = done && platform_usable(mgr, db, m.church, p, &c, err);
    if (done) {
        bool hurried = false;
        t->connection = c.id;
        connection_release(&c);
        if (t->status == TARGET_FAILED)
            t->status = TARGET_PENDING;
        t->attempts = 0;
        t->next_attempt_ms = 0;
        done = target_set_error(t, NULL) && target_save(db, t, err) &&
               subject_hurry(db, t->id, &hurried, err) &&
               (hurried || subject_enqueue(mgr, db, t,
                                           t->wish == WISH_DELETED ? "cancel"
                                           : t->remote_id[0]       ? "update"
                                                                   : "create",
                                           0, err)) &&
               tell(db,
                    &(struct tell){ .church = m.church,
                                    .subject = m.id,
                                    .platform = (int)p,
                                    .kind = "target.retry",
                                    .actor = by->name },
                    err, "%s: trying %s again.", m.title, platform_name(p));
    }
    return close_with(db, &m, done, err);
}

#include "manager/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

/* A job that waits this long by plan (a schedule that a platform takes only a week ahead) is not
 * awaited. */
static const int64_t long_wait_ms = 10 * 60 * INT64_C(1000);

/* With that wish and that status, has the target come to where it was asked to? */
static bool arrived(const struct target *t)
{
    if (t->error_kind != ERROR_NONE)
        return false;
    switch (t->wish) {
    case WISH_READY:
        return t->status != TARGET_FAILED;
    case WISH_LIVE:
        return t->status == TARGET_LIVE || t->status == TARGET_ENDED;
    case WISH_ENDED:
    case WISH_DELETED:
        return t->status == TARGET_ENDED;
    }
    return false;
}

static bool count_target(struct db *db, const struct target *t, struct settled *s,
                         struct error *err)
{
    int64_t live = 0;

    if (!job_count_live(db, t->id, &live, err))
        return false;
    bool planned = t->error_kind == ERROR_NONE && t->wish == WISH_READY &&
                   t->next_attempt_ms - clock_now() > long_wait_ms;
    if (live > 0 && !planned)
        s->waiting++;
    else if (planned || arrived(t))
        s->fine++;
    else
        s->failed++;
    return true;
}

bool manager_settled(struct manager *m, enum subject_kind kind, struct id id, struct settled *out,
                     struct error *err)
{
    struct livestream l = { 0 };
    struct meeting meeting = { 0 };
    struct error why = { 0 };
    struct db *db = NULL;

    *out = (struct settled){ 0 };
    if (!db_read(m->store, &db, err))
        return false;
    bool found = kind == SUBJECT_MEETING ? meeting_get(db, id, &meeting, &why)
                                         : livestream_get(db, id, &l, &why);
    /* Deleted whole: as settled as can be. */
    bool ok = found || why.kind == ERROR_MISSING;
    const struct target *targets = kind == SUBJECT_MEETING ? meeting.targets : l.targets;
    size_t count = kind == SUBJECT_MEETING ? meeting.target_count : l.target_count;
    for (size_t i = 0; ok && i < count; i++)
        ok = count_target(db, &targets[i], out, &why);
    db_read_end(db);
    livestream_release(&l);
    meeting_release(&meeting);
    out->settled = out->waiting == 0;
    if (!ok && err)
        *err = why;
    return ok;
}

/* "YouTube and Facebook", of the targets with that status. */
static void name_platforms(const struct target *targets, size_t count, bool live_only,
                           struct text *out)
{
    size_t total = 0, done = 0;

    for (size_t i = 0; i < count; i++)
        total += !live_only || targets[i].status == TARGET_LIVE;
    for (size_t i = 0; i < count; i++) {
        if (live_only && targets[i].status != TARGET_LIVE)
            continue;
        text_addf(out, "%s%s",
                  done == 0           ? ""
                  : done + 1 == total ? " and "
                                      : ", ",
                  platform_name(targets[i].platform));
        done++;
    }
}

static void ask_livestream(const struct livestream *l, const char *verb, char *out, size_t size)
{
    struct text names;
    int64_t viewers = 0;
    bool live = l->status == LIVESTREAM_LIVE;

    text_init(&names, 300);
    name_platforms(l->targets, l->target_count, live, &names);
    for (size_t i = 0; i < l->target_count; i++)
        viewers += l->targets[i].viewers > 0 ? l->targets[i].viewers : 0;
    if (strcmp(verb, "stop") == 0 && live && viewers > 0)
        snprintf(out, size, "Stop %s? Its %lld viewers on %s see the end at once.", l->title,
                 (long long)viewers, text_str(&names));
    else if (strcmp(verb, "stop") == 0)
        snprintf(out, size, "Stop %s? It ends on %s for good.", l->title, text_str(&names));
    else
        snprintf(out, size, "Delete %s? It is taken off %s too.", l->title, text_str(&names));
    text_release(&names);
}

static void ask_meeting(const struct meeting *m, char *out, size_t size)
{
    struct text names;

    text_init(&names, 300);
    name_platforms(m->targets, m->target_count, false, &names);
    snprintf(out, size, "Cancel %s? Its links on %s stop working%s.", m->title, text_str(&names),
             m->status == MEETING_ACTIVE ? "; the people in it are put out" : "");
    text_release(&names);
}

bool manager_question(struct manager *m, enum subject_kind kind, struct id id, const char *verb,
                      char *out, size_t size)
{
    struct livestream l = { 0 };
    struct meeting meeting = { 0 };
    struct db *db = NULL;

    if (!db_read(m->store, &db, NULL))
        return false;
    bool found = kind == SUBJECT_MEETING ? meeting_get(db, id, &meeting, NULL)
                                         : livestream_get(db, id, &l, NULL);
    db_read_end(db);
    if (found && kind == SUBJECT_MEETING)
        ask_meeting(&meeting, out, size);
    else if (found)
        ask_livestream(&l, verb, out, size);
    livestream_release(&l);
    meeting_release(&meeting);
    return found;
}

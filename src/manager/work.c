#include "manager/work.h"

#include "manager/breaker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/oauth/signin.h>

static void key_field(char *out, size_t size, struct id target)
{
    snprintf(out, size, "target/%s/stream_key", target.hex);
}

/* A disconnect wipes the stream keys too: then the platform is asked for them again. */
static bool key_is_kept(struct db *db, struct id connection, struct id target)
{
    struct secret_row row = { 0 };
    char field[80];

    key_field(field, sizeof field, target);
    bool kept = secret_row_get(db, connection, field, &row, NULL);
    secret_row_release(&row);
    return kept;
}

bool work_read(struct work *w, struct manager *m, struct db *db, struct id target,
               struct error *err)
{
    struct error why = { 0 };

    memset(w, 0, sizeof *w);
    w->m = m;
    bool found = target_get(db, target, &w->target, err) &&
                 (w->target.kind == SUBJECT_MEETING
                      ? meeting_get(db, w->target.subject, &w->meeting, err)
                      : livestream_get(db, w->target.subject, &w->livestream, err));
    if (found) {
        w->has_connection =
            connection_for(db, w->target.church, w->target.platform, &w->connection, &why);
        subject_zone(db, w->target.church, w->zone, sizeof w->zone);
        if (w->target.has_key && w->has_connection)
            w->target.has_key = key_is_kept(db, w->connection.id, w->target.id);
        found = subject_doubt(m, db, &w->target, &w->doubt, err);
    }
    if (!found)
        work_release(w);
    return found;
}

bool work_load(struct work *w, struct manager *m, struct id target, struct error *err)
{
    struct db *db = NULL;

    if (!db_read(m->store, &db, err))
        return false;
    bool found = work_read(w, m, db, target, err);
    db_read_end(db);
    return found;
}

void work_release(struct work *w)
{
    target_release(&w->target);
    livestream_release(&w->livestream);
    meeting_release(&w->meeting);
    connection_release(&w->connection);
    if (w->has_outcome)
        outcome_release(&w->outcome);
    w->has_outcome = false;
}

const char *work_title(const struct work *w)
{
    const char *title = w->target.kind == SUBJECT_MEETING ? w->meeting.title : w->livestream.title;
    return title ? title : "";
}

/* ---- one operation of an adapter ---- */

typedef bool livestream_op(struct call *, const struct livestream *, const struct target *,
                           struct outcome *, struct error *);
typedef bool meeting_op(struct call *, const struct meeting *, const struct target *,
                        struct outcome *, struct error *);

static livestream_op *op_of_livestream(const struct platform *p, enum work_verb verb)
{
    switch (verb) {
    case WORK_CREATE:
        return p->livestream_create;
    case WORK_UPDATE:
        return p->livestream_update;
    case WORK_START:
        return p->livestream_start;
    case WORK_STOP:
        return p->livestream_stop;
    case WORK_REMOVE:
        return p->livestream_remove;
    case WORK_POLL:
        return p->livestream_poll;
    case WORK_CANCEL:
        break;
    }
    return NULL;
}

static meeting_op *op_of_meeting(const struct platform *p, enum work_verb verb)
{
    switch (verb) {
    case WORK_CREATE:
        return p->meeting_create;
    case WORK_UPDATE:
        return p->meeting_update;
    case WORK_REMOVE:
    case WORK_CANCEL:
        return p->meeting_cancel;
    case WORK_POLL:
        return p->meeting_poll;
    case WORK_START:
    case WORK_STOP:
        break;
    }
    return NULL;
}

static bool run_op(struct work *w, struct caller *c, enum work_verb verb, bool find)
{
    const struct platform *p = caller_platform(c);
    struct call *call = caller_call(c);
    bool known, done;

    w->error = (struct error){ 0 };
    if (w->target.kind == SUBJECT_MEETING) {
        meeting_op *op = find ? p->meeting_find : op_of_meeting(p, verb);
        known = op != NULL;
        done = known && op(call, &w->meeting, &w->target, &w->outcome, &w->error);
    } else {
        livestream_op *op = find ? p->livestream_find : op_of_livestream(p, verb);
        known = op != NULL;
        done = known && op(call, &w->livestream, &w->target, &w->outcome, &w->error);
    }
    /* A platform without a look-up makes the same object each time (Jitsi's rooms): nothing to look
     * for. */
    if (!known && find)
        return true;
    if (!known)
        return error_platform(&w->error, ERROR_REFUSED, platform_slug(p->id),
                              "Do it in the platform's own pages.",
                              "%s cannot be asked to do this.", platform_name(p->id));
    return done;
}

/* Credentials that were refused are renewed once, then the operation runs again: it reads first, so
 * nothing is done twice. */
static bool run_renewing(struct work *w, struct caller *c, enum work_verb verb, bool find)
{
    if (run_op(w, c, verb, find))
        return true;
    if (w->error.kind != ERROR_AUTH || !caller_renew_once(c))
        return false;
    caller_call(c)->now_ms = clock_now();
    return run_op(w, c, verb, find);
}

static bool save_progress(void *argument, struct db *db, const struct outcome *o, struct error *err)
{
    struct work *w = argument;
    struct target t = { 0 };

    if (!target_get(db, w->target.id, &t, err))
        return false;
    bool done = work_take(w, db, &t, o, err);
    /* What is on the way is not the platform's last word on its status. */
    t.status = t.status == TARGET_FAILED ? TARGET_PENDING : t.status;
    done = done && target_save(db, &t, err);
    target_release(&t);
    return done;
}

static bool look_up(struct work *w, struct caller *c)
{
    bool done = run_renewing(w, c, w->verb, true);
    struct db *db = NULL;

    if (!done || !w->outcome.found)
        return done;
    if (!db_begin(w->m->store, &db, &w->error))
        return false;
    if (!save_progress(w, db, &w->outcome, &w->error)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, &w->error))
        return false;
    /* From here on the adapter sees the target as if the answer had never been lost. */
    return text_replace(&w->target.remote_id, w->outcome.remote_id) &&
                   text_replace(&w->target.url, w->outcome.url)
               ? true
               : error_set(&w->error, ERROR_MEMORY, "", "Out of memory.");
}

static bool refuse_unusable(struct work *w)
{
    const char *name = platform_name(w->target.platform), *slug = platform_slug(w->target.platform);

    if (!w->has_connection || w->connection.status == CONNECTION_DISCONNECTED)
        return error_platform(&w->error, ERROR_AUTH, slug, "Connect it, then press r to retry.",
                              "%s is not connected.", name);
    if (w->connection.status == CONNECTION_EXPIRED)
        return error_platform(&w->error, ERROR_AUTH, slug,
                              "Connect it again, then press r to retry.",
                              "%s does not accept the sign-in any more.", name);
    return true;
}

static unsigned needs_of(const struct work *w)
{
    switch (w->verb) {
    case WORK_CREATE:
        return OAUTH_FOR_CREATE;
    case WORK_UPDATE:
        return OAUTH_FOR_UPDATE;
    case WORK_START:
        return w->target.remote_id[0] ? OAUTH_FOR_START : OAUTH_FOR_START | OAUTH_FOR_CREATE;
    case WORK_POLL:
        return OAUTH_FOR_LOOK;
    default:
        return OAUTH_FOR_END;
    }
}

/* What the sign-in was not allowed is not tried; the rest goes on. */
static bool refuse_unallowed(struct work *w)
{
    const struct platform *p = platform_get(w->target.platform);
    const struct oauth_scope *missing[16];
    size_t n = p && connection_by_person(&w->connection)
                   ? scopes_missing(p->oauth, w->connection.scopes, missing, 16)
                   : 0;

    for (size_t i = 0; i < n; i++) {
        if (!(missing[i]->needed & needs_of(w)))
            continue;
        error_platform(
            &w->error, ERROR_FORBIDDEN, platform_slug(p->id),
            "Connect it again and allow everything that is asked for, then press r to retry.",
            "%s: the sign-in was not allowed %s, so %s.", platform_name(p->id), missing[i]->scope,
            missing[i]->without);
        text_copy_to(w->error.code, sizeof w->error.code, "scope");
        return false;
    }
    return true;
}

/* Refused there for a permission that only some of its settings need: which ones the person has not
 * given is known here. */
static void name_unallowed(struct work *w)
{
    const struct platform *p = platform_get(w->target.platform);
    const struct oauth_scope *missing[16];
    struct text t;
    size_t n;

    if (w->error.kind != ERROR_FORBIDDEN || !p || !connection_by_person(&w->connection))
        return;
    n = scopes_missing(p->oauth, w->connection.scopes, missing, 16);
    text_init(&t, sizeof w->error.message - 1);
    text_add(&t, w->error.message);
    for (size_t i = 0; i < n; i++)
        text_addf(&t, "%s%s", i ? ", " : " The sign-in was not allowed ", missing[i]->scope);
    if (n > 0 && text_add(&t, "."))
        text_copy_to(w->error.message, sizeof w->error.message, text_str(&t));
    text_release(&t);
}

/* What was never made there needs no call to be ended or removed, and takes a change when it is
 * made. */
static bool nothing_there(struct work *w)
{
    bool ends = w->verb == WORK_STOP || w->verb == WORK_REMOVE || w->verb == WORK_CANCEL;

    if ((!ends && w->verb != WORK_UPDATE) || w->target.remote_id[0])
        return false;
    w->idle = w->verb == WORK_UPDATE;
    if (w->idle)
        return true;
    w->outcome.status = TARGET_ENDED;
    w->outcome.gone = w->verb != WORK_STOP;
    return true;
}

/* A link that members may be shown; else the platform sent something that is not one. */
static bool check_link(const struct work *w, const char *url, struct error *err)
{
    const struct platform *p = platform_get(w->target.platform);
    const char *text = w->connection.options ? w->connection.options : "{}";
    cJSON *options = json_parse(text, strlen(text), NULL);
    bool good = !url[0] || !p || platform_link_check(p, options, w->connection.simulated, url, err);

    cJSON_Delete(options);
    return good;
}

static enum urgency urgency_of(const struct work *w)
{
    switch (w->verb) {
    case WORK_START:
    case WORK_STOP:
    case WORK_CANCEL:
        return URGENCY_STAGE;
    case WORK_POLL:
        return URGENCY_LOW;
    default:
        return URGENCY_WORK;
    }
}

bool work_do(struct work *w, const struct job *job, bool reconcile, bool lookup_only,
             struct cancel *cancel)
{
    struct caller *c = NULL;
    bool look = (reconcile || (job && w->doubt != DOUBT_NONE)) && !w->target.remote_id[0];

    if (!outcome_init(&w->outcome, &w->target))
        return error_set(&w->error, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    w->has_outcome = true;
    if (!look && nothing_there(w))
        return true;
    if (!refuse_unusable(w) || !refuse_unallowed(w))
        return false;
    struct caller_options o = {
        .platform = w->target.platform,
        .connection = &w->connection,
        .idem_key = job ? job->idem_key : "",
        .zone = w->zone,
        .job = job,
        .cancel = cancel,
        .urgency = urgency_of(w),
        .progress = job ? save_progress : NULL,
        .argument = w,
    };
    if (!caller_open(&c, w->m, &o, &w->error))
        return false;
    w->asked = true;
    bool done = !look || look_up(w, c);
    if (!done && w->doubt == DOUBT_TOLD && doubt_is_refused(w->error.kind)) {
        w->error = (struct error){ 0 };
        done = true;
    }
    if (done && !lookup_only && !(look && nothing_there(w)))
        done = run_renewing(w, c, w->verb, false) && check_link(w, w->outcome.url, &w->error);
    caller_ended(c, done ? NULL : &w->error);
    caller_close(c);
    if (!done)
        name_unallowed(w);
    return done;
}

/* ---- what was learned ---- */

/* By a person, perhaps while the call was under way. */
static bool is_disconnected(struct db *db, const struct target *t)
{
    struct connection c = { 0 };

    if (!connection_for(db, t->church, t->platform, &c, NULL))
        return true;
    bool gone = c.status == CONNECTION_DISCONNECTED;
    connection_release(&c);
    return gone;
}

/* A key that can be used once is of no use to us when it was. */
static bool wipe_used_key(struct work *w, struct db *db, struct target *t, struct error *err)
{
    const struct platform *p = platform_get(t->platform);
    char field[80];

    if (!p || !p->key_once || t->status != TARGET_ENDED || !t->has_key)
        return true;
    key_field(field, sizeof field, t->id);
    t->has_key = false;
    return secret_row_delete(db, w->connection.id, field, err);
}

static bool seal_key(struct work *w, struct db *db, struct target *t, const struct outcome *o,
                     struct error *err)
{
    char field[80];

    if (!o->stream_key[0] || is_disconnected(db, t))
        return true;
    key_field(field, sizeof field, t->id);
    t->has_key = true;
    return vault_put(w->m->vault, db, w->connection.id, t->platform, field, 1, o->stream_key,
                     strlen(o->stream_key), err);
}

bool work_take(struct work *w, struct db *db, struct target *t, const struct outcome *o,
               struct error *err)
{
    struct text remote;

    if (!check_link(w, o->url, err))
        return false;
    text_init(&remote, 16 * 1024);
    bool good = !o->remote || json_print(&remote, o->remote);
    good = good && text_replace(&t->remote, o->remote ? text_str(&remote) : "{}") &&
           text_replace(&t->remote_id, o->remote_id) && text_replace(&t->url, o->url) &&
           text_replace(&t->ingest_url, o->ingest_url) && text_replace(&t->note, o->note);
    text_release(&remote);
    if (!good)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    t->status = o->status;
    t->viewers = o->viewers;
    if (o->started_ms)
        t->started_ms = o->started_ms;
    if (o->ended_ms)
        t->ended_ms = o->ended_ms;
    return seal_key(w, db, t, o, err) && wipe_used_key(w, db, t, err);
}

/* An answer, a renewed token: what came after a person had disconnected it undoes nothing, and
 * nothing sealed stays. */
static bool keep_disconnected(struct db *db, struct connection *c, struct error *err)
{
    bool done = secret_row_delete(db, c->id, NULL, err);

    connection_release(c);
    return done;
}

bool work_note_connection(struct work *w, struct db *db, struct error *err)
{
    static const int64_t often_enough_ms = 10 * 60 * 1000;
    struct connection c = { 0 };
    bool fine = w->error.kind == ERROR_NONE;
    bool credentials = w->error.kind == ERROR_AUTH || w->error.kind == ERROR_KEY_WRONG ||
                       w->error.kind == ERROR_SECRET_TAMPERED ||
                       w->error.kind == ERROR_SECRET_FORMAT || w->error.kind == ERROR_TLS_CERT ||
                       w->error.kind == ERROR_CLOCK || token_trouble(&w->error);

    if (!w->has_connection || !connection_for(db, w->target.church, w->target.platform, &c, NULL))
        return true;
    if (c.status == CONNECTION_DISCONNECTED)
        return keep_disconnected(db, &c, err);
    if (!(w->asked ? fine || credentials : credentials && w->error.kind != ERROR_AUTH)) {
        connection_release(&c);
        return true;
    }
    bool done = true;
    /* Somebody reconnected meanwhile: this answer is about credentials that are gone. */
    if (fine ? c.status != CONNECTION_CONNECTED || clock_now() - c.last_ok_ms > often_enough_ms
             : c.updated_ms <= w->connection.updated_ms || c.generation == w->connection.generation)
        done = connection_note(w->m, db, &c, fine ? NULL : &w->error, false, "engine", err);
    connection_release(&c);
    return done;
}

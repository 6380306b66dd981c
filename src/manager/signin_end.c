#include "manager/signin.h"

#include <string.h>

#include <ecclesia/base/text.h>

bool signin_confirm(struct signin *s, struct error *err)
{
    struct attempt *a = &s->attempt;
    struct connection old = { 0 };
    struct signin_found found = { .platform = a->platform->id,
                                  .account = a->connection.account_name,
                                  .picture = a->picture[0] ? a->picture : NULL,
                                  .simulated = a->connection.simulated };
    struct db *db = NULL;
    bool yes;

    if (db_read(a->m->store, &db, NULL)) {
        if (connection_for(db, a->connection.church, a->platform->id, &old, NULL) &&
            old.status != CONNECTION_DISCONNECTED &&
            !text_equal(old.account_ref, a->connection.account_ref))
            found.before =
                old.account_name && old.account_name[0] ? old.account_name : old.account_ref;
        db_read_end(db);
    }
    yes = !s->front->confirm || s->front->confirm(s->front->self, &found);
    connection_release(&old);
    if (yes)
        return true;
    attempt_revoke(a, NULL);
    return error_platform(
        err, cancel_asked(s->cancel) ? ERROR_CANCELLED : ERROR_REFUSED,
        platform_slug(a->platform->id), "Begin again and choose the other account there.",
        "%s was not connected; nothing was changed.", platform_name(a->platform->id));
}

bool signin_missing(const struct connection *c, struct text *out)
{
    const struct platform *p = platform_get(c->platform);
    const struct oauth_scope *missing[16];
    size_t n = p && connection_by_person(c) ? scopes_missing(p->oauth, c->scopes, missing, 16) : 0;

    for (size_t i = 0; i < n; i++)
        text_addf(out, "%s%s (%s)", out->length ? "; " : "", missing[i]->without,
                  missing[i]->scope);
    return n > 0;
}

bool signin_tell_missing(struct attempt *a, const struct actor *by)
{
    const struct connection *c = &a->connection;
    struct text t;
    struct db *db = NULL;
    bool done = true;

    text_init(&t, 400);
    if (signin_missing(c, &t) && (done = db_begin(a->m->store, &db, NULL))) {
        done = tell(
            db,
            &(struct tell){ .church = c->church,
                            .subject = c->id,
                            .level = EVENT_WARNING,
                            .platform = (int)c->platform,
                            .kind = "connection.scopes",
                            .remedy = "Connect it again and allow everything that is asked for.",
                            .actor = by->name,
                            .simulated = c->simulated },
            NULL, "%s: not everything was allowed: %s.", platform_name(c->platform), text_str(&t));
        if (done)
            done = db_commit(db, NULL);
        else
            db_rollback(db);
    }
    text_release(&t);
    return done;
}

/* ---- called back as the server ---- */

static size_t values_of_tree(const cJSON *tree, struct setting_value *out, size_t most)
{
    const cJSON *value;
    size_t n = 0;

    cJSON_ArrayForEach (value, tree)
        if (cJSON_IsString(value) && n < most)
            out[n++] = (struct setting_value){ value->string, value->valuestring };
    return n;
}

bool signin_callback(struct manager *m, enum platform_id p, const char *query, size_t length,
                     const char *browser, struct cancel *cancel, struct error *err)
{
    struct setting_value values[16];
    struct callback c;
    struct flow flow;
    struct attempt a = { .m = m };
    struct error why = { 0 };

    if (!callback_read(&c, query, length, err))
        return false;
    if (c.bare || !flow_take(m->vault, m->store, p, &c, browser, &flow, err)) {
        if (c.bare)
            error_platform(err, ERROR_FORBIDDEN, platform_slug(p), "Begin the sign-in again.",
                           "%s sent no answer: the sign-in was refused there.", platform_name(p));
        callback_wipe(&c);
        return false;
    }
    struct signin_request r = { .church = flow.church,
                                .platform = p,
                                .values = values,
                                .value_count = values_of_tree(flow.values, values, 16) };
    bool good = attempt_open(&a, m, &r, &why) && attempt_exchange(&a, &flow, &c, cancel, &why);
    bool kept =
        flow_keep(m->vault, m->store, c.state, good ? &a.token : NULL, good ? NULL : &why, err);
    if (!good && err)
        *err = why;
    attempt_close(&a);
    flow_release(&flow);
    callback_wipe(&c);
    return good && kept;
}

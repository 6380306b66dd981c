#include "manager/private.h"

#include "manager/breaker.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/oauth/signin.h>

/* ---- what is true of a connection ---- */

static const struct {
    const char *reason, *text, *remedy;
} reasons[] = {
    { "revoked", "The platform does not accept the sign-in any more.", "Connect it again." },
    { "ended", "The sign-in has come to the end of its life.", "Connect it again." },
    { "rotation_lost",
      "The platform may have replaced the sign-in's token, and its answer was lost.",
      "Connect it again." },
    { "never_checked", "It was never checked.",
      "Check it: press C, or `ecclesia connection check`." },
    { "refresh_unreachable",
      "A renewal of the sign-in was interrupted, so it is not known whether its tokens are still "
      "good.",
      "Check it: press C, or `ecclesia connection check`." },
    { "clock", "The platform refused the sign-in because this computer's clock is wrong.",
      "Set the clock: timedatectl set-ntp true" },
    { "stale", "Nothing has been heard from the platform for 24 hours.",
      "Check it: press C, or `ecclesia connection check`." },
    { "key_wrong", "The master key that sealed its credentials is not the one in use.",
      "Give the right key, or connect it again." },
    { "secret_tampered", "A sealed credential is damaged in the database.",
      "Connect it again, and look after the disk." },
    { "secret_format", "A sealed credential is of a form that this version does not know.",
      "Update ecclesia, or connect it again." },
};

static bool set_verdict(struct connection *c, struct connection_verdict v, const struct error *why)
{
    const char *text = "", *remedy = "";

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (strcmp(reasons[i].reason, v.reason) == 0) {
            text = reasons[i].text;
            remedy = reasons[i].remedy;
        }
    }
    if (why && why->kind != ERROR_NONE && v.status != CONNECTION_CONNECTED) {
        text = why->message;
        remedy = why->remedy;
    }
    c->status = v.status;
    return text_replace(&c->reason, v.reason) &&
           text_replace(&c->reason_text, v.status == CONNECTION_CONNECTED ? "" : text) &&
           text_replace(&c->remedy, v.status == CONNECTION_CONNECTED ? "" : remedy);
}

/* Which trouble of connection_facts this failure is; "" when the platform refused for good or none.
 */
static const char *trouble_of(const struct error *why)
{
    if (text_equal(why->code, TOKEN_UNREACHABLE))
        return "refresh_unreachable";
    if (why->kind == ERROR_AUTH && text_equal(why->code, TOKEN_LOST))
        return "rotation_lost";
    switch (why->kind) {
    case ERROR_KEY_WRONG:
        return "key_wrong";
    case ERROR_SECRET_TAMPERED:
        return "secret_tampered";
    case ERROR_SECRET_FORMAT:
        return "secret_format";
    case ERROR_TLS_CERT:
        return "tls";
    case ERROR_CLOCK:
        return "clock";
    case ERROR_FORBIDDEN:
        return "scope";
    case ERROR_CONFIG:
        return "client_config";
    case ERROR_AUTH:
        return "";
    case ERROR_STORE:
    case ERROR_STORE_FULL:
    case ERROR_STORE_BUSY:
        return "store";
    default:
        return "probe_failed";
    }
}

/* Nothing at all can be done without a permission that is gone. */
static bool lacks_all(const struct platform *p, const struct connection *c, struct error *why)
{
    const struct oauth_scope *missing[16];
    size_t n = p && p->oauth && connection_by_person(c)
                   ? scopes_missing(p->oauth, c->scopes, missing, 16)
                   : 0;

    for (size_t i = 0; i < n; i++) {
        if (missing[i]->needed != OAUTH_FOR_ALL)
            continue;
        error_platform(why, ERROR_FORBIDDEN, platform_slug(p->id),
                       "Connect it again and allow everything that is asked for.",
                       "The sign-in was not allowed %s, so %s.", missing[i]->scope,
                       missing[i]->without);
        return true;
    }
    return false;
}

bool connection_note(struct manager *m, struct db *db, struct connection *c,
                     const struct error *why, bool probe, const char *actor, struct error *err)
{
    enum connection_status before = c->status;
    int64_t now = clock_now();
    struct error open_error = { 0 };
    int rows = 0;

    if (!why || why->kind == ERROR_NONE) {
        c->accepted = true;
        c->refused = false;
        c->last_ok_ms = now;
        why = NULL;
    } else if (why->kind == ERROR_AUTH) {
        c->refused = true;
    }
    if (probe)
        c->last_probe_ms = now;
    bool open = vault_check(m->vault, db, c->id, c->platform, &rows, &open_error);
    /* The new token works: what it has replaced is of no more use. */
    if (!why && !secret_row_prune(db, c->id, c->generation, err))
        return false;
    const struct platform *p = platform_get(c->platform);
    struct error scope = { 0 };
    if (!why && lacks_all(p, c, &scope))
        why = &scope;
    struct connection_facts facts =
        connection_facts_of(c, rows > 0 || (p && !p->token_field && !p->renew), open);
    if (!open)
        facts.trouble = trouble_of(&open_error);
    else if (why)
        facts.trouble = trouble_of(why);
    if (!set_verdict(c, connection_judge(&facts, now), open ? why : &open_error))
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    c->updated_ms = now;
    if (!connection_put(db, c, err))
        return false;
    if (before == c->status)
        return true;
    bool good = c->status == CONNECTION_CONNECTED;
    return tell(db,
                &(struct tell){ .church = c->church,
                                .subject = c->id,
                                .level = good ? EVENT_INFO : EVENT_ERROR,
                                .platform = (int)c->platform,
                                .kind = good                              ? "connection.connected"
                                        : c->status == CONNECTION_EXPIRED ? "connection.expired"
                                                                          : "connection.error",
                                .remedy = c->remedy,
                                .actor = actor,
                                .simulated = c->simulated },
                err, "%s: %s%s%s", platform_name(c->platform), connection_status_name(c->status),
                c->reason_text[0] ? ". " : "", c->reason_text);
}

static bool judge_anew(struct manager *m, struct db *db, struct connection *c, struct error *err)
{
    static const char *const of_secrets[] = { "key_wrong", "secret_tampered", "secret_format" };
    bool troubled = c->status == CONNECTION_ERROR ||
                    (c->status == CONNECTION_EXPIRED && text_equal(c->reason, "rotation_lost"));
    const char *reason = troubled ? c->reason : "";
    struct connection_facts facts =
        connection_facts_of(c, c->status != CONNECTION_DISCONNECTED, true);
    struct connection_verdict verdict;

    for (size_t i = 0; i < sizeof of_secrets / sizeof *of_secrets; i++)
        facts.secrets_open = facts.secrets_open && !text_equal(reason, of_secrets[i]);
    /* These two are judged from the facts anew; the rest is a trouble that stays until somebody has
     * asked again. */
    facts.trouble =
        text_equal(reason, "stale") || text_equal(reason, "never_checked") ? "" : reason;
    if (facts.secrets_open && token_interrupted(m->store, db, c->id))
        facts.trouble = "refresh_unreachable";
    verdict = connection_judge(&facts, clock_now());
    if (verdict.status == c->status && text_equal(verdict.reason, c->reason))
        return true;
    return set_verdict(c, verdict, NULL) ||
           error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
}

bool connection_review(struct manager *m, struct db *db, struct connection *c, struct error *err)
{
    return judge_anew(m, db, c, err) && health_review(db, c, err);
}

bool platform_usable(struct manager *m, struct db *db, struct id church, enum platform_id p,
                     struct connection *out, struct error *why)
{
    if (!platform_get(p))
        return error_set(why, ERROR_REFUSED, "`ecclesia platform list` shows those that it speaks.",
                         "This version does not speak %s yet.", platform_name(p));
    if (!connection_for(db, church, p, out, why))
        return why->kind != ERROR_MISSING
                   ? false
                   : error_platform(why, ERROR_AUTH, platform_slug(p),
                                    "Connect it, then press r to retry.", "%s is not connected.",
                                    platform_name(p));
    (void)m;
    if (out->status != CONNECTION_DISCONNECTED && out->status != CONNECTION_EXPIRED)
        return true;
    error_platform(why, ERROR_AUTH, platform_slug(p), "Connect it again, then press r to retry.",
                   "%s is %s.%s%s", platform_name(p),
                   out->status == CONNECTION_EXPIRED ? "signed out" : "not connected",
                   out->reason_text[0] ? " " : "", out->reason_text);
    connection_release(out);
    return false;
}

/* ---- check and disconnect ---- */

static bool load(struct manager *m, struct id church, enum platform_id p, struct connection *c,
                 struct error *err)
{
    struct db *db = NULL;

    if (!db_read(m->store, &db, err))
        return false;
    bool found = connection_for(db, church, p, c, err);
    db_read_end(db);
    return found;
}

/* One authenticated read; renews a refused token once. */
static bool identify(struct manager *m, const struct connection *c, bool person,
                     struct cancel *cancel, struct account *account, struct error *err)
{
    const struct caller_options o = { .platform = c->platform,
                                      .connection = c,
                                      .cancel = cancel,
                                      .urgency = person ? URGENCY_PERSON : URGENCY_LOW };
    struct caller *caller = NULL;

    if (!caller_open(&caller, m, &o, err))
        return false;
    bool done = caller_platform(caller)->identify(caller_call(caller), account, err);
    if (!done && err->kind == ERROR_AUTH && caller_renew_once(caller))
        done = caller_platform(caller)->identify(caller_call(caller), account, err);
    done = done && caller_clock_fits(caller, err);
    caller_ended(caller, done ? NULL : err);
    caller_close(caller);
    return done;
}

bool connection_check(struct manager *m, struct id church, enum platform_id p,
                      const struct actor *by, struct cancel *cancel, struct connection *out,
                      struct error *err)
{
    struct connection c = { 0 };
    struct account account = { 0 };
    struct error why = { 0 };
    struct db *db = NULL;

    if (!load(m, church, p, &c, err))
        return false;
    /* A person who asks does not wait for the next try. */
    bool person = strcmp(by->name, "engine") != 0;
    if (person)
        token_keeper_hurry(m->tokens, c.id);
    bool accepted =
        c.status != CONNECTION_DISCONNECTED && identify(m, &c, person, cancel, &account, &why);
    connection_release(&c);
    if (!accepted && why.kind == ERROR_CANCELLED) {
        if (err)
            *err = why;
        return false;
    }
    if (!db_begin(m->store, &db, err))
        return false;
    bool done = connection_for(db, church, p, &c, err);
    /* Who was not asked, or asks us to wait, has said nothing about the sign-in. */
    bool waits = !accepted && !token_trouble(&why) &&
                 (why.kind == ERROR_BREAKER || why.kind == ERROR_RATE || why.kind == ERROR_QUOTA);
    if (done && c.status != CONNECTION_DISCONNECTED && !waits) {
        if (accepted && account.access_expires_ms)
            c.access_expires_ms = account.access_expires_ms;
        done = (!accepted || (text_replace(&c.account_name, account.name) &&
                              text_replace(&c.account_ref, account.ref))) &&
               connection_note(m, db, &c, accepted ? NULL : &why, true, by->name, err);
    } else if (done && c.status == CONNECTION_DISCONNECTED) {
        /* Disconnected meanwhile: a token that was renewed for the question goes too. */
        done = secret_row_delete(db, c.id, NULL, err);
    }
    if (!done) {
        db_rollback(db);
        connection_release(&c);
        return false;
    }
    if (!db_commit(db, err)) {
        connection_release(&c);
        return false;
    }
    *out = c;
    return true;
}

bool connection_users(struct manager *m, struct id church, enum platform_id p, int64_t *count,
                      struct error *err)
{
    struct target *list = NULL;
    struct db *db = NULL;
    size_t n = 0;

    *count = 0;
    if (!db_read(m->store, &db, err))
        return false;
    bool done = target_list_open(db, p, &list, &n, err);
    db_read_end(db);
    for (size_t i = 0; i < n; i++) {
        *count += id_equal(list[i].church, church);
        target_release(&list[i]);
    }
    free(list);
    return done;
}

/* A grant by its refresh token, which takes the access tokens along; what was typed in by the
 * platform's own way, where it has one. */
static void revoke(struct manager *m, const struct connection *c, struct cancel *cancel)
{
    struct caller *caller = NULL;
    const struct platform *p = platform_get(c->platform);
    bool common = p && p->oauth && p->oauth->revoke_path && (connection_by_person(c) || !p->revoke);

    if (!p || !(common || p->revoke) ||
        !caller_open(&caller, m,
                     &(struct caller_options){ .platform = c->platform,
                                               .connection = c,
                                               .cancel = cancel,
                                               .urgency = URGENCY_PERSON },
                     NULL))
        return;
    struct call *call = caller_call(caller);
    if (common) {
        const char *token = call->credential(call, "refresh_token");
        grant_revoke(call, p, token ? token : call->credential(call, "access_token"), NULL);
    } else {
        p->revoke(call, NULL);
    }
    caller_close(caller);
}

bool connection_disconnect(struct manager *m, struct id church, enum platform_id p,
                           const struct actor *by, struct cancel *cancel, int64_t *left,
                           struct error *err)
{
    struct connection c = { 0 };
    struct db *db = NULL;

    if (!load(m, church, p, &c, err))
        return false;
    if (c.status == CONNECTION_DISCONNECTED) {
        connection_release(&c);
        return error_set(err, ERROR_REFUSED, "Nothing to do.", "%s is not connected.",
                         platform_name(p));
    }
    if (!connection_users(m, church, p, left, err)) {
        connection_release(&c);
        return false;
    }
    revoke(m, &c, cancel);
    c.accepted = c.refused = false;
    c.status = CONNECTION_DISCONNECTED;
    c.access_expires_ms = c.refresh_expires_ms = 0;
    c.updated_ms = clock_now();
    bool done = text_replace(&c.reason, "") && text_replace(&c.reason_text, "") &&
                text_replace(&c.remedy, "") && db_begin(m->store, &db, err);
    if (done) {
        done = secret_row_delete(db, c.id, NULL, err) && connection_put(db, &c, err) &&
               tell(db,
                    &(struct tell){ .church = church,
                                    .subject = c.id,
                                    .level = EVENT_WARNING,
                                    .platform = (int)p,
                                    .kind = "connection.disconnected",
                                    .remedy = "Connect it again to use it.",
                                    .actor = by->name,
                                    .simulated = c.simulated },
                    err, "%s was disconnected%s.", platform_name(p),
                    *left ? "; coming livestreams and meetings there lose it" : "");
        if (done)
            done = db_commit(db, err);
        else
            db_rollback(db);
    }
    connection_release(&c);
    return done;
}

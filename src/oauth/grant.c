#include <ecclesia/oauth/signin.h>

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#include "oauth/private.h"

enum {
    FORM_CEILING = 24 * 1024,
    SECOND = 1000,
    INTERVAL_S = 5,
    SLOWER_MS = 5000,
    REVOKE_MS = 10000
};

static const int64_t long_enough_ms = 2 * 24 * 3600 * INT64_C(1000);

/* Asks for a token and reads it. Wipes the form. */
static bool token_ask(struct call *call, const struct platform *p, struct wire *w,
                      struct token *out, struct error *err)
{
    cJSON *answer = NULL;
    bool done = wire_ask(call, p, w, &answer, err) && wire_token(call, answer, out, err);

    oauth_tree_wipe(answer);
    oauth_wipe(w->form);
    if (!done)
        token_wipe(out);
    return done;
}

static void add_scopes(const struct oauth_profile *o, struct text *form)
{
    struct text scopes;

    if (!o->scopes_with_token)
        return;
    text_init(&scopes, 2000);
    oauth_scopes(o, false, &scopes);
    oauth_add(form, "scope", text_str(&scopes));
    text_release(&scopes);
}

bool grant_by_code(struct call *call, const struct platform *p, const char *code,
                   const char *redirect_uri, const char *verifier, struct token *out,
                   struct error *err)
{
    struct text form;
    struct wire w = { .base = p->oauth->token_base,
                      .path = p->oauth->token_path,
                      .get = p->oauth->token_by_get,
                      .client = true,
                      .form = &form };

    text_init(&form, FORM_CEILING);
    if (!w.get)
        oauth_add(&form, "grant_type", "authorization_code");
    oauth_add(&form, "code", code);
    oauth_add(&form, "redirect_uri", redirect_uri);
    oauth_add(&form, "code_verifier", verifier);
    add_scopes(p->oauth, &form);
    return token_ask(call, p, &w, out, err);
}

/* By the access token itself, in the query, as Meta wants it. */
static bool extend(struct call *call, const struct platform *p, const char *path, const char *grant,
                   const char *parameter, bool client, const char *access, struct token *out,
                   struct error *err)
{
    struct text form;
    struct wire w = { .path = path, .api = true, .get = true, .client = client, .form = &form };

    text_init(&form, FORM_CEILING);
    oauth_add(&form, "grant_type", grant);
    oauth_add(&form, parameter, access);
    return token_ask(call, p, &w, out, err);
}

bool grant_lengthen(struct call *call, const struct platform *p, struct token *t, struct error *err)
{
    const struct oauth_profile *o = p->oauth;
    struct token longer = { .access = "" };
    char scopes[sizeof t->scopes];
    bool done;

    if (!o->lengthen_path || (t->expires_ms && t->expires_ms - call->now_ms > long_enough_ms))
        return true;
    done = extend(call, p, o->lengthen_path, o->lengthen_grant, o->lengthen_parameter, true,
                  t->access, &longer, err);
    if (done) {
        text_copy_to(scopes, sizeof scopes, longer.scopes[0] ? longer.scopes : t->scopes);
        *t = longer;
        text_copy_to(t->scopes, sizeof t->scopes, scopes);
    }
    token_wipe(&longer);
    return done;
}

/* Since the sign-in a permission was taken away: what is asked for again is more than there is. */
static bool asks_too_much(const struct oauth_profile *o, const struct error *why)
{
    return o->scopes_with_token &&
           (text_equal(why->code, "AADSTS65001") || text_equal(why->code, "consent_required") ||
            text_equal(why->code, "invalid_scope"));
}

/* scopes: names them again, where the platform wants that; else whatever is still allowed. */
static bool renew_by_token(struct call *call, const struct platform *p, const char *refresh,
                           bool scopes, struct token *out, struct error *err)
{
    struct text form;
    struct wire w = {
        .base = p->oauth->token_base, .path = p->oauth->token_path, .client = true, .form = &form
    };

    text_init(&form, FORM_CEILING);
    oauth_add(&form, "grant_type", "refresh_token");
    oauth_add(&form, "refresh_token", refresh);
    if (scopes)
        add_scopes(p->oauth, &form);
    return token_ask(call, p, &w, out, err);
}

bool grant_renew(struct call *call, const struct platform *p, struct token *out, struct error *err)
{
    const struct oauth_profile *o = p->oauth;
    const char *refresh = call->credential(call, "refresh_token");
    struct error why = { 0 };

    if (o->refresh == OAUTH_REFRESH_EXTENDS) {
        const char *access = call->credential(call, "access_token");

        return extend(call, p, o->extend_path, o->extend_grant, o->extend_parameter, false,
                      access ? access : "", out, err);
    }
    if (o->refresh == OAUTH_REFRESH_NEVER || !refresh || !*refresh)
        return error_platform(err, ERROR_AUTH, platform_slug(p->id), "Connect it again.",
                              "%s gave nothing to renew the sign-in with.", platform_name(p->id));
    if (renew_by_token(call, p, refresh, true, out, &why) ||
        (asks_too_much(o, &why) && renew_by_token(call, p, refresh, false, out, &why)))
        return true;
    if (err)
        *err = why;
    return false;
}

bool grant_revoke(struct call *call, const struct platform *p, const char *token, struct error *err)
{
    struct text form;
    cJSON *answer = NULL;
    struct wire w = {
        .path = p->oauth->revoke_path, .client = true, .timeout_ms = REVOKE_MS, .form = &form
    };
    bool done;

    if (!w.path || p->oauth->revoke_shared || !token || !*token)
        return true;
    text_init(&form, FORM_CEILING);
    oauth_add(&form, "token", token);
    done = wire_ask(call, p, &w, &answer, err);
    oauth_tree_wipe(answer);
    oauth_wipe(&form);
    return done;
}

/* ---- devices ---- */

void device_wipe(struct device *d)
{
    text_wipe(d, sizeof *d);
}

/* Meta takes the app's id and its client token for a token. */
static void add_app(struct call *call, const struct platform *p, struct text *form)
{
    struct text app;

    text_init(&app, 600);
    text_addf(&app, "%s|%s", oauth_value(call, p, "client_id"),
              oauth_value(call, p, "client_token"));
    oauth_add(form, "access_token", text_str(&app));
    oauth_wipe(&app);
}

/* A page that a person may be sent to: https, or http here in a rehearsal; nothing that a terminal
 * would obey. */
static bool page_good(const struct call *call, const char *url)
{
    for (const char *c = url; *c; c++)
        if (*c <= ' ' || *c >= 127)
            return false;
    return text_starts(url, "https://") || (call->simulated && text_starts(url, "http://127."));
}

static bool device_read(struct call *call, const cJSON *answer, struct device *out)
{
    const char *code = json_string(answer, "device_code"), *user = json_string(answer, "user_code");
    const char *url = json_string(answer, "verification_uri");
    const char *complete = json_string(answer, "verification_uri_complete");
    int64_t seconds = 0, interval = INTERVAL_S;

    memset(out, 0, sizeof *out);
    code = code ? code : json_string(answer, "code");
    url = url ? url : json_string(answer, "verification_url"); /* Google's word */
    if (!code || !user || !url || !*user || !text_copy_to(out->code, sizeof out->code, code) ||
        !text_copy_to(out->user_code, sizeof out->user_code, user) ||
        !text_copy_to(out->url, sizeof out->url, url) || !page_good(call, url))
        return false;
    for (const char *c = user; *c; c++)
        if (*c <= ' ' || *c >= 127)
            return false;
    if (complete && page_good(call, complete))
        text_copy_to(out->complete, sizeof out->complete, complete);
    if (!json_int(answer, "expires_in", &seconds) || seconds < 1 || seconds > 3600)
        seconds = 600;
    if (!json_int(answer, "interval", &interval) || interval < 1 || interval > 60)
        interval = INTERVAL_S;
    out->interval_ms = interval * SECOND;
    out->expires_mono = clock_mono() + seconds * SECOND;
    return true;
}

bool device_start(struct call *call, const struct platform *p, struct device *out,
                  struct error *err)
{
    const struct oauth_profile *o = p->oauth;
    struct text form, scopes;
    cJSON *answer = NULL;
    struct wire w = { .path = o->device_path, .form = &form };
    bool done;

    text_init(&form, FORM_CEILING);
    text_init(&scopes, 2000);
    oauth_scopes(o, true, &scopes);
    if (o->device == OAUTH_DEVICE_FACEBOOK)
        add_app(call, p, &form);
    else
        oauth_add(&form, "client_id", oauth_value(call, p, "client_id"));
    if (!o->scopes_in_app)
        oauth_add(&form, "scope", text_str(&scopes));
    /* Who proves itself by a header does so here too; no other secret is wanted. */
    w.client = o->client == OAUTH_CLIENT_BASIC && *oauth_value(call, p, "client_secret");
    done = wire_ask(call, p, &w, &answer, err);
    if (done && !device_read(call, answer, out))
        done = error_platform(err, ERROR_GARBAGE, platform_slug(p->id),
                              "Sign in by the browser instead.",
                              "%s's answer has no code that can be shown.", platform_name(p->id));
    oauth_tree_wipe(answer);
    oauth_wipe(&form);
    text_release(&scopes);
    return done;
}

static void device_form(struct call *call, const struct platform *p, const struct device *d,
                        struct wire *w)
{
    const struct oauth_profile *o = p->oauth;

    text_init(w->form, FORM_CEILING);
    w->path = o->device_poll_path ? o->device_poll_path : o->token_path;
    if (o->device == OAUTH_DEVICE_FACEBOOK) {
        add_app(call, p, w->form);
        oauth_add(w->form, "code", d->code);
        return;
    }
    w->base = o->device_poll_path ? NULL : o->token_base;
    w->client = true;
    oauth_add(w->form, "grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    oauth_add(w->form, "device_code", d->code);
}

enum device_state device_poll(struct call *call, const struct platform *p, struct device *d,
                              struct token *out, struct error *err)
{
    struct text form;
    struct wire w = { .form = &form };
    struct error why = { 0 };

    device_form(call, p, d, &w);
    if (token_ask(call, p, &w, out, &why))
        return DEVICE_DONE;
    if (clock_mono() >= d->expires_mono) {
        error_platform(err, ERROR_TIMEOUT, platform_slug(p->id), "Begin again.",
                       "%s: the code is too old.", platform_name(p->id));
        return DEVICE_OVER;
    }
    if (strcmp(why.code, "slow_down") == 0)
        d->interval_ms += SLOWER_MS;
    else if (why.kind == ERROR_NET_PRE || why.kind == ERROR_NET_POST || why.kind == ERROR_SERVER ||
             why.kind == ERROR_RATE)
        d->interval_ms += d->interval_ms < 60 * SECOND ? d->interval_ms : 0;
    else if (strcmp(why.code, "authorization_pending") != 0) {
        /* Google knows no expired_token: an old code is an invalid grant there. */
        if (err)
            *err = why;
        return DEVICE_OVER;
    }
    return DEVICE_PENDING;
}

#include "manager/signin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

/* The address that the browser is sent back to, as [PLATFORM] redirect_uri has it. */
struct way_back {
    bool here; /* on this machine */
    char host[64];
    int port;         /* 0: any */
    const char *path; /* borrowed */
};

static bool way_read(struct way_back *w, const char *uri, struct error *err)
{
    const char *host = uri + strlen("http://"), *end;
    char *rest;

    *w = (struct way_back){ .path = "" };
    if (text_starts(uri, "https://") && uri[strlen("https://")] && !strpbrk(uri, "?# \"<>"))
        return true;
    w->here = true;
    if (text_starts(uri, "http://") && !strpbrk(uri, "?# \"<>")) {
        end = host + strcspn(host, ":/");
        snprintf(w->host, sizeof w->host, "%.*s", (int)(end - host), host);
        w->port = *end == ':' ? (int)strtol(end + 1, &rest, 10) : 0;
        w->path = *end == ':' ? rest : end;
        if ((text_equal(w->host, "127.0.0.1") || text_equal(w->host, "localhost")) &&
            w->port >= 0 && w->port < 65536 && (*w->path == '\0' || *w->path == '/'))
            return true;
    }
    return error_set(err, ERROR_CONFIG,
                     "Write an https:// address, or http://127.0.0.1:PORT for this machine.",
                     "redirect_uri cannot be \"%s\".", uri);
}

/* Where the browser ends: the configured address, or a listener of our own. */
static bool find_way_back(struct signin *s, int port, struct error *err)
{
    const struct platform *p = s->attempt.platform;
    const char *configured =
        config_text(s->attempt.m->config, platform_slug(p->id), "redirect_uri");
    struct way_back w = { .here = true,
                          .port = p->oauth->loopback_port,
                          .path = p->oauth->loopback_path };

    text_copy_to(w.host, sizeof w.host, p->oauth->loopback_host ? p->oauth->loopback_host : "");
    if (configured[0] && !way_read(&w, configured, err))
        return false;
    if (!w.here) {
        text_copy_to(s->flow.redirect_uri, sizeof s->flow.redirect_uri, configured);
        return true;
    }
    if (!w.host[0])
        return error_platform(err, ERROR_INPUT, platform_slug(p->id),
                              "Set redirect_uri for it in the configuration, to exactly the https "
                              "address that is registered with the app.",
                              "%s sends the browser back to https addresses alone.",
                              platform_name(p->id));
    if (!loopback_open(&s->loopback, port ? port : w.port, w.path, err))
        return false;
    snprintf(s->flow.redirect_uri, sizeof s->flow.redirect_uri, "http://%s:%d%s", w.host,
             loopback_port(s->loopback), w.path);
    return true;
}

static cJSON *values_tree(const struct attempt *a)
{
    cJSON *tree = cJSON_CreateObject();

    for (size_t i = 0; i < a->value_count; i++)
        if (a->values[i].key[0])
            cJSON_AddStringToObject(tree, a->values[i].key, a->values[i].value);
    return tree;
}

/* [PLATFORM] pkce takes it away where no page promises that the platform knows it. */
static bool wants_pkce(const struct signin *s)
{
    const struct platform *p = s->attempt.platform;

    return !p->oauth->pkce_unproven ||
           config_bool(s->attempt.m->config, platform_slug(p->id), "pkce");
}

static bool begin_browser(struct signin *s, int port, const struct actor *by, struct error *err)
{
    struct attempt *a = &s->attempt;
    char challenge[PKCE_SIZE];
    struct caller *caller = NULL;
    struct authorize how = { .redirect_uri = s->flow.redirect_uri, .state = s->state };
    bool done;

    if (!find_way_back(s, port, err) || !attempt_call(a, s->cancel, &caller, err))
        return false;
    s->flow.church = a->connection.church;
    s->flow.platform = a->platform->id;
    text_copy_to(s->flow.started_by, sizeof s->flow.started_by, by->name);
    authorize_issuer(caller_call(caller), a->platform, s->flow.issuer, sizeof s->flow.issuer);
    s->flow.values = values_tree(a);
    if (wants_pkce(s)) {
        pkce_verifier(s->flow.verifier);
        pkce_challenge(s->flow.verifier, challenge);
        how.challenge = challenge;
    }
    done = authorize_check(caller_call(caller), a->platform, false, err) &&
           flow_begin(a->m->vault, a->m->store, &s->flow, s->browser, s->state, err);
    s->flowing = done;
    state_hash(s->state, s->hash);
    done = done && watch_open(&s->watch, a->m->store, err) &&
           (!s->loopback || loopback_await(s->loopback, s->state, err)) &&
           authorize_url(caller_call(caller), a->platform, &how, &s->url, err);
    caller_close(caller);
    return done;
}

bool signin_open_ways(struct signin *s, const struct signin_request *r, const struct actor *by,
                      struct error *err)
{
    const struct platform *p = s->attempt.platform;

    s->ways = r->ways ? r->ways : SIGNIN_WAY_BROWSER | SIGNIN_WAY_DEVICE;
    if (!p->oauth->device_path || !(p->signin & SIGNIN_DEVICE))
        s->ways &= ~(unsigned)SIGNIN_WAY_DEVICE;
    if (!s->ways)
        return error_platform(err, ERROR_REFUSED, platform_slug(p->id),
                              "Sign in by the browser: leave --method out.",
                              "%s has no sign-in by a code.", platform_name(p->id));
    if ((s->ways & SIGNIN_WAY_BROWSER) && !begin_browser(s, r->port, by, err))
        return false;
    return !(s->ways & SIGNIN_WAY_DEVICE) || signin_device_start(&s->device, &s->attempt, err);
}

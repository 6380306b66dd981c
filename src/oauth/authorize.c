#include <ecclesia/oauth/signin.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>
#include <ecclesia/vault/hash.h>

#include "oauth/private.h"

static void put_base64url(char *out, size_t size, const void *bytes, size_t length)
{
    struct text t;

    text_init(&t, size - 1);
    text_add_base64url(&t, bytes, length);
    text_copy_to(out, size, text_str(&t));
    oauth_wipe(&t);
}

void pkce_verifier(char out[PKCE_SIZE])
{
    unsigned char bytes[32];

    vault_random(bytes, sizeof bytes);
    put_base64url(out, PKCE_SIZE, bytes, sizeof bytes);
    text_wipe(bytes, sizeof bytes);
}

void pkce_challenge(const char *verifier, char out[PKCE_SIZE])
{
    unsigned char sum[32];

    vault_sha256(sum, verifier, strlen(verifier));
    put_base64url(out, PKCE_SIZE, sum, sizeof sum);
}

void state_hash(const char *state, char out[65])
{
    unsigned char sum[32];
    struct text t;

    vault_sha256(sum, state, strlen(state));
    text_init(&t, 64);
    text_add_hex(&t, sum, sizeof sum);
    text_copy_to(out, 65, text_str(&t));
    text_release(&t);
}

/* ---- the address ---- */

static bool lacks(const struct platform *p, const char *key, struct error *err)
{
    char remedy[250];

    snprintf(remedy, sizeof remedy,
             "Set it under [%s] in the configuration, or give --set %s=…; `ecclesia platform show "
             "%s` says where to register the app.",
             platform_slug(p->id), key, platform_slug(p->id));
    return error_platform(err, ERROR_INPUT, platform_slug(p->id), remedy,
                          "Signing in at %s needs a %s.", platform_name(p->id), key);
}

bool authorize_check(struct call *call, const struct platform *p, bool device, struct error *err)
{
    const char *needs = p->oauth->needs ? p->oauth->needs : "";
    char key[40];

    if (!*oauth_value(call, p, "client_id"))
        return lacks(p, "client_id", err);
    if (device && p->oauth->device == OAUTH_DEVICE_FACEBOOK &&
        !*oauth_value(call, p, "client_token"))
        return lacks(p, "client_token", err);
    for (; *(needs += strspn(needs, " ")); needs += strcspn(needs, " ")) {
        snprintf(key, sizeof key, "%.*s", (int)strcspn(needs, " "), needs);
        if (!*oauth_value(call, p, key))
            return lacks(p, key, err);
    }
    return true;
}

static void add(struct text *t, const char *key, const char *value)
{
    text_addf(t, "&%s=", key);
    text_add_urlencoded(t, value);
}

bool authorize_url(struct call *call, const struct platform *p, const struct authorize *a,
                   struct text *out, struct error *err)
{
    const struct oauth_profile *o = p->oauth;
    struct text scopes;

    if (!oauth_place(call, p, o->authorize_base, o->authorize_path, out, err))
        return false;
    text_init(&scopes, 2000);
    oauth_scopes(o, false, &scopes);
    text_add(out, "?response_type=code");
    add(out, "client_id", oauth_value(call, p, "client_id"));
    add(out, "redirect_uri", a->redirect_uri);
    if (!o->scopes_in_app)
        add(out, "scope", text_str(&scopes));
    add(out, "state", a->state);
    if (a->challenge) {
        add(out, "code_challenge", a->challenge);
        text_add(out, "&code_challenge_method=S256");
    }
    if (o->parameters)
        text_addf(out, "&%s", o->parameters);
    text_release(&scopes);
    return !out->overflow ||
           error_platform(err, ERROR_INPUT, platform_slug(p->id), "Check client_id.",
                          "The address of %s's sign-in is too long.", platform_name(p->id));
}

void authorize_issuer(const struct call *call, const struct platform *p, char *out, size_t size)
{
    const char *issuer = oauth_elsewhere(call, p) ? call->auth_base : p->oauth->issuer;

    text_copy_to(out, size, issuer ? issuer : "");
}

/* ---- permissions ---- */

static bool holds(const char *list, const char *word, size_t length)
{
    for (; *(list += strspn(list, " ")); list += strcspn(list, " "))
        if (strcspn(list, " ") == length && strncasecmp(list, word, length) == 0)
            return true;
    return false;
}

static bool granted_any(const char *granted, const struct oauth_scope *s)
{
    const char *same = s->same ? s->same : "";

    if (holds(granted, s->scope, strlen(s->scope)))
        return true;
    for (; *(same += strspn(same, " ")); same += strcspn(same, " "))
        if (holds(granted, same, strcspn(same, " ")))
            return true;
    return false;
}

size_t scopes_missing(const struct oauth_profile *o, const char *granted,
                      const struct oauth_scope **out, size_t most)
{
    size_t n = 0;

    if (!o || !granted || !granted[strspn(granted, " ")])
        return 0;
    /* What nobody would miss is not named: some servers never list it. */
    for (const struct oauth_scope *s = o->scopes; s && s->scope && n < most; s++)
        if (s->without && !granted_any(granted, s))
            out[n++] = s;
    return n;
}

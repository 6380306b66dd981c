/* Who may do what: codes, grants, tokens, device codes, for all platforms. No HTTP here. */
#include "sim/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

static void tokens_free(struct sim_token *t)
{
    while (t != NULL) {
        struct sim_token *next = t->next;
        free(t);
        t = next;
    }
}

static void grant_free(struct sim_grant *g)
{
    tokens_free(g->tokens);
    tokens_free(g->old_refresh);
    free(g);
}

void sim_oauth_drop(struct sim *sim)
{
    while (sim->grants != NULL) {
        struct sim_grant *g = sim->grants;
        sim->grants = g->next;
        grant_free(g);
    }
    while (sim->codes != NULL) {
        struct sim_code *code = sim->codes;
        sim->codes = code->next;
        free(code);
    }
    while (sim->devices != NULL) {
        struct sim_device *d = sim->devices;
        sim->devices = d->next;
        free(d);
    }
}

static int account_count(const struct sim_platform *p)
{
    int count = 0;

    while (p->accounts != NULL && p->accounts[count].id != NULL)
        count++;
    return count;
}

const struct sim_account *sim_account_of(const struct sim_platform *p, const struct sim_grant *g)
{
    static const struct sim_account nobody = { "", "nobody", "" };

    return g->account < account_count(p) ? &p->accounts[g->account] : &nobody;
}

const struct sim_client *sim_client_find(const struct sim_platform *p, const char *id)
{
    for (const struct sim_client *c = p->oauth->clients; c->id != NULL; c++)
        if (id != NULL && strcmp(c->id, id) == 0)
            return c;
    return NULL;
}

struct sim_grant *sim_grant_new(struct sim *sim, int platform, int account, const char *client,
                                const char *scope)
{
    struct sim_grant *g = calloc(1, sizeof *g);

    if (g == NULL)
        abort();
    g->platform = platform;
    g->account = account;
    text_copy_to(g->client, sizeof g->client, client);
    text_copy_to(g->scope, sizeof g->scope, scope);
    snprintf(g->label, sizeof g->label, "%s:%d %s", sim_slugs[platform],
             ++sim->grant_count[platform], sim_account_of(sim_platforms[platform], g)->name);
    g->next = sim->grants;
    sim->grants = g;
    return g;
}

struct sim_token *sim_token_new(struct sim *sim, struct sim_grant *g, const char *prefix,
                                int life_s)
{
    struct sim_token *t = calloc(1, sizeof *t);
    size_t length = strlen(prefix);

    if (t == NULL)
        abort();
    text_copy_to(t->value, sizeof t->value, prefix);
    sim_secret_text(sim, t->value + length, 64, sim_alnum);
    t->issued_ms = clock_now();
    if (life_s > 0) {
        t->expires_ms = t->issued_ms + (int64_t)life_s * 1000;
        t->expires_mono = clock_mono() + (int64_t)life_s * 1000;
    }
    t->next = g->tokens;
    g->tokens = t;
    return t;
}

struct sim_grant *sim_token_find(struct sim *sim, int platform, const char *value,
                                 struct sim_token **token)
{
    for (struct sim_grant *g = sim->grants; g != NULL; g = g->next) {
        if (g->platform != platform)
            continue;
        for (struct sim_token *t = g->tokens; t != NULL; t = t->next) {
            if (strcmp(t->value, value) == 0) {
                if (token != NULL)
                    *token = t;
                return g;
            }
        }
    }
    return NULL;
}

bool sim_token_alive(const struct sim_grant *g, const struct sim_token *t)
{
    return !g->revoked && !t->dead && (t->expires_mono == 0 || t->expires_mono > clock_mono());
}

static bool refresh_is(const struct sim_grant *g, const char *value)
{
    const struct sim_token *t = g->old_refresh;

    while (t != NULL && strcmp(t->value, value) != 0)
        t = t->next;
    return t != NULL || strcmp(g->refresh, value) == 0 || strcmp(g->refresh_before, value) == 0;
}

struct sim_grant *sim_refresh_find(struct sim *sim, int platform, const char *value)
{
    for (struct sim_grant *g = sim->grants; g != NULL; g = g->next)
        if (g->platform == platform && value[0] != '\0' && refresh_is(g, value))
            return g;
    return NULL;
}

void sim_grant_kill(struct sim_grant *g, const char *why)
{
    g->revoked = true;
    text_copy_to(g->why, sizeof g->why, why);
}

void sim_tokens_kill(struct sim_grant *g)
{
    for (struct sim_token *t = g->tokens; t != NULL; t = t->next)
        t->dead = true;
}

/* Takes one word out of a blank-separated list. */
static void scope_drop(char *list, size_t size, const char *word)
{
    struct text rest;
    char *save = NULL;
    char *copy = text_copy(list);

    text_init(&rest, size - 1);
    for (char *one = copy != NULL ? strtok_r(copy, " ", &save) : NULL; one != NULL;
         one = strtok_r(NULL, " ", &save))
        if (strcmp(one, word) != 0)
            text_addf(&rest, "%s%s", rest.length > 0 ? " " : "", one);
    text_copy_to(list, size, text_str(&rest));
    text_release(&rest);
    free(copy);
}

bool sim_grants_action(struct sim *sim, int platform, const char *action, const char *scope,
                       struct error *err)
{
    if (!sim_word_in("expire_access revoke drop_scope", action))
        return error_set(err, ERROR_INPUT, "Use expire_access, revoke or drop_scope.",
                         "\"action\" is not known.");
    for (struct sim_grant *g = sim->grants; g != NULL; g = g->next) {
        if (g->platform != platform)
            continue;
        if (strcmp(action, "revoke") == 0) {
            sim_grant_kill(g, "revoked");
        } else if (strcmp(action, "drop_scope") == 0) {
            if (scope != NULL)
                scope_drop(g->scope, sizeof g->scope, scope);
            else
                g->scope[0] = '\0';
        } else {
            for (struct sim_token *t = g->tokens; t != NULL; t = t->next) {
                t->expires_mono = 1;
                t->expires_ms = clock_now() - 1000;
            }
        }
    }
    return true;
}

/* ---- codes ---- */

struct sim_code *sim_code_new(struct sim *sim, int platform)
{
    const struct sim_oauth *o = sim_platforms[platform]->oauth;
    struct sim_code *code = calloc(1, sizeof *code);
    size_t length = strlen(o->code_prefix);

    if (code == NULL)
        abort();
    code->platform = platform;
    text_copy_to(code->value, sizeof code->value, o->code_prefix);
    sim_secret_text(sim, code->value + length, 48, sim_b64url);
    code->expires_mono = clock_mono() + o->code_ms;
    code->next = sim->codes;
    sim->codes = code;
    return code;
}

static bool verifier_fits(const struct sim_code *code, const char *verifier)
{
    unsigned char sum[32];
    struct text t;

    if (code->challenge[0] == '\0')
        return true;
    if (verifier == NULL || strlen(verifier) < 43 || strlen(verifier) > 128)
        return false; /* RFC 7636: 43 to 128 characters */
    if (strcmp(code->method, "S256") != 0)
        return sim_same(code->challenge, verifier);
    sim_sha256(sum, verifier, strlen(verifier));
    text_init(&t, 100);
    text_add_base64url(&t, sum, sizeof sum);
    bool fits = sim_same(code->challenge, text_str(&t));
    text_release(&t);
    return fits;
}

enum sim_code_trouble sim_code_spend(struct sim *sim, int platform, const char *value,
                                     const char *client, const char *redirect, const char *verifier,
                                     struct sim_grant **grant)
{
    struct sim_code *code = sim->codes;

    while (code != NULL && (code->platform != platform || strcmp(code->value, value) != 0))
        code = code->next;
    if (code == NULL)
        return SIM_CODE_UNKNOWN;
    if (code->spent)
        return SIM_CODE_SPENT;
    if (strcmp(code->client, client) != 0)
        return SIM_CODE_CLIENT;
    /* A failed exchange spends the code as well: one that leaked cannot be tried against many
     * verifiers. */
    code->spent = true;
    if (code->expires_mono <= clock_mono())
        return SIM_CODE_OLD;
    if (redirect == NULL || strcmp(code->redirect, redirect) != 0)
        return SIM_CODE_REDIRECT;
    if (!verifier_fits(code, verifier))
        return SIM_CODE_VERIFIER;
    *grant = sim_grant_new(sim, platform, code->account, client, code->scope);
    return SIM_CODE_GOOD;
}

/* ---- device codes ---- */

struct sim_device *sim_device_new(struct sim *sim, int platform, const char *client,
                                  const char *scope)
{
    const struct sim_oauth *o = sim_platforms[platform]->oauth;
    struct sim_device *d = calloc(1, sizeof *d);

    if (d == NULL)
        abort();
    d->platform = platform;
    text_copy_to(d->client, sizeof d->client, client);
    text_copy_to(d->scope, sizeof d->scope, scope);
    sim_secret_text(sim, d->device_code, 60, sim_alnum);
    /* Letters that nobody mistakes for one another. */
    sim_random_text(sim, d->user_code, 9, "BCDFGHJKLMNPQRSTVWXZ");
    d->user_code[4] = '-';
    d->interval_s = o->device_interval_s;
    d->expires_mono = clock_mono() + (int64_t)o->device_s * 1000;
    d->next = sim->devices;
    sim->devices = d;
    return d;
}

struct sim_device *sim_device_find(struct sim *sim, int platform, const char *code)
{
    for (struct sim_device *d = sim->devices; d != NULL && code != NULL; d = d->next)
        if (d->platform == platform &&
            (strcmp(d->device_code, code) == 0 || strcmp(d->user_code, code) == 0))
            return d;
    return NULL;
}

/* The token end of an OAuth 2.0 server. What differs between platforms stands in their struct
 * sim_oauth. */
#include "sim/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

static const struct sim_oauth *rules(const struct sim_call *c)
{
    return c->platform->oauth;
}

static void refuse(struct sim_call *c, int status, const char *word, const char *description)
{
    rules(c)->refuse(c, status, word, description);
}

/* Splits "Basic base64(id:secret)". False when it is not that. */
static bool basic_read(const char *header, char *id, size_t id_size, char *secret,
                       size_t secret_size)
{
    char plain[512];
    const char *colon;

    if (header == NULL || !text_starts_nocase(header, "Basic ") ||
        !sim_b64_decode(header + strlen("Basic "), plain, sizeof plain) ||
        (colon = strchr(plain, ':')) == NULL)
        return false;
    if ((size_t)(colon - plain) >= id_size)
        return false;
    memcpy(id, plain, (size_t)(colon - plain));
    id[colon - plain] = '\0';
    return text_copy_to(secret, secret_size, colon + 1);
}

const struct sim_client *sim_oauth_client(struct sim_call *c)
{
    const char *posted_id = sim_param(c, "client_id"),
               *posted_secret = sim_param(c, "client_secret");
    char id[256] = "", secret[256] = "";
    bool basic = basic_read(sim_header(c, "authorization"), id, sizeof id, secret, sizeof secret);

    if (!basic && posted_id != NULL)
        text_copy_to(id, sizeof id, posted_id);
    const struct sim_client *client = sim_client_find(c->platform, id);
    if (id[0] == '\0') {
        refuse(c, 400, "invalid_request", "Could not determine client ID from request.");
        return NULL;
    }
    if (client == NULL) {
        refuse(c, 401, "invalid_client", "The OAuth client was not found.");
        return NULL;
    }
    if (client->secret == NULL)
        return client;
    if (!basic && (posted_secret == NULL || posted_secret[0] == '\0')) {
        refuse(c, 400, "invalid_request", "client_secret is missing.");
        return NULL;
    }
    if (!sim_same(client->secret, basic ? secret : posted_secret) ||
        (!basic && rules(c)->basic_only)) {
        refuse(c, 401, "invalid_client", "Unauthorized");
        return NULL;
    }
    return client;
}

/* Where old refresh tokens stay good they are kept beside the new one. */
static void refresh_keep(struct sim_grant *g)
{
    struct sim_token *t = g->refresh[0] != '\0' ? calloc(1, sizeof *t) : NULL;

    if (t == NULL)
        return;
    text_copy_to(t->value, sizeof t->value, g->refresh);
    t->next = g->old_refresh;
    g->old_refresh = t;
}

static void refresh_new(struct sim_call *c, struct sim_grant *g)
{
    size_t length = strlen(rules(c)->refresh_prefix);

    if (rules(c)->keeps_old)
        refresh_keep(g);
    text_copy_to(g->refresh_before, sizeof g->refresh_before, g->refresh);
    text_copy_to(g->refresh, sizeof g->refresh, rules(c)->refresh_prefix);
    sim_secret_text(c->sim, g->refresh + length, 80, sim_alnum);
}

cJSON *sim_oauth_answer(struct sim_call *c, struct sim_grant *g, bool with_refresh)
{
    const struct sim_oauth *o = rules(c);
    struct sim_token *t = sim_token_new(c->sim, g, o->access_prefix, o->access_s);
    cJSON *out = cJSON_CreateObject();

    c->grant = g;
    if (o->refresh_scope != NULL && !sim_word_in(g->scope, o->refresh_scope))
        with_refresh = false;
    cJSON_AddStringToObject(out, "access_token", t->value);
    cJSON_AddNumberToObject(out, "expires_in", o->access_s - 1);
    if (with_refresh) {
        refresh_new(c, g);
        cJSON_AddStringToObject(out, "refresh_token", g->refresh);
    }
    cJSON_AddStringToObject(out, "scope", g->scope);
    cJSON_AddStringToObject(out, "token_type", "Bearer");
    if (o->decorate != NULL)
        o->decorate(c, g, t, out);
    return out;
}

void sim_oauth_id_token(cJSON *answer, cJSON *claims)
{
    struct text body, token;

    text_init(&body, 4096);
    text_init(&token, 8192);
    json_print(&body, claims);
    text_add(&token, "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.");
    text_add_base64url(&token, text_str(&body), body.length);
    text_add(&token, ".c2ltdWxhdGVk");
    cJSON_AddStringToObject(answer, "id_token", text_str(&token));
    text_release(&body);
    text_release(&token);
    cJSON_Delete(claims);
}

static void answer(struct sim_call *c, struct sim_grant *g, bool with_refresh)
{
    cJSON *out = sim_oauth_answer(c, g, with_refresh);

    sim_reply_json(&c->reply, 200, out);
    sim_reply_header(&c->reply, "Cache-Control", "no-store");
}

static void by_code(struct sim_call *c, const struct sim_client *client)
{
    static const char *const words[] = { [SIM_CODE_UNKNOWN] = "Malformed auth code.",
                                         [SIM_CODE_SPENT] = "Bad Request",
                                         [SIM_CODE_OLD] = "Bad Request",
                                         [SIM_CODE_CLIENT] = "Bad Request",
                                         [SIM_CODE_REDIRECT] = "Bad Request",
                                         [SIM_CODE_VERIFIER] = "Invalid code verifier." };
    const char *code = sim_param(c, "code");
    struct sim_grant *g = NULL;

    if (code == NULL || sim_param(c, "redirect_uri") == NULL) {
        refuse(c, 400, "invalid_request",
               code == NULL ? "Missing required parameter: code"
                            : "Missing parameter: redirect_uri");
        return;
    }
    enum sim_code_trouble trouble =
        sim_code_spend(c->sim, c->index, code, client->id, sim_param(c, "redirect_uri"),
                       sim_param(c, "code_verifier"), &g);
    if (trouble != SIM_CODE_GOOD)
        refuse(c, 400, trouble == SIM_CODE_REDIRECT ? "redirect_uri_mismatch" : "invalid_grant",
               words[trouble]);
    else
        answer(c, g, true);
}

static void by_refresh(struct sim_call *c, const struct sim_client *client)
{
    const char *token = sim_param(c, "refresh_token");
    struct sim_grant *g = token != NULL ? sim_refresh_find(c->sim, c->index, token) : NULL;

    c->grant = g;
    if (token == NULL) {
        refuse(c, 400, "invalid_request", "Missing required parameter: refresh_token");
        return;
    }
    bool old = g != NULL && strcmp(g->refresh, token) != 0;
    if (old && rules(c)->reuse_kills && strcmp(g->client, client->id) == 0)
        sim_grant_kill(g, "reused");
    if (g == NULL)
        refuse(c, 400, "invalid_grant", "Bad Request");
    else if (g->revoked || strcmp(g->client, client->id) != 0 || (old && !rules(c)->keeps_old))
        refuse(c, 400, "invalid_grant", "Token has been expired or revoked.");
    else
        answer(c, g, rules(c)->rotates);
}

static void by_device(struct sim_call *c, const struct sim_client *client)
{
    struct sim_device *d = sim_device_find(c->sim, c->index, sim_param(c, "device_code"));
    int64_t now = clock_mono();

    if (d == NULL || strcmp(d->client, client->id) != 0 || d->state == SIM_DEVICE_SPENT) {
        refuse(c, 400, "invalid_grant", "Bad Request");
        return;
    }
    bool hurried = d->polled_mono != 0 && now - d->polled_mono < (int64_t)d->interval_s * 1000;
    d->polled_mono = now;
    if (d->expires_mono <= now) {
        refuse(c, 400, "expired_token", "The device code has expired.");
    } else if (hurried) {
        d->interval_s += 5;
        refuse(c, 400, "slow_down", "Polling too frequently");
    } else if (d->state == SIM_DEVICE_REFUSED) {
        refuse(c, 400, "access_denied", "Forbidden");
    } else if (d->state == SIM_DEVICE_PENDING) {
        refuse(c, 400, "authorization_pending", "Precondition Required");
    } else {
        d->state = SIM_DEVICE_SPENT;
        answer(c, sim_grant_new(c->sim, c->index, d->account, client->id, d->scope), true);
    }
}

void sim_oauth_token(struct sim_call *c)
{
    const char *type = sim_param(c, "grant_type");
    const struct sim_client *client = sim_oauth_client(c);

    if (client == NULL)
        return;
    if (type == NULL)
        refuse(c, 400, "invalid_request", "Missing required parameter: grant_type");
    else if (strcmp(type, "authorization_code") == 0)
        by_code(c, client);
    else if (strcmp(type, "refresh_token") == 0)
        by_refresh(c, client);
    else if (strcmp(type, "urn:ietf:params:oauth:grant-type:device_code") == 0 &&
             rules(c)->device_page != NULL)
        by_device(c, client);
    else
        refuse(c, 400, "unsupported_grant_type", "Invalid grant_type");
}

void sim_oauth_device_start(struct sim_call *c)
{
    const struct sim_oauth *o = rules(c);
    const char *id = sim_param(c, "client_id"), *scope = sim_param(c, "scope");
    const struct sim_client *client = sim_client_find(c->platform, id);

    if (client == NULL) {
        refuse(c, 401, "invalid_client", "The OAuth client was not found.");
        return;
    }
    if (scope == NULL || scope[0] == '\0')
        scope = o->scopes_in_app ? o->scopes : "";
    if (scope[0] == '\0') {
        refuse(c, 400, "invalid_request", "Missing required parameter: scope");
        return;
    }
    if (!sim_words_all(o->device_scopes != NULL ? o->device_scopes : o->scopes, scope)) {
        refuse(c, 400, "invalid_scope", "Invalid device flow scope.");
        return;
    }
    struct sim_device *d = sim_device_new(c->sim, c->index, client->id, scope);
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "device_code", d->device_code);
    cJSON_AddStringToObject(out, "user_code", d->user_code);
    cJSON_AddNumberToObject(out, "expires_in", o->device_s);
    cJSON_AddNumberToObject(out, "interval", o->device_interval_s);
    o->device_answer(c, d, out);
    sim_reply_json(&c->reply, 200, out);
}

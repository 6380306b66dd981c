/* Restream's sign-in: scopes are the app's, refusal comes back bare, each refresh kills the pair
 * before it, and whoever sends a refresh token a second time ends the whole grant (two processes
 * that refresh at once must sign in again, says the page). */
#include "sim/restream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

const struct sim_client sim_restream_clients[] = {
    { "5ae1b0c4-7c1e-4f7e-9d55-ecc1e51a0001", "sim-restream-secret-0a1b2c3d4e5f", false },
    { NULL, NULL, false },
};

static void refuse(struct sim_call *c, int status, const char *word, const char *description)
{
    if (strcmp(word, "invalid_grant") == 0 && sim_param(c, "refresh_token") != NULL)
        description = "Invalid grant: refresh token is invalid";
    else if (strcmp(word, "invalid_grant") == 0)
        description = "Invalid grant: authorization code is invalid";
    else if (strcmp(word, "redirect_uri_mismatch") == 0)
        word = "invalid_request";
    sim_restream_error(c, status, word, "%s", description);
}

/* What the app's settings tick: an own wish in the URL is not looked at. */
void sim_restream_login(struct sim_call *c)
{
    cJSON_DeleteItemFromObjectCaseSensitive(c->query, "scope");
    cJSON_DeleteItemFromObjectCaseSensitive(c->form, "scope");
    sim_oauth_authorize(c);
}

/* In a token some scopes are called otherwise than in the documents. */
static cJSON *scopes_json(const char *scope)
{
    cJSON *out = cJSON_CreateArray();
    char *save = NULL, *copy = text_copy(scope);

    for (char *one = copy != NULL ? strtok_r(copy, " ", &save) : NULL; one != NULL;
         one = strtok_r(NULL, " ", &save)) {
        const char *name = strcmp(one, "channels.read") == 0 ? "channels.default.read"
                           : strcmp(one, "stream.read") == 0 ? "stream.default.read"
                                                             : one;
        cJSON_AddItemToArray(out, cJSON_CreateString(name));
    }
    free(copy);
    return out;
}

static void decorate(struct sim_call *c, struct sim_grant *g, struct sim_token *t, cJSON *answer)
{
    double expires = (double)(t->expires_ms / 1000);

    (void)c;
    for (struct sim_token *old = g->tokens; old != NULL; old = old->next)
        old->dead = old->dead || old != t;
    sim_put(answer, "scope", NULL);
    sim_put_number(answer, "expires_in", 3600);
    cJSON_AddNumberToObject(answer, "expires", expires);
    cJSON_AddNumberToObject(answer, "accessTokenExpiresEpoch", expires);
    cJSON_AddNumberToObject(answer, "refreshTokenExpiresEpoch",
                            (double)(clock_now() / 1000 + 365LL * 86400));
    cJSON_AddItemToObject(answer, "scopeJson", scopes_json(g->scope));
}

static void device_answer(struct sim_call *c, const struct sim_device *d, cJSON *answer)
{
    (void)c;
    (void)d;
    (void)answer; /* there is no device flow */
}

const struct sim_oauth sim_restream_oauth = {
    .clients = sim_restream_clients,
    .scopes = "profile.read channels.read channels.write stream.read stream.write chat.read",
    .code_prefix = "",
    .access_prefix = "",
    .refresh_prefix = "",
    .code_ms = 600000,
    .access_s = 3600,
    .rotates = true,
    .reuse_kills = true,
    .scopes_in_app = true,
    .refused_bare = true,
    .redirect_ok = sim_redirect_loopback_or_https,
    .refuse = refuse,
    .decorate = decorate,
    .device_answer = device_answer,
};

/* Takes either token of a pair, asks for no client, and ends both: whether a refresh token takes
 * its access token along is not confirmed. */
void sim_restream_revoke(struct sim_call *c)
{
    const char *value = sim_form(c, "token"), *hint = sim_form(c, "token_type_hint");

    if (value == NULL || (hint != NULL && !sim_word_in("access_token refresh_token", hint))) {
        sim_restream_error(c, 400, "invalid_request", "Missing parameter: `token`");
        return;
    }
    struct sim_grant *g = sim_token_find(c->sim, SIM_RESTREAM, value, NULL);
    if (g == NULL)
        g = sim_refresh_find(c->sim, SIM_RESTREAM, value);
    c->grant = g;
    if (g != NULL)
        sim_grant_kill(g, "revoked");
    sim_reply_empty(&c->reply, 200);
}

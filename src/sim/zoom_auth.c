/* Zoom's sign-in: people by code and PKCE or by device, the church's own account by
 * Server-to-Server. */
#include "sim/zoom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A confidential general app, its public twin, and a Server-to-Server app. */
const struct sim_client sim_zoom_clients[] = {
    { "simZoomClientId0000001", "simZoomClientSecret000000000001", false },
    { "simZoomPublicClientId1", NULL, false },
    { "simZoomServerClientId1", "simZoomServerSecret000000000001", true },
    { NULL, NULL, false },
};
static const char scopes[] = "user:read:user user:read:list_users user:read:settings "
                             "user:read:token meeting:write:meeting meeting:read:meeting "
                             "meeting:read:list_meetings meeting:read:list_upcoming_meetings "
                             "meeting:update:meeting meeting:delete:meeting "
                             "meeting:update:status meeting:read:invitation "
                             "meeting:read:livestream meeting:update:livestream "
                             "meeting:update:livestream_status meeting:read:past_meeting "
                             "meeting:read:list_past_participants";

void sim_zoom_refuse(struct sim_call *c, int status, const char *word, const char *description)
{
    cJSON *out = cJSON_CreateObject();

    if (strcmp(word, "invalid_grant") == 0 && sim_param(c, "refresh_token") != NULL)
        description = "Invalid Token!";
    else if (strcmp(word, "invalid_client") == 0)
        description = "Invalid client_id or client_secret";
    cJSON_AddStringToObject(out, "reason", description);
    cJSON_AddStringToObject(out, "error",
                            strcmp(word, "redirect_uri_mismatch") == 0 ? "invalid_request" : word);
    sim_reply_json(&c->reply, status, out);
}

static void decorate(struct sim_call *c, struct sim_grant *g, struct sim_token *t, cJSON *answer)
{
    (void)t;
    sim_put_string(answer, "token_type", "bearer");
    sim_put_number(answer, "expires_in", 3600);
    sim_put_string(answer, "api_url", c->sim->address[SIM_ZOOM]);
    /* A later authorization by the same person takes the place of the earlier one. */
    for (struct sim_grant *other = c->sim->grants; other != NULL && !g->machine;
         other = other->next)
        if (other != g && other->platform == SIM_ZOOM && !other->machine &&
            other->account == g->account && strcmp(other->client, g->client) == 0)
            sim_grant_kill(other, "replaced");
}

/* The port of a loopback redirect does not count; localhost is not 127.0.0.1. */
static bool redirect_ok(const char *uri)
{
    return sim_redirect_loopback_or_https(uri) && !text_starts(uri, "http://localhost");
}

static void device_answer(struct sim_call *c, const struct sim_device *d, cJSON *answer)
{
    char url[160];

    snprintf(url, sizeof url, "%s/oauth_device", c->sim->address[SIM_ZOOM]);
    cJSON_AddStringToObject(answer, "verification_uri", url);
    snprintf(url, sizeof url, "%s/oauth_device?user_code=%s", c->sim->address[SIM_ZOOM],
             d->user_code);
    cJSON_AddStringToObject(answer, "verification_uri_complete", url);
}

const struct sim_oauth sim_zoom_oauth = {
    .clients = sim_zoom_clients,
    .scopes = scopes,
    .code_prefix = "XyZ",
    .access_prefix = "eyJzdiI6IjAwMDAwMiJ9.at-",
    .refresh_prefix = "eyJzdiI6IjAwMDAwMiJ9.rt-",
    .code_ms = 300000,
    .access_s = 3600,
    .device_s = 900,
    .device_interval_s = 5,
    .rotates = true,
    .scopes_in_app = true,
    .basic_only = true,
    .device_page = "/oauth_device",
    .redirect_ok = redirect_ok,
    .refuse = sim_zoom_refuse,
    .decorate = decorate,
    .device_answer = device_answer,
};

static void scope_for_account(char *out, size_t size)
{
    struct text t;
    char *save = NULL, *copy = text_copy(scopes);

    text_init(&t, size - 1);
    for (char *one = copy != NULL ? strtok_r(copy, " ", &save) : NULL; one != NULL;
         one = strtok_r(NULL, " ", &save))
        text_addf(&t, "%s%s:admin", t.length > 0 ? " " : "", one);
    text_copy_to(out, size, text_str(&t));
    text_release(&t);
    free(copy);
}

/* Server-to-Server: no refresh token, and each new token kills the one before. */
static void by_account(struct sim_call *c)
{
    const struct sim_client *client = sim_oauth_client(c);
    const char *account = sim_param(c, "account_id");
    char scope[1200];

    if (client == NULL)
        return;
    if (!client->machine) {
        sim_zoom_refuse(c, 400, "unsupported_grant_type", "unsupported grant type");
        return;
    }
    if (account == NULL || strcmp(account, SIM_ZOOM_ACCOUNT) != 0) {
        sim_zoom_refuse(c, 400, "invalid_request", "Bad Request");
        return;
    }
    struct sim_grant *g = c->sim->grants;
    while (g != NULL &&
           (g->platform != SIM_ZOOM || !g->machine || strcmp(g->client, client->id) != 0))
        g = g->next;
    if (g == NULL) {
        scope_for_account(scope, sizeof scope);
        g = sim_grant_new(c->sim, SIM_ZOOM, 0, client->id, scope);
        g->machine = true;
    }
    if (g->revoked) {
        c->grant = g;
        sim_zoom_refuse(c, 400, "invalid_client", "The app is disabled");
        return;
    }
    sim_tokens_kill(g);
    sim_reply_json(&c->reply, 200, sim_oauth_answer(c, g, false));
}

void sim_zoom_token(struct sim_call *c)
{
    const char *type = sim_param(c, "grant_type"), *authorization = sim_header(c, "authorization");
    bool server = authorization != NULL &&
                  text_starts(authorization, "Basic c2ltWm9vbVNlcnZlc"); /* "simZoomServer…" */

    if (type != NULL && strcmp(type, "account_credentials") == 0)
        by_account(c);
    else if (server)
        sim_zoom_refuse(c, 400, "unsupported_grant_type", "unsupported grant type");
    else
        sim_oauth_token(c);
}

void sim_zoom_revoke(struct sim_call *c)
{
    const struct sim_client *client = sim_oauth_client(c);
    const char *value = sim_param(c, "token");

    if (client == NULL)
        return;
    struct sim_grant *g = value != NULL ? sim_token_find(c->sim, SIM_ZOOM, value, NULL) : NULL;
    if (g == NULL && value != NULL)
        g = sim_refresh_find(c->sim, SIM_ZOOM, value);
    if (g == NULL || g->revoked || strcmp(g->client, client->id) != 0) {
        sim_zoom_refuse(c, 400, "invalid_request", "Invalid Token!");
        return;
    }
    c->grant = g;
    if (g->machine)
        sim_tokens_kill(g); /* the app itself lives on and may ask again */
    else
        sim_grant_kill(g, "revoked");
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "status", "success");
    sim_reply_json(&c->reply, 200, out);
}

/* The Microsoft identity platform: tenants, people by code with PKCE or by device, the app in its
 * own name. Old refresh tokens stay good. Where the page gives no AADSTS number for a case the one
 * that the real service is known for is used; none of them is confirmed, `error` is what counts. */
#include "sim/teams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

/* A native app, which must have no secret, and a web app that may also ask in its own name. */
const struct sim_client sim_teams_clients[] = {
    [SIM_TEAMS_PUBLIC] = { "00001111-aaaa-2222-bbbb-3333cccc4444", NULL, false },
    [SIM_TEAMS_WEB] = { "11112222-bbbb-3333-cccc-4444dddd5555",
                        "sim8Q~EcclesiaSecretOfTheWebApp000000000", true },
    { NULL, NULL, false },
};

/* `organizations` is any work account, `consumers` any personal one, `common` both. The web app's
 * administrator has consented in St Mark's tenant alone. */
static const struct tenant {
    const char *id, *domain;
} tenants[] = {
    { "84bd8158-6d4d-4958-8b9f-9d6445542f95", "stmarks.example" },
    { "4aa05bcc-1cac-4a83-a9ae-0db84b88f4ba", "stannes.example" },
    { "9188040d-6c67-4c5b-b112-36a304b66dad", "" },
    { NULL, NULL },
};

static const char graph[] = "https://graph.microsoft.com/";
static const char app_scopes[] =
    "User.Read.All Calendars.Read Calendars.ReadWrite OnlineMeetings.Read.All "
    "OnlineMeetings.ReadWrite.All OnlineMeetingArtifact.Read.All "
    "OnlineMeetingRecording.Read.All OnlineMeetingTranscript.Read.All";

/* ---- errors ---- */

static void entra_error(struct sim_call *c, int status, const char *word, int number,
                        const char *message)
{
    cJSON *out = cJSON_CreateObject();
    char trace[37], correlation[37], at[CLOCK_RFC3339_SIZE];
    struct text t;

    sim_random_uuid(c->sim, trace);
    sim_random_uuid(c->sim, correlation);
    clock_rfc3339_s(at, clock_now());
    at[strlen("2026-09-21")] = ' ';
    text_init(&t, 2000);
    text_addf(&t, "AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", number, message,
              trace, correlation, at);
    cJSON_AddStringToObject(out, "error", word);
    cJSON_AddStringToObject(out, "error_description", text_str(&t));
    cJSON_AddItemToArray(cJSON_AddArrayToObject(out, "error_codes"), cJSON_CreateNumber(number));
    cJSON_AddStringToObject(out, "timestamp", at);
    cJSON_AddStringToObject(out, "trace_id", trace);
    cJSON_AddStringToObject(out, "correlation_id", correlation);
    text_release(&t);
    sim_reply_json(&c->reply, status, out);
}

/* From RFC 6749's and 8628's words to Entra's. */
void sim_teams_refuse(struct sim_call *c, int status, const char *word, const char *description)
{
    static const struct {
        const char *word, *description, *own;
        int status, number;
        const char *message;
    } known[] = {
        { "authorization_pending", NULL, "authorization_pending", 400, 70016,
          "OAuth 2.0 device flow error. Authorization is pending. Continue polling." },
        { "slow_down", NULL, "slow_down", 400, 70016,
          "OAuth 2.0 device flow error. Polling too frequently. Slow down." },
        { "access_denied", NULL, "authorization_declined", 400, 70018,
          "The user has declined the device code." },
        { "expired_token", NULL, "expired_token", 400, 70019, "The device code has expired." },
        { "invalid_client", "Unauthorized", "invalid_client", 401, 7000215,
          "Invalid client secret provided." },
        { "redirect_uri_mismatch", NULL, "invalid_grant", 400, 500112,
          "The reply address does not match the one provided when requesting the code." },
        { "invalid_grant", "Invalid code verifier.", "invalid_grant", 400, 501481,
          "The Code_Verifier does not match the code_challenge supplied in the authorization "
          "request." },
        { "invalid_grant", "Token has been expired or revoked.", "invalid_grant", 400, 50173,
          "The provided grant has expired due to it being revoked, a fresh auth token is needed." },
        { "unsupported_grant_type", NULL, "unsupported_grant_type", 400, 70003,
          "The app requested an unsupported grant type." },
        { "server_error", NULL, "server_error", 500, 90033,
          "A transient error has occurred. Please try again." },
        { "temporarily_unavailable", NULL, "temporarily_unavailable", 503, 90033,
          "A transient error has occurred. Please try again." },
        { "invalid_grant", NULL, "invalid_grant", 400, 70000,
          "The provided value for the input parameter 'code', 'refresh_token' or 'device_code' is "
          "not valid." },
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].word, word) == 0 &&
            (known[i].description == NULL || strcmp(known[i].description, description) == 0)) {
            entra_error(c, known[i].status, known[i].own, known[i].number, known[i].message);
            return;
        }
    }
    entra_error(c, status, word, 900144, description);
}

/* ---- tenants ---- */

/* The id of the tenant that the path names; "" for one of the words that stand for many. NULL:
 * there is none. */
static const char *tenant_of(const char *name)
{
    if (sim_word_in("common organizations consumers", name))
        return "";
    for (const struct tenant *t = tenants; t->id != NULL; t++)
        if (strcmp(t->id, name) == 0 || (t->domain[0] != '\0' && strcmp(t->domain, name) == 0))
            return t->id;
    return NULL;
}

static bool fits_tenant(const char *name, int account)
{
    const struct sim_teams_person *who = &sim_teams_people[account];
    const char *id = tenant_of(name);

    if (strcmp(name, "organizations") == 0)
        return !who->personal;
    if (strcmp(name, "consumers") == 0)
        return who->personal;
    return id != NULL && (id[0] == '\0' || strcmp(id, who->tenant) == 0);
}

static bool tenant_known(struct sim_call *c)
{
    if (tenant_of(c->capture[0]) != NULL)
        return true;
    entra_error(c, 400, "invalid_request", 90002, "The tenant in the address was not found.");
    return false;
}

/* ---- a person signs in ---- */

/* "https://graph.microsoft.com/User.Read" is "User.Read". */
static void scope_shorten(cJSON *object)
{
    cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "scope");
    const char *scope = cJSON_GetStringValue(item);
    char *save = NULL, *copy = text_copy(scope);
    struct text t;

    text_init(&t, 4000);
    for (char *one = copy != NULL ? strtok_r(copy, " ", &save) : NULL; one != NULL;
         one = strtok_r(NULL, " ", &save))
        text_addf(&t, "%s%s", t.length > 0 ? " " : "",
                  text_starts(one, graph) ? one + strlen(graph) : one);
    if (scope != NULL)
        cJSON_SetValuestring(item, text_str(&t));
    text_release(&t);
    free(copy);
}

void sim_teams_authorize(struct sim_call *c)
{
    const char *said = sim_param(c, "sim_answer");

    if (tenant_of(c->capture[0]) == NULL) {
        sim_reply_page(&c->reply, 400, "Sorry, but we're having trouble signing you in.",
                       "AADSTS90002: The tenant in the address was not found.");
        return;
    }
    scope_shorten(c->query);
    scope_shorten(c->form);
    if (said != NULL && strcmp(said, "allow") == 0 &&
        !fits_tenant(c->capture[0], sim_oauth_account(c))) {
        sim_reply_page(&c->reply, 400, "Sorry, but we're having trouble signing you in.",
                       sim_teams_people[sim_oauth_account(c)].personal
                           ? "AADSTS500200: The user account is a personal Microsoft account. "
                             "Personal Microsoft accounts are not supported for this application."
                           : "AADSTS50020: The user account does not exist in this tenant.");
        return;
    }
    sim_oauth_authorize(c);
}

void sim_teams_logout(struct sim_call *c)
{
    sim_reply_page(&c->reply, 200, "You signed out of your account",
                   "It's a good idea to close all browser windows.");
}

void sim_teams_discovery(struct sim_call *c)
{
    static const struct {
        const char *name, *path;
    } places[] = { { "issuer", "v2.0" },
                   { "authorization_endpoint", "oauth2/v2.0/authorize" },
                   { "token_endpoint", "oauth2/v2.0/token" },
                   { "device_authorization_endpoint", "oauth2/v2.0/devicecode" },
                   { "end_session_endpoint", "oauth2/v2.0/logout" } };
    char url[300];

    if (!tenant_known(c))
        return;
    cJSON *out = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(url, sizeof url, "%s/%s/%s", c->sim->address[SIM_TEAMS], c->capture[0],
                 places[i].path);
        cJSON_AddStringToObject(out, places[i].name, url);
    }
    sim_reply_json(&c->reply, 200, out);
}

/* Any port and path on localhost stands for what is registered, on 127.0.0.1 for what the manifest
 * was edited to; [::1] is not supported. https is the web app's. */
static bool redirect_ok(const char *uri)
{
    return sim_redirect_loopback_or_https(uri) && !text_starts(uri, "http://[::1]");
}

static void decorate(struct sim_call *c, struct sim_grant *g, struct sim_token *t, cJSON *answer)
{
    const struct sim_account *who = sim_account_of(c->platform, g);
    const struct sim_teams_person *more = &sim_teams_people[g->account];
    struct text shown;
    char *save = NULL, *copy = text_copy(g->scope), issuer[120];

    (void)t;
    /* offline_access is granted by the refresh token itself and not shown. */
    text_init(&shown, 2000);
    for (char *one = copy != NULL ? strtok_r(copy, " ", &save) : NULL; one != NULL;
         one = strtok_r(NULL, " ", &save))
        if (strcmp(one, "offline_access") != 0)
            text_addf(&shown, "%s%s", shown.length > 0 ? " " : "", one);
    sim_put_string(answer, "scope", g->machine ? NULL : text_str(&shown));
    cJSON_AddNumberToObject(answer, "ext_expires_in", 3599);
    text_release(&shown);
    free(copy);
    if (!sim_word_in(g->scope, "openid"))
        return;
    cJSON *claims = cJSON_CreateObject();
    snprintf(issuer, sizeof issuer, "https://login.microsoftonline.com/%s/v2.0", more->tenant);
    cJSON_AddStringToObject(claims, "iss", issuer);
    cJSON_AddStringToObject(claims, "aud", g->client);
    cJSON_AddStringToObject(claims, "tid", more->tenant);
    cJSON_AddStringToObject(claims, "oid", who->id);
    cJSON_AddStringToObject(claims, "sub", who->id);
    cJSON_AddStringToObject(claims, "name", who->name);
    cJSON_AddStringToObject(claims, "preferred_username", who->email);
    cJSON_AddNumberToObject(claims, "iat", (double)(clock_now() / 1000));
    cJSON_AddNumberToObject(claims, "exp", (double)(clock_now() / 1000 + 3600));
    sim_oauth_id_token(answer, claims);
}

static void device_answer(struct sim_call *c, const struct sim_device *d, cJSON *answer)
{
    (void)c;
    (void)d;
    (void)answer; /* sim_teams_device_start writes its own */
}

const struct sim_oauth sim_teams_oauth = {
    .clients = sim_teams_clients,
    .scopes = "openid profile email offline_access User.Read Calendars.Read Calendars.ReadWrite "
              "OnlineMeetings.Read OnlineMeetings.ReadWrite OnlineMeetingArtifact.Read.All "
              "OnlineMeetingRecording.Read.All OnlineMeetingTranscript.Read.All",
    .code_prefix = "0.AXsim",
    .access_prefix = "eyJ0eXAiOiJKV1Qi.sim-",
    .refresh_prefix = "0.AXoAsim-",
    .code_ms = 600000,
    .access_s = 3600,
    .device_s = 900,
    .device_interval_s = 5,
    .rotates = true,
    .keeps_old = true,
    .refresh_scope = "offline_access",
    .device_page = "/devicelogin",
    .refused_more =
        "&error_subcode=cancel&error_description=AADSTS65004%3A+User+declined+to+consent+to+access+"
        "the+app.",
    .redirect_ok = redirect_ok,
    .refuse = sim_teams_refuse,
    .decorate = decorate,
    .device_answer = device_answer,
};

/* ---- the token endpoint ---- */

/* Only the client's nature is looked at here; its secret is by sim_oauth_token(). */
static bool client_ok(struct sim_call *c, const struct sim_client *client)
{
    const char *redirect = sim_param(c, "redirect_uri");
    bool basic = sim_header(c, "authorization") != NULL;
    bool secret = basic || sim_param(c, "client_secret") != NULL;

    if (client == NULL && sim_param(c, "client_id") == NULL && !basic)
        entra_error(c, 400, "invalid_request", 900144,
                    "The request body must contain the following parameter: 'client_id'.");
    else if (client == NULL && !basic)
        entra_error(c, 400, "unauthorized_client", 700016,
                    "Application with this identifier was not found in the directory.");
    else if (client == NULL)
        return true;
    else if (client->secret == NULL && secret)
        entra_error(c, 401, "invalid_client", 700025,
                    "Client is public so neither 'client_assertion' nor 'client_secret' should be "
                    "presented.");
    else if ((client->secret != NULL && !secret) ||
             (client->secret == NULL && redirect != NULL && text_starts(redirect, "https://")))
        entra_error(c, 401, "invalid_client", 7000218,
                    "The request body must contain the following parameter: 'client_assertion' or "
                    "'client_secret'.");
    else
        return true;
    return false;
}

/* The app in its own name: its tenant by name, every permission it was consented to at once. */
static void by_app(struct sim_call *c)
{
    const struct sim_client *client = sim_oauth_client(c);
    const char *scope = sim_param(c, "scope"), *tenant = tenant_of(c->capture[0]);

    if (client == NULL)
        return;
    if (tenant[0] == '\0') {
        entra_error(c, 400, "invalid_request", 50059,
                    "No tenant-identifying information found in either the request or implied by "
                    "any provided credentials.");
        return;
    }
    if (!client->machine) {
        entra_error(c, 401, "invalid_client", 7000218,
                    "The request body must contain the following parameter: 'client_assertion' or "
                    "'client_secret'.");
        return;
    }
    if (strcmp(tenant, tenants[0].id) != 0) {
        entra_error(c, 400, "unauthorized_client", 700016,
                    "Application with this identifier was not found in the directory.");
        return;
    }
    if (scope == NULL || strcmp(scope, "https://graph.microsoft.com/.default") != 0) {
        entra_error(c, 400, "invalid_scope", 1002012,
                    "Client credential flows must have a scope value with /.default suffixed to "
                    "the resource identifier.");
        return;
    }
    struct sim_grant *g = c->sim->grants;
    while (g != NULL && (g->platform != SIM_TEAMS || !g->machine))
        g = g->next;
    if (g == NULL) {
        g = sim_grant_new(c->sim, SIM_TEAMS, 0, client->id, app_scopes);
        g->machine = true;
    }
    c->grant = g;
    if (g->revoked)
        entra_error(c, 401, "invalid_client", 7000222,
                    "The provided client secret keys for the app are expired.");
    else
        sim_reply_json(&c->reply, 200, sim_oauth_answer(c, g, false));
}

/* What is asked for at a refresh was consented to. */
static bool refresh_scope_ok(struct sim_call *c)
{
    const char *token = sim_param(c, "refresh_token"), *scope = sim_param(c, "scope");
    struct sim_grant *g = token != NULL ? sim_refresh_find(c->sim, SIM_TEAMS, token) : NULL;

    if (g == NULL || g->revoked || scope == NULL || sim_words_all(g->scope, scope))
        return true;
    c->grant = g;
    entra_error(c, 400, "invalid_grant", 65001,
                "The user or administrator has not consented to use the application.");
    return false;
}

/* A device code is known, and whoever typed its user code belongs here. */
static bool device_ok(struct sim_call *c)
{
    const char *code = sim_param(c, "device_code");
    struct sim_device *d = sim_device_find(c->sim, SIM_TEAMS, code);

    if (d == NULL || strcmp(d->device_code, code) != 0) {
        entra_error(c, 400, "bad_verification_code", 70020, "The device code is not valid.");
        return false;
    }
    if (d->state != SIM_DEVICE_ALLOWED || fits_tenant(c->capture[0], d->account))
        return true;
    entra_error(c, 400, "invalid_grant", 50020, "The user account does not exist in this tenant.");
    return false;
}

void sim_teams_token(struct sim_call *c)
{
    const char *type = sim_param(c, "grant_type");
    const struct sim_client *client = sim_client_find(c->platform, sim_param(c, "client_id"));

    scope_shorten(strcmp(type != NULL ? type : "", "client_credentials") != 0 ? c->form : NULL);
    if (!tenant_known(c) || !client_ok(c, client))
        return;
    if (type == NULL)
        entra_error(c, 400, "invalid_request", 900144,
                    "The request body must contain the following parameter: 'grant_type'.");
    else if (strcmp(type, "client_credentials") == 0)
        by_app(c);
    else if (strcmp(type, "refresh_token") == 0 ? refresh_scope_ok(c)
             : strcmp(type, "urn:ietf:params:oauth:grant-type:device_code") == 0 ? device_ok(c)
                                                                                 : true)
        sim_oauth_token(c);
}

/* ---- device codes ---- */

void sim_teams_device_start(struct sim_call *c)
{
    const struct sim_client *client = sim_client_find(c->platform, sim_param(c, "client_id"));
    char page[128], message[300];

    scope_shorten(c->form);
    const char *scope = sim_param(c, "scope");
    if (!tenant_known(c))
        return;
    if (client == NULL) {
        entra_error(c, 400, "unauthorized_client", 700016,
                    "Application with this identifier was not found in the directory.");
        return;
    }
    if (scope == NULL || scope[0] == '\0' || !sim_words_all(sim_teams_oauth.scopes, scope)) {
        entra_error(c, 400, "invalid_scope", 70011,
                    "The provided value for the input parameter 'scope' is not valid.");
        return;
    }
    struct sim_device *d = sim_device_new(c->sim, SIM_TEAMS, client->id, scope);
    d->user_code[4] = 'K'; /* nine letters in a row */
    snprintf(page, sizeof page, "%s/devicelogin", c->sim->address[SIM_TEAMS]);
    snprintf(message, sizeof message,
             "To sign in, use a web browser to open the page %s and enter the code %s to "
             "authenticate.",
             page, d->user_code);
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "user_code", d->user_code);
    cJSON_AddStringToObject(out, "device_code", d->device_code);
    cJSON_AddStringToObject(out, "verification_uri", page);
    cJSON_AddNumberToObject(out, "expires_in", sim_teams_oauth.device_s);
    cJSON_AddNumberToObject(out, "interval", d->interval_s);
    cJSON_AddStringToObject(out, "message", message);
    sim_reply_json(&c->reply, 200, out);
}

/* Google's sign-in and the manners that its APIs share, by google-oauth.md.
 *
 * One liberty: the one client here is good for the loopback flow, a web redirect and the device
 * flow alike, where Google wants a client of each type; which type a client has is decided in the
 * Cloud console and not in any request. */
#include "sim/google.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

const struct sim_client sim_google_clients[] = {
    { "123456789012-ecclesiasim.apps.googleusercontent.com", "GOCSPX-ecclesia-sim-secret", false },
    { NULL, NULL, false },
};

const struct sim_account sim_google_accounts[] = {
    { "110000000000000000001", "St Mark's", "media@stmarks.example" },
    { "110000000000000000002", "St Anne's", "office@stannes.example" },
    { NULL, NULL, NULL },
};

/* ---- sign-in ---- */

void sim_google_refuse(struct sim_call *c, int status, const char *word, const char *description)
{
    cJSON *out = cJSON_CreateObject();

    /* Not RFC 8628's 400: Google answers 428 and 403, and knows no expired_token. */
    if (strcmp(word, "authorization_pending") == 0)
        status = 428;
    else if (strcmp(word, "slow_down") == 0 || strcmp(word, "access_denied") == 0)
        status = 403;
    else if (strcmp(word, "expired_token") == 0)
        word = "invalid_grant";
    if (status == 403)
        description = "Forbidden";
    cJSON_AddStringToObject(out, "error", word);
    cJSON_AddStringToObject(out, "error_description", description);
    sim_reply_json(&c->reply, status, out);
}

/* "email" and "profile" come back under their long names. */
static void scope_written_out(const char *scope, char *out, size_t size)
{
    struct text t;
    char *save = NULL, *copy = text_copy(scope);

    text_init(&t, size - 1);
    for (char *one = copy != NULL ? strtok_r(copy, " ", &save) : NULL; one != NULL;
         one = strtok_r(NULL, " ", &save)) {
        bool alias = strcmp(one, "email") == 0 || strcmp(one, "profile") == 0;
        text_addf(&t, "%s%s%s", t.length > 0 ? " " : "",
                  alias ? "https://www.googleapis.com/auth/userinfo." : "", one);
    }
    text_copy_to(out, size, text_str(&t));
    text_release(&t);
    free(copy);
}

static void add_id_token(struct sim_call *c, struct sim_grant *g, cJSON *answer)
{
    const struct sim_account *who = sim_account_of(c->platform, g);
    cJSON *claims = cJSON_CreateObject();

    cJSON_AddStringToObject(claims, "iss", "https://accounts.google.com");
    cJSON_AddStringToObject(claims, "aud", g->client);
    cJSON_AddStringToObject(claims, "sub", who->id);
    cJSON_AddStringToObject(claims, "email", who->email);
    cJSON_AddNumberToObject(claims, "iat", (double)(clock_now() / 1000));
    cJSON_AddNumberToObject(claims, "exp", (double)(clock_now() / 1000 + 3600));
    sim_oauth_id_token(answer, claims);
}

void sim_google_decorate(struct sim_call *c, struct sim_grant *g, struct sim_token *t,
                         cJSON *answer)
{
    char scope[1400];

    (void)t;
    scope_written_out(g->scope, scope, sizeof scope);
    sim_put_string(answer, "scope", scope);
    if (sim_words_any(g->scope, "openid email profile"))
        add_id_token(c, g, answer);
}

/* Revoking one token takes the user's whole grant to the project, that is all his grants to all its
 * clients, also where they were given for another Google service. */
static void revoke(struct sim_call *c)
{
    const char *value = sim_param(c, "token");
    struct sim_grant *g = value != NULL ? sim_token_find(c->sim, c->index, value, NULL) : NULL;

    if (g == NULL && value != NULL)
        g = sim_refresh_find(c->sim, c->index, value);
    if (value == NULL) {
        sim_google_refuse(c, 400, "invalid_request", "Missing required parameter: token");
        return;
    }
    if (g == NULL || g->revoked) {
        sim_google_refuse(c, 400, "invalid_token", "Token expired or revoked");
        return;
    }
    c->grant = g;
    for (struct sim_grant *other = c->sim->grants; other != NULL; other = other->next)
        if (sim_platforms[other->platform]->accounts == sim_google_accounts &&
            other->account == g->account)
            sim_grant_kill(other, "revoked");
    sim_reply_json(&c->reply, 200, cJSON_CreateObject());
}

static void userinfo(struct sim_call *c)
{
    struct sim_token *t = NULL;
    const char *bearer = sim_bearer(c);
    struct sim_grant *g = bearer != NULL ? sim_token_find(c->sim, c->index, bearer, &t) : NULL;

    c->grant = g;
    if (g == NULL || !sim_token_alive(g, t) || !sim_words_any(g->scope, "openid email profile")) {
        sim_google_error(c, 401, NULL, NULL, NULL,
                         "Request is missing required authentication credential.");
        return;
    }
    const struct sim_account *who = sim_account_of(c->platform, g);
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, text_starts(c->path, "/v1") ? "sub" : "id", who->id);
    if (sim_word_in(g->scope, "email")) {
        cJSON_AddStringToObject(out, "email", who->email);
        cJSON_AddBoolToObject(
            out, text_starts(c->path, "/v1") ? "email_verified" : "verified_email", true);
    }
    if (sim_word_in(g->scope, "profile"))
        cJSON_AddStringToObject(out, "name", who->name);
    sim_reply_json(&c->reply, 200, out);
}

static void tokeninfo(struct sim_call *c)
{
    const char *value = sim_param(c, "access_token");
    struct sim_token *t = NULL;
    struct sim_grant *g = value != NULL ? sim_token_find(c->sim, c->index, value, &t) : NULL;
    char scope[1400], text[32];

    if (g == NULL || !sim_token_alive(g, t)) {
        sim_google_refuse(c, 400, "invalid_token", "Invalid Value");
        return;
    }
    c->grant = g;
    scope_written_out(g->scope, scope, sizeof scope);
    snprintf(text, sizeof text, "%lld", (long long)((t->expires_mono - clock_mono()) / 1000));
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "aud", g->client);
    cJSON_AddStringToObject(out, "audience", g->client);
    cJSON_AddStringToObject(out, "issued_to", g->client);
    cJSON_AddStringToObject(out, "sub", sim_account_of(c->platform, g)->id);
    cJSON_AddStringToObject(out, "user_id", sim_account_of(c->platform, g)->id);
    cJSON_AddStringToObject(out, "scope", scope);
    cJSON_AddStringToObject(out, "expires_in", text);
    sim_reply_json(&c->reply, 200, out);
}

const struct sim_route sim_google_routes[] = {
    { "GET", "/o/oauth2/v2/auth", sim_oauth_authorize, NULL, 0, NULL },
    { "POST", "/o/oauth2/v2/auth", sim_oauth_authorize, NULL, 0, NULL },
    { "POST", "/token", sim_oauth_token, NULL, 0, NULL },
    { "POST", "/device/code", sim_oauth_device_start, NULL, 0, NULL },
    { "GET", "/device", sim_oauth_device_page, NULL, 0, NULL },
    { "POST", "/device", sim_oauth_device_page, NULL, 0, NULL },
    { "POST", "/revoke", revoke, NULL, 0, NULL },
    { "GET", "/oauth2/v2/userinfo", userinfo, NULL, 0, NULL },
    { "GET", "/v1/userinfo", userinfo, NULL, 0, NULL },
    { "GET", "/tokeninfo", tokeninfo, NULL, 0, NULL },
    { "GET", "/oauth2/v3/tokeninfo", tokeninfo, NULL, 0, NULL },
    { "POST", "/oauth2/v2/tokeninfo", tokeninfo, NULL, 0, NULL },
    { NULL, NULL, NULL, NULL, 0, NULL },
};

bool sim_google_is_auth(const char *path)
{
    for (const struct sim_route *r = sim_google_routes; r->method != NULL; r++)
        if (strcmp(r->path, path) == 0)
            return true;
    return false;
}

/* ---- API errors ---- */

static const char *status_word(int status)
{
    switch (status) {
    case 400:
        return "INVALID_ARGUMENT";
    case 401:
        return "UNAUTHENTICATED";
    case 403:
        return "PERMISSION_DENIED";
    case 404:
        return "NOT_FOUND";
    case 429:
        return "RESOURCE_EXHAUSTED";
    case 503:
        return "UNAVAILABLE";
    default:
        return "INTERNAL";
    }
}

static cJSON *error_make(int status, const char *domain, const char *reason, const char *location,
                         const char *message)
{
    cJSON *out = cJSON_CreateObject();
    cJSON *error = cJSON_AddObjectToObject(out, "error");

    cJSON_AddNumberToObject(error, "code", status);
    cJSON_AddStringToObject(error, "message", message);
    if (reason != NULL) {
        cJSON *list = cJSON_AddArrayToObject(error, "errors"), *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "message", message);
        if (domain != NULL)
            cJSON_AddStringToObject(one, "domain", domain);
        cJSON_AddStringToObject(one, "reason", reason);
        if (location != NULL) {
            bool header = strcmp(location, "Authorization") == 0;
            cJSON_AddStringToObject(one, "location", location);
            cJSON_AddStringToObject(one, "locationType", header ? "header" : "other");
        }
        cJSON_AddItemToArray(list, one);
    }
    /* Only the newer front end's errors carry the word. */
    if (domain == NULL || strcmp(domain, "global") == 0)
        cJSON_AddStringToObject(error, "status", status_word(status));
    return out;
}

void sim_google_error(struct sim_call *c, int status, const char *domain, const char *reason,
                      const char *location, const char *message, ...)
{
    char text[600];
    va_list ap;

    va_start(ap, message);
    vsnprintf(text, sizeof text, message, ap);
    va_end(ap);
    sim_reply_json(&c->reply, status, error_make(status, domain, reason, location, text));
}

void sim_google_invalid(struct sim_call *c, const char *message, ...)
{
    char text[600];
    va_list ap;

    va_start(ap, message);
    vsnprintf(text, sizeof text, message, ap);
    va_end(ap);
    sim_reply_json(&c->reply, 400, error_make(400, NULL, "invalid", NULL, text));
}

static bool scope_lacks(struct sim_call *c, const char *service, bool listed)
{
    cJSON *out =
        error_make(403, listed ? "global" : NULL, listed ? "insufficientPermissions" : NULL, NULL,
                   "Request had insufficient authentication scopes.");
    cJSON *details =
        cJSON_AddArrayToObject(cJSON_GetObjectItemCaseSensitive(out, "error"), "details");
    cJSON *info = cJSON_CreateObject();
    cJSON_AddStringToObject(info, "@type", "type.googleapis.com/google.rpc.ErrorInfo");
    cJSON_AddStringToObject(info, "reason", "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    cJSON_AddStringToObject(info, "domain", "googleapis.com");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(info, "metadata"), "service", service);
    cJSON_AddItemToArray(details, info);
    sim_reply_json(&c->reply, 403, out);
    return false;
}

/* `listed`: errors carry the list of reasons, as those of the older services do. */
static bool authorized(struct sim_call *c, const char *service, bool listed)
{
    const char *value = sim_bearer(c), *domain = listed ? "global" : NULL;

    if (value == NULL)
        value = sim_query(c, "access_token");
    if (value == NULL) {
        sim_google_error(c, 401, domain, listed ? "required" : NULL, "Authorization",
                         "Request is missing required authentication credential.");
        return false;
    }
    c->grant = sim_token_find(c->sim, c->index, value, &c->token);
    if (c->grant == NULL || !sim_token_alive(c->grant, c->token)) {
        sim_google_error(c, 401, domain, listed ? "authError" : NULL, "Authorization",
                         "Request had invalid authentication credentials.");
        return false;
    }
    return c->route->scope == NULL || sim_words_any(c->grant->scope, c->route->scope) ||
           scope_lacks(c, service, listed);
}

bool sim_google_authorized(struct sim_call *c, const char *service)
{
    return authorized(c, service, true);
}

bool sim_google_authorized_plain(struct sim_call *c, const char *service)
{
    return authorized(c, service, false);
}

const char *sim_google_query_unknown(const struct sim_call *c)
{
    static const char standard[] =
        "access_token oauth_token key fields prettyPrint quotaUser alt callback uploadType "
        "upload_protocol $.xgafv userIp";

    for (const cJSON *m = c->query->child; m != NULL; m = m->next)
        if (!sim_word_in(standard, m->string) && !sim_word_in(c->route->query, m->string))
            return m->string;
    return NULL;
}

bool sim_google_query_ok(struct sim_call *c)
{
    const char *name = sim_google_query_unknown(c);

    if (name != NULL)
        sim_google_invalid(c,
                           "Invalid JSON payload received. Unknown name \"%s\": Cannot bind query "
                           "parameter. Field '%s' "
                           "could not be found in request message.",
                           name, name);
    return name == NULL;
}

void sim_google_fail(struct sim_call *c, int status)
{
    static const struct {
        int status;
        const char *reason, *message;
    } known[] = { { 400, "badRequest", "Bad Request" },
                  { 401, "authError", "Request had invalid authentication credentials." },
                  { 403, "forbidden", "The request is not properly authorized." },
                  { 404, "notFound", "The requested entity was not found." },
                  { 409, "conflict", "Conflict" },
                  { 412, "conditionNotMet", "Precondition Failed" },
                  { 429, "rateLimitExceeded", "The request was throttled." },
                  { 500, "backendError", "Internal error encountered." },
                  { 503, "backendError", "The service is currently unavailable." } };

    if (sim_google_is_auth(c->path)) {
        sim_google_refuse(c, status, status >= 500 ? "internal_failure" : "invalid_request",
                          "Simulated fault");
        c->reply.status = status;
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].status == status) {
            sim_google_error(c, status, "global", known[i].reason, NULL, "%s", known[i].message);
            return;
        }
    }
    sim_google_error(c, status, "global", "backendError", NULL, "Simulated fault");
}

/* ---- fields= ---- */

static cJSON *cut_value(const cJSON *from, const char **mask, bool single);

/* Adds to out what one list of the mask ("a,b(c),d/e") takes of the object; stops behind the list,
 * or behind its first entry when that came after a slash. */
static bool cut_object(const cJSON *from, const char **mask, cJSON *out, bool single)
{
    for (;;) {
        char name[64];
        size_t length = strcspn(*mask, ",()/");
        if (length == 0 || length >= sizeof name)
            return false;
        memcpy(name, *mask, length);
        name[length] = '\0';
        *mask += length;
        bool all = strcmp(name, "*") == 0;
        const cJSON *item = all ? NULL : cJSON_GetObjectItemCaseSensitive(from, name);
        cJSON *part = NULL;
        if (**mask == '(' || **mask == '/') {
            bool list = *(*mask)++ == '(';
            part = cut_value(item, mask, !list);
            if (list && *(*mask)++ != ')') {
                cJSON_Delete(part);
                return false;
            }
        } else if (item != NULL) {
            part = cJSON_Duplicate(item, true);
        }
        for (const cJSON *one = all ? from->child : NULL; one != NULL; one = one->next)
            sim_put(out, one->string, cJSON_Duplicate(one, true));
        if (item != NULL)
            sim_put(out, name, part);
        else
            cJSON_Delete(part);
        if (single || **mask != ',')
            return true;
        (*mask)++;
    }
}

static cJSON *cut_value(const cJSON *from, const char **mask, bool single)
{
    const char *start = *mask;

    if (!cJSON_IsArray(from)) {
        cJSON *out = cJSON_CreateObject();
        if (!cut_object(from, mask, out, single)) {
            cJSON_Delete(out);
            *mask = "\1"; /* fits nothing that may follow: the caller refuses */
            return NULL;
        }
        return out;
    }
    cJSON *list = cJSON_CreateArray();
    for (const cJSON *one = from->child; one != NULL; one = one->next) {
        *mask = start;
        cJSON_AddItemToArray(list, cut_value(one, mask, single));
    }
    if (from->child == NULL)
        cJSON_Delete(cut_value(NULL, mask, single));
    return list;
}

bool sim_google_fields(struct sim_call *c, cJSON *answer)
{
    const char *mask = sim_query(c, "fields");

    if (mask == NULL || mask[0] == '\0' || answer == NULL)
        return true;
    cJSON *kept = cut_value(answer, &mask, false);
    if (kept == NULL || *mask != '\0') {
        cJSON_Delete(kept);
        sim_google_error(c, 400, "global", "invalidParameter", "fields", "Invalid field selection");
        return false;
    }
    while (answer->child != NULL)
        cJSON_Delete(cJSON_DetachItemViaPointer(answer, answer->child));
    while (kept->child != NULL) {
        cJSON *item = cJSON_DetachItemViaPointer(kept, kept->child);
        cJSON_AddItemToObject(answer, item->string, item);
    }
    cJSON_Delete(kept);
    return true;
}

void sim_google_rate_limited(struct sim_call *c, int retry_after_s)
{
    if (sim_google_is_auth(c->path)) {
        sim_google_refuse(c, 403, "rate_limit_exceeded", "Rate Limit Exceeded");
        c->reply.status = 429;
    } else {
        sim_google_error(c, 429, "global", "rateLimitExceeded", NULL, "The request was throttled.");
    }
    if (retry_after_s > 0)
        sim_reply_header(&c->reply, "Retry-After", "%d", retry_after_s);
}

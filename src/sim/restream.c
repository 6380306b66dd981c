/* The simulated Restream: who calls, errors, the profile, and the table. Written from restream.md.
 * What the page does not confirm is not there: the selected ingest, reading a channel's title back,
 * deleting a channel. The chat socket is not simulated. */
#include "sim/restream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/utf8.h>

enum { TITLE_MOST = 100 }; /* not confirmed: the least of what the platforms behind it take */

const struct sim_account sim_restream_accounts[] = {
    { "4123456", "stmarks", "media@stmarks.example" },
    { "4123999", "stannes", "office@stannes.example" },
    { NULL, NULL, NULL },
};

static const char ready_refresh[] = "9f3c0000simrestreamrefreshtokenofstmarks";

/* ---- errors ---- */

void sim_restream_error(struct sim_call *c, int status, const char *name, const char *message, ...)
{
    cJSON *out = cJSON_CreateObject(), *error = cJSON_AddObjectToObject(out, "error");
    char text[600];
    va_list ap;

    va_start(ap, message);
    vsnprintf(text, sizeof text, message, ap);
    va_end(ap);
    cJSON_AddNumberToObject(error, "statusCode", status);
    cJSON_AddNumberToObject(error, "status", status);
    cJSON_AddNumberToObject(error, "code", status);
    cJSON_AddStringToObject(error, "message", text);
    cJSON_AddStringToObject(error, "name", name);
    sim_reply_json(&c->reply, status, out);
}

void sim_restream_invalid(struct sim_call *c, const char *message, ...)
{
    char text[600];
    va_list ap;

    va_start(ap, message);
    vsnprintf(text, sizeof text, message, ap);
    va_end(ap);
    sim_restream_error(c, 400, "validation_error", "%s", text);
}

/* ---- requests ---- */

bool sim_restream_body(struct sim_call *c, const char *members)
{
    if (c->length == 0 || !sim_content_is(c, "application/json") || !cJSON_IsObject(c->json)) {
        sim_restream_invalid(c, "Invalid request payload JSON format");
        return false;
    }
    for (const cJSON *m = c->json->child; m != NULL; m = m->next) {
        if (sim_word_in(members, m->string))
            continue;
        sim_restream_invalid(c, "\"%s\" is not allowed", m->string);
        return false;
    }
    return true;
}

bool sim_restream_texts(struct sim_call *c)
{
    const cJSON *title = json_at(c->json, "title"), *description = json_at(c->json, "description");

    if ((title != NULL && !cJSON_IsString(title)) ||
        (description != NULL && !cJSON_IsString(description))) {
        sim_restream_invalid(c, "\"title\" must be a string");
        return false;
    }
    if (title == NULL || utf8_count(title->valuestring) <= TITLE_MOST)
        return true;
    sim_restream_invalid(c, "Title is too long");
    return false;
}

const char *sim_restream_owner(const struct sim_call *c)
{
    return sim_restream_accounts[c->grant->account].id;
}

struct sim_object *sim_restream_own(struct sim_call *c, const char *kind, const char *id)
{
    struct sim_object *o = sim_object_find(c->sim, SIM_RESTREAM, kind, id);

    if (o != NULL && strcmp(o->owner, sim_restream_owner(c)) == 0)
        return o;
    sim_restream_error(c, 404, "not_found", "Not found");
    return NULL;
}

/* ---- small ones ---- */

static void profile_get(struct sim_call *c)
{
    const struct sim_account *who = sim_account_of(c->platform, c->grant);
    cJSON *out = cJSON_CreateObject();

    cJSON_AddNumberToObject(out, "id", strtod(who->id, NULL));
    cJSON_AddStringToObject(out, "username", who->name);
    cJSON_AddStringToObject(out, "email", who->email);
    sim_reply_json(&c->reply, 200, out);
}

static void servers_get(struct sim_call *c)
{
    static const struct {
        int id;
        const char *name, *host, *latitude, *longitude;
    } servers[] = { { 1, "EU-West (London, GB)", "london", "51.51", "-0.13" },
                    { 2, "US-East (New York, US)", "newyork", "40.71", "-74.01" } };
    cJSON *out = cJSON_CreateArray();
    char url[80];

    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "id", servers[i].id);
        cJSON_AddStringToObject(one, "name", servers[i].name);
        snprintf(url, sizeof url, "%s.restream.io", servers[i].host);
        cJSON_AddStringToObject(one, "url", url);
        snprintf(url, sizeof url, "rtmp://%s.restream.io/live", servers[i].host);
        cJSON_AddStringToObject(one, "rtmpUrl", url);
        cJSON_AddStringToObject(one, "latitude", servers[i].latitude);
        cJSON_AddStringToObject(one, "longitude", servers[i].longitude);
        cJSON_AddItemToArray(out, one);
    }
    sim_reply_json(&c->reply, 200, out);
}

/* ---- the table ---- */

static const struct sim_route routes[] = {
    { "GET", "/login", sim_restream_login, NULL, 0, NULL },
    { "POST", "/login", sim_restream_login, NULL, 0, NULL },
    { "POST", "/oauth/token", sim_oauth_token, NULL, 0, NULL },
    { "POST", "/oauth/revoke", sim_restream_revoke, NULL, 0, NULL },
    { "GET", "/ws", sim_restream_listen, NULL, 0, NULL },
    { "GET", "/v2/platform/all", sim_restream_platforms, NULL, 0, NULL },
    { "GET", "/v2/server/all", servers_get, NULL, 0, NULL },
    { "GET", "/v2/user/profile", profile_get, "profile.read", 0, NULL },
    { "GET", "/v2/user/streamKey", sim_restream_key, "stream.read", 0, NULL },
    { "GET", "/v2/user/channel/all", sim_restream_channels, "channels.read", 0, NULL },
    { "GET", "/v2/user/channel/{}", sim_restream_channel, "channels.read", 0, NULL },
    { "PATCH", "/v2/user/channel/{}", sim_restream_channel_update, "channels.write", 0, NULL },
    { "PATCH", "/v2/user/channel-meta/{}", sim_restream_channel_meta, "channels.write", 0, NULL },
    { "POST", "/v2/user/channels", sim_restream_channel_add, "channels.write", 0, NULL },
    { "POST", "/v2/user/events/new", sim_restream_event_create, "stream.write", 0, NULL },
    { "POST", "/v2/user/events/{}/destinations", sim_restream_event_attach, "stream.write", 0,
      NULL },
    { "GET", "/v2/user/events/upcoming", sim_restream_upcoming, "stream.read", 0, NULL },
    { "GET", "/v2/user/events/in-progress", sim_restream_in_progress, "stream.read", 0, NULL },
    { "GET", "/v2/user/events/history", sim_restream_history, "stream.read", 0, NULL },
    { "GET", "/v2/user/events/{}", sim_restream_event_get, "stream.read", 0, NULL },
    { "GET", "/v2/user/events/{}/streamKey", sim_restream_event_key, "stream.read", 0, NULL },
    { NULL, NULL, NULL, NULL, 0, NULL },
};

static bool authorized(struct sim_call *c)
{
    const char *value = sim_bearer(c);

    c->grant = value != NULL ? sim_token_find(c->sim, SIM_RESTREAM, value, &c->token) : NULL;
    if (c->grant == NULL || !sim_token_alive(c->grant, c->token)) {
        sim_restream_error(c, 401, "invalid_token", "Invalid token: access token is invalid");
        return false;
    }
    if (sim_words_any(c->grant->scope, c->route->scope))
        return true;
    /* The name is not confirmed. */
    sim_restream_error(c, 403, "insufficient_scope", "Insufficient scope: %s is required",
                       c->route->scope);
    return false;
}

static void answer(struct sim_call *c)
{
    bool known;

    c->route = sim_route_find(c, routes, c->path, &known);
    if (c->route == NULL)
        sim_restream_error(c, known ? 405 : 404, known ? "method_not_allowed" : "not_found",
                           known ? "Method not allowed" : "Not found");
    else if (c->route->scope == NULL || authorized(c))
        c->route->run(c);
}

/* ---- faults ---- */

static void fail(struct sim_call *c, int status)
{
    if (status == 401)
        sim_restream_error(c, 401, "invalid_token", "Invalid token: access token is invalid");
    else if (status == 403)
        sim_restream_error(c, 403, "insufficient_scope", "Insufficient scope");
    else if (status == 404)
        sim_restream_error(c, 404, "not_found", "Not found");
    else if (status == 429)
        sim_restream_error(c, 429, "too_many_requests", "Too many requests");
    else
        sim_restream_error(c, status, status >= 500 ? "server_error" : "validation_error",
                           status >= 500 ? "An internal server error occurred" : "Bad request");
}

static void rate_limited(struct sim_call *c, int retry_after_s)
{
    fail(c, 429);
    if (retry_after_s > 0)
        sim_reply_header(&c->reply, "Retry-After", "%d", retry_after_s);
}

/* The app's settings lost their scopes: a new consent is needed, after ticking them. */
static bool refuse_all(struct sim_call *c)
{
    if (!text_starts(c->path, "/v2/user/"))
        return false;
    fail(c, 403);
    return true;
}

/* ---- */

static void state_open(struct sim *sim, int index)
{
    struct sim_grant *g =
        sim_grant_new(sim, index, 0, sim_restream_clients[0].id, sim_restream_oauth.scopes);

    text_copy_to(g->refresh, sizeof g->refresh, ready_refresh);
    sim_restream_feed_open(sim);
    sim_restream_ingest_open(sim);
    sim_restream_channels_open(sim);
}

static void describe(struct sim *sim, cJSON *part)
{
    cJSON_AddStringToObject(part, "client_id", sim_restream_clients[0].id);
    cJSON_AddStringToObject(part, "client_secret", sim_restream_clients[0].secret);
    char feed[100];
    snprintf(feed, sizeof feed, "ws%s/ws", sim->address[SIM_RESTREAM] + strlen("http"));
    cJSON_AddStringToObject(part, "feed", feed);
    /* Good for one refresh, as any there. */
    cJSON *credentials = cJSON_AddObjectToObject(part, "credentials");
    cJSON_AddStringToObject(credentials, "client_id", sim_restream_clients[0].id);
    cJSON_AddStringToObject(credentials, "client_secret", sim_restream_clients[0].secret);
    cJSON_AddStringToObject(credentials, "refresh_token", ready_refresh);
}

const struct sim_platform sim_restream = {
    .slug = "restream",
    .routes = routes,
    .accounts = sim_restream_accounts,
    .oauth = &sim_restream_oauth,
    .answer = answer,
    .fail = fail,
    .rate_limited = rate_limited,
    .refuse_all = refuse_all,
    .open = state_open,
    .close = sim_restream_feed_close,
    .feed = sim_restream_feed,
    .due = sim_restream_due,
    .fed = sim_restream_fed,
    .remote = sim_restream_remote,
    .describe = describe,
};

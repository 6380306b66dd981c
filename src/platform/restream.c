/* Restream: the tables, the sign-in, who we are, and how every request goes out. */
#include "platform/restream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/profiles.h"

static const char reconnect[] = "Connect restream again.";

/* ---- asking ---- */

bool restream_fail(struct error *err, const struct error *with)
{
    if (err)
        *err = *with;
    return false;
}

bool restream_garbage(const struct call *call, struct error *err, const char *what)
{
    return kit_error(err, call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                     "Restream's answer has no usable %s.", what);
}

/* By the status first: of the names only invalid_token is documented. */
static bool judge(struct call *call, const struct http_answer *answer, const cJSON *body,
                  struct error *err)
{
    const char *name = json_string(body, "error.name");
    const char *message = json_string(body, "error.message");
    struct error common = { 0 };

    name = name ? name : "";
    kit_judge_status(call, answer, body, &common);
    if (text_equal(name, "invalid_grant"))
        return kit_error(err, call, answer, ERROR_AUTH, name,
                         "Connect restream again. A refresh token is good once: no other program "
                         "may use the same.",
                         "Restream does not accept the sign-in any more.");
    if (text_equal(name, "invalid_client"))
        return kit_error(err, call, answer, ERROR_CONFIG, name,
                         "Copy both again from developers.restream.io, your application.",
                         "Restream does not know the client id or secret.");
    if (common.kind == ERROR_AUTH)
        return kit_error(err, call, answer, ERROR_AUTH, name, reconnect,
                         "Restream refused the sign-in.");
    if (common.kind == ERROR_FORBIDDEN)
        return kit_error(err, call, answer, ERROR_FORBIDDEN, name,
                         "Tick what `platform show restream` lists in the application's settings, "
                         "then connect again.",
                         "The sign-in lacks a permission at Restream.");
    return kit_error(err, call, answer, common.kind, name, common.remedy, "%s%s%s", common.message,
                     message ? " It says: " : "", message ? message : "");
}

bool restream_ask(struct call *call, const char *token, const struct restream_ask *ask, cJSON **out,
                  struct error *err)
{
    size_t length = strlen(call->api_base);
    bool versioned = length >= 3 && text_equal(call->api_base + length - 3, "/v2");
    struct kit_request request = { .method = ask->method,
                                   .route = ask->route,
                                   .token = token,
                                   .json = ask->json,
                                   .effect = strcmp(ask->method, "GET") != 0,
                                   .creates = ask->creates,
                                   .judge = judge };
    struct text path;
    bool done;

    text_init(&path, 600);
    text_addf(&path, "%s%s", versioned ? "" : "/v2", ask->path);
    request.path = text_str(&path);
    done = kit_send(call, &request, out, err);
    text_release(&path);
    return done;
}

bool restream_list(struct restream *r, const char *path, cJSON **out, struct error *err)
{
    char route[120];
    struct restream_ask ask = { .method = "GET", .route = route, .path = path };

    snprintf(route, sizeof(route), "GET /v2%.*s", (int)strcspn(path, "?"), path);
    if (!restream_ask(r->call, r->token, &ask, out, err))
        return false;
    if (cJSON_IsArray(*out))
        return true;
    cJSON_Delete(*out);
    *out = NULL;
    return restream_garbage(r->call, err, "list");
}

bool restream_open(struct restream *r, struct call *call, const struct livestream *l,
                   const struct target *t, struct outcome *out, struct error *err)
{
    memset(r, 0, sizeof(*r));
    r->call = call;
    r->l = l;
    r->t = t;
    r->out = out;
    out->again_ms = 0;
    out->note[0] = '\0';
    r->settings = kit_settings(t);
    return call->token(call, &r->token, err);
}

void restream_close(struct restream *r)
{
    cJSON_Delete(r->settings);
}

bool restream_has_event(const struct restream *r)
{
    if (*r->out->remote_id)
        return !text_starts(r->out->remote_id, "account");
    return setting_bool(&platform_restream, r->settings, "event");
}

int64_t restream_moment(const cJSON *item, const char *path)
{
    int64_t seconds = 0;

    return json_int(item, path, &seconds) && seconds > 0 ? seconds * 1000 : 0;
}

/* ---- the sign-in ---- */

static bool check(struct call *call, struct error *err)
{
    static const char *const keys[] = { "client_id", "client_secret" };
    const char *ingest = kit_value(call, &platform_restream, "ingest");

    for (size_t i = 0; i < 2; i++)
        if (!*kit_value(call, &platform_restream, keys[i]))
            return kit_error(err, call, NULL, ERROR_INPUT, "",
                             "Give client_id and client_secret, or set both under [restream] in "
                             "the configuration.",
                             "Restream needs a %s.", keys[i]);
    if (*ingest && !text_starts(ingest, "rtmp://") && !text_starts(ingest, "rtmps://"))
        return kit_error(err, call, NULL, ERROR_INPUT, "", "Leave ingest out to have it chosen.",
                         "Restream: ingest must begin with rtmp:// or rtmps://.");
    return true;
}

static bool token_read(struct call *call, const cJSON *answer, struct token *out, struct error *err)
{
    const char *access = json_string(answer, "access_token");
    const char *refresh = json_string(answer, "refresh_token");
    const cJSON *scope;
    struct text scopes;
    int64_t seconds;

    memset(out, 0, sizeof(*out));
    if (!access || !*access || strlen(access) >= sizeof(out->access) ||
        (refresh && strlen(refresh) >= sizeof(out->refresh)))
        return restream_garbage(call, err, "token");
    text_copy_to(out->access, sizeof(out->access), access);
    text_copy_to(out->refresh, sizeof(out->refresh), refresh ? refresh : "");
    if (json_int(answer, "expires_in", &seconds) && seconds > 0)
        out->expires_ms = call->now_ms + seconds * 1000;
    if (json_int(answer, "refreshTokenExpiresEpoch", &seconds) && seconds > 0)
        out->refresh_expires_ms = seconds * 1000;
    text_init(&scopes, sizeof(out->scopes) - 1);
    cJSON_ArrayForEach (scope, json_at(answer, "scopeJson"))
        if (cJSON_IsString(scope))
            text_addf(&scopes, "%s%s", scopes.length ? " " : "", scope->valuestring);
    text_copy_to(out->scopes, sizeof(out->scopes), text_str(&scopes));
    text_release(&scopes);
    return true;
}

/* Each renewal ends both tokens of the one before: whoever calls this stores the answer before
 * anything else. */
static bool renew(struct call *call, struct token *out, struct error *err)
{
    struct kit_request request = { .method = "POST",
                                   .base = call->auth_base,
                                   .path = "/oauth/token",
                                   .route = "POST /oauth/token",
                                   .judge = judge };
    const char *refresh = kit_value(call, &platform_restream, "refresh_token");
    cJSON *answer = NULL, *one;
    struct text form;
    bool done;

    memset(out, 0, sizeof(*out));
    if (!*refresh)
        return kit_error(err, call, NULL, ERROR_AUTH, "", reconnect,
                         "There is no refresh token for Restream.");
    if (!check(call, err))
        return false;
    request.basic_user = kit_value(call, &platform_restream, "client_id");
    request.basic_password = kit_value(call, &platform_restream, "client_secret");
    text_init(&form, 16 * 1024);
    kit_query(&form, "grant_type", "refresh_token");
    kit_query(&form, "refresh_token", refresh);
    request.form = text_str(&form);
    done = kit_send(call, &request, &answer, err) && token_read(call, answer, out, err);
    kit_wipe(&form);
    cJSON_ArrayForEach (one, answer)
        if (cJSON_IsString(one))
            text_wipe(one->valuestring, strlen(one->valuestring));
    cJSON_Delete(answer);
    return done;
}

static bool revoke(struct call *call, struct error *err)
{
    struct kit_request request = { .method = "POST",
                                   .base = call->auth_base,
                                   .path = "/oauth/revoke",
                                   .route = "POST /oauth/revoke",
                                   .effect = true,
                                   .judge = judge };
    struct text form;
    bool done;

    text_init(&form, 16 * 1024);
    kit_query(&form, "token", kit_value(call, &platform_restream, "refresh_token"));
    kit_query(&form, "token_type_hint", "refresh_token");
    request.form = text_str(&form);
    done = kit_send(call, &request, NULL, err);
    kit_wipe(&form);
    return done;
}

static bool identify(struct call *call, struct account *out, struct error *err)
{
    struct restream_ask ask = { "GET", "GET /v2/user/profile", "/user/profile", NULL, false };
    const char *token, *name, *mail;
    cJSON *answer = NULL;

    memset(out, 0, sizeof(*out));
    if (!call->token(call, &token, err) || !restream_ask(call, token, &ask, &answer, err))
        return false;
    name = json_string(answer, "username");
    mail = json_string(answer, "email");
    if (json_id(answer, "id", out->ref, sizeof(out->ref)))
        text_copy_to(out->name, sizeof(out->name), name ? name : mail ? mail : out->ref);
    else
        restream_garbage(call, err, "account");
    cJSON_Delete(answer);
    return *out->ref != '\0';
}

/* ---- the tables ---- */

static const struct credential credentials[] = {
    { "client_id", false, false, "", NULL, "Client id",
      "Of your application at developers.restream.io; or in the configuration." },
    { "client_secret", true, false, "", NULL, "Client secret", "Belongs to the client id." },
    { "refresh_token", true, true, "", NULL, "Refresh token",
      "Made with the client id; good once, so for this program alone." },
    { "ingest", false, false, "", NULL, "Server",
      "RTMP address that your encoder sends to; empty: as chosen at Restream." },
    { NULL, false, false, NULL, NULL, NULL, NULL }
};

static const struct setting settings[] = {
    { "channels", SETTING_TEXT, PLATFORM_LIVESTREAMS, "", NULL, 0, 1000, "Channels",
      "Names or numbers of the Restream channels that shall be on, with ; between; all others are "
      "switched off. Empty: as they are." },
    { "titles", SETTING_BOOL, PLATFORM_LIVESTREAMS, "true", NULL, 0, 0, "Write titles",
      "Title and description go to every channel that is on." },
    { "put_back", SETTING_BOOL, PLATFORM_LIVESTREAMS, "true", NULL, 0, 0, "Put channels back",
      "After the stop the channels are switched as they were before." },
    { "event", SETTING_BOOL, PLATFORM_LIVESTREAMS, "false", NULL, 0, 0, "Planned event",
      "An event with a key of its own, for channels fed by a key; programs cannot attach YouTube "
      "or "
      "Facebook to it, nor change or delete it." },
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL }
};

/* Restream shows the viewers' links of the channels that it feeds. */
static const char *const link_hosts[] = { "restream.io",  "youtube.com", "youtu.be",
                                          "facebook.com", "twitch.tv",   "linkedin.com",
                                          "x.com",        "tiktok.com",  "instagram.com",
                                          "kick.com",     "rumble.com",  NULL };

const struct platform platform_restream = {
    .id = PLATFORM_RESTREAM,
    .abilities = PLATFORM_LIVESTREAMS,
    .signin = SIGNIN_CREDENTIALS | SIGNIN_OAUTH,
    .oauth = &oauth_restream,
    .api_base = "https://api.restream.io",
    .auth_base = "https://api.restream.io",
    .about = "One signal to many channels by Restream. It is live while your encoder sends to it: "
             "Restream lets no program start or end it.",
    .scopes = "profile.read channels.read channels.write stream.read stream.write",
    .credentials = credentials,
    .settings = settings,
    .link_hosts = link_hosts,
    /* Nothing is published. */
    .calls_per_second = 1,
    .calls_burst = 5,
    .parallel = 1,
    .renew = renew,
    .check = check,
    .identify = identify,
    .revoke = revoke,
    .livestream_find = restream_find,
    .livestream_create = restream_create,
    .livestream_update = restream_update,
    .livestream_start = restream_start,
    .livestream_stop = restream_stop,
    .livestream_remove = restream_remove,
    .livestream_poll = restream_poll,
};

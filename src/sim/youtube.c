/* The simulated YouTube: what all its calls share. Written from youtube.md and the discovery
 * document. */
#include "sim/youtube.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/base/zone.h>

#define AUTH  "https://www.googleapis.com/auth/"
#define WRITE AUTH "youtube " AUTH "youtube.force-ssl"
#define READ  WRITE " " AUTH "youtube.readonly"
#define OWNER " onBehalfOfContentOwner onBehalfOfContentOwnerChannel"

enum { QUOTA_DAY = 10000 };

struct youtube {
    long used;
    int day; /* Pacific day that `used` counts */
};

const char *const sim_youtube_channels[] = { "UCstmarks00000000000000A", "UCstannes00000000000000B",
                                             NULL };

const char *sim_youtube_channel(const struct sim_call *c)
{
    return sim_youtube_channels[c->grant->account];
}

struct sim_object *sim_youtube_own(struct sim_call *c, const char *kind, const char *id)
{
    struct sim_object *o = id != NULL ? sim_object_find(c->sim, SIM_YOUTUBE, kind, id) : NULL;

    return o != NULL && strcmp(o->owner, sim_youtube_channel(c)) == 0 ? o : NULL;
}

/* ---- reading requests ---- */

bool sim_youtube_parts(struct sim_call *c, const char *known, char *out, size_t size)
{
    struct text t;
    bool any = false;

    text_init(&t, size - 1);
    for (const cJSON *m = c->query->child; m != NULL; m = m->next) {
        char *save = NULL,
             *copy = strcmp(m->string, "part") == 0 ? text_copy(m->valuestring) : NULL;
        for (char *one = copy != NULL ? strtok_r(copy, ", ", &save) : NULL; one != NULL;
             one = strtok_r(NULL, ", ", &save)) {
            any = true;
            if (strcmp(one, "id") != 0 && !sim_word_in(known, one)) {
                sim_google_error(c, 400, "youtube.part", "unknownPart", "part", "%s", one);
                free(copy);
                text_release(&t);
                return false;
            }
            if (strcmp(one, "id") != 0)
                text_addf(&t, "%s%s", t.length > 0 ? " " : "", one);
        }
        free(copy);
    }
    text_copy_to(out, size, text_str(&t));
    text_release(&t);
    if (!any)
        sim_google_error(c, 400, "global", "required", "part", "Required parameter: part");
    return any;
}

bool sim_youtube_body(struct sim_call *c, const char *parts)
{
    if (c->length == 0 || !sim_content_is(c, "application/json") || !cJSON_IsObject(c->json)) {
        sim_google_error(c, 400, "global", "parseError", NULL, "Parse Error");
        return false;
    }
    for (const cJSON *m = c->json->child; m != NULL; m = m->next) {
        if (sim_word_in("kind etag id", m->string))
            continue;
        if (!sim_word_in("snippet status contentDetails cdn statistics monetizationDetails "
                         "recordingDetails localizations "
                         "liveStreamingDetails",
                         m->string)) {
            sim_google_invalid(c,
                               "Invalid JSON payload received. Unknown name \"%s\" at 'resource': "
                               "Cannot find field.",
                               m->string);
            return false;
        }
        if (!sim_word_in(parts, m->string)) {
            sim_google_error(c, 400, "youtube.part", "unexpectedPart", "part", "%s", m->string);
            return false;
        }
    }
    return true;
}

static bool member_ok(const cJSON *value, const struct sim_youtube_member *m)
{
    int64_t ms;

    if (cJSON_IsNull(value))
        return true;
    switch (m->kind) {
    case 's':
        return cJSON_IsString(value);
    case 'b':
        return cJSON_IsBool(value);
    case 'n':
        return cJSON_IsNumber(value) && value->valuedouble >= 0 &&
               floor(value->valuedouble) == value->valuedouble;
    case 't':
        return cJSON_IsString(value) && clock_parse_rfc3339(value->valuestring, &ms);
    case 'e':
        return cJSON_IsString(value) && sim_word_in(m->values, value->valuestring);
    case 'a':
        for (const cJSON *one = cJSON_IsArray(value) ? value->child : NULL; one != NULL;
             one = one->next)
            if (!cJSON_IsString(one))
                return false;
        return cJSON_IsArray(value);
    default:
        return true;
    }
}

bool sim_youtube_members(struct sim_call *c, const cJSON *part, const char *path,
                         const struct sim_youtube_member *members)
{
    static const char *const types[] = { ['s'] = "TYPE_STRING",
                                         ['b'] = "TYPE_BOOL",
                                         ['n'] = "TYPE_UINT32",
                                         ['t'] = "type.googleapis.com/google.protobuf.Timestamp",
                                         ['e'] = "TYPE_ENUM",
                                         ['a'] = "TYPE_STRING",
                                         ['o'] = "" };

    for (const cJSON *value = part != NULL ? part->child : NULL; value != NULL;
         value = value->next) {
        const struct sim_youtube_member *m = members;
        while (m->name != NULL && strcmp(m->name, value->string) != 0)
            m++;
        if (m->name == NULL) {
            sim_google_invalid(
                c, "Invalid JSON payload received. Unknown name \"%s\" at '%s': Cannot find field.",
                value->string, path);
            return false;
        }
        if (!member_ok(value, m)) {
            char *shown = cJSON_PrintUnformatted(value);
            sim_google_invalid(c, "Invalid value at '%s.%s' (%s), %s", path, m->name,
                               types[(unsigned char)m->kind], shown != NULL ? shown : "");
            cJSON_free(shown);
            return false;
        }
    }
    return true;
}

bool sim_youtube_length_ok(const char *s, size_t least, size_t most)
{
    size_t count = utf8_count(s);

    return count >= least && count <= most;
}

bool sim_youtube_listed(const char *ids, const char *id)
{
    size_t length = strlen(id);

    for (const char *at = ids; (at = strstr(at, id)) != NULL; at += length)
        if ((at == ids || at[-1] == ',') && (at[length] == '\0' || at[length] == ','))
            return true;
    return false;
}

/* ---- writing answers ---- */

static void add_etag(cJSON *out)
{
    unsigned char sum[32];
    struct text body, etag;

    text_init(&body, SIM_BODY_MAX);
    text_init(&etag, 100);
    json_print(&body, out);
    sim_sha256(sum, text_str(&body), body.length);
    text_add_base64url(&etag, sum, 20);
    sim_put_string(out, "etag", text_str(&etag));
    text_release(&body);
    text_release(&etag);
}

cJSON *sim_youtube_resource(const struct sim_object *o, const char *kind, const char *parts)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "kind", kind);
    cJSON_AddStringToObject(out, "id", o->id);
    for (const cJSON *part = o->fields->child; part != NULL; part = part->next)
        if (sim_word_in(parts, part->string))
            cJSON_AddItemToObject(out, part->string, cJSON_Duplicate(part, true));
    add_etag(out);
    return out;
}

void sim_youtube_send(struct sim_call *c, cJSON *resource)
{
    if (sim_google_fields(c, resource))
        sim_reply_json(&c->reply, 200, resource);
    else
        cJSON_Delete(resource);
}

void sim_youtube_send_list(struct sim_call *c, const char *kind, cJSON *all)
{
    const char *most = sim_query(c, "maxResults"), *token = sim_query(c, "pageToken");
    char *end = NULL;
    long size = most != NULL ? strtol(most, &end, 10) : 5, from = 0;
    int total = cJSON_GetArraySize(all);

    if ((most != NULL && (end == most || *end != '\0')) || size < 0 || size > 50) {
        sim_google_invalid(c, "Invalid value '%s'. Values must be within the range: [0, 50]", most);
    } else if (token != NULL &&
               (sscanf(token, "CAUQ%ldA", &from) != 1 || from < 0 || from > total)) {
        sim_google_error(c, 400, "youtube.parameter", "invalidPageToken", "pageToken",
                         "The request specifies an invalid page token.");
    } else {
        cJSON *out = cJSON_CreateObject();
        cJSON_AddStringToObject(out, "kind", kind);
        if (size > 0 && from + size < total) {
            char next[40];
            snprintf(next, sizeof next, "CAUQ%ldA", from + size);
            cJSON_AddStringToObject(out, "nextPageToken", next);
        }
        cJSON *info = cJSON_AddObjectToObject(out, "pageInfo");
        cJSON_AddNumberToObject(info, "totalResults", total);
        cJSON_AddNumberToObject(info, "resultsPerPage", (double)size);
        cJSON *items = cJSON_AddArrayToObject(out, "items");
        for (long i = 0; i < size && cJSON_GetArraySize(all) > from; i++)
            cJSON_AddItemToArray(items, cJSON_DetachItemFromArray(all, (int)from));
        add_etag(out);
        sim_youtube_send(c, out);
    }
    cJSON_Delete(all);
}

/* ---- channel, categories ---- */

static cJSON *channel_make(int account, const char *parts)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "kind", "youtube#channel");
    cJSON_AddStringToObject(out, "id", sim_youtube_channels[account]);
    if (sim_word_in(parts, "snippet")) {
        cJSON *snippet = cJSON_AddObjectToObject(out, "snippet");
        cJSON_AddStringToObject(snippet, "title", sim_google_accounts[account].name);
        cJSON_AddStringToObject(snippet, "description", "");
        cJSON *sizes = cJSON_AddObjectToObject(snippet, "thumbnails");
        cJSON_AddStringToObject(cJSON_AddObjectToObject(sizes, "default"), "url",
                                account == 0 ? "https://yt3.ggpht.com/simulated/stmarks=s88"
                                             : "https://yt3.ggpht.com/simulated/stannes=s88");
        cJSON_AddStringToObject(snippet, "customUrl", account == 0 ? "@stmarks" : "@stannes");
    }
    if (sim_word_in(parts, "status")) {
        cJSON *status = cJSON_AddObjectToObject(out, "status");
        cJSON_AddStringToObject(status, "privacyStatus", "public");
        cJSON_AddBoolToObject(status, "isLinked", true);
        cJSON_AddStringToObject(status, "longUploadsStatus", "allowed");
        cJSON_AddBoolToObject(status, "madeForKids", false);
    }
    add_etag(out);
    return out;
}

static void channels_list(struct sim_call *c)
{
    const char *mine = sim_query(c, "mine"), *id = sim_query(c, "id");
    char parts[200];

    if (!sim_youtube_parts(
            c,
            "snippet status contentDetails statistics brandingSettings localizations topicDetails",
            parts, sizeof parts))
        return;
    if ((mine != NULL) == (id != NULL)) {
        sim_google_error(
            c, 400, "youtube.parameter",
            mine == NULL ? "missingRequiredParameter" : "incompatibleParameters", "parameters.",
            mine == NULL ? "No filter selected. Expected one of: mine, id, forHandle, forUsername"
                         : "Incompatible parameters specified in the request: mine, id");
        return;
    }
    cJSON *all = cJSON_CreateArray();
    for (int i = 0; sim_youtube_channels[i] != NULL; i++)
        if (mine != NULL ? i == c->grant->account : sim_youtube_listed(id, sim_youtube_channels[i]))
            cJSON_AddItemToArray(all, channel_make(i, parts));
    sim_youtube_send_list(c, "youtube#channelListResponse", all);
}

static const struct {
    const char *id, *title;
    bool assignable;
} categories[] = { { "1", "Film & Animation", true },       { "10", "Music", true },
                   { "22", "People & Blogs", true },        { "24", "Entertainment", true },
                   { "25", "News & Politics", true },       { "27", "Education", true },
                   { "29", "Nonprofits & Activism", true }, { "30", "Movies", false } };

static void categories_list(struct sim_call *c)
{
    const char *id = sim_query(c, "id");
    char parts[100];

    if (!sim_youtube_parts(c, "snippet", parts, sizeof parts))
        return;
    if ((id == NULL) == (sim_query(c, "regionCode") == NULL)) {
        sim_google_error(c, 400, "youtube.parameter", "missingRequiredParameter", "parameters.",
                         "No filter selected. Expected one of: id, regionCode");
        return;
    }
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "kind", "youtube#videoCategoryListResponse");
    cJSON *items = cJSON_AddArrayToObject(out, "items");
    for (size_t i = 0; i < sizeof categories / sizeof categories[0]; i++) {
        if (id != NULL && strcmp(id, categories[i].id) != 0)
            continue;
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "kind", "youtube#videoCategory");
        cJSON_AddStringToObject(one, "id", categories[i].id);
        cJSON *snippet = cJSON_AddObjectToObject(one, "snippet");
        cJSON_AddStringToObject(snippet, "title", categories[i].title);
        cJSON_AddBoolToObject(snippet, "assignable", categories[i].assignable);
        cJSON_AddItemToArray(items, one);
    }
    sim_youtube_send(c, out);
}

/* ---- the table ---- */

/* Costs of live methods are not published: read 1, write 50, the stricter reading. */
static const struct sim_route routes[] = {
    { "GET", "/youtube/v3/liveBroadcasts", sim_youtube_broadcast_list, READ, 1,
      "part id mine broadcastStatus broadcastType maxResults pageToken" OWNER },
    { "POST", "/youtube/v3/liveBroadcasts", sim_youtube_broadcast_insert, WRITE, 50, "part" OWNER },
    { "PUT", "/youtube/v3/liveBroadcasts", sim_youtube_broadcast_update, WRITE, 50, "part" OWNER },
    { "DELETE", "/youtube/v3/liveBroadcasts", sim_youtube_broadcast_delete, WRITE, 50, "id" OWNER },
    { "POST", "/youtube/v3/liveBroadcasts/bind", sim_youtube_broadcast_bind, WRITE, 50,
      "part id streamId" OWNER },
    { "POST", "/youtube/v3/liveBroadcasts/transition", sim_youtube_broadcast_transition, WRITE, 50,
      "part id broadcastStatus" OWNER },
    { "GET", "/youtube/v3/liveStreams", sim_youtube_stream_list, READ, 1,
      "part id mine maxResults pageToken" OWNER },
    { "POST", "/youtube/v3/liveStreams", sim_youtube_stream_insert, WRITE, 50, "part" OWNER },
    { "PUT", "/youtube/v3/liveStreams", sim_youtube_stream_update, WRITE, 50, "part" OWNER },
    { "DELETE", "/youtube/v3/liveStreams", sim_youtube_stream_delete, WRITE, 50, "id" OWNER },
    { "GET", "/youtube/v3/videos", sim_youtube_video_list, READ " " AUTH "youtubepartner", 1,
      "part id chart myRating hl locale maxHeight maxResults maxWidth pageToken regionCode "
      "videoCategoryId" OWNER },
    { "PUT", "/youtube/v3/videos", sim_youtube_video_update, WRITE " " AUTH "youtubepartner", 50,
      "part" OWNER },
    { "DELETE", "/youtube/v3/videos", sim_youtube_video_delete, WRITE " " AUTH "youtubepartner", 50,
      "id" OWNER },
    { "POST", "/upload/youtube/v3/thumbnails/set", sim_youtube_thumbnail_set,
      WRITE " " AUTH "youtube.upload " AUTH "youtubepartner", 50, "videoId" OWNER },
    { "POST", "/youtube/v3/thumbnails/set", sim_youtube_thumbnail_wrong,
      WRITE " " AUTH "youtube.upload " AUTH "youtubepartner", 1, "videoId" OWNER },
    { "GET", "/youtube/v3/channels", channels_list, READ, 1,
      "part id mine forHandle forUsername categoryId managedByMe mySubscribers hl maxResults "
      "pageToken" OWNER },
    { "GET", "/youtube/v3/videoCategories", categories_list, READ, 1, "part id regionCode hl" },
    { "GET", "/youtube/v3/liveChat/messages", sim_youtube_chat_list, READ, 5,
      "part liveChatId hl maxResults pageToken profileImageSize" },
    { "POST", "/youtube/v3/liveChat/messages", sim_youtube_chat_insert, WRITE, 50, "part" },
    { "DELETE", "/youtube/v3/liveChat/messages", sim_youtube_chat_delete, WRITE, 50, "id" },
    { NULL, NULL, NULL, NULL, 0, NULL },
};

static const char scopes[] =
    "openid email profile " AUTH "youtube " AUTH "youtube.force-ssl " AUTH "youtube.readonly " AUTH
    "youtube.upload " AUTH "userinfo.email " AUTH "userinfo.profile";

static void device_answer(struct sim_call *c, const struct sim_device *d, cJSON *answer)
{
    char url[128];

    (void)d;
    snprintf(url, sizeof url, "%s/device", c->sim->address[c->index]);
    cJSON_AddStringToObject(answer, "verification_url",
                            url); /* Google's own word for verification_uri */
}

static const struct sim_oauth oauth = {
    .clients = sim_google_clients,
    .scopes = scopes,
    .device_scopes = "openid email profile " AUTH "youtube " AUTH "youtube.readonly",
    .code_prefix = "4/0A",
    .access_prefix = "ya29.sim-",
    .refresh_prefix = "1//0sim-",
    .code_ms = 60000,
    .access_s = 3600,
    .device_s = 1800,
    .device_interval_s = 5,
    .device_page = "/device",
    .scope_back = true,
    .redirect_ok = sim_redirect_loopback_or_https,
    .refuse = sim_google_refuse,
    .decorate = sim_google_decorate,
    .device_answer = device_answer,
};

/* ---- quota ---- */

static int pacific_day(void)
{
    struct zone_time t;

    zone_local("America/Los_Angeles", clock_now(), &t);
    return t.year * 10000 + t.month * 100 + t.day;
}

/* Takes units from the day's allowance; every request costs one at least, the invalid too. */
static bool quota_take(struct sim_call *c, int units)
{
    struct youtube *y = c->sim->state[SIM_YOUTUBE];
    int today = pacific_day();

    if (y->day != today) {
        y->day = today;
        y->used = 0;
    }
    if (y->used + units > QUOTA_DAY) {
        y->used = y->used + 1 > QUOTA_DAY ? QUOTA_DAY : y->used + 1;
        sim_google_error(c, 403, "youtube.quota", "quotaExceeded", NULL,
                         "The request cannot be completed because you have exceeded your "
                         "<a href=\"/youtube/v3/getting-started#quota\">quota</a>.");
        return false;
    }
    y->used += units;
    return true;
}

static void allow(struct sim *sim, int left)
{
    struct youtube *y = sim->state[SIM_YOUTUBE];

    y->day = pacific_day();
    y->used = QUOTA_DAY - left;
}

static void answer(struct sim_call *c)
{
    bool known;

    c->route = sim_route_find(c, sim_google_routes, c->path, &known);
    if (c->route != NULL) {
        c->route->run(c);
        return;
    }
    c->route = sim_route_find(c, routes, c->path, &known);
    if (c->route == NULL) {
        sim_reply_page(&c->reply, known ? 405 : 404, known ? "405." : "404.",
                       known ? "The request method is inappropriate for this URL."
                             : "The requested URL was not found on this server.");
        return;
    }
    /* The front end wants to know how long a POST is, even an empty one, and says so in HTML. */
    if (!c->has_length && (strcmp(c->method, "POST") == 0 || strcmp(c->method, "PUT") == 0)) {
        sim_reply_page(&c->reply, 411, "411.", "POST requests require a Content-length header.");
        return;
    }
    if (sim_google_authorized(c, "youtube.googleapis.com") && quota_take(c, c->route->cost) &&
        sim_google_query_ok(c))
        c->route->run(c);
}

static void rate_limited(struct sim_call *c, int retry_after_s)
{
    if (sim_google_is_auth(c->path)) {
        sim_google_rate_limited(c, retry_after_s);
        return;
    }
    sim_google_error(c, 403, "youtube.liveBroadcast", "userRequestsExceedRateLimit", NULL,
                     "The user has sent too many requests in a given timeframe.");
    if (retry_after_s > 0)
        sim_reply_header(&c->reply, "Retry-After", "%d", retry_after_s);
}

static bool refuse_all(struct sim_call *c)
{
    if (sim_google_is_auth(c->path))
        return false;
    sim_google_error(c, 403, "youtube.liveBroadcast", "liveStreamingNotEnabled", NULL,
                     "The user is not enabled for live streaming.");
    return true;
}

static void state_open(struct sim *sim, int index)
{
    struct youtube *y = calloc(1, sizeof *y);
    struct sim_grant *g =
        sim_grant_new(sim, index, 0, sim_google_clients[0].id, AUTH "youtube openid email");

    if (y == NULL)
        abort();
    sim->state[index] = y;
    /* Ready to be typed in: a grant that somebody gave before. */
    text_copy_to(g->refresh, sizeof g->refresh, "1//0sim-refresh-token-of-st-marks");
}

static void state_close(struct sim *sim, int index)
{
    free(sim->state[index]);
}

static void due(struct sim *sim, struct sim_object *o)
{
    if (strcmp(o->kind, "broadcast") == 0)
        sim_youtube_broadcast_due(sim, o);
}

static void describe(struct sim *sim, cJSON *part)
{
    (void)sim;
    cJSON_AddStringToObject(part, "client_id", sim_google_clients[0].id);
    cJSON_AddStringToObject(part, "client_secret", sim_google_clients[0].secret);
    cJSON *credentials = cJSON_AddObjectToObject(part, "credentials");
    cJSON_AddStringToObject(credentials, "client_id", sim_google_clients[0].id);
    cJSON_AddStringToObject(credentials, "client_secret", sim_google_clients[0].secret);
    cJSON_AddStringToObject(credentials, "refresh_token", "1//0sim-refresh-token-of-st-marks");
}

static bool remote(struct sim *sim, struct sim_object *o, const char *event, const cJSON *body,
                   struct error *err)
{
    const char *title = json_string(body, "title");
    bool broadcast = strcmp(o->kind, "broadcast") == 0;

    if (strcmp(event, "deleted") == 0) {
        o->deleted = true;
    } else if (strcmp(event, "renamed") == 0) {
        sim_object_title(o, title != NULL ? title : "Renamed in Studio");
        sim_put_string(sim_fields(o, "snippet"), "title", o->title);
    } else if (strcmp(event, "ended") == 0 && broadcast &&
               sim_object_is(o, "live testing liveStarting")) {
        sim_youtube_broadcast_complete(sim, o);
    } else if (strcmp(event, "started") == 0 && broadcast &&
               sim_object_is(o, "created ready testing")) {
        sim_object_state(o, "liveStarting");
        sim_put_string(sim_fields(o, "status"), "lifeCycleStatus", "liveStarting");
        sim_youtube_broadcast_due(sim, o);
    } else {
        return error_set(err, ERROR_REFUSED, NULL, "%s cannot happen to a %s that is %s.", event,
                         o->kind, o->state);
    }
    return true;
}

const struct sim_platform sim_youtube = {
    .slug = "youtube",
    .routes = routes,
    .accounts = sim_google_accounts,
    .oauth = &oauth,
    .answer = answer,
    .fail = sim_google_fail,
    .rate_limited = rate_limited,
    .refuse_all = refuse_all,
    .open = state_open,
    .close = state_close,
    .due = due,
    .fed = sim_youtube_stream_changed,
    .remote = remote,
    .allow = allow,
    .describe = describe,
};

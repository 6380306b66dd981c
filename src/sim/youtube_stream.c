/* liveStreams: where the encoder sends to, and what that means for the broadcasts bound to it. */
#include "sim/youtube.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

static const char domain[] = "youtube.liveStream";
static const char stream_parts[] = "snippet cdn contentDetails status";

static const struct sim_youtube_member snippet_members[] = {
    { "title", 's', NULL },       { "description", 's', NULL },     { "channelId", 's', NULL },
    { "publishedAt", 's', NULL }, { "isDefaultStream", 'b', NULL }, { NULL, 0, NULL }
};
/* Enumerations are looked at one by one, for their own reasons. */
static const struct sim_youtube_member cdn_members[] = {
    { "ingestionType", 's', NULL }, { "resolution", 's', NULL },    { "frameRate", 's', NULL },
    { "format", 's', NULL },        { "ingestionInfo", 'o', NULL }, { NULL, 0, NULL }
};
static const struct sim_youtube_member details_members[] = {
    { "isReusable", 'b', NULL }, { "closedCaptionsIngestionUrl", 's', NULL }, { NULL, 0, NULL }
};

static bool refuse(struct sim_call *c, int status, const char *reason, const char *message)
{
    sim_google_error(c, status, domain, reason, NULL, "%s", message);
    return false;
}

static bool title_ok(struct sim_call *c)
{
    const char *title = json_string(c->json, "snippet.title"),
               *description = json_string(c->json, "snippet.description");

    if (title == NULL || title[0] == '\0')
        return refuse(c, 400, "titleRequired", "Title is required");
    if (!sim_youtube_length_ok(title, 1, 128))
        return refuse(c, 400, "invalidTitle", "Invalid title");
    if (description != NULL && !sim_youtube_length_ok(description, 0, 10000))
        return refuse(c, 400, "invalidDescription", "Invalid description");
    return true;
}

static bool cdn_ok(struct sim_call *c)
{
    const char *type = json_string(c->json, "cdn.ingestionType"),
               *resolution = json_string(c->json, "cdn.resolution");
    const char *rate = json_string(c->json, "cdn.frameRate");

    if (json_at(c->json, "cdn") == NULL)
        return refuse(c, 400, "cdnRequired", "CDN is required");
    if (type == NULL)
        return refuse(c, 400, "ingestionTypeRequired", "Ingestion type is required");
    if (!sim_word_in("rtmp dash webrtc hls", type))
        return refuse(c, 400, "invalidIngestionType", "Invalid ingestion type");
    if (json_at(c->json, "cdn.format") != NULL)
        return refuse(c, 400, "invalidFormat", "Invalid format");
    if (resolution == NULL && rate != NULL)
        return refuse(c, 400, "resolutionRequired", "Resolution required");
    if (resolution != NULL && rate == NULL)
        return refuse(c, 400, "frameRateRequired", "Frame rate required");
    if (resolution != NULL &&
        !sim_word_in("240p 360p 480p 720p 1080p 1440p 2160p variable", resolution))
        return refuse(c, 400, "invalidResolution", "Invalid resolution");
    if (rate != NULL && !sim_word_in("30fps 60fps variable", rate))
        return refuse(c, 400, "invalidFrameRate", "Invalid frame rate");
    return true;
}

static void set_status(struct sim_object *o, const char *status, const char *health)
{
    cJSON *part = sim_fields(o, "status");
    cJSON *state = cJSON_CreateObject();
    char seconds[24];

    sim_object_state(o, status);
    sim_put_string(part, "streamStatus", status);
    cJSON_AddStringToObject(state, "status", health);
    if (strcmp(health, "noData") != 0) {
        snprintf(seconds, sizeof seconds, "%lld", (long long)(clock_now() / 1000));
        cJSON_AddStringToObject(state, "lastUpdateTimeSeconds", seconds);
        cJSON_AddArrayToObject(state, "configurationIssues");
    }
    sim_put(part, "healthStatus", state);
}

static void add_ingestion(struct sim_object *o, const cJSON *wish)
{
    cJSON *cdn = sim_fields(o, "cdn"), *info = cJSON_CreateObject();
    const char *resolution = json_string(wish, "resolution"),
               *rate = json_string(wish, "frameRate");

    sim_put_string(cdn, "ingestionType", json_string(wish, "ingestionType"));
    sim_put_string(cdn, "resolution", resolution != NULL ? resolution : "variable");
    sim_put_string(cdn, "frameRate", rate != NULL ? rate : "variable");
    cJSON_AddStringToObject(info, "streamName", o->key);
    cJSON_AddStringToObject(info, "ingestionAddress", "rtmp://a.rtmp.youtube.com/live2");
    cJSON_AddStringToObject(info, "backupIngestionAddress",
                            "rtmp://b.rtmp.youtube.com/live2?backup=1");
    cJSON_AddStringToObject(info, "rtmpsIngestionAddress", "rtmps://a.rtmps.youtube.com:443/live2");
    cJSON_AddStringToObject(info, "rtmpsBackupIngestionAddress",
                            "rtmps://b.rtmps.youtube.com:443/live2?backup=1");
    sim_put(cdn, "ingestionInfo", info);
}

static void key_make(struct sim *sim, char *out)
{
    for (int i = 0; i < 5; i++) {
        sim_random_text(sim, out + i * 5, 4, "abcdefghjkmpqrstuvwxyz0123456789");
        out[i * 5 + 4] = i < 4 ? '-' : '\0';
    }
    /* The mark of a secret, in groups of four. */
    for (int i = 0; i < 3; i++)
        memcpy(out + i * 5, SIM_SECRET_MARK + i * 4, 4);
}

void sim_youtube_stream_insert(struct sim_call *c)
{
    char parts[200], id[40], random[20];

    if (!sim_youtube_parts(c, stream_parts, parts, sizeof parts) || !sim_youtube_body(c, parts) ||
        !sim_youtube_members(c, json_at(c->json, "snippet"), "resource.snippet", snippet_members) ||
        !sim_youtube_members(c, json_at(c->json, "cdn"), "resource.cdn", cdn_members) ||
        !sim_youtube_members(c, json_at(c->json, "contentDetails"), "resource.content_details",
                             details_members) ||
        !title_ok(c) || !cdn_ok(c))
        return;
    sim_random_text(c->sim, random, 16, sim_digits);
    snprintf(id, sizeof id, "%.6s%s", sim_youtube_channel(c) + 2, random);
    struct sim_object *o =
        sim_object_new(c->sim, SIM_YOUTUBE, "stream", id, sim_youtube_channel(c));
    cJSON *snippet = sim_fields(o, "snippet");
    const char *description = json_string(c->json, "snippet.description");
    key_make(c->sim, o->key);
    sim_object_title(o, json_string(c->json, "snippet.title"));
    sim_put_time(snippet, "publishedAt", o->created_ms);
    sim_put_string(snippet, "channelId", o->owner);
    sim_put_string(snippet, "title", o->title);
    sim_put_string(snippet, "description", description != NULL ? description : "");
    sim_put_bool(snippet, "isDefaultStream", false);
    add_ingestion(o, json_at(c->json, "cdn"));
    cJSON *details = sim_fields(o, "contentDetails");
    sim_put_string(details, "closedCaptionsIngestionUrl",
                   "http://upload.youtube.com/closedcaption?cid=sim");
    sim_put_bool(details, "isReusable", json_bool(c->json, "contentDetails.isReusable", true));
    set_status(o, "ready", "noData");
    sim_youtube_send(c, sim_youtube_resource(o, "youtube#liveStream", parts));
}

void sim_youtube_stream_list(struct sim_call *c)
{
    const char *id = sim_query(c, "id"), *mine = sim_query(c, "mine");
    char parts[200];

    if (!sim_youtube_parts(c, stream_parts, parts, sizeof parts))
        return;
    if ((id != NULL) == (mine != NULL) || (mine != NULL && strcmp(mine, "true") != 0)) {
        bool both = id != NULL && mine != NULL;
        sim_google_error(c, 400, "youtube.parameter",
                         both ? "incompatibleParameters" : "missingRequiredParameter",
                         "parameters.",
                         both ? "Incompatible parameters specified in the request: id, mine"
                              : "No filter selected. Expected one of: id, mine");
        return;
    }
    cJSON *all = cJSON_CreateArray();
    for (struct sim_object *o = c->sim->objects; o != NULL; o = o->next) {
        if (o->platform != SIM_YOUTUBE || o->deleted || strcmp(o->kind, "stream") != 0 ||
            strcmp(o->owner, sim_youtube_channel(c)) != 0)
            continue;
        /* One that is not for use again is not among "mine". */
        if (mine != NULL ? json_bool(o->fields, "contentDetails.isReusable", true)
                         : sim_youtube_listed(id, o->id))
            cJSON_AddItemToArray(all, sim_youtube_resource(o, "youtube#liveStream", parts));
    }
    sim_youtube_send_list(c, "youtube#liveStreamListResponse", all);
}

void sim_youtube_stream_update(struct sim_call *c)
{
    const char *id = json_string(c->json, "id"),
               *description = json_string(c->json, "snippet.description");
    char parts[200];

    if (!sim_youtube_parts(c, stream_parts, parts, sizeof parts) || !sim_youtube_body(c, parts))
        return;
    struct sim_object *o = sim_youtube_own(c, "stream", id);
    if (id == NULL) {
        refuse(c, 400, "idRequired", "Id required");
    } else if (o == NULL) {
        refuse(c, 404, "liveStreamNotFound", "Live stream not found");
    } else if (sim_words_any(parts, "cdn contentDetails")) {
        refuse(c, 403, "liveStreamModificationNotAllowed", "Modification not allowed");
    } else if (title_ok(c)) {
        sim_object_title(o, json_string(c->json, "snippet.title"));
        sim_put_string(sim_fields(o, "snippet"), "title", o->title);
        sim_put_string(sim_fields(o, "snippet"), "description",
                       description != NULL ? description : "");
        sim_youtube_send(c, sim_youtube_resource(o, "youtube#liveStream", parts));
    }
}

static bool bound_to(const struct sim_object *broadcast, const struct sim_object *stream)
{
    return broadcast->platform == SIM_YOUTUBE && !broadcast->deleted &&
           strcmp(broadcast->kind, "broadcast") == 0 &&
           text_equal(json_string(broadcast->fields, "contentDetails.boundStreamId"), stream->id);
}

bool sim_youtube_stream_in_use(struct sim *sim, const struct sim_object *stream)
{
    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (bound_to(o, stream) && !sim_object_is(o, "complete revoked"))
            return true;
    return false;
}

void sim_youtube_stream_delete(struct sim_call *c)
{
    const char *id = sim_query(c, "id");
    struct sim_object *o = sim_youtube_own(c, "stream", id);

    if (id == NULL) {
        refuse(c, 400, "idRequired", "Id required");
    } else if (o == NULL) {
        refuse(c, 404, "liveStreamNotFound", "Live stream not found");
    } else if (sim_youtube_stream_in_use(c->sim, o)) {
        refuse(c, 403, "liveStreamDeletionNotAllowed",
               "The specified live stream cannot be deleted.");
    } else {
        o->deleted = true;
        sim_reply_empty(&c->reply, 204);
    }
}

void sim_youtube_stream_changed(struct sim *sim, struct sim_object *stream)
{
    set_status(stream, stream->sending ? "active" : "inactive",
               stream->sending ? "good" : "noData");
    for (struct sim_object *o = sim->objects; o != NULL; o = o->next) {
        if (!bound_to(o, stream))
            continue;
        if (stream->sending && sim_object_is(o, "ready") &&
            json_bool(o->fields, "contentDetails.enableAutoStart", false)) {
            sim_object_state(o, "liveStarting");
            sim_put_string(sim_fields(o, "status"), "lifeCycleStatus", "liveStarting");
            sim_object_later(o, sim->step_ms);
        } else if (!stream->sending && sim_object_is(o, "live") &&
                   json_bool(o->fields, "contentDetails.enableAutoStop", false)) {
            sim_object_later(o, (int64_t)sim->step_ms * 10); /* about a minute there */
        }
    }
}

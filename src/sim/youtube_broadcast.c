/* liveBroadcasts: their settings, and the life cycle created → ready → testing → live → complete.
 */
#include "sim/youtube.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

static const char domain[] = "youtube.liveBroadcast";
static const char broadcast_parts[] =
    "snippet status contentDetails statistics monetizationDetails";

/* The horizon is not published: two years. */
static const int64_t horizon_ms = 2LL * 365 * 86400 * 1000;

static const struct sim_youtube_member snippet_members[] = { { "title", 's', NULL },
                                                             { "description", 's', NULL },
                                                             { "scheduledStartTime", 's', NULL },
                                                             { "scheduledEndTime", 's', NULL },
                                                             { "actualStartTime", 's', NULL },
                                                             { "actualEndTime", 's', NULL },
                                                             { "channelId", 's', NULL },
                                                             { "publishedAt", 's', NULL },
                                                             { "isDefaultBroadcast", 'b', NULL },
                                                             { "liveChatId", 's', NULL },
                                                             { "thumbnails", 'o', NULL },
                                                             { NULL, 0, NULL } };
static const struct sim_youtube_member status_members[] = {
    { "privacyStatus", 's', NULL },
    { "selfDeclaredMadeForKids", 'b', NULL },
    { "madeForKids", 'b', NULL },
    { "lifeCycleStatus", 's', NULL },
    { "recordingStatus", 's', NULL },
    { "liveBroadcastPriority", 'e', "liveBroadcastPriorityUnspecified low normal high" },
    { NULL, 0, NULL }
};
static const struct sim_youtube_member details_members[] = {
    { "enableAutoStart", 'b', NULL },
    { "enableAutoStop", 'b', NULL },
    { "enableDvr", 'b', NULL },
    { "recordFromStart", 'b', NULL },
    { "enableEmbed", 'b', NULL },
    { "enableClosedCaptions", 'b', NULL },
    { "closedCaptionsType", 'e',
      "closedCaptionsDisabled closedCaptionsHttpPost closedCaptionsEmbedded" },
    { "enableContentEncryption", 'b', NULL },
    { "enableLowLatency", 'b', NULL },
    { "startWithSlate", 'b', NULL },
    { "latencyPreference", 's', NULL },
    { "projection", 's', NULL },
    { "mesh", 's', NULL },
    { "stereoLayout", 'e', "mono leftRight topBottom" },
    { "boundStreamId", 's', NULL },
    { "boundStreamLastUpdateTimeMs", 's', NULL },
    { "monitorStream", 'o', NULL },
    { NULL, 0, NULL }
};
static const struct sim_youtube_member monitor_members[] = { { "enableMonitorStream", 'b', NULL },
                                                             { "broadcastStreamDelayMs", 'n',
                                                               NULL },
                                                             { "embedHtml", 's', NULL },
                                                             { NULL, 0, NULL } };

static bool refuse(struct sim_call *c, int status, const char *reason, const char *message)
{
    sim_google_error(c, status, domain, reason, NULL, "%s", message);
    return false;
}

static void set_state(struct sim_object *o, const char *state)
{
    sim_object_state(o, state);
    sim_put_string(sim_fields(o, "status"), "lifeCycleStatus", state);
}

/* ---- checks ---- */

/* A start that has not changed may lie in the past: the broadcast may be running. */
static bool times_ok(struct sim_call *c, const struct sim_object *old)
{
    const char *start = json_string(c->json, "snippet.scheduledStartTime");
    const char *end = json_string(c->json, "snippet.scheduledEndTime");
    int64_t start_ms, end_ms, now = clock_now();

    if (start == NULL)
        return refuse(c, 400, "scheduledStartTimeRequired", "Scheduled start time is required");
    if (!clock_parse_rfc3339(start, &start_ms))
        return refuse(c, 400, "invalidScheduledStartTime", "Invalid scheduled start time");
    bool same = old != NULL && old->start_ms / 1000 == start_ms / 1000;
    if (!same && (start_ms <= now || start_ms > now + horizon_ms))
        return refuse(c, 400, "invalidScheduledStartTime",
                      "Scheduled start time must be in the future and close enough to "
                      "the current date");
    if (end != NULL && (!clock_parse_rfc3339(end, &end_ms) || end_ms <= start_ms))
        return refuse(c, 400, "invalidScheduledEndTime",
                      "Scheduled end time must follow the scheduled start time");
    return true;
}

static bool snippet_ok(struct sim_call *c, const struct sim_object *old)
{
    const char *title = json_string(c->json, "snippet.title"),
               *description = json_string(c->json, "snippet.description");

    if (title == NULL || title[0] == '\0')
        return refuse(c, 400, "titleRequired", "Title is required");
    if (!sim_youtube_length_ok(title, 1, 100) || strpbrk(title, "<>") != NULL)
        return refuse(c, 400, "invalidTitle", "Invalid title");
    if (description != NULL &&
        (!sim_youtube_length_ok(description, 0, 5000) || strpbrk(description, "<>") != NULL))
        return refuse(c, 400, "invalidDescription", "Invalid description");
    return times_ok(c, old);
}

/* Whether an update may leave privacyStatus out is told both ways; the stricter page says it may
 * not. */
static bool status_ok(struct sim_call *c)
{
    const char *privacy = json_string(c->json, "status.privacyStatus");

    if (privacy == NULL)
        return refuse(c, 400, "privacyStatusRequired", "Privacy status is required");
    if (!sim_word_in("public unlisted private", privacy))
        return refuse(c, 400, "invalidPrivacyStatus", "Invalid privacy status");
    return true;
}

static bool details_ok(struct sim_call *c)
{
    const char *latency = json_string(c->json, "contentDetails.latencyPreference");
    const char *projection = json_string(c->json, "contentDetails.projection");
    const char *captions = json_string(c->json, "contentDetails.closedCaptionsType");

    if (latency != NULL && !sim_word_in("normal low ultraLow", latency))
        return refuse(c, 400, "invalidLatencyPreferenceOptions", "Invalid latency preference");
    if (projection != NULL && !sim_word_in("rectangular 360 mesh", projection))
        return refuse(c, 400, "invalidProjection", "Invalid projection");
    if (json_at(c->json, "contentDetails.enableClosedCaptions") != NULL &&
        json_at(c->json, "contentDetails.closedCaptionsType") != NULL)
        return refuse(c, 400, "invalidEnableClosedCaptions",
                      "enableClosedCaptions and closedCaptionsType exclude each other");
    /* "Ultra low latency does not support captions"; with which reason it says so is not told. */
    if (text_equal(latency, "ultraLow") && captions != NULL &&
        strcmp(captions, "closedCaptionsDisabled") != 0)
        return refuse(c, 400, "invalidLatencyPreferenceOptions", "Invalid latency preference");
    return true;
}

static bool shape_ok(struct sim_call *c, const char *parts)
{
    return sim_youtube_body(c, parts) &&
           sim_youtube_members(c, json_at(c->json, "snippet"), "resource.snippet",
                               snippet_members) &&
           sim_youtube_members(c, json_at(c->json, "status"), "resource.status", status_members) &&
           sim_youtube_members(c, json_at(c->json, "contentDetails"), "resource.content_details",
                               details_members) &&
           sim_youtube_members(c, json_at(c->json, "contentDetails.monitorStream"),
                               "resource.content_details.monitor_stream", monitor_members);
}

/* ---- writing ---- */

static void write_snippet(struct sim_call *c, struct sim_object *o)
{
    cJSON *snippet = sim_fields(o, "snippet");
    const char *description = json_string(c->json, "snippet.description");
    const char *end = json_string(c->json, "snippet.scheduledEndTime");
    int64_t end_ms;

    sim_object_title(o, json_string(c->json, "snippet.title"));
    clock_parse_rfc3339(json_string(c->json, "snippet.scheduledStartTime"), &o->start_ms);
    sim_put_string(snippet, "title", o->title);
    sim_put_string(snippet, "description", description != NULL ? description : "");
    sim_put_time(snippet, "scheduledStartTime", o->start_ms);
    sim_put(snippet, "scheduledEndTime", NULL);
    if (end != NULL && clock_parse_rfc3339(end, &end_ms))
        sim_put_time(snippet, "scheduledEndTime", end_ms);
}

static void write_status(struct sim_call *c, struct sim_object *o)
{
    cJSON *status = sim_fields(o, "status");
    bool kids = json_bool(c->json, "status.selfDeclaredMadeForKids", false);

    sim_put_string(status, "privacyStatus", json_string(c->json, "status.privacyStatus"));
    sim_put_bool(status, "madeForKids", kids);
    sim_put_bool(status, "selfDeclaredMadeForKids", kids);
}

/* Everything that the part can say is overwritten; what was left out gets its default. */
static void write_details(struct sim_call *c, struct sim_object *o)
{
    static const struct {
        const char *name;
        bool otherwise;
    } bools[] = { { "enableEmbed", true },      { "enableDvr", true },
                  { "recordFromStart", true },  { "enableClosedCaptions", false },
                  { "enableAutoStart", false }, { "enableAutoStop", false } };
    cJSON *details = sim_fields(o, "contentDetails"), *monitor = cJSON_CreateObject();
    const cJSON *wish = json_at(c->json, "contentDetails");
    const char *latency = json_string(wish, "latencyPreference"),
               *projection = json_string(wish, "projection");
    const char *captions = json_string(wish, "closedCaptionsType");
    int64_t delay = 0;

    json_int(wish, "monitorStream.broadcastStreamDelayMs", &delay);
    cJSON_AddBoolToObject(monitor, "enableMonitorStream",
                          json_bool(wish, "monitorStream.enableMonitorStream", true));
    cJSON_AddNumberToObject(monitor, "broadcastStreamDelayMs", (double)delay);
    sim_put(details, "monitorStream", monitor);
    for (size_t i = 0; i < sizeof bools / sizeof bools[0]; i++)
        sim_put_bool(details, bools[i].name, json_bool(wish, bools[i].name, bools[i].otherwise));
    sim_put_string(details, "closedCaptionsType",
                   captions != NULL ? captions : "closedCaptionsDisabled");
    sim_put_string(details, "latencyPreference", latency != NULL ? latency : "normal");
    sim_put_bool(details, "enableLowLatency", latency != NULL && strcmp(latency, "low") == 0);
    sim_put_string(details, "projection", projection != NULL ? projection : "rectangular");
}

static void first_fields(struct sim_call *c, struct sim_object *o)
{
    cJSON *snippet = sim_fields(o, "snippet"), *status = sim_fields(o, "status");
    char url[160], chat[128];

    sim_put_time(snippet, "publishedAt", o->created_ms);
    sim_put_string(snippet, "channelId", o->owner);
    cJSON *thumbnails = cJSON_AddObjectToObject(snippet, "thumbnails");
    cJSON *picture = cJSON_AddObjectToObject(thumbnails, "default");
    snprintf(url, sizeof url, "https://i.ytimg.com/vi/%s/default_live.jpg", o->id);
    cJSON_AddStringToObject(picture, "url", url);
    cJSON_AddNumberToObject(picture, "width", 120);
    cJSON_AddNumberToObject(picture, "height", 90);
    sim_put_bool(snippet, "isDefaultBroadcast", false);
    snprintf(chat, sizeof chat, "KicKGFVD%s", o->id);
    sim_put_string(snippet, "liveChatId", chat);
    sim_put_string(status, "recordingStatus", "notRecording");
    sim_put_number(sim_fields(o, "simulated"), "visibleFromMono",
                   (double)(clock_mono() + c->sim->step_ms));
}

void sim_youtube_broadcast_insert(struct sim_call *c)
{
    char parts[200], id[16];

    if (!sim_youtube_parts(c, broadcast_parts, parts, sizeof parts) || !shape_ok(c, parts) ||
        !snippet_ok(c, NULL) || !status_ok(c) || !details_ok(c))
        return;
    sim_random_text(c->sim, id, 11, sim_b64url);
    struct sim_object *o =
        sim_object_new(c->sim, SIM_YOUTUBE, "broadcast", id, sim_youtube_channel(c));
    first_fields(c, o);
    write_snippet(c, o);
    write_status(c, o);
    write_details(c, o);
    set_state(o, "created");
    sim_youtube_send(c, sim_youtube_resource(o, "youtube#liveBroadcast", parts));
}

/* ---- list ---- */

static bool list_filter_ok(struct sim_call *c)
{
    const char *names[3] = { "id", "mine", "broadcastStatus" }, *first = NULL, *second = NULL;
    const char *status = sim_query(c, "broadcastStatus"), *type = sim_query(c, "broadcastType");
    const char *mine = sim_query(c, "mine");

    for (int i = 0; i < 3; i++) {
        if (sim_query(c, names[i]) == NULL)
            continue;
        second = first != NULL && second == NULL ? names[i] : second;
        first = first == NULL ? names[i] : first;
    }
    if (second != NULL) {
        sim_google_error(c, 400, "youtube.parameter", "incompatibleParameters", "parameters.",
                         "Incompatible parameters specified in the request: %s, %s", first, second);
        return false;
    }
    if (first == NULL || (mine != NULL && strcmp(mine, "true") != 0)) {
        sim_google_error(c, 400, "youtube.parameter", "missingRequiredParameter", "parameters.",
                         "No filter selected. Expected one of: id, mine, broadcastStatus");
        return false;
    }
    if (status != NULL && !sim_word_in("active all completed upcoming", status)) {
        sim_google_invalid(c, "Invalid value at 'broadcast_status' (TYPE_ENUM), \"%s\"", status);
        return false;
    }
    if (type != NULL && !sim_word_in("all event persistent", type)) {
        sim_google_invalid(c, "Invalid value at 'broadcast_type' (TYPE_ENUM), \"%s\"", type);
        return false;
    }
    return true;
}

static bool list_wants(struct sim_call *c, const struct sim_object *o)
{
    const char *id = sim_query(c, "id"), *status = sim_query(c, "broadcastStatus"),
               *type = sim_query(c, "broadcastType");

    if (type != NULL && strcmp(type, "persistent") == 0)
        return false; /* there have been none since 2020 */
    if (id != NULL)
        return sim_youtube_listed(id, o->id);
    if (status == NULL || strcmp(status, "all") == 0)
        return true;
    if (strcmp(status, "active") == 0)
        return sim_object_is(o, "testStarting testing liveStarting live");
    return sim_object_is(o, strcmp(status, "completed") == 0 ? "complete" : "created ready");
}

/* What only the living have. */
static cJSON *broadcast_view(const struct sim_object *o, const char *parts)
{
    cJSON *out = sim_youtube_resource(o, "youtube#liveBroadcast", parts);

    if (sim_word_in(parts, "statistics") && sim_object_is(o, "live")) {
        char viewers[24];
        snprintf(viewers, sizeof viewers, "%lld", 40 + (long long)(o->id[0] + o->id[1]));
        cJSON_AddStringToObject(cJSON_AddObjectToObject(out, "statistics"), "concurrentViewers",
                                viewers);
    }
    return out;
}

void sim_youtube_broadcast_list(struct sim_call *c)
{
    char parts[200];

    if (!sim_youtube_parts(c, broadcast_parts, parts, sizeof parts) || !list_filter_ok(c))
        return;
    cJSON *all = cJSON_CreateArray();
    for (struct sim_object *o = c->sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_YOUTUBE && !o->deleted && strcmp(o->kind, "broadcast") == 0 &&
            strcmp(o->owner, sim_youtube_channel(c)) == 0 && list_wants(c, o))
            cJSON_AddItemToArray(all, broadcast_view(o, parts));
    sim_youtube_send_list(c, "youtube#liveBroadcastListResponse", all);
}

/* ---- update ---- */

/* Settings that are fixed once the broadcast has begun. */
static bool details_change_ok(struct sim_call *c, struct sim_object *o)
{
    static const struct {
        const char *path, *reason;
        bool otherwise;
    } fixed[] = { { "enableDvr", "enableDvrModificationNotAllowed", true },
                  { "recordFromStart", "recordFromStartModificationNotAllowed", true },
                  { "monitorStream.enableMonitorStream",
                    "enableMonitorStreamModificationNotAllowed", true },
                  { "enableClosedCaptions", "enableClosedCaptionsModificationNotAllowed", false },
                  { "enableAutoStart", "enableAutoStartModificationNotAllowed", false } };
    const cJSON *wish = json_at(c->json, "contentDetails"),
                *have = json_at(o->fields, "contentDetails");
    struct sim_object *stream = sim_youtube_bound_stream(c->sim, o);
    bool early = sim_object_is(o, "created ready");
    const char *captions = json_string(wish, "closedCaptionsType");

    if (json_at(wish, "monitorStream.enableMonitorStream") == NULL)
        return refuse(c, 400, "enableMonitorStreamRequired", "enableMonitorStream is required");
    if (json_at(wish, "monitorStream.broadcastStreamDelayMs") == NULL)
        return refuse(c, 400, "broadcastStreamDelayMsRequired",
                      "broadcastStreamDelayMs is required");
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        bool changes = json_bool(wish, fixed[i].path, fixed[i].otherwise) !=
                       json_bool(have, fixed[i].path, fixed[i].otherwise);
        bool auto_start = strcmp(fixed[i].path, "enableAutoStart") == 0;
        if (changes && (!early || (auto_start && stream != NULL && stream->sending)))
            return refuse(c, 403, fixed[i].reason, "Modification not allowed");
    }
    if (!early && !text_equal(captions != NULL ? captions : "closedCaptionsDisabled",
                              json_string(have, "closedCaptionsType")))
        return refuse(c, 403, "closedCaptionsTypeModificationNotAllowed",
                      "Modification not allowed");
    return true;
}

void sim_youtube_broadcast_update(struct sim_call *c)
{
    const char *id = json_string(c->json, "id");
    char parts[200];

    if (!sim_youtube_parts(c, broadcast_parts, parts, sizeof parts) || !shape_ok(c, parts))
        return;
    struct sim_object *o = sim_youtube_own(c, "broadcast", id);
    if (id == NULL || o == NULL) {
        refuse(c, id == NULL ? 400 : 404, id == NULL ? "idRequired" : "liveBroadcastNotFound",
               id == NULL ? "Id required" : "Live broadcast not found");
        return;
    }
    bool snippet = sim_word_in(parts, "snippet"), status = sim_word_in(parts, "status");
    bool details = sim_word_in(parts, "contentDetails");
    if ((snippet && !snippet_ok(c, o)) || (status && !status_ok(c)) ||
        (details && (!details_ok(c) || !details_change_ok(c, o))))
        return;
    if (snippet)
        write_snippet(c, o);
    if (status)
        write_status(c, o);
    if (details)
        write_details(c, o);
    sim_youtube_send(c, broadcast_view(o, parts));
}

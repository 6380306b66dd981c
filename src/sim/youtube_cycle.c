/* liveBroadcasts: bind, transition, delete, and what happens by itself. */
#include "sim/youtube.h"

#include <string.h>

#include <ecclesia/base/clock.h>

static const char domain[] = "youtube.liveBroadcast";
static const char broadcast_parts[] =
    "snippet status contentDetails statistics monetizationDetails";

static void refuse(struct sim_call *c, int status, const char *reason, const char *message)
{
    sim_google_error(c, status, domain, reason, NULL, "%s", message);
}

static void set_state(struct sim_object *o, const char *state)
{
    sim_object_state(o, state);
    sim_put_string(sim_fields(o, "status"), "lifeCycleStatus", state);
}

struct sim_object *sim_youtube_bound_stream(struct sim *sim, struct sim_object *broadcast)
{
    const char *id = json_string(broadcast->fields, "contentDetails.boundStreamId");

    return id != NULL ? sim_object_find(sim, SIM_YOUTUBE, "stream", id) : NULL;
}

/* The broadcast that the query names; NULL: refused already. */
static struct sim_object *named(struct sim_call *c)
{
    const char *id = sim_query(c, "id");
    struct sim_object *o = sim_youtube_own(c, "broadcast", id);

    if (id == NULL)
        refuse(c, 400, "idRequired", "Id required");
    else if (o == NULL)
        refuse(c, 404, "liveBroadcastNotFound", "Live broadcast not found");
    return o;
}

/* ---- bind ---- */

static void bind_stream(struct sim *sim, struct sim_object *o, struct sim_object *stream)
{
    cJSON *details = sim_fields(o, "contentDetails");

    sim_put_string(details, "boundStreamId", stream != NULL ? stream->id : NULL);
    sim_put(details, "boundStreamLastUpdateTimeMs", NULL);
    if (stream != NULL)
        sim_put_time(details, "boundStreamLastUpdateTimeMs", clock_now());
    set_state(o, stream != NULL ? "ready" : "created");
    if (stream == NULL)
        return;
    if (!stream->sending && sim->options.encoder == SIM_ENCODER_AUTO)
        stream->feed_mono = clock_mono() + sim->step_ms;
    else if (stream->sending)
        sim_youtube_stream_changed(sim, stream); /* automatic start finds the bytes there already */
}

void sim_youtube_broadcast_bind(struct sim_call *c)
{
    const char *stream_id = sim_query(c, "streamId");
    char parts[200];

    if (!sim_youtube_parts(c, broadcast_parts, parts, sizeof parts))
        return;
    struct sim_object *o = named(c), *stream = sim_youtube_own(c, "stream", stream_id);
    if (o == NULL)
        return;
    if (stream_id != NULL && stream == NULL) {
        sim_google_error(c, 404, "youtube.liveStream", "liveStreamNotFound", NULL,
                         "Live stream not found");
    } else if (!sim_object_is(o, "created ready")) {
        refuse(c, 403, "liveBroadcastBindingNotAllowed", "Broadcast binding not allowed");
    } else {
        bind_stream(c->sim, o, stream);
        sim_youtube_send(c, sim_youtube_resource(o, "youtube#liveBroadcast", parts));
    }
}

/* ---- transition ---- */

/* Does another broadcast already go out from the same stream? How many may is not published: one,
 * the stricter reading. */
static bool ingestion_taken(struct sim *sim, const struct sim_object *o,
                            const struct sim_object *stream)
{
    for (struct sim_object *other = sim->objects; other != NULL; other = other->next)
        if (other != o && other->platform == SIM_YOUTUBE && !other->deleted &&
            strcmp(other->kind, "broadcast") == 0 && sim_object_is(other, "live liveStarting") &&
            sim_youtube_bound_stream(sim, other) == stream)
            return true;
    return false;
}

/* Testing is for the monitor stream; live comes out of it, or of ready when there is no monitor
 * stream. Automatic start and testing exclude each other (told by users only: the stricter
 * reading). */
static bool step_allowed(const struct sim_object *o, const char *wish)
{
    bool monitor = json_bool(o->fields, "contentDetails.monitorStream.enableMonitorStream", true);
    bool auto_start = json_bool(o->fields, "contentDetails.enableAutoStart", false);

    if (strcmp(wish, "testing") == 0)
        return sim_object_is(o, "ready") && monitor && !auto_start;
    if (strcmp(wish, "live") == 0)
        return sim_object_is(o, "testing") ||
               (sim_object_is(o, "ready") && (!monitor || auto_start));
    return sim_object_is(o, "live testing");
}

static bool redundant(const struct sim_object *o, const char *wish)
{
    if (strcmp(wish, "testing") == 0)
        return sim_object_is(o, "testing testStarting");
    return sim_object_is(o, strcmp(wish, "live") == 0 ? "live liveStarting" : "complete");
}

static void step(struct sim_call *c, struct sim_object *o, const char *wish)
{
    struct sim_object *stream = sim_youtube_bound_stream(c->sim, o);
    bool complete = strcmp(wish, "complete") == 0;

    if (redundant(o, wish)) {
        refuse(c, 403, "redundantTransition", "Redundant transition");
    } else if (!step_allowed(o, wish)) {
        refuse(c, 403, "invalidTransition", "Invalid transition");
    } else if (!complete && (stream == NULL || !stream->sending)) {
        refuse(c, 403, "errorStreamInactive", "Stream is inactive");
    } else if (!complete && ingestion_taken(c->sim, o, stream)) {
        refuse(c, 403, "sharedIngestionBroadcastsExceedLimit",
               "The maximum number of broadcasts for the same ingestion is reached.");
    } else if (complete) {
        sim_youtube_broadcast_complete(c->sim, o);
    } else {
        set_state(o, strcmp(wish, "live") == 0 ? "liveStarting" : "testStarting");
        sim_object_later(o, c->sim->step_ms);
    }
}

void sim_youtube_broadcast_transition(struct sim_call *c)
{
    const char *wish = sim_query(c, "broadcastStatus");
    char parts[200];

    if (!sim_youtube_parts(c, broadcast_parts, parts, sizeof parts))
        return;
    if (wish == NULL) {
        refuse(c, 400, "statusRequired", "Status required");
        return;
    }
    if (!sim_word_in("testing live complete", wish)) {
        sim_google_invalid(c, "Invalid value at 'broadcast_status' (TYPE_ENUM), \"%s\"", wish);
        return;
    }
    struct sim_object *o = named(c);
    if (o == NULL)
        return;
    step(c, o, wish);
    if (c->reply.status == 0)
        sim_youtube_send(c, sim_youtube_resource(o, "youtube#liveBroadcast", parts));
}

void sim_youtube_broadcast_complete(struct sim *sim, struct sim_object *o)
{
    cJSON *snippet = sim_fields(o, "snippet");
    struct sim_object *stream = sim_youtube_bound_stream(sim, o);

    if (sim_object_is(o, "live"))
        sim_put_time(snippet, "actualEndTime", clock_now());
    sim_put_string(snippet, "liveChatId", NULL);
    sim_put_string(sim_fields(o, "status"), "recordingStatus", "recorded");
    set_state(o, "complete");
    /* The automatic encoder stops when nobody needs it any more. */
    if (stream != NULL && sim->options.encoder == SIM_ENCODER_AUTO &&
        !sim_youtube_stream_in_use(sim, stream))
        sim_object_feed(sim, stream, false);
}

void sim_youtube_broadcast_due(struct sim *sim, struct sim_object *o)
{
    struct sim_object *stream = sim_youtube_bound_stream(sim, o);

    if (sim_object_is(o, "testStarting")) {
        set_state(o, "testing");
    } else if (sim_object_is(o, "liveStarting")) {
        set_state(o, "live");
        sim_put_time(sim_fields(o, "snippet"), "actualStartTime", clock_now());
        sim_put_string(sim_fields(o, "status"), "recordingStatus", "recording");
    } else if (sim_object_is(o, "live") && (stream == NULL || !stream->sending) &&
               json_bool(o->fields, "contentDetails.enableAutoStop", false)) {
        sim_youtube_broadcast_complete(sim, o);
    }
}

/* ---- delete ---- */

void sim_youtube_broadcast_delete(struct sim_call *c)
{
    struct sim_object *o = named(c);

    if (o == NULL)
        return;
    if (sim_object_is(o, "testing live complete")) {
        refuse(c, 403, "liveBroadcastDeletionNotAllowed", "Deletion not allowed");
        return;
    }
    o->deleted = true;
    sim_reply_empty(&c->reply, 204);
}

/* YouTube: broadcast, stream, and the two bound together. Each step is saved before the next, and
 * each looks first at what is there. */
#include "platform/youtube.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#define BROADCASTS   "/youtube/v3/liveBroadcasts"
#define STREAMS      "/youtube/v3/liveStreams"
#define STREAM_PARTS "id,snippet,cdn,contentDetails,status"
#define OUR_STREAM   "Ecclesia main encoder"

enum { PAGES_MAX = 10 };

static bool no_memory(struct error *err)
{
    return error_set(err, ERROR_MEMORY, NULL, "There is no memory left to write to YouTube.");
}

static cJSON *broadcast_details(const struct youtube *y)
{
    const struct platform *p = &platform_youtube;
    cJSON *d = cJSON_CreateObject(), *monitor;

    cJSON_AddBoolToObject(d, "enableAutoStart", setting_bool(p, y->settings, "auto_start"));
    cJSON_AddBoolToObject(d, "enableAutoStop", setting_bool(p, y->settings, "auto_stop"));
    cJSON_AddBoolToObject(d, "enableDvr", setting_bool(p, y->settings, "dvr"));
    cJSON_AddBoolToObject(d, "recordFromStart", setting_bool(p, y->settings, "record_from_start"));
    cJSON_AddBoolToObject(d, "enableEmbed", setting_bool(p, y->settings, "embed"));
    json_add_string(d, "latencyPreference", setting_text(p, y->settings, "latency"));
    monitor = cJSON_AddObjectToObject(d, "monitorStream");
    cJSON_AddBoolToObject(monitor, "enableMonitorStream", setting_bool(p, y->settings, "monitor"));
    cJSON_AddNumberToObject(monitor, "broadcastStreamDelayMs", 0);
    return d;
}

static cJSON *broadcast_body(const struct youtube *y)
{
    cJSON *body = cJSON_CreateObject(), *snippet = cJSON_AddObjectToObject(body, "snippet");
    cJSON *status = cJSON_AddObjectToObject(body, "status");
    char *title = youtube_title(y), *description = youtube_text(y);
    int64_t start = youtube_start_time(y);
    char at[CLOCK_RFC3339_SIZE];

    json_add_string(snippet, "title", title);
    json_add_string(snippet, "description", description);
    clock_rfc3339_s(at, start);
    json_add_string(snippet, "scheduledStartTime", at);
    if (y->l->end_ms > start) {
        clock_rfc3339_s(at, y->l->end_ms);
        json_add_string(snippet, "scheduledEndTime", at);
    }
    json_add_string(status, "privacyStatus",
                    setting_text(&platform_youtube, y->settings, "privacy"));
    cJSON_AddBoolToObject(status, "selfDeclaredMadeForKids",
                          setting_bool(&platform_youtube, y->settings, "made_for_kids"));
    cJSON_AddItemToObject(body, "contentDetails", broadcast_details(y));
    if (!title || !description) {
        cJSON_Delete(body);
        body = NULL;
    }
    free(title);
    free(description);
    return body;
}

/* A missing id is garbage: the broadcast may exist, so the queue looks for it by its marker. */
static bool insert_learn(struct youtube *y, const cJSON *item, struct error *err)
{
    static const char *const stale[] = { "thumbnail", "category", "bound", "advice", "waited" };
    const char *id = json_string(item, "id");
    bool other = !text_equal(id, y->out->remote_id);
    char marker[16];

    youtube_marker(y, marker);
    if (!json_id(item, "id", y->out->remote_id, sizeof(y->out->remote_id)))
        return kit_error(err, y->call, NULL, ERROR_GARBAGE, "", "It is looked up by itself.",
                         "YouTube's answer does not say which broadcast it made.");
    /* What an earlier broadcast of this target had been given, this one has not. */
    for (size_t i = 0; other && i < sizeof(stale) / sizeof(stale[0]); i++)
        kit_remember(y->out, stale[i], NULL);
    kit_remember(y->out, "marker", marker);
    youtube_learn(y, item);
    return true;
}

static void url_learn(struct youtube *y)
{
    struct text t;

    text_init(&t, sizeof(y->out->url) - 1);
    text_add(&t, "https://www.youtube.com/watch?");
    kit_query(&t, "v", y->out->remote_id);
    text_copy_to(y->out->url, sizeof(y->out->url), text_str(&t));
    text_release(&t);
}

static bool insert_broadcast(struct youtube *y, cJSON **item, struct error *err)
{
    cJSON *body = broadcast_body(y);
    struct kit_request request = { .method = "POST",
                                   .path = BROADCASTS "?part=id,snippet,contentDetails,status",
                                   .route = "POST " BROADCASTS,
                                   .json = body,
                                   .effect = true,
                                   .creates = true };
    bool done = body ? youtube_submit(y, &request, item, err) : no_memory(err);

    cJSON_Delete(body);
    if (!done || !insert_learn(y, *item, err))
        return false;
    url_learn(y);
    return y->call->progress(y->call, y->out, err);
}

/* A stream that an encoder can use again and again. Non-reusable ones do not even show in this
 * list. */
static bool stream_is_usable(const cJSON *stream)
{
    const char *type = json_string(stream, "cdn.ingestionType");

    return json_string(stream, "id") && (!type || strcmp(type, "rtmp") == 0) &&
           json_bool(stream, "contentDetails.isReusable", true) &&
           json_string(stream, "cdn.ingestionInfo.streamName");
}

/* Ours goes before any other of the channel: the encoder in the booth is set to its key. *next gets
 * the token of the page after, "" none. */
static bool streams_page(struct youtube *y, const char *page, cJSON **best, bool *ours, char *next,
                         size_t size, struct error *err)
{
    const char *query[] = { "part",      STREAM_PARTS,        "mine", "true", "maxResults", "50",
                            "pageToken", *page ? page : NULL, NULL };
    cJSON *answer = NULL, *stream, *after;
    cJSON *items;

    if (!youtube_ask(y, "GET", STREAMS, query, &answer, err))
        return false;
    items = cJSON_GetObjectItemCaseSensitive(answer, "items");
    for (stream = items ? items->child : NULL; stream && !*ours; stream = after) {
        bool mine = text_equal(json_string(stream, "snippet.title"), OUR_STREAM);

        after = stream->next;
        if (!stream_is_usable(stream) || (*best && !mine))
            continue;
        cJSON_Delete(*best);
        *best = cJSON_DetachItemViaPointer(items, stream);
        *ours = mine;
    }
    text_copy_to(next, size,
                 json_string(answer, "nextPageToken") ? json_string(answer, "nextPageToken") : "");
    cJSON_Delete(answer);
    return true;
}

static bool choose_stream(struct youtube *y, cJSON **stream, struct error *err)
{
    char page[256] = "", next[256];
    bool ours = false;

    *stream = NULL;
    for (int i = 0; i < PAGES_MAX && !ours; i++) {
        if (!streams_page(y, page, stream, &ours, next, sizeof(next), err)) {
            cJSON_Delete(*stream);
            *stream = NULL;
            return false;
        }
        if (!next[0])
            break;
        text_copy_to(page, sizeof(page), next);
    }
    return true;
}

/* Not marked as creating: when the answer is lost, the next try finds the stream in the list before
 * it makes another. */
static bool insert_stream(struct youtube *y, cJSON **stream, struct error *err)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *snippet = cJSON_AddObjectToObject(body, "snippet");
    cJSON *cdn = cJSON_AddObjectToObject(body, "cdn");
    cJSON *details = cJSON_AddObjectToObject(body, "contentDetails");
    struct kit_request request = { .method = "POST",
                                   .path = STREAMS "?part=" STREAM_PARTS,
                                   .route = "POST " STREAMS,
                                   .json = body,
                                   .effect = true };
    bool done;

    json_add_string(snippet, "title", OUR_STREAM);
    json_add_string(cdn, "ingestionType", "rtmp");
    json_add_string(cdn, "resolution", "variable");
    json_add_string(cdn, "frameRate", "variable");
    cJSON_AddBoolToObject(details, "isReusable", true);
    done = youtube_submit(y, &request, stream, err);
    cJSON_Delete(body);
    return done;
}

/* Into the outcome: id to memory, address and key to their places. */
static bool stream_learn(struct youtube *y, const cJSON *stream, struct error *err)
{
    const char *id = json_string(stream, "id");
    const char *address = json_string(stream, "cdn.ingestionInfo.rtmpsIngestionAddress");
    const char *key = json_string(stream, "cdn.ingestionInfo.streamName");

    if (!address)
        address = json_string(stream, "cdn.ingestionInfo.ingestionAddress");
    if (!id || !address || !key || strlen(address) >= sizeof(y->out->ingest_url) ||
        strlen(key) >= sizeof(y->out->stream_key))
        return kit_error(err, y->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "YouTube's answer does not say where the encoder shall send.");
    kit_remember(y->out, "stream", id);
    text_copy_to(y->out->ingest_url, sizeof(y->out->ingest_url), address);
    text_copy_to(y->out->stream_key, sizeof(y->out->stream_key), key);
    return true;
}

static void wipe_stream(cJSON *stream)
{
    cJSON *cdn = cJSON_GetObjectItemCaseSensitive(stream, "cdn");
    cJSON *info = cJSON_GetObjectItemCaseSensitive(cdn, "ingestionInfo");
    cJSON *key = cJSON_GetObjectItemCaseSensitive(info, "streamName");

    if (cJSON_IsString(key))
        text_wipe(key->valuestring, strlen(key->valuestring));
    cJSON_Delete(stream);
}

/* The stream that the broadcast has, or had when we were interrupted, or the channel's, or a new
 * one. */
static bool find_stream(struct youtube *y, const char *known, cJSON **stream, struct error *err)
{
    *stream = NULL;
    if (*known && !youtube_read_stream(y, known, STREAM_PARTS, stream, err))
        return false;
    if (*stream && stream_is_usable(*stream))
        return true;
    wipe_stream(*stream);
    *stream = NULL;
    /* All broadcasts of the channel share it: two creates at once must not both find none. */
    if (!y->call->hold(y->call, "stream", err) || !choose_stream(y, stream, err))
        return false;
    return *stream || insert_stream(y, stream, err);
}

static bool have_stream(struct youtube *y, const cJSON *broadcast, struct error *err)
{
    const char *bound = json_string(broadcast, "contentDetails.boundStreamId");
    const char *known = bound && *bound ? bound : kit_remembered(y->out, "stream");
    cJSON *stream;
    bool done;

    if (*known && text_equal(known, kit_remembered(y->out, "stream")) && y->t->has_key &&
        y->out->ingest_url[0])
        return true;
    done = find_stream(y, known, &stream, err) && stream_learn(y, stream, err) &&
           y->call->progress(y->call, y->out, err);
    wipe_stream(stream);
    return done;
}

static bool bind_stream(struct youtube *y, cJSON **item, struct error *err)
{
    const char *stream = kit_remembered(y->out, "stream");
    const char *query[] = { "id",       y->out->remote_id,
                            "streamId", stream,
                            "part",     "id,snippet,contentDetails,status",
                            NULL };
    cJSON *answer = NULL;

    if (text_equal(json_string(*item, "contentDetails.boundStreamId"), stream))
        return true;
    if (!youtube_ask(y, "POST", BROADCASTS "/bind", query, &answer, err))
        return false;
    if (answer) {
        cJSON_Delete(*item);
        *item = answer;
        youtube_learn(y, answer);
    }
    kit_remember(y->out, "bound", stream);
    return y->call->progress(y->call, y->out, err);
}

static bool have_broadcast(struct youtube *y, cJSON **item, struct error *err)
{
    if (y->out->remote_id[0] == '\0')
        return insert_broadcast(y, item, err);
    if (!youtube_read(y, item, err))
        return false;
    if (!*item)
        return youtube_vanished(y, err);
    youtube_learn(y, *item);
    url_learn(y);
    return true;
}

/* YouTube may lower the visibility, as it does with uploads of projects that it has not verified.
 */
static void compare_privacy(struct youtube *y, const cJSON *item)
{
    const char *wanted = setting_text(&platform_youtube, y->settings, "privacy");
    const char *got = json_string(item, "status.privacyStatus");

    if (got && strcmp(got, wanted) != 0)
        youtube_advise(y, "YouTube made it %s, not %s.", got, wanted);
}

bool youtube_make(struct youtube *y, cJSON **item, struct error *err)
{
    enum youtube_life life;

    *item = NULL;
    if (!have_broadcast(y, item, err))
        return false;
    life = youtube_life_of(*item);
    /* Later than ready nothing can be bound any more. */
    if (life != LIFE_CREATED && life != LIFE_READY && life != LIFE_UNKNOWN)
        return true;
    kit_remember(y->out, "advice", NULL);
    if (!have_stream(y, *item, err) || !bind_stream(y, item, err))
        return false;
    return true;
}

bool youtube_create(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err)
{
    cJSON *item = NULL;
    struct youtube y;
    bool done = youtube_open(&y, call, l, t, out, err) && youtube_make(&y, &item, err);

    if (done && out->status != TARGET_ENDED) {
        compare_privacy(&y, item);
        done = youtube_dress(&y, true, err);
    }
    cJSON_Delete(item);
    youtube_close(&y);
    return done;
}

/* One page of a list; *found gets our broadcast, yours. */
static bool find_page(struct youtube *y, const char *which, const char *marker, char *page,
                      size_t size, cJSON **found, struct error *err)
{
    const char *query[] = { "part",
                            "id,snippet,contentDetails,status",
                            "broadcastStatus",
                            which,
                            "maxResults",
                            "50",
                            "pageToken",
                            *page ? page : NULL,
                            NULL };
    cJSON *answer = NULL, *items, *item;
    const char *next;

    if (!youtube_ask(y, "GET", BROADCASTS, query, &answer, err))
        return false;
    items = cJSON_GetObjectItemCaseSensitive(answer, "items");
    for (item = items ? items->child : NULL; item && !*found; item = item->next) {
        const char *description = json_string(item, "snippet.description");

        if (description && strstr(description, marker)) {
            *found = cJSON_DetachItemViaPointer(items, item);
            break;
        }
    }
    next = json_string(answer, "nextPageToken");
    text_copy_to(page, size, next ? next : "");
    cJSON_Delete(answer);
    return true;
}

/* Not found is only true when all was looked through: else a second broadcast would be made. */
static bool find_in(struct youtube *y, const char *which, const char *marker, cJSON **found,
                    struct error *err)
{
    char page[256] = "";

    for (int i = 0; i < PAGES_MAX; i++) {
        if (!find_page(y, which, marker, page, sizeof(page), found, err))
            return false;
        if (*found || !page[0])
            return true;
    }
    return kit_error(err, y->call, NULL, ERROR_REFUSED, "",
                     "Delete old planned broadcasts in YouTube Studio, then retry.",
                     "YouTube has more than %d broadcasts of that kind; ours cannot be looked up.",
                     PAGES_MAX * 50);
}

bool youtube_find(struct call *call, const struct livestream *l, const struct target *t,
                  struct outcome *out, struct error *err)
{
    /* Exactly one filter is allowed, so two lists. A lost insert is upcoming, or active when it
     * started by itself. */
    static const char *const lists[] = { "upcoming", "active" };
    struct youtube y;
    cJSON *item = NULL;
    char marker[16];
    bool done = youtube_open(&y, call, l, t, out, err);

    out->found = false;
    if (done && out->remote_id[0])
        done = youtube_read(&y, &item, err);
    else if (done) {
        youtube_marker(&y, marker);
        for (size_t i = 0; done && !item && i < 2; i++)
            done = find_in(&y, lists[i], marker, &item, err);
    }
    if (done && item && insert_learn(&y, item, err)) {
        url_learn(&y);
        out->found = true;
    } else if (item) {
        done = false;
    }
    cJSON_Delete(item);
    youtube_close(&y);
    return done;
}

/* YouTube: the stream that the encoder sends to. One reusable stream, "Ecclesia main encoder",
 * serves all broadcasts of the channel, so that the encoder in the booth is set up once. Two
 * broadcasts on air at once need two: then there is a second. */
#include "platform/youtube.h"

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/text.h>

#define BROADCASTS "/youtube/v3/liveBroadcasts"
#define STREAMS    "/youtube/v3/liveStreams"
/* The page of list names no contentDetails, samples do; insert's writes content_details. What is
 * refused as an unknown part is asked for in the other way. */
#define STREAM_PARTS   "id,snippet,cdn,contentDetails,status"
#define FEWER_PARTS    "id,snippet,cdn,status"
#define OTHER_SPELLING "id,snippet,cdn,content_details,status"
#define OUR_STREAM     "Ecclesia main encoder"
#define OUR_SPARE      "Ecclesia encoder "

enum { PAGES_MAX = 10, IN_USE_MAX = 50 };

/* A stream that an encoder can use again and again. Non-reusable ones do not even show in this
 * list. */
static bool stream_is_usable(const cJSON *stream)
{
    const char *type = json_string(stream, "cdn.ingestionType");

    return json_string(stream, "id") && (!type || strcmp(type, "rtmp") == 0) &&
           json_bool(stream, "contentDetails.isReusable", true) &&
           json_string(stream, "cdn.ingestionInfo.streamName");
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

/* A list of them. */
static void wipe_streams(cJSON *answer)
{
    cJSON *items = cJSON_GetObjectItemCaseSensitive(answer, "items");

    while (items && items->child)
        wipe_stream(cJSON_DetachItemFromArray(items, 0));
    cJSON_Delete(answer);
}

/* What is looked for among the channel's streams. */
struct search {
    bool spare; /* one of ours that no broadcast on air uses; else the main one, or any */
    char busy[IN_USE_MAX][64]; /* ids of streams that are on air */
    size_t busy_count;
    cJSON *best; /* owned: what was found */
    bool sure;   /* nothing better can come */
    int ours;    /* how many have our name */
};

static bool is_busy(const struct search *s, const char *id)
{
    for (size_t i = 0; i < s->busy_count; i++) {
        if (strcmp(s->busy[i], id) == 0)
            return true;
    }
    return false;
}

/* Ours goes before any other of the channel: the encoder in the booth is set to its key. */
static bool is_better(struct search *s, const cJSON *stream)
{
    const char *title = json_string(stream, "snippet.title");
    bool main_one = text_equal(title, OUR_STREAM);
    bool ours = main_one || (title && text_starts(title, OUR_SPARE));

    s->ours += ours;
    if (!stream_is_usable(stream))
        return false;
    if (s->spare) {
        s->sure = ours && !is_busy(s, json_string(stream, "id"));
        return s->sure;
    }
    s->sure = main_one;
    return main_one || !s->best;
}

static bool is_unknown_part(const struct error *why)
{
    return why->kind == ERROR_INVALID && strcmp(why->code, "unknownPart") == 0;
}

static bool ask_page(struct youtube *y, const char *page, cJSON **answer, struct error *err)
{
    const char *query[] = { "part",      STREAM_PARTS,        "mine", "true", "maxResults", "50",
                            "pageToken", *page ? page : NULL, NULL };
    struct error why = { 0 };

    if (youtube_ask(y, "GET", STREAMS, query, answer, &why))
        return true;
    query[1] = FEWER_PARTS;
    if (is_unknown_part(&why))
        return youtube_ask(y, "GET", STREAMS, query, answer, err);
    if (err)
        *err = why;
    return false;
}

/* *next gets the token of the page after, "" none. */
static bool search_page(struct youtube *y, struct search *s, char *page, size_t size,
                        struct error *err)
{
    cJSON *answer = NULL, *stream, *after;

    if (!ask_page(y, page, &answer, err))
        return false;
    cJSON *items = cJSON_GetObjectItemCaseSensitive(answer, "items");
    for (stream = items ? items->child : NULL; stream && !s->sure; stream = after) {
        after = stream->next;
        if (!is_better(s, stream))
            continue;
        wipe_stream(s->best);
        s->best = cJSON_DetachItemViaPointer(items, stream);
    }
    const char *next = json_string(answer, "nextPageToken");
    text_copy_to(page, size, next ? next : "");
    wipe_streams(answer);
    return true;
}

static bool search_streams(struct youtube *y, struct search *s, struct error *err)
{
    char page[256] = "";

    for (int i = 0; i < PAGES_MAX && !s->sure; i++) {
        if (!search_page(y, s, page, sizeof(page), err)) {
            wipe_stream(s->best);
            s->best = NULL;
            return false;
        }
        if (!page[0])
            break;
    }
    return true;
}

/* Not marked as creating: when the answer is lost, the next try finds the stream in the list before
 * it makes another. */
static bool insert_stream(struct youtube *y, const char *title, cJSON **stream, struct error *err)
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
    struct error why = { 0 };
    bool done;

    json_add_string(snippet, "title", title);
    json_add_string(cdn, "ingestionType", "rtmp");
    json_add_string(cdn, "resolution", "variable");
    json_add_string(cdn, "frameRate", "variable");
    cJSON_AddBoolToObject(details, "isReusable", true);
    done = youtube_submit(y, &request, stream, &why);
    if (!done && is_unknown_part(&why)) {
        request.path = STREAMS "?part=" OTHER_SPELLING;
        error_clear(&why);
        done = youtube_submit(y, &request, stream, &why);
    }
    if (!done && err)
        *err = why;
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

/* The stream that the broadcast has, or had when we were interrupted, or the channel's, or a new
 * one. */
static bool find_stream(struct youtube *y, const char *known, cJSON **stream, struct error *err)
{
    struct error why = { 0 };

    *stream = NULL;
    if (*known && !youtube_read_stream(y, known, STREAM_PARTS, stream, &why) &&
        !(is_unknown_part(&why) && youtube_read_stream(y, known, FEWER_PARTS, stream, &why))) {
        if (err)
            *err = why;
        return false;
    }
    if (*stream && stream_is_usable(*stream))
        return true;
    wipe_stream(*stream);
    *stream = NULL;
    /* All broadcasts of the channel share it: two creates at once must not both find none. */
    struct search search = { .spare = false };
    if (!y->call->hold(y->call, "stream", err) || !search_streams(y, &search, err))
        return false;
    *stream = search.best;
    return *stream || insert_stream(y, OUR_STREAM, stream, err);
}

bool youtube_have_stream(struct youtube *y, const cJSON *broadcast, struct error *err)
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

bool youtube_bind_stream(struct youtube *y, cJSON **item, struct error *err)
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

/* Which streams broadcasts on air use. */
static bool busy_streams(struct youtube *y, struct search *s, struct error *err)
{
    const char *query[] = {
        "part", "id,contentDetails,status", "broadcastStatus", "active", "maxResults", "50", NULL
    };
    cJSON *answer = NULL, *item;

    if (!youtube_ask(y, "GET", BROADCASTS, query, &answer, err))
        return false;
    cJSON_ArrayForEach (item, json_at(answer, "items")) {
        const char *id = json_string(item, "contentDetails.boundStreamId");
        if (id && s->busy_count < IN_USE_MAX)
            text_copy_to(s->busy[s->busy_count++], sizeof s->busy[0], id);
    }
    cJSON_Delete(answer);
    return true;
}

bool youtube_spare_stream(struct youtube *y, cJSON **item, struct error *err)
{
    const char *bound = json_string(*item, "contentDetails.boundStreamId");
    struct search search = { .spare = true };
    char title[64];

    if (!y->call->hold(y->call, "stream", err) || !busy_streams(y, &search, err))
        return false;
    /* The one it has was refused, whatever the list says. */
    if (bound && search.busy_count < IN_USE_MAX)
        text_copy_to(search.busy[search.busy_count++], sizeof search.busy[0], bound);
    if (!search_streams(y, &search, err))
        return false;
    snprintf(title, sizeof title, OUR_SPARE "%d", search.ours + 1);
    bool done = search.best || insert_stream(y, title, &search.best, err);
    done = done && stream_learn(y, search.best, err) && y->call->progress(y->call, y->out, err) &&
           youtube_bind_stream(y, item, err);
    wipe_stream(search.best);
    return done;
}

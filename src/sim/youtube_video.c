/* The video side of a broadcast: videos, thumbnails, live chat. A broadcast is one video of the
 * same id, which becomes visible a moment after the insert. */
#include "sim/youtube.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/utf8.h>

enum { THUMBNAIL_MAX = 2097152 };

static const char video_parts[] =
    "snippet status contentDetails liveStreamingDetails statistics player recordingDetails "
    "topicDetails localizations fileDetails processingDetails suggestions";
static const struct sim_youtube_member snippet_members[] = { { "title", 's', NULL },
                                                             { "description", 's', NULL },
                                                             { "categoryId", 's', NULL },
                                                             { "tags", 'a', NULL },
                                                             { "defaultLanguage", 's', NULL },
                                                             { "defaultAudioLanguage", 's', NULL },
                                                             { "channelId", 's', NULL },
                                                             { "channelTitle", 's', NULL },
                                                             { "publishedAt", 's', NULL },
                                                             { "liveBroadcastContent", 's', NULL },
                                                             { "localized", 'o', NULL },
                                                             { "thumbnails", 'o', NULL },
                                                             { NULL, 0, NULL } };
static const struct sim_youtube_member status_members[] = {
    { "privacyStatus", 'e', "public unlisted private" },
    { "embeddable", 'b', NULL },
    { "license", 'e', "youtube creativeCommon" },
    { "publicStatsViewable", 'b', NULL },
    { "publishAt", 't', NULL },
    { "selfDeclaredMadeForKids", 'b', NULL },
    { "containsSyntheticMedia", 'b', NULL },
    { "madeForKids", 'b', NULL },
    { "uploadStatus", 's', NULL },
    { "failureReason", 's', NULL },
    { "rejectionReason", 's', NULL },
    { NULL, 0, NULL }
};

static void refuse(struct sim_call *c, int status, const char *domain, const char *reason,
                   const char *message)
{
    sim_google_error(c, status, domain, reason, NULL, "%s", message);
}

static bool visible(const struct sim_object *o)
{
    int64_t from = 0;

    json_int(o->fields, "simulated.visibleFromMono", &from);
    return clock_mono() >= from;
}

/* The caller's own video, once it is there. */
static struct sim_object *own_video(struct sim_call *c, const char *id)
{
    struct sim_object *o = sim_youtube_own(c, "broadcast", id);

    return o != NULL && visible(o) ? o : NULL;
}

static const char *live_content(const struct sim_object *o)
{
    if (sim_object_is(o, "live"))
        return "live";
    return sim_object_is(o, "complete revoked") ? "none" : "upcoming";
}

static cJSON *video_snippet(struct sim_object *o)
{
    static const char *const copied[] = { "publishedAt", "channelId", "title", "description",
                                          "thumbnails" };
    cJSON *out = cJSON_CreateObject();
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(o->fields, "video");

    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        sim_put(out, copied[i],
                cJSON_Duplicate(
                    cJSON_GetObjectItemCaseSensitive(sim_fields(o, "snippet"), copied[i]), true));
    const char *category = json_string(own, "categoryId");
    cJSON_AddStringToObject(
        out, "channelTitle",
        sim_google_accounts[strcmp(o->owner, sim_youtube_channels[1]) == 0].name);
    cJSON_AddStringToObject(out, "categoryId", category != NULL ? category : "22");
    cJSON_AddStringToObject(out, "liveBroadcastContent", live_content(o));
    sim_put(out, "tags", cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(own, "tags"), true));
    sim_put_string(out, "defaultLanguage", json_string(own, "defaultLanguage"));
    sim_put_string(out, "defaultAudioLanguage", json_string(own, "defaultAudioLanguage"));
    return out;
}

static cJSON *video_status(struct sim_object *o)
{
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(o->fields, "video");
    cJSON *status = sim_fields(o, "status"), *out = cJSON_CreateObject();
    bool kids = json_bool(status, "selfDeclaredMadeForKids", false);

    cJSON_AddStringToObject(out, "uploadStatus",
                            sim_object_is(o, "complete") ? "processed" : "uploaded");
    cJSON_AddStringToObject(out, "privacyStatus", json_string(status, "privacyStatus"));
    const char *license = json_string(own, "license");
    cJSON_AddStringToObject(out, "license", license != NULL ? license : "youtube");
    cJSON_AddBoolToObject(
        out, "embeddable",
        json_bool(own, "embeddable", json_bool(o->fields, "contentDetails.enableEmbed", true)));
    cJSON_AddBoolToObject(out, "publicStatsViewable", json_bool(own, "publicStatsViewable", true));
    cJSON_AddBoolToObject(out, "madeForKids", kids);
    cJSON_AddBoolToObject(out, "selfDeclaredMadeForKids", kids);
    return out;
}

/* concurrentViewers and activeLiveChatId are there only while it is live. */
static cJSON *live_details(struct sim_object *o)
{
    static const char *const copied[] = { "scheduledStartTime", "scheduledEndTime",
                                          "actualStartTime", "actualEndTime" };
    cJSON *out = cJSON_CreateObject(), *snippet = sim_fields(o, "snippet");
    char viewers[24];

    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        sim_put_string(out, copied[i], json_string(snippet, copied[i]));
    if (sim_object_is(o, "live")) {
        snprintf(viewers, sizeof viewers, "%lld", 40 + (long long)(o->id[0] + o->id[1]));
        cJSON_AddStringToObject(out, "concurrentViewers", viewers);
        sim_put_string(out, "activeLiveChatId", json_string(snippet, "liveChatId"));
    }
    return out;
}

static cJSON *video_view(struct sim_object *o, const char *parts)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "kind", "youtube#video");
    cJSON_AddStringToObject(out, "etag", "simulated");
    cJSON_AddStringToObject(out, "id", o->id);
    if (sim_word_in(parts, "snippet"))
        cJSON_AddItemToObject(out, "snippet", video_snippet(o));
    if (sim_word_in(parts, "status"))
        cJSON_AddItemToObject(out, "status", video_status(o));
    if (sim_word_in(parts, "liveStreamingDetails"))
        cJSON_AddItemToObject(out, "liveStreamingDetails", live_details(o));
    if (sim_word_in(parts, "statistics"))
        cJSON_AddStringToObject(cJSON_AddObjectToObject(out, "statistics"), "viewCount", "0");
    return out;
}

void sim_youtube_video_list(struct sim_call *c)
{
    const char *id = sim_query(c, "id"), *chart = sim_query(c, "chart"),
               *rating = sim_query(c, "myRating");
    int filters = (id != NULL) + (chart != NULL) + (rating != NULL);
    char parts[300];

    if (!sim_youtube_parts(c, video_parts, parts, sizeof parts))
        return;
    if (filters != 1) {
        sim_google_error(c, 400, "youtube.parameter",
                         filters == 0 ? "missingRequiredParameter" : "incompatibleParameters",
                         "parameters.",
                         filters == 0 ? "No filter selected. Expected one of: id, chart, myRating"
                                      : "Incompatible parameters specified in the request");
        return;
    }
    cJSON *all = cJSON_CreateArray();
    for (struct sim_object *o = c->sim->objects; id != NULL && o != NULL; o = o->next) {
        if (o->platform != SIM_YOUTUBE || o->deleted || strcmp(o->kind, "broadcast") != 0 ||
            !sim_youtube_listed(id, o->id))
            continue;
        bool own = strcmp(o->owner, sim_youtube_channel(c)) == 0;
        if (visible(o) &&
            (own || !text_equal(json_string(o->fields, "status.privacyStatus"), "private")))
            cJSON_AddItemToArray(all, video_view(o, parts));
    }
    sim_youtube_send_list(c, "youtube#videoListResponse", all);
}

/* ---- update, delete ---- */

static bool snippet_ok(struct sim_call *c)
{
    const char *title = json_string(c->json, "snippet.title"),
               *category = json_string(c->json, "snippet.categoryId");
    const char *description = json_string(c->json, "snippet.description");
    const cJSON *tag = json_at(c->json, "snippet.tags");
    const char *language = json_string(c->json, "snippet.defaultLanguage");
    bool angles = false;
    size_t length = 0;

    for (tag = tag != NULL ? tag->child : NULL; tag != NULL; tag = tag->next) {
        angles = angles || strpbrk(tag->valuestring, "<>") != NULL;
        /* Commas count, and quotation marks around one with a blank. */
        length += utf8_count(tag->valuestring) + (length > 0 ? 1 : 0) +
                  (strchr(tag->valuestring, ' ') != NULL ? 2 : 0);
    }
    if (title == NULL || !sim_youtube_length_ok(title, 1, 100) || strpbrk(title, "<>") != NULL)
        refuse(c, 400, "youtube.video", "invalidTitle",
               "The snippet.title property specifies an invalid or empty title.");
    else if (category == NULL || !sim_word_in("1 10 22 24 25 27 29", category))
        sim_google_error(c, 400, "youtube.video", "invalidCategoryId", "body.snippet.categoryId",
                         "The snippet.categoryId property specifies an invalid category ID.");
    else if (description != NULL &&
             (strlen(description) > 5000 || strpbrk(description, "<>") != NULL))
        refuse(c, 400, "youtube.video", "invalidDescription",
               "The snippet.description property is invalid.");
    else if (language != NULL && (strlen(language) < 2 || strchr(language, '_') != NULL))
        sim_google_invalid(c, "Invalid value at 'resource.snippet.default_language', \"%s\"",
                           language);
    else if (length > 500 || angles)
        refuse(c, 400, "youtube.video", "invalidTags",
               "The snippet.tags property specifies invalid keywords.");
    else
        return true;
    return false;
}

/* What a sent part leaves out is deleted. */
static void write_video(struct sim_call *c, struct sim_object *o, const char *parts)
{
    cJSON *snippet = sim_fields(o, "snippet"), *status = sim_fields(o, "status"),
          *own = sim_fields(o, "video");
    const char *description = json_string(c->json, "snippet.description");
    const char *privacy = json_string(c->json, "status.privacyStatus");

    if (sim_word_in(parts, "snippet")) {
        sim_object_title(o, json_string(c->json, "snippet.title"));
        sim_put_string(snippet, "title", o->title);
        sim_put_string(snippet, "description", description != NULL ? description : "");
        sim_put_string(own, "categoryId", json_string(c->json, "snippet.categoryId"));
        sim_put_string(own, "defaultLanguage", json_string(c->json, "snippet.defaultLanguage"));
        sim_put_string(own, "defaultAudioLanguage",
                       json_string(c->json, "snippet.defaultAudioLanguage"));
        sim_put(own, "tags", cJSON_Duplicate(json_at(c->json, "snippet.tags"), true));
    }
    if (sim_word_in(parts, "status")) {
        sim_put_string(status, "privacyStatus", privacy != NULL ? privacy : "public");
        sim_put_bool(own, "embeddable", json_bool(c->json, "status.embeddable", true));
        sim_put_bool(own, "publicStatsViewable",
                     json_bool(c->json, "status.publicStatsViewable", true));
        sim_put_string(own, "license", json_string(c->json, "status.license"));
        bool kids = json_bool(c->json, "status.selfDeclaredMadeForKids", false);
        sim_put_bool(status, "selfDeclaredMadeForKids", kids);
        sim_put_bool(status, "madeForKids", kids);
    }
}

void sim_youtube_video_update(struct sim_call *c)
{
    char parts[300];

    if (!sim_youtube_parts(c, video_parts, parts, sizeof parts) || !sim_youtube_body(c, parts) ||
        !sim_youtube_members(c, json_at(c->json, "snippet"), "resource.snippet", snippet_members) ||
        !sim_youtube_members(c, json_at(c->json, "status"), "resource.status", status_members))
        return;
    const char *id = json_string(c->json, "id");
    struct sim_object *o = own_video(c, id);
    if (o == NULL) {
        refuse(c, id == NULL ? 400 : 404, "youtube.video",
               id == NULL ? "invalidVideoMetadata" : "videoNotFound",
               id == NULL ? "The request metadata is invalid."
                          : "The video that you are trying to update cannot be found.");
        return;
    }
    if (sim_word_in(parts, "snippet") && !snippet_ok(c))
        return;
    write_video(c, o, parts);
    sim_youtube_send(c, video_view(o, parts));
}

void sim_youtube_video_delete(struct sim_call *c)
{
    struct sim_object *o = own_video(c, sim_query(c, "id"));

    if (o == NULL) {
        refuse(c, 404, "youtube.video", "videoNotFound",
               "The video that you are trying to delete cannot be found.");
    } else if (sim_object_is(o, "testing live")) {
        refuse(c, 403, "youtube.video", "forbidden",
               "The video that you are trying to delete cannot be deleted.");
    } else {
        o->deleted = true;
        sim_reply_empty(&c->reply, 204);
    }
}

/* ---- thumbnails ---- */

static bool is_picture(const struct sim_call *c)
{
    static const unsigned char png[] = { 0x89, 'P', 'N', 'G' }, jpeg[] = { 0xff, 0xd8, 0xff };

    return c->length > 8 &&
           (memcmp(c->body, png, sizeof png) == 0 || memcmp(c->body, jpeg, sizeof jpeg) == 0);
}

static void thumbnail_answer(struct sim_call *c, struct sim_object *o)
{
    static const struct {
        const char *name, *file;
        int width, height;
    } sizes[] = { { "default", "default", 120, 90 },
                  { "medium", "mqdefault", 320, 180 },
                  { "high", "hqdefault", 480, 360 } };
    cJSON *out = cJSON_CreateObject(), *one = cJSON_CreateObject();
    char url[160];

    cJSON_AddStringToObject(out, "kind", "youtube#thumbnailSetResponse");
    cJSON_AddStringToObject(out, "etag", "simulated");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        cJSON *picture = cJSON_AddObjectToObject(one, sizes[i].name);
        snprintf(url, sizeof url, "https://i.ytimg.com/vi/%s/%s.jpg", o->id, sizes[i].file);
        cJSON_AddStringToObject(picture, "url", url);
        cJSON_AddNumberToObject(picture, "width", sizes[i].width);
        cJSON_AddNumberToObject(picture, "height", sizes[i].height);
    }
    sim_put(sim_fields(o, "snippet"), "thumbnails", cJSON_Duplicate(one, true));
    sim_put_number(sim_fields(o, "simulated"), "thumbnailBytes", (double)c->length);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(out, "items"), one);
    sim_youtube_send(c, out);
}

void sim_youtube_thumbnail_set(struct sim_call *c)
{
    static const char domain[] = "youtube.thumbnail";
    const char *id = sim_query(c, "videoId"), *upload = sim_query(c, "uploadType");
    struct sim_object *o = own_video(c, id);

    if (id == NULL)
        sim_google_error(c, 400, "global", "required", "videoId", "Required parameter: videoId");
    else if (upload != NULL && strcmp(upload, "media") != 0)
        refuse(c, 400, domain, "invalidUploadType",
               "Invalid upload type"); /* multipart and resumable are not simulated */
    else if (c->length > THUMBNAIL_MAX)
        refuse(c, 413, "global", "uploadTooLarge",
               "Media larger than 2097152"); /* two pages differ: the smaller limit */
    else if (c->length == 0)
        refuse(c, 400, domain, "mediaBodyRequired",
               "The request does not include the image content.");
    else if (!sim_content_is(c, "image/jpeg") && !sim_content_is(c, "image/png") &&
             !sim_content_is(c, "application/octet-stream"))
        refuse(c, 400, "global", "badContent",
               "Media type is not supported. Valid media types: [image/jpeg, image/png, "
               "application/octet-stream]");
    else if (o == NULL)
        refuse(c, 404, domain, "videoNotFound",
               "The video that you are trying to insert a thumbnail image for cannot be "
               "found.");
    else if (!is_picture(c))
        refuse(c, 400, domain, "invalidImage", "The provided image content is invalid.");
    else
        thumbnail_answer(c, o);
}

void sim_youtube_thumbnail_wrong(struct sim_call *c)
{
    refuse(c, 400, "global", "wrongUrlForUpload",
           "Uploads must be sent to the upload URL. Re-send this request to /upload"
           "/youtube/v3/thumbnails/set");
}

/* YouTube: broadcast, stream, and the two bound together. Each step is saved before the next, and
 * each looks first at what is there. */
#include "platform/youtube.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#define BROADCASTS "/youtube/v3/liveBroadcasts"

#define DAY_MS (24 * 3600 * INT64_C(1000))

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
    json_add_string(d, "closedCaptionsType", youtube_captions(y->settings));
    json_add_string(d, "projection", setting_text(p, y->settings, "projection"));
    monitor = cJSON_AddObjectToObject(d, "monitorStream");
    cJSON_AddBoolToObject(monitor, "enableMonitorStream", setting_bool(p, y->settings, "monitor"));
    cJSON_AddNumberToObject(monitor, "broadcastStreamDelayMs",
                            (double)setting_number(p, y->settings, "delay") * 1000);
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
    static const char *const stale[] = { "thumbnail", "thumbnail_is", "snippet", "status",
                                         "bound",     "advice",       "waited" };
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

bool youtube_adopt(struct youtube *y, const cJSON *item, struct error *err)
{
    if (!insert_learn(y, item, err))
        return false;
    url_learn(y);
    return true;
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
    return done && youtube_adopt(y, *item, err) && y->call->progress(y->call, y->out, err);
}

/* How far ahead a start may be is not published. One that is refused weeks before waits here and is
 * tried again each day. */
static bool is_too_far(const struct youtube *y, const struct error *why)
{
    return strcmp(why->code, "invalidScheduledStartTime") == 0 &&
           y->l->start_ms - y->call->now_ms > 14 * DAY_MS;
}

static bool wait_a_day(struct youtube *y)
{
    y->out->again_ms = DAY_MS;
    kit_note(y->out,
             "YouTube does not take a start so far ahead yet. It is kept here and tried again "
             "each day.");
    return true;
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

/* YouTube may lower the visibility, as it does with uploads of projects that it has not verified
 * (whether of broadcasts too is not confirmed), decides by itself whether it is for children, and
 * may take another latency. */
static void compare_settings(struct youtube *y, const cJSON *item)
{
    const char *wanted = setting_text(&platform_youtube, y->settings, "privacy");
    const char *got = json_string(item, "status.privacyStatus");
    const char *latency = setting_text(&platform_youtube, y->settings, "latency");
    const char *taken = json_string(item, "contentDetails.latencyPreference");

    if (got && strcmp(got, wanted) != 0)
        youtube_advise(y, "YouTube made it %s, not %s.", got, wanted);
    else if (json_bool(item, "status.madeForKids", false) &&
             !setting_bool(&platform_youtube, y->settings, "made_for_kids"))
        youtube_advise(y, "YouTube takes it to be made for children, and limits the chat.");
    else if (taken && strcmp(taken, latency) != 0)
        youtube_advise(y, "YouTube made the latency %s, not %s.", taken, latency);
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
    if (!youtube_have_stream(y, *item, err) || !youtube_bind_stream(y, item, err))
        return false;
    return true;
}

bool youtube_create(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err)
{
    cJSON *item = NULL;
    struct youtube y;
    struct error why = { 0 };
    bool done = youtube_open(&y, call, l, t, out, err);

    if (done && !youtube_make(&y, &item, &why)) {
        done = is_too_far(&y, &why) && wait_a_day(&y);
        if (!done && err)
            *err = why;
    } else if (done && out->status != TARGET_ENDED) {
        compare_settings(&y, item);
        done = youtube_dress(&y, true, err);
    }
    cJSON_Delete(item);
    youtube_close(&y);
    return done;
}

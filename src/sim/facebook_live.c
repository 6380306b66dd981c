/* Live videos on a Page: UNPUBLISHED → LIVE once bytes arrive and somebody says so, → LIVE_STOPPED
 * → PROCESSING → VOD. */
#include "sim/facebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/utf8.h>

static const char live_known[] =
    "id status title description creation_time broadcast_start_time planned_start_time "
    "permalink_url embed_html from "
    "live_views total_views seconds_left secure_stream_url stream_url secure_stream_secondary_urls "
    "stream_secondary_urls "
    "dash_ingest_url dash_preview_url ingest_streams is_manual_mode is_reference_only "
    "recommended_encoder_settings "
    "targeting video ad_break_config ad_break_failure_reason copyright";
static const int64_t schedule_most_ms = 7LL * 86400 * 1000;
enum { LIVE_MOST_S = 8 * 3600, TITLE_MOST = 254 };

static void bad(struct sim_call *c, const char *message)
{
    sim_facebook_error(c, 400, 100, 0, "(#100) %s", message);
}

/* ---- parameters, whether they come as a form or as JSON ---- */

static const char *value_of(struct sim_call *c, const char *name, char *buffer, size_t size)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(c->json, name);

    if (item == NULL)
        return sim_param(c, name);
    if (cJSON_IsString(item))
        return item->valuestring;
    if (!cJSON_PrintPreallocated((cJSON *)(uintptr_t)item, buffer, (int)size, false))
        buffer[0] = '\0';
    return buffer;
}

/* A bool parameter; *there tells whether it came. False: refused already. */
static bool bool_of(struct sim_call *c, const char *name, bool *there, bool *out)
{
    char buffer[16];
    const char *value = value_of(c, name, buffer, sizeof buffer);

    *there = value != NULL;
    *out = value != NULL && (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
    if (value == NULL || sim_word_in("true false 1 0", value))
        return true;
    sim_facebook_error(c, 400, 100, 0, "(#100) param %s must be a boolean.", name);
    return false;
}

/* event_params: an object with start_time in Unix seconds, in the future, at most seven days off. A
 * bare number, which an older guide shows, is refused: the reference says object. *start_ms stays 0
 * when it did not come. */
static bool event_of(struct sim_call *c, int64_t *start_ms)
{
    char buffer[2000];
    const char *value = value_of(c, "event_params", buffer, sizeof buffer);
    int64_t seconds = 0, now = clock_now();

    *start_ms = 0;
    if (value == NULL)
        return true;
    cJSON *event = json_parse(value, strlen(value), NULL);
    bool good = cJSON_IsObject(event) && json_int(event, "start_time", &seconds);
    cJSON_Delete(event);
    if (!good)
        bad(c, "param event_params must be an object with start_time.");
    else if (seconds * 1000 <= now || seconds * 1000 > now + schedule_most_ms)
        bad(c, "The start_time in event_params must be between now and 7 days from now.");
    else
        *start_ms = seconds * 1000;
    return *start_ms != 0;
}

static bool texts_ok(struct sim_call *c)
{
    char buffer[4];
    const char *title = value_of(c, "title", buffer, sizeof buffer);

    if (title != NULL && utf8_count(title) > TITLE_MOST)
        bad(c, "The title must have at most 254 characters.");
    else if (value_of(c, "planned_start_time", buffer, sizeof buffer) != NULL)
        bad(c, "The planned_start_time parameter is deprecated. Use event_params instead.");
    else
        return true;
    return false;
}

/* ---- what a live video shows of itself ---- */

static cJSON *ingest_streams(const struct sim_object *o)
{
    cJSON *list = cJSON_CreateArray(), *one = cJSON_CreateObject();
    char id[112];

    snprintf(id, sizeof id, "%s900", o->id);
    cJSON_AddStringToObject(one, "id", id);
    cJSON_AddBoolToObject(one, "is_master", true);
    cJSON *health = cJSON_AddObjectToObject(one, "stream_health");
    if (o->sending) {
        cJSON_AddNumberToObject(health, "video_bitrate", 4304481.75);
        cJSON_AddNumberToObject(health, "video_framerate", 29.97);
        cJSON_AddNumberToObject(health, "video_gop_size", 2000);
        cJSON_AddNumberToObject(health, "video_width", 1920);
        cJSON_AddNumberToObject(health, "video_height", 1080);
        cJSON_AddNumberToObject(health, "audio_bitrate", 128000);
    }
    cJSON_AddItemToArray(list, one);
    return list;
}

static void add_urls(cJSON *out, const struct sim_object *o)
{
    char url[300], plain[sizeof o->key], video[112];
    const struct sim_facebook_page *page = sim_facebook_page_find(o->owner);

    snprintf(url, sizeof url, "rtmps://live-api-s.facebook.com:443/rtmp/%s", o->key);
    cJSON_AddStringToObject(out, "secure_stream_url", url);
    text_copy_to(plain, sizeof plain, o->key);
    plain[strcspn(plain, "?")] = '\0';
    snprintf(url, sizeof url, "rtmp://rtmp-api.facebook.com:80/rtmp/%s", plain);
    cJSON_AddStringToObject(out, "stream_url", url);
    cJSON_AddArrayToObject(out, "secure_stream_secondary_urls");
    cJSON_AddArrayToObject(out, "stream_secondary_urls");
    snprintf(video, sizeof video, "%s777", o->id);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(out, "video"), "id", video);
    snprintf(url, sizeof url, "/%s/videos/%s/", page->path, video);
    cJSON_AddStringToObject(out, "permalink_url", url);
    cJSON_AddStringToObject(out, "embed_html",
                            "<iframe src=\"https://www.facebook.com/plugins/video.php\"></iframe>");
    cJSON *from = cJSON_AddObjectToObject(out, "from");
    cJSON_AddStringToObject(from, "name", page->name);
    cJSON_AddStringToObject(from, "id", page->id);
}

static cJSON *live_view(const struct sim_object *o)
{
    cJSON *out = cJSON_CreateObject();
    const char *description = json_string(o->fields, "description");
    int64_t started = 0;

    cJSON_AddStringToObject(out, "id", o->id);
    cJSON_AddStringToObject(out, "status", o->state);
    if (o->title != NULL)
        cJSON_AddStringToObject(out, "title", o->title);
    if (description != NULL)
        cJSON_AddStringToObject(out, "description", description);
    sim_facebook_put_time(out, "creation_time", o->created_ms);
    sim_facebook_put_time(out, "planned_start_time", o->start_ms);
    if (json_int(o->fields, "startedMs", &started)) {
        sim_facebook_put_time(out, "broadcast_start_time", started);
        cJSON_AddNumberToObject(out, "seconds_left",
                                (double)(LIVE_MOST_S - (clock_now() - started) / 1000));
    }
    cJSON_AddNumberToObject(out, "live_views", sim_object_is(o, "LIVE") ? 143 : 0);
    cJSON_AddStringToObject(out, "total_views", started != 0 ? "401" : "0");
    cJSON_AddItemToObject(out, "ingest_streams", ingest_streams(o));
    cJSON_AddBoolToObject(out, "is_manual_mode", false);
    add_urls(out, o);
    return out;
}

static void send_view(struct sim_call *c, const struct sim_object *o, const char *otherwise)
{
    cJSON *all = live_view(o);
    cJSON *out = sim_facebook_fields(c, all, live_known, otherwise, "LiveVideo");

    if (out != NULL)
        sim_reply_json(&c->reply, 200, out);
    cJSON_Delete(all);
}

/* ---- create ---- */

static struct sim_object *make(struct sim_call *c, const char *status, int64_t start_ms)
{
    char id[20], secret[20], token[12], buffer[4];
    const char *title = value_of(c, "title", buffer, sizeof buffer);
    const char *description = value_of(c, "description", buffer, sizeof buffer);

    text_copy_to(id, sizeof id, "917263");
    sim_random_text(c->sim, id + 6, 9, sim_digits);
    sim_secret_text(c->sim, secret, 16, sim_alnum);
    sim_random_text(c->sim, token, 8, sim_alnum);
    struct sim_object *o = sim_object_new(c->sim, SIM_FACEBOOK, "live_video", id, c->capture[0]);
    snprintf(o->key, sizeof o->key, "FB-%s-0-%s?s_bl=1&s_psm=1&a=Abx%s", id, secret, token);
    o->start_ms = start_ms;
    sim_object_title(o, title);
    sim_put_string(o->fields, "description", description);
    sim_put_bool(o->fields, "liveWhenFed", strcmp(status, "LIVE_NOW") == 0);
    sim_object_state(o, strcmp(status, "LIVE_NOW") == 0 ? "UNPUBLISHED" : status);
    if (c->sim->options.encoder == SIM_ENCODER_AUTO)
        o->feed_mono = clock_mono() + c->sim->step_ms;
    if (start_ms != 0)
        sim_object_later(o, start_ms - clock_now());
    return o;
}

void sim_facebook_live_create(struct sim_call *c)
{
    char buffer[40];
    const char *status = value_of(c, "status", buffer, sizeof buffer);
    bool stop, backup, there;
    int64_t start_ms;

    if (sim_facebook_page_find(c->capture[0]) == NULL) {
        sim_facebook_gone(c, "post", c->capture[0]);
        return;
    }
    if (!sim_facebook_page_token(c, c->capture[0]) || !texts_ok(c) ||
        !bool_of(c, "enable_backup_ingest", &there, &backup) ||
        !bool_of(c, "stop_on_delete_stream", &there, &stop) || !event_of(c, &start_ms))
        return;
    if (status == NULL)
        status = "LIVE_NOW";
    bool scheduled = sim_word_in("SCHEDULED_UNPUBLISHED SCHEDULED_LIVE", status);
    if (!scheduled && !sim_word_in("UNPUBLISHED LIVE_NOW", status)) {
        bad(c, "Param status must be one of {UNPUBLISHED, LIVE_NOW, SCHEDULED_UNPUBLISHED, "
               "SCHEDULED_LIVE, "
               "SCHEDULED_CANCELED}");
        return;
    }
    if (scheduled != (start_ms != 0)) {
        bad(c, scheduled ? "A scheduled live video needs event_params with start_time."
                         : "event_params needs a SCHEDULED_ status.");
        return;
    }
    struct sim_object *o = make(c, status, start_ms);
    sim_put_bool(o->fields, "stopOnDeleteStream", stop);
    sim_put_bool(o->fields, "backupIngest", backup);
    send_view(c, o,
              "id,stream_url,secure_stream_url,stream_secondary_urls,secure_stream_secondary_urls");
}

/* ---- read ---- */

struct sim_object *sim_facebook_own_live(struct sim_call *c, const char *id, const char *verb)
{
    struct sim_object *o = sim_object_find(c->sim, SIM_FACEBOOK, "live_video", id);

    /* To a token that is not the Page's the object does not exist. */
    if (o == NULL || strcmp(c->token->kind, "page") != 0 ||
        strcmp(c->token->subject, o->owner) != 0) {
        sim_facebook_gone(c, verb, id);
        return NULL;
    }
    return sim_facebook_page_token(c, o->owner) ? o : NULL;
}

void sim_facebook_live_get(struct sim_call *c)
{
    struct sim_object *o = sim_facebook_own_live(c, c->capture[0], "get");

    if (o != NULL)
        send_view(c, o, "status,stream_url,secure_stream_url,embed_html,id");
}

/* broadcast_status: a JSON list, or bare words with commas. */
static bool state_wanted(const char *filter, const char *state)
{
    const char *at = filter != NULL ? strstr(filter, state) : NULL;
    size_t length = strlen(state);

    if (filter == NULL)
        return true;
    for (; at != NULL; at = strstr(at + 1, state)) {
        bool begins = at == filter || strchr("\",[ ", at[-1]) != NULL;
        if (begins && (at[length] == '\0' || strchr("\",] ", at[length]) != NULL))
            return true;
    }
    return false;
}

static void add_paging(struct sim_call *c, cJSON *out, const char *after, bool more)
{
    cJSON *paging = cJSON_AddObjectToObject(out, "paging"),
          *cursors = cJSON_AddObjectToObject(paging, "cursors");
    struct text next;

    cJSON_AddStringToObject(cursors, "before", "MA");
    cJSON_AddStringToObject(cursors, "after", after);
    if (!more)
        return;
    text_init(&next, 8192);
    text_addf(&next, "%s%s?after=%s", c->sim->address[c->index], c->path, after);
    for (const cJSON *m = c->query->child; m != NULL; m = m->next) {
        if (strcmp(m->string, "after") == 0)
            continue;
        text_addf(&next, "&%s=", m->string);
        text_add_urlencoded(&next, m->valuestring);
    }
    cJSON_AddStringToObject(paging, "next", text_str(&next));
    text_release(&next);
}

void sim_facebook_live_list(struct sim_call *c)
{
    const char *filter = sim_param(c, "broadcast_status"), *limit_text = sim_param(c, "limit");
    const char *after_text = sim_param(c, "after");
    long limit = limit_text != NULL ? strtol(limit_text, NULL, 10) : 25, after = 0, at = 0;
    char cursor[24];

    if (sim_facebook_page_find(c->capture[0]) == NULL) {
        sim_facebook_gone(c, "get", c->capture[0]);
        return;
    }
    if (!sim_facebook_page_token(c, c->capture[0]))
        return;
    if (limit < 1 || limit > 100 ||
        (after_text != NULL && sscanf(after_text, "%ld", &after) != 1)) {
        bad(c, limit < 1 || limit > 100 ? "Param limit must be between 1 and 100."
                                        : "Invalid cursors values");
        return;
    }
    cJSON *out = cJSON_CreateObject(), *data = cJSON_AddArrayToObject(out, "data");
    bool more = false;
    for (struct sim_object *o = c->sim->objects; o != NULL && c->reply.status == 0; o = o->next) {
        if (o->platform != SIM_FACEBOOK || o->deleted || strcmp(o->owner, c->capture[0]) != 0 ||
            !state_wanted(filter, o->state))
            continue;
        if (at++ < after)
            continue;
        more = cJSON_GetArraySize(data) == limit;
        if (more)
            break;
        cJSON *all = live_view(o);
        cJSON_AddItemToArray(
            data, sim_facebook_fields(c, all, live_known,
                                      "id,status,stream_url,secure_stream_url,title,embed_html",
                                      "LiveVideo"));
        cJSON_Delete(all);
    }
    if (c->reply.status != 0) {
        cJSON_Delete(out);
        return;
    }
    snprintf(cursor, sizeof cursor, "%ld", after + cJSON_GetArraySize(data));
    if (cJSON_GetArraySize(data) > 0)
        add_paging(c, out, cursor, more);
    sim_reply_json(&c->reply, 200, out);
}

void sim_facebook_live_comments(struct sim_call *c)
{
    if (sim_facebook_own_live(c, c->capture[0], "get") == NULL)
        return;
    if (!sim_word_in(c->grant->scope, "pages_read_user_content")) {
        sim_facebook_error(
            c, 403, 10, 0,
            "(#10) This endpoint requires the 'pages_read_user_content' permission or the 'Page "
            "Public Content Access' feature.");
        return;
    }
    cJSON *out = cJSON_CreateObject();
    cJSON_AddArrayToObject(out, "data");
    sim_reply_json(&c->reply, 200, out);
}

void sim_facebook_live_errors(struct sim_call *c)
{
    if (sim_facebook_own_live(c, c->capture[0], "get") == NULL)
        return;
    cJSON *out = cJSON_CreateObject();
    cJSON_AddArrayToObject(out, "data");
    sim_reply_json(&c->reply, 200, out);
}

void sim_facebook_input_streams(struct sim_call *c)
{
    struct sim_object *o = sim_facebook_own_live(c, c->capture[0], "post");
    char id[112];

    if (o == NULL)
        return;
    if (!json_bool(o->fields, "backupIngest", false)) {
        sim_facebook_error(c, 403, 200, 0, "(#200) Permissions error");
        return;
    }
    cJSON *out = cJSON_CreateObject();
    snprintf(id, sizeof id, "%s901", o->id);
    cJSON_AddStringToObject(out, "id", id);
    sim_reply_json(&c->reply, 200, out);
}

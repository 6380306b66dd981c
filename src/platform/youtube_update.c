/* YouTube: changing a broadcast. An update overwrites every property of the parts that it names, so
 * what is there is read, changed and sent back; and only parts that differ and that may still
 * change are named. */
#include "platform/youtube.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#define BROADCASTS "/youtube/v3/liveBroadcasts"

/* What will be sent; parts is a comma list, "" when all is as wanted. */
struct change {
    cJSON *body; /* owned */
    char parts[64];
};

static void change_release(struct change *c)
{
    cJSON_Delete(c->body);
}

static void change_part(struct change *c, const char *part, cJSON *value)
{
    struct text t;

    text_init(&t, sizeof(c->parts) - 1);
    text_addf(&t, "%s%s%s", c->parts, c->parts[0] ? "," : "", part);
    text_copy_to(c->parts, sizeof(c->parts), text_str(&t));
    text_release(&t);
    cJSON_AddItemToObject(c->body, part, value);
}

static bool same_instant(const char *a, const char *b)
{
    int64_t x, y;

    if (!a || !b)
        return a == b;
    return clock_parse_rfc3339(a, &x) && clock_parse_rfc3339(b, &y) && x / 1000 == y / 1000;
}

/* The start to send. The plan when it changed; else word for word what YouTube says, because a time
 * in the past passes only unchanged. */
static void wanted_start(const struct youtube *y, const cJSON *item, bool fixed, char *out)
{
    const char *old = json_string(item, "snippet.scheduledStartTime");
    char plan[CLOCK_RFC3339_SIZE];

    clock_rfc3339_s(plan, y->l->start_ms);
    if (old && (fixed || y->l->start_ms == 0 || same_instant(old, plan) ||
                y->l->start_ms <= y->call->now_ms))
        text_copy_to(out, CLOCK_RFC3339_SIZE, old);
    else
        clock_rfc3339_s(out, youtube_start_time(y));
}

static void wanted_end(const struct youtube *y, const cJSON *item, bool fixed, char *out)
{
    const char *old = json_string(item, "snippet.scheduledEndTime");

    out[0] = '\0';
    if (fixed)
        text_copy_to(out, CLOCK_RFC3339_SIZE, old ? old : "");
    else if (y->l->end_ms > youtube_start_time(y))
        clock_rfc3339_s(out, y->l->end_ms);
}

static void change_snippet(const struct youtube *y, struct change *c, const cJSON *item, bool live)
{
    char *title = youtube_title(y), *description = youtube_text(y);
    const char *old_text = json_string(item, "snippet.description");
    char start[CLOCK_RFC3339_SIZE], end[CLOCK_RFC3339_SIZE];
    cJSON *snippet;

    wanted_start(y, item, live, start);
    wanted_end(y, item, live, end);
    if (!text_equal(json_string(item, "snippet.title"), title) ||
        !text_equal(old_text ? old_text : "", description) ||
        !same_instant(json_string(item, "snippet.scheduledStartTime"), start) ||
        !same_instant(json_string(item, "snippet.scheduledEndTime"), *end ? end : NULL)) {
        snippet = cJSON_CreateObject();
        json_add_string(snippet, "title", title);
        json_add_string(snippet, "description", description);
        json_add_string(snippet, "scheduledStartTime", start);
        json_add_string(snippet, "scheduledEndTime", *end ? end : NULL);
        change_part(c, "snippet", snippet);
    }
    free(title);
    free(description);
}

static void change_status(const struct youtube *y, struct change *c, const cJSON *item)
{
    const char *privacy = setting_text(&platform_youtube, y->settings, "privacy");
    bool kids = setting_bool(&platform_youtube, y->settings, "made_for_kids");
    cJSON *status;

    if (text_equal(json_string(item, "status.privacyStatus"), privacy) &&
        json_bool(item, "status.selfDeclaredMadeForKids", false) == kids)
        return;
    status = cJSON_CreateObject();
    json_add_string(status, "privacyStatus", privacy);
    cJSON_AddBoolToObject(status, "selfDeclaredMadeForKids", kids);
    change_part(c, "status", status);
}

static void put_bool(cJSON *object, const char *key, bool value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
    cJSON_AddBoolToObject(object, key, value);
}

static void put_text(cJSON *object, const char *key, const char *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
    json_add_string(object, key, value);
}

/* What may still change once it has begun: of the rest the pages say that it may not, or nothing.
 */
static const struct {
    const char *member, *setting;
    bool late;
} switches[] = { { "enableAutoStart", "auto_start", false },
                 { "enableAutoStop", "auto_stop", true },
                 { "enableDvr", "dvr", false },
                 { "recordFromStart", "record_from_start", false },
                 { "enableEmbed", "embed", true } };
enum { SWITCH_COUNT = sizeof(switches) / sizeof(switches[0]) };

/* The mutable members as read, with our settings over them: all, or with `late` those that may
 * change on air and that YouTube has shown. monitorStream must be whole or YouTube refuses. */
static cJSON *wanted_details(const struct youtube *y, const cJSON *item, bool late)
{
    static const char *const kept[] = {
        "enableAutoStart", "enableAutoStop", "enableDvr",          "recordFromStart",
        "enableEmbed",     "mesh",           "latencyPreference",  "projection",
        "stereoLayout",    "startWithSlate", "closedCaptionsType", "enableContentEncryption"
    };
    const struct platform *p = &platform_youtube;
    const cJSON *old = json_at(item, "contentDetails");
    cJSON *d = cJSON_CreateObject(), *monitor;
    int64_t delay = setting_number(p, y->settings, "delay") * 1000;
    bool preview = setting_bool(p, y->settings, "monitor");

    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(old, kept[i]);

        if (value)
            cJSON_AddItemToObject(d, kept[i], cJSON_Duplicate(value, true));
    }
    for (size_t i = 0; i < SWITCH_COUNT; i++)
        if (!late || (switches[i].late && cJSON_HasObjectItem(old, switches[i].member)))
            put_bool(d, switches[i].member, setting_bool(p, y->settings, switches[i].setting));
    if (late) {
        preview = json_bool(old, "monitorStream.enableMonitorStream", false);
        delay = 0;
        json_int(old, "monitorStream.broadcastStreamDelayMs", &delay);
    } else {
        put_text(d, "latencyPreference", setting_text(p, y->settings, "latency"));
        put_text(d, "closedCaptionsType", youtube_captions(y->settings));
        put_text(d, "projection", setting_text(p, y->settings, "projection"));
    }
    monitor = cJSON_AddObjectToObject(d, "monitorStream");
    cJSON_AddBoolToObject(monitor, "enableMonitorStream", preview);
    cJSON_AddNumberToObject(monitor, "broadcastStreamDelayMs", (double)delay);
    return d;
}

/* Every member that we would send is there already. */
static bool has_all(const cJSON *there, const cJSON *wanted)
{
    const cJSON *value;

    cJSON_ArrayForEach (value, wanted) {
        const cJSON *other = cJSON_GetObjectItemCaseSensitive(there, value->string);

        if (cJSON_IsObject(value) ? !has_all(other, value) : !cJSON_Compare(other, value, true))
            return false;
    }
    return true;
}

/* What was not shown cannot be told to differ; a switch that YouTube shows otherwise can. */
static bool differs(const cJSON *there, const cJSON *wanted)
{
    const cJSON *value, *other;

    cJSON_ArrayForEach (value, wanted) {
        other = cJSON_GetObjectItemCaseSensitive(there, value->string);
        if (other &&
            (cJSON_IsObject(value) ? differs(other, value) : !cJSON_Compare(other, value, true)))
            return true;
    }
    return false;
}

static void change_details(struct youtube *y, struct change *c, const cJSON *item, bool late)
{
    const cJSON *there = json_at(item, "contentDetails");
    cJSON *all = wanted_details(y, item, false), *wanted = wanted_details(y, item, late);

    if (late ? !differs(there, wanted) : has_all(there, wanted))
        cJSON_Delete(wanted);
    else
        change_part(c, "contentDetails", wanted);
    if (late && differs(there, all))
        kit_note(y->out,
                 "On air YouTube changes neither rewinding, recording, captions, latency nor "
                 "the preview; the rest was changed.");
    cJSON_Delete(all);
}

static bool put_change(struct youtube *y, const struct change *c, struct error *err)
{
    struct kit_request request = {
        .method = "PUT", .route = "PUT " BROADCASTS, .json = c->body, .effect = true
    };
    struct text path;
    cJSON *answer = NULL;
    bool done;

    text_init(&path, 400);
    text_addf(&path, "%s?", BROADCASTS);
    kit_query(&path, "part", c->parts);
    request.path = text_str(&path);
    done = youtube_submit(y, &request, &answer, err);
    if (done && json_string(answer, "status.lifeCycleStatus"))
        youtube_learn(y, answer);
    text_release(&path);
    cJSON_Delete(answer);
    return done;
}

static bool not_any_more(const struct error *why)
{
    const char *tail = "ModificationNotAllowed";
    size_t length = strlen(why->code);

    return length >= strlen(tail) && strcmp(why->code + length - strlen(tail), tail) == 0;
}

/* Texts and visibility are one request, the switches another: when an encoder already sends,
 * YouTube refuses some switches, and the title must change nevertheless. */
static bool change_all(struct youtube *y, const cJSON *item, struct error *err)
{
    enum youtube_life life = youtube_life_of(item);
    bool waiting = life == LIFE_CREATED || life == LIFE_READY;
    struct change texts = { cJSON_CreateObject(), "" }, parts = { cJSON_CreateObject(), "" };
    struct error why = { 0 };
    bool done = true;

    json_add_string(texts.body, "id", y->out->remote_id);
    json_add_string(parts.body, "id", y->out->remote_id);
    change_snippet(y, &texts, item, !waiting);
    change_status(y, &texts, item);
    change_details(y, &parts, item, !waiting);
    if (texts.parts[0])
        done = put_change(y, &texts, err);
    if (done && parts.parts[0] && !put_change(y, &parts, &why)) {
        done = not_any_more(&why);
        if (done)
            kit_note(y->out, "Some settings of YouTube cannot be changed any more; the rest was.");
        else if (err)
            *err = why;
    }
    change_release(&texts);
    change_release(&parts);
    return done;
}

bool youtube_update(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err)
{
    enum youtube_life life;
    cJSON *item = NULL;
    struct youtube y;
    bool done;

    if (out->remote_id[0] == '\0')
        return youtube_create(call, l, t, out, err);
    /* An update may come after a create that gave up half-way: what is missing is made too. */
    done = youtube_open(&y, call, l, t, out, err) && youtube_make(&y, &item, err);
    if (done) {
        life = youtube_life_of(item);
        if (life == LIFE_COMPLETE || life == LIFE_REVOKED)
            kit_note(out, "The broadcast is over on YouTube; nothing was changed there.");
        else
            done = change_all(&y, item, err) && youtube_dress(&y, true, err);
    }
    cJSON_Delete(item);
    youtube_close(&y);
    return done;
}

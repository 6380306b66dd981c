/* Restream's events and keys. A broadcast starts when an encoder sends to its key and ends a while
 * after it stops; there is no call for either, and none to change or delete an event. */
#include "sim/restream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

enum { QUIET_STEPS = 5 }; /* half a minute without bytes ends it */
static const int64_t missed_ms = 3600000, early_ms = 600000;

static int64_t ms_of(const struct sim_object *o, const char *name)
{
    int64_t ms = 0;

    json_int(o->fields, name, &ms);
    return ms;
}

static void key_make(struct sim *sim, struct sim_object *o)
{
    char random[24];

    sim_secret_text(sim, random, 20, "0123456789abcdef");
    snprintf(o->key, sizeof o->key, "re_%s_%s", o->owner, random);
}

/* Each account's own key, to which whatever is switched on listens. */
void sim_restream_ingest_open(struct sim *sim)
{
    for (int i = 0; sim_restream_accounts[i].id != NULL; i++) {
        const char *owner = sim_restream_accounts[i].id;
        struct sim_object *o = sim_object_new(sim, SIM_RESTREAM, "ingest", owner, owner);
        sim_object_title(o, sim_restream_accounts[i].name);
        sim_object_state(o, "idle");
        key_make(sim, o);
    }
}

/* ---- what an event shows ---- */

void sim_restream_targets(struct sim *sim, const struct sim_object *event,
                          void (*take)(void *whom, struct sim_object *channel), void *whom)
{
    const cJSON *attached = json_at(event->fields, "attached");

    for (struct sim_object *o = sim->objects; o != NULL; o = o->next) {
        bool wanted = sim_object_is(o, "active");
        if (o->platform != SIM_RESTREAM || o->deleted || strcmp(o->kind, "channel") != 0 ||
            strcmp(o->owner, event->owner) != 0)
            continue;
        if (attached != NULL && attached->child != NULL) {
            wanted = false;
            for (const cJSON *one = attached->child; one != NULL; one = one->next)
                wanted = wanted || text_equal(cJSON_GetStringValue(one), o->id);
        }
        if (wanted)
            take(whom, o);
    }
}

static void add_target(void *whom, struct sim_object *channel)
{
    const char *url = json_string(channel->fields, "url");
    cJSON *one = cJSON_CreateObject();

    cJSON_AddNumberToObject(one, "channelId", strtod(channel->id, NULL));
    cJSON_AddItemToObject(one, "externalUrl",
                          url != NULL && url[0] != '\0' ? cJSON_CreateString(url)
                                                        : cJSON_CreateNull());
    cJSON_AddNumberToObject(one, "streamingPlatformId", (double)sim_restream_platform_of(channel));
    cJSON_AddItemToArray(whom, one);
}

static void add_seconds(cJSON *out, const char *name, int64_t ms)
{
    cJSON_AddItemToObject(out, name,
                          ms != 0 ? cJSON_CreateNumber((double)(ms / 1000)) : cJSON_CreateNull());
}

/* Times come in as ISO 8601 and go out as seconds. */
static cJSON *view(struct sim *sim, const struct sim_object *o)
{
    const char *description = json_string(o->fields, "description");
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "id", o->id);
    cJSON_AddNullToObject(out, "showId");
    cJSON_AddStringToObject(out, "status", o->state);
    cJSON_AddStringToObject(out, "title", o->title != NULL ? o->title : "");
    cJSON_AddStringToObject(out, "description", description != NULL ? description : "");
    cJSON_AddBoolToObject(out, "isInstant", json_bool(o->fields, "isInstant", false));
    cJSON_AddBoolToObject(out, "isRecordOnly", false);
    cJSON_AddNullToObject(out, "coverUrl");
    add_seconds(out, "scheduledFor", ms_of(o, "scheduledMs"));
    add_seconds(out, "startedAt", ms_of(o, "startedMs"));
    add_seconds(out, "finishedAt", ms_of(o, "finishedMs"));
    sim_restream_targets(sim, o, add_target, cJSON_AddArrayToObject(out, "destinations"));
    return out;
}

static bool is_own(struct sim_call *c, const struct sim_object *o, const char *states)
{
    return o->platform == SIM_RESTREAM && !o->deleted && strcmp(o->kind, "event") == 0 &&
           strcmp(o->owner, sim_restream_owner(c)) == 0 && sim_object_is(o, states);
}

/* ---- writing ---- */

static struct sim_object *event_new(struct sim *sim, const char *owner, const char *title,
                                    const char *type)
{
    char id[37];

    sim_random_uuid(sim, id);
    struct sim_object *o = sim_object_new(sim, SIM_RESTREAM, "event", id, owner);
    sim_object_title(o, title);
    sim_object_state(o, "upcoming");
    sim_put_string(o->fields, "streamType", type);
    cJSON_AddArrayToObject(o->fields, "attached");
    return o;
}

void sim_restream_event_create(struct sim_call *c)
{
    const char *type = json_string(c->json, "streamType"), *title = json_string(c->json, "title"),
               *at = json_string(c->json, "scheduledFor");
    int64_t start = 0;

    if (!sim_restream_body(c, "streamType title description scheduledFor") ||
        !sim_restream_texts(c))
        return;
    if (type == NULL || !sim_word_in("encoder studio", type)) {
        sim_restream_invalid(c, "\"streamType\" must be one of [encoder, studio]");
        return;
    }
    if (json_at(c->json, "scheduledFor") != NULL &&
        (at == NULL || !clock_parse_rfc3339(at, &start) || start <= clock_now())) {
        sim_restream_invalid(c, "\"scheduledFor\" must be a date in the future");
        return;
    }
    struct sim_object *o =
        event_new(c->sim, sim_restream_owner(c), title != NULL ? title : "Untitled", type);
    const char *description = json_string(c->json, "description");
    sim_put_string(o->fields, "description", description != NULL ? description : "");
    if (strcmp(type, "encoder") == 0)
        key_make(c->sim, o);
    if (start != 0) {
        o->start_ms = start;
        sim_put_number(o->fields, "scheduledMs", (double)start);
        sim_object_later(o, start - clock_now() + missed_ms);
    }
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "id", o->id);
    sim_reply_json(&c->reply, 201, out);
}

/* Only what is reached by a key can be attached; YouTube, Facebook, Instagram and their like not
 * yet. Statuses and names are not confirmed. */
void sim_restream_event_attach(struct sim_call *c)
{
    static const char allowed[] = "29 49 60 61 68 72 74 78 79 80 81 82";
    struct sim_object *o = sim_restream_own(c, "event", c->capture[0]);
    const char *way = json_string(c->json, "streamingOrientation");
    char id[32], platform[24], made[37];

    if (o == NULL || !sim_restream_body(c, "channelId streamingOrientation"))
        return;
    if (!cJSON_IsNumber(json_at(c->json, "channelId")) ||
        (way != NULL && !sim_word_in("horizontal vertical", way))) {
        sim_restream_invalid(c, "\"channelId\" must be a number");
        return;
    }
    json_id(c->json, "channelId", id, sizeof id);
    struct sim_object *channel = sim_restream_own(c, "channel", id);
    if (channel == NULL)
        return;
    snprintf(platform, sizeof platform, "%lld", (long long)sim_restream_platform_of(channel));
    cJSON *attached = cJSON_GetObjectItemCaseSensitive(o->fields, "attached");
    for (const cJSON *one = attached->child; one != NULL; one = one->next) {
        if (!text_equal(cJSON_GetStringValue(one), id))
            continue;
        sim_restream_error(c, 400, "destination_already_exists", "Destination already exists");
        return;
    }
    if (!sim_word_in(allowed, platform)) {
        sim_restream_error(c, 400, "platform_not_supported", "Platform is not supported");
    } else if (!sim_object_is(o, "upcoming")) {
        sim_restream_invalid(c, "The event has started already");
    } else {
        cJSON_AddItemToArray(attached, cJSON_CreateString(id));
        sim_random_uuid(c->sim, made);
        cJSON *out = cJSON_CreateObject();
        cJSON_AddStringToObject(out, "id", made);
        sim_reply_json(&c->reply, 201, out);
    }
}

/* ---- reading ---- */

void sim_restream_event_get(struct sim_call *c)
{
    struct sim_object *o = sim_restream_own(c, "event", c->capture[0]);

    if (o != NULL)
        sim_reply_json(&c->reply, 200, view(c->sim, o));
}

/* That 2 stands for an encoder's and 1 for the studio's is a guess of the page's; 3 finds nothing.
 */
void sim_restream_upcoming(struct sim_call *c)
{
    const char *source = sim_query(c, "source"), *scheduled = sim_query(c, "scheduled");
    cJSON *out = cJSON_CreateArray();

    if ((source != NULL && !sim_word_in("1 2 3", source)) ||
        (scheduled != NULL && !sim_word_in("true false", scheduled))) {
        cJSON_Delete(out);
        sim_restream_invalid(c, "\"source\" must be one of [1, 2, 3]");
        return;
    }
    for (const struct sim_object *o = c->sim->objects; o != NULL; o = o->next) {
        if (!is_own(c, o, "upcoming"))
            continue;
        bool encoder = text_equal(json_string(o->fields, "streamType"), "encoder");
        if (source != NULL && strcmp(source, encoder ? "2" : "1") != 0)
            continue;
        if (scheduled != NULL && (strcmp(scheduled, "true") == 0) != (ms_of(o, "scheduledMs") != 0))
            continue;
        cJSON_AddItemToArray(out, view(c->sim, o));
    }
    sim_reply_json(&c->reply, 200, out);
}

void sim_restream_in_progress(struct sim_call *c)
{
    cJSON *out = cJSON_CreateArray();

    for (const struct sim_object *o = c->sim->objects; o != NULL; o = o->next)
        if (is_own(c, o, "in-progress"))
            cJSON_AddItemToArray(out, view(c->sim, o));
    sim_reply_json(&c->reply, 200, out);
}

static bool read_number(struct sim_call *c, const char *name, long most, long *out)
{
    const char *text = sim_query(c, name);
    char *end = NULL;

    if (text == NULL)
        return true;
    *out = strtol(text, &end, 10);
    if (end != text && *end == '\0' && *out >= 1 && *out <= most)
        return true;
    sim_restream_invalid(c, "\"%s\" must be a number from 1 to %ld", name, most);
    return false;
}

void sim_restream_history(struct sim_call *c)
{
    long page = 1, limit = 10, count = 0;

    if (!read_number(c, "page", 1000000, &page) || !read_number(c, "limit", 100, &limit))
        return;
    cJSON *all = cJSON_CreateArray(), *out = cJSON_CreateObject();
    for (const struct sim_object *o = c->sim->objects; o != NULL; o = o->next)
        if (is_own(c, o, "finished missed"))
            cJSON_InsertItemInArray(all, 0, view(c->sim, o)); /* newest first */
    count = cJSON_GetArraySize(all);
    cJSON *items = cJSON_AddArrayToObject(out, "items");
    for (long i = 0; i < limit && cJSON_GetArraySize(all) > (page - 1) * limit; i++)
        cJSON_AddItemToArray(items, cJSON_DetachItemFromArray(all, (int)((page - 1) * limit)));
    cJSON *info = cJSON_AddObjectToObject(out, "pagination");
    cJSON_AddNumberToObject(info, "pages_total", (double)((count + limit - 1) / limit));
    cJSON_AddNumberToObject(info, "page", (double)page);
    cJSON_AddNumberToObject(info, "limit", (double)limit);
    cJSON_Delete(all);
    sim_reply_json(&c->reply, 200, out);
}

/* ---- keys ---- */

/* srtUrl is null where the plan has no SRT: St Anne's. */
static void send_key(struct sim_call *c, const struct sim_object *o)
{
    cJSON *out = cJSON_CreateObject();
    char url[400];

    snprintf(url, sizeof url, "srt://live.restream.io:2010?streamid=srt_%s&passphrase=%s", o->owner,
             o->key);
    cJSON_AddStringToObject(out, "streamKey", o->key);
    cJSON_AddItemToObject(out, "srtUrl",
                          c->grant->account == 0 ? cJSON_CreateString(url) : cJSON_CreateNull());
    sim_reply_json(&c->reply, 200, out);
}

void sim_restream_key(struct sim_call *c)
{
    struct sim_object *o = sim_restream_own(c, "ingest", sim_restream_owner(c));

    if (o != NULL)
        send_key(c, o);
}

/* Who asks for an event's key is about to start it: that is when the automatic encoder begins, but
 * not long before the event is due. */
void sim_restream_event_key(struct sim_call *c)
{
    struct sim_object *o = sim_restream_own(c, "event", c->capture[0]);
    int64_t wait = c->sim->step_ms;

    if (o == NULL)
        return;
    if (o->key[0] == '\0') {
        sim_restream_error(c, 404, "not_found", "Event has no stream key");
        return;
    }
    if (o->start_ms != 0 && o->start_ms - early_ms - clock_now() > wait)
        wait = o->start_ms - early_ms - clock_now();
    if (c->sim->options.encoder == SIM_ENCODER_AUTO && sim_object_is(o, "upcoming") && !o->sending)
        o->feed_mono = clock_mono() + wait;
    send_key(c, o);
}

/* ---- the life of an event ---- */

static void start(struct sim *sim, struct sim_object *o)
{
    o->due_mono = 0;
    if (!sim_object_is(o, "in-progress")) { /* else the encoder was back in time */
        sim_object_state(o, "in-progress");
        sim_put_number(o->fields, "startedMs", (double)clock_now());
    }
    sim_restream_feed_began(sim, o);
}

static void finish(struct sim_object *o)
{
    sim_object_state(o, "finished");
    sim_put_number(o->fields, "finishedMs", (double)clock_now());
}

/* The event that the account's own key feeds. That it takes no scheduled one along is the stricter
 * reading. */
static struct sim_object *instant_of(struct sim *sim, const struct sim_object *ingest, bool make)
{
    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_RESTREAM && !o->deleted && sim_object_is(o, "in-progress") &&
            strcmp(o->owner, ingest->owner) == 0 && json_bool(o->fields, "isInstant", false))
            return o;
    if (!make)
        return NULL;
    struct sim_object *o = event_new(sim, ingest->owner, "Untitled", "encoder");
    sim_put_bool(o->fields, "isInstant", true);
    return o;
}

void sim_restream_fed(struct sim *sim, struct sim_object *o)
{
    struct sim_object *event = o;

    if (strcmp(o->kind, "ingest") == 0) {
        sim_object_state(o, o->sending ? "receiving" : "idle");
        event = instant_of(sim, o, o->sending);
    }
    if (event == NULL || !sim_object_is(event, "upcoming missed in-progress"))
        return; /* a key is good for one broadcast */
    if (o->sending) {
        start(sim, event);
    } else if (sim_object_is(event, "in-progress")) {
        sim_restream_feed_stopped(sim, event);
        sim_object_later(event, (int64_t)sim->step_ms * QUIET_STEPS);
    }
}

void sim_restream_due(struct sim *sim, struct sim_object *o)
{
    if (strcmp(o->kind, "ingest") == 0)
        sim_restream_feed_beat(sim, o);
    else if (sim_object_is(o, "upcoming"))
        sim_object_state(o, "missed");
    else if (sim_object_is(o, "in-progress"))
        finish(o);
}

bool sim_restream_remote(struct sim *sim, struct sim_object *o, const char *event,
                         const cJSON *body, struct error *err)
{
    const char *title = json_string(body, "title");
    bool is_event = strcmp(o->kind, "event") == 0;

    if (strcmp(event, "deleted") == 0 && strcmp(o->kind, "ingest") != 0) {
        o->deleted = true;
    } else if (strcmp(event, "renamed") == 0) {
        sim_object_title(o, title != NULL ? title : "Renamed in the dashboard");
    } else if (strcmp(event, "started") == 0 && o->key[0] != '\0' && !o->sending) {
        sim_object_feed(sim, o, true);
    } else if (strcmp(event, "ended") == 0 && is_event && sim_object_is(o, "in-progress")) {
        if (o->sending)
            sim_restream_feed_stopped(sim, o);
        o->sending = false;
        o->due_mono = 0;
        finish(o);
    } else {
        return error_set(err, ERROR_REFUSED, NULL, "%s cannot happen to a %s that is %s.", event,
                         o->kind, o->state);
    }
    return true;
}

/* Restream's streaming updates: what happens is told on /ws to whoever listens, the last minute of
 * it to whoever comes later. One way; what a client says is ignored. */
#include "sim/restream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

enum { MINUTE_STEPS = 10, BEAT_STEPS = 2, KEPT = 500 };

struct message {
    struct message *next;
    uint64_t n;
    int64_t at_mono;
    char owner[96];
    char *text;
};

struct restream {
    struct message *first, **end;
    uint64_t n;
    int count;
};

void sim_restream_feed_open(struct sim *sim)
{
    struct restream *r = calloc(1, sizeof *r);

    if (r == NULL)
        abort();
    r->end = &r->first;
    sim->state[SIM_RESTREAM] = r;
}

static void drop_first(struct restream *r)
{
    struct message *m = r->first;

    r->first = m->next;
    if (r->first == NULL)
        r->end = &r->first;
    r->count--;
    free(m->text);
    free(m);
}

void sim_restream_feed_close(struct sim *sim, int index)
{
    struct restream *r = sim->state[index];

    while (r != NULL && r->first != NULL)
        drop_first(r);
    free(r);
}

static void say(struct sim *sim, const char *owner, cJSON *message)
{
    struct restream *r = sim->state[SIM_RESTREAM];
    struct message *m = calloc(1, sizeof *m);
    struct text t;

    if (m == NULL)
        abort();
    text_init(&t, 65536);
    json_print(&t, message);
    cJSON_Delete(message);
    m->n = ++r->n;
    m->at_mono = clock_mono();
    m->text = text_take(&t);
    text_copy_to(m->owner, sizeof m->owner, owner);
    *r->end = m;
    r->end = &m->next;
    if (++r->count > KEPT)
        drop_first(r);
}

/* ---- messages ---- */

/* eventId stands only where the event has a key of its own. */
static cJSON *begin(const struct sim_object *event, const char *action)
{
    bool instant = json_bool(event->fields, "isInstant", false);
    cJSON *out = cJSON_CreateObject();
    int64_t started = 0;

    json_int(event->fields, "startedMs", &started);
    cJSON_AddStringToObject(out, "action", action);
    cJSON_AddNumberToObject(out, "userId", strtod(event->owner, NULL));
    cJSON_AddItemToObject(out, "eventId",
                          instant ? cJSON_CreateNull() : cJSON_CreateString(event->id));
    cJSON_AddNumberToObject(out, "createdAt", (double)(started / 1000));
    return out;
}

static void incoming(struct sim *sim, const struct sim_object *event)
{
    cJSON *out = begin(event, "updateIncoming");
    cJSON *streaming = cJSON_AddObjectToObject(out, "streaming");

    cJSON_AddStringToObject(out, "suid", event->id);
    cJSON_AddNumberToObject(streaming, "fps", 30);
    cJSON_AddNumberToObject(streaming, "keyframeInterval", 2);
    cJSON_AddNumberToObject(streaming, "lossRate", 0);
    cJSON *bitrate = cJSON_AddObjectToObject(streaming, "bitrate");
    cJSON_AddNumberToObject(bitrate, "total", 4640000);
    cJSON_AddNumberToObject(bitrate, "audio", 128000);
    cJSON_AddNumberToObject(bitrate, "video", 4512000);
    cJSON *codec = cJSON_AddObjectToObject(streaming, "codec");
    cJSON_AddStringToObject(codec, "audio", "aac");
    cJSON_AddStringToObject(codec, "video", "h264");
    cJSON_AddStringToObject(streaming, "profileAndLevel", "High 4.1");
    cJSON_AddNumberToObject(streaming, "height", 1080);
    cJSON_AddNumberToObject(streaming, "width", 1920);
    say(sim, event->owner, out);
}

struct round {
    struct sim *sim;
    const struct sim_object *event;
    const char *status; /* of each outgoing; NULL: it ends */
};

static cJSON *begin_target(const struct round *r, const struct sim_object *channel,
                           const char *action)
{
    const char *identifier = json_string(channel->fields, "identifier");
    cJSON *out = begin(r->event, action);

    cJSON_AddNumberToObject(out, "platformId", (double)sim_restream_platform_of(channel));
    cJSON_AddNumberToObject(out, "channelId", strtod(channel->id, NULL));
    cJSON_AddStringToObject(out, "channelIdentifier", identifier != NULL ? identifier : "");
    cJSON_AddStringToObject(out, "eventIdentifier", "");
    return out;
}

static void outgoing(void *whom, struct sim_object *channel)
{
    const struct round *r = whom;
    bool on = r->status != NULL, connected = on && strcmp(r->status, "CONNECTED") == 0;
    cJSON *out = begin_target(r, channel, on ? "updateOutgoing" : "deleteOutgoing");

    if (on) {
        cJSON *streaming = cJSON_AddObjectToObject(out, "streaming");
        cJSON_AddStringToObject(streaming, "status", r->status);
        cJSON_AddNumberToObject(streaming, "bitrate", connected ? 4510000 : 0);
        cJSON_AddNumberToObject(streaming, "bufferedBytes", 0);
    }
    say(r->sim, r->event->owner, out);
    if (!connected)
        return; /* there is no last word of "online": false */
    out = begin_target(r, channel, "updateStatuses");
    cJSON_AddNumberToObject(out, "updatedAt", (double)(clock_now() / 1000));
    cJSON_AddBoolToObject(out, "online", true);
    cJSON_AddNumberToObject(out, "viewers", 41);
    cJSON_AddNumberToObject(out, "followers", 812);
    cJSON_AddStringToObject(out, "title", r->event->title != NULL ? r->event->title : "");
    cJSON_AddNullToObject(out, "gameTitle");
    cJSON_AddNullToObject(out, "channelViews");
    cJSON_AddNullToObject(out, "streamViews");
    say(r->sim, r->event->owner, out);
}

static void targets(struct sim *sim, const struct sim_object *event, const char *status)
{
    struct round r = { .sim = sim, .event = event, .status = status };

    sim_restream_targets(sim, event, outgoing, &r);
}

/* ---- what happens ---- */

void sim_restream_feed_began(struct sim *sim, struct sim_object *event)
{
    struct sim_object *ingest = sim_object_find(sim, SIM_RESTREAM, "ingest", event->owner);

    incoming(sim, event);
    targets(sim, event, "CONNECTING");
    if (ingest != NULL && ingest->due_mono == 0)
        sim_object_later(ingest, (int64_t)sim->step_ms * BEAT_STEPS);
}

void sim_restream_feed_stopped(struct sim *sim, struct sim_object *event)
{
    cJSON *out = begin(event, "deleteIncoming");

    cJSON_AddStringToObject(out, "suid", event->id);
    say(sim, event->owner, out);
    targets(sim, event, NULL);
}

/* The account's heart beats as long as anything of it is on air. */
void sim_restream_feed_beat(struct sim *sim, struct sim_object *ingest)
{
    bool any = false;

    for (struct sim_object *o = sim->objects; o != NULL; o = o->next) {
        if (o->platform != SIM_RESTREAM || o->deleted || strcmp(o->kind, "event") != 0 ||
            strcmp(o->owner, ingest->owner) != 0 || !sim_object_is(o, "in-progress"))
            continue;
        any = true;
        if (json_bool(o->fields, "isInstant", false) ? !ingest->sending : !o->sending)
            continue;
        incoming(sim, o);
        targets(sim, o, "CONNECTED");
    }
    if (any)
        sim_object_later(ingest, (int64_t)sim->step_ms * BEAT_STEPS);
}

/* ---- listening ---- */

/* GET /ws?accessToken=…, really at streaming.api.restream.io. What a bad token meets is not
 * confirmed: 401 before the upgrade. */
void sim_restream_listen(struct sim_call *c)
{
    const char *value = sim_query(c, "accessToken");
    struct sim_token *t = NULL;

    c->grant = value != NULL ? sim_token_find(c->sim, SIM_RESTREAM, value, &t) : NULL;
    if (c->grant == NULL || !sim_token_alive(c->grant, t)) {
        sim_restream_error(c, 401, "invalid_token", "Invalid token: access token is invalid");
        return;
    }
    if (!sim_word_in(c->grant->scope, "stream.read")) {
        sim_restream_error(c, 403, "insufficient_scope",
                           "Insufficient scope: stream.read is required");
        return;
    }
    struct sim_socket *s = sim_socket_accept(c);
    if (s == NULL)
        return;
    text_copy_to(s->token, sizeof s->token, value);
    text_copy_to(s->owner, sizeof s->owner, sim_restream_owner(c));
}

/* That a token which dies closes its socket is not confirmed: the stricter reading. */
void sim_restream_feed(struct sim *sim, struct sim_socket *s)
{
    const struct restream *r = sim->state[SIM_RESTREAM];
    struct sim_token *t = NULL;
    struct sim_grant *g = sim_token_find(sim, SIM_RESTREAM, s->token, &t);
    int64_t oldest = clock_mono() - (int64_t)sim->step_ms * MINUTE_STEPS;

    if (g == NULL || !sim_token_alive(g, t)) {
        sim_socket_close(s, 1008);
        return;
    }
    for (const struct message *m = r->first; m != NULL; m = m->next) {
        if (m->n <= s->told)
            continue;
        s->told = m->n;
        if (m->at_mono >= oldest && strcmp(m->owner, s->owner) == 0)
            sim_socket_send(s, m->text);
    }
}

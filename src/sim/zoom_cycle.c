/* Zoom meetings while they run: opened by the host's start_url, ended by REST or by the host; the
 * live stream out of them. */
#include "sim/zoom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

static void start(struct sim *sim, struct sim_object *o)
{
    char uuid[25];

    sim_object_state(o, "started");
    /* Each instance has a uuid of its own. */
    if (json_at(o->fields, "endedMs") != NULL) {
        sim_random_text(sim, uuid, 22, sim_alnum);
        memcpy(uuid + 22, "==", 3);
        sim_put_string(o->fields, "uuid", uuid);
    }
    sim_put_number(o->fields, "startedMs", (double)clock_now());
    sim_put_number(o->fields, "participants", 1);
    sim_zoom_notice(sim, o, "meeting.started");
}

static void end(struct sim *sim, struct sim_object *o)
{
    sim_object_state(o, "ended");
    sim_put_number(o->fields, "endedMs", (double)clock_now());
    sim_put_string(o->fields, "pastUuid", json_string(o->fields, "uuid"));
    sim_put(o->fields, "streaming", NULL);
    sim_zoom_notice(sim, o, "meeting.ended");
}

static void joined(struct sim *sim, struct sim_object *o)
{
    int64_t people = 0;

    json_int(o->fields, "participants", &people);
    sim_put_number(o->fields, "participants", (double)people + 1);
    sim_zoom_notice(sim, o, "meeting.participant_joined");
}

/* What is answered when the meeting does not run is not confirmed: an error, the stricter reading.
 */
void sim_zoom_status(struct sim_call *c)
{
    struct sim_object *o = sim_zoom_meeting(c, c->capture[0]);
    const char *action = json_string(c->json, "action");

    if (o == NULL)
        return;
    if (action == NULL || !sim_word_in("end recover", action)) {
        sim_zoom_invalid(c, "action", "Invalid field.");
    } else if (strcmp(action, "recover") == 0) {
        sim_zoom_error(c, 400, 3000, "The meeting has not been deleted.");
    } else if (!sim_object_is(o, "started")) {
        sim_zoom_error(c, 400, 4927, "Meeting %s has not started.", o->id);
    } else {
        end(c->sim, o);
        sim_reply_empty(&c->reply, 204);
    }
}

void sim_zoom_invitation(struct sim_call *c)
{
    struct sim_object *o = sim_zoom_meeting(c, c->capture[0]);
    struct text t;

    if (o == NULL)
        return;
    text_init(&t, 4096);
    text_addf(&t,
              "%s is inviting you to a scheduled Zoom meeting.\r\n\r\nTopic: %s\r\n\r\nJoin Zoom "
              "Meeting\r\n%s\r\n",
              sim_zoom_host(o)->name, o->title, json_string(o->fields, "join_url"));
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "invitation", text_str(&t));
    sim_reply_json(&c->reply, 200, out);
    text_release(&t);
}

/* ---- the live stream ---- */

void sim_zoom_livestream_get(struct sim_call *c)
{
    static const char *const members[] = { "stream_url", "stream_key", "page_url", "resolution" };
    struct sim_object *o = sim_zoom_meeting(c, c->capture[0]);

    if (o == NULL)
        return;
    cJSON *out = cJSON_CreateObject(), *stream = sim_fields(o, "livestream");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const char *value = json_string(stream, members[i]);
        cJSON_AddStringToObject(out, members[i], value != NULL ? value : "");
    }
    sim_reply_json(&c->reply, 200, out);
}

void sim_zoom_livestream_set(struct sim_call *c)
{
    static const char *const needed[] = { "stream_url", "stream_key", "page_url" };
    struct sim_object *o = sim_zoom_meeting(c, c->capture[0]);
    const char *resolution = json_string(c->json, "resolution");

    if (o == NULL)
        return;
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        const char *value = json_string(c->json, needed[i]);
        if (value == NULL || value[0] == '\0') {
            sim_zoom_invalid(c, needed[i], "Invalid field.");
            return;
        }
    }
    if (resolution != NULL && !sim_word_in("720p 1080p", resolution)) {
        sim_zoom_invalid(c, "resolution", "Invalid field.");
    } else if (text_equal(json_string(o->fields, "settings.encryption_type"), "e2ee")) {
        sim_zoom_error(c, 400, 4400,
                       "Live streaming is not available in an end-to-end encrypted meeting.");
    } else {
        sim_put(o->fields, "livestream", cJSON_Duplicate(c->json, true));
        sim_reply_empty(&c->reply, 204);
    }
}

void sim_zoom_livestream_status(struct sim_call *c)
{
    struct sim_object *o = sim_zoom_meeting(c, c->capture[0]);
    const char *action = json_string(c->json, "action");

    if (o == NULL)
        return;
    if (action == NULL || !sim_word_in("start stop mode", action)) {
        sim_zoom_invalid(c, "action", "Invalid field.");
    } else if (!sim_object_is(o, "started")) {
        sim_zoom_error(c, 400, 4927, "Meeting %s has not started.", o->id);
    } else if (json_string(o->fields, "livestream.stream_url") == NULL) {
        sim_zoom_error(c, 400, 3000,
                       "The meeting is not configured with a custom streaming service.");
    } else {
        bool on = strcmp(action, "start") == 0;
        sim_put_bool(o->fields, "streaming", on);
        if (strcmp(action, "mode") != 0)
            sim_zoom_notice(c->sim, o,
                            on ? "meeting.live_streaming_started"
                               : "meeting.live_streaming_stopped");
        sim_reply_empty(&c->reply, 204);
    }
}

/* ---- what a browser opens ---- */

void sim_zoom_start_page(struct sim_call *c)
{
    struct sim_object *o = sim_object_find(c->sim, SIM_ZOOM, "meeting", c->capture[0]);
    const char *zak = sim_query(c, "zak");

    if (o == NULL) {
        sim_reply_page(&c->reply, 404, "Invalid meeting ID", "Please check and try again.");
    } else if (zak == NULL || !sim_same(zak, json_string(o->fields, "zak"))) {
        sim_reply_page(&c->reply, 403, "Sign in to start this meeting", "This link has expired.");
    } else {
        if (!sim_object_is(o, "started"))
            start(c->sim, o);
        sim_reply_page(&c->reply, 200, o->title, "The meeting has started; you are its host.");
    }
}

void sim_zoom_join_page(struct sim_call *c)
{
    struct sim_object *o = sim_object_find(c->sim, SIM_ZOOM, "meeting", c->capture[0]);
    const char *pwd = sim_query(c, "pwd");

    if (o == NULL) {
        sim_reply_page(&c->reply, 404, "Invalid meeting ID", "Please check and try again.");
        return;
    }
    if (pwd == NULL || !sim_same(pwd, json_string(o->fields, "encrypted_password"))) {
        sim_reply_page(&c->reply, 403, "Enter meeting passcode",
                       "The passcode in this link is wrong.");
        return;
    }
    if (!sim_object_is(o, "started") && json_bool(o->fields, "settings.join_before_host", false))
        start(c->sim, o);
    if (sim_object_is(o, "started")) {
        joined(c->sim, o);
        sim_reply_page(&c->reply, 200, o->title, "You are in the meeting.");
    } else {
        sim_reply_page(&c->reply, 200, o->title, "Waiting for the host to start this meeting.");
    }
}

bool sim_zoom_remote(struct sim *sim, struct sim_object *o, const char *event, const cJSON *body,
                     struct error *err)
{
    const char *title = json_string(body, "title");
    bool running = sim_object_is(o, "started");

    if (strcmp(event, "started") == 0 && !running) {
        start(sim, o);
    } else if (strcmp(event, "ended") == 0 && running) {
        end(sim, o);
    } else if (strcmp(event, "participant_joined") == 0 && running) {
        joined(sim, o);
    } else if (strcmp(event, "deleted") == 0) {
        o->deleted = true;
        sim_zoom_notice(sim, o, "meeting.deleted");
    } else if (strcmp(event, "renamed") == 0) {
        sim_object_title(o, title != NULL ? title : "Renamed in the Zoom client");
        sim_zoom_notice(sim, o, "meeting.updated");
    } else {
        return error_set(err, ERROR_REFUSED, NULL, "%s cannot happen to a meeting that is %s.",
                         event, o->state);
    }
    return true;
}

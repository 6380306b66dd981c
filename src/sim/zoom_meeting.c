/* Zoom meetings: create, read, change, delete. */
#include "sim/zoom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

static void new_uuid(struct sim *sim, struct sim_object *o)
{
    char uuid[25];

    sim_random_text(sim, uuid, 22, sim_alnum);
    memcpy(uuid + 22, "==", 3);
    sim_put_string(o->fields, "uuid", uuid);
}

static void add_links(struct sim *sim, struct sim_object *o)
{
    const char *passcode = json_string(o->fields, "password");
    char url[300], zak[32], pwd[24];

    sim_secret_text(sim, zak, 24, sim_alnum);
    sim_random_text(sim, pwd, 12, sim_alnum);
    sim_put_string(o->fields, "encrypted_password", pwd);
    snprintf(url, sizeof url, "%s/s/%s?zak=%s", sim->address[SIM_ZOOM], o->id, zak);
    sim_put_string(o->fields, "start_url", url);
    sim_put_string(o->fields, "zak", zak);
    if (passcode != NULL && passcode[0] != '\0')
        snprintf(url, sizeof url, "%s/j/%s?pwd=%s", sim->address[SIM_ZOOM], o->id, pwd);
    else
        snprintf(url, sizeof url, "%s/j/%s", sim->address[SIM_ZOOM], o->id);
    sim_put_string(o->fields, "join_url", url);
}

static void default_settings(struct sim_object *o)
{
    cJSON *settings = sim_fields(o, "settings");

    sim_put_bool(settings, "host_video", false);
    sim_put_bool(settings, "participant_video", false);
    sim_put_bool(settings, "join_before_host", false);
    sim_put_number(settings, "jbh_time", 0);
    sim_put_bool(settings, "mute_upon_entry", false);
    sim_put_bool(settings, "watermark", false);
    sim_put_bool(settings, "use_pmi", false);
    sim_put_number(settings, "approval_type", 2);
    sim_put_string(settings, "audio", "both");
    sim_put_string(settings, "auto_recording", "none");
    sim_put_bool(settings, "waiting_room", false);
    sim_put_bool(settings, "meeting_authentication", false);
    sim_put_string(settings, "alternative_hosts", "");
}

/* Takes over what the body says; a past start is now on create and nothing on update, without a
 * word. */
static void write_body(struct sim_call *c, struct sim_object *o, bool create)
{
    static const char *const copied[] = { "agenda",   "type",       "duration",
                                          "timezone", "recurrence", "password" };
    const char *topic = json_string(c->json, "topic"), *start = json_string(c->json, "start_time");
    const cJSON *settings = json_at(c->json, "settings");
    int64_t at, type, now = clock_now() / 1000 * 1000;

    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
        const cJSON *value = json_at(c->json, copied[i]);
        if (value != NULL)
            sim_put(o->fields, copied[i], cJSON_Duplicate(value, true));
    }
    if (topic != NULL)
        sim_object_title(o, topic);
    if (start != NULL && sim_zoom_time(start, json_string(o->fields, "timezone"), &at) && at >= now)
        o->start_ms = at;
    else if (create)
        o->start_ms = now;
    for (const cJSON *m = settings != NULL ? settings->child : NULL; m != NULL; m = m->next)
        sim_put(sim_fields(o, "settings"), m->string, cJSON_Duplicate(m, true));
    if (json_bool(o->fields, "settings.waiting_room", false))
        sim_put_bool(sim_fields(o, "settings"), "join_before_host", false);
    if (json_int(o->fields, "type", &type) && type != 8) { /* one that comes once again */
        sim_put(o->fields, "recurrence", NULL);
        sim_put(o->fields, "occurrences", NULL);
    }
    if (json_at(o->fields, "recurrence") != NULL)
        sim_zoom_occurrences(o);
}

/* Only where people sign up there is a form. */
static void add_registration(const struct sim_object *o, cJSON *out)
{
    const char *join = json_string(o->fields, "join_url"), *path;
    int64_t approval = 2;
    char url[300];

    json_int(o->fields, "settings.approval_type", &approval);
    path = join != NULL ? strstr(join, "/j/") : NULL;
    if (approval == 2 || path == NULL)
        return;
    snprintf(url, sizeof url, "%.*s/meeting/register/tZ%s", (int)(path - join), join, o->id);
    cJSON_AddStringToObject(out, "registration_url", url);
}

static cJSON *meeting_view(const struct sim_object *o)
{
    static const char *const copied[] = { "uuid",        "type",       "duration",
                                          "timezone",    "agenda",     "start_url",
                                          "join_url",    "password",   "encrypted_password",
                                          "occurrences", "recurrence", "settings" };
    cJSON *out = cJSON_CreateObject();
    int64_t type = 2;

    json_int(o->fields, "type", &type);
    cJSON_AddNumberToObject(out, "id", strtod(o->id, NULL));
    cJSON_AddStringToObject(out, "host_id", o->owner);
    cJSON_AddStringToObject(out, "host_email", sim_zoom_host(o)->email);
    cJSON_AddStringToObject(out, "topic", o->title != NULL ? o->title : "");
    /* One that has ended waits again: it can be opened anew. */
    cJSON_AddStringToObject(out, "status", sim_object_is(o, "started") ? "started" : "waiting");
    if (type == 2)
        sim_put_time(out, "start_time", o->start_ms);
    sim_put_time(out, "created_at", o->created_ms);
    cJSON_AddStringToObject(out, "creation_source", "open_api");
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
        const cJSON *value = json_at(o->fields, copied[i]);
        if (value != NULL)
            cJSON_AddItemToObject(out, copied[i], cJSON_Duplicate(value, true));
    }
    add_registration(o, out);
    return out;
}

void sim_zoom_create(struct sim_call *c)
{
    int account = sim_zoom_user(c, c->capture[0]);
    const char *host = account >= 0 ? sim_account_of(c->platform, c->grant)->id : "";
    char id[16], passcode[8];

    if (account < 0 || !sim_zoom_body_ok(c, NULL) || !sim_zoom_change_allowed(c, host))
        return;
    id[0] = '9';
    sim_random_text(c->sim, id + 1, 10, sim_digits);
    struct sim_object *o = sim_object_new(c->sim, SIM_ZOOM, "meeting", id, host);
    sim_object_title(o, "Zoom Meeting");
    sim_object_state(o, "waiting");
    new_uuid(c->sim, o);
    sim_put_number(o->fields, "type", 2);
    sim_put_number(o->fields, "duration", 60);
    sim_put_string(o->fields, "timezone", "Europe/London");
    /* The account's policy wants a passcode, also where none was sent. */
    sim_random_text(c->sim, passcode, 6, sim_digits);
    sim_put_string(o->fields, "password", passcode);
    default_settings(o);
    write_body(c, o, true);
    if (text_equal(json_string(o->fields, "password"), ""))
        sim_put_string(o->fields, "password", passcode);
    add_links(c->sim, o);
    sim_zoom_notice(c->sim, o, "meeting.created");
    sim_reply_json(&c->reply, 201, meeting_view(o));
}

void sim_zoom_get(struct sim_call *c)
{
    struct sim_object *o = sim_zoom_meeting(c, c->capture[0]);

    if (o != NULL)
        sim_reply_json(&c->reply, 200, meeting_view(o));
}

/* The occurrence that the query names. */
static cJSON *occurrence(struct sim_call *c, struct sim_object *o)
{
    const char *id = sim_query(c, "occurrence_id");

    for (cJSON *one = (cJSON *)(uintptr_t)json_at(o->fields, "occurrences.0"); one != NULL;
         one = one->next)
        if (text_equal(json_string(one, "occurrence_id"), id))
            return one;
    sim_zoom_error(c, 400, 300, "Invalid parameter: occurrence_id.");
    return NULL;
}

static void update_occurrence(struct sim_call *c, struct sim_object *o)
{
    const char *start = json_string(c->json, "start_time");
    const cJSON *duration = json_at(c->json, "duration");
    cJSON *one = occurrence(c, o);
    int64_t at;

    if (one == NULL)
        return;
    if (start != NULL && sim_zoom_time(start, json_string(o->fields, "timezone"), &at) &&
        at >= clock_now())
        sim_put_time(one, "start_time", at);
    if (duration != NULL)
        sim_put(one, "duration", cJSON_Duplicate(duration, true));
}

void sim_zoom_update(struct sim_call *c)
{
    struct sim_object *o = sim_zoom_meeting(c, c->capture[0]);

    if (o == NULL || !sim_zoom_body_ok(c, o) || !sim_zoom_change_allowed(c, o->owner))
        return;
    if (sim_query(c, "occurrence_id") != NULL)
        update_occurrence(c, o);
    else
        write_body(c, o, false);
    if (c->reply.status != 0)
        return;
    sim_zoom_notice(c->sim, o, "meeting.updated");
    sim_reply_empty(&c->reply, 204);
}

void sim_zoom_delete(struct sim_call *c)
{
    struct sim_object *o = sim_zoom_meeting(c, c->capture[0]);

    if (o == NULL)
        return;
    if (sim_query(c, "occurrence_id") != NULL) {
        cJSON *one = occurrence(c, o);
        if (one == NULL)
            return;
        sim_put_string(one, "status", "deleted");
        sim_reply_empty(&c->reply, 204);
        return;
    }
    if (sim_object_is(o, "started")) { /* only an older list of errors tells of this one */
        sim_zoom_error(c, 400, 3002,
                       "Sorry, you cannot delete this meeting since it is in progress.");
        return;
    }
    o->deleted = true;
    sim_zoom_notice(c->sim, o, "meeting.deleted");
    sim_reply_empty(&c->reply, 204);
}

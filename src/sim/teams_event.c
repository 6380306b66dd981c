/* Calendar events with a Teams link: create (once for a transactionId), read, change, delete,
 * cancel. The link is there a step after the create; of a personal account it never is. */
#include "sim/teams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/clock.h>

const char sim_teams_event_members[] =
    "id changeKey createdDateTime lastModifiedDateTime transactionId iCalUId subject bodyPreview "
    "body start end attendees location locations organizer isOrganizer isOnlineMeeting "
    "onlineMeetingProvider onlineMeetingUrl onlineMeeting recurrence type seriesMasterId "
    "originalStart originalStartTimeZone originalEndTimeZone webLink importance sensitivity showAs "
    "isAllDay isCancelled isDraft isReminderOn reminderMinutesBeforeStart responseRequested "
    "responseStatus allowNewTimeProposals hideAttendees categories hasAttachments";

int64_t sim_teams_event_end(const struct sim_object *o)
{
    int64_t ms = o->start_ms;

    json_int(o->fields, "sim.endMs", &ms);
    return ms;
}

int64_t sim_teams_event_serial(const struct sim_object *o)
{
    int64_t serial = 0;

    json_int(o->fields, "sim.serial", &serial);
    return serial;
}

struct sim_object *sim_teams_event_find(struct sim *sim, const char *owner, const char *id)
{
    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_TEAMS && !o->deleted && strcmp(o->kind, "event") == 0 &&
            strcmp(o->id, id) == 0 && strcmp(o->owner, owner) == 0)
            return o;
    return NULL;
}

static void put_time(cJSON *object, const char *key, int64_t ms, const char *zone, const char *name)
{
    char at[SIM_WALL_SIZE], text[SIM_WALL_SIZE + 8];
    cJSON *time = cJSON_CreateObject();

    sim_wall_print(at, zone, ms);
    snprintf(text, sizeof text, "%s.0000000", at);
    cJSON_AddStringToObject(time, "dateTime", text);
    cJSON_AddStringToObject(time, "timeZone", name);
    sim_put(object, key, time);
}

cJSON *sim_teams_event_view(const struct sim_object *o, const char *zone, const char *name)
{
    cJSON *out = cJSON_Duplicate(o->fields, true);
    char etag[64];

    cJSON_DeleteItemFromObjectCaseSensitive(out, "sim");
    snprintf(etag, sizeof etag, "W/\"%s\"", json_string(o->fields, "changeKey"));
    cJSON_AddStringToObject(out, "@odata.etag", etag);
    put_time(out, "start", o->start_ms, zone, name);
    put_time(out, "end", sim_teams_event_end(o), zone, name);
    return out;
}

void sim_teams_event_touch(struct sim *sim, struct sim_object *o)
{
    char at[CLOCK_RFC3339_SIZE], key[64];
    int64_t serial = 0;

    for (const struct sim_object *other = sim->objects; other != NULL; other = other->next)
        if (other->platform == SIM_TEAMS && sim_teams_event_serial(other) > serial)
            serial = sim_teams_event_serial(other);
    sim_put_number(sim_fields(o, "sim"), "serial", (double)++serial);
    clock_rfc3339(at, clock_now());
    sim_put_string(o->fields, "lastModifiedDateTime", at);
    snprintf(key, sizeof key, "NEXywgsVrkeNsFsyVyRrtAAASB%05lldEsA==", (long long)serial);
    sim_put_string(o->fields, "changeKey", key);
    const char *subject = json_string(o->fields, "subject");
    sim_object_title(o, subject != NULL ? subject : "");
}

void sim_teams_event_drop(struct sim *sim, struct sim_object *o)
{
    o->deleted = true;
    sim_object_state(o, "cancelled");
    sim_teams_event_touch(sim, o);
    for (struct sim_object *other = sim->objects; other != NULL; other = other->next)
        if (other->platform == SIM_TEAMS && !other->deleted &&
            text_equal(json_string(other->fields, "seriesMasterId"), o->id))
            sim_teams_event_drop(sim, other);
}

/* ---- the link ---- */

static struct sim_object *meeting_of(struct sim *sim, const struct sim_object *o)
{
    const char *id = json_string(o->fields, "sim.meeting");

    return id != NULL ? sim_object_find(sim, SIM_TEAMS, "onlineMeeting", id) : NULL;
}

static int account_of(const struct sim_object *o)
{
    int i = 0;

    while (sim_teams_accounts[i].id != NULL && strcmp(sim_teams_accounts[i].id, o->owner) != 0)
        i++;
    return i;
}

void sim_teams_event_due(struct sim *sim, struct sim_object *o)
{
    if (o->deleted || meeting_of(sim, o) != NULL || !json_bool(o->fields, "isOnlineMeeting", false))
        return;
    struct sim_object *meeting =
        sim_teams_meeting_new(sim, account_of(o), o->title, o->start_ms, sim_teams_event_end(o));
    cJSON *info = cJSON_CreateObject();
    cJSON_AddStringToObject(info, "joinUrl", json_string(meeting->fields, "joinWebUrl"));
    cJSON_AddStringToObject(info, "conferenceId",
                            json_string(meeting->fields, "audioConferencing.conferenceId"));
    cJSON_AddStringToObject(info, "tollNumber", "+44 20 3855 0166");
    sim_put(o->fields, "onlineMeeting", info);
    sim_put_string(sim_fields(o, "sim"), "meeting", meeting->id);
    sim_put_string(sim_fields(meeting, "sim"), "event", o->id);
    sim_teams_event_touch(sim, o);
}

/* Once online, an event stays so, and later words about it are passed over. */
static void online_take(struct sim_call *c, struct sim_object *o)
{
    bool wanted = json_bool(c->json, "isOnlineMeeting", false);
    const char *provider = json_string(c->json, "onlineMeetingProvider");

    if (json_bool(o->fields, "isOnlineMeeting", false))
        return;
    /* A personal account's event is made, with 201, but no link comes of it. */
    bool personal = sim_teams_people[c->owner].personal;
    wanted = wanted || (provider != NULL && strcasecmp(provider, "teamsForBusiness") == 0);
    sim_put_bool(o->fields, "isOnlineMeeting", wanted && !personal);
    sim_put_string(o->fields, "onlineMeetingProvider",
                   wanted && !personal ? "teamsForBusiness" : "unknown");
    sim_put(o->fields, "onlineMeetingUrl", cJSON_CreateNull());
    sim_put(o->fields, "onlineMeeting", cJSON_CreateNull());
    if (wanted && !personal)
        sim_object_later(o, c->sim->step_ms);
}

/* ---- writing ---- */

static void take_body(struct sim_call *c, struct sim_object *o, const struct sim_teams_times *times)
{
    for (const cJSON *m = c->json->child; m != NULL; m = m->next)
        if (!sim_word_in("start end isOnlineMeeting onlineMeetingProvider @odata.type "
                         "singleValueExtendedProperties",
                         m->string))
            sim_put(o->fields, m->string, cJSON_Duplicate(m, true));
    const char *name = json_string(c->json, "start.timeZone");
    if (json_at(c->json, "start") != NULL)
        sim_put_string(o->fields, "originalStartTimeZone", name != NULL ? name : "UTC");
    if (cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(o->fields, "recurrence")))
        sim_put(o->fields, "recurrence", NULL);
    if (!text_equal(json_string(o->fields, "type"), "exception"))
        sim_put_string(o->fields, "type",
                       json_at(o->fields, "recurrence") != NULL ? "seriesMaster"
                                                                : "singleInstance");
    o->start_ms = times->start_ms;
    sim_put_number(sim_fields(o, "sim"), "endMs", (double)times->end_ms);
    sim_put_string(sim_fields(o, "sim"), "zone", times->zone);
    online_take(c, o);
    sim_teams_event_touch(c->sim, o);
}

static bool provider_ok(struct sim_call *c)
{
    const char *provider = json_string(c->json, "onlineMeetingProvider");

    if (provider == NULL || sim_teams_people[c->owner].personal ||
        strcasecmp(provider, "teamsForBusiness") == 0 || strcasecmp(provider, "unknown") == 0)
        return true;
    sim_teams_error(c, 400, "ErrorInvalidRequest",
                    "The online meeting provider '%s' is not allowed on this calendar.", provider);
    return false;
}

/* The event that an earlier request with the same transactionId has made. */
static struct sim_object *made_before(struct sim_call *c)
{
    const char *id = json_string(c->json, "transactionId");

    for (struct sim_object *o = c->sim->objects; id != NULL && o != NULL; o = o->next)
        if (o->platform == SIM_TEAMS && !o->deleted && strcmp(o->kind, "event") == 0 &&
            strcmp(o->owner, sim_teams_accounts[c->owner].id) == 0 &&
            text_equal(json_string(o->fields, "transactionId"), id))
            return o;
    return NULL;
}

static void add_constants(struct sim_call *c, struct sim_object *o)
{
    const struct sim_account *who = &sim_teams_accounts[c->owner];
    char text[200], at[CLOCK_RFC3339_SIZE];

    clock_rfc3339(at, o->created_ms);
    sim_put_string(o->fields, "id", o->id);
    sim_put_string(o->fields, "createdDateTime", at);
    sim_random_text(c->sim, text, 32, "0123456789ABCDEF");
    sim_put_string(o->fields, "iCalUId", text);
    snprintf(text, sizeof text, "%s/owa/?itemid=%s", c->sim->address[SIM_TEAMS], o->id);
    sim_put_string(o->fields, "webLink", text);
    sim_put_bool(o->fields, "isOrganizer", true);
    sim_put_bool(o->fields, "isCancelled", false);
    cJSON *address =
        cJSON_AddObjectToObject(cJSON_AddObjectToObject(o->fields, "organizer"), "emailAddress");
    cJSON_AddStringToObject(address, "name", who->name);
    cJSON_AddStringToObject(address, "address", who->email);
}

void sim_teams_event_create(struct sim_call *c)
{
    struct sim_teams_times times = { .start_ms = 0 };
    char id[64], name[64];
    const char *zone = sim_teams_zone(c, name, sizeof name);

    if (zone == NULL || !sim_teams_event_ok(c, NULL, &times) || !provider_ok(c))
        return;
    struct sim_object *o = made_before(c);
    if (o == NULL) {
        memcpy(id, "AAMk", 4);
        sim_random_text(c->sim, id + 4, 52, sim_b64url);
        memcpy(id + 56, "=", 2);
        o = sim_object_new(c->sim, SIM_TEAMS, "event", id, sim_teams_accounts[c->owner].id);
        sim_object_state(o, "scheduled");
        add_constants(c, o);
        take_body(c, o, &times);
    }
    sim_teams_send(c, 201, "events", NULL, sim_teams_event_view(o, zone, name));
}

static void gone(struct sim_call *c)
{
    sim_teams_error(c, 404, "ErrorItemNotFound",
                    "The specified object was not found in the store.");
}

void sim_teams_event_get(struct sim_call *c)
{
    char name[64];
    const char *zone = sim_teams_zone(c, name, sizeof name);
    struct sim_object *o =
        sim_teams_event_find(c->sim, sim_teams_accounts[c->owner].id, c->capture[0]);

    if (zone == NULL)
        return;
    cJSON *view = o != NULL ? sim_teams_event_view(o, zone, name)
                            : sim_teams_occurrence_view(c, c->capture[0], zone, name);
    if (view != NULL)
        sim_teams_send(c, 200, "events", sim_teams_event_members, view);
    else
        gone(c);
}

/* The living event in the path, an occurrence made one; If-Match heeded. NULL: refused already. */
static struct sim_object *to_change(struct sim_call *c)
{
    const char *match = sim_header(c, "if-match");
    struct sim_object *o =
        sim_teams_event_find(c->sim, sim_teams_accounts[c->owner].id, c->capture[0]);

    if (o == NULL)
        o = sim_teams_occurrence(c, c->capture[0]);
    if (o == NULL) {
        gone(c);
        return NULL;
    }
    if (match == NULL || strcmp(match, "*") == 0 ||
        strstr(match, json_string(o->fields, "changeKey")) != NULL)
        return o;
    sim_teams_error(c, 412, "ErrorIrresolvableConflict",
                    "The send or update operation could not be performed because the change key "
                    "passed in the request does not match the current change key for the item.");
    return NULL;
}

void sim_teams_event_update(struct sim_call *c)
{
    char name[64];
    const char *zone = sim_teams_zone(c, name, sizeof name);
    struct sim_object *o = zone != NULL ? to_change(c) : NULL;

    if (o == NULL)
        return;
    struct sim_teams_times times = { .start_ms = o->start_ms, .end_ms = sim_teams_event_end(o) };
    const char *own = json_string(o->fields, "sim.zone");
    text_copy_to(times.zone, sizeof times.zone, own != NULL ? own : "Etc/UTC");
    if (!sim_teams_event_ok(c, o, &times) || !provider_ok(c))
        return;
    take_body(c, o, &times);
    struct sim_object *meeting = meeting_of(c->sim, o);
    if (meeting != NULL && !text_equal(json_string(o->fields, "type"), "exception")) {
        sim_object_title(meeting, o->title);
        sim_put_string(meeting->fields, "subject", o->title);
        sim_teams_meeting_times(meeting, o->start_ms, sim_teams_event_end(o));
    }
    sim_teams_send(c, 200, "events", NULL, sim_teams_event_view(o, zone, name));
}

/* What becomes of the meeting behind a deleted event is not confirmed: it stays. */
void sim_teams_event_delete(struct sim_call *c)
{
    struct sim_object *o = to_change(c);

    if (o == NULL)
        return;
    sim_teams_event_drop(c->sim, o);
    sim_reply_empty(&c->reply, 204);
}

/* The reference says 202, the specification 204; whoever calls takes either. */
void sim_teams_event_cancel(struct sim_call *c)
{
    if (c->length > 0 && !sim_teams_body(c))
        return;
    for (const cJSON *m = c->json != NULL ? c->json->child : NULL; m != NULL; m = m->next) {
        if (strcasecmp(m->string, "comment") == 0 && (cJSON_IsString(m) || cJSON_IsNull(m)))
            continue;
        sim_teams_bad(c, "The parameter '%s' in the request payload is not a valid parameter.",
                      m->string);
        return;
    }
    struct sim_object *o = to_change(c);
    if (o == NULL)
        return;
    sim_teams_event_drop(c->sim, o);
    sim_reply_empty(&c->reply, 202);
}

/* Online meetings: made alone or behind an event, found by their link, changed, deleted. None shows
 * in a calendar by itself, and none can be started or ended here. */
#include "sim/teams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/clock.h>

enum { HOUR_MS = 3600000 };

void sim_teams_meeting_times(struct sim_object *o, int64_t start_ms, int64_t end_ms)
{
    o->start_ms = start_ms;
    sim_put_time(o->fields, "startDateTime", start_ms);
    sim_put_time(o->fields, "endDateTime", end_ms);
    sim_put_time(o->fields, "expiryDateTime", end_ms + 60LL * 24 * HOUR_MS);
}

static void add_link(struct sim *sim, struct sim_object *o, int owner)
{
    char thread[64], url[400];

    memcpy(thread, "19:meeting_", 11);
    sim_random_text(sim, thread + 11, 20, sim_alnum);
    /* Really https://teams.microsoft.com/l/…. Nobody in a rehearsal shall land in a real call. */
    snprintf(url, sizeof url,
             "%s/l/meetup-join/19%%3ameeting_%s%%40thread.v2/0?context=%%7b%%22Tid%%22%%3a%%22%s"
             "%%22%%2c%%22Oid%%22%%3a%%22%s%%22%%7d",
             sim->address[SIM_TEAMS], thread + 11, sim_teams_people[owner].tenant,
             sim_teams_accounts[owner].id);
    sim_put_string(o->fields, "joinWebUrl", url);
    snprintf(url, sizeof url, "%s@thread.v2", thread);
    cJSON *chat = cJSON_AddObjectToObject(o->fields, "chatInfo");
    cJSON_AddStringToObject(chat, "threadId", url);
    cJSON_AddStringToObject(chat, "messageId", "0");
}

static void add_defaults(struct sim *sim, struct sim_object *o, int owner)
{
    const struct sim_account *who = &sim_teams_accounts[owner];
    cJSON *lobby = cJSON_AddObjectToObject(o->fields, "lobbyBypassSettings");
    cJSON *join = cJSON_AddObjectToObject(o->fields, "joinMeetingIdSettings");
    cJSON *audio = cJSON_AddObjectToObject(o->fields, "audioConferencing");
    char text[24];

    cJSON_AddStringToObject(lobby, "scope", "organization");
    cJSON_AddBoolToObject(lobby, "isDialInBypassEnabled", false);
    cJSON_AddBoolToObject(join, "isPasscodeRequired", true);
    sim_random_text(sim, text, 11, sim_digits);
    cJSON_AddStringToObject(join, "joinMeetingId", text);
    sim_random_text(sim, text, 6, sim_alnum);
    cJSON_AddStringToObject(join, "passcode", text);
    sim_random_text(sim, text, 9, sim_digits);
    cJSON_AddStringToObject(audio, "conferenceId", text);
    cJSON_AddStringToObject(audio, "tollNumber", "+44 20 3855 0166");
    sim_put_string(o->fields, "allowedPresenters", "everyone");
    sim_put_string(o->fields, "allowMeetingChat", "enabled");
    sim_put_bool(o->fields, "recordAutomatically", false);
    sim_put_bool(o->fields, "allowAttendeeToEnableMic", true);
    sim_put_bool(o->fields, "allowAttendeeToEnableCamera", true);
    sim_put_bool(o->fields, "isBroadcast", false);
    cJSON *people = cJSON_AddObjectToObject(o->fields, "participants");
    cJSON *organizer = cJSON_AddObjectToObject(people, "organizer");
    cJSON_AddStringToObject(organizer, "upn", who->email);
    cJSON_AddStringToObject(organizer, "role", "presenter");
    cJSON *user = cJSON_AddObjectToObject(cJSON_AddObjectToObject(organizer, "identity"), "user");
    cJSON_AddStringToObject(user, "id", who->id);
    cJSON_AddStringToObject(user, "displayName", who->name);
    cJSON_AddArrayToObject(people, "attendees");
}

struct sim_object *sim_teams_meeting_new(struct sim *sim, int owner, const char *subject,
                                         int64_t start_ms, int64_t end_ms)
{
    char id[64], at[CLOCK_RFC3339_SIZE];

    memcpy(id, "MSp", 3);
    sim_random_text(sim, id + 3, 48, sim_alnum);
    struct sim_object *o =
        sim_object_new(sim, SIM_TEAMS, "onlineMeeting", id, sim_teams_accounts[owner].id);
    sim_object_state(o, "scheduled");
    sim_object_title(o, subject != NULL ? subject : "");
    sim_put_string(o->fields, "id", id);
    clock_rfc3339_s(at, o->created_ms);
    sim_put_string(o->fields, "creationDateTime", at);
    sim_put_string(o->fields, "subject", subject);
    sim_teams_meeting_times(o, start_ms, end_ms);
    add_link(sim, o, owner);
    add_defaults(sim, o, owner);
    return o;
}

/* ---- who may ---- */

/* May the caller work on online meetings of the path's owner at all? False: refused already. */
static bool meetings_ok(struct sim_call *c)
{
    const struct sim_teams_person *who = &sim_teams_people[c->owner];

    if (who->personal) { /* "not supported"; what is answered is not confirmed */
        sim_teams_error(c, 403, "Forbidden",
                        "Online meetings are not supported for personal accounts.");
    } else if (c->grant->machine && strcmp(c->capture[3], sim_teams_accounts[c->owner].id) != 0) {
        sim_teams_bad(c, "The user id must be the user's object id.");
    } else if (c->grant->machine && !who->policy) {
        sim_teams_error(c, 403, "Forbidden", "No application access policy found for this app.");
    } else {
        return true;
    }
    return false;
}

struct sim_object *sim_teams_meeting(struct sim_call *c)
{
    const char *id = c->capture[0];
    struct sim_object *o = sim_object_find(c->sim, SIM_TEAMS, "onlineMeeting", id);

    if (!meetings_ok(c))
        return NULL;
    if (!text_starts(id, "MS"))
        sim_teams_bad(c, "1026: An error has occurred.");
    else if (o == NULL)
        sim_teams_error(c, 404, "NotFound", "Meeting not found.");
    else if (strcmp(o->owner, sim_teams_accounts[c->owner].id) != 0)
        sim_teams_error(c, 404, "NotFound", "Organizer Id mismatch User Id.");
    else
        return o;
    return NULL;
}

static cJSON *view(const struct sim_object *o)
{
    cJSON *out = cJSON_Duplicate(o->fields, true);

    cJSON_DeleteItemFromObjectCaseSensitive(out, "sim");
    return out;
}

/* ---- writing ---- */

/* Sub-objects are merged, the list of attendees replaced. */
static void take_body(struct sim_call *c, struct sim_object *o)
{
    const cJSON *attendees = json_at(c->json, "participants.attendees");
    int64_t start, end;

    for (const cJSON *m = c->json->child; m != NULL; m = m->next) {
        if (sim_word_in("startDateTime endDateTime participants externalId @odata.type chatInfo",
                        m->string))
            continue;
        if (!cJSON_IsObject(m)) {
            sim_put(o->fields, m->string, cJSON_Duplicate(m, true));
            continue;
        }
        for (const cJSON *inner = m->child; inner != NULL; inner = inner->next)
            sim_put(sim_fields(o, m->string), inner->string, cJSON_Duplicate(inner, true));
    }
    if (attendees != NULL)
        sim_put(sim_fields(o, "participants"), "attendees", cJSON_Duplicate(attendees, true));
    if (clock_parse_rfc3339(json_string(c->json, "startDateTime"), &start) &&
        clock_parse_rfc3339(json_string(c->json, "endDateTime"), &end))
        sim_teams_meeting_times(o, start, end);
    if (json_string(c->json, "subject") != NULL)
        sim_object_title(o, json_string(c->json, "subject"));
    if (!json_bool(o->fields, "joinMeetingIdSettings.isPasscodeRequired", true))
        sim_put(sim_fields(o, "joinMeetingIdSettings"), "passcode", cJSON_CreateNull());
}

/* No times: now and an hour; no end: an hour. */
static struct sim_object *make(struct sim_call *c)
{
    int64_t start = clock_now() / 1000 * 1000, end;

    clock_parse_rfc3339(json_string(c->json, "startDateTime"), &start);
    end = start + HOUR_MS;
    clock_parse_rfc3339(json_string(c->json, "endDateTime"), &end);
    struct sim_object *o =
        sim_teams_meeting_new(c->sim, c->owner, json_string(c->json, "subject"), start, end);
    take_body(c, o);
    return o;
}

void sim_teams_meeting_create(struct sim_call *c)
{
    if (meetings_ok(c) && sim_teams_meeting_ok(c, NULL))
        sim_teams_send(c, 201, "onlineMeetings", NULL, view(make(c)));
}

/* The key is tenant, user and externalId. Whether a second call with other dates changes the stored
 * meeting is not confirmed: it does not. */
void sim_teams_meeting_create_or_get(struct sim_call *c)
{
    const char *external = json_string(c->json, "externalId");

    if (!meetings_ok(c) || !sim_teams_body(c))
        return;
    for (const cJSON *m = c->json->child; m != NULL; m = m->next) {
        if (sim_word_in("chatInfo endDateTime externalId participants startDateTime subject",
                        m->string))
            continue;
        sim_teams_bad(c, "The parameter '%s' in the request payload is not a valid parameter.",
                      m->string);
        return;
    }
    if (external == NULL || external[0] == '\0') {
        sim_teams_bad(c, "The externalId is required.");
        return;
    }
    cJSON *rest = cJSON_Duplicate(c->json, true), *whole = c->json;
    cJSON_DeleteItemFromObjectCaseSensitive(rest, "externalId");
    cJSON_DeleteItemFromObjectCaseSensitive(rest, "chatInfo");
    c->json = rest;
    bool good = sim_teams_meeting_ok(c, NULL);
    c->json = whole;
    cJSON_Delete(rest);
    if (!good)
        return;
    for (struct sim_object *o = c->sim->objects; o != NULL; o = o->next) {
        if (o->platform != SIM_TEAMS || o->deleted ||
            strcmp(o->owner, sim_teams_accounts[c->owner].id) != 0 ||
            !text_equal(json_string(o->fields, "externalId"), external))
            continue;
        sim_teams_send(c, 200, "onlineMeetings", NULL, view(o));
        return;
    }
    struct sim_object *o = make(c);
    sim_put_string(o->fields, "externalId", external);
    sim_teams_send(c, 201, "onlineMeetings", NULL, view(o));
}

void sim_teams_meeting_get(struct sim_call *c)
{
    struct sim_object *o = sim_teams_meeting(c);

    if (o != NULL)
        sim_teams_send(c, 200, "onlineMeetings", NULL, view(o));
}

void sim_teams_meeting_update(struct sim_call *c)
{
    struct sim_object *o = sim_teams_meeting(c);

    if (o == NULL || !sim_teams_meeting_ok(c, o))
        return;
    take_body(c, o);
    sim_teams_send(c, 200, "onlineMeetings", NULL, view(o));
}

/* An event that it belongs to stays as it is. */
void sim_teams_meeting_delete(struct sim_call *c)
{
    struct sim_object *o = sim_teams_meeting(c);

    if (o == NULL)
        return;
    o->deleted = true;
    sim_reply_empty(&c->reply, 204);
}

/* ---- by its link ---- */

/* Is value the link with its own escapes undone? */
static bool unescaped_equal(const char *url, const char *value)
{
    struct text t;

    text_init(&t, 2000);
    text_add(&t, "u=");
    for (const char *at = url; *at != '\0'; at++)
        text_append(&t, *at == '&' ? "%26" : at, *at == '&' ? 3 : 1);
    cJSON *plain = sim_parse_form(text_str(&t), t.length);
    bool same = text_equal(json_string(plain, "u"), value);
    cJSON_Delete(plain);
    text_release(&t);
    return same;
}

/* Sends the one meeting that fits, or says in the service's own varied words that none does. */
static void send_found(struct sim_call *c, const char *field, const char *value)
{
    bool by_link = strcasecmp(field, "JoinWebUrl") == 0, half_escaped = false, foreign = false;

    for (struct sim_object *o = c->sim->objects; o != NULL; o = o->next) {
        if (o->platform != SIM_TEAMS || o->deleted || strcmp(o->kind, "onlineMeeting") != 0)
            continue;
        const char *have =
            json_string(o->fields, by_link ? "joinWebUrl" : "joinMeetingIdSettings.joinMeetingId");
        bool own = strcmp(o->owner, sim_teams_accounts[c->owner].id) == 0;
        if (text_equal(have, value) && own) {
            cJSON *all = cJSON_CreateArray();
            cJSON_AddItemToArray(all, view(o));
            sim_teams_send_list(c, all, NULL, "onlineMeeting", 10);
            return;
        }
        foreign = foreign || (text_equal(have, value) && !own);
        half_escaped = half_escaped || (by_link && unescaped_equal(have, value));
    }
    if (half_escaped) /* the link's own escapes were not escaped once more */
        sim_teams_bad(c, "Could not find a property named 'JoinWebUrl' on type "
                         "'microsoft.graph.onlineMeeting'.");
    else if (foreign)
        sim_teams_error(c, 403, "Forbidden", "An error has occurred.");
    else
        sim_teams_error(c, 404, "NotFound", "Meeting not found.");
}

/* There is no list of all online meetings, only these two ways to find one. */
void sim_teams_meeting_find(struct sim_call *c)
{
    const char *wanted = sim_query(c, "$filter");
    char field[80], value[600];
    int got = 0;

    if (!meetings_ok(c))
        return;
    if (wanted == NULL)
        sim_teams_bad(c, "Value cannot be null.");
    else if (sscanf(wanted, "%79[a-zA-Z/] eq '%599[^']'%n", field, value, &got) != 2 || got == 0 ||
             wanted[got] != '\0')
        sim_teams_bad(c, "Invalid filter clause: There is an unterminated string literal.");
    else if (strcasecmp(field, "JoinWebUrl") != 0 &&
             strcasecmp(field, "joinMeetingIdSettings/joinMeetingId") != 0)
        sim_teams_bad(c, "Filter is not supported on the property '%s'.", field);
    else
        send_found(c, field, value);
}

/* Calendar events: insert, get, patch, update, delete, and the Meet conference that comes with one
 * a while later. */
#include "sim/google_meet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

enum { ID_MOST = 78 }; /* Google takes 1024; the simulator's ids are shorter */

/* What a body may set; all else in it is passed over. */
static const char writable[] =
    "summary description location colorId start end attendees recurrence reminders "
    "extendedProperties guestsCanModify guestsCanInviteOthers guestsCanSeeOtherGuests "
    "anyoneCanAddSelf visibility transparency source status";

/* ---- reading ---- */

struct sim_object *sim_calendar_find(struct sim *sim, const char *email, const char *id)
{
    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_MEET && strcmp(o->kind, "event") == 0 && strcmp(o->id, id) == 0 &&
            strcmp(o->owner, email) == 0)
            return o;
    return NULL;
}

int64_t sim_calendar_end(const struct sim_object *o)
{
    int64_t ms = o->start_ms;

    json_int(o->fields, "sim.endMs", &ms);
    return ms;
}

int64_t sim_calendar_serial(const struct sim_object *o)
{
    int64_t serial = 0;

    json_int(o->fields, "sim.serial", &serial);
    return serial;
}

cJSON *sim_calendar_time(int64_t ms, const char *zone, bool day)
{
    cJSON *out = cJSON_CreateObject();
    char at[SIM_WALL_SIZE];

    if (day) {
        sim_wall_print(at, SIM_MEET_ZONE, ms);
        at[strlen("2026-12-08")] = '\0';
        cJSON_AddStringToObject(out, "date", at);
        return out;
    }
    if (zone == NULL)
        zone = SIM_MEET_ZONE;
    sim_offset_print(at, zone, ms);
    cJSON_AddStringToObject(out, "dateTime", at);
    cJSON_AddStringToObject(out, "timeZone", zone);
    return out;
}

cJSON *sim_calendar_view(const struct sim_object *o)
{
    cJSON *out = cJSON_Duplicate(o->fields, true);

    cJSON_DeleteItemFromObjectCaseSensitive(out, "sim");
    if (o->deleted)
        sim_put_string(out, "status", "cancelled");
    return out;
}

static bool calendar_ok(struct sim_call *c)
{
    if (strcmp(c->capture[0], "primary") == 0 || strcmp(c->capture[0], sim_meet_email(c)) == 0)
        return true;
    sim_calendar_error(c, 404, "global", "notFound", NULL, "Not Found");
    return false;
}

static bool changed_since(struct sim_call *c, const struct sim_object *o)
{
    const char *wanted = sim_header(c, "if-match");

    if (wanted == NULL || strcmp(wanted, "*") == 0 ||
        text_equal(wanted, json_string(o->fields, "etag")))
        return false;
    sim_calendar_error(c, 412, "global", "conditionNotMet", "If-Match", "Precondition Failed");
    return true;
}

static void give(struct sim_call *c, cJSON *view)
{
    if (sim_google_fields(c, view))
        sim_reply_json(&c->reply, 200, view);
    else
        cJSON_Delete(view);
}

/* ---- writing ---- */

void sim_calendar_touch(struct sim *sim, struct sim_object *o)
{
    char at[CLOCK_RFC3339_SIZE], etag[32];
    int64_t serial = 0;

    for (const struct sim_object *other = sim->objects; other != NULL; other = other->next)
        if (other->platform == SIM_MEET && sim_calendar_serial(other) > serial)
            serial = sim_calendar_serial(other);
    sim_put_number(sim_fields(o, "sim"), "serial", (double)++serial);
    clock_rfc3339(at, clock_now());
    sim_put_string(o->fields, "updated", at);
    snprintf(etag, sizeof etag, "\"%lld\"", (long long)(3470000000000000 + serial * 2));
    sim_put_string(o->fields, "etag", etag);
    const char *summary = json_string(o->fields, "summary");
    sim_object_title(o, summary != NULL ? summary : "");
    sim_object_state(o, json_string(o->fields, "status"));
}

void sim_calendar_cancel(struct sim *sim, struct sim_object *o)
{
    sim_put_string(o->fields, "status", "cancelled");
    o->deleted = true;
    sim_calendar_touch(sim, o);
    /* The changed instances of a series go with it. */
    for (struct sim_object *other = sim->objects; other != NULL; other = other->next)
        if (other->platform == SIM_MEET && !other->deleted && strcmp(other->owner, o->owner) == 0 &&
            text_equal(json_string(other->fields, "recurringEventId"), o->id))
            sim_calendar_cancel(sim, other);
}

/* RFC 7396, which is what Google's patch does but for lists, that it replaces as well. */
static void merge(cJSON *into, const cJSON *patch)
{
    for (const cJSON *m = patch->child; m != NULL; m = m->next) {
        cJSON *old = cJSON_GetObjectItemCaseSensitive(into, m->string);
        if (cJSON_IsNull(m))
            sim_put(into, m->string, NULL);
        else if (cJSON_IsObject(m) && cJSON_IsObject(old))
            merge(old, m);
        else
            sim_put(into, m->string, cJSON_Duplicate(m, true));
    }
}

static cJSON *writable_part(const cJSON *body)
{
    cJSON *out = cJSON_CreateObject();

    for (const cJSON *m = body->child; m != NULL; m = m->next)
        if (sim_word_in(writable, m->string))
            cJSON_AddItemToObject(out, m->string, cJSON_Duplicate(m, true));
    return out;
}

static bool body_ok(struct sim_call *c)
{
    if (c->length > 0 && sim_content_is(c, "application/json") && cJSON_IsObject(c->json))
        return true;
    sim_calendar_error(c, 400, "global", "parseError", NULL, "Parse Error");
    return false;
}

static bool query_ok(struct sim_call *c)
{
    const char *told = sim_query(c, "sendUpdates");
    bool bad = false;

    sim_meet_number(c, "conferenceDataVersion", 0, 1, 0, &bad);
    if (told != NULL && !sim_word_in("all externalOnly none", told)) {
        sim_calendar_error(c, 400, "global", "invalidParameter", "sendUpdates",
                           "Invalid string value: '%s'. Allowed values: [all, externalOnly, none]",
                           told);
        return false;
    }
    return !bad;
}

/* ---- the conference ---- */

/* What the body says of a conference counts only with conferenceDataVersion=1; without it nobody
 * says a word. */
static const cJSON *conference_asked(struct sim_call *c)
{
    const char *version = sim_query(c, "conferenceDataVersion");

    return version != NULL && strcmp(version, "1") == 0
               ? cJSON_GetObjectItemCaseSensitive(c->json, "conferenceData")
               : NULL;
}

/* Attaching a conference that is there already is not confirmed for Meet, and warned of: only the
 * event's own may come back. */
static bool conference_ok(struct sim_call *c, const struct sim_object *old)
{
    const cJSON *asked = conference_asked(c);
    const char *id = json_string(asked, "conferenceId"),
               *type = json_string(asked, "createRequest.conferenceSolutionKey.type");

    if (asked == NULL || cJSON_IsNull(asked))
        return true;
    if (type != NULL && strcmp(type, "hangoutsMeet") != 0) {
        sim_calendar_error(c, 400, "global", "invalid", NULL, "Invalid conference type value.");
        return false;
    }
    if (json_at(asked, "createRequest") == NULL &&
        (old == NULL || id == NULL ||
         !text_equal(id, json_string(old->fields, "conferenceData.conferenceId")))) {
        sim_calendar_error(c, 400, "global", "invalid", NULL, "Invalid conference data.");
        return false;
    }
    return true;
}

static void conference_take(struct sim_call *c, struct sim_object *o)
{
    const cJSON *asked = conference_asked(c);
    const char *request = json_string(asked, "createRequest.requestId"),
               *type = json_string(asked, "createRequest.conferenceSolutionKey.type");

    if (cJSON_IsNull(asked)) { /* that null takes the conference away is not confirmed by a page */
        sim_put(o->fields, "conferenceData", NULL);
        sim_put(o->fields, "hangoutLink", NULL);
        return;
    }
    /* Without a type or a request id there is no link and no error; the same id again is ignored.
     */
    if (request == NULL || request[0] == '\0' || type == NULL ||
        text_equal(request, json_string(o->fields, "sim.requestId")))
        return;
    sim_put_string(sim_fields(o, "sim"), "requestId", request);
    cJSON *data = cJSON_CreateObject(), *made = cJSON_AddObjectToObject(data, "createRequest");
    cJSON_AddStringToObject(made, "requestId", request);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(made, "conferenceSolutionKey"), "type", type);
    /* Often it is there at once; always later is the stricter reading. */
    cJSON_AddStringToObject(cJSON_AddObjectToObject(made, "status"), "statusCode", "pending");
    sim_put(o->fields, "conferenceData", data);
    sim_put(o->fields, "hangoutLink", NULL);
    sim_object_later(o, c->sim->step_ms);
}

static void add_entry(cJSON *list, const char *type, const char *uri, const char *label,
                      const char *pin)
{
    cJSON *one = cJSON_CreateObject();

    cJSON_AddStringToObject(one, "entryPointType", type);
    cJSON_AddStringToObject(one, "uri", uri);
    json_add_string(one, "label", label);
    json_add_string(one, "pin", pin);
    cJSON_AddItemToArray(list, one);
}

void sim_calendar_due(struct sim *sim, struct sim_object *o)
{
    cJSON *data = cJSON_GetObjectItemCaseSensitive(o->fields, "conferenceData");

    if (o->deleted || !text_equal(json_string(data, "createRequest.status.statusCode"), "pending"))
        return;
    struct sim_object *space = sim_meet_space_new(sim, o->owner, "calendar");
    const char *uri = json_string(space->fields, "meetingUri"),
               *code = json_string(space->fields, "meetingCode");
    cJSON *made = cJSON_GetObjectItemCaseSensitive(data, "createRequest");
    sim_put_string(cJSON_GetObjectItemCaseSensitive(made, "status"), "statusCode", "success");
    cJSON *list = cJSON_AddArrayToObject(data, "entryPoints");
    add_entry(list, "video", uri, uri + strlen("http://"), NULL);
    add_entry(list, "phone", "tel:+44-20-3855-0166", "+44 20 3855 0166", "123456789");
    cJSON *solution = cJSON_AddObjectToObject(data, "conferenceSolution");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(solution, "key"), "type", "hangoutsMeet");
    cJSON_AddStringToObject(solution, "name", "Google Meet");
    cJSON_AddStringToObject(data, "conferenceId", code);
    cJSON_AddStringToObject(data, "signature", "simulated");
    sim_put_string(o->fields, "hangoutLink", uri);
    sim_put_string(sim_fields(o, "sim"), "space", space->id);
    sim_calendar_touch(sim, o);
}

/* ---- methods ---- */

static bool id_ok(struct sim_call *c, const char *id)
{
    size_t length = strlen(id);

    if (length >= 5 && length <= ID_MOST &&
        strspn(id, "0123456789abcdefghijklmnopqrstuv") == length)
        return true;
    sim_calendar_error(c, 400, "global", "invalid", NULL, "Invalid resource id value.");
    return false;
}

/* Takes the checked resource and says it is done. */
static void commit(struct sim_call *c, struct sim_object *o, cJSON *event,
                   const struct sim_calendar_times *times)
{
    cJSON_Delete(o->fields);
    o->fields = event;
    o->start_ms = times->start_ms;
    sim_put_number(sim_fields(o, "sim"), "endMs", (double)times->end_ms);
    conference_take(c, o);
    sim_calendar_touch(c->sim, o);
    give(c, sim_calendar_view(o));
}

static void add_constants(struct sim_call *c, cJSON *event, const char *id)
{
    const char *email = sim_meet_email(c);
    char at[CLOCK_RFC3339_SIZE], text[200];

    cJSON_AddStringToObject(event, "kind", "calendar#event");
    cJSON_AddStringToObject(event, "id", id);
    if (json_string(event, "status") == NULL)
        sim_put_string(event, "status", "confirmed");
    snprintf(text, sizeof text, "%s/calendar/event?eid=%s", c->sim->address[SIM_MEET], id);
    cJSON_AddStringToObject(event, "htmlLink", text);
    clock_rfc3339(at, clock_now());
    cJSON_AddStringToObject(event, "created", at);
    for (int i = 0; i < 2; i++) {
        cJSON *who = cJSON_AddObjectToObject(event, i == 0 ? "creator" : "organizer");
        cJSON_AddStringToObject(who, "email", email);
        cJSON_AddBoolToObject(who, "self", true);
    }
    snprintf(text, sizeof text, "%s@google.com", id);
    cJSON_AddStringToObject(event, "iCalUID", text);
    cJSON_AddNumberToObject(event, "sequence", 0);
    cJSON_AddStringToObject(event, "eventType", "default");
}

void sim_calendar_insert(struct sim_call *c)
{
    const char *wish = json_string(c->json, "id");
    struct sim_calendar_times times;
    char id[ID_MOST + 1];

    if (!calendar_ok(c) || !query_ok(c) || !body_ok(c) || (wish != NULL && !id_ok(c, wish)))
        return;
    sim_random_text(c->sim, id, 26, "0123456789abcdefghijklmnopqrstuv");
    if (wish != NULL)
        text_copy_to(id, sizeof id, wish);
    cJSON *event = writable_part(c->json);
    if (!sim_calendar_check(c, event, &times) || !conference_ok(c, NULL)) {
        cJSON_Delete(event);
        return;
    }
    /* An id is never free again, not even after a delete. */
    if (sim_calendar_find(c->sim, sim_meet_email(c), id) != NULL) {
        sim_calendar_error(c, 409, "global", "duplicate", NULL,
                           "The requested identifier already exists.");
        cJSON_Delete(event);
        return;
    }
    add_constants(c, event, id);
    struct sim_object *o = sim_object_new(c->sim, SIM_MEET, "event", id, sim_meet_email(c));
    commit(c, o, event, &times);
}

void sim_calendar_get(struct sim_call *c)
{
    if (!calendar_ok(c))
        return;
    struct sim_object *o = sim_calendar_find(c->sim, sim_meet_email(c), c->capture[1]);
    cJSON *view = o != NULL ? sim_calendar_view(o)
                            : sim_calendar_instance_view(c->sim, sim_meet_email(c), c->capture[1]);
    if (view != NULL)
        give(c, view);
    else
        sim_calendar_error(c, 404, "global", "notFound", NULL, "Not Found");
}

/* The living event in the path, an instance made one. NULL: refused already. */
static struct sim_object *to_change(struct sim_call *c)
{
    const char *email = sim_meet_email(c);

    if (!calendar_ok(c))
        return NULL;
    struct sim_object *o = sim_calendar_find(c->sim, email, c->capture[1]);
    if (o == NULL)
        o = sim_calendar_instance(c->sim, email, c->capture[1]);
    if (o == NULL)
        sim_calendar_error(c, 404, "global", "notFound", NULL, "Not Found");
    return o;
}

static void replace(struct sim_call *c, bool whole)
{
    struct sim_calendar_times times;

    if (!query_ok(c) || !body_ok(c))
        return;
    struct sim_object *o = to_change(c);
    if (o == NULL || changed_since(c, o))
        return;
    if (o->deleted) { /* what writing to a deleted event answers is not confirmed */
        sim_calendar_error(c, 403, "global", "forbidden", NULL, "Forbidden");
        return;
    }
    cJSON *event = cJSON_Duplicate(o->fields, true), *part = writable_part(c->json);
    for (const cJSON *m = o->fields->child; whole && m != NULL; m = m->next)
        if (sim_word_in(writable, m->string) && strcmp(m->string, "status") != 0)
            sim_put(event, m->string, NULL);
    merge(event, part);
    cJSON_Delete(part);
    if (!sim_calendar_check(c, event, &times) || !conference_ok(c, o)) {
        cJSON_Delete(event);
        return;
    }
    int64_t sequence = 0;
    json_int(event, "sequence", &sequence);
    if (times.start_ms != o->start_ms || times.end_ms != sim_calendar_end(o))
        sim_put_number(event, "sequence", (double)sequence + 1);
    bool gone = text_equal(json_string(event, "status"), "cancelled");
    o->deleted = gone;
    commit(c, o, event, &times);
}

void sim_calendar_patch(struct sim_call *c)
{
    replace(c, false);
}

void sim_calendar_update(struct sim_call *c)
{
    replace(c, true);
}

void sim_calendar_delete(struct sim_call *c)
{
    if (!query_ok(c))
        return;
    struct sim_object *o = to_change(c);
    if (o == NULL || changed_since(c, o))
        return;
    if (o->deleted) {
        sim_calendar_error(c, 410, "global", "deleted", NULL, "Resource has been deleted");
        return;
    }
    sim_calendar_cancel(c->sim, o);
    sim_reply_empty(&c->reply, 204);
}

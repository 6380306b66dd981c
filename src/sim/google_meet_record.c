/* Meet's conference records: one for each call that ran in a space, who was there, what it left. */
#include "sim/google_meet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

static void put_ms(cJSON *object, const char *key, int64_t ms)
{
    char at[CLOCK_RFC3339_SIZE];

    clock_rfc3339(at, ms);
    sim_put_string(object, key, at);
}

/* ---- while a call runs ---- */

static struct sim_object *record_of(struct sim *sim, const struct sim_object *space)
{
    const char *id = json_string(space->fields, "sim.record");

    return id != NULL ? sim_object_find(sim, SIM_MEET, "conferenceRecord", id) : NULL;
}

void sim_meet_begin(struct sim *sim, struct sim_object *space)
{
    char id[37], name[80];

    sim_random_uuid(sim, id);
    struct sim_object *o = sim_object_new(sim, SIM_MEET, "conferenceRecord", id, space->owner);
    sim_object_state(o, "active");
    sim_object_title(o, space->title);
    o->start_ms = clock_now();
    snprintf(name, sizeof name, "conferenceRecords/%s", id);
    sim_put_string(o->fields, "name", name);
    put_ms(o->fields, "startTime", o->start_ms);
    sim_put_string(o->fields, "space", json_string(space->fields, "name"));
    sim_put(sim_fields(o, "sim"), "participants", cJSON_CreateArray());
    sim_object_state(space, "active");
    sim_put_string(sim_fields(space, "activeConference"), "conferenceRecord", name);
    sim_put_string(sim_fields(space, "sim"), "record", id);
}

void sim_meet_finish(struct sim *sim, struct sim_object *space)
{
    struct sim_object *o = record_of(sim, space);
    int64_t now = clock_now();

    sim_object_state(space, "idle");
    sim_put(space->fields, "activeConference", NULL);
    if (o == NULL)
        return;
    sim_object_state(o, "ended");
    put_ms(o->fields, "endTime", now);
    put_ms(o->fields, "expireTime", now + 30LL * 86400 * 1000);
    const cJSON *people = json_at(o->fields, "sim.participants");
    for (cJSON *one = people != NULL ? people->child : NULL; one != NULL; one = one->next)
        if (json_string(one, "latestEndTime") == NULL)
            put_ms(one, "latestEndTime", now);
}

void sim_meet_joined(struct sim *sim, struct sim_object *space, const char *name)
{
    char text[160], user[40];

    if (!sim_object_is(space, "active"))
        sim_meet_begin(sim, space);
    struct sim_object *o = record_of(sim, space);
    cJSON *people = cJSON_GetObjectItemCaseSensitive(sim_fields(o, "sim"), "participants");
    int number = 101 + cJSON_GetArraySize(people);
    cJSON *one = cJSON_CreateObject();
    snprintf(text, sizeof text, "conferenceRecords/%s/participants/%d", o->id, number);
    snprintf(user, sizeof user, "users/11000000000000000%04d", number);
    cJSON_AddStringToObject(one, "name", text);
    put_ms(one, "earliestStartTime", clock_now());
    cJSON *who = cJSON_AddObjectToObject(one, "signedinUser");
    cJSON_AddStringToObject(who, "user", user);
    cJSON_AddStringToObject(who, "displayName", name);
    cJSON_AddItemToArray(people, one);
}

/* Whoever came last goes; the call ends with the last of all. */
void sim_meet_left(struct sim *sim, struct sim_object *space)
{
    struct sim_object *o = record_of(sim, space);
    const cJSON *people = o != NULL ? json_at(o->fields, "sim.participants") : NULL;
    cJSON *last = NULL;
    int there = 0;

    for (cJSON *one = people != NULL ? people->child : NULL; one != NULL; one = one->next) {
        if (json_string(one, "latestEndTime") != NULL)
            continue;
        last = one;
        there++;
    }
    if (last != NULL)
        put_ms(last, "latestEndTime", clock_now());
    if (there <= 1)
        sim_meet_finish(sim, space);
}

/* ---- lists ---- */

/* Sends the page of `all` (an array, taken) that pageSize and pageToken ask for. A list of nothing
 * is left out, as are all empty members there. */
static void send_page(struct sim_call *c, const char *name, cJSON *all, long size, long most)
{
    const char *token = sim_query(c, "pageToken"), *fields = sim_query(c, "fields");
    bool bad = false;
    unsigned from = 0;
    int total = cJSON_GetArraySize(all), got = 0;
    char next[40];

    size = sim_meet_number(c, "pageSize", 0, 1000000, size, &bad);
    size = size == 0 || size > most ? most : size; /* more than the most is cut down to it */
    if (!bad && token != NULL &&
        (sscanf(token, "ASIM%u%n", &from, &got) != 1 || token[got] != '\0')) {
        sim_meet_invalid(c, "page_token", "Invalid page token.");
        bad = true;
    }
    cJSON *out = cJSON_CreateObject(), *list = cJSON_CreateArray();
    for (long i = 0; i < size && cJSON_GetArraySize(all) > (int)from; i++)
        cJSON_AddItemToArray(list, cJSON_DetachItemFromArray(all, (int)from));
    if (cJSON_GetArraySize(list) > 0)
        cJSON_AddItemToObject(out, name, list);
    else
        cJSON_Delete(list);
    if ((long)from + size < total) {
        snprintf(next, sizeof next, "ASIM%ld", (long)from + size);
        cJSON_AddStringToObject(out, "nextPageToken", next);
    }
    if (fields != NULL && strstr(fields, "totalSize") != NULL) /* only who asks for it gets it */
        cJSON_AddNumberToObject(out, "totalSize", total);
    cJSON_Delete(all);
    if (!bad && sim_google_fields(c, out))
        sim_reply_json(&c->reply, 200, out);
    else
        cJSON_Delete(out);
}

/* One term of a filter: `space.name = "spaces/x"`, `end_time IS NULL`. */
struct term {
    char field[40], op[8], value[160];
};

/* Reads the next term and the AND behind it; false at the end or when *bad. */
static bool next_term(const char **filter, struct term *t, bool *bad)
{
    const char *at = *filter + strspn(*filter, " ");
    int got = 0;

    if (*at == '\0')
        return false;
    *bad = true;
    if (sscanf(at, "%39[a-z_.]%n", t->field, &got) != 1)
        return false;
    at += got;
    at += strspn(at, " ");
    if (text_starts(at, "IS NULL")) {
        text_copy_to(t->op, sizeof t->op, "null");
        at += strlen("IS NULL");
    } else {
        got = 0;
        if (sscanf(at, "%2[=<>]%n", t->op, &got) != 1)
            return false;
        at += got;
        at += strspn(at, " ");
        got = 0;
        if (sscanf(at, *at == '"' ? "\"%159[^\"]\"%n" : "%159[^ ]%n", t->value, &got) != 1 ||
            got == 0)
            return false;
        at += got;
    }
    at += strspn(at, " ");
    if (text_starts(at, "AND "))
        at += strlen("AND ");
    else if (*at != '\0')
        return false;
    *filter = at;
    *bad = false;
    return true;
}

static bool time_fits(const char *have, const struct term *t)
{
    int64_t left = INT64_MAX, right = 0;

    if (strcmp(t->op, "null") == 0)
        return have == NULL;
    if (have != NULL)
        clock_parse_rfc3339(have, &left);
    clock_parse_rfc3339(t->value, &right);
    return (strchr(t->op, '=') != NULL && left == right) ||
           (strchr(t->op, '<') != NULL && left < right) ||
           (strchr(t->op, '>') != NULL && left > right);
}

static bool term_fits(struct sim *sim, const cJSON *one, const struct term *t)
{
    const char *space = json_string(one, "space");

    if (strcmp(t->field, "space.name") == 0)
        return text_equal(space, t->value);
    if (strcmp(t->field, "space.meeting_code") == 0) {
        const struct sim_object *o = sim_meet_space_find(sim, t->value);
        return o != NULL && text_equal(json_string(o->fields, "name"), space);
    }
    return time_fits(json_string(one, strcmp(t->field, "start_time") == 0 ? "startTime"
                                      : strcmp(t->field, "end_time") == 0 ? "endTime"
                                      : strcmp(t->field, "latest_end_time") == 0
                                          ? "latestEndTime"
                                          : "earliestStartTime"),
                     t);
}

/* Takes out of all (an array of resources) what ?filter= does not want. False: refused already. */
static bool filter(struct sim_call *c, const char *known, cJSON *all)
{
    const char *left = sim_query(c, "filter");
    struct term t;
    bool bad = false;
    int64_t ms;

    memset(&t, 0, sizeof t);
    while (left != NULL && next_term(&left, &t, &bad)) {
        if (!sim_word_in(known, t.field) ||
            (strstr(t.field, "time") != NULL && strcmp(t.op, "null") != 0 &&
             !clock_parse_rfc3339(t.value, &ms)) ||
            (text_starts(t.field, "space.") && strcmp(t.op, "=") != 0)) {
            bad = true;
            break;
        }
        for (int i = cJSON_GetArraySize(all) - 1; i >= 0; i--)
            if (!term_fits(c->sim, cJSON_GetArrayItem(all, i), &t))
                cJSON_DeleteItemFromArray(all, i);
    }
    if (bad)
        sim_meet_invalid(c, "filter", "Invalid filter.");
    return !bad;
}

/* ---- records ---- */

static bool record_visible(struct sim_call *c, const struct sim_object *o)
{
    const char *name = json_string(o->fields, "space");
    const struct sim_object *space =
        name != NULL ? sim_meet_space_find(c->sim, name + strlen("spaces/")) : NULL;

    return space != NULL && sim_meet_visible(c, space);
}

static cJSON *record_view(const struct sim_object *o)
{
    cJSON *out = cJSON_Duplicate(o->fields, true);

    cJSON_DeleteItemFromObjectCaseSensitive(out, "sim");
    return out;
}

void sim_meet_records(struct sim_call *c)
{
    cJSON *all = cJSON_CreateArray();

    for (const struct sim_object *o = c->sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_MEET && strcmp(o->kind, "conferenceRecord") == 0 &&
            record_visible(c, o))
            cJSON_InsertItemInArray(all, 0, record_view(o)); /* newest first */
    if (filter(c, "space.name space.meeting_code start_time end_time", all))
        send_page(c, "conferenceRecords", all, 25, 100);
    else
        cJSON_Delete(all);
}

/* The record in the path. NULL: refused already. */
static struct sim_object *record_in_path(struct sim_call *c)
{
    struct sim_object *o = sim_object_find(c->sim, SIM_MEET, "conferenceRecord", c->capture[0]);

    if (o != NULL && record_visible(c, o))
        return o;
    if (o == NULL)
        sim_meet_error(c, 404, "NOT_FOUND", "Requested entity was not found.");
    else
        sim_meet_error(c, 403, "PERMISSION_DENIED",
                       "Permission denied on resource ConferenceRecord (or it might not exist)");
    return NULL;
}

void sim_meet_record(struct sim_call *c)
{
    struct sim_object *o = record_in_path(c);

    if (o != NULL)
        sim_reply_json(&c->reply, 200, record_view(o));
}

void sim_meet_participants(struct sim_call *c)
{
    struct sim_object *o = record_in_path(c);

    if (o == NULL)
        return;
    cJSON *all = cJSON_Duplicate(json_at(o->fields, "sim.participants"), true);
    if (filter(c, "earliest_start_time latest_end_time", all))
        send_page(c, "participants", all, 100, 250);
    else
        cJSON_Delete(all);
}

/* Each came once: one session for each participant. */
void sim_meet_sessions(struct sim_call *c)
{
    struct sim_object *o = record_in_path(c);
    const cJSON *people = o != NULL ? json_at(o->fields, "sim.participants") : NULL;
    cJSON *all = cJSON_CreateArray();
    char name[160];

    for (const cJSON *one = people != NULL ? people->child : NULL; one != NULL; one = one->next) {
        const char *who = json_string(one, "name"), *end = json_string(one, "latestEndTime");
        if (strcmp(strrchr(who, '/') + 1, c->capture[1]) != 0)
            continue;
        cJSON *session = cJSON_CreateObject();
        snprintf(name, sizeof name, "%s/participantSessions/1", who);
        cJSON_AddStringToObject(session, "name", name);
        cJSON_AddStringToObject(session, "startTime", json_string(one, "earliestStartTime"));
        json_add_string(session, "endTime", end);
        cJSON_AddItemToArray(all, session);
    }
    if (o == NULL) {
        cJSON_Delete(all);
    } else if (all->child == NULL) {
        cJSON_Delete(all);
        sim_meet_error(c, 404, "NOT_FOUND", "Requested entity was not found.");
    } else {
        send_page(c, "participantSessions", all, 100, 250);
    }
}

/* What a call leaves when the space's settings say so: STARTED while it runs, then FILE_GENERATED.
 */
static void artifacts(struct sim_call *c, const char *name, const char *setting,
                      const char *destination, const char *file, const char *site)
{
    struct sim_object *o = record_in_path(c);
    char text[160];

    if (o == NULL)
        return;
    const struct sim_object *space =
        sim_meet_space_find(c->sim, json_string(o->fields, "space") + strlen("spaces/"));
    cJSON *all = cJSON_CreateArray();
    if (text_equal(json_string(space->fields, setting), "ON")) {
        const char *end = json_string(o->fields, "endTime");
        cJSON *one = cJSON_CreateObject();
        snprintf(text, sizeof text, "conferenceRecords/%s/%s/a1", o->id, name);
        cJSON_AddStringToObject(one, "name", text);
        cJSON_AddStringToObject(one, "state", end != NULL ? "FILE_GENERATED" : "STARTED");
        cJSON_AddStringToObject(one, "startTime", json_string(o->fields, "startTime"));
        json_add_string(one, "endTime", end);
        if (end != NULL) {
            cJSON *where = cJSON_AddObjectToObject(one, destination);
            cJSON_AddStringToObject(where, file, "1kuceFZohVoCh6FulBHxwy6I15Ogpc4hP");
            snprintf(text, sizeof text, "%s/%s/1kuceFZohVoCh6FulBHxwy6I15Ogpc4hP/view",
                     c->sim->address[SIM_MEET], site);
            cJSON_AddStringToObject(where, "exportUri", text);
        }
        cJSON_AddItemToArray(all, one);
    }
    send_page(c, name, all, 10, 100);
}

void sim_meet_recordings(struct sim_call *c)
{
    artifacts(c, "recordings", "config.artifactConfig.recordingConfig.autoRecordingGeneration",
              "driveDestination", "file", "file/d");
}

void sim_meet_transcripts(struct sim_call *c)
{
    artifacts(c, "transcripts",
              "config.artifactConfig.transcriptionConfig.autoTranscriptionGeneration",
              "docsDestination", "document", "document/d");
}

void sim_meet_notes(struct sim_call *c)
{
    artifacts(c, "smartNotes", "config.artifactConfig.smartNotesConfig.autoSmartNotesGeneration",
              "docsDestination", "document", "document/d");
}

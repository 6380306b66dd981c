/* Teams meetings while they run: people open the link, the last one closes it; afterwards the
 * report of who was there, and the recording where one was wanted. */
#include "sim/teams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

static void begin(struct sim_object *o)
{
    cJSON *ours = sim_fields(o, "sim");

    sim_object_state(o, "running");
    sim_put_number(ours, "startedMs", (double)clock_now());
    sim_put(ours, "people", cJSON_CreateArray());
}

static int64_t started(const struct sim_object *o)
{
    int64_t ms = 0;

    json_int(o->fields, "sim.startedMs", &ms);
    return ms;
}

static void finish(struct sim *sim, struct sim_object *o)
{
    sim_object_state(o, "ended");
    sim_put_number(sim_fields(o, "sim"), "endedMs", (double)clock_now());
    sim_object_later(o, sim->step_ms); /* the report takes its time */
}

static void joined(struct sim_object *o, const char *name)
{
    cJSON *one = cJSON_CreateObject();

    if (!sim_object_is(o, "running"))
        begin(o);
    cJSON *people = cJSON_GetObjectItemCaseSensitive(sim_fields(o, "sim"), "people");
    cJSON_AddStringToObject(one, "name", name);
    cJSON_AddNumberToObject(one, "atMs", (double)clock_now());
    cJSON_AddItemToArray(people, one);
}

static cJSON *record_make(struct sim *sim, const cJSON *person, int64_t end_ms)
{
    cJSON *out = cJSON_CreateObject();
    int64_t at = end_ms;
    char id[37];

    json_int(person, "atMs", &at);
    sim_random_uuid(sim, id);
    cJSON_AddStringToObject(out, "id", id);
    cJSON_AddNumberToObject(out, "totalAttendanceInSeconds", (double)((end_ms - at) / 1000));
    cJSON_AddStringToObject(out, "role", "Attendee");
    cJSON *identity = cJSON_AddObjectToObject(out, "identity");
    cJSON_AddStringToObject(identity, "id", id);
    cJSON_AddStringToObject(identity, "displayName", json_string(person, "name"));
    cJSON *stay = cJSON_CreateObject();
    sim_put_time(stay, "joinDateTime", at);
    sim_put_time(stay, "leaveDateTime", end_ms);
    cJSON_AddNumberToObject(stay, "durationInSeconds", (double)((end_ms - at) / 1000));
    cJSON_AddItemToArray(cJSON_AddArrayToObject(out, "attendanceIntervals"), stay);
    return out;
}

/* One report for each session. */
void sim_teams_meeting_due(struct sim *sim, struct sim_object *o)
{
    const cJSON *people = json_at(o->fields, "sim.people");
    cJSON *ours = sim_fields(o, "sim"), *report = cJSON_CreateObject();
    int64_t end_ms = clock_now();
    char id[37];

    json_int(ours, "endedMs", &end_ms);
    sim_random_uuid(sim, id);
    cJSON_AddStringToObject(report, "id", id);
    cJSON_AddNumberToObject(report, "totalParticipantCount", cJSON_GetArraySize(people));
    sim_put_time(report, "meetingStartDateTime", started(o));
    sim_put_time(report, "meetingEndDateTime", end_ms);
    cJSON *records = cJSON_AddArrayToObject(report, "attendanceRecords");
    for (const cJSON *one = people != NULL ? people->child : NULL; one != NULL; one = one->next)
        cJSON_AddItemToArray(records, record_make(sim, one, end_ms));
    cJSON *reports = cJSON_GetObjectItemCaseSensitive(ours, "reports");
    if (reports == NULL)
        reports = cJSON_AddArrayToObject(ours, "reports");
    cJSON_InsertItemInArray(reports, 0, report); /* newest first */
}

/* ---- what is left of it ---- */

void sim_teams_reports(struct sim_call *c)
{
    struct sim_object *o = sim_teams_meeting(c);

    if (o == NULL)
        return;
    cJSON *all = cJSON_Duplicate(json_at(o->fields, "sim.reports"), true);
    if (all == NULL)
        all = cJSON_CreateArray();
    for (cJSON *one = all->child; one != NULL; one = one->next)
        cJSON_DeleteItemFromObjectCaseSensitive(one, "attendanceRecords");
    sim_teams_send_list(c, all, NULL, "meetingAttendanceReport", 50);
}

void sim_teams_records(struct sim_call *c)
{
    struct sim_object *o = sim_teams_meeting(c);
    const cJSON *reports = o != NULL ? json_at(o->fields, "sim.reports") : NULL;

    if (o == NULL)
        return;
    for (const cJSON *one = reports != NULL ? reports->child : NULL; one != NULL; one = one->next) {
        if (!text_equal(json_string(one, "id"), c->capture[1]))
            continue;
        sim_teams_send_list(c, cJSON_Duplicate(json_at(one, "attendanceRecords"), true), NULL,
                            "attendanceRecord", 100);
        return;
    }
    sim_teams_error(c, 404, "NotFound", "Attendance report not found.");
}

/* Only of meetings with a calendar event behind them, and only when they have been processed. */
static void artifacts(struct sim_call *c, const char *kind, const char *wish, const char *url)
{
    struct sim_object *o = sim_teams_meeting(c);
    int64_t end_ms = 0;
    char text[300];

    if (o == NULL)
        return;
    if (json_string(o->fields, "sim.event") == NULL) {
        sim_teams_error(c, 404, "NotFound",
                        "Not supported for a meeting that is not associated with an event.");
        return;
    }
    cJSON *all = cJSON_CreateArray();
    if (json_bool(o->fields, wish, false) && json_at(o->fields, "sim.reports.0") != NULL) {
        cJSON *one = cJSON_CreateObject();
        json_int(o->fields, "sim.endedMs", &end_ms);
        snprintf(text, sizeof text, "%.40s-1", o->id);
        cJSON_AddStringToObject(one, "id", text);
        cJSON_AddStringToObject(one, "meetingId", o->id);
        sim_put_time(one, "createdDateTime", started(o));
        sim_put_time(one, "endDateTime", end_ms);
        snprintf(text, sizeof text, "%s%s/%.40s-1/content", c->sim->address[SIM_TEAMS], c->path,
                 o->id);
        cJSON_AddStringToObject(one, url, text);
        cJSON_AddItemToArray(all, one);
    }
    sim_teams_send_list(c, all, NULL, kind, 100);
}

void sim_teams_recordings(struct sim_call *c)
{
    artifacts(c, "callRecording", "recordAutomatically", "recordingContentUrl");
}

void sim_teams_transcripts(struct sim_call *c)
{
    artifacts(c, "callTranscript", "allowTranscription", "transcriptContentUrl");
}

/* ---- what happens without us ---- */

/* What a browser opens: /l/meetup-join/19:meeting_…@thread.v2/0. The first who joins begins it. */
void sim_teams_join_page(struct sim_call *c)
{
    struct sim_object *found = NULL;

    for (struct sim_object *o = c->sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_TEAMS && !o->deleted &&
            text_equal(json_string(o->fields, "chatInfo.threadId"), c->capture[0]))
            found = o;
    if (found == NULL) {
        sim_reply_page(&c->reply, 404, "We couldn't find that meeting",
                       "The link may be old or wrong.");
        return;
    }
    joined(found, "A member");
    sim_reply_page(&c->reply, 200, found->title, "You are in the meeting.");
}

static void rename_all(struct sim *sim, struct sim_object *o, struct sim_object *meeting,
                       const char *title)
{
    sim_put_string(o->fields, "subject", title);
    sim_object_title(o, title);
    if (strcmp(o->kind, "event") == 0)
        sim_teams_event_touch(sim, o);
    if (meeting != NULL) {
        sim_put_string(meeting->fields, "subject", title);
        sim_object_title(meeting, title);
    }
}

bool sim_teams_remote(struct sim *sim, struct sim_object *o, const char *event, const cJSON *body,
                      struct error *err)
{
    const char *title = json_string(body, "title"), *name = json_string(body, "name"),
               *link = json_string(o->fields, "sim.meeting");
    bool is_event = strcmp(o->kind, "event") == 0;
    struct sim_object *meeting = !is_event ? o
                                 : link != NULL
                                     ? sim_object_find(sim, SIM_TEAMS, "onlineMeeting", link)
                                     : NULL;
    bool running = meeting != NULL && sim_object_is(meeting, "running");

    if (strcmp(event, "deleted") == 0 && is_event)
        sim_teams_event_drop(sim, o);
    else if (strcmp(event, "deleted") == 0)
        o->deleted = true;
    else if (strcmp(event, "renamed") == 0)
        rename_all(sim, o, meeting, title != NULL ? title : "Renamed in Outlook");
    else if (strcmp(event, "started") == 0 && meeting != NULL && !running)
        begin(meeting);
    else if (strcmp(event, "ended") == 0 && running)
        finish(sim, meeting);
    else if (strcmp(event, "participant_joined") == 0 && meeting != NULL)
        joined(meeting, name != NULL ? name : "Ruth Naomi");
    else
        return error_set(err, ERROR_REFUSED, NULL, "%s cannot happen to a %s that is %s.", event,
                         o->kind, o->state);
    return true;
}

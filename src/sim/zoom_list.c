/* Lists of Zoom meetings, and those that are over. */
#include "sim/zoom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

static const int64_t day_ms = 86400000;

static cJSON *row(const struct sim_object *o, bool upcoming)
{
    static const char *const copied[] = { "type", "duration", "timezone", "join_url" };
    cJSON *out = cJSON_CreateObject();

    cJSON_AddNumberToObject(out, "id", strtod(o->id, NULL));
    cJSON_AddStringToObject(out, "topic", o->title != NULL ? o->title : "");
    sim_put_time(out, "start_time", o->start_ms);
    sim_put_time(out, "created_at", o->created_ms);
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        cJSON_AddItemToObject(out, copied[i], cJSON_Duplicate(json_at(o->fields, copied[i]), true));
    if (upcoming) {
        sim_put_string(out, "passcode", json_string(o->fields, "password"));
        cJSON_AddBoolToObject(out, "use_pmi", false);
        cJSON_AddBoolToObject(out, "is_host", true);
        cJSON_AddBoolToObject(out, "is_all_day", false);
    } else {
        sim_put_string(out, "uuid", json_string(o->fields, "uuid"));
        cJSON_AddStringToObject(out, "host_id", o->owner);
        sim_put_string(out, "agenda", json_string(o->fields, "agenda"));
    }
    return out;
}

static bool wanted(const struct sim_object *o, const char *type, int64_t now)
{
    int64_t kind = 2, minutes = 60;

    json_int(o->fields, "type", &kind);
    json_int(o->fields, "duration", &minutes);
    if (kind == 1)
        return false; /* instant meetings are never listed */
    /* One is upcoming until its time is over, as Zoom's own pages show it. */
    bool coming = o->start_ms + minutes * 60000 >= now && sim_object_is(o, "waiting");
    bool live = sim_object_is(o, "started");
    if (strcmp(type, "live") == 0)
        return live;
    if (strcmp(type, "upcoming") == 0 || strcmp(type, "upcoming_meetings") == 0)
        return live || coming || kind == 8;
    if (strcmp(type, "previous_meetings") == 0)
        return !live && !coming;
    return true;
}

/* "yyyy-MM-dd" or a whole time; `otherwise` when absent. */
static bool day_of(struct sim_call *c, const char *name, int64_t otherwise, int64_t *out)
{
    const char *text = sim_query(c, name);
    char whole[40];

    *out = otherwise;
    if (text == NULL)
        return true;
    if (strlen(text) == 10) {
        snprintf(whole, sizeof whole, "%.10sT00:00:00Z", text);
        text = whole;
    }
    if (clock_parse_rfc3339(text, out))
        return true;
    sim_zoom_invalid(c, name, "Invalid field.");
    return false;
}

static bool page_of(struct sim_call *c, long *size, long *from)
{
    const char *size_text = sim_query(c, "page_size"), *token = sim_query(c, "next_page_token");

    *size = size_text != NULL ? strtol(size_text, NULL, 10) : 30;
    *from = 0;
    if (*size < 1 || *size > 300) {
        sim_zoom_invalid(c, "page_size", "Invalid field.");
        return false;
    }
    if (token != NULL && token[0] != '\0' && sscanf(token, "npt%ld", from) != 1) {
        sim_zoom_error(c, 400, 300, "The next page token is invalid or expired.");
        return false;
    }
    return true;
}

void sim_zoom_list(struct sim_call *c)
{
    const char *type = sim_query(c, "type");
    int64_t now = clock_now(), since, until;
    long size, from, total = 0;
    char token[32] = "";

    if (sim_zoom_user(c, c->capture[0]) < 0 || !page_of(c, &size, &from) ||
        !day_of(c, "from", INT64_MIN, &since) || !day_of(c, "to", INT64_MAX - day_ms, &until))
        return;
    type = type != NULL ? type : "scheduled";
    if (!sim_word_in("scheduled live upcoming upcoming_meetings previous_meetings", type)) {
        sim_zoom_invalid(c, "type", "Invalid field.");
        return;
    }
    cJSON *rows = cJSON_CreateArray();
    for (const struct sim_object *o = c->sim->objects; o != NULL; o = o->next) {
        if (o->platform != SIM_ZOOM || o->deleted ||
            strcmp(o->owner, sim_account_of(c->platform, c->grant)->id) != 0 ||
            !wanted(o, type, now) || o->start_ms < since || o->start_ms >= until + day_ms)
            continue;
        if (total >= from && total < from + size)
            cJSON_AddItemToArray(rows, row(o, false));
        total++;
    }
    if (from + size < total)
        snprintf(token, sizeof token, "npt%ld", from + size);
    cJSON *out = cJSON_CreateObject();
    cJSON_AddNumberToObject(out, "page_size", (double)size);
    cJSON_AddNumberToObject(out, "page_count", (double)((total + size - 1) / size));
    cJSON_AddNumberToObject(out, "page_number", (double)(from / size + 1));
    cJSON_AddNumberToObject(out, "total_records", (double)total);
    cJSON_AddStringToObject(out, "next_page_token", token);
    cJSON_AddItemToObject(out, "meetings", rows);
    sim_reply_json(&c->reply, 200, out);
}

/* Only what comes within the next 24 hours. */
void sim_zoom_upcoming(struct sim_call *c)
{
    int64_t now = clock_now();

    if (sim_zoom_user(c, c->capture[0]) < 0)
        return;
    cJSON *out = cJSON_CreateObject(), *rows = cJSON_CreateArray();
    for (const struct sim_object *o = c->sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_ZOOM && !o->deleted &&
            strcmp(o->owner, sim_account_of(c->platform, c->grant)->id) == 0 &&
            wanted(o, "upcoming", now) && o->start_ms < now + day_ms)
            cJSON_AddItemToArray(rows, row(o, true));
    cJSON_AddNumberToObject(out, "total_records", cJSON_GetArraySize(rows));
    cJSON_AddItemToObject(out, "meetings", rows);
    sim_reply_json(&c->reply, 200, out);
}

/* A past meeting is named by its id or by the uuid of its last instance; one that has a slash is
 * encoded twice. */
static struct sim_object *past_of(struct sim_call *c)
{
    cJSON *again = sim_parse_form(c->capture[0], strlen(c->capture[0]));
    const char *uuid = again != NULL && again->child != NULL ? again->child->string : c->capture[0];
    struct sim_object *found = NULL;

    for (struct sim_object *o = c->sim->objects; o != NULL && found == NULL; o = o->next)
        if (o->platform == SIM_ZOOM && json_at(o->fields, "endedMs") != NULL &&
            strcmp(o->owner, sim_account_of(c->platform, c->grant)->id) == 0 &&
            (strcmp(o->id, c->capture[0]) == 0 ||
             text_equal(json_string(o->fields, "pastUuid"), c->capture[0]) ||
             text_equal(json_string(o->fields, "pastUuid"), uuid)))
            found = o;
    cJSON_Delete(again);
    if (found == NULL)
        sim_zoom_error(c, 404, 3001, "This meeting does not exist: %s.", c->capture[0]);
    return found;
}

void sim_zoom_past(struct sim_call *c)
{
    struct sim_object *o = past_of(c);
    int64_t started = 0, ended = 0, people = 0;

    if (o == NULL)
        return;
    json_int(o->fields, "startedMs", &started);
    json_int(o->fields, "endedMs", &ended);
    json_int(o->fields, "participants", &people);
    cJSON *out = cJSON_CreateObject();
    sim_put_string(out, "uuid", json_string(o->fields, "pastUuid"));
    cJSON_AddNumberToObject(out, "id", strtod(o->id, NULL));
    cJSON_AddStringToObject(out, "host_id", o->owner);
    cJSON_AddItemToObject(out, "type", cJSON_Duplicate(json_at(o->fields, "type"), true));
    cJSON_AddStringToObject(out, "topic", o->title);
    cJSON_AddStringToObject(out, "user_name", sim_zoom_host(o)->name);
    cJSON_AddStringToObject(out, "user_email", sim_zoom_host(o)->email);
    sim_put_time(out, "start_time", started);
    sim_put_time(out, "end_time", ended);
    cJSON_AddNumberToObject(out, "duration", (double)((ended - started) / 60000));
    cJSON_AddNumberToObject(out, "participants_count", (double)people);
    sim_reply_json(&c->reply, 200, out);
}

void sim_zoom_past_participants(struct sim_call *c)
{
    if (past_of(c) == NULL)
        return;
    cJSON *out = cJSON_CreateObject();
    cJSON_AddNumberToObject(out, "page_size", 30);
    cJSON_AddNumberToObject(out, "page_count", 1);
    cJSON_AddNumberToObject(out, "total_records", 0);
    cJSON_AddStringToObject(out, "next_page_token", "");
    cJSON_AddArrayToObject(out, "participants");
    sim_reply_json(&c->reply, 200, out);
}

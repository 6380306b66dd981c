/* Lists of events: as they are stored, spread out over a range of days, and what has changed since.
 */
#include "sim/teams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/clock.h>

enum { OCCURRENCES_MAX = 500 };

/* ---- occurrences ---- */

static bool rule_of(const struct sim_object *series, struct sim_recur *r)
{
    const cJSON *recurrence = cJSON_GetObjectItemCaseSensitive(series->fields, "recurrence");

    return cJSON_IsObject(recurrence) &&
           sim_teams_rule(recurrence, json_string(series->fields, "sim.zone"), series->start_ms, r);
}

/* One of a series that was changed or cancelled, dead or alive; NULL: it is as the series says. */
static struct sim_object *exception_of(struct sim *sim, const struct sim_object *series,
                                       int64_t start_ms)
{
    char id[120];

    snprintf(id, sizeof id, "%s.%lld", series->id, (long long)(start_ms / 1000));
    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_TEAMS && strcmp(o->kind, "event") == 0 && strcmp(o->id, id) == 0)
            return o;
    return NULL;
}

static cJSON *occurrence_make(const struct sim_object *series, int64_t start_ms, const char *zone,
                              const char *name)
{
    struct sim_object moved = *series;
    char id[120];

    moved.fields = cJSON_Duplicate(series->fields, true);
    moved.start_ms = start_ms;
    sim_put_number(sim_fields(&moved, "sim"), "endMs",
                   (double)(start_ms + sim_teams_event_end(series) - series->start_ms));
    cJSON *out = sim_teams_event_view(&moved, zone, name);
    cJSON_Delete(moved.fields);
    snprintf(id, sizeof id, "%s.%lld", series->id, (long long)(start_ms / 1000));
    sim_put_string(out, "id", id);
    sim_put_string(out, "type", "occurrence");
    sim_put_string(out, "seriesMasterId", series->id);
    sim_put_time(out, "originalStart", start_ms);
    sim_put(out, "recurrence", NULL);
    return out;
}

/* The living series that an occurrence's id speaks of, and which of its starts. NULL: none. */
static struct sim_object *series_of(struct sim_call *c, const char *id, int64_t *start_ms)
{
    const char *dot = strrchr(id, '.');
    char *end = NULL, series_id[96];
    struct sim_recur r;
    int64_t found;

    if (dot == NULL || (size_t)(dot - id) >= sizeof series_id)
        return NULL;
    snprintf(series_id, sizeof series_id, "%.*s", (int)(dot - id), id);
    *start_ms = strtoll(dot + 1, &end, 10) * 1000;
    struct sim_object *series =
        sim_teams_event_find(c->sim, sim_teams_accounts[c->owner].id, series_id);
    if (end == dot + 1 || *end != '\0' || series == NULL || !rule_of(series, &r) ||
        exception_of(c->sim, series, *start_ms) != NULL)
        return NULL;
    return sim_recur_expand(&r, *start_ms, *start_ms + 1, &found, 1) == 1 ? series : NULL;
}

cJSON *sim_teams_occurrence_view(struct sim_call *c, const char *id, const char *zone,
                                 const char *name)
{
    int64_t start_ms;
    struct sim_object *series = series_of(c, id, &start_ms);

    return series != NULL ? occurrence_make(series, start_ms, zone, name) : NULL;
}

struct sim_object *sim_teams_occurrence(struct sim_call *c, const char *id)
{
    int64_t start_ms;
    struct sim_object *series = series_of(c, id, &start_ms);

    if (series == NULL)
        return NULL;
    struct sim_object *o = sim_object_new(c->sim, SIM_TEAMS, "event", id, series->owner);
    cJSON_Delete(o->fields);
    o->fields = cJSON_Duplicate(series->fields, true);
    o->start_ms = start_ms;
    sim_object_title(o, series->title);
    sim_object_state(o, "scheduled");
    sim_put_number(sim_fields(o, "sim"), "endMs",
                   (double)(start_ms + sim_teams_event_end(series) - series->start_ms));
    sim_put_string(o->fields, "id", id);
    sim_put_string(o->fields, "type", "exception");
    sim_put_string(o->fields, "seriesMasterId", series->id);
    sim_put_time(o->fields, "originalStart", start_ms);
    sim_put(o->fields, "recurrence", NULL);
    sim_put(o->fields, "transactionId", NULL);
    return o;
}

/* ---- $filter of events ---- */

/* `subject eq '…'`, `start/dateTime ge '…'`, `isOnlineMeeting eq true`, joined by `and`; what else
 * the service understands is refused here. */
static bool term_fits(const cJSON *one, const char *field, const char *op, const char *value,
                      bool *known)
{
    *known = true;
    if (strcmp(field, "subject") == 0 && strcmp(op, "eq") == 0)
        return text_equal(json_string(one, "subject"), value);
    if (strcmp(field, "isOnlineMeeting") == 0 && strcmp(op, "eq") == 0)
        return json_bool(one, "isOnlineMeeting", false) == (strcmp(value, "true") == 0);
    bool start = strcmp(field, "start/dateTime") == 0, end = strcmp(field, "end/dateTime") == 0;
    if ((start || end) && sim_word_in("ge gt le lt", op)) {
        const char *at = json_string(one, start ? "start.dateTime" : "end.dateTime");
        int order = strncmp(at != NULL ? at : "", value, strlen("2026-10-04T10:00:00"));
        return op[0] == 'g' ? (op[1] == 'e' ? order >= 0 : order > 0)
                            : (op[1] == 'e' ? order <= 0 : order < 0);
    }
    *known = false;
    return false;
}

static bool filter(struct sim_call *c, cJSON *all)
{
    const char *at = sim_query(c, "$filter");
    char field[40], op[8], value[200];
    bool known = true;

    while (at != NULL && *at != '\0' && known) {
        int got = 0;
        at += strspn(at, " ");
        if (sscanf(at, "%39[a-zA-Z/] %7[a-z] '%199[^']'%n", field, op, value, &got) != 3 ||
            got == 0) {
            got = 0;
            known = sscanf(at, "%39[a-zA-Z/] %7[a-z] %199[a-z]%n", field, op, value, &got) == 3;
        }
        at += got;
        at += strspn(at, " ");
        for (int i = cJSON_GetArraySize(all) - 1; known && i >= 0; i--)
            if (!term_fits(cJSON_GetArrayItem(all, i), field, op, value, &known) && known)
                cJSON_DeleteItemFromArray(all, i);
        if (strncasecmp(at, "and ", 4) == 0)
            at += 4;
        else
            known = known && *at == '\0';
    }
    if (!known)
        sim_teams_error(c, 400, "ErrorInvalidUrlQueryFilter",
                        "The query filter contains one or more invalid nodes.");
    return known;
}

/* ---- lists ---- */

static bool is_own(struct sim_call *c, const struct sim_object *o)
{
    return o->platform == SIM_TEAMS && strcmp(o->kind, "event") == 0 &&
           strcmp(o->owner, sim_teams_accounts[c->owner].id) == 0;
}

void sim_teams_events(struct sim_call *c)
{
    char name[64];
    const char *zone = sim_teams_zone(c, name, sizeof name);

    if (zone == NULL)
        return;
    cJSON *all = cJSON_CreateArray();
    for (const struct sim_object *o = c->sim->objects; o != NULL; o = o->next)
        if (is_own(c, o) && !o->deleted && json_string(o->fields, "seriesMasterId") == NULL)
            cJSON_AddItemToArray(all, sim_teams_event_view(o, zone, name));
    if (filter(c, all))
        sim_teams_send_list(c, all, sim_teams_event_members, "event", 10);
    else
        cJSON_Delete(all);
}

struct range {
    int64_t from, to;
    const char *zone;
    char name[64];
};

/* Adds the event where it falls into the range, a series spread out. */
static void spread(struct sim_call *c, struct sim_object *o, const struct range *range, cJSON *all)
{
    int64_t starts[OCCURRENCES_MAX], length = sim_teams_event_end(o) - o->start_ms;
    struct sim_recur r;

    if (!rule_of(o, &r)) {
        if (json_string(o->fields, "seriesMasterId") == NULL && o->start_ms < range->to &&
            o->start_ms + length > range->from)
            cJSON_AddItemToArray(all, sim_teams_event_view(o, range->zone, range->name));
        return;
    }
    size_t count =
        sim_recur_expand(&r, range->from - length + 1, range->to, starts, OCCURRENCES_MAX);
    for (size_t i = 0; i < count; i++) {
        struct sim_object *own = exception_of(c->sim, o, starts[i]);
        if (own == NULL)
            cJSON_AddItemToArray(all, occurrence_make(o, starts[i], range->zone, range->name));
        else if (!own->deleted)
            cJSON_AddItemToArray(all, sim_teams_event_view(own, range->zone, range->name));
    }
}

static bool read_bound(struct sim_call *c, const char *name, int64_t *ms)
{
    const char *text = sim_query(c, name);
    struct zone_time wall;

    if (text == NULL) {
        sim_teams_error(c, 400, "ErrorInvalidParameter",
                        "This request requires a time window specified by the query string "
                        "parameters StartDateTime and EndDateTime.");
        return false;
    }
    if (clock_parse_rfc3339(text, ms))
        return true;
    if (sim_wall_parse(text, &wall)) { /* without an offset it is UTC */
        *ms = zone_instant(NULL, &wall);
        return true;
    }
    sim_teams_error(c, 400, "ErrorInvalidParameter", "The value '%s' of parameter '%s' is invalid.",
                    text, name);
    return false;
}

static bool read_range(struct sim_call *c, struct range *range)
{
    range->zone = sim_teams_zone(c, range->name, sizeof range->name);
    if (range->zone == NULL || !read_bound(c, "startDateTime", &range->from) ||
        !read_bound(c, "endDateTime", &range->to))
        return false;
    if (range->to >= range->from)
        return true;
    sim_teams_error(c, 400, "ErrorInvalidParameter", "The time window ends before it starts.");
    return false;
}

void sim_teams_view(struct sim_call *c)
{
    struct range range;

    if (!read_range(c, &range))
        return;
    cJSON *all = cJSON_CreateArray();
    for (struct sim_object *o = c->sim->objects; o != NULL; o = o->next)
        if (is_own(c, o) && !o->deleted)
            spread(c, o, &range, all);
    if (filter(c, all))
        sim_teams_send_list(c, all, sim_teams_event_members, "event", 10);
    else
        cJSON_Delete(all);
}

void sim_teams_instances(struct sim_call *c)
{
    struct range range;
    struct sim_object *o =
        sim_teams_event_find(c->sim, sim_teams_accounts[c->owner].id, c->capture[0]);

    if (!read_range(c, &range))
        return;
    if (o == NULL) {
        sim_teams_error(c, 404, "ErrorItemNotFound",
                        "The specified object was not found in the store.");
        return;
    }
    cJSON *all = cJSON_CreateArray();
    spread(c, o, &range, all);
    sim_teams_send_list(c, all, sim_teams_event_members, "event", 10);
}

/* ---- delta ---- */

static cJSON *removed(const struct sim_object *o)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "id", o->id);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(out, "@removed"), "reason", "deleted");
    return out;
}

static int64_t newest(struct sim_call *c)
{
    int64_t serial = 0;

    for (const struct sim_object *o = c->sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_TEAMS && sim_teams_event_serial(o) > serial)
            serial = sim_teams_event_serial(o);
    return serial;
}

/* All at once: a round of one page. The token holds the range, so that it comes alone. */
void sim_teams_delta(struct sim_call *c)
{
    const char *token = sim_query(c, "$deltatoken");
    long long since = -1, from = 0, to = 0;
    struct range range;
    char link[300];
    int got = 0;

    if (token == NULL) {
        if (!read_range(c, &range))
            return;
    } else if (sscanf(token, "sim%lld_%lld_%lld%n", &since, &from, &to, &got) != 3 ||
               token[got] != '\0') {
        sim_teams_error(c, 410, "SyncStateNotFound",
                        "The sync state generation is not found; continue with a full sync.");
        return;
    } else {
        range.zone = sim_teams_zone(c, range.name, sizeof range.name);
        range.from = from;
        range.to = to;
        if (range.zone == NULL)
            return;
    }
    cJSON *all = cJSON_CreateArray();
    for (struct sim_object *o = c->sim->objects; o != NULL; o = o->next) {
        if (!is_own(c, o) || sim_teams_event_serial(o) <= since)
            continue;
        if (!o->deleted)
            spread(c, o, &range, all);
        else if (since >= 0)
            cJSON_AddItemToArray(all, removed(o));
    }
    cJSON *out = cJSON_CreateObject();
    cJSON_AddItemToObject(out, "value", all);
    snprintf(link, sizeof link, "%s%s?$deltatoken=sim%lld_%lld_%lld", c->sim->address[SIM_TEAMS],
             c->path, (long long)newest(c), (long long)range.from, (long long)range.to);
    cJSON_AddStringToObject(out, "@odata.deltaLink", link);
    sim_reply_json(&c->reply, 200, out);
}

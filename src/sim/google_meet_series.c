/* Calendar's series: RRULE and EXDATE, their instances, and those of them that somebody changed. */
#include "sim/google_meet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

enum { INSTANCES_MAX = 750 };

bool sim_calendar_rule(const cJSON *event, int64_t start_ms, struct sim_recur *r)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(event, "recurrence");
    bool found = false;

    memset(r, 0, sizeof *r);
    r->zone = json_string(event, "start.timeZone");
    r->start_ms = start_ms;
    for (const cJSON *one = list != NULL ? list->child : NULL; one != NULL; one = one->next) {
        const char *line = cJSON_GetStringValue(one);
        if (line == NULL || !text_starts(line, "RRULE:"))
            continue;
        if (found || !sim_recur_rrule(r, line + strlen("RRULE:")))
            return false;
        found = true;
    }
    return found;
}

/* "20261223T190000" on the zone's clocks, with a Z behind it UTC. */
static bool stamp_parse(const char *text, const char *zone, int64_t *ms)
{
    struct zone_time t;
    int got = 0;

    memset(&t, 0, sizeof t);
    if (sscanf(text, "%4d%2d%2dT%2d%2d%2d%n", &t.year, &t.month, &t.day, &t.hour, &t.minute,
               &t.second, &got) != 6 ||
        got != 15)
        return false;
    *ms = zone_instant(text[15] == 'Z' ? NULL : zone, &t);
    return true;
}

static void stamp_print(char out[24], int64_t ms)
{
    struct zone_time t;

    zone_local(NULL, ms, &t);
    snprintf(out, 24, "%04d%02d%02dT%02d%02d%02dZ", t.year, t.month, t.day, t.hour, t.minute,
             t.second);
}

/* "EXDATE;TZID=America/Chicago:20261223T190000,20261230T190000" */
static bool excepted(const cJSON *event, int64_t start_ms)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(event, "recurrence");
    char zone[64];
    int64_t ms;

    for (const cJSON *one = list != NULL ? list->child : NULL; one != NULL; one = one->next) {
        const char *line = cJSON_GetStringValue(one);
        const char *colon = line != NULL && text_starts(line, "EXDATE") ? strchr(line, ':') : NULL;
        if (colon == NULL)
            continue;
        const char *named = strstr(line, "TZID=");
        zone[0] = '\0';
        if (named != NULL && named < colon)
            snprintf(zone, sizeof zone, "%.*s", (int)(colon - named - 5), named + 5);
        for (const char *at = colon + 1; at != NULL; at = strchr(at, ',')) {
            at += *at == ',';
            if (stamp_parse(at, zone[0] != '\0' ? zone : json_string(event, "start.timeZone"),
                            &ms) &&
                ms == start_ms)
                return true;
        }
    }
    return false;
}

static cJSON *instance_view(const struct sim_object *series, int64_t start_ms)
{
    cJSON *view = sim_calendar_view(series);
    const char *zone = json_string(series->fields, "start.timeZone");
    bool day = json_string(series->fields, "start.date") != NULL;
    char id[160], stamp[24];

    stamp_print(stamp, start_ms);
    snprintf(id, sizeof id, "%s_%s", series->id, stamp);
    sim_put_string(view, "id", id);
    sim_put_string(view, "recurringEventId", series->id);
    sim_put(view, "originalStartTime", sim_calendar_time(start_ms, zone, day));
    sim_put(view, "recurrence", NULL);
    int64_t end_ms = start_ms + sim_calendar_end(series) - series->start_ms;
    sim_put(view, "end",
            sim_calendar_time(end_ms, json_string(series->fields, "end.timeZone"), day));
    sim_put(view, "start", sim_calendar_time(start_ms, zone, day));
    return view;
}

static struct sim_object *changed_one(struct sim *sim, const struct sim_object *series,
                                      int64_t start_ms)
{
    char id[160], stamp[24];

    stamp_print(stamp, start_ms);
    snprintf(id, sizeof id, "%.120s_%s", series->id, stamp);
    return sim_calendar_find(sim, series->owner, id);
}

void sim_calendar_instances(struct sim *sim, struct sim_object *series, int64_t from, int64_t to,
                            void (*take)(void *to_whom, cJSON *view, int64_t start_ms),
                            void *to_whom)
{
    int64_t *starts = calloc(INSTANCES_MAX, sizeof *starts);
    struct sim_recur r;

    if (starts == NULL || !sim_calendar_rule(series->fields, series->start_ms, &r)) {
        free(starts);
        return;
    }
    size_t count = sim_recur_expand(&r, from, to, starts, INSTANCES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (excepted(series->fields, starts[i]))
            continue;
        struct sim_object *own = changed_one(sim, series, starts[i]);
        take(to_whom, own != NULL ? sim_calendar_view(own) : instance_view(series, starts[i]),
             own != NULL ? own->start_ms : starts[i]);
    }
    free(starts);
}

static bool is_start(struct sim_object *series, int64_t start_ms)
{
    struct sim_recur r;
    int64_t found;

    return sim_calendar_rule(series->fields, series->start_ms, &r) &&
           sim_recur_expand(&r, start_ms, start_ms + 1, &found, 1) == 1 &&
           !excepted(series->fields, start_ms);
}

/* The living series that an instance's id speaks of, and which of its starts; NULL: none. */
static struct sim_object *series_of(struct sim *sim, const char *email, const char *id,
                                    int64_t *start_ms)
{
    const char *bar = strrchr(id, '_');
    char series_id[96];

    if (bar == NULL || !stamp_parse(bar + 1, NULL, start_ms) ||
        (size_t)(bar - id) >= sizeof series_id)
        return NULL;
    snprintf(series_id, sizeof series_id, "%.*s", (int)(bar - id), id);
    struct sim_object *series = sim_calendar_find(sim, email, series_id);
    return series != NULL && !series->deleted && is_start(series, *start_ms) ? series : NULL;
}

cJSON *sim_calendar_instance_view(struct sim *sim, const char *email, const char *id)
{
    int64_t start_ms;
    struct sim_object *series = series_of(sim, email, id, &start_ms);

    return series != NULL ? instance_view(series, start_ms) : NULL;
}

struct sim_object *sim_calendar_instance(struct sim *sim, const char *email, const char *id)
{
    int64_t start_ms;
    struct sim_object *series = series_of(sim, email, id, &start_ms);

    if (series == NULL)
        return NULL;
    struct sim_object *o = sim_object_new(sim, SIM_MEET, "event", id, email);
    const cJSON *ours = json_at(series->fields, "sim");
    cJSON_Delete(o->fields);
    o->fields = instance_view(series, start_ms);
    o->start_ms = start_ms;
    sim_object_title(o, series->title);
    sim_object_state(o, "confirmed");
    if (ours != NULL)
        sim_put(o->fields, "sim", cJSON_Duplicate(ours, true));
    sim_put_number(sim_fields(o, "sim"), "endMs",
                   (double)(start_ms + sim_calendar_end(series) - series->start_ms));
    return o;
}

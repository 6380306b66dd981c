/* What Calendar lets into an event: kinds, lengths, times. What it does not know it ignores, as the
 * page's traps tell (a misspelt requestID makes no conference and no error). */
#include "sim/google_meet.h"

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>

/* kind: b bool, s text, a list, o object, e one of values. */
static const struct rule {
    const char *path;
    char kind;
    const char *values;
} rules[] = {
    { "summary", 's', NULL },
    { "description", 's', NULL },
    { "location", 's', NULL },
    { "colorId", 's', NULL },
    { "start", 'o', NULL },
    { "end", 'o', NULL },
    { "attendees", 'a', NULL },
    { "recurrence", 'a', NULL },
    { "reminders", 'o', NULL },
    { "reminders.useDefault", 'b', NULL },
    { "reminders.overrides", 'a', NULL },
    { "extendedProperties", 'o', NULL },
    { "extendedProperties.private", 'o', NULL },
    { "extendedProperties.shared", 'o', NULL },
    { "guestsCanModify", 'b', NULL },
    { "guestsCanInviteOthers", 'b', NULL },
    { "guestsCanSeeOtherGuests", 'b', NULL },
    { "anyoneCanAddSelf", 'b', NULL },
    { "visibility", 'e', "default public private confidential" },
    { "transparency", 'e', "opaque transparent" },
    { "status", 'e', "confirmed tentative cancelled" },
    { "conferenceData", 'o', NULL },
};

static bool invalid(struct sim_call *c, const char *message)
{
    sim_calendar_error(c, 400, "global", "invalid", NULL, "%s", message);
    return false;
}

static bool rule_holds(const cJSON *value, const struct rule *r)
{
    switch (r->kind) {
    case 's':
        return cJSON_IsString(value);
    case 'b':
        return cJSON_IsBool(value);
    case 'a':
        return cJSON_IsArray(value);
    case 'o':
        return cJSON_IsObject(value);
    default:
        return cJSON_IsString(value) && sim_word_in(r->values, value->valuestring);
    }
}

static bool kinds_ok(struct sim_call *c, const cJSON *event)
{
    char message[200];

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const cJSON *value = json_at(event, rules[i].path);
        if (value == NULL || cJSON_IsNull(value) || rule_holds(value, &rules[i]))
            continue;
        snprintf(message, sizeof message, "Invalid value for: %s", rules[i].path);
        return invalid(c, message);
    }
    return true;
}

/* ---- times ---- */

struct when {
    int64_t ms;
    bool day;
    const char *zone;
};

static bool day_parse(const char *text, int64_t *ms)
{
    char wall[40];
    struct zone_time t;

    snprintf(wall, sizeof wall, "%.16sT00:00:00", text);
    if (strlen(text) != strlen("2026-12-08") || !sim_wall_parse(wall, &t))
        return false;
    *ms = zone_instant(SIM_MEET_ZONE, &t);
    return true;
}

/* name: "start" or "end". */
static bool when_ok(struct sim_call *c, const cJSON *event, const char *name, struct when *out)
{
    const cJSON *part = cJSON_GetObjectItemCaseSensitive(event, name);
    const char *at = json_string(part, "dateTime"), *day = json_string(part, "date"),
               *zone = json_string(part, "timeZone");
    struct zone_time wall;

    out->zone = zone;
    out->day = day != NULL;
    if (part == NULL || (at == NULL && day == NULL)) {
        sim_calendar_error(c, 400, "global", "required", NULL, "Missing %s time.", name);
    } else if (at != NULL && day != NULL) {
        sim_calendar_error(c, 400, "global", "invalid", NULL, "Invalid %s time.", name);
    } else if (zone != NULL && !zone_known(zone)) {
        sim_calendar_error(c, 400, "global", "invalid", NULL,
                           "Invalid time zone definition for %s time.", name);
    } else if (day != NULL ? day_parse(day, &out->ms) : clock_parse_rfc3339(at, &out->ms)) {
        return true;
    } else if (at == NULL || !sim_wall_parse(at, &wall)) {
        sim_calendar_error(c, 400, "global", "invalid", NULL,
                           "Invalid value for: Invalid format: \"%s\"", at != NULL ? at : day);
    } else if (zone == NULL) {
        sim_calendar_error(c, 400, "global", "required", NULL,
                           "Missing time zone definition for %s time.", name);
    } else {
        out->ms = zone_instant(zone, &wall);
        return true;
    }
    return false;
}

static bool times_ok(struct sim_call *c, cJSON *event, struct sim_calendar_times *times)
{
    struct when start, end;
    const cJSON *series = json_at(event, "recurrence.0");

    if (!when_ok(c, event, "start", &start) || !when_ok(c, event, "end", &end))
        return false;
    if (start.day != end.day)
        return invalid(c, "Invalid start or end: both are days, or both are times.");
    if (series != NULL && !start.day && (start.zone == NULL || end.zone == NULL)) {
        sim_calendar_error(c, 400, "global", "required", NULL,
                           "Missing time zone definition for %s time.",
                           start.zone == NULL ? "start" : "end");
        return false;
    }
    if (end.ms < start.ms || (end.ms == start.ms && start.day)) {
        sim_calendar_error(c, 400, "calendar", "timeRangeEmpty", NULL,
                           "The specified time range is empty.");
        return false;
    }
    times->start_ms = start.ms;
    times->end_ms = end.ms;
    char zones[2][64];
    text_copy_to(zones[0], sizeof zones[0], start.zone != NULL ? start.zone : SIM_MEET_ZONE);
    text_copy_to(zones[1], sizeof zones[1], end.zone != NULL ? end.zone : SIM_MEET_ZONE);
    sim_put(event, "start", sim_calendar_time(start.ms, zones[0], start.day));
    sim_put(event, "end", sim_calendar_time(end.ms, zones[1], end.day));
    return true;
}

/* ---- lists ---- */

static bool email_ok(const char *email)
{
    const char *at = email != NULL ? strchr(email, '@') : NULL;

    return at != NULL && at != email && strchr(at, '.') != NULL && strchr(email, ' ') == NULL;
}

static bool attendees_ok(struct sim_call *c, const cJSON *event)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(event, "attendees");

    for (cJSON *one = list != NULL ? list->child : NULL; one != NULL; one = one->next) {
        if (!email_ok(json_string(one, "email")))
            return invalid(c, "Invalid attendee email.");
        if (json_string(one, "responseStatus") == NULL)
            sim_put_string(one, "responseStatus", "needsAction");
    }
    return true;
}

static bool reminders_ok(struct sim_call *c, const cJSON *event)
{
    const cJSON *list = json_at(event, "reminders.overrides");
    int64_t minutes;

    if (cJSON_GetArraySize(list) > 5)
        return invalid(c, "Cannot have more than 5 reminder overrides.");
    if (list != NULL && json_bool(event, "reminders.useDefault", false) &&
        cJSON_GetArraySize(list) > 0) {
        sim_calendar_error(c, 400, "global", "cannotUseDefaultRemindersAndSpecifyOverride", NULL,
                           "Cannot specify both default reminders and overrides at the same time.");
        return false;
    }
    for (const cJSON *one = list != NULL ? list->child : NULL; one != NULL; one = one->next) {
        const char *method = json_string(one, "method");
        if (method == NULL || !sim_word_in("email popup", method))
            return invalid(c, "Invalid reminder method.");
        if (!json_int(one, "minutes", &minutes) || minutes < 0 || minutes > 40320)
            return invalid(c, "Invalid reminder minutes.");
    }
    return true;
}

static bool properties_ok(struct sim_call *c, const cJSON *event)
{
    static const char *const kinds[] = { "extendedProperties.private",
                                         "extendedProperties.shared" };

    for (int i = 0; i < 2; i++) {
        const cJSON *part = json_at(event, kinds[i]);
        for (const cJSON *one = part != NULL ? part->child : NULL; one != NULL; one = one->next)
            if (!cJSON_IsString(one))
                return invalid(c, "Invalid extended property value.");
    }
    return true;
}

static bool recurrence_ok(struct sim_call *c, const cJSON *event, int64_t start_ms)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(event, "recurrence");
    struct sim_recur r;

    for (const cJSON *one = list != NULL ? list->child : NULL; one != NULL; one = one->next) {
        const char *line = cJSON_GetStringValue(one);
        if (line == NULL || !(text_starts(line, "RRULE:") || text_starts(line, "EXDATE") ||
                              text_starts(line, "RDATE") || text_starts(line, "EXRULE:")))
            return invalid(c, "Invalid recurrence rule.");
    }
    if (list == NULL || list->child == NULL || sim_calendar_rule(event, start_ms, &r))
        return true;
    return invalid(c, "Invalid recurrence rule.");
}

bool sim_calendar_check(struct sim_call *c, cJSON *event, struct sim_calendar_times *times)
{
    return kinds_ok(c, event) && times_ok(c, event, times) && attendees_ok(c, event) &&
           reminders_ok(c, event) && properties_ok(c, event) &&
           recurrence_ok(c, event, times->start_ms);
}

/* What Graph lets into an event and into an online meeting. Names that it does not know it refuses;
 * those that are for reading only it may pass over (not confirmed), here they are refused too. */
#include "sim/teams.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/clock.h>

/* kind: b bool, s text, t time, n whole number, a list, o object, e one of values in any case.
 * `old` ones may be changed later, the others only be there from the start. */
struct rule {
    const char *name;
    char kind;
    const char *values;
    bool old;
};

static const struct rule event_rules[] = {
    { "subject", 's', NULL, true },
    { "body", 'o', NULL, true },
    { "start", 'o', NULL, true },
    { "end", 'o', NULL, true },
    { "attendees", 'a', NULL, true },
    { "location", 'o', NULL, true },
    { "locations", 'a', NULL, true },
    { "isOnlineMeeting", 'b', NULL, true },
    { "onlineMeetingProvider", 'e', "unknown skypeForBusiness skypeForConsumer teamsForBusiness",
      true },
    { "transactionId", 's', NULL, false },
    { "recurrence", 'o', NULL, true },
    { "importance", 'e', "low normal high", true },
    { "sensitivity", 'e', "normal personal private confidential", true },
    { "showAs", 'e', "unknown free tentative busy oof workingElsewhere", true },
    { "isAllDay", 'b', NULL, true },
    { "isReminderOn", 'b', NULL, true },
    { "reminderMinutesBeforeStart", 'n', NULL, true },
    { "responseRequested", 'b', NULL, true },
    { "allowNewTimeProposals", 'b', NULL, true },
    { "hideAttendees", 'b', NULL, true },
    { "categories", 'a', NULL, true },
    { "singleValueExtendedProperties", 'a', NULL, true },
    { "@odata.type", 's', NULL, true },
    { NULL, 0, NULL, false },
};

static const struct rule meeting_rules[] = {
    { "subject", 's', NULL, true },
    { "startDateTime", 't', NULL, true },
    { "endDateTime", 't', NULL, true },
    { "participants", 'o', NULL, true },
    { "lobbyBypassSettings", 'o', NULL, true },
    { "joinMeetingIdSettings", 'o', NULL, false },
    { "allowedPresenters", 'e', "everyone organization roleIsPresenter organizer", true },
    { "allowedLobbyAdmitters", 'e',
      "organizerAndCoOrganizersAndPresenters organizerAndCoOrganizers", true },
    { "allowMeetingChat", 'e', "enabled disabled limited", true },
    { "shareMeetingChatHistoryDefault", 'e', "none all", true },
    { "recordAutomatically", 'b', NULL, true },
    { "allowRecording", 'b', NULL, true },
    { "allowTranscription", 'b', NULL, true },
    { "allowAttendeeToEnableMic", 'b', NULL, true },
    { "allowAttendeeToEnableCamera", 'b', NULL, true },
    { "allowTeamworkReactions", 'b', NULL, true },
    { "allowBreakoutRooms", 'b', NULL, true },
    { "allowWhiteboard", 'b', NULL, true },
    { "allowPowerPointSharing", 'b', NULL, true },
    { "allowParticipantsToChangeName", 'b', NULL, true },
    { "allowCopyingAndSharingMeetingContent", 'b', NULL, true },
    { "isEntryExitAnnounced", 'b', NULL, true },
    { "@odata.type", 's', NULL, true },
    { NULL, 0, NULL, false },
};

bool sim_teams_body(struct sim_call *c)
{
    if (c->length > 0 && sim_content_is(c, "application/json") && cJSON_IsObject(c->json))
        return true;
    sim_teams_bad(c, "Unable to read JSON request payload. Please ensure Content-Type header is "
                     "set and payload is of valid JSON format.");
    return false;
}

static bool among(const char *values, const char *value)
{
    char word[64];

    for (const char *at = values; *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        snprintf(word, sizeof word, "%.*s", (int)length, at);
        if (strcasecmp(word, value) == 0)
            return true;
        at += length;
    }
    return false;
}

static bool is_time(const cJSON *value)
{
    int64_t ms;
    const char *text = cJSON_GetStringValue(value);

    return text != NULL && clock_parse_rfc3339(text, &ms);
}

static bool rule_holds(const cJSON *value, const struct rule *r)
{
    switch (r->kind) {
    case 'b':
        return cJSON_IsBool(value);
    case 's':
        return cJSON_IsString(value);
    case 't':
        return is_time(value);
    case 'n':
        return cJSON_IsNumber(value) && value->valuedouble >= 0;
    case 'a':
        return cJSON_IsArray(value);
    case 'e':
        return cJSON_IsString(value) && among(r->values, value->valuestring);
    default:
        return cJSON_IsObject(value);
    }
}

static bool rules_ok(struct sim_call *c, const struct rule *rules, const char *type, bool old)
{
    for (const cJSON *m = c->json->child; m != NULL; m = m->next) {
        const struct rule *r = rules;
        while (r->name != NULL && strcmp(r->name, m->string) != 0)
            r++;
        if (r->name == NULL) {
            sim_teams_bad(c,
                          "The property '%s' does not exist on type 'microsoft.graph.%s' or cannot "
                          "be written. Make sure to only use property names that are defined by "
                          "the type.",
                          m->string, type);
            return false;
        }
        if (old && !r->old) {
            sim_teams_bad(c, "The property '%s' cannot be changed after creation.", m->string);
            return false;
        }
        if (!(cJSON_IsNull(m) && sim_word_in("recurrence location", m->string)) &&
            !rule_holds(m, r)) {
            sim_teams_bad(c, "Cannot convert the value of property '%s' to its expected type.",
                          m->string);
            return false;
        }
    }
    return true;
}

/* ---- events ---- */

static unsigned weekday_bit(const char *name)
{
    static const char *const names[] = { "sunday",   "monday", "tuesday", "wednesday",
                                         "thursday", "friday", "saturday" };

    for (unsigned i = 0; i < 7; i++)
        if (name != NULL && strcasecmp(names[i], name) == 0)
            return 1u << i;
    return 0;
}

static int64_t whole(const cJSON *object, const char *name, int64_t otherwise)
{
    int64_t value = otherwise;

    json_int(object, name, &value);
    return value;
}

static bool read_pattern(const cJSON *pattern, struct sim_recur *r)
{
    static const char *const types[] = { "daily",           "weekly",         "absoluteMonthly",
                                         "relativeMonthly", "absoluteYearly", "relativeYearly" };
    static const char *const weeks[] = { "first", "second", "third", "fourth", "last" };
    const char *type = json_string(pattern, "type"), *index = json_string(pattern, "index");
    const cJSON *days = json_at(pattern, "daysOfWeek");
    int which = -1;

    for (int i = 0; type != NULL && i < 6; i++)
        which = strcasecmp(types[i], type) == 0 ? i : which;
    if (which < 0)
        return false;
    r->unit = "dwmmyy"[which];
    r->interval = (int)whole(pattern, "interval", 0);
    r->month_day = (int)whole(pattern, "dayOfMonth", 0);
    r->month = (int)whole(pattern, "month", 0);
    for (const cJSON *one = days != NULL ? days->child : NULL; one != NULL; one = one->next) {
        unsigned bit = weekday_bit(cJSON_GetStringValue(one));
        if (bit == 0)
            return false;
        r->weekdays |= bit;
    }
    if (which == 3 || which == 5) { /* of the relative ones: the first when nothing is said */
        r->nth = 1;
        for (int i = 0; index != NULL && i < 5; i++)
            r->nth = strcasecmp(weeks[i], index) == 0 ? (i == 4 ? -1 : i + 1) : r->nth;
    }
    bool relative = which == 1 || which == 3 || which == 5;
    return r->interval >= 1 && r->interval <= 99 && relative == (r->weekdays != 0) &&
           ((which != 2 && which != 4) || (r->month_day >= 1 && r->month_day <= 31)) &&
           (which < 4 || (r->month >= 1 && r->month <= 12));
}

/* A day's last moment on the zone's clocks. */
static bool read_day(const char *text, const char *zone, int64_t *ms)
{
    char wall[40];
    struct zone_time t;

    snprintf(wall, sizeof wall, "%.16sT23:59:59", text != NULL ? text : "");
    if (!sim_wall_parse(wall, &t))
        return false;
    *ms = zone_instant(zone, &t);
    return true;
}

bool sim_teams_rule(const cJSON *recurrence, const char *zone, int64_t start_ms,
                    struct sim_recur *r)
{
    const cJSON *range = json_at(recurrence, "range");
    const char *type = json_string(range, "type"), *first = json_string(range, "startDate");
    int64_t count = whole(range, "numberOfOccurrences", 0);
    char day[SIM_WALL_SIZE];

    memset(r, 0, sizeof *r);
    r->zone = zone;
    r->start_ms = start_ms;
    sim_wall_print(day, zone, start_ms);
    day[strlen("2026-10-04")] = '\0';
    if (!read_pattern(json_at(recurrence, "pattern"), r) || type == NULL ||
        !text_equal(first, day)) /* the range begins when the event does */
        return false;
    if (strcasecmp(type, "endDate") == 0)
        return read_day(json_string(range, "endDate"), zone, &r->until_ms) &&
               r->until_ms >= start_ms;
    if (strcasecmp(type, "numbered") == 0) {
        r->count = (int)count;
        return count >= 1 && count <= 999;
    }
    return strcasecmp(type, "noEnd") == 0;
}

static bool attendees_ok(struct sim_call *c)
{
    const cJSON *list = json_at(c->json, "attendees");

    for (const cJSON *one = list != NULL ? list->child : NULL; one != NULL; one = one->next) {
        const char *address = json_string(one, "emailAddress.address"),
                   *type = json_string(one, "type");
        if (address == NULL || strchr(address, '@') == NULL) {
            sim_teams_error(c, 400, "ErrorInvalidRecipients",
                            "At least one recipient is not valid.");
            return false;
        }
        if (type != NULL && !among("required optional resource", type)) {
            sim_teams_bad(c, "Requested value '%s' was not found.", type);
            return false;
        }
    }
    return true;
}

/* Takes over the times of the body where it has them. */
static bool times_ok(struct sim_call *c, const struct sim_object *old,
                     struct sim_teams_times *times)
{
    const cJSON *start = json_at(c->json, "start"), *end = json_at(c->json, "end");
    char zone[64];

    if ((start != NULL || old == NULL) &&
        !sim_teams_read_time(c, start, "start", &times->start_ms, times->zone, sizeof times->zone))
        return false;
    if ((end != NULL || old == NULL) &&
        !sim_teams_read_time(c, end, "end", &times->end_ms, zone, sizeof zone))
        return false;
    if (times->end_ms >= times->start_ms)
        return true;
    sim_teams_error(c, 400, "ErrorPropertyValidationFailure",
                    "At least one property failed validation: the event ends before it starts.");
    return false;
}

bool sim_teams_event_ok(struct sim_call *c, const struct sim_object *old,
                        struct sim_teams_times *times)
{
    const char *content = json_string(c->json, "body.contentType");
    const cJSON *recurrence = json_at(c->json, "recurrence");
    struct sim_recur r;

    if (!sim_teams_body(c) || !rules_ok(c, event_rules, "event", old != NULL) ||
        !times_ok(c, old, times) || !attendees_ok(c))
        return false;
    if (json_at(c->json, "body") != NULL && (content == NULL || !among("text html", content))) {
        sim_teams_bad(c, "Requested value '%s' was not found.", content != NULL ? content : "");
        return false;
    }
    if (cJSON_IsObject(recurrence) &&
        !sim_teams_rule(recurrence, times->zone, times->start_ms, &r)) {
        sim_teams_error(c, 400, "ErrorPropertyValidationFailure",
                        "At least one property failed validation: the recurrence is not valid.");
        return false;
    }
    return true;
}

/* ---- online meetings ---- */

/* Presenters and co-organizers are in the organizer's own directory. */
static bool participants_ok(struct sim_call *c)
{
    const cJSON *list = json_at(c->json, "participants.attendees");

    for (const cJSON *one = list != NULL ? list->child : NULL; one != NULL; one = one->next) {
        const char *upn = json_string(one, "upn"), *role = json_string(one, "role");
        if (role != NULL && !among("attendee presenter coorganizer", role)) {
            sim_teams_bad(c, "Requested value '%s' was not found.", role);
            return false;
        }
        bool inside = role == NULL || strcasecmp(role, "attendee") == 0;
        for (int i = 0; !inside && sim_teams_accounts[i].id != NULL; i++)
            inside = text_equal(upn, sim_teams_accounts[i].email) &&
                     strcmp(sim_teams_people[i].tenant, sim_teams_people[c->owner].tenant) == 0;
        if (!inside) {
            sim_teams_bad(c, "The user '%s' was not found in the directory.",
                          upn != NULL ? upn : "");
            return false;
        }
    }
    return true;
}

static bool parts_ok(struct sim_call *c)
{
    const cJSON *lobby = json_at(c->json, "lobbyBypassSettings"),
                *join = json_at(c->json, "joinMeetingIdSettings");
    const char *scope = json_string(lobby, "scope");

    for (const cJSON *m = lobby != NULL ? lobby->child : NULL; m != NULL; m = m->next) {
        bool good = strcmp(m->string, "isDialInBypassEnabled") == 0
                        ? cJSON_IsBool(m)
                        : sim_word_in("scope @odata.type", m->string) && cJSON_IsString(m);
        if (!good) {
            sim_teams_bad(c, "The property 'lobbyBypassSettings.%s' is not valid.", m->string);
            return false;
        }
    }
    if (scope != NULL && !among("organizer organization organizationAndFederated everyone invited "
                                "organizationExcludingGuests",
                                scope)) {
        sim_teams_bad(c, "Requested value '%s' was not found.", scope);
        return false;
    }
    for (const cJSON *m = join != NULL ? join->child : NULL; m != NULL; m = m->next) {
        /* The passcode is made there; one of the caller's own is refused. */
        if (strcmp(m->string, "isPasscodeRequired") == 0 && cJSON_IsBool(m))
            continue;
        sim_teams_bad(c, "The property 'joinMeetingIdSettings.%s' cannot be set.", m->string);
        return false;
    }
    return true;
}

bool sim_teams_meeting_ok(struct sim_call *c, const struct sim_object *old)
{
    bool start = json_at(c->json, "startDateTime") != NULL,
         end = json_at(c->json, "endDateTime") != NULL;
    int64_t from = 0, to = 0;

    if (!sim_teams_body(c) || !rules_ok(c, meeting_rules, "onlineMeeting", old != NULL) ||
        !parts_ok(c) || !participants_ok(c))
        return false;
    if (end != start && (end || old != NULL)) {
        sim_teams_bad(c, "StartDateTime and EndDateTime must be given together.");
        return false;
    }
    if (start && end &&
        (!clock_parse_rfc3339(json_string(c->json, "startDateTime"), &from) ||
         !clock_parse_rfc3339(json_string(c->json, "endDateTime"), &to) || to < from)) {
        sim_teams_bad(c, "EndDateTime must not be earlier than StartDateTime.");
        return false;
    }
    if (text_equal(json_string(c->json, "allowedPresenters"), "roleIsPresenter") &&
        json_at(c->json, "participants.attendees") == NULL) {
        sim_teams_bad(c, "Participants with their roles are required for roleIsPresenter.");
        return false;
    }
    if (old != NULL && sim_object_is(old, "running") &&
        json_at(c->json, "recordAutomatically") != NULL) {
        sim_teams_bad(c, "recordAutomatically cannot be changed while the meeting is running.");
        return false;
    }
    return true;
}

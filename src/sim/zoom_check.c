/* What Zoom lets into a meeting: lengths, enumerations, times. What it does not know it ignores. */
#include "sim/zoom.h"

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/base/zone.h>

/* kind: b bool, s text, n number among `values`, e text among `values`. limit: characters of a
 * text, 0 none. */
struct rule {
    const char *path;
    char kind;
    const char *values;
    size_t limit;
};

static const struct rule rules[] = {
    { "topic", 's', NULL, 200 },
    { "agenda", 's', NULL, 2000 },
    { "type", 'n', "1 2 3 8 10", 0 },
    { "timezone", 's', NULL, 64 },
    { "schedule_for", 's', NULL, 0 },
    { "default_password", 'b', NULL, 0 },
    { "settings.host_video", 'b', NULL, 0 },
    { "settings.participant_video", 'b', NULL, 0 },
    { "settings.join_before_host", 'b', NULL, 0 },
    { "settings.jbh_time", 'n', "0 5 10 15", 0 },
    { "settings.mute_upon_entry", 'b', NULL, 0 },
    { "settings.waiting_room", 'b', NULL, 0 },
    { "settings.waiting_room_options.mode", 'e', "follow_setting custom", 0 },
    { "settings.waiting_room_options.who_goes_to_waiting_room", 'e',
      "everyone users_not_in_account users_not_in_account_or_whitelisted_domains "
      "users_not_on_invite",
      0 },
    { "settings.continuous_meeting_chat.enable", 'b', NULL, 0 },
    { "settings.authentication_option", 's', NULL, 0 },
    { "settings.authentication_domains", 's', NULL, 0 },
    { "settings.watermark", 'b', NULL, 0 },
    { "settings.use_pmi", 'b', NULL, 0 },
    { "settings.approval_type", 'n', "0 1 2", 0 },
    { "settings.registration_type", 'n', "1 2 3", 0 },
    { "settings.audio", 'e', "both telephony voip thirdParty", 0 },
    { "settings.auto_recording", 'e', "none local cloud", 0 },
    { "settings.alternative_hosts", 's', NULL, 0 },
    { "settings.meeting_authentication", 'b', NULL, 0 },
    { "settings.encryption_type", 'e', "enhanced_encryption e2ee", 0 },
    { "settings.private_meeting", 'b', NULL, 0 },
    { "settings.allow_multiple_devices", 'b', NULL, 0 },
    { "settings.focus_mode", 'b', NULL, 0 },
};

static bool rule_holds(const cJSON *value, const struct rule *r)
{
    char number[24];

    switch (r->kind) {
    case 'b':
        return cJSON_IsBool(value);
    case 'n':
        snprintf(number, sizeof number, "%.10g", cJSON_IsNumber(value) ? value->valuedouble : -1);
        return sim_word_in(r->values, number);
    case 'e':
        return cJSON_IsString(value) && sim_word_in(r->values, value->valuestring);
    default:
        return cJSON_IsString(value) &&
               (r->limit == 0 || utf8_count(value->valuestring) <= r->limit);
    }
}

/* "yyyy-MM-ddTHH:mm:ss" with Z is UTC, without it is a time on the clocks of the zone; nothing else
 * is understood. */
bool sim_zoom_time(const char *text, const char *zone, int64_t *ms)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    struct zone_time t;
    char probe[32];

    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
            return false;
    const char *rest = text + sizeof shape - 1;
    if (strcmp(rest, "Z") == 0)
        return clock_parse_rfc3339(text, ms);
    snprintf(probe, sizeof probe, "%.19sZ", text);
    if (*rest != '\0' || !clock_parse_rfc3339(probe, ms))
        return false; /* no such day or hour */
    memset(&t, 0, sizeof t);
    if (sscanf(text, "%d-%d-%dT%d:%d:%d", &t.year, &t.month, &t.day, &t.hour, &t.minute,
               &t.second) != 6)
        return false;
    *ms = zone_instant(zone, &t);
    return true;
}

static bool wrong(struct sim_call *c, const char *field)
{
    sim_zoom_invalid(c, field, "Invalid field.");
    return false;
}

static bool when_ok(struct sim_call *c)
{
    const cJSON *start = json_at(c->json, "start_time"), *duration = json_at(c->json, "duration");
    const char *zone = json_string(c->json, "timezone");
    int64_t ms;

    if (zone != NULL && !zone_known(zone))
        return wrong(c, "timezone");
    if (start != NULL && (!cJSON_IsString(start) || !sim_zoom_time(start->valuestring, zone, &ms)))
        return wrong(c, "start_time");
    if (duration != NULL &&
        (!cJSON_IsNumber(duration) || duration->valuedouble < 1 || duration->valuedouble > 1440))
        return wrong(c, "duration");
    return true;
}

static bool password_ok(struct sim_call *c)
{
    const cJSON *password = json_at(c->json, "password");

    if (password == NULL)
        return true;
    if (!cJSON_IsString(password) || strlen(password->valuestring) > 10)
        return wrong(c, "password");
    for (const char *at = password->valuestring; *at != '\0'; at++)
        if (strchr(sim_alnum, *at) == NULL && strchr("@-_*", *at) == NULL)
            return wrong(c, "password");
    return true;
}

/* One occurrence of a series lets only a few things be changed. */
static bool occurrence_ok(struct sim_call *c)
{
    static const char members[] = "agenda start_time duration settings timezone";
    static const char settings[] = "host_video participant_video join_before_host mute_upon_entry "
                                   "waiting_room watermark auto_recording";

    for (const cJSON *m = c->json->child; m != NULL; m = m->next)
        if (!sim_word_in(members, m->string))
            return wrong(c, m->string);
    const cJSON *inner = json_at(c->json, "settings");
    for (const cJSON *m = inner != NULL ? inner->child : NULL; m != NULL; m = m->next)
        if (!sim_word_in(settings, m->string))
            return wrong(c, m->string);
    return true;
}

static int64_t type_of(struct sim_call *c, const struct sim_object *old)
{
    int64_t type = 2;

    if (old != NULL)
        json_int(old->fields, "type", &type);
    json_int(c->json, "type", &type);
    return type;
}

bool sim_zoom_body_ok(struct sim_call *c, const struct sim_object *old)
{
    const char *occurrence = sim_query(c, "occurrence_id");
    const cJSON *recurrence = json_at(c->json, "recurrence");

    if (!sim_content_is(c, "application/json") || !cJSON_IsObject(c->json)) {
        sim_zoom_error(c, 400, 300, "Request Body should be a valid JSON object.");
        return false;
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const cJSON *value = json_at(c->json, rules[i].path);
        if (value != NULL && !rule_holds(value, &rules[i]))
            return wrong(c, rules[i].path);
    }
    if (!when_ok(c) || !password_ok(c))
        return false;
    if (text_equal(json_string(c->json, "settings.waiting_room_options.mode"), "custom") &&
        json_string(c->json, "settings.waiting_room_options.who_goes_to_waiting_room") == NULL)
        return wrong(c, "settings.waiting_room_options.who_goes_to_waiting_room");
    if (json_string(c->json, "schedule_for") != NULL) {
        sim_zoom_error(c, 400, 3000, "You do not have the scheduling privilege for this user.");
        return false;
    }
    if (occurrence != NULL)
        return occurrence_ok(c);
    bool moves = old == NULL || json_at(c->json, "start_time") != NULL ||
                 json_at(c->json, "duration") != NULL;
    if (type_of(c, old) == 8 && recurrence == NULL && moves)
        return wrong(c, "recurrence");
    return recurrence == NULL || sim_zoom_recurrence_ok(c, recurrence);
}

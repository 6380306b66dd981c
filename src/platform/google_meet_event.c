/* Google Meet: what is said to Google Calendar about the event, and where its link is read. */
#include "platform/google_meet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "platform/calendar.h"

bool google_meet_has_event(const struct google_meet *g)
{
    if (*g->out->remote_id)
        return !text_starts(g->out->remote_id, "spaces/");
    return !text_equal(google_meet_setting(g, "calendar"), "none");
}

bool google_meet_event_cancelled(const cJSON *item)
{
    return text_equal(json_string(item, "status"), "cancelled");
}

static int64_t instant_at(const cJSON *item, const char *path)
{
    const char *said = json_string(item, path);
    int64_t ms;

    return said && clock_parse_rfc3339(said, &ms) ? ms : 0;
}

int64_t google_meet_event_start(const cJSON *item)
{
    return instant_at(item, "start.dateTime");
}

/* The church's zone, so that the calendar shows the hour that was meant. */
static void add_time(const struct google_meet *g, cJSON *body, const char *key, int64_t ms,
                     bool was_whole_day)
{
    cJSON *time = cJSON_AddObjectToObject(body, key);
    char at[CLOCK_RFC3339_SIZE];

    clock_rfc3339_s(at, ms);
    json_add_string(time, "dateTime", at);
    json_add_string(time, "timeZone", g->repeat.zone);
    if (was_whole_day)
        cJSON_AddNullToObject(time, "date");
}

void google_meet_event_want_link(struct google_meet *g, cJSON *body, int count)
{
    cJSON *request =
        cJSON_AddObjectToObject(cJSON_AddObjectToObject(body, "conferenceData"), "createRequest");
    char id[64];

    /* The same requestId again is ignored, which a repeat wants and another attempt must not have.
     */
    if (count > 1)
        snprintf(id, sizeof(id), "%.40s-%d", g->call->idem_key, count);
    else
        snprintf(id, sizeof(id), "%.40s", g->call->idem_key);
    json_add_string(request, "requestId", id);
    json_add_string(cJSON_AddObjectToObject(request, "conferenceSolutionKey"), "type",
                    "hangoutsMeet");
}

/* ---- series ---- */

/* RFC 5545's rule, counted by the zone of "start". "" when it comes once. That all times of a
 * series share one link is unconfirmed: members are shown the series' own, which holds in any
 * case. */
static void rule_print(const struct google_meet *g, struct text *out)
{
    static const char *const days[] = { "SU", "MO", "TU", "WE", "TH", "FR", "SA" };
    static const char *const units[] = { "", "DAILY", "WEEKLY", "MONTHLY", "MONTHLY" };
    const struct series *s = &g->repeat.series;
    int64_t last = series_last_ms(s, g->repeat.zone);
    struct zone_time first, end;

    if (s->unit == SERIES_NONE)
        return;
    zone_local(g->repeat.zone, g->m->start_ms, &first);
    text_addf(out, "RRULE:FREQ=%s", units[s->unit]);
    if (s->interval > 1)
        text_addf(out, ";INTERVAL=%d", s->interval);
    if (s->unit == SERIES_WEEKLY)
        text_addf(out, ";BYDAY=%s", days[first.weekday]);
    else if (s->unit == SERIES_MONTHLY)
        text_addf(out, ";BYMONTHDAY=%d", first.day);
    else if (s->unit == SERIES_MONTHLY_WEEKDAY)
        text_addf(out, ";BYDAY=%d%s", series_week(first.day), days[first.weekday]);
    if (!last) {
        text_addf(out, ";COUNT=%d", s->count);
        return;
    }
    zone_local(NULL, last, &end);
    text_addf(out, ";UNTIL=%04d%02d%02dT%02d%02d%02dZ", end.year, end.month, end.day, end.hour,
              end.minute, end.second);
}

static void add_rule(struct google_meet *g, cJSON *body, const char *rule)
{
    cJSON *list = cJSON_AddArrayToObject(body, "recurrence");

    if (*rule)
        cJSON_AddItemToArray(list, cJSON_CreateString(rule));
    kit_remember(g->out, "rule", *rule ? rule : NULL);
}

/* The first line of the rule as Google has it; EXDATEs and the like, of times that somebody took
 * out, stand beside it. */
static const char *rule_there(const cJSON *item)
{
    const cJSON *line;

    cJSON_ArrayForEach (line, json_at(item, "recurrence")) {
        const char *text = cJSON_GetStringValue(line);

        if (text && text_starts(text, "RRULE:"))
            return text;
    }
    return "";
}

/* True when the times of the event are somebody else's: made recurring there, not by us. Of a
 * series of ours the rule goes out anew when the wish is another one, or when it is gone; as Google
 * may write the same rule in other words, its words are not compared. An empty list takes a rule
 * off (that it does is unconfirmed: a note says so when it stays). */
static bool change_rule(struct google_meet *g, const cJSON *item, cJSON *body)
{
    const char *known = kit_remembered(g->out, "rule"), *there = rule_there(item);
    struct text rule;
    bool foreign;

    text_init(&rule, 200);
    rule_print(g, &rule);
    foreign = !rule.length && !*known && *there;
    if (rule.length ? !text_equal(text_str(&rule), known) || !*there : *known != '\0')
        add_rule(g, body, text_str(&rule));
    text_release(&rule);
    return foreign;
}

/* ---- guests ---- */

static cJSON *guest_make(const char *mail)
{
    cJSON *guest = cJSON_CreateObject();

    json_add_string(guest, "email", mail);
    return guest;
}

/* Whom we have invited is remembered, so that a name that is taken off the list is uninvited and
 * nobody else is. */
static bool add_guests(struct google_meet *g, cJSON *body, const cJSON *there, struct error *err)
{
    const char *invited = google_meet_setting(g, "invite");
    struct calendar_guests before = { 0 }, wanted = { 0 };
    cJSON *list = NULL;
    bool done = calendar_guests_read(&before, PLATFORM_GOOGLE_MEET, "invite",
                                     kit_remembered(g->out, "invited"), err) &&
                calendar_guests_read(&wanted, PLATFORM_GOOGLE_MEET, "invite", invited, err) &&
                calendar_guests_merge(there, "email", &before, &wanted, guest_make, &list, err);

    if (list)
        cJSON_AddItemToObject(body, "attendees", list);
    if (done)
        kit_remember(g->out, "invited", *invited ? invited : NULL);
    calendar_guests_release(&before);
    calendar_guests_release(&wanted);
    return done;
}

/* ---- the whole event ---- */

/* A reminder that nobody asked for is the calendar's own. */
static void add_reminder(struct google_meet *g, cJSON *body, const cJSON *item)
{
    int64_t wanted = setting_number(&platform_google_meet, g->settings, "reminder"), has = -1;
    cJSON *reminders, *one;

    json_int(item, "reminders.overrides.0.minutes", &has);
    if (wanted == has || (wanted < 0 && json_bool(item, "reminders.useDefault", true)))
        return;
    reminders = cJSON_AddObjectToObject(body, "reminders");
    cJSON_AddBoolToObject(reminders, "useDefault", wanted < 0);
    if (wanted < 0)
        return;
    one = cJSON_CreateObject();
    json_add_string(one, "method", "popup");
    cJSON_AddNumberToObject(one, "minutes", (double)wanted);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(reminders, "overrides"), one);
}

/* Of members that are true at Google when nothing is said. */
static void change_bool(cJSON *body, const cJSON *item, const char *key, bool wanted)
{
    if (json_bool(item, key, true) != wanted)
        cJSON_AddBoolToObject(body, key, wanted);
}

static void add_marks(struct google_meet *g, cJSON *body)
{
    cJSON *own =
        cJSON_AddObjectToObject(cJSON_AddObjectToObject(body, "extendedProperties"), "private");
    const char *space = kit_remembered(g->out, "space");

    json_add_string(own, "ecclesia", g->call->idem_key);
    json_add_string(own, "ecclesiaSpace", *space ? space : NULL);
}

cJSON *google_meet_event_wanted(struct google_meet *g, struct error *err)
{
    cJSON *body = cJSON_CreateObject();
    struct text rule;

    text_init(&rule, 200);
    rule_print(g, &rule);
    /* 32 hex digits are base32hex too, which is what Google takes as an id of ours. */
    json_add_string(body, "id", g->call->idem_key);
    json_add_string(body, "summary", g->m->title);
    json_add_string(body, "description", g->m->description);
    add_time(g, body, "start", g->m->start_ms, false);
    add_time(g, body, "end", g->m->end_ms, false);
    if (rule.length)
        add_rule(g, body, text_str(&rule));
    text_release(&rule);
    cJSON_AddBoolToObject(body, "guestsCanModify", false);
    cJSON_AddBoolToObject(body, "guestsCanSeeOtherGuests",
                          setting_bool(&platform_google_meet, g->settings, "guests_see_guests"));
    change_bool(body, NULL, "guestsCanInviteOthers",
                setting_bool(&platform_google_meet, g->settings, "guests_invite"));
    add_reminder(g, body, NULL);
    add_marks(g, body);
    /* Attaching a room of ours as the event's conference is unconfirmed (google-meet.md 2.6), and
     * Google warns of it: its link goes where every calendar shows it. */
    if (google_meet_own_room(g))
        json_add_string(body, "location", g->out->url);
    else
        google_meet_event_want_link(g, body, 1);
    if (json_string(body, "id") && json_string(body, "summary") && add_guests(g, body, NULL, err))
        return body;
    if (err && err->kind == ERROR_NONE)
        google_meet_no_memory(err);
    cJSON_Delete(body);
    return NULL;
}

/* An event may give line breaks back in another form. */
static bool same_text(const char *a, const char *b)
{
    for (a = a ? a : "", b = b ? b : ""; *a || *b; a++, b++) {
        a += *a == '\r' && a[1] == '\n';
        b += *b == '\r' && b[1] == '\n';
        if (*a != *b)
            return false;
    }
    return true;
}

static void change_text(cJSON *body, const cJSON *item, const char *key, const char *wanted)
{
    if (!same_text(json_string(item, key), wanted))
        json_add_string(body, key, wanted ? wanted : "");
}

cJSON *google_meet_event_changes(struct google_meet *g, const cJSON *item, struct error *err)
{
    bool see = setting_bool(&platform_google_meet, g->settings, "guests_see_guests");
    bool invite = setting_bool(&platform_google_meet, g->settings, "guests_invite");
    bool whole_day = json_string(item, "start.date") != NULL;
    cJSON *body = cJSON_CreateObject();
    bool foreign;

    if (!body) {
        google_meet_no_memory(err);
        return NULL;
    }
    if (google_meet_event_cancelled(item))
        json_add_string(body, "status", "confirmed");
    change_text(body, item, "summary", g->m->title);
    change_text(body, item, "description", g->m->description);
    foreign = change_rule(g, item, body);
    if (!foreign && (google_meet_event_start(item) / 1000 != g->m->start_ms / 1000 ||
                     instant_at(item, "end.dateTime") / 1000 != g->m->end_ms / 1000)) {
        add_time(g, body, "start", g->m->start_ms, whole_day);
        add_time(g, body, "end", g->m->end_ms, whole_day);
    }
    change_bool(body, item, "guestsCanSeeOtherGuests", see);
    change_bool(body, item, "guestsCanInviteOthers", invite);
    add_reminder(g, body, item);
    if (google_meet_own_room(g) && *g->out->url) {
        change_text(body, item, "location", g->out->url);
        if (!text_equal(json_string(item, "extendedProperties.private.ecclesiaSpace"),
                        kit_remembered(g->out, "space")))
            add_marks(g, body);
    }
    if (add_guests(g, body, json_at(item, "attendees"), err))
        return body;
    cJSON_Delete(body);
    return NULL;
}

/* ---- the link ---- */

static const char *video_link(const cJSON *item)
{
    const cJSON *entry;

    cJSON_ArrayForEach (entry, json_at(item, "conferenceData.entryPoints")) {
        const char *uri = json_string(entry, "uri");

        if (uri && text_equal(json_string(entry, "entryPointType"), "video"))
            return uri;
    }
    return json_string(item, "hangoutLink");
}

/* A conference that is still being made and one that failed both have no entry points: only the
 * status code tells them apart. */
enum google_meet_link google_meet_event_link(struct google_meet *g, const cJSON *item,
                                             struct error *err)
{
    const char *url = video_link(item), *code = json_string(item, "conferenceData.conferenceId");
    const char *status = json_string(item, "conferenceData.createRequest.status.statusCode");

    if (url && *url) {
        if (!platform_link_check(&platform_google_meet, g->call->options, g->call->simulated, url,
                                 err))
            return GOOGLE_MEET_BAD;
        if (!text_copy_to(g->out->url, sizeof(g->out->url), url)) {
            kit_error(err, g->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                      "Google gave a Meet link that is too long.");
            return GOOGLE_MEET_BAD;
        }
        if (!code || !*code)
            code = strrchr(url, '/') + 1;
        kit_remember(g->out, "code", code);
        return GOOGLE_MEET_READY;
    }
    return text_equal(status, "pending") ? GOOGLE_MEET_PENDING : GOOGLE_MEET_NONE;
}

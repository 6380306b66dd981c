/* Teams: what is said to the calendar about an event, and how ours is found again. */
#include "platform/teams.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "platform/calendar.h"

#define TEXT_MOST   4000
#define PAGE_SIZE   "100"
#define PAGES_MOST  40
#define DAY_MS      INT64_C(86400000)
#define MARKER_SIZE 13 /* "[ec:1a2b3c4d]" */

/* ---- times ---- */

/* In UTC: whether IANA names are taken is unconfirmed (teams.md 12), and Outlook shows everybody
 * the own zone. */
static void add_time(cJSON *body, const char *key, int64_t ms)
{
    cJSON *time = cJSON_AddObjectToObject(body, key);
    char at[CLOCK_RFC3339_SIZE];

    clock_rfc3339_s(at, ms);
    at[strcspn(at, "Z")] = '\0';
    json_add_string(time, "dateTime", at);
    json_add_string(time, "timeZone", "UTC");
}

/* "2026-10-04T10:00:00.0000000" without an offset, in the zone beside it: UTC unless one asked for
 * another. A Windows name of a zone is not known here, so neither is the time: 0. */
static int64_t time_at(const cJSON *item, const char *key)
{
    const cJSON *time = cJSON_GetObjectItemCaseSensitive(item, key);
    const char *at = json_string(time, "dateTime"), *zone = json_string(time, "timeZone");
    bool utc = !zone || strcmp(zone, "UTC") == 0 || strcmp(zone, "tzone://Microsoft/Utc") == 0;
    struct zone_time local;
    char text[48];
    int64_t ms;

    if (!at)
        return 0;
    snprintf(text, sizeof(text), "%.40s%s", at, strchr(at, 'Z') ? "" : "Z");
    if (!clock_parse_rfc3339(text, &ms))
        return 0;
    if (utc || strchr(at, 'Z'))
        return ms;
    if (!zone_known(zone))
        return 0;
    zone_local("UTC", ms, &local);
    return zone_instant(zone, &local);
}

int64_t teams_event_start(const cJSON *item)
{
    return time_at(item, "start");
}

/* ---- the text ---- */

/* Lines become <br>, so that our part holds no other tag; see own_part(). */
static char *html_of(const char *s)
{
    struct text t;

    text_init(&t, 8 * TEXT_MOST);
    for (; *s; s++) {
        if (*s == '&')
            text_add(&t, "&amp;");
        else if (*s == '<')
            text_add(&t, "&lt;");
        else if (*s == '>')
            text_add(&t, "&gt;");
        else if (*s == '"')
            text_add(&t, "&quot;");
        else if (*s == '\n')
            text_add(&t, "<br>");
        else if (*s != '\r')
            text_append(&t, s, 1);
    }
    return text_take(&t);
}

static char *text_wanted(const struct teams *x, const char *marker)
{
    char *whole = kit_describe(marker, x->m->description ? x->m->description : "", TEXT_MOST);
    char *html = whole ? html_of(whole) : NULL;

    free(whole);
    return html;
}

static void add_body(cJSON *to, const char *html)
{
    cJSON *body = cJSON_AddObjectToObject(to, "body");

    json_add_string(body, "contentType", "html");
    json_add_string(body, "content", html);
}

static const char *marker_in(const char *html)
{
    for (const char *at = html; (at = strstr(at, "[ec:")) != NULL; at++)
        if (strspn(at + 4, "0123456789abcdef") == 8 && at[12] == ']')
            return at;
    return NULL;
}

/* Our text, from the last tag before it that is no <br> to the end of the marker. Behind it stands
 * Teams' own part with the link: Graph warns that a body without it switches the meeting off. */
static bool own_part(const char *html, size_t *start, size_t *length)
{
    const char *marker = marker_in(html), *from = html;

    if (!marker)
        return false;
    for (const char *tag = strchr(html, '<'); tag && tag < marker; tag = strchr(tag + 1, '<')) {
        const char *end = strchr(tag, '>');

        if (!end || end > marker)
            return false;
        if (!text_starts_nocase(tag, "<br"))
            from = end + 1;
    }
    *start = (size_t)(from - html);
    *length = (size_t)(marker + MARKER_SIZE - from);
    return true;
}

/* White space and the form of <br /> are Outlook's own business. */
static bool same_html(const char *a, size_t length, const char *b)
{
    const char *end = a + length;

    for (;; a++, b++) {
        while (a < end && (isspace((unsigned char)*a) || (*a == '/' && a + 1 < end && a[1] == '>')))
            a++;
        while (isspace((unsigned char)*b))
            b++;
        if (a >= end || !*b)
            return a >= end && !*b;
        if (*a != *b)
            return false;
    }
}

/* A text that somebody wrote over in Outlook has no marker any more and stays theirs. */
static bool change_body(struct teams *x, const cJSON *item, cJSON *changes, struct error *err)
{
    const char *html = json_string(item, "body.content");
    size_t start, length;
    char marker[16], *wanted, *whole = NULL;
    bool done = true;

    if (!html || !own_part(html, &start, &length))
        return true;
    snprintf(marker, sizeof(marker), "%.*s", MARKER_SIZE, html + start + length - MARKER_SIZE);
    wanted = text_wanted(x, marker);
    if (wanted && !same_html(html + start, length, wanted)) {
        whole = text_format("%.*s%s%s", (int)start, html, wanted, html + start + length);
        if (whole)
            add_body(changes, whole);
    }
    if (!wanted)
        done = teams_no_memory(err);
    free(wanted);
    free(whole);
    return done;
}

/* ---- guests ---- */

static cJSON *guest_make(const char *mail)
{
    cJSON *guest = cJSON_CreateObject();

    json_add_string(cJSON_AddObjectToObject(guest, "emailAddress"), "address", mail);
    json_add_string(guest, "type", "required");
    return guest;
}

/* A PATCH of attendees replaces the list, so that those there are sent again. */
static bool add_guests(struct teams *x, cJSON *body, const cJSON *there, struct error *err)
{
    const char *invited = setting_text(&platform_teams, x->settings, "invite");
    struct calendar_guests before = { 0 }, wanted = { 0 };
    cJSON *list = NULL;
    bool done =
        calendar_guests_read(&before, PLATFORM_TEAMS, kit_remembered(x->out, "invited"), err) &&
        calendar_guests_read(&wanted, PLATFORM_TEAMS, invited, err) &&
        calendar_guests_merge(there, "emailAddress.address", &before, &wanted, guest_make, &list,
                              err);

    if (list)
        cJSON_AddItemToObject(body, "attendees", list);
    if (done)
        kit_remember(x->out, "invited", *invited ? invited : NULL);
    calendar_guests_release(&before);
    calendar_guests_release(&wanted);
    return done;
}

static bool hides_guests(const struct teams *x)
{
    return !setting_bool(&platform_teams, x->settings, "guests_see_guests");
}

/* ---- the whole event ---- */

/* The server takes the same id for the same request; after an event that was taken away again it
 * must be another. */
static void event_key(const struct teams *x, char out[64])
{
    const char *round = kit_remembered(x->out, "round");

    snprintf(out, 64, "%.40s%s%.8s", x->call->idem_key, *round ? "-" : "", round);
}

cJSON *teams_event_wanted(struct teams *x, struct error *err)
{
    char marker[16], key[64], *html;
    cJSON *body = cJSON_CreateObject();

    kit_marker(x->call, marker);
    event_key(x, key);
    html = text_wanted(x, marker);
    json_add_string(body, "subject", x->m->title);
    json_add_string(body, "transactionId", key);
    add_body(body, html);
    add_time(body, "start", x->m->start_ms);
    add_time(body, "end", x->m->end_ms);
    cJSON_AddBoolToObject(body, "isOnlineMeeting", true);
    json_add_string(body, "onlineMeetingProvider", "teamsForBusiness");
    if (hides_guests(x))
        cJSON_AddBoolToObject(body, "hideAttendees", true);
    if (html && json_string(body, "transactionId") && add_guests(x, body, NULL, err)) {
        free(html);
        return body;
    }
    if (err && err->kind == ERROR_NONE)
        teams_no_memory(err);
    free(html);
    cJSON_Delete(body);
    return NULL;
}

/* isOnlineMeeting never goes into a change: events were seen to lose their meeting by it. */
cJSON *teams_event_changes(struct teams *x, const cJSON *item, struct error *err)
{
    const char *subject = json_string(item, "subject");
    cJSON *body = cJSON_CreateObject();

    if (!body) {
        teams_no_memory(err);
        return NULL;
    }
    if (!text_equal(subject ? subject : "", x->m->title))
        json_add_string(body, "subject", x->m->title);
    /* Somebody made it recurring there: its times belong to the series. */
    if (!cJSON_IsObject(json_at(item, "recurrence")) &&
        (time_at(item, "start") / 1000 != x->m->start_ms / 1000 ||
         time_at(item, "end") / 1000 != x->m->end_ms / 1000)) {
        add_time(body, "start", x->m->start_ms);
        add_time(body, "end", x->m->end_ms);
    }
    if (json_bool(item, "hideAttendees", false) != hides_guests(x) &&
        cJSON_HasObjectItem(item, "hideAttendees"))
        cJSON_AddBoolToObject(body, "hideAttendees", hides_guests(x));
    if (change_body(x, item, body, err) && add_guests(x, body, json_at(item, "attendees"), err))
        return body;
    cJSON_Delete(body);
    return NULL;
}

/* A personal account, or one without Teams: the event is made (201) without a meeting. */
bool teams_event_is_bare(const cJSON *item)
{
    return !json_bool(item, "isOnlineMeeting", false);
}

/* ---- found again ---- */

static bool is_ours(const struct teams *x, const cJSON *item)
{
    const char *id = json_string(item, "transactionId");
    char key[64];

    event_key(x, key);
    return id && strcmp(id, key) == 0;
}

static bool event_whole(struct teams *x, const cJSON *item, cJSON **out, struct error *err)
{
    const char *id = json_string(item, "id");
    struct error why = { 0 };

    if (!id || !*id)
        return kit_error(err, x->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "Microsoft's list has an event without an id.");
    return teams_thing_ask(x, "GET", id, true, NULL, out, &why) || why.kind == ERROR_NOT_FOUND ||
           teams_fail(err, &why);
}

/* All pages of one stretch of the calendar. */
static bool find_between(struct teams *x, int64_t from_ms, int64_t to_ms, cJSON **item,
                         struct error *err)
{
    static const char route[] = "GET /v1.0/me/calendarView";
    char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE];
    struct teams_ask ask = { .method = "GET", .route = "/calendarView" };
    cJSON *page = NULL;
    const cJSON *one;
    struct text path;
    bool done;

    clock_rfc3339_s(from, from_ms);
    clock_rfc3339_s(to, to_ms);
    text_init(&path, 600);
    text_addf(&path, "/calendarView?startDateTime=%s&endDateTime=%s", from, to);
    text_add(&path, "&$select=id,transactionId,subject&$top=" PAGE_SIZE);
    ask.path = text_str(&path);
    done = teams_ask(x->call, x->token, &ask, &page, err);
    text_release(&path);
    for (int i = 0; done && !*item; i++) {
        const char *next = json_string(page, "@odata.nextLink");
        cJSON *after = NULL;

        done = teams_is_list(x, page, err);
        cJSON_ArrayForEach(one, json_at(page, "value"))
        {
            if (done && !*item && is_ours(x, one))
                done = event_whole(x, one, item, err);
        }
        if (!done || *item || !next)
            break;
        if (i == PAGES_MOST)
            done = kit_error(err, x->call, NULL, ERROR_REFUSED, "",
                             "Look in the calendar whether the event is there; delete what is not "
                             "needed, then retry.",
                             "The calendar has too many events to look through.");
        else
            done = teams_ask_next(x->call, x->token, next, route, &after, err);
        cJSON_Delete(page);
        page = after;
    }
    cJSON_Delete(page);
    return done;
}

/* By its transaction id, which no filter takes: first about its time, then, as it may have been
 * moved since, in the year ahead. */
bool teams_event_find(struct teams *x, cJSON **item, struct error *err)
{
    int64_t now = x->call->now_ms;

    *item = NULL;
    return find_between(x, x->m->start_ms - DAY_MS, x->m->end_ms + DAY_MS, item, err) &&
           (*item || find_between(x, now - 7 * DAY_MS, now + 400 * DAY_MS, item, err));
}

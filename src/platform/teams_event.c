/* Teams: what is said to the calendar about an event, and how ours is found again. */
#include "platform/teams.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "platform/calendar.h"
#include "platform/microsoft.h"

#define TEXT_MOST   4000
#define PAGE_SIZE   "100"
#define PAGES_MOST  40
#define DAY_MS      INT64_C(86400000)
#define MARKER_SIZE 13 /* "[ec:1a2b3c4d]" */

/* ---- times ---- */

/* In UTC, as Outlook shows everybody the own zone. Only a series needs the church's, to keep its
 * hour over a switch to summer time: by Windows' name where there is one. Whether IANA names are
 * taken is unconfirmed (teams.md 12): one is tried, and when it is refused the series goes by UTC
 * (teams_in_utc()). */
static void add_time(const struct teams *x, cJSON *body, const char *key, int64_t ms)
{
    const char *zone = repeat_is_series(&x->repeat) ? x->repeat.zone : "UTC";
    cJSON *time = cJSON_AddObjectToObject(body, key);
    char at[24];

    repeat_wall(zone, ms, at);
    json_add_string(time, "dateTime", at);
    json_add_string(time, "timeZone", microsoft_zone(zone));
}

/* ---- series ---- */

static void add_pattern(cJSON *pattern, const struct series *s, const struct zone_time *first)
{
    static const char *const types[] = { "", "daily", "weekly", "absoluteMonthly",
                                         "relativeMonthly" };
    static const char *const weeks[] = { "last", "", "first", "second", "third", "fourth" };
    static const char *const days[] = { "sunday",   "monday", "tuesday", "wednesday",
                                        "thursday", "friday", "saturday" };
    cJSON *list;

    json_add_string(pattern, "type", types[s->unit]);
    cJSON_AddNumberToObject(pattern, "interval", s->interval);
    if (s->unit == SERIES_MONTHLY)
        cJSON_AddNumberToObject(pattern, "dayOfMonth", first->day);
    if (s->unit != SERIES_WEEKLY && s->unit != SERIES_MONTHLY_WEEKDAY)
        return;
    list = cJSON_AddArrayToObject(pattern, "daysOfWeek");
    cJSON_AddItemToArray(list, cJSON_CreateString(days[first->weekday]));
    if (s->unit == SERIES_MONTHLY_WEEKDAY)
        json_add_string(pattern, "index", weeks[series_week(first->day) + 1]);
    else
        json_add_string(pattern, "firstDayOfWeek", "sunday");
}

/* The range begins on the day of the event's own start, in the event's zone. */
static void add_series(const struct teams *x, cJSON *body)
{
    const struct series *s = &x->repeat.series;
    cJSON *recurrence, *range;
    struct zone_time first;
    char day[16];

    if (s->unit == SERIES_NONE)
        return;
    recurrence = cJSON_AddObjectToObject(body, "recurrence");
    zone_local(x->repeat.zone, x->m->start_ms, &first);
    add_pattern(cJSON_AddObjectToObject(recurrence, "pattern"), s, &first);
    range = cJSON_AddObjectToObject(recurrence, "range");
    json_add_string(range, "type", s->count ? "numbered" : "endDate");
    repeat_day(x->repeat.zone, x->m->start_ms, day);
    json_add_string(range, "startDate", day);
    if (s->count) {
        cJSON_AddNumberToObject(range, "numberOfOccurrences", s->count);
    } else {
        repeat_day(x->repeat.zone, series_last_ms(s, x->repeat.zone), day);
        json_add_string(range, "endDate", day);
    }
}

static void add_times(const struct teams *x, cJSON *body)
{
    add_time(x, body, "start", x->m->start_ms);
    add_time(x, body, "end", x->m->end_ms);
    add_series(x, body);
}

void teams_event_sent(struct teams *x)
{
    struct text wish;

    text_init(&wish, 200);
    repeat_text(&x->repeat, &wish);
    kit_remember(x->out, "series", wish.length ? text_str(&wish) : NULL);
    text_release(&wish);
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
    bool done = calendar_guests_read(&before, PLATFORM_TEAMS, "invite",
                                     kit_remembered(x->out, "invited"), err) &&
                calendar_guests_read(&wanted, PLATFORM_TEAMS, "invite", invited, err) &&
                calendar_guests_merge(there, "emailAddress.address", &before, &wanted, guest_make,
                                      &list, err);

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
    add_times(x, body);
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

/* Times and rule go out together, when one of them is another. Somebody else's series keeps its
 * own; a null takes a rule of ours off (that it does is unconfirmed: what stays is said). */
static void change_times(struct teams *x, const cJSON *item, cJSON *body)
{
    const char *known = kit_remembered(x->out, "series");
    bool repeats = cJSON_IsObject(json_at(item, "recurrence"));
    bool moved = time_at(item, "start") / 1000 != x->m->start_ms / 1000 ||
                 time_at(item, "end") / 1000 != x->m->end_ms / 1000;
    struct text wish;

    text_init(&wish, 200);
    repeat_text(&x->repeat, &wish);
    if (repeat_is_series(&x->repeat) ? moved || !repeats || !text_equal(text_str(&wish), known)
        : repeats                    ? *known != '\0'
                                     : moved)
        add_times(x, body);
    if (!repeat_is_series(&x->repeat) && repeats && *known)
        cJSON_AddNullToObject(body, "recurrence");
    text_release(&wish);
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
    change_times(x, item, body);
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

static bool event_whole(struct teams *x, const char *id, cJSON **out, struct error *err)
{
    struct error why = { 0 };

    if (!id || !*id)
        return kit_error(err, x->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "Microsoft's list has an event without an id.");
    return teams_thing_ask(x, "GET", id, true, NULL, out, &why) || why.kind == ERROR_NOT_FOUND ||
           teams_fail(err, &why);
}

/* The calendar shows a series as its times; whether these bear its transaction id is not written
 * down. So the series behind one of the same title is looked at, each once as long as they come in
 * a row. */
static bool event_in(struct teams *x, const cJSON *one, char looked[1000], cJSON **item,
                     struct error *err)
{
    const char *series = json_string(one, "seriesMasterId");
    cJSON *whole = NULL;
    bool done;

    if (is_ours(x, one) && (!series || !*series))
        return event_whole(x, json_string(one, "id"), item, err);
    if (!series || !*series || strlen(series) >= 1000 || strcmp(series, looked) == 0 ||
        (!is_ours(x, one) && !text_equal(json_string(one, "subject"), x->m->title)))
        return true;
    text_copy_to(looked, 1000, series);
    done = event_whole(x, series, &whole, err);
    if (done && whole && (is_ours(x, one) || is_ours(x, whole)))
        *item = whole;
    else
        cJSON_Delete(whole);
    return done;
}

/* All pages of one stretch of the calendar. */
static bool find_between(struct teams *x, int64_t from_ms, int64_t to_ms, cJSON **item,
                         struct error *err)
{
    static const char route[] = "GET /v1.0/me/calendarView";
    char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE];
    struct teams_ask ask = { .method = "GET", .route = "/calendarView" };
    char looked[1000] = "";
    cJSON *page = NULL;
    const cJSON *one;
    struct text path;
    bool done;

    clock_rfc3339_s(from, from_ms);
    clock_rfc3339_s(to, to_ms);
    text_init(&path, 600);
    text_addf(&path, "/calendarView?startDateTime=%s&endDateTime=%s", from, to);
    text_add(&path, "&$select=id,transactionId,subject,seriesMasterId&$top=" PAGE_SIZE);
    ask.path = text_str(&path);
    done = teams_ask(x->call, x->token, &ask, &page, err);
    text_release(&path);
    for (int i = 0; done && !*item; i++) {
        const char *next = json_string(page, "@odata.nextLink");
        cJSON *after = NULL;

        done = teams_is_list(x, page, err);
        cJSON_ArrayForEach (one, json_at(page, "value")) {
            if (done && !*item)
                done = event_in(x, one, looked, item, err);
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

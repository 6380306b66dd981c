/* Google Meet: what is asked of the calendar and of Meet's own interface. */
#include "platform/google_meet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform/google.h"

#define EVENTS "/calendar/v3/calendars/{calendar}/events"

bool google_meet_fail(struct error *err, const struct error *with)
{
    if (err)
        *err = *with;
    return false;
}

bool google_meet_no_memory(struct error *err)
{
    return error_set(err, ERROR_MEMORY, NULL, "There is no memory left to make the request.");
}

bool google_meet_open(struct google_meet *g, struct call *call, const struct meeting *m,
                      const struct target *t, struct outcome *out, struct error *err)
{
    memset(g, 0, sizeof(*g));
    g->call = call;
    g->m = m;
    g->t = t;
    g->out = out;
    out->again_ms = 0;
    out->note[0] = '\0';
    g->settings = kit_settings(t);
    if (!g->settings)
        return google_meet_no_memory(err);
    return repeat_read(&g->repeat, call, m, t, SERIES_MOST, err) &&
           call->token(call, &g->token, err);
}

void google_meet_close(struct google_meet *g)
{
    cJSON_Delete(g->settings);
}

void google_meet_advise(struct google_meet *g, const char *format, ...)
{
    char raw[4 * sizeof(g->out->note)];
    va_list args;

    va_start(args, format);
    vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    kit_note(g->out, "%s", raw);
    kit_remember(g->out, "advice", g->out->note);
}

const char *google_meet_setting(const struct google_meet *g, const char *key)
{
    return setting_text(&platform_google_meet, g->settings, key);
}

static bool ask_google(struct google_meet *g, const struct kit_request *request, cJSON **out,
                       struct error *err)
{
    struct kit_request whole = *request;

    whole.token = g->token;
    whole.judge = google_judge;
    whole.effect = strcmp(request->method, "GET") != 0;
    return kit_send(g->call, &whole, out, err);
}

/* ---- the calendar ---- */

/* Where the event was made, whatever the setting says by now: an id counts in its calendar only. */
static const char *calendar_of(const struct google_meet *g)
{
    const char *known = kit_remembered(g->out, "calendar");

    return *known ? known : google_meet_setting(g, "calendar");
}

/* Who is told of it by e-mail: nobody is when nobody is invited, and Google counts invitations. */
static const char *updates_to(const struct google_meet *g)
{
    static const char *const words[][2] = { { "all", "all" },
                                            { "external", "externalOnly" },
                                            { "nobody", "none" } };
    const char *said = google_meet_setting(g, "notify");

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (text_equal(words[i][0], said))
            return words[i][1];
    return "none";
}

/* event "": the collection. conferenceDataVersion=1 goes with every change: without it Google drops
 * what is said about the conference, and tells nobody. */
static bool event_ask(struct google_meet *g, const char *method, const char *event,
                      const cJSON *json, cJSON **out, struct error *err)
{
    bool writes = strcmp(method, "GET") != 0, keeps = strcmp(method, "DELETE") != 0;
    struct kit_request request = { .method = method, .json = json };
    struct text path;
    char route[80];
    bool done;

    text_init(&path, 2000);
    text_add(&path, "/calendar/v3/calendars/");
    text_add_urlencoded(&path, calendar_of(g));
    text_add(&path, "/events");
    if (*event) {
        text_add(&path, "/");
        text_add_urlencoded(&path, event);
    }
    if (writes) {
        text_add(&path, "?");
        kit_query(&path, "conferenceDataVersion", keeps ? "1" : NULL);
        kit_query(&path, "sendUpdates", updates_to(g));
    }
    snprintf(route, sizeof(route), "%s " EVENTS "%s", method, *event ? "/{event}" : "");
    request.path = text_str(&path);
    request.route = route;
    /* A repeat is refused by the id (409), so it would make no second event. It counts as creating
     * nevertheless: when the meeting is cancelled before a lost answer was cleared up, the event is
     * looked for first, and then deleted. */
    request.creates = writes && !*event;
    done = ask_google(g, &request, out, err);
    text_release(&path);
    return done;
}

bool google_meet_event_get(struct google_meet *g, const char *event, cJSON **item,
                           struct error *err)
{
    struct error why = { 0 };

    *item = NULL;
    if (event_ask(g, "GET", event, NULL, item, &why))
        return *item ||
               kit_error(err, g->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "Google Calendar's answer has no event in it.");
    return why.kind == ERROR_NOT_FOUND || google_meet_fail(err, &why);
}

bool google_meet_event_insert(struct google_meet *g, const cJSON *body, cJSON **item,
                              struct error *err)
{
    return event_ask(g, "POST", "", body, item, err);
}

bool google_meet_event_patch(struct google_meet *g, const cJSON *body, cJSON **item,
                             struct error *err)
{
    return event_ask(g, "PATCH", g->out->remote_id, body, item, err);
}

/* Which 2xx a deletion is answered with is unconfirmed (google-meet.md 2.4): any will do. Gone
 * already (404, or 410 "deleted") is as good as deleted. */
bool google_meet_event_delete(struct google_meet *g, struct error *err)
{
    struct error why = { 0 };

    return event_ask(g, "DELETE", g->out->remote_id, NULL, NULL, &why) ||
           why.kind == ERROR_NOT_FOUND || google_meet_fail(err, &why);
}

/* ---- Meet ---- */

/* Meet lives on a host of its own. An api_base that a person set serves both. */
static const char *meet_base(const struct call *call)
{
    return text_equal(call->api_base, platform_google_meet.api_base) ? "https://meet.googleapis.com"
                                                                     : call->api_base;
}

bool google_meet_ask(struct google_meet *g, const char *method, const char *path, const char *route,
                     const cJSON *json, cJSON **out, struct error *err)
{
    struct kit_request request = {
        .method = method, .base = meet_base(g->call), .path = path, .route = route, .json = json
    };

    return ask_google(g, &request, out, err);
}

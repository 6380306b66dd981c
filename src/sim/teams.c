/* The simulated Microsoft Teams: Graph v1.0's users, calendars and online meetings. Written from
 * teams.md and the trimmed OpenAPI document. Subscriptions, town halls, webinars and $batch are not
 * simulated. */
#include "sim/teams.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

#define STMARKS "84bd8158-6d4d-4958-8b9f-9d6445542f95"

const struct sim_account sim_teams_accounts[] = {
    { "64339082-ed84-4b0b-b4ab-004ae54f3747", "Paul Silas", "pastor@stmarks.example" },
    { "550fae72-d251-43ec-868c-373732c2704f", "Anne Peters", "office@stannes.example" },
    { "7b7e1acd-a3e0-4533-8c1d-c1a4ca0b2e2b", "Deborah Jael", "deacon@stmarks.example" },
    { "8a3fbc0d1e2f4a5b", "Ruth Marks", "ruth.marks@outlook.example" },
    { NULL, NULL, NULL },
};
const struct sim_teams_person sim_teams_people[] = {
    { STMARKS, false, true },
    { "4aa05bcc-1cac-4a83-a9ae-0db84b88f4ba", false, false },
    { STMARKS, false, false },
    { "9188040d-6c67-4c5b-b112-36a304b66dad", true, false },
};

static const char ready_refresh[] = "0.AXoAsim-refresh-token-of-st-marks";
static const char user_members[] =
    "id displayName givenName surname userPrincipalName mail jobTitle mobilePhone officeLocation "
    "preferredLanguage businessPhones userType";

/* ---- errors ---- */

void sim_teams_error(struct sim_call *c, int status, const char *code, const char *message, ...)
{
    cJSON *out = cJSON_CreateObject(), *error = cJSON_AddObjectToObject(out, "error");
    const char *client = sim_header(c, "client-request-id");
    char text[600], id[37], at[CLOCK_RFC3339_SIZE];
    va_list ap;

    va_start(ap, message);
    vsnprintf(text, sizeof text, message, ap);
    va_end(ap);
    sim_random_uuid(c->sim, id);
    clock_rfc3339_s(at, clock_now());
    at[strlen("2026-09-21T08:12:44")] = '\0'; /* real replies have no zone there */
    cJSON_AddStringToObject(error, "code", code);
    cJSON_AddStringToObject(error, "message", text);
    cJSON *inner = cJSON_AddObjectToObject(error, "innerError");
    cJSON_AddStringToObject(inner, "date", at);
    cJSON_AddStringToObject(inner, "request-id", id);
    cJSON_AddStringToObject(inner, "client-request-id", client != NULL ? client : id);
    sim_reply_json(&c->reply, status, out);
    sim_reply_header(&c->reply, "request-id", "%s", id);
    if (client != NULL)
        sim_reply_header(&c->reply, "client-request-id", "%s", client);
}

void sim_teams_bad(struct sim_call *c, const char *message, ...)
{
    char text[600];
    va_list ap;

    va_start(ap, message);
    vsnprintf(text, sizeof text, message, ap);
    va_end(ap);
    sim_teams_error(c, 400, "BadRequest", "%s", text);
}

/* ---- users ---- */

static void user_get(struct sim_call *c)
{
    const struct sim_account *who = &sim_teams_accounts[c->owner];
    cJSON *out = cJSON_CreateObject();
    char context[120];

    cJSON_AddStringToObject(out, "id", who->id);
    cJSON_AddStringToObject(out, "displayName", who->name);
    cJSON_AddStringToObject(out, "userPrincipalName", who->email);
    cJSON_AddStringToObject(out, "mail", who->email);
    cJSON_AddArrayToObject(out, "businessPhones");
    if (!sim_teams_select(c, user_members, "user", out)) {
        cJSON_Delete(out);
        return;
    }
    snprintf(context, sizeof context, "%s/v1.0/$metadata#users/$entity",
             c->sim->address[SIM_TEAMS]);
    cJSON_AddStringToObject(out, "@odata.context", context);
    sim_reply_json(&c->reply, 200, out);
}

static void calendar_get(struct sim_call *c)
{
    const struct sim_account *who = &sim_teams_accounts[c->owner];
    const char *provider =
        sim_teams_people[c->owner].personal ? "skypeForConsumer" : "teamsForBusiness";
    cJSON *out = cJSON_CreateObject();
    char id[80];

    snprintf(id, sizeof id, "AQMkADAwAGVA%s=", who->id);
    cJSON_AddStringToObject(out, "id", id);
    cJSON_AddStringToObject(out, "name", "Calendar");
    cJSON_AddBoolToObject(out, "canEdit", true);
    cJSON_AddBoolToObject(out, "isDefaultCalendar", true);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(out, "allowedOnlineMeetingProviders"),
                         cJSON_CreateString(provider));
    cJSON_AddStringToObject(out, "defaultOnlineMeetingProvider", provider);
    cJSON *owner = cJSON_AddObjectToObject(out, "owner");
    cJSON_AddStringToObject(owner, "name", who->name);
    cJSON_AddStringToObject(owner, "address", who->email);
    if (sim_teams_select(c,
                         "id name canEdit isDefaultCalendar allowedOnlineMeetingProviders "
                         "defaultOnlineMeetingProvider owner color canShare",
                         "calendar", out))
        sim_reply_json(&c->reply, 200, out);
    else
        cJSON_Delete(out);
}

/* ---- the tables ---- */

static const struct sim_route sign_in_routes[] = {
    { "GET", "/{}/oauth2/v2.0/authorize", sim_teams_authorize, NULL, 0, NULL },
    { "POST", "/{}/oauth2/v2.0/authorize", sim_teams_authorize, NULL, 0, NULL },
    { "POST", "/{}/oauth2/v2.0/token", sim_teams_token, NULL, 0, NULL },
    { "POST", "/{}/oauth2/v2.0/devicecode", sim_teams_device_start, NULL, 0, NULL },
    { "GET", "/{}/oauth2/v2.0/logout", sim_teams_logout, NULL, 0, NULL },
    { "GET", "/{}/v2.0/.well-known/openid-configuration", sim_teams_discovery, NULL, 0, NULL },
    { "GET", "/devicelogin", sim_oauth_device_page, NULL, 0, NULL },
    { "POST", "/devicelogin", sim_oauth_device_page, NULL, 0, NULL },
    { "GET", "/l/meetup-join/{}/{}", sim_teams_join_page, NULL, 0, NULL },
    { NULL, NULL, NULL, NULL, 0, NULL },
};

/* Behind /v1.0/me or /v1.0/users/{id}. Scopes: delegated ones and the app's own. */
#define USER      "User.Read User.Read.All"
#define CALENDAR  "Calendars.ReadWrite"
#define CALENDARS CALENDAR " Calendars.Read"
#define MEETING   "OnlineMeetings.ReadWrite OnlineMeetings.ReadWrite.All"
#define MEETINGS  MEETING " OnlineMeetings.Read OnlineMeetings.Read.All"
static const struct sim_route routes[] = {
    { "GET", "", user_get, USER, 0, NULL },
    { "GET", "/calendar", calendar_get, CALENDARS, 0, NULL },
    { "GET", "/events", sim_teams_events, CALENDARS, 0, NULL },
    { "POST", "/events", sim_teams_event_create, CALENDAR, 0, NULL },
    { "GET", "/calendar/events", sim_teams_events, CALENDARS, 0, NULL },
    { "POST", "/calendar/events", sim_teams_event_create, CALENDAR, 0, NULL },
    { "GET", "/events/{}", sim_teams_event_get, CALENDARS, 0, NULL },
    { "PATCH", "/events/{}", sim_teams_event_update, CALENDAR, 0, NULL },
    { "DELETE", "/events/{}", sim_teams_event_delete, CALENDAR, 0, NULL },
    { "POST", "/events/{}/cancel", sim_teams_event_cancel, CALENDAR, 0, NULL },
    { "GET", "/events/{}/instances", sim_teams_instances, CALENDARS, 0, NULL },
    { "GET", "/calendarView", sim_teams_view, CALENDARS, 0, NULL },
    { "GET", "/calendar/calendarView", sim_teams_view, CALENDARS, 0, NULL },
    { "GET", "/calendarView/delta()", sim_teams_delta, CALENDARS, 0, NULL },
    { "GET", "/calendarView/delta", sim_teams_delta, CALENDARS, 0, NULL },
    { "GET", "/onlineMeetings", sim_teams_meeting_find, MEETINGS, 0, NULL },
    { "POST", "/onlineMeetings", sim_teams_meeting_create, MEETING, 0, NULL },
    { "POST", "/onlineMeetings/createOrGet", sim_teams_meeting_create_or_get, MEETING, 0, NULL },
    { "GET", "/onlineMeetings/{}", sim_teams_meeting_get, MEETINGS, 0, NULL },
    { "PATCH", "/onlineMeetings/{}", sim_teams_meeting_update, MEETING, 0, NULL },
    { "DELETE", "/onlineMeetings/{}", sim_teams_meeting_delete, MEETING, 0, NULL },
    { "GET", "/onlineMeetings/{}/attendanceReports", sim_teams_reports,
      "OnlineMeetingArtifact.Read.All", 0, NULL },
    { "GET", "/onlineMeetings/{}/attendanceReports/{}/attendanceRecords", sim_teams_records,
      "OnlineMeetingArtifact.Read.All", 0, NULL },
    { "GET", "/onlineMeetings/{}/recordings", sim_teams_recordings,
      "OnlineMeetingRecording.Read.All", 0, NULL },
    { "GET", "/onlineMeetings/{}/transcripts", sim_teams_transcripts,
      "OnlineMeetingTranscript.Read.All", 0, NULL },
    { NULL, NULL, NULL, NULL, 0, NULL },
};

/* ---- who calls, and for whom ---- */

static bool token_ok(struct sim_call *c)
{
    const char *value = sim_bearer(c);

    c->grant = value != NULL ? sim_token_find(c->sim, SIM_TEAMS, value, &c->token) : NULL;
    if (value == NULL)
        sim_teams_error(c, 401, "InvalidAuthenticationToken", "Access token is empty.");
    else if (c->grant == NULL)
        sim_teams_error(c, 401, "InvalidAuthenticationToken", "CompactToken parsing failed.");
    else if (!sim_token_alive(c->grant, c->token))
        sim_teams_error(c, 401, "InvalidAuthenticationToken",
                        "Access token has expired or is not yet valid.");
    else
        return true;
    return false;
}

static bool scope_ok(struct sim_call *c)
{
    if (sim_words_any(c->grant->scope, c->route->scope))
        return true;
    if (strstr(c->path, "/onlineMeetings") != NULL)
        sim_teams_error(c, 403, "Forbidden", "Insufficient privileges to complete the operation.");
    else if (c->route->run == user_get)
        sim_teams_error(c, 403, "Authorization_RequestDenied",
                        "Insufficient privileges to complete the operation.");
    else
        sim_teams_error(c, 403, "ErrorAccessDenied",
                        "Access is denied. Check credentials and try again.");
    return false;
}

/* Sets the owner of what the path names, keeps how it named him, and gives what is behind him.
 * NULL: it names nobody, or somebody who is not the caller's: refused already. */
static const char *owner_read(struct sim_call *c, char *named, size_t size)
{
    const char *rest = c->path + strlen("/v1.0");
    int i = 0;

    named[0] = '\0';
    if (strcmp(rest, "/me") == 0 || text_starts(rest, "/me/")) {
        c->owner = c->grant->account;
        if (!c->grant->machine)
            return rest + strlen("/me");
        sim_teams_bad(c, "/me request is only valid with delegated authentication flow.");
        return NULL;
    }
    if (!text_starts(rest, "/users/")) {
        sim_teams_bad(c, "Resource not found for the segment '%s'.", rest + (*rest == '/'));
        return NULL;
    }
    rest += strlen("/users/");
    snprintf(named, size, "%.*s", (int)strcspn(rest, "/"), rest);
    while (sim_teams_accounts[i].id != NULL && strcmp(sim_teams_accounts[i].id, named) != 0 &&
           strcmp(sim_teams_accounts[i].email, named) != 0)
        i++;
    c->owner = i;
    if (sim_teams_accounts[i].id == NULL ||
        strcmp(sim_teams_people[i].tenant, sim_teams_people[c->grant->account].tenant) != 0)
        sim_teams_error(c, 404, "Request_ResourceNotFound",
                        "Resource '%s' does not exist or one of its queried reference-property "
                        "objects are not present.",
                        named);
    else if (!c->grant->machine && i != c->grant->account)
        sim_teams_error(c, 403, "ErrorAccessDenied",
                        "Access is denied. Check credentials and try again.");
    else
        return rest + strcspn(rest, "/");
    return NULL;
}

static void graph(struct sim_call *c)
{
    char named[160];
    bool known;

    if (!token_ok(c))
        return;
    const char *rest = owner_read(c, named, sizeof named);
    if (rest == NULL)
        return;
    c->route = sim_route_find(c, routes, rest, &known);
    text_copy_to(c->capture[SIM_CAPTURES - 1], sizeof c->capture[0], named);
    if (c->route == NULL && known)
        sim_teams_error(c, 405, "Request_BadRequest",
                        "Specified HTTP method is not allowed for the request target.");
    else if (c->route == NULL)
        sim_teams_bad(c, "Resource not found for the segment '%s'.", rest + (*rest == '/'));
    else if (scope_ok(c))
        c->route->run(c);
}

static void answer(struct sim_call *c)
{
    bool known;

    if (text_starts(c->path, "/v1.0/")) {
        graph(c);
        return;
    }
    c->route = sim_route_find(c, sign_in_routes, c->path, &known);
    if (c->route != NULL)
        c->route->run(c);
    else
        sim_reply_page(&c->reply, known ? 405 : 404, "Not found",
                       "The resource you are looking for has been removed.");
}

/* ---- faults ---- */

static void fail(struct sim_call *c, int status)
{
    static const struct {
        int status;
        const char *code, *message;
    } known[] = {
        { 400, "BadRequest", "Bad Request" },
        { 401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid." },
        { 403, "Forbidden", "An error has occurred." },
        { 404, "NotFound", "Not found." },
        { 409, "Conflict", "The request conflicts with the current state." },
        { 412, "PreconditionFailed", "The precondition failed." },
        { 429, "TooManyRequests", "Too many requests." },
        { 503, "ServiceUnavailable", "The service is temporarily unavailable." },
        { 504, "GatewayTimeout", "The request timed out." },
        { 500, "InternalServerError", "An error has occurred." },
    };
    size_t i = 0;

    if (!text_starts(c->path, "/v1.0/")) {
        sim_teams_refuse(c, status,
                         status == 500                    ? "server_error"
                         : status >= 500 || status == 429 ? "temporarily_unavailable"
                                                          : "invalid_request",
                         "Simulated fault");
        c->reply.status = status;
        return;
    }
    while (known[i].status != status && known[i].status != 500)
        i++;
    sim_teams_error(c, status, known[i].code, "%s", known[i].message);
}

/* Some of the services behind Graph leave Retry-After out; with none asked for it is left out. */
static void rate_limited(struct sim_call *c, int retry_after_s)
{
    fail(c, 429);
    if (retry_after_s > 0)
        sim_reply_header(&c->reply, "Retry-After", "%d", retry_after_s);
}

static bool refuse_all(struct sim_call *c)
{
    if (!text_starts(c->path, "/v1.0/"))
        return false;
    sim_teams_error(c, 403, "Forbidden",
                    "Failed to get license information for the user. Ensure user has a valid "
                    "Office365 license assigned to them.");
    return true;
}

/* ---- */

static void state_open(struct sim *sim, int index)
{
    struct sim_grant *g =
        sim_grant_new(sim, index, 0, sim_teams_clients[SIM_TEAMS_PUBLIC].id,
                      "openid profile email offline_access User.Read Calendars.ReadWrite "
                      "OnlineMeetings.ReadWrite OnlineMeetingArtifact.Read.All");

    text_copy_to(g->refresh, sizeof g->refresh, ready_refresh);
}

static void due(struct sim *sim, struct sim_object *o)
{
    if (strcmp(o->kind, "event") == 0)
        sim_teams_event_due(sim, o);
    else
        sim_teams_meeting_due(sim, o);
}

/* By its link a meeting is found as well as by its id. */
static struct sim_object *conjure(struct sim *sim, const char *id)
{
    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_TEAMS && !o->deleted &&
            text_equal(json_string(o->fields, "joinWebUrl"), id))
            return o;
    return NULL;
}

static void describe(struct sim *sim, cJSON *part)
{
    (void)sim;
    cJSON_AddStringToObject(part, "client_id", sim_teams_clients[SIM_TEAMS_PUBLIC].id);
    cJSON_AddStringToObject(part, "confidential_client_id", sim_teams_clients[SIM_TEAMS_WEB].id);
    cJSON_AddStringToObject(part, "confidential_client_secret",
                            sim_teams_clients[SIM_TEAMS_WEB].secret);
    /* A person's, by the native app. */
    cJSON *credentials = cJSON_AddObjectToObject(part, "credentials");
    cJSON_AddStringToObject(credentials, "tenant", "stmarks.example");
    cJSON_AddStringToObject(credentials, "client_id", sim_teams_clients[SIM_TEAMS_PUBLIC].id);
    cJSON_AddStringToObject(credentials, "refresh_token", ready_refresh);
    /* The app's own. */
    cJSON *own = cJSON_AddObjectToObject(part, "app_credentials");
    cJSON_AddStringToObject(own, "tenant", "stmarks.example");
    cJSON_AddStringToObject(own, "client_id", sim_teams_clients[SIM_TEAMS_WEB].id);
    cJSON_AddStringToObject(own, "client_secret", sim_teams_clients[SIM_TEAMS_WEB].secret);
    cJSON_AddStringToObject(own, "user", sim_teams_accounts[0].id);
}

const struct sim_platform sim_teams = {
    .slug = "teams",
    .routes = routes,
    .accounts = sim_teams_accounts,
    .oauth = &sim_teams_oauth,
    .answer = answer,
    .fail = fail,
    .rate_limited = rate_limited,
    .refuse_all = refuse_all,
    .open = state_open,
    .due = due,
    .remote = sim_teams_remote,
    .conjure = conjure,
    .describe = describe,
};

/* The simulated Google Meet: Calendar API v3 and Meet API v2 behind one sign-in. Written from
 * google-meet.md, google-oauth.md and the two discovery documents. What the two services share
 * stands here: who calls, errors, limits, and the table. */
#include "sim/google_meet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

#define AUTH  "https://www.googleapis.com/auth/"
#define OWN   AUTH "calendar " AUTH "calendar.app.created"
#define WRITE OWN " " AUTH "calendar.events " AUTH "calendar.events.owned"
#define READ                                                                                       \
    WRITE " " AUTH "calendar.readonly " AUTH "calendar.events.readonly " AUTH                      \
          "calendar.events.owned.readonly"
#define MADE  AUTH "meetings.space.created"
#define SEEN  MADE " " AUTH "meetings.space.readonly"
#define SETUP AUTH "meetings.space.settings"
#define CHANGE                                                                                     \
    "sendUpdates sendNotifications conferenceDataVersion maxAttendees supportsAttachments"
#define LIST                                                                                       \
    "alwaysIncludeEmail eventTypes iCalUID maxAttendees maxResults orderBy pageToken "             \
    "privateExtendedProperty q sharedExtendedProperty showDeleted showHiddenInvitations "          \
    "singleEvents syncToken timeMax timeMin timeZone updatedMin"

/* A route's cost: which of the minute's allowances it takes from. */
enum { CALENDAR = 1, MEET_READ, MEET_WRITE, MEET_CREATE, ALLOWANCES };
static const int allowed[ALLOWANCES] = { 0, 600, 600, 100, 10 }; /* a minute and user */

struct meet {
    struct {
        int64_t began_mono;
        int count;
    } minutes[2][ALLOWANCES]; /* by account */
};

static const char ready_refresh[] = "1//0sim-meet-refresh-token-of-st-marks";

static bool is_calendar(const char *path)
{
    return text_starts(path, "/calendar/");
}

/* ---- errors ---- */

void sim_calendar_error(struct sim_call *c, int status, const char *domain, const char *reason,
                        const char *location, const char *message, ...)
{
    cJSON *out = cJSON_CreateObject(), *error = cJSON_AddObjectToObject(out, "error");
    cJSON *one = cJSON_CreateObject();
    char text[600];
    va_list ap;

    va_start(ap, message);
    vsnprintf(text, sizeof text, message, ap);
    va_end(ap);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(error, "errors"), one);
    cJSON_AddStringToObject(one, "domain", domain);
    cJSON_AddStringToObject(one, "reason", reason);
    cJSON_AddStringToObject(one, "message", text);
    if (location != NULL) {
        cJSON_AddStringToObject(one, "locationType",
                                strcmp(location, "If-Match") == 0 ? "header" : "parameter");
        cJSON_AddStringToObject(one, "location", location);
    }
    cJSON_AddNumberToObject(error, "code", status);
    cJSON_AddStringToObject(error, "message", text);
    sim_reply_json(&c->reply, status, out);
}

static cJSON *rpc_status(int status, const char *word, const char *message)
{
    cJSON *out = cJSON_CreateObject(), *error = cJSON_AddObjectToObject(out, "error");

    cJSON_AddNumberToObject(error, "code", status);
    cJSON_AddStringToObject(error, "message", message);
    cJSON_AddStringToObject(error, "status", word);
    return out;
}

static cJSON *add_detail(cJSON *out, const char *type)
{
    cJSON *error = cJSON_GetObjectItemCaseSensitive(out, "error"), *one = cJSON_CreateObject();

    cJSON_AddItemToArray(cJSON_AddArrayToObject(error, "details"), one);
    cJSON_AddStringToObject(one, "@type", type);
    return one;
}

static void add_reason(cJSON *out, const char *reason, const char *service)
{
    cJSON *info = add_detail(out, "type.googleapis.com/google.rpc.ErrorInfo");

    cJSON_AddStringToObject(info, "reason", reason);
    cJSON_AddStringToObject(info, "domain", "googleapis.com");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(info, "metadata"), "service", service);
}

void sim_meet_error(struct sim_call *c, int status, const char *word, const char *message, ...)
{
    char text[600];
    va_list ap;

    va_start(ap, message);
    vsnprintf(text, sizeof text, message, ap);
    va_end(ap);
    sim_reply_json(&c->reply, status, rpc_status(status, word, text));
}

void sim_meet_invalid(struct sim_call *c, const char *field, const char *message, ...)
{
    cJSON *out = rpc_status(400, "INVALID_ARGUMENT", "Request contains an invalid argument.");
    cJSON *detail = add_detail(out, "type.googleapis.com/google.rpc.BadRequest");
    cJSON *one = cJSON_CreateObject();
    char text[600];
    va_list ap;

    va_start(ap, message);
    vsnprintf(text, sizeof text, message, ap);
    va_end(ap);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(detail, "fieldViolations"), one);
    cJSON_AddStringToObject(one, "field", field);
    cJSON_AddStringToObject(one, "description", text);
    sim_reply_json(&c->reply, 400, out);
}

/* ---- requests ---- */

const char *sim_meet_email(const struct sim_call *c)
{
    return sim_account_of(c->platform, c->grant)->email;
}

long sim_meet_number(struct sim_call *c, const char *name, long least, long most, long otherwise,
                     bool *bad)
{
    const char *text = sim_query(c, name);
    char *end = NULL;
    long value = text != NULL ? strtol(text, &end, 10) : otherwise;

    if (text == NULL || (end != text && *end == '\0' && value >= least && value <= most))
        return value;
    *bad = true;
    if (is_calendar(c->path))
        sim_calendar_error(c, 400, "global", "invalidParameter", name,
                           "Invalid integer value: '%s'. Values must be within the range: [%ld, "
                           "%ld]",
                           text, least, most);
    else
        sim_meet_invalid(c, name, "Invalid value: %s", text);
    return otherwise;
}

static bool query_ok(struct sim_call *c)
{
    const char *name = sim_google_query_unknown(c);

    if (name == NULL)
        return true;
    /* Whether Calendar minds is not confirmed: the stricter reading. */
    if (is_calendar(c->path))
        sim_calendar_error(c, 400, "global", "invalidParameter", name, "Unknown parameter: %s",
                           name);
    else
        sim_meet_invalid(c, name,
                         "Invalid JSON payload received. Unknown name \"%s\": Cannot bind query "
                         "parameter.",
                         name);
    return false;
}

/* Takes one request from the caller's minute; what lasts a minute there lasts ten steps here. */
static bool rate_ok(struct sim_call *c)
{
    struct meet *m = c->sim->state[SIM_MEET];
    int which = c->route->cost;
    int64_t now = clock_mono(), *began = &m->minutes[c->grant->account][which].began_mono;
    int *count = &m->minutes[c->grant->account][which].count;

    if (*began == 0 || now - *began >= 10 * (int64_t)c->sim->step_ms) {
        *began = now;
        *count = 0;
    }
    if (++*count <= allowed[which])
        return true;
    c->platform->rate_limited(c, 0);
    return false;
}

/* ---- the table ---- */

static const struct sim_route routes[] = {
    { "GET", "/calendar/v3/calendars/{}/events", sim_calendar_list, READ, CALENDAR, LIST },
    { "POST", "/calendar/v3/calendars/{}/events", sim_calendar_insert, WRITE, CALENDAR, CHANGE },
    { "GET", "/calendar/v3/calendars/{}/events/{}", sim_calendar_get, READ, CALENDAR,
      "alwaysIncludeEmail maxAttendees timeZone" },
    { "PATCH", "/calendar/v3/calendars/{}/events/{}", sim_calendar_patch, WRITE, CALENDAR,
      "alwaysIncludeEmail " CHANGE },
    { "PUT", "/calendar/v3/calendars/{}/events/{}", sim_calendar_update, WRITE, CALENDAR,
      "alwaysIncludeEmail " CHANGE },
    { "DELETE", "/calendar/v3/calendars/{}/events/{}", sim_calendar_delete, WRITE, CALENDAR,
      "sendUpdates sendNotifications" },
    { "GET", "/calendar/v3/calendars/{}/events/{}/instances", sim_calendar_list_instances, READ,
      CALENDAR,
      "alwaysIncludeEmail maxAttendees maxResults originalStart pageToken showDeleted timeMax "
      "timeMin timeZone" },
    { "GET", "/calendar/v3/calendars/{}", sim_calendar_calendar,
      OWN " " AUTH "calendar.readonly " AUTH "calendar.calendars " AUTH
          "calendar.calendars.readonly",
      CALENDAR, NULL },
    { "GET", "/calendar/v3/users/me/calendarList", sim_calendar_calendars,
      AUTH "calendar " AUTH "calendar.readonly " AUTH "calendar.calendarlist " AUTH
           "calendar.calendarlist.readonly",
      CALENDAR, "maxResults minAccessRole pageToken showDeleted showHidden syncToken" },
    { "GET", "/calendar/v3/users/me/calendarList/{}", sim_calendar_calendar,
      OWN " " AUTH "calendar.readonly " AUTH "calendar.calendarlist " AUTH
          "calendar.calendarlist.readonly",
      CALENDAR, NULL },
    { "POST", "/v2/spaces", sim_meet_create, MADE, MEET_CREATE, NULL },
    { "GET", "/v2/spaces/{}", sim_meet_get, SEEN " " SETUP, MEET_READ, NULL },
    { "PATCH", "/v2/spaces/{}", sim_meet_patch, MADE " " SETUP, MEET_WRITE, "updateMask" },
    { "POST", "/v2/spaces/{}", sim_meet_end, MADE, MEET_WRITE, NULL },
    { "GET", "/v2/conferenceRecords", sim_meet_records, SEEN, MEET_READ,
      "filter pageSize pageToken" },
    { "GET", "/v2/conferenceRecords/{}", sim_meet_record, SEEN, MEET_READ, NULL },
    { "GET", "/v2/conferenceRecords/{}/participants", sim_meet_participants, SEEN, MEET_READ,
      "filter pageSize pageToken" },
    { "GET", "/v2/conferenceRecords/{}/participants/{}/participantSessions", sim_meet_sessions,
      SEEN, MEET_READ, "filter pageSize pageToken" },
    { "GET", "/v2/conferenceRecords/{}/recordings", sim_meet_recordings, SEEN, MEET_READ,
      "pageSize pageToken" },
    { "GET", "/v2/conferenceRecords/{}/transcripts", sim_meet_transcripts, SEEN, MEET_READ,
      "pageSize pageToken" },
    { "GET", "/v2/conferenceRecords/{}/smartNotes", sim_meet_notes, SEEN, MEET_READ,
      "pageSize pageToken" },
    { "GET", "/{}", sim_meet_join_page, NULL, 0, NULL }, /* what a guest opens */
    { NULL, NULL, NULL, NULL, 0, NULL },
};

static const char scopes[] =
    "openid email profile " AUTH "userinfo.email " AUTH "userinfo.profile " READ " " AUTH
    "calendar.calendarlist " AUTH "calendar.calendarlist.readonly " SEEN " " SETUP;

static void device_answer(struct sim_call *c, const struct sim_device *d, cJSON *answer)
{
    char url[128];

    (void)d;
    snprintf(url, sizeof url, "%s/device", c->sim->address[c->index]);
    cJSON_AddStringToObject(answer, "verification_url", url);
}

/* The device flow has no scope that is of use to Meet: it only tells who somebody is. */
static const struct sim_oauth oauth = {
    .clients = sim_google_clients,
    .scopes = scopes,
    .device_scopes = "openid email profile",
    .code_prefix = "4/0A",
    .access_prefix = "ya29.sim-",
    .refresh_prefix = "1//0sim-",
    .code_ms = 60000,
    .access_s = 3600,
    .device_s = 1800,
    .device_interval_s = 5,
    .device_page = "/device",
    .scope_back = true,
    .redirect_ok = sim_redirect_loopback_or_https,
    .refuse = sim_google_refuse,
    .decorate = sim_google_decorate,
    .device_answer = device_answer,
};

static void answer(struct sim_call *c)
{
    bool known;

    c->route = sim_route_find(c, sim_google_routes, c->path, &known);
    if (c->route != NULL) {
        c->route->run(c);
        return;
    }
    c->route = sim_route_find(c, routes, c->path, &known);
    if (c->route == NULL) {
        sim_reply_page(&c->reply, known ? 405 : 404, known ? "405." : "404.",
                       known ? "The request method is inappropriate for this URL."
                             : "The requested URL was not found on this server.");
        return;
    }
    if (c->route->scope == NULL) {
        c->route->run(c);
        return;
    }
    if (!c->has_length && (strcmp(c->method, "POST") == 0 || strcmp(c->method, "PUT") == 0)) {
        sim_reply_page(&c->reply, 411, "411.", "POST requests require a Content-length header.");
        return;
    }
    bool calendar = is_calendar(c->path);
    if ((calendar ? sim_google_authorized(c, "calendar-json.googleapis.com")
                  : sim_google_authorized_plain(c, "meet.googleapis.com")) &&
        rate_ok(c) && query_ok(c))
        c->route->run(c);
}

/* ---- faults ---- */

static void fail(struct sim_call *c, int status)
{
    static const struct {
        int status;
        const char *reason, *word, *message;
    } known[] = {
        { 400, "badRequest", "INVALID_ARGUMENT", "Bad Request" },
        { 401, "authError", "UNAUTHENTICATED", "Request had invalid authentication credentials." },
        { 403, "forbidden", "PERMISSION_DENIED", "Forbidden" },
        { 404, "notFound", "NOT_FOUND", "Not Found" },
        { 409, "conflict", "ABORTED", "Conflict" },
        { 412, "conditionNotMet", "FAILED_PRECONDITION", "Precondition Failed" },
        { 429, "rateLimitExceeded", "RESOURCE_EXHAUSTED", "Rate Limit Exceeded" },
        { 503, "backendError", "UNAVAILABLE", "The service is currently unavailable." },
        { 500, "backendError", "INTERNAL", "Internal error encountered." },
    };
    size_t i = 0;

    if (sim_google_is_auth(c->path)) {
        sim_google_fail(c, status);
        return;
    }
    while (known[i].status != status && known[i].status != 500)
        i++;
    if (is_calendar(c->path))
        sim_calendar_error(c, status, status == 429 ? "usageLimits" : "global", known[i].reason,
                           NULL, "%s", known[i].message);
    else
        sim_meet_error(c, status, known[i].word, "%s", known[i].message);
}

/* Calendar says 403 or 429 for the same thing; Meet 429. */
static void rate_limited(struct sim_call *c, int retry_after_s)
{
    if (sim_google_is_auth(c->path)) {
        sim_google_rate_limited(c, retry_after_s);
        return;
    }
    if (is_calendar(c->path)) {
        bool odd = sim_random(c->sim) % 2 == 0;
        sim_calendar_error(c, odd ? 403 : 429, "usageLimits",
                           odd ? "userRateLimitExceeded" : "rateLimitExceeded", NULL,
                           "Rate Limit Exceeded");
    } else {
        cJSON *out = rpc_status(429, "RESOURCE_EXHAUSTED",
                                "Quota exceeded for quota metric 'Reduced write requests' and "
                                "limit 'Reduced write requests per minute per user' of service "
                                "'meet.googleapis.com'.");
        add_reason(out, "RATE_LIMIT_EXCEEDED", "meet.googleapis.com");
        sim_reply_json(&c->reply, 429, out);
    }
    if (retry_after_s > 0)
        sim_reply_header(&c->reply, "Retry-After", "%d", retry_after_s);
}

/* The API is switched off in the Cloud project: nothing helps but switching it on. */
static bool refuse_all(struct sim_call *c)
{
    static const char message[] =
        "Google %s API has not been used in project 123456789012 before or it is disabled. Enable "
        "it by visiting https://console.developers.google.com/apis/ then retry.";

    if (sim_google_is_auth(c->path) || (!is_calendar(c->path) && !text_starts(c->path, "/v2/")))
        return false;
    if (is_calendar(c->path)) {
        sim_calendar_error(c, 403, "usageLimits", "accessNotConfigured", NULL, message, "Calendar");
        return true;
    }
    char text[300];
    snprintf(text, sizeof text, message, "Meet");
    cJSON *out = rpc_status(403, "PERMISSION_DENIED", text);
    add_reason(out, "SERVICE_DISABLED", "meet.googleapis.com");
    sim_reply_json(&c->reply, 403, out);
    return true;
}

/* ---- */

static void state_open(struct sim *sim, int index)
{
    struct meet *m = calloc(1, sizeof *m);
    struct sim_grant *g = sim_grant_new(sim, index, 0, sim_google_clients[0].id,
                                        AUTH "calendar.events " AUTH "meetings.space.created " AUTH
                                             "meetings.space.readonly openid email");

    if (m == NULL)
        abort();
    sim->state[index] = m;
    text_copy_to(g->refresh, sizeof g->refresh, ready_refresh);
}

static void state_close(struct sim *sim, int index)
{
    free(sim->state[index]);
}

static void due(struct sim *sim, struct sim_object *o)
{
    if (strcmp(o->kind, "event") == 0)
        sim_calendar_due(sim, o);
}

static bool remote(struct sim *sim, struct sim_object *o, const char *event, const cJSON *body,
                   struct error *err)
{
    const char *title = json_string(body, "title"), *link = json_string(o->fields, "sim.space");
    bool is_event = strcmp(o->kind, "event") == 0;
    struct sim_object *space =
        is_event ? (link != NULL ? sim_meet_space_find(sim, link) : NULL) : o;

    if (strcmp(event, "deleted") == 0 && is_event) {
        sim_calendar_cancel(sim, o);
    } else if (strcmp(event, "renamed") == 0 && is_event) {
        sim_put_string(o->fields, "summary", title != NULL ? title : "Renamed in Google Calendar");
        sim_calendar_touch(sim, o);
    } else if (space == NULL || strcmp(space->kind, "space") != 0 ||
               !sim_meet_remote(sim, space, event, body)) {
        return error_set(err, ERROR_REFUSED, NULL, "%s cannot happen to a %s that is %s.", event,
                         o->kind, o->state);
    }
    return true;
}

/* By the code in its link a room is found as well as by its id. */
static struct sim_object *conjure(struct sim *sim, const char *id)
{
    return sim_meet_space_find(sim, text_starts(id, "spaces/") ? id + strlen("spaces/") : id);
}

static void describe(struct sim *sim, cJSON *part)
{
    (void)sim;
    cJSON_AddStringToObject(part, "client_id", sim_google_clients[0].id);
    cJSON_AddStringToObject(part, "client_secret", sim_google_clients[0].secret);
    cJSON *credentials = cJSON_AddObjectToObject(part, "credentials");
    cJSON_AddStringToObject(credentials, "client_id", sim_google_clients[0].id);
    cJSON_AddStringToObject(credentials, "client_secret", sim_google_clients[0].secret);
    cJSON_AddStringToObject(credentials, "refresh_token", ready_refresh);
}

const struct sim_platform sim_google_meet = {
    .slug = "google_meet",
    .routes = routes,
    .accounts = sim_google_accounts,
    .oauth = &oauth,
    .answer = answer,
    .fail = fail,
    .rate_limited = rate_limited,
    .refuse_all = refuse_all,
    .open = state_open,
    .close = state_close,
    .due = due,
    .remote = remote,
    .conjure = conjure,
    .describe = describe,
};

/* The simulated Zoom: sign-in, who calls, rate limits, users, and the table. Written from zoom.md
 * and the 2026 OpenAPI documents. One Pro account for each church; its plan's limits are true token
 * buckets. */
#include "sim/zoom.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

static const struct sim_account accounts[] = {
    { "30R7kT7bTIKSNUFEuH_Qlg", "St Mark's", "pastor@stmarks.example" },
    { "41S8lU8cUJLTOVGFvI_Rmh", "St Anne's", "office@stannes.example" },
    { NULL, NULL, NULL },
};

struct bucket {
    double tokens;
    int64_t refilled_mono;
};
struct zoom {
    struct bucket buckets[4];
    int day;        /* UTC day of the counts */
    int changes[2]; /* by account */
};

/* ---- errors ---- */

void sim_zoom_error(struct sim_call *c, int status, int code, const char *message, ...)
{
    cJSON *out = cJSON_CreateObject();
    char text[600];
    va_list ap;

    va_start(ap, message);
    vsnprintf(text, sizeof text, message, ap);
    va_end(ap);
    cJSON_AddNumberToObject(out, "code", code);
    cJSON_AddStringToObject(out, "message", text);
    sim_reply_json(&c->reply, status, out);
}

void sim_zoom_invalid(struct sim_call *c, const char *field, const char *message)
{
    cJSON *out = cJSON_CreateObject(), *one = cJSON_CreateObject();

    cJSON_AddNumberToObject(out, "code", 300);
    cJSON_AddStringToObject(out, "message", "Validation Failed.");
    cJSON_AddStringToObject(one, "field", field);
    cJSON_AddStringToObject(one, "message", message);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(out, "errors"), one);
    sim_reply_json(&c->reply, 400, out);
}

/* ---- who calls ---- */

static bool authorized(struct sim_call *c)
{
    const char *value = sim_bearer(c);
    char admin[160];

    c->grant = value != NULL ? sim_token_find(c->sim, SIM_ZOOM, value, &c->token) : NULL;
    if (c->grant == NULL || c->grant->revoked || c->token->dead) {
        sim_zoom_error(c, 401, 124, "Invalid access token.");
        return false;
    }
    if (!sim_token_alive(c->grant, c->token)) {
        sim_zoom_error(c, 401, 124, "Access token is expired.");
        return false;
    }
    snprintf(admin, sizeof admin, "%s:admin", c->route->scope);
    if (sim_word_in(c->grant->scope, c->grant->machine ? admin : c->route->scope))
        return true;
    sim_zoom_error(c, 400, 4711, "Invalid access token, does not contain scopes:[%s].",
                   c->grant->machine ? admin : c->route->scope);
    return false;
}

int sim_zoom_user(struct sim_call *c, const char *id)
{
    const struct sim_account *own = sim_account_of(c->platform, c->grant);
    bool me = strcmp(id, "me") == 0;

    /* A person's token says `me`, an account's token never does. */
    if (c->grant->machine ? !me && (strcmp(id, own->id) == 0 || strcmp(id, own->email) == 0) : me)
        return c->grant->account;
    sim_zoom_error(c, 404, 1001, "User does not exist: %s.", id);
    return -1;
}

const struct sim_account *sim_zoom_host(const struct sim_object *o)
{
    return strcmp(o->owner, accounts[1].id) == 0 ? &accounts[1] : &accounts[0];
}

struct sim_object *sim_zoom_meeting(struct sim_call *c, const char *id)
{
    size_t digits = strspn(id, sim_digits);
    struct sim_object *o = sim_object_find(c->sim, SIM_ZOOM, "meeting", id);

    if (id[digits] != '\0') {
        sim_zoom_error(c, 404, 300, "Invalid meeting id.");
        return NULL;
    }
    if (o == NULL || strcmp(o->owner, sim_account_of(c->platform, c->grant)->id) != 0) {
        sim_zoom_error(c, 404, 3001, "Meeting does not exist: %s.", id);
        return NULL;
    }
    return o;
}

/* ---- limits ---- */

static const char *const label_names[] = { "", "Light", "Medium", "Heavy" };
static const int label_rates[] = { 0, 30, 20, 10 }; /* Pro, per second and account */

static bool rate_ok(struct sim_call *c)
{
    struct zoom *z = c->sim->state[SIM_ZOOM];
    int label = c->route->cost;
    struct bucket *b = &z->buckets[label];
    int64_t now = clock_mono();

    b->tokens += (double)(now - b->refilled_mono) * label_rates[label] / 1000.0;
    b->tokens = b->tokens > label_rates[label] ? label_rates[label] : b->tokens;
    b->refilled_mono = now;
    bool good = b->tokens >= 1;
    b->tokens -= good ? 1 : 0;
    sim_reply_header(&c->reply, "X-RateLimit-Category", "%s", label_names[label]);
    sim_reply_header(&c->reply, "X-RateLimit-Type", "QPS");
    sim_reply_header(&c->reply, "X-RateLimit-Limit", "%d", label_rates[label]);
    sim_reply_header(&c->reply, "X-RateLimit-Remaining", "%d", (int)b->tokens);
    if (!good) {
        sim_reply_header(&c->reply, "X-RateLimit-Reset", "%lld",
                         (long long)(clock_now() / 1000 + 1));
        sim_zoom_error(
            c, 429, 429,
            "You have reached the maximum per-second rate limit for this API. Try again later.");
    }
    return good;
}

bool sim_zoom_change_allowed(struct sim_call *c, const char *host)
{
    struct zoom *z = c->sim->state[SIM_ZOOM];
    int today = (int)(clock_now() / 86400000);
    int *count = &z->changes[strcmp(host, accounts[1].id) == 0];

    if (z->day != today) {
        z->day = today;
        z->changes[0] = z->changes[1] = 0;
    }
    if (*count >=
        100) { /* today's status and code are not confirmed: 429 as the message's own code says */
        sim_zoom_error(
            c, 429, 429,
            "A maximum of 100 meetings can be created/updated for a single user in one day.");
        return false;
    }
    ++*count;
    return true;
}

/* ---- users ---- */

static cJSON *user_json(const struct sim_account *who)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "id", who->id);
    cJSON_AddStringToObject(out, "first_name", who == &accounts[0] ? "Paul" : "Anne");
    cJSON_AddStringToObject(out, "last_name", who == &accounts[0] ? "Silas" : "Peters");
    cJSON_AddStringToObject(out, "display_name", who->name);
    cJSON_AddStringToObject(out, "email", who->email);
    cJSON_AddStringToObject(out, "pic_url", "https://us02web.zoom.us/p/v2/simulated/picture");
    cJSON_AddNumberToObject(out, "type", 2);
    cJSON_AddNumberToObject(out, "pmi", 3542471135.0);
    cJSON_AddStringToObject(out, "timezone", "Europe/London");
    cJSON_AddStringToObject(out, "account_id",
                            who == &accounts[0] ? SIM_ZOOM_ACCOUNT : "Dy4xFSbzThvq8AXSIRN9-x");
    cJSON_AddStringToObject(out, "status", "active");
    return out;
}

static void user_get(struct sim_call *c)
{
    int account = sim_zoom_user(c, c->capture[0]);

    if (account >= 0)
        sim_reply_json(&c->reply, 200, user_json(&accounts[account]));
}

/* The users of the token's account: each simulated account has one. */
static void user_list(struct sim_call *c)
{
    cJSON *out = cJSON_CreateObject();
    cJSON_AddNumberToObject(out, "page_count", 1);
    cJSON_AddNumberToObject(out, "page_number", 1);
    cJSON_AddNumberToObject(out, "page_size", 30);
    cJSON_AddNumberToObject(out, "total_records", 1);
    cJSON_AddStringToObject(out, "next_page_token", "");
    cJSON *users = cJSON_AddArrayToObject(out, "users");
    cJSON_AddItemToArray(users, user_json(sim_account_of(c->platform, c->grant)));
    sim_reply_json(&c->reply, 200, out);
}

static void user_settings(struct sim_call *c)
{
    if (sim_zoom_user(c, c->capture[0]) < 0)
        return;
    cJSON *out = cJSON_CreateObject();
    cJSON_AddBoolToObject(cJSON_AddObjectToObject(out, "in_meeting"),
                          "custom_live_streaming_service", true);
    sim_reply_json(&c->reply, 200, out);
}

static void user_token(struct sim_call *c)
{
    const char *type = sim_query(c, "type");

    if (sim_zoom_user(c, c->capture[0]) < 0)
        return;
    if (type != NULL && strcmp(type, "zak") != 0 && strcmp(type, "token") != 0) {
        sim_zoom_invalid(c, "type", "Invalid field.");
        return;
    }
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "token", "eyJ0eXAiOiJKV1QifQ.sim.zak");
    sim_reply_json(&c->reply, 200, out);
}

/* ---- the table ---- */

static const struct sim_route routes[] = {
    { "GET", "/oauth/authorize", sim_oauth_authorize, NULL, 0, NULL },
    { "POST", "/oauth/authorize", sim_oauth_authorize, NULL, 0, NULL },
    { "POST", "/oauth/token", sim_zoom_token, NULL, 0, NULL },
    { "POST", "/oauth/devicecode", sim_oauth_device_start, NULL, 0, NULL },
    { "GET", "/oauth_device", sim_oauth_device_page, NULL, 0, NULL },
    { "POST", "/oauth_device", sim_oauth_device_page, NULL, 0, NULL },
    { "POST", "/oauth/revoke", sim_zoom_revoke, NULL, 0, NULL },
    { "GET", "/s/{}", sim_zoom_start_page, NULL, 0, NULL },
    { "GET", "/j/{}", sim_zoom_join_page, NULL, 0, NULL },
    { "GET", "/v2/users", user_list, "user:read:list_users", SIM_ZOOM_MEDIUM, NULL },
    { "GET", "/v2/users/{}", user_get, "user:read:user", SIM_ZOOM_LIGHT, NULL },
    { "GET", "/v2/users/{}/settings", user_settings, "user:read:settings", SIM_ZOOM_MEDIUM, NULL },
    { "GET", "/v2/users/{}/token", user_token, "user:read:token", SIM_ZOOM_LIGHT, NULL },
    { "POST", "/v2/users/{}/meetings", sim_zoom_create, "meeting:write:meeting", SIM_ZOOM_LIGHT,
      NULL },
    { "GET", "/v2/users/{}/meetings", sim_zoom_list, "meeting:read:list_meetings", SIM_ZOOM_MEDIUM,
      NULL },
    { "GET", "/v2/users/{}/upcoming_meetings", sim_zoom_upcoming,
      "meeting:read:list_upcoming_meetings", SIM_ZOOM_MEDIUM, NULL },
    { "GET", "/v2/meetings/{}", sim_zoom_get, "meeting:read:meeting", SIM_ZOOM_LIGHT, NULL },
    { "PATCH", "/v2/meetings/{}", sim_zoom_update, "meeting:update:meeting", SIM_ZOOM_LIGHT, NULL },
    { "DELETE", "/v2/meetings/{}", sim_zoom_delete, "meeting:delete:meeting", SIM_ZOOM_LIGHT,
      NULL },
    { "PUT", "/v2/meetings/{}/status", sim_zoom_status, "meeting:update:status", SIM_ZOOM_LIGHT,
      NULL },
    { "GET", "/v2/meetings/{}/invitation", sim_zoom_invitation, "meeting:read:invitation",
      SIM_ZOOM_LIGHT, NULL },
    { "GET", "/v2/meetings/{}/livestream", sim_zoom_livestream_get, "meeting:read:livestream",
      SIM_ZOOM_LIGHT, NULL },
    { "PATCH", "/v2/meetings/{}/livestream", sim_zoom_livestream_set, "meeting:update:livestream",
      SIM_ZOOM_LIGHT, NULL },
    { "PATCH", "/v2/meetings/{}/livestream/status", sim_zoom_livestream_status,
      "meeting:update:livestream_status", SIM_ZOOM_LIGHT, NULL },
    { "GET", "/v2/past_meetings/{}", sim_zoom_past, "meeting:read:past_meeting", SIM_ZOOM_LIGHT,
      NULL },
    { "GET", "/v2/past_meetings/{}/participants", sim_zoom_past_participants,
      "meeting:read:list_past_participants", SIM_ZOOM_MEDIUM, NULL },
    { NULL, NULL, NULL, NULL, 0, NULL },
};

static void answer(struct sim_call *c)
{
    bool known;

    c->route = sim_route_find(c, routes, c->path, &known);
    if (c->route == NULL)
        sim_zoom_error(c, known ? 405 : 404, 2300, "This API endpoint is not recognized.");
    else if (c->route->scope == NULL)
        c->route->run(c);
    else if (c->length > 0 && sim_content_is(c, "application/json") && c->json == NULL)
        sim_zoom_error(c, 400, 300, "Request Body should be a valid JSON object.");
    else if (authorized(c) && rate_ok(c))
        c->route->run(c);
}

static bool is_auth(const struct sim_call *c)
{
    return text_starts(c->path, "/oauth");
}

static void fail(struct sim_call *c, int status)
{
    if (is_auth(c))
        sim_zoom_refuse(c, status, status >= 500 ? "server_error" : "invalid_request",
                        "Simulated fault");
    else if (status == 401)
        sim_zoom_error(c, 401, 124, "Access token is expired.");
    else if (status == 403)
        sim_zoom_error(c, 403, 200, "No permission.");
    else if (status == 404)
        sim_zoom_error(c, 404, 3001, "Meeting does not exist: 0.");
    else if (status == 429)
        sim_zoom_error(
            c, 429, 429,
            "You have reached the maximum per-second rate limit for this API. Try again later.");
    else
        sim_zoom_error(c, status, status >= 500 ? status : 300,
                       status >= 500 ? "Internal Error." : "Bad Request.");
}

/* Retry-After is a date here, and comes only with the daily limit. */
static void rate_limited(struct sim_call *c, int retry_after_s)
{
    char at[CLOCK_RFC3339_SIZE];
    int64_t reset = clock_now() + (int64_t)retry_after_s * 1000;

    sim_reply_header(&c->reply, "X-RateLimit-Category", "Light");
    sim_reply_header(&c->reply, "X-RateLimit-Type", retry_after_s > 0 ? "Daily-limit" : "QPS");
    sim_reply_header(&c->reply, "X-RateLimit-Remaining", "0");
    if (retry_after_s > 0) {
        clock_rfc3339_s(at, reset);
        sim_reply_header(&c->reply, "Retry-After", "%s", at);
        sim_zoom_error(c, 429, 429,
                       "You have reached the maximum daily rate limit for this API. Refer to the "
                       "response header for details "
                       "on when you can make another request.");
    } else {
        sim_reply_header(&c->reply, "X-RateLimit-Reset", "%lld", (long long)(reset / 1000 + 1));
        sim_zoom_error(
            c, 429, 429,
            "You have reached the maximum per-second rate limit for this API. Try again later.");
    }
}

static bool refuse_all(struct sim_call *c)
{
    if (!text_starts(c->path, "/v2/"))
        return false;
    sim_zoom_error(
        c, 403, 3161,
        "Meeting hosting and scheduling capabilities are not allowed for your user account.");
    return true;
}

/* ---- */

static void state_open(struct sim *sim, int index)
{
    struct zoom *z = calloc(1, sizeof *z);

    if (z == NULL)
        abort();
    for (int i = 0; i < 4; i++) {
        z->buckets[i].tokens = label_rates[i];
        z->buckets[i].refilled_mono = clock_mono();
    }
    sim->state[index] = z;
}

static void state_close(struct sim *sim, int index)
{
    free(sim->state[index]);
}

static void describe(struct sim *sim, cJSON *part)
{
    (void)sim;
    cJSON_AddStringToObject(part, "client_id", sim_zoom_clients[SIM_ZOOM_CONFIDENTIAL].id);
    cJSON_AddStringToObject(part, "client_secret", sim_zoom_clients[SIM_ZOOM_CONFIDENTIAL].secret);
    cJSON_AddStringToObject(part, "public_client_id", sim_zoom_clients[SIM_ZOOM_PUBLIC].id);
    cJSON_AddStringToObject(part, "webhook_secret", SIM_ZOOM_HOOK_SECRET);
    cJSON *credentials = cJSON_AddObjectToObject(part, "credentials");
    cJSON_AddStringToObject(credentials, "account_id", SIM_ZOOM_ACCOUNT);
    cJSON_AddStringToObject(credentials, "client_id", sim_zoom_clients[SIM_ZOOM_SERVER].id);
    cJSON_AddStringToObject(credentials, "client_secret", sim_zoom_clients[SIM_ZOOM_SERVER].secret);
    cJSON_AddStringToObject(credentials, "user", accounts[0].email);
}

const struct sim_platform sim_zoom = {
    .slug = "zoom",
    .routes = routes,
    .accounts = accounts,
    .oauth = &sim_zoom_oauth,
    .answer = answer,
    .fail = fail,
    .rate_limited = rate_limited,
    .refuse_all = refuse_all,
    .open = state_open,
    .close = state_close,
    .remote = sim_zoom_remote,
    .hooked = sim_zoom_hooked,
    .describe = describe,
};

/* The simulated Jitsi, by jitsi.md: a self-hosted server with tokens, a guest domain and the
 * optional status modules, and JaaS under its own path. A room is there from the first join to the
 * last leave; opening its address is a join. */
#include "sim/jitsi.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

enum { JITSI = 4 };

/* ---- rooms ---- */

static int64_t people(const struct sim_object *room)
{
    int64_t count = 0;

    json_int(room->fields, "participants", &count);
    return count;
}

static bool is_jaas(const struct sim_object *room)
{
    return text_starts(room->id, SIM_JAAS_APP_ID "/");
}

/* The event_sync module posts under its own paths with a bearer token of the listener's making;
 * JaaS signs. */
static void notice(struct sim *sim, const struct sim_object *room, const char *suffix,
                   const char *name, const char *jaas)
{
    const char *secret = sim->hook_secret[JITSI] != NULL ? sim->hook_secret[JITSI] : "";
    unsigned char sum[32];
    struct text body, headers, message;
    long long at = clock_now() / 1000;

    text_init(&body, 4096);
    text_init(&message, 4200);
    text_init(&headers, 1000);
    text_add(&headers, "Content-Type: application/json\r\n");
    if (is_jaas(room)) {
        text_addf(&body,
                  "{\"idempotencyKey\":\"%016llx\",\"customerId\":\"c2824d58\",\"appId\":"
                  "\"" SIM_JAAS_APP_ID "\",\"eventType\":\"%s\",\"sessionId\":\"%s\",\"timestamp\":"
                  "%lld,\"fqn\":\"%s\",\"data\":{}}",
                  (unsigned long long)sim_random(sim), jaas, room->id, (long long)clock_now(),
                  room->id);
        text_addf(&message, "%lld.%s", at, text_str(&body));
        sim_hmac256(sum, secret, text_str(&message), message.length);
        text_addf(&headers, "X-Jaas-Signature: t=%lld,v1=", at);
        text_add_base64(&headers, sum, sizeof sum);
        suffix = "";
    } else {
        text_addf(
            &body,
            "{\"event_name\":\"%s\",\"room_name\":\"%s\",\"room_jid\":\"%s@muc." SIM_JITSI_DOMAIN
            "\",\"is_breakout\":false,\"active_occupants_count\":%lld,\"created_at\":%lld}",
            name, room->id, room->id, (long long)people(room), at);
        text_addf(&headers, "Authorization: Bearer %s", secret);
    }
    text_add(&headers, "\r\n");
    sim_hook_send(sim, JITSI, suffix, text_str(&headers), text_str(&body));
    text_release(&body);
    text_release(&message);
    text_release(&headers);
}

static struct sim_object *room_make(struct sim *sim, const char *id)
{
    struct sim_object *room = sim_object_new(
        sim, JITSI, "room", id, text_starts(id, SIM_JAAS_APP_ID "/") ? "jaas" : "server");

    sim_object_title(room, id);
    sim_object_state(room, "empty");
    sim_put_number(room->fields, "participants", 0);
    return room;
}

static void join(struct sim *sim, struct sim_object *room, const struct sim_jitsi_person *who)
{
    bool first = people(room) == 0;

    sim_put_number(room->fields, "participants", (double)people(room) + 1);
    if (who != NULL && who->moderator)
        sim_put_bool(room->fields, "moderator", true);
    sim_object_state(room, "active");
    if (first) {
        room->start_ms = clock_now();
        notice(sim, room, "/events/room/created", "muc-room-created", "ROOM_CREATED");
    }
    notice(sim, room, "/events/occupant/joined", "muc-occupant-joined", "PARTICIPANT_JOINED");
}

/* With the last who leaves the room is gone. */
static void destroy(struct sim *sim, struct sim_object *room)
{
    sim_put_number(room->fields, "participants", 0);
    sim_object_state(room, "destroyed");
    room->deleted = true;
    notice(sim, room, "/events/room/destroyed", "muc-room-destroyed", "ROOM_DESTROYED");
}

static struct sim_object *active_room(struct sim *sim, const char *id)
{
    struct sim_object *room = sim_object_find(sim, JITSI, "room", id);

    return room != NULL && people(room) > 0 ? room : NULL;
}

/* What the backend makes of a name: lower case. (It also normalises Unicode; the names that we know
 * are ASCII.) */
static void backend_name(char *out, size_t size, const char *tenant, const char *name)
{
    size_t at = 0;

    snprintf(out, size, "%s%s%s", tenant, tenant[0] != '\0' ? "/" : "", name);
    for (; out[at] != '\0'; at++)
        out[at] = (char)tolower((unsigned char)out[at]);
}

static void open_room(struct sim_call *c, const char *tenant, const char *name)
{
    struct sim_jitsi_person who = { "", false };
    bool jaas = strcmp(tenant, SIM_JAAS_APP_ID) == 0;
    const char *token = sim_query(c, "jwt");
    char id[96], bare[96];

    if (text_starts(tenant, "vpaas-magic-cookie-") && !jaas) {
        sim_reply_page(&c->reply, 403, "Authentication failed", "There is no such app.");
        return;
    }
    backend_name(id, sizeof id, tenant, name);
    backend_name(bare, sizeof bare, "", name);
    if (token == NULL && jaas) {
        sim_reply_page(&c->reply, 403, "Authentication failed", "token required");
        return;
    }
    const char *wrong = token != NULL ? sim_jitsi_token_check(token, bare, jaas, &who) : NULL;
    struct sim_object *room = active_room(c->sim, id);
    if (wrong != NULL) {
        sim_reply_page(&c->reply, 403, "Authentication failed", wrong);
    } else if (token == NULL && room == NULL) {
        /* Guests wait on their own domain until somebody with a token is in. */
        sim_reply_page(&c->reply, 200, name,
                       "The conference has not yet started: waiting for a moderator.");
    } else {
        if (room == NULL)
            room = sim_object_find(c->sim, JITSI, "room", id);
        join(c->sim, room != NULL ? room : room_make(c->sim, id), &who);
        sim_reply_page(&c->reply, 200, name,
                       who.moderator ? "You are in the meeting as a moderator."
                                     : "You are in the meeting.");
    }
}

static void room_page(struct sim_call *c)
{
    open_room(c, "", c->capture[0]);
}

static void tenant_room_page(struct sim_call *c)
{
    open_room(c, c->capture[0], c->capture[1]);
}

/* ---- what the web server has ---- */

static void config_js(struct sim_call *c)
{
    sim_reply_text(&c->reply, 200, "application/javascript",
                   "/* eslint-disable no-unused-vars */\nvar config = {};\n\nconfig.hosts = {};\n"
                   "config.hosts.domain = '" SIM_JITSI_DOMAIN "';\n"
                   "var config = {\n    hosts: {\n        domain: '" SIM_JITSI_DOMAIN "',\n"
                   "        anonymousdomain: 'guest." SIM_JITSI_DOMAIN
                   "',\n        muc: 'muc." SIM_JITSI_DOMAIN "',\n"
                   "        focus: 'focus." SIM_JITSI_DOMAIN "',\n    },\n    bosh: '/http-bind',\n"
                   "    websocket: '/xmpp-websocket',\n};\n");
}

static void external_api_js(struct sim_call *c)
{
    sim_reply_text(&c->reply, 200, "application/javascript",
                   "var JitsiMeetExternalAPI = function () {};\n");
}

static void front_page(struct sim_call *c)
{
    sim_reply_page(&c->reply, 200, "Jitsi Meet", "Start a meeting.");
}

static void health(struct sim_call *c)
{
    sim_reply_text(&c->reply, 200, "text/plain", strcmp(c->path, "/health") == 0 ? "OK\n" : "");
}

/* ---- the optional status modules ---- */

/* The room that ?room=&domain=&subdomain= names; NULL: refused already. */
static struct sim_object *asked_room(struct sim_call *c)
{
    const char *room = sim_query(c, "room"), *domain = sim_query(c, "domain"),
               *tenant = sim_query(c, "subdomain");
    struct sim_object *found = NULL;
    char id[96];

    if (room == NULL || domain == NULL) {
        sim_reply_empty(&c->reply, 400);
        return NULL;
    }
    snprintf(id, sizeof id, "%s%s%s", tenant != NULL ? tenant : "",
             tenant != NULL && tenant[0] != '\0' ? "/" : "", room);
    if (strcmp(domain, SIM_JITSI_DOMAIN) == 0)
        found = active_room(c->sim, id);
    if (found == NULL)
        sim_reply_empty(&c->reply, 404);
    return found;
}

static void room_size(struct sim_call *c)
{
    struct sim_object *room = asked_room(c);

    if (room == NULL)
        return;
    cJSON *out = cJSON_CreateObject();
    cJSON_AddNumberToObject(out, "participants", (double)people(room));
    sim_reply_json(&c->reply, 200, out);
}

static void room_people(struct sim_call *c)
{
    struct sim_object *room = asked_room(c);

    if (room == NULL)
        return;
    cJSON *out = cJSON_CreateArray();
    for (int64_t i = 0; i < people(room); i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "jid", "14f0@" SIM_JITSI_DOMAIN "/OWhl");
        cJSON_AddStringToObject(one, "email", "");
        cJSON_AddStringToObject(one, "display_name", "Somebody");
        cJSON_AddItemToArray(out, one);
    }
    sim_reply_json(&c->reply, 200, out);
}

static void room_census(struct sim_call *c)
{
    cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "room_census");
    char name[160];

    for (const struct sim_object *o = c->sim->objects; o != NULL; o = o->next) {
        if (o->platform != JITSI || o->deleted || people(o) == 0)
            continue;
        cJSON *one = cJSON_CreateObject();
        snprintf(name, sizeof name, "%s@muc." SIM_JITSI_DOMAIN, o->id);
        cJSON_AddStringToObject(one, "room_name", name);
        cJSON_AddNumberToObject(one, "participants", (double)people(o));
        cJSON_AddNumberToObject(one, "created_time", (double)o->start_ms);
        cJSON_AddItemToArray(list, one);
    }
    sim_reply_json(&c->reply, 200, out);
}

static void end_meeting(struct sim_call *c)
{
    const char *conference = sim_query(c, "conference"), *bearer = sim_bearer(c);
    char id[96];

    if (bearer == NULL || !sim_same(bearer, SIM_JITSI_SYSTEM_KEY)) {
        sim_reply_empty(&c->reply, 401);
        return;
    }
    if (conference == NULL || strchr(conference, '@') == NULL) {
        sim_reply_empty(&c->reply, 400);
        return;
    }
    snprintf(id, sizeof id, "%.*s", (int)strcspn(conference, "@"), conference);
    struct sim_object *room = active_room(c->sim, id);
    if (room == NULL) {
        sim_reply_empty(&c->reply, 404);
        return;
    }
    destroy(c->sim, room);
    sim_reply_empty(&c->reply, 200);
}

/* ---- the table ---- */

static const struct sim_route routes[] = {
    { "GET", "/", front_page, NULL, 0, NULL },
    { "GET", "/config.js", config_js, NULL, 0, NULL },
    { "GET", "/external_api.js", external_api_js, NULL, 0, NULL },
    { "GET", "/health", health, NULL, 0, NULL },
    { "GET", "/about/health", health, NULL, 0, NULL },
    { "GET", "/room-size", room_size, NULL, 0, NULL },
    { "GET", "/room", room_people, NULL, 0, NULL },
    { "GET", "/room-census", room_census, NULL, 0, NULL },
    { "POST", "/end-meeting", end_meeting, NULL, 0, NULL },
    { "GET", "/{}", room_page, NULL, 0, NULL },
    { "GET", "/{}/{}", tenant_room_page, NULL, 0, NULL },
    { NULL, NULL, NULL, NULL, 0, NULL },
};

static void fail(struct sim_call *c, int status)
{
    char heading[32];

    snprintf(heading, sizeof heading, "%d", status);
    sim_reply_page(&c->reply, status, heading, "nginx");
}

static void answer(struct sim_call *c)
{
    bool known;

    c->route = sim_route_find(c, routes, c->path, &known);
    if (c->route != NULL)
        c->route->run(c);
    else
        fail(c, known ? 405 : 404);
}

static void rate_limited(struct sim_call *c, int retry_after_s)
{
    fail(c, 429);
    if (retry_after_s > 0)
        sim_reply_header(&c->reply, "Retry-After", "%d", retry_after_s);
}

static bool refuse_all(struct sim_call *c)
{
    fail(c, 404);
    return true;
}

static struct sim_object *conjure(struct sim *sim, const char *id)
{
    char name[96];

    backend_name(name, sizeof name, "", id);
    struct sim_object *room = sim_object_find(sim, JITSI, "room", name);
    return room != NULL ? room : room_make(sim, name);
}

static bool remote(struct sim *sim, struct sim_object *o, const char *event, const cJSON *body,
                   struct error *err)
{
    (void)body;
    if (strcmp(event, "started") == 0 || strcmp(event, "participant_joined") == 0) {
        join(sim, o, NULL);
    } else if ((strcmp(event, "ended") == 0 || strcmp(event, "deleted") == 0) && people(o) > 0) {
        destroy(sim, o);
    } else if (strcmp(event, "participant_left") == 0 && people(o) > 0) {
        sim_put_number(o->fields, "participants", (double)people(o) - 1);
        notice(sim, o, "/events/occupant/left", "muc-occupant-left", "PARTICIPANT_LEFT");
        if (people(o) == 0)
            destroy(sim, o);
    } else {
        return error_set(err, ERROR_REFUSED, NULL, "%s cannot happen to a room that is %s.", event,
                         o->state);
    }
    return true;
}

static void describe(struct sim *sim, cJSON *part)
{
    cJSON *own = cJSON_AddObjectToObject(part, "credentials"),
          *jaas = cJSON_AddObjectToObject(part, "jaas");

    cJSON_AddStringToObject(part, "system_key", SIM_JITSI_SYSTEM_KEY);
    cJSON_AddStringToObject(own, "deployment", "selfhosted");
    cJSON_AddStringToObject(own, "host", sim->address[JITSI]);
    cJSON_AddStringToObject(own, "app_id", SIM_JITSI_APP_ID);
    cJSON_AddStringToObject(own, "app_secret", SIM_JITSI_APP_SECRET);
    cJSON_AddStringToObject(jaas, "deployment", "jaas");
    cJSON_AddStringToObject(jaas, "host", sim->address[JITSI]);
    cJSON_AddStringToObject(jaas, "app_id", SIM_JAAS_APP_ID);
    cJSON_AddStringToObject(jaas, "key_id", SIM_JAAS_KEY_ID);
    cJSON_AddStringToObject(jaas, "private_key", sim_rsa_private());
}

const struct sim_platform sim_jitsi = {
    .slug = "jitsi",
    .routes = routes,
    .answer = answer,
    .fail = fail,
    .rate_limited = rate_limited,
    .refuse_all = refuse_all,
    .conjure = conjure,
    .remote = remote,
    .describe = describe,
};

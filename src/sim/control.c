/* The control surface, /_sim: what exists, what was asked, what shall go wrong, what happens
 * without us. */
#include "sim/private.h"

#include <stdlib.h>
#include <string.h>

static void refuse(struct sim_call *c, int status, const char *message, const char *remedy)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "error", message);
    if (remedy != NULL && remedy[0] != '\0')
        cJSON_AddStringToObject(out, "remedy", remedy);
    sim_reply_json(&c->reply, status, out);
}

static void done(struct sim_call *c)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddBoolToObject(out, "ok", true);
    sim_reply_json(&c->reply, 200, out);
}

/* The platform named by ?platform=; -1 for all. False when it is none: refused already. */
static bool asked_platform(struct sim_call *c, int *index)
{
    const char *slug = sim_query(c, "platform");

    *index = -1;
    if (slug == NULL || slug[0] == '\0')
        return true;
    *index = sim_platform_index(slug);
    if (*index < 0)
        refuse(c, 400, "platform names no platform.", "Use a slug such as youtube.");
    return *index >= 0;
}

/* The platform in the body, one that the simulator speaks. */
static bool body_platform(struct sim_call *c, int *index)
{
    const char *slug = json_string(c->json, "platform");

    *index = slug != NULL ? sim_platform_index(slug) : -1;
    if (*index >= 0 && sim_platforms[*index] != NULL)
        return true;
    refuse(c, 400, "\"platform\" must name a simulated platform.",
           "Send a JSON object with \"platform\":\"youtube\".");
    return false;
}

static void objects_get(struct sim_call *c)
{
    int platform;

    if (asked_platform(c, &platform))
        sim_reply_json(&c->reply, 200, sim_objects_list(c->sim, platform));
}

static void requests_get(struct sim_call *c)
{
    const char *after = sim_query(c, "after");
    int platform;

    if (asked_platform(c, &platform))
        sim_reply_json(
            &c->reply, 200,
            sim_journal_list(c->sim, platform, after != NULL ? strtoull(after, NULL, 10) : 0));
}

static void requests_delete(struct sim_call *c)
{
    sim_journal_drop(c->sim);
    done(c);
}

static void faults_post(struct sim_call *c)
{
    struct error err;
    int id = 0;

    error_clear(&err);
    if (!sim_fault_parse(c->sim, c->json, &id, &err)) {
        refuse(c, 400, err.message, err.remedy);
        return;
    }
    cJSON *out = cJSON_CreateObject();
    cJSON_AddNumberToObject(out, "id", id);
    sim_reply_json(&c->reply, 201, out);
}

static void faults_get(struct sim_call *c)
{
    sim_reply_json(&c->reply, 200, sim_faults_list(c->sim));
}

static void faults_delete(struct sim_call *c)
{
    sim_faults_drop(c->sim);
    done(c);
}

static void fault_delete(struct sim_call *c)
{
    if (sim_fault_remove(c->sim, (int)strtol(c->capture[0], NULL, 10)))
        done(c);
    else
        refuse(c, 404, "There is no such fault.", "GET /_sim/faults lists them.");
}

static void preset_post(struct sim_call *c)
{
    const char *name = json_string(c->json, "name");
    struct error err;

    error_clear(&err);
    if (name != NULL && sim_faults_add_preset(c->sim, name, &err))
        done(c);
    else
        refuse(c, 400, name != NULL ? err.message : "\"name\" is missing.",
               "Use none, some, storm or a platform's name.");
}

static void encoder_post(struct sim_call *c)
{
    const char *key = json_string(c->json, "key");
    const cJSON *sending = cJSON_GetObjectItemCaseSensitive(c->json, "sending");
    int platform, streams = 0;

    if (!body_platform(c, &platform))
        return;
    if (!cJSON_IsBool(sending)) {
        refuse(c, 400, "\"sending\" must be true or false.", NULL);
        return;
    }
    for (struct sim_object *o = c->sim->objects; o != NULL; o = o->next) {
        if (o->platform != platform || o->deleted || o->key[0] == '\0' ||
            (key != NULL && strcmp(o->key, key) != 0))
            continue;
        sim_object_feed(c->sim, o, cJSON_IsTrue(sending));
        streams++;
    }
    if (key != NULL && streams == 0) {
        refuse(c, 404, "Nothing there takes a stream with this key.",
               "GET /_sim/objects shows each streamKey.");
        return;
    }
    cJSON *out = cJSON_CreateObject();
    cJSON_AddBoolToObject(out, "ok", true);
    cJSON_AddNumberToObject(out, "streams", streams);
    sim_reply_json(&c->reply, 200, out);
}

static void remote_post(struct sim_call *c)
{
    const char *id = json_string(c->json, "id"), *event = json_string(c->json, "event");
    char digits[32];
    struct error err;
    int platform;

    error_clear(&err);
    if (!body_platform(c, &platform))
        return;
    if (id == NULL && json_id(c->json, "id", digits, sizeof digits))
        id = digits;
    const struct sim_platform *p = sim_platforms[platform];
    if (id == NULL || event == NULL ||
        !sim_word_in("started ended deleted renamed participant_joined participant_left", event)) {
        refuse(c, 400, "\"id\" and \"event\" are needed.",
               "Events: started, ended, deleted, renamed, participant_joined.");
        return;
    }
    struct sim_object *o = sim_object_find(c->sim, platform, NULL, id);
    if (o == NULL && p->conjure != NULL)
        o = p->conjure(c->sim, id);
    if (o == NULL)
        refuse(c, 404, "There is no such object.", "GET /_sim/objects lists them.");
    else if (p->remote == NULL || !p->remote(c->sim, o, event, c->json, &err))
        refuse(c, 409, err.message[0] != '\0' ? err.message : "That cannot happen to it.",
               err.remedy);
    else
        done(c);
}

/* The first account signs in once more with the first client: for a refresh token that is good for
 * one use. */
static void issue(struct sim_call *c, int platform)
{
    const struct sim_oauth *o = sim_platforms[platform]->oauth;

    if (o == NULL || o->clients == NULL || o->clients[0].id == NULL) {
        refuse(c, 409, "That platform has no sign-in with refresh tokens.", NULL);
        return;
    }
    struct sim_grant *g = sim_grant_new(c->sim, platform, 0, o->clients[0].id, o->scopes);
    sim_random_text(c->sim, g->refresh, 48, sim_alnum);
    cJSON *out = cJSON_CreateObject();
    cJSON_AddBoolToObject(out, "ok", true);
    cJSON_AddStringToObject(out, "refresh_token", g->refresh);
    sim_reply_json(&c->reply, 200, out);
}

static void grants_post(struct sim_call *c)
{
    const char *action = json_string(c->json, "action");
    struct error err;
    int platform;

    error_clear(&err);
    if (!body_platform(c, &platform))
        return;
    if (text_equal(action, "issue"))
        issue(c, platform);
    else if (sim_grants_action(c->sim, platform, action != NULL ? action : "",
                               json_string(c->json, "scope"), &err))
        done(c);
    else
        refuse(c, 400, err.message, err.remedy);
}

static void allowance_post(struct sim_call *c)
{
    const cJSON *left = cJSON_GetObjectItemCaseSensitive(c->json, "left");
    int platform;

    if (!body_platform(c, &platform))
        return;
    if (!cJSON_IsNumber(left) || left->valuedouble < 0 || left->valuedouble > 1e9) {
        refuse(c, 400, "\"left\" must be a number of units.", NULL);
        return;
    }
    if (sim_platforms[platform]->allow == NULL) {
        refuse(c, 409, "That platform has no allowance of a day.", NULL);
        return;
    }
    sim_platforms[platform]->allow(c->sim, (int)left->valuedouble);
    done(c);
}

static void webhooks_post(struct sim_call *c)
{
    const char *url = json_string(c->json, "url"), *secret = json_string(c->json, "secret");
    int platform;

    if (!body_platform(c, &platform))
        return;
    if (url != NULL && url[0] != '\0' && !text_starts(url, "http://127.")) {
        refuse(c, 400, "Notices go to http:// on a loopback address only.",
               "Use http://127.0.0.1:PORT/….");
        return;
    }
    text_replace(&c->sim->hook_url[platform], url);
    text_replace(&c->sim->hook_secret[platform], secret);
    if (sim_platforms[platform]->hooked != NULL)
        sim_platforms[platform]->hooked(c->sim);
    done(c);
}

static void reset_post(struct sim_call *c)
{
    sim_reset(c->sim);
    done(c);
}

static void ready_get(struct sim_call *c)
{
    sim_reply_json(&c->reply, 200, sim_ready_line(c->sim));
}

static const struct sim_route routes[] = {
    { "GET", "/_sim", ready_get, NULL, 0, NULL },
    { "GET", "/_sim/objects", objects_get, NULL, 0, NULL },
    { "GET", "/_sim/requests", requests_get, NULL, 0, NULL },
    { "DELETE", "/_sim/requests", requests_delete, NULL, 0, NULL },
    { "GET", "/_sim/faults", faults_get, NULL, 0, NULL },
    { "POST", "/_sim/faults", faults_post, NULL, 0, NULL },
    { "DELETE", "/_sim/faults", faults_delete, NULL, 0, NULL },
    { "DELETE", "/_sim/faults/{}", fault_delete, NULL, 0, NULL },
    { "POST", "/_sim/preset", preset_post, NULL, 0, NULL },
    { "POST", "/_sim/encoder", encoder_post, NULL, 0, NULL },
    { "POST", "/_sim/remote", remote_post, NULL, 0, NULL },
    { "POST", "/_sim/grants", grants_post, NULL, 0, NULL },
    { "POST", "/_sim/allowance", allowance_post, NULL, 0, NULL },
    { "POST", "/_sim/webhooks", webhooks_post, NULL, 0, NULL },
    { "POST", "/_sim/reset", reset_post, NULL, 0, NULL },
    { NULL, NULL, NULL, NULL, 0, NULL },
};

void sim_control_answer(struct sim_call *c)
{
    bool known;

    /* A test's curl sends no content type of JSON unless told to: here the body counts, not its
     * label. */
    if (c->json == NULL && c->length > 0)
        c->json = json_parse((const char *)c->body, c->length, NULL);
    const struct sim_route *r = sim_route_find(c, routes, c->path, &known);
    if (r == NULL)
        refuse(c, known ? 405 : 404, known ? "Not with this method." : "There is no such control.",
               "See the table of /_sim in the simulator's documentation.");
    else if (c->length > 0 && c->json == NULL)
        refuse(c, 400, "The body is not JSON.", NULL);
    else
        r->run(c);
}

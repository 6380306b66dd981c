/* The simulated Instagram: what all calls share, accounts, and the table. Written from instagram.md
 * and the v25.0 specs. Nothing here makes a live video by the API, because nothing there does; who
 * is to be the operator opens /live/producer. The webhook of live comments is not simulated. */
#include "sim/instagram.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READY_KEY "17900000000000011?s_bl=1&s_ps=1&s_sw=0&s_vt=ig&a=AbSimStMarks"

const struct sim_account sim_instagram_accounts[] = {
    { "17841400000000011", "stmarks", "media@stmarks.example" },
    { "17841400000000022", "stannes", "office@stannes.example" },
    { "17841400000000033", "ruth.marks", "ruth@outlook.example" },
    { NULL, NULL, NULL },
};
const struct sim_instagram_person sim_instagram_people[] = {
    { "9012000000000011", "BUSINESS", 1480, "104882011223344" },
    { "9012000000000022", "BUSINESS", 640, "104882011225555" },
    { "9012000000000033", "PERSONAL", 210, NULL },
};

static int account_of(const char *id)
{
    for (int i = 0; sim_instagram_accounts[i].id != NULL; i++)
        if (strcmp(sim_instagram_accounts[i].id, id) == 0 ||
            strcmp(sim_instagram_people[i].scoped_id, id) == 0)
            return i;
    return -1;
}

int sim_instagram_of_page(const char *page)
{
    for (int i = 0; sim_instagram_accounts[i].id != NULL; i++)
        if (text_equal(sim_instagram_people[i].page, page))
            return i;
    return -1;
}

/* The account that is linked to one of the Pages of a Facebook sign-in; -1 none. */
static int linked(const struct sim_grant *g)
{
    for (int i = 0; sim_instagram_accounts[i].id != NULL; i++) {
        const struct sim_facebook_page *page =
            sim_instagram_people[i].page != NULL
                ? sim_facebook_page_find(sim_instagram_people[i].page)
                : NULL;
        if (page != NULL && page->account == g->account)
            return i;
    }
    return -1;
}

bool sim_instagram_by_facebook(struct sim_call *c)
{
    int account = account_of(c->capture[0]);

    if (account < 0)
        account = sim_instagram_owner(c->sim, c->capture[0]);
    if (account < 0 || account != linked(c->grant))
        return false;
    c->owner = account;
    return true;
}

/* By Facebook's sign-in the same permissions have other names. */
bool sim_instagram_may(struct sim_call *c, const char *scope)
{
    bool comments = strcmp(scope, SIM_INSTAGRAM_COMMENTS) == 0;
    bool facebook = c->grant->platform == SIM_FACEBOOK;
    const char *name = !facebook  ? scope
                       : comments ? "instagram_manage_comments"
                                  : "instagram_basic";

    if (sim_word_in(c->grant->scope, name))
        return true;
    if (comments)
        sim_facebook_error(c, 403, 10, 0, "(#10) Requires %s permission", name);
    else
        sim_facebook_error(c, 403, 10, 0,
                           "(#10) Application does not have permission for this action");
    return false;
}

/* ---- accounts ---- */

static const char user_known[] =
    "account_type biography followers_count follows_count id media_count name profile_picture_url "
    "user_id username website";

void sim_instagram_user(struct sim_call *c)
{
    const struct sim_account *who = &sim_instagram_accounts[c->owner];
    const struct sim_instagram_person *more = &sim_instagram_people[c->owner];

    if (!sim_instagram_may(c, SIM_INSTAGRAM_BASIC))
        return;
    cJSON *all = cJSON_CreateObject();
    cJSON_AddStringToObject(all, "id",
                            c->grant->platform == SIM_FACEBOOK ? who->id : more->scoped_id);
    cJSON_AddStringToObject(all, "user_id", who->id);
    cJSON_AddStringToObject(all, "username", who->name);
    cJSON_AddStringToObject(all, "name", c->owner == 0 ? "St Mark's" : "St Anne's");
    cJSON_AddStringToObject(all, "account_type", more->type);
    cJSON_AddNumberToObject(all, "followers_count", more->followers);
    cJSON_AddNumberToObject(all, "follows_count", 12);
    cJSON_AddNumberToObject(all, "media_count", 96);
    cJSON *out = sim_facebook_fields(c, all, user_known, "id", "User");
    cJSON_Delete(all);
    if (out != NULL)
        sim_reply_json(&c->reply, 200, out);
}

/* Is the path's first part the caller himself? */
static bool is_self(const struct sim_call *c)
{
    return c->capture[0][0] == '\0' || strcmp(c->capture[0], "me") == 0 ||
           account_of(c->capture[0]) == c->owner;
}

static void node_get(struct sim_call *c)
{
    if (is_self(c))
        sim_instagram_user(c);
    else
        sim_instagram_node(c);
}

static void nothing(struct sim_call *c, const char *verb)
{
    sim_facebook_error(c, 400, 100, 33,
                       "Unsupported %s request. Object with ID '%s' does not exist, cannot be "
                       "loaded due to missing permissions, or does not support this operation.",
                       verb, c->capture[0]);
}

static void live_media(struct sim_call *c)
{
    if (is_self(c))
        sim_instagram_live_media(c);
    else
        nothing(c, "get");
}

/* "Creating: this operation is not supported." Publishing of posts is not simulated at all. */
static void no_such_post(struct sim_call *c)
{
    nothing(c, "post");
}

static void subscribe(struct sim_call *c)
{
    const char *fields = sim_param(c, "subscribed_fields");

    if (!is_self(c))
        nothing(c, "post");
    else if (fields == NULL || fields[0] == '\0')
        sim_facebook_error(c, 400, 100, 0, "(#100) The parameter subscribed_fields is required.");
    else
        sim_facebook_success(c);
}

/* ---- the table ---- */

#define TOKEN "any"
static const struct sim_route routes[] = {
    { "GET", "/oauth/authorize", sim_instagram_authorize, NULL, 0, NULL },
    { "POST", "/oauth/authorize", sim_instagram_authorize, NULL, 0, NULL },
    { "POST", "/oauth/access_token", sim_instagram_exchange, NULL, 0, NULL },
    { "GET", "/access_token", sim_instagram_lengthen, NULL, 0, NULL },
    { "GET", "/refresh_access_token", sim_instagram_refresh, NULL, 0, NULL },
    { "GET", "/live/producer", sim_instagram_producer, NULL, 0, NULL },
    { "POST", "/live/producer", sim_instagram_producer_press, NULL, 0, NULL },
    { "GET", "/{}/live/", sim_instagram_watch_page, NULL, 0, NULL },
    { "GET", "/{}/live_media", live_media, TOKEN, 0, NULL },
    { "POST", "/{}/live_media", no_such_post, TOKEN, 0, NULL },
    { "POST", "/{}/live_videos", no_such_post, TOKEN, 0, NULL },
    { "POST", "/{}/media", no_such_post, TOKEN, 0, NULL },
    { "POST", "/{}/media_publish", no_such_post, TOKEN, 0, NULL },
    { "POST", "/{}/subscribed_apps", subscribe, TOKEN, 0, NULL },
    { "GET", "/{}/comments", sim_instagram_comments, TOKEN, 0, NULL },
    { "POST", "/{}/replies", sim_instagram_reply, TOKEN, 0, NULL },
    { "GET", "/{}", node_get, TOKEN, 0, NULL },
    { "POST", "/{}", sim_instagram_node_update, TOKEN, 0, NULL },
    { "DELETE", "/{}", sim_instagram_node_delete, TOKEN, 0, NULL },
    { NULL, NULL, NULL, NULL, 0, NULL },
};

/* "/v26.0/me" is "/me". */
static const char *bare_path(const char *path)
{
    const char *at = path + 2;

    if (path[0] != '/' || path[1] != 'v' || !isdigit((unsigned char)*at))
        return path;
    while (isdigit((unsigned char)*at))
        at++;
    return text_starts(at, ".0/") ? at + 2 : path;
}

static const char *token_value(const struct sim_call *c)
{
    const char *value = sim_param(c, "access_token");

    if (value == NULL)
        value = json_string(c->json, "access_token");
    return value != NULL ? value : sim_bearer(c);
}

static bool token_ok(struct sim_call *c)
{
    const char *value = token_value(c);

    c->grant = value != NULL ? sim_token_find(c->sim, SIM_INSTAGRAM, value, &c->token) : NULL;
    /* Really at another host: whoever signed in by Facebook may ask here as well. */
    if (c->grant == NULL && value != NULL)
        c->grant = sim_token_find(c->sim, SIM_FACEBOOK, value, &c->token);
    if (c->grant == NULL)
        sim_facebook_error(c, 400, 190, 0,
                           "Invalid OAuth access token - Cannot parse access token");
    else if (c->grant->revoked || c->token->dead)
        sim_facebook_error(c, 400, 190, 458,
                           "Error validating access token: The user has not authorized "
                           "application " SIM_INSTAGRAM_APP_ID ".");
    else if (!sim_token_alive(c->grant, c->token))
        sim_facebook_error(c, 400, 190, 463, "Error validating access token: Session has expired.");
    else
        return true;
    return false;
}

/* ---- faults ---- */

static void fail(struct sim_call *c, int status)
{
    if (status == 401)
        sim_facebook_error(c, 401, 190, 463, "Error validating access token: Session has expired.");
    else if (status == 403)
        sim_facebook_error(c, 403, 10, 0,
                           "(#10) Application does not have permission for this action");
    else if (status == 404)
        sim_facebook_gone(c, "get", "0");
    else if (status == 429)
        sim_facebook_error(c, 429, 4, 0, "(#4) Application request limit reached");
    else if (status == 503)
        sim_facebook_error(c, 503, 2, 0, "Service temporarily unavailable");
    else if (status >= 500)
        sim_facebook_error(c, status, 1, 0, "An unknown error has occurred.");
    else
        sim_facebook_error(c, status, 100, 0, "(#100) Invalid parameter");
}

/* A business use case: a code in a 400, and the minutes in a header. */
static void rate_limited(struct sim_call *c, int retry_after_s)
{
    sim_facebook_error(c, 400, 80002, 0,
                       "(#80002) There have been too many calls to this Instagram account.");
    sim_reply_header(&c->reply, "X-Business-Use-Case-Usage",
                     "{\"%s\":[{\"type\":\"instagram\",\"call_count\":100,\"total_cputime\":20,"
                     "\"total_time\":20,"
                     "\"estimated_time_to_regain_access\":%d}]}",
                     sim_instagram_accounts[0].id, (retry_after_s + 59) / 60);
    if (retry_after_s > 0)
        sim_reply_header(&c->reply, "Retry-After", "%d", retry_after_s);
}

static void answer(struct sim_call *c)
{
    const char *path = bare_path(c->path);
    bool known;

    c->route = sim_route_find(c, routes, path, &known);
    if (c->route == NULL && known) {
        sim_facebook_error(c, 400, 100, 33, "Unsupported %s request.", c->method);
    } else if (c->route == NULL) {
        sim_facebook_error(c, 400, 2500, 0, "Unknown path components: %s", path);
    } else if (c->route->scope == NULL) {
        c->route->run(c);
    } else if (token_ok(c)) {
        c->owner = c->grant->platform == SIM_FACEBOOK ? linked(c->grant) : c->grant->account;
        if (c->owner >= 0)
            c->route->run(c);
        else
            fail(c, 403);
    }
}

static bool refuse_all(struct sim_call *c)
{
    bool known;
    const struct sim_route *r = sim_route_find(c, routes, bare_path(c->path), &known);

    if (r != NULL && r->scope == NULL)
        return false;
    fail(c, 403);
    return true;
}

/* ---- */

static void state_open(struct sim *sim, int index)
{
    (void)index;
    sim_instagram_ready_token(sim);
    sim_instagram_session(sim, 0, READY_KEY);
}

/* "today" is the live video that an account is preparing or showing. */
static struct sim_object *conjure(struct sim *sim, const char *id)
{
    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_INSTAGRAM && !o->deleted && strcmp(id, "today") == 0 &&
            sim_object_is(o, "waiting preview live"))
            return o;
    return NULL;
}

static void describe(struct sim *sim, cJSON *part)
{
    (void)sim;
    cJSON_AddStringToObject(part, "client_id", SIM_INSTAGRAM_APP_ID);
    cJSON_AddStringToObject(part, "client_secret", SIM_INSTAGRAM_APP_SECRET);
    cJSON *credentials = cJSON_AddObjectToObject(part, "credentials");
    cJSON_AddStringToObject(credentials, "access_token", sim_instagram_ready_value());
    cJSON_AddStringToObject(credentials, "stream_url",
                            "rtmps://live-upload.instagram.com:443/rtmp/");
    cJSON_AddStringToObject(credentials, "stream_key", READY_KEY);
    /* The other way in. */
    cJSON *other = cJSON_AddObjectToObject(part, "facebook_credentials");
    cJSON_AddStringToObject(other, "login", "facebook");
    cJSON_AddStringToObject(other, "account_id", sim_instagram_accounts[0].id);
    cJSON_AddStringToObject(other, "access_token", SIM_FACEBOOK_USER_TOKEN);
}

const struct sim_platform sim_instagram = {
    .slug = "instagram",
    .routes = routes,
    .accounts = sim_instagram_accounts,
    .oauth = &sim_instagram_oauth,
    .answer = answer,
    .fail = fail,
    .rate_limited = rate_limited,
    .refuse_all = refuse_all,
    .bare_path = bare_path,
    .open = state_open,
    .due = sim_instagram_due,
    .fed = sim_instagram_fed,
    .remote = sim_instagram_remote,
    .conjure = conjure,
    .describe = describe,
};

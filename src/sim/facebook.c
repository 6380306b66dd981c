/* The simulated Facebook: what all Graph calls share, and the table. Written from facebook.md and
 * the v25.0 specs. The app is in development mode (so loopback redirects are fine) and has "Require
 * App Secret" on. */
#include "sim/instagram.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

const struct sim_facebook_page sim_facebook_pages[] = {
    { "104882011223344", "St Mark's", "stmarks", 0, true, 812 },
    { "104882011229999", "St Mark's Bookshop", "stmarksbookshop", 0, false, 140 },
    { "104882011225555", "St Anne's", "stannes", 1, true, 301 },
    { NULL, NULL, NULL, 0, false, 0 },
};

static const struct sim_account accounts[] = {
    { "10158000000000001", "Ruth Marks", "ruth@stmarks.example" },
    { "10158000000000002", "Anne Peters", "anne@stannes.example" },
    { NULL, NULL, NULL },
};

const struct sim_facebook_page *sim_facebook_page_find(const char *id)
{
    for (const struct sim_facebook_page *p = sim_facebook_pages; p->id != NULL; p++)
        if (strcmp(p->id, id) == 0)
            return p;
    return NULL;
}

/* ---- errors ---- */

void sim_facebook_error(struct sim_call *c, int status, int code, int subcode, const char *message,
                        ...)
{
    cJSON *out = cJSON_CreateObject(), *error = cJSON_AddObjectToObject(out, "error");
    char text[600], trace[16];
    va_list ap;

    va_start(ap, message);
    vsnprintf(text, sizeof text, message, ap);
    va_end(ap);
    sim_random_text(c->sim, trace, 11, sim_alnum);
    cJSON_AddStringToObject(error, "message", text);
    cJSON_AddStringToObject(error, "type",
                            subcode == 33 ? "GraphMethodException" : "OAuthException");
    cJSON_AddNumberToObject(error, "code", code);
    if (subcode != 0)
        cJSON_AddNumberToObject(error, "error_subcode", subcode);
    cJSON_AddStringToObject(error, "fbtrace_id", trace);
    sim_reply_json(&c->reply, status, out);
}

void sim_facebook_gone(struct sim_call *c, const char *verb, const char *id)
{
    sim_facebook_error(c, 400, 100, 33,
                       "Unsupported %s request. Object with ID '%s' does not exist, cannot be "
                       "loaded due to missing "
                       "permissions, or does not support this operation.",
                       verb, id);
}

void sim_facebook_success(struct sim_call *c)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddBoolToObject(out, "success", true);
    sim_reply_json(&c->reply, 200, out);
}

void sim_facebook_put_time(cJSON *object, const char *key, int64_t ms)
{
    char at[CLOCK_RFC3339_SIZE + 8];

    if (ms == 0)
        return;
    clock_rfc3339_s(at, ms);
    memcpy(at + strlen("2026-09-27T10:00:04"), "+0000", 6);
    sim_put_string(object, key, at);
}

/* ---- tokens ---- */

static const char *token_value(const struct sim_call *c)
{
    const char *value = sim_param(c, "access_token");

    if (value == NULL)
        value = json_string(c->json, "access_token");
    return value != NULL ? value : sim_bearer(c);
}

/* hex(HMAC-SHA256(app secret, the token that is sent)) */
static bool proof_ok(struct sim_call *c, const char *value)
{
    const char *proof = sim_param(c, "appsecret_proof");
    unsigned char sum[32];
    struct text t;

    if (proof == NULL)
        proof = json_string(c->json, "appsecret_proof");
    if (proof == NULL) {
        sim_facebook_error(c, 400, 100, 0,
                           "API calls from the server require an appsecret_proof argument");
        return false;
    }
    sim_hmac256(sum, SIM_FACEBOOK_APP_SECRET, value, strlen(value));
    text_init(&t, 100);
    text_add_hex(&t, sum, sizeof sum);
    bool same = sim_same(text_str(&t), proof);
    text_release(&t);
    if (!same)
        sim_facebook_error(c, 400, 100, 0, "Invalid appsecret_proof provided in the API argument");
    return same;
}

static bool token_ok(struct sim_call *c)
{
    const char *value = token_value(c);

    if (value == NULL) {
        sim_facebook_error(
            c, 400, 2500, 0,
            "An active access token must be used to query information about the current user.");
        return false;
    }
    c->grant = sim_token_find(c->sim, SIM_FACEBOOK, value, &c->token);
    if (c->grant == NULL) {
        sim_facebook_error(c, 400, 190, 0,
                           "Invalid OAuth access token - Cannot parse access token");
        return false;
    }
    if (c->grant->revoked || c->token->dead) {
        sim_facebook_error(
            c, 400, 190, 458,
            "Error validating access token: The user has not authorized application %s.",
            SIM_FACEBOOK_APP_ID);
        return false;
    }
    if (!sim_token_alive(c->grant, c->token)) {
        sim_facebook_error(c, 400, 190, 463, "Error validating access token: Session has expired.");
        return false;
    }
    return proof_ok(c, value);
}

bool sim_facebook_page_token(struct sim_call *c, const char *page)
{
    if (strcmp(c->token->kind, "page") != 0) {
        sim_facebook_error(c, 400, 210, 0,
                           "(#210) A page access token is required to request this resource.");
        return false;
    }
    if (strcmp(c->token->subject, page) != 0) {
        sim_facebook_error(c, 403, 200, 0, "(#200) Permissions error");
        return false;
    }
    if (!sim_words_all(c->grant->scope, "pages_read_engagement pages_manage_posts") ||
        !sim_facebook_page_find(page)->live) {
        sim_facebook_error(c, 403, 200, 0,
                           "(#200) App needs permission scopes (PAGES_READ_ENGAGEMENT, "
                           "PAGES_MANAGE_POSTS) to create live "
                           "video on behalf of a page user");
        return false;
    }
    return true;
}

/* ---- fields ---- */

static bool take_field(struct sim_call *c, const cJSON *all, const char **mask, const char *known,
                       const char *type, cJSON *out)
{
    char name[64];
    size_t length = strcspn(*mask, ",{}.");

    if (length == 0 || length >= sizeof name) {
        sim_facebook_error(c, 400, 2500, 0, "Syntax error \"Expected name.\" at character 0: %s",
                           *mask);
        return false;
    }
    memcpy(name, *mask, length);
    name[length] = '\0';
    *mask += length;
    if (known != NULL && !sim_word_in(known, name)) {
        sim_facebook_error(c, 400, 100, 0,
                           "(#100) Tried accessing nonexisting field (%s) on node type (%s)", name,
                           type);
        return false;
    }
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(all, name);
    /* What stands in braces chooses among an object's members; all of them are sent, which Graph
     * does not mind either. */
    if (**mask == '{') {
        int depth = 0;
        do {
            depth += **mask == '{' ? 1 : **mask == '}' ? -1 : 0;
            (*mask)++;
        } while (depth > 0 && **mask != '\0');
        if (depth != 0) {
            sim_facebook_error(c, 400, 2500, 0,
                               "Syntax error \"Expected end of string instead of end.\"");
            return false;
        }
    }
    if (item != NULL)
        sim_put(out, name, cJSON_Duplicate(item, true));
    return true;
}

cJSON *sim_facebook_fields(struct sim_call *c, const cJSON *all, const char *known,
                           const char *otherwise, const char *type)
{
    const char *mask = sim_param(c, "fields");
    cJSON *out = cJSON_CreateObject();

    if (mask == NULL)
        mask = json_string(c->json, "fields");
    if (mask == NULL || mask[0] == '\0')
        mask = otherwise;
    for (;;) {
        if (!take_field(c, all, &mask, known, type, out)) {
            cJSON_Delete(out);
            return NULL;
        }
        if (*mask != ',')
            break;
        mask++;
    }
    sim_put(out, "id", cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(all, "id"), true));
    return out;
}

/* ---- nodes: /{id} is whatever has this id ---- */

/* What is Instagram's is asked for by the same paths as what is Facebook's. */
static bool instagram_run(struct sim_call *c, sim_handler *run)
{
    bool its = sim_instagram_by_facebook(c);

    if (its)
        run(c);
    return its;
}

static void live_media(struct sim_call *c)
{
    if (!instagram_run(c, sim_instagram_live_media))
        sim_facebook_gone(c, "get", c->capture[0]);
}

static void comments_get(struct sim_call *c)
{
    if (!instagram_run(c, sim_instagram_comments))
        sim_facebook_live_comments(c);
}

static void reply(struct sim_call *c)
{
    if (!instagram_run(c, sim_instagram_reply))
        sim_facebook_gone(c, "post", c->capture[0]);
}

static void node_update(struct sim_call *c)
{
    if (!instagram_run(c, sim_instagram_node_update))
        sim_facebook_live_update(c);
}

static void node_delete(struct sim_call *c)
{
    if (!instagram_run(c, sim_instagram_node_delete))
        sim_facebook_live_delete(c);
}

/* "instagram_business_account{id,username,followers_count}" of a Page. */
static void add_instagram(struct sim_call *c, cJSON *all, const struct sim_facebook_page *page)
{
    int account = sim_instagram_of_page(page->id);

    if (account < 0 || !sim_word_in(c->grant->scope, "instagram_basic"))
        return;
    cJSON *one = cJSON_AddObjectToObject(all, "instagram_business_account");
    cJSON_AddStringToObject(one, "id", sim_instagram_accounts[account].id);
    cJSON_AddStringToObject(one, "username", sim_instagram_accounts[account].name);
    cJSON_AddNumberToObject(one, "followers_count", sim_instagram_people[account].followers);
}

static void node_get(struct sim_call *c)
{
    const struct sim_facebook_page *page = sim_facebook_page_find(c->capture[0]);

    if (page == NULL && sim_instagram_by_facebook(c)) {
        if (sim_instagram_owner(c->sim, c->capture[0]) >= 0)
            sim_instagram_node(c);
        else
            sim_instagram_user(c);
        return;
    }
    if (page == NULL) {
        sim_facebook_live_get(c);
        return;
    }
    cJSON *all = cJSON_CreateObject();
    cJSON_AddStringToObject(all, "id", page->id);
    cJSON_AddStringToObject(all, "name", page->name);
    cJSON_AddNumberToObject(all, "followers_count", page->followers);
    cJSON_AddNumberToObject(all, "fan_count", page->followers);
    cJSON_AddStringToObject(all, "username", page->path);
    add_instagram(c, all, page);
    cJSON *out = sim_facebook_fields(
        c, all,
        "id name followers_count fan_count username link category instagram_business_account",
        "id,name", "Page");
    if (out != NULL)
        sim_reply_json(&c->reply, 200, out);
    cJSON_Delete(all);
}

static void subscribe(struct sim_call *c)
{
    const char *fields = sim_param(c, "subscribed_fields");

    if (sim_facebook_page_find(c->capture[0]) == NULL)
        sim_facebook_gone(c, "post", c->capture[0]);
    else if (strcmp(c->token->kind, "page") != 0)
        sim_facebook_error(c, 400, 210, 0,
                           "(#210) A page access token is required to request this resource.");
    else if (fields == NULL || fields[0] == '\0')
        sim_facebook_error(c, 400, 100, 0, "(#100) The parameter subscribed_fields is required.");
    else
        sim_facebook_success(c);
}

/* Anybody signed in: rights are looked at by each call. Signing in itself needs no token. */
#define TOKEN "any"
static const struct sim_route routes[] = {
    { "GET", "/dialog/oauth", sim_facebook_dialog, NULL, 0, NULL },
    { "POST", "/dialog/oauth", sim_facebook_dialog, NULL, 0, NULL },
    { "GET", "/oauth/access_token", sim_facebook_exchange, NULL, 0, NULL },
    { "POST", "/oauth/access_token", sim_facebook_exchange, NULL, 0, NULL },
    { "GET", "/debug_token", sim_facebook_debug_token, NULL, 0, NULL },
    { "POST", "/device/login", sim_facebook_device_start, NULL, 0, NULL },
    { "POST", "/device/login_status", sim_facebook_device_status, NULL, 0, NULL },
    { "GET", "/device", sim_oauth_device_page, NULL, 0, NULL },
    { "POST", "/device", sim_oauth_device_page, NULL, 0, NULL },
    { "GET", "/me", sim_facebook_me, TOKEN, 0, NULL },
    { "GET", "/me/accounts", sim_facebook_accounts, TOKEN, 0, NULL },
    { "GET", "/me/permissions", sim_facebook_permissions_get, TOKEN, 0, NULL },
    { "DELETE", "/me/permissions", sim_facebook_permissions_delete, TOKEN, 0, NULL },
    { "GET", "/{}/accounts", sim_facebook_accounts, TOKEN, 0, NULL },
    { "GET", "/{}/permissions", sim_facebook_permissions_get, TOKEN, 0, NULL },
    { "DELETE", "/{}/permissions", sim_facebook_permissions_delete, TOKEN, 0, NULL },
    { "GET", "/{}/live_videos", sim_facebook_live_list, TOKEN, 0, NULL },
    { "POST", "/{}/live_videos", sim_facebook_live_create, TOKEN, 0, NULL },
    { "POST", "/{}/subscribed_apps", subscribe, TOKEN, 0, NULL },
    { "GET", "/{}/live_media", live_media, TOKEN, 0, NULL },
    { "GET", "/{}/comments", comments_get, TOKEN, 0, NULL },
    { "POST", "/{}/replies", reply, TOKEN, 0, NULL },
    { "GET", "/{}/errors", sim_facebook_live_errors, TOKEN, 0, NULL },
    { "POST", "/{}/input_streams", sim_facebook_input_streams, TOKEN, 0, NULL },
    { "GET", "/{}", node_get, TOKEN, 0, NULL },
    { "POST", "/{}", node_update, TOKEN, 0, NULL },
    { "DELETE", "/{}", node_delete, TOKEN, 0, NULL },
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

static void answer(struct sim_call *c)
{
    const char *path = bare_path(c->path);
    bool known;

    c->route = sim_route_find(c, routes, path, &known);
    sim_reply_header(&c->reply, "X-App-Usage",
                     "{\"call_count\":1,\"total_cputime\":1,\"total_time\":1}");
    sim_reply_header(&c->reply, "facebook-api-version", "v26.0");
    if (c->route == NULL && known)
        sim_facebook_error(c, 400, 100, 33, "Unsupported %s request.", c->method);
    else if (c->route == NULL)
        sim_facebook_error(c, 400, 2500, 0, "Unknown path components: %s", path);
    else if (c->route->scope == NULL || token_ok(c))
        c->route->run(c);
}

static void fail(struct sim_call *c, int status)
{
    switch (status) {
    case 401:
        sim_facebook_error(c, 401, 190, 463, "Error validating access token: Session has expired.");
        break;
    case 403:
        sim_facebook_error(c, 403, 200, 0, "(#200) Permissions error");
        break;
    case 404:
        sim_facebook_gone(c, "get", "0");
        break;
    case 429:
        sim_facebook_error(c, 429, 4, 0, "(#4) Application request limit reached");
        break;
    case 503:
        sim_facebook_error(c, 503, 2, 0, "Service temporarily unavailable");
        break;
    default:
        if (status >= 500)
            sim_facebook_error(c, status, 1, 0, "An unknown error has occurred.");
        else
            sim_facebook_error(c, status, 100, 0, "(#100) Invalid parameter");
    }
}

/* Graph has no 429 of its own: a code in a 400, and the minutes in a header. */
static void rate_limited(struct sim_call *c, int retry_after_s)
{
    int minutes = (retry_after_s + 59) / 60;

    sim_facebook_error(c, 400, 32, 0, "(#32) Page request limit reached");
    sim_reply_header(
        &c->reply, "X-Business-Use-Case-Usage",
        "{\"%s\":[{\"type\":\"pages\",\"call_count\":100,\"total_cputime\":20,\"total_time\":20,"
        "\"estimated_time_to_regain_access\":%d}]}",
        sim_facebook_pages[0].id, minutes);
    if (retry_after_s > 0)
        sim_reply_header(&c->reply, "Retry-After", "%d", retry_after_s);
}

static bool refuse_all(struct sim_call *c)
{
    const char *path = bare_path(c->path);

    if (text_starts(path, "/dialog/") || text_starts(path, "/oauth/") ||
        text_starts(path, "/device"))
        return false;
    sim_facebook_error(c, 403, 200, 0,
                       "(#200) App needs permission scopes (PAGES_READ_ENGAGEMENT, "
                       "PAGES_MANAGE_POSTS) to create live video "
                       "on behalf of a page user");
    return true;
}

static const char ready_page_token[] = "EAAEsim-page-token-of-st-marks";

static void state_open(struct sim *sim, int index)
{
    struct sim_grant *g = sim_grant_new(sim, index, 0, SIM_FACEBOOK_APP_ID,
                                        "pages_show_list pages_read_engagement pages_manage_posts "
                                        "pages_read_user_content public_profile "
                                        "instagram_basic instagram_manage_comments");
    struct sim_token *user = sim_token_new(sim, g, "", 5183944);
    struct sim_token *page = sim_facebook_page_token_make(sim, g, &sim_facebook_pages[0]);

    text_copy_to(user->value, sizeof user->value, SIM_FACEBOOK_USER_TOKEN);
    text_copy_to(page->value, sizeof page->value, ready_page_token);
}

static void describe(struct sim *sim, cJSON *part)
{
    (void)sim;
    cJSON_AddStringToObject(part, "client_id", SIM_FACEBOOK_APP_ID);
    cJSON_AddStringToObject(part, "client_secret", SIM_FACEBOOK_APP_SECRET);
    cJSON_AddStringToObject(part, "client_token", SIM_FACEBOOK_CLIENT_TOKEN);
    cJSON *credentials = cJSON_AddObjectToObject(part, "credentials");
    cJSON_AddStringToObject(credentials, "page_id", sim_facebook_pages[0].id);
    cJSON_AddStringToObject(credentials, "page_token", ready_page_token);
    cJSON_AddStringToObject(credentials, "client_id", SIM_FACEBOOK_APP_ID);
    cJSON_AddStringToObject(credentials, "client_secret", SIM_FACEBOOK_APP_SECRET);
    cJSON_AddStringToObject(part, "user_token", SIM_FACEBOOK_USER_TOKEN);
}

const struct sim_platform sim_facebook = {
    .slug = "facebook",
    .routes = routes,
    .accounts = accounts,
    .oauth = &sim_facebook_oauth,
    .answer = answer,
    .fail = fail,
    .rate_limited = rate_limited,
    .refuse_all = refuse_all,
    .bare_path = bare_path,
    .open = state_open,
    .due = sim_facebook_live_due,
    .fed = sim_facebook_live_fed,
    .remote = sim_facebook_live_remote,
    .describe = describe,
};

/* Who we are at Zoom: the app's token, the host, and how every request goes out. */
#include "platform/zoom.h"

#include <stdio.h>
#include <string.h>

static const char reconnect_remedy[] =
    "Connect again with account_id, client_id and client_secret of the app's page in the Zoom "
    "Marketplace.";

static const char *value(struct call *call, const char *key)
{
    return kit_value(call, &platform_zoom, key);
}

/* One authorised request. [zoom] api_base may end in "/v2", as Zoom writes it. */
bool zoom_ask(struct call *call, const struct zoom_ask *ask, cJSON **out, struct error *err)
{
    size_t length = strlen(call->api_base);
    bool versioned = length >= 3 && text_equal(call->api_base + length - 3, "/v2");
    struct kit_request request = { .method = ask->method,
                                   .json = ask->json,
                                   .effect = ask->effect,
                                   .creates = ask->creates,
                                   .judge = zoom_judge };
    struct text path;
    char route[80];
    bool done = false;

    text_init(&path, 1500);
    snprintf(route, sizeof(route), "%s /v2%s", ask->method, ask->route);
    if (!text_addf(&path, "%s%s", versioned ? "" : "/v2", ask->path))
        error_platform(err, ERROR_INTERNAL, "zoom", NULL, "The path to Zoom is too long.");
    else if (call->token(call, &request.token, err)) {
        request.path = text_str(&path);
        request.route = route;
        done = kit_send(call, &request, out, err);
    }
    text_release(&path);
    return done;
}

bool zoom_garbage(struct error *err, const char *what)
{
    return error_platform(err, ERROR_GARBAGE, "zoom",
                          "Try again; if it stays, look at the meeting in Zoom's web pages.",
                          "Zoom's answer has no usable %s.", what);
}

/* ---- connecting ---- */

bool zoom_check(struct call *call, struct error *err)
{
    static const char *const wanted[] = { "account_id", "client_id", "client_secret" };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (!*value(call, wanted[i]))
            return error_platform(err, ERROR_INPUT, "zoom", reconnect_remedy, "Zoom needs %s.",
                                  wanted[i]);
    if (text_equal(value(call, "user"), "me"))
        return error_platform(err, ERROR_INPUT, "zoom", "Give the host's e-mail, or leave it out.",
                              "Zoom: \"me\" means nothing to a Server-to-Server app.");
    return true;
}

static bool token_read(struct call *call, const cJSON *answer, struct token *out, struct error *err)
{
    const char *access = json_string(answer, "access_token");
    const char *scopes = json_string(answer, "scope");
    int64_t seconds = 0;

    if (!access || !*access || !text_copy_to(out->access, sizeof(out->access), access)) {
        token_wipe(out);
        return zoom_garbage(err, "access token");
    }
    if (json_int(answer, "expires_in", &seconds) && seconds > 0)
        out->expires_ms = call->now_ms + seconds * 1000;
    if (scopes)
        text_copy_to(out->scopes, sizeof(out->scopes), scopes);
    return true;
}

/* Each new token ends the one before it: whoever calls this lets nobody use the old one. The
 * regional api_url of the answer is not used; the global host always works. */
bool zoom_renew(struct call *call, struct token *out, struct error *err)
{
    struct kit_request request = { .method = "POST",
                                   .base = call->auth_base,
                                   .path = "/oauth/token",
                                   .route = "POST /oauth/token",
                                   .judge = zoom_judge_token };
    struct text form;
    cJSON *answer = NULL, *access;
    bool done = false;

    memset(out, 0, sizeof *out);
    if (!zoom_check(call, err))
        return false;
    request.basic_user = value(call, "client_id");
    request.basic_password = value(call, "client_secret");
    text_init(&form, 1000);
    kit_query(&form, "grant_type", "account_credentials");
    kit_query(&form, "account_id", value(call, "account_id"));
    request.form = text_str(&form);
    if (form.overflow)
        error_platform(err, ERROR_INPUT, "zoom", reconnect_remedy, "The account id is too long.");
    else if (kit_send(call, &request, &answer, err))
        done = token_read(call, answer, out, err);
    access = cJSON_GetObjectItemCaseSensitive(answer, "access_token");
    if (cJSON_IsString(access))
        text_wipe(access->valuestring, strlen(access->valuestring));
    cJSON_Delete(answer);
    text_release(&form);
    return done;
}

static bool several_users(const cJSON *users, struct error *err)
{
    struct text names;
    const cJSON *user;

    text_init(&names, 200);
    cJSON_ArrayForEach (user, users) {
        const char *email = json_string(user, "email");
        if (email && !text_addf(&names, "%s%s", names.length ? ", " : "", email))
            break;
    }
    error_platform(err, ERROR_INPUT, "zoom",
                   "Connect again with user=E-MAIL of the person who hosts the church's meetings.",
                   "The Zoom account has several users (%s%s).", text_str(&names),
                   names.overflow ? ", …" : "");
    text_release(&names);
    return false;
}

/* The account's only active user. Of several nobody can guess who hosts the church's meetings (and
 * a wrong guess puts them into somebody's private calendar), so the operator is asked. */
static bool user_discover(struct call *call, char *out, size_t size, struct error *err)
{
    struct zoom_ask ask = { .method = "GET",
                            .route = "/users",
                            .path = "/users?status=active&page_size=30" };
    cJSON *answer = NULL;
    const cJSON *users;
    bool done = false;

    if (!zoom_ask(call, &ask, &answer, err)) {
        if (err && err->kind == ERROR_FORBIDDEN)
            text_copy_to(err->remedy, sizeof(err->remedy),
                         "Connect again with user=E-MAIL of the host, or add the scope "
                         "user:read:list_users:admin to the app.");
        return false;
    }
    users = json_at(answer, "users");
    if (!cJSON_IsArray(users))
        zoom_garbage(err, "list of users");
    else if (cJSON_GetArraySize(users) > 1)
        several_users(users, err);
    else if (!json_id(answer, "users.0.id", out, size))
        error_platform(err, ERROR_INPUT, "zoom",
                       "Connect again with user=E-MAIL of the person who hosts the meetings.",
                       "The Zoom account shows no active user.");
    else
        done = true;
    cJSON_Delete(answer);
    return done;
}

/* "/users/ID" for a path. Once connected the id counts: an e-mail can change hands. Who signed in
 * as a person is "me" to Zoom and must say so. */
bool zoom_user_path(struct call *call, struct text *out, struct error *err)
{
    const char *user = call->account_ref;

    if (!user || !*user || text_equal(value(call, "user"), "me"))
        user = value(call, "user");
    if (!*user)
        return error_platform(err, ERROR_REFUSED, "zoom", "Connect zoom again.",
                              "The connection does not know its Zoom user.");
    text_add(out, "/users/");
    return text_add_urlencoded(out, user) ||
           error_platform(err, ERROR_INPUT, "zoom", "Give the host's e-mail.",
                          "The Zoom user is too long.");
}

static bool account_read(const cJSON *user, struct account *out, struct error *err)
{
    const char *name = json_string(user, "display_name");
    const char *email = json_string(user, "email");
    const char *status = json_string(user, "status");
    char shown[400];

    if (status && !text_equal(status, "active"))
        return error_platform(
            err, ERROR_FORBIDDEN, "zoom",
            "Activate the person in Zoom's user management, or name another user.",
            "The Zoom user is not active (%s).", status);
    if (!json_id(user, "id", out->ref, sizeof(out->ref)))
        return zoom_garbage(err, "user id");
    if (name && *name && email && *email)
        snprintf(shown, sizeof(shown), "%s (%s)", name, email);
    else
        snprintf(shown, sizeof(shown), "%s", name && *name ? name : email ? email : out->ref);
    text_copy_to(out->name, sizeof(out->name), shown);
    if (json_string(user, "pic_url"))
        text_copy_to(out->picture, sizeof(out->picture), json_string(user, "pic_url"));
    return true;
}

bool zoom_identify(struct call *call, struct account *out, struct error *err)
{
    struct zoom_ask ask = { .method = "GET", .route = "/users/{user}" };
    const char *user = value(call, "user");
    char found[128];
    struct text path;
    cJSON *answer = NULL;
    bool done = false;

    memset(out, 0, sizeof *out);
    if (!*user)
        user = call->account_ref; /* found when it was connected */
    if (!*user) {
        if (!user_discover(call, found, sizeof(found), err))
            return false;
        user = found;
    }
    text_init(&path, 900);
    text_add(&path, "/users/");
    text_add_urlencoded(&path, user);
    ask.path = text_str(&path);
    if (path.overflow)
        error_platform(err, ERROR_INPUT, "zoom", "Give the host's e-mail.",
                       "The Zoom user is too long.");
    else if (zoom_ask(call, &ask, &answer, err))
        done = account_read(answer, out, err);
    cJSON_Delete(answer);
    text_release(&path);
    return done;
}

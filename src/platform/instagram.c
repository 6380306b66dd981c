/* Instagram: the tables, the sign-in and who we are.
 *
 * Instagram lets no program make, start, title or end a live video. A person does that in Live
 * Producer on instagram.com; what a program can do is keep the key that it shows, and look whether
 * a live video is on. */
#include "platform/instagram.h"

#include <stdio.h>
#include <string.h>

#include "platform/profiles.h"

#define WEEK_MS       (7 * 24 * 3600 * INT64_C(1000))
#define DAY_MS        (24 * 3600 * INT64_C(1000))
#define FOLLOWERS_MIN 1000 /* to go live, since August 2025 */

/* ---- refusals ---- */

struct code_row {
    int from, to;
    enum error_kind kind;
    const char *message, *remedy;
};

static const struct code_row rows[] = {
    { 190, 190, ERROR_AUTH, "Instagram does not accept the sign-in any more.",
      "Make a new access token and connect instagram again; one lasts 60 days." },
    { 102, 102, ERROR_AUTH, "Instagram does not accept the sign-in any more.",
      "Make a new access token and connect instagram again; one lasts 60 days." },
    { 4, 4, ERROR_RATE, "Instagram asks us to wait: too many requests.", "It goes on by itself." },
    { 17, 17, ERROR_RATE, "Instagram asks us to wait: too many requests.",
      "It goes on by itself." },
    { 32, 32, ERROR_RATE, "Instagram asks us to wait: too many requests.",
      "It goes on by itself." },
    { 613, 613, ERROR_RATE, "Instagram asks us to wait: too many requests.",
      "It goes on by itself." },
    { 80000, 80099, ERROR_RATE, "Instagram asks us to wait: too many requests.",
      "It goes on by itself." },
    { 1, 2, ERROR_SERVER, "Instagram has trouble of its own.", "It is tried again by itself." },
    { 3, 3, ERROR_FORBIDDEN, "Instagram: the app may not do this.",
      "Add the Instagram product to the app at developers.facebook.com." },
    { 10, 10, ERROR_FORBIDDEN, "Instagram: the app or the token lacks a permission.",
      "Make a token with the permissions that `platform show instagram` lists, of a professional "
      "account." },
    { 200, 299, ERROR_FORBIDDEN, "Instagram: the app or the token lacks a permission.",
      "Make a token with the permissions that `platform show instagram` lists, of a professional "
      "account." },
};

/* Two shapes: {"error":{"code",…}}, and of the sign-in {"error_type","code","error_message"}. */
static bool judge(struct call *call, const struct http_answer *answer, const cJSON *body,
                  struct error *err)
{
    const char *message = json_string(body, "error.message");
    struct error common = { 0 };
    int64_t code = 0, sub = 0;
    char word[32];

    message = message ? message : json_string(body, "error_message");
    if (!json_int(body, "error.code", &code))
        return kit_judge_status(call, answer, body, err);
    json_int(body, "error.error_subcode", &sub);
    snprintf(word, sizeof(word), sub ? "%lld/%lld" : "%lld", (long long)code, (long long)sub);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (code >= rows[i].from && code <= rows[i].to)
            return kit_error(err, call, answer, rows[i].kind, word, rows[i].remedy, "%s",
                             rows[i].message);
    kit_judge_status(call, answer, body, &common);
    return kit_error(err, call, answer, common.kind, word, common.remedy, "%s%s%s", common.message,
                     message ? " It says: " : "", message ? message : "");
}

/* ---- asking ---- */

bool instagram_can_ask(struct call *call)
{
    return *kit_value(call, &platform_instagram, "access_token") != '\0';
}

static bool by_facebook(struct call *call)
{
    return text_equal(kit_value(call, &platform_instagram, "login"), "facebook");
}

/* A token of the Facebook login counts at Facebook's host. An api_base that a person set serves
 * both. */
static const char *base_of(struct call *call)
{
    return by_facebook(call) && text_equal(call->api_base, platform_instagram.api_base)
               ? "https://graph.facebook.com"
               : call->api_base;
}

bool instagram_ask(struct call *call, const char *node, const char *route, const char *fields,
                   cJSON **out, struct error *err)
{
    struct kit_request request = {
        .method = "GET", .base = base_of(call), .route = route, .judge = judge
    };
    const char *token;
    struct text path;
    bool done;

    *out = NULL;
    if (!call->token(call, &token, err))
        return false;
    text_init(&path, 6000);
    text_addf(&path, "/" INSTAGRAM_VERSION "/%s?", node);
    kit_query(&path, "fields", fields);
    kit_query(&path, "access_token", token);
    request.path = text_str(&path);
    done = kit_send(call, &request, out, err);
    kit_wipe(&path);
    return done;
}

/* ---- the sign-in ---- */

bool instagram_split(const char *pasted, const char *apart, char *address, size_t address_size,
                     char *key, size_t key_size)
{
    bool whole = text_starts_nocase(pasted, "rtmps://");
    const char *slash = whole ? strstr(pasted, "/rtmp/") : NULL;
    char joined[400];

    if (strpbrk(pasted, " \t\r\n") || (whole && !slash))
        return false;
    if (!whole)
        return text_starts_nocase(apart, "rtmps://") && apart[8] && apart[8] != '/' &&
               !strpbrk(apart, " \t\r\n") && *pasted && !strstr(pasted, "://") &&
               text_copy_to(address, address_size, apart) && text_copy_to(key, key_size, pasted);
    slash += strlen("/rtmp/");
    snprintf(joined, sizeof(joined), "%.*s", (int)(slash - pasted), pasted);
    return slash - pasted < (int)sizeof(joined) && joined[8] != '/' && *slash &&
           text_copy_to(address, address_size, joined) && text_copy_to(key, key_size, slash);
}

static bool check(struct call *call, struct error *err)
{
    const char *pasted = kit_value(call, &platform_instagram, "stream_key");
    const char *apart = kit_value(call, &platform_instagram, "stream_url");
    char address[300], key[600];
    bool fine = true;

    if (!instagram_can_ask(call) && !*pasted)
        return kit_error(
            err, call, NULL, ERROR_INPUT, "",
            "Give stream_key and stream_url from Live Producer, or access_token to see "
            "whether it is live; best both.",
            "Instagram needs a stream key or a sign-in.");
    if (by_facebook(call) && instagram_can_ask(call) &&
        !*kit_value(call, &platform_instagram, "account_id"))
        return kit_error(err, call, NULL, ERROR_INPUT, "",
                         "Give account_id, the Instagram account's number at Facebook.",
                         "Instagram by the Facebook login needs account_id.");
    if (*pasted)
        fine = instagram_split(pasted, apart, address, sizeof(address), key, sizeof(key));
    text_wipe(key, sizeof(key));
    return fine || kit_error(err, call, NULL, ERROR_INPUT, "",
                             "Copy both from Live Producer again: the URL begins with rtmps://, "
                             "the key has no blanks.",
                             "Instagram: this is no stream key with its address.");
}

/* Once a week, for an expired token cannot be renewed. One of today is too young for it (24 h,
 * unconfirmed): it is used as it is, and renewed tomorrow. */
static bool renew(struct call *call, struct token *out, struct error *err)
{
    const char *given = kit_value(call, &platform_instagram, "access_token"), *access;
    struct kit_request request = { .method = "GET",
                                   .route = "GET /refresh_access_token",
                                   .judge = judge };
    struct error why = { 0 };
    cJSON *answer = NULL, *item;
    int64_t seconds = 0;
    struct text path;
    bool done;

    memset(out, 0, sizeof(*out));
    if (!*given)
        return kit_error(err, call, NULL, ERROR_AUTH, "", "Connect instagram with access_token.",
                         "Instagram is connected with a stream key alone.");
    text_copy_to(out->access, sizeof(out->access), given);
    if (by_facebook(call))
        return true;
    text_init(&path, 6000);
    text_add(&path, "/refresh_access_token?grant_type=ig_refresh_token&");
    kit_query(&path, "access_token", given);
    request.path = text_str(&path);
    done = kit_send(call, &request, &answer, &why);
    kit_wipe(&path);
    access = json_string(answer, "access_token");
    if (done && access && text_copy_to(out->access, sizeof(out->access), access) &&
        json_int(answer, "expires_in", &seconds) && seconds > 0) {
        out->refresh_expires_ms = call->now_ms + seconds * 1000;
        out->expires_ms = call->now_ms + (seconds * 1000 < WEEK_MS ? seconds * 1000 : WEEK_MS);
    } else {
        out->expires_ms = call->now_ms + DAY_MS;
    }
    item = cJSON_GetObjectItemCaseSensitive(answer, "access_token");
    if (cJSON_IsString(item))
        text_wipe(item->valuestring, strlen(item->valuestring));
    cJSON_Delete(answer);
    if (done || why.kind == ERROR_INVALID)
        return true;
    token_wipe(out);
    if (err)
        *err = why;
    return false;
}

/* Too few followers take the Live button away, and nothing else tells of it: said where it is read
 * long before Sunday. */
static void name_it(struct account *out, const cJSON *who)
{
    const char *name = json_string(who, "username");
    int64_t followers = FOLLOWERS_MIN;

    json_int(who, "followers_count", &followers);
    if (followers < FOLLOWERS_MIN)
        snprintf(out->name, sizeof(out->name),
                 "%.90s (%lld followers: Instagram wants %d to go live)", name ? name : out->ref,
                 (long long)followers, FOLLOWERS_MIN);
    else
        text_copy_to(out->name, sizeof(out->name), name ? name : out->ref);
}

static bool identify(struct call *call, struct account *out, struct error *err)
{
    bool facebook = by_facebook(call), done;
    const char *node = facebook ? kit_value(call, &platform_instagram, "account_id") : "me";
    cJSON *who = NULL;

    memset(out, 0, sizeof(*out));
    if (!instagram_can_ask(call)) {
        text_copy_to(out->ref, sizeof(out->ref), "live-producer");
        text_copy_to(out->name, sizeof(out->name), "Live Producer, by stream key alone");
        return true;
    }
    if (node[strspn(node, "0123456789me")])
        return kit_error(err, call, NULL, ERROR_INPUT, "", "account_id has only digits.",
                         "Instagram: this is no account id.");
    done = instagram_ask(call, node, "GET /{user}",
                         facebook ? "id,username,followers_count"
                                  : "user_id,username,account_type,followers_count",
                         &who, err);
    if (done && !json_id(who, facebook ? "id" : "user_id", out->ref, sizeof(out->ref)))
        done = kit_error(err, call, NULL, ERROR_GARBAGE, "", "Try again.",
                         "Instagram did not say which account it is.");
    if (done)
        name_it(out, who);
    cJSON_Delete(who);
    return done;
}

/* ---- the tables ---- */

static const char *const logins[] = { "instagram", "facebook", NULL };

static const struct credential credentials[] = {
    { "stream_key", true, false, "", NULL, "Stream key",
      "Today's, from Live Producer (instagram.com on a computer, Create, Live); a key is good for "
      "one broadcast." },
    { "stream_url", false, false, "", NULL, "Stream URL",
      "From the same page, begins with rtmps://; or paste URL and key in one as the key." },
    { "access_token", true, false, "", NULL, "Access token",
      "Long-lived, of a professional account; without it nobody sees here whether it is live." },
    { "login", false, false, "instagram", logins, "Login",
      "Which login the token is of: instagram, or facebook with account_id." },
    { "account_id", false, false, "", NULL, "Account id",
      "Of the facebook login: the Instagram account's number." },
    { "client_id", false, false, "", NULL, "App id",
      "Of your app with the Instagram product: for signing in; or in the configuration." },
    { "client_secret", true, false, "", NULL, "App secret", "Belongs to the app id." },
    { NULL, false, false, NULL, NULL, NULL, NULL }
};

static const struct setting settings[] = {
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL },
};

static const char *const link_hosts[] = { "instagram.com", NULL };

const struct platform platform_instagram = {
    .id = PLATFORM_INSTAGRAM,
    .abilities = PLATFORM_LIVESTREAMS,
    .signin = SIGNIN_CREDENTIALS | SIGNIN_OAUTH,
    .oauth = &oauth_instagram,
    .api_base = "https://graph.instagram.com",
    .auth_base = "",
    .about = "Assisted: you go live and end it in Live Producer on instagram.com, which also shows "
             "the key; the console keeps the key and sees whether it is live. Instagram lets no "
             "program do more.",
    .endless = "A stream key, or a token of the Facebook login, does not say when it ends.",
    .stays = "Instagram keeps the permission of a sign-in until you remove the app under Settings, "
             "Website permissions, Apps and websites.",
    .scopes = "instagram_business_basic instagram_business_manage_comments",
    .credentials = credentials,
    .adds = "stream_key stream_url",
    .key_once = true,
    .settings = settings,
    .link_hosts = link_hosts,
    .calls_per_second = 1,
    .calls_burst = 4,
    .parallel = 2,
    .renew = renew,
    .check = check,
    .identify = identify,
    .livestream_create = instagram_create,
    .livestream_update = instagram_update,
    .livestream_start = instagram_start,
    .livestream_stop = instagram_stop,
    .livestream_remove = instagram_remove,
    .livestream_poll = instagram_poll,
};

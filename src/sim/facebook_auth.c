/* Facebook's sign-in: dialog, code exchange, lengthening, Page tokens, debug_token, permissions,
 * device codes. */
#include "sim/facebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

enum { SHORT_S = 5400, LONG_S = 5183944 };

static const struct sim_client clients[] = {
    { SIM_FACEBOOK_APP_ID, SIM_FACEBOOK_APP_SECRET, false }, { NULL, NULL, false }
};

static void device_answer(struct sim_call *c, const struct sim_device *d, cJSON *answer)
{
    (void)c;
    (void)d;
    (void)answer; /* sim_facebook_device_start writes its own */
}

static void refuse(struct sim_call *c, int status, const char *word, const char *description)
{
    sim_facebook_error(c, status, 100, 0, "%s: %s", word, description);
}

const struct sim_oauth sim_facebook_oauth = {
    .clients = clients,
    .scopes = "public_profile email pages_show_list pages_read_engagement pages_manage_posts "
              "pages_read_user_content "
              "pages_manage_engagement pages_manage_metadata read_insights publish_video "
              "business_management instagram_basic instagram_manage_comments",
    .code_prefix = "AQB",
    .access_prefix = "EAAEX",
    .refresh_prefix = "",
    .code_ms = 600000,
    .access_s = SHORT_S,
    .device_s = 420,
    .device_interval_s = 5,
    .device_page = "/device",
    .refused_more = "&error_code=200&error_description=Permissions+error&error_reason=user_denied",
    .redirect_ok = sim_redirect_loopback_or_https,
    .refuse = refuse,
    .device_answer = device_answer,
};

/* Facebook separates scopes by commas. */
static void commas_to_blanks(cJSON *object)
{
    cJSON *scope = cJSON_GetObjectItemCaseSensitive(object, "scope");

    for (char *at = cJSON_GetStringValue(scope); at != NULL && (at = strchr(at, ',')) != NULL;)
        *at = ' ';
}

void sim_facebook_dialog(struct sim_call *c)
{
    commas_to_blanks(c->query);
    commas_to_blanks(c->form);
    if (sim_param(c, "response_type") == NULL) /* code is what the dialog gives without it */
        cJSON_AddStringToObject(c->query, "response_type", "code");
    if (sim_param(c, "scope") == NULL)
        cJSON_AddStringToObject(c->query, "scope", "public_profile");
    sim_oauth_authorize(c);
}

/* ---- tokens ---- */

static bool app_ok(struct sim_call *c)
{
    const char *id = sim_param(c, "client_id"), *secret = sim_param(c, "client_secret");

    if (id == NULL)
        sim_facebook_error(c, 400, 101, 0, "Missing client_id parameter.");
    else if (strcmp(id, SIM_FACEBOOK_APP_ID) != 0)
        sim_facebook_error(
            c, 400, 101, 0,
            "Error validating application. Cannot get application info due to a system error.");
    else if (secret == NULL)
        sim_facebook_error(c, 400, 1, 0, "Missing client_secret parameter.");
    else if (!sim_same(secret, SIM_FACEBOOK_APP_SECRET))
        sim_facebook_error(c, 400, 1, 0, "Error validating client secret.");
    else
        return true;
    return false;
}

static void send_token(struct sim_call *c, struct sim_grant *g, const char *kind, int life_s)
{
    struct sim_token *t = sim_token_new(c->sim, g, "EAAEX", life_s);
    cJSON *out = cJSON_CreateObject();

    c->grant = g;
    text_copy_to(t->kind, sizeof t->kind, kind);
    cJSON_AddStringToObject(out, "access_token", t->value);
    cJSON_AddStringToObject(out, "token_type", "bearer");
    cJSON_AddNumberToObject(out, "expires_in", life_s);
    sim_reply_json(&c->reply, 200, out);
}

static void by_code(struct sim_call *c)
{
    const char *code = sim_param(c, "code"), *redirect = sim_param(c, "redirect_uri");
    struct sim_grant *g = NULL;

    if (code == NULL || redirect == NULL) {
        sim_facebook_error(c, 400, 191, 0, "Missing %s parameter.",
                           code == NULL ? "code" : "redirect_uri");
        return;
    }
    switch (sim_code_spend(c->sim, c->index, code, SIM_FACEBOOK_APP_ID, redirect,
                           sim_param(c, "code_verifier"), &g)) {
    case SIM_CODE_GOOD:
        send_token(c, g, "short", SHORT_S);
        break;
    case SIM_CODE_SPENT: /* the numbers are not confirmed by a page */
        sim_facebook_error(c, 400, 100, 36009, "This authorization code has been used.");
        break;
    case SIM_CODE_OLD:
        sim_facebook_error(c, 400, 100, 36007, "This authorization code has expired.");
        break;
    case SIM_CODE_REDIRECT:
        sim_facebook_error(
            c, 400, 100, 36008,
            "Error validating verification code. Please make sure your redirect_uri is "
            "identical to the one you used in the OAuth dialog request");
        break;
    default:
        sim_facebook_error(c, 400, 100, 0, "Invalid verification code format.");
    }
}

static void by_token(struct sim_call *c)
{
    const char *value = sim_param(c, "fb_exchange_token");
    struct sim_token *t = NULL;
    struct sim_grant *g = value != NULL ? sim_token_find(c->sim, c->index, value, &t) : NULL;

    c->grant = g;
    if (value == NULL)
        sim_facebook_error(c, 400, 100, 0, "Missing fb_exchange_token parameter.");
    else if (g == NULL)
        sim_facebook_error(c, 400, 190, 0,
                           "Invalid OAuth access token - Cannot parse access token");
    else if (g->revoked)
        sim_facebook_error(
            c, 400, 190, 458,
            "Error validating access token: The user has not authorized application %s.",
            SIM_FACEBOOK_APP_ID);
    else if (!sim_token_alive(g, t))
        sim_facebook_error(c, 400, 190, 463, "Error validating access token: Session has expired.");
    else if (strcmp(t->kind, "page") == 0)
        sim_facebook_error(c, 400, 100, 0, "A Page access token cannot be exchanged.");
    else
        send_token(c, g, "long", LONG_S);
}

void sim_facebook_exchange(struct sim_call *c)
{
    const char *type = sim_param(c, "grant_type");

    if (!app_ok(c))
        return;
    if (type == NULL || strcmp(type, "authorization_code") == 0)
        by_code(c);
    else if (strcmp(type, "fb_exchange_token") == 0)
        by_token(c);
    else
        sim_facebook_error(c, 400, 100, 0, "Invalid grant_type: %s", type);
}

struct sim_token *sim_facebook_page_token_make(struct sim *sim, struct sim_grant *g,
                                               const struct sim_facebook_page *page)
{
    struct sim_token *t = sim_token_new(sim, g, "EAAEP", 0);

    text_copy_to(t->kind, sizeof t->kind, "page");
    text_copy_to(t->subject, sizeof t->subject, page->id);
    return t;
}

/* The Page's token of this grant. From a short user token comes a short Page token, from a long one
 * one without end. */
static const char *page_token(struct sim_call *c, const struct sim_facebook_page *page)
{
    bool brief = strcmp(c->token->kind, "short") == 0;

    for (struct sim_token *t = c->grant->tokens; t != NULL; t = t->next)
        if (strcmp(t->kind, "page") == 0 && strcmp(t->subject, page->id) == 0 &&
            (t->expires_mono != 0) == brief && sim_token_alive(c->grant, t))
            return t->value;
    struct sim_token *t = sim_facebook_page_token_make(c->sim, c->grant, page);
    if (brief) {
        t->expires_mono = c->token->expires_mono;
        t->expires_ms = c->token->expires_ms;
    }
    return t->value;
}

/* ---- who and what ---- */

static bool self(struct sim_call *c)
{
    const char *id = c->capture[0];

    if (id[0] == '\0' || strcmp(id, "me") == 0 ||
        strcmp(id, sim_account_of(c->platform, c->grant)->id) == 0)
        return true;
    sim_facebook_gone(c, "get", id);
    return false;
}

void sim_facebook_me(struct sim_call *c)
{
    const struct sim_account *who = sim_account_of(c->platform, c->grant);
    const struct sim_facebook_page *page = sim_facebook_page_find(c->token->subject);
    cJSON *all = cJSON_CreateObject();

    cJSON_AddStringToObject(all, "id", page != NULL ? page->id : who->id);
    cJSON_AddStringToObject(all, "name", page != NULL ? page->name : who->name);
    cJSON *out = sim_facebook_fields(c, all, NULL, "id,name", page != NULL ? "Page" : "User");
    if (out != NULL)
        sim_reply_json(&c->reply, 200, out);
    cJSON_Delete(all);
}

static cJSON *page_json(struct sim_call *c, const struct sim_facebook_page *page)
{
    static const char *const tasks[] = { "MODERATE",  "MESSAGING",      "ANALYZE",
                                         "ADVERTISE", "CREATE_CONTENT", "MANAGE" };
    cJSON *all = cJSON_CreateObject();

    cJSON_AddStringToObject(all, "id", page->id);
    cJSON_AddStringToObject(all, "name", page->name);
    cJSON_AddStringToObject(all, "access_token", page_token(c, page));
    cJSON_AddNumberToObject(all, "followers_count", page->followers);
    cJSON *list = cJSON_AddArrayToObject(all, "tasks");
    for (int i = 2; i < (page->live ? 6 : 4); i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(tasks[i]));
    cJSON *out = sim_facebook_fields(
        c, all, "id name access_token followers_count fan_count tasks category username link",
        "access_token,name,id,tasks", "Page");
    cJSON_Delete(all);
    return out;
}

void sim_facebook_accounts(struct sim_call *c)
{
    cJSON *out = cJSON_CreateObject();
    cJSON *data = cJSON_AddArrayToObject(out, "data");

    if (strcmp(c->token->kind, "page") == 0)
        sim_facebook_error(
            c, 400, 100, 0,
            "(#100) Tried accessing nonexisting field (accounts) on node type (Page)");
    else if (self(c))
        for (const struct sim_facebook_page *p = sim_facebook_pages;
             p->id != NULL && c->reply.status == 0; p++)
            if (p->account == c->grant->account && sim_word_in(c->grant->scope, "pages_show_list"))
                cJSON_AddItemToArray(data, page_json(c, p));
    if (c->reply.status != 0) {
        cJSON_Delete(out);
        return;
    }
    if (cJSON_GetArraySize(data) > 0) {
        cJSON *cursors = cJSON_AddObjectToObject(cJSON_AddObjectToObject(out, "paging"), "cursors");
        cJSON_AddStringToObject(cursors, "before", "MTA0");
        cJSON_AddStringToObject(cursors, "after", "MTA0");
    }
    sim_reply_json(&c->reply, 200, out);
}

void sim_facebook_permissions_get(struct sim_call *c)
{
    char *save = NULL, *copy = text_copy(c->grant->scope);

    if (self(c)) {
        cJSON *out = cJSON_CreateObject(), *data = cJSON_AddArrayToObject(out, "data");
        for (char *one = copy != NULL ? strtok_r(copy, " ", &save) : NULL; one != NULL;
             one = strtok_r(NULL, " ", &save)) {
            cJSON *row = cJSON_CreateObject();
            cJSON_AddStringToObject(row, "permission", one);
            cJSON_AddStringToObject(row, "status", "granted");
            cJSON_AddItemToArray(data, row);
        }
        sim_reply_json(&c->reply, 200, out);
    }
    free(copy);
}

void sim_facebook_permissions_delete(struct sim_call *c)
{
    if (!self(c))
        return;
    if (strcmp(c->token->kind, "page") == 0) {
        sim_facebook_error(c, 403, 200, 0, "(#200) Permissions error");
        return;
    }
    sim_grant_kill(c->grant, "removed");
    sim_facebook_success(c);
}

/* Answers 200 even for a token that is dead. */
void sim_facebook_debug_token(struct sim_call *c)
{
    const char *own = sim_param(c, "access_token"), *input = sim_param(c, "input_token");
    struct sim_token *t = NULL;

    if (own == NULL || !sim_same(own, SIM_FACEBOOK_APP_ID "|" SIM_FACEBOOK_APP_SECRET)) {
        sim_facebook_error(c, 400, 190, 0, "Invalid OAuth access token signature.");
        return;
    }
    if (input == NULL) {
        sim_facebook_error(c, 400, 100, 0, "(#100) The parameter input_token is required");
        return;
    }
    struct sim_grant *g = sim_token_find(c->sim, c->index, input, &t);
    bool alive = g != NULL && sim_token_alive(g, t);
    cJSON *out = cJSON_CreateObject(), *data = cJSON_AddObjectToObject(out, "data");
    c->grant = g;
    cJSON_AddStringToObject(data, "app_id", SIM_FACEBOOK_APP_ID);
    cJSON_AddStringToObject(data, "application", "Ecclesia console");
    cJSON_AddBoolToObject(data, "is_valid", alive);
    if (g != NULL) {
        bool page = strcmp(t->kind, "page") == 0;
        cJSON_AddStringToObject(data, "type", page ? "PAGE" : "USER");
        cJSON_AddNumberToObject(data, "issued_at", (double)(t->issued_ms / 1000));
        cJSON_AddNumberToObject(data, "expires_at", (double)(t->expires_ms / 1000));
        cJSON_AddNumberToObject(data, "data_access_expires_at",
                                (double)(t->issued_ms / 1000 + 90 * 86400));
        cJSON_AddStringToObject(data, "user_id", sim_account_of(c->platform, g)->id);
        if (page)
            cJSON_AddStringToObject(data, "profile_id", t->subject);
    }
    cJSON *scopes = cJSON_AddArrayToObject(data, "scopes");
    char *save = NULL, *copy = alive ? text_copy(g->scope) : NULL;
    for (char *one = copy != NULL ? strtok_r(copy, " ", &save) : NULL; one != NULL;
         one = strtok_r(NULL, " ", &save))
        cJSON_AddItemToArray(scopes, cJSON_CreateString(one));
    free(copy);
    if (!alive) {
        cJSON *error = cJSON_AddObjectToObject(data, "error");
        cJSON_AddNumberToObject(error, "code", 190);
        cJSON_AddNumberToObject(error, "subcode", g == NULL ? 467 : g->revoked ? 458 : 463);
        cJSON_AddStringToObject(error, "message",
                                "Error validating access token: Session has expired.");
    }
    sim_reply_json(&c->reply, 200, out);
}

/* ---- device codes ---- */

static bool app_token_ok(struct sim_call *c)
{
    const char *token = sim_param(c, "access_token");

    if (token != NULL && sim_same(token, SIM_FACEBOOK_APP_ID "|" SIM_FACEBOOK_CLIENT_TOKEN))
        return true;
    sim_facebook_error(c, 400, 190, 0, "Invalid OAuth access token signature.");
    return false;
}

void sim_facebook_device_start(struct sim_call *c)
{
    char page[128], scope[1200];

    if (!app_token_ok(c))
        return;
    commas_to_blanks(c->form);
    commas_to_blanks(c->query);
    text_copy_to(scope, sizeof scope,
                 sim_param(c, "scope") != NULL ? sim_param(c, "scope") : "public_profile");
    if (!sim_words_all(sim_facebook_oauth.scopes, scope)) {
        sim_facebook_error(c, 400, 100, 0, "Invalid Scopes: %s", scope);
        return;
    }
    struct sim_device *d = sim_device_new(c->sim, c->index, SIM_FACEBOOK_APP_ID, scope);
    cJSON *out = cJSON_CreateObject();
    snprintf(page, sizeof page, "%s/device", c->sim->address[c->index]);
    cJSON_AddStringToObject(out, "code", d->device_code);
    cJSON_AddStringToObject(out, "user_code", d->user_code);
    cJSON_AddStringToObject(out, "verification_uri", page);
    cJSON_AddNumberToObject(out, "expires_in", sim_facebook_oauth.device_s);
    cJSON_AddNumberToObject(out, "interval", d->interval_s);
    sim_reply_json(&c->reply, 200, out);
}

void sim_facebook_device_status(struct sim_call *c)
{
    struct sim_device *d = sim_device_find(c->sim, c->index, sim_param(c, "code"));
    int64_t now = clock_mono();

    if (!app_token_ok(c))
        return;
    if (d == NULL || d->state == SIM_DEVICE_SPENT) {
        sim_facebook_error(c, 400, 100, 0, "Invalid code");
        return;
    }
    bool hurried = d->polled_mono != 0 && now - d->polled_mono < (int64_t)d->interval_s * 1000;
    d->polled_mono = now;
    if (d->expires_mono <= now) {
        sim_facebook_error(c, 400, 463, 1349152, "The code has expired.");
    } else if (hurried) {
        sim_facebook_error(c, 400, 17, 1349172, "User request limit reached");
    } else if (d->state == SIM_DEVICE_REFUSED) {
        sim_facebook_error(c, 400, 31, 1349173, "The user has declined the login");
    } else if (d->state == SIM_DEVICE_PENDING) {
        sim_facebook_error(c, 400, 31, 1349174, "The user has not yet completed the login");
    } else {
        d->state = SIM_DEVICE_SPENT;
        send_token(c, sim_grant_new(c->sim, c->index, d->account, d->client, d->scope), "long",
                   LONG_S);
    }
}

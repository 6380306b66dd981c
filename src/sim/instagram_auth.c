/* Instagram Login: a code, a token for an hour, one for sixty days, and its renewal. An expired one
 * cannot be renewed, nor one younger than a day (not confirmed: the stricter reading). */
#include "sim/instagram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

enum { SHORT_S = 3600, LONG_S = 5183944 };
static const int64_t day_ms = 86400000;
static const char ready_token[] = "IGAAsim-long-lived-token-of-st-marks";

static const struct sim_client clients[] = {
    { SIM_INSTAGRAM_APP_ID, SIM_INSTAGRAM_APP_SECRET, false }, { NULL, NULL, false }
};

static void device_answer(struct sim_call *c, const struct sim_device *d, cJSON *answer)
{
    (void)c;
    (void)d;
    (void)answer; /* there is no device flow */
}

static void refuse(struct sim_call *c, int status, const char *word, const char *description)
{
    sim_facebook_error(c, status, 100, 0, "%s: %s", word, description);
}

const struct sim_oauth sim_instagram_oauth = {
    .clients = clients,
    .scopes = SIM_INSTAGRAM_BASIC " " SIM_INSTAGRAM_COMMENTS " instagram_business_manage_messages "
                                  "instagram_business_content_publish",
    .code_prefix = "AQB",
    .access_prefix = "IGAA",
    .refresh_prefix = "",
    .code_ms = 3600000,
    .access_s = SHORT_S,
    .refused_more = "&error_reason=user_denied&error_description=The+user+denied+your+request",
    .code_tail = "#_",
    .redirect_ok = sim_redirect_loopback_or_https,
    .refuse = refuse,
    .device_answer = device_answer,
};

static void commas_to_blanks(cJSON *object)
{
    cJSON *scope = cJSON_GetObjectItemCaseSensitive(object, "scope");

    for (char *at = cJSON_GetStringValue(scope); at != NULL && (at = strchr(at, ',')) != NULL;)
        *at = ' ';
}

/* Only professional accounts come in. */
void sim_instagram_authorize(struct sim_call *c)
{
    const char *said = sim_param(c, "sim_answer");

    commas_to_blanks(c->query);
    commas_to_blanks(c->form);
    if (said != NULL && strcmp(said, "allow") == 0 &&
        strcmp(sim_instagram_people[sim_oauth_account(c)].type, "PERSONAL") == 0)
        sim_reply_page(&c->reply, 400, "Switch to a professional account",
                       "This app can be used with Business and Creator accounts only.");
    else
        sim_oauth_authorize(c);
}

/* ---- the code ---- */

/* The exchange has errors of another shape than everything else. */
static void exchange_error(struct sim_call *c, const char *message)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "error_type", "OAuthException");
    cJSON_AddNumberToObject(out, "code", 400);
    cJSON_AddStringToObject(out, "error_message", message);
    sim_reply_json(&c->reply, 400, out);
}

static void put_permissions(cJSON *out, const struct sim_grant *g)
{
    char list[sizeof g->scope];

    text_copy_to(list, sizeof list, g->scope);
    for (char *at = list; (at = strchr(at, ' ')) != NULL;)
        *at = ',';
    cJSON_AddStringToObject(out, "permissions", list);
}

static bool exchange_ok(struct sim_call *c)
{
    const char *id = sim_form(c, "client_id"), *secret = sim_form(c, "client_secret"),
               *type = sim_form(c, "grant_type");

    if (id == NULL || strcmp(id, SIM_INSTAGRAM_APP_ID) != 0)
        exchange_error(c, "Invalid platform app");
    else if (secret == NULL || !sim_same(secret, SIM_INSTAGRAM_APP_SECRET))
        exchange_error(c, "Error validating client secret.");
    else if (type == NULL || strcmp(type, "authorization_code") != 0)
        exchange_error(c, "Invalid grant_type");
    else if (sim_form(c, "code") == NULL || sim_form(c, "redirect_uri") == NULL)
        exchange_error(c, "Missing required field code or redirect_uri");
    else
        return true;
    return false;
}

void sim_instagram_exchange(struct sim_call *c)
{
    struct sim_grant *g = NULL;

    if (!exchange_ok(c))
        return;
    switch (sim_code_spend(c->sim, SIM_INSTAGRAM, sim_form(c, "code"), SIM_INSTAGRAM_APP_ID,
                           sim_form(c, "redirect_uri"), sim_form(c, "code_verifier"), &g)) {
    case SIM_CODE_GOOD:
        break;
    case SIM_CODE_SPENT:
        exchange_error(c, "This authorization code has been used");
        return;
    case SIM_CODE_OLD:
        exchange_error(c, "This authorization code has expired");
        return;
    case SIM_CODE_REDIRECT:
        exchange_error(c, "Error validating verification code. Please make sure your redirect_uri "
                          "is identical to the one you used in the OAuth dialog request");
        return;
    default:
        exchange_error(c, "Matching code was not found or was already used");
        return;
    }
    c->grant = g;
    struct sim_token *t = sim_token_new(c->sim, g, "IGAA", SHORT_S);
    text_copy_to(t->kind, sizeof t->kind, "short");
    /* Shown flat or within data: here the less handy of the two. */
    cJSON *out = cJSON_CreateObject(), *one = cJSON_CreateObject();
    cJSON_AddItemToArray(cJSON_AddArrayToObject(out, "data"), one);
    cJSON_AddStringToObject(one, "access_token", t->value);
    cJSON_AddStringToObject(one, "user_id", sim_account_of(c->platform, g)->id);
    put_permissions(one, g);
    sim_reply_json(&c->reply, 200, out);
}

/* ---- sixty days ---- */

/* The token that the request brings, alive. NULL: refused already. */
static struct sim_token *token_read(struct sim_call *c, const char *type)
{
    const char *value = sim_query(c, "access_token"), *wanted = sim_query(c, "grant_type");
    struct sim_token *t = NULL;

    c->grant = value != NULL ? sim_token_find(c->sim, SIM_INSTAGRAM, value, &t) : NULL;
    if (wanted == NULL || strcmp(wanted, type) != 0)
        sim_facebook_error(c, 400, 100, 0, "Invalid grant_type");
    else if (c->grant == NULL)
        sim_facebook_error(c, 400, 190, 0,
                           "Invalid OAuth access token - Cannot parse access token");
    else if (c->grant->revoked || t->dead)
        sim_facebook_error(c, 400, 190, 458,
                           "Error validating access token: The user has not authorized "
                           "application " SIM_INSTAGRAM_APP_ID ".");
    else if (!sim_token_alive(c->grant, t))
        sim_facebook_error(c, 400, 190, 463, "Error validating access token: Session has expired.");
    else
        return t;
    return NULL;
}

static void send_long(struct sim_call *c)
{
    struct sim_token *t = sim_token_new(c->sim, c->grant, "IGAA", LONG_S);
    cJSON *out = cJSON_CreateObject();

    text_copy_to(t->kind, sizeof t->kind, "long");
    cJSON_AddStringToObject(out, "access_token", t->value);
    cJSON_AddStringToObject(out, "token_type", "bearer");
    cJSON_AddNumberToObject(out, "expires_in", LONG_S);
    put_permissions(out, c->grant);
    sim_reply_json(&c->reply, 200, out);
}

void sim_instagram_lengthen(struct sim_call *c)
{
    const char *secret = sim_query(c, "client_secret");
    struct sim_token *t = token_read(c, "ig_exchange_token");

    if (t == NULL)
        return;
    if (secret == NULL || !sim_same(secret, SIM_INSTAGRAM_APP_SECRET))
        sim_facebook_error(c, 400, 1, 0, "Error validating client secret.");
    else if (strcmp(t->kind, "short") != 0)
        sim_facebook_error(c, 400, 452, 0,
                           "Session key invalid. This could be because the session key has an "
                           "incorrect format, or because the user has revoked this session");
    else
        send_long(c);
}

/* The token before stays good for the rest of its own days. */
void sim_instagram_refresh(struct sim_call *c)
{
    struct sim_token *t = token_read(c, "ig_refresh_token");

    if (t == NULL)
        return;
    if (strcmp(t->kind, "long") != 0)
        sim_facebook_error(c, 400, 100, 0, "(#100) Only long-lived tokens can be refreshed.");
    else if (clock_now() - t->issued_ms < day_ms)
        sim_facebook_error(c, 400, 100, 0,
                           "(#100) The access token must be at least 24 hours old.");
    else
        send_long(c);
}

const char *sim_instagram_ready_value(void)
{
    return ready_token;
}

void sim_instagram_ready_token(struct sim *sim)
{
    struct sim_grant *g = sim_grant_new(sim, SIM_INSTAGRAM, 0, SIM_INSTAGRAM_APP_ID,
                                        SIM_INSTAGRAM_BASIC " " SIM_INSTAGRAM_COMMENTS);
    struct sim_token *t = sim_token_new(sim, g, "IGAA", LONG_S - 2 * 86400);

    text_copy_to(t->value, sizeof t->value, ready_token);
    text_copy_to(t->kind, sizeof t->kind, "long");
    t->issued_ms -= 2 * day_ms;
}

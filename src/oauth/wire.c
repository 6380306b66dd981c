#include "oauth/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>

enum {
    CALL_MS = 20000,
    FORM_CEILING = 24 * 1024,
    SAID_MOST = 200 /* characters of a server's own words that are shown */
};

/* ---- values and places ---- */

const char *oauth_value(struct call *call, const struct platform *p, const char *key)
{
    const char *value = call->credential(call, key);

    if (!value || !*value)
        value = json_string(call->options, key);
    if ((!value || !*value) && strcmp(key, "client_id") == 0)
        value = call->client_id;
    if ((!value || !*value) && strcmp(key, "client_secret") == 0)
        value = call->client_secret;
    if ((!value || !*value) && strcmp(key, "client_token") == 0)
        value = call->client_token;
    for (const struct credential *c = p->credentials; (!value || !*value) && c && c->key; c++)
        if (strcmp(c->key, key) == 0)
            value = c->otherwise;
    return value ? value : "";
}

bool oauth_elsewhere(const struct call *call, const struct platform *p)
{
    return strcmp(call->auth_base, p->auth_base) != 0;
}

bool oauth_place(struct call *call, const struct platform *p, const char *base, const char *path,
                 struct text *out, struct error *err)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
    const char *slot = strstr(path, "{tenant}");
    const char *tenant = slot ? oauth_value(call, p, "tenant") : "";

    if (slot && (!*tenant || tenant[strspn(tenant, allowed)]))
        return error_platform(err, ERROR_INPUT, platform_slug(p->id),
                              "Give the organisation's domain or tenant id, or leave it out.",
                              "%s: this is no tenant.", platform_name(p->id));
    text_add(out, !base || oauth_elsewhere(call, p) ? call->auth_base : base);
    if (slot)
        text_addf(out, "%.*s%s%s", (int)(slot - path), path, tenant, slot + strlen("{tenant}"));
    else
        text_add(out, path);
    return !out->overflow ||
           error_set(err, ERROR_CONFIG, "Check auth_base in the configuration.",
                     "The address of %s's sign-in is too long.", platform_name(p->id));
}

void oauth_add(struct text *t, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    if (t->length > 0)
        text_add(t, "&");
    text_addf(t, "%s=", key);
    text_add_urlencoded(t, value);
}

void oauth_scopes(const struct oauth_profile *o, bool device, struct text *out)
{
    if (device && o->device_scopes) {
        text_add(out, o->device_scopes);
        return;
    }
    for (const struct oauth_scope *s = o->scopes; s && s->scope; s++)
        text_addf(out, "%s%s", out->length ? (o->scope_separator == ',' ? "," : " ") : "",
                  s->scope);
}

void oauth_wipe(struct text *t)
{
    if (t->data)
        text_wipe(t->data, t->room);
    text_release(t);
}

static void wipe_strings(cJSON *node)
{
    for (; node; node = node->next) {
        if (cJSON_IsString(node))
            text_wipe(node->valuestring, strlen(node->valuestring));
        wipe_strings(node->child);
    }
}

void oauth_tree_wipe(cJSON *tree)
{
    wipe_strings(tree);
    cJSON_Delete(tree);
}

/* ---- refusals ---- */

struct refusal {
    const char *word;
    enum error_kind kind;
    const char *message; /* after "NAME: " */
    const char *remedy;
};

static const char again[] = "Connect it again.";
static const char registration[] = "Compare client_id and client_secret with the app's page there.";

/* RFC 6749, RFC 8628, and the platforms' own words for the same. */
static const struct refusal refusals[] = {
    { "invalid_grant", ERROR_AUTH, "the sign-in is not accepted any more", again },
    { "interaction_required", ERROR_AUTH, "a person must sign in there again", again },
    { "consent_required", ERROR_AUTH, "a person must agree there again", again },
    { "login_required", ERROR_AUTH, "a person must sign in there again", again },
    { "invalid_client", ERROR_CONFIG, "the app's client id or secret is not known there",
      registration },
    { "unauthorized_client", ERROR_CONFIG, "the app may not sign in this way",
      "Look at the app's type on its page there: `ecclesia platform show` says which it must be." },
    { "deleted_client", ERROR_CONFIG, "the app was deleted there",
      "Restore it there, or register a new one." },
    { "redirect_uri_mismatch", ERROR_CONFIG, "the way back is not registered with the app",
      "Register exactly the redirect_uri of the address that was shown." },
    { "invalid_scope", ERROR_CONFIG, "the app may not ask for these permissions",
      "Add them on the app's page there: `ecclesia platform show` lists them." },
    { "unsupported_grant_type", ERROR_CONFIG, "the app cannot be signed in to in this way",
      "Look at the app's type on its page there." },
    { "unsupported_response_type", ERROR_CONFIG, "the app cannot be signed in to in this way",
      "Look at the app's type on its page there." },
    { "invalid_request", ERROR_CONFIG, "something is missing in what was asked", registration },
    { "access_denied", ERROR_FORBIDDEN, "the sign-in was refused there",
      "Begin again, and allow it." },
    { "authorization_declined", ERROR_FORBIDDEN, "the sign-in was refused there",
      "Begin again, and allow it." },
    { "admin_policy_enforced", ERROR_FORBIDDEN, "a rule of the organisation blocks the app",
      "Ask the organisation's administrator to allow it." },
    { "org_internal", ERROR_FORBIDDEN, "the app is for another organisation only",
      "Sign in with an account of that organisation, or register an app of your own." },
    { "expired_token", ERROR_TIMEOUT, "the code is too old", "Begin again." },
    { "bad_verification_code", ERROR_TIMEOUT, "the code is not known there any more",
      "Begin again." },
    { "temporarily_unavailable", ERROR_SERVER, "the sign-in is out of order for the moment", NULL },
    { "server_error", ERROR_SERVER, "the sign-in is out of order for the moment", NULL },
    { "rate_limit_exceeded", ERROR_RATE, "too many sign-ins at once", NULL },
    { "quota_exceeded", ERROR_RATE, "too many sign-ins at once", NULL },
};

/* Meta's numbers at the token and device end points. The subcodes of the device flow and of a spent
 * code are not confirmed by a page. */
static const struct {
    int64_t code, subcode; /* -1 any */
    const char *word;
} numbers[] = {
    { 31, 1349173, "access_denied" },     { 31, -1, "authorization_pending" },
    { 17, 1349172, "slow_down" },         { -1, 1349152, "expired_token" },
    { 4, -1, "rate_limit_exceeded" },     { 17, -1, "rate_limit_exceeded" },
    { 32, -1, "rate_limit_exceeded" },    { 613, -1, "rate_limit_exceeded" },
    { 101, -1, "invalid_client" },        { 1, -1, "invalid_client" },
    { 191, -1, "redirect_uri_mismatch" }, { 100, 36008, "redirect_uri_mismatch" },
    { 100, 36007, "invalid_grant" },      { 100, 36009, "invalid_grant" },
    { 190, -1, "invalid_grant" },
};

static const struct refusal *find(const char *word)
{
    for (size_t i = 0; word && i < sizeof refusals / sizeof *refusals; i++)
        if (strcmp(refusals[i].word, word) == 0)
            return &refusals[i];
    return NULL;
}

static const char *word_of_number(const cJSON *body, int status)
{
    int64_t code, subcode = 0;

    if (!json_int(body, "error.code", &code))
        return NULL;
    json_int(body, "error.error_subcode", &subcode);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if ((numbers[i].code < 0 || numbers[i].code == code) &&
            (numbers[i].subcode < 0 || numbers[i].subcode == subcode) &&
            !(code == 1 && status >= 500))
            return numbers[i].word;
    return NULL;
}

/* The word may be text, stand in an object (Restream: "name"; Meta: numbers) or have another key
 * (Google's device end point). */
static const char *word_of(const cJSON *body, int status)
{
    static const char *const places[] = { "error", "error.name", "error_code" };
    const char *word = NULL;

    for (size_t i = 0; !word && i < sizeof places / sizeof *places; i++)
        word = json_string(body, places[i]);
    if (!word)
        word = word_of_number(body, status);
    /* Instagram at the token end point: error_type OAuthException with HTTP 400. */
    if (!word && status == 400 && json_string(body, "error_type"))
        word = "invalid_grant";
    return word;
}

/* Several servers tell a wrong way back by nothing but their own sentence. */
static bool says_redirect(const char *word, const char *said)
{
    return word && strcmp(word, "invalid_request") == 0 &&
           (strcasestr(said, "redirect") || strcasestr(said, "reply address"));
}

static const char *said_of(const cJSON *body)
{
    static const char *const places[] = { "error_description", "error.message", "reason",
                                          "error_message", "message" };
    const char *said = NULL;

    for (size_t i = 0; !said && i < sizeof places / sizeof *places; i++)
        said = json_string(body, places[i]);
    return said ? said : "";
}

static bool fill(struct error *err, const struct platform *p, enum error_kind kind, int status,
                 const char *word, const char *remedy, const char *message, const char *said)
{
    char cut[SAID_MOST + 1], *traces;
    size_t length;

    if (!err)
        return false;
    utf8_clean(cut, sizeof cut, said);
    /* Microsoft's sentence is followed by numbers for its own support. */
    if ((traces = strstr(cut, " Trace ID")) != NULL)
        *traces = '\0';
    for (length = strlen(cut); length > 0 && cut[length - 1] == '.'; length--)
        cut[length - 1] = '\0';
    error_platform(err, kind, platform_slug(p->id), remedy, "%s: %s%s%s%s.", platform_name(p->id),
                   message, *cut ? " (" : "", cut, *cut ? ")" : "");
    utf8_clean(err->code, sizeof err->code, word ? word : "");
    err->http_status = status;
    return false;
}

static bool judge(const struct call *call, const struct platform *p,
                  const struct http_answer *answer, const cJSON *body, struct error *err)
{
    const char *word = word_of(body, answer->status), *said = said_of(body);
    const struct refusal *r =
        find(says_redirect(word, said) ? word = "redirect_uri_mismatch" : word);
    int status = answer->status;

    if (status == 429 || (r && r->kind == ERROR_RATE))
        fill(err, p, ERROR_RATE, status, word, "It goes on by itself.", "too many sign-ins at once",
             said);
    else if (status >= 500)
        fill(err, p, ERROR_SERVER, status, word, "It is tried again by itself.",
             "its sign-in has trouble of its own", said);
    else if (r)
        fill(err, p, r->kind, status, word,
             r->kind == ERROR_AUTH && p->oauth->lost ? p->oauth->lost : r->remedy, r->message,
             said);
    else if (word)
        fill(err, p, ERROR_CONFIG, status, word, registration, "the sign-in was refused", said);
    else if (status == 401)
        fill(err, p, ERROR_CONFIG, status, "invalid_client", registration,
             "the app's client id or secret is not known there", said);
    else
        fill(err, p, ERROR_GARBAGE, status, "", "Check auth_base in the configuration.",
             "its sign-in answered in a way that is not its own", "");
    if (err && word && status < 500 && p->oauth->refine)
        p->oauth->refine(body, err);
    if (err && (err->kind == ERROR_RATE || err->kind == ERROR_SERVER))
        err->retry_after_ms =
            http_retry_after(http_answer_header(answer, "Retry-After"), call->now_ms);
    return false;
}

/* ---- asking ---- */

/* RFC 6749 2.3.1: both are encoded before they are joined. */
static void add_basic(struct text *header, const char *id, const char *secret)
{
    struct text pair;

    text_init(&pair, 4096);
    text_add_urlencoded(&pair, id);
    text_add(&pair, ":");
    text_add_urlencoded(&pair, secret);
    text_add(header, "Authorization: Basic ");
    text_add_base64(header, text_str(&pair), pair.length);
    oauth_wipe(&pair);
}

static void add_client(struct call *call, const struct platform *p, struct text *form,
                       struct text *header)
{
    const char *id = oauth_value(call, p, "client_id");
    const char *secret = oauth_value(call, p, "client_secret");

    if (p->oauth->client == OAUTH_CLIENT_BASIC && *secret) {
        add_basic(header, id, secret);
        return;
    }
    oauth_add(form, "client_id", id);
    oauth_add(form, "client_secret", secret);
}

static bool send_it(struct call *call, const struct platform *p, const struct wire *w,
                    struct text *url, struct text *header, struct http_answer *answer,
                    struct error *err)
{
    char route[160];
    struct http_request request = { .method = w->get ? "GET" : "POST",
                                    .route = route,
                                    .platform = platform_slug(p->id),
                                    .timeout_ms = w->timeout_ms ? w->timeout_ms : CALL_MS,
                                    .signin = true };
    size_t n = 0;

    snprintf(route, sizeof route, "%s %s", request.method, w->path);
    if (w->get && w->form->length)
        text_addf(url, "?%s", text_str(w->form));
    if (url->overflow || w->form->overflow || header->overflow)
        return error_platform(err, ERROR_INPUT, platform_slug(p->id), "Check what was pasted.",
                              "A value of the sign-in at %s is too long.", platform_name(p->id));
    request.url = text_str(url);
    request.headers[n++] = "Accept: application/json";
    if (header->length)
        request.headers[n++] = text_str(header);
    if (!w->get) {
        request.headers[n++] = "Content-Type: application/x-www-form-urlencoded";
        request.body = text_str(w->form);
        request.body_length = w->form->length;
    }
    return call->http(call, &request, answer, err);
}

static bool read_answer(const struct call *call, const struct platform *p,
                        const struct http_answer *answer, cJSON **out, struct error *err)
{
    cJSON *body = answer->length ? json_parse(answer->body, answer->length, NULL) : NULL;
    bool good = answer->status >= 200 && answer->status < 300;

    if (good && (body || !answer->length)) {
        *out = body;
        return true;
    }
    if (good)
        fill(err, p, ERROR_GARBAGE, answer->status, "", "It is tried again by itself.",
             "its sign-in sent an answer that cannot be read", "");
    else
        judge(call, p, answer, body, err);
    oauth_tree_wipe(body);
    return false;
}

bool wire_ask(struct call *call, const struct platform *p, const struct wire *w, cJSON **out,
              struct error *err)
{
    struct http_answer answer = { .status = 0 };
    struct text url, header;
    bool done;

    *out = NULL;
    text_init(&url, 2048 + FORM_CEILING);
    text_init(&header, 8192);
    if (w->client)
        add_client(call, p, w->form, &header);
    done = w->api ? text_addf(&url, "%s%s", call->api_base, w->path)
                  : oauth_place(call, p, w->base, w->path, &url, err);
    done = done && send_it(call, p, w, &url, &header, &answer, err);
    oauth_wipe(&url);
    oauth_wipe(&header);
    if (!done)
        return false;
    done = read_answer(call, p, &answer, out, err);
    if (answer.body)
        text_wipe(answer.body, answer.length);
    http_answer_release(&answer);
    return done;
}

/* ---- the token of an answer ---- */

/* Blanks between, whatever the server puts there; a list becomes that too. */
static void read_scopes(const cJSON *answer, char *out, size_t size)
{
    static const char *const places[] = { "scope", "scopeJson", "permissions" };
    const cJSON *found = NULL, *item;
    struct text t;

    for (size_t i = 0; !found && i < sizeof places / sizeof *places; i++)
        found = cJSON_GetObjectItemCaseSensitive(answer, places[i]);
    text_init(&t, size - 1);
    if (cJSON_IsString(found))
        text_add(&t, found->valuestring);
    if (!cJSON_IsArray(found))
        found = NULL;
    cJSON_ArrayForEach (item, found)
        if (cJSON_IsString(item))
            text_addf(&t, "%s%s", t.length ? " " : "", item->valuestring);
    text_copy_to(out, size, t.overflow ? "" : text_str(&t));
    for (char *at = out; (at = strchr(at, ',')) != NULL;)
        *at = ' ';
    text_release(&t);
}

static int64_t read_end(const struct call *call, const cJSON *answer, const char *seconds,
                        const char *epoch)
{
    int64_t value;

    if (json_int(answer, seconds, &value) && value > 0 && value < INT64_C(1) << 40)
        return call->now_ms + value * 1000;
    if (epoch && json_int(answer, epoch, &value) && value > 0 && value < INT64_C(1) << 40)
        return value * 1000;
    return 0;
}

bool wire_token(struct call *call, const cJSON *answer, struct token *out, struct error *err)
{
    const cJSON *from = json_string(answer, "access_token") ? answer : json_at(answer, "data.0");
    const char *access = json_string(from, "access_token");
    const char *refresh = json_string(from, "refresh_token");

    memset(out, 0, sizeof *out);
    if (!access || !*access || strlen(access) >= sizeof out->access ||
        (refresh && strlen(refresh) >= sizeof out->refresh))
        return error_platform(
            err, ERROR_GARBAGE, platform_slug(call->platform), "It is tried again by itself.",
            "%s's answer has no token that can be used.", platform_name(call->platform));
    text_copy_to(out->access, sizeof out->access, access);
    text_copy_to(out->refresh, sizeof out->refresh, refresh ? refresh : "");
    read_scopes(from, out->scopes, sizeof out->scopes);
    out->expires_ms = read_end(call, from, "expires_in", NULL);
    out->refresh_expires_ms =
        read_end(call, from, "refresh_token_expires_in", "refreshTokenExpiresEpoch");
    return true;
}

/* The pages that a person sees while signing in: consent with Allow and Refuse, and the one for a
 * device's code. Plain forms, no script. `sim_answer=allow` or `refuse` in the query answers by
 * itself; `sim_account` chooses who signs in (0 is the first), `sim_scope` (may stand several
 * times) grants only some of what was asked. */
#include "sim/private.h"

#include <stdlib.h>
#include <string.h>

bool sim_redirect_loopback_or_https(const char *uri)
{
    if (text_starts(uri, "https://"))
        return uri[strlen("https://")] != '\0' && strchr(uri, '#') == NULL;
    return (text_starts(uri, "http://127.0.0.1") || text_starts(uri, "http://[::1]") ||
            text_starts(uri, "http://localhost")) &&
           strchr(uri, '#') == NULL;
}

static void page_begin(struct sim_call *c, const char *heading, const char *action)
{
    struct text *t = &c->reply.body;

    sim_reply_text(
        &c->reply, 200, "text/html; charset=utf-8",
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>SIMULATED sign-in</title><h1>");
    sim_add_escaped(t, heading);
    text_add(t, "</h1><p><strong>SIMULATED</strong>: this is not the real platform.</p><form "
                "method=\"post\" action=\"");
    sim_add_escaped(t, action);
    text_add(t, "\">\n");
}

static void hidden(struct text *t, const char *name, const char *value)
{
    text_add(t, "<input type=\"hidden\" name=\"");
    sim_add_escaped(t, name);
    text_add(t, "\" value=\"");
    sim_add_escaped(t, value);
    text_add(t, "\">\n");
}

static void account_choice(struct sim_call *c)
{
    struct text *t = &c->reply.body;

    text_add(t, "<p><label>Account <select name=\"sim_account\">");
    for (int i = 0; c->platform->accounts[i].id != NULL; i++) {
        text_addf(t, "<option value=\"%d\">", i);
        sim_add_escaped(t, c->platform->accounts[i].name);
        text_add(t, "</option>");
    }
    text_add(t, "</select></label></p>\n");
}

static void page_end(struct sim_call *c)
{
    text_add(&c->reply.body,
             "<button name=\"sim_answer\" value=\"allow\">Allow</button>\n"
             "<button name=\"sim_answer\" value=\"refuse\">Refuse</button>\n</form></html>\n");
}

int sim_oauth_account(struct sim_call *c)
{
    const char *choice = sim_param(c, "sim_account");

    for (int i = 0; choice != NULL && c->platform->accounts[i].id != NULL; i++) {
        char number[8] = { (char)('0' + i), '\0' };
        if (strcmp(choice, number) == 0 || strcmp(choice, c->platform->accounts[i].id) == 0)
            return i;
    }
    return 0;
}

/* Of what was asked, what the person ticked: all when nothing was said about it. */
static void granted_scope(struct sim_call *c, const char *asked, char *out, size_t size)
{
    const cJSON *from = c->form != NULL && sim_form(c, "sim_choice") != NULL ? c->form : c->query;
    bool chosen = false;
    struct text t;

    text_init(&t, size - 1);
    for (const cJSON *m = from->child; m != NULL; m = m->next) {
        if (strcmp(m->string, "sim_scope") != 0)
            continue;
        chosen = true;
        if (sim_word_in(asked, m->valuestring))
            text_addf(&t, "%s%s", t.length > 0 ? " " : "", m->valuestring);
    }
    text_copy_to(out, size, chosen || from == c->form ? text_str(&t) : asked);
    text_release(&t);
}

/* Checks what must be right before anything may be sent to the redirect. False: an error page
 * stands. */
static bool request_good(struct sim_call *c, const char **scope)
{
    const struct sim_oauth *o = c->platform->oauth;
    const struct sim_client *client = sim_client_find(c->platform, sim_param(c, "client_id"));
    const char *redirect = sim_param(c, "redirect_uri"), *type = sim_param(c, "response_type");
    const char *method = sim_param(c, "code_challenge_method"),
               *challenge = sim_param(c, "code_challenge");
    const char *wrong = NULL;

    *scope = sim_param(c, "scope");
    if ((*scope == NULL || (*scope)[0] == '\0') && o->scopes_in_app)
        *scope = o->scopes;
    if (client == NULL)
        wrong = "invalid_client: The OAuth client was not found.";
    else if (redirect == NULL || !o->redirect_ok(redirect))
        wrong = "redirect_uri_mismatch: the redirect URI is not registered for this client.";
    else if (type == NULL || strcmp(type, "code") != 0)
        wrong = "invalid_request: response_type must be code.";
    else if (*scope == NULL || (*scope)[0] == '\0')
        wrong = "invalid_request: Missing required parameter: scope";
    else if (!sim_words_all(o->scopes, *scope))
        wrong = "invalid_scope: Some requested scopes were invalid.";
    else if (method != NULL && strcmp(method, "S256") != 0 && strcmp(method, "plain") != 0)
        wrong = "invalid_request: Invalid code_challenge_method.";
    else if (challenge == NULL && client->secret == NULL)
        wrong = "invalid_request: A public client must send a code_challenge.";
    else if (challenge != NULL && (strlen(challenge) < 43 || strlen(challenge) > 127))
        wrong = "invalid_request: Invalid code_challenge.";
    if (wrong != NULL)
        sim_reply_page(&c->reply, client == NULL ? 401 : 400, "Access blocked", wrong);
    return wrong == NULL;
}

static void add_parameter(struct text *t, const char *name, const char *value)
{
    text_addf(t, "%s%s=", strchr(text_str(t), '?') != NULL ? "&" : "?", name);
    text_add_urlencoded(t, value);
}

static void send_back(struct sim_call *c, const char *name, const char *value, const char *scope)
{
    const char *state = sim_param(c, "state");
    bool bare = scope == NULL && c->platform->oauth->refused_bare;
    struct text to;

    text_init(&to, 8192);
    text_add(&to, sim_param(c, "redirect_uri"));
    if (!bare && state != NULL)
        add_parameter(&to, "state", state);
    if (!bare)
        add_parameter(&to, name, value);
    if (scope != NULL && c->platform->oauth->scope_back)
        add_parameter(&to, "scope", scope);
    if (!bare && scope == NULL && c->platform->oauth->refused_more != NULL)
        text_add(&to, c->platform->oauth->refused_more);
    if (scope != NULL && c->platform->oauth->code_tail != NULL)
        text_add(&to, c->platform->oauth->code_tail);
    sim_reply_text(&c->reply, 302, "text/html; charset=utf-8",
                   "<!doctype html><title>SIMULATED</title>Go on.\n");
    sim_reply_header(&c->reply, "Location", "%s", text_str(&to));
    sim_reply_header(&c->reply, "Cache-Control", "no-store");
    text_release(&to);
}

static void allow(struct sim_call *c, const char *scope)
{
    struct sim_code *code = sim_code_new(c->sim, c->index);
    const char *challenge = sim_param(c, "code_challenge"),
               *method = sim_param(c, "code_challenge_method");

    text_copy_to(code->client, sizeof code->client, sim_param(c, "client_id"));
    text_copy_to(code->redirect, sizeof code->redirect, sim_param(c, "redirect_uri"));
    text_copy_to(code->challenge, sizeof code->challenge, challenge != NULL ? challenge : "");
    text_copy_to(code->method, sizeof code->method, method != NULL ? method : "plain");
    granted_scope(c, scope, code->scope, sizeof code->scope);
    code->account = sim_oauth_account(c);
    send_back(c, "code", code->value, code->scope);
}

static void consent_page(struct sim_call *c, const char *scope)
{
    struct text *t = &c->reply.body;
    char *save = NULL, *copy = text_copy(scope);

    page_begin(c, "Ecclesia wants to use your account", c->path);
    for (const cJSON *m = c->query->child; m != NULL; m = m->next)
        hidden(t, m->string, m->valuestring);
    hidden(t, "sim_choice", "1");
    account_choice(c);
    for (char *one = copy != NULL ? strtok_r(copy, " ", &save) : NULL; one != NULL;
         one = strtok_r(NULL, " ", &save)) {
        text_add(t, "<p><label><input type=\"checkbox\" name=\"sim_scope\" checked value=\"");
        sim_add_escaped(t, one);
        text_add(t, "\"> ");
        sim_add_escaped(t, one);
        text_add(t, "</label></p>\n");
    }
    page_end(c);
    free(copy);
}

void sim_oauth_authorize(struct sim_call *c)
{
    const char *said = sim_param(c, "sim_answer"), *scope;

    if (!request_good(c, &scope))
        return;
    if (said == NULL)
        consent_page(c, scope);
    else if (strcmp(said, "allow") == 0)
        allow(c, scope);
    else
        send_back(c, "error", "access_denied", NULL);
}

void sim_oauth_device_page(struct sim_call *c)
{
    const char *user_code = sim_param(c, "user_code"), *said = sim_param(c, "sim_answer");
    struct sim_device *d = sim_device_find(c->sim, c->index, user_code);

    if (said == NULL || user_code == NULL) {
        page_begin(c, "Connect a device", c->path);
        text_add(&c->reply.body, "<p><label>Code shown on the device <input name=\"user_code\" "
                                 "autocomplete=\"off\" value=\"");
        sim_add_escaped(&c->reply.body, user_code != NULL ? user_code : "");
        text_add(&c->reply.body, "\"></label></p>\n");
        account_choice(c);
        page_end(c);
        return;
    }
    if (d == NULL || d->state != SIM_DEVICE_PENDING) {
        sim_reply_page(&c->reply, 400, "That code is not known",
                       "Check the code on the device and type it again.");
        return;
    }
    d->state = strcmp(said, "allow") == 0 ? SIM_DEVICE_ALLOWED : SIM_DEVICE_REFUSED;
    d->account = sim_oauth_account(c);
    sim_reply_page(&c->reply, 200, d->state == SIM_DEVICE_ALLOWED ? "Device connected" : "Refused",
                   "You may close this page and go back to the device.");
}

/* Microsoft's token endpoint: for a person (refresh token) and for an app of its own (client
 * credentials). Each renewal gives a new refresh token; the old one keeps working, so that a crash
 * between the answer and its storing costs nothing. */
#include "platform/microsoft.h"

#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>

/* Who signs in as a person names no organiser, and has no refresh token yet while that lasts. */
bool microsoft_is_app(struct call *call, const struct platform *p)
{
    return !*kit_value(call, p, "refresh_token") && *kit_value(call, p, "user");
}

/* Names that stand for many organisations at once. */
static bool is_shared(const char *tenant)
{
    static const char *const shared[] = { "organizations", "common", "consumers" };

    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        if (strcasecmp(shared[i], tenant) == 0)
            return true;
    return false;
}

static bool check_tenant(struct call *call, const char *tenant, struct error *err)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";

    if (!*tenant || tenant[strspn(tenant, allowed)])
        return kit_error(err, call, NULL, ERROR_INPUT, "",
                         "Give the organisation's domain or tenant id, or leave it out.",
                         "%s: this is no tenant.", platform_name(call->platform));
    if (strcasecmp(tenant, "consumers") == 0)
        return kit_error(err, call, NULL, ERROR_INPUT, "", microsoft_personal_remedy,
                         "Personal Microsoft accounts have no Teams meetings for other programs.");
    return true;
}

bool microsoft_check(struct call *call, const struct platform *p, struct error *err)
{
    const char *tenant = kit_value(call, p, "tenant");

    if (!*kit_value(call, p, "client_id"))
        return kit_error(err, call, NULL, ERROR_INPUT, "",
                         "Give client_id, or set it in the configuration.", "%s needs a client_id.",
                         platform_name(call->platform));
    if (!check_tenant(call, tenant, err))
        return false;
    if (*kit_value(call, p, "refresh_token"))
        return true;
    if (!*kit_value(call, p, "client_secret") || !*kit_value(call, p, "user"))
        return kit_error(err, call, NULL, ERROR_INPUT, "",
                         "Give refresh_token for a person's sign-in, or client_secret, tenant and "
                         "user for an app.",
                         "%s needs a sign-in.", platform_name(call->platform));
    if (is_shared(tenant))
        return kit_error(err, call, NULL, ERROR_INPUT, "",
                         "Give tenant= the organisation's domain or tenant id.",
                         "An app without a person's sign-in needs its organisation.");
    return true;
}

static bool token_read(struct call *call, const cJSON *answer, struct token *out, struct error *err)
{
    const char *access = json_string(answer, "access_token");
    const char *refresh = json_string(answer, "refresh_token");
    const char *scopes = json_string(answer, "scope");
    int64_t seconds;

    memset(out, 0, sizeof(*out));
    if (!access || !*access || strlen(access) >= sizeof(out->access) ||
        (refresh && strlen(refresh) >= sizeof(out->refresh)))
        return kit_error(err, call, NULL, ERROR_GARBAGE, "", "It is tried again by itself.",
                         "Microsoft's answer to the sign-in has no token that can be used.");
    text_copy_to(out->access, sizeof(out->access), access);
    text_copy_to(out->refresh, sizeof(out->refresh), refresh ? refresh : "");
    text_copy_to(out->scopes, sizeof(out->scopes), scopes ? scopes : "");
    if (json_int(answer, "expires_in", &seconds) && seconds > 0)
        out->expires_ms = call->now_ms + seconds * 1000;
    return true;
}

/* The tree holds tokens: wiped before it is freed. */
static void answer_wipe(cJSON *answer)
{
    cJSON *child;

    cJSON_ArrayForEach (child, answer)
        if (cJSON_IsString(child))
            text_wipe(child->valuestring, strlen(child->valuestring));
    cJSON_Delete(answer);
}

/* A secret goes along when there is one: a public client must have none (AADSTS700025), a
 * confidential one must (AADSTS7000218). scopes NULL: an app's own. */
static void form_fill(struct call *call, const struct platform *p, const char *scopes,
                      struct text *form)
{
    const char *secret = kit_value(call, p, "client_secret");

    kit_query(form, "client_id", kit_value(call, p, "client_id"));
    kit_query(form, "client_secret", *secret ? secret : NULL);
    if (scopes) {
        kit_query(form, "grant_type", "refresh_token");
        kit_query(form, "refresh_token", kit_value(call, p, "refresh_token"));
        kit_query(form, "scope", scopes);
    } else {
        kit_query(form, "grant_type", "client_credentials");
        kit_query(form, "scope", "https://graph.microsoft.com/.default");
    }
}

static bool token_ask(struct call *call, const struct platform *p, const char *scopes,
                      struct token *out, struct error *err)
{
    struct kit_request request = { .method = "POST",
                                   .base = call->auth_base,
                                   .route = "POST /{tenant}/oauth2/v2.0/token",
                                   .judge = microsoft_judge_token };
    struct text form, path;
    cJSON *answer = NULL;
    bool done = false;

    text_init(&form, 24 * 1024);
    text_init(&path, 400);
    form_fill(call, p, scopes, &form);
    text_addf(&path, "/%s/oauth2/v2.0/token", kit_value(call, p, "tenant"));
    request.form = text_str(&form);
    request.path = text_str(&path);
    if (form.overflow || path.overflow)
        kit_error(err, call, NULL, ERROR_INPUT, "", "Check what was pasted.",
                  "The sign-in for %s is too long.", platform_name(call->platform));
    else
        done = kit_send(call, &request, &answer, err) && token_read(call, answer, out, err);
    kit_wipe(&form);
    text_release(&path);
    answer_wipe(answer);
    return done;
}

static bool lacks_consent(const struct error *why)
{
    return text_equal(why->code, "AADSTS65001") || text_equal(why->code, "AADSTS70011") ||
           text_equal(why->code, "consent_required") || text_equal(why->code, "invalid_scope");
}

bool microsoft_renew(struct call *call, const struct platform *p, const char *fewer,
                     struct token *out, struct error *err)
{
    struct error why = { 0 };

    memset(out, 0, sizeof(*out));
    if (!microsoft_check(call, p, err))
        return false;
    if (microsoft_is_app(call, p))
        return token_ask(call, p, NULL, out, err);
    if (token_ask(call, p, p->scopes, out, &why))
        return true;
    if (lacks_consent(&why))
        return token_ask(call, p, fewer, out, err);
    if (err)
        *err = why;
    return false;
}

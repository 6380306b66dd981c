/* Google's token endpoint. Its errors are flat ({"error": "invalid_grant"}), unlike those of the
 * APIs. */
#include "platform/google.h"

#include <string.h>

#include <ecclesia/base/text.h>

struct token_row {
    const char *error;
    enum error_kind kind;
    const char *message; /* %s is the platform's name */
    const char *remedy;
};

/* Nobody can ask Google why a refresh token died, so the remedy names the causes. */
static const struct token_row rows[] = {
    { "invalid_grant", ERROR_AUTH, "Google does not accept the sign-in for %s any more.",
      "Connect it again. While the Google Cloud app is in state \"Testing\" a sign-in lasts only 7 "
      "days: publish the app, then connect. Also: access was removed, or unused for 6 months." },
    { "invalid_client", ERROR_CONFIG, "Google does not know the client id or secret for %s.",
      "Copy both again from console.cloud.google.com, APIs & Services, Credentials." },
    { "unauthorized_client", ERROR_CONFIG, "Google does not let this client id sign in for %s.",
      "Use the client id that the refresh token was made with." },
    { "deleted_client", ERROR_CONFIG, "The client id for %s was deleted at Google.",
      "Restore it within 30 days at console.cloud.google.com, or make a new one." },
    { "invalid_request", ERROR_CONFIG, "Google misses something in the sign-in for %s.",
      "Give the client secret too: Google wants it even of desktop apps." },
    { "admin_policy_enforced", ERROR_FORBIDDEN, "A Google Workspace rule blocks %s.",
      "Ask the Workspace administrator to allow this app." },
    { "org_internal", ERROR_FORBIDDEN, "The app for %s is only for another organisation.",
      "Sign in with an account of that organisation, or use an app of your own." },
    { "invalid_scope", ERROR_CONFIG, "Google does not allow the permissions that %s needs.",
      "Make a client id of type \"Desktop app\"." },
};

/* `error` comes as a word here and as an object from the APIs; a proxy before Google may send
 * either. */
static bool token_judge(struct call *call, const struct http_answer *answer, const cJSON *body,
                        struct error *err)
{
    const char *word = json_string(body, "error");

    for (size_t i = 0; word && i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *s = rows[i].message, *slot = strstr(s, "%s");

        if (strcmp(rows[i].error, word) == 0)
            return kit_error(err, call, answer, rows[i].kind, word, rows[i].remedy, "%.*s%s%s",
                             (int)(slot - s), s, platform_name(call->platform), slot + 2);
    }
    if (word && answer->status < 500 && answer->status != 429)
        return kit_error(err, call, answer, ERROR_CONFIG, word, "Check the client id and secret.",
                         "Google refused the sign-in for %s: %s.", platform_name(call->platform),
                         word);
    return google_judge(call, answer, body, err);
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
                         "Google's answer to the sign-in for %s has no token that can be used.",
                         platform_name(call->platform));
    text_copy_to(out->access, sizeof(out->access), access);
    text_copy_to(out->refresh, sizeof(out->refresh), refresh ? refresh : "");
    text_copy_to(out->scopes, sizeof(out->scopes), scopes ? scopes : "");
    if (json_int(answer, "expires_in", &seconds) && seconds > 0)
        out->expires_ms = call->now_ms + seconds * 1000;
    /* Seen with apps in Testing only; no page read says so. Absent it is 0, unknown. */
    if (json_int(answer, "refresh_token_expires_in", &seconds) && seconds > 0)
        out->refresh_expires_ms = call->now_ms + seconds * 1000;
    return true;
}

/* The tree holds tokens: wiped before it is freed. */
static void wipe_strings(cJSON *node)
{
    cJSON *child;

    cJSON_ArrayForEach (child, node)
        if (cJSON_IsString(child))
            text_wipe(child->valuestring, strlen(child->valuestring));
}

bool google_renew(struct call *call, const struct platform *p, struct token *out, struct error *err)
{
    const char *refresh = kit_value(call, p, "refresh_token");
    struct text form;
    cJSON *answer = NULL;
    struct kit_request request = { .method = "POST",
                                   .base = call->auth_base,
                                   .path = "/token",
                                   .route = "POST /token",
                                   .judge = token_judge };
    bool done;

    if (*refresh == '\0')
        return kit_error(err, call, NULL, ERROR_AUTH, "", "Connect it again.",
                         "There is no refresh token for %s.", platform_name(call->platform));
    text_init(&form, 16 * 1024);
    kit_query(&form, "client_id", kit_value(call, p, "client_id"));
    kit_query(&form, "client_secret", kit_value(call, p, "client_secret"));
    kit_query(&form, "refresh_token", refresh);
    kit_query(&form, "grant_type", "refresh_token");
    request.form = text_str(&form);
    done = kit_send(call, &request, &answer, err) && token_read(call, answer, out, err);
    kit_wipe(&form);
    wipe_strings(answer);
    cJSON_Delete(answer);
    return done;
}

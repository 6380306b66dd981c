/* Microsoft's refusals told to a person. Graph's code decides where it says enough; of "Forbidden",
 * which stands for five different things, the message does. */
#include "platform/microsoft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>

#include "platform/profiles.h"

const char microsoft_personal_remedy[] = "Teams meetings need a work or school account: connect "
                                         "with the church's Microsoft 365 account, "
                                         "not a personal one (outlook.com, hotmail.com, live.com).";

static const char reconnect[] = "Connect teams again.";
static const char by_itself[] = "It goes on by itself.";

/* ---- Graph ---- */

struct graph_row {
    int http;         /* 0: any */
    const char *code; /* NULL: any */
    const char *says; /* part of the message, in any case; NULL: any */
    enum error_kind kind;
    const char *message; /* NULL: Microsoft's own */
    const char *remedy;
};

/* The first match counts. */
static const struct graph_row graph_rows[] = {
    { 403, NULL, "application access policy", ERROR_FORBIDDEN,
      "Teams does not let this app act for the organiser: no application access policy.",
      "An admin grants one (New-CsApplicationAccessPolicy, Grant-CsApplicationAccessPolicy) to the "
      "organiser; it counts after 30 minutes." },
    { 403, NULL, "license", ERROR_FORBIDDEN, "The organiser has no licence for Teams.",
      "In the Microsoft 365 admin centre give the person a licence with Teams." },
    { 404, NULL, "Organizer Id mismatch", ERROR_FORBIDDEN,
      "The Teams meeting belongs to somebody else.",
      "Connect with the account that organises the meeting." },
    { 0, "MailboxNotEnabledForRESTAPI", NULL, ERROR_FORBIDDEN,
      "The account has no mailbox in Exchange Online, so no calendar.",
      "Give it a licence with Exchange, or set calendar=false for a link alone." },
    { 0, "MailboxNotSupportedForRESTAPI", NULL, ERROR_FORBIDDEN,
      "The account has no mailbox in Exchange Online, so no calendar.",
      "Give it a licence with Exchange, or set calendar=false for a link alone." },
    { 0, "ErrorQuotaExceeded", NULL, ERROR_FORBIDDEN, "The organiser's mailbox is full.",
      "Make room in the mailbox, then try again." },
    { 0, "Authorization_RequestDenied", NULL, ERROR_FORBIDDEN,
      "The sign-in lacks a permission for this.",
      "Consent to what `platform show teams` lists, or let an admin do it; then connect again." },
    { 0, "ErrorAccessDenied", NULL, ERROR_FORBIDDEN, "The sign-in lacks a permission for this.",
      "Consent to what `platform show teams` lists, or let an admin do it; then connect again." },
    { 403, NULL, "privileges", ERROR_FORBIDDEN, "The sign-in lacks a permission for this.",
      "Consent to what `platform show teams` lists, or let an admin do it; then connect again." },
    { 0, "InvalidAuthenticationToken", NULL, ERROR_AUTH, "Microsoft refused the sign-in.",
      reconnect },
    { 0, "Request_ResourceNotFound", NULL, ERROR_INVALID, "Microsoft does not know this person.",
      "Connect again with user= the object id or sign-in name of the organiser." },
    { 0, "ErrorInvalidUser", NULL, ERROR_INVALID, "Microsoft does not know this person.",
      "Connect again with user= the object id or sign-in name of the organiser." },
    { 0, "ErrorItemNotFound", NULL, ERROR_NOT_FOUND, "Microsoft does not know it any more.", "" },
    { 0, "TooManyRequests", NULL, ERROR_RATE, "Microsoft asks us to wait: too many requests.",
      by_itself },
    { 0, "ApplicationThrottled", NULL, ERROR_RATE, "Microsoft asks us to wait: too many requests.",
      by_itself },
    { 0, "ErrorServerBusy", NULL, ERROR_RATE, "Microsoft's mail server is busy.", by_itself },
    { 0, "ErrorTooManyObjectsOpened", NULL, ERROR_RATE, "Microsoft's mail server is busy.",
      by_itself },
    { 0, "ErrorIrresolvableConflict", NULL, ERROR_CONFLICT, "Somebody changed it at the same time.",
      "It is tried again by itself." },
    { 0, "ErrorInternalServerTransientError", NULL, ERROR_SERVER,
      "Microsoft has trouble of its own.", "It is tried again by itself." },
};

static bool graph_matches(const struct graph_row *row, int status, const char *code,
                          const char *message)
{
    return (!row->http || row->http == status) &&
           (!row->code || strcasecmp(row->code, code) == 0) &&
           (!row->says || strcasestr(message, row->says));
}

/* A code that no row knows: Microsoft's own text says what, the status what kind. */
static bool graph_unknown(struct call *call, const struct http_answer *answer, const cJSON *body,
                          const char *code, const char *message, struct error *err)
{
    struct error common = { 0 };

    kit_judge_status(call, answer, body, &common);
    if (answer->status == 409 || answer->status == 412)
        common.kind = ERROR_CONFLICT;
    /* A 404 without Graph's words comes from a proxy or a wrong address. */
    if (answer->status == 404 && !*code)
        return kit_error(err, call, answer, ERROR_GARBAGE, "",
                         "Check [teams] api_base and what stands between here and Microsoft.",
                         "Microsoft did not answer in its own way (HTTP 404).");
    return kit_error(err, call, answer, common.kind, code, common.remedy, "%s%s%s", common.message,
                     *message ? " It says: " : "", message);
}

bool microsoft_judge(struct call *call, const struct http_answer *answer, const cJSON *body,
                     struct error *err)
{
    const char *code = json_string(body, "error.code");
    const char *message = json_string(body, "error.message");

    code = code ? code : "";
    message = message ? message : "";
    for (size_t i = 0; i < sizeof(graph_rows) / sizeof(graph_rows[0]); i++) {
        const struct graph_row *row = &graph_rows[i];

        if (graph_matches(row, answer->status, code, message))
            return kit_error(err, call, answer, row->kind, code, row->remedy, "%s", row->message);
    }
    return graph_unknown(call, answer, body, code, message, err);
}

/* ---- the token endpoint ---- */

struct aadsts_row {
    long number;
    enum error_kind kind;
    const char *remedy;
};

static const char expired_remedy[] =
    "Connect teams again: a sign-in ends after 90 days without use, and with a changed password.";
static const char consent_remedy[] =
    "Sign in again and accept what is asked; where only admins may, let an admin consent.";
static const char tenant_remedy[] =
    "Connect again with tenant= the organisation's domain or tenant id.";
static const char app_remedy[] =
    "Check client_id against the app's page in the Entra admin centre, and tenant.";

static const char redirect_remedy[] = "Register http://localhost under \"Mobile and desktop "
                                      "applications\" of the app, or exactly the "
                                      "redirect_uri that is configured.";

/* Microsoft may change its numbers; they only make the remedy better. What is not here follows the
 * word beside it. */
static const struct aadsts_row aadsts_rows[] = {
    { 50020, ERROR_FORBIDDEN, microsoft_personal_remedy },
    { 500200, ERROR_FORBIDDEN, microsoft_personal_remedy },
    { 9002346, ERROR_FORBIDDEN, microsoft_personal_remedy },
    { 9002331, ERROR_FORBIDDEN, microsoft_personal_remedy },
    { 50034, ERROR_FORBIDDEN, tenant_remedy },
    { 50057, ERROR_FORBIDDEN, "The account is disabled: ask the organisation's admin." },
    { 50105, ERROR_FORBIDDEN, "Ask the organisation's admin to assign the app to this person." },
    { 50053, ERROR_FORBIDDEN, "The account is locked: wait, or ask the organisation's admin." },
    { 53000, ERROR_FORBIDDEN,
      "A rule of the organisation asks for a managed device: ask its admin." },
    { 53003, ERROR_FORBIDDEN, "A rule of the organisation blocks it: ask its admin." },
    { 65001, ERROR_FORBIDDEN, consent_remedy },
    { 65004, ERROR_FORBIDDEN, consent_remedy },
    { 90094, ERROR_FORBIDDEN, consent_remedy },
    { 70008, ERROR_AUTH, expired_remedy },
    { 70043, ERROR_AUTH, expired_remedy },
    { 700082, ERROR_AUTH, expired_remedy },
    { 700084, ERROR_AUTH, expired_remedy },
    { 50173, ERROR_AUTH, "Connect teams again: the password was changed, or the sign-in revoked." },
    { 50133, ERROR_AUTH, "Connect teams again: the password was changed, or the sign-in revoked." },
    { 50076, ERROR_AUTH, "Connect teams again: a second factor is wanted now." },
    { 50078, ERROR_AUTH, "Connect teams again: a second factor is wanted now." },
    { 50079, ERROR_AUTH, "Connect teams again: a second factor is wanted now." },
    { 50194, ERROR_CONFIG, tenant_remedy },
    { 90002, ERROR_CONFIG, tenant_remedy },
    { 900023, ERROR_CONFIG, tenant_remedy },
    { 700016, ERROR_CONFIG, app_remedy },
    { 700025, ERROR_CONFIG,
      "The app is registered as a public client: connect without client_secret." },
    { 7000112, ERROR_CONFIG,
      "The app is disabled: an admin enables it in the Entra admin centre." },
    { 7000215, ERROR_CONFIG,
      "Copy the secret's value (not its id) from the app's page in the Entra admin centre." },
    { 7000218, ERROR_CONFIG,
      "Give client_secret, or set \"Allow public client flows\" to Yes in the app." },
    { 7000222, ERROR_CONFIG,
      "The client secret has expired: make a new one in the Entra admin centre and connect." },
    { 50011, ERROR_CONFIG, redirect_remedy },
    { 500112, ERROR_CONFIG, redirect_remedy },
    { 50196, ERROR_RATE, by_itself },
};

static const struct {
    const char *word;
    enum error_kind kind;
    const char *remedy;
} words[] = {
    { "invalid_grant", ERROR_AUTH, expired_remedy },
    { "interaction_required", ERROR_AUTH,
      "Connect teams again: Microsoft wants to see the person." },
    { "login_required", ERROR_AUTH, "Connect teams again: Microsoft wants to see the person." },
    { "consent_required", ERROR_FORBIDDEN, consent_remedy },
    { "access_denied", ERROR_FORBIDDEN, consent_remedy },
    { "invalid_client", ERROR_CONFIG, "Check client_id, client_secret and tenant." },
    { "unauthorized_client", ERROR_CONFIG, app_remedy },
    { "invalid_scope", ERROR_CONFIG,
      "Add the permissions that `platform show teams` lists to the app." },
    { "invalid_resource", ERROR_CONFIG, "Check [teams] auth_base." },
    { "invalid_request", ERROR_CONFIG, "Check client_id and tenant." },
    { "unsupported_grant_type", ERROR_CONFIG, "Check [teams] auth_base." },
    { "slow_down", ERROR_RATE, by_itself },
    { "temporarily_unavailable", ERROR_SERVER, "It is tried again by itself." },
    { "server_error", ERROR_SERVER, "It is tried again by itself." },
};

/* "AADSTS70008: …", in the list of numbers or in the text; 0 none. */
static long aadsts_of(const cJSON *body)
{
    const char *text = json_string(body, "error_description");
    const char *at = text ? strstr(text, "AADSTS") : NULL;
    int64_t number = 0;

    if (at)
        number = strtol(at + 6, NULL, 10);
    if (number <= 0 && !json_int(body, "error_codes.0", &number))
        number = 0;
    return (long)number;
}

/* Microsoft's first sentence, without its traces. */
static void sentence(const cJSON *body, char *out, size_t size)
{
    static const char *const ends[] = { " Trace ID", "\r", "\n" };
    const char *text = json_string(body, "error_description");
    size_t length;

    text = text ? text : "no reason was given";
    length = strlen(text);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        const char *end = strstr(text, ends[i]);

        if (end && (size_t)(end - text) < length)
            length = (size_t)(end - text);
    }
    snprintf(out, size, "%.*s", (int)(length < 300 ? length : 300), text);
}

bool microsoft_judge_token(struct call *call, const struct http_answer *answer, const cJSON *body,
                           struct error *err)
{
    const char *word = json_string(body, "error"), *remedy = NULL;
    enum error_kind kind = ERROR_NONE;
    long number = aadsts_of(body);
    char text[320], code[40];

    for (size_t i = 0; word && i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i].word, word) == 0) {
            kind = words[i].kind;
            remedy = words[i].remedy;
        }
    for (size_t i = 0; i < sizeof(aadsts_rows) / sizeof(aadsts_rows[0]); i++)
        if (aadsts_rows[i].number == number) {
            kind = aadsts_rows[i].kind;
            remedy = aadsts_rows[i].remedy;
        }
    if (!word || kind == ERROR_NONE || answer->status == 429)
        return microsoft_judge(call, answer, body, err);
    if (number > 0)
        snprintf(code, sizeof(code), "AADSTS%ld", number);
    else
        snprintf(code, sizeof(code), "%.39s", word);
    sentence(body, text, sizeof(text));
    return kit_error(err, call, answer, kind, code, remedy, "Microsoft gives no access: %s", text);
}

/* A sign-in that is over keeps its word, by which a renewal tells it. */
void microsoft_refine(const cJSON *body, struct error *err)
{
    long number = aadsts_of(body);

    for (size_t i = 0; i < sizeof(aadsts_rows) / sizeof(aadsts_rows[0]); i++) {
        if (aadsts_rows[i].number != number)
            continue;
        err->kind = aadsts_rows[i].kind;
        text_copy_to(err->remedy, sizeof(err->remedy), aadsts_rows[i].remedy);
        if (err->kind != ERROR_AUTH)
            snprintf(err->code, sizeof(err->code), "AADSTS%ld", number);
    }
}

/* Zoom's refusals. The same code comes with several HTTP statuses and means several things, so a
 * row is found by both; the words of the message decide only where Zoom has no code of its own. */
#include "platform/zoom.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS      INT64_C(86400000)
#define BREATHER_MS 2000 /* after a refusal that counts by the second */

struct verdict {
    int http; /* 0: any */
    int64_t code;
    enum error_kind kind;
    const char *remedy;
};

static const char licence_remedy[] =
    "In Zoom's admin pages give the host a licence and a role that may schedule, "
    "or connect another host.";
static const char token_remedy[] = "Run connect zoom again; check that the app is still active.";
static const char user_remedy[] =
    "Connect again with user=E-MAIL of a person on this Zoom account.";

static const struct verdict verdicts[] = {
    { 400, 124, ERROR_AUTH, token_remedy },
    { 401, 124, ERROR_AUTH, token_remedy },
    { 401, 4700, ERROR_AUTH, token_remedy },
    { 0, 4735, ERROR_AUTH, "The app's owner has left Zoom: make a new app and connect again." },
    { 0, 4738, ERROR_FORBIDDEN, "Ask the account's admin to approve the app in the Marketplace." },
    { 0, 4741, ERROR_AUTH, token_remedy },
    { 400, 200, ERROR_FORBIDDEN,
      "Zoom's plan or the host's role does not cover this: change the setting or the plan." },
    { 400, 300, ERROR_INVALID, "Change the setting that Zoom names and save again." },
    { 404, 300, ERROR_INVALID, "Change the setting that Zoom names and save again." },
    { 404, 1001, ERROR_INVALID, user_remedy },
    { 400, 1010, ERROR_INVALID, user_remedy },
    { 400, 1120, ERROR_INVALID, "The host must accept Zoom's invitation first, by e-mail." },
    { 400, 2300, ERROR_INVALID, "Check [zoom] api_base; otherwise report it as a defect." },
    { 400, 3000, ERROR_INVALID, "Change what Zoom names, here or in Zoom's web pages." },
    { 404, 3001, ERROR_NOT_FOUND, "It was deleted in Zoom or has expired: create it again." },
    /* Of an older list; the newer one does not tell whether they are still in use. */
    { 0, 3002, ERROR_SERVER, "It is tried again by itself when the meeting has ended." },
    { 0, 3003, ERROR_FORBIDDEN, "Connect with the account of the meeting's host." },
    { 0, 3007, ERROR_INVALID, "The meeting has ended already." },
    { 400, 3018, ERROR_INVALID, "A personal meeting room cannot be deleted; leave it in Zoom." },
    { 400, 3037, ERROR_INVALID, "An audio conference cannot be deleted; leave it in Zoom." },
    { 400, 3063, ERROR_INVALID, "The meeting runs on the host's own server: end it there." },
    { 400, 3161, ERROR_FORBIDDEN, licence_remedy },
    { 400, 4400, ERROR_FORBIDDEN, "Switch the feature on in Zoom's web pages, or do without." },
};

static bool says(const char *message, const char *words)
{
    return message && strcasestr(message, words) != NULL;
}

static int64_t until_midnight_utc(const struct call *call)
{
    return DAY_MS - call->now_ms % DAY_MS;
}

/* Zoom's message and the first field that it finds fault with. */
static void describe(const cJSON *body, const struct http_answer *answer, char *out, size_t size)
{
    const char *message = json_string(body, "message");
    const char *field = json_string(body, "errors.0.field");
    const char *detail = json_string(body, "errors.0.message");

    if (!message)
        message = json_string(body, "reason");
    if (!message)
        snprintf(out, size, "HTTP %d without an explanation", answer->status);
    else if (field)
        snprintf(out, size, "%s (%s: %s)", message, field, detail ? detail : "not accepted");
    else
        snprintf(out, size, "%s", message);
}

/* Per second, per day, or the 100 changes a day of one host, whose HTTP status and code are
 * unconfirmed: its words tell it. Only a daily refusal has Retry-After,
 * as a date; Zoom's pages disagree about the headers, so the message counts when they are missing.
 */
static bool judge_rate(struct call *call, const struct http_answer *answer, const char *code,
                       const char *message, struct error *err)
{
    const char *type = http_answer_header(answer, "X-RateLimit-Type");
    bool hundred = says(message, "in one day");
    bool daily = hundred || says(message, "daily") || says(type, "daily");

    if (hundred)
        kit_error(err, call, answer, ERROR_QUOTA, code,
                  "It goes on by itself after midnight UTC. Change meetings less often, or use "
                  "another host.",
                  "Zoom lets a host create or change 100 meetings a day, and this host has.");
    else if (daily)
        kit_error(err, call, answer, ERROR_QUOTA, code,
                  "It goes on by itself when Zoom's day is over.",
                  "Zoom's daily limit of requests is used up.");
    else
        kit_error(err, call, answer, ERROR_RATE, code, "It goes on by itself.",
                  "Zoom takes no more requests for the moment.");
    if (err && err->retry_after_ms == 0)
        err->retry_after_ms = daily                         ? until_midnight_utc(call)
                              : says(message, "per-second") ? BREATHER_MS
                                                            : 0;
    return false;
}

/* "…does not contain scopes:[a, b]." names what is missing. */
static bool judge_scopes(struct call *call, const struct http_answer *answer, const char *code,
                         const char *message, struct error *err)
{
    const char *open = message ? strchr(message, '[') : NULL;
    const char *close = open ? strchr(open, ']') : NULL;
    int length = close ? (int)(close - open - 1) : 0;

    return kit_error(err, call, answer, ERROR_FORBIDDEN, code,
                     "In the Zoom Marketplace open the app, Scopes, add them (`platform show zoom` "
                     "lists all) and connect zoom again.",
                     length > 0 ? "The Zoom app lacks these scopes: %.*s."
                                : "The Zoom app lacks a scope%.*s.",
                     length > 0 ? length : 0, length > 0 ? open + 1 : "");
}

static const struct verdict *verdict_find(int status, int64_t code)
{
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
        if (verdicts[i].code == code && (!verdicts[i].http || verdicts[i].http == status))
            return &verdicts[i];
    return NULL;
}

bool zoom_judge(struct call *call, const struct http_answer *answer, const cJSON *body,
                struct error *err)
{
    const char *message = json_string(body, "message");
    const struct verdict *verdict;
    char text[400], word[24] = "";
    int64_t code = 0;

    if (json_int(body, "code", &code))
        snprintf(word, sizeof(word), "%lld", (long long)code);
    if (answer->status == 429 || says(message, "for a single user in one day"))
        return judge_rate(call, answer, word, message, err);
    if ((answer->status == 400 || answer->status == 401) &&
        (code == 4711 || (code == 4700 && says(message, "scope"))))
        return judge_scopes(call, answer, word, message, err);
    verdict = verdict_find(answer->status, code);
    if (verdict) {
        describe(body, answer, text, sizeof(text));
        return kit_error(err, call, answer, verdict->kind, word, verdict->remedy, "Zoom: %s", text);
    }
    /* Only 3001 says that a meeting is gone; any other 404 comes from a proxy or a wrong address.
     */
    if (answer->status == 404)
        return kit_error(err, call, answer, ERROR_GARBAGE, word,
                         "Check [zoom] api_base and what stands between here and Zoom.",
                         "Zoom did not answer in its own way (HTTP 404).");
    kit_judge_status(call, answer, body, err);
    if (err)
        text_copy_to(err->code, sizeof(err->code), word);
    return false;
}

/* The token end point speaks OAuth: {"reason","error"}. Whatever it refuses for good is the
 * credentials' fault; the code "invalid_client" says that the app's own values are wrong. */
bool zoom_judge_token(struct call *call, const struct http_answer *answer, const cJSON *body,
                      struct error *err)
{
    const char *word = json_string(body, "error");
    char text[400];
    int64_t code = 0;

    if (!json_int(body, "code", &code))
        json_int(body, "errorCode", &code);
    if (answer->status == 429 || code == 4738)
        return zoom_judge(call, answer, body, err);
    if (answer->status < 400 || answer->status >= 500 || answer->status == 408)
        return kit_judge_status(call, answer, body, err);
    if (code == 4702 || code == 4704)
        word = "invalid_client";
    describe(body, answer, text, sizeof(text));
    if (text_equal(word, "invalid_client"))
        return kit_error(err, call, answer, ERROR_AUTH, word,
                         "Copy client id and secret from the app's page in the Zoom Marketplace, "
                         "see that the app is activated, and connect zoom again.",
                         "Zoom does not know the app: %s", text);
    if (text_equal(word, "unsupported_grant_type") || code == 4705)
        return kit_error(err, call, answer, ERROR_AUTH, word,
                         "Make an app of the type Server-to-Server OAuth and connect with its "
                         "values.",
                         "The Zoom app is not of the type Server-to-Server OAuth: %s", text);
    return kit_error(err, call, answer, ERROR_AUTH, word,
                     "Check account id, client id and secret against the app's page in the Zoom "
                     "Marketplace, and connect zoom again.",
                     "Zoom gave no access: %s", text);
}

/* Meta's errors told to a person. Code and subcode decide, never the text: it changes and is
 * translated. */
#include "platform/facebook.h"

#include <stdio.h>
#include <string.h>

struct code_row {
    int from, to; /* code, 0 any */
    int sub;      /* 0 any */
    enum error_kind kind;
    const char *message; /* NULL: Meta's own text */
    const char *remedy;
};

#define AGAIN "Make a new Page token and connect Facebook again."
#define WAITS "It goes on by itself."
#define ROLES                                                                                      \
    "Connect again with pages_manage_posts and pages_read_engagement. A new app works only for "   \
    "people with a role on it until Meta has reviewed it."

/* The first match counts. */
static const struct code_row rows[] = {
    { 0, 0, 1363120, ERROR_FORBIDDEN, "Facebook: the account is too young to go live.",
      "Facebook wants an account that is at least 60 days old." },
    { 0, 0, 1363144, ERROR_FORBIDDEN, "Facebook: the Page has too few followers to go live.",
      "Facebook wants at least 100 followers." },
    { 0, 0, 2494055, ERROR_RATE, "Facebook asks us to wait: too many requests for this Page.",
      WAITS },
    { 190, 190, 458, ERROR_AUTH, "Facebook: the app was removed from the account.", AGAIN },
    { 190, 190, 459, ERROR_AUTH, "Facebook wants the account's owner to log in first.",
      "Log in at facebook.com, do what is asked there, then connect again." },
    { 190, 190, 460, ERROR_AUTH, "Facebook: the password was changed, so the token is dead.",
      AGAIN },
    { 190, 190, 463, ERROR_AUTH, "Facebook: the token has expired.", AGAIN },
    { 190, 190, 464, ERROR_AUTH, "Facebook: the account is not confirmed.",
      "Confirm the account at facebook.com, then connect again." },
    { 190, 190, 467, ERROR_AUTH, "Facebook: the token is not valid any more.", AGAIN },
    { 102, 102, 0, ERROR_AUTH, "Facebook refused the token.", AGAIN },
    { 190, 190, 0, ERROR_AUTH, "Facebook refused the token.", AGAIN },
    { 4, 4, 0, ERROR_RATE, "Facebook asks us to wait: too many requests of this app.", WAITS },
    { 17, 17, 0, ERROR_RATE, "Facebook asks us to wait: too many requests of this account.",
      WAITS },
    { 32, 32, 0, ERROR_RATE, "Facebook asks us to wait: too many requests for this Page.", WAITS },
    { 613, 613, 0, ERROR_RATE, "Facebook asks us to wait: too many requests.", WAITS },
    { 80000, 80099, 0, ERROR_RATE, "Facebook asks us to wait: too many requests for this Page.",
      WAITS },
    { 1, 2, 0, ERROR_SERVER, "Facebook has trouble of its own.", "It is tried again by itself." },
    { 3, 3, 0, ERROR_FORBIDDEN, "Facebook: the app may not do this.",
      "Add the feature \"Live Video API\" to the app at developers.facebook.com." },
    { 10, 10, 0, ERROR_FORBIDDEN, "Facebook: the app or the token lacks a permission.", ROLES },
    { 200, 299, 0, ERROR_FORBIDDEN, "Facebook: the app or the token lacks a permission.", ROLES },
    { 368, 368, 0, ERROR_FORBIDDEN, "Facebook has blocked the Page or account for a while.",
      "See Page quality on facebook.com for the reason and how long it lasts." },
    { 506, 506, 0, ERROR_INVALID, "Facebook: the very same post was made just before.",
      "Change the title or the description, then retry." },
    { 100, 100, 33, ERROR_NOT_FOUND, "Facebook does not show the broadcast to us.",
      "It was deleted there, or the token lost its right to the Page." },
    { 100, 100, 0, ERROR_INVALID, NULL, "Check the title, the times and the settings." },
};

static const struct code_row *find_row(int64_t code, int64_t sub)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((rows[i].from == 0 || (code >= rows[i].from && code <= rows[i].to)) &&
            (rows[i].sub == 0 || sub == rows[i].sub))
            return &rows[i];
    return NULL;
}

/* The longest wait that the usage header asks for, in minutes there:
 * {"PAGE":[{"estimated_time_to_regain_access":7, …}]}. */
static int64_t usage_wait(const struct http_answer *answer)
{
    const char *header = http_answer_header(answer, "X-Business-Use-Case-Usage");
    cJSON *tree = header ? json_parse(header, strlen(header), NULL) : NULL;
    const cJSON *page, *use;
    int64_t most = 0, minutes;

    cJSON_ArrayForEach (page, tree) {
        cJSON_ArrayForEach (use, page) {
            if (json_int(use, "estimated_time_to_regain_access", &minutes) && minutes > most)
                most = minutes;
        }
    }
    cJSON_Delete(tree);
    return (most < 24 * 60 ? most : 24 * 60) * 60 * 1000;
}

/* What Meta says, for a code that has no sentence of ours. */
static void say_theirs(struct text *t, const cJSON *body)
{
    const char *message = json_string(body, "error.message");
    const char *for_people = json_string(body, "error.error_user_msg");

    text_addf(t, "Facebook refused the request: %s",
              message && *message ? message : "no reason given.");
    if (for_people && *for_people && !text_equal(for_people, message))
        text_addf(t, " %s", for_people);
}

bool facebook_judge(struct call *call, const struct http_answer *answer, const cJSON *body,
                    struct error *err)
{
    const char *trace = json_string(body, "error.fbtrace_id"), *remedy = NULL;
    const struct code_row *row;
    struct error common = { 0 };
    enum error_kind kind;
    int64_t code = 0, sub = 0;
    char word[32];
    struct text t;

    if (!json_int(body, "error.code", &code))
        return kit_judge_status(call, answer, body, err);
    json_int(body, "error.error_subcode", &sub);
    snprintf(word, sizeof(word), sub ? "%lld/%lld" : "%lld", (long long)code, (long long)sub);
    row = find_row(code, sub);
    kit_judge_status(call, answer, body, &common);
    kind = row ? row->kind : common.kind;
    remedy = row ? row->remedy : common.remedy;
    /* Not on Meta's page, but common on the wire: worth another try whatever the code. */
    if (json_bool(body, "error.is_transient", false) && (kind == ERROR_INVALID || !row)) {
        kind = ERROR_SERVER;
        remedy = "It is tried again by itself.";
    }
    /* The text of a missing proof is confirmed, its code is not: hence a remedy by text, on top of
     * the kind. */
    if (kind == ERROR_INVALID && json_string(body, "error.message") &&
        strstr(json_string(body, "error.message"), "appsecret_proof")) {
        kind = ERROR_CONFIG;
        remedy = "Connect again with the app secret of the very app that the token was made with.";
    }
    text_init(&t, 2000);
    if (row && row->message)
        text_add(&t, row->message);
    else
        say_theirs(&t, body);
    /* Meta's support asks for it. */
    if (trace)
        text_addf(&t, " (trace %.40s)", trace);
    kit_error(err, call, answer, kind, word, remedy, "%s", text_str(&t));
    if (err && kind == ERROR_RATE && usage_wait(answer) > err->retry_after_ms)
        err->retry_after_ms = usage_wait(answer);
    text_release(&t);
    return false;
}

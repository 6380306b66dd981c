#include "manager/signin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

enum { OPTIONS_MOST = 64 * 1024, CHOICE_MOST = 200 };

/* "user=me" onto the options. */
static void add_options(cJSON *options, const char *words)
{
    const char *equals = words ? strchr(words, '=') : NULL;
    char key[40];

    if (!equals)
        return;
    snprintf(key, sizeof key, "%.*s", (int)(equals - words), words);
    cJSON_DeleteItemFromObjectCaseSensitive(options, key);
    cJSON_AddStringToObject(options, key, equals + 1);
}

static bool print_options(struct attempt *a, const cJSON *options, struct error *err)
{
    struct text t;
    char *printed;

    text_init(&t, OPTIONS_MOST);
    json_print(&t, options);
    printed = text_take(&t);
    text_release(&t);
    if (!printed)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    free(a->connection.options);
    a->connection.options = printed;
    return true;
}

bool attempt_open(struct attempt *a, struct manager *m, const struct signin_request *r,
                  struct error *err)
{
    const char *slug = platform_slug(r->platform);
    const struct platform *p = platform_get(r->platform);
    static const struct setting_value none = { "", "" };
    cJSON *options;
    bool done;

    memset(a, 0, sizeof *a);
    a->m = m;
    a->platform = p;
    a->values = r->value_count ? r->values : &none;
    a->value_count = r->value_count;
    a->connection = (struct connection){ .id = id_new(),
                                         .church = r->church,
                                         .platform = r->platform,
                                         .created_ms = clock_now(),
                                         .simulated = config_simulated(m->config, slug) };
    if (!p || !p->oauth)
        return error_platform(err, ERROR_REFUSED, slug,
                              "`ecclesia platform show` lists what it is connected by.",
                              "%s is not connected by signing in.", platform_name(r->platform));
    if (vault_locked(m->vault))
        return error_set(err, ERROR_KEY_WRONG, "Run this as the user that owns the key.",
                         "The master key cannot be read, so nothing can be sealed.");
    options = cJSON_CreateObject();
    done = connection_values(p, r->values, r->value_count, true,
                             config_text(m->config, slug, "client_secret"), options, err);
    add_options(options, p->oauth->options);
    done = done && print_options(a, options, err);
    cJSON_Delete(options);
    return done;
}

void attempt_close(struct attempt *a)
{
    connection_release(&a->connection);
    oauth_found_wipe(&a->found);
    token_wipe(&a->token);
}

bool attempt_call(struct attempt *a, struct cancel *cancel, struct caller **out, struct error *err)
{
    const struct caller_options o = { .platform = a->platform->id,
                                      .connection = &a->connection,
                                      .values = a->values,
                                      .value_count = a->value_count,
                                      .found = &a->found,
                                      .granted = &a->token,
                                      .cancel = cancel };

    return caller_open(out, a->m, &o, err);
}

bool attempt_exchange(struct attempt *a, const struct flow *flow, const struct callback *c,
                      struct cancel *cancel, struct error *err)
{
    struct caller *caller = NULL;
    bool done = callback_judge(c, a->platform, flow->issuer, err) &&
                attempt_call(a, cancel, &caller, err) &&
                grant_by_code(caller_call(caller), a->platform, c->code, flow->redirect_uri,
                              flow->verifier, &a->token, err);

    caller_close(caller);
    return done;
}

/* ---- who is it ---- */

static bool settle(struct attempt *a, struct cancel *cancel, struct account *account,
                   struct error *err)
{
    const struct oauth_profile *o = a->platform->oauth;
    struct caller *caller = NULL;
    bool done = attempt_call(a, cancel, &caller, err) &&
                (!a->token.access[0] ||
                 (grant_lengthen(caller_call(caller), a->platform, &a->token, err) &&
                  (!o->settle || o->settle(caller_call(caller), &a->token, &a->found, err)))) &&
                a->platform->identify(caller_call(caller), account, err);

    caller_close(caller);
    return done;
}

/* The account leaves something open, such as which of several Pages: a person may say it. */
static bool choose(struct attempt *a, const struct signin_front *front, const struct error *why)
{
    const char *key = a->platform->oauth->choice;
    char answer[CHOICE_MOST] = "", question[sizeof why->message + sizeof why->remedy + 2];

    if (!key || !front->ask || why->kind != ERROR_INPUT)
        return false;
    snprintf(question, sizeof question, "%s %s", why->message, why->remedy);
    return front->ask(front->self, question, key, answer, sizeof answer) && answer[0] &&
           oauth_found_add(&a->found, key, answer);
}

/* What was found and is no secret is kept where it can be read. */
static bool keep_found(struct attempt *a, struct error *err)
{
    const char *text = a->connection.options;
    cJSON *options = json_parse(text, strlen(text), err);
    bool done;

    if (!options)
        return false;
    for (size_t i = 0; i < a->found.count; i++) {
        for (const struct credential *c = a->platform->credentials; c && c->key; c++) {
            if (c->secret || strcmp(c->key, a->found.list[i].key) != 0)
                continue;
            cJSON_DeleteItemFromObjectCaseSensitive(options, c->key);
            cJSON_AddStringToObject(options, c->key, a->found.list[i].value);
        }
    }
    done = print_options(a, options, err);
    cJSON_Delete(options);
    return done;
}

bool attempt_identify(struct attempt *a, const struct signin_front *front, struct cancel *cancel,
                      struct error *err)
{
    const struct oauth_profile *o = a->platform->oauth;
    struct account account = { .ref = "" };
    struct error why = { 0 };
    bool done = settle(a, cancel, &account, &why);

    if (!done && choose(a, front, &why))
        done = settle(a, cancel, &account, &why);
    if (!done) {
        if (err)
            *err = why;
        return false;
    }
    if (text_starts(account.picture, "https://"))
        text_copy_to(a->picture, sizeof a->picture, account.picture);
    a->connection.renewable = o->refresh == OAUTH_REFRESH_EXTENDS ||
                              (o->refresh == OAUTH_REFRESH_TOKEN && a->token.refresh[0]);
    return keep_found(a, err) && connection_fill(&a->connection, "oauth", &account, &a->token,
                                                 text_copy(a->connection.options), err);
}

/* ---- what becomes of it ---- */

enum { ALL_MOST = 80 };

bool attempt_store(struct attempt *a, const char *method, const struct actor *by, struct error *err)
{
    struct setting_value all[ALL_MOST];
    size_t count = 0;

    for (size_t i = 0; i < a->value_count && count < ALL_MOST - OAUTH_FOUND_MOST; i++)
        all[count++] = a->values[i];
    for (size_t i = 0; i < a->found.count; i++)
        all[count++] = (struct setting_value){ a->found.list[i].key, a->found.list[i].value };
    return (text_replace(&a->connection.method, method) ||
            error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.")) &&
           connection_replace(a->m, &a->connection, a->platform, all, count,
                              a->token.access[0] ? &a->token : NULL, by->name, err);
}

void attempt_revoke(struct attempt *a, struct cancel *cancel)
{
    struct caller *caller = NULL;
    const char *token = a->token.refresh[0] ? a->token.refresh : a->token.access;

    if (!token[0] || !attempt_call(a, cancel, &caller, NULL))
        return;
    grant_revoke(caller_call(caller), a->platform, token, NULL);
    caller_close(caller);
}

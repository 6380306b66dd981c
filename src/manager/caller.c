#include "manager/private.h"

#include "manager/gate.h"
#include "manager/quota.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

enum { OPENED_MAX = 12 };

struct caller {
    struct call call; /* first: the adapter's functions get a pointer to it */
    struct manager *m;
    const struct platform *platform;
    struct caller_options o;
    cJSON *options;
    /* Secrets opened for this operation. */
    struct {
        char key[64];
        struct secret *secret;
    } opened[OPENED_MAX];
    size_t opened_count;
    struct secret *token; /* the access token in use */
    char *refused;        /* the one that the platform refused; wiped */
    struct token fresh;   /* of a try */
    bool has_fresh, renewed;
    struct gate_pass pass; /* of a stored connection */
    bool answered;         /* the last answer was one; whether it could be read is not known yet */
    bool held;             /* it was we who did not ask */
};

static struct caller *caller_of(struct call *call)
{
    return (struct caller *)call;
}

static const char *caller_credential(struct call *call, const char *key);

/* ---- the way to the platform ---- */

/* Whether it is a stored connection's: a try has no past. */
static bool gated(const struct caller *c)
{
    return c->o.values == NULL && c->o.connection != NULL && c->o.granted == NULL && c->m->gate;
}

static const char *app_of(struct caller *c)
{
    const char *own = json_string(c->options, "client_id");

    return own && *own ? own : c->call.client_id;
}

/* What was answered before is good, as far as nobody has complained of what it said. */
static void settle(struct caller *c)
{
    if (c->answered)
        gate_answer(c->m->gate, c->o.connection, &c->pass, false);
    c->answered = false;
}

static bool way_in(struct caller *c, const struct http_request *request, struct error *err)
{
    enum urgency u = (enum urgency)c->o.urgency;

    settle(c);
    if ((c->pass.in || gate_enter(c->m->gate, c->o.connection, u, &c->pass, err)) &&
        quotas_take(c->m->quotas, c->o.connection, app_of(c), request, u, err))
        return true;
    c->held = true;
    return false;
}

static void compare_clocks(struct caller *c, const struct http_answer *answer)
{
    int64_t theirs;

    if (http_date(http_answer_header(answer, "Date"), &theirs))
        gate_clock(c->m->gate, c->o.connection, clock_now() - answer->took_ms / 2 - (theirs + 500));
}

/* Meta says with each answer how much of its limits is used, in percent, and when they are over in
 * how many minutes they end:
 * {"call_count":28,…}, {"PAGE":[{"call_count":28,…,"estimated_time_to_regain_access":0}]}. */
static void usage_of(const cJSON *tree, int64_t *percent, int64_t *minutes)
{
    static const char *const counts[] = { "call_count", "total_cputime", "total_time" };
    const cJSON *child;
    int64_t value;

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (cJSON_IsObject(tree) && json_int(tree, counts[i], &value) && value > *percent)
            *percent = value;
    }
    if (cJSON_IsObject(tree) && json_int(tree, "estimated_time_to_regain_access", &value) &&
        value > *minutes)
        *minutes = value;
    cJSON_ArrayForEach (child, tree) {
        if (cJSON_IsObject(child) || cJSON_IsArray(child))
            usage_of(child, percent, minutes);
    }
}

static void look_at_usage(struct caller *c, const struct http_answer *answer)
{
    static const char *const names[] = { "X-App-Usage", "X-Business-Use-Case-Usage" };
    int64_t percent = 0, minutes = 0;
    bool said = false;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *header = http_answer_header(answer, names[i]);
        cJSON *tree = header ? json_parse(header, strlen(header), NULL) : NULL;
        usage_of(tree, &percent, &minutes);
        said = said || tree;
        cJSON_Delete(tree);
    }
    if (said && percent < 90 && minutes == 0)
        gate_ease(c->m->gate, c->o.connection, 0);
    else if (said)
        gate_ease(c->m->gate, c->o.connection,
                  (minutes > 0 && minutes < 24 * 60 ? minutes : 5) * 60 * INT64_C(1000));
}

static void way_out(struct caller *c, const struct http_answer *answer, const struct error *why)
{
    if (!answer) {
        if (why && (why->kind == ERROR_NET_PRE || why->kind == ERROR_NET_POST))
            gate_answer(c->m->gate, c->o.connection, &c->pass, true);
        return;
    }
    compare_clocks(c, answer);
    /* A refusal says itself how long. */
    if (answer->status < 400)
        look_at_usage(c, answer);
    /* Who asks us to wait is there, and has said all. */
    if (answer->status == 429 ||
        (answer->status == 503 && http_answer_header(answer, "Retry-After")))
        return;
    if (answer->status >= 500)
        gate_answer(c->m->gate, c->o.connection, &c->pass, true);
    else
        c->answered = true;
}

static bool made_by_wrong_clock(const struct caller *c, const struct error *why)
{
    static const int64_t before_this_program = INT64_C(1767225600000); /* 2026 */
    bool wrong =
        clock_now() < before_this_program || gate_clock_off(c->m->gate, c->o.connection) != 0;

    /* We date what we sign ourselves, and certificates are dated. */
    return wrong && ((why->kind == ERROR_AUTH && c->platform->id == PLATFORM_JITSI) ||
                     why->kind == ERROR_TLS_CERT);
}

bool caller_clock_fits(struct caller *c, struct error *err)
{
    const char *const keys[] = { "app_secret", "private_key" };
    bool signs = false;

    for (size_t i = 0; gated(c) && c->platform->id == PLATFORM_JITSI && i < 2; i++) {
        const char *key = caller_credential(&c->call, keys[i]);
        signs = signs || (key && *key);
    }
    return !signs || gate_clock_off(c->m->gate, c->o.connection) == 0 ||
           error_platform(
               err, ERROR_CLOCK, platform_slug(c->platform->id),
               "Set the clock: timedatectl set-ntp true",
               "%s refuses the links that are signed here, because this computer's clock is wrong.",
               platform_name(c->platform->id));
}

void caller_ended(struct caller *c, struct error *err)
{
    enum error_kind kind = err ? err->kind : ERROR_NONE;

    if (!gated(c))
        return;
    if (c->answered && (kind == ERROR_GARBAGE || kind == ERROR_SERVER)) {
        gate_answer(c->m->gate, c->o.connection, &c->pass, true);
        c->answered = false;
    }
    /* Meta refuses with 400, Google with 403. */
    if (!c->held && (kind == ERROR_RATE || kind == ERROR_QUOTA)) {
        gate_hold(c->m->gate, c->o.connection, err);
        c->answered = false;
    }
    settle(c);
    gate_leave(c->m->gate, c->o.connection, &c->pass);
    if (err && made_by_wrong_clock(c, err))
        error_platform(err, ERROR_CLOCK, platform_slug(c->platform->id),
                       "Set the clock: timedatectl set-ntp true",
                       "%s refused the sign-in because this computer's clock is wrong.",
                       platform_name(c->platform->id));
}

/* ---- one request ---- */

/* A refusal (4xx) of a creating request settles it; a success is settled by progress(), in the same
 * transaction that saves what was made. */
static bool note_refusal(struct caller *c, int status, struct error *err)
{
    struct db *db = NULL;

    if (!db_begin(c->m->store, &db, err))
        return false;
    if (queue_answered(c->m->queue, db, c->o.job, status, err))
        return db_commit(db, err);
    db_rollback(db);
    return false;
}

/* An effect is noted before its first byte goes out. */
static bool caller_http(struct call *call, const struct http_request *request,
                        struct http_answer *answer, struct error *err)
{
    struct caller *c = caller_of(call);
    bool counts = gated(c) && !request->signin;
    struct id connection = c->o.connection ? c->o.connection->id : (struct id){ "" };
    struct error why = { 0 };

    if (!c->m->net)
        return error_set(err, ERROR_REFUSED, "Wait until the engine works.",
                         "This process does not talk to platforms.");
    if (counts && !way_in(c, request, err))
        return false;
    if (!request->signin &&
        !limiter_take(c->m->limiter, c->platform, connection, request, c->o.cancel, err))
        return false;
    if (request->effect && c->o.job && c->m->queue &&
        !queue_sent(c->m->queue, c->o.job, request->creates, err))
        return false;
    bool sent = net_call(c->m->net, request, answer, c->o.cancel, &why);
    if (counts)
        way_out(c, sent ? answer : NULL, &why);
    if (!sent) {
        if (err)
            *err = why;
        return false;
    }
    bool refused = answer->status >= 400 && answer->status < 500 && answer->status != 408;
    if (request->creates && refused && c->o.job && c->m->queue &&
        !note_refusal(c, answer->status, err)) {
        http_answer_release(answer);
        return false;
    }
    return true;
}

/* In tests time goes faster; a message still takes its while over the wire. */
static int64_t at_pace(int64_t ms)
{
    enum { LEAST_MS = 80 };
    int64_t faster = ms / manager_pace();

    return faster >= LEAST_MS || manager_pace() == 1 ? faster : LEAST_MS;
}

/* A feed is a read like any other: it waits for its turn, and a way that is shut is not tried. */
static bool caller_listen(struct call *call, const struct http_feed *feed, int *status,
                          struct error *err)
{
    struct caller *c = caller_of(call);
    const struct http_request like = {
        .method = "GET", .url = feed->url, .route = feed->route, .platform = feed->platform
    };
    struct id connection = c->o.connection ? c->o.connection->id : (struct id){ "" };
    struct http_feed paced = *feed;
    struct error why = { 0 };
    bool counts = gated(c), heard;

    if (!c->m->net)
        return error_set(err, ERROR_REFUSED, "Wait until the engine works.",
                         "This process does not talk to platforms.");
    if ((counts && !way_in(c, &like, err)) ||
        !limiter_take(c->m->limiter, c->platform, connection, &like, c->o.cancel, err))
        return false;
    paced.first_ms = at_pace(feed->first_ms);
    paced.quiet_ms = at_pace(feed->quiet_ms);
    paced.most_ms = at_pace(feed->most_ms);
    heard = net_listen(c->m->net, &paced, status, c->o.cancel, &why);
    if (counts) {
        struct http_answer answer = { .status = *status };
        way_out(c, heard ? &answer : NULL, &why);
    }
    if (!heard && err)
        *err = why;
    return heard;
}

static const char *opened(struct caller *c, const char *key)
{
    for (size_t i = 0; i < c->opened_count; i++) {
        if (strcmp(c->opened[i].key, key) == 0)
            return secret_text(c->opened[i].secret);
    }
    return NULL;
}

static const char *keep_open(struct caller *c, const char *key, struct secret *s)
{
    if (c->opened_count == OPENED_MAX) {
        secret_free(s);
        return NULL;
    }
    text_copy_to(c->opened[c->opened_count].key, sizeof c->opened[0].key, key);
    c->opened[c->opened_count++].secret = s;
    return secret_text(s);
}

static const char *value_of(const struct caller *c, const char *key)
{
    if (c->o.granted && c->o.granted->access[0] && strcmp(key, "access_token") == 0)
        return c->o.granted->access;
    for (size_t i = 0; c->o.found && i < c->o.found->count; i++) {
        if (strcmp(c->o.found->list[i].key, key) == 0)
            return c->o.found->list[i].value;
    }
    for (size_t i = 0; i < c->o.value_count; i++) {
        if (strcmp(c->o.values[i].key, key) == 0)
            return c->o.values[i].value;
    }
    return NULL;
}

static const char *caller_credential(struct call *call, const char *key)
{
    struct caller *c = caller_of(call);
    struct secret *s = NULL;
    struct db *db = NULL;

    if (c->o.values)
        return value_of(c, key);
    const char *known = opened(c, key);
    if (known)
        return known;
    if (!db_read(c->m->store, &db, NULL))
        return NULL;
    bool have = vault_get(c->m->vault, db, c->o.connection->id, c->platform->id, key, &s, NULL);
    db_read_end(db);
    if (have)
        return keep_open(c, key, s);
    /* What is not secret was kept among the options. */
    return json_string(c->options, key);
}

static bool token_of_try(struct caller *c, const char **out, struct error *err)
{
    if (!c->has_fresh) {
        if (!c->platform->renew(&c->call, &c->fresh, err))
            return false;
        c->has_fresh = true;
    }
    *out = c->fresh.access;
    return true;
}

/* Whether an access token is kept beside the credentials and had again by them. */
static bool renews(const struct caller *c)
{
    bool person = c->o.connection && connection_by_person(c->o.connection) && c->platform->oauth;

    return person ? c->platform->oauth->refresh != OAUTH_REFRESH_NEVER : c->platform->renew != NULL;
}

static bool caller_get_token(struct call *call, const char **out, struct error *err)
{
    struct caller *c = caller_of(call);

    if (c->o.granted && c->o.granted->access[0]) {
        *out = c->o.granted->access;
        return true;
    }
    if (!renews(c)) {
        const char *token =
            c->platform->token_field ? caller_credential(call, c->platform->token_field) : NULL;
        if (!token || !token[0])
            return error_platform(err, ERROR_AUTH, platform_slug(call->platform),
                                  "Connect it again.", "%s has no usable credentials here.",
                                  platform_name(call->platform));
        *out = token;
        return true;
    }
    if (c->o.values)
        return token_of_try(c, out, err);
    if (!c->token && !token_keeper_get(c->m->tokens, c->platform, call, c->o.connection->id,
                                       c->refused, &c->token, err))
        return false;
    *out = secret_text(c->token);
    return true;
}

static bool caller_sign(struct call *call, enum call_signature s, const char *key,
                        const void *message, size_t length, unsigned char *out, size_t *out_length,
                        struct error *err)
{
    static const enum sign_algorithm algorithms[] = { SIGN_HS256, SIGN_HS384, SIGN_HS512,
                                                      SIGN_RS256 };

    (void)call;
    return vault_sign(algorithms[s], key, strlen(key), message, length, out, out_length, err);
}

static bool caller_derive(struct call *call, const char *purpose, unsigned char out[32],
                          struct error *err)
{
    return vault_derive(caller_of(call)->m->vault, purpose, call->idem_key, out, err);
}

static bool caller_hold(struct call *call, const char *what, struct error *err)
{
    struct caller *c = caller_of(call);
    struct id connection = c->o.connection ? c->o.connection->id : (struct id){ "" };

    return holds_take(c->m->holds, c, connection, what, c->o.cancel, err);
}

static bool caller_progress(struct call *call, const struct outcome *o, struct error *err)
{
    struct caller *c = caller_of(call);
    struct db *db = NULL;

    if (!c->o.progress)
        return error_set(err, ERROR_INTERNAL, "Report this.",
                         "A question to a platform made something there.");
    if (!db_begin(c->m->store, &db, err))
        return false;
    bool done = c->o.progress(c->o.argument, db, o, err) &&
                (!c->o.job || !c->m->queue || queue_answered(c->m->queue, db, c->o.job, 200, err));
    if (!done) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, err);
}

/* A key that does not open is told here, before the adapter sees "not set". */
static bool secrets_open(struct caller *c, struct error *err)
{
    struct db *db = NULL;
    int count = 0;

    if (c->o.values)
        return true;
    if (!db_read(c->m->store, &db, err))
        return false;
    bool good = vault_check(c->m->vault, db, c->o.connection->id, c->platform->id, &count, err);
    db_read_end(db);
    return good;
}

bool caller_open(struct caller **out, struct manager *m, const struct caller_options *o,
                 struct error *err)
{
    const struct platform *p = platform_get(o->platform);
    const char *slug = platform_slug(o->platform);

    if (!p)
        return error_set(err, ERROR_REFUSED, "`ecclesia platform list` shows those that it speaks.",
                         "This version does not speak %s yet.", platform_name(o->platform));
    struct caller *c = calloc(1, sizeof *c);
    if (!c)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    c->m = m;
    c->platform = p;
    c->o = *o;
    const char *options = o->connection && o->connection->options ? o->connection->options : "{}";
    c->options = json_parse(options, strlen(options), NULL);
    if (!c->options)
        c->options = cJSON_CreateObject();
    const char *api = config_text(m->config, slug, "api_base"),
               *auth = config_text(m->config, slug, "auth_base");
    c->call = (struct call){
        .platform = o->platform,
        .api_base = api[0] ? api : p->api_base,
        .auth_base = auth[0] ? auth : p->auth_base,
        .client_id = config_text(m->config, slug, "client_id"),
        .client_secret = config_text(m->config, slug, "client_secret"),
        .client_token = config_text(m->config, slug, "client_token"),
        .options = c->options,
        .account_ref =
            o->connection && o->connection->account_ref ? o->connection->account_ref : "",
        .idem_key = o->idem_key ? o->idem_key : "",
        .zone = o->zone ? o->zone : "UTC",
        .simulated = config_simulated(m->config, slug),
        .now_ms = clock_now(),
        .http = caller_http,
        .listen = caller_listen,
        .credential = caller_credential,
        .token = caller_get_token,
        .sign = caller_sign,
        .derive = caller_derive,
        .hold = caller_hold,
        .progress = caller_progress,
    };
    if (!c->options || !secrets_open(c, err)) {
        caller_close(c);
        return false;
    }
    *out = c;
    return true;
}

static void forget(char **secret)
{
    if (*secret)
        text_wipe(*secret, strlen(*secret));
    free(*secret);
    *secret = NULL;
}

void caller_close(struct caller *c)
{
    if (!c)
        return;
    holds_drop(c->m->holds, c);
    if (gated(c)) {
        settle(c);
        gate_leave(c->m->gate, c->o.connection, &c->pass);
    }
    for (size_t i = 0; i < c->opened_count; i++)
        secret_free(c->opened[i].secret);
    secret_free(c->token);
    forget(&c->refused);
    token_wipe(&c->fresh);
    cJSON_Delete(c->options);
    free(c);
}

struct call *caller_call(struct caller *c)
{
    return &c->call;
}

const struct platform *caller_platform(const struct caller *c)
{
    return c->platform;
}

bool caller_renew_once(struct caller *c)
{
    if (c->renewed || !renews(c) || c->o.values || !c->token)
        return false;
    c->renewed = true;
    forget(&c->refused);
    c->refused = text_copy(secret_text(c->token));
    secret_free(c->token);
    c->token = NULL;
    return true;
}

const struct token *caller_token(const struct caller *c)
{
    return c->has_fresh ? &c->fresh : NULL;
}

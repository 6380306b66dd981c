#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>

#include "booth.h"

const struct actor world_operator = { "tester" };

static const struct world_setting short_waits[] = {
    { "queue", "settle", "150ms" }, { "queue", "grace", "0" },      { "retry", "base", "20ms" },
    { "retry", "cap", "200ms" },    { "retry", "tries", "6" },      { "net", "connect", "1s" },
    { "net", "total", "600ms" },    { "poll", "live", "200ms" },    { "poll", "pending", "300ms" },
    { "poll", "idle", "1s" },       { "refresh", "margin", "60s" }, { "refresh", "again", "50ms" },
    { "refresh", "base", "20ms" },  { "refresh", "cap", "200ms" },  { "refresh", "save", "300ms" },
};

/* ---- opening ---- */

static void configure(struct world *w)
{
    struct error err;
    const char *bases[] = { "api_base", "auth_base" },
               *clients[] = { "client_id", "client_secret" };

    TEST_OK(config_load(&w->config, test_path(w->directory, "ecclesia.conf"), &err), err);
    for (size_t i = 0; i < sizeof short_waits / sizeof *short_waits; i++)
        TEST_OK(config_set(w->config, short_waits[i].section, short_waits[i].key,
                           short_waits[i].value, &err),
                err);
    for (size_t i = 0; i < 8 && w->options.settings[i].section; i++) {
        const struct world_setting *s = &w->options.settings[i];
        TEST_OK(config_set(w->config, s->section, s->key, s->value, &err), err);
    }
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const char *slug = platform_slug((enum platform_id)p);
        for (size_t b = 0; b < 2; b++)
            TEST_OK(config_set(w->config, slug, bases[b], sim_address(w->sim, slug), &err), err);
        const cJSON *part = json_at(json_at(w->ready, "platforms"), slug);
        for (size_t c = 0; part && c < 2; c++) {
            const char *value = json_string(part, clients[c]);
            if (value)
                TEST_OK(config_set(w->config, slug, clients[c], value, &err), err);
        }
    }
}

static void start_sim(struct world *w)
{
    struct sim_options o = {
        .latency_ms = w->options.sim_latency_ms,
        .encoder = w->options.encoder_manual ? SIM_ENCODER_MANUAL : SIM_ENCODER_AUTO,
        .seed = w->options.seed,
        .step_ms = 20,
    };
    struct error err;
    struct text line;

    TEST_OK(sim_start(&w->sim, &o, &err), err);
    text_init(&line, 256 * 1024);
    ck_assert(sim_describe(w->sim, &line));
    w->ready = json_parse(text_str(&line), line.length, &err);
    ck_assert_msg(w->ready != NULL, "the ready line is no JSON: %s", err.message);
    text_release(&line);
}

void world_engine_open(struct world *w, bool work)
{
    struct engine_options o = { .db_path = w->db, .key_file = w->key };
    struct error err;
    bool working = false;

    TEST_OK(engine_open(&w->engine, w->config, &o, &err), err);
    w->manager = engine_manager(w->engine);
    if (!work)
        return;
    TEST_OK(engine_work(w->engine, false, &working, &err), err);
    ck_assert_msg(working, "somebody else holds the engine lock");
}

void world_engine_close(struct world *w)
{
    engine_close(w->engine);
    w->engine = NULL;
    w->manager = NULL;
}

void world_open(struct world *w, const struct world_options *options)
{
    char pace[16];
    struct error err;

    memset(w, 0, sizeof *w);
    if (options)
        w->options = *options;
    snprintf(pace, sizeof pace, "%d", WORLD_PACE);
    setenv("ECCLESIA_TEST_PACE", pace, 1);
    setenv("TZ", "UTC", 1);
    w->directory = test_dir();
    setenv("XDG_CONFIG_HOME", test_path(w->directory, "config"), 1);
    setenv("XDG_DATA_HOME", test_path(w->directory, "data"), 1);
    w->db = test_path(test_path(w->directory, "data"), "ecclesia.db");
    w->key = test_path(w->directory, "master.key");
    w->log = test_path(w->directory, "trace.log");
    test_write_file(test_path(w->directory, "ecclesia.conf"), "", 0);
    TEST_OK(log_open(w->log, &err), err);
    start_sim(w);
    configure(w);
    world_engine_open(w, !w->options.idle);
    TEST_OK(manager_church(w->manager, NULL, true, &w->church, &err), err);
    for (int p = 0; p < PLATFORM_COUNT && !w->options.unconnected; p++) {
        if (!platform_get((enum platform_id)p) || !platform_get((enum platform_id)p)->identify ||
            !json_at(json_at(w->ready, "platforms"), platform_slug((enum platform_id)p)))
            continue;
        TEST_OK(world_connect(w, (enum platform_id)p, NULL, &err), err);
        w->connected[p] = true;
    }
    if (!w->options.encoder_manual && !w->options.alone)
        w->booth = booth_open(w->sim, w->db);
}

void world_close(struct world *w)
{
    booth_close(w->booth);
    world_engine_close(w);
    sim_stop(w->sim);
    church_release(&w->church);
    config_free(w->config);
    cJSON_Delete(w->ready);
    log_open(NULL, NULL);
    memset(w, 0, sizeof *w);
}

/* ---- platforms ---- */

/* Restream's refresh token is good for one use: who connects again has signed in again. */
static void sign_in_again(const struct world *w, enum platform_id p)
{
    const cJSON *part = json_at(json_at(w->ready, "platforms"), platform_slug(p));
    cJSON *credentials = cJSON_GetObjectItemCaseSensitive(part, "credentials");
    cJSON *answer = world_control(w, "POST", "/_sim/grants",
                                  "{\"platform\":\"restream\",\"action\":\"issue\"}");

    cJSON_ReplaceItemInObjectCaseSensitive(
        credentials, "refresh_token", cJSON_CreateString(json_string(answer, "refresh_token")));
    cJSON_Delete(answer);
}

size_t world_platforms(const struct world *w, unsigned abilities,
                       enum platform_id out[PLATFORM_COUNT])
{
    size_t n = 0;

    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const struct platform *platform = platform_get((enum platform_id)p);
        if (platform && (platform->abilities & abilities) == abilities &&
            json_at(json_at(w->ready, "platforms"), platform_slug((enum platform_id)p)))
            out[n++] = (enum platform_id)p;
    }
    return n;
}

static bool takes(const struct platform *p, const char *key)
{
    for (const struct credential *f = p->credentials; f && f->key; f++) {
        if (strcmp(f->key, key) == 0)
            return true;
    }
    return false;
}

struct setting_value *world_credentials(const struct world *w, enum platform_id p, size_t *count)
{
    const cJSON *part = json_at(json_at(w->ready, "platforms"), platform_slug(p));
    const cJSON *all = json_at(part, "credentials"), *one;
    struct setting_value *values = calloc(32, sizeof *values);

    ck_assert_ptr_nonnull(values);
    if (p == PLATFORM_RESTREAM) {
        sign_in_again(w, p);
        all = json_at(part, "credentials");
    }
    *count = 0;
    cJSON_ArrayForEach (one, all) {
        ck_assert_uint_lt(*count, 32);
        if (takes(platform_get(p), one->string))
            values[(*count)++] = (struct setting_value){ one->string, cJSON_GetStringValue(one) };
    }
    return values;
}

bool world_connect(struct world *w, enum platform_id p, struct connection *out, struct error *err)
{
    struct connection c = { 0 };
    size_t count;
    struct setting_value *values = world_credentials(w, p, &count);
    bool done = connection_connect(w->manager, w->church.id, p, values, count, &world_operator,
                                   NULL, &c, err);

    free(values);
    if (done && out)
        *out = c;
    else
        connection_release(&c);
    return done;
}

void world_connection(struct world *w, enum platform_id p, struct connection *out)
{
    struct db *db;
    struct error err;

    TEST_OK(db_read(engine_store(w->engine), &db, &err), err);
    TEST_OK(connection_for(db, w->church.id, p, out, &err), err);
    db_read_end(db);
}

void world_fault(struct world *w, const char *format, ...)
{
    char json[2048];
    struct error err;
    va_list arguments;

    va_start(arguments, format);
    int n = vsnprintf(json, sizeof json, format, arguments);
    va_end(arguments);
    ck_assert_int_lt(n, (int)sizeof json);
    error_clear(&err);
    if (!sim_fault_add(w->sim, json, &err))
        ck_abort_msg("%s: %s", json, err.message);
}

cJSON *world_control(const struct world *w, const char *method, const char *path, const char *body)
{
    struct text answer;
    struct error err;
    int status = 0;

    text_init(&answer, 64 * 1024 * 1024);
    ck_assert(sim_control(w->sim, method, path, body, &answer, &status));
    ck_assert_msg(status / 100 == 2, "%s %s: %d %s", method, path, status, text_str(&answer));
    /* Our own parser has ceilings that a long journal goes beyond. */
    cJSON *json = cJSON_ParseWithLength(text_str(&answer), answer.length);
    ck_assert_msg(json != NULL, "%s %s is answered by what is no JSON: %.200s", method, path,
                  text_str(&answer));
    text_release(&answer);
    (void)err;
    return json;
}

void world_encoder(struct world *w, enum platform_id p, bool sending)
{
    char body[100];

    snprintf(body, sizeof body, "{\"platform\":\"%s\",\"sending\":%s}", platform_slug(p),
             sending ? "true" : "false");
    cJSON_Delete(world_control(w, "POST", "/_sim/encoder", body));
}

cJSON *world_objects(struct world *w, enum platform_id p, const char *kind)
{
    char path[80];
    cJSON *kept = cJSON_CreateArray(), *next;

    snprintf(path, sizeof path, "/_sim/objects?platform=%s", platform_slug(p));
    cJSON *all = world_control(w, "GET", path, NULL);
    for (cJSON *o = all->child; o; o = next) {
        next = o->next;
        if (!json_bool(o, "deleted", false) && (!kind || text_equal(json_string(o, "kind"), kind)))
            cJSON_AddItemToArray(kept, cJSON_DetachItemViaPointer(all, o));
    }
    cJSON_Delete(all);
    return kept;
}

size_t world_object_count(struct world *w, enum platform_id p, const char *kind)
{
    cJSON *list = world_objects(w, p, kind);
    size_t n = (size_t)cJSON_GetArraySize(list);

    cJSON_Delete(list);
    return n;
}

size_t world_request_count(struct world *w, enum platform_id p, const char *method,
                           const char *path)
{
    char route[80];
    size_t n = 0;

    snprintf(route, sizeof route, "/_sim/requests?platform=%s", platform_slug(p));
    cJSON *all = world_control(w, "GET", route, NULL);
    for (const cJSON *r = all->child; r; r = r->next)
        n += (!method || text_equal(json_string(r, "method"), method)) &&
             (!path || text_starts(json_string(r, "path"), path));
    cJSON_Delete(all);
    return n;
}

/* ---- records ---- */

static void inputs(struct target_input *out, const enum platform_id *platforms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (struct target_input){ .platform = platforms[i] };
}

struct id world_livestream(struct world *w, const char *title, const enum platform_id *platforms,
                           size_t count, bool start_now)
{
    struct target_input targets[PLATFORM_COUNT];
    struct record_input in = { .title = title,
                               .description = "Welcome.",
                               .primary = -1,
                               .start_now = start_now,
                               .targets = targets,
                               .target_count = count };
    struct error err;
    struct id id;

    inputs(targets, platforms, count);
    if (!start_now) {
        in.start_set = true;
        in.start_ms = clock_now() + 3600 * 1000;
    }
    TEST_OK(livestream_create(w->manager, w->church.id, &in, &world_operator, &id, &err), err);
    return id;
}

struct id world_meeting(struct world *w, const char *title, const enum platform_id *platforms,
                        size_t count)
{
    struct target_input targets[PLATFORM_COUNT];
    struct record_input in = { .title = title,
                               .description = "Prayer.",
                               .primary = -1,
                               .targets = targets,
                               .target_count = count,
                               .start_set = true,
                               .end_set = true };
    struct error err;
    struct id id;

    inputs(targets, platforms, count);
    in.start_ms = clock_now() + 3600 * 1000;
    in.end_ms = in.start_ms + 3600 * 1000;
    TEST_OK(meeting_create(w->manager, w->church.id, &in, &world_operator, &id, &err), err);
    return id;
}

struct livestream world_read_livestream(struct world *w, struct id id)
{
    struct livestream l = { 0 };
    struct db *db;
    struct error err;

    TEST_OK(db_read(engine_store(w->engine), &db, &err), err);
    TEST_OK(livestream_get(db, id, &l, &err), err);
    db_read_end(db);
    return l;
}

struct meeting world_read_meeting(struct world *w, struct id id)
{
    struct meeting m = { 0 };
    struct db *db;
    struct error err;

    TEST_OK(db_read(engine_store(w->engine), &db, &err), err);
    TEST_OK(meeting_get(db, id, &m, &err), err);
    db_read_end(db);
    return m;
}

/* Takes the wanted one out of the record's list. */
static struct target take(struct target *targets, size_t count, enum platform_id p)
{
    for (size_t i = 0; i < count; i++) {
        if (targets[i].platform == p) {
            struct target t = targets[i];
            targets[i] = (struct target){ 0 };
            return t;
        }
    }
    ck_abort_msg("it has no target on %s", platform_slug(p));
}

struct target world_target(struct world *w, enum subject_kind kind, struct id id,
                           enum platform_id p)
{
    struct livestream l = { 0 };
    struct meeting m = { 0 };
    struct target t;

    if (kind == SUBJECT_MEETING) {
        m = world_read_meeting(w, id);
        t = take(m.targets, m.target_count, p);
    } else {
        l = world_read_livestream(w, id);
        t = take(l.targets, l.target_count, p);
    }
    livestream_release(&l);
    meeting_release(&m);
    return t;
}

struct settled world_settle(struct world *w, enum subject_kind kind, struct id id)
{
    struct settled s = { 0 };
    struct error err;

    error_clear(&err);
    if (!engine_wait_settled(w->engine, kind, id, TEST_PATIENCE_MS, NULL, &s, &err)) {
        world_tell(w);
        ck_abort_msg("never settled: %s", err.message);
    }
    return s;
}

int64_t world_live(struct world *w, struct id subject_or_target)
{
    struct db *db;
    struct error err;
    int64_t n = 0;

    TEST_OK(db_read(engine_store(w->engine), &db, &err), err);
    TEST_OK(job_count_live(db, subject_or_target, &n, &err), err);
    db_read_end(db);
    return n;
}

void world_drain(struct world *w)
{
    WORLD_UNTIL(w, world_live(w, (struct id){ "" }) == 0);
}

struct job *world_jobs(struct world *w, struct id target, size_t *count)
{
    struct job *jobs = NULL;
    struct db *db;
    struct error err;

    TEST_OK(db_read(engine_store(w->engine), &db, &err), err);
    TEST_OK(job_list(db, &(struct job_filter){ .state = -1, .target = target, .limit = 1000 },
                     &jobs, count, &err),
            err);
    db_read_end(db);
    return jobs;
}

static int64_t one_number(struct rows *r, bool opened, struct db *db, struct error *err)
{
    int64_t n = 0;

    if (!opened)
        ck_abort_msg("%s", err->message);
    if (rows_next(r))
        n = rows_int(r, 0);
    if (!rows_close(r, err))
        ck_abort_msg("%s", err->message);
    db_read_end(db);
    return n;
}

int64_t world_sql(struct world *w, const char *sql)
{
    struct db *db;
    struct rows r;
    struct error err;

    TEST_OK(db_read(engine_store(w->engine), &db, &err), err);
    return one_number(&r, rows_open(&r, db, &err, sql, ""), db, &err);
}

int64_t world_sql_of(struct world *w, const char *sql, const char *text)
{
    struct db *db;
    struct rows r;
    struct error err;

    TEST_OK(db_read(engine_store(w->engine), &db, &err), err);
    return one_number(&r, rows_open(&r, db, &err, sql, "t", text), db, &err);
}

static void tell_rows(struct world *w, const char *what, const char *sql)
{
    struct db *db;
    struct rows r;
    struct error err;

    printf("%s\n", what);
    if (!db_read(engine_store(w->engine), &db, &err))
        return;
    if (rows_open(&r, db, &err, sql, "")) {
        while (rows_next(&r))
            printf("  %s\n", rows_text(&r, 0));
        rows_close(&r, &err);
    }
    db_read_end(db);
}

void world_tell(struct world *w)
{
    char *lines[60];

    if (w->engine) {
        tell_rows(w, "jobs",
                  "SELECT id || ' ' || kind || ' ' || platform || ' ' || state || ' attempt ' || "
                  "attempt || ' snoozes ' || snoozes ||"
                  " ' reconcile ' || reconcile || ' superseded ' || superseded || ' sent ' || sent "
                  "|| ' ' || error_kind || ' ' || error"
                  " FROM jobs ORDER BY id");
        tell_rows(w, "targets",
                  "SELECT platform || ' ' || status || ' wish ' || wish || ' remote ' || remote_id "
                  "|| ' ' || error_kind || ' ' || error ||"
                  " ' | ' || note FROM targets ORDER BY rowid");
        tell_rows(w, "connections",
                  "SELECT platform || ' ' || status || ' ' || reason || ' ' || reason_text FROM "
                  "connections");
    }
    cJSON *faults = world_control(w, "GET", "/_sim/faults", NULL);
    char *text = cJSON_PrintUnformatted(faults);
    printf("faults\n  %s\ntrace\n", text ? text : "");
    free(text);
    cJSON_Delete(faults);
    size_t n = log_recent(lines, sizeof lines / sizeof *lines);
    for (size_t i = 0; i < n; i++) {
        printf("  %s\n", lines[i]);
        free(lines[i]);
    }
    fflush(stdout);
}

/* ---- random cases ---- */

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

bool cases_next(struct cases *c)
{
    const char *seed = getenv("ECCLESIA_SEED"), *alone = seed ? strchr(seed, ':') : NULL;
    int wanted = alone ? (int)strtol(alone + 1, NULL, 10) : 0;

    c->number = wanted > 0 && c->number < wanted ? wanted : c->number + 1;
    c->state = mix(test_seed() + UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)c->number);
    return wanted > 0 ? c->number == wanted : c->number <= c->total;
}

uint64_t dice(struct cases *c, uint64_t bound)
{
    c->state += UINT64_C(0x9E3779B97F4A7C15);
    return bound ? mix(c->state) % bound : 0;
}

void case_tell(const struct cases *c, const char *format, ...)
{
    va_list arguments;

    printf("ECCLESIA_SEED=%llu:%d ", (unsigned long long)test_seed(), c->number);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
}

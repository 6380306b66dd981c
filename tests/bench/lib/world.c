#include "world.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ecclesia/platform/platform.h>

#include "bench.h"

enum { VALUES_MOST = 16 };

const struct actor world_actor = { .name = "bench" };

static void point(const char *variable, const char *name)
{
    char *path = text_format("%s/%s", bench_directory(), name);

    if (!path || (mkdir(path, 0700) != 0 && errno != EEXIST) || setenv(variable, path, 1) != 0)
        bench_die("%s: cannot be made: %s", name, strerror(errno));
    free(path);
}

void world_home(void)
{
    point("HOME", "home");
    point("XDG_CONFIG_HOME", "config");
    point("XDG_DATA_HOME", "data");
    point("XDG_STATE_HOME", "state");
}

/* ---- connections, all at once: each asks its platform, which answers late ---- */

struct connecting {
    struct world *world;
    enum platform_id platform;
    const cJSON *credentials;
    pthread_t thread;
    bool done;
    struct error err;
};

/* The simulator names some values more than are asked for. */
static bool takes(enum platform_id p, const char *key)
{
    for (const struct credential *f = platform_get(p)->credentials; f && f->key; f++)
        if (strcmp(f->key, key) == 0)
            return true;
    return false;
}

static void *connect_one(void *argument)
{
    struct connecting *c = argument;
    struct setting_value values[VALUES_MOST];
    struct connection made = { 0 };
    const cJSON *value;
    size_t count = 0;

    cJSON_ArrayForEach (value, c->credentials) {
        if (cJSON_IsString(value) && count < VALUES_MOST && takes(c->platform, value->string))
            values[count++] =
                (struct setting_value){ .key = value->string, .value = value->valuestring };
    }
    c->done = connection_connect(engine_manager(c->world->engine), c->world->church, c->platform,
                                 values, count, &world_actor, NULL, &made, &c->err);
    connection_release(&made);
    return NULL;
}

static void connect_all(struct world *w, const cJSON *platforms)
{
    struct connecting list[PLATFORM_COUNT] = { 0 };
    size_t count = 0;

    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const cJSON *part = cJSON_GetObjectItem(platforms, platform_slug((enum platform_id)p));
        struct connecting *c = &list[count];

        if (!part || !platform_get((enum platform_id)p))
            continue;
        c->world = w;
        c->platform = (enum platform_id)p;
        c->credentials = cJSON_GetObjectItem(part, "credentials");
        if (pthread_create(&c->thread, NULL, connect_one, c) != 0)
            bench_die("a thread could not be started");
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        struct connecting *c = &list[i];

        pthread_join(c->thread, NULL);
        w->connected[c->platform] = c->done;
        if (!c->done)
            bench_skip(bench_cell("connecting %s", platform_slug(c->platform)), c->err.message);
    }
}

/* ---- the rest ---- */

/* The apps' ids as the simulator knows them, in a file that a console can be given too. */
static void write_config(struct world *w, const cJSON *platforms)
{
    static const char *const keys[] = { "client_id", "client_secret" };
    FILE *file;
    const cJSON *part;

    snprintf(w->conf, sizeof(w->conf), "%s/bench.conf", bench_directory());
    file = fopen(w->conf, "we");
    if (!file)
        bench_die("%s: %s", w->conf, strerror(errno));
    cJSON_ArrayForEach (part, platforms) {
        fprintf(file, "[%s]\n", part->string);
        for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
            const cJSON *value = cJSON_GetObjectItem(part, keys[i]);

            if (cJSON_IsString(value))
                fprintf(file, "%s = %s\n", keys[i], value->valuestring);
        }
    }
    if (fclose(file) != 0)
        bench_die("%s: %s", w->conf, strerror(errno));
}

/* The poller's questions would come in between. */
static void load_config(struct world *w)
{
    struct error err = { 0 };

    bench_must(config_load(&w->config, w->conf, &err) &&
                   config_set(w->config, "poll", "live", "1h", &err) &&
                   config_set(w->config, "poll", "pending", "1h", &err),
               "config", &err);
}

void world_open(struct world *w, int latency_ms)
{
    const struct sim_options sim = {
        .latency_ms = latency_ms, .encoder = SIM_ENCODER_AUTO, .seed = 1, .step_ms = 50
    };
    struct engine_options options = { 0 };
    struct error err = { 0 };
    struct text line;
    bool working = false;
    cJSON *ready;

    memset(w, 0, sizeof(*w));
    world_home();
    bench_must(sim_start(&w->sim, &sim, &err), "simulator", &err);
    setenv("ECCLESIA_SIM", sim_base(w->sim), 1);
    text_init(&line, 256 * 1024);
    if (!sim_describe(w->sim, &line) || !(ready = cJSON_Parse(text_str(&line))))
        bench_die("the simulator does not describe itself");
    text_release(&line);
    write_config(w, cJSON_GetObjectItem(ready, "platforms"));
    load_config(w);
    /* Apart from the key, as it must be. */
    snprintf(w->db, sizeof(w->db), "%s/data/world.db", bench_directory());
    options.db_path = w->db;
    bench_must(engine_open(&w->engine, w->config, &options, &err), "engine", &err);
    bench_must(engine_work(w->engine, false, &working, &err), "engine", &err);
    struct church church = { 0 };
    bench_must(manager_church(engine_manager(w->engine), NULL, true, &church, &err), "church",
               &err);
    w->church = church.id;
    church_release(&church);
    connect_all(w, cJSON_GetObjectItem(ready, "platforms"));
    cJSON_Delete(ready);
}

void world_rest(struct world *w)
{
    engine_close(w->engine);
    w->engine = NULL;
}

void world_close(struct world *w)
{
    world_rest(w);
    sim_stop(w->sim);
    config_free(w->config);
}

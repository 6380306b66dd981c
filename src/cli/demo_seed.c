/* What the demonstration has to show: St Mark's, all eight connections, three livestreams, two
 * meetings. */
#include "cli/demo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/zone.h>
#include <ecclesia/net/net.h>
#include <ecclesia/platform/platform.h>
#include <ecclesia/store/jobs.h>

enum {
    VALUES_MOST = 16,
    SEEDS_MOST = 5,
    LOOK_MS = 150,
    PATIENT_MS = 2200,
    MADE_MS = 10 * 1000, /* at most so long until everything stands at the platforms */
};

static const struct actor by = { .name = "demo" };

/* ---- the church ---- */

static const char *system_zone(char *out, size_t size)
{
    char link[300];
    ssize_t length = readlink("/etc/localtime", link, sizeof(link) - 1);
    const char *name = NULL;

    if (length > 0) {
        link[length] = '\0';
        name = strstr(link, "zoneinfo/");
    }
    name = name ? name + strlen("zoneinfo/") : getenv("TZ");
    text_copy_to(out, size, name && zone_known(name) ? name : "Europe/London");
    return out;
}

static bool make_church(struct demo *d, struct error *err)
{
    char zone[100];
    const struct church church = {
        .id = id_new(),
        .slug = (char *)"st-marks",
        .name = (char *)"St Mark's",
        .zone = (char *)system_zone(zone, sizeof(zone)),
    };

    return manager_church_create(engine_manager(d->cli->engine), &church, &by, err) &&
           manager_church(engine_manager(d->cli->engine), "st-marks", false,
                          &d->cli->context.church, err);
}

/* Only what this program speaks and the simulator plays can be shown. */
static bool is_played(const struct demo *d, enum platform_id p)
{
    return platform_get(p) &&
           cJSON_GetObjectItem(cJSON_GetObjectItem(d->ready, "platforms"), platform_slug(p));
}

/* ---- connections, all at once: each asks its platform, which answers late ---- */

struct connecting {
    struct demo *demo;
    enum platform_id platform;
    pthread_t thread;
    bool started, done;
    struct error err;
};

static bool is_asked(enum platform_id p, const char *key)
{
    for (const struct credential *c = platform_get(p)->credentials; c && c->key; c++)
        if (strcmp(c->key, key) == 0)
            return true;
    return false;
}

/* The values that the simulator names for it, as far as the platform's table asks for them. */
static size_t take_values(const struct connecting *c, struct setting_value *out)
{
    const cJSON *platforms = cJSON_GetObjectItem(c->demo->ready, "platforms");
    const cJSON *part = cJSON_GetObjectItem(platforms, platform_slug(c->platform));
    const cJSON *value;
    size_t count = 0;

    cJSON_ArrayForEach (value, cJSON_GetObjectItem(part, "credentials"))
        if (cJSON_IsString(value) && count < VALUES_MOST && is_asked(c->platform, value->string))
            out[count++] =
                (struct setting_value){ .key = value->string, .value = value->valuestring };
    return count;
}

static void *connect_one(void *argument)
{
    struct connecting *c = argument;
    struct setting_value values[VALUES_MOST];
    struct connection made = { 0 };
    size_t count = take_values(c, values);

    c->done =
        connection_connect(engine_manager(c->demo->cli->engine), c->demo->cli->context.church.id,
                           c->platform, values, count, &by, c->demo->cli->cancel, &made, &c->err);
    connection_release(&made);
    return NULL;
}

static bool connect_all(struct demo *d, struct error *err)
{
    struct connecting list[PLATFORM_COUNT];
    bool done = true;

    memset(list, 0, sizeof(list));
    for (size_t i = 0; i < PLATFORM_COUNT; i++) {
        list[i].demo = d;
        list[i].platform = (enum platform_id)i;
        list[i].started = is_played(d, list[i].platform) &&
                          pthread_create(&list[i].thread, NULL, connect_one, &list[i]) == 0;
    }
    for (size_t i = 0; i < PLATFORM_COUNT; i++) {
        if (!list[i].started)
            continue;
        pthread_join(list[i].thread, NULL);
        if (!list[i].done && done) {
            *err = list[i].err;
            done = false;
        }
    }
    return done;
}

/* ---- livestreams and meetings ---- */

struct seed {
    enum subject_kind kind;
    const char *words; /* of the command, but for --start and --platform */
    const char *when;
    const char *platforms[5]; /* NULL-terminated */
};

static const struct seed seeds[SEEDS_MOST] = {
    { SUBJECT_LIVESTREAM,
      "livestream create --title 'Sunday Service' --description 'Morning worship with Holy "
      "Communion.' --end +90m",
      "now",
      { "youtube", "facebook", "restream", "instagram", NULL } },
    { SUBJECT_LIVESTREAM,
      "livestream create --title 'Evening Prayer' --description 'A quiet half hour at the end of "
      "the day.' --end +30m",
      "today 18:00",
      { "youtube", "facebook", NULL } },
    { SUBJECT_LIVESTREAM,
      "livestream create --title 'Wednesday Bible Study' --description 'Philippians, chapter 2.' "
      "--end +60m",
      "wed 19:30",
      { "youtube", NULL, NULL } },
    { SUBJECT_MEETING,
      "meeting create --title 'Church Council' --description 'Minutes, and the roof.' --end +120m",
      "thu 19:00",
      { "zoom", "teams", "google_meet", "jitsi", NULL } },
    { SUBJECT_MEETING,
      "meeting create --title 'Prayer Group' --description 'Everyone is welcome.' --end +60m",
      "fri 9:00",
      { "google_meet", "jitsi", NULL } },
};

/* "Later today" is over in the evening: then it is in an hour. */
static const char *when_of(const struct demo *d, const struct seed *s)
{
    int64_t now = clock_now(), then;

    if (strcmp(s->when, "now") == 0 ||
        !zone_parse_when(s->when, d->cli->context.church.zone, now, &then, NULL))
        return s->when;
    return then > now ? s->when : "+60m";
}

/* *out stays none when none of its platforms is there. */
static bool seed_make(struct demo *d, const struct seed *s, struct id *out, struct error *err)
{
    struct command_result r;
    struct text line;
    enum platform_id p;
    bool any = false, done = true;

    text_init(&line, 1000);
    text_addf(&line, "%s --start '%s'", s->words, when_of(d, s));
    for (size_t i = 0; s->platforms[i]; i++) {
        if (!platform_from_slug(s->platforms[i], &p) || !is_played(d, p))
            continue;
        text_addf(&line, " --platform %s", s->platforms[i]);
        any = true;
    }
    if (any) {
        done = command_run_line(&d->cli->context, text_str(&line), &r, err);
        *out = done ? r.subject : *out;
        command_result_release(&r);
    }
    text_release(&line);
    return done;
}

/* The one that is started may still be on its way somewhere once it is live elsewhere, when it
 * takes its time. */
static bool seed_stands(struct demo *d, const struct seed *s, struct id id, bool impatient)
{
    struct livestream l = { 0 };
    struct settled settled;
    struct db *db;
    bool live;

    if (manager_settled(engine_manager(d->cli->engine), s->kind, id, &settled, NULL) &&
        settled.settled)
        return true;
    if (!impatient || strcmp(s->when, "now") != 0 ||
        !db_read(engine_store(d->cli->engine), &db, NULL))
        return false;
    live = livestream_get(db, id, &l, NULL) && l.status == LIVESTREAM_LIVE;
    db_read_end(db);
    livestream_release(&l);
    return live;
}

static void seed_await(struct demo *d, const struct seed *s, struct id id, int64_t end)
{
    const int64_t patient = clock_mono() + PATIENT_MS;
    struct settled settled;

    while (!seed_stands(d, s, id, clock_mono() > patient) && clock_mono() < end &&
           !cancel_asked(d->cli->cancel)) {
        engine_wait_settled(d->cli->engine, s->kind, id, LOOK_MS, NULL, &settled, NULL);
        if (strcmp(s->when, "now") == 0)
            demo_hurry(d, id); /* a real platform is given seconds between two steps */
    }
}

bool demo_seed(struct demo *d, struct error *err)
{
    struct id ids[SEEDS_MOST] = { 0 };
    struct command_context *c = &d->cli->context;
    int64_t end;
    bool working;

    c->engine = d->cli->engine;
    c->actor = by.name;
    if (!make_church(d, err) || !connect_all(d, err) ||
        !engine_work(d->cli->engine, true, &working, err) || !demo_booth_start(d, err))
        return false;
    for (size_t i = 0; i < SEEDS_MOST; i++)
        if (!seed_make(d, &seeds[i], &ids[i], err))
            return false;
    end = clock_mono() + MADE_MS;
    for (size_t i = 0; i < SEEDS_MOST; i++)
        if (!id_is_none(ids[i]))
            seed_await(d, &seeds[i], ids[i], end);
    return true;
}

/* ---- faults ---- */

bool demo_faults(struct demo *d, const char *name, struct error *err)
{
    const char *control = json_string(d->ready, "control");
    struct http_answer answer;
    struct net *net;
    struct text url;
    char body[100];
    bool done;

    if (strcmp(name, "none") == 0)
        return true;
    if (strspn(name, "abcdefghijklmnopqrstuvwxyz_") != strlen(name) || strlen(name) > 30)
        return error_set(err, ERROR_USAGE, "Write none, some, storm or a platform's name.",
                         "There are no faults called \"%.40s\".", name);
    if (!net_start(&net, &(struct net_options){ .total_ms = 5000 }, err))
        return false;
    text_init(&url, 300);
    text_addf(&url, "%s/preset", control ? control : "");
    snprintf(body, sizeof(body), "{\"name\":\"%s\"}", name);
    struct http_request request = { .method = "POST",
                                    .url = text_str(&url),
                                    .route = "POST /_sim/preset",
                                    .platform = "",
                                    .headers = { "Content-Type: application/json" },
                                    .body = body,
                                    .body_length = strlen(body) };

    done = net_call(net, &request, &answer, d->cli->cancel, err);
    if (done) {
        done = answer.status < 300 ||
               error_set(err, ERROR_USAGE, "Write none, some, storm or a platform's name.",
                         "There are no faults called \"%s\".", name);
        http_answer_release(&answer);
    }
    text_release(&url);
    net_stop(net);
    return done;
}

#include "booth.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/json.h>
#include <ecclesia/base/text.h>

#include "testlib.h"

struct booth {
    struct sim *sim;
    const char *db;
    pthread_t thread;
    pthread_mutex_t mutex;
    bool closing;
};

static cJSON *ask(struct booth *b, const char *method, const char *path, const char *body)
{
    struct text answer;
    int status = 0;
    cJSON *json = NULL;

    text_init(&answer, 64 * 1024 * 1024);
    if (sim_control(b->sim, method, path, body, &answer, &status) && status / 100 == 2)
        json = cJSON_ParseWithLength(text_str(&answer), answer.length);
    text_release(&answer);
    return json;
}

/* Whether a livestream is to be on air there: 1, 0, or -1 when it cannot be seen right now. */
static int wanted(struct booth *b, const char *platform)
{
    sqlite3_stmt *s = NULL;
    sqlite3 *h = NULL;
    int answer = -1;

    if (sqlite3_open_v2(b->db, &h, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(h,
                           "SELECT count(*) FROM targets WHERE platform = ? AND wish = 'live' AND "
                           "status IN ('pending','live')",
                           -1, &s, NULL) == SQLITE_OK &&
        sqlite3_bind_text(s, 1, platform, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        answer = sqlite3_column_int(s, 0) > 0;
    sqlite3_finalize(s);
    sqlite3_close(h);
    return answer;
}

static void press(struct booth *b, const char *platform, const char *id, const char *event)
{
    char body[300];

    snprintf(body, sizeof body, "{\"platform\":\"%s\",\"id\":\"%s\",\"event\":\"%s\"}", platform,
             id, event);
    cJSON_Delete(ask(b, "POST", "/_sim/remote", body));
}

/* The account's own key: Restream is on air while something is sent to it. */
static void look_after_restream(struct booth *b, bool on)
{
    cJSON *all = ask(b, "GET", "/_sim/objects?platform=restream", NULL);

    for (const cJSON *o = all ? all->child : NULL; o; o = o->next) {
        if (json_bool(o, "deleted", false))
            continue;
        if (on && text_equal(json_string(o, "kind"), "ingest") &&
            text_equal(json_string(o, "state"), "idle"))
            press(b, "restream", json_string(o, "id"), "started");
        else if (!on && text_equal(json_string(o, "kind"), "ingest") &&
                 text_equal(json_string(o, "state"), "receiving"))
            cJSON_Delete(
                ask(b, "POST", "/_sim/encoder", "{\"platform\":\"restream\",\"sending\":false}"));
    }
    cJSON_Delete(all);
}

static void look_after_instagram(struct booth *b, bool on)
{
    cJSON *all = ask(b, "GET", "/_sim/objects?platform=instagram", NULL);

    for (const cJSON *o = all ? all->child : NULL; o; o = o->next) {
        if (json_bool(o, "deleted", false))
            continue;
        if (on && text_equal(json_string(o, "state"), "preview"))
            press(b, "instagram", json_string(o, "id"), "started");
        else if (!on && text_equal(json_string(o, "state"), "live"))
            press(b, "instagram", json_string(o, "id"), "ended");
    }
    cJSON_Delete(all);
}

static bool closed(struct booth *b)
{
    pthread_mutex_lock(&b->mutex);
    bool closing = b->closing;
    pthread_mutex_unlock(&b->mutex);
    return closing;
}

static void *work(void *argument)
{
    struct booth *b = argument;

    while (!closed(b)) {
        int restream = wanted(b, "restream"), instagram = wanted(b, "instagram");

        if (restream >= 0)
            look_after_restream(b, restream);
        if (instagram >= 0)
            look_after_instagram(b, instagram);
        for (int i = 0; i < 5 && !closed(b); i++)
            test_nap();
    }
    return NULL;
}

struct booth *booth_open(struct sim *sim, const char *db)
{
    struct booth *b = calloc(1, sizeof *b);

    ck_assert_ptr_nonnull(b);
    b->sim = sim;
    b->db = db;
    pthread_mutex_init(&b->mutex, NULL);
    ck_assert_int_eq(pthread_create(&b->thread, NULL, work, b), 0);
    return b;
}

void booth_close(struct booth *b)
{
    if (!b)
        return;
    pthread_mutex_lock(&b->mutex);
    b->closing = true;
    pthread_mutex_unlock(&b->mutex);
    pthread_join(b->thread, NULL);
    pthread_mutex_destroy(&b->mutex);
    free(b);
}

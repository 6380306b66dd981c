/* A random walk: wishes of all kinds, one after the other without waiting, while platforms fail and
 * the program is started anew. When all is well again, what is at the platforms is what was wished
 * for last: once, under its last title, on air or not. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

enum { RECORDS = 5, STEPS = 30 };

static struct world w;

static struct record {
    struct id id;
    bool made, deleted;
    int version; /* of its title */
} records[RECORDS];

static void close_world(void)
{
    world_close(&w);
}

/* ---- the walk ---- */

static void name_record(char title[40], int n)
{
    snprintf(title, 40, "L%d v%d", n, records[n].version);
}

static bool fine(bool done, const struct error *err)
{
    ck_assert_msg(done || err->kind == ERROR_REFUSED || err->kind == ERROR_MISSING, "%s: %s",
                  error_policy(err->kind)->name, err->message);
    return done;
}

/* Where the account has one key and nothing is made for a livestream: it says how the account is.
 * Two at once cannot be told apart there, so one alone goes there. */
static bool of_account(enum platform_id p)
{
    return p == PLATFORM_RESTREAM || p == PLATFORM_INSTAGRAM;
}

static void create(struct cases *c, int n)
{
    enum platform_id all[PLATFORM_COUNT], chosen[PLATFORM_COUNT];
    size_t count = world_platforms(&w, PLATFORM_LIVESTREAMS, all), kept = 0;
    uint64_t wanted = 1 + dice(c, (1u << count) - 1);
    char title[40];

    for (size_t i = 0; i < count; i++) {
        if (wanted >> i & 1 && (n == 0 || !of_account(all[i])))
            chosen[kept++] = all[i];
    }
    if (kept == 0)
        chosen[kept++] = PLATFORM_YOUTUBE;
    records[n].version = 1;
    name_record(title, n);
    records[n].id = world_livestream(&w, title, chosen, kept, dice(c, 3) == 0);
    records[n].made = true;
}

static void rename_record(int n)
{
    struct record_input in = { .primary = -1 };
    struct error err = { 0 };
    char title[40];

    records[n].version++;
    name_record(title, n);
    in.title = title;
    if (!fine(livestream_edit(w.manager, records[n].id, &in, &world_operator, &err), &err))
        records[n].version--;
}

static void break_something(struct cases *c)
{
    static const char *const faults[] = {
        "\"kind\":\"status\",\"status\":500",
        "\"kind\":\"status\",\"status\":503",
        "\"kind\":\"reset\"",
        "\"kind\":\"lost_answer\"",
        "\"kind\":\"delay\",\"delayMs\":80",
        "\"kind\":\"cut\",\"bytes\":40",
        "\"kind\":\"garbage\"",
        "\"kind\":\"stall\"",
        "\"kind\":\"status\",\"status\":403",
    };
    enum platform_id all[PLATFORM_COUNT];
    size_t count = world_platforms(&w, PLATFORM_LIVESTREAMS, all);
    enum platform_id p = all[dice(c, count)];
    const char *fault = faults[dice(c, sizeof faults / sizeof *faults)];
    const char *method = dice(c, 2) ? ",\"method\":\"POST\"" : "";

    world_fault(&w, "{\"platform\":\"%s\",%s%s,\"times\":%d,\"after\":%d}", platform_slug(p), fault,
                method, 1 + (int)dice(c, 4), (int)dice(c, 4));
}

static void nap(struct cases *c)
{
    int64_t end = clock_mono() + (int64_t)dice(c, 80);

    while (clock_mono() < end)
        test_nap();
}

static void act(struct cases *c, int n, struct text *told)
{
    enum platform_id all[PLATFORM_COUNT];
    size_t count = world_platforms(&w, PLATFORM_LIVESTREAMS, all);
    struct error err = { 0 };
    struct id id = records[n].id;

    switch (dice(c, 10)) {
    case 0:
    case 1:
        text_addf(told, " rename%d", n);
        rename_record(n);
        break;
    case 2:
    case 3:
    case 4:
        text_addf(told, " start%d", n);
        fine(livestream_start(w.manager, id, &world_operator, &err), &err);
        break;
    case 5:
    case 6:
        text_addf(told, " stop%d", n);
        fine(livestream_stop(w.manager, id, &world_operator, &err), &err);
        break;
    case 7:
        text_addf(told, " delete%d", n);
        if (fine(livestream_delete(w.manager, id, &world_operator, &err), &err))
            records[n].deleted = true;
        break;
    default:
        text_addf(told, " retry%d", n);
        fine(livestream_retry(w.manager, id, all[dice(c, count)], &world_operator, &err), &err);
        break;
    }
}

static void walk(struct cases *c, struct text *told)
{
    for (int i = 0; i < STEPS; i++) {
        int n = (int)dice(c, RECORDS);
        uint64_t what = dice(c, 10);

        if (what == 0) {
            text_add(told, " restart");
            world_engine_close(&w);
            world_engine_open(&w, true);
        } else if (what <= 2) {
            text_add(told, " fault");
            break_something(c);
        } else if (what == 3) {
            text_add(told, " heal");
            sim_faults_clear(w.sim);
        } else if (what <= 5) {
            nap(c);
        } else if (!records[n].made) {
            text_addf(told, " create%d", n);
            create(c, n);
        } else {
            act(c, n, told);
        }
    }
}

/* ---- afterwards ---- */

/* With the whole state of the world when it does not hold. */
#define HOLDS(expression, ...)                                                                     \
    do {                                                                                           \
        if (!(expression)) {                                                                       \
            world_tell(&w);                                                                        \
            ck_abort_msg(__VA_ARGS__);                                                             \
        }                                                                                          \
    } while (0)

/* An operator presses r wherever something failed, until nothing has. */
static void put_right(void)
{
    for (int round = 0; round < 8; round++) {
        bool all = true;

        WORLD_UNTIL(&w, world_live(&w, (struct id){ "" }) == 0);
        for (int n = 0; n < RECORDS; n++) {
            struct livestream l = { 0 };
            struct error err;
            struct db *db;
            TEST_OK(db_read(engine_store(w.engine), &db, &err), err);
            bool there = records[n].made && livestream_get(db, records[n].id, &l, &err);
            db_read_end(db);
            for (size_t i = 0; there && i < l.target_count; i++) {
                if (l.targets[i].error_kind == ERROR_NONE && l.targets[i].status != TARGET_FAILED)
                    continue;
                all = false;
                fine(
                    livestream_retry(w.manager, l.id, l.targets[i].platform, &world_operator, &err),
                    &err);
            }
            livestream_release(&l);
        }
        if (all)
            return;
    }
}

static bool on_air(const cJSON *object)
{
    const char *state = json_string(object, "state");

    return text_equal(state, "live") || text_equal(state, "LIVE") ||
           text_equal(state, "liveStarting");
}

/* What is at the platform under this record's name: how many, how many of them on air, how many
 * under another than the last title. */
struct there {
    int count, on_air, old_title;
};

static struct there look(const cJSON *objects, int n, enum platform_id p)
{
    struct there there = { 0 };
    char title[40], prefix[16];

    name_record(title, n);
    snprintf(prefix, sizeof prefix, "L%d v", n);
    for (const cJSON *o = objects->child; o; o = o->next) {
        const char *kind = json_string(o, "kind");
        if (json_bool(o, "deleted", false) ||
            !text_equal(json_string(o, "platform"), platform_slug(p)) ||
            !(text_equal(kind, "broadcast") || text_equal(kind, "live_video")) ||
            !text_starts(json_string(o, "title"), prefix))
            continue;
        there.count++;
        there.on_air += on_air(o);
        there.old_title += !text_equal(json_string(o, "title"), title);
    }
    return there;
}

/* How often the platform refused even to say whether it had been made. A person was told to look
 * then and tried again without looking, as nobody looks here: one more may be there for each. */
static int told_to_look(const struct target *t)
{
    return (int)world_sql_of(&w,
                             "SELECT count(*) FROM jobs WHERE target_id = $1 AND state = 'dead' "
                             "AND reconcile = 1 AND error_kind = 'forbidden'",
                             t->id.hex);
}

static void check_target(const cJSON *objects, int n, const struct livestream *l,
                         const struct target *t)
{
    struct there there = look(objects, n, t->platform);
    const char *slug = platform_slug(t->platform);

    /* It failed before it was made anywhere, and then it was stopped: it goes on saying why. */
    if (t->status == TARGET_FAILED && !t->remote_id[0] && l->stop_asked) {
        ck_assert_int_eq(there.count, 0);
        return;
    }
    HOLDS(t->error_kind == ERROR_NONE, "L%d on %s: %s", n, slug, t->error);
    if (of_account(t->platform)) {
        HOLDS(t->wish == WISH_READY ||
                  t->status == (t->wish == WISH_LIVE ? TARGET_LIVE : TARGET_ENDED),
              "L%d on %s: %s", n, slug, target_status_name(t->status, SUBJECT_LIVESTREAM));
        return;
    }
    int most = 1 + told_to_look(t);
    HOLDS(there.count <= most, "L%d is on %s %d times", n, slug, there.count);
    switch (t->wish) {
    case WISH_READY:
        HOLDS(there.count >= 1 && !there.on_air, "L%d on %s: %d there, %d on air", n, slug,
              there.count, there.on_air);
        break;
    case WISH_LIVE:
        HOLDS(there.count >= 1 && there.on_air == 1 && t->status == TARGET_LIVE,
              "L%d on %s: %d there, %d on air, %s", n, slug, there.count, there.on_air,
              target_status_name(t->status, SUBJECT_LIVESTREAM));
        ck_assert_int_eq(l->status, LIVESTREAM_LIVE);
        break;
    case WISH_ENDED:
        HOLDS(!there.on_air && t->status == TARGET_ENDED, "L%d on %s: %d on air, %s", n, slug,
              there.on_air, target_status_name(t->status, SUBJECT_LIVESTREAM));
        break;
    case WISH_DELETED:
        ck_abort_msg("L%d on %s is still being deleted", n, slug);
    }
    if (t->wish == WISH_READY || t->wish == WISH_LIVE)
        HOLDS(there.old_title < most, "L%d on %s has an old title", n, slug);
}

static void check_all(void)
{
    cJSON *objects = world_control(&w, "GET", "/_sim/objects", NULL);

    for (int n = 0; n < RECORDS; n++) {
        struct livestream l = { 0 };
        struct error err;
        struct db *db;

        if (!records[n].made)
            continue;
        TEST_OK(db_read(engine_store(w.engine), &db, &err), err);
        bool there = livestream_get(db, records[n].id, &l, &err);
        db_read_end(db);
        HOLDS(there != records[n].deleted, "L%d was %s", n,
              there ? "deleted and is there" : "not deleted and is gone");
        for (size_t i = 0; there && i < l.target_count; i++)
            check_target(objects, n, &l, &l.targets[i]);
        for (int p = 0; !there && p < PLATFORM_COUNT; p++)
            HOLDS(look(objects, n, (enum platform_id)p).on_air == 0, "L%d is gone and on air on %s",
                  n, platform_slug((enum platform_id)p));
        livestream_release(&l);
    }
    cJSON_Delete(objects);
}

START_TEST(what_was_wished_for_last_comes_true_once)
{
    struct cases c = { .total = 20 };
    struct text told;

    text_init(&told, 4000);
    while (cases_next(&c)) {
        memset(records, 0, sizeof records);
        world_open(&w, &(struct world_options){ .seed = (uint64_t)c.number });
        cJSON_Delete(world_control(&w, "POST", "/_sim/allowance",
                                   "{\"platform\":\"youtube\",\"left\":100000000}"));
        text_clear(&told);
        walk(&c, &told);
        case_tell(&c, "%s", text_str(&told));
        sim_faults_clear(w.sim);
        put_right();
        check_all();
        world_close(&w);
    }
    text_release(&told);
}
END_TEST

TEST_MAIN_FIXTURE("wishes", NULL, close_world, what_was_wished_for_last_comes_true_once)

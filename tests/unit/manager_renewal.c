/* Sixty-four callers meet a token that is over, at platforms whose refresh tokens are good once: it
 * is renewed once, whether they are threads of one process or eight in each of eight, and all of
 * them get their answer. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/store/records.h>

#include "other.h"
#include "person.h"
#include "world.h"

enum { CALLERS = 64, PROCESSES = 8, EACH = CALLERS / PROCESSES };

static struct world world;
static struct error err;

static const enum platform_id rotating[] = { PLATFORM_ZOOM, PLATFORM_RESTREAM };

/* Many at once, but not so many that the platform's own limit strikes: how many times its pace. */
static void pace(int times)
{
    char text[8];

    snprintf(text, sizeof text, "%d", times);
    setenv("ECCLESIA_TEST_PACE", text, 1);
}

static void setup(void)
{
    world_open(&world, &(struct world_options){ .unconnected = true, .idle = true });
}

static void teardown(void)
{
    world_close(&world);
}

/* ---- those who ask ---- */

struct caller {
    pthread_t thread;
    struct manager *manager;
    struct id church;
    enum platform_id platform;
    bool done;
    enum connection_status status;
    struct error err;
};

static void *ask(void *argument)
{
    struct caller *c = argument;
    struct connection found = { 0 };

    c->done = connection_check(c->manager, c->church, c->platform, &world_operator, NULL, &found,
                               &c->err);
    c->status = found.status;
    if (c->done && c->status != CONNECTION_CONNECTED)
        text_copy_to(c->err.message, sizeof c->err.message, found.reason_text);
    connection_release(&found);
    return NULL;
}

/* How many of them were told "connected". */
static int ask_all(struct manager *m, struct id church, enum platform_id p, int count, char *why,
                   size_t size)
{
    static struct caller callers[CALLERS];
    int good = 0;

    for (int i = 0; i < count; i++) {
        callers[i] = (struct caller){ .manager = m, .church = church, .platform = p };
        if (pthread_create(&callers[i].thread, NULL, ask, &callers[i]) != 0)
            return -1;
    }
    for (int i = 0; i < count; i++) {
        pthread_join(callers[i].thread, NULL);
        if (callers[i].done && callers[i].status == CONNECTION_CONNECTED)
            good++;
        else
            text_copy_to(why, size, callers[i].err.message);
    }
    return good;
}

/* Another process: "callers DB KEY CONFIG CHURCH PLATFORM". Waits for a word, asks, and says how
 * many were answered. */
static int be_callers(char **words)
{
    struct engine_options o = { .db_path = words[0], .key_file = words[1] };
    struct config *config = NULL;
    struct engine *engine = NULL;
    struct id church;
    char why[600] = "", line[16];
    enum platform_id p;
    int good;

    text_copy_to(church.hex, sizeof church.hex, words[3]);
    if (!platform_from_slug(words[4], &p) || !config_load(&config, words[2], &err) ||
        !engine_open(&engine, config, &o, &err)) {
        printf("%s\n", err.message);
        return 1;
    }
    puts("ready");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin))
        return 1;
    good = ask_all(engine_manager(engine), church, p, EACH, why, sizeof why);
    printf("%d %s\n", good, why);
    fflush(stdout);
    engine_close(engine);
    config_free(config);
    return 0;
}

/* ---- what the platform saw ---- */

static size_t renewals(enum platform_id p)
{
    return world_request_count(&world, p, "POST", "/oauth/token");
}

/* The platform takes the access token no more. */
static void end_access(enum platform_id p)
{
    char body[100];

    snprintf(body, sizeof body, "{\"platform\":\"%s\",\"action\":\"expire_access\"}",
             platform_slug(p));
    cJSON_Delete(world_control(&world, "POST", "/_sim/grants", body));
}

/* The same by the clock: its end has passed. */
static void end_by_time(enum platform_id p)
{
    struct connection c = { 0 };
    struct db *db;

    world_connection(&world, p, &c);
    c.access_expires_ms = clock_now() - 1000;
    TEST_OK(db_begin(engine_store(world.engine), &db, &err), err);
    TEST_OK(connection_put(db, &c, &err), err);
    TEST_OK(db_commit(db, &err), err);
    connection_release(&c);
}

/* ---- tests ---- */

START_TEST(of_sixty_four_threads_one_renews)
{
    enum platform_id p = rotating[_i / 2];
    char why[600] = "";
    size_t before;

    pace(p == PLATFORM_ZOOM ? 12 : 200);
    person_sign_in(&world, p, NULL);
    for (int again = 0; again < (p == PLATFORM_ZOOM ? 1 : 2); again++) {
        (_i % 2 ? end_by_time : end_access)(p);
        before = renewals(p);
        int good = ask_all(world.manager, world.church.id, p, CALLERS, why, sizeof why);
        ck_assert_msg(good == CALLERS, "%d of %d are connected: %s", good, CALLERS, why);
        ck_assert_uint_eq(renewals(p) - before, 1);
    }
}
END_TEST

static void share_with_others(void)
{
    char name[64];

    setenv("ECCLESIA_SIM", json_string(world.ready, "base"), 1);
    for (size_t i = 0; i < 2; i++) {
        const char *slug = platform_slug(rotating[i]);
        const cJSON *part = json_at(json_at(world.ready, "platforms"), slug);

        for (size_t k = 0; k < 2; k++) {
            static const char *const keys[] = { "client_id", "client_secret" };

            snprintf(name, sizeof name, "ECCLESIA_%s_%s", i ? "RESTREAM" : "ZOOM",
                     k ? "CLIENT_SECRET" : "CLIENT_ID");
            setenv(name, json_string(part, keys[k]), 1);
        }
    }
}

START_TEST(of_eight_in_each_of_eight_processes_one_renews)
{
    enum platform_id p = rotating[_i];
    struct other others[PROCESSES];
    char line[700];
    size_t before;

    person_sign_in(&world, p, NULL);
    share_with_others();
    pace(p == PLATFORM_ZOOM ? 2 : 40);
    end_access(p);
    before = renewals(p);
    for (int i = 0; i < PROCESSES; i++)
        other_start(&others[i], "callers", world.db, world.key,
                    test_path(world.directory, "ecclesia.conf"), world.church.id.hex,
                    platform_slug(p), NULL);
    for (int i = 0; i < PROCESSES; i++) {
        other_hear(&others[i], line, sizeof line);
        ck_assert_str_eq(line, "ready");
    }
    for (int i = 0; i < PROCESSES; i++)
        other_say(&others[i], "go");
    for (int i = 0; i < PROCESSES; i++) {
        other_hear(&others[i], line, sizeof line);
        ck_assert_msg(atoi(line) == EACH, "process %d: %s of %d are connected", i, line, EACH);
        ck_assert_int_eq(other_wait(&others[i]), 0);
    }
    ck_assert_uint_eq(renewals(p) - before, 1);
    /* And it works, for the one that watched too. */
    char why[600] = "";
    ck_assert_int_eq(ask_all(world.manager, world.church.id, p, 1, why, sizeof why), 1);
    ck_assert_uint_eq(renewals(p) - before, 1);
}
END_TEST

/* Restream's refresh token that was typed in is one of a kind too. */
START_TEST(what_was_typed_in_is_renewed_once_too)
{
    char why[600] = "";
    size_t before;

    pace(200);
    TEST_OK(world_connect(&world, PLATFORM_RESTREAM, NULL, &err), err);
    end_access(PLATFORM_RESTREAM);
    before = renewals(PLATFORM_RESTREAM);
    int good = ask_all(world.manager, world.church.id, PLATFORM_RESTREAM, CALLERS, why, sizeof why);
    ck_assert_msg(good == CALLERS, "%d of %d are connected: %s", good, CALLERS, why);
    ck_assert_uint_eq(renewals(PLATFORM_RESTREAM) - before, 1);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "callers") == 0)
        return be_callers(argv + 2);
    Suite *suite = suite_create("manager_renewal");
    TCase *c = tcase_create("all");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, of_sixty_four_threads_one_renews, 0, 4);
    tcase_add_loop_test(c, of_eight_in_each_of_eight_processes_one_renews, 0, 2);
    tcase_add_test(c, what_was_typed_in_is_renewed_once_too);
    suite_add_tcase(suite, c);
    return test_run(suite);
}

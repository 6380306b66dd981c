/* The console over a real database: what it reads, and that it stays quick when there is much to
 * read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ecclesia/base/text.h>
#include <ecclesia/engine.h>

#include "screenlib.h"
#include "testlib.h"

static struct screen screen;
static struct config *config;
static struct engine *engine;
static struct console_source source;
static struct id church_id;

static void setup(void)
{
    struct engine_options o = { .db_path = test_path(test_dir(), "ecclesia.db"),
                                .key_file = test_path(test_dir(), "key") };
    struct error err;

    clock_fix(STAGE_NOW);
    screen_defaults(&screen);
    setenv("XDG_CONFIG_HOME", test_dir(), 1);
    TEST_OK(config_load(&config, "/dev/null", &err), err);
    TEST_OK(engine_open(&engine, config, &o, &err), err);
    TEST_OK(console_source_engine(&source, engine, NULL, "mary", true, &err), err);
}

static void teardown(void)
{
    screen_close(&screen);
    console_source_engine_free(&source);
    engine_close(engine);
    config_free(config);
}

static void find_church(void)
{
    struct church c = { 0 };
    struct error err;

    TEST_OK(source.church(source.self, &c, &err), err);
    church_id = c.id;
    church_release(&c);
}

static struct db *begin(void)
{
    struct db *db = NULL;
    struct error err;

    TEST_OK(db_begin(engine_store(engine), &db, &err), err);
    return db;
}

static void commit(struct db *db)
{
    struct error err;

    TEST_OK(db_commit(db, &err), err);
}

static struct id insert_stream(struct db *db, const char *title, int64_t start_ms,
                               enum target_status status)
{
    struct livestream l = { .id = id_new(),
                            .church = church_id,
                            .title = (char *)title,
                            .description = (char *)"",
                            .thumbnail = (char *)"",
                            .start_ms = start_ms,
                            .start_asked = status == TARGET_LIVE,
                            .status =
                                status == TARGET_LIVE ? LIVESTREAM_LIVE : LIVESTREAM_SCHEDULED,
                            .created_ms = STAGE_NOW,
                            .updated_ms = STAGE_NOW };
    struct target t = { .id = id_new(),
                        .subject = l.id,
                        .church = church_id,
                        .kind = SUBJECT_LIVESTREAM,
                        .platform = PLATFORM_YOUTUBE,
                        .status = status,
                        .wish = status == TARGET_LIVE ? WISH_LIVE : WISH_READY,
                        .settings = (char *)"{}",
                        .remote_id = (char *)"r",
                        .remote = (char *)"{}",
                        .url = (char *)"https://youtu.be/abc",
                        .ingest_url = (char *)"",
                        .note = (char *)"",
                        .viewers = -1,
                        .error = (char *)"",
                        .remedy = (char *)"",
                        .error_code = (char *)"" };
    struct error err;

    l.targets = &t;
    l.target_count = 1;
    TEST_OK(livestream_insert(db, &l, &err), err);
    return l.id;
}

static void insert_event(struct db *db, enum event_level level, const char *text)
{
    struct event e = { .at_ms = STAGE_NOW,
                       .church = church_id,
                       .level = level,
                       .platform = PLATFORM_YOUTUBE,
                       .kind = (char *)"test",
                       .text = (char *)text,
                       .remedy = (char *)"",
                       .actor = (char *)"engine" };
    struct error err;

    TEST_OK(event_add(db, &e, &err), err);
}

START_TEST(first_run)
{
    screen_open(&screen, &source, 24, 80);
    screen_expect("Three steps to the first service");
    screen_expect("0 of ");
    screen_keys(&screen, "1");
    screen_expect("YouTube");
    screen_expect("not connected");
    screen_expect("Not connected. Press c to sign in.");
}
END_TEST

START_TEST(what_is_made_is_shown)
{
    struct db *db;

    find_church();
    screen_open(&screen, &source, 24, 80);
    screen_keys(&screen, "n 'Advent concert' tab tab 'tomorrow 19:30' tab tab tab");
    /* Nothing is connected: the box must be ticked by hand. */
    screen_keys(&screen, "space ctrl-s");
    console_reload(screen.console);
    console_draw(screen.console);
    screen_expect("▸ Advent concert");
    screen_expect("tomorrow 19:30");
    screen_keys(&screen, "esc e end ' II' ctrl-s");
    console_reload(screen.console);
    console_draw(screen.console);
    screen_expect("Advent concert II");
    db = begin();
    insert_stream(db, "Sunday Service", STAGE_NOW, TARGET_LIVE);
    commit(db);
    console_reload(screen.console);
    console_draw(screen.console);
    screen_expect("● live");
    screen_expect("● LIVE");
    screen_keys(&screen, "esc g x");
    screen_expect("Stop Sunday Service?");
    screen_keys(&screen, "tab enter");
    screen_expect("Sunday Service");
    screen_keys(&screen, "esc colon 'livestream show \"Advent' tab enter");
    screen_expect("Advent concert II");
}
END_TEST

START_TEST(disconnecting_says_who_loses_it)
{
    struct connection c = { .id = id_new(),
                            .platform = PLATFORM_YOUTUBE,
                            .status = CONNECTION_CONNECTED,
                            .method = (char *)"credentials",
                            .account_ref = (char *)"1",
                            .account_name = (char *)"St Mark's",
                            .scopes = (char *)"",
                            .reason = (char *)"",
                            .reason_text = (char *)"",
                            .remedy = (char *)"",
                            .options = (char *)"{}",
                            .accepted = true,
                            .last_ok_ms = STAGE_NOW };
    struct db *db;
    struct error err;

    find_church();
    c.church = church_id;
    db = begin();
    TEST_OK(connection_put(db, &c, &err), err);
    commit(db);
    screen_open(&screen, &source, 24, 80);
    screen_expect("1 of ");
    screen_keys(&screen, "1 G");
    screen_keys(&screen, "/ 'you' enter D");
    screen_expect("Disconnect YouTube?");
    screen_keys(&screen, "enter");
    screen_expect("St Mark's");
}
END_TEST

static void fill(int streams, int events)
{
    struct db *db = begin();
    char title[60];

    for (int i = 0; i < streams; i++) {
        snprintf(title, sizeof title, "Service %05d", i);
        insert_stream(db, title, STAGE_NOW + (int64_t)i * 3600000, TARGET_PENDING);
    }
    for (int i = 0; i < events; i++) {
        snprintf(title, sizeof title, "Service: event %06d", i);
        insert_event(db, EVENT_INFO, title);
    }
    commit(db);
}

static double cpu_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Moving by rows reads nothing but at the edge of what is in memory, so it costs the same however
 * much there is. Measured in this thread's time on the processor, and against an upper bound that
 * only a wrong way of reading passes. */
START_TEST(much_stays_quick)
{
    double before;

    find_church();
    fill(10000, 100000);
    screen_open(&screen, &source, 24, 80);
    screen_expect("Service 00000");
    before = cpu_ms();
    for (int i = 0; i < 100; i++)
        screen_keys(&screen, "j");
    before = cpu_ms() - before;
    printf("a step: %.2f ms of the processor\n", before / 100);
    ck_assert_msg(before / 100 < 50, "a step took %.1f ms", before / 100);
    screen_expect("▸ Service 00100");
    before = cpu_ms();
    console_reload(screen.console);
    printf("reading anew: %.2f ms of the processor\n", cpu_ms() - before);
    screen_keys(&screen, "G");
    screen_expect("▸ Service 09999");
    screen_keys(&screen, "k");
    screen_expect("▸ Service 09998");
    screen_keys(&screen, "g");
    screen_expect("▸ Service 00000");
    for (int i = 0; i < 40; i++)
        screen_keys(&screen, "pgdn");
    screen_keys(&screen, "pgup");
    screen_expect("▸ Service 00");
    screen_keys(&screen, "/ '09876' enter");
    screen_expect("▸ Service 09876");
    screen_keys(&screen, "esc L L g");
    screen_expect("event 000000");
    screen_keys(&screen, "G");
    screen_expect("event 099999");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 100);
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, first_run);
    tcase_add_test(all, what_is_made_is_shown);
    tcase_add_test(all, disconnecting_says_who_loses_it);
    tcase_add_test(all, much_stays_quick);
    suite_add_tcase(suite, all);
    return test_run(suite);
}

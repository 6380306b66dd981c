/* Notice of commits, in this process and from others. */
#include "other.h"
#include "testlib.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/store/db.h>

#include "store/private.h"

static struct error err;
static struct store *store;
static struct watch *watch;
static const char *path;

static void setup(void)
{
    path = test_path(test_dir(), "e.db");
    TEST_OK(store_open(&store, path, &err), err);
    store->look_most_ms = 64;
    TEST_OK(watch_open(&watch, store, &err), err);
}

static void teardown(void)
{
    watch_close(watch);
    store_close(store);
}

static bool add_church(struct store *s, bool commit)
{
    struct db *db;
    struct id id = id_new();

    if (!db_begin(s, &db, &err))
        return false;
    if (db_run(db, &err, "INSERT INTO churches VALUES ($1,$1,'n','z',1)", "I", id) && commit)
        return db_commit(db, &err);
    db_rollback(db);
    return !commit;
}

static int64_t churches(void)
{
    struct db *db;
    struct rows r;
    int64_t count = -1;

    TEST_OK(db_read(store, &db, &err), err);
    TEST_OK(rows_open(&r, db, &err, "SELECT count(*) FROM churches", ""), err);
    if (rows_next(&r))
        count = rows_int(&r, 0);
    TEST_OK(rows_close(&r, &err), err);
    db_read_end(db);
    return count;
}

static bool readable(int ms)
{
    struct pollfd p = { .fd = watch_fd(watch), .events = POLLIN };

    return poll(&p, 1, ms) == 1;
}

/* Waits for news as a front does: asleep in poll(), never asking by the clock. */
static bool news(void)
{
    int64_t end = clock_mono() + TEST_PATIENCE_MS;

    while (clock_mono() < end)
        if (readable((int)(end - clock_mono())) && watch_changed(watch))
            return true;
    return false;
}

/* No wake for a while; what is still under way (a look that was planned) may come to its end
 * before. */
static void ck_silent(void)
{
    ck_assert(!watch_changed(watch));
    ck_assert(!readable(200));
}

START_TEST(own_commits_wake)
{
    ck_silent();
    for (int i = 0; i < 3; i++) {
        ck_assert(add_church(store, true));
        ck_assert(news());
        ck_silent();
    }
    /* Several make one piece of news. */
    for (int i = 0; i < 5; i++)
        ck_assert(add_church(store, true));
    ck_assert(news());
    ck_silent();
}
END_TEST

START_TEST(foreign_commits_wake)
{
    struct other other;
    char line[100];

    other_start(&other, "commit", path, NULL);
    other_hear(&other, line, sizeof(line));
    ck_assert_str_eq(line, "ready");
    watch_changed(watch);
    ck_silent();
    for (int i = 1; i <= 3; i++) {
        other_say(&other, "commit");
        ck_assert(news());
        ck_assert_int_eq(churches(), i);
        other_hear(&other, line, sizeof(line));
        ck_assert_str_eq(line, "done");
        ck_silent();
    }
    ck_assert_int_eq(other_wait(&other), 0);
}
END_TEST

START_TEST(nothing_else_wakes)
{
    const char *beside = test_path(store->directory, "other.log");
    struct db *db;

    ck_assert(add_church(store, false));
    ck_assert(!watch_changed(watch));
    churches();
    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(db_commit(db, &err), err);
    test_write_file(beside, "x", 1);
    ck_assert(!watch_changed(watch));
    for (int i = 0; i < 20; i++)
        test_write_file(beside, "longer", 6);
    ck_silent();
}
END_TEST

/* What is written and not committed: wakes perhaps, but is no change, and silence comes again. */
START_TEST(a_write_without_a_commit_is_no_change)
{
    int wakes = 0;
    int file = open(store->wal, O_WRONLY | O_CLOEXEC | O_APPEND);

    ck_assert_int_ge(file, 0);
    ck_assert(write(file, "x", 1) == 1);
    close(file);
    ck_assert(readable(1000));
    while (readable(300)) {
        ck_assert(!watch_changed(watch));
        wakes++;
    }
    ck_assert_int_ge(wakes, 2);
    ck_assert_int_le(wakes, 6);
}
END_TEST

/* A program that knows nothing of our touch of the log file. */
START_TEST(a_stranger_is_noticed_too)
{
    sqlite3 *h;

    ck_assert_int_eq(sqlite3_open(path, &h), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(h, "INSERT INTO churches VALUES ('a','a','n','z',1)", NULL, NULL, NULL),
        SQLITE_OK);
    ck_assert(news());
    /* Big enough to be written in part before it is committed. */
    ck_assert_int_eq(sqlite3_exec(h,
                                  "PRAGMA cache_size=10; BEGIN IMMEDIATE;"
                                  "INSERT INTO churches WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
                                  " SELECT i+1 FROM n LIMIT 3000)"
                                  " SELECT 'c'||i,'c'||i,hex(randomblob(200)),'z',1 FROM n",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert(readable(TEST_PATIENCE_MS));
    ck_assert(!watch_changed(watch));
    ck_assert_int_eq(sqlite3_exec(h, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    ck_assert(news());
    ck_assert_int_eq(churches(), 3001);
    sqlite3_close(h);
}
END_TEST

/* The last of many commits must be noticed, from wherever: a notice that comes before what it tells
 * of would be lost. */
START_TEST(no_commit_is_missed)
{
    struct other others[2];

    for (int i = 0; i < 2; i++)
        other_start(&others[i], "many", path, "150", NULL);
    while (churches() < 300)
        ck_assert(news());
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(other_wait(&others[i]), 0);
    while (readable(0))
        watch_changed(watch);
    /* One at a time: each alone must wake. */
    other_start(&others[0], "commit", path, NULL);
    for (int i = 1; i <= 100; i++) {
        other_say(&others[0], "commit");
        while (churches() < 300 + i)
            ck_assert(news());
    }
    ck_assert_int_eq(other_wait(&others[0]), 0);
}
END_TEST

START_TEST(without_inotify_it_asks)
{
    struct watch *asking;
    struct pollfd p = { .events = POLLIN };

    TEST_OK(watch_open_as(&asking, store, false, &err), err);
    p.fd = watch_fd(asking);
    ck_assert(!watch_changed(asking));
    ck_assert(add_church(store, true));
    ck_assert_int_eq(poll(&p, 1, TEST_PATIENCE_MS), 1);
    ck_assert(watch_changed(asking));
    ck_assert(!watch_changed(asking));
    watch_close(asking);
    watch_close(NULL);
}
END_TEST

/* The log file away and there again, as after a restore: the new one is watched. */
START_TEST(a_new_log_file_is_watched)
{
    const char *aside = test_path(store->directory, "aside");

    ck_assert(add_church(store, true));
    ck_assert(news());
    ck_assert(rename(store->wal, aside) == 0);
    test_write_file(store->wal, "", 0);
    ck_assert(readable(TEST_PATIENCE_MS));
    while (readable(300))
        watch_changed(watch);
    watch_tell(store);
    ck_assert(readable(TEST_PATIENCE_MS));
    ck_assert(rename(aside, store->wal) == 0);
}
END_TEST

static int commit_when_told(const char *file)
{
    struct store *s;
    char line[16];

    if (!store_open(&s, file, &err))
        return 1;
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin)) {
        if (!add_church(s, true))
            return 2;
        printf("done\n");
        fflush(stdout);
    }
    store_close(s);
    return 0;
}

static int commit_many(const char *file, const char *times)
{
    struct store *s;

    if (!store_open(&s, file, &err))
        return 1;
    for (long left = strtol(times, NULL, 10); left > 0; left--)
        if (!add_church(s, true))
            return 2;
    store_close(s);
    return 0;
}

int main(int argc, char **argv)
{
    const TTest *const tests[] = {
        own_commits_wake,          foreign_commits_wake,
        nothing_else_wakes,        a_write_without_a_commit_is_no_change,
        a_stranger_is_noticed_too, no_commit_is_missed,
        without_inotify_it_asks,   a_new_log_file_is_watched,
    };

    if (argc == 3 && strcmp(argv[1], "commit") == 0)
        return commit_when_told(argv[2]);
    if (argc == 4 && strcmp(argv[1], "many") == 0)
        return commit_many(argv[2], argv[3]);
    return test_main("store_watch", setup, teardown, tests, sizeof(tests) / sizeof(tests[0]));
}

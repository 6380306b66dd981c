/* Copies of whole databases, and one in the place of another. */
#include "other.h"
#include "rawsql.h"
#include "testlib.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/store/audit.h>
#include <ecclesia/store/copy.h>

static struct error err;
static const char *path, *copy;
static struct store *store;

static void setup(void)
{
    path = test_path(test_dir(), "e.db");
    copy = test_path(test_dir(), "copy.db");
    TEST_OK(store_open(&store, path, &err), err);
}

static void teardown(void)
{
    store_close(store);
    store = NULL;
}

static void add_church(struct store *s, const char *slug)
{
    struct db *db;

    TEST_OK(db_begin(s, &db, &err), err);
    TEST_OK(db_run(db, &err, "INSERT INTO churches VALUES ($1,$2,'Grace','UTC',1)", "It", id_new(),
                   slug),
            err);
    TEST_OK(db_commit(db, &err), err);
}

static char *slugs(const char *file)
{
    return test_sqlite_text(
        file,
        "SELECT coalesce(group_concat(slug), '') FROM (SELECT slug FROM churches ORDER BY slug)");
}

static void ck_slugs(const char *file, const char *wanted)
{
    char *got = slugs(file);

    ck_assert_str_eq(got, wanted);
    free(got);
}

static bool there(const char *file, const char *tail)
{
    char name[4500];

    snprintf(name, sizeof(name), "%s%s", file, tail);
    return access(name, F_OK) == 0;
}

/* ---- copies */

START_TEST(a_copy_is_whole_and_stands_alone)
{
    struct copy_info info;
    struct stat st;

    add_church(store, "one");
    TEST_OK(store_copy(store, copy, &err), err);
    ck_assert(!there(copy, "-wal") && !there(copy, "-shm") && !there(copy, "-journal"));
    ck_assert(stat(copy, &st) == 0 && (st.st_mode & 0777) == 0600);
    add_church(store, "two");
    TEST_OK(store_copy_check(copy, &info, &err), err);
    ck_assert(id_equal(info.store_id, store_id(store)));
    ck_assert_int_eq(info.schema, 4);
    ck_assert_int_eq(info.bytes, st.st_size);
    ck_assert_str_eq(info.audit_head, "");
    ck_slugs(copy, "one");
}
END_TEST

static atomic_bool writing;

static void *write_on(void *unused)
{
    char slug[20];

    (void)unused;
    for (int i = 0; atomic_load(&writing); i++) {
        snprintf(slug, sizeof(slug), "s%d", i);
        add_church(store, slug);
    }
    return NULL;
}

START_TEST(a_copy_beside_a_busy_writer)
{
    struct copy_info info;
    pthread_t thread;

    atomic_store(&writing, true);
    ck_assert_int_eq(pthread_create(&thread, NULL, write_on, NULL), 0);
    for (int i = 0; i < 20; i++) {
        TEST_OK(store_copy(store, copy, &err), err);
        TEST_OK(store_copy_check(copy, &info, &err), err);
        unlink(copy);
    }
    atomic_store(&writing, false);
    pthread_join(thread, NULL);
}
END_TEST

START_TEST(what_is_not_ours_or_not_whole_is_told_apart)
{
    struct copy_info info;
    size_t length;
    char *bytes;

    TEST_OK(store_copy(store, copy, &err), err);
    test_sqlite(copy, "PRAGMA user_version=900");
    TEST_FAILS(store_copy_check(copy, &info, &err), err, ERROR_STORE_FOREIGN);
    test_sqlite(copy, "PRAGMA user_version=2; PRAGMA application_id=7");
    TEST_FAILS(store_copy_check(copy, &info, &err), err, ERROR_STORE_FOREIGN);
    test_write_file(copy, "", 0);
    TEST_FAILS(store_copy_check(copy, &info, &err), err, ERROR_STORE_FOREIGN);
    test_write_file(copy, "this is text", 12);
    TEST_FAILS(store_copy_check(copy, &info, &err), err, ERROR_STORE);
    unlink(copy);
    TEST_OK(store_copy(store, copy, &err), err);
    bytes = test_read_file(copy, &length);
    memset(bytes + 8192, 0x5a, 4096);
    test_write_file(copy, bytes, length);
    TEST_FAILS(store_copy_check(copy, &info, &err), err, ERROR_STORE);
    free(bytes);
}
END_TEST

START_TEST(one_at_a_time)
{
    struct workplace a, b;
    char left[4400];

    TEST_OK(workplace_open(&a, path, "backup", &err), err);
    TEST_FAILS(workplace_open(&b, path, "backup", &err), err, ERROR_CONFLICT);
    TEST_OK(workplace_open(&b, path, "restore", &err), err);
    workplace_close(&b);
    snprintf(left, sizeof(left), "%s/left", a.path);
    test_write_file(left, "x", 1);
    close(a.lock); /* as by kill -9 */
    TEST_OK(workplace_open(&b, path, "backup", &err), err);
    ck_assert_int_ne(access(left, F_OK), 0);
    workplace_close(&b);
    ck_assert(!there(path, ".backup"));
}
END_TEST

/* ---- replacing */

static void make_new(void)
{
    struct store *other;

    TEST_OK(store_open(&other, copy, &err), err);
    add_church(other, "new");
    store_close(other);
    TEST_OK(store_fold(copy, &err), err);
}

START_TEST(the_new_one_takes_the_place)
{
    char kept[4400];

    add_church(store, "old");
    store_close(store);
    store = NULL;
    make_new();
    TEST_OK(store_replace(path, copy, kept, sizeof(kept), &err), err);
    ck_slugs(path, "new");
    ck_slugs(kept, "old");
    ck_assert(!there(copy, "") && !there(kept, "-wal"));
    make_new();
    const char *fresh = test_path(test_dir(), "deep/fresh.db");
    TEST_OK(store_replace(fresh, copy, kept, sizeof(kept), &err), err);
    ck_assert_str_eq(kept, "");
    ck_slugs(fresh, "new");
}
END_TEST

START_TEST(one_in_use_is_left_alone)
{
    char kept[4400];
    struct other other;
    char line[40];
    bool held;

    add_church(store, "old");
    make_new();
    /* By this very process, too. */
    TEST_FAILS(store_replace(path, copy, kept, sizeof(kept), &err), err, ERROR_REFUSED);
    TEST_OK(engine_lock_try(store, &held, &err), err);
    TEST_FAILS(store_replace(path, copy, kept, sizeof(kept), &err), err, ERROR_REFUSED);
    ck_assert_msg(strstr(err.message, "works on it") != NULL, "%s", err.message);
    store_close(store);
    store = NULL;
    other_start(&other, "open", path, NULL);
    other_hear(&other, line, sizeof(line));
    TEST_FAILS(store_replace(path, copy, kept, sizeof(kept), &err), err, ERROR_REFUSED);
    ck_assert_msg(strstr(err.message, "open") != NULL, "%s", err.message);
    other_kill(&other);
    ck_slugs(path, "killed,old");
    TEST_OK(store_replace(path, copy, kept, sizeof(kept), &err), err);
    ck_slugs(path, "new");
    /* What the killed one had written went with the old. */
    ck_slugs(kept, "killed,old");
}
END_TEST

START_TEST(a_damaged_one_goes_as_it_is)
{
    char kept[4400];
    size_t length;
    char *bytes, *after;

    add_church(store, "old");
    store_close(store);
    store = NULL;
    make_new();
    bytes = test_read_file(path, &length);
    memset(bytes, 0x5a, 4096);
    test_write_file(path, bytes, length);
    TEST_OK(store_replace(path, copy, kept, sizeof(kept), &err), err);
    ck_slugs(path, "new");
    after = test_read_file(kept, &length);
    ck_assert_mem_eq(bytes, after, length);
    free(bytes);
    free(after);
}
END_TEST

START_TEST(the_log_of_a_damaged_one_is_kept_with_it)
{
    char wal[4500], kept[4400];
    struct other other;
    char line[40];
    FILE *f;

    add_church(store, "old");
    store_close(store);
    store = NULL;
    make_new();
    other_start(&other, "open", path, NULL);
    other_hear(&other, line, sizeof(line));
    other_kill(&other); /* leaves a log */
    snprintf(wal, sizeof(wal), "%s-wal", path);
    ck_assert_int_eq(access(wal, F_OK), 0);
    f = fopen(path, "r+e");
    ck_assert(f && fwrite("broken", 1, 6, f) == 6);
    fclose(f);
    TEST_OK(store_replace(path, copy, kept, sizeof(kept), &err), err);
    ck_slugs(path, "new");
    ck_assert(there(kept, ""));
}
END_TEST

static int open_and_wait(const char *file)
{
    struct store *s;

    if (!store_open(&s, file, &err))
        return 1;
    add_church(s, "killed");
    printf("open\n");
    fflush(stdout);
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    const TTest *const tests[] = {
        a_copy_is_whole_and_stands_alone,
        a_copy_beside_a_busy_writer,
        what_is_not_ours_or_not_whole_is_told_apart,
        one_at_a_time,
        the_new_one_takes_the_place,
        one_in_use_is_left_alone,
        a_damaged_one_goes_as_it_is,
        the_log_of_a_damaged_one_is_kept_with_it,
    };

    if (argc == 3 && strcmp(argv[1], "open") == 0)
        return open_and_wait(argv[2]);
    return test_main("store_copy", setup, teardown, tests, sizeof(tests) / sizeof(tests[0]));
}

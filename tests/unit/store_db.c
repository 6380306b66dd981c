/* Transactions, statements and rows. */
#include "other.h"
#include "testlib.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/store/db.h>

#include "store/private.h"

#define ADD_CHURCH "INSERT INTO churches VALUES ($1,$2,$3,$4,$5)"

static struct error err;
static struct store *store;
static const char *path;

static void setup(void)
{
    path = test_path(test_dir(), "e.db");
    TEST_OK(store_open(&store, path, &err), err);
}

static void teardown(void)
{
    store_close(store);
    store = NULL;
}

static bool add_church(struct db *db, const char *slug, struct error *e)
{
    return db_run(db, e, ADD_CHURCH, "Ittti", id_new(), slug, "Grace", "Europe/Berlin", (int64_t)1);
}

static int64_t count_in(struct db *db, const char *sql)
{
    struct rows r;
    int64_t count = -1;

    TEST_OK(rows_open(&r, db, &err, sql, ""), err);
    if (rows_next(&r))
        count = rows_int(&r, 0);
    TEST_OK(rows_close(&r, &err), err);
    return count;
}

static int64_t churches(void)
{
    struct db *db;
    int64_t count;

    TEST_OK(db_read(store, &db, &err), err);
    count = count_in(db, "SELECT count(*) FROM churches");
    db_read_end(db);
    return count;
}

/* ---- values */

START_TEST(values_come_back_as_they_went)
{
    struct id id = id_new(), none = { "" };
    const char blob[] = "a\0b\xff";
    struct db *db;
    struct rows r;
    size_t length;
    char *copy;

    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(db_run(db, &err,
                   "CREATE TABLE v (t TEXT, n TEXT, i INTEGER, d REAL, b BLOB, e BLOB, z BLOB,"
                   " id TEXT, none TEXT) STRICT",
                   ""),
            err);
    TEST_OK(db_run(db, &err, "INSERT INTO v VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)", "ttidbbbII",
                   "Ünïcode \xE2\x9C\x9D", (const char *)NULL, INT64_MIN, 0.1, (const void *)blob,
                   sizeof(blob) - 1, (const void *)"", (size_t)0, (const void *)NULL, (size_t)5, id,
                   none),
            err);
    ck_assert_int_eq(db_changes(db), 1);
    TEST_OK(rows_open(&r, db, &err,
                      "SELECT *, n IS NULL, length(e), z IS NULL, none IS NULL FROM v", ""),
            err);
    ck_assert(rows_next(&r));
    ck_assert_str_eq(rows_text(&r, 0), "Ünïcode \xE2\x9C\x9D");
    ck_assert_str_eq(rows_text(&r, 1), "");
    ck_assert(rows_int(&r, 2) == INT64_MIN);
    ck_assert_str_eq(rows_text(&r, 3), "0.1");
    ck_assert_int_eq(memcmp(rows_blob(&r, 4, &length), blob, sizeof(blob) - 1), 0);
    ck_assert_uint_eq(length, sizeof(blob) - 1);
    ck_assert(id_equal(rows_id(&r, 7), id));
    ck_assert(id_is_none(rows_id(&r, 8)));
    ck_assert(id_is_none(rows_id(&r, 0)));
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(rows_int(&r, 9 + i), i == 1 ? 0 : 1);
    copy = rows_copy(&r, 0);
    ck_assert(!rows_next(&r));
    /* The end stays the end. */
    ck_assert(!rows_next(&r));
    TEST_OK(rows_close(&r, &err), err);
    ck_assert_str_eq(copy, "Ünïcode \xE2\x9C\x9D");
    free(copy);
    db_rollback(db);
}
END_TEST

START_TEST(parameters_go_by_their_digit)
{
    struct db *db;
    struct rows r;

    TEST_OK(db_read(store, &db, &err), err);
    TEST_OK(rows_open(&r, db, &err, "SELECT $3, $1, $2, $1", "tit", "one", (int64_t)2, "three"),
            err);
    ck_assert(rows_next(&r));
    ck_assert_str_eq(rows_text(&r, 0), "three");
    ck_assert_str_eq(rows_text(&r, 1), "one");
    ck_assert_int_eq(rows_int(&r, 2), 2);
    ck_assert_str_eq(rows_text(&r, 3), "one");
    TEST_OK(rows_close(&r, &err), err);
    /* Nothing of the last time is left: the old text would come back. */
    TEST_OK(rows_open(&r, db, &err, "SELECT $1", "t", (const char *)NULL), err);
    ck_assert(rows_next(&r));
    ck_assert_str_eq(rows_text(&r, 0), "");
    TEST_OK(rows_close(&r, &err), err);
    db_read_end(db);
}
END_TEST

START_TEST(defects_of_a_statement_are_told)
{
    char made[] = "SELECT 1";
    struct db *db;
    struct rows r;

    TEST_OK(db_begin(store, &db, &err), err);
    TEST_FAILS(db_run(db, &err, "SELEKT 1", ""), err, ERROR_INTERNAL);
    ck_assert(strstr(err.message, "syntax error") && strstr(err.message, "SELEKT"));
    TEST_FAILS(db_run(db, &err, "SELECT $1", ""), err, ERROR_INTERNAL);
    TEST_FAILS(db_run(db, &err, "SELECT $1", "ii", (int64_t)1, (int64_t)1), err, ERROR_INTERNAL);
    TEST_FAILS(db_run(db, &err, "SELECT $1", "?", 1), err, ERROR_INTERNAL);
    TEST_FAILS(db_run(db, &err, "SELECT $1, $3", "ii", (int64_t)1, (int64_t)1), err,
               ERROR_INTERNAL);
    TEST_FAILS(db_run(db, &err, "SELECT ?", "i", (int64_t)1), err, ERROR_INTERNAL);
    TEST_FAILS(db_run(db, &err, "SELECT 1; SELECT 2", ""), err, ERROR_INTERNAL);
    TEST_FAILS(db_run(db, &err, " ; ", ""), err, ERROR_INTERNAL);
    TEST_FAILS(rows_open(&r, db, &err, "SELECT nothing", ""), err, ERROR_INTERNAL);
    ck_assert(!rows_next(&r));
    ck_assert(!rows_close(&r, NULL));
    TEST_OK(db_run(db, &err, made, ""), err);
    made[7] = '2';
    TEST_FAILS(db_run(db, &err, made, ""), err, ERROR_INTERNAL);
    ck_assert(strstr(err.message, "not a literal") != NULL);
    /* A table that holds a text where a number is due. */
    TEST_FAILS(db_run(db, &err, ADD_CHURCH, "Itttt", id_new(), "s", "n", "z", "never"), err,
               ERROR_INTERNAL);
    /* After all that the transaction is whole. */
    TEST_OK(add_church(db, "grace", &err), err);
    TEST_OK(db_commit(db, &err), err);
    ck_assert_int_eq(churches(), 1);
}
END_TEST

START_TEST(a_taken_value_is_a_conflict)
{
    struct db *db;

    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(add_church(db, "grace", &err), err);
    TEST_FAILS(add_church(db, "grace", &err), err, ERROR_CONFLICT);
    ck_assert(strstr(err.message, "churches.slug") != NULL);
    ck_assert_int_eq(db_changes(db), 0);
    TEST_OK(add_church(db, "hope", &err), err);
    TEST_FAILS(db_run(db, &err, "INSERT INTO secrets VALUES ($1,'f',1,1,x'00',1)", "I", id_new()),
               err, ERROR_INTERNAL);
    TEST_OK(db_run(db, &err, "UPDATE churches SET name='x'", ""), err);
    ck_assert_int_eq(db_changes(db), 2);
    TEST_OK(db_run(db, &err, "SELECT 1", ""), err);
    ck_assert_int_eq(db_changes(db), 0);
    TEST_OK(db_commit(db, &err), err);
    ck_assert_int_eq(churches(), 2);
}
END_TEST

/* ---- statements kept */

static int walk_pairs(struct db *db, int depth)
{
    struct rows r;
    int pairs = 0;

    TEST_OK(rows_open(&r, db, &err, "SELECT slug FROM churches ORDER BY slug", ""), err);
    while (rows_next(&r))
        pairs += depth > 1 ? walk_pairs(db, depth - 1) : 1;
    TEST_OK(rows_close(&r, &err), err);
    return pairs;
}

START_TEST(a_walk_inside_the_same_walk)
{
    struct db *db;

    TEST_OK(db_begin(store, &db, &err), err);
    for (int i = 0; i < 4; i++) {
        char slug[20];

        snprintf(slug, sizeof(slug), "c%d", i);
        TEST_OK(add_church(db, slug, &err), err);
    }
    ck_assert_int_eq(walk_pairs(db, 3), 64);
    ck_assert_int_eq(walk_pairs(db, 2), 16);
    ck_assert_int_eq(db->open_rows, 0);
    TEST_OK(db_commit(db, &err), err);
}
END_TEST

START_TEST(many_statements_are_kept)
{
    static char literals[500][32];
    struct db *db;
    sqlite3_stmt *first;

    TEST_OK(db_begin(store, &db, &err), err);
    for (int i = 0; i < 500; i++)
        snprintf(literals[i], sizeof(literals[i]), "SELECT %d", i);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 500; i++)
            ck_assert_int_eq(count_in(db, literals[i]), i);
    ck_assert_uint_ge(db->count, 500);
    ck_assert_uint_lt(db->count, 520);
    first = sqlite3_next_stmt(db->handle, NULL);
    ck_assert_ptr_nonnull(first);
    db_rollback(db);
}
END_TEST

/* ---- transactions */

START_TEST(rollback_leaves_nothing)
{
    struct db *db;
    size_t length;
    char *bytes;

    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(add_church(db, "marker-of-the-undone", &err), err);
    ck_assert_int_eq(count_in(db, "SELECT count(*) FROM churches"), 1);
    db_rollback(db);
    db_rollback(NULL);
    ck_assert_int_eq(churches(), 0);
    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(add_church(db, "grace", &err), err);
    TEST_OK(db_commit(db, &err), err);
    bytes = test_read_file(store->wal, &length);
    ck_assert_ptr_null(memmem(bytes, length, "marker-of-the-undone", 20));
    ck_assert_ptr_nonnull(memmem(bytes, length, "grace", 5));
    free(bytes);
}
END_TEST

START_TEST(a_reader_has_a_snapshot)
{
    struct db *reader, *writer;

    TEST_OK(db_read(store, &reader, &err), err);
    TEST_OK(db_begin(store, &writer, &err), err);
    TEST_OK(add_church(writer, "grace", &err), err);
    ck_assert_int_eq(churches(), 0);
    TEST_OK(db_commit(writer, &err), err);
    /* Taken at db_read, though nothing was asked until now. */
    ck_assert_int_eq(count_in(reader, "SELECT count(*) FROM churches"), 0);
    TEST_FAILS(add_church(reader, "hope", &err), err, ERROR_STORE);
    db_read_end(reader);
    db_read_end(NULL);
    ck_assert_int_eq(churches(), 1);
}
END_TEST

START_TEST(a_second_transaction_on_a_thread_is_no_dead_lock)
{
    struct db *db, *second = NULL;

    TEST_OK(db_begin(store, &db, &err), err);
    TEST_FAILS(db_begin(store, &second, &err), err, ERROR_INTERNAL);
    ck_assert_ptr_null(second);
    db_rollback(db);
    TEST_OK(db_begin(store, &db, &err), err);
    db_rollback(db);
}
END_TEST

START_TEST(forgotten_rows_hold_nothing)
{
    struct db *db;
    struct rows r;

    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(add_church(db, "grace", &err), err);
    TEST_OK(rows_open(&r, db, &err, "SELECT slug FROM churches", ""), err);
    ck_assert(rows_next(&r));
    TEST_OK(db_commit(db, &err), err);
    /* As long as somebody reads in the log, it cannot be put away. */
    store->busy_ms = 0;
    ck_assert_int_eq(sqlite3_wal_checkpoint_v2(store->writer->handle, NULL,
                                               SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
                     SQLITE_OK);
    TEST_OK(rows_close(&r, &err), err);
    ck_assert_int_eq(churches(), 1);
}
END_TEST

/* ---- who is told */

static void count_call(void *argument)
{
    atomic_fetch_add((atomic_int *)argument, 1);
}

/* From inside the call the store can be read and written, and the call taken away. */
static void read_in_call(void *argument)
{
    struct db *db;

    store_on_commit(store, NULL, NULL);
    atomic_store((atomic_int *)argument, (int)churches());
    TEST_OK(db_begin(store, &db, &err), err);
    db_rollback(db);
}

START_TEST(commits_are_told_once_and_only_they)
{
    atomic_int calls = 0;
    struct db *db;

    store_on_commit(store, count_call, &calls);
    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(db_commit(db, &err), err);
    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(add_church(db, "grace", &err), err);
    db_rollback(db);
    churches();
    ck_assert_int_eq(atomic_load(&calls), 0);
    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(add_church(db, "grace", &err), err);
    TEST_OK(db_run(db, &err, "UPDATE churches SET name='x'", ""), err);
    TEST_OK(db_commit(db, &err), err);
    ck_assert_int_eq(atomic_load(&calls), 1);
    store_on_commit(store, read_in_call, &calls);
    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(add_church(db, "hope", &err), err);
    TEST_OK(db_commit(db, &err), err);
    ck_assert_int_eq(atomic_load(&calls), 2);
    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(db_run(db, &err, "DELETE FROM churches", ""), err);
    TEST_OK(db_commit(db, &err), err);
    ck_assert_int_eq(atomic_load(&calls), 2);
}
END_TEST

/* ---- many at once */

enum { THREADS = 8, TRANSACTIONS = 200 };

struct counter {
    pthread_t thread;
    int number, failed;
};

/* Reads a number, adds one, writes it: an update that is lost would show. */
static bool count_up(struct store *s, struct error *e)
{
    struct db *db;
    struct rows r;
    int64_t before = -1;
    bool ok;

    if (!db_begin(s, &db, e))
        return false;
    ok = rows_open(&r, db, e, "SELECT created_ms FROM churches WHERE slug='counter'", "") &&
         rows_next(&r);
    if (ok)
        before = rows_int(&r, 0);
    ok = rows_close(&r, e) && ok &&
         db_run(db, e, "UPDATE churches SET created_ms=$1 WHERE slug='counter'", "i", before + 1);
    if (ok)
        return db_commit(db, e);
    db_rollback(db);
    return false;
}

static void *run_counter(void *argument)
{
    struct counter *c = argument;
    struct error own;

    for (int i = 0; i < TRANSACTIONS; i++) {
        struct db *db;

        if (!count_up(store, &own))
            c->failed++;
        if (!db_read(store, &db, &own))
            c->failed++;
        else
            db_read_end(db);
    }
    return NULL;
}

static int64_t counter_value(void)
{
    struct db *db;
    int64_t value;

    TEST_OK(db_read(store, &db, &err), err);
    value = count_in(db, "SELECT created_ms FROM churches WHERE slug='counter'");
    db_read_end(db);
    return value;
}

static void add_counter(void)
{
    struct db *db;

    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(db_run(db, &err, ADD_CHURCH, "Ittti", id_new(), "counter", "n", "z", (int64_t)0), err);
    TEST_OK(db_commit(db, &err), err);
}

START_TEST(threads_lose_nothing)
{
    struct counter counters[THREADS] = { 0 };
    atomic_int calls = 0;
    int readers = 0;

    add_counter();
    store_on_commit(store, count_call, &calls);
    for (int i = 0; i < THREADS; i++)
        ck_assert(pthread_create(&counters[i].thread, NULL, run_counter, &counters[i]) == 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(counters[i].thread, NULL);
        ck_assert_int_eq(counters[i].failed, 0);
    }
    ck_assert_int_eq(counter_value(), THREADS * TRANSACTIONS);
    ck_assert_int_eq(atomic_load(&calls), THREADS * TRANSACTIONS);
    for (struct db *db = store->pool; db; db = db->next)
        readers++;
    ck_assert_int_le(readers, THREADS);
}
END_TEST

START_TEST(processes_lose_nothing)
{
    struct other others[3];
    char line[600];

    add_counter();
    for (int i = 0; i < 3; i++)
        other_start(&others[i], "count", path, "200", NULL);
    for (int i = 0; i < 200; i++)
        TEST_OK(count_up(store, &err), err);
    for (int i = 0; i < 3; i++) {
        other_hear(&others[i], line, sizeof(line));
        ck_assert_str_eq(line, "done");
        ck_assert_int_eq(other_wait(&others[i]), 0);
    }
    ck_assert_int_eq(counter_value(), 800);
}
END_TEST

START_TEST(a_lock_held_too_long_is_named)
{
    struct other other;
    struct db *db = NULL;
    char line[100];

    add_counter();
    other_start(&other, "hold", path, NULL);
    other_hear(&other, line, sizeof(line));
    ck_assert_str_eq(line, "holding");
    store->busy_ms = 50;
    TEST_FAILS(db_begin(store, &db, &err), err, ERROR_STORE_BUSY);
    ck_assert(strstr(err.message, path) != NULL);
    ck_assert_ptr_null(db);
    /* Reading goes on beside a writer. */
    ck_assert_int_eq(counter_value(), 0);
    store->busy_ms = 10000;
    ck_assert_int_eq(other_kill(&other), -SIGKILL);
    TEST_OK(count_up(store, &err), err);
    ck_assert_int_eq(counter_value(), 1);
}
END_TEST

START_TEST(killed_around_a_commit)
{
    struct other other;

    add_counter();
    setenv("ECCLESIA_CRASH", "store.commit:5", 1);
    other_start(&other, "count", path, "9", NULL);
    ck_assert_int_eq(other_wait(&other), -SIGKILL);
    ck_assert_int_eq(counter_value(), 4);
    setenv("ECCLESIA_CRASH", "store.committed:5", 1);
    other_start(&other, "count", path, "9", NULL);
    unsetenv("ECCLESIA_CRASH");
    ck_assert_int_eq(other_wait(&other), -SIGKILL);
    ck_assert_int_eq(counter_value(), 9);
    TEST_OK(store_verify(store, true, 0, &err), err);
}
END_TEST

static int count_alone(const char *file, const char *times)
{
    struct store *s;

    if (!store_open(&s, file, &err))
        return 1;
    for (long left = strtol(times, NULL, 10); left > 0; left--)
        if (!count_up(s, &err)) {
            printf("%s\n", err.message);
            return 1;
        }
    printf("done\n");
    store_close(s);
    return 0;
}

static int hold_lock(const char *file)
{
    struct store *s;
    struct db *db;
    char line[8];

    if (!store_open(&s, file, &err) || !db_begin(s, &db, &err))
        return 1;
    printf("holding\n");
    fflush(stdout);
    (void)!fgets(line, sizeof(line), stdin);
    return 0;
}

int main(int argc, char **argv)
{
    const TTest *const tests[] = {
        values_come_back_as_they_went,
        parameters_go_by_their_digit,
        defects_of_a_statement_are_told,
        a_taken_value_is_a_conflict,
        a_walk_inside_the_same_walk,
        many_statements_are_kept,
        rollback_leaves_nothing,
        a_reader_has_a_snapshot,
        a_second_transaction_on_a_thread_is_no_dead_lock,
        forgotten_rows_hold_nothing,
        commits_are_told_once_and_only_they,
        threads_lose_nothing,
        processes_lose_nothing,
        a_lock_held_too_long_is_named,
        killed_around_a_commit,
    };

    if (argc == 4 && strcmp(argv[1], "count") == 0)
        return count_alone(argv[2], argv[3]);
    if (argc == 3 && strcmp(argv[1], "hold") == 0)
        return hold_lock(argv[2]);
    return test_main("store_db", setup, teardown, tests, sizeof(tests) / sizeof(tests[0]));
}

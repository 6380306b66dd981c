/* The reserve on the disk: made, given up when there is no room, back when there is. */
#include "testlib.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/store/ballast.h>

static struct error err;
static struct store *store;
static const char *path, *ballast;

static void setup(void)
{
    const char *directory = test_dir();

    path = test_path(directory, "e.db");
    ballast = test_path(directory, "e.db.ballast");
    TEST_OK(store_open(&store, path, &err), err);
}

static void teardown(void)
{
    store_close(store);
}

static bool keep(void)
{
    bool there;

    TEST_OK(store_ballast_keep(store, &there, &err), err);
    return there;
}

static bool write_much(void)
{
    static char much[1000001];
    struct db *db;

    memset(much, 'x', sizeof(much) - 1);
    error_clear(&err);
    if (!db_begin(store, &db, &err))
        return false;
    if (db_run(db, &err, "INSERT INTO meta VALUES ('much', $1)", "t", much))
        return db_commit(db, &err);
    db_rollback(db);
    return false;
}

/* No file may grow past that: the nearest thing to a full disk that a test can make. */
static void limit(rlim_t bytes)
{
    struct rlimit r;

    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &r), 0);
    r.rlim_cur = bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &r), 0);
}

START_TEST(none_unless_it_is_wanted)
{
    ck_assert(!keep());
    ck_assert_int_ne(access(ballast, F_OK), 0);
    ck_assert(!store_degraded(store));
}
END_TEST

START_TEST(takes_real_room)
{
    struct stat st;

    store_ballast(store, 3 << 20);
    ck_assert(keep());
    ck_assert_int_eq(stat(ballast, &st), 0);
    ck_assert_int_eq(st.st_size, 3 << 20);
    ck_assert_int_ge((int64_t)st.st_blocks * 512, 3 << 20);
    ck_assert_int_eq(st.st_mode & 0777, 0600);
    ck_assert(keep());
}
END_TEST

START_TEST(not_where_there_is_no_room)
{
    store_ballast(store, INT64_C(1) << 55);
    ck_assert(!keep());
    ck_assert_int_ne(access(ballast, F_OK), 0);
}
END_TEST

START_TEST(goes_when_the_disk_is_full_and_comes_back)
{
    signal(SIGXFSZ, SIG_IGN);
    store_ballast(store, 1 << 20);
    ck_assert(keep() && !store_degraded(store));
    limit(600000);
    ck_assert(!write_much());
    ck_assert_msg(err.kind == ERROR_STORE_FULL, "%s", err.message);
    ck_assert(store_degraded(store));
    ck_assert_int_ne(access(ballast, F_OK), 0);
    /* Still no room: it stays away. */
    ck_assert(!keep() && store_degraded(store));
    limit(RLIM_INFINITY);
    ck_assert(write_much());
    ck_assert(store_degraded(store));
    ck_assert(keep() && !store_degraded(store));
    ck_assert_int_eq(access(ballast, F_OK), 0);
}
END_TEST

TEST_MAIN_FIXTURE("store_ballast", setup, teardown, none_unless_it_is_wanted, takes_real_room,
                  not_where_there_is_no_room, goes_when_the_disk_is_full_and_comes_back)

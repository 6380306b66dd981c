#include "testlib.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/log.h>

enum { RING = 512 };

static void free_all(char **lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(lines[i]);
}

static void fixed_clock(void)
{
    clock_fix(INT64_C(1795343321007));
    umask(0);
}

static void real_clock(void)
{
    log_open(NULL, NULL);
    clock_fix(-1);
}

START_TEST(writes_a_line_to_file_and_ring)
{
    const char *path = test_path(test_dir(), "trace.log");
    struct error err;
    struct stat st;
    char *whole, *ring[1];

    TEST_OK(log_open(path, &err), err);
    log_line("net", "youtube %s %d %s", "liveBroadcasts.list", 200, "12 ms");
    whole = test_read_file(path, NULL);
    ck_assert_str_eq(whole,
                     "2026-11-22T10:28:41.007Z net: youtube liveBroadcasts.list 200 12 ms\n");
    free(whole);
    ck_assert_uint_eq(log_recent(ring, 1), 1);
    ck_assert_str_eq(ring[0],
                     "2026-11-22T10:28:41.007Z net: youtube liveBroadcasts.list 200 12 ms");
    free_all(ring, 1);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

START_TEST(foreign_text_stays_one_clean_line)
{
    char *ring[1], longer[5000];

    log_line("net", "%s", "ok\n2026-11-22T10:28:41.007Z vault: forged\x1B[2J");
    ck_assert_uint_eq(log_recent(ring, 1), 1);
    ck_assert_str_eq(ring[0],
                     "2026-11-22T10:28:41.007Z net: ok 2026-11-22T10:28:41.007Z vault: forged?[2J");
    free_all(ring, 1);
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    log_line("net", "%s", longer);
    ck_assert_uint_eq(log_recent(ring, 1), 1);
    ck_assert_uint_eq(strlen(ring[0]), 1023);
    free_all(ring, 1);
}
END_TEST

START_TEST(appends_and_switches_files)
{
    const char *dir = test_dir(), *one = test_path(dir, "one"), *two = test_path(dir, "two");
    struct error err;
    char *whole;
    size_t length;

    test_write_file(one, "before\n", 7);
    TEST_OK(log_open(one, &err), err);
    log_line("a", "first");
    TEST_OK(log_open(two, &err), err);
    log_line("a", "second");
    TEST_OK(log_open(NULL, &err), err);
    log_line("a", "third");
    whole = test_read_file(one, NULL);
    ck_assert_str_eq(whole, "before\n2026-11-22T10:28:41.007Z a: first\n");
    free(whole);
    whole = test_read_file(two, &length);
    ck_assert_str_eq(whole, "2026-11-22T10:28:41.007Z a: second\n");
    free(whole);
}
END_TEST

START_TEST(a_file_that_cannot_be_is_told)
{
    const char *good = test_path(test_dir(), "good"),
               *bad = test_path(test_dir(), "no/such/folder");
    struct error err;
    char *whole;

    TEST_OK(log_open(good, &err), err);
    TEST_FAILS(log_open(bad, &err), err, ERROR_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message, "no/such/folder"));
    log_line("a", "still here");
    whole = test_read_file(good, NULL);
    ck_assert_ptr_nonnull(strstr(whole, "still here"));
    free(whole);
}
END_TEST

START_TEST(the_ring_keeps_the_newest)
{
    char *ring[RING + 10];
    size_t count;

    for (int i = 0; i < RING + 100; i++)
        log_line("a", "line %d", i);
    count = log_recent(ring, RING + 10);
    ck_assert_uint_eq(count, RING);
    ck_assert_ptr_nonnull(strstr(ring[0], "line 100"));
    ck_assert_ptr_nonnull(strstr(ring[RING - 1], "line 611"));
    free_all(ring, count);
    count = log_recent(ring, 2);
    ck_assert_uint_eq(count, 2);
    ck_assert_ptr_nonnull(strstr(ring[0], "line 610"));
    ck_assert_ptr_nonnull(strstr(ring[1], "line 611"));
    free_all(ring, count);
    ck_assert_uint_eq(log_recent(ring, 0), 0);
}
END_TEST

TEST_MAIN_FIXTURE("base_log", fixed_clock, real_clock, writes_a_line_to_file_and_ring,
                  foreign_text_stays_one_clean_line, appends_and_switches_files,
                  a_file_that_cannot_be_is_told, the_ring_keeps_the_newest)

#include "testlib.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Made by the parent of all tests, which outlives every one of them: a test that fails or crashes
 * leaves at once. */
static char test_root[256];
static uint64_t seed;
static bool seed_known;

static int remove_entry(const char *path, const struct stat *st, int what, struct FTW *where)
{
    (void)st;
    (void)what;
    (void)where;
    remove(path);
    return 0;
}

static void make_root(void)
{
    const char *base = getenv("TMPDIR");

    snprintf(test_root, sizeof(test_root), "%s/ecclesia-test.XXXXXX",
             base && *base ? base : "/tmp");
    if (!mkdtemp(test_root)) {
        fprintf(stderr, "%s: %s\n", test_root, strerror(errno));
        exit(EXIT_FAILURE);
    }
}

int test_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    make_root();
    printf("ECCLESIA_SEED=%" PRIu64 "\n", test_seed());
    fflush(NULL);
    /* CK_FORK and CK_VERBOSITY decide, as Check documents. */
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    nftw(test_root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int test_main(const char *name, void (*setup)(void), void (*teardown)(void),
              const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 60);
    if (setup || teardown)
        tcase_add_checked_fixture(tcase, setup, teardown);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return test_run(suite);
}

uint64_t test_seed(void)
{
    const char *wanted = getenv("ECCLESIA_SEED");

    if (seed_known)
        return seed;
    if (wanted && *wanted)
        seed = strtoull(wanted, NULL, 10);
    else if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
        seed = (uint64_t)time(NULL);
    seed_known = true;
    return seed;
}

/* Strings that tests borrow; freed never, since a test's process ends soon and all are reachable.
 */
struct kept {
    struct kept *next;
    char text[];
};

static struct kept *kept_all;

static char *keep(const char *a, const char *b)
{
    size_t size = strlen(a) + strlen(b) + 2;
    struct kept *k = malloc(sizeof(*k) + size);

    ck_assert_ptr_nonnull(k);
    snprintf(k->text, size, "%s/%s", a, b);
    k->next = kept_all;
    kept_all = k;
    return k->text;
}

const char *test_dir(void)
{
    char *path = keep(test_root, "XXXXXX");

    if (!mkdtemp(path))
        ck_abort_msg("%s: %s", path, strerror(errno));
    return path;
}

const char *test_path(const char *directory, const char *name)
{
    return keep(directory, name);
}

char *test_read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "re");
    struct stat st;
    char *bytes;
    size_t got;

    if (!file)
        return NULL;
    ck_assert_int_eq(fstat(fileno(file), &st), 0);
    bytes = malloc((size_t)st.st_size + 1);
    ck_assert_ptr_nonnull(bytes);
    got = fread(bytes, 1, (size_t)st.st_size, file);
    bytes[got] = '\0';
    fclose(file);
    if (length)
        *length = got;
    return bytes;
}

void test_write_file(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "we");

    if (!file)
        ck_abort_msg("%s: %s", path, strerror(errno));
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

void test_nap(void)
{
    const struct timespec moment = { .tv_nsec = 1000000 };

    nanosleep(&moment, NULL);
}

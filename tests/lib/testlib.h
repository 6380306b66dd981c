/* What every runner under tests/ shares. A test file holds START_TEST functions and one line at its
 * end:
 *
 *     TEST_MAIN("text", ceiling_refuses, copy_cuts_on_a_character)
 *
 * Helpers here may be called from tests only; a failure in them fails the test that called. */
#ifndef TESTS_LIB_TESTLIB_H
#define TESTS_LIB_TESTLIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <check.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/error.h>

/* Runs the tests one after the other, each in a process of its own unless CK_FORK=no. Returns
 * main's exit status. */
int test_main(const char *name, void (*setup)(void), void (*teardown)(void),
              const TTest *const *tests, size_t count);
/* The same for a suite made by hand (loop tests, several cases). Takes the suite. */
int test_run(Suite *suite);

#define TEST_MAIN(name, ...) TEST_MAIN_FIXTURE(name, NULL, NULL, __VA_ARGS__)

/* setup and teardown run around each test, in its process. */
#define TEST_MAIN_FIXTURE(name, setup, teardown, ...)                                              \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests_[] = { __VA_ARGS__ };                                             \
                                                                                                   \
        return test_main(name, setup, teardown, tests_, sizeof(tests_) / sizeof(tests_[0]));       \
    }

/* The seed of this run: ECCLESIA_SEED, or a random one. Printed before the tests run, so that a
 * failing case can be run again; hand it to random_seed() or to a generator of your own. */
uint64_t test_seed(void);

/* A new empty directory, removed with all in it when the runner ends, whatever becomes of the test.
 * Borrowed: lives as long as the process. */
const char *test_dir(void);
/* A path in a directory; borrowed likewise. */
const char *test_path(const char *directory, const char *name);
/* The whole file with a NUL after it; yours: free(). NULL when there is none. length may be NULL.
 */
char *test_read_file(const char *path, size_t *length);
void test_write_file(const char *path, const void *bytes, size_t length);

/* How long a condition may take before a test gives up. Generous: it is waited for only in failure.
 */
enum { TEST_PATIENCE_MS = 30000 };

/* Gives other threads a moment. Only TEST_UNTIL needs it. */
void test_nap(void);

/* Waits until the expression is true; fails the test when it has not come in time. */
#define TEST_UNTIL(expression)                                                                     \
    do {                                                                                           \
        int64_t end_ = clock_mono() + TEST_PATIENCE_MS;                                            \
                                                                                                   \
        while (!(expression)) {                                                                    \
            if (clock_mono() > end_)                                                               \
                ck_abort_msg("never came true: %s", #expression);                                  \
            test_nap();                                                                            \
        }                                                                                          \
    } while (0)

/* `call` must succeed; else the test fails with the message and the remedy. err is a struct error.
 */
#define TEST_OK(call, err)                                                                         \
    do {                                                                                           \
        error_clear(&(err));                                                                       \
        if (!(call))                                                                               \
            ck_abort_msg("%s: %s: %s", #call, error_policy((err).kind)->name, (err).message);      \
    } while (0)

/* `call` must fail with this kind. */
#define TEST_FAILS(call, err, wanted)                                                              \
    do {                                                                                           \
        error_clear(&(err));                                                                       \
        if (call)                                                                                  \
            ck_abort_msg("%s: succeeded", #call);                                                  \
        if ((err).kind != (wanted))                                                                \
            ck_abort_msg("%s: %s instead of %s: %s", #call, error_policy((err).kind)->name,        \
                         error_policy(wanted)->name, (err).message);                               \
    } while (0)

#endif

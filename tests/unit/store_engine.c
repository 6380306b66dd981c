/* The engine lock: one holder, taken over when it dies, a wait that can be ended. */
#include "other.h"
#include "testlib.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/store/db.h>

#include "store/private.h"

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
}

static bool try_it(struct store *s)
{
    bool held = false;

    TEST_OK(engine_lock_try(s, &held, &err), err);
    return held;
}

static void start_holder(struct other *o)
{
    char line[64];

    other_start(o, "hold", path, NULL);
    other_hear(o, line, sizeof(line));
    ck_assert_str_eq(line, "held");
}

START_TEST(one_holds_it)
{
    struct store *second;
    char holder[128], wanted[32];

    engine_lock_holder(store, holder, sizeof(holder));
    ck_assert_str_eq(holder, "");
    TEST_OK(store_open(&second, path, &err), err);
    ck_assert(try_it(store));
    ck_assert(try_it(store));
    ck_assert(!try_it(second));
    engine_lock_holder(second, holder, sizeof(holder));
    snprintf(wanted, sizeof(wanted), "pid %ld (", (long)getpid());
    ck_assert_msg(strncmp(holder, wanted, strlen(wanted)) == 0, "%s", holder);
    engine_lock_release(second);
    ck_assert(!try_it(second));
    engine_lock_release(store);
    engine_lock_holder(second, holder, sizeof(holder));
    ck_assert_str_eq(holder, "");
    ck_assert(try_it(second));
    ck_assert(!try_it(store));
    store_close(second);
    ck_assert(try_it(store));
}
END_TEST

/* What a waiter came to: 0 waits, 1 holds, 2 ended without, 3 failed. */
static void *wait_for_lock(void *argument)
{
    atomic_int *end = argument;
    struct error own;
    bool held = false;

    if (!engine_lock_wait(store, &held, &own))
        atomic_store(end, 3);
    else
        atomic_store(end, held ? 1 : 2);
    return NULL;
}

static bool waits(void)
{
    bool waiting;

    pthread_mutex_lock(&store->engine.mutex);
    waiting = store->engine.waiting;
    pthread_mutex_unlock(&store->engine.mutex);
    return waiting;
}

START_TEST(taken_over_when_the_holder_is_killed)
{
    struct other other;
    pthread_t thread;
    atomic_int end = 0;
    char holder[128], wanted[128];

    start_holder(&other);
    ck_assert(!try_it(store));
    engine_lock_holder(store, holder, sizeof(holder));
    snprintf(wanted, sizeof(wanted), "pid %ld (exe hold)", (long)other.pid);
    ck_assert_str_eq(holder, wanted);
    ck_assert(pthread_create(&thread, NULL, wait_for_lock, &end) == 0);
    TEST_UNTIL(waits());
    ck_assert_int_eq(atomic_load(&end), 0);
    ck_assert_int_eq(other_kill(&other), -SIGKILL);
    pthread_join(thread, NULL);
    ck_assert_int_eq(atomic_load(&end), 1);
    ck_assert(try_it(store));
    engine_lock_holder(store, holder, sizeof(holder));
    snprintf(wanted, sizeof(wanted), "pid %ld (", (long)getpid());
    ck_assert_msg(strncmp(holder, wanted, strlen(wanted)) == 0, "%s", holder);
}
END_TEST

START_TEST(what_a_dead_holder_wrote_names_nobody)
{
    struct other other;
    char holder[128];

    start_holder(&other);
    other_kill(&other);
    engine_lock_holder(store, holder, sizeof(holder));
    ck_assert_str_eq(holder, "");
    ck_assert(try_it(store));
}
END_TEST

/* Again and again, at each moment of the waiter's way into its wait. */
START_TEST(a_wait_can_be_ended)
{
    struct other other;

    start_holder(&other);
    for (int i = 0; i < 200; i++) {
        struct store *shared = store;
        pthread_t thread;
        atomic_int end = 0;
        sigset_t all, old;

        TEST_OK(store_open(&store, path, &err), err);
        /* As in the program: every signal is blocked in the threads. */
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &old);
        ck_assert(pthread_create(&thread, NULL, wait_for_lock, &end) == 0);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        if (i % 4 == 1)
            TEST_UNTIL(waits());
        for (volatile int spin = 0; spin < i * 50; spin++)
            ;
        engine_lock_stop(store);
        pthread_join(thread, NULL);
        ck_assert_int_eq(atomic_load(&end), 2);
        ck_assert(!try_it(store));
        store_close(store);
        store = shared;
    }
    ck_assert_int_eq(other_kill(&other), -SIGKILL);
}
END_TEST

/* Whoever waited at a file that was deleted has got nothing with its lock, and waits on where
 * others do. */
START_TEST(a_deleted_lock_file_is_not_taken_for_the_lock)
{
    struct other first, second;
    pthread_t thread;
    atomic_int end = 0;
    char line[64];

    start_holder(&first);
    ck_assert(pthread_create(&thread, NULL, wait_for_lock, &end) == 0);
    TEST_UNTIL(waits());
    ck_assert(unlink(store->lock_path) == 0);
    start_holder(&second);
    other_kill(&first);
    for (int i = 0; i < 50; i++)
        test_nap();
    ck_assert_int_eq(atomic_load(&end), 0);
    other_kill(&second);
    pthread_join(thread, NULL);
    ck_assert_int_eq(atomic_load(&end), 1);
    other_start(&second, "hold", path, NULL);
    other_hear(&second, line, sizeof(line));
    ck_assert_str_eq(line, "not held");
    other_kill(&second);
}
END_TEST

START_TEST(a_lock_that_cannot_be_made_is_named)
{
    bool held = true;

    ck_assert(mkdir(store->lock_path, 0700) == 0);
    TEST_FAILS(engine_lock_try(store, &held, &err), err, ERROR_STORE);
    ck_assert(!held);
    ck_assert(strstr(err.message, store->lock_path) != NULL);
    TEST_FAILS(engine_lock_wait(store, &held, &err), err, ERROR_STORE);
    ck_assert(!held);
    ck_assert(rmdir(store->lock_path) == 0);
    ck_assert(try_it(store));
}
END_TEST

/* Holds it until standard input ends; a second one says so and waits no longer. */
static int hold(const char *file)
{
    struct store *s;
    bool held;
    char line[8];

    if (!store_open(&s, file, &err) || !engine_lock_try(s, &held, &err))
        return 1;
    printf(held ? "held\n" : "not held\n");
    fflush(stdout);
    (void)!fgets(line, sizeof(line), stdin);
    return 0;
}

int main(int argc, char **argv)
{
    const TTest *const tests[] = {
        one_holds_it,
        taken_over_when_the_holder_is_killed,
        what_a_dead_holder_wrote_names_nobody,
        a_wait_can_be_ended,
        a_deleted_lock_file_is_not_taken_for_the_lock,
        a_lock_that_cannot_be_made_is_named,
    };

    if (argc == 3 && strcmp(argv[1], "hold") == 0)
        return hold(argv[2]);
    return test_main("store_engine", setup, teardown, tests, sizeof(tests) / sizeof(tests[0]));
}

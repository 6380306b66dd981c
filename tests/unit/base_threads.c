/* What base promises when several threads use it at once; also run under ThreadSanitizer. */
#include "testlib.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/cancel.h>
#include <ecclesia/base/id.h>
#include <ecclesia/base/lock.h>
#include <ecclesia/base/log.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/base/zone.h>

enum { THREADS = 4, ROUNDS = 200 };

static void run_threads(void *(*run)(void *), void *argument)
{
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run, argument), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* ---- lock ---- */

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool open;
};

static void *open_gate(void *argument)
{
    struct gate *g = argument;

    pthread_mutex_lock(&g->mutex);
    g->open = true;
    pthread_cond_broadcast(&g->cond);
    pthread_mutex_unlock(&g->mutex);
    return NULL;
}

START_TEST(a_wait_ends_by_signal_or_time)
{
    struct gate g = { .mutex = PTHREAD_MUTEX_INITIALIZER };
    int64_t before = clock_mono();
    pthread_t opener;

    lock_cond_init(&g.cond);
    pthread_mutex_lock(&g.mutex);
    while (lock_wait(&g.cond, &g.mutex, 20))
        ;
    ck_assert_int_ge(clock_mono() - before, 19);
    ck_assert(!lock_wait(&g.cond, &g.mutex, 0));
    ck_assert_int_eq(pthread_create(&opener, NULL, open_gate, &g), 0);
    while (!g.open)
        ck_assert(lock_wait(&g.cond, &g.mutex, -1));
    pthread_mutex_unlock(&g.mutex);
    pthread_join(opener, NULL);
    pthread_cond_destroy(&g.cond);
}
END_TEST

/* ---- cancel ---- */

static atomic_int calls;

static void count_call(void *argument)
{
    (void)argument;
    atomic_fetch_add(&calls, 1);
}

static void *ask(void *argument)
{
    cancel_ask(argument);
    return NULL;
}

START_TEST(however_many_ask_it_is_called_once)
{
    for (int i = 0; i < 20; i++) {
        struct cancel *c = cancel_new();

        atomic_store(&calls, 0);
        ck_assert(!cancel_asked(c));
        cancel_notify(c, count_call, NULL);
        run_threads(ask, c);
        ck_assert(cancel_asked(c));
        cancel_ask(c);
        ck_assert_int_eq(atomic_load(&calls), 1);
        cancel_free(c);
    }
}
END_TEST

START_TEST(who_comes_late_is_called_at_once)
{
    struct cancel *c = cancel_new();

    atomic_store(&calls, 0);
    cancel_ask(c);
    cancel_notify(c, count_call, NULL);
    ck_assert_int_eq(atomic_load(&calls), 1);
    cancel_notify(c, NULL, NULL);
    cancel_free(c);
    ck_assert(!cancel_asked(NULL));
    cancel_ask(NULL);
    cancel_notify(NULL, count_call, NULL);
    cancel_free(NULL);
    ck_assert_int_eq(atomic_load(&calls), 1);
}
END_TEST

START_TEST(taken_away_is_not_called)
{
    struct cancel *c = cancel_new();

    atomic_store(&calls, 0);
    cancel_notify(c, count_call, NULL);
    cancel_notify(c, NULL, NULL);
    cancel_ask(c);
    ck_assert_int_eq(atomic_load(&calls), 0);
    cancel_free(c);
}
END_TEST

struct slow {
    struct cancel *cancel;
    struct gate gate;
    atomic_bool entered, left;
};

static void stay_until_open(void *argument)
{
    struct slow *s = argument;

    atomic_store(&s->entered, true);
    /* Taking itself away from inside must not wait for itself. */
    cancel_notify(s->cancel, NULL, NULL);
    pthread_mutex_lock(&s->gate.mutex);
    while (!s->gate.open)
        lock_wait(&s->gate.cond, &s->gate.mutex, -1);
    pthread_mutex_unlock(&s->gate.mutex);
    atomic_store(&s->left, true);
}

static void *ask_slow(void *argument)
{
    cancel_ask(((struct slow *)argument)->cancel);
    return NULL;
}

static void *open_soon(void *argument)
{
    struct slow *s = argument;

    for (int i = 0; i < 5; i++)
        test_nap();
    return open_gate(&s->gate);
}

START_TEST(taking_away_waits_for_a_running_call)
{
    struct slow s = { .cancel = cancel_new(), .gate = { .mutex = PTHREAD_MUTEX_INITIALIZER } };
    pthread_t asker, opener;

    lock_cond_init(&s.gate.cond);
    cancel_notify(s.cancel, stay_until_open, &s);
    ck_assert_int_eq(pthread_create(&asker, NULL, ask_slow, &s), 0);
    TEST_UNTIL(atomic_load(&s.entered));
    ck_assert_int_eq(pthread_create(&opener, NULL, open_soon, &s), 0);
    cancel_notify(s.cancel, NULL, NULL);
    ck_assert(atomic_load(&s.left));
    pthread_join(asker, NULL);
    pthread_join(opener, NULL);
    cancel_free(s.cancel);
    pthread_cond_destroy(&s.gate.cond);
}
END_TEST

/* ---- everything that says "any thread" ---- */

static void *use_everything(void *argument)
{
    static const char *const zones[] = { "Europe/Berlin", "America/New_York", "Asia/Tokyo",
                                         "Africa/Lagos" };
    char *lines[8], out[40];
    (void)argument;

    for (int i = 0; i < ROUNDS; i++) {
        int64_t ms = INT64_C(1795343321000) + i * INT64_C(8640000000);
        size_t count;

        zone_when(out, sizeof(out), zones[i % 4], ms, clock_now());
        utf8_width("gr\xC3\xBC\xC3\x9F \xE6\x97\xA5");
        id_new();
        log_line("test", "%s %d", out, i);
        count = log_recent(lines, 8);
        for (size_t n = 0; n < count; n++)
            free(lines[n]);
    }
    return NULL;
}

START_TEST(any_thread_means_any)
{
    const char *path = test_path(test_dir(), "log");
    struct error err;
    char *whole, *line;
    int lines = 0;

    TEST_OK(log_open(path, &err), err);
    run_threads(use_everything, NULL);
    TEST_OK(log_open(NULL, &err), err);
    whole = test_read_file(path, NULL);
    for (line = whole; *line; line = strchr(line, '\n') + 1, lines++)
        ck_assert_int_eq(line[23], 'Z');
    ck_assert_int_eq(lines, THREADS * ROUNDS);
    free(whole);
}
END_TEST

static void *draw(void *argument)
{
    uint64_t(*drawn)[ROUNDS] = argument;
    static atomic_int next;
    int mine = atomic_fetch_add(&next, 1);

    for (int i = 0; i < ROUNDS; i++)
        random_bytes(&drawn[mine][i], sizeof(drawn[mine][i]));
    return NULL;
}

static int compare_words(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

START_TEST(a_seeded_sequence_is_dealt_out_once)
{
    static uint64_t drawn[THREADS][ROUNDS];

    random_seed(test_seed());
    run_threads(draw, drawn);
    qsort(drawn, (size_t)THREADS * ROUNDS, sizeof(drawn[0][0]), compare_words);
    for (int i = 1; i < THREADS * ROUNDS; i++)
        ck_assert_uint_ne((&drawn[0][0])[i - 1], (&drawn[0][0])[i]);
}
END_TEST

TEST_MAIN("base_threads", a_wait_ends_by_signal_or_time, however_many_ask_it_is_called_once,
          who_comes_late_is_called_at_once, taken_away_is_not_called,
          taking_away_waits_for_a_running_call, any_thread_means_any,
          a_seeded_sequence_is_dealt_out_once)

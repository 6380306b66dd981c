/* What becomes of a job after an error: the pure part of the queue, as a table and as truths for
 * random input. */
#include "testlib.h"

#include <string.h>

#include <ecclesia/base/id.h>
#include <ecclesia/queue/queue.h>

static const int64_t now = 1795000000000;
static const struct queue_options plain = { .settle_ms = 30000 };

enum want { DEAD, AGAIN, UNKNOWN, WAITING };

static enum want came_to(const struct fate *f)
{
    ck_assert_int_eq(f->done + f->dead + f->unknown + f->cancelled + f->waiting <= 1, 1);
    return f->dead ? DEAD : f->unknown ? UNKNOWN : f->waiting ? WAITING : AGAIN;
}

START_TEST(each_kind_ends_as_the_table_says)
{
    static const struct {
        enum error_kind kind;
        enum want quiet, sent; /* without and with a creating request out */
    } rows[] = {
        { ERROR_NET_PRE, AGAIN, AGAIN },
        { ERROR_NET_POST, AGAIN, UNKNOWN },
        { ERROR_TLS_CERT, AGAIN, AGAIN },
        { ERROR_SERVER, AGAIN, UNKNOWN },
        { ERROR_RATE, AGAIN, AGAIN },
        { ERROR_QUOTA, AGAIN, AGAIN },
        { ERROR_AUTH, DEAD, DEAD },
        { ERROR_FORBIDDEN, DEAD, DEAD },
        { ERROR_INVALID, DEAD, DEAD },
        { ERROR_NOT_FOUND, DEAD, DEAD },
        { ERROR_GARBAGE, AGAIN, UNKNOWN },
        { ERROR_BREAKER, AGAIN, AGAIN },
        { ERROR_INPUT, DEAD, DEAD },
        { ERROR_MISSING, DEAD, DEAD },
        { ERROR_REFUSED, DEAD, DEAD },
        { ERROR_CONFIG, DEAD, DEAD },
        /* The answer came and could not be saved. */
        { ERROR_STORE, AGAIN, UNKNOWN },
        { ERROR_STORE_FULL, AGAIN, UNKNOWN },
        { ERROR_STORE_BUSY, AGAIN, UNKNOWN },
        { ERROR_MEMORY, AGAIN, UNKNOWN },
        { ERROR_INTERNAL, DEAD, UNKNOWN },
        { ERROR_KEY_WRONG, AGAIN, AGAIN },
        { ERROR_SECRET_TAMPERED, DEAD, DEAD },
        { ERROR_SECRET_FORMAT, DEAD, DEAD },
        { ERROR_CANCELLED, WAITING, UNKNOWN },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct job job = { .attempt = 1 };
        struct error why = { .kind = rows[i].kind };
        for (int sent = 0; sent < 2; sent++) {
            struct fate f = queue_decide(&job, &why, sent == 1, &plain, now);
            ck_assert_msg(came_to(&f) == (sent ? rows[i].sent : rows[i].quiet), "%s, sent %d: %d",
                          error_policy(rows[i].kind)->name, sent, (int)came_to(&f));
            ck_assert_int_eq(f.error.kind, rows[i].kind);
            if (f.unknown)
                ck_assert_int_eq(f.next_ms, now + plain.settle_ms);
        }
    }
}
END_TEST

/* While it has tries, a create that may have been carried out is never just done again. */
START_TEST(a_create_that_may_be_there_is_looked_for)
{
    for (int i = 0; i < 20000; i++) {
        struct queue_options o = { .settle_ms = 1 + (int64_t)random_below(60000),
                                   .retry_tries = (int)random_below(4),
                                   .retry_base_ms = (int64_t)random_below(3) * 100,
                                   .retry_cap_ms = (int64_t)random_below(3) * 1000 };
        struct error why = { .kind = (enum error_kind)(1 + random_below(ERROR_KIND_COUNT - 1)),
                             .retry_after_ms =
                                 random_below(3) ? 0 : (int64_t)random_below(100000) };
        struct job job = { .attempt = 1 + (int)random_below(12),
                           .snoozes = (int)random_below(12),
                           .deadline_ms =
                               random_below(2) ? 0 : now - 1000 + (int64_t)random_below(2000),
                           .reconcile = random_below(2) };
        struct fate f = queue_decide(&job, &why, true, &o, now);
        bool unsure = error_policy(why.kind)->maybe_done || why.kind == ERROR_CANCELLED ||
                      why.kind == ERROR_STORE || why.kind == ERROR_STORE_FULL ||
                      why.kind == ERROR_STORE_BUSY || why.kind == ERROR_MEMORY;
        enum want is = came_to(&f);

        ck_assert_msg(!unsure || is == UNKNOWN || is == DEAD,
                      "%s at attempt %d is done again without a look", error_policy(why.kind)->name,
                      job.attempt);
        ck_assert(is == DEAD || f.next_ms >= now);
        /* The engine's end decides nothing, not even at the last try. */
        ck_assert(why.kind != ERROR_CANCELLED || is == UNKNOWN);
        /* A start that has time left is not given up for the number of its tries. */
        if (job.deadline_ms > now && error_policy(why.kind)->retry)
            ck_assert_msg(is != DEAD, "%s before its deadline is given up",
                          error_policy(why.kind)->name);
    }
}
END_TEST

START_TEST(tries_end)
{
    struct error why = { .kind = ERROR_NET_PRE };
    int tries = error_policy(ERROR_NET_PRE)->tries;
    struct job job = { .attempt = tries - 1 };
    struct fate f = queue_decide(&job, &why, false, &plain, now);

    ck_assert_int_eq(came_to(&f), AGAIN);
    job.attempt = tries;
    f = queue_decide(&job, &why, false, &plain, now);
    ck_assert_int_eq(came_to(&f), DEAD);
    job.deadline_ms = now + 1;
    f = queue_decide(&job, &why, false, &plain, now);
    ck_assert_int_eq(came_to(&f), AGAIN);
    job.deadline_ms = now - 1;
    f = queue_decide(&job, &why, false, &plain, now);
    ck_assert_int_eq(came_to(&f), DEAD);
    /* What counts no attempt never ends. */
    why.kind = ERROR_RATE;
    job = (struct job){ .attempt = 500, .snoozes = 500 };
    f = queue_decide(&job, &why, false, &plain, now);
    ck_assert_int_eq(came_to(&f), AGAIN);
}
END_TEST

START_TEST(pauses_grow_up_to_the_cap_and_are_never_in_step)
{
    struct queue_options o = { .retry_base_ms = 1000, .retry_cap_ms = 8000, .retry_tries = 20 };
    struct error why = { .kind = ERROR_NET_PRE };

    for (int attempt = 1; attempt < 12; attempt++) {
        int64_t span = attempt > 4 ? 8000 : 1000 << (attempt - 1), least = INT64_MAX, most = 0;
        for (int i = 0; i < 400; i++) {
            struct job job = { .attempt = attempt };
            struct fate f = queue_decide(&job, &why, false, &o, now);
            int64_t wait = f.next_ms - now;
            least = wait < least ? wait : least;
            most = wait > most ? wait : most;
        }
        ck_assert_int_ge(least, 1000);
        ck_assert_int_le(most, 1000 + span);
        ck_assert_msg(most - least > span / 2, "attempt %d waits between %lld and %lld", attempt,
                      (long long)least, (long long)most);
    }
}
END_TEST

START_TEST(the_platforms_own_time_goes_before)
{
    struct error why = { .kind = ERROR_RATE, .retry_after_ms = 60000 };
    struct job job = { .attempt = 1 };

    for (int i = 0; i < 100; i++) {
        struct fate f = queue_decide(&job, &why, false, &plain, now);
        ck_assert_int_ge(f.next_ms, now + 60000);
        ck_assert_int_le(f.next_ms, now + 66000);
    }
}
END_TEST

static void seed(void)
{
    random_seed(test_seed());
}

TEST_MAIN_FIXTURE("queue_decide", seed, NULL, each_kind_ends_as_the_table_says,
                  a_create_that_may_be_there_is_looked_for, tries_end,
                  pauses_grow_up_to_the_cap_and_are_never_in_step,
                  the_platforms_own_time_goes_before)

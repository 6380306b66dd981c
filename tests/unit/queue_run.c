/* The queue with kinds of its own making: who goes first, who waits, who is asked to end, and what
 * is left behind. */
#include "testlib.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/queue/queue.h>
#include <ecclesia/store/jobs.h>

enum { LINES = 200 };

/* What the kind under test does, and what it saw. */
static struct script {
    pthread_mutex_t mutex;
    pthread_cond_t news;
    int64_t order[LINES]; /* jobs in the order in which they began */
    int begun, running, most;
    bool hold;            /* runs wait until it is false, or until they are asked to end */
    bool effect, creates; /* say queue_sent() first */
    bool answered, saved; /* then queue_answered(), in a transaction that is committed or not */
    enum verdict_wish wish;
    struct error error;
    int64_t wait_ms;
    int apply_fails; /* so many times */
    int applied, cancelled, unrun;
    struct fate fate; /* of the last apply */
    bool reconcile;   /* of the last run */
} kind = { .mutex = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER };

static struct store *store;
static struct queue *queue;
static struct queue_options options;
static const char *db_path_;

static void wake(void *nothing)
{
    (void)nothing;
    pthread_mutex_lock(&kind.mutex);
    pthread_cond_broadcast(&kind.news);
    pthread_mutex_unlock(&kind.mutex);
}

static bool answer(struct queue *q, const struct job *job, bool saved, struct error *err)
{
    struct db *db;

    if (!db_begin(store, &db, err))
        return false;
    bool done = queue_answered(q, db, job, 200, err);
    if (!saved)
        db_rollback(db);
    return saved ? done && db_commit(db, err) : done;
}

static void run(const struct job *job, struct cancel *cancel, void *context, struct verdict *out,
                void **state)
{
    struct queue *q = *(struct queue **)context;
    struct error err = { 0 };

    *state = malloc(1);
    pthread_mutex_lock(&kind.mutex);
    bool effect = kind.effect, creates = kind.creates, answered = kind.answered, saved = kind.saved;
    pthread_mutex_unlock(&kind.mutex);
    if (effect &&
        (!queue_sent(q, job, creates, &err) || (answered && !answer(q, job, saved, &err)))) {
        out->wish = VERDICT_FAILED;
        out->error = err;
        return;
    }
    cancel_notify(cancel, wake, NULL);
    pthread_mutex_lock(&kind.mutex);
    kind.order[kind.begun++ % LINES] = job->id;
    kind.reconcile = job->reconcile;
    if (++kind.running > kind.most)
        kind.most = kind.running;
    while (kind.hold && !cancel_asked(cancel))
        pthread_cond_wait(&kind.news, &kind.mutex);
    kind.running--;
    out->wish = kind.wish;
    out->error = kind.error;
    out->wait_ms = kind.wait_ms;
    pthread_mutex_unlock(&kind.mutex);
    cancel_notify(cancel, NULL, NULL);
    if (cancel_asked(cancel)) {
        out->wish = VERDICT_FAILED;
        error_set(&out->error, ERROR_CANCELLED, "", "Asked to end.");
    }
}

static bool apply(struct db *db, const struct job *job, const struct fate *fate, void *context,
                  void *state, struct error *err)
{
    (void)db;
    (void)job;
    (void)context;
    pthread_mutex_lock(&kind.mutex);
    bool good = kind.apply_fails == 0;
    if (good) {
        kind.applied++;
        kind.cancelled += fate->cancelled;
        kind.unrun += !state;
        kind.fate = *fate;
    } else {
        kind.apply_fails--;
    }
    pthread_mutex_unlock(&kind.mutex);
    return good || error_set(err, ERROR_STORE_BUSY, "", "Not now.");
}

static void drop(void *state)
{
    free(state);
}

static const struct job_kind test_kind = {
    .name = "livestream.create", .run = run, .apply = apply, .drop = drop, .context = &queue
};

static void make_queue(void)
{
    struct error err;

    TEST_OK(queue_new(&queue, store, &options, &err), err);
    queue_register(queue, &test_kind);
}

static void start(void)
{
    struct error err;

    TEST_OK(queue_start(queue, &err), err);
}

static void setup(void)
{
    struct error err;

    kind = (struct script){ .mutex = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER };
    db_path_ = test_path(test_dir(), "queue.db");
    options = (struct queue_options){
        .settle_ms = 50, .retry_base_ms = 10, .retry_cap_ms = 20, .retry_tries = 3
    };
    TEST_OK(store_open(&store, db_path_, &err), err);
    make_queue();
}

static void teardown(void)
{
    queue_free(queue);
    store_close(store);
}

static struct id target_of(int n)
{
    struct id id;

    snprintf(id.hex, sizeof id.hex, "%032x", (unsigned)n);
    return id;
}

static int64_t add_full(const struct job *wanted, int target)
{
    struct job j = *wanted;
    struct error err;
    struct db *db;
    int64_t id;
    bool added;
    char unique[64];
    static int count;

    if (!j.kind[0])
        snprintf(j.kind, sizeof j.kind, "livestream.create");
    j.target = target_of(target);
    j.subject = target_of(1000 + target);
    j.church = target_of(1);
    snprintf(j.idem_key, sizeof j.idem_key, "%032x", (unsigned)target);
    snprintf(unique, sizeof unique, "%d/%d", target, count++);
    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(job_add(db, &j, unique, &id, &added, &err), err);
    TEST_OK(db_commit(db, &err), err);
    ck_assert(added);
    queue_wake(queue);
    return id;
}

static int64_t add(enum platform_id p, int priority, int target)
{
    return add_full(&(struct job){ .platform = p, .priority = priority }, target);
}

static struct job job_of(int64_t id)
{
    struct error err;
    struct db *db;
    struct job j;

    TEST_OK(db_read(store, &db, &err), err);
    TEST_OK(job_get(db, id, &j, &err), err);
    db_read_end(db);
    return j;
}

static bool is(int64_t id, enum job_state state)
{
    return job_of(id).state == state;
}

static int seen(const int *number)
{
    pthread_mutex_lock(&kind.mutex);
    int n = *number;
    pthread_mutex_unlock(&kind.mutex);
    return n;
}

/* As it stands now. */
static struct script script(void)
{
    pthread_mutex_lock(&kind.mutex);
    struct script copy = kind;
    pthread_mutex_unlock(&kind.mutex);
    return copy;
}

static void let_go(void)
{
    pthread_mutex_lock(&kind.mutex);
    kind.hold = false;
    pthread_cond_broadcast(&kind.news);
    pthread_mutex_unlock(&kind.mutex);
}

static void supersede(int target)
{
    struct error err;
    struct db *db;

    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(job_supersede(db, target_of(target), &err), err);
    TEST_OK(db_commit(db, &err), err);
    queue_wake(queue);
}

START_TEST(the_most_urgent_goes_first)
{
    /* Two workers, of which one is kept for stops: one job after the other. */
    options.workers = 2;
    queue_free(queue);
    make_queue();
    int64_t late = add_full(&(struct job){ .platform = PLATFORM_ZOOM,
                                           .priority = JOB_PRIORITY_START,
                                           .run_at_ms = clock_now() - 500 },
                            1);
    int64_t create = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 2);
    int64_t early = add_full(&(struct job){ .platform = PLATFORM_ZOOM,
                                            .priority = JOB_PRIORITY_START,
                                            .run_at_ms = clock_now() - 1000 },
                             3);
    int64_t update = add(PLATFORM_YOUTUBE, JOB_PRIORITY_UPDATE, 4);
    /* Urgent, but the same target's earlier job goes first. */
    int64_t behind = add(PLATFORM_YOUTUBE, JOB_PRIORITY_START, 4);
    const int64_t want[] = { early, late, create, update, behind };
    start();
    TEST_UNTIL(is(behind, JOB_SUCCEEDED));
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(script().order[i], want[i]);
    ck_assert_int_eq(script().most, 1);
}
END_TEST

START_TEST(a_platform_has_its_share_and_no_more)
{
    options.parallel[PLATFORM_ZOOM] = 2;
    queue_free(queue);
    make_queue();
    kind.hold = true;
    for (int i = 0; i < 6; i++)
        add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, i);
    start();
    TEST_UNTIL(seen(&kind.running) == 2);
    int64_t other = add(PLATFORM_YOUTUBE, JOB_PRIORITY_UPDATE, 7);
    /* When the less urgent one of another platform has begun, the queue has looked at all of them.
     */
    TEST_UNTIL(seen(&kind.begun) == 3);
    ck_assert_int_eq(script().order[2], other);
    ck_assert_int_eq(seen(&kind.running), 3);
    /* A stop may go beyond the share, one of them. */
    int64_t stop = add(PLATFORM_ZOOM, JOB_PRIORITY_STOP, 8);
    TEST_UNTIL(seen(&kind.begun) == 4);
    ck_assert_int_eq(script().order[3], stop);
    add(PLATFORM_ZOOM, JOB_PRIORITY_STOP, 9);
    int64_t last = add(PLATFORM_FACEBOOK, JOB_PRIORITY_UPDATE, 10);
    TEST_UNTIL(seen(&kind.begun) == 5);
    ck_assert_int_eq(script().order[4], last);
    let_go();
    TEST_UNTIL(seen(&kind.applied) == 10);
}
END_TEST

START_TEST(the_last_worker_is_for_stops)
{
    options.workers = 3;
    queue_free(queue);
    make_queue();
    kind.hold = true;
    start();
    add(PLATFORM_ZOOM, JOB_PRIORITY_START, 1);
    add(PLATFORM_YOUTUBE, JOB_PRIORITY_START, 2);
    TEST_UNTIL(seen(&kind.running) == 2);
    int64_t waits = add(PLATFORM_FACEBOOK, JOB_PRIORITY_START, 3),
            stop = add(PLATFORM_FACEBOOK, JOB_PRIORITY_STOP, 4);
    TEST_UNTIL(seen(&kind.running) == 3);
    ck_assert(is(stop, JOB_RUNNING));
    ck_assert(is(waits, JOB_SCHEDULED));
    let_go();
    TEST_UNTIL(is(waits, JOB_SUCCEEDED) && is(stop, JOB_SUCCEEDED));
}
END_TEST

/* Seven platforms hang with all that they may have at once; the eighth does not notice. */
START_TEST(seven_platforms_hang_and_the_eighth_goes_on)
{
    kind.hold = true;
    start();
    for (int p = 0; p < PLATFORM_COUNT - 1; p++) {
        for (int i = 0; i < 4; i++)
            add((enum platform_id)p, JOB_PRIORITY_START, 10 * p + i);
    }
    TEST_UNTIL(seen(&kind.running) == 3 * (PLATFORM_COUNT - 1));
    int64_t last = add((enum platform_id)(PLATFORM_COUNT - 1), JOB_PRIORITY_UPDATE, 99);
    TEST_UNTIL(is(last, JOB_RUNNING));
    let_go();
    TEST_UNTIL(seen(&kind.applied) == 4 * (PLATFORM_COUNT - 1) + 1);
}
END_TEST

START_TEST(a_newer_wish_ends_the_older)
{
    kind.hold = true;
    start();
    int64_t running = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1);
    TEST_UNTIL(seen(&kind.running) == 1);
    int64_t waiting = add(PLATFORM_ZOOM, JOB_PRIORITY_UPDATE, 1);
    supersede(1);
    TEST_UNTIL(is(running, JOB_CANCELLED));
    ck_assert(is(waiting, JOB_CANCELLED));
    ck_assert_int_eq(script().cancelled, 1);
    let_go();
    int64_t next = add(PLATFORM_ZOOM, JOB_PRIORITY_STOP, 1);
    TEST_UNTIL(is(next, JOB_SUCCEEDED));
}
END_TEST

/* It is looked up all the same: what the newer wish does depends on it. */
START_TEST(a_create_that_was_sent_is_looked_up_though_it_is_not_wanted_any_more)
{
    kind.hold = kind.effect = kind.creates = true;
    start();
    int64_t id = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1);
    TEST_UNTIL(seen(&kind.running) == 1);
    int64_t stop = add(PLATFORM_ZOOM, JOB_PRIORITY_STOP, 1);
    ck_assert(is(stop, JOB_SCHEDULED));
    supersede(1);
    stop = add(PLATFORM_ZOOM, JOB_PRIORITY_STOP, 1);
    TEST_UNTIL(is(id, JOB_UNKNOWN) || seen(&kind.begun) == 2);
    pthread_mutex_lock(&kind.mutex);
    kind.effect = false;
    pthread_mutex_unlock(&kind.mutex);
    TEST_UNTIL(seen(&kind.begun) == 2);
    ck_assert(script().reconcile);
    /* It hangs, and the claimer looks again and again: nobody asks it to end. */
    int64_t other = add(PLATFORM_YOUTUBE, JOB_PRIORITY_CREATE, 2);
    TEST_UNTIL(seen(&kind.begun) == 3);
    ck_assert(is(id, JOB_RUNNING));
    let_go();
    TEST_UNTIL(is(stop, JOB_SUCCEEDED) && is(other, JOB_SUCCEEDED));
    ck_assert(is(id, JOB_SUCCEEDED));
}
END_TEST

START_TEST(an_unknown_outcome_settles_and_is_looked_up)
{
    kind.effect = kind.creates = true;
    kind.wish = VERDICT_FAILED;
    error_set(&kind.error, ERROR_NET_POST, "", "Cut.");
    options.settle_ms = 100;
    queue_free(queue);
    make_queue();
    start();
    int64_t id = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1), before = clock_now();
    TEST_UNTIL(is(id, JOB_UNKNOWN));
    ck_assert(script().fate.unknown);
    ck_assert_int_ge(job_of(id).run_at_ms, before + 100);
    pthread_mutex_lock(&kind.mutex);
    kind.effect = false;
    kind.wish = VERDICT_DONE;
    pthread_mutex_unlock(&kind.mutex);
    TEST_UNTIL(is(id, JOB_SUCCEEDED));
    ck_assert(script().reconcile);
    ck_assert_int_eq(job_of(id).attempt, 2);
}
END_TEST

/* The disk was full when what the platform made was to be saved. */
START_TEST(what_was_made_and_could_not_be_saved_is_looked_up)
{
    kind.effect = kind.creates = kind.answered = true;
    kind.wish = VERDICT_FAILED;
    error_set(&kind.error, ERROR_STORE_FULL, "", "Full.");
    start();
    int64_t id = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1);
    TEST_UNTIL(is(id, JOB_UNKNOWN));
    ck_assert(script().fate.unknown);
    pthread_mutex_lock(&kind.mutex);
    kind.effect = false;
    kind.wish = VERDICT_DONE;
    pthread_mutex_unlock(&kind.mutex);
    TEST_UNTIL(is(id, JOB_SUCCEEDED));
    ck_assert(script().reconcile);
}
END_TEST

/* What failed after it was saved needs no look. */
START_TEST(what_was_made_and_saved_is_certain)
{
    kind.effect = kind.creates = kind.answered = kind.saved = true;
    kind.wish = VERDICT_FAILED;
    error_set(&kind.error, ERROR_NET_POST, "", "Cut.");
    start();
    add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1);
    TEST_UNTIL(script().applied > 0);
    ck_assert(!script().fate.unknown);
    ck_assert(!script().reconcile);
}
END_TEST

START_TEST(tries_are_counted_and_end)
{
    kind.wish = VERDICT_FAILED;
    error_set(&kind.error, ERROR_NET_PRE, "", "Refused.");
    start();
    int64_t id = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1);
    TEST_UNTIL(is(id, JOB_DEAD));
    ck_assert_int_eq(script().begun, 3);
    ck_assert(script().fate.dead);
    ck_assert_int_eq(script().fate.error.kind, ERROR_NET_PRE);
    ck_assert_int_eq(job_of(id).error_kind, ERROR_NET_PRE);
    /* A person tries again. */
    struct error err;
    struct db *db;
    pthread_mutex_lock(&kind.mutex);
    kind.wish = VERDICT_DONE;
    pthread_mutex_unlock(&kind.mutex);
    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(job_retry(db, id, &err), err);
    TEST_OK(db_commit(db, &err), err);
    queue_wake(queue);
    TEST_UNTIL(is(id, JOB_SUCCEEDED));
}
END_TEST

START_TEST(waiting_counts_no_try)
{
    kind.wish = VERDICT_WAIT;
    kind.wait_ms = 1;
    start();
    int64_t id = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1);
    TEST_UNTIL(seen(&kind.begun) >= 10);
    pthread_mutex_lock(&kind.mutex);
    kind.wish = VERDICT_DONE;
    pthread_mutex_unlock(&kind.mutex);
    TEST_UNTIL(is(id, JOB_SUCCEEDED));
    ck_assert_int_eq(job_of(id).attempt, 1);
    ck_assert_int_ge(job_of(id).snoozes, 9);
}
END_TEST

/* Somebody else has taken the job over meanwhile: the result is thrown away. */
START_TEST(a_result_that_is_not_ours_any_more_is_thrown_away)
{
    struct error err;
    struct db *db;
    int64_t count = 0;

    kind.hold = true;
    start();
    int64_t id =
        add_full(&(struct job){ .platform = PLATFORM_ZOOM, .priority = JOB_PRIORITY_CREATE }, 1);
    TEST_UNTIL(seen(&kind.running) == 1);
    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(job_recover(db, "another boot", clock_now() + 3600000, 0, &count, &err), err);
    TEST_OK(db_commit(db, &err), err);
    ck_assert_int_eq(count, 1);
    let_go();
    int64_t next = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 2);
    TEST_UNTIL(is(next, JOB_SUCCEEDED));
    TEST_UNTIL(seen(&kind.running) == 0);
    queue_stop(queue, 0);
    ck_assert(is(id, JOB_SCHEDULED));
    ck_assert_int_eq(script().applied, 1);
}
END_TEST

static void leave_running(int64_t id, const char *boot, int sent)
{
    struct error err;
    struct db *db;
    struct job j;
    bool fenced;

    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(job_claim(db, 0, false, boot, clock_now() + 120000 /* it may have been put off */, &j,
                      &err),
            err);
    ck_assert_int_eq(j.id, id);
    if (sent)
        TEST_OK(job_mark_sent(db, &j, sent == 2, &fenced, &err), err);
    TEST_OK(db_commit(db, &err), err);
}

START_TEST(what_another_boot_left_is_taken_over)
{
    int64_t ids[3];

    for (int sent = 0; sent < 3; sent++) {
        ids[sent] = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, sent);
        leave_running(ids[sent], "the boot before", sent);
    }
    kind.hold = true;
    start();
    TEST_UNTIL(seen(&kind.running) == 3);
    ck_assert(script().reconcile);
    ck_assert_int_eq(script().order[2], ids[2]);
    for (int sent = 0; sent < 3; sent++) {
        ck_assert_int_eq(job_of(ids[sent]).reconcile, sent == 2);
        ck_assert_int_eq(job_of(ids[sent]).rescues, 1);
        ck_assert_int_eq(job_of(ids[sent]).attempt, 1);
    }
    let_go();
    TEST_UNTIL(is(ids[0], JOB_SUCCEEDED) && is(ids[1], JOB_SUCCEEDED) && is(ids[2], JOB_SUCCEEDED));
}
END_TEST

/* A job at which the program dies every time ends, and its kind is told, so that its target says
 * so. */
START_TEST(a_poisonous_job_is_given_up_and_told)
{
    int64_t id = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1);
    char boot[24];

    for (int i = 0; i <= JOB_RESCUES_MAX; i++) {
        snprintf(boot, sizeof boot, "boot %d", i);
        leave_running(id, boot, 1);
        if (i == JOB_RESCUES_MAX)
            break;
        struct error err;
        struct db *db;
        int64_t count;
        TEST_OK(db_begin(store, &db, &err), err);
        TEST_OK(job_recover(db, "next", clock_now(), 0, &count, &err), err);
        TEST_OK(db_commit(db, &err), err);
        ck_assert(is(id, JOB_SCHEDULED));
    }
    start();
    ck_assert(is(id, JOB_DEAD));
    ck_assert_int_eq(script().begun, 0);
    ck_assert_int_eq(script().applied, 1);
    ck_assert_int_eq(script().unrun, 1);
    ck_assert(script().fate.dead && script().fate.error.message[0]);
}
END_TEST

START_TEST(what_comes_too_late_is_not_done)
{
    int64_t id = add_full(&(struct job){ .platform = PLATFORM_ZOOM,
                                         .priority = JOB_PRIORITY_START,
                                         .deadline_ms = clock_now() - 1 },
                          1);

    start();
    TEST_UNTIL(is(id, JOB_DEAD));
    ck_assert_int_eq(script().begun, 0);
    ck_assert(script().fate.dead);
    ck_assert_int_eq(script().fate.error.kind, ERROR_REFUSED);
}
END_TEST

/* What else of that platform waits is the manager's to say: here one job's wait is its own. */
START_TEST(a_rate_limit_snoozes_the_job_and_uses_no_try)
{
    kind.wish = VERDICT_FAILED;
    error_set(&kind.error, ERROR_RATE, "", "Slower.");
    kind.error.retry_after_ms = 200;
    start();
    int64_t id = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1);
    TEST_UNTIL(job_of(id).snoozes == 1);
    ck_assert_int_eq(job_of(id).attempt, 0);
    pthread_mutex_lock(&kind.mutex);
    kind.wish = VERDICT_DONE;
    pthread_mutex_unlock(&kind.mutex);
    int64_t same = add(PLATFORM_ZOOM, JOB_PRIORITY_START, 2),
            other = add(PLATFORM_YOUTUBE, JOB_PRIORITY_UPDATE, 3);
    TEST_UNTIL(is(other, JOB_SUCCEEDED));
    TEST_UNTIL(is(same, JOB_SUCCEEDED) && is(id, JOB_SUCCEEDED));
}
END_TEST

/* The end of the engine leaves what did not finish to the next one. */
START_TEST(a_stopped_queue_leaves_its_work_to_the_next)
{
    kind.hold = true;
    start();
    int64_t id = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1);
    TEST_UNTIL(seen(&kind.running) == 1);
    queue_stop(queue, 0);
    ck_assert(is(id, JOB_SCHEDULED));
    ck_assert_int_eq(job_of(id).attempt, 0);
    let_go();
    queue_free(queue);
    make_queue();
    start();
    TEST_UNTIL(is(id, JOB_SUCCEEDED));
}
END_TEST

START_TEST(a_result_is_saved_when_the_store_lets_it)
{
    kind.apply_fails = 3;
    start();
    int64_t id = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1);
    TEST_UNTIL(is(id, JOB_SUCCEEDED));
    ck_assert_int_eq(script().begun, 1);
    ck_assert_int_eq(script().applied, 1);
}
END_TEST

START_TEST(an_unknown_kind_is_dead_and_disturbs_nobody)
{
    struct job strange = { .platform = PLATFORM_ZOOM,
                           .priority = JOB_PRIORITY_START,
                           .kind = "livestream.sing" };

    start();
    int64_t id = add_full(&strange, 1), good = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 2);
    TEST_UNTIL(is(id, JOB_DEAD) && is(good, JOB_SUCCEEDED));
    ck_assert_str_ne(job_of(id).error, "");
}
END_TEST

/* Another process commits: its own store, its own connection, no call of queue_wake() in this one.
 */
START_TEST(work_that_another_process_adds_is_seen)
{
    struct store *other = NULL;
    struct error err;

    start();
    /* Asleep: nothing is due. */
    int64_t first = add(PLATFORM_ZOOM, JOB_PRIORITY_CREATE, 1);
    TEST_UNTIL(is(first, JOB_SUCCEEDED));
    TEST_OK(store_open(&other, db_path_, &err), err);
    struct db *db;
    struct job j = { .kind = "livestream.create",
                     .platform = PLATFORM_ZOOM,
                     .target = target_of(2),
                     .subject = target_of(3),
                     .church = target_of(1),
                     .idem_key = "k" };
    int64_t id;
    bool added;
    TEST_OK(db_begin(other, &db, &err), err);
    TEST_OK(job_add(db, &j, "other", &id, &added, &err), err);
    TEST_OK(db_commit(db, &err), err);
    TEST_UNTIL(is(id, JOB_SUCCEEDED));
    store_close(other);
}
END_TEST

TEST_MAIN_FIXTURE("queue_run", setup, teardown, the_most_urgent_goes_first,
                  a_platform_has_its_share_and_no_more, the_last_worker_is_for_stops,
                  seven_platforms_hang_and_the_eighth_goes_on, a_newer_wish_ends_the_older,
                  a_create_that_was_sent_is_looked_up_though_it_is_not_wanted_any_more,
                  an_unknown_outcome_settles_and_is_looked_up,
                  what_was_made_and_could_not_be_saved_is_looked_up,
                  what_was_made_and_saved_is_certain, tries_are_counted_and_end,
                  waiting_counts_no_try, a_result_that_is_not_ours_any_more_is_thrown_away,
                  what_another_boot_left_is_taken_over, a_poisonous_job_is_given_up_and_told,
                  what_comes_too_late_is_not_done, a_rate_limit_snoozes_the_job_and_uses_no_try,
                  a_stopped_queue_leaves_its_work_to_the_next,
                  a_result_is_saved_when_the_store_lets_it,
                  an_unknown_kind_is_dead_and_disturbs_nobody,
                  work_that_another_process_adds_is_seen)

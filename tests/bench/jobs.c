/* Durable jobs a second: a kind of job whose run returns at once, through the queue and the store
 * with full synchronisation, beside what SQLite alone commits on the same disk in the same run.
 *
 * A job costs two commits at least (it is claimed before it runs, and its end is written after), so
 * a ratio of 0.5 is what a queue that runs them one after the other can have. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <ecclesia/base/text.h>
#include <ecclesia/queue/queue.h>
#include <ecclesia/store/jobs.h>

#include "lib/bench.h"

enum { ROUNDS = 5, JOBS = 300, COMMITS = 300, WAITING = 5000, ENDED = 10000, BUDGET_MS = 12000 };

/* ---- SQLite alone ---- */

static sqlite3 *raw;

static void raw_run(const char *sql)
{
    if (sqlite3_exec(raw, sql, NULL, NULL, NULL) != SQLITE_OK)
        bench_die("SQLite: %s: %s", sql, sqlite3_errmsg(raw));
}

static void raw_open(void)
{
    char *path = text_format("%s/raw.db", bench_directory());

    if (sqlite3_open(path, &raw) != SQLITE_OK)
        bench_die("SQLite: %s: %s", path, sqlite3_errmsg(raw));
    free(path);
    raw_run("PRAGMA journal_mode=WAL");
    raw_run("PRAGMA synchronous=FULL");
    raw_run("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT");
}

/* Commits a second. */
static double raw_commits(void)
{
    sqlite3_stmt *begin = NULL, *insert = NULL, *commit = NULL;
    double start;

    sqlite3_prepare_v2(raw, "BEGIN IMMEDIATE", -1, &begin, NULL);
    sqlite3_prepare_v2(raw, "INSERT INTO t (n) VALUES (1)", -1, &insert, NULL);
    sqlite3_prepare_v2(raw, "COMMIT", -1, &commit, NULL);
    start = bench_now();
    for (int i = 0; i < COMMITS; i++) {
        sqlite3_stmt *const each[] = { begin, insert, commit };

        for (int s = 0; s < 3; s++) {
            if (sqlite3_step(each[s]) != SQLITE_DONE)
                bench_die("SQLite: %s", sqlite3_errmsg(raw));
            sqlite3_reset(each[s]);
        }
    }
    start = bench_now() - start;
    sqlite3_finalize(begin);
    sqlite3_finalize(insert);
    sqlite3_finalize(commit);
    return COMMITS * 1e3 / start;
}

/* ---- through the queue ---- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news = PTHREAD_COND_INITIALIZER;
static int ended;
static atomic_long commits;

static void run(const struct job *job, struct cancel *cancel, void *context, struct verdict *out,
                void **state)
{
    (void)job;
    (void)cancel;
    (void)context;
    (void)state;
    out->wish = VERDICT_DONE;
}

static bool apply(struct db *db, const struct job *job, const struct fate *fate, void *context,
                  void *state, struct error *err)
{
    (void)db;
    (void)job;
    (void)context;
    (void)state;
    if (!fate->done)
        return error_set(err, ERROR_INTERNAL, "", "A job came to something else than done.");
    pthread_mutex_lock(&mutex);
    ended++;
    pthread_cond_signal(&news);
    pthread_mutex_unlock(&mutex);
    return true;
}

static void add_jobs(struct store *store, int count, int platforms, bool later)
{
    struct error err = { 0 };
    struct db *db = NULL;

    bench_must(db_begin(store, &db, &err), "jobs", &err);
    for (int i = 0; i < count; i++) {
        struct job job = { .kind = "bench",
                           .platform = (enum platform_id)(i % platforms),
                           .church = id_new(),
                           .subject = id_new(),
                           .target = id_new(),
                           .run_at_ms = later ? INT64_C(9000000000000) : 0,
                           .priority = JOB_PRIORITY_UPDATE };
        int64_t id;
        bool added;

        snprintf(job.idem_key, sizeof(job.idem_key), "%s", job.target.hex);
        bench_must(job_add(db, &job, job.target.hex, &id, &added, &err), "jobs", &err);
    }
    bench_must(db_commit(db, &err), "jobs", &err);
}

/* What has piled up in a long life: rows that a claim must not have to look at. */
static void add_past(struct store *store)
{
    struct error err = { 0 };
    struct db *db = NULL;

    add_jobs(store, ENDED, PLATFORM_COUNT, false);
    bench_must(db_begin(store, &db, &err), "jobs", &err);
    bench_must(db_run(db, &err, "UPDATE jobs SET state = 'succeeded', finished_ms = run_at_ms", ""),
               "jobs", &err);
    bench_must(db_commit(db, &err), "jobs", &err);
    add_jobs(store, WAITING, PLATFORM_COUNT, true);
}

/* ---- what is measured ---- */

enum { ONE, EIGHT, LONG_LIFE, CASES };

static struct measure {
    const char *what;
    int platforms;
    struct store *store;
    double jobs[ROUNDS], alone[ROUNDS], ratio[ROUNDS], each[ROUNDS];
} cases[CASES] = {
    [ONE] = { .what = "tiny jobs for one platform", .platforms = 1 },
    [EIGHT] = { .what = "tiny jobs for 8 platforms", .platforms = PLATFORM_COUNT },
    [LONG_LIFE] = { .what = "  in a store with 10,000 ended, 5,000 waiting",
                    .platforms = PLATFORM_COUNT },
};

static void measure(struct measure *m, int round)
{
    static const struct job_kind kind = { .name = "bench", .run = run, .apply = apply };
    const struct queue_options options = { 0 };
    struct queue *queue = NULL;
    struct error err = { 0 };
    double took, before;

    add_jobs(m->store, JOBS, m->platforms, false);
    bench_must(queue_new(&queue, m->store, &options, &err), "queue", &err);
    queue_register(queue, &kind);
    ended = 0;
    atomic_store(&commits, 0);
    /* Around the jobs, so that both see the same minute of the disk. */
    before = raw_commits();
    took = bench_now();
    bench_must(queue_start(queue, &err), "queue", &err);
    pthread_mutex_lock(&mutex);
    while (ended < JOBS)
        pthread_cond_wait(&news, &mutex);
    pthread_mutex_unlock(&mutex);
    queue_stop(queue, 10000);
    took = bench_now() - took;
    queue_free(queue);
    m->jobs[round] = JOBS * 1e3 / took;
    m->alone[round] = (before + raw_commits()) / 2;
    m->ratio[round] = m->jobs[round] / m->alone[round];
    m->each[round] = (double)atomic_load(&commits) / JOBS;
}

static struct store *open_store(const char *name)
{
    char *path = text_format("%s/%s.db", bench_directory(), name);
    struct store *store = NULL;
    struct error err = { 0 };

    bench_must(store_open(&store, path, &err), "store", &err);
    store_on_commit(store, bench_count_commit, &commits);
    free(path);
    return store;
}

int main(void)
{
    size_t rounds = 0;
    double end = bench_now() + BUDGET_MS;

    raw_open();
    cases[ONE].store = cases[EIGHT].store = open_store("jobs");
    cases[LONG_LIFE].store = open_store("long");
    add_past(cases[LONG_LIFE].store);
    for (; rounds < ROUNDS && (rounds == 0 || bench_now() < end); rounds++)
        for (int i = 0; i < CASES; i++)
            measure(&cases[i], (int)rounds);
    bench_head("through the queue", bench_cell("SQLite alone, same disk (%s)", bench_disk()));
    for (int i = 0; i < CASES; i++) {
        struct measure *m = &cases[i];

        bench_row(m->what, bench_cell("%.0f jobs/s", bench_median(m->jobs, rounds)),
                  bench_cell("%.0f commits/s", bench_median(m->alone, rounds)),
                  bench_median(m->ratio, rounds));
    }
    double each = bench_median(cases[EIGHT].each, rounds);
    bench_row("commits a job", bench_cell("%.2f", each), "the least, to claim and to end: 2",
              each / 2);
    store_close(cases[ONE].store);
    store_close(cases[LONG_LIFE].store);
    sqlite3_close(raw);
    return 0;
}

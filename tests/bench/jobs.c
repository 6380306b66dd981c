/* Durable jobs a second: a kind of job whose run returns at once, through the queue and the store
 * with full synchronisation, beside what SQLite alone commits on the same disk in the same run.
 *
 * A job costs two commits at least (it is claimed before it runs, and its end is written after), so
 * a ratio of 0.5 is what a queue that runs them one after the other can have. */
#include <math.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <ecclesia/base/text.h>
#include <ecclesia/queue/queue.h>
#include <ecclesia/store/jobs.h>

#include "lib/bench.h"

enum { ROUNDS = 5, JOBS = 400, COMMITS = 400, BACKLOG = 5000 };

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

/* The clock's real work waits for its time: rows that the claim must pass over. */
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

struct measure {
    double per_second, commits_per_job;
};

static struct measure measure_jobs(struct store *store, int platforms)
{
    static const struct job_kind kind = { .name = "bench", .run = run, .apply = apply };
    const struct queue_options options = { 0 };
    struct queue *queue = NULL;
    struct error err = { 0 };
    struct measure m;
    double start;

    add_jobs(store, JOBS, platforms, false);
    bench_must(queue_new(&queue, store, &options, &err), "queue", &err);
    queue_register(queue, &kind);
    ended = 0;
    atomic_store(&commits, 0);
    start = bench_now();
    bench_must(queue_start(queue, &err), "queue", &err);
    pthread_mutex_lock(&mutex);
    while (ended < JOBS)
        pthread_cond_wait(&news, &mutex);
    pthread_mutex_unlock(&mutex);
    queue_stop(queue, 10000);
    m.per_second = JOBS * 1e3 / (bench_now() - start);
    m.commits_per_job = (double)atomic_load(&commits) / JOBS;
    queue_free(queue);
    return m;
}

static void measure_row(const char *what, struct store *store, int platforms)
{
    double per_second[ROUNDS], raw_per_second[ROUNDS], ratio[ROUNDS], each[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        struct measure m;

        raw_per_second[i] = raw_commits();
        m = measure_jobs(store, platforms);
        /* Around the jobs, so that both see the same minute of the disk. */
        raw_per_second[i] = (raw_per_second[i] + raw_commits()) / 2;
        per_second[i] = m.per_second;
        each[i] = m.commits_per_job;
        ratio[i] = m.per_second / raw_per_second[i];
    }
    bench_row(bench_cell("%s, %.1f commits each", what, bench_median(each, ROUNDS)),
              bench_cell("%.0f jobs/s", bench_median(per_second, ROUNDS)),
              bench_cell("SQLite alone %.0f commits/s", bench_median(raw_per_second, ROUNDS)),
              bench_median(ratio, ROUNDS));
}

int main(void)
{
    char *path = text_format("%s/jobs.db", bench_directory());
    struct store *store = NULL;
    struct error err = { 0 };

    raw_open();
    bench_must(store_open(&store, path, &err), "store", &err);
    store_on_commit(store, bench_count_commit, &commits);
    bench_head("queue and store", bench_cell("the same disk (%s)", bench_disk()));
    measure_row("tiny jobs, one platform", store, 1);
    measure_row("tiny jobs, 8 platforms", store, PLATFORM_COUNT);
    add_jobs(store, BACKLOG, PLATFORM_COUNT, true);
    measure_row(bench_cell("the same, %d more wait", BACKLOG), store, PLATFORM_COUNT);
    store_close(store);
    sqlite3_close(raw);
    free(path);
    return 0;
}

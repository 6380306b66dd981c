/* What the console costs while it stands: bytes to the terminal (over a slow line each one counts),
 * wake-ups, processor time, and how soon it shows a key or a change. Beside htop where htop does the
 * like. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#include "lib/bench.h"
#include "lib/pty.h"
#include "lib/records.h"
#include "lib/world.h"

enum { PATIENCE_MS = 10000, CALM_MS = 3000, IDLE_MS = 10000, SLICE_MS = 20 };
enum { TICKS = 50, TICK_MS = 100, KEYS = 41, PAINT_MS = 30 };

static const char *ecclesia;
static bool htop_there;

static void wait_foot(struct pty *p, const char *name)
{
    if (pty_wait_text(p, "Quit", PATIENCE_MS) < 0)
        bench_die("%s: no foot line came in %d s; the last it wrote: %s", name, PATIENCE_MS / 1000,
                  p->shown);
}

/* Reads from both in turns: neither may stand still for a terminal that nobody reads. */
static void read_both(struct pty *a, struct pty *b, double ms)
{
    double end = bench_now() + ms;

    while (bench_now() < end) {
        pty_read(a, b ? SLICE_MS : end - bench_now());
        if (b)
            pty_read(b, SLICE_MS);
    }
}

/* ---- idle ---- */

struct idle {
    double bytes, wakes, cpu_ms; /* a second */
};

static void measure_idle(struct pty *ours, struct pty *htop, struct idle out[2])
{
    struct pty *both[2] = { ours, htop };
    struct usage before[2], after[2];
    uint64_t bytes[2];
    double start, seconds;

    read_both(ours, htop, CALM_MS);
    for (int i = 0; i < 2 && both[i]; i++) {
        pty_usage(both[i], &before[i]);
        bytes[i] = both[i]->bytes;
    }
    start = bench_now();
    read_both(ours, htop, IDLE_MS);
    seconds = (bench_now() - start) / 1e3;
    for (int i = 0; i < 2 && both[i]; i++) {
        if (!pty_usage(both[i], &after[i]))
            bench_die("a program ended while it was watched: %s", both[i]->shown);
        out[i] = (struct idle){ .bytes = (double)(both[i]->bytes - bytes[i]) / seconds,
                                .wakes = (after[i].wakes - before[i].wakes) / seconds,
                                .cpu_ms = (after[i].cpu_ms - before[i].cpu_ms) / seconds };
    }
}

static void row(const char *what, double ours, double beside, int digits, const char *unit)
{
    char left[32], right[40] = "";

    snprintf(left, sizeof(left), "%.*f %s", digits, ours, unit);
    if (htop_there)
        snprintf(right, sizeof(right), "%.*f %s", digits, beside, unit);
    bench_row(what, left, right, htop_there && beside > 0 ? ours / beside : NAN);
}

static void make_record(struct world *w, bool meeting, const char *title)
{
    static const enum platform_id wanted[2][2] = { { PLATFORM_YOUTUBE, PLATFORM_FACEBOOK },
                                                   { PLATFORM_ZOOM, PLATFORM_JITSI } };
    struct target_input targets[2] = { { 0 } };
    struct record_input in = { .title = title, .start_set = true, .end_set = true, .primary = -1 };
    struct manager *m = engine_manager(w->engine);
    struct settled settled;
    struct error err = { 0 };
    struct id id;

    in.start_ms = clock_now() + INT64_C(86400000);
    in.end_ms = in.start_ms + 3600000;
    in.targets = targets;
    for (int i = 0; i < 2; i++)
        if (w->connected[wanted[meeting][i]])
            targets[in.target_count++].platform = wanted[meeting][i];
    if (in.target_count == 0)
        return;
    bench_must(meeting ? meeting_create(m, w->church, &in, &world_actor, &id, &err)
                       : livestream_create(m, w->church, &in, &world_actor, &id, &err),
               title, &err);
    bench_must(engine_wait_settled(w->engine, meeting ? SUBJECT_MEETING : SUBJECT_LIVESTREAM, id,
                                   PATIENCE_MS, NULL, &settled, &err),
               title, &err);
}

/* The console is the engine: connections, records to come and their poller, and nothing to do. */
static void idle(struct world *w)
{
    const char *const argv[] = { ecclesia, "--config", w->conf, "--db", w->db, NULL };
    const char *const htop_argv[] = { "htop", NULL };
    struct idle at[2] = { { 0 } };
    struct pty ours, htop;

    make_record(w, false, "Sunday Service");
    make_record(w, false, "Evening Prayer");
    make_record(w, true, "Church Council");
    world_rest(w);
    pty_start(&ours, argv);
    wait_foot(&ours, ecclesia);
    if (htop_there) {
        pty_start(&htop, htop_argv);
        wait_foot(&htop, "htop");
    }
    measure_idle(&ours, htop_there ? &htop : NULL, at);
    if (htop_there)
        pty_stop(&htop);
    pty_stop(&ours);
    row("idle: bytes to the terminal", at[0].bytes, at[1].bytes, 1, "/s");
    row("idle: wake-ups, all threads", at[0].wakes, at[1].wakes, 1, "/s");
    row("idle: processor time", at[0].cpu_ms, at[1].cpu_ms, 1, "ms/s");
}

/* ---- 8 rows that change ten times a second ---- */

static void change(struct store *store, const struct id *targets, int64_t viewers)
{
    struct error err = { 0 };
    struct db *db = NULL;

    bench_must(db_begin(store, &db, &err), "store", &err);
    for (int i = 0; i < PLATFORM_COUNT; i++) {
        struct target t = { 0 };

        bench_must(target_get(db, targets[i], &t, &err), "a target", &err);
        t.viewers = viewers + i;
        bench_must(target_save(db, &t, &err), "a target", &err);
        target_release(&t);
    }
    bench_must(db_commit(db, &err), "store", &err);
}

static void busy(struct pty *p, struct store *store, const struct id *targets)
{
    double shown[TICKS], start, seconds;
    struct usage before, after;
    uint64_t bytes;
    size_t count = 0;

    pty_settle(p, 500, PATIENCE_MS);
    pty_usage(p, &before);
    bytes = p->bytes;
    start = bench_now();
    for (int i = 0; i < TICKS; i++) {
        double next = start + (i + 1) * TICK_MS, took;

        /* Three digits each time, and no digit stays. */
        change(store, targets, 100 + 111 * (i % 8));
        took = pty_wait_bytes(p, next - bench_now());
        if (took >= 0)
            shown[count++] = took;
        pty_read(p, next - bench_now());
    }
    seconds = (bench_now() - start) / 1e3;
    if (!pty_usage(p, &after))
        bench_die("the console ended while it was watched: %s", p->shown);
    double rate = (double)(p->bytes - bytes) / seconds;
    bench_row("8 rows change 10 times a second: bytes", bench_cell("%.0f /s", rate),
              "the whole screen each time 19200 /s", rate / 19200);
    bench_row("  changes that were shown", bench_cell("%zu of %d", count, TICKS), "", NAN);
    bench_row("  from the commit to the terminal",
              bench_cell("%.1f ms", bench_median(shown, count)), "", NAN);
    bench_row("  wake-ups, all threads",
              bench_cell("%.0f /s", (after.wakes - before.wakes) / seconds), "", NAN);
    bench_row("  processor time",
              bench_cell("%.1f ms/s", (after.cpu_ms - before.cpu_ms) / seconds), "", NAN);
}

/* The engine is here, so the console looks on: what it writes comes from this database alone. */
static void watch_changes(void)
{
    char *path = text_format("%s/data/live.db", bench_directory());
    const char *const argv[] = { ecclesia, "--db", path, NULL };
    struct id targets[PLATFORM_COUNT], church;
    struct store *store = NULL;
    struct error err = { 0 };
    struct db *db = NULL;
    struct pty p;
    bool held = false;

    bench_must(store_open(&store, path, &err) && engine_lock_try(store, &held, &err) &&
                   db_begin(store, &db, &err),
               "store", &err);
    church = records_church(db);
    records_livestream(db, church, "Sunday Service", clock_now() - 600000, LIVESTREAM_LIVE,
                       PLATFORM_COUNT, targets);
    bench_must(db_commit(db, &err), "store", &err);
    pty_start(&p, argv);
    wait_foot(&p, ecclesia);
    busy(&p, store, targets);
    pty_stop(&p);
    store_close(store);
    free(path);
}

/* ---- keys ---- */

static double key_time(struct pty *p)
{
    double times[KEYS];
    size_t count = 0;

    for (int i = 0; i < KEYS; i++) {
        double took;

        /* Down, up, down …: htop's first row is the selected one too. */
        pty_settle(p, PAINT_MS, PATIENCE_MS);
        pty_type(p, i % 2 ? "\033OA" : "\033OB");
        took = pty_wait_bytes(p, 1000);
        if (took >= 0)
            times[count++] = took;
    }
    return bench_median(times, count);
}

static void keys(void)
{
    char *path = text_format("%s/data/full.db", bench_directory());
    const char *const argv[] = { ecclesia, "--db", path, NULL };
    const char *const htop_argv[] = { "htop", NULL };
    double ours, htop = 0;
    struct pty p;

    records_fill(path, 10000, 100000);
    pty_start(&p, argv);
    wait_foot(&p, ecclesia);
    ours = key_time(&p);
    pty_stop(&p);
    if (htop_there) {
        pty_start(&p, htop_argv);
        wait_foot(&p, "htop");
        htop = key_time(&p);
        pty_stop(&p);
    }
    row("a key to the screen, 10,000 livestreams", ours, htop, 2, "ms");
    free(path);
}

int main(void)
{
    struct world w;

    ecclesia = getenv("ECCLESIA");
    if (!ecclesia || !pty_installed(ecclesia)) {
        bench_skip("bytes, wake-ups", "there is no program yet (make)");
        return 0;
    }
    htop_there = pty_installed("htop");
    if (!htop_there)
        bench_skip("beside htop", "htop is not installed (apt install htop)");
    world_open(&w, 0);
    bench_head("ecclesia", htop_there ? "htop" : "");
    idle(&w);
    world_close(&w);
    watch_changes();
    keys();
    return 0;
}

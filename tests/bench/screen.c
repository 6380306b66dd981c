/* What the console costs while it stands: bytes to the terminal (over a slow line each one counts),
 * wake-ups, processor time, and how soon it shows a key or a change. Beside htop where htop does
 * the like. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#include "lib/bench.h"
#include "lib/pty.h"
#include "lib/records.h"
#include "lib/world.h"

enum { PATIENCE_MS = 10000, CALM_MS = 2000, IDLE_MS = 10000, SLICE_MS = 20 };
enum { TICKS = 50, TICK_MS = 100, KEYS = 21, PAINT_MS = 30 };

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

/* When the commit began. */
static double change(struct store *store, const struct id *targets, int64_t viewers)
{
    double start;

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
    start = bench_now();
    bench_must(db_commit(db, &err), "store", &err);
    return start;
}

struct busy {
    double bytes, wakes, cpu_ms; /* a second */
    double commit_ms, shown_ms;  /* of a commit; from its begin to the terminal */
    size_t shown;                /* changes that came there before the next */
};

static struct busy measure_busy(struct pty *p, struct store *store, const struct id *targets,
                                int ticks)
{
    double shown[TICKS], commits[TICKS], start, seconds;
    struct usage before, after;
    struct busy out;
    uint64_t bytes;
    size_t count = 0;

    pty_settle(p, 500, PATIENCE_MS);
    pty_usage(p, &before);
    bytes = p->bytes;
    start = bench_now();
    for (int i = 0; i < ticks; i++) {
        /* Three digits each time, and no digit stays. */
        double next = start + (i + 1) * TICK_MS;
        double begun = change(store, targets, 100 + 111 * (i % 8));

        commits[i] = bench_now() - begun;
        if (pty_wait_bytes(p, next - bench_now()))
            shown[count++] = bench_now() - begun;
        pty_read(p, next - bench_now());
    }
    seconds = (bench_now() - start) / 1e3;
    if (!pty_usage(p, &after))
        bench_die("the console ended while it was watched: %s", p->shown);
    out.bytes = (double)(p->bytes - bytes) / seconds;
    out.wakes = (after.wakes - before.wakes) / seconds;
    out.cpu_ms = (after.cpu_ms - before.cpu_ms) / seconds;
    out.shown = count;
    out.shown_ms = bench_median(shown, count);
    out.commit_ms = bench_median(commits, (size_t)ticks);
    return out;
}

/* Adds the livestream that changes. Its platforms' words are not asked for: there is no connection.
 */
static void add_live(struct store *store, struct id *targets)
{
    struct error err = { 0 };
    struct db *db = NULL;
    struct church church = { 0 };

    bench_must(db_begin(store, &db, &err), "store", &err);
    if (!church_only(db, &church, &err))
        church.id = records_church(db);
    records_livestream(db, church.id, "Sunday Service", clock_now() - 600000, LIVESTREAM_LIVE,
                       PLATFORM_COUNT, targets);
    bench_must(db_commit(db, &err), "store", &err);
    church_release(&church);
}

/* The engine is here, so the console looks on: what it writes comes from this database alone. */
static struct busy watch_changes(const char *path, int ticks)
{
    const char *const argv[] = { ecclesia, "--db", path, NULL };
    struct id targets[PLATFORM_COUNT];
    struct store *store = NULL;
    struct error err = { 0 };
    struct busy b;
    struct pty p;
    bool held = false;

    bench_must(store_open(&store, path, &err) && engine_lock_try(store, &held, &err), "store",
               &err);
    add_live(store, targets);
    pty_start(&p, argv);
    wait_foot(&p, ecclesia);
    b = measure_busy(&p, store, targets, ticks);
    pty_stop(&p);
    store_close(store);
    return b;
}

static void busy(const char *full)
{
    char *path = text_format("%s/data/live.db", bench_directory());
    struct busy few = watch_changes(path, TICKS), many = watch_changes(full, TICKS / 2);

    bench_row("8 rows change 10 times a second: bytes", bench_cell("%.0f /s", few.bytes),
              "the whole screen each time 19200 /s", few.bytes / 19200);
    bench_row("  wake-ups, all threads", bench_cell("%.0f /s", few.wakes), "", NAN);
    bench_row("  processor time", bench_cell("%.0f ms/s", few.cpu_ms), "", NAN);
    bench_row("    with 10,000 livestreams, 100,000 events", bench_cell("%.0f ms/s", many.cpu_ms),
              bench_cell("with the one %.0f ms/s", few.cpu_ms), many.cpu_ms / few.cpu_ms);
    bench_row(bench_cell("  from commit to terminal, %zu of %d shown", few.shown, TICKS),
              bench_cell("%.1f ms", few.shown_ms),
              bench_cell("the commit itself %.1f ms", few.commit_ms), few.shown_ms / few.commit_ms);
    bench_row(bench_cell("    with 10,000 livestreams, %zu of %d shown", many.shown, TICKS / 2),
              bench_cell("%.1f ms", many.shown_ms),
              bench_cell("with the one %.1f ms", few.shown_ms), many.shown_ms / few.shown_ms);
    free(path);
}

/* ---- keys ---- */

/* Of two keys in turns, there and back. */
static double key_time(struct pty *p, const char *there, const char *back)
{
    double times[KEYS];
    size_t count = 0;

    for (int i = 0; i < KEYS; i++) {
        double start;

        pty_settle(p, PAINT_MS, PATIENCE_MS);
        start = bench_now();
        pty_type(p, i % 2 ? back : there);
        if (pty_wait_bytes(p, 1000))
            times[count++] = bench_now() - start;
    }
    return bench_median(times, count);
}

static void keys(const char *full)
{
    static const char down[] = "\033OB", up[] = "\033OA", end[] = "\033OF", home[] = "\033OH";
    const char *const argv[] = { ecclesia, "--db", full, NULL };
    const char *const htop_argv[] = { "htop", NULL };
    double step[2] = { 0 }, jump[2] = { 0 };
    struct pty p;

    for (int i = 0; i < (htop_there ? 2 : 1); i++) {
        pty_start(&p, i == 0 ? argv : htop_argv);
        wait_foot(&p, i == 0 ? ecclesia : "htop");
        step[i] = key_time(&p, down, up);
        jump[i] = key_time(&p, end, home);
        pty_stop(&p);
    }
    row("from key to terminal: to the next row", step[0], step[1], 2, "ms");
    row("  to the last of 10,000 livestreams", jump[0], jump[1], 2, "ms");
}

int main(void)
{
    struct world w;
    char *full;

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
    full = text_format("%s/data/full.db", bench_directory());
    records_fill(full, 10000, 100000);
    busy(full);
    keys(full);
    free(full);
    return 0;
}

/* One wish carried out at several platforms, each of which answers every call 200 ms late: all at
 * once as the program does, beside the same one after the other and beside the slowest alone. What
 * all at once should cost is what the slowest costs: a ratio of 1. A start also waits for what the
 * platforms take their time with (YouTube's test phase), whatever the calls cost. */
#include <stdio.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/platform/platform.h>

#include "lib/bench.h"
#include "lib/world.h"

/* A start takes seconds of waiting by plan, the same each time: two turns of it are enough. */
enum { LATENCY_MS = 200, ROUNDS = 4, STARTS = 2, PATIENCE_MS = 20000, BUDGET_MS = 15000 };

enum act { CREATE, START, MEET, ACTS };

static const struct {
    unsigned ability;
    enum subject_kind kind;
    const char *what;
} acts[ACTS] = {
    [CREATE] = { PLATFORM_LIVESTREAMS, SUBJECT_LIVESTREAM, "create a livestream" },
    [START] = { PLATFORM_LIVESTREAMS, SUBJECT_LIVESTREAM, "start it, until live" },
    [MEET] = { PLATFORM_MEETINGS, SUBJECT_MEETING, "create a meeting" },
};

static struct world world;

/* Ends the program with what the platforms refused. */
static void end_failed(enum act act, struct id id)
{
    struct livestream l = { 0 };
    struct meeting m = { 0 };
    struct error err = { 0 };
    struct db *db = NULL;
    bool meeting = acts[act].kind == SUBJECT_MEETING;

    bench_must(db_read(engine_store(world.engine), &db, &err), acts[act].what, &err);
    bench_must(meeting ? meeting_get(db, id, &m, &err) : livestream_get(db, id, &l, &err),
               acts[act].what, &err);
    const struct target *targets = meeting ? m.targets : l.targets;
    size_t count = meeting ? m.target_count : l.target_count;
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "%s: %s: %s %s\n", acts[act].what, platform_slug(targets[i].platform),
                target_status_name(targets[i].status, acts[act].kind), targets[i].error);
    bench_die("%s: not all targets came to it", acts[act].what);
}

static void settle(enum act act, struct id id, size_t count)
{
    struct settled settled = { 0 };
    struct error err = { 0 };

    bench_must(
        engine_wait_settled(world.engine, acts[act].kind, id, PATIENCE_MS, NULL, &settled, &err),
        acts[act].what, &err);
    if (settled.fine != (int)count)
        end_failed(act, id);
}

/* A platform carries one livestream with the same key at a time. */
static void stop(struct id id)
{
    struct settled settled;
    struct error err = { 0 };

    bench_must(livestream_stop(engine_manager(world.engine), id, &world_actor, &err), "stop", &err);
    bench_must(engine_wait_settled(world.engine, SUBJECT_LIVESTREAM, id, PATIENCE_MS, NULL,
                                   &settled, &err),
               "stop", &err);
}

/* Carries it out and waits until each platform has done its part: how long. START is of *id, which
 * the others set. */
static double carry_out(enum act act, const enum platform_id *platforms, size_t count,
                        struct id *id)
{
    struct target_input targets[PLATFORM_COUNT] = { 0 };
    struct record_input in = { .title = "Sunday Service",
                               .description = "Morning worship.",
                               .start_set = true,
                               .start_ms = clock_now() + INT64_C(86400000),
                               .end_set = true,
                               .end_ms = clock_now() + INT64_C(90000000),
                               .primary = -1,
                               .targets = targets,
                               .target_count = count };
    struct manager *m = engine_manager(world.engine);
    struct error err = { 0 };
    double start;
    bool done;

    for (size_t i = 0; i < count; i++)
        targets[i].platform = platforms[i];
    start = bench_now();
    if (act == CREATE)
        done = livestream_create(m, world.church, &in, &world_actor, id, &err);
    else if (act == START)
        done = livestream_start(m, *id, &world_actor, &err);
    else
        done = meeting_create(m, world.church, &in, &world_actor, id, &err);
    bench_must(done, acts[act].what, &err);
    settle(act, *id, count);
    return bench_now() - start;
}

/* What a round of one act took; count is how many rounds there were. */
struct series {
    enum platform_id platforms[PLATFORM_COUNT];
    size_t platform_count, count;
    double together[ROUNDS], in_turn[ROUNDS], slowest[ROUNDS], by_turn[ROUNDS], by_slowest[ROUNDS];
};

static struct series all[ACTS];

static void note(struct series *s, double together, const double *alone)
{
    double sum = 0, most = 0;

    for (size_t i = 0; i < s->platform_count; i++) {
        sum += alone[i];
        most = alone[i] > most ? alone[i] : most;
    }
    s->together[s->count] = together;
    s->in_turn[s->count] = sum;
    s->slowest[s->count] = most;
    s->by_turn[s->count] = together / sum;
    s->by_slowest[s->count++] = together / most;
}

/* Each act alone at every platform, then at all; first, last: creating and starting go together. */
static void measure(enum act first, enum act last)
{
    const struct series *s = &all[first];
    double alone[ACTS][PLATFORM_COUNT];
    struct id id;

    for (size_t i = 0; i < s->platform_count; i++) {
        for (enum act act = first; act <= last; act++)
            alone[act][i] = carry_out(act, &s->platforms[i], 1, &id);
        if (last == START)
            stop(id);
    }
    for (enum act act = first; act <= last; act++)
        note(&all[act], carry_out(act, s->platforms, s->platform_count, &id), alone[act]);
    if (last == START)
        stop(id);
}

static void print(enum act act)
{
    struct series *s = &all[act];
    struct text names;

    text_init(&names, 200);
    for (size_t i = 0; i < s->platform_count; i++)
        text_addf(&names, "%s%s", i == 0 ? "" : ", ", platform_slug(s->platforms[i]));
    bench_row(acts[act].what, bench_cell("%.0f ms", bench_median(s->together, s->count)),
              bench_cell("one after the other %.0f ms", bench_median(s->in_turn, s->count)),
              bench_median(s->by_turn, s->count));
    bench_row(bench_cell("  at %s", text_str(&names)), "",
              bench_cell("the slowest alone %.0f ms", bench_median(s->slowest, s->count)),
              bench_median(s->by_slowest, s->count));
    text_release(&names);
}

/* The first time a platform makes what all its records share, and connections are opened. */
static void warm_up(enum act act)
{
    const struct series *s = &all[act];
    struct id id;

    for (size_t i = 0; i < s->platform_count; i++)
        carry_out(act, &s->platforms[i], 1, &id);
}

static void choose(enum act act)
{
    struct series *s = &all[act];

    for (int p = 0; p < PLATFORM_COUNT; p++)
        if (world.connected[p] &&
            (platform_get((enum platform_id)p)->abilities & acts[act].ability))
            s->platforms[s->platform_count++] = (enum platform_id)p;
}

int main(void)
{
    double end;

    world_open(&world, LATENCY_MS);
    for (enum act act = CREATE; act < ACTS; act++)
        choose(act);
    warm_up(CREATE);
    warm_up(MEET);
    end = bench_now() + BUDGET_MS;
    for (int i = 0; i < ROUNDS && (i == 0 || bench_now() < end); i++) {
        if (all[CREATE].platform_count > 1)
            measure(CREATE, i < STARTS ? START : CREATE);
        if (all[MEET].platform_count > 1)
            measure(MEET, MEET);
    }
    bench_head("all at once", bench_cell("each call %d ms late", LATENCY_MS));
    for (enum act act = CREATE; act < ACTS; act++) {
        if (all[act].count > 0)
            print(act);
        else
            bench_skip(acts[act].what, "fewer than two platforms are spoken and simulated");
    }
    world_close(&world);
    return 0;
}

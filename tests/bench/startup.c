/* How soon the console stands and what memory it holds, beside htop, which everybody has a feeling
 * for. Both are started in turns in a terminal of 80 by 24; the screen stands when the last word of
 * the foot line has come. */
#include <math.h>
#include <stdlib.h>

#include <ecclesia/base/text.h>

#include "lib/bench.h"
#include "lib/pty.h"
#include "lib/records.h"
#include "lib/world.h"

enum { ROUNDS = 7, PATIENCE_MS = 10000, SETTLE_MS = 400, BUDGET_MS = 12000 };

/* ---- what is measured ---- */

enum { EMPTY, FULL, HTOP, CASES };

static struct measure {
    const char *argv[6];
    bool there;
    double first[ROUNDS], resident[ROUNDS], own[ROUNDS];
    int threads;
} cases[CASES];

static void measure(struct measure *m, size_t round)
{
    struct usage usage;
    struct pty pty;
    double first;

    pty_start(&pty, m->argv);
    first = pty_wait_text(&pty, "Quit", PATIENCE_MS);
    if (first < 0)
        bench_die("%s: no foot line came in %d s; the last it wrote: %s", m->argv[0],
                  PATIENCE_MS / 1000, pty.shown);
    pty_read(&pty, SETTLE_MS);
    if (!pty_usage(&pty, &usage))
        bench_die("%s: it has ended", m->argv[0]);
    pty_stop(&pty);
    m->first[round] = first;
    m->resident[round] = usage.resident_mb;
    m->own[round] = usage.own_mb;
    m->threads = usage.threads;
}

static double ratio_of(const double *ours, const double *beside, size_t rounds)
{
    double ratio[ROUNDS];

    for (size_t i = 0; i < rounds; i++)
        ratio[i] = ours[i] / beside[i];
    return bench_median(ratio, rounds);
}

static void print_rows(size_t rounds)
{
    static const char *const names[] = { "an empty database", "10,000 livestreams" };
    struct measure *htop = &cases[HTOP];
    /* Before the medians sort them apart. */
    double first[2], resident[2], own[2];

    for (int i = EMPTY; i <= FULL; i++) {
        first[i] = htop->there ? ratio_of(cases[i].first, htop->first, rounds) : NAN;
        resident[i] = htop->there ? ratio_of(cases[i].resident, htop->resident, rounds) : NAN;
        own[i] = htop->there ? ratio_of(cases[i].own, htop->own, rounds) : NAN;
    }
    for (int i = EMPTY; i <= FULL; i++)
        bench_row(bench_cell("first screen, %s", names[i]),
                  bench_cell("%.0f ms", bench_median(cases[i].first, rounds)),
                  htop->there ? bench_cell("%.0f ms", bench_median(htop->first, rounds)) : "",
                  first[i]);
    for (int i = EMPTY; i <= FULL; i++)
        bench_row(bench_cell("resident, %s", names[i]),
                  bench_cell("%.1f MB", bench_median(cases[i].resident, rounds)),
                  htop->there ? bench_cell("%.1f MB", bench_median(htop->resident, rounds)) : "",
                  resident[i]);
    for (int i = EMPTY; i <= FULL; i++)
        bench_row(bench_cell("  of it its own, %s", names[i]),
                  bench_cell("%.1f MB", bench_median(cases[i].own, rounds)),
                  htop->there ? bench_cell("%.1f MB", bench_median(htop->own, rounds)) : "",
                  own[i]);
    bench_row("threads", bench_cell("%d", cases[EMPTY].threads),
              htop->there ? bench_cell("%d", htop->threads) : "", NAN);
}

int main(void)
{
    const char *ecclesia = getenv("ECCLESIA");
    char *empty, *full;
    size_t rounds = 0;
    double end;

    if (!ecclesia || !pty_installed(ecclesia)) {
        bench_skip("first screen, memory", "there is no program yet (make)");
        return 0;
    }
    world_home();
    empty = text_format("%s/data/empty.db", bench_directory());
    full = text_format("%s/data/full.db", bench_directory());
    cases[EMPTY] = (struct measure){ .argv = { ecclesia, "--db", empty }, .there = true };
    cases[FULL] = (struct measure){ .argv = { ecclesia, "--db", full }, .there = true };
    cases[HTOP] = (struct measure){ .argv = { "htop" }, .there = pty_installed("htop") };
    if (!cases[HTOP].there)
        bench_skip("beside htop", "htop is not installed (apt install htop)");
    records_fill(full, 10000, 100000);
    end = bench_now() + BUDGET_MS;
    /* The first time makes the key and the database, and brings the files into memory. */
    for (int i = 0; i < CASES; i++)
        if (cases[i].there)
            measure(&cases[i], 0);
    for (; rounds < ROUNDS && (rounds == 0 || bench_now() < end); rounds++)
        for (int i = 0; i < CASES; i++)
            if (cases[i].there)
                measure(&cases[i], rounds);
    bench_head("ecclesia", cases[HTOP].there ? "htop" : "");
    print_rows(rounds);
    free(empty);
    free(full);
    return 0;
}

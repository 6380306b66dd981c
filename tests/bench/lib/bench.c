#include "bench.h"

#include <errno.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

double bench_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void bench_nap(double ms)
{
    struct timespec t = { .tv_sec = (time_t)(ms / 1e3) };

    if (ms <= 0)
        return;
    t.tv_nsec = (long)((ms - (double)t.tv_sec * 1e3) * 1e6);
    while (nanosleep(&t, &t) != 0 && errno == EINTR)
        continue;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_median(double *values, size_t count)
{
    if (count == 0)
        return NAN;
    qsort(values, count, sizeof(*values), by_size);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* ---- the table ---- */

const char *bench_cell(const char *format, ...)
{
    static char cells[8][96];
    static unsigned next;
    char *cell = cells[next++ % 8];
    va_list list;

    va_start(list, format);
    vsnprintf(cell, sizeof(cells[0]), format, list);
    va_end(list);
    return cell;
}

static void print_row(const char *what, const char *ours, const char *beside, const char *ratio)
{
    printf("  %-46s %14s   %-36s%s%s\n", what, ours, beside, *ratio ? " " : "", ratio);
    fflush(stdout);
}

void bench_head(const char *ours, const char *beside)
{
    print_row("", ours, beside, "ratio");
}

void bench_row(const char *what, const char *ours, const char *beside, double ratio)
{
    char text[32] = "";

    if (!isnan(ratio))
        snprintf(text, sizeof(text), ratio < 0.1 ? "%.3f" : "%.2f", ratio);
    print_row(what, ours, beside, text);
}

void bench_skip(const char *what, const char *why)
{
    printf("  %-46s skipped: %s\n", what, why);
    fflush(stdout);
}

void bench_die(const char *format, ...)
{
    va_list list;

    fflush(stdout);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

void bench_must(bool done, const char *what, const struct error *err)
{
    if (!done)
        bench_die("%s: %s: %s %s", what, error_policy(err->kind)->name, err->message, err->remedy);
}

/* ---- the disk ---- */

static char directory[PATH_MAX];
static pid_t maker; /* a child that was forked off for a terminal must not clear up */

static int remove_entry(const char *path, const struct stat *st, int what, struct FTW *where)
{
    (void)st;
    (void)what;
    (void)where;
    remove(path);
    return 0;
}

static void remove_directory(void)
{
    if (getpid() == maker)
        nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *bench_directory(void)
{
    const char *base = getenv("ECCLESIA_BENCH_DIR");
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (maker)
        return directory;
    self[length > 0 ? length : 0] = '\0';
    if (snprintf(directory, sizeof(directory), "%s/bench.XXXXXX",
                 base && *base ? base : dirname(self)) >= (int)sizeof(directory) ||
        !mkdtemp(directory))
        bench_die("%s: %s", directory, strerror(errno));
    maker = getpid();
    atexit(remove_directory);
    return directory;
}

const char *bench_disk(void)
{
    static const struct {
        unsigned long type;
        const char *name;
    } names[] = {
        { 0xef53, "ext4" },      { 0x01021994, "tmpfs" },   { 0x58465342, "xfs" },
        { 0x9123683e, "btrfs" }, { 0x794c7630, "overlay" }, { 0x2fc12fc1, "zfs" },
        { 0xf2f52010, "f2fs" },
    };
    struct statfs fs;

    if (statfs(bench_directory(), &fs) != 0)
        return "?";
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if ((unsigned long)fs.f_type == names[i].type)
            return names[i].name;
    return bench_cell("file system %lx", (unsigned long)fs.f_type);
}

void bench_count_commit(void *argument)
{
    atomic_fetch_add((atomic_long *)argument, 1);
}

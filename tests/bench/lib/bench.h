/* What the benchmarks share: a clock, medians, a table, a directory on the disk under test.
 *
 * A benchmark prints rows: what was measured, what it came to here, what it is compared with, and
 * the ratio of the two. Both sides of a row are measured in the same run, in turns, and the median
 * of the turns is shown: a machine that is slow for a minute is slow for both. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include <ecclesia/base/error.h>

/* Monotonic, in milliseconds with a fraction. */
double bench_now(void);
void bench_nap(double ms);

/* Of count values; sorts them. NAN of none. */
double bench_median(double *values, size_t count);

/* Text for a cell; good until eight more were made. */
const char *bench_cell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The columns' names; once, at the start. */
void bench_head(const char *ours, const char *beside);
/* ratio NAN: none is shown. beside "": nothing is compared with. */
void bench_row(const char *what, const char *ours, const char *beside, double ratio);
/* A part that cannot be measured here, and why. */
void bench_skip(const char *what, const char *why);
/* Ends the program with status 1. */
void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* The same with the error's message when a call was not successful. */
void bench_must(bool done, const char *what, const struct error *err);

/* A new empty directory beside the running program, so on the disk that the program was built on;
 * ECCLESIA_BENCH_DIR chooses another place. It goes when the program ends. Borrowed. */
const char *bench_directory(void);
/* "ext4", "tmpfs" …: what the directory is on. */
const char *bench_disk(void);

/* Adds one to a counter at each commit of the process: for store_on_commit(). argument:
 * atomic_long. */
void bench_count_commit(void *argument);

#endif

/* Time, with a clock that tests can set. All wall times are milliseconds since 1970 UTC, all
 * durations are measured on the monotonic clock, in milliseconds. Any thread. Nothing else in the
 * program asks the system for the time. */
#ifndef ECCLESIA_BASE_CLOCK_H
#define ECCLESIA_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

int64_t clock_now(void);  /* wall clock, ms since 1970 UTC */
int64_t clock_mono(void); /* monotonic, ms since some start */

/* For tests: fixes the wall clock at `now_ms` (it then stands still); negative gives the real one
 * back. The environment variable ECCLESIA_TEST_CLOCK (RFC 3339) does the same at first use. */
void clock_fix(int64_t now_ms);
/* For tests, and for a program that runs while its clock jumps: a file (ECCLESIA_TEST_CLOCK_FILE)
 * whose first line is by how many ms the wall clock is off, at least 20 bytes long and overwritten
 * in place: "+0000000000003600000". */
bool clock_is_tested(void); /* whether there is such a file, so that the wall clock can jump without
                               the system's knowledge */

/* Fills an absolute CLOCK_MONOTONIC time `ms` from now for pthread_cond_timedwait on a condition
 * made by clock_cond_init(). */
void clock_deadline(struct timespec *at, int64_t ms);

/* RFC 3339 in UTC with milliseconds, "2026-11-22T10:28:41.000Z"; out needs CLOCK_RFC3339_SIZE
 * bytes. */
#define CLOCK_RFC3339_SIZE 32
void clock_rfc3339(char *out, int64_t ms);
/* The same without milliseconds, "2026-11-22T10:28:41Z". */
void clock_rfc3339_s(char *out, int64_t ms);
/* Parses RFC 3339 with Z or an offset (also "+0000"), seconds and fraction optional. */
bool clock_parse_rfc3339(const char *s, int64_t *ms);

#endif

/* The trace: one structured line for each platform call and each trouble inside the program. Not
 * the record of what happened, which is the event table. Goes to a file (or standard error) and to
 * a ring in memory. Never takes a secret: callers pass route templates, statuses, classes,
 * durations. Foreign text is cleaned here. Any thread. */
#ifndef ECCLESIA_BASE_LOG_H
#define ECCLESIA_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include <ecclesia/base/error.h>

/* Opens (appends, 0600) the file, "-" standard error; NULL closes and leaves the ring alone. */
bool log_open(const char *path, struct error *err);
/* One line: "2026-11-22T10:28:41.000Z area: text". */
void log_line(const char *area, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The newest lines of the ring, oldest first, onto out; returns how many (at most `most`). Each is
 * yours: free(). */
size_t log_recent(char **out, size_t most);

#endif

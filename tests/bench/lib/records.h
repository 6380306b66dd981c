/* Records made for the store alone, without a platform. */
#ifndef BENCH_RECORDS_H
#define BENCH_RECORDS_H

#include <ecclesia/store/records.h>

/* Adds "St Mark's". */
struct id records_church(struct db *db);
/* Adds a livestream on the first `targets` platforms. LIVE: with viewers. start_ms decides where it
 * stands in the list. The targets' ids go into out (may be NULL). */
void records_livestream(struct db *db, struct id church, const char *title, int64_t start_ms,
                        enum livestream_status status, int targets, struct id *out);
/* A database with that many livestreams, half of them over, and events. */
void records_fill(const char *path, int livestreams, int events);

#endif

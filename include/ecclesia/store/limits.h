/* What limits the way to the platforms, as rows: breakers and waits of connections, the ledger of
 * allowances. */
#ifndef ECCLESIA_STORE_LIMITS_H
#define ECCLESIA_STORE_LIMITS_H

#include <ecclesia/record/connection.h>
#include <ecclesia/store/db.h>

struct health_row {
    enum breaker_state breaker;
    int64_t opens, failures, breaker_until_ms; /* wall times */
    char wait[8];
    int64_t wait_until_ms;
    int64_t clock_off_ms;
    int64_t granted_ms;
    int64_t warned_for_ms, warned_days; /* of which end, and at how many days before it */
};
/* A connection that has no row has all zero. */
bool health_row_get(struct db *db, struct id connection, struct health_row *out, struct error *err);
/* In a write transaction, each its own part of the row: breaker, wait and clock; the time of the
 * sign-in, which begins all of it anew; the warning. */
bool health_row_put_way(struct db *db, struct id connection, const struct health_row *r,
                        struct error *err);
bool health_row_put_granted(struct db *db, struct id connection, int64_t granted_ms,
                            struct error *err);
bool health_row_put_warned(struct db *db, struct id connection, int64_t for_ms, int64_t days,
                           struct error *err);

/* Jobs of a church at a platform that wait because of the way there go now. */
bool health_hurry_jobs(struct db *db, struct id church, enum platform_id p, int64_t now_ms,
                       struct error *err);
/* The wall clock jumped by so much: pauses before another try stay as long as they were. */
bool health_shift_jobs(struct db *db, int64_t by_ms, int64_t now_ms, struct error *err);

/* One allowance of a platform: of a project, an account, a user. */
struct quota_row {
    char day[16]; /* the period that it counts, "2026-11-22" */
    int64_t used;
    int64_t told;                       /* which notices were given: 1 at 80 %, 2 at the stop */
    int64_t a_ms, a_used, b_ms, b_used; /* marks: at that time so much was used; b is the newer */
};
/* One that was never used has all zero, and day "". */
bool quota_row_get(struct db *db, enum platform_id p, const char *scope, const char *name,
                   struct quota_row *out, struct error *err);
bool quota_row_put(struct db *db, enum platform_id p, const char *scope, const char *name,
                   const struct quota_row *r, struct error *err);

#endif

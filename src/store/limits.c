#include <ecclesia/store/limits.h>

#include <ecclesia/base/text.h>

bool health_row_get(struct db *db, struct id connection, struct health_row *out, struct error *err)
{
    struct rows r;

    *out = (struct health_row){ .breaker = BREAKER_CLOSED };
    if (!rows_open(&r, db, err,
                   "SELECT breaker, opens, failures, breaker_until_ms, wait, wait_until_ms,"
                   " clock_off_ms, granted_ms, warned_for_ms, warned_days"
                   " FROM connection_health WHERE connection_id = $1",
                   "I", connection))
        return false;
    if (rows_next(&r)) {
        breaker_state_parse(rows_text(&r, 0), &out->breaker);
        out->opens = rows_int(&r, 1);
        out->failures = rows_int(&r, 2);
        out->breaker_until_ms = rows_int(&r, 3);
        text_copy_to(out->wait, sizeof out->wait, rows_text(&r, 4));
        out->wait_until_ms = rows_int(&r, 5);
        out->clock_off_ms = rows_int(&r, 6);
        out->granted_ms = rows_int(&r, 7);
        out->warned_for_ms = rows_int(&r, 8);
        out->warned_days = rows_int(&r, 9);
    }
    return rows_close(&r, err);
}

bool health_row_put_way(struct db *db, struct id connection, const struct health_row *r,
                        struct error *err)
{
    return db_run(db, err,
                  "INSERT INTO connection_health (connection_id, breaker, opens, failures,"
                  " breaker_until_ms, wait, wait_until_ms, clock_off_ms)"
                  " SELECT $1,$2,$3,$4,$5,$6,$7,$8 WHERE EXISTS"
                  " (SELECT 1 FROM connections WHERE id = $1)"
                  " ON CONFLICT (connection_id) DO UPDATE SET breaker=excluded.breaker,"
                  " opens=excluded.opens, failures=excluded.failures,"
                  " breaker_until_ms=excluded.breaker_until_ms, wait=excluded.wait,"
                  " wait_until_ms=excluded.wait_until_ms, clock_off_ms=excluded.clock_off_ms",
                  "Itiiitii", connection, breaker_state_name(r->breaker), r->opens, r->failures,
                  r->breaker_until_ms, r->wait, r->wait_until_ms, r->clock_off_ms);
}

bool health_row_put_granted(struct db *db, struct id connection, int64_t granted_ms,
                            struct error *err)
{
    return db_run(db, err,
                  "INSERT INTO connection_health (connection_id, granted_ms) VALUES ($1,$2)"
                  " ON CONFLICT (connection_id) DO UPDATE SET granted_ms=excluded.granted_ms,"
                  " breaker='closed', opens=0, failures=0, breaker_until_ms=0, wait='',"
                  " wait_until_ms=0, warned_for_ms=0, warned_days=0",
                  "Ii", connection, granted_ms);
}

bool health_row_put_warned(struct db *db, struct id connection, int64_t for_ms, int64_t days,
                           struct error *err)
{
    return db_run(db, err,
                  "INSERT INTO connection_health (connection_id, warned_for_ms, warned_days)"
                  " VALUES ($1,$2,$3) ON CONFLICT (connection_id) DO UPDATE SET"
                  " warned_for_ms=excluded.warned_for_ms, warned_days=excluded.warned_days",
                  "Iii", connection, for_ms, days);
}

bool health_hurry_jobs(struct db *db, struct id church, enum platform_id p, int64_t now_ms,
                       struct error *err)
{
    return db_run(
        db, err,
        "UPDATE jobs SET run_at_ms = $3 WHERE church_id = $1 AND platform = $2"
        " AND state = 'scheduled' AND error_kind IN ('breaker','rate','quota') AND run_at_ms > $3",
        "Iti", church, platform_slug(p), now_ms);
}

bool health_shift_jobs(struct db *db, int64_t by_ms, int64_t now_ms, struct error *err)
{
    /* What was due already stays due. */
    return db_run(db, err,
                  "UPDATE jobs SET run_at_ms = run_at_ms + $1 WHERE state IN"
                  " ('scheduled','unknown') AND (attempt > 0 OR snoozes > 0)"
                  " AND run_at_ms > $2 - $1",
                  "ii", by_ms, now_ms);
}

bool quota_row_get(struct db *db, enum platform_id p, const char *scope, const char *name,
                   struct quota_row *out, struct error *err)
{
    struct rows r;

    *out = (struct quota_row){ .day = "" };
    if (!rows_open(&r, db, err,
                   "SELECT day, used, told, a_ms, a_used, b_ms, b_used FROM quotas"
                   " WHERE platform = $1 AND scope = $2 AND name = $3",
                   "ttt", platform_slug(p), scope, name))
        return false;
    if (rows_next(&r)) {
        text_copy_to(out->day, sizeof out->day, rows_text(&r, 0));
        out->used = rows_int(&r, 1);
        out->told = rows_int(&r, 2);
        out->a_ms = rows_int(&r, 3);
        out->a_used = rows_int(&r, 4);
        out->b_ms = rows_int(&r, 5);
        out->b_used = rows_int(&r, 6);
    }
    return rows_close(&r, err);
}

bool quota_row_put(struct db *db, enum platform_id p, const char *scope, const char *name,
                   const struct quota_row *q, struct error *err)
{
    return db_run(db, err,
                  "INSERT INTO quotas (platform, scope, name, day, used, told, a_ms, a_used, b_ms,"
                  " b_used) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)"
                  " ON CONFLICT (platform, scope, name) DO UPDATE SET day=excluded.day,"
                  " used=excluded.used, told=excluded.told, a_ms=excluded.a_ms,"
                  " a_used=excluded.a_used, b_ms=excluded.b_ms, b_used=excluded.b_used",
                  "ttttiiiiii", platform_slug(p), scope, name, q->day, q->used, q->told, q->a_ms,
                  q->a_used, q->b_ms, q->b_used);
}

#include <ecclesia/store/audit.h>

#include <string.h>

#include <ecclesia/base/clock.h>

#include "store/private.h"

#define COLUMNS                                                                                    \
    "seq, at_ms, church_id, actor, actor_kind, action, object, platform, outcome, detail,"         \
    " simulated, late, key_id, prev, mac"

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

bool audit_add(struct db *db, const struct audit_row *r, struct error *err)
{
    const char *actor = r->actor && *r->actor ? r->actor : "engine";
    struct rows rows;
    bool added;

    if (!rows_open(&rows, db, err,
                   "INSERT INTO audit (at_ms, church_id, actor, actor_kind, action, object,"
                   " platform, outcome, detail, simulated) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)"
                   " RETURNING seq",
                   "itttttttti", r->at_ms ? r->at_ms : clock_now(), r->church.hex, actor,
                   strcmp(actor, "engine") == 0 ? "engine" : "person", or_empty(r->action),
                   or_empty(r->object), or_empty(r->platform), r->failed ? "failed" : "done",
                   or_empty(r->detail), (int64_t)r->simulated))
        return false;
    added = rows_next(&rows);
    if (added && db->audit_first == 0)
        db->audit_first = rows_int(&rows, 0);
    return rows_close(&rows, err);
}

static bool read_mac(const struct rows *r, int column, unsigned char out[AUDIT_MAC])
{
    size_t length;
    const void *bytes = rows_blob(r, column, &length);

    memset(out, 0, AUDIT_MAC);
    if (length != AUDIT_MAC)
        return false;
    memcpy(out, bytes, AUDIT_MAC);
    return true;
}

/* A text ends at its first NUL for whoever reads it: nothing may stand behind that. */
static bool has_hidden(const struct rows *r)
{
    bool hidden = false;
    size_t length;

    for (int column = 2; column <= 9; column++) {
        rows_blob(r, column, &length);
        hidden = hidden || length != strlen(rows_text(r, column));
    }
    return hidden;
}

static void read_row(const struct rows *r, struct audit_row *out)
{
    bool whole_prev, whole_mac, hidden = has_hidden(r);
    size_t mac, prev;

    *out = (struct audit_row){ .seq = rows_int(r, 0),
                               .at_ms = rows_int(r, 1),
                               .church = rows_id(r, 2),
                               .church_text = rows_text(r, 2),
                               .actor = rows_text(r, 3),
                               .actor_kind = rows_text(r, 4),
                               .action = rows_text(r, 5),
                               .object = rows_text(r, 6),
                               .platform = rows_text(r, 7),
                               .outcome = rows_text(r, 8),
                               .failed = strcmp(rows_text(r, 8), "failed") == 0,
                               .detail = rows_text(r, 9),
                               .simulated = rows_int(r, 10) != 0,
                               .simulated_number = rows_int(r, 10),
                               .late = rows_int(r, 11),
                               .key_id = rows_int(r, 12) };
    rows_blob(r, 13, &prev);
    rows_blob(r, 14, &mac);
    out->sealed = mac > 0;
    whole_prev = read_mac(r, 13, out->prev);
    whole_mac = read_mac(r, 14, out->mac);
    out->torn =
        (prev > 0 && !whole_prev) || (mac > 0 && !whole_mac) || (prev > 0) != (mac > 0) || hidden;
}

static bool walk(struct rows *r, bool (*each)(void *, const struct audit_row *), void *argument,
                 struct error *err)
{
    struct audit_row row;
    bool more = true;

    while (more && rows_next(r)) {
        read_row(r, &row);
        more = each(argument, &row);
    }
    return rows_close(r, err);
}

bool audit_each(struct db *db, int64_t after, int64_t most,
                bool (*each)(void *, const struct audit_row *), void *argument, struct error *err)
{
    struct rows r;

    return rows_open(&r, db, err,
                     "SELECT " COLUMNS " FROM audit WHERE seq>$1 ORDER BY seq LIMIT $2", "ii",
                     after, most ? most : (int64_t)-1) &&
           walk(&r, each, argument, err);
}

bool audit_recent(struct db *db, struct id church, int64_t since_ms, int64_t most,
                  bool (*each)(void *, const struct audit_row *), void *argument, struct error *err)
{
    struct rows r;

    return rows_open(&r, db, err,
                     "SELECT * FROM (SELECT " COLUMNS " FROM audit WHERE church_id IN ($1, '')"
                     " AND at_ms>=$2 ORDER BY seq DESC LIMIT $3) ORDER BY seq",
                     "tii", church.hex, since_ms, most) &&
           walk(&r, each, argument, err);
}

bool audit_seal_put(struct db *db, int64_t seq, int64_t key_id, bool late,
                    const unsigned char prev[AUDIT_MAC], const unsigned char mac[AUDIT_MAC],
                    struct error *err)
{
    return db_run(db, err, "UPDATE audit SET key_id=$1, late=$2, prev=$3, mac=$4 WHERE seq=$5",
                  "iibbi", key_id, (int64_t)late, (const void *)prev, (size_t)AUDIT_MAC,
                  (const void *)mac, (size_t)AUDIT_MAC, seq);
}

static bool read_numbers(struct rows *r, int64_t *const *out, int count, struct error *err)
{
    bool found = rows_next(r);

    for (int i = 0; i < count; i++)
        *out[i] = found ? rows_int(r, i) : 0;
    return rows_close(r, err);
}

bool audit_waiting(struct db *db, int64_t *seq, int64_t *at_ms, int64_t *count, struct error *err)
{
    int64_t *const out[] = { seq, at_ms, count };
    struct rows r;

    return rows_open(&r, db, err,
                     "SELECT seq, at_ms, (SELECT count(*) FROM audit WHERE mac=x'') FROM audit"
                     " WHERE mac=x'' ORDER BY seq LIMIT 1",
                     "") &&
           read_numbers(&r, out, 3, err);
}

bool audit_last(struct db *db, int64_t *seq, struct error *err)
{
    struct rows r;

    return rows_open(&r, db, err, "SELECT seq FROM sqlite_sequence WHERE name='audit'", "") &&
           read_numbers(&r, &seq, 1, err);
}

bool audit_older(struct db *db, int64_t before_ms, int64_t *seq, struct error *err)
{
    struct rows r;

    /* Clocks go back now and then: the first row that is young enough ends the old ones. */
    return rows_open(&r, db, err,
                     "SELECT coalesce(max(seq), 0) FROM audit WHERE seq < coalesce("
                     "(SELECT seq FROM audit WHERE at_ms>=$1 ORDER BY seq LIMIT 1),"
                     " 9223372036854775807)",
                     "i", before_ms) &&
           read_numbers(&r, &seq, 1, err);
}

bool audit_mark_get(struct db *db, const char *kind, struct audit_mark *out, struct error *err)
{
    struct rows r;

    *out = (struct audit_mark){ .seq = 0 };
    if (!rows_open(&r, db, err,
                   "SELECT seq, at_ms, key_id, mac, seal FROM audit_marks WHERE kind=$1", "t",
                   kind))
        return false;
    if (rows_next(&r)) {
        out->there = true;
        out->seq = rows_int(&r, 0);
        out->at_ms = rows_int(&r, 1);
        out->key_id = rows_int(&r, 2);
        read_mac(&r, 3, out->mac);
        read_mac(&r, 4, out->seal);
    }
    return rows_close(&r, err);
}

bool audit_mark_put(struct db *db, const char *kind, const struct audit_mark *m, struct error *err)
{
    return db_run(db, err,
                  "INSERT INTO audit_marks (kind, seq, at_ms, key_id, mac, seal)"
                  " VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT (kind) DO UPDATE SET seq=excluded.seq,"
                  " at_ms=excluded.at_ms, key_id=excluded.key_id, mac=excluded.mac,"
                  " seal=excluded.seal",
                  "tiiibb", kind, m->seq, m->at_ms, m->key_id, (const void *)m->mac, sizeof m->mac,
                  (const void *)m->seal, sizeof m->seal);
}

bool audit_drop(struct db *db, int64_t *count, struct error *err)
{
    if (!db_run(db, err,
                "DELETE FROM audit WHERE seq <="
                " (SELECT seq FROM audit_marks WHERE kind='anchor')",
                ""))
        return false;
    *count = db_changes(db);
    return true;
}

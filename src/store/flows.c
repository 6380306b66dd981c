#include <ecclesia/store/flows.h>

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

#define COLUMNS                                                                                    \
    "state_hash, church_id, platform, redirect_uri, expected_iss, browser_hash, started_by,"       \
    " sealed, outcome, result, note, created_ms, expires_ms, used_ms"

static const char *const outcome_names[] = { "", "arrived", "failed" };

void flow_row_release(struct flow_row *r)
{
    if (!r)
        return;
    free(r->sealed);
    free(r->result);
    *r = (struct flow_row){ .sealed = NULL };
}

bool flow_row_add(struct db *db, const struct flow_row *r, struct error *err)
{
    return db_run(db, err,
                  "INSERT INTO oauth_flows (state_hash, church_id, platform, redirect_uri,"
                  " expected_iss, browser_hash, started_by, sealed, created_ms, expires_ms)"
                  " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
                  "tItttttbii", r->state_hash, r->church, platform_slug(r->platform),
                  r->redirect_uri, r->issuer, r->browser_hash, r->started_by,
                  (const void *)r->sealed, r->sealed_length, r->created_ms, r->expires_ms);
}

static void *copy_blob(const struct rows *from, int column, size_t *length)
{
    const void *data = rows_blob(from, column, length);
    void *copy = *length > 0 ? malloc(*length) : NULL;

    if (copy)
        memcpy(copy, data, *length);
    return copy;
}

static bool read_row(const struct rows *from, struct flow_row *r, struct error *err)
{
    const char *outcome = rows_text(from, 8);

    *r = (struct flow_row){ .church = rows_id(from, 1),
                            .created_ms = rows_int(from, 11),
                            .expires_ms = rows_int(from, 12),
                            .used_ms = rows_int(from, 13) };
    bool whole = text_copy_to(r->state_hash, sizeof r->state_hash, rows_text(from, 0)) &&
                 platform_from_slug(rows_text(from, 2), &r->platform) &&
                 text_copy_to(r->redirect_uri, sizeof r->redirect_uri, rows_text(from, 3)) &&
                 text_copy_to(r->issuer, sizeof r->issuer, rows_text(from, 4)) &&
                 text_copy_to(r->browser_hash, sizeof r->browser_hash, rows_text(from, 5));
    text_copy_to(r->started_by, sizeof r->started_by, rows_text(from, 6));
    text_copy_to(r->note, sizeof r->note, rows_text(from, 10));
    for (int i = 0; i <= FLOW_FAILED; i++)
        if (strcmp(outcome, outcome_names[i]) == 0)
            r->outcome = (enum flow_outcome)i;
    r->sealed = copy_blob(from, 7, &r->sealed_length);
    r->result = copy_blob(from, 9, &r->result_length);
    if (!whole)
        return error_set(err, ERROR_STORE, "Restore the newest backup: ecclesia restore FILE.",
                         "%s is damaged (a sign-in under way).", db_path(from->db));
    return r->sealed ? true : error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
}

/* The only row of r, which it closes. */
static bool read_one(struct rows *r, struct flow_row *out, struct error *err)
{
    struct flow_row found = { .sealed = NULL };
    bool any = rows_next(r), whole = !any || read_row(r, &found, err);

    if (!rows_close(r, whole ? err : NULL) || !whole) {
        flow_row_release(&found);
        return false;
    }
    if (!any)
        return error_set(err, ERROR_MISSING, "Begin the sign-in again.",
                         "This sign-in is not awaited: it was finished already, is too old, or was "
                         "not begun here.");
    *out = found;
    return true;
}

bool flow_row_use(struct db *db, const char *state_hash, int64_t now_ms, struct flow_row *out,
                  struct error *err)
{
    struct rows r;

    return rows_open(&r, db, err,
                     "UPDATE oauth_flows SET used_ms = $2 WHERE state_hash = $1 AND used_ms = 0"
                     " AND expires_ms > $2 RETURNING " COLUMNS,
                     "ti", state_hash, now_ms) &&
           read_one(&r, out, err);
}

bool flow_row_get(struct db *db, const char *state_hash, struct flow_row *out, struct error *err)
{
    struct rows r;

    return rows_open(&r, db, err, "SELECT " COLUMNS " FROM oauth_flows WHERE state_hash = $1", "t",
                     state_hash) &&
           read_one(&r, out, err);
}

bool flow_row_each(struct db *db, bool (*each)(void *, const struct flow_row *), void *argument,
                   struct error *err)
{
    struct flow_row row = { .sealed = NULL };
    bool more = true, whole = true;
    struct rows r;

    if (!rows_open(&r, db, err, "SELECT " COLUMNS " FROM oauth_flows ORDER BY rowid", ""))
        return false;
    while (more && whole && rows_next(&r)) {
        whole = read_row(&r, &row, err);
        more = whole && each(argument, &row);
        flow_row_release(&row);
    }
    return rows_close(&r, whole ? err : NULL) && whole;
}

bool flow_row_settle(struct db *db, const char *state_hash, enum flow_outcome outcome,
                     const void *result, size_t length, const char *note, int64_t end_ms,
                     struct error *err)
{
    return db_run(db, err,
                  "UPDATE oauth_flows SET outcome = $2, result = $3, note = $4, expires_ms = $5"
                  " WHERE state_hash = $1",
                  "ttbti", state_hash, outcome_names[outcome], result, result ? length : (size_t)0,
                  note, end_ms);
}

bool flow_row_delete(struct db *db, const char *state_hash, struct error *err)
{
    return db_run(db, err, "DELETE FROM oauth_flows WHERE state_hash = $1", "t", state_hash);
}

bool flow_row_old(struct db *db, int64_t before_ms)
{
    struct rows r;
    bool old;

    if (!rows_open(&r, db, NULL, "SELECT 1 FROM oauth_flows WHERE expires_ms < $1", "i", before_ms))
        return false;
    old = rows_next(&r);
    rows_close(&r, NULL);
    return old;
}

bool flow_row_purge(struct db *db, int64_t before_ms, struct error *err)
{
    return db_run(db, err, "DELETE FROM oauth_flows WHERE expires_ms < $1", "i", before_ms);
}

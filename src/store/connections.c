#include <ecclesia/store/records.h>

#include <stdlib.h>

#include "store/list.h"

#define COLUMNS                                                                                    \
    "id, church_id, platform, status, method, account_ref, account_name, scopes, reason, "         \
    "reason_text, remedy, options,"                                                                \
    " generation, access_expires_ms, refresh_expires_ms, last_ok_ms, last_probe_ms, accepted, "    \
    "refused, renewable,"                                                                          \
    " simulated, created_ms, updated_ms"

bool connection_put(struct db *db, const struct connection *c, struct error *err)
{
    return db_run(
        db, err,
        "INSERT INTO connections (" COLUMNS ") VALUES"
        " ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23)"
        " ON CONFLICT (id) DO UPDATE SET status=excluded.status, method=excluded.method,"
        " account_ref=excluded.account_ref, account_name=excluded.account_name, "
        "scopes=excluded.scopes,"
        " reason=excluded.reason, reason_text=excluded.reason_text, remedy=excluded.remedy,"
        " options=excluded.options, generation=excluded.generation,"
        " access_expires_ms=excluded.access_expires_ms, "
        "refresh_expires_ms=excluded.refresh_expires_ms,"
        " last_ok_ms=excluded.last_ok_ms, last_probe_ms=excluded.last_probe_ms, "
        "accepted=excluded.accepted,"
        " refused=excluded.refused, renewable=excluded.renewable, simulated=excluded.simulated,"
        " updated_ms=excluded.updated_ms",
        "IItttttttttt"
        "iiiii"
        "iiii"
        "ii",
        c->id, c->church, platform_slug(c->platform), connection_status_name(c->status), c->method,
        c->account_ref, c->account_name, c->scopes, c->reason, c->reason_text, c->remedy,
        c->options, c->generation, c->access_expires_ms, c->refresh_expires_ms, c->last_ok_ms,
        c->last_probe_ms, (int64_t)c->accepted, (int64_t)c->refused, (int64_t)c->renewable,
        (int64_t)c->simulated, c->created_ms, c->updated_ms);
}

static void read_row(const struct rows *r, struct connection *c)
{
    c->id = rows_id(r, 0);
    c->church = rows_id(r, 1);
    if (!platform_from_slug(rows_text(r, 2), &c->platform))
        c->platform = PLATFORM_COUNT;
    if (!connection_status_parse(rows_text(r, 3), &c->status))
        c->status = CONNECTION_ERROR;
    char **texts[] = { &c->method, &c->account_ref, &c->account_name, &c->scopes,
                       &c->reason, &c->reason_text, &c->remedy,       &c->options };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = rows_copy(r, 4 + (int)i);
    c->generation = rows_int(r, 12);
    c->access_expires_ms = rows_int(r, 13);
    c->refresh_expires_ms = rows_int(r, 14);
    c->last_ok_ms = rows_int(r, 15);
    c->last_probe_ms = rows_int(r, 16);
    c->accepted = rows_int(r, 17) != 0;
    c->refused = rows_int(r, 18) != 0;
    c->renewable = rows_int(r, 19) != 0;
    c->simulated = rows_int(r, 20) != 0;
    c->created_ms = rows_int(r, 21);
    c->updated_ms = rows_int(r, 22);
}

static bool read_one(struct rows *r, struct connection *out, const char *name, struct error *err)
{
    struct connection c = { 0 };
    bool found = rows_next(r);

    if (found)
        read_row(r, &c);
    if (!rows_close(r, err)) {
        connection_release(&c);
        return false;
    }
    if (!found)
        return error_set(err, ERROR_MISSING,
                         "Connect it first: press c, or use `ecclesia connect`.",
                         "%s is not connected.", name);
    *out = c;
    return true;
}

bool connection_get(struct db *db, struct id id, struct connection *out, struct error *err)
{
    struct rows r;
    return rows_open(&r, db, err, "SELECT " COLUMNS " FROM connections WHERE id = $1", "I", id) &&
           read_one(&r, out, "The platform", err);
}

bool connection_for(struct db *db, struct id church, enum platform_id p, struct connection *out,
                    struct error *err)
{
    struct rows r;
    return rows_open(&r, db, err,
                     "SELECT " COLUMNS " FROM connections WHERE church_id = $1 AND platform = $2",
                     "It", church, platform_slug(p)) &&
           read_one(&r, out, platform_name(p), err);
}

bool connection_list(struct db *db, struct id church, struct connection **out, size_t *count,
                     struct error *err)
{
    struct rows r;
    void *array = NULL;
    size_t n = 0, room = 0;
    bool good = true;

    if (!rows_open(&r, db, err,
                   "SELECT " COLUMNS
                   " FROM connections WHERE $1 IS NULL OR church_id = $1 ORDER BY rowid",
                   "I", church))
        return false;
    while (good && rows_next(&r)) {
        struct connection *c = list_grow(&array, n, &room, sizeof *c, err);
        good = c != NULL;
        if (good) {
            read_row(&r, c);
            n++;
        }
    }
    if (rows_close(&r, good ? err : NULL) && good) {
        *out = array;
        *count = n;
        return true;
    }
    for (size_t i = 0; i < n; i++)
        connection_release((struct connection *)array + i);
    free(array);
    return false;
}

#include <ecclesia/store/records.h>

#include <stdlib.h>

#include <ecclesia/base/clock.h>
#include "store/list.h"

#define COLUMNS                                                                                    \
    "id, at_ms, church_id, level, platform, subject_id, kind, text, remedy, actor, simulated"

bool event_add(struct db *db, struct event *e, struct error *err)
{
    struct rows r;

    if (!e->at_ms)
        e->at_ms = clock_now();
    if (!rows_open(&r, db, err,
                   "INSERT INTO events (at_ms, church_id, level, platform, subject_id, kind, text, "
                   "remedy, actor, simulated)"
                   " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) RETURNING id",
                   "itttttttti", e->at_ms, e->church.hex, event_level_name(e->level),
                   e->platform >= 0 ? platform_slug((enum platform_id)e->platform) : "",
                   e->subject.hex, e->kind ? e->kind : "", e->text ? e->text : "",
                   e->remedy ? e->remedy : "", e->actor ? e->actor : "engine",
                   (int64_t)e->simulated))
        return false;
    if (rows_next(&r))
        e->id = rows_int(&r, 0);
    return rows_close(&r, err);
}

static void read_row(const struct rows *r, struct event *e)
{
    enum platform_id p;

    e->id = rows_int(r, 0);
    e->at_ms = rows_int(r, 1);
    e->church = rows_id(r, 2);
    if (!event_level_parse(rows_text(r, 3), &e->level))
        e->level = EVENT_INFO;
    e->platform = platform_from_slug(rows_text(r, 4), &p) ? (int)p : -1;
    e->subject = rows_id(r, 5);
    e->kind = rows_copy(r, 6);
    e->text = rows_copy(r, 7);
    e->remedy = rows_copy(r, 8);
    e->actor = rows_copy(r, 9);
    e->simulated = rows_int(r, 10) != 0;
}

#define WHERE                                                                                      \
    " FROM events WHERE church_id IN ($1, '') AND id > $2 AND ($3 = 0 OR id < $3)"                 \
    " AND ($4 <= 0 OR level = 'error' OR ($4 = 1 AND level = 'warning'))"                          \
    " AND ($5 = '' OR platform = $5) AND ($6 = '' OR subject_id = $6) AND at_ms >= $7"

bool event_list(struct db *db, struct id church, const struct event_filter *f, struct event **out,
                size_t *count, struct error *err)
{
    static const char oldest[] = "SELECT " COLUMNS WHERE " ORDER BY id LIMIT $8";
    static const char newest[] =
        "SELECT * FROM (SELECT " COLUMNS WHERE " ORDER BY id DESC LIMIT $8) ORDER BY id";
    struct rows r;
    void *array = NULL;
    size_t n = 0, room = 0;
    bool good = true;

    if (!rows_open(&r, db, err, f->newest ? newest : oldest, "tiiittii", church.hex, f->after,
                   f->before, (int64_t)f->level,
                   f->platform >= 0 ? platform_slug((enum platform_id)f->platform) : "",
                   f->subject.hex, f->since_ms, (int64_t)(f->limit ? f->limit : 200)))
        return false;
    while (good && rows_next(&r)) {
        struct event *e = list_grow(&array, n, &room, sizeof *e, err);
        good = e != NULL;
        if (good) {
            read_row(&r, e);
            n++;
        }
    }
    if (rows_close(&r, good ? err : NULL) && good) {
        *out = array;
        *count = n;
        return true;
    }
    for (size_t i = 0; i < n; i++)
        event_release((struct event *)array + i);
    free(array);
    return false;
}

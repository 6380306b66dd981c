#include "store/targets.h"

#include <stdlib.h>
#include <string.h>

#include "store/list.h"

#define COLUMNS                                                                                    \
    "id, subject_id, church_id, kind, platform, connection_id, status, wish, settings, "           \
    "remote_id, remote, url, ingest_url,"                                                          \
    " has_key, note, viewers, error_kind, error, remedy, error_code, attempts, next_attempt_ms, "  \
    "checked_ms, started_ms,"                                                                      \
    " ended_ms, generation"

static const char *const status_names[] = { "pending", "live", "ended", "failed" };
static const char *const wish_names[] = { "ready", "live", "ended", "deleted" };

static int index_of(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return 0;
}

static enum error_kind kind_of(const char *name)
{
    for (int k = 0; k < ERROR_KIND_COUNT; k++) {
        if (strcmp(error_policy((enum error_kind)k)->name, name) == 0)
            return (enum error_kind)k;
    }
    return name[0] ? ERROR_INTERNAL : ERROR_NONE;
}

static void read_row(const struct rows *r, struct target *t)
{
    t->id = rows_id(r, 0);
    t->subject = rows_id(r, 1);
    t->church = rows_id(r, 2);
    t->kind = strcmp(rows_text(r, 3), "meeting") == 0 ? SUBJECT_MEETING : SUBJECT_LIVESTREAM;
    if (!platform_from_slug(rows_text(r, 4), &t->platform))
        t->platform = PLATFORM_COUNT;
    t->connection = rows_id(r, 5);
    t->status = (enum target_status)index_of(status_names, 4, rows_text(r, 6));
    t->wish = (enum target_wish)index_of(wish_names, 4, rows_text(r, 7));
    char **texts[] = { &t->settings, &t->remote_id, &t->remote, &t->url, &t->ingest_url };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = rows_copy(r, 8 + (int)i);
    t->has_key = rows_int(r, 13) != 0;
    t->note = rows_copy(r, 14);
    t->viewers = rows_int(r, 15);
    t->error_kind = kind_of(rows_text(r, 16));
    t->error = rows_copy(r, 17);
    t->remedy = rows_copy(r, 18);
    t->error_code = rows_copy(r, 19);
    t->attempts = (int)rows_int(r, 20);
    t->next_attempt_ms = rows_int(r, 21);
    t->checked_ms = rows_int(r, 22);
    t->started_ms = rows_int(r, 23);
    t->ended_ms = rows_int(r, 24);
    t->generation = rows_int(r, 25);
}

static const char *kind_name(enum error_kind kind)
{
    return kind == ERROR_NONE ? "" : error_policy(kind)->name;
}

static bool target_insert(struct db *db, const struct target *t, int position, struct error *err)
{
    return db_run(db, err,
                  "INSERT INTO targets (" COLUMNS ", position) VALUES"
                  " ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$"
                  "22,$23,$24,$25,$26,$27)",
                  "IIIttItttttttititttt"
                  "iiiiiii",
                  t->id, t->subject, t->church,
                  t->kind == SUBJECT_MEETING ? "meeting" : "livestream", platform_slug(t->platform),
                  t->connection, status_names[t->status], wish_names[t->wish], t->settings,
                  t->remote_id, t->remote, t->url, t->ingest_url, (int64_t)t->has_key, t->note,
                  t->viewers, kind_name(t->error_kind), t->error, t->remedy, t->error_code,
                  (int64_t)t->attempts, t->next_attempt_ms, t->checked_ms, t->started_ms,
                  t->ended_ms, t->generation, (int64_t)position);
}

bool target_save(struct db *db, const struct target *t, struct error *err)
{
    return db_run(
        db, err,
        "UPDATE targets SET connection_id=$2, status=$3, wish=$4, settings=$5, remote_id=$6, "
        "remote=$7, url=$8,"
        " ingest_url=$9, has_key=$10, note=$11, viewers=$12, error_kind=$13, error=$14, remedy=$15,"
        " error_code=$16, attempts=$17, next_attempt_ms=$18, checked_ms=$19, started_ms=$20, "
        "ended_ms=$21,"
        " generation=$22 WHERE id=$1",
        "IIttttttt"
        "it"
        "itttt"
        "iiiiii",
        t->id, t->connection, status_names[t->status], wish_names[t->wish], t->settings,
        t->remote_id, t->remote, t->url, t->ingest_url, (int64_t)t->has_key, t->note, t->viewers,
        kind_name(t->error_kind), t->error, t->remedy, t->error_code, (int64_t)t->attempts,
        t->next_attempt_ms, t->checked_ms, t->started_ms, t->ended_ms, t->generation);
}

bool target_delete(struct db *db, struct id id, struct error *err)
{
    return db_run(db, err, "DELETE FROM targets WHERE id = $1", "I", id);
}

static bool collect(struct rows *r, struct target **out, size_t *count, struct error *err)
{
    void *array = NULL;
    size_t n = 0, room = 0;
    bool good = true;

    while (good && rows_next(r)) {
        struct target *t = list_grow(&array, n, &room, sizeof *t, err);
        good = t != NULL;
        if (good) {
            read_row(r, t);
            n++;
        }
    }
    if (rows_close(r, good ? err : NULL) && good) {
        *out = array;
        *count = n;
        return true;
    }
    for (size_t i = 0; i < n; i++)
        target_release((struct target *)array + i);
    free(array);
    return false;
}

bool target_get(struct db *db, struct id id, struct target *out, struct error *err)
{
    struct rows r;
    struct target *list = NULL;
    size_t n = 0;

    if (!rows_open(&r, db, err, "SELECT " COLUMNS " FROM targets WHERE id = $1", "I", id) ||
        !collect(&r, &list, &n, err))
        return false;
    if (n)
        *out = list[0];
    free(list);
    return n > 0 || error_set(err, ERROR_MISSING, "Look at the list again.",
                              "That platform is not part of it any more.");
}

bool targets_of(struct db *db, struct id subject, struct target **out, size_t *count,
                struct error *err)
{
    struct rows r;
    return rows_open(&r, db, err,
                     "SELECT " COLUMNS " FROM targets WHERE subject_id = $1 ORDER BY position", "I",
                     subject) &&
           collect(&r, out, count, err);
}

bool targets_insert(struct db *db, const struct target *targets, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!target_insert(db, &targets[i], (int)i, err))
            return false;
    }
    return true;
}

bool target_list_open(struct db *db, enum platform_id p, struct target **out, size_t *count,
                      struct error *err)
{
    struct rows r;
    return rows_open(&r, db, err,
                     "SELECT " COLUMNS
                     " FROM targets WHERE platform = $1 AND status IN ('pending','live')"
                     " AND remote_id <> '' AND wish IN ('ready','live')",
                     "t", platform_slug(p)) &&
           collect(&r, out, count, err);
}

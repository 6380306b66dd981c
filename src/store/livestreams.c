#include <ecclesia/store/records.h>

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include "store/list.h"
#include "store/targets.h"

#define COLUMNS                                                                                    \
    "id, church_id, revision, title, description, thumbnail, start_ms, end_ms, status, "           \
    "start_asked, stop_asked, started_ms,"                                                         \
    " ended_ms, created_ms, updated_ms"

bool livestream_insert(struct db *db, const struct livestream *l, struct error *err)
{
    return db_run(db, err,
                  "INSERT INTO livestreams (" COLUMNS
                  ") VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)",
                  "IIitttiitiiiiii", l->id, l->church, l->revision, l->title, l->description,
                  l->thumbnail, l->start_ms, l->end_ms, livestream_status_name(l->status),
                  (int64_t)l->start_asked, (int64_t)l->stop_asked, l->started_ms, l->ended_ms,
                  l->created_ms, l->updated_ms) &&
           targets_insert(db, l->targets, l->target_count, err);
}

bool livestream_save(struct db *db, const struct livestream *l, struct error *err)
{
    return db_run(db, err,
                  "UPDATE livestreams SET revision=$2, title=$3, description=$4, thumbnail=$5, "
                  "start_ms=$6, end_ms=$7,"
                  " status=$8, start_asked=$9, stop_asked=$10, started_ms=$11, ended_ms=$12, "
                  "updated_ms=$13 WHERE id=$1",
                  "Iitttiitiiiii", l->id, l->revision, l->title, l->description, l->thumbnail,
                  l->start_ms, l->end_ms, livestream_status_name(l->status),
                  (int64_t)l->start_asked, (int64_t)l->stop_asked, l->started_ms, l->ended_ms,
                  l->updated_ms);
}

static void read_row(const struct rows *r, struct livestream *l)
{
    l->id = rows_id(r, 0);
    l->church = rows_id(r, 1);
    l->revision = rows_int(r, 2);
    l->title = rows_copy(r, 3);
    l->description = rows_copy(r, 4);
    l->thumbnail = rows_copy(r, 5);
    l->start_ms = rows_int(r, 6);
    l->end_ms = rows_int(r, 7);
    if (!livestream_status_parse(rows_text(r, 8), &l->status))
        l->status = LIVESTREAM_SCHEDULED;
    l->start_asked = rows_int(r, 9) != 0;
    l->stop_asked = rows_int(r, 10) != 0;
    l->started_ms = rows_int(r, 11);
    l->ended_ms = rows_int(r, 12);
    l->created_ms = rows_int(r, 13);
    l->updated_ms = rows_int(r, 14);
}

static void release_all(void *array, size_t n)
{
    for (size_t i = 0; i < n; i++)
        livestream_release((struct livestream *)array + i);
    free(array);
}

/* Takes the rows to their end, then reads each one's targets. */
static bool collect(struct rows *r, struct db *db, struct livestream **out, size_t *count,
                    struct error *err)
{
    void *array = NULL;
    size_t n = 0, room = 0;
    bool good = true;

    while (good && rows_next(r)) {
        struct livestream *l = list_grow(&array, n, &room, sizeof *l, err);
        good = l != NULL;
        if (good) {
            read_row(r, l);
            n++;
        }
    }
    good = rows_close(r, good ? err : NULL) && good;
    for (size_t i = 0; good && i < n; i++) {
        struct livestream *l = (struct livestream *)array + i;
        good = targets_of(db, l->id, &l->targets, &l->target_count, err);
    }
    if (!good) {
        release_all(array, n);
        return false;
    }
    *out = array;
    *count = n;
    return true;
}

bool livestream_get(struct db *db, struct id id, struct livestream *out, struct error *err)
{
    struct rows r;
    struct livestream *list = NULL;
    size_t n = 0;

    if (!rows_open(&r, db, err, "SELECT " COLUMNS " FROM livestreams WHERE id = $1", "I", id) ||
        !collect(&r, db, &list, &n, err))
        return false;
    if (n)
        *out = list[0];
    free(list);
    return n > 0 ||
           error_set(err, ERROR_MISSING, "`ecclesia livestream list` shows those that there are.",
                     "There is no livestream %.12s.", id.hex);
}

bool livestream_find(struct db *db, struct id church, const char *words, struct livestream *out,
                     struct error *err)
{
    struct rows r;
    struct livestream *list = NULL;
    size_t n = 0;
    char *pattern = list_like(words, false);
    bool good = pattern != NULL || error_set(err, ERROR_MEMORY, "", "Out of memory.");

    good =
        good &&
        rows_open(&r, db, err,
                  "SELECT " COLUMNS " FROM livestreams WHERE church_id = $1"
                  " AND ((length($2) >= 4 AND id LIKE $3 ESCAPE '\\') OR title LIKE $3 ESCAPE '\\')"
                  " ORDER BY title = $2 DESC, updated_ms DESC LIMIT 5",
                  "Itt", church, words, pattern) &&
        collect(&r, db, &list, &n, err);
    free(pattern);
    if (!good)
        return false;
    /* A title that is exactly these words goes before longer ones. */
    bool exact = n > 1 && strcmp(list[0].title, words) == 0 && strcmp(list[1].title, words) != 0;
    if (n == 1 || exact) {
        *out = list[0];
        list[0] = (struct livestream){ 0 };
    } else if (n == 0) {
        good =
            error_set(err, ERROR_MISSING, "`ecclesia livestream list` shows those that there are.",
                      "There is no livestream \"%s\".", words);
    } else {
        good =
            error_set(err, ERROR_CONFLICT, "Give more of the id.",
                      "\"%s\" fits several livestreams: %.8s %s, %.8s %s%s.", words, list[0].id.hex,
                      list[0].title, list[1].id.hex, list[1].title, n > 2 ? " and more" : "");
    }
    release_all(list, n);
    return good;
}

bool livestream_remove(struct db *db, struct id id, struct error *err)
{
    return db_run(db, err, "DELETE FROM targets WHERE subject_id = $1", "I", id) &&
           db_run(db, err, "DELETE FROM livestreams WHERE id = $1", "I", id);
}

bool livestream_list(struct db *db, struct id church, const struct record_filter *f,
                     struct livestream **out, size_t *count, struct error *err)
{
    static const struct record_filter all = { .status = -1, .platform = -1 };
    struct rows r;
    char *pattern;

    if (!f)
        f = &all;
    pattern = list_like(f->text ? f->text : "", true);
    if (!pattern)
        return error_set(err, ERROR_MEMORY, "", "Out of memory.");
    bool good =
        rows_open(&r, db, err,
                  "SELECT " COLUMNS " FROM livestreams l WHERE church_id = $1"
                  " AND ($2 = '' OR status = $2) AND title LIKE $3 ESCAPE '\\'"
                  " AND ($4 = '' OR EXISTS (SELECT 1 FROM targets t WHERE t.subject_id = l.id AND "
                  "t.platform = $4))"
                  " AND start_ms >= $5 AND ($6 = 0 OR start_ms < $6)"
                  " ORDER BY CASE status WHEN 'live' THEN 0 WHEN 'scheduled' THEN 1 ELSE 2 END,"
                  " CASE status WHEN 'ended' THEN -max(ended_ms, start_ms) ELSE start_ms = 0 END,"
                  " start_ms, created_ms, id LIMIT $7 OFFSET $8",
                  "Itttiiii", church,
                  f->status >= 0 ? livestream_status_name((enum livestream_status)f->status) : "",
                  pattern, f->platform >= 0 ? platform_slug((enum platform_id)f->platform) : "",
                  f->from_ms, f->to_ms, (int64_t)(f->limit ? f->limit : 200), (int64_t)f->offset) &&
        collect(&r, db, out, count, err);
    free(pattern);
    return good;
}

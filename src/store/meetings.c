#include <ecclesia/store/records.h>

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include "store/list.h"
#include "store/targets.h"

#define COLUMNS                                                                                    \
    "id, church_id, revision, title, description, start_ms, end_ms, primary_platform, status, "    \
    "cancelled, created_ms, updated_ms"

bool meeting_insert(struct db *db, const struct meeting *m, struct error *err)
{
    return db_run(db, err,
                  "INSERT INTO meetings (" COLUMNS
                  ") VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
                  "IIittiittiii", m->id, m->church, m->revision, m->title, m->description,
                  m->start_ms, m->end_ms, platform_slug(m->primary), meeting_status_name(m->status),
                  (int64_t)m->cancelled, m->created_ms, m->updated_ms) &&
           targets_insert(db, m->targets, m->target_count, err);
}

bool meeting_save(struct db *db, const struct meeting *m, struct error *err)
{
    return db_run(db, err,
                  "UPDATE meetings SET revision=$2, title=$3, description=$4, start_ms=$5, "
                  "end_ms=$6, primary_platform=$7,"
                  " status=$8, cancelled=$9, updated_ms=$10 WHERE id=$1",
                  "Iittiittii", m->id, m->revision, m->title, m->description, m->start_ms,
                  m->end_ms, platform_slug(m->primary), meeting_status_name(m->status),
                  (int64_t)m->cancelled, m->updated_ms);
}

static enum meeting_status status_of(const char *name)
{
    for (int s = MEETING_SCHEDULED; s <= MEETING_CANCELLED; s++) {
        if (strcmp(name, meeting_status_name((enum meeting_status)s)) == 0)
            return (enum meeting_status)s;
    }
    return MEETING_SCHEDULED;
}

static void read_row(const struct rows *r, struct meeting *m)
{
    m->id = rows_id(r, 0);
    m->church = rows_id(r, 1);
    m->revision = rows_int(r, 2);
    m->title = rows_copy(r, 3);
    m->description = rows_copy(r, 4);
    m->start_ms = rows_int(r, 5);
    m->end_ms = rows_int(r, 6);
    if (!platform_from_slug(rows_text(r, 7), &m->primary))
        m->primary = PLATFORM_COUNT;
    m->status = status_of(rows_text(r, 8));
    m->cancelled = rows_int(r, 9) != 0;
    m->created_ms = rows_int(r, 10);
    m->updated_ms = rows_int(r, 11);
}

static void release_all(void *array, size_t n)
{
    for (size_t i = 0; i < n; i++)
        meeting_release((struct meeting *)array + i);
    free(array);
}

/* Takes the rows to their end, then reads each one's targets. */
static bool collect(struct rows *r, struct db *db, struct meeting **out, size_t *count,
                    struct error *err)
{
    void *array = NULL;
    size_t n = 0, room = 0;
    bool good = true;

    while (good && rows_next(r)) {
        struct meeting *m = list_grow(&array, n, &room, sizeof *m, err);
        good = m != NULL;
        if (good) {
            read_row(r, m);
            n++;
        }
    }
    good = rows_close(r, good ? err : NULL) && good;
    for (size_t i = 0; good && i < n; i++) {
        struct meeting *m = (struct meeting *)array + i;
        good = targets_of(db, m->id, &m->targets, &m->target_count, err);
    }
    if (!good) {
        release_all(array, n);
        return false;
    }
    *out = array;
    *count = n;
    return true;
}

bool meeting_get(struct db *db, struct id id, struct meeting *out, struct error *err)
{
    struct rows r;
    struct meeting *list = NULL;
    size_t n = 0;

    if (!rows_open(&r, db, err, "SELECT " COLUMNS " FROM meetings WHERE id = $1", "I", id) ||
        !collect(&r, db, &list, &n, err))
        return false;
    if (n)
        *out = list[0];
    free(list);
    return n > 0 ||
           error_set(err, ERROR_MISSING, "`ecclesia meeting list` shows those that there are.",
                     "There is no meeting %.12s.", id.hex);
}

bool meeting_find(struct db *db, struct id church, const char *words, struct meeting *out,
                  struct error *err)
{
    struct rows r;
    struct meeting *list = NULL;
    size_t n = 0;
    char *pattern = list_like(words, false);
    bool good = pattern != NULL || error_set(err, ERROR_MEMORY, "", "Out of memory.");

    good =
        good &&
        rows_open(&r, db, err,
                  "SELECT " COLUMNS " FROM meetings WHERE church_id = $1"
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
        list[0] = (struct meeting){ 0 };
    } else if (n == 0) {
        good = error_set(err, ERROR_MISSING, "`ecclesia meeting list` shows those that there are.",
                         "There is no meeting \"%s\".", words);
    } else {
        good = error_set(err, ERROR_CONFLICT, "Give more of the id.",
                         "\"%s\" fits several meetings: %.8s %s, %.8s %s%s.", words, list[0].id.hex,
                         list[0].title, list[1].id.hex, list[1].title, n > 2 ? " and more" : "");
    }
    release_all(list, n);
    return good;
}

bool meeting_list(struct db *db, struct id church, const struct record_filter *f,
                  struct meeting **out, size_t *count, struct error *err)
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
                  "SELECT " COLUMNS " FROM meetings l WHERE church_id = $1"
                  " AND ($2 = '' OR status = $2) AND title LIKE $3 ESCAPE '\\'"
                  " AND ($4 = '' OR EXISTS (SELECT 1 FROM targets t WHERE t.subject_id = l.id AND "
                  "t.platform = $4))"
                  " AND start_ms >= $5 AND ($6 = 0 OR start_ms < $6)"
                  " ORDER BY CASE status WHEN 'active' THEN 0 WHEN 'scheduled' THEN 1 ELSE 2 END,"
                  " CASE WHEN status IN ('ended','cancelled') THEN -start_ms ELSE start_ms END,"
                  " created_ms, id LIMIT $7 OFFSET $8",
                  "Itttiiii", church,
                  f->status >= 0 ? meeting_status_name((enum meeting_status)f->status) : "",
                  pattern, f->platform >= 0 ? platform_slug((enum platform_id)f->platform) : "",
                  f->from_ms, f->to_ms, (int64_t)(f->limit ? f->limit : 200), (int64_t)f->offset) &&
        collect(&r, db, out, count, err);
    free(pattern);
    return good;
}

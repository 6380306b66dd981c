#include "store/private.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

/* ---- prepared statements, kept by the address of their literal */

static size_t slot_of(const struct db *db, const char *sql)
{
    uint64_t hash = (uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(hash >> 32) & (db->room - 1);

    while (db->statements[i] && db->statements[i]->sql != sql)
        i = (i + 1) & (db->room - 1);
    return i;
}

static bool table_grow(struct db *db)
{
    struct statement **old = db->statements;
    size_t old_room = db->room;
    size_t room = old_room ? old_room * 2 : 64;
    struct statement **table = calloc(room, sizeof *table);

    if (!table)
        return false;
    db->statements = table;
    db->room = room;
    for (size_t i = 0; i < old_room; i++)
        if (old[i])
            table[slot_of(db, old[i]->sql)] = old[i];
    free(old);
    return true;
}

static void statement_free(struct statement *t)
{
    if (!t)
        return;
    sqlite3_finalize(t->handle);
    free(t);
}

void statements_release(struct db *db)
{
    for (size_t i = 0; i < db->room; i++)
        statement_free(db->statements[i]);
    free(db->statements);
    db->statements = NULL;
    db->room = db->count = 0;
}

static bool defect(const char *what, const char *sql, struct error *err)
{
    return error_set(err, ERROR_INTERNAL, "Report this with the text above.", "%s: %.200s", what,
                     sql);
}

static bool map_parameters(struct statement *t, struct error *err)
{
    char name[8];

    t->count = sqlite3_bind_parameter_count(t->handle);
    if (t->count > STATEMENT_PARAMETERS)
        return defect("Too many parameters", t->sql, err);
    for (int i = 0; i < t->count; i++) {
        sqlite3_snprintf(sizeof name, name, "$%d", i + 1);
        t->slots[i] = (unsigned char)sqlite3_bind_parameter_index(t->handle, name);
        if (t->slots[i] == 0)
            return defect("Parameters are not $1 … without a gap", t->sql, err);
    }
    return true;
}

static struct statement *prepare(struct db *db, const char *sql, bool keep, struct error *err)
{
    struct statement *t = calloc(1, sizeof *t);
    const char *tail = "";
    int rc;

    if (!t) {
        error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
        return NULL;
    }
    t->sql = sql;
    t->kept = keep;
    rc = sqlite3_prepare_v3(db->handle, sql, -1, keep ? SQLITE_PREPARE_PERSISTENT : 0, &t->handle,
                            &tail);
    if (rc != SQLITE_OK)
        handle_fail(db, rc, sql, err);
    else if (!t->handle || tail[strspn(tail, " \n\t;")] != '\0')
        defect("Not one statement", sql, err);
    else if (map_parameters(t, err))
        return t;
    statement_free(t);
    return NULL;
}

/* A statement ready to be bound. One on which rows are open (a walk inside a walk) gets a passing
 * twin. */
static struct statement *statement_get(struct db *db, const char *sql, struct error *err)
{
    struct statement *t;
    size_t i;

    if (db->count * 4 >= db->room * 3 && !table_grow(db)) {
        error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
        return NULL;
    }
    i = slot_of(db, sql);
    t = db->statements[i];
    if (t && strcmp(sqlite3_sql(t->handle), sql) != 0) {
        defect("SQL is not a literal", sql, err);
        return NULL;
    }
    if (t && t->used)
        return prepare(db, sql, false, err);
    if (!t && (t = prepare(db, sql, true, err)) != NULL) {
        db->statements[i] = t;
        db->count++;
    }
    return t;
}

/* Returns SQLite's verdict on the last step. The message of a failure stays until the next call on
 * the connection. */
static int statement_end(struct statement *t)
{
    int rc = sqlite3_reset(t->handle);

    sqlite3_clear_bindings(t->handle);
    t->used = false;
    return rc;
}

static void statement_done(struct statement *t)
{
    if (!t->kept)
        statement_free(t);
}

/* ---- binding */

static int bind_blob(sqlite3_stmt *h, int slot, const void *data, size_t length)
{
    if (!data)
        return sqlite3_bind_null(h, slot);
    if (length == 0)
        return sqlite3_bind_zeroblob(h, slot, 0);
    return sqlite3_bind_blob64(h, slot, data, length, SQLITE_TRANSIENT);
}

static int bind_text(sqlite3_stmt *h, int slot, const char *s)
{
    return s ? sqlite3_bind_text(h, slot, s, -1, SQLITE_TRANSIENT) : sqlite3_bind_null(h, slot);
}

static bool bind_all(struct db *db, struct statement *t, const char *types, va_list args,
                     struct error *err)
{
    if ((size_t)t->count != strlen(types))
        return defect("Number of parameters and of letters differ", t->sql, err);
    for (int i = 0; types[i]; i++) {
        int slot = t->slots[i];
        int rc = SQLITE_MISUSE;

        if (types[i] == 't') {
            rc = bind_text(t->handle, slot, va_arg(args, const char *));
        } else if (types[i] == 'i') {
            rc = sqlite3_bind_int64(t->handle, slot, va_arg(args, int64_t));
        } else if (types[i] == 'd') {
            rc = sqlite3_bind_double(t->handle, slot, va_arg(args, double));
        } else if (types[i] == 'b') {
            const void *data = va_arg(args, const void *);

            rc = bind_blob(t->handle, slot, data, va_arg(args, size_t));
        } else if (types[i] == 'I') {
            struct id id = va_arg(args, struct id);

            rc = bind_text(t->handle, slot, id_is_none(id) ? NULL : id.hex);
        } else {
            return defect("Unknown letter of a parameter", t->sql, err);
        }
        if (rc != SQLITE_OK)
            return handle_fail(db, rc, t->sql, err);
    }
    return true;
}

/* After a full disk or the like SQLite has rolled back by itself; what follows would each commit on
 * its own. */
static bool inside_transaction(struct db *db, struct error *err)
{
    if (!sqlite3_get_autocommit(db->handle))
        return true;
    return error_set(err, ERROR_STORE, "Try again.",
                     "The change of %s was undone by an earlier failure.", db->store->path);
}

static struct statement *start(struct db *db, struct error *err, const char *sql, const char *types,
                               va_list args)
{
    struct statement *t;

    if (!inside_transaction(db, err) || !(t = statement_get(db, sql, err)))
        return NULL;
    if (bind_all(db, t, types, args, err))
        return t;
    statement_end(t);
    statement_done(t);
    return NULL;
}

bool db_run(struct db *db, struct error *err, const char *sql, const char *types, ...)
{
    struct statement *t;
    va_list args;
    int rc;

    va_start(args, types);
    t = start(db, err, sql, types, args);
    va_end(args);
    db->changes = 0;
    if (!t)
        return false;
    while ((rc = sqlite3_step(t->handle)) == SQLITE_ROW)
        ;
    if (rc == SQLITE_DONE && !sqlite3_stmt_readonly(t->handle))
        db->changes = sqlite3_changes64(db->handle);
    rc = statement_end(t);
    if (rc != SQLITE_OK)
        handle_fail(db, rc, sql, err);
    statement_done(t);
    return rc == SQLITE_OK;
}

int64_t db_changes(struct db *db)
{
    return db->changes;
}

/* ---- rows */

bool rows_open(struct rows *r, struct db *db, struct error *err, const char *sql, const char *types,
               ...)
{
    struct statement *t;
    va_list args;

    *r = (struct rows){ .db = db, .failed = true };
    va_start(args, types);
    t = start(db, err, sql, types, args);
    va_end(args);
    if (!t)
        return false;
    t->used = true;
    db->open_rows++;
    r->statement = t;
    r->failed = false;
    return true;
}

bool rows_next(struct rows *r)
{
    struct statement *t = r->statement;
    int rc;

    if (!t || r->failed || r->ended)
        return false;
    rc = sqlite3_step(t->handle);
    if (rc == SQLITE_ROW)
        return true;
    r->failed = rc != SQLITE_DONE;
    /* Stepping again would start from the first row: keep the end an end. */
    r->ended = true;
    return false;
}

bool rows_close(struct rows *r, struct error *err)
{
    struct statement *t = r->statement;
    int rc;

    if (!t)
        return !r->failed;
    r->statement = NULL;
    r->db->open_rows--;
    rc = statement_end(t);
    if (r->failed)
        handle_fail(r->db, rc, t->sql, err);
    statement_done(t);
    return !r->failed;
}

static sqlite3_stmt *sqlite_of(const struct rows *r)
{
    return ((const struct statement *)r->statement)->handle;
}

const char *rows_text(const struct rows *r, int column)
{
    const unsigned char *s = sqlite3_column_text(sqlite_of(r), column);

    return s ? (const char *)s : "";
}

int64_t rows_int(const struct rows *r, int column)
{
    return sqlite3_column_int64(sqlite_of(r), column);
}

const void *rows_blob(const struct rows *r, int column, size_t *length)
{
    const void *data = sqlite3_column_blob(sqlite_of(r), column);

    *length = data ? (size_t)sqlite3_column_bytes(sqlite_of(r), column) : 0;
    return data;
}

struct id rows_id(const struct rows *r, int column)
{
    struct id id = { "" };

    (void)id_parse(&id, rows_text(r, column));
    return id;
}

char *rows_copy(const struct rows *r, int column)
{
    return text_copy(rows_text(r, column));
}

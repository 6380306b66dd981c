#include "rawsql.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "testlib.h"

static sqlite3 *open_raw(const char *path)
{
    sqlite3 *h = NULL;

    ck_assert_int_eq(sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(h, 10000);
    /* Damage need not outlive a power cut. */
    sqlite3_exec(h, "PRAGMA synchronous=OFF", NULL, NULL, NULL);
    return h;
}

void test_sqlite(const char *path, const char *sql)
{
    sqlite3 *h = open_raw(path);
    char *why = NULL;

    if (sqlite3_exec(h, sql, NULL, NULL, &why) != SQLITE_OK)
        ck_abort_msg("%s: %s", sql, why);
    sqlite3_close(h);
}

char *test_sqlite_text(const char *path, const char *sql)
{
    sqlite3 *h = open_raw(path);
    sqlite3_stmt *statement = NULL;
    char *text;

    ck_assert_int_eq(sqlite3_prepare_v2(h, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    text = strdup((const char *)sqlite3_column_text(statement, 0));
    ck_assert_ptr_nonnull(text);
    sqlite3_finalize(statement);
    sqlite3_close(h);
    return text;
}

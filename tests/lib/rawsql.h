/* SQL past the store's own guards, as somebody with the file and sqlite3 would run it. */
#ifndef TESTS_LIB_RAWSQL_H
#define TESTS_LIB_RAWSQL_H

/* Any number of statements; they must succeed. */
void test_sqlite(const char *path, const char *sql);
/* The first column of the first row; yours: free(). The statement must give one. */
char *test_sqlite_text(const char *path, const char *sql);

#endif

/* The database: opening, transactions, statements, change notice, the engine lock. Only src/store
 * knows SQLite.
 *
 * One write connection a process behind a mutex, any number of query-only readers, one a thread at
 * a time. A transaction is short and never open across a network call. Statements use $1 …
 * parameters, RETURNING and ON CONFLICT. */
#ifndef ECCLESIA_STORE_DB_H
#define ECCLESIA_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ecclesia/base/error.h>
#include <ecclesia/base/id.h>

struct store; /* an open database, shared by all threads of the process */
struct db;    /* one connection inside a transaction; used by one thread */

/* Opens or creates (0600, directory 0700) and brings the schema up to this program's version.
 * Refuses a newer schema or a file that is not ours (ERROR_STORE_FOREIGN), a damaged one
 * (ERROR_STORE), naming path and remedy. *out is yours: store_close(). */
bool store_open(struct store **out, const char *path, struct error *err);
void store_close(struct store *s); /* NULL is fine; no transaction may be open */
const char *store_path(const struct store *s);
struct id store_id(const struct store *s); /* random, made with the file */
/* Makes a directory and what is missing above it, each for its owner alone (0700). */
bool store_make_directory(const char *directory, struct error *err);
/* PRAGMA quick_check, or integrity_check when whole. ERROR_STORE names the first finding;
 * ERROR_TIMEOUT when it took more than limit_ms (0: no limit; an SQLite before 3.43 looks at the
 * clock between tables alone). */
bool store_verify(struct store *s, bool whole, int64_t limit_ms, struct error *err);

/* BEGIN IMMEDIATE on the write connection; waits for other writers of this process without limit
 * and of others up to 10 s. Every path must end in db_commit() or db_rollback(). Not on the
 * screen's thread. */
bool db_begin(struct store *s, struct db **out, struct error *err);
/* Commits and gives the connection back, in any case; on failure nothing was written. Wakes
 * watchers. */
bool db_commit(struct db *db, struct error *err);
void db_rollback(struct db *db); /* NULL is fine */

/* A read transaction on a connection of the pool: a snapshot. End it soon (a reader held long stops
 * checkpoints). */
bool db_read(struct store *s, struct db **out, struct error *err);
void db_read_end(struct db *db); /* NULL is fine */
/* From now on, until db_read_end(), statements end with ERROR_TIMEOUT once that many ms have
 * passed. */
void db_limit(struct db *db, int64_t ms);

/* A failed statement did nothing; the transaction goes on, unless the disk was full or failed: then
 * all later calls fail and so does db_commit(). A unique value that is taken is ERROR_CONFLICT;
 * other defects of a statement are ERROR_INTERNAL. Runs a statement without rows. types: a letter a
 * parameter: t text (const char *, NULL is SQL NULL), i int64_t, b blob (const void *, size_t), d
 * double, I struct id (none is SQL NULL). sql must be a string literal: prepared statements are
 * kept by it. */
bool db_run(struct db *db, struct error *err, const char *sql, const char *types, ...);
int64_t db_changes(struct db *db);        /* rows that the last db_run changed */
const char *db_path(const struct db *db); /* the file, for messages */

/* Rows. Use:  struct rows r; if (!rows_open(&r, db, err, sql, "I", id)) …; while (rows_next(&r)) …;
 * ok = rows_close(&r, err); */
struct rows {
    struct db *db;
    void *statement;
    bool failed, ended;
};
bool rows_open(struct rows *r, struct db *db, struct error *err, const char *sql, const char *types,
               ...);
bool rows_next(struct rows *r);
bool rows_close(struct rows *r, struct error *err); /* false when a step failed */
const char *rows_text(const struct rows *r,
                      int column); /* borrowed until the next step; "" for NULL */
int64_t rows_int(const struct rows *r, int column);
const void *rows_blob(const struct rows *r, int column, size_t *length);
struct id rows_id(const struct rows *r, int column);
char *rows_copy(const struct rows *r, int column); /* yours: free(); "" for NULL */

/* News of commits, of this process and of others. */
struct watch;
bool watch_open(struct watch **out, struct store *s, struct error *err);
void watch_close(struct watch *w);
/* Readable when something may have changed; put it into poll(). No wake-ups while nothing is
 * written. */
int watch_fd(const struct watch *w);
/* Takes the notice. True when the database changed since the last call. */
bool watch_changed(struct watch *w);

/* Called on the committing thread after each commit of this process, outside every lock of the
 * store. One for the process; NULL takes it away. */
void store_on_commit(struct store *s, void (*call)(void *), void *argument);

/* The engine lock: an flock on PATH.lock, held for life. *held tells whether we have it now. */
bool engine_lock_try(struct store *s, bool *held, struct error *err);
/* Waits until it is free; ends with held false after engine_lock_stop(). No wake-ups while waiting.
 * One thread at a time. */
bool engine_lock_wait(struct store *s, bool *held, struct error *err);
/* From any thread: ends the wait, and every later one of this store at once. Returns when nobody
 * waits. */
void engine_lock_stop(struct store *s);
void engine_lock_release(struct store *s);
/* Who holds it, for a person: "pid 4711 (ecclesia serve)"; "" when unknown. */
void engine_lock_holder(struct store *s, char *out, size_t size);

#endif

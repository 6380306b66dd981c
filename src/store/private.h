/* What the files of the driver share; nobody outside src/store, but its tests, includes this. */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include <ecclesia/store/db.h>

enum { STATEMENT_PARAMETERS = 64 };

/* A prepared statement. SQLite numbers $2 by where it stands in the text, not by its digit, hence
 * slots. */
struct statement {
    const char *sql; /* the literal: its address is the key of the table */
    sqlite3_stmt *handle;
    int count;                                 /* parameters $1 … $count */
    unsigned char slots[STATEMENT_PARAMETERS]; /* SQLite's number of $i+1 */
    bool used;                                 /* rows are open on it */
    bool kept;                                 /* in the table; otherwise gone after use */
};

struct db {
    struct store *store;
    sqlite3 *handle;
    struct statement **statements; /* open addressing, room is a power of two; NULL is free */
    size_t room, count;
    int64_t busy_since;     /* clock_mono() of the first refusal of a wait for another process */
    int64_t changes;        /* of the last db_run */
    int64_t changes_before; /* total at the start of the transaction */
    int64_t audit_first;    /* the first audit row of the transaction; 0 none */
    int open_rows;
    bool writer;
    int64_t limit_mono; /* of db_limit(); 0 none */
    struct db *next;    /* in the pool */
};

struct engine_lock {
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t changed;
    pthread_t waiter; /* valid while waiting */
    int file;         /* -1 while not held and not waited for */
    bool held, waiting, stopped;
};

struct store {
    char *path;      /* as it was given, for people */
    char *file;      /* resolved, as SQLite has it */
    char *directory; /* of file */
    char *wal;       /* file-wal */
    char *lock_path; /* file.lock */
    struct id id;
    /* Tests shorten both: how long to wait for another process, and the longest pause of a watch's
     * looks. */
    int64_t busy_ms;
    int look_most_ms;

    pthread_mutex_t writing; /* held from db_begin to its end; guards writer and seal */
    struct db *writer;
    bool (*seal)(void *argument, struct db *db, int64_t first, struct error *err);
    void *seal_argument;
    pthread_mutex_t pool_mutex; /* guards pool */
    struct db *pool;            /* idle readers */

    pthread_mutex_t call_mutex; /* guards the three below; never held during a call */
    pthread_cond_t call_done;
    void (*call)(void *);
    void *call_argument;
    int calls_running;

    struct engine_lock engine;
    _Atomic int64_t ballast_bytes; /* how large it is to be */
    atomic_bool ballast_seen;      /* it was there when it was looked for last */
    atomic_bool degraded;
};

/* db.c: the places of a database, its locks; nothing is open yet. store_close() frees. */
bool store_place(struct store **out, const char *path, struct error *err);

/* handle.c: one SQLite connection, set up as every connection must be. */
enum handle_kind { HANDLE_WRITER, HANDLE_READER };
struct db *handle_open(struct store *s, enum handle_kind kind, struct error *err);
void handle_close(struct db *db); /* NULL is fine */
/* The database and what SQLite makes beside it (it copies the mode) are for their owner alone. Only
 * once the file is known to be ours. */
void handle_narrow(const struct store *s);
bool handle_exec(struct db *db, const char *sql, struct error *err);
bool handle_int(struct db *db, const char *sql, int64_t *out, struct error *err);
/* Says in a person's words why SQLite answered rc; sql may be NULL. Returns false. */
bool handle_fail(struct db *db, int rc, const char *sql, struct error *err);
/* What the system answered (errno) to a call on the file or directory `path`. Returns false. */
bool handle_fail_path(int code, const char *what, const char *path, struct error *err);

/* rows.c */
void statements_release(struct db *db);

/* migrate.c: refuses what is not ours before anything is written; then brings the schema up. */
bool migrate_check(struct db *db, struct error *err);
bool migrate_run(struct db *db, struct error *err);

/* ballast.c: gives it up, when it is there; the second only when the disk has hardly any room left.
 */
void ballast_drop(struct store *s);
void ballast_look(struct store *s);

/* engine_lock.c */
bool engine_lock_init(struct engine_lock *e);
void engine_lock_destroy(struct engine_lock *e);

/* watch.c: tells the watchers of every process that a commit is done. */
void watch_tell(const struct store *s);
bool watch_open_as(struct watch **out, struct store *s, bool inotify, struct error *err);

#endif

/* Opening: what is ours, what is not, and what stands in the way. */
#include "other.h"
#include "testlib.h"

#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ecclesia/store/db.h>

#include "store/private.h"

static struct error err;

static unsigned mode_of(const char *path)
{
    struct stat st;

    ck_assert_msg(stat(path, &st) == 0, "%s: %s", path, strerror(errno));
    return st.st_mode & 0777;
}

static const char *suffixed(const char *path, const char *suffix)
{
    static char out[2][512];
    static int turn;

    turn = !turn;
    snprintf(out[turn], sizeof(out[turn]), "%s%s", path, suffix);
    return out[turn];
}

static void raw(const char *path, const char *sql)
{
    sqlite3 *h;
    char *message = NULL;

    ck_assert_int_eq(sqlite3_open(path, &h), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(h, sql, NULL, NULL, &message) == SQLITE_OK, "%s", message);
    sqlite3_close(h);
}

static void add_church(struct store *s, const char *slug)
{
    struct db *db;

    TEST_OK(db_begin(s, &db, &err), err);
    TEST_OK(db_run(db, &err, "INSERT INTO churches VALUES ($1,$2,$3,$4,$5)", "Ittti", id_new(),
                   slug, "n", "Europe/Berlin", (int64_t)1),
            err);
    TEST_OK(db_commit(db, &err), err);
}

static int64_t churches(struct store *s)
{
    struct db *db;
    struct rows r;
    int64_t count = -1;

    TEST_OK(db_read(s, &db, &err), err);
    TEST_OK(rows_open(&r, db, &err, "SELECT count(*) FROM churches", ""), err);
    if (rows_next(&r))
        count = rows_int(&r, 0);
    TEST_OK(rows_close(&r, &err), err);
    db_read_end(db);
    return count;
}

START_TEST(makes_directories_and_files_for_the_owner_alone)
{
    const char *directory = test_path(test_dir(), "deep/er");
    const char *path = test_path(directory, "e.db");
    struct store *s, *again;
    struct id id;

    umask(0);
    TEST_OK(store_open(&s, path, &err), err);
    add_church(s, "grace");
    id = store_id(s);
    ck_assert_str_eq(store_path(s), path);
    ck_assert(!id_is_none(id));
    ck_assert_uint_eq(mode_of(directory), 0700);
    ck_assert_uint_eq(mode_of(path), 0600);
    ck_assert_uint_eq(mode_of(suffixed(path, "-wal")), 0600);
    ck_assert_uint_eq(mode_of(suffixed(path, "-shm")), 0600);
    store_close(s);
    ck_assert(chmod(path, 0644) == 0);
    TEST_OK(store_open(&again, path, &err), err);
    ck_assert(id_equal(store_id(again), id));
    ck_assert_int_eq(churches(again), 1);
    ck_assert_uint_eq(mode_of(path), 0600);
    TEST_OK(store_verify(again, false, 0, &err), err);
    TEST_OK(store_verify(again, true, 0, &err), err);
    store_close(again);
    store_close(NULL);
}
END_TEST

static int64_t pragma(struct db *db, const char *sql)
{
    int64_t value = -1;

    TEST_OK(handle_int(db, sql, &value, &err), err);
    return value;
}

static void check_pragmas(struct db *db, bool writer)
{
    ck_assert_int_eq(pragma(db, "PRAGMA synchronous"), 2);
    ck_assert_int_eq(pragma(db, "PRAGMA foreign_keys"), 1);
    ck_assert_int_eq(pragma(db, "PRAGMA trusted_schema"), 0);
    ck_assert_int_eq(pragma(db, "PRAGMA cell_size_check"), 1);
    ck_assert_int_eq(pragma(db, "PRAGMA mmap_size"), 0);
    ck_assert_int_eq(pragma(db, "PRAGMA query_only"), !writer);
    ck_assert_int_eq(pragma(db, "SELECT journal_mode='wal' FROM pragma_journal_mode"), 1);
    if (writer)
        ck_assert_int_eq(pragma(db, "PRAGMA secure_delete"), 1);
}

START_TEST(every_connection_is_protected)
{
    struct store *s;
    struct db *db, *second;

    TEST_OK(store_open(&s, test_path(test_dir(), "e.db"), &err), err);
    TEST_OK(db_begin(s, &db, &err), err);
    check_pragmas(db, true);
    db_rollback(db);
    TEST_OK(db_read(s, &db, &err), err);
    TEST_OK(db_read(s, &second, &err), err);
    ck_assert_ptr_ne(db, second);
    check_pragmas(db, false);
    check_pragmas(second, false);
    /* Defensive: the schema's own table is out of reach; a double-quoted string is no string. */
    TEST_FAILS(db_run(db, &err, "SELECT \"no such column\"", ""), err, ERROR_INTERNAL);
    TEST_FAILS(db_run(db, &err, "DELETE FROM churches", ""), err, ERROR_STORE);
    db_read_end(db);
    db_read_end(second);
    store_close(s);
}
END_TEST

/* Refuses, with these words, and leaves the file byte for byte as it was, with nothing beside it.
 */
static void refuses(const char *path, enum error_kind kind, const char *words)
{
    size_t before_length, after_length;
    char *before = test_read_file(path, &before_length);
    struct store *s = NULL;
    char *after;

    TEST_FAILS(store_open(&s, path, &err), err, kind);
    ck_assert_ptr_null(s);
    ck_assert_msg(strstr(err.message, path) != NULL, "%s", err.message);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
    ck_assert_str_ne(err.remedy, "");
    after = test_read_file(path, &after_length);
    ck_assert_uint_eq(after_length, before_length);
    ck_assert_int_eq(memcmp(before, after, before_length), 0);
    ck_assert(access(suffixed(path, "-wal"), F_OK) != 0);
    free(before);
    free(after);
}

START_TEST(refuses_a_newer_schema)
{
    const char *path = test_path(test_dir(), "e.db");
    struct store *s;
    char words[100];

    TEST_OK(store_open(&s, path, &err), err);
    snprintf(words, sizeof(words), "newer version (schema 7000, this program knows %lld)",
             (long long)pragma(s->writer, "PRAGMA user_version"));
    store_close(s);
    raw(path, "PRAGMA user_version=7000");
    refuses(path, ERROR_STORE_FOREIGN, words);
}
END_TEST

START_TEST(refuses_what_is_not_ours)
{
    const char *directory = test_dir();
    const char *other = test_path(directory, "other.db"), *plain = test_path(directory, "plain.db");
    const char *text = test_path(directory, "text.db"), *half = test_path(directory, "half.db");
    struct store *s = NULL;
    char garbage[5000];

    raw(other, "PRAGMA application_id=77; CREATE TABLE t (a)");
    refuses(other, ERROR_STORE_FOREIGN, "another program (application id 77)");
    raw(plain, "CREATE TABLE t (a)");
    refuses(plain, ERROR_STORE_FOREIGN, "another program");
    memset(garbage, 'x', sizeof(garbage));
    test_write_file(text, garbage, sizeof(garbage));
    refuses(text, ERROR_STORE, "not a database");
    raw(half, "PRAGMA application_id=1162036044; CREATE TABLE t (a)");
    refuses(half, ERROR_STORE, "damaged");
    TEST_FAILS(store_open(&s, directory, &err), err, ERROR_STORE);
    ck_assert(strstr(err.message, "is a directory") != NULL);
    TEST_FAILS(store_open(&s, test_path(directory, ""), &err), err, ERROR_STORE);
    TEST_FAILS(store_open(&s, test_path(text, "e.db"), &err), err, ERROR_STORE);
    ck_assert_msg(strstr(err.message, text) != NULL, "%s", err.message);
    /* An empty file is a new one. */
    test_write_file(test_path(directory, "empty.db"), "", 0);
    TEST_OK(store_open(&s, test_path(directory, "empty.db"), &err), err);
    store_close(s);
}
END_TEST

START_TEST(verify_finds_damage)
{
    const char *path = test_path(test_dir(), "e.db");
    struct store *s;
    size_t length;
    char *bytes;

    TEST_OK(store_open(&s, path, &err), err);
    for (int i = 0; i < 200; i++) {
        char slug[20];

        snprintf(slug, sizeof(slug), "church-%d", i);
        add_church(s, slug);
    }
    store_close(s);
    bytes = test_read_file(path, &length);
    /* One letter of one slug: the index that holds it and the table differ then. */
    for (size_t i = length - 12; i > 0; i--)
        if (memcmp(bytes + i, "church-150", 10) == 0) {
            bytes[i] = 'X';
            break;
        }
    test_write_file(path, bytes, length);
    TEST_OK(store_open(&s, path, &err), err);
    TEST_FAILS(store_verify(s, true, 0, &err), err, ERROR_STORE);
    ck_assert_msg(strstr(err.message, path) && strstr(err.message, "damaged"), "%s", err.message);
    ck_assert(strstr(err.remedy, "ecclesia restore") != NULL);
    store_close(s);
    memset(bytes + 4096, 0x5a, length - 4096);
    test_write_file(path, bytes, length);
    s = NULL;
    TEST_FAILS(store_open(&s, path, &err), err, ERROR_STORE);
    ck_assert_msg(strstr(err.message, path) && strstr(err.message, "damaged"), "%s", err.message);
    free(bytes);
}
END_TEST

/* ---- permission: as an account that root's powers do not help */

static void give_away(const char *path)
{
    if (geteuid() == 0)
        ck_assert(chown(path, 65534, 65534) == 0);
}

/* Opens as another account in another process: its message comes back. */
static void open_as_nobody(const char *path, char *message, size_t size)
{
    int tube[2];
    ssize_t got;
    pid_t child;

    ck_assert(pipe(tube) == 0);
    child = fork();
    if (child == 0) {
        struct store *s = NULL;
        struct error why = { .kind = ERROR_NONE };

        if (geteuid() == 0 && (setgroups(0, NULL) || setgid(65534) || setuid(65534)))
            _exit(9);
        if (store_open(&s, path, &why))
            snprintf(why.message, sizeof(why.message), "opened");
        store_close(s);
        _exit(write(tube[1], why.message, strlen(why.message)) < 0);
    }
    close(tube[1]);
    got = read(tube[0], message, size - 1);
    message[got > 0 ? got : 0] = '\0';
    close(tube[0]);
    ck_assert(waitpid(child, NULL, 0) == child);
}

START_TEST(names_the_directory_that_cannot_be_written)
{
    const char *directory = test_dir();
    const char *place = test_path(directory, "p"), *path = test_path(place, "e.db");
    const char *below = test_path(place, "sub/e.db");
    char message[600], wanted[600];

    ck_assert(chmod(directory, 0755) == 0);
    /* The directory above, which the runner made, must let another account through. */
    ck_assert(chmod(test_path(directory, ".."), 0755) == 0);
    ck_assert(mkdir(place, 0700) == 0);
    give_away(place);
    open_as_nobody(path, message, sizeof(message));
    ck_assert_str_eq(message, "opened");
    ck_assert(chmod(place, 0500) == 0);
    open_as_nobody(path, message, sizeof(message));
    snprintf(wanted, sizeof(wanted), "Cannot write in the directory %s: no permission.", place);
    ck_assert_str_eq(message, wanted);
    open_as_nobody(below, message, sizeof(message));
    snprintf(wanted, sizeof(wanted), "Cannot make the directory %s/sub: no permission.", place);
    ck_assert_str_eq(message, wanted);
    ck_assert(chmod(place, 0700) == 0 && chmod(path, 0400) == 0);
    open_as_nobody(path, message, sizeof(message));
    snprintf(wanted, sizeof(wanted), "Cannot write the database %s: no permission.", path);
    ck_assert_str_eq(message, wanted);
}
END_TEST

/* ---- no room */

static bool fill(struct store *s, int rows)
{
    char name[4001];
    struct db *db;
    bool ok = true;

    memset(name, 'n', 4000);
    name[4000] = '\0';
    TEST_OK(db_begin(s, &db, &err), err);
    for (int i = 0; ok && i < rows; i++)
        ok =
            db_run(db, &err, "INSERT INTO churches VALUES ($1,$1,$2,'','0')", "It", id_new(), name);
    if (ok)
        return db_commit(db, &err);
    /* Whatever is tried next must not slip through on its own. */
    if (sqlite3_get_autocommit(db->handle)) {
        struct error later;

        ck_assert(
            !db_run(db, &later, "INSERT INTO churches VALUES ($1,$1,'','',0)", "I", id_new()));
        ck_assert(!db_commit(db, &later));
        return false;
    }
    db_rollback(db);
    return false;
}

START_TEST(a_full_disk_is_named_and_survived)
{
    const char *path = test_path(test_dir(), "e.db");
    struct rlimit old, low;
    struct store *s;

    signal(SIGXFSZ, SIG_IGN);
    TEST_OK(store_open(&s, path, &err), err);
    add_church(s, "grace");
    ck_assert(getrlimit(RLIMIT_FSIZE, &old) == 0);
    low = old;
    low.rlim_cur = 300000;
    ck_assert(setrlimit(RLIMIT_FSIZE, &low) == 0);
    TEST_FAILS(fill(s, 2000), err, ERROR_STORE_FULL);
    ck_assert_msg(strstr(err.message, "disk that holds") && strstr(err.message, path), "%s",
                  err.message);
    ck_assert_int_eq(churches(s), 1);
    ck_assert(setrlimit(RLIMIT_FSIZE, &old) == 0);
    TEST_OK(fill(s, 100), err);
    ck_assert_int_eq(churches(s), 101);
    store_close(s);
}
END_TEST

/* On a real little disk, where this machine lets us have one. 77: it does not. */
static int fill_small_disk(const char *mount_point)
{
    struct store *s;

    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", mount_point, "tmpfs", 0, "size=1m") != 0)
        return 77;
    if (!store_open(&s, test_path(mount_point, "e.db"), &err))
        return 1;
    add_church(s, "grace");
    if (fill(s, 2000) || err.kind != ERROR_STORE_FULL)
        return 2;
    if (churches(s) != 1)
        return 3;
    if (!fill(s, 10) || churches(s) != 11)
        return 4;
    store_close(s);
    return 0;
}

START_TEST(a_small_disk_fills_up)
{
    const char *mount_point = test_dir();
    pid_t child = fork();
    int status;

    if (child == 0)
        _exit(fill_small_disk(mount_point));
    ck_assert(waitpid(child, &status, 0) == child && WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        printf("a_small_disk_fills_up: skipped, no file system can be mounted here\n");
    else
        ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* ---- other processes */

START_TEST(several_make_it_at_once)
{
    const char *path = test_path(test_dir(), "e.db");
    struct other others[8];
    char first[64], line[64];

    for (size_t i = 0; i < 8; i++)
        other_start(&others[i], "open", path, NULL);
    for (size_t i = 0; i < 8; i++)
        other_say(&others[i], "go");
    other_hear(&others[0], first, sizeof(first));
    ck_assert_uint_eq(strlen(first), 32);
    for (size_t i = 1; i < 8; i++) {
        other_hear(&others[i], line, sizeof(line));
        ck_assert_str_eq(line, first);
    }
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(other_wait(&others[i]), 0);
}
END_TEST

START_TEST(killed_while_making_the_schema)
{
    const char *path = test_path(test_dir(), "e.db");
    struct other other;
    struct store *s;

    setenv("ECCLESIA_CRASH", "store.migrate", 1);
    other_start(&other, "open", path, NULL);
    unsetenv("ECCLESIA_CRASH");
    other_say(&other, "go");
    ck_assert_int_eq(other_wait(&other), -SIGKILL);
    TEST_OK(store_open(&s, path, &err), err);
    ck_assert_int_eq(churches(s), 0);
    store_close(s);
}
END_TEST

START_TEST(a_link_leads_to_the_same_store)
{
    const char *directory = test_dir();
    const char *path = test_path(directory, "e.db"), *link = test_path(directory, "link.db");
    struct store *a, *b;
    bool held;

    TEST_OK(store_open(&a, path, &err), err);
    ck_assert(symlink("e.db", link) == 0);
    TEST_OK(store_open(&b, link, &err), err);
    ck_assert(id_equal(store_id(a), store_id(b)));
    TEST_OK(engine_lock_try(a, &held, &err), err);
    ck_assert(held);
    TEST_OK(engine_lock_try(b, &held, &err), err);
    ck_assert(!held);
    store_close(a);
    store_close(b);
}
END_TEST

static int open_when_told(const char *path)
{
    struct store *s;
    char line[16];

    if (!fgets(line, sizeof(line), stdin))
        return 2;
    if (!store_open(&s, path, &err)) {
        printf("%s\n", err.message);
        return 1;
    }
    printf("%s\n", store_id(s).hex);
    store_close(s);
    return 0;
}

int main(int argc, char **argv)
{
    const TTest *const tests[] = {
        makes_directories_and_files_for_the_owner_alone,
        every_connection_is_protected,
        refuses_a_newer_schema,
        refuses_what_is_not_ours,
        verify_finds_damage,
        names_the_directory_that_cannot_be_written,
        a_full_disk_is_named_and_survived,
        a_small_disk_fills_up,
        several_make_it_at_once,
        killed_while_making_the_schema,
        a_link_leads_to_the_same_store,
    };

    if (argc == 3 && strcmp(argv[1], "open") == 0)
        return open_when_told(argv[2]);
    return test_main("store_open", NULL, NULL, tests, sizeof(tests) / sizeof(tests[0]));
}

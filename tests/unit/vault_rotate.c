/* Rotation: whatever is killed wherever, everything stays readable, and the next run ends it. */
#include "other.h"
#include "testlib.h"
#include "vaulttest.h"

#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/text.h>
#include <ecclesia/store/secret_rows.h>
#include <ecclesia/vault/keys.h>

#include "vault/private.h"

enum { FIELDS = 450 }; /* three batches */

static struct error err;
static struct vault_place p;
static char passphrase[64];

static void setup(void)
{
    vault_place_make(&p);
    vault_place_unlock(&p);
}

static void teardown(void)
{
    vault_place_release(&p);
}

static void fill(int fields)
{
    struct db *db;

    TEST_OK(db_begin(p.store, &db, &err), err);
    for (int i = 0; i < fields; i++) {
        char field[40], plain[60];

        snprintf(field, sizeof(field), "field/%d", i);
        snprintf(plain, sizeof(plain), "the secret of field %d", i);
        TEST_OK(vault_put(p.vault, db, i % 2 ? p.zoom : p.youtube,
                          i % 2 ? PLATFORM_ZOOM : PLATFORM_YOUTUBE, field, 1, plain, strlen(plain),
                          &err),
                err);
    }
    TEST_OK(db_commit(db, &err), err);
}

static void ck_all_open(struct vault *v, int fields)
{
    struct db *db;

    TEST_OK(db_read(p.store, &db, &err), err);
    for (int i = 0; i < fields; i++) {
        char field[40], plain[60];
        struct secret *s = NULL;

        snprintf(field, sizeof(field), "field/%d", i);
        snprintf(plain, sizeof(plain), "the secret of field %d", i);
        TEST_OK(vault_get(v, db, i % 2 ? p.zoom : p.youtube,
                          i % 2 ? PLATFORM_ZOOM : PLATFORM_YOUTUBE, field, &s, &err),
                err);
        ck_assert_str_eq(secret_text(s), plain);
        secret_free(s);
    }
    db_read_end(db);
}

static int64_t number(const char *sql)
{
    struct db *db;
    struct rows r;
    int64_t n = -1;

    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_OK(rows_open(&r, db, &err, sql, ""), err);
    if (rows_next(&r))
        n = rows_int(&r, 0);
    TEST_OK(rows_close(&r, &err), err);
    db_read_end(db);
    return n;
}

static void left(char *out, size_t size)
{
    struct db *db;

    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_OK(vault_rotation_left(p.vault, db, out, size, &err), err);
    db_read_end(db);
}

static bool give_passphrase(void *argument, struct secret **out, struct error *why)
{
    (void)argument;
    (void)why;
    *out = secret_new(passphrase, strlen(passphrase));
    return true;
}

static bool answer_passphrase(void *argument, int tries, struct secret **out, struct error *why)
{
    int *asked = argument;

    (void)tries;
    ++*asked;
    return give_passphrase(NULL, out, why);
}

static struct rotate_report rotate(unsigned what, const char *to)
{
    struct rotate_options o = { .what = what, .to = to, .actor = "tester", .ask = give_passphrase };
    struct rotate_report report;

    TEST_OK(vault_rotate(p.vault, &o, &report, &err), err);
    return report;
}

/* As a program that starts: by the key file alone. */
static void reopen(void)
{
    struct vault_source source = { .key_file = p.key_path, .may_create = true };

    vault_close(p.vault);
    p.vault = NULL;
    TEST_OK(vault_open(&p.vault, p.store, &source, false, &err), err);
}

static int files_like(const char *pattern)
{
    char path[300];
    glob_t found;
    int count;

    snprintf(path, sizeof(path), "%s%s", p.key_path, pattern);
    count = glob(path, 0, NULL, &found) == 0 ? (int)found.gl_pathc : 0;
    globfree(&found);
    return count;
}

static void ck_finished(int fields)
{
    char what[200];

    reopen();
    ck_all_open(p.vault, fields);
    left(what, sizeof(what));
    ck_assert_str_eq(what, "");
    ck_assert_int_eq(files_like(".new"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM keys WHERE purpose='secret' AND state='active'"),
                     1);
    ck_assert_int_eq(number("SELECT count(*) FROM keys WHERE state='retiring'"), 0);
    ck_assert_int_eq(
        number("SELECT count(*) FROM secrets WHERE key_id <> (SELECT id FROM keys WHERE"
               " purpose='secret' AND state='active')"),
        0);
    ck_assert_int_eq(
        number("SELECT count(*) FROM keys WHERE state='destroyed' AND (trim(hex(wrapped),'0')<>''"
               " OR trim(hex(kcv),'0')<>'')"),
        0);
}

/* ---- done in one go */

START_TEST(both_keys_are_replaced)
{
    struct rotate_report report;
    unsigned char derived[32], again[32];
    char *before = test_read_file(p.key_path, NULL), *after;
    struct stat st;

    fill(FIELDS);
    TEST_OK(vault_derive(p.vault, "a", "b", derived, &err), err);
    report = rotate(0, NULL);
    ck_assert(report.master && !report.resumed);
    ck_assert_int_eq(report.key_id, 4);
    ck_assert_int_eq(report.moved, FIELDS);
    ck_assert_int_eq(report.destroyed, 1);
    ck_assert_uint_eq(report.left_count, 0);
    ck_assert_ptr_nonnull(strstr(report.source, p.key_path));
    ck_assert_int_eq(
        number("SELECT count(*) FROM events WHERE kind LIKE 'key.%' AND actor='tester'"), 3);
    /* The old file is kept for the backups that need it, as well guarded as the new one. */
    after = test_read_file(report.old_file, NULL);
    ck_assert_str_eq(before, after);
    ck_assert(stat(report.old_file, &st) == 0 && (st.st_mode & 0777) == 0600);
    ck_assert(stat(p.key_path, &st) == 0 && (st.st_mode & 0777) == 0600 && st.st_nlink == 1);
    free(after);
    after = test_read_file(p.key_path, NULL);
    ck_assert_str_ne(before, after);
    rotate_report_release(&report);
    ck_all_open(p.vault, FIELDS);
    ck_finished(FIELDS);
    /* What was derived outlives it. */
    TEST_OK(vault_derive(p.vault, "a", "b", again, &err), err);
    ck_assert_mem_eq(derived, again, 32);
    /* The old key opens nothing any more. */
    test_write_file(p.key_path, before, strlen(before));
    vault_close(p.vault);
    p.vault = NULL;
    TEST_FAILS(vault_open(&p.vault, p.store, &(struct vault_source){ .key_file = p.key_path },
                          false, &err),
               err, ERROR_KEY_WRONG);
    free(before);
    free(after);
}
END_TEST

START_TEST(one_of_them_alone)
{
    char *before = test_read_file(p.key_path, NULL), *after;
    struct rotate_report report;

    fill(3);
    report = rotate(ROTATE_DATA, NULL);
    ck_assert(!report.master && report.moved == 3 && report.key_id == 4 && report.destroyed == 1);
    after = test_read_file(p.key_path, NULL);
    ck_assert_str_eq(before, after);
    free(after);
    report = rotate(ROTATE_MASTER, NULL);
    ck_assert(report.master && report.moved == 0 && report.key_id == 0);
    after = test_read_file(p.key_path, NULL);
    ck_assert_str_ne(before, after);
    free(before);
    free(after);
    ck_finished(3);
    /* Again on the same day: neither old file is lost. */
    rotate(ROTATE_MASTER, NULL);
    ck_assert_int_eq(files_like(".until-*"), 2);
    ck_finished(3);
}
END_TEST

START_TEST(to_a_passphrase_and_back)
{
    struct vault_source source = { .key_file = p.key_path };
    const char *file = test_path(test_dir(), "passphrase");
    struct rotate_report report;
    struct secret *s = NULL;
    int asked = 0;

    fill(5);
    snprintf(passphrase, sizeof(passphrase), "our help is in the name");
    report = rotate(ROTATE_MASTER, "passphrase");
    ck_assert_str_eq(report.source, "passphrase");
    ck_assert_int_eq(access(p.key_path, F_OK), -1);
    ck_assert_int_eq(files_like(".until-*"), 1);
    ck_all_open(p.vault, 5);

    vault_close(p.vault);
    p.vault = NULL;
    /* Nobody to ask: one can look, start and stop. */
    TEST_OK(vault_open(&p.vault, p.store, &source, false, &err), err);
    ck_assert(vault_locked(p.vault));
    TEST_FAILS(vault_place_get(&p, p.youtube, PLATFORM_YOUTUBE, "field/0", &s, &err), err,
               ERROR_KEY_WRONG);
    ck_assert_msg(strstr(err.message, "sealed with a passphrase") &&
                      strstr(err.remedy, "passphrase_file"),
                  "%s %s", err.message, err.remedy);
    vault_close(p.vault);
    p.vault = NULL;
    source.ask = answer_passphrase;
    source.ask_argument = &asked;
    snprintf(passphrase, sizeof(passphrase), "of the lord");
    TEST_FAILS(vault_open(&p.vault, p.store, &source, false, &err), err, ERROR_KEY_WRONG);
    ck_assert_int_eq(asked, 3);
    snprintf(passphrase, sizeof(passphrase), "our help is in the name");
    TEST_OK(vault_open(&p.vault, p.store, &source, false, &err), err);
    ck_assert_int_eq(asked, 4);
    ck_all_open(p.vault, 5);
    vault_close(p.vault);
    p.vault = NULL;
    test_write_file(file, "our help is in the name\nnot this\n", 33);
    source.passphrase_file = file;
    ck_assert_int_eq(chmod(file, 0644), 0);
    TEST_FAILS(vault_open(&p.vault, p.store, &source, false, &err), err, ERROR_CONFIG);
    ck_assert_int_eq(chmod(file, 0600), 0);
    TEST_OK(vault_open(&p.vault, p.store, &source, false, &err), err);
    ck_assert_int_eq(asked, 4);
    ck_all_open(p.vault, 5);

    report = rotate(0, "file");
    ck_assert_ptr_nonnull(strstr(report.source, p.key_path));
    ck_finished(5);
    /* Nobody is asked for what is not needed. */
    vault_close(p.vault);
    TEST_OK(vault_open(&p.vault, p.store, &source, false, &err), err);
    ck_assert_int_eq(asked, 4);
}
END_TEST

START_TEST(what_cannot_be_written_is_refused)
{
    const char *credential = test_path(test_dir(), "ecclesia.key");
    char *bytes = test_read_file(p.key_path, NULL), what[200];
    struct vault_source source = { .credential_file = credential, .new_file = p.key_path };
    struct rotate_options o = { .actor = "tester" };
    struct rotate_report report;

    fill(3);
    test_write_file(credential, bytes, strlen(bytes));
    ck_assert_int_eq(unlink(p.key_path), 0);
    vault_close(p.vault);
    TEST_OK(vault_open(&p.vault, p.store, &source, false, &err), err);
    /* The rows say "file": the credential opens them all the same. */
    TEST_FAILS(vault_rotate(p.vault, &o, &report, &err), err, ERROR_REFUSED);
    ck_assert_ptr_nonnull(strstr(err.message, "credential"));
    left(what, sizeof(what));
    ck_assert_str_eq(what, "");
    o.to = "passphrase";
    TEST_FAILS(vault_rotate(p.vault, &o, &report, &err), err, ERROR_REFUSED);
    o.to = NULL;
    o.what = ROTATE_DATA;
    TEST_OK(vault_rotate(p.vault, &o, &report, &err), err);
    ck_all_open(p.vault, 3);
    o.what = 0;
    o.to = "file";
    TEST_OK(vault_rotate(p.vault, &o, &report, &err), err);
    ck_finished(3);
    free(bytes);
}
END_TEST

/* ---- what does not open stays, and is named */

START_TEST(damaged_fields_are_listed_and_kept)
{
    struct rotate_report report;

    fill(FIELDS);
    vault_place_run(&p, "UPDATE secrets SET blob=zeroblob(length(blob)) WHERE field='field/7'");
    vault_place_run(&p, "UPDATE secrets SET generation=2 WHERE field='field/250'");
    vault_place_run(&p, "UPDATE secrets SET key_id=2 WHERE field='field/300'");
    report = rotate(ROTATE_DATA, NULL);
    ck_assert_int_eq(report.moved, FIELDS - 3);
    ck_assert_uint_eq(report.left_count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert(strcmp(report.left[i].field, "field/7") == 0 ||
                  strcmp(report.left[i].field, "field/250") == 0 ||
                  strcmp(report.left[i].field, "field/300") == 0);
        ck_assert_str_ne(report.left[i].why.message, "");
    }
    /* Its key stays with them. */
    ck_assert_int_eq(report.destroyed, 0);
    ck_assert_int_eq(number("SELECT count(*) FROM keys WHERE id=1 AND state='retiring'"), 1);
    rotate_report_release(&report);
    /* The damage was repaired: then it moves. */
    vault_place_run(&p, "UPDATE secrets SET generation=1 WHERE field='field/250'");
    vault_place_run(&p, "UPDATE secrets SET key_id=1 WHERE field='field/300'");
    vault_place_run(&p, "DELETE FROM secrets WHERE field='field/7'");
    report = rotate(ROTATE_DATA, NULL);
    ck_assert_int_eq(report.destroyed, 2);
    ck_assert_uint_eq(report.left_count, 0);
    reopen();
    ck_assert_int_eq(number("SELECT count(*) FROM secrets"), FIELDS - 1);
}
END_TEST

/* ---- other processes */

START_TEST(one_that_is_open_goes_on)
{
    struct vault_source source = { .key_file = p.key_path };
    struct vault *longer;
    struct rotate_report report;
    struct secret *s = NULL;
    struct db *db;

    fill(10);
    TEST_OK(vault_open(&longer, p.store, &source, false, &err), err);
    for (int round = 0; round < 2; round++) {
        report = rotate(0, NULL);
        ck_assert_uint_eq(report.left_count, 0);
        /* What it reads is sealed by a key that it has never seen, under a master key that it has
         * not either. */
        ck_all_open(longer, 10);
        TEST_OK(db_begin(p.store, &db, &err), err);
        TEST_OK(vault_put(longer, db, p.zoom, PLATFORM_ZOOM, "late", 1, "late", 4, &err), err);
        TEST_OK(db_commit(db, &err), err);
        ck_assert_int_eq(number("SELECT count(*) FROM secrets s JOIN keys k ON k.id=s.key_id WHERE "
                                "k.state<>'active'"),
                         0);
        TEST_OK(vault_place_get(&p, p.zoom, PLATFORM_ZOOM, "late", &s, &err), err);
        secret_free(s);
    }
    /* It has not read anything since: what it writes goes by the new key all the same. */
    rotate(0, NULL);
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(vault_put(longer, db, p.zoom, PLATFORM_ZOOM, "later", 1, "later", 5, &err), err);
    TEST_OK(db_commit(db, &err), err);
    vault_close(longer);
    ck_finished(10);
    TEST_OK(vault_place_get(&p, p.zoom, PLATFORM_ZOOM, "later", &s, &err), err);
    secret_free(s);
    /* And it can rotate itself. */
    TEST_OK(vault_open(&longer, p.store, &source, false, &err), err);
    rotate(0, NULL);
    TEST_OK(vault_rotate(longer, &(struct rotate_options){ .actor = "other" }, &report, &err), err);
    ck_finished(10);
    vault_close(longer);
}
END_TEST

START_TEST(a_passphrase_of_another_process_is_told)
{
    struct vault_source source = { .key_file = p.key_path };
    struct vault *longer;
    struct secret *s = NULL;
    struct db *db;

    fill(2);
    TEST_OK(vault_open(&longer, p.store, &source, false, &err), err);
    snprintf(passphrase, sizeof(passphrase), "words");
    rotate(ROTATE_MASTER, "passphrase");
    ck_all_open(longer, 2);
    rotate(ROTATE_DATA, NULL);
    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_FAILS(vault_get(longer, db, p.youtube, PLATFORM_YOUTUBE, "field/0", &s, &err), err,
               ERROR_KEY_WRONG);
    ck_assert_ptr_nonnull(strstr(err.remedy, "again"));
    db_read_end(db);
    vault_close(longer);
}
END_TEST

/* One that has its key from elsewhere finds the new key file, too. */
START_TEST(one_that_is_open_finds_the_new_place)
{
    struct vault_source source = { .key_file = p.key_path,
                                   .credential_file = test_path(test_dir(), "ecclesia.key") };
    struct rotate_report report;
    struct vault *longer;
    struct db *db;

    fill(10);
    ck_assert_int_eq(rename(p.key_path, source.credential_file), 0);
    TEST_OK(vault_open(&longer, p.store, &source, false, &err), err);
    rotate(ROTATE_MASTER | ROTATE_DATA, "file");
    ck_all_open(longer, 10);
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(vault_put(longer, db, p.zoom, PLATFORM_ZOOM, "field/11", 1, "x", 1, &err), err);
    TEST_OK(db_commit(db, &err), err);
    /* And it can rotate itself. */
    rotate(ROTATE_MASTER | ROTATE_DATA, "file");
    TEST_OK(vault_rotate(
                longer,
                &(struct rotate_options){ .actor = "other", .what = ROTATE_MASTER, .to = "file" },
                &report, &err),
            err);
    rotate_report_release(&report);
    ck_finished(10);
    vault_close(longer);
}
END_TEST

/* ---- killed */

static void run_killed(const char *crash)
{
    struct other other;
    int status;

    setenv("ECCLESIA_CRASH", crash, 1);
    other_start(&other, "rotate", p.db_path, p.key_path, NULL);
    unsetenv("ECCLESIA_CRASH");
    status = other_wait(&other);
    ck_assert_msg(status == -SIGKILL, "%s: ended with %d", crash, status);
}

static const char *const points[] = {
    "vault.rotate.file",      "store.commit:1",         "vault.rotate.wrap",
    "vault.rotate.wrapped",   "vault.rotate.kept",      "vault.rotate.swapped",
    "vault.rotate.key",       "vault.rotate.keyed",     "vault.rotate.batch",
    "vault.rotate.batch:2",   "vault.rotate.batch:3",   "vault.rotate.batched",
    "vault.rotate.batched:2", "vault.rotate.batched:3", "vault.rotate.finish",
    "vault.rotate.finished",
};
enum { POINTS = sizeof(points) / sizeof(points[0]) };

START_TEST(killed_anywhere)
{
    char what[200];

    fill(FIELDS);
    vault_close(p.vault);
    p.vault = NULL;
    run_killed(points[_i]);
    /* At once, in a program that starts without knowing; and once more, having put right what it
     * found. */
    for (int i = 0; i < 2; i++) {
        reopen();
        ck_all_open(p.vault, FIELDS);
    }
    left(what, sizeof(what));
    if (strcmp(points[_i], "vault.rotate.finished") != 0 &&
        strcmp(points[_i], "store.commit:1") != 0)
        ck_assert_msg(*what, "%s: nothing is said to be left", points[_i]);
    rotate(0, NULL);
    ck_finished(FIELDS);
}
END_TEST

START_TEST(killed_at_each_point_in_turn)
{
    fill(FIELDS);
    for (size_t i = 0; i < POINTS; i++) {
        struct other other;

        setenv("ECCLESIA_CRASH", points[i], 1);
        other_start(&other, "rotate", p.db_path, p.key_path, NULL);
        unsetenv("ECCLESIA_CRASH");
        other_wait(&other);
    }
    reopen();
    ck_all_open(p.vault, FIELDS);
    rotate(0, NULL);
    ck_finished(FIELDS);
}
END_TEST

START_TEST(killed_at_random)
{
    unsigned seed = (unsigned)test_seed();

    fill(FIELDS);
    for (int i = 0; i < 12; i++) {
        const struct timespec nap = { .tv_nsec = (long)(rand_r(&seed) % 60) * 1000000 };
        struct other other;

        other_start(&other, "rotate", p.db_path, p.key_path, NULL);
        nanosleep(&nap, NULL);
        other_kill(&other);
        reopen();
        ck_all_open(p.vault, FIELDS);
    }
    rotate(0, NULL);
    rotate(0, NULL);
    ck_finished(FIELDS);
}
END_TEST

START_TEST(two_at_once)
{
    struct other others[3];

    fill(FIELDS);
    for (int i = 0; i < 3; i++)
        other_start(&others[i], "rotate", p.db_path, p.key_path, NULL);
    for (int i = 0; i < 3; i++) {
        int status = other_wait(&others[i]);

        ck_assert_msg(status == 0 || status == 1, "%d", status);
    }
    reopen();
    ck_all_open(p.vault, FIELDS);
    rotate(0, NULL);
    rotate(0, NULL);
    ck_finished(FIELDS);
}
END_TEST

static int rotate_alone(const char *db_path, const char *key_path)
{
    struct vault_source source = { .key_file = key_path };
    struct rotate_report report;
    struct store *s;
    struct vault *v;

    if (!store_open(&s, db_path, &err) || !vault_open(&v, s, &source, false, &err))
        return 2;
    if (!vault_rotate(v, &(struct rotate_options){ .actor = "other" }, &report, &err))
        return 1;
    rotate_report_release(&report);
    vault_close(v);
    store_close(s);
    return 0;
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("vault_rotate");
    TCase *tcase = tcase_create("vault_rotate");

    if (argc == 4 && strcmp(argv[1], "rotate") == 0)
        return rotate_alone(argv[2], argv[3]);
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, both_keys_are_replaced);
    tcase_add_test(tcase, one_of_them_alone);
    tcase_add_test(tcase, to_a_passphrase_and_back);
    tcase_add_test(tcase, what_cannot_be_written_is_refused);
    tcase_add_test(tcase, damaged_fields_are_listed_and_kept);
    tcase_add_test(tcase, one_that_is_open_goes_on);
    tcase_add_test(tcase, a_passphrase_of_another_process_is_told);
    tcase_add_test(tcase, one_that_is_open_finds_the_new_place);
    tcase_add_loop_test(tcase, killed_anywhere, 0, POINTS);
    tcase_add_test(tcase, killed_at_each_point_in_turn);
    tcase_add_test(tcase, killed_at_random);
    tcase_add_test(tcase, two_at_once);
    suite_add_tcase(suite, tcase);
    return test_run(suite);
}

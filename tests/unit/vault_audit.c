/* The audit's chain: whatever is changed, moved, added or taken away is named. */
#include "rawsql.h"
#include "testlib.h"
#include "vaulttest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/vault/audit.h>
#include <ecclesia/vault/keys.h>

static struct error err;
static struct vault_place p;
static struct audit_report report;

static void setup(void)
{
    vault_place_make(&p);
    vault_place_unlock(&p);
    vault_audit_start(p.vault);
}

static void teardown(void)
{
    if (p.vault)
        vault_audit_stop(p.vault);
    vault_place_release(&p);
}

static void add(const char *actor, const char *detail)
{
    struct db *db;

    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(audit_add(db,
                      &(struct audit_row){ .church = id_new(),
                                           .actor = actor,
                                           .action = "connection.connected",
                                           .object = p.zoom.hex,
                                           .platform = "zoom",
                                           .detail = detail },
                      &err),
            err);
    TEST_OK(db_commit(db, &err), err);
}

static void verify_known(const char *known)
{
    struct db *db;

    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_OK(vault_audit_verify(p.vault, db, known, &report, &err), err);
    db_read_end(db);
}

static void ck_whole(int64_t rows, int64_t waiting)
{
    verify_known(NULL);
    ck_assert_msg(report.broken == 0, "%s", report.why);
    ck_assert_int_eq(report.rows, rows);
    ck_assert_int_eq(report.waiting, waiting);
}

static void ck_broken(int64_t seq, const char *words)
{
    verify_known(NULL);
    ck_assert_msg(report.broken == seq, "row %" PRId64 ": %s", report.broken, report.why);
    ck_assert_msg(strstr(report.why, words) != NULL, "%s", report.why);
}

static char *text_of(const char *sql)
{
    struct db *db;
    struct rows r;
    char *text;

    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_OK(rows_open(&r, db, &err, sql, ""), err);
    ck_assert(rows_next(&r));
    text = rows_copy(&r, 0);
    TEST_OK(rows_close(&r, &err), err);
    db_read_end(db);
    return text;
}

/* As somebody who has the file, but not the key. */
static void forge(const char *sql)
{
    struct db *db;

    TEST_OK(db_begin(p.store, &db, &err), err);
    for (int i = 0; i < 3; i++) {
        static const char *const triggers[] = { "DROP TRIGGER IF EXISTS audit_keep",
                                                "DROP TRIGGER IF EXISTS audit_stay",
                                                "DROP TRIGGER IF EXISTS audit_marks_stay" };

        TEST_OK(db_run(db, &err, triggers[i], ""), err);
    }
    TEST_OK(db_commit(db, &err), err);
    test_sqlite(p.db_path, sql);
}

START_TEST(rows_are_sealed_as_they_are_written)
{
    char *late, *head;

    add("anna", "one");
    add("engine", "two");
    add("anna", "three");
    ck_whole(3, 0);
    ck_assert_int_eq(report.head, 3);
    ck_assert_int_eq(report.late, 0);
    late = text_of("SELECT group_concat(actor || '/' || actor_kind || '/' || outcome) FROM audit");
    ck_assert_str_eq(late, "anna/person/done,engine/engine/done,anna/person/done");
    head = text_of("SELECT lower(hex(mac)) FROM audit WHERE seq=3");
    ck_assert_str_eq(head, report.head_mac);
    free(late);
    free(head);
}
END_TEST

START_TEST(the_store_refuses_changes)
{
    static const char *const changes[] = {
        "UPDATE audit SET actor='bob' WHERE seq=1",
        "UPDATE audit SET mac=x'' WHERE seq=1",
        "UPDATE audit SET late=1",
        "UPDATE audit SET seq=7 WHERE seq=2",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq=1",
        "DELETE FROM audit_marks WHERE kind='head'",
    };

    add("anna", "one");
    add("anna", "two");
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct db *db;

        TEST_OK(db_begin(p.store, &db, &err), err);
        TEST_FAILS(db_run(db, &err, changes[i], ""), err, ERROR_INTERNAL);
        db_rollback(db);
    }
    ck_whole(2, 0);
}
END_TEST

/* ---- every bit */

enum { NUMBER, TEXT, BLOB };
static const struct {
    const char *name;
    int type;
} columns[] = {
    { "at_ms", NUMBER }, { "church_id", TEXT },   { "actor", TEXT },    { "actor_kind", TEXT },
    { "action", TEXT },  { "object", TEXT },      { "platform", TEXT }, { "outcome", TEXT },
    { "detail", TEXT },  { "simulated", NUMBER }, { "late", NUMBER },   { "key_id", NUMBER },
    { "prev", BLOB },    { "mac", BLOB },
};

/* where: table and row, "audit WHERE seq=2". */
static void set_column(const char *where, const char *column, int type, const unsigned char *bytes,
                       size_t length)
{
    int table = (int)strcspn(where, " ");
    struct text sql;
    int64_t number = 0;

    text_init(&sql, 100000);
    text_addf(&sql, "PRAGMA ignore_check_constraints=ON; UPDATE %.*s SET %s=", table, where,
              column);
    if (type == NUMBER) {
        memcpy(&number, bytes, sizeof(number));
        text_addf(&sql, "%" PRId64, number);
    } else {
        text_addf(&sql, "CAST(x'");
        text_add_hex(&sql, bytes, length);
        text_addf(&sql, "' AS %s)", type == TEXT ? "TEXT" : "BLOB");
    }
    text_add(&sql, where + table);
    test_sqlite(p.db_path, text_str(&sql));
    text_release(&sql);
}

static size_t read_column(const char *where, const char *column, int type, unsigned char bytes[256])
{
    char sql[120];
    char *text;
    size_t length;

    snprintf(sql, sizeof(sql), type == BLOB ? "SELECT hex(%s) FROM %s" : "SELECT %s FROM %s",
             column, where);
    text = test_sqlite_text(p.db_path, sql);
    length = type == NUMBER ? sizeof(int64_t) : type == BLOB ? strlen(text) / 2 : strlen(text);
    ck_assert_uint_le(length, 256);
    if (type == NUMBER) {
        int64_t number = strtoll(text, NULL, 10);

        memcpy(bytes, &number, sizeof(number));
    } else if (type == BLOB) {
        ck_assert(text_from_hex(bytes, length, text));
    } else {
        memcpy(bytes, text, length);
    }
    free(text);
    return length;
}

START_TEST(every_bit_counts)
{
    unsigned char bytes[256];
    size_t length;

    add("anna", "one");
    add("anna @ home", "two of three");
    add("anna", "three");
    forge("SELECT 1");
    length = read_column("audit WHERE seq=2", columns[_i].name, columns[_i].type, bytes);
    ck_assert_uint_gt(length, 0);
    for (size_t bit = 0; bit < length * 8; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        set_column("audit WHERE seq=2", columns[_i].name, columns[_i].type, bytes, length);
        verify_known(NULL);
        ck_assert_msg(report.broken == 2, "%s, bit %zu: %" PRId64 " %s", columns[_i].name, bit,
                      report.broken, report.why);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    set_column("audit WHERE seq=2", columns[_i].name, columns[_i].type, bytes, length);
    ck_whole(3, 0);
}
END_TEST

static const struct {
    const char *name;
    int type;
} mark_columns[] = {
    { "kind", TEXT },     { "seq", NUMBER }, { "at_ms", NUMBER },
    { "key_id", NUMBER }, { "mac", BLOB },   { "seal", BLOB },
};

static int64_t prune(int64_t before_ms);

/* Of the head and of the anchor: each changed bit is found, and the words name the mark or the row
 * that is missing by it. */
START_TEST(every_bit_of_a_mark_counts)
{
    static const char *const marks[] = { "audit_marks WHERE kind='head'",
                                         "audit_marks WHERE kind='anchor'" };
    const char *name = mark_columns[_i].name;
    unsigned char bytes[256];

    for (int i = 1; i <= 4; i++) {
        clock_fix(i * 1000);
        add("anna", "row");
    }
    ck_assert_int_eq(prune(2500), 2);
    clock_fix(-1);
    ck_whole(3, 0);
    forge("CREATE TABLE kept AS SELECT * FROM audit_marks");
    for (int m = 0; m < 2; m++) {
        size_t length = read_column(marks[m], name, mark_columns[_i].type, bytes);

        ck_assert_uint_gt(length, 0);
        for (size_t bit = 0; bit < length * 8; bit++) {
            bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            set_column(marks[m], name, mark_columns[_i].type, bytes, length);
            verify_known(NULL);
            ck_assert_msg(report.broken > 0, "%s, %s, bit %zu", marks[m], name, bit);
            ck_assert_msg(strstr(report.why, "mark of") || strstr(report.why, "is missing") ||
                              strstr(report.why, "Row "),
                          "%s", report.why);
            bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            test_sqlite(p.db_path,
                        "DELETE FROM audit_marks; INSERT INTO audit_marks SELECT * FROM kept");
        }
    }
    ck_whole(3, 0);
}
END_TEST

START_TEST(marks_are_sealed_too)
{
    static const char *const changes[] = {
        "UPDATE audit_marks SET seq=2",
        "UPDATE audit_marks SET at_ms=at_ms+1",
        "UPDATE audit_marks SET key_id=1",
        "UPDATE audit_marks SET seal=zeroblob(32)",
        "UPDATE audit_marks SET mac=(SELECT mac FROM audit WHERE seq=2)",
        "DELETE FROM audit_marks",
        "UPDATE audit_marks SET kind='anchor'",
    };

    for (int i = 0; i < 3; i++)
        add("anna", "row");
    forge("CREATE TABLE kept AS SELECT * FROM audit_marks");
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        forge(changes[i]);
        verify_known(NULL);
        ck_assert_msg(report.broken > 0, "%s", changes[i]);
        forge("DELETE FROM audit_marks; INSERT INTO audit_marks SELECT * FROM kept");
        ck_whole(3, 0);
    }
}
END_TEST

/* ---- rows */

START_TEST(what_is_gone_is_named)
{
    for (int i = 0; i < 5; i++)
        add("anna", "row");
    forge("CREATE TABLE kept AS SELECT * FROM audit");
    forge("DELETE FROM audit WHERE seq=3");
    ck_broken(3, "Row 3 is missing");
    forge("DELETE FROM audit WHERE seq=1");
    ck_broken(1, "Row 1 is missing");
    forge("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DELETE FROM audit WHERE seq>3");
    ck_broken(4, "Row 4 is missing");
    forge("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept");
    ck_whole(5, 0);
    /* Numbers closed up: the seals do not follow. */
    forge("DELETE FROM audit WHERE seq=3; UPDATE audit SET seq=3 WHERE seq=4; UPDATE audit SET "
          "seq=4 WHERE seq=5");
    ck_broken(3, "Row 3 was changed");
    forge("DELETE FROM audit");
    ck_broken(1, "Row 1 is missing");
}
END_TEST

START_TEST(what_was_added_or_moved_is_named)
{
    for (int i = 0; i < 4; i++)
        add("anna", i % 2 ? "odd" : "even");
    forge("CREATE TABLE kept AS SELECT * FROM audit");
    /* A row of our own making, with a seal taken from another. */
    forge("INSERT INTO audit SELECT 5, at_ms, church_id, 'bob', actor_kind, action, object, "
          "platform, outcome, detail, simulated, late,"
          " key_id, prev, mac FROM kept WHERE seq=4");
    ck_broken(5, "Row 5 was not written by ecclesia");
    /* And what comes after it is not taken for good. */
    add("anna", "after");
    ck_broken(5, "Row 5");
    forge("DELETE FROM audit WHERE seq>4");
    forge("DELETE FROM audit WHERE seq=2; INSERT INTO audit SELECT 2, at_ms, church_id, actor, "
          "actor_kind, action, object, platform, outcome,"
          " detail, simulated, late, key_id, prev, mac FROM kept WHERE seq=3");
    ck_broken(2, "Row 2 was changed");
}
END_TEST

/* Who cuts the end off, or everything, and mends the numbers, too: what is written afterwards does
 * not cover it up. */
START_TEST(what_goes_on_hides_nothing)
{
    static const char *const cuts[] = {
        /* The mark is set back to a row that is there. */
        "DELETE FROM audit WHERE seq>2; UPDATE sqlite_sequence SET seq=2 WHERE name='audit';"
        "UPDATE audit_marks SET seq=2, mac=(SELECT mac FROM audit WHERE seq=2) WHERE kind='head'",
        "DELETE FROM audit WHERE seq>2; UPDATE sqlite_sequence SET seq=2 WHERE name='audit'",
        /* As if nothing had ever been. */
        "DELETE FROM audit; DELETE FROM audit_marks; DELETE FROM sqlite_sequence WHERE "
        "name='audit'",
        "DELETE FROM audit; DELETE FROM sqlite_sequence WHERE name='audit';"
        "UPDATE audit_marks SET seq=0, mac=zeroblob(32)",
    };

    for (int i = 0; i < 4; i++)
        add("anna", "row");
    forge("CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE marks AS SELECT * FROM "
          "audit_marks");
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        forge(cuts[i]);
        verify_known(NULL);
        ck_assert_msg(report.broken > 0, "%s", cuts[i]);
        for (int more = 0; more < 6; more++)
            add("ben", "after");
        verify_known(NULL);
        ck_assert_msg(report.broken > 0, "%s, afterwards", cuts[i]);
        forge("DELETE FROM audit; DELETE FROM audit_marks; INSERT INTO audit SELECT * FROM kept;"
              "INSERT INTO audit_marks SELECT * FROM marks; UPDATE sqlite_sequence SET seq=4 WHERE "
              "name='audit'");
        ck_whole(4, 0);
    }
}
END_TEST

/* Dates made older, so that recent rows would be dropped as old ones: what is not as it was written
 * stays. */
START_TEST(nothing_forged_is_pruned)
{
    for (int i = 1; i <= 4; i++) {
        clock_fix(i * 1000000);
        add("anna", "row");
    }
    forge("DELETE FROM audit WHERE seq<4; UPDATE audit SET at_ms=5 WHERE seq=4");
    ck_assert_int_eq(prune(1000), 0);
    ck_broken(1, "Row 1 is missing");
    clock_fix(-1);
}
END_TEST

START_TEST(what_hides_behind_an_end_is_found)
{
    add("anna", "one");
    add("anna", "two");
    forge(
        "UPDATE audit SET detail=CAST(CAST(detail AS BLOB) || x'006d6f7265' AS TEXT) WHERE seq=2");
    ck_broken(2, "Row 2 was changed");
}
END_TEST

START_TEST(exchanged_rows_are_named)
{
    for (int i = 0; i < 4; i++)
        add("anna", i % 2 ? "odd" : "even");
    forge("UPDATE audit SET seq=100 WHERE seq=2; UPDATE audit SET seq=2 WHERE seq=3; UPDATE audit "
          "SET seq=3 WHERE seq=100");
    ck_broken(2, "Row 2 was changed");
}
END_TEST

/* A row that another database's key has sealed, under its number and with the right row before it.
 */
START_TEST(a_foreign_key_is_named)
{
    struct vault_place other;
    struct db *db;
    char *row, sql[3000];

    vault_place_make(&other);
    vault_place_unlock(&other);
    vault_audit_start(other.vault);
    for (int i = 0; i < 2; i++) {
        add("anna", "row");
        TEST_OK(db_begin(other.store, &db, &err), err);
        TEST_OK(audit_add(db, &(struct audit_row){ .actor = "mallory", .action = "x" }, &err), err);
        TEST_OK(db_commit(db, &err), err);
    }
    row = test_sqlite_text(other.db_path, "SELECT quote(mac) || ', at_ms=' || at_ms FROM audit "
                                          "WHERE seq=2");
    snprintf(sql, sizeof(sql),
             "UPDATE audit SET actor='mallory', action='x', object='', platform='', detail='',"
             " church_id='', mac=%s WHERE seq=2",
             row);
    free(row);
    forge(sql);
    ck_broken(2, "Row 2 was changed");
    vault_audit_stop(other.vault);
    vault_place_release(&other);
}
END_TEST

/* An older copy of the whole file is a whole chain: only a head noted elsewhere tells. */
START_TEST(an_older_copy_is_found_by_a_known_head)
{
    char head[100], other[100];
    struct db *db;

    add("anna", "one");
    add("anna", "two");
    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_OK(vault_audit_head(db, head, sizeof(head), &err), err);
    db_read_end(db);
    ck_assert(strncmp(head, "2:", 2) == 0 && strlen(head) == 66);
    verify_known(head);
    ck_assert_int_eq(report.broken, 0);
    add("anna", "three");
    verify_known(head);
    ck_assert_int_eq(report.broken, 0);
    snprintf(other, sizeof(other), "4%s", head + 1);
    verify_known(other);
    ck_assert_int_eq(report.broken, 4);
    snprintf(other, sizeof(other), "3%s", head + 1);
    verify_known(other);
    ck_assert_int_eq(report.broken, 3);
    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_FAILS(vault_audit_verify(p.vault, db, "3:beef", &report, &err), err, ERROR_INPUT);
    db_read_end(db);
}
END_TEST

/* ---- without the key */

START_TEST(rows_without_the_key_wait)
{
    struct vault_source wrong = { .key_file = test_path(test_dir(), "none.key") };
    struct db *db;
    char *late;

    add("anna", "one");
    vault_audit_stop(p.vault);
    vault_close(p.vault);
    TEST_OK(vault_open(&p.vault, p.store, &wrong, true, &err), err);
    vault_audit_start(p.vault);
    add("ben", "two");
    add("ben", "three");
    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_FAILS(vault_audit_verify(p.vault, db, NULL, &report, &err), err, ERROR_KEY_WRONG);
    db_read_end(db);
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_FAILS(vault_audit_seal(p.vault, db, &err), err, ERROR_KEY_WRONG);
    db_rollback(db);

    vault_audit_stop(p.vault);
    vault_close(p.vault);
    vault_place_unlock(&p);
    vault_audit_start(p.vault);
    ck_whole(3, 2);
    ck_assert_int_gt(report.waiting_since_ms, 0);
    /* What comes with the key seals them on its way, and does not hide that they came without. */
    add("anna", "four");
    ck_whole(4, 0);
    ck_assert_int_eq(report.late, 2);
    late = text_of("SELECT group_concat(late) FROM audit");
    ck_assert_str_eq(late, "0,1,1,0");
    free(late);
    vault_audit_stop(p.vault);
    add("carl", "five");
    vault_audit_start(p.vault);
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(vault_audit_seal(p.vault, db, &err), err);
    TEST_OK(db_commit(db, &err), err);
    ck_whole(5, 0);
    ck_assert_int_eq(report.late, 3);
    /* A row that lost its seal is not sealed again. */
    forge("UPDATE audit SET mac=x'', prev=x'' WHERE seq=2");
    add("anna", "six");
    ck_broken(2, "seal of row 2 was taken away");
}
END_TEST

static bool refuse(void *argument, struct db *db, int64_t first, struct error *why)
{
    (void)argument;
    (void)db;
    ck_assert_int_eq(first, 1);
    return error_set(why, ERROR_MEMORY, NULL, "No.");
}

START_TEST(what_cannot_be_audited_does_not_happen)
{
    struct db *db;
    char *left;

    store_on_seal(p.store, refuse, NULL);
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(db_run(db, &err, "UPDATE connections SET account_name='new'", ""), err);
    TEST_OK(audit_add(db, &(struct audit_row){ .actor = "anna", .action = "x" }, &err), err);
    TEST_FAILS(db_commit(db, &err), err, ERROR_MEMORY);
    /* A transaction without audit rows is not asked. */
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(db_run(db, &err, "UPDATE connections SET scopes='s'", ""), err);
    TEST_OK(db_commit(db, &err), err);
    left = text_of("SELECT count(*) || max(account_name) FROM connections");
    ck_assert_str_eq(left, "2");
    free(left);
    vault_audit_start(p.vault);
    ck_whole(0, 0);
}
END_TEST

/* ---- pruning, rotation */

static int64_t prune(int64_t before_ms)
{
    struct db *db;
    int64_t count;

    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(vault_audit_prune(p.vault, db, before_ms, "engine", &count, &err), err);
    TEST_OK(db_commit(db, &err), err);
    return count;
}

START_TEST(old_rows_go_and_an_anchor_stays)
{
    ck_assert_int_eq(prune(INT64_MAX), 0);
    for (int i = 1; i <= 6; i++) {
        clock_fix(i * 1000);
        add("anna", "row");
    }
    clock_fix(7000);
    ck_assert_int_eq(prune(1000), 0);
    ck_assert_int_eq(prune(4000), 3);
    ck_whole(4, 0);
    ck_assert_int_eq(report.pruned, 3);
    ck_assert_int_eq(report.head, 7);
    ck_assert_int_eq(prune(4000), 0);
    ck_whole(4, 0);
    ck_assert_int_eq(prune(5001), 2);
    ck_whole(3, 0);
    /* A prefix, whatever the clock did: row 9 is younger than what it follows. */
    clock_fix(2000);
    add("anna", "clock went back");
    clock_fix(9000);
    ck_assert_int_eq(prune(5500), 0);
    /* Everything, but for the row that tells of it. */
    ck_assert_int_eq(prune(10000), 4);
    ck_whole(1, 0);
    forge("UPDATE audit_marks SET seq=seq-1 WHERE kind='anchor'");
    verify_known(NULL);
    ck_assert_int_gt(report.broken, 0);
    clock_fix(-1);
}
END_TEST

START_TEST(rotations_do_not_void_it)
{
    struct rotate_report rotated;

    add("anna", "one");
    for (int i = 0; i < 2; i++) {
        TEST_OK(vault_rotate(p.vault, &(struct rotate_options){ .actor = "anna" }, &rotated, &err),
                err);
        rotate_report_release(&rotated);
    }
    add("anna", "last");
    ck_whole(8, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vault_audit");
    TCase *tcase = tcase_create("vault_audit");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, rows_are_sealed_as_they_are_written);
    tcase_add_test(tcase, the_store_refuses_changes);
    tcase_add_loop_test(tcase, every_bit_counts, 0, sizeof(columns) / sizeof(columns[0]));
    tcase_add_loop_test(tcase, every_bit_of_a_mark_counts, 0,
                        sizeof(mark_columns) / sizeof(mark_columns[0]));
    tcase_add_test(tcase, marks_are_sealed_too);
    tcase_add_test(tcase, what_is_gone_is_named);
    tcase_add_test(tcase, what_was_added_or_moved_is_named);
    tcase_add_test(tcase, what_goes_on_hides_nothing);
    tcase_add_test(tcase, nothing_forged_is_pruned);
    tcase_add_test(tcase, what_hides_behind_an_end_is_found);
    tcase_add_test(tcase, exchanged_rows_are_named);
    tcase_add_test(tcase, a_foreign_key_is_named);
    tcase_add_test(tcase, an_older_copy_is_found_by_a_known_head);
    tcase_add_test(tcase, rows_without_the_key_wait);
    tcase_add_test(tcase, what_cannot_be_audited_does_not_happen);
    tcase_add_test(tcase, old_rows_go_and_an_anchor_stays);
    tcase_add_test(tcase, rotations_do_not_void_it);
    suite_add_tcase(suite, tcase);
    return test_run(suite);
}

/* Every sealed field is opened, and each that was changed is named, whatever was changed of it. */
#include "rawsql.h"
#include "testlib.h"
#include "vaulttest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/vault/keys.h>

static struct error err;
static struct vault_place p;

static void setup(void)
{
    vault_place_make(&p);
    vault_place_unlock(&p);
    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", 3, "zoom's secret", 13);
    vault_place_put(&p, p.youtube, PLATFORM_YOUTUBE, "refresh_token", 3, "youtube's secret", 16);
    vault_place_put(&p, p.youtube, PLATFORM_YOUTUBE, "access_token", 4, "another", 7);
}

static void teardown(void)
{
    vault_place_release(&p);
}

struct found {
    int count;
    struct rotate_left first;
};

static bool note(void *argument, const struct rotate_left *finding)
{
    struct found *f = argument;

    if (f->count++ == 0)
        f->first = *finding;
    return true;
}

static struct found survey(void)
{
    struct found f = { .count = 0 };
    int64_t count;
    struct db *db;

    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_OK(vault_survey(p.vault, db, note, &f, &count, &err), err);
    db_read_end(db);
    ck_assert_int_eq(count, 3);
    return f;
}

/* kind: 'n' number, 't' text, 'b' blob. */
static const struct {
    const char *name;
    char kind;
} columns[] = { { "blob", 'b' },
                { "field", 't' },
                { "connection_id", 't' },
                { "generation", 'n' },
                { "key_id", 'n' } };

static void put(const char *column, char kind, const unsigned char *bytes, size_t length)
{
    struct text sql;
    int64_t number;

    text_init(&sql, 100000);
    text_addf(&sql, "PRAGMA foreign_keys=OFF; UPDATE secrets SET %s=", column);
    if (kind == 'n') {
        memcpy(&number, bytes, sizeof(number));
        text_addf(&sql, "%" PRId64, number);
    } else {
        text_add(&sql, "CAST(x'");
        text_add_hex(&sql, bytes, length);
        text_addf(&sql, "' AS %s)", kind == 't' ? "TEXT" : "BLOB");
    }
    text_add(&sql, " WHERE rowid=2");
    test_sqlite(p.db_path, text_str(&sql));
    text_release(&sql);
}

static size_t take(const char *column, char kind, unsigned char bytes[512])
{
    char sql[100];
    char *text;
    size_t length;

    snprintf(sql, sizeof(sql),
             kind == 'b' ? "SELECT hex(%s) FROM secrets WHERE rowid=2"
                         : "SELECT %s FROM secrets WHERE rowid=2",
             column);
    text = test_sqlite_text(p.db_path, sql);
    length = strlen(text);
    if (kind == 'b') {
        length /= 2;
        ck_assert(text_from_hex(bytes, length, text));
    } else if (kind == 'n') {
        int64_t number = strtoll(text, NULL, 10);

        length = sizeof(number);
        memcpy(bytes, &number, length);
    } else {
        memcpy(bytes, text, length);
    }
    free(text);
    return length;
}

START_TEST(every_bit_of_a_row_counts)
{
    unsigned char bytes[512];
    size_t length = take(columns[_i].name, columns[_i].kind, bytes);

    ck_assert_int_eq(survey().count, 0);
    for (size_t bit = 0; bit < length * 8; bit++) {
        struct found f;

        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        put(columns[_i].name, columns[_i].kind, bytes, length);
        f = survey();
        ck_assert_msg(f.count == 1, "%s, bit %zu: %d findings", columns[_i].name, bit, f.count);
        ck_assert_str_ne(f.first.why.message, "");
        ck_assert_str_ne(f.first.why.remedy, "");
        ck_assert_ptr_null(strstr(f.first.why.message, "youtube's"));
        if (columns[_i].kind == 'b') {
            ck_assert_str_eq(f.first.field, "refresh_token");
            ck_assert(id_equal(f.first.connection, p.youtube));
            ck_assert(f.first.platform == PLATFORM_YOUTUBE && f.first.generation == 3);
        }
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    put(columns[_i].name, columns[_i].kind, bytes, length);
    ck_assert_int_eq(survey().count, 0);
}
END_TEST

/* Each exchange of two good rows is found, too. */
START_TEST(exchanged_rows_are_both_named)
{
    test_sqlite(
        p.db_path,
        "CREATE TABLE kept AS SELECT rowid AS r, blob FROM secrets;"
        "UPDATE secrets SET blob=(SELECT blob FROM kept WHERE r=3-secrets.rowid) WHERE rowid<3");
    ck_assert_int_eq(survey().count, 2);
}
END_TEST

static bool is_odd(int64_t id)
{
    struct key_info *list = NULL;
    size_t count = 0;
    bool odd = false;
    struct db *db;

    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_OK(vault_keys(db, &list, &count, &err), err);
    db_read_end(db);
    for (size_t i = 0; i < count; i++) {
        odd = odd || (list[i].odd && list[i].id == id);
        ck_assert(!list[i].odd || list[i].id == id || id == 1);
    }
    free(list);
    return odd;
}

/* Of the columns beside the wrapped key, of the first key and of another: the vault names the key
 * and does not open, or the list of keys does. When it was made is not sealed. */
START_TEST(every_bit_of_a_keys_row_counts)
{
    struct vault_source source = { .key_file = p.key_path };
    static const struct {
        const char *name;
        char kind;
    } beside[] = { { "purpose", 't' }, { "source", 't' }, { "state", 't' },
                   { "salt", 'b' },    { "ops", 'n' },    { "mem", 'n' } };
    const char *name = beside[_i].name;

    for (int id = 1; id <= 3; id += 2) {
        char *before, select[100], sql[300];
        size_t bits;

        snprintf(select, sizeof(select),
                 beside[_i].kind == 'n' ? "SELECT %s FROM keys WHERE id=%d"
                                        : "SELECT hex(%s) FROM keys WHERE id=%d",
                 name, id);
        before = test_sqlite_text(p.db_path, select);
        bits = beside[_i].kind == 'n' ? 63 : strlen(before) * 4;
        ck_assert_uint_gt(bits, 0);
        for (size_t bit = 0; bit < bits; bit++) {
            unsigned char bytes[64];
            struct vault *v = NULL;
            struct text t;

            if (beside[_i].kind == 'n') {
                snprintf(sql, sizeof(sql), "UPDATE keys SET %s=%" PRId64 " WHERE id=%d", name,
                         (int64_t)strtoll(before, NULL, 10) ^ (INT64_C(1) << bit), id);
            } else {
                ck_assert(text_from_hex(bytes, bits / 8, before));
                bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
                text_init(&t, 300);
                text_add_hex(&t, bytes, bits / 8);
                snprintf(sql, sizeof(sql),
                         "PRAGMA ignore_check_constraints=ON; UPDATE keys SET %s=CAST(x'%s' AS %s) "
                         "WHERE id=%d",
                         name, text_str(&t), beside[_i].kind == 't' ? "TEXT" : "BLOB", id);
                text_release(&t);
            }
            test_sqlite(p.db_path, sql);
            error_clear(&err);
            if (!vault_open(&v, p.store, &source, false, &err)) {
                snprintf(select, sizeof(select), "ey %d of", id);
                ck_assert_msg(strstr(err.message, select) != NULL, "%s, bit %zu: %s", name, bit,
                              err.message);
            } else {
                ck_assert_msg(is_odd(id), "%s of key %d, bit %zu", name, id, bit);
            }
            vault_close(v);
            if (beside[_i].kind == 'n')
                snprintf(sql, sizeof(sql), "UPDATE keys SET %s=%s WHERE id=%d", name, before, id);
            else
                snprintf(sql, sizeof(sql),
                         "PRAGMA ignore_check_constraints=ON; UPDATE keys SET %s=CAST(x'%s' AS %s) "
                         "WHERE id=%d",
                         name, before, beside[_i].kind == 't' ? "TEXT" : "BLOB", id);
            test_sqlite(p.db_path, sql);
        }
        free(before);
        ck_assert(!is_odd(id));
    }
}
END_TEST

/* Bits of wrapped keys, of each purpose, lock the vault, which names the key. */
START_TEST(every_bit_of_a_key_counts)
{
    struct vault_source source = { .key_file = p.key_path };
    static const char *const names[] = { "wrapped", "kcv" };
    unsigned char bytes[512];
    struct vault *v;

    for (int i = 0; i < 6; i++) {
        char sql[1200], select[100], *hex;
        int id = 1 + i / 2;
        size_t length;

        snprintf(select, sizeof(select), "SELECT hex(%s) FROM keys WHERE id=%d", names[i % 2], id);
        hex = test_sqlite_text(p.db_path, select);
        length = strlen(hex) / 2;
        ck_assert(text_from_hex(bytes, length, hex));
        for (size_t bit = 0; bit <= length * 8; bit++) {
            struct text t;

            if (bit > 0)
                bytes[(bit - 1) / 8] ^= (unsigned char)(1 << (bit - 1) % 8);
            if (bit < length * 8)
                bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            text_init(&t, 1000);
            text_add_hex(&t, bytes, length);
            snprintf(sql, sizeof(sql), "UPDATE keys SET %s=x'%s' WHERE id=%d", names[i % 2],
                     text_str(&t), id);
            text_release(&t);
            test_sqlite(p.db_path, sql);
            if (bit == length * 8)
                break;
            error_clear(&err);
            ck_assert(!vault_open(&v, p.store, &source, false, &err));
            snprintf(select, sizeof(select), "ey %d of", id);
            ck_assert_msg(strstr(err.message, select) != NULL, "%s, bit %zu: %s", names[i % 2], bit,
                          err.message);
        }
        free(hex);
    }
    TEST_OK(vault_open(&v, p.store, &source, false, &err), err);
    vault_close(v);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vault_survey");
    TCase *tcase = tcase_create("vault_survey");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, every_bit_of_a_row_counts, 0, sizeof(columns) / sizeof(columns[0]));
    tcase_add_test(tcase, exchanged_rows_are_both_named);
    tcase_add_test(tcase, every_bit_of_a_key_counts);
    tcase_add_loop_test(tcase, every_bit_of_a_keys_row_counts, 0, 6);
    suite_add_tcase(suite, tcase);
    return test_run(suite);
}

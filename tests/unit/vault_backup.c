/* Backup files: what goes in comes out, or nothing does. */
#include "testlib.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/vault/backup.h>

static struct error err;
static const char *database, *file, *out;
static struct secret *words;

static void setup(void)
{
    const char *directory = test_dir();

    ck_assert_int_ge(sodium_init(), 0);
    database = test_path(directory, "database");
    file = test_path(directory, "file");
    out = test_path(directory, "out");
    words = secret_new("words", 5);
}

static void teardown(void)
{
    secret_free(words);
}

static unsigned char *make(size_t size)
{
    unsigned char *bytes = malloc(size);

    ck_assert_ptr_nonnull(bytes);
    randombytes_buf(bytes, size);
    test_write_file(database, bytes, size);
    return bytes;
}

static void write_it(size_t size, const struct secret *passphrase)
{
    struct backup_head head = { .made_ms = 1795343321000,
                                .version = "9.9",
                                .store_id = id_new(),
                                .schema = 2,
                                .size = (int64_t)size,
                                .audit_head = "1:aa",
                                .key_source = "file" };

    unlink(file);
    TEST_OK(backup_write(file, database, &head, passphrase, &err), err);
}

static void ck_comes_back(const unsigned char *bytes, size_t size, const struct secret *passphrase)
{
    size_t length;
    char *got;
    struct stat st;

    unlink(out);
    TEST_OK(backup_read(file, passphrase, out, &err), err);
    ck_assert(stat(out, &st) == 0 && (st.st_mode & 0777) == 0600);
    got = test_read_file(out, &length);
    ck_assert_uint_eq(length, size);
    ck_assert_mem_eq(got, bytes, size);
    free(got);
}

static void ck_refused(const struct secret *passphrase)
{
    unlink(out);
    error_clear(&err);
    ck_assert(!backup_read(file, passphrase, out, &err));
    ck_assert_msg(err.kind == ERROR_STORE || err.kind == ERROR_STORE_FOREIGN ||
                      err.kind == ERROR_INPUT,
                  "%s", err.message);
    ck_assert_str_ne(err.remedy, "");
    ck_assert_int_eq(access(out, F_OK), -1);
}

START_TEST(every_size_comes_back)
{
    static const size_t sizes[] = { 1, 4096, 65535, 65536, 65537, 131072, 200000 };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *bytes = make(sizes[i]);
        struct backup_head head;
        struct stat st;

        write_it(sizes[i], NULL);
        ck_assert(stat(file, &st) == 0 && (st.st_mode & 0777) == 0600);
        TEST_OK(backup_look(file, &head, &err), err);
        ck_assert(!head.encrypted && head.size == (int64_t)sizes[i] && head.schema == 2 &&
                  head.made_ms == 1795343321000);
        ck_assert_str_eq(head.audit_head, "1:aa");
        ck_assert_str_eq(head.version, "9.9");
        ck_comes_back(bytes, sizes[i], NULL);
        if (i >= 3 && i <= 5) {
            write_it(sizes[i], words);
            ck_comes_back(bytes, sizes[i], words);
        }
        free(bytes);
    }
}
END_TEST

START_TEST(a_file_that_is_there_stays)
{
    unsigned char *bytes = make(10);
    struct backup_head head = { .size = 10 };
    char *there;

    test_write_file(file, "mine", 4);
    TEST_FAILS(backup_write(file, database, &head, NULL, &err), err, ERROR_REFUSED);
    there = test_read_file(file, NULL);
    ck_assert_str_eq(there, "mine");
    write_it(10, NULL);
    test_write_file(out, "mine", 4);
    TEST_FAILS(backup_read(file, NULL, out, &err), err, ERROR_STORE);
    free(there);
    there = test_read_file(out, NULL);
    ck_assert_str_eq(there, "mine");
    free(there);
    free(bytes);
}
END_TEST

START_TEST(every_bit_counts)
{
    unsigned char *bytes = make(300);
    size_t length;
    char *whole;

    write_it(300, NULL);
    whole = test_read_file(file, &length);
    for (size_t bit = 0; bit < length * 8; bit++) {
        whole[bit / 8] = (char)(whole[bit / 8] ^ (1 << bit % 8));
        test_write_file(file, whole, length);
        ck_refused(NULL);
        whole[bit / 8] = (char)(whole[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t cut = 0; cut < length; cut++) {
        test_write_file(file, whole, cut);
        ck_refused(NULL);
    }
    test_write_file(file, whole, length);
    ck_comes_back(bytes, 300, NULL);
    free(whole);
    free(bytes);
}
END_TEST

/* Each look costs a second by design: some of each part. */
START_TEST(an_encrypted_one_too)
{
    unsigned char *bytes = make(70000);
    struct secret *other = secret_new("wordz", 5);
    struct backup_head head;
    size_t length, front;
    char *whole;

    write_it(70000, words);
    TEST_OK(backup_look(file, &head, &err), err);
    ck_assert(head.encrypted);
    whole = test_read_file(file, &length);
    ck_assert(memmem(whole, length, bytes, 16) == NULL);
    front = length - 70000 - 24 - 2 * 17;
    const size_t places[] = {
        front - 3, front, front + 30, front + 24 + 65536 + 16, front + 24 + 65536 + 18, length - 1
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        whole[places[i]] = (char)(whole[places[i]] ^ 4);
        test_write_file(file, whole, length);
        ck_refused(words);
        whole[places[i]] = (char)(whole[places[i]] ^ 4);
    }
    /* Whole chunks cut off at the end: the final tag is missed. */
    test_write_file(file, whole, front + 24 + 65536 + 17);
    ck_refused(words);
    test_write_file(file, whole, length);
    ck_refused(NULL);
    ck_refused(other);
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    ck_comes_back(bytes, 70000, words);
    secret_free(other);
    free(whole);
    free(bytes);
}
END_TEST

START_TEST(a_trap_is_not_stepped_into)
{
    static const char *const heads[] = {
        "ECCLESIA BACKUP 1\n\xff\xff\xff\xff{}",
        "ECCLESIA BACKUP 1\n\0\0\0\x02{}",
        "ECCLESIA BACKUP 2\n\0\0\0\x02{}",
        "SQLite format 3",
    };
    static const size_t lengths[] = { 24, 24, 24, 16 };

    for (size_t i = 0; i < 4; i++) {
        test_write_file(file, heads[i], lengths[i]);
        ck_refused(NULL);
        ck_assert_int_eq(err.kind, i < 2 ? ERROR_STORE : ERROR_STORE_FOREIGN);
    }
}
END_TEST

TEST_MAIN_FIXTURE("vault_backup", setup, teardown, every_size_comes_back,
                  a_file_that_is_there_stays, every_bit_counts, an_encrypted_one_too,
                  a_trap_is_not_stepped_into)

/* Envelopes: what a sign-in under way remembers and tokens that the store could not take. They
 * outlive both rotations, open nowhere but where they were sealed for, and each changed bit is
 * found. */
#include "testlib.h"
#include "vaulttest.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/store/refresh.h>
#include <ecclesia/vault/envelope.h>
#include <ecclesia/vault/keys.h>

static struct error err;
static struct vault_place p;
static unsigned char *blob;
static size_t length;

static const char label[] = "ec-test-v1", subject[] = "whose it is",
                  plain[] = "MARKER of an envelope";

static void setup(void)
{
    vault_place_make(&p);
    vault_place_unlock(&p);
    TEST_OK(envelope_seal(p.vault, label, subject, plain, strlen(plain), &blob, &length, &err),
            err);
}

static void teardown(void)
{
    free(blob);
    blob = NULL;
    vault_place_release(&p);
}

static void ck_opens(struct vault *v)
{
    struct secret *s = NULL;

    TEST_OK(envelope_open(v, label, subject, blob, length, &s, &err), err);
    ck_assert_str_eq(secret_text(s), plain);
    secret_free(s);
}

static enum error_kind open_as(struct vault *v, const char *as, const char *of, size_t bytes)
{
    struct secret *s = NULL;

    error_clear(&err);
    ck_assert(!envelope_open(v, as, of, blob, bytes, &s, &err));
    ck_assert_ptr_null(s);
    ck_assert_str_ne(err.message, "");
    ck_assert_str_ne(err.remedy, "");
    ck_assert_ptr_null(strstr(err.message, "MARKER"));
    return err.kind;
}

static bool words(void *argument, struct secret **out, struct error *why)
{
    (void)argument;
    (void)why;
    *out = secret_new("in the name", 11);
    return true;
}

static void rotate(unsigned what, const char *to)
{
    struct rotate_report report;

    TEST_OK(vault_rotate(
                p.vault,
                &(struct rotate_options){ .what = what, .to = to, .actor = "tester", .ask = words },
                &report, &err),
            err);
    rotate_report_release(&report);
}

/* As a program that starts. */
static void reopen(const char *passphrase)
{
    struct vault_source source = { .key_file = p.key_path, .passphrase = passphrase };

    vault_close(p.vault);
    p.vault = NULL;
    TEST_OK(vault_open(&p.vault, p.store, &source, false, &err), err);
}

START_TEST(comes_out_as_it_went_in)
{
    ck_opens(p.vault);
    ck_assert_ptr_null(memmem(blob, length, "MARKER", 6));
    reopen(NULL);
    ck_opens(p.vault);
    error_clear(&err);
    ck_assert(!envelope_seal(p.vault, label, subject, "", 0, &blob, &length, &err));
    ck_assert_int_eq(err.kind, ERROR_INPUT);
}
END_TEST

START_TEST(every_bit_counts)
{
    for (size_t bit = 0; bit < length * 8; bit++) {
        enum error_kind kind;

        blob[bit / 8] ^= (unsigned char)(1 << bit % 8);
        kind = open_as(p.vault, label, subject, length);
        ck_assert_msg(kind == ERROR_SECRET_TAMPERED || kind == ERROR_SECRET_FORMAT, "bit %zu: %s",
                      bit, err.message);
        blob[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < length; cut++)
        ck_assert_int_ne(open_as(p.vault, label, subject, cut), ERROR_NONE);
    ck_opens(p.vault);
}
END_TEST

START_TEST(opens_for_nothing_else)
{
    struct vault_place other;

    ck_assert_int_eq(open_as(p.vault, "ec-test-v2", subject, length), ERROR_SECRET_TAMPERED);
    ck_assert_int_eq(open_as(p.vault, label, "somebody else", length), ERROR_SECRET_TAMPERED);
    ck_assert_int_eq(open_as(p.vault, "ec-test-v1whose", " it is", length), ERROR_SECRET_TAMPERED);
    vault_place_make(&other);
    vault_place_unlock(&other);
    ck_assert_int_eq(open_as(other.vault, label, subject, length), ERROR_SECRET_TAMPERED);
    vault_place_release(&other);
}
END_TEST

/* A field's blob is no envelope, an envelope no field's blob: their keys differ. */
START_TEST(is_no_field)
{
    struct secret *s = NULL;
    struct db *db;

    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", 1, plain, strlen(plain));
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(db_run(db, &err, "UPDATE secrets SET blob=$1", "b", (const void *)blob, length), err);
    TEST_OK(db_commit(db, &err), err);
    ck_assert(!vault_place_get(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", &s, &err));
    ck_assert_int_eq(err.kind, ERROR_SECRET_TAMPERED);
}
END_TEST

START_TEST(outlives_each_rotation)
{
    struct vault_source source = { .key_file = p.key_path };
    struct vault *longer;

    TEST_OK(vault_open(&longer, p.store, &source, false, &err), err);
    rotate(ROTATE_DATA, NULL);
    ck_opens(p.vault);
    ck_opens(longer);
    rotate(ROTATE_MASTER, NULL);
    ck_opens(longer);
    reopen(NULL);
    ck_opens(p.vault);
    rotate(ROTATE_MASTER | ROTATE_DATA, "passphrase");
    reopen("in the name");
    ck_opens(p.vault);
    rotate(ROTATE_MASTER | ROTATE_DATA, "file");
    reopen(NULL);
    ck_opens(p.vault);
    vault_close(longer);
}
END_TEST

/* What was put beside the database before a rotation is read after it. */
START_TEST(a_spilled_one_outlives_rotations)
{
    struct secret *s = NULL;
    void *bytes = NULL;
    size_t size = 0;

    TEST_OK(spill_write(p.store, p.zoom, blob, length, &err), err);
    rotate(0, NULL);
    rotate(0, NULL);
    reopen(NULL);
    ck_assert(spill_read(p.store, p.zoom, &bytes, &size));
    TEST_OK(envelope_open(p.vault, label, subject, bytes, size, &s, &err), err);
    ck_assert_str_eq(secret_text(s), plain);
    secret_free(s);
    free(bytes);
    spill_remove(p.store, p.zoom);
    ck_assert(!spill_read(p.store, p.zoom, &bytes, &size));
}
END_TEST

START_TEST(a_locked_vault_says_so)
{
    struct vault_source none = { .key_file = test_path(test_dir(), "none.key") };
    struct vault *locked;

    TEST_OK(vault_open(&locked, p.store, &none, true, &err), err);
    ck_assert_int_eq(open_as(locked, label, subject, length), ERROR_KEY_WRONG);
    vault_close(locked);
}
END_TEST

TEST_MAIN_FIXTURE("vault_envelope", setup, teardown, comes_out_as_it_went_in, every_bit_counts,
                  opens_for_nothing_else, is_no_field, outlives_each_rotation,
                  a_spilled_one_outlives_rotations, a_locked_vault_says_so)

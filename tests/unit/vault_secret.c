/* Sealed fields: what goes in comes out; what was changed or moved does not open. */
#include "testlib.h"
#include "vaulttest.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/store/secret_rows.h>

#include "store/private.h"
#include "vault/private.h"

static struct error err;
static struct vault_place p;

static void setup(void)
{
    vault_place_make(&p);
    vault_place_unlock(&p);
}

static void teardown(void)
{
    vault_place_release(&p);
}

static struct secret_row row_of(struct id connection, const char *field)
{
    struct secret_row row;
    struct db *db;

    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_OK(secret_row_get(db, connection, field, &row, &err), err);
    db_read_end(db);
    return row;
}

static void put_row(const struct secret_row *row)
{
    struct db *db;

    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(secret_row_put(db, row, &err), err);
    TEST_OK(db_commit(db, &err), err);
}

static void ck_opens(struct id connection, enum platform_id platform, const char *field,
                     const void *plain, size_t length)
{
    struct secret *s = NULL;

    TEST_OK(vault_place_get(&p, connection, platform, field, &s, &err), err);
    ck_assert_uint_eq(secret_length(s), length);
    ck_assert_int_eq(memcmp(secret_text(s), plain, length), 0);
    ck_assert_int_eq(secret_text(s)[length], '\0');
    secret_free(s);
}

static void ck_refuses(struct id connection, enum platform_id platform, const char *field,
                       enum error_kind kind)
{
    struct secret *s = NULL;

    TEST_FAILS(vault_place_get(&p, connection, platform, field, &s, &err), err, kind);
    ck_assert_ptr_null(s);
    ck_assert_str_eq(err.platform, platform_slug(platform));
    ck_assert_msg(strstr(err.message, field) && strstr(err.message, platform_name(platform)), "%s",
                  err.message);
    ck_assert_str_ne(err.remedy, "");
}

START_TEST(comes_out_as_it_went_in)
{
    static const size_t lengths[] = { 1, 2, 63, 64, 65, 127, 128, 1000, PLAIN_MOST };
    unsigned char plain[PLAIN_MOST + 1];
    struct error why;
    struct db *db;

    randombytes_buf(plain, sizeof(plain));
    plain[0] = '\0';
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", 1, plain, lengths[i]);
        ck_opens(p.zoom, PLATFORM_ZOOM, "refresh_token", plain, lengths[i]);
    }
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_FAILS(vault_put(p.vault, db, p.zoom, PLATFORM_ZOOM, "code", 1, plain, sizeof(plain), &why),
               why, ERROR_INPUT);
    TEST_FAILS(vault_put(p.vault, db, p.zoom, PLATFORM_ZOOM, "code", 1, "", 0, &why), why,
               ERROR_INPUT);
    ck_assert_str_eq(why.message, "The code is empty.");
    TEST_FAILS(vault_put(p.vault, db, p.zoom, PLATFORM_ZOOM, "", 1, "x", 1, &why), why,
               ERROR_INTERNAL);
    TEST_FAILS(
        vault_put(
            p.vault, db, p.zoom, PLATFORM_ZOOM,
            "a name that is longer than any field of any platform could ever want to have, truly",
            1, "x", 1, &why),
        why, ERROR_INTERNAL);
    TEST_OK(db_commit(db, &err), err);
    ck_refuses(p.zoom, PLATFORM_ZOOM, "code", ERROR_MISSING);
}
END_TEST

/* Bytes laid out by hand from the description, opened by libsodium alone. */
START_TEST(the_form_is_as_described)
{
    struct secret_row row;
    const struct vault_key *key = keys_newest(p.vault, "secret");
    unsigned char aad[256], plain[64], nonce[24];
    unsigned char header[8] = { 'E', 'C', 1, 1, 0, 0, 0, (unsigned char)key->id };
    unsigned char *blob;
    size_t length = 0;
    const struct id store = store_id(p.store);

    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "access_token", 258, "hello", 5);
    row = row_of(p.zoom, "access_token");
    blob = row.blob;
    ck_assert_uint_eq(row.length, 8 + 24 + 64 + 16);
    ck_assert_int_eq(row.key_id, key->id);
    ck_assert_int_eq(memcmp(blob, header, 8), 0);
#define PUT(bytes, count) (memcpy(aad + length, bytes, count), length += (count))
    PUT("ec-secret-v1", 12);
    PUT(header, 8);
    TEST_OK(text_from_hex(aad + length, 16, store.hex), err);
    length += 16;
    PUT("\0\x20", 2);
    PUT(p.zoom.hex, 32);
    PUT("\0\x04zoom", 6);
    PUT("\0\x0c"
        "access_token",
        14);
    PUT("\0\0\0\0\0\0\1\2", 8);
#undef PUT
    memcpy(nonce, blob + 8, 24);
    ck_assert_int_eq(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, blob + 32, 80,
                                                                aad, length, nonce, key->bytes),
                     0);
    ck_assert_int_eq(memcmp(plain, "hello\x80\0\0", 8), 0);
    secret_row_release(&row);
    /* The same once more: another nonce, another blob. */
    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "access_token", 258, "hello", 5);
    row = row_of(p.zoom, "access_token");
    ck_assert_int_ne(memcmp(nonce, (unsigned char *)row.blob + 8, 24), 0);
    secret_row_release(&row);
}
END_TEST

START_TEST(the_newest_generation_is_got)
{
    struct db *db;
    int count;

    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", 9, "nine", 4);
    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", 10, "ten", 3);
    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "access_token", 9, "other", 5);
    ck_opens(p.zoom, PLATFORM_ZOOM, "refresh_token", "ten", 3);
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(secret_row_prune(db, p.zoom, 9, &err), err);
    ck_assert_int_eq(db_changes(db), 0);
    TEST_OK(secret_row_prune(db, p.zoom, 99, &err), err);
    ck_assert_int_eq(db_changes(db), 1);
    TEST_OK(vault_check(p.vault, db, p.zoom, PLATFORM_ZOOM, &count, &err), err);
    ck_assert_int_eq(count, 2);
    TEST_OK(db_commit(db, &err), err);
    ck_opens(p.zoom, PLATFORM_ZOOM, "refresh_token", "ten", 3);
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(secret_row_delete(db, p.zoom, "refresh_token", &err), err);
    TEST_OK(db_commit(db, &err), err);
    ck_refuses(p.zoom, PLATFORM_ZOOM, "refresh_token", ERROR_MISSING);
    ck_opens(p.zoom, PLATFORM_ZOOM, "access_token", "other", 5);
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(secret_row_delete(db, p.zoom, NULL, &err), err);
    TEST_OK(db_commit(db, &err), err);
    ck_refuses(p.zoom, PLATFORM_ZOOM, "access_token", ERROR_MISSING);
}
END_TEST

/* ---- changed */

/* The changed blob must be refused in words, not as something else. */
static void ck_changed(struct secret_row *row)
{
    struct secret *s = NULL;

    put_row(row);
    error_clear(&err);
    ck_assert(!vault_place_get(&p, p.zoom, PLATFORM_ZOOM, "stream_key", &s, &err));
    ck_assert_ptr_null(s);
    ck_assert(err.kind == ERROR_SECRET_TAMPERED || err.kind == ERROR_SECRET_FORMAT);
    ck_assert(strstr(err.message, "stream_key") && strstr(err.message, "Zoom"));
    ck_assert(strstr(err.message, "abcd-efgh") == NULL);
}

START_TEST(every_bit_counts)
{
    struct secret_row row;
    unsigned char *blob;

    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "stream_key", 1, "abcd-efgh-ijkl", 14);
    row = row_of(p.zoom, "stream_key");
    blob = row.blob;
    for (size_t bit = 0; bit < row.length * 8; bit++) {
        blob[bit / 8] ^= (unsigned char)(1 << bit % 8);
        ck_changed(&row);
        /* Nonce, text and tag: tampering. The head: a form, or a key, that we do not know. */
        if (bit >= 64)
            ck_assert_int_eq(err.kind, ERROR_SECRET_TAMPERED);
        else if (bit < 32)
            ck_assert_int_eq(err.kind, ERROR_SECRET_FORMAT);
        blob[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    put_row(&row);
    ck_opens(p.zoom, PLATFORM_ZOOM, "stream_key", "abcd-efgh-ijkl", 14);
    secret_row_release(&row);
}
END_TEST

START_TEST(every_length_counts)
{
    struct secret_row row, changed;
    unsigned char longer[400] = { 0 };

    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "stream_key", 1, "abcd-efgh-ijkl", 14);
    row = changed = row_of(p.zoom, "stream_key");
    memcpy(longer, row.blob, row.length);
    changed.blob = longer;
    for (changed.length = 0; changed.length < sizeof(longer); changed.length++)
        if (changed.length != row.length)
            ck_changed(&changed);
    secret_row_release(&row);
}
END_TEST

/* ---- moved */

START_TEST(a_row_that_was_moved_does_not_open)
{
    struct secret_row row, moved;

    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", 5, "secret", 6);
    row = moved = row_of(p.zoom, "refresh_token");

    moved.connection = p.youtube;
    put_row(&moved);
    ck_refuses(p.youtube, PLATFORM_ZOOM, "refresh_token", ERROR_SECRET_TAMPERED);
    ck_refuses(p.youtube, PLATFORM_YOUTUBE, "refresh_token", ERROR_SECRET_TAMPERED);

    moved = row;
    snprintf(moved.field, sizeof(moved.field), "access_token");
    put_row(&moved);
    ck_refuses(p.zoom, PLATFORM_ZOOM, "access_token", ERROR_SECRET_TAMPERED);

    /* The platform stands in the connection's row, which could be changed too. */
    ck_refuses(p.zoom, PLATFORM_TEAMS, "refresh_token", ERROR_SECRET_TAMPERED);
    ck_opens(p.zoom, PLATFORM_ZOOM, "refresh_token", "secret", 6);

    moved = row;
    moved.generation = 6;
    put_row(&moved);
    ck_refuses(p.zoom, PLATFORM_ZOOM, "refresh_token", ERROR_SECRET_TAMPERED);

    moved = row;
    moved.generation = 7;
    moved.key_id = row.key_id + 1;
    put_row(&moved);
    ck_refuses(p.zoom, PLATFORM_ZOOM, "refresh_token", ERROR_SECRET_TAMPERED);
    secret_row_release(&row);
}
END_TEST

/* Two stores with the same keys, as only somebody who can open both could make: still not the same.
 */
START_TEST(a_row_of_another_store_does_not_open)
{
    const struct vault_key *key = keys_newest(p.vault, "secret");
    unsigned char other_id[STORE_ID_BYTES];
    struct secret_row row = {
        .connection = p.zoom, .field = "refresh_token", .generation = 1, .key_id = key->id
    };
    unsigned char *blob;

    for (int own = 1; own >= 0; own--) {
        struct binding b;

        memcpy(other_id, p.vault->store_id, sizeof(other_id));
        other_id[15] ^= own ? 0 : 1;
        binding_start(&b, "ec-secret-v1", (uint32_t)key->id, other_id);
        binding_add(&b, p.zoom.hex);
        binding_add(&b, "zoom");
        binding_add(&b, "refresh_token");
        binding_add_u64(&b, 1);
        ck_assert(blob_seal(key->bytes, (uint32_t)key->id, &b, "secret", 6, &blob, &row.length));
        row.blob = blob;
        put_row(&row);
        secret_row_release(&row);
        if (own)
            ck_opens(p.zoom, PLATFORM_ZOOM, "refresh_token", "secret", 6);
        else
            ck_refuses(p.zoom, PLATFORM_ZOOM, "refresh_token", ERROR_SECRET_TAMPERED);
    }
}
END_TEST

START_TEST(a_key_that_is_gone_is_named)
{
    struct secret_row row;

    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", 1, "secret", 6);
    row = row_of(p.zoom, "refresh_token");
    ((unsigned char *)row.blob)[7] = 77;
    row.key_id = 77;
    put_row(&row);
    ck_refuses(p.zoom, PLATFORM_ZOOM, "refresh_token", ERROR_SECRET_FORMAT);
    ck_assert_msg(strstr(err.message, "key 77") != NULL, "%s", err.message);
    /* A key of another purpose seals nothing. */
    row.key_id = keys_newest(p.vault, "token")->id;
    ((unsigned char *)row.blob)[7] = (unsigned char)row.key_id;
    put_row(&row);
    ck_refuses(p.zoom, PLATFORM_ZOOM, "refresh_token", ERROR_SECRET_FORMAT);
    secret_row_release(&row);
}
END_TEST

/* ---- checked */

static bool check(struct id connection, int *count)
{
    struct db *db;
    bool ok;

    TEST_OK(db_read(p.store, &db, &err), err);
    error_clear(&err);
    ok = vault_check(p.vault, db, connection, PLATFORM_ZOOM, count, &err);
    db_read_end(db);
    return ok;
}

START_TEST(check_opens_every_row)
{
    struct secret_row row;
    int count = -1;

    ck_assert(check(p.zoom, &count));
    ck_assert_int_eq(count, 0);
    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "a", 1, "x", 1);
    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "b", 1, "x", 1);
    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "b", 2, "x", 1);
    vault_place_put(&p, p.youtube, PLATFORM_YOUTUBE, "b", 2, "x", 1);
    ck_assert(check(p.zoom, &count));
    ck_assert_int_eq(count, 3);
    row = row_of(p.zoom, "a");
    ((unsigned char *)row.blob)[row.length - 1] ^= 1;
    put_row(&row);
    secret_row_release(&row);
    row = row_of(p.zoom, "b");
    ((unsigned char *)row.blob)[0] ^= 1;
    put_row(&row);
    secret_row_release(&row);
    ck_assert(!check(p.zoom, &count));
    ck_assert_int_eq(count, 3);
    ck_assert_int_eq(err.kind, ERROR_SECRET_TAMPERED);
    ck_assert(strstr(err.message, "stored a of") != NULL);
    ck_assert(!check((struct id){ "" }, &count));
    ck_assert_int_eq(err.kind, ERROR_INTERNAL);
}
END_TEST

/* ---- nothing on the disk */

#define MARKER "Marker-of-a-secret-that-must-not-be-seen-0123456789"

static bool file_holds(const char *path, const char *suffix, const void *what, size_t length)
{
    char name[600];
    size_t size;
    char *bytes;
    bool holds;

    snprintf(name, sizeof(name), "%s%s", path, suffix);
    bytes = test_read_file(name, &size);
    holds = bytes && memmem(bytes, size, what, length) != NULL;
    free(bytes);
    return holds;
}

static bool files_hold(const void *what, size_t length)
{
    return file_holds(p.db_path, "", what, length) || file_holds(p.db_path, "-wal", what, length) ||
           file_holds(p.db_path, "-shm", what, length);
}

START_TEST(no_plain_text_on_the_disk)
{
    struct secret_row row;
    struct db *db;
    unsigned char nonce[24];

    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", 1, MARKER, strlen(MARKER));
    row = row_of(p.zoom, "refresh_token");
    memcpy(nonce, (unsigned char *)row.blob + 8, sizeof(nonce));
    secret_row_release(&row);
    ck_assert(files_hold("refresh_token", 13));
    ck_assert(files_hold(nonce, sizeof(nonce)));
    for (size_t i = 0; i + 12 <= strlen(MARKER); i++)
        ck_assert(!files_hold(&MARKER[i], 12));
    for (size_t i = 0; i < p.vault->key_count; i++)
        ck_assert(!files_hold(p.vault->keys[i]->bytes, 16));
    /* Deleted, the sealed form goes too, at the latest when the log is put away. */
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_OK(secret_row_delete(db, p.zoom, NULL, &err), err);
    TEST_OK(db_commit(db, &err), err);
    vault_close(p.vault);
    p.vault = NULL;
    store_close(p.store);
    p.store = NULL;
    ck_assert(file_holds(p.db_path, "", "grace", 5));
    ck_assert(!files_hold(nonce, sizeof(nonce)));
}
END_TEST

/* ---- any thread */

static void *put_and_get(void *argument)
{
    const char *field = argument;
    struct error own;

    for (int i = 1; i <= 50; i++) {
        struct secret *s = NULL;
        struct db *db;
        char plain[40];

        snprintf(plain, sizeof(plain), "%s %d", field, i);
        if (!db_begin(p.store, &db, &own))
            return "begin";
        if (!vault_put(p.vault, db, p.zoom, PLATFORM_ZOOM, field, i, plain, strlen(plain), &own)) {
            db_rollback(db);
            return "put";
        }
        if (!db_commit(db, &own) || !db_read(p.store, &db, &own))
            return "commit";
        if (!vault_get(p.vault, db, p.zoom, PLATFORM_ZOOM, field, &s, &own) ||
            strcmp(secret_text(s), plain) != 0)
            return "get";
        secret_free(s);
        db_read_end(db);
    }
    return NULL;
}

START_TEST(threads_share_a_vault)
{
    char fields[4][2] = { "a", "b", "c", "d" };
    pthread_t threads[4];
    void *failed;

    for (int i = 0; i < 4; i++)
        ck_assert(pthread_create(&threads[i], NULL, put_and_get, fields[i]) == 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &failed);
        ck_assert_msg(!failed, "%s", (char *)failed);
    }
}
END_TEST

START_TEST(a_secret_of_ones_own)
{
    struct secret *s = secret_new("a\0b", 3);

    ck_assert_uint_eq(secret_length(s), 3);
    ck_assert_int_eq(memcmp(secret_text(s), "a\0b\0", 4), 0);
    secret_free(s);
    s = secret_new(NULL, 0);
    ck_assert_str_eq(secret_text(s), "");
    secret_free(s);
    ck_assert_str_eq(secret_text(NULL), "");
    ck_assert_uint_eq(secret_length(NULL), 0);
    secret_free(NULL);
}
END_TEST

TEST_MAIN_FIXTURE("vault_secret", setup, teardown, comes_out_as_it_went_in,
                  the_form_is_as_described, the_newest_generation_is_got, every_bit_counts,
                  every_length_counts, a_row_that_was_moved_does_not_open,
                  a_row_of_another_store_does_not_open, a_key_that_is_gone_is_named,
                  check_opens_every_row, no_plain_text_on_the_disk, threads_share_a_vault,
                  a_secret_of_ones_own)

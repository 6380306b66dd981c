/* The master key: made once, read with suspicion, never taken for another. */
#include "other.h"
#include "testlib.h"
#include "vaulttest.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

#include "vault/private.h"

#define HEX_KEY    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define BASE64_KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static struct error err;
static struct vault_place p;
static char refusal[sizeof(err.message)]; /* the last one that ck_refused() saw */

static void setup(void)
{
    vault_place_make(&p);
}

static void teardown(void)
{
    vault_place_release(&p);
}

/* All rows of keys as one text: to see that nothing was touched. Borrowed until the next call. */
static const char *key_rows_text(void)
{
    static char text[8192];
    struct db *db;
    struct rows r;

    text[0] = '\0';
    TEST_OK(db_read(p.store, &db, &err), err);
    TEST_OK(
        rows_open(
            &r, db, &err,
            "SELECT "
            "group_concat(id||purpose||hex(wrapped)||hex(kcv)||source||hex(salt)||ops||mem||state)"
            " FROM keys",
            ""),
        err);
    if (rows_next(&r))
        ck_assert(text_copy_to(text, sizeof(text), rows_text(&r, 0)));
    TEST_OK(rows_close(&r, &err), err);
    db_read_end(db);
    return text;
}

static void ck_open(const struct vault_source *source)
{
    vault_close(p.vault);
    p.vault = NULL;
    TEST_OK(vault_open(&p.vault, p.store, source, false, &err), err);
}

/* Refuses; with locked_ok a vault comes that is locked and says why; and no row has changed. */
static void ck_refused(const struct vault_source *source, enum error_kind kind, const char *words)
{
    char *before = text_copy(key_rows_text());
    char described[300];
    struct vault *v = NULL;

    TEST_FAILS(vault_open(&v, p.store, source, false, &err), err, kind);
    ck_assert_ptr_null(v);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
    ck_assert_str_ne(err.remedy, "");
    memcpy(refusal, err.message, sizeof(refusal));
    TEST_OK(vault_open(&v, p.store, source, true, &err), err);
    ck_assert(vault_locked(v));
    vault_describe(v, described, sizeof(described));
    ck_assert_msg(strncmp(described, "locked: ", 8) == 0, "%s", described);
    vault_close(v);
    ck_assert_str_eq(key_rows_text(), before);
    free(before);
}

static struct vault_source by_file(const char *path)
{
    return (struct vault_source){ .key_file = path };
}

static void write_key(const char *path, const void *bytes, size_t length)
{
    test_write_file(path, bytes, length);
    ck_assert(chmod(path, 0600) == 0);
}

/* ---- made */

START_TEST(made_once_for_an_empty_store)
{
    struct vault_source source = { .key_file = test_path(test_dir(), "new/dir/master.key"),
                                   .may_create = true };
    unsigned char first[32], again[32];
    char described[300], wanted[300];
    struct stat st;
    char *key, *rows;
    size_t length;

    umask(0);
    ck_open(&source);
    ck_assert(stat(source.key_file, &st) == 0 && (st.st_mode & 07777) == 0600);
    key = test_read_file(source.key_file, &length);
    ck_assert_uint_eq(length, 65);
    ck_assert_uint_eq(strspn(key, "0123456789abcdef"), 64);
    vault_describe(p.vault, described, sizeof(described));
    snprintf(wanted, sizeof(wanted), "file %s", source.key_file);
    ck_assert_str_eq(described, wanted);
    TEST_OK(vault_derive(p.vault, "purpose", "input", first, &err), err);
    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", 1, "hello", 5);
    rows = text_copy(key_rows_text());
    ck_assert(strstr(rows, "1secret") && strstr(rows, "2token"));

    source.may_create = false;
    for (int i = 0; i < 2; i++) {
        struct secret *s = NULL;

        ck_open(&source);
        TEST_OK(vault_derive(p.vault, "purpose", "input", again, &err), err);
        ck_assert_int_eq(memcmp(first, again, 32), 0);
        TEST_OK(vault_place_get(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", &s, &err), err);
        ck_assert_str_eq(secret_text(s), "hello");
        secret_free(s);
        ck_assert_str_eq(key_rows_text(), rows);
        source.may_create = true;
    }
    free(key);
    free(rows);
}
END_TEST

START_TEST(a_key_file_that_is_there_stays)
{
    size_t length;
    char *bytes;

    ck_assert_int_ge(sodium_init(), 0);
    test_write_file(p.key_path, "precious", 8);
    TEST_OK(master_file_make(p.key_path, p.store, &err), err);
    bytes = test_read_file(p.key_path, &length);
    ck_assert_uint_eq(length, 8);
    ck_assert_str_eq(bytes, "precious");
    free(bytes);
}
END_TEST

START_TEST(derived_values_differ)
{
    unsigned char a[32], b[32];
    struct vault_place other;

    vault_place_unlock(&p);
    TEST_OK(vault_derive(p.vault, "room", "1", a, &err), err);
    TEST_OK(vault_derive(p.vault, "room", "2", b, &err), err);
    ck_assert_int_ne(memcmp(a, b, 32), 0);
    TEST_OK(vault_derive(p.vault, "roo", "m1", b, &err), err);
    ck_assert_int_ne(memcmp(a, b, 32), 0);
    vault_place_make(&other);
    other.key_path = p.key_path;
    vault_place_unlock(&other);
    TEST_OK(vault_derive(other.vault, "room", "1", b, &err), err);
    ck_assert_int_ne(memcmp(a, b, 32), 0);
    vault_place_release(&other);
}
END_TEST

START_TEST(never_made_in_silence)
{
    struct vault_source source = by_file(p.key_path);
    char *rows, *key;

    ck_refused(&source, ERROR_KEY_WRONG, "no master key yet");
    ck_assert(access(p.key_path, F_OK) != 0);
    vault_place_unlock(&p);
    rows = text_copy(key_rows_text());
    key = test_read_file(p.key_path, NULL);
    ck_assert(unlink(p.key_path) == 0);
    /* The store holds keys: a new master key would open none of them. */
    source.may_create = true;
    ck_refused(&source, ERROR_KEY_WRONG, "is missing, and");
    ck_assert(access(p.key_path, F_OK) != 0);
    write_key(p.key_path, key, strlen(key));
    ck_open(&source);
    ck_assert_str_eq(key_rows_text(), rows);
    free(rows);
    free(key);
}
END_TEST

START_TEST(killed_between_key_file_and_rows)
{
    struct other other;
    char *key, *after;

    setenv("ECCLESIA_CRASH", "store.commit", 1);
    other_start(&other, "open", p.db_path, p.key_path, NULL);
    unsetenv("ECCLESIA_CRASH");
    other_say(&other, "go");
    ck_assert_int_eq(other_wait(&other), -SIGKILL);
    key = test_read_file(p.key_path, NULL);
    ck_assert_ptr_nonnull(key);
    ck_assert_str_eq(key_rows_text(), "");
    vault_place_unlock(&p);
    after = test_read_file(p.key_path, NULL);
    ck_assert_str_eq(key, after);
    free(key);
    free(after);
}
END_TEST

START_TEST(several_make_it_at_once)
{
    struct other others[6];
    char first[100], line[100];

    for (int i = 0; i < 6; i++)
        other_start(&others[i], "open", p.db_path, p.key_path, NULL);
    for (int i = 0; i < 6; i++)
        other_say(&others[i], "go");
    other_hear(&others[0], first, sizeof(first));
    ck_assert_uint_eq(strlen(first), 64);
    for (int i = 1; i < 6; i++) {
        other_hear(&others[i], line, sizeof(line));
        ck_assert_str_eq(line, first);
    }
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(other_wait(&others[i]), 0);
    ck_assert(strstr(key_rows_text(), "1secret") && strstr(key_rows_text(), ",2token") &&
              strstr(key_rows_text(), ",3audit"));
    ck_assert_ptr_null(strstr(key_rows_text(), ",4"));
}
END_TEST

/* ---- wrong */

START_TEST(a_wrong_key_is_named_and_touches_nothing)
{
    const char *wrong = test_path(test_dir(), "wrong.key");
    struct vault_source source = by_file(wrong);
    struct error why;
    unsigned char out[32];
    struct secret *s = NULL;
    struct db *db;

    vault_place_unlock(&p);
    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", 1, "hello", 5);
    write_key(wrong, HEX_KEY "\n", 65);
    ck_refused(&source, ERROR_KEY_WRONG, "is the wrong one: key 1 of");
    ck_assert(strstr(refusal, wrong) && strstr(refusal, "source: file"));
    vault_close(p.vault);
    TEST_OK(vault_open(&p.vault, p.store, &source, true, &err), err);
    TEST_OK(db_begin(p.store, &db, &err), err);
    TEST_FAILS(vault_put(p.vault, db, p.zoom, PLATFORM_ZOOM, "a", 1, "x", 1, &why), why,
               ERROR_KEY_WRONG);
    ck_assert(strstr(why.message, wrong) && strstr(why.message, "source: file"));
    TEST_FAILS(vault_get(p.vault, db, p.zoom, PLATFORM_ZOOM, "refresh_token", &s, &why), why,
               ERROR_KEY_WRONG);
    TEST_FAILS(vault_check(p.vault, db, p.zoom, PLATFORM_ZOOM, NULL, &why), why, ERROR_KEY_WRONG);
    TEST_FAILS(vault_derive(p.vault, "a", "b", out, &why), why, ERROR_KEY_WRONG);
    db_rollback(db);
    source.key_file = p.key_path;
    ck_open(&source);
    TEST_OK(vault_place_get(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", &s, &err), err);
    secret_free(s);
}
END_TEST

START_TEST(a_damaged_key_row_is_not_a_wrong_key)
{
    struct vault_source source = by_file(p.key_path);

    vault_place_unlock(&p);
    vault_place_run(&p, "UPDATE keys SET kcv=zeroblob(16) WHERE id=2");
    ck_refused(&source, ERROR_KEY_WRONG, "Key 2 of");
    ck_assert(strstr(key_rows_text(), "2token") != NULL);
    vault_place_run(&p, "UPDATE keys SET wrapped=(SELECT wrapped FROM keys WHERE id=1),"
                        " kcv=(SELECT kcv FROM keys WHERE id=1) WHERE id=2");
    ck_refused(&source, ERROR_KEY_WRONG, "Key 2 of");
    vault_place_run(&p, "UPDATE keys SET wrapped=x'00' WHERE id=2");
    ck_refused(&source, ERROR_SECRET_FORMAT, "Key 2 of");
}
END_TEST

/* The check value alone: with it a wrapped key opens under one master key only. */
START_TEST(the_check_value_is_checked)
{
    struct vault_source source = by_file(p.key_path);

    vault_place_unlock(&p);
    vault_place_run(&p, "UPDATE keys SET kcv=zeroblob(16)");
    ck_refused(&source, ERROR_KEY_WRONG, "key 1 of");
}
END_TEST

/* ---- read with suspicion */

START_TEST(a_key_that_others_could_read_is_refused)
{
    struct vault_source source = by_file(p.key_path);
    static const mode_t wide[] = { 0604, 0640, 0620, 0666, 0601 };

    vault_place_unlock(&p);
    for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
        ck_assert(chmod(p.key_path, wide[i]) == 0);
        ck_refused(&source, ERROR_CONFIG, "can be read by other accounts");
        ck_assert(chmod(p.key_path, 0600) == 0);
    }
    ck_assert(chmod(p.key_path, 0400) == 0);
    ck_open(&source);
    if (geteuid() == 0) {
        ck_assert(chown(p.key_path, 65534, 65534) == 0);
        ck_refused(&source, ERROR_CONFIG, "belongs to another account (uid 65534)");
    }
}
END_TEST

START_TEST(a_key_beside_the_store_is_refused)
{
    char beside[300], link[300];
    struct vault_source source;
    size_t cut = strlen(p.db_path) - strlen("/e.db");

    snprintf(beside, sizeof(beside), "%.*s/master.key", (int)cut, p.db_path);
    snprintf(link, sizeof(link), "%s.link", p.key_path);
    source = (struct vault_source){ .key_file = beside, .may_create = true };
    ck_refused(&source, ERROR_CONFIG, "lies in the database's directory");
    ck_assert(access(beside, F_OK) != 0);
    write_key(beside, HEX_KEY, 64);
    source.key_file = beside;
    ck_refused(&source, ERROR_CONFIG, "lies in the database's directory");
    ck_assert(symlink(beside, link) == 0);
    source.key_file = link;
    ck_refused(&source, ERROR_CONFIG, "lies in the database's directory");
}
END_TEST

START_TEST(what_is_no_key_is_refused)
{
    static const struct {
        const char *bytes;
        size_t length;
    } none[] = { { "", 0 },
                 { "short", 5 },
                 { HEX_KEY "00", 66 },
                 { HEX_KEY, 63 },
                 { "x" HEX_KEY, 64 },
                 { HEX_KEY, 33 },
                 { HEX_KEY, 31 },
                 { HEX_KEY "\n" HEX_KEY "\n", 130 } };
    struct vault_source source = by_file(p.key_path);

    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
        write_key(p.key_path, none[i].bytes, none[i].length);
        ck_refused(&source, ERROR_CONFIG, "is not a master key");
        ck_assert(strstr(refusal, "0001020304") == NULL);
    }
    ck_assert(unlink(p.key_path) == 0 && mkfifo(p.key_path, 0600) == 0);
    ck_refused(&source, ERROR_CONFIG, "not a plain file");
    ck_assert(unlink(p.key_path) == 0 && mkdir(p.key_path, 0700) == 0);
    ck_refused(&source, ERROR_CONFIG, "not a plain file");
    source.key_file = test_path(p.db_path, "master.key");
    ck_refused(&source, ERROR_KEY_WRONG, "no master key yet");
}
END_TEST

START_TEST(each_form_is_the_same_key)
{
    const char *raw = test_path(test_dir(), "raw"),
               *credential = test_path(test_dir(), "credential");
    struct vault_source source = by_file(p.key_path);
    unsigned char bytes[32];

    write_key(p.key_path, HEX_KEY "\r\n", 66);
    ck_open(&source);
    write_key(p.key_path, HEX_KEY, 64);
    ck_open(&source);
    for (int i = 0; i < 32; i++)
        bytes[i] = (unsigned char)i;
    write_key(raw, bytes, 32);
    source.key_file = raw;
    ck_open(&source);
    source = (struct vault_source){ .environment = HEX_KEY };
    ck_open(&source);
    source.environment = BASE64_KEY;
    ck_open(&source);
    /* What systemd hands over may belong to root and be shared by an access list; and it goes
     * before all others. */
    write_key(credential, bytes, 32);
    ck_assert(chmod(credential, 0440) == 0);
    source = (struct vault_source){ .credential_file = credential,
                                    .key_file = "/no/where",
                                    .environment = "x",
                                    .passphrase = "y",
                                    .may_create = true };
    ck_open(&source);
    source.credential_file = NULL;
    source.key_file = raw;
    ck_open(&source);
    source = (struct vault_source){ .environment = HEX_KEY "0" };
    ck_refused(&source, ERROR_CONFIG, "ECCLESIA_MASTER_KEY");
    ck_assert(strstr(refusal, "0001020304") == NULL);
    source = (struct vault_source){ .may_create = true };
    ck_refused(&source, ERROR_KEY_WRONG, "No master key");
    source.passphrase = "y";
    ck_refused(&source, ERROR_KEY_WRONG, "not with a passphrase");
}
END_TEST

START_TEST(a_passphrase)
{
    struct vault_source source = { .passphrase = "" };
    char described[100];

    ck_refused(&source, ERROR_INPUT, "empty");
    source.passphrase = "correct horse battery staple";
    ck_open(&source);
    vault_describe(p.vault, described, sizeof(described));
    ck_assert_str_eq(described, "passphrase");
    ck_assert(strstr(key_rows_text(), "passphrase") != NULL);
    ck_assert(strstr(key_rows_text(), "3268435456active") != NULL);
    vault_place_put(&p, p.zoom, PLATFORM_ZOOM, "refresh_token", 1, "hello", 5);
    ck_open(&source);
    source.passphrase = "correct horse battery stable";
    ck_refused(&source, ERROR_KEY_WRONG, "is the wrong one");
    /* A cost out of bounds is a trap, not a wish. */
    vault_place_run(&p, "UPDATE keys SET mem=1099511627776");
    ck_refused(&source, ERROR_SECRET_FORMAT, "out of bounds");
}
END_TEST

static int open_when_told(const char *db_path, const char *key_path)
{
    struct vault_source source = { .key_file = key_path, .may_create = true };
    struct store *s;
    struct vault *v;
    unsigned char out[32];
    char line[16];
    struct text t;

    if (!store_open(&s, db_path, &err) || !fgets(line, sizeof(line), stdin))
        return 2;
    if (!vault_open(&v, s, &source, false, &err) || !vault_derive(v, "a", "b", out, &err)) {
        printf("%s\n", err.message);
        return 1;
    }
    text_init(&t, 100);
    text_add_hex(&t, out, sizeof(out));
    printf("%s\n", text_str(&t));
    text_release(&t);
    vault_close(v);
    store_close(s);
    return 0;
}

int main(int argc, char **argv)
{
    const TTest *const tests[] = {
        made_once_for_an_empty_store,
        a_key_file_that_is_there_stays,
        derived_values_differ,
        never_made_in_silence,
        killed_between_key_file_and_rows,
        several_make_it_at_once,
        a_wrong_key_is_named_and_touches_nothing,
        a_damaged_key_row_is_not_a_wrong_key,
        the_check_value_is_checked,
        a_key_that_others_could_read_is_refused,
        a_key_beside_the_store_is_refused,
        what_is_no_key_is_refused,
        each_form_is_the_same_key,
        a_passphrase,
    };

    if (argc == 4 && strcmp(argv[1], "open") == 0)
        return open_when_told(argv[2], argv[3]);
    return test_main("vault_keys", setup, teardown, tests, sizeof(tests) / sizeof(tests[0]));
}

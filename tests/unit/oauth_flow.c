/* Sign-ins under way: a state is good once, for a while, for one platform and one browser; nothing
 * that is secret stands in the open. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/oauth/flow.h>
#include <ecclesia/oauth/survey.h>
#include <ecclesia/store/flows.h>
#include <ecclesia/store/records.h>
#include <ecclesia/store/refresh.h>
#include <ecclesia/vault/envelope.h>

#include "rawsql.h"
#include "testlib.h"
#include "vaulttest.h"

static struct vault_place place;
static struct id church;

static void setup(void)
{
    struct church c = { 0 };
    struct error err;
    struct db *db;

    vault_place_make(&place);
    vault_place_unlock(&place);
    TEST_OK(db_read(place.store, &db, &err), err);
    TEST_OK(church_only(db, &c, &err), err);
    db_read_end(db);
    church = c.id;
    church_release(&c);
}

static void teardown(void)
{
    vault_place_release(&place);
}

static void begin(const char *browser, char state[STATE_SIZE])
{
    struct flow f = { .church = church,
                      .platform = PLATFORM_ZOOM,
                      .redirect_uri = "http://127.0.0.1:4711",
                      .issuer = "https://zoom.us",
                      .started_by = "ruth",
                      .verifier = "the-verifier-s3cret-0123456789abcdefghijklm" };
    struct error err;

    f.values = cJSON_CreateObject();
    cJSON_AddStringToObject(f.values, "client_secret", "s3cret-of-the-app");
    TEST_OK(flow_begin(place.vault, place.store, &f, browser, state, &err), err);
    flow_release(&f);
}

static struct callback callback_with(const char *state)
{
    struct callback c = { .code = "abc" };

    text_copy_to(c.state, sizeof c.state, state);
    return c;
}

static int64_t number(const char *sql)
{
    struct rows r;
    struct error err;
    struct db *db;
    int64_t n;

    TEST_OK(db_read(place.store, &db, &err), err);
    TEST_OK(rows_open(&r, db, &err, sql, ""), err);
    ck_assert(rows_next(&r));
    n = rows_int(&r, 0);
    ck_assert(rows_close(&r, &err));
    db_read_end(db);
    return n;
}

START_TEST(it_comes_back_as_it_was_begun)
{
    char state[STATE_SIZE];
    struct callback c;
    struct flow f;
    struct error err;

    begin(NULL, state);
    ck_assert_uint_eq(strlen(state), 43);
    c = callback_with(state);
    TEST_OK(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, NULL, &f, &err), err);
    ck_assert(id_equal(f.church, church));
    ck_assert_str_eq(f.redirect_uri, "http://127.0.0.1:4711");
    ck_assert_str_eq(f.issuer, "https://zoom.us");
    ck_assert_str_eq(f.started_by, "ruth");
    ck_assert_str_eq(f.verifier, "the-verifier-s3cret-0123456789abcdefghijklm");
    ck_assert_str_eq(json_string(f.values, "client_secret"), "s3cret-of-the-app");
    flow_release(&f);
}
END_TEST

START_TEST(a_state_is_good_once)
{
    char state[STATE_SIZE];
    struct callback c;
    struct flow f;
    struct error err;

    begin(NULL, state);
    c = callback_with(state);
    TEST_OK(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, NULL, &f, &err), err);
    flow_release(&f);
    TEST_FAILS(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, NULL, &f, &err), err,
               ERROR_MISSING);
}
END_TEST

struct racer {
    pthread_t thread;
    const char *state;
    bool won;
};

static void *race(void *argument)
{
    struct racer *r = argument;
    struct callback c = callback_with(r->state);
    struct flow f;

    r->won = flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, NULL, &f, NULL);
    flow_release(&f);
    return NULL;
}

START_TEST(of_many_one_wins)
{
    struct racer racers[16];
    char state[STATE_SIZE];
    int won = 0;

    begin(NULL, state);
    for (int i = 0; i < 16; i++) {
        racers[i] = (struct racer){ .state = state };
        ck_assert_int_eq(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < 16; i++) {
        pthread_join(racers[i].thread, NULL);
        won += racers[i].won;
    }
    ck_assert_int_eq(won, 1);
}
END_TEST

START_TEST(a_wrong_state_uses_nothing_up)
{
    char state[STATE_SIZE];
    struct callback c;
    struct flow f;
    struct error err;

    begin(NULL, state);
    c = callback_with("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    TEST_FAILS(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, NULL, &f, &err), err,
               ERROR_MISSING);
    c = callback_with(state);
    TEST_OK(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, NULL, &f, &err), err);
    flow_release(&f);
}
END_TEST

START_TEST(another_platforms_callback_is_refused)
{
    char state[STATE_SIZE];
    struct callback c;
    struct flow f;
    struct error err;

    begin(NULL, state);
    c = callback_with(state);
    TEST_FAILS(flow_take(place.vault, place.store, PLATFORM_YOUTUBE, &c, NULL, &f, &err), err,
               ERROR_INVALID);
    ck_assert_str_eq(f.verifier, "");
    /* … and that was its one use. */
    TEST_FAILS(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, NULL, &f, &err), err,
               ERROR_MISSING);
}
END_TEST

START_TEST(another_browser_is_refused)
{
    static const char *const others[] = { NULL, "", "another" };
    char state[STATE_SIZE];
    struct callback c;
    struct flow f;
    struct error err;

    for (size_t i = 0; i < 3; i++) {
        begin("cookie", state);
        c = callback_with(state);
        TEST_FAILS(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, others[i], &f, &err), err,
                   ERROR_INVALID);
    }
    begin("cookie", state);
    c = callback_with(state);
    TEST_OK(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, "cookie", &f, &err), err);
    flow_release(&f);
}
END_TEST

START_TEST(ten_minutes_and_it_is_over)
{
    char state[STATE_SIZE];
    struct callback c;
    struct flow f;
    struct error err;

    clock_fix(INT64_C(1790000000000));
    begin(NULL, state);
    clock_fix(INT64_C(1790000000000) + 10 * 60 * 1000);
    c = callback_with(state);
    TEST_FAILS(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, NULL, &f, &err), err,
               ERROR_MISSING);
    /* What is long over is forgotten by the next. */
    clock_fix(INT64_C(1790000000000) + 21 * 60 * 1000);
    begin(NULL, state);
    ck_assert_int_eq(number("SELECT count(*) FROM oauth_flows"), 1);
    c = callback_with(state);
    clock_fix(INT64_C(1790000000000) + 31 * 60 * 1000 - 1);
    TEST_OK(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, NULL, &f, &err), err);
    flow_release(&f);
    clock_fix(-1);
}
END_TEST

/* Whoever began it is gone, perhaps killed: what waits in it does not wait for ever. */
START_TEST(what_nobody_ends_is_forgotten)
{
    const struct token t = { .access = "at-s3cret" };
    char state[STATE_SIZE];
    struct error err;

    clock_fix(INT64_C(1790000000000));
    begin(NULL, state);
    TEST_OK(flow_keep(place.vault, place.store, state, &t, NULL, &err), err);
    flow_forget(place.store);
    ck_assert_int_eq(number("SELECT count(*) FROM oauth_flows"), 1);
    clock_fix(INT64_C(1790000000000) + 20 * 60 * 1000 + 1);
    flow_forget(place.store);
    ck_assert_int_eq(number("SELECT count(*) FROM oauth_flows"), 0);
    clock_fix(-1);
}
END_TEST

/* A refusal that uses the state up is told to the one who waits. */
START_TEST(who_waits_hears_of_a_refusal)
{
    char state[STATE_SIZE];
    struct callback c;
    struct token got;
    struct flow f;
    struct error err;
    bool arrived;

    begin("cookie", state);
    c = callback_with(state);
    TEST_FAILS(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, "another", &f, &err), err,
               ERROR_INVALID);
    TEST_FAILS(flow_collect(place.vault, place.store, state, &arrived, &got, &err), err,
               ERROR_REFUSED);
    ck_assert(arrived);
    ck_assert_ptr_nonnull(strstr(err.message, "another browser"));
}
END_TEST

START_TEST(nothing_secret_stands_in_the_open)
{
    char state[STATE_SIZE], path[600];
    size_t length;

    begin("cookie-s3cret", state);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s%s", place.db_path, i ? "-wal" : "");
        char *bytes = test_read_file(path, &length);
        ck_assert_ptr_nonnull(bytes);
        ck_assert_ptr_null(memmem(bytes, length, "s3cret", 6));
        ck_assert_ptr_null(memmem(bytes, length, state, strlen(state)));
        free(bytes);
    }
}
END_TEST

START_TEST(a_row_that_was_changed_does_not_open)
{
    char one[STATE_SIZE], two[STATE_SIZE];
    struct callback c;
    struct flow f;
    struct error err;

    begin(NULL, one);
    begin(NULL, two);
    /* What one has sealed is given to the other. */
    vault_place_run(
        &place,
        "UPDATE oauth_flows SET sealed = (SELECT sealed FROM oauth_flows ORDER BY rowid LIMIT 1)");
    c = callback_with(two);
    TEST_FAILS(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, NULL, &f, &err), err,
               ERROR_SECRET_TAMPERED);
    c = callback_with(one);
    vault_place_run(&place, "UPDATE oauth_flows SET sealed = x'00'");
    TEST_FAILS(flow_take(place.vault, place.store, PLATFORM_ZOOM, &c, NULL, &f, &err), err,
               ERROR_SECRET_FORMAT);
}
END_TEST

static struct error named;
static int named_count;

static void name(void *argument, const struct error *why)
{
    (void)argument;
    named = *why;
    named_count++;
}

static int survey(void)
{
    struct error err;
    int64_t count;
    struct db *db;

    named_count = 0;
    TEST_OK(db_read(place.store, &db, &err), err);
    TEST_OK(oauth_survey(place.vault, place.store, db, name, NULL, &count, &err), err);
    db_read_end(db);
    ck_assert_int_eq(count, 3);
    return named_count;
}

static void flip(const char *column, int byte, int bit)
{
    char sql[400], *hex;

    snprintf(sql, sizeof sql, "SELECT hex(substr(%s, %d, 1)) FROM oauth_flows", column, byte + 1);
    hex = test_sqlite_text(place.db_path, sql);
    snprintf(
        sql, sizeof sql,
        "UPDATE oauth_flows SET %s=CAST(substr(%s, 1, %d) || x'%02x' || substr(%s, %d) AS BLOB)",
        column, column, byte, (unsigned)strtoul(hex, NULL, 16) ^ 1u << bit, column, byte + 2);
    free(hex);
    test_sqlite(place.db_path, sql);
}

/* Every byte of what a sign-in remembers and of the tokens that wait, every bit of tokens beside
 * the database: each change is found, and the words name the platform. (Each bit of an envelope is
 * tried in vault_envelope.) */
START_TEST(what_was_changed_is_named)
{
    static const char *const columns[] = { "sealed", "result" };
    struct token t = { .access = "at" };
    unsigned char *spilled = NULL;
    char state[STATE_SIZE], sql[100];
    struct error err;
    size_t length;

    begin(NULL, state);
    TEST_OK(flow_keep(place.vault, place.store, state, &t, NULL, &err), err);
    TEST_OK(
        envelope_seal(place.vault, "ec-spill-v1", place.zoom.hex, "x", 1, &spilled, &length, &err),
        err);
    TEST_OK(spill_write(place.store, place.zoom, spilled, length, &err), err);
    ck_assert_int_eq(survey(), 0);
    for (int i = 0; i < 2; i++) {
        snprintf(sql, sizeof sql, "SELECT length(%s) FROM oauth_flows", columns[i]);
        char *bytes = test_sqlite_text(place.db_path, sql);
        int count = (int)strtol(bytes, NULL, 10);
        free(bytes);
        for (int at = 0; at < count; at++) {
            flip(columns[i], at, at % 8);
            ck_assert_msg(survey() == 1, "%s, byte %d", columns[i], at);
            ck_assert_ptr_nonnull(strstr(named.message, "sign-in at Zoom"));
            flip(columns[i], at, at % 8);
        }
    }
    ck_assert_int_eq(survey(), 0);
    for (size_t bit = 0; bit < length * 8; bit++) {
        spilled[bit / 8] ^= (unsigned char)(1 << bit % 8);
        TEST_OK(spill_write(place.store, place.zoom, spilled, length, &err), err);
        ck_assert_msg(survey() == 1, "spilled, bit %zu", bit);
        ck_assert_ptr_nonnull(strstr(named.message, "tokens of Zoom"));
        spilled[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(spilled);
}
END_TEST

START_TEST(tokens_wait_for_the_one_who_asks)
{
    struct token t = { .access = "at-s3cret",
                       .refresh = "rt-s3cret",
                       .expires_ms = 5,
                       .scopes = "a b" },
                 got;
    char state[STATE_SIZE], path[600];
    bool arrived;
    size_t length;
    struct error err, why = { 0 };

    begin(NULL, state);
    TEST_OK(flow_collect(place.vault, place.store, state, &arrived, &got, &err), err);
    ck_assert(!arrived);
    TEST_OK(flow_keep(place.vault, place.store, state, &t, NULL, &err), err);
    TEST_OK(flow_collect(place.vault, place.store, state, &arrived, &got, &err), err);
    ck_assert(arrived);
    ck_assert_str_eq(got.access, "at-s3cret");
    ck_assert_str_eq(got.refresh, "rt-s3cret");
    ck_assert_str_eq(got.scopes, "a b");
    ck_assert_int_eq(got.expires_ms, 5);
    snprintf(path, sizeof path, "%s-wal", place.db_path);
    char *bytes = test_read_file(path, &length);
    ck_assert_ptr_nonnull(bytes);
    if (bytes)
        ck_assert_ptr_null(memmem(bytes, length, "s3cret", 6));
    free(bytes);
    error_set(&why, ERROR_FORBIDDEN, "", "Zoom: refused there.");
    TEST_OK(flow_keep(place.vault, place.store, state, NULL, &why, &err), err);
    TEST_FAILS(flow_collect(place.vault, place.store, state, &arrived, &got, &err), err,
               ERROR_REFUSED);
    ck_assert(arrived);
    ck_assert_str_eq(err.message, "Zoom: refused there.");
    flow_end(place.store, state);
    ck_assert_int_eq(number("SELECT count(*) FROM oauth_flows"), 0);
    TEST_FAILS(flow_collect(place.vault, place.store, state, &arrived, &got, &err), err,
               ERROR_MISSING);
}
END_TEST

TEST_MAIN_FIXTURE("oauth_flow", setup, teardown, it_comes_back_as_it_was_begun,
                  a_state_is_good_once, of_many_one_wins, a_wrong_state_uses_nothing_up,
                  another_platforms_callback_is_refused, another_browser_is_refused,
                  ten_minutes_and_it_is_over, what_nobody_ends_is_forgotten,
                  who_waits_hears_of_a_refusal, nothing_secret_stands_in_the_open,
                  a_row_that_was_changed_does_not_open, what_was_changed_is_named,
                  tokens_wait_for_the_one_who_asks)

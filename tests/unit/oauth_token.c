/* Renewing tokens against a server that rotates them: once, whoever asks; and never is what was
 * answered forgotten. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/text.h>
#include <ecclesia/oauth/token.h>
#include <ecclesia/store/refresh.h>
#include <ecclesia/store/secret_rows.h>

#include "store/private.h"
#include "testlib.h"
#include "vaulttest.h"

enum { HOUR = 3600 * 1000, MINUTE = 60 * 1000 };

/* ---- the server ---- */

enum mode {
    SERVES,
    LOSES_ANSWER,  /* does it, and the answer is lost */
    LOSES_REQUEST, /* the request is lost: nobody knows, but nothing was done */
    GARBLES,       /* does it, and sends what cannot be read */
    REFUSES,       /* invalid_grant whatever it is given */
    REFUSES_APP,
    IS_DOWN,
    IS_AWAY, /* no connection */
    IS_BUSY  /* 429 with Retry-After */
};

static struct {
    pthread_mutex_t lock;
    int number;            /* of the refresh token that is good */
    int calls, done;       /* requests, renewals */
    enum mode mode, after; /* after: what it is like once it was asked */
    int64_t life_s;
    void (*then)(void); /* just before the answer goes out */
    bool holds;         /* does not answer while set */
} server = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool answer(struct http_answer *a, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool answer(struct http_answer *a, int status, const char *format, ...)
{
    char body[600];
    va_list args;

    va_start(args, format);
    vsnprintf(body, sizeof body, format, args);
    va_end(args);
    *a = (struct http_answer){ .status = status, .body = text_copy(body), .length = strlen(body) };
    return true;
}

static bool serve_locked(const struct http_request *r, struct http_answer *a, struct error *err)
{
    enum mode mode = server.mode;
    char good[40];
    bool fits;

    server.calls++;
    server.mode = server.after;
    snprintf(good, sizeof good, "refresh_token=r%d", server.number);
    fits = strstr(r->body, good) != NULL;
    if (mode == IS_AWAY)
        return error_set(err, ERROR_NET_PRE, NULL, "no connection");
    if (mode == LOSES_REQUEST)
        return error_set(err, ERROR_NET_POST, NULL, "cut");
    if (mode == IS_DOWN)
        return answer(a, 503, "<html>");
    if (mode == IS_BUSY) {
        answer(a, 429, "{}");
        a->headers = calloc(1, sizeof *a->headers);
        a->headers[0] = (struct http_header){ text_copy("Retry-After"), text_copy("120") };
        a->header_count = 1;
        return true;
    }
    if (mode == REFUSES_APP)
        return answer(a, 401, "{\"error\":\"invalid_client\"}");
    if (mode == REFUSES || !fits)
        return answer(a, 400, "{\"reason\":\"Invalid Token!\",\"error\":\"invalid_grant\"}");
    server.number++;
    server.done++;
    if (mode == LOSES_ANSWER)
        return error_set(err, ERROR_NET_POST, NULL, "cut");
    if (mode == GARBLES)
        return answer(a, 200, "<html>hello</html>");
    return answer(a, 200,
                  "{\"access_token\":\"a%d\",\"refresh_token\":\"r%d\",\"expires_in\":%lld}",
                  server.number, server.number, (long long)server.life_s);
}

static bool held(void)
{
    pthread_mutex_lock(&server.lock);
    bool holds = server.holds;
    pthread_mutex_unlock(&server.lock);
    return holds;
}

static bool serve(struct call *call, const struct http_request *r, struct http_answer *a,
                  struct error *err)
{
    (void)call;
    while (held())
        test_nap();
    pthread_mutex_lock(&server.lock);
    bool done = serve_locked(r, a, err);
    void (*then)(void) = server.then;
    server.then = NULL;
    pthread_mutex_unlock(&server.lock);
    if (then)
        then();
    return done;
}

/* ---- the place ---- */

static struct vault_place place;
static struct token_keeper *keeper;
static const struct token_keeper_options quick = {
    .margin_ms = 5 * MINUTE, .again_ms = 60, .base_ms = 1000, .cap_ms = 4000, .save_ms = 100
};

/* A caller as the manager makes one: credentials are opened when they are asked for. */
struct asker {
    struct call call;
    struct vault_place *place;
    struct secret *opened;
    cJSON *options;
};

static const char *credential(struct call *call, const char *key)
{
    struct asker *a = (struct asker *)call;
    struct db *db = NULL;

    if (a->opened)
        return strcmp(key, "refresh_token") == 0 ? secret_text(a->opened) : NULL;
    if (strcmp(key, "refresh_token") != 0 || !db_read(a->place->store, &db, NULL))
        return NULL;
    vault_get(a->place->vault, db, a->place->zoom, PLATFORM_ZOOM, key, &a->opened, NULL);
    db_read_end(db);
    return a->opened ? secret_text(a->opened) : NULL;
}

static void asker_open(struct asker *a, struct vault_place *p)
{
    *a = (struct asker){ .place = p, .options = cJSON_CreateObject() };
    a->call = (struct call){ .platform = PLATFORM_ZOOM,
                             .api_base = "https://api.test",
                             .auth_base = "https://auth.test",
                             .client_id = "app",
                             .client_secret = "s3cret",
                             .options = a->options,
                             .account_ref = "",
                             .now_ms = clock_now(),
                             .http = serve,
                             .credential = credential };
}

static void asker_close(struct asker *a)
{
    secret_free(a->opened);
    cJSON_Delete(a->options);
}

static bool get(struct token_keeper *k, struct vault_place *p, const char *refused, char out[64],
                struct error *err)
{
    struct secret *token = NULL;
    struct asker a;

    asker_open(&a, p);
    bool done =
        token_keeper_get(k, platform_get(PLATFORM_ZOOM), &a.call, p->zoom, refused, &token, err);
    if (done)
        text_copy_to(out, 64, secret_text(token));
    secret_free(token);
    asker_close(&a);
    return done;
}

static void gets(const char *wanted)
{
    char token[64];
    struct error err;

    TEST_OK(get(keeper, &place, NULL, token, &err), err);
    ck_assert_str_eq(token, wanted);
}

static struct connection connection(void)
{
    struct connection c = { 0 };
    struct db *db;
    struct error err;

    TEST_OK(db_read(place.store, &db, &err), err);
    TEST_OK(connection_get(db, place.zoom, &c, &err), err);
    db_read_end(db);
    return c;
}

static struct refresh_row row(void)
{
    struct refresh_row r = { 0 };
    struct db *db;
    struct error err;

    TEST_OK(db_read(place.store, &db, &err), err);
    TEST_OK(refresh_row_get(db, place.zoom, &r, &err), err);
    db_read_end(db);
    return r;
}

static void set_row(struct refresh_row r)
{
    struct db *db;
    struct error err;

    TEST_OK(db_begin(place.store, &db, &err), err);
    TEST_OK(refresh_row_put(db, place.zoom, &r, &err), err);
    TEST_OK(db_commit(db, &err), err);
}

/* The access token "a0" with so long to live, got so long ago; refresh token "r0". */
static void seal(int64_t left_ms, int64_t age_ms)
{
    struct connection c = connection();
    struct db *db;
    struct error err;

    vault_place_put(&place, place.zoom, PLATFORM_ZOOM, "access_token", c.generation, "a0", 2);
    vault_place_put(&place, place.zoom, PLATFORM_ZOOM, "refresh_token", c.generation, "r0", 2);
    c.access_expires_ms = left_ms ? clock_now() + left_ms : 0;
    c.status = CONNECTION_CONNECTED;
    c.renewable = c.accepted = true;
    TEST_OK(db_begin(place.store, &db, &err), err);
    TEST_OK(connection_put(db, &c, &err), err);
    TEST_OK(db_commit(db, &err), err);
    connection_release(&c);
    set_row((struct refresh_row){ .issued_ms = clock_now() - age_ms });
}

static void setup(void)
{
    struct error err;

    vault_place_make(&place);
    vault_place_unlock(&place);
    TEST_OK(token_keeper_new(&keeper, place.store, place.vault, &quick, &err), err);
    pthread_mutex_lock(&server.lock);
    server.number = server.calls = server.done = 0;
    server.mode = server.after = SERVES;
    server.life_s = 3600;
    server.then = NULL;
    server.holds = false;
    pthread_mutex_unlock(&server.lock);
}

static void teardown(void)
{
    token_keeper_free(keeper);
    vault_place_release(&place);
}

static void be(enum mode mode, enum mode after)
{
    server.mode = mode;
    server.after = after;
}

/* ---- when ---- */

static const struct {
    int64_t left, age;
    bool renews;
} times[] = {
    { HOUR, 0, false },
    { 6 * MINUTE + 5000, 54 * MINUTE, false }, /* a tenth of an hour is six minutes */
    { 6 * MINUTE - 5000, 54 * MINUTE, true },
    { 4 * MINUTE, 6 * MINUTE, true }, /* at least five minutes */
    { 61 * MINUTE, 9 * HOUR - MINUTE, false },
    { 59 * MINUTE, 9 * HOUR + MINUTE, true },
    { -1000, HOUR, true },
    { 0, HOUR, false }, /* without an end */
    { (int64_t)1000 * HOUR, 23 * HOUR, false },
    { (int64_t)1000 * HOUR, 24 * HOUR + 1000, true }, /* once a day */
    { HOUR, -5 * HOUR, false },                       /* the clock was put back */
};

START_TEST(it_is_renewed_in_time)
{
    seal(times[_i].left, times[_i].age);
    gets(times[_i].renews ? "a1" : "a0");
    ck_assert_int_eq(server.calls, times[_i].renews);
}
END_TEST

START_TEST(what_is_renewed_is_kept)
{
    struct connection before, c;
    struct secret *s = NULL;
    struct db *db;
    struct error err;

    seal(-1, HOUR);
    before = connection();
    gets("a1");
    c = connection();
    ck_assert_int_eq(c.generation, before.generation + 1);
    ck_assert_int_gt(c.access_expires_ms, clock_now() + 59 * MINUTE);
    ck_assert(!row().in_flight);
    ck_assert_int_ge(row().issued_ms, clock_now() - MINUTE);
    TEST_OK(db_read(place.store, &db, &err), err);
    TEST_OK(vault_get(place.vault, db, place.zoom, PLATFORM_ZOOM, "refresh_token", &s, &err), err);
    db_read_end(db);
    ck_assert_str_eq(secret_text(s), "r1");
    secret_free(s);
    /* … and is what the next one uses. */
    gets("a1");
    ck_assert_int_eq(server.calls, 1);
    connection_release(&c);
    connection_release(&before);
}
END_TEST

START_TEST(a_refused_token_is_renewed_once)
{
    char token[64];
    struct error err;

    seal(HOUR, 0);
    TEST_OK(get(keeper, &place, "a0", token, &err), err);
    ck_assert_str_eq(token, "a1");
    TEST_OK(get(keeper, &place, "a0", token, &err), err);
    ck_assert_str_eq(token, "a1");
    ck_assert_int_eq(server.calls, 1);
}
END_TEST

/* ---- once, whoever asks ---- */

enum { CALLERS = 64 };

struct caller {
    pthread_t thread;
    struct token_keeper *keeper;
    struct vault_place *place;
    const char *refused;
    char token[64];
    struct error err;
    bool done;
};

static void *call_it(void *argument)
{
    struct caller *c = argument;

    c->done = get(c->keeper, c->place, c->refused, c->token, &c->err);
    return NULL;
}

static struct caller callers[CALLERS];

static void all_call(struct token_keeper *one, struct token_keeper *two, struct vault_place *second,
                     const char *refused)
{
    for (int i = 0; i < CALLERS; i++) {
        bool other = two && i % 2;

        callers[i] = (struct caller){ .keeper = other ? two : one,
                                      .place = other ? second : &place,
                                      .refused = refused };
        ck_assert_int_eq(pthread_create(&callers[i].thread, NULL, call_it, &callers[i]), 0);
    }
    for (int i = 0; i < CALLERS; i++)
        pthread_join(callers[i].thread, NULL);
}

START_TEST(of_sixty_four_one_asks)
{
    seal(-1, HOUR);
    all_call(keeper, NULL, NULL, NULL);
    ck_assert_int_eq(server.calls, 1);
    for (int i = 0; i < CALLERS; i++) {
        ck_assert_msg(callers[i].done, "%s", callers[i].err.message);
        ck_assert_str_eq(callers[i].token, "a1");
    }
}
END_TEST

START_TEST(of_sixty_four_that_were_refused_one_asks)
{
    seal(HOUR, 0);
    all_call(keeper, NULL, NULL, "a0");
    ck_assert_int_eq(server.calls, 1);
    for (int i = 0; i < CALLERS; i++)
        ck_assert_str_eq(callers[i].token, "a1");
}
END_TEST

START_TEST(of_two_processes_one_asks)
{
    struct vault_source source = { .key_file = place.key_path };
    struct vault_place other = place;
    struct token_keeper *second;
    struct error err;

    seal(-1, HOUR);
    TEST_OK(store_open(&other.store, place.db_path, &err), err);
    TEST_OK(vault_open(&other.vault, other.store, &source, false, &err), err);
    TEST_OK(token_keeper_new(&second, other.store, other.vault, &quick, &err), err);
    all_call(keeper, second, &other, NULL);
    ck_assert_int_eq(server.calls, 1);
    for (int i = 0; i < CALLERS; i++)
        ck_assert_str_eq(callers[i].token, "a1");
    token_keeper_free(second);
    vault_close(other.vault);
    store_close(other.store);
}
END_TEST

START_TEST(a_refusal_is_one_for_all)
{
    seal(-1, HOUR);
    be(REFUSES, REFUSES);
    server.holds = true;
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){ .keeper = keeper, .place = &place };
        ck_assert_int_eq(pthread_create(&callers[i].thread, NULL, call_it, &callers[i]), 0);
    }
    TEST_UNTIL(row().in_flight);
    pthread_mutex_lock(&server.lock);
    server.holds = false;
    pthread_mutex_unlock(&server.lock);
    for (int i = 0; i < CALLERS; i++)
        pthread_join(callers[i].thread, NULL);
    for (int i = 0; i < CALLERS; i++)
        ck_assert_int_eq(callers[i].err.kind, ERROR_AUTH);
    /* Most have waited for the first; who came late asks for himself. Never is each one on his own.
     */
    ck_assert_int_lt(server.calls, CALLERS);
}
END_TEST

/* ---- what the answer is ---- */

static void fails(enum error_kind kind, const char *code)
{
    char token[64];
    struct error err;

    TEST_FAILS(get(keeper, &place, NULL, token, &err), err, kind);
    ck_assert_str_eq(err.code, code);
}

START_TEST(a_lost_answer_is_asked_for_once_more)
{
    seal(-1, HOUR);
    be(LOSES_REQUEST, SERVES);
    gets("a1");
    ck_assert_int_eq(server.calls, 2);
    ck_assert(!row().in_flight);
}
END_TEST

START_TEST(a_spent_token_is_told_as_lost)
{
    seal(-1, HOUR);
    be(_i ? GARBLES : LOSES_ANSWER, SERVES);
    fails(ERROR_AUTH, TOKEN_LOST);
    ck_assert_int_eq(server.calls, 2);
    ck_assert(!row().in_flight);
}
END_TEST

START_TEST(what_stays_unknown_stays_written)
{
    seal(-1, HOUR);
    be(LOSES_REQUEST, LOSES_REQUEST);
    fails(ERROR_NET_POST, TOKEN_UNREACHABLE);
    ck_assert_int_eq(server.calls, 2);
    ck_assert(row().in_flight);
    /* The next knows that it is not known. */
    token_keeper_hurry(keeper, place.zoom);
    be(REFUSES, REFUSES);
    fails(ERROR_AUTH, TOKEN_LOST);
    ck_assert_int_eq(server.calls, 3);
}
END_TEST

START_TEST(a_refusal_is_confirmed)
{
    int64_t began = clock_mono();

    seal(-1, HOUR);
    be(REFUSES, REFUSES);
    fails(ERROR_AUTH, "invalid_grant");
    ck_assert_int_eq(server.calls, 2);
    ck_assert_int_ge(clock_mono() - began, quick.again_ms);
    ck_assert(!row().in_flight);
}
END_TEST

START_TEST(a_refusal_that_was_a_mistake_is_forgotten)
{
    seal(-1, HOUR);
    be(REFUSES, SERVES);
    gets("a1");
    ck_assert_int_eq(server.calls, 2);
}
END_TEST

START_TEST(an_interrupted_one_is_tried_once)
{
    struct db *db;
    struct error err;
    int64_t began = clock_mono();

    seal(-1, HOUR);
    set_row((struct refresh_row){ .in_flight = true, .started_ms = clock_now() });
    TEST_OK(db_read(place.store, &db, &err), err);
    ck_assert(token_interrupted(place.store, db, place.zoom));
    db_read_end(db);
    if (_i) {
        server.number = 7; /* it had been spent */
        fails(ERROR_AUTH, TOKEN_LOST);
    } else {
        gets("a1");
    }
    ck_assert_int_eq(server.calls, 1);
    ck_assert_int_ge(clock_mono() - began, quick.again_ms - 5);
    TEST_OK(db_read(place.store, &db, &err), err);
    ck_assert(!token_interrupted(place.store, db, place.zoom));
    db_read_end(db);
}
END_TEST

START_TEST(who_is_at_it_has_not_been_interrupted)
{
    pthread_t thread;
    struct caller c = { .keeper = keeper, .place = &place };
    struct db *db;
    struct error err;

    seal(-1, HOUR);
    server.holds = true;
    ck_assert_int_eq(pthread_create(&thread, NULL, call_it, &c), 0);
    TEST_UNTIL(row().in_flight);
    TEST_OK(db_read(place.store, &db, &err), err);
    ck_assert(!token_interrupted(place.store, db, place.zoom));
    db_read_end(db);
    pthread_mutex_lock(&server.lock);
    server.holds = false;
    pthread_mutex_unlock(&server.lock);
    pthread_join(thread, NULL);
    ck_assert(c.done);
}
END_TEST

/* ---- when it cannot be asked ---- */

static const struct {
    enum mode mode;
    enum error_kind kind;
} troubles[] = { { IS_AWAY, ERROR_NET_PRE }, { IS_DOWN, ERROR_SERVER }, { IS_BUSY, ERROR_RATE } };

START_TEST(the_old_one_serves_until_its_end)
{
    seal(2 * MINUTE, 58 * MINUTE);
    be(troubles[_i].mode, troubles[_i].mode);
    gets("a0");
    ck_assert_int_eq(server.calls, 1);
    ck_assert(!row().in_flight);
    ck_assert_int_eq(row().fails, 1);
    gets("a0");
    ck_assert_int_eq(server.calls, 1); /* not again so soon */
}
END_TEST

START_TEST(afterwards_it_is_unreachable)
{
    seal(-1, HOUR);
    be(troubles[_i].mode, troubles[_i].mode);
    fails(troubles[_i].kind, TOKEN_UNREACHABLE);
    fails(ERROR_BREAKER, TOKEN_UNREACHABLE);
    ck_assert_int_eq(server.calls, 1);
    /* A person does not wait, and when it is back everything is as it was. */
    token_keeper_hurry(keeper, place.zoom);
    be(SERVES, SERVES);
    gets("a1");
    ck_assert_int_eq(row().fails, 0);
    ck_assert_int_eq(row().failing_ms, 0);
}
END_TEST

START_TEST(the_platforms_own_time_counts)
{
    seal(-1, HOUR);
    be(IS_BUSY, SERVES);
    fails(ERROR_RATE, TOKEN_UNREACHABLE);
    ck_assert_int_gt(row().next_ms, clock_now() + 110 * 1000);
    ck_assert_int_le(row().next_ms, clock_now() + 120 * 1000);
}
END_TEST

START_TEST(pauses_grow_to_their_cap)
{
    int64_t longest = 0;

    seal(-1, HOUR);
    be(IS_AWAY, IS_AWAY);
    for (int i = 0; i < 12; i++) {
        struct refresh_row r = row();
        char token[64];

        r.next_ms = 0;
        set_row(r);
        ck_assert(!get(keeper, &place, NULL, token, NULL));
        int64_t pause = row().next_ms - clock_now();
        ck_assert_int_le(pause, quick.cap_ms);
        ck_assert_int_ge(pause, quick.base_ms - 200);
        longest = pause > longest ? pause : longest;
    }
    ck_assert_int_gt(longest, quick.base_ms);
    ck_assert_int_eq(row().fails, 12);
}
END_TEST

START_TEST(after_three_days_it_is_left_alone)
{
    seal(-1, HOUR);
    set_row((struct refresh_row){
        .fails = 300, .failing_ms = clock_now() - (int64_t)73 * HOUR, .next_ms = clock_now() - 1 });
    fails(ERROR_BREAKER, TOKEN_UNREACHABLE);
    ck_assert_int_eq(server.calls, 0);
    token_keeper_hurry(keeper, place.zoom);
    gets("a1");
}
END_TEST

START_TEST(a_clock_that_was_put_back_does_not_keep_it)
{
    seal(-1, HOUR);
    set_row((struct refresh_row){ .fails = 1,
                                  .failing_ms = clock_now() + (int64_t)900 * HOUR,
                                  .next_ms = clock_now() + (int64_t)900 * HOUR });
    gets("a1");
}
END_TEST

START_TEST(an_app_that_is_refused_is_told_as_such)
{
    seal(-1, HOUR);
    be(REFUSES_APP, REFUSES_APP);
    fails(ERROR_CONFIG, "invalid_client");
    ck_assert_int_eq(server.calls, 1);
    ck_assert(!row().in_flight);
    /* Nothing was lost by it. */
    token_keeper_hurry(keeper, place.zoom);
    be(SERVES, SERVES);
    gets("a1");
}
END_TEST

/* ---- when it cannot be saved ---- */

static struct store *jam;
static struct db *jammed;

/* Somebody else holds the database from here on. */
static void jam_it(void)
{
    struct error err;

    TEST_OK(db_begin(jam, &jammed, &err), err);
}

START_TEST(what_cannot_be_saved_is_spilled)
{
    const char *path;
    char file[600];
    struct error err;
    size_t length;

    seal(-1, HOUR);
    place.store->busy_ms = 30;
    TEST_OK(store_open(&jam, place.db_path, &err), err);
    server.then = jam_it;
    gets("a1");
    snprintf(file, sizeof file, "%s.spill.%s", place.db_path, place.zoom.hex);
    path = file;
    char *bytes = test_read_file(path, &length);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_ptr_null(memmem(bytes, length, "access", 6));
    free(bytes);
    /* It serves from there while the database is not to be had … */
    gets("a1");
    ck_assert_int_eq(server.calls, 1);
    ck_assert_int_eq(access(path, F_OK), 0);
    /* … and goes in as soon as it is. */
    db_rollback(jammed);
    gets("a1");
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert(!row().in_flight);
    ck_assert_int_eq(server.calls, 1);
    struct connection c = connection();
    ck_assert_int_gt(c.access_expires_ms, clock_now());
    connection_release(&c);
    store_close(jam);
}
END_TEST

START_TEST(nothing_is_spent_that_cannot_be_written_down)
{
    struct error err;
    char token[64];

    seal(-1, HOUR);
    place.store->busy_ms = 30;
    TEST_OK(store_open(&jam, place.db_path, &err), err);
    jam_it();
    ck_assert(!get(keeper, &place, NULL, token, &err));
    ck_assert_int_eq(server.calls, 0);
    db_rollback(jammed);
    gets("a1");
    store_close(jam);
}
END_TEST

START_TEST(a_spill_that_was_overtaken_is_dropped)
{
    static const char junk[] = "no envelope";
    struct error err;

    seal(-1, HOUR);
    TEST_OK(spill_write(place.store, place.zoom, junk, sizeof junk, &err), err);
    gets("a1");
    void *bytes;
    size_t length;
    ck_assert(!spill_read(place.store, place.zoom, &bytes, &length));
}
END_TEST

/* ---- when somebody else changed it meanwhile ---- */

static void disconnect_it(void)
{
    vault_place_run(&place, "DELETE FROM secrets");
    vault_place_run(&place, "UPDATE connections SET status = 'disconnected'");
}

START_TEST(a_disconnected_one_is_not_brought_back)
{
    struct secret *s = NULL;
    struct db *db;
    struct error err;
    char token[64];

    seal(-1, HOUR);
    server.then = disconnect_it;
    ck_assert(!get(keeper, &place, NULL, token, &err));
    TEST_OK(db_read(place.store, &db, &err), err);
    TEST_FAILS(vault_get(place.vault, db, place.zoom, PLATFORM_ZOOM, "access_token", &s, &err), err,
               ERROR_MISSING);
    db_read_end(db);
}
END_TEST

static void reconnect_it(void)
{
    vault_place_put(&place, place.zoom, PLATFORM_ZOOM, "access_token", 9, "new", 3);
    vault_place_run(
        &place,
        "UPDATE connections SET generation = 9, access_expires_ms = access_expires_ms + 7200000");
}

START_TEST(a_new_sign_in_is_not_overwritten)
{
    struct connection c;
    char token[64];

    seal(-1, HOUR);
    server.then = reconnect_it;
    get(keeper, &place, NULL, token, NULL);
    c = connection();
    ck_assert_int_eq(c.generation, 9);
    connection_release(&c);
    gets("new");
}
END_TEST

int main(void)
{
    const TTest *const plain[] = { what_is_renewed_is_kept,
                                   a_refused_token_is_renewed_once,
                                   of_sixty_four_one_asks,
                                   of_sixty_four_that_were_refused_one_asks,
                                   of_two_processes_one_asks,
                                   a_refusal_is_one_for_all,
                                   a_lost_answer_is_asked_for_once_more,
                                   what_stays_unknown_stays_written,
                                   a_refusal_is_confirmed,
                                   a_refusal_that_was_a_mistake_is_forgotten,
                                   who_is_at_it_has_not_been_interrupted,
                                   the_platforms_own_time_counts,
                                   pauses_grow_to_their_cap,
                                   after_three_days_it_is_left_alone,
                                   a_clock_that_was_put_back_does_not_keep_it,
                                   an_app_that_is_refused_is_told_as_such,
                                   what_cannot_be_saved_is_spilled,
                                   nothing_is_spent_that_cannot_be_written_down,
                                   a_spill_that_was_overtaken_is_dropped,
                                   a_disconnected_one_is_not_brought_back,
                                   a_new_sign_in_is_not_overwritten };
    Suite *s = suite_create("oauth_token");
    TCase *c = tcase_create("oauth_token");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, it_is_renewed_in_time, 0, (int)(sizeof times / sizeof *times));
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        tcase_add_test(c, plain[i]);
    tcase_add_loop_test(c, a_spent_token_is_told_as_lost, 0, 2);
    tcase_add_loop_test(c, an_interrupted_one_is_tried_once, 0, 2);
    tcase_add_loop_test(c, the_old_one_serves_until_its_end, 0, 3);
    tcase_add_loop_test(c, afterwards_it_is_unreachable, 0, 3);
    suite_add_tcase(s, c);
    return test_run(s);
}

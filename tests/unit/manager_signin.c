/* A sign-in from the shown address to the connection, with the simulated platforms and a front that
 * a test plays. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/text.h>
#include <ecclesia/manager/signin.h>

#include "person.h"
#include "world.h"

static struct world world;

static void setup(void)
{
    const struct world_options o = { .unconnected = true, .idle = true };

    world_open(&world, &o);
}

static void teardown(void)
{
    world_close(&world);
}

/* ---- the front ---- */

struct run {
    struct signin_front front;
    struct signin_request request;
    struct cancel *cancel;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below but what the thread alone writes */
    char url[4000], code[64], page[512], note[800];
    int shows;
    char account[200], before[200];
    bool says_no, simulated;
    int pipe[2];
    bool over, done;
    struct connection made;
    struct error err;
};

static void on_show(void *self, const struct signin_shown *s)
{
    struct run *r = self;

    pthread_mutex_lock(&r->lock);
    text_copy_to(r->url, sizeof r->url, s->url ? s->url : "");
    text_copy_to(r->code, sizeof r->code, s->user_code ? s->user_code : "");
    text_copy_to(r->page, sizeof r->page, s->device_url ? s->device_url : "");
    if (s->note)
        text_copy_to(r->note, sizeof r->note, s->note);
    r->simulated = s->simulated;
    r->shows++;
    pthread_mutex_unlock(&r->lock);
}

static bool on_confirm(void *self, const struct signin_found *f)
{
    struct run *r = self;

    pthread_mutex_lock(&r->lock);
    text_copy_to(r->account, sizeof r->account, f->account);
    text_copy_to(r->before, sizeof r->before, f->before ? f->before : "");
    bool yes = !r->says_no;
    pthread_mutex_unlock(&r->lock);
    return yes;
}

static void *run_it(void *argument)
{
    struct run *r = argument;

    r->done = signin_run(world.manager, &r->request, &r->front, &world_operator, r->cancel,
                         &r->made, &r->err);
    pthread_mutex_lock(&r->lock);
    r->over = true;
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

static bool shows(struct run *r)
{
    pthread_mutex_lock(&r->lock);
    bool shown = r->url[0] || r->code[0] || r->over;
    pthread_mutex_unlock(&r->lock);
    return shown;
}

static bool notes(struct run *r, const char *words)
{
    pthread_mutex_lock(&r->lock);
    bool has = strstr(r->note, words) != NULL;
    pthread_mutex_unlock(&r->lock);
    return has;
}

static const char *browser; /* the cookie of who begins; NULL none */

static void start(struct run *r, enum platform_id p, unsigned ways)
{
    memset(r, 0, sizeof *r);
    ck_assert_int_eq(pipe2(r->pipe, 0), 0);
    pthread_mutex_init(&r->lock, NULL);
    r->cancel = cancel_new();
    r->front = (struct signin_front){
        .self = r, .show = on_show, .confirm = on_confirm, .paste_fd = r->pipe[0]
    };
    r->request = (struct signin_request){ .church = world.church.id,
                                          .platform = p,
                                          .ways = ways,
                                          .timeout_ms = 60000,
                                          .browser = browser };
    ck_assert_int_eq(pthread_create(&r->thread, NULL, run_it, r), 0);
    TEST_UNTIL(shows(r));
    ck_assert_msg(!r->over, "%s", r->err.message);
}

static void over(struct run *r)
{
    pthread_join(r->thread, NULL);
    close(r->pipe[0]);
    close(r->pipe[1]);
    cancel_free(r->cancel);
    r->cancel = NULL;
}

static void end(struct run *r)
{
    over(r);
    connection_release(&r->made);
}

static void paste(struct run *r, const char *line)
{
    ck_assert_int_eq(write(r->pipe[1], line, strlen(line)), (ssize_t)strlen(line));
    ck_assert_int_eq(write(r->pipe[1], "\n", 1), 1);
}

static int64_t secrets(void)
{
    return world_sql(&world, "SELECT count(*) FROM secrets");
}

static int64_t flows(void)
{
    return world_sql(&world, "SELECT count(*) FROM oauth_flows");
}

/* ---- tests ---- */

START_TEST(a_yes_makes_the_connection)
{
    struct run r;
    char back[4000];

    start(&r, PLATFORM_ZOOM, SIGNIN_WAY_BROWSER);
    ck_assert(r.simulated);
    ck_assert_int_eq(flows(), 1);
    person_browse(r.url, "&sim_answer=allow", back, sizeof back);
    paste(&r, back);
    over(&r);
    ck_assert_msg(r.done, "%s", r.err.message);
    ck_assert_int_eq(r.made.status, CONNECTION_CONNECTED);
    ck_assert_str_eq(r.made.method, "oauth");
    ck_assert(r.made.renewable);
    ck_assert_ptr_nonnull(strstr(r.account, "St Mark's"));
    ck_assert_str_eq(r.before, "");
    ck_assert_int_eq(secrets(), 2);
    ck_assert_int_eq(flows(), 0);
    connection_release(&r.made);
}
END_TEST

START_TEST(a_no_leaves_all_as_it_was)
{
    struct connection before, after;
    struct run r;
    char back[4000];
    struct error err;

    TEST_OK(world_connect(&world, PLATFORM_ZOOM, &before, &err), err);
    int64_t sealed = secrets();
    start(&r, PLATFORM_ZOOM, SIGNIN_WAY_BROWSER);
    r.says_no = true;
    person_browse(r.url, "&sim_answer=allow&sim_account=0", back, sizeof back);
    paste(&r, back);
    over(&r);
    ck_assert(!r.done);
    ck_assert_int_eq(r.err.kind, ERROR_REFUSED);
    world_connection(&world, PLATFORM_ZOOM, &after);
    ck_assert_str_eq(after.method, before.method);
    ck_assert_int_eq(after.generation, before.generation);
    ck_assert_int_eq(secrets(), sealed);
    /* What was granted is given back. */
    ck_assert_uint_eq(world_request_count(&world, PLATFORM_ZOOM, "POST", "/oauth/revoke"), 1);
    connection_release(&before);
    connection_release(&after);
}
END_TEST

/* The platform has one grant for each person and app, so that the new one, which nobody wanted, has
 * ended the one before: that is found out at once. Another person's is no business of it. */
START_TEST(a_no_may_end_the_one_before)
{
    struct connection before, after;
    struct run r;
    char back[4000];

    person_sign_in(&world, PLATFORM_ZOOM, &before);
    start(&r, PLATFORM_ZOOM, SIGNIN_WAY_BROWSER);
    r.says_no = true;
    person_browse(r.url, _i ? "&sim_answer=allow&sim_account=1" : "&sim_answer=allow", back,
                  sizeof back);
    paste(&r, back);
    over(&r);
    ck_assert(!r.done);
    ck_assert_int_eq(r.err.kind, ERROR_REFUSED);
    world_connection(&world, PLATFORM_ZOOM, &after);
    ck_assert_str_eq(after.account_ref, before.account_ref);
    ck_assert_int_eq(after.status, _i ? CONNECTION_CONNECTED : CONNECTION_EXPIRED);
    connection_release(&before);
    connection_release(&after);
}
END_TEST

START_TEST(another_account_is_told_apart)
{
    struct run r;
    char back[4000];

    for (int i = 0; i < 2; i++) {
        start(&r, PLATFORM_YOUTUBE, SIGNIN_WAY_BROWSER);
        person_browse(r.url, i ? "&sim_answer=allow&sim_account=1" : "&sim_answer=allow", back,
                      sizeof back);
        paste(&r, back);
        over(&r);
        ck_assert_msg(r.done, "%s", r.err.message);
        connection_release(&r.made);
    }
    ck_assert_str_eq(r.account, "St Anne's");
    ck_assert_str_eq(r.before, "St Mark's");
    ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM connections"), 1);
}
END_TEST

START_TEST(facebook_gets_the_pages_own_token)
{
    struct run r;
    char back[4000];

    start(&r, PLATFORM_FACEBOOK, SIGNIN_WAY_BROWSER);
    person_browse(r.url, "&sim_answer=allow", back, sizeof back);
    paste(&r, back);
    over(&r);
    ck_assert_msg(r.done, "%s", r.err.message);
    ck_assert_str_eq(r.made.account_ref, "104882011223344");
    ck_assert(!r.made.renewable);
    ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM secrets WHERE field = 'page_token'"),
                     1);
    ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM secrets WHERE field = 'access_token'"),
                     0);
    connection_release(&r.made);
}
END_TEST

/* As the server's public callback does it, in another process with its own eyes on the database. */
START_TEST(somebody_else_is_called_back)
{
    struct engine_options o = { .db_path = world.db, .key_file = world.key };
    struct engine *server;
    struct run r;
    char back[4000];
    struct error err;

    TEST_OK(engine_open(&server, world.config, &o, &err), err);
    start(&r, PLATFORM_ZOOM, SIGNIN_WAY_BROWSER);
    person_browse(r.url, "&sim_answer=allow", back, sizeof back);
    const char *query = strchr(back, '?') + 1;
    TEST_OK(signin_callback(engine_manager(server), PLATFORM_ZOOM, query, strlen(query), NULL, NULL,
                            &err),
            err);
    /* Once. */
    TEST_FAILS(signin_callback(engine_manager(server), PLATFORM_ZOOM, query, strlen(query), NULL,
                               NULL, &err),
               err, ERROR_MISSING);
    over(&r);
    ck_assert_msg(r.done, "%s", r.err.message);
    ck_assert_ptr_nonnull(strstr(r.account, "St Mark's"));
    ck_assert_int_eq(r.made.status, CONNECTION_CONNECTED);
    connection_release(&r.made);
    engine_close(server);
}
END_TEST

START_TEST(anothers_failure_is_told)
{
    struct engine_options o = { .db_path = world.db, .key_file = world.key };
    struct engine *server;
    struct run r;
    char query[400];
    const char *state;
    struct error err;

    TEST_OK(engine_open(&server, world.config, &o, &err), err);
    start(&r, PLATFORM_ZOOM, SIGNIN_WAY_BROWSER);
    state = strstr(r.url, "state=");
    snprintf(query, sizeof query, "%.*s&error=access_denied", (int)strcspn(state, "&"), state);
    TEST_FAILS(signin_callback(engine_manager(server), PLATFORM_ZOOM, query, strlen(query), NULL,
                               NULL, &err),
               err, ERROR_FORBIDDEN);
    over(&r);
    ck_assert(!r.done);
    ck_assert_ptr_nonnull(strstr(r.err.message, "refused there"));
    ck_assert_int_eq(secrets(), 0);
    engine_close(server);
}
END_TEST

START_TEST(anothers_callback_is_refused)
{
    struct run r;
    char back[4000];
    struct error err;

    start(&r, PLATFORM_ZOOM, SIGNIN_WAY_BROWSER);
    person_browse(r.url, "&sim_answer=allow", back, sizeof back);
    const char *query = strchr(back, '?') + 1;
    TEST_FAILS(
        signin_callback(world.manager, PLATFORM_YOUTUBE, query, strlen(query), NULL, NULL, &err),
        err, ERROR_INVALID);
    TEST_FAILS(
        signin_callback(world.manager, PLATFORM_ZOOM, query, strlen(query), NULL, NULL, &err), err,
        ERROR_MISSING);
    ck_assert_int_eq(secrets(), 0);
    ck_assert_uint_eq(world_request_count(&world, PLATFORM_ZOOM, "POST", "/oauth/token"), 0);
    cancel_ask(r.cancel);
    end(&r);
}
END_TEST

/* The server's front begins it for a browser: that one alone brings it to its end, whatever else
 * the callback bears. */
static void start_for(struct run *r, enum platform_id p, const char *cookie)
{
    browser = cookie;
    start(r, p, SIGNIN_WAY_BROWSER);
    browser = NULL;
}

static bool called_back(const char *query, const char *cookie, struct error *err)
{
    return signin_callback(world.manager, PLATFORM_ZOOM, query, strlen(query), cookie, NULL, err);
}

START_TEST(the_browser_that_began_it_ends_it)
{
    struct run r;
    char back[4000];
    struct error err;

    start_for(&r, PLATFORM_ZOOM, "a-cookie-of-43-characters-or-so");
    person_browse(r.url, "&sim_answer=allow", back, sizeof back);
    TEST_OK(called_back(strchr(back, '?') + 1, "a-cookie-of-43-characters-or-so", &err), err);
    over(&r);
    ck_assert_msg(r.done, "%s", r.err.message);
    ck_assert_int_eq(secrets(), 2);
    connection_release(&r.made);
}
END_TEST

START_TEST(another_browser_is_refused_and_ends_it)
{
    static const char *const cookies[] = { NULL, "", "another", "a-cookie-of-43-characters-or-s" };
    struct run r;
    char back[4000];
    struct error err;

    start_for(&r, PLATFORM_ZOOM, "a-cookie-of-43-characters-or-so");
    person_browse(r.url, "&sim_answer=allow", back, sizeof back);
    TEST_FAILS(called_back(strchr(back, '?') + 1, cookies[_i], &err), err, ERROR_INVALID);
    /* The state is used up, so whoever waits is told at once; the right browser comes too late. */
    over(&r);
    ck_assert(!r.done);
    ck_assert_ptr_nonnull(strstr(r.err.message, "another browser"));
    TEST_FAILS(called_back(strchr(back, '?') + 1, "a-cookie-of-43-characters-or-so", &err), err,
               ERROR_MISSING);
    ck_assert_int_eq(secrets(), 0);
    ck_assert_int_eq(flows(), 0);
    ck_assert_uint_eq(world_request_count(&world, PLATFORM_ZOOM, "POST", "/oauth/token"), 0);
}
END_TEST

/* What the callback brought counts for nothing until a person has said yes. */
START_TEST(what_came_back_waits_for_a_yes)
{
    struct run r;
    char back[4000];
    struct error err;

    start(&r, PLATFORM_ZOOM, SIGNIN_WAY_BROWSER);
    pthread_mutex_lock(&r.lock); /* the person thinks about it */
    person_browse(r.url, "&sim_answer=allow", back, sizeof back);
    TEST_OK(called_back(strchr(back, '?') + 1, NULL, &err), err);
    ck_assert_int_eq(secrets(), 0);
    ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM connections"), 0);
    ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM oauth_flows WHERE outcome = 'arrived'"
                                       " AND instr(result, 'eyJ') = 0"),
                     1);
    r.says_no = true;
    pthread_mutex_unlock(&r.lock);
    over(&r);
    ck_assert(!r.done);
    ck_assert_int_eq(r.err.kind, ERROR_REFUSED);
    ck_assert_str_ne(r.account, "");
    ck_assert_int_eq(secrets(), 0);
    ck_assert_int_eq(flows(), 0);
    ck_assert_uint_eq(world_request_count(&world, PLATFORM_ZOOM, "POST", "/oauth/revoke"), 1);
}
END_TEST

/* Nothing that the public address is sent passes, and none of it is stored. */
START_TEST(attacks_on_the_public_callback)
{
    struct run r;
    char back[4000], query[80 * 1024], *long_code = query;
    const char *state, *foreign = "state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&code=x";
    struct error err;
    int length;

    start(&r, PLATFORM_ZOOM, SIGNIN_WAY_BROWSER);
    person_browse(r.url, "&sim_answer=allow", back, sizeof back);
    state = strstr(r.url, "state=");
    length = (int)strcspn(state, "&");
    TEST_FAILS(called_back("", NULL, &err), err, ERROR_FORBIDDEN);
    TEST_FAILS(called_back("code=x", NULL, &err), err, ERROR_INVALID);
    TEST_FAILS(called_back(foreign, NULL, &err), err, ERROR_MISSING);
    static const char *const tails[] = { "",
                                         "&code=",
                                         "&code=a&code=b",
                                         "&code=a&%63ode=b",
                                         "&code=a&iss=a&iss=b",
                                         "&code=a&error=access_denied",
                                         "&code=a%00",
                                         "&code=a%0d%0aSet-Cookie:x",
                                         "&code=a b",
                                         "&code=%zz" };
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        snprintf(query, sizeof query, "%.*s%s", length, state, tails[i]);
        TEST_FAILS(called_back(query, NULL, &err), err, ERROR_INVALID);
    }
    long_code += snprintf(query, sizeof query, "%.*s&code=", length, state);
    memset(long_code, 'x', 65536);
    long_code[65536] = '\0';
    TEST_FAILS(called_back(query, NULL, &err), err, ERROR_INVALID);
    snprintf(query, sizeof query, "%.*s&code=a", length, state);
    query[length + 2] = '\0'; /* a raw NUL inside */
    TEST_FAILS(
        signin_callback(world.manager, PLATFORM_ZOOM, query, (size_t)length + 7, NULL, NULL, &err),
        err, ERROR_INVALID);
    ck_assert_int_eq(secrets(), 0);
    ck_assert_uint_eq(world_request_count(&world, PLATFORM_ZOOM, "POST", "/oauth/token"), 0);
    ck_assert_int_eq(world_sql(&world, "SELECT used_ms FROM oauth_flows"), 0);
    /* The honest one still counts. */
    TEST_OK(called_back(strchr(back, '?') + 1, NULL, &err), err);
    over(&r);
    ck_assert_msg(r.done, "%s", r.err.message);
    connection_release(&r.made);
}
END_TEST

/* A foreign issuer bears our state, so that is used up; no code is exchanged. */
START_TEST(a_foreign_issuer_is_told)
{
    struct run r;
    char back[4400];
    struct error err;

    start(&r, PLATFORM_ZOOM, SIGNIN_WAY_BROWSER);
    person_browse(r.url, "&sim_answer=allow", back, 4000);
    strncat(back, "&iss=https%3A%2F%2Fevil.example", sizeof back - strlen(back) - 1);
    TEST_FAILS(called_back(strchr(back, '?') + 1, NULL, &err), err, ERROR_INVALID);
    over(&r);
    ck_assert(!r.done);
    ck_assert_ptr_nonnull(strstr(r.err.message, "evil.example"));
    ck_assert_int_eq(secrets(), 0);
    ck_assert_int_eq(flows(), 0);
    ck_assert_uint_eq(world_request_count(&world, PLATFORM_ZOOM, "POST", "/oauth/token"), 0);
}
END_TEST

/* Instagram sends a browser to https alone: by the server's address, or pasted. */
START_TEST(instagram_by_the_servers_address)
{
    static const char at[] =
        "https://live.example.org/api/platforms/connections/instagram/callback";
    struct run r;
    char back[4000];
    struct error err;

    TEST_OK(config_set(world.config, "instagram", "redirect_uri", at, &err), err);
    start(&r, PLATFORM_INSTAGRAM, 0);
    person_browse(r.url, "&sim_answer=allow", back, sizeof back);
    ck_assert(text_starts(back, at));
    back[strcspn(back, "#")] = '\0'; /* no server sees it */
    TEST_OK(signin_callback(world.manager, PLATFORM_INSTAGRAM, back + sizeof at,
                            strlen(back + sizeof at), NULL, NULL, &err),
            err);
    over(&r);
    ck_assert_msg(r.done, "%s", r.err.message);
    ck_assert_str_eq(r.account, "stmarks");
    ck_assert_int_gt(r.made.access_expires_ms, clock_now() + INT64_C(50) * 24 * 3600 * 1000);
    ck_assert(r.made.renewable);
    connection_release(&r.made);
}
END_TEST

static bool has_code(struct run *r)
{
    pthread_mutex_lock(&r->lock);
    bool has = r->code[0] || r->over;
    pthread_mutex_unlock(&r->lock);
    return has;
}

/* Whether Meta's sign-in by a code gives Pages is not promised: when it does not, the other way is
 * offered. */
START_TEST(a_code_that_gives_no_page)
{
    const cJSON *part = json_at(json_at(world.ready, "platforms"), "facebook");
    char more[200];
    struct run r;
    struct error err;

    TEST_OK(config_set(world.config, "facebook", "client_token", json_string(part, "client_token"),
                       &err),
            err);
    world_fault(&world, "{\"platform\":\"facebook\",\"path\":\"/v26.0/me/accounts\",\"kind\":"
                        "\"garbage\",\"body\":\"{\\\"data\\\":[]}\"}");
    start(&r, PLATFORM_FACEBOOK, SIGNIN_WAY_DEVICE);
    TEST_UNTIL(has_code(&r));
    snprintf(more, sizeof more, "?user_code=%s&sim_answer=allow", r.code);
    person_open(r.page, more);
    over(&r);
    ck_assert(!r.done);
    ck_assert_msg(strstr(r.err.message, "no Page") != NULL, "%s", r.err.message);
    ck_assert_ptr_nonnull(strstr(r.err.remedy, "--method oauth"));
    ck_assert_int_eq(secrets(), 0);
}
END_TEST

START_TEST(what_is_pasted_wrongly_is_told_and_forgotten)
{
    struct run r;
    char back[4000];

    start(&r, PLATFORM_ZOOM, SIGNIN_WAY_BROWSER);
    paste(&r, "hello");
    TEST_UNTIL(notes(&r, "not an address"));
    paste(&r, "?state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&code=x");
    TEST_UNTIL(notes(&r, "another sign-in"));
    ck_assert_int_eq(flows(), 1);
    person_browse(r.url, "&sim_answer=allow", back, sizeof back);
    paste(&r, back);
    over(&r);
    ck_assert_msg(r.done, "%s", r.err.message);
    connection_release(&r.made);
}
END_TEST

START_TEST(it_can_be_broken_off_and_runs_out)
{
    struct run r;

    start(&r, PLATFORM_ZOOM, 0);
    cancel_ask(r.cancel);
    over(&r);
    ck_assert_int_eq(r.err.kind, ERROR_CANCELLED);
    ck_assert_int_eq(flows(), 0);
    start(&r, PLATFORM_ZOOM, 0);
    cancel_ask(r.cancel);
    end(&r);
    struct signin_front front = { .self = &r, .show = on_show, .paste_fd = -1 };
    r.request.timeout_ms = 50;
    struct error err;
    TEST_FAILS(signin_run(world.manager, &r.request, &front, &world_operator, NULL, NULL, &err),
               err, ERROR_TIMEOUT);
    ck_assert_int_eq(flows(), 0);
}
END_TEST

START_TEST(a_server_that_fails_leaves_nothing)
{
    struct run r;
    char back[4000];

    start(&r, PLATFORM_ZOOM, SIGNIN_WAY_BROWSER);
    person_browse(r.url, "&sim_answer=allow", back, sizeof back);
    world_fault(
        &world,
        "{\"platform\":\"zoom\",\"path\":\"/oauth/token\",\"kind\":\"garbage\",\"times\":1}");
    paste(&r, back);
    over(&r);
    ck_assert(!r.done);
    ck_assert_int_eq(r.err.kind, ERROR_GARBAGE);
    ck_assert_int_eq(secrets(), 0);
    ck_assert_int_eq(flows(), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_yes_makes_the_connection,        a_no_leaves_all_as_it_was,
        another_account_is_told_apart,     facebook_gets_the_pages_own_token,
        somebody_else_is_called_back,      anothers_failure_is_told,
        anothers_callback_is_refused,      the_browser_that_began_it_ends_it,
        what_came_back_waits_for_a_yes,    attacks_on_the_public_callback,
        a_foreign_issuer_is_told,          instagram_by_the_servers_address,
        a_code_that_gives_no_page,         what_is_pasted_wrongly_is_told_and_forgotten,
        it_can_be_broken_off_and_runs_out, a_server_that_fails_leaves_nothing
    };
    Suite *suite = suite_create("manager_signin");
    TCase *c = tcase_create("all");

    tcase_add_checked_fixture(c, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(c, tests[i]);
    tcase_add_loop_test(c, another_browser_is_refused_and_ends_it, 0, 4);
    tcase_add_loop_test(c, a_no_may_end_the_one_before, 0, 2);
    suite_add_tcase(suite, c);
    return test_run(suite);
}

/* The status that is shown is always what the facts say: random sequences of what befalls sign-ins
 * at the platforms, on the way and here (revoked, expired, permissions gone, outages, jumps of the
 * clock, interrupted renewals, restarts, kills), two programs at one database; after each step both
 * say what a model says that knows nothing but the facts. */
#include "world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

#include "other.h"

enum { STEPS = 45 };
static const int64_t hour_ms = 3600 * INT64_C(1000);
static struct world w;
static struct other second;
static char clock_path[] = "/tmp/ecclesia-clock-XXXXXX";

static void close_world(void)
{
    if (second.pid)
        other_kill(&second);
    world_close(&w);
}

/* ---- what is said ---- */

/* "youtube=connected zoom=error:stale …": what `connection list` says, of those that there are. */
static void say_all(struct manager *m, struct store *s, char *out, size_t size)
{
    struct connection *list = NULL;
    struct db *db = NULL;
    struct error err;
    struct text t;
    size_t n = 0;

    text_init(&t, size - 1);
    TEST_OK(db_read(s, &db, &err), err);
    TEST_OK(connection_list(db, (struct id){ "" }, &list, &n, &err), err);
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        for (size_t i = 0; i < n; i++) {
            if (list[i].platform != (enum platform_id)p)
                continue;
            TEST_OK(connection_review(m, db, &list[i], &err), err);
            text_addf(&t, "%s=%s%s%s ", platform_slug(list[i].platform),
                      connection_status_name(list[i].status), list[i].reason[0] ? ":" : "",
                      list[i].reason);
        }
    }
    db_read_end(db);
    for (size_t i = 0; i < n; i++)
        connection_release(&list[i]);
    free(list);
    text_copy_to(out, size, text_str(&t));
    text_release(&t);
}

/* The other program: it looks, and asks platforms, when it is told to. */
static int second_main(char **words)
{
    struct engine_options o = { .db_path = words[1], .key_file = words[2] };
    const struct actor by = { "second" };
    struct config *config;
    struct engine *e;
    struct church church;
    struct error err;
    char line[2000];

    if (!config_load(&config, words[0], &err) || !engine_open(&e, config, &o, &err) ||
        !manager_church(engine_manager(e), NULL, false, &church, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        enum platform_id p;

        line[strcspn(line, "\n")] = '\0';
        if (platform_from_slug(line, &p)) {
            struct connection c = { 0 };
            if (connection_check(engine_manager(e), church.id, p, &by, NULL, &c, &err))
                connection_release(&c);
        }
        say_all(engine_manager(e), engine_store(e), line, sizeof line);
        printf("%s\n", line);
        fflush(stdout);
    }
    church_release(&church);
    engine_close(e);
    config_free(config);
    return 0;
}

static void start_second(void)
{
    char line[100];

    other_start(&second, "second", test_path(w.directory, "second.conf"), w.db, w.key, NULL);
    other_hear(&second, line, sizeof line);
    ck_assert_str_eq(line, "ready");
}

/* The world's configuration as a file. */
static void write_config(void)
{
    struct text t;

    text_init(&t, 64 * 1024);
    text_add(&t, "[net]\nconnect = 1s\ntotal = 600ms\n[refresh]\nmargin = 60s\nagain = 50ms\n"
                 "base = 20ms\ncap = 200ms\nsave = 300ms\n[retry]\nbase = 20ms\ncap = 200ms\n");
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const char *slug = platform_slug((enum platform_id)p);
        static const char *const keys[] = { "api_base", "auth_base", "client_id", "client_secret" };
        text_addf(&t, "[%s]\n", slug);
        for (size_t k = 0; k < 4; k++) {
            const char *value = config_text(w.config, slug, keys[k]);
            if (value[0])
                text_addf(&t, "%s = %s\n", keys[k], value);
        }
    }
    const char *path = test_path(w.directory, "second.conf");
    test_write_file(path, text_str(&t), t.length);
    ck_assert_int_eq(chmod(path, 0600), 0);
    text_release(&t);
}

/* ---- what is true ---- */

struct facts {
    bool there;    /* it is connected to: rows exist */
    bool alive;    /* the platform would take its sign-in */
    bool allowed;  /* … and lets it do something */
    bool down;     /* the platform cannot be asked */
    bool refused;  /* it has said no since the last yes */
    bool trouble;  /* the last question failed otherwise, or a renewal was cut off */
    int64_t ok_ms; /* the last yes, by our clock */
};
static struct facts facts[PLATFORM_COUNT];
static enum platform_id all[PLATFORM_COUNT];
static size_t all_count;
static int64_t off_ms; /* our clock */

static enum connection_status truth(const struct facts *f)
{
    if (!f->there)
        return CONNECTION_DISCONNECTED;
    if (f->refused)
        return CONNECTION_EXPIRED;
    return f->trouble || f->ok_ms + 24 * hour_ms < clock_now() ? CONNECTION_ERROR
                                                               : CONNECTION_CONNECTED;
}

/* A question reaches the platform, or not. */
static void answered(struct facts *f)
{
    /* What we sign for it bears our clock's time. */
    bool dated = f == &facts[PLATFORM_JITSI] && off_ms != 0;

    if (!f->there)
        return;
    if (f->down || dated) {
        f->trouble = true;
    } else if (!f->alive) {
        f->refused = true;
    } else {
        f->refused = false;
        f->trouble = !f->allowed;
        f->ok_ms = clock_now();
    }
}

static void compare(const char *who, const char *said)
{
    for (size_t i = 0; i < all_count; i++) {
        char wanted[80];
        const char *status = connection_status_name(truth(&facts[all[i]]));

        snprintf(wanted, sizeof wanted, "%s=%s", platform_slug(all[i]), status);
        const char *at = strstr(said, wanted);
        size_t length = strlen(wanted);
        ck_assert_msg(at && (at[length] == ' ' || at[length] == ':'),
                      "%s says \"%s\", and %s is %s", who, said, platform_slug(all[i]), status);
        /* Connected has no reason, what is not fine has one. */
        bool fine = truth(&facts[all[i]]) == CONNECTION_CONNECTED ||
                    truth(&facts[all[i]]) == CONNECTION_DISCONNECTED;
        ck_assert_msg(fine == (at[length] == ' '), "%s gives %s a reason: \"%s\"", who,
                      platform_slug(all[i]), said);
    }
}

static void look(void)
{
    char said[2000];

    say_all(w.manager, engine_store(w.engine), said, sizeof said);
    compare("the first", said);
    other_say(&second, "look");
    other_hear(&second, said, sizeof said);
    compare("the second", said);
}

/* ---- what happens ---- */

static void set_clock(int64_t off)
{
    char line[32];
    int fd = open(clock_path, O_WRONLY | O_CLOEXEC);

    off_ms = off;
    snprintf(line, sizeof line, "%+020lld\n", (long long)off);
    ck_assert(fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line));
    close(fd);
}

static void check(struct cases *c, enum platform_id p)
{
    struct connection found = { 0 };
    char line[2000];
    struct error err;

    if (dice(c, 2)) {
        case_tell(c, "the first asks %s", platform_slug(p));
        TEST_OK(connection_check(w.manager, w.church.id, p, &world_operator, NULL, &found, &err),
                err);
        connection_release(&found);
    } else {
        case_tell(c, "the second asks %s", platform_slug(p));
        other_say(&second, platform_slug(p));
        other_hear(&second, line, sizeof line);
    }
    answered(&facts[p]);
}

static void connect_one(enum platform_id p)
{
    struct error err;

    TEST_OK(world_connect(&w, p, NULL, &err), err);
    facts[p] = (struct facts){
        .there = true, .alive = true, .allowed = true, .down = facts[p].down, .ok_ms = clock_now()
    };
}

static void begin_anew(struct cases *c)
{
    case_tell(c, "the platforms begin anew, and all are connected");
    cJSON_Delete(world_control(&w, "POST", "/_sim/reset", NULL));
    for (size_t i = 0; i < all_count; i++) {
        facts[all[i]].down = false;
        connect_one(all[i]);
    }
}

static void happen(struct cases *c, enum platform_id p, const char *action)
{
    char body[100];

    case_tell(c, "%s: %s", platform_slug(p), action);
    snprintf(body, sizeof body, "{\"platform\":\"%s\",\"action\":\"%s\"}", platform_slug(p),
             action);
    cJSON_Delete(world_control(&w, "POST", "/_sim/grants", body));
}

static void outage(struct cases *c, enum platform_id p)
{
    static const char *const faults[] = { "\"kind\":\"status\",\"status\":503",
                                          "\"kind\":\"refuse\"", "\"kind\":\"reset\"",
                                          "\"kind\":\"garbage\"", "\"kind\":\"cut\",\"bytes\":10" };

    if (facts[p].down) {
        case_tell(c, "all platforms are back");
        sim_faults_clear(w.sim);
        for (size_t i = 0; i < all_count; i++)
            facts[all[i]].down = false;
        return;
    }
    /* Restream's tokens are good once: a renewal whose answer is cut would end the sign-in, which
     * tests/e2e/refresh.sh is about. */
    const char *fault = faults[dice(c, p == PLATFORM_RESTREAM ? 4 : 5)];
    case_tell(c, "%s is down: %s", platform_slug(p), fault);
    world_fault(&w, "{\"platform\":\"%s\",%s}", platform_slug(p), fault);
    facts[p].down = true;
}

static void jump(struct cases *c)
{
    /* Never by a day exactly, where a millisecond decides. */
    int64_t to = ((int64_t)dice(c, 21) - 10) * 7 * hour_ms;

    case_tell(c, "the clock is %lld h off", (long long)(to / hour_ms));
    set_clock(to);
}

static void restart(struct cases *c)
{
    switch (dice(c, 3)) {
    case 0:
        case_tell(c, "the first begins anew");
        world_engine_close(&w);
        world_engine_open(&w, false);
        break;
    case 1:
        case_tell(c, "the second begins anew");
        other_wait(&second);
        start_second();
        break;
    default:
        case_tell(c, "the second is killed and begins anew");
        other_kill(&second);
        start_second();
        break;
    }
}

/* The second program dies when it has written that it renews, before it has asked. */
static void cut_renewal(struct cases *c, enum platform_id p)
{
    struct facts *f = &facts[p];
    char line[2000];

    if (!f->there || f->refused || f->down || !f->alive || f->trouble || !platform_get(p)->renew ||
        p == PLATFORM_INSTAGRAM)
        return;
    happen(c, p, "expire_access");
    case_tell(c, "the second dies renewing %s", platform_slug(p));
    other_wait(&second);
    setenv("ECCLESIA_CRASH", "oauth.in_flight", 1);
    start_second();
    unsetenv("ECCLESIA_CRASH");
    other_say(&second, platform_slug(p));
    other_hear(&second, line, sizeof line);
    ck_assert_str_eq(line, "");
    ck_assert_int_eq(other_wait(&second), -9);
    f->trouble = true;
    start_second();
}

static void disconnect_or_connect(struct cases *c, enum platform_id p)
{
    struct error err;
    int64_t left;

    if (!facts[p].there) {
        if (facts[p].down || !facts[p].alive || !facts[p].allowed)
            return;
        case_tell(c, "%s is connected", platform_slug(p));
        connect_one(p);
        return;
    }
    case_tell(c, "%s is disconnected", platform_slug(p));
    TEST_OK(connection_disconnect(w.manager, w.church.id, p, &world_operator, NULL, &left, &err),
            err);
    facts[p].there = false;
    /* Giving the sign-in back may end it there. */
    facts[p].alive = false;
}

static void step(struct cases *c)
{
    enum platform_id p = all[dice(c, all_count)];
    bool signs_in = p != PLATFORM_JITSI;

    switch (dice(c, 14)) {
    case 0:
        if (signs_in) {
            happen(c, p, "revoke");
            facts[p].alive = false;
        }
        break;
    case 1:
        /* What cannot be renewed is over for good. */
        if (signs_in && p != PLATFORM_INSTAGRAM && p != PLATFORM_FACEBOOK)
            happen(c, p, "expire_access");
        break;
    case 2:
        if (p == PLATFORM_YOUTUBE || p == PLATFORM_GOOGLE_MEET || p == PLATFORM_TEAMS) {
            happen(c, p, "drop_scope");
            facts[p].allowed = false;
        }
        break;
    case 3:
    case 4:
        outage(c, p);
        break;
    case 5:
    case 6:
        jump(c);
        break;
    case 7:
        restart(c);
        break;
    case 8:
        cut_renewal(c, p);
        break;
    case 9:
        disconnect_or_connect(c, p);
        break;
    default:
        check(c, p);
    }
}

START_TEST(what_is_shown_is_what_the_facts_say)
{
    struct cases c = { .total = 16 };
    struct world_options o = { .idle = true };

    set_clock(0);
    world_open(&w, &o);
    write_config();
    start_second();
    all_count = world_platforms(&w, 0, all);
    ck_assert_uint_ge(all_count, 4);
    while (cases_next(&c)) {
        set_clock(0);
        begin_anew(&c);
        for (int i = 0; i < STEPS; i++) {
            step(&c);
            look();
        }
        sim_faults_clear(w.sim);
    }
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = { what_is_shown_is_what_the_facts_say };

    if (argc == 5 && strcmp(argv[1], "second") == 0)
        return second_main(argv + 2);
    int fd = mkstemp(clock_path);
    if (fd < 0 || dprintf(fd, "%+020d\n", 0) < 0)
        return 1;
    close(fd);
    setenv("ECCLESIA_TEST_CLOCK_FILE", clock_path, 1);
    int status = test_main("status", NULL, close_world, tests, sizeof tests / sizeof tests[0]);
    unlink(clock_path);
    return status;
}

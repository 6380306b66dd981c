/* Whatever one platform does, the others come to where they would have come without it, and at
 * their own pace; and when that one is well again, each wish has come true there once: nothing
 * lost, nothing made twice. */
#include "world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

static struct world w;

static void close_world(void)
{
    world_close(&w);
}

/* A livestream on all platforms that have them, started, and a meeting on all that have those. */
struct service {
    struct id livestream, meeting;
    enum platform_id on_livestream[PLATFORM_COUNT], on_meeting[PLATFORM_COUNT];
    size_t livestreams, meetings;
};

static struct service begin(void)
{
    struct service s;

    s.livestreams = world_platforms(&w, PLATFORM_LIVESTREAMS, s.on_livestream);
    s.meetings = world_platforms(&w, PLATFORM_MEETINGS, s.on_meeting);
    s.livestream = world_livestream(&w, "Sunday Service", s.on_livestream, s.livestreams, true);
    s.meeting = world_meeting(&w, "Prayer", s.on_meeting, s.meetings);
    return s;
}

/* A target's place in the service, from 0; false past the last. */
static bool target_at(const struct service *s, size_t i, enum subject_kind *kind, struct id *id,
                      enum platform_id *p)
{
    bool first = i < s->livestreams;

    if (i >= s->livestreams + s->meetings)
        return false;
    *kind = first ? SUBJECT_LIVESTREAM : SUBJECT_MEETING;
    *id = first ? s->livestream : s->meeting;
    *p = first ? s->on_livestream[i] : s->on_meeting[i - s->livestreams];
    return true;
}

static bool arrived(enum subject_kind kind, const struct target *t)
{
    enum target_status wanted = kind == SUBJECT_LIVESTREAM ? TARGET_LIVE : TARGET_PENDING;

    return t->status == wanted && t->error_kind == ERROR_NONE && t->remote_id[0] &&
           (kind == SUBJECT_LIVESTREAM || t->url[0]) && world_live(&w, t->id) == 0;
}

/* Every target has come to where it should, but for those of that platform (-1 none). */
static bool all_arrived(const struct service *s, int but)
{
    enum subject_kind kind;
    enum platform_id p;
    struct id id;
    bool all = true;

    for (size_t i = 0; all && target_at(s, i, &kind, &id, &p); i++) {
        struct target t = world_target(&w, kind, id, p);
        all = (int)p == but || arrived(kind, &t);
        target_release(&t);
    }
    return all;
}

/* The others noticed nothing: each job went through at the first try. */
static void check_untroubled(int but)
{
    size_t n;
    struct job *jobs = world_jobs(&w, (struct id){ "" }, &n);

    for (size_t i = 0; i < n; i++) {
        if ((int)jobs[i].platform == but)
            continue;
        ck_assert_msg(jobs[i].state == JOB_SUCCEEDED && jobs[i].attempt == 1 &&
                          jobs[i].error_kind == ERROR_NONE,
                      "%s %s: %s, attempt %d: %s", platform_slug(jobs[i].platform), jobs[i].kind,
                      job_state_name(jobs[i].state), jobs[i].attempt, jobs[i].error);
    }
    free(jobs);
}

static const char *object_kind(enum platform_id p)
{
    switch (p) {
    case PLATFORM_YOUTUBE:
        return "broadcast";
    case PLATFORM_FACEBOOK:
        return "live_video";
    case PLATFORM_ZOOM:
        return "meeting";
    default:
        return NULL; /* Jitsi's rooms are made by whoever comes first */
    }
}

/* Each wish came true once. */
static void check_objects(const struct service *s)
{
    enum subject_kind kind;
    enum platform_id p;
    struct id id;

    for (size_t i = 0; target_at(s, i, &kind, &id, &p); i++) {
        if (!object_kind(p))
            continue;
        struct target t = world_target(&w, kind, id, p);
        cJSON *list = world_objects(&w, p, object_kind(p));
        ck_assert_msg(cJSON_GetArraySize(list) == 1, "%d objects on %s", cJSON_GetArraySize(list),
                      platform_slug(p));
        ck_assert_msg(strstr(t.remote_id, json_string(list->child, "id")) != NULL,
                      "%s: %s is there, %s is known", platform_slug(p),
                      json_string(list->child, "id"), t.remote_id);
        cJSON_Delete(list);
        target_release(&t);
    }
}

/* As an operator would: what has failed is tried again, once it is well. */
static void retry_failed(const struct service *s)
{
    enum subject_kind kind;
    enum platform_id p;
    struct error err;
    struct id id;

    for (size_t i = 0; target_at(s, i, &kind, &id, &p); i++) {
        struct target t = world_target(&w, kind, id, p);
        if (t.status == TARGET_FAILED || t.error_kind != ERROR_NONE) {
            struct connection c = { 0 };
            world_connection(&w, p, &c);
            if (c.status == CONNECTION_EXPIRED)
                TEST_OK(world_connect(&w, p, NULL, &err), err);
            connection_release(&c);
            if (kind == SUBJECT_LIVESTREAM)
                TEST_OK(livestream_retry(w.manager, id, p, &world_operator, &err), err);
            else
                TEST_OK(meeting_retry(w.manager, id, p, &world_operator, &err), err);
        }
        target_release(&t);
    }
}

START_TEST(without_a_fault_all_arrive)
{
    world_open(&w, NULL);
    struct service s = begin();
    WORLD_UNTIL(&w, all_arrived(&s, -1));
    check_untroubled(-1);
    check_objects(&s);
}
END_TEST

/* ---- one platform fails ---- */

static const char *const faults[] = {
    "\"kind\":\"status\",\"status\":500",
    "\"kind\":\"status\",\"status\":502",
    "\"kind\":\"status\",\"status\":503",
    "\"kind\":\"status\",\"status\":401",
    "\"kind\":\"status\",\"status\":403",
    "\"kind\":\"status\",\"status\":404",
    "\"kind\":\"status\",\"status\":400",
    "\"kind\":\"rate_limit\",\"retryAfter\":1",
    "\"kind\":\"delay\",\"delayMs\":250",
    "\"kind\":\"reset\"",
    "\"kind\":\"lost_answer\"",
    "\"kind\":\"cut\",\"bytes\":0",
    "\"kind\":\"cut\",\"bytes\":60",
    "\"kind\":\"cut\",\"bytes\":200",
    "\"kind\":\"garbage\"",
    "\"kind\":\"garbage\",\"body\":\"{}\"",
    "\"kind\":\"garbage\",\"body\":\"[]\"",
    "\"kind\":\"garbage\",\"body\":\"{\\\"id\\\":\\\"\\\"}\"",
    "\"kind\":\"stall\"",
};
enum { FAULTS = sizeof faults / sizeof *faults };

/* A platform that says of what is on air that it is not there, or that it was ended, is believed.
 */
static bool is_lie(const char *fault)
{
    return strstr(fault, "404") || strstr(fault, "body");
}

/* At which of its calls: all, the writes, or the n-th; for ever or some times. */
static void break_platform(struct cases *c, enum platform_id p, bool honest)
{
    const char *fault;
    do
        fault = faults[dice(c, FAULTS)];
    while (honest && is_lie(fault));
    const char *method = dice(c, 2) ? ",\"method\":\"POST\"" : "";
    int after = (int)dice(c, 6), times = (int)dice(c, 4);
    char when[60] = "";

    if (after)
        snprintf(when, sizeof when, ",\"after\":%d", after);
    if (times)
        snprintf(when + strlen(when), sizeof when - strlen(when), ",\"times\":%d", times);
    case_tell(c, "{\"platform\":\"%s\",%s%s%s}", platform_slug(p), fault, method, when);
    world_fault(&w, "{\"platform\":\"%s\",%s%s%s}", platform_slug(p), fault, method, when);
}

static enum platform_id any_platform(struct cases *c)
{
    enum platform_id all[PLATFORM_COUNT];
    size_t n = world_platforms(&w, 0, all);

    ck_assert_uint_ge(n, 4);
    return all[dice(c, n)];
}

/* What was told to come back in a minute is not waited for: a program that is started anew asks
 * sooner. */
static void until_only_later(void)
{
    WORLD_UNTIL(
        &w,
        world_sql(&w, "SELECT count(*) FROM jobs WHERE state IN ('scheduled','running','unknown')"
                      " AND error_kind NOT IN ('rate','quota')") == 0);
    if (world_live(&w, (struct id){ "" }) > 0) {
        world_engine_close(&w);
        world_engine_open(&w, true);
    }
}

START_TEST(one_platform_fails_and_the_others_do_not_notice)
{
    struct cases c = { .total = 30 };

    while (cases_next(&c)) {
        world_open(&w, &(struct world_options){ .seed = (uint64_t)c.number });
        enum platform_id broken = any_platform(&c);
        break_platform(&c, broken, false);
        struct service s = begin();
        WORLD_UNTIL(&w, all_arrived(&s, (int)broken));
        check_untroubled((int)broken);
        sim_faults_clear(w.sim);
        until_only_later();
        retry_failed(&s);
        WORLD_UNTIL(&w, all_arrived(&s, -1));
        check_objects(&s);
        world_close(&w);
    }
}
END_TEST

/* ---- one fails when it shall end ---- */

/* Still on air, or still open to members. */
static size_t on_air(enum platform_id p)
{
    cJSON *list = world_objects(&w, p, object_kind(p));
    size_t n = 0;

    for (const cJSON *o = list->child; o; o = o->next) {
        const char *state = json_string(o, "state");
        n += p == PLATFORM_ZOOM || text_equal(state, "live") || text_equal(state, "LIVE") ||
             text_equal(state, "ready") || text_equal(state, "testing") ||
             text_equal(state, "liveStarting");
    }
    cJSON_Delete(list);
    return n;
}

static bool all_ended(const struct service *s, int but)
{
    enum subject_kind kind;
    enum platform_id p;
    struct id id;
    bool all = true;

    for (size_t i = 0; all && target_at(s, i, &kind, &id, &p); i++) {
        struct target t = world_target(&w, kind, id, p);
        all = (int)p == but || (t.status == TARGET_ENDED && t.error_kind == ERROR_NONE &&
                                world_live(&w, t.id) == 0 && (!object_kind(p) || on_air(p) == 0));
        target_release(&t);
    }
    return all;
}

START_TEST(one_platform_fails_to_end_and_the_others_end)
{
    struct cases c = { .total = 25 };
    struct error err;

    while (cases_next(&c)) {
        world_open(&w, &(struct world_options){ .seed = (uint64_t)c.number });
        struct service s = begin();
        WORLD_UNTIL(&w, all_arrived(&s, -1));
        enum platform_id broken = any_platform(&c);
        break_platform(&c, broken, true);
        TEST_OK(livestream_stop(w.manager, s.livestream, &world_operator, &err), err);
        TEST_OK(meeting_cancel(w.manager, s.meeting, &world_operator, &err), err);
        WORLD_UNTIL(&w, all_ended(&s, (int)broken));
        check_untroubled((int)broken);
        sim_faults_clear(w.sim);
        until_only_later();
        retry_failed(&s);
        WORLD_UNTIL(&w, all_ended(&s, -1));
        ck_assert_int_eq(world_sql(&w, "SELECT count(*) FROM livestreams WHERE status <> 'ended'"),
                         0);
        world_close(&w);
    }
}
END_TEST

/* Counted, not timed: the others have arrived while what was asked of this one is still not
 * answered. */
START_TEST(the_others_do_not_wait_for_one_that_hangs)
{
    struct cases c = { .total = 8 };
    struct world_options o = { .settings = { { "net", "total", "25s" } } };

    while (cases_next(&c)) {
        world_open(&w, &o);
        enum platform_id broken = any_platform(&c);
        case_tell(&c, "%s hangs", platform_slug(broken));
        world_fault(&w, "{\"platform\":\"%s\",\"kind\":\"stall\"}", platform_slug(broken));
        struct service s = begin();
        WORLD_UNTIL(&w, all_arrived(&s, (int)broken));
        check_untroubled((int)broken);
        ck_assert_int_gt(world_sql(&w, "SELECT count(*) FROM jobs WHERE state = 'running'"), 0);
        /* The program is started anew, and the platform is well. */
        sim_faults_clear(w.sim);
        world_engine_close(&w);
        world_engine_open(&w, true);
        WORLD_UNTIL(&w, all_arrived(&s, -1));
        check_objects(&s);
        world_close(&w);
    }
}
END_TEST

/* All of one platform's share of workers, and of as many platforms as there are but one, hang; the
 * last one still gets its turn. */
START_TEST(all_the_others_hang_and_one_goes_on)
{
    struct world_options o = { .settings = { { "net", "total", "25s" } } };
    struct error err;

    world_open(&w, &o);
    struct service s = begin();
    WORLD_UNTIL(&w, all_arrived(&s, -1));
    for (size_t i = 0; i < s.meetings; i++)
        world_fault(&w, "{\"platform\":\"%s\",\"kind\":\"stall\"}", platform_slug(s.on_meeting[i]));
    for (size_t i = 1; i < s.livestreams; i++)
        world_fault(&w, "{\"platform\":\"%s\",\"kind\":\"stall\"}",
                    platform_slug(s.on_livestream[i]));
    for (int i = 0; i < 4; i++) {
        world_meeting(&w, "Vestry", s.on_meeting, s.meetings);
        world_livestream(&w, "Evensong", s.on_livestream + 1, s.livestreams - 1, false);
    }
    WORLD_UNTIL(&w, world_sql(&w, "SELECT count(*) FROM jobs WHERE state = 'running'") >= 3);
    struct id id = world_livestream(&w, "Compline", s.on_livestream, 1, false);
    ck_assert_int_eq(world_settle(&w, SUBJECT_LIVESTREAM, id).fine, 1);
    TEST_OK(livestream_stop(w.manager, s.livestream, &world_operator, &err), err);
    struct target t;
    WORLD_UNTIL(&w, (t = world_target(&w, SUBJECT_LIVESTREAM, s.livestream, s.on_livestream[0]),
                     target_release(&t), true));
    ck_assert_int_gt(world_sql(&w, "SELECT count(*) FROM jobs WHERE state = 'running'"), 0);
}
END_TEST

/* ---- below the queue: connections ---- */

enum { HOSTS = 7, CALLS = 5 }; /* three jobs, a stop and a question of the poller at each */

static struct net *net;
static struct cancel *cancel;

static void *call_that_hangs(void *argument)
{
    struct http_request r = {
        .method = "GET", .url = argument, .route = "GET /hangs", .platform = "zoom"
    };
    struct http_answer answer;
    struct error err;

    if (net_call(net, &r, &answer, cancel, &err))
        http_answer_release(&answer);
    return NULL;
}

/* Takes connections, as the kernel does for it, and says nothing. */
static int deaf_server(int number, char url[60])
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(0x7f000100u + (unsigned)number);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(fd, 64), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    snprintf(url, 60, "http://127.0.1.%d:%d/", number, ntohs(at.sin_port));
    return fd;
}

START_TEST(hosts_that_hang_leave_connections_for_another)
{
    struct net_options o = { .connect_ms = 5000, .total_ms = 25000 };
    static pthread_t threads[HOSTS * CALLS];
    static char urls[HOSTS][60];
    int servers[HOSTS];
    char url[80];
    struct error err;
    struct net_counts counts;

    world_open(&w, &(struct world_options){ .idle = true, .unconnected = true });
    TEST_OK(net_start(&net, &o, &err), err);
    cancel = cancel_new();
    for (int h = 0; h < HOSTS; h++) {
        servers[h] = deaf_server(h + 1, urls[h]);
        for (int i = 0; i < CALLS; i++)
            ck_assert_int_eq(
                pthread_create(&threads[h * CALLS + i], NULL, call_that_hangs, urls[h]), 0);
    }
    TEST_UNTIL((net_count(net, &counts), counts.calls == HOSTS * CALLS));
    snprintf(url, sizeof url, "%s/_sim", sim_base(w.sim));
    struct http_request r = { .method = "GET",
                              .url = url,
                              .route = "GET /_sim",
                              .platform = "youtube",
                              .timeout_ms = 15000 };
    struct http_answer answer;
    TEST_OK(net_call(net, &r, &answer, NULL, &err), err);
    ck_assert_int_eq(answer.status, 200);
    http_answer_release(&answer);
    cancel_ask(cancel);
    for (int i = 0; i < HOSTS * CALLS; i++)
        pthread_join(threads[i], NULL);
    net_stop(net);
    cancel_free(cancel);
    for (int h = 0; h < HOSTS; h++)
        close(servers[h]);
}
END_TEST

TEST_MAIN_FIXTURE("isolation", NULL, close_world, without_a_fault_all_arrive,
                  one_platform_fails_and_the_others_do_not_notice,
                  one_platform_fails_to_end_and_the_others_end,
                  the_others_do_not_wait_for_one_that_hangs, all_the_others_hang_and_one_goes_on,
                  hosts_that_hang_leave_connections_for_another)

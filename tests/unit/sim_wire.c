/* Faults as a client meets them on the wire, and the simulator's own listening. */
#include "sim_kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>

static const char path[] = "/external_api.js";

static const struct reply *jitsi(void)
{
    return kit_get("jitsi", path);
}

/* A connected socket to a platform, for what libcurl hides. */
static int dial(const char *slug)
{
    struct sockaddr_in to = { .sin_family = AF_INET };
    char ip[40];
    unsigned port;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(sscanf(sim_address(sim, slug), "http://%39[0-9.]:%u", ip, &port), 2);
    to.sin_port = htons((uint16_t)port);
    inet_pton(AF_INET, ip, &to.sin_addr);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        int trouble = errno;
        close(fd);
        errno = trouble;
        return -1;
    }
    return fd;
}

static void send_get(int fd)
{
    static const char request[] = "GET /external_api.js HTTP/1.1\r\nHost: x\r\n\r\n";

    ck_assert_int_eq(send(fd, request, sizeof request - 1, MSG_NOSIGNAL),
                     (ssize_t)sizeof request - 1);
}

/* What comes next: bytes, 0 for an orderly end, -1 with errno; -2 when nothing comes within ms. */
static ssize_t next_bytes(int fd, int ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    char bytes[65536];

    return poll(&p, 1, ms) == 0 ? -2 : recv(fd, bytes, sizeof bytes, 0);
}

START_TEST(refuse_closes_the_listener_and_open_connections)
{
    ck_assert_int_eq(jitsi()->status, 200);
    int open = dial("jitsi");
    send_get(open);
    ck_assert_int_gt(next_bytes(open, TEST_PATIENCE_MS), 0);

    const cJSON *made =
        kit_control("POST", "/_sim/faults", "{\"platform\":\"jitsi\",\"kind\":\"refuse\"}");
    int64_t id = 0;
    ck_assert(json_int(made, "id", &id));
    ck_assert_int_eq(dial("jitsi"), -1);
    ck_assert_int_eq(errno, ECONNREFUSED);
    ck_assert_int_eq(next_bytes(open, TEST_PATIENCE_MS), 0);
    close(open);
    curl_easy_cleanup(client);
    client = curl_easy_init();
    ck_assert_int_eq(jitsi()->code, CURLE_COULDNT_CONNECT);
    ck_assert_int_eq(kit_get("zoom", "/")->status, 404); /* the others go on */

    char heal[64];
    snprintf(heal, sizeof heal, "/_sim/faults/%d", (int)id);
    kit_control("DELETE", heal, NULL);
    ck_assert_int_eq(jitsi()->status, 200);
}
END_TEST

START_TEST(refuse_can_be_asked_for_at_the_platform_itself)
{
    ck_assert_int_eq(
        kit_json("jitsi", "POST", "/_sim/faults", "{\"platform\":\"jitsi\",\"kind\":\"refuse\"}")
            ->status,
        201);
    ck_assert_int_eq(dial("jitsi"), -1);
    kit_control("POST", "/_sim/reset", NULL);
    ck_assert_int_eq(jitsi()->status, 200);
}
END_TEST

START_TEST(reset_comes_as_rst_before_any_byte)
{
    kit_fault("{\"platform\":\"jitsi\",\"kind\":\"reset\",\"times\":2}");
    int fd = dial("jitsi");
    send_get(fd);
    ck_assert_int_eq(next_bytes(fd, TEST_PATIENCE_MS), -1);
    ck_assert_int_eq(errno, ECONNRESET);
    close(fd);
    ck_assert_int_eq(jitsi()->code, CURLE_RECV_ERROR);
    ck_assert_int_eq(jitsi()->status, 200); /* two times are over */
}
END_TEST

START_TEST(stall_accepts_and_never_answers)
{
    kit_fault("{\"platform\":\"jitsi\",\"kind\":\"stall\",\"times\":1}");
    int fd = dial("jitsi");
    send_get(fd);
    ck_assert_int_eq(next_bytes(fd, 400), -2);
    ck_assert_int_eq(jitsi()->status, 200); /* others are answered meanwhile */
    ck_assert_int_eq(next_bytes(fd, 0), -2);
    close(fd);
}
END_TEST

START_TEST(stop_cuts_what_is_stalled)
{
    kit_fault("{\"platform\":\"jitsi\",\"kind\":\"stall\"}");
    int fd = dial("jitsi");
    send_get(fd);
    TEST_UNTIL(cJSON_GetArraySize(kit_control("GET", "/_sim/requests", NULL)) == 1);
    sim_stop(sim);
    sim = NULL;
    ck_assert_int_le(next_bytes(fd, TEST_PATIENCE_MS), 0);
    close(fd);
}
END_TEST

START_TEST(lost_answer_does_the_work)
{
    int64_t status = -1;

    kit_sign_in_youtube();
    kit_fault("{\"platform\":\"youtube\",\"kind\":\"lost_answer\",\"times\":1}");
    kit_json("youtube", "POST", "/youtube/v3/liveStreams?part=snippet,cdn",
             "{\"snippet\":{\"title\":\"x\"},\"cdn\":{\"ingestionType\":\"rtmp\"}}");
    ck_assert_int_eq(last.code, CURLE_GOT_NOTHING);
    ck_assert_int_eq(cJSON_GetArraySize(kit_control("GET", "/_sim/objects?platform=youtube", NULL)),
                     1);
    const cJSON *entry = kit_control("GET", "/_sim/requests?platform=youtube&after=1", NULL)->child;
    ck_assert_str_eq(json_string(entry, "fault"), "lost_answer");
    ck_assert(json_int(entry, "status", &status));
    ck_assert_int_eq(status, 0); /* nothing went out */
}
END_TEST

START_TEST(cut_sends_so_many_bytes)
{
    size_t whole = jitsi()->body.length;

    kit_fault("{\"platform\":\"jitsi\",\"kind\":\"cut\",\"bytes\":5,\"times\":1}");
    ck_assert_int_eq(jitsi()->code, CURLE_PARTIAL_FILE);
    ck_assert_uint_eq(last.body.length, 5);
    kit_fault("{\"platform\":\"jitsi\",\"kind\":\"cut\",\"bytes\":0,\"times\":1}");
    ck_assert_int_eq(jitsi()->code, CURLE_PARTIAL_FILE);
    ck_assert_uint_eq(last.body.length, 0);
    /* Cut behind its last byte it is still cut. */
    kit_fault("{\"platform\":\"jitsi\",\"kind\":\"cut\",\"bytes\":100000,\"times\":1}");
    ck_assert_int_eq(jitsi()->code, CURLE_PARTIAL_FILE);
    ck_assert_uint_eq(last.body.length, whole);
}
END_TEST

START_TEST(delay_holds_one_answer_and_nobody_else)
{
    int64_t before = clock_mono();

    kit_fault("{\"platform\":\"jitsi\",\"kind\":\"delay\",\"delayMs\":300,\"times\":1}");
    ck_assert_int_eq(jitsi()->status, 200);
    ck_assert_int_ge(clock_mono() - before, 300);
    kit_fault("{\"platform\":\"jitsi\",\"kind\":\"delay\",\"delayMs\":3600000,\"times\":1}");
    int fd = dial("jitsi");
    send_get(fd);
    TEST_UNTIL(cJSON_GetArraySize(kit_control("GET", "/_sim/requests", NULL)) == 2);
    ck_assert_int_eq(jitsi()->status, 200);
    ck_assert_int_eq(next_bytes(fd, 0), -2);
    close(fd);
}
END_TEST

START_TEST(garbage_is_a_200_that_is_no_answer)
{
    kit_fault(
        "{\"platform\":\"youtube\",\"kind\":\"garbage\",\"body\":\"{\\\"half\\\":\",\"times\":1}");
    kit_get("youtube", "/youtube/v3/channels");
    ck_assert_int_eq(last.status, 200);
    ck_assert_str_eq(text_str(&last.body), "{\"half\":");
    kit_fault("{\"platform\":\"youtube\",\"kind\":\"garbage\",\"times\":8}");
    for (int i = 0; i < 8; i++) {
        ck_assert_int_eq(kit_get("youtube", "/youtube/v3/channels")->status, 200);
        ck_assert_ptr_null(last.json);
        ck_assert_uint_gt(last.body.length, 0);
    }
}
END_TEST

START_TEST(status_has_the_platforms_own_body)
{
    kit_fault("{\"platform\":\"*\",\"kind\":\"status\",\"status\":503,\"headers\":{\"Retry-After\":"
              "\"7\"}}");
    ck_assert_int_eq(kit_get("youtube", "/youtube/v3/channels")->status, 503);
    ck_assert_str_eq(kit_text("error.errors.0.reason"), "backendError");
    ck_assert_str_eq(kit_header("Retry-After"), "7");
    ck_assert_int_eq(kit_get("facebook", "/v26.0/me")->status, 503);
    ck_assert_str_ne(kit_text("error.fbtrace_id"), "");
    ck_assert_int_eq(kit_get("zoom", "/v2/users/me")->status, 503);
    ck_assert_str_ne(kit_text("message"), "");
    ck_assert_int_eq(jitsi()->status, 503);
    sim_faults_clear(sim);
    ck_assert_int_eq(jitsi()->status, 200);
}
END_TEST

START_TEST(rate_limit_speaks_each_platforms_form)
{
    int64_t code = 0;

    kit_fault("{\"platform\":\"*\",\"kind\":\"rate_limit\",\"retryAfter\":90}");
    ck_assert_int_eq(kit_get("youtube", "/youtube/v3/channels")->status, 403);
    ck_assert_str_eq(kit_text("error.errors.0.reason"), "userRequestsExceedRateLimit");
    ck_assert_int_eq(kit_get("facebook", "/v26.0/me")->status, 400);
    ck_assert(json_int(last.json, "error.code", &code));
    ck_assert_int_eq(code, 32);
    ck_assert(strstr(kit_header("X-Business-Use-Case-Usage"),
                     "\"estimated_time_to_regain_access\":2") != NULL);
    ck_assert_int_eq(kit_get("zoom", "/v2/users/me")->status, 429);
    int64_t at = 0;
    ck_assert_msg(clock_parse_rfc3339(kit_header("Retry-After"), &at), "%s",
                  kit_header("Retry-After"));
    ck_assert_int_eq(jitsi()->status, 429);
    ck_assert_str_eq(kit_header("Retry-After"), "90");
}
END_TEST

START_TEST(per_second_is_a_token_bucket)
{
    int good = 0, refused = 0;

    kit_fault("{\"platform\":\"jitsi\",\"kind\":\"rate_limit\",\"perSecond\":3}");
    for (int i = 0; i < 10; i++)
        jitsi()->status == 200 ? good++ : refused++;
    ck_assert_int_ge(good, 3);
    ck_assert_int_gt(refused, 0);
    TEST_UNTIL(jitsi()->status == 200); /* it fills again */
}
END_TEST

START_TEST(a_fault_picks_its_requests)
{
    kit_fault("{\"platform\":\"facebook\",\"method\":\"GET\",\"path\":\"/"
              "me\",\"kind\":\"status\",\"status\":500,\"after\":1,"
              "\"times\":1}");
    ck_assert_int_eq(kit_get("facebook", "/v26.0/me")->status,
                     400); /* let through once: no token */
    ck_assert_int_eq(kit_get("facebook", "/v26.0/debug_token")->status, 400);
    ck_assert_int_eq(kit_form("facebook", "/v26.0/me", "a=b")->status, 400);
    ck_assert_int_eq(kit_get("facebook", "/v19.0/me/accounts")->status, 500);
    ck_assert_int_eq(kit_get("facebook", "/v26.0/me")->status, 400);
}
END_TEST

START_TEST(a_wrong_fault_is_refused_with_a_reason)
{
    static const char *const wrong[] = { "{\"platform\":\"zoom\",\"kind\":\"explode\"}",
                                         "{\"platform\":\"mars\",\"kind\":\"reset\"}",
                                         "{\"platform\":\"zoom\",\"kind\":\"status\"}",
                                         "{\"platform\":\"zoom\",\"kind\":\"reset\",\"bytes\":4}",
                                         "{\"platform\":\"zoom\",\"kind\":\"refuse\",\"times\":1}",
                                         "{\"kind\":\"delay\",\"delayMs\":-1}",
                                         "[]",
                                         "{" };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error err;
        error_clear(&err);
        ck_assert_msg(!sim_fault_add(sim, wrong[i], &err), "%s", wrong[i]);
        ck_assert_str_ne(err.message, "");
    }
}
END_TEST

START_TEST(presets_refuse_a_platform_but_not_its_sign_in)
{
    struct error err;
    int64_t code = 0;

    ck_assert(sim_faults_preset(sim, "youtube", &err));
    ck_assert(sim_faults_preset(sim, "facebook", &err));
    ck_assert(sim_faults_preset(sim, "zoom", &err));
    ck_assert(sim_faults_preset(sim, "jitsi", &err));
    ck_assert_int_eq(kit_get("youtube", "/youtube/v3/channels")->status, 403);
    ck_assert_str_eq(kit_text("error.errors.0.reason"), "liveStreamingNotEnabled");
    ck_assert_int_eq(kit_form("youtube", "/token", "grant_type=refresh_token")->status, 400);
    ck_assert_int_eq(kit_get("facebook", "/v26.0/me/accounts")->status, 403);
    ck_assert(json_int(last.json, "error.code", &code) && code == 200);
    ck_assert_int_eq(kit_get("zoom", "/v2/users/me")->status, 403);
    ck_assert(json_int(last.json, "code", &code) && code == 3161);
    ck_assert_int_eq(kit_form("zoom", "/oauth/token", "grant_type=x")->status, 400);
    ck_assert_int_eq(kit_get("jitsi", "/config.js")->status, 404);
    sim_faults_clear(sim);
    ck_assert(sim_faults_preset(sim, "none", &err));
    ck_assert_int_eq(kit_get("jitsi", "/config.js")->status, 200);
    ck_assert(sim_faults_preset(sim, "some", &err));
    ck_assert(sim_faults_preset(sim, "storm", &err));
    ck_assert(!sim_faults_preset(sim, "plague", &err));
}
END_TEST

START_TEST(it_listens_on_loopback_only)
{
    static const char *const wrong[] = { "0.0.0.0:0",   "192.168.1.5:0",   "127.0.0.8:0",
                                         "localhost:0", "127.0.0.1:99999", "127.0.0.1:http" };
    struct sim_options options = { .listen = NULL };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct sim *other = NULL;
        struct error err;
        error_clear(&err);
        options.listen = wrong[i];
        ck_assert_msg(!sim_start(&other, &options, &err), "%s", wrong[i]);
        ck_assert_ptr_null(other);
        ck_assert_str_ne(err.message, "");
    }
    options.listen = sim_base(sim) + strlen("http://"); /* taken */
    struct sim *second = NULL;
    struct error err;
    ck_assert(!sim_start(&second, &options, &err));
    ck_assert(strstr(err.message, "cannot listen") != NULL);
}
END_TEST

START_TEST(requests_with_bodies_beyond_all_measure_are_refused)
{
    char url[200];
    size_t length = 9u << 20;
    char *body = calloc(1, length);

    snprintf(url, sizeof url, "%s/v2/users/me/meetings", sim_address(sim, "zoom"));
    kit_ask("POST", url, "application/json", body, length, NULL);
    ck_assert_int_eq(last.status, 413);
    free(body);
}
END_TEST

TEST_MAIN_FIXTURE("sim_wire", kit_start, kit_stop, refuse_closes_the_listener_and_open_connections,
                  refuse_can_be_asked_for_at_the_platform_itself,
                  reset_comes_as_rst_before_any_byte, stall_accepts_and_never_answers,
                  stop_cuts_what_is_stalled, lost_answer_does_the_work, cut_sends_so_many_bytes,
                  delay_holds_one_answer_and_nobody_else, garbage_is_a_200_that_is_no_answer,
                  status_has_the_platforms_own_body, rate_limit_speaks_each_platforms_form,
                  per_second_is_a_token_bucket, a_fault_picks_its_requests,
                  a_wrong_fault_is_refused_with_a_reason,
                  presets_refuse_a_platform_but_not_its_sign_in, it_listens_on_loopback_only,
                  requests_with_bodies_beyond_all_measure_are_refused)

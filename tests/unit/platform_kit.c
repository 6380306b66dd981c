#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <ecclesia/base/text.h>

#include "platform/kit.h"
#include "../lib/fakecall.h"

static const char *const colours[] = { "red", "green", NULL };

static const struct setting rows[] = {
    { "colour", SETTING_CHOICE, PLATFORM_LIVESTREAMS, "green", colours, 0, 0, "Colour",
      "A colour." },
    { "loud", SETTING_BOOL, PLATFORM_LIVESTREAMS, "true", NULL, 0, 0, "Loud", "Yes or no." },
    { "size", SETTING_NUMBER, PLATFORM_LIVESTREAMS, "7", NULL, 1, 10, "Size", "How large." },
    { "word", SETTING_TEXT, PLATFORM_LIVESTREAMS, "", NULL, 0, 4, "Word", "A short word." },
    { "room", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 4, "Room", "Of meetings only." },
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL }
};

static const struct credential asked[] = { { "client_id", false, false, "", NULL, "Client id", "" },
                                           { "host", false, false, "meet.test", NULL, "Host", "" },
                                           { NULL, false, false, NULL, NULL, NULL, NULL } };

static const char *const hosts[] = { "zoom.test", NULL };

static const struct platform sample = {
    .id = PLATFORM_ZOOM, .settings = rows, .credentials = asked, .link_hosts = hosts
};

static cJSON *tree(const char *s)
{
    cJSON *made = cJSON_Parse(s);

    ck_assert_ptr_nonnull(made);
    return made;
}

START_TEST(settings_default_and_convert)
{
    struct error err = { 0 };
    cJSON *s = tree("{\"colour\":\"RED\",\"loud\":\"no\",\"size\":\"3\",\"word\":\"four\"}");

    ck_assert_str_eq(setting_text(&sample, NULL, "colour"), "green");
    ck_assert(setting_bool(&sample, NULL, "loud"));
    ck_assert_int_eq(setting_number(&sample, NULL, "size"), 7);
    ck_assert_str_eq(setting_text(&sample, NULL, "nothing"), "");
    ck_assert(platform_settings_check(&sample, PLATFORM_LIVESTREAMS, NULL, &err));
    ck_assert_msg(platform_settings_check(&sample, PLATFORM_LIVESTREAMS, s, &err), "%s",
                  err.message);
    ck_assert_str_eq(setting_text(&sample, s, "colour"), "red");
    ck_assert(cJSON_IsFalse(cJSON_GetObjectItem(s, "loud")));
    ck_assert(!setting_bool(&sample, s, "loud"));
    ck_assert(cJSON_IsNumber(cJSON_GetObjectItem(s, "size")));
    ck_assert_int_eq(setting_number(&sample, s, "size"), 3);
    cJSON_Delete(s);
    s = tree("{\"colour\":null,\"size\":10}");
    ck_assert(platform_settings_check(&sample, PLATFORM_LIVESTREAMS, s, &err));
    ck_assert_ptr_null(cJSON_GetObjectItem(s, "colour"));
    ck_assert_int_eq(setting_number(&sample, s, "size"), 10);
    cJSON_Delete(s);
}
END_TEST

static const struct {
    const char *json, *named;
} wrong[] = {
    { "{\"color\":\"red\"}", "color" },
    { "{\"colour\":\"blue\"}", "red, green" },
    { "{\"loud\":\"perhaps\"}", "loud" },
    { "{\"loud\":1}", "loud" },
    { "{\"size\":11}", "from 1 to 10" },
    { "{\"size\":\"0\"}", "from 1 to 10" },
    { "{\"size\":2.5}", "size" },
    { "{\"size\":\"x\"}", "size" },
    { "{\"word\":\"fives\"}", "at most 4" },
    { "{\"word\":5}", "word" },
    { "{\"room\":\"a\"}", "room" },
    { "[1]", "object" },
};

START_TEST(settings_refuse)
{
    struct error err = { 0 };
    cJSON *s = tree(wrong[_i].json);

    ck_assert(!platform_settings_check(&sample, PLATFORM_LIVESTREAMS, s, &err));
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    ck_assert_str_eq(err.platform, "zoom");
    ck_assert_msg(strstr(err.message, wrong[_i].named) != NULL, "%s", err.message);
    ck_assert_msg(strstr(err.message, "Zoom") != NULL, "%s", err.message);
    if (strstr(err.message, "no setting"))
        ck_assert_str_eq(err.remedy, "Known settings: colour, loud, size, word");
    cJSON_Delete(s);
}
END_TEST

static const struct {
    const char *url;
    bool simulated, fine;
} links[] = {
    { "https://zoom.test/j/123?pwd=a", false, true },
    { "https://us02web.zoom.test/j/123", false, true },
    { "HTTPS://ZOOM.TEST/j", false, true },
    { "https://zoom.test:443/j", false, true },
    { "https://meet.church.example/room", false, true },
    { "https://sub.meet.church.example/room", false, false },
    { "http://zoom.test/j/123", false, false },
    { "https://evilzoom.test/j", false, false },
    { "https://zoom.test.evil.example/", false, false },
    { "https://zoom.test@evil.example/", false, false },
    { "https://evil.example\\@zoom.test/", false, false },
    { "https://evil.example#.zoom.test", false, false },
    { "https://zoom.test:44x/", false, false },
    { "https://zoom.test/a b", false, false },
    { "https://zoom.test/\x1b[2J", false, false },
    { "javascript:alert(1)", false, false },
    { "https://", false, false },
    { "", false, false },
    { "http://127.0.0.1:8080/j/1", true, true },
    { "http://[::1]:8080/j/1", true, true },
    { "https://localhost/j/1", true, true },
    { "http://127.0.0.1:8080/j/1", false, false },
    { "http://127.evil.example/j/1", true, false },
    { "http://zoom.test/j/1", true, false },
};

START_TEST(links_checked)
{
    struct error err = { 0 };
    cJSON *options = tree("{\"host\":\"https://meet.church.example:8443/\"}");
    bool fine = platform_link_check(&sample, options, links[_i].simulated, links[_i].url, &err);

    ck_assert_msg(fine == links[_i].fine, "%s: %s", links[_i].url, err.message);
    if (!fine)
        ck_assert_int_eq(err.kind, ERROR_GARBAGE);
    cJSON_Delete(options);
}
END_TEST

START_TEST(link_names_foreign_host)
{
    struct error err = { 0 };

    ck_assert(!platform_link_check(&sample, NULL, false, "https://evil.example/x", &err));
    ck_assert_ptr_nonnull(strstr(err.message, "evil.example"));
    ck_assert(!platform_link_check(&sample, NULL, false, NULL, &err));
}
END_TEST

START_TEST(sends_json_with_bearer)
{
    static const struct fake_step steps[] = { FAKE("POST /v1/things", 200, "{\"id\":\"x\"}",
                                                   .holds = { "Authorization: Bearer token-1",
                                                              "Content-Type: application/json",
                                                              "{\"a\":1}" }),
                                              FAKE_END };
    struct fake f;
    struct error err = { 0 };
    cJSON *body = tree("{\"a\":1}"), *answer = NULL;
    struct kit_request r = { .method = "POST",
                             .path = "/v1/things",
                             .route = "POST /v1/things",
                             .token = "token-1",
                             .json = body,
                             .effect = true,
                             .creates = true };

    fake_init(&f, PLATFORM_ZOOM, steps);
    ck_assert_msg(kit_send(&f.call, &r, &answer, &err), "%s", err.message);
    ck_assert_str_eq(json_string(answer, "id"), "x");
    ck_assert(f.requests[0].effect && f.requests[0].creates);
    cJSON_Delete(answer);
    cJSON_Delete(body);
    fake_done(&f);
    fake_release(&f);
}
END_TEST

START_TEST(sends_form_with_basic)
{
    static const struct fake_step steps[] = {
        FAKE("POST /token", 204, NULL,
             .holds = { "https://auth.test/token", "Authorization: Basic YTpi",
                        "Content-Type: application/x-www-form-urlencoded", "g=x%26y" }),
        FAKE("GET /nothing", 200, "not json", .lacks = { "Content-Type", "Authorization" },
             .html = true),
        FAKE("GET /nothing", 0, NULL, .fails = ERROR_NET_POST), FAKE_END
    };
    struct fake f;
    struct error err = { 0 };
    cJSON *answer = NULL;
    struct text form;
    struct kit_request r = { .method = "POST",
                             .base = "https://auth.test",
                             .path = "/token",
                             .route = "POST /token",
                             .basic_user = "a",
                             .basic_password = "b" };
    struct kit_request get = { .method = "GET", .path = "/nothing", .route = "GET /nothing" };

    fake_init(&f, PLATFORM_ZOOM, steps);
    text_init(&form, 1000);
    kit_query(&form, "g", "x&y");
    kit_query(&form, "left out", NULL);
    kit_query(&form, "h", "\xc3\xa9");
    ck_assert_str_eq(text_str(&form), "g=x%26y&h=%C3%A9");
    r.form = text_str(&form);
    ck_assert(kit_send(&f.call, &r, &answer, &err));
    ck_assert_ptr_null(answer);
    ck_assert(!kit_send(&f.call, &get, &answer, &err));
    ck_assert_int_eq(err.kind, ERROR_GARBAGE);
    ck_assert_int_eq(err.http_status, 200);
    ck_assert(!kit_send(&f.call, &get, &answer, &err));
    ck_assert_int_eq(err.kind, ERROR_NET_POST);
    text_release(&form);
    fake_done(&f);
    fake_release(&f);
}
END_TEST

static const struct {
    int status;
    const char *header;
    enum error_kind kind;
    int64_t wait_ms;
} statuses[] = {
    { 400, NULL, ERROR_INVALID, 0 },
    { 401, NULL, ERROR_AUTH, 0 },
    { 403, NULL, ERROR_FORBIDDEN, 0 },
    { 404, NULL, ERROR_NOT_FOUND, 0 },
    { 408, NULL, ERROR_NET_POST, 0 },
    { 409, NULL, ERROR_INVALID, 0 },
    { 410, NULL, ERROR_NOT_FOUND, 0 },
    { 422, NULL, ERROR_INVALID, 0 },
    { 429, "Retry-After: 7", ERROR_RATE, 7000 },
    { 429, NULL, ERROR_RATE, 0 },
    { 500, NULL, ERROR_SERVER, 0 },
    { 502, NULL, ERROR_SERVER, 0 },
    { 503, NULL, ERROR_SERVER, 0 },
    { 503, "Retry-After: 9", ERROR_RATE, 9000 },
    { 302, NULL, ERROR_GARBAGE, 0 },
};

START_TEST(judges_by_status)
{
    struct fake_step steps[] = { FAKE("GET /x", statuses[_i].status, "<html>", .html = true),
                                 FAKE_END };
    struct fake f;
    struct error err = { 0 };
    cJSON *answer = NULL;
    struct kit_request r = { .method = "GET", .path = "/x", .route = "GET /x" };

    steps[0].headers[0] = statuses[_i].header;
    fake_init(&f, PLATFORM_ZOOM, steps);
    ck_assert(!kit_send(&f.call, &r, &answer, &err));
    ck_assert_int_eq(err.kind, statuses[_i].kind);
    ck_assert_int_eq(err.http_status, statuses[_i].status);
    ck_assert_int_eq(err.retry_after_ms, statuses[_i].wait_ms);
    ck_assert_str_eq(err.platform, "zoom");
    ck_assert_ptr_nonnull(strstr(err.message, "Zoom"));
    fake_release(&f);
}
END_TEST

START_TEST(marks_descriptions)
{
    struct fake f;
    char marker[16], *s;

    fake_init(&f, PLATFORM_ZOOM, NULL);
    kit_marker(&f.call, marker);
    ck_assert_str_eq(marker, "[ec:1a2b3c4d]");
    s = kit_describe(marker, "Welcome.\n", 5000);
    ck_assert_str_eq(s, "Welcome.\n\n[ec:1a2b3c4d]");
    free(s);
    s = kit_describe(marker, "", 5000);
    ck_assert_str_eq(s, "[ec:1a2b3c4d]");
    free(s);
    s = kit_describe(marker, NULL, 5000);
    ck_assert_str_eq(s, "[ec:1a2b3c4d]");
    free(s);
    s = kit_describe(marker, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 18);
    ck_assert_str_eq(s, "\xc3\xa9\xc3\xa9\xc3\xa9\n\n[ec:1a2b3c4d]");
    free(s);
    s = kit_describe("[ec:00000000]", "a", 100);
    ck_assert_str_eq(s, "a\n\n[ec:00000000]");
    free(s);
    fake_release(&f);
}
END_TEST

START_TEST(values_by_precedence)
{
    static const struct fake_secret secrets[] = { { "client_id", "sealed" }, { NULL, NULL } };
    struct fake f;

    fake_init(&f, PLATFORM_ZOOM, NULL);
    ck_assert_str_eq(kit_value(&f.call, &sample, "host"), "meet.test");
    ck_assert_str_eq(kit_value(&f.call, &sample, "client_id"), "");
    f.call.client_id = "configured";
    ck_assert_str_eq(kit_value(&f.call, &sample, "client_id"), "configured");
    cJSON_AddStringToObject(f.options, "client_id", "option");
    ck_assert_str_eq(kit_value(&f.call, &sample, "client_id"), "option");
    f.secrets = secrets;
    ck_assert_str_eq(kit_value(&f.call, &sample, "client_id"), "sealed");
    ck_assert_str_eq(kit_value(&f.call, &sample, "unknown"), "");
    fake_release(&f);
}
END_TEST

START_TEST(outcome_from_target)
{
    struct target t;
    struct outcome o;

    fake_target(&t, PLATFORM_ZOOM, NULL);
    text_replace(&t.remote_id, "abc");
    text_replace(&t.remote, "{\"stream\":\"s1\"}");
    text_replace(&t.note, "old note");
    t.status = TARGET_LIVE;
    t.viewers = 5;
    t.started_ms = 12;
    ck_assert(outcome_init(&o, &t));
    ck_assert_str_eq(o.remote_id, "abc");
    ck_assert_str_eq(kit_remembered(&o, "stream"), "s1");
    ck_assert_str_eq(kit_remembered(&o, "other"), "");
    ck_assert_int_eq(o.status, TARGET_LIVE);
    ck_assert_int_eq(o.viewers, 5);
    ck_assert_int_eq(o.started_ms, 12);
    ck_assert_str_eq(o.note, "");
    ck_assert_str_eq(o.stream_key, "");
    kit_remember(&o, "stream", kit_remembered(&o, "stream"));
    ck_assert_str_eq(kit_remembered(&o, "stream"), "s1");
    kit_remember(&o, "stream", NULL);
    ck_assert_str_eq(kit_remembered(&o, "stream"), "");
    outcome_release(&o);
    text_replace(&t.remote, "broken");
    ck_assert(outcome_init(&o, &t));
    ck_assert(cJSON_IsObject(o.remote));
    outcome_release(&o);
    fake_target_release(&t);
}
END_TEST

START_TEST(signs_and_derives)
{
    /* The vector of the platform's page. */
    static const char secret[] = "0123456789abcdef0123456789abcdef", token[] = "EAAexampletoken";
    unsigned char out[1024], a[32], b[32];
    struct fake f;
    struct error err = { 0 };
    struct text hex;
    size_t length = 0;

    fake_init(&f, PLATFORM_FACEBOOK, NULL);
    text_init(&hex, 100);
    ck_assert(f.call.sign(&f.call, CALL_HS256, secret, token, strlen(token), out, &length, &err));
    text_add_hex(&hex, out, length);
    ck_assert_str_eq(text_str(&hex),
                     "03697d217c5af1d2b8459556c23ae3ebc41abc8194c9986d7c507b924b230bdc");
    ck_assert(f.call.derive(&f.call, "room", a, &err));
    ck_assert(f.call.derive(&f.call, "room", b, &err));
    ck_assert_mem_eq(a, b, 32);
    ck_assert(f.call.derive(&f.call, "else", b, &err));
    ck_assert_mem_ne(a, b, 32);
    text_release(&hex);
    fake_release(&f);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
    Suite *suite = suite_create("platform_kit");
    TCase *t = tcase_create("kit");
    SRunner *runner;
    int failed;

    tcase_add_test(t, settings_default_and_convert);
    tcase_add_loop_test(t, settings_refuse, 0, COUNT(wrong));
    tcase_add_loop_test(t, links_checked, 0, COUNT(links));
    tcase_add_test(t, link_names_foreign_host);
    tcase_add_test(t, sends_json_with_bearer);
    tcase_add_test(t, sends_form_with_basic);
    tcase_add_loop_test(t, judges_by_status, 0, COUNT(statuses));
    tcase_add_test(t, marks_descriptions);
    tcase_add_test(t, values_by_precedence);
    tcase_add_test(t, outcome_from_target);
    tcase_add_test(t, signs_and_derives);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

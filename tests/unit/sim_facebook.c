/* The simulated Facebook: tokens and proofs, a live video's life, what is refused on the way. */
#include "sim_kit.h"
#include "sim_notice.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define API "/v26.0"

static char *app, *secret, *page, *page_token, *user_token;
static char live[40], key[200];

static void setup(void)
{
    kit_start();
    app = kit_ready("platforms.facebook.client_id");
    secret = kit_ready("platforms.facebook.client_secret");
    page = kit_ready("platforms.facebook.credentials.page_id");
    page_token = kit_ready("platforms.facebook.credentials.page_token");
    user_token = kit_ready("platforms.facebook.user_token");
}

static void teardown(void)
{
    free(app);
    free(secret);
    free(page);
    free(page_token);
    free(user_token);
    kit_stop();
}

/* "access_token=…&appsecret_proof=…" */
static const char *signed_by(const char *token)
{
    static char out[600];
    unsigned char sum[32];
    unsigned int length = 0;
    struct text hex;

    HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)token, strlen(token),
         sum, &length);
    text_init(&hex, 100);
    text_add_hex(&hex, sum, sizeof sum);
    snprintf(out, sizeof out, "access_token=%s&appsecret_proof=%s", token, text_str(&hex));
    text_release(&hex);
    return out;
}

static const struct reply *get(const char *token, const char *path, const char *query)
{
    char whole[2000];

    snprintf(whole, sizeof whole, API "%s?%s&%s", path, signed_by(token), query);
    return kit_get("facebook", whole);
}

static const struct reply *post(const char *token, const char *path, const char *form)
{
    char whole[200], body[2000];

    snprintf(whole, sizeof whole, API "%s", path);
    snprintf(body, sizeof body, "%s&%s", signed_by(token), form);
    return kit_form("facebook", whole, body);
}

static int64_t code(void)
{
    int64_t value = 0;

    json_int(last.json, "error.code", &value);
    return value;
}

static int64_t subcode(void)
{
    int64_t value = 0;

    json_int(last.json, "error.error_subcode", &value);
    return value;
}

static const struct reply *create(const char *token, const char *form)
{
    char path[100];

    snprintf(path, sizeof path, "/%s/live_videos", page);
    post(token, path, form);
    snprintf(live, sizeof live, "/%s", kit_text("id"));
    const char *url = strstr(kit_text("secure_stream_url"), "/rtmp/");
    snprintf(key, sizeof key, "%s", url != NULL ? url + strlen("/rtmp/") : "");
    return &last;
}

static void encoder(bool sending)
{
    char body[400];

    snprintf(body, sizeof body, "{\"platform\":\"facebook\",\"key\":\"%s\",\"sending\":%s}", key,
             sending ? "true" : "false");
    kit_control("POST", "/_sim/encoder", body);
}

static const char *status(void)
{
    ck_assert_int_eq(get(page_token, live, "fields=status")->status, 200);
    return kit_text("status");
}

START_TEST(a_live_video_lives_and_becomes_a_recording)
{
    ck_assert_int_eq(create(page_token,
                            "status=UNPUBLISHED&title=Sunday&stop_on_delete_stream=false&"
                            "fields=id,secure_stream_url,permalink_url")
                         ->status,
                     200);
    ck_assert_str_ne(key, "");
    ck_assert_str_eq(status(), "UNPUBLISHED");
    ck_assert_int_eq(post(page_token, live, "status=LIVE_NOW")->status, 400); /* no bytes yet */
    ck_assert_int_eq(code(), 100);
    encoder(true);
    get(page_token, live, "fields=ingest_streams%7Bis_master,stream_health%7D");
    ck_assert_ptr_nonnull(json_at(last.json, "ingest_streams.0.stream_health.video_bitrate"));
    ck_assert_int_eq(post(page_token, live, "status=LIVE_NOW")->status, 200);
    TEST_UNTIL(strcmp(status(), "LIVE") == 0);
    encoder(false);
    ck_assert_str_eq(status(), "LIVE"); /* an encoder that starts anew does not end the service */
    encoder(true);
    ck_assert_int_eq(post(page_token, live, "end_live_video=true")->status, 200);
    TEST_UNTIL(strcmp(status(), "VOD") == 0);
    ck_assert_int_eq(post(page_token, live, "end_live_video=true")->status, 400);
}
END_TEST

START_TEST(live_now_waits_for_bytes)
{
    create(page_token, "status=LIVE_NOW&title=Now&stop_on_delete_stream=true");
    ck_assert_str_eq(status(), "UNPUBLISHED");
    encoder(true);
    TEST_UNTIL(strcmp(status(), "LIVE") == 0);
    encoder(false);
    ck_assert_str_ne(status(), "LIVE");
}
END_TEST

START_TEST(a_schedule_is_an_object_within_seven_days)
{
    char form[400];
    long long now = (long long)time(NULL);

    snprintf(
        form, sizeof form,
        "status=SCHEDULED_UNPUBLISHED&title=Easter&event_params=%%7B%%22start_time%%22:%lld%%7D&"
        "fields=id,planned_start_time,secure_stream_url",
        now + 3600);
    ck_assert_int_eq(create(page_token, form)->status, 200);
    ck_assert_str_ne(kit_text("planned_start_time"), "");
    ck_assert_ptr_nonnull(strstr(kit_text("planned_start_time"), "+0000"));
    snprintf(form, sizeof form, "event_params=%%7B%%22start_time%%22:%lld%%7D", now + 7200);
    ck_assert_int_eq(post(page_token, live, form)->status, 200);
    snprintf(form, sizeof form, "event_params=%%7B%%22start_time%%22:%lld%%7D", now + 8 * 86400);
    ck_assert_int_eq(post(page_token, live, form)->status, 400);
    snprintf(form, sizeof form, "status=SCHEDULED_UNPUBLISHED&event_params=%lld", now + 3600);
    ck_assert_int_eq(create(page_token, form)->status, 400);
    ck_assert_int_eq(create(page_token, "status=SCHEDULED_UNPUBLISHED")->status, 400);
    snprintf(form, sizeof form, "status=UNPUBLISHED&planned_start_time=%lld", now + 3600);
    ck_assert_int_eq(create(page_token, form)->status, 400);
    ck_assert_ptr_nonnull(strstr(kit_text("error.message"), "deprecated"));
}
END_TEST

START_TEST(tokens_are_looked_at_closely)
{
    char path[300];

    snprintf(path, sizeof path, API "/me?access_token=%s", page_token);
    ck_assert_int_eq(kit_get("facebook", path)->status, 400); /* no proof */
    ck_assert_ptr_nonnull(strstr(kit_text("error.message"), "appsecret_proof"));
    snprintf(path, sizeof path, API "/me?access_token=%s&appsecret_proof=00", page_token);
    ck_assert_int_eq(kit_get("facebook", path)->status, 400);
    ck_assert_int_eq(kit_get("facebook", API "/me")->status, 400);
    ck_assert_int_eq(get("EAAEnobodys", "/me", "")->status, 400);
    ck_assert_int_eq(code(), 190);
    ck_assert_int_eq(get(page_token, "/me", "fields=id,name")->status, 200);
    ck_assert_str_eq(kit_text("id"), page);
    ck_assert_int_eq(create(user_token, "status=UNPUBLISHED")->status,
                     400); /* a user's, not the Page's */
    ck_assert_int_eq(code(), 210);
    kit_control(
        "POST", "/_sim/grants",
        "{\"platform\":\"facebook\",\"action\":\"drop_scope\",\"scope\":\"pages_manage_posts\"}");
    ck_assert_int_eq(create(page_token, "status=UNPUBLISHED")->status, 403);
    ck_assert_int_eq(code(), 200);
    kit_control("POST", "/_sim/grants", "{\"platform\":\"facebook\",\"action\":\"expire_access\"}");
    get(page_token, "/me", "");
    ck_assert_int_eq(code(), 190);
    ck_assert_int_eq(subcode(), 463);
    kit_control("POST", "/_sim/grants", "{\"platform\":\"facebook\",\"action\":\"revoke\"}");
    get(page_token, "/me", "");
    ck_assert_int_eq(subcode(), 458);
}
END_TEST

START_TEST(pages_are_listed_with_their_tasks)
{
    ck_assert_int_eq(get(user_token, "/me/accounts", "fields=id,name,tasks,access_token")->status,
                     200);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "data")), 2);
    ck_assert_str_eq(kit_text("data.0.id"), page);
    ck_assert_str_eq(kit_text("data.0.access_token"), page_token);
    ck_assert_int_eq(get(user_token, "/me/accounts", "fields=id,colour")->status, 400);
    ck_assert_int_eq(code(), 100);
}
END_TEST

START_TEST(another_page_has_nothing_to_say)
{
    create(page_token, "status=UNPUBLISHED");
    get(user_token, "/me/accounts", "");
    char *other = text_copy(kit_text("data.1.access_token"));
    ck_assert_int_eq(get(other, live, "fields=status")->status, 400);
    ck_assert_int_eq(subcode(), 33);
    ck_assert_int_eq(create(other, "status=UNPUBLISHED")->status, 403);
    free(other);
}
END_TEST

START_TEST(lists_are_filtered_and_paged)
{
    char path[100];

    snprintf(path, sizeof path, "/%s/live_videos", page);
    create(page_token, "status=UNPUBLISHED&title=One");
    create(page_token, "status=UNPUBLISHED&title=Two");
    encoder(true);
    post(page_token, live, "status=LIVE_NOW");
    TEST_UNTIL(strcmp(status(), "LIVE") == 0);
    get(page_token, path,
        "broadcast_status=%5B%22UNPUBLISHED%22,%22VOD%22%5D&fields=id,title,creation_time");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "data")), 1);
    ck_assert_str_eq(kit_text("data.0.title"), "One");
    get(page_token, path, "limit=1&fields=title");
    ck_assert_str_eq(kit_text("data.0.title"), "One");
    char *next = text_copy(kit_text("paging.next"));
    ck_assert_int_eq(kit_ask("GET", next, NULL, NULL, 0, NULL)->status, 200);
    ck_assert_str_eq(kit_text("data.0.title"), "Two");
    ck_assert_str_eq(kit_text("paging.next"), "");
    free(next);
}
END_TEST

START_TEST(sign_in_short_then_long_then_gone)
{
    char path[1000], brief[300];

    snprintf(path, sizeof path,
             API "/dialog/oauth?client_id=%s&redirect_uri=http://127.0.0.1:1/"
                 "cb&state=s&scope=pages_show_list,"
                 "pages_read_engagement,pages_manage_posts&sim_answer=allow",
             app);
    ck_assert_int_eq(kit_get("facebook", path)->status, 302);
    ck_assert_str_eq(kit_location("state"), "s");
    snprintf(path, sizeof path,
             API
             "/oauth/access_token?client_id=%s&client_secret=%s&redirect_uri=http://127.0.0.1:1/cb&"
             "code=%s",
             app, secret, kit_location("code"));
    ck_assert_int_eq(kit_get("facebook", path)->status, 200);
    snprintf(brief, sizeof brief, "%s", kit_text("access_token"));
    ck_assert_int_eq(kit_get("facebook", path)->status, 400);
    ck_assert_int_eq(subcode(), 36009);
    snprintf(path, sizeof path,
             API "/oauth/access_token?grant_type=fb_exchange_token&client_id=%s&client_secret=%s&"
                 "fb_exchange_token=%s",
             app, secret, brief);
    ck_assert_int_eq(kit_get("facebook", path)->status, 200);
    int64_t life = 0;
    ck_assert(json_int(last.json, "expires_in", &life) && life > 5000000);
    char *lasting = text_copy(kit_text("access_token"));
    snprintf(path, sizeof path, API "/debug_token?input_token=%s&access_token=%s%%7C%s", lasting,
             app, secret);
    ck_assert_int_eq(kit_get("facebook", path)->status, 200);
    ck_assert(json_bool(last.json, "data.is_valid", false));
    char form[700];
    snprintf(form, sizeof form, API "/me/permissions?%s", signed_by(lasting));
    ck_assert_int_eq(kit_call("facebook", "DELETE", form, NULL, NULL)->status, 200);
    kit_get("facebook", path);
    ck_assert(!json_bool(last.json, "data.is_valid", true)); /* 200 also for a dead one */
    ck_assert_int_eq(last.status, 200);
    free(lasting);
}
END_TEST

START_TEST(devices_sign_in_by_a_code)
{
    char *token = kit_ready("platforms.facebook.client_token");
    char form[600], poll[600], page_path[200];

    snprintf(form, sizeof form, "access_token=%s%%7C%s&scope=pages_show_list", app, token);
    ck_assert_int_eq(kit_form("facebook", API "/device/login", form)->status, 200);
    snprintf(poll, sizeof poll, "access_token=%s%%7C%s&code=%s", app, token, kit_text("code"));
    snprintf(page_path, sizeof page_path, "/device?sim_answer=allow&user_code=%s",
             kit_text("user_code"));
    ck_assert_int_eq(kit_form("facebook", API "/device/login_status", poll)->status, 400);
    ck_assert_int_eq(subcode(), 1349174);
    ck_assert_int_eq(kit_form("facebook", API "/device/login_status", poll)->status, 400);
    ck_assert_int_eq(subcode(), 1349172); /* too fast */
    ck_assert_int_eq(kit_get("facebook", page_path)->status, 200);
    free(token);
}
END_TEST

START_TEST(what_is_deleted_is_unsupported)
{
    char path[700];

    create(page_token, "status=UNPUBLISHED");
    snprintf(path, sizeof path, API "%s?%s", live, signed_by(page_token));
    ck_assert_int_eq(kit_call("facebook", "DELETE", path, NULL, NULL)->status, 200);
    ck_assert(json_bool(last.json, "success", false));
    ck_assert_int_eq(kit_call("facebook", "DELETE", path, NULL, NULL)->status, 400);
    ck_assert_int_eq(code(), 100);
    ck_assert_int_eq(subcode(), 33);
}
END_TEST

START_TEST(settings_are_looked_at)
{
    static const struct {
        const char *form;
        bool taken;
    } tried[] = {
        { "content_tags=%5B%226003139266461%22%5D", true },
        { "content_tags=church", false },
        { "content_tags=%5B%22church%22%5D", false },
        { "crossposting_actions=%5B%7B%22page_id%22%3A%22104882011229999%22%2C%22action%22%3A%"
          "22enable_crossposting%22%7D%5D",
          true },
        { "crossposting_actions=%5B%7B%22page_id%22%3A%22104882011225555%22%2C%22action%22%3A%"
          "22enable_crossposting%22%7D%5D",
          false },
        { "crossposting_actions=%5B%7B%22page_id%22%3A%22104882011229999%22%2C%22action%22%3A%"
          "22share%22%7D%5D",
          false },
        { "targeting=%7B%22age_min%22%3A18%2C%22geo_locations%22%3A%7B%22countries%22%3A%5B%22GB%"
          "22%5D%7D%7D",
          true },
        { "targeting=%7B%22age_min%22%3A5%7D", false },
        { "targeting=%7B%22colour%22%3A%22red%22%7D", false },
        { "embeddable=false", true },
        { "embeddable=maybe", false },
        { "live_comment_moderation_setting=%5B%22SLOW%22%5D", true },
        { "live_comment_moderation_setting=%5B%22NOBODY%22%5D", false },
        /* One that is refused keeps the rest from being done. */
        { "title=Renamed&live_comment_moderation_setting=SLOW", false },
        { "planned_start_time=1796551200", false },
    };

    create(page_token, "status=UNPUBLISHED&title=Sunday");
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        post(page_token, live, tried[i].form);
        ck_assert_msg(last.status == (tried[i].taken ? 200 : 400), "%s: %ld %s", tried[i].form,
                      last.status, text_str(&last.body));
        if (!tried[i].taken)
            ck_assert_int_eq(code(), 100);
    }
    get(page_token, live, "fields=title");
    ck_assert_str_eq(kit_text("title"), "Sunday");
}
END_TEST

START_TEST(notices_are_signed_over_their_bytes)
{
    unsigned char sum[32];
    unsigned int length = 0;
    struct text hex;

    notices_here("facebook", "/webhooks/facebook/1");
    create(page_token, "status=LIVE_NOW&title=Now");
    encoder(true);
    char *notice = next_notice("HTTP/1.1 200 OK\r\n\r\n");
    const char *body = strstr(notice, "\r\n\r\n") + 4,
               *at = strstr(notice, "X-Hub-Signature-256: sha256=");
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_nonnull(strstr(body, "\"status\":\"live\""));
    HMAC(EVP_sha256(), "hush", 4, (const unsigned char *)body, strlen(body), sum, &length);
    text_init(&hex, 100);
    text_add_hex(&hex, sum, sizeof sum);
    ck_assert_int_eq(strncmp(at + strlen("X-Hub-Signature-256: sha256="), text_str(&hex), 64), 0);
    text_release(&hex);
    free(notice);
    close(listener);
}
END_TEST

TEST_MAIN_FIXTURE("sim_facebook", setup, teardown, a_live_video_lives_and_becomes_a_recording,
                  live_now_waits_for_bytes, a_schedule_is_an_object_within_seven_days,
                  tokens_are_looked_at_closely, pages_are_listed_with_their_tasks,
                  another_page_has_nothing_to_say, lists_are_filtered_and_paged,
                  sign_in_short_then_long_then_gone, devices_sign_in_by_a_code,
                  what_is_deleted_is_unsupported, settings_are_looked_at,
                  notices_are_signed_over_their_bytes)

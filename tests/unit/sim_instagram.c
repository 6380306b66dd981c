/* The simulated Instagram: tokens of an hour and of sixty days, Live Producer, what the API sees.
 */
#include "sim_kit.h"

#include <time.h>

#include <ecclesia/base/clock.h>

#define CALLBACK "https://church.example/cb"
#define SCOPE    "instagram_business_basic,instagram_business_manage_comments"
#define USER     "17841400000000011"

static char *app, *secret;

static void setup(void)
{
    kit_start();
    app = kit_ready("platforms.instagram.client_id");
    secret = kit_ready("platforms.instagram.client_secret");
}

static void teardown(void)
{
    clock_fix(-1);
    free(app);
    free(secret);
    kit_stop();
}

static const struct reply *get(const char *path)
{
    return kit_get("instagram", path);
}

static const struct reply *post(const char *path, const char *form)
{
    return kit_form("instagram", path, form);
}

static int64_t code(void)
{
    int64_t value = 0;

    json_int(last.json, "error.code", &value);
    return value;
}

static void sign_in(void)
{
    char *token = kit_ready("platforms.instagram.credentials.access_token");

    snprintf(bearer, sizeof bearer, "%s", token);
    free(token);
}

static const struct reply *authorize(const char *more)
{
    char path[900];

    snprintf(path, sizeof path,
             "/oauth/authorize?client_id=%s&redirect_uri=" CALLBACK
             "&response_type=code&scope=" SCOPE "&state=s1%s",
             app, more);
    return get(path);
}

static const struct reply *exchange(const char *value)
{
    char form[1200];

    snprintf(form, sizeof form,
             "client_id=%s&client_secret=%s&grant_type=authorization_code&redirect_uri=" CALLBACK
             "&code=%s",
             app, secret, value);
    return post("/oauth/access_token", form);
}

/* The code of a fresh consent, without what hangs on the end of the redirect. */
static const char *fresh_code(const char *more)
{
    static char value[200];

    ck_assert_int_eq(authorize(more)->status, 302);
    snprintf(value, sizeof value, "%s", kit_location("code"));
    value[strcspn(value, "#")] = '\0';
    return value;
}

static bool shows(int count)
{
    ck_assert_int_eq(get("/v26.0/" USER "/live_media?fields=id,media_product_type,permalink,"
                         "current_live_viewer_count,comments_count")
                         ->status,
                     200);
    return cJSON_GetArraySize(json_at(last.json, "data")) == count;
}

static void await_live(int count)
{
    TEST_UNTIL(shows(count));
}

static void remote(const char *event, const char *more)
{
    char body[300];

    snprintf(body, sizeof body, "{\"platform\":\"instagram\",\"id\":\"today\",\"event\":\"%s\"%s}",
             event, more);
    kit_control("POST", "/_sim/remote", body);
}

static void encoder(bool sending)
{
    kit_control("POST", "/_sim/encoder",
                sending ? "{\"platform\":\"instagram\",\"sending\":true}"
                        : "{\"platform\":\"instagram\",\"sending\":false}");
}

START_TEST(a_code_becomes_an_hour_and_then_sixty_days)
{
    char path[900], brief[300];
    int64_t seconds = 0;

    ck_assert_int_eq(authorize("&sim_answer=allow")->status, 302);
    const char *to = kit_header("Location");
    ck_assert_str_eq(to + strlen(to) - 2, "#_");
    const char *value = fresh_code("&sim_answer=allow");
    char with_tail[220];
    snprintf(with_tail, sizeof with_tail, "%s%%23_", value);
    ck_assert_int_eq(exchange(with_tail)->status, 400); /* the tail is no part of the code */
    ck_assert_str_eq(kit_text("error_type"), "OAuthException");
    ck_assert_int_eq(exchange(fresh_code("&sim_answer=allow"))->status, 200);
    ck_assert_str_eq(kit_text("data.0.user_id"), USER);
    ck_assert_str_eq(kit_text("data.0.permissions"), SCOPE);
    snprintf(brief, sizeof brief, "%s", kit_text("data.0.access_token"));
    snprintf(path, sizeof path, "/refresh_access_token?grant_type=ig_refresh_token&access_token=%s",
             brief);
    ck_assert_int_eq(get(path)->status, 400); /* an hour's token cannot be renewed */
    snprintf(path, sizeof path,
             "/access_token?grant_type=ig_exchange_token&client_secret=wrong&access_token=%s",
             brief);
    ck_assert_int_eq(get(path)->status, 400);
    snprintf(path, sizeof path,
             "/access_token?grant_type=ig_exchange_token&client_secret=%s&access_token=%s", secret,
             brief);
    ck_assert_int_eq(get(path)->status, 200);
    ck_assert(json_int(last.json, "expires_in", &seconds) && seconds > 59 * 86400);
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
    ck_assert_int_eq(get("/v26.0/me?fields=user_id,username,account_type,followers_count")->status,
                     200);
    ck_assert_str_eq(kit_text("username"), "stmarks");
    snprintf(path, sizeof path,
             "/access_token?grant_type=ig_exchange_token&client_secret=%s&access_token=%s", secret,
             bearer);
    ck_assert_int_eq(get(path)->status, 400);
    ck_assert_int_eq(code(), 452);
}
END_TEST

START_TEST(a_code_is_good_once_and_wrong_ones_say_so)
{
    char value[200];

    snprintf(value, sizeof value, "%s", fresh_code("&sim_answer=allow"));
    ck_assert_int_eq(exchange(value)->status, 200);
    ck_assert_int_eq(exchange(value)->status, 400);
    ck_assert_str_eq(kit_text("error_message"), "This authorization code has been used");
    ck_assert_int_eq(exchange("nonsense")->status, 400);
    ck_assert_int_eq(post("/oauth/access_token", "client_id=x")->status, 400);
    authorize("&sim_answer=refuse");
    ck_assert_str_eq(kit_location("error"), "access_denied");
    ck_assert_str_eq(kit_location("error_reason"), "user_denied");
    ck_assert_int_eq(authorize("&sim_answer=allow&sim_account=2")->status, 400); /* personal */
    ck_assert_int_eq(get("/oauth/authorize?client_id=990000000000001&redirect_uri=" CALLBACK
                         "&response_type=code&scope=business_basic")
                         ->status,
                     400); /* the old name is dead */
}
END_TEST

START_TEST(a_long_token_is_renewed_after_a_day_and_while_it_lives)
{
    char path[900];

    sign_in();
    snprintf(path, sizeof path, "/refresh_access_token?grant_type=ig_refresh_token&access_token=%s",
             bearer);
    ck_assert_int_eq(get(path)->status, 200); /* the ready one is two days old */
    ck_assert_str_eq(kit_text("permissions"), SCOPE);
    snprintf(path, sizeof path, "/refresh_access_token?grant_type=ig_refresh_token&access_token=%s",
             kit_text("access_token"));
    ck_assert_int_eq(get(path)->status, 400); /* too young */
    ck_assert_int_eq(code(), 100);
    clock_fix(clock_now() + 25 * 3600 * 1000LL);
    ck_assert_int_eq(get(path)->status, 200);
    kit_control("POST", "/_sim/grants",
                "{\"platform\":\"instagram\",\"action\":\"expire_access\"}");
    ck_assert_int_eq(get(path)->status, 400); /* an expired one never again */
    ck_assert_int_eq(code(), 190);
    ck_assert_int_eq(get("/me")->status, 400);
    ck_assert_int_eq(code(), 190);
}
END_TEST

START_TEST(no_call_makes_starts_or_ends_a_live_video)
{
    static const char *const paths[] = {
        "/v26.0/me/live_media", "/v26.0/" USER "/live_media", "/v26.0/" USER "/live_videos",
        "/v26.0/me/media",      "/v26.0/me/media_publish",    "/v26.0/me"
    };

    sign_in();
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        post(paths[i], "media_type=BROADCAST&title=Sunday&status=LIVE_NOW");
        ck_assert_msg(last.status == 400, "%s: %ld", paths[i], last.status);
        ck_assert_int_eq(code(), 100);
    }
    get("/v26.0/me/live_media");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "data")), 0);
}
END_TEST

START_TEST(the_operator_goes_live_and_the_api_sees_it_later)
{
    char path[200], form[100];

    sign_in();
    ck_assert_int_eq(get("/live/producer")->status, 200);
    char *key = kit_ready("platforms.instagram.credentials.stream_key");
    char *shown = text_copy(key);
    shown[strcspn(shown, "&")] = '\0'; /* the page escapes the rest */
    ck_assert_ptr_nonnull(strstr(text_str(&last.body), shown));
    ck_assert_int_eq(post("/live/producer", "action=go")->status, 409); /* nothing is received */
    encoder(true);
    await_live(0); /* bytes alone put nothing on air */
    ck_assert_int_eq(post("/live/producer", "action=go")->status, 200);
    await_live(1);
    ck_assert_str_eq(kit_text("data.0.media_product_type"), "LIVE");
    snprintf(path, sizeof path, "%s", kit_text("data.0.permalink"));
    char media[60];
    snprintf(media, sizeof media, "%s", kit_text("data.0.id"));
    kit_ask("GET", path, NULL, NULL, 0, NULL); /* somebody watches */
    await_live(1);
    int64_t viewers = 0;
    ck_assert(json_int(last.json, "data.0.current_live_viewer_count", &viewers) && viewers == 1);
    ck_assert_int_eq(post("/live/producer", "action=end")->status, 200);
    await_live(0);
    ck_assert_str_eq(kit_state("instagram", media), "ended");
    encoder(true); /* the key was for one broadcast */
    ck_assert_str_eq(kit_state("instagram", media), "ended");
    snprintf(form, sizeof form, "action=new");
    ck_assert_int_eq(post("/live/producer", form)->status, 200);
    ck_assert_ptr_null(strstr(text_str(&last.body), shown));
    ck_assert_int_eq(get("/live/producer?sim_account=1")->status, 403); /* too few followers */
    free(key);
    free(shown);
}
END_TEST

START_TEST(without_bytes_it_ends_by_itself)
{
    encoder(true);
    remote("started", "");
    sign_in();
    await_live(1);
    encoder(false);
    await_live(1);
    await_live(0);
}
END_TEST

START_TEST(comments_are_read_hidden_answered_and_deleted)
{
    char media[60], path[300], comment[60];

    sign_in();
    encoder(true);
    remote("started", "");
    await_live(1);
    snprintf(media, sizeof media, "%s", kit_text("data.0.id"));
    remote("participant_joined", ",\"text\":\"Amen\",\"name\":\"ada.n\"");
    remote("participant_joined", ",\"text\":\"Good morning\"");
    snprintf(path, sizeof path,
             "/v26.0/%s/comments?fields=id,text,username,from,timestamp,hidden&limit=1", media);
    ck_assert_int_eq(get(path)->status, 200);
    ck_assert_str_eq(kit_text("data.0.text"), "Amen");
    snprintf(comment, sizeof comment, "%s", kit_text("data.0.id"));
    snprintf(path + strlen(path), sizeof path - strlen(path), "&after=%s",
             kit_text("paging.cursors.after"));
    get(path);
    ck_assert_str_eq(kit_text("data.0.text"), "Good morning");
    snprintf(path, sizeof path, "/v26.0/%s", comment);
    ck_assert_int_eq(post(path, "hide=true")->status, 200);
    ck_assert(json_bool(last.json, "success", false));
    ck_assert_int_eq(post(path, "hide=perhaps")->status, 400);
    snprintf(path, sizeof path, "/v26.0/%s?fields=hidden", comment);
    get(path);
    ck_assert(json_bool(last.json, "hidden", false));
    snprintf(path, sizeof path, "/v26.0/%s/replies", comment);
    ck_assert_int_eq(post(path, "message=Welcome")->status, 200);
    ck_assert_int_eq(post(path, "")->status, 400);
    snprintf(path, sizeof path, "/v26.0/%s", comment);
    ck_assert_int_eq(kit_call("instagram", "DELETE", path, NULL, NULL)->status, 200);
    ck_assert_int_eq(kit_call("instagram", "DELETE", path, NULL, NULL)->status, 400);
    snprintf(path, sizeof path, "/v26.0/%s", media);
    ck_assert_int_eq(post(path, "comment_enabled=false")->status, 200);
    ck_assert_int_eq(get("/v26.0/17870913679156914/comments")->status, 400);
    int64_t subcode = 0;
    ck_assert(json_int(last.json, "error.error_subcode", &subcode) && subcode == 33);
    snprintf(path, sizeof path, "/v26.0/%s?fields=colour", media);
    ck_assert_int_eq(get(path)->status, 400);
    kit_control("POST", "/_sim/grants",
                "{\"platform\":\"instagram\",\"action\":\"drop_scope\",\"scope\":"
                "\"instagram_business_manage_comments\"}");
    snprintf(path, sizeof path, "/v26.0/%s/comments", media);
    ck_assert_int_eq(get(path)->status, 403);
    ck_assert_int_eq(code(), 10);
    await_live(1); /* the rest still works */
}
END_TEST

START_TEST(by_facebook_s_sign_in_it_is_seen_as_well)
{
    char *token = kit_ready("platforms.instagram.facebook_credentials.access_token");
    char path[900];

    encoder(true);
    remote("started", "");
    snprintf(bearer, sizeof bearer, "%s", token);
    await_live(1); /* at this address */
    ck_assert_int_eq(get("/v26.0/17841400000000022/live_media")->status, 400);
    bearer[0] = '\0';
    snprintf(path, sizeof path, "/v26.0/" USER "/live_media?access_token=%s", token);
    ck_assert_int_eq(kit_get("facebook", path)->status, 400); /* there with its proof only */
    free(token);
}
END_TEST

START_TEST(grants_faults_and_the_preset_speak_graph_s_way)
{
    sign_in();
    kit_fault("{\"platform\":\"instagram\",\"kind\":\"rate_limit\",\"retryAfter\":120,\"times\":1,"
              "\"path\":\"/me\"}");
    ck_assert_int_eq(get("/v26.0/me")->status, 400);
    ck_assert_int_eq(code(), 80002);
    ck_assert_ptr_nonnull(
        strstr(kit_header("X-Business-Use-Case-Usage"), "estimated_time_to_regain_access\":2"));
    kit_fault("{\"platform\":\"instagram\",\"kind\":\"status\",\"status\":503,\"times\":1}");
    ck_assert_int_eq(get("/v26.0/me")->status, 503);
    ck_assert_int_eq(code(), 2);
    kit_control("POST", "/_sim/preset", "{\"name\":\"instagram\"}");
    ck_assert_int_eq(get("/v26.0/me")->status, 403);
    ck_assert_int_eq(exchange(fresh_code("&sim_answer=allow"))->status, 200);
    kit_control("POST", "/_sim/preset", "{\"name\":\"none\"}");
    kit_control("DELETE", "/_sim/faults", NULL);
    kit_control("POST", "/_sim/grants", "{\"platform\":\"instagram\",\"action\":\"revoke\"}");
    ck_assert_int_eq(get("/v26.0/me")->status, 400);
    ck_assert_int_eq(code(), 190);
}
END_TEST

START_TEST(the_journal_shows_no_secret)
{
    char path[900];

    exchange(fresh_code("&sim_answer=allow"));
    sign_in();
    snprintf(path, sizeof path, "/v26.0/me?access_token=%s", bearer);
    get(path);
    const cJSON *all = kit_control("GET", "/_sim/requests?platform=instagram", NULL);
    ck_assert_str_eq(json_string(all, "1.body.code"), "***");
    ck_assert_str_eq(json_string(all, "1.body.client_secret"), "***");
    ck_assert_str_eq(json_string(all, "2.query.access_token"), "***");
    ck_assert_str_eq(json_string(all, "2.grant"), "instagram:1 stmarks");
    ck_assert_ptr_null(strstr(text_str(&last.body), "IGAA"));
    ck_assert_ptr_null(strstr(text_str(&last.body), secret));
}
END_TEST

TEST_MAIN_FIXTURE("sim_instagram", setup, teardown, a_code_becomes_an_hour_and_then_sixty_days,
                  a_code_is_good_once_and_wrong_ones_say_so,
                  a_long_token_is_renewed_after_a_day_and_while_it_lives,
                  no_call_makes_starts_or_ends_a_live_video,
                  the_operator_goes_live_and_the_api_sees_it_later, without_bytes_it_ends_by_itself,
                  comments_are_read_hidden_answered_and_deleted,
                  by_facebook_s_sign_in_it_is_seen_as_well,
                  grants_faults_and_the_preset_speak_graph_s_way, the_journal_shows_no_secret)

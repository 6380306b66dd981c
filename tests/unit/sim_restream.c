/* The simulated Restream: rotation that kills, channels, events, keys and what an encoder does. */
#include "sim_kit.h"

#include <time.h>

#define CALLBACK "http://127.0.0.1:49731/cb"

static char *client_id, *client_secret;

static void setup(void)
{
    kit_start();
    client_id = kit_ready("platforms.restream.client_id");
    client_secret = kit_ready("platforms.restream.client_secret");
}

static void teardown(void)
{
    free(client_id);
    free(client_secret);
    kit_stop();
}

static const struct reply *get(const char *path)
{
    return kit_get("restream", path);
}

static const struct reply *json(const char *method, const char *path, const char *body)
{
    return kit_json("restream", method, path, body);
}

static const struct reply *token(const char *more)
{
    char form[1500];

    snprintf(form, sizeof form, "client_id=%s&client_secret=%s&%s", client_id, client_secret, more);
    bearer[0] = '\0';
    return kit_form("restream", "/oauth/token", form);
}

static const struct reply *refresh(const char *value)
{
    char more[400];

    snprintf(more, sizeof more, "grant_type=refresh_token&refresh_token=%s", value);
    return token(more);
}

static void take_bearer(void)
{
    ck_assert_int_eq(last.status, 200);
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
}

static void sign_in(void)
{
    char *ready = kit_ready("platforms.restream.credentials.refresh_token");

    refresh(ready);
    take_bearer();
    free(ready);
}

static void code_for(const char *more)
{
    char path[600], form[900];

    snprintf(path, sizeof path,
             "/login?response_type=code&client_id=%s&redirect_uri=" CALLBACK
             "&state=s1&sim_answer=allow%s",
             client_id, more);
    ck_assert_int_eq(get(path)->status, 302);
    ck_assert_str_eq(kit_location("state"), "s1");
    char *code = curl_easy_escape(client, kit_location("code"), 0);
    snprintf(form, sizeof form, "grant_type=authorization_code&redirect_uri=" CALLBACK "&code=%s",
             code);
    curl_free(code);
    token(form);
}

static const char *name(void)
{
    return kit_text("error.name");
}

static void await_state(const char *id, const char *state)
{
    TEST_UNTIL(strcmp(kit_state("restream", id), state) == 0);
}

START_TEST(a_person_signs_in_and_refusal_comes_back_bare)
{
    char path[600];

    code_for("");
    ck_assert_int_eq(last.status, 200);
    ck_assert_ptr_null(json_at(last.json, "scope"));
    ck_assert_str_eq(kit_text("scopeJson.1"), "channels.default.read"); /* their name in a token */
    int64_t seconds = 0, expires = 0;
    ck_assert(json_int(last.json, "expires_in", &seconds) && seconds == 3600);
    ck_assert(json_int(last.json, "expires", &expires) && expires > 1700000000);
    take_bearer();
    ck_assert_int_eq(get("/v2/user/profile")->status, 200);
    ck_assert_str_eq(kit_text("username"), "stmarks");
    bearer[0] = '\0';
    snprintf(path, sizeof path,
             "/login?response_type=code&client_id=%s&redirect_uri=" CALLBACK
             "&state=s1&sim_answer=refuse",
             client_id);
    ck_assert_int_eq(get(path)->status, 302);
    ck_assert_str_eq(kit_header("Location"), CALLBACK);
    ck_assert_int_eq(get("/oauth/authorize")->status, 404); /* the dialog is at /login */
    ck_assert_int_eq(
        token("grant_type=authorization_code&redirect_uri=" CALLBACK "&code=x")->status, 400);
    ck_assert_str_eq(name(), "invalid_grant");
}
END_TEST

START_TEST(each_refresh_kills_the_pair_before_it)
{
    char first[300], old[600];

    sign_in();
    snprintf(first, sizeof first, "%s", kit_text("refresh_token"));
    snprintf(old, sizeof old, "%s", bearer);
    ck_assert_int_eq(refresh(first)->status, 200);
    char second[300];
    snprintf(second, sizeof second, "%s", kit_text("refresh_token"));
    snprintf(bearer, sizeof bearer, "%s", old);
    ck_assert_int_eq(get("/v2/user/profile")->status, 401);
    ck_assert_str_eq(name(), "invalid_token");
    ck_assert_int_eq(refresh(first)->status, 400); /* a second process came too late */
    ck_assert_str_eq(name(), "invalid_grant");
    ck_assert_int_eq(refresh(second)->status, 400); /* and now nobody is signed in */
}
END_TEST

START_TEST(revoking_needs_no_client_and_ends_both)
{
    char form[400], again[300];

    sign_in();
    snprintf(again, sizeof again, "%s", kit_text("refresh_token"));
    snprintf(form, sizeof form, "token=%s&token_type_hint=refresh_token", again);
    ck_assert_int_eq(kit_form("restream", "/oauth/revoke", form)->status, 200);
    ck_assert_int_eq(get("/v2/user/profile")->status, 401);
    ck_assert_int_eq(refresh(again)->status, 400);
    ck_assert_int_eq(kit_form("restream", "/oauth/revoke", "x=1")->status, 400);
}
END_TEST

START_TEST(channels_are_switched_and_titled)
{
    sign_in();
    ck_assert_int_eq(get("/v2/user/channel/all")->status, 200);
    ck_assert_int_eq(cJSON_GetArraySize(last.json), 4);
    ck_assert_ptr_null(json_at(last.json, "0.meta"));
    ck_assert(json_bool(last.json, "0.active", false));
    ck_assert_int_eq(json("PATCH", "/v2/user/channel/16972700", "{\"active\":true}")->status, 200);
    ck_assert_uint_eq(last.body.length, 0);
    get("/v2/user/channel/16972700");
    ck_assert(json_bool(last.json, "active", false));
    ck_assert_int_eq(json("PATCH", "/v2/user/channel/16972700", "{\"enabled\":true}")->status, 400);
    ck_assert_int_eq(json("PATCH", "/v2/user/channel/16972700", "{\"active\":\"yes\"}")->status,
                     400);
    ck_assert_int_eq(json("PATCH", "/v2/user/channel/16980100", "{\"active\":true}")->status, 404);
    ck_assert_int_eq(
        json("PATCH", "/v2/user/channel-meta/16972700", "{\"title\":\"Sunday\"}")->status, 200);
    ck_assert_uint_eq(last.body.length, 0);
    ck_assert_int_eq(json("PATCH", "/v2/user/channel-meta/16972700", "{}")->status, 400);
    ck_assert_int_eq(get("/v2/user/channel-meta/16972700")->status, 405);
    ck_assert_int_eq(json("POST", "/v2/user/channels",
                          "{\"platformId\":29,\"streamUrl\":\"rtmps://a.example/live\","
                          "\"streamKey\":\"k3y\",\"displayName\":\"Archive\"}")
                         ->status,
                     201);
    ck_assert_int_eq(json("POST", "/v2/user/channels", "{\"platformId\":29}")->status, 400);
    ck_assert_int_eq(
        json("POST", "/v2/user/channels", "{\"platformId\":5,\"streamKey\":\"x\"}")->status, 400);
    ck_assert_str_eq(name(), "platform_not_supported");
    ck_assert_int_eq(json("POST", "/v2/user/channel", "{}")->status, 404); /* plural only */
    ck_assert_int_eq(
        kit_call("restream", "DELETE", "/v2/user/channel/16972700", NULL, NULL)->status, 405);
}
END_TEST

#define SUNDAY                                                                                     \
    "{\"streamType\":\"encoder\",\"title\":\"Sunday\",\"description\":\"10 am\",\"scheduledFor\":" \
    "\"2099-10-04T08:00:00Z\"}"

START_TEST(an_event_is_made_but_neither_changed_nor_deleted)
{
    char path[200], wrong[400];

    sign_in();
    ck_assert_int_eq(json("POST", "/v2/user/events/new", SUNDAY)->status, 201);
    snprintf(path, sizeof path, "/v2/user/events/%s", kit_text("id"));
    ck_assert_int_eq(get(path)->status, 200);
    ck_assert_str_eq(kit_text("status"), "upcoming");
    int64_t seconds = 0;
    ck_assert(json_int(last.json, "scheduledFor", &seconds) && seconds == 4094784000);
    ck_assert_int_eq(json("PATCH", path, "{\"title\":\"x\"}")->status, 405);
    ck_assert_int_eq(kit_call("restream", "DELETE", path, NULL, NULL)->status, 405);
    get("/v2/user/events/upcoming?source=2&scheduled=true");
    ck_assert_int_eq(cJSON_GetArraySize(last.json), 1);
    get("/v2/user/events/upcoming?source=1");
    ck_assert_int_eq(cJSON_GetArraySize(last.json), 0);
    ck_assert_int_eq(get("/v2/user/events/upcoming?source=9")->status, 400);
    ck_assert_int_eq(json("POST", "/v2/user/events/new", "{\"title\":\"x\"}")->status, 400);
    ck_assert_int_eq(json("POST", "/v2/user/events/new",
                          "{\"streamType\":\"encoder\",\"scheduledFor\":\"2001-01-01T00:00:00Z\"}")
                         ->status,
                     400);
    snprintf(wrong, sizeof wrong, "{\"streamType\":\"encoder\",\"title\":\"%0101d\"}", 1);
    ck_assert_int_eq(json("POST", "/v2/user/events/new", wrong)->status, 400);
    ck_assert_str_eq(kit_text("error.message"), "Title is too long");
    ck_assert_int_eq(get("/v2/user/event/upcoming")->status, 404); /* plural only */
}
END_TEST

START_TEST(only_keyed_platforms_can_be_attached)
{
    char path[200];

    sign_in();
    json("POST", "/v2/user/events/new", SUNDAY);
    snprintf(path, sizeof path, "/v2/user/events/%s/destinations", kit_text("id"));
    ck_assert_int_eq(
        json("POST", path, "{\"channelId\":16972720,\"streamingOrientation\":\"horizontal\"}")
            ->status,
        201);
    ck_assert_int_eq(json("POST", path, "{\"channelId\":16972720}")->status, 400);
    ck_assert_str_eq(name(), "destination_already_exists");
    ck_assert_int_eq(json("POST", path, "{\"channelId\":16972669}")->status, 400);
    ck_assert_str_eq(name(), "platform_not_supported");
    ck_assert_int_eq(json("POST", path, "{\"channelId\":1}")->status, 404);
    ck_assert_int_eq(json("POST", path, "{\"channelId\":\"16972720\"}")->status, 400);
}
END_TEST

START_TEST(an_encoder_starts_and_ends_an_event)
{
    char path[200], body[300], id[60], key[200];

    sign_in();
    json("POST", "/v2/user/events/new", "{\"streamType\":\"encoder\",\"title\":\"Vespers\"}");
    snprintf(id, sizeof id, "%s", kit_text("id"));
    snprintf(path, sizeof path, "/v2/user/events/%s/streamKey", id);
    ck_assert_int_eq(get(path)->status, 200);
    snprintf(key, sizeof key, "%s", kit_text("streamKey"));
    ck_assert_str_ne(kit_text("srtUrl"), "");
    snprintf(body, sizeof body, "{\"platform\":\"restream\",\"key\":\"%s\",\"sending\":true}", key);
    kit_control("POST", "/_sim/encoder", body);
    get("/v2/user/events/in-progress");
    ck_assert_str_eq(kit_text("0.id"), id);
    ck_assert_str_eq(kit_text("0.status"), "in-progress");
    ck_assert_str_ne(kit_text("0.destinations.0.externalUrl"), "");
    snprintf(body, sizeof body, "{\"platform\":\"restream\",\"key\":\"%s\",\"sending\":false}",
             key);
    kit_control("POST", "/_sim/encoder", body);
    ck_assert_str_eq(kit_state("restream", id), "in-progress"); /* it may come back */
    await_state(id, "finished");
    snprintf(body, sizeof body, "{\"platform\":\"restream\",\"key\":\"%s\",\"sending\":true}", key);
    kit_control("POST", "/_sim/encoder", body);
    ck_assert_str_eq(kit_state("restream", id), "finished"); /* a key is good for one broadcast */
    get("/v2/user/events/history?page=1&limit=5");
    ck_assert_str_eq(kit_text("items.0.id"), id);
    int64_t pages = 0;
    ck_assert(json_int(last.json, "pagination.pages_total", &pages) && pages == 1);
    ck_assert_int_eq(get("/v2/user/events/history?limit=0")->status, 400);
}
END_TEST

START_TEST(the_account_s_own_key_makes_an_instant_event)
{
    char body[300];

    sign_in();
    json("POST", "/v2/user/events/new", SUNDAY);
    ck_assert_int_eq(get("/v2/user/streamKey")->status, 200);
    snprintf(body, sizeof body, "{\"platform\":\"restream\",\"key\":\"%s\",\"sending\":true}",
             kit_text("streamKey"));
    kit_control("POST", "/_sim/encoder", body);
    get("/v2/user/events/in-progress");
    ck_assert_int_eq(cJSON_GetArraySize(last.json), 1);
    ck_assert(json_bool(last.json, "0.isInstant", false));
    get("/v2/user/events/upcoming");
    ck_assert_int_eq(cJSON_GetArraySize(last.json), 1);
}
END_TEST

START_TEST(what_needs_no_sign_in_and_what_does)
{
    ck_assert_int_eq(get("/v2/platform/all")->status, 200);
    ck_assert_str_ne(kit_text("0.name"), "");
    ck_assert_int_eq(get("/v2/server/all")->status, 200);
    ck_assert_int_eq(strncmp(kit_text("0.rtmpUrl"), "rtmp://", 7), 0);
    ck_assert_int_eq(get("/v2/user/profile")->status, 401);
    ck_assert_int_eq(get("/v2/user/ingest")->status, 404);
    sign_in();
    kit_control("POST", "/_sim/grants",
                "{\"platform\":\"restream\",\"action\":\"drop_scope\",\"scope\":\"stream.write\"}");
    ck_assert_int_eq(json("POST", "/v2/user/events/new", SUNDAY)->status, 403);
    ck_assert_int_eq(get("/v2/user/profile")->status, 200);
    kit_control("POST", "/_sim/grants", "{\"platform\":\"restream\",\"action\":\"expire_access\"}");
    ck_assert_int_eq(get("/v2/user/profile")->status, 401);
    code_for("&sim_account=1");
    take_bearer();
    get("/v2/user/channel/all");
    ck_assert_int_eq(cJSON_GetArraySize(last.json), 1);
    ck_assert(get("/v2/user/streamKey")->status == 200 &&
              cJSON_IsNull(json_at(last.json, "srtUrl")));
}
END_TEST

START_TEST(faults_and_the_preset_speak_restream_s_way)
{
    sign_in();
    kit_fault("{\"platform\":\"restream\",\"kind\":\"rate_limit\",\"retryAfter\":4,\"times\":1}");
    ck_assert_int_eq(get("/v2/user/profile")->status, 429);
    ck_assert_str_eq(kit_header("Retry-After"), "4");
    kit_fault("{\"platform\":\"restream\",\"kind\":\"status\",\"status\":500,\"times\":1}");
    ck_assert_int_eq(get("/v2/user/profile")->status, 500);
    int64_t code = 0;
    ck_assert(json_int(last.json, "error.statusCode", &code) && code == 500);
    kit_control("POST", "/_sim/preset", "{\"name\":\"restream\"}");
    ck_assert_int_eq(get("/v2/user/profile")->status, 403);
    ck_assert_int_eq(get("/v2/server/all")->status, 200);
    code_for("");
    ck_assert_int_eq(last.status, 200); /* signing in still works */
}
END_TEST

START_TEST(things_happen_without_us_and_the_journal_shows_no_secret)
{
    char body[300], id[60];

    sign_in();
    json("POST", "/v2/user/events/new", SUNDAY);
    snprintf(id, sizeof id, "%s", kit_text("id"));
    snprintf(body, sizeof body, "{\"platform\":\"restream\",\"id\":\"%s\",\"event\":\"started\"}",
             id);
    kit_control("POST", "/_sim/remote", body);
    ck_assert_str_eq(kit_state("restream", id), "in-progress");
    snprintf(body, sizeof body, "{\"platform\":\"restream\",\"id\":\"%s\",\"event\":\"ended\"}",
             id);
    kit_control("POST", "/_sim/remote", body);
    ck_assert_str_eq(kit_state("restream", id), "finished");
    json("POST", "/v2/user/channels",
         "{\"platformId\":73,\"streamKey\":\"secret-key\",\"instagramUsername\":\"x\"}");
    const cJSON *all = kit_control("GET", "/_sim/requests?platform=restream", NULL);
    ck_assert_str_eq(json_string(all, "0.body.refresh_token"), "***");
    ck_assert_str_eq(json_string(all, "0.body.client_secret"), "***");
    ck_assert_str_eq(json_string(all, "2.body.streamKey"), "***");
    ck_assert_str_eq(json_string(all, "1.grant"), "restream:1 stmarks");
    ck_assert_ptr_null(strstr(text_str(&last.body), "secret-key"));
    ck_assert_ptr_null(strstr(text_str(&last.body), client_secret));
    ck_assert_ptr_null(strstr(text_str(&last.body), "simrestreamrefresh"));
}
END_TEST

TEST_MAIN_FIXTURE("sim_restream", setup, teardown, a_person_signs_in_and_refusal_comes_back_bare,
                  each_refresh_kills_the_pair_before_it, revoking_needs_no_client_and_ends_both,
                  channels_are_switched_and_titled,
                  an_event_is_made_but_neither_changed_nor_deleted,
                  only_keyed_platforms_can_be_attached, an_encoder_starts_and_ends_an_event,
                  the_account_s_own_key_makes_an_instant_event, what_needs_no_sign_in_and_what_does,
                  faults_and_the_preset_speak_restream_s_way,
                  things_happen_without_us_and_the_journal_shows_no_secret)

/* The control surface: what it shows, what it hides, what it lets happen. */
#include "sim_kit.h"

START_TEST(the_ready_line_says_where_everything_is)
{
    static const char *const slugs[] = { "restream", "zoom",      "google_meet", "teams",
                                         "jitsi",    "instagram", "youtube",     "facebook" };
    static const char *const hosts[] = { "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5",
                                         "127.0.0.6", "127.0.0.7", "127.0.0.8", "127.0.0.9" };
    char path[100], expected[100];
    const char *port = strrchr(sim_base(sim), ':');

    for (size_t i = 0; i < sizeof slugs / sizeof slugs[0]; i++) {
        snprintf(path, sizeof path, "platforms.%s.api_base", slugs[i]);
        char *base = kit_ready(path);
        snprintf(expected, sizeof expected, "http://%s%s", hosts[i], port);
        ck_assert_str_eq(base, expected);
        ck_assert_str_eq(base, sim_address(sim, slugs[i]));
        free(base);
        snprintf(path, sizeof path, "platforms.%s.credentials", slugs[i]);
        ck_assert_ptr_nonnull(json_at(kit_control("GET", "/_sim", NULL), path));
    }
    ck_assert_ptr_null(sim_address(sim, "mars"));
}
END_TEST

START_TEST(it_is_there_on_every_address)
{
    char url[200];

    snprintf(url, sizeof url, "%s/_sim/objects", sim_base(sim));
    ck_assert_int_eq(kit_ask("GET", url, NULL, NULL, 0, NULL)->status, 200);
    ck_assert(cJSON_IsArray(last.json));
    ck_assert_int_eq(kit_get("facebook", "/_sim/requests")->status, 200);
    ck_assert_int_eq(cJSON_GetArraySize(last.json), 0); /* control is not in its own journal */
    ck_assert_int_eq(kit_get("facebook", "/_sim/nothing")->status, 404);
    ck_assert_int_eq(kit_call("facebook", "PUT", "/_sim/objects", NULL, NULL)->status, 405);
    ck_assert_int_eq(kit_json("facebook", "POST", "/_sim/faults", "{nonsense")->status, 400);
}
END_TEST

START_TEST(the_journal_masks_secrets_and_names_the_grant)
{
    char *id = kit_ready("platforms.youtube.client_id"),
         *secret = kit_ready("platforms.youtube.client_secret");
    char *refresh = kit_ready("platforms.youtube.credentials.refresh_token");

    kit_sign_in_youtube();
    kit_json("youtube", "POST",
             "/youtube/v3/liveStreams?part=snippet,cdn&access_token=ya29.elsewhere",
             "{\"snippet\":{\"title\":\"Main\"},\"cdn\":{\"ingestionType\":\"rtmp\","
             "\"ingestionInfo\":{\"streamName\":"
             "\"abcd-efgh\"}}}");
    ck_assert_int_eq(last.status, 200);
    char *key = text_copy(kit_text("cdn.ingestionInfo.streamName"));
    kit_get("jitsi", "/room1?jwt=eyJhbGciOiJIUzI1NiJ9.e30.c2ln");

    const cJSON *all = kit_control("GET", "/_sim/requests", NULL);
    ck_assert_int_eq(cJSON_GetArraySize(all), 3);
    ck_assert_str_eq(json_string(all, "0.body.refresh_token"), "***");
    ck_assert_str_eq(json_string(all, "0.body.client_secret"), "***");
    ck_assert_str_eq(json_string(all, "0.body.client_id"), id);
    ck_assert_str_eq(json_string(all, "0.grant"), "youtube:1 St Mark's");
    ck_assert_str_eq(json_string(all, "1.grant"), "youtube:1 St Mark's");
    ck_assert_str_eq(json_string(all, "1.query.access_token"), "***");
    ck_assert_str_eq(json_string(all, "1.body.snippet.title"), "Main");
    ck_assert_str_eq(json_string(all, "1.body.cdn.ingestionInfo.streamName"), "***");
    ck_assert_str_eq(json_string(all, "2.query.jwt"), "***");
    const char *whole = text_str(&last.body);
    ck_assert_ptr_null(strstr(whole, secret));
    ck_assert_ptr_null(strstr(whole, refresh));
    ck_assert_ptr_null(strstr(whole, bearer));
    ck_assert_ptr_null(strstr(whole, "abcd-efgh"));
    ck_assert_ptr_null(strstr(whole, key));
    ck_assert_ptr_null(strstr(whole, "eyJ"));
    free(id);
    free(secret);
    free(refresh);
    free(key);
}
END_TEST

START_TEST(the_journal_goes_on_from_a_number_and_can_be_forgotten)
{
    kit_get("jitsi", "/config.js");
    kit_get("zoom", "/v2/users/me");
    kit_get("jitsi", "/external_api.js");
    const cJSON *all = kit_control("GET", "/_sim/requests?after=1", NULL);
    ck_assert_int_eq(cJSON_GetArraySize(all), 2);
    ck_assert_str_eq(json_string(all, "0.path"), "/v2/users/me");
    ck_assert_int_eq(cJSON_GetArraySize(kit_control("GET", "/_sim/requests?platform=jitsi", NULL)),
                     2);
    kit_control("DELETE", "/_sim/requests", NULL);
    kit_get("jitsi", "/config.js");
    all = kit_control("GET", "/_sim/requests", NULL);
    int64_t n = 0, status = 0;
    ck_assert_int_eq(cJSON_GetArraySize(all), 1);
    ck_assert(json_int(all, "0.n", &n) && json_int(all, "0.status", &status));
    ck_assert_int_eq(n, 4); /* numbers are not used again */
    ck_assert_int_eq(status, 200);
}
END_TEST

START_TEST(objects_have_the_promised_shape)
{
    static const char *const members[] = { "platform", "kind",  "id",        "title",   "state",
                                           "startAt",  "owner", "createdAt", "deleted", "fields" };

    kit_control("POST", "/_sim/remote",
                "{\"platform\":\"jitsi\",\"id\":\"Prayer-7k2m\",\"event\":\"started\"}");
    const cJSON *room = kit_control("GET", "/_sim/objects?platform=jitsi", NULL)->child;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        ck_assert_msg(json_at(room, members[i]) != NULL, "%s", members[i]);
    ck_assert_str_eq(json_string(room, "id"), "prayer-7k2m");
    ck_assert_str_eq(json_string(room, "state"), "active");
    ck_assert_int_eq(cJSON_GetArraySize(kit_control("GET", "/_sim/objects?platform=zoom", NULL)),
                     0);
}
END_TEST

START_TEST(reset_leaves_nothing_but_what_the_accounts_came_with)
{
    int before = cJSON_GetArraySize(kit_control("GET", "/_sim/objects", NULL));

    kit_sign_in_youtube();
    kit_control("POST", "/_sim/remote",
                "{\"platform\":\"jitsi\",\"id\":\"r\",\"event\":\"started\"}");
    kit_fault("{\"platform\":\"youtube\",\"kind\":\"status\",\"status\":500}");
    kit_control("POST", "/_sim/reset", NULL);
    ck_assert_int_eq(cJSON_GetArraySize(kit_control("GET", "/_sim/objects", NULL)), before);
    ck_assert_int_eq(cJSON_GetArraySize(kit_control("GET", "/_sim/requests", NULL)), 0);
    ck_assert_int_eq(cJSON_GetArraySize(kit_control("GET", "/_sim/faults", NULL)), 0);
    ck_assert_int_eq(kit_get("youtube", "/youtube/v3/channels?part=id&mine=true")->status,
                     401); /* the old token */
    kit_sign_in_youtube();
    ck_assert_int_eq(kit_get("youtube", "/youtube/v3/channels?part=id&mine=true")->status, 200);
}
END_TEST

START_TEST(grants_expire_and_lose_scopes_and_die)
{
    static const char who[] = "/youtube/v3/channels?part=id&mine=true";

    kit_sign_in_youtube();
    kit_control("POST", "/_sim/grants", "{\"platform\":\"youtube\",\"action\":\"expire_access\"}");
    ck_assert_int_eq(kit_get("youtube", who)->status, 401);
    ck_assert_str_eq(kit_text("error.errors.0.reason"), "authError");
    kit_sign_in_youtube();
    kit_control("POST", "/_sim/grants",
                "{\"platform\":\"youtube\",\"action\":\"drop_scope\",\"scope\":"
                "\"https://www.googleapis.com/auth/youtube\"}");
    ck_assert_int_eq(kit_get("youtube", who)->status, 403);
    ck_assert_str_eq(kit_text("error.errors.0.reason"), "insufficientPermissions");
    ck_assert_str_eq(kit_text("error.details.0.reason"), "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    kit_control("POST", "/_sim/grants", "{\"platform\":\"youtube\",\"action\":\"revoke\"}");
    ck_assert_int_eq(kit_get("youtube", who)->status, 401);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_answers)
{
    struct sim_options options = { .seed = 7 };
    struct sim *other = NULL;
    char *first[2];

    for (int i = 0; i < 2; i++) {
        struct text answer;
        struct error err;
        int status;
        text_init(&answer, 1 << 20);
        ck_assert(sim_start(&other, &options, &err));
        ck_assert(sim_control(other, "POST", "/_sim/remote",
                              "{\"platform\":\"jitsi\",\"id\":\"r\",\"event\":\"started\"}",
                              &answer, &status));
        sim_stop(other);
        first[i] = text_take(&answer);
    }
    ck_assert_str_eq(first[0], first[1]);
    free(first[0]);
    free(first[1]);
}
END_TEST

TEST_MAIN_FIXTURE("sim_control", kit_start, kit_stop, the_ready_line_says_where_everything_is,
                  it_is_there_on_every_address, the_journal_masks_secrets_and_names_the_grant,
                  the_journal_goes_on_from_a_number_and_can_be_forgotten,
                  objects_have_the_promised_shape,
                  reset_leaves_nothing_but_what_the_accounts_came_with,
                  grants_expire_and_lose_scopes_and_die, the_same_seed_gives_the_same_answers)

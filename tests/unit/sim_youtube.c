/* The simulated YouTube: a broadcast's whole life, and what is refused on the way. */
#include "sim_kit.h"

#include <ecclesia/base/clock.h>

#define BROADCASTS "/youtube/v3/liveBroadcasts"
#define STREAMS    "/youtube/v3/liveStreams"

static char broadcast[40], stream[60], key[60];

static void setup(void)
{
    kit_start();
    kit_sign_in_youtube();
}

static const char *reason(void)
{
    return kit_text("error.errors.0.reason");
}

/* RFC 3339, so many seconds from now. */
static const char *in_seconds(int64_t seconds)
{
    static char at[CLOCK_RFC3339_SIZE];

    clock_rfc3339_s(at, clock_now() + seconds * 1000);
    return at;
}

static const struct reply *insert(const char *title, const char *details)
{
    char body[3000];

    snprintf(
        body, sizeof body,
        "{\"snippet\":{\"title\":\"%s\",\"description\":\"d\",\"scheduledStartTime\":\"%s\"},"
        "\"status\":"
        "{\"privacyStatus\":\"unlisted\",\"selfDeclaredMadeForKids\":false},\"contentDetails\":%s}",
        title, in_seconds(600), details);
    kit_json("youtube", "POST", BROADCASTS "?part=id,snippet,status,contentDetails", body);
    snprintf(broadcast, sizeof broadcast, "%s", kit_text("id"));
    return &last;
}

#define NO_MONITOR                                                                                 \
    "{\"monitorStream\":{\"enableMonitorStream\":false,\"broadcastStreamDelayMs\":0}}"

static void make_stream(void)
{
    kit_json("youtube", "POST", STREAMS "?part=id,snippet,cdn,contentDetails,status",
             "{\"snippet\":{\"title\":\"Main\"},\"cdn\":{\"ingestionType\":\"rtmp\",\"resolution\":"
             "\"variable\","
             "\"frameRate\":\"variable\"},\"contentDetails\":{\"isReusable\":true}}");
    ck_assert_int_eq(last.status, 200);
    snprintf(stream, sizeof stream, "%s", kit_text("id"));
    snprintf(key, sizeof key, "%s", kit_text("cdn.ingestionInfo.streamName"));
}

static const struct reply *bind_it(void)
{
    char path[300];

    snprintf(path, sizeof path, BROADCASTS "/bind?id=%s&streamId=%s&part=id,status,contentDetails",
             broadcast, stream);
    return kit_call("youtube", "POST", path, NULL, NULL);
}

static const struct reply *transition(const char *to)
{
    char path[300];

    snprintf(path, sizeof path, BROADCASTS "/transition?id=%s&broadcastStatus=%s&part=id,status",
             broadcast, to);
    return kit_call("youtube", "POST", path, NULL, NULL);
}

static void encoder(bool sending)
{
    char body[200];

    snprintf(body, sizeof body, "{\"platform\":\"youtube\",\"key\":\"%s\",\"sending\":%s}", key,
             sending ? "true" : "false");
    kit_control("POST", "/_sim/encoder", body);
}

static const char *life(void)
{
    char path[200];

    snprintf(path, sizeof path, BROADCASTS "?id=%s&part=status", broadcast);
    ck_assert_int_eq(kit_get("youtube", path)->status, 200);
    return kit_text("items.0.status.lifeCycleStatus");
}

START_TEST(a_broadcast_lives_and_ends)
{
    ck_assert_int_eq(insert("Sunday", NO_MONITOR)->status, 200);
    ck_assert_str_eq(kit_text("status.lifeCycleStatus"), "created");
    ck_assert_str_eq(kit_text("contentDetails.latencyPreference"), "normal");
    make_stream();
    ck_assert_int_eq(bind_it()->status, 200);
    ck_assert_str_eq(kit_text("status.lifeCycleStatus"), "ready");
    ck_assert_str_eq(kit_text("contentDetails.boundStreamId"), stream);
    ck_assert_int_eq(transition("live")->status, 403);
    ck_assert_str_eq(reason(), "errorStreamInactive");
    encoder(true);
    kit_get("youtube", STREAMS "?part=status&mine=true");
    ck_assert_str_eq(kit_text("items.0.status.streamStatus"), "active");
    ck_assert_int_eq(transition("live")->status, 200);
    ck_assert_str_eq(kit_text("status.lifeCycleStatus"), "liveStarting");
    ck_assert_int_eq(transition("live")->status, 403);
    ck_assert_str_eq(reason(), "redundantTransition");
    TEST_UNTIL(strcmp(life(), "live") == 0);
    char path[200];
    snprintf(path, sizeof path, "/youtube/v3/videos?part=liveStreamingDetails,snippet&id=%s",
             broadcast);
    kit_get("youtube", path);
    ck_assert_str_ne(kit_text("items.0.liveStreamingDetails.concurrentViewers"), "");
    ck_assert_str_eq(kit_text("items.0.snippet.liveBroadcastContent"), "live");
    snprintf(path, sizeof path, BROADCASTS "?id=%s", broadcast);
    ck_assert_int_eq(kit_call("youtube", "DELETE", path, NULL, NULL)->status, 403);
    ck_assert_str_eq(reason(), "liveBroadcastDeletionNotAllowed");
    ck_assert_int_eq(transition("complete")->status, 200);
    ck_assert_str_eq(life(), "complete");
    ck_assert_int_eq(transition("complete")->status, 403);
    ck_assert_str_eq(reason(), "redundantTransition");
    ck_assert_int_eq(transition("live")->status, 403);
    ck_assert_str_eq(reason(), "invalidTransition");
    kit_get("youtube", BROADCASTS "?broadcastStatus=completed&part=id");
    ck_assert_str_eq(kit_text("items.0.id"), broadcast);
}
END_TEST

START_TEST(a_monitor_stream_goes_through_testing)
{
    insert("With preview", "{}");
    make_stream();
    bind_it();
    encoder(true);
    ck_assert_int_eq(transition("live")->status, 403);
    ck_assert_str_eq(reason(), "invalidTransition");
    ck_assert_int_eq(transition("testing")->status, 200);
    ck_assert_str_eq(kit_text("status.lifeCycleStatus"), "testStarting");
    TEST_UNTIL(strcmp(life(), "testing") == 0);
    ck_assert_int_eq(transition("live")->status, 200);
    TEST_UNTIL(strcmp(life(), "live") == 0);
}
END_TEST

START_TEST(it_starts_and_stops_by_itself_when_told_to)
{
    insert("Automatic", "{\"enableAutoStart\":true,\"enableAutoStop\":true}");
    make_stream();
    bind_it();
    encoder(true);
    TEST_UNTIL(strcmp(kit_state("youtube", broadcast), "live") == 0);
    encoder(false);
    TEST_UNTIL(strcmp(kit_state("youtube", broadcast), "complete") == 0);
}
END_TEST

START_TEST(the_automatic_encoder_comes_after_the_bind)
{
    struct sim_options options = { .encoder = SIM_ENCODER_AUTO, .step_ms = 40 };

    kit_stop();
    kit_start_with(&options);
    kit_sign_in_youtube();
    insert("Sunday", NO_MONITOR);
    make_stream();
    ck_assert_str_eq(kit_state("youtube", stream), "ready");
    bind_it();
    TEST_UNTIL(strcmp(kit_state("youtube", stream), "active") == 0);
    ck_assert_int_eq(transition("live")->status, 200);
    TEST_UNTIL(strcmp(life(), "live") == 0);
    transition("complete");
    ck_assert_str_eq(kit_state("youtube", stream), "inactive");
}
END_TEST

START_TEST(two_broadcasts_of_one_stream_are_not_live_at_once)
{
    char first[40];

    insert("First", NO_MONITOR);
    make_stream();
    bind_it();
    encoder(true);
    transition("live");
    snprintf(first, sizeof first, "%s", broadcast);
    insert("Second", NO_MONITOR);
    bind_it();
    ck_assert_int_eq(transition("live")->status, 403);
    ck_assert_str_eq(reason(), "sharedIngestionBroadcastsExceedLimit");
}
END_TEST

START_TEST(an_insert_must_be_whole)
{
    static const struct {
        const char *query, *body, *reason;
    } wrong[] = {
        { "", "{}", "required" },
        { "?part=snippet,status,bogus", "{}", "unknownPart" },
        { "?part=snippet", "{\"snippet\":{\"title\":\"x\"},\"status\":{}}", "unexpectedPart" },
        { "?part=snippet,status", "{\"snippet\":{\"scheduledStartTime\":\"2100-01-01T00:00:00Z\"}}",
          "titleRequired" },
        { "?part=snippet,status", "{\"snippet\":{\"title\":\"x\"}}", "scheduledStartTimeRequired" },
        { "?part=snippet,status",
          "{\"snippet\":{\"title\":\"x\",\"scheduledStartTime\":\"2020-01-01T00:00:00Z\"}}",
          "invalidScheduledStartTime" },
        { "?part=snippet,status",
          "{\"snippet\":{\"title\":\"x\",\"scheduledStartTime\":\"tomorrow\"}}",
          "invalidScheduledStartTime" },
        { "?part=snippet,status", "{\"snippet\":{\"title\":7}}", "invalid" },
        { "?part=snippet,status", "{\"snippet\":{\"heading\":\"x\"}}", "invalid" },
        { "?part=snippet,status&colour=red", "{}", "invalid" },
        { "?part=snippet,status", "not json", "parseError" },
    };
    char path[300];

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(path, sizeof path, BROADCASTS "%s", wrong[i].query);
        ck_assert_msg(kit_json("youtube", "POST", path, wrong[i].body)->status == 400, "%zu: %ld",
                      i, last.status);
        ck_assert_msg(strcmp(reason(), wrong[i].reason) == 0, "%zu: %s", i, reason());
    }
    ck_assert_int_eq(insert("0123456789012345678901234567890123456789012345678901234567890123456789"
                            "012345678901234567890"
                            "12345678901",
                            NO_MONITOR)
                         ->status,
                     400);
    ck_assert_str_eq(reason(), "invalidTitle");
    ck_assert_int_eq(cJSON_GetArraySize(kit_control("GET", "/_sim/objects?platform=youtube", NULL)),
                     0);
}
END_TEST

START_TEST(a_list_takes_one_filter)
{
    insert("One", NO_MONITOR);
    insert("Two", NO_MONITOR);
    ck_assert_int_eq(
        kit_get("youtube", BROADCASTS "?part=id&mine=true&broadcastStatus=all")->status, 400);
    ck_assert_str_eq(reason(), "incompatibleParameters");
    ck_assert_int_eq(kit_get("youtube", BROADCASTS "?part=id")->status, 400);
    ck_assert_str_eq(reason(), "missingRequiredParameter");
    ck_assert_int_eq(kit_get("youtube", BROADCASTS "?part=id&broadcastStatus=soon")->status, 400);
    ck_assert_int_eq(kit_get("youtube", BROADCASTS "?part=snippet&mine=true&maxResults=1")->status,
                     200);
    ck_assert_str_eq(kit_text("items.0.snippet.title"), "One");
    ck_assert_ptr_null(json_at(last.json, "items.0.status")); /* not asked for */
    char path[300];
    snprintf(path, sizeof path, BROADCASTS "?part=snippet&mine=true&maxResults=1&pageToken=%s",
             kit_text("nextPageToken"));
    kit_get("youtube", path);
    ck_assert_str_eq(kit_text("items.0.snippet.title"), "Two");
    ck_assert_str_eq(kit_text("nextPageToken"), "");
    ck_assert_int_eq(kit_get("youtube", BROADCASTS "?part=id&id=nothing")->status, 200);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "items")), 0);
    kit_get("youtube", BROADCASTS "?part=snippet,status&mine=true&fields=items(id,snippet/title)");
    ck_assert_ptr_null(json_at(last.json, "kind"));
    ck_assert_ptr_null(json_at(last.json, "items.0.status"));
    ck_assert_str_eq(kit_text("items.1.snippet.title"), "Two");
}
END_TEST

START_TEST(an_update_overwrites_and_guards_what_runs)
{
    char body[1500];

    insert("Sunday", NO_MONITOR);
    snprintf(body, sizeof body,
             "{\"id\":\"%s\",\"snippet\":{\"title\":\"Moved\",\"scheduledStartTime\":\"%s\"}}",
             broadcast, in_seconds(900));
    ck_assert_int_eq(kit_json("youtube", "PUT", BROADCASTS "?part=snippet", body)->status, 200);
    ck_assert_str_eq(kit_text("snippet.title"), "Moved");
    ck_assert_str_eq(kit_text("snippet.description"), ""); /* left out: erased */
    snprintf(body, sizeof body, "{\"id\":\"%s\",\"contentDetails\":{\"enableDvr\":false}}",
             broadcast);
    ck_assert_int_eq(kit_json("youtube", "PUT", BROADCASTS "?part=contentDetails", body)->status,
                     400);
    ck_assert_str_eq(reason(), "enableMonitorStreamRequired");
    make_stream();
    bind_it();
    encoder(true);
    transition("live");
    TEST_UNTIL(strcmp(life(), "live") == 0);
    snprintf(body, sizeof body,
             "{\"id\":\"%s\",\"contentDetails\":{\"enableDvr\":false,\"monitorStream\":"
             "{\"enableMonitorStream\":false,\"broadcastStreamDelayMs\":0}}}",
             broadcast);
    ck_assert_int_eq(kit_json("youtube", "PUT", BROADCASTS "?part=contentDetails", body)->status,
                     403);
    ck_assert_str_eq(reason(), "enableDvrModificationNotAllowed");
    ck_assert_int_eq(
        kit_json("youtube", "PUT", BROADCASTS "?part=snippet", "{\"id\":\"none\"}")->status, 404);
    ck_assert_int_eq(bind_it()->status, 403);
    ck_assert_str_eq(reason(), "liveBroadcastBindingNotAllowed");
}
END_TEST

START_TEST(thumbnails_are_pictures_of_a_video_that_is_there)
{
    static const unsigned char png[] = { 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13 };
    char url[300], path[200];
    char *large = calloc(1, 2097153);

    insert("Sunday", NO_MONITOR);
    snprintf(path, sizeof path, "/youtube/v3/videos?part=snippet&id=%s", broadcast);
    kit_get("youtube", path);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "items")),
                     0); /* the video comes a moment later */
    snprintf(url, sizeof url, "%s/upload/youtube/v3/thumbnails/set?videoId=%s&uploadType=media",
             sim_address(sim, "youtube"), broadcast);
    TEST_UNTIL(kit_ask("POST", url, "image/png", png, sizeof png, NULL)->status != 404);
    ck_assert_int_eq(last.status, 200);
    ck_assert_int_eq(kit_ask("POST", url, "image/png", "no picture at all", 17, NULL)->status, 400);
    ck_assert_str_eq(reason(), "invalidImage");
    ck_assert_int_eq(kit_ask("POST", url, "image/gif", png, sizeof png, NULL)->status, 400);
    ck_assert_int_eq(kit_ask("POST", url, "image/png", large, 2097153, NULL)->status, 413);
    ck_assert_int_eq(kit_ask("POST", url, NULL, NULL, 0, NULL)->status, 400);
    ck_assert_str_eq(reason(), "mediaBodyRequired");
    snprintf(url, sizeof url, "%s/youtube/v3/thumbnails/set?videoId=%s",
             sim_address(sim, "youtube"), broadcast);
    ck_assert_int_eq(kit_ask("POST", url, "image/png", png, sizeof png, NULL)->status, 400);
    ck_assert_str_eq(reason(), "wrongUrlForUpload");
    free(large);
}
END_TEST

START_TEST(a_video_update_wants_title_and_category)
{
    char body[600];

    insert("Sunday", NO_MONITOR);
    snprintf(body, sizeof body,
             "{\"id\":\"%s\",\"snippet\":{\"title\":\"Sunday\",\"categoryId\":\"29\",\"tags\":["
             "\"church\"]}}",
             broadcast);
    TEST_UNTIL(kit_json("youtube", "PUT", "/youtube/v3/videos?part=snippet", body)->status != 404);
    ck_assert_int_eq(last.status, 200);
    ck_assert_str_eq(kit_text("snippet.categoryId"), "29");
    ck_assert_str_eq(kit_text("snippet.tags.0"), "church");
    snprintf(body, sizeof body,
             "{\"id\":\"%s\",\"snippet\":{\"title\":\"Sunday\",\"categoryId\":\"999\"}}",
             broadcast);
    ck_assert_int_eq(kit_json("youtube", "PUT", "/youtube/v3/videos?part=snippet", body)->status,
                     400);
    ck_assert_str_eq(reason(), "invalidCategoryId");
}
END_TEST

START_TEST(a_video_says_what_it_is)
{
    static const struct {
        const char *part, *what, *reason;
    } wrong[] = {
        { "snippet", "\"title\":\"x\",\"categoryId\":\"29\",\"tags\":[\"<b>\"]", "invalidTags" },
        { "snippet", "\"title\":\"x\",\"categoryId\":\"29\",\"defaultLanguage\":\"en_GB\"",
          "invalid" },
        { "snippet", "\"title\":\"x\"", "invalidCategoryId" },
        { "snippet", "\"categoryId\":\"29\"", "invalidTitle" },
        { "status", "\"license\":\"gpl\"", "invalid" },
        { "status", "\"embeddable\":\"yes\"", "invalid" },
    };
    char body[600], path[100];

    insert("Sunday", NO_MONITOR);
    snprintf(
        body, sizeof body,
        "{\"id\":\"%s\",\"status\":{\"privacyStatus\":\"unlisted\",\"license\":\"creativeCommon\","
        "\"embeddable\":false}}",
        broadcast);
    TEST_UNTIL(kit_json("youtube", "PUT", "/youtube/v3/videos?part=status", body)->status != 404);
    ck_assert_int_eq(last.status, 200);
    ck_assert_str_eq(kit_text("status.license"), "creativeCommon");
    ck_assert(!json_bool(last.json, "status.embeddable", true));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(path, sizeof path, "/youtube/v3/videos?part=%s", wrong[i].part);
        snprintf(body, sizeof body, "{\"id\":\"%s\",\"%s\":{%s}}", broadcast, wrong[i].part,
                 wrong[i].what);
        ck_assert_int_eq(kit_json("youtube", "PUT", path, body)->status, 400);
        ck_assert_msg(strcmp(reason(), wrong[i].reason) == 0, "%zu: %s", i, reason());
    }
    /* Ultra low latency and captions exclude each other. */
    insert(
        "Captions",
        "{\"latencyPreference\":\"ultraLow\",\"closedCaptionsType\":\"closedCaptionsEmbedded\"}");
    ck_assert_int_eq(last.status, 400);
    ck_assert_str_eq(reason(), "invalidLatencyPreferenceOptions");
    insert("Captions", "{\"closedCaptionsType\":\"closedCaptionsOn\"}");
    ck_assert_int_eq(last.status, 400);
    insert("Flat", "{\"projection\":\"180\"}");
    ck_assert_str_eq(reason(), "invalidProjection");
}
END_TEST

START_TEST(a_stream_in_use_is_kept)
{
    char path[200];

    insert("Sunday", NO_MONITOR);
    make_stream();
    bind_it();
    snprintf(path, sizeof path, STREAMS "?id=%s", stream);
    ck_assert_int_eq(kit_call("youtube", "DELETE", path, NULL, NULL)->status, 403);
    ck_assert_str_eq(reason(), "liveStreamDeletionNotAllowed");
    char own[200];
    snprintf(own, sizeof own, BROADCASTS "?id=%s", broadcast);
    ck_assert_int_eq(kit_call("youtube", "DELETE", own, NULL, NULL)->status, 204);
    ck_assert_uint_eq(last.body.length, 0);
    ck_assert_int_eq(kit_call("youtube", "DELETE", own, NULL, NULL)->status, 404);
    ck_assert_int_eq(kit_call("youtube", "DELETE", path, NULL, NULL)->status, 204);
}
END_TEST

START_TEST(another_channel_sees_none_of_it)
{
    insert("Sunday", NO_MONITOR);
    bearer[0] = '\0';
    ck_assert_int_eq(kit_get("youtube", BROADCASTS "?part=id&mine=true")->status, 401);
    char *id = kit_ready("platforms.youtube.client_id"),
         *secret = kit_ready("platforms.youtube.client_secret");
    char path[600], form[1000];
    snprintf(path, sizeof path,
             "/o/oauth2/v2/auth?client_id=%s&redirect_uri=http://127.0.0.1:1/&response_type=code&"
             "scope=https://www.googleapis.com/auth/youtube&sim_answer=allow&sim_account=1",
             id);
    kit_get("youtube", path);
    snprintf(form, sizeof form,
             "grant_type=authorization_code&code=%s&client_id=%s&client_secret=%s&"
             "redirect_uri=http://127.0.0.1:1/",
             kit_location("code"), id, secret);
    ck_assert_int_eq(kit_form("youtube", "/token", form)->status, 200);
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
    kit_get("youtube", BROADCASTS "?part=id&mine=true");
    ck_assert_int_eq(last.status, 200);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(last.json, "items")), 0);
    ck_assert_int_eq(transition("complete")->status, 404);
    free(id);
    free(secret);
}
END_TEST

START_TEST(the_days_quota_ends)
{
    int writes = 0;

    while (writes < 300 &&
           kit_json("youtube", "POST", STREAMS "?part=snippet", "{}")->status == 400)
        writes++;
    ck_assert_int_eq(writes, 200); /* 10,000 units, 50 a write */
    ck_assert_int_eq(last.status, 403);
    ck_assert_str_eq(reason(), "quotaExceeded");
    ck_assert_str_eq(kit_text("error.errors.0.domain"), "youtube.quota");
}
END_TEST

START_TEST(a_post_says_how_long_it_is)
{
    char url[300];

    snprintf(url, sizeof url, "%s" BROADCASTS "/bind?id=x&part=id", sim_address(sim, "youtube"));
    kit_ask("POST", url, NULL, NULL, 0, "Content-Length:");
    ck_assert_int_eq(last.status, 411);
    ck_assert_ptr_null(last.json); /* HTML */
}
END_TEST

TEST_MAIN_FIXTURE("sim_youtube", setup, kit_stop, a_broadcast_lives_and_ends,
                  a_monitor_stream_goes_through_testing, it_starts_and_stops_by_itself_when_told_to,
                  the_automatic_encoder_comes_after_the_bind,
                  two_broadcasts_of_one_stream_are_not_live_at_once, an_insert_must_be_whole,
                  a_list_takes_one_filter, an_update_overwrites_and_guards_what_runs,
                  thumbnails_are_pictures_of_a_video_that_is_there,
                  a_video_update_wants_title_and_category, a_video_says_what_it_is,
                  a_stream_in_use_is_kept, another_channel_sees_none_of_it, the_days_quota_ends,
                  a_post_says_how_long_it_is)

/* Wire examples are copied from youtube.md and google-oauth.md of the platform pages. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#include "platform/google.h"
#include "platform/youtube.h"
#include "../lib/fakecall.h"

#define BROADCASTS "/youtube/v3/liveBroadcasts"
#define STREAMS    "/youtube/v3/liveStreams"
#define ID         "Am_kib7rYzc"
#define STREAM     "Cgracechurch1680000000000"

/* ---- what YouTube answers ---- */

#define INSERTED                                                                                   \
    "{\"kind\":\"youtube#liveBroadcast\",\"etag\":\"R6Hc0SWbiE-XWRNqFTw1O5VB6XY\",\"id\":\"" ID    \
    "\","                                                                                          \
    "\"snippet\":{\"publishedAt\":\"2026-12-01T09:12:44Z\",\"channelId\":"                         \
    "\"UCgracechurch000000000000\","                                                               \
    "\"title\":\"Sunday Worship 10:00\",\"description\":\"Second Sunday of Advent.\","             \
    "\"scheduledStartTime\":\"2026-12-06T15:00:00Z\",\"scheduledEndTime\":\"2026-12-06T16:30:"     \
    "00Z\","                                                                                       \
    "\"isDefaultBroadcast\":false,\"liveChatId\":\"KicKGFVDZ3JhY2VjaHVyY2g\"},"                    \
    "\"status\":{\"lifeCycleStatus\":\"created\",\"privacyStatus\":\"public\","                    \
    "\"recordingStatus\":\"notRecording\",\"madeForKids\":false,\"selfDeclaredMadeForKids\":"      \
    "false},"                                                                                      \
    "\"contentDetails\":{\"monitorStream\":{\"enableMonitorStream\":false,"                        \
    "\"broadcastStreamDelayMs\":0},"                                                               \
    "\"enableEmbed\":true,\"enableDvr\":true,\"recordFromStart\":true,\"enableClosedCaptions\":"   \
    "false,"                                                                                       \
    "\"closedCaptionsType\":\"closedCaptionsDisabled\",\"enableLowLatency\":false,"                \
    "\"latencyPreference\":\"normal\",\"projection\":\"rectangular\",\"enableAutoStart\":false,"   \
    "\"enableAutoStop\":false}}"

#define INGESTION                                                                                  \
    "\"ingestionInfo\":{\"streamName\":\"abcd-efgh-ijkl-mnop-qrst\","                              \
    "\"ingestionAddress\":\"rtmp://a.rtmp.youtube.com/live2\","                                    \
    "\"backupIngestionAddress\":\"rtmp://b.rtmp.youtube.com/live2?backup=1\","                     \
    "\"rtmpsIngestionAddress\":\"rtmps://a.rtmps.youtube.com:443/live2\","                         \
    "\"rtmpsBackupIngestionAddress\":\"rtmps://b.rtmps.youtube.com:443/live2?backup=1\"}"

#define STREAM_ITEM                                                                                \
    "{\"kind\":\"youtube#liveStream\",\"etag\":\"s1\",\"id\":\"" STREAM "\","                      \
    "\"snippet\":{\"publishedAt\":\"2026-12-01T09:12:50Z\",\"channelId\":"                         \
    "\"UCgracechurch000000000000\","                                                               \
    "\"title\":\"Ecclesia main encoder\",\"description\":\"\",\"isDefaultStream\":false},"         \
    "\"cdn\":{\"ingestionType\":\"rtmp\",\"resolution\":\"variable\",\"frameRate\":"               \
    "\"variable\"," INGESTION "},"                                                                 \
    "\"status\":{\"streamStatus\":\"ready\",\"healthStatus\":{\"status\":\"noData\"}},"            \
    "\"contentDetails\":{\"closedCaptionsIngestionUrl\":\"http://upload.youtube.com/"              \
    "closedcaption?cid=abcd\","                                                                    \
    "\"isReusable\":true}}"

#define LIST(items)                                                                                \
    "{\"kind\":\"youtube#list\",\"etag\":\"l1\",\"pageInfo\":{\"totalResults\":1,"                 \
    "\"resultsPerPage\":5},\"items\":[" items "]}"

#define BOUND                                                                                      \
    "{\"kind\":\"youtube#liveBroadcast\",\"etag\":\"x3\",\"id\":\"" ID "\","                       \
    "\"status\":{\"lifeCycleStatus\":\"ready\",\"privacyStatus\":\"public\",\"recordingStatus\":"  \
    "\"notRecording\"},"                                                                           \
    "\"contentDetails\":{\"boundStreamId\":\"" STREAM                                              \
    "\",\"boundStreamLastUpdateTimeMs\":\"2026-12-01T09:13:02Z\"}}"

/* The broadcast as it is read back in a state; monitor is true or false. */
#define BROADCAST(life, monitor)                                                                   \
    "{\"kind\":\"youtube#liveBroadcast\",\"etag\":\"x1\",\"id\":\"" ID "\","                       \
    "\"snippet\":{\"channelId\":\"UCgracechurch000000000000\",\"title\":\"Sunday Worship 10:00\"," \
    "\"description\":\"Second Sunday of Advent.\\n\\n[ec:1a2b3c4d]\","                             \
    "\"scheduledStartTime\":\"2026-12-06T15:00:00Z\",\"scheduledEndTime\":\"2026-12-06T16:30:"     \
    "00Z\"},"                                                                                      \
    "\"status\":{\"lifeCycleStatus\":\"" life "\",\"privacyStatus\":\"public\","                   \
    "\"recordingStatus\":\"notRecording\",\"madeForKids\":false,\"selfDeclaredMadeForKids\":"      \
    "false},"                                                                                      \
    "\"contentDetails\":{\"boundStreamId\":\"" STREAM "\","                                        \
    "\"monitorStream\":{\"enableMonitorStream\":" monitor ",\"broadcastStreamDelayMs\":0},"        \
    "\"enableEmbed\":true,\"enableDvr\":true,\"recordFromStart\":true,"                            \
    "\"closedCaptionsType\":\"closedCaptionsDisabled\",\"latencyPreference\":\"normal\","          \
    "\"projection\":\"rectangular\",\"enableAutoStart\":false,\"enableAutoStop\":false}}"

#define LIVE                                                                                       \
    "{\"kind\":\"youtube#liveBroadcast\",\"etag\":\"x1\",\"id\":\"" ID "\","                       \
    "\"snippet\":{\"channelId\":\"UCgracechurch000000000000\",\"title\":\"Sunday Worship 10:00\"," \
    "\"scheduledStartTime\":\"2026-12-06T15:00:00Z\",\"actualStartTime\":\"2026-12-06T14:58:"      \
    "31Z\","                                                                                       \
    "\"liveChatId\":\"KicKGFVDZ3JhY2U\"},"                                                         \
    "\"status\":{\"lifeCycleStatus\":\"live\",\"privacyStatus\":\"public\",\"recordingStatus\":"   \
    "\"recording\","                                                                               \
    "\"madeForKids\":false,\"selfDeclaredMadeForKids\":false},"                                    \
    "\"contentDetails\":{\"boundStreamId\":\"" STREAM "\","                                        \
    "\"boundStreamLastUpdateTimeMs\":\"2026-12-06T14:50:00Z\",\"enableAutoStart\":false,"          \
    "\"enableAutoStop\":false},"                                                                   \
    "\"statistics\":{\"concurrentViewers\":\"87\"}}"

#define TRANSITION(life)                                                                           \
    "{\"kind\":\"youtube#liveBroadcast\",\"etag\":\"x4\",\"id\":\"" ID                             \
    "\",\"status\":{\"lifeCycleStatus\":\"" life "\","                                             \
    "\"privacyStatus\":\"public\",\"recordingStatus\":\"notRecording\",\"madeForKids\":false,"     \
    "\"selfDeclaredMadeForKids\":false}}"

#define STREAM_STATUS(word)                                                                        \
    LIST("{\"kind\":\"youtube#liveStream\",\"etag\":\"s2\",\"id\":\"" STREAM                       \
         "\",\"status\":{\"streamStatus\":\"" word "\","                                           \
         "\"healthStatus\":{\"status\":\"good\"}}}")

#define REFUSAL(code, message, reason)                                                             \
    "{\"error\":{\"code\":" code ",\"message\":\"" message                                         \
    "\",\"errors\":[{\"message\":\"" message "\","                                                 \
    "\"domain\":\"youtube.liveBroadcast\",\"reason\":\"" reason "\","                              \
    "\"extendedHelp\":\"https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/"        \
    "transition\"}]}}"

/* ---- one case ---- */

struct a_case {
    struct fake f;
    struct livestream l;
    struct target t;
    struct outcome o;
    struct error err;
};

static int64_t at(const char *when)
{
    int64_t ms;

    ck_assert(clock_parse_rfc3339(when, &ms));
    return ms;
}

static void begin(struct a_case *c, const char *settings, const struct fake_step *steps)
{
    static char title[] = "Sunday Worship 10:00", description[] = "Second Sunday of Advent.",
                none[] = "";

    memset(c, 0, sizeof(*c));
    fake_init(&c->f, PLATFORM_YOUTUBE, steps);
    fake_target(&c->t, PLATFORM_YOUTUBE, settings);
    c->l.title = title;
    c->l.description = description;
    c->l.thumbnail = none;
    c->l.start_ms = at("2026-12-06T15:00:00Z");
    c->l.end_ms = at("2026-12-06T16:30:00Z");
    ck_assert(outcome_init(&c->o, &c->t));
}

/* As after a create that went through. */
static void begin_made(struct a_case *c, const char *settings, const struct fake_step *steps)
{
    begin(c, settings, steps);
    text_replace(&c->t.remote_id, ID);
    text_replace(&c->t.remote, "{\"marker\":\"[ec:1a2b3c4d]\",\"stream\":\"" STREAM "\"}");
    text_replace(&c->t.url, "https://www.youtube.com/watch?v=" ID);
    text_replace(&c->t.ingest_url, "rtmps://a.rtmps.youtube.com:443/live2");
    c->t.has_key = true;
    outcome_release(&c->o);
    ck_assert(outcome_init(&c->o, &c->t));
}

typedef bool operation(struct call *, const struct livestream *, const struct target *,
                       struct outcome *, struct error *);

static bool run(struct a_case *c, operation *op)
{
    error_clear(&c->err);
    return op(&c->f.call, &c->l, &c->t, &c->o, &c->err);
}

static void run_fine(struct a_case *c, operation *op)
{
    ck_assert_msg(run(c, op), "%s (%s)", c->err.message, c->err.code);
}

/* The manager stores the outcome and calls once more. */
static void again(struct a_case *c, const struct fake_step *steps)
{
    fake_target_take(&c->t, &c->o);
    outcome_release(&c->o);
    ck_assert(outcome_init(&c->o, &c->t));
    fake_expect(&c->f, steps);
}

/* After a crash only what was saved is left. */
static void crashed(struct a_case *c, const struct fake_step *steps)
{
    if (c->f.saved_count)
        fake_target_saved(&c->t, &c->f.saved[c->f.saved_count - 1]);
    c->f.progress_fails_at = 0;
    outcome_release(&c->o);
    ck_assert(outcome_init(&c->o, &c->t));
    fake_expect(&c->f, steps);
}

static void end(struct a_case *c)
{
    fake_done(&c->f);
    outcome_release(&c->o);
    fake_target_release(&c->t);
    fake_release(&c->f);
}

/* ---- sign-in ---- */

static const struct fake_secret secrets[] = { { "refresh_token", "1//0EXAMPLE" },
                                              { "client_secret", "GOCSPX-EXAMPLE" },
                                              { NULL, NULL } };

START_TEST(renews)
{
    static const struct fake_step steps[] = {
        FAKE("POST /token", 200,
             "{\"access_token\":\"ya29.EXAMPLE2\",\"expires_in\":3599,"
             "\"scope\":\"https://www.googleapis.com/auth/youtube\",\"token_type\":\"Bearer\"}",
             .holds = { "https://auth.test/token", "application/x-www-form-urlencoded",
                        "client_id=1234567890-example.apps.googleusercontent.com",
                        "client_secret=GOCSPX-EXAMPLE", "refresh_token=1%2F%2F0EXAMPLE",
                        "grant_type=refresh_token" },
             .lacks = { "Authorization" }),
        FAKE_END
    };
    struct token token;
    struct a_case c;

    begin(&c, NULL, steps);
    c.f.secrets = secrets;
    c.f.call.client_id = "configured";
    cJSON_AddStringToObject(c.f.options, "client_id",
                            "1234567890-example.apps.googleusercontent.com");
    ck_assert_msg(platform_youtube.renew(&c.f.call, &token, &c.err), "%s", c.err.message);
    ck_assert_str_eq(token.access, "ya29.EXAMPLE2");
    ck_assert_str_eq(token.refresh, "");
    ck_assert_int_eq(token.expires_ms, c.f.call.now_ms + 3599000);
    ck_assert_int_eq(token.refresh_expires_ms, 0);
    ck_assert_str_eq(token.scopes, "https://www.googleapis.com/auth/youtube");
    token_wipe(&token);
    ck_assert_str_eq(token.access, "");
    end(&c);
}
END_TEST

static const struct {
    int status;
    const char *body;
    enum error_kind kind;
    const char *code, *remedy;
} renewals[] = {
    { 400,
      "{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired or revoked.\"}",
      ERROR_AUTH, "invalid_grant", "7 days" },
    { 400, "{\"error\":\"invalid_grant\",\"error_description\":\"Bad Request\"}", ERROR_AUTH,
      "invalid_grant", "Connect" },
    { 400, "{\"error\":\"invalid_request\",\"error_description\":\"client_secret is missing.\"}",
      ERROR_CONFIG, "invalid_request", "client secret" },
    { 401,
      "{\"error\":\"invalid_client\",\"error_description\":\"The OAuth client was not found.\"}",
      ERROR_CONFIG, "invalid_client", "console.cloud.google.com" },
    { 400, "{\"error\":\"admin_policy_enforced\"}", ERROR_FORBIDDEN, "admin_policy_enforced",
      "administrator" },
    { 403, "{\"error\":\"org_internal\"}", ERROR_FORBIDDEN, "org_internal", "organisation" },
    { 400, "{\"error\":\"unsupported_grant_type\"}", ERROR_CONFIG, "unsupported_grant_type",
      "client id" },
    { 503, "{\"error\":\"internal_failure\"}", ERROR_SERVER, "", "" },
    { 502, "<html>Bad Gateway</html>", ERROR_SERVER, "", "" },
    { 200, "{\"expires_in\":3599}", ERROR_GARBAGE, "", "" },
    { 200, "<html>Welcome to the hotel</html>", ERROR_GARBAGE, "", "" },
};

START_TEST(renew_fails)
{
    struct fake_step steps[] = {
        FAKE("POST /token", renewals[_i].status, renewals[_i].body, .html = true), FAKE_END
    };
    struct token token;
    struct a_case c;

    begin(&c, NULL, steps);
    c.f.secrets = secrets;
    ck_assert(!platform_youtube.renew(&c.f.call, &token, &c.err));
    ck_assert_int_eq(c.err.kind, renewals[_i].kind);
    ck_assert_str_eq(c.err.code, renewals[_i].code);
    ck_assert_msg(strstr(c.err.remedy, renewals[_i].remedy) != NULL, "%s", c.err.remedy);
    ck_assert_str_eq(c.err.platform, "youtube");
    end(&c);
}
END_TEST

START_TEST(renew_without_token)
{
    static const struct fake_step none[] = { FAKE_END };
    struct token token;
    struct a_case c;

    begin(&c, NULL, none);
    ck_assert(!platform_youtube.renew(&c.f.call, &token, &c.err));
    ck_assert_int_eq(c.err.kind, ERROR_AUTH);
    ck_assert(!platform_youtube.check(&c.f.call, &c.err));
    ck_assert_int_eq(c.err.kind, ERROR_INPUT);
    c.f.call.client_id = "a";
    c.f.call.client_secret = "b";
    ck_assert(platform_youtube.check(&c.f.call, &c.err));
    end(&c);
}
END_TEST

START_TEST(identifies)
{
    static const struct fake_step steps[] = {
        FAKE("GET /youtube/v3/channels", 200,
             "{\"kind\":\"youtube#channelListResponse\",\"etag\":\"ch\",\"pageInfo\":{"
             "\"totalResults\":1,\"resultsPerPage\":5},"
             "\"items\":[{\"kind\":\"youtube#channel\",\"etag\":\"ch1\",\"id\":"
             "\"UCgracechurch000000000000\","
             "\"snippet\":{\"title\":\"Grace Church\",\"customUrl\":\"@gracechurch\"},"
             "\"status\":{\"privacyStatus\":\"public\",\"isLinked\":true,\"longUploadsStatus\":"
             "\"allowed\",\"madeForKids\":false}}]}",
             .holds = { "mine=true", "Authorization: Bearer token-1" }),
        FAKE("GET /youtube/v3/channels", 200,
             "{\"kind\":\"youtube#channelListResponse\",\"pageInfo\":{\"totalResults\":0}}"),
        FAKE("GET /youtube/v3/channels", 401,
             "{\"error\":{\"code\":401,\"message\":\"Request had invalid authentication "
             "credentials.\",\"errors\":[{\"message\":"
             "\"Invalid "
             "Credentials\",\"domain\":\"global\",\"reason\":\"authError\",\"location\":"
             "\"Authorization\","
             "\"locationType\":\"header\"}],\"status\":\"UNAUTHENTICATED\"}}"),
        FAKE_END
    };
    struct account account;
    struct a_case c;

    begin(&c, NULL, steps);
    ck_assert(platform_youtube.identify(&c.f.call, &account, &c.err));
    ck_assert_str_eq(account.ref, "UCgracechurch000000000000");
    ck_assert_str_eq(account.name, "Grace Church");
    ck_assert(!platform_youtube.identify(&c.f.call, &account, &c.err));
    ck_assert_int_eq(c.err.kind, ERROR_FORBIDDEN);
    ck_assert_ptr_nonnull(strstr(c.err.message, "no channel"));
    ck_assert(!platform_youtube.identify(&c.f.call, &account, &c.err));
    ck_assert_int_eq(c.err.kind, ERROR_AUTH);
    c.f.access = NULL;
    ck_assert(!platform_youtube.identify(&c.f.call, &account, &c.err));
    ck_assert_int_eq(c.err.kind, ERROR_AUTH);
    end(&c);
}
END_TEST

#define VIDEO(category)                                                                            \
    LIST(                                                                                          \
        "{\"kind\":\"youtube#video\",\"etag\":\"v2\",\"id\":\"" ID                                 \
        "\",\"snippet\":{\"channelId\":"                                                           \
        "\"UCgracechurch000000000000\",\"title\":\"Sunday Worship "                                \
        "10:00\",\"description\":\"Second Sunday of Advent.\","                                    \
        "\"categoryId\":\"" category                                                               \
        "\",\"tags\":[\"church\",\"worship\"],\"liveBroadcastContent\":\"upcoming\","              \
        "\"defaultLanguage\":\"en\"},\"status\":{\"uploadStatus\":\"uploaded\","                   \
        "\"privacyStatus\":\"public\",\"license\":\"youtube\",\"embeddable\":true,"                \
        "\"publicStatsViewable\":false,\"selfDeclaredMadeForKids\":false,\"madeForKids\":false}}")

/* ---- create ---- */

#define STEP_INSERT                                                                                \
    FAKE("POST " BROADCASTS "?part=", 200, INSERTED,                                               \
         .holds = { "\"title\":\"Sunday Worship 10:00\"", "[ec:1a2b3c4d]",                         \
                    "\"scheduledStartTime\":\"2026-12-06T15:00:00Z\"",                             \
                    "\"scheduledEndTime\":\"2026-12-06T16:30:00Z\"",                               \
                    "\"privacyStatus\":\"public\"", "\"selfDeclaredMadeForKids\":false",           \
                    "\"enableMonitorStream\":false", "\"enableAutoStop\":false",                   \
                    "\"latencyPreference\":\"normal\"" })
#define STEP_NO_STREAMS                                                                            \
    FAKE("GET " STREAMS, 200, LIST(""), .holds = { "mine=true" }, .lacks = { "&id=" })
#define STEP_INSERT_STREAM                                                                         \
    FAKE("POST " STREAMS, 200, STREAM_ITEM,                                                        \
         .holds = { "\"isReusable\":true", "\"ingestionType\":\"rtmp\"",                           \
                    "\"resolution\":\"variable\"", "\"frameRate\":\"variable\"",                   \
                    "Ecclesia main encoder" })
#define STEP_BIND                                                                                  \
    FAKE("POST " BROADCASTS "/bind?", 200, BOUND, .holds = { "id=" ID, "streamId=" STREAM },       \
         .lacks = { "Content-Type" })
#define STEP_READ(item)                                                                            \
    FAKE("GET " BROADCASTS "?", 200, LIST(item), .holds = { "&id=" ID },                           \
         .lacks = { "mine=", "broadcastStatus=" })
#define STEP_STREAM(word)                                                                          \
    FAKE("GET " STREAMS "?part=id%2Cstatus&id=" STREAM, 200, STREAM_STATUS(word),                  \
         .lacks = { "cdn", "mine" })

static void check_made(const struct a_case *c)
{
    ck_assert_str_eq(c->o.remote_id, ID);
    ck_assert_str_eq(c->o.url, "https://www.youtube.com/watch?v=" ID);
    ck_assert_str_eq(c->o.ingest_url, "rtmps://a.rtmps.youtube.com:443/live2");
    ck_assert_int_eq(c->o.status, TARGET_PENDING);
    ck_assert_int_eq(c->o.again_ms, 0);
    ck_assert_str_eq(kit_remembered(&c->o, "stream"), STREAM);
}

START_TEST(creates)
{
    static const struct fake_step steps[] = { STEP_INSERT, STEP_NO_STREAMS, STEP_INSERT_STREAM,
                                              STEP_BIND, FAKE_END };
    static const struct fake_step repeat[] = { STEP_READ(BROADCAST("ready", "false")), FAKE_END };
    struct error err = { 0 };
    struct a_case c;

    begin(&c, NULL, steps);
    run_fine(&c, youtube_create);
    check_made(&c);
    ck_assert_str_eq(c.o.stream_key, "abcd-efgh-ijkl-mnop-qrst");
    ck_assert_uint_eq(c.f.saved_count, 3);
    ck_assert_str_eq(c.f.saved[0].remote_id, ID);
    ck_assert_str_eq(c.f.saved[1].stream_key, "abcd-efgh-ijkl-mnop-qrst");
    ck_assert(c.f.requests[0].creates);
    ck_assert(!c.f.requests[1].effect);
    ck_assert(c.f.requests[2].effect && !c.f.requests[2].creates);
    ck_assert(c.f.requests[3].effect && c.f.requests[3].body_length == 0);
    ck_assert(platform_link_check(&platform_youtube, NULL, false, c.o.url, &err));
    again(&c, repeat);
    run_fine(&c, youtube_create);
    check_made(&c);
    end(&c);
}
END_TEST

START_TEST(create_reuses_stream)
{
    static const char other[] = LIST("{\"id\":\"webrtc1\",\"snippet\":{\"title\":\"x\"},\"cdn\":{"
                                     "\"ingestionType\":\"hls\"," INGESTION "},"
                                     "\"contentDetails\":{\"isReusable\":true}},"
                                     "{\"id\":\"default1\",\"snippet\":{\"title\":\"Default stream "
                                     "key\"},\"cdn\":{\"ingestionType\":\"rtmp\"," INGESTION
                                     "},\"contentDetails\":{\"isReusable\":true}}," STREAM_ITEM);
    static const struct fake_step steps[] = { STEP_INSERT, FAKE("GET " STREAMS, 200, other),
                                              STEP_BIND, FAKE_END };
    struct a_case c;

    begin(&c, NULL, steps);
    run_fine(&c, youtube_create);
    check_made(&c);
    ck_assert_uint_eq(fake_count(&c.f, "POST " STREAMS), 0);
    end(&c);
}
END_TEST

/* Whether list takes contentDetails, and how insert spells it, is told in more than one way. */
START_TEST(create_with_other_parts)
{
    static const struct fake_step steps[] = {
        STEP_INSERT,
        FAKE("GET " STREAMS "?part=id%2Csnippet%2Ccdn%2CcontentDetails%2Cstatus", 400,
             REFUSAL("400", "contentDetails", "unknownPart")),
        FAKE("GET " STREAMS "?part=id%2Csnippet%2Ccdn%2Cstatus&mine=true", 200, LIST("")),
        FAKE("POST " STREAMS "?part=id,snippet,cdn,contentDetails,status", 400,
             REFUSAL("400", "contentDetails", "unknownPart")),
        FAKE("POST " STREAMS "?part=id,snippet,cdn,content_details,status", 200, STREAM_ITEM,
             .holds = { "\"isReusable\":true" }),
        STEP_BIND,
        FAKE_END
    };
    struct a_case c;

    begin(&c, NULL, steps);
    run_fine(&c, youtube_create);
    check_made(&c);
    end(&c);
}
END_TEST

START_TEST(create_pages_streams)
{
    static const struct fake_step steps[] = {
        STEP_INSERT,
        FAKE("GET " STREAMS, 200, "{\"items\":[],\"nextPageToken\":\"CAUQAA\"}",
             .lacks = { "pageToken" }),
        FAKE("GET " STREAMS, 200, LIST(STREAM_ITEM), .holds = { "pageToken=CAUQAA", "mine=true" }),
        STEP_BIND, FAKE_END
    };
    struct a_case c;

    begin(&c, NULL, steps);
    run_fine(&c, youtube_create);
    check_made(&c);
    end(&c);
}
END_TEST

/* The process dies after each step that was saved; the second run makes only what is missing. */
START_TEST(create_resumes_after_insert)
{
    static const struct fake_step steps[] = { STEP_INSERT, FAKE_END };
    static const struct fake_step rest[] = { STEP_READ(INSERTED), STEP_NO_STREAMS,
                                             STEP_INSERT_STREAM, STEP_BIND, FAKE_END };
    struct a_case c;

    begin(&c, NULL, steps);
    c.f.progress_fails_at = 1;
    ck_assert(!run(&c, youtube_create));
    ck_assert_int_eq(c.err.kind, ERROR_STORE);
    crashed(&c, rest);
    run_fine(&c, youtube_create);
    check_made(&c);
    ck_assert_uint_eq(fake_count(&c.f, "POST " BROADCASTS "?"), 1);
    end(&c);
}
END_TEST

START_TEST(create_resumes_after_stream)
{
    static const struct fake_step steps[] = { STEP_INSERT, STEP_NO_STREAMS, STEP_INSERT_STREAM,
                                              FAKE_END };
    static const struct fake_step rest[] = { STEP_READ(INSERTED), STEP_BIND, FAKE_END };
    struct a_case c;

    begin(&c, NULL, steps);
    c.f.progress_fails_at = 2;
    ck_assert(!run(&c, youtube_create));
    crashed(&c, rest);
    run_fine(&c, youtube_create);
    check_made(&c);
    ck_assert_uint_eq(fake_count(&c.f, "POST " STREAMS), 1);
    end(&c);
}
END_TEST

START_TEST(create_resumes_after_bind)
{
    static const struct fake_step steps[] = { STEP_INSERT, STEP_NO_STREAMS, STEP_INSERT_STREAM,
                                              STEP_BIND, FAKE_END };
    static const struct fake_step rest[] = { STEP_READ(BROADCAST("ready", "false")), FAKE_END };
    struct a_case c;

    begin(&c, NULL, steps);
    c.f.progress_fails_at = 3;
    ck_assert(!run(&c, youtube_create));
    crashed(&c, rest);
    run_fine(&c, youtube_create);
    check_made(&c);
    ck_assert_uint_eq(fake_count(&c.f, "POST "), 3);
    end(&c);
}
END_TEST

/* A stream was made but its answer was lost: the next try finds it in the list. */
START_TEST(create_lost_stream)
{
    static const struct fake_step steps[] = {
        STEP_INSERT, STEP_NO_STREAMS, FAKE("POST " STREAMS, 0, NULL, .fails = ERROR_NET_POST),
        FAKE_END
    };
    static const struct fake_step rest[] = { STEP_READ(INSERTED),
                                             FAKE("GET " STREAMS, 200, LIST(STREAM_ITEM)),
                                             STEP_BIND, FAKE_END };
    struct a_case c;

    begin(&c, NULL, steps);
    ck_assert(!run(&c, youtube_create));
    ck_assert_int_eq(c.err.kind, ERROR_NET_POST);
    crashed(&c, rest);
    run_fine(&c, youtube_create);
    check_made(&c);
    ck_assert_uint_eq(fake_count(&c.f, "POST " STREAMS), 1);
    end(&c);
}
END_TEST

/* The key was never sealed: it is read again although the stream is known. */
START_TEST(create_reads_key_again)
{
    static const struct fake_step steps[] = { STEP_READ(BROADCAST("ready", "false")),
                                              FAKE("GET " STREAMS "?part=id%2Csnippet%2Ccdn", 200,
                                                   LIST(STREAM_ITEM), .holds = { "&id=" STREAM }),
                                              FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, steps);
    c.t.has_key = false;
    run_fine(&c, youtube_create);
    ck_assert_str_eq(c.o.stream_key, "abcd-efgh-ijkl-mnop-qrst");
    end(&c);
}
END_TEST

START_TEST(create_now_and_escapes)
{
    static const struct fake_step steps[] = {
        FAKE("POST " BROADCASTS "?part=", 200, INSERTED,
             .holds = { "\"scheduledStartTime\":\"2026-12-01T09:13:00Z\"",
                        "\"title\":\"We \xe2\x80\xb9"
                        "3 you\"" },
             .lacks = { "scheduledEndTime", "<" }),
        FAKE("GET " STREAMS, 200, LIST(STREAM_ITEM)), STEP_BIND, FAKE_END
    };
    static char title[] = "We <3 you", none[] = "";
    struct a_case c;

    begin(&c, NULL, steps);
    c.l.title = title;
    c.l.description = none;
    c.l.start_ms = 0;
    c.l.end_ms = 0;
    run_fine(&c, youtube_create);
    end(&c);
}
END_TEST

START_TEST(create_settings)
{
    static const struct fake_step steps[] = {
        FAKE("POST " BROADCASTS "?part=", 200, INSERTED,
             .holds = { "\"privacyStatus\":\"unlisted\"", "\"selfDeclaredMadeForKids\":true",
                        "\"latencyPreference\":\"low\"", "\"enableMonitorStream\":true",
                        "\"enableDvr\":false", "\"recordFromStart\":false", "\"enableEmbed\":false",
                        "\"enableAutoStop\":true", "\"broadcastStreamDelayMs\":5000" }),
        FAKE("GET " STREAMS, 200, LIST(STREAM_ITEM)),
        STEP_BIND,
        FAKE("GET /youtube/v3/videos?part=status&id=" ID, 200, VIDEO("22")),
        FAKE("PUT /youtube/v3/videos?part=status", 200, "{}",
             .holds = { "\"embeddable\":false", "\"license\":\"youtube\"",
                        "\"privacyStatus\":\"public\"", "\"selfDeclaredMadeForKids\":false",
                        "\"publicStatsViewable\":false" },
             .lacks = { "uploadStatus", "\"madeForKids\"" }),
        FAKE_END
    };
    struct a_case c;

    begin(&c,
          "{\"privacy\":\"unlisted\",\"made_for_kids\":true,\"latency\":\"low\",\"monitor\":true,"
          "\"dvr\":false,\"delay\":5,"
          "\"record_from_start\":false,\"embed\":false,\"auto_stop\":true}",
          steps);
    run_fine(&c, youtube_create);
    /* The answers say public: YouTube changed it. */
    ck_assert_str_eq(c.o.note, "YouTube made it public, not unlisted.");
    end(&c);
}
END_TEST

START_TEST(create_gone)
{
    static const struct fake_step steps[] = { STEP_READ(""), FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, steps);
    ck_assert(!run(&c, youtube_create));
    ck_assert_int_eq(c.err.kind, ERROR_NOT_FOUND);
    ck_assert(c.o.gone);
    end(&c);
}
END_TEST

START_TEST(create_without_id)
{
    static const struct fake_step steps[] = {
        FAKE("POST " BROADCASTS, 200, "{\"kind\":\"youtube#liveBroadcast\"}"), FAKE_END
    };
    struct a_case c;

    begin(&c, NULL, steps);
    ck_assert(!run(&c, youtube_create));
    ck_assert_int_eq(c.err.kind, ERROR_GARBAGE);
    ck_assert_uint_eq(c.f.saved_count, 0);
    end(&c);
}
END_TEST

/* ---- thumbnail and category ---- */

static char *picture(const char *bytes, size_t length)
{
    char *path = text_copy("/tmp/ecclesia-thumbnail-XXXXXX");
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
    close(fd);
    return path;
}

#define STEP_THUMBNAIL(status, answer)                                                             \
    FAKE("POST /upload/youtube/v3/thumbnails/set?videoId=" ID "&uploadType=media", status, answer, \
         .holds = { "Content-Type: image/jpeg", "\xff\xd8\xff"                                     \
                                                "data" })
#define THUMBNAIL_OK                                                                               \
    "{\"kind\":\"youtube#thumbnailSetResponse\",\"etag\":\"t1\",\"items\":[{\"default\":{\"url\":" \
    "\"https://i.ytimg.com/vi/Am_kib7rYzc/default.jpg\",\"width\":120,\"height\":90}}]}"
#define READY STEP_READ(BROADCAST("ready", "false"))

START_TEST(sends_thumbnail_once)
{
    static const struct fake_step steps[] = { READY, STEP_THUMBNAIL(200, THUMBNAIL_OK), FAKE_END };
    static const struct fake_step repeat[] = { READY, FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, steps);
    c.l.thumbnail = picture("\xff\xd8\xff"
                            "data",
                            7);
    run_fine(&c, youtube_create);
    ck_assert_str_eq(c.o.note, "");
    again(&c, repeat);
    run_fine(&c, youtube_create);
    unlink(c.l.thumbnail);
    free(c.l.thumbnail);
    end(&c);
}
END_TEST

START_TEST(thumbnail_trouble_is_a_note)
{
    static const struct fake_step steps[] = {
        READY,
        STEP_THUMBNAIL(
            403, "{\"error\":{\"code\":403,\"message\":\"The authenticated user doesnt have "
                 "permissions to upload "
                 "and set custom video thumbnails.\",\"errors\":[{\"message\":\"x\",\"domain\":"
                 "\"youtube.thumbnail\",\"reason\":\"forbidden\",\"location\":\"Authorization\","
                 "\"locationType\":"
                 "\"header\"}]}}"),
        FAKE_END
    };
    static const struct fake_step poll[] = { READY, FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, steps);
    c.l.thumbnail = picture("\xff\xd8\xff"
                            "data",
                            7);
    run_fine(&c, youtube_create);
    ck_assert_msg(strstr(c.o.note, "thumbnail was not taken") != NULL, "%s", c.o.note);
    /* It is still told when the poller looks next. */
    again(&c, poll);
    c.l.start_ms = 0;
    run_fine(&c, youtube_poll);
    ck_assert_msg(strstr(c.o.note, "thumbnail was not taken") != NULL, "%s", c.o.note);
    unlink(c.l.thumbnail);
    free(c.l.thumbnail);
    end(&c);
}
END_TEST

START_TEST(thumbnail_unusable)
{
    static const struct fake_step steps[] = { READY, FAKE_END };
    static char missing[] = "/nowhere/at/all.png", folder[] = "/tmp";
    struct a_case c;
    char *big;

    begin_made(&c, NULL, steps);
    c.l.thumbnail = missing;
    run_fine(&c, youtube_create);
    ck_assert_str_eq(c.o.note, "The thumbnail was not sent: it cannot be read.");
    again(&c, steps);
    c.l.thumbnail = folder;
    run_fine(&c, youtube_create);
    ck_assert_str_eq(c.o.note, "The thumbnail was not sent: it cannot be read.");
    again(&c, steps);
    c.l.thumbnail = picture("GIF89a", 6);
    run_fine(&c, youtube_create);
    ck_assert_str_eq(c.o.note, "The thumbnail was not sent: it is neither PNG nor JPEG.");
    unlink(c.l.thumbnail);
    free(c.l.thumbnail);
    big = calloc(1, 2 * 1024 * 1024 + 1);
    again(&c, steps);
    c.l.thumbnail = picture(big, 2 * 1024 * 1024 + 1);
    run_fine(&c, youtube_create);
    ck_assert_str_eq(c.o.note, "The thumbnail was not sent: it is larger than 2 MB.");
    unlink(c.l.thumbnail);
    free(c.l.thumbnail);
    free(big);
    end(&c);
}
END_TEST

START_TEST(category_keeps_the_rest)
{
    static const struct fake_step steps[] = {
        READY, FAKE("GET /youtube/v3/videos?part=snippet&id=" ID, 200, VIDEO("22")),
        FAKE("PUT /youtube/v3/videos?part=snippet", 200,
             "{\"kind\":\"youtube#video\",\"id\":\"" ID "\"}",
             .holds = { "\"id\":\"" ID "\"", "\"categoryId\":\"29\"",
                        "\"title\":\"Sunday Worship 10:00\"",
                        "\"description\":\"Second Sunday of Advent.\"",
                        "\"tags\":[\"church\",\"worship\"]", "\"defaultLanguage\":\"en\"" },
             .lacks = { "channelId", "\"22\"" }),
        FAKE_END
    };
    static const struct fake_step repeat[] = { READY, FAKE_END };
    struct a_case c;

    begin_made(&c, "{\"category\":\"29\"}", steps);
    run_fine(&c, youtube_create);
    again(&c, repeat);
    run_fine(&c, youtube_create);
    end(&c);
}
END_TEST

START_TEST(category_refused)
{
    static const struct fake_step steps[] = {
        READY, FAKE("GET /youtube/v3/videos", 200, VIDEO("22")),
        FAKE("PUT /youtube/v3/videos", 400,
             "{\"error\":{\"code\":400,\"message\":\"The snippet.categoryId property specifies an "
             "invalid category ID.\","
             "\"errors\":[{\"message\":\"x\",\"domain\":\"youtube.video\",\"reason\":"
             "\"invalidCategoryId\"}]}}"),
        FAKE_END
    };
    struct a_case c;

    begin_made(&c, "{\"category\":\"9999\"}", steps);
    run_fine(&c, youtube_create);
    ck_assert_msg(strstr(c.o.note, "category") != NULL, "%s", c.o.note);
    end(&c);
}
END_TEST

#define STEP_VIDEO(part) FAKE("GET /youtube/v3/videos?part=" part "&id=" ID, 200, VIDEO("22"))

/* Tags and language beside the category, licence as another part; once; taken back when they are
 * taken back here. */
START_TEST(sets_video)
{
    static const struct fake_step steps[] = {
        READY,
        STEP_VIDEO("snippet"),
        FAKE("PUT /youtube/v3/videos?part=snippet", 200, "{}",
             .holds = { "\"categoryId\":\"22\"", "\"tags\":[\"Grace Church\",\"advent\"]",
                        "\"defaultLanguage\":\"cy\"", "\"defaultAudioLanguage\":\"cy\"",
                        "\"description\":\"Second Sunday of Advent.\"" },
             .lacks = { "worship", "liveBroadcastContent" }),
        STEP_VIDEO("status"),
        FAKE("PUT /youtube/v3/videos?part=status", 200, "{}",
             .holds = { "\"license\":\"creativeCommon\"", "\"embeddable\":true" }),
        FAKE_END
    };
    static const struct fake_step repeat[] = { READY, FAKE_END };
    static const struct fake_step back[] = { READY, STEP_VIDEO("snippet"),
                                             FAKE("PUT /youtube/v3/videos?part=snippet", 200, "{}",
                                                  .holds = { "\"categoryId\":\"22\"" },
                                                  .lacks = { "tags" }),
                                             STEP_VIDEO("status"), /* it is so already */
                                             FAKE_END };
    struct a_case c;

    begin_made(
        &c,
        "{\"tags\":\" Grace Church, ,advent\",\"language\":\"cy\",\"license\":\"creativeCommon\"}",
        steps);
    run_fine(&c, youtube_create);
    ck_assert_str_eq(c.o.note, "");
    again(&c, repeat);
    run_fine(&c, youtube_create);
    again(&c, back);
    text_replace(&c.t.settings, "{}");
    run_fine(&c, youtube_update);
    again(&c, repeat);
    run_fine(&c, youtube_update);
    end(&c);
}
END_TEST

/* Category numbers differ from country to country: the tags are set all the same. */
START_TEST(category_unknown_but_tags)
{
    static const struct fake_step steps[] = {
        READY, STEP_VIDEO("snippet"),
        FAKE("PUT /youtube/v3/videos", 400,
             REFUSAL("400", "The snippet.categoryId property specifies an invalid category ID.",
                     "invalidCategoryId")),
        FAKE("PUT /youtube/v3/videos", 200, "{}",
             .holds = { "\"categoryId\":\"22\"", "\"advent\"" }),
        FAKE_END
    };
    struct a_case c;

    begin_made(&c, "{\"category\":\"77\",\"tags\":\"advent\"}", steps);
    run_fine(&c, youtube_create);
    ck_assert_str_eq(c.o.note, "YouTube does not know the category 77.");
    end(&c);
}
END_TEST

/* Another picture under the same name is sent, one that was deleted here is no trouble. */
START_TEST(thumbnail_changes)
{
    static const struct fake_step first[] = { READY, STEP_THUMBNAIL(200, THUMBNAIL_OK), FAKE_END };
    static const struct fake_step second[] = {
        READY,
        FAKE("POST /upload/youtube/v3/thumbnails/set", 200, THUMBNAIL_OK,
             .holds = { "Content-Type: image/png", "data." }),
        FAKE_END
    };
    static const struct fake_step none[] = { READY, FAKE_END };
    struct error err = { 0 };
    struct a_case c;
    int fd;

    begin_made(&c, NULL, first);
    c.l.thumbnail = picture("\xff\xd8\xff"
                            "data",
                            7);
    ck_assert(youtube_fits(&c.l, &c.t, &err));
    run_fine(&c, youtube_create);
    fd = open(c.l.thumbnail, O_WRONLY | O_TRUNC);
    ck_assert_int_eq(write(fd, "\x89PNG\r\n\x1a\ndata.", 13), 13);
    close(fd);
    again(&c, second);
    run_fine(&c, youtube_update);
    again(&c, none);
    unlink(c.l.thumbnail);
    run_fine(&c, youtube_update);
    ck_assert_str_eq(c.o.note, "");
    /* A title can be changed all the same. */
    ck_assert_msg(youtube_fits(&c.l, &c.t, &err), "%s", err.message);
    free(c.l.thumbnail);
    end(&c);
}
END_TEST

START_TEST(thumbnail_is_checked_first)
{
    static char missing[] = "/nowhere/at/all.png";
    static const struct fake_step none[] = { FAKE_END };
    struct error err = { 0 };
    struct a_case c;
    char *big = calloc(1, 2 * 1024 * 1024 + 1);

    memcpy(big, "\xff\xd8\xff", 3);
    begin(&c, NULL, none);
    c.l.thumbnail = missing;
    ck_assert(!youtube_fits(&c.l, &c.t, &err));
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    ck_assert_str_eq(
        err.message,
        "YouTube: the thumbnail /nowhere/at/all.png cannot be used: it cannot be read.");
    c.l.thumbnail = picture("GIF89a", 6);
    ck_assert(!youtube_fits(&c.l, &c.t, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "neither PNG nor JPEG"));
    unlink(c.l.thumbnail);
    free(c.l.thumbnail);
    c.l.thumbnail = picture(big, 2 * 1024 * 1024 + 1);
    ck_assert(!youtube_fits(&c.l, &c.t, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "larger than 2 MB"));
    text_replace(&c.t.settings, "{\"thumbnail_mb\":3}");
    ck_assert(youtube_fits(&c.l, &c.t, &err));
    unlink(c.l.thumbnail);
    free(c.l.thumbnail);
    c.l.thumbnail = picture(big, 2 * 1024 * 1024);
    text_replace(&c.t.settings, "{}");
    ck_assert(youtube_fits(&c.l, &c.t, &err));
    unlink(c.l.thumbnail);
    free(c.l.thumbnail);
    free(big);
    end(&c);
}
END_TEST

START_TEST(create_captions_and_360)
{
    static const struct fake_step steps[] = {
        FAKE("POST " BROADCASTS "?part=", 200, INSERTED,
             .holds = { "\"closedCaptionsType\":\"closedCaptionsHttpPost\"",
                        "\"projection\":\"360\"", "\"enableAutoStart\":true" },
             .lacks = { "enableClosedCaptions" }),
        FAKE("GET " STREAMS, 200, LIST(STREAM_ITEM)), STEP_BIND, FAKE_END
    };
    struct a_case c;

    begin(&c, "{\"captions\":\"http\",\"projection\":\"360\",\"auto_start\":true}", steps);
    run_fine(&c, youtube_create);
    end(&c);
}
END_TEST

/* How far ahead it may be is not published. */
START_TEST(create_too_far_ahead)
{
    static const struct fake_step refused[] = { FAKE("POST " BROADCASTS, 400,
                                                     REFUSAL("400", "Invalid scheduled start time",
                                                             "invalidScheduledStartTime"),
                                                     .holds = { "2028-12-06T15:00:00Z" }),
                                                FAKE_END };
    static const struct fake_step near[] = { FAKE("POST " BROADCASTS, 400,
                                                  REFUSAL("400", "Invalid scheduled start time",
                                                          "invalidScheduledStartTime")),
                                             FAKE_END };
    static const struct fake_step now[] = {
        FAKE("POST " BROADCASTS, 200, INSERTED,
             .holds = { "\"scheduledStartTime\":\"2026-12-01T09:13:00Z\"" }),
        FAKE("GET " STREAMS, 200, LIST(STREAM_ITEM)), STEP_BIND, FAKE_END
    };
    struct a_case c;

    begin(&c, NULL, refused);
    c.l.start_ms = at("2028-12-06T15:00:00Z");
    c.l.end_ms = 0;
    run_fine(&c, youtube_create);
    ck_assert_int_eq(c.o.again_ms, 86400000);
    ck_assert_str_eq(c.o.remote_id, "");
    ck_assert_ptr_nonnull(strstr(c.o.note, "tried again each day"));
    /* Started now, the plan counts no more. */
    again(&c, now);
    c.t.wish = WISH_LIVE;
    run_fine(&c, youtube_create);
    check_made(&c);
    end(&c);
    begin(&c, NULL, near);
    ck_assert(!run(&c, youtube_create));
    ck_assert_int_eq(c.err.kind, ERROR_INVALID);
    end(&c);
}
END_TEST

/* ---- wrong settings ---- */

static const struct {
    const char *settings, *wrong;
} wrongs[] = {
    { "{\"privacy\":\"friends\"}",
      "\"privacy\" must be one of public, unlisted, private, not \"friends\"" },
    { "{\"privacy\":1}", "\"privacy\" must be one of public, unlisted, private, not 1" },
    { "{\"category\":\"kids\"}", "\"category\" must be the number of a category, not \"kids\"" },
    { "{\"category\":\"12345\"}",
      "\"category\" must be text of at most 4 characters, not \"12345\"" },
    { "{\"tags\":\"we <3 you\"}", "\"tags\" must be words without < and >, not \"we <3 you\"" },
    { "{\"tags\":[\"a\"]}", "\"tags\" must be text of at most 500 characters, not [\"a\"]" },
    { "{\"language\":\"english\"}",
      "\"language\" must be the code of a language, not \"english\"" },
    { "{\"language\":\"en_GB\"}", "\"language\" must be the code of a language, not \"en_GB\"" },
    { "{\"license\":\"gpl\"}", "\"license\" must be one of youtube, creativeCommon, not \"gpl\"" },
    { "{\"made_for_kids\":\"some\"}", "\"made_for_kids\" must be true or false, not \"some\"" },
    { "{\"latency\":\"fast\"}", "\"latency\" must be one of normal, low, ultraLow, not \"fast\"" },
    { "{\"dvr\":2}", "\"dvr\" must be true or false, not 2" },
    { "{\"record_from_start\":\"maybe\"}",
      "\"record_from_start\" must be true or false, not \"maybe\"" },
    { "{\"embed\":\"often\"}", "\"embed\" must be true or false, not \"often\"" },
    { "{\"captions\":\"yes\"}", "\"captions\" must be one of off, embedded, http, not \"yes\"" },
    { "{\"captions\":\"http\",\"latency\":\"ultraLow\"}",
      "\"latency\" ultraLow takes no \"captions\"" },
    { "{\"projection\":\"180\"}", "\"projection\" must be one of rectangular, 360, not \"180\"" },
    { "{\"auto_start\":{}}", "\"auto_start\" must be true or false, not {}" },
    { "{\"auto_start\":true,\"monitor\":true}",
      "\"auto_start\" and \"monitor\" exclude each other" },
    { "{\"auto_stop\":\"later\"}", "\"auto_stop\" must be true or false, not \"later\"" },
    { "{\"monitor\":\"perhaps\"}", "\"monitor\" must be true or false, not \"perhaps\"" },
    { "{\"delay\":61}", "\"delay\" must be a whole number from 0 to 60, not 61" },
    { "{\"delay\":5}", "\"delay\" needs \"monitor\"" },
    { "{\"thumbnail_mb\":1}", "\"thumbnail_mb\" must be a whole number from 2 to 50, not 1" },
    { "{\"colour\":\"red\"}", "YouTube has no setting \"colour\"" },
};

START_TEST(refuses_wrong_settings)
{
    static const struct fake_step none[] = { FAKE_END };
    cJSON *given = json_parse(wrongs[_i].settings, strlen(wrongs[_i].settings), NULL);
    struct a_case c;

    begin(&c, wrongs[_i].settings, none);
    bool good = platform_settings_check(&platform_youtube, PLATFORM_LIVESTREAMS, given, &c.err) &&
                youtube_fits(&c.l, &c.t, &c.err);
    ck_assert(!good);
    ck_assert_int_eq(c.err.kind, ERROR_INPUT);
    ck_assert_str_eq(c.err.platform, "youtube");
    ck_assert(c.err.remedy[0] != '\0');
    ck_assert_msg(strstr(c.err.message, wrongs[_i].wrong) != NULL, "%s", c.err.message);
    cJSON_Delete(given);
    end(&c);
}
END_TEST

/* YouTube counts commas, and two for each tag with a blank. */
START_TEST(counts_tags)
{
    static const struct fake_step none[] = { FAKE_END };
    char many[500] = "", *fits, *over;
    struct a_case c;

    /* "a b" counts 5, a comma 1 */
    memset(many, 'x', 494);
    fits = text_format("{\"tags\":\"a b,%s\"}", many);
    over = text_format("{\"tags\":\"a b,%sx\"}", many);
    begin(&c, fits, none);
    ck_assert_msg(youtube_fits(&c.l, &c.t, &c.err), "%s", c.err.message);
    text_replace(&c.t.settings, over);
    ck_assert(!youtube_fits(&c.l, &c.t, &c.err));
    ck_assert_ptr_nonnull(strstr(c.err.message, "at most 500 characters"));
    free(fits);
    free(over);
    text_replace(&c.t.settings, "{\"language\":\"zh-Hans-CN\",\"tags\":\" , \"}");
    ck_assert(youtube_fits(&c.l, &c.t, &c.err));
    end(&c);
}
END_TEST

START_TEST(waits_for_hidden_video)
{
    static const struct fake_step hidden[] = { READY, FAKE("GET /youtube/v3/videos", 200, LIST("")),
                                               FAKE_END };
    static const struct fake_step steps[] = { READY,
                                              FAKE("GET /youtube/v3/videos", 200, VIDEO("29")),
                                              FAKE_END };
    struct a_case c;
    int rounds = 0;

    begin_made(&c, "{\"category\":\"29\"}", hidden);
    run_fine(&c, youtube_create);
    ck_assert_int_gt(c.o.again_ms, 0);
    again(&c, steps);
    run_fine(&c, youtube_create);
    ck_assert_int_eq(c.o.again_ms, 0);
    /* And one that never shows ends as a note. */
    kit_remember(&c.o, "snippet", NULL);
    do {
        again(&c, hidden);
        run_fine(&c, youtube_create);
    } while (c.o.again_ms && ++rounds < 20);
    ck_assert_int_lt(rounds, 20);
    ck_assert_ptr_nonnull(strstr(c.o.note, "YouTube Studio"));
    end(&c);
}
END_TEST

/* ---- find ---- */

START_TEST(finds_by_marker)
{
    static const char other[] =
        "{\"id\":\"zzz\",\"snippet\":{\"title\":\"Sunday Worship 10:00\","
        "\"description\":\"[ec:ffffffff]\"},\"status\":{\"lifeCycleStatus\":\"ready\"}}";
    struct fake_step steps[] = { FAKE("GET " BROADCASTS, 200, NULL,
                                      .holds = { "broadcastStatus=upcoming" },
                                      .lacks = { "mine=", "&id=", "pageToken" }),
                                 FAKE("GET " BROADCASTS, 200, LIST(BROADCAST("ready", "false")),
                                      .holds = { "broadcastStatus=upcoming", "pageToken=CAUQAA" }),
                                 FAKE_END };
    struct a_case c;
    struct text first;

    text_init(&first, 4000);
    text_addf(&first, "{\"nextPageToken\":\"CAUQAA\",\"items\":[%s]}", other);
    steps[0].answer = text_str(&first);
    begin(&c, NULL, steps);
    run_fine(&c, youtube_find);
    ck_assert(c.o.found);
    ck_assert_str_eq(c.o.remote_id, ID);
    ck_assert_str_eq(c.o.url, "https://www.youtube.com/watch?v=" ID);
    ck_assert_str_eq(kit_remembered(&c.o, "marker"), "[ec:1a2b3c4d]");
    text_release(&first);
    end(&c);
}
END_TEST

START_TEST(finds_nothing)
{
    static const struct fake_step steps[] = {
        FAKE("GET " BROADCASTS, 200, LIST(""), .holds = { "broadcastStatus=upcoming" }),
        FAKE("GET " BROADCASTS, 200, LIST(""), .holds = { "broadcastStatus=active" }), FAKE_END
    };
    struct a_case c;

    begin(&c, NULL, steps);
    run_fine(&c, youtube_find);
    ck_assert(!c.o.found);
    ck_assert_str_eq(c.o.remote_id, "");
    end(&c);
}
END_TEST

START_TEST(find_fails)
{
    static const struct fake_step steps[] = { FAKE("GET " BROADCASTS, 503, "<html>", .html = true),
                                              FAKE_END };
    struct a_case c;

    begin(&c, NULL, steps);
    ck_assert(!run(&c, youtube_find));
    ck_assert_int_eq(c.err.kind, ERROR_SERVER);
    ck_assert(!c.o.found);
    end(&c);
}
END_TEST

/* The whole of a lost answer: insert is cut, find finds, create goes on from there. */
START_TEST(lost_insert_is_found)
{
    static const struct fake_step steps[] = {
        FAKE("POST " BROADCASTS, 0, NULL, .fails = ERROR_NET_POST), FAKE_END
    };
    static const struct fake_step look[] = {
        FAKE("GET " BROADCASTS, 200, LIST(BROADCAST("created", "false"))), FAKE_END
    };
    static const struct fake_step rest[] = { STEP_READ(INSERTED),
                                             FAKE("GET " STREAMS, 200, LIST(STREAM_ITEM)),
                                             STEP_BIND, FAKE_END };
    struct a_case c;

    begin(&c, NULL, steps);
    ck_assert(!run(&c, youtube_create));
    again(&c, look);
    run_fine(&c, youtube_find);
    ck_assert(c.o.found);
    again(&c, rest);
    run_fine(&c, youtube_create);
    check_made(&c);
    ck_assert_uint_eq(fake_count(&c.f, "POST " BROADCASTS "?"), 1);
    end(&c);
}
END_TEST

/* ---- start ---- */

#define STEP_GO(to, answer)                                                                        \
    FAKE("POST " BROADCASTS "/transition?broadcastStatus=" to "&id=" ID, 200, answer,              \
         .lacks = { "Content-Type" })

START_TEST(starts)
{
    static const struct fake_step silent[] = { READY, STEP_STREAM("inactive"), FAKE_END };
    static const struct fake_step go[] = { READY, STEP_STREAM("active"),
                                           STEP_GO("live", TRANSITION("liveStarting")), FAKE_END };
    static const struct fake_step still[] = { STEP_READ(BROADCAST("liveStarting", "false")),
                                              FAKE_END };
    static const struct fake_step there[] = { STEP_READ(LIVE), FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, silent);
    run_fine(&c, youtube_start);
    ck_assert_int_eq(c.o.again_ms, 3000);
    ck_assert_str_eq(
        c.o.note, "Waiting for the encoder's signal. Start sending to YouTube from your encoder.");
    for (int i = 0; i < 30; i++) {
        again(&c, silent);
        run_fine(&c, youtube_start);
    }
    ck_assert_int_eq(c.o.again_ms, 5000);
    ck_assert_int_eq(c.o.status, TARGET_PENDING);
    again(&c, go);
    run_fine(&c, youtube_start);
    ck_assert_int_eq(c.o.again_ms, 2000);
    ck_assert_int_eq(c.o.status, TARGET_PENDING);
    again(&c, still);
    run_fine(&c, youtube_start);
    ck_assert_int_eq(c.o.again_ms, 2000);
    again(&c, there);
    run_fine(&c, youtube_start);
    ck_assert_int_eq(c.o.again_ms, 0);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    ck_assert_int_eq(c.o.started_ms, at("2026-12-06T14:58:31Z"));
    ck_assert_int_eq(c.o.viewers, 87);
    end(&c);
}
END_TEST

START_TEST(start_through_preview)
{
    static const struct fake_step preview[] = { STEP_READ(BROADCAST("ready", "true")),
                                                STEP_STREAM("active"),
                                                STEP_GO("testing", TRANSITION("testStarting")),
                                                FAKE_END };
    static const struct fake_step still[] = { STEP_READ(BROADCAST("testStarting", "true")),
                                              FAKE_END };
    static const struct fake_step go[] = { STEP_READ(BROADCAST("testing", "true")),
                                           STEP_STREAM("active"),
                                           STEP_GO("live", TRANSITION("live")), FAKE_END };
    struct a_case c;

    begin_made(&c, "{\"monitor\":true}", preview);
    run_fine(&c, youtube_start);
    ck_assert_int_eq(c.o.again_ms, 2000);
    again(&c, still);
    run_fine(&c, youtube_start);
    ck_assert_int_eq(c.o.again_ms, 2000);
    again(&c, go);
    run_fine(&c, youtube_start);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    ck_assert_int_eq(c.o.again_ms, 0);
    end(&c);
}
END_TEST

START_TEST(start_creates_first)
{
    static const struct fake_step steps[] = { STEP_INSERT,
                                              FAKE("GET " STREAMS, 200, LIST(STREAM_ITEM)),
                                              STEP_BIND, STEP_STREAM("ready"), FAKE_END };
    struct a_case c;

    begin(&c, NULL, steps);
    run_fine(&c, youtube_start);
    ck_assert_str_eq(c.o.remote_id, ID);
    ck_assert_int_eq(c.o.again_ms, 3000);
    end(&c);
}
END_TEST

START_TEST(start_redundant)
{
    static const struct fake_step steps[] = {
        READY, STEP_STREAM("active"),
        FAKE("POST " BROADCASTS "/transition", 403,
             "{\"error\":{\"code\":403,\"message\":\"Redundant "
             "transition\",\"errors\":[{\"message\":\"Redundant transition\","
             "\"domain\":\"youtube.liveBroadcast\",\"reason\":\"redundantTransition\"}]}}"),
        STEP_READ(LIVE), FAKE_END
    };
    struct a_case c;

    begin_made(&c, NULL, steps);
    run_fine(&c, youtube_start);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    end(&c);
}
END_TEST

START_TEST(start_too_early)
{
    static const struct fake_step inactive[] = { READY, STEP_STREAM("active"),
                                                 FAKE("POST " BROADCASTS "/transition", 403,
                                                      REFUSAL("403", "Stream is inactive",
                                                              "errorStreamInactive")),
                                                 FAKE_END };
    static const struct fake_step invalid[] = { READY, STEP_STREAM("active"),
                                                FAKE("POST " BROADCASTS "/transition", 403,
                                                     REFUSAL("403", "Invalid transition",
                                                             "invalidTransition")),
                                                FAKE_END };
    struct a_case c;
    int rounds = 0;

    begin_made(&c, NULL, inactive);
    run_fine(&c, youtube_start);
    ck_assert_int_eq(c.o.again_ms, 3000);
    do
        again(&c, invalid);
    while (run(&c, youtube_start) && ++rounds < 20);
    ck_assert_int_gt(rounds, 1);
    ck_assert_int_lt(rounds, 20);
    ck_assert_int_eq(c.err.kind, ERROR_REFUSED);
    ck_assert_str_eq(c.err.code, "invalidTransition");
    end(&c);
}
END_TEST

START_TEST(start_by_itself)
{
    static const char item[] =
        LIST("{\"id\":\"" ID
             "\",\"snippet\":{},\"status\":{\"lifeCycleStatus\":\"ready\",\"privacyStatus\":"
             "\"public\"},\"contentDetails\":{\"boundStreamId\":\"" STREAM
             "\",\"enableAutoStart\":true}}");
    static const struct fake_step wait[] = { FAKE("GET " BROADCASTS, 200, item),
                                             STEP_STREAM("active"), FAKE_END };
    static const struct fake_step push[] = { FAKE("GET " BROADCASTS, 200, item),
                                             STEP_STREAM("active"),
                                             STEP_GO("live", TRANSITION("live")), FAKE_END };
    struct a_case c;

    begin_made(&c, "{\"auto_start\":true}", wait);
    for (int i = 0; i < 5; i++) {
        run_fine(&c, youtube_start);
        ck_assert_int_eq(c.o.again_ms, 2000);
        again(&c, i < 4 ? wait : push);
    }
    run_fine(&c, youtube_start);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    end(&c);
}
END_TEST

START_TEST(start_after_the_end)
{
    static const struct fake_step steps[] = { STEP_READ(BROADCAST("complete", "false")),
                                              STEP_READ(BROADCAST("revoked", "false")),
                                              STEP_READ(""), FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, steps);
    ck_assert(!run(&c, youtube_start));
    ck_assert_int_eq(c.err.kind, ERROR_REFUSED);
    ck_assert_ptr_nonnull(strstr(c.err.message, "already over"));
    ck_assert(!run(&c, youtube_start));
    ck_assert_int_eq(c.err.kind, ERROR_REFUSED);
    ck_assert(!run(&c, youtube_start));
    ck_assert_int_eq(c.err.kind, ERROR_NOT_FOUND);
    ck_assert(c.o.gone);
    end(&c);
}
END_TEST

/* Somebody pressed the button in Studio: what is there is adopted. */
START_TEST(start_adopts_live)
{
    static const struct fake_step steps[] = { STEP_READ(LIVE), FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, steps);
    run_fine(&c, youtube_start);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    ck_assert_uint_eq(fake_count(&c.f, "POST "), 0);
    end(&c);
}
END_TEST

/* ---- stop, remove ---- */

START_TEST(stops)
{
    static const struct fake_step steps[] = { STEP_READ(LIVE),
                                              STEP_GO("complete", TRANSITION("live")), FAKE_END };
    static const char over[] =
        LIST("{\"id\":\"" ID "\",\"snippet\":{\"actualStartTime\":\"2026-12-06T14:58:31Z\","
             "\"actualEndTime\":\"2026-12-06T16:31:02Z\"},\"status\":{\"lifeCycleStatus\":"
             "\"complete\"}}");
    static const struct fake_step done[] = { FAKE("GET " BROADCASTS, 200, over), FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, steps);
    run_fine(&c, youtube_stop);
    ck_assert_int_gt(c.o.again_ms, 0);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    again(&c, done);
    run_fine(&c, youtube_stop);
    ck_assert_int_eq(c.o.again_ms, 0);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    ck_assert_int_eq(c.o.ended_ms, at("2026-12-06T16:31:02Z"));
    end(&c);
}
END_TEST

START_TEST(stop_at_once_and_redundant)
{
    static const struct fake_step steps[] = { STEP_READ(BROADCAST("testing", "true")),
                                              STEP_GO("complete", TRANSITION("complete")),
                                              STEP_READ(LIVE),
                                              FAKE("POST " BROADCASTS "/transition", 403,
                                                   REFUSAL("403", "Redundant transition",
                                                           "redundantTransition")),
                                              STEP_READ(BROADCAST("complete", "false")),
                                              FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, steps);
    run_fine(&c, youtube_stop);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    run_fine(&c, youtube_stop);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    end(&c);
}
END_TEST

START_TEST(stop_never_live)
{
    static const struct fake_step steps[] = { READY,
                                              FAKE("DELETE " BROADCASTS "?id=" ID, 204, NULL),
                                              FAKE_END };
    static const struct fake_step gone[] = { STEP_READ(""), FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, steps);
    run_fine(&c, youtube_stop);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    ck_assert_ptr_nonnull(strstr(c.o.note, "never live"));
    again(&c, gone);
    run_fine(&c, youtube_stop);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    end(&c);
}
END_TEST

START_TEST(stop_before_creation)
{
    static const struct fake_step none[] = { FAKE_END };
    struct a_case c;

    begin(&c, NULL, none);
    run_fine(&c, youtube_stop);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    end(&c);
}
END_TEST

START_TEST(stop_while_starting)
{
    static const struct fake_step steps[] = { STEP_READ(BROADCAST("liveStarting", "false")),
                                              FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, steps);
    run_fine(&c, youtube_stop);
    ck_assert_int_gt(c.o.again_ms, 0);
    ck_assert_int_eq(c.o.status, TARGET_PENDING);
    end(&c);
}
END_TEST

START_TEST(removes)
{
    static const struct fake_step steps[] = {
        READY,
        FAKE("DELETE " BROADCASTS "?id=" ID, 204, NULL),
        READY,
        FAKE("DELETE " BROADCASTS, 404,
             REFUSAL("404", "Broadcast not found", "liveBroadcastNotFound")),
        STEP_READ(""),
        STEP_READ(BROADCAST("complete", "false")),
        STEP_READ(LIVE),
        READY,
        FAKE("DELETE " BROADCASTS, 403,
             "{\"error\":{\"code\":403,\"message\":\"Deletion not "
             "allowed\",\"errors\":[{\"message\":\"Deletion not allowed\","
             "\"domain\":\"youtube.liveBroadcast\",\"reason\":\"liveBroadcastDeletionNotAllowed\"}]"
             "}}"),
        FAKE_END
    };
    struct a_case c;

    begin_made(&c, NULL, steps);
    for (int i = 0; i < 3; i++) {
        c.o.gone = false;
        run_fine(&c, youtube_remove);
        ck_assert(c.o.gone);
    }
    c.o.gone = false;
    run_fine(&c, youtube_remove);
    ck_assert(!c.o.gone);
    ck_assert_ptr_nonnull(strstr(c.o.note, "recording stays"));
    ck_assert(!run(&c, youtube_remove));
    ck_assert_int_eq(c.err.kind, ERROR_REFUSED);
    ck_assert_str_eq(c.err.remedy, "Stop it first.");
    ck_assert(!run(&c, youtube_remove));
    ck_assert_int_eq(c.err.kind, ERROR_REFUSED);
    end(&c);
}
END_TEST

/* ---- update ---- */

START_TEST(update_changes_only_what_differs)
{
    static const struct fake_step same[] = { READY, FAKE_END };
    static const struct fake_step title[] = {
        READY,
        FAKE("PUT " BROADCASTS "?part=snippet", 200, BROADCAST("ready", "false"),
             .holds = { "\"id\":\"" ID "\"", "\"title\":\"Sunday Worship 10:30 (moved)\"",
                        "[ec:1a2b3c4d]", "\"scheduledStartTime\":\"2026-12-06T15:30:00Z\"" },
             .lacks = { "contentDetails", "privacyStatus" }),
        FAKE_END
    };
    static char moved[] = "Sunday Worship 10:30 (moved)";
    struct a_case c;

    begin_made(&c, NULL, same);
    run_fine(&c, youtube_update);
    again(&c, title);
    /* Another wish has another key: the create's marker stays in the description. */
    c.f.call.idem_key = "ffffffffffffffffffffffffffffffff";
    c.l.title = moved;
    c.l.start_ms = at("2026-12-06T15:30:00Z");
    run_fine(&c, youtube_update);
    end(&c);
}
END_TEST

START_TEST(update_switches)
{
    static const struct fake_step steps[] = {
        READY,
        FAKE("PUT " BROADCASTS "?part=status", 200, BROADCAST("ready", "false"),
             .holds = { "\"privacyStatus\":\"unlisted\"", "\"selfDeclaredMadeForKids\":false" }),
        FAKE("PUT " BROADCASTS "?part=contentDetails", 200, BROADCAST("ready", "false"),
             .holds = { "\"enableDvr\":false",
                        "\"monitorStream\":{\"enableMonitorStream\":false,"
                        "\"broadcastStreamDelayMs\":0}",
                        "\"projection\":\"rectangular\"", "\"recordFromStart\":true" },
             .lacks = { "boundStreamId" }),
        FAKE_END
    };
    struct a_case c;

    begin_made(&c, "{\"privacy\":\"unlisted\",\"dvr\":false}", steps);
    run_fine(&c, youtube_update);
    end(&c);
}
END_TEST

START_TEST(update_too_late_for_a_switch)
{
    static const struct fake_step steps[] = {
        READY,
        FAKE("PUT " BROADCASTS "?part=contentDetails", 403,
             "{\"error\":{\"code\":403,\"message\":\"Modification not "
             "allowed\",\"errors\":[{\"message\":\"Modification not "
             "allowed\",\"domain\":\"youtube.liveBroadcast\",\"reason\":"
             "\"enableDvrModificationNotAllowed\"}]}}"),
        FAKE_END
    };
    struct a_case c;

    begin_made(&c, "{\"dvr\":false}", steps);
    run_fine(&c, youtube_update);
    ck_assert_ptr_nonnull(strstr(c.o.note, "cannot be changed any more"));
    end(&c);
}
END_TEST

START_TEST(update_live)
{
    static const struct fake_step steps[] = {
        STEP_READ(LIVE),
        FAKE("PUT " BROADCASTS "?part=snippet", 200, LIVE,
             .holds = { "\"title\":\"Sunday Worship 10:00\"",
                        "\"scheduledStartTime\":\"2026-12-06T15:00:00Z\"" },
             .lacks = { "contentDetails", "scheduledEndTime" }),
        FAKE_END
    };
    static const struct fake_step over[] = { STEP_READ(BROADCAST("complete", "false")), FAKE_END };
    struct a_case c;

    begin_made(&c, "{\"dvr\":false}", steps);
    c.l.start_ms = at("2026-12-07T15:00:00Z");
    run_fine(&c, youtube_update);
    again(&c, over);
    run_fine(&c, youtube_update);
    ck_assert_ptr_nonnull(strstr(c.o.note, "over on YouTube"));
    end(&c);
}
END_TEST

/* What may change on air is changed, of the rest it is told. */
START_TEST(update_switches_live)
{
    static const struct fake_step steps[] = {
        STEP_READ(BROADCAST("live", "false")),
        FAKE("PUT " BROADCASTS "?part=contentDetails", 200, BROADCAST("live", "false"),
             .holds = { "\"enableAutoStop\":true", "\"enableDvr\":true",
                        "\"latencyPreference\":\"normal\"",
                        "\"monitorStream\":{\"enableMonitorStream\":false,"
                        "\"broadcastStreamDelayMs\":0}" }),
        FAKE_END
    };
    static const struct fake_step refused[] = {
        STEP_READ(BROADCAST("live", "false")),
        FAKE("PUT " BROADCASTS "?part=contentDetails", 403,
             REFUSAL("403", "Modification not allowed", "enableAutoStopModificationNotAllowed")),
        FAKE_END
    };
    struct a_case c;

    begin_made(&c, "{\"auto_stop\":true,\"dvr\":false,\"monitor\":true,\"latency\":\"low\"}",
               steps);
    run_fine(&c, youtube_update);
    ck_assert_ptr_nonnull(strstr(c.o.note, "On air YouTube changes neither"));
    again(&c, refused);
    text_replace(&c.t.settings, "{\"auto_stop\":true}");
    run_fine(&c, youtube_update);
    ck_assert_ptr_nonnull(strstr(c.o.note, "cannot be changed any more"));
    end(&c);
}
END_TEST

START_TEST(update_captions)
{
    static const struct fake_step steps[] = {
        READY,
        FAKE("PUT " BROADCASTS "?part=contentDetails", 200, BROADCAST("ready", "false"),
             .holds = { "\"closedCaptionsType\":\"closedCaptionsEmbedded\"",
                        "\"projection\":\"360\"",
                        "\"enableMonitorStream\":true,\"broadcastStreamDelayMs\":30000" }),
        FAKE_END
    };
    struct a_case c;

    begin_made(&c,
               "{\"captions\":\"embedded\",\"projection\":\"360\",\"monitor\":true,\"delay\":30}",
               steps);
    run_fine(&c, youtube_update);
    end(&c);
}
END_TEST

/* A create that gave up half-way is taken on by an update. */
START_TEST(update_completes)
{
    static const struct fake_step steps[] = {
        STEP_READ(INSERTED),
        STEP_NO_STREAMS,
        STEP_INSERT_STREAM,
        STEP_BIND,
        FAKE("PUT " BROADCASTS, 200, BROADCAST("ready", "false")),
        FAKE("PUT " BROADCASTS, 200, BROADCAST("ready", "false")),
        FAKE_END
    };
    struct a_case c;

    begin_made(&c, NULL, steps);
    text_replace(&c.t.remote, "{}");
    text_replace(&c.t.ingest_url, "");
    c.t.has_key = false;
    outcome_release(&c.o);
    ck_assert(outcome_init(&c.o, &c.t));
    run_fine(&c, youtube_update);
    check_made(&c);
    ck_assert_str_eq(c.o.stream_key, "abcd-efgh-ijkl-mnop-qrst");
    end(&c);
}
END_TEST

/* Created again after somebody deleted it: nothing of the former is taken for done. */
START_TEST(create_again_starts_clean)
{
    static const struct fake_step steps[] = {
        FAKE("POST " BROADCASTS "?part=", 200, INSERTED, .holds = { "[ec:ffeeddcc]" },
             .lacks = { "1a2b3c4d" }),
        STEP_BIND, FAKE("GET /youtube/v3/videos", 200, VIDEO("29")), FAKE_END
    };
    struct a_case c;

    begin_made(&c, "{\"category\":\"29\"}", steps);
    text_replace(&c.t.remote_id, "");
    text_replace(&c.t.remote,
                 "{\"marker\":\"[ec:1a2b3c4d]\",\"stream\":\"" STREAM "\",\"category\":\"29\"}");
    outcome_release(&c.o);
    ck_assert(outcome_init(&c.o, &c.t));
    c.f.call.idem_key = "ffeeddccbbaa99887766554433221100";
    run_fine(&c, youtube_create);
    check_made(&c);
    ck_assert_str_eq(kit_remembered(&c.o, "marker"), "[ec:ffeeddcc]");
    end(&c);
}
END_TEST

/* ---- poll ---- */

#define HEALTH_BAD                                                                                 \
    "{\"kind\":\"youtube#liveStreamListResponse\",\"etag\":\"l1\",\"pageInfo\":{\"totalResults\":" \
    "1,\"resultsPerPage\":5},"                                                                     \
    "\"items\":[{\"kind\":\"youtube#liveStream\",\"etag\":\"s2\",\"id\":\"" STREAM                 \
    "\",\"status\":{\"streamStatus\":\"active\","                                                  \
    "\"healthStatus\":{\"status\":\"bad\",\"lastUpdateTimeSeconds\":\"1796569140\","               \
    "\"configurationIssues\":["                                                                    \
    "{\"type\":\"gopSizeLong\",\"severity\":\"warning\",\"reason\":\"Keyframe interval too "       \
    "long\",\"description\":"                                                                      \
    "\"Please use a keyframe frequency of four seconds or less.\"},"                               \
    "{\"type\":\"videoIngestionStarved\",\"severity\":\"error\",\"reason\":\"Video output "        \
    "low\",\"description\":"                                                                       \
    "\"YouTube is not receiving enough video to maintain smooth streaming.\"}]}}}]}"

START_TEST(polls)
{
    static const struct fake_step live[] = { STEP_READ(LIVE), FAKE("GET " STREAMS, 200, HEALTH_BAD),
                                             FAKE_END };
    static const struct fake_step silent[] = { STEP_READ(LIVE), STEP_STREAM("inactive"), FAKE_END };
    static const struct fake_step early[] = { READY, FAKE_END };
    static const struct fake_step over[] = { STEP_READ(BROADCAST("complete", "false")), FAKE_END };
    static const struct fake_step odd[] = { STEP_READ(BROADCAST("reclaimed", "false")),
                                            STEP_STREAM("active"), FAKE_END };
    static const struct fake_step gone[] = { STEP_READ(""), FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, early);
    run_fine(&c, youtube_poll);
    ck_assert_int_eq(c.o.status, TARGET_PENDING);
    ck_assert_int_eq(c.o.viewers, -1);
    again(&c, live);
    run_fine(&c, youtube_poll);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    ck_assert_int_eq(c.o.viewers, 87);
    ck_assert_str_eq(
        c.o.note,
        "The signal is bad: YouTube is not receiving enough video to maintain smooth streaming.");
    again(&c, silent);
    run_fine(&c, youtube_poll);
    ck_assert_ptr_nonnull(strstr(c.o.note, "receives no video"));
    again(&c, over);
    run_fine(&c, youtube_poll);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    ck_assert_int_eq(c.o.viewers, -1);
    c.o.status = TARGET_LIVE;
    again(&c, odd);
    run_fine(&c, youtube_poll);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    again(&c, gone);
    run_fine(&c, youtube_poll);
    ck_assert(c.o.gone);
    end(&c);
}
END_TEST

START_TEST(poll_waits_for_signal)
{
    static const struct fake_step steps[] = { READY, STEP_STREAM("inactive"), READY,
                                              STEP_STREAM("active"), FAKE_END };
    struct a_case c;

    begin_made(&c, NULL, steps);
    c.t.wish = WISH_LIVE;
    run_fine(&c, youtube_poll);
    ck_assert_ptr_nonnull(strstr(c.o.note, "Waiting for the encoder"));
    run_fine(&c, youtube_poll);
    ck_assert_str_eq(c.o.note, "YouTube receives the encoder's signal.");
    end(&c);
}
END_TEST

/* ---- errors ---- */

static const struct {
    int status;
    const char *body;
    enum error_kind kind;
    const char *code, *says, *remedy;
} errors[] = {
    { 403,
      "{\"error\":{\"code\":403,\"message\":\"The user is not enabled for live "
      "streaming.\",\"errors\":[{\"message\":"
      "\"The user is not enabled for live "
      "streaming.\",\"domain\":\"youtube.liveBroadcast\",\"reason\":"
      "\"liveStreamingNotEnabled\",\"extendedHelp\":\"https://www.youtube.com/features\"}]}}",
      ERROR_FORBIDDEN, "liveStreamingNotEnabled", "may not stream live", "youtube.com/features" },
    { 403,
      "{\"error\":{\"code\":403,\"message\":\"The request cannot be completed because you have "
      "exceeded your <a "
      "href=\\\"/youtube/v3/getting-started#quota\\\">quota</a>.\",\"errors\":[{\"message\":\"The "
      "request cannot be "
      "completed because you have exceeded your <a "
      "href=\\\"/youtube/v3/getting-started#quota\\\">quota</a>.\","
      "\"domain\":\"youtube.quota\",\"reason\":\"quotaExceeded\"}]}}",
      ERROR_QUOTA, "quotaExceeded", "comes back at 08:00", "by itself" },
    { 403,
      "{\"error\":{\"code\":403,\"message\":\"The user has sent too many requests in a given "
      "timeframe.\",\"errors\":"
      "[{\"message\":\"The user has sent too many requests in a given "
      "timeframe.\",\"domain\":\"youtube.liveBroadcast\","
      "\"reason\":\"userRequestsExceedRateLimit\"}]}}",
      ERROR_RATE, "userRequestsExceedRateLimit", "too many requests", "by itself" },
    { 401, REFUSAL("401", "Invalid Credentials", "authError"), ERROR_AUTH, "authError",
      "refused the sign-in", "Connect" },
    { 401, REFUSAL("401", "Login Required.", "required"), ERROR_AUTH, "required",
      "refused the sign-in", "Connect" },
    { 400, REFUSAL("400", "Required", "required"), ERROR_INVALID, "required", "Required", "" },
    { 403,
      "{\"error\":{\"code\":403,\"message\":\"Request had insufficient authentication "
      "scopes.\",\"errors\":[{"
      "\"message\":\"Insufficient "
      "Permission\",\"domain\":\"global\",\"reason\":\"insufficientPermissions\"}],\"status\":"
      "\"PERMISSION_DENIED\",\"details\":[{\"@type\":\"type.googleapis.com/"
      "google.rpc.ErrorInfo\",\"reason\":"
      "\"ACCESS_TOKEN_SCOPE_INSUFFICIENT\",\"domain\":\"googleapis.com\",\"metadata\":{\"service\":"
      "\"youtube.googleapis.com\",\"method\":\"youtube.api.v3.V3DataLiveBroadcastService.Insert\"}}"
      "]}}",
      ERROR_FORBIDDEN, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "lacks a permission",
      "allow everything" },
    { 403,
      "{\"error\":{\"code\":403,\"message\":\"x\",\"status\":\"PERMISSION_DENIED\",\"details\":[{"
      "\"reason\":"
      "\"SERVICE_DISABLED\"}]}}",
      ERROR_CONFIG, "SERVICE_DISABLED", "switched off", "console.cloud.google.com" },
    { 403, REFUSAL("403", "x", "userBroadcastsExceedLimit"), ERROR_FORBIDDEN,
      "userBroadcastsExceedLimit", "too many", "Delete old" },
    { 403, REFUSAL("403", "x", "concurrentBroadcastsExceedLimit"), ERROR_FORBIDDEN,
      "concurrentBroadcastsExceedLimit", "live", "YouTube Studio" },
    { 400,
      "{\"error\":{\"code\":400,\"message\":\"Incompatible parameters specified in the request: "
      "mine, broadcastStatus\","
      "\"errors\":[{\"message\":\"Incompatible parameters specified in the request: mine, "
      "broadcastStatus\",\"domain\":"
      "\"youtube.parameter\",\"reason\":\"incompatibleParameters\",\"location\":\"parameters.\","
      "\"locationType\":"
      "\"other\"}]}}",
      ERROR_INVALID, "incompatibleParameters", "Incompatible parameters", "" },
    { 400,
      "{ \"error\": { \"code\": 400, \"message\": \"Invalid value at 'broadcast_status' "
      "(TYPE_ENUM), \\\"KxrSQUWsgK0\\\"\", "
      "\"errors\": [ { \"message\": \"Invalid value at 'broadcast_status' (TYPE_ENUM), "
      "\\\"KxrSQUWsgK0\\\"\", \"reason\": "
      "\"invalid\" } ], \"status\": \"INVALID_ARGUMENT\" } }",
      ERROR_INVALID, "invalid", "Invalid value", "" },
    { 400, REFUSAL("400", "x", "invalidScheduledStartTime"), ERROR_INVALID,
      "invalidScheduledStartTime", "start time", "future" },
    { 403, REFUSAL("403", "Broadcast binding not allowed", "liveBroadcastBindingNotAllowed"),
      ERROR_REFUSED, "liveBroadcastBindingNotAllowed", "stream key", "YouTube Studio" },
    { 503, REFUSAL("503", "Backend Error", "backendError"), ERROR_SERVER, "backendError", "trouble",
      "by itself" },
    { 500, REFUSAL("500", "x", "errorExecutingTransition"), ERROR_SERVER,
      "errorExecutingTransition", "step", "by itself" },
    { 412, REFUSAL("412", "Precondition Failed", "conditionNotMet"), ERROR_CONFLICT,
      "conditionNotMet", "same time", "" },
    { 429, REFUSAL("429", "x", "uploadRateLimitExceeded"), ERROR_RATE, "uploadRateLimitExceeded",
      "uploads", "" },
    { 404, REFUSAL("404", "x", "liveStreamNotFound"), ERROR_NOT_FOUND, "liveStreamNotFound",
      "does not know", "" },
    { 403, REFUSAL("403", "No <b>way</b> &amp; out", "somethingNew"), ERROR_FORBIDDEN,
      "somethingNew", "It says: No way & out", "" },
    { 411, "<!DOCTYPE html><title>Error 411 (Length Required)!!1</title>", ERROR_INVALID, "",
      "HTTP 411", "" },
    { 502, "<html>502 Bad Gateway</html>", ERROR_SERVER, "", "HTTP 502", "" },
    { 403, "{\"error\":\"odd\"}", ERROR_FORBIDDEN, "", "does not allow", "" },
    { 200, "<html>Sign in to the wireless network</html>", ERROR_GARBAGE, "", "cannot be read",
      "" },
};

START_TEST(errors_judged)
{
    struct fake_step steps[] = {
        FAKE("POST " BROADCASTS, errors[_i].status, errors[_i].body, .html = true), FAKE_END
    };
    struct a_case c;

    begin(&c, NULL, steps);
    c.f.call.now_ms = at("2026-12-06T11:00:00Z");
    ck_assert(!run(&c, youtube_create));
    ck_assert_msg(c.err.kind == errors[_i].kind, "%d: %s", (int)c.err.kind, c.err.message);
    ck_assert_str_eq(c.err.code, errors[_i].code);
    ck_assert_msg(strstr(c.err.message, errors[_i].says) != NULL, "%s", c.err.message);
    ck_assert_msg(strstr(c.err.remedy, errors[_i].remedy) != NULL, "%s", c.err.remedy);
    ck_assert_msg(!strchr(c.err.message, '<'), "%s", c.err.message);
    ck_assert_str_eq(c.err.platform, "youtube");
    ck_assert_int_eq(c.err.http_status, errors[_i].status);
    if (errors[_i].kind == ERROR_QUOTA)
        /* Midnight in Los Angeles is 08:00 in London. */
        ck_assert_int_eq(c.err.retry_after_ms, 21LL * 3600 * 1000);
    ck_assert_str_eq(c.o.remote_id, "");
    end(&c);
}
END_TEST

START_TEST(quota_ends_at_midnight_pacific)
{
    static const struct fake_step none[] = { FAKE_END };
    struct a_case c;

    begin(&c, NULL, none);
    /* Just after midnight there the next one is a day away, also when the clocks change. */
    ck_assert_int_eq(google_quota_wait(at("2026-12-06T08:00:00Z")), 24LL * 3600 * 1000);
    ck_assert_int_eq(google_quota_wait(at("2026-03-08T08:00:00Z")), 23LL * 3600 * 1000);
    ck_assert_int_eq(google_quota_wait(at("2026-12-06T07:59:59Z")), 1000);
    end(&c);
}
END_TEST

START_TEST(table_and_settings)
{
    static const struct fake_step none[] = { FAKE_END };
    cJSON *good = cJSON_Parse("{\"privacy\":\"Unlisted\",\"dvr\":\"no\",\"latency\":\"ultralow\"}");
    struct a_case c;

    begin(&c, "{\"auto_start\":true,\"monitor\":true}", none);
    ck_assert(platform_settings_check(&platform_youtube, PLATFORM_LIVESTREAMS, good, &c.err));
    ck_assert_str_eq(setting_text(&platform_youtube, good, "latency"), "ultraLow");
    ck_assert(!platform_youtube.livestream_check(&c.l, &c.t, &c.err));
    ck_assert_int_eq(c.err.kind, ERROR_INPUT);
    text_replace(&c.t.settings, "{\"category\":\"faith\"}");
    ck_assert(!platform_youtube.livestream_check(&c.l, &c.t, &c.err));
    text_replace(&c.t.settings, "{\"category\":\"29\"}");
    ck_assert(platform_youtube.livestream_check(&c.l, &c.t, &c.err));
    for (const struct setting *s = platform_youtube.settings; s->key; s++)
        ck_assert_msg(s->label[0] && s->help[0], "%s", s->key);
    cJSON_Delete(good);
    end(&c);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static void add_create(Suite *suite)
{
    TCase *t = tcase_create("create");

    tcase_add_test(t, creates);
    tcase_add_test(t, create_reuses_stream);
    tcase_add_test(t, create_pages_streams);
    tcase_add_test(t, create_with_other_parts);
    tcase_add_test(t, create_resumes_after_insert);
    tcase_add_test(t, create_resumes_after_stream);
    tcase_add_test(t, create_resumes_after_bind);
    tcase_add_test(t, create_lost_stream);
    tcase_add_test(t, create_reads_key_again);
    tcase_add_test(t, create_now_and_escapes);
    tcase_add_test(t, create_settings);
    tcase_add_test(t, create_gone);
    tcase_add_test(t, create_without_id);
    tcase_add_test(t, sends_thumbnail_once);
    tcase_add_test(t, thumbnail_trouble_is_a_note);
    tcase_add_test(t, thumbnail_unusable);
    tcase_add_test(t, category_keeps_the_rest);
    tcase_add_test(t, category_refused);
    tcase_add_test(t, waits_for_hidden_video);
    tcase_add_test(t, sets_video);
    tcase_add_test(t, category_unknown_but_tags);
    tcase_add_test(t, thumbnail_changes);
    tcase_add_test(t, thumbnail_is_checked_first);
    tcase_add_test(t, create_captions_and_360);
    tcase_add_test(t, create_too_far_ahead);
    tcase_add_loop_test(t, refuses_wrong_settings, 0, COUNT(wrongs));
    tcase_add_test(t, counts_tags);
    tcase_add_test(t, update_switches_live);
    tcase_add_test(t, update_captions);
    tcase_add_test(t, finds_by_marker);
    tcase_add_test(t, finds_nothing);
    tcase_add_test(t, find_fails);
    tcase_add_test(t, lost_insert_is_found);
    suite_add_tcase(suite, t);
}

static void add_run(Suite *suite)
{
    TCase *t = tcase_create("run");

    tcase_add_test(t, starts);
    tcase_add_test(t, start_through_preview);
    tcase_add_test(t, start_creates_first);
    tcase_add_test(t, start_redundant);
    tcase_add_test(t, start_too_early);
    tcase_add_test(t, start_by_itself);
    tcase_add_test(t, start_after_the_end);
    tcase_add_test(t, start_adopts_live);
    tcase_add_test(t, stops);
    tcase_add_test(t, stop_at_once_and_redundant);
    tcase_add_test(t, stop_never_live);
    tcase_add_test(t, stop_before_creation);
    tcase_add_test(t, stop_while_starting);
    tcase_add_test(t, removes);
    tcase_add_test(t, update_changes_only_what_differs);
    tcase_add_test(t, update_switches);
    tcase_add_test(t, update_too_late_for_a_switch);
    tcase_add_test(t, update_live);
    tcase_add_test(t, update_completes);
    tcase_add_test(t, create_again_starts_clean);
    tcase_add_test(t, polls);
    tcase_add_test(t, poll_waits_for_signal);
    suite_add_tcase(suite, t);
}

int main(void)
{
    Suite *suite = suite_create("platform_youtube");
    TCase *t = tcase_create("account");
    SRunner *runner;
    int failed;

    tcase_add_test(t, renews);
    tcase_add_loop_test(t, renew_fails, 0, COUNT(renewals));
    tcase_add_test(t, renew_without_token);
    tcase_add_test(t, identifies);
    tcase_add_loop_test(t, errors_judged, 0, COUNT(errors));
    tcase_add_test(t, quota_ends_at_midnight_pacific);
    tcase_add_test(t, table_and_settings);
    suite_add_tcase(suite, t);
    add_create(suite);
    add_run(suite);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

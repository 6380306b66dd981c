/* Wire examples are copied from restream.md of the platform pages. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#include "platform/kit.h"
#include "../lib/fakecall.h"

#define ID   "2527849f-f961-4b1d-8ae0-8eae4f068327"
#define MARK "[ec:1a2b3c4d]"

#define INGEST_REFUSED ON("GET /v2/user/ingest", 404, NULL)
#define SERVERS                                                                                    \
    ON("GET /v2/server/all", 200,                                                                  \
       "[{\"id\":3,\"name\":\"London\",\"rtmpUrl\":\"rtmp://london.restream.io/live\"},"           \
       "{\"id\":1,\"name\":\"Autodetect\",\"rtmpUrl\":\"rtmp://live.restream.io/live\"}]")
#define KEY "re_4123456_0a1b2c3d4e5f"
#define KEYS                                                                                       \
    "{\"streamKey\":\"" KEY "\",\"srtUrl\":\"srt://live.restream.io:2010?streamid=srt_4123456_"    \
    "xxx_yyy&passphrase=re_4123456_0a1b2c3d4e5f\"}"
#define OWN_KEY ON("GET /v2/user/streamKey", 200, KEYS)

#define CHANNELS                                                                                   \
    "[{\"id\":16972669,\"streamingPlatformId\":5,\"url\":\"https://www.youtube.com/channel/UC\","  \
    "\"identifier\":\"UC\",\"displayName\":\"Grace Chapel\",\"active\":true},"                     \
    "{\"id\":16972700,\"streamingPlatformId\":37,\"url\":\"https://www.facebook.com/"              \
    "gracechapel\",\"identifier\":\"104882011223344\",\"displayName\":\"Grace on Facebook\","      \
    "\"active\":false},{\"id\":16980001,\"streamingPlatformId\":29,\"displayName\":\"Archive\","   \
    "\"enabled\":true}]"
#define ALL ON("GET /v2/user/channel/all", 200, CHANNELS)

#define EVENT(status, title)                                                                       \
    "{\"id\":\"" ID "\",\"status\":\"" status "\",\"title\":\"" title                              \
    "\",\"description\":\"10 am\\n\\n" MARK                                                        \
    "\",\"coverUrl\":null,\"isRecordOnly\":false,\"scheduledFor\":1796551200,"                     \
    "\"startedAt\":1796551230,\"finishedAt\":1796555000,\"destinations\":[{\"channelId\":1,"       \
    "\"externalUrl\":\"https://evil.example/x\",\"streamingPlatformId\":5},{\"channelId\":"        \
    "16972669,\"externalUrl\":\"https://www.youtube.com/watch?v=abc\",\"streamingPlatformId\":"    \
    "5}]}"
#define RUNNING ON("GET /v2/user/events/in-progress", 200, "[" EVENT("in-progress", "Any") "]")
#define SILENT  ON("GET /v2/user/events/in-progress", 200, "[]")
#define READ_IT "GET /v2/user/events/" ID

#define REFUSED(status, name, message)                                                             \
    "{\"error\":{\"statusCode\":" #status ",\"status\":" #status ",\"code\":" #status              \
    ",\"message\":\"" message "\",\"name\":\"" name "\"}}"

/* clang-format off */
#define ON(asked, code, said, ...) { .what = asked, .status = code, .answer = said, __VA_ARGS__ }
/* clang-format on */

static struct fake fake;
static struct livestream livestream;
static struct target target;
static struct outcome outcome;
static struct error err;

static void begin(const struct fake_step *steps, const char *settings)
{
    memset(&livestream, 0, sizeof(livestream));
    memset(&err, 0, sizeof(err));
    fake_init(&fake, PLATFORM_RESTREAM, steps);
    text_replace(&livestream.title, "Sunday service");
    text_replace(&livestream.description, "10 am");
    livestream.start_ms = INT64_C(1796551200000);
    fake_target(&target, PLATFORM_RESTREAM, settings);
    ck_assert(outcome_init(&outcome, &target));
}

/* The same, of what was created, its key sealed. */
static void begin_made(const struct fake_step *steps, const char *settings, const char *id,
                       const char *remote)
{
    begin(steps, settings);
    text_replace(&target.remote_id, id);
    text_replace(&target.remote, remote);
    text_replace(&target.ingest_url, "rtmp://live.restream.io/live");
    target.has_key = true;
    outcome_release(&outcome);
    ck_assert(outcome_init(&outcome, &target));
}

static void finish(void)
{
    fake_done(&fake);
    outcome_release(&outcome);
    fake_target_release(&target);
    livestream_release(&livestream);
    fake_release(&fake);
}

typedef bool operation(struct call *, const struct livestream *, const struct target *,
                       struct outcome *, struct error *);

static bool run(operation *o)
{
    memset(&err, 0, sizeof(err));
    return o(&fake.call, &livestream, &target, &outcome, &err);
}

static void works(operation *o)
{
    ck_assert_msg(run(o), "%s (%s)", err.message, err.code);
}

/* ---- the sign-in ---- */

static const struct fake_secret secrets[] = { { "client_secret", "secret" },
                                              { "refresh_token", "9f3c" },
                                              { NULL, NULL } };

START_TEST(renews)
{
    static const struct fake_step steps[] = {
        ON("POST /oauth/token", 200,
           "{\"access_token\":\"2a407cfcfdf8920242fd6dc7e5f83c86374ef925\",\"token_type\":"
           "\"Bearer\",\"expires\":1790506667,\"expires_in\":3600,\"refresh_token\":"
           "\"7b1e0c52d1a34b6d9a1be6fd3f0a7c1e5d2f9b80\",\"refreshTokenExpiresEpoch\":1822039067,"
           "\"scopeJson\":[\"profile.read\",\"channels.default.read\"]}",
           .holds = { "Authorization: Basic Y2xpZW50OnNlY3JldA==",
                      "grant_type=refresh_token&refresh_token=9f3c" }),
        FAKE_END
    };
    struct token token;

    begin(steps, NULL);
    fake.secrets = secrets;
    cJSON_AddStringToObject(fake.options, "client_id", "client");
    ck_assert(platform_restream.check(&fake.call, &err));
    ck_assert_msg(platform_restream.renew(&fake.call, &token, &err), "%s", err.message);
    ck_assert_str_eq(token.access, "2a407cfcfdf8920242fd6dc7e5f83c86374ef925");
    ck_assert_str_eq(token.refresh, "7b1e0c52d1a34b6d9a1be6fd3f0a7c1e5d2f9b80");
    ck_assert_str_eq(token.scopes, "profile.read channels.default.read");
    ck_assert_int_eq(token.expires_ms, fake.call.now_ms + 3600000);
    ck_assert_int_eq(token.refresh_expires_ms, INT64_C(1822039067000));
    finish();
}
END_TEST

START_TEST(tells_a_spent_sign_in)
{
    static const struct fake_step steps[] = {
        ON("POST /oauth/token", 400,
           REFUSED(400, "invalid_grant", "Invalid grant: refresh token is invalid")),
        FAKE_END
    };
    struct token token;

    begin(steps, NULL);
    fake.secrets = secrets;
    fake.call.client_id = "client";
    ck_assert(!platform_restream.renew(&fake.call, &token, &err));
    ck_assert_int_eq(err.kind, ERROR_AUTH);
    ck_assert_ptr_nonnull(strstr(err.remedy, "good once"));
    finish();
}
END_TEST

START_TEST(identifies)
{
    static const struct fake_step steps[] = {
        ON("GET /v2/user/profile", 200,
           "{\"id\":4123456,\"username\":\"gracechapel\",\"email\":\"media@gracechapel.example\"}",
           .holds = { "Bearer token-1" }),
        FAKE_END
    };
    struct account account;

    begin(steps, NULL);
    ck_assert_msg(platform_restream.identify(&fake.call, &account, &err), "%s", err.message);
    ck_assert_str_eq(account.ref, "4123456");
    ck_assert_str_eq(account.name, "gracechapel");
    finish();
}
END_TEST

/* ---- with the account's key ---- */

START_TEST(hands_out_key_and_address)
{
    static const struct fake_step steps[] = { INGEST_REFUSED, SERVERS, OWN_KEY, FAKE_END };

    begin(steps, NULL);
    works(platform_restream.livestream_create);
    ck_assert_str_eq(outcome.remote_id, "account-1a2b3c4d");
    ck_assert_str_eq(outcome.ingest_url, "rtmp://live.restream.io/live");
    ck_assert_str_eq(outcome.stream_key, KEY);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    finish();
}
END_TEST

START_TEST(prefers_the_chosen_server)
{
    static const struct fake_step chosen[] = {
        ON("GET /v2/user/ingest", 200, "{\"id\":3,\"rtmpUrl\":\"rtmp://paris.restream.io/live\"}"),
        OWN_KEY, FAKE_END
    };
    static const struct fake_step given[] = { OWN_KEY, FAKE_END };

    begin(chosen, NULL);
    works(platform_restream.livestream_create);
    ck_assert_str_eq(outcome.ingest_url, "rtmp://paris.restream.io/live");
    finish();
    begin(given, NULL);
    cJSON_AddStringToObject(fake.options, "ingest", "rtmps://live.restream.io/live");
    works(platform_restream.livestream_create);
    ck_assert_str_eq(outcome.ingest_url, "rtmps://live.restream.io/live");
    finish();
}
END_TEST

#define WAIT_FOR_IT(settings, id) begin_made(steps, settings, id, "{}")

START_TEST(switches_channels_and_waits_for_the_signal)
{
    static const struct fake_step steps[] = {
        SILENT,
        ALL,
        ON("PATCH /v2/user/channel/16972669", 200, NULL, .holds = { "{\"active\":false}" }),
        ON("PATCH /v2/user/channel/16972700", 204, NULL, .holds = { "{\"active\":true}" }),
        ON("PATCH /v2/user/channel-meta/16972700", 200, NULL,
           .holds = { "\"title\":\"Sunday service\"", "\"description\":\"10 am\"" }),
        ON("PATCH /v2/user/channel-meta/16980001", 400,
           REFUSED(400, "validation_error", "This platform has no titles")),
        FAKE_END
    };
    static const struct fake_step again[] = { SILENT, FAKE_END };
    static const struct fake_step here[] = { RUNNING, FAKE_END };

    WAIT_FOR_IT("{\"channels\":\"grace on facebook; 16980001\"}", "account-1a2b3c4d");
    works(platform_restream.livestream_start);
    ck_assert_int_eq(outcome.again_ms, 5000);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_ptr_nonnull(strstr(outcome.note, "encoder"));
    ck_assert_str_eq(json_string(outcome.remote, "before"), "16972669+ 16972700-");
    fake_expect(&fake, again);
    works(platform_restream.livestream_start);
    ck_assert_int_gt(outcome.again_ms, 0);
    fake_expect(&fake, here);
    works(platform_restream.livestream_start);
    ck_assert_int_eq(outcome.again_ms, 0);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_int_eq(outcome.started_ms, INT64_C(1796551230000));
    ck_assert_str_eq(outcome.url, "https://www.youtube.com/watch?v=abc");
    finish();
}
END_TEST

START_TEST(goes_on_after_a_crash)
{
    static const struct fake_step first[] = {
        SILENT,
        ALL,
        { .what = "PATCH /v2/user/channel/16972669", .status = 0, .fails = ERROR_NET_POST },
        FAKE_END
    };
    static const struct fake_step again[] = { SILENT, ALL,
                                              ON("PATCH /v2/user/channel/16972669", 200, NULL),
                                              FAKE_END };

    begin_made(first, "{\"channels\":\"Archive\",\"titles\":false}", "account-1a2b3c4d", "{}");
    ck_assert(!run(platform_restream.livestream_start));
    ck_assert_uint_eq(fake.saved_count, 1);
    ck_assert_ptr_nonnull(strstr(fake.saved[0].remote, "16972669+"));
    fake_expect(&fake, again);
    works(platform_restream.livestream_start);
    finish();
}
END_TEST

/* ---- the updates feed ---- */

#define INCOMING(event)                                                                            \
    "{\"action\":\"updateIncoming\",\"userId\":4123456,\"eventId\":" event                         \
    ",\"createdAt\":1796551233,"                                                                   \
    "\"suid\":\"s1\",\"streaming\":{\"fps\":30,\"bitrate\":{\"total\":4640000,\"audio\":128000,"   \
    "\"video\":"                                                                                   \
    "4512000}},\"tomorrow\":1}"
#define OUTGOING(channel, word)                                                                    \
    "{\"action\":\"updateOutgoing\",\"userId\":4123456,\"eventId\":\"" ID "\",\"platformId\":5,"   \
    "\"channelId\":" channel                                                                       \
    ",\"createdAt\":1796551233,\"channelIdentifier\":\"UC\",\"eventIdentifier\":"                  \
    "\"\",\"streaming\":{\"status\":\"" word "\",\"bitrate\":4510000,\"bufferedBytes\":0}}"
#define STATUSES(channel, at, viewers)                                                             \
    "{\"action\":\"updateStatuses\",\"userId\":4123456,\"eventId\":\"" ID "\",\"platformId\":5,"   \
    "\"channelId\":" channel ",\"createdAt\":1796551233,\"updatedAt\":" at                         \
    ",\"channelIdentifier\":"                                                                      \
    "\"UC\",\"eventIdentifier\":\"\",\"channelViews\":null,\"followers\":812,\"gameTitle\":null,"  \
    "\"online\":true,\"streamViews\":null,\"title\":\"Sunday service\",\"viewers\":" viewers "}"
#define STOPPED                                                                                    \
    "{\"action\":\"deleteIncoming\",\"userId\":4123456,\"createdAt\":1796551233,\"suid\":\"s1\"}"

/* Live by the feed's word, with the list for the link; viewers and channels come by it alone. */
START_TEST(hears_that_it_is_live)
{
    static const char *const said[] = { "no JSON at all",
                                        "{\"action\":\"tomorrow\"}",
                                        "[]",
                                        INCOMING("null"),
                                        OUTGOING("16972669", "CONNECTED"),
                                        OUTGOING("16972700", "CONNECTING"),
                                        STATUSES("16972669", "1796116320", "41"),
                                        STATUSES("16972700", "1796116320", "null"),
                                        NULL };
    static const char *const fine[] = { INCOMING("null"), OUTGOING("16972669", "CONNECTED"),
                                        STATUSES("16972669", "1796000000", "41"), NULL };
    static const struct fake_step none_yet[] = { SILENT, FAKE_END };
    static const struct fake_step here[] = { RUNNING, FAKE_END };

    begin_made(none_yet, NULL, "account-1a2b3c4d", "{}");
    target.wish = WISH_LIVE;
    fake_feed(&fake, 101, said);
    works(platform_restream.livestream_poll);
    ck_assert_str_eq(fake.feed_url, "https://api.test/ws?accessToken=token-1");
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_int_eq(outcome.started_ms, INT64_C(1796551233000));
    ck_assert_int_eq(outcome.viewers, 41);
    ck_assert_str_eq(outcome.note, "Restream reaches 1 of 2 channels. Look at the others in its "
                                   "dashboard: their sign-in there may have ended.");
    /* What is older than five minutes is not believed any more; there is no last word. */
    fake_expect(&fake, here);
    fake_feed(&fake, 101, fine);
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.viewers, -1);
    ck_assert_str_eq(outcome.note, "");
    ck_assert_str_eq(outcome.url, "https://www.youtube.com/watch?v=abc");
    finish();
}
END_TEST

/* The list shows it for a while after the encoder has stopped: the feed knows better. */
START_TEST(hears_the_end)
{
    static const char *const said[] = { INCOMING("null"), STOPPED, NULL };
    static const struct fake_step steps[] = { RUNNING, RUNNING, RUNNING, FAKE_END };

    begin_made(steps, NULL, "account-1a2b3c4d", "{}");
    fake_feed(&fake, 101, said);
    outcome.status = TARGET_LIVE;
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_ptr_nonnull(strstr(outcome.note, "no signal"));
    fake.call.now_ms += 30000;
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    /* A stop need not wait so long. */
    outcome.status = TARGET_LIVE;
    works(platform_restream.livestream_stop);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    ck_assert_int_eq(outcome.again_ms, 0);
    finish();
}
END_TEST

/* Cut, refused, silent: the list has the word. Only a token that is refused must be renewed. */
START_TEST(does_without_the_feed)
{
    static const struct fake_step steps[] = { RUNNING, RUNNING, RUNNING, FAKE_END };
    static const struct fake_step broken[] = { ON("GET /v2/user/events/in-progress", 503, NULL),
                                               FAKE_END };
    static const struct fake_step none[] = { FAKE_END };
    static const char *const said[] = { INCOMING("null"), NULL };

    begin_made(steps, NULL, "account-1a2b3c4d", "{}");
    target.wish = WISH_LIVE;
    fake_feed(&fake, 0, NULL);
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    /* It is left alone for a minute then. */
    fake_feed(&fake, 503, NULL);
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_uint_eq(fake.feed_count, 1);
    fake.call.now_ms += 60000;
    fake_feed(&fake, 101, NULL);
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    /* And without the list, with the feed. */
    fake_expect(&fake, broken);
    fake_feed(&fake, 101, said);
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    /* Neither. */
    fake_expect(&fake, broken);
    fake_feed(&fake, 0, NULL);
    ck_assert(!run(platform_restream.livestream_poll));
    ck_assert_int_eq(err.kind, ERROR_SERVER);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    fake.call.now_ms += 60000;
    fake_expect(&fake, none);
    fake_feed(&fake, 401, NULL);
    ck_assert(!run(platform_restream.livestream_poll));
    ck_assert_int_eq(err.kind, ERROR_AUTH);
    finish();
}
END_TEST

/* Another event's signal is not ours. */
START_TEST(hears_its_own_event_alone)
{
    static const char *const other[] = { INCOMING("\"another\""), INCOMING("null"), NULL };
    static const char *const ours[] = { INCOMING("\"another\""), INCOMING("\"" ID "\""), NULL };
    static const struct fake_step steps[] = { ON(READ_IT, 200, EVENT("upcoming", "S")),
                                              ON(READ_IT, 200, EVENT("upcoming", "S")),
                                              ON(READ_IT, 200, EVENT("upcoming", "S")), FAKE_END };

    begin_made(steps, "{\"event\":true}", ID, "{}");
    fake_feed(&fake, 101, other);
    works(platform_restream.livestream_poll);
    /* As long as nobody has asked for it, nobody listens. */
    ck_assert_uint_eq(fake.feed_count, 0);
    target.wish = WISH_LIVE;
    works(platform_restream.livestream_poll);
    ck_assert_uint_eq(fake.feed_count, 1);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    fake_feed(&fake, 101, ours);
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    finish();
}
END_TEST

/* Channels are the account's: nobody's stream is cut to make room for ours. */
START_TEST(switches_nothing_under_somebody_else)
{
    static const struct fake_step steps[] = {
        ON("GET /v2/user/events/in-progress", 200,
           "[{\"id\":\"another\",\"status\":\"in-progress\"}]"),
        FAKE_END
    };

    begin_made(steps, "{\"event\":true,\"channels\":\"Archive\"}", ID, "{}");
    works(platform_restream.livestream_start);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_ptr_nonnull(strstr(outcome.note, "left as they are"));
    finish();
}
END_TEST

START_TEST(switches_nothing_under_a_running_stream)
{
    static const struct fake_step steps[] = { RUNNING, FAKE_END };

    begin_made(steps, "{\"channels\":\"Archive\"}", "account-1a2b3c4d", "{}");
    works(platform_restream.livestream_start);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_ptr_nonnull(strstr(outcome.note, "left as they are"));
    finish();
}
END_TEST

START_TEST(refuses_names_of_no_channel)
{
    static const struct fake_step steps[] = { SILENT, ALL, FAKE_END };

    begin_made(steps, "{\"channels\":\"Grace Chapel; Twich\"}", "account-1a2b3c4d", "{}");
    ck_assert(!run(platform_restream.livestream_start));
    ck_assert_int_eq(err.kind, ERROR_INVALID);
    ck_assert_ptr_nonnull(strstr(err.message, "Twich"));
    ck_assert_ptr_nonnull(strstr(err.remedy, "Grace on Facebook"));
    finish();
}
END_TEST

START_TEST(ends_with_the_signal_and_puts_channels_back)
{
    static const struct fake_step sending[] = { RUNNING, FAKE_END };
    static const struct fake_step steps[] = {
        SILENT, ON("PATCH /v2/user/channel/16972669", 200, NULL, .holds = { "{\"active\":true}" }),
        ON("PATCH /v2/user/channel/16972700", 404, NULL, .holds = { "{\"active\":false}" }),
        FAKE_END
    };

    begin_made(sending, NULL, "account-1a2b3c4d",
               "{\"dressed\":\"yes\",\"before\":\"16972669+ 16972700-\"}");
    outcome.status = TARGET_LIVE;
    works(platform_restream.livestream_stop);
    ck_assert_int_eq(outcome.again_ms, 5000);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_ptr_nonnull(strstr(outcome.note, "Stop sending"));
    fake_expect(&fake, steps);
    works(platform_restream.livestream_stop);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    ck_assert_int_eq(outcome.ended_ms, fake.call.now_ms);
    ck_assert_ptr_null(json_string(outcome.remote, "before"));
    finish();
}
END_TEST

START_TEST(leaves_channels_when_asked_to)
{
    static const struct fake_step steps[] = { SILENT, FAKE_END };

    begin_made(steps, "{\"put_back\":false}", "account-1a2b3c4d", "{\"before\":\"16972669+\"}");
    works(platform_restream.livestream_stop);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    finish();
}
END_TEST

START_TEST(polls_the_account)
{
    static const struct fake_step steps[] = { RUNNING, RUNNING, SILENT, SILENT, SILENT, FAKE_END };

    begin_made(steps, NULL, "account-1a2b3c4d", "{}");
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_ptr_nonnull(strstr(outcome.note, "already"));
    target.wish = WISH_LIVE;
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_ptr_nonnull(strstr(outcome.note, "no signal"));
    fake.call.now_ms += 10000;
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    fake.call.now_ms += 20000;
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    ck_assert_int_eq(outcome.ended_ms, fake.call.now_ms - 30000);
    finish();
}
END_TEST

START_TEST(updates_titles_once_they_were_written)
{
    static const struct fake_step none[] = { FAKE_END };
    static const struct fake_step steps[] = {
        ALL, ON("PATCH /v2/user/channel-meta/16972669", 200, NULL, .holds = { "Vespers" }),
        ON("PATCH /v2/user/channel-meta/16980001", 200, NULL), FAKE_END
    };

    begin_made(none, NULL, "account-1a2b3c4d", "{}");
    works(platform_restream.livestream_update);
    finish();
    begin_made(steps, NULL, "account-1a2b3c4d", "{\"dressed\":\"yes\"}");
    text_replace(&livestream.title, "Vespers");
    works(platform_restream.livestream_update);
    finish();
}
END_TEST

/* ---- with an event ---- */

#define EVENT_KEY ON(READ_IT "/streamKey", 200, KEYS)

START_TEST(plans_an_event)
{
    static const struct fake_step steps[] = {
        ON("POST /v2/user/events/new", 201, "{\"id\":\"" ID "\"}",
           .holds = { "\"streamType\":\"encoder\"", "\"title\":\"Sunday service\"", MARK,
                      "\"scheduledFor\":\"2026-12-06T10:00:00Z\"" }),
        ALL,
        ON("POST /v2/user/events/" ID "/destinations", 201,
           "{\"id\":\"8f3b1c2a-1d4e-4a9b-9c7d-2e5f6a7b8c9d\"}",
           .holds = { "\"channelId\":16980001" }),
        INGEST_REFUSED,
        SERVERS,
        EVENT_KEY,
        FAKE_END
    };

    begin(steps, "{\"event\":true,\"channels\":\"Archive; Grace Chapel\"}");
    works(platform_restream.livestream_create);
    ck_assert_str_eq(outcome.remote_id, ID);
    ck_assert_str_eq(outcome.stream_key, KEY);
    ck_assert(fake.requests[0].creates);
    ck_assert_str_eq(fake.saved[0].remote_id, ID);
    /* YouTube is not to be attached by a program: said, not hidden. */
    ck_assert_ptr_nonnull(strstr(outcome.note, "dashboard"));
    finish();
}
END_TEST

START_TEST(finds_an_event_by_its_marker)
{
    static const struct fake_step steps[] = {
        ON("GET /v2/user/events/upcoming?source=2&scheduled=true", 200, "[]"),
        ON("GET /v2/user/events/upcoming?source=2", 200,
           "[" EVENT("upcoming", "Sunday service") "]"),
        FAKE_END
    };
    static const struct fake_step none[] = { FAKE_END };
    static const struct fake_step garbage[] = { ON("GET /v2/user/events/upcoming", 200, "{}"),
                                                FAKE_END };

    begin(steps, "{\"event\":true}");
    works(platform_restream.livestream_find);
    ck_assert(outcome.found);
    ck_assert_str_eq(outcome.remote_id, ID);
    finish();
    begin(none, NULL);
    works(platform_restream.livestream_find);
    ck_assert(!outcome.found);
    finish();
    begin(garbage, "{\"event\":true}");
    ck_assert(!run(platform_restream.livestream_find));
    ck_assert_int_eq(err.kind, ERROR_GARBAGE);
    finish();
}
END_TEST

START_TEST(says_that_an_event_cannot_be_changed)
{
    static const struct fake_step steps[] = { ON(READ_IT, 200, EVENT("upcoming", "Sunday service")),
                                              ON(READ_IT, 200, EVENT("upcoming", "Sunday service")),
                                              ON(READ_IT, 404, NULL), FAKE_END };

    begin_made(steps, "{\"event\":true}", ID, "{}");
    works(platform_restream.livestream_update);
    ck_assert_str_eq(outcome.note, "");
    text_replace(&livestream.title, "Vespers");
    works(platform_restream.livestream_update);
    ck_assert_ptr_nonnull(strstr(outcome.note, "no program change"));
    ck_assert(!run(platform_restream.livestream_update));
    ck_assert(outcome.gone);
    finish();
}
END_TEST

static const struct {
    int http;
    const char *event;
    enum target_status status;
    bool gone;
} polls[] = {
    { 200, EVENT("upcoming", "S"), TARGET_PENDING, false },
    { 200, EVENT("in-progress", "S"), TARGET_LIVE, false },
    { 200, EVENT("finished", "S"), TARGET_ENDED, false },
    { 200, EVENT("missed", "S"), TARGET_FAILED, false },
    { 200, EVENT("tomorrow's word", "S"), TARGET_PENDING, false },
    { 404, NULL, TARGET_PENDING, true },
};

START_TEST(polls_an_event)
{
    struct fake_step steps[] = { ON(READ_IT, polls[_i].http, polls[_i].event), FAKE_END };

    begin_made(steps, "{\"event\":true}", ID, "{}");
    works(platform_restream.livestream_poll);
    ck_assert_int_eq(outcome.status, polls[_i].status);
    ck_assert_int_eq(outcome.gone, polls[_i].gone);
    finish();
}
END_TEST

START_TEST(removes_what_it_can)
{
    static const struct fake_step steps[] = { FAKE_END };

    begin_made(steps, "{\"event\":true}", ID, "{}");
    works(platform_restream.livestream_remove);
    ck_assert(outcome.gone);
    ck_assert_ptr_nonnull(strstr(outcome.note, "stays in Restream's dashboard"));
    finish();
}
END_TEST

/* ---- refusals ---- */

static const struct {
    int status;
    const char *body;
    enum error_kind kind;
    const char *code;
} refusals[] = {
    { 401, REFUSED(401, "invalid_token", "Invalid token: access token is invalid"), ERROR_AUTH,
      "invalid_token" },
    { 403, REFUSED(403, "insufficient_scope", "Insufficient scope"), ERROR_FORBIDDEN,
      "insufficient_scope" },
    { 400, REFUSED(400, "validation_error", "Title is too long"), ERROR_INVALID,
      "validation_error" },
    { 429, NULL, ERROR_RATE, "" },
    { 500, NULL, ERROR_SERVER, "" },
    { 201, "{}", ERROR_GARBAGE, "" },
    { 201, NULL, ERROR_GARBAGE, "" },
};

START_TEST(judges_refusals)
{
    struct fake_step steps[] = {
        ON("POST /v2/user/events/new", refusals[_i].status, refusals[_i].body), FAKE_END
    };

    begin(steps, "{\"event\":true}");
    ck_assert(!run(platform_restream.livestream_create));
    ck_assert_int_eq(err.kind, refusals[_i].kind);
    ck_assert_str_eq(err.code, refusals[_i].code);
    ck_assert_str_eq(err.platform, "restream");
    finish();
}
END_TEST

static const struct {
    const char *settings, *wrong;
} wrongs[] = {
    { "{\"channels\":7}", "\"channels\" must be text of at most 1000 characters, not 7" },
    { "{\"titles\":\"perhaps\"}", "\"titles\" must be true or false, not \"perhaps\"" },
    { "{\"put_back\":\"later\"}", "\"put_back\" must be true or false, not \"later\"" },
    { "{\"event\":2}", "\"event\" must be true or false, not 2" },
    { "{\"privacy\":\"public\"}", "Restream has no setting \"privacy\"" },
};

START_TEST(refuses_wrong_settings)
{
    cJSON *given = json_parse(wrongs[_i].settings, strlen(wrongs[_i].settings), NULL);
    struct error why = { 0 };

    ck_assert(!platform_settings_check(&platform_restream, PLATFORM_LIVESTREAMS, given, &why));
    ck_assert_int_eq(why.kind, ERROR_INPUT);
    ck_assert_msg(strstr(why.message, wrongs[_i].wrong) != NULL, "%s", why.message);
    cJSON_Delete(given);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
    Suite *suite = suite_create("platform_restream");
    TCase *t = tcase_create("restream");
    SRunner *runner;
    int failed;

    tcase_add_test(t, renews);
    tcase_add_test(t, tells_a_spent_sign_in);
    tcase_add_test(t, identifies);
    tcase_add_test(t, hands_out_key_and_address);
    tcase_add_test(t, prefers_the_chosen_server);
    tcase_add_test(t, switches_channels_and_waits_for_the_signal);
    tcase_add_test(t, goes_on_after_a_crash);
    tcase_add_test(t, switches_nothing_under_a_running_stream);
    tcase_add_test(t, hears_that_it_is_live);
    tcase_add_test(t, hears_the_end);
    tcase_add_test(t, does_without_the_feed);
    tcase_add_test(t, hears_its_own_event_alone);
    tcase_add_test(t, switches_nothing_under_somebody_else);
    tcase_add_loop_test(t, refuses_wrong_settings, 0, COUNT(wrongs));
    tcase_add_test(t, refuses_names_of_no_channel);
    tcase_add_test(t, ends_with_the_signal_and_puts_channels_back);
    tcase_add_test(t, leaves_channels_when_asked_to);
    tcase_add_test(t, polls_the_account);
    tcase_add_test(t, updates_titles_once_they_were_written);
    tcase_add_test(t, plans_an_event);
    tcase_add_test(t, finds_an_event_by_its_marker);
    tcase_add_test(t, says_that_an_event_cannot_be_changed);
    tcase_add_loop_test(t, polls_an_event, 0, COUNT(polls));
    tcase_add_test(t, removes_what_it_can);
    tcase_add_loop_test(t, judges_refusals, 0, COUNT(refusals));
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

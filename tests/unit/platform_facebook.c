/* Wire examples are copied from facebook.md of the platform pages. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <ecclesia/base/clock.h>

#include "platform/facebook.h"
#include "../lib/fakecall.h"

#define PAGE  "104882011223344"
#define ID    "917263548190021"
#define KEY   "FB-917263548190021-0-Ab1cDeFgHiJkLmNo?s_bl=1&s_psm=1&a=AbxExample"
#define RTMPS "rtmps://live-api-s.facebook.com:443/rtmp"
#define V     "/v26.0/"

#define CREATED                                                                                    \
    "{\"id\":\"" ID "\",\"secure_stream_url\":\"" RTMPS "/" KEY "\","                              \
    "\"stream_url\":\"rtmp://rtmp-api.facebook.com:80/rtmp/"                                       \
    "FB-917263548190021-0-Ab1cDeFgHiJkLmNo\","                                                     \
    "\"secure_stream_secondary_urls\":[],\"stream_secondary_urls\":[],\"video\":{\"id\":"          \
    "\"917263548190777\"},"                                                                        \
    "\"permalink_url\":\"/gracechapel/videos/917263548190777/\"}"

#define VIDEO(status, streams)                                                                     \
    "{\"id\":\"" ID "\",\"status\":\"" status "\",\"title\":\"Sunday service\","                   \
    "\"description\":\"10 "                                                                        \
    "am\\n\\n[ec:1a2b3c4d]\",\"permalink_url\":\"/gracechapel/videos/917263548190777/\","          \
    "\"video\":{\"id\":\"917263548190777\"},\"ingest_streams\":" streams "}"

#define HEALTH                                                                                     \
    "{\"id\":\"917263548190900\",\"is_master\":true,\"stream_health\":{\"video_bitrate\":2304481." \
    "75,"                                                                                          \
    "\"video_framerate\":29.97,\"video_gop_size\":2000,\"video_width\":1920,\"video_height\":"     \
    "1080,\"audio_bitrate\":128000}}"
#define NO_HEALTH "{\"id\":\"917263548190900\",\"is_master\":true}"
#define ZERO_HEALTH                                                                                \
    "{\"id\":\"917263548190900\",\"is_master\":true,\"stream_health\":{\"video_bitrate\":0}}"

#define LIVE(seconds)                                                                              \
    "{\"id\":\"" ID "\",\"status\":\"LIVE\",\"title\":\"Sunday "                                   \
    "service\",\"live_views\":143,\"total_views\":\"401\","                                        \
    "\"seconds_left\":" seconds ",\"broadcast_start_time\":\"2026-09-27T10:00:04+0000\","          \
    "\"permalink_url\":\"/gracechapel/videos/917263548190777/\","                                  \
    "\"embed_html\":\"<iframe "                                                                    \
    "src=\\\"https://www.facebook.com/plugins/video.php?href=…\\\"></iframe>\","                 \
    "\"video\":{\"id\":\"917263548190777\"},\"ingest_streams\":[" HEALTH "]}"

#define HIDDEN                                                                                     \
    "{\"error\":{\"message\":\"Unsupported get request. Object with ID '917263548190021' does "    \
    "not exist, cannot be loaded due "                                                             \
    "to missing permissions, or does not support this "                                            \
    "operation.\",\"type\":\"GraphMethodException\",\"code\":100,"                                 \
    "\"error_subcode\":33,\"fbtrace_id\":\"AcFb0exmp10\"}}"

#define REFUSED(message, code)                                                                     \
    "{\"error\":{\"message\":\"" message "\",\"type\":\"OAuthException\",\"code\":" code           \
    ",\"fbtrace_id\":\"AcFb0exmp11\"}}"

/* ---- one case ---- */

struct a_case {
    struct fake f;
    struct livestream l;
    struct target t;
    struct outcome o;
    struct error err;
};

static const struct fake_secret page_secrets[] = { { "page_token", "token-1" }, { NULL, NULL } };

static int64_t at(const char *when)
{
    int64_t ms;

    ck_assert(clock_parse_rfc3339(when, &ms));
    return ms;
}

/* Now is 2026-12-01T09:12:00Z. */
static void begin(struct a_case *c, const struct fake_step *steps)
{
    static char title[] = "Sunday service", description[] = "10 am", none[] = "";

    memset(c, 0, sizeof(*c));
    fake_init(&c->f, PLATFORM_FACEBOOK, steps);
    c->f.secrets = page_secrets;
    cJSON_AddStringToObject(c->f.options, "page_id", PAGE);
    fake_target(&c->t, PLATFORM_FACEBOOK, NULL);
    c->l.title = title;
    c->l.description = description;
    c->l.thumbnail = none;
    ck_assert(outcome_init(&c->o, &c->t));
}

static void made(struct a_case *c, const char *remote)
{
    text_replace(&c->t.remote_id, ID);
    text_replace(&c->t.remote, remote);
    text_replace(&c->t.url, "https://www.facebook.com/gracechapel/videos/917263548190777/");
    text_replace(&c->t.ingest_url, RTMPS);
    c->t.has_key = true;
    outcome_release(&c->o);
    ck_assert(outcome_init(&c->o, &c->t));
}

/* As after a create some hours ago. */
static void begin_made(struct a_case *c, const struct fake_step *steps)
{
    begin(c, steps);
    made(c, "{\"marker\":\"[ec:1a2b3c4d]\",\"kind\":\"now\",\"made\":\"1000\"}");
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

static void again(struct a_case *c, const struct fake_step *steps)
{
    fake_target_take(&c->t, &c->o);
    outcome_release(&c->o);
    ck_assert(outcome_init(&c->o, &c->t));
    fake_expect(&c->f, steps);
}

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

#define STEP_PAGE                                                                                  \
    FAKE("GET " V PAGE "?", 200, "{\"id\":\"" PAGE "\",\"name\":\"Grace Chapel\"}",                \
         .holds = { "fields=id%2Cname", "access_token=" }, .lacks = { "Authorization" })

START_TEST(identifies_by_page_token)
{
    static const struct fake_step steps[] = { STEP_PAGE, FAKE_END };
    static const struct fake_step alone[] = {
        FAKE("GET " V "me?", 200, "{\"id\":\"" PAGE "\",\"name\":\"Grace Chapel\"}"), FAKE_END
    };
    struct account account;
    struct a_case c;

    begin(&c, steps);
    ck_assert_msg(platform_facebook.identify(&c.f.call, &account, &c.err), "%s", c.err.message);
    ck_assert_str_eq(account.ref, PAGE);
    ck_assert_str_eq(account.name, "Grace Chapel");
    ck_assert_int_eq(account.access_expires_ms, 0);
    fake_expect(&c.f, alone);
    cJSON_DeleteItemFromObject(c.f.options, "page_id");
    ck_assert(platform_facebook.identify(&c.f.call, &account, &c.err));
    ck_assert_str_eq(account.ref, PAGE);
    end(&c);
}
END_TEST

/* The test vector of the page. */
static const struct fake_secret proof_secrets[] = { { "page_token", "EAAexampletoken" },
                                                    { "client_secret",
                                                      "0123456789abcdef0123456789abcdef" },
                                                    { NULL, NULL } };

START_TEST(proves_the_secret)
{
    static const struct fake_step steps[] = {
        FAKE("GET " V PAGE "?", 200, "{\"id\":\"" PAGE "\",\"name\":\"Grace Chapel\"}",
             .holds = { "access_token=EAAexampletoken",
                        "appsecret_proof="
                        "03697d217c5af1d2b8459556c23ae3ebc41abc8194c9986d7c507b924b230bdc" }),
        FAKE("GET " V "debug_token?", 200,
             "{\"data\":{\"app_id\":\"310000000000001\",\"type\":\"PAGE\",\"application\":"
             "\"Ecclesia console\","
             "\"is_valid\":true,\"issued_at\":1790000000,\"expires_at\":0,\"data_access_expires_"
             "at\":1797776000,"
             "\"scopes\":[\"pages_show_list\",\"pages_read_engagement\",\"pages_manage_posts\"],"
             "\"profile_id\":\"104882011223344\",\"user_id\":\"10158000000000001\"}}",
             .holds = { "input_token=EAAexampletoken",
                        "access_token=310000000000001%7C0123456789abcdef0123456789abcdef" },
             .lacks = { "appsecret_proof" }),
        FAKE_END
    };
    struct account account;
    struct a_case c;

    begin(&c, steps);
    c.f.secrets = proof_secrets;
    c.f.access = "EAAexampletoken";
    cJSON_AddStringToObject(c.f.options, "client_id", "310000000000001");
    ck_assert_msg(platform_facebook.identify(&c.f.call, &account, &c.err), "%s", c.err.message);
    ck_assert_int_eq(account.access_expires_ms, INT64_C(1797776000000));
    ck_assert_str_eq(account.scopes, "pages_show_list pages_read_engagement pages_manage_posts");
    end(&c);
}
END_TEST

static const struct {
    const char *body;
    enum error_kind kind;
    const char *says;
} debugs[] = {
    { "{\"data\":{\"app_id\":\"310000000000001\",\"is_valid\":false,\"expires_at\":1789000000,"
      "\"data_access_expires_at\":"
      "1789000000,\"error\":{\"code\":190,\"message\":\"Error validating access token: The session "
      "has been invalidated "
      "because the user changed their password\",\"subcode\":460},\"scopes\":[]}}",
      ERROR_AUTH, "dead" },
    { "{\"data\":{\"type\":\"USER\",\"is_valid\":true,\"scopes\":[\"pages_manage_posts\"]}}",
      ERROR_INPUT, "type USER" },
    { "{\"data\":{\"type\":\"PAGE\",\"is_valid\":true,\"scopes\":[\"pages_show_list\"]}}",
      ERROR_FORBIDDEN, "not post" },
    { "{\"data\":{\"type\":\"PAGE\",\"is_valid\":true}}", ERROR_NONE, "" },
    { "{}", ERROR_NONE, "" },
};

START_TEST(debugs_the_token)
{
    struct fake_step steps[] = { STEP_PAGE, FAKE("GET " V "debug_token?", 200, debugs[_i].body),
                                 FAKE_END };
    struct account account;
    struct a_case c;
    bool fine;

    begin(&c, steps);
    c.f.secrets = proof_secrets;
    c.f.call.client_id = "310000000000001";
    fine = platform_facebook.identify(&c.f.call, &account, &c.err);
    ck_assert_int_eq(fine, debugs[_i].kind == ERROR_NONE);
    if (!fine) {
        ck_assert_int_eq(c.err.kind, debugs[_i].kind);
        ck_assert_msg(strstr(c.err.message, debugs[_i].says) != NULL, "%s", c.err.message);
    }
    end(&c);
}
END_TEST

#define ACCOUNTS                                                                                   \
    "{\"data\":[{\"id\":\"" PAGE                                                                   \
    "\",\"name\":\"Grace Chapel\",\"tasks\":[\"MODERATE\",\"CREATE_CONTENT\",\"MANAGE\"],"         \
    "\"access_token\":\"EAAEXpage\",\"followers_count\":812}],\"paging\":{\"cursors\":{"           \
    "\"before\":\"MTA0\",\"after\":\"MTA0\"}}}"

static const struct fake_secret user_secrets[] = { { "user_token", "EAAEXlong" }, { NULL, NULL } };

START_TEST(page_by_user_token)
{
    static const struct fake_step steps[] = {
        FAKE("GET " V "me/accounts?", 200, ACCOUNTS,
             .holds = { "access_token=EAAEXlong", "fields=id%2Cname%2Ctasks" }),
        FAKE("GET " V PAGE "?", 200, "{\"id\":\"" PAGE "\",\"name\":\"Grace Chapel\"}",
             .holds = { "access_token=EAAEXpage" }, .lacks = { "EAAEXlong" }),
        FAKE_END
    };
    struct account account;
    struct a_case c;

    begin(&c, steps);
    c.f.secrets = user_secrets;
    c.f.access = NULL; /* nobody must ask for the Page token that is not there */
    cJSON_DeleteItemFromObject(c.f.options, "page_id");
    ck_assert_msg(platform_facebook.identify(&c.f.call, &account, &c.err), "%s", c.err.message);
    ck_assert_str_eq(account.ref, PAGE);
    end(&c);
}
END_TEST

static const struct {
    const char *body, *page;
    enum error_kind kind;
    const char *says;
} accounts[] = {
    { "{\"data\":[]}", NULL, ERROR_FORBIDDEN, "no Page" },
    { ACCOUNTS, "999", ERROR_FORBIDDEN, "no Page" },
    { "{\"data\":[{\"id\":\"1\",\"name\":\"A\",\"tasks\":[\"MODERATE\"],\"access_token\":\"x\"}]}",
      NULL, ERROR_FORBIDDEN, "no Page" },
    { "{\"data\":[{\"id\":\"1\",\"name\":\"A\",\"access_token\":\"x\"},{\"id\":\"2\",\"name\":"
      "\"B\",\"access_token\":\"y\"}]}",
      NULL, ERROR_INPUT, "1 (A), 2 (B)" },
    { "{\"data\":[{\"id\":\"1\",\"name\":\"A\"}]}", NULL, ERROR_FORBIDDEN, "no token" },
};

START_TEST(page_not_chosen)
{
    struct fake_step steps[] = { FAKE("GET " V "me/accounts?", 200, accounts[_i].body), FAKE_END };
    struct account account;
    struct a_case c;

    begin(&c, steps);
    c.f.secrets = user_secrets;
    cJSON_DeleteItemFromObject(c.f.options, "page_id");
    if (accounts[_i].page)
        cJSON_AddStringToObject(c.f.options, "page_id", accounts[_i].page);
    ck_assert(!platform_facebook.identify(&c.f.call, &account, &c.err));
    ck_assert_int_eq(c.err.kind, accounts[_i].kind);
    ck_assert_msg(strstr(c.err.message, accounts[_i].says) != NULL, "%s", c.err.message);
    end(&c);
}
END_TEST

START_TEST(checks_values)
{
    static const struct fake_step none[] = { FAKE_END };
    struct a_case c;

    begin(&c, none);
    ck_assert(platform_facebook.check(&c.f.call, &c.err));
    c.f.secrets = NULL;
    ck_assert(!platform_facebook.check(&c.f.call, &c.err));
    ck_assert_int_eq(c.err.kind, ERROR_INPUT);
    c.f.secrets = user_secrets;
    ck_assert(platform_facebook.check(&c.f.call, &c.err));
    cJSON_ReplaceItemInObject(c.f.options, "page_id", cJSON_CreateString("gracechapel"));
    ck_assert(!platform_facebook.check(&c.f.call, &c.err));
    ck_assert_ptr_nonnull(strstr(c.err.message, "page_id"));
    end(&c);
}
END_TEST

/* ---- create ---- */

#define STEP_MAKE(answer)                                                                          \
    FAKE("POST " V PAGE "/live_videos", 200, answer,                                               \
         .holds = { "status=UNPUBLISHED", "title=Sunday%20service", "%5Bec%3A1a2b3c4d%5D",         \
                    "stop_on_delete_stream=false", "access_token=token-1",                         \
                    "application/x-www-form-urlencoded", "secure_stream_url" },                    \
         .lacks = { "live_videos?", "event_params", "planned_start_time" })
#define STEP_LOOK(answer)                                                                          \
    FAKE("GET " V ID "?", 200, answer, .holds = { "ingest_streams" },                              \
         .lacks = { "secure_stream_url" })
#define STEP_WHOLE(answer) FAKE("GET " V ID "?", 200, answer, .holds = { "secure_stream_url" })
#define STEP_HIDDEN        FAKE("GET " V ID "?", 400, HIDDEN)

static void check_made(const struct a_case *c)
{
    struct error err = { 0 };

    ck_assert_str_eq(c->o.remote_id, ID);
    ck_assert_str_eq(c->o.url, "https://www.facebook.com/gracechapel/videos/917263548190777/");
    ck_assert(platform_link_check(&platform_facebook, NULL, false, c->o.url, &err));
    ck_assert_str_eq(c->o.ingest_url, RTMPS);
    ck_assert_int_eq(c->o.status, TARGET_PENDING);
}

START_TEST(creates_for_now)
{
    static const struct fake_step steps[] = { STEP_MAKE(CREATED), FAKE_END };
    static const struct fake_step repeat[] = { STEP_LOOK(VIDEO("UNPUBLISHED", "[" NO_HEALTH "]")),
                                               FAKE_END };
    struct a_case c;

    begin(&c, steps);
    run_fine(&c, facebook_create);
    check_made(&c);
    ck_assert_str_eq(c.o.stream_key, KEY);
    ck_assert_uint_eq(c.f.saved_count, 1);
    ck_assert_str_eq(c.f.saved[0].stream_key, KEY);
    ck_assert(c.f.requests[0].creates);
    again(&c, repeat);
    run_fine(&c, facebook_create);
    check_made(&c);
    ck_assert_uint_eq(fake_count(&c.f, "POST "), 1);
    end(&c);
}
END_TEST

START_TEST(creates_planned)
{
    static const struct fake_step steps[] = {
        FAKE("POST " V PAGE "/live_videos", 200,
             "{\"id\":\"917263548190055\",\"secure_stream_url\":\"rtmps://"
             "live-api-s.facebook.com:443/rtmp/"
             "FB-917263548190055-0-Ab9zYxWv\",\"planned_start_time\":\"2026-12-06T10:00:00+0000\","
             "\"permalink_url\":\"https://www.facebook.com/gracechapel/videos/1/\"}",
             .holds = { "status=SCHEDULED_UNPUBLISHED",
                        "event_params=%7B%22start_time%22%3A1796551200%7D" }),
        FAKE_END
    };
    struct a_case c;

    begin(&c, steps);
    c.l.start_ms = at("2026-12-06T10:00:00Z");
    run_fine(&c, facebook_create);
    ck_assert_str_eq(c.o.remote_id, "917263548190055");
    ck_assert_str_eq(c.o.url, "https://www.facebook.com/gracechapel/videos/1/");
    ck_assert_str_eq(c.o.stream_key, "FB-917263548190055-0-Ab9zYxWv");
    ck_assert_str_eq(kit_remembered(&c.o, "kind"), "planned");
    end(&c);
}
END_TEST

START_TEST(planned_with_bare_number)
{
    static const struct fake_step steps[] = {
        FAKE("POST " V PAGE "/live_videos", 400,
             REFUSED("(#100) Param event_params must be an integer", "100")),
        FAKE("POST " V PAGE "/live_videos", 200, CREATED, .holds = { "event_params=1796551200&" }),
        FAKE_END
    };
    static const struct fake_step refused[] = {
        FAKE("POST " V PAGE "/live_videos", 400,
             "{\"error\":{\"message\":\"(#100) The planned_start_time parameter is deprecated. Use "
             "event_params instead.\","
             "\"type\":\"OAuthException\",\"code\":100,\"fbtrace_id\":\"AcFb0exmpl9\"}}"),
        FAKE("POST " V PAGE "/live_videos", 400, REFUSED("(#100) event_params", "100")), FAKE_END
    };
    struct a_case c;

    begin(&c, steps);
    c.l.start_ms = at("2026-12-06T10:00:00Z");
    run_fine(&c, facebook_create);
    check_made(&c);
    fake_expect(&c.f, refused);
    outcome_release(&c.o);
    ck_assert(outcome_init(&c.o, &c.t));
    ck_assert(!run(&c, facebook_create));
    ck_assert_int_eq(c.err.kind, ERROR_INVALID);
    end(&c);
}
END_TEST

START_TEST(create_too_far_ahead)
{
    static const struct fake_step none[] = { FAKE_END };
    struct a_case c;

    begin(&c, none);
    c.l.start_ms = at("2026-12-20T10:00:00Z");
    run_fine(&c, facebook_create);
    ck_assert_str_eq(c.o.remote_id, "");
    /* Looked at each hour, since the clock may be set right. Nobody is asked, not even for a token.
     */
    ck_assert_int_eq(c.o.again_ms, 3600000);
    ck_assert_str_eq(c.o.note,
                     "Facebook takes it from Sun 13 Dec, 11:00 on: at most 7 days ahead. It is "
                     "kept here and made there then.");
    c.l.start_ms = c.f.call.now_ms + INT64_C(86400000) * 7 + 60000;
    run_fine(&c, facebook_create);
    ck_assert_int_eq(c.o.again_ms, 3600000);
    ck_assert_str_eq(c.o.remote_id, "");
    /* "Today" would be wrong tomorrow. */
    ck_assert_ptr_nonnull(strstr(c.o.note, "from Tue 1 Dec"));
    c.l.start_ms = at("2026-12-20T10:00:00Z");
    /* An update in the meantime makes nothing either, and a poll says the same. */
    run_fine(&c, facebook_update);
    ck_assert_str_eq(c.o.remote_id, "");
    again(&c, none);
    run_fine(&c, facebook_poll);
    ck_assert_ptr_nonnull(strstr(c.o.note, "7 days"));
    end(&c);
}
END_TEST

/* The start waits behind the create: it must not wait for a day weeks ahead. */
START_TEST(create_far_ahead_but_wanted_now)
{
    static const struct fake_step steps[] = { STEP_MAKE(CREATED), FAKE_END };
    struct a_case c;

    begin(&c, steps);
    c.l.start_ms = at("2026-12-20T10:00:00Z");
    c.t.wish = WISH_LIVE;
    run_fine(&c, facebook_create);
    check_made(&c);
    ck_assert_int_eq(c.o.again_ms, 0);
    end(&c);
}
END_TEST

START_TEST(create_resumes)
{
    static const struct fake_step steps[] = { STEP_MAKE(CREATED), FAKE_END };
    static const struct fake_step rest[] = {
        STEP_LOOK(VIDEO("UNPUBLISHED", "{\"data\":[" NO_HEALTH "]}")), FAKE_END
    };
    struct a_case c;

    begin(&c, steps);
    c.f.progress_fails_at = 1;
    ck_assert(!run(&c, facebook_create));
    ck_assert_int_eq(c.err.kind, ERROR_STORE);
    crashed(&c, rest);
    run_fine(&c, facebook_create);
    check_made(&c);
    ck_assert_uint_eq(fake_count(&c.f, "POST "), 1);
    end(&c);
}
END_TEST

/* The answer has no link and no key: they are read. */
START_TEST(create_completes)
{
    static const struct fake_step steps[] = { STEP_MAKE("{\"id\":\"" ID "\"}"), STEP_WHOLE(CREATED),
                                              FAKE_END };
    static const struct fake_step late[] = { STEP_MAKE("{\"id\":\"" ID "\"}"), STEP_HIDDEN,
                                             FAKE_END };
    static const struct fake_step there[] = { STEP_WHOLE(CREATED), FAKE_END };
    struct a_case c;

    begin(&c, steps);
    run_fine(&c, facebook_create);
    check_made(&c);
    ck_assert_str_eq(c.o.stream_key, KEY);
    end(&c);
    begin(&c, late);
    run_fine(&c, facebook_create);
    ck_assert_int_eq(c.o.again_ms, 60000);
    again(&c, there);
    run_fine(&c, facebook_create);
    check_made(&c);
    ck_assert_int_eq(c.o.again_ms, 0);
    end(&c);
}
END_TEST

START_TEST(create_gone)
{
    static const struct fake_step steps[] = { STEP_HIDDEN, FAKE_END };
    struct a_case c;

    begin_made(&c, steps);
    ck_assert(!run(&c, facebook_create));
    ck_assert_int_eq(c.err.kind, ERROR_NOT_FOUND);
    ck_assert(c.o.gone);
    end(&c);
}
END_TEST

static const struct {
    const char *url, *address, *key;
} splits[] = {
    { RTMPS "/" KEY, RTMPS, KEY },
    { "rtmps://live-api-s.facebook.com:443/rtmp/FB-1-0-a/b", RTMPS, "FB-1-0-a/b" },
    { "rtmps://x.fbcdn.net:443/live/FB-1?a=b/c", "rtmps://x.fbcdn.net:443/live", "FB-1?a=b/c" },
    { "rtmps://rtmp/FB-1", "rtmps://rtmp", "FB-1" },
    { "rtmps://x.fbcdn.net", NULL, NULL },
    { "rtmps://x.fbcdn.net/rtmp/", NULL, NULL },
    { "nonsense", NULL, NULL },
    { "", NULL, NULL },
};

START_TEST(splits_addresses)
{
    char address[300] = "", key[600] = "";
    bool fine = facebook_split(splits[_i].url, address, sizeof(address), key, sizeof(key));

    ck_assert_int_eq(fine, splits[_i].address != NULL);
    if (fine) {
        ck_assert_str_eq(address, splits[_i].address);
        ck_assert_str_eq(key, splits[_i].key);
    }
    ck_assert(!facebook_split(RTMPS "/" KEY, address, sizeof(address), key, 10));
    ck_assert(!facebook_split(RTMPS "/" KEY, address, 10, key, sizeof(key)));
}
END_TEST

/* ---- find ---- */

#define LISTED(text)                                                                               \
    "{\"id\":\"" ID                                                                                \
    "\",\"status\":\"UNPUBLISHED\",\"title\":\"Sunday service\",\"description\":\"" text "\","     \
    "\"creation_time\":\"2026-12-01T09:12:01+0000\",\"permalink_url\":\"/gracechapel/videos/"      \
    "917263548190777/\","                                                                          \
    "\"secure_stream_url\":\"" RTMPS "/" KEY "\"}"

START_TEST(lost_answer_is_found)
{
    static const struct fake_step steps[] = {
        FAKE("POST " V PAGE "/live_videos", 0, NULL, .fails = ERROR_NET_POST), FAKE_END
    };
    static const struct fake_step look[] = {
        FAKE("GET " V PAGE "/live_videos?", 200,
             "{\"data\":[{\"id\":\"1\",\"title\":\"Sunday "
             "service\",\"description\":\"[ec:ffffffff]\"}],\"paging\":{\"cursors\":"
             "{\"before\":\"MTA0\",\"after\":\"MTA1\"},\"next\":\"https://evil.example/steal\"}}",
             .holds = { "broadcast_status=", "UNPUBLISHED", "SCHEDULED_UNPUBLISHED" },
             .lacks = { "after=" }),
        FAKE("GET " V PAGE "/live_videos?", 200,
             "{\"data\":[" LISTED("10 am\\n\\n[ec:1a2b3c4d]") "]}", .holds = { "after=MTA1" }),
        FAKE_END
    };
    static const struct fake_step rest[] = { STEP_LOOK(VIDEO("UNPUBLISHED", "[]")), FAKE_END };
    struct a_case c;

    begin(&c, steps);
    ck_assert(!run(&c, facebook_create));
    again(&c, look);
    run_fine(&c, facebook_find);
    ck_assert(c.o.found);
    ck_assert_str_eq(c.o.stream_key, KEY);
    check_made(&c);
    again(&c, rest);
    run_fine(&c, facebook_create);
    check_made(&c);
    ck_assert_uint_eq(fake_count(&c.f, "POST "), 1);
    end(&c);
}
END_TEST

START_TEST(finds_nothing_or_cannot_tell)
{
    static const struct fake_step steps[] = {
        FAKE("GET " V PAGE "/live_videos?", 200, "{\"data\":[]}"),
        FAKE("GET " V PAGE "/live_videos?", 400,
             REFUSED("(#100) Tried accessing nonexisting field (live_videos)", "100")),
        FAKE("GET " V PAGE "/live_videos?", 500, "<html>", .html = true), FAKE_END
    };
    struct a_case c;

    begin(&c, steps);
    run_fine(&c, facebook_find);
    ck_assert(!c.o.found);
    ck_assert(!run(&c, facebook_find));
    ck_assert_int_eq(c.err.kind, ERROR_INVALID);
    ck_assert_ptr_nonnull(strstr(c.err.message, "does not tell"));
    ck_assert(!run(&c, facebook_find));
    ck_assert_int_eq(c.err.kind, ERROR_SERVER);
    end(&c);
}
END_TEST

/* ---- start ---- */

#define STEP_PUBLISH(status, answer)                                                               \
    FAKE("POST " V ID, status, answer, .holds = { "status=LIVE_NOW", "access_token=token-1" },     \
         .lacks = { "?" })

START_TEST(starts)
{
    static const struct fake_step silent[] = { STEP_LOOK(VIDEO("UNPUBLISHED", "[" NO_HEALTH "]")),
                                               FAKE_END };
    static const struct fake_step go[] = { STEP_LOOK(VIDEO("UNPUBLISHED", "[" HEALTH "]")),
                                           STEP_PUBLISH(200, "{\"id\":\"" ID "\"}"),
                                           STEP_LOOK(VIDEO("UNPUBLISHED", "[" HEALTH "]")),
                                           FAKE_END };
    static const struct fake_step still[] = { STEP_LOOK(VIDEO("UNPUBLISHED", "[" HEALTH "]")),
                                              FAKE_END };
    static const struct fake_step there[] = { STEP_LOOK(LIVE("24311")), FAKE_END };
    struct a_case c;

    begin_made(&c, silent);
    run_fine(&c, facebook_start);
    ck_assert_int_eq(c.o.again_ms, 3000);
    ck_assert_str_eq(
        c.o.note, "Waiting for the encoder's signal. Start sending to Facebook from your encoder.");
    for (int i = 0; i < 25; i++) {
        again(&c, silent);
        run_fine(&c, facebook_start);
    }
    ck_assert_int_eq(c.o.again_ms, 15000);
    again(&c, go);
    run_fine(&c, facebook_start);
    ck_assert_int_eq(c.o.again_ms, 2000);
    ck_assert_int_eq(c.o.status, TARGET_PENDING);
    /* Asked for a moment ago: not asked again. */
    again(&c, still);
    c.f.call.now_ms += 2000;
    run_fine(&c, facebook_start);
    ck_assert_int_eq(c.o.again_ms, 2000);
    again(&c, there);
    run_fine(&c, facebook_start);
    ck_assert_int_eq(c.o.again_ms, 0);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    ck_assert_int_eq(c.o.viewers, 143);
    ck_assert_int_eq(c.o.started_ms, at("2026-09-27T10:00:04Z"));
    end(&c);
}
END_TEST

START_TEST(starts_at_once)
{
    static const struct fake_step steps[] = {
        STEP_LOOK(VIDEO("SCHEDULED_UNPUBLISHED", "{\"data\":[" HEALTH "]}")),
        STEP_PUBLISH(200, "{\"success\":true}"), STEP_LOOK(LIVE("28800")), FAKE_END
    };
    struct a_case c;

    begin_made(&c, steps);
    run_fine(&c, facebook_start);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    end(&c);
}
END_TEST

START_TEST(start_creates_first)
{
    static const struct fake_step steps[] = { STEP_MAKE(CREATED), FAKE_END };
    struct a_case c;

    begin(&c, steps);
    c.l.start_ms = at("2026-12-20T10:00:00Z");
    run_fine(&c, facebook_start);
    check_made(&c);
    ck_assert_int_eq(c.o.again_ms, 3000);
    end(&c);
}
END_TEST

/* Facebook drops unused ones; nobody has seen it, so another takes its place. */
START_TEST(start_makes_anew)
{
    static const struct fake_step dropped[] = { STEP_HIDDEN, STEP_MAKE(CREATED), FAKE_END };
    static const struct fake_step expired[] = { STEP_LOOK(VIDEO("SCHEDULED_EXPIRED", "[]")),
                                                STEP_MAKE(CREATED), FAKE_END };
    static const struct fake_step fresh[] = { STEP_HIDDEN, FAKE_END };
    struct a_case c;

    begin_made(&c, dropped);
    run_fine(&c, facebook_start);
    check_made(&c);
    ck_assert_ptr_nonnull(strstr(c.o.note, "new stream key"));
    ck_assert_uint_eq(c.f.saved_count, 2);
    ck_assert_str_eq(c.f.saved[0].remote_id, "");
    end(&c);
    begin_made(&c, expired);
    run_fine(&c, facebook_start);
    check_made(&c);
    end(&c);
    begin_made(&c, fresh);
    facebook_remember(&(struct facebook){ .out = &c.o }, "made", c.f.call.now_ms - 5000);
    run_fine(&c, facebook_start);
    ck_assert_int_eq(c.o.again_ms, 60000);
    end(&c);
}
END_TEST

START_TEST(start_lost_while_live)
{
    static const struct fake_step steps[] = { STEP_HIDDEN, FAKE_END };
    struct a_case c;

    begin_made(&c, steps);
    c.o.status = TARGET_LIVE;
    ck_assert(!run(&c, facebook_start));
    ck_assert_int_eq(c.err.kind, ERROR_NOT_FOUND);
    ck_assert(c.o.gone);
    end(&c);
}
END_TEST

START_TEST(start_too_early)
{
    static const struct fake_step steps[] = {
        STEP_LOOK(VIDEO("UNPUBLISHED", "[" HEALTH "]")),
        STEP_PUBLISH(400, "{\"error\":{\"message\":\"(#100) Cannot publish a live video that is "
                          "not receiving data.\",\"type\":"
                          "\"OAuthException\",\"code\":100,\"fbtrace_id\":\"AcFb0exmp11\"}}"),
        FAKE_END
    };
    struct a_case c;
    int rounds = 0;

    begin_made(&c, steps);
    run_fine(&c, facebook_start);
    ck_assert_int_eq(c.o.again_ms, 3000);
    do
        again(&c, steps);
    while (run(&c, facebook_start) && ++rounds < 20);
    ck_assert_int_lt(rounds, 20);
    ck_assert_int_eq(c.err.kind, ERROR_INVALID);
    ck_assert_ptr_nonnull(strstr(c.err.message, "not receiving data"));
    end(&c);
}
END_TEST

START_TEST(start_after_the_end)
{
    static const char *const over[] = { "VOD", "LIVE_STOPPED", "PROCESSING" };
    struct fake_step steps[] = { STEP_LOOK(NULL), FAKE_END };
    static const struct fake_step cancelled[] = { STEP_LOOK(VIDEO("SCHEDULED_CANCELED", "[]")),
                                                  FAKE_END };
    struct a_case c;
    struct text answer;

    for (size_t i = 0; i < 3; i++) {
        text_init(&answer, 1000);
        text_addf(&answer, "{\"id\":\"" ID "\",\"status\":\"%s\"}", over[i]);
        steps[0].answer = text_str(&answer);
        begin_made(&c, steps);
        ck_assert(!run(&c, facebook_start));
        ck_assert_int_eq(c.err.kind, ERROR_REFUSED);
        ck_assert_int_eq(c.o.status, TARGET_ENDED);
        end(&c);
        text_release(&answer);
    }
    begin_made(&c, cancelled);
    ck_assert(!run(&c, facebook_start));
    ck_assert_int_eq(c.err.kind, ERROR_REFUSED);
    end(&c);
}
END_TEST

START_TEST(start_learns_key)
{
    static const struct fake_step steps[] = { STEP_WHOLE(CREATED), FAKE_END };
    struct a_case c;

    begin_made(&c, steps);
    c.t.has_key = false;
    run_fine(&c, facebook_start);
    ck_assert_str_eq(c.o.stream_key, KEY);
    ck_assert_uint_eq(c.f.saved_count, 1);
    end(&c);
}
END_TEST

/* ---- stop, remove ---- */

#define STEP_END(status, answer)                                                                   \
    FAKE("POST " V ID, status, answer, .holds = { "end_live_video=true" })

START_TEST(stops)
{
    static const struct fake_step steps[] = { STEP_LOOK(LIVE("24311")),
                                              STEP_END(200, "{\"id\":\"" ID "\"}"),
                                              STEP_LOOK(VIDEO("LIVE_STOPPED", "[]")), FAKE_END };
    static const struct fake_step slow[] = { STEP_LOOK(LIVE("24311")),
                                             STEP_END(200, "{\"success\":true}"),
                                             STEP_LOOK(LIVE("24310")), FAKE_END };
    static const struct fake_step done[] = { STEP_LOOK(VIDEO("VOD", "[]")), FAKE_END };
    static const struct fake_step already[] = {
        STEP_LOOK(LIVE("24311")),
        STEP_END(400, "{\"error\":{\"message\":\"(#100) This live video has already "
                      "ended.\",\"type\":\"OAuthException\","
                      "\"code\":100,\"fbtrace_id\":\"AcFb0exmp12\"}}"),
        STEP_LOOK(VIDEO("PROCESSING", "[]")), FAKE_END
    };
    struct a_case c;

    begin_made(&c, steps);
    run_fine(&c, facebook_stop);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    ck_assert_int_eq(c.o.ended_ms, c.f.call.now_ms);
    end(&c);
    begin_made(&c, slow);
    run_fine(&c, facebook_stop);
    ck_assert_int_eq(c.o.again_ms, 2000);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    again(&c, done);
    run_fine(&c, facebook_stop);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    end(&c);
    begin_made(&c, already);
    run_fine(&c, facebook_stop);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    end(&c);
}
END_TEST

START_TEST(stop_refused)
{
    static const struct fake_step no_right[] = {
        STEP_LOOK(LIVE("24311")), STEP_END(403, REFUSED("(#200) Permissions error", "200")),
        FAKE_END
    };
    static const struct fake_step invalid[] = { STEP_LOOK(LIVE("24311")),
                                                STEP_END(400, REFUSED("(#100) No", "100")),
                                                STEP_LOOK(LIVE("24311")), FAKE_END };
    struct a_case c;
    int rounds = 0;

    begin_made(&c, no_right);
    ck_assert(!run(&c, facebook_stop));
    ck_assert_int_eq(c.err.kind, ERROR_FORBIDDEN);
    fake_expect(&c.f, invalid);
    while (run(&c, facebook_stop) && ++rounds < 20)
        again(&c, invalid);
    ck_assert_int_lt(rounds, 20);
    ck_assert_int_eq(c.err.kind, ERROR_INVALID);
    end(&c);
}
END_TEST

START_TEST(stop_never_live)
{
    static const struct fake_step steps[] = { STEP_LOOK(VIDEO("SCHEDULED_UNPUBLISHED", "[]")),
                                              FAKE("DELETE " V ID "?access_token=token-1", 200,
                                                   "{\"success\":true}"),
                                              STEP_HIDDEN, FAKE_END };
    static const struct fake_step none[] = { FAKE_END };
    struct a_case c;

    begin_made(&c, steps);
    run_fine(&c, facebook_stop);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    ck_assert_ptr_nonnull(strstr(c.o.note, "never live"));
    run_fine(&c, facebook_stop);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    end(&c);
    begin(&c, none);
    run_fine(&c, facebook_stop);
    ck_assert_int_eq(c.o.status, TARGET_ENDED);
    end(&c);
}
END_TEST

START_TEST(removes)
{
    static const struct fake_step steps[] = {
        STEP_LOOK(VIDEO("UNPUBLISHED", "[]")),
        FAKE("DELETE " V ID "?", 200, "{\"success\":true}"),
        STEP_LOOK(VIDEO("UNPUBLISHED", "[]")),
        FAKE("DELETE " V ID "?", 400,
             "{\"error\":{\"message\":\"Unsupported delete request. Object with ID "
             "'917263548190777_501' does not exist\",\"type\":"
             "\"GraphMethodException\",\"code\":100,\"error_subcode\":33,\"fbtrace_id\":"
             "\"AcFb0exmp17\"}}"),
        STEP_HIDDEN,
        STEP_LOOK(VIDEO("VOD", "[]")),
        STEP_LOOK(LIVE("100")),
        STEP_LOOK(VIDEO("UNPUBLISHED", "[]")),
        FAKE("DELETE " V ID "?", 403, REFUSED("(#200) Permissions error", "200")),
        FAKE_END
    };
    struct a_case c;

    begin_made(&c, steps);
    for (int i = 0; i < 3; i++) {
        c.o.gone = false;
        run_fine(&c, facebook_remove);
        ck_assert(c.o.gone);
    }
    c.o.gone = false;
    run_fine(&c, facebook_remove);
    ck_assert(!c.o.gone);
    ck_assert_ptr_nonnull(strstr(c.o.note, "recording stays"));
    ck_assert(!run(&c, facebook_remove));
    ck_assert_int_eq(c.err.kind, ERROR_REFUSED);
    ck_assert(!run(&c, facebook_remove));
    ck_assert_int_eq(c.err.kind, ERROR_FORBIDDEN);
    end(&c);
}
END_TEST

/* ---- update ---- */

START_TEST(updates)
{
    static const struct fake_step same[] = { STEP_LOOK(VIDEO("UNPUBLISHED", "[]")), FAKE_END };
    static const struct fake_step title[] = {
        STEP_LOOK(VIDEO("LIVE", "[]")),
        FAKE("POST " V ID, 200, "{\"id\":\"" ID "\"}", .holds = { "title=Evening%20service" },
             .lacks = { "description", "event_params", "status" }),
        FAKE_END
    };
    static const struct fake_step over[] = { STEP_LOOK(VIDEO("VOD", "[]")), FAKE_END };
    static char evening[] = "Evening service";
    struct a_case c;

    begin_made(&c, same);
    c.f.call.idem_key = "ffffffffffffffffffffffffffffffff";
    run_fine(&c, facebook_update);
    again(&c, title);
    c.l.title = evening;
    run_fine(&c, facebook_update);
    again(&c, over);
    run_fine(&c, facebook_update);
    ck_assert_ptr_nonnull(strstr(c.o.note, "over on Facebook"));
    end(&c);
}
END_TEST

START_TEST(update_moves_start)
{
    static const struct fake_step steps[] = {
        STEP_LOOK(VIDEO("SCHEDULED_UNPUBLISHED", "[]")),
        FAKE("POST " V ID, 200, "{\"id\":\"" ID "\"}",
             .holds = { "event_params=%7B%22start_time%22%3A1796551200%7D" },
             .lacks = { "title=" }),
        STEP_LOOK(VIDEO("SCHEDULED_UNPUBLISHED", "[]")), /* the same again: nothing to send */
        FAKE_END
    };
    static const struct fake_step bare[] = {
        STEP_LOOK(VIDEO("SCHEDULED_UNPUBLISHED", "[]")),
        FAKE("POST " V ID, 400, REFUSED("(#100) Param event_params must be an integer", "100")),
        FAKE("POST " V ID, 200, "{\"success\":true}", .holds = { "event_params=1796637600" }),
        FAKE_END
    };
    struct a_case c;

    begin(&c, steps);
    made(&c, "{\"marker\":\"[ec:1a2b3c4d]\",\"kind\":\"planned\",\"made\":\"1000\",\"start\":"
             "\"1796500000000\"}");
    c.l.start_ms = at("2026-12-06T10:00:00Z");
    run_fine(&c, facebook_update);
    run_fine(&c, facebook_update);
    again(&c, bare);
    c.l.start_ms = at("2026-12-07T10:00:00Z");
    run_fine(&c, facebook_update);
    end(&c);
}
END_TEST

#define PLANNED                                                                                    \
    "{\"marker\":\"[ec:1a2b3c4d]\",\"kind\":\"planned\",\"made\":\"1000\",\"start\":"              \
    "\"1796500000000\"}"

/* Nobody has seen it: it goes, and is made again when its day comes. */
START_TEST(update_moves_out_of_the_week)
{
    static const struct fake_step steps[] = { STEP_LOOK(VIDEO("SCHEDULED_UNPUBLISHED", "[]")),
                                              FAKE("DELETE " V ID, 200, "{\"success\":true}"),
                                              FAKE_END };
    static const struct fake_step crashed_before[] = {
        STEP_WHOLE(VIDEO("SCHEDULED_UNPUBLISHED", "[]")), FAKE("DELETE " V ID, 503, "{}"), FAKE_END
    };
    static const struct fake_step crashed_after[] = { STEP_HIDDEN,
                                                      FAKE("DELETE " V ID, 400, HIDDEN), FAKE_END };
    struct a_case c;

    begin(&c, steps);
    made(&c, PLANNED);
    c.l.start_ms = at("2027-01-06T10:00:00Z");
    run_fine(&c, facebook_update);
    ck_assert_str_eq(c.o.remote_id, "");
    ck_assert_str_eq(c.o.url, "");
    ck_assert_str_eq(c.o.ingest_url, "");
    ck_assert_int_eq(c.o.status, TARGET_PENDING);
    ck_assert_ptr_nonnull(strstr(c.o.note, "from Wed 30 Dec, 11:00 on"));
    end(&c);

    begin(&c, crashed_before);
    made(&c, PLANNED);
    c.l.start_ms = at("2027-01-06T10:00:00Z");
    c.t.has_key = false;
    ck_assert(!run(&c, facebook_update));
    ck_assert_str_eq(c.o.remote_id, ID);
    /* Deleted, and the answer was lost: that it is hidden is no riddle. */
    again(&c, crashed_after);
    c.t.has_key = true;
    run_fine(&c, facebook_update);
    ck_assert_str_eq(c.o.remote_id, "");
    ck_assert(!c.o.gone);
    end(&c);
}
END_TEST

START_TEST(update_moves_too_near)
{
    static const struct fake_step steps[] = { STEP_LOOK(VIDEO("SCHEDULED_UNPUBLISHED", "[]")),
                                              FAKE_END };
    struct a_case c;

    begin(&c, steps);
    made(&c, PLANNED);
    c.l.start_ms = c.f.call.now_ms + 9 * 60000;
    run_fine(&c, facebook_update);
    ck_assert_ptr_nonnull(strstr(c.o.note, "no nearer than 10 minutes"));
    end(&c);
}
END_TEST

/* ---- settings ---- */

static const struct {
    const char *settings, *wrong;
} wrongs[] = {
    { "{\"content_tags\":\"6003139266461, church\"}",
      "\"content_tags\" must be numbers of Facebook interests, with commas between, not "
      "\"church\"" },
    { "{\"crosspost\":\"gracechapel\"}",
      "\"crosspost\" must be numbers of Pages, with commas between, not \"gracechapel\"" },
    { "{\"countries\":\"GB;uk\"}", "\"countries\" must be two-letter codes of countries in "
                                   "capitals, with commas between, not \"uk\"" },
    { "{\"age\":5}", "\"age\" must be 0 or a number from 13 to 65, not 5" },
    { "{\"age\":66}", "\"age\" must be a whole number from 0 to 65, not 66" },
    { "{\"comments\":\"NOBODY\"}",
      "\"comments\" must be one of DEFAULT, FOLLOWER, FOLLOWED, SLOW, NO_HYPERLINK, DISCUSSION, "
      "RESTRICTED, PROTECTED_MODE, not \"NOBODY\"" },
    { "{\"embed\":\"maybe\"}", "\"embed\" must be true or false, not \"maybe\"" },
    { "{\"stop_on_disconnect\":3}", "\"stop_on_disconnect\" must be true or false, not 3" },
    { "{\"privacy\":\"friends\"}", "Facebook has no setting \"privacy\"" },
    { "{\"content_tags\":\"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21\"}",
      "\"content_tags\" may have at most 20 parts" },
};

START_TEST(refuses_wrong_settings)
{
    cJSON *given = json_parse(wrongs[_i].settings, strlen(wrongs[_i].settings), NULL);
    struct error err = { 0 };
    struct a_case c;

    begin(&c, NULL);
    bool good = platform_settings_check(&platform_facebook, PLATFORM_LIVESTREAMS, given, &err);
    if (good) {
        fake_target_release(&c.t);
        fake_target(&c.t, PLATFORM_FACEBOOK, wrongs[_i].settings);
        good = facebook_fits(&c.l, &c.t, &err);
    }
    ck_assert(!good);
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    ck_assert_msg(strstr(err.message, wrongs[_i].wrong) != NULL, "%s", err.message);
    cJSON_Delete(given);
    outcome_release(&c.o);
    fake_target_release(&c.t);
    fake_release(&c.f);
}
END_TEST

#define SET                                                                                        \
    "{\"content_tags\":\"6003139266461, "                                                          \
    "77\",\"crosspost\":\"104882011229999\",\"countries\":\"GB, "                                  \
    "IE\",\"age\":13,\"embed\":false,\"comments\":\"SLOW\"}"
#define STEP_SET(part, answer_status, answer)                                                      \
    FAKE("POST " V ID, answer_status, answer, .holds = { part })
#define DONE "{\"success\":true}"

/* Each alone after the live video is there, once; what is refused is told and costs nothing else.
 */
START_TEST(sends_settings)
{
    static const struct fake_step steps[] = {
        STEP_MAKE(CREATED),
        STEP_SET("content_tags=%5B%226003139266461%22%2C%2277%22%5D", 200, DONE),
        STEP_SET("crossposting_actions=%5B%7B%22page_id%22%3A%22104882011229999%22%2C%22action%22%"
                 "3A%22enable_crossposting_and_create_post%22%7D%5D",
                 400, REFUSED("(#100) Crossposting is not allowed between these Pages", "100")),
        STEP_SET("targeting=%7B%22age_min%22%3A13%2C%22geo_locations%22%3A%7B%22countries%22%3A%5B%"
                 "22GB%22%2C%22IE%22%5D%7D%7D",
                 200, DONE),
        STEP_SET("embeddable=false", 200, DONE),
        STEP_SET("live_comment_moderation_setting=%5B%22SLOW%22%5D", 200, DONE),
        FAKE_END
    };
    static const struct fake_step look[] = { STEP_LOOK(VIDEO("UNPUBLISHED", "[]")), FAKE_END };
    /* Only what differs is sent; the refused one is tried again. */
    static const struct fake_step changed[] = { STEP_LOOK(VIDEO("UNPUBLISHED", "[]")),
                                                STEP_SET("crossposting_actions=", 200, DONE),
                                                STEP_SET("embeddable=true", 200, DONE), FAKE_END };
    static const struct fake_step without[] = {
        STEP_LOOK(VIDEO("UNPUBLISHED", "[]")),
        STEP_SET("content_tags=%5B%5D", 200, DONE),
        STEP_SET("crossposting_actions=%5B%7B%22page_id%22%3A%22104882011229999%22%2C%22action%22%"
                 "3A%22disable_crossposting%22%7D%5D",
                 200, DONE),
        STEP_SET("targeting=%7B%7D", 200, DONE),
        STEP_SET("live_comment_moderation_setting=%5B%22DEFAULT%22%5D", 200, DONE),
        FAKE_END
    };
    static const struct {
        const char *settings;
        const struct fake_step *steps;
    } then[] = {
        { "{\"content_tags\":\"6003139266461, "
          "77\",\"crosspost\":\"104882011229999\",\"countries\":\"GB, "
          "IE\",\"age\":13,\"comments\":\"SLOW\"}",
          changed },
        { "{}", without },
    };
    struct a_case c;

    begin(&c, steps);
    fake_target_release(&c.t);
    fake_target(&c.t, PLATFORM_FACEBOOK, SET);
    ck_assert(facebook_fits(&c.l, &c.t, NULL));
    run_fine(&c, facebook_create);
    check_made(&c);
    ck_assert_ptr_nonnull(strstr(c.o.note, "does not take \"crosspost\""));
    again(&c, look);
    c.o.note[0] = '\0';
    run_fine(&c, facebook_poll);
    ck_assert_ptr_nonnull(strstr(c.o.note, "does not take \"crosspost\""));
    for (size_t i = 0; i < 2; i++) {
        again(&c, then[i].steps);
        text_replace(&c.t.settings, then[i].settings);
        run_fine(&c, facebook_update);
    }
    again(&c, look);
    c.o.note[0] = '\0';
    run_fine(&c, facebook_poll);
    ck_assert_str_eq(c.o.note, "");
    end(&c);
}
END_TEST

/* What is trouble of the moment is tried again, but holds up no start. */
START_TEST(settings_hold_up_no_start)
{
    static const struct fake_step steps[] = { STEP_MAKE(CREATED),
                                              STEP_SET("content_tags", 503, "{}"), FAKE_END };
    struct a_case c;

    begin(&c, steps);
    fake_target_release(&c.t);
    fake_target(&c.t, PLATFORM_FACEBOOK, "{\"content_tags\":\"77\"}");
    ck_assert(!run(&c, facebook_create));
    ck_assert_int_eq(c.err.kind, ERROR_SERVER);
    end(&c);
    begin(&c, steps);
    fake_target_release(&c.t);
    fake_target(&c.t, PLATFORM_FACEBOOK, "{\"content_tags\":\"77\"}");
    run_fine(&c, facebook_start);
    ck_assert_int_eq(c.o.again_ms, 3000);
    end(&c);
}
END_TEST

START_TEST(update_of_what_is_gone)
{
    static const struct fake_step steps[] = { STEP_HIDDEN, FAKE_END };
    struct a_case c;

    begin_made(&c, steps);
    ck_assert(!run(&c, facebook_update));
    ck_assert_int_eq(c.err.kind, ERROR_NOT_FOUND);
    end(&c);
}
END_TEST

/* ---- poll ---- */

static const struct {
    const char *answer;
    enum target_status status;
    int64_t viewers;
    const char *note;
} polls[] = {
    { LIVE("24311"), TARGET_LIVE, 143, "" },
    { LIVE("840"), TARGET_LIVE, 143,
      "Facebook ends the broadcast in 14 min: a live video lasts 8 h at most." },
    { VIDEO("LIVE", "[" ZERO_HEALTH "]"), TARGET_LIVE, -1,
      "Facebook receives no video. Check the encoder and its connection." },
    { VIDEO("LIVE_NOW", "[]"), TARGET_LIVE, -1, "" },
    { VIDEO("UNPUBLISHED", "[]"), TARGET_PENDING, -1, "" },
    { VIDEO("SCHEDULED_LIVE", "[" HEALTH "]"), TARGET_PENDING, -1,
      "Facebook receives the encoder's signal." },
    { VIDEO("SCHEDULED_EXPIRED", "[]"), TARGET_PENDING, -1,
      "The planned start passed without video. Starting makes a new broadcast, with a new stream "
      "key." },
    { VIDEO("SCHEDULED_CANCELED", "[]"), TARGET_FAILED, -1,
      "Somebody cancelled the broadcast on Facebook." },
    { VIDEO("VOD", "[]"), TARGET_ENDED, -1, "" },
    { VIDEO("SOMETHING_NEW", "[]"), TARGET_PENDING, -1, "" },
};

START_TEST(polls_states)
{
    struct fake_step steps[] = { STEP_LOOK(polls[_i].answer), FAKE_END };
    struct a_case c;

    begin_made(&c, steps);
    run_fine(&c, facebook_poll);
    ck_assert_int_eq(c.o.status, polls[_i].status);
    ck_assert_int_eq(c.o.viewers, polls[_i].viewers);
    ck_assert_str_eq(c.o.note, polls[_i].note);
    ck_assert(!c.o.gone);
    end(&c);
}
END_TEST

START_TEST(polls_hidden)
{
    static const struct fake_step steps[] = { STEP_HIDDEN, FAKE_END };
    static const struct fake_step none[] = { FAKE_END };
    struct a_case c;

    begin_made(&c, steps);
    c.o.status = TARGET_LIVE;
    run_fine(&c, facebook_poll);
    ck_assert(c.o.gone);
    ck_assert_int_eq(c.o.status, TARGET_LIVE);
    /* Asked for at most once a minute. */
    again(&c, none);
    c.f.call.now_ms += 59000;
    run_fine(&c, facebook_poll);
    ck_assert(c.o.gone);
    again(&c, steps);
    c.f.call.now_ms += 2000;
    run_fine(&c, facebook_poll);
    end(&c);
    /* An unused one that Facebook dropped is no loss. */
    begin_made(&c, steps);
    run_fine(&c, facebook_poll);
    ck_assert(!c.o.gone);
    ck_assert_ptr_nonnull(strstr(c.o.note, "new stream key"));
    end(&c);
}
END_TEST

START_TEST(poll_waits_for_signal)
{
    static const struct fake_step steps[] = { STEP_LOOK(VIDEO("UNPUBLISHED", "[]")), FAKE_END };
    static const struct fake_step none[] = { FAKE_END };
    struct a_case c;

    begin_made(&c, steps);
    c.t.wish = WISH_LIVE;
    run_fine(&c, facebook_poll);
    ck_assert_ptr_nonnull(strstr(c.o.note, "Waiting for the encoder"));
    end(&c);
    begin(&c, none);
    run_fine(&c, facebook_poll);
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
      "{\"error\":{\"message\":\"(#200) App needs permission scopes (PAGES_READ_ENGAGEMENT, "
      "PAGES_MANAGE_POSTS) to create live "
      "video on behalf of a page "
      "user\",\"type\":\"OAuthException\",\"code\":200,\"fbtrace_id\":\"AcFb0exmpl7\"}}",
      ERROR_FORBIDDEN, "200", "trace AcFb0exmpl7", "pages_manage_posts" },
    { 400,
      "{\"error\":{\"message\":\"Your Page must have at least 100 followers to go "
      "live.\",\"type\":\"OAuthException\",\"code\":100,"
      "\"error_subcode\":1363144,\"is_transient\":false,\"error_user_title\":\"You can't go live "
      "yet\",\"error_user_msg\":"
      "\"Your Page needs at least 100 followers.\",\"fbtrace_id\":\"AcFb0exmpl8\"}}",
      ERROR_FORBIDDEN, "100/1363144", "too few followers", "100 followers" },
    { 400, "{\"error\":{\"message\":\"x\",\"code\":100,\"error_subcode\":1363120}}",
      ERROR_FORBIDDEN, "100/1363120", "too young", "60 days" },
    { 400,
      "{\"error\":{\"message\":\"Error validating access token: Session has "
      "expired.\",\"type\":\"OAuthException\",\"code\":190,"
      "\"error_subcode\":463,\"fbtrace_id\":\"AcFb0exmpl6\"}}",
      ERROR_AUTH, "190/463", "expired", "connect Facebook again" },
    { 400, "{\"error\":{\"message\":\"x\",\"code\":190,\"error_subcode\":460}}", ERROR_AUTH,
      "190/460", "password", "again" },
    { 400,
      "{\"error\":{\"message\":\"Error validating access token: The user has not authorized "
      "application 310000000000001.\","
      "\"type\":\"OAuthException\",\"code\":190,\"error_subcode\":458,\"fbtrace_id\":"
      "\"AcFb0exmpl5\"}}",
      ERROR_AUTH, "190/458", "removed", "again" },
    { 400, "{\"error\":{\"message\":\"x\",\"code\":190,\"error_subcode\":459}}", ERROR_AUTH,
      "190/459", "log in first", "facebook.com" },
    { 400, "{\"error\":{\"message\":\"x\",\"code\":190}}", ERROR_AUTH, "190", "refused the token",
      "again" },
    { 401, "{\"error\":{\"message\":\"x\",\"code\":102}}", ERROR_AUTH, "102", "refused the token",
      "again" },
    { 400,
      "{\"error\":{\"message\":\"(#32) Page request limit "
      "reached\",\"type\":\"OAuthException\",\"code\":32,\"fbtrace_id\":"
      "\"AcFb0exmp22\"}}",
      ERROR_RATE, "32", "too many requests", "by itself" },
    { 400, "{\"error\":{\"message\":\"(#4) Application request limit reached\",\"code\":4}}",
      ERROR_RATE, "4", "too many", "" },
    { 400, "{\"error\":{\"message\":\"x\",\"code\":80001,\"error_subcode\":2494055}}", ERROR_RATE,
      "80001/2494055", "too many", "" },
    { 500, "{\"error\":{\"message\":\"x\",\"code\":1}}", ERROR_SERVER, "1", "trouble",
      "by itself" },
    { 503,
      "{\"error\":{\"message\":\"Service temporarily "
      "unavailable\",\"code\":2,\"is_transient\":true}}",
      ERROR_SERVER, "2", "trouble", "by itself" },
    { 400, "{\"error\":{\"message\":\"x\",\"code\":100,\"is_transient\":true}}", ERROR_SERVER,
      "100", "refused", "by itself" },
    { 400, "{\"error\":{\"message\":\"x\",\"code\":3}}", ERROR_FORBIDDEN, "3", "may not",
      "Live Video API" },
    { 403,
      "{\"error\":{\"message\":\"(#10) This endpoint requires the 'pages_read_user_content' "
      "permission or the 'Page Public "
      "Content Access' "
      "feature.\",\"type\":\"OAuthException\",\"code\":10,\"fbtrace_id\":\"AcFb0exmp14\"}}",
      ERROR_FORBIDDEN, "10", "permission", "pages_manage_posts" },
    { 400, "{\"error\":{\"message\":\"x\",\"code\":368}}", ERROR_FORBIDDEN, "368", "blocked",
      "reason" },
    { 400, "{\"error\":{\"message\":\"x\",\"code\":506}}", ERROR_INVALID, "506", "same post",
      "title" },
    { 400,
      "{\"error\":{\"message\":\"API calls from the server require an appsecret_proof "
      "argument\",\"type\":"
      "\"GraphMethodException\",\"code\":100,\"fbtrace_id\":\"AcFb0exmpl4\"}}",
      ERROR_CONFIG, "100", "appsecret_proof", "app secret" },
    { 400,
      "{\"error\":{\"message\":\"(#100) title too long\",\"code\":100,\"error_user_msg\":\"Shorten "
      "it.\"}}",
      ERROR_INVALID, "100", "title too long Shorten it.", "title" },
    { 403, "{\"error\":{\"message\":\"Odd\",\"code\":987654}}", ERROR_FORBIDDEN, "987654", "Odd",
      "" },
    { 502, "<html>Bad Gateway</html>", ERROR_SERVER, "", "HTTP 502", "" },
    { 400, "<html>Sorry, something went wrong.</html>", ERROR_INVALID, "", "HTTP 400", "" },
    { 200, "<html>hotel</html>", ERROR_GARBAGE, "", "cannot be read", "" },
    { 200, "{\"success\":true}", ERROR_GARBAGE, "", "which broadcast", "" },
};

START_TEST(errors_judged)
{
    struct fake_step steps[] = { FAKE("POST " V PAGE "/live_videos", errors[_i].status,
                                      errors[_i].body, .html = true),
                                 FAKE_END };
    struct a_case c;

    begin(&c, steps);
    ck_assert(!run(&c, facebook_create));
    ck_assert_msg(c.err.kind == errors[_i].kind, "%d: %s", (int)c.err.kind, c.err.message);
    ck_assert_str_eq(c.err.code, errors[_i].code);
    ck_assert_msg(strstr(c.err.message, errors[_i].says) != NULL, "%s", c.err.message);
    ck_assert_msg(strstr(c.err.remedy, errors[_i].remedy) != NULL, "%s", c.err.remedy);
    ck_assert_str_eq(c.err.platform, "facebook");
    ck_assert_msg(!strstr(c.err.message, "token-1"), "%s", c.err.message);
    end(&c);
}
END_TEST

START_TEST(rate_waits_as_told)
{
    static const struct fake_step steps[] = {
        FAKE("POST " V PAGE "/live_videos", 400, REFUSED("(#80001) limit", "80001"),
             .headers = { "X-Business-Use-Case-Usage: "
                          "{\"104882011223344\":[{\"type\":\"pages\",\"call_count\":100,"
                          "\"total_cputime\":1,\"total_time\":1,\"estimated_time_to_regain_"
                          "access\":7}]}" }),
        FAKE("POST " V PAGE "/live_videos", 400, REFUSED("(#4) limit", "4"),
             .headers = { "X-Business-Use-Case-Usage: broken" }),
        FAKE_END
    };
    struct a_case c;

    begin(&c, steps);
    ck_assert(!run(&c, facebook_create));
    ck_assert_int_eq(c.err.retry_after_ms, 7 * 60 * 1000);
    ck_assert(!run(&c, facebook_create));
    ck_assert_int_eq(c.err.kind, ERROR_RATE);
    ck_assert_int_eq(c.err.retry_after_ms, 0);
    end(&c);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static void add_run(Suite *suite)
{
    TCase *t = tcase_create("run");

    tcase_add_test(t, starts);
    tcase_add_test(t, starts_at_once);
    tcase_add_test(t, start_creates_first);
    tcase_add_test(t, start_makes_anew);
    tcase_add_test(t, start_lost_while_live);
    tcase_add_test(t, start_too_early);
    tcase_add_test(t, start_after_the_end);
    tcase_add_test(t, start_learns_key);
    tcase_add_test(t, stops);
    tcase_add_test(t, stop_refused);
    tcase_add_test(t, stop_never_live);
    tcase_add_test(t, removes);
    tcase_add_test(t, updates);
    tcase_add_test(t, update_moves_start);
    tcase_add_test(t, update_moves_out_of_the_week);
    tcase_add_test(t, update_moves_too_near);
    tcase_add_loop_test(t, refuses_wrong_settings, 0, sizeof(wrongs) / sizeof(wrongs[0]));
    tcase_add_test(t, sends_settings);
    tcase_add_test(t, settings_hold_up_no_start);
    tcase_add_test(t, create_far_ahead_but_wanted_now);
    tcase_add_test(t, update_of_what_is_gone);
    tcase_add_loop_test(t, polls_states, 0, COUNT(polls));
    tcase_add_test(t, polls_hidden);
    tcase_add_test(t, poll_waits_for_signal);
    suite_add_tcase(suite, t);
}

int main(void)
{
    Suite *suite = suite_create("platform_facebook");
    TCase *t = tcase_create("account and create");
    SRunner *runner;
    int failed;

    tcase_add_test(t, identifies_by_page_token);
    tcase_add_test(t, proves_the_secret);
    tcase_add_loop_test(t, debugs_the_token, 0, COUNT(debugs));
    tcase_add_test(t, page_by_user_token);
    tcase_add_loop_test(t, page_not_chosen, 0, COUNT(accounts));
    tcase_add_test(t, checks_values);
    tcase_add_test(t, creates_for_now);
    tcase_add_test(t, creates_planned);
    tcase_add_test(t, planned_with_bare_number);
    tcase_add_test(t, create_too_far_ahead);
    tcase_add_test(t, create_resumes);
    tcase_add_test(t, create_completes);
    tcase_add_test(t, create_gone);
    tcase_add_loop_test(t, splits_addresses, 0, COUNT(splits));
    tcase_add_test(t, lost_answer_is_found);
    tcase_add_test(t, finds_nothing_or_cannot_tell);
    tcase_add_loop_test(t, errors_judged, 0, COUNT(errors));
    tcase_add_test(t, rate_waits_as_told);
    suite_add_tcase(suite, t);
    add_run(suite);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

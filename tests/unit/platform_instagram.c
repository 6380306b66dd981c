/* Wire examples are copied from instagram.md of the platform pages. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#include "platform/kit.h"
#include "../lib/fakecall.h"

#define USER    "17841400000000011"
#define ADDRESS "rtmps://live-upload.instagram.com:443/rtmp/"
#define KEY     "18012345678901234?s_bl=1&a=Abx"

#define LOOK "GET /v26.0/" USER "/live_media?"
#define ON_AIR                                                                                     \
    "{\"data\":[{\"id\":\"90010498116233\",\"media_type\":\"BROADCAST\",\"media_product_type\":"   \
    "\"LIVE\",\"timestamp\":\"2026-12-01T09:10:09+0000\",\"permalink\":"                           \
    "\"https://www.instagram.com/gracechapel/live/\",\"username\":\"gracechapel\","                \
    "\"current_live_viewer_count\":57,\"comments_count\":12}]}"
#define NOTHING "{\"data\":[]}"
#define REFUSED(code, message)                                                                     \
    "{\"error\":{\"message\":\"" message "\",\"type\":\"OAuthException\",\"code\":" #code          \
    ",\"fbtrace_id\":\"AigExample3\"}}"

/* clang-format off */
#define ON(asked, code, said, ...) { .what = asked, .status = code, .answer = said, __VA_ARGS__ }
/* clang-format on */

static const struct fake_secret token_only[] = { { "access_token", "IGAAExlong" }, { NULL, NULL } };
static const struct fake_secret key_only[] = { { "stream_key", ADDRESS KEY }, { NULL, NULL } };
static const struct fake_secret both[] = { { "access_token", "IGAAExlong" },
                                           { "stream_key", ADDRESS KEY },
                                           { NULL, NULL } };

static struct fake fake;
static struct livestream livestream;
static struct target target;
static struct outcome outcome;
static struct error err;

static void begin(const struct fake_step *steps, const struct fake_secret *secrets)
{
    memset(&livestream, 0, sizeof(livestream));
    memset(&err, 0, sizeof(err));
    fake_init(&fake, PLATFORM_INSTAGRAM, steps);
    fake.secrets = secrets;
    fake.call.account_ref = USER;
    text_replace(&livestream.title, "Sunday service");
    text_replace(&livestream.description, "");
    fake_target(&target, PLATFORM_INSTAGRAM, NULL);
    target.wish = WISH_LIVE;
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

/* ---- connecting ---- */

static const struct {
    const char *key, *url; /* NULL: not given */
    bool fits;
} pasted[] = {
    { ADDRESS KEY, NULL, true },
    { KEY, ADDRESS, true },
    { "rtmps://live-upload.instagram.com:443/rtmp/", NULL, false },
    { "rtmps:///rtmp/key", NULL, false },
    { "rtmp://live-upload.instagram.com:80/rtmp/key", NULL, false },
    { KEY, "rtmp://live-upload.instagram.com:80/rtmp/", false },
    { KEY, NULL, false },
    { "two words", ADDRESS, false },
    { NULL, NULL, false },
};

START_TEST(checks_what_was_pasted)
{
    static const struct fake_step steps[] = { FAKE_END };
    const struct fake_secret secrets[] = { { pasted[_i].key ? "stream_key" : NULL, pasted[_i].key },
                                           { NULL, NULL } };

    begin(steps, secrets);
    if (pasted[_i].url)
        cJSON_AddStringToObject(fake.options, "stream_url", pasted[_i].url);
    ck_assert_int_eq(platform_instagram.check(&fake.call, &err), pasted[_i].fits);
    ck_assert(pasted[_i].fits || err.kind == ERROR_INPUT);
    ck_assert_ptr_null(strstr(err.message, "18012345678901234"));
    finish();
}
END_TEST

START_TEST(renews_weekly)
{
    static const struct fake_step steps[] = {
        ON("GET /refresh_access_token?grant_type=ig_refresh_token&access_token=IGAAExlong", 200,
           "{\"access_token\":\"IGAAExlong2\",\"token_type\":\"bearer\",\"expires_in\":5183944,"
           "\"permissions\":\"instagram_business_basic\"}"),
        ON("GET /refresh_access_token", 400, REFUSED(100, "Too young.")),
        ON("GET /refresh_access_token", 400, REFUSED(190, "Session has expired.")), FAKE_END
    };
    struct token token;

    begin(steps, token_only);
    ck_assert_msg(platform_instagram.renew(&fake.call, &token, &err), "%s", err.message);
    ck_assert_str_eq(token.access, "IGAAExlong2");
    ck_assert_int_eq(token.expires_ms, fake.call.now_ms + INT64_C(604800000));
    ck_assert(platform_instagram.renew(&fake.call, &token, &err));
    ck_assert_str_eq(token.access, "IGAAExlong");
    ck_assert_int_eq(token.expires_ms, fake.call.now_ms + 86400000);
    ck_assert(!platform_instagram.renew(&fake.call, &token, &err));
    ck_assert_int_eq(err.kind, ERROR_AUTH);
    ck_assert_str_eq(token.access, "");
    finish();
}
END_TEST

START_TEST(identifies)
{
    static const struct fake_step steps[] = {
        ON("GET /v26.0/me?fields=user_id", 200,
           "{\"user_id\":\"" USER "\",\"username\":\"gracechapel\",\"account_type\":\"BUSINESS\","
           "\"followers_count\":1480,\"id\":\"9012000000000011\"}",
           .holds = { "access_token=token-1" }),
        ON("GET /v26.0/me?fields=user_id", 200,
           "{\"user_id\":\"" USER "\",\"username\":\"gracechapel\",\"followers_count\":480}"),
        FAKE_END
    };
    struct account account;

    begin(steps, token_only);
    ck_assert_msg(platform_instagram.identify(&fake.call, &account, &err), "%s", err.message);
    ck_assert_str_eq(account.ref, USER);
    ck_assert_str_eq(account.name, "gracechapel");
    ck_assert(platform_instagram.identify(&fake.call, &account, &err));
    ck_assert_ptr_nonnull(strstr(account.name, "480 followers"));
    finish();
}
END_TEST

START_TEST(identifies_by_the_other_login)
{
    static const struct fake_step steps[] = {
        ON("GET https://graph.facebook.com/v26.0/" USER "?fields=id", 200,
           "{\"id\":\"" USER "\",\"username\":\"gracechapel\"}"),
        FAKE_END
    };
    struct account account;
    struct token token;

    begin(steps, token_only);
    fake.call.api_base = "https://graph.instagram.com";
    cJSON_AddStringToObject(fake.options, "login", "facebook");
    ck_assert(!platform_instagram.check(&fake.call, &err));
    cJSON_AddStringToObject(fake.options, "account_id", USER);
    ck_assert(platform_instagram.check(&fake.call, &err));
    ck_assert(platform_instagram.renew(&fake.call, &token, &err));
    ck_assert_str_eq(token.access, "IGAAExlong");
    ck_assert_msg(platform_instagram.identify(&fake.call, &account, &err), "%s", err.message);
    ck_assert_str_eq(account.ref, USER);
    finish();
}
END_TEST

START_TEST(works_with_a_key_alone)
{
    static const struct fake_step steps[] = { FAKE_END };
    struct account account;

    begin(steps, key_only);
    ck_assert(platform_instagram.check(&fake.call, &err));
    ck_assert(platform_instagram.identify(&fake.call, &account, &err));
    ck_assert_ptr_nonnull(strstr(account.name, "key alone"));
    works(platform_instagram.livestream_create);
    works(platform_instagram.livestream_start);
    /* Nobody has seen it live: so it is not. */
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_int_gt(outcome.again_ms, 0);
    ck_assert_ptr_nonnull(strstr(outcome.note, "Not confirmed"));
    works(platform_instagram.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    works(platform_instagram.livestream_stop);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    ck_assert_ptr_nonnull(strstr(outcome.note, "not asked"));
    finish();
}
END_TEST

/* ---- a livestream ---- */

START_TEST(keeps_the_key)
{
    static const struct fake_step steps[] = { FAKE_END };

    begin(steps, both);
    works(platform_instagram.livestream_create);
    ck_assert_str_ne(outcome.remote_id, "");
    ck_assert_str_eq(outcome.ingest_url, ADDRESS);
    ck_assert_str_eq(outcome.stream_key, KEY);
    ck_assert_str_eq(fake.saved[0].stream_key, KEY);
    ck_assert_ptr_nonnull(strstr(outcome.note, "Live Producer"));
    finish();
}
END_TEST

START_TEST(asks_for_the_key)
{
    static const struct fake_step steps[] = { ON(LOOK, 200, NOTHING), FAKE_END };

    begin(steps, token_only);
    works(platform_instagram.livestream_create);
    ck_assert_ptr_nonnull(strstr(outcome.note, "Paste today's key"));
    works(platform_instagram.livestream_start);
    ck_assert_int_eq(outcome.again_ms, 15000);
    ck_assert_ptr_nonnull(strstr(outcome.note, "Paste today's key"));
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    finish();
}
END_TEST

START_TEST(waits_for_the_person_then_sees_it)
{
    static const struct fake_step waiting[] = { ON(LOOK, 200, NOTHING), FAKE_END };
    static const struct fake_step live[] = { ON(LOOK, 200, ON_AIR,
                                                .holds = { "fields=id%2Cmedia_product_type",
                                                           "access_token=token-1" }),
                                             FAKE_END };

    begin(waiting, both);
    for (int i = 0; i < 13; i++) {
        if (i)
            fake_expect(&fake, waiting);
        works(platform_instagram.livestream_start);
        ck_assert_int_eq(outcome.status, TARGET_PENDING);
        ck_assert_int_eq(outcome.again_ms, 15000);
        ck_assert_ptr_nonnull(strstr(outcome.note, i < 12 ? "then press Go live" : "still shows"));
    }
    fake_expect(&fake, live);
    works(platform_instagram.livestream_start);
    ck_assert_int_eq(outcome.again_ms, 0);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_int_eq(outcome.viewers, 57);
    ck_assert_str_eq(outcome.url, "https://www.instagram.com/gracechapel/live/");
    ck_assert_int_eq(outcome.started_ms, fake.call.now_ms - 111000);
    finish();
}
END_TEST

#define COMMENTS                                                                                   \
    "GET /v26.0/90010498116233/comments?fields=id%2Ctext%2Cusername%2Ctimestamp%2Chidden"
#define SAID                                                                                       \
    "{\"data\":[{\"id\":\"17870913679156914\",\"text\":\"Amen\",\"username\":\"ada.n\",\"from\":{" \
    "\"id\":"                                                                                      \
    "\"232323232\",\"username\":\"ada.n\"},\"timestamp\":\"2026-09-27T10:04:10+0000\",\"hidden\":" \
    "false},"                                                                                      \
    "{\"id\":\"1\",\"text\":\"Good "                                                               \
    "morning\",\"username\":\"bo\",\"timestamp\":\"2026-09-27T10:04:09+0000\"},"                   \
    "{\"id\":\"2\",\"text\":\"spam\",\"username\":\"x\",\"timestamp\":\"2026-09-27T10:04:59+"      \
    "0000\",\"hidden\":true}],"                                                                    \
    "\"paging\":{\"cursors\":{\"after\":\"QVFI\"}}}"

/* Beside the state, and never in its way. */
START_TEST(observes_comments)
{
    static const struct fake_step seen[] = { ON(LOOK, 200, ON_AIR, .holds = { "comments_count" }),
                                             ON(COMMENTS, 200, SAID), FAKE_END };
    static const struct fake_step cut[] = {
        ON(LOOK, 200, ON_AIR), ON(COMMENTS, 500, REFUSED(2, "Service temporarily unavailable")),
        FAKE_END
    };
    static const struct fake_step refused[] = {
        ON(LOOK, 200, ON_AIR),
        ON(COMMENTS, 400, REFUSED(10, "(#10) Requires instagram_manage_comments permission")),
        ON(LOOK, 200, ON_AIR), FAKE_END
    };

    begin(seen, both);
    text_copy_to(outcome.remote_id, sizeof(outcome.remote_id), "producer-1a2b3c4d");
    works(platform_instagram.livestream_poll);
    ck_assert_str_eq(outcome.note, "12 comments, the newest by ada.n: Amen");
    fake_expect(&fake, cut);
    works(platform_instagram.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_str_eq(outcome.note, "12 comments.");
    fake_expect(&fake, refused);
    works(platform_instagram.livestream_poll);
    works(platform_instagram.livestream_poll);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_int_eq(outcome.viewers, 57);
    finish();
}
END_TEST

/* A key that is pasted later takes the place of the former, and its age is told. */
START_TEST(tells_the_keys_age)
{
    static const struct fake_secret newer[] = { { "stream_key", ADDRESS "17?a=b" },
                                                { NULL, NULL } };
    static const struct fake_step none[] = { FAKE_END };
    int64_t now;

    begin(none, key_only);
    now = fake.call.now_ms;
    target.wish = WISH_READY;
    cJSON_AddNumberToObject(fake.options, "stream_key_at", (double)(now - 3 * 3600000));
    works(platform_instagram.livestream_create);
    ck_assert_str_eq(outcome.note,
                     "Stream key pasted 3 h ago. Set title and audience in Live Producer.");
    /* As the manager keeps it. */
    fake_target_take(&target, &outcome);
    target.has_key = true;
    outcome.stream_key[0] = '\0';
    fake.call.now_ms = now + INT64_C(86400000) * 3;
    works(platform_instagram.livestream_poll);
    ck_assert_ptr_nonnull(strstr(outcome.note, "was pasted 3 days ago"));
    ck_assert_ptr_nonnull(strstr(outcome.note, "paste today's"));
    ck_assert_str_eq(outcome.stream_key, "");
    fake.secrets = newer;
    cJSON_ReplaceItemInObject(fake.options, "stream_key_at",
                              cJSON_CreateNumber((double)fake.call.now_ms - 60000));
    works(platform_instagram.livestream_poll);
    ck_assert_str_eq(outcome.stream_key, "17?a=b");
    ck_assert_str_eq(
        outcome.note,
        "Stream key pasted less than an hour ago. Set title and audience in Live Producer.");
    /* What is on air keeps what it has. */
    fake.secrets = key_only;
    outcome.stream_key[0] = '\0';
    outcome.status = TARGET_LIVE;
    target.wish = WISH_LIVE;
    works(platform_instagram.livestream_start);
    ck_assert_str_eq(outcome.stream_key, "");
    finish();
}
END_TEST

START_TEST(needs_two_misses_for_an_end)
{
    static const struct fake_step steps[] = {
        ON(LOOK, 200, ON_AIR),      ON(COMMENTS, 200, NOTHING),
        ON(LOOK, 200, NOTHING),     ON(LOOK, 200, ON_AIR),
        ON(COMMENTS, 200, NOTHING), ON(LOOK, 200, NOTHING),
        ON(LOOK, 200, NOTHING),     FAKE_END
    };
    static const enum target_status then[] = { TARGET_LIVE, TARGET_LIVE, TARGET_LIVE, TARGET_LIVE,
                                               TARGET_ENDED };

    begin(steps, both);
    text_copy_to(outcome.remote_id, sizeof(outcome.remote_id), "producer-1a2b3c4d");
    for (size_t i = 0; i < 5; i++) {
        works(platform_instagram.livestream_poll);
        ck_assert_int_eq(outcome.status, then[i]);
    }
    ck_assert_int_eq(outcome.ended_ms, fake.call.now_ms);
    finish();
}
END_TEST

START_TEST(asks_nothing_before_it_is_wanted)
{
    static const struct fake_step steps[] = { FAKE_END };

    begin(steps, both);
    target.wish = WISH_READY;
    text_copy_to(outcome.remote_id, sizeof(outcome.remote_id), "producer-1a2b3c4d");
    works(platform_instagram.livestream_poll);
    finish();
}
END_TEST

START_TEST(warns_before_four_hours)
{
    static const struct fake_step steps[] = { ON(LOOK, 200, ON_AIR), ON(COMMENTS, 200, SAID),
                                              FAKE_END };

    begin(steps, both);
    text_copy_to(outcome.remote_id, sizeof(outcome.remote_id), "producer-1a2b3c4d");
    fake.call.now_ms += 211 * 60000;
    works(platform_instagram.livestream_poll);
    ck_assert_ptr_nonnull(strstr(outcome.note, "four hours"));
    finish();
}
END_TEST

START_TEST(waits_for_the_person_to_end_it)
{
    static const struct fake_step steps[] = { ON(LOOK, 200, ON_AIR), ON(LOOK, 200, NOTHING),
                                              ON(LOOK, 200, NOTHING), FAKE_END };

    begin(steps, both);
    outcome.status = TARGET_LIVE;
    works(platform_instagram.livestream_stop);
    ck_assert_int_eq(outcome.again_ms, 15000);
    ck_assert_ptr_nonnull(strstr(outcome.note, "End it in Live Producer"));
    works(platform_instagram.livestream_stop);
    ck_assert_int_gt(outcome.again_ms, 0);
    works(platform_instagram.livestream_stop);
    ck_assert_int_eq(outcome.again_ms, 0);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    finish();
}
END_TEST

START_TEST(shows_no_foreign_link)
{
    static const struct fake_step steps[] = {
        ON(LOOK, 200, "{\"data\":[{\"id\":\"9\",\"permalink\":\"https://evil.example/live\"}]}"),
        FAKE_END
    };

    begin(steps, both);
    works(platform_instagram.livestream_start);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    ck_assert_str_eq(outcome.url, "");
    ck_assert_int_eq(outcome.viewers, -1);
    finish();
}
END_TEST

static const struct {
    int status;
    const char *body;
    enum error_kind kind;
    const char *code;
} refusals[] = {
    { 400, REFUSED(190, "Invalid OAuth access token"), ERROR_AUTH, "190" },
    { 403, REFUSED(10, "(#10) Application does not have permission for this action"),
      ERROR_FORBIDDEN, "10" },
    { 400, REFUSED(4, "Application request limit reached"), ERROR_RATE, "4" },
    { 400, REFUSED(80002, "There have been too many calls"), ERROR_RATE, "80002" },
    { 500, REFUSED(2, "Service temporarily unavailable"), ERROR_SERVER, "2" },
    { 400, REFUSED(100, "Unknown field"), ERROR_INVALID, "100" },
    { 400,
      "{\"error_type\":\"OAuthException\",\"code\":400,\"error_message\":\"This authorization "
      "code has been used\"}",
      ERROR_INVALID, "" },
    { 502, NULL, ERROR_SERVER, "" },
    { 200, "{}", ERROR_GARBAGE, "" },
    { 200, NULL, ERROR_GARBAGE, "" },
};

START_TEST(judges_refusals)
{
    struct fake_step steps[] = { ON(LOOK, refusals[_i].status, refusals[_i].body), FAKE_END };

    begin(steps, both);
    ck_assert(!run(platform_instagram.livestream_start));
    ck_assert_int_eq(err.kind, refusals[_i].kind);
    ck_assert_str_eq(err.code, refusals[_i].code);
    ck_assert_str_eq(err.platform, "instagram");
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    finish();
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
    Suite *suite = suite_create("platform_instagram");
    TCase *t = tcase_create("instagram");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(t, checks_what_was_pasted, 0, COUNT(pasted));
    tcase_add_test(t, renews_weekly);
    tcase_add_test(t, identifies);
    tcase_add_test(t, identifies_by_the_other_login);
    tcase_add_test(t, works_with_a_key_alone);
    tcase_add_test(t, keeps_the_key);
    tcase_add_test(t, asks_for_the_key);
    tcase_add_test(t, waits_for_the_person_then_sees_it);
    tcase_add_test(t, observes_comments);
    tcase_add_test(t, tells_the_keys_age);
    tcase_add_test(t, needs_two_misses_for_an_end);
    tcase_add_test(t, asks_nothing_before_it_is_wanted);
    tcase_add_test(t, warns_before_four_hours);
    tcase_add_test(t, waits_for_the_person_to_end_it);
    tcase_add_test(t, shows_no_foreign_link);
    tcase_add_loop_test(t, judges_refusals, 0, COUNT(refusals));
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

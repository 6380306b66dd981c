/* The simulated Jitsi: rooms by opening them, tokens by their claims, JaaS, the status modules. */
#include "sim_kit.h"
#include "sim_notice.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

static char *secret, *jaas_app, *jaas_key_id;

static void setup(void)
{
    kit_start();
    secret = kit_ready("platforms.jitsi.credentials.app_secret");
    jaas_app = kit_ready("platforms.jitsi.jaas.app_id");
    jaas_key_id = kit_ready("platforms.jitsi.jaas.key_id");
}

static void teardown(void)
{
    free(secret);
    free(jaas_app);
    free(jaas_key_id);
    kit_stop();
}

static void sign_rs256(struct text *token)
{
    char *pem = kit_ready("platforms.jitsi.jaas.private_key");
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char signature[512];
    size_t length = sizeof signature;

    ck_assert_ptr_nonnull(pkey);
    ck_assert_int_eq(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey), 1);
    ck_assert_int_eq(EVP_DigestSign(ctx, signature, &length, (const unsigned char *)text_str(token),
                                    token->length),
                     1);
    text_add(token, ".");
    text_add_base64url(token, signature, length);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    free(pem);
}

/* A token of these claims; HS256 by the app's secret when key is not NULL, else RS256. Yours:
 * free(). */
static char *token_of(const char *header, const char *payload, const char *key)
{
    struct text t;

    text_init(&t, 8192);
    text_add_base64url(&t, header, strlen(header));
    text_add(&t, ".");
    text_add_base64url(&t, payload, strlen(payload));
    if (key != NULL) {
        unsigned char sum[32];
        unsigned int length = 0;
        HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)text_str(&t), t.length,
             sum, &length);
        text_add(&t, ".");
        text_add_base64url(&t, sum, sizeof sum);
    } else {
        sign_rs256(&t);
    }
    return text_take(&t);
}

#define HS256 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define GOOD                                                                                       \
    "{\"aud\":\"ecclesia\",\"iss\":\"ecclesia\",\"sub\":\"*\",\"room\":\"prayer-7k2m\",\"nbf\":"   \
    "1700000000,"                                                                                  \
    "\"exp\":4102444800,\"context\":{\"user\":{\"name\":\"Ruth\",\"moderator\":\"true\"}}}"

static const struct reply *open_with(const char *path, const char *header, const char *payload,
                                     const char *key)
{
    char whole[5000];
    char *token = token_of(header, payload, key);

    snprintf(whole, sizeof whole, "%s?jwt=%s", path, token);
    free(token);
    return kit_get("jitsi", whole);
}

START_TEST(a_token_opens_the_room_and_guests_follow)
{
    ck_assert_int_eq(kit_get("jitsi", "/prayer-7k2m")->status, 200);
    ck_assert_ptr_nonnull(strstr(text_str(&last.body), "waiting for a moderator"));
    ck_assert_int_eq(kit_get("jitsi", "/room-size?room=prayer-7k2m&domain=meet.jitsi")->status,
                     404);
    ck_assert_int_eq(open_with("/Prayer-7k2m", HS256, GOOD, secret)->status, 200);
    ck_assert_ptr_nonnull(strstr(text_str(&last.body), "as a moderator"));
    ck_assert_int_eq(kit_get("jitsi", "/prayer-7k2m")->status, 200);
    ck_assert_ptr_nonnull(strstr(text_str(&last.body), "You are in the meeting."));
    ck_assert_int_eq(kit_get("jitsi", "/room-size?room=prayer-7k2m&domain=meet.jitsi")->status,
                     200);
    int64_t people = 0;
    ck_assert(json_int(last.json, "participants", &people));
    ck_assert_int_eq(people, 2);
    ck_assert_str_eq(kit_state("jitsi", "prayer-7k2m"), "active");
}
END_TEST

START_TEST(a_wrong_token_is_refused_in_the_servers_words)
{
    static const struct {
        const char *header, *payload, *words;
    } wrong[] = {
        { HS256, "{\"iss\":\"other\",\"aud\":\"ecclesia\",\"room\":\"*\",\"exp\":4102444800}",
          "Invalid issuer" },
        { HS256, "{\"aud\":\"ecclesia\",\"room\":\"*\",\"exp\":4102444800}",
          "&#39;iss&#39; claim is missing" },
        { HS256, "{\"iss\":\"ecclesia\",\"aud\":\"ecclesia\",\"exp\":4102444800}",
          "&#39;room&#39; claim is missing" },
        { HS256, "{\"iss\":\"ecclesia\",\"room\":\"*\",\"exp\":4102444800}",
          "&#39;aud&#39; claim is missing" },
        { HS256, "{\"iss\":\"ecclesia\",\"aud\":[\"ecclesia\"],\"room\":\"*\",\"exp\":4102444800}",
          "&#39;aud&#39; claim is missing" },
        { HS256,
          "{\"iss\":\"ecclesia\",\"aud\":\"ecclesia\",\"room\":\"other\",\"exp\":4102444800}",
          "mismatched" },
        { HS256, "{\"iss\":\"ecclesia\",\"aud\":\"ecclesia\",\"room\":\"*\",\"exp\":1000}",
          "by exp" },
        { HS256,
          "{\"iss\":\"ecclesia\",\"aud\":\"ecclesia\",\"room\":\"*\",\"exp\":4102444800,\"nbf\":"
          "4102444700}",
          "by nbf" },
        { HS256,
          "{\"iss\":\"ecclesia\",\"aud\":\"ecclesia\",\"room\":\"*\",\"exp\":4102444800,"
          "\"context\":{\"user\":"
          "{\"name\":null}}}",
          "null" },
        { "{\"alg\":\"none\"}", GOOD, "alg" },
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_int_eq(
            open_with("/prayer-7k2m", wrong[i].header, wrong[i].payload, secret)->status, 403);
        ck_assert_msg(strstr(text_str(&last.body), wrong[i].words) != NULL, "%zu: %s", i,
                      text_str(&last.body));
    }
    ck_assert_int_eq(open_with("/prayer-7k2m", HS256, GOOD, "another secret")->status, 403);
    ck_assert_int_eq(open_with("/prayer-7k2m", "{\"alg\":\"RS256\"}", GOOD, NULL)->status, 403);
    ck_assert_ptr_nonnull(strstr(text_str(&last.body), "kid"));
    ck_assert_int_eq(
        open_with("/prayer-7k2m", "{\"alg\":\"RS256\",\"kid\":\"k\"}", GOOD, NULL)->status, 200);
    ck_assert_int_eq(kit_get("jitsi", "/prayer-7k2m?jwt=nonsense")->status, 403);
}
END_TEST

START_TEST(jaas_wants_its_own_claims_from_everybody)
{
    char path[200], header[300], payload[600];

    snprintf(path, sizeof path, "/%s/prayer-7k2m", jaas_app);
    snprintf(header, sizeof header, "{\"alg\":\"RS256\",\"kid\":\"%s\",\"typ\":\"JWT\"}",
             jaas_key_id);
    snprintf(payload, sizeof payload,
             "{\"aud\":\"jitsi\",\"iss\":\"chat\",\"sub\":\"%s\",\"room\":\"prayer-7k2m\",\"exp\":"
             "4102444800,\"context\":{\"user\":{\"id\":\"g\",\"name\":\"Guest\",\"moderator\":"
             "\"false\"}}}",
             jaas_app);
    ck_assert_int_eq(kit_get("jitsi", path)->status, 403); /* guests too */
    ck_assert_int_eq(open_with(path, header, payload, NULL)->status, 200);
    ck_assert_int_eq(open_with(path, HS256, payload, secret)->status, 403);
    ck_assert_int_eq(open_with(path, "{\"alg\":\"RS256\",\"kid\":\"k\"}", payload, NULL)->status,
                     403);
    ck_assert_int_eq(open_with(path, header, GOOD, NULL)->status, 403);
    ck_assert_int_eq(open_with("/vpaas-magic-cookie-0/prayer-7k2m", header, payload, NULL)->status,
                     403);
}
END_TEST

START_TEST(the_server_says_who_it_is)
{
    ck_assert_int_eq(kit_get("jitsi", "/config.js")->status, 200);
    ck_assert_ptr_nonnull(strstr(text_str(&last.body), "domain: 'meet.jitsi'"));
    ck_assert_ptr_nonnull(strstr(text_str(&last.body), "bosh"));
    ck_assert_int_eq(kit_get("jitsi", "/external_api.js")->status, 200);
    ck_assert_int_eq(kit_get("jitsi", "/room-size?room=x")->status, 400);
    ck_assert_int_eq(kit_get("jitsi", "/health")->status, 200);
}
END_TEST

START_TEST(rooms_end_with_the_last_or_by_the_system_key)
{
    open_with("/prayer-7k2m", HS256, GOOD, secret);
    kit_control("POST", "/_sim/remote",
                "{\"platform\":\"jitsi\",\"id\":\"prayer-7k2m\",\"event\":\"participant_left\"}");
    ck_assert_int_eq(kit_get("jitsi", "/room-size?room=prayer-7k2m&domain=meet.jitsi")->status,
                     404);
    open_with("/prayer-7k2m", HS256, GOOD, secret);
    static const char end[] = "/end-meeting?conference=prayer-7k2m@conference.meet.jitsi";
    ck_assert_int_eq(kit_call("jitsi", "POST", end, NULL, NULL)->status, 401);
    char *system_key = kit_ready("platforms.jitsi.system_key");
    snprintf(bearer, sizeof bearer, "%s", system_key);
    ck_assert_int_eq(kit_call("jitsi", "POST", end, NULL, NULL)->status, 200);
    ck_assert_int_eq(kit_call("jitsi", "POST", end, NULL, NULL)->status, 404);
    free(system_key);
}
END_TEST

START_TEST(rooms_tell_by_event_sync)
{
    notices_here("jitsi", "/webhooks/jitsi/1");
    open_with("/prayer-7k2m", HS256, GOOD, secret);
    char *notice = next_notice("HTTP/1.1 200 OK\r\n\r\n");
    ck_assert_ptr_nonnull(strstr(notice, "POST /webhooks/jitsi/1/events/room/created HTTP/1.1"));
    ck_assert_ptr_nonnull(strstr(notice, "Authorization: Bearer hush"));
    ck_assert_ptr_nonnull(strstr(notice, "\"room_name\":\"prayer-7k2m\""));
    free(notice);
    notice = next_notice("HTTP/1.1 200 OK\r\n\r\n");
    ck_assert_ptr_nonnull(strstr(notice, "/events/occupant/joined"));
    free(notice);
    close(listener);
}
END_TEST

TEST_MAIN_FIXTURE("sim_jitsi", setup, teardown, a_token_opens_the_room_and_guests_follow,
                  a_wrong_token_is_refused_in_the_servers_words,
                  jaas_wants_its_own_claims_from_everybody, the_server_says_who_it_is,
                  rooms_end_with_the_last_or_by_the_system_key, rooms_tell_by_event_sync)

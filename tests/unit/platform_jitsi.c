/* The Jitsi adapter: rooms, tokens and links against the pages' examples, and what a poll makes of
 * a server's answers. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>

#include "platform/jitsi.h"
#include "../lib/fakecall.h"

#define APP_ID "vpaas-magic-cookie-1fc542a3e4414a44b2611668195e2bfe"
#define KID    APP_ID "/4f4910"
#define ROOM   "prayer-7k2m9x4qd8hn"
#define CONFIG                                                                                     \
    "var config = {\n    hosts: {\n        // anonymousdomain: 'guest.example.com',\n"             \
    "        domain: 'meet.jitsi',\n        muc: 'muc.'+subdomain+'meet.jitsi',\n    },\n};\n"

#define ON(asked, code, said, ...)                                                                 \
    {                                                                                              \
        .what = asked, .status = code, .answer = said, .html = true, __VA_ARGS__                   \
    }
#define THERE ON("GET https://meet.example.org/config.js", 200, CONFIG)

static struct fake fake;
static struct meeting meeting;
static struct target target;
static struct outcome outcome;
static struct error err;
static struct fake_secret secrets[3];

static const struct fake_step nothing[] = { FAKE_END };

static int64_t at(const char *time)
{
    int64_t ms;

    ck_assert(clock_parse_rfc3339(time, &ms));
    return ms;
}

/* options: JSON; a secret is one of app_secret and private_key. */
static void begin(const struct fake_step *steps, const char *options, const char *key,
                  const char *secret, const char *settings)
{
    memset(&meeting, 0, sizeof(meeting));
    memset(&err, 0, sizeof(err));
    memset(secrets, 0, sizeof(secrets));
    fake_init(&fake, PLATFORM_JITSI, steps);
    cJSON_Delete(fake.options);
    fake.options = cJSON_Parse(options);
    ck_assert_ptr_nonnull(fake.options);
    fake.call.options = fake.options;
    secrets[0].key = key;
    secrets[0].value = secret;
    fake.secrets = secrets;
    text_replace(&meeting.title, "Prayer meeting");
    text_replace(&meeting.description, "");
    meeting.start_ms = at("2026-12-06T10:00:00Z");
    meeting.end_ms = at("2026-12-06T11:30:00Z");
    fake_target(&target, PLATFORM_JITSI, settings);
    ck_assert(outcome_init(&outcome, &target));
}

#define OWN "{\"deployment\":\"selfhosted\",\"host\":\"meet.example.org\"}"
#define OWN_TOKENS                                                                                 \
    "{\"deployment\":\"selfhosted\",\"host\":\"Meet.Example.org\",\"app_id\":\"ecclesia\","        \
    "\"audience\":\"jitsi\"}"
#define JAAS "{\"deployment\":\"jaas\",\"app_id\":\"" APP_ID "\",\"key_id\":\"" KID "\"}"

static void made(const char *room)
{
    text_replace(&target.remote_id, room);
    outcome_release(&outcome);
    ck_assert(outcome_init(&outcome, &target));
}

static void finish(void)
{
    fake_done(&fake);
    outcome_release(&outcome);
    fake_target_release(&target);
    meeting_release(&meeting);
    fake_release(&fake);
}

static bool run(bool (*operation)(struct call *, const struct meeting *, const struct target *,
                                  struct outcome *, struct error *))
{
    return operation(&fake.call, &meeting, &target, &outcome, &err);
}

/* ---- a key pair and a reader of tokens ---- */

static EVP_PKEY *key_pair;

static const char *private_pem(void)
{
    static char pem[4096];
    BIO *bio = BIO_new(BIO_s_mem());
    int length;

    if (!key_pair)
        key_pair = EVP_RSA_gen(2048);
    ck_assert_ptr_nonnull(key_pair);
    ck_assert(PEM_write_bio_PrivateKey(bio, key_pair, NULL, NULL, 0, NULL, NULL));
    length = BIO_read(bio, pem, sizeof(pem) - 1);
    ck_assert_int_gt(length, 0);
    pem[length] = '\0';
    BIO_free(bio);
    return pem;
}

static size_t decode64(const char *s, size_t length, unsigned char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned long bits = 0;
    size_t n = 0;
    int count = 0;

    for (size_t i = 0; i < length; i++) {
        const char *digit = memchr(digits, s[i], 64);
        ck_assert_msg(digit != NULL, "no base64url: %s", s);
        bits = bits << 6 | (unsigned long)(digit - digits);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[n++] = (unsigned char)(bits >> count & 0xff);
        }
    }
    out[n] = '\0';
    return n;
}

struct read_token {
    char header[400], payload[1500], link[2100]; /* link without the token */
};

/* Takes a link's token apart. False when there is none. */
static bool token_of(const char *link, struct read_token *out)
{
    const char *start = strstr(link, "?jwt="), *first, *second;
    unsigned char signature[1024];
    size_t length, signed_length;
    EVP_MD_CTX *ctx;

    memset(out, 0, sizeof(*out));
    text_copy_to(out->link, sizeof(out->link), link);
    if (!start)
        return false;
    ck_assert(!memchr(link, '#', (size_t)(start - link)));
    start += 5;
    length = strcspn(start, "#");
    snprintf(out->link, sizeof(out->link), "%.*s%s", (int)(start - 5 - link), link, start + length);
    first = memchr(start, '.', length);
    ck_assert_ptr_nonnull(first);
    second = strchr(first + 1, '.');
    ck_assert(second && second < start + length);
    decode64(start, (size_t)(first - start), (unsigned char *)out->header);
    decode64(first + 1, (size_t)(second - first - 1), (unsigned char *)out->payload);
    signed_length = decode64(second + 1, (size_t)(start + length - second - 1), signature);
    if (strstr(out->header, "RS256")) {
        ctx = EVP_MD_CTX_new();
        ck_assert_int_eq(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key_pair), 1);
        ck_assert_int_eq(EVP_DigestVerify(ctx, signature, signed_length,
                                          (const unsigned char *)start, (size_t)(second - start)),
                         1);
        EVP_MD_CTX_free(ctx);
    }
    return true;
}

/* ---- tokens ---- */

START_TEST(signs_the_pages_vector)
{
    struct text token;

    begin(nothing, OWN, NULL, NULL, NULL);
    text_init(&token, 2000);
    ck_assert(jitsi_sign(&fake.call, CALL_HS256, "s3cret-of-the-jitsi-server",
                         "{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
                         "{\"aud\":\"jitsi\",\"iss\":\"ecclesia\",\"sub\":\"meet.example.org\","
                         "\"room\":\"prayer-7k2m9x4qd8\",\"iat\":1790000000,\"nbf\":1789999990,"
                         "\"exp\":1790007200}",
                         &token, &err));
    ck_assert_str_eq(text_str(&token),
                     "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                     "eyJhdWQiOiJqaXRzaSIsImlzcyI6ImVjY2xlc2lhIiwic3ViIjoibWVldC5leGFtcGxlLm9yZyIs"
                     "InJvb20iOiJwcmF5ZXItN2sybTl4NHFkOCIsImlhdCI6MTc5MDAwMDAwMCwibmJmIjoxNzg5OTk5"
                     "OTkwLCJleHAiOjE3OTAwMDcyMDB9.Acpe-3XXmEsJWQx_DqBije8CEuZ6thLiolsEc0lp_UQ");
    text_release(&token);
    finish();
}
END_TEST

START_TEST(says_all_of_a_person)
{
    struct jitsi_grant g = { .aud = "jitsi",
                             .iss = "ecclesia",
                             .sub = "meet.example.org",
                             .room = ROOM,
                             .nbf = 1790852340,
                             .iat = 1790852400,
                             .exp = 1790870400,
                             .person = { .id = "u-41",
                                         .name = "Pastor Ruth",
                                         .email = "ruth@example.org",
                                         .moderator = true } };
    struct text t;

    text_init(&t, 2000);
    ck_assert(jitsi_payload(&g, &t, &err));
    ck_assert_str_eq(
        text_str(&t),
        "{\"aud\":\"jitsi\",\"iss\":\"ecclesia\",\"sub\":\"meet.example.org\",\"room\":"
        "\"prayer-7k2m9x4qd8hn\",\"nbf\":1790852340,\"iat\":1790852400,\"exp\":"
        "1790870400,\"context\":{\"user\":{\"id\":\"u-41\",\"name\":\"Pastor Ruth\","
        "\"email\":\"ruth@example.org\",\"moderator\":\"true\",\"affiliation\":\"owner\"},"
        "\"features\":{\"livestreaming\":true,\"recording\":true}}}");
    text_release(&t);
}
END_TEST

START_TEST(says_a_jaas_guest)
{
    struct jitsi_grant g = { .aud = "jitsi",
                             .iss = "chat",
                             .sub = APP_ID,
                             .room = ROOM,
                             .nbf = 1790852340,
                             .exp = 1790870400,
                             .person = { .id = "g-7f", .name = "Guest" },
                             .words = true };
    struct text t;

    text_init(&t, 2000);
    ck_assert(jitsi_payload(&g, &t, &err));
    ck_assert_str_eq(text_str(&t),
                     "{\"aud\":\"jitsi\",\"iss\":\"chat\",\"sub\":\"" APP_ID "\",\"room\":"
                     "\"prayer-7k2m9x4qd8hn\",\"nbf\":1790852340,\"exp\":1790870400,\"context\":"
                     "{\"user\":{\"id\":\"g-7f\",\"name\":\"Guest\",\"moderator\":\"false\"},"
                     "\"features\":{\"livestreaming\":\"false\",\"recording\":\"false\"}}}");
    text_release(&t);
}
END_TEST

/* Prosody raises an exception on null in context.user. */
START_TEST(leaves_empty_members_out)
{
    struct jitsi_grant whole = { .aud = "jitsi",
                                 .iss = "ecclesia",
                                 .sub = "*",
                                 .room = ROOM,
                                 .nbf = 1,
                                 .exp = 2,
                                 .person = { .id = "u", .name = "", .email = NULL, .avatar = "" } };
    struct jitsi_grant g = whole;
    struct text t;

    text_init(&t, 2000);
    ck_assert(jitsi_payload(&g, &t, &err));
    ck_assert_ptr_null(strstr(text_str(&t), "null"));
    ck_assert_ptr_null(strstr(text_str(&t), "name"));
    ck_assert_ptr_null(strstr(text_str(&t), "email"));
    ck_assert_ptr_null(strstr(text_str(&t), "avatar"));
    ck_assert_ptr_null(strstr(text_str(&t), "iat"));
    ck_assert_ptr_null(strstr(text_str(&t), "affiliation"));
    for (int i = 0; i < 7; i++) {
        g = whole;
        text_clear(&t);
        g.aud = i == 0 ? "" : g.aud;
        g.iss = i == 1 ? NULL : g.iss;
        g.sub = i == 2 ? "" : g.sub;
        g.room = i == 3 ? NULL : g.room;
        g.person.id = i == 4 ? NULL : i == 5 ? "" : g.person.id;
        g.exp = i == 6 ? g.nbf : g.exp;
        ck_assert_msg(!jitsi_payload(&g, &t, &err), "%d", i);
        ck_assert_int_eq(err.kind, ERROR_INTERNAL);
        ck_assert_uint_eq(t.length, 0);
    }
    text_release(&t);
}
END_TEST

/* ---- rooms ---- */

static const struct {
    const char *title, *slug;
} slugs[] = {
    { "Prayer", "prayer" },
    { "  Prayer -- meeting!  ", "prayer-meeting" },
    { "St Mark's Sunday Service", "st-marks-sunday-service" },
    { "St Mark\xe2\x80\x99s", "st-marks" },
    { "\xc3\x9c"
      "bung f\xc3\xbcr Chor & \xc3\x84lteste",
      "ubung-fur-chor-alteste" },
    { "u\xcc\x88"
      "ben",
      "uben" },
    { "Slujb\xc4\x83 de sear\xc4\x83 \xc8\x99i rug\xc4\x83"
      "ciune",
      "slujba-de-seara-si-rugac" },
    { "\xe7\xa5\x88\xe3\x82\x8a", "meeting" },
    { "\xe7\xa5\x88\xe3\x82\x8a 2026", "2026" },
    { "!!!", "meeting" },
    { "", "meeting" },
    { "\xff\xfe"
      "a",
      "a" },
    { "abcdefghijklmnopqrstuvwx yz", "abcdefghijklmnopqrstuvwx" },
    { "abcdefghijklmnopqrstuvw xyz", "abcdefghijklmnopqrstuvw" },
};

START_TEST(slugs_of_titles)
{
    char slug[25];

    jitsi_slug(slugs[_i].title, slug);
    ck_assert_str_eq(slug, slugs[_i].slug);
}
END_TEST

static unsigned char derived[32];

static bool derive_fixed(struct call *call, const char *purpose, unsigned char out[32],
                         struct error *e)
{
    (void)call;
    (void)e;
    ck_assert_str_eq(purpose, "jitsi-room");
    memcpy(out, derived, 32);
    return true;
}

START_TEST(room_codes_are_base_30)
{
    char room[JITSI_ROOM_SIZE];

    begin(nothing, OWN, NULL, NULL, NULL);
    fake.call.derive = derive_fixed;
    memset(derived, 0, sizeof(derived));
    ck_assert(jitsi_room_made(&fake.call, "Prayer", room, &err));
    ck_assert_str_eq(room, "prayer-222222222222");
    memset(derived, 0xff, sizeof(derived));
    ck_assert(jitsi_room_made(&fake.call, "Prayer", room, &err));
    ck_assert_str_eq(room, "prayer-haardn5sdspj");
    for (unsigned char i = 0; i < 32; i++)
        derived[i] = i;
    ck_assert(jitsi_room_made(&fake.call, "Prayer", room, &err));
    ck_assert_str_eq(room, "prayer-hj4k25efwya2");
    finish();
}
END_TEST

START_TEST(room_names_follow_the_wish)
{
    char first[JITSI_ROOM_SIZE], again[JITSI_ROOM_SIZE], key[33];
    unsigned seen[256] = { 0 };

    begin(nothing, OWN, NULL, NULL, NULL);
    ck_assert(jitsi_room_made(&fake.call, "Prayer", first, &err));
    ck_assert(jitsi_room_made(&fake.call, "Prayer", again, &err));
    ck_assert_str_eq(first, again);
    for (int i = 0; i < 300; i++) {
        snprintf(key, sizeof(key), "%032x", i);
        fake.call.idem_key = key;
        ck_assert(jitsi_room_made(&fake.call, "Prayer", again, &err));
        ck_assert_str_ne(first, again);
        ck_assert_uint_eq(strlen(again), strlen("prayer-") + 12);
        ck_assert(!again[7 + strspn(again + 7, "23456789abcdefghjkmnpqrstvwxyz")]);
        for (const char *s = again + 7; *s; s++)
            seen[(unsigned char)*s]++;
    }
    /* 3600 symbols of 30 kinds: each about 120 times. */
    for (const char *s = "23456789abcdefghjkmnpqrstvwxyz"; *s; s++)
        ck_assert_msg(seen[(unsigned char)*s] > 60 && seen[(unsigned char)*s] < 200, "%c: %u", *s,
                      seen[(unsigned char)*s]);
    finish();
}
END_TEST

static const struct {
    const char *typed, *room; /* NULL: refused */
} typed_rooms[] = {
    { "Prayer-Room", "prayer-room" },
    { "St. Mark", NULL },
    { "a b\tc", "abc" },
    { "a:b?c#d[e]f@g!h$i&j'k(l)m*n+o,p;q=r>s<t/u\"v", "abcdefghijklmnopqrstuv" },
    { "\xc3\x9c"
      "bung",
      NULL },
    { "a%20b", NULL },
    { "???", NULL },
    { "a\\b", NULL },
    { "a_1-2", "a_1-2" },
    { "123456789012345678901234567890123456789012345678901234567890",
      "123456789012345678901234567890123456789012345678901234567890" },
    { "1234567890123456789012345678901234567890123456789012345678901", NULL },
};

START_TEST(rooms_that_people_type)
{
    char room[JITSI_ROOM_SIZE];
    bool fine = jitsi_room_typed(typed_rooms[_i].typed, room, &err);

    ck_assert_msg(fine == (typed_rooms[_i].room != NULL), "%s", typed_rooms[_i].typed);
    if (fine) {
        ck_assert_str_eq(room, typed_rooms[_i].room);
    } else {
        ck_assert_int_eq(err.kind, ERROR_INPUT);
        ck_assert_ptr_nonnull(strstr(err.remedy, "a-z"));
    }
}
END_TEST

START_TEST(knows_guessable_rooms)
{
    ck_assert(jitsi_room_guessable("prayer"));
    ck_assert(jitsi_room_guessable("prayer-2026"));
    ck_assert(jitsi_room_guessable("bible-study-a1"));
    ck_assert(!jitsi_room_guessable("prayer-7k2m9x4qd8hn"));
    ck_assert(!jitsi_room_guessable("7k2m9x4q"));
}
END_TEST

/* ---- connecting ---- */

static const struct {
    const char *options, *key, *secret, *named; /* named NULL: fine */
} connects[] = {
    { "{}", NULL, NULL, NULL },
    { "{\"deployment\":\"public\",\"host\":\"meet.jit.si\"}", NULL, NULL, NULL },
    { "{\"deployment\":\"public\",\"host\":\"meet.example.org\"}", NULL, NULL, "host of its own" },
    { "{\"deployment\":\"public\"}", "app_secret", "x", "takes no tokens" },
    { "{\"deployment\":\"cloud\"}", NULL, NULL, "deployment" },
    { OWN, NULL, NULL, NULL },
    { "{\"deployment\":\"selfhosted\"}", NULL, NULL, "needs host" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"https://Meet.example.org:8443/\"}", NULL, NULL,
      NULL },
    { "{\"deployment\":\"selfhosted\",\"host\":\"meet.example.org/room\"}", NULL, NULL, "host" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"a b\"}", NULL, NULL, "host" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"x@y.example\"}", NULL, NULL, "host" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"meet.example.org:\"}", NULL, NULL, "host" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"meet.jit.si\"}", NULL, NULL, "own" },
    { OWN_TOKENS, "app_secret", "s3cret", NULL },
    { OWN, "app_secret", "s3cret", "app id" },
    { OWN_TOKENS, "private_key", "x", "RS256 only" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"m.example\",\"algorithm\":\"RS256\",\"app_id\":"
      "\"a\"}",
      NULL, NULL, "private key" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"m.example\",\"algorithm\":\"RS256\",\"app_id\":"
      "\"a\"}",
      "private_key", "PEM", "RS256 needs a key id" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"m.example\",\"algorithm\":\"RS256\",\"app_id\":"
      "\"a\",\"key_id\":\"k\"}",
      "private_key", "PEM", NULL },
    { "{\"deployment\":\"selfhosted\",\"host\":\"m.example\",\"algorithm\":\"RS256\",\"app_id\":"
      "\"a\",\"key_id\":\"k\"}",
      "private_key", "not a key", "private_key" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"m.example\",\"algorithm\":\"none\"}", NULL, NULL,
      "algorithm" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"m.example\",\"tenant\":\"a/b\"}", NULL, NULL,
      "tenant" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"m.example\",\"status_url\":"
      "\"http://prosody.internal:5280\"}",
      NULL, NULL, "status_url" },
    { "{\"deployment\":\"selfhosted\",\"host\":\"m.example\",\"status_url\":"
      "\"http://127.0.0.1:5280/room-size\"}",
      NULL, NULL, NULL },
    { JAAS, "private_key", "PEM", NULL },
    { JAAS, NULL, NULL, "without a token" },
    { "{\"deployment\":\"jaas\",\"app_id\":\"cookie\",\"key_id\":\"cookie/1\"}", "private_key",
      "PEM", "app_id" },
    { "{\"deployment\":\"jaas\",\"app_id\":\"" APP_ID "\",\"key_id\":\"4f4910\"}", "private_key",
      "PEM", "key_id" },
    { "{\"deployment\":\"jaas\",\"app_id\":\"" APP_ID "\",\"key_id\":\"" APP_ID "/\"}",
      "private_key", "PEM", "key_id" },
};

START_TEST(checks_options)
{
    const char *secret = connects[_i].secret;
    bool fine;

    begin(nothing, connects[_i].options, connects[_i].key,
          text_equal(secret, "PEM") ? private_pem() : secret, NULL);
    fine = platform_jitsi.check(&fake.call, &err);
    ck_assert_msg(fine == !connects[_i].named, "%s: %s", connects[_i].options, err.message);
    if (!fine) {
        ck_assert_int_eq(err.kind, ERROR_INPUT);
        ck_assert_msg(strstr(err.message, connects[_i].named) != NULL, "%s", err.message);
        ck_assert(*err.remedy);
        ck_assert_ptr_null(strstr(err.message, "s3cret"));
    }
    finish();
}
END_TEST

START_TEST(identifies_a_server)
{
    static const struct fake_step steps[] = { THERE,
                                              ON("GET https://meet.jit.si/config.js", 200, CONFIG),
                                              ON("GET https://8x8.vc/config.js", 404, ""),
                                              FAKE_END };
    struct account account;

    begin(steps, OWN, NULL, NULL, NULL);
    ck_assert_msg(platform_jitsi.identify(&fake.call, &account, &err), "%s", err.message);
    ck_assert_str_eq(account.ref, "meet.example.org");
    ck_assert_str_eq(account.name, "meet.example.org");
    fake.call.options = cJSON_Parse("{}");
    ck_assert(platform_jitsi.identify(&fake.call, &account, &err));
    ck_assert_str_eq(account.ref, "meet.jit.si");
    cJSON_Delete((cJSON *)fake.call.options);
    fake.call.options = cJSON_Parse(JAAS);
    secrets[0] = (struct fake_secret){ "private_key", private_pem() };
    ck_assert_msg(platform_jitsi.identify(&fake.call, &account, &err), "%s", err.message);
    ck_assert_str_eq(account.ref, APP_ID);
    cJSON_Delete((cJSON *)fake.call.options);
    finish();
}
END_TEST

static const struct {
    struct fake_step step;
    enum error_kind kind;
    const char *message;
} strangers[] = {
    { ON("GET ", 404, "<html>"), ERROR_GARBAGE,
      "meet.example.org did not answer like a Jitsi server (HTTP 404 for /config.js)." },
    { ON("GET ", 200, "<html>Welcome</html>"), ERROR_GARBAGE, "HTTP 200" },
    { ON("GET ", 502, "<html>"), ERROR_SERVER, "HTTP 502" },
    { ON("GET ", 0, NULL, .fails = ERROR_NET_PRE), ERROR_NET_PRE, "" },
    { ON("GET ", 0, NULL, .fails = ERROR_CANCELLED), ERROR_CANCELLED, "" },
};

START_TEST(identifies_no_stranger)
{
    struct fake_step steps[] = { strangers[_i].step, FAKE_END };
    struct account account;

    begin(steps, OWN, NULL, NULL, NULL);
    ck_assert(!platform_jitsi.identify(&fake.call, &account, &err));
    ck_assert_int_eq(err.kind, strangers[_i].kind);
    ck_assert_msg(strstr(err.message, strangers[_i].message) != NULL, "%s", err.message);
    finish();
}
END_TEST

static const struct {
    const char *config, *domain;
} domains[] = {
    { CONFIG, "meet.jitsi" },
    { "config.hosts = {};\nconfig.hosts.domain = \"meet.church.example\";", "meet.church.example" },
    { "hosts: { anonymousdomain: 'guest.x', domain:'a.example' }", "a.example" },
    { "hosts: { fooddomain: 'x' } // domain", "" },
    { "hosts domain: 'no end", "" },
    { "hosts domain: '<script>'", "" },
};

START_TEST(reads_the_inner_domain)
{
    struct fake_step steps[] = { ON("GET ", 200, domains[_i].config), FAKE_END };
    struct jitsi_server s;
    char domain[256];

    begin(steps, OWN, NULL, NULL, NULL);
    ck_assert(jitsi_server_read(&fake.call, &s, &err));
    ck_assert_int_eq(jitsi_reach(&fake.call, &s, domain, &err), JITSI_REACHED);
    ck_assert_str_eq(domain, domains[_i].domain);
    finish();
}
END_TEST

/* ---- create, update, cancel ---- */

START_TEST(creates_on_a_public_server)
{
    static const struct fake_step steps[] = {
        ON("GET https://meet.jit.si/config.js", 200, CONFIG, .lacks = { "Authorization" }), FAKE_END
    };
    char room[JITSI_ROOM_SIZE], link[200];

    begin(steps, "{}", NULL, NULL, NULL);
    ck_assert(jitsi_room_made(&fake.call, "Prayer meeting", room, &err));
    ck_assert_msg(run(platform_jitsi.meeting_create), "%s", err.message);
    ck_assert_str_eq(outcome.remote_id, room);
    snprintf(link, sizeof(link),
             "https://meet.jit.si/%s#config.subject=%%22Prayer%%20meeting%%22&"
             "config.prejoinConfig.enabled=true",
             room);
    ck_assert_str_eq(outcome.url, link);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_ptr_nonnull(strstr(outcome.note, "sign in first"));
    ck_assert_uint_eq(fake.saved_count, 1);
    ck_assert_str_eq(fake.saved[0].url, link);
    finish();
}
END_TEST

START_TEST(settings_go_into_the_link)
{
    static const struct fake_step steps[] = { THERE, FAKE_END };

    begin(steps, OWN, NULL, NULL,
          "{\"room\":\"Prayer-7K2M9X4QD8HN\",\"start_muted\":true,\"prejoin\":true}");
    ck_assert(platform_jitsi.meeting_check(&meeting, &target, &err));
    ck_assert(run(platform_jitsi.meeting_create));
    ck_assert_str_eq(outcome.url,
                     "https://meet.example.org/" ROOM "#config.subject=%22Prayer%20meeting%22&"
                     "config.startWithAudioMuted=true&config.prejoinConfig.enabled=true");
    ck_assert_str_eq(kit_remembered(&outcome, "domain"), "meet.jitsi");
    ck_assert_str_eq(outcome.note, "");
    text_replace(&target.settings, "{\"room\":\"prayer\",\"subject\":false,\"prejoin\":false,"
                                   "\"lobby\":true}");
    ck_assert(run(platform_jitsi.meeting_update));
    ck_assert_str_eq(outcome.url, "https://meet.example.org/prayer#config.prejoinConfig.enabled="
                                  "false&config.lobby.autoKnock=true");
    ck_assert_ptr_nonnull(strstr(outcome.note, "guess"));
    text_replace(&target.settings, "{\"room\":\"\xc3\x9c\"}");
    ck_assert(!platform_jitsi.meeting_check(&meeting, &target, &err));
    finish();
}
END_TEST

/* A crash after the link was saved, and one before: the same room each time. */
START_TEST(creates_the_same_room_each_time)
{
    static const struct fake_step steps[] = { THERE, THERE, FAKE_END };
    char first[160];

    begin(steps, OWN, NULL, NULL, NULL);
    fake.progress_fails_at = 1;
    ck_assert(!run(platform_jitsi.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_STORE);
    text_copy_to(first, sizeof(first), outcome.remote_id);
    outcome_release(&outcome);
    ck_assert(outcome_init(&outcome, &target));
    ck_assert(run(platform_jitsi.meeting_create));
    ck_assert_str_eq(outcome.remote_id, first);
    /* What is there stays, whatever the title and the wish are now. */
    fake_target_take(&target, &outcome);
    outcome_release(&outcome);
    ck_assert(outcome_init(&outcome, &target));
    fake.call.idem_key = "99999999999999999999999999999999";
    text_replace(&meeting.title, "Evening Prayer");
    ck_assert(run(platform_jitsi.meeting_update));
    ck_assert_str_eq(outcome.remote_id, first);
    ck_assert_ptr_nonnull(strstr(outcome.url, "Evening%20Prayer"));
    ck_assert(run(platform_jitsi.meeting_create));
    ck_assert_str_eq(outcome.remote_id, first);
    finish();
}
END_TEST

static const struct fake_step away_steps[][2] = {
    { ON("GET ", 0, NULL, .fails = ERROR_NET_PRE), FAKE_END },
    { ON("GET ", 0, NULL, .fails = ERROR_TLS_CERT), FAKE_END },
    { ON("GET ", 503, ""), FAKE_END },
    { ON("GET ", 404, "<html>"), FAKE_END },
};

START_TEST(creates_while_the_server_is_away)
{
    begin(away_steps[_i], OWN, NULL, NULL, NULL);
    ck_assert(run(platform_jitsi.meeting_create));
    ck_assert(*outcome.url);
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    ck_assert_ptr_nonnull(strstr(outcome.note, "meet.example.org does not answer"));
    finish();
}
END_TEST

START_TEST(creates_nothing_in_the_past)
{
    begin(nothing, OWN, NULL, NULL, NULL);
    fake.call.now_ms = meeting.end_ms;
    ck_assert(!run(platform_jitsi.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_REFUSED);
    finish();
}
END_TEST

/* What members get never makes a moderator of them. */
START_TEST(members_get_no_moderators_token)
{
    static const struct fake_step own[] = { THERE, FAKE_END };
    static const struct fake_step jaas[] = { ON("GET https://8x8.vc/config.js", 200, CONFIG),
                                             FAKE_END };
    struct read_token token;
    char expected[900], exp[40];

    begin(own, OWN_TOKENS, "app_secret", "s3cret", NULL);
    ck_assert(run(platform_jitsi.meeting_create));
    ck_assert(!token_of(outcome.url, &token));
    ck_assert_ptr_null(strstr(outcome.url, "jwt"));
    finish();

    begin(jaas, JAAS, "private_key", private_pem(), "{\"room\":\"" ROOM "\"}");
    ck_assert_msg(run(platform_jitsi.meeting_create), "%s", err.message);
    ck_assert(token_of(outcome.url, &token));
    ck_assert_str_eq(token.link,
                     "https://8x8.vc/" APP_ID "/" ROOM "#config.subject=%22Prayer%20meeting%22&"
                     "config.prejoinConfig.enabled=true");
    ck_assert_str_eq(token.header, "{\"alg\":\"RS256\",\"kid\":\"" KID "\",\"typ\":\"JWT\"}");
    ck_assert_ptr_nonnull(strstr(token.payload, "\"moderator\":\"false\""));
    ck_assert_ptr_null(strstr(token.payload, "true"));
    ck_assert_ptr_null(strstr(token.payload, "owner"));
    ck_assert_ptr_null(strstr(token.payload, "@"));
    snprintf(expected, sizeof(expected),
             "{\"aud\":\"jitsi\",\"iss\":\"chat\",\"sub\":\"" APP_ID "\",\"room\":\"" ROOM
             "\",\"nbf\":%lld,\"exp\":%lld,\"context\":{\"user\":{\"id\":\"g-",
             (long long)(fake.call.now_ms / 1000 - 60), (long long)(meeting.end_ms / 1000 + 7200));
    ck_assert_msg(text_starts(token.payload, expected), "%s", token.payload);
    /* Moved: the old token would end too early. */
    meeting.start_ms += INT64_C(7) * 86400000;
    meeting.end_ms += INT64_C(7) * 86400000;
    ck_assert(run(platform_jitsi.meeting_update));
    ck_assert(token_of(outcome.url, &token));
    snprintf(exp, sizeof(exp), "\"exp\":%lld,", (long long)(meeting.end_ms / 1000 + 7200));
    ck_assert_ptr_nonnull(strstr(token.payload, exp));
    finish();
}
END_TEST

/* A server of one's own that lets nobody in without a token: all members share a guest's, which is
 * good for every time of a series and makes no moderator. */
START_TEST(members_get_a_guests_token_when_asked)
{
    static const struct fake_step own[] = { THERE, FAKE_END };
    struct read_token token;
    char exp[40];

    begin(own, OWN_TOKENS, "app_secret", "s3cret",
          "{\"guest_token\":true,\"repeat\":\"weekly\",\"repeat_count\":3,"
          "\"host_name\":\"Pastor Ruth\",\"host_email\":\"ruth@example.org\"}");
    ck_assert_msg(run(platform_jitsi.meeting_create), "%s", err.message);
    ck_assert(token_of(outcome.url, &token));
    ck_assert_ptr_nonnull(strstr(token.payload, "\"name\":\"Guest\",\"moderator\":\"false\"},"
                                                "\"features\":{\"livestreaming\":false,"
                                                "\"recording\":false}}}"));
    ck_assert_ptr_null(strstr(token.payload, "owner"));
    ck_assert_ptr_null(strstr(token.payload, "ruth"));
    snprintf(exp, sizeof exp, "\"exp\":%lld,",
             (long long)(meeting.end_ms / 1000 + 14 * 86400 + 7200));
    ck_assert_msg(strstr(token.payload, exp) != NULL, "%s", token.payload);
    finish();

    begin(nothing, OWN, NULL, NULL, "{\"guest_token\":true}");
    ck_assert(!run(platform_jitsi.meeting_create));
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "guest_token"));
    finish();
}
END_TEST

START_TEST(the_link_carries_its_wishes)
{
    static const struct fake_step own[] = { THERE, FAKE_END };

    begin(own, OWN, NULL, NULL,
          "{\"subject\":false,\"start_muted\":true,\"start_without_video\":true,"
          "\"require_name\":true,\"stay_in_browser\":true,\"prejoin\":false}");
    ck_assert_msg(run(platform_jitsi.meeting_create), "%s", err.message);
    ck_assert_ptr_nonnull(strstr(outcome.url,
                                 "#config.startWithAudioMuted=true&config.startWithVideoMuted=true&"
                                 "config.requireDisplayName=true&config.deeplinking.disabled=true&"
                                 "config.prejoinConfig.enabled=false"));
    finish();
}
END_TEST

static const char *const long_titles[] = {
    "\xe7\xa5\x88\xe3\x82\x8a\xe3\x81\xae\xe4\xbc\x9a",
    "\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5"
    "\x88"
    "\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5"
    "\x88"
    "\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5"
    "\x88"
    "\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5"
    "\x88"
    "\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5"
    "\x88"
    "\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5"
    "\x88"
    "\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5"
    "\x88"
    "\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5\x88\xe7\xa5"
    "\x88",
    "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""
    "\"\"\""
    "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""
    "\"\"\""
    "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""
    "\"\"\"",
    "Tea & \"cake\" #1 100% </script>?x=y",
};

START_TEST(any_title_makes_a_link)
{
    static const struct fake_step jaas[] = { ON("GET https://8x8.vc/config.js", 200, CONFIG),
                                             FAKE_END };
    char decoded[700];
    const char *s;
    size_t n = 0;
    cJSON *subject;

    begin(jaas, JAAS, "private_key", private_pem(), NULL);
    text_replace(&meeting.title, long_titles[_i]);
    ck_assert_msg(run(platform_jitsi.meeting_create), "%s", err.message);
    s = strstr(outcome.url, "#config.subject=");
    ck_assert_ptr_nonnull(s);
    for (s += 16; *s && *s != '&'; s++) {
        unsigned char byte = (unsigned char)*s;
        if (*s == '%') {
            char hex[3] = { s[1], s[2], '\0' };
            ck_assert(text_from_hex(&byte, 1, hex));
            s += 2;
        }
        decoded[n++] = (char)byte;
    }
    decoded[n] = '\0';
    subject = cJSON_Parse(decoded);
    ck_assert_msg(cJSON_IsString(subject), "%s", decoded);
    ck_assert(utf8_valid(subject->valuestring, strlen(subject->valuestring)));
    ck_assert(text_starts(long_titles[_i], subject->valuestring));
    ck_assert_uint_gt(strlen(subject->valuestring), 10);
    cJSON_Delete(subject);
    finish();
}
END_TEST

START_TEST(cancels)
{
    begin(nothing, OWN, NULL, NULL, NULL);
    ck_assert(run(platform_jitsi.meeting_cancel));
    made(ROOM);
    ck_assert(run(platform_jitsi.meeting_cancel));
    ck_assert(outcome.gone);
    ck_assert_int_eq(outcome.status, TARGET_ENDED);
    finish();
}
END_TEST

/* ---- host's link ---- */

static void host_link(struct read_token *token, bool has)
{
    struct text link;

    text_init(&link, 4000);
    ck_assert_msg(platform_jitsi.meeting_host_link(&fake.call, &meeting, &target, &link, &err),
                  "%s", err.message);
    ck_assert(token_of(text_str(&link), token) == has);
    text_release(&link);
}

START_TEST(host_link_on_ones_own_server)
{
    struct read_token token;
    char expected[900];

    begin(nothing, OWN_TOKENS, "app_secret", "s3cret", "{\"subject\":false}");
    made(ROOM);
    host_link(&token, true);
    ck_assert_str_eq(token.link,
                     "https://meet.example.org/" ROOM "#config.prejoinConfig.enabled=true");
    ck_assert_str_eq(token.header, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    snprintf(expected, sizeof(expected),
             "{\"aud\":\"jitsi\",\"iss\":\"ecclesia\",\"sub\":\"meet.example.org\",\"room\":\"" ROOM
             "\",\"nbf\":%lld,\"iat\":%lld,\"exp\":%lld,\"context\":{\"user\":{\"id\":\"h-",
             (long long)(fake.call.now_ms / 1000 - 60), (long long)(fake.call.now_ms / 1000),
             (long long)(meeting.end_ms / 1000 + 21600));
    ck_assert_msg(text_starts(token.payload, expected), "%s", token.payload);
    ck_assert_ptr_nonnull(strstr(token.payload, "\",\"name\":\"Host\",\"moderator\":\"true\","
                                                "\"affiliation\":\"owner\"},\"features\":"
                                                "{\"livestreaming\":true,\"recording\":true}}}"));
    /* Nothing of it is kept. */
    ck_assert_str_eq(target.url, "");
    fake.call.now_ms = meeting.end_ms + INT64_C(6) * 3600000;
    ck_assert(!platform_jitsi.meeting_host_link(&fake.call, &meeting, &target, &(struct text){ 0 },
                                                &err));
    ck_assert_int_eq(err.kind, ERROR_REFUSED);
    finish();
}
END_TEST

/* The claims say what the host may do; once one is named, all that are not named are off. */
START_TEST(host_link_says_what_the_host_may_do)
{
    static const char settings[] =
        "{\"recording\":false,\"transcription\":true,\"dial_out\":false,"
        "\"host_name\":\"Pastor Ruth\",\"host_email\":\"ruth@example.org\"}";
    struct read_token token;

    begin(nothing, OWN_TOKENS, "app_secret", "s3cret", settings);
    made(ROOM);
    host_link(&token, true);
    ck_assert_ptr_nonnull(strstr(token.payload,
                                 "\"name\":\"Pastor Ruth\",\"email\":\"ruth@example.org\","
                                 "\"moderator\":\"true\",\"affiliation\":\"owner\"},"
                                 "\"features\":{\"livestreaming\":true,\"recording\":false,"
                                 "\"transcription\":true,\"outbound-call\":false}}}"));
    finish();

    begin(nothing, JAAS, "private_key", private_pem(), settings);
    made(ROOM);
    host_link(&token, true);
    ck_assert_ptr_nonnull(strstr(token.payload,
                                 "\"features\":{\"livestreaming\":\"true\",\"recording\":"
                                 "\"false\",\"transcription\":\"true\",\"outbound-call\":"
                                 "\"false\"}}}"));
    finish();
}
END_TEST

/* Of a series the host's token ends with the time that counts now. */
START_TEST(host_link_of_a_series)
{
    struct read_token token;
    char exp[40];

    begin(nothing, OWN_TOKENS, "app_secret", "s3cret",
          "{\"repeat\":\"weekly\",\"repeat_count\":3}");
    made(ROOM);
    fake.call.now_ms = meeting.end_ms + 86400000;
    host_link(&token, true);
    snprintf(exp, sizeof exp, "\"exp\":%lld,",
             (long long)(meeting.end_ms / 1000 + 7 * 86400 + 21600));
    ck_assert_msg(strstr(token.payload, exp) != NULL, "%s", token.payload);
    finish();
}
END_TEST

START_TEST(host_link_of_a_tenant)
{
    struct read_token token;

    begin(nothing,
          "{\"deployment\":\"selfhosted\",\"host\":\"meet.example.org:8443\",\"app_id\":\"ec\","
          "\"tenant\":\"st-marks\",\"algorithm\":\"RS256\",\"key_id\":\"k1\"}",
          "private_key", private_pem(), NULL);
    made(ROOM);
    host_link(&token, true);
    ck_assert(text_starts(token.link, "https://meet.example.org:8443/st-marks/" ROOM "#"));
    ck_assert_str_eq(token.header, "{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}");
    ck_assert(
        text_starts(token.payload, "{\"aud\":\"ec\",\"iss\":\"ec\",\"sub\":\"st-marks\",\"room\""));
    finish();
}
END_TEST

START_TEST(host_link_of_jaas)
{
    struct read_token token;

    begin(nothing, JAAS, "private_key", private_pem(), NULL);
    made(ROOM);
    host_link(&token, true);
    ck_assert_ptr_nonnull(strstr(token.payload, "\"name\":\"Host\",\"moderator\":\"true\"},"
                                                "\"features\":{\"livestreaming\":\"true\","
                                                "\"recording\":\"true\"}}}"));
    finish();
}
END_TEST

START_TEST(host_link_without_tokens)
{
    struct read_token token;
    struct text link;

    begin(nothing, "{}", NULL, NULL, NULL);
    text_init(&link, 4000);
    ck_assert(!jitsi_host_link(&fake.call, &meeting, &target, &link, &err));
    ck_assert_int_eq(err.kind, ERROR_REFUSED);
    text_release(&link);
    made(ROOM);
    host_link(&token, false);
    ck_assert(text_starts(token.link, "https://meet.jit.si/" ROOM "#"));
    finish();
}
END_TEST

/* ---- poll ---- */

static const struct {
    const char *now;
    enum target_status after;
    const char *note;
    bool looks;
} clocks[] = {
    { "2026-12-01T09:12:00Z", TARGET_PENDING, "sign in first", false },
    { "2026-12-06T09:01:00Z", TARGET_PENDING, "sign in first", true },
    { "2026-12-06T09:51:00Z", TARGET_PENDING, "sign in first", true },
    { "2026-12-06T10:00:00Z", TARGET_LIVE, "Not checked: this server does not tell.", false },
    { "2026-12-06T11:29:59Z", TARGET_LIVE, "Not checked: this server does not tell.", false },
    { "2026-12-06T11:30:00Z", TARGET_ENDED, "Not checked: this server does not tell.", false },
};

START_TEST(polls_by_the_clock)
{
    const struct fake_step steps[] = { ON("GET https://meet.jit.si/config.js", 200, CONFIG),
                                       FAKE_END };

    begin(clocks[_i].looks ? steps : nothing, "{}", NULL, NULL, NULL);
    made(ROOM);
    fake.call.now_ms = at(clocks[_i].now);
    ck_assert_msg(run(platform_jitsi.meeting_poll), "%s", err.message);
    ck_assert_int_eq(outcome.status, clocks[_i].after);
    ck_assert_msg(strstr(outcome.note, clocks[_i].note) != NULL, "%s", outcome.note);
    ck_assert_int_eq(outcome.viewers, -1);
    if (outcome.status != TARGET_PENDING)
        ck_assert(outcome.started_ms == meeting.start_ms || outcome.status == TARGET_ENDED);
    finish();
}
END_TEST

static void poll_at(const char *now, enum target_status after)
{
    fake.call.now_ms = at(now);
    outcome.note[0] = '\0';
    ck_assert_msg(run(platform_jitsi.meeting_poll), "%s: %s", now, err.message);
    ck_assert_msg(outcome.status == after, "%s: %d", now, (int)outcome.status);
}

/* Two looks when all is well; while the server is away, one at each poll. */
START_TEST(looks_before_the_meeting)
{
    static const struct fake_step steps[] = {
        THERE,
        ON("GET ", 0, NULL, .fails = ERROR_NET_PRE),
        ON("GET ", 502, ""),
        ON("GET ", 200, "<html>"),
        THERE,
        ON("GET ", 0, NULL, .fails = ERROR_BREAKER),
        FAKE_END,
    };

    begin(steps, OWN, NULL, NULL, NULL);
    made(ROOM);
    poll_at("2026-12-06T08:59:00Z", TARGET_PENDING);
    ck_assert_uint_eq(fake.request_count, 0);
    poll_at("2026-12-06T09:00:00Z", TARGET_PENDING);
    poll_at("2026-12-06T09:30:00Z", TARGET_PENDING);
    ck_assert_uint_eq(fake.request_count, 1);
    ck_assert_str_eq(outcome.note, "");
    poll_at("2026-12-06T09:50:00Z", TARGET_PENDING);
    ck_assert_ptr_nonnull(strstr(outcome.note, "has not answered since 09:50"));
    ck_assert_ptr_nonnull(strstr(outcome.note, "another platform"));
    poll_at("2026-12-06T09:55:00Z", TARGET_FAILED);
    ck_assert_ptr_nonnull(strstr(outcome.note, "has not answered since 09:50"));
    poll_at("2026-12-06T10:05:00Z", TARGET_FAILED);
    poll_at("2026-12-06T10:06:00Z", TARGET_LIVE);
    poll_at("2026-12-06T10:07:00Z", TARGET_LIVE);
    ck_assert_uint_eq(fake.request_count, 5);
    /* Not asked is not away. */
    kit_remember(&outcome, "reached", NULL);
    fake.call.now_ms = at("2026-12-06T09:55:00Z");
    ck_assert(!run(platform_jitsi.meeting_poll));
    ck_assert_int_eq(err.kind, ERROR_BREAKER);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    finish();
}
END_TEST

/* Away an hour before is a warning, still away ten minutes before a failure. */
START_TEST(looks_twice_before_it_fails)
{
    static const struct fake_step steps[] = { ON("GET ", 0, NULL, .fails = ERROR_TLS_CERT),
                                              ON("GET ", 0, NULL, .fails = ERROR_NET_POST),
                                              ON("GET ", 404, ""), FAKE_END };

    begin(steps, OWN, NULL, NULL, NULL);
    made(ROOM);
    poll_at("2026-12-06T09:05:00Z", TARGET_PENDING);
    poll_at("2026-12-06T09:40:00Z", TARGET_PENDING);
    ck_assert_ptr_nonnull(strstr(outcome.note, "since 09:05"));
    poll_at("2026-12-06T09:50:00Z", TARGET_FAILED);
    finish();
}
END_TEST

#define COUNTED                                                                                    \
    "{\"deployment\":\"selfhosted\",\"host\":\"meet.example.org\",\"tenant\":\"t1\","              \
    "\"status_url\":\"https://prosody.example.org/room-size/\"}"
#define SIZE "GET https://prosody.example.org/room-size?"

START_TEST(polls_by_who_is_there)
{
    static const struct fake_step steps[] = {
        ON(SIZE, 404, "", .holds = { "room=" ROOM, "domain=meet.jitsi", "subdomain=t1" },
           .lacks = { "Authorization" }),
        ON(SIZE, 200, "{\"participants\":2}"), ON(SIZE, 404, ""),
        /* One may be the focus alone. */
        ON(SIZE, 200, "{\"participants\":1}"), ON(SIZE, 200, "{\"participants\":1}"),
        ON(SIZE, 200, "{\"participants\":1}"), ON(SIZE, 200, "{\"participants\":14}"),
        ON(SIZE, 200, "{\"participants\":1}"), ON(SIZE, 404, ""), ON(SIZE, 404, ""),
        ON(SIZE, 200, "{\"participants\":3}"), ON(SIZE, 404, ""), FAKE_END
    };

    begin(steps, COUNTED, NULL, NULL, NULL);
    made(ROOM);
    kit_remember(&outcome, "domain", "meet.jitsi");
    poll_at("2026-12-05T08:00:00Z", TARGET_PENDING);
    /* Tried out the day before: the meeting has not been yet. */
    poll_at("2026-12-05T08:10:00Z", TARGET_LIVE);
    poll_at("2026-12-05T08:20:00Z", TARGET_PENDING);
    poll_at("2026-12-06T10:00:00Z", TARGET_PENDING);
    poll_at("2026-12-06T10:00:30Z", TARGET_PENDING);
    poll_at("2026-12-06T10:01:00Z", TARGET_LIVE);
    poll_at("2026-12-06T10:02:00Z", TARGET_LIVE);
    ck_assert_int_eq(outcome.viewers, 14);
    poll_at("2026-12-06T11:20:00Z", TARGET_LIVE);
    poll_at("2026-12-06T11:21:00Z", TARGET_ENDED);
    ck_assert_int_eq(outcome.ended_ms, at("2026-12-06T11:21:00Z"));
    poll_at("2026-12-06T11:22:00Z", TARGET_ENDED);
    poll_at("2026-12-06T11:23:00Z", TARGET_LIVE);
    poll_at("2026-12-06T12:00:00Z", TARGET_ENDED);
    ck_assert_str_eq(outcome.note, "");
    finish();
}
END_TEST

static const struct {
    struct fake_step step;
    enum error_kind kind;
} unreadable[] = {
    { ON(SIZE, 403, ""), ERROR_FORBIDDEN },
    { ON(SIZE, 400, ""), ERROR_INVALID },
    { ON(SIZE, 500, ""), ERROR_SERVER },
    { ON(SIZE, 200, "[]"), ERROR_GARBAGE },
    { ON(SIZE, 200, "OK"), ERROR_GARBAGE },
    { ON(SIZE, 200, "{\"participants\":-3}"), ERROR_GARBAGE },
    { ON(SIZE, 0, NULL, .fails = ERROR_NET_PRE), ERROR_NET_PRE },
};

START_TEST(people_cannot_be_counted)
{
    struct fake_step steps[] = { unreadable[_i].step, unreadable[_i].step, FAKE_END };

    begin(steps, COUNTED, NULL, NULL, NULL);
    made(ROOM);
    outcome.status = TARGET_LIVE;
    fake.call.now_ms = at("2026-12-06T10:30:00Z");
    ck_assert(!run(platform_jitsi.meeting_poll));
    ck_assert_int_eq(err.kind, unreadable[_i].kind);
    ck_assert_int_eq(outcome.status, TARGET_LIVE);
    /* It does not stay live for ever. */
    poll_at("2026-12-06T11:30:00Z", TARGET_ENDED);
    finish();
}
END_TEST

START_TEST(polls_nothing_before_creation)
{
    begin(nothing, OWN, NULL, NULL, NULL);
    ck_assert(run(platform_jitsi.meeting_poll));
    ck_assert_int_eq(outcome.status, TARGET_PENDING);
    finish();
}
END_TEST

/* ---- the simulator ---- */

START_TEST(rehearses_on_loopback)
{
    static const struct fake_step steps[] = {
        ON("GET http://127.0.0.6:8400/config.js", 200, CONFIG),
        ON("GET http://127.0.0.6:8400/config.js", 200, CONFIG),
        FAKE_END,
    };

    begin(steps, "{\"deployment\":\"selfhosted\",\"host\":\"127.0.0.6:8400\"}", NULL, NULL, NULL);
    fake.call.simulated = true;
    fake.call.api_base = "http://127.0.0.6:8400";
    ck_assert_msg(run(platform_jitsi.meeting_create), "%s", err.message);
    ck_assert(text_starts(outcome.url, "http://127.0.0.6:8400/prayer-meeting-"));
    fake.call.options = NULL;
    cJSON_Delete(fake.options);
    fake.options = cJSON_CreateObject();
    fake.call.options = fake.options;
    outcome.remote_id[0] = '\0';
    ck_assert_msg(run(platform_jitsi.meeting_create), "%s", err.message);
    ck_assert(text_starts(outcome.url, "http://127.0.0.6:8400/"));
    finish();
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static Suite *jitsi_suite(void)
{
    Suite *suite = suite_create("platform_jitsi");
    TCase *t = tcase_create("jitsi");

    tcase_set_timeout(t, 30); /* making an RSA key takes a while under a sanitizer */
    tcase_add_test(t, signs_the_pages_vector);
    tcase_add_test(t, says_all_of_a_person);
    tcase_add_test(t, says_a_jaas_guest);
    tcase_add_test(t, leaves_empty_members_out);
    tcase_add_loop_test(t, slugs_of_titles, 0, COUNT(slugs));
    tcase_add_test(t, room_codes_are_base_30);
    tcase_add_test(t, room_names_follow_the_wish);
    tcase_add_loop_test(t, rooms_that_people_type, 0, COUNT(typed_rooms));
    tcase_add_test(t, knows_guessable_rooms);
    tcase_add_loop_test(t, checks_options, 0, COUNT(connects));
    tcase_add_test(t, identifies_a_server);
    tcase_add_loop_test(t, identifies_no_stranger, 0, COUNT(strangers));
    tcase_add_loop_test(t, reads_the_inner_domain, 0, COUNT(domains));
    tcase_add_test(t, creates_on_a_public_server);
    tcase_add_test(t, settings_go_into_the_link);
    tcase_add_test(t, creates_the_same_room_each_time);
    tcase_add_loop_test(t, creates_while_the_server_is_away, 0, COUNT(away_steps));
    tcase_add_test(t, creates_nothing_in_the_past);
    tcase_add_test(t, members_get_no_moderators_token);
    tcase_add_loop_test(t, any_title_makes_a_link, 0, COUNT(long_titles));
    tcase_add_test(t, cancels);
    tcase_add_test(t, host_link_on_ones_own_server);
    tcase_add_test(t, host_link_of_a_tenant);
    tcase_add_test(t, host_link_of_jaas);
    tcase_add_test(t, host_link_says_what_the_host_may_do);
    tcase_add_test(t, host_link_of_a_series);
    tcase_add_test(t, members_get_a_guests_token_when_asked);
    tcase_add_test(t, the_link_carries_its_wishes);
    tcase_add_test(t, host_link_without_tokens);
    tcase_add_loop_test(t, polls_by_the_clock, 0, COUNT(clocks));
    tcase_add_test(t, looks_before_the_meeting);
    tcase_add_test(t, looks_twice_before_it_fails);
    tcase_add_test(t, polls_by_who_is_there);
    tcase_add_loop_test(t, people_cannot_be_counted, 0, COUNT(unreadable));
    tcase_add_test(t, polls_nothing_before_creation);
    tcase_add_test(t, rehearses_on_loopback);
    suite_add_tcase(suite, t);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(jitsi_suite());
    int failed;

    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    EVP_PKEY_free(key_pair);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

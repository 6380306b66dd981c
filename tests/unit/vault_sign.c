/* Signatures and digests against known answers. */
#include "testlib.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/vault/vault.h>

static struct error err;

static void ck_hmac(enum sign_algorithm algorithm, const char *key, const char *message,
                    const char *hex)
{
    unsigned char out[1024];
    struct text t;
    size_t length = 0;

    TEST_OK(vault_sign(algorithm, key, strlen(key), message, strlen(message), out, &length, &err),
            err);
    text_init(&t, 4096);
    text_add_hex(&t, out, length);
    ck_assert_str_eq(text_str(&t), hex);
    text_release(&t);
}

/* RFC 4231, case 2, and Facebook's proof of the app's secret. */
START_TEST(hmac_known_answers)
{
    const char *message = "what do ya want for nothing?";

    ck_hmac(SIGN_HS256, "Jefe", message,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    ck_hmac(SIGN_HS384, "Jefe", message,
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
            "8e2240ca5e69e2c78b3239ecfab21649");
    ck_hmac(SIGN_HS512, "Jefe", message,
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
    ck_hmac(SIGN_HS256, "0123456789abcdef0123456789abcdef", "EAAexampletoken",
            "03697d217c5af1d2b8459556c23ae3ebc41abc8194c9986d7c507b924b230bdc");
}
END_TEST

START_TEST(a_token_for_jitsi)
{
    static const char key[] = "s3cret-of-the-jitsi-server";
    static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    static const char payload[] = "{\"aud\":\"jitsi\",\"iss\":\"ecclesia\",\"sub\":\"meet.example."
                                  "org\",\"room\":\"prayer-7k2m9x4qd8\","
                                  "\"iat\":1790000000,\"nbf\":1789999990,\"exp\":1790007200}";
    unsigned char out[1024];
    struct text t;
    size_t length;

    text_init(&t, 4096);
    text_add_base64url(&t, header, strlen(header));
    text_add(&t, ".");
    text_add_base64url(&t, payload, strlen(payload));
    TEST_OK(vault_sign(SIGN_HS256, key, strlen(key), t.data, t.length, out, &length, &err), err);
    text_add(&t, ".");
    text_add_base64url(&t, out, length);
    ck_assert_str_eq(
        text_str(&t),
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJqaXRzaSIsImlzcyI6ImVjY2xlc2lhIiwic3ViIjoi"
        "bWVldC5leGFtcGxlLm9yZyIsInJvb20iOiJwcmF5ZXItN2sybTl4NHFkOCIsImlhdCI6MTc5MDAwMDAwMCwibmJmI"
        "joxNzg5OTk5OTkwLCJleHAiOjE3OTAwMDcyMDB9.Acpe-3XXmEsJWQx_DqBije8CEuZ6thLiolsEc0lp_UQ");
    text_release(&t);
}
END_TEST

START_TEST(long_keys_and_binary_messages)
{
    char key[300];
    unsigned char a[1024], b[1024];
    size_t length;

    memset(key, 'k', sizeof(key));
    TEST_OK(vault_sign(SIGN_HS256, key, sizeof(key), "a\0b", 3, a, &length, &err), err);
    ck_assert_uint_eq(length, 32);
    TEST_OK(vault_sign(SIGN_HS256, key, sizeof(key), "a\0c", 3, b, &length, &err), err);
    ck_assert_int_ne(memcmp(a, b, 32), 0);
    TEST_OK(vault_sign(SIGN_HS256, key, sizeof(key) - 1, "a\0b", 3, b, &length, &err), err);
    ck_assert_int_ne(memcmp(a, b, 32), 0);
    TEST_OK(vault_sign(SIGN_HS512, key, sizeof(key), "", 0, a, &length, &err), err);
    ck_assert_uint_eq(length, 64);
    TEST_FAILS(vault_sign(SIGN_HS256, "", 0, "m", 1, a, &length, &err), err, ERROR_INPUT);
    TEST_FAILS(vault_sign(SIGN_HS384, NULL, 0, "m", 1, a, &length, &err), err, ERROR_INPUT);
}
END_TEST

/* ---- RSA */

static char *pem_of(EVP_PKEY *key, const EVP_CIPHER *cipher)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data, *copy;
    long length;

    ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, cipher ? "passphrase" : NULL,
                                                   cipher ? 10 : 0, NULL, NULL),
                     1);
    length = BIO_get_mem_data(bio, &data);
    copy = strndup(data, (size_t)length);
    BIO_free(bio);
    return copy;
}

START_TEST(rsa_signs_what_openssl_verifies)
{
    static const char message[] = "eyJhbGciOiJSUzI1NiJ9.e30";
    EVP_PKEY *key = EVP_RSA_gen(2048);
    char *pem = pem_of(key, NULL);
    unsigned char out[1024], again[1024];
    size_t length = 0, length_again;
    EVP_MD_CTX *verify = EVP_MD_CTX_new();

    TEST_OK(vault_sign(SIGN_RS256, pem, strlen(pem), message, strlen(message), out, &length, &err),
            err);
    ck_assert_uint_eq(length, 256);
    ck_assert_int_eq(EVP_DigestVerifyInit(verify, NULL, EVP_sha256(), NULL, key), 1);
    ck_assert_int_eq(
        EVP_DigestVerify(verify, out, length, (const unsigned char *)message, strlen(message)), 1);
    EVP_MD_CTX_free(verify);
    /* PKCS#1 1.5 draws nothing at random, PSS would. */
    TEST_OK(vault_sign(SIGN_RS256, pem, strlen(pem), message, strlen(message), again, &length_again,
                       &err),
            err);
    ck_assert_int_eq(memcmp(out, again, length), 0);
    /* Cut anywhere it is no key. */
    TEST_FAILS(vault_sign(SIGN_RS256, pem, strlen(pem) / 2, "m", 1, out, &length, &err), err,
               ERROR_INPUT);
    free(pem);
    EVP_PKEY_free(key);
}
END_TEST

static void ck_refused(EVP_PKEY *key, const EVP_CIPHER *cipher, const char *words)
{
    char *pem = pem_of(key, cipher);
    unsigned char out[1024];
    size_t length;

    TEST_FAILS(vault_sign(SIGN_RS256, pem, strlen(pem), "m", 1, out, &length, &err), err,
               ERROR_INPUT);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
    ck_assert_str_ne(err.remedy, "");
    free(pem);
    EVP_PKEY_free(key);
}

START_TEST(keys_that_are_none_are_refused)
{
    unsigned char out[1024];
    size_t length;

    ck_refused(EVP_RSA_gen(1024), NULL, "1024 bits");
    ck_refused(EVP_EC_gen("P-256"), NULL, "not an RSA key");
    /* It must not ask on the terminal. */
    ck_refused(EVP_RSA_gen(2048), EVP_aes_256_cbc(), "passphrase");
    TEST_FAILS(vault_sign(SIGN_RS256, "no key", 6, "m", 1, out, &length, &err), err, ERROR_INPUT);
    ck_assert(strstr(err.message, "no key") == NULL);
}
END_TEST

/* ---- digests */

START_TEST(digest_keeps_its_parts_apart)
{
    static const char *const subject[] = { "store", "subject", "create", "1" };
    static const char *const one[] = { "ab", "c" }, *const other[] = { "a", "bc" };
    static const char *const empty[] = { "", NULL };
    char a[33], b[33];

    /* Python: blake2b(digest_size=32) over each part with its length as u64be before it, first 16
     * bytes. */
    vault_digest(a, subject, 4);
    ck_assert_str_eq(a, "aa89b6a12761106f7d6e1a8b0e86b694");
    vault_digest(a, NULL, 0);
    ck_assert_str_eq(a, "0e5751c026e543b2e8ab2eb06099daa1");
    vault_digest(a, one, 2);
    vault_digest(b, other, 2);
    ck_assert_str_ne(a, b);
    vault_digest(a, empty, 1);
    vault_digest(b, empty, 2);
    ck_assert_str_ne(a, b);
}
END_TEST

TEST_MAIN("vault_sign", hmac_known_answers, a_token_for_jitsi, long_keys_and_binary_messages,
          rsa_signs_what_openssl_verifies, keys_that_are_none_are_refused,
          digest_keeps_its_parts_apart)

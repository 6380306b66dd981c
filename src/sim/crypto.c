/* The few sums that platforms do over tokens. */
#include "sim/private.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

void sim_sha1(unsigned char out[20], const void *data, size_t length)
{
    EVP_Digest(data, length, out, NULL, EVP_sha1(), NULL);
}

void sim_sha256(unsigned char out[32], const void *data, size_t length)
{
    EVP_Digest(data, length, out, NULL, EVP_sha256(), NULL);
}

void sim_hmac256(unsigned char out[32], const char *key, const void *data, size_t length)
{
    unsigned int got = 0;

    HMAC(EVP_sha256(), key, (int)strlen(key), data, length, out, &got);
}

static int b64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '-' || c == '+')
        return 62;
    return c == '_' || c == '/' ? 63 : -1;
}

bool sim_b64url_decode(const char *s, size_t length, unsigned char *out, size_t room, size_t *got)
{
    uint32_t bits = 0;
    int have = 0;

    *got = 0;
    for (size_t i = 0; i < length; i++) {
        int value = b64_value(s[i]);
        if (value < 0)
            return false;
        bits = (bits << 6) | (uint32_t)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            if (*got == room)
                return false;
            out[(*got)++] = (unsigned char)(bits >> have);
        }
    }
    return length % 4 != 1;
}

bool sim_b64_decode(const char *s, char *out, size_t room)
{
    size_t length = strcspn(s, "= ");
    size_t got = 0;

    if (room == 0 || !sim_b64url_decode(s, length, (unsigned char *)out, room - 1, &got))
        return false;
    out[got] = '\0';
    return memchr(out, '\0', got) == NULL;
}

bool sim_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strlen(a) == strlen(b) && CRYPTO_memcmp(a, b, strlen(a)) == 0;
}

bool sim_verify_rs256(const char *public_pem, const void *signed_part, size_t length,
                      const unsigned char *sig, size_t sig_length)
{
    BIO *bio = BIO_new_mem_buf(public_pem, -1);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = key != NULL && ctx != NULL &&
                EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(ctx, sig, sig_length, signed_part, length) == 1;

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    BIO_free(bio);
    return good;
}

static pthread_once_t rsa_once = PTHREAD_ONCE_INIT;
static char rsa_private[4096], rsa_public[1024];

static void take(BIO *bio, char *out, size_t size)
{
    int got = bio != NULL ? BIO_read(bio, out, (int)size - 1) : -1;

    out[got > 0 ? got : 0] = '\0';
}

static void rsa_make(void)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    BIO *secret = BIO_new(BIO_s_mem()), *open = BIO_new(BIO_s_mem());

    if (key != NULL && secret != NULL && open != NULL &&
        PEM_write_bio_PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) == 1 &&
        PEM_write_bio_PUBKEY(open, key) == 1) {
        take(secret, rsa_private, sizeof rsa_private);
        take(open, rsa_public, sizeof rsa_public);
    }
    BIO_free(secret);
    BIO_free(open);
    EVP_PKEY_free(key);
}

const char *sim_rsa_private(void)
{
    pthread_once(&rsa_once, rsa_make);
    return rsa_private;
}

const char *sim_rsa_public(void)
{
    pthread_once(&rsa_once, rsa_make);
    return rsa_public;
}

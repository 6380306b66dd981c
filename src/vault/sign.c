/* Signatures. HMAC by libsodium, but for SHA-384, which it has not; that and RSA by libcrypto. */
#include "vault/private.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <sodium.h>

enum { OUT_ROOM = 1024, RSA_LEAST_BITS = 2048, RSA_MOST_BITS = 8 * OUT_ROOM };

static bool refuse_key(const char *what, struct error *err)
{
    ERR_clear_error();
    return error_set(err, ERROR_INPUT,
                     "Paste the whole private key, from -----BEGIN to END-----, as it was made.",
                     "%s", what);
}

/* Without this libcrypto would ask for a passphrase on the terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *argument)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)argument;
    return -1;
}

static EVP_PKEY *read_rsa(const char *pem, size_t length, struct error *err)
{
    BIO *bio = length <= INT_MAX ? BIO_new_mem_buf(pem, (int)length) : NULL;
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    int bits = key ? EVP_PKEY_get_bits(key) : 0;

    BIO_free(bio);
    if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && bits >= RSA_LEAST_BITS &&
        bits <= RSA_MOST_BITS)
        return key;
    if (!key)
        refuse_key("The private key is not one in PEM form, or is protected by a passphrase.", err);
    else if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
        refuse_key("The private key is not an RSA key.", err);
    else
        error_set(err, ERROR_INPUT, "Make a new key of 2048 or 4096 bits.",
                  "The private key has %d bits; between %d and %d are accepted.", bits,
                  RSA_LEAST_BITS, RSA_MOST_BITS);
    EVP_PKEY_free(key);
    return NULL;
}

static bool sign_rs256(const char *pem, size_t pem_length, const void *message,
                       size_t message_length, unsigned char *out, size_t *length, struct error *err)
{
    EVP_PKEY *key = read_rsa(pem, pem_length, err);
    EVP_MD_CTX *context;
    size_t room = OUT_ROOM;
    bool ok;

    if (!key)
        return false;
    context = EVP_MD_CTX_new();
    ok = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
         EVP_DigestSign(context, out, &room, message, message_length) == 1;
    if (ok)
        *length = room;
    else
        refuse_key("Signing with the private key failed.", err);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return ok;
}

static void hs256(const char *key, size_t key_length, const void *message, size_t length,
                  unsigned char *out)
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key, key_length);
    crypto_auth_hmacsha256_update(&state, message, length);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

static void hs512(const char *key, size_t key_length, const void *message, size_t length,
                  unsigned char *out)
{
    crypto_auth_hmacsha512_state state;

    crypto_auth_hmacsha512_init(&state, (const unsigned char *)key, key_length);
    crypto_auth_hmacsha512_update(&state, message, length);
    crypto_auth_hmacsha512_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

static bool hs384(const char *key, size_t key_length, const void *message, size_t length,
                  unsigned char *out, struct error *err)
{
    unsigned int made = 0;

    if (key_length <= INT_MAX &&
        HMAC(EVP_sha384(), key, (int)key_length, message, length, out, &made) && made == 48)
        return true;
    ERR_clear_error();
    return error_set(err, ERROR_INTERNAL, "Check the installation of OpenSSL.",
                     "HMAC-SHA384 failed.");
}

bool vault_sign(enum sign_algorithm algorithm, const char *key, size_t key_length,
                const void *message, size_t message_length, unsigned char *out, size_t *length,
                struct error *err)
{
    if (!key || key_length == 0)
        return error_set(err, ERROR_INPUT, "Give the key.", "The key to sign with is empty.");
    switch (algorithm) {
    case SIGN_HS256:
        hs256(key, key_length, message, message_length, out);
        *length = crypto_auth_hmacsha256_BYTES;
        return true;
    case SIGN_HS384:
        *length = 48;
        return hs384(key, key_length, message, message_length, out, err);
    case SIGN_HS512:
        hs512(key, key_length, message, message_length, out);
        *length = crypto_auth_hmacsha512_BYTES;
        return true;
    case SIGN_RS256:
        return sign_rs256(key, key_length, message, message_length, out, length, err);
    }
    return error_set(err, ERROR_INTERNAL, "Report this with the text above.",
                     "Unknown algorithm of a signature (%d).", (int)algorithm);
}

#include <ecclesia/vault/hash.h>

#include <sodium.h>

void vault_sha256(unsigned char out[32], const void *bytes, size_t length)
{
    crypto_hash_sha256(out, bytes, length);
}

bool vault_same(const void *a, const void *b, size_t length)
{
    return sodium_memcmp(a, b, length) == 0;
}

void vault_random(void *out, size_t length)
{
    randombytes_buf(out, length);
}

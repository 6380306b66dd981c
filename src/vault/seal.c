#include "vault/private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    VERSION = 1,
    ALGORITHM = 1, /* XChaCha20-Poly1305-IETF: its nonce is long enough to be drawn at random */
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    BLOB_LEAST = BLOB_HEADER + NONCE + PLAIN_BLOCK + TAG,
    BLOB_MOST = BLOB_HEADER + NONCE + PLAIN_MOST + PLAIN_BLOCK + TAG
};

static void put_u32(unsigned char out[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(value >> (24 - 8 * i));
}

static void header_put(unsigned char out[BLOB_HEADER], uint32_t key_id)
{
    memcpy(out, "EC", 2);
    out[2] = VERSION;
    out[3] = ALGORITHM;
    put_u32(out + 4, key_id);
}

/* ---- what a blob is bound to */

static void binding_bytes(struct binding *b, const void *bytes, size_t length)
{
    if (b->overflow || length > sizeof b->bytes - b->length) {
        b->overflow = true;
        return;
    }
    memcpy(b->bytes + b->length, bytes, length);
    b->length += length;
}

void binding_start(struct binding *b, const char *label, uint32_t key_id,
                   const unsigned char store_id[STORE_ID_BYTES])
{
    unsigned char header[BLOB_HEADER];

    b->length = 0;
    b->overflow = false;
    header_put(header, key_id);
    binding_bytes(b, label, strlen(label));
    binding_bytes(b, header, sizeof header);
    binding_bytes(b, store_id, STORE_ID_BYTES);
}

void binding_add(struct binding *b, const char *part)
{
    size_t length = strlen(part);
    unsigned char prefix[2] = { (unsigned char)(length >> 8), (unsigned char)length };

    if (length > UINT16_MAX)
        b->overflow = true;
    binding_bytes(b, prefix, sizeof prefix);
    binding_bytes(b, part, length);
}

void binding_add_u64(struct binding *b, uint64_t value)
{
    unsigned char bytes[8];

    put_u32(bytes, (uint32_t)(value >> 32));
    put_u32(bytes + 4, (uint32_t)value);
    binding_bytes(b, bytes, sizeof bytes);
}

/* ---- sealing */

bool blob_seal(const unsigned char key[KEY_BYTES], uint32_t key_id, const struct binding *b,
               const void *plain, size_t length, unsigned char **blob, size_t *blob_length)
{
    unsigned char *padded, *out = NULL;
    size_t room;
    unsigned long long sealed;

    if (length == 0 || length > PLAIN_MOST || b->overflow)
        return false;
    padded = sodium_malloc(length + PLAIN_BLOCK);
    if (!padded)
        return false;
    memcpy(padded, plain, length);
    if (sodium_pad(&room, padded, length, PLAIN_BLOCK, length + PLAIN_BLOCK) == 0)
        out = malloc(BLOB_HEADER + NONCE + room + TAG);
    if (out) {
        header_put(out, key_id);
        randombytes_buf(out + BLOB_HEADER, NONCE);
        crypto_aead_xchacha20poly1305_ietf_encrypt(out + BLOB_HEADER + NONCE, &sealed, padded, room,
                                                   b->bytes, b->length, NULL, out + BLOB_HEADER,
                                                   key);
        *blob = out;
        *blob_length = BLOB_HEADER + NONCE + (size_t)sealed;
    }
    sodium_free(padded);
    return out != NULL;
}

/* ---- opening */

enum blob_verdict blob_look(const unsigned char *blob, size_t length, uint32_t *key_id)
{
    if (length < BLOB_LEAST || length > BLOB_MOST ||
        (length - BLOB_HEADER - NONCE - TAG) % PLAIN_BLOCK != 0 || memcmp(blob, "EC", 2) != 0 ||
        blob[2] != VERSION || blob[3] != ALGORITHM)
        return BLOB_FORMAT;
    *key_id = (uint32_t)blob[4] << 24 | (uint32_t)blob[5] << 16 | (uint32_t)blob[6] << 8 | blob[7];
    return BLOB_OPENED;
}

enum blob_verdict blob_open(const unsigned char key[KEY_BYTES], const struct binding *b,
                            const unsigned char *blob, size_t length, struct secret **out)
{
    uint32_t key_id;
    size_t room, plain;
    struct secret *s;

    if (blob_look(blob, length, &key_id) != BLOB_OPENED)
        return BLOB_FORMAT;
    if (b->overflow)
        return BLOB_TAMPERED;
    room = length - BLOB_HEADER - NONCE - TAG;
    s = secret_room(room);
    if (!s)
        return BLOB_MEMORY;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *)s->text, NULL, NULL,
                                                   blob + BLOB_HEADER + NONCE, room + TAG, b->bytes,
                                                   b->length, blob + BLOB_HEADER, key) != 0 ||
        sodium_unpad(&plain, (unsigned char *)s->text, room, PLAIN_BLOCK) != 0) {
        secret_free(s);
        return BLOB_TAMPERED;
    }
    sodium_memzero(s->text + plain, room - plain);
    s->length = plain;
    *out = s;
    return BLOB_OPENED;
}

#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

struct range {
    unsigned char prefix[16];
    unsigned bits;
};

static const struct range private_v4[] = {
    { { 0 }, 8 },         { { 10 }, 8 },        { { 100, 64 }, 10 },
    { { 127 }, 8 },       { { 169, 254 }, 16 }, { { 172, 16 }, 12 },
    { { 192, 168 }, 16 }, { { 224 }, 4 },       { { 255, 255, 255, 255 }, 32 },
};

static const struct range private_v6[] = {
    { { 0 }, 128 },         /* :: */
    { { [15] = 1 }, 128 },  /* ::1 */
    { { 0xfc }, 7 },        /* unique local */
    { { 0xfe, 0x80 }, 10 }, /* link-local */
    { { 0xfe, 0xc0 }, 10 }, /* site-local, of old */
    { { 0xff }, 8 },        /* multicast */
};

/* IPv6 prefixes whose last four bytes are an IPv4 address that the packet ends up at. */
static const struct range dressed_v4[] = {
    { { [10] = 0xff, [11] = 0xff }, 96 }, /* ::ffff:a.b.c.d */
    { { 0, 0x64, 0xff, 0x9b }, 96 },      /* NAT64 */
};

static bool range_holds(const struct range *r, const unsigned char *bytes)
{
    unsigned whole = r->bits / 8, rest = r->bits % 8;
    unsigned char mask = (unsigned char)(0xff << (8 - rest));

    if (memcmp(r->prefix, bytes, whole) != 0)
        return false;
    return rest == 0 || ((r->prefix[whole] ^ bytes[whole]) & mask) == 0;
}

static bool ranges_hold(const struct range *r, size_t count, const unsigned char *bytes)
{
    for (size_t i = 0; i < count; i++)
        if (range_holds(&r[i], bytes))
            return true;
    return false;
}

#define HOLDS(table, bytes) ranges_hold(table, sizeof(table) / sizeof((table)[0]), bytes)

bool address_parse(struct sockaddr_storage *out, const char *text)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    char bare[INET6_ADDRSTRLEN];
    size_t length = strlen(text);

    memset(out, 0, sizeof(*out));
    if (length > 1 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (length >= sizeof(bare))
        return false;
    memcpy(bare, text, length);
    bare[length] = '\0';
    if (inet_pton(AF_INET, bare, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        return true;
    }
    if (inet_pton(AF_INET6, bare, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        return true;
    }
    return false;
}

/* The bytes of an address, NULL for a family that has none. */
static const unsigned char *address_bytes(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return (const unsigned char *)&((const struct sockaddr_in *)a)->sin_addr;
    if (a->sa_family == AF_INET6)
        return ((const struct sockaddr_in6 *)a)->sin6_addr.s6_addr;
    return NULL;
}

bool address_is_loopback(const struct sockaddr *a)
{
    static const struct range v4 = { { 127 }, 8 }, v6 = { { [15] = 1 }, 128 };
    const unsigned char *bytes = address_bytes(a);

    return bytes && range_holds(a->sa_family == AF_INET ? &v4 : &v6, bytes);
}

bool address_is_private(const struct sockaddr *a)
{
    const unsigned char *bytes = address_bytes(a);

    if (!bytes)
        return true;
    if (a->sa_family == AF_INET)
        return HOLDS(private_v4, bytes);
    if (HOLDS(dressed_v4, bytes))
        return HOLDS(private_v4, bytes + 12);
    return HOLDS(private_v6, bytes);
}

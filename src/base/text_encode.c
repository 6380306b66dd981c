/* Texts out of bytes: percent, base64, hex. None depends on the locale. */
#include <ecclesia/base/text.h>

#include <stdint.h>
#include <string.h>

static const char lower_hex[] = "0123456789abcdef";
static const char upper_hex[] = "0123456789ABCDEF";
static const char standard64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

bool text_add_urlencoded(struct text *t, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        char escaped[3] = { '%', upper_hex[c >> 4], upper_hex[c & 15] };

        if (!(is_unreserved(c) ? text_append(t, s, 1) : text_append(t, escaped, 3)))
            return false;
    }
    return !t->overflow;
}

static bool add_base64(struct text *t, const unsigned char *in, size_t length, const char *digits,
                       bool pad)
{
    while (length > 0) {
        size_t take = length < 3 ? length : 3;
        uint32_t bits = (uint32_t)in[0] << 16;
        char out[4];
        size_t made = take + 1;

        if (take > 1)
            bits |= (uint32_t)in[1] << 8;
        if (take > 2)
            bits |= in[2];
        for (size_t i = 0; i < 4; i++)
            out[i] = i < made ? digits[(bits >> (18 - 6 * i)) & 63] : '=';
        if (!text_append(t, out, pad ? 4 : made))
            return false;
        in += take;
        length -= take;
    }
    return !t->overflow;
}

bool text_add_base64(struct text *t, const void *bytes, size_t length)
{
    return add_base64(t, bytes, length, standard64, true);
}

bool text_add_base64url(struct text *t, const void *bytes, size_t length)
{
    return add_base64(t, bytes, length, url64, false);
}

bool text_add_hex(struct text *t, const void *bytes, size_t length)
{
    const unsigned char *in = bytes;

    for (size_t i = 0; i < length; i++) {
        char pair[2] = { lower_hex[in[i] >> 4], lower_hex[in[i] & 15] };

        if (!text_append(t, pair, 2))
            return false;
    }
    return !t->overflow;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool text_from_hex(void *out, size_t length, const char *hex)
{
    unsigned char *to = out;

    if (!hex || strlen(hex) != 2 * length)
        return false;
    for (size_t i = 0; i < length; i++) {
        int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        to[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

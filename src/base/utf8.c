#include <ecclesia/base/utf8.h>

#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wchar.h>

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

size_t utf8_decode(const char *s, size_t length, uint32_t *character)
{
    const unsigned char *b = (const unsigned char *)s;
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t need;
    uint32_t c;

    if (length == 0)
        return 0;
    if (b[0] < 0x80)
        need = 1, c = b[0];
    else if ((b[0] & 0xE0) == 0xC0)
        need = 2, c = b[0] & 0x1F;
    else if ((b[0] & 0xF0) == 0xE0)
        need = 3, c = b[0] & 0x0F;
    else if ((b[0] & 0xF8) == 0xF0)
        need = 4, c = b[0] & 0x07;
    else
        return 0;
    if (need > length)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if ((b[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (b[i] & 0x3F);
    }
    if (c < least[need] || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF)
        return 0;
    *character = c;
    return need;
}

bool utf8_valid(const char *s, size_t length)
{
    while (length > 0) {
        uint32_t c;
        size_t n = utf8_decode(s, length, &c);

        if (n == 0)
            return false;
        s += n;
        length -= n;
    }
    return true;
}

/* The next step in s: a character, or one byte taken for U+FFFD. `left` is not 0. */
static size_t step(const char *s, size_t left, uint32_t *c)
{
    size_t n = utf8_decode(s, left, c);

    if (n == 0) {
        *c = 0xFFFD;
        n = 1;
    }
    return n;
}

size_t utf8_count(const char *s)
{
    size_t left = strlen(s), count = 0;

    while (left > 0) {
        uint32_t c;
        size_t n = step(s, left, &c);

        s += n;
        left -= n;
        count++;
    }
    return count;
}

static bool is_break(uint32_t c)
{
    return c == '\n' || c == '\r' || c == '\t' || c == '\v' || c == '\f' || c == 0x85 ||
           c == 0x2028 || c == 0x2029;
}

static bool is_bidi(uint32_t c)
{
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

void utf8_clean(char *out, size_t size, const char *s)
{
    size_t left = s ? strlen(s) : 0, at = 0;
    bool broke = false; /* the last thing written stands for line breaks */

    if (size == 0)
        return;
    while (left > 0) {
        uint32_t c;
        size_t n = step(s, left, &c), put = n;
        const char *from = s;

        s += n;
        left -= n;
        if (is_break(c)) {
            if (broke)
                continue;
            from = " ", put = 1;
        } else if (c < 0x20 || c == 0x7F) {
            from = "?", put = 1;
        } else if (c == 0xFFFD || (c >= 0x80 && c < 0xA0) || is_bidi(c)) {
            from = replacement, put = 3;
        }
        broke = is_break(c);
        if (put > size - 1 - at)
            break;
        memcpy(out + at, from, put);
        at += put;
    }
    out[at] = '\0';
}

static pthread_once_t utf8_once = PTHREAD_ONCE_INIT;
static locale_t utf8_locale; /* set once, never freed: it lives as long as the program */

static void utf8_open_locale(void)
{
    utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* wcwidth() knows wide and combining characters only in a UTF-8 locale, and the program may run in
 * another. The switch is for this thread alone. */
static int width_of(uint32_t c)
{
    locale_t old;
    int width;

    if (c < 0x80)
        return c >= 0x20 && c != 0x7F;
    pthread_once(&utf8_once, utf8_open_locale);
    if (!utf8_locale)
        return 1;
    old = uselocale(utf8_locale);
    width = wcwidth((wchar_t)c);
    uselocale(old);
    return width > 0 ? width : 0;
}

int utf8_width(const char *s)
{
    size_t left = strlen(s);
    int width = 0;

    while (left > 0) {
        uint32_t c;
        size_t n = step(s, left, &c);

        s += n;
        left -= n;
        width += width_of(c);
    }
    return width;
}

size_t utf8_prefix(const char *s, int columns, int *used)
{
    size_t left = strlen(s), taken = 0;
    int width = 0;

    while (left > 0) {
        uint32_t c;
        size_t n = step(s + taken, left, &c);
        int w = width_of(c);

        if (width + w > columns)
            break;
        width += w;
        taken += n;
        left -= n;
    }
    if (used)
        *used = width;
    return taken;
}

#include "base/json_scan.h"

#include <string.h>

#include <ecclesia/base/utf8.h>

enum { MOST_LEVELS = 32, MOST_VALUES = 20000 };

/* A grammar of RFC 8259 to the letter. cJSON is laxer: it takes trailing bytes, control characters
 * in strings, numbers such as 01, and cuts a string at \u0000. What passes here means the same to
 * every reader. */
struct scan {
    const char *bytes;
    size_t at, length;
    int values;
    const char *why;
};

static bool scan_fail(struct scan *s, const char *why)
{
    if (!s->why)
        s->why = why;
    return false;
}

static int scan_peek(const struct scan *s)
{
    return s->at < s->length ? (unsigned char)s->bytes[s->at] : -1;
}

static void scan_blanks(struct scan *s)
{
    for (;;) {
        int c = scan_peek(s);

        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return;
        s->at++;
    }
}

static bool scan_word(struct scan *s, const char *word)
{
    size_t length = strlen(word);

    if (s->length - s->at < length || memcmp(s->bytes + s->at, word, length) != 0)
        return scan_fail(s, "not a JSON value");
    s->at += length;
    return true;
}

static bool scan_digits(struct scan *s)
{
    size_t start = s->at;

    while (scan_peek(s) >= '0' && scan_peek(s) <= '9')
        s->at++;
    return s->at > start || scan_fail(s, "not a number");
}

static bool scan_number(struct scan *s)
{
    if (scan_peek(s) == '-')
        s->at++;
    if (scan_peek(s) == '0')
        s->at++;
    else if (!scan_digits(s))
        return false;
    if (scan_peek(s) == '.') {
        s->at++;
        if (!scan_digits(s))
            return false;
    }
    if (scan_peek(s) == 'e' || scan_peek(s) == 'E') {
        s->at++;
        if (scan_peek(s) == '+' || scan_peek(s) == '-')
            s->at++;
        return scan_digits(s);
    }
    return true;
}

/* The four digits after \u. */
static bool scan_hex4(struct scan *s, unsigned *out)
{
    unsigned value = 0;

    for (int i = 0; i < 4; i++) {
        int c = scan_peek(s);

        if (c >= '0' && c <= '9')
            value = value * 16 + (unsigned)(c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            value = value * 16 + (unsigned)((c | 32) - 'a' + 10);
        else
            return scan_fail(s, "a broken \\u escape");
        s->at++;
    }
    *out = value;
    return true;
}

/* After the backslash. */
static bool scan_escape(struct scan *s)
{
    int c = scan_peek(s);
    unsigned unit, low;

    if (c < 0 || !strchr("\"\\/bfnrtu", c) || c == '\0')
        return scan_fail(s, "an unknown escape");
    s->at++;
    if (c != 'u')
        return true;
    if (!scan_hex4(s, &unit))
        return false;
    if (unit == 0)
        return scan_fail(s, "\\u0000 in a string");
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    if (unit > 0xDBFF || s->length - s->at < 6 || memcmp(s->bytes + s->at, "\\u", 2) != 0)
        return scan_fail(s, "half a surrogate pair");
    s->at += 2;
    if (!scan_hex4(s, &low))
        return false;
    if (low < 0xDC00 || low > 0xDFFF)
        return scan_fail(s, "half a surrogate pair");
    return true;
}

static bool scan_string(struct scan *s)
{
    if (scan_peek(s) != '"')
        return scan_fail(s, "a string was expected");
    s->at++;
    for (;;) {
        int c = scan_peek(s);

        if (c < 0)
            return scan_fail(s, "a string that does not end");
        if (c < 0x20)
            return scan_fail(s, "a control character in a string");
        s->at++;
        if (c == '"')
            return true;
        if (c == '\\' && !scan_escape(s))
            return false;
    }
}

static bool scan_value(struct scan *s, int level);

/* Members of an object or an array at this level (the outermost is 0), up to and with the closing
 * bracket. */
static bool scan_members(struct scan *s, int level, bool keyed, int close)
{
    if (level >= MOST_LEVELS)
        return scan_fail(s, "too many levels");
    s->at++;
    scan_blanks(s);
    if (scan_peek(s) == close) {
        s->at++;
        return true;
    }
    for (;;) {
        if (keyed) {
            scan_blanks(s);
            if (!scan_string(s))
                return false;
            scan_blanks(s);
            if (scan_peek(s) != ':')
                return scan_fail(s, "a colon was expected");
            s->at++;
        }
        if (!scan_value(s, level + 1))
            return false;
        if (scan_peek(s) == close) {
            s->at++;
            return true;
        }
        if (scan_peek(s) != ',')
            return scan_fail(s, "a comma or the end was expected");
        s->at++;
    }
}

/* A value with the blanks around it. Levels are bounded, and with them the stack. */
static bool scan_value(struct scan *s, int level)
{
    bool fine;

    if (++s->values > MOST_VALUES)
        return scan_fail(s, "too many values");
    scan_blanks(s);
    switch (scan_peek(s)) {
    case '{':
        fine = scan_members(s, level, true, '}');
        break;
    case '[':
        fine = scan_members(s, level, false, ']');
        break;
    case '"':
        fine = scan_string(s);
        break;
    case 't':
        fine = scan_word(s, "true");
        break;
    case 'f':
        fine = scan_word(s, "false");
        break;
    case 'n':
        fine = scan_word(s, "null");
        break;
    default:
        fine = scan_number(s);
        break;
    }
    scan_blanks(s);
    return fine;
}

bool json_scan(const char *bytes, size_t length, size_t *at, const char **why)
{
    struct scan s = { .bytes = bytes, .length = length };
    bool fine;

    if (!utf8_valid(bytes, length))
        fine = scan_fail(&s, "not UTF-8");
    else if (length == 0)
        fine = scan_fail(&s, "nothing at all");
    else
        fine = scan_value(&s, 0) && (s.at == length || scan_fail(&s, "bytes after the end"));
    *at = s.at;
    *why = s.why;
    return fine;
}

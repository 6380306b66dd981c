#include "record/check.h"

#include <string.h>

#include <ecclesia/base/utf8.h>

/* C0 but for line and tab, DEL, and C1 (U+0080 to U+009F), which some terminals obey too. s is
 * valid UTF-8. */
static bool has_control(const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s, next = (unsigned char)s[1];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || (c == 0xc2 && next < 0xa0))
            return true;
    }
    return false;
}

bool check_text(const char *what, const char *s, size_t least, size_t most, struct error *err)
{
    if (!s)
        s = "";
    if (!utf8_valid(s, strlen(s)))
        return error_set(err, ERROR_INPUT, "Type it again; the terminal must be set to UTF-8.",
                         "The %s is not valid UTF-8.", what);
    if (has_control(s))
        return error_set(err, ERROR_INPUT, "Take it out.", "The %s holds a control character.",
                         what);
    size_t n = utf8_count(s);
    if (least > 0 && strspn(s, " \t\n") == strlen(s))
        return error_set(err, ERROR_INPUT, "Give one.", "The %s is empty.", what);
    if (n > most)
        return error_set(err, ERROR_INPUT, "Make it shorter.",
                         "The %s has %zu characters; at most %zu are allowed.", what, n, most);
    return true;
}

bool check_line(const char *what, const char *s, size_t least, size_t most, struct error *err)
{
    if (s && s[strcspn(s, "\n\t")])
        return error_set(err, ERROR_INPUT, "Write it in one line.",
                         "The %s holds a line break or a tab.", what);
    return check_text(what, s, least, most, err);
}

bool check_targets(const struct target *targets, size_t count, struct error *err)
{
    bool seen[PLATFORM_COUNT] = { false };

    for (size_t i = 0; i < count; i++) {
        if (seen[targets[i].platform])
            return error_set(err, ERROR_INPUT, "Name each platform once.", "%s is chosen twice.",
                             platform_name(targets[i].platform));
        seen[targets[i].platform] = true;
    }
    return true;
}

struct target *find_target(struct target *targets, size_t count, enum platform_id p)
{
    for (size_t i = 0; i < count; i++) {
        if (targets[i].platform == p)
            return &targets[i];
    }
    return NULL;
}

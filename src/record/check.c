#include "record/check.h"

#include <string.h>

#include <ecclesia/base/utf8.h>

static bool has_control(const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
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

#include <ecclesia/base/error.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>

/* Makes the new value on the side and only then stores it: an argument may point into the old one,
 * as it does when a message is wrapped in a longer one. */
static void error_fill(struct error *err, enum error_kind kind, const char *platform,
                       const char *remedy, const char *format, va_list args)
    __attribute__((format(printf, 5, 0)));

static void error_fill(struct error *err, enum error_kind kind, const char *platform,
                       const char *remedy, const char *format, va_list args)
{
    struct error made;
    char raw[2 * sizeof(made.message)];

    if (!err)
        return;
    memset(&made, 0, sizeof(made));
    made.kind = kind;
    if (vsnprintf(raw, sizeof(raw), format, args) < 0)
        raw[0] = '\0';
    utf8_clean(made.message, sizeof(made.message), raw);
    if (remedy)
        utf8_clean(made.remedy, sizeof(made.remedy), remedy);
    if (platform)
        text_copy_to(made.platform, sizeof(made.platform), platform);
    *err = made;
}

bool error_set(struct error *err, enum error_kind kind, const char *remedy, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    error_fill(err, kind, NULL, remedy, format, args);
    va_end(args);
    return false;
}

bool error_platform(struct error *err, enum error_kind kind, const char *platform,
                    const char *remedy, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    error_fill(err, kind, platform, remedy, format, args);
    va_end(args);
    return false;
}

void error_clear(struct error *err)
{
    if (err)
        memset(err, 0, sizeof(*err));
}

/* What each type of value may look like. */
#include "base/config_parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>

bool config_parse_number(const char *s, int64_t *n)
{
    int64_t value = 0;

    if (*s == '\0')
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9' || value > (INT64_MAX - 9) / 10)
            return false;
        value = value * 10 + (*s - '0');
    }
    *n = value;
    return true;
}

bool config_duration(const char *s, int64_t *ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = { { "ms", 1 },      { "s", 1000 },     { "m", 60000 },
                  { "h", 3600000 }, { "d", 86400000 }, { "", 1000 } };
    size_t digits = strspn(s, "0123456789");
    char number[20];
    int64_t count;

    if (digits == 0 || digits >= sizeof(number))
        return false;
    memcpy(number, s, digits);
    number[digits] = '\0';
    if (!config_parse_number(number, &count))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(s + digits, units[i].unit) != 0)
            continue;
        if (count > INT64_MAX / 1000 / units[i].ms)
            return false;
        *ms = count * units[i].ms;
        return true;
    }
    return false;
}

bool config_parse_bool(const char *s, bool *on)
{
    static const char *const yes[] = { "true", "yes", "on", "1" };
    static const char *const no[] = { "false", "no", "off", "0" };

    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (strcasecmp(s, yes[i]) == 0 || strcasecmp(s, no[i]) == 0) {
            *on = strcasecmp(s, yes[i]) == 0;
            return true;
        }
    }
    return false;
}

/* Four numbers of 0 to 255, the first 127, and nothing else: "127.evil.org" is a name. */
static bool is_loopback_v4(const char *host, size_t length)
{
    int part = 0, digits = 0, value = 0, first = 0;

    for (size_t i = 0; i < length; i++) {
        if (host[i] == '.' && digits > 0 && part < 3) {
            first = part == 0 ? value : first;
            part++;
            digits = value = 0;
        } else if (host[i] >= '0' && host[i] <= '9' && digits < 3) {
            value = value * 10 + (host[i] - '0');
            digits++;
            if (value > 255)
                return false;
        } else {
            return false;
        }
    }
    return part == 3 && digits > 0 && first == 127;
}

/* Host and port after "http://"; *end gets what follows them. */
static bool is_loopback_host(const char *s)
{
    size_t whole = strcspn(s, "/?#");
    size_t host = *s == '[' ? strcspn(s, "]") + 1 : strcspn(s, ":/?#");

    if (host > whole)
        return false;
    if (host < whole) {
        size_t digits = strspn(s + host + 1, "0123456789");

        if (s[host] != ':' || digits == 0 || digits > 5 || host + 1 + digits != whole)
            return false;
    }
    return is_loopback_v4(s, host) || (host == 5 && strncmp(s, "[::1]", 5) == 0) ||
           (host == 9 && strncasecmp(s, "localhost", 9) == 0);
}

bool config_is_loopback(const char *url)
{
    return strncmp(url, "http://", 7) == 0    ? is_loopback_host(url + 7)
           : strncmp(url, "https://", 8) == 0 ? is_loopback_host(url + 8)
                                              : false;
}

static bool take_url(const char *value, char **out, const char **why)
{
    size_t length = strlen(value);
    const char *host;

    if (strncmp(value, "https://", 8) != 0 && strncmp(value, "http://", 7) != 0) {
        *why = "it must be an address that begins with https://";
        return false;
    }
    host = strstr(value, "//") + 2;
    if (strncmp(value, "http://", 7) == 0 && !is_loopback_host(host)) {
        *why = "http:// is accepted for loopback addresses only; write https://";
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (value[i] <= ' ' || value[i] >= 127 || strchr("@\"<>\\^`{|}?#", value[i])) {
            *why = "it must be a plain address without user, blanks, ? or #";
            return false;
        }
    }
    if (*host == '\0' || *host == '/' || *host == ':') {
        *why = "it names no host";
        return false;
    }
    while (length > 0 && value[length - 1] == '/')
        length--;
    *out = text_format("%.*s", (int)length, value);
    return true;
}

static bool take_path(const char *value, char **out, const char **why)
{
    const char *home = getenv("HOME");

    if (value[0] != '~' || (value[1] != '\0' && value[1] != '/')) {
        *out = text_copy(value);
        return true;
    }
    if (!home || home[0] != '/') {
        *why = "~ cannot be expanded because HOME is not set";
        return false;
    }
    *out = text_format("%s%s", home, value + 1);
    return true;
}

bool config_value_take(enum config_type type, const char *value, char **out, const char **why)
{
    int64_t number;
    bool on, fits = true;

    *out = NULL;
    *why = "";
    switch (type) {
    case CONFIG_DURATION:
        fits = config_duration(value, &number);
        *why = "it must be a time such as 250ms, 30s, 5m, 6h or 7d";
        break;
    case CONFIG_NUMBER:
        fits = config_parse_number(value, &number);
        *why = "it must be a whole number";
        break;
    case CONFIG_BOOL:
        fits = config_parse_bool(value, &on);
        *why = "it must be true or false";
        break;
    case CONFIG_URL:
        return *value == '\0' ? (*out = text_copy(""), true) : take_url(value, out, why);
    case CONFIG_PATH:
        return take_path(value, out, why);
    case CONFIG_TEXT:
    case CONFIG_COMMAND:
        break;
    }
    if (fits)
        *out = text_copy(value);
    return fits;
}

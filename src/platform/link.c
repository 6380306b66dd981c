/* Which links members may be shown. A platform's answer is foreign text: a link in it could lead
 * anywhere. */
#include <ecclesia/platform/platform.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>

struct link_parts {
    bool https;
    char host[256]; /* without port and brackets, as it was written */
};

/* Only what every browser reads alike: visible ASCII, no backslash, no user part, a port of digits.
 */
static bool link_split(const char *url, struct link_parts *out)
{
    const char *authority, *end, *port;
    size_t length;

    for (const unsigned char *c = (const unsigned char *)url; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("\\\"<>^`{|}", *c))
            return false;
    out->https = text_starts_nocase(url, "https://");
    if (!out->https && !text_starts_nocase(url, "http://"))
        return false;
    authority = url + (out->https ? 8 : 7);
    end = authority + strcspn(authority, "/?#");
    if (memchr(authority, '@', (size_t)(end - authority)))
        return false;
    if (*authority == '[') {
        port = memchr(authority, ']', (size_t)(end - authority));
        if (!port)
            return false;
        authority++;
        length = (size_t)(port - authority);
        port++;
    } else {
        port = memchr(authority, ':', (size_t)(end - authority));
        port = port ? port : end;
        length = (size_t)(port - authority);
    }
    if (length == 0 || length >= sizeof(out->host))
        return false;
    if (port < end && (*port != ':' || (size_t)(end - port - 1) != strspn(port + 1, "0123456789")))
        return false;
    memcpy(out->host, authority, length);
    out->host[length] = '\0';
    return true;
}

static bool host_is_loopback(const char *host)
{
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (text_starts(host, "127.") && strspn(host, "0123456789.") == strlen(host));
}

/* The host itself or a name below it. */
static bool host_is_of(const char *host, const char *allowed)
{
    size_t length = strlen(host), tail = strlen(allowed);

    if (tail == 0 || length < tail || strcasecmp(host + length - tail, allowed) != 0)
        return false;
    return length == tail || host[length - tail - 1] == '.';
}

/* The connection's own host: as typed, so perhaps with a scheme, a port or a path. Only that very
 * host. */
static bool host_is_own(const char *host, const cJSON *options)
{
    const char *own = json_string(options, "host");
    struct link_parts parts;
    char *url;
    bool same;

    if (!own || !*own)
        return false;
    url = strstr(own, "://") ? text_copy(own) : text_format("https://%s", own);
    same = url && link_split(url, &parts) && strcasecmp(parts.host, host) == 0;
    free(url);
    return same;
}

bool platform_link_check(const struct platform *p, const cJSON *options, bool simulated,
                         const char *url, struct error *err)
{
    const char *slug = platform_slug(p->id), *name = platform_name(p->id);
    struct link_parts parts;
    bool rehearsal;

    if (!url || !link_split(url, &parts))
        return error_platform(err, ERROR_GARBAGE, slug, NULL,
                              "%s gave a link that cannot be shown to members.", name);
    rehearsal = simulated && host_is_loopback(parts.host);
    if (!parts.https && !rehearsal)
        return error_platform(err, ERROR_GARBAGE, slug, NULL,
                              "%s gave a link without https on host %.100s.", name, parts.host);
    if (rehearsal || host_is_own(parts.host, options))
        return true;
    for (size_t i = 0; p->link_hosts && p->link_hosts[i]; i++)
        if (host_is_of(parts.host, p->link_hosts[i]))
            return true;
    return error_platform(err, ERROR_GARBAGE, slug,
                          "Nothing was shown to members. Check that this is the right account.",
                          "%s gave a link on a host that is not its own: %.100s.", name,
                          parts.host);
}

#include <ecclesia/record/church.h>

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/utf8.h>
#include <ecclesia/base/zone.h>

void church_release(struct church *c)
{
    if (!c)
        return;
    free(c->slug);
    free(c->name);
    free(c->zone);
    *c = (struct church){ 0 };
}

static bool slug_fits(const char *slug)
{
    size_t n = strlen(slug);
    return n >= 1 && n <= 40 && strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") == n &&
           slug[0] != '-' && slug[n - 1] != '-';
}

bool church_check(const struct church *c, struct error *err)
{
    if (!c->slug || !slug_fits(c->slug))
        return error_set(err, ERROR_INPUT, "Use 1 to 40 of a-z, 0-9 and '-', as in st-marks.",
                         "The church's short name \"%s\" is not valid.", c->slug ? c->slug : "");
    size_t n = c->name ? utf8_count(c->name) : 0;
    if (n < 1 || n > 100)
        return error_set(err, ERROR_INPUT, "Give a name of 1 to 100 characters.",
                         "The church's name has %zu characters.", n);
    if (!c->zone || !zone_known(c->zone))
        return error_set(err, ERROR_INPUT, "Name a zone such as Europe/London or America/Chicago.",
                         "The time zone \"%s\" is not known on this machine.",
                         c->zone ? c->zone : "");
    return true;
}

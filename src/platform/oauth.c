#include <ecclesia/platform/oauth.h>

#include <string.h>

#include <ecclesia/base/text.h>

bool oauth_found_add(struct oauth_found *f, const char *key, const char *value)
{
    size_t at = 0;

    while (at < f->count && strcmp(f->list[at].key, key) != 0)
        at++;
    if (at == OAUTH_FOUND_MOST || strlen(key) >= sizeof f->list[at].key ||
        strlen(value) >= sizeof f->list[at].value)
        return false;
    text_copy_to(f->list[at].key, sizeof f->list[at].key, key);
    text_copy_to(f->list[at].value, sizeof f->list[at].value, value);
    f->count += at == f->count;
    return true;
}

void oauth_found_wipe(struct oauth_found *f)
{
    text_wipe(f, sizeof *f);
}

bool oauth_takes(const struct oauth_profile *o, const char *key)
{
    const char *list = o->takes ? o->takes : "";
    size_t length = strlen(key);

    for (; *(list += strspn(list, " ")); list += strcspn(list, " "))
        if (strcspn(list, " ") == length && strncmp(list, key, length) == 0)
            return true;
    return false;
}

#include <ecclesia/record/slug.h>

#include <string.h>

static const struct {
    const char *slug, *name;
} platforms[PLATFORM_COUNT] = {
    [PLATFORM_RESTREAM] = { "restream", "Restream" },
    [PLATFORM_ZOOM] = { "zoom", "Zoom" },
    [PLATFORM_GOOGLE_MEET] = { "google_meet", "Google Meet" },
    [PLATFORM_TEAMS] = { "teams", "Microsoft Teams" },
    [PLATFORM_JITSI] = { "jitsi", "Jitsi Meet" },
    [PLATFORM_INSTAGRAM] = { "instagram", "Instagram" },
    [PLATFORM_YOUTUBE] = { "youtube", "YouTube" },
    [PLATFORM_FACEBOOK] = { "facebook", "Facebook" },
};

const char *platform_slug(enum platform_id p)
{
    return (unsigned)p < PLATFORM_COUNT ? platforms[p].slug : "";
}

const char *platform_name(enum platform_id p)
{
    return (unsigned)p < PLATFORM_COUNT ? platforms[p].name : "";
}

bool platform_from_slug(const char *slug, enum platform_id *out)
{
    for (int i = 0; slug && i < PLATFORM_COUNT; i++) {
        if (strcmp(slug, platforms[i].slug) == 0) {
            *out = (enum platform_id)i;
            return true;
        }
    }
    return false;
}

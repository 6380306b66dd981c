#include <ecclesia/platform/platform.h>

#include "platform/kit.h"

/* A ninth platform is one file and one row here. */
static const struct platform *const platforms[PLATFORM_COUNT] = {
    [PLATFORM_RESTREAM] = &platform_restream,
    [PLATFORM_ZOOM] = &platform_zoom,
    [PLATFORM_GOOGLE_MEET] = &platform_google_meet,
    [PLATFORM_TEAMS] = &platform_teams,
    [PLATFORM_JITSI] = &platform_jitsi,
    [PLATFORM_INSTAGRAM] = &platform_instagram,
    [PLATFORM_YOUTUBE] = &platform_youtube,
    [PLATFORM_FACEBOOK] = &platform_facebook,
};

const struct platform *platform_get(enum platform_id id)
{
    size_t row = (size_t)id;

    return row < PLATFORM_COUNT ? platforms[row] : NULL;
}

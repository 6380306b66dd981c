/* The eight platforms by name. The order is fixed: the store keeps slugs, never these numbers. */
#ifndef ECCLESIA_RECORD_SLUG_H
#define ECCLESIA_RECORD_SLUG_H

#include <stdbool.h>

enum platform_id {
    PLATFORM_RESTREAM,
    PLATFORM_ZOOM,
    PLATFORM_GOOGLE_MEET,
    PLATFORM_TEAMS,
    PLATFORM_JITSI,
    PLATFORM_INSTAGRAM,
    PLATFORM_YOUTUBE,
    PLATFORM_FACEBOOK,
    PLATFORM_COUNT
};

const char *platform_slug(enum platform_id p); /* "google_meet" */
const char *platform_name(enum platform_id p); /* "Google Meet" */
bool platform_from_slug(const char *slug, enum platform_id *out);

#endif

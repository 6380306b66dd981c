/* The sign-ins of the platforms, as the adapters' tables name them. */
#ifndef PLATFORM_PROFILES_H
#define PLATFORM_PROFILES_H

#include <ecclesia/platform/oauth.h>

extern const struct oauth_profile oauth_youtube, oauth_facebook, oauth_zoom;
extern const struct oauth_profile oauth_google_meet, oauth_teams, oauth_restream, oauth_instagram;

/* facebook_signin.c: the Page of that person, and its own token, which has no end. */
bool facebook_settle(struct call *call, struct token *t, struct oauth_found *found,
                     struct error *err);

/* microsoft_error.c: what Entra's numbers say. err->code gets "AADSTS65001", except where the
 * sign-in itself is over: that keeps its word. */
void microsoft_refine(const cJSON *body, struct error *err);

#endif

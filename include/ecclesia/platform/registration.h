/* How an app, or a key, is made at a platform: what `platform show`, contrib/guides and their test
 * go by. Static data; strings are literals. Scopes stand in the platform's own tables too; a test
 * holds both against each other. */
#ifndef ECCLESIA_PLATFORM_REGISTRATION_H
#define ECCLESIA_PLATFORM_REGISTRATION_H

#include <ecclesia/base/text.h>
#include <ecclesia/platform/platform.h>

/* One permission and what the program does with it. A table ends with scope NULL. */
struct registration_scope {
    const char *scope;
    unsigned signin; /* SIGNIN_…: the ways of connecting that want it */
    const char *why;
};

struct registration {
    const char *console; /* https address where it is made */
    const char *app;     /* what is made there, and of which type */
    const char *enter;   /* what to enter there for the way back to this machine, and where; NULL:
                            there is no such way */
    const char *lasts;   /* how long a connection lasts, and what ends it early */
    const char *review;  /* what the platform wants to see first, and when it does not */
    const struct registration_scope *scopes; /* never NULL */
};

/* NULL for a platform that this program does not speak. */
const struct registration *registration_get(enum platform_id id);

/* The address that a browser on this machine is sent back to, "http://127.0.0.1:PORT" or with the
 * port when it is fixed. False when there is none. */
bool registration_loopback(const struct platform *p, struct text *out);
/* "https://HOST/api/platforms/connections/PLATFORM/callback": the server's own, or what [PLATFORM]
 * redirect_uri is set to. */
void registration_callback(const struct platform *p, struct text *out);

#endif

/* A person with a browser, who signs in at the simulated platforms. */
#ifndef TESTS_LIB_PERSON_H
#define TESTS_LIB_PERSON_H

#include "world.h"

/* Opens an address of the simulator's; out gets where it leads to. more goes behind its query. */
void person_browse(const char *url, const char *more, char *out, size_t size);
/* Opens one that is a page. */
void person_open(const char *url, const char *more);
/* Signs in at the platform in the world, all being allowed, by pasting the address that the browser
 * ends at. out may be NULL. */
void person_sign_in(struct world *w, enum platform_id p, struct connection *out);
/* A port that nobody listens on. */
int person_port(void);

#endif

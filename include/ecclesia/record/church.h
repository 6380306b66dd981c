/* The church: whose connections, livestreams and meetings these are. */
#ifndef ECCLESIA_RECORD_CHURCH_H
#define ECCLESIA_RECORD_CHURCH_H

#include <ecclesia/base/error.h>
#include <ecclesia/base/id.h>

struct church {
    struct id id;
    char *slug; /* owned, [a-z0-9-], 1–40 */
    char *name; /* owned, 1–100 characters */
    char *zone; /* owned, IANA time zone */
};

void church_release(struct church *c); /* frees what it owns; zeroed after */
/* Slug, name and zone are as they must be, else ERROR_INPUT. */
bool church_check(const struct church *c, struct error *err);

#endif

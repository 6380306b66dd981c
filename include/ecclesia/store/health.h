/* How the database is, for `doctor`. */
#ifndef ECCLESIA_STORE_HEALTH_H
#define ECCLESIA_STORE_HEALTH_H

#include <ecclesia/store/db.h>

struct store_health {
    int64_t schema;           /* of the file; opening it has brought it up to this program's */
    int64_t bytes, log_bytes; /* of the database, and of the log (WAL) beside it */
    int64_t orphans;          /* rows that refer to one that is not there */
};
bool store_health(struct store *s, struct store_health *out, struct error *err);

#endif

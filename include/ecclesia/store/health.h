/* How the database and its disk are, for `doctor`. */
#ifndef ECCLESIA_STORE_HEALTH_H
#define ECCLESIA_STORE_HEALTH_H

#include <ecclesia/store/db.h>

struct store_health {
    int64_t schema;              /* of the file; opening it has brought it up to this program's */
    int64_t bytes, log_bytes;    /* of the database, and of the log (WAL) beside it */
    int64_t orphans;             /* rows that refer to one that is not there */
    int64_t disk_free, disk_size;
    char exposed[4400];          /* a file or directory of ours that other accounts can use, "" none */
    unsigned exposed_mode;
    char foreign[4400];          /* one that belongs to another account, "" none */
};
bool store_health(struct store *s, struct store_health *out, struct error *err);

#endif

/* Targets as rows, for the files that read them with their livestream or meeting. */
#ifndef STORE_TARGETS_H
#define STORE_TARGETS_H

#include <ecclesia/store/records.h>

/* All targets of the subject in their order. *out is yours. */
bool targets_of(struct db *db, struct id subject, struct target **out, size_t *count,
                struct error *err);
bool targets_insert(struct db *db, const struct target *targets, size_t count, struct error *err);

#endif

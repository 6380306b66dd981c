/* Small facts about the store itself, by name. */
#ifndef ECCLESIA_STORE_META_H
#define ECCLESIA_STORE_META_H

#include <ecclesia/store/db.h>

/* out gets "" when there is no such fact. A longer one than fits is ERROR_STORE. */
bool meta_get(struct db *db, const char *key, char *out, size_t size, struct error *err);
/* In a write transaction; value "" takes it away. */
bool meta_put(struct db *db, const char *key, const char *value, struct error *err);

#endif

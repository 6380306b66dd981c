/* A store with a church, two connections and a master key, for the tests of the vault. */
#ifndef TESTS_LIB_VAULTTEST_H
#define TESTS_LIB_VAULTTEST_H

#include <ecclesia/store/db.h>
#include <ecclesia/vault/vault.h>

struct vault_place {
    const char *db_path, *key_path; /* in directories of their own; borrowed */
    struct store *store;
    struct vault *vault;     /* NULL until vault_place_unlock() */
    struct id zoom, youtube; /* connections */
};

void vault_place_make(struct vault_place *p);
/* Opens the vault by the key file, which is made when it is missing. */
void vault_place_unlock(struct vault_place *p);
void vault_place_release(struct vault_place *p);

/* One write transaction around vault_put, which must succeed. */
void vault_place_put(struct vault_place *p, struct id connection, enum platform_id platform,
                     const char *field, int64_t generation, const void *plain, size_t length);
/* vault_get in a read transaction; the caller's to free. */
bool vault_place_get(struct vault_place *p, struct id connection, enum platform_id platform,
                     const char *field, struct secret **out, struct error *err);
/* Runs a statement in a transaction of its own; it must succeed. */
void vault_place_run(struct vault_place *p, const char *sql);

#endif

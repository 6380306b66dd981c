/* The two halves of a rotation. */
#ifndef VAULT_ROTATE_H
#define VAULT_ROTATE_H

#include "vault/private.h"

#include <ecclesia/vault/keys.h>

/* What is left to do, kept with the store from the first commit of a rotation to the last. */
struct rotate_plan {
    bool data; /* a new data key is to be made */
    bool rows; /* it is made; fields are to be sealed anew */
};
bool rotate_plan_get(struct db *db, struct rotate_plan *p, struct error *err);
bool rotate_plan_put(struct db *db, const struct rotate_plan *p, struct error *err);

/* In a write transaction: a line for people, and the same in the audit. */
bool rotate_tell(struct db *db, const char *actor, const char *kind, struct error *err,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* rotate_master.c: plan: what is to follow, written with the change. */
bool rotate_master(struct vault *v, const struct rotate_options *o, const struct rotate_plan *plan,
                   struct rotate_report *out, struct error *err);
/* rotate_data.c */
bool rotate_new_key(struct vault *v, const struct rotate_options *o, struct rotate_report *out,
                    struct error *err);
bool rotate_rows(struct vault *v, struct rotate_report *out, struct error *err);
bool rotate_finish(struct vault *v, const struct rotate_options *o, struct rotate_report *out,
                   struct error *err);

#endif

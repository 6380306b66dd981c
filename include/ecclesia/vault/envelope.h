/* A sealed envelope that is no field of a connection: what a sign-in under way must remember,
 * tokens that the store could not take. The blob has the form of vault.h, sealed by a key that
 * outlives rotations of the data key, and bound to this store, a label and a subject. Any thread.
 */
#ifndef ECCLESIA_VAULT_ENVELOPE_H
#define ECCLESIA_VAULT_ENVELOPE_H

#include <ecclesia/vault/vault.h>

/* label: what it is ("ec-flow-v1"); subject: whose, so that it opens nowhere else. At most 16 KiB.
 * *blob is yours: free(). */
bool envelope_seal(struct vault *v, const char *label, const char *subject, const void *plain,
                   size_t length, unsigned char **blob, size_t *blob_length, struct error *err);
/* ERROR_SECRET_TAMPERED, _FORMAT, ERROR_KEY_WRONG as vault_get() has them. *out is yours:
 * secret_free(). */
bool envelope_open(struct vault *v, const char *label, const char *subject, const void *blob,
                   size_t length, struct secret **out, struct error *err);

#endif

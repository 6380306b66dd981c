/* Hashes, comparison and randomness for values that are secret only for a while: the state and the
 * verifier of a sign-in. Needs no key. Any thread. */
#ifndef ECCLESIA_VAULT_HASH_H
#define ECCLESIA_VAULT_HASH_H

#include <stdbool.h>
#include <stddef.h>

void vault_sha256(unsigned char out[32], const void *bytes, size_t length);
/* In a time that does not depend on where they differ. */
bool vault_same(const void *a, const void *b, size_t length);
/* Never from a test's seed. */
void vault_random(void *out, size_t length);

#endif

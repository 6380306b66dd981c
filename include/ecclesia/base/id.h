/* Record ids: 128 random bits as 32 lower hex digits. A value; "" (id_none) is no record. */
#ifndef ECCLESIA_BASE_ID_H
#define ECCLESIA_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id {
    char hex[33];
};

struct id id_new(void);
bool id_parse(struct id *out, const char *hex); /* exactly 32 lower hex digits */
bool id_is_none(struct id id);
bool id_equal(struct id a, struct id b);

/* Random bytes from the kernel; in tests from a seed (random_seed) so that a case can be run again.
 * Any thread. */
void random_bytes(void *out, size_t length);
uint64_t random_below(uint64_t bound); /* uniform in [0, bound), 0 for 0 */
/* For tests only, before threads start: everything after is a function of the seed. Never used for
 * key material: vault takes its randomness from libsodium. */
void random_seed(uint64_t seed);

#endif

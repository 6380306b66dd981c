/* The person in the booth. Restream and Instagram have no call that goes on air: a person starts
 * the encoder, and at Instagram presses Go live, when the console says so, and ends it likewise.
 * This thread does, looking into the database as a person looks at the screen. */
#ifndef TESTS_LIB_BOOTH_H
#define TESTS_LIB_BOOTH_H

#include <ecclesia/sim/sim.h>

struct booth;

/* Borrows sim; db is a path, borrowed, and may not be there yet. */
struct booth *booth_open(struct sim *sim, const char *db);
void booth_close(struct booth *b); /* NULL is fine */

#endif

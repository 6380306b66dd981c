/* A file of dead weight beside the database (PATH.ballast). When the disk is full it goes, so that
 * what platforms have answered can still be saved; until it is back the store is degraded: what is
 * under way ends, nothing new is begun. */
#ifndef ECCLESIA_STORE_BALLAST_H
#define ECCLESIA_STORE_BALLAST_H

#include <ecclesia/store/db.h>

/* How large it is to be; 0 none, which is so at first. */
void store_ballast(struct store *s, int64_t bytes);
/* Makes it when it is wanting and the disk has four times as much room; *there tells. May take a
 * moment: not on the way of a start. False when it could not be made for another reason. */
bool store_ballast_keep(struct store *s, bool *there, struct error *err);
/* The disk was full since the ballast was there last. */
bool store_degraded(struct store *s);

#endif

/* The way back from a browser on this machine: a listener on 127.0.0.1 that is open only while its
 * sign-in waits. It believes one request, the first that bears the state; everything else is
 * refused and forgotten. A thread of its own answers, so that a slow or silent peer holds up
 * nobody. */
#ifndef ECCLESIA_OAUTH_LOOPBACK_H
#define ECCLESIA_OAUTH_LOOPBACK_H

#include <stdbool.h>
#include <stddef.h>

#include <ecclesia/base/error.h>

struct loopback;

/* port 0: any that is free. path: "" or "/…". Listens at once; answers after loopback_await().
 * ERROR_CONFLICT when the port is taken. *out is yours: loopback_close(). */
bool loopback_open(struct loopback **out, int port, const char *path, struct error *err);
int loopback_port(const struct loopback *l);
/* From now on the answer with this state is let in. */
bool loopback_await(struct loopback *l, const char *state, struct error *err);
/* Readable when something has come. */
int loopback_fd(const struct loopback *l);
/* The query of what came; false when nothing has. "" : somebody came without a word. Wipe out
 * afterwards. */
bool loopback_take(struct loopback *l, char *out, size_t size);
/* Gives the browser a moment to fetch the page that it was sent to. NULL is fine. */
void loopback_close(struct loopback *l);

#endif

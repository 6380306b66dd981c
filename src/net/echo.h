/* A refusal may repeat what it refuses: what of the request was secret is taken out of it, before
 * anybody makes a message of it. */
#ifndef NET_ECHO_H
#define NET_ECHO_H

#include <ecclesia/net/http.h>

/* Every value that the request bears under a name for secrets (Authorization, client_secret, code,
 * streamKey …) becomes as many 'x' in the answer's body and headers. Only in answers of 400 and
 * above: in others it may be what was asked for. */
void echo_mask(const struct http_request *request, struct http_answer *answer);

#endif

/* A WebSocket that is listened to for a moment; see net_listen(). */
#ifndef NET_FEED_H
#define NET_FEED_H

#include "net/transfer.h"

/* Of a prepared transfer. True with the status of the answer to the handshake (101: it was heard);
 * false: t says what became of it, as for any call. The caller's thread. */
bool feed_run(struct transfer *t, const struct http_feed *feed, int *status);

#endif

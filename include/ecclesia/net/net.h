/* The network: one thread, one curl multi handle, pooled connections. The only room that knows
 * libcurl.
 *
 * Any thread hands a request over and waits for its answer; the I/O thread alone touches curl.
 * Limits: connect 5 s, whole call 30 s unless the request says less, 4 MiB of body after decoding,
 * 64 KiB of headers, no redirects, https only (http for loopback addresses), 6 connections a host,
 * 48 in all. */
#ifndef ECCLESIA_NET_NET_H
#define ECCLESIA_NET_NET_H

#include <ecclesia/base/cancel.h>
#include <ecclesia/base/error.h>
#include <ecclesia/net/http.h>

struct net;

struct net_options {
    const char *ca_file; /* PEM bundle, NULL for the system's */
    const char *proxy;   /* only from our configuration, NULL none */
    bool refuse_private; /* refuse loopback, private and link-local peers of names that are not such
                            addresses themselves; true in normal running */
    int connect_ms, total_ms; /* 0: 5000, 30000 */
};

/* On success *out is yours: net_stop(). Starts the I/O thread. */
bool net_start(struct net **out, const struct net_options *options, struct error *err);
/* Cuts what is under way (their callers get ERROR_CANCELLED), ends the thread, frees. NULL is fine.
 */
void net_stop(struct net *n);

/* Carries out the request; waits. True when the platform answered at all, whatever the status:
 * *answer is then yours (http_answer_release). False with ERROR_NET_PRE, _NET_POST, _TLS_CERT,
 * _GARBAGE (body too large), _CANCELLED, _CONFIG (URL not allowed). Any thread; not the screen's.
 * cancel may be NULL. Traces one log line without query, body or headers. */
bool net_call(struct net *n, const struct http_request *request, struct http_answer *answer,
              struct cancel *cancel, struct error *err);

/* Opens the WebSocket, hands over what is said until it falls silent, closes it; waits. True when
 * the platform answered the handshake at all: *status is then its answer, 101 when it was heard
 * (also if it was cut later: what came counts). Else as net_call(). Any thread; not the screen's.
 */
bool net_listen(struct net *n, const struct http_feed *feed, int *status, struct cancel *cancel,
                struct error *err);

/* Counters since the start, for tests and the bench. */
struct net_counts {
    uint64_t calls, connections, bytes_in, bytes_out;
};
void net_count(struct net *n, struct net_counts *out);

#endif

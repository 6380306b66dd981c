/* One call on its way: what the caller asked, the curl handle that carries it, and what came back.
 *
 * It lives on the caller's stack. The caller builds it (transfer_prepare), hands it to the I/O
 * thread, and touches it again only when `done` is set; between the two it belongs to the I/O
 * thread alone. */
#ifndef NET_TRANSFER_H
#define NET_TRANSFER_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <ecclesia/base/text.h>
#include <ecclesia/net/net.h>

enum { NET_BODY_MAX = 4 << 20, NET_HEADERS_MAX = 64 << 10 };

enum transfer_end {
    TRANSFER_CARRIED,   /* curl came to an end with it: `result` */
    TRANSFER_CANCELLED, /* cut by its cancel */
    TRANSFER_STOPPED    /* cut by net_stop() */
};

struct transfer {
    const struct http_request *request; /* borrowed from the caller */
    const struct net_options *options;  /* borrowed from the net */
    struct cancel *cancel;              /* borrowed, may be NULL */

    /* From transfer_prepare(). */
    CURLU *url;
    struct curl_slist *sending; /* headers */
    char host[256];
    bool plain;           /* http, hence loopback */
    bool private_allowed; /* the URL itself says a private address, or nothing is refused */
    bool repeatable;      /* reading only: curl may send it again on a fresh connection */
    int64_t timeout_ms;

    /* From the callbacks. */
    bool asked;           /* curl was let go to send the request */
    long sent_before;     /* CURLINFO_REQUEST_SIZE at that moment: bytes for a proxy */
    bool repeat_refused;  /* curl wanted to send it a second time */
    bool private_refused; /* the name led to a private address */
    bool too_large, no_memory;
    bool head_whole; /* the empty line after the headers has come */
    bool in_body;
    struct text body;
    struct http_header *headers;
    size_t header_count, header_room, header_bytes;

    /* At the end. */
    enum transfer_end end;
    CURLcode result;
    int status;
    long connections;
    bool sent; /* a byte of the request may have left */
    int os_errno;
    int64_t lasted_ms;           /* by curl's count */
    int64_t bytes_in, bytes_out; /* of the bodies, as they crossed the wire */
    uint64_t wire_in, wire_out;  /* with the headers */

    /* Of the I/O thread. */
    CURL *easy;
    struct transfer *next, *previous;
    bool done; /* under the net's mutex */
    pthread_cond_t over;
};

/* Checks URL, method and headers. False with ERROR_CONFIG (or _MEMORY, _INTERNAL);
 * transfer_release() in either case. */
bool transfer_prepare(struct transfer *t, const struct http_request *request,
                      const struct net_options *options, struct cancel *cancel, struct error *err);
/* Sets every option on the (fresh or reset) handle. I/O thread. False: an option is missing or
 * memory is. */
bool transfer_fit(struct transfer *t, CURL *easy);
/* Takes the numbers off the handle at the end, before it is reset. I/O thread. */
void transfer_measure(struct transfer *t);
void transfer_release(struct transfer *t);

/* True and *answer filled when the platform answered, else false and err says what it was. */
bool outcome_take(struct transfer *t, struct http_answer *answer, struct error *err);
/* One line of the trace: platform, route template, status or class, time, sizes, the platform's own
 * name for the call. */
void outcome_trace(const struct transfer *t, const struct http_answer *answer,
                   const struct error *err, int64_t took_ms);

#endif

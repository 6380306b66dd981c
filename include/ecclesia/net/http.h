/* One HTTP request and its answer, as values that adapters build and read. */
#ifndef ECCLESIA_NET_HTTP_H
#define ECCLESIA_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEADERS_MAX 16

/* All pointers are borrowed until the call returns. */
struct http_request {
    const char *method; /* "GET", "POST", "PUT", "PATCH", "DELETE" */
    const char *url;    /* whole, encoded */
    const char
        *route; /* template for traces: "POST /youtube/v3/liveBroadcasts"; never an id or a token */
    const char *platform;                  /* slug, for traces and errors */
    const char *headers[HTTP_HEADERS_MAX]; /* "Name: value", NULL-terminated; a value with CR, LF or
                                              NUL is refused */
    const void *body;                      /* NULL: no body (a POST then sends Content-Length: 0) */
    size_t body_length;
    int64_t timeout_ms; /* 0: the default */
    bool effect;        /* changes something at the platform: noted durably before it is sent */
    bool signin;        /* to a sign-in server: does not wait behind the platform's call rate */
    bool creates; /* a repeat would make a second object: a lost answer makes the outcome unknown */
};

struct http_header {
    char *name, *value; /* owned */
};

struct http_answer {
    int status;
    char *body; /* owned, NUL-terminated after length bytes; never NULL */
    size_t length;
    struct http_header *headers; /* owned */
    size_t header_count;
    int64_t took_ms;
};

/* A WebSocket to listen to for a moment. All pointers are borrowed until the call returns. */
struct http_feed {
    const char
        *url; /* https:// (or http:// of a loopback address): the upgrade is asked for there */
    const char *route;    /* template for traces */
    const char *platform; /* slug */
    int64_t first_ms;     /* how long the first message is waited for */
    int64_t quiet_ms;     /* silence after a message that ends it */
    int64_t most_ms;      /* after the first message, however much is said */
    void (*take)(void *context, const char *text,
                 size_t length); /* each message, in order; borrowed */
    void *context;
};

void http_answer_release(struct http_answer *a);
/* Case-insensitive; the last one of that name; borrowed; NULL when absent. */
const char *http_answer_header(const struct http_answer *a, const char *name);
/* The time of a Date header. False when it is none. */
bool http_date(const char *value, int64_t *ms);
/* Retry-After (or another header of that form): seconds, HTTP date or RFC 3339. Milliseconds from
 * now, 0 when absent or not readable, clamped to 1 s … 24 h. */
int64_t http_retry_after(const char *value, int64_t now_ms);

#endif

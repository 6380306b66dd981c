/* One error type for the whole program.
 *
 * A function that can fail takes a `struct error *` last, returns false (or NULL) and fills it. It
 * says what happened, on which platform, and what the operator can do now. The kind alone decides
 * whether to retry, refresh, wait or tell the admin: base/error_policy.c holds that table and
 * nothing else does.
 *
 * An error holds no secret: whoever fills it from foreign text uses error_set(), which cleans
 * control characters and cuts. A struct error is a plain value: copy it, keep it on the stack; it
 * owns nothing. No thread shares one. */
#ifndef ECCLESIA_BASE_ERROR_H
#define ECCLESIA_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

enum error_kind {
    ERROR_NONE = 0,
    /* What a platform, or the way to it, answered. Retry policy: reliability table in
       base/error_policy.c. */
    ERROR_NET_PRE,   /* nothing was sent: DNS, refused, no route, TLS handshake */
    ERROR_NET_POST,  /* cut or timed out after sending: the platform may have done it */
    ERROR_TLS_CERT,  /* the certificate did not verify */
    ERROR_SERVER,    /* 5xx and the platforms' own "try again" */
    ERROR_RATE,      /* too many calls; retry_after_ms says when */
    ERROR_QUOTA,     /* the day's allowance is gone; retry_after_ms says when it is back */
    ERROR_AUTH,      /* the credentials were refused */
    ERROR_FORBIDDEN, /* a permission, scope or feature is missing */
    ERROR_INVALID,   /* the platform refused what we asked */
    ERROR_NOT_FOUND, /* the platform does not know our object */
    ERROR_GARBAGE,   /* an answer that cannot be read */
    ERROR_BREAKER,   /* not asked: the platform failed too often just now */
    ERROR_CLOCK,     /* refused because this computer's clock is wrong */
    /* Our own side. */
    ERROR_USAGE,           /* words on the command line */
    ERROR_INPUT,           /* a value a person gave (title, time, setting) */
    ERROR_MISSING,         /* no such record */
    ERROR_REFUSED,         /* not allowed in this state */
    ERROR_CONFIG,          /* configuration file, theme, environment */
    ERROR_STORE,           /* database: I/O, corrupt, cannot open */
    ERROR_STORE_FULL,      /* disk full */
    ERROR_STORE_BUSY,      /* another writer did not give way */
    ERROR_STORE_FOREIGN,   /* the file is not ours, or its schema is newer than this program */
    ERROR_KEY_WRONG,       /* the master key does not fit */
    ERROR_SECRET_TAMPERED, /* a sealed field does not open though the key is right */
    ERROR_SECRET_FORMAT,   /* a sealed field of a form that this program does not know */
    ERROR_CONFLICT,        /* somebody else changed or holds it */
    ERROR_CANCELLED,       /* asked to stop */
    ERROR_TIMEOUT,         /* our own waiting time is over */
    ERROR_MEMORY,
    ERROR_INTERNAL, /* a defect of this program */
    ERROR_KIND_COUNT
};

struct error {
    enum error_kind kind;
    int http_status;        /* the platform's HTTP status, 0 when none */
    int64_t retry_after_ms; /* ms from now, 0 when the platform did not say */
    char code[64];          /* the platform's own code ("quotaExceeded", "190/463"), may be "" */
    char platform[16];      /* slug, "" when no platform is concerned */
    char message[512];      /* one sentence for a person: what happened */
    char remedy[256];       /* one sentence: what the operator can do now, may be "" */
};

/* What to do with a job whose step ended with this kind. */
struct error_policy {
    const char *name;  /* stable word for --json and the API: "net_pre", "rate" … */
    bool retry;        /* worth trying again by itself */
    bool uses_attempt; /* false: a snooze, the attempt is not counted (rate, quota, breaker) */
    bool
        maybe_done; /* after an effect was sent: the outcome is unknown, look before trying again */
    int base_ms,
        cap_ms; /* back off: 1 s + U(0, min(cap, base·2^(n-1))); before [retry] base scales it */
    int tries;  /* 0: no limit */
    int exit_status; /* of the command line */
};

const struct error_policy *error_policy(enum error_kind kind);

/* Sets the error and returns false, so that `return error_set(err, …)` reads well. err may be NULL.
 * remedy may be NULL. Keeps nothing of the old value. The formatted text is cleaned for a terminal
 * and cut to fit. */
bool error_set(struct error *err, enum error_kind kind, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same with the name of a platform (slug) filled in. */
bool error_platform(struct error *err, enum error_kind kind, const char *platform,
                    const char *remedy, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

void error_clear(struct error *err);

#endif

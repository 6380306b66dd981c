/* A platform that follows a script, for tests of adapters.
 *
 * A test writes down what it expects on the wire, one step a request, and what is answered; the
 * struct call handed to the adapter plays it. A request that is not the next step, or lacks a part
 * of it, ends the test with both shown. All that was sent and saved stays to be looked at. One
 * thread. */
#ifndef TESTS_FAKECALL_H
#define TESTS_FAKECALL_H

#include <ecclesia/platform/platform.h>

struct fake_step {
    const char *what;       /* "POST /youtube/v3/liveBroadcasts": method and start of the path after
                               api_base or auth_base */
    int status;             /* 0: no answer, fails is the error */
    const char *answer;     /* body, NULL empty */
    const char *holds[10];  /* each must be somewhere in URL, headers or body */
    const char *lacks[4];   /* none may be there */
    const char *headers[4]; /* of the answer, "Name: value" */
    enum error_kind fails;
    bool html; /* the answer needs not be JSON (else a slip in the script itself is told) */
};

/* One step: FAKE("GET /v1/me", 200, "{}", .holds = { "a=b" }). */
/* clang-format off */
#define FAKE(what_, status_, ...) { .what = what_, .status = status_, .answer = __VA_ARGS__ }
#define FAKE_END { .what = NULL }
/* clang-format on */

struct fake_request {
    char *method, *url, *headers, *body; /* headers: one a line */
    size_t body_length;
    bool effect, creates;
};

struct fake_saved {
    char remote_id[160], url[600], ingest_url[300], stream_key[600];
    char *remote; /* printed */
};

struct fake_secret {
    const char *key, *value;
};

struct fake {
    struct call call;
    const struct fake_step *steps; /* ends with what NULL */
    size_t at;                     /* the next one */
    struct fake_request requests[256];
    size_t request_count;
    struct fake_saved saved[32]; /* by progress() */
    size_t saved_count;
    size_t progress_fails_at; /* the how-manieth progress() fails, counted from 1; 0 none */
    const struct fake_secret *secrets; /* ends with key NULL; may be NULL */
    const char *access;                /* what token() gives; NULL makes it fail with ERROR_AUTH */
    cJSON *options;                    /* call.options; change it at will */
    const char *const *feed;           /* what a listener hears, ends with NULL */
    int feed_status;                   /* answer to its handshake; 0: it cannot be reached */
    size_t feed_count;                 /* how often it was listened to */
    char feed_url[600];
};

/* api_base "https://api.test", auth_base "https://auth.test", idem_key
 * "1a2b3c4d5e6f708192a3b4c5d6e7f809", zone Europe/London, now 2026-12-01T09:12:00Z, access token
 * "token-1". */
void fake_init(struct fake *f, enum platform_id platform, const struct fake_step *steps);
void fake_release(struct fake *f);
/* From now on somebody can be listened to (without this call.listen is NULL). */
void fake_feed(struct fake *f, int status, const char *const *messages);
/* Another script; all of the former must have been played. */
void fake_expect(struct fake *f, const struct fake_step *steps);
/* All steps were played; ends the test otherwise. */
void fake_done(const struct fake *f);
/* How often a method and start of a path was sent. */
size_t fake_count(const struct fake *f, const char *what);

/* A target as the store would hold it, pending and not created; settings JSON or NULL.
 * fake_target_release() frees it. */
void fake_target(struct target *t, enum platform_id platform, const char *settings);
/* What the manager does after an operation: the outcome goes into the target. */
void fake_target_take(struct target *t, const struct outcome *o);
/* … and what is left after a crash: only what progress() saved last. */
void fake_target_saved(struct target *t, const struct fake_saved *s);
void fake_target_release(struct target *t);

#endif

/* What an adapter is given for one operation, and what it gives back. It sees nothing else: no
 * thread, no SQL, no screen. */
#ifndef ECCLESIA_PLATFORM_CALL_H
#define ECCLESIA_PLATFORM_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ecclesia/base/error.h>
#include <ecclesia/base/json.h>
#include <ecclesia/net/http.h>
#include <ecclesia/record/slug.h>
#include <ecclesia/record/target.h>

enum call_signature { CALL_HS256, CALL_HS384, CALL_HS512, CALL_RS256 };

struct outcome;

struct call {
    enum platform_id platform;
    const char *api_base, *auth_base;      /* without a slash at the end */
    const char *client_id, *client_secret; /* of [PLATFORM], "" when not configured; a credential of
                                              that name goes first */
    const char *client_token;              /* likewise; of Facebook's device flow */
    const cJSON *options;                  /* connection.options; never NULL */
    const char *account_ref;               /* of the connection, "" before it was identified */
    const char *idem_key; /* 32 hex, the same for every try of one wish; its first 8 mark our
                             objects: "[ec:1a2b3c4d]" */
    const char *zone;     /* the church's time zone */
    bool simulated;
    int64_t now_ms;
    void *context; /* the caller's own */

    /* One request. True when the platform answered at all. Notes an `effect` durably before it is
     * sent and obeys the platform's call rate. Adapters put the token in themselves. */
    bool (*http)(struct call *, const struct http_request *, struct http_answer *, struct error *);
    /* Listens to a WebSocket for a moment (net_listen); *status 101: it was heard. NULL: nobody
     * can. */
    bool (*listen)(struct call *, const struct http_feed *, int *status, struct error *);
    /* A sealed credential; NULL when not set. Borrowed until the operation ends. */
    const char *(*credential)(struct call *, const char *key);
    /* A valid access token, renewed first when it must be. Borrowed until the operation ends. */
    bool (*token)(struct call *, const char **out, struct error *);
    bool (*sign)(struct call *, enum call_signature, const char *key, const void *message,
                 size_t length, unsigned char *out /* 1024 */, size_t *out_length, struct error *);
    /* 32 bytes that are the same each time for (purpose, idem_key) and cannot be guessed. */
    bool (*derive)(struct call *, const char *purpose, unsigned char out[32], struct error *);
    /* Waits until no other operation of this connection holds `what`, and holds it until this
     * operation ends: for what all objects of a connection share, so that two of them do not both
     * make it. ERROR_CANCELLED. */
    bool (*hold)(struct call *, const char *what, struct error *);
    /* Saves what is known so far (remote_id, remote, url, ingest_url, key) durably, so that a crash
     * after this step repeats nothing. Call it after each step that made something. */
    bool (*progress)(struct call *, const struct outcome *, struct error *);
};

/* A new access token. Secret: whoever gets it wipes it by token_wipe(). */
struct token {
    char access[4096];
    char refresh[4096]; /* "" : keep the old one */
    int64_t expires_ms; /* wall time, 0 unknown */
    int64_t refresh_expires_ms;
    char scopes[1024]; /* "" when the platform did not say */
};
void token_wipe(struct token *t);

struct account {
    char ref[128];     /* the platform's id */
    char name[200];    /* what a person calls it */
    char picture[500]; /* https address of its picture, shown to who connects it; "" where the
                          platform names none */
    char scopes[1024];
    int64_t access_expires_ms; /* of a credential that is its own token (Facebook's page token), 0
                                  unknown or never */
};

/* What an operation found or did. outcome_init() fills it from the target as stored; an adapter
 * changes what it learned. */
struct outcome {
    enum target_status status;
    char remote_id[160];
    cJSON *remote;        /* owned object: the adapter's memory; never a secret */
    char url[2048];       /* members' link */
    char ingest_url[300]; /* without the key */
    char stream_key[600]; /* secret, "" when not learned in this call; sealed by the caller, wiped
                             by outcome_release() */
    char note[200];       /* what is awaited or worth knowing, for a person; "" */
    int64_t viewers;      /* -1 unknown */
    int64_t started_ms, ended_ms;
    int64_t again_ms; /* > 0: not finished; call the same operation again after so long */
    bool found;       /* of find */
    bool gone;        /* the platform does not know the object any more */
};
bool outcome_init(struct outcome *o, const struct target *t);
void outcome_release(struct outcome *o);

#endif

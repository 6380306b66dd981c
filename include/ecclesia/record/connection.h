/* The connection: a church's sign-in at a platform. */
#ifndef ECCLESIA_RECORD_CONNECTION_H
#define ECCLESIA_RECORD_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <ecclesia/base/id.h>
#include <ecclesia/record/slug.h>

enum connection_status {
    CONNECTION_DISCONNECTED,
    CONNECTION_CONNECTED,
    CONNECTION_EXPIRED,
    CONNECTION_ERROR
};

const char *connection_status_name(enum connection_status s); /* "connected" */
bool connection_status_parse(const char *name, enum connection_status *out);

/* What is known; conn_status() alone decides the status from it. */
struct connection_facts {
    bool has_secrets;          /* sealed rows of the current generation exist and none is empty */
    bool secrets_open;         /* they opened with the current key the last time they were tried */
    bool accepted;             /* the platform accepted them and has not refused them since */
    bool refused;              /* the platform refused them for good */
    int64_t last_ok_ms;        /* last authenticated answer, 0 never */
    int64_t access_expires_ms; /* end of the access token, 0 none or never ends */
    bool renewable;            /* the access token can be had again without a person */
    const char *trouble;       /* "", or why it cannot be used now: "refresh_unreachable",
                                  "client_config", "scope", "tls",       "key_wrong", "secret_tampered",
                                  "secret_format", "probe_failed", "store" */
};

struct connection_verdict {
    enum connection_status status;
    const char *reason; /* a literal: "" or one of the words above, "revoked", "ended",
                           "never_checked", "stale" */
};

/* The only place that decides a status. Pure. `connected` needs all of: rows, opened, accepted, an
 * answer within the last 24 h, and an access token that is valid or renewable. */
struct connection_verdict connection_judge(const struct connection_facts *facts, int64_t now_ms);

struct connection {
    struct id id, church;
    enum platform_id platform;
    enum connection_status status;
    char *method;       /* owned: how it was connected, "credentials", "oauth", "device" */
    char *account_ref;  /* owned: the platform's id of the account, may be "" */
    char *account_name; /* owned: what a person calls it, may be "" */
    char *scopes;       /* owned: granted, blank-separated, may be "" */
    char *reason;       /* owned: word of connection_verdict, may be "" */
    char *reason_text;  /* owned: a sentence for a person, may be "" */
    char *remedy;       /* owned: what to do, may be "" */
    char *options; /* owned: JSON object of non-secret settings given at connecting (Jitsi's host …)
                    */
    int64_t generation;                            /* of its secrets; counts up with each save */
    int64_t access_expires_ms, refresh_expires_ms; /* 0 none or unknown */
    int64_t last_ok_ms, last_probe_ms, created_ms, updated_ms;
    bool accepted, refused, renewable;
    bool simulated; /* points at a simulator: marked on screen, in events and answers */
};

void connection_release(struct connection *c);
/* c's facts for connection_judge(); whether rows exist and open is the caller's to say. Borrows
 * from c. */
struct connection_facts connection_facts_of(const struct connection *c, bool has_secrets,
                                            bool secrets_open);

#endif

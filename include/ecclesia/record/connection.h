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

/* What is known; connection_judge() alone decides the status from it. */
struct connection_facts {
    bool has_secrets;          /* sealed rows of the current generation exist and none is empty */
    bool secrets_open;         /* they opened with the current key the last time they were tried */
    bool accepted;             /* the platform accepted them and has not refused them since */
    bool refused;              /* the platform refused them for good */
    int64_t last_ok_ms;        /* last authenticated answer, 0 never */
    int64_t access_expires_ms; /* end of the access token, 0 none or never ends */
    bool renewable;            /* the access token can be had again without a person */
    const char *trouble;       /* "", or why it cannot be used now: "refresh_unreachable",
                                  "client_config", "scope", "tls", "clock", "key_wrong",
                                  "secret_tampered", "secret_format", "probe_failed", "store" */
};

struct connection_verdict {
    enum connection_status status;
    const char *reason; /* a literal: "" or one of the words above, "revoked", "ended",
                           "never_checked", "stale" */
};

/* The only place that decides a status. Pure. `connected` needs all of: rows, opened, accepted, an
 * answer within the last 24 h, and an access token that is valid or renewable. */
struct connection_verdict connection_judge(const struct connection_facts *facts, int64_t now_ms);

/* How the way to its platform is, beside the status: a connection can be good and its platform
 * down. Times are wall times, 0 none. */
enum breaker_state {
    BREAKER_CLOSED, /* asked as usual */
    BREAKER_OPEN,   /* failed too often: not asked before until */
    BREAKER_HALF    /* one question is out to see whether it is back */
};
const char *breaker_state_name(enum breaker_state s); /* "closed", "open", "half_open" */
bool breaker_state_parse(const char *name, enum breaker_state *out);

struct connection_health {
    enum breaker_state breaker;
    int64_t breaker_until_ms;
    int64_t failures; /* that opened it */
    char wait[8];     /* "rate", "quota": the platform asked us to wait; "" not */
    int64_t wait_until_ms;
    int64_t clock_off_ms;   /* our clock minus the platform's, when they are far apart; else 0 */
    int64_t granted_ms;     /* when it was connected last */
    int64_t refresh_end_ms; /* when it cannot be renewed any more, unless it is renewed before */
    int64_t grant_end_ms;   /* when a person must have connected it anew */
    bool sliding;           /* each renewal moves those two on */
};

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
    /* Set by connection_review(), stored elsewhere. */
    struct connection_health health;
    char
        *note; /* owned: what is worth knowing besides the status, "expires in 3 days"; NULL none */
};

void connection_release(struct connection *c);
/* c's facts for connection_judge(); whether rows exist and open is the caller's to say. Borrows
 * from c. */
struct connection_facts connection_facts_of(const struct connection *c, bool has_secrets,
                                            bool secrets_open);

#endif

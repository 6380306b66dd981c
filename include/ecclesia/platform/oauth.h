/* How a person signs in at a platform, as data: where, with which words, what comes back. The oauth
 * room does the rest, by this table alone; what two platforms do in a way of their own is a flag or
 * one function here. Strings are literals. */
#ifndef ECCLESIA_PLATFORM_OAUTH_H
#define ECCLESIA_PLATFORM_OAUTH_H

#include <stdbool.h>
#include <stdint.h>

#include <ecclesia/platform/call.h>

/* What can be wanted of a platform; a scope says which of these need it. */
enum {
    OAUTH_FOR_CREATE = 1,
    OAUTH_FOR_UPDATE = 2,
    OAUTH_FOR_START = 4,
    OAUTH_FOR_END = 8, /* stop, cancel, delete */
    OAUTH_FOR_LOOK = 16,
    OAUTH_FOR_ALL = 31
};

/* One permission that is asked for. A table ends with scope NULL. */
struct oauth_scope {
    const char *scope;   /* as asked for */
    const char *same;    /* others that do as well: other spellings, and scopes that include it;
                            blank-separated, NULL none */
    unsigned needed;     /* OAUTH_FOR_…: what cannot be done without it; 0: only a convenience */
    const char *without; /* for a person: "meetings cannot be ended from here" */
};

enum oauth_client {
    OAUTH_CLIENT_POST, /* id and secret in the form */
    OAUTH_CLIENT_BASIC /* both in the Authorization header; a client without a secret: its id in the
                          form */
};

enum oauth_device {
    OAUTH_DEVICE_RFC8628,
    OAUTH_DEVICE_FACEBOOK /* "code" for device_code, APP_ID|CLIENT_TOKEN as the token, errors by
                             number */
};

/* How a token is had again. */
enum oauth_refresh {
    OAUTH_REFRESH_TOKEN,   /* grant_type=refresh_token */
    OAUTH_REFRESH_EXTENDS, /* the access token itself is extended while it lives, by extend_path */
    OAUTH_REFRESH_NEVER
};

/* What a sign-in found besides the tokens: credentials of the platform's table, to be sealed or
 * kept as that table says. */
enum { OAUTH_FOUND_MOST = 4 };
struct oauth_found {
    size_t count;
    struct {
        char key[32];
        char value[4096]; /* secret: wiped by oauth_found_wipe() */
    } list[OAUTH_FOUND_MOST];
};
bool oauth_found_add(struct oauth_found *f, const char *key,
                     const char *value); /* false when it does not fit */
void oauth_found_wipe(struct oauth_found *f);

struct oauth_profile {
    /* Where. Paths follow the platform's auth_base; a *_base replaces that, unless [PLATFORM]
     * auth_base is configured, which goes before all. "{tenant}" in a path is the connecting value
     * of that name. */
    const char *authorize_base, *authorize_path;
    const char *token_base, *token_path;
    const char *device_path;      /* NULL: no device flow */
    const char *device_poll_path; /* NULL: token_path */
    const char *revoke_path;      /* NULL: the platform's own revoke, or none */
    bool revoke_shared; /* revoking takes other connections' sign-ins too: done only by a person
                           there */

    /* Who must have answered (RFC 9207), for a callback that says who it is; with auth_base
     * configured it is that. "*" one path part that differs. */
    const char *issuer;
    bool issuer_sent; /* always says so: an answer that does not is refused */

    const char *
        parameters; /* more of the authorize URL: "access_type=offline&prompt=consent"; NULL none */
    const struct oauth_scope *scopes;
    bool scopes_in_app;        /* chosen where the app is registered, not in the URL */
    char scope_separator;      /* ' ' or ',' */
    const char *device_scopes; /* when the device flow allows fewer; NULL: the same */

    enum oauth_client client;
    bool secret_needed; /* PKCE alone does not do */
    bool pkce_unproven; /* no page promises it: sent all the same (RFC 6749 3.1: what a server does
                           not know it ignores), [PLATFORM] pkce=false leaves it out */
    bool token_by_get;  /* the code is exchanged by a GET */
    enum oauth_device device;
    enum oauth_refresh refresh;
    bool rotates;           /* each renewal gives a new refresh token and kills the old one */
    bool scopes_with_token; /* named again when a code or a refresh token is exchanged */
    /* A short token is exchanged for a long one at once, and that for a longer one later; after
     * api_base, by GET. NULL: no. */
    const char *lengthen_path, *lengthen_grant, *lengthen_parameter;
    const char *extend_path, *extend_grant, *extend_parameter;

    /* The way back. Without a host there is none to this machine: [PLATFORM] redirect_uri must name
     * a public address, or the address is pasted. */
    const char *loopback_host; /* "127.0.0.1", or "localhost" where the platform takes no other */
    const char *loopback_path; /* "" none */
    int loopback_port;         /* 0 any: the platform does not compare it */

    /* Connecting values that go with a person's sign-in: blank-separated keys of the platform's
     * credentials. */
    const char *takes;
    const char *needs;   /* those of them without which it cannot begin, besides client_id */
    const char *options; /* kept with each such connection: "user=me", NULL none */
    const char *choice; /* the value that a person may be asked for when the account leaves it open:
                           "page_id"; NULL none */
    const char *lost; /* the remedy when a sign-in is not accepted any more: what may have ended it;
                         NULL: "Connect it again." */

    /* Reads a refusal of the token endpoint more closely than its word says, by the platform's own
     * numbers: kind, remedy and code of err, which is filled in already. NULL: no. */
    void (*refine)(const cJSON *body, struct error *err);
    /* Turns the token that was granted into what the adapter works with (Facebook's Page and its
     * token). out->access "" afterwards: found holds all that there is. NULL: the token is it.
     * call->token() gives t's. */
    bool (*settle)(struct call *call, struct token *t, struct oauth_found *found,
                   struct error *err);
};

/* Whether a person's sign-in takes that connecting value. */
bool oauth_takes(const struct oauth_profile *o, const char *key);

#endif

/* The parts of a person's sign-in at a platform: where to send them (RFC 6749 with PKCE S256), what
 * comes back and whether it may be believed, and the code or the device's code (RFC 8628) for
 * tokens. Nothing here keeps anything: flow.h does. Any thread; what takes a call waits for the
 * platform. */
#ifndef ECCLESIA_OAUTH_SIGNIN_H
#define ECCLESIA_OAUTH_SIGNIN_H

#include <ecclesia/platform/oauth.h>
#include <ecclesia/platform/platform.h>

/* ---- where to ---- */

enum { PKCE_SIZE = 44, STATE_SIZE = 44 }; /* 32 random bytes in base64url, with the NUL */

/* A new verifier; a new state is made in the same way. */
void pkce_verifier(char out[PKCE_SIZE]);
void pkce_challenge(const char *verifier, char out[PKCE_SIZE]); /* S256 */
/* SHA-256 in hex: what of a state is stored. */
void state_hash(const char *state, char out[65]);

struct authorize {
    const char *redirect_uri, *state;
    const char *challenge; /* NULL: without PKCE */
};
/* What of the platform's values a sign-in cannot do without. ERROR_INPUT names it and where it
 * comes from. device: for the device flow. */
bool authorize_check(struct call *call, const struct platform *p, bool device, struct error *err);
/* The address that a person opens, onto out (ceiling 4096 or more). */
bool authorize_url(struct call *call, const struct platform *p, const struct authorize *a,
                   struct text *out, struct error *err);
/* Who must have answered: the profile's, or the configured auth_base. */
void authorize_issuer(const struct call *call, const struct platform *p, char *out, size_t size);

/* ---- what comes back ---- */

struct callback {
    char state[128];
    char code[4096]; /* secret: wiped by callback_wipe() */
    char issuer[300];
    char error[64];        /* "" none */
    char description[201]; /* cleaned */
    bool bare;             /* no parameter at all: how Restream says no */
};
void callback_wipe(struct callback *c);
/* The query of a redirect, without "?". Refuses what is too long, comes twice, is not encoded as it
 * should be, or is neither a code nor an error: ERROR_INVALID. */
bool callback_read(struct callback *out, const char *query, size_t length, struct error *err);
/* The same of what a person pastes: the whole address, or what follows its "?". Another address
 * than redirect_uri is refused. */
bool callback_pasted(struct callback *out, const char *pasted, const char *redirect_uri,
                     struct error *err);
/* After the state was used up: who answered (issuer: as kept at the beginning), and whether it is a
 * code. ERROR_FORBIDDEN for a no, by a fixed text for each of RFC 6749's words. */
bool callback_judge(const struct callback *c, const struct platform *p, const char *issuer,
                    struct error *err);

/* ---- for tokens ---- */

bool grant_by_code(struct call *call, const struct platform *p, const char *code,
                   const char *redirect_uri, const char *verifier, struct token *out,
                   struct error *err);
/* A short token for a long one, where the platform has two; else t stays. */
bool grant_lengthen(struct call *call, const struct platform *p, struct token *t,
                    struct error *err);
/* A new token by the stored refresh_token, or by the access token itself. The error's code is the
 * server's word. */
bool grant_renew(struct call *call, const struct platform *p, struct token *out, struct error *err);
/* Takes the grant of one of its tokens back, where that harms nobody else. */
bool grant_revoke(struct call *call, const struct platform *p, const char *token,
                  struct error *err);

struct device {
    char code[2048]; /* secret: wiped by device_wipe() */
    char user_code[64];
    char url[512], complete[600]; /* the page; with the code in it, "" none */
    int64_t interval_ms;
    int64_t expires_mono; /* monotonic */
};
enum device_state { DEVICE_PENDING, DEVICE_DONE, DEVICE_OVER };
void device_wipe(struct device *d);
bool device_start(struct call *call, const struct platform *p, struct device *out,
                  struct error *err);
/* Asks once whether the person has agreed. PENDING: ask again after d->interval_ms, which grows
 * when the server wants that, or when it could not be reached. OVER: refused, too old, or not
 * possible; err says which. */
enum device_state device_poll(struct call *call, const struct platform *p, struct device *d,
                              struct token *out, struct error *err);

/* ---- permissions ---- */

/* Appends those of the profile that granted (blank-separated) does not hold, each as oauth_scope;
 * returns how many. granted "": not known, so none. */
size_t scopes_missing(const struct oauth_profile *o, const char *granted,
                      const struct oauth_scope **out, size_t most);

#endif

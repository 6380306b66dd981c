/* Sign-ins under way, kept in the store so that whoever is called back can finish what another
 * process began. Of the state only its hash is stored, it is good once and for ten minutes; the
 * rest is sealed. */
#ifndef ECCLESIA_OAUTH_FLOW_H
#define ECCLESIA_OAUTH_FLOW_H

#include <ecclesia/oauth/signin.h>
#include <ecclesia/store/db.h>
#include <ecclesia/vault/vault.h>

enum { FLOW_LIFE_MS = 10 * 60 * 1000 };

struct flow {
    struct id church;
    enum platform_id platform;
    char redirect_uri[512], issuer[300], started_by[64];
    char verifier[PKCE_SIZE]; /* secret; "" without PKCE */
    cJSON *values; /* owned: object of texts, the app's values that were given; may hold secrets */
};
void flow_release(struct flow *f); /* wipes */

/* Begins it: *state is new. browser: the cookie of the browser that shall come back, NULL for a
 * console's or a command's, which is bound by the person's yes to the account instead. Forgets
 * flows that are long over. A transaction of its own. */
bool flow_begin(struct vault *v, struct store *s, const struct flow *f, const char *browser,
                char state[STATE_SIZE], struct error *err);
/* Uses the callback's state up and tells what was begun with it. Refused, and used up all the same:
 * another platform's, another browser's; who waits for it is told. ERROR_MISSING for a state that
 * is not awaited. A transaction of its own. *out is yours: flow_release(). */
bool flow_take(struct vault *v, struct store *s, enum platform_id platform,
               const struct callback *c, const char *browser, struct flow *out, struct error *err);
/* It is over, whatever came of it. */
void flow_end(struct store *s, const char *state);
/* Forgets those that nobody has ended in time, with the tokens that wait in them. */
void flow_forget(struct store *s);

/* When somebody else than the one who shows the sign-in was called back: what came of it, kept
 * sealed for him. token NULL: why says what went wrong. */
bool flow_keep(struct vault *v, struct store *s, const char *state, const struct token *token,
               const struct error *why, struct error *err);
/* *arrived: flow_keep() has been there. Then true with the token, or false with what went wrong. */
bool flow_collect(struct vault *v, struct store *s, const char *state, bool *arrived,
                  struct token *out, struct error *err);

#endif

/* Access tokens: kept sealed, renewed one at a time per connection, with the intent written down
 * before a rotating token is spent.
 *
 * The order of a renewal: look whether somebody renewed meanwhile, here or in another process; mark
 * in_flight and commit, which proves that the store can be written; ask the platform; save the new
 * tokens before anybody uses them. An answer that nobody saw is asked for once more with the same
 * token, after five seconds: if the first question never arrived that works, else the platform says
 * that the token is spent, and then the sign-in is lost. Any thread; not the screen's. */
#ifndef ECCLESIA_OAUTH_TOKEN_H
#define ECCLESIA_OAUTH_TOKEN_H

#include <ecclesia/platform/platform.h>
#include <ecclesia/store/records.h>
#include <ecclesia/vault/vault.h>

struct token_keeper;

struct token_keeper_options {
    int64_t margin_ms; /* renewed so long before the end, or when a tenth of its life is left */
    int64_t again_ms;  /* before the second try after an unknown answer, or after a refusal */
    int64_t base_ms, cap_ms; /* pause after a platform that could not be asked: grows from base to
                                cap, by chance */
    int64_t save_ms;         /* how long saving is tried before the tokens are spilled */
};

bool token_keeper_new(struct token_keeper **out, struct store *store, struct vault *vault,
                      const struct token_keeper_options *o, struct error *err);
void token_keeper_free(struct token_keeper *k);

/* A token of the connection that is valid for at least the margin, renewed through
 * platform->renew(call), or the platform's sign-in, when it must be. While it cannot be renewed the
 * old one is given until its end. refused: a token that the platform just refused (NULL none):
 * anything but this one will do. *out is yours: secret_free(). Errors: ERROR_AUTH when the platform
 * refused the renewal for good; its code is TOKEN_LOST when that followed an answer that nobody
 * saw. When the platform could not be asked the kind says why, ERROR_BREAKER that it was tried too
 * recently, and the code is TOKEN_UNREACHABLE. ERROR_CONFIG, ERROR_FORBIDDEN: the app is not right.
 */
bool token_keeper_get(struct token_keeper *k, const struct platform *platform, struct call *call,
                      struct id connection, const char *refused, struct secret **out,
                      struct error *err);
#define TOKEN_LOST        "rotation_lost"
#define TOKEN_UNREACHABLE "refresh_unreachable"

/* Whether the error says something about the sign-in itself, whatever was asked of the platform:
 * that it cannot be renewed now, or that the app is not right. */
bool token_trouble(const struct error *err);

/* A person wants to know now: the pauses after failures are over. */
void token_keeper_hurry(struct token_keeper *k, struct id connection);
/* A renewal of the connection was begun and its end never written, and nobody is at it: whether its
 * tokens are still good is not known. In a read. */
bool token_interrupted(struct store *store, struct db *db, struct id connection);

/* Saves a fresh token in the write transaction db: access_token, and refresh_token when it has one;
 * c's generation and times are moved on (not written). */
bool token_save(struct vault *vault, struct db *db, struct connection *c, const struct token *token,
                struct error *err);

#endif

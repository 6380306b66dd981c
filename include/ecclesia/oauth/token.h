/* Access tokens: kept sealed, renewed one at a time per connection, with the intent written down before a rotating token is spent.
 *
 * The order of a renewal (reliability: single flight, write-ahead): look whether somebody renewed meanwhile; mark in_flight and commit, which
 * proves that the store can be written; ask the platform; save the new tokens before anybody uses them. Any thread; not the screen's. */
#ifndef ECCLESIA_OAUTH_TOKEN_H
#define ECCLESIA_OAUTH_TOKEN_H

#include <ecclesia/platform/platform.h>
#include <ecclesia/store/records.h>
#include <ecclesia/vault/vault.h>

struct token_keeper;

bool token_keeper_new(struct token_keeper **out, struct store *store, struct vault *vault, int64_t margin_ms, struct error *err);
void token_keeper_free(struct token_keeper *k);

/* A token of the connection that is valid for at least the margin, renewed through platform->renew(call) when it must be. refused: a token that the platform
 * just refused (NULL none): anything but this one will do. *out is yours: secret_free(). Errors: ERROR_AUTH when the platform refused the renewal for good. */
bool token_keeper_get(struct token_keeper *k, const struct platform *platform, struct call *call, struct id connection, const char *refused,
                      struct secret **out, struct error *err);

/* Saves a fresh token in the write transaction db: access_token, and refresh_token when it has one; c's generation and times are moved on (not written). */
bool token_save(struct vault *vault, struct db *db, struct connection *c, const struct token *token, struct error *err);

#endif

/* Whether what sign-ins under way remember, and tokens that the store could not take, can still be
 * opened: for `doctor`. Any thread. */
#ifndef ECCLESIA_OAUTH_SURVEY_H
#define ECCLESIA_OAUTH_SURVEY_H

#include <ecclesia/vault/vault.h>

/* Calls each envelope that does not open, with a text that names platform and whose it is
 * (borrowed). *count gets how many there are. False when the store could not be read or the vault
 * is locked. */
bool oauth_survey(struct vault *v, struct store *s, struct db *db,
                  void (*each)(void *argument, const struct error *why), void *argument,
                  int64_t *count, struct error *err);

#endif

/* What sealing and checking of the audit share. */
#ifndef VAULT_AUDIT_H
#define VAULT_AUDIT_H

#include "vault/private.h"

#include <ecclesia/vault/audit.h>

void audit_row_mac(const struct vault *v, const struct vault_key *key, const struct audit_row *r,
                   int64_t late, const unsigned char prev[AUDIT_MAC], unsigned char out[AUDIT_MAC]);
/* Whether that key has sealed it as it stands; key NULL: no. */
bool audit_mark_good(const struct vault *v, const struct vault_key *key, const char *kind,
                     const struct audit_mark *m);
/* In the transaction that makes the audit's key: its first mark. */
bool audit_begin(struct vault *v, struct db *db, struct error *err);

#endif

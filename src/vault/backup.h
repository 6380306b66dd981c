/* What writing and reading of backup files share. */
#ifndef VAULT_BACKUP_H
#define VAULT_BACKUP_H

#include "vault/private.h"

#include <stdio.h>

#include <ecclesia/vault/backup.h>

enum {
    BACKUP_CHUNK = 64 * 1024,
    BACKUP_TAG = crypto_secretstream_xchacha20poly1305_ABYTES,
    BACKUP_HEAD_MOST = 16 * 1024,
    BACKUP_SUM = 32,
    BACKUP_CHECK = 16
};

/* What a head says besides: how the passphrase becomes the key. */
struct backup_lock {
    unsigned char salt[crypto_pwhash_SALTBYTES];
    int64_t ops, mem;
    unsigned char check[BACKUP_CHECK]; /* tells a wrong passphrase from a damaged file */
};

/* All that stands before the body. */
struct backup_front {
    struct backup_head head;
    struct backup_lock lock;
    unsigned char *bytes; /* owned: magic, length, head */
    size_t length;
};
void backup_front_release(struct backup_front *f);
bool backup_front_make(struct backup_front *f, struct error *err);
bool backup_front_read(struct backup_front *f, FILE *file, const char *name, struct error *err);

/* key: in guarded memory, sodium_free(). With a new salt when fresh. */
bool backup_key(struct backup_lock *lock, const struct secret *passphrase, bool fresh,
                unsigned char **key, struct error *err);
/* Whether the key is the one that the check value was made with. */
bool backup_key_fits(const struct backup_lock *lock, const unsigned char *key);

bool backup_fail(const char *name, int code, struct error *err);
bool backup_damaged(const char *name, const char *what, struct error *err);

#endif

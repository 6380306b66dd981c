/* Backup files: a head that tells what is in them, and a database, encrypted by a passphrase or as
 * it is. Never the master key, without which the credentials in the database stay sealed.
 *
 * "ECCLESIA BACKUP 1\n" | length u32be | head, JSON | body. Body of an encrypted one: libsodium's
 * secretstream (header, then chunks of 64 KiB, the last with the final tag; the first chunk is
 * bound to all that stands before it). Of another: the database, then BLAKE2b-256 over all before.
 */
#ifndef ECCLESIA_VAULT_BACKUP_H
#define ECCLESIA_VAULT_BACKUP_H

#include <ecclesia/vault/vault.h>

struct backup_head {
    int64_t made_ms;
    char version[24]; /* of the program that made it */
    struct id store_id;
    int64_t schema;
    int64_t size;         /* of the database */
    char audit_head[100]; /* "SEQ:MAC", "" none */
    char key_source[16]; /* of the master key that the credentials need: "file", "passphrase" … */
    bool encrypted;
};

/* Writes a new file for its owner alone, on the disk when it returns; passphrase NULL: not
 * encrypted. ERROR_REFUSED when there is one of that name. */
bool backup_write(const char *file, const char *database, const struct backup_head *head,
                  const struct secret *passphrase, struct error *err);
/* Reads the head alone. ERROR_STORE_FOREIGN for what is no backup or is of a newer program,
 * ERROR_STORE for a damaged one. */
bool backup_look(const char *file, struct backup_head *out, struct error *err);
/* Writes the database that is in it into a new file. ERROR_INPUT for a wrong passphrase;
 * ERROR_STORE when a byte is not as it was written: what was written of the database is then taken
 * away. */
bool backup_read(const char *file, const struct secret *passphrase, const char *database,
                 struct error *err);

#endif

/* Reading a backup file: nothing of it is believed before its tag or sum has said so, and the
 * database that comes out is taken away when it has not. */
#include "vault/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reading {
    FILE *from, *to;
    const char *from_name, *to_name;
    unsigned char *sealed, *plain;
    int64_t size; /* of the database, so far */
    struct error *err;
};

static bool put(struct reading *r, const void *bytes, size_t length)
{
    r->size += (int64_t)length;
    return fwrite(bytes, 1, length, r->to) == length ? true
                                                     : backup_fail(r->to_name, errno, r->err);
}

static bool cut(struct reading *r)
{
    return ferror(r->from) ? backup_fail(r->from_name, errno, r->err)
                           : backup_damaged(r->from_name, "it ends too early", r->err);
}

static bool read_sealed(struct reading *r, const struct backup_front *f, const unsigned char *key)
{
    unsigned char header[crypto_secretstream_xchacha20poly1305_HEADERBYTES], tag = 0;
    crypto_secretstream_xchacha20poly1305_state state;
    bool first = true;

    if (fread(header, 1, sizeof header, r->from) != sizeof header)
        return cut(r);
    if (crypto_secretstream_xchacha20poly1305_init_pull(&state, header, key) != 0)
        return backup_damaged(r->from_name, "its body cannot be opened", r->err);
    while (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
        unsigned long long plain = 0;
        size_t length = fread(r->sealed, 1, BACKUP_CHUNK + BACKUP_TAG, r->from);

        if (length < BACKUP_TAG)
            return cut(r);
        if (crypto_secretstream_xchacha20poly1305_pull(&state, r->plain, &plain, &tag, r->sealed,
                                                       length, first ? f->bytes : NULL,
                                                       first ? f->length : 0) != 0)
            return backup_damaged(r->from_name, "a part of it is not as it was written", r->err);
        first = false;
        if (!put(r, r->plain, (size_t)plain))
            return false;
    }
    sodium_memzero(&state, sizeof state);
    return true;
}

static bool read_open(struct reading *r, const struct backup_front *f)
{
    unsigned char digest[BACKUP_SUM], there[BACKUP_SUM];
    crypto_generichash_state sum;

    crypto_generichash_init(&sum, NULL, 0, BACKUP_SUM);
    crypto_generichash_update(&sum, f->bytes, f->length);
    while (r->size < f->head.size) {
        int64_t left = f->head.size - r->size;
        size_t wanted = left < BACKUP_CHUNK ? (size_t)left : (size_t)BACKUP_CHUNK;

        if (fread(r->plain, 1, wanted, r->from) != wanted)
            return cut(r);
        crypto_generichash_update(&sum, r->plain, wanted);
        if (!put(r, r->plain, wanted))
            return false;
    }
    crypto_generichash_final(&sum, digest, BACKUP_SUM);
    if (fread(there, 1, BACKUP_SUM, r->from) != BACKUP_SUM)
        return cut(r);
    return sodium_memcmp(digest, there, BACKUP_SUM) == 0 ||
           backup_damaged(r->from_name, "a byte of it is not as it was written", r->err);
}

static bool read_body(struct reading *r, struct backup_front *f, const struct secret *passphrase)
{
    unsigned char *key = NULL;
    bool ok;

    if (f->head.encrypted && !passphrase)
        return error_set(r->err, ERROR_INPUT, "Give the passphrase that it was made with.",
                         "%s is encrypted.", r->from_name);
    if (f->head.encrypted && !backup_key(&f->lock, passphrase, false, &key, r->err))
        return false;
    if (key && !backup_key_fits(&f->lock, key)) {
        sodium_free(key);
        return error_set(r->err, ERROR_INPUT, "Give the passphrase that it was made with.",
                         "The passphrase is not the one of %s.", r->from_name);
    }
    ok = key ? read_sealed(r, f, key) : read_open(r, f);
    sodium_free(key);
    if (ok && getc(r->from) != EOF)
        ok = backup_damaged(r->from_name, "something was added to its end", r->err);
    if (ok && r->size != f->head.size)
        ok = backup_damaged(r->from_name, "its size is not the one that it tells", r->err);
    if (ok && (fflush(r->to) != 0 || fsync(fileno(r->to)) != 0))
        ok = backup_fail(r->to_name, errno, r->err);
    return ok;
}

static bool read_all(struct reading *r, const struct secret *passphrase)
{
    struct backup_front f;
    bool ok;
    int file;

    if (!backup_front_read(&f, r->from, r->from_name, r->err))
        return false;
    file = open(r->to_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    r->to = file >= 0 ? fdopen(file, "w") : NULL;
    if (!r->to) {
        backup_fail(r->to_name, errno, r->err);
        if (file >= 0)
            close(file);
        backup_front_release(&f);
        return false;
    }
    ok = read_body(r, &f, passphrase);
    if (fclose(r->to) != 0 && ok)
        ok = backup_fail(r->to_name, errno, r->err);
    if (!ok)
        unlink(r->to_name);
    backup_front_release(&f);
    return ok;
}

bool backup_read(const char *file, const struct secret *passphrase, const char *database,
                 struct error *err)
{
    struct reading r = { .from_name = file, .to_name = database, .err = err };
    bool ok = false;

    if (sodium_init() < 0)
        return error_set(err, ERROR_INTERNAL, "Check that /dev/urandom can be read.",
                         "libsodium did not start.");
    r.sealed = malloc(BACKUP_CHUNK + BACKUP_TAG);
    r.plain = malloc(BACKUP_CHUNK);
    r.from = fopen(file, "re");
    if (!r.sealed || !r.plain)
        vault_no_memory(err);
    else if (!r.from)
        backup_fail(file, errno, err);
    else
        ok = read_all(&r, passphrase);
    if (r.from)
        fclose(r.from);
    free(r.sealed);
    free(r.plain);
    return ok;
}

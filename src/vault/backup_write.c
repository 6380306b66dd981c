/* Writing a backup file: under a passing name, verified by who calls, then under its own. */
#include "vault/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

struct writing {
    FILE *from, *to;
    const char *from_name, *to_name;
    unsigned char *plain, *sealed; /* a chunk each */
    struct error *err;
};

static bool put(struct writing *w, const void *bytes, size_t length)
{
    return fwrite(bytes, 1, length, w->to) == length ? true
                                                     : backup_fail(w->to_name, errno, w->err);
}

/* The next chunk; *last when nothing follows it. */
static bool next_chunk(struct writing *w, size_t *length, bool *last)
{
    int c;

    *length = fread(w->plain, 1, BACKUP_CHUNK, w->from);
    if (ferror(w->from))
        return backup_fail(w->from_name, errno, w->err);
    c = getc(w->from);
    *last = c == EOF;
    if (!*last)
        ungetc(c, w->from);
    return true;
}

static bool write_sealed(struct writing *w, const struct backup_front *f, const unsigned char *key)
{
    unsigned char header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
    crypto_secretstream_xchacha20poly1305_state state;
    bool ok, last = false, first = true;

    crypto_secretstream_xchacha20poly1305_init_push(&state, header, key);
    ok = put(w, f->bytes, f->length) && put(w, header, sizeof header);
    while (ok && !last) {
        unsigned long long sealed = 0;
        size_t length;

        ok = next_chunk(w, &length, &last);
        if (!ok)
            break;
        crypto_secretstream_xchacha20poly1305_push(
            &state, w->sealed, &sealed, w->plain, length, first ? f->bytes : NULL,
            first ? f->length : 0, last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
        first = false;
        ok = put(w, w->sealed, (size_t)sealed);
    }
    sodium_memzero(&state, sizeof state);
    return ok;
}

static bool write_open(struct writing *w, const struct backup_front *f)
{
    crypto_generichash_state sum;
    unsigned char digest[BACKUP_SUM];
    bool ok, last = false;

    crypto_generichash_init(&sum, NULL, 0, BACKUP_SUM);
    crypto_generichash_update(&sum, f->bytes, f->length);
    ok = put(w, f->bytes, f->length);
    while (ok && !last) {
        size_t length = 0;

        ok = next_chunk(w, &length, &last) && put(w, w->plain, length);
        if (ok)
            crypto_generichash_update(&sum, w->plain, length);
    }
    crypto_generichash_final(&sum, digest, BACKUP_SUM);
    return ok && put(w, digest, BACKUP_SUM);
}

static bool write_body(struct writing *w, struct backup_front *f, const struct secret *passphrase)
{
    unsigned char *key = NULL;
    bool ok;

    if (passphrase && !backup_key(&f->lock, passphrase, true, &key, w->err))
        return false;
    ok = backup_front_make(f, w->err) && (key ? write_sealed(w, f, key) : write_open(w, f));
    sodium_free(key);
    if (ok && (fflush(w->to) != 0 || fsync(fileno(w->to)) != 0))
        ok = backup_fail(w->to_name, errno, w->err);
    return ok;
}

/* Ours alone, new, no link. */
static FILE *create(const char *path, struct error *err)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *to = file >= 0 ? fdopen(file, "w") : NULL;

    if (to)
        return to;
    if (file < 0 && errno == EEXIST)
        error_set(err, ERROR_REFUSED, "Choose another name.", "%s is there already.", path);
    else
        backup_fail(path, errno, err);
    if (file >= 0)
        close(file);
    return NULL;
}

bool backup_write(const char *file, const char *database, const struct backup_head *head,
                  const struct secret *passphrase, struct error *err)
{
    struct backup_front f = { .head = *head };
    struct writing w = { .from_name = database, .to_name = file, .err = err };
    bool ok = false;

    f.head.encrypted = passphrase != NULL;
    w.plain = malloc(BACKUP_CHUNK);
    w.sealed = malloc(BACKUP_CHUNK + BACKUP_TAG);
    w.from = fopen(database, "re");
    if (!w.plain || !w.sealed)
        vault_no_memory(err);
    else if (!w.from)
        backup_fail(database, errno, err);
    else if ((w.to = create(file, err)) != NULL)
        ok = write_body(&w, &f, passphrase);
    if (w.to && fclose(w.to) != 0 && ok)
        ok = backup_fail(file, errno, err);
    if (w.to && !ok)
        unlink(file);
    if (w.from)
        fclose(w.from);
    backup_front_release(&f);
    free(w.plain);
    free(w.sealed);
    return ok;
}

/* The master key in a file of its own: read with suspicion, made once and never again. */
#include "vault/private.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

enum { HEX_DIGITS = 2 * KEY_BYTES, READ_MOST = 128 };

bool master_from_text(unsigned char key[KEY_BYTES], const char *text, size_t length)
{
    size_t got = 0;

    if (length == HEX_DIGITS)
        return sodium_hex2bin(key, KEY_BYTES, text, length, NULL, &got, NULL) == 0 &&
               got == KEY_BYTES;
    return (sodium_base642bin(key, KEY_BYTES, text, length, NULL, &got, NULL,
                              sodium_base64_VARIANT_ORIGINAL) == 0 &&
            got == KEY_BYTES) ||
           (sodium_base642bin(key, KEY_BYTES, text, length, NULL, &got, NULL,
                              sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
            got == KEY_BYTES);
}

/* The directory of a path, links followed; yours: free(). NULL when it is not there. */
static char *directory_of(const char *path)
{
    char copy[PATH_MAX];

    return text_copy_to(copy, sizeof copy, path) ? realpath(dirname(copy), NULL) : NULL;
}

/* Whoever copies or backs up the store's directory must not take the key along. */
static bool beside_store(const char *path, const struct store *store)
{
    char *ours = directory_of(path);
    char *theirs = directory_of(store_path(store));
    bool inside = ours && theirs && strcmp(ours, theirs) == 0;

    free(ours);
    free(theirs);
    return inside;
}

static bool refuse_place(const char *path, struct error *err)
{
    return error_set(err, ERROR_CONFIG,
                     "Move it to another directory and name it there with --key-file.",
                     "The master key %s lies in the database's directory: a copy of that would "
                     "carry the key along.",
                     path);
}

static bool check_key_file(const char *path, const struct stat *st, const struct store *store,
                           struct error *err)
{
    char *real = realpath(path, NULL);
    bool beside = beside_store(path, store) || (real && beside_store(real, store));

    free(real);
    if (st->st_uid != geteuid())
        return error_set(err, ERROR_CONFIG,
                         "Make the account that runs ecclesia its owner (chown), or name another "
                         "with --key-file.",
                         "The master key %s belongs to another account (uid %ld).", path,
                         (long)st->st_uid);
    if ((st->st_mode & 077) != 0)
        return error_set(err, ERROR_CONFIG,
                         "Run: chmod 600 on it. If others could have read it, rotate the key: "
                         "ecclesia key rotate.",
                         "The master key %s can be read by other accounts (mode %03o).", path,
                         (unsigned)(st->st_mode & 0777));
    return beside ? refuse_place(path, err) : true;
}

static bool refuse_open(const char *path, int code, struct error *err)
{
    if (code == ENOENT || code == ENOTDIR)
        return error_set(err, ERROR_KEY_WRONG,
                         "Put the file back, or name the right one with --key-file.",
                         "The master key %s is missing.", path);
    if (code == EACCES || code == EPERM)
        return error_set(err, ERROR_KEY_WRONG,
                         "Run as the account that owns it: sudo -u ecclesia ecclesia …",
                         "This account may not read the master key %s.", path);
    return error_set(err, ERROR_KEY_WRONG, "Check the file, or name another with --key-file.",
                     "Cannot read the master key %s: %s.", path, strerror(code));
}

/* At most READ_MOST bytes; a longer file is of a wrong size anyway. */
static ssize_t read_some(int file, unsigned char *to)
{
    size_t length = 0;
    ssize_t got;

    while (length < READ_MOST) {
        got = read(file, to + length, READ_MOST - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

static bool decode(unsigned char key[KEY_BYTES], const unsigned char *bytes, size_t length)
{
    size_t digits = length;

    if (length == KEY_BYTES) {
        memcpy(key, bytes, KEY_BYTES);
        return true;
    }
    while (digits > 0 && strchr("\r\n \t", bytes[digits - 1]))
        digits--;
    return digits == HEX_DIGITS && master_from_text(key, (const char *)bytes, digits);
}

static bool read_key(unsigned char key[KEY_BYTES], int file, const char *path, struct error *err)
{
    unsigned char *bytes = sodium_malloc(READ_MOST);
    ssize_t got;
    bool ok;

    if (!bytes)
        return vault_no_memory(err);
    got = read_some(file, bytes);
    if (got < 0)
        ok = refuse_open(path, errno, err);
    else if (!(ok = decode(key, bytes, (size_t)got)))
        error_set(err, ERROR_CONFIG,
                  "Put the right file back from its copy, or name another with --key-file.",
                  "%s is not a master key: it must hold 32 bytes or 64 hex digits, and holds "
                  "%s%zd bytes.",
                  path, got == READ_MOST ? "at least " : "", got);
    sodium_free(bytes);
    return ok;
}

bool master_file_read(unsigned char key[KEY_BYTES], const char *path, enum master_file what,
                      struct store *store, bool *missing, struct error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;
    bool ok;

    *missing = file < 0 && (errno == ENOENT || errno == ENOTDIR);
    if (file < 0)
        return refuse_open(path, errno, err);
    if (fstat(file, &st) != 0)
        ok = refuse_open(path, errno, err);
    else if (!S_ISREG(st.st_mode))
        ok = error_set(err, ERROR_CONFIG, "Name the key file itself with --key-file.",
                       "The master key %s is not a plain file.", path);
    else /* a credential's owner and mode are systemd's affair */
        ok = (what == MASTER_CREDENTIAL || check_key_file(path, &st, store, err)) &&
             read_key(key, file, path, err);
    close(file);
    return ok;
}

/* ---- making it */

static bool refuse_make(const char *path, struct error *err)
{
    return error_set(err, ERROR_CONFIG, "Name a place that can be written with --key-file.",
                     "Cannot make the master key %s: %s.", path, strerror(errno));
}

static bool write_new_key(int file)
{
    unsigned char *key = sodium_malloc(KEY_BYTES);
    char *line = sodium_malloc(HEX_DIGITS + 2);
    bool ok = false;

    if (key && line) {
        randombytes_buf(key, KEY_BYTES);
        sodium_bin2hex(line, HEX_DIGITS + 1, key, KEY_BYTES);
        line[HEX_DIGITS] = '\n';
        ok = write(file, line, HEX_DIGITS + 1) == HEX_DIGITS + 1 && fsync(file) == 0;
    } else {
        errno = ENOMEM;
    }
    sodium_free(key);
    sodium_free(line);
    return ok;
}

static bool sync_directory(const char *directory)
{
    int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = file >= 0 && fsync(file) == 0;

    if (file >= 0)
        close(file);
    return ok;
}

/* Written under another name and linked: nobody ever sees half a key, and a key that is there is
 * never overwritten. */
bool master_file_make(const char *path, struct store *store, struct error *err)
{
    char copy[PATH_MAX], passing[PATH_MAX];
    const char *directory;
    bool ok;
    int file;

    if (!text_copy_to(copy, sizeof copy, path) ||
        (size_t)snprintf(passing, sizeof passing, "%s.XXXXXX", path) >= sizeof passing)
        return error_set(err, ERROR_CONFIG, "Choose a shorter path with --key-file.",
                         "The path %.100s… is too long.", path);
    directory = dirname(copy);
    if (!store_make_directory(directory, err))
        return false;
    if (beside_store(path, store))
        return refuse_place(path, err);
    file = mkostemp(passing, O_CLOEXEC);
    if (file < 0)
        return refuse_make(path, err);
    ok = write_new_key(file) && (link(passing, path) == 0 || errno == EEXIST) &&
         sync_directory(directory);
    if (!ok)
        refuse_make(path, err);
    close(file);
    unlink(passing);
    return ok;
}

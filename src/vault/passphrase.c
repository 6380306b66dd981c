/* A passphrase from a file. */
#include "vault/private.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASSPHRASE_MOST = 1024 };

/* What systemd hands over belongs to root and may be shared with the service's own account by a
 * group. */
static bool check_guard(const char *path, int file, struct error *err)
{
    struct stat st;

    if (fstat(file, &st) != 0)
        return error_set(err, ERROR_CONFIG, "Check the file.", "Cannot read %s: %s.", path,
                         strerror(errno));
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERROR_CONFIG, "Name a plain file, or - for standard input.",
                         "%s is not a plain file.", path);
    if ((st.st_mode & (st.st_uid == 0 ? 037 : 077)) != 0 ||
        (st.st_uid != 0 && st.st_uid != geteuid()))
        return error_set(
            err, ERROR_CONFIG, "Make yourself its owner and run: chmod 600 on it.",
            "The passphrase in %s can be read or changed by other accounts (mode %03o).", path,
            (unsigned)(st.st_mode & 0777));
    return true;
}

/* The first line. */
static bool read_line(const char *path, int file, struct secret **out, struct error *err)
{
    struct secret *room = secret_room(PASSPHRASE_MOST);
    size_t length = 0;
    ssize_t got = 1;

    if (!room)
        return vault_no_memory(err);
    while (got > 0 && length < PASSPHRASE_MOST && !memchr(room->text, '\n', length)) {
        got = read(file, room->text + length, PASSPHRASE_MOST - length);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            length += (size_t)got;
    }
    if (got < 0)
        error_set(err, ERROR_CONFIG, "Check the file.", "Cannot read %s: %s.", path,
                  strerror(errno));
    else if (length == PASSPHRASE_MOST && !memchr(room->text, '\n', length))
        error_set(err, ERROR_INPUT, "Write the passphrase alone on the first line.",
                  "The passphrase in %s is longer than %d bytes.", path, PASSPHRASE_MOST - 1);
    else if (strcspn(room->text, "\r\n") == 0)
        error_set(err, ERROR_INPUT, "Write the passphrase alone on the first line.",
                  "There is no passphrase in %s.", path);
    else if (!(*out = secret_new(room->text, strcspn(room->text, "\r\n"))))
        vault_no_memory(err);
    secret_free(room);
    return *out != NULL;
}

bool vault_passphrase_read(const char *path, struct secret **out, struct error *err)
{
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool ok;

    *out = NULL;
    if (sodium_init() < 0)
        return error_set(err, ERROR_INTERNAL, "Check that /dev/urandom can be read.",
                         "libsodium did not start.");
    if (file < 0)
        return error_set(err, ERROR_CONFIG, "Check the path and who may read it.",
                         "Cannot open %s: %s.", path, strerror(errno));
    ok = (standard || check_guard(path, file, err)) && read_line(name, file, out, err);
    if (!standard)
        close(file);
    return ok;
}

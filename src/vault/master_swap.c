/* A new key file takes the place of the old one, in steps that can be cut off anywhere: at each
 * moment one of the two files under their known names (PATH, PATH.new) opens the store. */
#include "vault/private.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/crash.h>
#include <ecclesia/base/text.h>

static bool too_long(const char *path, struct error *err)
{
    return error_set(err, ERROR_CONFIG, "Choose a shorter path with --key-file.",
                     "The path %.100s… is too long.", path);
}

bool master_new_path(char out[PATH_ROOM], const char *path, struct error *err)
{
    return (size_t)snprintf(out, PATH_ROOM, "%s.new", path) < PATH_ROOM ? true
                                                                        : too_long(path, err);
}

static bool refuse(const char *path, struct error *err)
{
    int code = errno;

    return error_set(err, ERROR_CONFIG,
                     "Make its directory writable for the account that runs ecclesia, then run: "
                     "ecclesia key rotate",
                     "The key file %s cannot be replaced: %s.", path, strerror(code));
}

int master_lock(const char *path, struct error *err)
{
    char copy[PATH_ROOM];
    const char *directory;
    int file;

    if (!text_copy_to(copy, sizeof copy, path)) {
        too_long(path, err);
        return -1;
    }
    directory = dirname(copy);
    if (!store_make_directory(directory, err))
        return -1;
    file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0 && flock(file, LOCK_EX) == 0)
        return file;
    refuse(path, err);
    if (file >= 0)
        close(file);
    return -1;
}

static bool sync_directory_of(const char *path, struct error *err)
{
    char copy[PATH_ROOM];
    int file;
    bool ok;

    if (!text_copy_to(copy, sizeof copy, path))
        return too_long(path, err);
    file = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ok = file >= 0 && fsync(file) == 0;
    if (!ok)
        refuse(path, err);
    if (file >= 0)
        close(file);
    return ok;
}

/* A second name for the old key: copies of the database made before need it. A run that was cut off
 * after this finds it done. */
static bool keep_old(const char *path, char old[PATH_ROOM], struct error *err)
{
    char stamp[CLOCK_RFC3339_SIZE];
    struct stat st;

    old[0] = '\0';
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? true : refuse(path, err);
    if (st.st_nlink > 1)
        return true;
    clock_rfc3339_s(stamp, clock_now());
    for (int i = 0; i < 100; i++) {
        int length = i == 0 ? snprintf(old, PATH_ROOM, "%s.until-%.10s", path, stamp)
                            : snprintf(old, PATH_ROOM, "%s.until-%.10s-%d", path, stamp, i + 1);

        if (length >= PATH_ROOM)
            return too_long(path, err);
        if (link(path, old) == 0)
            return true;
        if (errno != EEXIST)
            break;
    }
    return refuse(path, err);
}

static bool same_key(const char *path, const unsigned char key[KEY_BYTES], struct store *store,
                     bool *missing, struct error *err)
{
    unsigned char *there = sodium_malloc(KEY_BYTES);
    bool same;

    if (!there)
        return vault_no_memory(err);
    same = master_file_read(there, path, MASTER_KEY_FILE, store, missing, err) &&
           (sodium_memcmp(there, key, KEY_BYTES) == 0 ||
            error_set(err, ERROR_CONFLICT, "Run: ecclesia key rotate",
                      "%s holds another key than the one that was just made.", path));
    sodium_free(there);
    return same;
}

bool master_swap(const char *path, const unsigned char key[KEY_BYTES], struct store *store,
                 char old[PATH_ROOM], struct error *err)
{
    char fresh[PATH_ROOM];
    bool missing = false;

    old[0] = '\0';
    if (!master_new_path(fresh, path, err))
        return false;
    if (!same_key(fresh, key, store, &missing, err))
        /* Another process may have ended the same rotation. */
        return missing && same_key(path, key, store, &missing, err);
    if (!keep_old(path, old, err))
        return false;
    crash_point("vault.rotate.kept");
    if (rename(fresh, path) != 0)
        return refuse(path, err);
    crash_point("vault.rotate.swapped");
    return sync_directory_of(path, err);
}

bool master_set_aside(const char *path, char old[PATH_ROOM], struct error *err)
{
    if (!keep_old(path, old, err))
        return false;
    crash_point("vault.rotate.kept");
    if (unlink(path) != 0 && errno != ENOENT)
        return refuse(path, err);
    return sync_directory_of(path, err);
}

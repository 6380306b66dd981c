/* The engine lock: flock on PATH.lock. The kernel lets go of it when its holder dies, whichever
 * way. Never on the database itself: closing any descriptor of that would drop SQLite's own locks.
 */
#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/lock.h>

/* Breaks a waiter out of flock(); sent to that one thread alone. */
#define WAKE_SIGNAL (SIGRTMIN + 3)

bool engine_lock_init(struct engine_lock *e)
{
    e->file = -1;
    pthread_mutex_init(&e->mutex, NULL);
    lock_cond_init(&e->changed);
    return true;
}

void engine_lock_destroy(struct engine_lock *e)
{
    pthread_mutex_destroy(&e->mutex);
    pthread_cond_destroy(&e->changed);
}

static bool open_lock(const struct store *s, int *file, struct error *err)
{
    *file = open(s->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return *file >= 0 ? true
                      : handle_fail_path(errno, "Cannot open the lock file", s->lock_path, err);
}

/* Whether the path still leads to what we locked: a lock on a file that was deleted keeps nobody
 * out. */
static bool still_there(const struct store *s, int file)
{
    struct stat ours, there;

    return fstat(file, &ours) == 0 && stat(s->lock_path, &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* "4711 ecclesia serve": the program's name and its first word; further words may be private. */
static void sign(int file)
{
    char words[256] = "";
    char line[320];
    int from = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t got = from >= 0 ? read(from, words, sizeof words - 1) : -1;
    const char *name = strrchr(words, '/');
    const char *word = words + strlen(words) + 1;
    int length;

    if (from >= 0)
        close(from);
    name = name ? name + 1 : words;
    if (got <= 0 || word >= words + got || *word == '-')
        word = "";
    length =
        snprintf(line, sizeof line, "%ld %s%s%s\n", (long)getpid(), name, *word ? " " : "", word);
    if (length > 0 && ftruncate(file, 0) == 0)
        (void)!pwrite(file, line, (size_t)length, 0);
}

/* Takes over a locked file. With the mutex held. */
static void keep(struct engine_lock *e, int file)
{
    sign(file);
    e->file = file;
    e->held = true;
}

bool engine_lock_try(struct store *s, bool *held, struct error *err)
{
    struct engine_lock *e = &s->engine;
    bool ok = true;
    int file;

    pthread_mutex_lock(&e->mutex);
    while (!e->held) {
        ok = open_lock(s, &file, err);
        if (!ok)
            break;
        if (flock(file, LOCK_EX | LOCK_NB) == 0) {
            if (still_there(s, file)) {
                keep(e, file);
                break;
            }
            close(file);
            continue;
        }
        if (errno != EWOULDBLOCK && errno != EINTR)
            ok = handle_fail_path(errno, "Cannot lock", s->lock_path, err);
        close(file);
        break;
    }
    *held = e->held;
    pthread_mutex_unlock(&e->mutex);
    return ok;
}

static void wake(int signal_number)
{
    (void)signal_number;
}

/* The signal must be able to break flock(): a handler without SA_RESTART, and not blocked on this
 * thread. */
static void open_ears(sigset_t *old)
{
    struct sigaction action = { .sa_handler = wake };
    sigset_t ours;

    sigaction(WAKE_SIGNAL, &action, NULL);
    sigemptyset(&ours);
    sigaddset(&ours, WAKE_SIGNAL);
    pthread_sigmask(SIG_UNBLOCK, &ours, old);
}

/* One round: *again when it has to be repeated. The mutex is held on entry and on return, not while
 * waiting. */
static bool wait_once(struct store *s, bool *again, struct error *err)
{
    struct engine_lock *e = &s->engine;
    int file, code = 0;

    *again = false;
    if (!open_lock(s, &file, err))
        return false;
    e->waiting = true;
    e->waiter = pthread_self();
    pthread_mutex_unlock(&e->mutex);
    if (flock(file, LOCK_EX) != 0)
        code = errno;
    pthread_mutex_lock(&e->mutex);
    e->waiting = false;
    pthread_cond_broadcast(&e->changed);
    if (code == 0 && !e->stopped && !e->held && still_there(s, file)) {
        keep(e, file);
        return true;
    }
    close(file);
    *again = !e->stopped && !e->held && (code == 0 || code == EINTR);
    return code == 0 || code == EINTR ? true
                                      : handle_fail_path(code, "Cannot lock", s->lock_path, err);
}

bool engine_lock_wait(struct store *s, bool *held, struct error *err)
{
    struct engine_lock *e = &s->engine;
    bool ok = true, again = true;
    sigset_t old;

    open_ears(&old);
    pthread_mutex_lock(&e->mutex);
    while (ok && again && !e->held && !e->stopped)
        ok = wait_once(s, &again, err);
    *held = e->held;
    pthread_mutex_unlock(&e->mutex);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return ok;
}

void engine_lock_stop(struct store *s)
{
    struct engine_lock *e = &s->engine;

    pthread_mutex_lock(&e->mutex);
    e->stopped = true;
    /* A signal that comes just before the waiter enters flock() is lost: send until it has
     * answered. */
    while (e->waiting) {
        pthread_kill(e->waiter, WAKE_SIGNAL);
        lock_wait(&e->changed, &e->mutex, 2);
    }
    pthread_mutex_unlock(&e->mutex);
}

void engine_lock_release(struct store *s)
{
    struct engine_lock *e = &s->engine;

    pthread_mutex_lock(&e->mutex);
    if (e->held) {
        (void)!ftruncate(e->file, 0);
        close(e->file);
        e->file = -1;
        e->held = false;
    }
    pthread_mutex_unlock(&e->mutex);
}

void engine_lock_holder(struct store *s, char *out, size_t size)
{
    char line[320] = "";
    int file = open(s->lock_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t got = file >= 0 ? read(file, line, sizeof line - 1) : -1;
    char command[256] = "";
    long pid = 0;

    *out = '\0';
    if (file >= 0)
        close(file);
    if (got <= 0 || sscanf(line, "%ld %255[^\n]", &pid, command) != 2 || pid <= 0)
        return;
    /* What a dead holder left behind names nobody. */
    if (kill((pid_t)pid, 0) == 0 || errno == EPERM)
        snprintf(out, size, "pid %ld (%s)", pid, command);
}

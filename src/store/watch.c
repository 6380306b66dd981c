/* Notice of commits. A commit of this program, in whichever process, ends with a touch of the log
 * file (the WAL), which wakes the inotify of every watcher; PRAGMA data_version on the watch's own
 * connection then tells whether anything was committed. The log is also written *before* a commit
 * can be seen (and by strangers, who do not touch): such a wake finds nothing yet, so a timer looks
 * again a few times, ever more seldom, unless a touch follows. */
#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { POLL_MS = 250, LOOK_FIRST_MS = 16 };

struct watch {
    struct store *store;
    struct db *db;          /* own connection, kept for life: data_version is relative to it */
    sqlite3_stmt *question; /* PRAGMA data_version */
    int64_t version;
    int epoll, inotify, timer; /* inotify is -1 where the system has none */
    int wal_watch, directory_watch;
    int look_ms; /* the running delay of another look; 0 when none is due */
};

void watch_tell(const struct store *s)
{
    (void)utimensat(AT_FDCWD, s->wal, NULL, 0);
}

static bool ask_version(struct watch *w, int64_t *version, struct error *err)
{
    int rc = sqlite3_step(w->question);

    if (rc == SQLITE_ROW)
        *version = sqlite3_column_int64(w->question, 0);
    else
        handle_fail(w->db, rc, "PRAGMA data_version", err);
    sqlite3_reset(w->question);
    return rc == SQLITE_ROW;
}

static void set_timer(const struct watch *w, int first_ms, int every_ms)
{
    struct itimerspec t = {
        .it_value = { first_ms / 1000, (long)(first_ms % 1000) * 1000000 },
        .it_interval = { every_ms / 1000, (long)(every_ms % 1000) * 1000000 },
    };

    (void)timerfd_settime(w->timer, 0, &t, NULL);
}

static bool add_to_epoll(const struct watch *w, int file)
{
    struct epoll_event e = { .events = EPOLLIN, .data.fd = file };

    return epoll_ctl(w->epoll, EPOLL_CTL_ADD, file, &e) == 0;
}

/* The log file may be made anew when it was away; the same file gives the same watch again. */
static void watch_wal(struct watch *w)
{
    w->wal_watch = inotify_add_watch(w->inotify, w->store->wal, IN_MODIFY | IN_ATTRIB);
}

/* No inotify (none left of this user's, or the kernel's is off) is no trouble: the timer asks. */
static void start_inotify(struct watch *w)
{
    w->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (w->inotify < 0)
        return;
    w->directory_watch =
        inotify_add_watch(w->inotify, w->store->directory, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
    watch_wal(w);
    if (w->directory_watch >= 0 && w->wal_watch >= 0 && add_to_epoll(w, w->inotify))
        return;
    close(w->inotify);
    w->inotify = -1;
}

bool watch_open_as(struct watch **out, struct store *s, bool inotify, struct error *err)
{
    struct watch *w = calloc(1, sizeof *w);
    int rc;

    if (!w)
        return error_set(err, ERROR_MEMORY, NULL, "Out of memory.");
    w->store = s;
    w->inotify = -1;
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (w->epoll < 0 || w->timer < 0 || !add_to_epoll(w, w->timer)) {
        handle_fail_path(errno, "Cannot watch", s->path, err);
        goto fail;
    }
    if (!(w->db = handle_open(s, HANDLE_READER, err)))
        goto fail;
    rc = sqlite3_prepare_v3(w->db->handle, "PRAGMA data_version", -1, SQLITE_PREPARE_PERSISTENT,
                            &w->question, NULL);
    if (rc != SQLITE_OK) {
        handle_fail(w->db, rc, "PRAGMA data_version", err);
        goto fail;
    }
    /* The first question opens the log file, which must be there to be watched; the second comes
     * after the watch is set, so that no commit falls between. */
    if (!ask_version(w, &w->version, err))
        goto fail;
    if (inotify)
        start_inotify(w);
    if (w->inotify < 0)
        set_timer(w, POLL_MS, POLL_MS);
    if (!ask_version(w, &w->version, err))
        goto fail;
    *out = w;
    return true;
fail:
    watch_close(w);
    return false;
}

bool watch_open(struct watch **out, struct store *s, struct error *err)
{
    return watch_open_as(out, s, true, err);
}

void watch_close(struct watch *w)
{
    if (!w)
        return;
    sqlite3_finalize(w->question);
    handle_close(w->db);
    if (w->inotify >= 0)
        close(w->inotify);
    if (w->timer >= 0)
        close(w->timer);
    if (w->epoll >= 0)
        close(w->epoll);
    free(w);
}

int watch_fd(const struct watch *w)
{
    return w->epoll;
}

enum news { NEWS_NONE, NEWS_WRITTEN, NEWS_TOLD };

static enum news news_of(struct watch *w, const struct inotify_event *e)
{
    const char *name = strrchr(w->store->wal, '/') + 1;

    if (e->mask & IN_Q_OVERFLOW)
        return NEWS_WRITTEN;
    if (e->wd == w->directory_watch) {
        if (e->len == 0 || strcmp(e->name, name) != 0)
            return NEWS_NONE;
        watch_wal(w);
        return NEWS_WRITTEN;
    }
    return e->mask & IN_ATTRIB ? NEWS_TOLD : NEWS_WRITTEN;
}

/* Takes all that inotify has; the newest piece counts. */
static enum news drain_inotify(struct watch *w)
{
    _Alignas(struct inotify_event) char buffer[4096];
    enum news news = NEWS_NONE;
    ssize_t got;

    while (w->inotify >= 0 && (got = read(w->inotify, buffer, sizeof buffer)) > 0) {
        for (const char *p = buffer; p < buffer + got;) {
            const struct inotify_event *e = (const struct inotify_event *)(const void *)p;
            enum news one = news_of(w, e);

            if (one != NEWS_NONE)
                news = one;
            p += sizeof *e + e->len;
        }
    }
    return news;
}

/* Arms, stretches or ends the timer of another look. */
static void plan_look(struct watch *w, enum news news, bool rang)
{
    int next = w->look_ms;

    if (w->inotify < 0)
        return;
    if (news == NEWS_TOLD)
        next = 0;
    else if (news == NEWS_WRITTEN)
        next = LOOK_FIRST_MS;
    else if (rang)
        next = w->look_ms < w->store->look_most_ms ? w->look_ms * 2 : 0;
    else
        return;
    if (next == 0 && w->look_ms == 0)
        return;
    w->look_ms = next;
    set_timer(w, next, 0);
}

bool watch_changed(struct watch *w)
{
    enum news news = drain_inotify(w);
    int64_t version = w->version;
    uint64_t times;
    bool rang = read(w->timer, &times, sizeof times) > 0;

    /* Where the question fails the readers will hear the reason; here another look is due. */
    if (!ask_version(w, &version, NULL))
        news = NEWS_WRITTEN;
    plan_look(w, news, rang);
    if (version == w->version)
        return false;
    w->version = version;
    return true;
}

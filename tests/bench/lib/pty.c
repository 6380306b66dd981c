#include "pty.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "bench.h"

enum { END_MS = 5000 };

bool pty_installed(const char *name)
{
    const char *path = getenv("PATH");
    char file[1024];

    if (strchr(name, '/'))
        return access(name, X_OK) == 0;
    while (path && *path) {
        size_t length = strcspn(path, ":");

        snprintf(file, sizeof(file), "%.*s/%s", (int)length, path, name);
        if (access(file, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

void pty_start(struct pty *p, const char *const *argv)
{
    struct winsize size = { .ws_row = 24, .ws_col = 80 };

    memset(p, 0, sizeof(*p));
    fflush(NULL);
    p->started = bench_now();
    p->pid = forkpty(&p->fd, NULL, NULL, &size);
    if (p->pid < 0)
        bench_die("no terminal: %s", strerror(errno));
    if (p->pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        setenv("LC_ALL", "C.UTF-8", 1);
        unsetenv("COLUMNS");
        unsetenv("LINES");
        /* The array's strings are not written to. */
        execvp(argv[0], (char *const *)(void *)argv);
        _exit(127);
    }
}

/* ---- what it wrote ---- */

enum { TEXT, ESCAPE, CONTROL, STRING, STRING_ESCAPE, CHARSET };

static void keep(struct pty *p, char c)
{
    if (p->length == sizeof(p->shown) - 1) {
        p->length /= 2;
        memmove(p->shown, p->shown + sizeof(p->shown) - 1 - p->length, p->length);
    }
    p->shown[p->length++] = c;
    p->shown[p->length] = '\0';
}

static void take_byte(struct pty *p, unsigned char c)
{
    switch (p->escape) {
    case TEXT:
        if (c == 0x1b)
            p->escape = ESCAPE;
        else if (c >= ' ')
            keep(p, (char)c);
        break;
    case ESCAPE:
        p->escape = c == '['                           ? CONTROL
                    : c == ']' || c == 'P' || c == '_' ? STRING
                    : c == '(' || c == ')'             ? CHARSET
                                                       : TEXT;
        break;
    case CONTROL:
        if (c >= 0x40 && c <= 0x7e)
            p->escape = TEXT;
        break;
    case STRING:
        p->escape = c == 0x07 ? TEXT : c == 0x1b ? STRING_ESCAPE : STRING;
        break;
    default:
        p->escape = TEXT;
    }
}

/* Waits at most so long for something to read, and reads it. False when nothing came. */
static bool take(struct pty *p, double patience_ms, const char *until)
{
    struct pollfd f = { .fd = p->fd, .events = POLLIN };
    unsigned char buffer[16384];
    ssize_t got;

    if (p->ended || poll(&f, 1, patience_ms <= 0 ? 0 : (int)patience_ms + 1) <= 0)
        return false;
    got = read(p->fd, buffer, sizeof(buffer));
    if (got <= 0) {
        p->ended = true;
        return false;
    }
    p->bytes += (uint64_t)got;
    for (ssize_t i = 0; i < got; i++) {
        take_byte(p, buffer[i]);
        /* What comes after it in the same read must not push it out. */
        if (until && strstr(p->shown, until))
            break;
    }
    return true;
}

double pty_wait_text(struct pty *p, const char *text, double patience_ms)
{
    double end = bench_now() + patience_ms;

    while (!strstr(p->shown, text)) {
        if (p->ended || bench_now() > end)
            return -1;
        take(p, end - bench_now(), text);
    }
    return bench_now() - p->started;
}

void pty_read(struct pty *p, double ms)
{
    double end = bench_now() + ms;

    while (bench_now() < end) {
        if (p->ended)
            bench_nap(end - bench_now());
        else
            take(p, end - bench_now(), NULL);
    }
}

bool pty_wait_bytes(struct pty *p, double patience_ms)
{
    return take(p, patience_ms, NULL);
}

void pty_settle(struct pty *p, double quiet_ms, double patience_ms)
{
    double end = bench_now() + patience_ms;

    while (bench_now() < end && take(p, quiet_ms, NULL))
        continue;
}

void pty_type(struct pty *p, const char *keys)
{
    size_t length = strlen(keys);

    if (write(p->fd, keys, length) != (ssize_t)length)
        p->ended = true;
}

void pty_stop(struct pty *p)
{
    double end = bench_now() + END_MS;
    int status;

    kill(p->pid, SIGTERM);
    while (waitpid(p->pid, &status, WNOHANG) == 0) {
        if (bench_now() > end)
            kill(p->pid, SIGKILL);
        /* A terminal that nobody reads would hold it up. */
        if (p->ended)
            bench_nap(10);
        else
            take(p, 10, NULL);
    }
    close(p->fd);
}

/* ---- what it costs ---- */

static double number_after(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at ? strtod(at + strlen(name), NULL) : 0;
}

static bool slurp(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "re");
    size_t got;

    if (!file)
        return false;
    got = fread(out, 1, size - 1, file);
    out[got] = '\0';
    fclose(file);
    return got > 0;
}

bool pty_usage(const struct pty *p, struct usage *out)
{
    char path[64], text[8192];
    struct dirent *entry;
    DIR *tasks;

    memset(out, 0, sizeof(*out));
    snprintf(path, sizeof(path), "/proc/%d/status", (int)p->pid);
    if (!slurp(path, text, sizeof(text)))
        return false;
    out->resident_mb = number_after(text, "VmRSS:") / 1024;
    out->own_mb = number_after(text, "RssAnon:") / 1024;
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)p->pid);
    if (slurp(path, text, sizeof(text))) {
        /* After the name, which may hold blanks: field 3 comes first, 14 and 15 are ticks. */
        const char *at = strrchr(text, ')');
        double ticks = 0;

        for (int field = 3; at && field <= 15; field++) {
            at = strchr(at + 1, ' ');
            if (at && field >= 14)
                ticks += strtod(at, NULL);
        }
        out->cpu_ms = ticks * 1000 / (double)sysconf(_SC_CLK_TCK);
    }
    snprintf(path, sizeof(path), "/proc/%d/task", (int)p->pid);
    tasks = opendir(path);
    while (tasks && (entry = readdir(tasks)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "/proc/%d/task/%.20s/status", (int)p->pid, entry->d_name);
        if (!slurp(path, text, sizeof(text)))
            continue;
        out->threads++;
        out->wakes += number_after(text, "\nvoluntary_ctxt_switches:");
    }
    if (tasks)
        closedir(tasks);
    return true;
}

/* The simulator as a child of the demonstration, and the directory that both live in. */
#include "cli/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/sim/sim.h>

extern char **environ;

enum { READY_MS = 15000, READY_LONGEST = 64 * 1024 };

/* in: the child's standard input (both ends), out: its standard output. */
static bool spawn(struct demo *d, const int in[2], const int out[2], struct error *err)
{
    char *const argv[] = { "ecclesia",    "sim",       DEMO_CHILD_WORD, d->directory, "--listen",
                           "127.0.0.1:0", "--encoder", "auto",          "--latency",  "120",
                           NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    int failed;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    /* A Ctrl-C at the terminal is for us: the simulator goes on until we are done with it. */
    posix_spawnattr_init(&attributes);
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    failed = posix_spawn(&d->child, "/proc/self/exe", &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) {
        d->child = -1;
        return error_set(err, ERROR_INTERNAL, "Check that /proc is there.",
                         "The simulator could not be started: %s.", strerror(failed));
    }
    return true;
}

/* One line from fd. */
static bool read_line(int fd, struct text *line)
{
    int64_t end = clock_mono() + READY_MS;

    while (!line->length || line->data[line->length - 1] != '\n') {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        int64_t left = end - clock_mono();
        char piece[4096];
        ssize_t got;

        if (left <= 0 || (poll(&p, 1, (int)left) <= 0 && errno != EINTR))
            return false;
        got = read(fd, piece, sizeof(piece));
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        if (got > 0 && !text_append(line, piece, (size_t)got))
            return false;
    }
    return true;
}

static bool read_ready(struct demo *d, int fd, struct error *err)
{
    struct text line;

    text_init(&line, READY_LONGEST);
    if (read_line(fd, &line))
        d->ready = json_parse(line.data, line.length - 1, err);
    else
        error_set(err, ERROR_INTERNAL, "Try: ecclesia sim", "The simulator did not start.");
    text_release(&line);
    return d->ready != NULL;
}

bool demo_child_start(struct demo *d, struct error *err)
{
    int in[2], out[2];
    bool done;

    if (pipe2(in, O_CLOEXEC) < 0)
        return error_set(err, ERROR_INTERNAL, NULL, "The simulator could not be started: %s.",
                         strerror(errno));
    if (pipe2(out, O_CLOEXEC) < 0) {
        close(in[0]);
        close(in[1]);
        return error_set(err, ERROR_INTERNAL, NULL, "The simulator could not be started: %s.",
                         strerror(errno));
    }
    d->to_child = in[1];
    done = spawn(d, in, out, err);
    close(in[0]);
    close(out[1]);
    done = done && read_ready(d, out[0], err);
    close(out[0]);
    return done;
}

void demo_child_stop(struct demo *d)
{
    if (d->to_child >= 0)
        close(d->to_child);
    d->to_child = -1;
    if (d->child > 0) {
        kill(d->child, SIGTERM);
        while (waitpid(d->child, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    d->child = -1;
}

/* Its standard input is a pipe whose other end the demonstration alone holds: when that is closed
 * the demonstration is over, however it ended. A signal to the simulator itself is no such end. */
int demo_child_main(int argc, char **argv)
{
    struct demo d = { .child = -1, .to_child = -1 };
    struct pollfd parent = { .fd = STDIN_FILENO, .events = POLLIN };
    int status;

    snprintf(d.directory, sizeof(d.directory), "%s", argv[0]);
    status = sim_main(argc - 1, argv + 1);
    if (poll(&parent, 1, 0) == 1 && (parent.revents & POLLHUP))
        demo_remove(&d);
    return status;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    remove(path);
    return 0;
}

void demo_remove(void *argument)
{
    struct demo *d = argument;

    if (d->directory[0])
        nftw(d->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    d->directory[0] = '\0';
}

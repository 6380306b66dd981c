/* A program in a terminal of 80 by 24, as a person at it would have started it, and what it costs.
 */
#ifndef BENCH_PTY_H
#define BENCH_PTY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct pty {
    pid_t pid;
    int fd;
    double started; /* bench_now() just before it was started */
    uint64_t bytes; /* that it wrote so far */
    bool ended;
    int escape;      /* where in an escape sequence we are */
    char shown[256]; /* the newest text without escape sequences, NUL-terminated */
    size_t length;
};

/* argv ends with NULL; argv[0] is found by PATH. Ends the benchmark when there is no terminal. */
void pty_start(struct pty *p, const char *const *argv);
/* Until the program has written that text: how many ms since it was started, negative when it did
 * not come in time. */
double pty_wait_text(struct pty *p, const char *text, double patience_ms);
/* Reads for so long. */
void pty_read(struct pty *p, double ms);
/* Reads once something comes. False when nothing came in time. Take the time before what is to
 * cause it: the program may run, and write, before we do again. */
bool pty_wait_bytes(struct pty *p, double patience_ms);
/* Reads until nothing came for quiet_ms, at most patience_ms. */
void pty_settle(struct pty *p, double quiet_ms, double patience_ms);
void pty_type(struct pty *p, const char *keys);
/* Asks it to end, waits, takes the terminal away. */
void pty_stop(struct pty *p);

/* Of a process: resident memory, voluntary context switches of all threads (each is a sleep that
 * ended), CPU time, threads. False when it is gone. */
struct usage {
    double resident_mb, own_mb; /* own: without what files on disk back */
    double wakes, cpu_ms;
    int threads;
};
bool pty_usage(const struct pty *p, struct usage *out);

/* Whether there is an executable of that name on PATH (or at that path). */
bool pty_installed(const char *name);

#endif

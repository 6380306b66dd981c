#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <term.h>

#include <ecclesia/tui/console.h>

/* How long an Esc may be the begin of a longer code. */
enum { ESCAPE_MS = 50, CRASH_STACK = 64 * 1024 };

/* Signals that end, stop, resume, resize; and those of a crash. */
static const int news[] = { SIGTERM, SIGHUP, SIGINT, SIGWINCH, SIGTSTP, SIGCONT };
static const int crashes[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };
enum {
    NEWS_COUNT = sizeof news / sizeof news[0],
    CRASH_COUNT = sizeof crashes / sizeof crashes[0]
};

/* Bracketed paste: the terminal says where pasted text begins and ends. Terminals that do not know
 * it ignore it. */
static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";

/* A signal handler has no argument but its number: what it needs stands here. Written before the
 * handlers are set. */
static struct {
    SCREEN *screen;
    struct termios before;
    bool has_before, running;
    char restore[256]; /* what gives the screen back: made at the start, when everything still works
                        */
    size_t restore_length;
    int pipe[2];
    /* Handlers run on any thread: each is taken in one step, or a signal between the look and the
     * clearing would be lost. */
    atomic_int end, resized, suspend, resumed;
    struct sigaction old_news[NEWS_COUNT], old_crashes[CRASH_COUNT];
    sigset_t old_mask;
    char *crash_stack;
} term = { .pipe = { -1, -1 } };

/* ---- giving back from anywhere ---- */

/* Async-signal-safe. */
static void restore_now(void)
{
    if (!term.running)
        return;
    for (size_t at = 0; at < term.restore_length;) {
        ssize_t wrote = write(STDOUT_FILENO, term.restore + at, term.restore_length - at);

        if (wrote <= 0)
            break;
        at += (size_t)wrote;
    }
    if (term.has_before)
        tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
}

static void on_crash(int number)
{
    restore_now();
    /* The handler was for one time only: now the signal does what it always does. */
    raise(number);
}

static void on_news(int number)
{
    int saved = errno;

    switch (number) {
    case SIGWINCH:
        term.resized = 1;
        break;
    case SIGTSTP:
        term.suspend = 1;
        break;
    case SIGCONT:
        term.resumed = 1;
        break;
    default:
        term.end = number;
        break;
    }
    if (write(term.pipe[1], "", 1) < 0)
        errno = saved; /* the pipe is full: it is readable already */
    errno = saved;
}

/* One capability without its padding ("$<5>"), which a handler could not wait for. */
static void add_capability(const char *name)
{
    const char *s = tigetstr((char *)(uintptr_t)name);

    if (s == NULL || s == (const char *)-1)
        return;
    while (*s != '\0' && term.restore_length + 1 < sizeof term.restore) {
        if (s[0] == '$' && s[1] == '<' && strchr(s, '>') != NULL) {
            s = strchr(s, '>') + 1;
            continue;
        }
        term.restore[term.restore_length++] = *s++;
    }
}

static void make_restore(void)
{
    static const char *const names[] = { "sgr0", "cnorm", "rmkx", "rmcup" };

    memcpy(term.restore, paste_off, sizeof paste_off - 1);
    term.restore_length = sizeof paste_off - 1;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        add_capability(names[i]);
}

/* ---- signals ---- */

static void take_signals(void)
{
    struct sigaction a = { .sa_handler = on_news, .sa_flags = SA_RESTART },
                     crash = { .sa_handler = on_crash };
    stack_t stack = { .ss_sp = term.crash_stack, .ss_size = CRASH_STACK };
    sigset_t ours;

    sigemptyset(&a.sa_mask);
    sigemptyset(&crash.sa_mask);
    sigemptyset(&ours);
    for (int i = 0; i < NEWS_COUNT; i++) {
        sigaction(news[i], &a, &term.old_news[i]);
        sigaddset(&ours, news[i]);
    }
    /* On a stack of its own, for an overflow of the usual one. */
    crash.sa_flags = (int)(SA_RESETHAND | SA_NODEFER) | (term.crash_stack != NULL ? SA_ONSTACK : 0);
    if (term.crash_stack != NULL)
        sigaltstack(&stack, NULL);
    for (int i = 0; i < CRASH_COUNT; i++)
        sigaction(crashes[i], &crash, &term.old_crashes[i]);
    pthread_sigmask(SIG_UNBLOCK, &ours, &term.old_mask);
}

static void give_signals(void)
{
    stack_t none = { .ss_flags = SS_DISABLE };

    for (int i = 0; i < NEWS_COUNT; i++)
        sigaction(news[i], &term.old_news[i], NULL);
    for (int i = 0; i < CRASH_COUNT; i++)
        sigaction(crashes[i], &term.old_crashes[i], NULL);
    pthread_sigmask(SIG_SETMASK, &term.old_mask, NULL);
    sigaltstack(&none, NULL);
    free(term.crash_stack);
    term.crash_stack = NULL;
}

int term_fd(void)
{
    return term.pipe[0];
}

void term_signals(struct term_signals *out)
{
    char drained[64];

    while (read(term.pipe[0], drained, sizeof drained) > 0)
        ;
    *out = (struct term_signals){ .end = atomic_exchange(&term.end, 0),
                                  .resized = atomic_exchange(&term.resized, 0) != 0,
                                  .suspend = atomic_exchange(&term.suspend, 0) != 0,
                                  .resumed = atomic_exchange(&term.resumed, 0) != 0 };
}

/* ---- curses ---- */

static void set_modes(void)
{
    raw(); /* ^C, ^Z and ^S are keys here; a handler of curses would not restore the screen on the
              right thread */
    noecho();
    nonl();
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    set_escdelay(ESCAPE_MS);
    define_key("\033[200~", CONSOLE_PASTE_BEGIN - CONSOLE_FUNCTION);
    define_key("\033[201~", CONSOLE_PASTE_END - CONSOLE_FUNCTION);
    term_write(paste_on, sizeof paste_on - 1);
}

bool term_start(struct error *err)
{
    const char *name = getenv("TERM");

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return error_set(err, ERROR_USAGE, "Run it in a terminal, or use a command: ecclesia help.",
                         "The console needs a terminal on standard input and output.");
    if (pipe2(term.pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return error_set(err, ERROR_INTERNAL, "Close other programs and try again.",
                         "The console cannot make a pipe: %s.", strerror(errno));
    term.has_before = tcgetattr(STDIN_FILENO, &term.before) == 0;
    /* Before curses starts: finding SIGTSTP taken, it leaves it alone. Else it would ignore it
     * while it draws, and one that comes just then would be lost. */
    term.crash_stack = malloc(CRASH_STACK);
    take_signals();
    term.screen = newterm(NULL, stdout, stdin);
    if (term.screen == NULL) {
        give_signals();
        close(term.pipe[0]);
        close(term.pipe[1]);
        return error_set(err, ERROR_CONFIG,
                         "Set TERM to one that is installed, such as xterm-256color or linux.",
                         "This machine does not know the terminal \"%s\".",
                         name != NULL ? name : "");
    }
    make_restore();
    term.running = true;
    set_modes();
    return true;
}

static void leave_screen(void)
{
    term_write(paste_off, sizeof paste_off - 1);
    endwin();
}

void term_stop(void)
{
    if (!term.running)
        return;
    leave_screen();
    term.running = false;
    give_signals();
    delscreen(term.screen);
    close(term.pipe[0]);
    close(term.pipe[1]);
    term.pipe[0] = term.pipe[1] = -1;
}

void term_suspend(void)
{
    struct sigaction stop = { .sa_handler = SIG_DFL }, ours;

    leave_screen();
    sigemptyset(&stop.sa_mask);
    sigaction(SIGTSTP, &stop, &ours);
    /* To this thread: another one could take a process's signal later, with our handler back. */
    raise(SIGTSTP); /* here all stand still until SIGCONT */
    sigaction(SIGTSTP, &ours, NULL);
    wrefresh(stdscr); /* curses takes the terminal again */
    set_modes();
    term_resize();
}

void term_resize(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resize_term(size.ws_row, size.ws_col);
}

/* Whether nothing will come any more: the terminal is gone. */
static bool lost(void)
{
    struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
    int waiting = 0;

    if (poll(&p, 1, 0) < 0)
        return false;
    return (p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0 ||
           ((p.revents & POLLIN) != 0 && ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 &&
            waiting == 0);
}

bool term_key(int *key, bool *ended)
{
    wint_t code = 0;
    int kind = wget_wch(stdscr, &code);

    *ended = kind == ERR && lost();
    if (kind == ERR)
        return false;
    if (kind == KEY_CODE_YES)
        *key = CONSOLE_FUNCTION + (int)code;
    else
        *key = (int)code;
    return true;
}

void term_write(const void *bytes, size_t length)
{
    const char *at = bytes;

    fflush(stdout);
    while (length > 0) {
        ssize_t wrote = write(STDOUT_FILENO, at, length);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return;
        at += wrote;
        length -= (size_t)wrote;
    }
}

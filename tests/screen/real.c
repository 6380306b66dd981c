/* tui_main() on a real pseudo-terminal: every way to end gives the terminal back as it was. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <ecclesia/engine.h>
#include <ecclesia/tui/tui.h>

#include "testlib.h"

/* A shell of our own leads the session, so that the console can be stopped and resumed as a job is.
 */
static struct {
    const char *directory, *keys;
    int master;
    int slave; /* kept open: a terminal that somebody still has */
    pid_t shell;
    struct termios before;
    char got[1 << 20];
    size_t length;
} terminal;

static int run_console(void)
{
    struct engine_options o = { .db_path = test_path(terminal.directory, "ecclesia.db"),
                                .key_file = test_path(terminal.keys, "key") };
    struct tui_options options = { .theme = "dark" };
    struct config *config = NULL;
    struct engine *engine = NULL;
    struct error err;
    int status = 99;

    if (config_load(&config, "/dev/null", &err) && engine_open(&engine, config, &o, &err))
        status = tui_main(engine, config, &options, &err);
    if (status < 0 || status == 99)
        dprintf(STDOUT_FILENO, "failed: %s\n", err.message);
    engine_close(engine);
    config_free(config);
    return status;
}

static void say(const char *words, int number)
{
    dprintf(STDOUT_FILENO, "<%s %d>", words, number);
}

/* Foreground job, its end, its stops: told on the terminal. */
static void be_shell(void)
{
    pid_t job;
    int status = 0;

    signal(SIGTTOU, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    job = fork();
    if (job == 0) {
        setpgid(0, 0);
        tcsetpgrp(STDIN_FILENO, getpid());
        signal(SIGTTOU, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        exit(run_console());
    }
    setpgid(job, job);
    tcsetpgrp(STDIN_FILENO, job);
    while (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
        char go;

        tcsetpgrp(STDIN_FILENO, getpgrp());
        say("stopped", WSTOPSIG(status));
        while (read(STDIN_FILENO, &go, 1) == 1 && go != 'f')
            ;
        tcsetpgrp(STDIN_FILENO, job);
        kill(-job, SIGCONT);
    }
    tcsetpgrp(STDIN_FILENO, getpgrp());
    if (WIFSIGNALED(status))
        say("killed", WTERMSIG(status));
    else
        say("exit", WEXITSTATUS(status));
    _exit(0);
}

static void setup(void)
{
    struct winsize size = { .ws_row = 24, .ws_col = 80 };

    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    terminal.directory = test_dir();
    terminal.keys = test_dir();
    setenv("XDG_CONFIG_HOME", terminal.keys, 1);
    unsetenv("LINES");
    unsetenv("COLUMNS");
    terminal.length = 0;
    ck_assert(openpty(&terminal.master, &terminal.slave, NULL, NULL, &size) == 0);
    tcgetattr(terminal.slave, &terminal.before);
    fcntl(terminal.master, F_SETFD, FD_CLOEXEC);
    terminal.shell = fork();
    if (terminal.shell == 0) {
        close(terminal.master);
        login_tty(terminal.slave);
        be_shell();
    }
}

static void teardown(void)
{
    int status;

    close(terminal.master);
    close(terminal.slave);
    waitpid(terminal.shell, &status, 0);
}

/* Reads what the console writes until this is among it, from `since` on. */
static void wait_for(const char *text, size_t since)
{
    int64_t end = clock_mono() + TEST_PATIENCE_MS;

    while (memmem(terminal.got + since, terminal.length - since, text, strlen(text)) == NULL) {
        struct pollfd p = { .fd = terminal.master, .events = POLLIN };
        ssize_t got;

        if (clock_mono() > end)
            ck_abort_msg("\"%s\" never came; last: %.*s", text,
                         (int)(terminal.length > 1500 ? 1500 : terminal.length),
                         terminal.got + (terminal.length > 1500 ? terminal.length - 1500 : 0));
        if (poll(&p, 1, 500) <= 0)
            continue;
        got = read(terminal.master, terminal.got + terminal.length,
                   sizeof terminal.got - terminal.length);
        if (got > 0)
            terminal.length += (size_t)got;
    }
}

static void type(const char *keys)
{
    ck_assert(write(terminal.master, keys, strlen(keys)) == (ssize_t)strlen(keys));
}

/* Sends a signal to the job in the foreground. */
static void send_signal(int number)
{
    pid_t job = tcgetpgrp(terminal.master);

    ck_assert_int_gt(job, 1);
    ck_assert_int_eq(kill(job, number), 0);
}

static void check_given_back(size_t since)
{
    struct termios now;

    ck_assert_msg(memmem(terminal.got + since, terminal.length - since, "\033[?1049l", 8) != NULL,
                  "the other screen is not left");
    ck_assert_msg(memmem(terminal.got + since, terminal.length - since, "\033[?2004l", 8) != NULL,
                  "pasting is still marked");
    tcgetattr(terminal.slave, &now);
    ck_assert_uint_eq(now.c_lflag, terminal.before.c_lflag);
    ck_assert_uint_eq(now.c_iflag, terminal.before.c_iflag);
    ck_assert_uint_eq(now.c_oflag, terminal.before.c_oflag);
}

START_TEST(q_leaves)
{
    wait_for("Three steps", 0);
    type("q");
    wait_for("<exit 0>", 0);
    check_given_back(0);
}
END_TEST

static const struct {
    int number, status;
} ends[] = { { SIGTERM, 143 }, { SIGHUP, 129 }, { SIGINT, 130 } };

START_TEST(signals_end_it)
{
    char wanted[40];

    wait_for("Three steps", 0);
    send_signal(ends[_i].number);
    snprintf(wanted, sizeof wanted, "<exit %d>", ends[_i].status);
    wait_for(wanted, 0);
    check_given_back(0);
}
END_TEST

static const int crash_signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };

START_TEST(a_crash_gives_the_terminal_back)
{
    char wanted[40];

    wait_for("Three steps", 0);
    send_signal(crash_signals[_i]);
    snprintf(wanted, sizeof wanted, "<killed %d>", crash_signals[_i]);
    wait_for(wanted, 0);
    check_given_back(0);
}
END_TEST

START_TEST(suspended_and_back)
{
    size_t since;

    wait_for("Three steps", 0);
    for (int i = 0; i < 2; i++) {
        since = terminal.length;
        if (i == 0)
            type("\x1a");
        else
            send_signal(SIGTSTP);
        wait_for("<stopped 20>", since);
        check_given_back(since);
        since = terminal.length;
        type("f\n");
        wait_for("Three steps", since);
    }
    type("q");
    wait_for("<exit 0>", 0);
    check_given_back(since);
}
END_TEST

START_TEST(resized)
{
    struct winsize size = { .ws_row = 9, .ws_col = 39 };
    size_t since;

    wait_for("Three steps", 0);
    since = terminal.length;
    ioctl(terminal.master, TIOCSWINSZ, &size);
    wait_for("39x9 is too small", since);
    size = (struct winsize){ .ws_row = 30, .ws_col = 100 };
    since = terminal.length;
    ioctl(terminal.master, TIOCSWINSZ, &size);
    wait_for("Three steps", since);
    type("q");
    wait_for("<exit 0>", 0);
}
END_TEST

/* What another process writes is seen without a key. */
START_TEST(news_are_seen)
{
    struct store *store = NULL;
    struct db *db = NULL;
    struct error err;
    struct church c = { 0 };
    struct event e = { .level = EVENT_ERROR,
                       .platform = -1,
                       .kind = (char *)"test",
                       .text = (char *)"Something broke elsewhere.",
                       .remedy = (char *)"",
                       .actor = (char *)"test" };

    wait_for("Three steps", 0);
    TEST_OK(store_open(&store, test_path(terminal.directory, "ecclesia.db"), &err), err);
    TEST_OK(db_read(store, &db, &err), err);
    TEST_OK(church_only(db, &c, &err), err);
    db_read_end(db);
    e.church = c.id;
    TEST_OK(db_begin(store, &db, &err), err);
    TEST_OK(event_add(db, &e, &err), err);
    TEST_OK(db_commit(db, &err), err);
    wait_for("Something broke elsewhere.", 0);
    church_release(&c);
    store_close(store);
    type("\033");
    type("q");
    wait_for("<exit 0>", 0);
}
END_TEST

START_TEST(pasted_keys_do_nothing)
{
    size_t since;

    wait_for("Three steps", 0);
    type("\033[200~q3n\033[201~");
    since = terminal.length;
    type(":quit");
    wait_for("quit", since);
    type("\r");
    wait_for("<exit 0>", 0);
}
END_TEST

/* Nothing is written while nothing changes; the clock is held so that no minute comes. */
START_TEST(idle_is_silent)
{
    struct pollfd p = { .fd = terminal.master, .events = POLLIN };
    char wasted[4096];

    wait_for("Three steps", 0);
    /* The engine begins beside the first picture, and may have something to say. */
    while (poll(&p, 1, 700) > 0)
        ck_assert(read(terminal.master, wasted, sizeof wasted) > 0);
    ck_assert_int_eq(poll(&p, 1, 1500), 0);
    type("q");
    wait_for("<exit 0>", 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("real");
    TCase *all = tcase_create("all"), *idle = tcase_create("idle");

    tcase_set_timeout(all, 60);
    tcase_set_timeout(idle, 60);
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, q_leaves);
    tcase_add_loop_test(all, signals_end_it, 0, sizeof ends / sizeof ends[0]);
    tcase_add_loop_test(all, a_crash_gives_the_terminal_back, 0,
                        sizeof crash_signals / sizeof crash_signals[0]);
    tcase_add_test(all, suspended_and_back);
    tcase_add_test(all, resized);
    tcase_add_test(all, news_are_seen);
    tcase_add_test(all, pasted_keys_do_nothing);
    suite_add_tcase(suite, all);
    setenv("ECCLESIA_TEST_CLOCK", "2026-11-22T10:28:41Z", 1);
    tcase_add_checked_fixture(idle, setup, teardown);
    tcase_add_test(idle, idle_is_silent);
    suite_add_tcase(suite, idle);
    return test_run(suite);
}

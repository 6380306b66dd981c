/* Secrets typed on a terminal: not shown, taken back, given up. */
#include "testlib.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cli/private.h"

static int terminal;
static pid_t child;
static char screen[4000];
static size_t shown;

/* What the child does: asks, and says what it got. */
static void ask_and_tell(bool twice)
{
    struct cli cli = { .console = NULL };
    struct secret *s = NULL;
    struct termios t;
    struct error err;

    error_clear(&err);
    if (cli_ask(&cli, "Word", twice, &s, &err))
        printf("got[%s]\n", secret_text(s));
    else
        printf("%s %s\n", error_policy(err.kind)->name, err.message);
    secret_free(s);
    tcgetattr(STDIN_FILENO, &t);
    printf("echo %s end\n", t.c_lflag & ECHO ? "on" : "off");
    fflush(stdout);
    _exit(0);
}

static void begin(bool twice)
{
    shown = 0;
    child = forkpty(&terminal, NULL, NULL, NULL);
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        signal(SIGTERM, SIG_DFL); /* the runner has a handler of its own */
        ask_and_tell(twice);
    }
}

/* Reads until the words are on the screen. */
static void see(const char *words)
{
    int64_t end = clock_mono() + TEST_PATIENCE_MS;

    screen[shown] = '\0';
    while (!strstr(screen, words)) {
        struct pollfd fd = { .fd = terminal, .events = POLLIN };
        ssize_t got;

        ck_assert_msg(clock_mono() < end, "\"%s\" never came: %s", words, screen);
        if (poll(&fd, 1, 100) <= 0)
            continue;
        got = read(terminal, screen + shown, sizeof(screen) - shown - 1);
        ck_assert_msg(got > 0, "\"%s\" never came: %s", words, screen);
        shown += (size_t)got;
        screen[shown] = '\0';
    }
}

static void type(const char *keys)
{
    ck_assert_int_eq(write(terminal, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static void ends(void)
{
    int status;

    see("echo on end");
    ck_assert(waitpid(child, &status, 0) == child && WIFEXITED(status));
    close(terminal);
}

START_TEST(is_not_shown)
{
    begin(false);
    see("Word: ");
    type("s3cret words\r");
    see("got[s3cret words]");
    /* Once, by the child's own telling. */
    ck_assert_ptr_null(strstr(strstr(screen, "s3cret") + 1, "s3cret"));
    ends();
}
END_TEST

START_TEST(is_corrected)
{
    begin(false);
    see("Word: ");
    type("wrong\025Gr\303\274\303\237\177\177\177\303\274\303\237e\n");
    see("got[G\303\274\303\237e]");
    ends();
}
END_TEST

START_TEST(twice_until_the_same)
{
    begin(true);
    see("Word: ");
    type("one\r");
    see("again: ");
    type("two\r");
    see("differ");
    see("more.\r\nWord: ");
    type("three\r");
    see("Word: \r\nThe same again: ");
    type("three\r");
    see("got[three]");
    ends();
}
END_TEST

START_TEST(is_given_up)
{
    static const char *const keys[] = { "abc\003", "\004", "\r" };

    for (size_t i = 0; i < 3; i++) {
        begin(i == 1);
        see("Word: ");
        type(keys[i]);
        see("cancelled");
        ends();
    }
}
END_TEST

/* The terminal is itself again before a signal ends the program. */
START_TEST(a_signal_ends_it_tidily)
{
    struct termios t;
    int status;

    begin(false);
    see("Word: ");
    ck_assert_int_eq(kill(child, SIGTERM), 0);
    ck_assert(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    ck_assert(tcgetattr(terminal, &t) == 0 && (t.c_lflag & ECHO));
    close(terminal);
}
END_TEST

TEST_MAIN("cli_ask", is_not_shown, is_corrected, twice_until_the_same, is_given_up,
          a_signal_ends_it_tidily)

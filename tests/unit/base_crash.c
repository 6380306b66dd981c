/* The process that dies is a child of the test, so that this holds with CK_FORK=no too. */
#include "testlib.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ecclesia/base/crash.h>

/* How a child ends that passes the points a, b, a, b, a; 0 when it lives, else the signal. *passed
 * gets how many it came past. */
static int end_of_child(const char *wanted, int *passed)
{
    static const char *const points[] = { "point.a", "point.b", "point.a", "point.b", "point.a" };
    int pipe_fds[2], status;
    char byte;
    pid_t child;

    ck_assert_int_eq(pipe(pipe_fds), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (wanted)
            setenv("ECCLESIA_CRASH", wanted, 1);
        else
            unsetenv("ECCLESIA_CRASH");
        for (int i = 0; i < 5; i++) {
            crash_point(points[i]);
            if (write(pipe_fds[1], "x", 1) != 1)
                _exit(2);
        }
        _exit(0);
    }
    close(pipe_fds[1]);
    for (*passed = 0; read(pipe_fds[0], &byte, 1) == 1;)
        (*passed)++;
    close(pipe_fds[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

START_TEST(dies_where_it_was_told)
{
    static const struct {
        const char *wanted;
        int signal, passed;
    } cases[] = {
        { NULL, 0, 5 },
        { "", 0, 5 },
        { "point.c", 0, 5 },
        { "point", 0, 5 },
        { "point.a", SIGKILL, 0 },
        { "point.a:1", SIGKILL, 0 },
        { "point.a:2", SIGKILL, 2 },
        { "point.b:2", SIGKILL, 3 },
        { "point.a:3", SIGKILL, 4 },
        { "point.a:4", 0, 5 },
        { "point.b:nonsense", SIGKILL, 1 },
    };
    int passed;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_int_eq(end_of_child(cases[i].wanted, &passed), cases[i].signal);
        ck_assert_int_eq(passed, cases[i].passed);
    }
}
END_TEST

TEST_MAIN("base_crash", dies_where_it_was_told)

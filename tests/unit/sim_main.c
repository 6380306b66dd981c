/* `ecclesia sim`: the ready line, and how it ends. */
#include "testlib.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ecclesia/base/json.h>
#include <ecclesia/sim/sim.h>

static int to_child, from_child;

static pid_t run(int argc, char **argv)
{
    int in[2], out[2];

    ck_assert_int_eq(pipe(in), 0);
    ck_assert_int_eq(pipe(out), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[0]);
        close(in[1]);
        close(out[0]);
        close(out[1]);
        _exit(sim_main(argc, argv));
    }
    close(in[0]);
    close(out[1]);
    to_child = in[1];
    from_child = out[0];
    return pid;
}

/* The ready line; NULL when it ended without one. Yours: cJSON_Delete(). */
static cJSON *ready(void)
{
    struct text line;
    char byte;

    text_init(&line, 1 << 20);
    while (read(from_child, &byte, 1) == 1 && byte != '\n')
        text_append(&line, &byte, 1);
    cJSON *out = line.length > 0 ? json_parse(text_str(&line), line.length, NULL) : NULL;
    text_release(&line);
    return out;
}

static int ended(pid_t pid)
{
    int status = 0;

    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(it_ends_with_its_standard_input)
{
    char *argv[] = { "--encoder", "auto", "--seed", "3", "--latency", "1", NULL };
    pid_t pid = run(6, argv);
    cJSON *line = ready();

    ck_assert_ptr_nonnull(line);
    ck_assert_int_eq(strncmp(json_string(line, "base"), "http://127.0.0.1:", 17), 0);
    ck_assert_ptr_nonnull(strstr(json_string(line, "control"), "/_sim"));
    ck_assert_ptr_nonnull(json_string(line, "platforms.zoom.credentials.account_id"));
    cJSON_Delete(line);
    close(to_child);
    ck_assert_int_eq(ended(pid), 0);
}
END_TEST

START_TEST(a_signal_ends_it)
{
    char *argv[] = { "--faults", "storm", NULL };

    for (int i = 0; i < 2; i++) {
        pid_t pid = run(2, argv);
        cJSON *line = ready();
        ck_assert_ptr_nonnull(line);
        cJSON_Delete(line);
        kill(pid, i == 0 ? SIGTERM : SIGINT);
        ck_assert_int_eq(ended(pid), 0);
        close(to_child);
    }
}
END_TEST

START_TEST(wrong_words_are_a_usage_error)
{
    char *wrong[][3] = { { "--loud", NULL, NULL },       { "--latency", "fast", NULL },
                         { "--seed", NULL, NULL },       { "--listen", "0.0.0.0:0", NULL },
                         { "--faults", "plague", NULL }, { "--encoder", "maybe", NULL } };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        pid_t pid = run(wrong[i][1] != NULL ? 2 : 1, wrong[i]);
        ck_assert_ptr_null(ready());
        ck_assert_msg(ended(pid) == 2, "%s", wrong[i][0]);
        close(to_child);
        close(from_child);
    }
}
END_TEST

TEST_MAIN("sim_main", it_ends_with_its_standard_input, a_signal_ends_it,
          wrong_words_are_a_usage_error)

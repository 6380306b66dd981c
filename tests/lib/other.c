#include "other.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

extern char **environ;

void other_start(struct other *o, const char *first, ...)
{
    char self[] = "/proc/self/exe";
    char *words[16] = { self, (char *)(size_t)first };
    posix_spawn_file_actions_t actions;
    int in[2], out[2], i = 1;
    va_list list;

    va_start(list, first);
    while (words[i] && i < 14)
        words[++i] = va_arg(list, char *);
    va_end(list);
    ck_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    ck_assert_int_eq(posix_spawn(&o->pid, self, &actions, NULL, words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    o->to = in[1];
    o->from = out[0];
}

void other_say(struct other *o, const char *line)
{
    ck_assert(write(o->to, line, strlen(line)) == (ssize_t)strlen(line));
    ck_assert(write(o->to, "\n", 1) == 1);
}

void other_hear(struct other *o, char *line, int size)
{
    int length = 0;
    char c;

    while (length < size - 1 && read(o->from, &c, 1) == 1 && c != '\n')
        line[length++] = c;
    line[length] = '\0';
}

int other_wait(struct other *o)
{
    int status = 0;

    close(o->to);
    ck_assert(waitpid(o->pid, &status, 0) == o->pid);
    close(o->from);
    o->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int other_kill(struct other *o)
{
    kill(o->pid, SIGKILL);
    return other_wait(o);
}

/* This test program once more, as another process: with arguments, which its main() must look at
 * before it runs tests. */
#ifndef TESTS_LIB_OTHER_H
#define TESTS_LIB_OTHER_H

#include <stdbool.h>
#include <sys/types.h>

struct other {
    pid_t pid; /* 0 when it was waited for */
    int to, from;
};

/* Starts it with the words after argv[0]; the last is NULL. Its standard input and output are ours.
 */
void other_start(struct other *o, const char *first, ...) __attribute__((sentinel));
/* A line to it, and a line from it (without the end of line; "" when it has ended). */
void other_say(struct other *o, const char *line);
void other_hear(struct other *o, char *line, int size);
/* Waits for its end. The exit status, or minus the signal that ended it. */
int other_wait(struct other *o);
int other_kill(struct other *o); /* kill -9, and waits */

#endif

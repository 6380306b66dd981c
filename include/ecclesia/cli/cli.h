/* The command line: global options, commands, their output and exit status; the simulator and the
 * demonstration. */
#ifndef ECCLESIA_CLI_CLI_H
#define ECCLESIA_CLI_CLI_H

#include <ecclesia/engine.h>

/* How the console is to be opened. Strings are borrowed, NULL when not given. */
struct cli_console {
    const char *theme, *church, *actor;
    bool ascii, plain, read_only, kiosk;
};
/* Opens the console over the engine; returns the exit status, or -1 with err when it could not
 * begin. The fronts do not know each other, so main hands this one in. */
typedef int cli_console_call(struct engine *engine, const struct config *config,
                             const struct cli_console *o, struct error *err);

/* Runs the program's words. Main thread, before any other thread; takes SIGINT, SIGTERM and SIGHUP
 * while a command runs. Returns the exit status: 0 done, 1 refused or failed, 2 usage, 3 no such
 * record, 4 some targets failed and some did not, 5 a wait's time was over. */
int cli_main(int argc, char **argv, cli_console_call *console);

#endif

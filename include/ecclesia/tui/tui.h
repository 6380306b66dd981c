/* The console on a real terminal. Only src/tui knows curses. */
#ifndef ECCLESIA_TUI_TUI_H
#define ECCLESIA_TUI_TUI_H

#include <ecclesia/engine.h>

struct tui_options {
    const char *theme;  /* name or path of a *.theme file; NULL: "dark" */
    const char *church; /* slug; NULL: the only one */
    const char *actor;  /* login of the person, written into events; NULL: "console" */
    bool ascii;         /* marks of ASCII alone */
    bool plain; /* for screen readers: ascii, no colour, no lines drawn, the cursor always shown */
    bool read_only; /* looks, never asks for a change */
    bool kiosk;     /* read_only, and neither q nor the : line answer: for a screen in a hall */
};

/* Runs the console on standard input and output until the person leaves. Call it on the main
 * thread: it alone calls curses. Returns the exit status: 0 after `q`; 128 + n after SIGTERM,
 * SIGHUP or SIGINT, 129 also when the terminal is lost (end of input), so that a script can tell
 * them apart; in each case the terminal is as it was. -1 with err when the console could not begin:
 * standard input or output is no terminal, or terminfo does not know it. Takes the handlers of
 * SIGTERM, SIGHUP, SIGINT, SIGWINCH, SIGTSTP, SIGCONT, SIGSEGV, SIGABRT, SIGBUS, SIGFPE and SIGILL
 * while it runs. setlocale(LC_CTYPE, "") belongs before the first thread, so into main(). */
int tui_main(struct engine *engine, const struct config *config, const struct tui_options *o,
             struct error *err);

#endif

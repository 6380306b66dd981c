/* The terminal itself: taken over, given back in every way a program can end, and the signals that
 * have to do with it. */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include <ecclesia/base/error.h>

/* Starts curses on standard input and output and takes the signals. */
bool term_start(struct error *err);
/* Gives the terminal and the signals back as they were. */
void term_stop(void);
/* Gives the terminal back, stops the process until fg, takes the terminal again. */
void term_suspend(void);

/* Readable when a signal came: then term_signals() has something. */
int term_fd(void);

struct term_signals {
    int end; /* the signal that asks to end, 0 none */
    bool resized, suspend, resumed;
};
/* What came since the last call. */
void term_signals(struct term_signals *out);
/* Tells curses the terminal's size of now. */
void term_resize(void);

/* The next key: a code of console.h. False when no more are there now; *ended is set when there
 * will be none ever again. */
bool term_key(int *key, bool *ended);
/* Bytes for the terminal past curses. */
void term_write(const void *bytes, size_t length);

#endif

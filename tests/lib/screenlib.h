/* A console on a terminal that nobody sees: keys in, cells out. */
#ifndef TESTS_LIB_SCREENLIB_H
#define TESTS_LIB_SCREENLIB_H

#include <ecclesia/tui/console.h>

#include "stage.h"

struct screen {
    struct console *console;
    struct console_options options; /* to be set before screen_open() */
    int output;                     /* descriptor of what curses wrote */
    char sent[4096];                /* what went to the terminal past curses */
};

/* For what a test changes before: utf8 on, dark theme, TERM xterm-256color. */
void screen_defaults(struct screen *s);
/* Starts curses of this size and the console over the source, reads and draws. */
void screen_open(struct screen *s, const struct console_source *source, int rows, int columns);
void screen_close(struct screen *s);
void screen_resize(struct screen *s, int rows, int columns);
/* Keys by name, parted by blanks: "2 x Tab Enter"; a word in quotation marks is typed as it is:
 * "'Sunday Service'". Draws after each and waits for what was asked of a worker. */
void screen_keys(struct screen *s, const char *keys);
/* The same without waiting. */
void screen_keys_only(struct screen *s, const char *keys);
void screen_settle(struct screen *s);
/* Waits until the text is on the screen, while workers go on. */
void screen_until(struct screen *s, const char *text);

/* The screen as lines of text, without blanks at their ends; borrowed until the next call. */
const char *screen_text(void);
/* The text of the row where the cursor is, from it on. */
const char *screen_at_cursor(void);
/* Attributes and colour pair of the first cell of `text` on the screen; fails when it is not there.
 */
unsigned long screen_attributes(const char *text);
int screen_pair(const char *text);
void screen_cell(int y, int x, unsigned long *attributes, int *pair);
/* Bytes that curses has written so far. */
long screen_written(const struct screen *s);
/* Whether these bytes are among those written since. */
bool screen_has_written(const struct screen *s, long since, const char *bytes);

void screen_expect(const char *text);
void screen_expect_not(const char *text);
/* Compares with tests/screen/golden/NAME.txt; UPDATE=1 writes it instead. */
void screen_golden(const char *name);

#endif

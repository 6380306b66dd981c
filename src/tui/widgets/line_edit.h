/* One line of text being typed. Widgets know no record. */
#ifndef TUI_LINE_EDIT_H
#define TUI_LINE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/widgets/paint.h"

struct line_edit {
    char *data;    /* owned, NUL-terminated; wiped when freed */
    size_t room;   /* bytes, with the NUL */
    size_t length; /* bytes */
    size_t cursor; /* byte offset */
    size_t left;   /* byte offset of the first character shown */
    bool secret;   /* shown as marks */
    bool breaks;   /* line breaks may be typed (ctrl-j) and pasted */
};

/* most: bytes of text. False without memory. */
bool line_edit_start(struct line_edit *e, size_t most);
void line_edit_release(struct line_edit *e);
void line_edit_set(struct line_edit *e, const char *text); /* the cursor stands at the end */
/* True when the key was one for editing. Enter, Tab, Up, Down and Esc never are. Text past the room
 * is not taken. */
bool line_edit_key(struct line_edit *e, int key);
/* A pasted character; line breaks become blanks where they may not stand. */
void line_edit_paste(struct line_edit *e, int key);
/* Draws, and puts the cursor there when focused. */
void line_edit_draw(struct line_edit *e, struct paint *p, int y, int x, int columns, enum look look,
                    bool focused);

#endif

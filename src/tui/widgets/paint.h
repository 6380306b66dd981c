/* Putting text on the screen: the only place that draws, so that everything foreign is cleaned and
 * cut by width here. Knows themes and curses, no record. */
#ifndef TUI_PAINT_H
#define TUI_PAINT_H

#define NCURSES_NOMACROS 1
#include <curses.h>

#include "tui/widgets/glyphs.h"
#include "tui/widgets/rect.h"
#include "tui/widgets/theme.h"

struct paint {
    bool utf8;  /* the locale can show more than ASCII */
    bool ascii; /* marks of ASCII */
    bool plain; /* no lines drawn */
    attr_t attributes[LOOK_COUNT];
    int pairs[LOOK_COUNT];
    int pair_qr;     /* black on white, 0 when there is no colour */
    bool cursor_set; /* where the cursor is to stand this time */
    int cursor_y, cursor_x, cursor_shape;
};

/* Starts colours; curses must run. */
void paint_start(struct paint *p, const struct theme *t, bool no_color);
/* Empties the screen for a new picture. */
void paint_begin(struct paint *p);
/* The cursor where it was wished, then one doupdate(). */
void paint_end(struct paint *p);

const char *paint_glyph(const struct paint *p, enum glyph g);
/* s in at most `columns` columns, cut with a mark when it is longer. Returns the columns used. NULL
 * is "". */
int paint_text(struct paint *p, int y, int x, int columns, enum look look, const char *s);
/* The same, ending at column x + columns. Returns the first column used. */
int paint_right(struct paint *p, int y, int x, int columns, enum look look, const char *s);
void paint_fill(struct paint *p, int y, int x, int columns, enum look look);
/* A ruled line with a title in it ("── Log ───── 2 warnings"); right may be NULL. */
void paint_title(struct paint *p, struct rect row, const char *title, const char *right,
                 enum look right_look);
/* Where the cursor is to stand; shape 0 may be hidden, 1 is to be seen. */
void paint_cursor(struct paint *p, int y, int x, int shape);
/* Columns that s takes as it would be drawn. */
int paint_width(const struct paint *p, const char *s);
/* The next line of s when broken at blanks for `columns`: its bytes; *skip gets what stands between
 * it and the rest. 0 at the end. */
size_t paint_break(const char *s, int columns, size_t *skip);
/* How many lines s takes. */
int paint_lines(const char *s, int columns);
/* s broken over the rectangle. Returns the rows used. */
int paint_wrap(struct paint *p, struct rect r, enum look look, const char *s);

#endif

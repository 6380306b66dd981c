/* Marks: each has a form of ASCII for terminals and locales without the glyph. Pure. */
#ifndef TUI_GLYPHS_H
#define TUI_GLYPHS_H

#include <stdbool.h>

enum glyph {
    GLYPH_CHOSEN,  /* the row that keys act on */
    GLYPH_LIVE,    /* on air, connected */
    GLYPH_WAITING, /* to come, not connected */
    GLYPH_BUSY,    /* under way */
    GLYPH_ENDED,
    GLYPH_FAILED,
    GLYPH_WARNING,
    GLYPH_DONE,
    GLYPH_RULE,
    GLYPH_DOT,     /* between words of a heading */
    GLYPH_ARROW,   /* from … to */
    GLYPH_CUT,     /* text goes on */
    GLYPH_NOTHING, /* no value */
    GLYPH_SECRET,  /* a character that is not shown */
    GLYPH_NEWLINE, /* a line break inside a one-line field */
    GLYPH_OPEN,    /* a fold that is open; closed it has GLYPH_CHOSEN */
    GLYPH_COUNT
};

/* One column each. */
const char *glyph_text(enum glyph g, bool ascii);

#endif

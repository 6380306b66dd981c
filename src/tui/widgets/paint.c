#include "tui/widgets/paint.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <ecclesia/base/utf8.h>

/* Longest text that one call draws; no terminal is wider. */
enum { PAINT_BYTES = 4096, PAINT_WIDE = 1100 };

static int curses_colour(int32_t colour)
{
    if (colour == THEME_OWN)
        return -1;
    if ((colour & THEME_RGB) == 0)
        return colour < COLORS ? (int)colour : (int)(colour % 8);
    /* A terminal with direct colour takes the value itself; its first 8 indexes are the palette's.
     */
    if (COLORS > 256)
        return (colour & 0xffffff) < 8 ? 0 : (int)(colour & 0xffffff);
    return theme_nearest(colour & 0xffffff);
}

static attr_t curses_flags(const struct theme_style *s, bool eight)
{
    attr_t a = A_NORMAL;

    if (s->flags & STYLE_BOLD)
        a |= A_BOLD;
    if (s->flags & STYLE_DIM)
        a |= A_DIM;
    if (s->flags & STYLE_ITALIC)
        a |= A_ITALIC;
    if (s->flags & STYLE_UNDERLINE)
        a |= A_UNDERLINE;
    if (s->flags & STYLE_REVERSE)
        a |= A_REVERSE;
    if (eight && s->fore >= 8 && s->fore < 16)
        a |= A_BOLD; /* how terminals of eight colours show the bright ones */
    return a;
}

void paint_start(struct paint *p, const struct theme *t, bool no_color)
{
    bool coloured = !no_color && !p->plain && has_colors() && start_color() == OK;
    enum theme_depth depth = !coloured ? THEME_MONO : COLORS >= 256 ? THEME_FULL : THEME_SIXTEEN;

    if (coloured)
        use_default_colors();
    p->pair_qr = 0;
    for (int look = 0; look < LOOK_COUNT; look++) {
        const struct theme_style *s = &t->style[look][depth];
        int fore = coloured ? curses_colour(s->fore) : -1,
            back = coloured ? curses_colour(s->back) : -1;

        p->attributes[look] = curses_flags(s, coloured && COLORS == 8);
        p->pairs[look] = 0;
        if ((fore != -1 || back != -1) && init_extended_pair(look + 1, fore, back) == OK)
            p->pairs[look] = look + 1;
    }
    if (coloured && init_extended_pair(LOOK_COUNT + 1, COLOR_BLACK,
                                       COLORS > 256  ? 0xffffff
                                       : COLORS > 15 ? 15
                                                     : COLOR_WHITE) == OK)
        p->pair_qr = LOOK_COUNT + 1;
}

void paint_begin(struct paint *p)
{
    p->cursor_set = false;
    werase(stdscr);
}

void paint_end(struct paint *p)
{
    if (!p->cursor_set)
        paint_cursor(p, LINES - 1, 0, 0);
    curs_set(p->plain || p->cursor_shape != 0 ? 1 : 0);
    wmove(stdscr, p->cursor_y, p->cursor_x);
    wnoutrefresh(stdscr);
    doupdate();
}

void paint_cursor(struct paint *p, int y, int x, int shape)
{
    p->cursor_set = true;
    p->cursor_y = y < 0 ? 0 : y >= LINES ? LINES - 1 : y;
    p->cursor_x = x < 0 ? 0 : x >= COLS ? COLS - 1 : x;
    p->cursor_shape = shape;
}

const char *paint_glyph(const struct paint *p, enum glyph g)
{
    return glyph_text(g, p->ascii);
}

static void set_look(const struct paint *p, enum look look)
{
    int pair = p->pairs[look];

    wattr_set(stdscr, p->attributes[look], 0, &pair);
}

/* Foreign text made safe, and ASCII where the locale has no more. */
static void clean(const struct paint *p, char *out, size_t size, const char *s)
{
    size_t length, to = 0;

    utf8_clean(out, size, s != NULL ? s : "");
    if (p->utf8)
        return;
    length = strlen(out);
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        size_t bytes = utf8_decode(out + at, length - at, &character);

        out[to++] = (char)(character < 0x80 ? out[at] : '?');
        at += bytes > 0 ? bytes : 1;
    }
    out[to] = '\0';
}

/* Bytes of clean text put at y, x. The screen's edge is the caller's business only in so far as
 * curses drops what is outside. */
static void put(int y, int x, const char *s, size_t bytes)
{
    wchar_t wide[PAINT_WIDE];
    size_t count = 0;

    for (size_t at = 0; at < bytes && count + 1 < PAINT_WIDE;) {
        uint32_t character = 0;
        size_t step = utf8_decode(s + at, bytes - at, &character);

        if (step == 0)
            break;
        wide[count++] = (wchar_t)character;
        at += step;
    }
    wide[count] = L'\0';
    mvwaddnwstr(stdscr, y, x, wide, (int)count);
}

int paint_text(struct paint *p, int y, int x, int columns, enum look look, const char *s)
{
    char safe[PAINT_BYTES];
    int used = 0;
    size_t bytes;

    if (x + columns > COLS)
        columns = COLS - x;
    if (columns <= 0 || y < 0 || y >= LINES || x < 0)
        return 0;
    clean(p, safe, sizeof safe, s);
    set_look(p, look);
    bytes = utf8_prefix(safe, columns, &used);
    if (safe[bytes] == '\0') {
        put(y, x, safe, bytes);
        return used;
    }
    bytes = utf8_prefix(safe, columns - 1, &used);
    put(y, x, safe, bytes);
    put(y, x + used, paint_glyph(p, GLYPH_CUT), strlen(paint_glyph(p, GLYPH_CUT)));
    return used + 1;
}

int paint_width(const struct paint *p, const char *s)
{
    char safe[PAINT_BYTES];

    clean(p, safe, sizeof safe, s);
    return utf8_width(safe);
}

int paint_right(struct paint *p, int y, int x, int columns, enum look look, const char *s)
{
    int width = paint_width(p, s);

    if (width > columns)
        width = columns;
    paint_text(p, y, x + columns - width, width, look, s);
    return x + columns - width;
}

void paint_fill(struct paint *p, int y, int x, int columns, enum look look)
{
    if (x + columns > COLS)
        columns = COLS - x;
    if (y < 0 || y >= LINES || x < 0)
        return;
    set_look(p, look);
    for (int i = 0; i < columns; i++)
        mvwaddnwstr(stdscr, y, x + i, L" ", 1);
}

static void rule(struct paint *p, int y, int x, int columns)
{
    const char *mark = p->plain ? " " : paint_glyph(p, GLYPH_RULE);

    for (int i = 0; i < columns; i++)
        paint_text(p, y, x + i, 1, LOOK_RULE, mark);
}

void paint_title(struct paint *p, struct rect row, const char *title, const char *right,
                 enum look right_look)
{
    int x = row.x, end = row.x + row.columns;

    if (row.rows <= 0)
        return;
    rule(p, row.y, x, row.columns);
    if (title != NULL && *title != '\0') {
        paint_fill(p, row.y, x + 2, 1, LOOK_TEXT);
        x += 3;
        x += paint_text(p, row.y, x, row.columns - 6, LOOK_HEADER, title);
        paint_fill(p, row.y, x, 1, LOOK_TEXT);
    }
    if (right != NULL && *right != '\0' && paint_width(p, right) + 4 < end - x) {
        int at = paint_right(p, row.y, x + 2, end - x - 3, right_look, right);

        paint_fill(p, row.y, at - 1, 1, LOOK_TEXT);
        paint_fill(p, row.y, end - 1, 1, LOOK_TEXT);
    }
}

size_t paint_break(const char *s, int columns, size_t *skip)
{
    size_t fits = utf8_prefix(s, columns > 0 ? columns : 1, NULL), line = strcspn(s, "\n"), at;

    *skip = 0;
    if (line <= fits) {
        *skip = s[line] == '\n' ? 1 : 0;
        return line;
    }
    if (fits == 0)
        return strlen(s); /* a wide character in one column: give up on the rest */
    if (s[fits] == ' ') {
        *skip = strspn(s + fits, " ");
        return fits;
    }
    for (at = fits; at > 0 && s[at - 1] != ' '; at--)
        ;
    if (at == 0)
        return fits;
    *skip = 0;
    return at;
}

int paint_lines(const char *s, int columns)
{
    int lines = 0;

    while (*s != '\0') {
        size_t skip = 0, bytes = paint_break(s, columns, &skip);

        s += bytes + skip;
        lines++;
    }
    return lines;
}

int paint_wrap(struct paint *p, struct rect r, enum look look, const char *s)
{
    int row = 0;

    while (*s != '\0' && row < r.rows) {
        char line[PAINT_BYTES];
        size_t skip = 0, bytes = paint_break(s, r.columns, &skip);

        /* The last row shows that there is more by being cut. */
        snprintf(line, sizeof line, "%.*s", (int)(row + 1 < r.rows ? bytes : strlen(s)), s);
        paint_text(p, r.y + row, r.x, r.columns, look, line);
        s += bytes + skip;
        row++;
    }
    return row;
}

/* QR codes of links, for phones. */
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>

#include "tui/private.h"

/* Modules of light around the code. */
enum { QR_QUIET = 2 };

/* Dark on light whatever the theme: phones read nothing else. Two modules a cell by half blocks, or
 * two cells a module where there are only blanks to draw with. */
struct qr_pen {
    const struct paint *paint;
    bool halves;
};

static bool dark(const QRcode *q, int y, int x)
{
    return y >= 0 && x >= 0 && y < q->width && x < q->width && (q->data[y * q->width + x] & 1) != 0;
}

static void set_colours(const struct qr_pen *pen, bool light)
{
    int pair = pen->paint->pair_qr;

    /* Without colour a blank is dark and a reversed one light. */
    wattr_set(stdscr, light && pair == 0 ? A_REVERSE : A_NORMAL, 0, &pair);
}

static void draw_cell(const struct qr_pen *pen, const QRcode *q, int row, int column, int y, int x)
{
    static const wchar_t *const halves[4] = { L" ", L"▄", L"▀",
                                              L"█" }; /* bits: upper is dark, lower is dark */

    if (pen->halves) {
        bool upper = dark(q, row * 2 - QR_QUIET, column - QR_QUIET),
             lower = dark(q, row * 2 + 1 - QR_QUIET, column - QR_QUIET);

        set_colours(pen, true);
        mvwaddnwstr(stdscr, y, x, halves[(upper ? 2 : 0) + (lower ? 1 : 0)], 1);
        return;
    }
    set_colours(pen, !dark(q, row - QR_QUIET, column / 2 - QR_QUIET));
    if (pen->paint->pair_qr != 0 && dark(q, row - QR_QUIET, column / 2 - QR_QUIET)) {
        int pair = pen->paint->pair_qr;

        wattr_set(stdscr, A_REVERSE, 0, &pair);
    }
    mvwaddnwstr(stdscr, y, x, L" ", 1);
}

static QRcode *encode(const char *url)
{
    return QRcode_encodeString8bit(url, 0, QR_ECLEVEL_L);
}

static struct qr_pen pen_of(const struct console *c)
{
    return (struct qr_pen){ &c->paint, c->paint.utf8 && !c->paint.ascii };
}

static void cells_of(const QRcode *q, bool halves, int *rows, int *columns)
{
    int modules = q->width + 2 * QR_QUIET;

    *rows = halves ? (modules + 1) / 2 : modules;
    *columns = halves ? modules : modules * 2;
}

static void draw(const struct qr_pen *pen, const QRcode *q, int y, int x)
{
    int rows, columns;

    cells_of(q, pen->halves, &rows, &columns);
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++)
            draw_cell(pen, q, row, column, y + row, x + column);
    }
}

bool qr_size(const struct console *c, const char *url, int *rows, int *columns)
{
    QRcode *q = encode(url);

    if (q == NULL)
        return false;
    cells_of(q, pen_of(c).halves, rows, columns);
    QRcode_free(q);
    return true;
}

void qr_place(struct console *c, const char *url, int y, int x)
{
    QRcode *q = encode(url);
    struct qr_pen pen = pen_of(c);

    if (q == NULL)
        return;
    draw(&pen, q, y, x);
    QRcode_free(q);
}

/* What can be done where the code does not fit, or there is none. */
static void draw_instead(struct console *c, const char *why)
{
    char text[500];

    snprintf(text, sizeof text,
             "%s Or press Esc and then y: that copies the link to your clipboard.", why);
    paint_wrap(&c->paint, (struct rect){ 1, 1, LINES - 2, COLS - 2 }, LOOK_TEXT, text);
    paint_text(&c->paint, LINES - 1, 1, COLS - 2, LOOK_DIM, "Esc back");
}

void qr_draw(struct console *c, const char *url, const char *caption)
{
    QRcode *q = encode(url);
    struct qr_pen pen = pen_of(c);
    char text[400];
    int rows, columns;

    if (q == NULL) {
        draw_instead(c, "This link is too long for a QR code.");
        return;
    }
    cells_of(q, pen.halves, &rows, &columns);
    if (rows > LINES - 1 || columns > COLS) {
        snprintf(text, sizeof text,
                 "The QR code needs a window of %d columns and %d rows; this one has %d and %d. "
                 "Make the window larger or its letters smaller.",
                 columns, rows + 1, COLS, LINES);
        draw_instead(c, text);
    } else {
        draw(&pen, q, (LINES - 1 - rows) / 2, (COLS - columns) / 2);
        paint_text(&c->paint, LINES - 1, 1, COLS - 2, LOOK_TEXT, caption);
    }
    QRcode_free(q);
}

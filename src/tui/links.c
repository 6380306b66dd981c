/* The links of one record: to copy, or as a QR code for phones in the room. */
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/private.h"

enum { QR_QUIET = 2 };

void links_open(struct console *c)
{
    struct view *v = view_now(c);
    struct links *l = &c->links;
    const struct target *t;

    *l = (struct links){ .active = true };
    snprintf(l->title, sizeof l->title, "Links for members");
    for (size_t i = 0; (t = v->ops->target(v, i)) != NULL && l->count < LINKS_MOST; i++) {
        struct link *link = &l->links[l->count];

        if (t->url == NULL || t->url[0] == '\0')
            continue;
        if (c->in_detail && i == v->target)
            l->cursor = l->count;
        text_copy_to(link->name, sizeof link->name, platform_name(t->platform));
        text_copy_to(link->what, sizeof link->what, target_status_name(t->status, t->kind));
        text_copy_to(link->url, sizeof link->url, t->url);
        l->count++;
    }
}

/* OSC 52: the terminal puts it into the clipboard of the person's own machine, also over SSH. */
void clipboard_copy(struct console *c, const char *url)
{
    struct text t;

    if (c->options.write_terminal == NULL) {
        console_say(c, true,
                    "This terminal has no clipboard. Show the QR code with Enter, or mark the link "
                    "with the mouse.");
        return;
    }
    text_init(&t, 2048);
    text_add(&t, "\033]52;c;");
    text_add_base64(&t, url, strlen(url));
    text_add(&t, "\a");
    if (!t.overflow) {
        c->options.write_terminal(c->options.context, t.data, t.length);
        console_say(c, false,
                    "Sent to your clipboard: %s (nothing there? The terminal must allow OSC 52)",
                    url);
    }
    text_release(&t);
}

void links_key(struct console *c, int key)
{
    struct links *l = &c->links;

    switch (key) {
    case 'j':
    case CONSOLE_FUNCTION + KEY_DOWN:
        l->cursor += l->cursor + 1 < l->count;
        break;
    case 'k':
    case CONSOLE_FUNCTION + KEY_UP:
        l->cursor -= l->cursor > 0;
        break;
    case 'c':
    case 'y':
        if (l->count > 0)
            clipboard_copy(c, l->links[l->cursor].url);
        break;
    case '\r':
        l->qr = !l->qr && l->count > 0;
        break;
    case 27:
    case 'q':
    case 'h':
    case 3:
    case CONSOLE_FUNCTION + KEY_LEFT:
        if (l->qr)
            l->qr = false;
        else
            l->active = false;
        break;
    default:
        break;
    }
}

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

void qr_draw(struct console *c, const char *url, const char *caption)
{
    QRcode *q = QRcode_encodeString8bit(url, 0, QR_ECLEVEL_L);
    struct qr_pen pen = { &c->paint, c->paint.utf8 && !c->paint.ascii };
    int modules, rows, columns, y, x;
    char text[300];

    if (q == NULL) {
        paint_text(&c->paint, 0, 1, COLS - 2, LOOK_FAILED,
                   "This link is too long for a QR code. Esc, then c copies it.");
        return;
    }
    modules = q->width + 2 * QR_QUIET;
    rows = pen.halves ? (modules + 1) / 2 : modules;
    columns = pen.halves ? modules : modules * 2;
    if (rows > LINES - 1 || columns > COLS) {
        snprintf(text, sizeof text,
                 "The QR code needs a window of %d columns and %d rows; this one has %d and %d. "
                 "Make the window larger or its "
                 "letters smaller, or press Esc and then c to copy the link.",
                 columns, rows + 1, COLS, LINES);
        paint_wrap(&c->paint, (struct rect){ 1, 1, LINES - 2, COLS - 2 }, LOOK_TEXT, text);
        QRcode_free(q);
        return;
    }
    y = (LINES - 1 - rows) / 2;
    x = (COLS - columns) / 2;
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++)
            draw_cell(&pen, q, row, column, y + row, x + column);
    }
    snprintf(text, sizeof text, "%s  Esc back", caption);
    paint_text(&c->paint, LINES - 1, 1, COLS - 2, LOOK_TEXT, text);
    QRcode_free(q);
}

void links_draw(struct console *c, struct rect body)
{
    struct links *l = &c->links;
    struct paint *p = &c->paint;
    int y = body.y + 1;

    if (l->qr) {
        qr_draw(c, l->links[l->cursor].url, l->links[l->cursor].name);
        return;
    }
    paint_title(p, (struct rect){ body.y, body.x, 1, body.columns }, l->title,
                "c copy, Enter QR code, Esc back", LOOK_DIM);
    for (size_t i = l->cursor < (size_t)body.rows - 1 ? 0 : l->cursor - (size_t)body.rows + 2;
         i < l->count && y < body.y + body.rows; i++, y++) {
        enum look look = i == l->cursor ? LOOK_CHOSEN : LOOK_TEXT;

        paint_fill(p, y, body.x, body.columns, look);
        if (i == l->cursor) {
            paint_text(p, y, body.x + 1, 1, look, paint_glyph(p, GLYPH_CHOSEN));
            paint_cursor(p, y, body.x + 1, 0);
        }
        paint_text(p, y, body.x + 3, 12, look, l->links[i].name);
        paint_text(p, y, body.x + 16, 9, look, l->links[i].what);
        paint_text(p, y, body.x + 26, body.columns - 27, i == l->cursor ? look : LOOK_LINK,
                   l->links[i].url);
    }
}

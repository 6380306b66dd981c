#include "tui/widgets/textview.h"

#include <stdio.h>
#include <string.h>

#include <ecclesia/tui/key.h>

enum { TEXTVIEW_MOST = 256 * 1024 };

void textview_open(struct textview *v, const char *title)
{
    textview_close(v);
    v->active = true;
    text_copy_to(v->title, sizeof v->title, title);
    text_init(&v->text, TEXTVIEW_MOST);
}

void textview_close(struct textview *v)
{
    text_release(&v->text);
    *v = (struct textview){ .active = false };
}

void textview_key(struct textview *v, int key)
{
    switch (key) {
    case 'j':
    case CONSOLE_FUNCTION + KEY_DOWN:
        v->top++;
        break;
    case 'k':
    case CONSOLE_FUNCTION + KEY_UP:
        v->top--;
        break;
    case ' ':
    case CONSOLE_FUNCTION + KEY_NPAGE:
        v->top += v->rows;
        break;
    case CONSOLE_FUNCTION + KEY_PPAGE:
        v->top -= v->rows;
        break;
    case 'g':
    case CONSOLE_FUNCTION + KEY_HOME:
        v->top = 0;
        break;
    case 'G':
    case CONSOLE_FUNCTION + KEY_END:
        v->top = v->lines;
        break;
    case 27:
    case 'q':
    case 'h':
    case '?':
    case '\r':
    case CONSOLE_FUNCTION + KEY_LEFT:
        textview_close(v);
        break;
    default:
        break;
    }
}

/* Where lines go; those that are not in sight are only counted. */
struct pen {
    struct paint *paint;
    struct rect r;
    int top, line;
};

static void put(struct pen *pen, int indent, enum look look, const char *s, size_t bytes)
{
    char shown[1024];
    int row = pen->line - pen->top;

    snprintf(shown, sizeof shown, "%.*s", (int)bytes, s);
    if (row >= 0 && row < pen->r.rows)
        paint_text(pen->paint, pen->r.y + row, pen->r.x + indent, pen->r.columns - indent, look,
                   shown);
}

/* One line of the text; what stands behind its tab is a column of its own. */
static void put_line(struct pen *pen, const char *s)
{
    enum look look = LOOK_TEXT;
    size_t label = strcspn(s, "\t");
    int indent = 0;

    if (*s == '\x01' || *s == '\x02')
        look = *s == '\x01' ? LOOK_HEADING : LOOK_DIM;
    if (s[label] == '\t') {
        indent = pen->r.columns >= 60 ? 15 : 9;
        put(pen, 0, LOOK_KEY, s + (look != LOOK_TEXT), label - (look != LOOK_TEXT));
        s += label + 1;
    } else {
        s += look != LOOK_TEXT;
    }
    do {
        size_t skip = 0, bytes = paint_break(s, pen->r.columns - indent, &skip);

        put(pen, indent, look, s, bytes);
        s += bytes + skip;
        pen->line++;
    } while (*s != '\0');
}

/* Draws the lines that are in sight; returns how many there are in all. */
static int draw_lines(struct textview *v, struct paint *p, struct rect r)
{
    struct pen pen = { .paint = p, .r = r, .top = v->top };
    const char *s = text_str(&v->text);

    while (*s != '\0') {
        size_t length = strcspn(s, "\n");
        char one[1024];

        snprintf(one, sizeof one, "%.*s", (int)length, s);
        put_line(&pen, one);
        s += length + (s[length] == '\n' ? 1 : 0);
    }
    return pen.line;
}

void textview_draw(struct textview *v, struct paint *p, struct rect r)
{
    struct rect inside = { r.y + 1, r.x + 1, r.rows - 1, r.columns - 2 };
    char place[60] = "Esc back";

    v->rows = inside.rows > 0 ? inside.rows : 1;
    if (v->lines > 0 && v->top > v->lines - v->rows)
        v->top = v->lines - v->rows;
    if (v->top < 0)
        v->top = 0;
    v->lines = draw_lines(v, p, inside);
    if (v->lines > v->rows)
        snprintf(place, sizeof place, "%d-%d of %d, Esc back", v->top + 1,
                 v->top + v->rows < v->lines ? v->top + v->rows : v->lines, v->lines);
    paint_title(p, (struct rect){ r.y, r.x, 1, r.columns }, v->title, place, LOOK_DIM);
    paint_cursor(p, inside.y, inside.x, 0);
}

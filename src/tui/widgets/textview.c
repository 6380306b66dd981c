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

/* Draws the lines that are in sight; returns how many there are in all. Continuation lines stand in by `indent`. */
static int draw_lines(struct textview *v, struct paint *p, struct rect r)
{
    const char *s = text_str(&v->text);
    int line = 0;

    while (*s != '\0') {
        size_t length = strcspn(s, "\n");
        char one[1024];
        const char *rest = one;
        enum look look = LOOK_TEXT;

        snprintf(one, sizeof one, "%.*s", (int)length, s);
        if (*rest == '\x01' || *rest == '\x02')
            look = *rest++ == '\x01' ? LOOK_HEADING : LOOK_DIM;
        do {
            size_t skip = 0, bytes = paint_break(rest, r.columns, &skip);
            char shown[1024];

            snprintf(shown, sizeof shown, "%.*s", (int)bytes, rest);
            if (line >= v->top && line < v->top + r.rows)
                paint_text(p, r.y + line - v->top, r.x, r.columns, look, shown);
            rest += bytes + skip;
            line++;
        } while (*rest != '\0');
        s += length + (s[length] == '\n' ? 1 : 0);
    }
    return line;
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

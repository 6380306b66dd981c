#include "tui/widgets/dialog.h"

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/tui/key.h>

void dialog_ask(struct dialog *d, const char *question, const char *no, const char *yes,
                int raised_by)
{
    *d = (struct dialog){ .active = true, .raised_by = raised_by };
    text_copy_to(d->question, sizeof d->question, question);
    text_copy_to(d->no, sizeof d->no, no);
    text_copy_to(d->yes, sizeof d->yes, yes);
}

enum dialog_answer dialog_key(struct dialog *d, int key)
{
    enum dialog_answer answer = DIALOG_OPEN;

    if (key == d->raised_by && key != 0)
        return DIALOG_OPEN;
    d->raised_by = 0;
    switch (key) {
    case '\t':
    case CONSOLE_FUNCTION + KEY_BTAB:
        d->on_yes = !d->on_yes;
        break;
    case 'l':
    case CONSOLE_FUNCTION + KEY_RIGHT:
    case CONSOLE_FUNCTION + KEY_DOWN:
    case 'j':
        d->on_yes = true;
        break;
    case 'h':
    case 'k':
    case CONSOLE_FUNCTION + KEY_LEFT:
    case CONSOLE_FUNCTION + KEY_UP:
        d->on_yes = false;
        break;
    case '\r':
        answer = d->on_yes ? DIALOG_YES : DIALOG_NO;
        break;
    case 27:
    case 3:
        answer = DIALOG_NO;
        break;
    default:
        break;
    }
    if (answer != DIALOG_OPEN)
        d->active = false;
    return answer;
}

static int draw_button(struct paint *p, int y, int x, int columns, const char *label, bool here)
{
    char text[64];
    int used;

    snprintf(text, sizeof text, "[ %s ]", label);
    used = paint_text(p, y, x, columns, here ? LOOK_BUTTON_FOCUS : LOOK_BUTTON, text);
    if (here)
        paint_cursor(p, y, x + 2, 0);
    return used;
}

void dialog_draw(struct dialog *d, struct paint *p, struct rect screen)
{
    int width = screen.columns - 4 < 64 ? screen.columns - 4 : 64,
        lines = paint_lines(d->question, width - 4);
    bool stacked = paint_width(p, d->no) + paint_width(p, d->yes) + 10 > width - 4;
    int most = screen.rows - (stacked ? 5 : 4), rows, y, x, used;

    if (lines > most)
        lines = most > 1 ? most : 1;
    rows = lines + (stacked ? 5 : 4); /* edge, question, blank, buttons, edge */
    y = screen.y + (screen.rows - rows) / 2;
    x = screen.x + (screen.columns - width) / 2;
    for (int i = 0; i < rows; i++) {
        paint_fill(p, y + i, x - 1, width + 2, LOOK_TEXT);
        paint_fill(p, y + i, x, width, LOOK_DIALOG);
    }
    if (!p->plain) {
        paint_title(p, (struct rect){ y, x, 1, width }, "", NULL, LOOK_DIALOG);
        paint_title(p, (struct rect){ y + rows - 1, x, 1, width }, "", NULL, LOOK_DIALOG);
    }
    paint_wrap(p, (struct rect){ y + 1, x + 2, lines, width - 4 }, LOOK_DIALOG, d->question);
    used = draw_button(p, y + rows - (stacked ? 3 : 2), x + 2, width - 4, d->no, !d->on_yes);
    used = stacked ? 0 : used + 2;
    draw_button(p, y + rows - 2, x + 2 + used, width - 4 - used, d->yes, d->on_yes);
}

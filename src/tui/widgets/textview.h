/* Lines to read, with scrolling. Widgets know no record. */
#ifndef TUI_TEXTVIEW_H
#define TUI_TEXTVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include <ecclesia/base/text.h>

#include "tui/widgets/paint.h"

struct textview {
    bool active;
    char title[120];
    struct text text;     /* lines parted by \n; \x01 begins a heading, \x02 a dim line; \t stands
                             behind a label */
    int top, rows, lines; /* as last drawn */
};

void textview_open(struct textview *v, const char *title); /* empty; append to v->text */
void textview_close(struct textview *v);
/* Esc and q close it. */
void textview_key(struct textview *v, int key);
void textview_draw(struct textview *v, struct paint *p, struct rect r);

#endif

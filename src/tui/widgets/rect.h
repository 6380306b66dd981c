#ifndef TUI_RECT_H
#define TUI_RECT_H

struct rect {
    int y, x, rows, columns; /* rows 0: not shown */
};

#endif

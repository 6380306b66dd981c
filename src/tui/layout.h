/* Where each part of the screen stands. Pure: sizes in, rectangles out. */
#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/widgets/rect.h"

/* The least that the console is drawn at. */
enum { LAYOUT_LEAST_COLUMNS = 40, LAYOUT_LEAST_ROWS = 10 };

enum layout_log { LAYOUT_LOG_NORMAL, LAYOUT_LOG_LARGE, LAYOUT_LOG_WHOLE, LAYOUT_LOG_SIZES };

struct layout_wish {
    int rows, columns; /* of the terminal */
    bool notice;       /* a failure waits to be seen */
    int message_rows;  /* answers above the foot line, 0 none */
    int list_rows;     /* rows the list has */
    int detail_rows;   /* lines the detail has to say, without its title */
    bool detail_open;  /* the person works in the detail */
    bool plain;        /* no ruled line */
    enum layout_log log;
};

struct layout {
    bool too_small;
    struct rect header, tabs, rule, notice;
    struct rect list;   /* with its heading row */
    struct rect detail; /* with its title row */
    struct rect log;    /* with its title row when log_title */
    struct rect message, foot;
    struct rect body; /* rule, list and detail: what a form or the help takes */
    bool log_title;
};

void layout_make(struct layout *out, const struct layout_wish *wish);
/* One line a part that is shown, "list 3,0 11x80", for tests. */
void layout_print(const struct layout *l, char *out, size_t size);

#endif

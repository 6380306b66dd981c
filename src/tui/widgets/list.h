/* A table that scrolls: columns that leave by priority when it is narrow, a cursor, a page. Widgets
 * know no record. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/widgets/paint.h"

enum { LIST_COLUMNS_MOST = 8 };

struct list_column {
    const char *heading; /* NULL ends the table */
    int least;           /* columns below which it leaves */
    int weight;          /* its share of what is left over; 0 keeps its least */
    int priority;        /* the lowest leaves first */
};

struct list_cell {
    char text[400];
    enum look look;
};

struct list {
    size_t count, cursor, top;
};

/* Fills what stands in (row, column); width is what it has. */
typedef void list_cell_fn(void *context, size_t row, int column, int width, struct list_cell *out);

/* widths[i] of each column in `total` screen columns, two blanks between; 0 for those that had to
 * leave. Returns how many stay. */
int list_fit(const struct list_column *columns, int total, int widths[LIST_COLUMNS_MOST]);
/* Moves the cursor, within what there is. */
void list_move(struct list *l, long by);
/* After count or the place changed: cursor and top fit again for `rows` rows. */
void list_settle(struct list *l, int rows);
/* The first row of r is the heading. */
void list_draw(struct list *l, struct paint *p, struct rect r, const struct list_column *columns,
               bool focused, list_cell_fn *cell, void *context);

#endif

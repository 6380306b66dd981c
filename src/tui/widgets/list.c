#include "tui/widgets/list.h"

/* Left of the first column stands the mark of the chosen row. */
enum { MARGIN = 3, GAP = 2 };

static int column_count(const struct list_column *columns)
{
    int n = 0;

    while (n < LIST_COLUMNS_MOST && columns[n].heading != NULL)
        n++;
    return n;
}

/* Columns that a row takes, gaps included. */
static int taken(const int *widths, int n)
{
    int sum = 0;

    for (int i = 0; i < n; i++)
        sum += widths[i] > 0 ? widths[i] + (sum > 0 ? GAP : 0) : 0;
    return sum;
}

static void drop_lowest(const struct list_column *columns, int *widths, int n)
{
    int goes = -1;

    for (int i = 0; i < n; i++) {
        if (widths[i] > 0 && (goes < 0 || columns[i].priority < columns[goes].priority))
            goes = i;
    }
    widths[goes] = 0;
}

static void share_rest(const struct list_column *columns, int *widths, int n, int rest)
{
    int weights = 0, last = -1, given = 0;

    for (int i = 0; i < n; i++)
        weights += widths[i] > 0 ? columns[i].weight : 0;
    for (int i = 0; i < n && weights > 0; i++) {
        if (widths[i] > 0 && columns[i].weight > 0) {
            widths[i] += rest * columns[i].weight / weights;
            given += rest * columns[i].weight / weights;
            last = i;
        }
    }
    if (last >= 0)
        widths[last] += rest - given;
}

int list_fit(const struct list_column *columns, int total, int widths[LIST_COLUMNS_MOST])
{
    int n = column_count(columns), left = n, rest;

    for (int i = 0; i < n; i++)
        widths[i] = columns[i].least;
    while (left > 1 && taken(widths, n) > total) {
        drop_lowest(columns, widths, n);
        left--;
    }
    rest = total - taken(widths, n);
    for (int i = 0; i < n && rest < 0; i++) {
        if (widths[i] > 0)
            widths[i] = total > 0 ? total : 1; /* the last one left shrinks */
    }
    if (rest > 0)
        share_rest(columns, widths, n, rest);
    return left;
}

void list_move(struct list *l, long by)
{
    if (l->count == 0)
        l->cursor = 0;
    else if (by < 0)
        l->cursor = (size_t)-by > l->cursor ? 0 : l->cursor - (size_t)-by;
    else
        l->cursor = l->cursor + (size_t)by >= l->count ? l->count - 1 : l->cursor + (size_t)by;
}

void list_settle(struct list *l, int rows)
{
    size_t page = rows > 0 ? (size_t)rows : 1;

    if (l->cursor >= l->count)
        l->cursor = l->count > 0 ? l->count - 1 : 0;
    if (l->top > l->cursor)
        l->top = l->cursor;
    if (l->cursor >= l->top + page)
        l->top = l->cursor - page + 1;
    if (l->top > 0 && l->top + page > l->count)
        l->top = l->count > page ? l->count - page : 0;
}

static void draw_heading(struct paint *p, struct rect r, const struct list_column *columns,
                         const int *widths)
{
    int x = r.x + MARGIN;

    for (int i = 0; i < column_count(columns); i++) {
        if (widths[i] <= 0)
            continue;
        paint_text(p, r.y, x, widths[i], LOOK_HEADING, columns[i].heading);
        x += widths[i] + GAP;
    }
}

void list_draw(struct list *l, struct paint *p, struct rect r, const struct list_column *columns,
               bool focused, list_cell_fn *cell, void *context)
{
    int widths[LIST_COLUMNS_MOST] = { 0 };

    if (r.rows <= 0)
        return;
    list_fit(columns, r.columns - MARGIN - 1, widths);
    draw_heading(p, r, columns, widths);
    list_settle(l, r.rows - 1);
    for (int row = 0; row + 1 < r.rows && l->top + (size_t)row < l->count; row++) {
        size_t index = l->top + (size_t)row;
        bool chosen = index == l->cursor;
        int y = r.y + 1 + row, x = r.x + MARGIN;

        if (chosen) {
            enum look look = focused ? LOOK_CHOSEN : LOOK_TEXT;

            paint_fill(p, y, r.x, r.columns, look);
            paint_text(p, y, r.x + 1, 1, look, paint_glyph(p, GLYPH_CHOSEN));
            if (focused)
                paint_cursor(p, y, r.x + 1, 0);
        }
        for (int i = 0; i < column_count(columns); i++) {
            struct list_cell c = { .text = "", .look = LOOK_TEXT };

            if (widths[i] <= 0)
                continue;
            cell(context, index, i, widths[i], &c);
            paint_text(p, y, x, widths[i], chosen && focused ? LOOK_CHOSEN : c.look, c.text);
            x += widths[i] + GAP;
        }
    }
}

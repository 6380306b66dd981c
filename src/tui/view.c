/* What all views share: the window of rows in memory, the cursor that stays on its record, the
 * detail's drawing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/private.h"

/* Columns of the detail: mark, name, status, figure. */
enum { DETAIL_NAME = 12, DETAIL_STATUS = 10, DETAIL_FIGURE = 14, DETAIL_WIDE = 70 };

struct view *view_now(struct console *c)
{
    return &c->views[c->view];
}

void view_start(struct view *v, const struct view_ops *ops, struct console *c)
{
    *v = (struct view){ .ops = ops, .console = c };
}

void view_release(struct view *v)
{
    v->ops->release(v->rows, v->list.count);
    v->rows = NULL;
    v->list.count = 0;
}

int view_rows(const struct view *v)
{
    int rows = v->console->layout.list.rows - 1;

    return rows > 1 ? rows : 1;
}

static bool read_page(struct view *v, size_t offset, size_t limit, void **rows, size_t *count,
                      struct error *err)
{
    struct record_filter f = { .status = -1,
                               .platform = -1,
                               .text = v->filter[0] != '\0' ? v->filter : NULL,
                               .limit = limit,
                               .offset = offset };

    return v->ops->load(v->console, &f, rows, count, err);
}

/* The cursor goes where the chosen record went; when it is gone, it stays where it was. */
static void find_chosen(struct view *v)
{
    if (id_is_none(v->chosen))
        return;
    for (size_t row = 0; row < v->list.count; row++) {
        if (id_equal(v->ops->row_id(v, row), v->chosen)) {
            v->list.cursor = row;
            return;
        }
    }
}

static void choose(struct view *v)
{
    struct id id = v->list.count > 0 ? v->ops->row_id(v, v->list.cursor) : (struct id){ "" };

    if (!id_equal(id, v->chosen))
        v->target = 0;
    v->chosen = id;
}

bool view_load(struct view *v, struct error *err)
{
    void *rows = NULL;
    size_t count = 0;

    /* One more than a page tells whether there is more. */
    if (!read_page(v, v->offset, PAGE_ROWS + 1, &rows, &count, err))
        return false;
    if (count == 0 && v->offset > 0) {
        v->ops->release(rows, count);
        v->offset = v->offset > PAGE_ROWS ? v->offset - PAGE_ROWS : 0;
        return view_load(v, err);
    }
    v->ops->release(v->rows, v->list.count);
    v->rows = rows;
    v->list.count = count;
    v->more = count > PAGE_ROWS;
    v->loaded = true;
    find_chosen(v);
    list_settle(&v->list, view_rows(v));
    choose(v);
    return true;
}

/* Puts the cursor on row `at` of all rows, reading another page when it is not in memory. */
static void seek(struct view *v, size_t at)
{
    if (at < v->offset || at >= v->offset + v->list.count) {
        struct error err;

        v->offset = at > PAGE_ROWS / 2 ? at - PAGE_ROWS / 2 : 0;
        v->chosen = (struct id){ "" };
        v->list.top = 0;
        if (!view_load(v, &err))
            console_say_error(v->console, &err);
    }
    v->list.cursor = at - v->offset;
    list_settle(&v->list, view_rows(v));
    choose(v);
}

void view_move(struct view *v, long by)
{
    size_t at = v->offset + v->list.cursor;

    if (by < 0) {
        seek(v, (size_t)-by > at ? 0 : at - (size_t)-by);
    } else if (at + (size_t)by < v->offset + v->list.count || v->more) {
        seek(v, at + (size_t)by);
    } else {
        list_move(&v->list, by);
        choose(v);
    }
}

void view_first(struct view *v)
{
    seek(v, 0);
}

static bool has_row(struct view *v, size_t at)
{
    void *rows = NULL;
    size_t count = 0;

    if (!read_page(v, at, 1, &rows, &count, NULL))
        return false;
    v->ops->release(rows, count);
    return count > 0;
}

/* The store does not count: the end is looked for by doubling, then by halving. */
void view_last(struct view *v)
{
    size_t low = v->offset + v->list.count, high;

    if (!v->more) {
        list_move(&v->list, (long)v->list.count);
        choose(v);
        return;
    }
    for (high = low * 2; has_row(v, high); high *= 2)
        low = high;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (has_row(v, middle))
            low = middle;
        else
            high = middle;
    }
    seek(v, low);
}

/* What went wrong takes the figure's place: it has more to say. */
static bool has_figure(const struct detail_line *line, int columns)
{
    return line->target >= 0 && columns >= DETAIL_WIDE && (!line->wraps || line->figure[0] != '\0');
}

static int text_column(const struct detail_line *line, int columns)
{
    int x = 5 + DETAIL_NAME;

    if (line->target >= 0 || line->status[0] != '\0')
        x += DETAIL_STATUS;
    if (has_figure(line, columns))
        x += DETAIL_FIGURE;
    return x;
}

static int line_rows(const struct detail_line *line, int columns)
{
    int rows = line->wraps ? paint_lines(line->text, columns - text_column(line, columns) - 1) : 1;

    return rows > 0 ? rows : 1;
}

int view_detail_rows(struct view *v, int columns)
{
    struct detail *d = calloc(1, sizeof *d);
    int rows = 0;

    if (d == NULL)
        return 0;
    if (v->list.count > 0)
        v->ops->detail(v->console, v, d);
    for (size_t i = 0; i < d->count; i++)
        rows += line_rows(&d->lines[i], columns);
    free(d);
    return rows;
}

static void draw_line(struct paint *p, const struct detail_line *line, struct rect r, bool chosen)
{
    enum look base = chosen ? LOOK_CHOSEN : LOOK_TEXT;
    int x = text_column(line, r.columns), right = 0;

    if (chosen) {
        paint_fill(p, r.y, r.x, r.columns, LOOK_CHOSEN);
        paint_text(p, r.y, r.x + 1, 1, LOOK_CHOSEN, paint_glyph(p, GLYPH_CHOSEN));
        paint_cursor(p, r.y, r.x + 1, 0);
    }
    if (line->target >= 0 || line->status[0] != '\0')
        paint_text(p, r.y, r.x + 3, 1, chosen ? LOOK_CHOSEN : line->look,
                   paint_glyph(p, line->mark));
    paint_text(p, r.y, r.x + 5, DETAIL_NAME - 1, base, line->name);
    paint_text(p, r.y, r.x + 5 + DETAIL_NAME, DETAIL_STATUS - 1, chosen ? LOOK_CHOSEN : line->look,
               line->status);
    if (has_figure(line, r.columns))
        paint_right(p, r.y, r.x + 5 + DETAIL_NAME + DETAIL_STATUS, DETAIL_FIGURE - 2, base,
                    line->figure);
    if (line->right[0] != '\0' && !line->wraps && r.columns - x - (int)strlen(line->right) > 18) {
        right = paint_width(p, line->right) + 2;
        paint_right(p, r.y, r.x + x, r.columns - x - 1, chosen ? LOOK_CHOSEN : LOOK_DIM,
                    line->right);
    }
    if (line->wraps)
        paint_wrap(p, (struct rect){ r.y, r.x + x, r.rows, r.columns - x - 1 },
                   chosen ? LOOK_CHOSEN : line->text_look, line->text);
    else
        paint_text(p, r.y, r.x + x, r.columns - x - 1 - right,
                   chosen ? LOOK_CHOSEN : line->text_look, line->text);
}

/* The lines that are in sight: when they are too many, from the chosen target on. */
static void draw_detail(struct view *v, const struct detail *d, struct rect r)
{
    struct console *c = v->console;
    int row = r.y + 1, end = r.y + r.rows, total = 0;
    size_t first = 0;

    paint_title(&c->paint, (struct rect){ r.y, r.x, 1, r.columns }, d->title,
                r.rows == 1 ? "Enter opens" : NULL, LOOK_KEY);
    for (size_t i = 0; i < d->count; i++)
        total += line_rows(&d->lines[i], r.columns);
    if (c->in_detail && total > r.rows - 1) {
        while (first < d->count && d->lines[first].target < (int)v->target)
            first++;
    }
    for (size_t i = first; i < d->count && row < end; i++) {
        int rows = line_rows(&d->lines[i], r.columns);

        if (rows > end - row)
            rows = end - row;
        draw_line(&c->paint, &d->lines[i], (struct rect){ row, r.x, rows, r.columns },
                  c->in_detail && d->lines[i].target == (int)v->target);
        row += rows;
    }
}

static void draw_steps(struct console *c, struct rect r)
{
    struct error ignored;
    struct record_filter one = { .status = -1, .platform = -1, .limit = 1 };
    bool done[3] = { c->connected > 0, false, false };
    static const char *const steps[3][2] = { { "Connect a platform",
                                               "press 1, choose one, then c" },
                                             { "Create a livestream", "press 2, then n" },
                                             { "Schedule a meeting", "press 3, then n" } };
    int y = r.y + (r.rows >= 8), wide = r.columns >= 60 ? 28 : r.columns - 9;

    for (int i = 1; i < 3; i++) {
        const struct view_ops *ops = c->views[i].ops;
        void *rows = NULL;
        size_t count = 0;

        if (ops->load(c, &one, &rows, &count, &ignored)) {
            done[i] = count > 0;
            ops->release(rows, count);
        }
    }
    if (r.rows >= 7)
        paint_text(&c->paint, y++, r.x + 3, r.columns - 4, LOOK_HEADER,
                   "Three steps to the first service");
    for (int i = 0; i < 3 && y < r.y + r.rows; i++) {
        char text[80];

        snprintf(text, sizeof text, "%d  %s", i + 1, steps[i][0]);
        paint_text(&c->paint, y, r.x + 3, 1, LOOK_GOOD,
                   done[i] ? paint_glyph(&c->paint, GLYPH_DONE) : " ");
        paint_text(&c->paint, y, r.x + 5, wide, done[i] ? LOOK_DIM : LOOK_TEXT, text);
        /* Narrow: what to press stands on a row of its own. */
        if (r.columns < 60 && ++y >= r.y + r.rows)
            break;
        paint_text(&c->paint, y, r.columns < 60 ? r.x + 8 : r.x + 5 + wide, r.columns, LOOK_KEY,
                   done[i] ? "done" : steps[i][1]);
        y++;
    }
}

static void draw_empty(struct view *v, struct rect r)
{
    struct console *c = v->console;
    char text[200];

    if (v->filter[0] != '\0') {
        snprintf(text, sizeof text, "Nothing has \"%s\" in its name. Esc shows all again.",
                 v->filter);
        paint_wrap(&c->paint, (struct rect){ r.y + 1, r.x + 3, r.rows - 1, r.columns - 4 },
                   LOOK_DIM, text);
    } else if (v->ops->has_steps) {
        draw_steps(c, r);
    } else {
        paint_wrap(&c->paint, (struct rect){ r.y + 1, r.x + 3, r.rows - 1, r.columns - 4 },
                   LOOK_DIM, v->ops->empty);
    }
}

void view_draw(struct view *v, struct rect list, struct rect detail)
{
    struct console *c = v->console;
    struct detail *d;

    if (v->list.count == 0) {
        draw_empty(v, (struct rect){ list.y, list.x, list.rows + detail.rows, list.columns });
        return;
    }
    list_draw(&v->list, &c->paint, list, v->ops->columns,
              !c->in_detail && c->log_size != LAYOUT_LOG_WHOLE, v->ops->cell, v);
    d = detail.rows > 0 ? calloc(1, sizeof *d) : NULL;
    if (d == NULL)
        return;
    v->ops->detail(c, v, d);
    draw_detail(v, d, detail);
    free(d);
}

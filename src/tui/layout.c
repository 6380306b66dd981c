#include "tui/layout.h"

#include <stdio.h>

/* Below this many rows the rule goes, the log is one line and the detail folds. */
enum { SHORT_ROWS = 16 };

static int least_of(int a, int b)
{
    return a < b ? a : b;
}

static struct rect take(int *y, int rows, int columns)
{
    struct rect r = { *y, 0, rows > 0 ? rows : 0, columns };

    *y += r.rows;
    return r;
}

static int log_rows(const struct layout_wish *w, int body)
{
    if (w->log == LAYOUT_LOG_WHOLE)
        return body;
    if (w->rows < SHORT_ROWS)
        return w->log == LAYOUT_LOG_LARGE ? body / 2 : 1;
    if (w->log == LAYOUT_LOG_LARGE)
        return body / 2;
    return 3 + body / 8;
}

/* Of the rows that the log left: the list has what its rows need up to a half, the detail what it
 * has to say. Folded to its title when rows are few, unless the person works in it: then the list
 * folds away. */
static int detail_rows(const struct layout_wish *w, int left)
{
    int want = 1 + w->detail_rows,
        list = least_of(1 + (w->list_rows > 3 ? w->list_rows : 3), left - left / 2);

    if (w->rows < SHORT_ROWS) {
        if (w->detail_open)
            return left;
        return left >= 5 ? 1 : 0;
    }
    if (w->detail_open)
        return left > 3 ? least_of(want > left / 2 ? want : left / 2, left - 3) : 0;
    return least_of(want, left - list);
}

void layout_make(struct layout *out, const struct layout_wish *w)
{
    int y = 0, body, log, detail, bottom;
    bool tall = w->rows >= SHORT_ROWS;

    *out = (struct layout){ .too_small =
                                w->rows < LAYOUT_LEAST_ROWS || w->columns < LAYOUT_LEAST_COLUMNS };
    if (out->too_small)
        return;
    out->header = take(&y, 1, w->columns);
    out->tabs = take(&y, 1, w->columns);
    /* The notice takes the rule's row, so that nothing below it jumps. */
    if (w->notice)
        out->notice = take(&y, 1, w->columns);
    else if (tall)
        out->rule = take(&y, 1, w->columns);
    bottom = w->rows - 1;
    out->foot = (struct rect){ bottom, 0, 1, w->columns };
    body = bottom - y;
    log = log_rows(w, body);
    detail = detail_rows(w, body - log);
    /* A form brings its own ruled title. */
    out->body = (struct rect){ y - out->rule.rows, 0, body - log + out->rule.rows, w->columns };
    out->list = take(&y, body - log - detail, w->columns);
    out->detail = take(&y, detail, w->columns);
    out->log = take(&y, log, w->columns);
    out->log_title = log > 1;
    /* Answers lie over the log's last rows, and only when they are many over what stands above. */
    if (w->message_rows > 0) {
        int rows = least_of(w->message_rows, bottom - 2);

        out->message = (struct rect){ bottom - rows, 0, rows, w->columns };
    }
}

void layout_print(const struct layout *l, char *out, size_t size)
{
    const struct {
        const char *name;
        const struct rect *r;
    } parts[] = { { "header", &l->header }, { "tabs", &l->tabs },       { "rule", &l->rule },
                  { "notice", &l->notice }, { "list", &l->list },       { "detail", &l->detail },
                  { "log", &l->log },       { "message", &l->message }, { "foot", &l->foot } };
    size_t used = 0;

    out[0] = '\0';
    if (l->too_small)
        snprintf(out, size, "too small\n");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && used < size; i++) {
        const struct rect *r = parts[i].r;

        if (r->rows > 0)
            used += (size_t)snprintf(out + used, size - used, "%s %d,%d %dx%d\n", parts[i].name,
                                     r->y, r->x, r->rows, r->columns);
    }
}

/* How a form looks: a line a field, under the one in focus what it wants, under a wrong one why. */
#include <stdio.h>
#include <string.h>

#include "tui/widgets/form.h"

/* Where lines go while they are counted and drawn: those outside are only counted. */
struct pen {
    struct paint *paint;
    struct rect r;
    int top, line;
    int focus_first, focus_last; /* lines of the field in focus */
};

static int row_of(const struct pen *pen)
{
    int row = pen->line - pen->top;

    return row >= 0 && row < pen->r.rows ? pen->r.y + row : -1;
}

static void wrapped(struct pen *pen, int indent, enum look look, const char *mark, const char *text)
{
    char all[820];
    int columns = pen->r.columns - indent - 1;
    const char *s = all;

    snprintf(all, sizeof all, "%s%s%s", mark, *mark != '\0' ? " " : "", text);
    while (*s != '\0') {
        size_t skip = 0, bytes = paint_break(s, columns, &skip);
        char one[820];

        snprintf(one, sizeof one, "%.*s", (int)bytes, s);
        if (row_of(pen) >= 0)
            paint_text(pen->paint, row_of(pen), pen->r.x + indent, columns, look, one);
        s += bytes + skip;
        pen->line++;
    }
}

static void draw_value(struct pen *pen, struct form_field *field, int x, int columns, bool focused)
{
    enum look look = focused ? LOOK_FIELD_FOCUS : LOOK_FIELD;
    int y = row_of(pen);
    char text[160];

    if (y < 0)
        return;
    if (field->kind == FORM_TEXT || field->kind == FORM_SECRET) {
        line_edit_draw(&field->edit, pen->paint, y, x, columns, look, focused);
        return;
    }
    snprintf(text, sizeof text, "< %s >", form_value(field));
    paint_text(pen->paint, y, x, columns, look, text);
    if (focused)
        paint_cursor(pen->paint, y, x + 2, 0);
}

static void draw_check(struct pen *pen, struct form_field *field, int indent, bool focused)
{
    int y = row_of(pen), x = pen->r.x + indent, used;
    char text[120];

    if (y < 0)
        return;
    if (field->kind == FORM_FOLD)
        snprintf(text, sizeof text, "%s %s",
                 paint_glyph(pen->paint, field->on ? GLYPH_OPEN : GLYPH_CHOSEN), field->label);
    else
        snprintf(text, sizeof text, "[%s] %s", field->on ? "x" : " ", field->label);
    used = paint_text(pen->paint, y, x, pen->r.columns - indent - 1,
                      focused ? LOOK_FIELD_FOCUS : LOOK_TEXT, text);
    paint_text(pen->paint, y, x + used + 2, pen->r.columns - indent - used - 3, LOOK_DIM,
               field->note);
    if (focused)
        paint_cursor(pen->paint, y, x + (field->kind == FORM_CHECK ? 1 : 0), 0);
}

static void draw_field(struct pen *pen, const struct form *f, size_t index)
{
    struct form_field *field = &f->fields[index];
    bool focused = f->focus == index;
    int indent = field->parent < 0                     ? 1
                 : f->fields[field->parent].parent < 0 ? 5
                                                       : 7,
        wide = pen->r.columns >= 60 ? 24 : 16, value = indent + wide;

    if (focused)
        pen->focus_first = pen->line;
    if (field->kind == FORM_HEADING) {
        if (row_of(pen) >= 0)
            paint_text(pen->paint, row_of(pen), pen->r.x + indent, pen->r.columns - indent - 1,
                       LOOK_HEADING, field->label);
    } else if (field->kind == FORM_CHECK || field->kind == FORM_FOLD) {
        draw_check(pen, field, indent, focused);
    } else {
        char label[100];

        snprintf(label, sizeof label, "%s%s", field->label, field->required ? " *" : "");
        if (row_of(pen) >= 0)
            paint_text(pen->paint, row_of(pen), pen->r.x + indent, wide - 1, LOOK_TEXT, label);
        draw_value(pen, field, pen->r.x + value, pen->r.columns - value - 1, focused);
    }
    pen->line++;
    if (field->error[0] != '\0')
        wrapped(pen, indent + 2, LOOK_FAILED, paint_glyph(pen->paint, GLYPH_FAILED), field->error);
    else if (focused && field->help[0] != '\0')
        wrapped(pen, indent + 2, LOOK_DIM, "", field->help);
    if (focused)
        pen->focus_last = pen->line - 1;
}

static void draw_buttons(struct pen *pen, const struct form *f)
{
    char text[60];
    int y, x = pen->r.x + 1;

    if (f->message[0] != '\0') {
        int first = pen->line;

        wrapped(pen, 1, f->message_bad ? LOOK_FAILED : LOOK_MESSAGE,
                f->message_bad ? paint_glyph(pen->paint, GLYPH_FAILED)
                               : paint_glyph(pen->paint, GLYPH_BUSY),
                f->message);
        if (f->focus >= f->count)
            pen->focus_first = first;
    }
    y = row_of(pen);
    if (f->focus >= f->count) {
        pen->focus_first = f->message[0] != '\0' ? pen->focus_first : pen->line;
        pen->focus_last = pen->line;
    }
    pen->line++;
    if (y < 0)
        return;
    snprintf(text, sizeof text, "[ %s ]", f->submit);
    if (f->focus == f->count)
        paint_cursor(pen->paint, y, x + 2, 0);
    x += paint_text(pen->paint, y, x, pen->r.columns - 2,
                    f->focus == f->count ? LOOK_BUTTON_FOCUS : LOOK_BUTTON, text) +
         2;
    if (f->focus == f->count + 1)
        paint_cursor(pen->paint, y, x + 2, 0);
    x += paint_text(pen->paint, y, x, pen->r.columns - x - 1,
                    f->focus == f->count + 1 ? LOOK_BUTTON_FOCUS : LOOK_BUTTON,
                    f->busy ? "[ Stop waiting ]" : "[ Leave ]") +
         2;
    paint_text(pen->paint, y, x, pen->r.columns - x - 1, LOOK_DIM, "* must be filled in");
}

static void draw_all(struct pen *pen, const struct form *f)
{
    pen->line = 0;
    pen->focus_first = pen->focus_last = 0;
    for (size_t i = 0; i < f->count; i++) {
        if (form_shown(f, i))
            draw_field(pen, f, i);
    }
    draw_buttons(pen, f);
}

void form_draw(struct form *f, struct paint *p, struct rect r)
{
    struct rect none = { r.y + 1, r.x, 0, r.columns };
    struct pen pen = { .paint = p, .r = none };

    /* Once without rows to count, then with the lines of the focus in sight. */
    draw_all(&pen, f);
    pen.r.rows = r.rows - 1;
    if (pen.focus_last >= f->top + pen.r.rows)
        f->top = pen.focus_last - pen.r.rows + 1;
    if (pen.focus_first < f->top)
        f->top = pen.focus_first;
    if (f->top > pen.line - pen.r.rows)
        f->top = pen.line - pen.r.rows;
    if (f->top < 0)
        f->top = 0;
    pen.top = f->top;
    paint_title(p, (struct rect){ r.y, r.x, 1, r.columns }, f->title,
                pen.line > pen.r.rows ? "more below, PgDn" : NULL, LOOK_DIM);
    draw_all(&pen, f);
}

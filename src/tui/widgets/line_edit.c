#include "tui/widgets/line_edit.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/tui/key.h>

#include "tui/widgets/key.h"

bool line_edit_start(struct line_edit *e, size_t most)
{
    *e = (struct line_edit){ .data = calloc(1, most + 1), .room = most + 1 };
    return e->data != NULL;
}

void line_edit_release(struct line_edit *e)
{
    if (e->data != NULL)
        text_wipe(e->data, e->room);
    free(e->data);
    *e = (struct line_edit){ 0 };
}

void line_edit_set(struct line_edit *e, const char *text)
{
    text_wipe(e->data, e->room);
    text_copy_to(e->data, e->room, text);
    e->length = e->cursor = strlen(e->data);
    e->left = 0;
}

static size_t before(const struct line_edit *e, size_t at)
{
    if (at == 0)
        return 0;
    at--;
    while (at > 0 && ((unsigned char)e->data[at] & 0xc0) == 0x80)
        at--;
    return at;
}

static size_t after(const struct line_edit *e, size_t at)
{
    uint32_t character;
    size_t step;

    if (at >= e->length)
        return e->length;
    step = utf8_decode(e->data + at, e->length - at, &character);
    return at + (step > 0 ? step : 1);
}

static void cut(struct line_edit *e, size_t from, size_t to)
{
    memmove(e->data + from, e->data + to, e->length - to + 1);
    text_wipe(e->data + e->length - (to - from) + 1, to - from);
    e->length -= to - from;
    e->cursor = from;
}

static void insert(struct line_edit *e, int key)
{
    char bytes[5];
    size_t count = key_utf8(key, bytes);

    if (e->length + count >= e->room)
        return;
    memmove(e->data + e->cursor + count, e->data + e->cursor, e->length - e->cursor + 1);
    memcpy(e->data + e->cursor, bytes, count);
    e->length += count;
    e->cursor += count;
}

static void cut_word(struct line_edit *e)
{
    size_t from = e->cursor;

    while (from > 0 && e->data[from - 1] == ' ')
        from--;
    while (from > 0 && e->data[from - 1] != ' ')
        from--;
    cut(e, from, e->cursor);
}

static bool function_key(struct line_edit *e, int code)
{
    switch (code) {
    case KEY_LEFT:
        e->cursor = before(e, e->cursor);
        return true;
    case KEY_RIGHT:
        e->cursor = after(e, e->cursor);
        return true;
    case KEY_HOME:
        e->cursor = 0;
        return true;
    case KEY_END:
        e->cursor = e->length;
        return true;
    case KEY_BACKSPACE:
        cut(e, before(e, e->cursor), e->cursor);
        return true;
    case KEY_DC:
        cut(e, e->cursor, after(e, e->cursor));
        return true;
    default:
        return false;
    }
}

bool line_edit_key(struct line_edit *e, int key)
{
    if (key >= CONSOLE_FUNCTION)
        return function_key(e, key - CONSOLE_FUNCTION);
    switch (key) {
    case 'A' & 0x1f:
        return function_key(e, KEY_HOME);
    case 'E' & 0x1f:
        return function_key(e, KEY_END);
    case 'B' & 0x1f:
        return function_key(e, KEY_LEFT);
    case 'F' & 0x1f:
        return function_key(e, KEY_RIGHT);
    case 'H' & 0x1f:
    case 127:
        return function_key(e, KEY_BACKSPACE);
    case 'D' & 0x1f:
        return function_key(e, KEY_DC);
    case 'U' & 0x1f:
        cut(e, 0, e->cursor);
        return true;
    case 'K' & 0x1f:
        cut(e, e->cursor, e->length);
        return true;
    case 'W' & 0x1f:
        cut_word(e);
        return true;
    case '\n':
        if (e->breaks)
            insert(e, key);
        return e->breaks;
    default:
        if (key < ' ')
            return false;
        insert(e, key);
        return true;
    }
}

void line_edit_paste(struct line_edit *e, int key)
{
    if (key == '\r' || key == '\n')
        insert(e, e->breaks ? '\n' : ' ');
    else if (key == '\t')
        insert(e, ' ');
    else if (key >= ' ' && key < CONSOLE_FUNCTION && key != 127)
        insert(e, key);
}

/* What is shown of the bytes from … to: marks for a secret, a sign for a line break. Returns the
 * columns. */
static int shown(const struct line_edit *e, const struct paint *p, size_t from, size_t to,
                 char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t at = from; at < to && used + 8 < size;) {
        size_t next = after(e, at);
        const char *mark = e->secret             ? paint_glyph(p, GLYPH_SECRET)
                           : e->data[at] == '\n' ? paint_glyph(p, GLYPH_NEWLINE)
                                                 : NULL;
        size_t length = mark != NULL ? strlen(mark) : next - at;

        memcpy(out + used, mark != NULL ? mark : e->data + at, length);
        used += length;
        out[used] = '\0';
        at = next;
    }
    return paint_width(p, out);
}

void line_edit_draw(struct line_edit *e, struct paint *p, int y, int x, int columns, enum look look,
                    bool focused)
{
    char part[2048];
    int at;

    if (columns <= 0)
        return;
    if (!focused)
        e->left = 0;
    /* The cursor stays inside, with a column for itself behind the last character. */
    if (e->left > e->cursor)
        e->left = e->cursor;
    while (focused && e->left < e->cursor &&
           shown(e, p, e->left, e->cursor, part, sizeof part) >= columns)
        e->left = after(e, e->left);
    /* Room that has come back, in a wider window or by deleting, shows what had gone out. */
    while (focused && e->left > 0 &&
           shown(e, p, before(e, e->left), e->length, part, sizeof part) < columns)
        e->left = before(e, e->left);
    paint_fill(p, y, x, columns, look);
    shown(e, p, e->left, e->length, part, sizeof part);
    paint_text(p, y, x, columns, look, part);
    if (!focused)
        return;
    at = shown(e, p, e->left, e->cursor, part, sizeof part);
    paint_cursor(p, y, x + at, 1);
    text_wipe(part, sizeof part);
}

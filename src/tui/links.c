/* The links of one record: to copy, or as a QR code for phones in the room. */
#include <stdio.h>
#include <string.h>

#include "tui/private.h"

void links_open(struct console *c)
{
    struct view *v = view_now(c);
    struct links *l = &c->links;
    const struct target *t;

    *l = (struct links){ .active = true };
    snprintf(l->title, sizeof l->title, "Links for members");
    for (size_t i = 0; (t = v->ops->target(v, i)) != NULL && l->count < LINKS_MOST; i++) {
        struct link *link = &l->links[l->count];

        if (t->url == NULL || t->url[0] == '\0')
            continue;
        if (c->in_detail && i == v->target)
            l->cursor = l->count;
        text_copy_to(link->name, sizeof link->name, platform_name(t->platform));
        text_copy_to(link->what, sizeof link->what, target_status_name(t->status, t->kind));
        text_copy_to(link->url, sizeof link->url, t->url);
        l->count++;
    }
}

void links_key(struct console *c, int key)
{
    struct links *l = &c->links;

    switch (key) {
    case 'j':
    case CONSOLE_FUNCTION + KEY_DOWN:
        l->cursor += l->cursor + 1 < l->count;
        break;
    case 'k':
    case CONSOLE_FUNCTION + KEY_UP:
        l->cursor -= l->cursor > 0;
        break;
    case 'c':
    case 'y':
        if (l->count > 0)
            clipboard_copy(c, l->links[l->cursor].url, l->links[l->cursor].url);
        break;
    case '\r':
        l->qr = !l->qr && l->count > 0;
        break;
    case 27:
    case 'q':
    case 'h':
    case 3:
    case CONSOLE_FUNCTION + KEY_LEFT:
        if (l->qr)
            l->qr = false;
        else
            l->active = false;
        break;
    default:
        break;
    }
}

void links_draw(struct console *c, struct rect body)
{
    struct links *l = &c->links;
    struct paint *p = &c->paint;
    int y = body.y + 1;

    if (l->qr) {
        char caption[80];

        snprintf(caption, sizeof caption, "%s  Esc back", l->links[l->cursor].name);
        qr_draw(c, l->links[l->cursor].url, caption);
        return;
    }
    paint_title(p, (struct rect){ body.y, body.x, 1, body.columns }, l->title,
                "c copy, Enter QR code, Esc back", LOOK_DIM);
    for (size_t i = l->cursor < (size_t)body.rows - 1 ? 0 : l->cursor - (size_t)body.rows + 2;
         i < l->count && y < body.y + body.rows; i++, y++) {
        enum look look = i == l->cursor ? LOOK_CHOSEN : LOOK_TEXT;

        paint_fill(p, y, body.x, body.columns, look);
        if (i == l->cursor) {
            paint_text(p, y, body.x + 1, 1, look, paint_glyph(p, GLYPH_CHOSEN));
            paint_cursor(p, y, body.x + 1, 0);
        }
        paint_text(p, y, body.x + 3, 12, look, l->links[i].name);
        paint_text(p, y, body.x + 16, 9, look, l->links[i].what);
        paint_text(p, y, body.x + 26, body.columns - 27, i == l->cursor ? look : LOOK_LINK,
                   l->links[i].url);
    }
}

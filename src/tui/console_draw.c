/* The whole picture, from nothing, each time: curses sends the differences. */
#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "tui/private.h"

static void draw_header(struct console *c, struct rect r)
{
    struct paint *p = &c->paint;
    char text[200], at[40];
    int end = r.x + r.columns - 1, name;

    if (c->live > 0) {
        zone_clock(at, sizeof at, console_zone(c), c->live_since_ms, false);
        if (c->live > 1)
            snprintf(text, sizeof text, "%s %d LIVE since %s", paint_glyph(p, GLYPH_LIVE), c->live,
                     at);
        else
            snprintf(text, sizeof text, "%s LIVE since %s", paint_glyph(p, GLYPH_LIVE), at);
        if (c->live_since_ms == 0 || r.columns < 60)
            snprintf(text, sizeof text, "%s LIVE", paint_glyph(p, GLYPH_LIVE));
        end = paint_right(p, r.y, r.x, end - r.x, LOOK_LIVE, text) - 3;
    }
    snprintf(text, sizeof text,
             r.columns < 50   ? "%d/%d"
             : r.columns < 70 ? "%d/%d connected"
                              : "%d of %d connected",
             c->connected, c->platforms);
    end = paint_right(p, r.y, r.x, end - r.x, c->connected > 0 ? LOOK_GOOD : LOOK_DIM, text) - 3;
    if (c->simulated)
        end = paint_right(p, r.y, r.x, end - r.x, LOOK_SIMULATED,
                          r.columns < 60 ? " SIM " : " SIMULATED ") -
              2;
    if (r.columns < 60)
        snprintf(text, sizeof text, "%s", c->church.name != NULL ? c->church.name : "Ecclesia");
    else
        snprintf(text, sizeof text, "Ecclesia %s %s", paint_glyph(p, GLYPH_DOT),
                 c->church.name != NULL ? c->church.name : "");
    name = end - r.x - 1;
    paint_text(p, r.y, r.x + 1, name, LOOK_HEADER, text);
}

static void draw_tabs(struct console *c, struct rect r)
{
    struct paint *p = &c->paint;
    char text[60];
    int x = r.x + 1;
    bool narrow = r.columns < 50;

    for (int i = 0; i < VIEW_COUNT; i++) {
        bool here = i == c->view;

        /* Numbers alone when it is narrow, but the one that is open keeps its name. Brackets, for
         * who sees no colour. */
        snprintf(text, sizeof text, narrow && !here ? "%s%d%.0s%s" : "%s%d %s%s", here ? "[" : " ",
                 i + 1, c->views[i].ops->tab, here ? "]" : " ");
        x += paint_text(p, r.y, x, r.columns - x, here ? LOOK_TAB_CHOSEN : LOOK_TAB, text) + 1;
    }
    zone_clock(text, sizeof text, console_zone(c), clock_now(), false);
    paint_right(p, r.y, r.x + x, r.columns - x - 1, LOOK_DIM, text);
    if (view_now(c)->filter[0] == '\0' || c->prompt.kind == '/')
        return;
    snprintf(text, sizeof text, "only \"%.20s\", Esc shows all", view_now(c)->filter);
    paint_text(p, r.y, x + 2, r.columns - x - 10, LOOK_KEY, text);
}

/* What can be pressed here, by weight as far as it fits; what does not fit now stands there too,
 * dim. Help and Quit never leave. */
static void draw_foot(struct console *c, struct rect r)
{
    struct paint *p = &c->paint;
    bool shown[ACTION_COUNT] = { false };
    int used = 0, x = r.x + 1;

    for (;;) {
        int best = 0, width;
        char key[40];

        for (int a = 1; a < ACTION_COUNT; a++) {
            const struct action_row *row = &action_table[a];

            if (row->label != NULL && !shown[a] && (row->views & 1u << c->view) != 0 &&
                (best == 0 || row->weight > action_table[best].weight))
                best = a;
        }
        if (best == 0)
            break;
        keymap_key_for(&c->keymap, c->view, (enum action)best, key, sizeof key);
        width = paint_width(p, key) + 1 + (int)strlen(action_table[best].label) + 2;
        if (used + width > r.columns)
            break;
        shown[best] = true;
        used += width;
    }
    for (int a = 1; a < ACTION_COUNT; a++) {
        char key[40], why[600];
        bool off;

        if (!shown[a])
            continue;
        keymap_key_for(&c->keymap, c->view, (enum action)a, key, sizeof key);
        if (key[0] == '\0')
            continue;
        off = console_refuses(c, (enum action)a, why, sizeof why);
        x += paint_text(p, r.y, x, r.columns - x, off ? LOOK_KEY_OFF : LOOK_KEY, key) + 1;
        x += paint_text(p, r.y, x, r.columns - x, off ? LOOK_KEY_OFF : LOOK_TEXT,
                        action_table[a].label) +
             2;
    }
}

static void foot_words(struct console *c, struct rect r)
{
    const char *words = NULL;
    char signin[200];
    bool narrow = r.columns < 60;

    if (c->signin_view.active)
        signin_foot(c, r.columns, signin, sizeof signin);
    if (c->dialog.active)
        words = narrow ? "Tab chooses, Enter answers"
                       : "Tab or arrows choose, Enter answers, Esc leaves it as it is";
    else if (c->signin_view.active)
        words = signin;
    else if (c->form.active)
        words = narrow ? "Tab next, ^S sends, Esc leaves"
                       : "Tab next field, Space ticks a box, ^S sends, Esc leaves";
    else if (c->text.active)
        words = "Up and Down scroll, Esc back";
    else if (c->links.active)
        words = narrow ? "c copy, Enter QR code, Esc back"
                       : "c copies, Enter shows a QR code, Esc back";
    else if (c->host.active)
        words = narrow ? "y copies it, Esc wipes it" : "y copies it, Esc wipes it off the screen";
    else if (c->log_size == LAYOUT_LOG_WHOLE)
        words = narrow ? "Up Down, l level, p platform, Esc"
                       : "Up and Down scroll, l level, p platform, L or Esc back";
    if (words != NULL)
        paint_text(&c->paint, r.y, r.x + 1, r.columns - 2, LOOK_DIM, words);
    else
        draw_foot(c, r);
}

static void draw_message(struct console *c, struct rect r)
{
    const char *mark = c->message_bad ? paint_glyph(&c->paint, GLYPH_FAILED)
                                      : paint_glyph(&c->paint, GLYPH_CHOSEN);
    enum look look = c->message_bad ? LOOK_FAILED : LOOK_MESSAGE;

    for (int y = r.y; y < r.y + r.rows; y++)
        paint_fill(&c->paint, y, r.x, r.columns, LOOK_TEXT);
    paint_text(&c->paint, r.y, r.x + 1, 1, look, mark);
    paint_wrap(&c->paint, (struct rect){ r.y, r.x + 3, r.rows, r.columns - 4 }, look, c->message);
}

static void draw_notice(struct console *c, struct rect r)
{
    char text[800];

    paint_fill(&c->paint, r.y, r.x, r.columns, LOOK_NOTICE);
    snprintf(text, sizeof text, "%s %s", paint_glyph(&c->paint, GLYPH_WARNING), c->news.notice);
    paint_text(&c->paint, r.y, r.x + 1, r.columns - 13, LOOK_NOTICE, text);
    paint_right(&c->paint, r.y, r.x, r.columns - 1, LOOK_NOTICE, "Esc: seen");
    if (c->news.notice_rung != c->news.notice_id) {
        c->news.notice_rung = c->news.notice_id;
        beep();
    }
}

static void draw_too_small(struct console *c)
{
    char text[200];
    int rows = c->prompt.kind != 0 ? LINES - 1 : LINES;

    snprintf(text, sizeof text,
             "%dx%d is too small: Ecclesia needs %dx%d. Make the window larger. The work goes on. "
             "q quits, : takes a command.",
             COLS, LINES, LAYOUT_LEAST_COLUMNS, LAYOUT_LEAST_ROWS);
    if (c->message[0] != '\0')
        text_copy_to(text, sizeof text, c->message);
    paint_wrap(&c->paint, (struct rect){ 0, 0, rows > 0 ? rows : 1, COLS }, LOOK_TEXT, text);
}

static void make_layout(struct console *c)
{
    struct layout_wish wish = { .rows = LINES,
                                .columns = COLS,
                                .notice = c->news.notice_id != 0,
                                .list_rows = (int)view_now(c)->list.count,
                                .detail_rows = view_detail_rows(view_now(c), COLS),
                                .detail_open = c->in_detail,
                                .plain = c->options.plain,
                                .log = c->log_size };

    if (c->message[0] != '\0')
        wish.message_rows = paint_lines(c->message, COLS > 8 ? COLS - 4 : 4);
    if (wish.message_rows > 4)
        wish.message_rows = 4;
    /* A detail of few lines keeps its place, so that the log does not jump from row to row. */
    if (wish.detail_rows < 4)
        wish.detail_rows = 4;
    layout_make(&c->layout, &wish);
}

static void draw_body(struct console *c)
{
    struct layout *l = &c->layout;

    if (c->signin_view.active) {
        struct rect whole = l->body;

        /* It needs all the rows that there are: the log's too. */
        whole.rows += l->log.rows;
        signin_draw(c, whole);
    } else if (c->form.active) {
        form_draw(&c->form, &c->paint, l->body);
    } else if (c->text.active) {
        textview_draw(&c->text, &c->paint, l->body);
    } else if (c->links.active) {
        links_draw(c, l->body);
    } else if (c->host.active) {
        host_link_draw(c, l->body);
    } else {
        view_draw(view_now(c), l->list, l->detail);
    }
}

void console_draw_all(struct console *c)
{
    struct layout *l = &c->layout;

    paint_begin(&c->paint);
    if (c->whole)
        clearok(curscr, TRUE);
    c->whole = false;
    make_layout(c);
    if (l->too_small) {
        draw_too_small(c);
    } else if (c->links.active && c->links.qr && !c->dialog.active) {
        links_draw(c, l->body);
    } else if (c->signin_view.active && c->signin_view.qr > 0 && !c->dialog.active) {
        signin_draw(c, l->body);
    } else {
        draw_header(c, l->header);
        draw_tabs(c, l->tabs);
        if (l->rule.rows > 0)
            paint_title(&c->paint, l->rule, NULL, NULL, LOOK_RULE);
        if (l->notice.rows > 0)
            draw_notice(c, l->notice);
        if (!c->signin_view.active)
            log_draw(c, l->log, l->log_title);
        draw_body(c);
        foot_words(c, l->foot);
        if (l->message.rows > 0)
            draw_message(c, l->message);
        if (c->dialog.active)
            dialog_draw(&c->dialog, &c->paint, (struct rect){ 0, 0, LINES, COLS });
    }
    if (c->prompt.kind != 0)
        prompt_draw(c, LINES - 1);
    paint_end(&c->paint);
}

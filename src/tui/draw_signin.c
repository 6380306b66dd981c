/* What is shown of a sign-in: what to do, the address, the code, a QR code where it fits, what is
 * left of the time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/signin.h"

enum { SHEET_MOST = 260, ROW_MOST = 1000, PROSE_MOST = 96, BESIDE_LEAST = 20, SCARCE_ROWS = 10 };

/* Rows from the top down; those that do not fit are reached by scrolling. */
struct sheet {
    const struct paint *paint;
    int columns;
    bool tight;  /* rows are few: none is left empty */
    bool scarce; /* and none is spent on frames */
    size_t count;
    int focus; /* the row that must be seen; -1 any */
    struct {
        enum look look;
        int x;
        char text[ROW_MOST];
    } rows[SHEET_MOST];
};

static void add_row(struct sheet *s, enum look look, int x, const char *text, size_t length)
{
    if (s->count == SHEET_MOST)
        return;
    s->rows[s->count].look = look;
    s->rows[s->count].x = x;
    snprintf(s->rows[s->count].text, ROW_MOST, "%.*s", (int)length, text);
    s->count++;
}

static void add_wrapped(struct sheet *s, enum look look, int x, int columns, const char *text)
{
    while (*text != '\0') {
        size_t skip = 0, bytes = paint_break(text, columns, &skip);

        add_row(s, look, x, text, bytes);
        text += bytes + skip;
    }
}

static void add_prose(struct sheet *s, enum look look, const char *text)
{
    int columns = s->columns - 2 < PROSE_MOST ? s->columns - 2 : PROSE_MOST;

    add_wrapped(s, look, 1, columns, text);
}

/* From the first column to the last, so that marking it with the mouse gives nothing but line
 * breaks beside it, which a browser's address line drops. */
static void add_address(struct sheet *s, const char *url)
{
    add_wrapped(s, LOOK_LINK, 0, s->columns, url);
}

static void add_blank(struct sheet *s)
{
    if (s->count > 0 && !s->tight)
        add_row(s, LOOK_TEXT, 0, "", 0);
}

/* In a frame of its own, so that nobody looks for it. */
static void add_code(struct sheet *s, const char *code)
{
    const struct paint *p = s->paint;
    bool lines = p->utf8 && !p->ascii;
    int width = paint_width(p, code) + 6;
    struct text t;

    if (p->plain || s->scarce) {
        add_row(s, LOOK_KEY, 3, code, strlen(code));
        return;
    }
    for (int row = 0; row < 3; row++) {
        text_init(&t, ROW_MOST - 1);
        if (row == 1) {
            text_addf(&t, "%s  %s  %s", lines ? "│" : "|", code, lines ? "│" : "|");
        } else {
            text_add(&t, !lines ? "+" : row == 0 ? "┌" : "└");
            for (int i = 0; i < width - 2; i++)
                text_add(&t, lines ? "─" : "-");
            text_add(&t, !lines ? "+" : row == 0 ? "┐" : "┘");
        }
        add_row(s, LOOK_KEY, 3, text_str(&t), t.length);
        text_release(&t);
    }
}

/* ---- the pages ---- */

static void add_choice(struct sheet *s, struct console *c)
{
    struct signin_view *v = &c->signin_view;
    const struct platform *p = c->source->platform(c->source->self, v->platform);
    struct text t;
    const char *mark[2];

    for (int i = 0; i < 2; i++)
        mark[i] = v->choice == i ? paint_glyph(&c->paint, GLYPH_CHOSEN) : " ";
    text_init(&t, ROW_MOST - 1);
    text_addf(&t, "There are two ways to connect %s:", platform_name(v->platform));
    add_prose(s, LOOK_TEXT, text_str(&t));
    add_blank(s);
    text_clear(&t);
    text_addf(&t, "%s 1  Sign in with the church's account", mark[0]);
    add_row(s, v->choice == 0 ? LOOK_KEY : LOOK_TEXT, 1, text_str(&t), t.length);
    add_wrapped(s, LOOK_DIM, 6, s->columns - 7,
                "in a browser or on a phone; nothing secret is typed here");
    text_clear(&t);
    if (v->choice == 1)
        s->focus = (int)s->count;
    text_addf(&t, "%s 2  Type in values", mark[1]);
    add_row(s, v->choice == 1 ? LOOK_KEY : LOOK_TEXT, 1, text_str(&t), t.length);
    text_clear(&t);
    for (const struct credential *k = p->credentials; k != NULL && k->key != NULL; k++)
        text_addf(&t, "%s%s", t.length > 0 ? ", " : "", k->label);
    add_wrapped(s, LOOK_DIM, 6, s->columns - 7, text_str(&t));
    text_release(&t);
}

static void add_over(struct sheet *s, struct console *c)
{
    struct signin_view *v = &c->signin_view;

    add_prose(s, LOOK_FAILED, v->outcome);
    add_blank(s);
    add_row(s, LOOK_TEXT, 1, "Enter  begins again", strlen("Enter  begins again"));
    add_row(s, LOOK_TEXT, 1, "a      another client id or secret",
            strlen("a      another client id or secret"));
    if (signin_by_values(c, v->platform))
        add_row(s, LOOK_TEXT, 1, "v      type in values instead",
                strlen("v      type in values instead"));
    add_row(s, LOOK_TEXT, 1, "Esc    leaves it", strlen("Esc    leaves it"));
}

static void add_account(struct sheet *s, struct console *c, const struct signin_state *state)
{
    static const char *const answers[] = { "Later", "Yes, connect it", "No, not this one" };
    char text[600];

    snprintf(text, sizeof text, "Signed in at %s as", platform_name(state->platform));
    add_prose(s, LOOK_TEXT, text);
    add_wrapped(s, LOOK_HEADER, 3, s->columns - 4, state->account);
    if (state->picture[0] != '\0' && !s->scarce) {
        add_prose(s, LOOK_DIM, "Its picture is at");
        add_address(s, state->picture);
    }
    if (state->before[0] != '\0') {
        snprintf(text, sizeof text, "It takes the place of %s.", state->before);
        add_prose(s, LOOK_WARNING, text);
    }
    add_prose(s, LOOK_TEXT, "Is this the right account? Nothing is stored before you say yes.");
    add_blank(s);
    for (int i = 0; i < 3; i++) {
        bool here = c->signin_view.choice == i;

        if (here)
            s->focus = (int)s->count;
        snprintf(text, sizeof text, "%s [ %s ]", here ? paint_glyph(&c->paint, GLYPH_CHOSEN) : " ",
                 answers[i]);
        add_row(s, here ? LOOK_KEY : LOOK_TEXT, 1, text, strlen(text));
    }
}

static void add_device(struct sheet *s, const struct signin_state *state)
{
    add_prose(s, LOOK_TEXT, "On a phone or any computer open this page and type in the code:");
    add_address(s, state->device_url);
    add_code(s, state->user_code);
}

static void add_browser(struct sheet *s, const struct signin_state *state)
{
    bool second = state->user_code[0] != '\0';
    char text[1200];

    add_blank(s);
    add_prose(s, LOOK_TEXT,
              second ? "Or open this address in any browser (y copies it):"
                     : "Open this address in any browser and sign in there (y copies it):");
    add_address(s, state->url);
    snprintf(text, sizeof text,
             "%s the browser ends at a page that %s. Copy that page's address, which "
             "begins with %s, and paste it here.",
             state->returns ? "A browser on this machine comes back by itself. On another machine"
                            : "At the end",
             state->returns ? "cannot be shown" : "may say nothing", state->redirect_uri);
    add_prose(s, LOOK_DIM, text);
}

/* Which QR codes Enter shows, or why none. */
static void add_qr_words(struct sheet *s, struct console *c, const struct signin_state *state,
                         bool drawn)
{
    const char *first = signin_qr_of(state, 0);
    int rows = 0, columns = 0;
    char text[300];

    if (first == NULL || drawn)
        return;
    if (!qr_size(c, first, &rows, &columns))
        snprintf(text, sizeof text, "The address is too long for a QR code: y copies it.");
    else if (rows > LINES - 1 || columns > COLS)
        snprintf(text, sizeof text,
                 "Its QR code needs a window of %d columns and %d rows (this one has %d and %d): "
                 "make it larger, or press y to copy the address.",
                 columns, rows + 1, COLS, LINES);
    else
        snprintf(text, sizeof text, "Enter shows a QR code of %s for a phone.",
                 state->user_code[0] != '\0' ? "that page" : "it");
    add_prose(s, LOOK_DIM, text);
}

static void add_wait(struct sheet *s, struct console *c, const struct signin_state *state,
                     bool drawn)
{
    char text[200];

    if (state->url[0] == '\0' && state->user_code[0] == '\0') {
        snprintf(text, sizeof text, "Asking %s how to sign in %s", platform_name(state->platform),
                 paint_glyph(&c->paint, GLYPH_CUT));
        add_prose(s, LOOK_DIM, text);
        add_prose(s, LOOK_WARNING, state->note);
        return;
    }
    add_prose(s, LOOK_WARNING, state->note);
    add_blank(s);
    if (state->user_code[0] != '\0')
        add_device(s, state);
    if (state->url[0] != '\0')
        add_browser(s, state);
    if (state->user_code[0] == '\0' || !drawn)
        add_blank(s);
    add_qr_words(s, c, state, drawn);
}

static void make_sheet(struct sheet *s, struct console *c, const struct signin_state *state,
                       int rows, int columns, bool drawn, bool tight)
{
    s->paint = &c->paint;
    s->columns = columns;
    s->tight = tight;
    s->scarce = tight && rows < SCARCE_ROWS;
    s->count = 0;
    s->focus = -1;
    if (c->signin_view.page == SIGNIN_PAGE_CHOICE)
        add_choice(s, c);
    else if (c->signin_view.page == SIGNIN_PAGE_OVER)
        add_over(s, c);
    else if (state->asks == SIGNIN_ASKS_ACCOUNT)
        add_account(s, c, state);
    else if (state->asks == SIGNIN_ASKS_VALUE)
        add_prose(s, LOOK_WARNING, state->question);
    else
        add_wait(s, c, state, drawn);
}

/* ---- on the screen ---- */

static void draw_typing(struct console *c, const struct signin_state *state, struct rect *r)
{
    struct signin_view *v = &c->signin_view;
    const char *label = state->asks == SIGNIN_ASKS_VALUE ? state->key : "Paste it here:";
    int width;

    if (!v->typing)
        return;
    width = paint_text(&c->paint, r->y, r->x + 1, 24, LOOK_KEY, label) + 2;
    line_edit_draw(&v->edit, &c->paint, r->y, r->x + width, r->columns - width - 1,
                   LOOK_FIELD_FOCUS, true);
    r->y++;
    r->rows--;
}

static void draw_rows(struct console *c, const struct sheet *s, struct rect r)
{
    struct signin_view *v = &c->signin_view;
    int count = (int)s->count, most;
    char text[60];

    v->lines = count;
    v->rows = r.rows > 0 ? r.rows : 0;
    /* The last row tells of those below it. */
    if (count > r.rows && r.rows > 1)
        v->rows = --r.rows;
    most = count > r.rows ? count - r.rows : 0;
    if (s->focus >= 0)
        v->top = s->focus >= r.rows ? s->focus - r.rows + 1 : 0;
    v->top = v->top > most ? most : v->top;
    for (int i = 0; i < r.rows && v->top + i < count; i++)
        paint_text(&c->paint, r.y + i, r.x + s->rows[v->top + i].x,
                   r.columns - s->rows[v->top + i].x, s->rows[v->top + i].look,
                   s->rows[v->top + i].text);
    if (most == 0)
        return;
    if (v->top < most)
        snprintf(text, sizeof text, "Down shows the other %d rows", most - v->top);
    else
        snprintf(text, sizeof text, "That is all. Up goes back");
    paint_text(&c->paint, r.y + r.rows, r.x + 1, r.columns - 2, LOOK_KEY, text);
}

/* Under the words, when all of it fits. */
static bool draw_qr_below(struct console *c, const struct signin_state *state, int used,
                          struct rect r)
{
    const char *url = signin_qr_of(state, 0);
    int rows, columns;

    if (c->signin_view.page != SIGNIN_PAGE_WAIT || state->asks != SIGNIN_ASKS_NOTHING ||
        url == NULL || !qr_size(c, url, &rows, &columns) || columns > r.columns - 2 ||
        used + rows > r.rows)
        return false;
    qr_place(c, url, r.y + used, r.x + 3);
    if (r.columns - columns - 6 >= BESIDE_LEAST)
        paint_wrap(
            &c->paint,
            (struct rect){ r.y + used + 1, r.x + columns + 6, rows - 1, r.columns - columns - 7 },
            LOOK_DIM,
            state->user_code[0] != '\0' ? "That page as a QR code for a phone's camera."
                                        : "The address as a QR code for a phone's camera.");
    return true;
}

/* As much as fits, in this order: with its QR code and room between the parts, without the room,
 * without the code. */
static void fit_sheet(struct sheet *s, struct console *c, const struct signin_state *state,
                      struct rect r)
{
    static const struct {
        bool code, tight;
    } ways[] = { { true, false }, { true, true }, { false, false }, { false, true } };

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        make_sheet(s, c, state, r.rows, r.columns, ways[i].code, ways[i].tight);
        if (ways[i].code ? draw_qr_below(c, state, (int)s->count, r) : (int)s->count <= r.rows)
            return;
    }
}

static void draw_title(struct console *c, const struct signin_state *state, struct rect body)
{
    struct signin_view *v = &c->signin_view;
    bool waits = v->page == SIGNIN_PAGE_WAIT;
    int left = waits ? signin_left(c, state) : 0;
    char title[120], right[40] = "";

    snprintf(title, sizeof title, "%s %s%s",
             v->page == SIGNIN_PAGE_CHOICE ? "Connect" : "Sign in at", platform_name(v->platform),
             waits && state->simulated ? " (SIMULATED)" : "");
    if (waits && state->end_mono != 0 && state->asks == SIGNIN_ASKS_NOTHING)
        snprintf(right, sizeof right, "%d:%02d left", left / 60, left % 60);
    paint_title(&c->paint, (struct rect){ body.y, body.x, 1, body.columns }, title, right,
                LOOK_KEY);
}

static void draw_whole_qr(struct console *c, const struct signin_state *state)
{
    const char *url = signin_qr_of(state, c->signin_view.qr - 1);
    bool page = url != state->url;
    char caption[200];

    if (page && state->device_complete[0] == '\0')
        snprintf(caption, sizeof caption, "%s: then type in %s   Esc back",
                 platform_name(state->platform), state->user_code);
    else
        snprintf(caption, sizeof caption, "%s: sign in with a phone's camera   Esc back",
                 platform_name(state->platform));
    if (url != NULL)
        qr_draw(c, url, caption);
}

void signin_draw(struct console *c, struct rect body)
{
    struct rect r = { body.y + 1, body.x, body.rows - 1, body.columns };
    struct signin_state *state = calloc(1, sizeof *state);
    struct sheet *s = calloc(1, sizeof *s);
    bool here = c->signin_view.page != SIGNIN_PAGE_WAIT ||
                (state != NULL && signin_look(c, c->signin_view.platform, state));

    if (s != NULL && state != NULL && here && c->signin_view.qr > 0) {
        draw_whole_qr(c, state);
    } else if (s != NULL && state != NULL && here) {
        draw_title(c, state, body);
        draw_typing(c, state, &r);
        fit_sheet(s, c, state, r);
        draw_rows(c, s, r);
    }
    free(s);
    free(state);
}

void signin_foot(const struct console *c, int columns, char *out, size_t size)
{
    bool narrow = columns < 60;
    const struct signin_view *v = &c->signin_view;
    struct signin_state s;
    bool running = signin_look(c, v->platform, &s);

    if (v->page == SIGNIN_PAGE_CHOICE)
        text_copy_to(out, size,
                     narrow ? "Enter takes it, Esc back"
                            : "Up and Down choose, Enter takes it, Esc back");
    else if (v->page == SIGNIN_PAGE_OVER || !running)
        text_copy_to(out, size, "Enter begins again, Esc back");
    else if (v->typing)
        text_copy_to(out, size, "Enter sends it, Esc leaves it");
    else if (s.asks == SIGNIN_ASKS_ACCOUNT)
        text_copy_to(out, size,
                     narrow ? "Tab chooses, Enter answers"
                            : "Tab chooses, Enter answers, Esc later");
    else if (s.asks == SIGNIN_ASKS_VALUE)
        text_copy_to(out, size, "p types it in, x breaks off, Esc back");
    else if (narrow)
        snprintf(out, size, "y copy,%s Enter QR, x end, Esc", s.url[0] != '\0' ? " p paste," : "");
    else if (columns < 80)
        snprintf(out, size, "y copy, Enter QR%s%s, x end, Esc back",
                 s.url[0] != '\0' ? ", p paste" : "",
                 signin_by_values(c, v->platform) ? ", v values" : "");
    else
        snprintf(out, size, "y copy, Enter QR%s%s, x break off, Esc back (it goes on)",
                 s.url[0] != '\0' ? ", p paste" : "",
                 signin_by_values(c, v->platform) ? ", v type values" : "");
}

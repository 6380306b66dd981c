/* What is shown of a sign-in, and its keys: the address, its QR code, the code for another device,
 * where to paste, how long it waits. */
#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "tui/signin.h"

enum { PASTE_MOST = 8 * 1024 };

/* ---- opening and leaving ---- */

static bool by_values(const struct console *c, enum platform_id p)
{
    return (c->source->platform(c->source->self, p)->signin & SIGNIN_CREDENTIALS) != 0;
}

bool signin_possible(const struct console *c, enum platform_id p)
{
    const struct platform *platform = c->source->platform(c->source->self, p);

    return c->source->sign_in != NULL && platform != NULL && platform->oauth != NULL;
}

static void start_typing(struct console *c)
{
    struct signin_view *v = &c->signin_view;

    if (!v->typing && !line_edit_start(&v->edit, PASTE_MOST))
        console_say(c, true, "No memory for the line.");
    else
        v->typing = true;
}

static void stop_typing(struct console *c)
{
    if (c->signin_view.typing)
        line_edit_release(&c->signin_view.edit);
    c->signin_view.typing = false;
}

static void signin_leave(struct console *c)
{
    stop_typing(c);
    c->signin_view.active = c->signin_view.qr = false;
}

void signin_open(struct console *c, enum platform_id p)
{
    struct signin_state state;
    struct error err;

    if (signin_look(c, &state) && state.platform != p) {
        console_say(c, true,
                    "A sign-in at %s is still open: go there and press c, then x breaks it off.",
                    platform_name(state.platform));
        return;
    }
    if (c->signin == NULL && !signin_begin(c, p, &err)) {
        console_say_error(c, &err);
        return;
    }
    c->signin_view.active = true;
    c->signin_view.seen = 0;
    c->message[0] = '\0';
}

/* Before anything could be shown it failed: what is wanting may be given by hand. */
void signin_over(struct console *c, enum platform_id p, bool fine, bool ever, const char *account,
                 const struct error *err)
{
    bool was_active = c->signin_view.active;

    signin_leave(c);
    if (fine)
        console_say(c, false, "%s is connected as %s.", platform_name(p), account);
    else if (err->kind == ERROR_CANCELLED)
        console_say(c, false, "The sign-in at %s was broken off; nothing was changed.",
                    platform_name(p));
    else
        console_say_error(c, err);
    if (!fine && !ever && was_active && err->kind == ERROR_INPUT && by_values(c, p)) {
        form_connect_open(c, p);
        console_words_of(err, c->form.message, sizeof c->form.message);
        c->form.message_bad = true;
    }
    console_reload(c);
}

void signin_news(struct console *c)
{
    struct signin_state state;

    if (!signin_look(c, &state) || state.changes == c->signin_view.seen)
        return;
    c->signin_view.seen = state.changes;
    c->dirty = true;
    if (!c->signin_view.active && state.asks != SIGNIN_ASKS_NOTHING)
        console_say(c, false,
                    "Somebody has signed in at %s: go there and press c to say whether it is the "
                    "right account.",
                    platform_name(state.platform));
    if (state.asks != SIGNIN_ASKS_NOTHING)
        stop_typing(c);
    if (state.asks == SIGNIN_ASKS_VALUE && c->signin_view.active)
        start_typing(c);
}

/* ---- keys ---- */

static void send_typed(struct console *c, const struct signin_state *state)
{
    struct line_edit *e = &c->signin_view.edit;

    if (state->asks == SIGNIN_ASKS_VALUE)
        signin_answer(c, e->length > 0, e->data);
    else if (e->length > 0 && !signin_paste(c, e->data))
        console_say(c, true, "It could not be handed on. Try again.");
    stop_typing(c);
}

static void typing_key(struct console *c, int key, const struct signin_state *state)
{
    if (key == '\r')
        send_typed(c, state);
    else if (key == 27 || key == 3)
        stop_typing(c);
    else
        line_edit_key(&c->signin_view.edit, key);
}

static void question_key(struct console *c, int key)
{
    if (key == 'y' || key == 'Y')
        signin_answer(c, true, "");
    else if (key == 'n' || key == 'N')
        signin_answer(c, false, "");
    else if (key == 27)
        signin_leave(c);
}

void signin_key(struct console *c, int key)
{
    struct signin_state state;

    if (!signin_look(c, &state)) {
        signin_leave(c);
        return;
    }
    if (c->signin_view.typing) {
        typing_key(c, key, &state);
        return;
    }
    if (state.asks == SIGNIN_ASKS_ACCOUNT) {
        question_key(c, key);
        return;
    }
    switch (key) {
    case 'c':
    case 'y':
        if (state.url[0] != '\0' || state.device_url[0] != '\0')
            clipboard_copy(c, state.url[0] != '\0' ? state.url : state.device_url);
        break;
    case 'p':
        if (state.url[0] != '\0' || state.asks == SIGNIN_ASKS_VALUE)
            start_typing(c);
        break;
    case 'x':
        signin_break_off(c);
        break;
    case 'v':
        if (!by_values(c, state.platform))
            break;
        signin_break_off(c);
        signin_leave(c);
        form_connect_open(c, state.platform);
        break;
    case '\r':
        c->signin_view.qr =
            !c->signin_view.qr && (state.url[0] != '\0' || state.device_url[0] != '\0');
        break;
    case 27:
    case 'q':
    case 'h':
    case 3:
    case CONSOLE_FUNCTION + KEY_LEFT:
        if (c->signin_view.qr)
            c->signin_view.qr = false;
        else
            signin_leave(c);
        break;
    default:
        break;
    }
}

void signin_pasted(struct console *c, int key)
{
    struct signin_state state;

    if (!signin_look(c, &state) || state.asks == SIGNIN_ASKS_ACCOUNT)
        return;
    start_typing(c);
    if (c->signin_view.typing)
        line_edit_paste(&c->signin_view.edit, key);
}

const char *signin_foot(const struct console *c, bool narrow)
{
    struct signin_state state;

    if (!signin_look(c, &state))
        return "";
    if (c->signin_view.typing)
        return "Enter sends, Esc leaves it";
    if (state.asks == SIGNIN_ASKS_ACCOUNT)
        return "y connects it, n does not";
    if (narrow)
        return "c copy, Enter QR, p paste, Esc back";
    return by_values(c, state.platform)
               ? "c copies, Enter QR code, p pastes, v by values, x breaks off, Esc back (it goes "
                 "on)"
               : "c copies, Enter QR code, p pastes, x breaks off, Esc back (it goes on)";
}

/* ---- drawing ---- */

/* The rectangle's rows from the top, one piece of text after the other. */
struct page {
    struct console *c;
    struct rect left;
};

static void write_text(struct page *p, enum look look, const char *text)
{
    int rows;

    if (text[0] == '\0' || p->left.rows <= 0)
        return;
    rows = paint_wrap(&p->c->paint, p->left, look, text);
    p->left.y += rows;
    p->left.rows -= rows;
}

static void skip_row(struct page *p)
{
    if (p->left.rows > 8) {
        p->left.y++;
        p->left.rows--;
    }
}

static void draw_ways(struct page *p, const struct signin_state *s)
{
    char text[1200];

    if (s->url[0] != '\0') {
        write_text(p, LOOK_TEXT, "Open this address in a browser, on this machine or any other:");
        write_text(p, LOOK_LINK, s->url);
        skip_row(p);
    }
    if (s->user_code[0] != '\0') {
        snprintf(text, sizeof text, "%s %s on any device, and type in the code",
                 s->url[0] != '\0' ? "Or open" : "Open", s->device_url);
        write_text(p, LOOK_TEXT, text);
        write_text(p, LOOK_KEY, s->user_code);
        skip_row(p);
    }
    if (s->url[0] != '\0') {
        snprintf(text, sizeof text,
                 "%sFrom another machine copy the address that the browser ends at (it begins with "
                 "%s; the page cannot be "
                 "shown), and paste it here.",
                 s->returns ? "A browser on this machine comes back by itself. " : "",
                 s->redirect_uri);
        write_text(p, LOOK_DIM, text);
    }
}

static void draw_end(struct page *p, const struct signin_state *s)
{
    int64_t left = s->end_mono - clock_mono();
    char text[120], at[40];

    if (s->end_mono == 0 || left <= 0)
        return;
    zone_clock(at, sizeof at, console_zone(p->c), clock_now() + left, false);
    snprintf(text, sizeof text, "It waits until %s (%d minute%s).", at,
             (int)((left + 59999) / 60000), left > 60000 ? "s" : "");
    write_text(p, LOOK_DIM, text);
}

static void draw_typing(struct page *p, const struct signin_state *s)
{
    struct console *c = p->c;
    const char *label = s->asks == SIGNIN_ASKS_VALUE ? s->key : "Address";
    int width;

    if (!c->signin_view.typing || p->left.rows <= 0)
        return;
    width = paint_text(&c->paint, p->left.y, p->left.x, 20, LOOK_KEY, label) + 1;
    line_edit_draw(&c->signin_view.edit, &c->paint, p->left.y, p->left.x + width,
                   p->left.columns - width, LOOK_TEXT, true);
}

static void draw_qr(struct console *c, const struct signin_state *s)
{
    /* A phone that opens the address ends at a machine of its own; the page for the code is made
     * for phones. */
    bool page = s->device_url[0] != '\0';
    char caption[160];

    snprintf(caption, sizeof caption, page ? "%s: then type in %s " : "%s%.0s",
             platform_name(s->platform), s->user_code);
    qr_draw(c, page ? s->device_url : s->url, caption);
}

void signin_draw(struct console *c, struct rect body)
{
    struct page p = { c, { body.y + 1, body.x + 1, body.rows - 1, body.columns - 2 } };
    struct signin_state s;
    char title[120];

    if (!signin_look(c, &s))
        return;
    if (c->signin_view.qr) {
        draw_qr(c, &s);
        return;
    }
    snprintf(title, sizeof title, "Sign in at %s%s", platform_name(s.platform),
             s.simulated ? " (SIMULATED)" : "");
    paint_title(&c->paint, (struct rect){ body.y, body.x, 1, body.columns }, title, NULL, LOOK_DIM);
    if (s.asks != SIGNIN_ASKS_NOTHING) {
        write_text(&p, LOOK_WARNING, s.question);
        if (s.asks == SIGNIN_ASKS_ACCOUNT)
            write_text(&p, LOOK_KEY, "y  yes, connect it     n  no");
    } else if (s.url[0] == '\0' && s.user_code[0] == '\0') {
        write_text(&p, LOOK_DIM, "Asking for the address.");
    } else {
        draw_ways(&p, &s);
        write_text(&p, LOOK_WARNING, s.note);
        draw_end(&p, &s);
    }
    draw_typing(&p, &s);
}

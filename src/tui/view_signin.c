/* What a person does with a sign-in: begins it, leaves and comes back, copies, pastes, answers,
 * breaks it off. */
#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/platform/oauth.h>

#include "tui/signin.h"

/* Of the question for the account; the harmless one first, since Enter may come by accident. */
enum { ANSWER_LATER, ANSWER_YES, ANSWER_NO, ANSWER_COUNT };
enum { WAY_PERSON, WAY_VALUES, WAY_COUNT };

/* ---- opening and leaving ---- */

bool signin_by_values(const struct console *c, enum platform_id p)
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

    if (v->typing)
        return;
    v->too_long = false;
    v->typing = line_edit_start(&v->edit, SIGNIN_PASTE_MOST);
    if (!v->typing)
        console_say(c, true, "No memory for the line.");
}

static void stop_typing(struct console *c)
{
    if (c->signin_view.typing)
        line_edit_release(&c->signin_view.edit);
    c->signin_view.typing = false;
}

static void show_page(struct console *c, enum platform_id p, enum signin_page page)
{
    stop_typing(c);
    signin_values_wipe(&c->signin_view.values);
    c->signin_view = (struct signin_view){ .active = true, .platform = p, .page = page };
    c->signin_seen[p] = 0;
    c->message[0] = '\0';
    c->dirty = true;
}

void signin_leave(struct console *c)
{
    stop_typing(c);
    signin_values_wipe(&c->signin_view.values);
    c->signin_view.active = false;
}

void signin_start(struct console *c, enum platform_id p, const struct signin_values *values)
{
    struct error err;

    if (!signin_begin(c, p, values, &err))
        console_say_error(c, &err);
    else
        show_page(c, p, SIGNIN_PAGE_WAIT);
}

/* Signing in again goes the way that it went before. */
static bool is_open_how(const struct console *c, enum platform_id p)
{
    const struct connection *now = console_connection(c, p);
    bool by_person = now != NULL && now->status != CONNECTION_DISCONNECTED &&
                     (text_equal(now->method, "oauth") || text_equal(now->method, "device"));

    return signin_by_values(c, p) && !by_person;
}

void signin_open(struct console *c, enum platform_id p)
{
    if (c->signins[p] != NULL)
        show_page(c, p, SIGNIN_PAGE_WAIT);
    else if (is_open_how(c, p))
        show_page(c, p, SIGNIN_PAGE_CHOICE);
    else
        signin_start(c, p, NULL);
    signin_news(c);
}

/* ---- what comes of it ---- */

/* A value of the app is wanting or wrong, which can be typed in: the message names it. */
static bool is_about_app(const struct console *c, enum platform_id p, const struct error *err)
{
    const struct platform *platform = c->source->platform(c->source->self, p);

    for (const struct credential *k = platform->credentials; k != NULL && k->key != NULL; k++) {
        if (oauth_takes(platform->oauth, k->key) && strstr(err->message, k->key) != NULL)
            return true;
    }
    return false;
}

static void show_failure(struct console *c, enum platform_id p, bool ever,
                         struct signin_values *values, const struct error *err)
{
    struct signin_view *v = &c->signin_view;

    if (!ever && err->kind == ERROR_INPUT && is_about_app(c, p, err)) {
        char words[sizeof v->outcome];

        /* Before anything could be shown: what is wanting may be typed in. */
        console_words_of(err, words, sizeof words);
        signin_leave(c);
        form_app_open(c, p, values, words);
        signin_values_wipe(values);
        return;
    }
    show_page(c, p, SIGNIN_PAGE_OVER);
    console_words_of(err, v->outcome, sizeof v->outcome);
    v->values = *values;
    *values = (struct signin_values){ .count = 0 };
}

void signin_over(struct console *c, enum platform_id p, bool fine, bool ever, const char *account,
                 struct signin_values *values, const struct error *err)
{
    bool here = c->signin_view.active && c->signin_view.platform == p &&
                c->signin_view.page == SIGNIN_PAGE_WAIT;

    if (here && (fine || err->kind == ERROR_CANCELLED))
        signin_leave(c);
    if (fine)
        console_say(c, false, "%s is connected%s%s.", platform_name(p),
                    account[0] != '\0' ? " as " : "", account);
    else if (err->kind == ERROR_CANCELLED)
        console_say(c, false, "The sign-in at %s was broken off; nothing was changed.",
                    platform_name(p));
    else if (here)
        show_failure(c, p, ever, values, err);
    else
        console_say_error(c, err);
    signin_values_wipe(values);
    console_reload(c);
}

static void one_news(struct console *c, enum platform_id p)
{
    struct signin_view *v = &c->signin_view;
    bool here = v->active && v->platform == p && v->page == SIGNIN_PAGE_WAIT;
    struct signin_state state;

    if (!signin_look(c, p, &state) || state.changes == c->signin_seen[p])
        return;
    c->signin_seen[p] = state.changes;
    c->dirty = true;
    if (state.asks == SIGNIN_ASKS_NOTHING)
        return;
    if (!here) {
        console_say(c, false,
                    "%s: somebody has signed in. Press 1, choose it and press c to say whether it "
                    "is the right account.",
                    platform_name(p));
        return;
    }
    stop_typing(c);
    v->qr = v->top = 0;
    v->choice = ANSWER_LATER;
    if (state.asks == SIGNIN_ASKS_VALUE)
        start_typing(c);
}

void signin_news(struct console *c)
{
    for (int p = 0; p < PLATFORM_COUNT; p++)
        one_news(c, (enum platform_id)p);
}

/* ---- for other parts of the screen ---- */

int signin_left(const struct console *c, const struct signin_state *s)
{
    int64_t now = c->options.mono != NULL ? c->options.mono() : clock_mono(),
            left = s->end_mono - now;

    return left > 0 ? (int)((left + 999) / 1000) : 0;
}

bool signin_row(const struct console *c, enum platform_id p, int width, char *out, size_t size)
{
    struct signin_state s;
    const char *cut = paint_glyph(&c->paint, GLYPH_CUT);
    int left;

    if (!signin_look(c, p, &s))
        return false;
    left = signin_left(c, &s);
    if (s.asks != SIGNIN_ASKS_NOTHING)
        snprintf(out, size, "answer: press c");
    else if (s.end_mono == 0)
        snprintf(out, size, "signing in %s", cut);
    else
        snprintf(out, size, "signing in %s %d:%02d left", cut, left / 60, left % 60);
    if (s.asks == SIGNIN_ASKS_NOTHING && s.end_mono != 0 && paint_width(&c->paint, out) > width)
        snprintf(out, size, "signing in, %d:%02d", left / 60, left % 60);
    return true;
}

bool signin_asks_account(const struct console *c, enum platform_id p)
{
    struct signin_state s;

    return signin_look(c, p, &s) && s.asks == SIGNIN_ASKS_ACCOUNT;
}

int signins_open(const struct console *c, char *names, size_t size)
{
    size_t used = 0;
    int count = 0, seen = 0;

    for (int p = 0; p < PLATFORM_COUNT; p++)
        count += c->signins[p] != NULL;
    names[0] = '\0';
    for (int p = 0; p < PLATFORM_COUNT && used < size; p++) {
        if (c->signins[p] == NULL)
            continue;
        used += (size_t)snprintf(names + used, size - used, "%s%s",
                                 seen == 0           ? ""
                                 : seen + 1 == count ? " and "
                                                     : ", ",
                                 platform_name((enum platform_id)p));
        seen++;
    }
    return count;
}

bool console_counts(const struct console *c)
{
    char names[200];

    return signins_open(c, names, sizeof names) > 0 &&
           (c->signin_view.active || c->view == VIEW_CONNECTIONS);
}

const char *signin_qr_of(const struct signin_state *s, int which)
{
    const char *page = s->device_complete[0] != '\0' ? s->device_complete : s->device_url;
    const char *all[2] = { page, s->url };
    int seen = 0;

    for (int i = 0; i < 2; i++) {
        if (all[i][0] != '\0' && seen++ == which)
            return all[i];
    }
    return NULL;
}

/* ---- keys ---- */

static void send_typed(struct console *c, const struct signin_state *state)
{
    struct signin_view *v = &c->signin_view;

    if (v->too_long)
        console_say(c, true,
                    "That is too long to be the address of the sign-in's end: copy the browser's "
                    "address line alone, and paste that.");
    else if (state->asks == SIGNIN_ASKS_VALUE)
        signin_answer(c, v->platform, v->edit.length > 0, v->edit.data);
    else if (v->edit.length > 0 && !signin_paste(c, v->platform, v->edit.data))
        console_say(c, true, "The one before is still being looked at. Paste it once more.");
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

static bool is_back(int key)
{
    return key == 27 || key == 3 || key == 'q' || key == CONSOLE_FUNCTION + KEY_LEFT;
}

/* -1 back, 1 on, 0 neither. */
static int step_of(int key)
{
    if (key == '\t' || key == CONSOLE_FUNCTION + KEY_RIGHT || key == CONSOLE_FUNCTION + KEY_DOWN)
        return 1;
    return key == CONSOLE_FUNCTION + KEY_BTAB || key == CONSOLE_FUNCTION + KEY_LEFT ||
                   key == CONSOLE_FUNCTION + KEY_UP
               ? -1
               : 0;
}

/* No letter answers: what was meant for the page before, or comes out of a clipboard, says neither
 * yes nor no. */
static void account_key(struct console *c, int key)
{
    struct signin_view *v = &c->signin_view;
    int step = step_of(key);

    if (step != 0) {
        v->choice = (v->choice + step + ANSWER_COUNT) % ANSWER_COUNT;
    } else if (key == '\r' && v->choice != ANSWER_LATER) {
        signin_answer(c, v->platform, v->choice == ANSWER_YES, "");
    } else if (key == '\r' || key == 27 || key == 3) {
        signin_leave(c);
        console_say(c, false, "Nothing is connected before you say yes: press c to come back.");
    }
}

static void broken_off(struct console *c)
{
    signin_break_off(c, c->signin_view.platform);
}

static void rather_values(struct console *c)
{
    enum platform_id p = c->signin_view.platform;

    signin_break_off(c, p);
    signin_leave(c);
    form_connect_open(c, p);
}

static void ask_break_off(struct console *c, void (*then)(struct console *c), const char *yes)
{
    char question[200];

    snprintf(question, sizeof question,
             "Break off the sign-in at %s? The address and the code that are shown stop working. "
             "What was connected before stays.",
             platform_name(c->signin_view.platform));
    c->dialog_yes = then;
    dialog_ask(&c->dialog, question, "Go on waiting", yes, c->key);
}

static void copy(struct console *c, const struct signin_state *s)
{
    int which = c->signin_view.qr > 0                          ? c->signin_view.qr - 1
                : s->url[0] != '\0' && s->user_code[0] != '\0' ? 1
                                                               : 0;
    const char *url = signin_qr_of(s, which);

    if (url != NULL)
        clipboard_copy(c, "The address", url);
}

static void scroll_by(struct console *c, int by)
{
    struct signin_view *v = &c->signin_view;
    int most = v->lines > v->rows ? v->lines - v->rows : 0;

    v->top += by;
    v->top = v->top < 0 ? 0 : v->top > most ? most : v->top;
}

static bool scroll_key(struct console *c, int key)
{
    int page = c->signin_view.rows > 1 ? c->signin_view.rows - 1 : 1;
    int by = key == 'j' || key == CONSOLE_FUNCTION + KEY_DOWN ? 1
             : key == 'k' || key == CONSOLE_FUNCTION + KEY_UP ? -1
             : key == CONSOLE_FUNCTION + KEY_NPAGE            ? page
             : key == CONSOLE_FUNCTION + KEY_PPAGE            ? -page
                                                              : 0;

    if (by != 0)
        scroll_by(c, by);
    return by != 0;
}

static void wait_back(struct console *c)
{
    enum platform_id p = c->signin_view.platform;

    if (c->signin_view.qr > 0) {
        c->signin_view.qr = 0;
        return;
    }
    signin_leave(c);
    console_say(c, false, "The sign-in at %s goes on: press c to come back to it.",
                platform_name(p));
}

static void wait_key(struct console *c, int key, const struct signin_state *s)
{
    struct signin_view *v = &c->signin_view;

    if (is_back(key)) {
        wait_back(c);
    } else if (key == 'y' || key == 'c') {
        copy(c, s);
    } else if (key == 'x') {
        ask_break_off(c, broken_off, "Break it off");
    } else if (key == 'v' && signin_by_values(c, v->platform)) {
        ask_break_off(c, rather_values, "Type in values instead");
    } else if (key == '\r') {
        v->qr = signin_qr_of(s, v->qr) != NULL ? v->qr + 1 : 0;
    } else if (s->url[0] != '\0' && (key == 'p' || key == 'h')) {
        v->qr = 0;
        start_typing(c);
        /* A terminal that does not say what is pasted: the address begins so. */
        if (key == 'h' && v->typing)
            line_edit_key(&v->edit, key);
    } else {
        scroll_key(c, key);
    }
}

static void choice_key(struct console *c, int key)
{
    struct signin_view *v = &c->signin_view;
    enum platform_id p = v->platform;
    int step = key == 'j' ? 1 : key == 'k' ? -1 : step_of(key);

    if (is_back(key) || key == 'h') {
        signin_leave(c);
    } else if (step != 0) {
        v->choice = (v->choice + step + WAY_COUNT) % WAY_COUNT;
    } else if (key == '\r' || key == '1' || key == '2') {
        bool person = key == '1' || (key == '\r' && v->choice == WAY_PERSON);

        signin_leave(c);
        if (person)
            signin_start(c, p, NULL);
        else
            form_connect_open(c, p);
    }
}

static void over_key(struct console *c, int key)
{
    struct signin_view *v = &c->signin_view;
    enum platform_id p = v->platform;

    if (is_back(key) || key == 'h') {
        signin_leave(c);
    } else if (key == '\r' || key == 'r') {
        struct signin_values values = v->values;

        v->values = (struct signin_values){ .count = 0 };
        signin_start(c, p, &values);
        signin_values_wipe(&values);
    } else if (key == 'a') {
        signin_leave(c);
        form_app_open(c, p, NULL, "");
    } else if (key == 'v' && signin_by_values(c, p)) {
        signin_leave(c);
        form_connect_open(c, p);
    } else {
        scroll_key(c, key);
    }
}

void signin_key(struct console *c, int key)
{
    struct signin_view *v = &c->signin_view;
    struct signin_state s;

    if (v->page == SIGNIN_PAGE_CHOICE)
        choice_key(c, key);
    else if (v->page == SIGNIN_PAGE_OVER)
        over_key(c, key);
    else if (!signin_look(c, v->platform, &s))
        signin_leave(c);
    else if (v->typing)
        typing_key(c, key, &s);
    else if (s.asks == SIGNIN_ASKS_ACCOUNT)
        account_key(c, key);
    else if (s.asks == SIGNIN_ASKS_VALUE && (key == 'p' || key == '\r'))
        start_typing(c);
    else
        wait_key(c, key, &s);
}

void signin_pasted(struct console *c, int key)
{
    struct signin_view *v = &c->signin_view;
    struct signin_state s;

    if (v->page != SIGNIN_PAGE_WAIT || !signin_look(c, v->platform, &s) ||
        s.asks == SIGNIN_ASKS_ACCOUNT || (s.url[0] == '\0' && s.asks != SIGNIN_ASKS_VALUE))
        return;
    start_typing(c);
    v->qr = 0;
    if (!v->typing)
        return;
    v->too_long = v->too_long || v->edit.length + 5 >= v->edit.room;
    line_edit_paste(&v->edit, key);
}

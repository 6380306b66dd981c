/* What keys do. */
#include <stdio.h>
#include <string.h>

#include "tui/private.h"
#include "tui/widgets/key.h"

static void show_view(struct console *c, int view)
{
    struct error err;

    c->view = view;
    c->in_detail = false;
    if (!view_load(view_now(c), &err))
        console_say_error(c, &err);
}

/* What the person looks at goes away first: the answer, the notice, the detail, the filter. */
static void back(struct console *c)
{
    struct view *v = view_now(c);
    struct error err;

    if (c->message[0] != '\0') {
        c->message[0] = '\0';
    } else if (c->log_size == LAYOUT_LOG_WHOLE) {
        c->log_size = LAYOUT_LOG_NORMAL;
    } else if (c->news.notice_id != 0) {
        news_seen(c);
    } else if (c->in_detail) {
        c->in_detail = false;
    } else if (v->filter[0] != '\0') {
        v->filter[0] = '\0';
        if (!view_load(v, &err))
            console_say_error(c, &err);
    }
}

static void step(struct console *c, long by)
{
    struct view *v = view_now(c);

    if (c->log_size == LAYOUT_LOG_WHOLE) {
        log_scroll(c, (int)by);
    } else if (c->in_detail) {
        long at = (long)v->target + by;

        while (at > 0 && v->ops->target(v, (size_t)at) == NULL)
            at--;
        v->target = at > 0 ? (size_t)at : 0;
    } else {
        view_move(v, by);
    }
}

static void step_to_end(struct console *c, bool last)
{
    if (c->log_size == LAYOUT_LOG_WHOLE)
        log_end(c, last);
    else if (c->in_detail)
        step(c, last ? DETAIL_MOST : -DETAIL_MOST);
    else if (last)
        view_last(view_now(c));
    else
        view_first(view_now(c));
}

/* True when it was one for moving about. */
static bool do_move(struct console *c, enum action a)
{
    int page = c->log_size == LAYOUT_LOG_WHOLE ? c->log.rows : view_rows(view_now(c));

    switch (a) {
    case ACTION_UP:
        step(c, -1);
        return true;
    case ACTION_DOWN:
        step(c, 1);
        return true;
    case ACTION_PAGE_UP:
        step(c, -page);
        return true;
    case ACTION_PAGE_DOWN:
        step(c, page);
        return true;
    case ACTION_FIRST:
    case ACTION_LAST:
        step_to_end(c, a == ACTION_LAST);
        return true;
    case ACTION_TAB_NEXT:
        show_view(c, (c->view + 1) % VIEW_COUNT);
        return true;
    case ACTION_TAB_PREVIOUS:
        show_view(c, (c->view + VIEW_COUNT - 1) % VIEW_COUNT);
        return true;
    case ACTION_TAB_1:
    case ACTION_TAB_2:
    case ACTION_TAB_3:
        show_view(c, (int)(a - ACTION_TAB_1));
        return true;
    case ACTION_OPEN:
        c->in_detail = view_now(c)->list.count > 0;
        return true;
    default:
        return false;
    }
}

static void suspend_now(struct console *c)
{
    c->suspend = true;
}

static void quit_now(struct console *c)
{
    c->quit = true;
}

/* While a service is on air and this very program looks after it, or a sign-in waits for somebody,
 * leaving is asked first. */
static void leave(struct console *c, void (*how)(struct console *c), const char *until,
                  const char *yes)
{
    char worker[120], names[200];
    int signins = signins_open(c, names, sizeof names);
    struct text question;
    bool live;

    c->source->worker(c->source->self, worker, sizeof worker);
    live = c->live > 0 && strcmp(worker, "this console") == 0;
    if (!live && signins == 0) {
        how(c);
        return;
    }
    text_init(&question, sizeof c->dialog.question - 1);
    if (live)
        text_addf(&question,
                  "A broadcast is live and this console looks after it. It stays on air, but "
                  "nothing is checked, tried again or stopped until %s.",
                  until);
    if (signins > 0)
        text_addf(&question, "%sThe sign-in%s at %s still wait%s: leaving breaks %s off.",
                  live ? " " : "", signins > 1 ? "s" : "", names, signins > 1 ? "" : "s",
                  signins > 1 ? "them" : "it");
    c->dialog_yes = how;
    dialog_ask(&c->dialog, text_str(&question), "Stay", yes, c->key);
    text_release(&question);
}

void console_leave(struct console *c)
{
    leave(c, quit_now, "ecclesia runs again", "Leave");
}

/* It only sleeps: a sign-in's time runs on, and nothing is broken off. */
static void leave_for_shell(struct console *c)
{
    char worker[120];

    c->source->worker(c->source->self, worker, sizeof worker);
    if (c->live > 0 && strcmp(worker, "this console") == 0)
        leave(c, suspend_now, "fg", "Suspend");
    else
        suspend_now(c);
}

static void do_screen(struct console *c, enum action a)
{
    switch (a) {
    case ACTION_BACK:
        back(c);
        break;
    case ACTION_LOG:
        c->log_size = (c->log_size + 1) % LAYOUT_LOG_SIZES;
        break;
    case ACTION_LOG_LEVEL:
        log_next_level(c);
        break;
    case ACTION_LOG_PLATFORM:
        log_next_platform(c);
        break;
    case ACTION_FILTER:
        prompt_open(c, '/');
        break;
    case ACTION_COMMAND:
        prompt_open(c, ':');
        break;
    case ACTION_HELP:
        console_help(c);
        break;
    case ACTION_LINKS:
        links_open(c);
        break;
    case ACTION_QUIT:
        console_leave(c);
        break;
    case ACTION_REDRAW:
        console_redraw(c);
        break;
    case ACTION_SUSPEND:
        leave_for_shell(c);
        break;
    default:
        break;
    }
}

bool console_refuses(struct console *c, enum action a, char *why, size_t size)
{
    bool changes = (a >= ACTION_START && a <= ACTION_CHECK);

    if (c->options.kiosk && (a == ACTION_QUIT || a == ACTION_COMMAND || a == ACTION_SUSPEND)) {
        snprintf(why, size, "This screen was started with --kiosk.");
        return true;
    }
    if (changes && c->options.read_only) {
        snprintf(why, size,
                 "This console only looks (it was started with --read-only or --kiosk).");
        return true;
    }
    if (changes || a == ACTION_LINKS)
        return view_now(c)->ops->refuses(c, view_now(c), a, why, size);
    return false;
}

static void console_do(struct console *c, enum action a)
{
    char why[600];

    if (console_refuses(c, a, why, sizeof why)) {
        console_say(c, true, "%s", why);
        return;
    }
    if (do_move(c, a))
        return;
    if (a >= ACTION_START && a <= ACTION_CHECK)
        view_now(c)->ops->act(c, view_now(c), a);
    else
        do_screen(c, a);
}

/* {id}, {platform} and {title} of what is chosen, in a line of the person's own. */
static void run_own_line(struct console *c, const char *line)
{
    struct view *v = view_now(c);
    const struct target *t =
        v->list.count > 0 ? v->ops->target(v, c->in_detail ? v->target : 0) : NULL;
    struct text full;

    text_init(&full, 4000);
    while (*line != '\0') {
        if (text_starts(line, "{id}")) {
            text_add(&full, v->list.count > 0 ? v->chosen.hex : "");
            line += 4;
        } else if (text_starts(line, "{platform}")) {
            text_add(&full, t != NULL ? platform_slug(t->platform) : "");
            line += 10;
        } else {
            text_append(&full, line++, 1);
        }
    }
    run_line(c, text_str(&full));
    text_release(&full);
}

static void help_line(struct console *c, struct text *t, enum action a)
{
    char keys[80], why[600];

    keymap_keys_for(&c->keymap, c->view, a, keys, sizeof keys);
    if (keys[0] == '\0' || (action_table[a].views & 1u << c->view) == 0)
        return;
    text_addf(t, "%s\t%s\n", keys, action_table[a].help);
    if (console_refuses(c, a, why, sizeof why))
        text_addf(t, "\x02\tNot now: %s\n", why);
}

void console_help(struct console *c)
{
    struct text *t = &c->text.text;
    char title[80], worker[120];

    snprintf(title, sizeof title, "Keys of %s", view_now(c)->ops->tab);
    textview_open(&c->text, title);
    text_add(t, "\x01What you can do here\n");
    for (int a = 1; a < ACTION_UP; a++)
        help_line(c, t, (enum action)a);
    text_add(t, "\n\x01Moving about\n");
    for (int a = ACTION_UP; a < ACTION_LINE; a++)
        help_line(c, t, (enum action)a);
    for (size_t i = 0; i < c->keymap.count; i++) {
        const struct binding *b = &c->keymap.bindings[i];
        char key[24];

        if (b->action != ACTION_LINE || (b->views & 1u << c->view) == 0)
            continue;
        key_print(b->key, key, sizeof key);
        text_addf(t, "%s\tRuns: %s\n", key, b->line);
    }
    c->source->worker(c->source->self, worker, sizeof worker);
    text_addf(t, "\n\x01Who works\n%s\n",
              worker[0] == '\0' ? "Nobody carries out what is asked for. Start ecclesia without "
                                  "--read-only, or ecclesia serve."
              : strcmp(worker, "this console") == 0 ? "This console carries out what is asked for."
                                                    : worker);
}

static void answer_dialog(struct console *c, int key)
{
    if (dialog_key(&c->dialog, key) == DIALOG_YES && c->dialog_yes != NULL)
        c->dialog_yes(c);
}

static void form_got(struct console *c, int key)
{
    switch (form_key(&c->form, key)) {
    case FORM_SUBMIT:
        form_submit(c);
        break;
    case FORM_LEAVE:
        form_leave(c);
        break;
    default:
        break;
    }
}

/* Pasted text goes where text can stand, and nowhere else: it must not be taken for keys. */
static void paste(struct console *c, int key)
{
    if (c->dialog.active)
        return;
    if (c->prompt.kind != 0)
        line_edit_paste(&c->prompt.edit, key);
    else if (c->signin_view.active)
        signin_pasted(c, key);
    else if (c->form.active)
        form_paste(&c->form, key);
}

static void plain_key(struct console *c, int key)
{
    const struct binding *b = keymap_find(&c->keymap, c->view, key);

    /* A good answer has been read when the next key comes; a bad one stays until Esc or the next
     * answer. */
    if (!c->message_bad && key != 27)
        c->message[0] = '\0';
    if (key == 3) {
        console_say(c, false, "To leave, press q.");
        return;
    }
    if (b == NULL)
        return;
    if (c->layout.too_small && b->action != ACTION_QUIT && b->action != ACTION_COMMAND &&
        b->action != ACTION_BACK && b->action != ACTION_REDRAW)
        return;
    if (b->action == ACTION_LINE)
        run_own_line(c, b->line);
    else
        console_do(c, b->action);
}

/* Enter comes as several codes; only in a form is ctrl-j one of its own. */
static int one_enter(const struct console *c, int key)
{
    bool typing = c->form.active && !c->dialog.active && c->prompt.kind == 0;

    return key == CONSOLE_FUNCTION + KEY_ENTER || (key == '\n' && !typing) ? '\r' : key;
}

static void key_in_front(struct console *c, int key)
{
    bool in_front = c->dialog.active || c->text.active || c->links.active || c->form.active ||
                    c->signin_view.active || c->host.active;

    if (in_front && c->prompt.kind == 0)
        c->message[0] = '\0'; /* read, now that the next key comes */
    if (c->prompt.kind != 0)
        prompt_key(c, key);
    else if (c->layout.too_small || key == ('Z' & 0x1f) || key == ('L' & 0x1f))
        plain_key(c, key);
    else if (c->dialog.active)
        answer_dialog(c, key);
    else if (c->text.active)
        textview_key(&c->text, key);
    else if (c->links.active)
        links_key(c, key);
    else if (c->host.active)
        host_link_key(c, key);
    else if (c->signin_view.active)
        signin_key(c, key);
    else if (c->form.active)
        form_got(c, key);
    else
        plain_key(c, key);
}

void console_key(struct console *c, int key)
{
    c->dirty = true;
    if (key == CONSOLE_PASTE_BEGIN || key == CONSOLE_PASTE_END)
        c->pasting = key == CONSOLE_PASTE_BEGIN;
    else if (c->pasting)
        paste(c, key);
    else
        key_in_front(c, c->key = one_enter(c, key));
}

/* The last line while something is typed into it: ":" a command, "/" a filter. */
#include <stdlib.h>
#include <string.h>

#include "tui/private.h"

enum { PROMPT_MOST = 4000, COMPLETIONS_MOST = 50 };

bool prompt_start(struct prompt *p)
{
    *p = (struct prompt){ 0 };
    return line_edit_start(&p->edit, PROMPT_MOST);
}

static void drop_completions(struct prompt *p)
{
    for (size_t i = 0; i < p->completion_count; i++)
        free(p->completions[i]);
    free(p->completions);
    p->completions = NULL;
    p->completion_count = p->completion_at = 0;
}

void prompt_release(struct prompt *p)
{
    drop_completions(p);
    for (size_t i = 0; i < p->history_count; i++)
        free(p->history[i]);
    line_edit_release(&p->edit);
    *p = (struct prompt){ 0 };
}

void prompt_open(struct console *c, char kind)
{
    struct prompt *p = &c->prompt;

    p->kind = kind;
    p->history_at = p->history_count;
    line_edit_set(&p->edit, kind == '/' ? view_now(c)->filter : "");
    c->message[0] = '\0';
}

static void filter_now(struct console *c, const char *text)
{
    struct view *v = view_now(c);
    struct error err;

    text_copy_to(v->filter, sizeof v->filter, text);
    v->offset = 0;
    if (!view_load(v, &err))
        console_say_error(c, &err);
}

static void close_prompt(struct console *c)
{
    drop_completions(&c->prompt);
    line_edit_set(&c->prompt.edit, ""); /* wipes */
    c->prompt.kind = 0;
}

/* A line with values for a sign-in is not kept: they are secrets. */
static void remember(struct prompt *p, const char *line)
{
    if (*line == '\0' || strstr(line, "--set") != NULL)
        return;
    if (p->history_count > 0 && strcmp(p->history[p->history_count - 1], line) == 0)
        return;
    if (p->history_count == HISTORY_MOST) {
        free(p->history[0]);
        memmove(p->history, p->history + 1, (HISTORY_MOST - 1) * sizeof p->history[0]);
        p->history_count--;
    }
    p->history[p->history_count] = text_copy(line);
    p->history_count += p->history[p->history_count] != NULL;
}

static void enter(struct console *c)
{
    struct prompt *p = &c->prompt;
    char *line;

    if (p->kind == '/') {
        close_prompt(c);
        return;
    }
    line = text_copy(p->edit.data);
    if (line == NULL)
        return;
    remember(p, line);
    close_prompt(c);
    run_line(c, line);
    text_wipe(line, strlen(line));
    free(line);
}

static void recall(struct prompt *p, int by)
{
    if ((by < 0 && p->history_at == 0) || (by > 0 && p->history_at >= p->history_count))
        return;
    p->history_at = by < 0 ? p->history_at - 1 : p->history_at + 1;
    line_edit_set(&p->edit, p->history_at < p->history_count ? p->history[p->history_at] : "");
}

static const char *const own_words[] = { "quit", "help", "theme dark", "theme mono" };

static void ask_completions(struct console *c)
{
    struct prompt *p = &c->prompt;

    p->completions = calloc(COMPLETIONS_MOST, sizeof *p->completions);
    if (p->completions == NULL)
        return;
    p->completion_count =
        c->source->complete(c->source->self, p->edit.data, p->completions, COMPLETIONS_MOST);
    for (size_t i = 0;
         i < sizeof own_words / sizeof own_words[0] && p->completion_count < COMPLETIONS_MOST;
         i++) {
        if (p->edit.length > 0 && text_starts(own_words[i], p->edit.data) &&
            (p->completions[p->completion_count] = text_copy(own_words[i])) != NULL)
            p->completion_count++;
    }
}

/* Tab: the first completion, then the next. */
static void complete(struct console *c, int by)
{
    struct prompt *p = &c->prompt;

    if (p->kind != ':')
        return;
    if (p->completions == NULL) {
        ask_completions(c);
        p->completion_at = 0;
    } else if (p->completion_count > 0) {
        p->completion_at =
            (p->completion_at + p->completion_count + (size_t)(by + (int)p->completion_count)) %
            p->completion_count;
    }
    if (p->completion_count > 0)
        line_edit_set(&p->edit, p->completions[p->completion_at]);
    if (p->completion_count == 1)
        drop_completions(p); /* the next Tab goes on from there */
}

void prompt_key(struct console *c, int key)
{
    struct prompt *p = &c->prompt;

    if (key == '\t' || key == CONSOLE_FUNCTION + KEY_BTAB) {
        complete(c, key == '\t' ? 1 : -1);
        return;
    }
    drop_completions(p);
    if (key == '\r') {
        enter(c);
    } else if (key == 27 || key == 3 ||
               (p->edit.length == 0 && (key == 127 || key == CONSOLE_FUNCTION + KEY_BACKSPACE))) {
        if (p->kind == '/')
            filter_now(c, "");
        close_prompt(c);
    } else if (p->kind == ':' &&
               (key == CONSOLE_FUNCTION + KEY_UP || key == CONSOLE_FUNCTION + KEY_DOWN)) {
        recall(p, key == CONSOLE_FUNCTION + KEY_UP ? -1 : 1);
    } else if (p->kind == '/' &&
               (key == CONSOLE_FUNCTION + KEY_UP || key == CONSOLE_FUNCTION + KEY_DOWN)) {
        view_move(view_now(c), key == CONSOLE_FUNCTION + KEY_UP ? -1 : 1);
    } else if (line_edit_key(&p->edit, key) && p->kind == '/') {
        filter_now(c, p->edit.data);
    }
}

/* What else Tab would bring, above the line. */
static void draw_completions(struct console *c, int row)
{
    const struct prompt *p = &c->prompt;
    int x = 1;

    if (p->completion_count < 2 || row < 0)
        return;
    paint_fill(&c->paint, row, 0, COLS, LOOK_TEXT);
    for (size_t i = p->completion_at; i < p->completion_count && x < COLS; i++)
        x += paint_text(&c->paint, row, x, COLS - x - 1,
                        i == p->completion_at ? LOOK_KEY : LOOK_DIM, p->completions[i]) +
             2;
}

void prompt_draw(struct console *c, int row)
{
    struct prompt *p = &c->prompt;
    char kind[2] = { p->kind, '\0' };

    draw_completions(c, row - 1);
    paint_fill(&c->paint, row, 0, COLS, LOOK_TEXT);
    paint_text(&c->paint, row, 0, 1, LOOK_KEY, kind);
    line_edit_draw(&p->edit, &c->paint, row, 1, COLS - 1, LOOK_TEXT, true);
}

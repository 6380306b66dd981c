/* Words that a worker carries out, and the questions before dangerous ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/json.h>

#include "tui/private.h"

/* What asked for it, and so what its answer goes to. */
enum origin { ORIGIN_KEY, ORIGIN_TYPED /* after ":": what it shows is shown whole */, ORIGIN_FORM };

struct command_ask {
    struct ask ask;
    struct console *console;
    char **words; /* owned */
    int count;
    enum origin origin;
    unsigned form_serial;
    bool fine;
    struct command_result result;
};

void words_free(char **words, int count)
{
    for (int i = 0; i < count; i++) {
        if (words[i] != NULL)
            text_wipe(words[i], strlen(words[i]));
        free(words[i]);
    }
    free(words);
}

static char **words_copy(const char *const *words, int count)
{
    char **copy = calloc((size_t)count + 1, sizeof *copy);

    for (int i = 0; copy != NULL && i < count; i++) {
        copy[i] = text_copy(words[i]);
        if (copy[i] == NULL) {
            words_free(copy, i);
            copy = NULL;
        }
    }
    return copy;
}

static void ask_run(struct ask *a)
{
    struct command_ask *q = (struct command_ask *)a;
    const struct console_source *s = q->console->source;

    q->fine =
        s->run(s->self, q->count, (const char *const *)q->words, a->cancel, &q->result, &a->err);
}

/* What a command that only shows something answered: the values, one a line, nested ones further
 * in. */
static void print_json(struct text *t, const cJSON *node, int depth)
{
    const cJSON *child;

    cJSON_ArrayForEach (child, node) {
        bool nested = cJSON_IsObject(child) || cJSON_IsArray(child);

        if (nested && child->child == NULL)
            continue;
        if (child->string != NULL || !nested)
            text_addf(t, "%*s%s%s", depth * 2, "", child->string != NULL ? child->string : "",
                      child->string != NULL ? ": " : "");
        if (cJSON_IsString(child))
            text_add(t, child->valuestring);
        else if (cJSON_IsNumber(child))
            text_addf(t, "%.15g", child->valuedouble);
        else if (cJSON_IsBool(child))
            text_add(t, cJSON_IsTrue(child) ? "yes" : "no");
        if (child->string != NULL || !nested)
            text_add(t, "\n");
        if (nested)
            print_json(t, child, child->string != NULL ? depth + 1 : depth);
        if (nested && child->string == NULL)
            text_add(t, "\n"); /* between the items of a list */
    }
}

/* What a check of a sign-in found, in a line. */
static bool say_connection(struct console *c, const cJSON *json)
{
    const char *slug = json_string(json, "platform"), *status = json_string(json, "status"),
               *why = json_string(json, "detail"), *remedy = json_string(json, "remedy");
    enum platform_id p;

    if (slug == NULL || status == NULL || !platform_from_slug(slug, &p))
        return false;
    console_say(c, strcmp(status, "connected") != 0, "%s: %s.%s%s%s%s", platform_name(p), status,
                why != NULL && *why != '\0' ? " " : "", why != NULL ? why : "",
                remedy != NULL && *remedy != '\0' ? " " : "", remedy != NULL ? remedy : "");
    return true;
}

static void show_answer(struct console *c, const struct command_ask *q)
{
    const struct command_result *r = &q->result;

    if (r->said[0] != '\0') {
        console_say(c, false, "%s", r->said);
    } else if (q->origin == ORIGIN_KEY && r->json != NULL && say_connection(c, r->json)) {
        return;
    } else if (q->origin == ORIGIN_TYPED && r->json != NULL && r->json->child != NULL) {
        textview_open(&c->text, q->count > 1 ? q->words[0] : "Answer");
        print_json(&c->text.text, r->json, 0);
        c->message[0] = '\0';
    } else {
        console_say(c, false, "Done.");
    }
}

/* The cursor goes to what was just made. */
static void choose_subject(struct console *c, const struct command_result *r)
{
    if (id_is_none(r->subject))
        return;
    c->view = r->kind == SUBJECT_MEETING ? VIEW_MEETINGS : VIEW_STREAMS;
    view_now(c)->chosen = r->subject;
    view_now(c)->target = 0;
}

static void ask_done(struct ask *a)
{
    struct command_ask *q = (struct command_ask *)a;
    struct console *c = q->console;

    bool for_form = q->origin == ORIGIN_FORM;

    if (for_form)
        c->form_cancel = NULL;
    if (for_form && q->fine)
        choose_subject(c, &q->result);
    if (for_form && c->form.active && c->form_serial == q->form_serial)
        form_answer(c, q->fine, q->result.said, &a->err);
    else if (q->fine)
        show_answer(c, q);
    else
        console_say_error(c, &a->err);
    command_result_release(&q->result);
    words_free(q->words, q->count);
    free(q);
    console_reload(c);
}

/* Takes words over. */
static bool start(struct console *c, char **words, int count, enum origin origin, struct error *err)
{
    struct command_ask *q = words != NULL ? calloc(1, sizeof *q) : NULL;

    if (q == NULL) {
        if (words != NULL)
            words_free(words, count);
        return error_set(err, ERROR_MEMORY, NULL, "No memory for the command.");
    }
    q->ask.run = ask_run;
    q->ask.done = ask_done;
    q->console = c;
    q->words = words;
    q->count = count;
    q->origin = origin;
    q->form_serial = c->form_serial;
    if (asks_start(c->asks, &q->ask, err)) {
        if (origin == ORIGIN_FORM)
            c->form_cancel = q->ask.cancel;
        return true;
    }
    words_free(words, count);
    free(q);
    return false;
}

static void start_said(struct console *c, char **words, int count, const char *doing,
                       enum origin origin)
{
    struct error err;

    if (!start(c, words, count, origin, &err))
        console_say_error(c, &err);
    else
        console_say(c, false, "%s %s", doing, paint_glyph(&c->paint, GLYPH_CUT));
}

static void said_yes(struct console *c)
{
    char **words = c->words;

    c->words = NULL;
    start_said(c, words, c->word_count, c->words_doing, c->words_typed ? ORIGIN_TYPED : ORIGIN_KEY);
}

/* The dialog's two answers, by the verb. Neither of them may be taken for the other. */
static void name_answers(const char *const *words, int count, const char **no, const char **yes)
{
    static const struct {
        const char *verb, *no, *yes;
    } of[] = { { "stop", "Cancel", "Stop the broadcast" },
               { "delete", "Cancel", "Delete" },
               { "cancel", "Keep it", "Cancel it" },
               { "disconnect", "Cancel", "Disconnect" } };

    *no = "Cancel";
    *yes = "Go on";
    for (int i = 0; i < count && i < 2; i++) {
        for (size_t k = 0; k < sizeof of / sizeof of[0]; k++) {
            if (strcmp(words[i], of[k].verb) == 0) {
                *no = of[k].no;
                *yes = of[k].yes;
            }
        }
    }
}

static bool refuse_looking(struct console *c, const char *const *words, int count)
{
    if (!c->options.read_only || c->source->role(c->source->self, count, words) == ROLE_VIEWER)
        return false;
    console_say(c, true, "This console only looks (it was started with --read-only or --kiosk).");
    return true;
}

static void run_from(struct console *c, const char *const *words, int count, const char *doing,
                     enum origin origin)
{
    char question[sizeof c->dialog.question];
    const char *no, *yes;

    if (refuse_looking(c, words, count))
        return;
    if (!c->source->question(c->source->self, count, words, question, sizeof question)) {
        start_said(c, words_copy(words, count), count, doing, origin);
        return;
    }
    words_free(c->words, c->words != NULL ? c->word_count : 0);
    c->words = words_copy(words, count);
    c->word_count = count;
    c->words_typed = origin == ORIGIN_TYPED;
    text_copy_to(c->words_doing, sizeof c->words_doing, doing);
    name_answers(words, count, &no, &yes);
    c->dialog_yes = said_yes;
    dialog_ask(&c->dialog, question, no, yes, c->key);
    c->message[0] = '\0';
}

void run_words(struct console *c, const char *const *words, int count, const char *doing)
{
    run_from(c, words, count, doing, ORIGIN_KEY);
}

void run_for_form(struct console *c, const char *const *words, int count, const char *doing)
{
    struct error err;

    if (!start(c, words_copy(words, count), count, ORIGIN_FORM, &err)) {
        form_fail(&c->form, NULL, err.message);
        return;
    }
    c->form.busy = true;
    c->form.message_bad = false;
    text_copy_to(c->form.message, sizeof c->form.message, doing);
}

static void quit_typed(struct console *c)
{
    if (!c->options.kiosk)
        console_leave(c);
}

/* The console's own words. False when they are for the table of commands. */
static bool run_own(struct console *c, char **words, int count)
{
    enum platform_id p;

    if (strcmp(words[0], "q") == 0 || strcmp(words[0], "quit") == 0)
        quit_typed(c);
    else if (strcmp(words[0], "help") == 0 && count == 1)
        console_help(c);
    else if (strcmp(words[0], "connect") == 0 && count == 2 && platform_from_slug(words[1], &p) &&
             signin_possible(c, p) && !refuse_looking(c, (const char *const *)words, count))
        signin_open(c, p);
    else if (strcmp(words[0], "theme") == 0)
        console_set_theme(c, count > 1 ? words[1] : "dark");
    else
        return false;
    return true;
}

void run_line(struct console *c, const char *line)
{
    char **words = NULL, doing[60];
    size_t count = 0;
    struct error err;

    if (!command_split(line, &words, &count, &err)) {
        console_say_error(c, &err);
        return;
    }
    if (count > 0 && !run_own(c, words, (int)count)) {
        snprintf(doing, sizeof doing, "%.28s%s%.28s", words[0], count > 1 ? " " : "",
                 count > 1 ? words[1] : "");
        run_from(c, (const char *const *)words, (int)count, doing, ORIGIN_TYPED);
    }
    words_free(words, (int)count);
}

/* The worker of a sign-in: its front writes down what is to be shown and waits for the person's
 * answers. */
#include "tui/signin.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

struct signin_ask {
    struct ask ask;
    struct console *console;
    enum platform_id platform;
    int pipe[2];
    struct signin_values values; /* owned; empty: those that are stored or configured */
    bool fine;
    struct connection made;

    pthread_mutex_t lock; /* guards the rest; held for a copy's time */
    pthread_cond_t answered;
    struct signin_state state;
    bool has_answer, yes;
    char answer[SIGNIN_ANSWER_MOST];
};

/* ---- the front, on the worker ---- */

static void changed(struct signin_ask *s)
{
    s->state.changes++;
    asks_poke(s->console->asks);
}

static void copy_or_empty(char *out, size_t size, const char *s)
{
    text_copy_to(out, size, s != NULL ? s : "");
}

static void show(void *self, const struct signin_shown *shown)
{
    struct signin_ask *s = self;
    struct signin_state *to = &s->state;

    pthread_mutex_lock(&s->lock);
    copy_or_empty(to->url, sizeof to->url, shown->url);
    copy_or_empty(to->redirect_uri, sizeof to->redirect_uri, shown->redirect_uri);
    copy_or_empty(to->user_code, sizeof to->user_code, shown->user_code);
    copy_or_empty(to->device_url, sizeof to->device_url, shown->device_url);
    copy_or_empty(to->device_complete, sizeof to->device_complete, shown->device_complete);
    if (shown->note != NULL)
        copy_or_empty(to->note, sizeof to->note, shown->note);
    to->returns = shown->returns;
    to->simulated = shown->simulated;
    to->end_mono = shown->end_mono;
    changed(s);
    pthread_mutex_unlock(&s->lock);
}

static void wake(void *argument)
{
    struct signin_ask *s = argument;

    pthread_mutex_lock(&s->lock);
    pthread_cond_broadcast(&s->answered);
    pthread_mutex_unlock(&s->lock);
}

/* Waits for the screen's answer; false when there will be none. */
static bool put(struct signin_ask *s, enum signin_asks what)
{
    bool answered;

    cancel_notify(s->ask.cancel, wake, s);
    pthread_mutex_lock(&s->lock);
    s->state.asks = what;
    s->has_answer = false;
    changed(s);
    while (!s->has_answer && !cancel_asked(s->ask.cancel))
        pthread_cond_wait(&s->answered, &s->lock);
    answered = s->has_answer;
    s->state.asks = SIGNIN_ASKS_NOTHING;
    s->state.note[0] = '\0';
    pthread_mutex_unlock(&s->lock);
    cancel_notify(s->ask.cancel, NULL, NULL);
    return answered;
}

static bool confirm(void *self, const struct signin_found *found)
{
    struct signin_ask *s = self;

    pthread_mutex_lock(&s->lock);
    copy_or_empty(s->state.account, sizeof s->state.account, found->account);
    copy_or_empty(s->state.picture, sizeof s->state.picture, found->picture);
    copy_or_empty(s->state.before, sizeof s->state.before, found->before);
    s->state.simulated = found->simulated;
    pthread_mutex_unlock(&s->lock);
    return put(s, SIGNIN_ASKS_ACCOUNT) && s->yes;
}

static bool ask_value(void *self, const char *question, const char *key, char *out, size_t size)
{
    struct signin_ask *s = self;

    pthread_mutex_lock(&s->lock);
    text_copy_to(s->state.question, sizeof s->state.question, question);
    text_copy_to(s->state.key, sizeof s->state.key, key);
    pthread_mutex_unlock(&s->lock);
    return put(s, SIGNIN_ASKS_VALUE) && s->yes && text_copy_to(out, size, s->answer);
}

static void run(struct ask *a)
{
    struct signin_ask *s = (struct signin_ask *)a;
    const struct console_source *source = s->console->source;
    const struct signin_front front = {
        .self = s, .show = show, .paste_fd = s->pipe[0], .confirm = confirm, .ask = ask_value
    };

    struct setting_value list[SIGNIN_VALUES_MOST];
    struct signin_request r = { .platform = s->platform,
                                .values = s->values.count > 0 ? list : NULL,
                                .value_count = s->values.count };

    for (size_t i = 0; i < s->values.count; i++)
        list[i] = (struct setting_value){ s->values.keys[i], s->values.texts[i] };
    s->fine = source->sign_in(source->self, &r, &front, a->cancel, &s->made, &a->err);
}

/* ---- the app's values ---- */

bool signin_values_add(struct signin_values *v, const char *key, const char *value)
{
    size_t n = v->count;

    if (n == SIGNIN_VALUES_MOST)
        return false;
    v->keys[n] = text_copy(key);
    v->texts[n] = text_copy(value);
    v->count++;
    return v->keys[n] != NULL && v->texts[n] != NULL;
}

void signin_values_wipe(struct signin_values *v)
{
    for (size_t i = 0; i < v->count; i++) {
        if (v->texts[i] != NULL)
            text_wipe(v->texts[i], strlen(v->texts[i]));
        free(v->keys[i]);
        free(v->texts[i]);
    }
    *v = (struct signin_values){ .count = 0 };
}

static bool values_copy(struct signin_values *to, const struct signin_values *from)
{
    for (size_t i = 0; from != NULL && i < from->count; i++) {
        if (!signin_values_add(to, from->keys[i], from->texts[i]))
            return false;
    }
    return true;
}

/* ---- the screen's side ---- */

static void release(struct signin_ask *s)
{
    if (s->pipe[0] >= 0) {
        close(s->pipe[0]);
        close(s->pipe[1]);
    }
    pthread_cond_destroy(&s->answered);
    pthread_mutex_destroy(&s->lock);
    connection_release(&s->made);
    signin_values_wipe(&s->values);
    text_wipe(s, sizeof *s);
    free(s);
}

/* An address or a code was there to be used. */
static bool showed_any(const struct signin_ask *s)
{
    return s->state.url[0] != '\0' || s->state.user_code[0] != '\0';
}

static void done(struct ask *a)
{
    struct signin_ask *s = (struct signin_ask *)a;
    struct console *c = s->console;
    bool fine = s->fine, ever = showed_any(s);
    enum platform_id p = s->platform;
    struct signin_values values = s->values;
    struct error err = a->err;
    char account[200];

    copy_or_empty(account, sizeof account, s->made.account_name);
    s->values = (struct signin_values){ .count = 0 };
    c->signins[p] = NULL;
    release(s);
    signin_over(c, p, fine, ever, account, &values, &err);
}

bool signin_begin(struct console *c, enum platform_id p, const struct signin_values *values,
                  struct error *err)
{
    struct signin_ask *s = calloc(1, sizeof *s);
    bool fine;

    if (s == NULL)
        return error_set(err, ERROR_MEMORY, NULL, "No memory for the sign-in.");
    s->ask.run = run;
    s->ask.done = done;
    s->console = c;
    s->platform = s->state.platform = p;
    s->pipe[0] = s->pipe[1] = -1;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->answered, NULL);
    if (!values_copy(&s->values, values))
        fine = error_set(err, ERROR_MEMORY, NULL, "No memory for the sign-in.");
    else if (pipe2(s->pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        fine = error_set(err, ERROR_INTERNAL, "Close other programs and try again.",
                         "No descriptor is left for the sign-in.");
    else
        fine = asks_start(c->asks, &s->ask, err);
    if (fine)
        c->signins[p] = s;
    else
        release(s);
    return fine;
}

bool signin_look(const struct console *c, enum platform_id p, struct signin_state *out)
{
    struct signin_ask *s = c->signins[p];

    if (s == NULL)
        return false;
    pthread_mutex_lock(&s->lock);
    *out = s->state;
    pthread_mutex_unlock(&s->lock);
    return true;
}

/* In one piece or not at all: the pipe holds several lines of the most that can be typed, and must
 * be empty of the one before. */
bool signin_paste(struct console *c, enum platform_id p, const char *line)
{
    struct signin_ask *s = c->signins[p];
    char *whole = text_format("%s\n", line);
    size_t length = whole != NULL ? strlen(whole) : 0;
    int waiting = 0;
    bool sent = s != NULL && whole != NULL && ioctl(s->pipe[0], FIONREAD, &waiting) == 0 &&
                waiting == 0 && write(s->pipe[1], whole, length) == (ssize_t)length;

    text_wipe(whole, length);
    free(whole);
    return sent;
}

void signin_answer(struct console *c, enum platform_id p, bool yes, const char *value)
{
    struct signin_ask *s = c->signins[p];

    if (s == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    if (s->state.asks != SIGNIN_ASKS_NOTHING) {
        s->has_answer = true;
        s->yes = yes;
        copy_or_empty(s->answer, sizeof s->answer, value);
        pthread_cond_broadcast(&s->answered);
    }
    pthread_mutex_unlock(&s->lock);
}

void signin_break_off(struct console *c, enum platform_id p)
{
    if (c->signins[p] != NULL)
        cancel_ask(c->signins[p]->ask.cancel);
}

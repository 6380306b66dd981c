#include "manager/signin.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/oauth/loopback.h>
#include <ecclesia/vault/hash.h>

enum { URL_MOST = 6000, QUERY_MOST = 16 * 1024 + 1 };

static void show(struct signin *s, const char *note)
{
    struct signin_shown shown = {
        .platform = s->attempt.platform->id,
        .url = s->url.length ? text_str(&s->url) : NULL,
        .redirect_uri = s->flow.redirect_uri,
        .returns = s->loopback != NULL,
        .note = note,
        .end_mono = s->end_mono,
        .simulated = s->attempt.connection.simulated,
    };

    if (s->code) {
        shown.user_code = s->code->user_code;
        shown.device_url = s->code->url;
        shown.device_complete = s->code->complete[0] ? s->code->complete : NULL;
    }
    s->front->show(s->front->self, &shown);
}

/* ---- somebody came back ---- */

static bool fail(struct signin *s)
{
    s->over = true;
    return false;
}

/* The state is used up by this: from here on it succeeds or is over. */
static bool arrive(struct signin *s, const struct callback *c, struct error *err)
{
    struct attempt *a = &s->attempt;
    struct flow flow;
    bool done;

    signin_device_stop(s->device);
    s->device = NULL;
    s->code = NULL;
    if (!flow_take(a->m->vault, a->m->store, a->platform->id, c, s->browser, &flow, err))
        return fail(s);
    done = attempt_exchange(a, &flow, c, s->cancel, err);
    flow_release(&flow);
    if (!done)
        return fail(s);
    s->method = "oauth";
    return true;
}

static void note_error(struct signin *s, const struct error *why)
{
    char note[sizeof why->message + sizeof why->remedy + 2];

    snprintf(note, sizeof note, "%s %s", why->message, why->remedy);
    show(s, note);
}

/* Only what bears our own state is believed; the rest is told and forgotten. */
static void weigh(struct signin *s, struct callback *c, const struct error *why, struct error *err)
{
    char hash[65];

    if (why->kind != ERROR_NONE) {
        note_error(s, why);
    } else if (c->bare) {
        show(s,
             "The browser came back without an answer: the sign-in was refused there, or that page "
             "was opened by hand. The address above is still good.");
    } else {
        state_hash(c->state, hash);
        if (vault_same(hash, s->hash, sizeof hash))
            arrive(s, c, err);
        else
            show(s, "That answer belongs to another sign-in, or to an earlier try. Use the address "
                    "above.");
    }
    callback_wipe(c);
}

static void from_browser(struct signin *s, struct error *err)
{
    char *query = malloc(QUERY_MOST);
    struct callback c = { .state = "" };
    struct error why = { 0 };

    if (query && loopback_take(s->loopback, query, QUERY_MOST)) {
        callback_read(&c, query, strlen(query), &why);
        weigh(s, &c, &why, err);
    }
    if (query)
        text_wipe(query, QUERY_MOST);
    free(query);
}

static void from_line(struct signin *s, struct error *err)
{
    struct callback c = { .state = "" };
    struct error why = { 0 };

    s->line[s->line_length] = '\0';
    if (s->line[strspn(s->line, " \t\r")] == '\0' && !s->line_overflow)
        return;
    if (!s->flowing)
        show(s, "Nothing is to be pasted here: this sign-in goes by the code alone.");
    else if (s->line_overflow)
        show(s, "What was pasted is too long to be the address of the sign-in's end.");
    else {
        callback_pasted(&c, s->line, s->flow.redirect_uri, &why);
        weigh(s, &c, &why, err);
    }
}

static void from_paste(struct signin *s, struct error *err)
{
    char bytes[4096];
    ssize_t got = read(s->paste_fd, bytes, sizeof bytes);

    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) {
        s->paste_fd = -1; /* the other ways go on */
        return;
    }
    for (ssize_t i = 0; i < got && !s->over && !s->method; i++) {
        if (bytes[i] == '\n') {
            from_line(s, err);
            s->line_length = 0;
            s->line_overflow = false;
        } else if (bytes[i] == '\0' || s->line_length == SIGNIN_LINE_MOST) {
            s->line_overflow = true;
        } else {
            s->line[s->line_length++] = bytes[i];
        }
    }
    text_wipe(bytes, sizeof bytes);
    if (s->over || s->method)
        text_wipe(s->line, sizeof s->line);
}

static void from_device(struct signin *s, struct error *err)
{
    struct error why = { 0 };

    switch (signin_device_news(s->device, &s->code, &s->attempt.token, &why)) {
    case DEVICE_SHOWN:
        show(s, NULL);
        break;
    case DEVICE_SIGNED_IN:
        s->method = "device";
        break;
    case DEVICE_FAILED:
        signin_device_stop(s->device);
        s->device = NULL;
        s->code = NULL;
        /* A refusal is one whichever way it came; a way that the app is not registered for is none.
         */
        if (!(s->ways & SIGNIN_WAY_BROWSER) || why.kind == ERROR_FORBIDDEN) {
            if (err)
                *err = why;
            s->over = true;
        }
        break;
    case DEVICE_NOTHING:
        break;
    }
}

static void from_elsewhere(struct signin *s, struct error *err)
{
    struct attempt *a = &s->attempt;
    bool arrived = false;

    if (!watch_changed(s->watch) || !s->flowing)
        return;
    bool good = flow_collect(a->m->vault, a->m->store, s->state, &arrived, &a->token, err);
    if (!arrived)
        return;
    signin_device_stop(s->device);
    s->device = NULL;
    s->code = NULL;
    s->over = !good;
    s->method = good ? "oauth" : NULL;
}

/* ---- waiting ---- */

static void wake(void *argument)
{
    uint64_t one = 1;

    if (write(*(int *)argument, &one, sizeof one) < 0)
        (void)errno; /* full: it is readable already */
}

static bool ended(struct signin *s, struct error *err)
{
    if (cancel_asked(s->cancel)) {
        error_set(err, ERROR_CANCELLED, "Begin again whenever you like.",
                  "The sign-in was broken off; nothing was changed.");
        return true;
    }
    if (clock_mono() < s->end_mono)
        return false;
    error_set(err, ERROR_TIMEOUT,
              "Begin again, and open the address sooner. When the platform's page showed an error "
              "instead: `ecclesia platform show` says "
              "how the app must be registered.",
              "Nobody has signed in at %s in time.", platform_name(s->attempt.platform->id));
    return true;
}

static bool wait_for_person(struct signin *s, struct error *err)
{
    while (!s->method && !s->over) {
        struct pollfd fds[5] = {
            { .fd = s->cancel_fd, .events = POLLIN },
            { .fd = s->loopback ? loopback_fd(s->loopback) : -1, .events = POLLIN },
            { .fd = s->paste_fd, .events = POLLIN },
            { .fd = s->device ? signin_device_fd(s->device) : -1, .events = POLLIN },
            { .fd = s->watch ? watch_fd(s->watch) : -1, .events = POLLIN }
        };
        int64_t left = s->end_mono - clock_mono();

        if (ended(s, err))
            return false;
        /* Only while waiting: a call to the platform takes the place of the one who is told. */
        if (s->cancel)
            cancel_notify(s->cancel, wake, &s->cancel_fd);
        poll(fds, 5, left > 60000 ? 60000 : (int)left);
        if (s->cancel)
            cancel_notify(s->cancel, NULL, NULL);
        if (fds[1].revents)
            from_browser(s, err);
        if (fds[2].revents && !s->method && !s->over)
            from_paste(s, err);
        if (fds[3].revents && !s->method && !s->over && s->device)
            from_device(s, err);
        if (fds[4].revents && !s->method && !s->over)
            from_elsewhere(s, err);
    }
    signin_device_stop(s->device);
    s->device = NULL;
    s->code = NULL;
    return s->method != NULL;
}

/* ---- all of it ---- */

/* Whether a device's code gives all that the browser does is not promised everywhere (Meta's does
 * not say so of Pages). */
static void offer_browser(const struct signin *s, struct error *err)
{
    static const char offer[] = " Or sign in by the browser: --method oauth.";

    if (!err || err->kind != ERROR_FORBIDDEN || !text_equal(s->method, "device") ||
        !(s->attempt.platform->signin & SIGNIN_OAUTH) ||
        strlen(err->remedy) + sizeof offer > sizeof err->remedy)
        return;
    memcpy(err->remedy + strlen(err->remedy), offer, sizeof offer);
}

static bool identify(struct signin *s, struct error *err)
{
    if (attempt_identify(&s->attempt, s->front, s->cancel, err))
        return true;
    offer_browser(s, err);
    return false;
}

/* Zoom gives one grant per person and app: what was granted just now, and is not kept, has ended
 * the one of the connection that stays. Nobody shall take that for good until the next probe. */
static void look_at_earlier(struct signin *s)
{
    struct attempt *a = &s->attempt;
    struct connection c = { 0 };
    struct db *db = NULL;
    bool there = false;

    if (!a->token.access[0] || cancel_asked(s->cancel) || !db_read(a->m->store, &db, NULL))
        return;
    if (connection_for(db, a->connection.church, a->platform->id, &c, NULL))
        there = c.status == CONNECTION_CONNECTED;
    db_read_end(db);
    connection_release(&c);
    if (there && connection_check(a->m, a->connection.church, a->platform->id,
                                  &(struct actor){ .name = "engine" }, NULL, &c, NULL))
        connection_release(&c);
}

static void signin_close(struct signin *s)
{
    signin_device_stop(s->device);
    loopback_close(s->loopback);
    watch_close(s->watch);
    if (s->flowing)
        flow_end(s->attempt.m->store, s->state);
    flow_release(&s->flow);
    text_release(&s->url);
    attempt_close(&s->attempt);
    if (s->cancel_fd >= 0)
        close(s->cancel_fd);
    text_wipe(s, sizeof *s);
    free(s);
}

bool signin_run(struct manager *m, const struct signin_request *r, const struct signin_front *front,
                const struct actor *by, struct cancel *cancel, struct connection *out,
                struct error *err)
{
    struct signin *s = calloc(1, sizeof *s);
    struct signin_request with = *r;
    struct signin_kept kept = { .count = 0 };
    int64_t most = r->timeout_ms > 0 ? r->timeout_ms : config_ms(m->config, "signin", "wait");
    bool done;

    if (!s)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    s->front = front;
    s->cancel = cancel;
    s->paste_fd = front->paste_fd;
    s->browser = r->browser;
    s->end_mono = clock_mono() + (most < FLOW_LIFE_MS ? most : FLOW_LIFE_MS);
    s->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    text_init(&s->url, URL_MOST);
    done = signin_keep(&kept, m, &with)
               ? attempt_open(&s->attempt, m, &with, err) && signin_open_ways(s, &with, by, err)
               : error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    if (done) {
        show(s, NULL);
        done = wait_for_person(s, err) && identify(s, err) && signin_confirm(s, err) &&
               attempt_store(&s->attempt, s->method, by, err) &&
               signin_tell_missing(&s->attempt, by);
    }
    if (!done)
        look_at_earlier(s);
    if (done && out) {
        *out = s->attempt.connection;
        s->attempt.connection = (struct connection){ 0 };
    }
    signin_close(s);
    signin_kept_wipe(&kept);
    return done;
}

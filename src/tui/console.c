/* The console's life: made, told of news, keys and sizes, freed. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

#include "tui/private.h"

void console_say(struct console *c, bool bad, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(c->message, sizeof c->message, format, ap);
    va_end(ap);
    c->message_bad = bad;
    c->dirty = true;
}

void console_words_of(const struct error *err, char *out, size_t size)
{
    size_t length = strlen(err->message);
    bool stop = length > 0 && strchr(".!?", err->message[length - 1]) != NULL;

    snprintf(out, size, "%s%s%s", err->message,
             err->remedy[0] == '\0' ? ""
             : stop                 ? " "
                                    : ". ",
             err->remedy);
}

void console_say_error(struct console *c, const struct error *err)
{
    console_words_of(err, c->message, sizeof c->message);
    c->message_bad = c->dirty = true;
}

const struct connection *console_connection(const struct console *c, enum platform_id p)
{
    for (size_t i = 0; i < c->connection_count; i++) {
        if (c->connections[i].platform == p)
            return &c->connections[i];
    }
    return NULL;
}

const char *console_zone(const struct console *c)
{
    return c->church.zone;
}

void console_set_theme(struct console *c, const char *name)
{
    struct theme theme;
    struct error err;

    if (!theme_load(&theme, name, &err))
        console_say_error(c, &err);
    paint_start(&c->paint, &theme, c->options.no_color);
    console_redraw(c);
}

static void start_keys(struct console *c)
{
    struct error err;

    if (c->options.config != NULL && !keymap_configure(&c->keymap, c->options.config, &err))
        console_say_error(c, &err);
}

struct console *console_new(const struct console_source *source, const struct console_options *o,
                            struct error *err)
{
    struct console *c = calloc(1, sizeof *c);

    if (c == NULL || !asks_new(&c->asks, err) || !keymap_start(&c->keymap, err) ||
        !prompt_start(&c->prompt)) {
        if (c == NULL || c->asks != NULL)
            error_set(err, ERROR_MEMORY, NULL, "No memory for the console.");
        console_free(c);
        return NULL;
    }
    c->source = source;
    c->options = *o;
    c->options.read_only |= o->kiosk;
    c->paint.utf8 = o->utf8;
    c->paint.plain = o->plain;
    c->paint.ascii = o->ascii || o->plain || !o->utf8;
    c->log.level = c->log.platform = -1;
    view_start(&c->views[VIEW_CONNECTIONS], &view_connections, c);
    view_start(&c->views[VIEW_STREAMS], &view_streams, c);
    view_start(&c->views[VIEW_MEETINGS], &view_meetings, c);
    c->view = VIEW_STREAMS;
    console_set_theme(c, o->theme);
    start_keys(c);
    return c;
}

static void free_connections(struct console *c)
{
    for (size_t i = 0; i < c->connection_count; i++)
        connection_release(&c->connections[i]);
    free(c->connections);
    c->connections = NULL;
    c->connection_count = 0;
}

void console_free(struct console *c)
{
    if (c == NULL)
        return;
    asks_free(c->asks);
    signin_leave(c);
    host_link_close(c);
    for (int i = 0; i < VIEW_COUNT; i++) {
        if (c->views[i].ops != NULL)
            view_release(&c->views[i]);
    }
    for (size_t i = 0; i < c->log.count; i++)
        event_release(&c->log.events[i]);
    free(c->log.events);
    free_connections(c);
    church_release(&c->church);
    if (c->words != NULL)
        words_free(c->words, c->word_count);
    form_close(&c->form);
    textview_close(&c->text);
    prompt_release(&c->prompt);
    keymap_release(&c->keymap);
    free(c);
}

static bool load_church(struct console *c, struct error *err)
{
    struct church church = { 0 };

    if (!c->source->church(c->source->self, &church, err))
        return false;
    church_release(&c->church);
    c->church = church;
    return true;
}

static bool load_connections(struct console *c, struct error *err)
{
    struct connection *list = NULL;
    size_t count = 0;

    if (!c->source->connections(c->source->self, &list, &count, err))
        return false;
    free_connections(c);
    c->connections = list;
    c->connection_count = count;
    c->connected = c->platforms = 0;
    c->simulated = false;
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const struct connection *k = console_connection(c, (enum platform_id)p);

        c->platforms += c->source->platform(c->source->self, (enum platform_id)p) != NULL;
        c->connected += k != NULL && k->status == CONNECTION_CONNECTED;
        c->simulated = c->simulated || (k != NULL && k->simulated) ||
                       c->source->simulated(c->source->self, (enum platform_id)p);
    }
    return true;
}

static bool load_live(struct console *c, struct error *err)
{
    struct record_filter f = { .status = LIVESTREAM_LIVE, .platform = -1, .limit = 50 };
    struct livestream *list = NULL;
    size_t count = 0;

    if (!c->source->livestreams(c->source->self, &f, &list, &count, err))
        return false;
    c->live = (int)count;
    c->live_since_ms = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].started_ms > 0 &&
            (c->live_since_ms == 0 || list[i].started_ms < c->live_since_ms))
            c->live_since_ms = list[i].started_ms;
        livestream_release(&list[i]);
    }
    free(list);
    return true;
}

void console_reload(struct console *c)
{
    struct error err;

    c->dirty = true;
    if (load_church(c, &err) && load_connections(c, &err) && load_live(c, &err) &&
        view_load(view_now(c), &err) && log_load(c, &err) && news_load(c, &err)) {
        if (c->read_failed)
            c->message[0] = '\0';
        c->read_failed = false;
        return;
    }
    /* What was read before stays on the screen. */
    c->read_failed = true;
    console_say_error(c, &err);
}

void console_resize(struct console *c)
{
    c->log.rows = 0; /* as many lines as fit now are read again */
    console_redraw(c);
}

void console_tick(struct console *c)
{
    c->dirty = true;
}

void console_redraw(struct console *c)
{
    c->dirty = c->whole = true;
}

bool console_draw(struct console *c)
{
    if (!c->dirty)
        return false;
    c->dirty = false;
    console_draw_all(c);
    return true;
}

int console_fd(const struct console *c)
{
    return asks_fd(c->asks);
}

void console_asks(struct console *c)
{
    asks_finish(c->asks);
    signin_news(c);
}

bool console_busy(const struct console *c)
{
    return asks_busy(c->asks);
}

bool console_quit(const struct console *c)
{
    return c->quit;
}

bool console_suspend(struct console *c)
{
    bool wish = c->suspend;

    c->suspend = false;
    return wish;
}

void console_tell(struct console *c, const struct error *err)
{
    console_say_error(c, err);
}

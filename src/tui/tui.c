/* The console's loop: one poll on keys, signals, the store's news and finished work, until the next
 * minute. */
#include <ecclesia/tui/tui.h>

#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/tui/console.h>

#include "tui/ask.h"
#include "tui/term.h"

/* A long paste must hold up neither the screen nor a signal. */
enum { KEYS_A_TURN = 2000 };
enum { SECOND_MS = 1000, MINUTE_MS = 60 * 1000, STATUS_LOST = 128 + 1 };

struct loop {
    struct engine *engine;
    struct console *console;
    struct console_source source;
    struct watch *watch;
    struct asks *asks; /* the engine's start */
    int64_t minute;    /* of the clock on the screen */
    int64_t second;    /* of a countdown on the screen */
    bool more_keys;    /* the last turn left some, which poll() need not know of */
    int status;        /* -1 while it runs */
};

static void write_terminal(void *context, const void *bytes, size_t length)
{
    (void)context;
    term_write(bytes, length);
}

static struct console_options options_of(const struct tui_options *o, const struct config *config)
{
    const char *no_color = getenv("NO_COLOR"), *name = getenv("TERM");
    bool linux_console = name != NULL && strncmp(name, "linux", 5) == 0;

    return (struct console_options){
        .theme = o->theme,
        .config = config,
        .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .ascii = o->ascii || linux_console, /* its font has few of the marks */
        .plain = o->plain,
        .read_only = o->read_only,
        .kiosk = o->kiosk,
        .no_color = no_color != NULL && *no_color != '\0',
        .write_terminal = linux_console ? NULL : write_terminal,
    };
}

/* ---- the engine begins beside the first picture, not before it ---- */

struct begin_ask {
    struct ask ask;
    struct loop *loop;
    bool fine;
};

static void begin_run(struct ask *a)
{
    struct begin_ask *b = (struct begin_ask *)a;
    bool working;

    b->fine = engine_work(b->loop->engine, true, &working, &a->err);
}

static void begin_done(struct ask *a)
{
    struct begin_ask *b = (struct begin_ask *)a;

    if (!b->fine)
        console_tell(b->loop->console, &a->err);
    console_reload(b->loop->console);
    free(b);
}

static void begin_engine(struct loop *l)
{
    struct begin_ask *b = calloc(1, sizeof *b);
    struct error err;

    if (b == NULL)
        return;
    b->ask.run = begin_run;
    b->ask.done = begin_done;
    b->loop = l;
    if (!asks_start(l->asks, &b->ask, &err)) {
        console_tell(l->console, &err);
        free(b);
    }
}

/* ---- one turn ---- */

static void take_signals(struct loop *l)
{
    struct term_signals s;

    term_signals(&s);
    if (s.end != 0)
        l->status = 128 + s.end;
    if (s.suspend)
        term_suspend();
    if (s.resized)
        term_resize();
    if (s.resumed || s.suspend)
        console_redraw(l->console);
    if (s.resized || s.suspend)
        console_resize(l->console);
}

static void take_keys(struct loop *l)
{
    bool ended = false;
    int key, left = KEYS_A_TURN;

    while (l->status < 0 && left > 0 && term_key(&key, &ended)) {
        left--;
        console_key(l->console, key);
        if (console_quit(l->console))
            l->status = 0;
        if (console_suspend(l->console)) {
            term_suspend();
            console_resize(l->console);
        }
    }
    l->more_keys = left == 0;
    if (ended)
        l->status = STATUS_LOST;
}

static void take_minute(struct loop *l)
{
    int64_t now = clock_now() / MINUTE_MS;

    if (now != l->minute)
        console_tick(l->console);
    l->minute = now;
}

static void take_second(struct loop *l)
{
    int64_t now = clock_mono() / SECOND_MS;

    if (now != l->second && console_counts(l->console))
        console_tick(l->console);
    l->second = now;
}

/* Until the picture changes by itself. */
static int quiet_ms(const struct loop *l)
{
    if (l->more_keys)
        return 0;
    if (console_counts(l->console))
        return (int)(SECOND_MS - clock_mono() % SECOND_MS) + 1;
    return (int)(MINUTE_MS - clock_now() % MINUTE_MS) + 1;
}

static void one_turn(struct loop *l)
{
    struct pollfd p[] = { { .fd = 0, .events = POLLIN },
                          { .fd = term_fd(), .events = POLLIN },
                          { .fd = watch_fd(l->watch), .events = POLLIN },
                          { .fd = console_fd(l->console), .events = POLLIN },
                          { .fd = asks_fd(l->asks), .events = POLLIN } };

    console_draw(l->console);
    poll(p, sizeof p / sizeof p[0], quiet_ms(l));
    take_minute(l);
    take_second(l);
    if (p[1].revents != 0)
        take_signals(l);
    if (p[4].revents != 0)
        asks_finish(l->asks);
    if (p[3].revents != 0)
        console_asks(l->console);
    if (p[2].revents != 0 && watch_changed(l->watch))
        console_reload(l->console);
    if (p[0].revents != 0 || l->more_keys)
        take_keys(l);
}

static bool start(struct loop *l, const struct config *config, const struct tui_options *o,
                  struct error *err)
{
    struct console_options options;

    if (!console_source_engine(&l->source, l->engine, o->church, o->actor,
                               !o->read_only && !o->kiosk, err) ||
        !watch_open(&l->watch, engine_store(l->engine), err) || !asks_new(&l->asks, err) ||
        !term_start(err))
        return false;
    options = options_of(o, config);
    l->console = console_new(&l->source, &options, err);
    return l->console != NULL;
}

int tui_main(struct engine *engine, const struct config *config, const struct tui_options *o,
             struct error *err)
{
    struct loop l = { .engine = engine, .status = -1 };

    if (strcmp(setlocale(LC_CTYPE, NULL), "C") == 0)
        setlocale(LC_CTYPE, "");
    if (start(&l, config, o, err)) {
        console_reload(l.console);
        console_draw(l.console); /* before anything that could wait */
        l.minute = clock_now() / MINUTE_MS;
        if (!o->read_only && !o->kiosk)
            begin_engine(&l);
        while (l.status < 0)
            one_turn(&l);
    }
    term_stop(); /* the person is back in the shell while the last answers are waited for */
    asks_free(l.asks);
    console_free(l.console);
    watch_close(l.watch);
    console_source_engine_free(&l.source);
    return l.status;
}

/* The console without a terminal: records in, keys in, cells of curses out. tui_main() runs it on a
 * real terminal, tests on a terminal that writes to /dev/null. One thread, the one that calls
 * curses, except where it says "worker". */
#ifndef ECCLESIA_TUI_CONSOLE_H
#define ECCLESIA_TUI_CONSOLE_H

#include <ecclesia/base/cancel.h>
#include <ecclesia/base/config.h>
#include <ecclesia/command/command.h>
#include <ecclesia/platform/platform.h>
#include <ecclesia/tui/key.h>

/* Where records come from and commands go to. One over the engine (console_source_engine), one in
 * tests. Lists are the caller's: release each, then free() the array; on failure nothing is put
 * out. */
struct console_source {
    void *self;

    /* The screen's thread: short reads, never a network, never a writer's lock. */
    bool (*church)(void *self, struct church *out, struct error *err);
    bool (*connections)(void *self, struct connection **out, size_t *count, struct error *err);
    bool (*livestreams)(void *self, const struct record_filter *f, struct livestream **out,
                        size_t *count, struct error *err);
    bool (*meetings)(void *self, const struct record_filter *f, struct meeting **out, size_t *count,
                     struct error *err);
    bool (*events)(void *self, const struct event_filter *f, struct event **out, size_t *count,
                   struct error *err);
    const struct platform *(*platform)(void *self, enum platform_id p); /* NULL: not spoken yet */
    bool (*simulated)(void *self, enum platform_id p);
    void (*worker)(
        void *self, char *out,
        size_t size); /* who carries out jobs: "this console", "pid 4711 (…)", "" nobody */
    /* True when these words are dangerous: the person is asked first, and out says what would
     * happen. */
    bool (*question)(void *self, int argc, const char *const *argv, char *out, size_t size);
    enum role (*role)(
        void *self, int argc,
        const char *const *argv); /* who may; ROLE_VIEWER also for words that mean nothing */
    size_t (*complete)(void *self, const char *line, char **out,
                       size_t most); /* each yours: free() */

    /* Worker: a person's sign-in, shown by front, until it ends one way or the other; r's church is
     * the source's. NULL: there is none. *out is the caller's. */
    bool (*sign_in)(void *self, const struct signin_request *r, const struct signin_front *front,
                    struct cancel *cancel, struct connection *out, struct error *err);
    /* Worker: carries the words out. */
    bool (*run)(void *self, int argc, const char *const *argv, struct cancel *cancel,
                struct command_result *out, struct error *err);
};

struct console_options {
    const char *theme;           /* as in tui_options */
    const struct config *config; /* key bindings; NULL: the defaults */
    bool utf8;                   /* the locale's character set */
    bool ascii, plain, read_only, kiosk;
    bool no_color;
    /* Bytes for the terminal itself, past curses (the clipboard). NULL: there is no clipboard. */
    void (*write_terminal)(void *context, const void *bytes, size_t length);
    void *context;
    int64_t (*mono)(void); /* what countdowns go by; NULL: clock_mono() */
};

struct console;

/* Curses must have been started (initscr, newterm). Borrows source and options' strings for life.
 * Never fails for a wrong theme or binding: the default goes on and the console says which line is
 * wrong. NULL with err only without memory. Reads nothing: console_reload(). */
struct console *console_new(const struct console_source *source, const struct console_options *o,
                            struct error *err);
/* Waits for asks that are under way (they are cancelled first). NULL is fine. */
void console_free(struct console *c);

/* Reads what is shown again. After news of the store, and once at the start. */
void console_reload(struct console *c);
/* The terminal's size changed; curses must know it already (resize_term). */
void console_resize(struct console *c);
/* The minute changed, or the second while console_counts(). */
void console_tick(struct console *c);
/* Seconds that run down are on the screen. */
bool console_counts(const struct console *c);
/* Everything is sent again (^L, after fg). */
void console_redraw(struct console *c);
void console_key(struct console *c, int key);
/* Draws into curses and sends the differences by one doupdate(). False when nothing had changed:
 * then nothing is written. */
bool console_draw(struct console *c);

/* Readable when an ask is done: then call console_asks(). */
int console_fd(const struct console *c);
void console_asks(struct console *c);
bool console_busy(const struct console *c); /* an ask is under way */

/* What the console wants of its loop. Reading takes the wish back. */
bool console_quit(const struct console *c);
bool console_suspend(struct console *c);

/* Shows an error of the program around it. */
void console_tell(struct console *c, const struct error *err);

/* The source over an engine. *out is yours: console_source_engine_free(). Borrows the engine.
 * church NULL: the only one, made when there is none yet and create is set (that writes: before the
 * screen is there). */
bool console_source_engine(struct console_source *out, struct engine *engine, const char *church,
                           const char *actor, bool create, struct error *err);
void console_source_engine_free(struct console_source *s);

#endif

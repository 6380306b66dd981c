/* The inner header of the console: its state, what a view is, and what the parts call of one
 * another. Screen's thread alone. */
#ifndef TUI_PRIVATE_H
#define TUI_PRIVATE_H

#include <ecclesia/base/text.h>
#include <ecclesia/tui/console.h>

#include "tui/ask.h"
#include "tui/keymap.h"
#include "tui/layout.h"
#include "tui/widgets/paint.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/form.h"
#include "tui/widgets/line_edit.h"
#include "tui/widgets/list.h"
#include "tui/widgets/textview.h"

enum { DETAIL_MOST = 40, PAGE_ROWS = 200, LINKS_MOST = 16, HISTORY_MOST = 100, WORDS_MOST = 80 };

struct view;

/* A line of the detail: a target, or a fact. */
struct detail_line {
    int target; /* index of the target, -1 none */
    enum glyph mark;
    enum look look; /* of mark and status */
    char name[40], status[40], figure[40];
    char text[900];
    enum look text_look;
    bool wraps; /* text takes as many rows as it needs */
    char right[40];
};

struct detail {
    char title[200];
    struct detail_line lines[DETAIL_MOST];
    size_t count;
};

/* What a tab shows. A view knows its record; the list, the detail and the keys around it are the
 * same for all. */
struct view_ops {
    const char *tab;
    const struct list_column *columns;
    bool has_steps; /* an empty list shows the first steps */
    const char *empty;
    /* Puts out the rows of f; a short read. */
    bool (*load)(struct console *c, const struct record_filter *f, void **rows, size_t *count,
                 struct error *err);
    void (*release)(void *rows, size_t count);
    struct id (*row_id)(const struct view *v, size_t row);
    list_cell_fn *cell; /* context: struct view */
    void (*detail)(struct console *c, const struct view *v, struct detail *d);
    /* The chosen row's target number i; NULL past the last. */
    const struct target *(*target)(const struct view *v, size_t i);
    /* True when the action does not fit now; why says so in a sentence. */
    bool (*refuses)(struct console *c, const struct view *v, enum action a, char *why, size_t size);
    void (*act)(struct console *c, struct view *v, enum action a);
};

struct view {
    const struct view_ops *ops;
    struct console *console;
    struct list list; /* its count is of the rows in memory */
    size_t offset;    /* of the first row in memory */
    bool more;        /* there are rows behind those in memory */
    void *rows;       /* owned, ops->release() */
    struct id chosen; /* the row that the cursor shall stay on */
    size_t target;    /* chosen in the detail */
    char filter[80];
    bool loaded;
};

struct log_pane {
    struct event *events; /* owned; oldest first */
    size_t count;
    int64_t before;      /* 0: the newest */
    int level, platform; /* -1 all */
    int rows;            /* as last drawn */
};

struct news {
    bool begun;
    int64_t upto;             /* id of the last event looked at */
    int64_t day_ms;           /* midnight of the day that is counted */
    int64_t warnings, errors; /* of that day */
    int64_t notice_id;        /* the failure that waits to be seen, 0 none */
    int64_t notice_rung;      /* the one that the bell rang for */
    char notice[700];
};

struct link {
    char name[40], what[40], url[600];
};

struct links {
    bool active, qr;
    char title[160];
    struct link links[LINKS_MOST];
    size_t count, cursor;
};

struct prompt {
    char kind; /* ':' or '/'; 0: not open */
    struct line_edit edit;
    char *history[HISTORY_MOST]; /* owned, oldest first */
    size_t history_count, history_at;
    char **completions; /* owned */
    size_t completion_count, completion_at;
};

/* Values of a platform's app, as a person typed them. Owned; wiped. */
enum { SIGNIN_VALUES_MOST = 8 };
struct signin_values {
    char *keys[SIGNIN_VALUES_MOST], *texts[SIGNIN_VALUES_MOST];
    size_t count;
};

enum signin_page {
    SIGNIN_PAGE_CHOICE, /* which way; none is under way yet */
    SIGNIN_PAGE_WAIT,
    SIGNIN_PAGE_OVER /* it has failed */
};

/* The sign-in that is shown; the sign-in itself goes on without it. */
struct signin_view {
    bool active;
    enum platform_id platform;
    enum signin_page page;
    int choice;            /* of SIGNIN_PAGE_CHOICE */
    int qr;                /* what fills the screen as a QR code, counted from 1; 0: none does */
    bool typing, too_long; /* more was pasted than an address can be */
    struct line_edit edit; /* while typing */
    char outcome[1200];    /* of SIGNIN_PAGE_OVER */
    struct signin_values values; /* of SIGNIN_PAGE_OVER: for another try */
    int top, rows, lines;        /* scrolling, as last drawn */
};

/* A link that opens a meeting as its host, on demand; a credential. */
struct host_view {
    bool active;
    char title[300], link[4096]; /* wiped when it is closed */
    bool sent;                   /* to the clipboard */
};

enum form_about { FORM_CONNECT, FORM_APP, FORM_LIVESTREAM, FORM_MEETING };

struct console {
    const struct console_source *source;
    struct console_options options;
    struct paint paint;
    struct keymap keymap;
    struct asks *asks;

    struct church church;           /* owned */
    struct connection *connections; /* owned */
    size_t connection_count;
    int connected, platforms; /* how many of how many */
    bool simulated;
    int live; /* streams on air */
    int64_t live_since_ms;
    bool read_failed;

    struct view views[VIEW_COUNT];
    int view;
    bool in_detail;
    enum layout_log log_size;
    struct log_pane log;
    struct layout layout; /* as last drawn */

    struct news news;

    char message[1000];
    bool message_bad;

    struct form form;
    enum form_about form_about;
    enum platform_id form_platform; /* of FORM_CONNECT and FORM_APP */
    struct id form_id;              /* of the record being edited, none: a new one */
    unsigned form_serial;           /* so that an answer finds only the form that asked */
    struct cancel *form_cancel;     /* borrowed while the form's words are under way */
    const char *form_primary[PLATFORM_COUNT + 1]; /* names to choose from */

    struct dialog dialog;
    void (*dialog_yes)(struct console *c);
    char **words; /* owned: what the dialog's yes runs */
    int word_count;
    char words_doing[160];
    bool words_typed; /* they come from the ":" line */

    struct textview text;
    struct links links;
    struct prompt prompt;
    struct signin_ask *signins[PLATFORM_COUNT]; /* under way; NULL none */
    unsigned signin_seen[PLATFORM_COUNT];       /* changes of each that were drawn */
    struct signin_view signin_view;
    struct host_view host;

    int key; /* being handled: what a question was raised by */
    bool pasting;
    bool dirty, whole; /* draw; send everything */
    bool quit, suspend;
};

/* console.c */
void console_say(struct console *c, bool bad, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void console_say_error(struct console *c, const struct error *err);
void console_words_of(const struct error *err, char *out,
                      size_t size); /* what happened and what to do */
const struct connection *console_connection(const struct console *c,
                                            enum platform_id p); /* borrowed; NULL: no row */
const char *console_zone(const struct console *c);
void console_set_theme(struct console *c, const char *name);

/* console_draw.c */
void console_draw_all(struct console *c);

/* console_act.c */
bool console_refuses(struct console *c, enum action a, char *why, size_t size);
void console_help(struct console *c);
void console_leave(struct console *c); /* asks first while something would suffer */

/* view.c: what all views share. */
struct view *view_now(struct console *c);
void view_start(struct view *v, const struct view_ops *ops, struct console *c);
void view_release(struct view *v);
bool view_load(struct view *v, struct error *err);
void view_move(struct view *v, long by);
void view_last(struct view *v);
void view_first(struct view *v);
int view_rows(const struct view *v);
void view_draw(struct view *v, struct rect list, struct rect detail);
int view_detail_rows(struct view *v, int columns);
extern const struct view_ops view_connections, view_streams, view_meetings;

/* targets.c: what streams and meetings show alike. */
void target_lines(struct console *c, const struct target *t, size_t count, enum platform_id primary,
                  bool has_primary, struct detail *d);
void target_names(const struct paint *p, const struct target *t, size_t count, int width, char *out,
                  size_t size);
const struct target *target_to_retry(const struct view *v, bool in_detail);
void detail_fact(struct detail *d, const char *name, const char *text);
void when_text(const char *zone, int64_t ms, char *out, size_t size);

/* log_pane.c */
bool log_load(struct console *c, struct error *err);
void log_draw(struct console *c, struct rect r, bool title);
void log_scroll(struct console *c, int by);
void log_end(struct console *c, bool newest);
void log_next_level(struct console *c);
void log_next_platform(struct console *c);

/* news.c */
bool news_load(struct console *c, struct error *err);
void news_seen(struct console *c);

/* run.c: words that go to a worker. */
void run_words(struct console *c, const char *const *words, int count,
               const char *doing); /* asks first when it is dangerous */
void run_for_form(struct console *c, const char *const *words, int count, const char *doing);
void run_line(struct console *c, const char *line);
void words_free(char **words, int count); /* wipes */

/* prompt.c */
bool prompt_start(struct prompt *p);
void prompt_release(struct prompt *p);
void prompt_open(struct console *c, char kind);
void prompt_key(struct console *c, int key);
void prompt_draw(struct console *c, int row);

/* form_connect.c, form_record.c, form_submit.c */
void form_connect_open(struct console *c, enum platform_id p);
/* The app that a person signs in with; what = "": nothing is wrong yet. */
void form_app_open(struct console *c, enum platform_id p, const struct signin_values *values,
                   const char *wrong);
void form_record_new(struct console *c, enum subject_kind kind);
void form_livestream_edit(struct console *c, const struct livestream *l);
void form_meeting_edit(struct console *c, const struct meeting *m);
void form_submit(struct console *c);
void form_leave(struct console *c);
/* The answer to what the form sent: closes it, or puts the error where it belongs. */
void form_answer(struct console *c, bool fine, const char *said, const struct error *err);

/* view_signin.c */
bool signin_possible(const struct console *c, enum platform_id p);
/* Shows the one that is under way; else begins one, or asks by which way when there are several. */
void signin_open(struct console *c, enum platform_id p);
void signin_start(struct console *c, enum platform_id p, const struct signin_values *values);
/* It has ended; ever: something could be shown before. values is taken over. */
void signin_over(struct console *c, enum platform_id p, bool fine, bool ever, const char *account,
                 struct signin_values *values, const struct error *err);
void signin_leave(struct console *c);
/* After a worker has said that something changed. */
void signin_news(struct console *c);
void signin_key(struct console *c, int key);
void signin_pasted(struct console *c, int key);
/* How many are under way; names: them, "YouTube and Zoom". */
int signins_open(const struct console *c, char *names, size_t size);
bool signin_asks_account(const struct console *c, enum platform_id p);
/* For the platform's row: how it stands, with what is left of its time; false: none is under way.
 */
bool signin_row(const struct console *c, enum platform_id p, int width, char *out, size_t size);

/* draw_signin.c */
void signin_draw(struct console *c, struct rect body);
void signin_foot(const struct console *c, int columns, char *out, size_t size);

/* host_link.c */
void host_link_ask(struct console *c, const struct meeting *m, const struct target *t);
void host_link_key(struct console *c, int key);
void host_link_draw(struct console *c, struct rect body);
void host_link_close(struct console *c);

/* qr.c */
/* A QR code over the whole screen, or what to do for it to fit. */
void qr_draw(struct console *c, const char *url, const char *caption);
/* Cells that it takes; false: it is too long for one. */
bool qr_size(const struct console *c, const char *url, int *rows, int *columns);
/* At this place, where it must fit. */
void qr_place(struct console *c, const char *url, int y, int x);

/* clipboard.c */
/* To the person's own clipboard, by OSC 52; what: "The address". False, and said, when there is
 * none. */
bool clipboard_copy(struct console *c, const char *what, const char *text);

/* links.c */
void links_open(struct console *c);
void links_key(struct console *c, int key);
void links_draw(struct console *c, struct rect body);

#endif

/* The one table of keys: what each does, where it applies, what the foot line and the help say.
 * Knows no curses and no view. */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include <ecclesia/base/config.h>

enum { VIEW_CONNECTIONS, VIEW_STREAMS, VIEW_MEETINGS, VIEW_COUNT };

/* What a key can ask for. The order is the help's. */
enum action {
    ACTION_NONE,
    ACTION_START,
    ACTION_STOP,
    ACTION_CANCEL,
    ACTION_RETRY,
    ACTION_NEW,
    ACTION_EDIT,
    ACTION_DELETE,
    ACTION_HOST_LINK,
    ACTION_CONNECT,
    ACTION_DISCONNECT,
    ACTION_CHECK,
    ACTION_LINKS,
    ACTION_FILTER,
    ACTION_COMMAND,
    ACTION_HELP,
    ACTION_QUIT,
    ACTION_UP,
    ACTION_DOWN,
    ACTION_FIRST,
    ACTION_LAST,
    ACTION_PAGE_UP,
    ACTION_PAGE_DOWN,
    ACTION_OPEN,
    ACTION_BACK,
    ACTION_TAB_NEXT,
    ACTION_TAB_PREVIOUS,
    ACTION_TAB_1,
    ACTION_TAB_2,
    ACTION_TAB_3,
    ACTION_LOG,
    ACTION_LOG_LEVEL,
    ACTION_LOG_PLATFORM,
    ACTION_REDRAW,
    ACTION_SUSPEND,
    ACTION_LINE, /* a command line of the person's own, from the config */
    ACTION_COUNT
};

struct action_row {
    const char *name;  /* word of the config: "start" */
    unsigned views;    /* bits 1 << VIEW_… where it applies */
    const char *label; /* of the foot line, NULL: not there */
    int weight;        /* of the foot line: higher stays longer when it is narrow */
    const char *keys;  /* default keys, blank-separated names */
    const char *help;  /* one sentence */
};
extern const struct action_row action_table[ACTION_COUNT];

struct binding {
    int key;
    unsigned views;
    enum action action;
    char *line; /* owned, of ACTION_LINE: "livestream start {id}" */
};

struct keymap {
    struct binding *bindings; /* owned; a later one goes before an earlier */
    size_t count;
};

/* The defaults. False without memory. */
bool keymap_start(struct keymap *k, struct error *err);
void keymap_release(struct keymap *k);
/* [keys], [keys all], [keys connections], [keys streams], [keys meetings]: KEY = action or command
 * line; an empty value takes the key away. ERROR_CONFIG names the first section, key and value that
 * are wrong; the others hold. */
bool keymap_configure(struct keymap *k, const struct config *config, struct error *err);
bool keymap_set(struct keymap *k, const char *section, const char *key, const char *value,
                struct error *err);

/* Borrowed; NULL when the key means nothing in this view. */
const struct binding *keymap_find(const struct keymap *k, int view, int key);
/* The first key that does the action in this view, as the foot line shows it; "" when none does. */
void keymap_key_for(const struct keymap *k, int view, enum action a, char *out, size_t size);
/* All of them, blank-separated: for the help. */
void keymap_keys_for(const struct keymap *k, int view, enum action a, char *out, size_t size);

#endif

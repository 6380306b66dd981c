#include "tui/keymap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>

#include "tui/widgets/key.h"

enum {
    IN_CONNECTIONS = 1 << VIEW_CONNECTIONS,
    IN_STREAMS = 1 << VIEW_STREAMS,
    IN_MEETINGS = 1 << VIEW_MEETINGS,
    IN_RECORDS = IN_STREAMS | IN_MEETINGS,
    IN_ALL = IN_RECORDS | IN_CONNECTIONS
};

const struct action_row action_table[ACTION_COUNT] = {
    [ACTION_NONE] = { "none", 0, NULL, 0, "", "" },
    [ACTION_START] = { "start", IN_STREAMS, "Start", 80, "s",
                       "Go live on every platform of the chosen stream." },
    [ACTION_STOP] = { "stop", IN_STREAMS, "Stop", 79, "x",
                      "End the chosen broadcast on every platform; asks first." },
    [ACTION_CANCEL] = { "cancel", IN_MEETINGS, "Cancel meeting", 79, "x",
                        "Cancel the chosen meeting on every platform; asks first." },
    [ACTION_RETRY] = { "retry", IN_RECORDS, "Retry", 78, "r",
                       "Try a failed platform again: the one chosen in the detail, else the first "
                       "that failed." },
    [ACTION_NEW] = { "new", IN_RECORDS, "New", 77, "n", "Plan a new stream or meeting." },
    [ACTION_EDIT] = { "edit", IN_RECORDS, "Edit", 60, "e", "Change title, times and settings." },
    [ACTION_DELETE] = { "delete", IN_STREAMS, "Delete", 40, "d",
                        "Delete the chosen stream here and at its platforms; asks first." },
    [ACTION_HOST_LINK] = { "host-link", IN_MEETINGS, "Host link", 48, "H",
                           "The link that opens the meeting as its host: shown, and copied, when "
                           "you ask for it." },
    [ACTION_CONNECT] = { "connect", IN_CONNECTIONS, "Connect", 80, "c",
                         "Sign in at the chosen platform, or sign in again." },
    [ACTION_DISCONNECT] = { "disconnect", IN_CONNECTIONS, "Disconnect", 79, "D",
                            "Sign out and wipe what is stored of the sign-in; asks first." },
    [ACTION_CHECK] = { "check", IN_CONNECTIONS, "Check", 78, "C",
                       "Ask the platform now whether the sign-in still works." },
    [ACTION_LINKS] = { "links", IN_RECORDS, "Links", 50, "o",
                       "The links for members: copy one, or show it as a QR code." },
    [ACTION_FILTER] = { "filter", IN_ALL, "Filter", 45, "/",
                        "Show only what has these letters in its name." },
    [ACTION_COMMAND] = { "command", IN_ALL, "Command", 44, ":",
                         "Type a command; Tab completes, Up brings earlier ones back." },
    [ACTION_HELP] = { "help", IN_ALL, "Help", 95, "? F1", "This list." },
    [ACTION_QUIT] = { "quit", IN_ALL, "Quit", 90, "q",
                      "Leave. What is not done yet goes on with the next ecclesia that runs." },
    [ACTION_UP] = { "up", IN_ALL, NULL, 0, "up k", "One up." },
    [ACTION_DOWN] = { "down", IN_ALL, NULL, 0, "down j", "One down." },
    [ACTION_FIRST] = { "first", IN_ALL, NULL, 0, "g home", "To the first." },
    [ACTION_LAST] = { "last", IN_ALL, NULL, 0, "G end", "To the last." },
    [ACTION_PAGE_UP] = { "page-up", IN_ALL, NULL, 0, "pgup ctrl-b", "A page up." },
    [ACTION_PAGE_DOWN] = { "page-down", IN_ALL, NULL, 0, "pgdn ctrl-f", "A page down." },
    [ACTION_OPEN] = { "open", IN_ALL, NULL, 0, "enter right",
                      "Into the detail, to choose one platform." },
    [ACTION_BACK] = { "back", IN_ALL, NULL, 0, "esc left h",
                      "Back; puts away a notice, an answer or a filter." },
    [ACTION_TAB_NEXT] = { "tab-next", IN_ALL, NULL, 0, "tab", "The next tab." },
    [ACTION_TAB_PREVIOUS] = { "tab-previous", IN_ALL, NULL, 0, "backtab", "The tab before." },
    [ACTION_TAB_1] = { "tab-1", IN_ALL, NULL, 0, "1", "Connections." },
    [ACTION_TAB_2] = { "tab-2", IN_ALL, NULL, 0, "2", "Streams." },
    [ACTION_TAB_3] = { "tab-3", IN_ALL, NULL, 0, "3", "Meetings." },
    [ACTION_LOG] = { "log", IN_ALL, NULL, 0, "L",
                     "Make the log larger; at its largest the arrows scroll it." },
    [ACTION_LOG_LEVEL] = { "log-level", IN_ALL, NULL, 0, "l",
                           "In the log: everything, warnings and errors, errors alone." },
    [ACTION_LOG_PLATFORM] = { "log-platform", IN_ALL, NULL, 0, "p",
                              "In the log: one platform after the other, then all." },
    [ACTION_REDRAW] = { "redraw", IN_ALL, NULL, 0, "ctrl-l", "Draw the screen anew." },
    [ACTION_SUSPEND] = { "suspend", IN_ALL, NULL, 0, "ctrl-z", "Back to the shell; fg returns." },
    [ACTION_LINE] = { "line", 0, NULL, 0, "", "" },
};

static bool add(struct keymap *k, int key, unsigned views, enum action action, const char *line,
                struct error *err)
{
    struct binding *more = realloc(k->bindings, (k->count + 1) * sizeof *more);
    char *copy = line != NULL ? text_copy(line) : NULL;

    if (more != NULL)
        k->bindings = more;
    if (more == NULL || (line != NULL && copy == NULL)) {
        free(copy);
        return error_set(err, ERROR_MEMORY, NULL, "No memory for the keys.");
    }
    k->bindings[k->count++] = (struct binding){ key, views, action, copy };
    return true;
}

bool keymap_start(struct keymap *k, struct error *err)
{
    *k = (struct keymap){ 0 };
    for (int action = 0; action < ACTION_COUNT; action++) {
        const char *names = action_table[action].keys;

        while (*names != '\0') {
            size_t length = strcspn(names, " ");
            char name[24];
            int key = 0;

            snprintf(name, sizeof name, "%.*s", (int)length, names);
            if (key_parse(name, &key) &&
                !add(k, key, action_table[action].views, (enum action)action, NULL, err)) {
                keymap_release(k);
                return false;
            }
            names += length + strspn(names + length, " ");
        }
    }
    return true;
}

void keymap_release(struct keymap *k)
{
    for (size_t i = 0; i < k->count; i++)
        free(k->bindings[i].line);
    free(k->bindings);
    *k = (struct keymap){ 0 };
}

static unsigned section_views(const char *section)
{
    static const struct {
        const char *name;
        unsigned views;
    } names[] = { { "keys", IN_ALL },
                  { "keys all", IN_ALL },
                  { "keys connections", IN_CONNECTIONS },
                  { "keys streams", IN_STREAMS },
                  { "keys meetings", IN_MEETINGS } };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(section, names[i].name) == 0)
            return names[i].views;
    }
    return 0;
}

bool keymap_set(struct keymap *k, const char *section, const char *key, const char *value,
                struct error *err)
{
    unsigned views = section_views(section);
    int code = 0;

    if (views == 0)
        return error_set(err, ERROR_CONFIG,
                         "Use [keys], [keys connections], [keys streams] or [keys meetings].",
                         "There is no view for the section [%s].", section);
    if (!key_parse(key, &code))
        return error_set(
            err, ERROR_CONFIG,
            "Keys are one character, or up, down, enter, esc, tab, space, pgup, f1, ctrl-l …",
            "[%s] names a key \"%s\" that there is not.", section, key);
    for (int action = 1; action < ACTION_LINE; action++) {
        if (strcasecmp(value, action_table[action].name) != 0)
            continue;
        if ((views & action_table[action].views) == 0)
            return error_set(err, ERROR_CONFIG, "Put it into the section of a view that has it.",
                             "[%s] %s: \"%s\" does not exist there.", section, key, value);
        return add(k, code, views & action_table[action].views, (enum action)action, NULL, err);
    }
    if (*value == '\0' || strcasecmp(value, "none") == 0)
        return add(k, code, views, ACTION_NONE, NULL, err);
    if (strchr(value, ' ') == NULL)
        return error_set(err, ERROR_CONFIG,
                         "Use an action's name as ? shows it, or a command line.",
                         "[%s] %s: there is no action \"%s\".", section, key, value);
    return add(k, code, views, ACTION_LINE, value, err);
}

struct configuring {
    struct keymap *keymap;
    struct error *err;
    bool fine;
};

static void configure_one(void *argument, const char *section, const char *key, const char *value)
{
    struct configuring *c = argument;

    if (!keymap_set(c->keymap, section, key, value, c->fine ? c->err : NULL))
        c->fine = false;
}

bool keymap_configure(struct keymap *k, const struct config *config, struct error *err)
{
    struct configuring c = { k, err, true };

    config_each(config, "keys", configure_one, &c);
    return c.fine;
}

const struct binding *keymap_find(const struct keymap *k, int view, int key)
{
    for (size_t i = k->count; i > 0; i--) {
        const struct binding *b = &k->bindings[i - 1];

        if (b->key == key && (b->views & 1u << view) != 0)
            return b->action == ACTION_NONE ? NULL : b;
    }
    return NULL;
}

void keymap_keys_for(const struct keymap *k, int view, enum action a, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < k->count && used < size; i++) {
        const struct binding *b = &k->bindings[i];
        char name[24];

        if (b->action != a || (b->views & 1u << view) == 0 || keymap_find(k, view, b->key) != b)
            continue;
        key_print(b->key, name, sizeof name);
        used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? " " : "", name);
    }
}

void keymap_key_for(const struct keymap *k, int view, enum action a, char *out, size_t size)
{
    keymap_keys_for(k, view, a, out, size);
    if (out[0] != '\0')
        out[strcspn(out + 1, " ") + 1] = '\0';
}

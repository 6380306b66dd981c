/* Options that stand before a command, or anywhere on its line. */
#include "cli/private.h"

#include <string.h>

/* clang-format off */
#define END { NULL, NULL, false, false, NULL }

const struct command_option cli_globals[] = {
    { "--db", "PATH", false, false, "The database (XDG_DATA_HOME/ecclesia/ecclesia.db, or ECCLESIA_DB)" },
    { "--config", "FILE", false, false, "The configuration file alone, in place of the usual ones" },
    { "--church", "SLUG", false, false, "The church, when the database holds several" },
    { "--key-file", "FILE", false, false, "The master key's file" },
    { "--json", NULL, false, false, "Write exactly the API's JSON to standard output and nothing else" },
    { "--no-color", NULL, false, false, "No colour (NO_COLOR does the same)" },
    { "--help", NULL, false, false, "Explain the command" },
    { "--version", NULL, false, false, "Print the version" },
    END
};

const struct command_option cli_console_options[] = {
    { "--theme", "NAME", false, false, "The theme: dark, mono, or a path to a .theme file" },
    { "--ascii", NULL, false, false, "Draw with ASCII alone" },
    { "--plain", NULL, false, false, "For screen readers: no colour, no lines, the cursor on what is chosen" },
    { "--read-only", NULL, false, false, "Look, change nothing" },
    { "--kiosk", NULL, false, false, "For a screen in a hall: read-only, and no key leaves it" },
    END
};

const struct command_option cli_demo_options[] = {
    { "--faults", "none|some|storm|PLATFORM", false, false, "What goes wrong at the platforms once all is set up" },
    END
};
/* clang-format on */

static void set_global(struct cli_options *o, const char *name, const char *value)
{
    if (strcmp(name, "--db") == 0)
        o->db = value;
    else if (strcmp(name, "--config") == 0)
        o->config = value;
    else if (strcmp(name, "--church") == 0)
        o->church = value;
    else if (strcmp(name, "--key-file") == 0)
        o->key_file = value;
    else if (strcmp(name, "--json") == 0)
        o->json = true;
    else if (strcmp(name, "--no-color") == 0)
        o->no_color = true;
    else if (strcmp(name, "--help") == 0)
        o->help = true;
    else
        o->version = true;
}

static const struct command_option *find(const struct command_option *table, const char *word)
{
    size_t length = strcspn(word, "=");

    for (const struct command_option *o = table; o && o->name; o++)
        if (strlen(o->name) == length && strncmp(o->name, word, length) == 0)
            return o;
    return NULL;
}

/* The value of argv[*at], after its '=' or the next word. NULL with ERROR_USAGE when it has none,
 * or one too much. */
static const char *value_of(const struct command_option *o, int argc, const char *const *argv,
                            int *at, struct error *err)
{
    const char *equals = strchr(argv[*at], '=');

    if (!o->value && equals)
        error_set(err, ERROR_USAGE, "See: ecclesia help", "%s takes no value.", o->name);
    else if (!o->value)
        return "";
    else if (equals)
        return equals + 1;
    else if (*at + 1 < argc)
        return argv[++*at];
    else
        error_set(err, ERROR_USAGE, "See: ecclesia help", "%s wants a value: %s %s.", o->name,
                  o->name, o->value);
    return NULL;
}

bool cli_take_globals(struct cli_options *o, const struct command *command, int *argc,
                      const char **argv, struct error *err)
{
    int kept = 0;

    for (int i = 0; i < *argc; i++) {
        const char *word = strcmp(argv[i], "-h") == 0 ? "--help" : argv[i];
        const struct command_option *global = find(cli_globals, word);
        const struct command_option *own =
            find(command ? command->options : cli_console_options, word);
        const char *value;

        if (strcmp(word, "--") == 0 || (!command && !global && word[0] != '-')) {
            while (i < *argc)
                argv[kept++] = argv[i++];
        } else if (global && !own) {
            value = value_of(global, *argc, argv, &i, err);
            if (!value)
                return false;
            /* An unset variable of a script must not lead to the usual database. */
            if (global->value && !*value)
                return error_set(err, ERROR_USAGE, "Give it one, or leave the option out.",
                                 "%s has an empty value.", global->name);
            set_global(o, global->name, value);
        } else {
            argv[kept++] = argv[i];
            /* A value may look like one of ours: it stays with its option. */
            if (own && own->value && own->value[0] != '[' && !strchr(word, '=') && i + 1 < *argc)
                argv[kept++] = argv[++i];
        }
    }
    *argc = kept;
    return true;
}

bool cli_take_console(struct cli_console *o, int argc, const char *const *argv, struct error *err)
{
    for (int i = 0; i < argc; i++) {
        const struct command_option *option = find(cli_console_options, argv[i]);
        const char *value;

        if (!option)
            return error_set(err, ERROR_USAGE, "See: ecclesia help", "There is no option %.60s.",
                             argv[i]);
        value = value_of(option, argc, argv, &i, err);
        if (!value)
            return false;
        if (strcmp(option->name, "--theme") == 0)
            o->theme = value;
        else if (strcmp(option->name, "--ascii") == 0)
            o->ascii = true;
        else if (strcmp(option->name, "--plain") == 0)
            o->plain = true;
        else if (strcmp(option->name, "--read-only") == 0)
            o->read_only = true;
        else
            o->kiosk = true;
    }
    return true;
}

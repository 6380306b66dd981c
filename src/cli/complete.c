/* `ecclesia __complete LINE`: what the shells' completions ask. */
#include "cli/private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

enum {
    OFFERS_MOST = 200,
    WANTS_FILE = 10 /* exit status: the shell completes a file's name */
};

/* The line without the global options that it begins with; one whose value is half typed stays. */
static const char *skip_globals(const char *line)
{
    for (;;) {
        size_t length;
        const struct command_option *o = cli_globals;
        const char *begin = line + strspn(line, " \t");

        line = begin;
        length = strcspn(line, " \t");
        while (o->name && (strncmp(o->name, line, length) != 0 || strlen(o->name) != length))
            o++;
        if (length == 0 || !o->name || line[length] == '\0')
            return line;
        line += length;
        if (!o->value)
            continue;
        line += strspn(line, " \t");
        length = strcspn(line, " \t");
        if (line[length] == '\0')
            return begin;
        line += length;
    }
}

/* Ids and titles come from a database that is there already; none is made for this. */
static void open_store(struct cli *cli)
{
    char path[4096];
    const char *db = cli->options.db ? cli->options.db : getenv("ECCLESIA_DB");

    if (!db && config_data_path(path, sizeof(path), NULL))
        db = path;
    if (!db || access(db, R_OK) != 0 || !cli_open(cli, NULL))
        return;
    cli->context.engine = cli->engine;
    if (!command_context_church(&cli->context, getenv("ECCLESIA_CHURCH"), false, NULL))
        cli->context.engine = NULL;
}

static void offer(const char *name, const char *word)
{
    if (text_starts(name, word))
        printf("%s\n", name);
}

static void offer_options(const struct command_option *o, const char *word)
{
    for (; o->name && *word == '-'; o++)
        offer(o->name, word);
}

/* ---- names of files ---- */

static bool is_file(const struct command_option *table, const char *name)
{
    for (const struct command_option *o = table; o && o->name; o++)
        if (strcmp(o->name, name) == 0)
            return o->value && (strcmp(o->value, "FILE") == 0 || strcmp(o->value, "PATH") == 0);
    return false;
}

/* Whether the last of these words, which is half typed, is one: after an option, as an argument, or
 * after "--set KEY=@". */
static bool word_is_file(size_t count, char **words, const char *half)
{
    const char *before = count > 0 ? words[count - 1] : "";
    int used;
    const struct command *command = command_find((int)count, (const char *const *)words, &used);

    if (is_file(cli_globals, before))
        return true;
    if (!command || *half == '-')
        return false;
    if (strcmp(before, "--set") == 0)
        return strstr(half, "=@") != NULL;
    return is_file(command->options, before) ||
           (strcmp(command->args, "FILE") == 0 && count == (size_t)used);
}

static bool wants_file(const char *line)
{
    char **words;
    size_t count = 0, length = strlen(line);
    bool fresh = length == 0 || strchr(" \t", line[length - 1]), file;

    if (!command_split(line, &words, &count, NULL))
        return false;
    fresh = fresh || count == 0;
    file = word_is_file(fresh ? count : count - 1, words, fresh ? "" : words[count - 1]);
    for (size_t i = 0; i < count; i++)
        free(words[i]);
    free(words);
    return file;
}

/* ---- demo, sim, the console ---- */

/* The command that is tried in a demonstration, or NULL. */
static const char *after_demo(const char *line)
{
    const char *dashes = text_starts(line, "demo ") ? strstr(line, " -- ") : NULL;

    return dashes ? dashes + 4 : NULL;
}

static int complete_demo(const char *line)
{
    const char *word = strrchr(line, ' ') + 1;
    size_t before = (size_t)(word - line);

    if (before >= 10 && strncmp(word - 10, " --faults ", 10) == 0) {
        offer("none", word);
        offer("some", word);
        offer("storm", word);
        for (int p = 0; p < PLATFORM_COUNT; p++)
            offer(platform_slug((enum platform_id)p), word);
    } else {
        offer_options(cli_demo_options, word);
        offer_options(cli_console_options, word);
    }
    return CLI_DONE;
}

int cli_complete(struct cli *cli, const char *line)
{
    char *out[OFFERS_MOST];
    size_t count;

    line = skip_globals(line + strspn(line, " \t"));
    if (after_demo(line))
        line = after_demo(line);
    else if (text_starts(line, "demo "))
        return complete_demo(line);
    if (wants_file(line))
        return WANTS_FILE;
    if (text_starts(line, "livestream ") || text_starts(line, "meeting "))
        open_store(cli);
    count = command_complete(&cli->context, line, out, OFFERS_MOST);
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", out[i]);
        free(out[i]);
    }
    if (!strpbrk(line, " \t")) {
        offer("demo", line);
        offer("sim", line);
        offer_options(cli_globals, line);
        offer_options(cli_console_options, line);
    }
    cli_close(cli);
    return CLI_DONE;
}

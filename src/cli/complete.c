/* `ecclesia __complete LINE`: what the shells' completions ask. */
#include "cli/private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

enum { OFFERS_MOST = 200 };

/* The line without the global options that it begins with. */
static const char *skip_globals(const char *line)
{
    for (;;) {
        size_t length;
        const struct command_option *o = cli_globals;

        line += strspn(line, " \t");
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
            return line;
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

int cli_complete(struct cli *cli, const char *line)
{
    char *out[OFFERS_MOST];
    size_t count;

    line = skip_globals(line);
    if (strstr(line, "livestream ") == line || strstr(line, "meeting ") == line)
        open_store(cli);
    count = command_complete(&cli->context, line, out, OFFERS_MOST);
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", out[i]);
        free(out[i]);
    }
    if (!strpbrk(line, " \t")) {
        offer("demo", line);
        offer("sim", line);
        for (const struct command_option *o = cli_globals; o->name && *line == '-'; o++)
            offer(o->name, line);
    }
    cli_close(cli);
    return CLI_DONE;
}

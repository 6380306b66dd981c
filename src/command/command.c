/* Finding and running commands. */
#include "command/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many of the first words of argv are the command's; 0 when they are not. */
static int words_match(const char *words, int argc, const char *const *argv)
{
    int used = 0;

    while (*words) {
        size_t length = strcspn(words, " ");

        if (used == argc || strlen(argv[used]) != length || strncmp(argv[used], words, length) != 0)
            return 0;
        words += length + (words[length] == ' ');
        used++;
    }
    return used;
}

const struct command *command_find(int argc, const char *const *argv, int *used)
{
    const struct command *best = NULL;

    *used = 0;
    for (size_t i = 0; i < command_count; i++) {
        int match = words_match(commands[i].words, argc, argv);

        if (match > *used) {
            best = &commands[i];
            *used = match;
        }
    }
    return best;
}

/* "livestream" alone, or with a word that it has not: what it has is listed. */
static bool unknown_command(int argc, const char *const *argv, struct error *err)
{
    size_t length = strlen(argv[0]);
    struct text family;

    text_init(&family, 200);
    for (size_t i = 0; i < command_count; i++)
        if (strncmp(commands[i].words, argv[0], length) == 0 && commands[i].words[length] == ' ')
            text_addf(&family, "%s%s", family.length ? ", " : "", commands[i].words + length + 1);
    if (family.length && argc > 1)
        error_set(err, ERROR_USAGE, NULL, "There is no command \"%.40s %.40s\".", argv[0], argv[1]);
    else if (family.length)
        error_set(err, ERROR_USAGE, NULL, "\"%.40s\" wants one more word.", argv[0]);
    else
        error_set(err, ERROR_USAGE, "See: ecclesia help", "There is no command \"%.40s\".",
                  argv[0]);
    if (err && family.length)
        snprintf(err->remedy, sizeof(err->remedy), "After %.40s comes one of: %.190s.", argv[0],
                 text_str(&family));
    text_release(&family);
    return false;
}

bool command_run(struct command_context *c, int argc, const char *const *argv,
                 struct command_result *out, struct error *err)
{
    struct command_line line;
    const struct command *command;
    int used;

    memset(out, 0, sizeof(*out));
    if (argc == 0)
        return error_set(err, ERROR_USAGE, "See: ecclesia help", "A command is missing.");
    command = command_find(argc, argv, &used);
    if (!command)
        return unknown_command(argc, argv, err);
    if (!line_parse(&line, command, argc - used, argv + used, err))
        return false;
    if (command->run(c, &line, out, err))
        return true;
    command_result_release(out);
    return false;
}

bool command_run_line(struct command_context *c, const char *line, struct command_result *out,
                      struct error *err)
{
    char **words;
    size_t count;
    bool done;

    memset(out, 0, sizeof(*out));
    if (!command_split(line, &words, &count, err))
        return false;
    done = command_run(c, (int)count, (const char *const *)words, out, err);
    for (size_t i = 0; i < count; i++)
        free(words[i]);
    free(words);
    return done;
}

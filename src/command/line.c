/* The words of a command: from one line, and by the table of its options. */
#include "command/private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a value is written after its option: " T", or "[=SECONDS]" as it stands. */
static void add_option(struct text *out, const struct command_option *o)
{
    bool optional = o->value && o->value[0] == '[';

    text_addf(out, " %s%s%s%s%s", o->required ? "" : "[", o->name, o->value && !optional ? " " : "",
              o->value ? o->value : "", o->required ? "" : "]");
    if (o->repeat)
        text_add(out, "…");
}

bool command_usage(const struct command *command, struct text *out)
{
    text_add(out, command->words);
    if (*command->args)
        text_addf(out, " %s", command->args);
    for (const struct command_option *o = command->options; o && o->name; o++)
        add_option(out, o);
    return !out->overflow;
}

bool line_wrong(const struct command *command, struct error *err, const char *format, ...)
{
    struct text usage;
    char what[400];
    va_list ap;

    va_start(ap, format);
    vsnprintf(what, sizeof(what), format, ap);
    va_end(ap);
    text_init(&usage, 600);
    command_usage(command, &usage);
    error_set(err, ERROR_USAGE, NULL, "%s: %s", command->words, what);
    /* A form that is too long for the remedy is shown by the help instead. */
    if (err && usage.length + 8 < sizeof(err->remedy))
        snprintf(err->remedy, sizeof(err->remedy), "Usage: %s", text_str(&usage));
    else if (err)
        snprintf(err->remedy, sizeof(err->remedy), "See: ecclesia help %s", command->words);
    text_release(&usage);
    return false;
}

static const struct command_option *option_find(const struct command *command, const char *word,
                                                size_t length)
{
    for (const struct command_option *o = command->options; o && o->name; o++)
        if (strlen(o->name) == length && strncmp(o->name, word, length) == 0)
            return o;
    return NULL;
}

/* Takes argv[*at], and the word after it when that is its value. */
static bool take_option(struct command_line *l, int argc, const char *const *argv, int *at,
                        struct error *err)
{
    const char *word = argv[*at];
    size_t length = strcspn(word, "=");
    const char *value = word[length] == '=' ? word + length + 1 : NULL;
    const struct command_option *o = option_find(l->command, word, length);

    if (!o)
        return line_wrong(l->command, err, "there is no option %.*s.", (int)length, word);
    if (!o->value && value)
        return line_wrong(l->command, err, "%s takes no value.", o->name);
    if (o->value && o->value[0] != '[' && !value) {
        if (*at + 1 >= argc)
            return line_wrong(l->command, err, "%s wants a value: %s %s.", o->name, o->name,
                              o->value);
        value = argv[++*at];
    }
    if (!o->repeat && command_value(l, o->name))
        return line_wrong(l->command, err, "%s is given twice.", o->name);
    if (l->given_count == LINE_OPTIONS)
        return line_wrong(l->command, err, "there are more than %d options.", LINE_OPTIONS);
    l->given[l->given_count].option = o;
    l->given[l->given_count++].value = value ? value : "";
    return true;
}

/* "ID [PLATFORM]" wants one and takes two; a last "…" takes any number. */
static void arguments_wanted(const char *args, size_t *least, size_t *most)
{
    *least = *most = 0;
    for (const char *s = args; *s; s += strcspn(s, " "), s += strspn(s, " ")) {
        *least += *s != '[';
        ++*most;
    }
    if (strstr(args, "…"))
        *most = LINE_ARGUMENTS;
}

/* "livestream start: ID is missing." names the argument as the table does. */
static bool check_count(const struct command_line *l, struct error *err)
{
    size_t least, most, skip = l->argument_count;
    const char *name = l->command->args;

    arguments_wanted(name, &least, &most);
    if (l->argument_count > most)
        return line_wrong(l->command, err, "\"%.60s\" is too much.", l->arguments[most]);
    if (l->argument_count >= least)
        return true;
    while (skip-- > 0) {
        name += strcspn(name, " ");
        name += strspn(name, " ");
    }
    return line_wrong(l->command, err, "%.*s is missing.", (int)strcspn(name, " "), name);
}

bool line_parse(struct command_line *l, const struct command *command, int argc,
                const char *const *argv, struct error *err)
{
    bool options = true;

    memset(l, 0, sizeof(*l));
    l->command = command;
    for (int i = 0; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!take_option(l, argc, argv, &i, err))
                return false;
        } else if (l->argument_count == LINE_ARGUMENTS) {
            return line_wrong(command, err, "\"%.60s\" is too much.", argv[i]);
        } else {
            l->arguments[l->argument_count++] = argv[i];
        }
    }
    if (!check_count(l, err))
        return false;
    for (const struct command_option *o = command->options; o && o->name; o++)
        if (o->required && !command_value(l, o->name))
            return line_wrong(command, err, "%s is missing.", o->name);
    return true;
}

const char *command_argument(const struct command_line *l, size_t index)
{
    return index < l->argument_count ? l->arguments[index] : NULL;
}

const char *command_value(const struct command_line *l, const char *option)
{
    for (size_t i = l->given_count; i > 0; i--)
        if (strcmp(l->given[i - 1].option->name, option) == 0)
            return l->given[i - 1].value;
    return NULL;
}

size_t command_values(const struct command_line *l, const char *option, const char **out,
                      size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < l->given_count && count < most; i++)
        if (strcmp(l->given[i].option->name, option) == 0)
            out[count++] = l->given[i].value;
    return count;
}

bool line_has(const struct command_line *l, const char *option)
{
    return command_value(l, option) != NULL;
}

/* ---- cutting a line ---- */

/* One word from *s on, which is not a blank. False when a quote stays open. */
static bool split_word(const char **s, struct text *word)
{
    char quote = '\0';

    for (; **s && (quote || !strchr(" \t\n", **s)); ++*s) {
        if (quote ? **s == quote : **s == '"' || **s == '\'') {
            quote = quote ? '\0' : **s;
        } else if (**s == '\\' && quote != '\'' && (*s)[1]) {
            ++*s;
            text_append(word, *s, 1);
        } else {
            text_append(word, *s, 1);
        }
    }
    return quote == '\0';
}

static bool words_add(char ***words, size_t *count, struct text *word)
{
    char **grown = realloc(*words, (*count + 1) * sizeof(*grown));
    char *taken;

    if (!grown)
        return false;
    *words = grown;
    taken = word->length ? text_take(word) : text_copy("");
    if (!taken || word->overflow) {
        free(taken);
        return false;
    }
    grown[(*count)++] = taken;
    return true;
}

bool command_split(const char *line, char ***words, size_t *count, struct error *err)
{
    struct text word;
    bool done = true;

    *words = NULL;
    *count = 0;
    text_init(&word, 64 * 1024);
    for (line += strspn(line, " \t\n"); *line && done; line += strspn(line, " \t\n")) {
        if (!split_word(&line, &word))
            done = error_set(err, ERROR_USAGE, "Close the quote, or write \\' for an apostrophe.",
                             "A quote is not closed.");
        else if (!words_add(words, count, &word))
            done = error_set(err, ERROR_MEMORY, NULL, "The line is too long.");
    }
    text_release(&word);
    if (!done) {
        while (*count > 0)
            free((*words)[--*count]);
        free(*words);
        *words = NULL;
    }
    return done;
}

/* What a half-typed word can become. */
#include "command/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct completion {
    struct command_context *context;
    const char *word; /* half typed */
    char **out;
    size_t count, most;
};

static bool is_plain(const char *s)
{
    return *s && !strpbrk(s, " \t\n\"'\\");
}

/* Adds text[0 … length) when it begins with the word, in quotes when it must be, and only once. */
static void offer(struct completion *c, const char *s, size_t length)
{
    char *whole = text_format("%.*s", (int)length, s);
    char *quoted = whole;

    if (whole && text_starts(whole, c->word) && c->count < c->most) {
        if (!is_plain(whole) && !strchr(whole, '\'')) {
            quoted = text_format("'%s'", whole);
            free(whole);
        }
        for (size_t i = 0; quoted && i < c->count; i++) {
            if (strcmp(c->out[i], quoted) == 0) {
                free(quoted);
                quoted = NULL;
            }
        }
        if (quoted)
            c->out[c->count++] = quoted;
        return;
    }
    free(whole);
}

/* The next word of each command whose words begin with those typed. */
static void offer_words(struct completion *c, size_t count, char **words)
{
    for (size_t i = 0; i < command_count; i++) {
        const char *s = commands[i].words;
        bool fits = true;

        for (size_t w = 0; w < count && fits; w++) {
            size_t length = strcspn(s, " ");

            fits = strlen(words[w]) == length && strncmp(words[w], s, length) == 0;
            s += length + (s[length] == ' ');
        }
        if (fits && *s)
            offer(c, s, strcspn(s, " "));
    }
}

static void offer_platforms(struct completion *c, const char *prefix)
{
    char word[100];

    for (int p = 0; p < PLATFORM_COUNT; p++) {
        snprintf(word, sizeof(word), "%s%s", prefix, platform_slug((enum platform_id)p));
        offer(c, word, strlen(word));
    }
}

/* Settings after "youtube:" and "youtube:privacy=". */
static void offer_settings(struct completion *c, unsigned fits)
{
    const char *colon = strchr(c->word, ':');
    const char *last = strrchr(c->word, ',');
    const struct platform *platform;
    enum platform_id p;
    char slug[32], word[400];
    int kept;

    snprintf(slug, sizeof(slug), "%.*s", (int)(colon - c->word < 31 ? colon - c->word : 31),
             c->word);
    platform = platform_from_slug(slug, &p) ? platform_get(p) : NULL;
    last = last ? last : colon;
    kept = (int)(last - c->word) + 1;
    for (const struct setting *s = platform ? platform->settings : NULL; s && s->key; s++) {
        size_t length = strlen(s->key);

        if (!(s->fits & fits))
            continue;
        if (strncmp(last + 1, s->key, length) == 0 && last[1 + length] == '=') {
            for (const char *const *choice = s->choices; choice && *choice; choice++) {
                snprintf(word, sizeof(word), "%.*s%s=%s", kept, c->word, s->key, *choice);
                offer(c, word, strlen(word));
            }
        } else {
            snprintf(word, sizeof(word), "%.*s%s=", kept, c->word, s->key);
            offer(c, word, strlen(word));
        }
    }
}

static const struct platform *platform_named(const char *slug)
{
    enum platform_id p;

    return slug && platform_from_slug(slug, &p) ? platform_get(p) : NULL;
}

/* "deployment=", and then what it can be. */
static void offer_credentials(struct completion *c, const char *slug)
{
    const struct platform *platform = platform_named(slug);
    const char *equals = strchr(c->word, '=');
    char word[200];

    for (const struct credential *k = platform ? platform->credentials : NULL; k && k->key; k++) {
        size_t length = strlen(k->key);

        snprintf(word, sizeof(word), "%s=", k->key);
        if (!equals)
            offer(c, word, strlen(word));
        if (!equals || (size_t)(equals - c->word) != length || !text_starts(c->word, k->key))
            continue;
        for (const char *const *choice = k->choices; choice && *choice; choice++) {
            snprintf(word, sizeof(word), "%s=%s", k->key, *choice);
            offer(c, word, strlen(word));
        }
    }
}

/* The ways of connecting that the platform has; all when none is named yet. */
static void offer_methods(struct completion *c, const char *slug)
{
    static const struct {
        const char *word;
        unsigned signin;
    } methods[] = { { "oauth", SIGNIN_OAUTH },
                    { "device", SIGNIN_DEVICE },
                    { "credentials", SIGNIN_CREDENTIALS } };
    const struct platform *platform = platform_named(slug);

    for (size_t i = 0; i < 3; i++)
        if (!platform || (platform->signin & methods[i].signin))
            offer(c, methods[i].word, strlen(methods[i].word));
}

/* Of "master|data". */
static void offer_alternatives(struct completion *c, const char *words)
{
    for (; *words; words += strcspn(words, "|"), words += *words == '|')
        offer(c, words, strcspn(words, "|"));
}

/* Ids, short enough to type, and titles. */
static void offer_ids(struct completion *c, bool streams)
{
    struct record_filter f = { .status = -1, .platform = -1, .limit = 50 };
    struct command_context *context = c->context;
    struct livestream *livestreams = NULL;
    struct meeting *meetings = NULL;
    size_t count = 0;
    struct db *db;

    if (!context || !context->engine || !db_read(context_store(context), &db, NULL))
        return;
    if (streams ? !livestream_list(db, context->church.id, &f, &livestreams, &count, NULL)
                : !meeting_list(db, context->church.id, &f, &meetings, &count, NULL))
        count = 0;
    db_read_end(db);
    for (size_t i = 0; i < count; i++) {
        const char *title = streams ? livestreams[i].title : meetings[i].title;

        if (*c->word)
            offer(c, title, strlen(title));
        offer(c, streams ? livestreams[i].id.hex : meetings[i].id.hex, 8);
        if (streams)
            livestream_release(&livestreams[i]);
        else
            meeting_release(&meetings[i]);
    }
    free(livestreams);
    free(meetings);
}

static void offer_statuses(struct completion *c, const struct command *command)
{
    static const char *const livestreams[] = { "scheduled", "live", "ended" };
    static const char *const meetings[] = { "scheduled", "active", "ended", "cancelled" };
    bool streams = text_starts(command->words, "livestream");

    for (size_t i = 0; i < (streams ? 3 : 4); i++)
        offer(c, streams ? livestreams[i] : meetings[i],
              strlen(streams ? livestreams[i] : meetings[i]));
}

static void offer_list(struct completion *c, const char *const *words)
{
    for (; *words; words++)
        offer(c, *words, strlen(*words));
}

static void offer_value(struct completion *c, const struct command *command,
                        const struct command_option *o, const char *first)
{
    static const char *const levels[] = { "info", "warning", "error", NULL };
    static const char *const states[] = { "live",      "scheduled", "running",   "unknown",
                                          "succeeded", "dead",      "cancelled", NULL };
    static const char *const whens[] = { "now", "today ", "tomorrow ", "sun ", NULL };
    unsigned fits =
        text_starts(command->words, "meeting") ? PLATFORM_MEETINGS : PLATFORM_LIVESTREAMS;

    if (text_starts(o->value, "PLATFORM") && strchr(c->word, ':'))
        offer_settings(c, fits);
    else if (text_starts(o->value, "PLATFORM"))
        offer_platforms(c, "");
    else if (strcmp(o->value, "KEY=VALUE") == 0)
        offer_credentials(c, first);
    else if (strcmp(o->value, "METHOD") == 0)
        offer_methods(c, first);
    else if (strchr(o->value, '|'))
        offer_alternatives(c, o->value);
    else if (strcmp(o->value, "STATUS") == 0)
        offer_statuses(c, command);
    else if (strcmp(o->value, "LEVEL") == 0)
        offer_list(c, levels);
    else if (strcmp(o->value, "STATE") == 0)
        offer_list(c, states);
    else if (strcmp(o->value, "WHEN") == 0)
        offer_list(c, whens);
}

static const struct command_option *option_named(const struct command *command, const char *name)
{
    for (const struct command_option *o = command->options; o && o->name; o++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

static void offer_argument(struct completion *c, const struct command *command, size_t position)
{
    const char *args = command->args;

    for (; position > 0 && *args; position--) {
        args += strcspn(args, " ");
        args += strspn(args, " ");
    }
    if (strstr(args, "PLATFORM") && strcspn(args, "P") <= 1)
        offer_platforms(c, "");
    else if (text_starts(args, "ID") && text_starts(command->words, "livestream"))
        offer_ids(c, true);
    else if (text_starts(args, "ID") && text_starts(command->words, "meeting"))
        offer_ids(c, false);
}

/* words: those before the half-typed one, after the command's own. */
static void offer_rest(struct completion *c, const struct command *command, size_t count,
                       char **words)
{
    const struct command_option *open = NULL;
    const char *first = NULL;
    size_t position = 0;

    for (size_t i = 0; i < count; i++) {
        if (open) {
            open = NULL;
        } else if (words[i][0] == '-') {
            open = option_named(command, words[i]);
            if (open && (!open->value || open->value[0] == '['))
                open = NULL;
        } else {
            first = first ? first : words[i];
            position++;
        }
    }
    if (open) {
        offer_value(c, command, open, first);
        return;
    }
    if (*c->word != '-' && strcmp(command->words, "help") == 0)
        offer_words(c, count, words);
    else if (*c->word != '-')
        offer_argument(c, command, position);
    if (*c->word == '-' || c->count == 0)
        for (const struct command_option *o = command->options; o && o->name; o++)
            offer(c, o->name, strlen(o->name));
}

size_t command_complete(struct command_context *c, const char *line, char **out, size_t most)
{
    struct completion done = { .context = c, .word = "", .out = out, .most = most };
    const struct command *command;
    char **words, *closed;
    size_t count = 0, length = strlen(line);
    bool fresh = length == 0 || strchr(" \t", line[length - 1]) != NULL;
    int used;

    if (!command_split(line, &words, &count, NULL)) {
        /* A quote that is open yet is closed for the search. */
        closed = text_format("%s%c", line, strrchr(line, '"') ? '"' : '\'');
        fresh = false;
        if (!closed || !command_split(closed, &words, &count, NULL)) {
            free(closed);
            return 0;
        }
        free(closed);
    }
    if (!fresh && count > 0)
        done.word = words[count - 1];
    command =
        command_find((int)(count - (done.word[0] != '\0')), (const char *const *)words, &used);
    offer_words(&done, count - (done.word[0] != '\0'), words);
    if (command)
        offer_rest(&done, command, count - (done.word[0] != '\0') - (size_t)used, words + used);
    for (size_t i = 0; i < count; i++)
        free(words[i]);
    free(words);
    return done.count;
}

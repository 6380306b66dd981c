/* The one table of what a person or a program can ask for. CLI words, console keys, the : line, help, completion and manual are made
 * from it. A command runs through the managers and answers with a value, never prints. */
#ifndef ECCLESIA_COMMAND_COMMAND_H
#define ECCLESIA_COMMAND_COMMAND_H

#include <ecclesia/engine.h>

enum role { ROLE_VIEWER, ROLE_OPERATOR, ROLE_ADMIN };

struct command_option {
    const char *name;   /* "--title" */
    const char *value;  /* "T"; NULL: a flag; "[=SECONDS]": optional after '=' */
    bool repeat;        /* may come more than once */
    const char *help;
}; /* ends with name NULL */

struct command_context {
    struct engine *engine;
    struct church church;   /* whose records; filled by command_context_init */
    const char *actor;      /* login */
    struct cancel *cancel;  /* may be NULL */
    bool interactive;       /* a person answers questions elsewhere (the console) */
};

/* The words of one command after parsing: positional arguments by index, options by name. */
struct command_line;
const char *command_argument(const struct command_line *l, size_t index);       /* NULL when absent */
const char *command_value(const struct command_line *l, const char *option);    /* the last; NULL; "" for a flag */
size_t command_values(const struct command_line *l, const char *option, const char **out, size_t most);

/* What came of it. */
struct command_result {
    cJSON *json;            /* owned: exactly the API's shape; NULL when there is nothing to show */
    enum subject_kind kind; /* with subject: what it was about, to wait for */
    struct id subject;
    bool waits;             /* --wait was given */
    int64_t wait_ms;
    const char *view;       /* how a person reads json: "livestreams", "livestream", "meetings", "meeting", "connections",
                               "connection", "platforms", "platform", "jobs", "events", "churches", "church", "key", "said" */
    char said[300];         /* one line for a person: "Sunday Service is starting on YouTube and Facebook." */
};
void command_result_release(struct command_result *r);

struct command {
    const char *words;   /* "livestream stop" */
    const char *args;    /* "ID", "ID PLATFORM", "[PLATFORM]", "" */
    const struct command_option *options; /* may be NULL */
    enum role role;
    const char *help;    /* one sentence */
    bool danger;         /* the console asks first, with manager_question() */
    bool works;          /* leaves jobs that the command line carries to their end when nobody else works */
    bool (*run)(struct command_context *, const struct command_line *, struct command_result *, struct error *);
};

extern const struct command commands[]; /* ends with words NULL */
extern const size_t command_count;

/* Longest match of the first words; NULL when none. *used gets how many words it took. */
const struct command *command_find(int argc, const char *const *argv, int *used);
/* Parses argv (without the program's name and global options) by the table and runs it. ERROR_USAGE names what is wrong and shows the line's form. */
bool command_run(struct command_context *c, int argc, const char *const *argv, struct command_result *out, struct error *err);
/* The same from one line with shell-like quotes, for the : line and key bindings. */
bool command_run_line(struct command_context *c, const char *line, struct command_result *out, struct error *err);
/* Completions of a half-typed line, at most `most`; each yours: free(). Reads the store for ids and titles. */
size_t command_complete(struct command_context *c, const char *line, char **out, size_t most);

/* Records as the API's JSON (command/shape.c). Yours: cJSON_Delete(). */
cJSON *shape_livestream(const struct livestream *l);
cJSON *shape_meeting(const struct meeting *m);
cJSON *shape_connection(const struct connection *c);
cJSON *shape_event(const struct event *e);
cJSON *shape_job(const struct job *j);
cJSON *shape_church(const struct church *c);
cJSON *shape_platform(enum platform_id id);
cJSON *shape_error(const struct error *e);

#endif

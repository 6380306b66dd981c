/* The one table of what a person or a program can ask for. CLI words, console keys, the : line,
 * help, completion and manual are made from it. A command runs through the managers and answers
 * with a value, never prints. */
#ifndef ECCLESIA_COMMAND_COMMAND_H
#define ECCLESIA_COMMAND_COMMAND_H

#include <ecclesia/engine.h>
#include <ecclesia/manager/signin.h>

enum role { ROLE_VIEWER, ROLE_OPERATOR, ROLE_ADMIN };

struct command_option {
    const char *name;  /* "--title" */
    const char *value; /* "T"; NULL: a flag; "[=SECONDS]": optional after '=' */
    bool repeat;       /* may come more than once */
    bool required;
    const char *help;
}; /* ends with name NULL */

/* What a command wants of its context. */
enum command_needs {
    NEEDS_CHURCH,       /* an engine and a church */
    NEEDS_STORE,        /* an engine */
    NEEDS_NOTHING,      /* neither: tables alone */
    NEEDS_PLACES,       /* the configuration and where things are; the database is not open */
    NEEDS_WHAT_THERE_IS /* an engine if it can be opened, else trouble */
};

struct command_context {
    struct engine *engine;
    struct church church;  /* owned: whose records; filled by command_context_church */
    const char *actor;     /* login, borrowed */
    struct cancel *cancel; /* may be NULL */
    bool interactive; /* a person answers questions elsewhere (the console): nothing is read from
                         standard input */
    /* A secret that a person types, not shown; twice: until both are the same. ERROR_CANCELLED when
     * none was given; *out is then the caller's. NULL: nobody can be asked. */
    bool (*ask)(void *argument, const char *prompt, bool twice, struct secret **out,
                struct error *err);
    void *ask_argument;
    /* Of the command line alone, borrowed: */
    const struct config *config;       /* NULL when it could not be read */
    const char *db_path;               /* NULL when it is not known */
    const char *key_file;              /* that was named; NULL none */
    const char *config_file;           /* likewise */
    const struct error *trouble;       /* why there is no engine; NULL when there is one */
    const struct signin_front *signin; /* where `connect` shows a person's sign-in and waits; NULL:
                                          it takes credentials alone */
};

/* Finds the church: slug, or [church] slug of the configuration, or the only one, which is made
 * when there is none and create is set. */
bool command_context_church(struct command_context *c, const char *slug, bool create,
                            struct error *err);
void command_context_release(
    struct command_context *c); /* frees the church; the rest is borrowed */

/* The words of one command after parsing: positional arguments by index, options by name. */
struct command_line;
const char *command_argument(const struct command_line *l, size_t index); /* NULL when absent */
const char *command_value(const struct command_line *l,
                          const char *option); /* the last; NULL; "" for a flag */
size_t command_values(const struct command_line *l, const char *option, const char **out,
                      size_t most);

/* What came of it. */
struct command_result {
    cJSON *json;            /* owned: exactly the API's shape; NULL when there is nothing to show */
    enum subject_kind kind; /* with subject: what it was about, to wait for */
    struct id subject;
    bool waits; /* --wait was given */
    int64_t wait_ms;
    const char *view; /* how a person reads json: "livestreams", "livestream", "report", "meetings",
                         "meeting", "text" (its member text as it is), "connections", "connection",
                         "platforms", "platform", "jobs", "job", "events", "churches", "church",
                         "key", "version", "help"; "said": said tells all */
    char said[300]; /* one line for a person: "Sunday Service is starting on YouTube and Facebook."
                     */
    int fine, failed; /* parts of what was asked that succeeded and failed at once: connections that
                         were checked */
    bool
        follow; /* -f was given: run it again with --after and the last id when something changed */
};
void command_result_release(struct command_result *r);
/* Reads the subject again, after waiting for it: json and said tell what has become of it. A
 * subject that is gone leaves both as they are. */
bool command_result_reload(struct command_context *c, struct command_result *r, struct error *err);

struct command {
    const char *words;                    /* "livestream stop" */
    const char *args;                     /* "ID", "ID PLATFORM", "[PLATFORM]", "" */
    const struct command_option *options; /* may be NULL */
    enum role role;
    enum command_needs needs;
    const char *help;    /* one sentence */
    const char *example; /* a whole line that works */
    bool danger;         /* the console asks first, with manager_question() */
    bool works; /* leaves jobs that the command line carries to their end when nobody else works */
    bool (*run)(struct command_context *, const struct command_line *, struct command_result *,
                struct error *);
};

extern const struct command commands[]; /* ends with words NULL */
extern const size_t command_count;

/* Longest match of the first words; NULL when none. *used gets how many words it took. */
const struct command *command_find(int argc, const char *const *argv, int *used);
/* Who may ask for these words: of the command, or more where an option wants more; ROLE_VIEWER for
 * words that are none. */
enum role command_role(int argc, const char *const *argv);
/* Parses argv (without the program's name and global options) by the table and runs it. ERROR_USAGE
 * names what is wrong and shows the line's form. */
bool command_run(struct command_context *c, int argc, const char *const *argv,
                 struct command_result *out, struct error *err);
/* The same from one line with shell-like quotes, for the : line and key bindings. */
bool command_run_line(struct command_context *c, const char *line, struct command_result *out,
                      struct error *err);
/* What the last word of a half-typed line can become, at most `most`; each yours: free(). A word
 * with blanks comes in quotes. Reads the store for ids; c or its engine may be NULL, then only
 * words of the tables come. */
size_t command_complete(struct command_context *c, const char *line, char **out, size_t most);

/* "livestream stop ID [--wait[=SECONDS]]" */
bool command_usage(const struct command *command, struct text *out);
/* Cuts a line into words as a shell does: blanks, '…', "…", \x. Words are yours: free each, then
 * the array. ERROR_USAGE for an open quote. */
bool command_split(const char *line, char ***words, size_t *count, struct error *err);

/* Records as the API's JSON (command/shape.c). Yours: cJSON_Delete(). */
cJSON *shape_livestream(const struct livestream *l);
cJSON *shape_meeting(const struct meeting *m);
cJSON *shape_connection(const struct connection *c);
cJSON *shape_event(const struct event *e);
cJSON *shape_job(const struct job *j);
cJSON *shape_church(const struct church *c);
cJSON *shape_platform(enum platform_id id);
cJSON *shape_error(const struct error *e);
/* Adds "simulated": true to each target, connection or event whose platform points at a simulator;
 * node: a shape, or a list of shapes. */
void shape_mark_simulated(cJSON *node, const struct config *config);

#endif

/* Inner face of the command line. */
#ifndef CLI_PRIVATE_H
#define CLI_PRIVATE_H

#include <stdio.h>

#include <ecclesia/cli/cli.h>
#include <ecclesia/command/command.h>

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_SOME_FAILED = 4, CLI_TIMEOUT = 5 };

/* Options that every command takes, before it or after. Borrowed from argv. */
struct cli_options {
    const char *db, *config, *church, *key_file;
    bool json, no_color, help, version;
};
extern const struct command_option cli_globals[]; /* their table; ends with name NULL */

/* One run of the program. */
struct cli {
    struct cli_options options;
    cli_console_call *console;
    struct config *config; /* owned; NULL before it is loaded */
    struct engine *engine; /* owned; NULL before it is opened */
    struct cancel *cancel; /* borrowed; NULL: nothing to cancel */
    struct command_context context;
    struct signin_front signin;   /* shows a person's sign-in on this terminal */
    bool signin_url, signin_code; /* already shown */
    char actor[64];
    char db_path[4096]; /* as it was given, or the default place */
    bool people;        /* standard output is a terminal: aligned, relative times */
    bool color;
    bool read_only; /* the engine is opened to look only */
    bool diagnose;  /* what is wrong is looked for, and does not stop it */
    struct error trouble;
    bool ask_key; /* a person may be asked for the passphrase of the keys */
};

/* ---- options.c ---- */

/* Moves global options out of argv (which keeps the rest in order): those before the first word,
 * and, when command is given, those between its own options. False with ERROR_USAGE. */
bool cli_take_globals(struct cli_options *o, const struct command *command, int *argc,
                      const char **argv, struct error *err);
/* Console options (--theme …) from all of argv. */
bool cli_take_console(struct cli_console *o, int argc, const char *const *argv, struct error *err);
extern const struct command_option cli_console_options[];
extern const struct command_option cli_demo_options[];

/* ---- cli.c ---- */

bool cli_open(struct cli *cli, struct error *err); /* configuration, log, engine */
void cli_close(struct cli *cli);
bool cli_on_terminal(struct error *err); /* else ERROR_USAGE */
int cli_console_run(struct cli *cli, struct cli_console *o);
/* Runs one command's words over an opened or unopened cli and prints. Returns the exit status. */
int cli_command(struct cli *cli, int argc, const char **argv);
/* Says the error and returns its exit status. */
int cli_fail(struct cli *cli, const struct error *err);

/* ---- work.c ---- */

/* Carries the jobs of a command to their end, or waits for whoever does. True with *status the exit
 * status. */
bool cli_work(struct cli *cli, struct command_result *r, int *status, struct error *err);

/* ---- follow.c ---- */

int cli_follow(struct cli *cli, int argc, const char **argv, const struct command_result *first);

/* ---- signals.c ---- */

struct cli_signals;
/* Blocks SIGINT, SIGTERM and SIGHUP in this thread and those made after it; the first one asks
 * cancel, a second one ends the program after last(argument), which runs on another thread. NULL
 * without memory or threads: then they end the program as ever. */
struct cli_signals *cli_signals_start(struct cancel *cancel, void (*last)(void *), void *argument);
void cli_signals_stop(struct cli_signals *s); /* NULL is fine */

/* ---- ask.c ---- */

/* Whether there is a terminal to ask on. */
bool cli_can_ask(void);
/* command_context.ask and engine_options.ask; argument: struct cli. */
bool cli_ask(void *argument, const char *prompt, bool twice, struct secret **out,
             struct error *err);
bool cli_ask_key(void *argument, int tries, struct secret **out, struct error *err);

/* ---- signin.c, qr.c ---- */

/* Fills cli->signin. */
void cli_signin_prepare(struct cli *cli);
/* Draws s as a QR code when `to` is a terminal with room for it; *columns and *rows get what it
 * needs. False when it was not drawn. */
bool cli_qr(struct cli *cli, FILE *to, const char *s, int *columns, int *rows);

/* ---- show.c, show_records.c ---- */

void cli_show(struct cli *cli, const struct command_result *r);
void cli_show_livestreams(struct cli *cli, const cJSON *json);
void cli_show_livestream(struct cli *cli, const cJSON *json);
void cli_show_report(struct cli *cli, const cJSON *json);
void cli_show_meetings(struct cli *cli, const cJSON *json);
void cli_show_meeting(struct cli *cli, const cJSON *json);
void cli_show_connections(struct cli *cli, const cJSON *json);
void cli_show_connection(struct cli *cli, const cJSON *json);
/* On standard error: each connection that is in trouble, with its remedy. */
void cli_tell_connections(struct cli *cli, const cJSON *json);
void cli_show_platforms(struct cli *cli, const cJSON *json);
void cli_show_platform(struct cli *cli, const cJSON *json);
void cli_show_audit(struct cli *cli, const cJSON *json);
void cli_show_doctor(struct cli *cli, const cJSON *json);
void cli_show_backup(struct cli *cli, const cJSON *json);
void cli_show_restored(struct cli *cli, const cJSON *json);
void cli_show_key(struct cli *cli, const cJSON *json);
void cli_show_rotation(struct cli *cli, const cJSON *json);
void cli_show_jobs(struct cli *cli, const cJSON *json);
void cli_show_event(struct cli *cli, const cJSON *event);
void cli_show_events(struct cli *cli, const cJSON *json);

/* ---- show_registration.c ---- */

/* Of a platform's JSON: what to make there, ways to connect, redirect URIs, scopes. */
void cli_show_registration(struct cli *cli, const cJSON *json);

/* ---- table.c ---- */

enum cli_color { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_GREEN, CLI_YELLOW, CLI_RED };
/* Which colour a status or level word has. */
enum cli_color cli_color_of(const char *word);
/* Writes s cleaned for a terminal; s may be NULL. */
void cli_put(struct cli *cli, FILE *to, enum cli_color color, const char *s);

enum { CLI_COLUMNS = 8 };
struct cli_table {
    struct cli *cli;
    const char *const *headings; /* NULL-terminated */
    char **cells;                /* owned; row by row */
    enum cli_color *colors;      /* owned */
    size_t count, room, columns;
};
void cli_table_begin(struct cli_table *t, struct cli *cli, const char *const *headings);
/* The next cell; s may be NULL for an empty one. */
void cli_table_cell(struct cli_table *t, enum cli_color color, const char *s);
/* Aligned with headings for people, tab-separated and bare for programs. Frees. */
void cli_table_end(struct cli_table *t);

/* "today 10:00" for people, "2026-11-29 10:00" for programs, in the church's zone. "" when the time
 * is absent. out: 64 bytes. */
void cli_time(struct cli *cli, char *out, size_t size, const cJSON *json, const char *key);

/* ---- help.c, man.c ---- */

void cli_help(struct cli *cli, const cJSON *json);
/* What `connect` asks for at a platform. */
void cli_help_connect(const char *slug);
/* ecclesia(1) and ecclesia.conf(5) as roff. */
bool cli_man(const char *page);

/* ---- complete.c ---- */

/* Prints what the last word of the line can become, one a line. */
int cli_complete(struct cli *cli, const char *line);

/* ---- demo.c ---- */

int cli_demo(struct cli *cli, int argc, const char **argv);

/* ---- demo_child.c ---- */

/* `ecclesia sim` followed by this word is the child of a demonstration; its directory comes next.
 */
#define DEMO_CHILD_WORD "__demo"
/* argv: the directory, then the simulator's options. */
int demo_child_main(int argc, char **argv);

#endif

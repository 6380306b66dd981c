/* From words to an exit status. */
#include "cli/private.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>
#include <ecclesia/command/version.h>
#include <ecclesia/sim/sim.h>

/* ---- who and where ---- */

static bool name_of_uid(uid_t uid, char *out, size_t size)
{
    struct passwd entry, *found = NULL;
    char buffer[4096];

    if (getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) != 0 || !found)
        return false;
    text_copy_to(out, size, entry.pw_name);
    return true;
}

/* The person behind `sudo -u ecclesia`: who logged in, then who called sudo, then who runs this. */
static void find_actor(char *out, size_t size)
{
    const char *sudo = getenv("SUDO_USER");
    FILE *file = fopen("/proc/self/loginuid", "re");
    unsigned long uid = (unsigned long)(uid_t)-1;

    if (file) {
        if (fscanf(file, "%lu", &uid) != 1)
            uid = (unsigned long)(uid_t)-1;
        fclose(file);
    }
    if (uid != (unsigned long)(uid_t)-1 && name_of_uid((uid_t)uid, out, size))
        return;
    if (sudo && *sudo)
        text_copy_to(out, size, sudo);
    else if (!name_of_uid(getuid(), out, size))
        snprintf(out, size, "uid %lu", (unsigned long)getuid());
}

static const char *or_environment(const char *given, const char *variable)
{
    const char *value = given ? given : getenv(variable);

    return value && *value ? value : NULL;
}

static void set_output(struct cli *cli)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

    cli->people = isatty(STDOUT_FILENO);
    cli->color = cli->people && !cli->options.no_color && !(no_color && *no_color) && term &&
                 strcmp(term, "dumb") != 0;
}

/* ---- opening ---- */

static bool load(struct cli *cli, struct error *err)
{
    const char *log;

    if (!cli->config && !config_load(&cli->config, cli->options.config, err))
        return false;
    log = config_text(cli->config, "log", "file");
    return !*log || log_open(log, err);
}

/* Configuration and where things are. */
static bool find_places(struct cli *cli, struct error *err)
{
    const char *given = or_environment(cli->options.db, "ECCLESIA_DB");

    if (!load(cli, err))
        return false;
    cli->context.config = cli->config;
    if (!(given ? text_copy_to(cli->db_path, sizeof(cli->db_path), given)
                : config_data_path(cli->db_path, sizeof(cli->db_path), err)))
        return given ? error_set(err, ERROR_STORE, "Choose a shorter path with --db.",
                                 "The path %.100s… is too long.", given)
                     : false;
    cli->context.db_path = cli->db_path;
    cli->context.key_file = cli->options.key_file;
    cli->context.config_file = or_environment(cli->options.config, "ECCLESIA_CONFIG");
    return true;
}

bool cli_open(struct cli *cli, struct error *err)
{
    const struct engine_options options = {
        .db_path = or_environment(cli->options.db, "ECCLESIA_DB"),
        .key_file = cli->options.key_file,
        .read_only = cli->read_only,
        .ask = cli->ask_key && cli_can_ask() ? cli_ask_key : NULL,
        .ask_argument = cli,
        .diagnose = cli->diagnose,
    };

    if (cli->engine)
        return true;
    return load(cli, err) && engine_open(&cli->engine, cli->config, &options, err);
}

void cli_close(struct cli *cli)
{
    command_context_release(&cli->context);
    engine_close(cli->engine);
    config_free(cli->config);
    cli->engine = NULL;
    cli->config = NULL;
}

/* ---- saying ---- */

int cli_fail(struct cli *cli, const struct error *err)
{
    struct text line;
    cJSON *json;

    if (cli->options.json) {
        json = cJSON_CreateObject();
        cJSON_AddItemToObject(json, "error", shape_error(err));
        text_init(&line, 64 * 1024);
        if (json_print(&line, json))
            printf("%s\n", text_str(&line));
        text_release(&line);
        cJSON_Delete(json);
    }
    fputs("ecclesia: ", stderr);
    cli_put(cli, stderr, CLI_PLAIN, *err->message ? err->message : error_policy(err->kind)->name);
    fputc('\n', stderr);
    if (*err->remedy) {
        fputs("  ", stderr);
        cli_put(cli, stderr, CLI_PLAIN, err->remedy);
        fputc('\n', stderr);
    }
    /* Nothing that ends here is a success, whoever forgot to say why. */
    return err->kind == ERROR_NONE ? CLI_FAILED : error_policy(err->kind)->exit_status;
}

/* What could not be written is no success. A reader that has gone away knows it himself. */
static int flushed(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (errno != EPIPE)
        fprintf(stderr, "ecclesia: The output could not be written: %s.\n", strerror(errno));
    return status == CLI_DONE ? CLI_FAILED : status;
}

/* ---- commands ---- */

enum { LINE_MAX_WORDS = 10 };

static int show_help(struct cli *cli, const struct command *command, int argc,
                     const char *const *argv, int used)
{
    struct command_context none = { .engine = NULL };
    const char *words[LINE_MAX_WORDS] = { "help" };
    struct command_result r;
    struct error err;
    int count = 1;

    error_clear(&err);
    for (int i = 0; i < (command ? used : argc) && count < LINE_MAX_WORDS; i++)
        if (argv[i][0] != '-')
            words[count++] = argv[i];
    if (!command_run(&none, count, words, &r, &err))
        return cli_fail(cli, &err);
    cli_show(cli, &r);
    command_result_release(&r);
    if (command && strcmp(command->words, "connect") == 0 && !cli->options.json)
        cli_help_connect(argc > used ? argv[used] : NULL);
    return CLI_DONE;
}

/* What cannot be opened is what the command is about. */
static void open_what_there_is(struct cli *cli)
{
    struct command_context *c = &cli->context;

    cli->diagnose = true;
    error_clear(&cli->trouble);
    if (find_places(cli, &cli->trouble) && cli_open(cli, &cli->trouble))
        c->engine = cli->engine;
    else
        c->trouble = &cli->trouble;
}

/* Engine and church, as far as the command wants them. */
static bool prepare(struct cli *cli, const struct command *command, enum role role,
                    struct error *err)
{
    struct command_context *c = &cli->context;

    c->actor = cli->actor;
    c->cancel = cli->cancel;
    c->ask = cli_can_ask() ? cli_ask : NULL;
    c->ask_argument = cli;
    /* Who only looks needs no key. */
    cli->ask_key = role != ROLE_VIEWER;
    cli_signin_prepare(cli);
    c->signin = &cli->signin;
    if (command->needs == NEEDS_NOTHING)
        return true;
    if (command->needs == NEEDS_PLACES)
        return find_places(cli, err);
    if (command->needs == NEEDS_WHAT_THERE_IS) {
        open_what_there_is(cli);
        return true;
    }
    if (!cli_open(cli, err))
        return false;
    c->engine = cli->engine;
    return command->needs == NEEDS_STORE ||
           command_context_church(c, or_environment(cli->options.church, "ECCLESIA_CHURCH"), true,
                                  err);
}

static int finish(struct cli *cli, const struct command *command, int argc, const char **argv,
                  struct command_result *r)
{
    struct error err;
    int status = CLI_DONE;

    error_clear(&err);
    if (r->follow)
        return cli_follow(cli, argc, argv, r);
    if (command->works && !id_is_none(r->subject) && !cli_work(cli, r, &status, &err))
        return cli_fail(cli, &err);
    if (r->failed > 0)
        status = r->fine > 0 ? CLI_SOME_FAILED : CLI_FAILED;
    cli_show(cli, r);
    if (r->view && text_starts(r->view, "connection"))
        cli_tell_connections(cli, r->failed > 0 ? r->json : NULL);
    return status;
}

static int run(struct cli *cli, const struct command *command, int argc, const char **argv)
{
    struct command_result r;
    struct error err;
    int status;

    error_clear(&err);
    if (command && !prepare(cli, command, command_role(argc, argv), &err))
        return cli_fail(cli, &err);
    if (!command_run(&cli->context, argc, argv, &r, &err))
        return cli_fail(cli, &err);
    status = finish(cli, command, argc, argv, &r);
    command_result_release(&r);
    return status;
}

int cli_command(struct cli *cli, int argc, const char **argv)
{
    const struct command *command;
    struct error err;
    int used, rest;

    error_clear(&err);
    command = command_find(argc, argv, &used);
    /* Words that are no command may still be followed by --help. */
    while (!command && used < argc && argv[used][0] != '-')
        used++;
    rest = argc - used;
    if (!cli_take_globals(&cli->options, command, &rest, argv + used, &err))
        return cli_fail(cli, &err);
    set_output(cli);
    if (cli->options.help)
        return show_help(cli, command, used + rest, argv, used);
    return flushed(run(cli, command, used + rest, argv));
}

/* A command of its own, with its signals. */
static int command_alone(struct cli *cli, int argc, const char **argv)
{
    struct cancel *cancel = cancel_new();
    struct cli_signals *signals = cancel ? cli_signals_start(cancel, NULL, NULL) : NULL;
    int status;

    cli->cancel = cancel;
    status = cli_command(cli, argc, argv);
    cli_close(cli);
    cli_signals_stop(signals);
    cancel_free(cancel);
    return status;
}

/* ---- the console ---- */

bool cli_on_terminal(struct error *err)
{
    return (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) ||
           error_set(err, ERROR_USAGE, "Give a command, or see: ecclesia help",
                     "The console needs a terminal.");
}

int cli_console_run(struct cli *cli, struct cli_console *o)
{
    struct error err;
    bool working;
    int status;

    error_clear(&err);
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        error_set(&err, ERROR_USAGE, "Give a command, or see: ecclesia help",
                  "The console needs a terminal.");
        return cli_fail(cli, &err);
    }
    cli->read_only = o->read_only || o->kiosk;
    cli->ask_key = !cli->read_only;
    if (!cli_open(cli, &err) ||
        (!cli->read_only && !engine_work(cli->engine, true, &working, &err)))
        return cli_fail(cli, &err);
    o->actor = cli->actor;
    o->church = o->church ? o->church : or_environment(cli->options.church, "ECCLESIA_CHURCH");
    if (!o->theme && *config_text(cli->config, "console", "theme"))
        o->theme = config_text(cli->config, "console", "theme");
    o->ascii = o->ascii || config_bool(cli->config, "console", "ascii");
    status = cli->console(cli->engine, cli->config, o, &err);
    return status < 0 ? cli_fail(cli, &err) : status;
}

static int console_alone(struct cli *cli, int argc, const char **argv)
{
    struct cli_console o = { .theme = NULL };
    struct error err;
    int status;

    error_clear(&err);
    if (!cli_take_console(&o, argc, argv, &err))
        return cli_fail(cli, &err);
    status = cli_console_run(cli, &o);
    cli_close(cli);
    return status;
}

int cli_main(int argc, char **argv, cli_console_call *console)
{
    struct cli cli = { .console = console };
    const char **words = calloc((size_t)argc + 1, sizeof(*words));
    struct error err;
    int count = argc - 1, status;

    error_clear(&err);
    if (!words)
        return CLI_FAILED;
    for (int i = 1; i < argc; i++)
        words[i - 1] = argv[i];
    find_actor(cli.actor, sizeof(cli.actor));
    set_output(&cli);
    if (!cli_take_globals(&cli.options, NULL, &count, words, &err))
        status = cli_fail(&cli, &err);
    else if (count > 2 && strcmp(words[0], "sim") == 0 && strcmp(words[1], DEMO_CHILD_WORD) == 0)
        status = demo_child_main(count - 2, argv + (argc - count + 2));
    else if (count > 0 && strcmp(words[0], "sim") == 0)
        status = sim_main(count - 1, argv + (argc - count + 1));
    else if (count == 2 && strcmp(words[0], "__complete") == 0)
        status = cli_complete(&cli, words[1]);
    else if (count == 2 && strcmp(words[0], "__man") == 0)
        status = cli_man(words[1]) ? CLI_DONE : CLI_USAGE;
    else if (count > 0 && strcmp(words[0], "demo") == 0)
        status = cli_demo(&cli, count - 1, words + 1);
    else if (cli.options.version)
        status = printf("ecclesia %s\n", ECCLESIA_VERSION) < 0;
    else if (count == 0 ? cli.options.help : words[0][0] != '-')
        status = command_alone(&cli, count, words);
    else
        status = console_alone(&cli, count, words);
    free(words);
    return status;
}

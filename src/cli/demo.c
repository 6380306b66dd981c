/* `ecclesia demo`: simulated platforms in a child process, a throw-away database with something to
 * show in it, then the console, or a command with its exit status. Nothing of the person's own
 * configuration or data is read or touched. */
#include "cli/demo.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ecclesia/base/log.h>

/* Nothing of ours may leak in: neither real credentials nor another database. */
static const char *const unwanted[] = {
    "ECCLESIA_SIM",
    "ECCLESIA_DB",
    "ECCLESIA_CONFIG",
    "ECCLESIA_CHURCH",
    "ECCLESIA_CHURCH_SLUG",
    "ECCLESIA_MASTER_KEY",
    "ECCLESIA_VAULT_KEY_FILE",
    "CREDENTIALS_DIRECTORY",
};

struct words {
    const char *faults;
    struct cli_console console;
    const char **command; /* NULL: the console */
    int command_count;
    bool help;
};

static bool take_words(struct words *w, int argc, const char **argv, struct error *err)
{
    const char **rest = calloc((size_t)argc + 1, sizeof(*rest));
    int count = 0;
    bool done = rest || error_set(err, ERROR_MEMORY, NULL, "There is not enough memory.");

    w->faults = "none";
    for (int i = 0; i < argc && done; i++) {
        if (strcmp(argv[i], "--") == 0) {
            w->command = argv + i + 1;
            w->command_count = argc - i - 1;
            break;
        }
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            w->help = true;
        else if (strncmp(argv[i], "--faults=", 9) == 0)
            w->faults = argv[i] + 9;
        else if (strcmp(argv[i], "--faults") == 0 && i + 1 < argc)
            w->faults = argv[++i];
        else if (strcmp(argv[i], "--faults") == 0)
            done = error_set(err, ERROR_USAGE,
                             "Write --faults none, some, storm or a platform's name.",
                             "--faults wants a value.");
        else if (argv[i][0] != '-')
            done = error_set(err, ERROR_USAGE, "Write: ecclesia demo -- COMMAND",
                             "\"%.60s\" is not an option.", argv[i]);
        else
            rest[count++] = argv[i];
        /* A console option's value follows it. */
        if (done && strcmp(argv[i], "--theme") == 0 && i + 1 < argc)
            rest[count++] = argv[++i];
    }
    done = done && cli_take_console(&w->console, count, rest, err);
    free(rest);
    return done;
}

static int put_help(void)
{
    printf("Usage: ecclesia demo [--faults none|some|storm|PLATFORM] [CONSOLE OPTION…] [-- COMMAND "
           "…]\n\n"
           "Try everything without an account: simulated platforms on this machine, a church with "
           "a service that is\n"
           "live, and a database that is thrown away at the end. Without a command the console "
           "opens.\n\n"
           "Options:\n");
    for (const struct command_option *o = cli_demo_options; o->name; o++)
        printf("  %s %s\n      %s\n", o->name, o->value, o->help);
    printf("\nExample:\n  ecclesia demo --faults youtube -- livestream create --title Test "
           "--platform youtube "
           "--platform facebook --wait\n");
    return CLI_DONE;
}

/* ---- configuration ---- */

static bool set_platform(struct config *c, const char *slug, const cJSON *part, struct error *err)
{
    static const char *const keys[] = { "api_base", "auth_base", "client_id", "client_secret" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *value = json_string(part, keys[i]);

        if (!config_set(c, slug, keys[i], value ? value : "", err))
            return false;
    }
    return true;
}

/* A platform that the simulator does not play is sent to it all the same: never to the real one. */
static bool set_config(struct demo *d, struct error *err)
{
    const cJSON *platforms = cJSON_GetObjectItem(d->ready, "platforms");
    const char *base = json_string(d->ready, "base");
    struct config *c = d->cli->config;

    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const char *slug = platform_slug((enum platform_id)p);
        const cJSON *part = cJSON_GetObjectItem(platforms, slug);

        if (!set_platform(c, slug, part, err))
            return false;
        if (!part && (!config_set(c, slug, "api_base", base, err) ||
                      !config_set(c, slug, "auth_base", base, err)))
            return false;
    }
    /* What is live moves quickly here. */
    return config_set(c, "net", "proxy", "", err) && config_set(c, "poll", "live", "3s", err) &&
           config_set(c, "church", "slug", "st-marks", err);
}

static bool make_places(struct demo *d, struct error *err)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(d->directory, sizeof(d->directory), "%.200s/ecclesia-demo.XXXXXX",
             tmp && *tmp == '/' ? tmp : "/tmp");
    if (!mkdtemp(d->directory)) {
        d->directory[0] = '\0';
        return error_set(err, ERROR_STORE, "Set TMPDIR to a directory that can be written.",
                         "No directory for the demonstration could be made in %s.",
                         tmp ? tmp : "/tmp");
    }
    snprintf(d->database, sizeof(d->database), "%s/data/ecclesia.db", d->directory);
    snprintf(d->key_file, sizeof(d->key_file), "%s/config/ecclesia/master.key", d->directory);
    for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
        unsetenv(unwanted[i]);
    snprintf(d->place, sizeof(d->place), "%s/data", d->directory);
    setenv("XDG_DATA_HOME", d->place, 1);
    if (mkdir(d->place, 0700) < 0)
        return error_set(err, ERROR_STORE, NULL, "%s could not be made.", d->place);
    snprintf(d->place, sizeof(d->place), "%s/config", d->directory);
    setenv("XDG_CONFIG_HOME", d->place, 1);
    if (mkdir(d->place, 0700) < 0)
        return error_set(err, ERROR_STORE, NULL, "%s could not be made.", d->place);
    snprintf(d->place, sizeof(d->place), "%s/config/ecclesia", d->directory);
    if (mkdir(d->place, 0700) < 0)
        return error_set(err, ERROR_STORE, NULL, "%s could not be made.", d->place);
    return true;
}

/* ---- the run ---- */

static bool begin(struct demo *d, const struct words *w, struct error *err)
{
    struct cli *cli = d->cli;

    if (!make_places(d, err) || !demo_child_start(d, err))
        return false;
    if (!config_load(&cli->config, cli->options.config, err) || !set_config(d, err))
        return false;
    cli->options.db = d->database;
    cli->options.key_file = d->key_file;
    cli->options.church = NULL;
    return cli_open(cli, err) && demo_seed(d, err) && demo_faults(d, w->faults, err);
}

static int run(struct demo *d, struct words *w)
{
    struct cancel *cancel = NULL;
    struct cli_signals *signals = NULL;
    struct error err;
    int status;

    error_clear(&err);
    /* The console takes the signals itself. */
    if (w->command) {
        cancel = cancel_new();
        signals = cancel ? cli_signals_start(cancel, demo_remove, d) : NULL;
    }
    d->cli->cancel = cancel;
    if (!begin(d, w, &err))
        status = cli_fail(d->cli, &err);
    else if (w->command && w->command_count > 0)
        status = cli_command(d->cli, w->command_count, w->command);
    else
        status = cli_console_run(d->cli, &w->console);
    demo_booth_stop(d);
    cli_close(d->cli);
    log_open(NULL, NULL);
    demo_child_stop(d);
    demo_remove(d);
    cli_signals_stop(signals);
    cancel_free(cancel);
    cJSON_Delete(d->ready);
    return status;
}

int cli_demo(struct cli *cli, int argc, const char **argv)
{
    struct demo d = { .cli = cli, .child = -1, .to_child = -1 };
    struct words w = { .command = NULL };
    struct error err;

    error_clear(&err);
    if (!take_words(&w, argc, argv, &err))
        return cli_fail(cli, &err);
    if (w.help || (cli->options.help && !w.command))
        return put_help();
    if ((!w.command || w.command_count == 0) && !cli_on_terminal(&err))
        return cli_fail(cli, &err);
    return run(&d, &w);
}

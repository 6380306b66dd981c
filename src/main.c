#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <ecclesia/base/text.h>
#include <ecclesia/cli/cli.h>
#include <ecclesia/tui/tui.h>

static int open_console(struct engine *engine, const struct config *config,
                        const struct cli_console *o, struct error *err)
{
    const struct tui_options options = {
        .theme = o->theme,
        .church = o->church,
        .actor = o->actor,
        .ascii = o->ascii,
        .plain = o->plain,
        .read_only = o->read_only,
        .kiosk = o->kiosk,
    };

    return tui_main(engine, config, &options, err);
}

/* No core file and no debugger may see an opened secret; files are for their owner alone; a reader
 * that has gone away is an error of the write and no signal. */
static void harden(void)
{
    const struct rlimit none = { 0, 0 };

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    umask(077);
    signal(SIGPIPE, SIG_IGN);
}

/* Every account of the machine can read a command line: the value of a --set KEY=VALUE is taken out
 * of it. A file or standard input is better still, for until here it could be read. */
static void hide_values(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        bool joined = strncmp(argv[i], "--set=", strlen("--set=")) == 0;
        char *shown = argv[i], *value;

        if (!joined && strcmp(argv[i - 1], "--set") != 0)
            continue;
        value = strchr(shown + (joined ? strlen("--set=") : 0), '=');
        argv[i] = value ? text_copy(shown) : shown;
        if (!argv[i])
            argv[i] = shown;
        else if (value)
            memset(value + 1, 'x', strlen(value + 1));
    }
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    /* Numbers are read and written the same everywhere. */
    setlocale(LC_NUMERIC, "C");
    harden();
    hide_values(argc, argv);
    return cli_main(argc, argv, open_console);
}

#include <locale.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

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

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    /* Numbers are read and written the same everywhere. */
    setlocale(LC_NUMERIC, "C");
    harden();
    return cli_main(argc, argv, open_console);
}

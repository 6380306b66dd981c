/* A person's sign-in, on a terminal: what to open, what to type, which account it was. */
#include "cli/private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

enum { ANSWER_MOST = 300, LOOK_MS = 200 };

/* Standard output is a program's when it wants JSON. */
static FILE *screen(const struct cli *cli)
{
    return cli->options.json ? stderr : stdout;
}

static void put_qr(struct cli *cli, FILE *to, const char *url)
{
    int columns, rows;

    if (!cli->people || to != stdout || cli_qr(cli, to, url, &columns, &rows))
        return;
    if (columns < 0)
        fputs("(A QR code of it needs a terminal with UTF-8.)\n", to);
    else if (columns > 0)
        fprintf(to, "(A QR code of it needs a window of %d columns and %d rows.)\n", columns,
                rows + 3);
}

static void put_url(struct cli *cli, FILE *to, const struct signin_shown *s)
{
    fprintf(to, "Sign in at %s%s. Open this address in any browser:\n\n",
            platform_name(s->platform), s->simulated ? " (SIMULATED)" : "");
    cli_put(cli, to, CLI_BOLD, s->url);
    fputs("\n\n", to);
    put_qr(cli, to, s->url);
    if (s->returns)
        fprintf(to, "A browser on this machine comes back here by itself.");
    if (s->returns && isatty(STDIN_FILENO))
        fprintf(to,
                " From another one, copy the\naddress that it ends at (it begins with %s, and the "
                "page\ncannot be shown), paste it here and press Enter.",
                s->redirect_uri);
    else if (!s->returns)
        fprintf(to,
                "Afterwards copy the address that the browser ends at (it begins with %s),\n"
                "paste it here and press Enter, if it is not noticed by itself.",
                s->redirect_uri);
    fputs("\n", to);
}

static void put_code(struct cli *cli, FILE *to, const struct signin_shown *s)
{
    fputs(s->url ? "Or open " : "Open ", to);
    cli_put(cli, to, CLI_BOLD, s->device_url);
    /* On a row of its own, so that the code is never broken. */
    fputs(" on any device\nand type in the code ", to);
    cli_put(cli, to, CLI_BOLD, s->user_code);
    fputs("\n", to);
    put_qr(cli, to, s->device_complete ? s->device_complete : s->device_url);
}

static void show(void *self, const struct signin_shown *s)
{
    struct cli *cli = self;
    FILE *to = screen(cli);
    int64_t left = (s->end_mono - clock_mono() + 999) / 1000;
    bool fresh = !cli->signin_url && !cli->signin_code;

    if (s->url && !cli->signin_url) {
        put_url(cli, to, s);
        cli->signin_url = true;
    }
    if (s->user_code && !cli->signin_code) {
        put_code(cli, to, s);
        cli->signin_code = true;
    }
    if (fresh && (cli->signin_url || cli->signin_code))
        fprintf(to, "Waiting for %lld %s; Ctrl-C breaks off.\n",
                (long long)(left < 120 ? left : left / 60), left < 120 ? "seconds" : "minutes");
    if (s->note) {
        cli_put(cli, to, CLI_YELLOW, s->note);
        fputs("\n", to);
    }
    fflush(to);
}

/* ---- questions ---- */

static bool can_ask(const struct cli *cli)
{
    return isatty(STDIN_FILENO) && isatty(fileno(screen(cli)));
}

/* One line, without its end. False at the end of input, and when asked to stop. */
static bool read_line(const struct cli *cli, char *out, size_t size)
{
    struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
    size_t length = 0;
    char c = 0;

    while (c != '\n') {
        if (cancel_asked(cli->cancel))
            return false;
        if (poll(&fd, 1, LOOK_MS) <= 0)
            continue;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return false;
        if (c != '\n' && length + 1 < size)
            out[length++] = c;
    }
    out[length] = '\0';
    return true;
}

static bool confirm(void *self, const struct signin_found *found)
{
    struct cli *cli = self;
    FILE *to = screen(cli);
    char answer[ANSWER_MOST] = "";

    fprintf(to, "Signed in at %s as ", platform_name(found->platform));
    cli_put(cli, to, CLI_BOLD, found->account);
    fputs(found->simulated ? " (SIMULATED)." : ".", to);
    if (found->picture) {
        fputs("\nIts picture is at ", to);
        cli_put(cli, to, CLI_PLAIN, found->picture);
        fputs("\n", to);
    }
    if (found->before) {
        fputs(found->picture ? "It takes the place of " : " It takes the place of ", to);
        cli_put(cli, to, CLI_BOLD, found->before);
        fputs(".", to);
    }
    if (!can_ask(cli)) {
        fputs("\n", to);
        fflush(to);
        return true;
    }
    fputs(found->picture && !found->before ? "Is this the right account? [y/N] "
                                           : " Is this the right account? [y/N] ",
          to);
    fflush(to);
    return read_line(cli, answer, sizeof answer) && (answer[0] == 'y' || answer[0] == 'Y');
}

static bool ask(void *self, const char *question, const char *key, char *out, size_t size)
{
    struct cli *cli = self;
    FILE *to = screen(cli);

    if (!can_ask(cli))
        return false;
    cli_put(cli, to, CLI_PLAIN, question);
    fprintf(to, "\n%s: ", key);
    fflush(to);
    return read_line(cli, out, size);
}

void cli_signin_prepare(struct cli *cli)
{
    cli->signin_url = cli->signin_code = false;
    cli->signin = (struct signin_front){
        .self = cli, .show = show, .paste_fd = STDIN_FILENO, .confirm = confirm, .ask = ask
    };
}

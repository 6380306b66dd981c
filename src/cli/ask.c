/* A secret typed on the terminal, which does not show it. Standard input and output may be anything
 * else. */
#include "cli/private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

enum { TYPED_MOST = 1024, LOOK_MS = 500 };

enum { KEY_INTERRUPT = 3, KEY_END = 4, KEY_BACK = 8, KEY_CLEAR = 21, KEY_DELETE = 127 };

struct asking {
    struct cli *cli;
    int tty;
    struct termios before;
    sigset_t mask;
};

bool cli_can_ask(void)
{
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (tty >= 0)
        close(tty);
    return tty >= 0;
}

/* While nothing is echoed no signal may end the program and leave the terminal so: they wait, and
 * those that mean "stop" are looked for. */
static bool begin(struct asking *a, struct error *err)
{
    struct termios silent;
    sigset_t hold;

    a->tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (a->tty < 0 || tcgetattr(a->tty, &a->before) != 0) {
        if (a->tty >= 0)
            close(a->tty);
        return error_set(err, ERROR_CANCELLED, "Run it on a terminal.",
                         "There is no terminal to ask for the passphrase on.");
    }
    sigemptyset(&hold);
    sigaddset(&hold, SIGINT);
    sigaddset(&hold, SIGTERM);
    sigaddset(&hold, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &hold, &a->mask);
    silent = a->before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    tcsetattr(a->tty, TCSAFLUSH, &silent);
    return true;
}

static void end(struct asking *a)
{
    tcsetattr(a->tty, TCSAFLUSH, &a->before);
    close(a->tty);
    pthread_sigmask(SIG_SETMASK, &a->mask, NULL);
}

static void say(struct asking *a, const char *words)
{
    if (write(a->tty, words, strlen(words)) < 0)
        return; /* then reading fails too */
}

static bool stopped(const struct asking *a)
{
    sigset_t waiting;

    return cancel_asked(a->cli->cancel) ||
           (sigpending(&waiting) == 0 &&
            (sigismember(&waiting, SIGINT) == 1 || sigismember(&waiting, SIGTERM) == 1 ||
             sigismember(&waiting, SIGHUP) == 1));
}

/* The next byte; -1 at the end, or when it was stopped. */
static int next_byte(struct asking *a)
{
    struct pollfd fd = { .fd = a->tty, .events = POLLIN };
    unsigned char c;

    while (!stopped(a)) {
        int got = poll(&fd, 1, LOOK_MS);

        if (got < 0 && errno != EINTR)
            return -1;
        if (got > 0)
            return read(a->tty, &c, 1) == 1 ? c : -1;
    }
    return -1;
}

/* Takes the last character away, all bytes of it. */
static size_t step_back(const char *line, size_t length)
{
    while (length > 0 && ((unsigned char)line[length - 1] & 0xc0) == 0x80)
        length--;
    return length > 0 ? length - 1 : 0;
}

/* False when it was given up. */
static bool read_line(struct asking *a, char line[TYPED_MOST], size_t *length)
{
    int c;

    *length = 0;
    while ((c = next_byte(a)) != '\n' && c != '\r') {
        if (c < 0 || c == KEY_INTERRUPT || c == KEY_END)
            return false;
        if (c == KEY_BACK || c == KEY_DELETE)
            *length = step_back(line, *length);
        else if (c == KEY_CLEAR)
            *length = 0;
        else if (*length < TYPED_MOST - 1)
            line[(*length)++] = (char)c;
    }
    return *length > 0;
}

static bool ask_once(struct asking *a, const char *prompt, struct secret **out)
{
    char line[TYPED_MOST];
    size_t length;
    bool given;

    say(a, prompt);
    say(a, ": ");
    given = read_line(a, line, &length);
    say(a, "\n");
    *out = given ? secret_new(line, length) : NULL;
    text_wipe(line, sizeof(line));
    return *out != NULL;
}

static bool ask_twice(struct asking *a, const char *prompt, struct secret **out)
{
    for (;;) {
        struct secret *again = NULL;
        bool same;

        if (!ask_once(a, prompt, out))
            return false;
        if (!ask_once(a, "The same again", &again)) {
            secret_free(*out);
            *out = NULL;
            return false;
        }
        same = strcmp(secret_text(*out), secret_text(again)) == 0;
        secret_free(again);
        if (same)
            return true;
        secret_free(*out);
        *out = NULL;
        say(a, "They differ. Once more.\n");
    }
}

bool cli_ask(void *argument, const char *prompt, bool twice, struct secret **out, struct error *err)
{
    struct asking a = { .cli = argument };
    bool given;

    *out = NULL;
    if (!begin(&a, err))
        return false;
    given = twice ? ask_twice(&a, prompt, out) : ask_once(&a, prompt, out);
    end(&a);
    return given ? true
                 : error_set(err, ERROR_CANCELLED, "Run it again and type the passphrase.",
                             "No passphrase was given.");
}

bool cli_ask_key(void *argument, int tries, struct secret **out, struct error *err)
{
    return cli_ask(argument,
                   tries == 0 ? "Passphrase of ecclesia's keys" : "It does not fit. Passphrase",
                   false, out, err);
}

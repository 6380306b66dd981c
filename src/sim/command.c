/* `ecclesia sim`: the simulated platforms alone. One line of JSON when they are ready, then
 * silence. */
#include <ecclesia/sim/sim.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const char usage[] = "usage: ecclesia sim [--listen 127.0.0.1:0] [--tls CERT KEY] "
                            "[--latency MS] [--encoder auto|manual] [--seed N]\n"
                            "                    [--step MS] [--faults none|some|storm|PLATFORM]\n"
                            "\n"
                            "Speaks as the platforms do, on loopback, and prints one JSON line "
                            "with the addresses when it is ready.\n"
                            "It ends with its standard input, or on SIGINT or SIGTERM.\n";

struct words {
    struct sim_options options;
    const char *faults;
    bool help;
};

/* A whole number of at least 0 after an option. */
static bool read_number(const char *word, unsigned long long most, unsigned long long *out)
{
    char *end = NULL;

    errno = 0;
    *out = word != NULL ? strtoull(word, &end, 10) : 0;
    return word != NULL && end != word && *end == '\0' && errno == 0 && word[0] != '-' &&
           *out <= most;
}

static bool read_option(struct words *w, int *i, int argc, char **argv)
{
    const char *option = argv[*i], *value = *i + 1 < argc ? argv[*i + 1] : NULL;
    unsigned long long number = 0;

    if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0)
        return w->help = true;
    if (value == NULL)
        return false;
    *i += 1;
    if (strcmp(option, "--listen") == 0) {
        w->options.listen = value;
    } else if (strcmp(option, "--tls") == 0 && *i + 1 < argc) {
        w->options.tls_cert = value;
        w->options.tls_key = argv[++*i];
    } else if (strcmp(option, "--latency") == 0 && read_number(value, 600000, &number)) {
        w->options.latency_ms = (int)number;
    } else if (strcmp(option, "--step") == 0 && read_number(value, 600000, &number)) {
        w->options.step_ms = (int)number;
    } else if (strcmp(option, "--seed") == 0 && read_number(value, UINT64_MAX, &number)) {
        w->options.seed = number;
    } else if (strcmp(option, "--encoder") == 0 && strcmp(value, "auto") == 0) {
        w->options.encoder = SIM_ENCODER_AUTO;
    } else if (strcmp(option, "--encoder") == 0 && strcmp(value, "manual") == 0) {
        w->options.encoder = SIM_ENCODER_MANUAL;
    } else if (strcmp(option, "--faults") == 0) {
        w->faults = value;
    } else {
        return false;
    }
    return true;
}

/* Returns when standard input has ended or a signal came. */
static void wait_for_end(int signals)
{
    struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
                             { .fd = signals, .events = POLLIN } };
    char skip[4096];

    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return;
        if (fds[1].revents != 0)
            return;
        if (fds[0].revents == 0)
            continue;
        ssize_t got = read(STDIN_FILENO, skip, sizeof skip);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
            return;
    }
}

static int say(const struct error *err)
{
    fprintf(stderr, "ecclesia sim: %s", err->message);
    fprintf(stderr, err->remedy[0] != '\0' ? " %s\n" : "%s\n", err->remedy);
    return err->kind == ERROR_USAGE || err->kind == ERROR_INPUT ? 2 : 1;
}

static int serve(const struct words *w, int signals)
{
    struct sim *sim = NULL;
    struct error err;
    struct text line;
    int status = 0;

    error_clear(&err);
    if (!sim_start(&sim, &w->options, &err))
        return say(&err);
    text_init(&line, 64 * 1024);
    if (w->faults != NULL && !sim_faults_preset(sim, w->faults, &err)) {
        status = say(&err);
    } else if (!sim_describe(sim, &line) || printf("%s\n", text_str(&line)) < 0 ||
               fflush(stdout) != 0) {
        fprintf(stderr, "ecclesia sim: the ready line could not be written.\n");
        status = 1;
    } else {
        wait_for_end(signals);
    }
    text_release(&line);
    sim_stop(sim);
    return status;
}

int sim_main(int argc, char **argv)
{
    struct words w = { .help = false };
    sigset_t set;

    for (int i = 0; i < argc; i++) {
        if (!read_option(&w, &i, argc, argv)) {
            fprintf(stderr, "ecclesia sim: %s is not understood.\n%s", argv[i], usage);
            return 2;
        }
    }
    if (w.help)
        return fputs(usage, stdout) < 0;
    signal(SIGPIPE, SIG_IGN);
    /* Blocked before the first thread, so that every thread inherits it. */
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    if (signals < 0) {
        fprintf(stderr, "ecclesia sim: signals cannot be waited for: %s.\n", strerror(errno));
        return 1;
    }
    int status = serve(&w, signals);
    close(signals);
    return status;
}

/* log -f: shows what happens until somebody says stop. */
#include "cli/private.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

struct following {
    struct cli *cli;
    struct watch *watch;
    int wake[2];  /* the cancel writes a byte */
    int64_t last; /* newest id shown */
};

static void wake(void *argument)
{
    struct following *f = argument;

    /* A full pipe wakes as well. */
    if (write(f->wake[1], "", 1) < 0)
        return;
}

static void show_items(struct following *f, const cJSON *json)
{
    const cJSON *event;
    struct text line;

    cJSON_ArrayForEach (event, cJSON_GetObjectItem(json, "items")) {
        int64_t id;

        if (json_int(event, "id", &id) && id > f->last)
            f->last = id;
        if (!f->cli->options.json) {
            cli_show_event(f->cli, event);
            continue;
        }
        text_init(&line, 64 * 1024);
        if (json_print(&line, event))
            printf("%s\n", text_str(&line));
        text_release(&line);
    }
    fflush(stdout);
}

/* The same words again, with --after the newest that was shown. *more tells that something came. */
static bool show_news(struct following *f, int argc, const char **argv, bool *more,
                      struct error *err)
{
    struct command_result r;
    char after[24];

    snprintf(after, sizeof(after), "%lld", (long long)f->last);
    argv[argc] = "--after";
    argv[argc + 1] = after;
    if (!command_run(&f->cli->context, argc + 2, argv, &r, err))
        return false;
    *more = cJSON_GetArraySize(cJSON_GetObjectItem(r.json, "items")) > 0;
    show_items(f, r.json);
    command_result_release(&r);
    return true;
}

/* Standard output that nobody reads any more ends it, as does the cancel. */
static bool follow(struct following *f, int argc, const char **argv, struct error *err)
{
    struct pollfd fds[] = { { .fd = watch_fd(f->watch), .events = POLLIN },
                            { .fd = f->wake[0], .events = POLLIN },
                            { .fd = STDOUT_FILENO, .events = 0 } };

    while (!cancel_asked(f->cli->cancel) && !ferror(stdout)) {
        bool more;

        if (!show_news(f, argc, argv, &more, err))
            return false;
        if (more)
            continue; /* --limit may have cut it */
        do {
            poll(fds, 3, -1);
            if (fds[1].revents || (fds[2].revents & (POLLERR | POLLHUP | POLLNVAL)))
                return true;
        } while (!watch_changed(f->watch));
    }
    return true;
}

int cli_follow(struct cli *cli, int argc, const char **argv, const struct command_result *first)
{
    struct following f = { .cli = cli };
    const char **words = calloc((size_t)argc + 3, sizeof(*words));
    struct error err;
    int count = 0;
    bool done;

    error_clear(&err);
    if (!words || pipe2(f.wake, O_CLOEXEC | O_NONBLOCK) < 0) {
        free(words);
        error_set(&err, ERROR_MEMORY, NULL, "The log cannot be followed.");
        return cli_fail(cli, &err);
    }
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--after") == 0)
            i++; /* ours takes its place */
        else if (!text_starts(argv[i], "--after="))
            words[count++] = argv[i];
    }
    show_items(&f, first->json);
    done = watch_open(&f.watch, engine_store(cli->engine), &err);
    if (done) {
        cancel_notify(cli->cancel, wake, &f);
        done = follow(&f, count, words, &err);
        cancel_notify(cli->cancel, NULL, NULL);
        watch_close(f.watch);
    }
    close(f.wake[0]);
    close(f.wake[1]);
    free(words);
    return done ? CLI_DONE : cli_fail(cli, &err);
}

/* After a command that left jobs: carry them to their end, or wait for whoever does. */
#include "cli/private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/store/jobs.h>

enum {
    LOOK_MS = 500,       /* between two looks at how it goes */
    LATER_MS = 10 * 1000 /* a try further ahead than this is left to the next engine */
};

struct carrying {
    struct cli *cli;
    struct command_result *result;
    struct settled settled;
    char *shown; /* owned: progress as last told */
};

static const char *name_of(const cJSON *target)
{
    const char *slug = json_string(target, "platform");
    enum platform_id p;

    return slug && platform_from_slug(slug, &p) ? platform_name(p) : "";
}

/* Each target's news on a line of standard error, for a person who watches. */
static void tell_progress(struct carrying *c)
{
    const cJSON *target;
    struct text now;

    if (c->cli->options.json || !isatty(STDERR_FILENO) ||
        !command_result_reload(&c->cli->context, c->result, NULL))
        return;
    text_init(&now, 8000);
    cJSON_ArrayForEach (target, cJSON_GetObjectItem(c->result->json, "targets")) {
        const char *note = json_string(target, "note"), *error = json_string(target, "error");
        char line[900];

        snprintf(line, sizeof(line), "%s: %s%s%s\n", name_of(target), json_string(target, "status"),
                 note || error ? ". " : "",
                 error  ? error
                 : note ? note
                        : "");
        if (!c->shown || !strstr(c->shown, line))
            cli_put(c->cli, stderr, CLI_DIM, line), fputc('\n', stderr);
        text_add(&now, line);
    }
    free(c->shown);
    c->shown = text_copy(text_str(&now));
    text_release(&now);
}

/* Whether nothing but later tries are left: each job was tried and goes again only after a while.
 */
static bool only_later(struct carrying *c)
{
    struct job_filter f = {
        .state = -1, .live = true, .subject = c->result->subject, .limit = 100
    };
    struct job *jobs = NULL;
    size_t count = 0, later = 0;
    int64_t now = clock_now();
    struct db *db;
    bool read;

    if (!db_read(engine_store(c->cli->engine), &db, NULL))
        return false;
    read = job_list(db, &f, &jobs, &count, NULL);
    db_read_end(db);
    for (size_t i = 0; read && i < count; i++)
        later += jobs[i].state == JOB_SCHEDULED && jobs[i].attempt + jobs[i].snoozes > 0 &&
                 jobs[i].run_at_ms > now + LATER_MS;
    if (read)
        free(jobs);
    return read && count > 0 && later == count;
}

/* Returns when the record has settled, when the time is over (*timed_out) or when only later tries
 * are left. */
static bool carry(struct carrying *c, int64_t end, bool *timed_out, struct error *err)
{
    struct command_result *r = c->result;

    *timed_out = false;
    for (;;) {
        int64_t left = end - clock_mono();

        error_clear(err);
        if (engine_wait_settled(c->cli->engine, r->kind, r->subject,
                                left < LOOK_MS ? (left > 0 ? left : 0) : LOOK_MS, c->cli->cancel,
                                &c->settled, err))
            return true;
        if (err->kind != ERROR_TIMEOUT)
            return false;
        tell_progress(c);
        *timed_out = left <= 0;
        if (*timed_out || (!r->waits && only_later(c))) {
            error_clear(err);
            return true;
        }
    }
}

/* On standard error: what each failed target said, and what is still awaited. */
static void tell_left(struct cli *cli, const cJSON *json, bool waiting)
{
    const cJSON *target;

    cJSON_ArrayForEach (target, cJSON_GetObjectItem(json, "targets")) {
        const char *error = json_string(target, "error"), *remedy = json_string(target, "remedy");
        const char *note = json_string(target, "note"), *status = json_string(target, "status");

        if (!error && !(waiting && text_equal(status, "pending")))
            continue;
        fputs("ecclesia: ", stderr);
        if (!error || !text_starts(error, name_of(target)))
            fprintf(stderr, "%s: ", name_of(target));
        cli_put(cli, stderr, CLI_PLAIN, error ? error : note ? note : "still pending.");
        fputc('\n', stderr);
        if (error && remedy) {
            fputs("  ", stderr);
            cli_put(cli, stderr, CLI_PLAIN, remedy);
            fputc('\n', stderr);
        }
    }
}

static int judge(struct carrying *c, bool timed_out)
{
    struct cli *cli = c->cli;

    if (timed_out && c->result->waits) {
        fprintf(stderr,
                "ecclesia: It has not settled within %lld seconds; it goes on in the queue.\n",
                (long long)(c->result->wait_ms + 999) / 1000);
        tell_left(cli, c->result->json, true);
        return CLI_TIMEOUT;
    }
    if (!c->settled.settled) {
        tell_left(cli, c->result->json, true);
        fprintf(stderr,
                "  It goes on as soon as ecclesia runs again; to go on now: ecclesia job drain\n");
        return CLI_DONE;
    }
    if (c->settled.failed == 0)
        return CLI_DONE;
    tell_left(cli, c->result->json, false);
    return c->settled.fine + c->settled.waiting > 0 ? CLI_SOME_FAILED : CLI_FAILED;
}

static void tell_handed_over(struct cli *cli)
{
    char holder[100];

    if (cli->options.json)
        return;
    engine_worker(cli->engine, holder, sizeof(holder));
    fprintf(stderr, "The work is done by %s.\n", *holder ? holder : "another ecclesia");
}

bool cli_work(struct cli *cli, struct command_result *r, int *status, struct error *err)
{
    struct carrying c = { .cli = cli, .result = r };
    const int64_t most = r->waits ? r->wait_ms : config_ms(cli->config, "wait", "default");
    bool working, timed_out, done;

    *status = CLI_DONE;
    if (!engine_work(cli->engine, r->waits, &working, err))
        return false;
    if (!working && !r->waits) {
        tell_handed_over(cli);
        return true;
    }
    done = carry(&c, clock_mono() + most, &timed_out, err) &&
           command_result_reload(&cli->context, r, err);
    if (done)
        *status = judge(&c, timed_out);
    free(c.shown);
    return done;
}

/* Platforms, connections and jobs. */
#include "cli/private.h"

#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/record/slug.h>

/* "livestreams, meetings" of an array of words. */
static void cell_words(struct cli_table *t, const cJSON *array)
{
    const cJSON *word;
    struct text words;

    text_init(&words, 1000);
    cJSON_ArrayForEach (word, array)
        text_addf(&words, "%s%s", words.length ? ", " : "", cJSON_GetStringValue(word));
    cli_table_cell(t, CLI_PLAIN, text_str(&words));
    text_release(&words);
}

void cli_show_platforms(struct cli *cli, const cJSON *json)
{
    static const char *const headings[] = { "Platform", "Name", "For", "Signs in by", NULL };
    struct cli_table t;
    const cJSON *item;

    cli_table_begin(&t, cli, headings);
    cJSON_ArrayForEach (item, cJSON_GetObjectItem(json, "items")) {
        cli_table_cell(&t, CLI_BOLD, json_string(item, "platform"));
        cli_table_cell(&t, CLI_PLAIN, json_string(item, "name"));
        cell_words(&t, cJSON_GetObjectItem(item, "abilities"));
        cell_words(&t, cJSON_GetObjectItem(item, "signIn"));
    }
    cli_table_end(&t);
}

/* " (one of a, b; default b)" */
static void put_limits(struct cli *cli, const cJSON *row)
{
    const cJSON *choices = cJSON_GetObjectItem(row, "choices"), *choice;
    const char *otherwise = json_string(row, "default");
    struct text t;

    text_init(&t, 1000);
    cJSON_ArrayForEach (choice, choices)
        text_addf(&t, "%s%s", t.length ? ", " : "one of ", cJSON_GetStringValue(choice));
    if (otherwise)
        text_addf(&t, "%sdefault %s", t.length ? "; " : "", otherwise);
    if (t.length) {
        printf(" (");
        cli_put(cli, stdout, CLI_DIM, text_str(&t));
        printf(")");
    }
    text_release(&t);
}

/* What cannot be left out, and in which way of connecting. */
static const char *need_of(const cJSON *row, bool person)
{
    if (json_bool(row, "neededToSignIn", false))
        return "(needed to sign in) ";
    if (!json_bool(row, "required", false))
        return "";
    return person ? "(needed with --method credentials) " : "(needed) ";
}

static void put_rows(struct cli *cli, const cJSON *rows, const char *heading, bool person)
{
    const cJSON *row;

    if (cJSON_GetArraySize(rows) > 0)
        printf("%s\n", heading);
    cJSON_ArrayForEach (row, rows) {
        const char *key = json_string(row, "key"), *help = json_string(row, "help");
        char padded[40];

        snprintf(padded, sizeof(padded), "  %-18s ", key ? key : "");
        cli_put(cli, stdout, CLI_BOLD, padded);
        printf("%s%s", need_of(row, person), help ? help : "");
        put_limits(cli, row);
        printf("\n");
    }
}

void cli_show_platform(struct cli *cli, const cJSON *json)
{
    const char *about = json_string(json, "about");
    bool person = cJSON_GetArraySize(cJSON_GetObjectItem(json, "signIn")) > 1;

    cli_put(cli, stdout, CLI_BOLD, json_string(json, "name"));
    printf("\n%s\n", about ? about : "");
    cli_show_registration(cli, json);
    put_rows(cli, cJSON_GetObjectItem(json, "credentials"),
             person ? "\nValues that it takes with --set KEY=VALUE; client_... may stand in the "
                      "configuration:"
                    : "\nValues that it takes with --set KEY=VALUE:",
             person);
    put_rows(
        cli, cJSON_GetObjectItem(json, "settings"),
        "\nSettings of a livestream or meeting there, as --platform PLATFORM:KEY=VALUE:", false);
}

/* ---- connections ---- */

static const char *name_of(const cJSON *json)
{
    const char *slug = json_string(json, "platform");
    enum platform_id p;

    return slug && platform_from_slug(slug, &p) ? platform_name(p) : "";
}

void cli_show_connections(struct cli *cli, const cJSON *json)
{
    static const char *const headings[] = {
        "Platform", "Status", "Account", "Last answer", "", NULL
    };
    const cJSON *items = cJSON_GetObjectItem(json, "items"), *item;
    struct cli_table t;

    if (cli->people && cJSON_GetArraySize(items) == 0) {
        printf("Nothing is connected yet. Connect a platform: ecclesia help connect\n");
        return;
    }
    cli_table_begin(&t, cli, headings);
    cJSON_ArrayForEach (item, items) {
        const char *status = json_string(item, "status"), *detail = json_string(item, "detail");
        const char *note = json_string(item, "note");
        char time[64], what[1200];

        cli_time(cli, time, sizeof(time), item, "lastOkAt");
        snprintf(what, sizeof(what), "%s%s%s%s%s%s",
                 json_bool(item, "simulated", false) ? "SIMULATED " : "", detail ? detail : "",
                 detail && json_string(item, "remedy") ? " " : "",
                 json_string(item, "remedy") ? json_string(item, "remedy") : "",
                 detail && note ? " " : "", note ? note : "");
        cli_table_cell(&t, CLI_BOLD, cli->people ? name_of(item) : json_string(item, "platform"));
        cli_table_cell(&t, cli_color_of(status), status);
        cli_table_cell(&t, CLI_PLAIN, json_string(item, "accountName"));
        cli_table_cell(&t, CLI_PLAIN, time);
        cli_table_cell(&t, CLI_PLAIN, what);
    }
    cli_table_end(&t);
}

static bool in_trouble(const cJSON *json)
{
    const char *status = json_string(json, "status");

    return text_equal(status, "error") || text_equal(status, "expired");
}

static void tell_connection(struct cli *cli, const cJSON *json)
{
    const char *detail = json_string(json, "detail"), *remedy = json_string(json, "remedy");

    if (!in_trouble(json))
        return;
    fputs("ecclesia: ", stderr);
    if (!detail || !text_starts(detail, name_of(json)))
        fprintf(stderr, "%s: ", name_of(json));
    cli_put(cli, stderr, CLI_PLAIN, detail ? detail : json_string(json, "status"));
    fputc('\n', stderr);
    if (remedy) {
        fputs("  ", stderr);
        cli_put(cli, stderr, CLI_PLAIN, remedy);
        fputc('\n', stderr);
    }
}

void cli_tell_connections(struct cli *cli, const cJSON *json)
{
    const cJSON *item;

    tell_connection(cli, json);
    cJSON_ArrayForEach (item, cJSON_GetObjectItem(json, "items"))
        tell_connection(cli, item);
}

/* What is known besides the status: notes, ends, the day's allowances. */
static void put_health(struct cli *cli, const cJSON *json)
{
    bool renews = json_bool(json, "grantRenews", false);
    const struct {
        const char *key, *label;
    } ends[] = { { "grantExpiresAt", renews ? "It is renewed by itself; unused it would end"
                                            : "Connect it again by" },
                 { "expiresAt", "Its present token lives until" } };
    const char *note = json_string(json, "note");
    const cJSON *a;
    char time[64];

    if (note) {
        printf("  Note: ");
        cli_put(cli, stdout, CLI_YELLOW, note);
        printf(".\n");
    }
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        cli_time(cli, time, sizeof(time), json, ends[i].key);
        if (*time)
            printf("  %s %s.\n", ends[i].label, time);
    }
    cJSON_ArrayForEach (a, cJSON_GetObjectItem(json, "allowances")) {
        int64_t used = 0, limit = 0;

        json_int(a, "used", &used);
        json_int(a, "limit", &limit);
        printf("  %lld of %lld: %s: %s.\n", (long long)used, (long long)limit, json_string(a, "of"),
               json_string(a, "forecast"));
    }
}

void cli_show_connection(struct cli *cli, const cJSON *json)
{
    const char *status = json_string(json, "status"), *account = json_string(json, "accountName");
    const char *detail = json_string(json, "detail"), *remedy = json_string(json, "remedy");
    const char *missing = json_string(json, "notAllowed");

    cli_put(cli, stdout, CLI_BOLD, name_of(json));
    printf(": ");
    cli_put(cli, stdout, cli_color_of(status), status);
    if (account) {
        printf(" as ");
        cli_put(cli, stdout, CLI_PLAIN, account);
    }
    printf("%s\n", json_bool(json, "simulated", false) ? " (SIMULATED)" : "");
    /* Trouble is told on standard error. */
    if (detail && !in_trouble(json)) {
        printf("  ");
        cli_put(cli, stdout, CLI_PLAIN, detail);
        printf("\n");
    }
    if (remedy && !in_trouble(json)) {
        printf("  ");
        cli_put(cli, stdout, CLI_PLAIN, remedy);
        printf("\n");
    }
    put_health(cli, json);
    if (missing) {
        printf("  Not everything was allowed: ");
        cli_put(cli, stdout, CLI_YELLOW, missing);
        printf(".\n");
    }
}

/* ---- jobs ---- */

void cli_show_jobs(struct cli *cli, const cJSON *json)
{
    static const char *const headings[] = { "Job",   "What", "Platform", "State",
                                            "Tries", "Next", "Error",    NULL };
    const cJSON *items = cJSON_GetObjectItem(json, "items"), *item;
    struct cli_table t;

    if (cli->people && cJSON_GetArraySize(items) == 0) {
        printf("No jobs.\n");
        return;
    }
    cli_table_begin(&t, cli, headings);
    cJSON_ArrayForEach (item, items) {
        const char *state = json_string(item, "state");
        char number[24], tries[24], next[64];
        int64_t id = 0, attempts = 0;

        json_int(item, "id", &id);
        json_int(item, "attempts", &attempts);
        snprintf(number, sizeof(number), "%lld", (long long)id);
        snprintf(tries, sizeof(tries), "%lld", (long long)attempts);
        cli_time(cli, next, sizeof(next), item, "nextAttemptAt");
        cli_table_cell(&t, CLI_DIM, number);
        cli_table_cell(&t, CLI_PLAIN, json_string(item, "kind"));
        cli_table_cell(&t, CLI_PLAIN, cli->people ? name_of(item) : json_string(item, "platform"));
        cli_table_cell(&t, cli_color_of(state), state);
        cli_table_cell(&t, CLI_PLAIN, tries);
        cli_table_cell(&t, CLI_PLAIN, next);
        cli_table_cell(&t, CLI_PLAIN, json_string(item, "error"));
    }
    cli_table_end(&t);
}

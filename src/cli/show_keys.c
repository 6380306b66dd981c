/* Keys and their rotation, for people. */
#include "cli/private.h"

#include <ecclesia/base/text.h>
#include <ecclesia/record/slug.h>

static void cell_number(struct cli_table *t, const cJSON *item, const char *key)
{
    char shown[24];
    int64_t number;

    snprintf(shown, sizeof(shown), "%lld", json_int(item, key, &number) ? (long long)number : 0LL);
    cli_table_cell(t, CLI_PLAIN, shown);
}

void cli_show_key(struct cli *cli, const cJSON *json)
{
    static const char *const headings[] = { "Key", "For", "State", "Fields", "Made", NULL };
    const char *pending = json_string(json, "pending");
    bool locked = json_bool(json, "locked", false);
    const cJSON *item;
    struct cli_table t;
    char made[64];

    cli_put(cli, stdout, locked ? CLI_RED : CLI_GREEN, locked ? "Locked" : "Open");
    fputs(": ", stdout);
    cli_put(cli, stdout, CLI_PLAIN, json_string(json, "source"));
    fputs("\n", stdout);
    cli_table_begin(&t, cli, headings);
    cJSON_ArrayForEach (item, cJSON_GetObjectItem(json, "keys")) {
        cell_number(&t, item, "id");
        cli_table_cell(&t, CLI_PLAIN, json_string(item, "purpose"));
        cli_table_cell(&t, cli_color_of(json_string(item, "state")), json_string(item, "state"));
        cell_number(&t, item, "rows");
        cli_time(cli, made, sizeof(made), item, "createdAt");
        cli_table_cell(&t, CLI_DIM, made);
    }
    cli_table_end(&t);
    if (!pending)
        return;
    fputs("A rotation was cut off: ", stdout);
    cli_put(cli, stdout, CLI_YELLOW, pending);
    fputs(".\n  To end it: ecclesia key rotate\n", stdout);
}

static void show_left(struct cli *cli, const cJSON *left)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, left) {
        const char *remedy = json_string(item, "remedy");

        fputs("  not moved: ", stdout);
        cli_put(cli, stdout, CLI_RED, json_string(item, "message"));
        fputs("\n", stdout);
        if (remedy) {
            fputs("    ", stdout);
            cli_put(cli, stdout, CLI_PLAIN, remedy);
            fputs("\n", stdout);
        }
    }
}

void cli_show_rotation(struct cli *cli, const cJSON *json)
{
    const char *old = json_string(json, "oldFile");
    int64_t number;

    if (json_bool(json, "resumed", false))
        fputs("An earlier rotation was ended.\n", stdout);
    if (json_bool(json, "master", false)) {
        fputs("The master key is new: ", stdout);
        cli_put(cli, stdout, CLI_BOLD, json_string(json, "source"));
        fputs("\n", stdout);
    }
    if (old) {
        fputs("  The old one is kept as ", stdout);
        cli_put(cli, stdout, CLI_PLAIN, old);
        fputs(": backups made before now need it. Delete it with the last of them.\n", stdout);
    }
    if (json_int(json, "key", &number)) {
        printf("Key %lld seals from now on", (long long)number);
        if (json_int(json, "moved", &number))
            printf("; %lld field%s sealed anew", (long long)number,
                   number == 1 ? " was" : "s were");
        fputs(".\n", stdout);
    }
    if (json_int(json, "destroyed", &number) && number > 0)
        printf("%lld old key%s destroyed: nothing needs %s any more.\n", (long long)number,
               number == 1 ? " was" : "s were", number == 1 ? "it" : "them");
    show_left(cli, cJSON_GetObjectItem(json, "left"));
}

void cli_show_audit(struct cli *cli, const cJSON *json)
{
    static const char *const headings[] = { "No", "When", "Who", "What", "Detail", NULL };
    const cJSON *item;
    struct cli_table t;
    char when[64];

    cli_table_begin(&t, cli, headings);
    cJSON_ArrayForEach (item, cJSON_GetObjectItem(json, "items")) {
        bool failed = text_equal(json_string(item, "outcome"), "failed");

        cell_number(&t, item, "seq");
        cli_time(cli, when, sizeof(when), item, "at");
        cli_table_cell(&t, CLI_DIM, when);
        cli_table_cell(&t, CLI_BOLD, json_string(item, "actor"));
        cli_table_cell(&t, failed ? CLI_RED : CLI_PLAIN, json_string(item, "action"));
        cli_table_cell(&t, CLI_PLAIN, json_string(item, "detail"));
    }
    cli_table_end(&t);
}

/* Help, from the tables. */
#include "cli/private.h"

#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/platform/platform.h>

static void put_columns(const char *left, int width, const char *right)
{
    int pad = width - utf8_width(left);

    if (pad < 1)
        printf("  %s\n  %*s%s\n", left, width, "", right);
    else
        printf("  %s%*s%s\n", left, pad, "", right);
}

static void put_option(const char *name, const char *value, const char *help)
{
    char left[100];

    snprintf(left, sizeof(left), "%s%s%s", name, value && value[0] != '[' ? " " : "",
             value ? value : "");
    put_columns(left, 28, help);
}

static void put_table(const struct command_option *table)
{
    for (; table->name; table++)
        put_option(table->name, table->value, table->help);
}

static void put_overview(const cJSON *items)
{
    const cJSON *item;

    printf("Ecclesia runs a church's livestreams and meetings on many platforms at once.\n\n"
           "Usage: ecclesia [OPTION…] [COMMAND]\n\n"
           "Without a command the console opens. To try everything without an account: ecclesia "
           "demo\n\n"
           "Commands:\n");
    cJSON_ArrayForEach(item, items) {
        char left[100];
        const char *words = json_string(item, "words");

        snprintf(left, sizeof(left), "%s", words);
        put_columns(left, 22, json_string(item, "help"));
    }
    put_columns("demo [-- COMMAND …]", 22,
                "Try it: simulated platforms and a throw-away database.");
    put_columns("sim", 22, "The simulated platforms alone.");
    printf("\nOptions, before a command or after it:\n");
    put_table(cli_globals);
    printf("\nOptions of the console:\n");
    put_table(cli_console_options);
    printf("\nMore on a command: ecclesia help COMMAND\n");
}

static void put_command(const cJSON *item)
{
    const cJSON *options = cJSON_GetObjectItem(item, "options"), *o;

    printf("Usage: ecclesia %s\n\n%s\n", json_string(item, "usage"), json_string(item, "help"));
    if (cJSON_GetArraySize(options) > 0)
        printf("\nOptions:\n");
    cJSON_ArrayForEach(o, options)
        put_option(json_string(o, "name"), json_string(o, "value"), json_string(o, "help"));
    if (json_string(item, "example"))
        printf("\nExample:\n  %s\n", json_string(item, "example"));
}

void cli_help(struct cli *cli, const cJSON *json)
{
    const cJSON *items = cJSON_GetObjectItem(json, "items"), *item;
    int count = cJSON_GetArraySize(items);

    (void)cli;
    if (count == (int)command_count) {
        put_overview(items);
    } else if (count == 1) {
        put_command(cJSON_GetArrayItem(items, 0));
    } else {
        cJSON_ArrayForEach(item, items)
            put_columns(json_string(item, "words"), 22, json_string(item, "help"));
        printf("\nMore on one of them: ecclesia help COMMAND\n");
    }
}

static void put_credentials(const struct platform *p)
{
    printf("\n%s asks for:\n", platform_name(p->id));
    for (const struct credential *c = p->credentials; c && c->key; c++) {
        const char *otherwise = c->otherwise;
        char right[400];

        snprintf(right, sizeof(right), "%s%s%s%s%s", c->help, c->required ? " (needed)" : "",
                 c->secret ? " (secret)" : "", otherwise && *otherwise ? " default " : "",
                 otherwise ? otherwise : "");
        put_columns(c->key, 20, right);
    }
}

void cli_help_connect(const char *slug)
{
    enum platform_id p;

    for (int i = 0; i < PLATFORM_COUNT; i++) {
        const struct platform *platform = platform_get((enum platform_id)i);

        if (platform && (!slug || (platform_from_slug(slug, &p) && (int)p == i)))
            put_credentials(platform);
    }
    printf("\nA secret is better read from a file or standard input than typed: others on this "
           "machine can see a\n"
           "command line.\n");
}

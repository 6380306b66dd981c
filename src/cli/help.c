/* Help, from the tables. */
#include "cli/private.h"

#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/platform/oauth.h>
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

    printf(
        "Ecclesia runs a church's livestreams and meetings on many platforms at once.\n\n"
        "Usage: ecclesia [OPTION…] [COMMAND]\n\n"
        "Without a command the console opens. First steps:\n"
        "  ecclesia demo                    try everything on simulated platforms, without an "
        "account\n"
        "  ecclesia platform show youtube   what to make at a platform before it can be connected\n"
        "  ecclesia connect youtube         sign in there; also over SSH, without a browser\n"
        "  ecclesia doctor                  look for what is wrong\n\n"
        "Commands:\n");
    cJSON_ArrayForEach (item, items) {
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
    printf("\nMore on a command: ecclesia help COMMAND; on all of them: man ecclesia\n");
}

static void put_command(const cJSON *item)
{
    const cJSON *options = cJSON_GetObjectItem(item, "options"), *o;

    printf("Usage: ecclesia %s\n\n%s\n", json_string(item, "usage"), json_string(item, "help"));
    if (cJSON_GetArraySize(options) > 0)
        printf("\nOptions:\n");
    cJSON_ArrayForEach (o, options)
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
        cJSON_ArrayForEach (item, items)
            put_columns(json_string(item, "words"), 22, json_string(item, "help"));
        printf("\nMore on one of them: ecclesia help COMMAND\n");
    }
}

static void put_way(const struct platform *p, unsigned way, const char *option, const char *help)
{
    char left[80];

    if (!(p->signin & way))
        return;
    snprintf(left, sizeof left, "connect %s%s", platform_slug(p->id), option);
    put_columns(left, 42, help);
}

/* What `connect` wants at one platform. */
static void put_credentials(const struct platform *p)
{
    bool person = p->oauth != NULL;

    printf("\n%s is connected by:\n", platform_name(p->id));
    put_way(p, SIGNIN_OAUTH, "", "a browser, on this machine or any other");
    put_way(p, SIGNIN_DEVICE, " --method device", "a code typed in on any device");
    put_way(p, SIGNIN_CREDENTIALS, person ? " --method credentials --set ..." : " --set ...",
            "values alone");
    printf("\n%s takes these values%s:\n", platform_name(p->id),
           person ? " (* also when signing in; client_... may stand in the configuration)" : "");
    for (const struct credential *c = p->credentials; c && c->key; c++) {
        bool more = c->otherwise && *c->otherwise;
        const char *need = !c->required ? ""
                           : person     ? " (needed with --method credentials)"
                                        : " (needed)";
        char left[60], right[400];

        snprintf(left, sizeof left, "%s%s", c->key,
                 person && oauth_takes(p->oauth, c->key) ? " *" : "");
        snprintf(right, sizeof right, "%s%s%s%s%s%s", c->help, need, c->secret ? " (secret)" : "",
                 more ? " (default " : "", more ? c->otherwise : "", more ? ")" : "");
        put_columns(left, 20, right);
    }
    printf(
        "\nHow to make the app or key there, with redirect URIs and scopes: ecclesia platform show "
        "%s\n",
        platform_slug(p->id));
}

static void put_platforms(void)
{
    printf("\nPlatforms, and how each is connected:\n");
    for (int i = 0; i < PLATFORM_COUNT; i++) {
        const struct platform *p = platform_get((enum platform_id)i);
        char ways[80];

        if (!p)
            continue;
        snprintf(ways, sizeof ways, "%s%s%s", p->signin & SIGNIN_OAUTH ? "browser, " : "",
                 p->signin & SIGNIN_DEVICE ? "code, " : "", "values");
        put_columns(platform_slug(p->id), 20, ways);
    }
    printf("\nWhat one of them asks for: ecclesia connect PLATFORM --help\n"
           "How to make the app or key there: ecclesia platform show PLATFORM\n");
}

void cli_help_connect(const char *slug)
{
    enum platform_id p;

    if (slug && platform_from_slug(slug, &p) && platform_get(p))
        put_credentials(platform_get(p));
    else
        put_platforms();
    if (!slug || (platform_from_slug(slug, &p) && platform_get(p) && platform_get(p)->oauth))
        printf("\nOver SSH: open the address that is shown in any browser, and paste the address "
               "that it ends at.\n");
    printf("A secret is better read from a file (KEY=@FILE) or standard input (KEY=-) than typed: "
           "others on this\nmachine can see a command line.\n");
}

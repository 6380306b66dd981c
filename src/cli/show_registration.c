/* How an app is registered at a platform, and how that is connected: the brief of its guide. */
#include "cli/private.h"

#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>

enum { COLUMNS = 96, INDENT = 13 };

/* Words from column `at` on, broken at blanks, further lines indented to `indent`. */
static void put_wrapped(int at, int indent, const char *s)
{
    while (*(s += strspn(s, " "))) {
        size_t length = strcspn(s, " ");
        char word[300];
        int width;

        snprintf(word, sizeof word, "%.*s", (int)length, s);
        width = utf8_width(word);
        if (at > indent && at + 1 + width > COLUMNS) {
            printf("\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            putchar(' ');
            at++;
        }
        fputs(word, stdout);
        at += width;
        s += length;
    }
    putchar('\n');
}

static void put_fact(struct cli *cli, const char *head, const char *body)
{
    char padded[40];

    if (!body)
        return;
    snprintf(padded, sizeof padded, "  %-*s", INDENT - 2, head);
    cli_put(cli, stdout, CLI_BOLD, padded);
    put_wrapped(INDENT, INDENT, body);
}

static bool has_word(const cJSON *array, const char *wanted)
{
    const cJSON *word;

    cJSON_ArrayForEach (word, array)
        if (text_equal(cJSON_GetStringValue(word), wanted))
            return true;
    return false;
}

/* Each way of connecting, as it is typed. */
static void put_ways(struct cli *cli, const cJSON *json)
{
    static const char *const ways[][3] = {
        { "oauth", "", "by a browser, on this machine or any other:" },
        { "device", " --method device", "by a code typed in on any device:" },
        { "credentials", " --method credentials --set KEY=VALUE ...", "by values alone:" },
    };
    const cJSON *signin = cJSON_GetObjectItem(json, "signIn");
    bool only = cJSON_GetArraySize(signin) == 1;

    printf("\nHow to connect it:\n");
    for (size_t i = 0; i < 3; i++) {
        char line[120];

        if (!has_word(signin, ways[i][0]))
            continue;
        snprintf(line, sizeof line, "ecclesia connect %s%s", json_string(json, "platform"),
                 only ? " --set KEY=VALUE ..." : ways[i][1]);
        printf("  %s\n    ", ways[i][2]);
        cli_put(cli, stdout, CLI_BOLD, line);
        putchar('\n');
    }
}

static void put_redirects(struct cli *cli, const cJSON *list)
{
    const cJSON *item;

    if (cJSON_GetArraySize(list) > 0)
        printf("\nThe browser is sent back to (redirect URIs):\n");
    cJSON_ArrayForEach (item, list) {
        printf("  ");
        cli_put(cli, stdout, CLI_BOLD, json_string(item, "uri"));
        printf("\n    ");
        put_wrapped(4, 4, json_string(item, "for"));
    }
}

static void put_scope(struct cli *cli, const cJSON *item)
{
    const char *without = json_string(item, "without");
    char line[400];

    printf("  ");
    cli_put(cli, stdout, CLI_BOLD, json_string(item, "scope"));
    snprintf(line, sizeof line, "%s%s%s%s", json_string(item, "why"), without ? " Without it " : "",
             without ? without : "", without ? "." : "");
    printf("\n    ");
    put_wrapped(4, 4, line);
}

/* Those of one way of connecting; those of `told` too, which stand above already, by name alone. */
static void put_scopes_of(struct cli *cli, const cJSON *list, const char *way, const char *told)
{
    const cJSON *item;
    struct text names;

    text_init(&names, 4000);
    cJSON_ArrayForEach (item, list) {
        const cJSON *ways = cJSON_GetObjectItem(item, "signIn");

        if (has_word(ways, way) && told && has_word(ways, told))
            text_addf(&names, "%s ", json_string(item, "scope"));
        else if (has_word(ways, way))
            put_scope(cli, item);
    }
    if (names.length) {
        printf("  ");
        put_wrapped(2, 2, text_str(&names));
    }
    text_release(&names);
}

static bool same_for_all(const cJSON *list, const cJSON *signin)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, list)
        if (cJSON_GetArraySize(cJSON_GetObjectItem(item, "signIn")) != cJSON_GetArraySize(signin))
            return false;
    return true;
}

static void put_scopes(struct cli *cli, const cJSON *json, const cJSON *list)
{
    const cJSON *signin = cJSON_GetObjectItem(json, "signIn");
    bool person = has_word(signin, "oauth");

    if (cJSON_GetArraySize(list) == 0)
        return;
    if (!person || same_for_all(list, signin)) {
        printf("\nScopes (permissions) that it asks for:\n");
        put_scopes_of(cli, list, "credentials", NULL);
        return;
    }
    printf("\nScopes (permissions) of a person's sign-in:\n");
    put_scopes_of(cli, list, "oauth", NULL);
    printf("\nScopes of the app or token of --method credentials:\n");
    put_scopes_of(cli, list, "credentials", "oauth");
}

void cli_show_registration(struct cli *cli, const cJSON *json)
{
    const cJSON *r = cJSON_GetObjectItem(json, "registration");

    if (!r)
        return;
    printf("\nWhat to make there first:\n");
    put_fact(cli, "Guide", json_string(r, "guide"));
    put_fact(cli, "Where", json_string(r, "console"));
    put_fact(cli, "What", json_string(r, "app"));
    put_fact(cli, "Way back", json_string(r, "enter"));
    put_fact(cli, "Lasts", json_string(r, "lasts"));
    put_fact(cli, "Review", json_string(r, "review"));
    put_ways(cli, json);
    put_redirects(cli, cJSON_GetObjectItem(r, "redirectUris"));
    put_scopes(cli, json, cJSON_GetObjectItem(r, "scopes"));
}

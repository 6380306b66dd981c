/* What the doctor found, for people. */
#include "cli/private.h"

#include <string.h>

#include <ecclesia/base/text.h>

void cli_show_doctor(struct cli *cli, const cJSON *json)
{
    static const struct {
        const char *state, *shown;
        enum cli_color color;
    } states[] = {
        { "ok", "ok", CLI_GREEN },
        { "skipped", "-", CLI_DIM },
        { "warning", "warning", CLI_YELLOW },
        { "failed", "FAILED", CLI_RED },
    };
    const cJSON *item;

    cJSON_ArrayForEach (item, cJSON_GetObjectItem(json, "items")) {
        const char *state = json_string(item, "state"), *remedy = json_string(item, "remedy");

        for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
            if (!text_equal(states[i].state, state))
                continue;
            cli_put(cli, stdout, states[i].color, states[i].shown);
            printf("%*s", (int)(9 - strlen(states[i].shown)), "");
        }
        printf("%-12s ", json_string(item, "check"));
        cli_put(cli, stdout, CLI_PLAIN, json_string(item, "text"));
        fputs("\n", stdout);
        if (!remedy)
            continue;
        printf("%22s→ ", "");
        cli_put(cli, stdout, CLI_PLAIN, remedy);
        fputs("\n", stdout);
    }
}

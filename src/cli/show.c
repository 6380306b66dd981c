/* Answers for people, by the name of their view. */
#include "cli/private.h"

#include <string.h>

#include <ecclesia/base/text.h>

static void show_said(struct cli *cli, const struct command_result *r)
{
    cli_put(cli, stdout, CLI_PLAIN, r->said);
    printf("\n");
}

/* As it is, for files: nothing is cleaned. */
static void show_text(const cJSON *json)
{
    const char *text = json_string(json, "text");

    fputs(text ? text : "", stdout);
}

static void show_churches(struct cli *cli, const cJSON *json)
{
    static const char *const headings[] = { "Slug", "Name", "Time zone", NULL };
    struct cli_table t;
    const cJSON *item;

    cli_table_begin(&t, cli, headings);
    cJSON_ArrayForEach (item, cJSON_GetObjectItem(json, "items")) {
        cli_table_cell(&t, CLI_BOLD, json_string(item, "slug"));
        cli_table_cell(&t, CLI_PLAIN, json_string(item, "name"));
        cli_table_cell(&t, CLI_PLAIN, json_string(item, "timeZone"));
    }
    cli_table_end(&t);
}

static const struct {
    const char *view;
    void (*show)(struct cli *, const cJSON *);
} views[] = {
    { "livestreams", cli_show_livestreams },
    { "livestream", cli_show_livestream },
    { "report", cli_show_report },
    { "meetings", cli_show_meetings },
    { "meeting", cli_show_meeting },
    { "connections", cli_show_connections },
    { "connection", cli_show_connection },
    { "platforms", cli_show_platforms },
    { "platform", cli_show_platform },
    { "jobs", cli_show_jobs },
    { "events", cli_show_events },
    { "churches", show_churches },
    { "audit", cli_show_audit },
    { "doctor", cli_show_doctor },
    { "backup", cli_show_backup },
    { "restored", cli_show_restored },
    { "key", cli_show_key },
    { "rotation", cli_show_rotation },
    { "help", cli_help },
};

static void show_json(const cJSON *json)
{
    struct text t;

    text_init(&t, 256 * 1024 * 1024);
    if (json && json_print(&t, json))
        printf("%s\n", text_str(&t));
    text_release(&t);
}

void cli_show(struct cli *cli, const struct command_result *r)
{
    const char *view = r->view ? r->view : "said";

    if (cli->options.json) {
        show_json(r->json);
        return;
    }
    if (strcmp(view, "text") == 0) {
        show_text(r->json);
        return;
    }
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
        if (strcmp(views[i].view, view) == 0) {
            views[i].show(cli, r->json);
            return;
        }
    }
    show_said(cli, r);
}

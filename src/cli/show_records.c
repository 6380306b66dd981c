/* Livestreams, meetings and what happened to them. */
#include "cli/private.h"

#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/base/zone.h>
#include <ecclesia/record/slug.h>

enum { LABEL_WIDTH = 10 };

static const char *name_of(const cJSON *json)
{
    const char *slug = json_string(json, "platform");
    enum platform_id p;

    return slug && platform_from_slug(slug, &p) ? platform_name(p) : slug ? slug : "";
}

static void put_line(struct cli *cli, const char *label, enum cli_color color, const char *value)
{
    if (!value || !*value)
        return;
    printf("  %-*s ", LABEL_WIDTH, label);
    cli_put(cli, stdout, color, value);
    printf("\n");
}

/* A short id for people, the whole one for programs. */
static void cell_id(struct cli_table *t, const cJSON *json)
{
    const char *id = json_string(json, "id");
    char shown[40];

    snprintf(shown, sizeof(shown), "%.*s", t->cli->people ? 8 : 32, id ? id : "");
    cli_table_cell(t, CLI_DIM, shown);
}

/* "YouTube Facebook", or "YouTube* Facebook" with a meeting's primary one marked. */
static void cell_platforms(struct cli_table *t, const cJSON *json)
{
    const cJSON *target;
    struct text names;

    text_init(&names, 300);
    cJSON_ArrayForEach (target, cJSON_GetObjectItem(json, "targets"))
        text_addf(&names, "%s%s%s", names.length ? ", " : "", name_of(target),
                  json_bool(target, "primary", false) ? " (primary)" : "");
    cli_table_cell(t, CLI_PLAIN, text_str(&names));
    text_release(&names);
}

/* "live", with "3 of 4" when not every target is. */
static void cell_status(struct cli_table *t, const cJSON *json)
{
    const char *status = json_string(json, "status");
    const cJSON *target;
    int all = 0, failed = 0;
    char shown[60];

    cJSON_ArrayForEach (target, cJSON_GetObjectItem(json, "targets")) {
        all++;
        failed += text_equal(json_string(target, "status"), "failed");
    }
    snprintf(shown, sizeof(shown), failed ? "%s, %d of %d failed" : "%s", status ? status : "",
             failed, all);
    cli_table_cell(t, failed ? CLI_RED : cli_color_of(status), shown);
}

static void show_list(struct cli *cli, const cJSON *json, const char *empty)
{
    static const char *const headings[] = { "Id", "Title", "Starts", "Platforms", "Status", NULL };
    const cJSON *items = cJSON_GetObjectItem(json, "items"), *item;
    struct cli_table t;
    char start[64];

    if (cli->people && cJSON_GetArraySize(items) == 0) {
        printf("%s\n", empty);
        return;
    }
    cli_table_begin(&t, cli, headings);
    cJSON_ArrayForEach (item, items) {
        cli_time(cli, start, sizeof(start), item, "startAt");
        cell_id(&t, item);
        cli_table_cell(&t, CLI_BOLD, json_string(item, "title"));
        cli_table_cell(&t, CLI_PLAIN, *start || !cli->people ? start : "by hand");
        cell_platforms(&t, item);
        cell_status(&t, item);
    }
    cli_table_end(&t);
    if (cli->people && json_string(json, "nextCursor"))
        printf("More with --cursor %s\n", json_string(json, "nextCursor"));
}

void cli_show_livestreams(struct cli *cli, const cJSON *json)
{
    show_list(cli, json, "No livestream yet. Plan the first: ecclesia help livestream create");
}

void cli_show_meetings(struct cli *cli, const cJSON *json)
{
    show_list(cli, json, "No meeting yet. Schedule the first: ecclesia help meeting create");
}

/* ---- one record ---- */

/* To the second; the day only when it is not today. */
static void exact_time(struct cli *cli, char *out, size_t size, const char *text)
{
    const char *zone = cli->context.church.zone;
    struct zone_time local;
    int64_t ms = 0;
    char day[40], clock[40];

    if (text)
        clock_parse_rfc3339(text, &ms);
    zone_local(zone, ms, &local);
    zone_when(day, sizeof(day), zone, ms, clock_now());
    zone_clock(clock, sizeof(clock), zone, ms, true);
    if (!cli->people)
        snprintf(out, size, "%04d-%02d-%02d %s", local.year, local.month, local.day, clock);
    else
        snprintf(out, size, "%s%s%s", strcmp(day, "today") == 0 ? "" : day,
                 strcmp(day, "today") == 0 ? "" : " ", clock);
}

static void put_trouble(struct cli *cli, const cJSON *target)
{
    const char *error = json_string(target, "error");
    const char *remedy = json_string(target, "remedy");
    const char *note = json_string(target, "note");
    const char *again = json_string(target, "nextAttemptAt");
    char next[100];

    if (note && *note)
        put_line(cli, "", CLI_DIM, note);
    if (!error)
        return;
    put_line(cli, "", CLI_RED, error);
    put_line(cli, "", CLI_PLAIN, remedy);
    if (again) {
        exact_time(cli, next, sizeof(next), again);
        printf("  %-*s tried again %s\n", LABEL_WIDTH, "", next);
    }
}

/* What opens it as the host, when it was asked for. */
static void put_host_link(struct cli *cli, const cJSON *target)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(target, "hostLinkError");

    put_line(cli, "host link", CLI_PLAIN, json_string(target, "hostLink"));
    put_line(cli, "host link", CLI_RED, json_string(error, "detail"));
    put_line(cli, "", CLI_PLAIN, json_string(error, "remedy"));
}

/* How wide the longest platform's name and the longest status are. */
struct widths {
    int name, status;
};

static void widen(struct widths *w, const cJSON *target)
{
    const char *status = json_string(target, "status");
    int name = utf8_width(name_of(target)), word = utf8_width(status ? status : "");

    w->name = name > w->name ? name : w->name;
    w->status = word > w->status ? word : w->status;
}

/* In a column; cli_put() alone would pad by bytes. */
static void put_padded(struct cli *cli, enum cli_color color, const char *s, int width)
{
    int pad = width - utf8_width(s ? s : "");

    cli_put(cli, stdout, color, s);
    printf("%*s", pad > 0 ? pad : 0, "");
}

static void put_target(struct cli *cli, const cJSON *target, const struct widths *w)
{
    const char *status = json_string(target, "status");
    const char *url = json_string(target, "watchUrl");
    int64_t viewers;

    url = url ? url : json_string(target, "joinUrl");
    printf("  ");
    put_padded(cli, CLI_BOLD, name_of(target), w->name);
    printf("  ");
    put_padded(cli, cli_color_of(status), status, w->status);
    if (json_bool(target, "primary", false))
        printf("  primary");
    if (json_int(target, "viewers", &viewers))
        printf("  %lld watching", (long long)viewers);
    if (url) {
        printf("  ");
        cli_put(cli, stdout, CLI_PLAIN, url);
    }
    if (json_bool(target, "simulated", false))
        printf("  SIMULATED");
    printf("\n");
    put_host_link(cli, target);
    put_trouble(cli, target);
}

static void put_record(struct cli *cli, const cJSON *json)
{
    const char *status = json_string(json, "status");
    char time[64];

    cli_put(cli, stdout, CLI_BOLD, json_string(json, "title"));
    printf("  ");
    cli_put(cli, stdout, cli_color_of(status), status);
    printf("\n");
    put_line(cli, "id", CLI_DIM, json_string(json, "id"));
    put_line(cli, "about", CLI_PLAIN, json_string(json, "description"));
    cli_time(cli, time, sizeof(time), json, "startAt");
    put_line(cli, "starts", CLI_PLAIN, time);
    cli_time(cli, time, sizeof(time), json, "endAt");
    put_line(cli, "ends", CLI_PLAIN, time);
    cli_time(cli, time, sizeof(time), json, "startedAt");
    put_line(cli, "live since", CLI_PLAIN, time);
    cli_time(cli, time, sizeof(time), json, "endedAt");
    put_line(cli, "over since", CLI_PLAIN, time);
}

void cli_show_livestream(struct cli *cli, const cJSON *json)
{
    const cJSON *targets = cJSON_GetObjectItem(json, "targets"), *target;
    struct widths w = { LABEL_WIDTH, 0 };

    put_record(cli, json);
    cJSON_ArrayForEach (target, targets)
        widen(&w, target);
    cJSON_ArrayForEach (target, targets)
        put_target(cli, target, &w);
}

void cli_show_meeting(struct cli *cli, const cJSON *json)
{
    cli_show_livestream(cli, json);
}

/* ---- events ---- */

void cli_show_event(struct cli *cli, const cJSON *event)
{
    const char *level = json_string(event, "level"), *remedy = json_string(event, "remedy");
    const char *platform = cli->people ? name_of(event) : json_string(event, "platform");
    char time[100], padded[60];

    exact_time(cli, time, sizeof(time), json_string(event, "at"));
    cli_put(cli, stdout, CLI_DIM, time);
    printf(cli->people ? "  " : "\t");
    snprintf(padded, sizeof(padded), cli->people ? "%-9s" : "%s", level ? level : "");
    cli_put(cli, stdout, cli_color_of(level), padded);
    snprintf(padded, sizeof(padded), cli->people ? "%-15s" : "%s", platform ? platform : "");
    if (!cli->people)
        printf("\t");
    cli_put(cli, stdout, CLI_PLAIN, padded);
    printf(cli->people ? " " : "\t");
    cli_put(cli, stdout, CLI_PLAIN, json_string(event, "text"));
    if (remedy && *remedy) {
        printf(" ");
        cli_put(cli, stdout, CLI_DIM, remedy);
    }
    if (json_bool(event, "simulated", false))
        printf(" [SIMULATED]");
    printf("\n");
}

static void show_event_list(struct cli *cli, const cJSON *list)
{
    const cJSON *event;

    cJSON_ArrayForEach (event, list)
        cli_show_event(cli, event);
}

void cli_show_events(struct cli *cli, const cJSON *json)
{
    show_event_list(cli, cJSON_GetObjectItem(json, "items"));
}

void cli_show_report(struct cli *cli, const cJSON *json)
{
    const cJSON *target;
    struct widths w = { 0, 0 };

    put_record(cli, json);
    show_event_list(cli, cJSON_GetObjectItem(json, "events"));
    cJSON_ArrayForEach (target, cJSON_GetObjectItem(json, "targets")) {
        printf("\n");
        put_target(cli, target, &w);
        show_event_list(cli, cJSON_GetObjectItem(target, "events"));
    }
}

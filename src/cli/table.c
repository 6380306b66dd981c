/* Columns, colours and times. */
#include "cli/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/base/zone.h>

enum { CELL_LONGEST = 2000 };

static const char *const escapes[] = {
    [CLI_PLAIN] = "",         [CLI_BOLD] = "\033[1m",    [CLI_DIM] = "\033[2m",
    [CLI_GREEN] = "\033[32m", [CLI_YELLOW] = "\033[33m", [CLI_RED] = "\033[31m",
};

enum cli_color cli_color_of(const char *word)
{
    static const struct {
        const char *word;
        enum cli_color color;
    } colors[] = {
        { "live", CLI_GREEN },     { "active", CLI_GREEN },   { "connected", CLI_GREEN },
        { "succeeded", CLI_DIM },  { "failed", CLI_RED },     { "dead", CLI_RED },
        { "error", CLI_RED },      { "expired", CLI_RED },    { "pending", CLI_YELLOW },
        { "running", CLI_YELLOW }, { "unknown", CLI_YELLOW }, { "warning", CLI_YELLOW },
        { "ended", CLI_DIM },      { "cancelled", CLI_DIM },  { "disconnected", CLI_DIM },
    };

    for (size_t i = 0; word && i < sizeof(colors) / sizeof(colors[0]); i++)
        if (strcmp(colors[i].word, word) == 0)
            return colors[i].color;
    return CLI_PLAIN;
}

void cli_put(struct cli *cli, FILE *to, enum cli_color color, const char *s)
{
    char clean[CELL_LONGEST * 3];
    bool colored = cli->color && color != CLI_PLAIN;

    utf8_clean(clean, sizeof(clean), s ? s : "");
    fprintf(to, "%s%s%s", colored ? escapes[color] : "", clean, colored ? "\033[0m" : "");
}

void cli_table_begin(struct cli_table *t, struct cli *cli, const char *const *headings)
{
    memset(t, 0, sizeof(*t));
    t->cli = cli;
    t->headings = headings;
    while (headings[t->columns])
        t->columns++;
}

void cli_table_cell(struct cli_table *t, enum cli_color color, const char *s)
{
    char clean[CELL_LONGEST];

    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : 64;
        char **cells = realloc(t->cells, room * sizeof(*cells));
        enum cli_color *colors;

        if (!cells)
            return;
        t->cells = cells;
        colors = realloc(t->colors, room * sizeof(*colors));
        if (!colors)
            return;
        t->colors = colors;
        t->room = room;
    }
    utf8_clean(clean, sizeof(clean), s ? s : "");
    t->cells[t->count] = text_copy(clean);
    t->colors[t->count++] = color;
}

static void put_row(struct cli_table *t, const int *widths, size_t first, bool heading)
{
    for (size_t i = 0; i < t->columns; i++) {
        const char *s = heading ? t->headings[i] : first + i < t->count ? t->cells[first + i] : "";
        int pad = widths[i] - utf8_width(s ? s : "");

        if (!t->cli->people) {
            printf("%s%s", i ? "\t" : "", s ? s : "");
            continue;
        }
        cli_put(t->cli, stdout, heading ? CLI_DIM : t->colors[first + i], s);
        if (i + 1 < t->columns)
            printf("%*s", pad + 2, "");
    }
    printf("\n");
}

void cli_table_end(struct cli_table *t)
{
    int widths[CLI_COLUMNS] = { 0 };

    for (size_t i = 0; i < t->columns; i++)
        widths[i] = utf8_width(t->headings[i]);
    for (size_t i = 0; i < t->count; i++) {
        int width = utf8_width(t->cells[i] ? t->cells[i] : "");

        if (width > widths[i % t->columns])
            widths[i % t->columns] = width;
    }
    if (t->cli->people)
        put_row(t, widths, 0, true);
    for (size_t row = 0; row + t->columns <= t->count; row += t->columns)
        put_row(t, widths, row, false);
    for (size_t i = 0; i < t->count; i++)
        free(t->cells[i]);
    free(t->cells);
    free(t->colors);
    memset(t, 0, sizeof(*t));
}

void cli_time(struct cli *cli, char *out, size_t size, const cJSON *json, const char *key)
{
    const char *zone = cli->context.church.zone;
    const char *text = json_string(json, key);
    struct zone_time local;
    int64_t ms;
    char day[40], clock[40];

    text_copy_to(out, size, "");
    if (!text || !clock_parse_rfc3339(text, &ms))
        return;
    if (cli->people) {
        zone_when(day, sizeof(day), zone, ms, clock_now());
        zone_clock(clock, sizeof(clock), zone, ms, false);
        snprintf(out, size, "%s %s", day, clock);
    } else {
        zone_local(zone, ms, &local);
        snprintf(out, size, "%04d-%02d-%02d %02d:%02d", local.year, local.month, local.day,
                 local.hour, local.minute);
    }
}

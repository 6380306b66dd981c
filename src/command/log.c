/* The event log. */
#include "command/private.h"

#include <stdlib.h>

bool log_run(struct command_context *c, const struct command_line *l, struct command_result *r,
             struct error *err)
{
    struct event_filter f = { .level = -1, .platform = -1, .newest = !line_has(l, "--after") };
    const char *level = command_value(l, "--level");
    enum event_level least;
    struct event *events = NULL;
    size_t count = 0;
    int64_t limit;
    struct db *db;
    cJSON *items;
    bool set, done;

    if (level && !event_level_parse(level, &least))
        return line_wrong(l->command, err, "--level is info, warning or error, not \"%.40s\".",
                          level);
    f.level = level ? (int)least : -1;
    if (!take_platform_option(l, "--platform", &f.platform, err) ||
        !take_when(c, l, "--since", 0, &set, &f.since_ms, err) ||
        !take_number(l, "--after", 0, INT64_MAX, 0, &f.after, err) ||
        !take_number(l, "--limit", 1, 100000, 200, &limit, err))
        return false;
    f.limit = (size_t)limit;
    if (!db_read(context_store(c), &db, err))
        return false;
    done = event_list(db, c->church.id, &f, &events, &count, err);
    db_read_end(db);
    if (!done)
        return false;
    items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, shape_event(&events[i]));
        event_release(&events[i]);
    }
    free(events);
    r->follow = line_has(l, "-f");
    return result_json(r, "events", list_shape(items, false, 0), err);
}

/* The livestream commands. */
#include "command/private.h"

#include <stdlib.h>
#include <string.h>

static struct actor actor_of(const struct command_context *c)
{
    return (struct actor){ .name = c->actor };
}

bool livestream_list_run(struct command_context *c, const struct command_line *l,
                         struct command_result *r, struct error *err)
{
    struct record_filter f = { .status = -1, .text = command_value(l, "--find") };
    const char *status = command_value(l, "--status");
    enum livestream_status s;
    struct livestream *list = NULL;
    int64_t limit, offset;
    size_t count = 0;
    struct db *db;
    cJSON *items;
    bool done;

    if (status && !livestream_status_parse(status, &s))
        return line_wrong(l->command, err, "--status is scheduled, live or ended, not \"%.40s\".",
                          status);
    f.status = status ? (int)s : -1;
    if (!take_platform_option(l, "--platform", &f.platform, err) ||
        !take_number(l, "--limit", 1, 10000, 200, &limit, err) ||
        !take_number(l, "--cursor", 0, INT32_MAX, 0, &offset, err))
        return false;
    f.limit = (size_t)limit + 1; /* one more than shown tells whether there is more */
    f.offset = (size_t)offset;
    if (!db_read(context_store(c), &db, err))
        return false;
    done = livestream_list(db, c->church.id, &f, &list, &count, err);
    db_read_end(db);
    if (!done)
        return false;
    items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        if (i < (size_t)limit)
            cJSON_AddItemToArray(items, shape_livestream(&list[i]));
        livestream_release(&list[i]);
    }
    free(list);
    return result_json(r, "livestreams", list_shape(items, count > (size_t)limit, offset + limit),
                       err) &&
           (shape_mark_simulated(r->json, manager_config(context_manager(c))), true);
}

bool livestream_show_run(struct command_context *c, const struct command_line *l,
                         struct command_result *r, struct error *err)
{
    struct livestream found = { 0 };
    bool done;

    if (!context_livestream(c, command_argument(l, 0), &found, err))
        return false;
    done = result_livestream(c, found.id, r, err);
    livestream_release(&found);
    return done;
}

/* What create and edit share. Borrows from l and targets. */
static bool take_record(struct command_context *c, const struct command_line *l,
                        struct targets *targets, int64_t old_start_ms, struct record_input *in,
                        struct error *err)
{
    const char *start = command_value(l, "--start"), *picture = command_value(l, "--thumbnail");

    /* The process that sends it may stand in another folder. */
    targets->thumbnail = picture && *picture ? realpath(picture, NULL) : NULL;

    *in = (struct record_input){
        .title = command_value(l, "--title"),
        .description = command_value(l, "--description"),
        .thumbnail = targets->thumbnail ? targets->thumbnail : picture,
        .primary = -1,
        .targets = targets->list,
        .target_count = targets->count,
    };
    if (!take_when(c, l, "--start", 0, &in->start_set, &in->start_ms, err))
        return false;
    in->start_now = start && strcmp(start, "now") == 0;
    return take_when(c, l, "--end", in->start_set ? in->start_ms : old_start_ms, &in->end_set,
                     &in->end_ms, err);
}

bool livestream_create_run(struct command_context *c, const struct command_line *l,
                           struct command_result *r, struct error *err)
{
    struct actor by = actor_of(c);
    struct record_input in;
    struct targets targets;
    struct id id;
    bool done;

    if (!take_wait(c, l, r, err) || !take_targets(l, PLATFORM_LIVESTREAMS, &targets, err))
        return false;
    done = take_record(c, l, &targets, 0, &in, err) &&
           livestream_create(context_manager(c), c->church.id, &in, &by, &id, err) &&
           result_livestream(c, id, r, err);
    targets_release(&targets);
    return done;
}

bool livestream_edit_run(struct command_context *c, const struct command_line *l,
                         struct command_result *r, struct error *err)
{
    struct actor by = actor_of(c);
    struct livestream found = { 0 };
    struct record_input in;
    struct targets targets;
    bool done;

    if (!take_wait(c, l, r, err))
        return false;
    if (l->given_count == (size_t)r->waits)
        return line_wrong(l->command, err, "nothing is to be changed.");
    if (!take_targets(l, PLATFORM_LIVESTREAMS, &targets, err))
        return false;
    done = context_livestream(c, command_argument(l, 0), &found, err) &&
           take_record(c, l, &targets, found.start_ms, &in, err);
    if (done && in.start_now)
        done = line_wrong(l->command, err, "to start it now, use: livestream start %.8s",
                          found.id.hex);
    done = done && livestream_edit(context_manager(c), found.id, &in, &by, err) &&
           result_livestream(c, found.id, r, err);
    livestream_release(&found);
    targets_release(&targets);
    return done;
}

/* start, stop and delete differ in the manager's function and in what is said. */
static bool
livestream_act(struct command_context *c, const struct command_line *l, struct command_result *r,
               bool (*act)(struct manager *, struct id, const struct actor *, struct error *),
               const char *said, struct error *err)
{
    struct actor by = actor_of(c);
    struct livestream found = { 0 };
    struct text names;
    bool done;

    if (!take_wait(c, l, r, err) || !context_livestream(c, command_argument(l, 0), &found, err))
        return false;
    text_init(&names, 300);
    targets_name(&names, found.targets, found.target_count, -1);
    done = act(context_manager(c), found.id, &by, err);
    if (done && !result_livestream(c, found.id, r, err)) {
        /* A delete with nothing at any platform is over at once: what it was is shown. */
        done = err->kind == ERROR_MISSING &&
               result_json(r, "livestream", shape_livestream(&found), err);
        r->kind = SUBJECT_LIVESTREAM;
        r->subject = found.id;
    }
    if (done)
        result_say(r, "%s is %s %s.", found.title, said, text_str(&names));
    text_release(&names);
    livestream_release(&found);
    return done;
}

bool livestream_start_run(struct command_context *c, const struct command_line *l,
                          struct command_result *r, struct error *err)
{
    return livestream_act(c, l, r, livestream_start, "starting on", err);
}

bool livestream_stop_run(struct command_context *c, const struct command_line *l,
                         struct command_result *r, struct error *err)
{
    return livestream_act(c, l, r, livestream_stop, "stopping on", err);
}

bool livestream_delete_run(struct command_context *c, const struct command_line *l,
                           struct command_result *r, struct error *err)
{
    return livestream_act(c, l, r, livestream_delete, "being deleted, also from", err);
}

bool livestream_retry_run(struct command_context *c, const struct command_line *l,
                          struct command_result *r, struct error *err)
{
    struct actor by = actor_of(c);
    struct livestream found = { 0 };
    enum platform_id p;
    bool done;

    if (!take_wait(c, l, r, err) || !take_platform(command_argument(l, 1), &p, err) ||
        !context_livestream(c, command_argument(l, 0), &found, err))
        return false;
    done = livestream_retry(context_manager(c), found.id, p, &by, err) &&
           result_livestream(c, found.id, r, err);
    if (done)
        result_say(r, "%s is tried again on %s.", found.title, platform_name(p));
    livestream_release(&found);
    return done;
}

/* ---- report ---- */

/* The livestream's events, moved into its targets by platform; the rest stays at the record. */
static bool report_events(struct db *db, const struct livestream *l, cJSON *json, struct error *err)
{
    struct event_filter f = { .level = -1, .platform = -1, .subject = l->id, .limit = 5000 };
    cJSON *own = cJSON_AddArrayToObject(json, "events");
    cJSON *target, *list;
    struct event *events = NULL;
    size_t count = 0;

    cJSON_ArrayForEach (target, cJSON_GetObjectItem(json, "targets"))
        cJSON_AddArrayToObject(target, "events");
    if (!event_list(db, l->church, &f, &events, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        list = own;
        cJSON_ArrayForEach (target, cJSON_GetObjectItem(json, "targets"))
            if (events[i].platform >= 0 &&
                text_equal(json_string(target, "platform"),
                           platform_slug((enum platform_id)events[i].platform)))
                list = cJSON_GetObjectItem(target, "events");
        cJSON_AddItemToArray(list, shape_event(&events[i]));
        event_release(&events[i]);
    }
    free(events);
    return true;
}

bool livestream_report_run(struct command_context *c, const struct command_line *l,
                           struct command_result *r, struct error *err)
{
    struct livestream found = { 0 };
    struct db *db;
    cJSON *json;
    bool done;

    if (!context_livestream(c, command_argument(l, 0), &found, err))
        return false;
    json = shape_livestream(&found);
    done = db_read(context_store(c), &db, err);
    if (done) {
        done = report_events(db, &found, json, err);
        db_read_end(db);
    }
    livestream_release(&found);
    if (!done) {
        cJSON_Delete(json);
        return false;
    }
    shape_mark_simulated(json, manager_config(context_manager(c)));
    return result_json(r, "report", json, err);
}

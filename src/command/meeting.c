/* The meeting commands. */
#include "command/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

enum { HOUR_MS = 3600000 };

bool meeting_list_run(struct command_context *c, const struct command_line *l,
                      struct command_result *r, struct error *err)
{
    static const enum meeting_status all[] = { MEETING_SCHEDULED, MEETING_ACTIVE, MEETING_ENDED,
                                               MEETING_CANCELLED };
    struct record_filter f = { .status = -1, .text = command_value(l, "--find") };
    const char *status = command_value(l, "--status");
    struct meeting *list = NULL;
    int64_t limit, offset;
    size_t count = 0;
    struct db *db;
    cJSON *items;
    bool done;

    for (size_t i = 0; status && i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(status, meeting_status_name(all[i])) == 0)
            f.status = (int)all[i];
    if (status && f.status < 0)
        return line_wrong(l->command, err,
                          "--status is scheduled, active, ended or cancelled, not \"%.40s\".",
                          status);
    if (!take_platform_option(l, "--platform", &f.platform, err) ||
        !take_number(l, "--limit", 1, 10000, 200, &limit, err) ||
        !take_number(l, "--cursor", 0, INT32_MAX, 0, &offset, err))
        return false;
    f.limit = (size_t)limit + 1; /* one more than shown tells whether there is more */
    f.offset = (size_t)offset;
    if (!db_read(context_store(c), &db, err))
        return false;
    done = meeting_list(db, c->church.id, &f, &list, &count, err);
    db_read_end(db);
    if (!done)
        return false;
    items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        if (i < (size_t)limit)
            cJSON_AddItemToArray(items, shape_meeting(&list[i]));
        meeting_release(&list[i]);
    }
    free(list);
    return result_json(r, "meetings", list_shape(items, count > (size_t)limit, offset + limit),
                       err) &&
           (shape_mark_simulated(r->json, manager_config(context_manager(c))), true);
}

bool meeting_show_run(struct command_context *c, const struct command_line *l,
                      struct command_result *r, struct error *err)
{
    struct meeting found = { 0 };
    bool done;

    if (!context_meeting(c, command_argument(l, 0), &found, err))
        return false;
    done = result_meeting(c, found.id, r, err);
    if (done && line_has(l, "--host-link"))
        done = host_links_add(c, &found, r, err);
    meeting_release(&found);
    return done;
}

/* What create and edit share; old is the meeting that is edited, NULL when creating. Borrows from l
 * and targets. */
static bool take_record(struct command_context *c, const struct command_line *l,
                        const struct targets *targets, const struct meeting *old,
                        struct record_input *in, struct error *err)
{
    *in = (struct record_input){
        .title = command_value(l, "--title"),
        .description = command_value(l, "--description"),
        .primary = -1,
        .targets = targets->list,
        .target_count = targets->count,
    };
    if (!take_platform_option(l, "--primary", &in->primary, err) ||
        !take_when(c, l, "--start", 0, &in->start_set, &in->start_ms, err) ||
        !take_when(c, l, "--end",
                   in->start_set ? in->start_ms
                   : old         ? old->start_ms
                                 : 0,
                   &in->end_set, &in->end_ms, err))
        return false;
    if (in->start_set && in->start_ms && !in->end_set) {
        /* A new start moves the end along. */
        in->end_set = true;
        in->end_ms = in->start_ms + (old ? old->end_ms - old->start_ms : HOUR_MS);
    }
    return true;
}

bool meeting_create_run(struct command_context *c, const struct command_line *l,
                        struct command_result *r, struct error *err)
{
    struct actor by = { .name = c->actor };
    struct record_input in;
    struct targets targets;
    struct id id;
    bool done;

    if (!take_wait(c, l, r, err) || !take_targets(l, PLATFORM_MEETINGS, &targets, err))
        return false;
    done = take_record(c, l, &targets, NULL, &in, err) &&
           meeting_create(context_manager(c), c->church.id, &in, &by, &id, err) &&
           result_meeting(c, id, r, err);
    targets_release(&targets);
    return done;
}

bool meeting_edit_run(struct command_context *c, const struct command_line *l,
                      struct command_result *r, struct error *err)
{
    struct actor by = { .name = c->actor };
    struct meeting found = { 0 };
    struct record_input in;
    struct targets targets;
    bool done;

    if (!take_wait(c, l, r, err))
        return false;
    if (l->given_count == (size_t)r->waits)
        return line_wrong(l->command, err, "nothing is to be changed.");
    if (!take_targets(l, PLATFORM_MEETINGS, &targets, err))
        return false;
    done = context_meeting(c, command_argument(l, 0), &found, err) &&
           take_record(c, l, &targets, &found, &in, err) &&
           meeting_edit(context_manager(c), found.id, &in, &by, err) &&
           result_meeting(c, found.id, r, err);
    meeting_release(&found);
    targets_release(&targets);
    return done;
}

bool meeting_cancel_run(struct command_context *c, const struct command_line *l,
                        struct command_result *r, struct error *err)
{
    struct actor by = { .name = c->actor };
    struct meeting found = { 0 };
    struct text names;
    bool done;

    if (!take_wait(c, l, r, err) || !context_meeting(c, command_argument(l, 0), &found, err))
        return false;
    text_init(&names, 300);
    targets_name(&names, found.targets, found.target_count, -1);
    done = meeting_cancel(context_manager(c), found.id, &by, err) &&
           result_meeting(c, found.id, r, err);
    if (done)
        result_say(r, "%s is being cancelled on %s.", found.title, text_str(&names));
    text_release(&names);
    meeting_release(&found);
    return done;
}

bool meeting_retry_run(struct command_context *c, const struct command_line *l,
                       struct command_result *r, struct error *err)
{
    struct actor by = { .name = c->actor };
    struct meeting found = { 0 };
    enum platform_id p;
    bool done;

    if (!take_wait(c, l, r, err) || !take_platform(command_argument(l, 1), &p, err) ||
        !context_meeting(c, command_argument(l, 0), &found, err))
        return false;
    done = meeting_retry(context_manager(c), found.id, p, &by, err) &&
           result_meeting(c, found.id, r, err);
    if (done)
        result_say(r, "%s is tried again on %s.", found.title, platform_name(p));
    meeting_release(&found);
    return done;
}

bool meeting_ics_run(struct command_context *c, const struct command_line *l,
                     struct command_result *r, struct error *err)
{
    struct meeting found = { 0 };
    struct text ics;
    cJSON *json = NULL;

    if (!context_meeting(c, command_argument(l, 0), &found, err))
        return false;
    text_init(&ics, 4 * 1024 * 1024);
    if (ics_meeting(&ics, &found, c->church.zone, clock_now())) {
        json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "text", text_str(&ics));
    }
    text_release(&ics);
    meeting_release(&found);
    return result_json(r, "text", json, err);
}

/* audit list. */
#include "command/private.h"

#include <ecclesia/store/audit.h>

static bool add_row(void *argument, const struct audit_row *row)
{
    cJSON *o = cJSON_CreateObject();

    cJSON_AddNumberToObject(o, "seq", (double)row->seq);
    json_add_time(o, "at", row->at_ms);
    cJSON_AddStringToObject(o, "actor", row->actor);
    cJSON_AddStringToObject(o, "actorKind", row->actor_kind);
    cJSON_AddStringToObject(o, "action", row->action);
    if (*row->object)
        cJSON_AddStringToObject(o, "object", row->object);
    if (*row->platform)
        cJSON_AddStringToObject(o, "platform", row->platform);
    cJSON_AddStringToObject(o, "outcome", row->outcome);
    cJSON_AddStringToObject(o, "detail", row->detail);
    cJSON_AddBoolToObject(o, "sealed", row->sealed);
    if (row->late)
        cJSON_AddTrueToObject(o, "late");
    if (row->simulated)
        cJSON_AddTrueToObject(o, "simulated");
    cJSON_AddItemToArray(argument, o);
    return true;
}

bool audit_list_run(struct command_context *c, const struct command_line *l,
                    struct command_result *r, struct error *err)
{
    int64_t since_ms = 0, limit;
    struct db *db = NULL;
    cJSON *items;
    bool set, done;

    if (!take_when(c, l, "--since", 0, &set, &since_ms, err) ||
        !take_number(l, "--limit", 1, 100000, 200, &limit, err) ||
        !db_read(context_store(c), &db, err))
        return false;
    items = cJSON_CreateArray();
    done = audit_recent(db, c->church.id, since_ms, limit, add_row, items, err);
    db_read_end(db);
    if (done)
        return result_json(r, "audit", list_shape(items, false, 0), err);
    cJSON_Delete(items);
    return false;
}

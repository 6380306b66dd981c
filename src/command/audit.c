/* audit list, audit verify. */
#include "command/private.h"

#include <stdio.h>

#include <ecclesia/vault/audit.h>

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

/* ---- verify */

const char audit_remedy[] =
    "Keep a copy of the database and find out who could write to it; compare with the newest "
    "backup.";

static void head_of(const struct audit_report *a, char *out, size_t size)
{
    snprintf(out, size, "%s", "");
    if (a->head)
        snprintf(out, size, "%lld:%s", (long long)a->head, a->head_mac);
}

static cJSON *shape_check(const struct audit_report *a)
{
    cJSON *o = cJSON_CreateObject(), *broken;
    char head[100];

    head_of(a, head, sizeof(head));
    cJSON_AddBoolToObject(o, "whole", a->broken == 0);
    cJSON_AddNumberToObject(o, "rows", (double)a->rows);
    cJSON_AddNumberToObject(o, "waiting", (double)a->waiting);
    cJSON_AddNumberToObject(o, "late", (double)a->late);
    cJSON_AddNumberToObject(o, "prunedTo", (double)a->pruned);
    if (*head)
        cJSON_AddStringToObject(o, "head", head);
    if (!a->broken)
        return o;
    broken = cJSON_AddObjectToObject(o, "broken");
    cJSON_AddNumberToObject(broken, "row", (double)a->broken);
    cJSON_AddStringToObject(broken, "message", a->why);
    cJSON_AddStringToObject(broken, "remedy", audit_remedy);
    return o;
}

bool audit_verify_run(struct command_context *c, const struct command_line *l,
                      struct command_result *r, struct error *err)
{
    struct vault *v = manager_vault(context_manager(c));
    struct audit_report report;
    struct db *db = NULL;
    char head[100];
    bool done;

    if (!db_read(context_store(c), &db, err))
        return false;
    done = vault_audit_verify(v, db, command_value(l, "--audit-head"), &report, err);
    db_read_end(db);
    if (!done)
        return false;
    head_of(&report, head, sizeof(head));
    if (report.broken)
        result_say(r, "%s. What the audit tells from there on proves nothing. %s", report.why,
                   audit_remedy);
    else
        result_say(r, "All %lld rows are as they were written%s%s%s.", (long long)report.rows,
                   report.pruned ? " (older ones were dropped)" : "",
                   *head ? "; the newest is " : "", head);
    r->failed = report.broken > 0;
    return result_json(r, "said", shape_check(&report), err);
}

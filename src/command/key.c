/* key status, key rotate. */
#include "command/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/vault/keys.h>

bool take_passphrase(struct command_context *c, const struct command_line *l, const char *prompt,
                     bool twice, struct secret **out, struct error *err)
{
    const char *path = command_value(l, "--passphrase-file");

    if (path && strcmp(path, "-") == 0 && c->interactive)
        return error_set(err, ERROR_REFUSED, "Name a file.",
                         "The console's standard input is its keyboard.");
    if (path)
        return vault_passphrase_read(path, out, err);
    if (!c->ask)
        return error_set(err, ERROR_REFUSED,
                         "Give --passphrase-file FILE, or run it on a terminal.",
                         "Nobody can be asked for the passphrase here.");
    return c->ask(c->ask_argument, prompt, twice, out, err);
}

/* ---- status */

static cJSON *shape_key(const struct key_info *k)
{
    cJSON *o = cJSON_CreateObject();

    cJSON_AddNumberToObject(o, "id", (double)k->id);
    cJSON_AddStringToObject(o, "purpose", k->purpose);
    cJSON_AddStringToObject(o, "state", k->state);
    cJSON_AddStringToObject(o, "source", k->source);
    cJSON_AddNumberToObject(o, "rows", (double)k->rows);
    json_add_time(o, "createdAt", k->created_ms);
    return o;
}

static bool add_keys(cJSON *json, struct vault *v, struct db *db, char *left, size_t size,
                     struct error *err)
{
    struct key_info *list = NULL;
    size_t count = 0;
    cJSON *items;

    if (!vault_keys(db, &list, &count, err) || !vault_rotation_left(v, db, left, size, err)) {
        free(list);
        return false;
    }
    items = cJSON_AddArrayToObject(json, "keys");
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(items, shape_key(&list[i]));
    free(list);
    return true;
}

bool key_status_run(struct command_context *c, const struct command_line *l,
                    struct command_result *r, struct error *err)
{
    struct vault *v = manager_vault(context_manager(c));
    cJSON *json = cJSON_CreateObject();
    char described[512] = "", left[300] = "";
    const char *source;
    struct db *db = NULL;
    bool done;

    (void)l;
    vault_describe(v, described, sizeof(described));
    source = text_starts(described, "locked: ") ? described + strlen("locked: ") : described;
    cJSON_AddBoolToObject(json, "locked", vault_locked(v));
    cJSON_AddStringToObject(json, "source", source);
    done = db_read(context_store(c), &db, err) && add_keys(json, v, db, left, sizeof(left), err);
    db_read_end(db);
    if (!done) {
        cJSON_Delete(json);
        return false;
    }
    if (*left)
        cJSON_AddStringToObject(json, "pending", left);
    result_say(r, "%s: %s%s%s", vault_locked(v) ? "The key is locked" : "Open", source,
               *left ? ". To end with `ecclesia key rotate`: " : "", left);
    return result_json(r, "key", json, err);
}

/* ---- rotate */

static bool one_word(const struct command_line *l, const char *option, const char *a, const char *b,
                     const char **out, struct error *err)
{
    const char *given = command_value(l, option);

    *out = given;
    return !given || strcmp(given, a) == 0 || strcmp(given, b) == 0
               ? true
               : line_wrong(l->command, err, "%s is %s or %s, not \"%.40s\".", option, a, b, given);
}

struct asking {
    struct command_context *context;
    const struct command_line *line;
};

static bool ask_new(void *argument, struct secret **out, struct error *err)
{
    struct asking *a = argument;

    return take_passphrase(a->context, a->line, "New passphrase", true, out, err);
}

static cJSON *shape_left(const struct rotate_left *left)
{
    cJSON *o = cJSON_CreateObject();

    cJSON_AddStringToObject(o, "connection", left->connection.hex);
    if (left->platform >= 0)
        cJSON_AddStringToObject(o, "platform", platform_slug((enum platform_id)left->platform));
    cJSON_AddStringToObject(o, "field", left->field);
    cJSON_AddNumberToObject(o, "generation", (double)left->generation);
    cJSON_AddNumberToObject(o, "key", (double)left->key_id);
    cJSON_AddStringToObject(o, "message", left->why.message);
    json_add_string(o, "remedy", left->why.remedy);
    return o;
}

static cJSON *shape_report(const struct rotate_report *report)
{
    cJSON *o = cJSON_CreateObject(), *left;

    cJSON_AddBoolToObject(o, "resumed", report->resumed);
    cJSON_AddBoolToObject(o, "master", report->master);
    cJSON_AddStringToObject(o, "source", report->source);
    if (*report->old_file)
        cJSON_AddStringToObject(o, "oldFile", report->old_file);
    if (report->key_id)
        cJSON_AddNumberToObject(o, "key", (double)report->key_id);
    cJSON_AddNumberToObject(o, "moved", (double)report->moved);
    cJSON_AddNumberToObject(o, "destroyed", (double)report->destroyed);
    left = cJSON_AddArrayToObject(o, "left");
    for (size_t i = 0; i < report->left_count; i++)
        cJSON_AddItemToArray(left, shape_left(&report->left[i]));
    return o;
}

static void say(struct command_result *r, const struct rotate_report *report)
{
    struct text t;

    text_init(&t, sizeof(r->said) - 1);
    if (report->resumed)
        text_add(&t, "An earlier rotation was ended. ");
    if (report->master)
        text_addf(&t, "The master key is new (%s). ", report->source);
    if (report->key_id)
        text_addf(&t, "%lld field%s sealed anew with key %lld.", (long long)report->moved,
                  report->moved == 1 ? " was" : "s were", (long long)report->key_id);
    if (report->left_count)
        text_addf(&t, " %zu could not be opened and stayed as they were.", report->left_count);
    result_say(r, "%s", text_str(&t));
    text_release(&t);
}

/* An engine that works can read a new key file, but nobody tells it a new passphrase: it could seal
 * nothing any more, and a token that was spent for a new one would be lost. */
static bool nobody_left_behind(struct command_context *c, const struct rotate_options *o,
                               bool *held, struct error *err)
{
    char described[512] = "", who[200] = "";

    vault_describe(manager_vault(context_manager(c)), described, sizeof(described));
    if (o->what == ROTATE_DATA || engine_working(c->engine) ||
        !(o->to ? strcmp(o->to, "passphrase") == 0 : text_starts(described, "passphrase")))
        return true;
    if (!engine_lock_try(context_store(c), held, err))
        return false;
    if (*held)
        return true;
    engine_lock_holder(context_store(c), who, sizeof(who));
    return error_set(err, ERROR_REFUSED, "Quit it, then run it again.",
                     "Another ecclesia works on this database (%s) and could not be told the new "
                     "passphrase.",
                     *who ? who : "an unknown process");
}

bool key_rotate_run(struct command_context *c, const struct command_line *l,
                    struct command_result *r, struct error *err)
{
    struct asking asking = { c, l };
    bool can_ask = c->ask || command_value(l, "--passphrase-file");
    struct rotate_options o = { .actor = c->actor,
                                .ask = can_ask ? ask_new : NULL,
                                .ask_argument = &asking };
    struct rotate_report report;
    const char *only;
    bool done, held = false;

    if (!one_word(l, "--only", "master", "data", &only, err) ||
        !one_word(l, "--to", "file", "passphrase", &o.to, err))
        return false;
    if (only && strcmp(only, "data") == 0 && o.to)
        return line_wrong(l->command, err, "--to is for the master key.");
    o.what = !only                         ? (o.to ? ROTATE_MASTER | ROTATE_DATA : 0)
             : strcmp(only, "master") == 0 ? ROTATE_MASTER
                                           : ROTATE_DATA;
    done = nobody_left_behind(c, &o, &held, err) &&
           vault_rotate(manager_vault(context_manager(c)), &o, &report, err);
    if (held)
        engine_lock_release(context_store(c));
    if (!done)
        return false;
    say(r, &report);
    r->fine = report.left_count ? 1 : 0;
    r->failed = (int)report.left_count;
    done = result_json(r, "rotation", shape_report(&report), err);
    rotate_report_release(&report);
    return done;
}

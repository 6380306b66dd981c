/* platform, disconnect, connection. */
#include "command/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/platform/platform.h>
#include <ecclesia/store/secret_rows.h>

bool platform_list_run(struct command_context *c, const struct command_line *l,
                       struct command_result *r, struct error *err)
{
    cJSON *items = cJSON_CreateArray();

    (void)c;
    (void)l;
    for (int p = 0; p < PLATFORM_COUNT; p++)
        cJSON_AddItemToArray(items, shape_platform((enum platform_id)p));
    return result_json(r, "platforms", list_shape(items, false, 0), err);
}

bool platform_show_run(struct command_context *c, const struct command_line *l,
                       struct command_result *r, struct error *err)
{
    enum platform_id p;

    (void)c;
    if (!take_platform(command_argument(l, 0), &p, err))
        return false;
    return result_json(r, "platform", shape_platform(p), err);
}

/* ---- what a connection shows ---- */

/* Names of what is set: sealed credentials and the options that are not secret. Never a value. */
struct fields {
    const struct platform *platform;
    cJSON *array;
};

static bool add_field(void *argument, const struct secret_row *row)
{
    struct fields *f = argument;
    cJSON *item;

    for (const struct credential *c = f->platform->credentials; c && c->key; c++) {
        if (strcmp(c->key, row->field) != 0)
            continue;
        cJSON_ArrayForEach (item, f->array)
            if (text_equal(cJSON_GetStringValue(item), c->key))
                return true;
        cJSON_AddItemToArray(f->array, cJSON_CreateString(c->key));
    }
    return true;
}

/* Why no end is told. */
static void add_expiry_note(cJSON *json, const struct connection *c, const struct platform *p)
{
    if (c->access_expires_ms || c->status == CONNECTION_DISCONNECTED)
        return;
    cJSON_AddStringToObject(json, "expiryNote",
                            p && p->endless ? p->endless : "The platform has named no end.");
}

/* What was asked for and not allowed, in words. */
static void add_missing(cJSON *json, const struct connection *c)
{
    struct text t;

    text_init(&t, 4000);
    if (signin_missing(c, &t))
        cJSON_AddStringToObject(json, "notAllowed", text_str(&t));
    text_release(&t);
}

static void add_allowances(cJSON *json, struct manager *m, struct db *db,
                           const struct connection *c)
{
    struct allowance list[4];
    size_t n = connection_allowances(m, db, c, list, 4);
    cJSON *array = n ? cJSON_AddArrayToObject(json, "allowances") : NULL;

    for (size_t i = 0; i < n; i++) {
        cJSON *a = cJSON_CreateObject();

        cJSON_AddStringToObject(a, "name", list[i].name);
        cJSON_AddStringToObject(a, "of", list[i].noun);
        cJSON_AddNumberToObject(a, "limit", (double)list[i].limit);
        cJSON_AddNumberToObject(a, "used", (double)list[i].used);
        cJSON_AddNumberToObject(a, "reserve", (double)list[i].reserve);
        cJSON_AddNumberToObject(a, "percent", list[i].percent);
        cJSON_AddBoolToObject(a, "spent", list[i].spent);
        json_add_time(a, "lastsUntil", list[i].lasts_ms);
        json_add_time(a, "resetsAt", list[i].reset_ms);
        cJSON_AddStringToObject(a, "forecast", list[i].words);
        cJSON_AddItemToArray(array, a);
    }
}

static cJSON *connection_shape(struct manager *m, struct db *db, const struct connection *c)
{
    cJSON *json = shape_connection(c);
    struct fields f = { .platform = platform_get(c->platform) };
    cJSON *options = c->options ? json_parse(c->options, strlen(c->options), NULL) : NULL;
    cJSON *option;

    f.array = cJSON_AddArrayToObject(json, "fieldsSet");
    if (f.platform)
        secret_row_each(db, c->id, add_field, &f, NULL);
    cJSON_ArrayForEach (option, options) {
        /* When a value was given ("stream_key_at"): shown, for a key of yesterday is good for
         * nothing. */
        if (cJSON_IsNumber(option) && text_equal(option->string, "stream_key_at"))
            json_add_time(json, "streamKeyGivenAt", (int64_t)option->valuedouble);
        else
            cJSON_AddItemToArray(f.array, cJSON_CreateString(option->string));
    }
    cJSON_Delete(options);
    add_expiry_note(json, c, f.platform);
    add_missing(json, c);
    if (c->status != CONNECTION_DISCONNECTED)
        add_allowances(json, m, db, c);
    return json;
}

bool result_connection(struct command_context *c, const struct connection *found,
                       struct command_result *r, struct error *err)
{
    struct db *db;
    cJSON *json;

    if (!db_read(context_store(c), &db, err))
        return false;
    /* What has just been found goes; what else is stored of it is added. */
    struct connection now = { 0 };
    bool known = connection_get(db, found->id, &now, err) &&
                 connection_review(context_manager(c), db, &now, err);
    json = known ? connection_shape(context_manager(c), db, &now) : NULL;
    connection_release(&now);
    db_read_end(db);
    return known && result_json(r, "connection", json, err);
}

/* ---- disconnect ---- */

bool disconnect_run(struct command_context *c, const struct command_line *l,
                    struct command_result *r, struct error *err)
{
    struct actor by = { .name = c->actor };
    const struct platform *platform;
    const char *stays;
    enum platform_id p;
    int64_t left = 0;
    cJSON *json;

    if (!take_platform(command_argument(l, 0), &p, err) ||
        !connection_disconnect(context_manager(c), c->church.id, p, &by, c->cancel, &left, err))
        return false;
    platform = platform_get(p);
    stays = platform && platform->stays ? platform->stays : "";
    if (left == 0)
        result_say(r, "%s is disconnected.%s%s", platform_name(p), *stays ? " " : "", stays);
    else
        result_say(r,
                   "%s is disconnected. %lld coming livestream%s or meeting%s cannot use it until "
                   "it is connected again.%s%s",
                   platform_name(p), (long long)left, left == 1 ? "" : "s", left == 1 ? "" : "s",
                   *stays ? " " : "", stays);
    json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "platform", platform_slug(p));
    cJSON_AddStringToObject(json, "status", connection_status_name(CONNECTION_DISCONNECTED));
    cJSON_AddNumberToObject(json, "losing", (double)left);
    json_add_string(json, "stays", *stays ? stays : NULL);
    return result_json(r, "said", json, err);
}

/* ---- connection list, check ---- */

static bool connections_read(struct command_context *c, struct connection **out, size_t *count,
                             struct error *err)
{
    struct db *db;
    bool done;

    if (!db_read(context_store(c), &db, err))
        return false;
    done = connection_list(db, c->church.id, out, count, err);
    for (size_t i = 0; done && i < *count; i++)
        done = connection_review(context_manager(c), db, *out + i, err);
    db_read_end(db);
    return done;
}

static bool result_connections(struct command_context *c, struct connection *list, size_t count,
                               struct command_result *r, struct error *err)
{
    cJSON *items = cJSON_CreateArray();
    struct db *db;

    if (!db_read(context_store(c), &db, err)) {
        cJSON_Delete(items);
        return false;
    }
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        good = connection_review(context_manager(c), db, &list[i], err);
        cJSON_AddItemToArray(items, connection_shape(context_manager(c), db, &list[i]));
    }
    db_read_end(db);
    if (!good) {
        cJSON_Delete(items);
        return false;
    }
    return result_json(r, "connections", list_shape(items, false, 0), err);
}

static void connections_release(struct connection *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        connection_release(&list[i]);
    free(list);
}

bool connection_list_run(struct command_context *c, const struct command_line *l,
                         struct command_result *r, struct error *err)
{
    struct connection *list = NULL;
    size_t count = 0;
    bool done;

    (void)l;
    if (!connections_read(c, &list, &count, err))
        return false;
    done = result_connections(c, list, count, r, err);
    connections_release(list, count);
    return done;
}

bool connection_show_run(struct command_context *c, const struct command_line *l,
                         struct command_result *r, struct error *err)
{
    struct connection one = { 0 };
    enum platform_id p;
    struct db *db;
    bool done;

    if (!take_platform(command_argument(l, 0), &p, err) || !db_read(context_store(c), &db, err))
        return false;
    done = connection_for(db, c->church.id, p, &one, err);
    db_read_end(db);
    done = done && result_connection(c, &one, r, err);
    connection_release(&one);
    return done;
}

static bool check_one(struct command_context *c, enum platform_id p, struct connection *slot,
                      struct command_result *r, struct error *err)
{
    struct actor by = { .name = c->actor };
    struct connection now = { 0 };

    if (!connection_check(context_manager(c), c->church.id, p, &by, c->cancel, &now, err))
        return false;
    if (now.status == CONNECTION_CONNECTED)
        r->fine++;
    else
        r->failed++;
    connection_release(slot);
    *slot = now;
    return true;
}

bool connection_check_run(struct command_context *c, const struct command_line *l,
                          struct command_result *r, struct error *err)
{
    const char *only = command_argument(l, 0);
    struct connection *list = NULL;
    size_t count = 0;
    enum platform_id p;
    bool done = true;

    if (only) {
        struct connection one = { 0 };

        done = take_platform(only, &p, err) && check_one(c, p, &one, r, err) &&
               result_connection(c, &one, r, err);
        connection_release(&one);
        return done;
    }
    if (!connections_read(c, &list, &count, err))
        return false;
    for (size_t i = 0; i < count && done; i++)
        if (list[i].status != CONNECTION_DISCONNECTED)
            done = check_one(c, list[i].platform, &list[i], r, err);
    done = done && result_connections(c, list, count, r, err);
    connections_release(list, count);
    return done;
}

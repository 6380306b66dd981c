/* platform, connect, disconnect, connection. */
#include "command/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/platform/platform.h>
#include <ecclesia/store/secret_rows.h>

enum { VALUE_LONGEST = 16 * 1024 };

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

/* ---- connect ---- */

struct values {
    struct setting_value list[LINE_OPTIONS];
    char *keys[LINE_OPTIONS], *texts[LINE_OPTIONS]; /* owned; texts are wiped */
    size_t count;
    bool input_used;
};

static void values_release(struct values *v)
{
    for (size_t i = 0; i < v->count; i++) {
        free(v->keys[i]);
        if (v->texts[i])
            text_wipe(v->texts[i], strlen(v->texts[i]));
        free(v->texts[i]);
    }
}

/* All of fd without the line break at its end. Yours; wipe it. */
static char *read_value(int fd, const char *name, struct error *err)
{
    char *out = malloc(VALUE_LONGEST + 1);
    size_t length = 0;
    ssize_t got = 1;

    while (out && got > 0 && length <= VALUE_LONGEST) {
        got = read(fd, out + length, VALUE_LONGEST + 1 - length);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            length += (size_t)got;
    }
    if (out && got >= 0 && length <= VALUE_LONGEST && !memchr(out, '\0', length)) {
        while (length > 0 && (out[length - 1] == '\n' || out[length - 1] == '\r'))
            length--;
        out[length] = '\0';
        return out;
    }
    if (!out)
        error_set(err, ERROR_MEMORY, NULL, "There is not enough memory.");
    else if (got < 0)
        error_set(err, ERROR_INPUT, "Check the file and who may read it.",
                  "%s could not be read: %s.", name, strerror(errno));
    else
        error_set(err, ERROR_INPUT, "Give a text of at most 16 KiB.",
                  "%s is not a text, or too long.", name);
    if (out)
        text_wipe(out, VALUE_LONGEST + 1);
    free(out);
    return NULL;
}

static char *read_file_value(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char *out;

    if (fd < 0) {
        error_set(err, ERROR_INPUT, "Check the path and who may read it.",
                  "%s could not be opened: %s.", path, strerror(errno));
        return NULL;
    }
    out = read_value(fd, path, err);
    close(fd);
    return out;
}

/* "-" is standard input, "@FILE" a file, "@@…" a text that begins with @. */
static char *take_value(struct command_context *c, struct values *v, const char *s,
                        struct error *err)
{
    if (strcmp(s, "-") == 0) {
        if (c->interactive || v->input_used) {
            error_set(err, ERROR_INPUT, "Use key=@FILE.",
                      c->interactive ? "A value cannot be read from standard input here."
                                     : "Only one value can be read from standard input.");
            return NULL;
        }
        v->input_used = true;
        return read_value(STDIN_FILENO, "Standard input", err);
    }
    if (s[0] == '@' && s[1] != '@')
        return read_file_value(s + 1, err);
    return text_copy(s[0] == '@' ? s + 1 : s);
}

static bool values_add(struct command_context *c, const struct command_line *l, struct values *v,
                       const char *pair, struct error *err)
{
    size_t length = strcspn(pair, "=");
    char *key, *value;

    /* The pair may hold a secret: only the key is ever named. */
    if (pair[length] != '=' || length == 0 || length > 60)
        return line_wrong(l->command, err, "--set wants key=value.");
    value = take_value(c, v, pair + length + 1, err);
    if (!value)
        return false;
    key = text_format("%.*s", (int)length, pair);
    v->keys[v->count] = key;
    v->texts[v->count] = value;
    v->list[v->count++] = (struct setting_value){ .key = key, .value = value };
    return key != NULL || error_set(err, ERROR_MEMORY, NULL, "There is not enough memory.");
}

static bool check_method(const struct command_line *l, enum platform_id p, struct error *err)
{
    const char *method = command_value(l, "--method");

    if (!method || strcmp(method, "credentials") == 0)
        return true;
    if (strcmp(method, "oauth") == 0 || strcmp(method, "device") == 0)
        return error_set(err, ERROR_REFUSED, "Leave --method out and give the values with --set.",
                         "This version connects %s by credentials only.", platform_name(p));
    return line_wrong(l->command, err, "--method is credentials, not \"%.40s\".", method);
}

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
        cJSON_ArrayForEach(item, f->array)
            if (text_equal(cJSON_GetStringValue(item), c->key))
                return true;
        cJSON_AddItemToArray(f->array, cJSON_CreateString(c->key));
    }
    return true;
}

static cJSON *connection_shape(struct db *db, const struct connection *c)
{
    cJSON *json = shape_connection(c);
    struct fields f = { .platform = platform_get(c->platform) };
    cJSON *options = c->options ? json_parse(c->options, strlen(c->options), NULL) : NULL;
    cJSON *option;

    f.array = cJSON_AddArrayToObject(json, "fieldsSet");
    if (f.platform)
        secret_row_each(db, c->id, add_field, &f, NULL);
    cJSON_ArrayForEach(option, options)
        cJSON_AddItemToArray(f.array, cJSON_CreateString(option->string));
    cJSON_Delete(options);
    return json;
}

static bool result_connection(struct command_context *c, const struct connection *found,
                              struct command_result *r, struct error *err)
{
    struct db *db;
    cJSON *json;

    if (!db_read(context_store(c), &db, err))
        return false;
    json = connection_shape(db, found);
    db_read_end(db);
    return result_json(r, "connection", json, err);
}

bool connect_run(struct command_context *c, const struct command_line *l, struct command_result *r,
                 struct error *err)
{
    struct actor by = { .name = c->actor };
    struct connection made = { 0 };
    struct values v = { .count = 0 };
    const char *given[LINE_OPTIONS];
    size_t count = command_values(l, "--set", given, LINE_OPTIONS);
    enum platform_id p;
    bool done;

    if (!take_platform(command_argument(l, 0), &p, err) || !check_method(l, p, err))
        return false;
    done = true;
    for (size_t i = 0; i < count && done; i++)
        done = values_add(c, l, &v, given[i], err);
    done = done && connection_connect(context_manager(c), c->church.id, p, v.list, v.count, &by,
                                      c->cancel, &made, err);
    values_release(&v);
    if (!done)
        return false;
    done = result_connection(c, &made, r, err);
    result_say(r, "%s is connected%s%s%s.", platform_name(p),
               made.account_name && *made.account_name ? " as " : "",
               made.account_name ? made.account_name : "", made.simulated ? " (SIMULATED)" : "");
    connection_release(&made);
    return done;
}

bool disconnect_run(struct command_context *c, const struct command_line *l,
                    struct command_result *r, struct error *err)
{
    struct actor by = { .name = c->actor };
    enum platform_id p;
    int64_t left = 0;
    cJSON *json;

    if (!take_platform(command_argument(l, 0), &p, err) ||
        !connection_disconnect(context_manager(c), c->church.id, p, &by, c->cancel, &left, err))
        return false;
    if (left == 0)
        result_say(r, "%s is disconnected.", platform_name(p));
    else
        result_say(r,
                   "%s is disconnected. %lld coming livestream%s or meeting%s cannot use it until "
                   "it is connected again.",
                   platform_name(p), (long long)left, left == 1 ? "" : "s", left == 1 ? "" : "s");
    json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "platform", platform_slug(p));
    cJSON_AddStringToObject(json, "status", connection_status_name(CONNECTION_DISCONNECTED));
    cJSON_AddNumberToObject(json, "losing", (double)left);
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
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(items, connection_shape(db, &list[i]));
    db_read_end(db);
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

/* church, version, help. */
#include "command/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/command/version.h>

bool church_list_run(struct command_context *c, const struct command_line *l,
                     struct command_result *r, struct error *err)
{
    struct church *list = NULL;
    cJSON *items;
    size_t count = 0;
    struct db *db;
    bool done;

    (void)l;
    if (!db_read(context_store(c), &db, err))
        return false;
    done = church_list(db, &list, &count, err);
    db_read_end(db);
    if (!done)
        return false;
    items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, shape_church(&list[i]));
        church_release(&list[i]);
    }
    free(list);
    return result_json(r, "churches", list_shape(items, false, 0), err);
}

bool church_create_run(struct command_context *c, const struct command_line *l,
                       struct command_result *r, struct error *err)
{
    struct actor by = { .name = c->actor };
    struct church church = { .id = id_new() };
    bool done;

    church.slug = text_copy(command_argument(l, 0));
    church.name = text_copy(command_value(l, "--name"));
    church.zone = text_copy(command_value(l, "--time-zone"));
    if (!church.slug || !church.name || !church.zone)
        done = error_set(err, ERROR_MEMORY, NULL, "There is not enough memory.");
    else
        done = church_check(&church, err) &&
               manager_church_create(context_manager(c), &church, &by, err) &&
               result_json(r, "church", shape_church(&church), err);
    if (done)
        result_say(r, "%s is there; its commands take --church %s.", church.name, church.slug);
    church_release(&church);
    return done;
}

bool version_run(struct command_context *c, const struct command_line *l, struct command_result *r,
                 struct error *err)
{
    cJSON *json = cJSON_CreateObject();

    (void)c;
    (void)l;
    cJSON_AddStringToObject(json, "version", ECCLESIA_VERSION);
    result_say(r, "ecclesia %s", ECCLESIA_VERSION);
    return result_json(r, "version", json, err);
}

static cJSON *shape_command(const struct command *command)
{
    static const char *const roles[] = { "viewer", "operator", "admin" };
    cJSON *o = cJSON_CreateObject();
    cJSON *options;
    struct text usage;

    text_init(&usage, 2000);
    command_usage(command, &usage);
    cJSON_AddStringToObject(o, "words", command->words);
    cJSON_AddStringToObject(o, "usage", text_str(&usage));
    cJSON_AddStringToObject(o, "help", command->help);
    cJSON_AddStringToObject(o, "role", roles[command->role]);
    json_add_string(o, "example", command->example);
    options = cJSON_AddArrayToObject(o, "options");
    for (const struct command_option *p = command->options; p && p->name; p++) {
        cJSON *option = cJSON_CreateObject();

        cJSON_AddStringToObject(option, "name", p->name);
        json_add_string(option, "value", p->value);
        cJSON_AddBoolToObject(option, "required", p->required);
        cJSON_AddBoolToObject(option, "repeat", p->repeat);
        cJSON_AddStringToObject(option, "help", p->help);
        cJSON_AddItemToArray(options, option);
    }
    text_release(&usage);
    return o;
}

/* Whether the command's words begin with all of those given: "livestream" shows its whole family.
 */
static bool words_fit(const struct command *command, const char *wanted)
{
    size_t length = strlen(wanted);

    return length == 0 || (strncmp(command->words, wanted, length) == 0 &&
                           strchr(" ", command->words[length]) != NULL);
}

bool help_run(struct command_context *c, const struct command_line *l, struct command_result *r,
              struct error *err)
{
    cJSON *items = cJSON_CreateArray();
    struct text wanted;
    bool done;

    (void)c;
    text_init(&wanted, 200);
    for (size_t i = 0; i < l->argument_count; i++)
        text_addf(&wanted, "%s%s", i ? " " : "", l->arguments[i]);
    for (size_t i = 0; i < command_count; i++)
        if (words_fit(&commands[i], text_str(&wanted)))
            cJSON_AddItemToArray(items, shape_command(&commands[i]));
    if (cJSON_GetArraySize(items) > 0) {
        done = result_json(r, "help", list_shape(items, false, 0), err);
    } else {
        cJSON_Delete(items);
        done = error_set(err, ERROR_USAGE, "See: ecclesia help", "There is no command \"%.60s\".",
                         text_str(&wanted));
    }
    text_release(&wanted);
    return done;
}

/* What exists at the platforms, in the order in which it was made. What was deleted stays in the
 * list, marked. */
#include "sim/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

struct sim_object *sim_object_new(struct sim *sim, int platform, const char *kind, const char *id,
                                  const char *owner)
{
    struct sim_object *o = calloc(1, sizeof *o);
    cJSON *fields = cJSON_CreateObject();

    if (o == NULL || fields == NULL)
        abort(); /* a test bed without memory has nothing left to say */
    o->platform = platform;
    o->fields = fields;
    o->created_ms = clock_now();
    text_copy_to(o->kind, sizeof o->kind, kind);
    text_copy_to(o->id, sizeof o->id, id);
    text_copy_to(o->owner, sizeof o->owner, owner);
    *sim->objects_end = o;
    sim->objects_end = &o->next;
    return o;
}

struct sim_object *sim_object_find(struct sim *sim, int platform, const char *kind, const char *id)
{
    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (o->platform == platform && !o->deleted &&
            (kind == NULL || strcmp(o->kind, kind) == 0) && strcmp(o->id, id) == 0)
            return o;
    return NULL;
}

void sim_object_title(struct sim_object *o, const char *title)
{
    text_replace(&o->title, title);
}

void sim_object_state(struct sim_object *o, const char *state)
{
    text_copy_to(o->state, sizeof o->state, state);
}

bool sim_object_is(const struct sim_object *o, const char *states)
{
    return sim_word_in(states, o->state);
}

void sim_object_later(struct sim_object *o, int64_t ms)
{
    o->due_mono = clock_mono() + ms;
}

void sim_object_feed(struct sim *sim, struct sim_object *o, bool sending)
{
    o->feed_mono = 0;
    if (o->sending == sending)
        return;
    o->sending = sending;
    if (sim_platforms[o->platform]->fed != NULL)
        sim_platforms[o->platform]->fed(sim, o);
}

static cJSON *object_json(const struct sim_object *o)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "platform", sim_slugs[o->platform]);
    cJSON_AddStringToObject(out, "kind", o->kind);
    cJSON_AddStringToObject(out, "id", o->id);
    cJSON_AddStringToObject(out, "title", o->title != NULL ? o->title : "");
    cJSON_AddStringToObject(out, "state", o->state);
    if (o->start_ms != 0)
        json_add_time(out, "startAt", o->start_ms);
    else
        cJSON_AddNullToObject(out, "startAt");
    cJSON_AddStringToObject(out, "owner", o->owner);
    json_add_time(out, "createdAt", o->created_ms);
    cJSON_AddBoolToObject(out, "deleted", o->deleted);
    cJSON *fields = cJSON_Duplicate(o->fields, true);
    if (o->key[0] != '\0') {
        sim_put_string(fields, "streamKey", o->key);
        sim_put_bool(fields, "sending", o->sending);
    }
    cJSON_AddItemToObject(out, "fields", fields);
    return out;
}

cJSON *sim_objects_list(struct sim *sim, int platform)
{
    cJSON *out = cJSON_CreateArray();

    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (platform < 0 || o->platform == platform)
            cJSON_AddItemToArray(out, object_json(o));
    return out;
}

cJSON *sim_fields(struct sim_object *o, const char *part)
{
    cJSON *found = cJSON_GetObjectItemCaseSensitive(o->fields, part);

    return found != NULL ? found : cJSON_AddObjectToObject(o->fields, part);
}

void sim_put(cJSON *object, const char *key, cJSON *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
    if (value != NULL)
        cJSON_AddItemToObject(object, key, value);
}

void sim_put_string(cJSON *object, const char *key, const char *value)
{
    sim_put(object, key, value != NULL ? cJSON_CreateString(value) : NULL);
}

void sim_put_bool(cJSON *object, const char *key, bool value)
{
    sim_put(object, key, cJSON_CreateBool(value));
}

void sim_put_number(cJSON *object, const char *key, double value)
{
    sim_put(object, key, cJSON_CreateNumber(value));
}

void sim_put_time(cJSON *object, const char *key, int64_t ms)
{
    char at[CLOCK_RFC3339_SIZE];

    clock_rfc3339_s(at, ms);
    sim_put_string(object, key, at);
}

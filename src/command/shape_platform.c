/* A platform's tables as the API's JSON. */
#include <stdio.h>
#include <string.h>

#include <ecclesia/command/command.h>
#include <ecclesia/platform/platform.h>

static void add_flags(cJSON *object, const char *key, unsigned flags, const char *const *names,
                      size_t count)
{
    cJSON *array = cJSON_AddArrayToObject(object, key);

    for (size_t i = 0; i < count; i++)
        if (flags & (1u << i))
            cJSON_AddItemToArray(array, cJSON_CreateString(names[i]));
}

static const char *const abilities[] = { "livestreams", "meetings" };
static const char *const ways[] = { "credentials", "oauth", "device" };

static void add_choices(cJSON *object, const char *const *choices)
{
    cJSON *array;

    if (!choices)
        return;
    array = cJSON_AddArrayToObject(object, "choices");
    for (; *choices; choices++)
        cJSON_AddItemToArray(array, cJSON_CreateString(*choices));
}

static void add_default(cJSON *object, const char *otherwise)
{
    if (otherwise && *otherwise)
        cJSON_AddStringToObject(object, "default", otherwise);
}

static cJSON *shape_credential(const struct credential *c)
{
    cJSON *o = cJSON_CreateObject();

    cJSON_AddStringToObject(o, "key", c->key);
    json_add_string(o, "label", c->label);
    json_add_string(o, "help", c->help);
    cJSON_AddBoolToObject(o, "secret", c->secret);
    cJSON_AddBoolToObject(o, "required", c->required);
    add_default(o, c->otherwise);
    add_choices(o, c->choices);
    return o;
}

static cJSON *shape_setting(const struct setting *s)
{
    static const char *const types[] = { "text", "bool", "number", "choice" };
    cJSON *o = cJSON_CreateObject();

    cJSON_AddStringToObject(o, "key", s->key);
    cJSON_AddStringToObject(o, "type", types[s->type]);
    add_flags(o, "for", s->fits, abilities, 2);
    add_default(o, s->otherwise);
    add_choices(o, s->choices);
    if (s->type == SETTING_NUMBER)
        cJSON_AddNumberToObject(o, "least", (double)s->least);
    if ((s->type == SETTING_NUMBER || s->type == SETTING_TEXT) && s->limit > 0)
        cJSON_AddNumberToObject(o, s->type == SETTING_TEXT ? "maxLength" : "most",
                                (double)s->limit);
    json_add_string(o, "label", s->label);
    json_add_string(o, "help", s->help);
    return o;
}

/* What a sign-in must allow, one by one. */
static void add_scopes(cJSON *o, const char *scopes)
{
    cJSON *list = cJSON_AddArrayToObject(o, "scopes");
    char word[200];

    for (; *(scopes += strspn(scopes, " ")); scopes += strcspn(scopes, " ")) {
        snprintf(word, sizeof word, "%.*s", (int)strcspn(scopes, " "), scopes);
        cJSON_AddItemToArray(list, cJSON_CreateString(word));
    }
}

cJSON *shape_platform(enum platform_id id)
{
    const struct platform *p = platform_get(id);
    cJSON *o = cJSON_CreateObject();
    cJSON *list;

    cJSON_AddStringToObject(o, "platform", platform_slug(id));
    cJSON_AddStringToObject(o, "name", platform_name(id));
    json_add_string(o, "about", p ? p->about : NULL);
    add_scopes(o, p ? p->scopes : "");
    add_flags(o, "abilities", p ? p->abilities : 0, abilities, 2);
    add_flags(o, "signIn", p ? p->signin : 0, ways, 3);
    list = cJSON_AddArrayToObject(o, "credentials");
    for (const struct credential *c = p ? p->credentials : NULL; c && c->key; c++)
        cJSON_AddItemToArray(list, shape_credential(c));
    list = cJSON_AddArrayToObject(o, "settings");
    for (const struct setting *s = p ? p->settings : NULL; s && s->key; s++)
        cJSON_AddItemToArray(list, shape_setting(s));
    return o;
}

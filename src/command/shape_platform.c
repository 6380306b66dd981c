/* A platform's tables as the API's JSON. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/command/command.h>
#include <ecclesia/platform/oauth.h>
#include <ecclesia/platform/registration.h>

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

/* Whether a person's sign-in cannot begin without it. */
static bool needed_to_sign_in(const struct oauth_profile *o, const char *key)
{
    const char *needs = o->needs ? o->needs : "";
    size_t length = strlen(key);

    if (strcmp(key, "client_id") == 0)
        return true;
    for (; *(needs += strspn(needs, " ")); needs += strcspn(needs, " "))
        if (strcspn(needs, " ") == length && strncmp(needs, key, length) == 0)
            return true;
    return false;
}

static cJSON *shape_credential(const struct platform *p, const struct credential *c)
{
    bool person = p->oauth && oauth_takes(p->oauth, c->key);
    cJSON *o = cJSON_CreateObject();

    cJSON_AddStringToObject(o, "key", c->key);
    json_add_string(o, "label", c->label);
    json_add_string(o, "help", c->help);
    cJSON_AddBoolToObject(o, "secret", c->secret);
    cJSON_AddBoolToObject(o, "required", c->required);
    add_flags(o, "signIn", person ? p->signin : p->signin & SIGNIN_CREDENTIALS, ways, 3);
    if (person)
        cJSON_AddBoolToObject(o, "neededToSignIn", needed_to_sign_in(p->oauth, c->key));
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

/* ---- registration ---- */

/* Where this platform's guide is: PREFIX/bin/ecclesia has PREFIX/share/doc/ecclesia/guides,
 * build/ecclesia stands beside contrib/guides. */
static void find_guide(const char *slug, char *out, size_t size)
{
    static const char *const beside[] = { "/share/doc/ecclesia/guides", "/contrib/guides" };
    static const char *const fixed[] = { "/usr/local", "/usr" };
    char base[1000];
    ssize_t length = readlink("/proc/self/exe", base, sizeof base - 1);
    char *end;

    base[length > 0 ? length : 0] = '\0';
    for (int up = 0; up < 2 && (end = strrchr(base, '/')); up++)
        *end = '\0';
    for (size_t i = 0; i < 2; i++) {
        snprintf(out, size, "%s%s/%s.md", base, beside[i], slug);
        if (access(out, R_OK) == 0)
            return;
    }
    for (size_t i = 0; i < 2; i++) {
        snprintf(out, size, "%s%s/%s.md", fixed[i], beside[0], slug);
        if (access(out, R_OK) == 0)
            return;
    }
    snprintf(out, size, "contrib/guides/%s.md", slug); /* of the source */
}

static void add_uri(cJSON *list, const char *uri, const char *what)
{
    cJSON *o = cJSON_CreateObject();

    cJSON_AddStringToObject(o, "uri", uri);
    cJSON_AddStringToObject(o, "for", what);
    cJSON_AddItemToArray(list, o);
}

static void add_redirects(cJSON *o, const struct platform *p)
{
    cJSON *list = cJSON_AddArrayToObject(o, "redirectUris");
    struct text uri;

    if (!p->oauth)
        return;
    text_init(&uri, 300);
    if (registration_loopback(p, &uri))
        add_uri(list, text_str(&uri),
                p->oauth->loopback_port
                    ? "a browser on this machine, or ssh -L"
                    : "a browser on this machine, or ssh -L; PORT is any that is free, or --port");
    text_clear(&uri);
    registration_callback(p, &uri);
    add_uri(
        list, text_str(&uri),
        "an https address of your own: set it as redirect_uri, and paste what the browser ends at");
    text_release(&uri);
}

/* What cannot be done without it, as the sign-in's own table says; NULL when nobody would miss it.
 */
static const char *without(const struct platform *p, const char *scope)
{
    for (const struct oauth_scope *s = p->oauth ? p->oauth->scopes : NULL; s && s->scope; s++)
        if (strcmp(s->scope, scope) == 0)
            return s->without;
    return NULL;
}

static cJSON *shape_registration(const struct platform *p, const struct registration *r)
{
    cJSON *o = cJSON_CreateObject(), *list;
    char guide[1200];

    find_guide(platform_slug(p->id), guide, sizeof guide);
    cJSON_AddStringToObject(o, "guide", guide);
    cJSON_AddStringToObject(o, "console", r->console);
    cJSON_AddStringToObject(o, "app", r->app);
    if (p->oauth)
        json_add_string(o, "enter", r->enter);
    add_redirects(o, p);
    list = cJSON_AddArrayToObject(o, "scopes");
    for (const struct registration_scope *s = r->scopes; s->scope; s++) {
        cJSON *scope = cJSON_CreateObject();

        cJSON_AddStringToObject(scope, "scope", s->scope);
        cJSON_AddStringToObject(scope, "why", s->why);
        json_add_string(scope, "without", without(p, s->scope));
        add_flags(scope, "signIn", s->signin & p->signin, ways, 3);
        if (s->signin & p->signin)
            cJSON_AddItemToArray(list, scope);
        else
            cJSON_Delete(scope);
    }
    cJSON_AddStringToObject(o, "lasts", r->lasts);
    cJSON_AddStringToObject(o, "review", r->review);
    return o;
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
        cJSON_AddItemToArray(list, shape_credential(p, c));
    list = cJSON_AddArrayToObject(o, "settings");
    for (const struct setting *s = p ? p->settings : NULL; s && s->key; s++)
        cJSON_AddItemToArray(list, shape_setting(s));
    if (p && registration_get(id))
        cJSON_AddItemToObject(o, "registration", shape_registration(p, registration_get(id)));
    return o;
}

/* Reading requests: parameters, bodies, routes. */
#include "sim/private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *member(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

const char *sim_query(const struct sim_call *c, const char *name)
{
    return member(c->query, name);
}

const char *sim_form(const struct sim_call *c, const char *name)
{
    return member(c->form, name);
}

const char *sim_param(const struct sim_call *c, const char *name)
{
    const char *value = member(c->form, name);

    return value != NULL ? value : member(c->query, name);
}

const char *sim_header(const struct sim_call *c, const char *name)
{
    return member(c->headers, name);
}

bool sim_content_is(const struct sim_call *c, const char *type)
{
    const char *is = sim_header(c, "content-type");
    size_t length = strlen(type);

    return is != NULL && text_starts_nocase(is, type) &&
           (is[length] == '\0' || is[length] == ';' || is[length] == ' ');
}

const char *sim_bearer(const struct sim_call *c)
{
    const char *value = sim_header(c, "authorization");

    if (value == NULL || !text_starts_nocase(value, "Bearer "))
        return NULL;
    value += strlen("Bearer ");
    while (*value == ' ')
        value++;
    return *value != '\0' ? value : NULL;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes one name or value of a form. Yours: free(). */
static char *decode(const char *s, size_t length)
{
    char *out = malloc(length + 1);
    size_t at = 0;

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (s[i] == '+') {
            out[at++] = ' ';
        } else if (s[i] == '%' && i + 2 < length && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
            out[at++] = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
            i += 2;
        } else {
            out[at++] = s[i];
        }
    }
    out[at] = '\0';
    return out;
}

cJSON *sim_parse_form(const char *s, size_t length)
{
    cJSON *out = cJSON_CreateObject();
    const char *end = s + length;

    while (out != NULL && s < end) {
        const char *stop = memchr(s, '&', (size_t)(end - s));
        if (stop == NULL)
            stop = end;
        const char *equals = memchr(s, '=', (size_t)(stop - s));
        char *name = decode(s, (size_t)((equals != NULL ? equals : stop) - s));
        char *value =
            equals != NULL ? decode(equals + 1, (size_t)(stop - equals - 1)) : text_copy("");
        if (name != NULL && value != NULL && name[0] != '\0')
            cJSON_AddStringToObject(out, name, value);
        free(name);
        free(value);
        s = stop + 1;
    }
    return out;
}

void sim_parse_body(struct sim_call *c)
{
    if (c->length == 0)
        return;
    if (sim_content_is(c, "application/json"))
        c->json = json_parse((const char *)c->body, c->length, NULL);
    else if (sim_content_is(c, "application/x-www-form-urlencoded"))
        c->form = sim_parse_form((const char *)c->body, c->length);
}

void sim_call_release(struct sim_call *c)
{
    free(c->path);
    cJSON_Delete(c->query);
    cJSON_Delete(c->headers);
    cJSON_Delete(c->json);
    cJSON_Delete(c->form);
    sim_reply_release(&c->reply);
}

/* Does path fit the template? Captures go to c. */
static bool fits(struct sim_call *c, const char *template, const char *path)
{
    int captures = 0;

    while (*template != '\0') {
        if (template[0] == '{') {
            size_t length = strcspn(path, "/");
            if (length == 0 || captures == SIM_CAPTURES || length >= sizeof c->capture[0])
                return false;
            memcpy(c->capture[captures], path, length);
            c->capture[captures++][length] = '\0';
            path += length;
            template += 2;
        } else if (*template ++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

const struct sim_route *sim_route_find(struct sim_call *c, const struct sim_route *routes,
                                       const char *path, bool *known)
{
    const char *method = strcmp(c->method, "HEAD") == 0 ? "GET" : c->method;

    *known = false;
    for (const struct sim_route *r = routes; r->method != NULL; r++) {
        if (!fits(c, r->path, path))
            continue;
        *known = true;
        if (strcmp(r->method, method) == 0)
            return r;
    }
    return NULL;
}

bool sim_word_in(const char *list, const char *word)
{
    size_t length = strlen(word);

    if (list == NULL || length == 0)
        return false;
    for (const char *at = list; (at = strstr(at, word)) != NULL; at += length) {
        bool begins = at == list || at[-1] == ' ';
        if (begins && (at[length] == '\0' || at[length] == ' '))
            return true;
    }
    return false;
}

/* Copies the next word of *s to out; false at the end. */
static bool next_word(const char **s, char *out, size_t size)
{
    *s += strspn(*s, " ");
    size_t length = strcspn(*s, " ");

    if (length == 0 || length >= size)
        return false;
    memcpy(out, *s, length);
    out[length] = '\0';
    *s += length;
    return true;
}

bool sim_words_any(const char *list, const char *words)
{
    char word[200];

    while (next_word(&words, word, sizeof word))
        if (sim_word_in(list, word))
            return true;
    return false;
}

bool sim_words_all(const char *list, const char *words)
{
    char word[200];

    while (next_word(&words, word, sizeof word))
        if (!sim_word_in(list, word))
            return false;
    return true;
}

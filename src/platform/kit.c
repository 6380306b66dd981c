#include "platform/kit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>

enum {
    HEADER_SIZE = 6000, /* an access token is up to 4095 bytes */
    URL_CEILING = 8192,
    BODY_CEILING = 256 * 1024 /* of what we write ourselves */
};

/* What lives while a request is under way. Holds secrets; wiped by outgoing_release(). */
struct outgoing {
    struct http_request http;
    struct text url, body;
    char authorization[HEADER_SIZE];
    char type[120];
};

static void outgoing_release(struct outgoing *o)
{
    kit_wipe(&o->body);
    kit_wipe(&o->url);
    text_wipe(o->authorization, sizeof(o->authorization));
}

/* The header is left out when it would not fit: the platform then refuses, and nothing was cut in
 * half. */
static void add_authorization(struct outgoing *o, const struct kit_request *r)
{
    struct text t, pair;

    text_init(&t, sizeof(o->authorization) - 1);
    text_init(&pair, sizeof(o->authorization) - 1);
    if (r->token) {
        text_addf(&t, "Authorization: Bearer %s", r->token);
    } else if (r->basic_user) {
        text_addf(&pair, "%s:%s", r->basic_user, r->basic_password ? r->basic_password : "");
        text_add(&t, "Authorization: Basic ");
        text_add_base64(&t, text_str(&pair), pair.length);
    }
    if (!t.overflow && !pair.overflow)
        text_copy_to(o->authorization, sizeof(o->authorization), text_str(&t));
    kit_wipe(&t);
    kit_wipe(&pair);
}

static void add_body(struct outgoing *o, const struct kit_request *r)
{
    const char *type = r->content_type;

    if (r->json) {
        json_print(&o->body, r->json);
        type = type ? type : "application/json";
    } else if (r->form) {
        text_add(&o->body, r->form);
        type = type ? type : "application/x-www-form-urlencoded";
    }
    if (r->bytes) {
        o->http.body = r->bytes;
        o->http.body_length = r->byte_count;
    } else if (r->json || r->form) {
        o->http.body = text_str(&o->body);
        o->http.body_length = o->body.length;
    }
    if (o->http.body && type)
        snprintf(o->type, sizeof(o->type), "Content-Type: %s", type);
}

static bool outgoing_make(struct outgoing *o, const struct call *call, const struct kit_request *r,
                          struct error *err)
{
    size_t n = 0;

    memset(o, 0, sizeof(*o));
    text_init(&o->url, URL_CEILING);
    text_init(&o->body, BODY_CEILING);
    text_add(&o->url, r->base ? r->base : call->api_base);
    text_add(&o->url, r->path);
    add_authorization(o, r);
    add_body(o, r);
    if (o->url.overflow || o->body.overflow)
        return error_platform(err, ERROR_INTERNAL, platform_slug(call->platform), NULL,
                              "The request to %s is too long to be sent.",
                              platform_name(call->platform));
    o->http.method = r->method;
    o->http.url = text_str(&o->url);
    o->http.route = r->route;
    o->http.platform = platform_slug(call->platform);
    o->http.timeout_ms = r->timeout_ms;
    o->http.effect = r->effect;
    o->http.creates = r->creates;
    o->http.headers[n++] = "Accept: application/json";
    if (o->authorization[0])
        o->http.headers[n++] = o->authorization;
    if (o->type[0])
        o->http.headers[n++] = o->type;
    return true;
}

/* Frees what net allocated; also of tests' answers. An answer can hold a token or a stream key. */
static void answer_done(struct http_answer *answer)
{
    if (answer->body)
        text_wipe(answer->body, answer->length);
    http_answer_release(answer);
}

/* The body of a 2xx, which may be empty. */
static bool answer_read(struct call *call, const struct http_answer *answer, cJSON **out,
                        struct error *err)
{
    struct error why;

    *out = NULL;
    if (answer->length == 0)
        return true;
    *out = json_parse(answer->body, answer->length, &why);
    if (*out)
        return true;
    if (why.kind == ERROR_MEMORY)
        return error_set(err, ERROR_MEMORY, NULL, "%s", why.message);
    return kit_error(err, call, answer, ERROR_GARBAGE, "", "It is asked again by itself.",
                     "%s sent an answer that cannot be read.", platform_name(call->platform));
}

bool kit_send(struct call *call, const struct kit_request *request, cJSON **out, struct error *err)
{
    struct http_answer answer;
    struct outgoing outgoing;
    bool done = false;
    cJSON *body = NULL;

    if (out)
        *out = NULL;
    memset(&answer, 0, sizeof(answer));
    if (!outgoing_make(&outgoing, call, request, err)) {
        outgoing_release(&outgoing);
        return false;
    }
    done = call->http(call, &outgoing.http, &answer, err);
    outgoing_release(&outgoing);
    if (!done)
        return false;
    if (answer.status >= 200 && answer.status < 300) {
        /* Also when nobody wants it: a page of somebody else's on the way does not mean that it was
         * done. */
        done = answer_read(call, &answer, out ? out : &body, err);
        if (!out)
            cJSON_Delete(body);
    } else {
        body = json_parse(answer.body, answer.length, NULL);
        done = (request->judge ? request->judge : kit_judge_status)(call, &answer, body, err);
        cJSON_Delete(body);
    }
    answer_done(&answer);
    return done;
}

bool kit_error(struct error *err, const struct call *call, const struct http_answer *answer,
               enum error_kind kind, const char *code, const char *remedy, const char *format, ...)
{
    char message[2 * sizeof(err->message)];
    va_list args;

    if (!err)
        return false;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    error_platform(err, kind, platform_slug(call->platform), remedy, "%s", message);
    utf8_clean(err->code, sizeof(err->code), code ? code : "");
    if (!answer)
        return false;
    err->http_status = answer->status;
    if (kind == ERROR_RATE || kind == ERROR_QUOTA || kind == ERROR_SERVER)
        err->retry_after_ms =
            http_retry_after(http_answer_header(answer, "Retry-After"), call->now_ms);
    return false;
}

bool kit_judge_status(struct call *call, const struct http_answer *answer, const cJSON *body,
                      struct error *err)
{
    const char *name = platform_name(call->platform);
    int status = answer->status;

    (void)body;
    switch (status) {
    case 401:
        return kit_error(err, call, answer, ERROR_AUTH, "", "Connect it again.",
                         "%s refused the sign-in.", name);
    case 403:
        return kit_error(err, call, answer, ERROR_FORBIDDEN, "",
                         "Check the account's rights there, then connect it again.",
                         "%s does not allow this.", name);
    case 404:
    case 410:
        return kit_error(err, call, answer, ERROR_NOT_FOUND, "", NULL,
                         "%s does not know it any more.", name);
    case 408:
        return kit_error(err, call, answer, ERROR_NET_POST, "", NULL,
                         "%s waited too long for our request.", name);
    case 429:
        return kit_error(err, call, answer, ERROR_RATE, "", "It goes on by itself.",
                         "%s asks us to wait: too many requests.", name);
    case 503:
        if (http_answer_header(answer, "Retry-After"))
            return kit_error(err, call, answer, ERROR_RATE, "", "It goes on by itself.",
                             "%s is busy and asks us to wait.", name);
        break;
    }
    if (status >= 500)
        return kit_error(err, call, answer, ERROR_SERVER, "", "It is tried again by itself.",
                         "%s has trouble of its own (HTTP %d).", name, status);
    if (status >= 400)
        return kit_error(err, call, answer, ERROR_INVALID, "",
                         "Check the title, the times and the settings.",
                         "%s refused the request (HTTP %d).", name, status);
    return kit_error(err, call, answer, ERROR_GARBAGE, "", "Check api_base in the configuration.",
                     "%s answered in a way that is not its own (HTTP %d).", name, status);
}

bool kit_query(struct text *t, const char *key, const char *value)
{
    char last = t->length ? t->data[t->length - 1] : '?';

    if (!value)
        return true;
    if (last != '?' && last != '&')
        text_add(t, "&");
    text_add_urlencoded(t, key);
    text_add(t, "=");
    return text_add_urlencoded(t, value);
}

const char *kit_value(struct call *call, const struct platform *p, const char *key)
{
    const char *value = call->credential(call, key);

    if (!value || !*value)
        value = json_string(call->options, key);
    if ((!value || !*value) && strcmp(key, "client_id") == 0)
        value = call->client_id;
    if ((!value || !*value) && strcmp(key, "client_secret") == 0)
        value = call->client_secret;
    for (const struct credential *c = p->credentials; (!value || !*value) && c && c->key; c++)
        if (strcmp(c->key, key) == 0)
            value = c->otherwise;
    return value ? value : "";
}

void kit_marker(const struct call *call, char out[16])
{
    snprintf(out, 16, "[ec:%.8s]", call->idem_key);
}

/* The longest prefix of at most `limit` characters, in bytes. */
static size_t prefix_bytes(const char *s, size_t limit)
{
    size_t at = 0, length = strlen(s), step;
    uint32_t character;

    for (size_t n = 0; n < limit && at < length; n++) {
        step = utf8_decode(s + at, length - at, &character);
        at += step ? step : 1;
    }
    return at;
}

char *kit_describe(const char *marker, const char *description, size_t limit)
{
    size_t own = utf8_count(marker) + 2;
    size_t keep = description ? prefix_bytes(description, limit > own ? limit - own : 0) : 0;

    while (keep > 0 && strchr(" \t\r\n", description[keep - 1]))
        keep--;
    if (keep == 0)
        return text_copy(marker);
    return text_format("%.*s\n\n%s", (int)keep, description, marker);
}

const char *kit_remembered(const struct outcome *o, const char *key)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o->remote, key));

    return value ? value : "";
}

void kit_remember(struct outcome *o, const char *key, const char *value)
{
    /* A copy first: value may be the very string that goes. */
    cJSON *made = value ? cJSON_CreateString(value) : NULL;

    cJSON_DeleteItemFromObjectCaseSensitive(o->remote, key);
    if (made && !cJSON_AddItemToObject(o->remote, key, made))
        cJSON_Delete(made);
}

void kit_note(struct outcome *o, const char *format, ...)
{
    char raw[4 * sizeof(o->note)];
    va_list args;

    va_start(args, format);
    vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    utf8_clean(o->note, sizeof(o->note), raw);
}

int kit_waited(struct outcome *o, const char *word)
{
    const char *known = kit_remembered(o, "waited");
    size_t length = word ? strlen(word) : 0;
    int count = 1;
    char line[60];

    if (!word) {
        kit_remember(o, "waited", NULL);
        return 0;
    }
    if (strncmp(known, word, length) == 0 && known[length] == ' ')
        count += (int)strtol(known + length, NULL, 10);
    snprintf(line, sizeof(line), "%s %d", word, count);
    kit_remember(o, "waited", line);
    return count;
}

void kit_wipe(struct text *t)
{
    if (t->data)
        text_wipe(t->data, t->length);
    text_release(t);
}

cJSON *kit_settings(const struct target *t)
{
    const char *s = t->settings;
    cJSON *tree = s && *s ? json_parse(s, strlen(s), NULL) : NULL;

    if (cJSON_IsObject(tree))
        return tree;
    cJSON_Delete(tree);
    return cJSON_CreateObject();
}

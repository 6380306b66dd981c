#include "net/echo.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>

/* Shorter ones are found by chance, and are of no use to anybody. */
enum { SECRET_LEAST = 6, SECRET_MOST = 20 * 1024 };

/* Names under which secrets travel, in lower case without '_' and '-'. */
static const char *const names[] = {
    "accesstoken",  "refreshtoken",    "idtoken",      "clientsecret", "appsecret",
    "clienttoken",  "appsecretproof",  "code",         "codeverifier", "devicecode",
    "assertion",    "clientassertion", "jwt",          "token",        "inputtoken",
    "subjecttoken", "fbexchangetoken", "password",     "passcode",     "streamkey",
    "streamname",   "secret",          "privatekey",   "apikey",       "zak",
    "pwd",          "sessionkey",      "authorization"
};

static bool is_secret_name(const char *name, size_t length)
{
    char plain[40];
    size_t at = 0;

    for (size_t i = 0; i < length && at < sizeof(plain) - 1; i++)
        if (isalnum((unsigned char)name[i]))
            plain[at++] = (char)tolower((unsigned char)name[i]);
    plain[at] = '\0';
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], plain) == 0)
            return true;
    return false;
}

/* ---- in the answer */

static void mask_in(char *text, size_t length, const char *secret, size_t secret_length)
{
    char *at = text;

    while ((at = memmem(at, length - (size_t)(at - text), secret, secret_length)) != NULL) {
        memset(at, 'x', secret_length);
        at += secret_length;
    }
}

static void mask(struct http_answer *a, const char *secret, size_t length)
{
    if (length < SECRET_LEAST)
        return;
    mask_in(a->body, a->length, secret, length);
    for (size_t i = 0; i < a->header_count; i++)
        mask_in(a->headers[i].value, strlen(a->headers[i].value), secret, length);
}

/* ---- in the request */

static int digit(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : -1;
}

/* Both as it was sent and as it was meant. */
static void mask_form_value(struct http_answer *a, const char *value, size_t length)
{
    char *plain;
    size_t at = 0;

    mask(a, value, length);
    if (length > SECRET_MOST || !(plain = malloc(length + 1)))
        return;
    for (size_t i = 0; i < length; i++) {
        bool coded = value[i] == '%' && i + 2 < length && digit(value[i + 1]) >= 0 &&
                     digit(value[i + 2]) >= 0;

        plain[at++] = coded             ? (char)(digit(value[i + 1]) * 16 + digit(value[i + 2]))
                      : value[i] == '+' ? ' '
                                        : value[i];
        i += coded ? 2 : 0;
    }
    mask(a, plain, at);
    text_wipe(plain, at);
    free(plain);
}

/* "name=value&name=value" */
static void mask_form(struct http_answer *a, const char *form, size_t length)
{
    const char *end = form + length;

    while (form < end) {
        const char *next = memchr(form, '&', (size_t)(end - form));
        const char *stop = next ? next : end;
        const char *equals = memchr(form, '=', (size_t)(stop - form));

        if (equals && is_secret_name(form, (size_t)(equals - form)))
            mask_form_value(a, equals + 1, (size_t)(stop - equals - 1));
        form = stop + 1;
    }
}

/* The string that begins at the quote; NULL when it does not end. */
static const char *string_end(const char *quote, const char *end)
{
    for (const char *s = quote + 1; s < end; s++) {
        if (*s == '\\')
            s++;
        else if (*s == '"')
            return s;
    }
    return NULL;
}

/* "name": "value", wherever it stands. */
static void mask_json(struct http_answer *a, const char *json, size_t length)
{
    const char *end = json + length, *at = json;

    while ((at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        const char *name = at, *name_end = string_end(name, end), *value, *value_end;

        if (!name_end)
            return;
        at = name_end + 1;
        value = at;
        while (value < end && strchr(" \t\r\n:", *value) && *value)
            value++;
        if (value >= end || *value != '"' || value == at ||
            !is_secret_name(name + 1, (size_t)(name_end - name - 1)))
            continue;
        value_end = string_end(value, end);
        if (!value_end)
            return;
        mask(a, value + 1, (size_t)(value_end - value - 1));
        at = value_end + 1;
    }
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* "id:secret", coded. */
static void mask_basic(struct http_answer *a, const char *coded)
{
    char plain[1024];
    const char *secret;
    unsigned bits = 0;
    size_t at = 0;

    for (size_t i = 0; base64_digit(coded[i]) >= 0 && at < sizeof(plain) - 1; i++) {
        bits = bits << 6 | (unsigned)base64_digit(coded[i]);
        if (i % 4 != 0)
            plain[at++] = (char)(bits >> (6 - 2 * (i % 4)));
    }
    plain[at] = '\0';
    secret = strchr(plain, ':');
    if (secret)
        mask_form_value(a, secret + 1, strlen(secret + 1));
    text_wipe(plain, sizeof(plain));
}

/* "Authorization: Bearer …" and its like. */
static void mask_header(struct http_answer *a, const char *header)
{
    const char *value = strchr(header, ':'), *word;

    if (!value || !is_secret_name(header, (size_t)(value - header)))
        return;
    value += 1 + strspn(value + 1, " ");
    word = strchr(value, ' ');
    value = word ? word + 1 : value;
    mask(a, value, strlen(value));
    if (word && word - 5 >= header && strncasecmp(word - 5, "Basic", 5) == 0)
        mask_basic(a, value);
}

void echo_mask(const struct http_request *r, struct http_answer *a)
{
    const char *query = strchr(r->url, '?'), *body = r->body;

    if (a->status < 400)
        return;
    for (size_t i = 0; i < HTTP_HEADERS_MAX && r->headers[i]; i++)
        mask_header(a, r->headers[i]);
    if (query)
        mask_form(a, query + 1, strlen(query + 1));
    if (!body || r->body_length == 0)
        return;
    if (*body == '{' || *body == '[')
        mask_json(a, body, r->body_length);
    else
        mask_form(a, body, r->body_length);
}

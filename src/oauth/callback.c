/* What a browser brings back. Everything in it may come from anybody, so it is read narrowly: a
 * parameter that comes twice, is too long, or holds what it never holds ends the reading. */
#include <ecclesia/oauth/signin.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>
#include <ecclesia/base/utf8.h>
#include <ecclesia/vault/hash.h>

#include "oauth/private.h"

enum { QUERY_MOST = 12 * 1024, NAMES_MOST = 32, NAME_MOST = 40 };

static const char not_ours[] =
    "Begin the sign-in again, and use only the address that is shown here.";

static bool refuse(struct error *err, const char *what)
{
    return error_set(err, ERROR_INVALID, not_ours, "The answer of the sign-in was refused: %s.",
                     what);
}

void callback_wipe(struct callback *c)
{
    text_wipe(c, sizeof *c);
}

/* ---- one parameter ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes once. False for a broken escape, a NUL, or what does not fit. */
static bool decode(char *out, size_t size, const char *s, size_t length)
{
    size_t n = 0;

    for (size_t i = 0; i < length; i++) {
        char c = s[i];

        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < length ? hex_digit(s[i + 1]) : -1;
            int low = i + 2 < length ? hex_digit(s[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0' || n + 1 >= size)
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    return true;
}

static bool visible(const char *s)
{
    for (; *s; s++)
        if (*s <= ' ' || *s >= 127)
            return false;
    return true;
}

struct reading {
    struct callback *out;
    char names[NAMES_MOST][NAME_MOST];
    size_t count;
};

/* Where a parameter goes; NULL for one that says nothing to us (scope, session_state …). */
static char *place_of(struct callback *c, const char *name, size_t *size)
{
    const struct {
        const char *name;
        char *place;
        size_t size;
    } places[] = { { "state", c->state, sizeof c->state },
                   { "code", c->code, sizeof c->code },
                   { "iss", c->issuer, sizeof c->issuer },
                   { "error", c->error, sizeof c->error } };

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strcmp(places[i].name, name) == 0) {
            *size = places[i].size;
            return places[i].place;
        }
    }
    return NULL;
}

static bool take(struct reading *r, const char *s, size_t length, struct error *err)
{
    size_t name_length = 0, size = 0;
    char value[QUERY_MOST + 1], *name = r->names[r->count], *place;
    bool fits;

    while (name_length < length && s[name_length] != '=')
        name_length++;
    if (r->count == NAMES_MOST - 1 || !decode(name, NAME_MOST, s, name_length))
        return refuse(err, "it holds a name that it never holds");
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->names[i], name) == 0)
            return refuse(err, "a parameter comes twice");
    r->count++;
    s += name_length + (name_length < length);
    length -= name_length + (name_length < length);
    if (!decode(value, sizeof value, s, length))
        return refuse(err, "it is not encoded as it should be");
    if (strcmp(name, "error_description") == 0)
        utf8_clean(r->out->description, sizeof r->out->description, value);
    place = place_of(r->out, name, &size);
    fits = !place || (visible(value) && text_copy_to(place, size, value));
    text_wipe(value, strlen(value));
    return fits || refuse(err, "a parameter is too long or holds what it never holds");
}

bool callback_read(struct callback *out, const char *query, size_t length, struct error *err)
{
    struct reading r = { .out = out };
    bool good = true;

    memset(out, 0, sizeof *out);
    if (length > QUERY_MOST || memchr(query, '\0', length))
        return refuse(err, "it is too long");
    for (size_t at = 0, part; good && at < length; at += part + 1) {
        const char *end = memchr(query + at, '&', length - at);

        part = end ? (size_t)(end - query) - at : length - at;
        good = part == 0 || take(&r, query + at, part, err);
    }
    out->bare = r.count == 0;
    if (good && out->bare)
        return true;
    if (good && !out->state[0])
        good = refuse(err, "it does not say which sign-in it belongs to (no state)");
    if (good && (out->code[0] != '\0') == (out->error[0] != '\0'))
        good = refuse(err, out->code[0] ? "it is a yes and a no at once"
                                        : "it holds neither a code nor an error");
    if (!good)
        callback_wipe(out);
    return good;
}

/* ---- what was pasted ---- */

/* Scheme and host without case, the rest with; one slash at the end does not count. */
static bool same_place(const char *s, size_t length, const char *uri)
{
    size_t wanted = strlen(uri), host;
    const char *slash = strstr(uri, "//");

    host = slash ? (size_t)(slash - uri) + 2 + strcspn(slash + 2, "/") : 0;
    while (wanted > host && uri[wanted - 1] == '/')
        wanted--;
    while (length > host && s[length - 1] == '/')
        length--;
    return length == wanted && strncasecmp(s, uri, host) == 0 &&
           strncmp(s + host, uri + host, length - host) == 0;
}

bool callback_pasted(struct callback *out, const char *pasted, const char *redirect_uri,
                     struct error *err)
{
    const char *query;
    size_t length;

    memset(out, 0, sizeof *out);
    pasted += strspn(pasted, " \t\r\n\"'<");
    length = strcspn(pasted, " \t\r\n\"'>");
    /* Meta adds "#_" or "#_=_", which no server sees. */
    if (memchr(pasted, '#', length))
        length = strcspn(pasted, "#");
    query = memchr(pasted, '?', length);
    if (strncasecmp(pasted, "http", 4) == 0) {
        size_t place = query ? (size_t)(query - pasted) : length;

        if (!same_place(pasted, place, redirect_uri))
            return error_set(err, ERROR_INVALID,
                             "Paste the address that the browser ends at after you have allowed "
                             "it, even if that page cannot be shown.",
                             "That is not the address of this sign-in's end, which begins with %s.",
                             redirect_uri);
        if (!query)
            query = pasted + length - 1;
    } else if (!query && !memchr(pasted, '=', length)) {
        return error_set(err, ERROR_INVALID,
                         "Paste the whole address from the browser, beginning with http.",
                         "That is not an address.");
    }
    if (query) {
        length -= (size_t)(query + 1 - pasted);
        pasted = query + 1;
    }
    return callback_read(out, pasted, length, err);
}

/* ---- what it says ---- */

/* "*" stands for one part of the path. */
static bool issuer_fits(const char *wanted, const char *said)
{
    const char *star = strchr(wanted, '*');
    size_t length = strlen(said), tail;

    if (!star)
        return strlen(wanted) == length && vault_same(wanted, said, length);
    tail = strlen(star + 1);
    if (length <= (size_t)(star - wanted) + tail ||
        strncmp(said, wanted, (size_t)(star - wanted)) != 0 ||
        strcmp(said + length - tail, star + 1) != 0)
        return false;
    return strcspn(said + (star - wanted), "/") == length - (size_t)(star - wanted) - tail;
}

/* RFC 6749 4.1.2.1, OpenID Connect, and Meta's. */
static const struct {
    const char *word, *message, *remedy;
    enum error_kind kind;
} answers[] = {
    { "access_denied", "the sign-in was refused there", "Begin again, and allow it.",
      ERROR_FORBIDDEN },
    { "user_cancelled_login", "the sign-in was broken off there", "Begin again.", ERROR_FORBIDDEN },
    { "consent_required", "nobody has agreed there", "Begin again, and allow it.",
      ERROR_FORBIDDEN },
    { "interaction_required", "nobody has signed in there", "Begin again.", ERROR_FORBIDDEN },
    { "login_required", "nobody has signed in there", "Begin again.", ERROR_FORBIDDEN },
    { "account_selection_required", "no account was chosen there", "Begin again.",
      ERROR_FORBIDDEN },
    { "unauthorized_client", "the app may not sign people in in this way",
      "Look at the app's type on its page there.", ERROR_CONFIG },
    { "unsupported_response_type", "the app may not sign people in in this way",
      "Look at the app's type on its page there.", ERROR_CONFIG },
    { "invalid_scope", "the app may not ask for these permissions",
      "Add them on the app's page there: `ecclesia platform show` lists them.", ERROR_CONFIG },
    { "invalid_request", "something is wrong with what was asked",
      "Compare the app's page there with `ecclesia platform show`.", ERROR_CONFIG },
    { "invalid_client", "the app is not known there", "Check client_id.", ERROR_CONFIG },
    { "server_error", "its sign-in is out of order for the moment", "Begin again in a while.",
      ERROR_SERVER },
    { "temporarily_unavailable", "its sign-in is out of order for the moment",
      "Begin again in a while.", ERROR_SERVER },
};

static bool tell_error(const struct callback *c, const struct platform *p, struct error *err)
{
    const char *message = "the sign-in did not succeed there", *remedy = "Begin again.";
    enum error_kind kind = ERROR_FORBIDDEN;

    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (strcmp(answers[i].word, c->error) == 0) {
            message = answers[i].message;
            remedy = answers[i].remedy;
            kind = answers[i].kind;
        }
    }
    error_platform(err, kind, platform_slug(p->id), remedy, "%s: %s%s%s%s.", platform_name(p->id),
                   message, c->description[0] ? " (" : "", c->description,
                   c->description[0] ? ")" : "");
    if (err)
        utf8_clean(err->code, sizeof err->code, c->error);
    return false;
}

bool callback_judge(const struct callback *c, const struct platform *p, const char *issuer,
                    struct error *err)
{
    if (c->issuer[0] && (!issuer[0] || !issuer_fits(issuer, c->issuer)))
        return error_platform(err, ERROR_INVALID, platform_slug(p->id), not_ours,
                              "The answer of the sign-in was refused: it comes from %s instead of "
                              "%s.",
                              c->issuer, issuer[0] ? issuer : platform_name(p->id));
    if (!c->issuer[0] && p->oauth->issuer_sent)
        return error_platform(err, ERROR_INVALID, platform_slug(p->id), not_ours,
                              "The answer of the sign-in was refused: it does not say who it comes "
                              "from.");
    return c->error[0] ? tell_error(c, p, err) : true;
}

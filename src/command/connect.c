/* connect: by values, or by a person's sign-in. */
#include "command/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/platform/oauth.h>
#include <ecclesia/platform/platform.h>

enum { VALUE_LONGEST = 16 * 1024 };

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

/* How it is to be connected: a person's sign-in, by some ways or (0) all, or values alone. */
struct method {
    bool person;
    unsigned ways;
};

static bool is_secret(const struct platform *p, const char *key)
{
    for (const struct credential *c = p->credentials; c && c->key; c++)
        if (strcmp(c->key, key) == 0)
            return c->secret;
    return false;
}

/* Only what belongs to the app was given, and no secret of the account's (Instagram's stream key is
 * enough to connect it), so a person is to sign in. */
static bool app_alone(const struct platform *p, const struct values *v)
{
    for (size_t i = 0; i < v->count; i++)
        if (!oauth_takes(p->oauth, v->keys[i]) ||
            (is_secret(p, v->keys[i]) && !text_starts(v->keys[i], "client_")))
            return false;
    return true;
}

static bool take_method(const struct command_context *c, const struct command_line *l,
                        const struct platform *p, const struct values *v, struct method *out,
                        struct error *err)
{
    static const struct {
        const char *word;
        unsigned signin, ways;
    } words[] = { { "oauth", SIGNIN_OAUTH, SIGNIN_WAY_BROWSER },
                  { "device", SIGNIN_DEVICE, SIGNIN_WAY_DEVICE } };
    const char *method = command_value(l, "--method");

    *out = (struct method){ .person = !method && p->oauth && c->signin && app_alone(p, v) };
    if (!method || strcmp(method, "credentials") == 0)
        return true;
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(words[i].word, method) != 0)
            continue;
        *out = (struct method){ .person = true, .ways = words[i].ways };
        if (!p->oauth || !(p->signin & words[i].signin))
            return error_set(err, ERROR_REFUSED, "`ecclesia platform show` lists its ways.",
                             "%s has no sign-in of that kind.", platform_name(p->id));
        return c->signin != NULL ||
               error_set(err, ERROR_REFUSED, "Use the command line: ecclesia connect.",
                         "Nobody can sign in from here.");
    }
    return line_wrong(l->command, err, "--method is oauth, device or credentials, not \"%.40s\".",
                      method);
}

static bool connect_person(struct command_context *c, const struct command_line *l,
                           enum platform_id p, unsigned ways, const struct values *v,
                           struct connection *made, struct error *err)
{
    struct signin_front front = *c->signin;
    struct signin_request r = { .church = c->church.id,
                                .platform = p,
                                .ways = ways,
                                .values = v->list,
                                .value_count = v->count };
    int64_t port = 0, seconds = 0;

    if (!take_number(l, "--port", 1, 65535, 0, &port, err) ||
        !take_number(l, "--timeout", 1, 600, 0, &seconds, err))
        return false;
    r.port = (int)port;
    r.timeout_ms = seconds * 1000;
    if (line_has(l, "--yes"))
        front.confirm = NULL;
    if (v->input_used)
        front.paste_fd = -1; /* standard input has been read to its end */
    return signin_run(context_manager(c), &r, &front, &(struct actor){ .name = c->actor },
                      c->cancel, made, err);
}

/* By the way that fits. */
static bool connect_by(struct command_context *c, const struct command_line *l, enum platform_id p,
                       struct values *v, struct connection *made, struct error *err)
{
    struct actor by = { .name = c->actor };
    struct method method;

    if (!take_method(c, l, platform_get(p), v, &method, err))
        return false;
    if (method.person)
        return connect_person(c, l, p, method.ways, v, made, err);
    return connection_connect(context_manager(c), c->church.id, p, v->list, v->count, &by,
                              c->cancel, made, err);
}

bool connect_run(struct command_context *c, const struct command_line *l, struct command_result *r,
                 struct error *err)
{
    struct connection made = { 0 };
    struct values v = { .count = 0 };
    const char *given[LINE_OPTIONS];
    size_t count = command_values(l, "--set", given, LINE_OPTIONS);
    enum platform_id p;
    bool done;

    if (!take_platform(command_argument(l, 0), &p, err))
        return false;
    done = true;
    for (size_t i = 0; i < count && done; i++)
        done = values_add(c, l, &v, given[i], err);
    done = done && connect_by(c, l, p, &v, &made, err);
    values_release(&v);
    if (!done)
        return false;
    done = result_connection(c, &made, r, err);
    r->failed += made.status != CONNECTION_CONNECTED;
    result_say(r, "%s is connected%s%s%s.", platform_name(p),
               made.account_name && *made.account_name ? " as " : "",
               made.account_name ? made.account_name : "", made.simulated ? " (SIMULATED)" : "");
    connection_release(&made);
    return done;
}

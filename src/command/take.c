/* Values of options: platforms with their settings, times, numbers, --wait. */
#include "command/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>
#include <ecclesia/platform/platform.h>

bool take_platform(const char *slug, enum platform_id *out, struct error *err)
{
    struct text known;

    if (platform_from_slug(slug, out)) {
        if (platform_get(*out))
            return true;
        return error_set(err, ERROR_INPUT, "See: ecclesia platform list",
                         "This version does not speak to %s yet.", platform_name(*out));
    }
    text_init(&known, 200);
    for (int p = 0; p < PLATFORM_COUNT; p++)
        text_addf(&known, "%s%s", p ? ", " : "Known are ", platform_slug((enum platform_id)p));
    text_add(&known, ".");
    error_set(err, ERROR_INPUT, text_str(&known), "There is no platform \"%.40s\".", slug);
    text_release(&known);
    return false;
}

bool take_platform_option(const struct command_line *l, const char *option, int *out,
                          struct error *err)
{
    const char *slug = command_value(l, option);
    enum platform_id p;

    *out = -1;
    if (!slug)
        return true;
    if (!take_platform(slug, &p, err))
        return false;
    *out = (int)p;
    return true;
}

/* ---- times ---- */

/* "-90m": as long ago as "+90m" is ahead. */
static bool take_ago(const char *s, const char *zone, int64_t now, int64_t *ms)
{
    char later[32];

    if (s[0] != '-' || strlen(s) >= sizeof(later))
        return false;
    snprintf(later, sizeof(later), "+%s", s + 1);
    if (!zone_parse_when(later, zone, now, ms, NULL))
        return false;
    *ms = now - (*ms - now);
    return true;
}

/* "+90m", or a bare time of day. */
static bool is_relative(const char *s)
{
    return *s == '+' || (strspn(s, "0123456789:") == strlen(s) && strchr(s, ':'));
}

bool take_when(const struct command_context *c, const struct command_line *l, const char *option,
               int64_t base_ms, bool *set, int64_t *ms, struct error *err)
{
    const char *s = command_value(l, option);
    int64_t now = clock_now();

    *set = s != NULL;
    *ms = 0;
    if (!s || strcmp(s, "none") == 0 || *s == '\0')
        return true;
    if (take_ago(s, c->church.zone, now, ms))
        return true;
    if (!zone_parse_when(s, c->church.zone, base_ms && is_relative(s) ? base_ms : now, ms, err)) {
        if (err && err->kind == ERROR_INPUT) {
            char said[sizeof(err->message)];

            snprintf(said, sizeof(said), "%s", err->message);
            snprintf(err->message, sizeof(err->message), "%s: %.480s", option, said);
        }
        return false;
    }
    return true;
}

bool take_number(const struct command_line *l, const char *option, int64_t least, int64_t most,
                 int64_t otherwise, int64_t *out, struct error *err)
{
    const char *s = command_value(l, option);
    char *end;
    long long number;

    *out = otherwise;
    if (!s)
        return true;
    errno = 0;
    number = strtoll(s, &end, 10);
    if (errno || end == s || *end || number < least || number > most)
        return line_wrong(l->command, err,
                          "%s wants a whole number from %lld to %lld, not \"%.40s\".", option,
                          (long long)least, (long long)most, s);
    *out = number;
    return true;
}

bool take_wait(const struct command_context *c, const struct command_line *l,
               struct command_result *r, struct error *err)
{
    const char *s = command_value(l, "--wait");

    r->waits = s != NULL;
    if (!s)
        return true;
    if (*s == '\0') {
        r->wait_ms =
            c->engine ? config_ms(manager_config(context_manager(c)), "wait", "default") : 120000;
        return true;
    }
    if (!config_duration(s, &r->wait_ms))
        return line_wrong(l->command, err,
                          "--wait wants seconds, or a time such as 90s or 5m, not \"%.40s\".", s);
    return true;
}

/* ---- platforms with settings ---- */

/* The end of one key=value: a comma that a "key=" follows, or the end. A comma within a value needs
 * no mark that way; where it does, "\," is a comma in any case. */
static const char *setting_end(const char *s)
{
    for (; *s; s++) {
        size_t key;

        if (*s == '\\' && s[1]) {
            s++;
            continue;
        }
        if (*s != ',')
            continue;
        key = strspn(s + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");
        if (key > 0 && s[1 + key] == '=')
            return s;
    }
    return s;
}

static bool setting_add(cJSON *settings, enum platform_id p, const char *s, const char *end,
                        struct error *err)
{
    size_t length = strcspn(s, "=,");
    struct text value;
    char key[64];
    bool done;

    if (length == 0 || s + length >= end || s[length] != '=' || length >= sizeof(key))
        return error_set(err, ERROR_INPUT, "Write --platform PLATFORM:key=value,key=value.",
                         "%s: \"%.*s\" is not a setting.", platform_name(p),
                         (int)(end - s > 60 ? 60 : end - s), s);
    snprintf(key, sizeof(key), "%.*s", (int)length, s);
    if (cJSON_GetObjectItemCaseSensitive(settings, key))
        return error_set(err, ERROR_INPUT, "Give it once.", "%s: %s is set twice.",
                         platform_name(p), key);
    text_init(&value, 16 * 1024);
    for (s += length + 1; s < end; s++) {
        if (*s == '\\' && (s[1] == ',' || s[1] == '\\'))
            s++;
        text_append(&value, s, 1);
    }
    done = !value.overflow && cJSON_AddStringToObject(settings, key, text_str(&value));
    text_release(&value);
    return done || error_set(err, ERROR_INPUT, NULL, "%s: %s is too long.", platform_name(p), key);
}

static bool targets_add(struct targets *t, const char *words, unsigned fits, struct error *err)
{
    size_t length = strcspn(words, ":");
    const char *s = words + length + (words[length] == ':');
    char slug[32];
    enum platform_id p;
    cJSON *settings;

    snprintf(slug, sizeof(slug), "%.*s", (int)(length < 31 ? length : 31), words);
    if (!take_platform(slug, &p, err))
        return false;
    if (!(platform_get(p)->abilities & fits))
        return error_set(err, ERROR_INPUT, "See: ecclesia platform list", "%s has no %s.",
                         platform_name(p), fits == PLATFORM_MEETINGS ? "meetings" : "livestreams");
    for (size_t i = 0; i < t->count; i++)
        if (t->list[i].platform == p)
            return error_set(err, ERROR_INPUT, "Name each platform once.", "%s is chosen twice.",
                             platform_name(p));
    settings = cJSON_CreateObject();
    if (!settings)
        return error_set(err, ERROR_MEMORY, NULL, "There is not enough memory.");
    t->settings[t->count] = settings;
    t->list[t->count++] = (struct target_input){ .platform = p, .settings = settings };
    while (*s) {
        const char *end = setting_end(s);

        if (!setting_add(settings, p, s, end, err))
            return false;
        s = *end ? end + 1 : end;
    }
    return platform_settings_check(platform_get(p), fits, settings, err);
}

bool take_targets(const struct command_line *l, unsigned fits, struct targets *out,
                  struct error *err)
{
    const char *given[LINE_OPTIONS];
    size_t count = command_values(l, "--platform", given, LINE_OPTIONS);

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < count; i++) {
        if (!targets_add(out, given[i], fits, err)) {
            targets_release(out);
            return false;
        }
    }
    return true;
}

void targets_release(struct targets *t)
{
    for (size_t i = 0; i < t->count; i++)
        cJSON_Delete(t->settings[i]);
    free(t->thumbnail);
    memset(t, 0, sizeof(*t));
}

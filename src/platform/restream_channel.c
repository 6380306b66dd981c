/* Restream: the account's channels. Switching them is the account's, not a livestream's: whoever
 * does it holds "channels", and what was switched is remembered to be put back. */
#include "platform/restream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/text.h>

/* Older answers had "enabled". */
static bool is_on(const cJSON *channel)
{
    return json_bool(channel, "active", json_bool(channel, "enabled", false));
}

/* ---- which ---- */

/* The next of "A; B, C" into word, trimmed. False at the end. */
static bool next_word(const char **list, char *word, size_t size)
{
    size_t length;

    *list += strspn(*list, ";, \t\r\n");
    length = strcspn(*list, ";,\r\n");
    if (length == 0)
        return false;
    snprintf(word, size, "%.*s", (int)length, *list);
    *list += length;
    for (length = strlen(word); length && strchr(" \t", word[length - 1]); length--)
        word[length - 1] = '\0';
    return true;
}

static bool is_called(const cJSON *channel, const char *word)
{
    const char *name = json_string(channel, "displayName");
    char id[24];

    return (json_id(channel, "id", id, sizeof(id)) && strcmp(id, word) == 0) ||
           (name && strcasecmp(name, word) == 0);
}

static bool is_named(const cJSON *channel, const char *list)
{
    char word[120];

    while (next_word(&list, word, sizeof(word)))
        if (is_called(channel, word))
            return true;
    return false;
}

/* Every name must be one of a channel: a slip of the pen would switch the wrong ones off. */
static bool all_known(struct restream *r, const cJSON *channels, const char *list,
                      struct error *err)
{
    char word[120];

    while (next_word(&list, word, sizeof(word))) {
        const cJSON *channel;
        struct text names;
        bool known = false;

        text_init(&names, 180);
        cJSON_ArrayForEach (channel, channels) {
            const char *name = json_string(channel, "displayName");

            known = known || is_called(channel, word);
            if (name)
                text_addf(&names, "%s%s", names.length ? ", " : "There are: ", name);
        }
        if (!known)
            kit_error(err, r->call, NULL, ERROR_INVALID, "channels", text_str(&names),
                      "Restream has no channel \"%s\".", word);
        text_release(&names);
        if (!known)
            return false;
    }
    return true;
}

/* ---- switching ---- */

static bool channel_patch(struct restream *r, const char *what, const char *id, const cJSON *body,
                          struct error *err)
{
    char path[80], route[60];
    struct restream_ask ask = { .method = "PATCH", .route = route, .path = path, .json = body };

    snprintf(path, sizeof(path), "/user/%s/%.20s", what, id);
    snprintf(route, sizeof(route), "PATCH /v2/user/%s/{id}", what);
    return restream_ask(r->call, r->token, &ask, NULL, err);
}

static bool channel_switch(struct restream *r, const char *id, bool on, struct error *err)
{
    cJSON *body = cJSON_CreateObject();
    bool done;

    cJSON_AddBoolToObject(body, "active", on);
    done = channel_patch(r, "channel", id, body, err);
    cJSON_Delete(body);
    return done;
}

/* "123+ 456-": 123 was on, 456 was off. Saved before it is done, so that a crash loses nothing. */
static bool remember_switch(struct restream *r, const char *id, bool was_on, struct error *err)
{
    char *line = text_format("%s%s%s%s", kit_remembered(r->out, "before"),
                             *kit_remembered(r->out, "before") ? " " : "", id, was_on ? "+" : "-");

    kit_remember(r->out, "before", line);
    free(line);
    return r->call->progress(r->call, r->out, err);
}

static bool switch_all(struct restream *r, const cJSON *channels, const char *list,
                       struct error *err)
{
    const cJSON *channel;
    char id[24];

    cJSON_ArrayForEach (channel, channels) {
        bool on = is_on(channel), wanted = is_named(channel, list);

        if (on == wanted || !json_id(channel, "id", id, sizeof(id)))
            continue;
        if (!remember_switch(r, id, on, err) || !channel_switch(r, id, wanted, err))
            return false;
    }
    return true;
}

static bool is_lasting(const struct error *why)
{
    return why->kind == ERROR_FORBIDDEN || why->kind == ERROR_INVALID ||
           why->kind == ERROR_NOT_FOUND;
}

/* Not every channel takes a title or a description: what one refuses costs the others nothing. */
static bool write_titles(struct restream *r, const cJSON *channels, const char *list,
                         struct error *err)
{
    struct error why = { 0 };
    const cJSON *channel;
    cJSON *body = cJSON_CreateObject();
    bool done = true;
    char id[24];

    json_add_string(body, "title", r->l->title);
    if (r->l->description && *r->l->description)
        json_add_string(body, "description", r->l->description);
    cJSON_ArrayForEach (channel, channels) {
        bool on = *list ? is_named(channel, list) : is_on(channel);

        if (done && on && json_id(channel, "id", id, sizeof(id)) &&
            !channel_patch(r, "channel-meta", id, body, &why))
            done = is_lasting(&why) || restream_fail(err, &why);
    }
    cJSON_Delete(body);
    return done;
}

bool restream_channels_titles(struct restream *r, struct error *err)
{
    const char *list = setting_text(&platform_restream, r->settings, "channels");
    cJSON *channels = NULL;
    bool done;

    if (!setting_bool(&platform_restream, r->settings, "titles"))
        return true;
    done = restream_list(r, "/user/channel/all", &channels, err) &&
           write_titles(r, channels, list, err);
    cJSON_Delete(channels);
    return done;
}

bool restream_channels_dress(struct restream *r, struct error *err)
{
    const char *list = setting_text(&platform_restream, r->settings, "channels");
    bool titles = setting_bool(&platform_restream, r->settings, "titles");
    cJSON *channels = NULL;
    bool done;

    if (*kit_remembered(r->out, "dressed") || (!*list && !titles))
        return true;
    done = r->call->hold(r->call, "channels", err) &&
           restream_list(r, "/user/channel/all", &channels, err) &&
           all_known(r, channels, list, err) && (!*list || switch_all(r, channels, list, err)) &&
           (!titles || write_titles(r, channels, list, err));
    cJSON_Delete(channels);
    if (!done)
        return false;
    kit_remember(r->out, "dressed", "yes");
    return r->call->progress(r->call, r->out, err);
}

/* Also of a channel that is gone meanwhile; twice does no harm. */
bool restream_channels_restore(struct restream *r, struct error *err)
{
    bool done = true, wanted = setting_bool(&platform_restream, r->settings, "put_back");
    char *before = text_copy(kit_remembered(r->out, "before")), *rest = NULL;
    struct error why = { 0 };

    if (before && *before && wanted)
        done = r->call->hold(r->call, "channels", err);
    for (char *one = wanted && before ? strtok_r(before, " ", &rest) : NULL; done && one;
         one = strtok_r(NULL, " ", &rest)) {
        size_t length = strlen(one);
        bool was_on = one[length - 1] == '+';

        one[length - 1] = '\0';
        if (!channel_switch(r, one, was_on, &why))
            done = is_lasting(&why) || restream_fail(err, &why);
    }
    free(before);
    if (done)
        kit_remember(r->out, "before", NULL);
    return done;
}

/* ---- an event's destinations ---- */

/* Platforms that an event may have by a program; YouTube (5), Facebook (37), Instagram (73) and
 * most others are not among them. */
static bool is_attachable(const cJSON *channel)
{
    static const int ids[] = { 29, 49, 60, 61, 68, 72, 74, 78, 79, 80, 81, 82 };
    int64_t id = 0;

    json_int(channel, "streamingPlatformId", &id);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* That it is attached already comes as an error whose name is unconfirmed: any lasting refusal of
 * one is no reason to lose the event, and a note tells of it. */
static bool attach(struct restream *r, const cJSON *channel, bool *refused, struct error *err)
{
    cJSON *body = cJSON_CreateObject();
    struct error why = { 0 };
    struct text path;
    struct restream_ask ask = { .method = "POST",
                                .route = "POST /v2/user/events/{id}/destinations",
                                .json = body };
    int64_t id = 0;
    bool done;

    json_int(channel, "id", &id);
    cJSON_AddNumberToObject(body, "channelId", (double)id);
    json_add_string(body, "streamingOrientation", "horizontal");
    text_init(&path, 400);
    text_add(&path, "/user/events/");
    text_add_urlencoded(&path, r->out->remote_id);
    text_add(&path, "/destinations");
    ask.path = text_str(&path);
    done = restream_ask(r->call, r->token, &ask, NULL, &why);
    text_release(&path);
    cJSON_Delete(body);
    if (!done && is_lasting(&why) && !strcasestr(why.message, "exist"))
        *refused = true;
    return done || is_lasting(&why) || restream_fail(err, &why);
}

bool restream_channels_attach(struct restream *r, struct error *err)
{
    const char *list = setting_text(&platform_restream, r->settings, "channels");
    cJSON *channels = NULL;
    const cJSON *channel;
    bool done = true, refused = false;

    if (!*list || *kit_remembered(r->out, "attached"))
        return true;
    done =
        restream_list(r, "/user/channel/all", &channels, err) && all_known(r, channels, list, err);
    cJSON_ArrayForEach (channel, channels) {
        if (!done || !is_named(channel, list))
            continue;
        if (is_attachable(channel))
            done = attach(r, channel, &refused, err);
        else
            refused = true;
    }
    cJSON_Delete(channels);
    if (!done)
        return false;
    kit_remember(r->out, "attached", "yes");
    if (refused)
        kit_remember(r->out, "advice",
                     "Restream did not take all channels into the event: add them in its "
                     "dashboard.");
    return true;
}

/* Restream's channels: what the account is connected to, switched on and off, titled. */
#include "sim/restream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    int id;
    const char *name, *needs; /* what a channel of this kind is added with; NULL: not by the API */
} platforms[] = {
    { 1, "Twitch", NULL },
    { 5, "YouTube", NULL },
    { 25, "YouTube (event)", NULL },
    { 29, "Custom RTMP", "streamUrl" },
    { 37, "Facebook", "streamKey" },
    { 49, "Steam", "streamUrl streamKey" },
    { 57, "DLive", NULL },
    { 59, "LinkedIn", NULL },
    { 60, "Nimo", "streamUrl streamKey" },
    { 61, "Naver", "streamUrl streamKey" },
    { 66, "Dailymotion", NULL },
    { 67, "TikTok", NULL },
    { 68, "Mixcloud", "streamKey" },
    { 69, "Trovo", NULL },
    { 71, "X", NULL },
    { 72, "Telegram", "streamUrl streamKey" },
    { 73, "Instagram", "streamKey" },
    { 74, "Amazon Live", "streamUrl streamKey" },
    { 75, "Kick", NULL },
    { 77, "Rumble", NULL },
    { 78, "Custom SRT", "streamUrl" },
    { 79, "Substack", "streamKey" },
    { 80, "Mux", NULL },
    { 81, "Custom WHIP", NULL },
    { 82, "Custom HLS", NULL },
    { 83, "Embed player", NULL },
};
enum { PLATFORM_COUNT = sizeof platforms / sizeof platforms[0] };

static const struct {
    const char *id, *owner;
    int platform;
    const char *name, *identifier, *url;
    bool active;
} ready[] = {
    { "16972669", "4123456", 5, "St Mark's", "UCstmarks00000000000000A",
      "https://www.youtube.com/channel/UCstmarks00000000000000A", true },
    { "16972700", "4123456", 37, "St Mark's", "104882011223344", "https://www.facebook.com/stmarks",
      false },
    { "16972711", "4123456", 73, "stmarks", "stmarks", "https://www.instagram.com/stmarks", false },
    { "16972720", "4123456", 29, "Parish archive", "", "", false },
    { "16980100", "4123999", 5, "St Anne's", "UCstannes00000000000000B",
      "https://www.youtube.com/channel/UCstannes00000000000000B", true },
};

int64_t sim_restream_platform_of(const struct sim_object *channel)
{
    int64_t id = 0;

    json_int(channel->fields, "streamingPlatformId", &id);
    return id;
}

static struct sim_object *channel_make(struct sim *sim, const char *id, const char *owner,
                                       int platform, const char *name, bool active)
{
    struct sim_object *o = sim_object_new(sim, SIM_RESTREAM, "channel", id, owner);

    sim_object_title(o, name);
    sim_object_state(o, active ? "active" : "inactive");
    sim_put_number(o->fields, "id", strtod(id, NULL));
    sim_put_number(o->fields, "streamingPlatformId", platform);
    sim_put_string(o->fields, "embedUrl", "");
    sim_put_string(o->fields, "url", "");
    sim_put_string(o->fields, "identifier", "");
    sim_put_string(o->fields, "displayName", name);
    sim_put_bool(o->fields, "active", active);
    return o;
}

void sim_restream_channels_open(struct sim *sim)
{
    for (size_t i = 0; i < sizeof ready / sizeof ready[0]; i++) {
        struct sim_object *o = channel_make(sim, ready[i].id, ready[i].owner, ready[i].platform,
                                            ready[i].name, ready[i].active);
        sim_put_string(o->fields, "url", ready[i].url);
        sim_put_string(o->fields, "identifier", ready[i].identifier);
    }
}

static cJSON *view(const struct sim_object *o)
{
    cJSON *out = cJSON_Duplicate(o->fields, true);

    cJSON_DeleteItemFromObjectCaseSensitive(out, "meta");
    return out;
}

void sim_restream_channels(struct sim_call *c)
{
    cJSON *out = cJSON_CreateArray();

    for (const struct sim_object *o = c->sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_RESTREAM && !o->deleted && strcmp(o->kind, "channel") == 0 &&
            strcmp(o->owner, sim_restream_owner(c)) == 0)
            cJSON_AddItemToArray(out, view(o));
    sim_reply_json(&c->reply, 200, out);
}

void sim_restream_channel(struct sim_call *c)
{
    struct sim_object *o = sim_restream_own(c, "channel", c->capture[0]);

    if (o != NULL)
        sim_reply_json(&c->reply, 200, view(o));
}

/* `enabled`, which is told about, does nothing there; here it is refused. */
void sim_restream_channel_update(struct sim_call *c)
{
    struct sim_object *o = sim_restream_own(c, "channel", c->capture[0]);
    const cJSON *active = json_at(c->json, "active");

    if (o == NULL || !sim_restream_body(c, "active"))
        return;
    if (!cJSON_IsBool(active)) {
        sim_restream_invalid(c, "\"active\" must be a boolean");
        return;
    }
    sim_put_bool(o->fields, "active", cJSON_IsTrue(active));
    sim_object_state(o, cJSON_IsTrue(active) ? "active" : "inactive");
    sim_reply_empty(&c->reply, 200);
}

void sim_restream_channel_meta(struct sim_call *c)
{
    struct sim_object *o = sim_restream_own(c, "channel", c->capture[0]);
    const char *title = json_string(c->json, "title");

    if (o == NULL || !sim_restream_body(c, "title description") || !sim_restream_texts(c))
        return;
    if (title == NULL || title[0] == '\0') {
        sim_restream_invalid(c, "\"title\" is required");
        return;
    }
    sim_put(o->fields, "meta", cJSON_Duplicate(c->json, true));
    sim_object_title(o, title);
    sim_reply_empty(&c->reply, 200);
}

/* What is answered is not confirmed: the id. */
void sim_restream_channel_add(struct sim_call *c)
{
    static const char members[] = "platformId streamUrl streamKey displayName rtmpUsername "
                                  "rtmpPassword instagramUsername";
    const char *name = json_string(c->json, "displayName"), *needs = NULL;
    int64_t platform = 0;
    char id[16];

    if (!sim_restream_body(c, members))
        return;
    json_int(c->json, "platformId", &platform);
    for (size_t i = 0; i < PLATFORM_COUNT; i++)
        if (platforms[i].id == platform)
            needs = platforms[i].needs;
    if (needs == NULL) {
        sim_restream_error(c, 400, "platform_not_supported", "Platform is not supported");
        return;
    }
    for (const char *member = strcmp(needs, "streamKey") == 0 ? "streamKey" : "streamUrl";
         member != NULL;
         member = strcmp(member, "streamUrl") == 0 && strchr(needs, ' ') != NULL ? "streamKey"
                                                                                 : NULL) {
        const char *value = json_string(c->json, member);
        if (value == NULL || value[0] == '\0') {
            sim_restream_invalid(c, "\"%s\" is required", member);
            return;
        }
    }
    id[0] = '1';
    sim_random_text(c->sim, id + 1, 7, sim_digits);
    struct sim_object *o = channel_make(c->sim, id, sim_restream_owner(c), (int)platform,
                                        name != NULL ? name : "Custom channel", false);
    cJSON *out = cJSON_CreateObject();
    cJSON_AddNumberToObject(out, "id", strtod(o->id, NULL));
    sim_reply_json(&c->reply, 201, out);
}

void sim_restream_platforms(struct sim_call *c)
{
    cJSON *out = cJSON_CreateArray();

    for (size_t i = 0; i < PLATFORM_COUNT; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "id", platforms[i].id);
        cJSON_AddStringToObject(one, "name", platforms[i].name);
        cJSON_AddStringToObject(one, "url", "");
        cJSON *image = cJSON_AddObjectToObject(one, "image");
        cJSON_AddStringToObject(image, "png", "");
        cJSON_AddStringToObject(image, "svg", "");
        cJSON_AddItemToArray(out, one);
    }
    sim_reply_json(&c->reply, 200, out);
}

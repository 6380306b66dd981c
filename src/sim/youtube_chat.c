/* Live chat: there from the insert to the end of the broadcast. */
#include "sim/youtube.h"

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>

static const char domain[] = "youtube.liveChat";

static void refuse(struct sim_call *c, int status, const char *reason, const char *message)
{
    sim_google_error(c, status, domain, reason, NULL, "%s", message);
}

/* The broadcast that a chat belongs to; a chat that has ended belongs to none. NULL: refused
 * already. */
static struct sim_object *chat_of(struct sim_call *c, const char *id)
{
    if (id == NULL || id[0] == '\0') {
        refuse(c, 400, "liveChatIdRequired", "Live chat id is required");
        return NULL;
    }
    for (struct sim_object *o = c->sim->objects; o != NULL; o = o->next) {
        if (o->platform != SIM_YOUTUBE || o->deleted || strcmp(o->kind, "broadcast") != 0)
            continue;
        if (text_equal(json_string(o->fields, "snippet.liveChatId"), id))
            return o;
        if (text_starts(id, "KicKGFVD") && strcmp(id + strlen("KicKGFVD"), o->id) == 0) {
            refuse(c, 403, "liveChatEnded", "The live chat is no longer live.");
            return NULL;
        }
    }
    refuse(c, 404, "liveChatNotFound",
           "The live chat that you are trying to retrieve cannot be found.");
    return NULL;
}

void sim_youtube_chat_list(struct sim_call *c)
{
    char parts[100];
    const char *token = sim_query(c, "pageToken");
    int from = 0;

    if (!sim_youtube_parts(c, "snippet authorDetails", parts, sizeof parts))
        return;
    struct sim_object *o = chat_of(c, sim_query(c, "liveChatId"));
    if (o == NULL)
        return;
    if (token != NULL && sscanf(token, "GOnQ%d", &from) != 1) {
        sim_google_error(c, 400, "youtube.parameter", "invalidPageToken", "pageToken",
                         "Invalid page token");
        return;
    }
    cJSON *out = cJSON_CreateObject();
    const cJSON *messages = cJSON_GetObjectItemCaseSensitive(o->fields, "chat");
    int count = cJSON_GetArraySize(messages);
    char next[24];
    snprintf(next, sizeof next, "GOnQ%d", count);
    cJSON_AddStringToObject(out, "kind", "youtube#liveChatMessageListResponse");
    cJSON_AddStringToObject(out, "etag", "simulated");
    cJSON_AddNumberToObject(out, "pollingIntervalMillis", 5000);
    cJSON_AddStringToObject(out, "nextPageToken", next);
    cJSON *items = cJSON_AddArrayToObject(out, "items");
    for (int i = from; i < count; i++)
        cJSON_AddItemToArray(items, cJSON_Duplicate(cJSON_GetArrayItem(messages, i), true));
    sim_youtube_send(c, out);
}

void sim_youtube_chat_insert(struct sim_call *c)
{
    const char *text = json_string(c->json, "snippet.textMessageDetails.messageText");
    const char *type = json_string(c->json, "snippet.type");
    char parts[100], id[128], at[CLOCK_RFC3339_SIZE];

    if (!sim_youtube_parts(c, "snippet authorDetails", parts, sizeof parts) ||
        !sim_youtube_body(c, parts))
        return;
    struct sim_object *o = chat_of(c, json_string(c->json, "snippet.liveChatId"));
    if (o == NULL)
        return;
    if (type == NULL || strcmp(type, "textMessageEvent") != 0) {
        refuse(c, 400, "typeRequired", "Type is required");
    } else if (text == NULL || text[0] == '\0') {
        refuse(c, 400, "messageTextRequired", "Message text is required");
    } else if (!sim_youtube_length_ok(
                   text, 1, 200)) { /* not confirmed by a page: the length that users report */
        refuse(c, 400, "messageTextInvalid", "Message text is invalid");
    } else {
        cJSON *one = cJSON_CreateObject(),
              *chat = cJSON_GetObjectItemCaseSensitive(o->fields, "chat");
        if (chat == NULL)
            chat = cJSON_AddArrayToObject(o->fields, "chat");
        snprintf(id, sizeof id, "LCC.%s.%d", o->id, cJSON_GetArraySize(chat) + 1);
        clock_rfc3339(at, clock_now());
        cJSON_AddStringToObject(one, "kind", "youtube#liveChatMessage");
        cJSON_AddStringToObject(one, "id", id);
        cJSON *snippet = cJSON_AddObjectToObject(one, "snippet");
        cJSON_AddStringToObject(snippet, "type", type);
        cJSON_AddStringToObject(snippet, "liveChatId", json_string(c->json, "snippet.liveChatId"));
        cJSON_AddStringToObject(snippet, "authorChannelId", sim_youtube_channel(c));
        cJSON_AddStringToObject(snippet, "publishedAt", at);
        cJSON_AddBoolToObject(snippet, "hasDisplayContent", true);
        cJSON_AddStringToObject(snippet, "displayMessage", text);
        cJSON_AddItemToArray(chat, one);
        sim_youtube_send(c, cJSON_Duplicate(one, true));
    }
}

void sim_youtube_chat_delete(struct sim_call *c)
{
    const char *id = sim_query(c, "id");

    for (struct sim_object *o = c->sim->objects; id != NULL && o != NULL; o = o->next) {
        cJSON *chat =
            o->platform == SIM_YOUTUBE ? cJSON_GetObjectItemCaseSensitive(o->fields, "chat") : NULL;
        for (int i = 0; i < cJSON_GetArraySize(chat); i++) {
            if (!text_equal(json_string(cJSON_GetArrayItem(chat, i), "id"), id))
                continue;
            cJSON_DeleteItemFromArray(chat, i);
            sim_reply_empty(&c->reply, 204);
            return;
        }
    }
    refuse(c, 404, "liveChatMessageNotFound", "The specified live chat message cannot be found.");
}

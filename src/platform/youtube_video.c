/* YouTube: what belongs to the video behind the broadcast: category, tags, language, licence,
 * embedding. None of it may cost the broadcast, so trouble is a note. */
#include "platform/youtube.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>

#define VIDEOS "/youtube/v3/videos"

enum {
    HIDDEN_WAIT_MS = 5000, /* a new video shows 2 to 15 s after the insert */
    HIDDEN_TRIES = 6
};

enum youtube_dressed youtube_dress_failed(struct youtube *y, const char *what,
                                          const struct error *why, struct error *err)
{
    if (why->kind == ERROR_CANCELLED) {
        if (err)
            *err = *why;
        return DRESS_CANCELLED;
    }
    if (why->kind == ERROR_NOT_FOUND)
        return DRESS_HIDDEN;
    youtube_advise(y, "%s: %s", what, why->message);
    return DRESSED;
}

static const char *wish(const struct youtube *y, const char *key)
{
    return setting_text(&platform_youtube, y->settings, key);
}

static void copy_members(cJSON *to, const cJSON *from, const char *const *keys)
{
    for (; *keys; keys++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(from, *keys);

        if (value)
            cJSON_AddItemToObject(to, *keys, cJSON_Duplicate(value, true));
    }
}

static void put_member(cJSON *object, const char *key, cJSON *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
    if (value)
        cJSON_AddItemToObject(object, key, value);
}

/* ---- one part of the video ---- */

/* An update deletes what is left out of a part, so all of it goes back with what changes. */
struct part {
    const char *name;        /* of the part, and what is remembered under it: what it was set to */
    const char *const *kept; /* members that a client may write */
    const char *what;        /* for a person */
    bool (*set)(const struct youtube *, cJSON *part, bool again); /* our wishes over it */
};

static cJSON *tag_list(const char *tags)
{
    cJSON *list = cJSON_CreateArray();
    struct youtube_tag tag;

    while (youtube_next_tag(&tags, &tag)) {
        char *one = text_format("%.*s", (int)tag.length, tag.start);

        cJSON_AddItemToArray(list, cJSON_CreateString(one ? one : ""));
        free(one);
    }
    if (list && list->child)
        return list;
    cJSON_Delete(list);
    return NULL;
}

/* An empty category or language leaves what is there, empty tags take back what we had set. With
 * `again` the category stays as it is: YouTube did not know it. */
static bool set_snippet(const struct youtube *y, cJSON *part, bool again)
{
    bool had = *kit_remembered(y->out, "snippet") != '\0', any = had;

    if (*wish(y, "category") && !again) {
        put_member(part, "categoryId", cJSON_CreateString(wish(y, "category")));
        any = true;
    }
    if (*wish(y, "tags") || had) {
        put_member(part, "tags", tag_list(wish(y, "tags")));
        any = any || *wish(y, "tags");
    }
    if (*wish(y, "language")) {
        put_member(part, "defaultLanguage", cJSON_CreateString(wish(y, "language")));
        put_member(part, "defaultAudioLanguage", cJSON_CreateString(wish(y, "language")));
        any = true;
    }
    return any;
}

/* embeddable too: enableEmbed of the broadcast alone does not do for telephones, users report. */
static bool set_status(const struct youtube *y, cJSON *part, bool again)
{
    (void)again;
    put_member(part, "license", cJSON_CreateString(wish(y, "license")));
    put_member(part, "embeddable",
               cJSON_CreateBool(setting_bool(&platform_youtube, y->settings, "embed")));
    return true;
}

static const char *const snippet_kept[] = { "title", "description",     "categoryId",
                                            "tags",  "defaultLanguage", "defaultAudioLanguage",
                                            NULL };
static const char *const status_kept[] = {
    "privacyStatus",          "embeddable", "license",
    "publicStatsViewable",    "publishAt",  "selfDeclaredMadeForKids",
    "containsSyntheticMedia", NULL
};
static const struct part snippet_part = { "snippet", snippet_kept,
                                          "Category, tags or language were not set", set_snippet };
static const struct part status_part = { "status", status_kept, "Licence or embedding were not set",
                                         set_status };

/* What it shall be, in one word that can be compared; "" when nothing has to be said. */
static char *wanted(const struct youtube *y, const struct part *p)
{
    bool embed = setting_bool(&platform_youtube, y->settings, "embed");

    if (p == &snippet_part)
        return *wish(y, "category") || *wish(y, "tags") || *wish(y, "language")
                   ? text_format("%s|%s|%s", wish(y, "category"), wish(y, "tags"),
                                 wish(y, "language"))
                   : text_copy("");
    return embed && strcmp(wish(y, "license"), "youtube") == 0
               ? text_copy("")
               : text_format("%s|%s", wish(y, "license"), embed ? "embed" : "no embed");
}

static bool put_part(struct youtube *y, const struct part *p, const cJSON *video, bool again,
                     struct error *err)
{
    cJSON *body = cJSON_CreateObject(), *new = cJSON_AddObjectToObject(body, p->name), *old;
    struct text path;
    struct kit_request request = {
        .method = "PUT", .route = "PUT " VIDEOS, .json = body, .effect = true
    };
    bool done = true;

    text_init(&path, 100);
    text_addf(&path, VIDEOS "?part=%s", p->name);
    request.path = text_str(&path);
    json_add_string(body, "id", y->out->remote_id);
    copy_members(new, json_at(video, p->name), p->kept);
    old = cJSON_Duplicate(new, true);
    if (p->set(y, new, again) && !cJSON_Compare(old, new, true))
        done = youtube_submit(y, &request, NULL, err);
    cJSON_Delete(old);
    cJSON_Delete(body);
    text_release(&path);
    return done;
}

static enum youtube_dressed dress_part(struct youtube *y, const struct part *p, struct error *err)
{
    const char *query[] = { "part", p->name, "id", y->out->remote_id, NULL };
    struct error why = { 0 };
    cJSON *answer = NULL, *video;
    char *value = wanted(y, p);
    enum youtube_dressed how = DRESSED;
    bool done;

    if (!value || text_equal(kit_remembered(y->out, p->name), value)) {
        free(value);
        return DRESSED;
    }
    if (!youtube_ask(y, "GET", VIDEOS, query, &answer, &why)) {
        free(value);
        return youtube_dress_failed(y, p->what, &why, err);
    }
    video = youtube_first(answer);
    done = video && put_part(y, p, video, false, &why);
    if (video && !done && strcmp(why.code, "invalidCategoryId") == 0) {
        /* Which numbers there are differs from country to country. The rest is set all the same. */
        youtube_advise(y, "YouTube does not know the category %s.", wish(y, "category"));
        done = put_part(y, p, video, true, &why);
    }
    if (!video)
        how = DRESS_HIDDEN;
    else if (done)
        kit_remember(y->out, p->name, *value ? value : NULL);
    else
        how = youtube_dress_failed(y, p->what, &why, err);
    cJSON_Delete(video);
    free(value);
    return how;
}

bool youtube_dress(struct youtube *y, bool wait, struct error *err)
{
    enum youtube_dressed how = youtube_dress_thumbnail(y, err);

    if (how == DRESSED)
        how = dress_part(y, &snippet_part, err);
    if (how == DRESSED)
        how = dress_part(y, &status_part, err);
    if (how == DRESS_CANCELLED)
        return false;
    if (how == DRESSED || !wait) {
        kit_waited(y->out, NULL);
        return true;
    }
    if (kit_waited(y->out, "hidden") < HIDDEN_TRIES) {
        y->out->again_ms = HIDDEN_WAIT_MS;
        kit_note(y->out, "Waiting until YouTube takes the thumbnail and the category.");
        return true;
    }
    kit_waited(y->out, NULL);
    youtube_advise(
        y, "YouTube did not take the thumbnail or the category. Set them in YouTube Studio.");
    return true;
}

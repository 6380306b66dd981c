/* YouTube: what belongs to the video behind the broadcast, its thumbnail and category. None of it
 * may cost the broadcast, so trouble is a note. */
#include "platform/youtube.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

#define THUMBNAILS "/upload/youtube/v3/thumbnails/set"
#define VIDEOS     "/youtube/v3/videos"

enum {
    THUMBNAIL_MAX = 2 * 1024 * 1024, /* one page says 2 MB, a newer one 50: the lesser */
    HIDDEN_WAIT_MS = 5000,           /* a new video shows 2 to 15 s after the insert */
    HIDDEN_TRIES = 6
};

enum dressed {
    DRESSED,
    DRESS_HIDDEN,   /* YouTube does not show the video yet */
    DRESS_CANCELLED /* asked to stop; err says so */
};

struct picture {
    unsigned char *bytes; /* owned */
    size_t size;
    const char *type, *trouble; /* literals; trouble NULL when fine */
};

static const char *picture_type(const unsigned char *bytes, size_t size)
{
    if (size >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
        return "image/png";
    if (size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0)
        return "image/jpeg";
    return NULL;
}

/* O_NONBLOCK: a path that names a pipe must not hang the worker. */
static void picture_read(struct picture *p, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    ssize_t got;

    memset(p, 0, sizeof(*p));
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        p->trouble = "it cannot be read";
    } else if (st.st_size > THUMBNAIL_MAX) {
        p->trouble = "it is larger than 2 MB";
    } else if ((p->bytes = malloc((size_t)st.st_size + 1)) == NULL) {
        p->trouble = "there is no memory left";
    } else {
        while (p->size < (size_t)st.st_size) {
            got = read(fd, p->bytes + p->size, (size_t)st.st_size - p->size);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                break;
            p->size += (size_t)got;
        }
        p->type = picture_type(p->bytes, p->size);
        p->trouble = p->type ? NULL : "it is neither PNG nor JPEG";
    }
    if (fd >= 0)
        close(fd);
}

/* What became of a step that failed. */
static enum dressed dress_failed(struct youtube *y, const char *what, const struct error *why,
                                 struct error *err)
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

static enum dressed send_thumbnail(struct youtube *y, const struct picture *picture,
                                   struct error *err)
{
    struct error why = { 0 };
    struct text path;
    struct kit_request request = { .method = "POST",
                                   .route = "POST " THUMBNAILS,
                                   .bytes = picture->bytes,
                                   .byte_count = picture->size,
                                   .content_type = picture->type,
                                   .effect = true };
    bool done;

    text_init(&path, 1000);
    text_add(&path, THUMBNAILS "?");
    kit_query(&path, "videoId", y->out->remote_id);
    kit_query(&path, "uploadType", "media");
    request.path = text_str(&path);
    done = youtube_submit(y, &request, NULL, &why);
    text_release(&path);
    if (!done)
        return dress_failed(y, "The thumbnail was not taken", &why, err);
    kit_remember(y->out, "thumbnail", y->l->thumbnail);
    return DRESSED;
}

static enum dressed dress_thumbnail(struct youtube *y, struct error *err)
{
    struct picture picture;
    enum dressed how = DRESSED;

    if (!y->l->thumbnail || !*y->l->thumbnail ||
        text_equal(kit_remembered(y->out, "thumbnail"), y->l->thumbnail))
        return DRESSED;
    picture_read(&picture, y->l->thumbnail);
    if (picture.trouble)
        youtube_advise(y, "The thumbnail was not sent: %s.", picture.trouble);
    else
        how = send_thumbnail(y, &picture, err);
    free(picture.bytes);
    return how;
}

static void copy_member(cJSON *to, const cJSON *from, const char *key)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(from, key);

    if (value)
        cJSON_AddItemToObject(to, key, cJSON_Duplicate(value, true));
}

/* An update deletes what is left out of the part, so all of it goes back with the one thing
 * changed. */
static bool put_category(struct youtube *y, const cJSON *video, const char *category,
                         struct error *err)
{
    static const char *const kept[] = { "title", "description", "tags", "defaultLanguage",
                                        "defaultAudioLanguage" };
    const cJSON *old = json_at(video, "snippet");
    cJSON *body = cJSON_CreateObject(), *snippet = cJSON_AddObjectToObject(body, "snippet");
    struct kit_request request = { .method = "PUT",
                                   .path = VIDEOS "?part=snippet",
                                   .route = "PUT " VIDEOS,
                                   .json = body,
                                   .effect = true };
    bool done;

    json_add_string(body, "id", y->out->remote_id);
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        copy_member(snippet, old, kept[i]);
    json_add_string(snippet, "categoryId", category);
    done = youtube_submit(y, &request, NULL, err);
    cJSON_Delete(body);
    return done;
}

static enum dressed dress_category(struct youtube *y, struct error *err)
{
    const char *category = setting_text(&platform_youtube, y->settings, "category");
    const char *query[] = { "part", "snippet", "id", y->out->remote_id, NULL };
    struct error why = { 0 };
    cJSON *answer = NULL, *video;
    bool done;

    if (!*category || text_equal(kit_remembered(y->out, "category"), category))
        return DRESSED;
    if (!youtube_ask(y, "GET", VIDEOS, query, &answer, &why))
        return dress_failed(y, "The category was not set", &why, err);
    video = youtube_first(answer);
    if (!video)
        return DRESS_HIDDEN;
    done = text_equal(json_string(video, "snippet.categoryId"), category) ||
           put_category(y, video, category, &why);
    cJSON_Delete(video);
    if (!done)
        return dress_failed(y, "The category was not set", &why, err);
    kit_remember(y->out, "category", category);
    return DRESSED;
}

bool youtube_dress(struct youtube *y, bool wait, struct error *err)
{
    enum dressed how = dress_thumbnail(y, err);

    if (how == DRESSED)
        how = dress_category(y, err);
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

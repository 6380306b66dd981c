/* YouTube: the picture that is shown before the broadcast begins. Looked at before anything is
 * sent; later trouble is a note, for no broadcast shall be lost for its picture. */
#include "platform/youtube.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/text.h>

#define THUMBNAILS "/upload/youtube/v3/thumbnails/set"

struct picture {
    unsigned char *bytes; /* owned */
    size_t size;
    const char *type; /* literal */
    char is[60];      /* which state of the file this was */
    char trouble[80]; /* "" when fine */
    bool missing;
};

static const char *picture_type(const unsigned char *bytes, size_t size)
{
    if (size >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
        return "image/png";
    if (size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0)
        return "image/jpeg";
    return NULL;
}

static void picture_load(struct picture *p, int fd, size_t most)
{
    ssize_t got;

    p->bytes = malloc(most + 1);
    if (!p->bytes) {
        snprintf(p->trouble, sizeof(p->trouble), "there is no memory left");
        return;
    }
    while (p->size < most) {
        got = read(fd, p->bytes + p->size, most - p->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        p->size += (size_t)got;
    }
    p->type = picture_type(p->bytes, p->size);
    if (!p->type)
        snprintf(p->trouble, sizeof(p->trouble), "it is neither PNG nor JPEG");
}

/* O_NONBLOCK: a path that names a pipe must not hang the worker. With `look` only what tells its
 * type is read. */
static void picture_read(struct picture *p, const char *path, int64_t most, bool look)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    memset(p, 0, sizeof(*p));
    p->missing = fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode);
    if (p->missing) {
        snprintf(p->trouble, sizeof(p->trouble), "it cannot be read");
    } else if (st.st_size > most) {
        snprintf(p->trouble, sizeof(p->trouble), "it is larger than %lld MB",
                 (long long)(most / (1024 * 1024)));
    } else {
        snprintf(p->is, sizeof(p->is), "%lld/%lld.%09ld", (long long)st.st_size,
                 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
        picture_load(p, fd, look && st.st_size > 16 ? 16 : (size_t)st.st_size);
    }
    if (fd >= 0)
        close(fd);
}

/* The newer of two pages says 50 MB, the other and the discovery document 2: the lesser, unless
 * somebody knows better. */
static int64_t most_bytes(const cJSON *settings)
{
    return setting_number(&platform_youtube, settings, "thumbnail_mb") * 1024 * 1024;
}

bool youtube_thumbnail_fits(const struct livestream *l, const struct target *t,
                            const cJSON *settings, struct error *err)
{
    cJSON *remote = t->remote ? json_parse(t->remote, strlen(t->remote), NULL) : NULL;
    struct picture p;
    bool good = true;

    /* One that was looked at before is not looked at again: its file may be gone by now, and that
     * must not keep anybody from changing a title. */
    if (l->thumbnail && *l->thumbnail &&
        !text_equal(json_string(remote, "thumbnail"), l->thumbnail)) {
        picture_read(&p, l->thumbnail, most_bytes(settings), true);
        free(p.bytes);
        if (p.trouble[0])
            good = error_platform(
                err, ERROR_INPUT, "youtube",
                "Give a PNG or JPEG of at most 2 MB, 1280 by 720 pixels, or none; "
                "the setting thumbnail_mb raises the limit.",
                "YouTube: the thumbnail %.80s cannot be used: %s.", l->thumbnail, p.trouble);
    }
    cJSON_Delete(remote);
    return good;
}

static enum youtube_dressed send_picture(struct youtube *y, const struct picture *picture,
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
        return youtube_dress_failed(y, "The thumbnail was not taken", &why, err);
    kit_remember(y->out, "thumbnail_is", picture->is);
    return DRESSED;
}

/* "thumbnail" is the file that was tried last, "thumbnail_is" the state of it that YouTube has. */
enum youtube_dressed youtube_dress_thumbnail(struct youtube *y, struct error *err)
{
    bool same = text_equal(kit_remembered(y->out, "thumbnail"), y->l->thumbnail);
    const char *has = same ? kit_remembered(y->out, "thumbnail_is") : "";
    enum youtube_dressed how = DRESSED;
    struct picture picture;

    if (!y->l->thumbnail || !*y->l->thumbnail)
        return DRESSED;
    picture_read(&picture, y->l->thumbnail, most_bytes(y->settings), false);
    /* Sent already, and its file is gone or as it was. */
    if (*has && (picture.missing || strcmp(has, picture.is) == 0)) {
        free(picture.bytes);
        return DRESSED;
    }
    kit_remember(y->out, "thumbnail", y->l->thumbnail);
    kit_remember(y->out, "thumbnail_is", NULL);
    if (picture.trouble[0])
        youtube_advise(y, "The thumbnail was not sent: %s.", picture.trouble);
    else
        how = send_picture(y, &picture, err);
    free(picture.bytes);
    return how;
}

/* What the files of the YouTube adapter share. One operation is one struct youtube, on the stack of
 * its thread. */
#ifndef PLATFORM_YOUTUBE_H
#define PLATFORM_YOUTUBE_H

#include "platform/kit.h"

struct youtube {
    struct call *call;
    const struct livestream *l;
    const struct target *t;
    struct outcome *out;
    const char *token; /* borrowed */
    cJSON *settings;   /* owned */
};

/* Gets the token and the settings. youtube_close() in any case. */
bool youtube_open(struct youtube *y, struct call *call, const struct livestream *l,
                  const struct target *t, struct outcome *out, struct error *err);
void youtube_close(struct youtube *y);

/* Sends with token and judge filled in. */
bool youtube_submit(struct youtube *y, const struct kit_request *request, cJSON **out,
                    struct error *err);
/* A request without body: "POST", "/youtube/v3/liveBroadcasts/bind", then key and value pairs up to
 * NULL for the query. */
bool youtube_ask(struct youtube *y, const char *method, const char *path, const char *const *query,
                 cJSON **out, struct error *err);
/* The broadcast of out->remote_id with all parts; *item is yours, NULL when YouTube does not know
 * it. */
bool youtube_read(struct youtube *y, cJSON **item, struct error *err);
/* One stream by id; parts as the page wants them. *item is yours, NULL when unknown. */
bool youtube_read_stream(struct youtube *y, const char *id, const char *parts, cJSON **item,
                         struct error *err);
/* The first of "items", taken out of the answer; frees the answer. NULL when there is none. */
cJSON *youtube_first(cJSON *answer);

/* status.lifeCycleStatus as one of these; a word that this program does not know is LIFE_UNKNOWN.
 */
enum youtube_life {
    LIFE_UNKNOWN,
    LIFE_CREATED,
    LIFE_READY,
    LIFE_TEST_STARTING,
    LIFE_TESTING,
    LIFE_LIVE_STARTING,
    LIFE_LIVE,
    LIFE_COMPLETE,
    LIFE_REVOKED
};
enum youtube_life youtube_life_of(const cJSON *broadcast);
/* What the broadcast says goes into the outcome: status, times, viewers. */
void youtube_learn(struct youtube *y, const cJSON *broadcast);
/* A note that stays: polls show it again as long as nothing newer is to be said. */
void youtube_advise(struct youtube *y, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* NOT_FOUND, and the outcome says gone. Always false. */
bool youtube_vanished(struct youtube *y, struct error *err);

/* Title and description as YouTube takes them; yours: free(). NULL without memory. */
char *youtube_title(const struct youtube *y);
char *youtube_text(const struct youtube *y);
/* The marker that the broadcast bears; of one that is not there yet this wish's own. out needs 16
 * bytes. */
void youtube_marker(const struct youtube *y, char out[16]);
/* When to say that it starts: the plan, or soon when that is over or open. */
int64_t youtube_start_time(const struct youtube *y);

/* The broadcast exists, has a stream and is bound to it; *item gets it as last read, yours. Says
 * NOT_FOUND when it is gone. */
bool youtube_make(struct youtube *y, cJSON **item, struct error *err);
/* The parts of that (youtube_stream.c): the stream is known, with its key; the broadcast is bound
 * to it. */
bool youtube_have_stream(struct youtube *y, const cJSON *broadcast, struct error *err);
bool youtube_bind_stream(struct youtube *y, cJSON **item, struct error *err);
/* Binds the broadcast, not yet on air, to a stream of ours that no broadcast on air uses; makes one
 * when there is none. */
bool youtube_spare_stream(struct youtube *y, cJSON **item, struct error *err);
/* A broadcast that was just made, or found again, is this target's from now on: id, marker and
 * link. */
bool youtube_adopt(struct youtube *y, const cJSON *item, struct error *err);
/* Thumbnail, category and the like: what went wrong becomes a note. With wait, a video that YouTube
 * does not show yet sets again_ms. False only when the operation was cancelled. */
bool youtube_dress(struct youtube *y, bool wait, struct error *err);
enum youtube_dressed {
    DRESSED,
    DRESS_HIDDEN,   /* YouTube does not show the video yet */
    DRESS_CANCELLED /* asked to stop; err says so */
};
/* What became of a step that failed; "what: why" is the note. */
enum youtube_dressed youtube_dress_failed(struct youtube *y, const char *what,
                                          const struct error *why, struct error *err);
enum youtube_dressed youtube_dress_thumbnail(struct youtube *y, struct error *err);

/* ---- settings (youtube_settings.c) ---- */

extern const struct setting youtube_settings[];
/* Settings and thumbnail against YouTube's rules, before anything is sent. */
bool youtube_fits(const struct livestream *l, const struct target *t, struct error *err);
bool youtube_thumbnail_fits(const struct livestream *l, const struct target *t,
                            const cJSON *settings, struct error *err);
/* The next of "church, Sunday worship"; false at the end. start is borrowed from list. */
struct youtube_tag {
    const char *start;
    size_t length;
};
bool youtube_next_tag(const char **list, struct youtube_tag *out);
const char *youtube_captions(const cJSON *settings); /* closedCaptionsType */

bool youtube_create(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err);
bool youtube_find(struct call *call, const struct livestream *l, const struct target *t,
                  struct outcome *out, struct error *err);
bool youtube_update(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err);
bool youtube_start(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err);
bool youtube_stop(struct call *call, const struct livestream *l, const struct target *t,
                  struct outcome *out, struct error *err);
bool youtube_remove(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err);
bool youtube_poll(struct call *call, const struct livestream *l, const struct target *t,
                  struct outcome *out, struct error *err);

#endif

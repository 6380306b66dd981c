/* What the files of the simulated YouTube share. */
#ifndef SIM_YOUTUBE_H
#define SIM_YOUTUBE_H

#include "sim/google.h"

enum { SIM_YOUTUBE = 6 };

/* A member that a request body may have. kind: s text, b bool, n whole number, t time, e one of
 * values, a list of texts, o whatever (read-only parts that clients send back). */
struct sim_youtube_member {
    const char *name;
    char kind;
    const char *values;
};

extern const char *const sim_youtube_channels[]; /* ids, by account */
const char *sim_youtube_channel(const struct sim_call *c);

/* Reads ?part= into out (blank-separated, `id` taken out). False: refused already. */
bool sim_youtube_parts(struct sim_call *c, const char *known, char *out, size_t size);
/* The body is a JSON object whose parts are exactly such as are named in parts. False: refused
 * already. */
bool sim_youtube_body(struct sim_call *c, const char *parts);
/* Members of one part are known and of the right kind. A missing part is fine. False: refused
 * already. */
bool sim_youtube_members(struct sim_call *c, const cJSON *part, const char *path,
                         const struct sim_youtube_member *members);
/* kind, etag, id and the parts that stand in the object's fields. */
cJSON *sim_youtube_resource(const struct sim_object *o, const char *kind, const char *parts);
/* Sends one resource or a list, cut to fields=. Takes it. */
void sim_youtube_send(struct sim_call *c, cJSON *resource);
/* Sends the page of `all` (an array, taken) that maxResults and pageToken ask for. */
void sim_youtube_send_list(struct sim_call *c, const char *kind, cJSON *all);
/* Length in characters within bounds. */
bool sim_youtube_length_ok(const char *s, size_t least, size_t most);
bool sim_youtube_listed(const char *ids, const char *id); /* in "a,b,c" */

extern sim_handler sim_youtube_broadcast_insert, sim_youtube_broadcast_list,
    sim_youtube_broadcast_update, sim_youtube_broadcast_bind, sim_youtube_broadcast_transition,
    sim_youtube_broadcast_delete;
extern sim_handler sim_youtube_stream_insert, sim_youtube_stream_list, sim_youtube_stream_update,
    sim_youtube_stream_delete;
extern sim_handler sim_youtube_video_list, sim_youtube_video_update, sim_youtube_video_delete,
    sim_youtube_thumbnail_set, sim_youtube_thumbnail_wrong;
extern sim_handler sim_youtube_chat_list, sim_youtube_chat_insert, sim_youtube_chat_delete;

/* A broadcast has been bound, or the bytes of its stream began or stopped. */
void sim_youtube_stream_changed(struct sim *sim, struct sim_object *stream);
void sim_youtube_broadcast_due(struct sim *sim, struct sim_object *o);
void sim_youtube_broadcast_complete(struct sim *sim, struct sim_object *o);
struct sim_object *sim_youtube_bound_stream(struct sim *sim, struct sim_object *broadcast);
/* Is an unfinished broadcast bound to it? */
bool sim_youtube_stream_in_use(struct sim *sim, const struct sim_object *stream);
/* The alive object of this kind that belongs to the caller's channel. */
struct sim_object *sim_youtube_own(struct sim_call *c, const char *kind, const char *id);

#endif

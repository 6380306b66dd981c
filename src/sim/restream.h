/* What the files of the simulated Restream share. */
#ifndef SIM_RESTREAM_H
#define SIM_RESTREAM_H

#include "sim/private.h"

enum { SIM_RESTREAM = 0 };

extern const struct sim_account sim_restream_accounts[];
extern const struct sim_client sim_restream_clients[];
extern const struct sim_oauth sim_restream_oauth;
extern sim_handler sim_restream_login, sim_restream_revoke;

void sim_restream_error(struct sim_call *c, int status, const char *name, const char *message, ...)
    __attribute__((format(printf, 4, 5)));
/* 400 validation_error; the name is not confirmed. */
void sim_restream_invalid(struct sim_call *c, const char *message, ...)
    __attribute__((format(printf, 2, 3)));
/* The body is a JSON object of these members. False: refused already. */
bool sim_restream_body(struct sim_call *c, const char *members);
/* "title" and "description" are texts of a bearable length. False: refused already. */
bool sim_restream_texts(struct sim_call *c);
const char *sim_restream_owner(const struct sim_call *c);
/* Something of the caller's own, alive. NULL: refused already. */
struct sim_object *sim_restream_own(struct sim_call *c, const char *kind, const char *id);

/* restream_channel.c: a channel's fields are the resource and "meta". */
extern sim_handler sim_restream_channels, sim_restream_channel, sim_restream_channel_update,
    sim_restream_channel_meta, sim_restream_channel_add, sim_restream_platforms;
void sim_restream_channels_open(struct sim *sim);
int64_t sim_restream_platform_of(const struct sim_object *channel);

/* restream_event.c: an event's fields: streamType, description, scheduledMs, startedMs, finishedMs,
 * isInstant, attached. Its state is its status. */
extern sim_handler sim_restream_event_create, sim_restream_event_attach, sim_restream_event_get,
    sim_restream_event_key, sim_restream_upcoming, sim_restream_in_progress, sim_restream_history,
    sim_restream_key;
void sim_restream_ingest_open(struct sim *sim);
void sim_restream_due(struct sim *sim, struct sim_object *o);
void sim_restream_fed(struct sim *sim, struct sim_object *o);
bool sim_restream_remote(struct sim *sim, struct sim_object *o, const char *event,
                         const cJSON *body, struct error *err);
/* The channels that an event goes to: those attached, without any those that are switched on. Calls
 * take for each. */
void sim_restream_targets(struct sim *sim, const struct sim_object *event,
                          void (*take)(void *whom, struct sim_object *channel), void *whom);

/* restream_feed.c */
extern sim_handler sim_restream_listen;
void sim_restream_feed_open(struct sim *sim);
void sim_restream_feed_close(struct sim *sim, int index);
void sim_restream_feed(struct sim *sim, struct sim_socket *s);
/* An event's bytes have come, or stopped. */
void sim_restream_feed_began(struct sim *sim, struct sim_object *event);
void sim_restream_feed_stopped(struct sim *sim, struct sim_object *event);
void sim_restream_feed_beat(struct sim *sim, struct sim_object *ingest);

#endif

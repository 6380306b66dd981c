/* What the files of the Restream adapter share. One operation is one struct restream, on the stack
 * of its thread. */
#ifndef PLATFORM_RESTREAM_H
#define PLATFORM_RESTREAM_H

#include "platform/kit.h"

struct restream {
    struct call *call;
    const struct livestream *l;
    const struct target *t;
    struct outcome *out;
    const char *token; /* borrowed */
    cJSON *settings;   /* owned */
    bool others;       /* something runs that is not ours */
    bool idle;         /* nobody waits for news: the feed is not worth its time */
};

/* Gets the token and the settings. restream_close() in any case. */
bool restream_open(struct restream *r, struct call *call, const struct livestream *l,
                   const struct target *t, struct outcome *out, struct error *err);
void restream_close(struct restream *r);
bool restream_fail(struct error *err, const struct error *with);

/* One request; path begins after "/v2". */
struct restream_ask {
    const char *method, *route, *path;
    const cJSON *json;
    bool creates;
};
bool restream_ask(struct call *call, const char *token, const struct restream_ask *ask, cJSON **out,
                  struct error *err);
/* A reading that must be a list; *out is yours. */
bool restream_list(struct restream *r, const char *path, cJSON **out, struct error *err);
bool restream_garbage(const struct call *call, struct error *err, const char *what);

/* An event of its own is planned at Restream; else the account's stream key is used, with whatever
 * channels are on. What was made decides, before that the setting does. */
bool restream_has_event(const struct restream *r);

/* Restream's seconds at path of item, in ms; 0 absent. */
int64_t restream_moment(const cJSON *item, const char *path);

/* ---- what is made (restream_create.c) ---- */

/* Reads the event, or with "/streamKey" what belongs to it. */
bool restream_event(struct restream *r, const char *rest, cJSON **out, struct error *err);
/* All parts that are missing: the event, its channels, address and key. */
bool restream_make(struct restream *r, struct error *err);

/* ---- channels (restream_channel.c) ---- */

/* The channels that the setting names, switched on, all others off, and titles written. Done once a
 * livestream; what was switched is remembered. */
bool restream_channels_dress(struct restream *r, struct error *err);
bool restream_channels_titles(struct restream *r, struct error *err);
/* Switches back what we have switched. */
bool restream_channels_restore(struct restream *r, struct error *err);
/* Attaches to the event those of the named channels that Restream lets be attached. */
bool restream_channels_attach(struct restream *r, struct error *err);

/* ---- the updates feed (restream_feed.c) ---- */

enum { RESTREAM_CHANNELS_MOST = 40 };
enum restream_incoming {
    RESTREAM_SILENT, /* nothing was said of it */
    RESTREAM_SENDING,
    RESTREAM_STOPPED
};
struct restream_outgoing {
    int64_t id, viewers; /* -1 unknown */
    bool there, connected;
};
struct restream_feed {
    bool heard; /* it was open, even if it was cut later */
    enum restream_incoming incoming;
    int64_t since_ms; /* of what comes in, 0 unknown */
    struct restream_outgoing channels[RESTREAM_CHANNELS_MOST];
    size_t count;
};
/* Listens for a moment. False only when the sign-in was refused, or on a cancel. */
bool restream_listen(struct restream *r, struct restream_feed *feed, struct error *err);
int64_t restream_viewers(const struct restream_feed *feed); /* of all channels, -1 unknown */
/* A note when not every channel is reached. */
void restream_tell_channels(struct restream *r, const struct restream_feed *feed);

/* ---- the operations ---- */

bool restream_create(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err);
bool restream_find(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err);
bool restream_update(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err);
bool restream_start(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err);
bool restream_stop(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err);
bool restream_remove(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err);
bool restream_poll(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err);

#endif

/* What the files of the Facebook adapter share. One operation is one struct facebook, on the stack
 * of its thread. */
#ifndef PLATFORM_FACEBOOK_H
#define PLATFORM_FACEBOOK_H

#include <ecclesia/base/text.h>

#include "platform/kit.h"

/* The one place that names the version; Meta's pages showed it in July 2026. */
#define FACEBOOK_VERSION "v26.0"

struct facebook {
    struct call *call;
    const struct livestream *l; /* NULL when identifying */
    const struct target *t;
    struct outcome *out;
    const char *token; /* of the Page; borrowed, or points at own_token */
    char *own_token;   /* owned: found by a user token, NULL else; wiped */
    char page[64];     /* id, or "me" when only the Page's own token is known */
    char proof[72];    /* appsecret_proof in hex, "" when no app secret is known */
};

/* Gets the token, the Page and the proof. facebook_close() in any case. */
bool facebook_open(struct facebook *f, struct call *call, const struct livestream *l,
                   const struct target *t, struct outcome *out, struct error *err);
void facebook_close(struct facebook *f);

/* Sends to /VERSION/node/edge (edge may be ""). args: key and value pairs up to NULL; they, the
 * token and the proof go into the query of a GET or DELETE and into the body of a POST. */
bool facebook_ask(struct facebook *f, const char *method, const char *node, const char *edge,
                  const char *const *args, bool creates, cJSON **out, struct error *err);
kit_judge facebook_judge;

/* The broadcast's status word as one of these. */
enum facebook_life {
    LIFE_UNKNOWN, /* a word of tomorrow */
    LIFE_WAITING, /* made, not on air */
    LIFE_LIVE,
    LIFE_OVER,
    LIFE_EXPIRED, /* planned, and the start passed without video */
    LIFE_CANCELLED
};
enum facebook_life facebook_life_of(const cJSON *video);
/* Does Facebook receive video? */
enum facebook_signal { SIGNAL_UNKNOWN, SIGNAL_NONE, SIGNAL_HERE };
enum facebook_signal facebook_signal_of(const cJSON *video);

/* The live video of out->remote_id; *video is yours, NULL when Facebook does not show it: gone,
 * hidden, or too new. With `whole` its stream key comes along. */
bool facebook_read(struct facebook *f, bool whole, cJSON **video, struct error *err);
/* What it says goes into the outcome: status, link, viewers, times, and address and key when there.
 */
void facebook_learn(struct facebook *f, const cJSON *video);
/* "rtmps://host/rtmp/KEY?query" to address and key. False when it does not look like one or does
 * not fit. */
bool facebook_split(const char *url, char *address, size_t address_size, char *key,
                    size_t key_size);
/* NOT_FOUND, and the outcome says gone. Always false. */
bool facebook_vanished(struct facebook *f, struct error *err);

/* Numbers in the adapter's memory. */
int64_t facebook_remembered(const struct facebook *f, const char *key);
void facebook_remember(struct facebook *f, const char *key, int64_t value); /* 0 forgets */
/* Made so short a time ago that Facebook may not show it yet. */
bool facebook_is_new(const struct facebook *f);

/* Not made yet, and too far ahead to be made there; a note says from when on it can be. Asks
 * nobody. */
bool facebook_is_early(const struct call *call, const struct livestream *l, const struct target *t,
                       struct outcome *out);
/* Deletes the live video; one that is gone already is fine. */
bool facebook_delete(struct facebook *f, struct error *err);
/* Makes a live video: planned for its start, or with `now` to be started at once. */
bool facebook_make(struct facebook *f, bool now, struct error *err);

/* A note that stays: polls show it again as long as nothing newer is to be said. */
void facebook_advise(struct facebook *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Settings against Facebook's rules, before anything is sent. */
bool facebook_fits(const struct livestream *l, const struct target *t, struct error *err);
/* Sends what the settings say and the live video does not have yet. A refusal is a note; false when
 * it must be tried again. */
bool facebook_dress(struct facebook *f, struct error *err);
/* What an earlier live video had been given, the next one has not. */
void facebook_undress(struct facebook *f);

bool facebook_create(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err);
bool facebook_find(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err);
bool facebook_update(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err);
bool facebook_start(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err);
bool facebook_stop(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err);
bool facebook_remove(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err);
bool facebook_poll(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err);

#endif

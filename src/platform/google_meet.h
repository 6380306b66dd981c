/* What the files of the Google Meet adapter share. One operation is one struct google_meet, on the
 * stack of its thread. */
#ifndef PLATFORM_GOOGLE_MEET_H
#define PLATFORM_GOOGLE_MEET_H

#include "platform/kit.h"
#include "platform/repeat.h"

struct google_meet {
    struct call *call;
    const struct meeting *m;
    const struct target *t;
    struct outcome *out;
    const char *token; /* borrowed */
    cJSON *settings;   /* owned */
    struct repeat repeat;
};

/* Gets the token and the settings. google_meet_close() in any case. */
bool google_meet_open(struct google_meet *g, struct call *call, const struct meeting *m,
                      const struct target *t, struct outcome *out, struct error *err);
void google_meet_close(struct google_meet *g);
/* Hands a failure on: copies it, returns false. */
bool google_meet_fail(struct error *err, const struct error *with);
bool google_meet_no_memory(struct error *err);
/* A note that stays: polls show it again as long as nothing newer is to be said. */
void google_meet_advise(struct google_meet *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- what is asked of Google (google_meet_wire.c) ---- */

/* A setting of the target, by the platform's table. */
const char *google_meet_setting(const struct google_meet *g, const char *key);
/* The event of id `event`: *item is yours, also of one that was deleted there (status "cancelled");
 * NULL when Google does not know it. */
bool google_meet_event_get(struct google_meet *g, const char *event, cJSON **item,
                           struct error *err);
bool google_meet_event_insert(struct google_meet *g, const cJSON *body, cJSON **item,
                              struct error *err);
bool google_meet_event_patch(struct google_meet *g, const cJSON *body, cJSON **item,
                             struct error *err);
bool google_meet_event_delete(struct google_meet *g, struct error *err);
/* A call of Meet's own interface: path and route begin with "/v2". */
bool google_meet_ask(struct google_meet *g, const char *method, const char *path, const char *route,
                     const cJSON *json, cJSON **out, struct error *err);

/* ---- the event (google_meet_event.c) ---- */

/* The event lives in a calendar; else there is only the room. */
bool google_meet_has_event(const struct google_meet *g);
/* The body of an insert, and of a PATCH what differs from `item` (an object without members when
 * nothing does). Yours. NULL: err is filled. */
cJSON *google_meet_event_wanted(struct google_meet *g, struct error *err);
cJSON *google_meet_event_changes(struct google_meet *g, const cJSON *item, struct error *err);
/* "conferenceData" that asks for a link, the how-manieth counted from 1. Onto body. */
void google_meet_event_want_link(struct google_meet *g, cJSON *body, int count);
bool google_meet_event_cancelled(const cJSON *item);
int64_t google_meet_event_start(const cJSON *item); /* 0 unknown */

enum google_meet_link { GOOGLE_MEET_READY, GOOGLE_MEET_PENDING, GOOGLE_MEET_NONE, GOOGLE_MEET_BAD };
/* Reads the link into the outcome. BAD: err is filled. */
enum google_meet_link google_meet_event_link(struct google_meet *g, const cJSON *item,
                                             struct error *err);

/* ---- the room (google_meet_room.c) ---- */

/* The room is one that we made, which the console can end. */
bool google_meet_own_room(const struct google_meet *g);
/* There is a room of ours: the one remembered, or a new one. Its link goes into the outcome. */
bool google_meet_room_have(struct google_meet *g, struct error *err);
/* Brings the room to the settings; what Google refuses becomes a note. */
bool google_meet_room_rules(struct google_meet *g, struct error *err);

struct google_meet_state {
    bool known; /* false: this sign-in may not see the room */
    bool running;
    char name[160];               /* "spaces/…" */
    char record[160];             /* "conferenceRecords/…" of the call that runs */
    int64_t started_ms, ended_ms; /* of the last call, 0 unknown */
    int64_t people;               /* -1 unknown */
};
/* Whether somebody is in it. False only for trouble that passes. details: also times and people. */
bool google_meet_room_state(struct google_meet *g, bool details, struct google_meet_state *s,
                            struct error *err);
/* Ends the call that runs, if this sign-in may; *ended says whether none runs now. */
bool google_meet_room_end(struct google_meet *g, bool *ended, struct error *err);

/* ---- the operations ---- */

bool google_meet_find(struct call *call, const struct meeting *m, const struct target *t,
                      struct outcome *out, struct error *err);
bool google_meet_create(struct call *call, const struct meeting *m, const struct target *t,
                        struct outcome *out, struct error *err);
bool google_meet_update(struct call *call, const struct meeting *m, const struct target *t,
                        struct outcome *out, struct error *err);
bool google_meet_cancel(struct call *call, const struct meeting *m, const struct target *t,
                        struct outcome *out, struct error *err);
bool google_meet_poll(struct call *call, const struct meeting *m, const struct target *t,
                      struct outcome *out, struct error *err);

#endif

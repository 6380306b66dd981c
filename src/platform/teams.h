/* What the files of the Teams adapter share. One operation is one struct teams, on the stack of its
 * thread. */
#ifndef PLATFORM_TEAMS_H
#define PLATFORM_TEAMS_H

#include "platform/kit.h"
#include "platform/repeat.h"

struct teams {
    struct call *call;
    const struct meeting *m;
    const struct target *t;
    struct outcome *out;
    const char *token; /* borrowed */
    cJSON *settings;   /* owned */
    struct repeat repeat;
};

/* Gets the token and the settings. teams_close() in any case. */
bool teams_open(struct teams *x, struct call *call, const struct meeting *m, const struct target *t,
                struct outcome *out, struct error *err);
void teams_close(struct teams *x);
/* Outlook does not know the church's zone: from now on in UTC, which is said. */
bool teams_in_utc(struct teams *x, struct error *err);
bool teams_fail(struct error *err, const struct error *with);
bool teams_no_memory(struct error *err);
/* A note that stays: polls show it again as long as nothing newer is to be said. */
void teams_advise(struct teams *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Waiting does not help. */
bool teams_is_lasting(const struct error *why);

/* ---- what is asked of Graph (teams_wire.c) ---- */

/* One request about the organiser's things: path begins after "/v1.0/me" or "/v1.0/users/ID", and
 * so does the route. */
struct teams_ask {
    const char *method, *route, *path;
    const cJSON *json;
    bool creates;
};
bool teams_ask(struct call *call, const char *token, const struct teams_ask *ask, cJSON **out,
               struct error *err);
/* The next page of a list, by the address that Graph gave. */
bool teams_ask_next(struct call *call, const char *token, const char *link, const char *route,
                    cJSON **out, struct error *err);
/* What says nothing does not mean that nothing is there. ERROR_GARBAGE. */
bool teams_is_list(const struct teams *x, const cJSON *answer, struct error *err);
/* About one event or one meeting. */
bool teams_thing_ask(struct teams *x, const char *method, const char *id, bool event,
                     const cJSON *json, cJSON **out, struct error *err);
/* Ours. *item is yours; NULL when it is gone, or called off in the calendar. */
bool teams_thing_read(struct teams *x, cJSON **item, struct error *err);
/* Gone already is as good as deleted. */
bool teams_thing_delete(struct teams *x, const char *id, bool event, struct error *err);

/* ---- what is made there ---- */

/* A calendar event with a meeting, or a meeting alone (a "link"). What was made decides, before
 * that the setting does. */
bool teams_is_event(const struct teams *x);
/* Graph's id of it, "" before. Ids can be longer than the target's field. */
const char *teams_id(const struct teams *x);
bool teams_learn_id(struct teams *x, const cJSON *item, const char *kind, struct error *err);
/* The members' link from `path` of item into the outcome. False with ERROR_GARBAGE when it may not
 * be shown. */
bool teams_learn_url(struct teams *x, const char *url, struct error *err);

/* ---- the event (teams_event.c) ---- */

cJSON *teams_event_wanted(struct teams *x, struct error *err);
/* What differs from item, as the body of a PATCH; without members when nothing does. */
cJSON *teams_event_changes(struct teams *x, const cJSON *item, struct error *err);
int64_t teams_event_start(const cJSON *item); /* 0 unknown */
/* The series as it was sent, for the next change; to be called when it was. */
void teams_event_sent(struct teams *x);
bool teams_event_find(struct teams *x, cJSON **item, struct error *err);
/* An event of this kind has no Teams meeting behind it and never will. */
bool teams_event_is_bare(const cJSON *item);

/* ---- the meeting and its options (teams_link.c) ---- */

/* createOrGet: the same external id gives the same meeting each time. */
bool teams_link_have(struct teams *x, cJSON **item, struct error *err);
/* Brings title, times and options to what is wanted. */
bool teams_link_bring(struct teams *x, const cJSON *item, struct error *err);
/* The options of the meeting behind an event; what Teams refuses becomes a note. again_ms is set
 * when the meeting does not show yet. */
bool teams_options_bring(struct teams *x, struct error *err);
/* The meeting behind the members' link; *item NULL when Graph shows none. */
bool teams_link_lookup(struct teams *x, cJSON **item, struct error *err);

/* ---- who leads it (teams_people.c) ---- */

bool teams_people_given(const struct teams *x);
/* "participants" onto body when another list of co-organisers is wanted than item has. */
bool teams_people_changes(struct teams *x, const cJSON *item, cJSON *body, struct error *err);

/* ---- the operations ---- */

bool teams_find(struct call *call, const struct meeting *m, const struct target *t,
                struct outcome *out, struct error *err);
bool teams_create(struct call *call, const struct meeting *m, const struct target *t,
                  struct outcome *out, struct error *err);
bool teams_update(struct call *call, const struct meeting *m, const struct target *t,
                  struct outcome *out, struct error *err);
bool teams_cancel(struct call *call, const struct meeting *m, const struct target *t,
                  struct outcome *out, struct error *err);
bool teams_poll(struct call *call, const struct meeting *m, const struct target *t,
                struct outcome *out, struct error *err);

#endif

/* What the files of the simulated Microsoft Teams share: Graph, and the identity platform before
 * it.
 */
#ifndef SIM_TEAMS_H
#define SIM_TEAMS_H

#include "sim/private.h"

enum { SIM_TEAMS = 3 };
enum { SIM_TEAMS_PUBLIC, SIM_TEAMS_WEB };

/* What Entra knows of an account beside its name. */
struct sim_teams_person {
    const char *tenant; /* its id; of personal accounts that of the consumers */
    bool personal;
    bool policy; /* an application access policy lets the app plan his meetings */
};
extern const struct sim_account sim_teams_accounts[];
extern const struct sim_teams_person sim_teams_people[]; /* beside the accounts */

/* Graph's error body, with its request ids as headers too. */
void sim_teams_error(struct sim_call *c, int status, const char *code, const char *message, ...)
    __attribute__((format(printf, 4, 5)));
void sim_teams_bad(struct sim_call *c, const char *message, ...)
    __attribute__((format(printf, 2, 3))); /* 400 BadRequest */

/* teams_auth.c */
extern const struct sim_client sim_teams_clients[];
extern const struct sim_oauth sim_teams_oauth;
extern sim_handler sim_teams_authorize, sim_teams_token, sim_teams_device_start,
    sim_teams_discovery, sim_teams_logout;
void sim_teams_refuse(struct sim_call *c, int status, const char *word, const char *description);

/* teams_odata.c: $select, $filter, $orderby, $top, $skip. */
struct sim_teams_times {
    int64_t start_ms, end_ms;
    char zone[64]; /* IANA, that the start was given in */
};
/* Members that an answer may be cut to; "id" always stays. False: refused already. */
bool sim_teams_select(struct sim_call *c, const char *known, const char *type, cJSON *one);
/* Sends `all` (an array of resources, taken) ordered by start, cut to the page and to $select. */
void sim_teams_send_list(struct sim_call *c, cJSON *all, const char *known, const char *type,
                         long otherwise);
/* One resource, taken, with its @odata.context. */
void sim_teams_send(struct sim_call *c, int status, const char *set, const char *known, cJSON *one);
/* The zone that Prefer: outlook.timezone wants the answer in, UTC without it; its Windows name into
 * name. NULL: refused already. */
const char *sim_teams_zone(struct sim_call *c, char *name, size_t size);
/* Reads {dateTime, timeZone}. False: refused already. */
bool sim_teams_read_time(struct sim_call *c, const cJSON *time, const char *what, int64_t *ms,
                         char *zone, size_t size);

/* teams_check.c. False: refused already. */
bool sim_teams_event_ok(struct sim_call *c, const struct sim_object *old,
                        struct sim_teams_times *times);
bool sim_teams_rule(const cJSON *recurrence, const char *zone, int64_t start_ms,
                    struct sim_recur *r);
bool sim_teams_meeting_ok(struct sim_call *c, const struct sim_object *old);
bool sim_teams_body(struct sim_call *c);

/* teams_event.c: an event's fields are the resource without its times, but for "sim": zone, endMs,
 * serial, meeting. */
extern sim_handler sim_teams_event_create, sim_teams_event_get, sim_teams_event_update,
    sim_teams_event_delete, sim_teams_event_cancel;
extern const char sim_teams_event_members[];
cJSON *sim_teams_event_view(const struct sim_object *o, const char *zone, const char *name);
void sim_teams_event_due(struct sim *sim, struct sim_object *o); /* its link is ready */
void sim_teams_event_touch(struct sim *sim, struct sim_object *o);
void sim_teams_event_drop(struct sim *sim, struct sim_object *o);
int64_t sim_teams_event_end(const struct sim_object *o);
int64_t sim_teams_event_serial(const struct sim_object *o);
struct sim_object *sim_teams_event_find(struct sim *sim, const char *owner, const char *id);

/* teams_view.c */
extern sim_handler sim_teams_events, sim_teams_view, sim_teams_delta, sim_teams_instances;
/* What one occurrence of a series is like; to change it, an object of its own. NULL: none. */
cJSON *sim_teams_occurrence_view(struct sim_call *c, const char *id, const char *zone,
                                 const char *name);
struct sim_object *sim_teams_occurrence(struct sim_call *c, const char *id);

/* teams_meeting.c */
extern sim_handler sim_teams_meeting_create, sim_teams_meeting_create_or_get, sim_teams_meeting_get,
    sim_teams_meeting_find, sim_teams_meeting_update, sim_teams_meeting_delete;
struct sim_object *sim_teams_meeting_new(struct sim *sim, int owner, const char *subject,
                                         int64_t start_ms, int64_t end_ms);
void sim_teams_meeting_times(struct sim_object *o, int64_t start_ms, int64_t end_ms);
/* The owner's meeting in the path. NULL: refused already. */
struct sim_object *sim_teams_meeting(struct sim_call *c);

/* teams_cycle.c */
extern sim_handler sim_teams_join_page, sim_teams_reports, sim_teams_records, sim_teams_recordings,
    sim_teams_transcripts;
void sim_teams_meeting_due(struct sim *sim, struct sim_object *o); /* the report appears */
bool sim_teams_remote(struct sim *sim, struct sim_object *o, const char *event, const cJSON *body,
                      struct error *err);

#endif

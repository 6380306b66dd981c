/* What the files of the simulated Google Meet share: Calendar's events, Meet's spaces and records.
 */
#ifndef SIM_GOOGLE_MEET_H
#define SIM_GOOGLE_MEET_H

#include "sim/google.h"

enum { SIM_MEET = 2 };
#define SIM_MEET_ZONE "Europe/London" /* of everybody's calendar */

/* Calendar's error body: a list of reasons and no status word. location may be NULL. */
void sim_calendar_error(struct sim_call *c, int status, const char *domain, const char *reason,
                        const char *location, const char *message, ...)
    __attribute__((format(printf, 6, 7)));
/* Meet's: a status word and no list. */
void sim_meet_error(struct sim_call *c, int status, const char *word, const char *message, ...)
    __attribute__((format(printf, 4, 5)));
/* 400 INVALID_ARGUMENT that names the field. */
void sim_meet_invalid(struct sim_call *c, const char *field, const char *message, ...)
    __attribute__((format(printf, 3, 4)));
const char *sim_meet_email(const struct sim_call *c);
/* Reads ?name= as a number from least to most; otherwise when absent. False: *bad is set. */
long sim_meet_number(struct sim_call *c, const char *name, long least, long most, long otherwise,
                     bool *bad);

/* google_meet_event.c: an event's fields are the resource, but for "sim", which is ours: serial,
 * requestId, endMs, space. */
extern sim_handler sim_calendar_insert, sim_calendar_get, sim_calendar_patch, sim_calendar_update,
    sim_calendar_delete;
void sim_calendar_due(struct sim *sim, struct sim_object *o); /* the conference is ready */
cJSON *sim_calendar_view(const struct sim_object *o);
void sim_calendar_touch(struct sim *sim, struct sim_object *o); /* etag, updated, serial */
void sim_calendar_cancel(struct sim *sim, struct sim_object *o);
int64_t sim_calendar_end(const struct sim_object *o);
int64_t sim_calendar_serial(const struct sim_object *o);
/* {"dateTime":…,"timeZone":…}, or {"date":…}, as Calendar writes it. */
cJSON *sim_calendar_time(int64_t ms, const char *zone, bool day);
/* An event of the calendar in the path, dead or alive. NULL: there is none; nothing answered. */
struct sim_object *sim_calendar_find(struct sim *sim, const char *email, const char *id);

/* google_meet_check.c: the times and everything else of an event-to-be. False: refused already.
 * Writes the times back in Calendar's own form. */
struct sim_calendar_times {
    int64_t start_ms, end_ms;
};
bool sim_calendar_check(struct sim_call *c, cJSON *event, struct sim_calendar_times *times);

/* google_meet_series.c */
/* The rule of a series; false when it is none that can be followed. */
bool sim_calendar_rule(const cJSON *event, int64_t start_ms, struct sim_recur *r);
/* Calls take for each instance of the series that begins in [from, to), with what it is like;
 * changed ones included. `view` is taken over by take. */
void sim_calendar_instances(struct sim *sim, struct sim_object *series, int64_t from, int64_t to,
                            void (*take)(void *to_whom, cJSON *view, int64_t start_ms),
                            void *to_whom);
/* "SERIES_20261202T190000Z": what this instance is like, and the instance made an object of its own
 * because it is to be changed. NULL: it is none of a living series. */
cJSON *sim_calendar_instance_view(struct sim *sim, const char *email, const char *id);
struct sim_object *sim_calendar_instance(struct sim *sim, const char *email, const char *id);

/* google_meet_list.c */
extern sim_handler sim_calendar_list, sim_calendar_list_instances, sim_calendar_calendar,
    sim_calendar_calendars;

/* google_meet_space.c: a space's fields are the resource, but for "sim": by, record. */
extern sim_handler sim_meet_create, sim_meet_get, sim_meet_patch, sim_meet_end, sim_meet_join_page;
/* by: "meet" or "calendar". */
struct sim_object *sim_meet_space_new(struct sim *sim, const char *owner, const char *by);
struct sim_object *sim_meet_space_find(struct sim *sim, const char *name_or_code);
/* May this token see it? Those that Calendar made want more than meetings.space.created. */
bool sim_meet_visible(const struct sim_call *c, const struct sim_object *space);
bool sim_meet_remote(struct sim *sim, struct sim_object *space, const char *event,
                     const cJSON *body);

/* google_meet_record.c */
extern sim_handler sim_meet_records, sim_meet_record, sim_meet_participants, sim_meet_sessions,
    sim_meet_recordings, sim_meet_transcripts, sim_meet_notes;
void sim_meet_begin(struct sim *sim, struct sim_object *space);
void sim_meet_finish(struct sim *sim, struct sim_object *space);
void sim_meet_joined(struct sim *sim, struct sim_object *space, const char *name);
void sim_meet_left(struct sim *sim, struct sim_object *space);

#endif

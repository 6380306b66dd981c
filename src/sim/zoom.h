/* What the files of the simulated Zoom share. */
#ifndef SIM_ZOOM_H
#define SIM_ZOOM_H

#include "sim/private.h"

enum { SIM_ZOOM = 1 };
enum { SIM_ZOOM_LIGHT = 1, SIM_ZOOM_MEDIUM, SIM_ZOOM_HEAVY }; /* a route's cost */
enum { SIM_ZOOM_CONFIDENTIAL, SIM_ZOOM_PUBLIC, SIM_ZOOM_SERVER };
#define SIM_ZOOM_ACCOUNT     "Cx3wERazSgup7ZWRHQM8-w"
#define SIM_ZOOM_HOOK_SECRET "sim-zoom-webhook-secret-token"

extern const struct sim_client sim_zoom_clients[];
extern const struct sim_oauth sim_zoom_oauth;
extern sim_handler sim_zoom_token, sim_zoom_revoke;
void sim_zoom_refuse(struct sim_call *c, int status, const char *word, const char *description);
void sim_zoom_hooked(struct sim *sim);

void sim_zoom_error(struct sim_call *c, int status, int code, const char *message, ...)
    __attribute__((format(printf, 4, 5)));
/* 400, code 300, naming the field. */
void sim_zoom_invalid(struct sim_call *c, const char *field, const char *message);
/* The account whose user {userId} is; -1: refused already. */
int sim_zoom_user(struct sim_call *c, const char *id);
/* Counts one create or update of this host; false: refused already (100 a UTC day). */
bool sim_zoom_change_allowed(struct sim_call *c, const char *host);
/* The meeting in the path, visible to this token. NULL: refused already. */
struct sim_object *sim_zoom_meeting(struct sim_call *c, const char *id);
void sim_zoom_notice(struct sim *sim, const struct sim_object *o, const char *event);
const struct sim_account *sim_zoom_host(const struct sim_object *o);

/* sim_zoom_meeting.c */
extern sim_handler sim_zoom_create, sim_zoom_get, sim_zoom_update, sim_zoom_delete;
bool sim_zoom_time(const char *text, const char *zone, int64_t *ms);
/* sim_zoom_check.c: the body of a create or an update; old NULL on create. False: refused already.
 */
bool sim_zoom_body_ok(struct sim_call *c, const struct sim_object *old);
/* sim_zoom_recur.c: the series of a type 8 meeting into fields.occurrences. */
bool sim_zoom_recurrence_ok(struct sim_call *c, const cJSON *recurrence);
void sim_zoom_occurrences(struct sim_object *o);
/* sim_zoom_list.c */
extern sim_handler sim_zoom_list, sim_zoom_upcoming, sim_zoom_past, sim_zoom_past_participants;
/* sim_zoom_cycle.c */
extern sim_handler sim_zoom_status, sim_zoom_livestream_get, sim_zoom_livestream_set,
    sim_zoom_livestream_status, sim_zoom_start_page, sim_zoom_join_page, sim_zoom_invitation;
bool sim_zoom_remote(struct sim *sim, struct sim_object *o, const char *event, const cJSON *body,
                     struct error *err);

#endif

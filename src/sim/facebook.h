/* What the files of the simulated Facebook share. */
#ifndef SIM_FACEBOOK_H
#define SIM_FACEBOOK_H

#include "sim/private.h"

enum { SIM_FACEBOOK = 7 };

/* A Page and who manages it. */
struct sim_facebook_page {
    const char *id, *name, *path;
    int account;
    bool live; /* his tasks there include CREATE_CONTENT */
    int followers;
};
extern const struct sim_facebook_page sim_facebook_pages[]; /* end with id NULL */
const struct sim_facebook_page *sim_facebook_page_find(const char *id);

#define SIM_FACEBOOK_APP_ID       "310000000000001"
#define SIM_FACEBOOK_APP_SECRET   "0123456789abcdef0123456789abcdef"
#define SIM_FACEBOOK_CLIENT_TOKEN "ecc1e51a0c11e47704e9"
#define SIM_FACEBOOK_USER_TOKEN   "EAAEsim-user-token-of-st-marks" /* the ready line's */

/* An error body. subcode 0: none. */
void sim_facebook_error(struct sim_call *c, int status, int code, int subcode, const char *message,
                        ...) __attribute__((format(printf, 5, 6)));
void sim_facebook_gone(struct sim_call *c, const char *verb, const char *id); /* 100/33 */
/* The token is the Page's own and has the permissions for live video. False: refused already. */
bool sim_facebook_page_token(struct sim_call *c, const char *page);
/* One of the Page's own object, visible to this token. NULL: refused already. */
struct sim_object *sim_facebook_own_live(struct sim_call *c, const char *id, const char *verb);
/* Cuts what ?fields= asks for out of all; unknown names are an error. known: blank-separated. NULL:
 * refused already. */
cJSON *sim_facebook_fields(struct sim_call *c, const cJSON *all, const char *known,
                           const char *otherwise, const char *type);
void sim_facebook_success(struct sim_call *c);
/* "2026-09-27T10:00:04+0000" */
void sim_facebook_put_time(cJSON *object, const char *key, int64_t ms);

extern sim_handler sim_facebook_exchange, sim_facebook_debug_token, sim_facebook_permissions_get,
    sim_facebook_permissions_delete, sim_facebook_device_start, sim_facebook_device_status,
    sim_facebook_dialog, sim_facebook_accounts, sim_facebook_me;
extern sim_handler sim_facebook_live_create, sim_facebook_live_list, sim_facebook_live_get,
    sim_facebook_live_update, sim_facebook_live_delete, sim_facebook_live_comments,
    sim_facebook_live_errors, sim_facebook_input_streams;
extern const struct sim_oauth sim_facebook_oauth;
void sim_facebook_live_due(struct sim *sim, struct sim_object *o);
void sim_facebook_live_fed(struct sim *sim, struct sim_object *o);
bool sim_facebook_live_remote(struct sim *sim, struct sim_object *o, const char *event,
                              const cJSON *body, struct error *err);
struct sim_token *sim_facebook_page_token_make(struct sim *sim, struct sim_grant *g,
                                               const struct sim_facebook_page *page);

#endif

/* What the files of the simulated Instagram share. Errors and fields= are Graph's, as Facebook's.
 */
#ifndef SIM_INSTAGRAM_H
#define SIM_INSTAGRAM_H

#include "sim/facebook.h"

enum { SIM_INSTAGRAM = 5 };
#define SIM_INSTAGRAM_APP_ID     "990000000000001"
#define SIM_INSTAGRAM_APP_SECRET "fedcba9876543210fedcba9876543210"
#define SIM_INSTAGRAM_BASIC      "instagram_business_basic"
#define SIM_INSTAGRAM_COMMENTS   "instagram_business_manage_comments"

/* What Instagram knows of an account beside its name. */
struct sim_instagram_person {
    const char *scoped_id, *type;
    int followers;
    const char *page; /* the Facebook Page that it is linked to; NULL none */
};
extern const struct sim_account sim_instagram_accounts[];
extern const struct sim_instagram_person sim_instagram_people[]; /* beside the accounts */
extern sim_handler sim_instagram_user;

/* instagram_auth.c */
extern const struct sim_oauth sim_instagram_oauth;
extern sim_handler sim_instagram_authorize, sim_instagram_exchange, sim_instagram_lengthen,
    sim_instagram_refresh;
/* The ready line's long-lived token, two days old. */
void sim_instagram_ready_token(struct sim *sim);
const char *sim_instagram_ready_value(void);

/* instagram_live.c. c->owner is the caller's account. */
extern sim_handler sim_instagram_live_media, sim_instagram_node, sim_instagram_node_update,
    sim_instagram_node_delete, sim_instagram_comments, sim_instagram_reply, sim_instagram_producer,
    sim_instagram_producer_press, sim_instagram_watch_page;
/* A new key from Live Producer; whatever was prepared before is forgotten. key NULL: by chance. */
struct sim_object *sim_instagram_session(struct sim *sim, int account, const char *key);
void sim_instagram_due(struct sim *sim, struct sim_object *o);
void sim_instagram_fed(struct sim *sim, struct sim_object *o);
bool sim_instagram_remote(struct sim *sim, struct sim_object *o, const char *event,
                          const cJSON *body, struct error *err);
/* Whose live video, or comment on one, this id is; -1: nobody's. */
int sim_instagram_owner(struct sim *sim, const char *id);

/* Somebody signed in by Facebook asks for an Instagram account of his Page, or for a live video or
 * a comment there: sets c->owner. False: the node in the path is none of these. */
bool sim_instagram_by_facebook(struct sim_call *c);
/* The account that a Facebook Page is linked to; -1 none. */
int sim_instagram_of_page(const char *page);
/* The caller's route wants this permission. False: refused already. */
bool sim_instagram_may(struct sim_call *c, const char *scope);

#endif

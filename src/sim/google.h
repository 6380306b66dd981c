/* What Google's services share: one identity, one token server, one error shape. For every platform
 * that signs in there. */
#ifndef SIM_GOOGLE_H
#define SIM_GOOGLE_H

#include "sim/private.h"

extern const struct sim_route sim_google_routes[];
extern const struct sim_client sim_google_clients[];
extern const struct sim_account sim_google_accounts[];

void sim_google_refuse(struct sim_call *c, int status, const char *word, const char *description);
void sim_google_decorate(struct sim_call *c, struct sim_grant *g, struct sim_token *t,
                         cJSON *answer);
/* The API's error body. domain and location may be NULL. */
void sim_google_error(struct sim_call *c, int status, const char *domain, const char *reason,
                      const char *location, const char *message, ...)
    __attribute__((format(printf, 6, 7)));
/* The newer front end's body, with `status` and no domain. */
void sim_google_invalid(struct sim_call *c, const char *message, ...)
    __attribute__((format(printf, 2, 3)));
/* Bearer token alive and one of the route's scopes granted. False: refused already. */
bool sim_google_authorized(struct sim_call *c, const char *service);
/* The same for the services whose errors have no list of reasons (Meet). */
bool sim_google_authorized_plain(struct sim_call *c, const char *service);
/* A query parameter that the route does not know; NULL: there is none. */
const char *sim_google_query_unknown(const struct sim_call *c);
/* Query parameters are known ones. False: refused already. */
bool sim_google_query_ok(struct sim_call *c);
void sim_google_fail(struct sim_call *c, int status);
void sim_google_rate_limited(struct sim_call *c, int retry_after_s);
bool sim_google_is_auth(const char *path);
/* Cuts an answer down to what `fields=` asks for; false: refused already. */
bool sim_google_fields(struct sim_call *c, cJSON *answer);

#endif

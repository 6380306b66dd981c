/* The way to each connection's platform: a breaker a connection, and what the platform has asked us
 * to wait. Kept in memory on the monotonic clock; each change is stored, so that it is shown
 * everywhere and outlives the process. Any thread; no transaction may be open. */
#ifndef MANAGER_GATE_H
#define MANAGER_GATE_H

#include "manager/breaker.h"
#include "manager/private.h"

struct gate_options {
    int64_t base_ms, cap_ms;           /* pauses of the breaker */
    int64_t rate_base_ms, rate_cap_ms; /* when a platform asks to wait and does not say how long */
};

bool gate_new(struct gate **out, struct store *store, const struct gate_options *o,
              struct error *err);
void gate_free(struct gate *g);

/* What one operation was let through with. */
struct gate_pass {
    bool in, tries;
};
/* False: not now. ERROR_BREAKER, ERROR_RATE or ERROR_QUOTA, with the time. */
bool gate_enter(struct gate *g, const struct connection *c, enum urgency u, struct gate_pass *pass,
                struct error *err);
/* The platform answered, or it failed in the way that the breaker counts. */
void gate_answer(struct gate *g, const struct connection *c, struct gate_pass *pass, bool failed);
/* The operation ended: when it was to try the way and nothing was noted, another may. */
void gate_leave(struct gate *g, const struct connection *c, struct gate_pass *pass);
/* The platform asked us to wait: ERROR_RATE, ERROR_QUOTA. Fills in how long when it did not say. */
void gate_hold(struct gate *g, const struct connection *c, struct error *why);
/* The platform says that its allowance is nearly used up: what is not a start, a stop or a person's
 * question waits so long; 0: it has enough again. */
void gate_ease(struct gate *g, const struct connection *c, int64_t wait_ms);
/* How far our clock is from the platform's, by an answer's Date. */
void gate_clock(struct gate *g, const struct connection *c, int64_t off_ms);
/* The last known; 0 when they agree. */
int64_t gate_clock_off(struct gate *g, const struct connection *c);
/* The wall clock jumped: what is stored as a wall time is written anew. */
void gate_restore(struct gate *g);

#endif

/* The pure part of health.c, for its test. */
#ifndef MANAGER_HEALTH_H
#define MANAGER_HEALTH_H

#include <ecclesia/record/connection.h>

/* When the sign-in ends: fills refresh_end_ms, grant_end_ms and sliding of c->health from what the
 * platform said and how its sign-ins live. issued_ms: when the tokens were got last, 0 unknown. */
void health_ends(struct connection *c, int64_t issued_ms);
/* Of the days before the end at which it is warned, the one that has come: 7, 3 or 1; for a grant
 * of about a week 2 or 1. 0: not yet, or over. */
int health_days(int64_t granted_ms, int64_t end_ms, int64_t now_ms);
/* "in 3 days", "in 5 hours", "within the hour". */
void health_in(char *out, size_t size, int64_t left_ms);
/* How far, either way: "2 hours". */
void health_much(char *out, size_t size, int64_t off_ms);

#endif

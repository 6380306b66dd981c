/* The schema, one step a version. A step once released is never changed: a change is a new step. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stddef.h>

/* PRAGMA application_id: "ECCL". */
#define SCHEMA_APPLICATION_ID 0x4543434c

extern const char *const schema_steps[]; /* SQL of step i+1; user_version counts the steps done */
extern const size_t schema_step_count;

extern const char schema_oauth[];  /* schema_oauth.c */
extern const char schema_health[]; /* schema_health.c */

#endif

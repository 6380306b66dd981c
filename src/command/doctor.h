/* What the checks of `doctor` share. Each adds one line of its own, and one for each finding. */
#ifndef COMMAND_DOCTOR_H
#define COMMAND_DOCTOR_H

#include "command/private.h"

struct doctor {
    struct command_context *context;
    const struct config *config;
    const char *audit_head; /* that was noted before, NULL none */
    bool offline;
    cJSON *items;
    int failed, warned;
    char head[100]; /* of the audit, to be noted */
    /* Seen on the way by the check of platforms, for the check of the clock. */
    bool compared;    /* some platform told the time */
    int64_t ahead_ms; /* how much our clock is before theirs; negative behind */
    char compared_with[64];
};

enum finding { DOCTOR_OK, DOCTOR_SKIPPED, DOCTOR_WARNING, DOCTOR_FAILED };
/* remedy NULL: none is needed. */
void doctor_add(struct doctor *d, const char *check, enum finding finding, const char *remedy,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
/* What a function below said. */
void doctor_add_error(struct doctor *d, const char *check, enum finding finding,
                      const struct error *why);

void doctor_database(struct doctor *d); /* doctor_store.c */
void doctor_disk(struct doctor *d);
void doctor_keys(struct doctor *d); /* doctor_keys.c */
void doctor_secrets(struct doctor *d);
void doctor_audit(struct doctor *d);
void doctor_platforms(struct doctor *d); /* doctor_net.c */
void doctor_clock(struct doctor *d);     /* after the platforms */

#endif

/* What the checks of `doctor` share. Each adds one line of its own, and one for each finding. */
#ifndef COMMAND_DOCTOR_H
#define COMMAND_DOCTOR_H

#include "command/private.h"

/* No check takes longer: what is not done by then is said. Those of the network run beside the
 * others. */
enum { DOCTOR_CHECK_MS = 15000 };

struct doctor {
    struct command_context *context;
    const struct config *config;
    const char *audit_head; /* that was noted before, NULL none */
    bool offline;
    cJSON *items;
    int failed, warned;
    bool net_told;  /* why no call can be made, for which the database was not opened either */
    char head[100]; /* of the audit, to be noted */
};

enum finding { DOCTOR_OK, DOCTOR_SKIPPED, DOCTOR_WARNING, DOCTOR_FAILED };
/* remedy NULL: none is needed. */
void doctor_add(struct doctor *d, const char *check, enum finding finding, const char *remedy,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
/* What a function below said; as a warning when it only took too long. */
void doctor_add_error(struct doctor *d, const char *check, enum finding finding,
                      const struct error *why);
/* The findings so far: a check that adds none has its one good line to add. */
int doctor_findings(const struct doctor *d);

void doctor_database(struct doctor *d); /* doctor_store.c */
void doctor_disk(struct doctor *d);
void doctor_permissions(struct doctor *d); /* doctor_place.c */
void doctor_memory(struct doctor *d);
void doctor_terminal(struct doctor *d);
void doctor_keys(struct doctor *d); /* doctor_keys.c */
void doctor_secrets(struct doctor *d);
void doctor_audit(struct doctor *d);

/* doctor_name.c: waits at most 5 s. Any thread. */
bool doctor_find_name(const char *host, struct error *err);

/* doctor_net.c: names, certificates, platforms, and the clock beside theirs. Begun first and
 * looked at last; d is the one of doctor_net_end(), too. NULL when there is nothing to ask: then
 * the lines are there already. */
struct doctor_net;
struct doctor_net *doctor_net_begin(struct doctor *d);
void doctor_net_end(struct doctor_net *n, struct doctor *d);

#endif

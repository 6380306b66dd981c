/* The meeting: title, description, start, end, primary platform and one target per platform. A
 * plain value; read whole. */
#ifndef ECCLESIA_RECORD_MEETING_H
#define ECCLESIA_RECORD_MEETING_H

#include <stddef.h>

#include <ecclesia/record/target.h>

enum meeting_status { MEETING_SCHEDULED, MEETING_ACTIVE, MEETING_ENDED, MEETING_CANCELLED };

enum meeting_act { MEETING_EDIT, MEETING_CANCEL, MEETING_RETRY };

struct meeting {
    struct id id, church;
    int64_t revision;
    char *title;       /* owned, 1–200 characters (Zoom's limit) */
    char *description; /* owned, at most 1900 characters (Zoom's agenda less our marker), "" when
                          none */
    int64_t start_ms, end_ms; /* both set, end after start, at most 24 h apart (Zoom's limit) */
    enum platform_id primary; /* one of the targets' */
    enum meeting_status status;
    bool cancelled;
    int64_t created_ms, updated_ms;
    struct target *targets; /* owned */
    size_t target_count;
};

void meeting_release(struct meeting *m);
const char *
meeting_status_name(enum meeting_status s); /* "scheduled", "active", "ended", "cancelled" */
bool meeting_check(const struct meeting *m, struct error *err);
/* zone: the church's, by whose clocks a series is counted. */
enum meeting_status meeting_judge(const struct meeting *m, const char *zone, int64_t now_ms);
bool meeting_allows(const struct meeting *m, enum meeting_act act, struct error *err);
/* m with start and end of the time that counts now for t: the one that runs, else the next to come,
 * else the last. A shallow copy for m's lifetime, never released. t NULL: m as it is. zone: IANA
 * id, NULL UTC. */
struct meeting meeting_due(const struct meeting *m, const struct target *t, const char *zone,
                           int64_t now_ms);
/* When nothing more of it comes: its end, or that of the last time on the platform that repeats it
 * longest. */
int64_t meeting_until_ms(const struct meeting *m, const char *zone);
struct target *meeting_target(const struct meeting *m, enum platform_id p);

#endif

/* The livestream: title, description, start, end and one target per platform. A plain value; read
 * whole. */
#ifndef ECCLESIA_RECORD_LIVESTREAM_H
#define ECCLESIA_RECORD_LIVESTREAM_H

#include <stddef.h>

#include <ecclesia/record/target.h>

enum livestream_status { LIVESTREAM_SCHEDULED, LIVESTREAM_LIVE, LIVESTREAM_ENDED };

/* What can be asked of a livestream; the table of what is allowed when is livestream_allows(). */
enum livestream_act {
    LIVESTREAM_EDIT,
    LIVESTREAM_START,
    LIVESTREAM_STOP,
    LIVESTREAM_RETRY,
    LIVESTREAM_DELETE
};

struct livestream {
    struct id id, church;
    int64_t revision;  /* counts each change by a person */
    char *title;       /* owned, 1–100 characters (YouTube's limit is the least) */
    char *description; /* owned, at most 5000 characters, "" when none */
    char *thumbnail;   /* owned: path of a PNG or JPEG, "" when none */
    int64_t start_ms;  /* planned, 0: a draft to be started by hand */
    int64_t end_ms;    /* planned, 0: open */
    enum livestream_status status;
    bool start_asked;             /* the operator has started it */
    bool stop_asked;              /* … and stopped it */
    int64_t started_ms, ended_ms; /* first target live, last one over; 0 */
    int64_t created_ms, updated_ms;
    struct target *targets; /* owned */
    size_t target_count;
};

void livestream_release(struct livestream *l);
const char *livestream_status_name(enum livestream_status s);
bool livestream_status_parse(const char *name, enum livestream_status *out);
/* Title, times and texts are as they must be, else ERROR_INPUT that names the field. */
bool livestream_check(const struct livestream *l, struct error *err);
/* From the targets and what was asked: live while any target is; ended once it was stopped, or was
 * live, and none is. Pure. */
enum livestream_status livestream_judge(const struct livestream *l);
/* Whether the act fits now; else ERROR_REFUSED with the reason and what to do. */
bool livestream_allows(const struct livestream *l, enum livestream_act act, struct error *err);
struct target *livestream_target(const struct livestream *l,
                                 enum platform_id p); /* borrowed, NULL when not selected */
size_t livestream_count(const struct livestream *l, enum target_status s);

#endif

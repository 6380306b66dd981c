/* The event: a line of what happened, for people and machines. Append-only; commits with the change
 * that it tells of. */
#ifndef ECCLESIA_RECORD_EVENT_H
#define ECCLESIA_RECORD_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include <ecclesia/base/id.h>
#include <ecclesia/record/slug.h>

enum event_level { EVENT_INFO, EVENT_WARNING, EVENT_ERROR };

const char *event_level_name(enum event_level l); /* "info" */
bool event_level_parse(const char *name, enum event_level *out);

struct event {
    int64_t id; /* row id, grows; Last-Event-ID */
    int64_t at_ms;
    struct id church;
    enum event_level level;
    int platform;      /* enum platform_id, -1 when none */
    struct id subject; /* livestream, meeting or connection; none when of the program itself */
    char *kind;   /* owned: stable dotted word, "target.live", "connection.expired", "job.retry" */
    char *text;   /* owned: one line for a person, starts with the subject's title */
    char *remedy; /* owned, "" when none */
    char *actor;  /* owned: login of the person, or "engine" */
    bool simulated;
};

void event_release(struct event *e);

#endif

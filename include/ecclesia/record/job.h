/* The job: one durable piece of work for one target or connection. */
#ifndef ECCLESIA_RECORD_JOB_H
#define ECCLESIA_RECORD_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include <ecclesia/base/error.h>
#include <ecclesia/base/id.h>
#include <ecclesia/record/slug.h>

enum job_state {
    JOB_SCHEDULED, /* waits for run_at_ms */
    JOB_RUNNING,
    JOB_UNKNOWN, /* a create was sent and its answer never came: looked up once settled */
    JOB_SUCCEEDED,
    JOB_DEAD, /* gave up; a person can retry */
    JOB_CANCELLED
};

const char *job_state_name(enum job_state s);
bool job_state_parse(const char *name, enum job_state *out);

/* Higher runs first. */
enum {
    JOB_PRIORITY_STOP = 100,
    JOB_PRIORITY_START = 90,
    JOB_PRIORITY_CREATE = 50,
    JOB_PRIORITY_UPDATE = 40
};

struct job {
    int64_t id;
    char kind[32]; /* "livestream.start" … */
    enum platform_id platform;
    struct id church, subject, target, connection;
    char idem_key[33]; /* 32 hex: the same for all attempts of one wish */
    enum job_state state;
    int priority;
    int64_t run_at_ms;   /* not before; for unknown: when it has settled */
    int64_t deadline_ms; /* dead after it ("too late"), 0 none */
    int attempt, snoozes, rescues;
    bool reconcile;  /* the next run looks up before it does */
    bool superseded; /* a later wish replaced it: end as soon as nothing is unknown */
    char lease[33];
    enum error_kind error_kind;
    char error[512];
    int64_t created_ms, updated_ms, finished_ms;
};

#endif

#include <ecclesia/record/job.h>

#include <string.h>

static const char *const state_names[] = { "scheduled", "running", "unknown",
                                           "succeeded", "dead",    "cancelled" };

const char *job_state_name(enum job_state s)
{
    return state_names[s];
}

bool job_state_parse(const char *name, enum job_state *out)
{
    for (int i = 0; name && i <= JOB_CANCELLED; i++) {
        if (strcmp(name, state_names[i]) == 0) {
            *out = (enum job_state)i;
            return true;
        }
    }
    return false;
}

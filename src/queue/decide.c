#include <ecclesia/queue/queue.h>

#include <ecclesia/base/id.h>

/* Full jitter above a floor, so that many targets of one fallen platform do not come back in step. */
static int64_t back_off(const struct error_policy *policy, const struct queue_options *o, int attempt)
{
    int64_t base = o->retry_base_ms ? o->retry_base_ms : policy->base_ms;
    int64_t cap = o->retry_cap_ms ? o->retry_cap_ms : policy->cap_ms;
    int64_t floor = base < 1000 ? base : 1000;
    int64_t span = base;

    for (int i = 1; i < attempt && (!cap || span < cap); i++)
        span *= 2;
    if (cap && span > cap)
        span = cap;
    return floor + (int64_t)random_below((uint64_t)span + 1);
}

struct fate queue_decide(const struct job *job, const struct error *why, bool creating_sent, const struct queue_options *o, int64_t now_ms)
{
    const struct error_policy *policy = error_policy(why->kind);
    struct fate fate = { .attempt = job->attempt, .error = *why };
    int tries = o->retry_tries ? o->retry_tries : policy->tries;
    bool has_time = job->deadline_ms && now_ms < job->deadline_ms;

    if (creating_sent && (!tries || job->attempt < tries) && (policy->maybe_done || why->kind == ERROR_CANCELLED)) {
        fate.unknown = true;
        fate.next_ms = now_ms + o->settle_ms;
    } else if (why->kind == ERROR_CANCELLED) {
        /* The engine is stopping, or the wish was superseded: nothing was decided, the next claim goes at once. */
        fate.next_ms = now_ms;
        fate.waiting = true;
    } else if (!policy->retry) {
        fate.dead = true;
    } else if (policy->uses_attempt && tries && job->attempt >= tries && !has_time) {
        fate.dead = true;
    } else {
        int64_t wait = why->retry_after_ms;
        if (wait > 0)
            wait += (int64_t)random_below((uint64_t)wait / 10 + 1);
        else
            wait = back_off(policy, o, policy->uses_attempt ? job->attempt : job->snoozes + 1);
        fate.next_ms = now_ms + wait;
    }
    return fate;
}

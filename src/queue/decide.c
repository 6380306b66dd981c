#include <ecclesia/queue/queue.h>

#include <ecclesia/base/id.h>

/* Full jitter above a floor, so that many targets of one fallen platform do not come back in step.
 */
static int64_t back_off(const struct error_policy *policy, const struct queue_options *o,
                        int attempt)
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

/* A creating request went out, and nobody has said that what it made is saved or that it was
 * refused. Then only a failure before the first byte makes sure that nothing is there: our own
 * failures (the store was full when the answer was to be saved) come after it as well. */
static bool maybe_made(enum error_kind kind)
{
    switch (kind) {
    case ERROR_CANCELLED:
    case ERROR_STORE:
    case ERROR_STORE_FULL:
    case ERROR_STORE_BUSY:
    case ERROR_CONFLICT:
    case ERROR_TIMEOUT:
    case ERROR_MEMORY:
    case ERROR_INTERNAL:
        return true;
    default:
        return error_policy(kind)->maybe_done;
    }
}

struct fate queue_decide(const struct job *job, const struct error *why, bool creating_sent,
                         const struct queue_options *o, int64_t now_ms)
{
    static const int looks = 5; /* of kinds that are not tried again otherwise */
    const struct error_policy *policy = error_policy(why->kind);
    struct fate fate = { .attempt = job->attempt, .error = *why };
    int tries = o->retry_tries ? o->retry_tries : policy->tries;
    bool has_time = job->deadline_ms && now_ms < job->deadline_ms;
    bool out_of_tries = policy->uses_attempt && tries && job->attempt >= tries && !has_time;
    bool out_of_looks = out_of_tries || (!policy->retry && job->attempt >= looks);

    if (creating_sent && maybe_made(why->kind) && (why->kind == ERROR_CANCELLED || !out_of_looks)) {
        fate.unknown = true;
        fate.next_ms = now_ms + o->settle_ms;
    } else if (why->kind == ERROR_CANCELLED) {
        /* The engine is stopping, or the wish was superseded: nothing was decided, the next claim
         * goes at once. */
        fate.next_ms = now_ms;
        fate.waiting = true;
    } else if (!policy->retry || out_of_tries) {
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

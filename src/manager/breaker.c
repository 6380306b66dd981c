#include "manager/breaker.h"

#include <string.h>

enum {
    WINDOW_MS = 60 * 1000,
    TRIAL_MS = 90 * 1000, /* after that a question that tries is taken for lost */
    BESIDE_MS = 1000      /* what comes while one is out waits so long */
};

void breaker_init(struct breaker *b, int64_t base_ms, int64_t cap_ms)
{
    memset(b, 0, sizeof *b);
    b->base_ms = base_ms;
    b->cap_ms = cap_ms < base_ms ? base_ms : cap_ms;
}

static int64_t pause_of(const struct breaker *b)
{
    int64_t ms = b->base_ms;

    for (int i = 1; i < b->opens && ms < b->cap_ms; i++)
        ms *= 2;
    return ms < b->cap_ms ? ms : b->cap_ms;
}

static int64_t let_through(struct breaker *b, int64_t now_ms, bool *tries)
{
    b->early = now_ms < b->until_ms;
    b->state = BREAKER_HALF;
    b->asked_ms = now_ms;
    *tries = true;
    return 0;
}

int64_t breaker_wait(struct breaker *b, enum urgency u, int64_t now_ms, bool *tries)
{
    int64_t at = b->until_ms;

    *tries = false;
    if (b->state == BREAKER_CLOSED)
        return 0;
    if (b->state == BREAKER_HALF && now_ms - b->asked_ms < TRIAL_MS) {
        /* A person's own question goes beside it. */
        if (u == URGENCY_PERSON)
            return 0;
        return b->base_ms < BESIDE_MS ? b->base_ms : BESIDE_MS;
    }
    /* A service that shall begin or end tries each time that the shortest pause is over. */
    if (u == URGENCY_STAGE && b->asked_ms + b->base_ms < at)
        at = b->asked_ms + b->base_ms;
    if (u == URGENCY_PERSON || now_ms >= at)
        return let_through(b, now_ms, tries);
    return at - now_ms;
}

static void remember(struct breaker *b, bool failed, int64_t now_ms)
{
    b->seen[b->seen_next].at_ms = now_ms;
    b->seen[b->seen_next].failed = failed;
    b->seen_next = (b->seen_next + 1) % BREAKER_SEEN;
    if (b->seen_count < BREAKER_SEEN)
        b->seen_count++;
}

static bool half_failed(const struct breaker *b, int64_t now_ms)
{
    int all = 0, failed = 0;

    for (int i = 0; i < b->seen_count; i++) {
        if (now_ms - b->seen[i].at_ms > WINDOW_MS)
            continue;
        all++;
        failed += b->seen[i].failed;
    }
    return all >= BREAKER_LEAST && failed * 2 >= all;
}

static bool open_anew(struct breaker *b, int64_t now_ms)
{
    /* What was tried early and failed tells nothing new: the pause stays. */
    if (!(b->state == BREAKER_HALF && b->early && b->until_ms > now_ms)) {
        b->opens++;
        b->until_ms = now_ms + pause_of(b);
    }
    b->asked_ms = now_ms;
    b->state = BREAKER_OPEN;
    return true;
}

bool breaker_note(struct breaker *b, bool failed, int64_t now_ms)
{
    remember(b, failed, now_ms);
    if (failed) {
        b->failures++;
        if (b->state == BREAKER_HALF)
            return open_anew(b, now_ms);
        return b->state == BREAKER_CLOSED &&
               (b->failures >= BREAKER_ROW || half_failed(b, now_ms)) && open_anew(b, now_ms);
    }
    b->failures = 0;
    if (b->state == BREAKER_CLOSED)
        return false;
    b->state = BREAKER_CLOSED;
    b->opens = 0;
    b->until_ms = 0;
    b->seen_count = b->seen_next = 0;
    return true;
}

void breaker_drop(struct breaker *b, int64_t now_ms)
{
    if (b->state != BREAKER_HALF)
        return;
    b->state = BREAKER_OPEN;
    if (!b->early)
        b->until_ms = now_ms;
}

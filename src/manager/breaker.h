/* The circuit breaker of one connection: pure, on the monotonic clock. It opens after five failures
 * in a row, or when half of at least ten answers of a minute are failures; each time it opens anew
 * it stays so twice as long. */
#ifndef MANAGER_BREAKER_H
#define MANAGER_BREAKER_H

#include <ecclesia/record/connection.h>

enum { BREAKER_ROW = 5, BREAKER_LEAST = 10, BREAKER_SEEN = 64 };

/* Who wants to ask. */
enum urgency {
    URGENCY_LOW,   /* a poll, a probe */
    URGENCY_WORK,  /* to create, to change */
    URGENCY_STAGE, /* to start, stop, end: what must not wait for long */
    URGENCY_PERSON /* somebody looks at the screen for the answer */
};

struct breaker {
    enum breaker_state state;
    int64_t base_ms, cap_ms; /* how long it is open at first and at the most */
    int failures;            /* in a row */
    int opens;               /* in a row, without an answer between them */
    int64_t until_ms;        /* of OPEN: not asked before */
    int64_t asked_ms;        /* when the last question that tries it was let through */
    bool early;              /* that question went before its time */
    struct {
        int64_t at_ms;
        bool failed;
    } seen[BREAKER_SEEN]; /* a ring of what was answered lately */
    int seen_count, seen_next;
};

void breaker_init(struct breaker *b, int64_t base_ms, int64_t cap_ms);
/* 0: ask. Else how long not. *tries: this question is the one that shows whether it is back; its
 * end must be noted, or dropped. */
int64_t breaker_wait(struct breaker *b, enum urgency u, int64_t now_ms, bool *tries);
/* How a question ended. True when the state has changed. */
bool breaker_note(struct breaker *b, bool failed, int64_t now_ms);
/* The question that was to try it has come to nothing: another may. */
void breaker_drop(struct breaker *b, int64_t now_ms);

#endif

/* Durable jobs: claim, run, back off, recover. Knows no platform and no record: the manager
 * registers what a kind does.
 *
 * At most `parallel` jobs of a platform at once, and workers for all of them, so that what hangs at
 * some keeps no other waiting; one worker more is always free for priority stop, which may go
 * beyond a platform's share. A job's outcome, the change of its record and its event commit in one
 * transaction. */
#ifndef ECCLESIA_QUEUE_QUEUE_H
#define ECCLESIA_QUEUE_QUEUE_H

#include <ecclesia/base/cancel.h>
#include <ecclesia/record/job.h>
#include <ecclesia/store/db.h>

struct queue;

/* What a run of a job came to; filled by the handler. */
struct verdict {
    enum verdict_wish { VERDICT_DONE, VERDICT_WAIT, VERDICT_FAILED } wish;
    int64_t wait_ms;    /* of WAIT: call again after; counts no attempt */
    struct error error; /* of FAILED: its kind decides what becomes of the job */
};

/* What becomes of the job, told to apply() so that the record can say it. */
struct fate {
    bool done, dead, unknown, cancelled, waiting; /* one is true; none: it will be tried again */
    int attempt;
    int64_t next_ms;    /* when it goes again, 0 never */
    struct error error; /* ERROR_NONE when done or waiting */
};

struct job_kind {
    const char *name;
    /* Does the work; worker thread; no transaction is open. The cancel is asked at stop. *state is
     * the handler's own, passed to apply and then to drop. */
    void (*run)(const struct job *job, struct cancel *cancel, void *context, struct verdict *out,
                void **state);
    /* Writes the record's change and its event in the transaction that ends the job. False rolls
     * all back; it is tried again. state is NULL for a job that died without a run: too late, or
     * the program died each time. */
    bool (*apply)(struct db *db, const struct job *job, const struct fate *fate, void *context,
                  void *state, struct error *err);
    void (*drop)(void *state);
    void *context;
};

struct queue_options {
    int workers;           /* 0: the sum of parallel and one; at least 2, at most 32 */
    int64_t settle_ms;     /* [queue] settle: 30 s */
    int64_t retry_base_ms; /* [retry] base: 0 keeps the table's; else replaces each kind's base */
    int64_t retry_cap_ms;  /* [retry] cap: 0 keeps the table's */
    int retry_tries;       /* [retry] tries: 0 keeps the table's */
    int parallel[PLATFORM_COUNT]; /* 0: 3 */
};

bool queue_new(struct queue **out, struct store *store, const struct queue_options *options,
               struct error *err);
void queue_register(
    struct queue *q,
    const struct job_kind *kind); /* before queue_start; kind is borrowed for life */
/* Recovers what another boot left and starts the workers. Only with the engine lock held. */
bool queue_start(struct queue *q, struct error *err);
/* Stops claiming, asks what runs to cancel after grace_ms, waits, joins. What did not end stays in
 * the store for the next engine. */
void queue_stop(struct queue *q, int64_t grace_ms);
void queue_free(struct queue *q);
/* Look again: a job was added. Also called by the engine on each commit. Any thread. */
void queue_wake(struct queue *q);

/* For handlers, before the first byte of an effect goes out. False with ERROR_CANCELLED when the
 * job is not ours any more. */
bool queue_sent(struct queue *q, const struct job *job, bool creates, struct error *err);
/* What the effect made is saved by the same transaction, or the platform refused it: nothing is
 * uncertain any more. */
bool queue_answered(struct queue *q, struct db *db, const struct job *job, int http_status,
                    struct error *err);

/* The pure part, for tests: what becomes of a job after this error. */
struct fate queue_decide(const struct job *job, const struct error *why, bool creating_sent,
                         const struct queue_options *o, int64_t now_ms);

#endif

/* Jobs as rows. Used by queue/ and, for lists, by fronts through the manager. */
#ifndef ECCLESIA_STORE_JOBS_H
#define ECCLESIA_STORE_JOBS_H

#include <ecclesia/record/job.h>
#include <ecclesia/store/db.h>

/* Adds; run_at_ms 0 is now. A live job with the same unique_key is kept instead: *id gets its id
 * and *added is false. */
bool job_add(struct db *db, const struct job *j, const char *unique_key, int64_t *id, bool *added,
             struct error *err);
bool job_get(struct db *db, int64_t id, struct job *out, struct error *err);
struct job_filter {
    int state;                         /* -1 any */
    bool live;                         /* scheduled, running and unknown only */
    struct id church, subject, target; /* none: any */
    size_t limit;                      /* 0: 200; newest first */
};
bool job_list(struct db *db, const struct job_filter *f, struct job **out, size_t *count,
              struct error *err); /* array yours: free() */

/* When the most urgent waiting job can be claimed (0 never): its platform is not in blocked (bit
 * mask by enum platform_id) and its target has no earlier live job. only_stop: jobs of priority
 * stop alone. Reads only. */
bool job_next_due(struct db *db, unsigned blocked, bool only_stop, int64_t *next_ms,
                  struct error *err);
/* Claims it. False with ERROR_MISSING when none is due. boot: a word of this engine's life. */
bool job_claim(struct db *db, unsigned blocked, bool only_stop, const char *boot, int64_t now_ms,
               struct job *out, struct error *err);
/* Ids of running jobs that were superseded; at most `most`. */
bool job_running_superseded(struct db *db, int64_t *ids, size_t most, size_t *count,
                            struct error *err);
/* All later writes are bound to the lease: *fenced is true and nothing is written when the job is
 * not ours any more. */
bool job_mark_sent(struct db *db, const struct job *j, bool creates, bool *fenced,
                   struct error *err);
bool job_mark_answered(struct db *db, const struct job *j, int http_status, bool *fenced,
                       struct error *err);
/* Whether a creating request was marked as sent and not as answered since. False when the job is
 * not ours any more. */
bool job_creating(struct db *db, const struct job *j, bool *creating, struct error *err);
enum job_end {
    JOB_END_DONE,    /* → succeeded */
    JOB_END_AGAIN,   /* → scheduled at run_at_ms, attempt counted */
    JOB_END_SNOOZE,  /* → scheduled at run_at_ms, attempt given back, snoozes + 1 */
    JOB_END_UNKNOWN, /* → unknown until run_at_ms */
    JOB_END_DEAD,
    JOB_END_CANCELLED
};
bool job_end(struct db *db, const struct job *j, enum job_end how, int64_t run_at_ms,
             const struct error *why, bool *fenced, struct error *err);
/* At the start of an engine: jobs that ran under another boot. Sent creates become unknown (looked
 * up at settle_ms from now), others are due again: at once, and after the fourth time with growing
 * pauses, for the job may be what kills the program; after JOB_RESCUES_MAX times they are dead. A
 * person's kill or a power cut hits whatever runs, so the number is not small. *count gets how
 * many. */
enum { JOB_RESCUES_MAX = 20 };
bool job_recover(struct db *db, const char *boot, int64_t now_ms, int64_t settle_ms, int64_t *count,
                 struct error *err);
/* A newer wish for the target: waiting jobs are cancelled, running and unknown ones end as soon as
 * they are certain. */
bool job_supersede(struct db *db, struct id target, struct error *err);
/* A person: a dead or waiting job goes again now; a waiting one is cancelled. ERROR_REFUSED when it
 * cannot. */
bool job_retry(struct db *db, int64_t id, struct error *err);
bool job_cancel(struct db *db, int64_t id, struct error *err);
/* Drops finished jobs older than before_ms, at most `most`. */
bool job_prune(struct db *db, int64_t before_ms, int most, struct error *err);
/* Of a livestream, meeting or target; none: all. */
bool job_count_live(struct db *db, struct id subject_or_target, int64_t *count, struct error *err);

#endif

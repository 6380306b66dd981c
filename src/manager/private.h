/* Inside the manager. */
#ifndef MANAGER_PRIVATE_H
#define MANAGER_PRIVATE_H

#include <ecclesia/manager/manager.h>
#include <ecclesia/oauth/token.h>
#include <ecclesia/platform/oauth.h>
#include <ecclesia/platform/platform.h>
#include <ecclesia/store/jobs.h>
#include <ecclesia/store/secret_rows.h>

struct limiter;
struct gate;
struct quotas;
struct jump;
struct holds;
struct poller;
struct auditor;

enum { MANAGER_KINDS = 8 };

struct manager {
    const struct config *config;
    struct store *store;
    struct vault *vault;
    struct net *net;     /* NULL: cannot ask platforms */
    struct queue *queue; /* NULL: not the engine */
    struct token_keeper *tokens;
    struct limiter *limiter;
    struct gate *gate;
    struct quotas *quotas;
    struct jump *jump; /* while this process is the engine */
    struct holds *holds;
    struct poller *poller;
    struct auditor *auditor;
    struct job_kind kinds[MANAGER_KINDS];
};

/* ---- one platform operation (caller.c) ---- */

/* A struct call over a stored connection, or over values that are being tried (values, not stored).
 * One thread. */
struct caller;
struct caller_options {
    enum platform_id platform;
    const struct connection *connection; /* borrowed; for a try: options and church alone are set */
    const struct setting_value
        *values; /* of a try: the credentials; NULL for a stored connection */
    size_t value_count;
    const struct oauth_found *found; /* of a try: what a sign-in has found so far; looked at anew
                                        for each credential; NULL */
    const struct token *granted; /* of a try: the token of a sign-in; NULL, or access "": none */
    const char *idem_key;        /* "" for questions */
    const char *zone;
    const struct job *job; /* NULL: no job, effects are not noted */
    struct cancel *cancel;
    int urgency; /* enum urgency of breaker.h */
    /* Saves progress in a transaction of its own; NULL: progress is refused. */
    bool (*progress)(void *argument, struct db *db, const struct outcome *o, struct error *err);
    void *argument;
};
/* ERROR_REFUSED when this program does not speak the platform. *out is yours: caller_close(). */
bool caller_open(struct caller **out, struct manager *m, const struct caller_options *options,
                 struct error *err);
void caller_close(struct caller *c); /* wipes what it opened */
struct call *caller_call(struct caller *c);
const struct platform *caller_platform(const struct caller *c);
/* The token in use was refused: the next token() renews it. False when that was done already in
 * this caller, or nothing can be renewed. */
bool caller_renew_once(struct caller *c);
/* How the operation ended, err NULL well: what that says of the way to the platform. A platform
 * that asks us to wait and does not say how long: err gets a time. A refusal that this computer's
 * clock explains becomes ERROR_CLOCK. */
void caller_ended(struct caller *c, struct error *err);
/* What we sign and date ourselves is good only with a clock that is right: ERROR_CLOCK when the
 * platform's differs. */
bool caller_clock_fits(struct caller *c, struct error *err);
/* Of a try: the token that renew() gave, to be saved with the connection; NULL when none. */
const struct token *caller_token(const struct caller *c);

/* ---- call rates (limiter.c) ---- */
bool limiter_new(struct limiter **out, struct error *err);
void limiter_free(struct limiter *l);
/* Takes one call of the platform's rate, of the connection's account or of the project, waiting for
 * it. ERROR_CANCELLED. */
bool limiter_take(struct limiter *l, const struct platform *p, struct id connection,
                  const struct http_request *request, struct cancel *cancel, struct error *err);
/* 1; in tests how many times as fast as the platforms' own pace: ECCLESIA_TEST_PACE. Of their
 * rates, and of the waits that adapters ask for. */
int manager_pace(void);

/* ---- what one operation of a connection holds against the others (holds.c) ---- */
bool holds_new(struct holds **out, struct error *err);
void holds_free(struct holds *h);
/* owner holds it until holds_drop(); again by the same owner is fine. */
bool holds_take(struct holds *h, const void *owner, struct id connection, const char *what,
                struct cancel *cancel, struct error *err);
void holds_drop(struct holds *h, const void *owner);

/* ---- connections (connections.c) ---- */
/* In a write transaction: what an authenticated answer (err NULL), or a failure of credentials,
 * says about the connection; judges, saves, tells. */
bool connection_note(struct manager *m, struct db *db, struct connection *c,
                     const struct error *err_or_null, bool probe, const char *actor,
                     struct error *err);

/* By a person's sign-in, rather than by credentials that were typed in. */
bool connection_by_person(const struct connection *c);
/* The values fit the platform's table; *options gets those that are not secret. person: of a
 * sign-in, which takes the app's values alone. */
bool connection_values(const struct platform *p, const struct setting_value *values, size_t count,
                       bool person, const char *client_secret, cJSON *options, struct error *err);
/* Fills what an accepted try says of itself. options: taken. */
bool connection_fill(struct connection *c, const char *method, const struct account *account,
                     const struct token *token, char *options, struct error *err);
/* Replaces the church's connection there and its credentials whole, in one transaction; token NULL:
 * none. */
bool connection_replace(struct manager *m, struct connection *c, const struct platform *p,
                        const struct setting_value *values, size_t count, const struct token *token,
                        const char *actor, struct error *err);

/* ---- how healthy a connection is (health.c) ---- */
/* Fills c->health and c->note from what is stored and what time it is. */
bool health_review(struct db *db, struct connection *c, struct error *err);
/* In a write transaction: warns, once for each of the days before it, that the sign-in comes to its
 * end. *warned: an event was written. */
bool health_warn(struct db *db, const struct connection *c, bool *warned, struct error *err);
/* Whether there is something to warn of. In a read. */
bool health_due(struct db *db, const struct connection *c);

/* ---- the wall clock's jumps (jump.c) ---- */
bool jump_start(struct manager *m, struct error *err);
void jump_stop(struct manager *m);

/* ---- events (events.c) ---- */
struct tell {
    struct id church, subject;
    enum event_level level;
    int platform; /* -1 */
    const char *kind, *remedy, *actor;
    bool simulated;
};
bool tell(struct db *db, const struct tell *t, struct error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- the audit (audit.c) ---- */
/* In the write transaction of the event: the row of one that the audit keeps. */
bool audit_event(struct db *db, const struct event *e, struct error *err);

/* ---- subjects (subject.c): what livestreams and meetings have in common ---- */
bool subject_zone(struct db *db, struct id church, char *out, size_t size);
/* After a target changed: judges the record anew, saves it, tells when its status changed. */
bool subject_judge(struct manager *m, struct db *db, enum subject_kind kind, struct id id,
                   struct error *err);
/* A job for the target. verb: "create", "update", "start", "stop", "remove", "cancel". */
bool subject_enqueue(struct manager *m, struct db *db, const struct target *t, const char *verb,
                     int64_t deadline_ms, struct error *err);
/* A job of the target that waits goes at once instead of a second one; *hurried: there is one,
 * waiting or at work. */
bool subject_hurry(struct db *db, struct id target, bool *hurried, struct error *err);
/* A newer wish for the target replaces what is under way; what must be looked up first is looked up
 * at once. */
bool subject_supersede(struct db *db, struct id target, struct error *err);
/* *making: something is being made there right now, from the record as it was. */
bool subject_making(struct db *db, struct id target, bool *making, struct error *err);
/* The newest change of the target's words gave up: *why says so, else its kind is ERROR_NONE. */
bool subject_missed_change(struct db *db, struct id target, struct error *why, struct error *err);
/* Nothing is known to be at the platform, but a job of that wish gave up without being told whether
 * it had made something: then that is looked up first. Told: the platform has refused to say, and a
 * person has been asked to look; when it refuses again, their word counts. */
enum doubt { DOUBT_NONE, DOUBT_UNSURE, DOUBT_TOLD };
bool subject_doubt(struct manager *m, struct db *db, const struct target *t, enum doubt *out,
                   struct error *err);
/* Nobody but a person can say whether it is there. */
bool doubt_is_refused(enum error_kind kind);
/* Fills a new target: checks settings by the platform's tables. */
bool subject_target(struct manager *m, struct db *db, enum subject_kind kind, struct id church,
                    struct id subject, const struct target_input *in, struct target *out,
                    struct error *err);
/* Merges settings into t->settings, checked. */
bool subject_settings(struct target *t, const cJSON *settings, struct error *err);
bool platform_usable(struct manager *m, struct db *db, struct id church, enum platform_id p,
                     struct connection *out, struct error *why);

/* ---- given to what is connected already (connection_add.c) ---- */
/* That key can be given alone. */
bool connection_added(const struct platform *p, const char *key);
/* *kept: the former connection is of the same account, so what was given beside its sign-in stays:
 * c's options get what they lack of it. */
bool connection_carry(const struct platform *p, const struct connection *old, struct connection *c,
                      bool *kept, struct error *err);
/* Only such values were given, and there is such a connection: *found is yours then. */
bool connection_adds(struct manager *m, struct id church, const struct platform *p,
                     const struct setting_value *values, size_t count, struct connection *found);
/* Seals them beside what the connection has. */
bool connection_add(struct manager *m, const struct platform *p, const struct setting_value *values,
                    size_t count, const struct actor *by, struct connection *c, struct error *err);
/* When each was given, into the options. */
void connection_stamp(const struct platform *p, const struct setting_value *values, size_t count,
                      cJSON *options);

#endif

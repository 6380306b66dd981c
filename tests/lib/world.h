/* A whole small world for tests: the simulated platforms in this process, a configuration that
 * points at them with short waits, an empty database, the engine at work, a church, and connections
 * made with the credentials that the simulator offers. Everything that goes wrong here fails the
 * test that called. */
#ifndef TESTS_LIB_WORLD_H
#define TESTS_LIB_WORLD_H

#include <ecclesia/engine.h>
#include <ecclesia/platform/platform.h>
#include <ecclesia/sim/sim.h>
#include <ecclesia/store/jobs.h>

#include "testlib.h"

/* "[section] key = value", over the world's own. */
struct world_setting {
    const char *section, *key, *value;
};

struct world_options {
    uint64_t seed;       /* of the simulator */
    bool encoder_manual; /* nothing is sent until world_encoder() */
    int sim_latency_ms;
    bool unconnected; /* make no connections */
    bool idle;        /* open the engine, but do not let it work */
    bool alone;       /* nobody stands in the booth: see struct booth */
    struct world_setting settings[8];
};

struct world {
    struct world_options options;
    struct sim *sim;
    cJSON *ready; /* what the simulator says of itself */
    struct config *config;
    struct engine *engine;
    struct manager *manager; /* the engine's */
    const char *directory, *db, *key, *log;
    struct church church;
    struct booth *booth;            /* booth.h */
    bool connected[PLATFORM_COUNT]; /* by world_open() */
};

/* How many times as fast as the platforms' pace a world runs. */
enum { WORLD_PACE = 40 };

/* options NULL: all zero. */
void world_open(struct world *w, const struct world_options *options);
void world_close(struct world *w);
/* The engine alone: closed, and opened again as after a new start of the program. */
void world_engine_close(struct world *w);
void world_engine_open(struct world *w, bool work);

/* ---- platforms ---- */
/* Platforms that are spoken by this program and by the simulator, and have the abilities. Returns
 * how many. */
size_t world_platforms(const struct world *w, unsigned abilities,
                       enum platform_id out[PLATFORM_COUNT]);
/* The credentials that the simulator offers and the platform's table takes; array yours: free(),
 * strings borrowed from the world. */
struct setting_value *world_credentials(const struct world *w, enum platform_id p, size_t *count);
/* Connects with them; *out may be NULL. */
bool world_connect(struct world *w, enum platform_id p, struct connection *out, struct error *err);
void world_connection(struct world *w, enum platform_id p,
                      struct connection *out); /* as stored; connection_release() */
void world_fault(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void world_encoder(struct world *w, enum platform_id p, bool sending);
/* A control request that must be answered by 2xx; its JSON, yours. */
cJSON *world_control(const struct world *w, const char *method, const char *path, const char *body);
/* Objects that are at the platform now (not deleted) of that kind (NULL any). JSON array, yours. */
cJSON *world_objects(struct world *w, enum platform_id p, const char *kind);
size_t world_object_count(struct world *w, enum platform_id p, const char *kind);
/* Requests of the journal with that method and path prefix (NULL any). */
size_t world_request_count(struct world *w, enum platform_id p, const char *method,
                           const char *path);

/* ---- records ---- */
struct id world_livestream(struct world *w, const char *title, const enum platform_id *platforms,
                           size_t count, bool start_now);
struct id world_meeting(struct world *w, const char *title, const enum platform_id *platforms,
                        size_t count);
struct livestream world_read_livestream(struct world *w, struct id id); /* livestream_release() */
struct meeting world_read_meeting(struct world *w, struct id id);
/* A target as stored; target_release(). */
struct target world_target(struct world *w, enum subject_kind kind, struct id id,
                           enum platform_id p);
/* Waits until nothing of it is under way any more; fails the test after TEST_PATIENCE_MS and then
 * says what still is. */
struct settled world_settle(struct world *w, enum subject_kind kind, struct id id);
/* Waits until no job at all is live. */
void world_drain(struct world *w);
/* Live jobs of a subject or target (none: of all). */
int64_t world_live(struct world *w, struct id subject_or_target);
/* The jobs of a target or of all (none), newest first; yours: free(). */
struct job *world_jobs(struct world *w, struct id target, size_t *count);
/* One number of one statement, a string literal; with one text for $1. */
int64_t world_sql(struct world *w, const char *sql);
int64_t world_sql_of(struct world *w, const char *sql, const char *text);
/* Prints jobs, targets and faults to standard output: what a failing case looks like. */
void world_tell(struct world *w);

/* Waits until the condition holds; told with the world's state when it does not. */
#define WORLD_UNTIL(w, expression)                                                                 \
    do {                                                                                           \
        int64_t end_ = clock_mono() + TEST_PATIENCE_MS;                                            \
        while (!(expression)) {                                                                    \
            if (clock_mono() > end_) {                                                             \
                world_tell(w);                                                                     \
                ck_abort_msg("never came true: %s", #expression);                                  \
            }                                                                                      \
            test_nap();                                                                            \
        }                                                                                          \
    } while (0)

extern const struct actor world_operator;

/* ---- random cases ----
 * A generator of its own: the program's threads do not draw from it, so a case is a function of the
 * seed and its number alone. ECCLESIA_SEED=SEED:NUMBER runs that one case.
 *
 *     struct cases c = { .total = 40 };
 *     while (cases_next(&c)) …dice(&c, 6)… */
struct cases {
    int total;
    int number; /* of the case under way, from 1 */
    uint64_t state;
};
bool cases_next(struct cases *c);
uint64_t dice(struct cases *c, uint64_t bound); /* uniform below bound */
/* Says what the case is; the last line before a failure. Also gives ECCLESIA_SEED for it. */
void case_tell(const struct cases *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

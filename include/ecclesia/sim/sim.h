/* The simulated platforms: eight small servers on loopback that answer as the platforms' documents
 * say, with their own state, and a control surface (/_sim) to look into them and to break them.
 * Rehearsal, demonstration and test bed in one.
 *
 * Each platform listens on its own loopback address, all on one port: control on 127.0.0.1, then
 * restream on 127.0.0.2, zoom .3, google_meet .4, teams .5, jitsi .6, instagram .7, youtube .8,
 * facebook .9. So a fault can close one platform's listener and leave the rest alone.
 *
 * A struct sim runs its own threads. Every function below may be called from any thread, but
 * sim_stop() only once and last. Times are milliseconds. */
#ifndef ECCLESIA_SIM_SIM_H
#define ECCLESIA_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include <ecclesia/base/error.h>
#include <ecclesia/base/text.h>

struct sim;

enum sim_encoder {
    SIM_ENCODER_MANUAL = 0, /* bytes arrive only after POST /_sim/encoder */
    SIM_ENCODER_AUTO,       /* bytes arrive by themselves soon after a key is there to send to */
};

struct sim_options {
    const char *listen; /* "127.0.0.1:0" when NULL; must be in 127.0.0.0/8; port 0 picks one that is
                           free on all */
    const char *tls_cert; /* PEM files; both or neither */
    const char *tls_key;
    int latency_ms; /* every platform answers that much later; control does not */
    enum sim_encoder encoder;
    uint64_t seed; /* ids, tokens and chance are a function of it; 0 is a seed like any other */
    int step_ms;   /* how long a platform dwells in a state that it leaves by itself (testStarting,
                      liveStarting,   PROCESSING …); 0: 300 ms. What lasts a minute there lasts ten
                      steps here. */
};

/* Listens on all addresses before it returns. o may be NULL. On success *out is yours: sim_stop().
 */
bool sim_start(struct sim **out, const struct sim_options *o, struct error *err);
/* Cuts what is open, joins the threads, frees. NULL is fine. */
void sim_stop(struct sim *sim);

const char *sim_base(const struct sim *sim); /* "http://127.0.0.1:PORT"; borrowed */
/* "http://127.0.0.8:PORT" for a platform's slug; NULL for a slug that is none. Borrowed. */
const char *sim_address(const struct sim *sim, const char *slug);
/* Appends the ready line (one JSON object, no line break). */
bool sim_describe(struct sim *sim, struct text *out);

/* A fault as in POST /_sim/faults, e.g. {"platform":"zoom","kind":"refuse"}. */
bool sim_fault_add(struct sim *sim, const char *json, struct error *err);
void sim_faults_clear(struct sim *sim);
/* none, some (one platform fails in the middle of things), storm (several kinds at several
 * platforms), or a platform's slug (it refuses all that is asked of it but the sign-in). Adds to
 * the faults that are there. */
bool sim_faults_preset(struct sim *sim, const char *name, struct error *err);

/* Runs a /_sim request without HTTP. path may carry a query ("/_sim/objects?platform=zoom"); body
 * may be NULL. Appends the answer to `answer` and sets *status. False only when it could not be run
 * at all (memory). */
bool sim_control(struct sim *sim, const char *method, const char *path, const char *body,
                 struct text *answer, int *status);

/* `ecclesia sim …`: prints the ready line, serves until standard input ends or SIGTERM or SIGINT
 * comes. argv does not hold "sim". Returns the exit status. */
int sim_main(int argc, char **argv);

#endif

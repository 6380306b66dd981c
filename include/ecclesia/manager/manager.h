/* The rules of the trade: what may be asked of churches, connections, livestreams and meetings, and
 * what each job kind does.
 *
 * Every change is ONE transaction: the record, its targets, a job a target, an event. Nothing here
 * waits for a platform except connection_connect, _check and _disconnect, which ask it directly.
 * Functions that write are for workers, never for the screen's thread. Any thread. */
#ifndef ECCLESIA_MANAGER_MANAGER_H
#define ECCLESIA_MANAGER_MANAGER_H

#include <ecclesia/base/cancel.h>
#include <ecclesia/base/config.h>
#include <ecclesia/base/json.h>
#include <ecclesia/net/net.h>
#include <ecclesia/queue/queue.h>
#include <ecclesia/store/records.h>
#include <ecclesia/vault/vault.h>

struct manager;

/* Borrows all for life. net and queue may be NULL in a process that only records wishes. */
bool manager_new(struct manager **out, const struct config *config, struct store *store,
                 struct vault *vault, struct error *err);
void manager_free(struct manager *m);
void manager_set_net(struct manager *m, struct net *net);
void manager_set_queue(struct manager *m, struct queue *queue);
struct vault *manager_vault(struct manager *m);
const struct config *manager_config(struct manager *m);
/* Registers every job kind. */
void manager_register_jobs(struct manager *m, struct queue *q);

/* Who asks: written into events. */
struct actor {
    const char *name; /* login name; "engine" for the program itself */
};

/* ---- church ---- */
bool manager_church_create(struct manager *m, const struct church *c, const struct actor *by,
                           struct error *err);
/* The church of that slug; with slug NULL the only one, made as "church" in the system's zone when
 * there is none yet (create). */
bool manager_church(struct manager *m, const char *slug, bool create, struct church *out,
                    struct error *err);

/* ---- connections ---- */
struct setting_value {
    const char *key, *value;
};
/* Checks the values by the platform's table, asks the platform, and only when it accepted them
 * seals and stores: a failed connect leaves an earlier connection as it was. */
bool connection_connect(struct manager *m, struct id church, enum platform_id p,
                        const struct setting_value *values, size_t count, const struct actor *by,
                        struct cancel *cancel, struct connection *out, struct error *err);
/* Asks the platform now and writes what is true. True even when the answer was a refusal: see
 * out->status. */
bool connection_check(struct manager *m, struct id church, enum platform_id p,
                      const struct actor *by, struct cancel *cancel, struct connection *out,
                      struct error *err);
/* Brings a connection as it was read in db to what is true now: time has passed since its status
 * was written, or a renewal of its tokens was interrupted. Writes nothing. */
bool connection_review(struct manager *m, struct db *db, struct connection *c, struct error *err);
/* What the platform allows in a day and how much of it is used, by the ledger. */
struct allowance {
    const char *name, *noun;      /* "units"; "YouTube's units of today" */
    int64_t limit, used, reserve; /* reserve: kept for start and stop */
    int percent;
    int64_t lasts_ms; /* at this rate the rest lasts until then; 0: for the day */
    int64_t reset_ms; /* when it comes back */
    bool spent;       /* only the reserve is left */
    char words[200];  /* "62% used, enough for today" */
};
/* In a read. Returns how many there are, at most `most`. */
size_t connection_allowances(struct manager *m, struct db *db, const struct connection *c,
                             struct allowance *out, size_t most);
/* Revokes at the platform (best effort, 10 s), wipes the sealed rows. *left gets how many coming
 * livestreams and meetings lose it. */
bool connection_disconnect(struct manager *m, struct id church, enum platform_id p,
                           const struct actor *by, struct cancel *cancel, int64_t *left,
                           struct error *err);
/* What a disconnect would take from: coming livestreams and meetings. */
bool connection_users(struct manager *m, struct id church, enum platform_id p, int64_t *count,
                      struct error *err);

/* ---- livestreams and meetings ---- */
struct target_input {
    enum platform_id platform;
    const cJSON *settings; /* object or NULL; borrowed */
};

/* NULL and unset members leave a record as it is when editing. Times: *_set tells. Everything is
 * borrowed. */
struct record_input {
    const char *title, *description, *thumbnail;
    bool start_set, end_set;
    int64_t start_ms, end_ms; /* 0 with set: none */
    bool start_now;           /* livestream: start at once after creating */
    int primary;              /* meeting: enum platform_id, -1 unset (creating: the first target) */
    const struct target_input
        *targets; /* editing: settings of targets that it has; creating: its targets */
    size_t target_count;
};

/* A platform without a connection gets a failed target with a remedy at once; the others go on.
 * *out gets the id. */
bool livestream_create(struct manager *m, struct id church, const struct record_input *in,
                       const struct actor *by, struct id *out, struct error *err);
bool livestream_edit(struct manager *m, struct id id, const struct record_input *in,
                     const struct actor *by, struct error *err);
bool livestream_start(struct manager *m, struct id id, const struct actor *by, struct error *err);
bool livestream_stop(struct manager *m, struct id id, const struct actor *by, struct error *err);
bool livestream_retry(struct manager *m, struct id id, enum platform_id p, const struct actor *by,
                      struct error *err);
/* Removes what was made at the platforms, then the record; refused while live. */
bool livestream_delete(struct manager *m, struct id id, const struct actor *by, struct error *err);

bool meeting_create(struct manager *m, struct id church, const struct record_input *in,
                    const struct actor *by, struct id *out, struct error *err);
bool meeting_edit(struct manager *m, struct id id, const struct record_input *in,
                  const struct actor *by, struct error *err);
bool meeting_cancel(struct manager *m, struct id id, const struct actor *by, struct error *err);
bool meeting_retry(struct manager *m, struct id id, enum platform_id p, const struct actor *by,
                   struct error *err);

/* The link that opens the meeting at that target's platform as its host, appended to out: a
 * credential, asked for anew each time and never stored. Asks the platform; an event tells that it
 * was shown, to whom, and not what. ERROR_REFUSED where the platform has none. t: one of meeting's.
 */
bool meeting_host_link(struct manager *m, const struct meeting *meeting, const struct target *t,
                       const struct actor *by, struct cancel *cancel, struct text *out,
                       struct error *err);

/* What a stop, delete or cancel would mean, for the question: "Stop Sunday Service? Its 500 viewers
 * on YouTube and Facebook see the end at once." */
bool manager_question(struct manager *m, enum subject_kind kind, struct id id, const char *verb,
                      char *out, size_t size);

/* Whether no job of the record is under way any more and each target has come to where it was asked
 * to (or failed). */
struct settled {
    bool settled;
    int fine, failed, waiting; /* targets */
};
bool manager_settled(struct manager *m, enum subject_kind kind, struct id id, struct settled *out,
                     struct error *err);

/* ---- the poller: keeps statuses true while this process is the engine ---- */
bool poller_start(struct manager *m, struct error *err);
void poller_stop(struct manager *m);
/* Something was committed: look whether there is more to ask. */
void poller_wake(struct manager *m);

/* ---- the auditor: looks after the store's reserve on the disk (store/ballast.h); seals, while
 * this process is the engine, the audit rows that processes without the key have written, within a
 * second; drops old ones ([audit] keep); notes the head in the log ---- */
bool auditor_start(struct manager *m, struct error *err);
void auditor_stop(struct manager *m);

#endif

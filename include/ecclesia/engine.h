/* The engine: opens store, vault, net, queue and manager once, and is what a front is handed. */
#ifndef ECCLESIA_ENGINE_H
#define ECCLESIA_ENGINE_H

#include <ecclesia/manager/manager.h>

struct engine;

struct engine_options {
    const char *db_path;  /* NULL: the default place */
    const char *key_file; /* NULL: [vault] key_file, else master.key in the config directory */
    bool read_only;       /* never becomes the engine, never writes */
    /* Asks a person for the passphrase that the keys were sealed with; tries counts from 0. NULL:
     * nobody can be asked. */
    bool (*ask)(void *argument, int tries, struct secret **out, struct error *err);
    void *ask_argument;
    bool diagnose; /* opens what can be opened: damage is not looked for, and any trouble with the
                      key gives a locked vault */
};

/* Opens the store and the vault (a vault whose key is missing is locked, not an error), and the
 * net. Starts no job. *out is yours: engine_close(). */
bool engine_open(struct engine **out, const struct config *config,
                 const struct engine_options *options, struct error *err);
/* Stops working, closes all. NULL is fine. */
void engine_close(struct engine *e);
struct manager *engine_manager(struct engine *e);
struct store *engine_store(struct engine *e);

/* Takes the engine lock when it is free and then runs jobs and polls; *working tells. With
 * take_over it goes on waiting for the lock in a thread of its own and works from the moment that
 * its holder is gone. Not for read_only. */
bool engine_work(struct engine *e, bool take_over, bool *working, struct error *err);
bool engine_working(struct engine *e);
/* Who works when we do not: "pid 4711 (ecclesia)"; "" when nobody does. */
void engine_worker(struct engine *e, char *out, size_t size);

/* Waits until manager_settled() or the time is over (ERROR_TIMEOUT) or cancel. */
bool engine_wait_settled(struct engine *e, enum subject_kind kind, struct id id, int64_t timeout_ms,
                         struct cancel *cancel, struct settled *out, struct error *err);

#endif

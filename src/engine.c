#include <ecclesia/engine.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/lock.h>
#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>
#include <ecclesia/platform/platform.h>
#include <ecclesia/store/ballast.h>
#include <ecclesia/vault/audit.h>

struct engine {
    const struct config *config;
    struct store *store;
    struct vault *vault;
    struct net *net;
    struct queue *queue;
    struct manager *manager;
    bool read_only;

    pthread_mutex_t mutex; /* guards the four below */
    bool working, closing, taking_over;
    pthread_t heir;          /* waits for the lock */
    bool verifying, damaged; /* damaged: guarded too */
    pthread_t verifier;      /* looks through a large database */
};

static bool open_vault(struct engine *e, const struct engine_options *o, struct error *err)
{
    char directory[2048], file[2100];
    const char *configured = config_text(e->config, "vault", "key_file");

    if (!config_directory(directory, sizeof directory, err))
        return false;
    if (o->key_file)
        snprintf(file, sizeof file, "%s", o->key_file);
    else if (configured[0])
        snprintf(file, sizeof file, "%s", configured);
    else
        snprintf(file, sizeof file, "%s/master.key", directory);
    const char *raw = getenv("ECCLESIA_MASTER_KEY"), *credentials = getenv("CREDENTIALS_DIRECTORY");
    char credential[2100] = "";
    if (credentials) {
        snprintf(credential, sizeof credential, "%s/ecclesia.key", credentials);
        if (access(credential, F_OK) != 0)
            credential[0] = '\0';
    }
    const char *passphrase = config_text(e->config, "vault", "passphrase_file");
    struct vault_source source = {
        .credential_file = credential[0] ? credential : NULL,
        .key_file = file,
        .environment = raw && raw[0] && !o->key_file ? raw : NULL,
        .passphrase_file = passphrase[0] ? passphrase : NULL,
        .may_create = !o->read_only && !o->diagnose,
        .new_file = file,
        .ask = o->ask,
        .ask_argument = o->ask_argument,
    };
    /* A named key file goes before the environment, which is for want of better. */
    if (source.environment)
        source.key_file = NULL;
    /* Who may not read the key can look, start and stop; a key that does not fit is an error. */
    bool unreadable = source.key_file && access(file, F_OK) == 0 && access(file, R_OK) != 0;
    bool done =
        vault_open(&e->vault, e->store, &source, unreadable || o->read_only || o->diagnose, err);
    if (raw) {
        text_wipe((char *)raw, strlen(raw));
        unsetenv("ECCLESIA_MASTER_KEY");
    }
    return done;
}

static void on_commit(void *argument)
{
    struct engine *e = argument;

    pthread_mutex_lock(&e->mutex);
    bool working = e->working && !e->closing;
    pthread_mutex_unlock(&e->mutex);
    if (working) {
        queue_wake(e->queue);
        poller_wake(e->manager);
    }
}

static bool make_queue(struct engine *e, struct error *err)
{
    struct queue_options o = {
        .workers = (int)config_number(e->config, "queue", "workers"),
        .settle_ms = config_ms(e->config, "queue", "settle"),
        .retry_base_ms = config_ms(e->config, "retry", "base"),
        .retry_cap_ms = config_ms(e->config, "retry", "cap"),
        .retry_tries = (int)config_number(e->config, "retry", "tries"),
    };

    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const struct platform *platform = platform_get((enum platform_id)p);
        o.parallel[p] = platform ? platform->parallel : 0;
    }
    return queue_new(&e->queue, e->store, &o, err);
}

/* Nothing is written into a damaged database. Looking through a small one takes a moment; for a
 * large one the first screen does not wait: it is looked through beside the work. */
static const int64_t verify_at_once_bytes = 4 * 1024 * 1024;

static bool is_large(const struct engine *e)
{
    struct stat st;
    return stat(store_path(e->store), &st) == 0 && st.st_size > verify_at_once_bytes;
}

static bool verify_small(struct engine *e, struct error *err)
{
    return is_large(e) || store_verify(e->store, false, 0, err);
}

bool engine_open(struct engine **out, const struct config *config, const struct engine_options *o,
                 struct error *err)
{
    struct engine *e = calloc(1, sizeof *e);
    char path[2048];

    if (!e)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    e->config = config;
    e->read_only = o->read_only;
    pthread_mutex_init(&e->mutex, NULL);
    struct net_options net = {
        .ca_file =
            config_text(config, "net", "ca_file")[0] ? config_text(config, "net", "ca_file") : NULL,
        .proxy =
            config_text(config, "net", "proxy")[0] ? config_text(config, "net", "proxy") : NULL,
        .refuse_private = true,
        .connect_ms = (int)config_ms(config, "net", "connect"),
        .total_ms = (int)config_ms(config, "net", "total"),
    };
    bool done = o->db_path ? text_copy_to(path, sizeof path, o->db_path) ||
                                 error_set(err, ERROR_STORE, "Choose a shorter one with --db.",
                                           "The database's path is too long.")
                           : config_data_path(path, sizeof path, err);
    done = done && store_open(&e->store, path, err) && verify_small(e, err) &&
           open_vault(e, o, err) && net_start(&e->net, &net, err) && make_queue(e, err) &&
           manager_new(&e->manager, config, e->store, e->vault, err);
    if (!done) {
        engine_close(e);
        return false;
    }
    manager_set_net(e->manager, e->net);
    manager_register_jobs(e->manager, e->queue);
    store_on_commit(e->store, on_commit, e);
    store_ballast(e->store, config_number(config, "store", "ballast") * 1024 * 1024);
    vault_audit_start(e->vault);
    *out = e;
    return true;
}

static void tell(struct engine *e, enum event_level level, const char *kind, const char *text,
                 const char *remedy)
{
    struct event event = { .level = level,
                           .platform = -1,
                           .kind = (char *)kind,
                           .text = (char *)text,
                           .remedy = (char *)remedy };
    struct db *db = NULL;

    if (!db_begin(e->store, &db, NULL))
        return;
    if (event_add(db, &event, NULL))
        db_commit(db, NULL);
    else
        db_rollback(db);
}

static void stop_work(struct engine *e)
{
    auditor_stop(e->manager);
    poller_stop(e->manager);
    queue_stop(e->queue, 0);
}

/* Never go on with a damaged database: what works stops, and the log says why. */
static void *verifier_main(void *argument)
{
    struct engine *e = argument;
    struct error err = { 0 };

    if (store_verify(e->store, false, 0, &err) || err.kind != ERROR_STORE)
        return NULL;
    log_line("engine", "%s", err.message);
    tell(e, EVENT_ERROR, "store.damaged", err.message, err.remedy);
    pthread_mutex_lock(&e->mutex);
    e->damaged = true;
    bool working = e->working;
    pthread_mutex_unlock(&e->mutex);
    if (working)
        stop_work(e);
    return NULL;
}

static bool verify_large(struct engine *e, struct error *err)
{
    if (!is_large(e) || e->verifying)
        return true;
    if (pthread_create(&e->verifier, NULL, verifier_main, e) != 0)
        return error_set(err, ERROR_INTERNAL, "Raise the limit of processes (ulimit -u).",
                         "A thread could not be started.");
    e->verifying = true;
    return true;
}

static bool begin_work(struct engine *e, struct error *err)
{
    if (!verify_large(e, err))
        return false;
    manager_set_queue(e->manager, e->queue);
    if (!queue_start(e->queue, err))
        return false;
    if (!poller_start(e->manager, err) || !auditor_start(e->manager, err)) {
        stop_work(e);
        return false;
    }
    pthread_mutex_lock(&e->mutex);
    e->working = true;
    bool damaged = e->damaged;
    pthread_mutex_unlock(&e->mutex);
    if (damaged)
        stop_work(e);
    return true;
}

static void *heir_main(void *argument)
{
    struct engine *e = argument;
    struct error err = { 0 };
    bool held = false;

    if (!engine_lock_wait(e->store, &held, &err) || !held)
        return NULL;
    if (begin_work(e, &err))
        tell(e, EVENT_INFO, "engine.taken_over",
             "This console carries the work on now: the program that did so has ended.", "");
    else
        log_line("engine", "cannot take over: %s", err.message);
    return NULL;
}

bool engine_work(struct engine *e, bool take_over, bool *working, struct error *err)
{
    bool held = false;

    *working = engine_working(e);
    if (*working)
        return true;
    if (e->read_only)
        return error_set(err, ERROR_REFUSED, "Start without --read-only.",
                         "A read-only console does no work.");
    if (e->taking_over)
        return true;
    if (!engine_lock_try(e->store, &held, err))
        return false;
    if (held) {
        *working = begin_work(e, err);
        return *working;
    }
    if (take_over) {
        if (pthread_create(&e->heir, NULL, heir_main, e) != 0)
            return error_set(err, ERROR_INTERNAL, "Raise the limit of processes (ulimit -u).",
                             "A thread could not be started.");
        e->taking_over = true;
    }
    return true;
}

bool engine_working(struct engine *e)
{
    pthread_mutex_lock(&e->mutex);
    bool working = e->working;
    pthread_mutex_unlock(&e->mutex);
    return working;
}

void engine_worker(struct engine *e, char *out, size_t size)
{
    if (engine_working(e))
        text_copy_to(out, size, "");
    else
        engine_lock_holder(e->store, out, size);
}

void engine_close(struct engine *e)
{
    if (!e)
        return;
    if (e->taking_over) {
        engine_lock_stop(e->store);
        pthread_join(e->heir, NULL);
    }
    if (e->verifying)
        pthread_join(e->verifier, NULL);
    pthread_mutex_lock(&e->mutex);
    e->closing = true;
    bool working = e->working;
    pthread_mutex_unlock(&e->mutex);
    if (working) {
        auditor_stop(e->manager);
        poller_stop(e->manager);
        queue_stop(e->queue, config_ms(e->config, "queue", "grace"));
    }
    if (e->store)
        store_on_commit(e->store, NULL, NULL);
    manager_free(e->manager);
    queue_free(e->queue);
    net_stop(e->net);
    if (e->vault)
        vault_audit_stop(e->vault);
    vault_close(e->vault);
    if (e->store)
        engine_lock_release(e->store);
    store_close(e->store);
    pthread_mutex_destroy(&e->mutex);
    free(e);
}

struct manager *engine_manager(struct engine *e)
{
    return e->manager;
}

struct store *engine_store(struct engine *e)
{
    return e->store;
}

/* ---- waiting ---- */

struct waiter {
    int pipe[2];
};

static void wake_waiter(void *argument)
{
    struct waiter *w = argument;
    if (write(w->pipe[1], "", 1) < 0)
        return; /* full: it wakes anyway */
}

bool engine_wait_settled(struct engine *e, enum subject_kind kind, struct id id, int64_t timeout_ms,
                         struct cancel *cancel, struct settled *out, struct error *err)
{
    struct watch *watch = NULL;
    struct waiter waiter = { .pipe = { -1, -1 } };
    int64_t end = clock_mono() + timeout_ms;
    bool done = false;

    if (!watch_open(&watch, e->store, err))
        return false;
    if (pipe2(waiter.pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        watch_close(watch);
        return error_set(err, ERROR_INTERNAL, "Raise the limit of open files (ulimit -n).",
                         "A pipe could not be made.");
    }
    if (cancel)
        cancel_notify(cancel, wake_waiter, &waiter);
    for (;;) {
        if (!manager_settled(e->manager, kind, id, out, err))
            break;
        done = out->settled;
        int64_t left = end - clock_mono();
        if (done)
            break;
        if (cancel_asked(cancel)) {
            error_set(err, ERROR_CANCELLED, "What was begun goes on when ecclesia runs again.",
                      "Stopped waiting.");
            break;
        }
        if (left <= 0) {
            error_set(err, ERROR_TIMEOUT,
                      "It goes on by itself; look again with `ecclesia livestream list` or in the "
                      "console.",
                      "It has not come to its end in time.");
            break;
        }
        struct pollfd fds[2] = { { .fd = watch_fd(watch), .events = POLLIN },
                                 { .fd = waiter.pipe[0], .events = POLLIN } };
        poll(fds, 2, left > 60000 ? 60000 : (int)left);
        watch_changed(watch);
    }
    if (cancel)
        cancel_notify(cancel, NULL, NULL);
    close(waiter.pipe[0]);
    close(waiter.pipe[1]);
    watch_close(watch);
    return done;
}

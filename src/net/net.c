#include <ecclesia/net/net.h>

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/lock.h>

#include "net/echo.h"
#include "net/feed.h"
#include "net/transfer.h"

enum {
    CONNECT_MS = 5000,
    TOTAL_MS = 30000,
    FEED_MS = 3000, /* to be let in at a feed */
    CONNECTIONS_A_HOST = 6,
    CONNECTIONS_IN_ALL = 48, /* of eight platforms: what hangs at seven leaves the eighth its own */
    CONNECTIONS_KEPT = 48,
    HANDLES_KEPT = 24 /* with their TLS sessions, so that a new connection resumes */
};

/* `mutex` guards `waiting`, `stopping`, `callers`, `counts` and each transfer's `done`. All the
 * rest below it belongs to the I/O thread once it runs. Callers never touch curl but for
 * curl_multi_wakeup(), which is made for it. */
struct net {
    struct net_options options;
    char *ca_file, *proxy; /* what options points to */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t left;      /* a caller has left */
    struct transfer *waiting; /* handed over, newest first */
    bool stopping;
    unsigned callers; /* inside net_call */
    struct net_counts counts;

    CURLM *multi;
    struct transfer *running;
    CURL *handles[HANDLES_KEPT];
    size_t handle_count;
};

/* A silent DNS server must not hold a resolver thread longer than it can matter. glibc reads this
 * at a thread's first look-up; set before main, because the environment may not be written once
 * there are threads. The admin's own value stays. */
__attribute__((constructor)) static void resolver_limits(void)
{
    setenv("RES_OPTIONS", "timeout:2 attempts:2", 0);
}

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_ready;

/* Never undone: a resolver thread that was left behind may outlive every struct net. */
static void curl_prepare(void)
{
    curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* -- The I/O thread -- */

static void running_add(struct net *n, struct transfer *t)
{
    t->previous = NULL;
    t->next = n->running;
    if (t->next)
        t->next->previous = t;
    n->running = t;
}

static void running_remove(struct net *n, struct transfer *t)
{
    if (t->next)
        t->next->previous = t->previous;
    if (t->previous)
        t->previous->next = t->next;
    else
        n->running = t->next;
}

static CURL *handle_take(struct net *n)
{
    return n->handle_count > 0 ? n->handles[--n->handle_count] : curl_easy_init();
}

static void handle_give(struct net *n, CURL *easy)
{
    curl_easy_reset(easy);
    if (n->handle_count < HANDLES_KEPT)
        n->handles[n->handle_count++] = easy;
    else
        curl_easy_cleanup(easy);
}

/* The caller wakes and owns t again: not to be touched after this. */
static void hand_back(struct net *n, struct transfer *t, enum transfer_end end, CURLcode result)
{
    t->end = end;
    t->result = result;
    pthread_mutex_lock(&n->mutex);
    n->counts.connections += (uint64_t)t->connections;
    n->counts.bytes_in += t->wire_in;
    n->counts.bytes_out += t->wire_out;
    t->done = true;
    pthread_cond_signal(&t->over);
    pthread_mutex_unlock(&n->mutex);
}

static void finish(struct net *n, struct transfer *t, enum transfer_end end, CURLcode result)
{
    running_remove(n, t);
    transfer_measure(t);
    curl_multi_remove_handle(n->multi, t->easy);
    handle_give(n, t->easy);
    hand_back(n, t, end, result);
}

static void start(struct net *n, struct transfer *t)
{
    CURL *easy;

    if (cancel_asked(t->cancel)) {
        hand_back(n, t, TRANSFER_CANCELLED, CURLE_OK);
        return;
    }
    easy = handle_take(n);
    if (!easy) {
        hand_back(n, t, TRANSFER_CARRIED, CURLE_OUT_OF_MEMORY);
        return;
    }
    if (!transfer_fit(t, easy) || curl_multi_add_handle(n->multi, easy) != CURLM_OK) {
        handle_give(n, easy);
        hand_back(n, t, TRANSFER_CARRIED, CURLE_FAILED_INIT);
        return;
    }
    running_add(n, t);
}

/* In the order in which they came. False when the net is to end. */
static bool take_waiting(struct net *n)
{
    struct transfer *newest, *oldest = NULL;
    bool stopping;

    pthread_mutex_lock(&n->mutex);
    newest = n->waiting;
    n->waiting = NULL;
    stopping = n->stopping;
    pthread_mutex_unlock(&n->mutex);
    while (newest) {
        struct transfer *t = newest;

        newest = t->next;
        t->next = oldest;
        oldest = t;
    }
    while (oldest) {
        struct transfer *t = oldest;

        oldest = t->next;
        start(n, t);
    }
    return !stopping;
}

static void cut_cancelled(struct net *n)
{
    for (struct transfer *t = n->running, *next; t; t = next) {
        next = t->next;
        if (cancel_asked(t->cancel))
            finish(n, t, TRANSFER_CANCELLED, CURLE_OK);
    }
}

static void collect(struct net *n)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(n->multi, &left))) {
        struct transfer *t = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
        finish(n, t, TRANSFER_CARRIED, message->data.result);
    }
}

static void *net_run(void *argument)
{
    struct net *n = argument;
    int active;

    while (take_waiting(n)) {
        cut_cancelled(n);
        curl_multi_perform(n->multi, &active);
        collect(n);
        /* Woken by a socket, by curl's own timers, or by curl_multi_wakeup(). With nothing running
         * there are neither sockets nor timers, and it sleeps until somebody calls. */
        curl_multi_poll(n->multi, NULL, 0, INT_MAX, NULL);
    }
    while (n->running)
        finish(n, n->running, TRANSFER_STOPPED, CURLE_OK);
    return NULL;
}

/* -- The callers -- */

static void wake(void *argument)
{
    struct net *n = argument;

    curl_multi_wakeup(n->multi);
}

/* False when the net is ending. */
static bool carry(struct net *n, struct transfer *t)
{
    lock_cond_init(&t->over);
    pthread_mutex_lock(&n->mutex);
    if (n->stopping) {
        pthread_mutex_unlock(&n->mutex);
        pthread_cond_destroy(&t->over);
        t->end = TRANSFER_STOPPED;
        return false;
    }
    n->callers++;
    n->counts.calls++;
    t->next = n->waiting;
    n->waiting = t;
    pthread_mutex_unlock(&n->mutex);
    curl_multi_wakeup(n->multi);
    cancel_notify(t->cancel, wake, n);
    pthread_mutex_lock(&n->mutex);
    while (!t->done)
        lock_wait(&t->over, &n->mutex, -1);
    pthread_mutex_unlock(&n->mutex);
    cancel_notify(t->cancel, NULL, NULL);
    pthread_cond_destroy(&t->over);
    return true;
}

static void leave(struct net *n)
{
    pthread_mutex_lock(&n->mutex);
    if (--n->callers == 0)
        pthread_cond_broadcast(&n->left);
    pthread_mutex_unlock(&n->mutex);
}

bool net_call(struct net *n, const struct http_request *request, struct http_answer *answer,
              struct cancel *cancel, struct error *err)
{
    struct transfer t;
    struct error trouble;
    int64_t began = clock_mono(), took;
    bool answered = false, entered = false;

    error_clear(&trouble);
    if (transfer_prepare(&t, request, &n->options, cancel, &trouble)) {
        entered = carry(n, &t);
        answered = outcome_take(&t, answer, &trouble);
    }
    took = clock_mono() - began;
    if (answered) {
        answer->took_ms = took;
        echo_mask(request, answer);
    } else if (err) {
        *err = trouble;
    }
    outcome_trace(&t, answer, &trouble, took);
    transfer_release(&t);
    if (entered)
        leave(n);
    return answered;
}

static bool enter(struct net *n)
{
    bool open;

    pthread_mutex_lock(&n->mutex);
    open = !n->stopping;
    if (open) {
        n->callers++;
        n->counts.calls++;
    }
    pthread_mutex_unlock(&n->mutex);
    return open;
}

bool net_listen(struct net *n, const struct http_feed *feed, int *status, struct cancel *cancel,
                struct error *err)
{
    const struct http_request request = { .method = "GET",
                                          .url = feed->url,
                                          .route = feed->route,
                                          .platform = feed->platform,
                                          .timeout_ms = FEED_MS };
    int64_t began = clock_mono();
    struct http_answer answer = { 0 };
    struct transfer t;
    struct error trouble;
    bool heard = false, prepared;

    error_clear(&trouble);
    *status = 0;
    prepared = transfer_prepare(&t, &request, &n->options, cancel, &trouble);
    if (prepared && enter(n)) {
        heard = feed_run(&t, feed, status);
        leave(n);
    } else if (prepared) {
        t.end = TRANSFER_STOPPED;
    }
    answer.status = *status;
    if (prepared && !heard)
        outcome_take(&t, &answer, &trouble);
    outcome_trace(&t, &answer, &trouble, clock_mono() - began);
    transfer_release(&t);
    if (!heard && err)
        *err = trouble;
    return heard;
}

void net_count(struct net *n, struct net_counts *out)
{
    pthread_mutex_lock(&n->mutex);
    *out = n->counts;
    pthread_mutex_unlock(&n->mutex);
}

/* -- Start and end -- */

static void net_free(struct net *n)
{
    while (n->handle_count > 0)
        curl_easy_cleanup(n->handles[--n->handle_count]);
    if (n->multi)
        curl_multi_cleanup(n->multi);
    pthread_cond_destroy(&n->left);
    pthread_mutex_destroy(&n->mutex);
    free(n->ca_file);
    free(n->proxy);
    free(n);
}

static bool net_options_take(struct net *n, const struct net_options *options, struct error *err)
{
    n->options = *options;
    if (!text_replace(&n->ca_file, options->ca_file) || !text_replace(&n->proxy, options->proxy))
        return error_set(err, ERROR_MEMORY, NULL, "There is no memory left for the network.");
    n->options.ca_file = n->ca_file;
    n->options.proxy = n->proxy;
    if (n->options.connect_ms <= 0)
        n->options.connect_ms = CONNECT_MS;
    if (n->options.total_ms <= 0)
        n->options.total_ms = TOTAL_MS;
    if (n->ca_file && access(n->ca_file, R_OK) != 0)
        return error_set(err, ERROR_CONFIG, "Name a readable PEM file, or none for the system's.",
                         "The file of certificate authorities, %s, cannot be read.", n->ca_file);
    return true;
}

static bool net_multi(struct net *n, struct error *err)
{
    pthread_once(&curl_once, curl_prepare);
    if (curl_ready == CURLE_OK)
        n->multi = curl_multi_init();
    if (!n->multi ||
        curl_multi_setopt(n->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS_A_HOST) ||
        curl_multi_setopt(n->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_IN_ALL) ||
        curl_multi_setopt(n->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT))
        return error_set(err, ERROR_INTERNAL, "Start the program again.",
                         "The network library could not be started.");
    return true;
}

/* With every signal blocked, SIGPIPE too: OpenSSL writes to a closed socket without asking for
 * silence. */
static bool net_thread(struct net *n, struct error *err)
{
    sigset_t all, old;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    failed = pthread_create(&n->thread, NULL, net_run, n);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (failed)
        return error_set(err, ERROR_INTERNAL, "Close other programs and start again.",
                         "The network's thread could not be started: %s.", strerror(failed));
    pthread_setname_np(n->thread, "net");
    return true;
}

bool net_start(struct net **out, const struct net_options *options, struct error *err)
{
    struct net *n = calloc(1, sizeof(*n));

    if (!n)
        return error_set(err, ERROR_MEMORY, NULL, "There is no memory left for the network.");
    pthread_mutex_init(&n->mutex, NULL);
    lock_cond_init(&n->left);
    if (!net_options_take(n, options, err) || !net_multi(n, err) || !net_thread(n, err)) {
        net_free(n);
        return false;
    }
    *out = n;
    return true;
}

void net_stop(struct net *n)
{
    if (!n)
        return;
    pthread_mutex_lock(&n->mutex);
    n->stopping = true;
    pthread_mutex_unlock(&n->mutex);
    curl_multi_wakeup(n->multi);
    pthread_join(n->thread, NULL);
    pthread_mutex_lock(&n->mutex);
    while (n->callers > 0)
        lock_wait(&n->left, &n->mutex, -1);
    pthread_mutex_unlock(&n->mutex);
    net_free(n);
}

/* The volunteer in the booth of the demonstration. Restream is live while an encoder sends, and on
 * Instagram only a person goes live, in Live Producer: no program can, so somebody has to do at the
 * simulated platforms what the console asks for. A thread of its own; it reads the store, and
 * writes only to let a waiting job look again at once. */
#include "cli/demo.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/net/net.h>
#include <ecclesia/store/jobs.h>
#include <ecclesia/store/records.h>

enum { AGAIN_MS = 400, SLOWEST_MS = 5000 };

static const enum platform_id by_hand[] = { PLATFORM_RESTREAM, PLATFORM_INSTAGRAM };

enum { BY_HAND = sizeof(by_hand) / sizeof(by_hand[0]) };

struct demo_booth {
    struct demo *demo;
    pthread_t thread;
    struct net *net;
    struct watch *watch;
    struct cancel *cancel;
    int wake[2]; /* whoever stops it writes a byte */
    /* What is on air by our hand, and with which key; none when nothing is. */
    struct {
        struct id target;
        char key[200];
    } sent[BY_HAND];
};

/* ---- at the simulated platforms ---- */

static bool send_it(struct demo_booth *b, const char *method, const char *url, const char *type,
                    const char *body, struct http_answer *answer)
{
    struct http_request request = { .method = method,
                                    .url = url,
                                    .route = "/_sim",
                                    .platform = "",
                                    .headers = { type },
                                    .body = body,
                                    .body_length = body ? strlen(body) : 0,
                                    .timeout_ms = SLOWEST_MS };

    return net_call(b->net, &request, answer, b->cancel, NULL);
}

static bool post(struct demo_booth *b, const char *url, const char *type, const char *body)
{
    struct http_answer answer;
    bool done;

    if (!send_it(b, "POST", url, type, body, &answer))
        return false;
    done = answer.status < 300;
    http_answer_release(&answer);
    return done;
}

static const char *control(const struct demo_booth *b)
{
    const char *url = json_string(b->demo->ready, "control");

    return url ? url : "";
}

/* A button of Live Producer: new, go, end. */
static bool press(struct demo_booth *b, const char *button)
{
    const char *base = json_string(b->demo->ready, "platforms.instagram.api_base");
    struct text url;
    char body[40];
    bool done;

    text_init(&url, 300);
    text_addf(&url, "%s/live/producer", base ? base : "");
    snprintf(body, sizeof(body), "action=%s", button);
    done = post(b, text_str(&url), "Content-Type: application/x-www-form-urlencoded", body);
    text_release(&url);
    return done;
}

static bool encoder(struct demo_booth *b, enum platform_id p, const char *key, bool sending)
{
    cJSON *order = cJSON_CreateObject();
    struct text url, body;
    bool done;

    cJSON_AddStringToObject(order, "platform", platform_slug(p));
    cJSON_AddStringToObject(order, "key", key);
    cJSON_AddBoolToObject(order, "sending", sending);
    text_init(&url, 300);
    text_init(&body, 1000);
    text_addf(&url, "%s/encoder", control(b));
    done = json_print(&body, order) &&
           post(b, text_str(&url), "Content-Type: application/json", text_str(&body));
    text_release(&url);
    text_release(&body);
    cJSON_Delete(order);
    return done;
}

/* The key that the platform takes a stream with: that of the target's own event, else the
 * account's. */
static bool key_find(struct demo_booth *b, const struct target *t, char *out, size_t size)
{
    struct http_answer answer;
    struct text url;
    cJSON *list = NULL;
    const cJSON *o, *found = NULL;
    bool done;

    text_init(&url, 300);
    text_addf(&url, "%s/objects?platform=%s", control(b), platform_slug(t->platform));
    if (send_it(b, "GET", text_str(&url), NULL, NULL, &answer)) {
        list = json_parse(answer.body, answer.length, NULL);
        http_answer_release(&answer);
    }
    cJSON_ArrayForEach (o, list) {
        bool own = text_equal(json_string(o, "id"), t->remote_id);
        bool account = text_equal(json_string(o, "kind"), "ingest") ||
                       text_equal(json_string(o, "state"), "waiting") ||
                       text_equal(json_string(o, "state"), "preview");

        if (json_string(o, "fields.streamKey") && !json_bool(o, "deleted", false) &&
            (own || (account && !found)))
            found = o;
    }
    done = found && text_copy_to(out, size, json_string(found, "fields.streamKey"));
    cJSON_Delete(list);
    text_release(&url);
    return done;
}

static bool begin(struct demo_booth *b, const struct target *t, char *key, size_t size)
{
    bool by_person = t->platform == PLATFORM_INSTAGRAM;

    if (!key_find(b, t, key, size) && !(by_person && press(b, "new") && key_find(b, t, key, size)))
        return false;
    return encoder(b, t->platform, key, true) && (!by_person || press(b, "go"));
}

static bool end(struct demo_booth *b, enum platform_id p, const char *key)
{
    if (p == PLATFORM_INSTAGRAM)
        press(b, "end");
    return encoder(b, p, key, false);
}

/* ---- what the console asks for ---- */

void demo_hurry(struct demo *d, struct id subject)
{
    struct job_filter f = { .state = JOB_SCHEDULED, .subject = subject };
    struct job *jobs = NULL;
    size_t count = 0;
    struct db *db;
    bool done;

    if (!db_begin(engine_store(d->cli->engine), &db, NULL))
        return;
    done = job_list(db, &f, &jobs, &count, NULL);
    for (size_t i = 0; done && i < count; i++)
        done = jobs[i].snoozes == 0 ? true : job_retry(db, jobs[i].id, NULL);
    free(jobs);
    if (done && count > 0)
        db_commit(db, NULL);
    else
        db_rollback(db);
}

/* What the platform knows already is not waited for: its answer is looked at again at once. */
static bool still_waits(struct demo_booth *b, const struct target *t)
{
    bool waits = t->wish == WISH_ENDED || (t->wish == WISH_LIVE && t->status == TARGET_PENDING);

    if (waits)
        demo_hurry(b->demo, t->subject);
    return waits;
}

/* Fills out with the first that is to be on air at p, when one is. *waits: one waits for us there.
 */
static bool wanted_at(struct demo_booth *b, enum platform_id p, struct target *out, bool *waits)
{
    struct target *list = NULL;
    size_t count = 0;
    struct db *db;
    bool found = false;

    *waits = false;
    if (!db_read(engine_store(b->demo->cli->engine), &db, NULL))
        return false;
    if (!target_list_open(db, p, &list, &count, NULL))
        count = 0;
    db_read_end(db);
    for (size_t i = 0; i < count; i++) {
        *waits = still_waits(b, &list[i]) || *waits;
        if (!found && list[i].wish == WISH_LIVE) {
            found = true;
            *out = list[i];
        } else {
            target_release(&list[i]);
        }
    }
    free(list);
    return found;
}

/* False when it has to be looked at again. */
static bool serve(struct demo_booth *b, size_t i)
{
    struct target t = { 0 };
    bool waits, wanted = wanted_at(b, by_hand[i], &t, &waits), done = true;

    if (!id_is_none(b->sent[i].target) && !(wanted && id_equal(t.id, b->sent[i].target))) {
        done = end(b, by_hand[i], b->sent[i].key);
        b->sent[i].target = (struct id){ "" };
    }
    if (wanted && id_is_none(b->sent[i].target)) {
        done = begin(b, &t, b->sent[i].key, sizeof(b->sent[i].key));
        if (done)
            b->sent[i].target = t.id;
    }
    target_release(&t);
    return done && !waits;
}

/* ---- the thread ---- */

/* Not by the cancel: a call that is under way has its one callback. */
static void wake(struct demo_booth *b)
{
    if (write(b->wake[1], "", 1) < 0)
        return; /* a full pipe wakes as well */
}

static void *booth_main(void *argument)
{
    struct demo_booth *b = argument;

    while (!cancel_asked(b->cancel)) {
        struct pollfd fds[] = { { .fd = watch_fd(b->watch), .events = POLLIN },
                                { .fd = b->wake[0], .events = POLLIN } };
        bool done = true;

        watch_changed(b->watch);
        for (size_t i = 0; i < BY_HAND; i++)
            done = serve(b, i) && done;
        poll(fds, 2, done ? -1 : AGAIN_MS);
    }
    return NULL;
}

static void booth_free(struct demo_booth *b)
{
    watch_close(b->watch);
    net_stop(b->net);
    cancel_free(b->cancel);
    close(b->wake[0]);
    close(b->wake[1]);
    free(b);
}

bool demo_booth_start(struct demo *d, struct error *err)
{
    struct demo_booth *b = calloc(1, sizeof(*b));
    sigset_t all, before;
    int failed;

    if (!b || pipe2(b->wake, O_CLOEXEC | O_NONBLOCK) < 0) {
        free(b);
        return error_set(err, ERROR_MEMORY, NULL, "There is not enough memory.");
    }
    b->demo = d;
    b->cancel = cancel_new();
    if (!b->cancel || !net_start(&b->net, &(struct net_options){ .total_ms = SLOWEST_MS }, err) ||
        !watch_open(&b->watch, engine_store(d->cli->engine), err)) {
        booth_free(b);
        return false;
    }
    /* Signals are for the threads that wait for them. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    failed = pthread_create(&b->thread, NULL, booth_main, b);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        booth_free(b);
        return error_set(err, ERROR_INTERNAL, NULL, "A thread could not be started.");
    }
    d->booth = b;
    return true;
}

void demo_booth_stop(struct demo *d)
{
    if (!d->booth)
        return;
    cancel_ask(d->booth->cancel);
    wake(d->booth);
    pthread_join(d->booth->thread, NULL);
    booth_free(d->booth);
    d->booth = NULL;
}

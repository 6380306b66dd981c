/* Notices that the platforms send by themselves: queued under the simulator's lock, posted by a
 * thread of their own to a loopback address over plain HTTP. Platforms try again when they are not
 * answered with 2xx; here three times, the minutes between as steps. */
#include "sim/private.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/lock.h>

enum { TRIES = 4, PENDING_MAX = 1000 };

struct notice {
    struct notice *next;
    struct sockaddr_in to;
    char *request;
    size_t length;
    int tries;
    int64_t due_mono;
};

struct sim_hooks {
    pthread_mutex_t lock;
    pthread_cond_t news;
    pthread_t thread;
    bool stop, runs;
    struct notice *pending;
    int count;
    int64_t step_ms;
};

static void notice_free(struct notice *n)
{
    free(n->request);
    free(n);
}

/* Posts it; true when the answer was 2xx. */
static bool post(const struct notice *n)
{
    struct timeval limit = { .tv_sec = 3 };
    char answer[64] = "";
    size_t sent = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return false;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    bool good = connect(fd, (const struct sockaddr *)&n->to, sizeof n->to) == 0;
    while (good && sent < n->length) {
        ssize_t got = send(fd, n->request + sent, n->length - sent, MSG_NOSIGNAL);
        good = got > 0;
        sent += good ? (size_t)got : 0;
    }
    if (good && recv(fd, answer, sizeof answer - 1, MSG_WAITALL) <= 0)
        good = false;
    close(fd);
    return good && text_starts(answer, "HTTP/1.") && answer[9] == '2';
}

/* Takes the first notice that is due off the list; NULL when none is. */
static struct notice *next_due(struct sim_hooks *h)
{
    int64_t now = clock_mono();

    for (struct notice **at = &h->pending; *at != NULL; at = &(*at)->next) {
        if ((*at)->due_mono > now)
            continue;
        struct notice *n = *at;
        *at = n->next;
        n->next = NULL;
        h->count--;
        return n;
    }
    return NULL;
}

static void put_last(struct sim_hooks *h, struct notice *n)
{
    struct notice **end = &h->pending;

    while (*end != NULL)
        end = &(*end)->next;
    *end = n;
    h->count++;
}

static void *run(void *argument)
{
    struct sim_hooks *h = argument;

    pthread_mutex_lock(&h->lock);
    while (!h->stop) {
        struct notice *n = next_due(h);
        if (n == NULL) {
            lock_wait(&h->news, &h->lock, h->pending != NULL ? 20 : -1);
            continue;
        }
        pthread_mutex_unlock(&h->lock);
        bool good = post(n);
        pthread_mutex_lock(&h->lock);
        if (good || ++n->tries == TRIES) {
            notice_free(n);
        } else {
            n->due_mono = clock_mono() + h->step_ms * n->tries;
            put_last(h, n);
        }
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

/* Reads "http://127.0.0.1:8481/path?x". */
static bool parse_url(const char *url, struct sockaddr_in *to, char *host, size_t host_size,
                      const char **path)
{
    static const char scheme[] = "http://";
    char ip[64];

    if (!text_starts(url, scheme))
        return false;
    url += strlen(scheme);
    size_t length = strcspn(url, "/");
    if (length == 0 || length >= host_size || length >= sizeof ip)
        return false;
    memcpy(host, url, length);
    host[length] = '\0';
    memcpy(ip, host, length + 1);
    char *colon = strchr(ip, ':');
    long port = colon != NULL ? strtol(colon + 1, NULL, 10) : 80;
    if (colon != NULL)
        *colon = '\0';
    *to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    *path = url[length] != '\0' ? url + length : "/";
    return port > 0 && port < 65536 && inet_pton(AF_INET, ip, &to->sin_addr) == 1;
}

void sim_hook_send(struct sim *sim, int platform, const char *suffix, const char *headers,
                   const char *body)
{
    const char *url = sim->hook_url[platform], *path;
    struct sim_hooks *h = sim->hooks;
    struct sockaddr_in to;
    struct text t;
    char host[64];

    if (url == NULL || url[0] == '\0' || h == NULL ||
        !parse_url(url, &to, host, sizeof host, &path))
        return;
    text_init(&t, 1024 * 1024);
    text_addf(
        &t,
        "POST %s%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n%s",
        path, suffix, host, strlen(body), headers, body);
    struct notice *n = calloc(1, sizeof *n);
    if (n == NULL) {
        text_release(&t);
        return;
    }
    n->to = to;
    n->length = t.length;
    n->request = text_take(&t);
    pthread_mutex_lock(&h->lock);
    if (h->count < PENDING_MAX) {
        put_last(h, n);
        n = NULL;
    }
    pthread_cond_signal(&h->news);
    pthread_mutex_unlock(&h->lock);
    if (n != NULL)
        notice_free(n);
}

bool sim_hooks_start(struct sim *sim, struct error *err)
{
    struct sim_hooks *h = calloc(1, sizeof *h);

    if (h == NULL)
        return error_set(err, ERROR_MEMORY, NULL, "There is no memory for the simulator.");
    sim->hooks = h;
    h->step_ms = sim->step_ms;
    pthread_mutex_init(&h->lock, NULL);
    lock_cond_init(&h->news);
    h->runs = pthread_create(&h->thread, NULL, run, h) == 0;
    return h->runs || error_set(err, ERROR_MEMORY, NULL, "The simulator's threads did not start.");
}

void sim_hooks_stop(struct sim *sim)
{
    struct sim_hooks *h = sim->hooks;

    if (h == NULL)
        return;
    pthread_mutex_lock(&h->lock);
    h->stop = true;
    pthread_cond_signal(&h->news);
    pthread_mutex_unlock(&h->lock);
    if (h->runs)
        pthread_join(h->thread, NULL);
    while (h->pending != NULL) {
        struct notice *n = h->pending;
        h->pending = n->next;
        notice_free(n);
    }
    pthread_cond_destroy(&h->news);
    pthread_mutex_destroy(&h->lock);
    free(h);
    sim->hooks = NULL;
}

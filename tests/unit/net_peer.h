/* `openssl s_server` with a certificate made for the test. What it prints is what reached the
 * application, what we feed it is what the application says. A relay before it can cut the line. */
#ifndef TESTS_UNIT_NET_PEER_H
#define TESTS_UNIT_NET_PEER_H

#include "net_kit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pid_t spawn(const char *const *words, int in, int out)
{
    posix_spawn_file_actions_t files;
    pid_t pid;

    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    ck_assert_int_eq(posix_spawnp(&pid, words[0], &files, NULL, (char **)(uintptr_t)words, environ),
                     0);
    posix_spawn_file_actions_destroy(&files);
    return pid;
}

static void run(const char *const *words)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), status;
    pid_t pid = spawn(words, null, null);

    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(status == 0, "%s %s failed", words[0], words[1]);
    close(null);
}

struct certificate {
    const char *key, *pem;
};

/* Self-signed, hence its own authority. names: "IP:127.0.0.1". */
static UNUSED struct certificate certificate_for(const char *names)
{
    const char *dir = test_dir();
    struct certificate c = { test_path(dir, "key.pem"), test_path(dir, "cert.pem") };
    char extension[128];
    const char *const words[] = {
        "openssl", "req",      "-x509",   "-newkey", "ec",  "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes",  "-keyout",  c.key,     "-out",    c.pem, "-days",    "2",
        "-subj",   "/CN=test", "-addext", extension, NULL
    };

    snprintf(extension, sizeof(extension), "subjectAltName=%s", names);
    run(words);
    return c;
}

/* -- s_server behind a relay -- */

struct peer {
    pid_t pid;
    int in, out; /* our ends: what it says, what it heard */
    int port;
    char url[128];
    struct raw_server *relay;
    pthread_mutex_t mutex;
    char heard[1 << 16];
    size_t heard_length;
    int line; /* the relay's descriptor of the newest connection, to cut */
};

static int dial(int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Copies what is there; false at the end of the stream. */
static bool pass_on(int from, int to)
{
    char bytes[8192];
    ssize_t got = recv(from, bytes, sizeof(bytes), 0);

    return got > 0 && raw_write(to, bytes, (size_t)got);
}

static void relay(struct raw_server *s, int fd, int number)
{
    struct peer *p = raw_argument(s);
    struct pollfd both[2] = { { .fd = fd, .events = POLLIN }, { .events = POLLIN } };

    (void)number;
    both[1].fd = dial(p->port);
    pthread_mutex_lock(&p->mutex);
    p->line = fd;
    pthread_mutex_unlock(&p->mutex);
    while (both[1].fd >= 0 && poll(both, 2, -1) > 0) {
        if (both[0].revents && !pass_on(both[0].fd, both[1].fd))
            break;
        if (both[1].revents && !pass_on(both[1].fd, both[0].fd))
            break;
    }
    close(both[1].fd);
}

static int free_port(void)
{
    struct raw_server *s = raw_start(NULL, NULL);
    int port = raw_port(s);

    raw_stop(s);
    return port;
}

/* More words for s_server, four at most. */
static UNUSED struct peer *peer_start(struct certificate c, const char *const *more)
{
    struct peer *p = calloc(1, sizeof(*p));
    char port[16];
    const char *words[16] = { "openssl", "s_server", "-quiet", "-accept", port,
                              "-key",    c.key,      "-cert",  c.pem };
    int in[2], out[2], fd = -1;

    for (size_t i = 9; more && *more && i < 13; i++)
        words[i] = *more++;
    ck_assert_ptr_nonnull(p);
    pthread_mutex_init(&p->mutex, NULL);
    p->port = free_port();
    snprintf(port, sizeof(port), "%d", p->port);
    ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    p->pid = spawn(words, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    p->in = in[1];
    p->out = out[0];
    fcntl(p->out, F_SETFL, O_NONBLOCK);
    TEST_UNTIL((fd = dial(p->port)) >= 0);
    close(fd);
    p->relay = raw_start(relay, p);
    return p;
}

static UNUSED void peer_stop(struct peer *p)
{
    raw_stop(p->relay);
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
    close(p->in);
    close(p->out);
    pthread_mutex_destroy(&p->mutex);
    free(p);
}

/* All that has reached the application by now. */
static UNUSED size_t peer_heard(struct peer *p)
{
    ssize_t got;

    while ((got = read(p->out, p->heard + p->heard_length, sizeof(p->heard) - p->heard_length)) > 0)
        p->heard_length += (size_t)got;
    return p->heard_length;
}

static UNUSED bool peer_heard_text(struct peer *p, const char *text)
{
    return memmem(p->heard, peer_heard(p), text, strlen(text)) != NULL;
}

static UNUSED void peer_say(struct peer *p, const void *bytes, size_t length)
{
    ck_assert_int_eq(write(p->in, bytes, length), (ssize_t)length);
}

static UNUSED void peer_cut(struct peer *p)
{
    pthread_mutex_lock(&p->mutex);
    shutdown(p->line, SHUT_RDWR);
    pthread_mutex_unlock(&p->mutex);
}

/* Once a peer: calls in other threads read it. */
static UNUSED const char *peer_url(struct peer *p, const char *host)
{
    snprintf(p->url, sizeof(p->url), "https://%s:%d/liveBroadcasts", host, raw_port(p->relay));
    return p->url;
}

static UNUSED struct http_request secret_call(const char *url)
{
    struct http_request r = request_of("POST", url);

    r.headers[0] = "Authorization: Bearer secret-token";
    r.effect = r.creates = true;
    return r;
}

static UNUSED struct net *net_trusting(struct certificate c)
{
    return net_of((struct net_options){ .ca_file = c.pem, .connect_ms = 5000, .total_ms = 20000 });
}

#endif

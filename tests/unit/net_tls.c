/* TLS and HTTP/2, against `openssl s_server` with certificates made for the test. What it prints is what reached the
 * application, what we feed it is what the application says. A relay before it can cut the line. */
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
    ck_assert_int_eq(posix_spawnp(&pid, words[0], &files, NULL, (char **)(uintptr_t)words, environ), 0);
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
static struct certificate certificate_for(const char *names)
{
    const char *dir = test_dir();
    struct certificate c = { test_path(dir, "key.pem"), test_path(dir, "cert.pem") };
    char extension[128];
    const char *const words[] = { "openssl", "req",      "-x509",  "-newkey",   "ec",  "-pkeyopt",
                                  "ec_paramgen_curve:P-256", "-nodes", "-keyout", c.key, "-out",  c.pem,
                                  "-days",   "2",        "-subj",  "/CN=test", "-addext", extension,
                                  NULL };

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
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
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
static struct peer *peer_start(struct certificate c, const char *const *more)
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

static void peer_stop(struct peer *p)
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
static size_t peer_heard(struct peer *p)
{
    ssize_t got;

    while ((got = read(p->out, p->heard + p->heard_length, sizeof(p->heard) - p->heard_length)) > 0)
        p->heard_length += (size_t)got;
    return p->heard_length;
}

static bool peer_heard_text(struct peer *p, const char *text)
{
    return memmem(p->heard, peer_heard(p), text, strlen(text)) != NULL;
}

static void peer_say(struct peer *p, const void *bytes, size_t length)
{
    ck_assert_int_eq(write(p->in, bytes, length), (ssize_t)length);
}

static void peer_cut(struct peer *p)
{
    pthread_mutex_lock(&p->mutex);
    shutdown(p->line, SHUT_RDWR);
    pthread_mutex_unlock(&p->mutex);
}

/* Once a peer: calls in other threads read it. */
static const char *peer_url(struct peer *p, const char *host)
{
    snprintf(p->url, sizeof(p->url), "https://%s:%d/liveBroadcasts", host, raw_port(p->relay));
    return p->url;
}

static struct http_request secret_call(const char *url)
{
    struct http_request r = request_of("POST", url);

    r.headers[0] = "Authorization: Bearer secret-token";
    r.effect = r.creates = true;
    return r;
}

static struct net *net_trusting(struct certificate c)
{
    return net_of((struct net_options){ .ca_file = c.pem, .connect_ms = 5000, .total_ms = 20000 });
}

/* -- Certificates -- */

START_TEST(trusted_certificate)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    struct certificate c = certificate_for("IP:127.0.0.1");
    struct peer *p = peer_start(c, NULL);
    struct net *n = net_trusting(c);
    struct background b;

    background_start(&b, n, secret_call(peer_url(p, "127.0.0.1")), NULL);
    TEST_UNTIL(peer_heard_text(p, "\r\n\r\n"));
    ck_assert(peer_heard_text(p, "Authorization: Bearer secret-token"));
    peer_say(p, answer, strlen(answer));
    background_join(&b);
    ck_assert_msg(b.answered, "%s", b.err.message);
    ck_assert_int_eq(b.status, 200);
    net_stop(n);
    peer_stop(p);
}
END_TEST

static void not_believed(struct net *n, struct peer *p, const char *host)
{
    struct error err = call_fails(n, secret_call(peer_url(p, host)), ERROR_TLS_CERT);

    ck_assert_ptr_nonnull(strstr(err.message, "certificate"));
    ck_assert_ptr_nonnull(strstr(err.remedy, "nothing was sent"));
    /* s_server has seen the end of the connection, so all that could reach it has. */
    TEST_UNTIL(raw_accepted(p->relay) > 0 && raw_open(p->relay) == 0);
    ck_assert_uint_eq(peer_heard(p), 0);
    net_stop(n);
    peer_stop(p);
}

START_TEST(unknown_authority)
{
    struct certificate c = certificate_for("IP:127.0.0.1");

    not_believed(net_plain(), peer_start(c, NULL), "127.0.0.1");
}
END_TEST

START_TEST(certificate_of_another_host)
{
    struct certificate c = certificate_for("DNS:youtube.example");

    not_believed(net_trusting(c), peer_start(c, NULL), "127.0.0.1");
}
END_TEST

START_TEST(old_tls_is_refused)
{
    struct certificate c = certificate_for("IP:127.0.0.1");
    static const char *const old[] = { "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0", NULL };
    struct peer *p = peer_start(c, old);
    struct net *n = net_trusting(c);

    call_fails(n, secret_call(peer_url(p, "127.0.0.1")), ERROR_NET_PRE);
    ck_assert_uint_eq(peer_heard(p), 0);
    net_stop(n);
    peer_stop(p);
}
END_TEST

/* Accepts, and never says a word of the handshake; what it is told is kept by the caller. */
static void mute(struct raw_server *s, int fd, int number)
{
    (void)s;
    (void)number;
    raw_wait_closed(fd);
}

static void hang_up(struct raw_server *s, int fd, int number)
{
    char hello[4096];

    (void)s;
    (void)number;
    (void)!recv(fd, hello, sizeof(hello), 0);
}

static void not_tls(struct raw_server *s, int fd, int number)
{
    char hello[4096];

    (void)s;
    (void)number;
    if (recv(fd, hello, sizeof(hello), 0) > 0)
        raw_answer(fd, "400 Bad Request", "speak plainly");
}

START_TEST(handshakes_that_come_to_nothing)
{
    raw_script *const scripts[] = { mute, hang_up, not_tls };
    struct net *n = net_of((struct net_options){ .connect_ms = 400 });

    for (int i = 0; i < 3; i++) {
        struct raw_server *s = raw_start(scripts[i], NULL);
        char url[64];

        snprintf(url, sizeof(url), "https://127.0.0.1:%d/", raw_port(s));
        call_fails(n, secret_call(url), ERROR_NET_PRE);
        raw_stop(s);
    }
    net_stop(n);
}
END_TEST

/* -- HTTP/2 -- */

/* Frames: length (3), type, flags, stream (4), payload. 0x88 is ":status: 200" in HPACK. */
static const unsigned char settings[] = { 0, 0, 0, 4, 0, 0, 0, 0, 0 };
static const unsigned char settings_ack[] = { 0, 0, 0, 4, 1, 0, 0, 0, 0 };
static const unsigned char ok_on_1[] = { 0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88 };
static const unsigned char refused_3[] = { 0, 0, 4, 3, 0, 0, 0, 0, 3, 0, 0, 0, 7 };

/* How many requests, that is HEADERS frames, have come on all connections so far. */
static int frames_of_headers(struct peer *p)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    size_t at = 0, end = peer_heard(p);
    int count = 0;

    while (at + 9 <= end) {
        const unsigned char *f = (const unsigned char *)p->heard + at;

        if (end - at >= 24 && memcmp(f, preface, 24) == 0) {
            at += 24;
            continue;
        }
        count += f[3] == 1;
        at += 9 + ((size_t)f[0] << 16 | (size_t)f[1] << 8 | f[2]);
    }
    return count;
}

/* A connection with one answered GET on it. */
static struct peer *h2_start(struct net **n)
{
    static const char *const h2[] = { "-alpn", "h2", NULL };
    struct certificate c = certificate_for("IP:127.0.0.1");
    struct peer *p = peer_start(c, h2);
    struct background b;

    *n = net_trusting(c);
    peer_url(p, "127.0.0.1");
    background_start(&b, *n, request_of("GET", p->url), NULL);
    TEST_UNTIL(frames_of_headers(p) == 1);
    peer_say(p, settings, sizeof(settings));
    peer_say(p, settings_ack, sizeof(settings_ack));
    peer_say(p, ok_on_1, sizeof(ok_on_1));
    background_join(&b);
    ck_assert_msg(b.answered, "%s", b.err.message);
    ck_assert_int_eq(b.status, 200);
    ck_assert_int_eq(raw_accepted(p->relay), 1);
    return p;
}

static void h2_lost_answer(struct http_request (*of)(const char *))
{
    struct net *n;
    struct peer *p = h2_start(&n);
    struct background b;

    background_start(&b, n, of(p->url), NULL);
    TEST_UNTIL(frames_of_headers(p) == 2);
    peer_cut(p);
    background_join(&b);
    ck_assert(!b.answered);
    ck_assert_int_eq(b.err.kind, ERROR_NET_POST);
    TEST_UNTIL(raw_open(p->relay) == 0);
    ck_assert_int_eq(frames_of_headers(p), 2);
    net_stop(n);
    peer_stop(p);
}

static struct http_request create_with_body(const char *url)
{
    struct http_request r = secret_call(url);

    r.body = "{\"title\":\"Sunday Service\"}";
    r.body_length = strlen(r.body);
    return r;
}

START_TEST(lost_answer_over_http2_is_not_asked_for_again)
{
    h2_lost_answer(secret_call);
    h2_lost_answer(create_with_body);
}
END_TEST

START_TEST(refused_stream_of_a_create_is_not_sent_again_by_itself)
{
    struct net *n;
    struct peer *p = h2_start(&n);
    struct background b;

    background_start(&b, n, create_with_body(p->url), NULL);
    TEST_UNTIL(frames_of_headers(p) == 2);
    peer_say(p, refused_3, sizeof(refused_3));
    background_join(&b);
    ck_assert(!b.answered);
    ck_assert_int_eq(b.err.kind, ERROR_NET_POST);
    ck_assert_int_eq(frames_of_headers(p), 2);
    net_stop(n);
    peer_stop(p);
}
END_TEST

START_TEST(http2_carries_many_calls_on_one_connection)
{
    enum { CALLS = 5 };
    struct net *n;
    struct peer *p = h2_start(&n);
    struct background calls[CALLS];

    for (int i = 0; i < CALLS; i++)
        background_start(&calls[i], n, request_of("GET", p->url), NULL);
    TEST_UNTIL(frames_of_headers(p) == 1 + CALLS);
    for (int i = 0; i < CALLS; i++) {
        unsigned char ok[sizeof(ok_on_1)];

        memcpy(ok, ok_on_1, sizeof(ok));
        ok[8] = (unsigned char)(3 + 2 * i);
        peer_say(p, ok, sizeof(ok));
    }
    for (int i = 0; i < CALLS; i++) {
        background_join(&calls[i]);
        ck_assert_msg(calls[i].answered, "%s", calls[i].err.message);
    }
    ck_assert_int_eq(raw_accepted(p->relay), 1);
    net_stop(n);
    peer_stop(p);
}
END_TEST

TEST_MAIN("net_tls", trusted_certificate, unknown_authority, certificate_of_another_host,
          old_tls_is_refused, handshakes_that_come_to_nothing,
          lost_answer_over_http2_is_not_asked_for_again,
          refused_stream_of_a_create_is_not_sent_again_by_itself,
          http2_carries_many_calls_on_one_connection)

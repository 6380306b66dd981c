/* No credential leaves before the certificate is believed. */
#include "net_peer.h"

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

TEST_MAIN("net_tls", trusted_certificate, unknown_authority, certificate_of_another_host,
          old_tls_is_refused, handshakes_that_come_to_nothing)

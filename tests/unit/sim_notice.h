/* A listener for the notices that the simulated platforms send. */
#ifndef TESTS_UNIT_SIM_NOTICE_H
#define TESTS_UNIT_SIM_NOTICE_H

#include "sim_kit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener, port;

static void listen_here(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof at;

    listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    getsockname(listener, (struct sockaddr *)&at, &length);
    port = ntohs(at.sin_port);
}

/* The next whole request, answered by `answer`; yours: free(). */
static char *next_notice(const char *answer)
{
    struct pollfd p = { .fd = listener, .events = POLLIN };
    struct text t;
    char piece[4096];
    ssize_t got;

    ck_assert_int_eq(poll(&p, 1, TEST_PATIENCE_MS), 1);
    int fd = accept(listener, NULL, NULL);
    text_init(&t, 1 << 20);
    for (;;) {
        const char *body = strstr(text_str(&t), "\r\n\r\n"),
                   *length = strcasestr(text_str(&t), "content-length:");
        if (body != NULL && length != NULL &&
            t.length >= (size_t)(body + 4 - text_str(&t)) + strtoul(length + 15, NULL, 10))
            break;
        got = recv(fd, piece, sizeof piece, 0);
        ck_assert_int_gt(got, 0);
        text_append(&t, piece, (size_t)got);
    }
    send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    close(fd);
    return text_take(&t);
}

/* Tells the platform to send its notices here, under `path`, with the secret "hush". */
static void notices_here(const char *slug, const char *path)
{
    char body[300];

    listen_here();
    snprintf(body, sizeof body,
             "{\"platform\":\"%s\",\"url\":\"http://127.0.0.1:%d%s\",\"secret\":\"hush\"}", slug,
             port, path);
    kit_control("POST", "/_sim/webhooks", body);
}

#endif

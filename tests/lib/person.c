#include "person.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ecclesia/base/text.h>
#include <ecclesia/manager/signin.h>

/* The whole answer, with its headers. */
static void get(const char *url, const char *more, char *answer, size_t size)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    char host[64], request[6000];
    int port = 0, fd, n = 0;
    size_t got = 0;

    ck_assert_int_eq(sscanf(url, "http://%63[^:]:%d%n", host, &port, &n), 2);
    ck_assert_int_eq(inet_pton(AF_INET, host, &at.sin_addr), 1);
    at.sin_port = htons((uint16_t)port);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    n = snprintf(request, sizeof request,
                 "GET %s%s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n", url + n, more,
                 host, port);
    ck_assert_int_eq(send(fd, request, (size_t)n, MSG_NOSIGNAL), n);
    for (ssize_t r = 1; r > 0 && got < size - 1;) {
        r = recv(fd, answer + got, size - 1 - got, 0);
        got += r > 0 ? (size_t)r : 0;
    }
    close(fd);
    answer[got] = '\0';
}

void person_open(const char *url, const char *more)
{
    char answer[16000];

    get(url, more, answer, sizeof answer);
    ck_assert_msg(strncmp(answer, "HTTP/1.1 200 ", 13) == 0, "%s: %s", url, answer);
}

void person_browse(const char *url, const char *more, char *out, size_t size)
{
    char answer[16000], *location;

    get(url, more, answer, sizeof answer);
    location = strstr(answer, "\r\nLocation: ");
    ck_assert_msg(location != NULL, "no way back: %s", answer);
    location += strlen("\r\nLocation: ");
    location[strcspn(location, "\r")] = '\0';
    text_copy_to(out, size, location);
}

int person_port(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    close(fd);
    return ntohs(at.sin_port);
}

struct visit {
    int paste;
    bool answered;
};

/* As soon as the address is shown it is opened, and what comes of it is pasted. */
static void on_show(void *self, const struct signin_shown *shown)
{
    struct visit *v = self;
    char back[4000];
    size_t length;

    if (!shown->url || v->answered)
        return;
    v->answered = true;
    person_browse(shown->url, "&sim_answer=allow", back, sizeof back - 1);
    length = strlen(back);
    back[length++] = '\n';
    ck_assert_int_eq(write(v->paste, back, length), (ssize_t)length);
}

void person_sign_in(struct world *w, enum platform_id p, struct connection *out)
{
    struct signin_request r = { .church = w->church.id,
                                .platform = p,
                                .ways = SIGNIN_WAY_BROWSER,
                                .port = person_port(),
                                .timeout_ms = TEST_PATIENCE_MS };
    struct visit visit = { .answered = false };
    struct signin_front front = { .self = &visit, .show = on_show };
    struct connection made = { 0 };
    int paste[2];
    struct error err;

    ck_assert_int_eq(pipe(paste), 0);
    visit.paste = paste[1];
    front.paste_fd = paste[0];
    TEST_OK(signin_run(w->manager, &r, &front, &world_operator, NULL, &made, &err), err);
    close(paste[0]);
    close(paste[1]);
    if (out)
        *out = made;
    else
        connection_release(&made);
}

/* Restream's streaming updates: the handshake, what is told and when, and how it ends. */
#include "sim_kit.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>

static int fd = -1;
static unsigned char in[65536];
static size_t got;

static void setup(void)
{
    kit_start();
    fd = -1;
}

static void teardown(void)
{
    if (fd >= 0)
        close(fd);
    kit_stop();
}

static void sign_in(void)
{
    char *id = kit_ready("platforms.restream.credentials.client_id");
    char *secret = kit_ready("platforms.restream.credentials.client_secret");
    char *refresh = kit_ready("platforms.restream.credentials.refresh_token");
    char form[900];

    snprintf(form, sizeof form,
             "grant_type=refresh_token&client_id=%s&client_secret=%s&refresh_token=%s", id, secret,
             refresh);
    ck_assert_int_eq(kit_form("restream", "/oauth/token", form)->status, 200);
    snprintf(bearer, sizeof bearer, "%s", kit_text("access_token"));
    free(id);
    free(secret);
    free(refresh);
}

/* More bytes from the socket. False: it has ended, or nothing came in time. */
static bool more(void)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    if (poll(&p, 1, 5000) != 1)
        return false;
    ssize_t count = read(fd, in + got, sizeof in - got);
    got += count > 0 ? (size_t)count : 0;
    return count > 0;
}

/* Sends the handshake; the status of its answer. What follows the head stays in `in`. */
static int shake(const char *token, const char *version)
{
    struct sockaddr_in to = { .sin_family = AF_INET };
    char request[1200];
    int status = 0;

    to.sin_port = htons((uint16_t)strtol(strrchr(sim_base(sim), ':') + 1, NULL, 10));
    inet_pton(AF_INET, "127.0.0.2", &to.sin_addr);
    if (fd >= 0)
        close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    snprintf(request, sizeof request,
             "GET /ws?accessToken=%s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: "
             "Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
             "Sec-WebSocket-Version: %s\r\n\r\n",
             token, version);
    ck_assert_int_eq(write(fd, request, strlen(request)), (ssize_t)strlen(request));
    got = 0;
    while (memmem(in, got, "\r\n\r\n", 4) == NULL)
        ck_assert(more());
    unsigned char *end = memmem(in, got, "\r\n\r\n", 4);
    ck_assert_int_eq(sscanf((char *)in, "HTTP/1.1 %d", &status), 1);
    if (status == 101) /* RFC 6455's own example */
        ck_assert_ptr_nonnull(memmem(in, got, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28));
    got -= (size_t)(end + 4 - in);
    memmove(in, end + 4, got);
    return status;
}

/* The next frame: its kind, its bytes in text. -1: the connection has ended. */
static int frame(char *text, size_t size)
{
    size_t head = 2, length;

    while (got < 2 || got < (head = in[1] == 126 ? 4 : 2))
        if (!more())
            return -1;
    length = in[1] == 126 ? (size_t)in[2] << 8 | in[3] : in[1];
    ck_assert_uint_lt(length, size);
    while (got < head + length)
        if (!more())
            return -1;
    int kind = in[0] & 0x0f;
    memcpy(text, in + head, length);
    text[length] = '\0';
    got -= head + length;
    memmove(in, in + head + length, got);
    return kind;
}

/* Reads until a message with this action comes. Yours: cJSON_Delete(). */
static cJSON *await_action(const char *action)
{
    int64_t until = clock_mono() + 5000;
    char text[9000];

    while (clock_mono() < until) {
        ck_assert_int_eq(frame(text, sizeof text), 1);
        cJSON *message = json_parse(text, strlen(text), NULL);
        ck_assert_ptr_nonnull(message);
        if (text_equal(json_string(message, "action"), action))
            return message;
        cJSON_Delete(message);
    }
    ck_abort_msg("%s never came", action);
}

/* Makes an event; its id in id, its key fed. */
static void broadcast(char *id, size_t size, char *key, size_t key_size)
{
    char path[200], body[300];

    kit_json("restream", "POST", "/v2/user/events/new",
             "{\"streamType\":\"encoder\",\"title\":\"Vespers\"}");
    snprintf(id, size, "%s", kit_text("id"));
    snprintf(path, sizeof path, "/v2/user/events/%s/streamKey", id);
    kit_get("restream", path);
    snprintf(key, key_size, "%s", kit_text("streamKey"));
    snprintf(body, sizeof body, "{\"platform\":\"restream\",\"key\":\"%s\",\"sending\":true}", key);
    kit_control("POST", "/_sim/encoder", body);
}

START_TEST(a_broadcast_is_told_from_its_first_byte_to_its_last)
{
    char id[60], key[100], body[300];

    sign_in();
    ck_assert_int_eq(shake(bearer, "13"), 101);
    broadcast(id, sizeof id, key, sizeof key);
    cJSON *message = await_action("updateIncoming");
    ck_assert_str_eq(json_string(message, "eventId"), id);
    ck_assert_ptr_nonnull(json_at(message, "streaming.bitrate.total"));
    cJSON_Delete(message);
    message = await_action("updateOutgoing");
    ck_assert_str_eq(json_string(message, "streaming.status"), "CONNECTING");
    cJSON_Delete(message);
    message = await_action("updateStatuses");
    ck_assert(json_bool(message, "online", false));
    ck_assert_str_eq(json_string(message, "title"), "Vespers");
    cJSON_Delete(message);
    snprintf(body, sizeof body, "{\"platform\":\"restream\",\"key\":\"%s\",\"sending\":false}",
             key);
    kit_control("POST", "/_sim/encoder", body);
    cJSON_Delete(await_action("deleteIncoming"));
    cJSON_Delete(await_action("deleteOutgoing"));
}
END_TEST

START_TEST(who_comes_later_hears_the_last_minute)
{
    char id[60], key[100];

    sign_in();
    broadcast(id, sizeof id, key, sizeof key);
    ck_assert_int_eq(shake(bearer, "13"), 101);
    cJSON *message = await_action("updateOutgoing");
    ck_assert_str_eq(json_string(message, "streaming.status"), "CONNECTING"); /* the beginning */
    cJSON_Delete(message);
}
END_TEST

START_TEST(without_a_good_token_there_is_no_upgrade)
{
    sign_in();
    ck_assert_int_eq(shake("nonsense", "13"), 401);
    ck_assert_int_eq(shake(bearer, "8"), 426);
    kit_control("POST", "/_sim/grants",
                "{\"platform\":\"restream\",\"action\":\"drop_scope\",\"scope\":\"stream.read\"}");
    ck_assert_int_eq(shake(bearer, "13"), 403);
    const cJSON *all = kit_control("GET", "/_sim/requests?platform=restream", NULL);
    ck_assert_str_eq(json_string(all, "1.query.accessToken"), "***");
}
END_TEST

START_TEST(a_token_that_dies_closes_it)
{
    char text[200];

    sign_in();
    ck_assert_int_eq(shake(bearer, "13"), 101);
    kit_control("POST", "/_sim/grants", "{\"platform\":\"restream\",\"action\":\"expire_access\"}");
    ck_assert_int_eq(frame(text, sizeof text), 8);
    ck_assert_int_eq(frame(text, sizeof text), -1);
}
END_TEST

START_TEST(a_ping_is_answered_and_a_goodbye_too)
{
    static const unsigned char ping[] = { 0x89, 0x82, 1, 2, 3, 4, 'h' ^ 1, 'i' ^ 2 };
    static const unsigned char bye[] = { 0x88, 0x80, 1, 2, 3, 4 };
    char text[200];

    sign_in();
    ck_assert_int_eq(shake(bearer, "13"), 101);
    ck_assert_int_eq(write(fd, ping, sizeof ping), sizeof ping);
    ck_assert_int_eq(frame(text, sizeof text), 10);
    ck_assert_str_eq(text, "hi");
    ck_assert_int_eq(write(fd, bye, sizeof bye), sizeof bye);
    ck_assert_int_eq(frame(text, sizeof text), 8);
    ck_assert_int_eq(frame(text, sizeof text), -1);
}
END_TEST

START_TEST(a_closed_listener_ends_it_and_so_does_the_simulator)
{
    char text[200];

    sign_in();
    ck_assert_int_eq(shake(bearer, "13"), 101);
    kit_fault("{\"platform\":\"restream\",\"kind\":\"refuse\"}");
    ck_assert_int_eq(frame(text, sizeof text), -1);
    kit_control("DELETE", "/_sim/faults", NULL);
    ck_assert_int_eq(shake(bearer, "13"), 101); /* and is left open */
}
END_TEST

TEST_MAIN_FIXTURE("sim_feed", setup, teardown, a_broadcast_is_told_from_its_first_byte_to_its_last,
                  who_comes_later_hears_the_last_minute, without_a_good_token_there_is_no_upgrade,
                  a_token_that_dies_closes_it, a_ping_is_answered_and_a_goodbye_too,
                  a_closed_listener_ends_it_and_so_does_the_simulator)

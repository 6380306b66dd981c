/* Restream: what its updates feed says, a WebSocket that tells the last minute to whoever comes. It
 * is listened to for a moment at each look, so that there is no connection to keep alive; what was
 * cut, or said nothing, leaves the word to the list of what runs. */
#include "platform/restream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nothing at all is said within FIRST_MS when nobody sends; a replay comes at one go, and what
 * follows it in MOST_MS is news that the next look hears too. */
enum { FIRST_MS = 700, QUIET_MS = 150, MOST_MS = 600, STALE_S = 5 * 60 };
/* A feed that cannot be had (a proxy that lets no WebSocket through) is left alone for a while: it
 * would cost each look its time. */
enum { DEAF_MS = 60 * 1000 };

struct listening {
    struct restream *r;
    struct restream_feed *feed;
};

static void feed_url(struct restream *r, struct text *out)
{
    const char *base = r->call->api_base;
    size_t length = strlen(base);

    /* A host of its own; whoever configured another address has everything there. */
    if (length >= 3 && strcmp(base + length - 3, "/v2") == 0)
        length -= 3;
    if (length == strlen("https://api.restream.io") &&
        strncmp(base, "https://api.restream.io", length) == 0)
        text_add(out, "https://streaming.api.restream.io");
    else
        text_append(out, base, length);
    text_add(out, "/ws?");
    kit_query(out, "accessToken", r->token);
}

/* Of our event; without one of its own, of whatever the account sends. */
static bool is_ours(const struct restream *r, const cJSON *message)
{
    const char *event = json_string(message, "eventId");

    return !restream_has_event(r) || text_equal(event, r->out->remote_id);
}

static struct restream_outgoing *channel_of(struct restream_feed *feed, const cJSON *message)
{
    int64_t id = 0;

    if (!json_int(message, "channelId", &id))
        return NULL;
    for (size_t i = 0; i < feed->count; i++)
        if (feed->channels[i].id == id)
            return &feed->channels[i];
    if (feed->count == RESTREAM_CHANNELS_MOST)
        return NULL;
    feed->channels[feed->count] = (struct restream_outgoing){ .id = id, .viewers = -1 };
    return &feed->channels[feed->count++];
}

static void take_outgoing(struct restream_feed *feed, const cJSON *message, bool on)
{
    struct restream_outgoing *c = channel_of(feed, message);
    const char *status = json_string(message, "streaming.status");

    if (!c)
        return;
    c->there = on;
    c->connected = on && text_equal(status, "CONNECTED");
    if (!on)
        c->viewers = -1;
}

/* There may be no last word when a channel ends, and null is not known rather than none. */
static void take_status(struct listening *l, const cJSON *message)
{
    struct restream_outgoing *c = channel_of(l->feed, message);
    int64_t at = 0, viewers = -1;

    if (!c || (json_int(message, "updatedAt", &at) && l->r->call->now_ms / 1000 - at > STALE_S))
        return;
    c->viewers = json_bool(message, "online", false) && json_int(message, "viewers", &viewers)
                     ? viewers
                     : -1;
}

static void take_message(void *context, const char *text, size_t length)
{
    struct listening *l = context;
    cJSON *message = json_parse(text, length, NULL);
    const char *action = json_string(message, "action");

    /* Actions and members that are new here are passed over: the page promises more of them. */
    if (action && is_ours(l->r, message)) {
        if (strcmp(action, "updateIncoming") == 0) {
            l->feed->incoming = RESTREAM_SENDING;
            l->feed->since_ms = restream_moment(message, "createdAt");
        } else if (strcmp(action, "deleteIncoming") == 0) {
            l->feed->incoming = RESTREAM_STOPPED;
        } else if (strcmp(action, "updateOutgoing") == 0) {
            take_outgoing(l->feed, message, true);
        } else if (strcmp(action, "deleteOutgoing") == 0) {
            take_outgoing(l->feed, message, false);
        } else if (strcmp(action, "updateStatuses") == 0) {
            take_status(l, message);
        }
    }
    cJSON_Delete(message);
}

static bool is_deaf(const struct restream *r)
{
    int64_t since = strtoll(kit_remembered(r->out, "deaf"), NULL, 10);

    return since > 0 && r->call->now_ms >= since && r->call->now_ms - since < DEAF_MS;
}

static void note_deaf(struct restream *r, bool deaf)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%lld", (long long)r->call->now_ms);
    kit_remember(r->out, "deaf", deaf ? digits : NULL);
}

/* A token that is refused must be renewed; anything else that goes wrong is no more than silence,
 * which the list makes up for. */
bool restream_listen(struct restream *r, struct restream_feed *feed, struct error *err)
{
    struct listening l = { .r = r, .feed = feed };
    struct http_feed ask = { .route = "GET /ws",
                             .platform = "restream",
                             .first_ms = FIRST_MS,
                             .quiet_ms = QUIET_MS,
                             .most_ms = MOST_MS,
                             .take = take_message,
                             .context = &l };
    struct error why = { 0 };
    struct text url;
    int status = 0;
    bool heard;

    memset(feed, 0, sizeof(*feed));
    if (!r->call->listen || r->idle || is_deaf(r))
        return true;
    text_init(&url, 8192);
    feed_url(r, &url);
    ask.url = text_str(&url);
    heard = r->call->listen(r->call, &ask, &status, &why);
    kit_wipe(&url);
    feed->heard = heard && status == 101;
    note_deaf(r, !feed->heard && status != 401);
    if (why.kind == ERROR_CANCELLED)
        return restream_fail(err, &why);
    if (heard && status == 401)
        return kit_error(err, r->call, NULL, ERROR_AUTH, "invalid_token", "Connect restream again.",
                         "Restream refused the sign-in.");
    return true;
}

int64_t restream_viewers(const struct restream_feed *feed)
{
    int64_t sum = -1;

    for (size_t i = 0; i < feed->count; i++)
        if (feed->channels[i].there && feed->channels[i].viewers >= 0)
            sum = (sum < 0 ? 0 : sum) + feed->channels[i].viewers;
    return sum;
}

void restream_tell_channels(struct restream *r, const struct restream_feed *feed)
{
    size_t there = 0, connected = 0;

    for (size_t i = 0; i < feed->count; i++) {
        there += feed->channels[i].there;
        connected += feed->channels[i].connected;
    }
    if (there > connected)
        kit_note(r->out,
                 "Restream reaches %zu of %zu channels. Look at the others in its dashboard: their "
                 "sign-in there may have ended.",
                 connected, there);
}

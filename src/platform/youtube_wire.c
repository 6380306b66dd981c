/* YouTube: sending, and reading what a broadcast says of itself. */
#include "platform/youtube.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

#include "platform/google.h"

/* scheduledStartTime must be in the future when the request arrives. */
#define SOON_MS (60 * 1000)

bool youtube_open(struct youtube *y, struct call *call, const struct livestream *l,
                  const struct target *t, struct outcome *out, struct error *err)
{
    memset(y, 0, sizeof(*y));
    y->call = call;
    y->l = l;
    y->t = t;
    y->out = out;
    out->again_ms = 0;
    y->settings = kit_settings(t);
    if (!y->settings)
        return error_set(err, ERROR_MEMORY, NULL, "There is no memory left to read the settings.");
    return call->token(call, &y->token, err);
}

void youtube_close(struct youtube *y)
{
    cJSON_Delete(y->settings);
}

bool youtube_submit(struct youtube *y, const struct kit_request *request, cJSON **out,
                    struct error *err)
{
    struct kit_request whole = *request;

    whole.token = y->token;
    whole.judge = google_judge;
    return kit_send(y->call, &whole, out, err);
}

bool youtube_ask(struct youtube *y, const char *method, const char *path, const char *const *query,
                 cJSON **out, struct error *err)
{
    struct kit_request request = { .method = method };
    struct text url, route;
    bool done;

    text_init(&url, 4096);
    text_init(&route, 200);
    text_addf(&route, "%s %s", method, path);
    text_addf(&url, "%s?", path);
    for (; query[0]; query += 2)
        kit_query(&url, query[0], query[1]);
    request.path = text_str(&url);
    request.route = text_str(&route);
    request.effect = strcmp(method, "GET") != 0;
    done = youtube_submit(y, &request, out, err);
    /* Every reading is a list, and an empty one says so. What says nothing does not mean that
     * nothing is there: that would make a second broadcast. */
    if (done && out && !request.effect &&
        !cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(*out, "items"))) {
        cJSON_Delete(*out);
        *out = NULL;
        done = kit_error(err, y->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "YouTube's answer is no list.");
    }
    text_release(&url);
    text_release(&route);
    return done;
}

cJSON *youtube_first(cJSON *answer)
{
    cJSON *items = cJSON_GetObjectItemCaseSensitive(answer, "items");
    cJSON *first = cJSON_IsArray(items) ? cJSON_DetachItemFromArray(items, 0) : NULL;

    cJSON_Delete(answer);
    return first;
}

/* An unknown id is an empty list, not a 404; a 404 counts as the same. */
static bool read_one(struct youtube *y, const char *path, const char *parts, const char *id,
                     cJSON **item, struct error *err)
{
    const char *query[] = { "part", parts, "id", id, NULL };
    struct error why = { 0 };
    cJSON *answer = NULL;

    *item = NULL;
    if (youtube_ask(y, "GET", path, query, &answer, &why)) {
        *item = youtube_first(answer);
        return true;
    }
    if (why.kind == ERROR_NOT_FOUND)
        return true;
    if (err)
        *err = why;
    return false;
}

bool youtube_read(struct youtube *y, cJSON **item, struct error *err)
{
    return read_one(y, "/youtube/v3/liveBroadcasts", "id,snippet,contentDetails,status,statistics",
                    y->out->remote_id, item, err);
}

bool youtube_read_stream(struct youtube *y, const char *id, const char *parts, cJSON **item,
                         struct error *err)
{
    return read_one(y, "/youtube/v3/liveStreams", parts, id, item, err);
}

enum youtube_life youtube_life_of(const cJSON *broadcast)
{
    static const struct {
        const char *word;
        enum youtube_life life;
    } words[] = {
        { "created", LIFE_CREATED },
        { "ready", LIFE_READY },
        { "testStarting", LIFE_TEST_STARTING },
        { "testing", LIFE_TESTING },
        { "liveStarting", LIFE_LIVE_STARTING },
        { "live", LIFE_LIVE },
        { "complete", LIFE_COMPLETE },
        { "revoked", LIFE_REVOKED },
    };
    const char *said = json_string(broadcast, "status.lifeCycleStatus");

    for (size_t i = 0; said && i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i].word, said) == 0)
            return words[i].life;
    return LIFE_UNKNOWN;
}

static void learn_time(const cJSON *broadcast, const char *path, int64_t *out)
{
    const char *said = json_string(broadcast, path);
    int64_t ms;

    if (said && clock_parse_rfc3339(said, &ms) && ms > 0)
        *out = ms;
}

void youtube_learn(struct youtube *y, const cJSON *broadcast)
{
    struct outcome *o = y->out;

    learn_time(broadcast, "snippet.actualStartTime", &o->started_ms);
    learn_time(broadcast, "snippet.actualEndTime", &o->ended_ms);
    /* Absent is not 0: hidden, none, or over. */
    if (!json_int(broadcast, "statistics.concurrentViewers", &o->viewers))
        o->viewers = -1;
    switch (youtube_life_of(broadcast)) {
    case LIFE_CREATED:
    case LIFE_READY:
    case LIFE_TEST_STARTING:
    case LIFE_TESTING:
    case LIFE_LIVE_STARTING:
        o->status = TARGET_PENDING;
        break;
    case LIFE_LIVE:
        o->status = TARGET_LIVE;
        break;
    case LIFE_COMPLETE:
    case LIFE_REVOKED:
        o->status = TARGET_ENDED;
        break;
    case LIFE_UNKNOWN: /* a word of tomorrow: keep the last state */
        break;
    }
}

void youtube_advise(struct youtube *y, const char *format, ...)
{
    char advice[sizeof(y->out->note)];
    va_list args;

    va_start(args, format);
    vsnprintf(advice, sizeof(advice), format, args);
    va_end(args);
    kit_note(y->out, "%s", advice);
    kit_remember(y->out, "advice", y->out->note);
}

bool youtube_vanished(struct youtube *y, struct error *err)
{
    y->out->gone = true;
    return kit_error(err, y->call, NULL, ERROR_NOT_FOUND, "liveBroadcastNotFound",
                     "Retry it to create it again.",
                     "YouTube does not know the broadcast any more; somebody deleted it there.");
}

/* YouTube refuses < and > in titles and descriptions. A greeting like "We <3 you" must not cost the
 * broadcast, so they become the quotation marks that look alike. */
static char *without_brackets(const char *s)
{
    struct text t;

    text_init(&t, 64 * 1024);
    for (; s && *s; s++) {
        if (*s == '<')
            text_add(&t, "\xe2\x80\xb9");
        else if (*s == '>')
            text_add(&t, "\xe2\x80\xba");
        else
            text_append(&t, s, 1);
    }
    return t.length ? text_take(&t) : text_copy("");
}

char *youtube_title(const struct youtube *y)
{
    return without_brackets(y->l->title);
}

void youtube_marker(const struct youtube *y, char out[16])
{
    const char *known = y->out->remote_id[0] ? kit_remembered(y->out, "marker") : "";

    if (*known)
        text_copy_to(out, 16, known);
    else
        kit_marker(y->call, out);
}

/* One page says 5000 characters, another 5000 bytes: both are kept. */
char *youtube_text(const struct youtube *y)
{
    char marker[16], cut[5000 - 20], *plain = without_brackets(y->l->description), *whole = NULL;

    youtube_marker(y, marker);
    if (plain) {
        text_copy_to(cut, sizeof(cut), plain);
        whole = kit_describe(marker, cut, 5000);
    }
    free(plain);
    return whole;
}

/* Of one that is made to go live at once, days before its plan, the plan is no use. */
int64_t youtube_start_time(const struct youtube *y)
{
    int64_t soon = y->call->now_ms + SOON_MS;
    bool at_once = y->t->wish == WISH_LIVE && y->out->remote_id[0] == '\0';

    return y->l->start_ms > soon && !at_once ? y->l->start_ms : soon;
}

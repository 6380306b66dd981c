/* YouTube: going live, ending, removing, and looking how it is. What is true is what YouTube says;
 * a step that it takes slowly is waited for by being called again. */
#include "platform/youtube.h"

#include <string.h>

#include <ecclesia/base/text.h>

#define BROADCASTS "/youtube/v3/liveBroadcasts"

enum {
    SIGNAL_FIRST_MS = 3000,
    SIGNAL_LATER_MS = 5000,
    SIGNAL_FIRST_COUNT = 20, /* the first minute */
    STEP_MS = 2000,
    SOME_TRIES = 5,           /* of going live by itself, and of a step that is refused */
    STUCK_TRIES = 90,         /* three minutes in a step that takes seconds */
    EARLY_MS = 30 * 60 * 1000 /* how long before the start the stream's health is worth a request */
};

static bool soon_again(struct youtube *y, const char *note)
{
    y->out->again_ms = STEP_MS;
    kit_note(y->out, "%s", note);
    return true;
}

static bool wait_step(struct youtube *y, const char *what)
{
    y->out->again_ms = STEP_MS;
    if (kit_waited(y->out, "step") > STUCK_TRIES)
        kit_note(y->out, "%s It takes unusually long: look in YouTube Studio.", what);
    else
        kit_note(y->out, "%s", what);
    return true;
}

static bool wait_signal(struct youtube *y)
{
    y->out->again_ms =
        kit_waited(y->out, "signal") <= SIGNAL_FIRST_COUNT ? SIGNAL_FIRST_MS : SIGNAL_LATER_MS;
    kit_note(y->out,
             "Waiting for the encoder's signal. Start sending to YouTube from your encoder.");
    return true;
}

static bool is_live(struct youtube *y)
{
    kit_waited(y->out, NULL);
    y->out->status = TARGET_LIVE;
    y->out->again_ms = 0;
    return true;
}

/* Asks for a step. *answer gets the broadcast as it is after it. Already there is success: it is
 * read then. Ill-timed asks (no signal yet, not from this state) are told by *refused, for who
 * asked knows what to do. */
static bool transition(struct youtube *y, const char *to, cJSON **answer, bool *refused,
                       struct error *err)
{
    const char *query[] = { "broadcastStatus",   to,  "id", y->out->remote_id, "part",
                            "id,snippet,status", NULL };
    struct error why = { 0 };

    *answer = NULL;
    *refused = false;
    if (youtube_ask(y, "POST", BROADCASTS "/transition", query, answer, &why))
        return true;
    *refused =
        strcmp(why.code, "errorStreamInactive") == 0 || strcmp(why.code, "invalidTransition") == 0;
    if (strcmp(why.code, "redundantTransition") == 0)
        return youtube_read(y, answer, err);
    if (err)
        *err = why;
    return false;
}

/* Is the encoder's signal there? Only "active" counts; health is advice. */
static bool signal_here(struct youtube *y, const cJSON *item, bool *here, struct error *err)
{
    const char *bound = json_string(item, "contentDetails.boundStreamId");
    cJSON *stream = NULL;

    *here = false;
    if (!bound || !*bound)
        bound = kit_remembered(y->out, "stream");
    if (*bound && !youtube_read_stream(y, bound, "id,status", &stream, err))
        return false;
    *here = text_equal(json_string(stream, "status.streamStatus"), "active");
    cJSON_Delete(stream);
    return true;
}

/* After a step towards live: there, or called again. */
static bool towards_live(struct youtube *y, const cJSON *item)
{
    youtube_learn(y, item);
    switch (youtube_life_of(item)) {
    case LIFE_LIVE:
        return is_live(y);
    case LIFE_TEST_STARTING:
        return wait_step(y, "YouTube prepares the preview.");
    case LIFE_TESTING:
        return wait_step(y, "The preview is there; YouTube goes live next.");
    default:
        return wait_step(y, "YouTube is going live.");
    }
}

static bool is_shared(const struct error *why)
{
    return strcmp(why->code, "sharedIngestionBroadcastsExceedLimit") == 0;
}

/* Another broadcast is on air with the same key: this one gets a key of its own, to which an
 * encoder must send. */
static bool own_stream(struct youtube *y, const cJSON *item, struct error *err)
{
    cJSON *bound = cJSON_Duplicate(item, true);
    bool done = youtube_spare_stream(y, &bound, err);

    cJSON_Delete(bound);
    return done && soon_again(y, "Another broadcast uses the main encoder's key; this one has a "
                                 "key of its own now. Send to that.");
}

/* From ready or testing, with a signal. A preview stage is gone through when the broadcast has one:
 * YouTube's own word counts, for somebody may have switched it in Studio. */
static bool go_live(struct youtube *y, const cJSON *item, struct error *err)
{
    bool preview = youtube_life_of(item) != LIFE_TESTING &&
                   json_bool(item, "contentDetails.monitorStream.enableMonitorStream", false);
    struct error why = { 0 };
    cJSON *answer;
    bool refused, done;

    if (json_bool(item, "contentDetails.enableAutoStart", false) && !preview &&
        kit_waited(y->out, "itself") <= SOME_TRIES)
        return soon_again(y, "The signal is there; YouTube goes live by itself.");
    done = transition(y, preview ? "testing" : "live", &answer, &refused, &why);
    if (done)
        done = towards_live(y, answer);
    else if (is_shared(&why) && youtube_life_of(item) == LIFE_READY)
        done = own_stream(y, item, err);
    else if (refused && strcmp(why.code, "errorStreamInactive") == 0)
        done = wait_signal(y);
    else if (refused && kit_waited(y->out, "refused") <= SOME_TRIES)
        done = soon_again(y, "YouTube does not take the step yet.");
    else if (err)
        *err = why;
    cJSON_Delete(answer);
    return done;
}

static bool start_from(struct youtube *y, const cJSON *item, struct error *err)
{
    bool here = false;

    switch (youtube_life_of(item)) {
    case LIFE_LIVE:
        return is_live(y);
    case LIFE_LIVE_STARTING:
    case LIFE_TEST_STARTING:
        return towards_live(y, item);
    case LIFE_COMPLETE:
        return kit_error(err, y->call, NULL, ERROR_REFUSED, "complete",
                         "Plan a new livestream: YouTube never starts an ended broadcast again.",
                         "The broadcast is already over on YouTube.");
    case LIFE_REVOKED:
        return kit_error(err, y->call, NULL, ERROR_REFUSED, "revoked",
                         "Look in YouTube Studio for the reason.",
                         "YouTube has taken the broadcast away from the channel.");
    default:
        if (!signal_here(y, item, &here, err))
            return false;
        return here ? go_live(y, item, err) : wait_signal(y);
    }
}

bool youtube_start(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err)
{
    bool fresh = out->remote_id[0] == '\0';
    cJSON *item = NULL;
    struct youtube y;
    bool done = youtube_open(&y, call, l, t, out, err) && youtube_make(&y, &item, err);

    /* Thumbnail and category of one that is made only now: tried, not waited for. */
    if (done && fresh)
        done = youtube_dress(&y, false, err);
    if (done)
        done = start_from(&y, item, err);
    cJSON_Delete(item);
    youtube_close(&y);
    return done;
}

static bool delete_broadcast(struct youtube *y, struct error *err)
{
    const char *query[] = { "id", y->out->remote_id, NULL };
    struct error why = { 0 };

    if (youtube_ask(y, "DELETE", BROADCASTS, query, NULL, &why) || why.kind == ERROR_NOT_FOUND)
        return true;
    if (err)
        *err = why;
    return false;
}

static bool stop_done(struct youtube *y)
{
    kit_waited(y->out, NULL);
    y->out->status = TARGET_ENDED;
    y->out->again_ms = 0;
    if (y->out->ended_ms == 0 && y->out->started_ms > 0)
        y->out->ended_ms = y->call->now_ms;
    return true;
}

/* Never on air: there is nothing to keep, and "complete" is refused from there. */
static bool stop_by_delete(struct youtube *y, struct error *err)
{
    if (!delete_broadcast(y, err))
        return false;
    kit_note(y->out, "It was never live, so it was removed from YouTube.");
    return stop_done(y);
}

static bool stop_by_complete(struct youtube *y, struct error *err)
{
    struct error why = { 0 };
    cJSON *answer;
    bool refused, done = transition(y, "complete", &answer, &refused, &why);

    if (done) {
        youtube_learn(y, answer);
        done = !answer || y->out->status == TARGET_ENDED ? stop_done(y)
                                                         : wait_step(y, "YouTube is ending it.");
    } else if (refused && kit_waited(y->out, "refused") <= SOME_TRIES)
        done = soon_again(y, "YouTube does not end it yet.");
    else if (err) {
        *err = why;
    }
    cJSON_Delete(answer);
    return done;
}

static bool stop_from(struct youtube *y, const cJSON *item, struct error *err)
{
    youtube_learn(y, item);
    switch (youtube_life_of(item)) {
    case LIFE_CREATED:
    case LIFE_READY:
        return stop_by_delete(y, err);
    case LIFE_TEST_STARTING:
    case LIFE_LIVE_STARTING:
        /* It can be completed once it has arrived. One that never does can only be deleted. */
        if (kit_waited(y->out, "starting") > STUCK_TRIES)
            return stop_by_delete(y, err);
        return soon_again(y, "YouTube is still starting; it is ended as soon as it can be.");
    case LIFE_COMPLETE:
    case LIFE_REVOKED:
        return stop_done(y);
    default:
        return stop_by_complete(y, err);
    }
}

bool youtube_stop(struct call *call, const struct livestream *l, const struct target *t,
                  struct outcome *out, struct error *err)
{
    cJSON *item = NULL;
    struct youtube y;
    bool done = youtube_open(&y, call, l, t, out, err);

    if (done && out->remote_id[0] == '\0')
        done = stop_done(&y);
    else if (done && (done = youtube_read(&y, &item, err)))
        done = item ? stop_from(&y, item, err) : stop_done(&y);
    cJSON_Delete(item);
    youtube_close(&y);
    return done;
}

static bool remove_from(struct youtube *y, const cJSON *item, struct error *err)
{
    youtube_learn(y, item);
    switch (youtube_life_of(item)) {
    case LIFE_COMPLETE:
        kit_note(y->out,
                 "The recording stays on YouTube. Delete it in YouTube Studio if you want.");
        return true;
    case LIFE_LIVE:
    case LIFE_LIVE_STARTING:
    case LIFE_TESTING:
    case LIFE_TEST_STARTING:
        return kit_error(err, y->call, NULL, ERROR_REFUSED, "live", "Stop it first.",
                         "The broadcast is on air on YouTube.");
    default:
        y->out->gone = delete_broadcast(y, err);
        return y->out->gone;
    }
}

bool youtube_remove(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err)
{
    cJSON *item = NULL;
    struct youtube y;
    bool done = true;

    if (out->remote_id[0] == '\0')
        return true;
    done = youtube_open(&y, call, l, t, out, err) && youtube_read(&y, &item, err);
    if (done && !item)
        out->gone = true;
    else if (done)
        done = remove_from(&y, item, err);
    cJSON_Delete(item);
    youtube_close(&y);
    return done;
}

/* The gravest issue, in YouTube's own words. */
static const char *worst_issue(const cJSON *stream)
{
    const cJSON *issue;
    const char *warning = NULL;

    cJSON_ArrayForEach (issue, json_at(stream, "status.healthStatus.configurationIssues")) {
        const char *severity = json_string(issue, "severity");
        const char *text = json_string(issue, "description");

        if (!text)
            text = json_string(issue, "reason");
        if (text && text_equal(severity, "error"))
            return text;
        if (text && text_equal(severity, "warning") && !warning)
            warning = text;
    }
    return warning;
}

static void tell_health(struct youtube *y, const cJSON *stream)
{
    bool active = text_equal(json_string(stream, "status.streamStatus"), "active");
    const char *health = json_string(stream, "status.healthStatus.status");
    const char *issue = worst_issue(stream);

    if (!active && y->out->status == TARGET_LIVE)
        kit_note(y->out, "YouTube receives no video. Check the encoder and its connection.");
    else if (!active && y->t->wish == WISH_LIVE)
        kit_note(y->out,
                 "Waiting for the encoder's signal. Start sending to YouTube from your encoder.");
    else if (active && text_equal(health, "bad"))
        kit_note(y->out, "The signal is bad: %s", issue ? issue : "see YouTube Studio.");
    else if (active && text_equal(health, "ok") && issue)
        kit_note(y->out, "The signal could be better: %s", issue);
    else if (active && y->out->status == TARGET_PENDING)
        kit_note(y->out, "YouTube receives the encoder's signal.");
}

/* Hours before the start nobody sends, and every request is taken from the day's allowance. */
static bool health_is_worth_it(const struct youtube *y)
{
    if (y->out->status == TARGET_LIVE)
        return true;
    if (y->out->status != TARGET_PENDING)
        return false;
    return y->t->wish == WISH_LIVE ||
           (y->l->start_ms > 0 && y->l->start_ms - y->call->now_ms < EARLY_MS);
}

static bool poll_item(struct youtube *y, const cJSON *item, struct error *err)
{
    const char *bound = json_string(item, "contentDetails.boundStreamId");
    cJSON *stream = NULL;
    bool done = true;

    youtube_learn(y, item);
    if (y->out->status == TARGET_PENDING)
        kit_note(y->out, "%s", kit_remembered(y->out, "advice"));
    if (youtube_life_of(item) == LIFE_REVOKED)
        kit_note(y->out,
                 "YouTube has taken the broadcast away. Look in YouTube Studio for the reason.");
    if (bound && *bound && health_is_worth_it(y)) {
        done = youtube_read_stream(y, bound, "id,status", &stream, err);
        if (done && stream)
            tell_health(y, stream);
        cJSON_Delete(stream);
    }
    return done;
}

bool youtube_poll(struct call *call, const struct livestream *l, const struct target *t,
                  struct outcome *out, struct error *err)
{
    cJSON *item = NULL;
    struct youtube y;
    bool done;

    if (out->remote_id[0] == '\0')
        return true;
    done = youtube_open(&y, call, l, t, out, err) && youtube_read(&y, &item, err);
    if (done && item) {
        done = poll_item(&y, item, err);
    } else if (done && out->status != TARGET_ENDED) {
        out->gone = true;
        out->viewers = -1;
        kit_note(out, "Somebody deleted the broadcast on YouTube.");
    }
    cJSON_Delete(item);
    youtube_close(&y);
    return done;
}

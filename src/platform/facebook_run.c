/* Facebook: going live, ending, removing, and looking how it is. A broadcast that is published
 * before video arrives is ended by Facebook for its viewers, so the signal comes first. */
#include "platform/facebook.h"

#include <string.h>

enum {
    SIGNAL_FIRST_MS = 3000,
    SIGNAL_LATER_MS = 15000,
    SIGNAL_FIRST_COUNT = 20, /* the first minute */
    STEP_MS = 2000,
    ASKED_MS =
        10000, /* how long a step that was asked for is waited for before it is asked for again */
    SOME_TRIES = 5,
    HIDDEN_MS = 60 * 1000, /* one that is hidden from us is asked for at most so often [C2] */
    ENDING_S = 15 * 60
};

#define WAIT_NOTE "Waiting for the encoder's signal. Start sending to Facebook from your encoder."

static bool again(struct facebook *f, int64_t ms, const char *note)
{
    f->out->again_ms = ms;
    kit_note(f->out, "%s", note);
    return true;
}

static bool is_live(struct facebook *f)
{
    kit_waited(f->out, NULL);
    f->out->status = TARGET_LIVE;
    if (f->out->started_ms == 0)
        f->out->started_ms = f->call->now_ms;
    return true;
}

/* Whether that worked is told by the state read afterwards; the form of the answer is not
 * confirmed. */
static bool publish(struct facebook *f, struct error *err)
{
    static const char *const args[] = { "status", "LIVE_NOW", NULL };
    struct error why = { 0 };
    cJSON *video = NULL;

    if (f->call->now_ms - facebook_remembered(f, "asked") < ASKED_MS)
        return again(f, STEP_MS, "Facebook is going live.");
    if (!facebook_ask(f, "POST", f->out->remote_id, "", args, false, NULL, &why)) {
        /* It may not have seen the signal itself yet. */
        if (why.kind == ERROR_INVALID && kit_waited(f->out, "refused") <= SOME_TRIES)
            return again(f, SIGNAL_FIRST_MS, "Facebook does not take the step yet.");
        if (err)
            *err = why;
        return false;
    }
    facebook_remember(f, "asked", f->call->now_ms);
    if (!facebook_read(f, false, &video, err))
        return false;
    if (video)
        facebook_learn(f, video);
    cJSON_Delete(video);
    return f->out->status == TARGET_LIVE ? is_live(f)
                                         : again(f, STEP_MS, "Facebook is going live.");
}

/* Going live waits for no setting that can be done without. */
static bool dress_quietly(struct facebook *f, struct error *err)
{
    struct error why = { 0 };

    if (facebook_dress(f, &why) || why.kind != ERROR_CANCELLED)
        return true;
    if (err)
        *err = why;
    return false;
}

/* Facebook removes unused ones after some hours, and a planned one expires. Neither was ever seen,
 * so another takes its place; only the encoder must be told. */
static bool make_anew(struct facebook *f, struct error *err)
{
    f->out->remote_id[0] = '\0';
    kit_waited(f->out, NULL);
    /* Saved first: should the answer be lost, the new one is looked up and not the old. */
    if (!f->call->progress(f->call, f->out, err) || !facebook_make(f, true, err) ||
        !dress_quietly(f, err))
        return false;
    return again(f, SIGNAL_FIRST_MS,
                 "Facebook had dropped the unused broadcast. The new one has a new stream key: set "
                 "it in your encoder.");
}

static bool start_hidden(struct facebook *f, struct error *err)
{
    if (facebook_is_new(f) && facebook_remembered(f, "made"))
        return again(f, HIDDEN_MS, "Waiting until Facebook shows the new broadcast.");
    if (f->out->status == TARGET_PENDING && f->out->started_ms == 0)
        return make_anew(f, err);
    return facebook_vanished(f, err);
}

static bool start_from(struct facebook *f, const cJSON *video, struct error *err)
{
    facebook_learn(f, video);
    switch (facebook_life_of(video)) {
    case LIFE_LIVE:
        return is_live(f);
    case LIFE_OVER:
        return kit_error(err, f->call, NULL, ERROR_REFUSED, "over",
                         "Plan a new livestream: Facebook never starts an ended broadcast again.",
                         "The broadcast is already over on Facebook.");
    case LIFE_CANCELLED:
        return kit_error(err, f->call, NULL, ERROR_REFUSED, "cancelled",
                         "Retry it to create it again.",
                         "Somebody cancelled the broadcast on Facebook.");
    case LIFE_EXPIRED:
        return make_anew(f, err);
    default:
        if (facebook_signal_of(video) == SIGNAL_HERE)
            return publish(f, err);
        return again(f,
                     kit_waited(f->out, "signal") <= SIGNAL_FIRST_COUNT ? SIGNAL_FIRST_MS
                                                                        : SIGNAL_LATER_MS,
                     WAIT_NOTE);
    }
}

bool facebook_start(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err)
{
    bool key = out->ingest_url[0] == '\0' || !t->has_key;
    cJSON *video = NULL;
    struct facebook f;
    bool done = facebook_open(&f, call, l, t, out, err);

    if (done && out->remote_id[0] == '\0') {
        done = facebook_make(&f, true, err) && dress_quietly(&f, err) &&
               again(&f, SIGNAL_FIRST_MS, WAIT_NOTE);
    } else if (done && (done = facebook_read(&f, key, &video, err))) {
        done = video ? start_from(&f, video, err) : start_hidden(&f, err);
        if (done && video && key && out->ingest_url[0])
            done = call->progress(call, out, err);
    }
    cJSON_Delete(video);
    facebook_close(&f);
    return done;
}

static bool stop_done(struct facebook *f)
{
    kit_waited(f->out, NULL);
    f->out->status = TARGET_ENDED;
    f->out->viewers = -1;
    if (f->out->ended_ms == 0 && f->out->started_ms > 0)
        f->out->ended_ms = f->call->now_ms;
    return true;
}

bool facebook_delete(struct facebook *f, struct error *err)
{
    struct error why = { 0 };

    if (facebook_ask(f, "DELETE", f->out->remote_id, "", NULL, false, NULL, &why) ||
        why.kind == ERROR_NOT_FOUND)
        return true;
    if (err)
        *err = why;
    return false;
}

/* Whatever the answer: a broadcast that reads as over is over. */
static bool stop_live(struct facebook *f, struct error *err)
{
    static const char *const args[] = { "end_live_video", "true", NULL };
    struct error why = { 0 };
    bool asked = facebook_ask(f, "POST", f->out->remote_id, "", args, false, NULL, &why);
    cJSON *video = NULL;

    if (!asked && why.kind != ERROR_INVALID && why.kind != ERROR_NOT_FOUND) {
        if (err)
            *err = why;
        return false;
    }
    if (!facebook_read(f, false, &video, err))
        return false;
    if (video)
        facebook_learn(f, video);
    if (!video || f->out->status == TARGET_ENDED) {
        cJSON_Delete(video);
        return stop_done(f);
    }
    cJSON_Delete(video);
    if (asked || kit_waited(f->out, "refused") <= SOME_TRIES)
        return again(f, STEP_MS, "Facebook is ending it.");
    if (err)
        *err = why;
    return false;
}

static bool stop_from(struct facebook *f, const cJSON *video, struct error *err)
{
    facebook_learn(f, video);
    switch (facebook_life_of(video)) {
    case LIFE_OVER:
        return stop_done(f);
    case LIFE_WAITING:
    case LIFE_EXPIRED:
    case LIFE_CANCELLED:
        if (!facebook_delete(f, err))
            return false;
        kit_note(f->out, "It was never live, so it was removed from Facebook.");
        return stop_done(f);
    default:
        return stop_live(f, err);
    }
}

bool facebook_stop(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err)
{
    cJSON *video = NULL;
    struct facebook f;
    bool done = facebook_open(&f, call, l, t, out, err);

    if (done && out->remote_id[0] == '\0')
        done = stop_done(&f);
    else if (done && (done = facebook_read(&f, false, &video, err)))
        done = video ? stop_from(&f, video, err) : stop_done(&f);
    cJSON_Delete(video);
    facebook_close(&f);
    return done;
}

static bool remove_from(struct facebook *f, const cJSON *video, struct error *err)
{
    facebook_learn(f, video);
    switch (facebook_life_of(video)) {
    case LIFE_OVER:
        kit_note(f->out, "The recording stays on Facebook, which deletes it after 30 days.");
        return true;
    case LIFE_LIVE:
        return kit_error(err, f->call, NULL, ERROR_REFUSED, "live", "Stop it first.",
                         "The broadcast is on air on Facebook.");
    default:
        f->out->gone = facebook_delete(f, err);
        return f->out->gone;
    }
}

bool facebook_remove(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err)
{
    cJSON *video = NULL;
    struct facebook f;
    bool done;

    if (out->remote_id[0] == '\0')
        return true;
    done = facebook_open(&f, call, l, t, out, err) && facebook_read(&f, false, &video, err);
    if (done && !video)
        out->gone = true;
    else if (done)
        done = remove_from(&f, video, err);
    cJSON_Delete(video);
    facebook_close(&f);
    return done;
}

static void tell_state(struct facebook *f, const cJSON *video)
{
    enum facebook_signal signal = facebook_signal_of(video);
    int64_t left;

    switch (facebook_life_of(video)) {
    case LIFE_LIVE:
        if (signal == SIGNAL_NONE)
            kit_note(f->out, "Facebook receives no video. Check the encoder and its connection.");
        else if (json_int(video, "seconds_left", &left) && left >= 0 && left < ENDING_S)
            kit_note(f->out,
                     "Facebook ends the broadcast in %lld min: a live video lasts 8 h at most.",
                     (long long)((left + 59) / 60));
        break;
    case LIFE_WAITING:
        if (signal == SIGNAL_HERE)
            kit_note(f->out, "Facebook receives the encoder's signal.");
        else if (f->t->wish == WISH_LIVE)
            kit_note(f->out, WAIT_NOTE);
        else if (*kit_remembered(f->out, "advice"))
            kit_note(f->out, "%s", kit_remembered(f->out, "advice"));
        break;
    case LIFE_EXPIRED:
        kit_note(f->out, "The planned start passed without video. Starting makes a new broadcast, "
                         "with a new stream key.");
        break;
    case LIFE_CANCELLED:
        kit_note(f->out, "Somebody cancelled the broadcast on Facebook.");
        break;
    default:
        break;
    }
}

/* Hidden is not always gone: too new, or a right that was lost for a while. One that was never
 * planned is dropped by Facebook itself after some hours, which is no trouble either: start makes
 * another. */
static void poll_hidden(struct facebook *f)
{
    f->out->viewers = -1;
    if (facebook_is_new(f) || f->out->status == TARGET_ENDED || *kit_remembered(f->out, "leaving"))
        return;
    if (f->out->status == TARGET_PENDING && f->out->started_ms == 0 &&
        strcmp(kit_remembered(f->out, "kind"), "now") == 0) {
        kit_note(f->out, "Facebook dropped the unused broadcast. Starting makes a new one, with a "
                         "new stream key.");
        return;
    }
    f->out->gone = true;
    kit_note(f->out,
             "Facebook does not show the broadcast to us: deleted, or the token lost its right.");
}

bool facebook_poll(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err)
{
    cJSON *video = NULL;
    struct facebook f;
    bool done;

    if (out->remote_id[0] == '\0') {
        facebook_is_early(call, l, t, out);
        return true;
    }
    done = facebook_open(&f, call, l, t, out, err);
    if (done && call->now_ms - facebook_remembered(&f, "hidden") < HIDDEN_MS) {
        poll_hidden(&f);
    } else if (done && (done = facebook_read(&f, false, &video, err))) {
        if (video) {
            facebook_remember(&f, "hidden", 0);
            facebook_learn(&f, video);
            tell_state(&f, video);
        } else {
            facebook_remember(&f, "hidden", call->now_ms);
            poll_hidden(&f);
        }
    }
    cJSON_Delete(video);
    facebook_close(&f);
    return done;
}

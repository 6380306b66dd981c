/* Restream: going live, ending, removing, and looking how it is.
 *
 * Restream has no call that starts or ends anything: it is live while an encoder sends. So a start
 * switches the channels and waits for the signal, a stop waits for its end, and both say so.
 *
 * Whether something is sent is told by the updates feed first; the list of events in progress is
 * the net under it, and has the members' link. */
#include "platform/restream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUIET_MS INT64_C(30000) /* no signal for so long: it was the end */

/* ---- what runs ---- */

/* What members open: the first channel whose link may be shown. */
static void link_learn(struct restream *r, const cJSON *event)
{
    const cJSON *one;

    cJSON_ArrayForEach (one, json_at(event, "destinations")) {
        const char *url = json_string(one, "externalUrl");

        if (url &&
            platform_link_check(&platform_restream, r->call->options, r->call->simulated, url,
                                NULL) &&
            text_copy_to(r->out->url, sizeof(r->out->url), url))
            return;
    }
}

/* The event that runs: ours or, without one, whatever the account sends. *event is yours, NULL when
 * nothing runs. */
static bool running(struct restream *r, cJSON **event, struct error *err)
{
    cJSON *list = NULL, *one;
    char id[160];

    *event = NULL;
    if (!restream_list(r, "/user/events/in-progress", &list, err))
        return false;
    cJSON_ArrayForEach (one, list) {
        if (!restream_has_event(r) ||
            (json_id(one, "id", id, sizeof(id)) && strcmp(id, r->out->remote_id) == 0)) {
            *event = cJSON_DetachItemViaPointer(list, one);
            break;
        }
    }
    r->others = !*event && cJSON_GetArraySize(list) > 0;
    cJSON_Delete(list);
    return true;
}

/* What the feed and, where it was asked, the list say. */
struct look {
    struct restream_feed feed;
    cJSON *event; /* owned; NULL: none was found, or none was asked for */
    bool on_air;
};

/* The feed's word goes first: after an encoder stops the list shows the event for a while. Silence
 * and a feed that is cut leave it to the list. */
static bool look(struct restream *r, struct look *k, struct error *err)
{
    struct error why = { 0 };

    memset(k, 0, sizeof(*k));
    if (!restream_listen(r, &k->feed, err))
        return false;
    if (!running(r, &k->event, &why)) {
        /* The feed alone will do, for now without a link. */
        if (k->feed.incoming == RESTREAM_SILENT || why.kind == ERROR_AUTH ||
            why.kind == ERROR_CANCELLED)
            return restream_fail(err, &why);
    }
    k->on_air =
        k->feed.incoming == RESTREAM_SENDING || (k->feed.incoming == RESTREAM_SILENT && k->event);
    return true;
}

static void is_live(struct restream *r, const struct look *k)
{
    const cJSON *event = k->event;
    int64_t started = restream_moment(event, "startedAt");

    if (!started)
        started = k->feed.since_ms;
    r->out->status = TARGET_LIVE;
    r->out->started_ms = started              ? started
                         : r->out->started_ms ? r->out->started_ms
                                              : r->call->now_ms;
    r->out->ended_ms = 0;
    r->out->viewers = restream_viewers(&k->feed);
    kit_remember(r->out, "quiet", NULL);
    kit_waited(r->out, NULL);
    link_learn(r, event);
    restream_tell_channels(r, &k->feed);
}

static void is_over(struct restream *r, int64_t ended_ms)
{
    if (r->out->status == TARGET_LIVE && !r->out->ended_ms)
        r->out->ended_ms = ended_ms ? ended_ms : r->call->now_ms;
    r->out->status = TARGET_ENDED;
}

/* ---- start and stop ---- */

static bool go(struct restream *r, struct error *err)
{
    struct look k;

    if (!*r->out->remote_id && !restream_make(r, err))
        return false;
    if (!look(r, &k, err))
        return false;
    if (k.on_air) {
        is_live(r, &k);
        /* Somebody may be watching: channels are not switched under a running stream. */
        if (!*kit_remembered(r->out, "dressed") &&
            *setting_text(&platform_restream, r->settings, "channels"))
            kit_note(r->out, "The signal was there before the start: the channels were left as "
                             "they are.");
        cJSON_Delete(k.event);
        return true;
    }
    cJSON_Delete(k.event);
    /* Channels are the whole account's: nothing is switched under somebody else's stream. */
    if (!r->others && !restream_channels_dress(r, err))
        return false;
    r->out->again_ms = kit_waited(r->out, "signal") <= 12 ? 5000 : 10000;
    if (r->others && *setting_text(&platform_restream, r->settings, "channels"))
        kit_note(r->out,
                 "Something else is live on this Restream account: its channels are left as "
                 "they are. Waiting for the encoder's signal.");
    else
        kit_note(r->out,
                 "Waiting for the encoder's signal. Start sending to Restream from your encoder.");
    return true;
}

bool restream_start(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err)
{
    struct restream r;
    bool done = restream_open(&r, call, l, t, out, err) && go(&r, err);

    restream_close(&r);
    return done;
}

bool restream_stop(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err)
{
    struct restream r;
    struct look k = { .on_air = false };
    bool done = restream_open(&r, call, l, t, out, err);

    if (done && *out->remote_id)
        done = look(&r, &k, err);
    if (done && k.on_air) {
        out->again_ms = 5000;
        kit_note(out, "Stop sending to Restream from your encoder: only that ends it.");
    } else if (done) {
        done = restream_channels_restore(&r, err);
        if (done)
            is_over(&r, 0);
    }
    cJSON_Delete(k.event);
    restream_close(&r);
    return done;
}

/* ---- remove and poll ---- */

/* The event itself stays in the dashboard: there is no call that deletes one. */
bool restream_remove(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err)
{
    struct restream r;
    bool done = restream_open(&r, call, l, t, out, err) && restream_channels_restore(&r, err);

    if (done && restream_has_event(&r) && *out->remote_id)
        kit_note(out, "The event stays in Restream's dashboard: delete it there.");
    out->gone = done || out->gone;
    restream_close(&r);
    return done;
}

/* The line may drop for a moment: only a while of silence is the end. */
static void judge_silence(struct restream *r)
{
    int64_t quiet = strtoll(kit_remembered(r->out, "quiet"), NULL, 10);
    char number[24];

    if (r->out->status != TARGET_LIVE)
        return;
    if (quiet <= 0) {
        snprintf(number, sizeof(number), "%lld", (long long)r->call->now_ms);
        kit_remember(r->out, "quiet", number);
    } else if (r->call->now_ms - quiet >= QUIET_MS) {
        is_over(r, quiet);
        return;
    }
    kit_note(r->out, "Restream receives no signal at the moment.");
}

static bool judge_event(struct restream *r, struct error *err)
{
    struct look k = { .on_air = false };
    struct error why = { 0 };
    cJSON *event = NULL;
    const char *status;

    if (!restream_listen(r, &k.feed, err))
        return false;
    if (!restream_event(r, "", &event, &why)) {
        r->out->gone = why.kind == ERROR_NOT_FOUND;
        return r->out->gone || restream_fail(err, &why);
    }
    k.event = event;
    status = json_string(event, "status");
    if (text_equal(status, "in-progress") && k.feed.incoming == RESTREAM_STOPPED &&
        r->out->status == TARGET_LIVE) {
        judge_silence(r);
    } else if (text_equal(status, "in-progress") || k.feed.incoming == RESTREAM_SENDING) {
        is_live(r, &k);
    } else if (text_equal(status, "finished")) {
        is_over(r, restream_moment(event, "finishedAt"));
    } else if (text_equal(status, "missed")) {
        r->out->status = TARGET_FAILED;
        kit_note(r->out, "The event's time passed at Restream without a signal.");
    } else if (!status) {
        cJSON_Delete(event);
        return restream_garbage(r->call, err, "status");
    }
    cJSON_Delete(event);
    return true;
}

bool restream_poll(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err)
{
    bool wanted = t->wish == WISH_LIVE || out->status == TARGET_LIVE;
    struct look k = { .on_air = false };
    struct restream r;
    bool done;

    if (!*out->remote_id)
        return true;
    done = restream_open(&r, call, l, t, out, err);
    r.idle = !wanted;
    kit_note(out, "%s", kit_remembered(out, "advice"));
    if (done && restream_has_event(&r)) {
        done = judge_event(&r, err);
    } else if (done) {
        done = look(&r, &k, err);
        if (done && k.on_air && wanted)
            is_live(&r, &k);
        else if (done && k.on_air)
            kit_note(out, "Restream receives a signal already.");
        else if (done)
            judge_silence(&r);
    }
    cJSON_Delete(k.event);
    restream_close(&r);
    return done;
}

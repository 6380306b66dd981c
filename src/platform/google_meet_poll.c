/* Google Meet: what has become of a meeting. The event tells whether it still stands in the
 * calendar; the room tells whether somebody is in it, where the sign-in may see it; else the clock
 * does, and the note says so. */
#include "platform/google_meet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/calendar.h"

#define MINUTE_MS INT64_C(60000)
#define BEFORE_MS (20 * MINUTE_MS) /* when people may begin to come */
#define QUIET_MS  (5 * MINUTE_MS)  /* nobody in it for so long: it was the end */
#define UNSEEN_MS (60 * MINUTE_MS) /* after so long a refused look is tried again */

static int64_t moment(const struct google_meet *g, const char *key)
{
    return strtoll(kit_remembered(g->out, key), NULL, 10);
}

static void remember_moment(struct google_meet *g, const char *key)
{
    char number[24];

    snprintf(number, sizeof(number), "%lld", (long long)g->call->now_ms);
    kit_remember(g->out, key, number);
}

/* The time of the meeting that counts now. */
static const struct meeting *due(const struct google_meet *g)
{
    return &g->repeat.due;
}

/* ---- the room tells ---- */

static void judge_running(struct google_meet *g, const struct google_meet_state *s)
{
    struct outcome *out = g->out;

    kit_remember(out, "quiet", NULL);
    out->viewers = s->people;
    if (out->status != TARGET_LIVE || !out->started_ms)
        out->started_ms = s->started_ms ? s->started_ms : g->call->now_ms;
    out->status = TARGET_LIVE;
    out->ended_ms = 0;
}

static void judge_over(struct google_meet *g, const struct google_meet_state *s)
{
    struct outcome *out = g->out;

    if (out->status == TARGET_LIVE && !out->ended_ms)
        out->ended_ms = s->ended_ms ? s->ended_ms : g->call->now_ms;
    out->status = TARGET_ENDED;
}

/* A call ends whenever the last one leaves, so also after a test before the meeting, or when the
 * line drops in the middle of it: only a while of silence is its end. */
static void judge_empty(struct google_meet *g, const struct google_meet_state *s)
{
    struct outcome *out = g->out;
    int64_t quiet = moment(g, "quiet");

    out->viewers = -1;
    if (g->call->now_ms >= g->repeat.until_ms) {
        judge_over(g, s);
    } else if (out->status != TARGET_LIVE || g->call->now_ms < due(g)->start_ms) {
        out->status = TARGET_PENDING;
        out->started_ms = out->ended_ms = 0;
        kit_remember(out, "quiet", NULL);
    } else if (quiet <= 0) {
        remember_moment(g, "quiet");
        kit_note(out, "Nobody is in it at the moment.");
    } else if (g->call->now_ms - quiet >= QUIET_MS && repeat_comes_again(&g->repeat)) {
        out->status = TARGET_PENDING;
        out->started_ms = out->ended_ms = 0;
        kit_remember(out, "quiet", NULL);
    } else if (g->call->now_ms - quiet >= QUIET_MS) {
        judge_over(g, s);
    } else {
        kit_note(out, "Nobody is in it at the moment.");
    }
}

/* Asked only when somebody may be in it: each look counts against the account's quota. */
static bool worth_a_look(const struct google_meet *g)
{
    return (g->out->status == TARGET_LIVE || g->call->now_ms >= due(g)->start_ms - BEFORE_MS) &&
           g->call->now_ms - moment(g, "unseen") >= UNSEEN_MS;
}

static bool judge_room(struct google_meet *g, struct error *err)
{
    bool was_live = g->out->status == TARGET_LIVE;
    struct google_meet_state s = { .people = -1 };
    bool look = worth_a_look(g);

    if (look && !google_meet_room_state(g, true, &s, err))
        return false;
    if (look && !s.known)
        remember_moment(g, "unseen");
    else if (look)
        kit_remember(g->out, "unseen", NULL);
    if (s.known && s.running) {
        judge_running(g, &s);
    } else if (s.known) {
        judge_empty(g, &s);
    } else {
        calendar_by_clock(g->call, due(g), g->out);
        if (!*g->out->note && (was_live || g->out->status == TARGET_LIVE))
            kit_note(g->out, "By the clock: this sign-in may not see whether somebody is in it.");
    }
    return true;
}

/* ---- the event tells ---- */

/* *there false: gone. */
static bool judge_event(struct google_meet *g, bool *there, struct error *err)
{
    cJSON *item = NULL;

    if (!google_meet_event_get(g, g->out->remote_id, &item, err))
        return false;
    *there = item && !google_meet_event_cancelled(item);
    if (*there) {
        calendar_note_moved(g->call, g->m, google_meet_event_start(item), "Google Calendar",
                            g->out);
        /* A link that somebody took off the event or made anew is seen here; one that members may
         * not be shown stays the old one. */
        if (!google_meet_own_room(g))
            google_meet_event_link(g, item, NULL);
    }
    cJSON_Delete(item);
    return true;
}

bool google_meet_poll(struct call *call, const struct meeting *m, const struct target *t,
                      struct outcome *out, struct error *err)
{
    struct google_meet g;
    bool there = true, done;

    if (!*out->remote_id)
        return true;
    done = google_meet_open(&g, call, m, t, out, err);
    if (done)
        text_copy_to(out->note, sizeof(out->note), kit_remembered(out, "advice"));
    if (done && google_meet_has_event(&g))
        done = judge_event(&g, &there, err);
    if (done && there) {
        out->gone = false;
        done = judge_room(&g, err);
        repeat_note(&g.repeat, call, out);
    } else if (done) {
        /* One that has been needs nobody to make it again. */
        out->gone = call->now_ms < g.repeat.until_ms;
        if (!out->gone)
            out->status = TARGET_ENDED;
        else
            kit_note(out, "The event was deleted in Google Calendar: cancel it here, or create it "
                          "again.");
    }
    google_meet_close(&g);
    return done;
}

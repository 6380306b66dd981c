/* Google Meet: finding, making, changing and cancelling a meeting.
 *
 * A meeting is an event in the calendar that asked for a Meet link. Where the console shall end it,
 * a room of our own is made first and its link put into the event. The event's id is our key, so a
 * repeat is refused (409) and the event read. */
#include "platform/google_meet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/zone.h>

enum { LINK_REQUESTS = 2 /* before a room of our own is made instead */ };

static int counted(const struct google_meet *g, const char *key)
{
    return (int)strtol(kit_remembered(g->out, key), NULL, 10);
}

static void count(struct google_meet *g, const char *key, int n)
{
    char number[16];

    snprintf(number, sizeof(number), "%d", n);
    kit_remember(g->out, key, number);
}

static bool gone(struct google_meet *g, struct error *err)
{
    g->out->gone = true;
    return kit_error(err, g->call, NULL, ERROR_NOT_FOUND, "notFound",
                     "Retry it to create it again.",
                     "The event is not in Google Calendar any more; somebody deleted it there.");
}

/* ---- the event is there ---- */

/* From here on a crash repeats nothing. */
static bool event_learn(struct google_meet *g, const cJSON *item, struct error *err)
{
    char id[160];

    if (!json_id(item, "id", id, sizeof(id)))
        return kit_error(err, g->call, NULL, ERROR_GARBAGE, "", "It is looked up by itself.",
                         "Google Calendar's answer does not say which event it made.");
    if (!*kit_remembered(g->out, "calendar"))
        kit_remember(g->out, "calendar", google_meet_setting(g, "calendar"));
    text_copy_to(g->out->remote_id, sizeof(g->out->remote_id), id);
    return true;
}

/* *fresh: made just now, so as it is wanted. */
static bool event_insert(struct google_meet *g, cJSON **item, bool *fresh, struct error *err)
{
    cJSON *body = google_meet_event_wanted(g, err);
    struct error why = { 0 };
    bool done = body && google_meet_event_insert(g, body, item, &why);

    cJSON_Delete(body);
    if (!body)
        return false;
    *fresh = done;
    if (done && !google_meet_own_room(g))
        count(g, "asked", 1);
    /* The id exists: an earlier try has made it, and its answer was lost. */
    if (!done && why.http_status == 409) {
        if (!google_meet_event_get(g, g->call->idem_key, item, err))
            return false;
        if (!*item)
            return gone(g, err);
        done = true;
    }
    if (!done)
        return google_meet_fail(err, &why);
    return event_learn(g, *item, err) && g->call->progress(g->call, g->out, err);
}

/* One PATCH of what differs; *item is then what Google has. */
static bool event_bring(struct google_meet *g, cJSON **item, struct error *err)
{
    bool was_series = *kit_remembered(g->out, "rule") != '\0';
    cJSON *body = google_meet_event_changes(g, *item, err), *answer = NULL;
    bool done = body != NULL;

    if (done && body->child)
        done = google_meet_event_patch(g, body, &answer, err);
    cJSON_Delete(body);
    if (was_series && !repeat_is_series(&g->repeat) &&
        cJSON_GetArraySize(json_at(answer, "recurrence")) > 0)
        google_meet_advise(g, "Google Calendar still repeats it: take the repetition off there.");
    if (answer) {
        cJSON_Delete(*item);
        *item = answer;
    }
    return done;
}

/* The one that is there, or a new one. *item NULL with success: gone, and nobody asked for another.
 */
static bool event_have(struct google_meet *g, bool may_make, cJSON **item, struct error *err)
{
    bool fresh = false;

    *item = NULL;
    if (*g->out->remote_id && !google_meet_event_get(g, g->out->remote_id, item, err))
        return false;
    if (*item && google_meet_event_cancelled(*item) && !may_make) {
        cJSON_Delete(*item);
        *item = NULL;
    }
    if (!*item && (!may_make || !event_insert(g, item, &fresh, err)))
        return !may_make;
    /* An id of ours stays taken after somebody has deleted the event: it is brought back. */
    return fresh || event_bring(g, item, err);
}

/* ---- its link ---- */

/* Google publishes no interval: 1, 2, 4, 8 seconds, then every 15, after five minutes every minute.
 */
static bool link_wait(struct google_meet *g, struct error *err)
{
    int n = kit_waited(g->out, "link");

    if (g->call->now_ms >= g->repeat.until_ms)
        return kit_error(err, g->call, NULL, ERROR_REFUSED, "",
                         "Use the link of another platform, and look at the event in the calendar.",
                         "Google has not made the Meet link in time.");
    g->out->again_ms = n <= 4 ? 1000 << (n - 1) : n <= 24 ? 15000 : 60000;
    kit_note(g->out, "Google is still making the Meet link.");
    return true;
}

static bool link_ask_again(struct google_meet *g, cJSON **item, struct error *err)
{
    int n = counted(g, "asked") + 1;
    cJSON *body = cJSON_CreateObject(), *answer = NULL;
    bool done;

    google_meet_event_want_link(g, body, n);
    done = google_meet_event_patch(g, body, &answer, err);
    cJSON_Delete(body);
    if (!done)
        return false;
    if (answer) {
        cJSON_Delete(*item);
        *item = answer;
    }
    count(g, "asked", n);
    return g->call->progress(g->call, g->out, err);
}

/* Google could not attach a link. A room of our own has one. */
static bool link_by_room(struct google_meet *g, cJSON **item, struct error *err)
{
    struct error why = { 0 };

    if (!google_meet_room_have(g, &why)) {
        if (why.kind == ERROR_FORBIDDEN)
            return kit_error(err, g->call, NULL, ERROR_FORBIDDEN, why.code,
                             "See that Google Meet is on for this account and calendar; connect "
                             "again and allow everything that is asked.",
                             "Google made the event without a Meet link.");
        return google_meet_fail(err, &why);
    }
    return event_bring(g, item, err);
}

/* again_ms is set when it has to be waited for. */
static bool link_have(struct google_meet *g, cJSON **item, struct error *err)
{
    while (!google_meet_own_room(g)) {
        switch (google_meet_event_link(g, *item, err)) {
        case GOOGLE_MEET_READY:
            kit_waited(g->out, NULL);
            kit_remember(g->out, "asked", NULL);
            return true;
        case GOOGLE_MEET_PENDING:
            return link_wait(g, err);
        case GOOGLE_MEET_BAD:
            return false;
        case GOOGLE_MEET_NONE:
            if (counted(g, "asked") < LINK_REQUESTS ? !link_ask_again(g, item, err)
                                                    : !link_by_room(g, item, err))
                return false;
            break;
        }
    }
    return true;
}

/* ---- create, update, find ---- */

/* Moved to a time to come: it has not been yet. */
static void judge_time(struct google_meet *g)
{
    struct outcome *out = g->out;

    if (out->status == TARGET_ENDED && g->repeat.due.start_ms > g->call->now_ms) {
        out->status = TARGET_PENDING;
        out->started_ms = out->ended_ms = 0;
    }
}

static bool make(struct google_meet *g, struct error *err)
{
    bool own = setting_bool(&platform_google_meet, g->settings, "can_end");
    cJSON *item = NULL;
    bool done;

    if (!*g->out->remote_id && g->repeat.until_ms <= g->call->now_ms)
        return kit_error(err, g->call, NULL, ERROR_REFUSED, "", "Choose a time to come.",
                         "%s is already over.", g->m->title);
    /* Whoever has a link keeps it: only what is not made yet can get a room of ours. */
    if ((!*g->out->remote_id ? own : google_meet_own_room(g)) && !google_meet_room_have(g, err))
        return false;
    done =
        !google_meet_has_event(g) || (event_have(g, true, &item, err) && link_have(g, &item, err));
    cJSON_Delete(item);
    return done && (g->out->again_ms > 0 || google_meet_room_rules(g, err));
}

/* What an object that is gone left behind is not about the new one. A room stays usable. */
static void forget_gone(struct google_meet *g)
{
    static const char *const keys[] = { "calendar", "code",   "invited", "asked",
                                        "waited",   "unseen", "quiet",   "rule" };

    if (*g->out->remote_id)
        return;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        kit_remember(g->out, keys[i], NULL);
    if (!setting_bool(&platform_google_meet, g->settings, "can_end"))
        kit_remember(g->out, "space", NULL);
}

bool google_meet_create(struct call *call, const struct meeting *m, const struct target *t,
                        struct outcome *out, struct error *err)
{
    struct google_meet g;
    bool done = google_meet_open(&g, call, m, t, out, err);

    if (done) {
        forget_gone(&g);
        kit_remember(out, "advice", NULL);
        done = make(&g, err);
    }
    if (done) {
        judge_time(&g);
        out->gone = false;
        if (!out->again_ms)
            repeat_note(&g.repeat, call, out);
    }
    google_meet_close(&g);
    return done;
}

static bool change(struct google_meet *g, struct error *err)
{
    cJSON *item = NULL;
    bool done = !google_meet_has_event(g) || event_have(g, false, &item, err);

    if (done && google_meet_has_event(g))
        done = item ? link_have(g, &item, err) : gone(g, err);
    cJSON_Delete(item);
    return done && (g->out->again_ms > 0 || google_meet_room_rules(g, err));
}

bool google_meet_update(struct call *call, const struct meeting *m, const struct target *t,
                        struct outcome *out, struct error *err)
{
    struct google_meet g;
    bool done;

    if (!*out->remote_id)
        return google_meet_create(call, m, t, out, err);
    done = google_meet_open(&g, call, m, t, out, err);
    if (done) {
        kit_remember(out, "advice", NULL);
        kit_remember(out, "quiet", NULL);
        kit_remember(out, "unseen", NULL);
        done = change(&g, err);
    }
    if (done)
        judge_time(&g);
    if (done && !out->again_ms)
        repeat_note(&g.repeat, call, out);
    google_meet_close(&g);
    return done;
}

/* A room alone has no key and is in no list; it is made anew then, see room_make(). */
bool google_meet_find(struct call *call, const struct meeting *m, const struct target *t,
                      struct outcome *out, struct error *err)
{
    struct google_meet g;
    const char *space;
    cJSON *item = NULL;
    bool done = google_meet_open(&g, call, m, t, out, err);

    out->found = false;
    if (done && google_meet_has_event(&g))
        done = google_meet_event_get(&g, *out->remote_id ? out->remote_id : call->idem_key, &item,
                                     err);
    if (done && item && !google_meet_event_cancelled(item)) {
        space = json_string(item, "extendedProperties.private.ecclesiaSpace");
        if (space && text_starts(space, "spaces/"))
            kit_remember(out, "space", space);
        done =
            event_learn(&g, item, err) &&
            (google_meet_own_room(&g) || google_meet_event_link(&g, item, err) != GOOGLE_MEET_BAD);
        out->found = done;
    }
    cJSON_Delete(item);
    google_meet_close(&g);
    return done;
}

/* ---- cancel ---- */

static bool end_and_delete(struct google_meet *g, struct error *err)
{
    bool ended = false;

    /* Before its time nobody asks; a call that runs is ended where that is allowed. */
    if ((google_meet_own_room(g) || g->out->status == TARGET_LIVE) &&
        !google_meet_room_end(g, &ended, err))
        return false;
    if (google_meet_has_event(g) && !google_meet_event_delete(g, err))
        return false;
    if (!ended && g->out->status == TARGET_LIVE)
        kit_note(g->out,
                 "Who is in the call stays until they leave: only a room made with can_end=true is "
                 "ended from here.");
    else if (!google_meet_has_event(g))
        kit_note(g->out, "Google keeps the empty room: who kept the link can still come in.");
    return true;
}

bool google_meet_cancel(struct call *call, const struct meeting *m, const struct target *t,
                        struct outcome *out, struct error *err)
{
    struct google_meet g;
    bool done = !*out->remote_id;

    if (!done) {
        done = google_meet_open(&g, call, m, t, out, err) && end_and_delete(&g, err);
        google_meet_close(&g);
    }
    if (!done)
        return false;
    if (out->status == TARGET_LIVE && !out->ended_ms)
        out->ended_ms = call->now_ms;
    out->status = TARGET_ENDED;
    out->gone = true;
    return true;
}

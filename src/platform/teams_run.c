/* Teams: finding, making, changing, cancelling and looking at a meeting.
 *
 * By default a meeting is an event of the organiser's calendar with a Teams meeting in it; else the
 * meeting alone, that is a link. Graph starts and ends nothing, and tells nobody who signs in as a
 * person whether a meeting runs: so the clock says so, and the note tells that it does. */
#include "platform/teams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/calendar.h"
#include "platform/microsoft.h"

enum { BARE_LOOKS = 2 };

static int counted(const struct teams *x, const char *key)
{
    return (int)strtol(kit_remembered(x->out, key), NULL, 10);
}

static void count(struct teams *x, const char *key, int n)
{
    char number[16];

    snprintf(number, sizeof(number), "%d", n);
    kit_remember(x->out, key, n ? number : NULL);
}

static bool gone(struct teams *x, struct error *err)
{
    x->out->gone = true;
    return kit_error(err, x->call, NULL, ERROR_NOT_FOUND, "NotFound",
                     "Retry it to create it again.",
                     "The Teams meeting is not there any more; somebody deleted it.");
}

/* ---- an event and its link ---- */

static bool event_post(struct teams *x, cJSON **item, struct error *err)
{
    cJSON *body = teams_event_wanted(x, err);
    struct teams_ask ask = {
        .method = "POST", .route = "/events", .path = "/events", .json = body, .creates = true
    };
    /* A repeat with the same transactionId makes no second event. It counts as creating so that a
     * cancelled meeting whose answer was lost is looked for and deleted. */
    bool done = body && teams_ask(x->call, x->token, &ask, item, err);

    cJSON_Delete(body);
    if (done)
        teams_event_sent(x);
    return done;
}

static bool go_by_utc(struct teams *x, struct error *err)
{
    if (!teams_in_utc(x, err))
        return false;
    teams_advise(x,
                 "Outlook does not know the time zone %.40s: the series keeps its hour in UTC, "
                 "so it moves with summer time.",
                 x->call->zone);
    return true;
}

/* What a repeated transactionId is answered with is not written down: the event that exists (seen),
 * or a conflict. */
static bool event_make(struct teams *x, cJSON **item, bool *fresh, struct error *err)
{
    struct error why = { 0 };

    bool posted = event_post(x, item, &why);

    if (!posted && repeat_zone_refused(&x->repeat, &why)) {
        why = (struct error){ 0 };
        if (!go_by_utc(x, err))
            return false;
        posted = event_post(x, item, &why);
    }
    *fresh = true;
    if (!posted) {
        if (why.http_status != 409)
            return teams_fail(err, &why);
        if (!teams_event_find(x, item, err))
            return false;
        *fresh = !*item;
        if (!*item) {
            count(x, "round", counted(x, "round") + 1);
            if (!event_post(x, item, err))
                return false;
        }
    }
    return teams_learn_id(x, *item, "event", err) && x->call->progress(x->call, x->out, err);
}

static bool event_patch(struct teams *x, const cJSON *item, cJSON **answer, struct error *err)
{
    cJSON *body = teams_event_changes(x, item, err);
    bool done = body != NULL;

    if (done && body->child)
        done = teams_thing_ask(x, "PATCH", teams_id(x), true, body, answer, err);
    cJSON_Delete(body);
    return done;
}

static bool event_bring(struct teams *x, cJSON **item, struct error *err)
{
    bool was_series = *kit_remembered(x->out, "series") != '\0';
    cJSON *answer = NULL;
    struct error why = { 0 };
    bool done = event_patch(x, *item, &answer, &why);

    if (!done && repeat_zone_refused(&x->repeat, &why))
        done = go_by_utc(x, &why) && event_patch(x, *item, &answer, &why);
    if (!done)
        return teams_fail(err, &why);
    teams_event_sent(x);
    if (was_series && !repeat_is_series(&x->repeat) &&
        cJSON_IsObject(json_at(answer, "recurrence")))
        teams_advise(x, "Outlook still repeats it: take the repetition off there.");
    if (answer) {
        cJSON_Delete(*item);
        *item = answer;
    }
    return done;
}

/* Microsoft takes the request (201) of an account that has no Teams meetings, and makes an event
 * without one. Members must not be invited to that, so it is taken away again. */
static bool event_refuse(struct teams *x, const cJSON *item, struct error *err)
{
    const char *provider = json_string(item, "onlineMeetingProvider");
    bool skype = provider && text_starts_nocase(provider, "skype");

    if (!teams_thing_delete(x, teams_id(x), true, err))
        return false;
    x->out->remote_id[0] = '\0';
    count(x, "bare", 0);
    count(x, "round", counted(x, "round") + 1);
    if (!x->call->progress(x->call, x->out, err))
        return false;
    return kit_error(err, x->call, NULL, ERROR_FORBIDDEN, provider ? provider : "unknown",
                     skype ? microsoft_personal_remedy
                           : "Connect with a work or school account that has a licence for Teams; "
                             "personal accounts (outlook.com) have no Teams meetings here.",
                     "Microsoft made the event without a Teams meeting, so it was taken away "
                     "again.");
}

static bool link_wait(struct teams *x, struct error *err)
{
    int n = kit_waited(x->out, "link");

    if (x->call->now_ms >= x->repeat.until_ms)
        return kit_error(err, x->call, NULL, ERROR_REFUSED, "",
                         "Use the link of another platform, and look at the event in Outlook.",
                         "Microsoft has not made the Teams link in time.");
    x->out->again_ms = n <= 4 ? 1000 << (n - 1) : n <= 24 ? 15000 : 60000;
    kit_note(x->out, "Microsoft is still making the Teams link.");
    return true;
}

/* The link may be missing right after the event is made. again_ms is then set. */
static bool event_link(struct teams *x, const cJSON *item, bool may_refuse, struct error *err)
{
    const char *url = json_string(item, "onlineMeeting.joinUrl");
    int looks = counted(x, "bare");

    if (teams_event_is_bare(item) && may_refuse && looks >= BARE_LOOKS)
        return event_refuse(x, item, err);
    if (teams_event_is_bare(item) && !may_refuse && !*x->out->url)
        return kit_error(err, x->call, NULL, ERROR_FORBIDDEN, "", microsoft_personal_remedy,
                         "The event in the calendar has no Teams meeting.");
    if (teams_event_is_bare(item) && may_refuse) {
        count(x, "bare", looks + 1);
        return link_wait(x, err);
    }
    if (!url || !*url)
        return *x->out->url || link_wait(x, err);
    count(x, "bare", 0);
    return teams_learn_url(x, url, err);
}

/* ---- create and update ---- */

static bool event_have(struct teams *x, struct error *err)
{
    cJSON *item = NULL;
    bool done = true, fresh = false;

    if (*x->out->remote_id) {
        done = teams_thing_read(x, &item, err);
        /* Deleted there in the midst of it: Microsoft may remember the key. */
        if (done && !item) {
            x->out->remote_id[0] = x->out->url[0] = '\0';
            count(x, "round", counted(x, "round") + 1);
        }
    }
    if (done && !item)
        done = event_make(x, &item, &fresh, err);
    done = done && event_link(x, item, true, err) && (fresh || event_bring(x, &item, err));
    cJSON_Delete(item);
    return done && (x->out->again_ms > 0 || teams_options_bring(x, err));
}

static bool link_have(struct teams *x, struct error *err)
{
    cJSON *item = NULL;
    const char *url;
    bool done;

    if (*x->out->remote_id && !teams_thing_read(x, &item, err))
        return false;
    done = item || teams_link_have(x, &item, err);
    url = json_string(item, "joinWebUrl");
    if (done)
        done =
            teams_learn_id(x, item, "link", err) &&
            (url ? teams_learn_url(x, url, err)
                 : kit_error(err, x->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                             "Microsoft's answer has no meeting link.")) &&
            x->call->progress(x->call, x->out, err) && teams_link_bring(x, item, err);
    cJSON_Delete(item);
    return done;
}

static void judge_time(struct teams *x)
{
    /* Moved to a time to come: it has not been yet. */
    if (x->out->status == TARGET_ENDED && x->repeat.due.start_ms > x->call->now_ms) {
        x->out->status = TARGET_PENDING;
        x->out->started_ms = x->out->ended_ms = 0;
    }
}

/* What an object that is gone left behind is not about the new one; only its key stays spent. */
static void forget_gone(struct teams *x)
{
    static const char *const keys[] = { "kind", "id",     "invited",     "waited",
                                        "bare", "series", "coorganizers" };

    kit_remember(x->out, "advice", NULL);
    for (size_t i = 0; !*x->out->remote_id && i < sizeof(keys) / sizeof(keys[0]); i++)
        kit_remember(x->out, keys[i], NULL);
}

bool teams_create(struct call *call, const struct meeting *m, const struct target *t,
                  struct outcome *out, struct error *err)
{
    struct teams x;
    bool done = teams_open(&x, call, m, t, out, err);

    if (done && !*out->remote_id && x.repeat.until_ms <= call->now_ms)
        done = kit_error(err, call, NULL, ERROR_REFUSED, "", "Choose a time to come.",
                         "%s is already over.", m->title);
    if (done) {
        forget_gone(&x);
        done = teams_is_event(&x) ? event_have(&x, err) : link_have(&x, err);
    }
    if (done) {
        judge_time(&x);
        out->gone = false;
        repeat_note(&x.repeat, call, out);
    }
    teams_close(&x);
    return done;
}

static bool change(struct teams *x, cJSON **item, struct error *err)
{
    if (!teams_is_event(x))
        return teams_link_bring(x, *item, err);
    return event_bring(x, item, err) && event_link(x, *item, false, err) &&
           (x->out->again_ms > 0 || teams_options_bring(x, err));
}

bool teams_update(struct call *call, const struct meeting *m, const struct target *t,
                  struct outcome *out, struct error *err)
{
    struct teams x;
    cJSON *item = NULL;
    bool done;

    if (!*out->remote_id)
        return teams_create(call, m, t, out, err);
    done = teams_open(&x, call, m, t, out, err) && teams_thing_read(&x, &item, err);
    if (done && !item)
        done = gone(&x, err);
    if (done) {
        kit_remember(out, "advice", NULL);
        done = change(&x, &item, err);
    }
    if (done) {
        judge_time(&x);
        repeat_note(&x.repeat, call, out);
    }
    cJSON_Delete(item);
    teams_close(&x);
    return done;
}

/* A meeting alone is in no list: asking for it by its key is the look-up, and what that makes, a
 * create would have made. */
bool teams_find(struct call *call, const struct meeting *m, const struct target *t,
                struct outcome *out, struct error *err)
{
    struct teams x;
    cJSON *item = NULL;
    const char *url;
    bool event, done = teams_open(&x, call, m, t, out, err);

    out->found = false;
    event = done && teams_is_event(&x);
    if (done && *out->remote_id)
        done = teams_thing_read(&x, &item, err);
    else if (done)
        done = event ? teams_event_find(&x, &item, err) : teams_link_have(&x, &item, err);
    url = json_string(item, event ? "onlineMeeting.joinUrl" : "joinWebUrl");
    if (done && item) {
        done = teams_learn_id(&x, item, event ? "event" : "link", err) &&
               (!url || teams_learn_url(&x, url, err));
        out->found = done;
    }
    cJSON_Delete(item);
    teams_close(&x);
    return done;
}

/* ---- cancel ---- */

/* Whether deleting the event takes the meeting with it is unconfirmed (teams.md 12): then its link
 * would go on working. So the meeting is deleted too, where the sign-in may. */
static bool meeting_delete(struct teams *x, const cJSON *item, struct error *err)
{
    const char *id = json_string(item, "id");
    struct error why = { 0 };

    return !id || teams_thing_delete(x, id, false, &why) || teams_is_lasting(&why) ||
           teams_fail(err, &why);
}

static bool event_cancel(struct teams *x, struct error *err)
{
    struct error why = { 0 };
    cJSON *item = NULL;
    bool done = true;

    /* Looked up before: afterwards it may not be found by its link. */
    if (*x->out->url && !teams_link_lookup(x, &item, &why) && !teams_is_lasting(&why))
        done = teams_fail(err, &why);
    done = done && teams_thing_delete(x, teams_id(x), true, err) && meeting_delete(x, item, err);
    cJSON_Delete(item);
    return done;
}

bool teams_cancel(struct call *call, const struct meeting *m, const struct target *t,
                  struct outcome *out, struct error *err)
{
    bool done = !*out->remote_id;
    struct teams x;

    if (!done) {
        done = teams_open(&x, call, m, t, out, err) &&
               (teams_is_event(&x) ? event_cancel(&x, err)
                                   : teams_thing_delete(&x, teams_id(&x), false, err));
        teams_close(&x);
    }
    if (!done)
        return false;
    if (out->status == TARGET_LIVE) {
        if (!out->ended_ms)
            out->ended_ms = call->now_ms;
        kit_note(out,
                 "Who is in the call stays until they leave: Teams lets no program end a call.");
    }
    out->status = TARGET_ENDED;
    out->gone = true;
    return true;
}

/* ---- poll ---- */

static void judge_there(struct teams *x, const cJSON *item)
{
    const char *url = json_string(item, "onlineMeeting.joinUrl");
    struct outcome *out = x->out;

    out->gone = false;
    if (teams_is_event(x)) {
        calendar_note_moved(x->call, x->m, teams_event_start(item), "the Outlook calendar", out);
        /* One that members may not be shown stays the old one. */
        if (url && *url)
            teams_learn_url(x, url, NULL);
    }
    calendar_by_clock(x->call, &x->repeat.due, out);
    repeat_note(&x->repeat, x->call, out);
    if (out->status == TARGET_LIVE && !*out->note)
        kit_note(out, "By the clock: Teams does not tell whether somebody is in it.");
}

bool teams_poll(struct call *call, const struct meeting *m, const struct target *t,
                struct outcome *out, struct error *err)
{
    struct teams x;
    cJSON *item = NULL;
    bool done;

    if (!*out->remote_id)
        return true;
    done = teams_open(&x, call, m, t, out, err);
    if (done)
        text_copy_to(out->note, sizeof(out->note), kit_remembered(out, "advice"));
    done = done && teams_thing_read(&x, &item, err);
    if (done && item) {
        judge_there(&x, item);
    } else if (done) {
        /* One that has been needs nobody to make it again. */
        out->gone = call->now_ms < x.repeat.until_ms;
        if (!out->gone)
            out->status = TARGET_ENDED;
        else
            kit_note(out,
                     "The meeting was deleted in Teams or Outlook: cancel it here, or create it "
                     "again.");
    }
    cJSON_Delete(item);
    teams_close(&x);
    return done;
}

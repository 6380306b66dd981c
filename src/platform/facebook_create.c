/* Facebook: making, finding and changing a live video of the Page. */
#include "platform/facebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/zone.h>

#define EDGE "live_videos"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

enum { TEXT_MAX = 10000, PAGES_MAX = 10 };

/* Facebook plans between these; nearer, it is made as one that waits for us. */
#define SOONEST_MS  (10 * MINUTE_MS)
#define FARTHEST_MS (7 * DAY_MS)
/* When to make one that is farther away: an hour inside the window. It is looked at each hour all
 * the same, for the clock may have been set right meanwhile. */
#define REACHED_MS (6 * DAY_MS + 23 * HOUR_MS)

enum timing { TIMING_NOW, TIMING_PLANNED, TIMING_TOO_FAR };

/* One that shall go live now is not planned, however far away its start was said to be: the start
 * waits behind the create. */
static enum timing timing_of(const struct facebook *f)
{
    int64_t ahead = f->l->start_ms - f->call->now_ms;

    if (f->l->start_ms == 0 || ahead < SOONEST_MS || f->t->wish == WISH_LIVE)
        return TIMING_NOW;
    return ahead > FARTHEST_MS ? TIMING_TOO_FAR : TIMING_PLANNED;
}

/* Of one that exists the marker that it bears; else this wish's own, whatever an earlier one had.
 */
static void marker_of(const struct facebook *f, char out[16])
{
    const char *known = f->out->remote_id[0] ? kit_remembered(f->out, "marker") : "";

    if (*known)
        text_copy_to(out, 16, known);
    else
        kit_marker(f->call, out);
}

static char *description_of(const struct facebook *f)
{
    char marker[16];

    marker_of(f, marker);
    return kit_describe(marker, f->l->description, TEXT_MAX);
}

/* The guide passes a bare number, reference and specification say object [F4, F6, S]. */
static void event_params(char *out, size_t size, int64_t start_ms, bool bare)
{
    snprintf(out, size, bare ? "%lld" : "{\"start_time\":%lld}", (long long)(start_ms / 1000));
}

static bool names_event_params(const struct error *why)
{
    return text_starts(why->code, "100") && strstr(why->message, "event_params");
}

static bool send_make(struct facebook *f, bool now, bool bare, cJSON **video, struct error *err)
{
    cJSON *settings = kit_settings(f->t);
    bool stop = setting_bool(&platform_facebook, settings, "stop_on_disconnect");
    char *description = description_of(f), when[64];
    const char *args[] = { "status",
                           now ? "UNPUBLISHED" : "SCHEDULED_UNPUBLISHED",
                           "title",
                           f->l->title,
                           "description",
                           description,
                           "stop_on_delete_stream",
                           stop ? "true" : "false",
                           "fields",
                           "id,status,secure_stream_url,permalink_url",
                           now ? NULL : "event_params",
                           when,
                           NULL };
    bool done;

    event_params(when, sizeof(when), f->l->start_ms, bare);
    done = description ? facebook_ask(f, "POST", f->page, EDGE, args, true, video, err)
                       : error_set(err, ERROR_MEMORY, NULL, "There is no memory left.");
    free(description);
    cJSON_Delete(settings);
    return done;
}

/* The object form; if that very word is refused, once more as a bare number. */
static bool send_make_either(struct facebook *f, bool now, cJSON **video, struct error *err)
{
    struct error why = { 0 };
    bool done = send_make(f, now, false, video, &why);

    if (!done && !now && names_event_params(&why))
        return send_make(f, now, true, video, err);
    if (!done && err)
        *err = why;
    return done;
}

bool facebook_make(struct facebook *f, bool now, struct error *err)
{
    cJSON *video = NULL;
    char marker[16];
    bool done = send_make_either(f, now, &video, err);

    /* Without an id it may exist all the same: it is looked up by its marker then. */
    marker_of(f, marker);
    if (done && !json_id(video, "id", f->out->remote_id, sizeof(f->out->remote_id)))
        done = kit_error(err, f->call, NULL, ERROR_GARBAGE, "", "It is looked up by itself.",
                         "Facebook's answer does not say which broadcast it made.");
    if (done) {
        kit_remember(f->out, "marker", marker);
        kit_remember(f->out, "kind", now ? "now" : "planned");
        facebook_remember(f, "made", f->call->now_ms);
        facebook_remember(f, "asked", 0);
        facebook_remember(f, "hidden", 0);
        facebook_remember(f, "start", now ? 0 : f->l->start_ms);
        facebook_undress(f);
        f->out->status = TARGET_PENDING;
        f->out->url[0] = '\0';
        f->out->ingest_url[0] = '\0';
        facebook_learn(f, video);
        done = f->call->progress(f->call, f->out, err);
    }
    cJSON_Delete(video);
    return done;
}

/* What an interrupted create left open: link or stream key. */
static bool complete(struct facebook *f, struct error *err)
{
    bool key = f->out->ingest_url[0] == '\0' || (!f->t->has_key && !f->out->stream_key[0]);
    cJSON *video = NULL;

    if (!facebook_read(f, key, &video, err))
        return false;
    if (video) {
        facebook_learn(f, video);
        cJSON_Delete(video);
        if (key && f->out->ingest_url[0] && !f->call->progress(f->call, f->out, err))
            return false;
        return f->out->status != TARGET_PENDING || facebook_dress(f, err);
    }
    if (!facebook_is_new(f))
        return facebook_vanished(f, err);
    f->out->again_ms = MINUTE_MS;
    kit_note(f->out, "Waiting until Facebook shows the new broadcast.");
    return true;
}

/* The day with its date: "today" would be wrong when it is read tomorrow. */
static void say_moment(const struct call *call, int64_t ms, char *day, size_t size, char clock[9])
{
    int64_t from = ms - call->now_ms < 2 * DAY_MS ? ms - 3 * DAY_MS : call->now_ms;

    zone_when(day, size, call->zone, ms, from);
    zone_clock(clock, 9, call->zone, ms, false);
}

bool facebook_is_early(const struct call *call, const struct livestream *l, const struct target *t,
                       struct outcome *out)
{
    struct facebook f = { .call = (struct call *)(uintptr_t)call, .l = l, .t = t, .out = out };
    char day[40], clock[9];

    if (out->remote_id[0] || timing_of(&f) != TIMING_TOO_FAR)
        return false;
    say_moment(call, l->start_ms - REACHED_MS, day, sizeof(day), clock);
    kit_note(out,
             "Facebook takes it from %s, %s on: at most 7 days ahead. It is kept here and made "
             "there then.",
             day, clock);
    return true;
}

/* Not made yet: what waits here asks nobody, so that a month of waiting costs Facebook's allowance
 * nothing. */
static bool wait_for_window(const struct call *call, const struct livestream *l,
                            struct outcome *out)
{
    int64_t wait = l->start_ms - call->now_ms - REACHED_MS;

    out->again_ms = wait < HOUR_MS ? wait : HOUR_MS;
    return true;
}

static bool make_in_time(struct facebook *f, struct error *err)
{
    if (!facebook_make(f, timing_of(f) == TIMING_NOW, err))
        return false;
    return f->out->ingest_url[0] && f->out->url[0] ? facebook_dress(f, err) : complete(f, err);
}

bool facebook_create(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err)
{
    struct facebook f;
    bool done;

    if (facebook_is_early(call, l, t, out))
        return wait_for_window(call, l, out);
    done = facebook_open(&f, call, l, t, out, err);
    if (done)
        done = out->remote_id[0] ? complete(&f, err) : make_in_time(&f, err);
    facebook_close(&f);
    return done;
}

/* One page; *found gets ours, yours. `after` is the cursor, changed to the next or "". Our own
 * cursor and never Meta's `next` link: that is an address from outside, with the token in it. */
static bool find_page(struct facebook *f, const char *marker, char *after, size_t size,
                      cJSON **found, struct error *err)
{
    const char *args[] = {
        "broadcast_status",
        "[\"UNPUBLISHED\",\"SCHEDULED_UNPUBLISHED\",\"SCHEDULED_LIVE\",\"LIVE\"]",
        "fields",
        "id,status,title,description,creation_time,permalink_url,"
        "secure_stream_url",
        "limit",
        "50",
        *after ? "after" : NULL,
        after,
        NULL
    };
    cJSON *answer = NULL, *data, *video;
    const char *next;

    if (!facebook_ask(f, "GET", f->page, EDGE, args, false, &answer, err))
        return false;
    data = cJSON_GetObjectItemCaseSensitive(answer, "data");
    /* An empty list says so. What says nothing would make a second post. */
    if (!cJSON_IsArray(data)) {
        cJSON_Delete(answer);
        return kit_error(err, f->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "Facebook's answer is no list.");
    }
    cJSON_ArrayForEach (video, data) {
        const char *description = json_string(video, "description");

        if (description && strstr(description, marker)) {
            *found = cJSON_DetachItemViaPointer(data, video);
            break;
        }
    }
    next = json_string(answer, "paging.cursors.after");
    text_copy_to(after, size, json_at(answer, "paging.next") && next ? next : "");
    cJSON_Delete(answer);
    return true;
}

/* The reference says that this list cannot be read, the specification and clients read it [F5, S,
 * C2, C3]. When it is refused nobody can tell whether the broadcast was made, and making another
 * would put two posts on the Page. */
static bool look_up(struct facebook *f, cJSON **found, struct error *err)
{
    struct error why = { 0 };
    char marker[16], after[300] = "";

    marker_of(f, marker);
    for (int i = 0; i < PAGES_MAX; i++) {
        if (!find_page(f, marker, after, sizeof(after), found, &why)) {
            if (why.kind == ERROR_INVALID || why.kind == ERROR_FORBIDDEN ||
                why.kind == ERROR_NOT_FOUND)
                return kit_error(
                    err, f->call, NULL, why.kind, why.code,
                    "Look at the Page's live videos on facebook.com, delete ours if it "
                    "is there, then retry.",
                    "Facebook does not tell whether the broadcast was made: %s", why.message);
            if (err)
                *err = why;
            return false;
        }
        if (*found || !after[0])
            return true;
    }
    return kit_error(
        err, f->call, NULL, ERROR_REFUSED, "", "Delete unused live videos of the Page, then retry.",
        "Facebook has more than %d live videos; ours cannot be looked up.", PAGES_MAX * 50);
}

static void adopt(struct facebook *f, const cJSON *video)
{
    const char *status = json_string(video, "status");
    char marker[16];

    marker_of(f, marker);
    json_id(video, "id", f->out->remote_id, sizeof(f->out->remote_id));
    kit_remember(f->out, "marker", marker);
    kit_remember(f->out, "kind", status && text_starts(status, "SCHEDULED") ? "planned" : "now");
    facebook_remember(f, "made", f->call->now_ms);
    facebook_remember(f, "start", status && text_starts(status, "SCHEDULED") ? f->l->start_ms : 0);
    facebook_learn(f, video);
    f->out->found = true;
}

bool facebook_find(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err)
{
    cJSON *video = NULL;
    struct facebook f;
    bool done = facebook_open(&f, call, l, t, out, err);

    out->found = false;
    if (done && out->remote_id[0])
        done = facebook_read(&f, true, &video, err);
    else if (done)
        done = look_up(&f, &video, err);
    if (done && json_string(video, "id"))
        adopt(&f, video);
    cJSON_Delete(video);
    facebook_close(&f);
    return done;
}

static bool is_planned(const struct facebook *f)
{
    return strcmp(kit_remembered(f->out, "kind"), "planned") == 0;
}

/* Only a planned one has a start to move. */
static bool start_moves(const struct facebook *f)
{
    return is_planned(f) && facebook_remembered(f, "start") != f->l->start_ms &&
           timing_of(f) == TIMING_PLANNED;
}

static bool send_change(struct facebook *f, const cJSON *video, bool moved, bool bare,
                        struct error *err)
{
    char *description = description_of(f), when[64];
    const char *args[7] = { NULL };
    size_t n = 0;
    bool done = true;

    if (!text_equal(json_string(video, "title"), f->l->title)) {
        args[n++] = "title";
        args[n++] = f->l->title;
    }
    if (description && !text_equal(json_string(video, "description"), description)) {
        args[n++] = "description";
        args[n++] = description;
    }
    if (moved) {
        event_params(when, sizeof(when), f->l->start_ms, bare);
        args[n++] = "event_params";
        args[n++] = when;
    }
    if (n > 0)
        done = facebook_ask(f, "POST", f->out->remote_id, "", args, false, NULL, err);
    free(description);
    return done;
}

static bool change(struct facebook *f, const cJSON *video, struct error *err)
{
    bool moved = facebook_life_of(video) == LIFE_WAITING && start_moves(f);
    struct error why = { 0 };
    bool done = send_change(f, video, moved, false, &why);

    if (!done && moved && names_event_params(&why))
        done = send_change(f, video, moved, true, &why);
    if (!done && err)
        *err = why;
    if (done && moved)
        facebook_remember(f, "start", f->l->start_ms);
    done = done && facebook_dress(f, err);
    if (done && !moved && is_planned(f) && facebook_life_of(video) == LIFE_WAITING &&
        facebook_remembered(f, "start") != f->l->start_ms)
        kit_note(f->out, "Facebook moves a start no nearer than 10 minutes: there the old one is "
                         "shown. Starting it from here works all the same.");
    return done;
}

/* What was moved out of the window cannot keep its place there: nobody has seen it, so it is taken
 * away, and the manager has it made again when its day comes (an update that gives the id back asks
 * for that). That it leaves is saved first: after a crash in between, its absence is no riddle. */
static bool take_away(struct facebook *f, struct error *err)
{
    static const char *const stale[] = { "kind", "made", "asked", "hidden", "start", "leaving" };

    kit_remember(f->out, "leaving", "yes");
    if (!f->call->progress(f->call, f->out, err) || !facebook_delete(f, err))
        return false;
    f->out->remote_id[0] = f->out->url[0] = f->out->ingest_url[0] = '\0';
    f->out->status = TARGET_PENDING;
    for (size_t i = 0; i < sizeof(stale) / sizeof(stale[0]); i++)
        kit_remember(f->out, stale[i], NULL);
    facebook_is_early(f->call, f->l, f->t, f->out);
    return true;
}

static bool update_from(struct facebook *f, const cJSON *video, struct error *err)
{
    bool far = is_planned(f) && timing_of(f) == TIMING_TOO_FAR;

    if (video)
        facebook_learn(f, video);
    if (!video && *kit_remembered(f->out, "leaving"))
        return take_away(f, err);
    if (!video)
        return facebook_vanished(f, err);
    if (far && (facebook_life_of(video) == LIFE_WAITING || facebook_life_of(video) == LIFE_EXPIRED))
        return take_away(f, err);
    kit_remember(f->out, "leaving", NULL);
    if (f->out->status != TARGET_ENDED && f->out->status != TARGET_FAILED)
        return change(f, video, err);
    kit_note(f->out, "The broadcast is over on Facebook; nothing was changed there.");
    return true;
}

bool facebook_update(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err)
{
    bool key = out->ingest_url[0] == '\0' || !t->has_key;
    cJSON *video = NULL;
    struct facebook f;
    bool done;

    /* Of one that is far away the create that waits for its day reads the new values then. */
    if (facebook_is_early(call, l, t, out))
        return true;
    done = facebook_open(&f, call, l, t, out, err);
    if (done && out->remote_id[0] == '\0')
        done = make_in_time(&f, err);
    else if (done)
        done = facebook_read(&f, key, &video, err) && update_from(&f, video, err);
    cJSON_Delete(video);
    facebook_close(&f);
    return done;
}

/* Zoom by a Server-to-Server OAuth app of the church's own account: meetings only.
 *
 * Such an app is nobody, so "me" means nothing to Zoom: every path names the host. Creating has no
 * idempotency of any kind, hence the marker in the agenda and zoom_meeting_find(). A meeting begins
 * when its host opens start_url; that link is a sign-in as the host, so it is asked for when it is
 * shown (zoom_meeting_host_link) and kept nowhere. */
#include "platform/zoom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/zone.h>

#include "platform/profiles.h"

/* ---- one meeting ---- */

bool zoom_is_id(const char *id)
{
    return *id && strlen(id) <= 20 && !id[strspn(id, "0123456789")];
}

/* Asks about or acts on meeting `id`; suffix is "" or "/status". */
static bool meeting_ask(struct call *call, struct zoom_ask ask, const char *id, const char *suffix,
                        cJSON **out, struct error *err)
{
    char path[80], route[40];

    if (!zoom_is_id(id))
        return error_platform(err, ERROR_INTERNAL, "zoom", "Create it again.",
                              "The stored Zoom meeting id is no number.");
    snprintf(path, sizeof(path), "/meetings/%s%s", id, suffix);
    snprintf(route, sizeof(route), "/meetings/{id}%s", suffix);
    ask.path = path;
    ask.route = route;
    return zoom_ask(call, &ask, out, err);
}

bool zoom_read(struct call *call, const char *id, cJSON **out, struct error *err)
{
    if (!meeting_ask(call, (struct zoom_ask){ .method = "GET" }, id, "", out, err))
        return false;
    return *out || zoom_garbage(err, "meeting");
}

static bool running(const cJSON *meeting)
{
    return text_equal(json_string(meeting, "status"), "started");
}

/* What there is to keep of a meeting. With registration the members' way in is the form. */
bool zoom_learn(struct call *call, const cJSON *meeting, struct outcome *out, struct error *err)
{
    const char *url = json_string(meeting, "registration_url");
    char id[24];

    if (!json_id(meeting, "id", id, sizeof(id)) || !zoom_is_id(id))
        return zoom_garbage(err, "meeting id");
    text_copy_to(out->remote_id, sizeof(out->remote_id), id);
    kit_remember(out, "uuid", json_string(meeting, "uuid"));
    if (!url || !*url)
        url = json_string(meeting, "join_url");
    if (!url || !*url)
        return zoom_garbage(err, "join link");
    if (!platform_link_check(&platform_zoom, call->options, call->simulated, url, err))
        return false;
    return text_copy_to(out->url, sizeof(out->url), url) || zoom_garbage(err, "join link");
}

bool zoom_fail(struct error *err, const struct error *with)
{
    if (err)
        *err = *with;
    return false;
}

/* ---- create and update ---- */

/* One operation's wish: what is to be, and which of its times counts now. */
struct plan {
    struct call *call;
    const struct meeting *m;
    const struct target *t;
    struct outcome *out;
    struct repeat repeat;
    bool in_utc; /* Zoom does not know the church's zone */
};

static bool plan_read(struct plan *p, struct call *call, const struct meeting *m,
                      const struct target *t, struct outcome *out, struct error *err)
{
    *p = (struct plan){ .call = call, .m = m, .t = t, .out = out };
    p->in_utc = *kit_remembered(out, "utc") != '\0';
    return p->in_utc ? repeat_read_utc(&p->repeat, call, m, t, ZOOM_TIMES_MOST, err)
                     : repeat_read(&p->repeat, call, m, t, ZOOM_TIMES_MOST, err);
}

/* Zoom knows most time zones but not all: a series in one that it refuses goes by UTC. */
static bool plan_in_utc(struct plan *p, struct error *err)
{
    kit_remember(p->out, "utc", "yes");
    p->in_utc = true;
    return repeat_read_utc(&p->repeat, p->call, p->m, p->t, ZOOM_TIMES_MOST, err);
}

/* What Zoom made of it, read back: settings that the account's admin has locked, and other hosts
 * who are not of the account (that Zoom refuses these is unconfirmed), are passed over without a
 * word, and of a series it may keep fewer times than were asked for: its pages say 60 in one place
 * and 50 in another. */
static void meeting_compare(struct plan *p, const cJSON *seen)
{
    int begun = p->repeat.index + (p->repeat.due.start_ms <= p->call->now_ms);
    int wanted = series_count(&p->repeat.series, p->repeat.zone, p->m->start_ms) - begun;
    int planned = cJSON_GetArraySize(json_at(seen, "occurrences"));
    bool series = repeat_is_series(&p->repeat);
    struct text names;
    int64_t type = 2;

    kit_remember(p->out, "advice", NULL);
    if (*p->out->note)
        return;
    text_init(&names, 120);
    zoom_body_ignored(p->t, seen, &names);
    json_int(seen, "type", &type);
    if (series && type != 8)
        kit_note(p->out, "Zoom did not make it a series: it comes only once there.");
    else if (series && p->in_utc)
        kit_note(p->out,
                 "Zoom does not know the time zone %.40s: the series keeps its hour in UTC, so it "
                 "moves with summer time.",
                 p->call->zone);
    else if (names.length)
        kit_note(p->out, "Zoom kept its own settings for %s: see whether the account locks them.",
                 text_str(&names));
    else if (series && planned > 0 && planned < wanted)
        kit_note(p->out, "Zoom planned only %d of %d times: plan another series for the rest.",
                 planned, wanted);
    text_release(&names);
    /* Polls show it again. */
    if (*p->out->note)
        kit_remember(p->out, "advice", p->out->note);
}

/* What the series was when it was sent, so that an update knows whether it is another now. */
static void series_remember(struct plan *p)
{
    struct text wish;

    text_init(&wish, 200);
    repeat_text(&p->repeat, &wish);
    kit_remember(p->out, "series", wish.length ? text_str(&wish) : NULL);
    text_release(&wish);
}

/* One PATCH of what differs: Zoom allows a host 100 creations and changes a day. */
static bool meeting_patch(struct plan *p, cJSON **seen, struct error *err)
{
    char id[24] = "";
    cJSON *changes =
        zoom_body_changes(p->call, p->m, p->t, &p->repeat, *seen, kit_remembered(p->out, "series"));
    bool done = changes != NULL;

    if (!done)
        return error_set(err, ERROR_MEMORY, NULL, "There is no memory left.");
    json_id(*seen, "id", id, sizeof(id));
    if (changes->child) {
        struct zoom_ask ask = { .method = "PATCH", .json = changes, .effect = true };
        done = meeting_ask(p->call, ask, id, "", NULL, err);
        if (done) {
            /* A new passcode makes a new join link. */
            cJSON_Delete(*seen);
            *seen = NULL;
            done = zoom_read(p->call, id, seen, err);
        }
    }
    cJSON_Delete(changes);
    return done;
}

/* Brings an existing meeting to what is wanted. */
static bool meeting_bring(struct plan *p, cJSON **seen, struct error *err)
{
    struct error why = { 0 };
    bool done = meeting_patch(p, seen, &why);

    if (!done && *seen && repeat_zone_refused(&p->repeat, &why))
        done = plan_in_utc(p, &why) && meeting_patch(p, seen, &why);
    if (!done)
        return zoom_fail(err, &why);
    series_remember(p);
    meeting_compare(p, *seen);
    return true;
}

/* When it begins at Zoom, which plans nothing into the past: as planned; of a series the next one
 * that has not begun; else in a minute. *late: that is another time than people were told. */
static int64_t start_at(const struct plan *p, bool *late)
{
    int64_t now = p->call->now_ms, next = repeat_next(&p->repeat, now);

    *late = next == 0;
    return *late ? now + 60000 : next;
}

static bool meeting_post(struct plan *p, int64_t start, cJSON **answer, struct error *err)
{
    struct zoom_ask ask = {
        .method = "POST", .route = "/users/{user}/meetings", .effect = true, .creates = true
    };
    char marker[16];
    struct text path;
    cJSON *body;
    bool done = false;

    kit_marker(p->call, marker);
    body = zoom_body_wanted(p->m, p->t, &p->repeat, marker, start);
    text_init(&path, 900);
    ask.json = body;
    if (!body)
        error_set(err, ERROR_MEMORY, NULL, "There is no memory left.");
    else if (zoom_user_path(p->call, &path, err)) {
        text_add(&path, "/meetings");
        ask.path = text_str(&path);
        done = zoom_ask(p->call, &ask, answer, err);
    }
    cJSON_Delete(body);
    text_release(&path);
    return done;
}

static bool meeting_add(struct plan *p, struct error *err)
{
    struct call *call = p->call;
    struct outcome *out = p->out;
    struct error why = { 0 };
    bool late, learnt, done;
    int64_t start = start_at(p, &late);
    cJSON *answer = NULL;
    char at[40];

    out->remote_id[0] = out->url[0] = '\0';
    done = meeting_post(p, start, &answer, &why);
    if (!done && repeat_zone_refused(&p->repeat, &why))
        done = plan_in_utc(p, &why) && meeting_post(p, start_at(p, &late), &answer, &why);
    if (!done)
        return zoom_fail(err, &why);
    series_remember(p);
    learnt = zoom_learn(call, answer, out, err);
    /* Even a meeting whose link is not fit to be shown exists and must not be made twice. */
    if (*out->remote_id && !call->progress(call, out, err))
        learnt = false;
    if (learnt && late) {
        zone_clock(at, sizeof(at), call->zone, start, false);
        snprintf(out->note, sizeof(out->note),
                 "Zoom cannot plan into the past: there it begins at %s.", at);
    }
    if (learnt)
        meeting_compare(p, answer);
    cJSON_Delete(answer);
    return learnt;
}

/* Between two times of a series it waits; the last one ends it. After the host has ended one, Zoom
 * calls the meeting "waiting" again. */
static void set_status(struct plan *p, const cJSON *seen)
{
    struct outcome *out = p->out;
    const struct meeting *due = &p->repeat.due;
    int64_t now = p->call->now_ms;

    if (running(seen)) {
        if (out->status != TARGET_LIVE || !out->started_ms)
            out->started_ms = now;
        out->status = TARGET_LIVE;
        out->ended_ms = 0;
    } else if (repeat_comes_again(&p->repeat) || (p->repeat.index > 0 && now < due->start_ms)) {
        out->status = TARGET_PENDING;
        out->started_ms = out->ended_ms = 0;
    } else if (out->status == TARGET_LIVE || out->status == TARGET_ENDED || now >= due->end_ms) {
        if (out->status == TARGET_LIVE && !out->ended_ms)
            out->ended_ms = now;
        out->status = TARGET_ENDED;
    } else {
        out->status = TARGET_PENDING;
    }
    repeat_note(&p->repeat, p->call, out);
}

static bool zoom_meeting_create(struct call *call, const struct meeting *m, const struct target *t,
                                struct outcome *out, struct error *err)
{
    struct error local = { 0 };
    cJSON *seen = NULL;
    struct plan p;
    bool done;

    if (!plan_read(&p, call, m, t, out, err))
        return false;
    if (*out->remote_id) {
        if (zoom_read(call, out->remote_id, &seen, &local)) {
            done = meeting_bring(&p, &seen, err) && zoom_learn(call, seen, out, err);
            if (done)
                set_status(&p, seen);
            cJSON_Delete(seen);
            return done;
        }
        if (local.kind != ERROR_NOT_FOUND)
            return zoom_fail(err, &local);
    }
    if (p.repeat.until_ms <= call->now_ms)
        return error_platform(err, ERROR_REFUSED, "zoom", "Choose a time to come.",
                              "%s is already over.", m->title);
    if (!meeting_add(&p, err))
        return false;
    out->status = TARGET_PENDING;
    out->gone = false;
    repeat_note(&p.repeat, call, out);
    return true;
}

static bool zoom_meeting_update(struct call *call, const struct meeting *m, const struct target *t,
                                struct outcome *out, struct error *err)
{
    cJSON *seen = NULL;
    struct plan p;
    bool done;

    if (!*out->remote_id)
        return zoom_meeting_create(call, m, t, out, err);
    if (!plan_read(&p, call, m, t, out, err))
        return false;
    done = zoom_read(call, out->remote_id, &seen, err) && meeting_bring(&p, &seen, err) &&
           zoom_learn(call, seen, out, err);
    /* Moved to a time to come: it has not been yet. */
    if (done && out->status == TARGET_ENDED && p.repeat.due.start_ms > call->now_ms) {
        out->status = TARGET_PENDING;
        out->started_ms = out->ended_ms = 0;
    }
    if (done)
        set_status(&p, seen);
    else if (err && err->kind == ERROR_NOT_FOUND)
        out->gone = true;
    cJSON_Delete(seen);
    return done;
}

/* ---- cancel, poll, host's link ---- */

/* Ends a running meeting. That its host was quicker is no failure; what Zoom says of one that does
 * not run is unconfirmed, so whatever it refuses then counts as over. */
static bool meeting_end(struct call *call, const char *id, struct error *err)
{
    cJSON *body = cJSON_CreateObject();
    struct zoom_ask ask = { .method = "PUT", .json = body, .effect = true };
    struct error local = { 0 };
    bool done;

    cJSON_AddStringToObject(body, "action", "end");
    done = meeting_ask(call, ask, id, "/status", NULL, &local);
    cJSON_Delete(body);
    if (!done && (local.kind == ERROR_NOT_FOUND ||
                  (local.kind == ERROR_INVALID && !text_equal(local.code, "3063"))))
        return true;
    return done || zoom_fail(err, &local);
}

/* Without an occurrence_id the delete takes the whole series. */
static bool zoom_meeting_cancel(struct call *call, const struct meeting *m, const struct target *t,
                                struct outcome *out, struct error *err)
{
    struct zoom_ask ask = { .method = "DELETE", .effect = true };
    struct error local = { 0 };
    cJSON *seen = NULL;
    bool done = !*out->remote_id;

    (void)m;
    (void)t;
    if (!done) {
        done = zoom_read(call, out->remote_id, &seen, &local) &&
               (!running(seen) || meeting_end(call, out->remote_id, &local)) &&
               meeting_ask(call, ask, out->remote_id, "", NULL, &local);
        cJSON_Delete(seen);
        if (!done && local.kind != ERROR_NOT_FOUND)
            return zoom_fail(err, &local);
    }
    if (out->status == TARGET_LIVE && !out->ended_ms)
        out->ended_ms = call->now_ms;
    out->status = TARGET_ENDED;
    out->gone = true;
    return true;
}

static bool zoom_meeting_poll(struct call *call, const struct meeting *m, const struct target *t,
                              struct outcome *out, struct error *err)
{
    struct error local = { 0 };
    cJSON *seen = NULL;
    struct plan p;
    bool done;

    if (!*out->remote_id)
        return true;
    if (!plan_read(&p, call, m, t, out, err))
        return false;
    text_copy_to(out->note, sizeof(out->note), kit_remembered(out, "advice"));
    if (zoom_read(call, out->remote_id, &seen, &local)) {
        done = zoom_learn(call, seen, out, err);
        if (done) {
            set_status(&p, seen);
            out->gone = false;
        }
        cJSON_Delete(seen);
        return done;
    }
    if (local.kind != ERROR_NOT_FOUND)
        return zoom_fail(err, &local);
    if (out->status == TARGET_LIVE && !out->ended_ms)
        out->ended_ms = call->now_ms;
    /* One that has been needs nobody to make it again. */
    out->gone = out->status == TARGET_PENDING && call->now_ms < p.repeat.until_ms;
    if (!out->gone)
        out->status = TARGET_ENDED;
    else
        snprintf(out->note, sizeof(out->note),
                 "The meeting was deleted in Zoom: cancel it here, or create it again.");
    return true;
}

static bool zoom_meeting_host_link(struct call *call, const struct meeting *m,
                                   const struct target *t, struct text *out, struct error *err)
{
    cJSON *seen = NULL, *url;
    bool done = false;

    (void)m;
    if (!t->remote_id || !*t->remote_id)
        return error_platform(err, ERROR_REFUSED, "zoom", "Wait until it is created, or retry it.",
                              "There is no Zoom meeting yet.");
    if (!zoom_read(call, t->remote_id, &seen, err))
        return false;
    url = cJSON_GetObjectItemCaseSensitive(seen, "start_url");
    if (!cJSON_IsString(url) || !*url->valuestring)
        zoom_garbage(err, "host link");
    else if (platform_link_check(&platform_zoom, call->options, call->simulated, url->valuestring,
                                 err))
        done = text_add(out, url->valuestring) || zoom_garbage(err, "host link");
    if (cJSON_IsString(url))
        text_wipe(url->valuestring, strlen(url->valuestring));
    cJSON_Delete(seen);
    return done;
}

/* ---- the table ---- */

static const struct credential zoom_credentials[] = {
    { "account_id", false, true, "", NULL, "Account id",
      "From the app's page: Marketplace, Manage, Server-to-Server OAuth app, App Credentials." },
    { "client_id", false, false, "", NULL, "Client id",
      "From the same page; may stay empty when [zoom] client_id is configured." },
    { "client_secret", true, false, "", NULL, "Client secret",
      "From the same page; may stay empty when [zoom] client_secret is configured." },
    { "user", false, false, "", NULL, "Host",
      "E-mail of who hosts the meetings; may stay empty when the account has only one user." },
    { NULL, false, false, NULL, NULL, NULL, NULL },
};

static const char *const zoom_link_hosts[] = { "zoom.us", "zoom.com", "zoomgov.com", NULL };

const struct platform platform_zoom = {
    .id = PLATFORM_ZOOM,
    .abilities = PLATFORM_MEETINGS,
    .signin = SIGNIN_CREDENTIALS | SIGNIN_OAUTH | SIGNIN_DEVICE,
    .oauth = &oauth_zoom,
    .api_base = "https://api.zoom.us",
    .auth_base = "https://zoom.us",
    .about = "Meetings of the church's own Zoom account, or of the person who signs in.",
    .scopes = "meeting:write:meeting:admin meeting:read:meeting:admin "
              "meeting:read:list_meetings:admin meeting:update:meeting:admin "
              "meeting:update:status:admin meeting:delete:meeting:admin user:read:user:admin "
              "user:read:list_users:admin",
    .credentials = zoom_credentials,
    .settings = zoom_settings,
    .link_hosts = zoom_link_hosts,
    /* A free account has 4 light and 2 medium calls a second, shared with everything else it runs.
     */
    .calls_per_second = 2,
    .calls_burst = 2,
    .parallel = 2,
    .renew = zoom_renew,
    .check = zoom_check,
    .identify = zoom_identify,
    .meeting_check = zoom_check_meeting,
    .meeting_find = zoom_meeting_find,
    .meeting_create = zoom_meeting_create,
    .meeting_update = zoom_meeting_update,
    .meeting_cancel = zoom_meeting_cancel,
    .meeting_poll = zoom_meeting_poll,
    .meeting_host_link = zoom_meeting_host_link,
};

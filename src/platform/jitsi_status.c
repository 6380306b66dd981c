/* What becomes of a Jitsi meeting: by who is in the room where the server tells, else by the clock.
 */
#include "platform/jitsi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/zone.h>

#define MINUTE_MS    INT64_C(60000)
#define AWAY_MOST_MS (5 * MINUTE_MS)

static const char not_checked[] = "Not checked: this server does not tell.";

void jitsi_note(const struct jitsi_server *s, const struct target *t, struct outcome *out)
{
    cJSON *settings = kit_settings(t);
    bool typed = *setting_text(&platform_jitsi, settings, "room") != '\0';

    cJSON_Delete(settings);
    if (typed && jitsi_room_guessable(out->remote_id))
        snprintf(out->note, sizeof(out->note),
                 "The room's name is easy to guess: strangers may come in.");
    else if (s->deployment == JITSI_PUBLIC)
        snprintf(out->note, sizeof(out->note),
                 "Someone must sign in first (Google, GitHub or Facebook); until then the others "
                 "wait.");
}

void jitsi_clock(const struct call *call, const struct meeting *m, struct outcome *out)
{
    if (call->now_ms < m->start_ms) {
        out->status = TARGET_PENDING;
        out->started_ms = out->ended_ms = 0;
    } else if (call->now_ms < m->end_ms) {
        out->status = TARGET_LIVE;
        out->started_ms = m->start_ms;
        out->ended_ms = 0;
    } else {
        out->status = TARGET_ENDED;
        out->ended_ms = m->end_ms;
    }
}

/* Which of the two looks before the meeting is due: "60", "10" or NULL. */
static const char *look_due(const struct call *call, const struct meeting *m)
{
    int64_t left = m->start_ms - call->now_ms;

    return left <= 0 || left > 60 * MINUTE_MS ? NULL : left > 10 * MINUTE_MS ? "60" : "10";
}

/* Away at one look is a warning; away for five minutes when the meeting is about to begin (so also
 * at both looks) is a failure: people are then sent elsewhere, and only a person takes that back.
 */
static void note_away(const struct call *call, const struct jitsi_server *s,
                      const struct meeting *m, struct outcome *out)
{
    char text[24], at[40];
    int64_t since = strtoll(kit_remembered(out, "away"), NULL, 10);

    if (since <= 0) {
        since = call->now_ms;
        snprintf(text, sizeof(text), "%lld", (long long)since);
        kit_remember(out, "away", text);
    }
    if (call->now_ms - since >= AWAY_MOST_MS && call->now_ms >= m->start_ms - 10 * MINUTE_MS)
        out->status = TARGET_FAILED;
    zone_clock(at, sizeof(at), call->zone, since, false);
    snprintf(out->note, sizeof(out->note),
             "%.80s has not answered since %.12s. Start the server, or send people to another "
             "platform's link.",
             s->host, at);
}

/* Looks once an hour before and once ten minutes before, and again at each poll while the server is
 * away. False with *err when it could not look. *away: it is away, and out says so. */
static bool look(struct call *call, const struct jitsi_server *s, const struct meeting *m,
                 struct outcome *out, bool *away, struct error *err)
{
    const char *due = look_due(call, m);
    bool was_away = *kit_remembered(out, "away") && call->now_ms < m->end_ms;
    struct error why = { 0 };
    char domain[256];

    *away = false;
    if (!was_away && (!due || text_equal(kit_remembered(out, "reached"), due)))
        return true;
    switch (jitsi_reach(call, s, domain, &why)) {
    case JITSI_UNASKED:
        if (err)
            *err = why;
        return false;
    case JITSI_UNREACHED:
        *away = true;
        note_away(call, s, m, out);
        return true;
    case JITSI_REACHED:
        break;
    }
    kit_remember(out, "away", NULL);
    kit_remember(out, "reached", due);
    if (*domain)
        kit_remember(out, "domain", domain);
    if (out->status == TARGET_FAILED)
        out->status = TARGET_PENDING;
    return true;
}

static bool judge_size(struct call *call, const struct http_answer *answer, const cJSON *body,
                       struct error *err)
{
    if (answer->status == 403 || answer->status == 401)
        return kit_error(err, call, answer, ERROR_FORBIDDEN, "",
                         "Set enable_roomsize_token_verification = false in Prosody, or leave "
                         "status_url empty.",
                         "Prosody does not say who is in the room.");
    if (answer->status == 400)
        return kit_error(err, call, answer, ERROR_INVALID, "",
                         "Set status_domain to the server's XMPP domain (Docker: meet.jitsi).",
                         "Prosody did not understand which room is meant.");
    return kit_judge_status(call, answer, body, err);
}

/* How many are in the room; 0 when there is none. */
static bool room_size(struct call *call, const struct jitsi_server *s, const struct outcome *out,
                      int64_t *people, struct error *err)
{
    const char *domain = kit_value(call, &platform_jitsi, "status_domain");
    struct kit_request request = {
        .method = "GET", .base = s->status_url, .route = "GET /room-size", .judge = judge_size
    };
    struct error local = { 0 };
    struct text path;
    cJSON *answer = NULL;
    bool done;

    if (!*domain)
        domain = kit_remembered(out, "domain");
    text_init(&path, 1500);
    text_add(&path, "/room-size?");
    kit_query(&path, "room", out->remote_id);
    kit_query(&path, "domain", *domain ? domain : s->host);
    kit_query(&path, "subdomain", *s->tenant ? s->tenant : NULL);
    request.path = text_str(&path);
    *people = 0;
    done = kit_send(call, &request, &answer, &local);
    if (done && (!json_int(answer, "participants", people) || *people < 0))
        done = kit_error(&local, call, NULL, ERROR_GARBAGE, "",
                         "Check status_url: Prosody's module muc_size must answer there.",
                         "The answer about who is in the room cannot be read.");
    if (!done && local.kind == ERROR_NOT_FOUND)
        done = true;
    if (!done && err)
        *err = local;
    cJSON_Delete(answer);
    text_release(&path);
    return done;
}

/* One alone may be the server's own focus: somebody is there when it is so twice within a minute's
 * distance. */
static bool somebody(struct call *call, int64_t people, struct outcome *out)
{
    char now[24];
    int64_t since = strtoll(kit_remembered(out, "one_since"), NULL, 10);

    if (people != 1) {
        kit_remember(out, "one_since", NULL);
        return people > 1;
    }
    if (out->status == TARGET_LIVE || (since > 0 && call->now_ms - since >= MINUTE_MS))
        return true;
    if (since == 0) {
        snprintf(now, sizeof(now), "%lld", (long long)call->now_ms);
        kit_remember(out, "one_since", now);
    }
    return false;
}

/* Rooms come and go: one that was opened to try it out, before the time, has not ended the meeting.
 */
static void status_by_people(struct call *call, const struct repeat *r, int64_t people,
                             struct outcome *out)
{
    const struct meeting *m = &r->due;

    if (somebody(call, people, out)) {
        out->status = TARGET_LIVE;
        out->viewers = people;
        out->ended_ms = 0;
        if (!out->started_ms)
            out->started_ms = call->now_ms;
        return;
    }
    out->viewers = -1;
    if (call->now_ms < m->start_ms || repeat_comes_again(r)) {
        out->status = TARGET_PENDING;
        out->started_ms = out->ended_ms = 0;
    } else if (out->status == TARGET_LIVE || out->status == TARGET_ENDED ||
               call->now_ms >= m->end_ms) {
        if (!out->ended_ms)
            out->ended_ms = call->now_ms;
        out->status = TARGET_ENDED;
    } else {
        out->status = TARGET_PENDING;
    }
}

bool jitsi_poll(struct call *call, const struct meeting *m, const struct target *t,
                struct outcome *out, struct error *err)
{
    struct jitsi_server s;
    struct repeat r;
    int64_t people = 0;
    bool away = false;

    if (!*out->remote_id)
        return true;
    if (!repeat_read(&r, call, m, t, SERIES_MOST, err) || !jitsi_server_read(call, &s, err) ||
        !look(call, &s, &r.due, out, &away, err))
        return false;
    if (away)
        return true;
    if (*s.status_url) {
        if (room_size(call, &s, out, &people, err)) {
            status_by_people(call, &r, people, out);
            repeat_note(&r, call, out);
            return true;
        }
        /* With no answer the meeting would stay live for ever. */
        if (call->now_ms < r.until_ms)
            return false;
        error_clear(err);
    }
    jitsi_clock(call, &r.due, out);
    if (out->status == TARGET_PENDING) {
        jitsi_note(&s, t, out);
        repeat_note(&r, call, out);
    } else
        text_copy_to(out->note, sizeof(out->note), not_checked);
    return true;
}

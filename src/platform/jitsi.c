/* Jitsi Meet: a meeting is a link. Nothing is made at the server, so a create cannot fail there;
 * all that can be asked is whether the server answers and, of a server of one's own that has
 * Prosody's muc_size module, who is in the room.
 *
 * Members get a link without a moderator's token, for whoever holds a token is that person. (JaaS
 * lets nobody in without one, so there all members share one guest's token.) The host's link is
 * made each time it is shown. */
#include "platform/jitsi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- create, update, cancel ---- */

/* The room that is wanted: named by a person, or the one that is there, or a new one. An update is
 * another wish than the create and would derive another name, so what is there stays. */
static bool room_choose(struct call *call, const struct meeting *m, const struct target *t,
                        const struct outcome *out, char room[JITSI_ROOM_SIZE], struct error *err)
{
    cJSON *settings = kit_settings(t);
    const char *typed = setting_text(&platform_jitsi, settings, "room");
    bool done;

    if (*typed)
        done = jitsi_room_typed(typed, room, err);
    else if (*out->remote_id)
        done = text_copy_to(room, JITSI_ROOM_SIZE, out->remote_id);
    else
        done = jitsi_room_made(call, m->title, room, err);
    cJSON_Delete(settings);
    return done;
}

/* The members' link shows a guest's token. */
static bool wants_token(const struct jitsi_server *s, const struct target *t)
{
    cJSON *settings = kit_settings(t);
    bool asked = setting_bool(&platform_jitsi, settings, "guest_token");

    cJSON_Delete(settings);
    return s->deployment == JITSI_JAAS || asked;
}

/* The members' link into out->url. A token of it is good for all times of a series. */
static bool link_make(struct call *call, const struct jitsi_server *s, const char *room,
                      const struct repeat *r, const struct meeting *m, const struct target *t,
                      struct outcome *out, struct error *err)
{
    struct text token, link;
    bool guest = wants_token(s, t), done;

    if (guest && !*s->key)
        return error_platform(err, ERROR_INPUT, "jitsi",
                              "Connect jitsi again with the server's app_secret, or leave "
                              "guest_token out.",
                              "Jitsi: \"guest_token\" needs a server that takes tokens.");
    text_init(&token, sizeof(out->url) - 1);
    text_init(&link, sizeof(out->url) - 1);
    done = (!guest || jitsi_token(call, s, t, room, false, r->until_ms, &token, err)) &&
           jitsi_link(call, s, room, guest ? text_str(&token) : NULL, m, t, &link, err);
    if (done) {
        text_copy_to(out->remote_id, sizeof(out->remote_id), room);
        text_copy_to(out->url, sizeof(out->url), text_str(&link));
    }
    text_release(&token);
    text_release(&link);
    return done;
}

static bool meeting_create(struct call *call, const struct meeting *m, const struct target *t,
                           struct outcome *out, struct error *err)
{
    char room[JITSI_ROOM_SIZE], domain[256];
    struct jitsi_server s;
    struct error why = { 0 };
    enum jitsi_reach reach;
    struct repeat r;

    if (!repeat_read(&r, call, m, t, SERIES_MOST, err))
        return false;
    if (r.until_ms <= call->now_ms)
        return error_platform(err, ERROR_REFUSED, "jitsi", "Choose a time to come.",
                              "%s is already over.", m->title);
    if (!jitsi_server_read(call, &s, err) || !room_choose(call, m, t, out, room, err) ||
        !link_make(call, &s, room, &r, m, t, out, err) || !call->progress(call, out, err))
        return false;
    out->status = TARGET_PENDING;
    out->gone = false;
    jitsi_note(&s, t, out);
    reach = jitsi_reach(call, &s, domain, &why);
    if (reach == JITSI_REACHED)
        kit_remember(out, "domain", *domain ? domain : NULL);
    else if (reach == JITSI_UNREACHED)
        snprintf(out->note, sizeof(out->note),
                 "%.100s does not answer now: see that it does before the meeting.", s.host);
    repeat_note(&r, call, out);
    return true;
}

static bool meeting_update(struct call *call, const struct meeting *m, const struct target *t,
                           struct outcome *out, struct error *err)
{
    char room[JITSI_ROOM_SIZE];
    struct jitsi_server s;
    struct repeat r;

    if (!*out->remote_id)
        return meeting_create(call, m, t, out, err);
    if (!repeat_read(&r, call, m, t, SERIES_MOST, err) || !jitsi_server_read(call, &s, err) ||
        !room_choose(call, m, t, out, room, err) || !link_make(call, &s, room, &r, m, t, out, err))
        return false;
    /* Another time is checked anew. */
    kit_remember(out, "reached", NULL);
    kit_remember(out, "away", NULL);
    if (call->now_ms < r.due.start_ms && out->status == TARGET_ENDED)
        jitsi_clock(call, &r.due, out);
    jitsi_note(&s, t, out);
    repeat_note(&r, call, out);
    return true;
}

static bool meeting_cancel(struct call *call, const struct meeting *m, const struct target *t,
                           struct outcome *out, struct error *err)
{
    (void)m;
    (void)t;
    (void)err;
    if (out->status == TARGET_LIVE)
        out->ended_ms = call->now_ms;
    out->status = TARGET_ENDED;
    out->gone = true;
    if (*out->remote_id)
        snprintf(out->note, sizeof(out->note),
                 "Jitsi has nothing to delete: who kept the link can still open a room by it.");
    return true;
}

/* ---- host's link ---- */

bool jitsi_host_link(struct call *call, const struct meeting *m, const struct target *t,
                     struct text *out, struct error *err)
{
    struct jitsi_server s;
    struct repeat r;
    struct text token;
    bool done;

    if (!t->remote_id || !*t->remote_id)
        return error_platform(err, ERROR_REFUSED, "jitsi", "Wait until it is created, or retry it.",
                              "There is no Jitsi room yet.");
    if (!repeat_read(&r, call, m, t, SERIES_MOST, err) || !jitsi_server_read(call, &s, err))
        return false;
    text_init(&token, 4000);
    done = (!*s.key || jitsi_token(call, &s, t, t->remote_id, true, r.due.end_ms, &token, err)) &&
           jitsi_link(call, &s, t->remote_id, *s.key ? text_str(&token) : NULL, m, t, out, err);
    if (token.data)
        text_wipe(token.data, token.length);
    text_release(&token);
    return done;
}

static bool check_meeting(const struct meeting *m, const struct target *t, struct error *err)
{
    cJSON *settings = kit_settings(t);
    const char *typed = setting_text(&platform_jitsi, settings, "room");
    const char *email = setting_text(&platform_jitsi, settings, "host_email");
    char room[JITSI_ROOM_SIZE];
    bool fine =
        (!*typed || jitsi_room_typed(typed, room, err)) && repeat_check(m, t, SERIES_MOST, err);

    if (fine && *email && !strchr(email, '@'))
        fine = error_platform(err, ERROR_INPUT, "jitsi", "Write an e-mail, or leave it out.",
                              "Jitsi: \"host_email\" must be an e-mail, which \"%.60s\" is not.",
                              email);
    cJSON_Delete(settings);
    return fine;
}

/* ---- the table ---- */

static const char *const deployments[] = { "public", "selfhosted", "jaas", NULL };
static const char *const algorithms[] = { "HS256", "HS384", "HS512", "RS256", NULL };

static const struct credential credentials[] = {
    { "deployment", false, false, "public", deployments, "Which Jitsi",
      "public: meet.jit.si; selfhosted: a server of one's own; jaas: 8x8.vc." },
    { "host", false, false, "", NULL, "Server", "Of selfhosted: meet.example.org." },
    { "tenant", false, false, "", NULL, "Tenant",
      "Of selfhosted: the part of the address before the room, if there is one." },
    { "app_id", false, false, "", NULL, "App id",
      "Of selfhosted: Prosody's app_id; of jaas: the AppID, vpaas-magic-cookie-…." },
    { "app_secret", true, false, "", NULL, "App secret",
      "Of selfhosted with HS256: Prosody's app_secret. Without it the first to come is moderator; "
      "with it see that token_affiliation is on and Jicofo's enable-auto-owner is off." },
    { "algorithm", false, false, "HS256", algorithms, "Algorithm",
      "Of selfhosted: Prosody's signature_algorithm." },
    { "key_id", false, false, "", NULL, "Key id",
      "Of RS256: the name of the public key; of jaas: AppID/…, from API keys." },
    { "audience", false, false, "", NULL, "Audience",
      "Of selfhosted: one of Prosody's accepted audiences; empty: the app id." },
    { "private_key", true, false, "", NULL, "Private key",
      "Of RS256 and jaas: the PEM file of the private key." },
    { "status_url", false, false, "", NULL, "Status address",
      "Of selfhosted: where Prosody's muc_size answers, https or on this machine; empty: by the "
      "clock." },
    { "status_domain", false, false, "", NULL, "XMPP domain",
      "Of status_url: the server's inner domain; empty: as its config.js says." },
    { NULL, false, false, NULL, NULL, NULL, NULL },
};

static const struct setting settings[] = {
    { "room", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 120, "Room",
      "A name of your own, a-z, 0-9 and -; empty: one that strangers cannot guess." },
    { "subject", SETTING_BOOL, PLATFORM_MEETINGS, "true", NULL, 0, 0, "Show the title",
      "The link carries the title, and the meeting shows it." },
    { "start_muted", SETTING_BOOL, PLATFORM_MEETINGS, "false", NULL, 0, 0, "Start muted",
      "People come in with their microphone off." },
    { "prejoin", SETTING_BOOL, PLATFORM_MEETINGS, "true", NULL, 0, 0, "Try camera first",
      "People see their own picture and type their name before they come in." },
    { "lobby", SETTING_BOOL, PLATFORM_MEETINGS, "false", NULL, 0, 0, "Knock",
      "People knock by themselves; the host switches the lobby on, and may set a passcode, in "
      "the meeting, under Security." },
    { "start_without_video", SETTING_BOOL, PLATFORM_MEETINGS, "false", NULL, 0, 0,
      "Start without picture", "People come in with their camera off." },
    { "require_name", SETTING_BOOL, PLATFORM_MEETINGS, "false", NULL, 0, 0, "Ask for names",
      "People must type a name before they come in." },
    { "stay_in_browser", SETTING_BOOL, PLATFORM_MEETINGS, "false", NULL, 0, 0, "Stay in browser",
      "On telephones the app is not proposed, which loses these settings." },
    { "livestreaming", SETTING_BOOL, PLATFORM_MEETINGS, "true", NULL, 0, 0, "Host may stream",
      "Said in the host's token, where the server takes tokens." },
    { "recording", SETTING_BOOL, PLATFORM_MEETINGS, "true", NULL, 0, 0, "Host may record",
      "Said in the host's token, where the server takes tokens." },
    { "transcription", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Host may transcribe",
      "Said in the host's token when set." },
    { "dial_out", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Host may call telephones",
      "Said in the host's token when set." },
    { "host_name", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 60, "Host's name",
      "Shown of who comes in by the host's link; empty: Host." },
    { "host_email", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 120, "Host's e-mail",
      "In the host's token, which the server and Jitsi's pictures use." },
    { "guest_token", SETTING_BOOL, PLATFORM_MEETINGS, "false", NULL, 0, 0, "Token for guests",
      "The members' link lets them in at a server of one's own that takes nobody without a "
      "token." },
    REPEAT_ROWS(SERIES_MOST),
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL },
};

static const char *const link_hosts[] = { "meet.jit.si", "8x8.vc", NULL };

const struct platform platform_jitsi = {
    .id = PLATFORM_JITSI,
    .abilities = PLATFORM_MEETINGS,
    .signin = SIGNIN_CREDENTIALS,
    .api_base = "https://meet.jit.si",
    .auth_base = "",
    .about = "Jitsi meetings on meet.jit.si, a server of one's own, or JaaS. A meeting is a link; "
             "nothing is made at the server.",
    .endless = "Nothing to renew: links are made here, by a key that has no end, or by none.",
    .scopes = "",
    .credentials = credentials,
    .settings = settings,
    .link_hosts = link_hosts,
    .calls_per_second = 2,
    .calls_burst = 4,
    .parallel = 3,
    .check = jitsi_check,
    .identify = jitsi_identify,
    .meeting_check = check_meeting,
    .meeting_create = meeting_create,
    .meeting_update = meeting_update,
    .meeting_cancel = meeting_cancel,
    .meeting_poll = jitsi_poll,
    .meeting_host_link = jitsi_host_link,
};

/* Google Meet: the tables, the sign-in and who we are. */
#include "platform/google_meet.h"

#include <string.h>

#include "platform/calendar.h"
#include "platform/google.h"
#include "platform/profiles.h"

static const struct credential credentials[] = {
    { "client_id", false, false, "", NULL, "Client id",
      "Of an OAuth client (Desktop app) in your Google Cloud project; or in the configuration." },
    { "client_secret", true, false, "", NULL, "Client secret",
      "Belongs to the client id; Google wants it even of desktop apps." },
    { "refresh_token", true, true, "", NULL, "Refresh token",
      "Starts with 1//, made with the client id for the scopes that `platform show google_meet` "
      "lists." },
    { NULL, false, false, NULL, NULL, NULL, NULL }
};

#define REMINDER_MOST 40320 /* minutes: four weeks */

static const char *const told[] = { "all", "external", "nobody", NULL };
static const char *const accesses[] = { "open", "trusted", "restricted", NULL };
static const char *const allowed[] = { "everyone", "hosts", NULL };

#define ROW(key, label, help)                                                                      \
    {                                                                                              \
        key, SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, label, help                          \
    }
#define CHOICE(key, choices, label, help)                                                          \
    {                                                                                              \
        key, SETTING_CHOICE, PLATFORM_MEETINGS, "", choices, 0, 0, label, help                     \
    }

/* The rules of the room have no default of ours: what a person does not set follows the account,
 * whose admin may have locked it. */
static const struct setting settings[] = {
    { "can_end", SETTING_BOOL, PLATFORM_MEETINGS, "false", NULL, 0, 0, "The console can end it",
      "A room made by this program; its link stands in the event. Not changed later." },
    { "calendar", SETTING_TEXT, PLATFORM_MEETINGS, "primary", NULL, 0, 200, "Calendar",
      "Address of the calendar; primary: the account's own; none, with can_end: only a room." },
    { "invite", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 8000, "Invite",
      "E-mails of people to invite, with ; between." },
    { "notify", SETTING_CHOICE, PLATFORM_MEETINGS, "nobody", told, 0, 0, "Tell by e-mail",
      "Which of the invited Google mails, now and of changes; external: those without Google "
      "Calendar." },
    { "guests_see_guests", SETTING_BOOL, PLATFORM_MEETINGS, "false", NULL, 0, 0,
      "Guests see guests", "The invited see each other's names and addresses." },
    { "guests_invite", SETTING_BOOL, PLATFORM_MEETINGS, "true", NULL, 0, 0, "Guests invite others",
      "The invited may invite further people." },
    { "reminder", SETTING_NUMBER, PLATFORM_MEETINGS, "-1", NULL, -1, REMINDER_MOST, "Remind",
      "Minutes before the start that the calendar reminds; -1: as the calendar's own settings." },
    CHOICE("access", accesses, "Who comes in by the link",
           "open: everybody; trusted: the invited and the organisation; restricted: the invited. "
           "Others knock."),
    ROW("moderation", "Host's control", "The host decides what others may do."),
    CHOICE("chat", allowed, "Who writes",
           "Who may write in the chat; hosts switches moderation on."),
    CHOICE("present", allowed, "Who presents", "Who may share a screen; switches moderation on."),
    CHOICE("reactions", allowed, "Who reacts", "Who may send reactions; switches moderation on."),
    ROW("viewers", "Come in as viewers", "People watch and listen until the host lets them speak."),
    ROW("record", "Record", "Records by itself; needs a Google Workspace edition that records."),
    ROW("transcript", "Transcript", "Writes down what is said; needs such an edition too."),
    ROW("notes", "Notes", "Google takes notes by itself; needs such an edition too."),
    ROW("attendance", "Attendance report", "Who was in it, sent to the host; Workspace only."),
    REPEAT_ROWS(SERIES_MOST),
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL }
};

static const char *const link_hosts[] = { "meet.google.com", NULL };

static bool renew(struct call *call, struct token *out, struct error *err)
{
    return google_renew(call, &platform_google_meet, out, err);
}

static bool check(struct call *call, struct error *err)
{
    static const char *const keys[] = { "client_id", "client_secret" };

    for (size_t i = 0; i < 2; i++)
        if (*kit_value(call, &platform_google_meet, keys[i]) == '\0')
            return kit_error(err, call, NULL, ERROR_INPUT, "",
                             "Give client_id and client_secret, or set both under [google_meet] in "
                             "the configuration.",
                             "Google Meet needs a %s.", keys[i]);
    return true;
}

/* ---- who are we ---- */

static bool read_one(struct call *call, const char *path, const char *route, cJSON **out,
                     struct error *err)
{
    struct kit_request request = {
        .method = "GET", .path = path, .route = route, .judge = google_judge
    };

    return call->token(call, &request.token, err) && kit_send(call, &request, out, err);
}

/* The calendar proves what meetings need. Who it is tells the sign-in, when "openid" or "email" was
 * allowed too; else the calendar's own name, which is the e-mail unless somebody has changed it. */
static bool identify(struct call *call, struct account *out, struct error *err)
{
    cJSON *calendar = NULL, *who = NULL;
    struct error why = { 0 };
    const char *name, *ref;

    memset(out, 0, sizeof(*out));
    if (!read_one(call,
                  "/calendar/v3/calendars/primary/events?maxResults=1&fields=summary,accessRole",
                  "GET /calendar/v3/calendars/{calendar}/events", &calendar, err))
        return false;
    name = json_string(calendar, "summary");
    ref = name;
    if (read_one(call, "/oauth2/v2/userinfo", "GET /oauth2/v2/userinfo", &who, &why)) {
        ref = json_string(who, "id") ? json_string(who, "id") : ref;
        name = json_string(who, "email") ? json_string(who, "email") : name;
    } else if (why.kind != ERROR_AUTH && why.kind != ERROR_FORBIDDEN) {
        cJSON_Delete(calendar);
        return google_meet_fail(err, &why);
    }
    if (ref && *ref) {
        text_copy_to(out->ref, sizeof(out->ref), ref);
        text_copy_to(out->name, sizeof(out->name), name ? name : ref);
    } else {
        kit_error(err, call, NULL, ERROR_GARBAGE, "", "Try again.",
                  "Google did not say whose calendar it is.");
    }
    cJSON_Delete(calendar);
    cJSON_Delete(who);
    return *out->ref != '\0';
}

/* ---- settings against each other ---- */

static bool is_given(const cJSON *given, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(given, key);

    return item && !text_equal(cJSON_GetStringValue(item), "");
}

static bool fits(const struct meeting *m, const struct target *t, struct error *err)
{
    const struct platform *p = &platform_google_meet;
    cJSON *given = kit_settings(t);
    struct calendar_guests guests = { 0 };
    bool alone = text_equal(setting_text(p, given, "calendar"), "none");
    bool relaxed = is_given(given, "moderation") && !setting_bool(p, given, "moderation");
    bool right = false;

    if (alone && !setting_bool(p, given, "can_end"))
        error_platform(err, ERROR_INPUT, "google_meet",
                       "Set can_end=true too, or leave calendar out.",
                       "Google Meet: without a calendar there is only a room that the console "
                       "makes.");
    else if (alone && *setting_text(p, given, "invite"))
        error_platform(err, ERROR_INPUT, "google_meet", "Leave calendar or invite out.",
                       "Google Meet: invitations are sent by the calendar.");
    else if (relaxed && (is_given(given, "chat") || is_given(given, "present") ||
                         is_given(given, "reactions") || is_given(given, "viewers")))
        error_platform(err, ERROR_INPUT, "google_meet",
                       "Leave moderation out, or chat, present, reactions and viewers.",
                       "Google Meet: without moderation nobody can be restricted.");
    else
        right = repeat_check(m, t, SERIES_MOST, err) &&
                calendar_guests_read(&guests, PLATFORM_GOOGLE_MEET, "invite",
                                     setting_text(p, given, "invite"), err);
    calendar_guests_release(&guests);
    cJSON_Delete(given);
    return right;
}

/* No revoke: Google takes back every grant of the whole Cloud project for that person, which would
 * silently disconnect YouTube too. No link of the host's either: whoever is signed in to Google as
 * the organiser is the host by the same link. */
const struct platform platform_google_meet = {
    .id = PLATFORM_GOOGLE_MEET,
    .abilities = PLATFORM_MEETINGS,
    .signin = SIGNIN_CREDENTIALS | SIGNIN_OAUTH,
    .oauth = &oauth_google_meet,
    .api_base = "https://www.googleapis.com",
    .auth_base = "https://oauth2.googleapis.com",
    .about = "Google Meet meetings, planned in Google Calendar, or in a room that the console can "
             "end.",
    .stays = "Google keeps the permission until you remove it at "
             "https://myaccount.google.com/permissions, which ends YouTube and Google Meet alike.",
    /* meetings.space.settings: who is in a room that the calendar made, and its rules. */
    .scopes = "https://www.googleapis.com/auth/calendar.events "
              "https://www.googleapis.com/auth/meetings.space.created "
              "https://www.googleapis.com/auth/meetings.space.settings openid email",
    .credentials = credentials,
    .settings = settings,
    .link_hosts = link_hosts,
    /* 600 requests a minute for one person. */
    .calls_per_second = 5,
    .calls_burst = 10,
    .parallel = 3,
    .renew = renew,
    .check = check,
    .identify = identify,
    .meeting_check = fits,
    .meeting_find = google_meet_find,
    .meeting_create = google_meet_create,
    .meeting_update = google_meet_update,
    .meeting_cancel = google_meet_cancel,
    .meeting_poll = google_meet_poll,
};

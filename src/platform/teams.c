/* Microsoft Teams: the tables, the sign-in and who we are. */
#include "platform/teams.h"

#include <stdio.h>
#include <string.h>

#include "platform/calendar.h"
#include "platform/microsoft.h"
#include "platform/profiles.h"

/* What a person's sign-in is good for when nobody has consented to online meetings: events. */
#define FEWER_SCOPES "offline_access User.Read Calendars.ReadWrite"

static const struct credential credentials[] = {
    { "client_id", false, false, "", NULL, "Application id",
      "Application (client) id of an app registration in the Entra admin centre; or in the "
      "configuration." },
    { "tenant", false, false, "organizations", NULL, "Organisation",
      "Its domain or tenant id; an app without a person's sign-in needs it." },
    { "refresh_token", true, false, "", NULL, "Refresh token",
      "Of the organiser's sign-in, for the scopes that `platform show teams` lists." },
    { "client_secret", true, false, "", NULL, "Client secret",
      "Only of a confidential app; a public client must have none." },
    { "user", false, false, "", NULL, "Organiser",
      "Without a refresh token: object id of the person whose meetings the app plans." },
    { NULL, false, false, NULL, NULL, NULL, NULL }
};

static const char *const lobbies[] = { "everyone",
                                       "organization",
                                       "organizationAndFederated",
                                       "organizationExcludingGuests",
                                       "invited",
                                       "organizer",
                                       NULL };
static const char *const presenters[] = { "everyone", "organization", "organizer", NULL };
static const char *const admitters[] = { "presenters", "organizers", NULL };
static const char *const chats[] = { "enabled", "disabled", "limited", NULL };

#define ROW(key, label, help)                                                                      \
    {                                                                                              \
        key, SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, label, help                          \
    }
#define CHOICE(key, choices, label, help)                                                          \
    {                                                                                              \
        key, SETTING_CHOICE, PLATFORM_MEETINGS, "", choices, 0, 0, label, help                     \
    }

/* The options of the meeting have no default of ours: what a person does not set follows the
 * organisation, whose admin may have locked it. */
static const struct setting settings[] = {
    { "calendar", SETTING_BOOL, PLATFORM_MEETINGS, "true", NULL, 0, 0, "In the calendar",
      "An event in Outlook and Teams; no: a link alone, without recordings. Not changed later." },
    { "invite", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 8000, "Invite",
      "E-mails of people to invite, with ; between; Outlook mails them at once, also of changes." },
    { "guests_see_guests", SETTING_BOOL, PLATFORM_MEETINGS, "false", NULL, 0, 0,
      "Guests see guests", "The invited see each other's names and addresses." },
    CHOICE("lobby", lobbies, "Who comes in at once",
           "Others wait in the lobby; the organisation may still make strangers wait."),
    ROW("dial_in", "Callers come in at once", "Who calls by telephone does not wait in the lobby."),
    CHOICE("presenters", presenters, "Who presents", "Who may share a screen and mute others."),
    { "coorganizers", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 2000, "Co-organisers",
      "E-mails of people of the same organisation who lead it too, with ; between." },
    CHOICE("admitters", admitters, "Who admits", "Who lets people in from the lobby."),
    ROW("record", "Record", "Records by itself; not changed while it runs."),
    ROW("allow_recording", "Recording allowed", "Somebody in the meeting may record it."),
    ROW("allow_transcript", "Transcript allowed", "What is said may be written down."),
    ROW("mic", "Microphones", "People may switch their microphone on."),
    ROW("camera", "Cameras", "People may switch their camera on."),
    CHOICE("chat", chats, "Chat", "limited: only while the meeting runs."),
    ROW("reactions", "Reactions", "People may send hearts and applause."),
    ROW("announce", "Announce callers", "Teams says who comes and goes by telephone."),
    REPEAT_ROWS(SERIES_MOST),
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL }
};

static const char *const link_hosts[] = { "teams.microsoft.com", NULL };

static bool renew(struct call *call, struct token *out, struct error *err)
{
    return microsoft_renew(call, &platform_teams, FEWER_SCOPES, out, err);
}

static bool check(struct call *call, struct error *err)
{
    return microsoft_check(call, &platform_teams, err);
}

/* ---- who are we ---- */

/* A personal account has 16 hex digits where an organisation's has a GUID. */
static bool is_personal(const char *id)
{
    return strlen(id) == 16 && strspn(id, "0123456789abcdefABCDEF") == 16;
}

static bool personal(struct call *call, struct error *err)
{
    return kit_error(err, call, NULL, ERROR_FORBIDDEN, "personal", microsoft_personal_remedy,
                     "This is a personal Microsoft account.");
}

/* An app may plan somebody's meetings without being allowed to look the person up. */
static bool person_read(struct call *call, const char *token, struct account *out, bool *seen,
                        struct error *err)
{
    struct teams_ask ask = { .method = "GET",
                             .route = "",
                             .path = "?$select=id,displayName,userPrincipalName,mail" };
    struct error why = { 0 };
    cJSON *who = NULL;
    const char *name, *mail;

    *seen = teams_ask(call, token, &ask, &who, &why);
    if (!*seen) {
        if (why.kind != ERROR_FORBIDDEN || !microsoft_is_app(call, &platform_teams))
            return teams_fail(err, &why);
        text_copy_to(out->ref, sizeof(out->ref), kit_value(call, &platform_teams, "user"));
        text_copy_to(out->name, sizeof(out->name), out->ref);
        return true;
    }
    name = json_string(who, "displayName");
    mail = json_string(who, "userPrincipalName");
    if (!json_id(who, "id", out->ref, sizeof(out->ref))) {
        cJSON_Delete(who);
        return kit_error(err, call, NULL, ERROR_GARBAGE, "", "Try again.",
                         "Microsoft did not say who signs in.");
    }
    if (name && mail)
        snprintf(out->name, sizeof(out->name), "%.90s (%.100s)", name, mail);
    else
        text_copy_to(out->name, sizeof(out->name), name ? name : mail ? mail : out->ref);
    cJSON_Delete(who);
    return !is_personal(out->ref) || personal(call, err);
}

/* A calendar that offers other meetings than Teams' tells a personal account, or one without a
 * licence. Without a mailbox there is no calendar, and a link alone is still possible. */
static bool calendar_read(struct call *call, const char *token, bool must, struct error *err)
{
    struct teams_ask ask = { .method = "GET", .route = "/calendar", .path = "/calendar" };
    struct error why = { 0 };
    const cJSON *offers, *one;
    cJSON *calendar = NULL;
    bool teams = false, consumer = false, any;

    if (!teams_ask(call, token, &ask, &calendar, &why))
        return (!must && teams_is_lasting(&why)) || teams_fail(err, &why);
    offers = json_at(calendar, "allowedOnlineMeetingProviders");
    any = cJSON_IsArray(offers);
    cJSON_ArrayForEach (one, offers) {
        teams = teams || text_equal(cJSON_GetStringValue(one), "teamsForBusiness");
        consumer = consumer || text_equal(cJSON_GetStringValue(one), "skypeForConsumer");
    }
    cJSON_Delete(calendar);
    if (!any || teams)
        return true;
    if (consumer)
        return personal(call, err);
    return kit_error(err, call, NULL, ERROR_FORBIDDEN, "noTeams",
                     "In the Microsoft 365 admin centre give the person a licence with Teams, or "
                     "connect with another account.",
                     "This account's calendar offers no Teams meetings.");
}

static bool identify(struct call *call, struct account *out, struct error *err)
{
    const char *token = NULL;
    bool seen = false;

    memset(out, 0, sizeof(*out));
    return call->token(call, &token, err) && person_read(call, token, out, &seen, err) &&
           calendar_read(call, token, !seen, err);
}

/* ---- settings against each other ---- */

static bool fits(const struct meeting *m, const struct target *t, struct error *err)
{
    const struct platform *p = &platform_teams;
    struct calendar_guests guests = { 0 }, leaders = { 0 };
    cJSON *given = kit_settings(t);
    const char *invite = setting_text(p, given, "invite");
    bool right;

    if (*invite && !setting_bool(p, given, "calendar"))
        right = error_platform(err, ERROR_INPUT, "teams", "Leave calendar or invite out.",
                               "Teams: invitations are sent by the calendar.");
    else if (!text_equal(setting_text(p, given, "repeat"), "none") &&
             !setting_bool(p, given, "calendar"))
        right = error_platform(err, ERROR_INPUT, "teams", "Leave calendar or repeat out.",
                               "Teams: \"repeat\" needs the calendar; a link alone has one time.");
    else
        right = repeat_check(m, t, SERIES_MOST, err) &&
                calendar_guests_read(&guests, PLATFORM_TEAMS, "invite", invite, err);
    right = right && calendar_guests_read(&leaders, PLATFORM_TEAMS, "coorganizers",
                                          setting_text(p, given, "coorganizers"), err);
    calendar_guests_release(&guests);
    calendar_guests_release(&leaders);
    cJSON_Delete(given);
    return right;
}

/* No revoke: Microsoft has no endpoint for it; the person or an admin removes the app's consent. No
 * link of the host's: whoever is signed in as the organiser is that by the same link. */
const struct platform platform_teams = {
    .id = PLATFORM_TEAMS,
    .abilities = PLATFORM_MEETINGS,
    .signin = SIGNIN_CREDENTIALS | SIGNIN_OAUTH | SIGNIN_DEVICE,
    .oauth = &oauth_teams,
    .api_base = "https://graph.microsoft.com",
    .auth_base = "https://login.microsoftonline.com",
    .about =
        "Microsoft Teams meetings in the organiser's calendar, or as a link alone; needs a work "
        "or school account.",
    .stays =
        "Microsoft has no way for a program to take a sign-in back: you, or your organisation's "
        "administrator, remove the app at https://myapps.microsoft.com.",
    .scopes = FEWER_SCOPES " OnlineMeetings.ReadWrite",
    .credentials = credentials,
    .settings = settings,
    .link_hosts = link_hosts,
    /* A mailbox takes four requests at once. */
    .calls_per_second = 4,
    .calls_burst = 8,
    .parallel = 3,
    .renew = renew,
    .check = check,
    .identify = identify,
    .meeting_check = fits,
    .meeting_find = teams_find,
    .meeting_create = teams_create,
    .meeting_update = teams_update,
    .meeting_cancel = teams_cancel,
    .meeting_poll = teams_poll,
};

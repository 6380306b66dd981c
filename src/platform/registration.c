/* How an app, or a key, is made at each platform. Facts are the platforms' own; what no page
 * confirms is called so, here and in contrib/guides. */
#include <ecclesia/platform/registration.h>

#include <stddef.h>

#include <ecclesia/platform/oauth.h>

#define ANY    (SIGNIN_CREDENTIALS | SIGNIN_OAUTH | SIGNIN_DEVICE)
#define PERSON (SIGNIN_OAUTH | SIGNIN_DEVICE)
#define GOOGLE "https://www.googleapis.com/auth/"
#define END                                                                                        \
    {                                                                                              \
        NULL, 0, NULL                                                                              \
    }

#define GOOGLE_LASTS                                                                               \
    "7 days while the app's publishing status is \"Testing\"; published (\"In production\") or "   \
    "of user type \"Internal\" it has no such end. Unused for 6 months it ends in any case."
#define GOOGLE_REVIEW                                                                              \
    "None for a church's own use: an app in production that Google has not verified shows a "      \
    "warning, and at most 100 people may ever sign in with it."

static const struct registration_scope no_scopes[] = { END };

/* ---- Google */

static const struct registration_scope youtube_scopes[] = {
    { GOOGLE "youtube", ANY,
      "Makes, changes, starts and ends the channel's broadcasts, and reads who it is." },
    END
};

static const struct registration youtube = {
    .console = "https://console.cloud.google.com/",
    .app = "An OAuth client of type \"Desktop app\" in a Google Cloud project with the YouTube "
           "Data API v3; for --method device, one of type \"TVs and Limited Input devices\".",
    .enter = "Nothing: a desktop app may come back to any port of this machine.",
    .lasts = GOOGLE_LASTS,
    .review = GOOGLE_REVIEW,
    .scopes = youtube_scopes,
};

static const struct registration_scope google_meet_scopes[] = {
    { GOOGLE "calendar.events", ANY, "Plans, moves and cancels the meetings in the calendar." },
    { GOOGLE "meetings.space.created", ANY,
      "Makes rooms that the console can end (can_end), and sees who was in them." },
    { GOOGLE "meetings.space.settings", ANY, "Sets the rules of a room: access, chat, recording." },
    { "openid", ANY, "Tells whose account it is." },
    { "email", ANY, "Shows the account's address before the connection counts." },
    END
};

static const struct registration google_meet = {
    .console = "https://console.cloud.google.com/",
    .app = "An OAuth client of type \"Desktop app\" in a Google Cloud project with the Google "
           "Calendar API and the Google Meet REST API.",
    .enter = "Nothing: a desktop app may come back to any port of this machine.",
    .lasts = GOOGLE_LASTS,
    .review = GOOGLE_REVIEW,
    .scopes = google_meet_scopes,
};

/* ---- Meta */

static const struct registration_scope facebook_scopes[] = {
    { "pages_show_list", ANY, "Finds the Page among those of whoever signs in." },
    { "pages_read_engagement", ANY, "Reads the Page's broadcasts: whether they are live." },
    { "pages_manage_posts", ANY, "Makes, changes, starts and ends broadcasts on the Page." },
    END
};

static const struct registration facebook = {
    .console = "https://developers.facebook.com/apps/",
    .app = "A Meta app of type \"Business\" with Facebook Login; for --method device with \"Login "
           "from Devices\" on.",
    .enter = "Nothing while the app is in development; a live app takes https addresses alone "
             "(unconfirmed).",
    .lasts = "The Page's token has no end, but Meta lets the access to data end, after 90 days as "
             "far as is known (unconfirmed): sign in again then. A changed password, a lost role "
             "on the Page or the app's removal ends it at once.",
    .review =
        "None as long as whoever signs in has a role on the app; for anybody else App Review "
        "of the permissions and of the feature \"Live Video API\", and Business "
        "Verification: plan weeks. What an app in development mode makes is seen only by people "
        "with a role on it.",
    .scopes = facebook_scopes,
};

static const struct registration_scope instagram_scopes[] = {
    { "instagram_business_basic", ANY, "Sees which account it is and whether it is live." },
    { "instagram_business_manage_comments", ANY, "Reads the comments of a live video." },
    END
};

static const struct registration instagram = {
    .console = "https://www.instagram.com/",
    .app = "No app is needed: each broadcast's key comes from Live Producer on instagram.com. To "
           "see whether it is live, a Meta app (https://developers.facebook.com/apps/) with the "
           "product Instagram, \"API setup with Instagram login\".",
    .enter = NULL,
    .lasts = "A stream key is good for one broadcast. A sign-in lasts 60 days and is extended by "
             "itself while it lives; once over, sign in again.",
    .review = "None for an account that has a role on the app, as far as is known (unconfirmed); "
              "App Review for any other.",
    .scopes = instagram_scopes,
};

/* ---- Zoom */

static const struct registration_scope zoom_scopes[] = {
    { "user:read:user", PERSON, "Shows whose account it is." },
    { "meeting:read:meeting", PERSON, "Reads a meeting: its link, whether it runs." },
    { "meeting:write:meeting", PERSON, "Plans meetings." },
    { "meeting:read:list_meetings", PERSON,
      "Finds a meeting again whose making was interrupted, so that none is made twice." },
    { "meeting:update:meeting", PERSON, "Changes a meeting: title, time, settings." },
    { "meeting:update:status", PERSON, "Ends a meeting that runs." },
    { "meeting:delete:meeting", PERSON, "Cancels a meeting." },
    { "meeting:write:meeting:admin", SIGNIN_CREDENTIALS, "Plans meetings." },
    { "meeting:read:meeting:admin", SIGNIN_CREDENTIALS,
      "Reads a meeting: its link, whether it runs." },
    { "meeting:read:list_meetings:admin", SIGNIN_CREDENTIALS,
      "Finds a meeting again whose making was interrupted, so that none is made twice." },
    { "meeting:update:meeting:admin", SIGNIN_CREDENTIALS,
      "Changes a meeting: title, time, settings." },
    { "meeting:update:status:admin", SIGNIN_CREDENTIALS, "Ends a meeting that runs." },
    { "meeting:delete:meeting:admin", SIGNIN_CREDENTIALS, "Cancels a meeting." },
    { "user:read:user:admin", SIGNIN_CREDENTIALS, "Shows which host it is." },
    { "user:read:list_users:admin", SIGNIN_CREDENTIALS,
      "Finds the host when the account has only one user." },
    END
};

static const struct registration zoom = {
    .console = "https://marketplace.zoom.us/",
    .app = "A Server-to-Server OAuth app of the church's account, for this program alone; or, to "
           "sign in as a person, a General app, user-managed.",
    .enter = "http://127.0.0.1 as OAuth Redirect URL and in the OAuth Allow List of the General "
             "app; Zoom does not compare the port.",
    .lasts = "Server-to-Server: as long as the app is active. A person's sign-in ends after about "
             "90 days without use (Zoom promises no number), and when the app is removed from the "
             "account.",
    .review = "None within the church's own account; an app for other accounts is reviewed for the "
              "Marketplace. Some accounts want an admin's approval of each app first.",
    .scopes = zoom_scopes,
};

/* ---- Microsoft */

static const struct registration_scope teams_scopes[] = {
    { "openid", SIGNIN_OAUTH | SIGNIN_DEVICE, "Tells whose account it is." },
    { "profile", SIGNIN_OAUTH | SIGNIN_DEVICE, "Tells whose account it is." },
    { "offline_access", ANY, "Lets the sign-in last; without it, it ends after about an hour." },
    { "User.Read", ANY, "Shows the account's name before the connection counts." },
    { "Calendars.ReadWrite", ANY, "Plans, moves and cancels the meetings in the calendar." },
    { "OnlineMeetings.ReadWrite", ANY,
      "Sets lobby, presenters and recording; makes a meeting without the calendar." },
    END
};

static const struct registration teams = {
    .console = "https://entra.microsoft.com/",
    .app = "An app registration with the platform \"Mobile and desktop applications\" and \"Allow "
           "public client flows\" set to Yes: a public client, without a secret.",
    .enter =
        "http://localhost under Authentication, \"Mobile and desktop applications\"; Microsoft "
        "does not compare the port.",
    .lasts = "90 days without use; each use begins them anew. A changed password or an admin ends "
             "it early.",
    .review = "None. Where the organisation lets people not consent by themselves, an admin grants "
              "it once: API permissions, \"Grant admin consent\".",
    .scopes = teams_scopes,
};

/* ---- Restream */

static const struct registration_scope restream_scopes[] = {
    { "profile.read", ANY, "Shows whose account it is." },
    { "channels.read", ANY, "Reads the channels: which there are, which are on." },
    { "channels.write", ANY, "Switches channels on and off, and writes their titles." },
    { "stream.read", ANY, "Reads ingest, key and events, and whether it is live." },
    { "stream.write", ANY, "Makes an event with a key of its own (the setting event)." },
    { "chat.read", SIGNIN_OAUTH, "Reads the chat." },
    END
};

static const struct registration restream = {
    .console = "https://developers.restream.io/apps",
    .app = "An application; it has no types.",
    .enter = "Exactly http://127.0.0.1:8482/restream under Redirect URI's.",
    .lasts = "One year from the last renewal. Each renewal ends the token before it, so no other "
             "program may use the same sign-in.",
    .review = "None is documented.",
    .scopes = restream_scopes,
};

/* ---- Jitsi: keys, no sign-in */

static const struct registration jitsi = {
    .console = "https://jaas.8x8.vc/",
    .app = "None for meet.jit.si. For JaaS an API key in its console; on a server of one's own, "
           "Prosody's app_id and app_secret.",
    .enter = NULL,
    .lasts = "Until the key is taken away at JaaS or on the server.",
    .review = "None.",
    .scopes = no_scopes,
};

const struct registration *registration_get(enum platform_id id)
{
    static const struct registration *const all[PLATFORM_COUNT] = {
        [PLATFORM_RESTREAM] = &restream,
        [PLATFORM_ZOOM] = &zoom,
        [PLATFORM_GOOGLE_MEET] = &google_meet,
        [PLATFORM_TEAMS] = &teams,
        [PLATFORM_JITSI] = &jitsi,
        [PLATFORM_INSTAGRAM] = &instagram,
        [PLATFORM_YOUTUBE] = &youtube,
        [PLATFORM_FACEBOOK] = &facebook,
    };

    return all[id];
}

bool registration_loopback(const struct platform *p, struct text *out)
{
    const struct oauth_profile *o = p->oauth;

    if (!o || !o->loopback_host)
        return false;
    text_addf(out, "http://%s:", o->loopback_host);
    if (o->loopback_port)
        text_addf(out, "%d%s", o->loopback_port, o->loopback_path);
    else
        text_addf(out, "PORT%s", o->loopback_path);
    return true;
}

void registration_callback(const struct platform *p, struct text *out)
{
    text_addf(out, "https://HOST/api/platforms/connections/%s/callback", platform_slug(p->id));
}

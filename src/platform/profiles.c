/* The sign-ins of the platforms. Each value's source is the platform's page; what no page confirms
 * is said here, and can be replaced by the configuration (auth_base, redirect_uri, pkce). */
#include "platform/profiles.h"

#include <stddef.h>

#include "platform/facebook.h"

/* Nobody can ask Google why a refresh token died, so the remedy names the causes. */
#define GOOGLE_LOST                                                                                \
    "Connect it again. While the Google Cloud app is in state \"Testing\" a sign-in lasts only 7 " \
    "days: publish the app, then connect. Also: access was removed, or unused for 6 months."
#define GOOGLE "https://www.googleapis.com/auth/"
#define GRAPH  "https://graph.microsoft.com/"
#define END                                                                                        \
    {                                                                                              \
        NULL, NULL, 0, NULL                                                                        \
    }
#define PATH_META "/" FACEBOOK_VERSION

/* ---- Google: one identity, one client for both services */

static const struct oauth_scope youtube_scopes[] = { { GOOGLE "youtube", GOOGLE "youtube.force-ssl",
                                                       OAUTH_FOR_ALL,
                                                       "nothing can be done on the channel" },
                                                     END };

/* The page for desktop apps: any free port, and no path, since only that is documented. Consent is
 * asked for each time, or a web client gets no refresh token the second time. A client for "TVs and
 * Limited Input" alone gets a device code; it must not ask for youtube.force-ssl. */
const struct oauth_profile oauth_youtube = {
    .authorize_base = "https://accounts.google.com",
    .authorize_path = "/o/oauth2/v2/auth",
    .token_path = "/token",
    .device_path = "/device/code",
    .revoke_path = "/revoke",
    .revoke_shared = true, /* takes the whole Cloud project's grants of that person */
    .issuer = "https://accounts.google.com",
    .parameters = "access_type=offline&prompt=consent",
    .scopes = youtube_scopes,
    .scope_separator = ' ',
    .secret_needed = true,
    .refresh = OAUTH_REFRESH_TOKEN,
    .loopback_host = "127.0.0.1",
    .loopback_path = "",
    .takes = "client_id client_secret",
    .needs = "client_secret",
    .lost = GOOGLE_LOST,
};

static const struct oauth_scope google_meet_scopes[] = {
    { GOOGLE "calendar.events", GOOGLE "calendar " GOOGLE "calendar.events.owned", OAUTH_FOR_ALL,
      "no meeting can be planned" },
    { GOOGLE "meetings.space.created", NULL, 0,
      "no room can be made that the console ends, and nobody knows who was in it" },
    { GOOGLE "meetings.space.settings", NULL, 0, "the rules of a room cannot be set" },
    { "openid", NULL, 0, NULL },
    { "email", GOOGLE "userinfo.email", 0, NULL },
    END
};

/* The device flow allows neither calendar nor meetings. */
const struct oauth_profile oauth_google_meet = {
    .authorize_base = "https://accounts.google.com",
    .authorize_path = "/o/oauth2/v2/auth",
    .token_path = "/token",
    .revoke_path = "/revoke",
    .revoke_shared = true,
    .issuer = "https://accounts.google.com",
    .parameters = "access_type=offline&prompt=consent",
    .scopes = google_meet_scopes,
    .scope_separator = ' ',
    .secret_needed = true,
    .refresh = OAUTH_REFRESH_TOKEN,
    .loopback_host = "127.0.0.1",
    .loopback_path = "",
    .takes = "client_id client_secret",
    .needs = "client_secret",
    .lost = GOOGLE_LOST,
};

/* ---- Meta */

static const struct oauth_scope facebook_scopes[] = {
    { "pages_show_list", NULL, 0, "the Page cannot be found" },
    { "pages_read_engagement", NULL, OAUTH_FOR_ALL, "the Page's broadcasts cannot be read" },
    { "pages_manage_posts", NULL,
      OAUTH_FOR_CREATE | OAUTH_FOR_UPDATE | OAUTH_FOR_START | OAUTH_FOR_END,
      "nothing can be broadcast on the Page" },
    END
};

/* http://localhost is let through while the app is in development mode; a live app wants an https
 * address ([facebook] redirect_uri) or the device flow. Whether PKCE counts without the scope
 * openid is unconfirmed. The person's token is only good for getting the Page's, which has no end.
 */
const struct oauth_profile oauth_facebook = {
    .authorize_base = "https://www.facebook.com",
    .authorize_path = PATH_META "/dialog/oauth",
    .token_path = PATH_META "/oauth/access_token",
    .device_path = PATH_META "/device/login",
    .device_poll_path = PATH_META "/device/login_status",
    .device = OAUTH_DEVICE_FACEBOOK,
    .issuer = "https://www.facebook.com",
    .scopes = facebook_scopes,
    .scope_separator = ',',
    .secret_needed = true,
    .pkce_unproven = true,
    .token_by_get = true,
    .refresh = OAUTH_REFRESH_NEVER,
    .lengthen_path = PATH_META "/oauth/access_token",
    .lengthen_grant = "fb_exchange_token",
    .lengthen_parameter = "fb_exchange_token",
    .loopback_host = "localhost",
    .loopback_path = "/",
    .takes = "client_id client_secret client_token page_id",
    .needs = "client_secret",
    .choice = "page_id",
    .settle = facebook_settle,
};

static const struct oauth_scope instagram_scopes[] = {
    { "instagram_business_basic", NULL, OAUTH_FOR_LOOK, "nobody knows whether it is live" },
    { "instagram_business_manage_comments", NULL, 0, "comments cannot be read" },
    END
};

/* Its dialog sends the browser to https addresses alone, so the way back is [instagram]
 * redirect_uri or the pasted address, which ends in "#_". A token is extended by itself while it
 * lives: from 24 hours of age (unconfirmed) to 60 days. */
const struct oauth_profile oauth_instagram = {
    .authorize_base = "https://www.instagram.com",
    .authorize_path = "/oauth/authorize",
    .token_base = "https://api.instagram.com",
    .token_path = "/oauth/access_token",
    .issuer = "https://www.instagram.com",
    .scopes = instagram_scopes,
    .scope_separator = ',',
    .secret_needed = true,
    .pkce_unproven = true,
    .refresh = OAUTH_REFRESH_EXTENDS,
    .lengthen_path = "/access_token",
    .lengthen_grant = "ig_exchange_token",
    .lengthen_parameter = "access_token",
    .extend_path = "/refresh_access_token",
    .extend_grant = "ig_refresh_token",
    .extend_parameter = "access_token",
    .takes = "client_id client_secret stream_key stream_url",
    .needs = "client_secret",
};

/* ---- Zoom */

static const struct oauth_scope zoom_scopes[] = {
    { "user:read:user", "user:read user:read:user:admin user:read:admin", 0,
      "the account's name cannot be read" },
    { "meeting:read:meeting", "meeting:read meeting:read:meeting:admin meeting:read:admin",
      OAUTH_FOR_ALL, "meetings cannot be read" },
    { "meeting:write:meeting", "meeting:write meeting:write:meeting:admin meeting:write:admin",
      OAUTH_FOR_CREATE, "no meeting can be planned" },
    { "meeting:read:list_meetings",
      "meeting:read meeting:read:list_meetings:admin meeting:read:admin", 0,
      "a meeting whose making was interrupted is not found again" },
    { "meeting:update:meeting", "meeting:write meeting:update:meeting:admin meeting:write:admin",
      OAUTH_FOR_UPDATE, "no meeting can be changed" },
    { "meeting:update:status", "meeting:write meeting:update:status:admin meeting:write:admin",
      OAUTH_FOR_END, "no meeting can be ended from here" },
    { "meeting:delete:meeting", "meeting:write meeting:delete:meeting:admin meeting:write:admin",
      OAUTH_FOR_END, "no meeting can be cancelled" },
    END
};

/* The port of 127.0.0.1 is not compared; a path would be (unconfirmed), so there is none. The app's
 * page holds the scopes. A person's sign-in acts as "me". */
const struct oauth_profile oauth_zoom = {
    .authorize_path = "/oauth/authorize",
    .token_path = "/oauth/token",
    .device_path = "/oauth/devicecode",
    .revoke_path = "/oauth/revoke",
    .issuer = "https://zoom.us",
    .scopes = zoom_scopes,
    .scopes_in_app = true,
    .scope_separator = ' ',
    .client = OAUTH_CLIENT_BASIC,
    .refresh = OAUTH_REFRESH_TOKEN,
    .rotates = true,
    .loopback_host = "127.0.0.1",
    .loopback_path = "",
    .takes = "client_id client_secret",
    .options = "user=me",
};

/* ---- Microsoft */

static const struct oauth_scope teams_scopes[] = {
    { "openid", NULL, 0, NULL },
    { "profile", NULL, 0, NULL },
    { "offline_access", NULL, 0, NULL }, /* never named in an answer */
    { "User.Read", GRAPH "User.Read", 0, "the account's name cannot be read" },
    { "Calendars.ReadWrite", GRAPH "Calendars.ReadWrite", 0,
      "no meeting can be planned in the calendar" },
    { "OnlineMeetings.ReadWrite", GRAPH "OnlineMeetings.ReadWrite", 0,
      "no meeting can be made without the calendar, and its lobby not be set" },
    END
};

/* Microsoft wants localhost, whose port it does not compare. A client without a secret must send
 * none. */
const struct oauth_profile oauth_teams = {
    .authorize_path = "/{tenant}/oauth2/v2.0/authorize",
    .token_path = "/{tenant}/oauth2/v2.0/token",
    .device_path = "/{tenant}/oauth2/v2.0/devicecode",
    .issuer = "https://login.microsoftonline.com/*/v2.0",
    .parameters = "response_mode=query&prompt=select_account",
    .scopes = teams_scopes,
    .scope_separator = ' ',
    .scopes_with_token = true,
    .refresh = OAUTH_REFRESH_TOKEN,
    .rotates = true,
    .loopback_host = "localhost",
    .loopback_path = "",
    .takes = "client_id client_secret tenant",
    .refine = microsoft_refine,
};

/* ---- Restream */

static const struct oauth_scope restream_scopes[] = {
    { "profile.read", "profile.default.read", 0, "the account's name cannot be read" },
    { "channels.read", "channels.default.read", OAUTH_FOR_ALL, "the channels cannot be read" },
    { "channels.write", "channels.default.write",
      OAUTH_FOR_CREATE | OAUTH_FOR_UPDATE | OAUTH_FOR_START,
      "channels cannot be switched nor titled" },
    { "stream.read", "stream.default.read", OAUTH_FOR_ALL,
      "neither ingest nor what is live can be read" },
    { "stream.write", "stream.default.write", 0, "no event can be planned" },
    { "chat.read", "chat.default.read", 0, "the chat cannot be read" },
    END
};

/* The whole address is compared, hence a port of our own. The scopes are ticked where the app is
 * registered; a refusal comes back without a word. PKCE is not documented. */
const struct oauth_profile oauth_restream = {
    .authorize_path = "/login",
    .token_path = "/oauth/token",
    .revoke_path = "/oauth/revoke",
    .issuer = "https://api.restream.io",
    .scopes = restream_scopes,
    .scopes_in_app = true,
    .scope_separator = ' ',
    .client = OAUTH_CLIENT_BASIC,
    .secret_needed = true,
    .pkce_unproven = true,
    .refresh = OAUTH_REFRESH_TOKEN,
    .rotates = true,
    .loopback_host = "127.0.0.1",
    .loopback_path = "/restream",
    .loopback_port = 8482,
    .takes = "client_id client_secret ingest",
    .needs = "client_secret",
};

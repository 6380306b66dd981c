/* YouTube: the tables, the sign-in and who we are. */
#include "platform/youtube.h"

#include <string.h>

#include <ecclesia/base/text.h>

#include "platform/google.h"
#include "platform/profiles.h"

static const struct credential credentials[] = {
    { "client_id", false, false, "", NULL, "Client id",
      "Of an OAuth client (Desktop app) in your Google Cloud project; or in the configuration." },
    { "client_secret", true, false, "", NULL, "Client secret",
      "Belongs to the client id; Google wants it even of desktop apps." },
    { "refresh_token", true, true, "", NULL, "Refresh token",
      "Starts with 1//, made with the client id for the scope youtube." },
    { NULL, false, false, NULL, NULL, NULL, NULL }
};

static const char *const privacies[] = { "public", "unlisted", "private", NULL };
static const char *const latencies[] = { "normal", "low", "ultraLow", NULL };

static const struct setting settings[] = {
    { "privacy", SETTING_CHOICE, PLATFORM_LIVESTREAMS, "public", privacies, 0, 0, "Who can watch",
      "public: everybody; unlisted: who has the link; private: only you." },
    { "category", SETTING_TEXT, PLATFORM_LIVESTREAMS, "", NULL, 0, 4, "Category",
      "Number of a YouTube category, 29 is Nonprofits & Activism; empty leaves it." },
    { "made_for_kids", SETTING_BOOL, PLATFORM_LIVESTREAMS, "false", NULL, 0, 0, "Made for kids",
      "Yes when it is made for children; YouTube then limits the chat." },
    { "latency", SETTING_CHOICE, PLATFORM_LIVESTREAMS, "normal", latencies, 0, 0, "Latency",
      "normal has the best picture; low and ultraLow are nearer to the moment." },
    { "dvr", SETTING_BOOL, PLATFORM_LIVESTREAMS, "true", NULL, 0, 0, "Pause and rewind",
      "Viewers may pause and go back while it is live." },
    { "record_from_start", SETTING_BOOL, PLATFORM_LIVESTREAMS, "true", NULL, 0, 0, "Recording",
      "Keeps the whole broadcast as a video." },
    { "embed", SETTING_BOOL, PLATFORM_LIVESTREAMS, "true", NULL, 0, 0, "Embedding",
      "Other web sites, such as the church's own, may show it." },
    { "auto_start", SETTING_BOOL, PLATFORM_LIVESTREAMS, "false", NULL, 0, 0, "Start by itself",
      "YouTube goes live as soon as the encoder sends; not together with monitor." },
    { "auto_stop", SETTING_BOOL, PLATFORM_LIVESTREAMS, "false", NULL, 0, 0, "Stop by itself",
      "YouTube ends it for good a minute after the encoder stops, also after a mere dropout." },
    { "monitor", SETTING_BOOL, PLATFORM_LIVESTREAMS, "false", NULL, 0, 0, "Preview",
      "A private preview before it goes live; going live takes some seconds longer." },
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL }
};

static const char *const link_hosts[] = { "youtube.com", "youtu.be", NULL };

static bool youtube_renew(struct call *call, struct token *out, struct error *err)
{
    return google_renew(call, &platform_youtube, out, err);
}

static bool youtube_check(struct call *call, struct error *err)
{
    static const char *const keys[] = { "client_id", "client_secret" };

    for (size_t i = 0; i < 2; i++)
        if (*kit_value(call, &platform_youtube, keys[i]) == '\0')
            return kit_error(err, call, NULL, ERROR_INPUT, "",
                             "Give client_id and client_secret, or set both under [youtube] in the "
                             "configuration.",
                             "YouTube needs a %s.", keys[i]);
    return true;
}

static bool youtube_identify(struct call *call, struct account *out, struct error *err)
{
    struct kit_request request = { .method = "GET",
                                   .path = "/youtube/v3/channels?part=id,snippet&mine=true",
                                   .route = "GET /youtube/v3/channels",
                                   .judge = google_judge };
    cJSON *answer = NULL, *channel;
    const char *picture;
    bool done;

    memset(out, 0, sizeof(*out));
    if (!call->token(call, &request.token, err) || !kit_send(call, &request, &answer, err))
        return false;
    channel = youtube_first(answer);
    done = channel && json_id(channel, "id", out->ref, sizeof(out->ref));
    if (done)
        text_copy_to(out->name, sizeof(out->name),
                     json_string(channel, "snippet.title") ? json_string(channel, "snippet.title")
                                                           : out->ref);
    else
        kit_error(err, call, NULL, ERROR_FORBIDDEN, "channelNotFound",
                  "Open youtube.com with that account, create a channel, then connect again.",
                  "YouTube: this Google account has no channel.");
    picture = json_string(channel, "snippet.thumbnails.default.url");
    if (done && picture)
        text_copy_to(out->picture, sizeof(out->picture), picture);
    cJSON_Delete(channel);
    return done;
}

static bool youtube_fits(const struct livestream *l, const struct target *t, struct error *err)
{
    cJSON *given = kit_settings(t);
    const char *category = setting_text(&platform_youtube, given, "category");
    bool right = true;

    (void)l;
    if (strspn(category, "0123456789") != strlen(category))
        right = error_platform(err, ERROR_INPUT, "youtube", "29 is Nonprofits & Activism.",
                               "YouTube: \"category\" must be the number of a category.");
    else if (setting_bool(&platform_youtube, given, "auto_start") &&
             setting_bool(&platform_youtube, given, "monitor"))
        right = error_platform(err, ERROR_INPUT, "youtube", "Switch one of the two off.",
                               "YouTube: \"auto_start\" and \"monitor\" exclude each other.");
    cJSON_Delete(given);
    return right;
}

/* No revoke: Google takes back every grant of the whole Cloud project for that person, which would
 * silently disconnect Google Meet too. Forgetting the token here is what a disconnect of YouTube
 * alone can do. */
const struct platform platform_youtube = {
    .id = PLATFORM_YOUTUBE,
    .abilities = PLATFORM_LIVESTREAMS,
    .signin = SIGNIN_CREDENTIALS | SIGNIN_OAUTH | SIGNIN_DEVICE,
    .oauth = &oauth_youtube,
    .api_base = "https://www.googleapis.com",
    .auth_base = "https://oauth2.googleapis.com",
    .about =
        "Broadcasts on the church's YouTube channel; needs live streaming to be enabled there.",
    .scopes = "https://www.googleapis.com/auth/youtube",
    .credentials = credentials,
    .settings = settings,
    .link_hosts = link_hosts,
    /* The limit is 10,000 units a day for the whole project, a write being 50; nothing is published
       per second. */
    .calls_per_second = 4,
    .calls_burst = 12,
    .parallel = 3,
    .renew = youtube_renew,
    .check = youtube_check,
    .identify = youtube_identify,
    .livestream_check = youtube_fits,
    .livestream_find = youtube_find,
    .livestream_create = youtube_create,
    .livestream_update = youtube_update,
    .livestream_start = youtube_start,
    .livestream_stop = youtube_stop,
    .livestream_remove = youtube_remove,
    .livestream_poll = youtube_poll,
};

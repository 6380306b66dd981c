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
    .stays = "Google keeps the permission until you remove it at "
             "https://myaccount.google.com/permissions, which ends YouTube and Google Meet alike.",
    .scopes = "https://www.googleapis.com/auth/youtube",
    .credentials = credentials,
    .settings = youtube_settings,
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

/* Facebook: the tables, the sign-in and who we are. */
#include "platform/facebook.h"

#include <stdlib.h>
#include <string.h>

#include "platform/profiles.h"

static const struct credential credentials[] = {
    { "page_id", false, false, "", NULL, "Page id",
      "The number of the Page; see About on the Page, Page transparency." },
    { "page_token", true, false, "", NULL, "Page token",
      "From /me/accounts with a long-lived user token; such a Page token has no end." },
    { "user_token", true, false, "", NULL, "User token",
      "Instead of a Page token: a long-lived one of somebody with full control; ends after 60 "
      "days." },
    { "client_id", false, false, "", NULL, "App id",
      "Of your app at developers.facebook.com; with the secret the token's end is known." },
    { "client_secret", true, false, "", NULL, "App secret",
      "Signs each request; needed when the app requires it." },
    { "client_token", true, false, "", NULL, "Client token",
      "From the app's settings, Advanced: for signing in by a code; or in the configuration." },
    { NULL, false, false, NULL, NULL, NULL, NULL }
};

static const char *const moderations[] = { "DEFAULT",    "FOLLOWER",       "FOLLOWED",
                                           "SLOW",       "NO_HYPERLINK",   "DISCUSSION",
                                           "RESTRICTED", "PROTECTED_MODE", NULL };

/* Broadcasts of a Page are public, so there is nothing to choose about who sees them; privacy and a
 * charity's button are for profiles. A second ingest (enable_backup_ingest) is left out: there is
 * one place for an address and its key. SUPPORTER and TAGGED of the comments' rules need what a
 * church's Page does not have. */
static const struct setting settings[] = {
    /* Sent always: what happens without it is not confirmed, and an encoder that restarts must not
       end the service. */
    { "stop_on_disconnect", SETTING_BOOL, PLATFORM_LIVESTREAMS, "false", NULL, 0, 0,
      "Stop with the encoder",
      "Yes ends it for good when the encoder stops, also by a mere dropout." },
    { "embed", SETTING_BOOL, PLATFORM_LIVESTREAMS, "true", NULL, 0, 0, "Embedding",
      "Other web sites, such as the church's own, may show it." },
    { "comments", SETTING_CHOICE, PLATFORM_LIVESTREAMS, "DEFAULT", moderations, 0, 0,
      "Who may comment",
      "FOLLOWER: followers alone; SLOW: with pauses; "
      "NO_HYPERLINK: without links; DEFAULT: as the Page has it." },
    { "content_tags", SETTING_TEXT, PLATFORM_LIVESTREAMS, "", NULL, 0, 400, "Topics",
      "Numbers of Facebook interests with commas between; help people to find it." },
    { "crosspost", SETTING_TEXT, PLATFORM_LIVESTREAMS, "", NULL, 0, 400, "Crosspost to",
      "Numbers of other Pages that shall show it too; those must have allowed it." },
    { "countries", SETTING_TEXT, PLATFORM_LIVESTREAMS, "", NULL, 0, 100, "Countries",
      "Codes with commas between, as GB, IE: who is elsewhere does not see it. Empty: "
      "everybody." },
    { "age", SETTING_NUMBER, PLATFORM_LIVESTREAMS, "0", NULL, 0, 65, "Least age",
      "From 13 on: who is younger does not see it. 0: everybody." },
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL }
};

static const char *const link_hosts[] = { "facebook.com", "fb.watch", NULL };

static bool facebook_check(struct call *call, struct error *err)
{
    const char *page = kit_value(call, &platform_facebook, "page_id");

    if (page[strspn(page, "0123456789")])
        return kit_error(err, call, NULL, ERROR_INPUT, "",
                         "It is the number on the Page's About, Page transparency.",
                         "Facebook: \"page_id\" must be a number.");
    if (*kit_value(call, &platform_facebook, "page_token") ||
        *kit_value(call, &platform_facebook, "user_token"))
        return true;
    return kit_error(err, call, NULL, ERROR_INPUT, "",
                     "Give page_token, or user_token of somebody with full control of the Page.",
                     "Facebook needs a token.");
}

/* The earlier of two ends, 0 being none. */
static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static void join_scopes(const cJSON *data, struct account *out, bool *posts)
{
    const cJSON *scope;
    struct text t;

    text_init(&t, sizeof(out->scopes) - 1);
    *posts = !cJSON_IsArray(json_at(data, "scopes")); /* not told */
    cJSON_ArrayForEach (scope, json_at(data, "scopes")) {
        const char *word = cJSON_GetStringValue(scope);

        text_addf(&t, "%s%s", t.length ? " " : "", word ? word : "");
        *posts = *posts || text_equal(word, "pages_manage_posts");
    }
    text_copy_to(out->scopes, sizeof(out->scopes), text_str(&t));
    text_release(&t);
}

/* 200 also for a dead token: is_valid tells, and the error inside says why. */
static bool read_debug(struct facebook *f, const cJSON *data, struct account *out,
                       struct error *err)
{
    const char *type = json_string(data, "type");
    int64_t token_end = 0, data_end = 0;
    bool posts;

    if (!json_bool(data, "is_valid", true))
        return kit_error(err, f->call, NULL, ERROR_AUTH, "190",
                         "Make a new Page token and connect Facebook again.",
                         "Facebook says that the token is dead.");
    if (!f->own_token && type && strcmp(type, "PAGE") != 0)
        return kit_error(err, f->call, NULL, ERROR_INPUT, "",
                         "Give it as user_token, or take the Page's from /me/accounts.",
                         "Facebook: \"page_token\" is not the token of a Page but of type %.20s.",
                         type);
    join_scopes(data, out, &posts);
    if (!posts)
        return kit_error(err, f->call, NULL, ERROR_FORBIDDEN, "200",
                         "Make the token again with pages_manage_posts and pages_read_engagement.",
                         "Facebook: the token may not post on the Page.");
    json_int(data, "expires_at", &token_end);
    json_int(data, "data_access_expires_at", &data_end);
    out->access_expires_ms = earlier(token_end, data_end) * 1000;
    return true;
}

/* When the token ends, if app id and secret are known. A refusal of this question alone is no
 * reason to refuse the sign-in. */
static bool debug_token(struct facebook *f, struct account *out, struct error *err)
{
    const char *id = kit_value(f->call, &platform_facebook, "client_id");
    const char *secret = kit_value(f->call, &platform_facebook, "client_secret");
    const char *asked =
        f->own_token ? kit_value(f->call, &platform_facebook, "user_token") : f->token;
    const char *args[] = { "input_token", asked, NULL };
    char *app;
    struct facebook as_app = *f;
    cJSON *answer = NULL;
    bool done = true;

    if (!*id || !*secret)
        return true;
    app = text_format("%s|%s", id, secret);
    as_app.token = app;
    as_app.proof[0] = '\0'; /* it belongs to the other token */
    if (app && facebook_ask(&as_app, "GET", "debug_token", "", args, false, &answer, NULL) &&
        cJSON_IsObject(json_at(answer, "data")))
        done = read_debug(f, json_at(answer, "data"), out, err);
    cJSON_Delete(answer);
    if (app)
        text_wipe(app, strlen(app));
    free(app);
    return done;
}

static bool facebook_identify(struct call *call, struct account *out, struct error *err)
{
    static const char *const args[] = { "fields", "id,name", NULL };
    struct facebook f;
    cJSON *page = NULL;
    bool done;

    memset(out, 0, sizeof(*out));
    done = facebook_open(&f, call, NULL, NULL, NULL, err) &&
           facebook_ask(&f, "GET", f.page, "", args, false, &page, err);
    if (done && !json_id(page, "id", out->ref, sizeof(out->ref)))
        done = kit_error(err, call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "Facebook does not say which Page this is.");
    if (done) {
        text_copy_to(out->name, sizeof(out->name),
                     json_string(page, "name") ? json_string(page, "name") : out->ref);
        done = debug_token(&f, out, err);
    }
    cJSON_Delete(page);
    facebook_close(&f);
    return done;
}

/* No revoke: what takes a grant back wants a user's token, and takes it from every program of the
 * same app. */
const struct platform platform_facebook = {
    .id = PLATFORM_FACEBOOK,
    .abilities = PLATFORM_LIVESTREAMS,
    .signin = SIGNIN_CREDENTIALS | SIGNIN_OAUTH | SIGNIN_DEVICE,
    .oauth = &oauth_facebook,
    .api_base = "https://graph.facebook.com",
    .auth_base = "https://graph.facebook.com",
    .about = "Broadcasts on the church's Facebook Page; the Page needs at least 100 followers.",
    .endless =
        "A Page's token has no end; with App id and App secret it is known how long its data "
        "may be read.",
    .stays =
        "Facebook keeps the permission until somebody removes the app under Settings, Business "
        "integrations.",
    .scopes = "pages_show_list pages_read_engagement pages_manage_posts",
    .credentials = credentials,
    .settings = settings,
    .link_hosts = link_hosts,
    /* The allowance grows with the Page's audience, so a small church has little. */
    .calls_per_second = 2,
    .calls_burst = 10,
    .parallel = 3,
    .token_field = "page_token",
    .check = facebook_check,
    .identify = facebook_identify,
    .livestream_check = facebook_fits,
    .livestream_find = facebook_find,
    .livestream_create = facebook_create,
    .livestream_update = facebook_update,
    .livestream_start = facebook_start,
    .livestream_stop = facebook_stop,
    .livestream_remove = facebook_remove,
    .livestream_poll = facebook_poll,
};

/* Facebook: token and proof, sending, and reading what a live video says of itself. */
#include "platform/facebook.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

#define LOOK_FIELDS                                                                                \
    "id,status,title,description,live_views,seconds_left,broadcast_start_time,permalink_url,"      \
    "ingest_streams{id,is_master,stream_health}"

enum { NEW_MS = 10 * 60 * 1000 };

/* appsecret_proof is the HMAC of the very token that is sent: a Page token's is not a user token's.
 */
static bool prove(struct facebook *f, struct error *err)
{
    const char *secret = kit_value(f->call, &platform_facebook, "client_secret");
    unsigned char mac[1024];
    size_t length = 0;
    struct text hex;

    f->proof[0] = '\0';
    if (!*secret)
        return true;
    if (!f->call->sign(f->call, CALL_HS256, secret, f->token, strlen(f->token), mac, &length, err))
        return false;
    text_init(&hex, sizeof(f->proof) - 1);
    text_add_hex(&hex, mac, length);
    text_copy_to(f->proof, sizeof(f->proof), text_str(&hex));
    kit_wipe(&hex);
    return true;
}

/* Takes the Page's token from one entry of /me/accounts. */
static bool page_take(struct facebook *f, const cJSON *page, struct error *err)
{
    const char *token = json_string(page, "access_token");

    if (!token || !*token || !json_id(page, "id", f->page, sizeof(f->page)))
        return kit_error(err, f->call, NULL, ERROR_FORBIDDEN, "",
                         "Connect again and allow pages_show_list and pages_manage_posts.",
                         "Facebook gives this account no token for the Page.");
    f->own_token = text_copy(token);
    f->token = f->own_token;
    return f->token != NULL;
}

/* The Page that was named; when none was, the only one that this account may post to. `tasks` may
 * be missing: then creating decides. */
static bool page_choose(struct facebook *f, const cJSON *pages, struct error *err)
{
    const cJSON *page, *only = NULL, *task;
    char id[64], names[200] = "";
    size_t count = 0;
    struct text t;

    text_init(&t, sizeof(names) - 1);
    cJSON_ArrayForEach (page, pages) {
        bool able = !json_at(page, "tasks");

        cJSON_ArrayForEach (task, json_at(page, "tasks"))
            able = able || text_equal(cJSON_GetStringValue(task), "CREATE_CONTENT");
        if (!json_id(page, "id", id, sizeof(id)))
            continue;
        if (f->page[0] && strcmp(f->page, id) == 0) {
            text_release(&t);
            return page_take(f, page, err);
        }
        if (!able)
            continue;
        only = page;
        text_addf(&t, "%s%s (%s)", count++ ? ", " : "", id,
                  json_string(page, "name") ? json_string(page, "name") : "");
    }
    text_copy_to(names, sizeof(names), text_str(&t));
    text_release(&t);
    if (count == 1 && !f->page[0])
        return page_take(f, only, err);
    if (count == 0 || f->page[0])
        return kit_error(
            err, f->call, NULL, ERROR_FORBIDDEN, "",
            "Sign in as somebody with full control of the Page and tick the Page there.",
            "Facebook shows this account no Page that it may go live on.");
    return kit_error(err, f->call, NULL, ERROR_INPUT, "", "Give page_id.",
                     "Facebook: this account has several Pages: %s.", names);
}

/* A user token instead of a Page's: the Page's is asked for, once an operation, and never kept. */
static bool page_by_user(struct facebook *f, struct error *err)
{
    static const char *const args[] = { "fields", "id,name,tasks,access_token", "limit", "100",
                                        NULL };
    cJSON *answer = NULL, *page;
    bool done;

    f->token = kit_value(f->call, &platform_facebook, "user_token");
    done = prove(f, err) && facebook_ask(f, "GET", "me", "accounts", args, false, &answer, err) &&
           page_choose(f, json_at(answer, "data"), err);
    cJSON_ArrayForEach (page, cJSON_GetObjectItemCaseSensitive(answer, "data")) {
        cJSON *token = cJSON_GetObjectItemCaseSensitive(page, "access_token");

        if (cJSON_IsString(token))
            text_wipe(token->valuestring, strlen(token->valuestring));
    }
    cJSON_Delete(answer);
    return done;
}

bool facebook_open(struct facebook *f, struct call *call, const struct livestream *l,
                   const struct target *t, struct outcome *out, struct error *err)
{
    const char *page = kit_value(call, &platform_facebook, "page_id");
    bool by_user = *kit_value(call, &platform_facebook, "page_token") == '\0' &&
                   *kit_value(call, &platform_facebook, "user_token") != '\0';

    memset(f, 0, sizeof(*f));
    f->call = call;
    f->l = l;
    f->t = t;
    f->out = out;
    if (out)
        out->again_ms = 0;
    if (!*page)
        page = call->account_ref;
    text_copy_to(f->page, sizeof(f->page), page ? page : "");
    if (by_user ? !page_by_user(f, err) : !call->token(call, &f->token, err))
        return false;
    if (!f->page[0])
        text_copy_to(f->page, sizeof(f->page), "me");
    return prove(f, err);
}

void facebook_close(struct facebook *f)
{
    if (f->own_token)
        text_wipe(f->own_token, strlen(f->own_token));
    free(f->own_token);
    text_wipe(f->proof, sizeof(f->proof));
}

static void add_args(const struct facebook *f, struct text *t, const char *const *args)
{
    for (; args && args[0]; args += 2)
        kit_query(t, args[0], args[1]);
    kit_query(t, "access_token", f->token);
    kit_query(t, "appsecret_proof", f->proof[0] ? f->proof : NULL);
}

bool facebook_ask(struct facebook *f, const char *method, const char *node, const char *edge,
                  const char *const *args, bool creates, cJSON **out, struct error *err)
{
    bool post = strcmp(method, "POST") == 0;
    struct kit_request request = { .method = method,
                                   .effect = strcmp(method, "GET") != 0,
                                   .creates = creates,
                                   .judge = facebook_judge };
    struct text path, route, form;
    bool done;

    text_init(&path, 7000);
    text_init(&route, 100);
    text_init(&form, 200 * 1024);
    text_add(&path, "/" FACEBOOK_VERSION "/");
    text_add_urlencoded(&path, node);
    text_addf(&path, "%s%s", *edge ? "/" : "", edge);
    text_addf(&route, "%s /%s%s%s", method, strcmp(node, "debug_token") == 0 ? node : "{id}",
              *edge ? "/" : "", edge);
    if (!post)
        text_add(&path, "?");
    add_args(f, post ? &form : &path, args);
    request.path = text_str(&path);
    request.route = text_str(&route);
    request.form = post ? text_str(&form) : NULL;
    if (path.overflow || form.overflow)
        done = kit_error(err, f->call, NULL, ERROR_INTERNAL, "", NULL,
                         "The request to Facebook is too long to be sent.");
    else
        done = kit_send(f->call, &request, out, err);
    kit_wipe(&path);
    kit_wipe(&form);
    text_release(&route);
    return done;
}

enum facebook_life facebook_life_of(const cJSON *video)
{
    static const struct {
        const char *word;
        enum facebook_life life;
    } words[] = {
        { "UNPUBLISHED", LIFE_WAITING },
        { "SCHEDULED_UNPUBLISHED", LIFE_WAITING },
        { "SCHEDULED_LIVE", LIFE_WAITING },
        { "LIVE", LIFE_LIVE },
        { "LIVE_NOW", LIFE_LIVE },
        { "LIVE_STOPPED", LIFE_OVER },
        { "PROCESSING", LIFE_OVER },
        { "VOD", LIFE_OVER },
        { "SCHEDULED_EXPIRED", LIFE_EXPIRED },
        { "SCHEDULED_CANCELED", LIFE_CANCELLED },
    };
    const char *said = json_string(video, "status");

    for (size_t i = 0; said && i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i].word, said) == 0)
            return words[i].life;
    return LIFE_UNKNOWN;
}

/* The specification has a plain list, a recorded answer {"data": […]}: either is taken. The master
 * goes before the first. */
static const cJSON *main_ingest(const cJSON *video)
{
    const cJSON *list = json_at(video, "ingest_streams"), *stream, *first = NULL;

    if (cJSON_IsObject(list))
        list = json_at(list, "data");
    cJSON_ArrayForEach (stream, list) {
        if (json_bool(stream, "is_master", false))
            return stream;
        if (!first)
            first = stream;
    }
    return first;
}

/* stream_health is an untyped object of which every member may be missing: any that counts
 * something is a signal. */
enum facebook_signal facebook_signal_of(const cJSON *video)
{
    static const char *const members[] = { "video_bitrate", "video_framerate", "video_width" };
    const cJSON *health = json_at(main_ingest(video), "stream_health");
    bool said = false;

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(health, members[i]);

        said = said || cJSON_IsNumber(value);
        if (cJSON_IsNumber(value) && value->valuedouble > 0)
            return SIGNAL_HERE;
    }
    return said ? SIGNAL_NONE : SIGNAL_UNKNOWN;
}

bool facebook_read(struct facebook *f, bool whole, cJSON **video, struct error *err)
{
    const char *args[] = { "fields", whole ? LOOK_FIELDS ",secure_stream_url" : LOOK_FIELDS, NULL };
    struct error why = { 0 };

    *video = NULL;
    if (facebook_ask(f, "GET", f->out->remote_id, "", args, false, video, &why) ||
        why.kind == ERROR_NOT_FOUND)
        return true;
    if (err)
        *err = why;
    return false;
}

bool facebook_split(const char *url, char *address, size_t address_size, char *key, size_t key_size)
{
    const char *authority = strstr(url, "://"), *path, *cut, *query;
    size_t length;

    path = authority ? strchr(authority + 3, '/') : NULL;
    if (!path)
        return false;
    cut = strstr(path, "/rtmp/");
    if (cut) {
        cut += 6;
    } else {
        query = path + strcspn(path, "?");
        for (cut = query; cut[-1] != '/'; cut--)
            continue;
    }
    length = (size_t)(cut - url);
    /* An address keeps no slash at its end: whoever joins both puts one between. */
    if (length < 2 || length - 1 >= address_size || !*cut || strlen(cut) >= key_size)
        return false;
    memcpy(address, url, length - 1);
    address[length - 1] = '\0';
    return text_copy_to(key, key_size, cut);
}

static void learn_url(struct facebook *f, const cJSON *video)
{
    const char *link = json_string(video, "permalink_url");
    char whole[sizeof(f->out->url)];
    int length;

    if (!link || !*link)
        return;
    /* May be relative; whether always is not confirmed. After two slashes comes a host, which is
     * checked like that of any link. */
    length = snprintf(whole, sizeof(whole), "%s%s",
                      text_starts(link, "//") ? "https:"
                      : *link == '/'          ? "https://www.facebook.com"
                                              : "",
                      link);
    if (length > 0 && (size_t)length < sizeof(whole))
        text_copy_to(f->out->url, sizeof(f->out->url), whole);
}

void facebook_learn(struct facebook *f, const cJSON *video)
{
    const char *started = json_string(video, "broadcast_start_time");
    const char *ingest = json_string(video, "secure_stream_url");
    struct outcome *o = f->out;
    int64_t ms;

    learn_url(f, video);
    if (ingest)
        facebook_split(ingest, o->ingest_url, sizeof(o->ingest_url), o->stream_key,
                       sizeof(o->stream_key));
    if (started && clock_parse_rfc3339(started, &ms) && ms > 0)
        o->started_ms = ms;
    o->viewers = -1;
    switch (facebook_life_of(video)) {
    case LIFE_WAITING:
    case LIFE_EXPIRED: /* it can still be started: by a new one */
        o->status = TARGET_PENDING;
        break;
    case LIFE_LIVE:
        o->status = TARGET_LIVE;
        if (!json_int(video, "live_views", &o->viewers))
            o->viewers = -1;
        break;
    case LIFE_OVER:
        o->status = TARGET_ENDED;
        break;
    case LIFE_CANCELLED:
        o->status = TARGET_FAILED;
        break;
    case LIFE_UNKNOWN: /* keep the last state */
        break;
    }
}

void facebook_advise(struct facebook *f, const char *format, ...)
{
    char advice[sizeof(f->out->note)];
    va_list args;

    va_start(args, format);
    vsnprintf(advice, sizeof(advice), format, args);
    va_end(args);
    kit_note(f->out, "%s", advice);
    kit_remember(f->out, "advice", f->out->note);
}

bool facebook_vanished(struct facebook *f, struct error *err)
{
    f->out->gone = true;
    return kit_error(
        err, f->call, NULL, ERROR_NOT_FOUND, "100/33",
        "Retry it to create it again; if that fails too, connect Facebook again.",
        "Facebook does not show the broadcast to us: it was deleted there, or the token "
        "lost its right to the Page.");
}

int64_t facebook_remembered(const struct facebook *f, const char *key)
{
    return strtoll(kit_remembered(f->out, key), NULL, 10);
}

void facebook_remember(struct facebook *f, const char *key, int64_t value)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%lld", (long long)value);
    kit_remember(f->out, key, value ? digits : NULL);
}

bool facebook_is_new(const struct facebook *f)
{
    return f->call->now_ms - facebook_remembered(f, "made") < NEW_MS;
}

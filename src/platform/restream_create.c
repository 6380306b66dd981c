/* Restream: making what there is to make, finding it again, and what a change can do. */
#include "platform/restream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

bool restream_event(struct restream *r, const char *rest, cJSON **out, struct error *err)
{
    char route[60];
    struct restream_ask ask = { .method = "GET", .route = route };
    struct text path;
    bool done;

    snprintf(route, sizeof(route), "GET /v2/user/events/{id}%s", rest);
    text_init(&path, 400);
    text_add(&path, "/user/events/");
    text_add_urlencoded(&path, r->out->remote_id);
    text_add(&path, rest);
    ask.path = text_str(&path);
    done = restream_ask(r->call, r->token, &ask, out, err);
    text_release(&path);
    return done;
}

static bool gone(struct restream *r, struct error *err)
{
    r->out->gone = true;
    return kit_error(err, r->call, NULL, ERROR_NOT_FOUND, "", "Retry it to create it again.",
                     "Restream does not know the event any more; somebody deleted it there.");
}

/* ---- where the encoder sends ---- */

/* What was given at connecting, else what is chosen at Restream. The path of that is unconfirmed
 * (restream.md 4), so that a refusal falls back on the list of servers. */
static bool ingest_learn(struct restream *r, struct error *err)
{
    struct restream_ask chosen = { "GET", "GET /v2/user/ingest", "/user/ingest", NULL, false };
    const char *known = kit_value(r->call, &platform_restream, "ingest");
    cJSON *answer = NULL, *servers = NULL;
    struct error why = { 0 };
    bool done = true;

    if (!*known && restream_ask(r->call, r->token, &chosen, &answer, &why))
        known = json_string(answer, "rtmpUrl") ? json_string(answer, "rtmpUrl") : "";
    else if (!*known && why.kind != ERROR_NOT_FOUND && why.kind != ERROR_FORBIDDEN &&
             why.kind != ERROR_INVALID && why.kind != ERROR_GARBAGE)
        done = restream_fail(err, &why);
    if (done && !*known) {
        const cJSON *one;

        done = restream_list(r, "/server/all", &servers, err);
        cJSON_ArrayForEach (one, servers) {
            const char *url = json_string(one, "rtmpUrl");

            /* The one that leads everybody to the nearest. */
            if (url && (!*known || strstr(url, "//live.restream.io")))
                known = url;
        }
    }
    if (done && (!text_starts(known, "rtmp") ||
                 !text_copy_to(r->out->ingest_url, sizeof(r->out->ingest_url), known)))
        done = restream_garbage(r->call, err, "server address");
    cJSON_Delete(answer);
    cJSON_Delete(servers);
    return done;
}

static bool key_learn(struct restream *r, struct error *err)
{
    struct restream_ask own = { "GET", "GET /v2/user/streamKey", "/user/streamKey", NULL, false };
    cJSON *answer = NULL, *item;
    bool done;

    if (r->t->has_key && *r->out->ingest_url)
        return true;
    done = ingest_learn(r, err) &&
           (restream_has_event(r) ? restream_event(r, "/streamKey", &answer, err)
                                  : restream_ask(r->call, r->token, &own, &answer, err));
    item = cJSON_GetObjectItemCaseSensitive(answer, "streamKey");
    if (done && (!cJSON_IsString(item) || !*item->valuestring ||
                 !text_copy_to(r->out->stream_key, sizeof(r->out->stream_key), item->valuestring)))
        done = restream_garbage(r->call, err, "stream key");
    cJSON_ArrayForEach (item, answer)
        if (cJSON_IsString(item))
            text_wipe(item->valuestring, strlen(item->valuestring));
    cJSON_Delete(answer);
    return done;
}

/* ---- create ---- */

static bool event_make(struct restream *r, struct error *err)
{
    cJSON *body = cJSON_CreateObject(), *answer = NULL;
    struct restream_ask ask = { "POST", "POST /v2/user/events/new", "/user/events/new", body,
                                true };
    char marker[16], at[CLOCK_RFC3339_SIZE], *description;
    bool done;

    kit_marker(r->call, marker);
    description = kit_describe(marker, r->l->description ? r->l->description : "", 5000);
    json_add_string(body, "streamType", "encoder");
    json_add_string(body, "title", r->l->title);
    json_add_string(body, "description", description);
    clock_rfc3339_s(at, r->l->start_ms);
    if (r->l->start_ms > r->call->now_ms)
        json_add_string(body, "scheduledFor", at);
    done = restream_ask(r->call, r->token, &ask, &answer, err);
    if (done && !json_id(answer, "id", r->out->remote_id, sizeof(r->out->remote_id)))
        done = restream_garbage(r->call, err, "event");
    free(description);
    cJSON_Delete(body);
    cJSON_Delete(answer);
    return done && r->call->progress(r->call, r->out, err);
}

static void forget_gone(struct restream *r)
{
    static const char *const keys[] = { "dressed", "attached", "advice", "before", "quiet" };

    for (size_t i = 0; !*r->out->remote_id && i < sizeof(keys) / sizeof(keys[0]); i++)
        kit_remember(r->out, keys[i], NULL);
}

bool restream_make(struct restream *r, struct error *err)
{
    forget_gone(r);
    if (!*r->out->remote_id && restream_has_event(r) && !event_make(r, err))
        return false;
    if (!*r->out->remote_id)
        snprintf(r->out->remote_id, sizeof(r->out->remote_id), "account-%.8s", r->call->idem_key);
    if (restream_has_event(r) && !restream_channels_attach(r, err))
        return false;
    if (!key_learn(r, err) || !r->call->progress(r->call, r->out, err))
        return false;
    kit_note(r->out, "%s", kit_remembered(r->out, "advice"));
    return true;
}

bool restream_create(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err)
{
    struct restream r;
    bool done = restream_open(&r, call, l, t, out, err) && restream_make(&r, err);

    restream_close(&r);
    return done;
}

/* Without an event nothing was made there, so there is nothing to look for. */
bool restream_find(struct call *call, const struct livestream *l, const struct target *t,
                   struct outcome *out, struct error *err)
{
    static const char *const lists[] = { "/user/events/upcoming?source=2&scheduled=true",
                                         "/user/events/upcoming?source=2",
                                         "/user/events/in-progress" };
    struct restream r;
    char marker[16];
    bool done = restream_open(&r, call, l, t, out, err);

    out->found = false;
    kit_marker(call, marker);
    for (size_t i = 0; done && restream_has_event(&r) && !out->found && i < 3; i++) {
        cJSON *list = NULL;
        const cJSON *one;

        done = restream_list(&r, lists[i], &list, err);
        cJSON_ArrayForEach (one, list) {
            const char *description = json_string(one, "description");

            if (!out->found && description && strstr(description, marker))
                out->found = json_id(one, "id", out->remote_id, sizeof(out->remote_id));
        }
        cJSON_Delete(list);
    }
    restream_close(&r);
    return done;
}

/* ---- update ---- */

/* A planned event cannot be changed by a program: what differs is said. */
static bool compare_event(struct restream *r, struct error *err)
{
    struct error why = { 0 };
    cJSON *event = NULL;
    int64_t planned;

    if (!restream_event(r, "", &event, &why))
        return why.kind == ERROR_NOT_FOUND ? gone(r, err) : restream_fail(err, &why);
    planned = restream_moment(event, "scheduledFor");
    if (!text_equal(json_string(event, "title"), r->l->title) ||
        (planned && r->l->start_ms && planned / 1000 != r->l->start_ms / 1000)) {
        kit_note(r->out, "Restream lets no program change a planned event: change its title and "
                         "time in Restream's dashboard.");
        kit_remember(r->out, "advice", r->out->note);
    } else {
        kit_remember(r->out, "advice", NULL);
    }
    cJSON_Delete(event);
    return true;
}

bool restream_update(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err)
{
    struct restream r;
    bool done;

    if (!*out->remote_id)
        return restream_create(call, l, t, out, err);
    done = restream_open(&r, call, l, t, out, err);
    if (done)
        done = restream_has_event(&r) ? compare_event(&r, err) : key_learn(&r, err);
    /* Before that they are written when it starts: they are the account's. */
    if (done && (out->status == TARGET_LIVE || *kit_remembered(out, "dressed")))
        done = restream_channels_titles(&r, err);
    restream_close(&r);
    return done;
}

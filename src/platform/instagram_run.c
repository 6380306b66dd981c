/* Instagram: what a person has to do is said, what Instagram shows is seen, nothing is pretended.
 */
#include "platform/instagram.h"

#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>

enum { MISSES = 2 /* in a row: it is over */, PATIENCE = 12 /* looks, of 15 seconds */ };

#define LOOK_MS   15000
#define UNSEEN_MS 60000
#define WARN_MS   (210 * 60 * INT64_C(1000)) /* half an hour before Instagram ends it */

static const char paste_key[] =
    "Paste today's key from Live Producer: connect instagram --set stream_url=… --set "
    "stream_key=… (the sign-in stays).";

/* ---- the key ---- */

/* What there is to do before it starts, with the key's age. */
static void ready_note(struct call *call, struct outcome *out, bool key)
{
    char age[40];
    bool old = false;

    instagram_key_age(call, out, age, sizeof(age), &old);
    if (!key)
        kit_note(out, "%s", paste_key);
    else if (old)
        kit_note(out,
                 "The stream key was pasted %s, and one is good for one broadcast: paste "
                 "today's from Live Producer.",
                 age);
    else
        kit_note(out, "Stream key pasted %s. Set title and audience in Live Producer.", age);
}

/* Nothing is made at Instagram; the id only says that we are ready. */
bool instagram_create(struct call *call, const struct livestream *l, const struct target *t,
                      struct outcome *out, struct error *err)
{
    bool key = instagram_key(call, t, out);

    (void)l;
    out->again_ms = 0;
    if (!*out->remote_id)
        snprintf(out->remote_id, sizeof(out->remote_id), "producer-%.8s", call->idem_key);
    ready_note(call, out, key);
    return call->progress(call, out, err);
}

bool instagram_update(struct call *call, const struct livestream *l, const struct target *t,
                      struct outcome *out, struct error *err)
{
    if (!*out->remote_id)
        return instagram_create(call, l, t, out, err);
    kit_note(out, "Change title and audience in Live Producer: no program can.");
    return true;
}

/* ---- looking ---- */

static bool account_node(struct call *call, struct text *node, struct error *err)
{
    const char *ref = call->account_ref;

    if (!*ref || ref[strspn(ref, "0123456789")])
        return kit_error(err, call, NULL, ERROR_REFUSED, "", "Connect instagram again.",
                         "The connection does not know its Instagram account.");
    return text_addf(node, "%s/live_media", ref);
}

static void count_comments(const cJSON *media, struct outcome *out)
{
    int64_t count = 0;
    char digits[24];

    json_int(media, "comments_count", &count);
    snprintf(digits, sizeof(digits), "%lld", (long long)count);
    kit_remember(out, "comments", count > 0 ? digits : NULL);
}

static void learn(struct call *call, const cJSON *media, struct outcome *out)
{
    const char *link = json_string(media, "permalink"), *at = json_string(media, "timestamp");
    char id[40];
    int64_t ms;

    if (json_id(media, "id", id, sizeof(id)))
        kit_remember(out, "media", id);
    if (!json_int(media, "current_live_viewer_count", &out->viewers))
        out->viewers = -1;
    count_comments(media, out);
    if (link &&
        platform_link_check(&platform_instagram, call->options, call->simulated, link, NULL))
        text_copy_to(out->url, sizeof(out->url), link);
    if (at && clock_parse_rfc3339(at, &ms))
        out->started_ms = ms;
    else if (out->status != TARGET_LIVE)
        out->started_ms = call->now_ms;
    out->status = TARGET_LIVE;
    out->ended_ms = 0;
}

/* Only what is on air is in the list. */
static bool look(struct call *call, struct outcome *out, bool *live, struct error *err)
{
    cJSON *answer = NULL, *data;
    struct text node;
    bool done;

    *live = false;
    text_init(&node, 100);
    done = account_node(call, &node, err) &&
           instagram_ask(call, text_str(&node), "GET /{user}/live_media",
                         "id,media_product_type,timestamp,permalink,current_live_viewer_count,"
                         "comments_count",
                         &answer, err);
    text_release(&node);
    data = cJSON_GetObjectItemCaseSensitive(answer, "data");
    if (done && !cJSON_IsArray(data))
        done = kit_error(err, call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "Instagram's answer is no list.");
    if (done && cJSON_GetArraySize(data) > 0) {
        *live = true;
        learn(call, cJSON_GetArrayItem(data, 0), out);
    }
    cJSON_Delete(answer);
    return done;
}

/* In which order they come is not told: the newest by its time. */
static const cJSON *newest(const cJSON *answer)
{
    const cJSON *one, *found = NULL;

    cJSON_ArrayForEach (one, json_at(answer, "data")) {
        const char *at = json_string(one, "timestamp"), *best = json_string(found, "timestamp");

        if (json_string(one, "text") && !json_bool(one, "hidden", false) &&
            (!found || (at && best && strcmp(at, best) > 0)))
            found = one;
    }
    return found;
}

/* Comments are an extra: what goes wrong with them hides nothing, and a permission that is missing
 * is not asked for again. */
static void look_comments(struct call *call, struct outcome *out)
{
    const char *count = kit_remembered(out, "comments"), *media = kit_remembered(out, "media");
    struct error why = { 0 };
    cJSON *answer = NULL;
    const cJSON *one;
    struct text node;

    if (!*count || !*media || *kit_remembered(out, "no_comments"))
        return;
    text_init(&node, 100);
    text_add_urlencoded(&node, media);
    text_add(&node, "/comments");
    if (!instagram_ask(call, text_str(&node), "GET /{media}/comments",
                       "id,text,username,timestamp,hidden", &answer, &why) &&
        why.kind == ERROR_FORBIDDEN)
        kit_remember(out, "no_comments", "yes");
    text_release(&node);
    one = newest(answer);
    if (one)
        kit_note(out, "%s comments, the newest by %.30s: %.90s", count,
                 json_string(one, "username") ? json_string(one, "username") : "a viewer",
                 json_string(one, "text"));
    else
        kit_note(out, "%s comments.", count);
    cJSON_Delete(answer);
}

/* Gone from the list once may be a hiccup. */
static bool missed_enough(struct call *call, struct outcome *out)
{
    if (kit_waited(out, "missed") < MISSES)
        return false;
    kit_waited(out, NULL);
    if (out->status == TARGET_LIVE && !out->ended_ms)
        out->ended_ms = call->now_ms;
    out->status = TARGET_ENDED;
    out->viewers = -1;
    return true;
}

/* ---- start and stop ---- */

static void wait_for_person(struct call *call, struct outcome *out, bool can_see)
{
    int n = kit_waited(out, "go");
    char age[40];
    bool old = false;

    instagram_key_age(call, out, age, sizeof(age), &old);

    out->again_ms = can_see ? LOOK_MS : UNSEEN_MS;
    if (!can_see)
        kit_note(out, "Start your encoder and press Go live in Live Producer. Not confirmed: "
                      "without access_token Instagram is not asked.");
    else if (n <= PATIENCE)
        kit_note(out,
                 "Start your encoder, then press Go live in Live Producer on instagram.com. "
                 "Stream key pasted %s%s.",
                 age, old ? ": too old" : "");
    else
        kit_note(out,
                 "Instagram still shows no live video: press Go live in Live Producer; if the "
                 "key, pasted %s, is not today's, paste a new one.",
                 age);
}

bool instagram_start(struct call *call, const struct livestream *l, const struct target *t,
                     struct outcome *out, struct error *err)
{
    bool live = false;

    if (!*out->remote_id && !instagram_create(call, l, t, out, err))
        return false;
    out->again_ms = 0;
    if (instagram_can_ask(call) && !look(call, out, &live, err))
        return false;
    if (live) {
        kit_waited(out, NULL);
        out->note[0] = '\0';
        return true;
    }
    if (instagram_key(call, t, out)) {
        wait_for_person(call, out, instagram_can_ask(call));
    } else {
        out->again_ms = LOOK_MS;
        kit_note(out, "%s", paste_key);
    }
    return true;
}

bool instagram_stop(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err)
{
    bool live = false;

    (void)l;
    (void)t;
    out->again_ms = 0;
    if (!instagram_can_ask(call)) {
        if (out->status == TARGET_LIVE && !out->ended_ms)
            out->ended_ms = call->now_ms;
        out->status = TARGET_ENDED;
        kit_note(out, "Instagram was not asked: end it in Live Producer and stop your encoder.");
        return true;
    }
    if (!look(call, out, &live, err))
        return false;
    if (live) {
        kit_waited(out, NULL);
        out->again_ms = LOOK_MS;
        kit_note(out, "End it in Live Producer on instagram.com; then stop your encoder.");
    } else if (out->status == TARGET_LIVE && !missed_enough(call, out)) {
        out->again_ms = 5000;
        kit_note(out, "Instagram shows it no more; looking once again.");
    } else {
        out->status = TARGET_ENDED;
        out->note[0] = '\0';
    }
    return true;
}

bool instagram_remove(struct call *call, const struct livestream *l, const struct target *t,
                      struct outcome *out, struct error *err)
{
    (void)call;
    (void)l;
    (void)t;
    (void)err;
    out->gone = true;
    return true;
}

/* ---- poll ---- */

bool instagram_poll(struct call *call, const struct livestream *l, const struct target *t,
                    struct outcome *out, struct error *err)
{
    bool wanted = t->wish == WISH_LIVE || out->status == TARGET_LIVE, live = false;

    (void)l;
    /* A key that was pasted meanwhile is taken, and its age told, without asking anybody. */
    if (*out->remote_id && t->wish == WISH_READY && out->status == TARGET_PENDING)
        ready_note(call, out, instagram_key(call, t, out));
    if (!*out->remote_id || !wanted || !instagram_can_ask(call))
        return true;
    if (!look(call, out, &live, err))
        return false;
    if (live) {
        kit_waited(out, NULL);
        out->note[0] = '\0';
        look_comments(call, out);
        if (call->now_ms - out->started_ms >= WARN_MS)
            kit_note(out, "Instagram ends a live video after four hours.");
    } else if (out->status == TARGET_LIVE) {
        missed_enough(call, out);
    }
    return true;
}

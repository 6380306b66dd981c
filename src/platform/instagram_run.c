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
    "Paste today's key: `connect instagram` with stream_url and stream_key from Live Producer.";

/* ---- the key ---- */

/* The target's own, else the one that was given at connecting, which is then sealed for it. */
static bool key_have(struct call *call, const struct target *t, struct outcome *out)
{
    if (t->has_key && *out->ingest_url)
        return true;
    return instagram_split(kit_value(call, &platform_instagram, "stream_key"),
                           kit_value(call, &platform_instagram, "stream_url"), out->ingest_url,
                           sizeof(out->ingest_url), out->stream_key, sizeof(out->stream_key));
}

/* Nothing is made at Instagram; the id only says that we are ready. */
bool instagram_create(struct call *call, const struct livestream *l, const struct target *t,
                      struct outcome *out, struct error *err)
{
    bool key = key_have(call, t, out);

    (void)l;
    out->again_ms = 0;
    if (!*out->remote_id)
        snprintf(out->remote_id, sizeof(out->remote_id), "producer-%.8s", call->idem_key);
    kit_note(out, "%s",
             key ? "Set title and audience in Live Producer; see that the key is today's."
                 : paste_key);
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

static void learn(struct call *call, const cJSON *media, struct outcome *out)
{
    const char *link = json_string(media, "permalink"), *at = json_string(media, "timestamp");
    char id[40];
    int64_t ms;

    if (json_id(media, "id", id, sizeof(id)))
        kit_remember(out, "media", id);
    if (!json_int(media, "current_live_viewer_count", &out->viewers))
        out->viewers = -1;
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
                         "id,media_product_type,timestamp,permalink,current_live_viewer_count",
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

static void wait_for_person(struct outcome *out, bool can_see)
{
    int n = kit_waited(out, "go");

    out->again_ms = can_see ? LOOK_MS : UNSEEN_MS;
    if (!can_see)
        kit_note(out, "Start your encoder and press Go live in Live Producer. Not confirmed: "
                      "without access_token Instagram is not asked.");
    else if (n <= PATIENCE)
        kit_note(out, "Start your encoder, then press Go live in Live Producer on instagram.com.");
    else
        kit_note(out, "Instagram still shows no live video: press Go live in Live Producer; if the "
                      "key is not today's, paste a new one.");
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
    if (key_have(call, t, out)) {
        wait_for_person(out, instagram_can_ask(call));
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
    if (!*out->remote_id || !wanted || !instagram_can_ask(call))
        return true;
    if (!look(call, out, &live, err))
        return false;
    if (live) {
        kit_waited(out, NULL);
        out->note[0] = '\0';
        if (call->now_ms - out->started_ms >= WARN_MS)
            kit_note(out, "Instagram ends a live video after four hours.");
    } else if (out->status == TARGET_LIVE) {
        missed_enough(call, out);
    }
    return true;
}

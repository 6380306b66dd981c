/* Live videos: publish, change, end, delete, and what happens by itself. */
#include "sim/facebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/utf8.h>

static void bad(struct sim_call *c, const char *message)
{
    sim_facebook_error(c, 400, 100, 0, "(#100) %s", message);
}

static const char *value_of(struct sim_call *c, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(c->json, name);

    if (cJSON_IsBool(item))
        return cJSON_IsTrue(item) ? "true" : "false";
    return item != NULL ? cJSON_GetStringValue(item) : sim_param(c, name);
}

/* Tells whoever asked for notices: signed over the bytes as sent, in lower case words. */
static void notice(struct sim *sim, const struct sim_object *o, const char *status)
{
    const char *secret = sim->hook_secret[SIM_FACEBOOK] != NULL ? sim->hook_secret[SIM_FACEBOOK]
                                                                : SIM_FACEBOOK_APP_SECRET;
    unsigned char sum[32];
    struct text body, headers;

    text_init(&body, 4096);
    text_init(&headers, 400);
    text_addf(&body,
              "{\"object\":\"page\",\"entry\":[{\"id\":\"%s\",\"time\":%lld,\"changes\":[{"
              "\"field\":\"live_videos\","
              "\"value\":{\"id\":\"%s\",\"status\":\"%s\"}}]}]}",
              o->owner, (long long)(clock_now() / 1000), o->id, status);
    sim_hmac256(sum, secret, text_str(&body), body.length);
    text_add(&headers, "Content-Type: application/json\r\nX-Hub-Signature-256: sha256=");
    text_add_hex(&headers, sum, sizeof sum);
    text_add(&headers, "\r\n");
    sim_hook_send(sim, SIM_FACEBOOK, "", text_str(&headers), text_str(&body));
    text_release(&body);
    text_release(&headers);
}

static void go_live(struct sim *sim, struct sim_object *o)
{
    sim_object_state(o, "LIVE");
    sim_put_number(o->fields, "startedMs", (double)clock_now());
    sim_put_bool(o->fields, "publishing", false);
    o->due_mono = 0;
    notice(sim, o, "live");
}

static void stop(struct sim *sim, struct sim_object *o)
{
    sim_object_state(o, "LIVE_STOPPED");
    sim_object_later(o, sim->step_ms);
    notice(sim, o, "live_stopped");
    if (sim->options.encoder == SIM_ENCODER_AUTO)
        sim_object_feed(sim, o, false);
}

void sim_facebook_live_due(struct sim *sim, struct sim_object *o)
{
    if (sim_object_is(o, "LIVE_STOPPED")) {
        sim_object_state(o, "PROCESSING");
        sim_object_later(o, sim->step_ms);
    } else if (sim_object_is(o, "PROCESSING")) {
        sim_object_state(o, "VOD");
        notice(sim, o, "vod");
    } else if (json_bool(o->fields, "publishing", false)) {
        go_live(sim, o);
    } else if (sim_object_is(o, "SCHEDULED_UNPUBLISHED SCHEDULED_LIVE")) {
        if (o->sending) {
            go_live(sim, o); /* the time has come and bytes arrive */
        } else if (clock_now() < o->start_ms + 600000) {
            sim_object_later(o,
                             600000); /* how long it is waited for is not published: ten minutes */
        } else {
            sim_object_state(o, "SCHEDULED_EXPIRED");
        }
    }
}

void sim_facebook_live_fed(struct sim *sim, struct sim_object *o)
{
    bool scheduled = sim_object_is(o, "SCHEDULED_UNPUBLISHED SCHEDULED_LIVE");

    if (o->sending && sim_object_is(o, "UNPUBLISHED") &&
        json_bool(o->fields, "liveWhenFed", false)) {
        sim_put_bool(o->fields, "publishing", true);
        sim_object_later(o, sim->step_ms);
    } else if (o->sending && scheduled && clock_now() >= o->start_ms) {
        go_live(sim, o);
    } else if (!o->sending && sim_object_is(o, "LIVE") &&
               json_bool(o->fields, "stopOnDeleteStream", false)) {
        stop(sim, o);
    }
}

/* ---- update ---- */

/* Publishing what receives no bytes: one source says it is refused, another that the broadcast ends
 * at once for its viewers. Refused here. */
static void publish(struct sim_call *c, struct sim_object *o)
{
    if (sim_object_is(o, "LIVE") || json_bool(o->fields, "publishing", false)) {
        bad(c, "This live video is live already.");
    } else if (!sim_object_is(o, "UNPUBLISHED SCHEDULED_UNPUBLISHED SCHEDULED_LIVE")) {
        bad(c, "This live video has already ended.");
    } else if (!o->sending) {
        bad(c, "Cannot publish a live video that is not receiving data.");
    } else {
        sim_put_bool(o->fields, "publishing", true);
        sim_object_later(o, c->sim->step_ms);
    }
}

static void change_status(struct sim_call *c, struct sim_object *o, const char *status)
{
    bool scheduled = sim_object_is(o, "SCHEDULED_UNPUBLISHED SCHEDULED_LIVE");

    if (strcmp(status, "LIVE_NOW") == 0)
        publish(c, o);
    else if (!sim_word_in("UNPUBLISHED SCHEDULED_UNPUBLISHED SCHEDULED_LIVE SCHEDULED_CANCELED",
                          status))
        bad(c, "Param status must be one of {UNPUBLISHED, LIVE_NOW, SCHEDULED_UNPUBLISHED, "
               "SCHEDULED_LIVE, "
               "SCHEDULED_CANCELED}");
    else if (strcmp(status, o->state) == 0)
        return;
    else if (!scheduled || strcmp(status, "UNPUBLISHED") == 0)
        bad(c, "The status of this live video cannot be changed so.");
    else
        sim_object_state(o, status);
}

static void move(struct sim_call *c, struct sim_object *o, const char *value)
{
    cJSON *event = json_parse(value, strlen(value), NULL);
    int64_t seconds = 0, now = clock_now();

    if (!cJSON_IsObject(event) || !json_int(event, "start_time", &seconds)) {
        bad(c, "param event_params must be an object with start_time.");
    } else if (!sim_object_is(o, "SCHEDULED_UNPUBLISHED SCHEDULED_LIVE")) {
        bad(c, "Only a scheduled live video can be moved.");
    } else if (seconds * 1000 <= now || seconds * 1000 > now + 7LL * 86400 * 1000) {
        bad(c, "The start_time in event_params must be between now and 7 days from now.");
    } else {
        o->start_ms = seconds * 1000;
        sim_object_later(o, o->start_ms - now);
    }
    cJSON_Delete(event);
}

static void end(struct sim_call *c, struct sim_object *o)
{
    if (sim_object_is(o, "LIVE"))
        stop(c->sim, o);
    else if (sim_object_is(o, "LIVE_STOPPED PROCESSING VOD"))
        bad(c, "This live video has already ended.");
    else
        bad(c, "This live video is not live.");
}

/* A nested value as it came in a JSON body, printed; NULL when it did not. Yours: free(). */
static char *nested_text(struct sim_call *c, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(c->json, name);
    struct text t;

    if (item == NULL)
        return text_copy(sim_param(c, name));
    if (cJSON_IsString(item))
        return text_copy(item->valuestring);
    text_init(&t, 4000);
    json_print(&t, item);
    return text_take(&t);
}

static bool texts_ok(struct sim_call *c, const char *title)
{
    if (title != NULL && utf8_count(title) > 254)
        bad(c, "The title must have at most 254 characters.");
    else if (value_of(c, "planned_start_time") != NULL)
        bad(c, "The planned_start_time parameter is deprecated. Use event_params instead.");
    else
        return true;
    return false;
}

/* ---- what may be set ---- */

static bool is_digits(const cJSON *item)
{
    const char *s = cJSON_GetStringValue(item);

    return s != NULL && s[0] != '\0' && s[strspn(s, "0123456789")] == '\0';
}

static bool tags_ok(struct sim_call *c, const struct sim_object *o, const cJSON *value)
{
    bool good = cJSON_IsArray(value);

    (void)o;
    for (const cJSON *one = good ? value->child : NULL; one != NULL; one = one->next)
        good = good && is_digits(one);
    if (!good)
        bad(c, "param content_tags must be an array of ids.");
    return good;
}

/* Pages of one owner have agreed with each other, others have not. */
static bool crosspost_ok(struct sim_call *c, const struct sim_object *o, const cJSON *value)
{
    const struct sim_facebook_page *own = sim_facebook_page_find(o->owner), *other;

    if (!cJSON_IsArray(value)) {
        bad(c, "param crossposting_actions must be an array.");
        return false;
    }
    for (const cJSON *one = value->child; one != NULL; one = one->next) {
        const char *page = json_string(one, "page_id"), *action = json_string(one, "action");
        other = page != NULL ? sim_facebook_page_find(page) : NULL;
        if (page == NULL || action == NULL ||
            !sim_word_in("enable_crossposting disable_crossposting "
                         "enable_crossposting_and_create_post",
                         action)) {
            bad(c, "param crossposting_actions needs page_id and a known action.");
            return false;
        }
        if (other == NULL || own == NULL || other->account != own->account) {
            bad(c, "Crossposting is not allowed between these Pages");
            return false;
        }
    }
    return true;
}

static bool targeting_ok(struct sim_call *c, const struct sim_object *o, const cJSON *value)
{
    const cJSON *countries = json_at(value, "geo_locations.countries");
    int64_t age = 13;
    bool good = cJSON_IsObject(value);

    (void)o;
    for (const cJSON *one = value != NULL ? value->child : NULL; one != NULL; one = one->next)
        good = good && sim_word_in("age_min age_max excluded_countries geo_locations", one->string);
    if (json_at(value, "age_min") != NULL && (!json_int(value, "age_min", &age) || age < 13))
        good = false;
    for (const cJSON *one = countries != NULL ? countries->child : NULL; one != NULL;
         one = one->next)
        good = good && cJSON_IsString(one) && strlen(one->valuestring) == 2;
    if (!good)
        bad(c, "Invalid parameter: targeting");
    return good;
}

static bool moderation_ok(struct sim_call *c, const struct sim_object *o, const cJSON *value)
{
    bool good = cJSON_IsArray(value);

    (void)o;
    for (const cJSON *one = good ? value->child : NULL; one != NULL; one = one->next)
        good = good && cJSON_IsString(one) &&
               sim_word_in("DEFAULT DISCUSSION FOLLOWED FOLLOWER NO_HYPERLINK PROTECTED_MODE "
                           "RESTRICTED SLOW SUPPORTER TAGGED",
                           one->valuestring);
    if (!good)
        bad(c, "Param live_comment_moderation_setting must be a list of known settings.");
    return good;
}

static bool embed_ok(struct sim_call *c, const struct sim_object *o, const cJSON *value)
{
    (void)o;
    if (cJSON_IsBool(value))
        return true;
    bad(c, "param embeddable must be a boolean.");
    return false;
}

static const struct {
    const char *name;
    bool (*ok)(struct sim_call *, const struct sim_object *, const cJSON *);
} settings[] = {
    { "content_tags", tags_ok },   { "crossposting_actions", crosspost_ok },
    { "targeting", targeting_ok }, { "live_comment_moderation_setting", moderation_ok },
    { "embeddable", embed_ok },
};
enum { SETTING_COUNT = sizeof settings / sizeof settings[0] };

/* All are looked at before any is kept. */
static bool take_settings(struct sim_call *c, struct sim_object *o)
{
    cJSON *values[SETTING_COUNT] = { NULL };
    bool good = true;

    for (size_t i = 0; good && i < SETTING_COUNT; i++) {
        char *text = nested_text(c, settings[i].name);
        values[i] = text != NULL ? json_parse(text, strlen(text), NULL) : NULL;
        good = text == NULL || settings[i].ok(c, o, values[i]);
        free(text);
    }
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (good && values[i] != NULL)
            sim_put(o->fields, settings[i].name, values[i]);
        else
            cJSON_Delete(values[i]);
    }
    return good;
}

void sim_facebook_live_update(struct sim_call *c)
{
    struct sim_object *o = sim_facebook_own_live(c, c->capture[0], "post");
    const char *status = value_of(c, "status"), *title = value_of(c, "title"),
               *ends = value_of(c, "end_live_video");
    const char *description = value_of(c, "description");
    char *event = nested_text(c, "event_params");

    if (o == NULL || !texts_ok(c, title)) {
        free(event);
        return;
    }
    if (take_settings(c, o) && event != NULL)
        move(c, o, event);
    if (c->reply.status == 0 && status != NULL)
        change_status(c, o, status);
    if (c->reply.status == 0 && ends != NULL && sim_word_in("true 1", ends))
        end(c, o);
    free(event);
    if (c->reply.status != 0)
        return;
    if (title != NULL)
        sim_object_title(o, title);
    if (description != NULL)
        sim_put_string(o->fields, "description", description);
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "id", o->id);
    sim_reply_json(&c->reply, 200, out);
}

/* Whether a running one may be deleted is not told: refused, the stricter reading. */
void sim_facebook_live_delete(struct sim_call *c)
{
    struct sim_object *o = sim_facebook_own_live(c, c->capture[0], "delete");

    if (o == NULL)
        return;
    if (sim_object_is(o, "LIVE")) {
        sim_facebook_error(c, 403, 200, 0, "(#200) Permissions error");
        return;
    }
    o->deleted = true;
    sim_facebook_success(c);
}

bool sim_facebook_live_remote(struct sim *sim, struct sim_object *o, const char *event,
                              const cJSON *body, struct error *err)
{
    const char *title = json_string(body, "title");

    if (strcmp(event, "deleted") == 0)
        o->deleted = true;
    else if (strcmp(event, "renamed") == 0)
        sim_object_title(o, title != NULL ? title : "Renamed in Live Producer");
    else if (strcmp(event, "started") == 0 &&
             sim_object_is(o, "UNPUBLISHED SCHEDULED_UNPUBLISHED SCHEDULED_LIVE"))
        go_live(sim, o);
    else if (strcmp(event, "ended") == 0 && sim_object_is(o, "LIVE"))
        stop(sim, o);
    else
        return error_set(err, ERROR_REFUSED, NULL, "%s cannot happen to a live video that is %s.",
                         event, o->state);
    return true;
}

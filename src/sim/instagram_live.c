/* Live videos as Instagram has them: prepared by a person in Live Producer, started there, ended
 * there. The API sees one only while it is on air, and its comments; it can make, start, title or
 * end none. */
#include "sim/instagram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

enum { FOLLOWERS_LEAST = 1000, LONGEST_S = 4 * 3600, MINUTE_STEPS = 10 };

static const char media_known[] =
    "alt_text caption comments_count current_live_viewer_count id is_comment_enabled "
    "is_shared_to_feed like_count media_product_type media_type media_url owner permalink "
    "shortcode thumbnail_url timestamp username";
static const char comment_known[] =
    "from hidden id legacy_instagram_comment_id like_count media parent_id text timestamp user "
    "username";

/* A live's fields: viewers, comments, commentsOff, airedMs, seenMono. */
static int64_t number(const struct sim_object *o, const char *name)
{
    int64_t value = 0;

    json_int(o->fields, name, &value);
    return value;
}

/* ---- Live Producer ---- */

struct sim_object *sim_instagram_session(struct sim *sim, int account, const char *key)
{
    const char *owner = sim_instagram_accounts[account].id;
    char id[20], random[32];

    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_INSTAGRAM && strcmp(o->owner, owner) == 0 &&
            sim_object_is(o, "waiting preview"))
            o->deleted = true; /* yesterday's key */
    memcpy(id, "90010", 5);
    sim_random_text(sim, id + 5, 10, sim_digits);
    struct sim_object *o = sim_object_new(sim, SIM_INSTAGRAM, "live", id, owner);
    sim_object_title(o, sim_instagram_accounts[account].name);
    sim_object_state(o, "waiting");
    sim_secret_text(sim, random, 24, sim_b64url);
    if (key != NULL)
        text_copy_to(o->key, sizeof o->key, key);
    else
        snprintf(o->key, sizeof o->key, "%s?s_bl=1&s_ps=1&s_sw=0&s_vt=ig&a=Ab%s", id, random);
    cJSON_AddArrayToObject(o->fields, "comments");
    if (sim->options.encoder == SIM_ENCODER_AUTO)
        o->feed_mono = clock_mono() + sim->step_ms;
    return o;
}

static void go_live(struct sim *sim, struct sim_object *o)
{
    sim_object_state(o, "live");
    o->start_ms = clock_now();
    sim_put_number(o->fields, "airedMs", (double)o->start_ms);
    sim_put_number(o->fields, "viewers", 0);
    /* The API sees it some seconds later. */
    sim_put_number(o->fields, "seenMono", (double)(clock_mono() + sim->step_ms));
    sim_object_later(o, LONGEST_S * 1000LL);
}

static int account_of(const struct sim_object *o)
{
    int i = 0;

    while (sim_instagram_accounts[i].id != NULL &&
           strcmp(sim_instagram_accounts[i].id, o->owner) != 0)
        i++;
    return i;
}

/* With the automatic encoder, the operator takes the next key at once. */
static void end(struct sim *sim, struct sim_object *o)
{
    sim_object_state(o, "ended");
    o->due_mono = 0;
    if (sim->options.encoder == SIM_ENCODER_AUTO)
        sim_instagram_session(sim, account_of(o), NULL);
}

void sim_instagram_due(struct sim *sim, struct sim_object *o)
{
    if (sim_object_is(o, "live")) /* no bytes for a minute, or four hours of them */
        end(sim, o);
}

void sim_instagram_fed(struct sim *sim, struct sim_object *o)
{
    if (sim_object_is(o, "waiting preview"))
        sim_object_state(o, o->sending ? "preview" : "waiting");
    else if (sim_object_is(o, "live"))
        sim_object_later(o, o->sending ? LONGEST_S * 1000LL : (int64_t)sim->step_ms * MINUTE_STEPS);
}

/* The one that the account is preparing or showing. */
static struct sim_object *session_of(struct sim *sim, int account)
{
    struct sim_object *found = NULL;

    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_INSTAGRAM && !o->deleted &&
            strcmp(o->owner, sim_instagram_accounts[account].id) == 0 &&
            sim_object_is(o, "waiting preview live"))
            found = o;
    return found;
}

static void button(struct text *t, const char *action, const char *label)
{
    text_addf(t, "<button name=\"action\" value=\"%s\">%s</button>\n", action, label);
}

/* Where the operator gets the key: what instagram.com shows under +, Live on a computer. */
void sim_instagram_producer(struct sim_call *c)
{
    int account = sim_oauth_account(c);
    struct sim_object *o = session_of(c->sim, account);
    struct text *t = &c->reply.body;

    if (sim_instagram_people[account].followers < FOLLOWERS_LEAST) {
        sim_reply_page(&c->reply, 403, "Live is not available",
                       "Your account is not eligible: it needs at least 1,000 followers.");
        return;
    }
    sim_reply_text(&c->reply, 200, "text/html; charset=utf-8",
                   "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>SIMULATED Live "
                   "Producer</title><h1>Live Producer</h1><p><strong>SIMULATED</strong>: this is "
                   "not the real platform.</p><form method=\"post\" action=\"/live/producer\">\n");
    text_addf(t, "<input type=\"hidden\" name=\"sim_account\" value=\"%d\">\n", account);
    if (o != NULL) {
        text_add(t, "<p>Stream URL: <code>rtmps://live-upload.instagram.com:443/rtmp/</code></p>"
                    "<p>Stream key: <code id=\"key\">");
        sim_add_escaped(t, o->key);
        text_addf(t, "</code></p><p>State: %s</p>\n", o->state);
        button(t, sim_object_is(o, "live") ? "end" : "go",
               sim_object_is(o, "live") ? "End video" : "Go live");
    }
    button(t, "new", "New stream key");
    text_add(t, "</form></html>\n");
}

void sim_instagram_producer_press(struct sim_call *c)
{
    const char *action = sim_form(c, "action");
    int account = sim_oauth_account(c);
    struct sim_object *o = session_of(c->sim, account);
    const char *wrong = NULL;

    if (sim_instagram_people[account].followers < FOLLOWERS_LEAST)
        wrong = "Your account is not eligible: it needs at least 1,000 followers.";
    else if (text_equal(action, "new"))
        o = sim_instagram_session(c->sim, account, NULL);
    else if (text_equal(action, "go") && o != NULL && sim_object_is(o, "preview"))
        go_live(c->sim, o);
    else if (text_equal(action, "end") && o != NULL && sim_object_is(o, "live"))
        end(c->sim, o);
    else
        wrong = "Nothing is being received yet.";
    if (wrong != NULL)
        sim_reply_page(&c->reply, 409, "Live Producer", wrong);
    else
        sim_instagram_producer(c);
}

void sim_instagram_watch_page(struct sim_call *c)
{
    for (int i = 0; sim_instagram_accounts[i].id != NULL; i++) {
        struct sim_object *o = session_of(c->sim, i);
        if (strcmp(sim_instagram_accounts[i].name, c->capture[0]) != 0)
            continue;
        bool on = o != NULL && sim_object_is(o, "live");
        if (on)
            sim_put_number(o->fields, "viewers", (double)number(o, "viewers") + 1);
        sim_reply_page(&c->reply, 200, c->capture[0], on ? "You are watching live." : "Not live.");
        return;
    }
    sim_reply_page(&c->reply, 404, "Sorry, this page isn't available.",
                   "The link you followed may be broken.");
}

/* ---- comments ---- */

static cJSON *comments_of(struct sim_object *o)
{
    return cJSON_GetObjectItemCaseSensitive(o->fields, "comments");
}

static cJSON *comment_add(struct sim *sim, struct sim_object *o, const char *username,
                          const char *text)
{
    cJSON *one = cJSON_CreateObject(), *from = cJSON_AddObjectToObject(one, "from");
    char id[24];

    memcpy(id, "178", 3);
    sim_random_text(sim, id + 3, 14, sim_digits);
    cJSON_AddStringToObject(one, "id", id);
    cJSON_AddStringToObject(one, "text", text);
    cJSON_AddStringToObject(one, "username", username);
    cJSON_AddStringToObject(from, "id", "232323232");
    cJSON_AddStringToObject(from, "username", username);
    sim_facebook_put_time(one, "timestamp", clock_now());
    cJSON_AddBoolToObject(one, "hidden", false);
    cJSON_AddNumberToObject(one, "like_count", 0);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(one, "media"), "id", o->id);
    cJSON_AddItemToArray(comments_of(o), one);
    return one;
}

/* The comment with this id, and the live that it is on. */
static cJSON *comment_find(struct sim *sim, const char *id, struct sim_object **live)
{
    for (struct sim_object *o = sim->objects; o != NULL; o = o->next) {
        if (o->platform != SIM_INSTAGRAM || o->deleted)
            continue;
        for (cJSON *one = comments_of(o)->child; one != NULL; one = one->next) {
            if (!text_equal(json_string(one, "id"), id))
                continue;
            *live = o;
            return one;
        }
    }
    return NULL;
}

int sim_instagram_owner(struct sim *sim, const char *id)
{
    struct sim_object *o = sim_object_find(sim, SIM_INSTAGRAM, "live", id);
    int i = 0;

    if (o == NULL && comment_find(sim, id, &o) == NULL)
        return -1;
    while (strcmp(sim_instagram_accounts[i].id, o->owner) != 0)
        i++;
    return i;
}

static void gone(struct sim_call *c, const char *verb)
{
    sim_facebook_error(c, 400, 100, 33,
                       "(#100) Unsupported %s request. Object with ID '%s' does not exist", verb,
                       c->capture[0]);
}

static bool seen(const struct sim_object *o)
{
    return sim_object_is(o, "live") && number(o, "seenMono") <= clock_mono();
}

/* The live in the path, the caller's own and on air long enough. NULL: it is none. */
static struct sim_object *live_in_path(struct sim_call *c)
{
    struct sim_object *o = sim_object_find(c->sim, SIM_INSTAGRAM, "live", c->capture[0]);

    return o != NULL && strcmp(o->owner, sim_instagram_accounts[c->owner].id) == 0 && seen(o)
               ? o
               : NULL;
}

/* The comment in the path, on a live of the caller's own. NULL: it is none. */
static cJSON *comment_in_path(struct sim_call *c, struct sim_object **live)
{
    cJSON *one = comment_find(c->sim, c->capture[0], live);

    return one != NULL && strcmp((*live)->owner, sim_instagram_accounts[c->owner].id) == 0 ? one
                                                                                           : NULL;
}

static cJSON *media_all(struct sim_call *c, struct sim_object *o)
{
    cJSON *all = cJSON_CreateObject();
    const char *name = sim_instagram_accounts[c->owner].name;
    char url[160];

    cJSON_AddStringToObject(all, "id", o->id);
    cJSON_AddStringToObject(all, "media_type", "BROADCAST"); /* not confirmed */
    cJSON_AddStringToObject(all, "media_product_type", "LIVE");
    sim_facebook_put_time(all, "timestamp", number(o, "airedMs"));
    snprintf(url, sizeof url, "%s/%s/live/", c->sim->address[SIM_INSTAGRAM], name);
    cJSON_AddStringToObject(all, "permalink", url);
    cJSON_AddStringToObject(all, "username", name);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(all, "owner"), "id", o->owner);
    cJSON_AddNumberToObject(all, "current_live_viewer_count", (double)number(o, "viewers"));
    cJSON_AddNumberToObject(all, "comments_count", cJSON_GetArraySize(comments_of(o)));
    cJSON_AddBoolToObject(all, "is_comment_enabled", !json_bool(o->fields, "commentsOff", false));
    return all;
}

static void send_cut(struct sim_call *c, cJSON *all, const char *known, const char *type)
{
    cJSON *out = sim_facebook_fields(c, all, known, "id", type);

    if (out != NULL)
        sim_reply_json(&c->reply, 200, out);
    cJSON_Delete(all);
}

/* ---- the API ---- */

/* What is on air right now: one at most, and no others ever. */
void sim_instagram_live_media(struct sim_call *c)
{
    cJSON *out, *data;

    if (!sim_instagram_may(c, SIM_INSTAGRAM_BASIC))
        return;
    out = cJSON_CreateObject();
    data = cJSON_AddArrayToObject(out, "data");
    for (struct sim_object *o = c->sim->objects; o != NULL; o = o->next) {
        if (o->platform != SIM_INSTAGRAM || o->deleted || !seen(o) ||
            strcmp(o->owner, sim_instagram_accounts[c->owner].id) != 0)
            continue;
        cJSON *all = media_all(c, o),
              *one = sim_facebook_fields(c, all, media_known, "id", "Media");
        cJSON_Delete(all);
        if (one == NULL) {
            cJSON_Delete(out);
            return;
        }
        cJSON_AddItemToArray(data, one);
    }
    sim_reply_json(&c->reply, 200, out);
}

void sim_instagram_node(struct sim_call *c)
{
    struct sim_object *live = live_in_path(c);
    cJSON *comment = live == NULL ? comment_in_path(c, &live) : NULL;

    if (comment != NULL && sim_instagram_may(c, SIM_INSTAGRAM_COMMENTS))
        send_cut(c, cJSON_Duplicate(comment, true), comment_known, "Comment");
    else if (comment == NULL && live == NULL)
        gone(c, "get");
    else if (comment == NULL && sim_instagram_may(c, SIM_INSTAGRAM_BASIC))
        send_cut(c, media_all(c, live), media_known, "Media");
}

void sim_instagram_comments(struct sim_call *c)
{
    struct sim_object *o = live_in_path(c);
    const char *limit = sim_param(c, "limit"), *after = sim_param(c, "after");
    long most = limit != NULL ? strtol(limit, NULL, 10) : 25, from = 0;
    char cursor[24];

    if (!sim_instagram_may(c, SIM_INSTAGRAM_COMMENTS))
        return;
    if (o == NULL) {
        gone(c, "get");
        return;
    }
    if (most < 1 || most > 100 || (after != NULL && sscanf(after, "QVFI%ld", &from) != 1)) {
        sim_facebook_error(c, 400, 100, 0, "(#100) Invalid parameter");
        return;
    }
    cJSON *out = cJSON_CreateObject(), *data = cJSON_AddArrayToObject(out, "data");
    int count = cJSON_GetArraySize(comments_of(o));
    for (long i = from; i >= 0 && i < count && i < from + most; i++) {
        cJSON *one = sim_facebook_fields(c, cJSON_GetArrayItem(comments_of(o), (int)i),
                                         comment_known, "id,text,timestamp", "Comment");
        if (one == NULL) {
            cJSON_Delete(out);
            return;
        }
        cJSON_AddItemToArray(data, one);
    }
    if (cJSON_GetArraySize(data) > 0) {
        cJSON *cursors = cJSON_AddObjectToObject(cJSON_AddObjectToObject(out, "paging"), "cursors");
        snprintf(cursor, sizeof cursor, "QVFI%ld", from + cJSON_GetArraySize(data));
        cJSON_AddStringToObject(cursors, "after", cursor);
    }
    sim_reply_json(&c->reply, 200, out);
}

/* Reads a parameter that is true or false. */
static bool truth(struct sim_call *c, const char *name, bool *out)
{
    const char *value = sim_param(c, name);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(c->json, name);

    *out = cJSON_IsTrue(item) || text_equal(value, "true") || text_equal(value, "1");
    if (cJSON_IsBool(item) || (value != NULL && sim_word_in("true false 1 0", value)))
        return true;
    sim_facebook_error(c, 400, 100, 0, "(#100) The parameter %s is required", name);
    return false;
}

/* Hides a comment, or switches comments on and off. A live has nothing else to be changed. */
void sim_instagram_node_update(struct sim_call *c)
{
    struct sim_object *live = live_in_path(c);
    cJSON *comment = live == NULL ? comment_in_path(c, &live) : NULL;
    bool on;

    if (comment == NULL && live == NULL) {
        gone(c, "post");
        return;
    }
    if (!sim_instagram_may(c, SIM_INSTAGRAM_COMMENTS) ||
        !truth(c, comment != NULL ? "hide" : "comment_enabled", &on))
        return;
    if (comment != NULL)
        sim_put_bool(comment, "hidden", on);
    else
        sim_put_bool(live->fields, "commentsOff", !on);
    sim_facebook_success(c);
}

void sim_instagram_node_delete(struct sim_call *c)
{
    struct sim_object *live = NULL;
    cJSON *comment = comment_in_path(c, &live);

    if (comment == NULL) {
        gone(c, "delete");
    } else if (sim_instagram_may(c, SIM_INSTAGRAM_COMMENTS)) {
        cJSON_Delete(cJSON_DetachItemViaPointer(comments_of(live), comment));
        sim_facebook_success(c);
    }
}

void sim_instagram_reply(struct sim_call *c)
{
    struct sim_object *live = NULL;
    cJSON *comment = comment_in_path(c, &live);
    const char *message = sim_param(c, "message");

    if (message == NULL)
        message = json_string(c->json, "message");
    if (comment == NULL) {
        gone(c, "post");
    } else if (message == NULL || message[0] == '\0') {
        sim_facebook_error(c, 400, 100, 0, "(#100) The parameter message is required");
    } else if (sim_instagram_may(c, SIM_INSTAGRAM_COMMENTS)) {
        cJSON *one = comment_add(c->sim, live, sim_instagram_accounts[c->owner].name, message);
        sim_put_string(one, "parent_id", c->capture[0]);
        cJSON *out = cJSON_CreateObject();
        cJSON_AddStringToObject(out, "id", json_string(one, "id"));
        sim_reply_json(&c->reply, 200, out);
    }
}

/* started and ended: the operator presses the buttons in Live Producer. participant_joined:
 * somebody watches, and says `text` when there is one. */
bool sim_instagram_remote(struct sim *sim, struct sim_object *o, const char *event,
                          const cJSON *body, struct error *err)
{
    const char *text = json_string(body, "text"), *name = json_string(body, "name");
    bool live = sim_object_is(o, "live");

    if (strcmp(event, "started") == 0 && sim_object_is(o, "preview")) {
        go_live(sim, o);
    } else if (strcmp(event, "ended") == 0 && live) {
        end(sim, o);
    } else if (strcmp(event, "deleted") == 0) {
        o->deleted = true;
    } else if (strcmp(event, "participant_joined") == 0 && live) {
        sim_put_number(o->fields, "viewers", (double)number(o, "viewers") + 1);
        if (text != NULL && !json_bool(o->fields, "commentsOff", false))
            comment_add(sim, o, name != NULL ? name : "ada.n", text);
    } else {
        return error_set(err, ERROR_REFUSED,
                         sim_object_is(o, "waiting") ? "Let the encoder send first." : NULL,
                         "%s cannot happen to a live video that is %s.", event, o->state);
    }
    return true;
}

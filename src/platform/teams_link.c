/* Teams: the online meeting itself, alone or behind an event, and its options: who waits in the
 * lobby, who presents, what is recorded. They are no part of an event. */
#include "platform/teams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

/* ---- options ---- */

/* Setting, and the member of onlineMeeting. What a person does not set follows the organisation. */
static const struct option {
    const char *key, *member;
    bool truth;
} options[] = {
    { "lobby", "lobbyBypassSettings.scope", false },
    { "dial_in", "lobbyBypassSettings.isDialInBypassEnabled", true },
    { "presenters", "allowedPresenters", false },
    { "admitters", "allowedLobbyAdmitters", false },
    { "record", "recordAutomatically", true },
    { "allow_recording", "allowRecording", true },
    { "allow_transcript", "allowTranscription", true },
    { "mic", "allowAttendeeToEnableMic", true },
    { "camera", "allowAttendeeToEnableCamera", true },
    { "chat", "allowMeetingChat", false },
    { "reactions", "allowTeamworkReactions", true },
    { "announce", "isEntryExitAnnounced", true },
};
enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

static bool is_given(const cJSON *settings, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(settings, key);

    return item && !cJSON_IsNull(item) && !(cJSON_IsString(item) && !*item->valuestring);
}

static bool options_given(const cJSON *settings)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (is_given(settings, options[i].key))
            return true;
    return false;
}

/* Teams' words for who admits; all others are ours too. */
static const char *word_of(const cJSON *settings, const struct option *o)
{
    const char *said = setting_text(&platform_teams, settings, o->key);

    if (strcmp(o->key, "admitters") != 0)
        return said;
    return strcmp(said, "presenters") == 0 ? "organizerAndCoOrganizersAndPresenters"
                                           : "organizerAndCoOrganizers";
}

static bool same(const cJSON *item, const struct option *o, const cJSON *settings)
{
    const cJSON *has = json_at(item, o->member);

    if (o->truth)
        return cJSON_IsBool(has) &&
               cJSON_IsTrue(has) == setting_bool(&platform_teams, settings, o->key);
    return text_equal(cJSON_GetStringValue(has), word_of(settings, o));
}

/* lobbyBypassSettings goes out whole: whether a part of it keeps the rest is said nowhere. */
static void put_option(cJSON *body, const struct option *o, const cJSON *settings,
                       const cJSON *item)
{
    const char *dot = strchr(o->member, '.'), *name = dot ? dot + 1 : o->member;
    cJSON *to = body;

    if (dot) {
        const cJSON *has = json_at(item, "lobbyBypassSettings");

        to = cJSON_GetObjectItemCaseSensitive(body, "lobbyBypassSettings");
        if (!to) {
            to = cJSON_IsObject(has) ? cJSON_Duplicate(has, true) : cJSON_CreateObject();
            if (!cJSON_AddItemToObject(body, "lobbyBypassSettings", to))
                return;
            if (text_equal(json_string(to, "scope"), "unknownFutureValue"))
                cJSON_DeleteItemFromObjectCaseSensitive(to, "scope");
        }
        cJSON_DeleteItemFromObjectCaseSensitive(to, name);
    }
    if (o->truth)
        cJSON_AddBoolToObject(to, name, setting_bool(&platform_teams, settings, o->key));
    else
        json_add_string(to, name, word_of(settings, o));
}

static void options_changes(const struct teams *x, const cJSON *item, cJSON *body)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (is_given(x->settings, options[i].key) && !same(item, &options[i], x->settings))
            put_option(body, &options[i], x->settings, item);
}

/* Read back: what the organisation's policy does not allow Teams may pass over without a word. */
static void options_compare(struct teams *x, const cJSON *item)
{
    struct text names;

    text_init(&names, 100);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (is_given(x->settings, options[i].key) && json_at(item, options[i].member) &&
            !same(item, &options[i], x->settings))
            text_addf(&names, "%s%s", names.length ? ", " : "", options[i].key);
    if (names.length)
        teams_advise(x,
                     "Teams kept its own options for %s: the organisation's policy may not allow "
                     "them.",
                     text_str(&names));
    text_release(&names);
}

static bool patch(struct teams *x, const cJSON *item, const cJSON *body, struct error *err)
{
    const char *id = json_string(item, "id");
    cJSON *answer = NULL;
    bool done;

    if (!id)
        return kit_error(err, x->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "Microsoft's answer has no meeting id.");
    done = teams_thing_ask(x, "PATCH", id, false, body, &answer, err);
    /* Title and times go out by a request of their own, whose answer says nothing of options. */
    if (done && !cJSON_HasObjectItem(body, "subject") &&
        !cJSON_HasObjectItem(body, "startDateTime"))
        options_compare(x, answer);
    cJSON_Delete(answer);
    return done;
}

/* ---- the meeting behind a link ---- */

/* The link is encoded already; as a value of a query it is so once more. */
bool teams_link_lookup(struct teams *x, cJSON **item, struct error *err)
{
    struct teams_ask ask = { .method = "GET", .route = "/onlineMeetings" };
    struct error why = { 0 };
    struct text path, filter;
    cJSON *answer = NULL;
    bool done;

    *item = NULL;
    text_init(&filter, 2200);
    text_init(&path, 5500);
    text_addf(&filter, "JoinWebUrl eq '%s'", x->out->url);
    text_add(&path, "/onlineMeetings?$filter=");
    text_add_urlencoded(&path, text_str(&filter));
    ask.path = text_str(&path);
    done = teams_ask(x->call, x->token, &ask, &answer, &why) && teams_is_list(x, answer, &why);
    if (done)
        *item = cJSON_DetachItemFromArray(cJSON_GetObjectItemCaseSensitive(answer, "value"), 0);
    cJSON_Delete(answer);
    text_release(&filter);
    text_release(&path);
    return done || why.kind == ERROR_NOT_FOUND || teams_fail(err, &why);
}

static bool options_refused(struct teams *x, const struct error *why)
{
    /* The link works; only whoever set the options must know that they do not hold. */
    teams_advise(x, "Teams did not take the options (%s): set them in Teams. %s",
                 *why->code ? why->code : "refused", why->remedy);
    return true;
}

enum { LOOKS_MOST = 6 };

/* A meeting may show some seconds after its event. */
static bool options_wait(struct teams *x)
{
    int n = kit_waited(x->out, "options");

    if (n >= LOOKS_MOST) {
        kit_waited(x->out, NULL);
        teams_advise(x, "Teams does not show the meeting to this sign-in: set its options in "
                        "Teams.");
        return true;
    }
    x->out->again_ms = 2000 << n;
    kit_note(x->out, "The link is ready; its options follow when Teams shows the meeting.");
    return true;
}

bool teams_options_bring(struct teams *x, struct error *err)
{
    struct error why = { 0 };
    cJSON *item = NULL, *body;
    bool done;

    if (!options_given(x->settings) && !teams_people_given(x))
        return true;
    if (!teams_link_lookup(x, &item, &why))
        return teams_is_lasting(&why) ? options_refused(x, &why) : teams_fail(err, &why);
    if (!item)
        return options_wait(x);
    kit_waited(x->out, NULL);
    body = cJSON_CreateObject();
    options_changes(x, item, body);
    done = teams_people_changes(x, item, body, &why) &&
           (!body || !body->child || patch(x, item, body, &why));
    cJSON_Delete(body);
    cJSON_Delete(item);
    if (!done && teams_is_lasting(&why))
        return options_refused(x, &why);
    return done || teams_fail(err, &why);
}

/* ---- a meeting alone ---- */

static void add_times(cJSON *body, const struct meeting *m)
{
    char at[CLOCK_RFC3339_SIZE];

    clock_rfc3339_s(at, m->start_ms);
    json_add_string(body, "startDateTime", at);
    clock_rfc3339_s(at, m->end_ms);
    json_add_string(body, "endDateTime", at);
}

/* It takes nothing but title and times; a passcode can only be given by the plain create, which has
 * no key: hence there is no setting for one. */
bool teams_link_have(struct teams *x, cJSON **item, struct error *err)
{
    cJSON *body = cJSON_CreateObject();
    struct teams_ask ask = { .method = "POST",
                             .route = "/onlineMeetings/createOrGet",
                             .path = "/onlineMeetings/createOrGet",
                             .json = body,
                             /* A repeat makes no second one. It counts as creating so that a
                              * cancelled meeting whose answer was lost is found and deleted. */
                             .creates = true };
    bool done;

    json_add_string(body, "externalId", x->call->idem_key);
    json_add_string(body, "subject", x->m->title);
    add_times(body, x->m);
    done = teams_ask(x->call, x->token, &ask, item, err);
    cJSON_Delete(body);
    return done;
}

static bool same_instant(const cJSON *item, const char *key, int64_t ms)
{
    const char *said = json_string(item, key);
    int64_t has;

    return said && clock_parse_rfc3339(said, &has) && has / 1000 == ms / 1000;
}

/* Also after createOrGet: whether it changes one that exists is unconfirmed (teams.md 5.4). */
bool teams_link_bring(struct teams *x, const cJSON *item, struct error *err)
{
    cJSON *body = cJSON_CreateObject(), *more = cJSON_CreateObject();
    struct error why = { 0 };
    bool done;

    if (!text_equal(json_string(item, "subject"), x->m->title))
        json_add_string(body, "subject", x->m->title);
    /* One of the two alone is refused. */
    if (!same_instant(item, "startDateTime", x->m->start_ms) ||
        !same_instant(item, "endDateTime", x->m->end_ms))
        add_times(body, x->m);
    options_changes(x, item, more);
    done = teams_people_changes(x, item, more, err) &&
           (!body || !body->child || patch(x, item, body, err));
    if (done && more && more->child && !patch(x, item, more, &why))
        done = teams_is_lasting(&why) ? options_refused(x, &why) : teams_fail(err, &why);
    cJSON_Delete(body);
    cJSON_Delete(more);
    return done;
}

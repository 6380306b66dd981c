/* Google Meet: the room ("space") behind the link. Who may come in and what is recorded are rules
 * of the room, not of the event; and only a room that this program's own Cloud project has made can
 * be ended from here. */
#include "platform/google_meet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

#include "platform/google.h"

bool google_meet_own_room(const struct google_meet *g)
{
    return *kit_remembered(g->out, "space") != '\0';
}

/* ---- rules ---- */

/* What a setting is at Google: the member below "config", and its words. A bool's are yes, no. */
static const struct rule {
    const char *key, *member;
    const char *const *words; /* ours and Google's in turn, ends with NULL */
} rules[] = {
    { "access", "accessType",
      (const char *const[]){ "open", "OPEN", "trusted", "TRUSTED", "restricted", "RESTRICTED",
                             NULL } },
    { "moderation", "moderation", (const char *const[]){ "yes", "ON", "no", "OFF", NULL } },
    { "chat", "moderationRestrictions.chatRestriction",
      (const char *const[]){ "everyone", "NO_RESTRICTION", "hosts", "HOSTS_ONLY", NULL } },
    { "present", "moderationRestrictions.presentRestriction",
      (const char *const[]){ "everyone", "NO_RESTRICTION", "hosts", "HOSTS_ONLY", NULL } },
    { "reactions", "moderationRestrictions.reactionRestriction",
      (const char *const[]){ "everyone", "NO_RESTRICTION", "hosts", "HOSTS_ONLY", NULL } },
    { "viewers", "moderationRestrictions.defaultJoinAsViewerType",
      (const char *const[]){ "yes", "ON", "no", "OFF", NULL } },
    { "record", "artifactConfig.recordingConfig.autoRecordingGeneration",
      (const char *const[]){ "yes", "ON", "no", "OFF", NULL } },
    { "transcript", "artifactConfig.transcriptionConfig.autoTranscriptionGeneration",
      (const char *const[]){ "yes", "ON", "no", "OFF", NULL } },
    { "notes", "artifactConfig.smartNotesConfig.autoSmartNotesGeneration",
      (const char *const[]){ "yes", "ON", "no", "OFF", NULL } },
    { "attendance", "attendanceReportGenerationType",
      (const char *const[]){ "yes", "GENERATE_REPORT", "no", "DO_NOT_GENERATE", NULL } },
};
enum { RULE_COUNT = sizeof(rules) / sizeof(rules[0]) };

static bool is_given(const cJSON *settings, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(settings, key);

    return item && !cJSON_IsNull(item) && !(cJSON_IsString(item) && !*item->valuestring);
}

static bool restricts(const cJSON *settings)
{
    return is_given(settings, "chat") || is_given(settings, "present") ||
           is_given(settings, "reactions") || is_given(settings, "viewers");
}

static bool has_rules(const cJSON *settings)
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (is_given(settings, rules[i].key))
            return true;
    return false;
}

/* Google's word for what a person has set; NULL when it follows the account. Restrictions count
 * only in a moderated room. */
static const char *rule_wanted(const cJSON *settings, const struct rule *rule)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(settings, rule->key);
    const char *said;

    if (!is_given(settings, rule->key))
        return text_equal(rule->key, "moderation") && restricts(settings) ? "ON" : NULL;
    said = cJSON_IsString(item) && strcmp(rule->words[0], "yes") != 0
               ? item->valuestring
               : (setting_bool(&platform_google_meet, settings, rule->key) ? "yes" : "no");
    for (size_t i = 0; rule->words[i]; i += 2)
        if (strcmp(rule->words[i], said) == 0)
            return rule->words[i + 1];
    return NULL;
}

/* "a.b.c" as objects in objects. */
static void put_member(cJSON *object, const char *member, const char *word)
{
    const char *dot;
    char part[60];

    while ((dot = strchr(member, '.')) != NULL) {
        cJSON *inner;

        snprintf(part, sizeof(part), "%.*s", (int)(dot - member), member);
        inner = cJSON_GetObjectItemCaseSensitive(object, part);
        object = inner ? inner : cJSON_AddObjectToObject(object, part);
        member = dot + 1;
    }
    json_add_string(object, member, word);
}

/* What differs from the room, onto config, and its names onto mask. */
static void rules_changes(const struct google_meet *g, const cJSON *space, cJSON *config,
                          struct text *mask)
{
    char path[120];

    for (size_t i = 0; i < RULE_COUNT; i++) {
        const char *word = rule_wanted(g->settings, &rules[i]);

        snprintf(path, sizeof(path), "config.%s", rules[i].member);
        if (!word || text_equal(json_string(space, path), word))
            continue;
        put_member(config, rules[i].member, word);
        text_addf(mask, "%s%s", mask->length ? "," : "", path);
    }
}

static bool room_path(struct text *path, const char *room, const char *rest)
{
    text_add(path, "/v2/spaces/");
    text_add_urlencoded(path, text_starts(room, "spaces/") ? room + 7 : room);
    return text_add(path, rest);
}

/* By the name of one of ours, or by the code in the link. *space is yours. */
static bool room_get(struct google_meet *g, const char *room, cJSON **space, struct error *err)
{
    struct text path;
    bool done;

    text_init(&path, 400);
    room_path(&path, room, "");
    done = google_meet_ask(g, "GET", text_str(&path), "GET /v2/spaces/{space}", NULL, space, err);
    text_release(&path);
    if (done && !json_string(*space, "name")) {
        cJSON_Delete(*space);
        *space = NULL;
        done = kit_error(err, g->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "Google Meet's answer has no room in it.");
    }
    return done;
}

/* "" when the link is not known yet. */
static const char *room_of(const struct google_meet *g)
{
    return google_meet_own_room(g) ? kit_remembered(g->out, "space")
                                   : kit_remembered(g->out, "code");
}

/* Waiting does not help: the sign-in, the account's edition or the room itself stands against it.
 */
static bool is_lasting(const struct error *why)
{
    return why->kind == ERROR_FORBIDDEN || why->kind == ERROR_NOT_FOUND ||
           why->kind == ERROR_INVALID || why->kind == ERROR_REFUSED || why->kind == ERROR_CONFIG;
}

/* Read back: what an admin has locked Google may pass over without a word. */
static void rules_compare(struct google_meet *g, const cJSON *space)
{
    struct text names;
    char path[120];

    text_init(&names, 100);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const char *word = rule_wanted(g->settings, &rules[i]), *has;

        snprintf(path, sizeof(path), "config.%s", rules[i].member);
        has = json_string(space, path);
        if (word && has && !text_equal(has, word))
            text_addf(&names, "%s%s", names.length ? ", " : "", rules[i].key);
    }
    if (names.length)
        google_meet_advise(g,
                           "Google kept its own rules for %s: the organisation's admin may have "
                           "locked them.",
                           text_str(&names));
    text_release(&names);
}

static bool rules_patch(struct google_meet *g, const cJSON *space, cJSON *body,
                        const struct text *mask, struct error *err)
{
    cJSON *answer = NULL;
    struct text path;
    bool done;

    text_init(&path, 2000);
    room_path(&path, json_string(space, "name"), "?");
    kit_query(&path, "updateMask", text_str(mask));
    done = google_meet_ask(g, "PATCH", text_str(&path), "PATCH /v2/spaces/{space}", body, &answer,
                           err);
    if (done)
        rules_compare(g, answer);
    cJSON_Delete(answer);
    text_release(&path);
    return done;
}

bool google_meet_room_rules(struct google_meet *g, struct error *err)
{
    cJSON *space = NULL, *body, *config;
    struct error why = { 0 };
    struct text mask;
    bool done;

    if (!has_rules(g->settings) || !*room_of(g))
        return true;
    body = cJSON_CreateObject();
    config = cJSON_AddObjectToObject(body, "config");
    text_init(&mask, 1500);
    done = room_get(g, room_of(g), &space, &why);
    if (done)
        rules_changes(g, space, config, &mask);
    if (done && mask.length)
        done = rules_patch(g, space, body, &mask, &why);
    if (!done && is_lasting(&why)) {
        /* The link works; only whoever set the rules must know that they do not hold. */
        google_meet_advise(g, "Google did not take the room's rules (%s): set them in the call. %s",
                           *why.code ? why.code : "refused", why.remedy);
        done = true;
    }
    text_release(&mask);
    cJSON_Delete(body);
    cJSON_Delete(space);
    return done || google_meet_fail(err, &why);
}

/* ---- a room of ours ---- */

static bool room_learn(struct google_meet *g, const cJSON *space, struct error *err)
{
    const char *name = json_string(space, "name"), *url = json_string(space, "meetingUri");

    if (!name || !text_starts(name, "spaces/") || strlen(name) >= sizeof(g->out->remote_id) ||
        !url || strlen(url) >= sizeof(g->out->url))
        return kit_error(err, g->call, NULL, ERROR_GARBAGE, "", "It is asked again by itself.",
                         "Google Meet's answer has no room that can be used.");
    if (!platform_link_check(&platform_google_meet, g->call->options, g->call->simulated, url, err))
        return false;
    kit_remember(g->out, "space", name);
    text_copy_to(g->out->url, sizeof(g->out->url), url);
    if (!google_meet_has_event(g))
        text_copy_to(g->out->remote_id, sizeof(g->out->remote_id), name);
    return true;
}

/* Google gives no key and no list here. A room whose answer was lost stays empty and unknown to
 * everybody, so the request is simply repeated. Rules come afterwards: some clients were asked for
 * another permission when they gave them here (google-meet.md 10, unconfirmed). */
static bool room_make(struct google_meet *g, struct error *err)
{
    cJSON *body = cJSON_CreateObject(), *space = NULL;
    bool done = google_meet_ask(g, "POST", "/v2/spaces", "POST /v2/spaces", body, &space, err) &&
                room_learn(g, space, err) && g->call->progress(g->call, g->out, err);

    cJSON_Delete(body);
    cJSON_Delete(space);
    return done;
}

bool google_meet_room_have(struct google_meet *g, struct error *err)
{
    struct error why = { 0 };
    cJSON *space = NULL;
    bool done;

    if (google_meet_own_room(g)) {
        if (room_get(g, kit_remembered(g->out, "space"), &space, &why)) {
            done = room_learn(g, space, err);
            cJSON_Delete(space);
            return done;
        }
        if (why.kind != ERROR_NOT_FOUND && why.kind != ERROR_FORBIDDEN)
            return google_meet_fail(err, &why);
        kit_remember(g->out, "space", NULL);
    }
    return room_make(g, err);
}

/* ---- whether somebody is in it ---- */

static int64_t instant_at(const cJSON *item, const char *path)
{
    const char *said = json_string(item, path);
    int64_t ms;

    return said && clock_parse_rfc3339(said, &ms) ? ms : 0;
}

/* Times of the call that runs, or of the last one. What may not be seen stays unknown. */
static bool state_times(struct google_meet *g, struct google_meet_state *s, struct error *err)
{
    char filter[200];
    struct error why = { 0 };
    struct text path;
    cJSON *answer = NULL;
    bool done;

    text_init(&path, 600);
    text_add(&path, "/v2/conferenceRecords?");
    snprintf(filter, sizeof(filter), "space.name = \"%s\"", s->name);
    kit_query(&path, "filter", filter);
    kit_query(&path, "pageSize", "1");
    done = google_meet_ask(g, "GET", text_str(&path), "GET /v2/conferenceRecords", NULL, &answer,
                           &why);
    text_release(&path);
    if (done) {
        s->started_ms = instant_at(answer, "conferenceRecords.0.startTime");
        s->ended_ms = instant_at(answer, "conferenceRecords.0.endTime");
        if (s->running && s->ended_ms) /* the new call is not listed yet */
            s->started_ms = s->ended_ms = 0;
    }
    cJSON_Delete(answer);
    return done || is_lasting(&why) || google_meet_fail(err, &why);
}

/* totalSize counts all of the filter, but comes only when it is asked for by name. */
static bool state_people(struct google_meet *g, struct google_meet_state *s, struct error *err)
{
    struct error why = { 0 };
    struct text path;
    cJSON *answer = NULL;
    bool done;

    if (!text_starts(s->record, "conferenceRecords/"))
        return true;
    text_init(&path, 600);
    text_add(&path, "/v2/conferenceRecords/");
    text_add_urlencoded(&path, s->record + strlen("conferenceRecords/"));
    text_add(&path, "/participants?");
    kit_query(&path, "filter", "latest_end_time IS NULL");
    kit_query(&path, "pageSize", "1");
    kit_query(&path, "fields", "participants(name),totalSize");
    done = google_meet_ask(g, "GET", text_str(&path),
                           "GET /v2/conferenceRecords/{record}/participants", NULL, &answer, &why);
    text_release(&path);
    if (done && !json_int(answer, "totalSize", &s->people))
        s->people = -1;
    cJSON_Delete(answer);
    return done || is_lasting(&why) || google_meet_fail(err, &why);
}

bool google_meet_room_state(struct google_meet *g, bool details, struct google_meet_state *s,
                            struct error *err)
{
    struct error why = { 0 };
    cJSON *space = NULL;

    memset(s, 0, sizeof(*s));
    s->people = -1;
    if (!*room_of(g))
        return true;
    if (!room_get(g, room_of(g), &space, &why))
        return is_lasting(&why) || google_meet_fail(err, &why);
    s->known = true;
    s->running = cJSON_IsObject(json_at(space, "activeConference"));
    text_copy_to(s->name, sizeof(s->name), json_string(space, "name"));
    if (s->running)
        json_id(space, "activeConference.conferenceRecord", s->record, sizeof(s->record));
    cJSON_Delete(space);
    if (!details)
        return true;
    return state_times(g, s, err) && (!s->running || state_people(g, s, err));
}

static bool end_call(struct google_meet *g, const char *room, struct error *err)
{
    cJSON *body = cJSON_CreateObject();
    struct text path;
    bool done;

    text_init(&path, 400);
    room_path(&path, room, ":endActiveConference");
    done =
        google_meet_ask(g, "POST", text_str(&path), "POST /v2/spaces/{space}:end", body, NULL, err);
    text_release(&path);
    cJSON_Delete(body);
    return done;
}

/* Google lets only the project that made a room end its call; for a room that the calendar made
 * that is unlikely but unconfirmed (google-meet.md 1), so it is tried. After a refusal the room
 * says whether nobody was in it any more: Google's words for that are unconfirmed (3.4). */
bool google_meet_room_end(struct google_meet *g, bool *ended, struct error *err)
{
    struct google_meet_state s;
    struct error why = { 0 };

    *ended = false;
    if (!google_meet_room_state(g, false, &s, err))
        return false;
    if (s.known && s.running && !end_call(g, s.name, &why)) {
        if (!is_lasting(&why))
            return google_meet_fail(err, &why);
        if (!google_meet_room_state(g, false, &s, err))
            return false;
        *ended = s.known && !s.running;
        return true;
    }
    *ended = s.known;
    return true;
}

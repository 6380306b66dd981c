/* What is said to Zoom about a meeting: its settings, the body of a create, what an update changes.
 */
#include "platform/zoom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/utf8.h>

#define MINUTE_MS    INT64_C(60000)
#define MINUTES_MOST 1440
#define AGENDA_MOST  2000
#define TOPIC_MOST   200
#define HOSTS_MOST   1000

static const char *const recordings[] = { "none", "local", "cloud", NULL };
static const char *const head_starts[] = { "0", "5", "10", "15", NULL };
static const char *const registrations[] = { "automatic", "manual", "none", NULL };
static const char *const encryptions[] = { "enhanced_encryption", "e2ee", NULL };
static const char *const audios[] = { "both", "telephony", "voip", "thirdParty", NULL };
static const char *const waiters[] = { "everyone", "users_not_in_account",
                                       "users_not_in_account_or_whitelisted_domains",
                                       "users_not_on_invite", NULL };
static const char *const signups[] = { "once", "each", "choose", NULL };

/* No row has a default of ours: what a person does not set follows the church's Zoom account, whose
 * admin may have locked it. */
const struct setting zoom_settings[] = {
    { "waiting_room", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Waiting room",
      "The host lets each person in. Not together with joining before the host." },
    { "waiting_room_for", SETTING_CHOICE, PLATFORM_MEETINGS, "", waiters, 0, 0, "Who waits",
      "Whom the waiting room holds back; without it as the account's own settings say." },
    { "join_before_host", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Join before the host",
      "People may come in before the host does." },
    { "jbh_time", SETTING_CHOICE, PLATFORM_MEETINGS, "", head_starts, 0, 0, "How early",
      "Minutes before the start that people may come in without the host; 0: at any time." },
    { "mute_upon_entry", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Mute on entry",
      "People come in with their microphone off." },
    { "host_video", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Host's camera on",
      "The meeting starts with the host's camera on." },
    { "participant_video", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Cameras on",
      "People come in with their camera on." },
    { "auto_recording", SETTING_CHOICE, PLATFORM_MEETINGS, "", recordings, 0, 0, "Record",
      "Record by itself; cloud needs a licensed host." },
    { "passcode", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 10, "Passcode",
      "At most 10 letters, digits or @ - _ *; it is part of the members' link." },
    { "meeting_authentication", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Zoom sign-in",
      "Only people who are signed in to Zoom may join." },
    { "authentication_option", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 80, "Sign-in rule",
      "Of meeting_authentication: the id of one of the account's rules, as signIn_D8cJuqWVQ." },
    { "authentication_domains", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, 500,
      "Sign-in domains", "Of meeting_authentication: only with e-mails of these, with , between." },
    { "alternative_hosts", SETTING_TEXT, PLATFORM_MEETINGS, "", NULL, 0, HOSTS_MOST, "Other hosts",
      "E-mails of people of the same Zoom account who may start it, with ; between." },
    { "registration", SETTING_CHOICE, PLATFORM_MEETINGS, "", registrations, 0, 0, "Registration",
      "People sign up first: admitted automatic, or by hand (manual); the link leads to the "
      "form." },
    { "registration_type", SETTING_CHOICE, PLATFORM_MEETINGS, "", signups, 0, 0, "Sign up",
      "Of a series: once for all its times, for each one, or once and choose some." },
    { "allow_multiple_devices", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Several devices",
      "Who has signed up may come in with more than one device." },
    { "private_meeting", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Private",
      "Colleagues who share the host's calendar see no title and no link." },
    { "focus_mode", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Focus mode",
      "Begins so that people see only the host, not each other." },
    { "continuous_chat", SETTING_BOOL, PLATFORM_MEETINGS, "", NULL, 0, 0, "Chat goes on",
      "The chat stays open before and after the meeting." },
    { "encryption_type", SETTING_CHOICE, PLATFORM_MEETINGS, "", encryptions, 0, 0, "Encryption",
      "e2ee: end to end; then no cloud recording, no telephone, no live stream." },
    { "audio", SETTING_CHOICE, PLATFORM_MEETINGS, "", audios, 0, 0, "Sound by",
      "both: computer and telephone." },
    REPEAT_ROWS(ZOOM_TIMES_MOST),
    { NULL, SETTING_TEXT, 0, NULL, NULL, 0, 0, NULL, NULL },
};

enum wire_kind {
    WIRE_BOOL,
    WIRE_TEXT,
    WIRE_NUMBER,
    WIRE_HOSTS,
    WIRE_REGISTRATION, /* 0 automatic, 1 manual, 2 none */
    WIRE_SIGNUP,       /* 1 once, 2 each, 3 choose */
    WIRE_WAITERS,      /* an object, mode and who */
    WIRE_ENABLE        /* an object with "enable" */
};

static const struct wire {
    const char *key, *field; /* ours, Zoom's inside "settings" */
    enum wire_kind kind;
} wires[] = {
    { "waiting_room", "waiting_room", WIRE_BOOL },
    { "waiting_room_for", "waiting_room_options", WIRE_WAITERS },
    { "join_before_host", "join_before_host", WIRE_BOOL },
    { "jbh_time", "jbh_time", WIRE_NUMBER },
    { "mute_upon_entry", "mute_upon_entry", WIRE_BOOL },
    { "host_video", "host_video", WIRE_BOOL },
    { "participant_video", "participant_video", WIRE_BOOL },
    { "auto_recording", "auto_recording", WIRE_TEXT },
    { "meeting_authentication", "meeting_authentication", WIRE_BOOL },
    { "authentication_option", "authentication_option", WIRE_TEXT },
    { "authentication_domains", "authentication_domains", WIRE_TEXT },
    { "alternative_hosts", "alternative_hosts", WIRE_HOSTS },
    { "registration", "approval_type", WIRE_REGISTRATION },
    { "registration_type", "registration_type", WIRE_SIGNUP },
    { "allow_multiple_devices", "allow_multiple_devices", WIRE_BOOL },
    { "private_meeting", "private_meeting", WIRE_BOOL },
    { "focus_mode", "focus_mode", WIRE_BOOL },
    { "continuous_chat", "continuous_meeting_chat", WIRE_ENABLE },
    { "encryption_type", "encryption_type", WIRE_TEXT },
    { "audio", "audio", WIRE_TEXT },
};

static bool is_set(const cJSON *settings, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(settings, key);

    return item && !cJSON_IsNull(item) && !(cJSON_IsString(item) && !*item->valuestring);
}

/* E-mails or user ids with ; , or blanks between become Zoom's form, ";" between. */
static bool hosts_onto(struct text *out, const char *list, struct error *err)
{
    static const char gaps[] = "; ,\t\n";

    text_clear(out);
    while (list && *(list += strspn(list, gaps))) {
        int length = (int)strcspn(list, gaps);
        if (!memchr(list, '@', (size_t)length) && length < 16)
            return error_platform(err, ERROR_INPUT, "zoom",
                                  "Write e-mails of people of your Zoom account, with ; between.",
                                  "Zoom: alternative_hosts: \"%.*s\" is no e-mail.", length, list);
        text_addf(out, "%s%.*s", out->length ? ";" : "", length, list);
        list += length;
    }
    return !out->overflow || error_platform(err, ERROR_INPUT, "zoom", "Name fewer people.",
                                            "Zoom: alternative_hosts is too long.");
}

/* The page of the create allows more signs ("such as !, @, #"), that of the update only these: so
 * that what was made can be changed, these. What the account's own policy wants besides, only Zoom
 * can say. */
static bool check_passcode(const char *code, struct error *err)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@-_*";

    if (strlen(code) <= 10 && !code[strspn(code, allowed)])
        return true;
    return error_platform(err, ERROR_INPUT, "zoom",
                          "Use at most 10 of A-Z, a-z, 0-9, @, -, _ and *.",
                          "Zoom: \"passcode\" has a character that Zoom does not take.");
}

/* Settings that count only beside another one, which Zoom would drop without a word. */
static const struct {
    const char *key, *beside, *word; /* word NULL: any but "none" */
} needs[] = {
    { "waiting_room_for", "waiting_room", "true" },
    { "authentication_option", "meeting_authentication", "true" },
    { "authentication_domains", "meeting_authentication", "true" },
    { "allow_multiple_devices", "registration", NULL },
    { "registration_type", "registration", NULL },
    { "registration_type", "repeat", NULL },
};

static bool check_needs(const cJSON *s, struct error *err)
{
    const struct platform *p = &platform_zoom;

    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        const char *beside = needs[i].beside;
        bool there =
            is_set(s, beside) && (needs[i].word ? setting_bool(p, s, beside)
                                                : !text_equal(setting_text(p, s, beside), "none"));

        if (is_set(s, needs[i].key) && !there)
            return error_platform(err, ERROR_INPUT, "zoom", "Set both, or leave it out.",
                                  "Zoom: \"%s\" counts only together with \"%s\"%s%s.",
                                  needs[i].key, beside, needs[i].word ? "=" : "",
                                  needs[i].word ? needs[i].word : "");
    }
    return true;
}

/* Zoom does not refuse these: it silently drops one of the two. */
static bool check_pairs(const cJSON *s, struct error *err)
{
    const struct platform *p = &platform_zoom;
    bool waiting = is_set(s, "waiting_room") && setting_bool(p, s, "waiting_room");
    bool early = is_set(s, "join_before_host") && setting_bool(p, s, "join_before_host");

    if (waiting && early)
        return error_platform(err, ERROR_INPUT, "zoom",
                              "Choose one: waiting_room=true or join_before_host=true.",
                              "Zoom: a waiting room switches joining before the host off.");
    if (is_set(s, "jbh_time") && !early)
        return error_platform(err, ERROR_INPUT, "zoom",
                              "Set join_before_host=true too, or leave jbh_time out.",
                              "Zoom: jbh_time counts only when people may join before the host.");
    if (!is_set(s, "encryption_type") || !text_equal(setting_text(p, s, "encryption_type"), "e2ee"))
        return true;
    if (is_set(s, "auto_recording") && text_equal(setting_text(p, s, "auto_recording"), "cloud"))
        return error_platform(err, ERROR_INPUT, "zoom",
                              "Choose auto_recording=local, or another encryption_type.",
                              "Zoom: an end-to-end encrypted meeting cannot be recorded in the "
                              "cloud.");
    if (is_set(s, "audio") && !text_equal(setting_text(p, s, "audio"), "voip"))
        return error_platform(
            err, ERROR_INPUT, "zoom", "Choose audio=voip, or another encryption_type.",
            "Zoom: an end-to-end encrypted meeting cannot be joined by telephone.");
    return true;
}

bool zoom_check_meeting(const struct meeting *m, const struct target *t, struct error *err)
{
    cJSON *settings = kit_settings(t);
    struct text hosts;
    bool ok = false;

    text_init(&hosts, HOSTS_MOST);
    if (utf8_count(m->title) > TOPIC_MOST)
        error_platform(err, ERROR_INPUT, "zoom", "Shorten the title.",
                       "Zoom takes titles of at most %d characters.", TOPIC_MOST);
    else if (m->end_ms <= m->start_ms || m->end_ms - m->start_ms > MINUTES_MOST * MINUTE_MS)
        error_platform(err, ERROR_INPUT, "zoom", "Choose an end within 24 hours of the start.",
                       "Zoom takes meetings of 1 minute to 24 hours.");
    else if (check_pairs(settings, err) && check_needs(settings, err) &&
             repeat_check(m, t, ZOOM_TIMES_MOST, err) &&
             (!is_set(settings, "passcode") ||
              check_passcode(setting_text(&platform_zoom, settings, "passcode"), err)) &&
             (!is_set(settings, "alternative_hosts") ||
              hosts_onto(&hosts, setting_text(&platform_zoom, settings, "alternative_hosts"), err)))
        ok = true;
    text_release(&hosts);
    cJSON_Delete(settings);
    return ok;
}

/* Zoom's numbers are the order of our choices. */
static int place_of(const char *const *choices, const char *word)
{
    int i = 0;

    while (choices[i + 1] && !text_equal(word, choices[i]))
        i++;
    return i;
}

static void setting_onto(cJSON *to, const struct wire *w, const cJSON *settings)
{
    const struct platform *p = &platform_zoom;
    const char *words = w->kind == WIRE_BOOL ? NULL : setting_text(p, settings, w->key);
    struct text hosts;
    cJSON *inner;

    switch (w->kind) {
    case WIRE_BOOL:
        cJSON_AddBoolToObject(to, w->field, setting_bool(p, settings, w->key));
        break;
    case WIRE_TEXT:
        json_add_string(to, w->field, words);
        break;
    case WIRE_NUMBER:
        cJSON_AddNumberToObject(to, w->field, words ? (double)strtol(words, NULL, 10) : 0);
        break;
    case WIRE_REGISTRATION:
        cJSON_AddNumberToObject(to, w->field, place_of(registrations, words));
        break;
    case WIRE_SIGNUP:
        cJSON_AddNumberToObject(to, w->field, place_of(signups, words) + 1);
        break;
    case WIRE_WAITERS:
        inner = cJSON_AddObjectToObject(to, w->field);
        json_add_string(inner, "mode", "custom");
        json_add_string(inner, "who_goes_to_waiting_room", words);
        break;
    case WIRE_ENABLE:
        inner = cJSON_AddObjectToObject(to, w->field);
        cJSON_AddBoolToObject(inner, "enable", setting_bool(p, settings, w->key));
        break;
    case WIRE_HOSTS:
        text_init(&hosts, HOSTS_MOST);
        if (hosts_onto(&hosts, words, NULL))
            json_add_string(to, w->field, text_str(&hosts));
        text_release(&hosts);
        break;
    }
}

/* Whole minutes, the last begun one counted; within Zoom's limits. */
static int minutes(int64_t start_ms, int64_t end_ms)
{
    int64_t n = (end_ms - start_ms + MINUTE_MS - 1) / MINUTE_MS;

    return n < 1 ? 1 : n > MINUTES_MOST ? MINUTES_MOST : (int)n;
}

static void settings_onto(cJSON *to, const cJSON *settings)
{
    for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++)
        if (is_set(settings, wires[i].key))
            setting_onto(to, &wires[i], settings);
}

cJSON *zoom_body_wanted(const struct meeting *m, const struct target *t, const struct repeat *r,
                        const char *marker, int64_t start_ms)
{
    char *agenda = kit_describe(marker, m->description, AGENDA_MOST);
    cJSON *settings = kit_settings(t);
    cJSON *body = cJSON_CreateObject();
    cJSON *inner = cJSON_CreateObject();
    char start[CLOCK_RFC3339_SIZE];

    /* In UTC and without a zone of ours: Zoom shows the account's zone, which is the church's, and
     * does not know every IANA name. Only a series needs one. */
    clock_rfc3339_s(start, start_ms);
    cJSON_AddStringToObject(body, "topic", m->title);
    cJSON_AddNumberToObject(body, "type", 2);
    cJSON_AddStringToObject(body, "start_time", start);
    cJSON_AddNumberToObject(body, "duration", minutes(start_ms, m->end_ms));
    zoom_series_onto(body, r, start_ms);
    if (cJSON_HasObjectItem(body, "recurrence"))
        cJSON_ReplaceItemInObjectCaseSensitive(body, "duration",
                                               cJSON_CreateNumber(minutes(m->start_ms, m->end_ms)));
    json_add_string(body, "agenda", agenda);
    if (is_set(settings, "passcode"))
        json_add_string(body, "password", setting_text(&platform_zoom, settings, "passcode"));
    settings_onto(inner, settings);
    if (inner && inner->child)
        cJSON_AddItemToObject(body, "settings", inner);
    else
        cJSON_Delete(inner);
    cJSON_Delete(settings);
    free(agenda);
    if (agenda && json_string(body, "topic") && json_string(body, "agenda"))
        return body;
    cJSON_Delete(body);
    return NULL;
}

/* Zoom may give line breaks back in its own form. */
static bool same_text(const char *a, const char *b)
{
    for (; *a || *b; a++, b++) {
        a += *a == '\r' && a[1] == '\n';
        b += *b == '\r' && b[1] == '\n';
        if (*a != *b)
            return false;
    }
    return true;
}

static bool names_host(const char *list, const char *host, size_t length)
{
    for (const char *at = list; *at; at += at[strcspn(at, ";")] ? strcspn(at, ";") + 1 : strlen(at))
        if (strcspn(at, ";") == length && strncasecmp(at, host, length) == 0)
            return true;
    return false;
}

/* Zoom may give them in another order. */
static bool same_hosts(const char *a, const char *b)
{
    if (strlen(a) != strlen(b))
        return false;
    for (const char *at = a; *at; at += at[strcspn(at, ";")] ? strcspn(at, ";") + 1 : strlen(at))
        if (!names_host(b, at, strcspn(at, ";")))
            return false;
    return true;
}

static bool same(const cJSON *wanted, const cJSON *has)
{
    int64_t a, b;

    if (!has || cJSON_IsBool(wanted))
        return has && cJSON_IsBool(has) && cJSON_IsTrue(wanted) == cJSON_IsTrue(has);
    if (cJSON_IsNumber(wanted))
        return cJSON_IsNumber(has) && (int64_t)wanted->valuedouble == (int64_t)has->valuedouble;
    if (!cJSON_IsString(wanted) || !cJSON_IsString(has))
        return false;
    if (text_equal(wanted->string, "alternative_hosts"))
        return same_hosts(wanted->valuestring, has->valuestring);
    if (text_equal(wanted->string, "start_time"))
        return clock_parse_rfc3339(wanted->valuestring, &a) &&
               clock_parse_rfc3339(has->valuestring, &b) && a == b;
    return same_text(wanted->valuestring, has->valuestring);
}

/* Drops from wanted what remote already has. */
static void keep_changes(cJSON *wanted, const cJSON *remote)
{
    cJSON *next;

    for (cJSON *item = wanted->child; item; item = next) {
        const cJSON *has = cJSON_GetObjectItemCaseSensitive(remote, item->string);
        next = item->next;
        if (cJSON_IsObject(item)) {
            keep_changes(item, has);
            if (item->child)
                continue;
        } else if (!same(item, has)) {
            continue;
        }
        cJSON_Delete(cJSON_DetachItemViaPointer(wanted, item));
    }
}

/* The marker of the create, which is another wish with another key than the update at hand. */
static void marker_of(const struct call *call, const cJSON *remote, char out[16])
{
    const char *agenda = json_string(remote, "agenda"), *found = NULL;

    for (const char *at = agenda; at && (at = strstr(at, "[ec:")) != NULL; at++)
        if (strspn(at + 4, "0123456789abcdef") == 8 && at[12] == ']')
            found = at;
    if (found)
        snprintf(out, 16, "%.13s", found);
    else
        kit_marker(call, out);
}

/* Type, times and rule: what of them is sent. A series is changed from the next one on that has not
 * begun, for Zoom changes nothing of one whose start is over. One that somebody made recurring in
 * Zoom keeps the times of that series; one that we made a series goes out whole or not at all, as
 * Zoom wants it. */
static void change_times(cJSON *body, const struct repeat *r, const cJSON *remote, bool past,
                         bool as_known, bool was_ours)
{
    const cJSON *rule = cJSON_GetObjectItemCaseSensitive(body, "recurrence");
    int64_t type = 2;
    bool keeps;

    json_int(remote, "type", &type);
    if (repeat_is_series(r))
        keeps = type == 8 && as_known && zoom_series_same(rule, json_at(remote, "recurrence"));
    else
        keeps = type != 2 && !was_ours;
    if (keeps || (!repeat_is_series(r) && type == 2))
        cJSON_DeleteItemFromObjectCaseSensitive(body, "type");
    /* A start that is over cannot be changed: Zoom ignores it. */
    if (keeps || past)
        cJSON_DeleteItemFromObjectCaseSensitive(body, "start_time");
    if (keeps) {
        cJSON_DeleteItemFromObjectCaseSensitive(body, "duration");
        cJSON_DeleteItemFromObjectCaseSensitive(body, "timezone");
        cJSON_DeleteItemFromObjectCaseSensitive(body, "recurrence");
    }
}

cJSON *zoom_body_changes(const struct call *call, const struct meeting *m, const struct target *t,
                         const struct repeat *r, const cJSON *remote, const char *known)
{
    int64_t next = repeat_next(r, call->now_ms), start = next ? next : m->start_ms;
    const char *has_start = json_string(remote, "start_time");
    bool past = next == 0;
    cJSON *body, *whole = NULL;
    struct text wish;
    char marker[16];

    marker_of(call, remote, marker);
    /* The end of what has begun is reached by the duration. */
    if (!repeat_is_series(r) && past && (!has_start || !clock_parse_rfc3339(has_start, &start)))
        start = m->start_ms;
    body = zoom_body_wanted(m, t, r, marker, start);
    if (!body)
        return NULL;
    text_init(&wish, 200);
    repeat_text(r, &wish);
    change_times(body, r, remote, past, text_equal(text_str(&wish), known), *known != '\0');
    text_release(&wish);
    /* The rule goes out whole, with its times, also where parts of it are as they were. */
    if (cJSON_HasObjectItem(body, "recurrence"))
        whole = cJSON_Duplicate(body, true);
    keep_changes(body, remote);
    for (const char *const *key = (const char *const[]){ "type", "start_time", "duration",
                                                         "timezone", "recurrence", NULL };
         whole && *key; key++) {
        cJSON_DeleteItemFromObjectCaseSensitive(body, *key);
        if (cJSON_HasObjectItem(whole, *key))
            cJSON_AddItemToObject(body, *key, cJSON_DetachItemFromObjectCaseSensitive(whole, *key));
    }
    cJSON_Delete(whole);
    return body;
}

void zoom_body_ignored(const struct target *t, const cJSON *remote, struct text *names)
{
    const cJSON *has = json_at(remote, "settings");
    cJSON *settings = kit_settings(t);

    for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
        cJSON *one = cJSON_CreateObject();

        /* What Zoom does not show is not known. */
        if (is_set(settings, wires[i].key) && cJSON_HasObjectItem(has, wires[i].field)) {
            setting_onto(one, &wires[i], settings);
            keep_changes(one, has);
            if (one->child)
                text_addf(names, "%s%s", names->length ? ", " : "", wires[i].key);
        }
        cJSON_Delete(one);
    }
    cJSON_Delete(settings);
}

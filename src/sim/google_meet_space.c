/* Meet's spaces: rooms without a time, their settings, the call that may be running in one. */
#include "sim/google_meet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AUTH "https://www.googleapis.com/auth/"

/* Leaves of a space's config: what a body and an update mask may name. The values that end in
 * UNSPECIFIED are never taken. */
static const struct leaf {
    const char *path, *values;
} leaves[] = {
    { "config.accessType", "OPEN TRUSTED RESTRICTED" },
    { "config.entryPointAccess", "ALL CREATOR_APP_ONLY" },
    { "config.moderation", "ON OFF" },
    { "config.moderationRestrictions.chatRestriction", "HOSTS_ONLY NO_RESTRICTION" },
    { "config.moderationRestrictions.presentRestriction", "HOSTS_ONLY NO_RESTRICTION" },
    { "config.moderationRestrictions.reactionRestriction", "HOSTS_ONLY NO_RESTRICTION" },
    { "config.moderationRestrictions.defaultJoinAsViewerType", "ON OFF" },
    { "config.artifactConfig.recordingConfig.autoRecordingGeneration", "ON OFF" },
    { "config.artifactConfig.transcriptionConfig.autoTranscriptionGeneration", "ON OFF" },
    { "config.artifactConfig.smartNotesConfig.autoSmartNotesGeneration", "ON OFF" },
    { "config.attendanceReportGenerationType", "GENERATE_REPORT DO_NOT_GENERATE" },
};
enum { LEAVES = sizeof leaves / sizeof leaves[0], FIRST_PAID = 7 };

/* Does path name the leaf or something that holds it? */
static bool holds(const char *path, const char *leaf)
{
    size_t length = strlen(path);

    return strncmp(path, leaf, length) == 0 && (leaf[length] == '\0' || leaf[length] == '.');
}

static const struct leaf *leaf_at(const char *path)
{
    for (size_t i = 0; i < LEAVES; i++)
        if (strcmp(leaves[i].path, path) == 0)
            return &leaves[i];
    return NULL;
}

/* Everything in a part of the body is known and of a known value. False: refused already. */
static bool tree_ok(struct sim_call *c, const cJSON *part, const char *path)
{
    char inner[200];

    for (const cJSON *m = part != NULL ? part->child : NULL; m != NULL; m = m->next) {
        snprintf(inner, sizeof inner, "%s.%s", path, m->string);
        const struct leaf *leaf = leaf_at(inner);
        bool known = leaf != NULL;
        for (size_t i = 0; i < LEAVES; i++)
            known = known || holds(inner, leaves[i].path);
        if (!known) {
            sim_meet_invalid(c, path,
                             "Invalid JSON payload received. Unknown name \"%s\" at 'space.%s': "
                             "Cannot find field.",
                             m->string, path);
            return false;
        }
        if (leaf != NULL ? !cJSON_IsString(m) || !sim_word_in(leaf->values, m->valuestring)
                         : !cJSON_IsObject(m)) {
            sim_meet_invalid(c, inner, "Invalid value at 'space.%s'", inner);
            return false;
        }
        if (leaf == NULL && !tree_ok(c, m, inner))
            return false;
    }
    return true;
}

static bool body_ok(struct sim_call *c)
{
    if (c->length == 0)
        return true;
    if (!sim_content_is(c, "application/json") || !cJSON_IsObject(c->json)) {
        sim_meet_invalid(c, "", "Invalid JSON payload received. Expected an object.");
        return false;
    }
    for (const cJSON *m = c->json->child; m != NULL; m = m->next) {
        if (strcmp(m->string, "config") == 0 && cJSON_IsObject(m))
            continue;
        /* Read-only ones may come back as they were sent. */
        if (sim_word_in("name meetingUri meetingCode activeConference phoneAccess gatewaySipAccess",
                        m->string))
            continue;
        sim_meet_invalid(
            c, m->string,
            "Invalid JSON payload received. Unknown name \"%s\" at 'space': Cannot find field.",
            m->string);
        return false;
    }
    return tree_ok(c, cJSON_GetObjectItemCaseSensitive(c->json, "config"), "config");
}

/* Sets one leaf, making what it hangs in; value NULL takes it away. */
static void leaf_set(cJSON *fields, const char *path, const char *value)
{
    char name[64];

    for (;;) {
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        if (path[length] == '\0')
            break;
        cJSON *next = cJSON_GetObjectItemCaseSensitive(fields, name);
        fields = next != NULL ? next : cJSON_AddObjectToObject(fields, name);
        path += length + 1;
    }
    sim_put_string(fields, name, value);
}

/* Recording, transcripts, notes and attendance need a paid edition: St Mark's has one, St Anne's
 * account is a plain one. What such an account is answered is not confirmed; refusing is the
 * stricter reading. */
static bool edition_ok(struct sim_call *c)
{
    for (size_t i = FIRST_PAID; i < LEAVES && c->grant->account != 0; i++) {
        const char *value = json_string(c->json, leaves[i].path);
        if (value != NULL && sim_word_in("ON GENERATE_REPORT", value)) {
            sim_meet_error(c, 403, "PERMISSION_DENIED",
                           "The caller does not have permission to use this feature.");
            return false;
        }
    }
    return true;
}

static void restrictions_reset(cJSON *fields)
{
    for (size_t i = 3; i < 6; i++)
        leaf_set(fields, leaves[i].path, "NO_RESTRICTION");
    leaf_set(fields, leaves[6].path, "OFF");
}

/* ---- spaces ---- */

struct sim_object *sim_meet_space_new(struct sim *sim, const char *owner, const char *by)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    char id[16], code[16], text[160];

    sim_random_text(sim, id, 12, sim_alnum);
    sim_random_text(sim, code, 12, letters);
    code[3] = code[8] = '-';
    struct sim_object *o = sim_object_new(sim, SIM_MEET, "space", id, owner);
    sim_object_state(o, "idle");
    sim_object_title(o, code);
    snprintf(text, sizeof text, "spaces/%s", id);
    sim_put_string(o->fields, "name", text);
    /* Really https://meet.google.com/CODE. Nobody in a rehearsal shall land in a real call. */
    snprintf(text, sizeof text, "%s/%s", sim->address[SIM_MEET], code);
    sim_put_string(o->fields, "meetingUri", text);
    sim_put_string(o->fields, "meetingCode", code);
    leaf_set(o->fields, "config.accessType", "TRUSTED");
    leaf_set(o->fields, "config.entryPointAccess", "ALL");
    leaf_set(o->fields, "config.moderation", "OFF");
    restrictions_reset(o->fields);
    for (size_t i = FIRST_PAID; i < LEAVES; i++)
        leaf_set(o->fields, leaves[i].path, i + 1 == LEAVES ? "DO_NOT_GENERATE" : "OFF");
    sim_put_string(sim_fields(o, "sim"), "by", by);
    return o;
}

struct sim_object *sim_meet_space_find(struct sim *sim, const char *name_or_code)
{
    for (struct sim_object *o = sim->objects; o != NULL; o = o->next)
        if (o->platform == SIM_MEET && !o->deleted && strcmp(o->kind, "space") == 0 &&
            (strcmp(o->id, name_or_code) == 0 ||
             text_equal(json_string(o->fields, "meetingCode"), name_or_code)))
            return o;
    return NULL;
}

bool sim_meet_visible(const struct sim_call *c, const struct sim_object *space)
{
    static const char wide[] = AUTH "meetings.space.readonly " AUTH "meetings.space.settings";

    return strcmp(space->owner, sim_meet_email(c)) == 0 &&
           (text_equal(json_string(space->fields, "sim.by"), "meet") ||
            sim_words_any(c->grant->scope, wide));
}

/* The space in the path, the caller's own. NULL: refused already. */
static struct sim_object *space_of(struct sim_call *c, const char *name)
{
    struct sim_object *o = sim_meet_space_find(c->sim, name);

    if (o == NULL) {
        sim_meet_error(c, 404, "NOT_FOUND", "Requested entity was not found.");
    } else if (!sim_meet_visible(c, o)) {
        sim_meet_error(c, 403, "PERMISSION_DENIED",
                       "Permission denied on resource Space (or it might not exist)");
        o = NULL;
    }
    return o;
}

static void give(struct sim_call *c, const struct sim_object *o)
{
    cJSON *out = cJSON_Duplicate(o->fields, true);

    cJSON_DeleteItemFromObjectCaseSensitive(out, "sim");
    if (sim_google_fields(c, out))
        sim_reply_json(&c->reply, 200, out);
    else
        cJSON_Delete(out);
}

/* ---- methods ---- */

void sim_meet_create(struct sim_call *c)
{
    if (!body_ok(c) || !edition_ok(c))
        return;
    struct sim_object *o = sim_meet_space_new(c->sim, sim_meet_email(c), "meet");
    for (size_t i = 0; i < LEAVES; i++) {
        const char *value = json_string(c->json, leaves[i].path);
        if (value != NULL)
            leaf_set(o->fields, leaves[i].path, value);
    }
    give(c, o);
}

void sim_meet_get(struct sim_call *c)
{
    struct sim_object *o = space_of(c, c->capture[0]);

    if (o != NULL)
        give(c, o);
}

static bool in_mask(const char *mask, const char *leaf)
{
    char path[200];

    for (const char *at = mask;; at++) {
        size_t length = strcspn(at, ",");
        snprintf(path, sizeof path, "%.*s", (int)length, at);
        if (strcmp(path, "*") == 0 || holds(path, leaf))
            return true;
        at += length;
        if (*at == '\0')
            return false;
    }
}

/* Each path of the mask names something. False: refused already. */
static bool mask_ok(struct sim_call *c, const char *mask)
{
    char path[200];

    for (const char *at = mask;; at++) {
        size_t length = strcspn(at, ",");
        bool known = length == 1 && *at == '*';
        snprintf(path, sizeof path, "%.*s", (int)length, at);
        for (size_t i = 0; i < LEAVES; i++)
            known = known || (length > 0 && holds(path, leaves[i].path));
        if (!known) {
            sim_meet_invalid(c, "update_mask", "Unknown path: %s", path);
            return false;
        }
        at += length;
        if (*at == '\0')
            return true;
    }
}

void sim_meet_patch(struct sim_call *c)
{
    const char *mask = sim_query(c, "updateMask");
    struct sim_object *o = space_of(c, c->capture[0]);

    if (o == NULL || !body_ok(c) || (mask != NULL && !mask_ok(c, mask)) || !edition_ok(c))
        return;
    /* A meeting code is an alias for reading only. */
    if (strcmp(o->id, c->capture[0]) != 0) {
        sim_meet_invalid(c, "space.name", "Invalid resource name: spaces/%s", c->capture[0]);
        return;
    }
    for (size_t i = 0; i < LEAVES; i++) {
        const char *value = json_string(c->json, leaves[i].path);
        if (mask == NULL ? value == NULL : !in_mask(mask, leaves[i].path))
            continue;
        leaf_set(o->fields, leaves[i].path, value);
        if (strcmp(leaves[i].path, "config.moderation") == 0 && text_equal(value, "OFF"))
            restrictions_reset(o->fields);
    }
    give(c, o);
}

/* POST /v2/spaces/{space}:endActiveConference. Only of spaces that this project made by the Meet
 * API: the page calls ending those that Calendar made unlikely. */
void sim_meet_end(struct sim_call *c)
{
    static const char verb[] = ":endActiveConference";
    char *colon = strchr(c->capture[0], ':');

    if (colon == NULL || strcmp(colon, verb) != 0) {
        sim_meet_error(c, 404, "NOT_FOUND", "Method not found.");
        return;
    }
    *colon = '\0';
    struct sim_object *o = space_of(c, c->capture[0]);
    if (o == NULL)
        return;
    if (!text_equal(json_string(o->fields, "sim.by"), "meet")) {
        sim_meet_error(c, 403, "PERMISSION_DENIED",
                       "Permission denied on resource Space (or it might not exist)");
    } else if (strcmp(o->id, c->capture[0]) != 0) {
        sim_meet_invalid(c, "name", "Invalid resource name: spaces/%s", c->capture[0]);
    } else if (!sim_object_is(o, "active")) {
        /* Not told by Google: the code, status and text of a third party's recording. */
        sim_meet_error(c, 400, "FAILED_PRECONDITION", "There is no active conference.");
    } else {
        sim_meet_finish(c->sim, o);
        sim_reply_json(&c->reply, 200, cJSON_CreateObject());
    }
}

/* What a browser opens: the first who joins begins the call. */
void sim_meet_join_page(struct sim_call *c)
{
    struct sim_object *o = sim_meet_space_find(c->sim, c->capture[0]);

    if (o == NULL) {
        sim_reply_page(&c->reply, 404, "Check your meeting code",
                       "Make sure you entered the correct meeting code in the URL.");
        return;
    }
    sim_meet_joined(c->sim, o, "A member");
    sim_reply_page(&c->reply, 200, c->capture[0], "You are in the call.");
}

bool sim_meet_remote(struct sim *sim, struct sim_object *space, const char *event,
                     const cJSON *body)
{
    const char *name = json_string(body, "name");
    bool running = sim_object_is(space, "active");

    if (strcmp(event, "started") == 0 && !running)
        sim_meet_begin(sim, space);
    else if (strcmp(event, "ended") == 0 && running)
        sim_meet_finish(sim, space);
    else if (strcmp(event, "participant_joined") == 0)
        sim_meet_joined(sim, space, name != NULL ? name : "James Elder");
    else if (strcmp(event, "participant_left") == 0 && running)
        sim_meet_left(sim, space);
    else
        return false;
    return true;
}

/* Records as the API's JSON. What is not known is absent, never null. */
#include <ecclesia/command/command.h>

#include <stdio.h>
#include <string.h>

static void add_text(cJSON *object, const char *key, const char *value)
{
    if (value && *value)
        cJSON_AddStringToObject(object, key, value);
}

static void add_id(cJSON *object, const char *key, struct id id)
{
    if (!id_is_none(id))
        cJSON_AddStringToObject(object, key, id.hex);
}

static void add_number(cJSON *object, const char *key, int64_t number)
{
    cJSON_AddNumberToObject(object, key, (double)number);
}

/* A kept JSON object; what cannot be read shows as an empty one. */
static void add_object(cJSON *object, const char *key, const char *kept)
{
    cJSON *parsed = kept && *kept ? json_parse(kept, strlen(kept), NULL) : NULL;

    if (!cJSON_IsObject(parsed)) {
        cJSON_Delete(parsed);
        parsed = cJSON_CreateObject();
    }
    cJSON_AddItemToObject(object, key, parsed);
}

static void add_trouble(cJSON *object, const struct target *t)
{
    if (t->error_kind == ERROR_NONE)
        return;
    add_text(object, "error", t->error);
    cJSON_AddStringToObject(object, "code", error_policy(t->error_kind)->name);
    add_text(object, "platformCode", t->error_code);
    add_text(object, "remedy", t->remedy);
}

/* What is going on there, also while the platform has not said a word yet. */
static const char *note_of(const struct target *t)
{
    if ((t->note && *t->note) || t->error_kind != ERROR_NONE)
        return t->note;
    if (t->status == TARGET_PENDING && t->wish == WISH_LIVE)
        return "Being started there; the answer is awaited";
    if (t->status == TARGET_PENDING && t->wish < WISH_LIVE && !(t->remote_id && *t->remote_id))
        return "Being created there; the answer is awaited";
    if (t->status == TARGET_LIVE && t->wish >= WISH_ENDED)
        return "Being stopped there; the answer is awaited";
    return t->note;
}

static cJSON *shape_target(const struct target *t)
{
    cJSON *o = cJSON_CreateObject();
    bool streams = t->kind == SUBJECT_LIVESTREAM;

    add_id(o, "id", t->id);
    cJSON_AddStringToObject(o, "platform", platform_slug(t->platform));
    cJSON_AddStringToObject(o, "status", target_status_name(t->status, t->kind));
    add_text(o, streams ? "watchUrl" : "joinUrl", t->url);
    if (streams && t->viewers >= 0)
        add_number(o, "viewers", t->viewers);
    add_text(o, "note", note_of(t));
    add_object(o, "settings", t->settings);
    if (streams) {
        add_text(o, "ingestUrl", t->ingest_url);
        cJSON_AddBoolToObject(o, "hasStreamKey", t->has_key);
    }
    add_trouble(o, t);
    if (t->attempts > 0)
        add_number(o, "attempts", t->attempts);
    json_add_time(o, "nextAttemptAt", t->next_attempt_ms);
    json_add_time(o, "checkedAt", t->checked_ms);
    json_add_time(o, "startedAt", t->started_ms);
    json_add_time(o, "endedAt", t->ended_ms);
    return o;
}

cJSON *shape_livestream(const struct livestream *l)
{
    cJSON *o = cJSON_CreateObject();
    cJSON *targets;

    add_id(o, "id", l->id);
    add_number(o, "revision", l->revision);
    cJSON_AddStringToObject(o, "title", l->title ? l->title : "");
    add_text(o, "description", l->description);
    add_text(o, "thumbnail", l->thumbnail);
    json_add_time(o, "startAt", l->start_ms);
    json_add_time(o, "endAt", l->end_ms);
    cJSON_AddStringToObject(o, "status", livestream_status_name(l->status));
    json_add_time(o, "startedAt", l->started_ms);
    json_add_time(o, "endedAt", l->ended_ms);
    json_add_time(o, "createdAt", l->created_ms);
    json_add_time(o, "updatedAt", l->updated_ms);
    targets = cJSON_AddArrayToObject(o, "targets");
    for (size_t i = 0; i < l->target_count; i++)
        cJSON_AddItemToArray(targets, shape_target(&l->targets[i]));
    return o;
}

cJSON *shape_meeting(const struct meeting *m)
{
    cJSON *o = cJSON_CreateObject();
    cJSON *targets;

    add_id(o, "id", m->id);
    add_number(o, "revision", m->revision);
    cJSON_AddStringToObject(o, "title", m->title ? m->title : "");
    add_text(o, "description", m->description);
    json_add_time(o, "startAt", m->start_ms);
    json_add_time(o, "endAt", m->end_ms);
    cJSON_AddStringToObject(o, "status", meeting_status_name(m->status));
    cJSON_AddStringToObject(o, "primaryPlatform", platform_slug(m->primary));
    json_add_time(o, "createdAt", m->created_ms);
    json_add_time(o, "updatedAt", m->updated_ms);
    targets = cJSON_AddArrayToObject(o, "targets");
    for (size_t i = 0; i < m->target_count; i++) {
        cJSON *t = shape_target(&m->targets[i]);

        cJSON_AddBoolToObject(t, "primary", m->targets[i].platform == m->primary);
        cJSON_AddItemToArray(targets, t);
    }
    return o;
}

/* Blank-separated words as an array. */
static void add_words(cJSON *object, const char *key, const char *words)
{
    cJSON *array = cJSON_AddArrayToObject(object, key);
    const char *s = words ? words : "";
    char word[200];

    for (s += strspn(s, " "); *s; s += strspn(s, " ")) {
        size_t length = strcspn(s, " ");

        snprintf(word, sizeof(word), "%.*s", (int)length, s);
        cJSON_AddItemToArray(array, cJSON_CreateString(word));
        s += length;
    }
}

/* How the way to the platform is, beside the status. */
static void add_way(cJSON *o, const struct connection_health *h)
{
    cJSON *breaker = cJSON_AddObjectToObject(o, "breaker");

    cJSON_AddStringToObject(breaker, "state", breaker_state_name(h->breaker));
    if (h->breaker != BREAKER_CLOSED) {
        add_number(breaker, "failures", h->failures);
        json_add_time(breaker, "reopensAt", h->breaker_until_ms);
    }
    if (h->wait[0]) {
        add_text(o, "waitsFor", h->wait);
        json_add_time(o, "waitsUntil", h->wait_until_ms);
    }
    if (h->clock_off_ms)
        add_number(o, "clockOffSeconds", h->clock_off_ms / 1000);
}

cJSON *shape_connection(const struct connection *c)
{
    cJSON *o = cJSON_CreateObject();

    add_id(o, "id", c->id);
    cJSON_AddStringToObject(o, "platform", platform_slug(c->platform));
    cJSON_AddStringToObject(o, "status", connection_status_name(c->status));
    add_text(o, "reason", c->reason);
    add_text(o, "detail", c->reason_text);
    add_text(o, "remedy", c->remedy);
    add_text(o, "method", c->method);
    add_text(o, "accountRef", c->account_ref);
    add_text(o, "accountName", c->account_name);
    add_words(o, "scopes", c->scopes);
    json_add_time(o, "expiresAt", c->access_expires_ms);
    json_add_time(o, "accessExpiresAt", c->access_expires_ms);
    json_add_time(o, "refreshExpiresAt",
                  c->health.refresh_end_ms ? c->health.refresh_end_ms : c->refresh_expires_ms);
    json_add_time(o, "grantExpiresAt", c->health.grant_end_ms);
    if (c->health.grant_end_ms && c->health.sliding)
        cJSON_AddBoolToObject(o, "grantRenews", true); /* each renewal moves it on */
    add_text(o, "note", c->note);
    add_way(o, &c->health);
    json_add_time(o, "lastOkAt", c->last_ok_ms);
    cJSON_AddBoolToObject(o, "simulated", c->simulated);
    return o;
}

cJSON *shape_event(const struct event *e)
{
    cJSON *o = cJSON_CreateObject();

    add_number(o, "id", e->id);
    json_add_time(o, "at", e->at_ms);
    cJSON_AddStringToObject(o, "level", event_level_name(e->level));
    if (e->platform >= 0)
        cJSON_AddStringToObject(o, "platform", platform_slug((enum platform_id)e->platform));
    add_id(o, "subject", e->subject);
    add_text(o, "kind", e->kind);
    add_text(o, "text", e->text);
    add_text(o, "remedy", e->remedy);
    add_text(o, "actor", e->actor);
    if (e->simulated)
        cJSON_AddBoolToObject(o, "simulated", true);
    return o;
}

cJSON *shape_job(const struct job *j)
{
    cJSON *o = cJSON_CreateObject();
    bool waits = j->state == JOB_SCHEDULED || j->state == JOB_UNKNOWN;

    add_number(o, "id", j->id);
    cJSON_AddStringToObject(o, "kind", j->kind);
    cJSON_AddStringToObject(o, "platform", platform_slug(j->platform));
    cJSON_AddStringToObject(o, "state", job_state_name(j->state));
    add_id(o, "subject", j->subject);
    add_id(o, "target", j->target);
    add_number(o, "attempts", j->attempt);
    if (waits)
        json_add_time(o, "nextAttemptAt", j->run_at_ms);
    if (j->error_kind != ERROR_NONE && j->state != JOB_SUCCEEDED) {
        add_text(o, "error", j->error);
        cJSON_AddStringToObject(o, "code", error_policy(j->error_kind)->name);
    }
    json_add_time(o, "createdAt", j->created_ms);
    json_add_time(o, "updatedAt", j->updated_ms);
    json_add_time(o, "finishedAt", j->finished_ms);
    return o;
}

cJSON *shape_church(const struct church *c)
{
    cJSON *o = cJSON_CreateObject();

    add_id(o, "id", c->id);
    cJSON_AddStringToObject(o, "slug", c->slug ? c->slug : "");
    cJSON_AddStringToObject(o, "name", c->name ? c->name : "");
    cJSON_AddStringToObject(o, "timeZone", c->zone ? c->zone : "");
    return o;
}

cJSON *shape_error(const struct error *e)
{
    cJSON *o = cJSON_CreateObject();

    cJSON_AddStringToObject(o, "code", error_policy(e->kind)->name);
    cJSON_AddStringToObject(o, "detail", e->message);
    add_text(o, "remedy", e->remedy);
    add_text(o, "platform", e->platform);
    add_text(o, "platformCode", e->code);
    return o;
}

static void mark_one(cJSON *node, const struct config *config)
{
    const char *slug = json_string(node, "platform");

    if (slug && config_simulated(config, slug) && !cJSON_GetObjectItem(node, "simulated"))
        cJSON_AddBoolToObject(node, "simulated", true);
}

void shape_mark_simulated(cJSON *node, const struct config *config)
{
    static const char *const lists[] = { "items", "targets" };
    cJSON *child;

    mark_one(node, config);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        cJSON_ArrayForEach (child, cJSON_GetObjectItem(node, lists[i]))
            shape_mark_simulated(child, config);
}

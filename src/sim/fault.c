/* Faults on demand: what goes wrong, at which platform, for which requests, how often. */
#include "sim/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

/* Which members each kind knows beside those that all know. */
static const struct kind {
    const char *name;
    const char *members;
} kinds[SIM_FAULT_KINDS] = {
    [SIM_STATUS] = { "status", "status headers body" },
    [SIM_RATE_LIMIT] = { "rate_limit", "retryAfter perSecond headers" },
    [SIM_DELAY] = { "delay", "delayMs" },
    [SIM_REFUSE] = { "refuse", "" },
    [SIM_RESET] = { "reset", "" },
    [SIM_STALL] = { "stall", "" },
    [SIM_LOST_ANSWER] = { "lost_answer", "" },
    [SIM_CUT] = { "cut", "bytes" },
    [SIM_GARBAGE] = { "garbage", "body" },
    [SIM_REFUSE_ALL] = { "refuse_all", "" },
};
static const char common_members[] = "platform method path kind times after probability";
static const char remedy[] = "Send {\"platform\":\"zoom\",\"kind\":\"status\",\"status\":503}.";

static int kind_find(const char *name)
{
    for (int i = 0; i < SIM_FAULT_KINDS; i++)
        if (text_equal(kinds[i].name, name))
            return i;
    return -1;
}

static void fault_free(struct sim_fault *f)
{
    free(f->body);
    cJSON_Delete(f->headers);
    free(f);
}

/* A number member within bounds; `otherwise` when absent. False when it is of another kind or out
 * of bounds. */
static bool number(const cJSON *json, const char *key, double otherwise, double least, double most,
                   double *out)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);

    *out = otherwise;
    if (item == NULL || cJSON_IsNull(item))
        return true;
    if (!cJSON_IsNumber(item) || item->valuedouble < least || item->valuedouble > most)
        return false;
    *out = item->valuedouble;
    return true;
}

static bool parse_platform(struct sim_fault *f, const cJSON *json, struct error *err)
{
    const char *slug = json_string(json, "platform");

    f->platform = -1;
    if (cJSON_GetObjectItemCaseSensitive(json, "platform") == NULL || text_equal(slug, "*"))
        return true;
    f->platform = slug != NULL ? sim_platform_index(slug) : -1;
    if (f->platform < 0)
        return error_set(err, ERROR_INPUT, "Use a slug such as \"youtube\", or \"*\" for all.",
                         "\"platform\" names no simulated platform: %s.",
                         slug != NULL ? slug : "not a text");
    return true;
}

static bool parse_members(const cJSON *json, int kind, struct error *err)
{
    for (const cJSON *m = json->child; m != NULL; m = m->next)
        if (!sim_word_in(common_members, m->string) && !sim_word_in(kinds[kind].members, m->string))
            return error_set(err, ERROR_INPUT, "Leave it out.", "A fault of kind %s has no \"%s\".",
                             kinds[kind].name, m->string);
    return true;
}

static bool parse_numbers(struct sim_fault *f, const cJSON *json, struct error *err)
{
    double times, after, status, retry, delay, bytes;

    if (!number(json, "times", -1, 1, 1e9, &times) || !number(json, "after", 0, 0, 1e9, &after) ||
        !number(json, "probability", 1, 0, 1, &f->probability) ||
        !number(json, "status", 0, 200, 599, &status) ||
        !number(json, "retryAfter", 0, 0, 1e7, &retry) ||
        !number(json, "perSecond", 0, 0.001, 1e6, &f->per_second) ||
        !number(json, "delayMs", 0, 0, 3600000, &delay) ||
        !number(json, "bytes", 0, 0, 1e9, &bytes))
        return error_set(err, ERROR_INPUT, remedy,
                         "A number of the fault is out of range or not a number.");
    if (f->kind == SIM_STATUS && status == 0)
        return error_set(err, ERROR_INPUT, remedy,
                         "A fault of kind status needs \"status\" (200 to 599).");
    if (f->kind == SIM_DELAY && delay == 0)
        return error_set(err, ERROR_INPUT, remedy, "A fault of kind delay needs \"delayMs\".");
    f->times = (long)times;
    f->after = (long)after;
    f->status = (int)status;
    f->retry_after_s = (int)retry;
    f->delay_ms = (int64_t)delay;
    f->bytes = (long)bytes;
    f->tokens = f->per_second < 1 ? 1 : f->per_second;
    f->refilled_mono = clock_mono();
    return true;
}

static bool parse_texts(struct sim_fault *f, const cJSON *json, struct error *err)
{
    const char *method = json_string(json, "method"), *path = json_string(json, "path");
    const cJSON *headers = cJSON_GetObjectItemCaseSensitive(json, "headers");

    if (f->kind == SIM_REFUSE &&
        (method != NULL || path != NULL || f->times >= 0 || f->after > 0 || f->probability < 1))
        return error_set(err, ERROR_INPUT, "Heal it by DELETE /_sim/faults/ID instead.",
                         "A closed listener cannot tell requests apart: refuse takes no method, "
                         "path, times, after or "
                         "probability.");
    text_copy_to(f->method, sizeof f->method,
                 method != NULL && !text_equal(method, "*") ? method : "");
    text_copy_to(f->path, sizeof f->path, path != NULL ? path : "");
    f->body = text_copy(json_string(json, "body"));
    if (headers != NULL)
        f->headers = cJSON_Duplicate(headers, true);
    return true;
}

bool sim_fault_parse(struct sim *sim, const cJSON *json, int *id, struct error *err)
{
    int kind = kind_find(json_string(json, "kind"));

    if (!cJSON_IsObject(json))
        return error_set(err, ERROR_INPUT, remedy, "A fault is a JSON object.");
    if (kind < 0)
        return error_set(err, ERROR_INPUT, remedy,
                         "\"kind\" must be one of status, rate_limit, delay, refuse, reset, "
                         "stall, lost_answer, cut, garbage.");
    struct sim_fault *f = calloc(1, sizeof *f);
    if (f == NULL)
        return error_set(err, ERROR_MEMORY, NULL, "There is no memory for another fault.");
    f->kind = (enum sim_fault_kind)kind;
    if (!parse_members(json, kind, err) || !parse_platform(f, json, err) ||
        !parse_numbers(f, json, err) || !parse_texts(f, json, err)) {
        fault_free(f);
        return false;
    }
    struct sim_fault **end = &sim->faults;
    while (*end != NULL)
        end = &(*end)->next;
    *end = f;
    f->id = ++sim->fault_id;
    if (id != NULL)
        *id = f->id;
    for (int i = 0; kind == SIM_REFUSE && i < SIM_PLATFORMS; i++)
        if (f->platform < 0 || f->platform == i)
            sim_wire_refuse(sim, i, true);
    return true;
}

/* Opens the listeners that no fault keeps closed any more. */
static void reopen(struct sim *sim)
{
    bool closed[SIM_PLATFORMS] = { false };

    for (const struct sim_fault *f = sim->faults; f != NULL; f = f->next)
        for (int i = 0; f->kind == SIM_REFUSE && i < SIM_PLATFORMS; i++)
            closed[i] = closed[i] || f->platform < 0 || f->platform == i;
    for (int i = 0; i < SIM_PLATFORMS; i++)
        if (!closed[i])
            sim_wire_refuse(sim, i, false);
}

bool sim_fault_remove(struct sim *sim, int id)
{
    for (struct sim_fault **at = &sim->faults; *at != NULL; at = &(*at)->next) {
        struct sim_fault *f = *at;
        if (f->id != id)
            continue;
        *at = f->next;
        fault_free(f);
        reopen(sim);
        return true;
    }
    return false;
}

void sim_faults_drop(struct sim *sim)
{
    while (sim->faults != NULL) {
        struct sim_fault *f = sim->faults;
        sim->faults = f->next;
        fault_free(f);
    }
    reopen(sim);
}

cJSON *sim_faults_list(struct sim *sim)
{
    cJSON *out = cJSON_CreateArray();

    for (const struct sim_fault *f = sim->faults; f != NULL; f = f->next) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "id", f->id);
        cJSON_AddStringToObject(one, "platform", f->platform < 0 ? "*" : sim_slugs[f->platform]);
        cJSON_AddStringToObject(one, "kind", kinds[f->kind].name);
        if (f->method[0] != '\0')
            cJSON_AddStringToObject(one, "method", f->method);
        if (f->path[0] != '\0')
            cJSON_AddStringToObject(one, "path", f->path);
        if (f->times >= 0)
            cJSON_AddNumberToObject(one, "times", (double)f->times);
        if (f->status != 0)
            cJSON_AddNumberToObject(one, "status", f->status);
        cJSON_AddItemToArray(out, one);
    }
    return out;
}

static bool path_fits(const struct sim_call *c, const char *prefix)
{
    if (prefix[0] == '\0' || text_starts(c->path, prefix))
        return true;
    return c->platform->bare_path != NULL && text_starts(c->platform->bare_path(c->path), prefix);
}

/* Is it this one's turn? Spends one of its times. */
static bool strikes(struct sim_fault *f, struct sim_call *c)
{
    if (f->kind == SIM_REFUSE || f->times == 0 || (f->platform >= 0 && f->platform != c->index))
        return false;
    if ((f->method[0] != '\0' && strcmp(f->method, c->method) != 0) || !path_fits(c, f->path))
        return false;
    if (f->after > 0) {
        f->after--;
        return false;
    }
    if (!sim_chance(c->sim, f->probability))
        return false;
    if (f->per_second > 0) {
        int64_t now = clock_mono();
        double cap = f->per_second < 1 ? 1 : f->per_second;
        f->tokens += (double)(now - f->refilled_mono) * f->per_second / 1000.0;
        f->tokens = f->tokens > cap ? cap : f->tokens;
        f->refilled_mono = now;
        if (f->tokens >= 1) {
            f->tokens -= 1;
            return false;
        }
    }
    if (f->times > 0)
        f->times--;
    return true;
}

static void add_headers(struct sim_call *c, const struct sim_fault *f)
{
    for (const cJSON *h = f->headers != NULL ? f->headers->child : NULL; h != NULL; h = h->next) {
        if (cJSON_IsString(h))
            sim_reply_header(&c->reply, h->string, "%s", h->valuestring);
        else if (cJSON_IsNumber(h))
            sim_reply_header(&c->reply, h->string, "%.0f", h->valuedouble);
    }
}

static void garbage(struct sim_call *c, const struct sim_fault *f)
{
    if (f->body != NULL) {
        sim_reply_text(&c->reply, 200, "application/json; charset=UTF-8", f->body);
    } else if (sim_random(c->sim) % 2 == 0) {
        sim_reply_text(&c->reply, 200, "text/html; charset=utf-8",
                       "<!DOCTYPE html><html><head><title>Sign in to the "
                       "network</title></head><body><h1>Welcome to the "
                       "parish hall's Wi-Fi</h1></body></html>\n");
    } else {
        sim_reply_text(&c->reply, 200, "application/json; charset=UTF-8", "");
        for (int i = 0; i < 64; i++) {
            uint64_t bits = sim_random(c->sim);
            text_append(&c->reply.body, &bits, sizeof bits);
        }
    }
}

static void strike(struct sim_fault *f, struct sim_call *c, struct sim_plan *plan)
{
    plan->fault = kinds[f->kind].name;
    plan->answered = f->kind != SIM_LOST_ANSWER && f->kind != SIM_CUT;
    switch (f->kind) {
    case SIM_STATUS:
        c->platform->fail(c, f->status);
        if (f->body != NULL)
            sim_reply_text(&c->reply, f->status, "application/json; charset=UTF-8", f->body);
        c->reply.status = f->status;
        add_headers(c, f);
        break;
    case SIM_RATE_LIMIT:
        c->platform->rate_limited(c, f->retry_after_s);
        add_headers(c, f);
        break;
    case SIM_GARBAGE:
        garbage(c, f);
        break;
    case SIM_RESET:
        plan->fate = SIM_RST;
        break;
    case SIM_STALL:
        plan->fate = SIM_HANG;
        break;
    case SIM_LOST_ANSWER:
        plan->fate = SIM_DROP;
        break;
    case SIM_CUT:
        plan->fate = SIM_CUT_AFTER;
        plan->bytes = f->bytes;
        break;
    default:
        break;
    }
}

void sim_faults_apply(struct sim_call *c, struct sim_plan *plan)
{
    for (struct sim_fault *f = c->sim->faults; f != NULL; f = f->next) {
        if (f->kind == SIM_REFUSE_ALL) {
            if (f->platform == c->index && c->platform->refuse_all(c)) {
                plan->fault = kinds[f->kind].name;
                plan->answered = true;
                return;
            }
            continue;
        }
        if (!strikes(f, c))
            continue;
        if (f->kind == SIM_DELAY) {
            plan->delay_ms += f->delay_ms;
            plan->fault = kinds[f->kind].name;
            continue;
        }
        strike(f, c, plan);
        return;
    }
}

/* ---- presets ---- */

static const struct preset {
    const char *name, *fault;
} presets[] = {
    /* The platform takes the first change and then fails for good, with a remedy for nobody but
       Meta. */
    { "some", "{\"platform\":\"facebook\",\"method\":\"POST\",\"kind\":\"status\",\"status\":500,"
              "\"after\":1}" },
    { "storm", "{\"platform\":\"*\",\"kind\":\"delay\",\"delayMs\":400,\"probability\":0.5}" },
    { "storm",
      "{\"platform\":\"youtube\",\"kind\":\"rate_limit\",\"perSecond\":1,\"retryAfter\":2}" },
    { "storm", "{\"platform\":\"youtube\",\"kind\":\"garbage\",\"probability\":0.1}" },
    { "storm", "{\"platform\":\"facebook\",\"kind\":\"lost_answer\",\"method\":\"POST\","
               "\"probability\":0.3}" },
    { "storm",
      "{\"platform\":\"facebook\",\"kind\":\"status\",\"status\":503,\"probability\":0.2}" },
    { "storm", "{\"platform\":\"zoom\",\"kind\":\"reset\",\"probability\":0.3}" },
    { "storm", "{\"platform\":\"zoom\",\"kind\":\"cut\",\"bytes\":40,\"probability\":0.1}" },
    { "storm", "{\"platform\":\"jitsi\",\"kind\":\"refuse\"}" },
    { "storm",
      "{\"platform\":\"google_meet\",\"kind\":\"status\",\"status\":500,\"probability\":0.3}" },
    { "storm",
      "{\"platform\":\"teams\",\"kind\":\"rate_limit\",\"retryAfter\":3,\"probability\":0.3}" },
    { "storm", "{\"platform\":\"restream\",\"kind\":\"stall\",\"probability\":0.1}" },
    { "storm", "{\"platform\":\"instagram\",\"kind\":\"reset\",\"probability\":0.2}" },
};

bool sim_faults_add_preset(struct sim *sim, const char *name, struct error *err)
{
    bool found = strcmp(name, "none") == 0;

    for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++) {
        cJSON *json = strcmp(presets[i].name, name) == 0 ? cJSON_Parse(presets[i].fault) : NULL;
        if (json == NULL)
            continue;
        const char *slug = json_string(json, "platform");
        bool there = strcmp(slug, "*") == 0 || sim_platforms[sim_platform_index(slug)] != NULL;
        bool added = !there || sim_fault_parse(sim, json, NULL, err);
        cJSON_Delete(json);
        if (!added)
            return false;
        found = true;
    }
    int platform = sim_platform_index(name);
    if (platform >= 0 && sim_platforms[platform] != NULL) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "platform", name);
        cJSON_AddStringToObject(json, "kind", "refuse_all");
        found = sim_fault_parse(sim, json, NULL, err);
        cJSON_Delete(json);
        return found;
    }
    return found || error_set(err, ERROR_INPUT, "Use none, some, storm or a platform's name.",
                              "There are no faults called %s.", name);
}

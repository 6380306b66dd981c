/* Every request to a platform, in order, with its secrets masked: what a test or a curious operator
 * looks at afterwards. */
#include "sim/private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/utf8.h>

enum { JOURNAL_MAX = 20000, JOURNAL_TEXT = 2000 };

static const char mask[] = "***";

/* Names under which secrets travel, in lower case without '_' and '-'. */
static const char secret_names[] = "accesstoken refreshtoken clientsecret code codeverifier "
                                   "assertion clientassertion jwt token fbexchangetoken "
                                   "igexchangetoken inputtoken appsecretproof password passcode "
                                   "streamkey streamname devicecode secret starturl zak "
                                   "idtoken privatekey appsecret pwd authorization sessionkey";

/* Beginnings that give a secret away wherever it stands. */
static const char *const secret_beginnings[] = { "ya29.",   "1//0", "GOCSPX-", "EAAE", "eyJ",
                                                 "Bearer ", "FB-",  "IGAA",    "0.AX", NULL };

static bool secret_name(const char *name)
{
    char plain[64];
    size_t at = 0;

    for (; *name != '\0' && at < sizeof plain - 1; name++)
        if (*name != '_' && *name != '-')
            plain[at++] = (char)tolower((unsigned char)*name);
    plain[at] = '\0';
    return sim_word_in(secret_names, plain);
}

static bool secret_value(const char *value)
{
    for (int i = 0; secret_beginnings[i] != NULL; i++)
        if (text_starts(value, secret_beginnings[i]))
            return true;
    return strstr(value, "access_token=") != NULL || strstr(value, "jwt=") != NULL ||
           strstr(value, SIM_SECRET_MARK) != NULL;
}

static void mask_tree(cJSON *node)
{
    for (cJSON *child = node != NULL ? node->child : NULL; child != NULL; child = child->next) {
        if (cJSON_IsString(child) && child->valuestring[0] != '\0' &&
            ((child->string != NULL && secret_name(child->string)) ||
             secret_value(child->valuestring)))
            cJSON_SetValuestring(child, mask);
        else
            mask_tree(child);
    }
}

/* JSON as itself, forms as objects, text as text, and of anything else only how much it was. */
static cJSON *body_json(const struct sim_call *c)
{
    if (c->length == 0)
        return cJSON_CreateNull();
    if (c->json != NULL || c->form != NULL) {
        cJSON *copy = cJSON_Duplicate(c->json != NULL ? c->json : c->form, true);
        mask_tree(copy);
        return copy;
    }
    cJSON *out = cJSON_CreateObject();
    const char *type = sim_header(c, "content-type");
    cJSON_AddNumberToObject(out, "bytes", (double)c->length);
    cJSON_AddStringToObject(out, "contentType", type != NULL ? type : "");
    return out;
}

static void entry_free(struct sim_entry *e)
{
    free(e->path);
    cJSON_Delete(e->query);
    cJSON_Delete(e->body);
    free(e);
}

static void drop_first(struct sim *sim)
{
    struct sim_entry *e = sim->journal;

    sim->journal = e->next;
    if (sim->journal == NULL)
        sim->journal_end = &sim->journal;
    sim->journal_count--;
    entry_free(e);
}

uint64_t sim_journal_add(struct sim_call *c, const char *fault)
{
    struct sim *sim = c->sim;
    struct sim_entry *e = calloc(1, sizeof *e);

    if (e == NULL)
        return 0;
    e->n = ++sim->journal_n;
    e->at_ms = clock_now();
    e->platform = c->index;
    e->fault = fault;
    text_copy_to(e->method, sizeof e->method, c->method);
    e->path = text_copy(c->path);
    e->query = cJSON_Duplicate(c->query, true);
    mask_tree(e->query);
    e->body = body_json(c);
    if (c->grant != NULL)
        text_copy_to(e->grant, sizeof e->grant, c->grant->label);
    *sim->journal_end = e;
    sim->journal_end = &e->next;
    if (++sim->journal_count > JOURNAL_MAX)
        drop_first(sim);
    return e->n;
}

void sim_journal_end(struct sim *sim, uint64_t n, int status, int64_t took_ms)
{
    for (struct sim_entry *e = sim->journal; e != NULL; e = e->next) {
        if (e->n == n) {
            e->status = status;
            e->took_ms = took_ms;
            return;
        }
    }
}

void sim_journal_drop(struct sim *sim)
{
    while (sim->journal != NULL)
        drop_first(sim);
}

static cJSON *entry_json(const struct sim_entry *e)
{
    cJSON *out = cJSON_CreateObject();

    cJSON_AddNumberToObject(out, "n", (double)e->n);
    cJSON_AddNumberToObject(out, "atMs", (double)e->at_ms);
    cJSON_AddStringToObject(out, "platform", sim_slugs[e->platform]);
    cJSON_AddStringToObject(out, "method", e->method);
    cJSON_AddStringToObject(out, "path", e->path != NULL ? e->path : "");
    cJSON_AddItemToObject(out, "query", cJSON_Duplicate(e->query, true));
    cJSON_AddItemToObject(out, "body", cJSON_Duplicate(e->body, true));
    cJSON_AddNumberToObject(out, "status", e->status);
    cJSON_AddNumberToObject(out, "tookMs", (double)e->took_ms);
    if (e->grant[0] != '\0')
        cJSON_AddStringToObject(out, "grant", e->grant);
    else
        cJSON_AddNullToObject(out, "grant");
    if (e->fault != NULL)
        cJSON_AddStringToObject(out, "fault", e->fault);
    return out;
}

cJSON *sim_journal_list(struct sim *sim, int platform, uint64_t after)
{
    cJSON *out = cJSON_CreateArray();

    for (struct sim_entry *e = sim->journal; e != NULL; e = e->next)
        if (e->n > after && (platform < 0 || e->platform == platform))
            cJSON_AddItemToArray(out, entry_json(e));
    return out;
}

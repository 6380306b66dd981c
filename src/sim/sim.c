/* One simulator: its state, its clock, and the way of a request to the platform it is for. */
#include "sim/private.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>

const char *const sim_slugs[SIM_PLATFORMS] = { "restream", "zoom",      "google_meet", "teams",
                                               "jitsi",    "instagram", "youtube",     "facebook" };
const struct sim_platform *const sim_platforms[SIM_PLATFORMS] = {
    [0] = &sim_restream, [1] = &sim_zoom,      [2] = &sim_google_meet, [3] = &sim_teams,
    [4] = &sim_jitsi,    [5] = &sim_instagram, [6] = &sim_youtube,     [7] = &sim_facebook,
};

const char sim_alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const char sim_digits[] = "0123456789";
const char sim_b64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int sim_platform_index(const char *slug)
{
    for (int i = 0; i < SIM_PLATFORMS; i++)
        if (strcmp(sim_slugs[i], slug) == 0)
            return i;
    return -1;
}

/* splitmix64: small, and a function of the seed alone. */
uint64_t sim_random(struct sim *sim)
{
    uint64_t z = sim->random += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void sim_random_text(struct sim *sim, char *out, size_t count, const char *alphabet)
{
    size_t letters = strlen(alphabet);

    for (size_t i = 0; i < count; i++)
        out[i] = alphabet[sim_random(sim) % letters];
    out[count] = '\0';
}

void sim_secret_text(struct sim *sim, char *out, size_t count, const char *alphabet)
{
    sim_random_text(sim, out, count, alphabet);
    memcpy(out, SIM_SECRET_MARK, strlen(SIM_SECRET_MARK));
}

void sim_random_uuid(struct sim *sim, char out[37])
{
    static const char shape[] = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";

    for (size_t i = 0; i < sizeof shape; i++)
        out[i] = shape[i] == 'x' ? "0123456789abcdef"[sim_random(sim) % 16] : shape[i];
}

bool sim_chance(struct sim *sim, double probability)
{
    return probability >= 1 || (double)(sim_random(sim) >> 11) / 9007199254740992.0 < probability;
}

/* ---- state ---- */

static void state_open(struct sim *sim)
{
    sim->objects_end = &sim->objects;
    sim->journal_end = &sim->journal;
    sim->random = sim->options.seed;
    for (int i = 0; i < SIM_PLATFORMS; i++)
        if (sim_platforms[i] != NULL && sim_platforms[i]->open != NULL)
            sim_platforms[i]->open(sim, i);
}

static void state_close(struct sim *sim)
{
    sim_faults_drop(sim);
    sim_journal_drop(sim);
    sim_oauth_drop(sim);
    for (int i = 0; i < SIM_PLATFORMS; i++) {
        if (sim_platforms[i] != NULL && sim_platforms[i]->close != NULL)
            sim_platforms[i]->close(sim, i);
        sim->state[i] = NULL;
        sim->grant_count[i] = 0;
        text_replace(&sim->hook_url[i], NULL);
        text_replace(&sim->hook_secret[i], NULL);
    }
    while (sim->objects != NULL) {
        struct sim_object *o = sim->objects;
        sim->objects = o->next;
        free(o->title);
        cJSON_Delete(o->fields);
        free(o);
    }
}

void sim_reset(struct sim *sim)
{
    state_close(sim);
    state_open(sim);
}

bool sim_tick(struct sim *sim)
{
    int64_t now = clock_mono();
    bool more = false;

    for (struct sim_object *o = sim->objects; o != NULL; o = o->next) {
        if (o->feed_mono != 0 && o->feed_mono <= now)
            sim_object_feed(sim, o, true);
        if (o->due_mono != 0 && o->due_mono <= now) {
            o->due_mono = 0;
            if (sim_platforms[o->platform]->due != NULL)
                sim_platforms[o->platform]->due(sim, o);
        }
        more = more || o->feed_mono != 0 || o->due_mono != 0;
    }
    return more;
}

void sim_dispatch(struct sim_call *c)
{
    if (c->index == SIM_CONTROL || text_starts(c->path, "/_sim")) {
        sim_control_answer(c);
        return;
    }
    c->platform = sim_platforms[c->index];
    if (c->platform != NULL)
        c->platform->answer(c);
    if (c->reply.status == 0)
        sim_reply_page(&c->reply, 404, "Not found",
                       "The simulator does not speak for this platform.");
}

/* ---- start and stop ---- */

static bool parse_listen(struct sim *sim, const char *listen, struct error *err)
{
    static const char remedy[] = "Use an address such as 127.0.0.1:0.";
    char ip[64];
    const char *colon = strrchr(listen, ':');
    char *end = NULL;
    long port = colon != NULL ? strtol(colon + 1, &end, 10) : 0;
    size_t length = colon != NULL ? (size_t)(colon - listen) : strlen(listen);

    if (length >= sizeof ip || port < 0 || port > 65535 ||
        (colon != NULL && (end == colon + 1 || *end != '\0')))
        return error_set(err, ERROR_USAGE, remedy, "%s is not ADDRESS:PORT.", listen);
    memcpy(ip, listen, length);
    ip[length] = '\0';
    sim->port = (uint16_t)port;
    if (inet_pton(AF_INET, ip, &sim->ip[SIM_CONTROL]) != 1)
        return error_set(err, ERROR_USAGE, remedy, "%s is not an IPv4 address.", ip);
    uint32_t host = ntohl(sim->ip[SIM_CONTROL].s_addr);
    if (host >> 24 != 127)
        return error_set(
            err, ERROR_USAGE, remedy,
            "The simulated platforms listen on loopback only (127.0.0.0/8), not on %s.", ip);
    for (int i = 0; i < SIM_PLATFORMS; i++) {
        uint32_t at = (127u << 24) + 2u + (uint32_t)i;
        sim->ip[i].s_addr = htonl(at);
        if (at == host)
            return error_set(err, ERROR_USAGE, remedy, "%s is where the simulated %s listens.", ip,
                             sim_slugs[i]);
    }
    return true;
}

static void name_addresses(struct sim *sim)
{
    for (int i = 0; i < SIM_LISTENERS; i++) {
        char ip[INET_ADDRSTRLEN] = "";
        inet_ntop(AF_INET, &sim->ip[i], ip, sizeof ip);
        snprintf(sim->address[i], sizeof sim->address[i], "%s://%s:%u", sim->tls ? "https" : "http",
                 ip, (unsigned)sim->port);
    }
    text_copy_to(sim->base, sizeof sim->base, sim->address[SIM_CONTROL]);
}

bool sim_start(struct sim **out, const struct sim_options *o, struct error *err)
{
    struct sim *sim = calloc(1, sizeof *sim);

    if (sim == NULL)
        return error_set(err, ERROR_MEMORY, NULL, "There is no memory for the simulator.");
    if (o != NULL)
        sim->options = *o;
    sim->step_ms = sim->options.step_ms > 0 ? sim->options.step_ms : 300;
    sim->tls = sim->options.tls_cert != NULL;
    pthread_mutex_init(&sim->lock, NULL);
    sim->objects_end = &sim->objects;
    sim->journal_end = &sim->journal;
    if ((sim->options.tls_cert == NULL) != (sim->options.tls_key == NULL)) {
        error_set(err, ERROR_USAGE, "Give --tls CERT KEY.", "TLS needs a certificate and its key.");
        goto failed;
    }
    if (!parse_listen(sim, sim->options.listen != NULL ? sim->options.listen : "127.0.0.1:0",
                      err) ||
        !sim_wire_start(sim, err) || !sim_hooks_start(sim, err))
        goto failed;
    pthread_mutex_lock(&sim->lock);
    name_addresses(sim);
    state_open(sim);
    pthread_mutex_unlock(&sim->lock);
    *out = sim;
    return true;
failed:
    sim_stop(sim);
    return false;
}

void sim_stop(struct sim *sim)
{
    if (sim == NULL)
        return;
    sim_wire_stop(sim);
    sim_hooks_stop(sim);
    state_close(sim);
    pthread_mutex_destroy(&sim->lock);
    free(sim);
}

const char *sim_base(const struct sim *sim)
{
    return sim->base;
}

const char *sim_address(const struct sim *sim, const char *slug)
{
    int index = sim_platform_index(slug);

    return index >= 0 ? sim->address[index] : NULL;
}

cJSON *sim_ready_line(struct sim *sim)
{
    cJSON *out = cJSON_CreateObject();
    char control[80];

    snprintf(control, sizeof control, "%s/_sim", sim->base);
    cJSON_AddStringToObject(out, "base", sim->base);
    cJSON_AddStringToObject(out, "control", control);
    cJSON *all = cJSON_AddObjectToObject(out, "platforms");
    for (int i = 0; i < SIM_PLATFORMS; i++) {
        if (sim_platforms[i] == NULL)
            continue;
        cJSON *part = cJSON_AddObjectToObject(all, sim_slugs[i]);
        cJSON_AddStringToObject(part, "api_base", sim->address[i]);
        cJSON_AddStringToObject(part, "auth_base", sim->address[i]);
        sim_platforms[i]->describe(sim, part);
    }
    return out;
}

bool sim_describe(struct sim *sim, struct text *out)
{
    pthread_mutex_lock(&sim->lock);
    cJSON *line = sim_ready_line(sim);
    pthread_mutex_unlock(&sim->lock);
    bool good = json_print(out, line);
    cJSON_Delete(line);
    return good;
}

/* ---- the in-process face ---- */

bool sim_fault_add(struct sim *sim, const char *json, struct error *err)
{
    cJSON *fault = json_parse(json, strlen(json), err);

    if (fault == NULL)
        return false;
    pthread_mutex_lock(&sim->lock);
    bool good = sim_fault_parse(sim, fault, NULL, err);
    pthread_mutex_unlock(&sim->lock);
    cJSON_Delete(fault);
    return good;
}

void sim_faults_clear(struct sim *sim)
{
    pthread_mutex_lock(&sim->lock);
    sim_faults_drop(sim);
    pthread_mutex_unlock(&sim->lock);
}

bool sim_faults_preset(struct sim *sim, const char *name, struct error *err)
{
    pthread_mutex_lock(&sim->lock);
    bool good = sim_faults_add_preset(sim, name, err);
    pthread_mutex_unlock(&sim->lock);
    return good;
}

bool sim_control(struct sim *sim, const char *method, const char *path, const char *body,
                 struct text *answer, int *status)
{
    struct sim_call c = { .sim = sim, .index = SIM_CONTROL, .has_length = true };
    size_t length = strcspn(path, "?");

    text_copy_to(c.method, sizeof c.method, method);
    c.path = text_format("%.*s", (int)length, path);
    c.query = sim_parse_form(path[length] == '?' ? path + length + 1 : "",
                             path[length] == '?' ? strlen(path + length + 1) : 0);
    c.headers = cJSON_CreateObject();
    if (c.path == NULL || c.query == NULL || c.headers == NULL) {
        sim_call_release(&c);
        return false;
    }
    if (body != NULL) {
        cJSON_AddStringToObject(c.headers, "content-type", "application/json");
        c.body = (const unsigned char *)body;
        c.length = strlen(body);
    }
    sim_reply_init(&c.reply);
    sim_parse_body(&c);
    pthread_mutex_lock(&sim->lock);
    sim_tick(sim);
    sim_dispatch(&c);
    pthread_mutex_unlock(&sim->lock);
    *status = c.reply.status;
    bool good = text_append(answer, text_str(&c.reply.body), c.reply.body.length);
    sim_call_release(&c);
    return good;
}

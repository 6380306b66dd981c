/* Tokens: signed here, sent nowhere but inside a link. The server reads who somebody is from them.
 */
#include "platform/jitsi.h"

#include <stdio.h>
#include <string.h>

#define SKEW_S          60 /* clocks of servers differ */
#define HOST_EXTRA_S    (6 * INT64_C(3600))
#define GUEST_EXTRA_S   (2 * INT64_C(3600))
#define PAYLOAD_CEILING 2000

static bool is_text(const char *s)
{
    return s && *s;
}

static void add_filled(cJSON *object, const char *key, const char *value)
{
    if (is_text(value))
        cJSON_AddStringToObject(object, key, value);
}

/* Setting, and the claim. What has no default goes out only when a person has set it. */
static const struct {
    const char *key, *claim;
    bool always;
} features[] = {
    { "livestreaming", "livestreaming", true },
    { "recording", "recording", true },
    { "transcription", "transcription", false },
    { "dial_out", "outbound-call", false },
};

/* Once the token names any, it decides them all; guests have none. */
static void add_features(cJSON *context, const struct jitsi_grant *g)
{
    cJSON *list = cJSON_AddObjectToObject(context, "features");

    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        bool may =
            g->person.moderator && setting_bool(&platform_jitsi, g->settings, features[i].key);

        const cJSON *given = cJSON_GetObjectItemCaseSensitive(g->settings, features[i].key);

        if (!features[i].always && (!given || text_equal(cJSON_GetStringValue(given), "")))
            continue;
        if (g->words)
            cJSON_AddStringToObject(list, features[i].claim, may ? "true" : "false");
        else
            cJSON_AddBoolToObject(list, features[i].claim, may);
    }
}

/* moderator is a string: JaaS wants one, and Prosody takes either. */
static void add_context(cJSON *payload, const struct jitsi_grant *g)
{
    const struct jitsi_person *p = &g->person;
    cJSON *context = cJSON_AddObjectToObject(payload, "context");
    cJSON *user = cJSON_AddObjectToObject(context, "user");

    cJSON_AddStringToObject(user, "id", p->id);
    add_filled(user, "name", p->name);
    add_filled(user, "email", p->email);
    add_filled(user, "avatar", p->avatar);
    cJSON_AddStringToObject(user, "moderator", p->moderator ? "true" : "false");
    if (p->moderator && !g->words)
        cJSON_AddStringToObject(user, "affiliation", "owner");
    add_features(context, g);
}

bool jitsi_payload(const struct jitsi_grant *g, struct text *out, struct error *err)
{
    cJSON *payload;
    bool done;

    if (!is_text(g->aud) || !is_text(g->iss) || !is_text(g->sub) || !is_text(g->room) ||
        !is_text(g->person.id) || g->exp <= g->nbf)
        return error_platform(err, ERROR_INTERNAL, "jitsi", "Report it as a defect.",
                              "A Jitsi token was to be made without all it must hold.");
    payload = cJSON_CreateObject();
    cJSON_AddStringToObject(payload, "aud", g->aud);
    cJSON_AddStringToObject(payload, "iss", g->iss);
    cJSON_AddStringToObject(payload, "sub", g->sub);
    cJSON_AddStringToObject(payload, "room", g->room);
    cJSON_AddNumberToObject(payload, "nbf", (double)g->nbf);
    if (g->iat)
        cJSON_AddNumberToObject(payload, "iat", (double)g->iat);
    cJSON_AddNumberToObject(payload, "exp", (double)g->exp);
    add_context(payload, g);
    done = payload && json_print(out, payload);
    cJSON_Delete(payload);
    return done || error_set(err, ERROR_MEMORY, NULL, "There is no memory left for a token.");
}

bool jitsi_sign(struct call *call, enum call_signature algorithm, const char *key,
                const char *header, const char *payload, struct text *out, struct error *err)
{
    unsigned char signature[1024];
    size_t length = 0, start = out->length;

    text_add_base64url(out, header, strlen(header));
    text_add(out, ".");
    text_add_base64url(out, payload, strlen(payload));
    if (out->overflow)
        return error_set(err, ERROR_INTERNAL, NULL, "The token is too long.");
    if (!call->sign(call, algorithm, key, text_str(out) + start, out->length - start, signature,
                    &length, err))
        return false;
    text_add(out, ".");
    return text_add_base64url(out, signature, length) ||
           error_set(err, ERROR_INTERNAL, NULL, "The token is too long.");
}

static bool header_print(const struct jitsi_server *s, struct text *out)
{
    static const char *const names[] = { "HS256", "HS384", "HS512", "RS256" };
    cJSON *header = cJSON_CreateObject();
    bool done;

    cJSON_AddStringToObject(header, "alg", names[s->algorithm]);
    add_filled(header, "kid", s->key_id);
    cJSON_AddStringToObject(header, "typ", "JWT");
    done = header && json_print(out, header);
    cJSON_Delete(header);
    return done;
}

/* An id of its own for host and guests, not guessable from the other. */
static bool person_id(struct call *call, bool host, char out[12], struct error *err)
{
    unsigned char bytes[32];

    if (!call->derive(call, host ? "jitsi-host" : "jitsi-guest", bytes, err))
        return false;
    snprintf(out, 12, "%c-%02x%02x%02x%02x", host ? 'h' : 'g', bytes[0], bytes[1], bytes[2],
             bytes[3]);
    return true;
}

/* sub is compared with the tenant, else with the domain, without its port and in lower case. */
static void subject_of(const struct jitsi_server *s, char *out, size_t size)
{
    if (*s->tenant)
        snprintf(out, size, "%s", s->tenant);
    else
        snprintf(out, size, "%.*s", (int)strcspn(s->host, ":"), s->host);
}

/* JaaS: iss and sub are as in all samples, but unconfirmed by 8x8's pages; and whether guests can
 * come in without a token is unconfirmed, so they get one, which is right in either case. Whether a
 * server looks at nbf, or refuses a token without exp, is unconfirmed too: both are always in it,
 * and true. */
bool jitsi_token(struct call *call, const struct jitsi_server *s, const struct target *t,
                 const char *room, bool host, int64_t end_ms, struct text *out, struct error *err)
{
    cJSON *settings = kit_settings(t);
    const char *name = setting_text(&platform_jitsi, settings, "host_name");
    const char *email = setting_text(&platform_jitsi, settings, "host_email");
    bool jaas = s->deployment == JITSI_JAAS;
    int64_t now = call->now_ms / 1000;
    char id[12], subject[256];
    struct text header, payload;
    struct jitsi_grant g = { .aud = jaas ? "jitsi" : s->audience,
                             .iss = jaas ? "chat" : s->app_id,
                             .sub = subject,
                             .room = room,
                             .nbf = now - SKEW_S,
                             .iat = jaas ? 0 : now,
                             .exp = end_ms / 1000 + (jaas || !host ? GUEST_EXTRA_S : HOST_EXTRA_S),
                             .person = { .id = id,
                                         .name = !host   ? "Guest"
                                                 : *name ? name
                                                         : "Host",
                                         .email = host ? email : "" },
                             .words = jaas,
                             .settings = settings };
    bool done = g.exp > now;

    if (!done)
        error_platform(err, ERROR_REFUSED, "jitsi", "Move the meeting to a time to come.",
                       "The meeting is over: nobody can be let in any more.");
    if (!done || !person_id(call, host, id, err)) {
        cJSON_Delete(settings);
        return false;
    }
    subject_of(s, subject, sizeof(subject));
    g.person.moderator = host;
    text_init(&header, 500);
    text_init(&payload, PAYLOAD_CEILING);
    done = header_print(s, &header) && jitsi_payload(&g, &payload, err) &&
           jitsi_sign(call, s->algorithm, s->key, text_str(&header), text_str(&payload), out, err);
    text_release(&header);
    text_release(&payload);
    cJSON_Delete(settings);
    return done;
}

/* Jitsi's tokens: RFC 7519, HS256 by the app's secret or RS256 by a public key that the server
 * looks up by `kid`. */
#include "sim/jitsi.h"

#include <ctype.h>
#include <string.h>

#include <ecclesia/base/clock.h>

struct parts {
    const char *token;
    size_t signed_length; /* header and payload with the dot between */
    unsigned char signature[1024];
    size_t signature_length;
    cJSON *header, *payload;
};

static cJSON *decode_json(const char *s, size_t length)
{
    unsigned char bytes[8192];
    size_t got;

    return sim_b64url_decode(s, length, bytes, sizeof bytes, &got)
               ? json_parse((const char *)bytes, got, NULL)
               : NULL;
}

static bool split(struct parts *p, const char *token)
{
    const char *first = strchr(token, '.'), *second = first != NULL ? strchr(first + 1, '.') : NULL;

    memset(p, 0, sizeof *p);
    p->token = token;
    if (second == NULL)
        return false;
    p->signed_length = (size_t)(second - token);
    p->header = decode_json(token, (size_t)(first - token));
    p->payload = decode_json(first + 1, (size_t)(second - first - 1));
    return cJSON_IsObject(p->header) && cJSON_IsObject(p->payload) &&
           sim_b64url_decode(second + 1, strlen(second + 1), p->signature, sizeof p->signature,
                             &p->signature_length);
}

static const char *signature_check(const struct parts *p, bool jaas)
{
    const char *alg = json_string(p->header, "alg"), *kid = json_string(p->header, "kid");
    unsigned char mac[32];

    if (alg == NULL || (!text_equal(alg, "RS256") && (jaas || !text_equal(alg, "HS256"))))
        return "Invalid or incorrect alg";
    if (strcmp(alg, "HS256") == 0) {
        sim_hmac256(mac, SIM_JITSI_APP_SECRET, p->token, p->signed_length);
        bool same = p->signature_length == sizeof mac && memcmp(mac, p->signature, sizeof mac) == 0;
        return same ? NULL : "Invalid signature";
    }
    if (kid == NULL)
        return "'kid' claim is missing";
    if (jaas && strcmp(kid, SIM_JAAS_KEY_ID) != 0)
        return "could not obtain public key";
    return sim_verify_rs256(sim_rsa_public(), p->token, p->signed_length, p->signature,
                            p->signature_length)
               ? NULL
               : "Invalid signature";
}

/* Whether a token without an end is taken is not confirmed: it is not. */
static const char *time_check(const cJSON *payload)
{
    int64_t exp, nbf, now = clock_now() / 1000;

    if (!json_int(payload, "exp", &exp))
        return "'exp' claim is missing";
    if (exp <= now)
        return "Not acceptable by exp";
    if (json_at(payload, "nbf") != NULL && (!json_int(payload, "nbf", &nbf) || nbf > now))
        return "Not acceptable by nbf";
    return NULL;
}

/* Which audiences a server accepts is told two ways; here the stricter: a text equal to the app's
 * id (JaaS: "jitsi"). */
static const char *claims_check(const cJSON *payload, const char *room, bool jaas)
{
    const char *issuer = json_string(payload, "iss"), *audience = json_string(payload, "aud");
    const char *subject = json_string(payload, "sub"), *claimed = json_string(payload, "room");
    char lower[160];
    size_t i = 0;

    if (issuer == NULL)
        return "'iss' claim is missing";
    if (strcmp(issuer, jaas ? "chat" : SIM_JITSI_APP_ID) != 0)
        return "Invalid issuer ('iss' claim)";
    if (claimed == NULL)
        return "'room' claim is missing";
    if (audience == NULL)
        return "'aud' claim is missing";
    if (strcmp(audience, jaas ? "jitsi" : SIM_JITSI_APP_ID) != 0)
        return "Invalid audience ('aud' claim)";
    if (jaas && (subject == NULL || strcmp(subject, SIM_JAAS_APP_ID) != 0))
        return "Invalid subject ('sub' claim)";
    for (; claimed[i] != '\0' && i < sizeof lower - 1; i++)
        lower[i] = (char)tolower((unsigned char)claimed[i]);
    lower[i] = '\0';
    if (strcmp(lower, "*") != 0 && strcmp(lower, room) != 0)
        return "Room and token mismatched";
    return NULL;
}

static bool says_true(const cJSON *user, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(user, key);

    return cJSON_IsTrue(item) || text_equal(cJSON_GetStringValue(item), "true");
}

static const char *person_check(const cJSON *payload, bool jaas, struct sim_jitsi_person *person)
{
    const cJSON *user = json_at(payload, "context.user");
    const char *name = json_string(user, "name"), *affiliation = json_string(user, "affiliation");
    const cJSON *moderator = cJSON_GetObjectItemCaseSensitive(user, "moderator");

    for (const cJSON *m = user != NULL ? user->child : NULL; m != NULL; m = m->next)
        if (cJSON_IsNull(m))
            return "exception: null in context.user";
    if (jaas && (user == NULL || (moderator != NULL && !cJSON_IsString(moderator))))
        return "context.user is missing or its moderator is not a text";
    text_copy_to(person->name, sizeof person->name, name != NULL ? name : "Fellow Jitster");
    person->moderator =
        says_true(user, "moderator") ||
        (!jaas && affiliation != NULL && sim_word_in("owner moderator teacher", affiliation));
    return NULL;
}

const char *sim_jitsi_token_check(const char *token, const char *room, bool jaas,
                                  struct sim_jitsi_person *person)
{
    struct parts p;
    const char *wrong = split(&p, token) ? NULL : "Invalid token";

    if (wrong == NULL)
        wrong = signature_check(&p, jaas);
    if (wrong == NULL)
        wrong = claims_check(p.payload, room, jaas);
    if (wrong == NULL)
        wrong = time_check(p.payload);
    if (wrong == NULL)
        wrong = person_check(p.payload, jaas, person);
    cJSON_Delete(p.header);
    cJSON_Delete(p.payload);
    return wrong;
}

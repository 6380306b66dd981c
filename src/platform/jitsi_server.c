/* Which server a connection means, and whether it is there. */
#include "platform/jitsi.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char public_host[] = "meet.jit.si";
static const char jaas_host[] = "8x8.vc";
static const char jaas_prefix[] = "vpaas-magic-cookie-";
static const char tenant_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";

static const char *value(struct call *call, const char *key)
{
    return kit_value(call, &platform_jitsi, key);
}

static bool wrong(struct error *err, const char *remedy, const char *what)
{
    return error_platform(err, ERROR_INPUT, "jitsi", remedy, "Jitsi: %s", what);
}

static const char *without_scheme(const char *url)
{
    const char *at = strstr(url, "://");

    return at ? at + 3 : url;
}

/* "meet.example.org" or "meet.example.org:8443", also from the address that a browser shows. */
static bool host_take(const char *given, char *out, size_t size, struct error *err)
{
    const char *s = without_scheme(given);
    size_t length = strcspn(s, "/"), name;

    if (length == 0 || length >= size || s[length + strspn(s + length, "/")])
        return wrong(err, "Give the host alone, for instance host=meet.example.org.",
                     "host is not the name of a server.");
    for (size_t i = 0; i < length; i++)
        out[i] = (char)tolower((unsigned char)s[i]);
    out[length] = '\0';
    name = strspn(out, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    if (name == length || (name > 0 && out[name] == ':' && out[name + 1] &&
                           strspn(out + name + 1, "0123456789") == length - name - 1))
        return true;
    return wrong(err, "Give the host alone, for instance host=meet.example.org.",
                 "host is not the name of a server.");
}

/* In a rehearsal the simulator stands for every host: what is asked goes there, and a link leads
 * there when its host is the simulator's. */
static bool host_read(struct call *call, struct jitsi_server *out, struct error *err)
{
    const char *given = value(call, "host"), *proper = NULL;

    if (out->deployment != JITSI_SELFHOSTED)
        proper = out->deployment == JITSI_PUBLIC ? public_host : jaas_host;
    if (!*given)
        given = call->simulated ? call->api_base : proper;
    if (!given)
        return wrong(err, "Give the server's host, for instance host=meet.example.org.",
                     "a server of one's own needs host.");
    if (!host_take(given, out->host, sizeof(out->host), err))
        return false;
    if (proper && !call->simulated && !text_equal(out->host, proper))
        return wrong(err, "Leave host empty, or choose deployment=selfhosted.",
                     "this deployment has a host of its own.");
    if (!proper && (text_equal(out->host, public_host) || text_equal(out->host, jaas_host)))
        return wrong(err, "Choose deployment=public for meet.jit.si, deployment=jaas for 8x8.vc.",
                     "this host is not a server of one's own.");
    if (call->simulated && text_equal(out->host, without_scheme(call->api_base)))
        text_copy_to(out->base, sizeof(out->base), call->api_base);
    else
        snprintf(out->base, sizeof(out->base), "https://%s", out->host);
    text_copy_to(out->asked, sizeof(out->asked), call->simulated ? call->api_base : out->base);
    return true;
}

static bool algorithm_read(struct call *call, enum call_signature *out, struct error *err)
{
    static const struct {
        const char *name;
        enum call_signature algorithm;
    } known[] = { { "HS256", CALL_HS256 },
                  { "HS384", CALL_HS384 },
                  { "HS512", CALL_HS512 },
                  { "RS256", CALL_RS256 } };
    const char *name = value(call, "algorithm");

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (text_equal(name, known[i].name)) {
            *out = known[i].algorithm;
            return true;
        }
    return wrong(err, "Choose HS256, HS384, HS512 or RS256, as the server's signature_algorithm.",
                 "algorithm is not one that it knows.");
}

static bool public_read(struct call *call, struct error *err)
{
    if (*value(call, "app_secret") || *value(call, "private_key") || *value(call, "tenant"))
        return wrong(err,
                     "Leave tenant, app_secret and private_key empty, or choose "
                     "deployment=selfhosted or jaas.",
                     "meet.jit.si takes no tokens and has no tenants.");
    return true;
}

static bool selfhosted_read(struct call *call, struct jitsi_server *out, struct error *err)
{
    const char *audience = value(call, "audience");
    bool rsa;

    out->tenant = value(call, "tenant");
    if (out->tenant[strspn(out->tenant, tenant_letters)] || strlen(out->tenant) > 60)
        return wrong(err, "Use at most 60 of a-z, 0-9, - and _.", "tenant cannot be in a link.");
    if (!algorithm_read(call, &out->algorithm, err))
        return false;
    rsa = out->algorithm == CALL_RS256;
    out->key = value(call, rsa ? "private_key" : "app_secret");
    out->audience = *audience ? audience : out->app_id;
    if (!*out->key && (rsa || *value(call, "private_key")))
        return wrong(err,
                     rsa ? "Give private_key=@FILE with the PEM file."
                         : "Choose algorithm=RS256, or give app_secret.",
                     rsa ? "RS256 needs a private key." : "a private key is for RS256 only.");
    if (rsa && !*out->key_id)
        return wrong(err, "Set key_id to the name under which the public key is stored.",
                     "RS256 needs a key id: the server looks the public key up by it.");
    if (*out->key && !*out->app_id)
        return wrong(err, "Set app_id to the server's app_id.",
                     "tokens need the app id that the server accepts.");
    return true;
}

static bool jaas_read(struct call *call, struct jitsi_server *out, struct error *err)
{
    size_t length = strlen(out->app_id);

    out->tenant = out->app_id;
    out->algorithm = CALL_RS256;
    out->key = value(call, "private_key");
    if (!text_starts(out->app_id, jaas_prefix) || out->app_id[strspn(out->app_id, tenant_letters)])
        return wrong(err, "Copy the AppID from the JaaS console: vpaas-magic-cookie-….",
                     "app_id is not an AppID of JaaS.");
    if (!text_starts(out->key_id, out->app_id) || out->key_id[length] != '/' ||
        !out->key_id[length + 1])
        return wrong(err, "Copy the key id from the JaaS console, API keys: it is AppID/….",
                     "key_id does not belong to this AppID.");
    if (!*out->key)
        return wrong(err, "Give private_key=@FILE with the PEM file.",
                     "JaaS lets nobody in without a token.");
    return true;
}

/* Our HTTP goes in the clear only to this machine itself. */
static bool status_read(struct call *call, struct jitsi_server *out, struct error *err)
{
    static const char tail[] = "/room-size";
    const char *url = value(call, "status_url");
    size_t length = strlen(url);

    if (!*url)
        return true;
    if (out->deployment != JITSI_SELFHOSTED)
        return wrong(err, "Leave status_url empty.", "only a server of one's own tells who is in.");
    while (length > 0 && url[length - 1] == '/')
        length--;
    if (length > sizeof(tail) &&
        strncmp(url + length - sizeof(tail) + 1, tail, sizeof(tail) - 1) == 0)
        length -= sizeof(tail) - 1;
    if ((text_starts(url, "https://") || text_starts(url, "http://127.") ||
         text_starts(url, "http://[::1]")) &&
        length < sizeof(out->status_url) && !url[strcspn(url, " ?#@\\\t\r\n")]) {
        snprintf(out->status_url, sizeof(out->status_url), "%.*s", (int)length, url);
        return true;
    }
    return wrong(err,
                 "Give an https address, or http://127.0.0.1:5280 of a tunnel on this machine.",
                 "status_url must be where Prosody answers /room-size.");
}

bool jitsi_server_read(struct call *call, struct jitsi_server *out, struct error *err)
{
    const char *deployment = value(call, "deployment");
    bool fine;

    memset(out, 0, sizeof(*out));
    out->tenant = out->key = out->audience = "";
    out->app_id = value(call, "app_id");
    out->key_id = value(call, "key_id");
    if (text_equal(deployment, "public"))
        out->deployment = JITSI_PUBLIC;
    else if (text_equal(deployment, "selfhosted"))
        out->deployment = JITSI_SELFHOSTED;
    else if (text_equal(deployment, "jaas"))
        out->deployment = JITSI_JAAS;
    else
        return wrong(err, "Choose public (meet.jit.si), selfhosted or jaas (8x8.vc).",
                     "deployment is not one that it knows.");
    fine = out->deployment == JITSI_PUBLIC       ? public_read(call, err)
           : out->deployment == JITSI_SELFHOSTED ? selfhosted_read(call, out, err)
                                                 : jaas_read(call, out, err);
    return fine && host_read(call, out, err) && status_read(call, out, err);
}

/* A wrong key shows only when somebody cannot join; so at least try to sign with it. */
bool jitsi_check(struct call *call, struct error *err)
{
    unsigned char signature[1024];
    struct jitsi_server s;
    size_t length = 0;

    if (!jitsi_server_read(call, &s, err))
        return false;
    if (!*s.key || call->sign(call, s.algorithm, s.key, "test", 4, signature, &length, err))
        return true;
    if (err && s.algorithm == CALL_RS256 && err->kind == ERROR_INPUT)
        return wrong(err,
                     "Give private_key=@FILE with a PEM file of an RSA key of at least 2048 bits.",
                     "private_key cannot be used for signing.");
    return false;
}

/* ---- is it there ---- */

static bool letter_before(const char *body, const char *at)
{
    return at > body && (isalnum((unsigned char)at[-1]) || at[-1] == '_');
}

/* domain: 'meet.jitsi' or config.hosts.domain = "meet.jitsi"; config.js is looked through, never
 * run. */
static void domain_read(const char *body, char *out, size_t size)
{
    static const char key[] = "domain";

    *out = '\0';
    for (const char *at = body; (at = strstr(at, key)) != NULL; at++) {
        const char *s = at + sizeof(key) - 1;
        size_t length;

        if (letter_before(body, at))
            continue;
        s += strspn(s, "'\" \t");
        if (*s != ':' && *s != '=')
            continue;
        s += 1 + strspn(s + 1, " \t");
        if (*s != '\'' && *s != '"')
            continue;
        length = strspn(s + 1, "abcdefghijklmnopqrstuvwxyz0123456789.-");
        if (length > 0 && length < size && s[length + 1] == *s) {
            snprintf(out, size, "%.*s", (int)length, s + 1);
            return;
        }
    }
}

/* JaaS does not publish what its config.js holds; that the host answers must do. */
static bool answered(const struct jitsi_server *s, const struct http_answer *a)
{
    if (s->deployment == JITSI_JAAS)
        return a->status >= 200 && a->status < 500;
    return a->status == 200 && strstr(a->body, "hosts") && strstr(a->body, "domain");
}

enum jitsi_reach jitsi_reach(struct call *call, const struct jitsi_server *s, char *domain,
                             struct error *why)
{
    char url[320];
    struct http_request request = {
        .method = "GET", .url = url, .route = "GET /config.js", .platform = "jitsi"
    };
    struct http_answer answer;
    bool fine;

    *domain = '\0';
    memset(&answer, 0, sizeof(answer));
    error_clear(why);
    snprintf(url, sizeof(url), "%s/config.js", s->asked);
    if (!call->http(call, &request, &answer, why))
        return why->kind == ERROR_NET_PRE || why->kind == ERROR_NET_POST ||
                       why->kind == ERROR_TLS_CERT || why->kind == ERROR_GARBAGE
                   ? JITSI_UNREACHED
                   : JITSI_UNASKED;
    fine = answered(s, &answer);
    if (fine)
        domain_read(answer.body, domain, 256);
    else
        kit_error(why, call, &answer, answer.status >= 500 ? ERROR_SERVER : ERROR_GARBAGE, "",
                  "Check the address; open it in a browser.",
                  "%.150s did not answer like a Jitsi server (HTTP %d for /config.js).", s->host,
                  answer.status);
    http_answer_release(&answer);
    return fine ? JITSI_REACHED : JITSI_UNREACHED;
}

bool jitsi_identify(struct call *call, struct account *out, struct error *err)
{
    struct jitsi_server s;
    struct error why = { 0 };
    char domain[256], name[400];

    memset(out, 0, sizeof(*out));
    if (!jitsi_check(call, err) || !jitsi_server_read(call, &s, err))
        return false;
    if (jitsi_reach(call, &s, domain, &why) != JITSI_REACHED) {
        if (err)
            *err = why;
        return false;
    }
    snprintf(name, sizeof(name), "%s%s%s", s.host, *s.tenant ? "/" : "", s.tenant);
    text_copy_to(out->ref, sizeof(out->ref), s.deployment == JITSI_JAAS ? s.app_id : name);
    text_copy_to(out->name, sizeof(out->name), name);
    return true;
}

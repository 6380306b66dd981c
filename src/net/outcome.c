/* What became of a call, in the classes of the retry table and in words for a person.
 *
 * The line that matters runs between ERROR_NET_PRE and the rest: NET_PRE says that surely no byte
 * of the request has left, so that even a create may be repeated. It is drawn by what curl sent,
 * never by the name of curl's error: a second connection refused after a lost answer is "could not
 * connect" to curl and an unknown outcome to us. */
#include "net/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/log.h>

#define INTERNET "Check the internet connection; it is tried again by itself."
#define PATIENCE "It is tried again by itself; look at the platform's own page when it lasts."

/* How people call it; the host for what is not one of the eight. */
static const char *who(const struct transfer *t)
{
    static const struct {
        const char *slug, *name;
    } names[] = {
        { "restream", "Restream" }, { "zoom", "Zoom" },         { "google_meet", "Google Meet" },
        { "teams", "Teams" },       { "jitsi", "Jitsi" },       { "instagram", "Instagram" },
        { "youtube", "YouTube" },   { "facebook", "Facebook" },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (text_equal(names[i].slug, t->request->platform))
            return names[i].name;
    return t->host;
}

/* "40 ms", "300 ms", "2.5 s" or "30 s": what was measured is not told more exactly than it was
 * meant. */
static const char *duration(char out[16], int64_t ms)
{
    int tenths = (int)((ms + 50) / 100);

    if (ms < 100)
        snprintf(out, 16, "%d ms", ms > 0 ? (int)ms : 1);
    else if (tenths < 10)
        snprintf(out, 16, "%d ms", tenths * 100);
    else if (tenths % 10)
        snprintf(out, 16, "%d.%d s", tenths / 10, tenths % 10);
    else
        snprintf(out, 16, "%d s", tenths / 10);
    return out;
}

#define FAIL(kind, remedy, ...) error_platform(err, kind, t->request->platform, remedy, __VA_ARGS__)

static bool cut_short(const struct transfer *t, struct error *err)
{
    return FAIL(ERROR_CANCELLED, NULL, "The call was stopped%s, %s %s.",
                t->end == TRANSFER_STOPPED ? " by the end of the program" : "",
                t->sent ? "after it had been sent to" : "before anything was sent to", who(t));
}

static bool tls_refused(const struct transfer *t, struct error *err)
{
    return FAIL(ERROR_TLS_CERT,
                "Check this computer's date and time, and whether the network asks for a sign-in "
                "page; nothing was sent.",
                "The certificate of %s did not verify, so it may not be %s.", t->host, who(t));
}

static bool not_connected(const struct transfer *t, struct error *err)
{
    if (t->os_errno == ECONNREFUSED)
        return FAIL(ERROR_NET_PRE, PATIENCE, "%s (%s) refused the connection.", who(t), t->host);
    if (t->os_errno == ENETUNREACH || t->os_errno == EHOSTUNREACH)
        return FAIL(ERROR_NET_PRE, INTERNET, "There is no way to %s from here.", t->host);
    return FAIL(ERROR_NET_PRE, INTERNET, "%s could not be reached.", t->host);
}

/* Nothing had been sent. */
static bool failed_before(const struct transfer *t, struct error *err)
{
    char s[16];

    if (t->private_refused)
        return FAIL(ERROR_NET_PRE,
                    "The network may want a sign-in in a browser first, or its DNS is wrong.",
                    "%s leads to an address inside the local network, so it was not called.",
                    t->host);
    switch (t->result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return FAIL(ERROR_NET_PRE, INTERNET, "%s could not be found (DNS).", t->host);
    case CURLE_COULDNT_RESOLVE_PROXY:
        return FAIL(ERROR_NET_PRE, "Check the proxy in the configuration.",
                    "The proxy of the configuration could not be found (DNS).");
    case CURLE_PROXY:
        return FAIL(ERROR_NET_PRE, "Check the proxy in the configuration.",
                    "The proxy of the configuration did not let the call through.");
    case CURLE_COULDNT_CONNECT:
        return not_connected(t, err);
    case CURLE_OPERATION_TIMEDOUT:
        return FAIL(ERROR_NET_PRE, INTERNET, "%s could not be reached within %s.", t->host,
                    duration(s, t->lasted_ms));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return tls_refused(t, err);
    case CURLE_SSL_CONNECT_ERROR:
        return FAIL(ERROR_NET_PRE, INTERNET, "No secure connection to %s could be made.", t->host);
    case CURLE_SSL_CACERT_BADFILE:
        return FAIL(ERROR_CONFIG, "Name a readable PEM file, or none for the system's.",
                    "The file of certificate authorities cannot be read.");
    case CURLE_OUT_OF_MEMORY:
        return FAIL(ERROR_MEMORY, NULL, "There is no memory left for a call.");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return FAIL(ERROR_CONFIG, "Correct the address in the connection's settings.",
                    "The address of %s cannot be used.", t->host);
    case CURLE_UNKNOWN_OPTION:
    case CURLE_NOT_BUILT_IN:
    case CURLE_FAILED_INIT:
        return FAIL(ERROR_INTERNAL, "Install libcurl 7.87 or later.",
                    "The network library lacks something that calls need.");
    default:
        return FAIL(ERROR_NET_PRE, INTERNET, "The connection to %s failed (%s).", t->host,
                    curl_easy_strerror(t->result));
    }
}

/* The request, or a part of it, was sent. */
static bool failed_after(const struct transfer *t, struct error *err)
{
    char s[16];

    switch (t->result) {
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: anything at all */
        return FAIL(ERROR_GARBAGE, PATIENCE, "The answer of %s cannot be read.", who(t));
    case CURLE_OPERATION_TIMEDOUT:
        if (t->header_bytes > 0)
            return FAIL(ERROR_NET_POST, INTERNET, "%s began to answer, but far too slowly.",
                        who(t));
        return FAIL(ERROR_NET_POST, INTERNET, "%s did not answer within %s.", who(t),
                    duration(s, t->timeout_ms));
    case CURLE_WRITE_ERROR:
    case CURLE_OUT_OF_MEMORY:
        return FAIL(ERROR_NET_POST, "Close other programs; it is tried again by itself.",
                    "There was no memory left for the answer of %s.", who(t));
    default:
        if (t->header_bytes > 0)
            return FAIL(ERROR_NET_POST, INTERNET, "The answer of %s broke off.", who(t));
        return FAIL(ERROR_NET_POST, INTERNET, "%s closed the connection without an answer.",
                    who(t));
    }
}

static bool too_large(const struct transfer *t, struct error *err)
{
    return FAIL(ERROR_GARBAGE, PATIENCE, "%s answered with more than any answer should hold.",
                who(t));
}

bool outcome_take(struct transfer *t, struct http_answer *answer, struct error *err)
{
    if (t->end != TRANSFER_CARRIED)
        return cut_short(t, err);
    if (t->too_large || t->result == CURLE_FILESIZE_EXCEEDED)
        return too_large(t, err);
    /* To curl an answer that ends within its headers is one: "200" without the rest. */
    if (t->result != CURLE_OK || !t->head_whole)
        return t->sent ? failed_after(t, err) : failed_before(t, err);
    memset(answer, 0, sizeof(*answer));
    answer->length = t->body.length;
    answer->body = t->body.data ? text_take(&t->body) : calloc(1, 1);
    if (!answer->body) {
        answer->length = 0;
        return FAIL(ERROR_NET_POST, "Close other programs; it is tried again by itself.",
                    "There was no memory left for the answer of %s.", who(t));
    }
    answer->status = t->status;
    answer->headers = t->headers;
    answer->header_count = t->header_count;
    t->headers = NULL;
    t->header_count = t->header_room = 0;
    return true;
}

/* What the platform's support asks for; NULL when it did not say. */
static const char *call_id(const struct http_answer *answer)
{
    static const char *const names[] = { "x-request-id", "request-id", "x-fb-trace-id",
                                         "x-fb-request-id", "x-zm-trackingid" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *id = http_answer_header(answer, names[i]);

        if (id && *id)
            return id;
    }
    return NULL;
}

void outcome_trace(const struct transfer *t, const struct http_answer *answer,
                   const struct error *err, int64_t took_ms)
{
    const struct http_request *r = t->request;
    const char *id = err->kind == ERROR_NONE ? call_id(answer) : NULL;
    char word[32];

    if (err->kind == ERROR_NONE)
        snprintf(word, sizeof(word), "%d", t->status);
    else
        text_copy_to(word, sizeof(word), error_policy(err->kind)->name);
    log_line("net", "%s %s %s %lldms out=%lld in=%lld%s%.80s", r->platform ? r->platform : "-",
             r->route ? r->route : r->method, word, (long long)took_ms, (long long)t->bytes_out,
             (long long)t->bytes_in, id ? " id=" : "", id ? id : "");
}

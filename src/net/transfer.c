#include "net/transfer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "net/address.h"

/* The build's own version goes before this one. */
#ifndef ECCLESIA_VERSION
#define ECCLESIA_VERSION "0.1"
#endif

enum { LOW_SPEED_BYTES = 100, LOW_SPEED_SECONDS = 10, HEADERS_COUNT_MAX = 256 };

/* -- Before: what the caller may ask -- */

static bool refuse_url(const struct transfer *t, struct error *err, const char *why)
{
    /* Never the URL itself: its query may hold a token. */
    return error_platform(err, ERROR_CONFIG, t->request->platform,
                          "Correct the address in the connection's settings.",
                          "The address%s%s cannot be used: %s.", t->host[0] ? " of " : "", t->host,
                          why);
}

static bool url_part(const struct transfer *t, CURLUPart part, char *out, size_t size)
{
    char *value = NULL;
    bool whole;

    out[0] = '\0';
    if (curl_url_get(t->url, part, &value, 0) != CURLUE_OK)
        return false;
    whole = text_copy_to(out, size, value);
    curl_free(value);
    return whole;
}

/* One parse for our checks and for the transfer (CURLOPT_CURLU), so that no two readers of a URL
 * can disagree on its host. The parser also writes 0x7f.1 and its kin as the address that they are.
 */
static bool prepare_url(struct transfer *t, struct error *err)
{
    struct sockaddr_storage literal;
    char scheme[16];
    bool is_literal;

    for (const char *c = t->request->url; *c; c++)
        if (*c <= ' ' || *c > '~')
            return refuse_url(t, err, "it holds a character that must be encoded");
    t->url = curl_url();
    if (!t->url)
        return error_set(err, ERROR_MEMORY, NULL, "There is no memory left for a call.");
    if (curl_url_set(t->url, CURLUPART_URL, t->request->url, CURLU_DISALLOW_USER) != CURLUE_OK ||
        !url_part(t, CURLUPART_SCHEME, scheme, sizeof(scheme)) ||
        !url_part(t, CURLUPART_HOST, t->host, sizeof(t->host)))
        return refuse_url(t, err, "it is not a web address");
    is_literal = address_parse(&literal, t->host);
    t->plain = text_equal(scheme, "http");
    if (t->plain && !(is_literal && address_is_loopback((struct sockaddr *)&literal)))
        return refuse_url(t, err, "it must begin with https://");
    if (!t->plain && !text_equal(scheme, "https"))
        return refuse_url(t, err, "it must begin with https://");
    t->private_allowed = !t->options->refuse_private ||
                         (is_literal && address_is_private((struct sockaddr *)&literal));
    return true;
}

/* A name made of token characters, a colon, and a value without any control character. */
static bool header_is_clean(const char *header)
{
    const char *colon = strchr(header, ':');

    if (!colon || colon == header)
        return false;
    for (const char *c = header; c < colon; c++)
        if (!isalnum((unsigned char)*c) && !strchr("!#$%&'*+-.^_`|~", *c))
            return false;
    for (const char *c = colon + 1; *c; c++)
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
            return false;
    return true;
}

static bool add_header(struct transfer *t, const char *header, struct error *err)
{
    struct curl_slist *grown = curl_slist_append(t->sending, header);

    if (!grown)
        return error_set(err, ERROR_MEMORY, NULL, "There is no memory left for a call.");
    t->sending = grown;
    return true;
}

static bool prepare_headers(struct transfer *t, struct error *err)
{
    const char *const *headers = t->request->headers;
    bool typed = false;

    for (size_t i = 0; i < HTTP_HEADERS_MAX && headers[i]; i++) {
        if (!header_is_clean(headers[i]))
            return error_platform(err, ERROR_CONFIG, t->request->platform,
                                  "Enter the key or token again, on one line.",
                                  "A value for %s holds a line break or a control character.",
                                  t->host);
        typed = typed || text_starts_nocase(headers[i], "Content-Type:");
        if (!add_header(t, headers[i], err))
            return false;
    }
    /* A name with nothing after the colon keeps curl from adding its own: no waiting for "100
     * Continue", and no form type on a body that is none. */
    return add_header(t, "Expect:", err) && (typed || add_header(t, "Content-Type:", err));
}

static bool method_is(const struct transfer *t, const char *method)
{
    return text_equal(t->request->method, method);
}

static bool prepare_method(struct transfer *t, struct error *err)
{
    static const char *const known[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (method_is(t, known[i]))
            return true;
    return error_platform(err, ERROR_INTERNAL, t->request->platform, NULL,
                          "A call with an unknown HTTP method was refused.");
}

bool transfer_prepare(struct transfer *t, const struct http_request *request,
                      const struct net_options *options, struct cancel *cancel, struct error *err)
{
    int64_t longest = options->total_ms;

    memset(t, 0, sizeof(*t));
    t->request = request;
    t->options = options;
    t->cancel = cancel;
    text_init(&t->body, NET_BODY_MAX);
    t->timeout_ms =
        request->timeout_ms > 0 && request->timeout_ms < longest ? request->timeout_ms : longest;
    if (!prepare_method(t, err) || !prepare_url(t, err) || !prepare_headers(t, err))
        return false;
    t->repeatable =
        (method_is(t, "GET") || method_is(t, "HEAD")) && !request->effect && !request->creates;
    return true;
}

static void forget_headers(struct transfer *t)
{
    for (size_t i = 0; i < t->header_count; i++) {
        free(t->headers[i].name);
        free(t->headers[i].value);
    }
    t->header_count = 0;
}

/* The bearer token is among what was sent, and an answer that nobody took may hold the next one. */
void transfer_release(struct transfer *t)
{
    forget_headers(t);
    free(t->headers);
    if (t->body.data)
        text_wipe(t->body.data, t->body.length);
    text_release(&t->body);
    for (struct curl_slist *h = t->sending; h; h = h->next)
        text_wipe(h->data, strlen(h->data));
    curl_slist_free_all(t->sending);
    curl_url_cleanup(t->url);
}

/* -- Under way: curl's callbacks, on the I/O thread -- */

static long request_size(const struct transfer *t)
{
    long size = 0;

    curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &size);
    return size;
}

static bool transfer_sent(const struct transfer *t)
{
    return t->asked && request_size(t) > t->sent_before;
}

/* A connection from the pool may turn out dead, and curl then sends the request again on a fresh
 * one by itself, a POST too, even when the platform has read the whole first one and only its
 * answer was lost. For a request that is not repeatable that would be the second object, so the
 * repeat is refused unless no byte of the first had left. */
static bool repeats(struct transfer *t)
{
    if (t->repeatable || !transfer_sent(t))
        return false;
    t->repeat_refused = true;
    return true;
}

static bool leads_inside(struct transfer *t, const struct sockaddr *peer)
{
    if (t->private_allowed || !address_is_private(peer))
        return false;
    t->private_refused = true;
    return true;
}

/* Right before the request goes out, over a new or a pooled connection, TLS done. */
static int on_prerequest(void *argument, char *peer, char *own, int peer_port, int own_port)
{
    struct transfer *t = argument;
    struct sockaddr_storage address;

    (void)own;
    (void)peer_port;
    (void)own_port;
    if (repeats(t))
        return CURL_PREREQFUNC_ABORT;
    /* Through a proxy the peer is the proxy, which the configuration named. */
    if (!t->options->proxy && !t->private_allowed &&
        (!address_parse(&address, peer) || leads_inside(t, (struct sockaddr *)&address)))
        return CURL_PREREQFUNC_ABORT;
    t->asked = true;
    t->sent_before = request_size(t);
    return CURL_PREREQFUNC_OK;
}

/* Before a connection is opened at all: the same two questions, so that nothing inside the church's
 * network is even knocked at. Also the place to make the descriptor close on exec. */
static curl_socket_t on_open(void *argument, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *t = argument;

    if (purpose != CURLSOCKTYPE_IPCXN || repeats(t))
        return CURL_SOCKET_BAD;
    if (!t->options->proxy && leads_inside(t, &address->addr))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool keep_header(struct transfer *t, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length), *value, *end = line + length;
    struct http_header *h;

    if (!colon || colon == line)
        return true;
    if (t->header_count == t->header_room) {
        size_t room = t->header_room ? t->header_room * 2 : 16;
        struct http_header *grown = realloc(t->headers, room * sizeof(*grown));

        if (!grown)
            return false;
        t->headers = grown;
        t->header_room = room;
    }
    for (value = colon + 1; value < end && (*value == ' ' || *value == '\t'); value++)
        ;
    while (end > value && isspace((unsigned char)end[-1]))
        end--;
    h = &t->headers[t->header_count];
    h->name = strndup(line, (size_t)(colon - line));
    h->value = strndup(value, (size_t)(end - value));
    t->header_count++; /* also a half-made one, so that it is freed */
    return h->name && h->value;
}

static size_t on_header(char *line, size_t size, size_t count, void *argument)
{
    struct transfer *t = argument;
    size_t length = size * count;

    t->header_bytes += length;
    if (t->header_bytes > NET_HEADERS_MAX || t->header_count >= HEADERS_COUNT_MAX) {
        t->too_large = true;
        return 0;
    }
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        /* The answer has begun (perhaps after a 1xx, which is forgotten). From here on a trickle is
         * cut. Not before: a platform that thinks for 15 s is slow, not gone, and cutting it would
         * leave a create in doubt. */
        forget_headers(t);
        t->head_whole = false;
        curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, (long)LOW_SPEED_BYTES);
        curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, (long)LOW_SPEED_SECONDS);
        return length;
    }
    if (!t->in_body && (line[0] == '\r' || line[0] == '\n'))
        t->head_whole = true;
    /* Trailers after a body could overrule the header: they are left out. */
    if (t->in_body || keep_header(t, line, length))
        return length;
    t->no_memory = true;
    return 0;
}

/* Decoded bytes. */
static size_t on_body(char *bytes, size_t size, size_t count, void *argument)
{
    struct transfer *t = argument;
    size_t length = size * count;

    t->in_body = true;
    if (length > NET_BODY_MAX - t->body.length)
        t->too_large = true;
    else if (!text_append(&t->body, bytes, length))
        t->no_memory = true;
    else
        return length;
    return CURL_WRITEFUNC_ERROR;
}

/* -- The handle -- */

#define SET(option, value) (curl_easy_setopt(easy, CURLOPT_##option, value) == CURLE_OK)

static bool fit_safety(const struct transfer *t, CURL *easy)
{
    const char *scheme = t->plain ? "http" : "https";
    const char *ca = t->options->ca_file, *proxy = t->options->proxy;

    return SET(NOSIGNAL, 1L) && SET(QUICK_EXIT, 1L) && SET(PROTOCOLS_STR, scheme) &&
           SET(REDIR_PROTOCOLS_STR, "https") && SET(FOLLOWLOCATION, 0L) &&
           SET(SSL_VERIFYPEER, 1L) && SET(SSL_VERIFYHOST, 2L) &&
           SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
           /* A bundle of our own goes instead of the system's, not beside it. */
           (!ca || (SET(CAINFO, ca) && SET(CAPATH, (char *)NULL))) &&
           SET(NETRC, (long)CURL_NETRC_IGNORED) &&
           /* Empty, not NULL: the environment's http_proxy and no_proxy count for nothing. */
           SET(PROXY, proxy && !t->plain ? proxy : "") && SET(NOPROXY, "") &&
           SET(SUPPRESS_CONNECT_HEADERS, 1L) && SET(MAXFILESIZE_LARGE, (curl_off_t)NET_BODY_MAX);
}

static bool fit_times(const struct transfer *t, CURL *easy)
{
    /* Waiting for a connection that may carry many at once ends with the TLS handshake. Without TLS
     * it would end only with the first answer. */
    return SET(CONNECTTIMEOUT_MS, (long)t->options->connect_ms) &&
           SET(TIMEOUT_MS, (long)t->timeout_ms) && SET(PIPEWAIT, t->plain ? 0L : 1L) &&
           SET(TCP_KEEPALIVE, 1L);
}

static bool fit_callbacks(struct transfer *t, CURL *easy)
{
    return SET(PREREQFUNCTION, on_prerequest) && SET(PREREQDATA, t) &&
           SET(OPENSOCKETFUNCTION, on_open) && SET(OPENSOCKETDATA, t) &&
           SET(HEADERFUNCTION, on_header) && SET(HEADERDATA, t) && SET(WRITEFUNCTION, on_body) &&
           SET(WRITEDATA, t) && SET(PRIVATE, t);
}

/* The body is not copied: it is the caller's, who waits. */
static bool fit_request(const struct transfer *t, CURL *easy)
{
    const struct http_request *r = t->request;
    bool body = r->body && r->body_length > 0;

    if (!SET(CURLU, t->url) || !SET(HTTPHEADER, t->sending) || !SET(ACCEPT_ENCODING, "gzip") ||
        !SET(USERAGENT, "ecclesia/" ECCLESIA_VERSION))
        return false;
    if (method_is(t, "HEAD"))
        return SET(NOBODY, 1L);
    if (!body && method_is(t, "GET"))
        return SET(HTTPGET, 1L);
    if (!body && method_is(t, "DELETE"))
        return SET(HTTPGET, 1L) && SET(CUSTOMREQUEST, "DELETE");
    return SET(POST, 1L) && SET(POSTFIELDSIZE_LARGE, (curl_off_t)(body ? r->body_length : 0)) &&
           SET(POSTFIELDS, body ? r->body : "") && SET(CUSTOMREQUEST, r->method);
}

bool transfer_fit(struct transfer *t, CURL *easy)
{
    t->easy = easy;
    return fit_safety(t, easy) && fit_times(t, easy) && fit_callbacks(t, easy) &&
           fit_request(t, easy);
}

void transfer_measure(struct transfer *t)
{
    curl_off_t up = 0, down = 0, lasted = 0;
    long headers = 0, errno_of = 0, status = 0, request = request_size(t);

    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &t->connections);
    curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &errno_of);
    curl_easy_getinfo(t->easy, CURLINFO_HEADER_SIZE, &headers);
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &up);
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
    curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &lasted);
    t->sent = transfer_sent(t);
    t->lasted_ms = lasted / 1000;
    t->status = (int)status;
    t->os_errno = (int)errno_of;
    t->bytes_in = down;
    t->bytes_out = up;
    /* curl counts a small body into the request, a large one beside it. */
    t->wire_out = (uint64_t)(request > up ? request : request + up);
    t->wire_in = (uint64_t)(headers + down);
}

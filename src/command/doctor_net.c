/* doctor: names, certificates, whether each platform in use can be reached, and the clock beside
 * theirs. All addresses are asked at once, each by a thread of its own. */
#include "command/doctor.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include <ecclesia/base/clock.h>

enum {
    CALL_MS = 8000, /* with a name's 5 s below DOCTOR_CHECK_MS */
    BASES = 2,
    ASKS_MOST = BASES * PLATFORM_COUNT,
    CLOCK_WARN_MS = 30 * 1000,
    CLOCK_FAIL_MS = 5 * 60 * 1000
};

/* One address of a platform. */
struct ask {
    struct doctor_net *of;
    enum platform_id platform;
    char base[300], host[256];
    bool named, secure; /* a name, which DNS must know; https */
    bool found;         /* the name was */
    bool answered;
    struct error err;
    int64_t took_ms;
    bool told; /* the answer bore the time */
    int64_t ahead_ms;
    pthread_t thread;
    bool started;
};

struct doctor_net {
    struct net *net;
    struct cancel *cancel;
    bool proxy; /* it finds the names */
    struct ask asks[ASKS_MOST];
    size_t count;
};

/* ---- asking */

/* "Sun, 22 Nov 2026 10:28:41 GMT", whatever the locale. */
static bool parse_date(const char *s, int64_t *ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm t = { 0 };
    const char *at;
    char month[4];

    if (!s || sscanf(s, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &t.tm_mday, month, &t.tm_year,
                     &t.tm_hour, &t.tm_min, &t.tm_sec) != 6)
        return false;
    at = strstr(months, month);
    if (!at || (at - months) % 3 != 0)
        return false;
    t.tm_mon = (int)(at - months) / 3;
    t.tm_year -= 1900;
    *ms = (int64_t)timegm(&t) * 1000;
    return true;
}

/* Any answer will do. The time in it is of the moment at which it was made: about half way. */
static void *ask_main(void *argument)
{
    struct ask *a = argument;
    const struct http_request request = { .method = "GET",
                                          .url = a->base,
                                          .route = "GET /",
                                          .platform = platform_slug(a->platform),
                                          .timeout_ms = CALL_MS };
    struct http_answer answer;
    int64_t their_ms;

    a->found = !a->named || a->of->proxy || doctor_find_name(a->host, &a->err);
    if (!a->found || !net_call(a->of->net, &request, &answer, a->of->cancel, &a->err))
        return NULL;
    a->answered = true;
    a->took_ms = answer.took_ms;
    if (parse_date(http_answer_header(&answer, "Date"), &their_ms)) {
        a->told = true;
        a->ahead_ms = clock_now() - answer.took_ms / 2 - (their_ms + 500);
    }
    http_answer_release(&answer);
    return NULL;
}

/* ---- which platforms, and where */

static bool is_configured(const struct doctor *d, enum platform_id p)
{
    const char *slug = platform_slug(p);

    return *config_text(d->config, slug, "client_id") ||
           *config_text(d->config, slug, "api_base") || *config_text(d->config, slug, "auth_base");
}

static bool is_address(const char *host)
{
    unsigned char bytes[16];

    return strchr(host, ':') || inet_pton(AF_INET, host, bytes) == 1 ||
           strcmp(host, "localhost") == 0;
}

static void add_ask(struct doctor_net *n, enum platform_id p, const char *base)
{
    const char *host = strstr(base, "://");
    struct ask *a = &n->asks[n->count];
    size_t length;

    for (size_t i = 0; i < n->count; i++)
        if (strcmp(n->asks[i].base, base) == 0 && n->asks[i].platform == p)
            return;
    if (!host || n->count == ASKS_MOST || strlen(base) >= sizeof(a->base))
        return;
    *a = (struct ask){ .of = n, .platform = p, .secure = text_starts(base, "https:") };
    text_copy_to(a->base, sizeof(a->base), base);
    host += 3;
    length = *host == '[' ? strcspn(++host, "]") : strcspn(host, ":/?#");
    snprintf(a->host, sizeof(a->host), "%.*s", (int)(length < 250 ? length : 250), host);
    a->named = *a->host && !is_address(a->host);
    n->count++;
}

/* A church's own server goes before the platform's. */
static void own_host(char *out, size_t size, const struct connection *c)
{
    cJSON *options =
        c->options && *c->options ? json_parse(c->options, strlen(c->options), NULL) : NULL;
    const char *host = json_string(options, "host");

    if (host && *host)
        snprintf(out, size, strstr(host, "://") ? "%.280s" : "https://%.280s", host);
    cJSON_Delete(options);
}

static void add_platform(struct doctor *d, struct doctor_net *n, enum platform_id p,
                         const struct connection *list, size_t count)
{
    const struct platform *platform = platform_get(p);
    const char *api = config_text(d->config, platform_slug(p), "api_base");
    const char *auth = config_text(d->config, platform_slug(p), "auth_base");
    bool used = is_configured(d, p);
    char own[300] = "";

    for (size_t i = 0; i < count; i++) {
        if (list[i].platform != p || list[i].status == CONNECTION_DISCONNECTED)
            continue;
        used = true;
        if (!*api)
            own_host(own, sizeof(own), &list[i]);
    }
    if (!platform || !used)
        return;
    add_ask(n, p, *own ? own : *api ? api : platform->api_base ? platform->api_base : "");
    add_ask(n, p, *auth ? auth : platform->auth_base ? platform->auth_base : "");
}

static void add_platforms(struct doctor *d, struct doctor_net *n)
{
    struct connection *list = NULL;
    struct db *db = NULL;
    size_t count = 0;

    if (d->context->engine && db_read(context_store(d->context), &db, NULL))
        connection_list(db, (struct id){ "" }, &list, &count, NULL);
    db_read_end(db);
    for (int p = 0; p < PLATFORM_COUNT; p++)
        add_platform(d, n, (enum platform_id)p, list, count);
    for (size_t i = 0; i < count; i++)
        connection_release(&list[i]);
    free(list);
}

/* ---- beginning */

static bool start_net(struct doctor *d, struct doctor_net *n, struct error *err)
{
    const char *ca_file = config_text(d->config, "net", "ca_file");
    const char *proxy = config_text(d->config, "net", "proxy");
    const struct net_options options = { .ca_file = *ca_file ? ca_file : NULL,
                                         .proxy = *proxy ? proxy : NULL,
                                         .refuse_private = true,
                                         .connect_ms = (int)config_ms(d->config, "net", "connect"),
                                         .total_ms = (int)config_ms(d->config, "net", "total") };

    n->cancel = d->context->cancel;
    n->proxy = *proxy != '\0';
    return net_start(&n->net, &options, err);
}

static void skip_all(struct doctor *d, const char *why)
{
    static const char *const names[] = { "dns", "tls", "platform", "clock" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!d->net_told || strcmp(names[i], "tls") != 0)
            doctor_add(d, names[i], DOCTOR_SKIPPED, NULL, "%s", why);
}

struct doctor_net *doctor_net_begin(struct doctor *d)
{
    struct doctor_net *n = NULL;
    struct error err;

    error_clear(&err);
    if (!d->config || d->offline || !(n = calloc(1, sizeof(*n))))
        return NULL;
    add_platforms(d, n);
    if (n->count == 0 || !start_net(d, n, &err)) {
        d->net_told = n->count > 0;
        if (d->net_told)
            doctor_add_error(d, err.kind == ERROR_CONFIG ? "tls" : "platform", DOCTOR_FAILED, &err);
        free(n);
        return NULL;
    }
    for (size_t i = 0; i < n->count; i++) {
        struct ask *a = &n->asks[i];

        a->started = pthread_create(&a->thread, NULL, ask_main, a) == 0;
        if (!a->started)
            ask_main(a);
    }
    return n;
}

/* ---- what was found */

static void add_names(struct doctor *d, const struct doctor_net *n)
{
    const struct ask *first = NULL;
    int named = 0, lost = 0;

    for (size_t i = 0; i < n->count; i++) {
        named += n->asks[i].named;
        lost += n->asks[i].named && !n->asks[i].found;
        if (!first && n->asks[i].named && !n->asks[i].found)
            first = &n->asks[i];
    }
    if (named == 0 || n->proxy)
        doctor_add(d, "dns", DOCTOR_SKIPPED, NULL,
                   n->proxy ? "The proxy looks the names up." : "No names are in use.");
    else if (lost == 0)
        doctor_add(d, "dns", DOCTOR_OK, NULL, "All %d names are known.", named);
    else if (lost == named && named > 1) /* one cause, one remedy */
        doctor_add(d, "dns", DOCTOR_FAILED, first->err.remedy,
                   "None of the %d names is known (%s …): this computer has no network, or no DNS "
                   "server.",
                   named, first->host);
    for (size_t i = 0; lost > 0 && (lost < named || named == 1) && i < n->count; i++)
        if (n->asks[i].named && !n->asks[i].found)
            doctor_add_error(d, "dns", DOCTOR_FAILED, &n->asks[i].err);
}

static void add_certificates(struct doctor *d, const struct doctor_net *n)
{
    int before = doctor_findings(d), good = 0;

    for (size_t i = 0; i < n->count; i++) {
        const struct ask *a = &n->asks[i];

        good += a->secure && a->answered;
        if (!a->answered && a->err.kind == ERROR_TLS_CERT)
            doctor_add_error(d, "tls", DOCTOR_FAILED, &a->err);
    }
    if (doctor_findings(d) == before)
        doctor_add(d, "tls", good ? DOCTOR_OK : DOCTOR_SKIPPED, NULL,
                   good ? "%d certificates are good." : "No certificate was shown.", good);
}

static void add_platform_line(struct doctor *d, const struct doctor_net *n, enum platform_id p)
{
    const char *elsewhere = NULL, *base = NULL;
    int before = doctor_findings(d);
    int64_t took_ms = 0;

    for (size_t i = 0; i < n->count; i++) {
        const struct ask *a = &n->asks[i];

        if (a->platform != p)
            continue;
        base = base ? base : a->base;
        if (a->took_ms > took_ms)
            took_ms = a->took_ms;
        if (!a->found)
            elsewhere = "dns";
        else if (!a->answered && a->err.kind == ERROR_TLS_CERT)
            elsewhere = "tls";
        else if (!a->answered)
            doctor_add(d, "platform", DOCTOR_FAILED, a->err.remedy, "%s: %s", platform_name(p),
                       a->err.message);
    }
    if (!base || doctor_findings(d) != before)
        return;
    if (elsewhere)
        doctor_add(d, "platform", DOCTOR_SKIPPED, NULL, "%s could not be asked: see %s.",
                   platform_name(p), elsewhere);
    else
        doctor_add(d, "platform", DOCTOR_OK, NULL, "%s answers (%s, %lld ms)%s.", platform_name(p),
                   base, (long long)took_ms,
                   config_simulated(d->config, platform_slug(p)) ? ", SIMULATED" : "");
}

/* ---- the clock */

static bool clock_is_kept(void)
{
    struct timex t = { .modes = 0 };

    return adjtimex(&t) >= 0 && (t.status & STA_UNSYNC) == 0;
}

/* The one whose clock is nearest to ours: another may be wrong itself. */
static const struct ask *nearest(const struct doctor_net *n)
{
    const struct ask *best = NULL;

    for (size_t i = 0; i < n->count; i++)
        if (n->asks[i].told && (!best || llabs(n->asks[i].ahead_ms) < llabs(best->ahead_ms)))
            best = &n->asks[i];
    return best;
}

static void add_clock(struct doctor *d, const struct doctor_net *n)
{
    static const char remedy[] = "Turn the time service on: timedatectl set-ntp true. With a wrong "
                                 "clock sign-ins are refused and services start at a wrong time.";
    const struct ask *a = nearest(n);
    int64_t apart_ms = a ? llabs(a->ahead_ms) : 0;

    if (!a)
        doctor_add(d, "clock", DOCTOR_SKIPPED, NULL,
                   "No platform told the time; the system says that its clock is %s.",
                   clock_is_kept() ? "kept right by a time service" : "not kept by a time service");
    else if (apart_ms >= CLOCK_WARN_MS)
        doctor_add(d, "clock", apart_ms >= CLOCK_FAIL_MS ? DOCTOR_FAILED : DOCTOR_WARNING, remedy,
                   "This machine's clock is %lld seconds %s that of %s.",
                   (long long)apart_ms / 1000, a->ahead_ms > 0 ? "ahead of" : "behind",
                   platform_name(a->platform));
    else
        doctor_add(d, "clock", DOCTOR_OK, NULL, "The clock agrees with %s to %lld s.",
                   platform_name(a->platform), (long long)apart_ms / 1000);
}

void doctor_net_end(struct doctor_net *n, struct doctor *d)
{
    if (!n) {
        skip_all(d, !d->config    ? "Not without the configuration."
                    : d->offline  ? "Not asked: --offline."
                    : d->net_told ? "No call can be made."
                                  : "No platform is connected yet.");
        return;
    }
    for (size_t i = 0; i < n->count; i++)
        if (n->asks[i].started)
            pthread_join(n->asks[i].thread, NULL);
    net_stop(n->net);
    add_names(d, n);
    add_certificates(d, n);
    for (int p = 0; p < PLATFORM_COUNT; p++)
        add_platform_line(d, n, (enum platform_id)p);
    add_clock(d, n);
    free(n);
}

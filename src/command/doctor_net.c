/* doctor: whether each platform in use can be reached, and the clock beside theirs. */
#include "command/doctor.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include <ecclesia/base/clock.h>

enum { CALL_MS = 10000, BASES = 2, CLOCK_WARN_MS = 30 * 1000, CLOCK_FAIL_MS = 5 * 60 * 1000 };

/* One platform, looked at on a thread of its own: each may take long to fail. */
struct reach {
    struct net *net;
    struct cancel *cancel;
    enum platform_id platform;
    char base[BASES][300]; /* "" none */
    struct {
        bool answered;
        int64_t took_ms;
        struct error err;
    } found[BASES];
    bool told; /* an answer bore the time */
    int64_t ahead_ms;
};

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
static void ask(struct reach *r, int i)
{
    const struct http_request request = { .method = "GET",
                                          .url = r->base[i],
                                          .route = "GET /",
                                          .platform = platform_slug(r->platform),
                                          .timeout_ms = CALL_MS };
    struct http_answer answer;
    int64_t their_ms;

    error_clear(&r->found[i].err);
    if (!net_call(r->net, &request, &answer, r->cancel, &r->found[i].err))
        return;
    r->found[i].answered = true;
    r->found[i].took_ms = answer.took_ms;
    if (parse_date(http_answer_header(&answer, "Date"), &their_ms)) {
        r->told = true;
        r->ahead_ms = clock_now() - answer.took_ms / 2 - (their_ms + 500);
    }
    http_answer_release(&answer);
}

static void *reach_main(void *argument)
{
    struct reach *r = argument;

    for (int i = 0; i < BASES; i++)
        if (*r->base[i])
            ask(r, i);
    return NULL;
}

/* ---- which platforms, and where */

static bool is_configured(const struct doctor *d, enum platform_id p)
{
    const char *slug = platform_slug(p);

    return *config_text(d->config, slug, "client_id") ||
           *config_text(d->config, slug, "api_base") || *config_text(d->config, slug, "auth_base");
}

/* A church's own server goes before the platform's. */
static void take_host(struct reach *r, const struct connection *c)
{
    cJSON *options =
        c->options && *c->options ? json_parse(c->options, strlen(c->options), NULL) : NULL;
    const char *host = json_string(options, "host");

    if (host && *host && strlen(host) < sizeof(r->base[0]) - 10)
        snprintf(r->base[0], sizeof(r->base[0]), "https://%.280s", host);
    cJSON_Delete(options);
}

static bool fill(struct doctor *d, struct reach *r, enum platform_id p,
                 const struct connection *list, size_t count)
{
    const struct platform *platform = platform_get(p);
    const char *api = config_text(d->config, platform_slug(p), "api_base");
    const char *auth = config_text(d->config, platform_slug(p), "auth_base");
    bool used = is_configured(d, p);

    *r = (struct reach){ .platform = p, .cancel = d->context->cancel };
    if (!platform)
        return false;
    text_copy_to(r->base[0], sizeof(r->base[0]), *api ? api : platform->api_base);
    text_copy_to(r->base[1], sizeof(r->base[1]), *auth ? auth : platform->auth_base);
    for (size_t i = 0; i < count; i++) {
        if (list[i].platform != p || list[i].status == CONNECTION_DISCONNECTED)
            continue;
        used = true;
        if (!*api)
            take_host(r, &list[i]);
    }
    if (strcmp(r->base[0], r->base[1]) == 0)
        r->base[1][0] = '\0';
    return used;
}

static size_t find_platforms(struct doctor *d, struct reach reaches[PLATFORM_COUNT])
{
    struct connection *list = NULL;
    struct db *db = NULL;
    size_t count = 0, found = 0;

    if (d->context->engine && db_read(context_store(d->context), &db, NULL))
        connection_list(db, (struct id){ "" }, &list, &count, NULL);
    db_read_end(db);
    for (int p = 0; p < PLATFORM_COUNT; p++)
        found += fill(d, &reaches[found], (enum platform_id)p, list, count);
    for (size_t i = 0; i < count; i++)
        connection_release(&list[i]);
    free(list);
    return found;
}

/* ---- what was found */

static void add_reach(struct doctor *d, const struct reach *r)
{
    const char *name = platform_name(r->platform);
    int before = d->failed;
    int64_t took_ms = 0;

    for (int i = 0; i < BASES; i++) {
        if (!*r->base[i])
            continue;
        if (r->found[i].took_ms > took_ms)
            took_ms = r->found[i].took_ms;
        if (!r->found[i].answered)
            doctor_add(d, "platform", DOCTOR_FAILED, r->found[i].err.remedy, "%s: %s", name,
                       r->found[i].err.message);
    }
    if (d->failed == before)
        doctor_add(d, "platform", DOCTOR_OK, NULL, "%s answers (%s, %lld ms)%s.", name, r->base[0],
                   (long long)took_ms,
                   config_simulated(d->config, platform_slug(r->platform)) ? ", SIMULATED" : "");
    if (r->told && (!d->compared || llabs(r->ahead_ms) < llabs(d->ahead_ms))) {
        d->compared = true;
        d->ahead_ms = r->ahead_ms;
        text_copy_to(d->compared_with, sizeof(d->compared_with), name);
    }
}

static void ask_all(struct doctor *d, struct net *net, struct reach *reaches, size_t count)
{
    pthread_t threads[PLATFORM_COUNT];
    bool started[PLATFORM_COUNT];

    for (size_t i = 0; i < count; i++) {
        reaches[i].net = net;
        started[i] = pthread_create(&threads[i], NULL, reach_main, &reaches[i]) == 0;
        if (!started[i])
            reach_main(&reaches[i]);
    }
    for (size_t i = 0; i < count; i++)
        if (started[i])
            pthread_join(threads[i], NULL);
    for (size_t i = 0; i < count; i++)
        add_reach(d, &reaches[i]);
}

static void look_at_platforms(struct doctor *d)
{
    const char *ca_file = config_text(d->config, "net", "ca_file");
    const char *proxy = config_text(d->config, "net", "proxy");
    const struct net_options options = { .ca_file = *ca_file ? ca_file : NULL,
                                         .proxy = *proxy ? proxy : NULL,
                                         .refuse_private = true,
                                         .connect_ms = (int)config_ms(d->config, "net", "connect"),
                                         .total_ms = (int)config_ms(d->config, "net", "total") };
    struct reach reaches[PLATFORM_COUNT];
    struct net *net = NULL;
    struct error err;
    size_t count;

    error_clear(&err);
    count = find_platforms(d, reaches);
    if (count == 0) {
        doctor_add(d, "platform", DOCTOR_SKIPPED, NULL, "None is connected yet.");
    } else if (!net_start(&net, &options, &err)) {
        doctor_add_error(d, "platform", DOCTOR_FAILED, &err);
    } else {
        ask_all(d, net, reaches, count);
        net_stop(net);
    }
}

void doctor_platforms(struct doctor *d)
{
    if (!d->config)
        doctor_add(d, "platform", DOCTOR_SKIPPED, NULL, "Not without the configuration.");
    else if (d->offline)
        doctor_add(d, "platform", DOCTOR_SKIPPED, NULL, "Not asked: --offline.");
    else
        look_at_platforms(d);
}

/* ---- the clock */

static bool clock_is_kept(void)
{
    struct timex t = { .modes = 0 };

    return adjtimex(&t) >= 0 && (t.status & STA_UNSYNC) == 0;
}

void doctor_clock(struct doctor *d)
{
    static const char remedy[] = "Turn the time service on: timedatectl set-ntp true. With a wrong "
                                 "clock sign-ins are refused and services start at a wrong time.";
    long long apart = llabs(d->ahead_ms) / 1000;
    const char *which = d->ahead_ms > 0 ? "ahead of" : "behind";

    if (!d->compared)
        doctor_add(d, "clock", DOCTOR_SKIPPED, NULL,
                   "No platform told the time; the system says that its clock is %s.",
                   clock_is_kept() ? "kept right by a time service" : "not kept by a time service");
    else if (llabs(d->ahead_ms) >= CLOCK_WARN_MS)
        doctor_add(d, "clock", llabs(d->ahead_ms) >= CLOCK_FAIL_MS ? DOCTOR_FAILED : DOCTOR_WARNING,
                   remedy, "This machine's clock is %lld seconds %s that of %s.", apart, which,
                   d->compared_with);
    else
        doctor_add(d, "clock", DOCTOR_OK, NULL, "The clock agrees with %s to %lld s.",
                   d->compared_with, apart);
}

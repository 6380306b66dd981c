#include "manager/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/zone.h>
#include <ecclesia/store/limits.h>
#include <ecclesia/store/refresh.h>

#include "manager/private.h"

static const int64_t hour_ms = 3600 * INT64_C(1000), day_ms = 24 * 3600 * INT64_C(1000);

/* ---- pure ---- */

/* A refresh token that says nothing of its end: how long it lives, from its last use. */
static int64_t unused_days(enum platform_id p)
{
    /* Teams: for single-page apps and e-mail codes a day, which ecclesia is not. */
    return p == PLATFORM_ZOOM || p == PLATFORM_TEAMS ? 90 : 0;
}

void health_ends(struct connection *c, int64_t issued_ms)
{
    struct connection_health *h = &c->health;
    const struct platform *p = platform_get(c->platform);
    bool person = connection_by_person(c);
    bool extends = person && p && p->oauth && p->oauth->refresh == OAUTH_REFRESH_EXTENDS;

    h->refresh_end_ms = c->refresh_expires_ms;
    h->sliding = false;
    h->grant_end_ms = 0;
    if (c->refresh_expires_ms) {
        /* Google's are for good, unless the app is in Testing: then each ends at its day, and a
         * renewal does not move it. */
        h->grant_end_ms = c->refresh_expires_ms;
        h->sliding = c->platform != PLATFORM_YOUTUBE && c->platform != PLATFORM_GOOGLE_MEET;
    } else if (person && c->renewable && issued_ms && unused_days(c->platform)) {
        h->refresh_end_ms = h->grant_end_ms = issued_ms + unused_days(c->platform) * day_ms;
        h->sliding = true;
    } else if (extends || !c->renewable || c->platform == PLATFORM_FACEBOOK) {
        h->grant_end_ms = c->access_expires_ms;
        h->sliding = extends && c->renewable && c->platform != PLATFORM_FACEBOOK;
    }
}

int health_days(int64_t granted_ms, int64_t end_ms, int64_t now_ms)
{
    static const int of_week[] = { 1, 2, 0 }, of_long[] = { 1, 3, 7, 0 };
    bool week = granted_ms && end_ms - granted_ms <= 8 * day_ms;

    if (!end_ms || end_ms <= now_ms)
        return 0;
    for (const int *days = week ? of_week : of_long; *days; days++) {
        if (end_ms - now_ms <= *days * day_ms)
            return *days;
    }
    return 0;
}

void health_in(char *out, size_t size, int64_t left_ms)
{
    int64_t hours = left_ms / hour_ms, days = (left_ms + hour_ms / 2) / day_ms;

    if (hours >= 47)
        snprintf(out, size, "in %lld days", (long long)days);
    else if (hours >= 1)
        snprintf(out, size, "in %lld hour%s", (long long)hours, hours == 1 ? "" : "s");
    else
        snprintf(out, size, "within the hour");
}

void health_much(char *out, size_t size, int64_t off_ms)
{
    int64_t minutes = ((off_ms < 0 ? -off_ms : off_ms) + 30000) / 60000;

    if (minutes >= 2880)
        snprintf(out, size, "%lld days", (long long)((minutes + 720) / 1440));
    else if (minutes >= 120)
        snprintf(out, size, "%lld hours", (long long)((minutes + 30) / 60));
    else
        snprintf(out, size, "%lld minutes", (long long)minutes);
}

/* ---- words ---- */

static void add(struct text *t, const char *format, const char *one, const char *two)
{
    char part[300];

    if (t->length)
        text_add(t, "; ");
    /* Only our own formats come here. */
    const char *slot = strstr(format, "%s"), *rest = slot ? strstr(slot + 2, "%s") : NULL;
    if (!slot)
        snprintf(part, sizeof part, "%s", format);
    else if (!rest)
        snprintf(part, sizeof part, "%.*s%s%s", (int)(slot - format), format, one, slot + 2);
    else
        snprintf(part, sizeof part, "%.*s%s%.*s%s%s", (int)(slot - format), format, one,
                 (int)(rest - slot - 2), slot + 2, two, rest + 2);
    text_add(t, part);
}

static void say_clock(struct text *t, int64_t off_ms)
{
    char much[60];

    health_much(much, sizeof much, off_ms);
    add(t, "this computer's clock is wrong, %s %s: set it by timedatectl set-ntp true", much,
        off_ms < 0 ? "behind" : "ahead");
}

/* A time of today by the clock, any other with its day. */
static void when(char *out, size_t size, const char *zone, int64_t ms, int64_t now)
{
    char day[40], at[40];

    zone_when(day, sizeof day, zone, ms, now);
    zone_clock(at, sizeof at, zone, ms, now + hour_ms > ms);
    if (strcmp(day, "today") == 0)
        snprintf(out, size, "%s", at);
    else
        snprintf(out, size, "%s %s", day, at);
}

static void say_way(struct text *t, const struct connection *c, const char *zone, int64_t now)
{
    const struct connection_health *h = &c->health;
    char at[100], count[24];

    snprintf(count, sizeof count, "%lld", (long long)h->failures);
    if (h->breaker == BREAKER_OPEN && h->breaker_until_ms > now) {
        when(at, sizeof at, zone, h->breaker_until_ms, now);
        add(t, "left alone after %s failures, asked again at %s", count, at);
    } else if (h->breaker != BREAKER_CLOSED) {
        add(t, "left alone after %s failures, asked again now", count, "");
    }
    if (h->wait[0] && h->wait_until_ms > now) {
        when(at, sizeof at, zone, h->wait_until_ms, now);
        add(t,
            strcmp(h->wait, "quota") == 0 ? "its allowance is used up until %s"
                                          : "it has asked us to wait until %s",
            at, "");
    }
}

bool health_review(struct db *db, struct connection *c, struct error *err)
{
    struct connection_health *h = &c->health;
    struct health_row row;
    struct refresh_row refresh = { .issued_ms = 0 };
    char zone[64], in[60];
    struct text t;
    int64_t now = clock_now();

    if (!health_row_get(db, c->id, &row, err) || !refresh_row_get(db, c->id, &refresh, err))
        return false;
    h->breaker = row.breaker;
    h->breaker_until_ms = row.breaker_until_ms;
    h->failures = row.failures;
    text_copy_to(h->wait, sizeof h->wait, row.wait_until_ms > now ? row.wait : "");
    h->wait_until_ms = row.wait_until_ms;
    h->clock_off_ms = row.clock_off_ms;
    h->granted_ms = row.granted_ms ? row.granted_ms : c->created_ms;
    health_ends(c, refresh.issued_ms);
    if (c->status == CONNECTION_DISCONNECTED)
        *h = (struct connection_health){ .breaker = BREAKER_CLOSED };
    subject_zone(db, c->church, zone, sizeof zone);
    text_init(&t, 900);
    if (h->clock_off_ms)
        say_clock(&t, h->clock_off_ms);
    say_way(&t, c, zone, now);
    if (c->status != CONNECTION_EXPIRED && h->grant_end_ms > now &&
        h->grant_end_ms - now < 10 * day_ms) {
        health_in(in, sizeof in, h->grant_end_ms - now);
        add(&t, "expires %s", in, "");
    }
    char *note = text_take(&t);
    if (note) {
        free(c->note);
        c->note = note;
    }
    return note || error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
}

/* ---- warnings ---- */

/* Which days of warning have come and were not told of that end yet; 0 none. */
static int days_to_tell(struct db *db, const struct connection *c, struct error *err)
{
    struct health_row row;
    int64_t now = clock_now();
    bool live = c->status == CONNECTION_CONNECTED || c->status == CONNECTION_ERROR;
    int days = health_days(c->health.granted_ms, c->health.grant_end_ms, now);

    if (!live || !days || !health_row_get(db, c->id, &row, err))
        return 0;
    int64_t moved = row.warned_for_ms - c->health.grant_end_ms;
    /* Google says with each renewal how many seconds are left: the end wavers by some. */
    bool same = row.warned_for_ms && moved < 12 * hour_ms && moved > -12 * hour_ms;
    return same && row.warned_days <= days ? 0 : days;
}

bool health_due(struct db *db, const struct connection *c)
{
    return days_to_tell(db, c, NULL) > 0;
}

bool health_warn(struct db *db, const struct connection *c, bool *warned, struct error *err)
{
    char remedy[200], zone[64], day[40], at[40], in[60];
    const char *name = platform_name(c->platform);
    int64_t end = c->health.grant_end_ms;
    int days = days_to_tell(db, c, err);

    *warned = days > 0;
    if (!days)
        return true;
    subject_zone(db, c->church, zone, sizeof zone);
    zone_when(day, sizeof day, zone, end, clock_now());
    zone_clock(at, sizeof at, zone, end, false);
    health_in(in, sizeof in, end - clock_now());
    snprintf(remedy, sizeof remedy,
             "Reconnect %s before then: press c on it, or run `ecclesia connect %s`.", name,
             platform_slug(c->platform));
    return health_row_put_warned(db, c->id, end, days, err) &&
           tell(db,
                &(struct tell){ .church = c->church,
                                .subject = c->id,
                                .level = EVENT_WARNING,
                                .platform = (int)c->platform,
                                .kind = "connection.expires",
                                .remedy = remedy,
                                .simulated = c->simulated },
                err, "%s: the sign-in expires %s, %s at %s.", name, in, day, at);
}

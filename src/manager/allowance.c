#include <stdio.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/zone.h>

#include "manager/quota.h"

static void say(struct manager *m, struct db *db, const struct connection *c,
                const struct quota_kind *k, struct allowance *a)
{
    char reset[40], until[40], zone[64];

    (void)m;
    subject_zone(db, c->church, zone, sizeof zone);
    zone_clock(reset, sizeof reset, zone, a->reset_ms, false);
    if (c->health.wait[0] && strcmp(c->health.wait, "quota") == 0) {
        zone_clock(until, sizeof until, zone, c->health.wait_until_ms, false);
        snprintf(a->words, sizeof a->words, "%s says that it is used up; back at %s",
                 platform_name(c->platform), until);
    } else if (a->spent) {
        snprintf(a->words, sizeof a->words, "used up%s; back at %s",
                 k->reserve_percent ? " but for what is kept for starting and stopping" : "",
                 reset);
    } else if (a->lasts_ms) {
        zone_clock(until, sizeof until, zone, a->lasts_ms, false);
        snprintf(a->words, sizeof a->words, "%d%% used; at this rate %s last until %s", a->percent,
                 k->noun, until);
    } else {
        snprintf(a->words, sizeof a->words, "%d%% used, enough for today", a->percent);
    }
}

static const char *app_of(struct manager *m, const cJSON *options, enum platform_id p)
{
    const char *own = json_string(options, "client_id");

    return own && *own ? own : config_text(m->config, platform_slug(p), "client_id");
}

size_t connection_allowances(struct manager *m, struct db *db, const struct connection *c,
                             struct allowance *out, size_t most)
{
    const struct quota_kind *k = quota_kinds(c->platform);
    cJSON *options = c->options ? json_parse(c->options, strlen(c->options), NULL) : NULL;
    int64_t now = clock_now();
    size_t n = 0;

    for (; k && k->name && n < most; k++) {
        struct allowance *a = &out[n];
        struct quota_row row;
        char scope[200], day[16];

        *a = (struct allowance){ .name = k->name,
                                 .noun = k->noun,
                                 .limit = quota_limit(m, k),
                                 .reserve = quota_reserve(m, k) };
        quota_scope(k, c, app_of(m, options, c->platform), scope, sizeof scope);
        quota_day(k->zone, now, day, &a->reset_ms);
        if (!quota_row_get(db, c->platform, scope, k->name, &row, NULL))
            break;
        if (strcmp(row.day, day) != 0)
            row = (struct quota_row){ .day = "" };
        struct forecast f = quota_forecast(&row, a->limit, a->reserve, now, a->reset_ms);
        a->used = row.used;
        a->percent = f.percent;
        a->lasts_ms = f.lasts_ms;
        a->spent = f.spent;
        say(m, db, c, k, a);
        n++;
    }
    cJSON_Delete(options);
    return n;
}

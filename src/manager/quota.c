#include "manager/quota.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/zone.h>

enum { TOLD_MOST = 1, TOLD_STOP = 2, NOTICE_PERCENT = 80 };
static const int64_t mark_ms = 30 * 60 * INT64_C(1000);

/* ---- the platforms' allowances ---- */

/* Reads cost 1, all else 50 (quota table of the Data API); a refused request costs as well. */
static int64_t youtube_cost(const struct http_request *r)
{
    return strcmp(r->method, "GET") == 0 ? 1 : 50;
}

/* Made or changed meetings of one host; ending one is neither. */
static int64_t zoom_cost(const struct http_request *r)
{
    size_t length = strlen(r->route);

    if (!r->effect || !strstr(r->route, "/meetings"))
        return 0;
    return r->creates || (strcmp(r->method, "PATCH") == 0 && r->route[length - 1] == '}');
}

static const struct quota_kind youtube[] = {
    { PLATFORM_YOUTUBE, "units", "YouTube's units of today", "Google project", 10000, 20, 50,
      "America/Los_Angeles", true, youtube_cost,
      "Set [poll] live to a longer time; a client id of your own has an allowance of its own." },
    { .name = NULL },
};
static const struct quota_kind zoom[] = {
    { PLATFORM_ZOOM, "meetings", "the meetings that Zoom lets a host make or change today",
      "Zoom user", 100, 0, 1, "UTC", false, zoom_cost,
      "Change meetings less often, or connect another host." },
    { .name = NULL },
};

const struct quota_kind *quota_kinds(enum platform_id p)
{
    return p == PLATFORM_YOUTUBE ? youtube : p == PLATFORM_ZOOM ? zoom : NULL;
}

/* ---- pure ---- */

void quota_day(const char *zone, int64_t now_ms, char day[16], int64_t *end_ms)
{
    struct zone_time t;

    zone_local(zone, now_ms, &t);
    snprintf(day, 16, "%04d-%02d-%02d", t.year % 10000, t.month % 100, t.day % 100);
    t.day++;
    t.hour = t.minute = t.second = 0;
    *end_ms = zone_instant(zone, &t);
    if (*end_ms <= now_ms)
        *end_ms = now_ms + 60 * 1000;
}

void quota_mark(struct quota_row *row, int64_t now_ms)
{
    if (row->b_ms && now_ms - row->b_ms >= 0 && now_ms - row->b_ms < mark_ms)
        return;
    /* At the first use, after a long silence, or when the clock was put back: from here. */
    if (!row->b_ms || now_ms < row->b_ms || now_ms - row->b_ms > 2 * mark_ms) {
        row->b_ms = now_ms;
        row->b_used = row->used;
    }
    row->a_ms = row->b_ms;
    row->a_used = row->b_used;
    row->b_ms = now_ms;
    row->b_used = row->used;
}

struct forecast quota_forecast(const struct quota_row *row, int64_t limit, int64_t reserve,
                               int64_t now_ms, int64_t end_ms)
{
    struct forecast f = { .percent = limit > 0 ? (int)(row->used * 100 / limit) : 0 };
    int64_t left = limit - reserve - row->used, spent = row->used - row->a_used;
    int64_t taken_ms = now_ms - row->a_ms;

    f.spent = left <= 0;
    if (f.percent > 100)
        f.percent = 100;
    /* A few seconds are no rate. */
    if (f.spent || spent <= 0 || !row->a_ms || taken_ms < 0)
        return f;
    if (taken_ms < 60 * 1000)
        taken_ms = 60 * 1000;
    double lasts = (double)left * (double)taken_ms / (double)spent;
    if ((double)now_ms + lasts < (double)end_ms)
        f.lasts_ms = now_ms + (int64_t)lasts;
    return f;
}

/* ---- the ledger ---- */

struct purse {
    const struct quota_kind *kind;
    char scope[200];
    char day[16];
    int64_t end_ms;
    int64_t used;    /* as stored, with what others took */
    int64_t in_hand; /* of that: taken by us and not used yet */
    int64_t owed;    /* used, and could not be stored */
    int64_t told;
    struct purse *next;
};

struct quotas {
    struct manager *m;
    pthread_mutex_t
        mutex; /* guards the purses; held over the short transaction that takes a portion */
    struct purse *purses;
};

bool quotas_new(struct quotas **out, struct manager *m, struct error *err)
{
    struct quotas *q = calloc(1, sizeof *q);

    if (!q)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    q->m = m;
    pthread_mutex_init(&q->mutex, NULL);
    *out = q;
    return true;
}

int64_t quota_limit(struct manager *m, const struct quota_kind *k)
{
    int64_t own = config_number(m->config, platform_slug(k->platform), "allowance");

    return (own > 0 ? own : k->limit) * manager_pace();
}

int64_t quota_reserve(struct manager *m, const struct quota_kind *k)
{
    return quota_limit(m, k) * k->reserve_percent / 100;
}

void quota_scope(const struct quota_kind *k, const struct connection *c, const char *client_id,
                 char *out, size_t size)
{
    const char *scope = k->by_project ? client_id : c->account_ref;

    snprintf(out, size, "%s", scope && *scope ? scope : "-");
}

/* With the mutex. */
static struct purse *purse_of(struct quotas *q, const struct quota_kind *k,
                              const struct connection *c, const char *client_id)
{
    char scope[200];
    struct purse *a;

    quota_scope(k, c, client_id, scope, sizeof scope);
    for (a = q->purses; a; a = a->next) {
        if (a->kind == k && strcmp(a->scope, scope) == 0)
            return a;
    }
    a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->kind = k;
    text_copy_to(a->scope, sizeof a->scope, scope);
    a->next = q->purses;
    q->purses = a;
    return a;
}

/* A row of a day that is over counts no more. */
static void begin_day(struct quota_row *row, const char *day)
{
    if (strcmp(row->day, day) == 0)
        return;
    *row = (struct quota_row){ .day = "" };
    text_copy_to(row->day, sizeof row->day, day);
}

static void look_at_day(struct purse *a, int64_t now_ms)
{
    char day[16];

    quota_day(a->kind->zone, now_ms, day, &a->end_ms);
    if (strcmp(day, a->day) == 0)
        return;
    text_copy_to(a->day, sizeof a->day, day);
    a->used = a->in_hand = a->owed = a->told = 0;
}

static bool tell_used(struct db *db, const struct purse *a, const struct connection *c, bool stop)
{
    const char *rest =
        a->kind->reserve_percent ? "the rest is kept for starting and stopping; " : "";
    char at[40], zone[64], text[400];

    subject_zone(db, c->church, zone, sizeof zone);
    zone_clock(at, sizeof at, zone, a->end_ms, false);
    if (stop)
        snprintf(text, sizeof text, "What may be used of %s is used up; %sit comes back at %s.",
                 a->kind->noun, rest, at);
    else
        snprintf(text, sizeof text, "%d%% of %s are used; %sthey come back at %s.", NOTICE_PERCENT,
                 a->kind->noun, rest, at);
    return tell(db,
                &(struct tell){ .church = c->church,
                                .subject = c->id,
                                .level = EVENT_WARNING,
                                .platform = (int)c->platform,
                                .kind = stop ? "quota.stop" : "quota.most",
                                .remedy = a->kind->remedy,
                                .simulated = c->simulated },
                NULL, "%s", text);
}

/* With the mutex: takes a portion from the store, and tells when that crosses a line. */
static bool take_portion(struct quotas *q, struct purse *a, const struct connection *c,
                         int64_t cost, bool stop)
{
    int64_t limit = quota_limit(q->m, a->kind), now = clock_now();
    int64_t more = a->owed + (cost > a->kind->portion ? cost : a->kind->portion);
    struct quota_row row;
    struct db *db = NULL;

    if (!db_begin(q->m->store, &db, NULL))
        return false;
    if (stop)
        more = 0;
    bool done = quota_row_get(db, a->kind->platform, a->scope, a->kind->name, &row, NULL);
    begin_day(&row, a->day);
    quota_mark(&row, now);
    row.used += more;
    bool most = !(row.told & TOLD_MOST) && row.used * 100 >= limit * NOTICE_PERCENT;
    bool over = stop && !(row.told & TOLD_STOP);
    row.told |= (most ? TOLD_MOST : 0) | (over ? TOLD_STOP : 0);
    done = done && (!most || tell_used(db, a, c, false)) && (!over || tell_used(db, a, c, true)) &&
           quota_row_put(db, a->kind->platform, a->scope, a->kind->name, &row, NULL);
    if (!done) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, NULL))
        return false;
    a->used = row.used;
    a->told = row.told;
    if (!stop) {
        a->in_hand += more - a->owed;
        a->owed = 0;
    }
    return true;
}

static bool refuse(const struct purse *a, int64_t now_ms, struct error *err)
{
    error_platform(err, ERROR_QUOTA, platform_slug(a->kind->platform),
                   a->kind->reserve_percent
                       ? "It goes on by itself then; starting and stopping work all the same."
                       : "It goes on by itself then.",
                   "What may be used of %s is used up; it comes back in %lld h.", a->kind->noun,
                   (long long)((a->end_ms - now_ms + 3599999) / 3600000));
    if (err)
        err->retry_after_ms = a->end_ms - now_ms;
    return false;
}

/* With the mutex. */
static bool take(struct quotas *q, struct purse *a, const struct connection *c, int64_t cost,
                 enum urgency u, struct error *err)
{
    int64_t now = clock_now(), usable = quota_limit(q->m, a->kind);
    bool stage = u == URGENCY_STAGE || u == URGENCY_PERSON;

    look_at_day(a, now);
    if (!stage)
        usable -= quota_reserve(q->m, a->kind);
    /* Whether a stop still counts is for the platform to say. */
    if (!stage && a->used + a->owed - a->in_hand + cost > usable) {
        if (!(a->told & TOLD_STOP))
            take_portion(q, a, c, 0, true);
        return refuse(a, now, err);
    }
    if (a->in_hand < cost && !take_portion(q, a, c, cost, false)) {
        a->owed += cost;
        return true;
    }
    /* Others may have used up what we did not know of. */
    if (!stage && a->used - a->in_hand + cost > usable) {
        if (!(a->told & TOLD_STOP))
            take_portion(q, a, c, 0, true);
        return refuse(a, now, err);
    }
    a->in_hand -= cost;
    return true;
}

bool quotas_take(struct quotas *q, const struct connection *c, const char *client_id,
                 const struct http_request *request, enum urgency u, struct error *err)
{
    const struct quota_kind *k = quota_kinds(c->platform);
    bool good = true;

    for (; good && k && k->name; k++) {
        int64_t cost = k->cost(request);
        if (cost <= 0)
            continue;
        pthread_mutex_lock(&q->mutex);
        struct purse *a = purse_of(q, k, c, client_id);
        good = !a || take(q, a, c, cost, u, err);
        pthread_mutex_unlock(&q->mutex);
    }
    return good;
}

int quotas_pressure(struct quotas *q, enum platform_id p)
{
    int most = 0;

    pthread_mutex_lock(&q->mutex);
    for (struct purse *a = q->purses; a; a = a->next) {
        /* Of a host's meetings polls use nothing. */
        if (a->kind->platform != p || !a->kind->reserve_percent)
            continue;
        look_at_day(a, clock_now());
        int64_t usable = quota_limit(q->m, a->kind) - quota_reserve(q->m, a->kind);
        int64_t percent = usable > 0 ? (a->used - a->in_hand + a->owed) * 100 / usable : 0;
        most = percent > most ? (int)percent : most;
    }
    pthread_mutex_unlock(&q->mutex);
    return most;
}

static void give_back(struct quotas *q, struct purse *a)
{
    struct quota_row row;
    struct db *db = NULL;

    if (a->in_hand - a->owed == 0 || !db_begin(q->m->store, &db, NULL))
        return;
    if (quota_row_get(db, a->kind->platform, a->scope, a->kind->name, &row, NULL) &&
        strcmp(row.day, a->day) == 0) {
        row.used -= a->in_hand - a->owed;
        if (row.used >= 0 &&
            quota_row_put(db, a->kind->platform, a->scope, a->kind->name, &row, NULL)) {
            db_commit(db, NULL);
            return;
        }
    }
    db_rollback(db);
}

void quotas_free(struct quotas *q)
{
    if (!q)
        return;
    while (q->purses) {
        struct purse *next = q->purses->next;
        give_back(q, q->purses);
        free(q->purses);
        q->purses = next;
    }
    pthread_mutex_destroy(&q->mutex);
    free(q);
}

#include "manager/gate.h"
#include "manager/health.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>
#include <ecclesia/base/zone.h>
#include <ecclesia/store/limits.h>

enum {
    STAGE_MS = 60 * 1000,      /* a start or stop tries so often although the platform said wait */
    NOTICE_MS = 5 * 60 * 1000, /* a wait that is worth a line */
    OFTEN = 3,                 /* … as are so many */
    OFTEN_MS = 10 * 60 * 1000, /* in that time */
    EASE_MS = 5 * 60 * 1000,   /* after which a platform that was nearly used up is asked again */
    CLOCK_MS = 5 * 60 * 1000   /* clocks that are farther apart are wrong */
};
static const int64_t longest_ms = 24 * 3600 * INT64_C(1000);

struct entry {
    struct id connection, church;
    enum platform_id platform;
    bool simulated;
    struct breaker breaker;
    char wait[8];
    int64_t wait_until_ms, wait_asked_ms; /* monotonic */
    int64_t ease_until_ms;                /* likewise: starts and stops go on */
    int rates;                            /* in a row */
    int64_t rated_ms[OFTEN];              /* when the last were, the newest first */
    char text[512], remedy[256];          /* of the wait */
    int64_t clock_off_ms;
    uint64_t changes, stored; /* how often it has changed, and which of these states is stored */
    struct entry *next;
};

struct gate {
    struct store *store;
    struct gate_options o;
    pthread_mutex_t writing; /* one writer of rows at a time; taken before mutex */
    pthread_mutex_t mutex;   /* guards the entries; never held during a transaction */
    struct entry *entries;
};

bool gate_new(struct gate **out, struct store *store, const struct gate_options *o,
              struct error *err)
{
    struct gate *g = calloc(1, sizeof *g);

    if (!g)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    g->store = store;
    g->o = *o;
    pthread_mutex_init(&g->writing, NULL);
    pthread_mutex_init(&g->mutex, NULL);
    *out = g;
    return true;
}

void gate_free(struct gate *g)
{
    if (!g)
        return;
    while (g->entries) {
        struct entry *next = g->entries->next;
        free(g->entries);
        g->entries = next;
    }
    pthread_mutex_destroy(&g->mutex);
    pthread_mutex_destroy(&g->writing);
    free(g);
}

/* ---- memory and store ---- */

static bool read_stored(struct gate *g, struct id connection, struct health_row *row)
{
    struct db *db = NULL;

    if (!db_read(g->store, &db, NULL))
        return false;
    bool done = health_row_get(db, connection, row, NULL);
    db_read_end(db);
    return done;
}

/* What is left of a stored wall time, on the monotonic clock. A wall clock that was put back makes
 * nothing longer than it can have been. */
static int64_t from_wall(int64_t at_ms, int64_t most_ms)
{
    int64_t left = at_ms - clock_now();

    if (at_ms == 0 || left < 0)
        left = 0;
    return clock_mono() + (left < most_ms ? left : most_ms);
}

static int64_t to_wall(int64_t at_ms)
{
    return clock_now() + (at_ms - clock_mono());
}

static struct entry *find(struct gate *g, struct id connection)
{
    struct entry *e = g->entries;

    while (e && !id_equal(e->connection, connection))
        e = e->next;
    return e;
}

/* With the mutex. */
static void take_stored(struct gate *g, struct entry *e, const struct health_row *row)
{
    e->clock_off_ms = row->clock_off_ms;
    if (row->breaker != BREAKER_CLOSED) {
        e->breaker.state = BREAKER_OPEN;
        e->breaker.opens = (int)row->opens;
        e->breaker.failures = (int)row->failures;
        e->breaker.until_ms = from_wall(row->breaker_until_ms, g->o.cap_ms);
        e->breaker.asked_ms = clock_mono() - g->o.cap_ms;
    }
    text_copy_to(e->wait, sizeof e->wait, row->wait);
    e->wait_until_ms = row->wait[0] ? from_wall(row->wait_until_ms, longest_ms) : 0;
}

/* With the mutex, which it may let go for a moment; NULL when there is no memory. */
static struct entry *entry_of(struct gate *g, const struct connection *c)
{
    struct entry *e = find(g, c->id), *fresh;
    struct health_row row = { .breaker = BREAKER_CLOSED };

    if (e)
        return e;
    pthread_mutex_unlock(&g->mutex);
    bool known = read_stored(g, c->id, &row);
    fresh = calloc(1, sizeof *fresh);
    pthread_mutex_lock(&g->mutex);
    e = find(g, c->id);
    if (e || !fresh) {
        free(fresh);
        return e;
    }
    fresh->connection = c->id;
    fresh->church = c->church;
    fresh->platform = c->platform;
    fresh->simulated = c->simulated;
    breaker_init(&fresh->breaker, g->o.base_ms, g->o.cap_ms);
    if (known)
        take_stored(g, fresh, &row);
    fresh->next = g->entries;
    g->entries = fresh;
    return fresh;
}

static void row_of(const struct entry *e, struct health_row *row)
{
    const struct breaker *b = &e->breaker;

    *row = (struct health_row){ .breaker = b->state,
                                .opens = b->opens,
                                .failures = b->failures,
                                .breaker_until_ms =
                                    b->state == BREAKER_CLOSED ? 0 : to_wall(b->until_ms),
                                .wait_until_ms = e->wait[0] ? to_wall(e->wait_until_ms) : 0,
                                .clock_off_ms = e->clock_off_ms };
    text_copy_to(row->wait, sizeof row->wait, e->wait);
    if (!e->wait[0] && e->ease_until_ms > clock_mono()) {
        text_copy_to(row->wait, sizeof row->wait, "rate");
        row->wait_until_ms = to_wall(e->ease_until_ms);
    }
}

/* What is to be said with a change; kind NULL: nothing. */
struct word {
    const char *kind, *remedy;
    enum event_level level;
    int64_t until_ms; /* when it is asked again, to be added; 0 not */
    char text[600];
};

/* By the church's clock. */
static void add_until(struct db *db, const struct entry *e, const struct word *w, char *out,
                      size_t size)
{
    char zone[64], day[40], at[40];
    int64_t now = clock_now();

    out[0] = '\0';
    if (!w->until_ms)
        return;
    subject_zone(db, e->church, zone, sizeof zone);
    zone_when(day, sizeof day, zone, w->until_ms, now);
    zone_clock(at, sizeof at, zone, w->until_ms, false);
    snprintf(out, size, " It is asked again %s at %s.", day, at);
}

static bool write_way(struct db *db, const struct entry *e, const struct health_row *row,
                      const struct word *w, bool hurry)
{
    char until[120];

    add_until(db, e, w, until, sizeof until);
    return health_row_put_way(db, e->connection, row, NULL) &&
           (!hurry || health_hurry_jobs(db, e->church, e->platform, clock_now(), NULL)) &&
           (!w->kind || tell(db,
                             &(struct tell){ .church = e->church,
                                             .subject = e->connection,
                                             .level = w->level,
                                             .platform = (int)e->platform,
                                             .kind = w->kind,
                                             .remedy = w->remedy,
                                             .simulated = e->simulated },
                             NULL, "%s%s", w->text, until));
}

/* Without the mutex. Stores the entry as it is now. */
static void keep(struct gate *g, struct id connection, const struct word *w, bool hurry)
{
    struct health_row row;
    struct entry copy;
    struct db *db = NULL;

    pthread_mutex_lock(&g->writing);
    pthread_mutex_lock(&g->mutex);
    struct entry *e = find(g, connection);
    if (e) {
        copy = *e;
        row_of(e, &row);
    }
    pthread_mutex_unlock(&g->mutex);
    bool done = e && db_begin(g->store, &db, NULL);
    if (done && !write_way(db, &copy, &row, w, hurry)) {
        db_rollback(db);
        done = false;
    } else if (done) {
        done = db_commit(db, NULL);
    }
    if (done) {
        pthread_mutex_lock(&g->mutex);
        e->stored = copy.changes;
        pthread_mutex_unlock(&g->mutex);
    }
    pthread_mutex_unlock(&g->writing);
}

/* With the mutex, before it is said that it must wait: another process may have had an answer, or
 * somebody has connected it anew. */
static void look_again(struct gate *g, struct entry *e, const struct connection *c)
{
    struct health_row row;

    pthread_mutex_unlock(&g->mutex);
    pthread_mutex_lock(&g->writing);
    bool known = read_stored(g, c->id, &row);
    pthread_mutex_lock(&g->mutex);
    pthread_mutex_unlock(&g->writing);
    /* What is not stored yet is newer than what is. */
    if (!known || e->stored != e->changes)
        return;
    if (row.breaker == BREAKER_CLOSED && e->breaker.state != BREAKER_CLOSED)
        breaker_init(&e->breaker, g->o.base_ms, g->o.cap_ms);
    if (!row.wait[0])
        e->wait[0] = '\0';
}

/* ---- in ---- */

static int64_t hold_left(struct entry *e, enum urgency u, int64_t now)
{
    int64_t at = e->wait_until_ms;

    if (u < URGENCY_STAGE && e->ease_until_ms > now && !e->wait[0])
        return e->ease_until_ms - now;
    if (!e->wait[0] || u == URGENCY_PERSON)
        return 0;
    if (u == URGENCY_STAGE && e->wait_asked_ms + STAGE_MS < at)
        at = e->wait_asked_ms + STAGE_MS;
    if (at <= now) {
        e->wait_asked_ms = now;
        return 0;
    }
    return at - now;
}

static bool refuse_hold(const struct entry *e, int64_t left, struct error *err)
{
    enum error_kind kind = strcmp(e->wait, "quota") == 0 ? ERROR_QUOTA : ERROR_RATE;

    error_platform(err, kind, platform_slug(e->platform),
                   e->remedy[0] ? e->remedy : "It goes on by itself.", "%s",
                   e->text[0] ? e->text : "The platform has asked us to wait.");
    if (err)
        err->retry_after_ms = left;
    return false;
}

static bool refuse_open(const struct entry *e, int64_t left, struct error *err)
{
    error_platform(err, ERROR_BREAKER, platform_slug(e->platform),
                   "It goes on by itself; to ask now, press C on the connection or run "
                   "`ecclesia connection check`.",
                   "%s does not answer as it should; it is asked again in a while.",
                   platform_name(e->platform));
    if (err)
        err->retry_after_ms = left;
    return false;
}

bool gate_enter(struct gate *g, const struct connection *c, enum urgency u, struct gate_pass *pass,
                struct error *err)
{
    *pass = (struct gate_pass){ false, false };
    pthread_mutex_lock(&g->mutex);
    struct entry *e = entry_of(g, c);
    if (!e) {
        pthread_mutex_unlock(&g->mutex);
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    }
    bool shut = e->wait[0] || e->breaker.state != BREAKER_CLOSED;
    if (shut)
        look_again(g, e, c);
    int64_t now = clock_mono(), left = hold_left(e, u, now);
    bool held = left > 0;
    if (!held)
        left = breaker_wait(&e->breaker, u, now, &pass->tries);
    if (left > 0) {
        bool refused = held ? refuse_hold(e, left, err) : refuse_open(e, left, err);
        pthread_mutex_unlock(&g->mutex);
        return refused;
    }
    pass->in = true;
    e->changes += pass->tries;
    pthread_mutex_unlock(&g->mutex);
    if (pass->tries)
        keep(g, c->id, &(struct word){ .kind = NULL }, false);
    return true;
}

/* ---- out ---- */

static void say_opened(const struct entry *e, struct word *w)
{
    /* Only the first time: that it is still so is shown, not told. */
    if (e->breaker.opens != 1)
        return;
    w->kind = "connection.paused";
    w->level = EVENT_WARNING;
    w->remedy = "It goes on by itself; look at the platform's own status page when it lasts.";
    snprintf(w->text, sizeof w->text,
             "%s fails again and again; it is left alone for a while and then asked again.",
             platform_name(e->platform));
}

static void say_closed(const struct entry *e, struct word *w)
{
    w->kind = "connection.resumed";
    w->level = EVENT_INFO;
    w->remedy = "";
    snprintf(w->text, sizeof w->text, "%s answers again.", platform_name(e->platform));
}

void gate_answer(struct gate *g, const struct connection *c, struct gate_pass *pass, bool failed)
{
    struct word w = { .kind = NULL };
    bool hurry = false;

    pass->tries = false;
    pthread_mutex_lock(&g->mutex);
    struct entry *e = entry_of(g, c);
    bool changed = e && breaker_note(&e->breaker, failed, clock_mono());
    if (changed && failed)
        say_opened(e, &w);
    else if (changed)
        say_closed(e, &w);
    if (e && !failed) {
        e->rates = 0;
        hurry = changed || e->wait[0];
        changed = hurry;
        e->wait[0] = '\0';
    }
    if (changed)
        e->changes++;
    pthread_mutex_unlock(&g->mutex);
    if (changed)
        keep(g, c->id, &w, hurry);
}

void gate_leave(struct gate *g, const struct connection *c, struct gate_pass *pass)
{
    if (!pass->tries)
        return;
    pass->tries = false;
    pthread_mutex_lock(&g->mutex);
    struct entry *e = find(g, c->id);
    if (e) {
        breaker_drop(&e->breaker, clock_mono());
        e->changes++;
    }
    pthread_mutex_unlock(&g->mutex);
    keep(g, c->id, &(struct word){ .kind = NULL }, false);
}

/* ---- asked to wait ---- */

static void say_hold(const struct error *why, int64_t wait_ms, struct word *w)
{
    w->kind = "connection.waiting";
    w->level = EVENT_WARNING;
    w->remedy = why->remedy;
    w->until_ms = clock_now() + wait_ms;
    text_copy_to(w->text, sizeof w->text, why->message);
}

/* With the mutex: whether it is the third in ten minutes. */
static bool is_often(struct entry *e, int64_t now)
{
    memmove(e->rated_ms + 1, e->rated_ms, sizeof e->rated_ms - sizeof e->rated_ms[0]);
    e->rated_ms[0] = now;
    bool often = e->rated_ms[OFTEN - 1] && now - e->rated_ms[OFTEN - 1] < OFTEN_MS;
    if (often)
        memset(e->rated_ms, 0, sizeof e->rated_ms);
    return often;
}

static int64_t own_wait(const struct gate *g, struct entry *e)
{
    int64_t ms = g->o.rate_base_ms;

    for (int i = 0; i < e->rates && ms < g->o.rate_cap_ms; i++)
        ms *= 2;
    e->rates++;
    return ms < g->o.rate_cap_ms ? ms : g->o.rate_cap_ms;
}

void gate_hold(struct gate *g, const struct connection *c, struct error *why)
{
    struct word w = { .kind = NULL };

    pthread_mutex_lock(&g->mutex);
    struct entry *e = entry_of(g, c);
    if (!e) {
        pthread_mutex_unlock(&g->mutex);
        return;
    }
    int64_t now = clock_mono(), wait = why->retry_after_ms;
    bool held = e->wait[0] && e->wait_until_ms > now;
    if (wait <= 0)
        wait = own_wait(g, e);
    if (wait > longest_ms)
        wait = longest_ms;
    why->retry_after_ms = wait;
    text_copy_to(e->wait, sizeof e->wait, why->kind == ERROR_QUOTA ? "quota" : "rate");
    /* What it said last counts, also when that is sooner. */
    e->wait_until_ms = now + wait;
    e->wait_asked_ms = now;
    text_copy_to(e->text, sizeof e->text, why->message);
    text_copy_to(e->remedy, sizeof e->remedy, why->remedy);
    if ((wait > NOTICE_MS && !held) || is_often(e, now))
        say_hold(why, wait, &w);
    e->changes++;
    pthread_mutex_unlock(&g->mutex);
    keep(g, c->id, &w, false);
}

void gate_ease(struct gate *g, const struct connection *c, int64_t wait_ms)
{
    struct word w = { .kind = NULL };

    pthread_mutex_lock(&g->mutex);
    struct entry *e = entry_of(g, c);
    int64_t now = clock_mono();
    /* It says so with each answer. */
    bool over = e && wait_ms == 0 && e->ease_until_ms > now;
    bool news = e && wait_ms > 0 && now + wait_ms > e->ease_until_ms + EASE_MS / 2;
    if (over) {
        e->ease_until_ms = 0;
        e->changes++;
    } else if (news) {
        bool told = e->ease_until_ms + EASE_MS > now && e->ease_until_ms;
        e->ease_until_ms = now + wait_ms;
        e->changes++;
        w.kind = told ? NULL : "connection.waiting";
        w.level = EVENT_WARNING;
        w.remedy = "It goes on by itself.";
        snprintf(w.text, sizeof w.text,
                 "%s says that nearly all requests it allows are used: only starting and stopping "
                 "goes on for %lld min.",
                 platform_name(e->platform), (long long)((wait_ms + 59999) / 60000));
    }
    pthread_mutex_unlock(&g->mutex);
    if (news || over)
        keep(g, c->id, &w, over);
}

/* ---- the clock ---- */

static void say_clock(const struct entry *e, struct word *w)
{
    int64_t off = e->clock_off_ms;
    char much[60];

    health_much(much, sizeof much, off);
    w->kind = off ? "clock.wrong" : "clock.right";
    w->level = off ? EVENT_ERROR : EVENT_INFO;
    w->remedy = off ? "Set the clock: timedatectl set-ntp true" : "";
    if (off)
        snprintf(w->text, sizeof w->text, "This computer's clock is wrong: it is %s %s %s's.", much,
                 off < 0 ? "behind" : "ahead of", platform_name(e->platform));
    else
        snprintf(w->text, sizeof w->text, "This computer's clock agrees with %s's again.",
                 platform_name(e->platform));
}

/* With the mutex. One clock is wrong, however many platforms say so. */
static bool others_know(const struct gate *g, const struct entry *e)
{
    for (const struct entry *o = g->entries; o; o = o->next) {
        if (o != e && o->clock_off_ms)
            return true;
    }
    return false;
}

void gate_clock(struct gate *g, const struct connection *c, int64_t off_ms)
{
    struct word w = { .kind = NULL };
    bool changed = false;

    if (off_ms > -CLOCK_MS && off_ms < CLOCK_MS)
        off_ms = 0;
    pthread_mutex_lock(&g->mutex);
    struct entry *e = entry_of(g, c);
    if (e) {
        int64_t by = e->clock_off_ms - off_ms;
        changed = by > CLOCK_MS || by < -CLOCK_MS || (!off_ms && e->clock_off_ms);
        bool tells = (e->clock_off_ms != 0) != (off_ms != 0) && !others_know(g, e);
        if (changed) {
            e->clock_off_ms = off_ms;
            e->changes++;
        }
        if (changed && tells)
            say_clock(e, &w);
    }
    pthread_mutex_unlock(&g->mutex);
    if (changed)
        keep(g, c->id, &w, false);
}

int64_t gate_clock_off(struct gate *g, const struct connection *c)
{
    pthread_mutex_lock(&g->mutex);
    struct entry *e = find(g, c->id);
    int64_t off = e ? e->clock_off_ms : 0;
    pthread_mutex_unlock(&g->mutex);
    return off;
}

void gate_restore(struct gate *g)
{
    struct id ids[64];
    size_t n = 0;

    pthread_mutex_lock(&g->mutex);
    for (const struct entry *e = g->entries; e && n < sizeof ids / sizeof *ids; e = e->next) {
        if (e->wait[0] || e->breaker.state != BREAKER_CLOSED)
            ids[n++] = e->connection;
    }
    pthread_mutex_unlock(&g->mutex);
    for (size_t i = 0; i < n; i++)
        keep(g, ids[i], &(struct word){ .kind = NULL }, false);
}

/* One renewal, from the written intent to the saved answer. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/crash.h>
#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>
#include <ecclesia/oauth/signin.h>
#include <ecclesia/vault/envelope.h>

#include "oauth/private.h"

enum {
    LOCK_MS = 60 * 1000, /* longer than two calls and the pause between them */
    NAP_MS = 200,
    LEAST_ROOM = 32 * 1024 * 1024,
    SPILL_MOST = 15 * 1024
};

const char spill_label[] = "ec-spill-v1";
static const int64_t give_up_ms = 3 * 24 * 3600 * INT64_C(1000);
static const int64_t longest_ms =
    24 * 3600 * INT64_C(1000); /* that a platform may ask us to wait */

struct renewal {
    struct token_keeper *k;
    const struct platform *platform;
    struct call *call;
    struct id connection;
    int64_t generation; /* of the secrets that are spent */
    bool person;
    struct refresh_row row;
};

static void pause_ms(int64_t ms)
{
    int64_t end = clock_mono() + ms, left;

    while ((left = end - clock_mono()) > 0)
        poll(NULL, 0, left > 1000 ? 1000 : (int)left);
}

static bool unreachable(struct error *err)
{
    text_copy_to(err->code, sizeof err->code, TOKEN_UNREACHABLE);
    return false;
}

/* ---- what is written about it ---- */

/* Writes the row, as long as the connection is still the one that was begun with. */
static bool write_row(struct renewal *n, const struct refresh_row *row, struct error *err)
{
    struct db *db = NULL;

    if (!db_begin(n->k->store, &db, err))
        return false;
    if (!refresh_row_put(db, n->connection, row, err)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, err))
        return false;
    n->row = *row;
    return true;
}

static bool mark_in_flight(struct renewal *n, struct error *err)
{
    struct refresh_row row = n->row;

    row.in_flight = true;
    row.started_ms = clock_now();
    return write_row(n, &row, err);
}

/* By chance between base and a ceiling that doubles up to cap; the platform's own time goes before.
 */
static int64_t next_pause(const struct renewal *n, const struct error *why)
{
    const struct token_keeper_options *o = &n->k->o;
    int64_t ceiling = o->base_ms;

    if (why->retry_after_ms > 0)
        return why->retry_after_ms < longest_ms ? why->retry_after_ms : longest_ms;
    for (int64_t i = 0; i < n->row.fails && ceiling < o->cap_ms; i++)
        ceiling *= 2;
    if (ceiling > o->cap_ms)
        ceiling = o->cap_ms;
    return o->base_ms + (int64_t)random_below((uint64_t)(ceiling - o->base_ms) + 1);
}

/* in_flight: it is still not known what became of the token. */
static void note_failure(struct renewal *n, bool in_flight, const struct error *why)
{
    struct refresh_row row = n->row;

    row.in_flight = in_flight;
    row.next_ms = clock_now() + next_pause(n, why);
    row.failing_ms = row.failing_ms ? row.failing_ms : clock_now();
    row.fails++;
    write_row(n, &row, NULL);
}

static void note_idle(struct renewal *n)
{
    struct refresh_row row = n->row;

    row.in_flight = false;
    write_row(n, &row, NULL);
}

/* ---- saving ---- */

/* *superseded: somebody has connected anew meanwhile, or taken the connection away; this token is
 * nobody's. */
static bool save_once(struct token_keeper *k, struct id connection, int64_t generation,
                      const struct token *token, bool *superseded, struct error *err)
{
    const struct refresh_row row = { .issued_ms = clock_now() };
    struct connection c = { 0 };
    struct db *db = NULL;
    bool done;

    if (!db_begin(k->store, &db, err))
        return false;
    done = connection_get(db, connection, &c, err);
    *superseded = done && (c.generation != generation || c.status == CONNECTION_DISCONNECTED);
    done = done && (*superseded ||
                    (token_save(k->vault, db, &c, token, err) && connection_put(db, &c, err) &&
                     refresh_row_put(db, connection, &row, err)));
    connection_release(&c);
    if (done && !*superseded)
        return db_commit(db, err);
    db_rollback(db);
    return done;
}

/* What the database does not take is put beside it, sealed: a spent token must not be all that is
 * left. */
static bool spill(struct renewal *n, const struct token *token, struct error *err)
{
    cJSON *tree = token_tree(token);
    unsigned char *blob = NULL;
    size_t length = 0;
    struct text t;
    bool done;

    text_init(&t, SPILL_MOST);
    cJSON_AddNumberToObject(tree, "generation", (double)n->generation);
    done = json_print(&t, tree) &&
           envelope_seal(n->k->vault, spill_label, n->connection.hex, text_str(&t), t.length, &blob,
                         &length, err) &&
           spill_write(n->k->store, n->connection, blob, length, err);
    if (done)
        log_line("oauth", "%s: the database takes nothing; the new tokens lie beside it",
                 platform_slug(n->platform->id));
    free(blob);
    oauth_wipe(&t);
    oauth_tree_wipe(tree);
    return done;
}

static bool save(struct renewal *n, const struct token *token, struct error *err)
{
    int64_t end = clock_mono() + n->k->o.save_ms;
    bool superseded = false, dropped = false;

    while (!save_once(n->k, n->connection, n->generation, token, &superseded, err)) {
        if (!dropped)
            store_drop_ballast(n->k->store);
        dropped = true;
        if (clock_mono() >= end)
            return spill(n, token, err);
        pause_ms(NAP_MS);
    }
    return !superseded ||
           error_platform(err, ERROR_CONFLICT, platform_slug(n->platform->id),
                          "It goes on by itself.", "%s was connected anew meanwhile.",
                          platform_name(n->platform->id));
}

bool spill_import(struct token_keeper *k, const struct platform *p, const struct held *h,
                  const char *refused, struct secret **out)
{
    struct token token = { .access = "" };
    struct secret *s = NULL;
    void *blob = NULL;
    size_t length = 0;
    int64_t generation = -1;
    bool superseded = false, usable, opened;
    cJSON *tree = NULL;
    struct error why;

    if (!spill_read(k->store, h->connection.id, &blob, &length))
        return false;
    error_clear(&why);
    opened = envelope_open(k->vault, spill_label, h->connection.id.hex, blob, length, &s, &why);
    if (opened)
        tree = json_parse(secret_text(s), secret_length(s), NULL);
    secret_free(s);
    free(blob);
    if (tree) {
        token_of_tree(&token, tree);
        json_int(tree, "generation", &generation);
    }
    oauth_tree_wipe(tree);
    /* Without the key, or without memory, it is not lost yet. */
    if (!opened && why.kind != ERROR_SECRET_TAMPERED && why.kind != ERROR_SECRET_FORMAT) {
        log_line("oauth", "%s: tokens that lie beside the database wait: %s", platform_slug(p->id),
                 why.message);
        return false;
    }
    usable = token.access[0] && generation == h->connection.generation;
    if (!usable || save_once(k, h->connection.id, generation, &token, &superseded, NULL)) {
        /* What does not open, or was overtaken, is of no use to anybody. */
        spill_remove(k->store, h->connection.id);
        log_line("oauth", "%s: tokens that lay beside the database were %s", platform_slug(p->id),
                 usable && !superseded ? "saved" : "too old");
    }
    usable = usable && !superseded && (!refused || strcmp(refused, token.access) != 0) &&
             (!token.expires_ms || token.expires_ms > clock_now());
    if (usable)
        *out = secret_new(token.access, strlen(token.access));
    token_wipe(&token);
    return usable && *out;
}

/* ---- asking ---- */

/* Whether the platform may have done it although we do not know its answer. */
static bool is_unsure(const struct error *why)
{
    return why->kind == ERROR_NET_POST || why->kind == ERROR_CANCELLED ||
           (why->kind == ERROR_GARBAGE && why->http_status < 300);
}

static bool is_spent(const struct error *why)
{
    return why->kind == ERROR_AUTH && text_equal(why->code, "invalid_grant");
}

static bool ask(struct renewal *n, struct token *token, struct error *err)
{
    n->call->now_ms = clock_now();
    error_clear(err);
    return n->person ? grant_renew(n->call, n->platform, token, err)
                     : n->platform->renew(n->call, token, err);
}

static bool lost(struct renewal *n, struct error *err)
{
    note_idle(n);
    error_platform(err, ERROR_AUTH, platform_slug(n->platform->id), "Connect it again.",
                   "%s may have replaced the sign-in's token, and its answer was lost.",
                   platform_name(n->platform->id));
    text_copy_to(err->code, sizeof err->code, TOKEN_LOST);
    return false;
}

/* The intent stands; asks until the answer is known, at most twice. */
static bool ask_until_known(struct renewal *n, struct token *token, struct error *err)
{
    bool unknown = n->row.in_flight, refused = false, repeated = unknown;

    if (unknown) {
        int64_t waited = clock_now() - n->row.started_ms;

        if (waited >= 0 && waited < n->k->o.again_ms)
            pause_ms(n->k->o.again_ms - waited);
    }
    for (;;) {
        if (!mark_in_flight(n, err))
            return false;
        crash_point("oauth.in_flight");
        if (ask(n, token, err))
            return true;
        if (is_spent(err) && unknown)
            return lost(n, err);
        if (is_spent(err) && !refused) {
            refused = true;
        } else if (is_unsure(err) && err->kind != ERROR_CANCELLED && !repeated) {
            unknown = repeated = true;
        } else {
            break;
        }
        pause_ms(n->k->o.again_ms);
    }
    if (err->kind == ERROR_CANCELLED)
        return false;
    if (err->kind == ERROR_AUTH) {
        note_idle(n);
        return false;
    }
    note_failure(n, unknown || is_unsure(err), err);
    return err->kind == ERROR_CONFIG || err->kind == ERROR_FORBIDDEN ? false : unreachable(err);
}

/* ---- the whole ---- */

/* Nothing is spent that could not be saved. */
static bool preflight(struct renewal *n, struct error *err)
{
    int64_t room = store_room(n->k->store);

    if (vault_locked(n->k->vault))
        return error_set(err, ERROR_KEY_WRONG, "Run this as the user that owns the key.",
                         "The master key cannot be read, so no sign-in can be renewed.");
    if (room >= 0 && room < LEAST_ROOM)
        return error_set(err, ERROR_STORE_FULL,
                         "Free some space on that disk; it goes on by itself.",
                         "The disk is nearly full, so no sign-in is renewed.");
    return true;
}

/* Failed too recently, or for too long, to be tried by itself. A clock that was put back does not
 * keep it waiting. */
static bool must_wait(const struct renewal *n, struct error *err)
{
    int64_t now = clock_now(), left = n->row.next_ms - now;
    const char *name = platform_name(n->platform->id), *slug = platform_slug(n->platform->id);

    if (n->row.failing_ms && now - n->row.failing_ms > give_up_ms) {
        error_platform(err, ERROR_BREAKER, slug,
                       "Check it: press C, or `ecclesia connection check`; or connect it again.",
                       "%s's sign-in could not be renewed for three days.", name);
        err->retry_after_ms = 3600 * INT64_C(1000);
        unreachable(err);
        return true;
    }
    if (left <= 0 || left > longest_ms)
        return false;
    error_platform(err, ERROR_BREAKER, slug, "It is tried again by itself.",
                   "%s's sign-in could not be reached for a renewal.", name);
    err->retry_after_ms = left;
    unreachable(err);
    return true;
}

static bool renew(struct renewal *n, struct secret **out, struct error *err)
{
    struct token token = { .access = "" };
    bool done;

    if (must_wait(n, err) || !preflight(n, err))
        return false;
    done = ask_until_known(n, &token, err);
    if (done) {
        crash_point("oauth.answered");
        done = save(n, &token, err);
        crash_point("oauth.saved");
        if (done && !(*out = secret_new(token.access, strlen(token.access))))
            done = error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    }
    token_wipe(&token);
    return done;
}

bool renewal_run(struct token_keeper *k, const struct platform *p, struct call *call,
                 const char *refused, const struct held *h, struct secret **out, struct error *err)
{
    struct renewal n = { .k = k, .platform = p, .call = call, .connection = h->connection.id };
    struct held now;
    bool done = false;
    int lock = -1;

    if (!refresh_lock_take(k->store, n.connection, LOCK_MS, &lock, err))
        return unreachable(err);
    /* Another process may have been at it. */
    if (held_read(k, p, n.connection, &now, err)) {
        n.generation = now.connection.generation;
        n.row = now.row;
        n.person = p->oauth && (text_equal(now.connection.method, "oauth") ||
                                text_equal(now.connection.method, "device"));
        if (now.connection.generation != h->connection.generation &&
            held_good(k, &now, refused, true)) {
            *out = now.access;
            now.access = NULL;
            done = true;
        } else {
            done = renew(&n, out, err);
        }
        held_release(&now);
    }
    refresh_lock_drop(lock);
    return done;
}

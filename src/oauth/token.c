#include <ecclesia/oauth/token.h>

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/store/secret_rows.h>

#include "oauth/private.h"

/* Idle tokens die at some platforms, so none is left alone for longer. */
static const int64_t oldest_ms = 24 * 3600 * INT64_C(1000);

/* A renewal that somebody leads; who comes meanwhile waits for what it brings. */
struct flight {
    struct id connection;
    bool over, done;
    struct error err;
    int waiting;
    struct flight *next;
};

bool token_keeper_new(struct token_keeper **out, struct store *store, struct vault *vault,
                      const struct token_keeper_options *o, struct error *err)
{
    struct token_keeper *k = calloc(1, sizeof *k);

    if (!k)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    k->store = store;
    k->vault = vault;
    k->o = *o;
    pthread_mutex_init(&k->mutex, NULL);
    pthread_cond_init(&k->landed, NULL);
    *out = k;
    return true;
}

void token_keeper_free(struct token_keeper *k)
{
    if (!k)
        return;
    pthread_cond_destroy(&k->landed);
    pthread_mutex_destroy(&k->mutex);
    free(k);
}

/* ---- what there is ---- */

bool held_read(struct token_keeper *k, const struct platform *p, struct id connection,
               struct held *out, struct error *err)
{
    struct db *db = NULL;
    struct error why = { 0 };

    memset(out, 0, sizeof *out);
    if (!db_read(k->store, &db, err))
        return false;
    bool done = connection_get(db, connection, &out->connection, &why) &&
                refresh_row_get(db, connection, &out->row, &why) &&
                (vault_get(k->vault, db, connection, p->id, "access_token", &out->access, &why) ||
                 why.kind == ERROR_MISSING);
    db_read_end(db);
    if (done)
        return true;
    if (err)
        *err = why;
    held_release(out);
    return false;
}

void held_release(struct held *h)
{
    connection_release(&h->connection);
    secret_free(h->access);
    h->access = NULL;
}

bool held_good(const struct token_keeper *k, const struct held *h, const char *refused, bool strict)
{
    int64_t now = clock_now(), end = h->connection.access_expires_ms, issued = h->row.issued_ms;
    int64_t margin = strict ? k->o.margin_ms : 0;

    if (!h->access || (refused && strcmp(refused, secret_text(h->access)) == 0))
        return false;
    /* What became of a renewal that was cut off only another one tells; with a clock that was put
     * back since, the token would seem good for long. */
    if (strict && h->row.in_flight && h->row.started_ms > now)
        return false;
    if (strict && end && issued && (end - issued) / 10 > margin)
        margin = (end - issued) / 10;
    if (end && end - margin <= now)
        return false;
    /* A clock that was put back makes nothing old. */
    return !(strict && h->connection.renewable && issued && now - issued > oldest_ms);
}

/* ---- one at a time ---- */

static struct flight *flight_find(struct token_keeper *k, struct id connection)
{
    struct flight *f = k->flights;

    while (f && !id_equal(f->connection, connection))
        f = f->next;
    return f;
}

static void flight_end(struct token_keeper *k, struct flight *f, bool done, const struct error *err)
{
    struct flight **at = &k->flights;

    pthread_mutex_lock(&k->mutex);
    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    f->over = true;
    f->done = done;
    f->err = *err;
    pthread_cond_broadcast(&k->landed);
    while (f->waiting > 0)
        pthread_cond_wait(&k->landed, &k->mutex);
    pthread_mutex_unlock(&k->mutex);
    free(f);
}

/* Leads (*flight is ours) or has waited for who does: then *done tells how it ended. */
static bool flight_join(struct token_keeper *k, struct id connection, struct flight **flight,
                        bool *done, struct error *err)
{
    struct flight *f;

    *flight = NULL;
    pthread_mutex_lock(&k->mutex);
    f = flight_find(k, connection);
    if (f) {
        f->waiting++;
        while (!f->over)
            pthread_cond_wait(&k->landed, &k->mutex);
        *done = f->done;
        *err = f->err;
        f->waiting--;
        pthread_cond_broadcast(&k->landed);
    } else if ((f = calloc(1, sizeof *f)) != NULL) {
        f->connection = connection;
        f->next = k->flights;
        k->flights = f;
        *flight = f;
    }
    pthread_mutex_unlock(&k->mutex);
    return f != NULL || error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
}

/* Looks again, since the one before may have landed a moment ago; then renews. */
static bool lead(struct token_keeper *k, const struct platform *p, struct call *call,
                 struct id connection, const char *refused, struct secret **out, struct error *err)
{
    struct held h;
    bool done;

    if (!held_read(k, p, connection, &h, err))
        return false;
    done = held_good(k, &h, refused, true);
    if (done) {
        *out = h.access;
        h.access = NULL;
    } else {
        done =
            spill_import(k, p, &h, refused, out) || renewal_run(k, p, call, refused, &h, out, err);
    }
    if (!done && err->kind != ERROR_AUTH && held_good(k, &h, refused, false)) {
        /* It serves until its end. */
        *out = h.access;
        h.access = NULL;
        done = true;
    }
    held_release(&h);
    return done;
}

static bool take_good(struct token_keeper *k, const struct platform *p, struct id connection,
                      const char *refused, bool strict, struct secret **out, struct error *err)
{
    struct held h;
    bool good;

    if (!held_read(k, p, connection, &h, err))
        return false;
    good = held_good(k, &h, refused, strict);
    if (good) {
        *out = h.access;
        h.access = NULL;
    }
    held_release(&h);
    return good;
}

bool token_keeper_get(struct token_keeper *k, const struct platform *p, struct call *call,
                      struct id connection, const char *refused, struct secret **out,
                      struct error *err)
{
    struct error why = { 0 };
    struct flight *flight = NULL;
    bool done = take_good(k, p, connection, refused, true, out, &why);

    if (!done && why.kind == ERROR_NONE && flight_join(k, connection, &flight, &done, &why)) {
        if (flight) {
            done = lead(k, p, call, connection, refused, out, &why);
            flight_end(k, flight, done, &why);
        } else if (done && !(done = take_good(k, p, connection, refused, false, out, &why)) &&
                   why.kind == ERROR_NONE) {
            /* Who led was content with the token that we must not use any more. */
            error_platform(&why, ERROR_BREAKER, platform_slug(p->id),
                           "It is tried again by itself.", "%s's sign-in could not be renewed.",
                           platform_name(p->id));
            text_copy_to(why.code, sizeof why.code, TOKEN_UNREACHABLE);
        }
    }
    if (!done && err)
        *err = why;
    return done;
}

/* ---- saving, and what else is asked ---- */

bool token_save(struct vault *vault, struct db *db, struct connection *c, const struct token *token,
                struct error *err)
{
    c->generation++;
    if (!vault_put(vault, db, c->id, c->platform, "access_token", c->generation, token->access,
                   strlen(token->access), err))
        return false;
    if (token->refresh[0] && !vault_put(vault, db, c->id, c->platform, "refresh_token",
                                        c->generation, token->refresh, strlen(token->refresh), err))
        return false;
    c->access_expires_ms = token->expires_ms;
    if (token->refresh_expires_ms)
        c->refresh_expires_ms = token->refresh_expires_ms;
    if (token->scopes[0] && !text_replace(&c->scopes, token->scopes))
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    c->updated_ms = clock_now();
    /* The generation before stays until this one has been used: should it turn out lost, it is all
     * that is left. */
    return secret_row_prune(db, c->id, c->generation - 1, err);
}

bool token_trouble(const struct error *err)
{
    static const char *const words[] = { "invalid_client", "unauthorized_client",
                                         "deleted_client", "unsupported_grant_type",
                                         "invalid_scope",  "admin_policy_enforced",
                                         "org_internal" };

    if (text_equal(err->code, TOKEN_UNREACHABLE))
        return true;
    if (text_starts(err->code, "AADSTS") && err->kind != ERROR_AUTH)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if ((err->kind == ERROR_CONFIG || err->kind == ERROR_FORBIDDEN) &&
            text_equal(err->code, words[i]))
            return true;
    return false;
}

void token_keeper_hurry(struct token_keeper *k, struct id connection)
{
    struct refresh_row row;
    struct db *db = NULL;

    if (!db_begin(k->store, &db, NULL))
        return;
    if (!refresh_row_get(db, connection, &row, NULL) || !(row.next_ms || row.failing_ms)) {
        db_rollback(db);
        return;
    }
    row.next_ms = row.failing_ms = 0;
    if (refresh_row_put(db, connection, &row, NULL))
        db_commit(db, NULL);
    else
        db_rollback(db);
}

bool token_interrupted(struct store *store, struct db *db, struct id connection)
{
    struct refresh_row row;

    return refresh_row_get(db, connection, &row, NULL) && row.in_flight &&
           !refresh_lock_held(store, connection);
}

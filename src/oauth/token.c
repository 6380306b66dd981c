#include <ecclesia/oauth/token.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/crash.h>
#include <ecclesia/base/text.h>
#include <ecclesia/oauth/signin.h>
#include <ecclesia/store/secret_rows.h>

/* One lock a connection would be finer; eight hashed ones are enough for eight platforms and need no life cycle. */
enum { FLIGHTS = 16 };

struct token_keeper {
    struct store *store;
    struct vault *vault;
    int64_t margin_ms;
    pthread_mutex_t flight[FLIGHTS]; /* held while a renewal of a connection that hashes here is under way */
};

bool token_keeper_new(struct token_keeper **out, struct store *store, struct vault *vault, int64_t margin_ms, struct error *err)
{
    struct token_keeper *k = calloc(1, sizeof *k);

    if (!k)
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    k->store = store;
    k->vault = vault;
    k->margin_ms = margin_ms;
    for (int i = 0; i < FLIGHTS; i++)
        pthread_mutex_init(&k->flight[i], NULL);
    *out = k;
    return true;
}

void token_keeper_free(struct token_keeper *k)
{
    if (!k)
        return;
    for (int i = 0; i < FLIGHTS; i++)
        pthread_mutex_destroy(&k->flight[i]);
    free(k);
}

static pthread_mutex_t *flight_of(struct token_keeper *k, const struct platform *p, struct id connection)
{
    return &k->flight[((unsigned)connection.hex[0] + (unsigned)p->id * 2) % FLIGHTS];
}

/* The stored token when it is still good. False with ERROR_MISSING when it must be renewed. */
static bool stored(struct token_keeper *k, const struct platform *p, struct id connection, const char *refused, struct secret **out,
                   struct error *err)
{
    struct connection c = { 0 };
    struct secret *token = NULL;
    struct db *db = NULL;

    if (!db_read(k->store, &db, err))
        return false;
    bool have = connection_get(db, connection, &c, err) && vault_get(k->vault, db, connection, p->id, "access_token", &token, err);
    db_read_end(db);
    bool good = have && (!c.access_expires_ms || c.access_expires_ms - k->margin_ms > clock_now()) &&
                !(refused && strcmp(refused, secret_text(token)) == 0);
    connection_release(&c);
    if (good) {
        *out = token;
        return true;
    }
    secret_free(token);
    return have ? error_set(err, ERROR_MISSING, "", "The access token is over.") : false;
}

/* A renewal that began and whose answer nobody saw: its token may have been spent. */
static bool was_in_flight(struct token_keeper *k, struct id connection)
{
    struct db *db = NULL;
    bool pending = false;

    if (!db_read(k->store, &db, NULL))
        return false;
    connection_refresh_pending(db, connection, &pending, NULL);
    db_read_end(db);
    return pending;
}

static bool mark(struct token_keeper *k, struct id connection, bool in_flight, struct error *err)
{
    struct db *db = NULL;

    if (!db_begin(k->store, &db, err))
        return false;
    if (!connection_refresh_mark(db, connection, in_flight, err)) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, err);
}

bool token_save(struct vault *vault, struct db *db, struct connection *c, const struct token *token, struct error *err)
{
    c->generation++;
    if (!vault_put(vault, db, c->id, c->platform, "access_token", c->generation, token->access, strlen(token->access), err))
        return false;
    if (token->refresh[0] &&
        !vault_put(vault, db, c->id, c->platform, "refresh_token", c->generation, token->refresh, strlen(token->refresh), err))
        return false;
    c->access_expires_ms = token->expires_ms;
    if (token->refresh_expires_ms)
        c->refresh_expires_ms = token->refresh_expires_ms;
    if (token->scopes[0] && !text_replace(&c->scopes, token->scopes))
        return error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    c->updated_ms = clock_now();
    /* The generation before stays until the next one: should this one turn out lost, it is all that is left. */
    return secret_row_prune(db, c->id, c->generation - 1, err);
}

static bool save(struct token_keeper *k, struct id connection, const struct token *token, struct error *err)
{
    struct connection c = { 0 };
    struct db *db = NULL;

    if (!db_begin(k->store, &db, err))
        return false;
    bool done = connection_get(db, connection, &c, err) && token_save(k->vault, db, &c, token, err) && connection_put(db, &c, err) &&
                connection_refresh_mark(db, connection, false, err);
    connection_release(&c);
    if (!done) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, err);
}

/* A person's sign-in is renewed by the platform's table, credentials by the adapter. */
static bool by_person(struct token_keeper *k, const struct platform *p, struct id connection)
{
    struct connection c = { 0 };
    struct db *db = NULL;

    if (!p->oauth || !db_read(k->store, &db, NULL))
        return false;
    bool person = connection_get(db, connection, &c, NULL) && (text_equal(c.method, "oauth") || text_equal(c.method, "device"));
    db_read_end(db);
    connection_release(&c);
    return person;
}

static bool renew(struct token_keeper *k, const struct platform *p, struct call *call, struct id connection, struct secret **out,
                  struct error *err)
{
    struct token token = { 0 };
    bool unknown = was_in_flight(k, connection);

    if (!mark(k, connection, true, err))
        return false;
    crash_point("oauth.in_flight");
    bool done = by_person(k, p, connection) ? grant_renew(call, p, &token, err) : p->renew(call, &token, err);
    if (done) {
        crash_point("oauth.answered");
        done = save(k, connection, &token, err);
        if (done && !(*out = secret_new(token.access, strlen(token.access))))
            done = error_set(err, ERROR_MEMORY, "Close other programs.", "Out of memory.");
    } else if (err->kind != ERROR_NET_POST) {
        /* Answered, or never asked: the token in hand was not spent unseen. */
        mark(k, connection, false, NULL);
        if (unknown && err->kind == ERROR_AUTH)
            error_platform(err, ERROR_AUTH, platform_slug(p->id), "Connect it again.",
                           "%s may have replaced the sign-in's token and the answer was lost.", platform_name(p->id));
    }
    token_wipe(&token);
    return done;
}

bool token_keeper_get(struct token_keeper *k, const struct platform *p, struct call *call, struct id connection, const char *refused,
                      struct secret **out, struct error *err)
{
    struct error why = { 0 };

    if (stored(k, p, connection, refused, out, &why))
        return true;
    if (why.kind != ERROR_MISSING) {
        if (err)
            *err = why;
        return false;
    }
    pthread_mutex_t *flight = flight_of(k, p, connection);
    pthread_mutex_lock(flight);
    /* Somebody may have renewed it while we waited. */
    bool done = stored(k, p, connection, refused, out, &why);
    if (!done && why.kind == ERROR_MISSING)
        done = renew(k, p, call, connection, out, &why);
    pthread_mutex_unlock(flight);
    if (!done && err)
        *err = why;
    return done;
}

#include <ecclesia/oauth/flow.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/text.h>
#include <ecclesia/store/flows.h>
#include <ecclesia/vault/envelope.h>
#include <ecclesia/vault/hash.h>

#include "oauth/private.h"

const char flow_label[] = "ec-flow-v1", result_label[] = "ec-flow-result-v1";

enum { SEALED_MOST = 15 * 1024 };

void flow_release(struct flow *f)
{
    oauth_tree_wipe(f->values);
    text_wipe(f, sizeof *f);
}

/* ---- what is sealed ---- */

static bool seal_tree(struct vault *v, const char *label, const char *hash, const cJSON *tree,
                      unsigned char **blob, size_t *length, struct error *err)
{
    struct text t;
    bool done;

    text_init(&t, SEALED_MOST);
    if (json_print(&t, tree))
        done = envelope_seal(v, label, hash, text_str(&t), t.length, blob, length, err);
    else
        done = error_set(err, ERROR_INPUT, "Check that the right thing was pasted.",
                         "The values of this sign-in are too long to be kept.");
    oauth_wipe(&t);
    return done;
}

static bool open_tree(struct vault *v, const char *label, const char *hash, const void *blob,
                      size_t length, cJSON **out, struct error *err)
{
    struct secret *s = NULL;

    if (!envelope_open(v, label, hash, blob, length, &s, err))
        return false;
    *out = json_parse(secret_text(s), secret_length(s), err);
    secret_free(s);
    return *out != NULL;
}

static void copy_string(char *out, size_t size, const cJSON *tree, const char *key)
{
    const char *s = json_string(tree, key);

    text_copy_to(out, size, s ? s : "");
}

/* ---- beginning ---- */

static bool add_row(struct store *s, const struct flow_row *row, struct error *err)
{
    struct db *db = NULL;

    if (!db_begin(s, &db, err))
        return false;
    if (flow_row_purge(db, row->created_ms - FLOW_LIFE_MS, err) && flow_row_add(db, row, err))
        return db_commit(db, err);
    db_rollback(db);
    return false;
}

bool flow_begin(struct vault *v, struct store *s, const struct flow *f, const char *browser,
                char state[STATE_SIZE], struct error *err)
{
    struct flow_row row = { .church = f->church,
                            .platform = f->platform,
                            .created_ms = clock_now() };
    cJSON *tree = cJSON_CreateObject();
    unsigned char *sealed = NULL;
    bool done;

    pkce_verifier(state);
    state_hash(state, row.state_hash);
    row.expires_ms = row.created_ms + FLOW_LIFE_MS;
    text_copy_to(row.redirect_uri, sizeof row.redirect_uri, f->redirect_uri);
    text_copy_to(row.issuer, sizeof row.issuer, f->issuer);
    text_copy_to(row.started_by, sizeof row.started_by, f->started_by);
    if (browser)
        state_hash(browser, row.browser_hash);
    cJSON_AddStringToObject(tree, "verifier", f->verifier);
    cJSON_AddItemToObject(tree, "values",
                          f->values ? cJSON_Duplicate(f->values, true) : cJSON_CreateObject());
    done = seal_tree(v, flow_label, row.state_hash, tree, &sealed, &row.sealed_length, err);
    row.sealed = sealed;
    done = done && add_row(s, &row, err);
    oauth_tree_wipe(tree);
    flow_row_release(&row);
    return done;
}

/* ---- coming back ---- */

static bool use_up(struct store *s, const char *hash, struct flow_row *row, struct error *err)
{
    struct db *db = NULL;

    if (!db_begin(s, &db, err))
        return false;
    if (!flow_row_use(db, hash, clock_now(), row, err)) {
        db_rollback(db);
        return false;
    }
    if (db_commit(db, err))
        return true;
    flow_row_release(row);
    return false;
}

/* By the time this is asked the state is used up: whoever tries again begins again. */
static bool fits(const struct flow_row *row, const char *hash, enum platform_id platform,
                 const char *browser, struct error *err)
{
    char cookie[65] = "";
    const char *wrong = NULL;

    if (browser)
        state_hash(browser, cookie);
    if (!vault_same(row->state_hash, hash, 64))
        wrong = "its state is another one";
    else if (row->platform != platform)
        wrong = "it came back as another platform's";
    else if (row->browser_hash[0] && !vault_same(row->browser_hash, cookie, sizeof cookie))
        wrong = "another browser has begun it";
    if (wrong)
        return error_platform(err, ERROR_INVALID, platform_slug(platform),
                              "Begin the sign-in again.",
                              "The answer of the sign-in was refused: %s.", wrong);
    return true;
}

bool flow_take(struct vault *v, struct store *s, enum platform_id platform,
               const struct callback *c, const char *browser, struct flow *out, struct error *err)
{
    struct flow_row row = { .sealed = NULL };
    char hash[65];
    cJSON *tree = NULL, *values;
    bool done;

    memset(out, 0, sizeof *out);
    state_hash(c->state, hash);
    if (!use_up(s, hash, &row, err))
        return false;
    done = fits(&row, hash, platform, browser, err) &&
           open_tree(v, flow_label, hash, row.sealed, row.sealed_length, &tree, err);
    if (done) {
        out->church = row.church;
        out->platform = row.platform;
        text_copy_to(out->redirect_uri, sizeof out->redirect_uri, row.redirect_uri);
        text_copy_to(out->issuer, sizeof out->issuer, row.issuer);
        text_copy_to(out->started_by, sizeof out->started_by, row.started_by);
        copy_string(out->verifier, sizeof out->verifier, tree, "verifier");
        values = cJSON_DetachItemFromObjectCaseSensitive(tree, "values");
        out->values = values ? values : cJSON_CreateObject();
    }
    oauth_tree_wipe(tree);
    flow_row_release(&row);
    if (!done && err)
        flow_keep(v, s, c->state, NULL, err, NULL);
    return done;
}

void flow_forget(struct store *s)
{
    int64_t before = clock_now() - FLOW_LIFE_MS;
    struct db *db = NULL;
    bool old;

    if (!db_read(s, &db, NULL))
        return;
    old = flow_row_old(db, before);
    db_read_end(db);
    if (!old || !db_begin(s, &db, NULL))
        return;
    if (flow_row_purge(db, before, NULL))
        db_commit(db, NULL);
    else
        db_rollback(db);
}

void flow_end(struct store *s, const char *state)
{
    struct db *db = NULL;
    char hash[65];

    state_hash(state, hash);
    if (!db_begin(s, &db, NULL))
        return;
    if (flow_row_delete(db, hash, NULL))
        db_commit(db, NULL);
    else
        db_rollback(db);
}

/* ---- called back elsewhere ---- */

cJSON *token_tree(const struct token *t)
{
    cJSON *tree = cJSON_CreateObject();

    cJSON_AddStringToObject(tree, "access", t->access);
    cJSON_AddStringToObject(tree, "refresh", t->refresh);
    cJSON_AddStringToObject(tree, "scopes", t->scopes);
    cJSON_AddNumberToObject(tree, "expires", (double)t->expires_ms);
    cJSON_AddNumberToObject(tree, "refreshExpires", (double)t->refresh_expires_ms);
    return tree;
}

void token_of_tree(struct token *t, const cJSON *tree)
{
    memset(t, 0, sizeof *t);
    copy_string(t->access, sizeof t->access, tree, "access");
    copy_string(t->refresh, sizeof t->refresh, tree, "refresh");
    copy_string(t->scopes, sizeof t->scopes, tree, "scopes");
    json_int(tree, "expires", &t->expires_ms);
    json_int(tree, "refreshExpires", &t->refresh_expires_ms);
}

bool flow_keep(struct vault *v, struct store *s, const char *state, const struct token *token,
               const struct error *why, struct error *err)
{
    unsigned char *blob = NULL;
    size_t length = 0;
    struct db *db = NULL;
    char hash[65], note[600] = "";
    cJSON *tree = token ? token_tree(token) : NULL;
    bool done;

    state_hash(state, hash);
    if (why)
        snprintf(note, sizeof note, "%s", why->message);
    done = !tree || seal_tree(v, result_label, hash, tree, &blob, &length, err);
    oauth_tree_wipe(tree);
    done = done && db_begin(s, &db, err);
    if (done) {
        done = flow_row_settle(db, hash, token ? FLOW_ARRIVED : FLOW_FAILED, blob, length, note,
                               clock_now() + FLOW_LIFE_MS, err);
        if (done)
            done = db_commit(db, err);
        else
            db_rollback(db);
    }
    free(blob);
    return done;
}

bool flow_collect(struct vault *v, struct store *s, const char *state, bool *arrived,
                  struct token *out, struct error *err)
{
    struct flow_row row = { .sealed = NULL };
    struct db *db = NULL;
    char hash[65];
    cJSON *tree = NULL;
    bool done;

    *arrived = false;
    state_hash(state, hash);
    if (!db_read(s, &db, err))
        return false;
    done = flow_row_get(db, hash, &row, err);
    db_read_end(db);
    if (!done)
        return false;
    *arrived = row.outcome != FLOW_WAITING;
    if (row.outcome == FLOW_FAILED)
        done = error_platform(err, ERROR_REFUSED, platform_slug(row.platform), "Begin again.", "%s",
                              row.note);
    else if (row.outcome == FLOW_ARRIVED)
        done = open_tree(v, result_label, hash, row.result, row.result_length, &tree, err);
    if (tree)
        token_of_tree(out, tree);
    oauth_tree_wipe(tree);
    flow_row_release(&row);
    return done;
}

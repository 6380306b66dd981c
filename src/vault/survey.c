/* What keys there are, and whether all that they sealed opens. */
#include "vault/private.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/store/records.h>
#include <ecclesia/vault/keys.h>

/* ---- keys */

struct listing {
    struct db *db;
    struct key_info *list;
    size_t count;
    bool failed;
    bool met;             /* a key in use */
    struct key_row first; /* of those, for what all have in common: source, salt and cost */
    struct error *err;
};

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* What its wrapping does not cover. */
static bool is_odd(struct listing *l, const struct key_row *row)
{
    static const char *const states[] = { "active", "retiring", "destroyed" };
    static const char *const sources[] = { "file", "credential", "env", "passphrase" };
    static const unsigned char nothing[sizeof row->salt];
    bool costs = row->ops != 0 || row->mem != 0 || memcmp(row->salt, nothing, sizeof nothing) != 0;

    if (!is_one_of(row->state, states, sizeof states / sizeof *states) ||
        !is_one_of(row->source, sources, sizeof sources / sizeof *sources))
        return true;
    if (strcmp(row->state, "destroyed") == 0)
        return false;
    if (!l->met)
        l->first = *row; /* its blob is not looked at */
    l->met = true;
    return costs != (strcmp(row->source, "passphrase") == 0) ||
           strcmp(row->source, l->first.source) != 0 || row->ops != l->first.ops ||
           row->mem != l->first.mem || memcmp(row->salt, l->first.salt, sizeof row->salt) != 0;
}

static bool list_key(void *argument, const struct key_row *row)
{
    struct listing *l = argument;
    struct key_info *more = realloc(l->list, (l->count + 1) * sizeof *more);
    struct key_info *info;

    if (!more) {
        l->failed = true;
        return vault_no_memory(l->err);
    }
    l->list = more;
    info = &more[l->count++];
    *info =
        (struct key_info){ .id = row->id, .created_ms = row->created_ms, .odd = is_odd(l, row) };
    text_copy_to(info->purpose, sizeof info->purpose, row->purpose);
    text_copy_to(info->state, sizeof info->state, row->state);
    text_copy_to(info->source, sizeof info->source, row->source);
    l->failed = !secret_row_count(l->db, row->id, &info->rows, l->err);
    return !l->failed;
}

bool vault_keys(struct db *db, struct key_info **out, size_t *count, struct error *err)
{
    struct listing l = { .db = db, .err = err };
    bool walked = key_row_each(db, list_key, &l, err);

    if (!walked || l.failed) {
        free(l.list);
        return false;
    }
    *out = l.list;
    *count = l.count;
    return true;
}

/* ---- fields */

struct survey {
    struct vault *v;
    struct db *db;
    bool (*each)(void *argument, const struct rotate_left *finding);
    void *argument;
    int64_t count;
    bool failed; /* by something that is no fault of a field */
    struct error *err;
};

/* -1 for a field whose connection is gone, or is of no platform. */
static int platform_of(struct db *db, struct id connection)
{
    struct connection c = { 0 };
    int platform;

    if (!connection_get(db, connection, &c, NULL))
        return -1;
    platform = c.platform < PLATFORM_COUNT ? (int)c.platform : -1;
    connection_release(&c);
    return platform;
}

static bool opens(struct survey *s, const struct secret_row *row, int platform, struct error *why)
{
    struct secret *plain = NULL;
    bool ok;

    if (platform < 0)
        return error_set(why, ERROR_SECRET_TAMPERED,
                         "Keep a copy of the database to find out who changed it.",
                         "The stored %s belongs to no connection.", row->field);
    ok = secret_open_row(s->v, s->db, row, (enum platform_id)platform, &plain, why);
    secret_free(plain);
    return ok;
}

static bool look_at(void *argument, const struct secret_row *row)
{
    struct survey *s = argument;
    struct rotate_left finding = { .connection = row->connection,
                                   .platform = platform_of(s->db, row->connection),
                                   .generation = row->generation,
                                   .key_id = row->key_id };

    s->count++;
    if (opens(s, row, finding.platform, &finding.why))
        return true;
    if (finding.why.kind != ERROR_SECRET_TAMPERED && finding.why.kind != ERROR_SECRET_FORMAT) {
        s->failed = true;
        if (s->err)
            *s->err = finding.why;
        return false;
    }
    text_copy_to(finding.field, sizeof finding.field, row->field);
    return s->each(s->argument, &finding);
}

bool vault_survey(struct vault *v, struct db *db,
                  bool (*each)(void *argument, const struct rotate_left *finding), void *argument,
                  int64_t *count, struct error *err)
{
    struct survey s = { .v = v, .db = db, .each = each, .argument = argument, .err = err };
    bool walked;

    if (!vault_usable(v, err))
        return false;
    walked = secret_row_each(db, (struct id){ "" }, look_at, &s, err);
    *count = s.count;
    return walked && !s.failed;
}

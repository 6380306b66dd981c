/* A sealed field: put, got, checked. */
#include "vault/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a plain secret in guarded memory */

struct secret *secret_room(size_t length)
{
    /* sodium_malloc puts the end of the memory at a guard page, hence a size that keeps the start
     * aligned. */
    size_t size = (sizeof(struct secret) + length + 1 + 15) & ~(size_t)15;
    struct secret *s = sodium_malloc(size);

    if (!s)
        return NULL;
    memset(s, 0, size);
    s->length = length;
    return s;
}

struct secret *secret_new(const void *bytes, size_t length)
{
    struct secret *s = sodium_init() < 0 ? NULL : secret_room(length);

    if (s && length > 0)
        memcpy(s->text, bytes, length);
    return s;
}

const char *secret_text(const struct secret *s)
{
    return s ? s->text : "";
}

size_t secret_length(const struct secret *s)
{
    return s ? s->length : 0;
}

void secret_free(struct secret *s)
{
    sodium_free(s);
}

/* ---- sealed */

static void bind(struct binding *b, const struct vault *v, uint32_t key_id, struct id connection,
                 enum platform_id platform, const char *field, int64_t generation)
{
    binding_start(b, "ec-secret-v1", key_id, v->store_id);
    binding_add(b, connection.hex);
    binding_add(b, platform_slug(platform));
    binding_add(b, field);
    binding_add_u64(b, (uint64_t)generation);
}

bool secret_seal_row(const struct vault *v, const struct vault_key *key, struct secret_row *row,
                     enum platform_id platform, const void *plain, size_t length, struct error *err)
{
    unsigned char *blob = NULL;
    struct binding b;
    size_t sealed;

    bind(&b, v, (uint32_t)key->id, row->connection, platform, row->field, row->generation);
    if (!blob_seal(key->bytes, (uint32_t)key->id, &b, plain, length, &blob, &sealed))
        return vault_no_memory(err);
    free(row->blob);
    row->blob = blob;
    row->length = sealed;
    row->key_id = key->id;
    return true;
}

bool vault_put(struct vault *v, struct db *db, struct id connection, enum platform_id platform,
               const char *field, int64_t generation, const void *plain, size_t length,
               struct error *err)
{
    struct secret_row row = { .connection = connection, .generation = generation };
    const struct vault_key *key;
    bool ok;

    if (!vault_usable(v, err))
        return false;
    if (length == 0)
        return error_platform(err, ERROR_INPUT, platform_slug(platform), "Give it a value.",
                              "The %s is empty.", field);
    if (length > PLAIN_MOST)
        return error_platform(
            err, ERROR_INPUT, platform_slug(platform), "Check that the right thing was pasted.",
            "The %s is too long (%zu bytes, at most %d).", field, length, PLAIN_MOST);
    if (*field == '\0' || strlen(field) >= sizeof row.field)
        return error_set(err, ERROR_INTERNAL, "Report this with the text above.",
                         "A secret cannot be called '%.100s'.", field);
    key = keys_active(v, db, "secret", err);
    if (!key)
        return false;
    memcpy(row.field, field, strlen(field) + 1);
    ok = secret_seal_row(v, key, &row, platform, plain, length, err) &&
         secret_row_put(db, &row, err);
    secret_row_release(&row);
    return ok;
}

/* ---- opened */

static bool refuse_format(enum platform_id platform, const char *field, const char *why,
                          struct error *err)
{
    return error_platform(err, ERROR_SECRET_FORMAT, platform_slug(platform),
                          "Use the newest ecclesia; if that does not help, connect again.",
                          "The stored %s of %s cannot be read: %s.", field, platform_name(platform),
                          why);
}

static bool refuse_tampered(enum platform_id platform, const char *field, struct error *err)
{
    return error_platform(err, ERROR_SECRET_TAMPERED, platform_slug(platform),
                          "Connect again. Keep a copy of the database to find out who changed it.",
                          "The stored %s of %s was changed or moved outside ecclesia: it does not "
                          "open, though the key is right.",
                          field, platform_name(platform));
}

bool secret_open_row(struct vault *v, struct db *db, const struct secret_row *row,
                     enum platform_id platform, struct secret **out, struct error *err)
{
    const char *field = row->field;
    const struct vault_key *key;
    struct binding b;
    uint32_t key_id;
    bool failed;
    char why[64];

    if (blob_look(row->blob, row->length, &key_id) != BLOB_OPENED)
        return refuse_format(platform, field, "it has a form that this version does not know", err);
    if ((int64_t)key_id != row->key_id)
        return refuse_tampered(platform, field, err);
    key = keys_find(v, db, row->key_id, &failed, err);
    if (failed)
        return false;
    if (!key || strcmp(key->purpose, "secret") != 0) {
        snprintf(why, sizeof why, "it needs key %lld, which is gone", (long long)row->key_id);
        return refuse_format(platform, field, why, err);
    }
    bind(&b, v, key_id, row->connection, platform, field, row->generation);
    switch (blob_open(key->bytes, &b, row->blob, row->length, out)) {
    case BLOB_OPENED:
        return true;
    case BLOB_MEMORY:
        return vault_no_memory(err);
    default:
        return refuse_tampered(platform, field, err);
    }
}

bool vault_get(struct vault *v, struct db *db, struct id connection, enum platform_id platform,
               const char *field, struct secret **out, struct error *err)
{
    struct secret_row row;
    struct error trouble;
    bool ok;

    if (!vault_usable(v, err))
        return false;
    if (!secret_row_get(db, connection, field, &row, &trouble)) {
        if (trouble.kind == ERROR_MISSING)
            return error_platform(err, ERROR_MISSING, platform_slug(platform),
                                  "Connect the platform again.", "No %s of %s is stored.", field,
                                  platform_name(platform));
        if (err)
            *err = trouble;
        return false;
    }
    ok = secret_open_row(v, db, &row, platform, out, err);
    secret_row_release(&row);
    return ok;
}

struct check {
    struct vault *v;
    struct db *db;
    enum platform_id platform;
    int count;
    bool ok;
    struct error *err;
};

static bool check_row(void *argument, const struct secret_row *row)
{
    struct check *c = argument;
    struct secret *s = NULL;
    struct error ignored;

    c->count++;
    if (secret_open_row(c->v, c->db, row, c->platform, &s, c->ok ? c->err : &ignored))
        secret_free(s);
    else
        c->ok = false;
    return true;
}

bool vault_check(struct vault *v, struct db *db, struct id connection, enum platform_id platform,
                 int *count, struct error *err)
{
    struct check c = { .v = v, .db = db, .platform = platform, .ok = true, .err = err };
    struct error trouble;
    bool walked;

    if (!vault_usable(v, err))
        return false;
    /* No connection would mean every row to the store. */
    if (id_is_none(connection))
        return error_set(err, ERROR_INTERNAL, "Report this with the text above.",
                         "No connection to check was named.");
    walked = secret_row_each(db, connection, check_row, &c, &trouble);
    if (count)
        *count = c.count;
    if (!walked && c.ok && err)
        *err = trouble;
    return walked && c.ok;
}

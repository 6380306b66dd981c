#include "vault/private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>

/* What a row may ask of Argon2id; more is no limit that this program has ever stored. */
enum { OPS_MOST = 16, MEM_MOST = 1 << 30 };

/* ---- the store's rows */

static bool add_row(void *argument, const struct key_row *row)
{
    struct key_rows *k = argument;
    struct key_row *more, *copy;

    if (strcmp(row->state, "destroyed") == 0)
        return true;
    more = realloc(k->rows, (k->count + 1) * sizeof *more);
    k->no_memory = !more;
    if (!more)
        return false;
    k->rows = more;
    copy = &more[k->count];
    *copy = *row;
    copy->wrapped = malloc(row->wrapped_length + 1);
    k->no_memory = !copy->wrapped;
    if (!copy->wrapped)
        return false;
    memcpy(copy->wrapped, row->wrapped, row->wrapped_length);
    k->count++;
    return true;
}

bool key_rows_read(struct key_rows *k, struct db *db, struct error *err)
{
    *k = (struct key_rows){ .count = 0 };
    if (key_row_each(db, add_row, k, err) && !k->no_memory)
        return true;
    if (k->no_memory)
        vault_no_memory(err);
    key_rows_release(k);
    return false;
}

void key_rows_release(struct key_rows *k)
{
    for (size_t i = 0; i < k->count; i++)
        key_row_release(&k->rows[i]);
    free(k->rows);
    k->rows = NULL;
    k->count = 0;
}

/* ---- the sources */

static bool from_credential(struct master *m, const char *path, struct store *store,
                            struct error *err)
{
    bool missing;

    m->kind = "credential";
    snprintf(m->described, sizeof m->described, "credential %s", path);
    return master_file_read(m->key, path, MASTER_CREDENTIAL, store, &missing, err);
}

static bool from_file(struct master *m, const struct vault_source *source, struct store *store,
                      const struct key_rows *rows, struct error *err)
{
    const char *path = source->key_file;
    bool missing;

    m->kind = "file";
    snprintf(m->described, sizeof m->described, "file %s", path);
    if (master_file_read(m->key, path, MASTER_KEY_FILE, store, &missing, err))
        return true;
    if (!missing)
        return false;
    /* A new key would open nothing of what is stored, and would hide that the old one is lost. */
    if (rows->count > 0)
        return error_set(err, ERROR_KEY_WRONG,
                         "Put the file back from its copy, or name it with --key-file.",
                         "The master key %s is missing, and %s holds credentials sealed with it "
                         "(key %lld).",
                         path, store_path(store), (long long)rows->rows[0].id);
    if (!source->may_create)
        return error_set(err, ERROR_KEY_WRONG, "Start the console once, which makes it: ecclesia",
                         "There is no master key yet (%s).", path);
    return master_file_make(path, store, err) &&
           master_file_read(m->key, path, MASTER_KEY_FILE, store, &missing, err);
}

static bool from_environment(struct master *m, const char *text, struct error *err)
{
    m->kind = "env";
    snprintf(m->described, sizeof m->described, "environment ECCLESIA_MASTER_KEY");
    log_line("vault", "the master key comes from the environment, which other programs of the same "
                      "account can read; a key file or a systemd credential is safer");
    return master_from_text(m->key, text, strlen(text))
               ? true
               : error_set(err, ERROR_CONFIG, "Make one with: openssl rand -hex 32",
                           "ECCLESIA_MASTER_KEY is not a master key: it must be 32 bytes in hex "
                           "or base64.");
}

/* The salt and the cost of the passphrase that the store's keys were sealed with; new ones for an
 * empty store. */
static bool passphrase_limits(struct master *m, const struct key_rows *rows, struct error *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct key_row *row = &rows->rows[i];

        if (strcmp(row->source, "passphrase") != 0)
            continue;
        memcpy(m->salt, row->salt, sizeof m->salt);
        m->ops = row->ops;
        m->mem = row->mem;
        return m->ops >= 1 && m->ops <= OPS_MOST && m->mem >= 8192 && m->mem <= MEM_MOST
                   ? true
                   : error_set(err, ERROR_SECRET_FORMAT,
                               "Restore the newest backup: ecclesia restore FILE.",
                               "Key %lld of the store asks for a cost of the passphrase that is "
                               "out of bounds.",
                               (long long)row->id);
    }
    if (rows->count > 0)
        return error_set(err, ERROR_KEY_WRONG,
                         "Name that key with --key-file instead of giving a passphrase.",
                         "Key %lld of the store was sealed with a master key (%s), not with a "
                         "passphrase.",
                         (long long)rows->rows[0].id, rows->rows[0].source);
    randombytes_buf(m->salt, sizeof m->salt);
    m->ops = crypto_pwhash_OPSLIMIT_MODERATE;
    m->mem = crypto_pwhash_MEMLIMIT_MODERATE;
    return true;
}

static bool stretch(struct master *m, const char *passphrase, struct error *err)
{
    if (*passphrase == '\0')
        return error_set(err, ERROR_INPUT, "Give the passphrase of the store.",
                         "The passphrase is empty.");
    if (crypto_pwhash(m->key, KEY_BYTES, passphrase, strlen(passphrase), m->salt,
                      (unsigned long long)m->ops, (size_t)m->mem,
                      crypto_pwhash_ALG_ARGON2ID13) == 0)
        return true;
    return error_set(err, ERROR_MEMORY, "Close other programs, then try again.",
                     "Not enough memory for the passphrase (%lld MiB are needed).",
                     (long long)(m->mem >> 20));
}

static bool from_passphrase(struct master *m, const struct vault_source *source,
                            const struct key_rows *rows, int tries, struct error *err)
{
    struct secret *asked = NULL;
    bool ok;

    _Static_assert(sizeof m->salt == crypto_pwhash_SALTBYTES, "salt of Argon2id");
    m->kind = "passphrase";
    text_copy_to(m->described, sizeof m->described, "passphrase");
    if (!passphrase_limits(m, rows, err))
        return false;
    if (source->passphrase)
        return stretch(m, source->passphrase, err);
    ok = (source->passphrase_file ? vault_passphrase_read(source->passphrase_file, &asked, err)
                                  : source->ask(source->ask_argument, tries, &asked, err)) &&
         stretch(m, secret_text(asked), err);
    secret_free(asked);
    return ok;
}

/* ---- one of them */

static const char *const kinds[SOURCE_COUNT] = { "credential", "file", "env", "passphrase" };

enum master_source master_of_rows(const struct key_rows *rows)
{
    int what = SOURCE_COUNT;

    for (int i = 0; rows->count > 0 && i < SOURCE_COUNT; i++)
        if (strcmp(rows->rows[rows->count - 1].source, kinds[i]) == 0)
            what = i;
    return (enum master_source)what;
}

bool master_given(const struct vault_source *source, enum master_source what,
                  const struct key_rows *rows)
{
    switch (what) {
    case SOURCE_CREDENTIAL:
        return source->credential_file != NULL;
    case SOURCE_FILE:
        return source->key_file != NULL;
    case SOURCE_ENV:
        return source->environment != NULL;
    case SOURCE_PASSPHRASE: /* nobody is asked for what cannot help */
        return source->passphrase || ((source->passphrase_file || source->ask) &&
                                      master_of_rows(rows) == SOURCE_PASSPHRASE);
    case SOURCE_COUNT:
        break;
    }
    return false;
}

static bool master_room(struct master *m, struct error *err)
{
    *m = (struct master){ .key = sodium_malloc(KEY_BYTES), .kind = "" };
    return m->key ? true : vault_no_memory(err);
}

bool master_load(struct master *m, enum master_source what, const struct vault_source *source,
                 struct store *store, const struct key_rows *rows, int tries, struct error *err)
{
    bool ok = false;

    if (!master_room(m, err))
        return false;
    switch (what) {
    case SOURCE_CREDENTIAL:
        ok = from_credential(m, source->credential_file, store, err);
        break;
    case SOURCE_FILE:
        ok = from_file(m, source, store, rows, err);
        break;
    case SOURCE_ENV:
        ok = from_environment(m, source->environment, err);
        break;
    case SOURCE_PASSPHRASE:
        ok = from_passphrase(m, source, rows, tries, err);
        break;
    case SOURCE_COUNT:
        break;
    }
    if (!ok)
        master_release(m);
    return ok;
}

bool master_load_new(struct master *m, const char *key_file, struct store *store, struct error *err)
{
    char path[PATH_ROOM];
    bool missing;

    if (!master_new_path(path, key_file, err) || !master_room(m, err))
        return false;
    m->kind = "file";
    snprintf(m->described, sizeof m->described, "file %s", key_file);
    if (master_file_read(m->key, path, MASTER_KEY_FILE, store, &missing, err))
        return true;
    master_release(m);
    return false;
}

bool master_from_passphrase(struct master *m, const char *passphrase, struct error *err)
{
    struct key_rows none = { .count = 0 };

    if (!master_room(m, err))
        return false;
    m->kind = "passphrase";
    text_copy_to(m->described, sizeof m->described, "passphrase");
    if (passphrase_limits(m, &none, err) && stretch(m, passphrase, err))
        return true;
    master_release(m);
    return false;
}

void master_release(struct master *m)
{
    sodium_free(m->key);
    m->key = NULL;
}

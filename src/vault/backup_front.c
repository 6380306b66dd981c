/* The head of a backup file: JSON that a person can read with `head`. */
#include "vault/backup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/json.h>
#include <ecclesia/base/text.h>

static const char magic[] = "ECCLESIA BACKUP 1\n";
enum { MAGIC = sizeof magic - 1, FAMILY = 16, OPS_MOST = 16, MEM_MOST = 1 << 30 };

bool backup_fail(const char *name, int code, struct error *err)
{
    return error_set(err, code == ENOSPC || code == EDQUOT ? ERROR_STORE_FULL : ERROR_STORE,
                     code == ENOSPC || code == EDQUOT
                         ? "Free some space on that disk."
                         : "Check the path, its disk and who may use it.",
                     "%s: %s.", name, strerror(code));
}

bool backup_damaged(const char *name, const char *what, struct error *err)
{
    return error_set(err, ERROR_STORE, "Use another backup; nothing was changed.",
                     "%s is damaged: %s.", name, what);
}

/* ---- the key */

static void check_value(unsigned char out[BACKUP_CHECK], const unsigned char *key)
{
    static const unsigned char label[] = "ec-backup-kcv";

    crypto_generichash(out, BACKUP_CHECK, label, sizeof label - 1, key, KEY_BYTES);
}

bool backup_key(struct backup_lock *lock, const struct secret *passphrase, bool fresh,
                unsigned char **key, struct error *err)
{
    const char *words = secret_text(passphrase);
    bool ok;

    if (*words == '\0')
        return error_set(err, ERROR_INPUT, "Give a passphrase.", "The passphrase is empty.");
    if (fresh) {
        randombytes_buf(lock->salt, sizeof lock->salt);
        lock->ops = crypto_pwhash_OPSLIMIT_MODERATE;
        lock->mem = crypto_pwhash_MEMLIMIT_MODERATE;
    }
    *key = sodium_malloc(KEY_BYTES);
    ok = *key && crypto_pwhash(*key, KEY_BYTES, words, strlen(words), lock->salt,
                               (unsigned long long)lock->ops, (size_t)lock->mem,
                               crypto_pwhash_ALG_ARGON2ID13) == 0;
    if (ok && fresh)
        check_value(lock->check, *key);
    if (ok)
        return true;
    sodium_free(*key);
    *key = NULL;
    return error_set(err, ERROR_MEMORY, "Close other programs, then try again.",
                     "Not enough memory for the passphrase (%lld MiB are needed).",
                     (long long)(lock->mem >> 20));
}

bool backup_key_fits(const struct backup_lock *lock, const unsigned char *key)
{
    unsigned char check[BACKUP_CHECK];

    check_value(check, key);
    return sodium_memcmp(check, lock->check, BACKUP_CHECK) == 0;
}

/* ---- making */

static void add_hex(cJSON *o, const char *name, const unsigned char *bytes, size_t length)
{
    struct text t;

    text_init(&t, 2 * length);
    text_add_hex(&t, bytes, length);
    cJSON_AddStringToObject(o, name, text_str(&t));
    text_release(&t);
}

static cJSON *print_head(const struct backup_front *f)
{
    const struct backup_head *h = &f->head;
    cJSON *o = cJSON_CreateObject(), *lock;

    json_add_time(o, "madeAt", h->made_ms);
    cJSON_AddStringToObject(o, "version", h->version);
    cJSON_AddStringToObject(o, "storeId", h->store_id.hex);
    cJSON_AddNumberToObject(o, "schema", (double)h->schema);
    cJSON_AddNumberToObject(o, "size", (double)h->size);
    cJSON_AddStringToObject(o, "auditHead", h->audit_head);
    cJSON_AddStringToObject(o, "keySource", h->key_source);
    cJSON_AddStringToObject(o, "note",
                            "The credentials in this file are sealed. They open with the master "
                            "key alone, which is not in this file: keep it elsewhere.");
    cJSON_AddBoolToObject(o, "encrypted", h->encrypted);
    if (!h->encrypted)
        return o;
    lock = cJSON_AddObjectToObject(o, "passphrase");
    add_hex(lock, "salt", f->lock.salt, sizeof f->lock.salt);
    cJSON_AddNumberToObject(lock, "ops", (double)f->lock.ops);
    cJSON_AddNumberToObject(lock, "mem", (double)f->lock.mem);
    add_hex(lock, "check", f->lock.check, sizeof f->lock.check);
    return o;
}

void backup_front_release(struct backup_front *f)
{
    free(f->bytes);
    f->bytes = NULL;
}

bool backup_front_make(struct backup_front *f, struct error *err)
{
    cJSON *json = print_head(f);
    struct text t;
    size_t length;

    text_init(&t, BACKUP_HEAD_MOST);
    if (!json_print(&t, json)) {
        cJSON_Delete(json);
        text_release(&t);
        return vault_no_memory(err);
    }
    cJSON_Delete(json);
    text_add(&t, "\n");
    length = t.length;
    f->length = MAGIC + 4 + length;
    f->bytes = malloc(f->length);
    if (f->bytes) {
        memcpy(f->bytes, magic, MAGIC);
        for (int i = 0; i < 4; i++)
            f->bytes[MAGIC + i] = (unsigned char)(length >> (24 - 8 * i));
        memcpy(f->bytes + MAGIC + 4, text_str(&t), length);
    }
    text_release(&t);
    return f->bytes ? true : vault_no_memory(err);
}

/* ---- reading */

static bool take_text(const cJSON *json, const char *name, char *out, size_t size)
{
    const char *s = json_string(json, name);

    return s && text_copy_to(out, size, s);
}

static bool take_hex(const cJSON *json, const char *name, unsigned char *out, size_t length)
{
    const char *s = json_string(json, name);

    return s && strlen(s) == 2 * length && text_from_hex(out, length, s);
}

static bool take_lock(const cJSON *json, struct backup_lock *lock)
{
    return take_hex(json, "passphrase.salt", lock->salt, sizeof lock->salt) &&
           take_hex(json, "passphrase.check", lock->check, sizeof lock->check) &&
           json_int(json, "passphrase.ops", &lock->ops) && lock->ops >= 1 &&
           lock->ops <= OPS_MOST && json_int(json, "passphrase.mem", &lock->mem) &&
           lock->mem >= 8192 && lock->mem <= MEM_MOST;
}

static bool take_head(struct backup_front *f, const cJSON *json)
{
    const char *made = json_string(json, "madeAt"), *id = json_string(json, "storeId");
    struct backup_head *h = &f->head;

    h->encrypted = json_bool(json, "encrypted", false);
    return made && clock_parse_rfc3339(made, &h->made_ms) && id && id_parse(&h->store_id, id) &&
           take_text(json, "version", h->version, sizeof h->version) &&
           take_text(json, "auditHead", h->audit_head, sizeof h->audit_head) &&
           take_text(json, "keySource", h->key_source, sizeof h->key_source) &&
           json_int(json, "schema", &h->schema) && json_int(json, "size", &h->size) &&
           h->size > 0 && (!h->encrypted || take_lock(json, &f->lock));
}

static bool refuse_foreign(const unsigned char *start, size_t length, const char *name,
                           struct error *err)
{
    if (length >= FAMILY && memcmp(start, magic, FAMILY) == 0)
        return error_set(err, ERROR_STORE_FOREIGN, "Install the newest ecclesia.",
                         "%s was made by a newer version.", name);
    return error_set(err, ERROR_STORE_FOREIGN, "Name a file that ecclesia backup has made.",
                     "%s is not a backup of ecclesia.", name);
}

bool backup_front_read(struct backup_front *f, FILE *file, const char *name, struct error *err)
{
    unsigned char start[MAGIC + 4];
    size_t got = fread(start, 1, sizeof start, file), length = 0;
    cJSON *json;
    bool ok;

    *f = (struct backup_front){ .bytes = NULL };
    if (ferror(file))
        return backup_fail(name, errno, err);
    if (got < sizeof start || memcmp(start, magic, MAGIC) != 0)
        return refuse_foreign(start, got, name, err);
    for (int i = 0; i < 4; i++)
        length = length << 8 | start[MAGIC + i];
    if (length == 0 || length > BACKUP_HEAD_MOST)
        return backup_damaged(name, "its head is too long", err);
    f->length = sizeof start + length;
    f->bytes = malloc(f->length + 1);
    if (!f->bytes)
        return vault_no_memory(err);
    memcpy(f->bytes, start, sizeof start);
    ok = fread(f->bytes + sizeof start, 1, length, file) == length;
    json = ok ? json_parse((const char *)f->bytes + sizeof start, length, NULL) : NULL;
    ok = json && take_head(f, json);
    cJSON_Delete(json);
    if (ok)
        return true;
    backup_front_release(f);
    return backup_damaged(name, "its head cannot be read", err);
}

bool backup_look(const char *file, struct backup_head *out, struct error *err)
{
    FILE *from = fopen(file, "re");
    struct backup_front f;
    bool ok;

    if (!from)
        return backup_fail(file, errno, err);
    ok = backup_front_read(&f, from, file, err);
    fclose(from);
    if (ok)
        *out = f.head;
    backup_front_release(&f);
    return ok;
}

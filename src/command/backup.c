/* backup, restore. */
#include "command/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ecclesia/base/clock.h>
#include <ecclesia/base/crash.h>
#include <ecclesia/command/version.h>
#include <ecclesia/store/audit.h>
#include <ecclesia/store/copy.h>
#include <ecclesia/vault/backup.h>

enum { FILE_ROOM = 4400 };

static bool file_fails(const char *path, struct error *err)
{
    return error_set(err, ERROR_STORE, "Check the path, its disk and who may use it.", "%s: %s.",
                     path, strerror(errno));
}

/* What a check found, with the name of the backup that it is about. */
static bool not_good(const char *file, struct error *err)
{
    const struct error why = *err;

    return error_set(err, why.kind, "Use another backup; nothing was changed.",
                     "%s cannot be used: %s", file, why.message);
}

/* A line for people, and one for the audit, in a transaction of its own. */
static bool tell(struct store *s, const char *kind, const char *actor, const char *text,
                 struct error *err)
{
    struct event event = { .level = EVENT_INFO,
                           .platform = -1,
                           .kind = (char *)kind,
                           .text = (char *)text,
                           .actor = (char *)actor };
    struct db *db = NULL;

    if (!db_begin(s, &db, err))
        return false;
    if (event_add(db, &event, err) &&
        audit_add(db, &(struct audit_row){ .actor = actor, .action = kind, .detail = text }, err))
        return db_commit(db, err);
    db_rollback(db);
    return false;
}

/* The database that came out is the one that the head tells of. */
static bool check_against(const char *database, const char *file, const struct backup_head *head,
                          struct error *err)
{
    struct copy_info info;

    if (!store_copy_check(database, &info, err))
        return not_good(file, err);
    if (id_equal(info.store_id, head->store_id) && info.schema == head->schema &&
        info.bytes == head->size && strcmp(info.audit_head, head->audit_head) == 0)
        return true;
    return error_set(err, ERROR_STORE, "Use another backup; nothing was changed.",
                     "%s holds another database than its head tells of.", file);
}

/* ---- backup */

/* Takes its own name, unless somebody has taken that meanwhile. */
static bool name_it(const char *passing, const char *file, struct error *err)
{
    int done = renameat2(AT_FDCWD, passing, AT_FDCWD, file, RENAME_NOREPLACE);

    if (done != 0 && (errno == EINVAL || errno == ENOSYS)) /* not on every file system */
        done = access(file, F_OK) == 0 ? (errno = EEXIST, -1) : rename(passing, file);
    if (done == 0)
        return true;
    return errno == EEXIST
               ? error_set(err, ERROR_REFUSED, "Choose another name.", "%s is there already.", file)
               : file_fails(file, err);
}

static bool sync_directory_of(const char *path, struct error *err)
{
    char directory[FILE_ROOM];
    char *slash;
    bool ok;
    int fd;

    text_copy_to(directory, sizeof(directory), path);
    slash = strrchr(directory, '/');
    if (slash)
        slash[slash == directory] = '\0';
    fd = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems cannot; the file itself is on the disk. */
    ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    if (fd >= 0)
        close(fd);
    return ok ? true : file_fails(path, err);
}

struct making {
    struct command_context *context;
    const char *file;
    struct secret *passphrase;
    char part[FILE_ROOM], copy[FILE_ROOM], check[FILE_ROOM];
    struct backup_head head;
};

static bool make_copy(struct making *m, struct error *err)
{
    struct copy_info info;

    if (!store_copy(context_store(m->context), m->copy, err))
        return false;
    crash_point("backup.copied");
    if (!store_copy_check(m->copy, &info, err))
        return false;
    m->head = (struct backup_head){ .made_ms = clock_now(),
                                    .store_id = info.store_id,
                                    .schema = info.schema,
                                    .size = info.bytes,
                                    .encrypted = m->passphrase != NULL };
    text_copy_to(m->head.version, sizeof(m->head.version), ECCLESIA_VERSION);
    text_copy_to(m->head.audit_head, sizeof(m->head.audit_head), info.audit_head);
    text_copy_to(m->head.key_source, sizeof(m->head.key_source), info.key_source);
    return true;
}

/* A backup that cannot be read again is none: it is read, opened and looked through before it gets
 * its name. */
static bool make_file(struct making *m, struct error *err)
{
    unlink(m->part);
    if (!backup_write(m->part, m->copy, &m->head, m->passphrase, err))
        return false;
    crash_point("backup.written");
    if (backup_read(m->part, m->passphrase, m->check, err) &&
        check_against(m->check, m->part, &m->head, err)) {
        crash_point("backup.verified");
        if (name_it(m->part, m->file, err) && sync_directory_of(m->file, err))
            return true;
    }
    unlink(m->part);
    return false;
}

static bool make(struct making *m, struct error *err)
{
    struct workplace w;
    bool done;

    if (!workplace_open(&w, store_path(context_store(m->context)), "backup", err))
        return false;
    snprintf(m->copy, sizeof(m->copy), "%s/copy", w.path);
    snprintf(m->check, sizeof(m->check), "%s/check", w.path);
    done = make_copy(m, err) && make_file(m, err);
    workplace_close(&w);
    return done;
}

static cJSON *shape_backup(const struct making *m)
{
    cJSON *o = cJSON_CreateObject();

    cJSON_AddStringToObject(o, "file", m->file);
    json_add_time(o, "madeAt", m->head.made_ms);
    cJSON_AddNumberToObject(o, "size", (double)m->head.size);
    cJSON_AddBoolToObject(o, "encrypted", m->head.encrypted);
    cJSON_AddStringToObject(o, "storeId", m->head.store_id.hex);
    if (*m->head.audit_head)
        cJSON_AddStringToObject(o, "auditHead", m->head.audit_head);
    if (*m->head.key_source)
        cJSON_AddStringToObject(o, "keySource", m->head.key_source);
    return o;
}

bool backup_run(struct command_context *c, const struct command_line *l, struct command_result *r,
                struct error *err)
{
    struct making m = { .context = c, .file = command_argument(l, 0) };
    char text[500];
    bool done;

    if (strlen(m.file) > FILE_ROOM - 10)
        return line_wrong(l->command, err, "the path is too long.");
    if (access(m.file, F_OK) == 0)
        return error_set(err, ERROR_REFUSED, "Choose another name.", "%s is there already.",
                         m.file);
    snprintf(m.part, sizeof(m.part), "%s.part", m.file);
    if ((line_has(l, "--encrypt") || line_has(l, "--passphrase-file")) &&
        !take_passphrase(c, l, "Passphrase of the backup", true, &m.passphrase, err))
        return false;
    done = make(&m, err);
    secret_free(m.passphrase);
    snprintf(text, sizeof(text), "A backup was written to %.380s (%s).", m.file,
             m.head.encrypted ? "encrypted" : "not encrypted");
    if (!done || !tell(context_store(c), "store.backup", c->actor, text, err))
        return false;
    result_say(r, "%s", text);
    return result_json(r, "backup", shape_backup(&m), err);
}

/* ---- restore */

/* What is restored tells so itself: in its log and, to be sealed when its engine starts, in its
 * audit. */
static bool mark_restored(const char *database, const char *actor, const char *file,
                          const struct backup_head *head, struct error *err)
{
    char made[CLOCK_RFC3339_SIZE], text[500];
    struct store *s = NULL;
    bool done;

    clock_rfc3339_s(made, head->made_ms);
    snprintf(text, sizeof(text), "The database was restored from %.360s, made %s.", file, made);
    done = store_open(&s, database, err) && tell(s, "store.restored", actor, text, err);
    store_close(s);
    return done && store_fold(database, err);
}

/* Whether the master key of this installation opens it; false when that could not be tried. */
static bool try_key(struct command_context *c, bool *fits, char *why, size_t size)
{
    const struct engine_options options = { .db_path = c->db_path,
                                            .key_file = c->key_file,
                                            .diagnose = true };
    struct engine *e = NULL;
    struct vault *v;

    if (!engine_open(&e, c->config, &options, NULL))
        return false;
    v = manager_vault(engine_manager(e));
    vault_describe(v, why, size);
    *fits = !vault_locked(v);
    engine_close(e);
    return true;
}

static cJSON *shape_restored(struct command_context *c, const char *file,
                             const struct backup_head *head, const char *kept)
{
    cJSON *o = cJSON_CreateObject();
    char why[512] = "";
    bool fits;

    cJSON_AddStringToObject(o, "file", file);
    cJSON_AddStringToObject(o, "database", c->db_path);
    json_add_time(o, "madeAt", head->made_ms);
    cJSON_AddStringToObject(o, "storeId", head->store_id.hex);
    if (*kept)
        cJSON_AddStringToObject(o, "kept", kept);
    if (!try_key(c, &fits, why, sizeof(why)))
        return o;
    cJSON_AddBoolToObject(o, "keyFits", fits);
    if (!fits)
        cJSON_AddStringToObject(o, "key", why);
    return o;
}

static bool put_back(struct command_context *c, const char *file, const struct backup_head *head,
                     const struct secret *passphrase, char *kept, size_t size, struct error *err)
{
    char copy[FILE_ROOM];
    struct workplace w;
    bool done;

    if (!workplace_open(&w, c->db_path, "restore", err))
        return false;
    snprintf(copy, sizeof(copy), "%s/copy", w.path);
    done = backup_read(file, passphrase, copy, err) && check_against(copy, file, head, err) &&
           mark_restored(copy, c->actor, file, head, err);
    crash_point("restore.ready");
    done = done && store_replace(c->db_path, copy, kept, size, err);
    workplace_close(&w);
    return done;
}

bool restore_run(struct command_context *c, const struct command_line *l, struct command_result *r,
                 struct error *err)
{
    const char *file = command_argument(l, 0);
    struct secret *passphrase = NULL;
    struct backup_head head;
    char kept[FILE_ROOM];
    bool done;

    if (!c->db_path)
        return error_set(err, ERROR_REFUSED, "Quit the console, then run: ecclesia restore FILE",
                         "A database that is open cannot be replaced.");
    if (!backup_look(file, &head, err) ||
        (head.encrypted &&
         !take_passphrase(c, l, "Passphrase of the backup", false, &passphrase, err)))
        return false;
    done = put_back(c, file, &head, passphrase, kept, sizeof(kept), err);
    secret_free(passphrase);
    if (!done)
        return false;
    result_say(r, "%.200s was restored.", c->db_path);
    return result_json(r, "restored", shape_restored(c, file, &head, kept), err);
}

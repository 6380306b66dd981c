#include "vaulttest.h"

#include "testlib.h"

static struct error err;

static struct id add_connection(struct db *db, struct id church, const char *platform)
{
    struct id id = id_new();

    TEST_OK(
        db_run(
            db, &err,
            "INSERT INTO connections (id, church_id, platform, status, method, account_ref, "
            "account_name,"
            " scopes, reason, reason_text, remedy, options, generation, access_expires_ms,"
            " refresh_expires_ms, last_ok_ms, last_probe_ms, accepted, refused, renewable, "
            "simulated,"
            " created_ms, updated_ms)"
            " VALUES ($1,$2,$3,'connected','oauth','','','','','','','{}',1,0,0,0,0,0,0,0,0,0,0)",
            "IIt", id, church, platform),
        err);
    return id;
}

void vault_place_make(struct vault_place *p)
{
    struct id church = id_new();
    struct db *db;

    *p = (struct vault_place){ .db_path = test_path(test_dir(), "e.db"),
                               .key_path = test_path(test_dir(), "master.key") };
    TEST_OK(store_open(&p->store, p->db_path, &err), err);
    TEST_OK(db_begin(p->store, &db, &err), err);
    TEST_OK(db_run(db, &err, "INSERT INTO churches VALUES ($1,'grace','Grace','Europe/Berlin',1)",
                   "I", church),
            err);
    p->zoom = add_connection(db, church, "zoom");
    p->youtube = add_connection(db, church, "youtube");
    TEST_OK(db_commit(db, &err), err);
}

void vault_place_unlock(struct vault_place *p)
{
    struct vault_source source = { .key_file = p->key_path, .may_create = true };

    TEST_OK(vault_open(&p->vault, p->store, &source, false, &err), err);
    ck_assert(!vault_locked(p->vault));
}

void vault_place_release(struct vault_place *p)
{
    vault_close(p->vault);
    store_close(p->store);
    *p = (struct vault_place){ .vault = NULL };
}

void vault_place_put(struct vault_place *p, struct id connection, enum platform_id platform,
                     const char *field, int64_t generation, const void *plain, size_t length)
{
    struct db *db;

    TEST_OK(db_begin(p->store, &db, &err), err);
    TEST_OK(vault_put(p->vault, db, connection, platform, field, generation, plain, length, &err),
            err);
    TEST_OK(db_commit(db, &err), err);
}

bool vault_place_get(struct vault_place *p, struct id connection, enum platform_id platform,
                     const char *field, struct secret **out, struct error *why)
{
    struct db *db;
    bool ok;

    TEST_OK(db_read(p->store, &db, &err), err);
    ok = vault_get(p->vault, db, connection, platform, field, out, why);
    db_read_end(db);
    return ok;
}

void vault_place_run(struct vault_place *p, const char *sql)
{
    struct db *db;

    TEST_OK(db_begin(p->store, &db, &err), err);
    TEST_OK(db_run(db, &err, sql, ""), err);
    TEST_OK(db_commit(db, &err), err);
}

/* What the audit keeps of what managers do, and who seals it. */
#include "other.h"
#include "rawsql.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/text.h>
#include <ecclesia/vault/audit.h>

static struct error err;

static struct audit_report verify(struct world *w)
{
    struct audit_report report;
    struct db *db;

    TEST_OK(db_read(engine_store(w->engine), &db, &err), err);
    TEST_OK(vault_audit_verify(manager_vault(w->manager), db, NULL, &report, &err), err);
    db_read_end(db);
    ck_assert_msg(report.broken == 0, "%s", report.why);
    return report;
}

static char *actions(struct world *w)
{
    return test_sqlite_text(
        w->db,
        "SELECT coalesce(group_concat(actor || ' ' || action || ' ' || platform, ', '), '') FROM"
        " (SELECT * FROM audit WHERE action <> 'church.created' ORDER BY seq)");
}

START_TEST(what_people_do_is_kept)
{
    struct world w;
    enum platform_id youtube = PLATFORM_YOUTUBE;
    struct id id;
    int64_t left;
    char *did, wanted[600];
    const char *who = world_operator.name;

    world_open(&w, &(struct world_options){ .unconnected = true });
    TEST_OK(world_connect(&w, youtube, NULL, &err), err);
    id = world_livestream(&w, "Sunday Service", &youtube, 1, false);
    world_settle(&w, SUBJECT_LIVESTREAM, id);
    TEST_OK(livestream_start(w.manager, id, &world_operator, &err), err);
    world_settle(&w, SUBJECT_LIVESTREAM, id);
    TEST_OK(livestream_stop(w.manager, id, &world_operator, &err), err);
    world_settle(&w, SUBJECT_LIVESTREAM, id);
    TEST_OK(livestream_delete(w.manager, id, &world_operator, &err), err);
    world_drain(&w);
    TEST_OK(
        connection_disconnect(w.manager, w.church.id, youtube, &world_operator, NULL, &left, &err),
        err);
    did = actions(&w);
    snprintf(wanted, sizeof(wanted),
             "%s connection.connected youtube, %s livestream.created , %s livestream.starting , %s "
             "livestream.stopping ,"
             " %s livestream.deleted , %s connection.disconnected youtube",
             who, who, who, who, who, who);
    ck_assert_str_eq(did, wanted);
    free(did);
    /* Sealed in the transaction that did it, for the key was there. */
    ck_assert_int_eq(verify(&w).late, 0);
    ck_assert_int_eq(verify(&w).waiting, 0);
    world_close(&w);
}
END_TEST

START_TEST(a_sign_in_that_ends_is_kept)
{
    struct world w;
    struct connection c;
    char *did;

    world_open(&w, &(struct world_options){ .unconnected = true });
    TEST_OK(world_connect(&w, PLATFORM_ZOOM, NULL, &err), err);
    world_fault(&w, "{\"platform\":\"zoom\",\"kind\":\"status\",\"status\":401,\"times\":100}");
    TEST_OK(
        connection_check(w.manager, w.church.id, PLATFORM_ZOOM, &world_operator, NULL, &c, &err),
        err);
    connection_release(&c);
    did = test_sqlite_text(
        w.db,
        "SELECT action || ' ' || outcome || ' ' || detail FROM audit ORDER BY seq DESC LIMIT 1");
    ck_assert_msg(strncmp(did, "connection.expired failed Zoom: expired", 39) == 0 ||
                      strncmp(did, "connection.error failed Zoom: error", 35) == 0,
                  "%s", did);
    free(did);
    world_close(&w);
}
END_TEST

/* A console of somebody who may not read the key: another process with a locked vault. */
START_TEST(the_engine_seals_what_others_write)
{
    struct other other;
    struct world w;

    world_open(&w, NULL);
    verify(&w);
    other_start(&other, "add", w.db, NULL);
    ck_assert_int_eq(other_wait(&other), 0);
    WORLD_UNTIL(&w, verify(&w).late == 3);
    ck_assert_int_eq(verify(&w).waiting, 0);
    world_close(&w);
}
END_TEST

START_TEST(what_waits_is_sealed_by_the_next_engine)
{
    struct other other;
    struct world w;

    world_open(&w, &(struct world_options){ .unconnected = true });
    world_engine_close(&w);
    other_start(&other, "add", w.db, NULL);
    ck_assert_int_eq(other_wait(&other), 0);
    world_engine_open(&w, false);
    ck_assert_int_eq(verify(&w).waiting, 3);
    world_engine_close(&w);
    world_engine_open(&w, true);
    WORLD_UNTIL(&w, verify(&w).waiting == 0);
    ck_assert_int_eq(verify(&w).late, 3);
    world_close(&w);
}
END_TEST

START_TEST(old_rows_are_dropped_by_the_engine)
{
    struct world w;

    clock_fix(clock_now() - 7200000);
    world_open(&w, &(struct world_options){ .unconnected = true,
                                            .idle = true,
                                            .settings = { { "audit", "keep", "1h" } } });
    TEST_OK(manager_church_create(w.manager,
                                  &(struct church){ .slug = "old", .name = "Old", .zone = "UTC" },
                                  &world_operator, &err),
            err);
    ck_assert_int_eq(verify(&w).rows, 2);
    world_engine_close(&w);
    clock_fix(-1);
    world_engine_open(&w, true);
    WORLD_UNTIL(&w, verify(&w).pruned == 2);
    ck_assert_int_eq(verify(&w).rows, 1);
    world_close(&w);
}
END_TEST

static int add_alone(const char *path)
{
    struct store *s;
    struct db *db;

    if (!store_open(&s, path, &err))
        return 2;
    for (int i = 0; i < 3; i++)
        if (!db_begin(s, &db, &err) ||
            !audit_add(db, &(struct audit_row){ .actor = "viewer", .action = "x" }, &err) ||
            !db_commit(db, &err))
            return 1;
    store_close(s);
    return 0;
}

int main(int argc, char **argv)
{
    const TTest *const tests[] = {
        what_people_do_is_kept,
        a_sign_in_that_ends_is_kept,
        the_engine_seals_what_others_write,
        what_waits_is_sealed_by_the_next_engine,
        old_rows_are_dropped_by_the_engine,
    };

    if (argc == 3 && strcmp(argv[1], "add") == 0)
        return add_alone(argv[2]);
    return test_main("manager_audit", NULL, NULL, tests, sizeof(tests) / sizeof(tests[0]));
}

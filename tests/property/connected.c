/* A connection is `connected` only when its credentials open, are not empty and were accepted:
 * whatever is given at connecting, whatever happens to the sealed rows, at the platform and to the
 * clock. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ecclesia/base/text.h>
#include <ecclesia/store/secret_rows.h>

static struct world w;

static void close_world(void)
{
    world_close(&w);
}

/* ---- what is true, seen from outside the program ---- */

static int64_t journal_end(void)
{
    cJSON *all = world_control(&w, "GET", "/_sim/requests", NULL);
    int64_t n = 0;

    for (const cJSON *r = all->child; r; r = r->next)
        json_int(r, "n", &n);
    cJSON_Delete(all);
    return n;
}

/* The platform was asked since then, and the last thing that it said was yes. */
static bool platform_said_yes(enum platform_id p, int64_t after)
{
    char path[100];
    int64_t status = 0;

    snprintf(path, sizeof path, "/_sim/requests?platform=%s&after=%lld", platform_slug(p),
             (long long)after);
    cJSON *all = world_control(&w, "GET", path, NULL);
    for (const cJSON *r = all->child; r; r = r->next) {
        /* Tells how long a token lives; the question itself is another one. */
        if (!strstr(json_string(r, "path"), "debug_token"))
            status = json_at(r, "fault") || !json_int(r, "status", &status) ? 0 : status;
    }
    cJSON_Delete(all);
    return status / 100 == 2;
}

struct rows_seen {
    struct db *db;
    enum platform_id platform;
    int count, open, filled;
};

static bool see_row(void *argument, const struct secret_row *row)
{
    struct rows_seen *seen = argument;
    struct secret *s = NULL;

    seen->count++;
    if (vault_get(manager_vault(w.manager), seen->db, row->connection, seen->platform, row->field,
                  &s, NULL)) {
        seen->open++;
        seen->filled += secret_length(s) > 0;
    }
    secret_free(s);
    return true;
}

static struct rows_seen see_rows(enum platform_id p, struct id connection)
{
    struct rows_seen seen = { .platform = p };
    struct error err;

    TEST_OK(db_read(engine_store(w.engine), &seen.db, &err), err);
    TEST_OK(secret_row_each(seen.db, connection, see_row, &seen, &err), err);
    db_read_end(seen.db);
    return seen;
}

static bool stored(enum platform_id p, struct connection *out)
{
    struct db *db;
    struct error err;

    TEST_OK(db_read(engine_store(w.engine), &db, &err), err);
    bool found = connection_for(db, w.church.id, p, out, &err);
    db_read_end(db);
    return found;
}

/* The truth that holds after every question: connected means rows, opened, not empty. */
static void check_truth(enum platform_id p)
{
    struct connection c = { 0 };

    if (!stored(p, &c))
        return;
    struct rows_seen rows = see_rows(p, c.id);
    ck_assert_int_eq(rows.filled, rows.open);
    if (c.status == CONNECTION_CONNECTED) {
        /* An open Jitsi server asks for none. */
        const struct platform *platform = platform_get(p);
        bool needs = platform->renew || platform->token_field;
        ck_assert_msg(rows.count > 0 || !needs, "%s is connected without credentials",
                      platform_slug(p));
        ck_assert_msg(rows.open == rows.count,
                      "%s is connected and %d of its %d secrets do not open", platform_slug(p),
                      rows.count - rows.open, rows.count);
        ck_assert_str_eq(c.reason, "");
    } else if (c.status != CONNECTION_DISCONNECTED) {
        ck_assert_str_ne(c.reason, "");
        ck_assert_str_ne(c.remedy, "");
    }
    connection_release(&c);
}

/* ---- connecting ---- */

/* Instagram has no call that tells whether a stream key is right: with the key alone nobody is
 * asked, and the account's name says so. */
static bool asks(enum platform_id p, const struct setting_value *values, size_t count)
{
    if (p != PLATFORM_INSTAGRAM)
        return true;
    for (size_t i = 0; i < count; i++) {
        if (text_equal(values[i].key, "access_token"))
            return values[i].value[0] != '\0';
    }
    return false;
}

enum { WHOLE, EMPTY, MISSING, BLANK, FLIPPED, LONGER, SHORTER, SWAPPED, MUTATIONS };
static const char *const mutation_names[] = { "whole",   "empty",  "missing", "blank",
                                              "flipped", "longer", "shorter", "swapped" };

static void mutate(struct cases *c, int how, struct setting_value *values, size_t *count, size_t at,
                   char *room, size_t size)
{
    const char *value = values[at].value;

    snprintf(room, size, "%s", value);
    switch (how) {
    case EMPTY:
        room[0] = '\0';
        break;
    case MISSING:
        values[at] = values[--*count];
        return;
    case BLANK:
        snprintf(room, size, "   ");
        break;
    case FLIPPED: {
        size_t where = dice(c, strlen(value));
        room[where] = value[where] == 'a' ? 'b' : 'a';
        break;
    }
    case LONGER:
        snprintf(room, size, "%sx", value);
        break;
    case SHORTER:
        room[strlen(value) - 1] = '\0';
        break;
    case SWAPPED:
        snprintf(room, size, "%s", values[(at + 1) % *count].value);
        break;
    default:
        break;
    }
    values[at].value = room;
}

START_TEST(only_what_the_platform_accepts_is_connected)
{
    struct cases c = { .total = 90 };
    struct world_options o = { .unconnected = true };
    enum platform_id all[PLATFORM_COUNT];
    static char room[20000];

    world_open(&w, &o);
    size_t n = world_platforms(&w, 0, all);
    ck_assert_uint_ge(n, 4);
    while (cases_next(&c)) {
        enum platform_id p = all[dice(&c, n)];
        struct connection before = { 0 }, after = { 0 };
        struct error err = { 0 };
        size_t count;
        struct setting_value *values = world_credentials(&w, p, &count);
        int how = (int)dice(&c, MUTATIONS), fault = (int)dice(&c, 6);
        size_t at = dice(&c, count);

        case_tell(&c, "connect %s with %s %s, fault %d", platform_slug(p), values[at].key,
                  mutation_names[how], fault);
        mutate(&c, how, values, &count, at, room, sizeof room);
        if (fault == 0)
            world_fault(&w, "{\"platform\":\"%s\",\"kind\":\"status\",\"status\":503}",
                        platform_slug(p));
        else if (fault == 1)
            world_fault(&w, "{\"platform\":\"%s\",\"kind\":\"garbage\"}", platform_slug(p));
        bool had = stored(p, &before);
        int64_t mark = journal_end();
        bool done = connection_connect(w.manager, w.church.id, p, values, count, &world_operator,
                                       NULL, NULL, &err);
        bool yes = platform_said_yes(p, mark) || !asks(p, values, count);
        sim_faults_clear(w.sim);
        bool has = stored(p, &after);
        ck_assert_msg(!done || yes, "connected, and the platform had not said yes");
        ck_assert_msg(done || (err.kind != ERROR_NONE && err.message[0]), "refused without a word");
        if (how == WHOLE && fault > 1)
            ck_assert_msg(done, "%s", err.message);
        /* A failed connect leaves an earlier connection as it was. */
        if (!done) {
            ck_assert_int_eq(has, had);
            ck_assert(!had ||
                      (before.status == after.status && before.generation == after.generation));
        } else {
            ck_assert_int_eq(after.status, CONNECTION_CONNECTED);
        }
        check_truth(p);
        if (dice(&c, 4) == 0 && has && after.status != CONNECTION_DISCONNECTED) {
            int64_t left;
            TEST_OK(connection_disconnect(w.manager, w.church.id, p, &world_operator, NULL, &left,
                                          &err),
                    err);
            ck_assert_int_eq(see_rows(p, after.id).count, 0);
            check_truth(p);
        }
        connection_release(&before);
        connection_release(&after);
        free(values);
    }
}
END_TEST

/* ---- afterwards ---- */

static void write_blob(const struct secret_row *row, const void *blob, size_t length)
{
    struct db *db;
    struct error err;

    TEST_OK(db_begin(engine_store(w.engine), &db, &err), err);
    TEST_OK(db_run(db, &err,
                   "UPDATE secrets SET blob = $1 WHERE connection_id = $2 AND field = $3 AND "
                   "generation = $4",
                   "bIti", blob, length, row->connection, row->field, row->generation),
            err);
    TEST_OK(db_commit(db, &err), err);
}

struct kept_row {
    struct secret_row row;
    size_t wanted, at;
};

static bool keep_row(void *argument, const struct secret_row *row)
{
    struct kept_row *kept = argument;

    if (kept->at++ != kept->wanted)
        return true;
    kept->row = *row;
    kept->row.blob = malloc(row->length);
    memcpy(kept->row.blob, row->blob, row->length);
    return false;
}

static struct secret_row a_row(struct cases *c, enum platform_id p)
{
    struct connection connection = { 0 };
    struct kept_row kept = { 0 };
    struct db *db;
    struct error err;

    ck_assert(stored(p, &connection));
    struct rows_seen rows = see_rows(p, connection.id);
    kept.wanted = dice(c, (uint64_t)rows.count);
    TEST_OK(db_read(engine_store(w.engine), &db, &err), err);
    TEST_OK(secret_row_each(db, connection.id, keep_row, &kept, &err), err);
    db_read_end(db);
    connection_release(&connection);
    return kept.row;
}

static enum connection_status ask(enum platform_id p, int64_t *mark)
{
    struct connection c = { 0 };
    struct error err;

    *mark = journal_end();
    TEST_OK(connection_check(w.manager, w.church.id, p, &world_operator, NULL, &c, &err), err);
    enum connection_status status = c.status;
    connection_release(&c);
    check_truth(p);
    return status;
}

/* Any bit of any sealed row: that connection says so, nobody else notices, and when the row is
 * whole again it goes on. */
START_TEST(a_damaged_secret_is_never_connected)
{
    struct cases c = { .total = 60 };
    enum platform_id all[PLATFORM_COUNT];

    world_open(&w, NULL);
    size_t n = world_platforms(&w, 0, all);
    while (cases_next(&c)) {
        enum platform_id p = all[dice(&c, n)], other = all[dice(&c, n)];
        struct secret_row row = a_row(&c, p), foreign = a_row(&c, other);
        unsigned char *blob = malloc(row.length);
        size_t length = row.length, bit = dice(&c, 8 * row.length);
        int how = (int)dice(&c, 4);
        int64_t mark;

        memcpy(blob, row.blob, row.length);
        if (how == 0 && p != other && row.length == foreign.length)
            memcpy(blob, foreign.blob, row.length);
        else if (how == 1)
            length = 1 + dice(&c, row.length - 1);
        else
            blob[bit / 8] ^= (unsigned char)(1 << bit % 8);
        case_tell(&c, "damage %s/%s, how %d, bit %zu, length %zu of %zu", platform_slug(p),
                  row.field, how, bit, length, row.length);
        write_blob(&row, blob, length);
        ck_assert_int_eq(ask(p, &mark), CONNECTION_ERROR);
        ck_assert_msg(!platform_said_yes(p, mark), "a damaged secret was used");
        if (other != p)
            ck_assert_int_eq(ask(other, &mark), CONNECTION_CONNECTED);
        write_blob(&row, row.blob, row.length);
        ck_assert_int_eq(ask(p, &mark), CONNECTION_CONNECTED);
        free(blob);
        secret_row_release(&row);
        secret_row_release(&foreign);
    }
}
END_TEST

static bool is_reason(enum platform_id p, const char *reason)
{
    struct connection c = { 0 };
    bool is = stored(p, &c) && text_equal(c.reason, reason);

    connection_release(&c);
    return is;
}

/* What happens at the platform and on the way to it: connected exactly when the platform's last
 * word was yes. */
START_TEST(connected_follows_the_platforms_word)
{
    static const char *const happenings[] = { "revoke", "expire_access", "drop_scope" };
    static const char *const faults[] = {
        "\"kind\":\"status\",\"status\":500",
        "\"kind\":\"status\",\"status\":401",
        "\"kind\":\"status\",\"status\":403",
        "\"kind\":\"refuse\"",
        "\"kind\":\"reset\"",
        "\"kind\":\"garbage\"",
        "\"kind\":\"rate_limit\",\"retryAfter\":1",
        "\"kind\":\"cut\",\"bytes\":10",
    };
    struct cases c = { .total = 60 };
    enum platform_id all[PLATFORM_COUNT];
    char body[100];

    world_open(&w, NULL);
    size_t n = world_platforms(&w, 0, all);
    while (cases_next(&c)) {
        enum platform_id p = all[dice(&c, n)];
        bool happens = dice(&c, 2), fails = dice(&c, 2);
        const char *happening = happenings[dice(&c, 3)], *fault = faults[dice(&c, 8)];
        struct error err;
        int64_t mark;

        case_tell(&c, "%s: %s, %s", platform_slug(p), happens ? happening : "nothing",
                  fails ? fault : "no fault");
        if (happens) {
            snprintf(body, sizeof body, "{\"platform\":\"%s\",\"action\":\"%s\"}", platform_slug(p),
                     happening);
            cJSON_Delete(world_control(&w, "POST", "/_sim/grants", body));
        }
        if (fails)
            world_fault(&w, "{\"platform\":\"%s\",%s}", platform_slug(p), fault);
        /* Facebook answers all the same, and says in debug_token that nothing is allowed. */
        bool lost = happens && p == PLATFORM_FACEBOOK && strcmp(happening, "drop_scope") == 0;
        enum connection_status status = ask(p, &mark);
        bool yes = platform_said_yes(p, mark) && !lost;
        /* Who asks us to wait says neither; a Jitsi server does not ask in a form of its own. */
        bool waits = fails && strstr(fault, "rate_limit") && p != PLATFORM_JITSI;
        ck_assert_msg(waits || yes == (status == CONNECTION_CONNECTED),
                      "the platform said %s and it is %s", yes ? "yes" : "no",
                      connection_status_name(status));
        ck_assert_msg(!waits || status == CONNECTION_CONNECTED ||
                          is_reason(p, "refresh_unreachable"),
                      "asked to wait, and it is %s", connection_status_name(status));
        sim_faults_clear(w.sim);
        status = ask(p, &mark);
        yes = platform_said_yes(p, mark) && !lost;
        if (!happens)
            ck_assert_msg(yes, "healed, and it is still refused");
        ck_assert_int_eq(yes, status == CONNECTION_CONNECTED);
        if (!yes) {
            cJSON_Delete(world_control(&w, "POST", "/_sim/reset", NULL));
            /* Nobody's tokens outlive that. */
            for (size_t i = 0; i < n; i++)
                TEST_OK(world_connect(&w, all[i], NULL, &err), err);
        }
        ck_assert_int_eq(ask(p, &mark), CONNECTION_CONNECTED);
    }
}
END_TEST

START_TEST(another_key_opens_nothing)
{
    const char *right;
    struct engine_options o = { 0 };
    struct engine *e = NULL;
    struct error err;

    /* Nobody else has the file open: who closes it last writes into it. */
    world_open(&w, &(struct world_options){ .alone = true });
    right = w.key;
    size_t size = 0, size_after = 0;
    world_engine_close(&w);
    char *before = test_read_file(w.db, &size);
    const char *wrong[] = { test_path(w.directory, "other.key"),
                            test_path(w.directory, "missing.key") };
    static unsigned char bytes[32] = { 1, 2, 3 };
    test_write_file(wrong[0], bytes, sizeof bytes);
    ck_assert_int_eq(chmod(wrong[0], 0600), 0);
    for (int i = 0; i < 2; i++) {
        o = (struct engine_options){ .db_path = w.db, .key_file = wrong[i] };
        TEST_FAILS(engine_open(&e, w.config, &o, &err), err, ERROR_KEY_WRONG);
        ck_assert_str_ne(err.remedy, "");
    }
    char *after = test_read_file(w.db, &size_after);
    ck_assert_msg(size == size_after && memcmp(before, after, size) == 0,
                  "a key that does not fit has changed the database");
    free(before);
    free(after);
    w.key = right;
    world_engine_open(&w, true);
    int64_t mark;
    ck_assert_int_eq(ask(PLATFORM_YOUTUBE, &mark), CONNECTION_CONNECTED);
}
END_TEST

TEST_MAIN_FIXTURE("connected", NULL, close_world, only_what_the_platform_accepts_is_connected,
                  a_damaged_secret_is_never_connected, connected_follows_the_platforms_word,
                  another_key_opens_nothing)

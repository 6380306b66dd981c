/* No secret is found anywhere but sealed: credentials, tokens and stream keys are looked for in
 * every file of the program, in its trace, in its events and in what it prints. */
#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ecclesia/base/log.h>
#include <ecclesia/base/text.h>
#include <ecclesia/store/secret_rows.h>

extern char **environ;

static struct world w;

static void close_world(void)
{
    world_close(&w);
}

/* ---- what must not be found ---- */

enum { SECRETS_MAX = 600 };

static char *secrets[SECRETS_MAX];
static size_t secret_count;

/* In every dress in which it could travel. Short words are left out: they would be found by chance.
 */
static void never(const char *secret)
{
    struct text t;

    if (!secret || strlen(secret) < 8)
        return;
    text_init(&t, 256 * 1024);
    for (int dress = 0; dress < 4; dress++) {
        text_clear(&t);
        if (dress == 0)
            text_add(&t, secret);
        else if (dress == 1)
            text_add_hex(&t, secret, strlen(secret));
        else if (dress == 2)
            text_add_base64(&t, secret, strlen(secret) / 3 * 3);
        else
            text_add_urlencoded(&t, secret);
        bool known = false;
        for (size_t i = 0; i < secret_count; i++)
            known = known || strcmp(secrets[i], text_str(&t)) == 0;
        ck_assert_uint_lt(secret_count, SECRETS_MAX);
        if (!known)
            secrets[secret_count++] = text_copy(text_str(&t));
    }
    text_release(&t);
}

static void look(const char *where, const void *bytes, size_t length)
{
    for (size_t i = 0; i < secret_count; i++)
        ck_assert_msg(memmem(bytes, length, secrets[i], strlen(secrets[i])) == NULL,
                      "%s holds the secret %.12s…", where, secrets[i]);
}

static void look_at_file(const char *path)
{
    size_t length;
    char *bytes = test_read_file(path, &length);

    if (!bytes)
        return;
    look(path, bytes, length);
    free(bytes);
}

/* Every file below, but the key's own. Returns how many. */
static int look_below(const char *directory)
{
    DIR *d = opendir(directory);
    const struct dirent *e;
    int files = 0;

    ck_assert_msg(d != NULL, "%s", directory);
    while ((e = readdir(d)) != NULL) {
        struct stat st;
        const char *path = test_path(directory, e->d_name);
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || lstat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            files += look_below(path);
        } else if (S_ISREG(st.st_mode)) {
            look_at_file(path);
            files++;
            ck_assert_msg((st.st_mode & 077) == 0 || strstr(path, "ecclesia.conf") ||
                              strstr(path, "/out."),
                          "%s can be read by others", path);
        }
    }
    closedir(d);
    return files;
}

static void look_at_trace(void)
{
    static char *lines[4096];
    size_t n = log_recent(lines, sizeof lines / sizeof *lines);

    ck_assert_uint_gt(n, 0);
    for (size_t i = 0; i < n; i++) {
        look("the trace", lines[i], strlen(lines[i]));
        free(lines[i]);
    }
}

/* The test has seen nothing at all when it cannot find what is there. */
static void look_everywhere(void)
{
    ck_assert_int_ge(look_below(w.directory), 3);
    look_at_trace();
}

/* ---- what there is to be found ---- */

/* Opens every sealed row: tokens, stream keys, credentials. */
static bool add_row(void *argument, const struct secret_row *row)
{
    struct db *db = argument;
    struct secret *s = NULL;

    for (int p = 0; p < PLATFORM_COUNT; p++) {
        if (vault_get(manager_vault(w.manager), db, row->connection, (enum platform_id)p,
                      row->field, &s, NULL)) {
            never(secret_text(s));
            secret_free(s);
            return true;
        }
    }
    ck_abort_msg("the row %s does not open", row->field);
}

static size_t know_sealed(void)
{
    struct db *db;
    struct error err;
    size_t before = secret_count;

    TEST_OK(db_read(engine_store(w.engine), &db, &err), err);
    TEST_OK(secret_row_each(db, (struct id){ "" }, add_row, db, &err), err);
    db_read_end(db);
    return secret_count - before;
}

/* What the simulator gave out: stream keys, and the secrets of the apps. */
static void know_simulator(void)
{
    cJSON *objects = world_control(&w, "GET", "/_sim/objects", NULL);

    for (const cJSON *o = objects->child; o; o = o->next)
        never(json_string(o, "fields.streamKey"));
    cJSON_Delete(objects);
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const cJSON *part =
            json_at(json_at(w.ready, "platforms"), platform_slug((enum platform_id)p));
        const struct platform *platform = platform_get((enum platform_id)p);
        never(json_string(part, "client_secret"));
        for (const struct credential *f = platform ? platform->credentials : NULL;
             part && f && f->key; f++) {
            if (f->secret)
                never(json_string(json_at(part, "credentials"), f->key));
        }
    }
}

/* A little of everything, with troubles that are told. */
static void live_a_day(struct cases *c)
{
    static const char *const faults[] = { "\"kind\":\"status\",\"status\":401",
                                          "\"kind\":\"status\",\"status\":400",
                                          "\"kind\":\"garbage\"",
                                          "\"kind\":\"cut\",\"bytes\":40",
                                          "\"kind\":\"lost_answer\"",
                                          "\"kind\":\"rate_limit\",\"retryAfter\":1" };
    enum platform_id streams[PLATFORM_COUNT], meetings[PLATFORM_COUNT], all[PLATFORM_COUNT];
    size_t n = world_platforms(&w, PLATFORM_LIVESTREAMS, streams),
           m = world_platforms(&w, PLATFORM_MEETINGS, meetings);
    size_t every = world_platforms(&w, 0, all);
    struct error err;

    for (size_t i = 0; i < every; i++)
        world_fault(&w, "{\"platform\":\"%s\",%s,\"times\":1,\"after\":%d}", platform_slug(all[i]),
                    faults[dice(c, 6)], 1 + (int)dice(c, 6));
    struct id id = world_livestream(&w, "Sunday Service", streams, n, true),
              meeting = world_meeting(&w, "Prayer", meetings, m);
    int64_t end = clock_mono() + 1500;
    while (world_live(&w, (struct id){ "" }) > 0 && clock_mono() < end)
        test_nap();
    sim_faults_clear(w.sim);
    know_sealed();
    know_simulator();
    livestream_stop(w.manager, id, &world_operator, &err);
    meeting_cancel(w.manager, meeting, &world_operator, &err);
    end = clock_mono() + 1500;
    while (world_live(&w, (struct id){ "" }) > 0 && clock_mono() < end)
        test_nap();
}

START_TEST(nothing_is_found_after_a_day)
{
    struct cases c = { .total = 6 };

    while (cases_next(&c)) {
        case_tell(&c, "a day with troubles");
        world_open(&w, &(struct world_options){ .seed = (uint64_t)c.number });
        know_simulator();
        live_a_day(&c);
        know_sealed();
        ck_assert_uint_gt(secret_count, 20);
        look_everywhere();
        world_engine_close(&w);
        look_everywhere();
        world_close(&w);
    }
}
END_TEST

/* It can fail: a secret that is put where it must not be is seen. */
START_TEST(a_secret_in_the_open_would_be_found)
{
    world_open(&w, NULL);
    know_simulator();
    test_write_file(test_path(w.directory, "out.leak"), secrets[0], strlen(secrets[0]));
    size_t length;
    char *bytes = test_read_file(test_path(w.directory, "out.leak"), &length);
    ck_assert_ptr_nonnull(memmem(bytes, length, secrets[0], strlen(secrets[0])));
    free(bytes);
    unlink(test_path(w.directory, "out.leak"));
    ck_assert_uint_gt(know_sealed(), 0);
}
END_TEST

/* Each secret field in turn holds a marker, which the platform refuses: the refusal does not repeat
 * it, nothing keeps it. */
START_TEST(a_refused_secret_is_forgotten)
{
    struct world_options o = { .unconnected = true };
    enum platform_id all[PLATFORM_COUNT];
    int tried = 0;

    world_open(&w, &o);
    size_t n = world_platforms(&w, 0, all);
    for (size_t i = 0; i < n; i++) {
        size_t count;
        struct setting_value *values = world_credentials(&w, all[i], &count);
        for (size_t v = 0; v < count; v++) {
            const struct credential *f = platform_get(all[i])->credentials;
            while (strcmp(f->key, values[v].key) != 0)
                f++;
            if (!f->secret)
                continue;
            const char *right = values[v].value;
            char marker[80];
            struct error err = { 0 };
            snprintf(marker, sizeof marker, "MARKER-%d-of-%s-and-its-secret", tried++, f->key);
            never(marker);
            values[v].value = marker;
            bool done = connection_connect(w.manager, w.church.id, all[i], values, count,
                                           &world_operator, NULL, NULL, &err);
            values[v].value = right;
            look("the error", err.message, strlen(err.message));
            look("the remedy", err.remedy, strlen(err.remedy));
            look("the code", err.code, strlen(err.code));
            /* A server of one's own cannot be asked whether the secret is right, nor Instagram
             * whether the stream key is: then it is sealed. */
            ck_assert(!done || all[i] == PLATFORM_JITSI || text_equal(f->key, "stream_key"));
        }
        free(values);
    }
    ck_assert_int_ge(tried, 4);
    look_everywhere();
}
END_TEST

/* ---- what the program prints ---- */

static pid_t begin_program(const char *program, char *const argv[], const char *out)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    ck_assert_int_eq(posix_spawn(&pid, program, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static void look_at_output(const char *program, const char *words)
{
    char line[300], *argv[16] = { (char *)program, (char *)"--db", (char *)w.db,
                                  (char *)"--key-file", (char *)w.key };
    const char *out = test_path(w.directory, "out.txt");
    int n = 5, status;
    char *rest = line;

    snprintf(line, sizeof line, "%s", words);
    for (char *word; (word = strsep(&rest, " ")) != NULL;)
        argv[n++] = word;
    argv[n] = NULL;
    pid_t pid = begin_program(program, argv, out);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    size_t length;
    char *bytes = test_read_file(out, &length);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: %s", words, bytes);
    ck_assert_msg(length > 0, "%s prints nothing", words);
    look(words, bytes, length);
    free(bytes);
    unlink(out);
}

/* No core file of it can be written, and nobody can attach to it. */
static void check_hardened(const char *program)
{
    char path[60], *argv[] = { (char *)program, (char *)"--db", (char *)w.db, (char *)"--key-file",
                               (char *)w.key,   (char *)"log",  (char *)"-f", NULL };
    const char *out = test_path(w.directory, "out.log");
    size_t length = 0;
    pid_t pid = begin_program(program, argv, out);
    bool none = false;

    /* The limit is set before anything is printed. */
    int64_t end = clock_mono() + TEST_PATIENCE_MS;
    while (clock_mono() < end && length == 0) {
        char *bytes = test_read_file(out, &length);
        free(bytes);
        test_nap();
    }
    snprintf(path, sizeof path, "/proc/%d/limits", (int)pid);
    FILE *f = fopen(path, "re");
    char line[200];
    while (f && fgets(line, sizeof line, f))
        none = none ||
               (strstr(line, "Max core file size") && strstr(line, " 0                    0 "));
    if (f)
        fclose(f);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    unlink(out);
    ck_assert_msg(length > 0, "log -f printed nothing");
    ck_assert_msg(none, "a core file could be written");
}

START_TEST(the_program_prints_no_secret)
{
    static const char *const words[] = {
        "connection list",
        "connection list --json",
        "livestream list --json",
        "livestream list",
        "meeting list",
        "meeting list --json",
        "livestream show Sunday",
        "livestream show Sunday --json",
        "livestream report Sunday --json",
        "meeting show Prayer",
        "meeting show Prayer --json",
        "job list",
        "job list --json",
        "log --json",
        "log",
        "platform list --json",
        "platform show youtube --json",
        "key status",
        "key status --json",
        "church list --json",
    };
    const char *program = getenv("ECCLESIA");
    struct cases c = { .total = 1 };

    if (!program || access(program, X_OK) != 0)
        return; /* the program is not built: what it prints is tested when it is */
    world_open(&w, NULL);
    cases_next(&c);
    live_a_day(&c);
    know_sealed();
    know_simulator();
    world_engine_close(&w);
    unsetenv("ECCLESIA_TEST_PACE");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        look_at_output(program, words[i]);
    check_hardened(program);
}
END_TEST

TEST_MAIN_FIXTURE("secrets", NULL, close_world, nothing_is_found_after_a_day,
                  a_secret_in_the_open_would_be_found, a_refused_secret_is_forgotten,
                  the_program_prints_no_secret)

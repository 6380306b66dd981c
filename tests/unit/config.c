#include "testlib.h"

#include <stdlib.h>
#include <string.h>

#include <ecclesia/base/config.h>
#include <ecclesia/record/slug.h>

static struct config *config;
static struct error err;

static void setup(void)
{
    setenv("XDG_CONFIG_HOME", test_dir(), 1);
    unsetenv("ECCLESIA_SIM");
    unsetenv("ECCLESIA_CONFIG");
    config = NULL;
    error_clear(&err);
}

static void teardown(void)
{
    config_free(config);
}

static const char *file_with(const char *text)
{
    const char *path = test_path(test_dir(), "test.conf");

    test_write_file(path, text, strlen(text));
    return path;
}

static void refuses(const char *text, const char *place, const char *part)
{
    const char *path = file_with(text);

    TEST_FAILS(config_load(&config, path, &err), err, ERROR_CONFIG);
    ck_assert_ptr_null(config);
    ck_assert_msg(strncmp(err.message, path, strlen(path)) == 0, "no file in: %s", err.message);
    ck_assert_msg(strncmp(err.message + strlen(path), place, strlen(place)) == 0, "not %s: %s",
                  place, err.message);
    ck_assert_msg(strstr(err.message, part) != NULL, "no \"%s\" in: %s", part, err.message);
}

START_TEST(defaults_are_there)
{
    TEST_OK(config_load(&config, NULL, &err), err);
    ck_assert_int_eq(config_ms(config, "queue", "settle"), 30000);
    ck_assert_int_eq(config_ms(config, "poll", "idle"), 600000);
    ck_assert_int_eq(config_number(config, "queue", "workers"), 0);
    ck_assert(!config_bool(config, "console", "ascii"));
    ck_assert_str_eq(config_text(config, "zoom", "api_base"), "");
    ck_assert_str_eq(config_text(config, "nothing", "such"), "");
    ck_assert(!config_simulated(config, "zoom"));
}
END_TEST

START_TEST(every_default_is_a_value_of_its_type)
{
    TEST_OK(config_load(&config, NULL, &err), err);
    for (const struct config_key *row = config_keys; row->section; row++) {
        const char *section = strcmp(row->section, "PLATFORM") == 0 ? "zoom" : row->section;

        ck_assert_msg(row->help && *row->help && row->help[strlen(row->help) - 1] == '.', "%s",
                      row->key);
        TEST_OK(config_set(config, section, strcmp(row->key, "*") == 0 ? "x" : row->key,
                           row->otherwise, &err),
                err);
    }
}
END_TEST

START_TEST(slugs_are_those_of_the_records)
{
    TEST_OK(config_load(&config, NULL, &err), err);
    for (int p = 0; p < PLATFORM_COUNT; p++)
        TEST_OK(config_set(config, platform_slug((enum platform_id)p), "client_id", "x", &err),
                err);
}
END_TEST

START_TEST(file_is_read)
{
    const char *path = file_with(
        "# comment\n[queue]\n  settle = 250ms\nworkers=3 ; three\n\n[zoom]\n"
        "api_base = https://zoom.example/v2/\n[keys streams]\ns = livestream start {id}\n");

    TEST_OK(config_load(&config, path, &err), err);
    ck_assert_int_eq(config_ms(config, "queue", "settle"), 250);
    ck_assert_int_eq(config_number(config, "queue", "workers"), 3);
    ck_assert_str_eq(config_text(config, "zoom", "api_base"), "https://zoom.example/v2");
    ck_assert_str_eq(config_text(config, "keys streams", "s"), "livestream start {id}");
}
END_TEST

START_TEST(mistakes_name_file_and_line)
{
    refuses("[queue]\n\nsettel = 3s\n", ":3:", "no key \"settel\"");
    ck_assert_ptr_nonnull(strstr(err.remedy, "settle, workers, grace"));
    refuses("[qeue]\nsettle = 3s\n", ":2:", "no section [qeue]");
    refuses("[queue]\nsettle = soon\n", ":2:", "cannot be \"soon\"");
    refuses("[queue]\nworkers = -1", ":2:", "whole number");
    refuses("[queue]\nsettle\n", ":2:", "neither a section");
    refuses("[queue]\nsettle = 1s\nsettle = 2s\n", ":3:", "set already");
    refuses("settle = 1s\n", ":1:", "stands before the first [section]");
    refuses("[zoom]\napi_base = http://zoom.us\n", ":2:", "loopback");
    refuses("[zoom]\napi_base = https://user@zoom.us\n", ":2:", "plain address");
    refuses("[console]\nascii = maybe\n", ":2:", "true or false");
}
END_TEST

START_TEST(a_long_line_does_not_shift_the_count)
{
    char text[6000] = "[zoom]\nclient_id = ";

    memset(text + strlen(text), 'x', 4000);
    strncat(text, "\nwrong = 1\n", 100);
    refuses(text, ":3:", "no key \"wrong\"");
}
END_TEST

START_TEST(named_file_must_exist)
{
    TEST_FAILS(config_load(&config, test_path(test_dir(), "none.conf"), &err), err, ERROR_CONFIG);
    setenv("ECCLESIA_CONFIG", test_path(test_dir(), "none.conf"), 1);
    TEST_FAILS(config_load(&config, NULL, &err), err, ERROR_CONFIG);
}
END_TEST

START_TEST(environment_goes_before_files)
{
    setenv("ECCLESIA_QUEUE_SETTLE", "7s", 1);
    setenv("ECCLESIA_GOOGLE_MEET_CLIENT_ID", "me", 1);
    TEST_OK(config_load(&config, file_with("[queue]\nsettle = 1s\n"), &err), err);
    ck_assert_int_eq(config_ms(config, "queue", "settle"), 7000);
    ck_assert_str_eq(config_text(config, "google_meet", "client_id"), "me");
    TEST_OK(config_set(config, "queue", "settle", "9s", &err), err);
    ck_assert_int_eq(config_ms(config, "queue", "settle"), 9000);
}
END_TEST

START_TEST(wrong_variables_are_errors)
{
    setenv("ECCLESIA_QUEUE_SETTEL", "7s", 1);
    TEST_FAILS(config_load(&config, NULL, &err), err, ERROR_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message, "ECCLESIA_QUEUE_SETTEL"));
    unsetenv("ECCLESIA_QUEUE_SETTEL");
    setenv("ECCLESIA_ZOOM_API_BASE", "ftp://x", 1);
    TEST_FAILS(config_load(&config, NULL, &err), err, ERROR_CONFIG);
    unsetenv("ECCLESIA_ZOOM_API_BASE");
    setenv("ECCLESIA_KEYS_S", "x", 1);
    TEST_FAILS(config_load(&config, NULL, &err), err, ERROR_CONFIG);
    unsetenv("ECCLESIA_KEYS_S");
    setenv("ECCLESIA_CHURCH", "st-marks", 1);
    setenv("ECCLESIA_SEED", "1", 1);
    TEST_OK(config_load(&config, NULL, &err), err);
}
END_TEST

START_TEST(simulator_takes_all_platforms)
{
    setenv("ECCLESIA_SIM", "http://127.0.0.1:8099", 1);
    setenv("ECCLESIA_JITSI_API_BASE", "https://meet.example", 1);
    TEST_OK(config_load(&config, file_with("[zoom]\napi_base = https://zoom.us\n"), &err), err);
    ck_assert_str_eq(config_text(config, "restream", "api_base"), "http://127.0.0.2:8099");
    ck_assert_str_eq(config_text(config, "zoom", "api_base"), "http://127.0.0.3:8099");
    ck_assert_str_eq(config_text(config, "facebook", "auth_base"), "http://127.0.0.9:8099");
    ck_assert_str_eq(config_text(config, "jitsi", "api_base"), "https://meet.example");
    for (int p = 0; p < PLATFORM_COUNT; p++)
        ck_assert(config_simulated(config, platform_slug((enum platform_id)p)));
}
END_TEST

START_TEST(simulator_is_on_this_machine)
{
    static const char *const wrong[] = { "http://example.org:80",  "https://127.0.0.1:80",
                                         "http://127.0.0.1",       "http://127.0.0.1:80/x",
                                         "http://127.evil.org:80", "http://127.0.0.1:0",
                                         "http://127.0.0.1:99999", "http://127.0.0.1@e.org:8",
                                         "127.0.0.1:80",           "http://127.0.0.1:80:80" };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        setenv("ECCLESIA_SIM", wrong[i], 1);
        if (config_load(&config, NULL, &err) || err.kind != ERROR_CONFIG)
            ck_abort_msg("%s was taken", wrong[i]);
    }
}
END_TEST

START_TEST(durations)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = { { "250ms", 250 },   { "30", 30000 },     { "30s", 30000 }, { "5m", 300000 },
                 { "6h", 21600000 }, { "7d", 604800000 }, { "0", 0 } };
    static const char *const bad[] = {
        "", "s", "5 m", "-5s", "5w", "1.5s", "99999999999999999999s", "9999999999999d"
    };

    TEST_OK(config_load(&config, NULL, &err), err);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        TEST_OK(config_set(config, "wait", "default", good[i].text, &err), err);
        ck_assert_int_eq(config_ms(config, "wait", "default"), good[i].ms);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        TEST_FAILS(config_set(config, "wait", "default", bad[i], &err), err, ERROR_CONFIG);
    ck_assert_int_eq(config_ms(config, "wait", "default"), 0);
}
END_TEST

START_TEST(home_is_expanded)
{
    char path[200];

    setenv("HOME", "/home/anna", 1);
    TEST_OK(config_load(&config, NULL, &err), err);
    TEST_OK(config_set(config, "log", "file", "~/trace.log", &err), err);
    ck_assert_str_eq(config_text(config, "log", "file"), "/home/anna/trace.log");
    unsetenv("XDG_DATA_HOME");
    TEST_OK(config_data_path(path, sizeof(path), &err), err);
    ck_assert_str_eq(path, "/home/anna/.local/share/ecclesia/ecclesia.db");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    TEST_OK(config_directory(path, sizeof(path), &err), err);
    ck_assert_str_eq(path, "/home/anna/.config/ecclesia");
    TEST_FAILS(config_directory(path, 10, &err), err, ERROR_CONFIG);
}
END_TEST

static void count_key(void *count, const char *section, const char *key, const char *value)
{
    ck_assert_msg(strncmp(section, "keys", 4) == 0 && *key && *value, "[%s] %s", section, key);
    ++*(int *)count;
}

START_TEST(keys_are_walked)
{
    int count = 0;

    TEST_OK(config_load(&config,
                        file_with("[keys]\nq = quit\n[keys streams]\ns = start\n[log]\nfile = -\n"),
                        &err),
            err);
    config_each(config, "keys", count_key, &count);
    ck_assert_int_eq(count, 2);
}
END_TEST

TEST_MAIN_FIXTURE("config", setup, teardown, defaults_are_there,
                  every_default_is_a_value_of_its_type, slugs_are_those_of_the_records,
                  file_is_read, mistakes_name_file_and_line, a_long_line_does_not_shift_the_count,
                  named_file_must_exist, environment_goes_before_files, wrong_variables_are_errors,
                  simulator_takes_all_platforms, simulator_is_on_this_machine, durations,
                  home_is_expanded, keys_are_walked)

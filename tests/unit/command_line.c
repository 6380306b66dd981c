#include "testlib.h"

#include <stdlib.h>
#include <string.h>

#include "command/private.h"

static struct error err;

static void setup(void)
{
    error_clear(&err);
}

/* ---- cutting a line ---- */

static void cuts(const char *line, size_t wanted, const char *const *words)
{
    char **got;
    size_t count;

    TEST_OK(command_split(line, &got, &count, &err), err);
    ck_assert_msg(count == wanted, "%s: %zu words", line, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(got[i], words[i]);
        free(got[i]);
    }
    free(got);
}

START_TEST(lines_are_cut_as_a_shell_does)
{
    cuts("", 0, NULL);
    cuts("  \t ", 0, NULL);
    cuts("a b", 2, (const char *const[]){ "a", "b" });
    cuts("  a   b  ", 2, (const char *const[]){ "a", "b" });
    cuts("--title 'Sunday Service'", 2, (const char *const[]){ "--title", "Sunday Service" });
    cuts("--title=\"St Mark's\" x", 2, (const char *const[]){ "--title=St Mark's", "x" });
    cuts("a\\ b \\' \\\"", 3, (const char *const[]){ "a b", "'", "\"" });
    cuts("\"a\\\"b\" 'c\\d'", 2, (const char *const[]){ "a\"b", "c\\d" });
    cuts("'' x \"\"", 3, (const char *const[]){ "", "x", "" });
    cuts("a'b'\"c\"d", 1, (const char *const[]){ "abcd" });
}
END_TEST

START_TEST(open_quotes_are_refused)
{
    static const char *const lines[] = { "'", "a \"b", "x 'it", "St Mark's" };
    char **words;
    size_t count;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        TEST_FAILS(command_split(lines[i], &words, &count, &err), err, ERROR_USAGE);
        ck_assert_ptr_null(words);
    }
}
END_TEST

/* ---- finding ---- */

START_TEST(the_longest_words_win)
{
    static const char *const argv[] = { "livestream", "start", "abc" };
    int used;
    const struct command *command = command_find(3, argv, &used);

    ck_assert_ptr_nonnull(command);
    ck_assert_str_eq(command->words, "livestream start");
    ck_assert_int_eq(used, 2);
    ck_assert_ptr_null(command_find(1, argv, &used));
    ck_assert_ptr_null(command_find(0, argv, &used));
}
END_TEST

START_TEST(the_table_is_sound)
{
    for (size_t i = 0; i < command_count; i++) {
        const struct command *c = &commands[i];
        int used;
        char **words;
        size_t count;

        ck_assert_msg(c->run && c->args && c->help && c->example, "%s", c->words);
        ck_assert_msg(c->help[strlen(c->help) - 1] == '.', "%s", c->words);
        for (const struct command_option *o = c->options; o && o->name; o++)
            ck_assert_msg(o->help && *o->help, "%s %s", c->words, o->name);
        /* The example is a line that this command takes. */
        TEST_OK(command_split(c->example, &words, &count, &err), err);
        ck_assert_str_eq(words[0], "ecclesia");
        ck_assert_msg(command_find((int)count - 1, (const char *const *)words + 1, &used) == c,
                      "%s", c->example);
        for (size_t w = 0; w < count; w++)
            free(words[w]);
        free(words);
    }
    ck_assert_ptr_null(commands[command_count].words);
}
END_TEST

/* ---- options ---- */

static struct command_line line;

static bool parse(const char *const *argv, int argc)
{
    int used;
    const struct command *command = command_find(argc, argv, &used);

    ck_assert_ptr_nonnull(command);
    error_clear(&err);
    return line_parse(&line, command, argc - used, argv + used, &err);
}
#define PARSE(...)                                                                                 \
    parse((const char *const[]){ __VA_ARGS__ },                                                    \
          sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

START_TEST(options_and_arguments_are_told_apart)
{
    const char *values[4];

    ck_assert(PARSE("livestream", "create", "--title", "A", "--platform=youtube", "--platform",
                    "zoom", "--wait=7"));
    ck_assert_str_eq(command_value(&line, "--title"), "A");
    ck_assert_uint_eq(command_values(&line, "--platform", values, 4), 2);
    ck_assert_str_eq(values[0], "youtube");
    ck_assert_str_eq(values[1], "zoom");
    ck_assert_str_eq(command_value(&line, "--wait"), "7");
    ck_assert_ptr_null(command_value(&line, "--end"));
    ck_assert(PARSE("livestream", "retry", "--wait", "abc", "youtube"));
    ck_assert_str_eq(command_argument(&line, 0), "abc");
    ck_assert_str_eq(command_argument(&line, 1), "youtube");
    ck_assert_ptr_null(command_argument(&line, 2));
    ck_assert_str_eq(command_value(&line, "--wait"), "");
    ck_assert(PARSE("livestream", "show", "--", "--odd title"));
    ck_assert_str_eq(command_argument(&line, 0), "--odd title");
    ck_assert(PARSE("livestream", "create", "--title", "--json", "--platform", "youtube"));
    ck_assert_str_eq(command_value(&line, "--title"), "--json");
    ck_assert(PARSE("connection", "check"));
}
END_TEST

static void wrong(bool taken, const char *part)
{
    ck_assert_msg(!taken, "taken, though \"%s\"", part);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_assert_msg(strstr(err.message, part) != NULL, "no \"%s\" in: %s", part, err.message);
    ck_assert(*err.remedy);
}

START_TEST(wrong_words_are_named)
{
    wrong(PARSE("livestream", "show"), "ID is missing");
    wrong(PARSE("livestream", "retry", "abc"), "PLATFORM is missing");
    wrong(PARSE("livestream", "show", "a", "b"), "\"b\" is too much");
    wrong(PARSE("livestream", "show", "--titel", "a"), "no option --titel");
    wrong(PARSE("livestream", "create", "--platform", "zoom"), "--title is missing");
    wrong(PARSE("livestream", "create", "--title", "x"), "--platform is missing");
    wrong(PARSE("livestream", "create", "--title"), "--title wants a value");
    wrong(PARSE("livestream", "list", "--limit", "1", "--limit", "2"), "given twice");
    wrong(PARSE("log", "-f=1"), "takes no value");
    wrong(PARSE("version", "x"), "too much");
}
END_TEST

START_TEST(usage_shows_the_form)
{
    struct text t;
    int used;

    text_init(&t, 1000);
    ck_assert(
        command_usage(command_find(2, (const char *const[]){ "livestream", "retry" }, &used), &t));
    ck_assert_str_eq(text_str(&t), "livestream retry ID PLATFORM [--wait[=SECONDS]]");
    text_clear(&t);
    ck_assert(
        command_usage(command_find(2, (const char *const[]){ "church", "create" }, &used), &t));
    ck_assert_str_eq(text_str(&t), "church create SLUG --name NAME --time-zone ZONE");
    text_release(&t);
}
END_TEST

START_TEST(unknown_commands_are_refused)
{
    struct command_context none = { .engine = NULL };
    struct command_result r;

    TEST_FAILS(command_run_line(&none, "", &r, &err), err, ERROR_USAGE);
    TEST_FAILS(command_run_line(&none, "fly", &r, &err), err, ERROR_USAGE);
    TEST_FAILS(command_run_line(&none, "livestream fly", &r, &err), err, ERROR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.remedy, "create"));
    TEST_FAILS(command_run_line(&none, "help fly", &r, &err), err, ERROR_USAGE);
}
END_TEST

START_TEST(help_and_version_need_no_engine)
{
    struct command_context none = { .engine = NULL };
    struct command_result r;

    TEST_OK(command_run_line(&none, "version", &r, &err), err);
    ck_assert_ptr_nonnull(json_string(r.json, "version"));
    command_result_release(&r);
    TEST_OK(command_run_line(&none, "help livestream", &r, &err), err);
    ck_assert_int_ge(cJSON_GetArraySize(cJSON_GetObjectItem(r.json, "items")), 9);
    command_result_release(&r);
    TEST_OK(command_run_line(&none, "platform list", &r, &err), err);
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(r.json, "items")), PLATFORM_COUNT);
    command_result_release(&r);
}
END_TEST

/* ---- values ---- */

static bool targets(struct targets *t, const char *words, unsigned fits)
{
    ck_assert(PARSE("livestream", "edit", "abc", "--platform", words));
    return take_targets(&line, fits, t, &err);
}

START_TEST(settings_follow_the_platform)
{
    struct targets t;

    ck_assert(targets(&t, "youtube", PLATFORM_LIVESTREAMS));
    ck_assert_int_eq(t.list[0].platform, PLATFORM_YOUTUBE);
    targets_release(&t);
    ck_assert_msg(targets(&t, "youtube:privacy=unlisted", PLATFORM_LIVESTREAMS), "%s", err.message);
    ck_assert_str_eq(json_string(t.settings[0], "privacy"), "unlisted");
    targets_release(&t);
    ck_assert(PARSE("livestream", "edit", "abc", "--platform", "youtube", "--platform", "youtube"));
    TEST_FAILS(take_targets(&line, PLATFORM_LIVESTREAMS, &t, &err), err, ERROR_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "twice"));
}
END_TEST

START_TEST(wrong_settings_are_named)
{
    static const struct {
        const char *words;
        unsigned fits;
        const char *part;
    } bad[] = {
        { "youtub", PLATFORM_LIVESTREAMS, "no platform \"youtub\"" },
        { "zoom", PLATFORM_LIVESTREAMS, "Zoom has no livestreams" },
        { "youtube", PLATFORM_MEETINGS, "YouTube has no meetings" },
        { "youtube:privacy", PLATFORM_LIVESTREAMS, "not a setting" },
        { "youtube:=x", PLATFORM_LIVESTREAMS, "not a setting" },
        { "youtube:privacy=a,privacy=b", PLATFORM_LIVESTREAMS, "set twice" },
        { "youtube:colour=red", PLATFORM_LIVESTREAMS, "colour" },
        { "youtube:privacy=secret", PLATFORM_LIVESTREAMS, "privacy" },
    };
    struct targets t;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(!targets(&t, bad[i].words, bad[i].fits), "%s was taken", bad[i].words);
        ck_assert_int_eq(err.kind, ERROR_INPUT);
        ck_assert_msg(strstr(err.message, bad[i].part) != NULL, "%s: %s", bad[i].words,
                      err.message);
        targets_release(&t);
    }
}
END_TEST

static int64_t when(const char *option, const char *value, int64_t base)
{
    struct command_context c = { .church = { .zone = (char *)"Europe/London" } };
    bool set;
    int64_t ms;

    ck_assert(PARSE("livestream", "edit", "abc", option, value));
    error_clear(&err);
    if (!take_when(&c, &line, option, base, &set, &ms, &err))
        return -1;
    ck_assert(set);
    return ms;
}

START_TEST(times_are_the_churchs)
{
    clock_fix(1795343321000); /* 2026-11-22T10:28:41Z, a Sunday */
    ck_assert_int_eq(when("--start", "now", 0), 1795343321000);
    ck_assert_int_eq(when("--start", "none", 0), 0);
    ck_assert_int_eq(when("--start", "+90m", 0), 1795343321000 + 90 * 60000);
    ck_assert_int_eq(when("--start", "-90m", 0), 1795343321000 - 90 * 60000);
    ck_assert_int_eq(when("--end", "+90m", 1000000000), 1000000000 + 90 * 60000);
    ck_assert_int_eq(when("--end", "today 12:00", 1000000000), 1795348800000);
    ck_assert_int_eq(when("--start", "soonish", 0), -1);
    ck_assert_int_eq(err.kind, ERROR_INPUT);
    ck_assert_msg(strncmp(err.message, "--start: ", 9) == 0, "%s", err.message);
}
END_TEST

START_TEST(wait_takes_seconds)
{
    struct command_context none = { .engine = NULL };
    struct command_result r = { .waits = false };

    ck_assert(PARSE("livestream", "start", "abc"));
    TEST_OK(take_wait(&none, &line, &r, &err), err);
    ck_assert(!r.waits);
    ck_assert(PARSE("livestream", "start", "abc", "--wait=90"));
    TEST_OK(take_wait(&none, &line, &r, &err), err);
    ck_assert(r.waits && r.wait_ms == 90000);
    ck_assert(PARSE("livestream", "start", "abc", "--wait=2m"));
    TEST_OK(take_wait(&none, &line, &r, &err), err);
    ck_assert_int_eq(r.wait_ms, 120000);
    ck_assert(PARSE("livestream", "start", "abc", "--wait=soon"));
    TEST_FAILS(take_wait(&none, &line, &r, &err), err, ERROR_USAGE);
}
END_TEST

/* ---- completion ---- */

static void completes(const char *text, const char *wanted)
{
    char *out[64];
    size_t count = command_complete(NULL, text, out, 64);
    struct text all;

    text_init(&all, 4000);
    for (size_t i = 0; i < count; i++) {
        text_addf(&all, "%s%s", i ? "|" : "", out[i]);
        free(out[i]);
    }
    ck_assert_msg(strcmp(text_str(&all), wanted) == 0, "\"%s\" gave %s", text, text_str(&all));
    text_release(&all);
}

START_TEST(half_typed_words_are_completed)
{
    completes("ve", "version");
    completes("livestream sto", "stop");
    completes("livestream st", "start|stop");
    completes("church ", "list|create");
    completes("connect zo", "zoom");
    completes("livestream list --st", "--status");
    completes("livestream list --status l", "live");
    completes("livestream create --platform you", "youtube");
    completes("livestream create --platform youtube:privacy=p",
              "youtube:privacy=public|youtube:privacy=private");
    completes("livestream start --w", "--wait");
    completes("log --level w", "warning");
    completes("nothing ", "");
    completes("\"", "");
}
END_TEST

TEST_MAIN_FIXTURE("command_line", setup, NULL, lines_are_cut_as_a_shell_does,
                  open_quotes_are_refused, the_longest_words_win, the_table_is_sound,
                  options_and_arguments_are_told_apart, wrong_words_are_named, usage_shows_the_form,
                  unknown_commands_are_refused, help_and_version_need_no_engine,
                  settings_follow_the_platform, wrong_settings_are_named, times_are_the_churchs,
                  wait_takes_seconds, half_typed_words_are_completed)

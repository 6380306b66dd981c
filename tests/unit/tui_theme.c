/* Themes: the file that ships and what is compiled in are the same; a wrong line is named. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testlib.h"
#include "tui/widgets/theme.h"

static char *read_theme(const char *path)
{
    char *text = test_read_file(path, NULL);

    ck_assert_msg(text != NULL, "%s is missing", path);
    return text;
}

/* Every role is in the file: so that leaving one out does not hide behind the default. */
static void check_complete(const char *text)
{
    for (int look = 0; look < LOOK_COUNT; look++) {
        char line[80];

        snprintf(line, sizeof line, "\n%s ", theme_look_name((enum look)look));
        ck_assert_msg(strstr(text, line) != NULL, "%s is not in the file",
                      theme_look_name((enum look)look));
    }
}

static void check_same(const struct theme *a, const struct theme *b)
{
    for (int look = 0; look < LOOK_COUNT; look++) {
        for (int depth = 0; depth < THEME_DEPTHS; depth++) {
            const struct theme_style *s = &a->style[look][depth], *t = &b->style[look][depth];

            ck_assert_msg(s->fore == t->fore && s->back == t->back && s->flags == t->flags,
                          "%s differs in column %d", theme_look_name((enum look)look), depth + 1);
        }
    }
}

START_TEST(the_dark_file_is_the_default)
{
    struct theme built_in, file;
    struct error err;
    char *text = read_theme("themes/dark.theme");

    theme_dark(&built_in);
    memset(&file, 0x5a, sizeof file);
    TEST_OK(theme_parse(&file, text, "dark", &err), err);
    check_same(&built_in, &file);
    check_complete(text);
    free(text);
}
END_TEST

START_TEST(the_mono_file_is_the_built_in_one)
{
    struct theme built_in, file;
    struct error err;
    char *text = read_theme("themes/mono.theme");

    theme_mono(&built_in);
    theme_dark(&file);
    TEST_OK(theme_parse(&file, text, "mono", &err), err);
    check_same(&built_in, &file);
    check_complete(text);
    for (int look = 0; look < LOOK_COUNT; look++)
        for (int depth = 0; depth < THEME_DEPTHS; depth++)
            ck_assert_int_eq(file.style[look][depth].fore, THEME_OWN);
    free(text);
}
END_TEST

START_TEST(columns_are_read)
{
    struct theme t;
    struct error err;

    theme_dark(&t);
    TEST_OK(theme_parse(&t,
                        "; a comment\n\n status.live = #5fAf5f on 24 bold ; why | green | bold\n",
                        "x", &err),
            err);
    ck_assert_int_eq(t.style[LOOK_LIVE][THEME_FULL].fore, THEME_RGB | 0x5faf5f);
    ck_assert_int_eq(t.style[LOOK_LIVE][THEME_FULL].back, 24);
    ck_assert_uint_eq(t.style[LOOK_LIVE][THEME_FULL].flags, STYLE_BOLD);
    TEST_OK(theme_parse(&t, "status.live = default | bright-green on red | reverse underline", "x",
                        &err),
            err);
    ck_assert_int_eq(t.style[LOOK_LIVE][THEME_SIXTEEN].fore, 10);
    ck_assert_int_eq(t.style[LOOK_LIVE][THEME_SIXTEEN].back, 1);
    ck_assert_uint_eq(t.style[LOOK_LIVE][THEME_MONO].flags, STYLE_REVERSE | STYLE_UNDERLINE);
}
END_TEST

START_TEST(columns_left_out_stay)
{
    struct theme t, before;
    struct error err;

    theme_dark(&t);
    before = t;
    TEST_OK(theme_parse(&t, "status.failed = 200", "x", &err), err);
    ck_assert_int_eq(t.style[LOOK_FAILED][THEME_FULL].fore, 200);
    ck_assert_int_eq(t.style[LOOK_FAILED][THEME_SIXTEEN].fore,
                     before.style[LOOK_FAILED][THEME_SIXTEEN].fore);
    ck_assert_uint_eq(t.style[LOOK_FAILED][THEME_MONO].flags,
                      before.style[LOOK_FAILED][THEME_MONO].flags);
}
END_TEST

static const struct {
    const char *text, *line, *word;
} wrong[] = {
    { "text = default\nstatus.lvie = green\n", "line 2", "status.lvie" },
    { "\n\nstatus.live green\n", "line 3", "=" },
    { "status.live = grren", "line 1", "grren" },
    { "status.live = #12345", "line 1", "#12345" },
    { "status.live = #12345g", "line 1", "#12345g" },
    { "status.live = 256", "line 1", "256" },
    { "status.live = green on", "line 1", "on" },
    { "status.live = green on bold", "line 1", "bold" },
    { "status.live = green | green | bold | bold", "line 1", "more than three" },
    { "status.live = green | | shiny", "line 1", "shiny" },
};

START_TEST(a_wrong_line_is_named)
{
    struct theme t, before;
    struct error err;

    theme_dark(&t);
    before = t;
    TEST_FAILS(theme_parse(&t, wrong[_i].text, "mine", &err), err, ERROR_CONFIG);
    ck_assert_msg(strstr(err.message, "mine") != NULL &&
                      strstr(err.message, wrong[_i].line) != NULL &&
                      strstr(err.message, wrong[_i].word) != NULL,
                  "%s", err.message);
    ck_assert(err.remedy[0] != '\0');
    check_same(&t, &before);
}
END_TEST

START_TEST(a_file_is_found_by_its_path)
{
    const char *path = test_path(test_dir(), "own.theme");
    struct theme t, dark;
    struct error err;

    test_write_file(path, "status.live = 99\n", 17);
    TEST_OK(theme_load(&t, path, &err), err);
    ck_assert_int_eq(t.style[LOOK_LIVE][THEME_FULL].fore, 99);
    test_write_file(path, "status.live = 999\n", 18);
    TEST_FAILS(theme_load(&t, path, &err), err, ERROR_CONFIG);
    theme_dark(&dark);
    check_same(&t, &dark);
    TEST_FAILS(theme_load(&t, "no-such", &err), err, ERROR_CONFIG);
    ck_assert(strstr(err.message, "no-such") != NULL);
    check_same(&t, &dark);
}
END_TEST

START_TEST(nearest_colours)
{
    ck_assert_int_eq(theme_nearest(0x000000), 16);
    ck_assert_int_eq(theme_nearest(0xffffff), 231);
    ck_assert_int_eq(theme_nearest(0xff0000), 196);
    ck_assert_int_eq(theme_nearest(0x808080), 244);
    ck_assert_int_eq(theme_nearest(0x5fd75f), 77);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tui_theme");
    TCase *all = tcase_create("all");

    tcase_add_test(all, the_dark_file_is_the_default);
    tcase_add_test(all, the_mono_file_is_the_built_in_one);
    tcase_add_test(all, columns_are_read);
    tcase_add_test(all, columns_left_out_stay);
    tcase_add_loop_test(all, a_wrong_line_is_named, 0, sizeof wrong / sizeof wrong[0]);
    tcase_add_test(all, a_file_is_found_by_its_path);
    tcase_add_test(all, nearest_colours);
    suite_add_tcase(suite, all);
    return test_run(suite);
}

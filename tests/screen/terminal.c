/* Any size, any text, any depth of colour; and nothing is written while nothing changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NCURSES_NOMACROS 1
#include <curses.h>

#include <ecclesia/base/id.h>
#include <ecclesia/base/text.h>

#include "screenlib.h"
#include "testlib.h"

static struct stage stage;
static struct screen screen;

static void setup(void)
{
    stage_start(&stage);
    screen_defaults(&screen);
}

static void teardown(void)
{
    screen_close(&screen);
    stage_release(&stage);
}

/* ---- size ---- */

START_TEST(too_small)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, 9, 39);
    screen_golden("too_small.39x9");
    screen_keys(&screen, "x s 1 D n"); /* nothing that is not seen */
    screen_resize(&screen, 24, 80);
    screen_expect("[2 Streams]");
    screen_expect_not("[ Cancel ]");
    screen_resize(&screen, 5, 20);
    screen_keys(&screen, "colon 'livestream list' enter");
    {
        char *ran = stage_ran(&stage);

        ck_assert_str_eq(ran, "livestream|list\n");
        free(ran);
    }
    stage.worker = "pid 1";
    screen_keys(&screen, "q");
    ck_assert(console_quit(screen.console));
}
END_TEST

/* What can be open while the size changes. */
static const char *const states[] = { "",    "enter",       "n",   "x", "?",   "o",    "o enter",
                                      "L L", "colon l tab", "/ e", "1", "3 n", "1 j c" };

START_TEST(every_size)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, states[_i]);
    for (int rows = 1; rows <= 40; rows += rows < 14 ? 1 : 5) {
        for (int columns = 1; columns <= 130; columns += columns < 44 ? 1 : 9) {
            screen_resize(&screen, rows, columns);
            ck_assert_int_eq(LINES, rows);
            ck_assert_int_eq(COLS, columns);
        }
    }
    screen_resize(&screen, 24, 80);
    if (states[_i][0] == '\0')
        screen_golden("streams.80x24");
}
END_TEST

/* ---- text ---- */

START_TEST(hostile_text)
{
    struct livestream *l = stage_stream(&stage,
                                        "\033]0;owned\a\033[2J\xc2\x9b"
                                        "31m\xff\xfe \xe2\x80\xae"
                                        "evil\nline\ttab",
                                        STAGE_NOW, LIVESTREAM_SCHEDULED);
    struct target *t =
        stage_stream_target(l, PLATFORM_YOUTUBE, TARGET_FAILED, "https://x.example/\033[31m");

    text_replace(&t->error, "\033[41m%s%n\r\nrefused");
    text_replace(&t->remedy, "\033[5mrun");
    stage_event(&stage, STAGE_NOW, EVENT_INFO, -1,
                "a\033[2Jb\rc\x7f"
                "d",
                "\033]52;c;AAAA\a");
    stage.church = "\033[1mSt %s";
    stage_connect(&stage, PLATFORM_ZOOM, CONNECTION_CONNECTED, "\033[31mred");
    screen_open(&screen, &stage.source, 24, 80);
    screen_golden("hostile.80x24");
    screen_keys(&screen, "enter");
    screen_keys(&screen, "1");
    screen_keys(&screen, "2 esc e");
    screen_expect("Edit ");
    screen_keys(&screen, "esc d");
    ck_assert(
        !screen_has_written(&screen, 0, "owned\a") && !screen_has_written(&screen, 0, "\033]52") &&
        !screen_has_written(&screen, 0, "\033]0;") && !screen_has_written(&screen, 0, "\033[5m"));
}
END_TEST

START_TEST(wide_text)
{
    struct livestream *l = stage_stream(&stage, "主日崇拜 한국어 예배 עברית ñandú e\xcc\x81",
                                        STAGE_NOW + 3600000, LIVESTREAM_SCHEDULED);

    stage_stream_target(l, PLATFORM_YOUTUBE, TARGET_PENDING, "");
    stage_stream(&stage, "一二三四五六七八九十一二三四五六七八九十", STAGE_NOW + 7200000,
                 LIVESTREAM_SCHEDULED);
    screen_open(&screen, &stage.source, 24, 80);
    screen_golden("wide.80x24");
    screen_resize(&screen, 10, 41);
    screen_keys(&screen, "e");
    screen_keys(&screen, "left left left backspace end x");
    screen_expect("x");
}
END_TEST

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Keys as a child on the keyboard presses them, at sizes that change: nothing falls over, and
 * nothing dangerous happens without a yes. */
START_TEST(any_keys)
{
    static const int special[] = { 27,
                                   '\r',
                                   '\t',
                                   127,
                                   ' ',
                                   CONSOLE_FUNCTION + KEY_UP,
                                   CONSOLE_FUNCTION + KEY_DOWN,
                                   CONSOLE_FUNCTION + KEY_LEFT,
                                   CONSOLE_FUNCTION + KEY_RIGHT,
                                   CONSOLE_FUNCTION + KEY_NPAGE,
                                   CONSOLE_FUNCTION + KEY_PPAGE,
                                   CONSOLE_FUNCTION + KEY_HOME,
                                   CONSOLE_FUNCTION + KEY_END,
                                   CONSOLE_FUNCTION + KEY_DC,
                                   CONSOLE_FUNCTION + KEY_BTAB,
                                   CONSOLE_FUNCTION + KEY_F(1),
                                   CONSOLE_PASTE_BEGIN,
                                   CONSOLE_PASTE_END,
                                   CONSOLE_FUNCTION + 999 };
    unsigned state = (unsigned)test_seed() + (unsigned)_i;

    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    for (int i = 0; i < 3000; i++) {
        unsigned r = next_random(&state);

        if (r % 97 == 0)
            screen_resize(&screen, 1 + (int)(next_random(&state) % 40),
                          1 + (int)(next_random(&state) % 120));
        console_key(screen.console, r % 3 == 0
                                        ? special[r / 3 % (sizeof special / sizeof special[0])]
                                    : r % 50 == 1 ? (int)(next_random(&state) % 0x10ffff)
                                                  : (int)(1 + r / 3 % 126));
        if (i % 7 == 0)
            console_draw(screen.console);
        console_asks(screen.console);
        if (r % 200 == 3)
            console_reload(screen.console);
    }
    screen_settle(&screen);
    screen_resize(&screen, 24, 80);
}
END_TEST

/* ---- colour ---- */

START_TEST(status_has_a_colour)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    ck_assert_int_ne(screen_pair("● YouTube"), screen_pair("✗ Instagram"));
    ck_assert_int_ne(screen_pair("✗ Instagram"), 0);
}
END_TEST

static void check_no_colour(void)
{
    for (int i = 0; i < LINES * COLS; i++) {
        unsigned long attributes;
        int pair;

        screen_cell(i / COLS, i % COLS, &attributes, &pair);
        ck_assert_int_eq(pair, 0);
    }
    ck_assert_uint_ne(screen_attributes("▸ Sunday") & A_REVERSE, 0);
    ck_assert_uint_ne(screen_attributes("● LIVE") & A_BOLD, 0);
    ck_assert(!screen_has_written(&screen, 0, "38;5;") && !screen_has_written(&screen, 0, "48;5;"));
    for (int colour = 30; colour < 48; colour++) {
        char sequence[16];

        snprintf(sequence, sizeof sequence, "\033[%dm", colour);
        ck_assert(!screen_has_written(&screen, 0, sequence));
    }
}

START_TEST(no_color)
{
    stage_fill(&stage);
    screen.options.no_color = true;
    screen_open(&screen, &stage.source, 24, 80);
    screen_golden("streams.80x24");
    check_no_colour();
}
END_TEST

START_TEST(mono_theme)
{
    stage_fill(&stage);
    screen.options.theme = "mono";
    screen_open(&screen, &stage.source, 24, 80);
    check_no_colour();
    screen_keys(&screen, "colon 'theme dark' enter");
    ck_assert_int_ne(screen_pair("✗ Instagram"), 0);
    screen_keys(&screen, "colon 'theme mono' enter");
    ck_assert_int_eq(screen_pair("✗ Instagram"), 0);
}
END_TEST

START_TEST(wrong_theme)
{
    const char *path = test_path(test_dir(), "wrong.theme");

    test_write_file(path, "\nstatus.live = grren\n", 21);
    stage_fill(&stage);
    screen.options.theme = path;
    screen_open(&screen, &stage.source, 24, 80);
    screen_expect("Theme wrong.theme, line 2:");
    screen_expect("\"grren\" is neither a colour nor an attribute.");
    ck_assert_int_ne(screen_pair("✗ Instagram"), 0);
}
END_TEST

static const char *const terminals[] = { "xterm-256color", "xterm", "linux",
                                         "vt100",          "vt220", "screen-256color",
                                         "tmux-256color",  "dumb",  "ansi" };

START_TEST(every_terminal)
{
    stage_fill(&stage);
    setenv("TERM", terminals[_i], 1);
    screen_open(&screen, &stage.source, 24, 80);
    screen_golden("streams.80x24");
    screen_keys(&screen, "n esc x esc ? esc 1 3");
    screen_golden("meetings.80x24");
}
END_TEST

/* ---- what is written ---- */

START_TEST(idle_writes_nothing)
{
    long before;

    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    before = screen_written(&screen);
    ck_assert(before > 0);
    ck_assert(!console_draw(screen.console));
    /* The minute has not changed the clock: drawn anew, and nothing differs. */
    console_tick(screen.console);
    ck_assert(console_draw(screen.console));
    console_reload(screen.console);
    console_draw(screen.console);
    ck_assert_int_eq(screen_written(&screen), before);
    clock_fix(STAGE_NOW + STAGE_MINUTE);
    console_tick(screen.console);
    console_draw(screen.console);
    screen_expect("10:29");
    ck_assert_int_gt(screen_written(&screen), before);
    ck_assert_int_lt(screen_written(&screen) - before, 40);
}
END_TEST

START_TEST(a_step_writes_little)
{
    long before;

    stage_fill(&stage);
    for (int i = 0; i < 30; i++)
        stage_stream(&stage, "Another one", STAGE_NOW + i * STAGE_MINUTE, LIVESTREAM_SCHEDULED);
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "j j j j");
    before = screen_written(&screen);
    screen_keys(&screen, "j");
    ck_assert_int_lt(screen_written(&screen) - before, 400);
}
END_TEST

START_TEST(redraw_sends_all)
{
    long before;

    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    before = screen_written(&screen);
    screen_keys(&screen, "ctrl-l");
    ck_assert(screen_has_written(&screen, before, "Wednesday Bible Study"));
}
END_TEST

/* The clock's own minute is all that a screen without news shows: no counter ticks. */
START_TEST(stale_statuses_are_told)
{
    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 90);
    screen_expect("checked 10:28:37");
    clock_fix(STAGE_NOW + 4 * STAGE_MINUTE);
    console_tick(screen.console);
    console_draw(screen.console);
    screen_expect("not heard of since 10:28:37");
}
END_TEST

START_TEST(simulated_is_marked)
{
    stage.simulated = true;
    stage_fill(&stage);
    screen_open(&screen, &stage.source, 24, 80);
    for (int i = 1; i <= 3; i++) {
        char key[2] = { (char)('0' + i), '\0' };

        screen_keys(&screen, key);
        screen_expect(" SIMULATED ");
    }
    screen_keys(&screen, "n");
    screen_expect(" SIMULATED ");
    screen_resize(&screen, 10, 40);
    screen_expect(" SIM ");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("terminal");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, too_small);
    tcase_add_loop_test(all, every_size, 0, sizeof states / sizeof states[0]);
    tcase_add_test(all, hostile_text);
    tcase_add_test(all, wide_text);
    tcase_add_loop_test(all, any_keys, 0, 6);
    tcase_add_test(all, status_has_a_colour);
    tcase_add_test(all, no_color);
    tcase_add_test(all, mono_theme);
    tcase_add_test(all, wrong_theme);
    tcase_add_loop_test(all, every_terminal, 0, sizeof terminals / sizeof terminals[0]);
    tcase_add_test(all, idle_writes_nothing);
    tcase_add_test(all, a_step_writes_little);
    tcase_add_test(all, redraw_sends_all);
    tcase_add_test(all, stale_statuses_are_told);
    tcase_add_test(all, simulated_is_marked);
    suite_add_tcase(suite, all);
    return test_run(suite);
}

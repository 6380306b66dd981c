/* The log, the notice, the : line, links. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NCURSES_NOMACROS 1
#include <curses.h>

#include <ecclesia/base/text.h>

#include "screenlib.h"
#include "testlib.h"

static struct stage stage;
static struct screen screen;

static void setup(void)
{
    stage_start(&stage);
    stage_fill(&stage);
    screen_defaults(&screen);
}

static void teardown(void)
{
    screen_close(&screen);
    stage_release(&stage);
}

static void ran(const char *wanted)
{
    char *got = stage_ran(&stage);

    ck_assert_str_eq(got, wanted);
    free(got);
}

static void news(int64_t at_ms, enum event_level level, const char *text, const char *remedy)
{
    stage_event(&stage, at_ms, level, PLATFORM_ZOOM, text, remedy);
    console_reload(screen.console);
    console_draw(screen.console);
}

/* ---- the log ---- */

START_TEST(the_log_grows)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_expect_not("planned by mary");
    screen_keys(&screen, "L");
    screen_golden("log_large.80x24");
    screen_expect("Sunday Service: planned by mary");
    screen_keys(&screen, "L");
    screen_expect_not("Evening Prayer");
    screen_keys(&screen, "L");
    screen_expect("Evening Prayer");
}
END_TEST

START_TEST(the_log_is_filtered)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "l");
    screen_expect("Log · warnings and errors");
    screen_expect("no signal from the encoder");
    screen_expect_not("testing → live");
    screen_keys(&screen, "l");
    screen_expect("Log · errors");
    screen_expect_not("no signal from the encoder");
    screen_keys(&screen, "l");
    screen_expect("testing → live");
    screen_keys(&screen, "p");
    screen_expect("Log · Restream");
    screen_expect("no signal from the encoder");
    screen_expect_not("testing → live");
    screen_keys(&screen, "p");
    screen_expect("Nothing of this kind.");
    screen_keys(&screen, "p p p p p");
    screen_expect("testing → live");
    screen_expect("── Log ──");
}
END_TEST

/* Through all events and back, by line, page and end; what comes meanwhile moves nothing. */
START_TEST(the_log_scrolls)
{
    char text[40];

    for (int i = 0; i < 50; i++) {
        snprintf(text, sizeof text, "number %02d", i);
        stage_event(&stage, STAGE_NOW - 50 + i, EVENT_INFO, -1, text, "");
    }
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "L L");
    screen_expect("number 49");
    screen_expect("number 31");
    screen_expect_not("number 30");
    screen_keys(&screen, "k");
    screen_expect("Log · earlier");
    screen_expect("number 30");
    screen_expect_not("number 49");
    news(STAGE_NOW, EVENT_INFO, "number 50", "");
    screen_expect("number 48");
    screen_expect_not("number 50");
    screen_keys(&screen, "pgup");
    screen_expect("number 11");
    screen_keys(&screen, "g");
    screen_expect("planned by mary");
    screen_expect("number 12");
    screen_keys(&screen, "k");
    screen_expect("planned by mary");
    screen_keys(&screen, "down pgdn");
    screen_expect_not("planned by mary");
    screen_keys(&screen, "G");
    screen_expect("number 50");
    screen_expect_not("earlier");
    screen_keys(&screen, "up j");
    screen_expect("number 50");
    screen_keys(&screen, "esc");
    screen_expect("Evening Prayer");
}
END_TEST

START_TEST(other_days_have_a_date)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "L");
    screen_expect(" 21 Nov                 Sunday Service: planned by mary");
}
END_TEST

/* ---- the notice ---- */

START_TEST(a_failure_stays_until_it_is_seen)
{
    long before;

    screen_open(&screen, &stage.source, 24, 80);
    screen_expect_not("Esc: seen"); /* what was before is no news */
    news(STAGE_NOW, EVENT_WARNING, "Elders: Zoom is slow", "");
    screen_expect_not("Esc: seen");
    before = screen_written(&screen);
    news(STAGE_NOW, EVENT_ERROR, "Elders: Zoom refused it.", "Press r to try again.");
    screen_expect(" ▲ Elders: Zoom refused it.  Press r to try again.");
    screen_golden("notice.80x24");
    ck_assert_msg(screen_has_written(&screen, before, "\a"), "no bell");
    before = screen_written(&screen);
    screen_keys(&screen, "j 1 3 2 L");
    screen_expect("Esc: seen");
    ck_assert_msg(!screen_has_written(&screen, before, "\a"), "the bell rang twice");
    screen_keys(&screen, "L L esc");
    screen_expect_not("Esc: seen");
    console_reload(screen.console);
    console_draw(screen.console);
    screen_expect_not("Esc: seen");
    news(STAGE_NOW, EVENT_ERROR, "Elders: and again.", "");
    screen_expect("Elders: and again.");
}
END_TEST

/* ---- the : line ---- */

START_TEST(a_line_is_run)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "colon 'livestream start \"Sunday Service\" --wait' enter");
    ran("livestream|start|Sunday Service|--wait\n");
    screen_expect("Done as asked.");
    screen_keys(&screen, "colon 'livestream start \"Sunday' enter");
    screen_expect("A quote is not closed.");
    screen_keys(&screen, "esc colon 'help' enter");
    screen_expect("Keys of Streams");
    screen_keys(&screen, "esc colon 'theme nothing' enter");
    screen_expect("There is no theme \"nothing\".");
    /* Typed or pressed: while a broadcast is live it asks. */
    screen_keys(&screen, "esc colon 'q' enter");
    ck_assert(!console_quit(screen.console));
    screen_keys(&screen, "tab enter");
    ck_assert(console_quit(screen.console));
}
END_TEST

START_TEST(lines_come_back)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(
        &screen,
        "colon 'meeting list' enter colon 'livestream list' enter colon 'livestream list' enter");
    screen_keys(&screen, "colon 'connect zoom --set client_secret=s3cret' enter");
    screen_keys(&screen, "colon up");
    screen_expect(":livestream list");
    screen_keys(&screen, "up");
    screen_expect(":meeting list");
    screen_keys(&screen, "up up down");
    screen_expect(":livestream list");
    screen_keys(&screen, "down");
    screen_expect_not(":livestream");
    screen_keys(&screen, "esc");
    screen_expect("q Quit");
}
END_TEST

START_TEST(tab_completes)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "colon l tab");
    screen_expect(":livestream list");
    screen_expect("livestream start");
    screen_keys(&screen, "tab");
    screen_expect(":livestream start");
    screen_keys(&screen, "tab tab");
    screen_expect(":livestream list");
    screen_keys(&screen, "backtab");
    screen_expect(":livestream stop");
    screen_keys(&screen, "ctrl-u m tab enter");
    ran("meeting|list\n");
    screen_keys(&screen, "colon q tab");
    screen_expect(":quit");
}
END_TEST

START_TEST(own_keys_run_lines)
{
    struct config *config = NULL;
    struct error err;

    TEST_OK(config_load(&config, "/dev/null", &err), err);
    TEST_OK(config_set(config, "keys streams", "f5", "livestream start {id} --wait", &err), err);
    TEST_OK(config_set(config, "keys streams", "S", "start", &err), err);
    TEST_OK(config_set(config, "keys streams", "s", "none", &err), err);
    screen.options.config = config;
    screen_open(&screen, &stage.source, 24, 80);
    screen_expect("S Start");
    screen_keys(&screen, "s f5");
    ran("livestream|start|b0000000000000000000000000000000|--wait\n");
    screen_keys(&screen, "j S");
    ran("livestream|start|b0000000000000000000000000000000|--wait\nlivestream|start|"
        "b0000000000000000000000000000001\n");
    screen_keys(&screen, "? G");
    screen_expect("F5             Runs: livestream start {id} --wait");
    config_free(config);
    screen.options.config = NULL;
}
END_TEST

START_TEST(wrong_keys_are_told)
{
    struct config *config = NULL;
    struct error err;

    TEST_OK(config_load(&config, "/dev/null", &err), err);
    TEST_OK(config_set(config, "keys streams", "s", "strat", &err), err);
    screen.options.config = config;
    screen_open(&screen, &stage.source, 24, 80);
    screen_expect("[keys streams] s: there is no action \"strat\".");
    screen_expect("s Start");
    config_free(config);
}
END_TEST

/* ---- links ---- */

START_TEST(links_are_copied)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "o");
    screen_golden("links.80x24");
    screen_keys(&screen, "j c");
    ck_assert_str_eq(screen.sent, "\033]52;c;aHR0cHM6Ly9mYi53YXRjaC85eFFxMWFCY0RlLw==\a");
    screen_expect("https://fb.watch/9xQq1aBcDe/ was sent to your clipboard.");
    screen_keys(&screen, "esc");
    screen_expect("Wednesday");
    screen_keys(&screen, "j j o");
    screen_expect("Wednesday Bible Study has no links yet");
}
END_TEST

START_TEST(without_a_clipboard)
{
    screen.options.write_terminal = NULL;
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "o c");
    screen_expect("This terminal has no clipboard.");
}
END_TEST

/* The detail's target is the one that the links begin with. */
START_TEST(links_begin_with_the_chosen_target)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "enter j j o c");
    ck_assert(strstr(screen.sent, "aHR0cHM6Ly9wbGF5ZXIucmVzdHJlYW0uaW8v") != NULL);
}
END_TEST

START_TEST(qr_codes)
{
    screen_open(&screen, &stage.source, 24, 80);
    screen_keys(&screen, "o enter");
    screen_golden("qr.80x24");
    ck_assert_int_ne(screen_pair("█▀▀▀▀▀█"), 0);
    screen_resize(&screen, 12, 60);
    screen_expect("The QR code needs a window of");
    screen_golden("qr_too_small.60x12");
    screen_keys(&screen, "esc");
    screen_expect("Links for members");
}
END_TEST

static bool reversed(int y, int x)
{
    unsigned long attributes;
    int pair;

    screen_cell(y, x, &attributes, &pair);
    return (attributes & A_REVERSE) != 0;
}

/* Without colour or half blocks a module is two blanks: reversed where it is light. */
START_TEST(qr_codes_of_blanks)
{
    screen.options.utf8 = false;
    screen.options.no_color = true;
    screen_open(&screen, &stage.source, 40, 100);
    screen_keys(&screen, "o enter");
    screen_expect("YouTube  Esc back");
    /* 25 modules and the quiet zone: 29 rows and 58 columns, the first of light ones. */
    ck_assert(reversed(5, 21));
    ck_assert(!reversed(5 + 2, 21 + 4) && !reversed(5 + 2, 21 + 5));
    ck_assert(reversed(5 + 3, 21 + 6));
}
END_TEST

TEST_MAIN_FIXTURE("panes", setup, teardown, the_log_grows, the_log_is_filtered, the_log_scrolls,
                  other_days_have_a_date, a_failure_stays_until_it_is_seen, a_line_is_run,
                  lines_come_back, tab_completes, own_keys_run_lines, wrong_keys_are_told,
                  links_are_copied, without_a_clipboard, links_begin_with_the_chosen_target,
                  qr_codes, qr_codes_of_blanks)
